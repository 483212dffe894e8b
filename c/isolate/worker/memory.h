/* The memory of a worker's jobs: all of it is asked for at the start, so that the filter of system
 * calls needs to let none of it through, and so that no job can ever have more.
 */
#ifndef ISO_WORKER_MEMORY_H
#define ISO_WORKER_MEMORY_H

#include <stdint.h>

/* Reserves it, and has the core take its memory from there. How many bytes there are, 0: none. */
uint64_t iso_memory_init(uint64_t wanted);
/* What the core had and has given back reads as zeros. */
void iso_memory_wipe(void);

#endif
