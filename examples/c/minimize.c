/* Minimises a PLA file from C:  minimize FILE.pla
 *
 * A job is one block of memory (docs/job-format.md): a header, a table, and here two sections, the
 * text and the option that asks for text in return. The same block would run in any other language.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "job/format.h"
#include "ristretto.h"

static void put_u32(uint8_t *at, uint32_t value)
{
    memcpy(at, &value, sizeof value); /* blocks are little-endian, like all machines this runs on */
}

static uint32_t get_u32(const uint8_t *at)
{
    uint32_t value;
    memcpy(&value, at, sizeof value);
    return value;
}

static void put_entry(uint8_t *entry, uint32_t kind, uint32_t offset, uint32_t length,
                      uint32_t count)
{
    put_u32(entry + RST_ENTRY_KIND, kind);
    put_u32(entry + RST_ENTRY_FLAGS, RST_CRITICAL);
    put_u32(entry + RST_ENTRY_OFFSET, offset);
    put_u32(entry + RST_ENTRY_LENGTH, length);
    put_u32(entry + RST_ENTRY_COUNT, count);
}

/* A job that minimises `length` bytes of text; *size becomes its length. The caller frees it. */
static uint8_t *make_job(const char *text, uint32_t length, uint32_t *size)
{
    const uint32_t options = 128;        /* after the header and two entries: 64 + 2 * 32 */
    const uint32_t start = options + 64; /* sections start at multiples of 64 */
    *size = start + length;
    uint8_t *job = calloc(1, *size);
    if (!job) {
        return NULL;
    }
    put_u32(job + RST_HEADER_MAGIC, RST_MAGIC_JOB);
    put_u32(job + RST_HEADER_VERSION, RST_FORMAT_VERSION);
    put_u32(job + RST_HEADER_OPERATION, RST_OP_MINIMIZE);
    put_u32(job + RST_HEADER_SECTIONS, 2);
    put_u32(job + RST_HEADER_LENGTH, *size);
    put_entry(job + RST_HEADER_SIZE, RST_SECTION_OPTIONS, options, 16, 1);
    put_entry(job + RST_HEADER_SIZE + RST_ENTRY_SIZE, RST_SECTION_TEXT, start, length, 0);
    put_u32(job + options, RST_OPTION_EMIT);
    put_u32(job + options + 4, 4); /* bytes of the value */
    put_u32(job + options + 8, 1); /* text */
    memcpy(job + start, text, length);
    return job;
}

/* The section of this kind in a result; NULL = it has none. */
static const uint8_t *find(const uint8_t *result, uint32_t kind, uint32_t *length)
{
    for (uint32_t i = 0; i < get_u32(result + RST_HEADER_SECTIONS); i++) {
        const uint8_t *entry = result + RST_HEADER_SIZE + i * RST_ENTRY_SIZE;
        if (get_u32(entry + RST_ENTRY_KIND) == kind) {
            *length = get_u32(entry + RST_ENTRY_LENGTH);
            return result + get_u32(entry + RST_ENTRY_OFFSET);
        }
    }
    return NULL;
}

static char *read_file(const char *path, uint32_t *length)
{
    FILE *file = fopen(path, "rb");
    size_t room = 1 << 20;
    char *text = file ? malloc(room) : NULL;
    *length = 0;
    while (text) {
        size_t got = fread(text + *length, 1, room - *length, file);
        *length += (uint32_t)got;
        if (got == 0) {
            break;
        }
        if (*length == room) {
            room *= 2;
            text = realloc(text, room);
        }
    }
    if (file) {
        fclose(file);
    }
    return text;
}

/* Prints what the result says; 0 when it is an answer. */
static int report(const char *path, const uint8_t *result)
{
    uint32_t length = 0;
    const uint8_t *error = find(result, RST_SECTION_ERROR, &length);
    if (error) {
        if (get_u32(error + 8)) { /* it is about a line of the text */
            fprintf(stderr, "%s:%u:%u: ", path, get_u32(error + 8), get_u32(error + 12));
        }
        fprintf(stderr, "%.*s\n", (int)(length - 16), (const char *)error + 16);
        return 1;
    }
    const uint8_t *answer = find(result, RST_SECTION_ANSWER, &length);
    fprintf(stderr, "%u cubes before, %u after\n", get_u32(answer + RST_ANSWER_BEFORE),
            get_u32(answer + RST_ANSWER_CUBES));
    const uint8_t *text = find(result, RST_SECTION_TEXT, &length);
    fwrite(text, 1, length, stdout);
    return 0;
}

int main(int count, char **words)
{
    uint32_t length = 0;
    uint32_t size = 0;
    char *text = count == 2 ? read_file(words[1], &length) : NULL;
    uint8_t *job = text ? make_job(text, length, &size) : NULL;
    if (!job || rst_abi_version() != RST_ABI_VERSION) {
        fprintf(stderr, "usage: minimize FILE.pla\n");
        return 2;
    }
    double needed = rst_run(job, size, NULL, 0); /* no memory yet: the result waits */
    uint8_t *result = needed > 0 ? malloc((size_t)needed) : NULL;
    int status = 1;
    if (result && rst_take(result, (uint32_t)needed) == needed) {
        status = report(words[1], result);
    }
    free(result);
    free(job);
    free(text);
    return status;
}
