/* Reads an operand of a job into the kernels' form: variables, covers, or text in their place.
 *
 * Each row is fetched once into the arena and checked there: padding zero, at least one point (an
 * empty cube adds nothing to a cover and is dropped). Where both layouts are the same the whole
 * section is fetched in one copy. Work is spent on the way, so that a deadline or a cancel word can
 * end the reading of a large job; the counter starts anew afterwards.
 *
 * Cost: O(bytes); where ON and OFF are both given, also the search for a point they share
 * (pla/overlap.h).
 */
#include "job/operation.h"
#include "pla/overlap.h"

/* What VARS says. */
typedef struct variables {
    uint32_t inputs, wides;
    const uint32_t *wide_parts;
    uint32_t parts; /* of all variables */
} variables;

static esp_status read_counts(esp_context *ctx, const esp_job *job, variables *v)
{
    if (!esp_job_has(job, RST_SECTION_VARS)) {
        return esp_fail(ctx, ESP_INVALID_INPUT,
                        "section VARS is missing: covers need their variables");
    }
    esp_section section = job->section[RST_SECTION_VARS];
    uint32_t head[2];
    if (section.length < sizeof head) {
        return esp_fail(ctx, ESP_INVALID_INPUT, "section VARS has %u bytes, expected 12 and more",
                        section.length);
    }
    esp_fetch(head, job->bytes + section.offset, sizeof head);
    v->inputs = head[0];
    v->wides = head[1];
    if (v->inputs > RST_MAX_INPUTS) {
        return esp_fail_size(ctx, "binary inputs", v->inputs, RST_MAX_INPUTS);
    }
    if (v->wides > RST_MAX_WIDES) {
        return esp_fail_size(ctx, "variables that are not binary", v->wides, RST_MAX_WIDES);
    }
    if (v->wides == 0 || section.length != sizeof head + v->wides * sizeof(uint32_t)) {
        return esp_fail(ctx, ESP_INVALID_INPUT,
                        "section VARS: %u variables that are not binary in %u bytes", v->wides,
                        section.length);
    }
    return ESP_OK;
}

static esp_status read_vars(esp_context *ctx, const esp_job *job, variables *v)
{
    esp_status status = read_counts(ctx, job, v);
    if (status) {
        return status;
    }
    uint32_t *parts = esp_alloc_array(ctx, v->wides, sizeof *parts);
    if (!parts) {
        return esp_fail_stopped(ctx);
    }
    const uint8_t *bytes = job->bytes + job->section[RST_SECTION_VARS].offset;
    esp_fetch(parts, bytes + 2 * sizeof(uint32_t), v->wides * sizeof *parts);
    uint64_t sum = (uint64_t)v->inputs * 2;
    for (uint32_t i = 0; i < v->wides; i++) {
        if (parts[i] == 0) {
            return esp_fail(ctx, ESP_INVALID_INPUT, "section VARS: variable %u has no part",
                            v->inputs + i);
        }
        sum += parts[i];
    }
    if (sum > RST_MAX_PARTS) {
        return esp_fail_size(ctx, "parts", sum > UINT32_MAX ? UINT32_MAX : (uint32_t)sum,
                             RST_MAX_PARTS);
    }
    v->wide_parts = parts;
    v->parts = (uint32_t)sum;
    return ESP_OK;
}

static esp_status check_cover_size(esp_context *ctx, const esp_job *job, uint32_t kind,
                                   uint32_t row_words)
{
    esp_section section = job->section[kind];
    if ((uint64_t)section.count * row_words * sizeof(uint64_t) != section.length) {
        return esp_fail(ctx, ESP_INVALID_INPUT, "section %s: %u cubes of %u words are not %u bytes",
                        esp_section_name(kind), section.count, row_words, section.length);
    }
    uint64_t most = job->option[RST_OPTION_CUBES];
    if (most && section.count > most) {
        if (ctx->error.kind == ESP_OK) {
            ctx->error.limit = ESP_LIMIT_CUBES;
        }
        return esp_fail(ctx, ESP_LIMIT_EXCEEDED, "section %s has %u cubes, the job allows %u",
                        esp_section_name(kind), section.count, (uint32_t)most);
    }
    return ESP_OK;
}

/* Rows one after the other; without a way through `row` when the layouts are the same. */
static esp_status read_rows(esp_context *ctx, const esp_job *job, uint32_t kind, const esp_shape *s,
                            const esp_wire *plan, esp_cover *cover)
{
    esp_section section = job->section[kind];
    const uint8_t *bytes = job->bytes + section.offset;
    size_t row_bytes = plan->row_words * sizeof(uint64_t);
    uint64_t *row = plan->same ? NULL : esp_alloc(ctx, row_bytes);
    if (!esp_cover_create(ctx, s, section.count, cover) || (!plan->same && !row)) {
        return esp_fail_stopped(ctx);
    }
    if (plan->same && section.count) {
        esp_fetch(cover->data, bytes, section.length);
    }
    for (uint32_t i = 0; i < section.count; i++) {
        uint64_t *cube = cover->data + (size_t)cover->count * s->words;
        if (plan->same) {
            row = cover->data + (size_t)i * s->words;
        } else {
            esp_fetch(row, bytes + i * row_bytes, row_bytes);
        }
        if (row[plan->row_words - 1] & plan->padding) {
            return esp_fail(ctx, ESP_INVALID_INPUT,
                            "section %s, cube %u: the padding of its row is not zero",
                            esp_section_name(kind), i);
        }
        if (!plan->same) {
            esp_wire_unpack(plan, s, row, cube);
        } else if (cube != row) {
            esp_cube_copy(s, cube, row); /* an empty cube before this one was dropped */
        }
        cover->count += !esp_cube_empty(s, cube);
        if (!esp_spend(ctx, plan->row_words)) {
            return esp_fail_stopped(ctx);
        }
    }
    return ESP_OK;
}

