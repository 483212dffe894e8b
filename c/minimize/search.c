/* SEARCH: the pipeline around the loop. Every stage starts from the best cover so far and can only
 * improve it; a limit may end the run after any of them, and inside.
 *
 *   few       functions of up to 8 inputs that fit a truth table (dense/): primes and covering
 *             problem there; done if that is proven minimum, and for `fast` in any case
 *   fast      functions of up to 8 inputs, 4,096 points of all outputs and few primes: those and
 *             the covering problem, with little effort; else the loop, from the better of two
 *             beginnings and briefly: what it finds late costs as much as all before
 *   default   functions of few inputs: all primes, the minimal rows of their covering table, the
 *             covering problem; others: the loop first. When independent points prove its cover
 *             minimum, or within a hundredth of it, that is all; else the same as for few inputs if
 *             the primes can be listed for a few times the work of the loop; where they cannot: the
 *             loop from the second start, and one choice among the primes of both
 *   high      the same with a hundred times the work, the loop always, and eight more starts, which
 *             differ in the order of EXPAND
 *   all       MAKE_SPARSE last
 *
 * The second start is the cover with one cube for each output ("unwrapped"), which lets EXPAND
 * decide afresh what to share; the two end in different minima, and their primes together usually
 * hold a better cover than either.
 *
 * Invariant: `f` is a correct cover at every moment and never gets worse (cubes, then literals).
 *
 * Reference: prime covering after Quine and McCluskey, with rows as in McGeer et al., DAC 1993; the
 * loop: espresso.c.
 */
#include "dense/dense.h"
#include "exact/primes.h"
#include "exact/rows.h"
#include "minimize/steps.h"

/* The off-set is worth having only while it is of a sane size. */
enum { OFF_CUBES = 200000, OFF_WORK = 1000000000 };

/* What each effort may spend on the primes, in units of work, beyond a share of what the loop took.
 */
typedef struct allowance {
    uint32_t few;     /* inputs up to which the primes come before the loop, */
    uint32_t points;  /* and points of all outputs together */
    uint32_t primes;  /* listed at most */
    uint64_t bytes;   /* of the prime table */
    uint64_t first;   /* units for listing when it comes before the loop */
    uint64_t listing; /* units for listing after it, plus loop_share times the loop's */
    uint64_t loop_share;
    uint64_t base;     /* units for the covering problem, whatever its table */
    uint64_t covering; /* beside that, an entry of the table */
    uint64_t growth;   /* and for each million of entries so many more an entry */
    uint64_t most;     /* in all */
    uint32_t starts;   /* further runs of the loop where the primes cannot be listed */
} allowance;

static const allowance allowances[3] = {
    {8, 4096, 3000, 1 << 20, 100000, 0, 0, 0, 150, 1875, 1000000000, 0},
    {10, UINT32_MAX, 50000, 16 << 20, 1500000, 300000, 4, 1000000, 300, 18750, UINT64_C(4000000000),
     1},
    {0, UINT32_MAX, 200000, 512 << 20, 0, UINT64_C(20000000000), 20, 0, 250000, 3125000,
     UINT64_C(56000000000), 8},
};
enum { PROOF_WORK = 300000 };

/* Primes a cube for SUPER_GASP. At `fast` the first few: over the classic functions the other 192
 * save two cubes of 12,600. */
enum { GASP_PRIMES = 200, GASP_PRIMES_BRIEF = 8 };
#define SEED_STEP UINT64_C(0x100000001b3) /* far from the seeds that people choose */

typedef struct pipeline {
    esp_context *ctx;
    const esp_shape *s;
    esp_cover *f;
    const esp_cover *given; /* F as it was */
    const esp_cover *d;
    const esp_cover *r; /* NULL: not asked for yet, or not to be had */
    const esp_blocking *blocking;
    esp_cover off;  /* r when it was computed here */
    bool asked;     /* for R */
    bool off_given; /* by the job: it need not be the complement of ON ∪ DC */
    bool settled;   /* f is irredundant and all its cubes are prime: the loop left it so */
    const allowance *may;
    esp_cover *witnesses; /* NULL: not wanted */
    esp_outcome *outcome;
} pipeline;

static bool cheaper(esp_cost a, esp_cost b)
{
    return a.cubes != b.cubes ? a.cubes < b.cubes : a.in + a.out < b.in + b.out;
}

/* No cover has fewer than `bound` cubes. */
static void set_bound(pipeline *p, uint32_t bound)
{
    esp_outcome *o = p->outcome;
    o->lower_bound = bound > o->lower_bound ? bound : o->lower_bound;
    o->optimal = o->lower_bound == p->f->count;
    esp_report_bound(p->ctx, o->lower_bound);
}

