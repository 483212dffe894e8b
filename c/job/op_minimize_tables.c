/* minimize-tables: minimal covers of many small functions of one shape, in one job.
 *
 * The functions come as truth tables, and the answers are one cover, all cubes one after the other,
 * with a list of where each function's end. What fits is minimised on tables (dense/); the rest
 * becomes covers of points for the general minimiser.
 *
 * Limits are those of the whole job. When one has struck, the functions not yet done are answered
 * with their points, which is a cover of them, as minimize answers with the cover it was given.
 *
 * Invariant: out.count is the end of the last function done. Cost beside the minimiser: one copy of
 * each table, a check of each cover by painting, and the cubes, which move when their memory grows.
 */
#include "dense/dense.h"
#include "job/operation.h"
#include "minimize/steps.h"

enum { EFFORTS = 3, FIRST_ROWS = 64 };
/* For the general search, as minimize has it. */
static const uint64_t covering_effort[EFFORTS] = {150, 1500, 100000};

typedef struct batch {
    esp_context *ctx;
    const esp_job *job;
    const esp_shape *s;
    esp_result *result;
    esp_options options;
    uint32_t inputs, outputs, functions;
    uint32_t bytes;    /* of a table */
    uint32_t words;    /* it takes in memory */
    uint64_t *on, *dc; /* the tables at hand */
    uint64_t *scratch; /* one more */
    bool with_dc;
    esp_dense *dense; /* NULL: the functions do not fit it */
    esp_dense_cover *cover;
    uint32_t *spread; /* [2^inputs] bit v, input number inputs - 1 - v, at bit 0 of its pair */
    esp_function_entry *entry;
    esp_cover out;
} batch;

static esp_status read_shape(batch *b)
{
    esp_context *ctx = b->ctx;
    uint32_t vars[3];
    esp_section section = b->job->section[RST_SECTION_VARS];
    if (!esp_job_has(b->job, RST_SECTION_VARS) || section.length != sizeof vars) {
        return esp_fail(ctx, ESP_INVALID_INPUT,
                        "section VARS: tables need binary inputs and one output variable");
    }
    esp_fetch(vars, b->job->bytes + section.offset, sizeof vars);
    if (vars[1] != 1 || vars[2] == 0) {
        return esp_fail(ctx, ESP_INVALID_INPUT,
                        "section VARS: tables need binary inputs and one output variable");
    }
    if (vars[0] > RST_MAX_TABLE_INPUTS) {
        return esp_fail_size(ctx, "inputs of tables", vars[0], RST_MAX_TABLE_INPUTS);
    }
    if (vars[2] > RST_MAX_TABLE_OUTPUTS) {
        return esp_fail_size(ctx, "outputs of tables", vars[2], RST_MAX_TABLE_OUTPUTS);
    }
    b->inputs = vars[0];
    b->outputs = vars[2];
    uint32_t bits = b->outputs << b->inputs;
    b->bytes = (bits + 7) / 8;
    b->words = (bits + 63) / 64;
    b->s = esp_shape_create(ctx, b->inputs, 1, &b->outputs);
    return b->s ? esp_job_check_text(ctx, b->job, b->s) : esp_fail_stopped(ctx);
}

static esp_status check_tables(batch *b, uint32_t kind)
{
    esp_section section = b->job->section[kind];
    if ((uint64_t)section.count * b->bytes != section.length || section.count != b->functions) {
        return esp_fail(b->ctx, ESP_INVALID_INPUT,
                        "section %s: %u functions of %u bytes are not %u bytes",
                        esp_section_name(kind), b->functions, b->bytes, section.length);
    }
    return ESP_OK;
}

