/* What the minimiser offers to the operations of a job: functions over covers, nothing about bytes
 * or threads.
 *
 * All of them work on the context's arena and its limits; covers they return live there. They
 * return ESP_OK or record an error (esp_fail) and return its kind. A run that a limit ended but
 * that has an answer returns ESP_OK with ctx->stop set.
 */
#ifndef ESP_MINIMIZE_H
#define ESP_MINIMIZE_H

#include "cube/cover.h"
#include "exact/certificate.h"

typedef enum esp_effort {
    ESP_EFFORT_FAST = 0,
    ESP_EFFORT_DEFAULT = 1,
    ESP_EFFORT_HIGH = 2
} esp_effort;

typedef struct esp_options {
    esp_effort effort;
    bool verify;
    bool exact;
    bool certify;       /* with exact: a certificate as well */
    bool fewest;        /* with exact: the fewest literals of all minimum covers */
    uint32_t max_cubes; /* 0 = no limit */
} esp_options;

typedef struct esp_outcome {
    bool verified;
    bool optimal;
    bool fewest; /* and no cover of as few cubes has fewer literals */
    uint32_t lower_bound;
    uint32_t rounds;
    uint32_t essential;
    uint32_t primes;
    uint32_t off_cubes;
    esp_bytes certificate; /* length 0: none; in the arena */
} esp_outcome;

/* Derive what the function leaves out (docs/pla.md): afterwards has_on and has_dc hold; has_off
 * only when it was given. ON absent: complement of DC and OFF. DC absent and OFF given: DC is left
 * empty and `dc_implied` semantics hold: what neither ON nor OFF covers is don't-care. Overlapping
 * ON and OFF is not found here (the reader of `fr` does). */

/* Minimise: `result` is a cover of ON over DC. The function may have ON, ON+DC, ON+OFF (then DC is
 * what neither covers), DC+OFF, OFF, or all three. */
esp_status esp_minimize(esp_context *ctx, const esp_function *f, const esp_options *options,
                        esp_cover *result, esp_outcome *outcome);

/* single.c: the same for each output by itself: no cube has two. `turned` (NULL: never), one byte
 * an output: 1 where the cubes are those of the output's complement, because they are fewer. */
esp_status esp_minimize_single(esp_context *ctx, const esp_function *f, const esp_options *options,
                               uint8_t *turned, esp_cover *result, esp_outcome *outcome);

/* OFF of the function: the given one, else the complement of ON ∪ DC, without cubes another one
 * contains. */
esp_status esp_off_set(esp_context *ctx, const esp_function *f, esp_cover *off);
/* DC of the function: the given one, else, where OFF is given, the complement of ON ∪ OFF, else
 * empty. */
esp_status esp_dc_set(esp_context *ctx, const esp_function *f, esp_cover *dc);
/* ON of the function: the given one, else the complement of what is given. */
esp_status esp_on_set(esp_context *ctx, const esp_function *f, esp_cover *on);

/* Every prime of ON ∪ DC, however many. ESP_UNSUPPORTED for functions with inputs of several
 * values. */
esp_status esp_primes(esp_context *ctx, const esp_function *f, esp_cover *primes);

/* The essential primes of the function: those that hold a care point which no other prime holds. */
esp_status esp_essential_primes(esp_context *ctx, const esp_function *f, esp_cover *essential);

/* All minimum covers of primes, `most` of them at the most. */
typedef struct esp_minima {
    esp_cover cubes;  /* of one cover after the other */
    uint32_t minimum; /* cubes of each */
    uint32_t count;
    bool all; /* there are no more */
} esp_minima;
esp_status esp_find_minima(esp_context *ctx, const esp_function *f, uint32_t most,
                           esp_minima *minima);

/* Does ON ∪ DC cover every point? */
esp_status esp_is_tautology(esp_context *ctx, const esp_function *f, bool *answer);

/* Do the two functions agree wherever both care? *answer, and the first output that differs
 * (0-based) if not. */
esp_status esp_equivalent(esp_context *ctx, const esp_function *a, const esp_function *b,
                          bool *answer, uint32_t *output);

/* For each cube of ON: flags (RST_CUBE_…) and a point (a row of `points`, all zero when there is
 * none) that neither another cube nor DC covers. */
esp_status esp_explain(esp_context *ctx, const esp_function *f, uint32_t *flags, esp_cover *points);

#endif
