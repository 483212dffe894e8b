/* Hashes the answers of many jobs:   digest [--portable] [--jobs=N] [--each] [FILE.pla…]
 *
 * The answer of a job is a pure function of its bytes: the same for every processor, system, C
 * library and variant of the kernels. So this program, compiled for each of them, must print the
 * same lines. There is a line for each thousand of random jobs (or, with --each, for each job, to
 * find one that differs) and one for each file. A hash is FNV-1a over the result blocks as they
 * are, errors and their messages included, the trailer left out.
 *
 * --portable has the jobs ask for the portable kernels. Nothing here depends on time, memory or the
 * order of files.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "random_job.h"

enum { OUT_BYTES = 1 << 20, GROUP = 1000, DEFAULT_JOBS = 10000 };

/* Units of work after which a job on a file is told to answer: some 10 ms here, half a second
 * emulated. */
#define FILE_BUDGET UINT64_C(20000000)

static esp_runner runner;
static uint8_t out[OUT_BYTES];
static uint32_t answered, refused;

static uint64_t add(uint64_t hash, const uint8_t *bytes, uint32_t length)
{
    for (uint32_t i = 0; i < length; i++) {
        hash = (hash ^ bytes[i]) * UINT64_C(0x100000001b3);
    }
    return hash;
}

static const uint64_t hash_start = UINT64_C(0xcbf29ce484222325);

/* Runs the job and adds its result to the hash. */
static uint64_t run(uint64_t hash, const uint8_t *job, uint32_t length)
{
    uint8_t *result = out;
    uint32_t needed = esp_run_job(&runner, job, length, out, sizeof out);
    if (needed > sizeof out) {
        result = malloc(needed);
        if (!result || esp_take_result(&runner, result, needed) != needed) {
            fprintf(stderr, "digest: no memory for a result of %u bytes\n", needed);
            exit(1);
        }
    }
    uint32_t status;
    memcpy(&status, result + RST_HEADER_STATUS, sizeof status);
    answered += status == 0;
    refused += status != 0;
    hash = add(hash, result, needed - RST_TRAILER_SIZE);
    if (result != out) {
        free(result);
    }
    return hash;
}

static void print(const char *what, uint64_t hash)
{
    printf("%s %08lx%08lx\n", what, (unsigned long)(hash >> 32),
           (unsigned long)(hash & 0xffffffff));
    (void)fflush(stdout);
}

static void random_jobs(uint32_t count, bool portable, bool each)
{
    char name[64];
    uint64_t hash = hash_start;
    for (uint32_t n = 0; n < count; n++) {
        const digest_job *job = digest_random_job(n, portable);
        hash = run(hash, job->bytes, job->length);
        if (each) {
            snprintf(name, sizeof name, "job %u operation %u", n, job->operation);
        } else if ((n + 1) % GROUP == 0 || n + 1 == count) {
            snprintf(name, sizeof name, "jobs %u to %u", n / GROUP * GROUP, n);
        } else {
            continue;
        }
        print(name, hash);
        hash = hash_start;
    }
    printf("%u answers, %u refusals\n", answered, refused);
}

static uint8_t *read_file(const char *path, uint32_t *length)
{
    FILE *file = fopen(path, "rb");
    uint8_t *bytes = NULL;
    if (file && !fseek(file, 0, SEEK_END)) {
        *length = (uint32_t)ftell(file);
        rewind(file);
        bytes = malloc(*length + 1);
        if (bytes && fread(bytes, 1, *length, file) != *length) {
            free(bytes);
            bytes = NULL;
        }
    }
    if (file) {
        (void)fclose(file);
    }
    return bytes;
}

/* What is done with each file. */
static const struct {
    uint32_t operation, effort, emit;
} uses[] = {
    {RST_OP_PARSE, 1, 0},
    {RST_OP_PRINT, 1, 0},
    {RST_OP_MINIMIZE, 0, 0},
    {RST_OP_MINIMIZE, 1, 1},
};

static bool use_file(const char *path, bool portable)
{
    const char *name = path;
    for (const char *c = path; *c; c++) {
        name = *c == '/' || *c == '\\' ? c + 1 : name;
    }
    uint32_t length = 0;
    uint8_t *text = read_file(path, &length);
    if (!text) {
        fprintf(stderr, "digest: cannot read %s\n", path);
        return false;
    }
    uint64_t hash = hash_start;
    for (uint32_t k = 0; k < sizeof uses / sizeof uses[0]; k++) {
        digest_job *job = digest_text_job(uses[k].operation, text, length);
        digest_option(job, RST_OPTION_EFFORT, 4, uses[k].effort);
        digest_option(job, RST_OPTION_EMIT, 4, uses[k].emit);
        digest_option(job, RST_OPTION_BUDGET, 8, FILE_BUDGET);
        digest_option(job, RST_OPTION_KERNELS, 4, portable);
        digest_end(job);
        hash = run(hash, job->bytes, job->length);
    }
    free(text);
    print(name, hash);
    return true;
}

int main(int count, char **words)
{
    uint32_t jobs = DEFAULT_JOBS;
    bool portable = false;
    bool each = false;
    bool good = true;
    for (int i = 1; i < count; i++) {
        portable = portable || !strcmp(words[i], "--portable");
        each = each || !strcmp(words[i], "--each");
        if (!strncmp(words[i], "--jobs=", 7)) {
            jobs = (uint32_t)strtoul(words[i] + 7, NULL, 10);
        }
    }
    esp_runner_init(&runner, NULL);
    random_jobs(jobs, portable, each);
    for (int i = 1; i < count; i++) {
        if (strncmp(words[i], "--", 2) != 0) {
            good = use_file(words[i], portable) && good;
        }
    }
    esp_runner_free(&runner);
    return good ? 0 : 1;
}
