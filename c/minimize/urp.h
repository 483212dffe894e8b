/* The unate recursive paradigm: what tautology, complement and supercube-of-complement share.
 *
 * All three split a cover on a variable and treat the two cofactors. Covers are cofactored: in
 * every row a variable that the path has fixed is full, so "universal row", "no row" and "column of
 * zeros" read off directly. Nobody recurses: each step keeps its own stack of pending halves in the
 * arena, so the depth is limited by memory and not by the stack of the thread.
 *
 * Choice of the splitting variable (Brayton et al., 1984, chapter 3; Rudell and
 * Sangiovanni-Vincentelli, 1987): a wide variable that is active first (the output: its halves are
 * simpler functions), else the binary variable with most literals among the binate ones, ties by
 * balance, then by index. Column counts come from vertical counters: bit plane k of a word holds
 * bit k of 64 counters, an addition of one row is a few word operations.
 *
 * Reference: R. Brayton, G. Hachtel, C. McMullen, A. Sangiovanni-Vincentelli, Logic Minimization
 * Algorithms for VLSI Synthesis, 1984.
 */
#ifndef ESP_URP_H
#define ESP_URP_H

#include "cube/cofactor.h"

enum { ESP_NO_VAR = 0xffffffff };

/* What one pass over a cofactored cover tells. The arrays belong to the urp and are overwritten by
 * the next pass. */
typedef struct esp_urp {
    const esp_shape *shape;
    bool universal;   /* some row is the universal cube */
    bool wide_active; /* some row is not full in a wide variable */
    uint32_t live;    /* binary variables with a literal somewhere */
    uint32_t binate;  /* binary variables with both literals */
    uint64_t *any;    /* [words] OR of the rows */
    uint64_t *miss;   /* [words] parts that some row lacks */
    uint64_t *planes; /* vertical counters */
    uint32_t *count;  /* [128] counts of one word's parts */
} esp_urp;

bool esp_urp_create(esp_context *ctx, const esp_shape *s, esp_urp *u);

void esp_urp_survey(esp_urp *u, const esp_cover *f);

/* Both parts of each binary variable that has literals of one sign only, after a survey; instead of
 * `any`, which is gone. */
static inline const uint64_t *esp_urp_unate(esp_urp *u)
{
    const esp_shape *s = u->shape;
    for (uint32_t w = 0; w < s->words; w++) {
        uint64_t low = u->miss[w] & s->binary[w];
        uint64_t high = u->miss[w] >> 1 & s->binary[w];
        u->any[w] = (low ^ high) * 3;
    }
    return u->any;
}

/* The variable to split on after a survey that found one active; see above. Prefers binate
 * variables, takes the most frequent unate one when there is no binate one. */
uint32_t esp_urp_choose(esp_urp *u, const esp_cover *f);

/* Two halves of variable `var` as cubes that are full in all other variables: half of the parts
 * that some row lacks to the left, the rest of them to the right, and with them those parts of
 * `space` that no row lacks. Parts of neither belong to nobody: outside the subspace at hand (rows
 * are full there, and would meet both halves). `space` NULL: parts that no row lacks are left out.
 * That is enough where only the worst part matters: the cover holds at such a part whatever it
 * holds at another. False: the right half is empty, the left one is all there is. */
bool esp_urp_halves(const esp_urp *u, uint32_t var, const uint64_t *space, uint64_t *left,
                    uint64_t *right);

/* Cofactor of f by a cube that is full in all variables but `var`: rows that meet it, with the
 * parts outside it filled in. `g` has room for f->count rows; g may be f itself. (By any cube:
 * cube/cofactor.h.) */
void esp_cofactor_var(const esp_shape *s, const esp_cover *f, uint32_t var, const uint64_t *half,
                      esp_cover *g);

/* Truth table of a row over at most 6 live variables: bit i = value at the point whose bit k is the
 * value of live[k]. The row's other variables are taken as full. */
uint64_t esp_row_table(const uint64_t *row, const uint32_t *live, uint32_t lives);

/* The same over at most 10: live[6] and up number the words, so that the table is `low` in every
 * word whose bit is set in the mask that is returned, and 0 in the others. Leaves of a recursion
 * have ESP_LEAF_VARS at most. */
enum { ESP_LEAF_VARS = 9, ESP_LEAF_WORDS = 8 };
uint32_t esp_row_tables(const uint64_t *row, const uint32_t *live, uint32_t lives, uint64_t *low);
static inline void esp_paint(uint64_t *table, uint64_t low, uint32_t words)
{
    for (; words; words &= words - 1) {
        table[esp_lowest(words)] |= low;
    }
}
/* Words of a table. */
static inline uint32_t esp_table_words(uint32_t lives)
{
    return lives <= 6 ? 1 : 1u << (lives - 6);
}
/* Look for points that no row of f holds by trying random ones; each that is found is added to
 * `cube`. Where the rows hold little of the space, a few say as much as a long recursion; after as
 * many tries without one as `misses`, when the cube is full or `enough` are found it ends. The same
 * tries for the same f, always. Returns how many were found. */
uint32_t esp_probe(esp_context *ctx, const esp_shape *s, const esp_cover *f, uint32_t enough,
                   uint32_t misses, uint64_t *point, uint64_t *cube);
/* Fewer rows are looked at directly. */
enum { ESP_PROBE_ROWS = 48 };

/* Live variables of the last survey (at most `room` are stored); returns their number. */
uint32_t esp_urp_live(const esp_urp *u, uint32_t *live, uint32_t room);
static inline uint64_t esp_table_mask(uint32_t lives)
{
    return lives >= 6 ? ~UINT64_C(0) : (UINT64_C(1) << (1u << lives)) - 1;
}
/* Table of the variable k itself: points where it is 1. */
extern const uint64_t esp_table_var[6];

#endif
