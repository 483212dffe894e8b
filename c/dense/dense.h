/* Functions of few inputs as truth tables: a point is a bit, a set of points a few words.
 *
 * Bit o << inputs | x of a table is output o at the inputs x (input k is bit k of x):
 *
 *     2 inputs, 3 outputs      bit  11 10 9 8 | 7 6 5 4 | 3 2 1 0
 *                               x    3  2 1 0 | 3 2 1 0 | 3 2 1 0
 *                                    output 2 | 1       | 0
 */
#ifndef ESP_DENSE_H
#define ESP_DENSE_H

#include "cube/cover.h"

/* What fits: tables of at most 256 bits, the number of outputs rounded up to a power of two. Beyond
 * 8 inputs and 256 primes the lists of c/exact are faster than sets of points. */
enum {
    ESP_DENSE_INPUTS = 8,
    ESP_DENSE_OUTPUTS = 16,
    ESP_DENSE_WORDS = 4,
    ESP_DENSE_PRIMES = 256,
};

typedef struct esp_table_bits {
    uint64_t word[ESP_DENSE_WORDS];
} esp_table_bits;

/* A cube: the inputs of `dashes` are free, the others are as in `value`, whose free ones are 0. */
typedef struct esp_dense_cube {
    uint16_t dashes, value, outputs;
} esp_dense_cube;

typedef struct esp_dense_cover {
    uint32_t cubes;
    uint32_t lower_bound, primes, essential;
    esp_dense_cube cube[ESP_DENSE_PRIMES];
} esp_dense_cover;

/* Scratch memory for functions one after the other. */
typedef struct esp_dense esp_dense;

bool esp_dense_fits(uint32_t inputs, uint32_t outputs);
/* NULL: no memory. */
esp_dense *esp_dense_create(esp_context *ctx);

/* A cover of `on` by primes of on ∪ dc (the two are disjoint), as good as it can be proven or found
 * within `effort` units of work for each point and prime it lies in. *done = false: too many
 * primes, nothing is known. False when the run must stop. */
bool esp_dense_minimize(esp_context *ctx, esp_dense *dense, uint32_t inputs, uint32_t outputs,
                        const esp_table_bits *on, const esp_table_bits *dc, uint64_t effort,
                        esp_dense_cover *cover, bool *done);

/* The table of a cover whose one wide variable is the output. */
void esp_dense_paint(const esp_shape *s, const esp_cover *f, esp_table_bits *table);
/* A cube of a table as a cube of a cover. */
void esp_dense_put(const esp_shape *s, esp_dense_cube from, uint64_t *to);

#endif
