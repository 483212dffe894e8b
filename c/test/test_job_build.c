/* Builds jobs and reads results, for tests; see the header. */
#include "test_job_build.h"

#include <string.h>

uint64_t (*job_clock)(void);
esp_runner job_runner;
static bool runner_used;

void job_begin(job_build *b, uint32_t operation)
{
    b->operation = operation;
    b->sections = b->used = b->options_length = b->options_count = b->length = 0;
}

void job_add(job_build *b, uint32_t kind, const void *data, uint32_t length, uint32_t count)
{
    uint32_t i = b->sections++;
    b->section[i].kind = kind;
    b->section[i].flags = RST_CRITICAL;
    b->section[i].length = length;
    b->section[i].count = count;
    b->section[i].data = data;
    if (length <= JOB_ROOM - b->used) {
        b->section[i].data = memcpy(b->data + b->used, length ? data : "", length);
        b->used += length;
    }
}

void job_text(job_build *b, uint32_t kind, const char *text)
{
    job_add(b, kind, text, (uint32_t)strlen(text), 0);
}

void job_vars(job_build *b, uint32_t inputs, uint32_t outputs)
{
    const uint32_t vars[3] = {inputs, 1, outputs};
    job_add(b, RST_SECTION_VARS, vars, sizeof vars, 0);
}

void job_cover(job_build *b, uint32_t kind, const char *cubes)
{
    uint64_t rows[64] = {0};
    uint32_t count = *cubes != 0;
    uint32_t bit = 0;
    bool output = false;
    for (const char *c = cubes; *c; c++) {
        if (*c == '|') {
            count++;
            bit = 0;
            output = false;
        } else if (*c == ' ') {
            output = true;
        } else if (output) {
            rows[count - 1] |= (uint64_t)(*c == '1') << bit++;
        } else {
            /* x: no value at all, an empty cube */
            uint64_t parts = *c == '0' ? 1 : *c == '1' ? 2 : *c == 'x' ? 0 : 3;
            rows[count - 1] |= parts << bit;
            bit += 2;
        }
    }
    job_add(b, kind, rows, count * 8, count);
}

static uint32_t add_names(uint8_t *bytes, uint32_t *at, const char *names)
{
    uint32_t count = 0;
    while (names && *names) {
        uint32_t length = (uint32_t)strcspn(names, " ");
        memcpy(bytes + *at, &length, 4);
        memcpy(bytes + *at + 4, names, length);
        *at += 4 + length;
        names += length + (names[length] == ' ');
        count++;
    }
    return count;
}

void job_names(job_build *b, const char *inputs, const char *outputs)
{
    uint8_t bytes[1024];
    uint32_t at = 8;
    uint32_t counts[2];
    counts[0] = add_names(bytes, &at, inputs);
    counts[1] = add_names(bytes, &at, outputs);
    memcpy(bytes, counts, 8);
    job_add(b, RST_SECTION_NAMES, bytes, at, counts[0] + counts[1]);
}

void job_option(job_build *b, uint32_t tag, uint32_t bytes, uint64_t value)
{
    const uint32_t head[2] = {tag, bytes};
    uint32_t padded = (bytes + 7) & ~7u;
    memcpy(b->options + b->options_length, head, 8);
    memset(b->options + b->options_length + 8, 0, padded);
    memcpy(b->options + b->options_length + 8, &value, padded < 8 ? padded : 8);
    b->options_length += 8 + padded;
    b->options_count++;
}

uint32_t job_lay_out(const job_build *b, uint8_t *out)
{
    uint32_t end = (64 + 32 * b->sections + 63) & ~63u;
    if (out) {
        memset(out, 0, end);
    }
    for (uint32_t i = 0; i < b->sections; i++) {
        const uint32_t entry[8] = {b->section[i].kind, b->section[i].flags, end,
                                   b->section[i].length, b->section[i].count};
        uint32_t next = (end + b->section[i].length + 63) & ~63u;
        if (out) {
            memcpy(out + 64 + 32 * i, entry, 32);
            memset(out + end, 0, next - end);
            memcpy(out + end, b->section[i].data, b->section[i].length);
        }
        end = next;
    }
    const uint32_t header[6] = {
        RST_MAGIC_JOB, RST_FORMAT_VERSION, b->operation, b->sections, end, 0};
    if (out) {
        memcpy(out, header, sizeof header);
    }
    return end;
}

void job_end(job_build *b)
{
    if (b->options_count) {
        job_add(b, RST_SECTION_OPTIONS, b->options, b->options_length, b->options_count);
    }
    b->length = job_lay_out(b, NULL);
    if (CHECK(b->length <= sizeof b->bytes)) {
        job_lay_out(b, b->bytes);
    }
}

