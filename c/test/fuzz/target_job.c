/* Job bytes: whatever they are, the result is a sound block, the same one the second time, and no
 * error of ours. And the section OPTIONS by itself, which is read without running the job, at
 * thirty times the speed.
 *
 * A run is asked to stop as soon as it looks (after some 30,000 units of work), unless its own
 * budget is small: what is sought is in the readers, the frame and the ends of loops, not in how
 * long a loop can be made.
 */
#include <string.h>

#include "fuzz.h"
#include "job/job.h"
#include "job/reader.h"
#include "job_block.h"
#include "memory.h"

enum { SMALL_BUDGET = 200000, OPTION_ROOM = 16 };

static void check_section(const uint8_t *result, uint32_t at, uint32_t *end)
{
    static const uint32_t zeros[3];
    uint32_t e[8];
    memcpy(e, result + at, sizeof e);
    if (e[1] || memcmp(e + 5, zeros, sizeof zeros) || e[2] != ((*end + 63) & ~63u)) {
        fuzz_finding("a section of the result is out of place");
    }
    for (uint32_t i = *end; i < e[2]; i++) {
        if (result[i]) {
            fuzz_finding("the padding of the result is not zero");
        }
    }
    *end = e[2] + e[3];
}

/* What docs/job-format.md says about the frame of a result. */
static uint32_t check_result(const uint8_t *result, uint32_t length)
{
    uint32_t h[16];
    uint32_t last = 0;
    memcpy(h, result, length < sizeof h ? length : sizeof h);
    if (length < sizeof h || h[0] != RST_MAGIC_RESULT || h[1] != RST_FORMAT_VERSION ||
        h[4] != length || h[3] > RST_MAX_SECTIONS) {
        fuzz_finding("the header of the result is wrong");
    }
    uint32_t end = RST_HEADER_SIZE + h[3] * RST_ENTRY_SIZE;
    for (uint32_t i = 0; i < h[3]; i++) {
        check_section(result, RST_HEADER_SIZE + i * RST_ENTRY_SIZE, &end);
        memcpy(&last, result + RST_HEADER_SIZE + i * RST_ENTRY_SIZE, sizeof last);
    }
    if (end != length || last != RST_SECTION_TRAILER) {
        fuzz_finding("the result does not end with its trailer");
    }
    if (h[5] == ESP_INTERNAL) {
        fuzz_finding("an internal error");
    }
    return h[5];
}

/* Whether the job itself asks for little work. */
static bool is_modest(esp_context *ctx, const uint8_t *bytes, uint32_t length)
{
    esp_job job;
    esp_context_begin(ctx);
    return !esp_job_open(ctx, bytes, length, &job) && !esp_job_options(ctx, &job) &&
           job.option[RST_OPTION_BUDGET] <= SMALL_BUDGET && job.option[RST_OPTION_EFFORT] < 2 &&
           !job.option[RST_OPTION_METHOD];
}

static uint64_t no_time(void)
{
    return 0;
}

static void run_job(const uint8_t *bytes, uint32_t length)
{
    static esp_runner runner;
    static uint8_t first[FUZZ_OUT];
    static esp_word now;
    uint64_t hash = fuzz_hash(bytes, length);
    uint8_t *out = fuzz_out(FUZZ_OUT);
    fuzz_memory_begin(hash);
    esp_runner_init(&runner, no_time);
    bool modest = hash % 16 == 1 && is_modest(&runner.ctx, bytes, length);
    esp_word_set(&now, 1);
    runner.cancel = modest ? NULL : &now;
    uint32_t needed = esp_run_job(&runner, bytes, length, out, FUZZ_OUT);
    if (needed <= FUZZ_OUT) {
        (void)check_result(out, needed);
    } else if (runner.kept) {
        (void)check_result(runner.kept, needed);
    }
    if (needed <= FUZZ_OUT && hash % 32 == 2 && !fuzz_memory_refused()) {
        memcpy(first, out, needed);
        uint32_t again = esp_run_job(&runner, bytes, length, out, FUZZ_OUT);
        /* What the first run keeps for the next one counts: there may be less than at first. */
        bool refused = fuzz_memory_refused();
        if (!refused && (again != needed || memcmp(first, out, needed - RST_TRAILER_SIZE) != 0)) {
            fuzz_finding("the same job has another answer");
        }
    }
    esp_runner_free(&runner);
    fuzz_memory_end();
}

