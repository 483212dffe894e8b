/* Plans and writes result blocks; see writer.h for the order of things.
 *
 * Order of the sections: ANSWER, VARS, ON, DC, OFF, NAMES, PHASE, CUBE_FLAGS, POINTS,
 * FUNCTIONS, TEXT, each only where there is one, and the TRAILER last; or ERROR and TRAILER.
 *
 * Cost: O(bytes written). No allocation but the plan of the rows.
 */
#include "job/writer.h"

static void add(esp_plan *plan, uint64_t *end, uint32_t kind, uint64_t length, uint32_t count)
{
    assert(plan->sections < ESP_PLAN_SECTIONS);
    *end = (*end + 63) & ~UINT64_C(63);
    /* Truncation is harmless: finish_plan refuses blocks whose end has more than 32 bits. */
    plan->entry[plan->sections++] =
        (esp_block_entry){kind, 0, (uint32_t)*end, (uint32_t)length, count, {0, 0, 0}};
    *end += length;
}

/* Sections start behind the table, whose length is known only when all are listed. */
static bool finish_plan(esp_plan *plan, uint64_t end)
{
    uint32_t table = plan->sections * RST_ENTRY_SIZE;
    uint32_t start = (RST_HEADER_SIZE + table + 63) & ~UINT32_C(63);
    if (end + start > UINT32_MAX) {
        return false;
    }
    for (uint32_t i = 0; i < plan->sections; i++) {
        plan->entry[i].offset += start;
    }
    plan->header.sections = plan->sections;
    plan->header.length = (uint32_t)end + start;
    return true;
}

static void begin_plan(esp_plan *plan, const esp_job *job, uint32_t status)
{
    plan->header = (esp_block_header){.magic = RST_MAGIC_RESULT,
                                      .version = RST_FORMAT_VERSION,
                                      .operation = job->operation_id,
                                      .status = status};
    plan->sections = 0;
}

static void add_cover(esp_plan *plan, uint64_t *end, uint32_t kind, const esp_cover *cover)
{
    uint64_t row = plan->wire.row_words * sizeof(uint64_t);
    add(plan, end, kind, row * cover->count, cover->count);
}

static uint64_t names_length(const esp_name *name, uint32_t count)
{
    uint64_t length = 0;
    for (uint32_t i = 0; i < count; i++) {
        length += sizeof(uint32_t) + name[i].length;
    }
    return length;
}

static void add_function(esp_plan *plan, uint64_t *end, const esp_pla *out)
{
    const esp_function *f = &out->function;
    add(plan, end, RST_SECTION_VARS, (2 + f->shape->wides) * sizeof(uint32_t), 0);
    if (f->has_on) {
        add_cover(plan, end, RST_SECTION_ON, &f->on);
    }
    if (f->has_dc) {
        add_cover(plan, end, RST_SECTION_DC, &f->dc);
    }
    if (f->has_off) {
        add_cover(plan, end, RST_SECTION_OFF, &f->off);
    }
    if (out->input_names || out->output_names) {
        uint64_t length = 2 * sizeof(uint32_t) + names_length(out->input_name, out->input_names) +
                          names_length(out->output_name, out->output_names);
        add(plan, end, RST_SECTION_NAMES, length, out->input_names + out->output_names);
    }
    if (out->phase) {
        add(plan, end, RST_SECTION_PHASE, f->shape->outputs, 0);
    }
}

esp_status esp_plan_answer(esp_context *ctx, const esp_job *job, const esp_result *result,
                           esp_plan *plan)
{
    uint64_t end = 0;
    begin_plan(plan, job, ESP_OK);
    add(plan, &end, RST_SECTION_ANSWER, RST_ANSWER_SIZE, 0);
    if (result->has_function) {
        if (!esp_wire_plan(ctx, result->out.function.shape, &plan->wire)) {
            return esp_fail_stopped(ctx);
        }
        add_function(plan, &end, &result->out);
    }
    if (result->cube_flags) {
        uint32_t count = result->out.function.on.count;
        add(plan, &end, RST_SECTION_CUBE_FLAGS, (uint64_t)count * sizeof(uint32_t), count);
    }
    if (result->points) {
        add_cover(plan, &end, RST_SECTION_POINTS, result->points);
    }
    if (result->entry) {
        uint64_t length = (uint64_t)result->entries * sizeof *result->entry;
        add(plan, &end, RST_SECTION_FUNCTIONS, length, result->entries);
    }
    if (result->has_text) {
        add(plan, &end, RST_SECTION_TEXT, result->text.length, 0);
    }
    if (result->certificate.length) {
        add(plan, &end, RST_SECTION_CERTIFICATE, result->certificate.length, 0);
    }
    add(plan, &end, RST_SECTION_TRAILER, RST_TRAILER_SIZE, 0);
    if (!finish_plan(plan, end)) {
        ctx->error.limit = ESP_LIMIT_SIZE;
        return esp_fail(ctx, ESP_LIMIT_EXCEEDED, "the result does not fit a block of 4 GiB");
    }
    return ESP_OK;
}

static uint32_t text_length(const char *text)
{
    uint32_t n = 0;
    while (text[n]) {
        n++;
    }
    return n;
}

