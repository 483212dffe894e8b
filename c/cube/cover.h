/* Covers: contiguous arrays of cubes, and what one asks of a single cube.
 *
 *   data ─► | cube 0: words | cube 1: words | … | cube count-1 |   room up to capacity
 *
 * A cover lives in the arena of its context; it grows by doubling (in place when it is the newest
 * allocation). No cube of a cover is empty unless a function says that it makes such ones.
 *
 * Cost: everything on one cube is O(words).
 */
#ifndef ESP_COVER_H
#define ESP_COVER_H

#include <string.h> /* memcpy */

#include "cube/shape.h"

typedef struct esp_cover {
    uint64_t *data;
    uint32_t count;
    uint32_t capacity;
} esp_cover;

/* One function as the job hands it over: covers of ON, DC and OFF (each may be absent), all of one
 * shape. */
typedef struct esp_function {
    const esp_shape *shape;
    esp_cover on, dc, off;
    bool has_on, has_dc, has_off;
} esp_function;

static inline uint64_t *esp_cube(const esp_cover *f, const esp_shape *s, uint32_t index)
{
    return f->data + (size_t)index * s->words;
}

/* False when memory ran out (ctx->stop says so); the cover is then unchanged. */
bool esp_cover_create(esp_context *ctx, const esp_shape *s, uint32_t capacity, esp_cover *f);
bool esp_cover_reserve(esp_context *ctx, const esp_shape *s, esp_cover *f, uint32_t capacity);
bool esp_cover_copy(esp_context *ctx, const esp_shape *s, const esp_cover *from, esp_cover *to);
bool esp_cover_append(esp_context *ctx, const esp_shape *s, esp_cover *f, const esp_cover *more);
/* Room for one more cube at the end, contents undefined; NULL when memory ran out. */
uint64_t *esp_cover_push(esp_context *ctx, const esp_shape *s, esp_cover *f);
bool esp_cover_push_cube(esp_context *ctx, const esp_shape *s, esp_cover *f, const uint64_t *cube);

/* How many cubes at the beginning of f and g are the same. */
uint32_t esp_cover_same(const esp_shape *s, const esp_cover *f, const esp_cover *g);

static inline void esp_cube_copy(const esp_shape *s, uint64_t *to, const uint64_t *from)
{
    for (uint32_t w = 0; w < s->words; w++) {
        to[w] = from[w];
    }
}

static inline bool esp_cube_has(const uint64_t *c, uint32_t bit)
{
    return c[bit / 64] >> bit % 64 & 1;
}

static inline void esp_cube_set(uint64_t *c, uint32_t bit)
{
    c[bit / 64] |= UINT64_C(1) << bit % 64;
}

static inline void esp_cube_clear(uint64_t *c, uint32_t bit)
{
    c[bit / 64] &= ~(UINT64_C(1) << bit % 64);
}

/* a is contained in b (every part of a is in b). */
static inline bool esp_cube_in(const esp_shape *s, const uint64_t *a, const uint64_t *b)
{
    for (uint32_t w = 0; w < s->words; w++) {
        if (a[w] & ~b[w]) {
            return false;
        }
    }
    return true;
}

static inline bool esp_cube_equal(const esp_shape *s, const uint64_t *a, const uint64_t *b)
{
    for (uint32_t w = 0; w < s->words; w++) {
        if (a[w] != b[w]) {
            return false;
        }
    }
    return true;
}

static inline bool esp_cube_full(const esp_shape *s, const uint64_t *a)
{
    return esp_cube_equal(s, a, s->full);
}

static inline uint32_t esp_cube_parts(const esp_shape *s, const uint64_t *a)
{
    uint32_t n = 0;
    for (uint32_t w = 0; w < s->words; w++) {
        n += esp_popcount(a[w]);
    }
    return n;
}

/* Variables in which a and b have no part in common: 0 = they intersect. Counting stops above
 * `enough`. */
uint32_t esp_cube_distance(const esp_shape *s, const uint64_t *a, const uint64_t *b,
                           uint32_t enough);

/* The distance, as far as it is 0 or 1; 2 = more. */
static inline uint32_t esp_cube_apart(const esp_shape *s, const uint64_t *a, const uint64_t *b)
{
    if (!s->narrow) {
        return esp_cube_distance(s, a, b, 1);
    }
    uint32_t last = s->words - 1;
    uint32_t n = (a[last] & b[last] & s->narrow) == 0;
    for (uint32_t w = 0; w <= last; w++) {
        uint64_t both = a[w] & b[w];
        uint64_t apart = ~(both | both >> 1) & s->binary[w];
        if (apart) {
            n += 1 + ((apart & (apart - 1)) != 0);
            if (n > 1) {
                return 2;
            }
        }
    }
    return n;
}

static inline bool esp_cubes_meet(const esp_shape *s, const uint64_t *a, const uint64_t *b)
{
    if (!s->narrow) {
        return esp_cube_distance(s, a, b, 0) == 0;
    }
    uint32_t last = s->words - 1;
    uint64_t apart = 0;
    for (uint32_t w = 0; w <= last; w++) {
        uint64_t both = a[w] & b[w];
        apart |= ~(both | both >> 1) & s->binary[w];
    }
    return !apart && a[last] & b[last] & s->narrow;
}

/* Some variable has no part at all: the cube contains no point. */
bool esp_cube_empty(const esp_shape *s, const uint64_t *a);

/* Bits of variable v in cube c: none, all. */
bool esp_var_none(const esp_var *v, const uint64_t *c);
bool esp_var_all(const esp_var *v, const uint64_t *c);
/* Parts of variable v in c. */
uint32_t esp_var_count(const esp_var *v, const uint64_t *c);

/* Literals of a cover: `in` counts input variables that are not full (a multiple-valued one counts
 * once), `out` counts output parts. */
typedef struct esp_cost {
    uint32_t cubes;
    uint64_t in, out;
} esp_cost;
esp_cost esp_cover_cost(const esp_shape *s, const esp_cover *f);

/* Remove cubes that are empty, and cubes that another single cube contains (of equal ones the first
 * stays). The order of those that stay is kept. O(count²) word operations at worst, spent as work.
 * Stops: cover unchanged. */
void esp_cover_contain(esp_context *ctx, const esp_shape *s, esp_cover *f);

/* The same; false, cover unchanged, also when the context's work went past `work_end`. */
bool esp_cover_contain_within(esp_context *ctx, const esp_shape *s, esp_cover *f,
                              uint64_t work_end);

/* Sort by descending number of parts, ties by descending word values: a canonical order, whatever
 * came in. */
bool esp_cover_sort(esp_context *ctx, const esp_shape *s, esp_cover *f);

#endif
