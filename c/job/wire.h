/* Rows of cubes on the wire and in the kernels, and the way between the two.
 *
 *   3 binary inputs, then variables of 5, 60 and 3 parts:
 *
 *   wire      | in in in aaaaa bbbbbb…bbb | bbbbbbb ccc          |   packed, no gaps
 *   kernels   | in in in aaaaa            | bbbbbb…bbbbbbbbbb    | ccc      |   no straddling
 *
 * A plan lists the stretches of bits that stay together, so that a row is a handful of shifts; when
 * no variable has to move (all jobs whose inputs and outputs fit the words) the two rows are equal
 * and are copied whole.
 *
 * Cost: a plan O(wide variables), a row O(words).
 */
#ifndef ESP_WIRE_H
#define ESP_WIRE_H

#include "cube/cover.h"

typedef struct esp_stretch {
    uint32_t wire;   /* first bit in the row of the wire */
    uint32_t kernel; /* first bit in the row of the kernels */
    uint32_t bits;   /* at least 1 */
} esp_stretch;

typedef struct esp_wire {
    uint32_t row_words; /* words of a row on the wire */
    uint32_t stretches; /* entries of `stretch` */
    bool same;          /* both layouts are the same: rows are copied as they are */
    uint64_t padding;   /* bits of a row's last word that must be zero */
    const esp_stretch *stretch;
} esp_wire;

static inline uint32_t esp_wire_words(uint32_t parts)
{
    return (parts + 63) / 64;
}

/* False when memory ran out. */
bool esp_wire_plan(esp_context *ctx, const esp_shape *s, esp_wire *plan);

/* One row of row_words words, whose padding is zero; the two do not overlap. A row of a block need
 * not be aligned. */
void esp_wire_unpack(const esp_wire *plan, const esp_shape *s, const uint64_t *row, uint64_t *cube);
void esp_wire_pack(const esp_wire *plan, const uint64_t *cube, uint8_t *row);

#endif