static esp_status create(batch *b)
{
    esp_context *ctx = b->ctx;
    uint32_t room = esp_max_u32(b->words, ESP_DENSE_WORDS);
    b->on = esp_alloc_zero(ctx, room, sizeof *b->on);
    b->dc = esp_alloc_zero(ctx, room, sizeof *b->dc);
    b->scratch = esp_alloc_array(ctx, room, sizeof *b->scratch);
    b->entry = esp_alloc_array(ctx, (size_t)b->functions + 1, sizeof *b->entry);
    b->spread = esp_alloc_zero(ctx, (size_t)1 << b->inputs, sizeof *b->spread);
    bool made = b->on && b->dc && b->scratch && b->entry && b->spread;
    /* With several outputs MAKE_SPARSE has the last word: the general way. */
    if (made && esp_dense_fits(b->inputs, 1) && b->outputs == 1 && !b->options.exact) {
        b->dense = esp_dense_create(ctx);
        b->cover = esp_alloc(ctx, sizeof *b->cover);
        made = b->dense && b->cover;
    }
    if (!made || !esp_cover_create(ctx, b->s, FIRST_ROWS, &b->out)) {
        return esp_fail_stopped(ctx);
    }
    for (uint32_t x = 1; x < 1u << b->inputs; x++) {
        uint32_t v = esp_lowest(x);
        b->spread[x] = b->spread[x & (x - 1)] | 1u << 2 * (b->inputs - 1 - v);
    }
    return ESP_OK;
}

/* Table number i of a section into `to`. */
static esp_status fetch(batch *b, uint32_t kind, uint32_t i, uint64_t *to)
{
    uint32_t used = (b->outputs << b->inputs) % 64;
    esp_fetch(to, b->job->bytes + b->job->section[kind].offset + (size_t)i * b->bytes, b->bytes);
    if (used && to[b->words - 1] >> used) {
        return esp_fail(b->ctx, ESP_INVALID_INPUT,
                        "section %s, function %u: the padding of its table is not zero",
                        esp_section_name(kind), i);
    }
    return ESP_OK;
}

/* Room for `more` cubes; when they move it is to as many as the functions left will need if they
 * are like those before. */
static bool reserve(batch *b, uint32_t done, uint64_t more)
{
    uint64_t need = b->out.count + more;
    if (need <= b->out.capacity) {
        return true;
    }
    uint64_t expected = done ? need * b->functions / done / 16 * 17 : need;
    uint64_t room = expected > need ? expected : need;
    return esp_cover_reserve(b->ctx, b->s, &b->out,
                             room < UINT32_MAX ? (uint32_t)room : UINT32_MAX);
}

static void put_cube(const batch *b, uint32_t dashes, uint32_t value, uint64_t outputs,
                     uint64_t *row)
{
    const esp_var *out = esp_output_var(b->s);
    uint32_t all = (1u << b->inputs) - 1;
    for (uint32_t w = 1; w < b->s->words; w++) {
        row[w] = 0;
    }
    row[0] = b->spread[(~value & all) | dashes] | (uint64_t)b->spread[value | dashes] << 1;
    row[out->word] |= outputs << out->first % 64;
}

/* Outputs that have point x in the table. */
static uint64_t outputs_at(const batch *b, const uint64_t *table, uint32_t x)
{
    uint64_t outputs = 0;
    for (uint32_t o = 0; o < b->outputs; o++) {
        uint32_t bit = o << b->inputs | x;
        outputs |= (table[bit / 64] >> bit % 64 & 1) << o;
    }
    return outputs;
}

/* The points of a table as cubes behind those of f; there is room for them. */
static void put_points(const batch *b, const uint64_t *table, esp_cover *f)
{
    for (uint32_t x = 0; x < 1u << b->inputs; x++) {
        uint64_t outputs = outputs_at(b, table, x);
        if (outputs) {
            put_cube(b, 0, x, outputs, esp_cube(f, b->s, f->count++));
        }
    }
}

static void count_before(batch *b)
{
    esp_answer *answer = &b->result->answer;
    uint64_t outputs = 0;
    uint32_t points = 0;
    for (uint32_t w = 0; w < b->words; w++) {
        outputs += esp_popcount(b->on[w]);
    }
    points = (uint32_t)outputs;
    if (b->outputs > 1) {
        points = 0;
        for (uint32_t x = 0; x < 1u << b->inputs; x++) {
            points += outputs_at(b, b->on, x) != 0;
        }
    }
    answer->before += points;
    answer->before_input_literals += (uint64_t)points * b->inputs;
    answer->before_output_literals += outputs;
}

