/* The worker's program as bytes: the build script compiles it first, and tells where it is
 * (ristretto-worker, among the folders of #embed) by defining RST_WORKER. */
#include "isolate/image.h"

#define MARKER "ristretto worker \x01\x02 here it is"

#if defined RST_WORKER
static const struct {
    char marker[32];
    uint32_t size;
    uint32_t zero;
    uint8_t bytes[sizeof((const uint8_t[]){
#embed "ristretto-worker"
    })];
} carried = {
    .marker = MARKER,
    .size = sizeof carried.bytes,
    .bytes =
        {
#embed "ristretto-worker"
        },
};
const uint8_t *const iso_image = carried.bytes;
const size_t iso_image_size = sizeof carried.bytes;
#else
const uint8_t *const iso_image = NULL;
const size_t iso_image_size = 0;
#endif