const uint8_t *job_run_bytes(const uint8_t *bytes, uint32_t length)
{
    static uint8_t out[64 * 1024];
    if (!runner_used) {
        esp_runner_init(&job_runner, job_clock);
        runner_used = true;
    }
    uint32_t needed = esp_run_job(&job_runner, bytes, length, out, sizeof out);
    CHECK(needed <= sizeof out);
    CHECK(result_is_sound(out, needed));
    return out;
}

const uint8_t *job_run(job_build *b)
{
    job_end(b);
    return job_run_bytes(b->bytes, b->length);
}

void job_done(void)
{
    if (runner_used) {
        esp_runner_free(&job_runner);
    }
    runner_used = false;
    job_clock = NULL;
}

uint32_t block_u32(const uint8_t *block, uint32_t offset)
{
    uint32_t value;
    memcpy(&value, block + offset, 4);
    return value;
}

uint64_t block_u64(const uint8_t *block, uint32_t offset)
{
    uint64_t value;
    memcpy(&value, block + offset, 8);
    return value;
}

const uint8_t *result_section(const uint8_t *result, uint32_t kind, uint32_t *length,
                              uint32_t *count)
{
    for (uint32_t i = 0; i < block_u32(result, RST_HEADER_SECTIONS); i++) {
        uint32_t entry = RST_HEADER_SIZE + i * RST_ENTRY_SIZE;
        if (block_u32(result, entry + RST_ENTRY_KIND) == kind) {
            if (length) {
                *length = block_u32(result, entry + RST_ENTRY_LENGTH);
            }
            if (count) {
                *count = block_u32(result, entry + RST_ENTRY_COUNT);
            }
            return result + block_u32(result, entry + RST_ENTRY_OFFSET);
        }
    }
    return NULL;
}

uint32_t answer_u32(const uint8_t *result, uint32_t offset)
{
    const uint8_t *answer = result_section(result, RST_SECTION_ANSWER, NULL, NULL);
    return answer ? block_u32(answer, offset) : 0;
}

const char *result_message(const uint8_t *result)
{
    static char message[512];
    uint32_t length = 0;
    const uint8_t *error = result_section(result, RST_SECTION_ERROR, &length, NULL);
    message[0] = 0;
    if (error && length >= 16 && length - 16 < sizeof message) {
        memcpy(message, error + 16, length - 16);
        message[length - 16] = 0;
    }
    return message;
}

static bool zero(const uint8_t *bytes, uint32_t from, uint32_t to)
{
    for (uint32_t i = from; i < to; i++) {
        if (bytes[i]) {
            return false;
        }
    }
    return true;
}

bool result_is_sound(const uint8_t *result, uint32_t length)
{
    bool sound =
        length >= RST_HEADER_SIZE && block_u32(result, RST_HEADER_MAGIC) == RST_MAGIC_RESULT &&
        block_u32(result, RST_HEADER_VERSION) == RST_FORMAT_VERSION &&
        block_u32(result, RST_HEADER_LENGTH) == length && zero(result, 24, RST_HEADER_SIZE);
    uint32_t sections = block_u32(result, RST_HEADER_SECTIONS);
    uint32_t end = RST_HEADER_SIZE + sections * RST_ENTRY_SIZE;
    uint32_t last = 0;
    for (uint32_t i = 0; sound && i < sections; i++) {
        uint32_t entry = RST_HEADER_SIZE + i * RST_ENTRY_SIZE;
        uint32_t offset = block_u32(result, entry + RST_ENTRY_OFFSET);
        last = block_u32(result, entry + RST_ENTRY_KIND);
        sound = block_u32(result, entry + RST_ENTRY_FLAGS) == 0 && offset == ((end + 63) & ~63u) &&
                zero(result, entry + 20, entry + RST_ENTRY_SIZE) && zero(result, end, offset);
        end = offset + block_u32(result, entry + RST_ENTRY_LENGTH);
    }
    uint32_t status = block_u32(result, RST_HEADER_STATUS);
    bool error = result_section(result, RST_SECTION_ERROR, NULL, NULL) != NULL;
    bool answer = result_section(result, RST_SECTION_ANSWER, NULL, NULL) != NULL;
    return sound && end == length && last == RST_SECTION_TRAILER && error == (status != 0) &&
           answer == (status == 0);
}

bool same_answers(const uint8_t *a, const uint8_t *b)
{
    uint32_t length = block_u32(a, RST_HEADER_LENGTH);
    return length == block_u32(b, RST_HEADER_LENGTH) && !memcmp(a, b, length - RST_TRAILER_SIZE);
}
