/* Blocks for the fuzzer: taken apart, changed and laid out again, so that a change of a section
 * does not end at the frame. */
#ifndef FUZZ_JOB_BLOCK_H
#define FUZZ_JOB_BLOCK_H

#include "fuzz.h"

typedef struct fuzz_section {
    uint32_t kind, flags, count, length;
    const uint8_t *bytes;
} fuzz_section;

/* Sections that do not fit are left out. */
void fuzz_lay_out(fuzz_bytes *b, uint32_t operation, const fuzz_section *sections, uint32_t count);
bool fuzz_seed_job(uint32_t n, fuzz_bytes *out);
void fuzz_change_job(fuzz_bytes *b, const fuzz_bytes *other, uint64_t *random);

#endif
