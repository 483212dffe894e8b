/* What the stages of exact minimisation share (exact.c, by_points.c). */
#ifndef ESP_EXACT_H
#define ESP_EXACT_H

#include "exact/certificate.h"
#include "exact/primes.h"
#include "exact/solve.h"
#include "minimize/steps.h"

enum { ESP_PROOF_WORDS = 1 << 25 };

typedef struct esp_exact {
    esp_context *ctx;
    const esp_shape *s;
    esp_cover *f;
    esp_cover given; /* F as it was */
    const esp_cover *d;
    const esp_cover *off;
    esp_cover own_off;   /* when the job gave none */
    esp_cover care;      /* ON outside DC */
    esp_cover witnesses; /* care points that show the heuristic's bound, if any */
    esp_outcome *outcome;
    esp_bytes *certificate;
    bool fewest; /* literals, too */
} esp_exact;

/* One covering problem: what its columns and rows are, and its answer. */
typedef struct esp_cover_problem {
    esp_cover columns;
    esp_cover points;
    bool by_primes; /* the columns are all primes */
    esp_table table;
    esp_solution solution;
    esp_proof proof;
} esp_cover_problem;

/* exact.c: the off-set and the care set; *made = false: the off-set is too large to be had. */
bool esp_exact_derive(esp_exact *x, bool *made);
/* The primes; *made = false: they are too many for the bounds. */
bool esp_exact_list(esp_exact *x, esp_prime_bounds bounds, esp_cover *primes, bool *made);

/* minima.c: F, whose number of cubes is minimum, becomes one of as many cubes with the fewest
 * literals; `primes` are all of them. outcome->fewest: it is known that there are no fewer. */
bool esp_exact_fewest(esp_exact *x, const esp_cover *primes);

/* by_points.c: bounds from points that are added until they are enough, without any prime. *done:
 * F is minimum, and `p` is a covering problem that shows it. Uses about `work` units at most;
 * outcome->lower_bound rises in any case. */
bool esp_exact_by_points(esp_exact *x, uint64_t work, esp_cover_problem *p, bool *done);

#endif