static bool seed_options(uint32_t n, fuzz_bytes *out)
{
    static const uint32_t usual[][4] = {
        {RST_OPTION_METHOD, 4, 1, 0},       {RST_OPTION_EFFORT, 4, 2, 0},
        {RST_OPTION_BUDGET, 8, 100000, 0},  {RST_OPTION_TIMEOUT, 8, 1000000, 0},
        {RST_OPTION_MEMORY, 8, 1 << 20, 0}, {RST_OPTION_CUBES, 8, 1000, 0},
        {RST_OPTION_ON_LIMIT, 4, 1, 0},     {RST_OPTION_VERIFY, 4, 0, 0},
        {RST_OPTION_SEED, 8, 7, 7},         {RST_OPTION_KERNELS, 4, 1, 0},
        {RST_OPTION_EMIT, 4, 1, 0},         {RST_OPTION_INPUT_TYPE, 4, 3, 0},
        {RST_OPTION_OUTPUT_TYPE, 4, 5, 0},  {RST_OPTION_CANONICAL, 4, 1, 0},
        {RST_OPTION_COVERS, 4, 12, 0},      {0x80000000 | RST_OPTION_EFFORT, 4, 1, 0},
    };
    enum { USUAL = sizeof usual / sizeof *usual };
    uint32_t count = n == 0 ? USUAL : 1;
    if (n > USUAL) {
        return false;
    }
    out->length = 0;
    fuzz_insert(out, 0, &count, sizeof count);
    fuzz_insert(out, sizeof count, n ? usual[n - 1] : usual[0], count * OPTION_ROOM);
    return true;
}

static void change_options(fuzz_bytes *b, const fuzz_bytes *other, uint64_t *random)
{
    uint32_t entries = b->length / OPTION_ROOM;
    uint32_t at = 4 + fuzz_below(random, entries + 1) * OPTION_ROOM;
    uint32_t from = 4 + fuzz_below(random, other->length / OPTION_ROOM + 1) * OPTION_ROOM;
    uint32_t word = at + 4 * fuzz_below(random, 4);
    uint32_t value = 0;
    switch (fuzz_below(random, 4)) {
    case 0:
        fuzz_remove(b, at, OPTION_ROOM);
        break;
    case 1:
        if (from + OPTION_ROOM <= other->length) {
            uint8_t entry[OPTION_ROOM];
            memcpy(entry, other->data + from, sizeof entry);
            fuzz_insert(b, at, entry, sizeof entry);
        }
        break;
    default:
        if (word + sizeof value <= b->length) {
            memcpy(&value, b->data + word, sizeof value);
            value = fuzz_number(random, value);
            memcpy(b->data + word, &value, sizeof value);
        }
        return;
    }
    if (b->length >= sizeof value && fuzz_below(random, 4)) { /* a count that agrees */
        value = (b->length - 4) / OPTION_ROOM;
        memcpy(b->data, &value, sizeof value);
    }
}

/* The first word is the count of the section's entry, the rest are its bytes. */
static void run_options(const uint8_t *bytes, uint32_t length)
{
    static esp_context ctx;
    static fuzz_bytes block;
    static bool begun;
    uint32_t count = 0;
    esp_job job;
    if (!begun) {
        begun = true;
        esp_context_init(&ctx);
    }
    if (length < sizeof count) {
        return;
    }
    memcpy(&count, bytes, sizeof count);
    const fuzz_section options = {RST_SECTION_OPTIONS, RST_CRITICAL, count, length - 4, bytes + 4};
    fuzz_lay_out(&block, RST_OP_MINIMIZE, &options, 1);
    uint8_t *at = fuzz_out(block.length);
    memcpy(at, block.data, block.length);
    esp_context_begin(&ctx);
    esp_status status = esp_job_open(&ctx, at, block.length, &job);
    status = status ? status : esp_job_options(&ctx, &job);
    bool kind =
        status == ESP_INVALID_INPUT || status == ESP_UNSUPPORTED || status == ESP_LIMIT_EXCEEDED;
    if (status && (!kind || ctx.error.kind != status || strlen(ctx.error.message) <= 10)) {
        fuzz_finding("a refusal without a kind or a message");
    }
    if (!status && (job.option[RST_OPTION_METHOD] > 1 || job.option[RST_OPTION_EFFORT] > 2 ||
                    job.option[RST_OPTION_INPUT_TYPE] > 7 || job.option[RST_OPTION_EMIT] > 1)) {
        fuzz_finding("an option has a value that it must not have");
    }
}

const fuzz_target fuzz_job = {"job", fuzz_seed_job, run_job, fuzz_change_job};
const fuzz_target fuzz_options = {"options", seed_options, run_options, change_options};
