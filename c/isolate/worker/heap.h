/* Memory for the core out of extents that the host grants: with a shared heap, the worker's only
 * one. */
#ifndef ISO_WORKER_HEAP_H
#define ISO_WORKER_HEAP_H

#include <stddef.h>
#include <stdint.h>

/* From now on all memory of the core is of this kind. `ask` gets more pages: how many bytes, and
 * *at; 0: none. */
void iso_bump_use(size_t (*ask)(uint32_t pages, uint8_t **at));
/* What was allocated before is no more: all of it comes from here on. */
void iso_bump_begin(uint8_t *at, size_t size);
void *iso_bump_alloc(void *user, size_t size);

#endif
