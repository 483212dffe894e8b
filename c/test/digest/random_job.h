/* Jobs for the digest: random ones by their number, and those about a text. */
#ifndef DIGEST_RANDOM_JOB_H
#define DIGEST_RANDOM_JOB_H

#include "job/job.h"

typedef struct digest_job {
    uint32_t operation, sections, used;
    struct {
        uint32_t kind, length, count;
        const uint8_t *data;
    } section[16];
    uint8_t options[256];
    uint32_t options_length, options_count;
    uint8_t *bytes; /* the block, after digest_end; lives until the next job is begun */
    uint32_t length, capacity;
} digest_job;

/* Job number n, ready to run: the same bytes everywhere. */
const digest_job *digest_random_job(uint32_t n, bool portable);

/* A job about a text, for options to be added and digest_end. The text must stay until then. */
digest_job *digest_text_job(uint32_t operation, const uint8_t *text, uint32_t length);
void digest_option(digest_job *job, uint32_t tag, uint32_t bytes, uint64_t value);
void digest_end(digest_job *job);

#endif