/* No point may be in ON and in OFF: what such a function means nobody could say. */
static esp_status check_disjoint(esp_context *ctx, const esp_function *f, const uint32_t *kind)
{
    uint32_t i;
    uint32_t j;
    if (esp_find_overlap(ctx, f->shape, &f->on, &f->off, &i, &j)) {
        return esp_fail(ctx, ESP_INVALID_INPUT,
                        "cube %u of %s and cube %u of %s have a point in common", i,
                        esp_section_name(kind[0]), j, esp_section_name(kind[2]));
    }
    return esp_stopped(ctx) ? esp_fail_stopped(ctx) : ESP_OK;
}

static esp_status read_covers(esp_context *ctx, const esp_job *job, uint32_t index, esp_function *f)
{
    static const uint32_t kinds[2][3] = {
        {RST_SECTION_ON, RST_SECTION_DC, RST_SECTION_OFF},
        {RST_SECTION_ON2, RST_SECTION_DC2, RST_SECTION_OFF2},
    };
    const uint32_t *kind = kinds[index];
    esp_cover *cover[3] = {&f->on, &f->dc, &f->off};
    bool *has[3] = {&f->has_on, &f->has_dc, &f->has_off};
    variables v = {0};
    esp_status status = read_vars(ctx, job, &v);
    for (uint32_t k = 0; k < 3 && !status; k++) {
        *has[k] = esp_job_has(job, kind[k]);
        status = *has[k] ? check_cover_size(ctx, job, kind[k], esp_wire_words(v.parts)) : ESP_OK;
    }
    if (!status && !f->has_on && !f->has_off) {
        status = esp_fail(ctx, ESP_INVALID_INPUT,
                          "neither section %s nor section %s is there: no function",
                          esp_section_name(kind[0]), esp_section_name(kind[2]));
    }
    if (status) {
        return status;
    }
    /* Only now, when the numbers agree with each other, is memory spent on them. */
    f->shape = esp_shape_create(ctx, v.inputs, v.wides, v.wide_parts);
    esp_wire plan;
    if (!f->shape || !esp_wire_plan(ctx, f->shape, &plan)) {
        return esp_fail_stopped(ctx);
    }
    for (uint32_t k = 0; k < 3 && !status; k++) {
        status = *has[k] ? read_rows(ctx, job, kind[k], f->shape, &plan, cover[k]) : ESP_OK;
    }
    return !status && f->has_on && f->has_off ? check_disjoint(ctx, f, kind) : status;
}

static bool same_variables(const esp_shape *a, const esp_shape *b)
{
    if (a->inputs != b->inputs || a->vars != b->vars) {
        return false;
    }
    for (uint32_t v = a->inputs; v < a->vars; v++) {
        if (a->var[v].parts != b->var[v].parts) {
            return false;
        }
    }
    return true;
}

static esp_status read_text(esp_context *ctx, const esp_job *job, uint32_t kind, esp_pla *operand)
{
    esp_section section = job->section[kind];
    uint32_t type = (uint32_t)job->option[RST_OPTION_INPUT_TYPE];
    esp_report(ctx, ESP_STEP_READ, 0);
    return esp_pla_read(ctx, job->bytes + section.offset, section.length, type, operand);
}

/* Covers and text exclude each other; NAMES and PHASE belong to the covers of operand 0, VARS to
 * those of both. */
static esp_status check_sections(esp_context *ctx, const esp_job *job, uint32_t index)
{
    const uint32_t second = 1u << RST_SECTION_ON2 | 1u << RST_SECTION_DC2 | 1u << RST_SECTION_OFF2;
    const uint32_t first = 1u << RST_SECTION_ON | 1u << RST_SECTION_DC | 1u << RST_SECTION_OFF |
                           1u << RST_SECTION_NAMES | 1u << RST_SECTION_PHASE;
    uint32_t text = index ? RST_SECTION_TEXT2 : RST_SECTION_TEXT;
    uint32_t beside = job->present & (index ? second : first);
    if (index == 0 && !(job->present & second)) {
        beside |= job->present & 1u << RST_SECTION_VARS;
    }
    if (esp_job_has(job, text) && beside) {
        return esp_fail(ctx, ESP_INVALID_INPUT, "sections %s and %s exclude each other",
                        esp_section_name(text), esp_section_name(esp_lowest(beside)));
    }
    return ESP_OK;
}

esp_status esp_job_operand(esp_context *ctx, const esp_job *job, uint32_t index,
                           const esp_pla *first, esp_pla *operand)
{
    *operand = (esp_pla){0};
    esp_status status = check_sections(ctx, job, index);
    if (status) {
        return status;
    }
    uint32_t text = index ? RST_SECTION_TEXT2 : RST_SECTION_TEXT;
    if (esp_job_has(job, text)) {
        status = read_text(ctx, job, text, operand);
    } else {
        status = read_covers(ctx, job, index, &operand->function);
        if (!status && index == 0) {
            status = esp_job_names(ctx, job, operand);
        }
        if (!status && index == 0) {
            status = esp_job_phase(ctx, job, operand);
        }
    }
    if (!status && first && !same_variables(first->function.shape, operand->function.shape)) {
        status = esp_fail(ctx, ESP_INVALID_INPUT,
                          "the two functions do not have the same inputs and outputs");
    }
    return status;
}
