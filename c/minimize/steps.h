/* The steps of the minimiser, one file each; read espresso.c for how they play together.
 *
 * F is the ON cover, D the don't-care cover, R the off-set. All live in the context's arena and
 * have one shape. A step that returns bool returns false when the run must stop (ctx->stop says
 * why); what is then left behind is said at each. Scratch memory is released before a step returns.
 */
#ifndef ESP_STEPS_H
#define ESP_STEPS_H

#include "exact/certificate.h"
#include "minimize/minimize.h"
#include "minimize/urp.h"

/* tautology.c: does the cover (already cofactored, destroyed) hold every point? `*answer` is valid
 * on true. */
bool esp_tautology(esp_context *ctx, const esp_shape *s, esp_cover *f, bool *answer);
/* Is cube c covered by the covers together? `skip` is a cube index of the first cover to leave out,
 * or -1; rows of the first cover whose `off` byte is set are left out too (off may be NULL). */
bool esp_covered(esp_context *ctx, const esp_shape *s, const uint64_t *c,
                 const esp_cover *const *covers, uint32_t cover_count, int64_t skip,
                 const uint8_t *off, bool *answer);

/* complement.c: the complement of f (not destroyed). Gives up with *too_big when the result would
 * have more than `most` cubes or the recursion more than `work` units; `out` is then empty. */
bool esp_complement(esp_context *ctx, const esp_shape *s, const esp_cover *f, uint32_t most,
                    uint64_t work, esp_cover *out, bool *too_big);

/* supercube.c: the smallest cube that holds the complement of f (already cofactored, destroyed);
 * all zero when f is a tautology. */
bool esp_complement_supercube(esp_context *ctx, const esp_shape *s, esp_cover *f, uint64_t *cube);

/* blocking.c: R by columns, made once for an unchanging R; used by everything that expands. */
typedef struct esp_blocking esp_blocking;
esp_blocking *esp_blocking_create(esp_context *ctx, const esp_shape *s, const esp_cover *r);

/* expand.c: makes every cube of F prime against R and drops the cubes that others swallow. `prime`,
 * one byte a cube with room for F's cubes, says which are prime on entry; all are on return. On a
 * stop F is still a correct cover. `inputs_only`: output parts stay as they are (sparse.c). */
bool esp_expand(esp_context *ctx, const esp_shape *s, const esp_blocking *r, esp_cover *f,
                uint8_t *prime, bool inputs_only);
/* For each other target that fits: a prime that holds target `self` and that one; appends to
 * `found`. */
bool esp_expand_towards(esp_context *ctx, const esp_shape *s, const esp_blocking *r,
                        const esp_cover *targets, uint32_t self, esp_cover *found);
/* expand_all.c: primes that hold cube c, at most `most`; appends to `found`. */
bool esp_expand_all(esp_context *ctx, const esp_shape *s, const esp_blocking *r, const uint64_t *c,
                    uint32_t most, esp_cover *found);

/* expand_without_off.c: expand without an off-set: a part is raised when F ∪ D covers the larger
 * cube. */
bool esp_expand_without_off(esp_context *ctx, const esp_shape *s, esp_cover *f, const esp_cover *d);

/* essential.c: moves the essential primes of F (all of whose cubes are prime) to `essential`.
 * `others_cover` (NULL: not known), one byte a cube: not 0 where it cannot be essential, because
 * other primes cover it. */
bool esp_essential(esp_context *ctx, const esp_shape *s, esp_cover *f, const esp_cover *d,
                   const uint8_t *others_cover, esp_cover *essential);

/* Is prime `index` of F essential? The other cubes need not be prime, but F ∪ D must be the whole
 * function. */
bool esp_is_essential(esp_context *ctx, const esp_shape *s, const esp_cover *f, uint32_t index,
                      const esp_cover *d, bool *essential);

/* irredundant.c: leaves a minimal subset of F that still covers F's points. On a stop F is
 * unchanged. `others_cover` (NULL: not wanted), one byte a cube: on entry not 0 where the other
 * cubes are known to cover it; on return, for the cubes left, whether those of F did. */
bool esp_irredundant(esp_context *ctx, const esp_shape *s, esp_cover *f, const esp_cover *d,
                     uint8_t *others_cover);

/* reduce.c: makes every cube of F as small as the others allow, one after the other; cubes that
 * stay as they were keep their `prime` byte, the others lose it. On a stop F is correct. */
bool esp_reduce(esp_context *ctx, const esp_shape *s, esp_cover *f, const esp_cover *d,
                uint8_t *prime);
/* Each cube as small as it could be were all others left as they are; not a cover. Cube i of
 * `small` belongs to cube i of F; an all-zero row means that the others cover cube i whole. */
bool esp_reduce_each(esp_context *ctx, const esp_shape *s, const esp_cover *f, const esp_cover *d,
                     esp_cover *small);

/* last_gasp.c, super_gasp.c: a last attempt to get out of a local minimum; F only ever improves. */
bool esp_last_gasp(esp_context *ctx, const esp_shape *s, const esp_blocking *r, esp_cover *f,
                   const esp_cover *d);
