/* Random functions for the tests of the minimiser, each with the oracle's table of what it asks. */
#ifndef TEST_MINIMIZE_SAMPLE_H
#define TEST_MINIMIZE_SAMPLE_H

#include "minimize/steps.h"
#include "oracle.h"
#include "test.h"

/* Which sets a function has. */
typedef enum sample_sets {
    SAMPLE_F,
    SAMPLE_FD,
    SAMPLE_FR,
    SAMPLE_DR,
    SAMPLE_R,
    SAMPLE_FDR,
    SAMPLE_SETS, /* how many there are */
} sample_sets;

enum { SAMPLE_CUBES = 4096 };

/* What functions are wanted. */
typedef struct sample_plan {
    uint32_t inputs;  /* at most so many binary inputs that matter, */
    uint32_t outputs; /* outputs, at least one, */
    uint32_t multi;   /* multiple-valued inputs, */
    uint32_t idle;    /* and binary inputs that do not matter */
    uint32_t cells;   /* points × outputs; 0 = ORACLE_CELLS */
} sample_plan;

typedef struct sample {
    esp_context ctx; /* holds the shape and the covers */
    oracle o;
    esp_function f;
    sample_sets sets;
    uint64_t random; /* for what a test does with it */
    bool tight; /* where DC and OFF are given, each point is in one of the sets and in no other */
    uint8_t *want; /* [cells] ORACLE_MUST, … */
} sample;

/* How many functions to try: so many times `count` as the harness asks for. Where tests are
 * emulated as a rule a quarter, because what they look for there is another machine and not another
 * function. */
#if defined __x86_64__ && !defined _WIN32
enum { SAMPLE_SHARE = 1 };
#else
enum { SAMPLE_SHARE = 4 };
#endif
static inline uint32_t sample_count(uint32_t count)
{
    return (count + SAMPLE_SHARE - 1) / SAMPLE_SHARE * esp_test_times;
}

/* The function number `seed`; the case of the failures to come is named after it. `sets` may be
 * SAMPLE_SETS: any. */
void sample_create(sample *x, const sample_plan *plan, sample_sets sets, uint64_t seed);
void sample_free(sample *x);

/* A random cube, never empty; `free` of 4 inputs are whole. */
void sample_cube(sample *x, uint32_t free, uint64_t *row);
/* `count` random cubes in memory of the sample. */
esp_cover sample_cover(sample *x, uint32_t count);

/* F, D and R of the function for the steps: F a correct cover, R all of what F must not hold. */
typedef struct sample_parts {
    esp_cover f, d, r;
} sample_parts;
sample_parts sample_split(sample *x);

/* A copy in the arena of `ctx`. */
esp_cover sample_copy(esp_context *ctx, const esp_shape *s, const esp_cover *f);

#endif
