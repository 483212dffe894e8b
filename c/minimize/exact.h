/* What the stages of exact minimisation share (exact.c, by_points.c). */
#ifndef ESP_EXACT_H
#define ESP_EXACT_H

#include "exact/certificate.h"
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
    esp_cover own_off; /* when the job gave none */
    esp_cover care;    /* ON outside DC */
    esp_outcome *outcome;
    esp_bytes *certificate;
} esp_exact;

/* One covering problem: what its columns and rows are, and its answer. */
typedef struct esp_cover_problem {
    esp_cover columns;
    esp_cover points;
    esp_table table;
    esp_solution solution;
    esp_proof proof;
} esp_cover_problem;

/* by_points.c: bounds from points that are added until they are enough, without any prime. *done:
 * F is minimum, and `p` is a covering problem that shows it. Uses about `work` units at most;
 * outcome->lower_bound rises in any case. */
bool esp_exact_by_points(esp_exact *x, uint64_t work, esp_cover_problem *p, bool *done);

#endif
