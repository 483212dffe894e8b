/* The core's memory in an execution: at most 256 KiB, and in one of eight executions a request is
 * refused, as their input decides. */
#ifndef FUZZ_MEMORY_H
#define FUZZ_MEMORY_H

#include <stdint.h>

void fuzz_memory_begin(uint64_t hash);
/* A finding when the execution still has memory. */
void fuzz_memory_end(void);
/* Whether a request was refused since the beginning. */
int fuzz_memory_refused(void);

#endif