bool esp_super_gasp(esp_context *ctx, const esp_shape *s, const esp_blocking *r, uint32_t primes,
                    esp_cover *f, const esp_cover *d);

/* sparse.c: fewer output parts, then (with R) fewer input literals, at the same number of cubes.
 * `settled`: F is irredundant and all its cubes are prime. */
bool esp_make_sparse(esp_context *ctx, const esp_shape *s, const esp_blocking *r, bool settled,
                     esp_cover *f, const esp_cover *d);
/* sparse_tables.c: the same for functions that fit: `given` is an ON cover of the function, r its
 * off-set, or NULL when that is the complement of given ∪ d. */
enum { ESP_SPARSE_INPUTS = 10 };
bool esp_sparse_fits(const esp_shape *s);
bool esp_make_sparse_on_tables(esp_context *ctx, const esp_shape *s, const esp_cover *given,
                               const esp_cover *d, const esp_cover *r, esp_cover *f);

/* A point of each cube of F from `first` on, all of them essential primes, that no other prime
 * holds; appends to `points`. F ∪ D is the whole function. */
bool esp_essential_points(esp_context *ctx, const esp_shape *s, const esp_cover *f, uint32_t first,
                          const esp_cover *d, esp_cover *points);

/* independent.c: how many points, no two in one implicant, lie in F and outside `rest` (the
 * don't-cares and the essential primes): F needs at least as many cubes. F is irredundant against
 * rest; at most about `work` units are spent, 0 is then the count. `witnesses` (NULL: not wanted)
 * gets them appended. */
bool esp_independent_points(esp_context *ctx, const esp_shape *s, const esp_blocking *r,
                            const esp_cover *f, const esp_cover *rest, uint64_t work,
                            uint32_t *count, esp_cover *witnesses);

/* espresso.c: the loop. On a stop f is the best cover so far. */
typedef struct esp_loop_options {
    uint32_t gasp_primes; /* SUPER_GASP with so many primes a cube; 0: LAST_GASP */
    bool unwrapped;       /* with a second beginning */
    bool brief;           /* one gasp; rounds only while cubes fall away */
} esp_loop_options;

/* One cube for each output part of each cube; those inside a cube of `without` (NULL: none) are
 * left out. */
bool esp_unwrap(esp_context *ctx, const esp_shape *s, const esp_cover *f, const esp_cover *without,
                esp_cover *out);

/* `r` NULL: no off-set could be had. */
bool esp_espresso(esp_context *ctx, const esp_shape *s, esp_cover *f, const esp_cover *d,
                  const esp_blocking *r, esp_loop_options options, esp_outcome *outcome);

/* search.c: the whole pipeline. `off`: the off-set when the job gave one, else NULL; it is then
 * computed when a stage first needs it. On a stop f is the best cover so far. `witnesses` (NULL:
 * not wanted): the points that showed the loop's bound, no two in one implicant, where the loop
 * ran. */
bool esp_search(esp_context *ctx, const esp_shape *s, esp_cover *f, const esp_cover *d,
                const esp_cover *off, esp_effort effort, esp_cover *witnesses,
                esp_outcome *outcome);

/* exact.c: a cover of the fewest cubes, with a certificate of that where one is wanted (NULL: not),
 * and with `fewest`, where all primes can be listed, of the fewest literals. `off` as above. On a
 * stop f is the best cover so far, and there is no certificate. */
bool esp_minimize_exactly(esp_context *ctx, const esp_shape *s, esp_cover *f, const esp_cover *d,
                          const esp_cover *off, bool fewest, esp_outcome *outcome,
                          esp_bytes *certificate);

/* unate.c: is the cover unate in every variable, of one output, without don't-cares? Then its cubes
 * without those inside another are the one minimum cover. */
bool esp_is_unate(const esp_shape *s, const esp_cover *f, const esp_cover *d);
/* The certificate that such a cover is minimum; none (length 0) beyond some hundred cubes. */
bool esp_certify_unate(esp_context *ctx, const esp_shape *s, const esp_cover *f,
                       esp_bytes *certificate);

/* uncovered.c: a point of cube c that none of the covers holds (`skip`: a cube of the first cover
 * to leave out, or -1). *found = false: c is covered. Written apart from tautology.c, and shares
 * nothing with it, because the answer of the steps is checked with it. */
bool esp_find_uncovered(esp_context *ctx, const esp_shape *s, const uint64_t *c,
                        const esp_cover *const *covers, uint32_t cover_count, int64_t skip,
                        uint64_t *point, bool *found);

/* verify.c: is `result` a cover of the function? Shares nothing with the steps above. *answer is
 * valid on true; false: the run was stopped, nothing is known. */
bool esp_verify(esp_context *ctx, const esp_function *f, const esp_cover *result, bool *answer);
/* The same for a function of at most 8 inputs given as tables: one field of 2^inputs bits an
 * output, of whose points the first input is the highest digit. `set` is scratch of as many words.
 */
bool esp_verify_table(const esp_shape *s, const esp_cover *result, const uint64_t *on,
                      const uint64_t *dc, uint32_t words, uint64_t *set);

#endif