/* f becomes g when g is cheaper. */
static bool take_if_cheaper(pipeline *p, const esp_cover *g)
{
    if (!cheaper(esp_cover_cost(p->s, g), esp_cover_cost(p->s, p->f))) {
        return false;
    }
    if (!esp_cover_reserve(p->ctx, p->s, p->f, g->count)) {
        return false;
    }
    p->f->count = 0;
    return esp_cover_append(p->ctx, p->s, p->f, g);
}

/* from ∪ d */
static bool join(pipeline *p, const esp_cover *from, const esp_cover *d, esp_cover *both)
{
    return esp_cover_create(p->ctx, p->s, from->count + d->count, both) &&
           esp_cover_append(p->ctx, p->s, both, from) && esp_cover_append(p->ctx, p->s, both, d);
}

/* R and its columns, made when first asked for. False: the run must stop. No R to be had is not a
 * failure: loop and sparse then go without. */
static bool need_off(pipeline *p)
{
    esp_context *ctx = p->ctx;
    if (p->asked) {
        return true;
    }
    p->asked = true;
    if (!p->r) {
        esp_cover on_dc;
        bool too_big;
        esp_report(ctx, ESP_STEP_COMPLEMENT, p->f->count);
        if (!join(p, p->given, p->d, &on_dc)) {
            return false;
        }
        if (!esp_complement(ctx, p->s, &on_dc, OFF_CUBES, OFF_WORK, &p->off, &too_big)) {
            return !esp_stopped(ctx);
        }
        p->r = &p->off;
    }
    p->outcome->off_cubes = p->r->count;
    p->blocking = esp_blocking_create(ctx, p->s, p->r);
    return p->blocking != NULL;
}

/* f becomes `part` with the essential primes when that is cheaper. */
static bool take_with(pipeline *p, const esp_cover *part, const esp_cover *essential)
{
    esp_cover whole;
    if (!join(p, part, essential, &whole)) {
        return false;
    }
    (void)take_if_cheaper(p, &whole);
    return true;
}

/* The loop again, from the unwrapped cover and then, as often as the effort allows, from either
 * beginning with other seeds; then from the primes of all runs at once. The essential primes, which
 * every run would find again, are left out of it. */
static bool more_starts(pipeline *p, const esp_cover *given)
{
    esp_context *ctx = p->ctx;
    const esp_shape *s = p->s;
    const esp_loop_options gasping = {.gasp_primes = GASP_PRIMES};
    const uint64_t seed = ctx->seed;
    const uint32_t essentials = p->outcome->essential; /* the last ones of f */
    esp_cover others = {p->f->data, p->f->count - essentials, 0};
    esp_cover last = {esp_cube(p->f, s, others.count), essentials, 0};
    esp_cover essential;
    esp_cover d;
    esp_cover pool;
    if (!esp_cover_copy(ctx, s, &last, &essential) || !esp_cover_copy(ctx, s, &others, &pool) ||
        !join(p, p->d, &essential, &d)) {
        return false;
    }
    bool going = true;
    for (uint32_t k = 0; going && k < p->may->starts; k++) {
        esp_cover other;
        going = k % 2 ? esp_cover_copy(ctx, s, given, &other)
                      : esp_unwrap(ctx, s, given, &essential, &other);
        if (going) {
            ctx->seed = seed + k * SEED_STEP;
            going = esp_espresso(ctx, s, &other, &d, p->blocking, gasping, p->outcome);
            ctx->seed = seed;
            /* Also when the run was stopped: it is a cover. */
            going = take_with(p, &other, &essential) && going &&
                    esp_cover_append(ctx, s, &pool, &other);
        }
    }
    going = going && esp_espresso(ctx, s, &pool, &d, p->blocking, gasping, p->outcome) &&
            take_with(p, &pool, &essential);
    p->outcome->essential = essentials;
    return going;
}

/* A cover of ON outside DC, what must be covered: the complement of (complement of ON) ∪ DC. Where
 * R is the complement of ON ∪ DC itself, it does for the inner one. */
static bool care_set(pipeline *p, const esp_cover *on, uint64_t listing, esp_cover *care,
                     bool *made)
{
    esp_cover rest;
    esp_cover outside;
    bool too_big;
    *made = true;
    if (!p->d->count) {
        *care = *on;
        return true;
    }
    *made = false;
    if (p->off_given) {
        if (!esp_complement(p->ctx, p->s, on, OFF_CUBES, listing, &outside, &too_big)) {
            return !esp_stopped(p->ctx);
        }
    } else if (!need_off(p)) {
        return false;
    } else if (!p->r) {
        return true;
    } else {
        outside = *p->r;
    }
    *made = join(p, &outside, p->d, &rest) &&
            esp_complement(p->ctx, p->s, &rest, OFF_CUBES, listing, care, &too_big);
    return *made || !esp_stopped(p->ctx);
}

