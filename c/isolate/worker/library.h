/* The library that a worker of the dynamic image has loaded; in the static image these are nothing.
 */
#ifndef ISO_WORKER_LIBRARY_H
#define ISO_WORKER_LIBRARY_H

#include "isolate/library.h"
#include "isolate/protocol.h"
#include "job/job.h"

#if defined RST_DYNAMIC
enum { ISO_IMAGE = ISO_IMAGE_DYNAMIC };

/* Before the sandbox. False: it cannot be loaded, or is no library of this version. */
bool iso_library_load(int32_t handle);
/* Adds its functions to the operations that the worker knows, as many as there is room for. */
void iso_library_tell(iso_ready *ready);
bool iso_library_owns(const uint8_t *job, uint32_t length);
/* As esp_run_job. */
uint32_t iso_library_run(esp_runner *r, const uint8_t *job, uint32_t length, uint8_t *out,
                         uint32_t capacity);
#else
enum { ISO_IMAGE = ISO_IMAGE_STATIC };

static inline bool iso_library_load(int32_t handle)
{
    (void)handle;
    return false;
}
static inline void iso_library_tell(iso_ready *ready)
{
    (void)ready;
}
static inline bool iso_library_owns(const uint8_t *job, uint32_t length)
{
    (void)job;
    (void)length;
    return false;
}
static inline uint32_t iso_library_run(esp_runner *r, const uint8_t *job, uint32_t length,
                                       uint8_t *out, uint32_t capacity)
{
    return esp_run_job(r, job, length, out, capacity);
}
#endif

#endif
