/* The worker's program, carried inside the library. */
#ifndef ISO_IMAGE_H
#define ISO_IMAGE_H

#include <stddef.h>
#include <stdint.h>

extern const uint8_t iso_image[];
extern const size_t iso_image_size; /* 0: this build has none */

/* What a build of host and worker is called; both sides compare it. */
#define ISO_BUILD RST_VERSION " " RST_BUILD_ID

#endif
