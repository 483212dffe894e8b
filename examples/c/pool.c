/* Minimises PLA files at the same time, on native threads:  pool FILE.pla…
 *
 * All files go into the queue; then the results are taken in the order of the files. A full queue
 * is waited for. The jobs are those of minimize.c, but for the option: the answer is not text.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "job/format.h"
#include "ristretto.h"

enum { FILES_MOST = 256, QUEUE = 8, SLICE_MS = 1000 };

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

/* A job of one section, the text of a file; *size becomes its length. The caller frees it. */
static uint8_t *make_job(const char *path, uint32_t *size)
{
    const uint32_t start = 128; /* after the header and one entry, at a multiple of 64 */
    const uint32_t most = 1 << 20;
    FILE *file = fopen(path, "rb");
    uint8_t *job = file ? calloc(1, start + most) : NULL;
    if (job) {
        uint32_t length = (uint32_t)fread(job + start, 1, most, file);
        uint8_t *entry = job + RST_HEADER_SIZE;
        *size = start + length;
        put_u32(job + RST_HEADER_MAGIC, RST_MAGIC_JOB);
        put_u32(job + RST_HEADER_VERSION, RST_FORMAT_VERSION);
        put_u32(job + RST_HEADER_OPERATION, RST_OP_MINIMIZE);
        put_u32(job + RST_HEADER_SECTIONS, 1);
        put_u32(job + RST_HEADER_LENGTH, *size);
        put_u32(entry + RST_ENTRY_KIND, RST_SECTION_TEXT);
        put_u32(entry + RST_ENTRY_FLAGS, RST_CRITICAL);
        put_u32(entry + RST_ENTRY_OFFSET, start);
        put_u32(entry + RST_ENTRY_LENGTH, length);
    }
    if (file) {
        fclose(file);
    }
    return job;
}

/* Submits a file, waiting for room; its handle, or what rst_pool_submit said. */
static double submit(double pool, const char *path)
{
    uint32_t size;
    uint8_t *job = make_job(path, &size);
    if (!job) {
        return -RST_INVALID_INPUT;
    }
    double handle;
    while ((handle = rst_pool_submit(pool, job, size, 0)) == -RST_QUEUE_FULL) {
        rst_pool_wait_room(pool, SLICE_MS);
    }
    free(job); /* it was copied */
    return handle;
}

/* What a result says about its file. */
static void print_result(const char *path, const uint8_t *result)
{
    if (get_u32(result + RST_HEADER_STATUS)) {
        printf("%s: error %u\n", path, get_u32(result + RST_HEADER_STATUS));
        return;
    }
    uint32_t sections = get_u32(result + RST_HEADER_SECTIONS);
    const uint8_t *entry = result + RST_HEADER_SIZE;
    for (uint32_t i = 0; i < sections; i++, entry += RST_ENTRY_SIZE) {
        if (get_u32(entry + RST_ENTRY_KIND) == RST_SECTION_ANSWER) {
            const uint8_t *answer = result + get_u32(entry + RST_ENTRY_OFFSET);
            printf("%s: %u cubes became %u\n", path, get_u32(answer + RST_ANSWER_BEFORE),
                   get_u32(answer + RST_ANSWER_CUBES));
        }
    }
}

/* Waits for a job, and takes its result; false when there is none. */
static int finish(const char *path, double job)
{
    while (rst_pool_wait(job, SLICE_MS) == 0) {
    }
    double length = rst_pool_take(job, NULL, 0);
    uint8_t *result = length > 0 ? malloc((size_t)length) : NULL;
    int done = result && rst_pool_take(job, result, (uint32_t)length) == length;
    if (done) {
        print_result(path, result);
    } else {
        fprintf(stderr, "%s: no result (%g)\n", path, length);
    }
    free(result);
    return done;
}

int main(int count, char **paths)
{
    static double jobs[FILES_MOST];
    int failed = 0;
    double pool = rst_pool_open(0, QUEUE, 0, 1, 0, NULL, 0);
    if (pool < 0) {
        fprintf(stderr, "there is no pool (%g)\n", pool);
        return 1;
    }
    for (int i = 1; i < count && i < FILES_MOST; i++) {
        jobs[i] = submit(pool, paths[i]);
    }
    for (int i = 1; i < count && i < FILES_MOST; i++) {
        failed |= !finish(paths[i], jobs[i]);
    }
    rst_pool_release(pool);
    return failed;
}