/* A function at hand on tables. *done = false: it takes the general way. */
static esp_status by_table(batch *b, uint32_t i, bool *done)
{
    esp_table_bits on;
    esp_table_bits dc;
    esp_dense_cover *cover = b->cover;
    memcpy(on.word, b->on, sizeof on.word);
    memcpy(dc.word, b->dc, sizeof dc.word);
    uint64_t effort = covering_effort[b->options.effort];
    if (!esp_dense_minimize(b->ctx, b->dense, b->inputs, b->outputs, &on, &dc, effort, cover,
                            done) ||
        !*done) {
        *done = false;
        return ESP_OK;
    }
    if (cover->lower_bound < cover->cubes && b->options.effort != ESP_EFFORT_FAST) {
        *done = false; /* the general way goes on from there */
        return ESP_OK;
    }
    if (!reserve(b, i, cover->cubes)) {
        return esp_fail_stopped(b->ctx);
    }
    esp_cover mine = {esp_cube(&b->out, b->s, b->out.count), cover->cubes, cover->cubes};
    for (uint32_t k = 0; k < cover->cubes; k++) {
        esp_dense_cube c = cover->cube[k];
        put_cube(b, c.dashes, c.value, c.outputs, esp_cube(&mine, b->s, k));
    }
    if (b->options.verify && !esp_verify_table(b->s, &mine, b->on, b->dc, b->words, b->scratch)) {
        return esp_fail(b->ctx, ESP_INTERNAL, "the answer of function %u failed its check", i);
    }
    b->out.count += cover->cubes;
    b->entry[i].lower_bound = cover->lower_bound;
    b->result->answer.primes += cover->primes;
    b->result->answer.essential += cover->essential;
    return ESP_OK;
}

/* The function at hand by the general minimiser. */
static esp_status by_cover(batch *b, uint32_t i)
{
    esp_context *ctx = b->ctx;
    esp_mark mark = esp_mark_top(ctx);
    esp_function f = {.shape = b->s, .has_on = true, .has_dc = b->with_dc};
    esp_outcome outcome = {0};
    esp_cover minimal;
    uint64_t budget = ctx->budget;
    uint64_t work = ctx->work;
    if (!esp_cover_create(ctx, b->s, 1u << b->inputs, &f.on) ||
        !esp_cover_create(ctx, b->s, b->with_dc ? 1u << b->inputs : 1, &f.dc)) {
        return ESP_OK;
    }
    put_points(b, b->on, &f.on);
    if (b->with_dc) {
        put_points(b, b->dc, &f.dc);
    }
    if (budget == UINT64_MAX) { /* then each function has what its effort gives */
        ctx->work = 0;
        ctx->next_check = 0;
    }
    esp_status status = esp_minimize(ctx, &f, &b->options, &minimal, &outcome);
    if (status) {
        return status;
    }
    if (budget == UINT64_MAX) {
        ctx->work += work;
        ctx->budget = budget;
        ctx->next_check = 0;
    }
    bool moves = b->out.count + (uint64_t)minimal.count > b->out.capacity;
    if (!reserve(b, i, minimal.count) || !esp_cover_append(ctx, b->s, &b->out, &minimal)) {
        return esp_fail_stopped(ctx);
    }
    if (!moves) {
        esp_release(ctx, mark);
    }
    b->entry[i].lower_bound = outcome.lower_bound;
    b->result->answer.verified &= outcome.verified;
    b->result->answer.primes += outcome.primes;
    b->result->answer.essential += outcome.essential;
    b->result->answer.rounds += outcome.rounds;
    return ESP_OK;
}