/* The fewest primes that cover every row; f becomes them when that is cheaper. */
static bool cover_by_primes(pipeline *p, const esp_cover *primes, const esp_table *table)
{
    esp_context *ctx = p->ctx;
    const esp_shape *s = p->s;
    uint32_t *weight = esp_alloc_array(ctx, primes->count + 1, sizeof *weight);
    uint8_t *chosen = esp_alloc_array(ctx, primes->count + 1, 1);
    uint8_t *essential = esp_alloc_zero(ctx, primes->count + 1, 1);
    esp_cover best;
    uint32_t bound;
    if (!weight || !chosen || !essential || !esp_cover_create(ctx, s, primes->count + 1, &best)) {
        return false;
    }
    for (uint32_t j = 0; j < primes->count; j++) {
        /* Literals first; of two with as many, the one with more outputs, which MAKE_SPARSE can
         * lower again. */
        const uint64_t *c = esp_cube(primes, s, j);
        uint32_t missing = s->outputs - esp_var_count(esp_output_var(s), c);
        weight[j] = (s->parts - esp_cube_parts(s, c) - missing) * 16 + missing;
    }
    esp_report(ctx, ESP_STEP_COVERING, p->f->count);
    uint64_t entries = table->start[table->rows];
    uint64_t an_entry = p->may->covering + p->may->growth * entries / 1000000;
    uint64_t effort = p->may->base + an_entry * entries;
    effort = effort < p->may->most ? effort : p->may->most;
    bool going = esp_cover_rows(ctx, table, weight, effort, chosen, &bound);
    if (!going) {
        return false;
    }
    for (uint32_t j = 0; j < primes->count; j++) {
        if (chosen[j]) {
            (void)esp_cover_push_cube(ctx, s, &best, esp_cube(primes, s, j));
        }
    }
    (void)take_if_cheaper(p, &best);
    p->outcome->primes = primes->count;
    set_bound(p, bound);
    p->outcome->essential = 0;
    for (uint32_t i = 0; i < table->rows; i++) {
        if (table->start[i + 1] - table->start[i] == 1) {
            uint8_t *is = &essential[table->entry[table->start[i]]];
            p->outcome->essential += !*is;
            *is = 1;
        }
    }
    return !esp_stopped(ctx);
}

/* Primes, rows, covering; *done: the table could be made and was solved as far as the effort goes.
 */
static bool by_primes(pipeline *p, const esp_cover *on, uint64_t listing, bool *done)
{
    esp_context *ctx = p->ctx;
    const esp_shape *s = p->s;
    *done = false;
    esp_prime_bounds bounds = {p->may->primes, listing, p->may->bytes};
    esp_cover on_dc;
    esp_cover primes;
    esp_cover care;
    esp_table table;
    bool made;
    esp_report(ctx, ESP_STEP_PRIMES, p->f->count);
    if (s->wides != 1 || !esp_cover_create(ctx, s, on->count + p->d->count, &on_dc) ||
        !esp_cover_append(ctx, s, &on_dc, on) || !esp_cover_append(ctx, s, &on_dc, p->d)) {
        return !esp_stopped(ctx);
    }
    if (!esp_list_primes(ctx, s, &on_dc, bounds, &primes, &made)) {
        return false;
    }
    if (!made) {
        return true;
    }
    if (!care_set(p, on, listing, &care, &made) || !made ||
        !esp_minimal_rows(ctx, s, &primes, &care, 2 * listing, &table, NULL, &made) || !made) {
        return !esp_stopped(ctx);
    }
    *done = true;
    return cover_by_primes(p, &primes, &table);
}

/* Is the loop's cover minimum already? Its essential primes, which it leaves last, and independent
 * points outside them are a lower bound. At most `work` units. */
static bool prove(pipeline *p, uint64_t work, bool *proven)
{
    esp_context *ctx = p->ctx;
    esp_cover others = *p->f;
    esp_cover rest;
    uint32_t points = 0;
    others.count -= p->outcome->essential;
    if (others.count) {
        esp_cover essential = {esp_cube(p->f, p->s, others.count), p->outcome->essential, 0};
        if (!join(p, &essential, p->d, &rest) ||
            !esp_independent_points(ctx, p->s, p->blocking, &others, &rest, work, &points,
                                    p->witnesses)) {
            return false;
        }
    }
    if (p->witnesses && !esp_essential_points(ctx, p->s, p->f, others.count, p->d, p->witnesses)) {
        return false;
    }
    set_bound(p, p->outcome->essential + points);
    *proven = p->outcome->optimal;
    return true;
}

