/* The worker's program, carried inside the library. Whoever cannot call the library finds it in the
 * library's file (src/engine/streams/program.ts): it stands behind the marker and its size. */
#ifndef ISO_IMAGE_H
#define ISO_IMAGE_H

#include <stddef.h>
#include <stdint.h>

extern const uint8_t *const iso_image;
extern const size_t iso_image_size; /* 0: this build has none */

/* What a build of host and worker is called; both sides compare it. */
#define ISO_BUILD RST_VERSION " " RST_BUILD_ID

#endif