static esp_status minimize_one(batch *b, uint32_t i)
{
    esp_context *ctx = b->ctx;
    uint32_t first = b->out.count;
    esp_status status = fetch(b, RST_SECTION_TABLES, i, b->on);
    if (!status && b->with_dc) {
        status = fetch(b, RST_SECTION_TABLES_DC, i, b->dc);
        for (uint32_t w = 0; w < b->words; w++) {
            b->on[w] &= ~b->dc[w];
        }
    }
    if (status) {
        return status;
    }
    count_before(b);
    b->entry[i].lower_bound = 0;
    bool done = false;
    if (b->dense && !esp_stopped(ctx)) {
        status = by_table(b, i, &done);
    }
    bool answered = done;
    if (!status && !done && !esp_stopped(ctx)) {
        status = by_cover(b, i);
        answered = !status && !(esp_stopped(ctx) && b->out.count == first);
    }
    if (!status && !answered) { /* a limit has struck */
        if (!reserve(b, i, UINT64_C(1) << b->inputs)) {
            return esp_fail_stopped(ctx);
        }
        put_points(b, b->on, &b->out);
        b->result->answer.verified = 0;
    }
    if (status) {
        return status;
    }
    uint32_t cubes = b->out.count - first;
    if (b->options.max_cubes && cubes > b->options.max_cubes) {
        ctx->error.limit = ESP_LIMIT_CUBES;
        return esp_fail(ctx, ESP_LIMIT_EXCEEDED,
                        "the answer of function %u has %u cubes, %u are allowed", i, cubes,
                        b->options.max_cubes);
    }
    if (b->job->option[RST_OPTION_CANONICAL]) {
        esp_cover mine = {esp_cube(&b->out, b->s, first), cubes, cubes};
        esp_mark mark = esp_mark_top(ctx);
        (void)esp_cover_sort(ctx, b->s, &mine);
        esp_release(ctx, mark);
    }
    b->entry[i].end = b->out.count;
    b->result->answer.lower_bound += b->entry[i].lower_bound;
    b->result->answer.optimal &= b->entry[i].lower_bound == cubes;
    return ESP_OK;
}

esp_status esp_op_minimize_tables(esp_context *ctx, const esp_job *job, esp_pla *operand,
                                  esp_result *result)
{
    uint64_t cubes = job->option[RST_OPTION_CUBES];
    batch b = {.ctx = ctx, .job = job, .result = result};
    (void)operand;
    b.options = (esp_options){
        .effort = (esp_effort)job->option[RST_OPTION_EFFORT],
        .verify = job->option[RST_OPTION_VERIFY] != 0,
        .exact = job->option[RST_OPTION_METHOD] != 0,
        .max_cubes = cubes < UINT32_MAX ? (uint32_t)cubes : 0,
    };
    if (job->option[RST_OPTION_SINGLE_OUTPUT]) {
        return esp_fail(ctx, ESP_UNSUPPORTED, "tables know no option single-output: split them");
    }
    if (!esp_job_has(job, RST_SECTION_TABLES)) {
        return esp_fail(ctx, ESP_INVALID_INPUT, "section TABLES is missing: no function");
    }
    b.functions = job->section[RST_SECTION_TABLES].count;
    b.with_dc = esp_job_has(job, RST_SECTION_TABLES_DC);
    esp_status status = read_shape(&b);
    status = status ? status : check_tables(&b, RST_SECTION_TABLES);
    status = status || !b.with_dc ? status : check_tables(&b, RST_SECTION_TABLES_DC);
    status = status ? status : create(&b);
    result->answer.optimal = 1;
    result->answer.verified = b.options.verify;
    for (uint32_t i = 0; i < b.functions && !status; i++) {
        status = minimize_one(&b, i);
    }
    if (status) {
        return status;
    }
    result->out.function.shape = b.s;
    result->out.function.on = b.out;
    result->out.function.has_on = true;
    result->has_function = true;
    result->entry = b.entry;
    result->entries = b.functions;
    result->counted = &result->out.function.on;
    return ESP_OK;
}