/* Primes and covering on truth tables, for functions that fit them. *done: the minimum, or as far
 * as `fast` goes; one function in a hundred or fewer is left to the lists, whose search ends in
 * other covers. */
static bool by_table(pipeline *p, const esp_cover *on, bool *done)
{
    esp_context *ctx = p->ctx;
    const esp_shape *s = p->s;
    esp_mark mark = esp_mark_top(ctx);
    esp_dense *dense = esp_dense_create(ctx);
    esp_dense_cover *cover = esp_alloc(ctx, sizeof *cover);
    esp_table_bits care;
    esp_table_bits dc;
    *done = false;
    if (!dense || !cover) {
        return false;
    }
    esp_report(ctx, ESP_STEP_PRIMES, p->f->count);
    esp_dense_paint(s, on, &care);
    esp_dense_paint(s, p->d, &dc);
    for (uint32_t w = 0; w < ESP_DENSE_WORDS; w++) {
        care.word[w] &= ~dc.word[w];
    }
    bool going = esp_dense_minimize(ctx, dense, s->inputs, s->outputs, &care, &dc, p->may->covering,
                                    cover, done);
    esp_cover best;
    if (!going || !*done || !esp_cover_create(ctx, s, cover->cubes + 1, &best)) {
        esp_release(ctx, mark);
        return going && !esp_stopped(ctx);
    }
    for (uint32_t i = 0; i < cover->cubes; i++) {
        esp_dense_put(s, cover->cube[i], esp_cube(&best, s, i));
    }
    best.count = cover->cubes;
    (void)take_if_cheaper(p, &best);
    p->outcome->primes = cover->primes;
    p->outcome->essential = cover->essential;
    set_bound(p, cover->lower_bound);
    *done = p->outcome->optimal || !p->may->listing;
    return !esp_stopped(ctx);
}

static bool stages(pipeline *p, const esp_cover *given)
{
    bool done = false;
    bool small = p->s->wides == 1 && esp_dense_fits(p->s->inputs, p->s->outputs);
    if (small && (!by_table(p, given, &done) || done)) {
        return done;
    }
    bool few = p->s->inputs <= p->may->few && p->s->outputs <= p->may->points >> p->s->inputs;
    if (few && !by_primes(p, given, p->may->first, &done)) {
        return false;
    }
    if (done) {
        return true;
    }
    uint64_t before = p->ctx->work;
    bool only_loop = !p->may->listing;
    /* Where the primes may be listed afterwards, SUPER_GASP would be for nothing. */
    esp_loop_options options = {.gasp_primes = only_loop ? GASP_PRIMES_BRIEF : 0,
                                .unwrapped = only_loop,
                                .brief = only_loop};
    if (!need_off(p) || !esp_espresso(p->ctx, p->s, p->f, p->d, p->blocking, options, p->outcome)) {
        return false;
    }
    if (!p->may->listing || p->f->count < 2) {
        p->settled = p->blocking != NULL;
        return true;
    }
    uint64_t loop = p->ctx->work - before;
    if (p->blocking && !prove(p, PROOF_WORK + loop, &done)) {
        return false;
    }
    /* At default effort a cover proven to be within a hundredth of the minimum will do. */
    bool near = p->f->count - p->outcome->lower_bound <= p->f->count / 100;
    if (done || (near && p->may == &allowances[ESP_EFFORT_DEFAULT])) {
        return true;
    }
    uint64_t listing = p->may->listing + p->may->loop_share * loop;
    if (!by_primes(p, given, listing, &done)) {
        return false;
    }
    return done || !p->blocking || more_starts(p, given);
}

bool esp_search(esp_context *ctx, const esp_shape *s, esp_cover *f, const esp_cover *d,
                const esp_cover *off, esp_effort effort, esp_cover *witnesses, esp_outcome *outcome)
{
    esp_cover given;
    pipeline p = {.ctx = ctx, .s = s, .f = f, .given = &given, .d = d, .r = off};
    p.off_given = off != NULL;
    p.witnesses = witnesses;
    p.outcome = outcome;
    p.may = &allowances[effort];
    if (!esp_cover_copy(ctx, s, f, &given) || !stages(&p, &given)) {
        return false;
    }
    if (s->outputs == 1 && outcome->primes) {
        return true; /* primes of one output: nothing to lower, nothing to raise */
    }
    esp_report(ctx, ESP_STEP_SPARSE, f->count);
    if (esp_sparse_fits(s)) {
        return esp_make_sparse_on_tables(ctx, s, &given, d, off, f);
    }
    return need_off(&p) && esp_make_sparse(ctx, s, p.blocking, p.settled, f, d);
}
