/* The referee of the native tests: functions as tables of bytes, one byte for each point and
 * output.
 *
 * Brute force on purpose. It shares no code with c/minimize or c/cube: cubes are read bit by bit,
 * by a layout of its own (shape.h says what it must be), points are visited one by one, and a claim
 * about a cover is decided by looking at every cell of the table. So it is good for a dozen inputs,
 * and hard to get wrong.
 *
 *      cell = point × outputs + output          a point is a number: the first input counts most
 *
 *   oracle_init         the variables; idle ones are in the rows but the function must not depend
 *                       on them
 *   oracle_function     what each cell of a function asks of an answer: MUST, NEVER, or nothing
 *   oracle_implements   is this cover an answer?
 *   oracle_is_prime …   facts about answers
 *
 * oracle_make_cover goes the other way: cubes for the cells that have a mark.
 */
#ifndef TEST_ORACLE_H
#define TEST_ORACLE_H

#include "cube/cover.h"

enum {
    ORACLE_VARS = 16, /* inputs that matter */
    ORACLE_CELLS = 1 << 15,
    ORACLE_WORDS = 16, /* of a row */
};

/* Marks of a cell. */
enum { ORACLE_FREE = 0, ORACLE_MUST = 1, ORACLE_NEVER = 2 };

typedef struct oracle {
    uint32_t binary;                 /* binary inputs that matter, the first variables */
    uint32_t inputs;                 /* those and the multiple-valued ones */
    uint32_t parts[ORACLE_VARS + 1]; /* of each input, then of the output */
    uint32_t bit[ORACLE_VARS + 1];   /* where its part 0 is in a row */
    uint32_t outputs, points, cells, words;
    uint64_t idle[ORACLE_WORDS];  /* bits of inputs that do not matter: all are 1 in every cube */
    uint64_t known[ORACLE_WORDS]; /* bits of any variable */
} oracle;

/* `binary` binary inputs with `idle` more among them, `multi` multiple-valued ones, and the output.
 */
void oracle_init(oracle *o, uint32_t binary, uint32_t idle, uint32_t multi,
                 const uint32_t *multi_parts, uint32_t outputs);
/* The same variables for the code under test. */
const esp_shape *oracle_shape(const oracle *o, esp_context *ctx, uint32_t idle);

/* Cells of one cube, ascending; `cells` has room for all there are. */
uint32_t oracle_list(const oracle *o, const uint64_t *row, uint32_t *cells);
/* mark |= `mark` in the cells of each cube */
void oracle_mark(const oracle *o, const esp_cover *f, uint8_t mark, uint8_t *table);
/* What the function asks of an answer, by the words of Espresso: don't-care wins over ON and OFF.
 */
void oracle_function(const oracle *o, const esp_function *f, uint8_t *want);

/* No bits of no variable, idle inputs full, a point in every cube. */
bool oracle_rows_are_sound(const oracle *o, const esp_cover *f);
/* It holds every MUST cell and no NEVER cell, and its rows are sound. */
bool oracle_implements(const oracle *o, const uint8_t *want, const esp_cover *f);
/* Both hold the same cells. */
bool oracle_same(const oracle *o, const esp_cover *f, const esp_cover *g);

bool oracle_is_implicant(const oracle *o, const uint8_t *want, const uint64_t *row);
/* An implicant in which no part can be raised (of the inputs only, when that is asked). */
bool oracle_is_prime(const oracle *o, const uint8_t *want, const uint64_t *row, bool inputs_only);
/* The first cube without which the rest still holds every MUST cell that f holds; count = none. */
uint32_t oracle_redundant_cube(const oracle *o, const uint8_t *want, const esp_cover *f);
/* Some cube with several outputs could do without one of them. */
bool oracle_has_redundant_output(const oracle *o, const uint8_t *want, const esp_cover *f);

/* Puts all primes of the function (`want`) into `primes`, which has room for `room` rows; returns
 * how many there are, or room + 1 when they do not fit. For few variables: it tries all cubes. */
uint32_t oracle_primes(const oracle *o, const uint8_t *want, uint64_t *primes, uint32_t room);
/* The number of cubes of the smallest cover made of these primes, or `most` when it is not below
 * that. */
uint32_t oracle_minimum(const oracle *o, const uint8_t *want, const uint64_t *primes,
                        uint32_t count, uint32_t most);
/* The smallest cube that holds the cells with a mark; all zero (idle inputs included) when there
 * are none. */
void oracle_supercube(const oracle *o, const uint8_t *table, uint8_t mark, uint64_t *row);

/* Appends disjoint cubes of one output each, or of several where `table` agrees, that hold exactly
 * the cells with the mark. `order` is a permutation of the inputs. `f` has room for `room` cubes;
 * false when it is too little. */
bool oracle_make_cover(const oracle *o, const uint8_t *table, uint8_t mark, const uint32_t *order,
                       esp_cover *f, uint32_t room);

#endif