void esp_plan_error(const esp_context *ctx, const esp_job *job, esp_plan *plan)
{
    uint64_t end = 0;
    begin_plan(plan, job, (uint32_t)ctx->error.kind);
    add(plan, &end, RST_SECTION_ERROR, 4 * sizeof(uint32_t) + text_length(ctx->error.message), 0);
    add(plan, &end, RST_SECTION_TRAILER, RST_TRAILER_SIZE, 0);
    bool fits = finish_plan(plan, end);
    assert(fits && plan->header.length <= ESP_ERROR_RESULT_MOST);
    (void)fits;
}

/* `size` bytes to `*at`, which moves behind them. */
static void put(uint8_t **at, const void *bytes, size_t size)
{
    if (size) {
        memcpy(*at, bytes, size);
        *at += size;
    }
}

static void put_u32(uint8_t **at, uint32_t value)
{
    put(at, &value, sizeof value);
}

static void put_vars(uint8_t *at, const esp_shape *s)
{
    put_u32(&at, s->inputs);
    put_u32(&at, s->wides);
    for (uint32_t v = s->inputs; v < s->vars; v++) {
        put_u32(&at, s->var[v].parts);
    }
}

static void put_cover(uint8_t *at, const esp_plan *plan, const esp_shape *s, const esp_cover *cover)
{
    size_t row_bytes = plan->wire.row_words * sizeof(uint64_t);
    if (plan->wire.same) {
        put(&at, cover->data, row_bytes * cover->count);
        return;
    }
    for (uint32_t i = 0; i < cover->count; i++) {
        esp_wire_pack(&plan->wire, esp_cube(cover, s, i), at);
        at += row_bytes;
    }
}

static void put_names(uint8_t *at, const esp_pla *out)
{
    put_u32(&at, out->input_names);
    put_u32(&at, out->output_names);
    for (uint32_t i = 0; i < out->input_names; i++) {
        put_u32(&at, out->input_name[i].length);
        put(&at, out->input_name[i].text, out->input_name[i].length);
    }
    for (uint32_t i = 0; i < out->output_names; i++) {
        put_u32(&at, out->output_name[i].length);
        put(&at, out->output_name[i].text, out->output_name[i].length);
    }
}

/* Messages are ASCII, whatever byte of a text they quote. */
static void put_error(uint8_t *at, const esp_error *error)
{
    put_u32(&at, (uint32_t)error->kind);
    put_u32(&at, (uint32_t)error->limit);
    put_u32(&at, error->line);
    put_u32(&at, error->column);
    for (const char *c = error->message; *c; c++) {
        *at++ = *c >= ' ' && *c <= '~' ? (uint8_t)*c : '?';
    }
}

static void put_section(const esp_context *ctx, const esp_plan *plan, const esp_block_entry *e,
                        const esp_result *result, const esp_trailer *trailer, uint8_t *at)
{
    if (e->kind == RST_SECTION_ERROR) {
        put_error(at, &ctx->error);
        return;
    }
    if (e->kind == RST_SECTION_TRAILER) {
        put(&at, trailer, sizeof *trailer);
        return;
    }
    const esp_pla *out = &result->out;
    const esp_function *f = &out->function;
    switch (e->kind) {
    case RST_SECTION_ANSWER:
        put(&at, &result->answer, sizeof result->answer);
        break;
    case RST_SECTION_VARS:
        put_vars(at, f->shape);
        break;
    case RST_SECTION_ON:
        put_cover(at, plan, f->shape, &f->on);
        break;
    case RST_SECTION_DC:
        put_cover(at, plan, f->shape, &f->dc);
        break;
    case RST_SECTION_OFF:
        put_cover(at, plan, f->shape, &f->off);
        break;
    case RST_SECTION_NAMES:
        put_names(at, out);
        break;
    case RST_SECTION_PHASE:
        put(&at, out->phase, e->length);
        break;
    case RST_SECTION_CUBE_FLAGS:
        put(&at, result->cube_flags, e->length);
        break;
    case RST_SECTION_CERTIFICATE:
        put(&at, result->certificate.data, e->length);
        break;
    case RST_SECTION_POINTS:
        put_cover(at, plan, f->shape, result->points);
        break;
    case RST_SECTION_FUNCTIONS:
        put(&at, result->entry, e->length);
        break;
    default:
        assert(e->kind == RST_SECTION_TEXT);
        put(&at, result->text.data, result->text.length);
        break;
    }
}

void esp_write_result(const esp_context *ctx, const esp_plan *plan, const esp_result *result,
                      const esp_trailer *trailer, uint8_t *out)
{
    uint8_t *at = out;
    put(&at, &plan->header, sizeof plan->header);
    put(&at, plan->entry, plan->sections * sizeof plan->entry[0]);
    for (uint32_t i = 0; i < plan->sections; i++) {
        const esp_block_entry *e = &plan->entry[i];
        memset(at, 0, (size_t)(out + e->offset - at));
        put_section(ctx, plan, e, result, trailer, out + e->offset);
        at = out + e->offset + e->length;
    }
    assert(at == out + plan->header.length);
}
