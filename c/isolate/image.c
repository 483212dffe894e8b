/* The worker's program as bytes: the build script compiles it first, and tells where it is
 * (ristretto-worker, among the folders of #embed) by defining RST_WORKER. */
#include "isolate/image.h"

#if defined RST_WORKER
const uint8_t iso_image[] = {
#embed "ristretto-worker"
};
const size_t iso_image_size = sizeof iso_image;
#else
const uint8_t iso_image[1] = {0};
const size_t iso_image_size = 0;
#endif
