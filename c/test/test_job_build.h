/* Builds jobs and reads results, for tests: every part of a block can also be made wrong. */
#ifndef TEST_JOB_BUILD_H
#define TEST_JOB_BUILD_H

#include "job/job.h"
#include "test.h"

enum { JOB_MOST_SECTIONS = 70, JOB_ROOM = 16 * 1024 };

typedef struct job_build {
    uint32_t operation, sections;
    uint8_t data[JOB_ROOM]; /* of the sections, one after the other */
    uint32_t used;
    uint8_t options[512];
    uint32_t options_length, options_count;
    struct {
        uint32_t kind, flags, length, count;
        const void *data;
    } section[JOB_MOST_SECTIONS];
    uint8_t bytes[2 * JOB_ROOM]; /* the block, after job_end */
    uint32_t length;
} job_build;

void job_begin(job_build *b, uint32_t operation);
/* `data` is copied when it fits the room, else it stays where it is. */
void job_add(job_build *b, uint32_t kind, const void *data, uint32_t length, uint32_t count);
void job_text(job_build *b, uint32_t kind, const char *text);
/* VARS of `inputs` binary ones and `outputs`. */
void job_vars(job_build *b, uint32_t inputs, uint32_t outputs);
/* "10-1 01|0--- 10": cubes of binary inputs and outputs. Call after job_vars. */
void job_cover(job_build *b, uint32_t kind, const char *cubes);
/* Input and output names, a blank between each two; NULL = none. */
void job_names(job_build *b, const char *inputs, const char *outputs);
void job_option(job_build *b, uint32_t tag, uint32_t bytes, uint64_t value);
/* Lays the block out in b->bytes. */
void job_end(job_build *b);
/* The same somewhere else, for blocks that do not fit; returns the length, writes when `out` is not
 * NULL. */
uint32_t job_lay_out(const job_build *b, uint8_t *out);

/* Runs the built job with a fresh runner that lives until the next call (NULL clock unless
 * job_clock is set). */
extern uint64_t (*job_clock)(void);
extern esp_runner job_runner;
const uint8_t *job_run(job_build *b);
const uint8_t *job_run_bytes(const uint8_t *bytes, uint32_t length);
void job_done(void); /* frees the runner */

/* A field of a block. */
uint32_t block_u32(const uint8_t *block, uint32_t offset);
uint64_t block_u64(const uint8_t *block, uint32_t offset);
/* A section of a result; NULL = it has none. length and count may be NULL. */
const uint8_t *result_section(const uint8_t *result, uint32_t kind, uint32_t *length,
                              uint32_t *count);
/* A field of the answer (0 when there is none). */
uint32_t answer_u32(const uint8_t *result, uint32_t offset);
/* The message of an error result, "" when it is none. Valid until the next call. */
const char *result_message(const uint8_t *result);
/* Everything docs/job-format.md says about the frame of a result. */
bool result_is_sound(const uint8_t *result, uint32_t length);
/* The bytes of two results are the same, the trailers left out. */
bool same_answers(const uint8_t *a, const uint8_t *b);

#endif
