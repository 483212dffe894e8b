/* ESPRESSO: the loop.
 *
 *     F ← EXPAND(F, R)                               every cube prime
 *     F ← IRREDUNDANT(F, D)                          none superfluous
 *     (F, E) ← ESSENTIAL(F, D);  D ← D ∪ E           those that stay whatever comes
 *     repeat
 *         repeat
 *             F ← REDUCE(F, D); F ← EXPAND(F, R); F ← IRREDUNDANT(F, D)
 *         until the cost does not fall
 *         F ← GASP(F, D, R)                          out of the local minimum
 *     until that does not help either
 *     F ← F ∪ E
 *
 * The cost is cubes, then literals. The best cover so far is kept aside, so that a limit may end
 * the run anywhere: every step leaves a correct cover or its input.
 *
 * A second beginning, the given cover with one cube for each output ("unwrapped"), lets EXPAND
 * decide afresh what to share. It is tried on request where the first leaves something to decide:
 * where fewer than two thirds of its primes are essential. Those stay, so only what they leave of
 * the second is looked at, and the loop goes on from the cheaper of the two. The primes of the
 * other wait: when the loop is stuck, IRREDUNDANT chooses among them and its own, once. A given
 * cover of which next to no cube fell away is one that somebody has made small already: where it
 * would be many times as large unwrapped, the second beginning would cost more than all the rest
 * and end where the first did.
 *
 * A brief loop is for those who have no time: a round that saves literals only is the last, and one
 * GASP, which finds most of what there is to be found, is all.
 *
 * GASP does not begin with the best cover where the last round ended in another one of as many
 * cubes: that is a step away from where the loop got stuck, for nothing.
 *
 * Without an off-set (its complement would explode) cubes are expanded by tautology, and the gasps,
 * which need R, are left out.
 *
 * Reference: Brayton et al. 1984, figure 4.1; Rudell and Sangiovanni-Vincentelli, "Multiple-valued
 * minimization for PLA optimization", IEEE TCAD 6 (1987).
 */
#include "cube/kernels.h"
#include "minimize/steps.h"

typedef struct loop {
    esp_context *ctx;
    const esp_shape *s;
    esp_cover f;     /* at hand, without the essential primes */
    esp_cover d;     /* don't-cares and essential primes */
    esp_cover best;  /* the best f so far */
    esp_cover other; /* primes of the beginning that was not taken */
    esp_cost best_cost;
    uint8_t *prime;        /* one byte a cube of f */
    uint8_t *others_cover; /* the same: found by IRREDUNDANT */
    const esp_blocking *r; /* NULL: no off-set */
    uint32_t essentials;   /* set aside, counted in what is reported */
    esp_loop_options options;
} loop;

static bool cheaper(esp_cost a, esp_cost b)
{
    if (a.cubes != b.cubes) {
        return a.cubes < b.cubes;
    }
    return a.in + a.out < b.in + b.out;
}

/* Keep f when it is the best so far. */
static bool keep_best(loop *l)
{
    esp_cost cost = esp_cover_cost(l->s, &l->f);
    if (!cheaper(cost, l->best_cost)) {
        return false;
    }
    l->best.count = 0;
    (void)esp_cover_append(l->ctx, l->s, &l->best, &l->f); /* has room: it began as the largest */
    l->best_cost = cost;
    return true;
}

static void take_best(loop *l)
{
    l->f.count = 0;
    (void)esp_cover_append(l->ctx, l->s, &l->f, &l->best);
}

static bool expand(loop *l)
{
    esp_report(l->ctx, ESP_STEP_EXPAND, l->best.count + l->essentials);
    if (!l->r) {
        return esp_expand_without_off(l->ctx, l->s, &l->f, &l->d);
    }
    return esp_expand(l->ctx, l->s, l->r, &l->f, l->prime, false);
}

/* The cubes of F from number `needed` on are covered by those before. */
static bool choose_cubes(loop *l, uint32_t needed)
{
    esp_report(l->ctx, ESP_STEP_IRREDUNDANT, l->best.count + l->essentials);
    memset(l->others_cover, 0, needed);
    memset(l->others_cover + needed, 1, l->f.count - needed);
    bool going = esp_irredundant(l->ctx, l->s, &l->f, &l->d, l->others_cover);
    memset(l->prime, going, l->f.count); /* all cubes left are prime */
    return going;
}

static bool irredundant(loop *l)
{
    return choose_cubes(l, l->f.count);
}

static bool reduce(loop *l)
{
    esp_report(l->ctx, ESP_STEP_REDUCE, l->best.count + l->essentials);
    memset(l->prime, 1, l->f.count);
    return esp_reduce(l->ctx, l->s, &l->f, &l->d, l->prime);
}

static bool gasp(loop *l)
{
    esp_report(l->ctx, ESP_STEP_GASP, l->best.count + l->essentials);
    if (!l->r || l->f.count < 2) {
        return true;
    }
    uint32_t primes = l->options.gasp_primes;
    return primes ? esp_super_gasp(l->ctx, l->s, l->r, primes, &l->f, &l->d)
                  : esp_last_gasp(l->ctx, l->s, l->r, &l->f, &l->d);
}

/* REDUCE, EXPAND, IRREDUNDANT until the cost (brief: the number of cubes) does not fall. The best
 * is in l->best. */
static bool improve(loop *l, esp_outcome *outcome)
{
    for (;;) {
        uint32_t before = l->best.count;
        bool going = reduce(l) && expand(l) && irredundant(l);
        esp_report_round(l->ctx, ++outcome->rounds);
        bool better = keep_best(l);
        if (!going || !better || (l->options.brief && l->best.count == before)) {
            return going;
        }
    }
}

/* F: the best cover, with what the primes of the other beginning can do for it. */
static bool choose_among_both(loop *l)
{
    take_best(l);
    bool going = esp_cover_append(l->ctx, l->s, &l->f, &l->other);
    l->other.count = 0;
    esp_cover_contain(l->ctx, l->s, &l->f);
    uint32_t own = esp_cover_same(l->s, &l->best, &l->f); /* they are prime: none contains them */
    return going && choose_cubes(l, own == l->best.count ? own : l->f.count);
}

static bool iterate(loop *l, esp_outcome *outcome)
{
    for (;;) {
        if (!improve(l, outcome)) {
            return false;
        }
        if (l->f.count > l->best.count) {
            take_best(l);
        }
        bool going = gasp(l);
        bool fewer = l->f.count < l->best.count;
        (void)keep_best(l);
        if (going && !fewer && l->other.count && l->best.count > 1) {
            going = choose_among_both(l);
            fewer = l->f.count < l->best.count;
            (void)keep_best(l);
        }
        if (!going || !fewer || l->options.brief) {
            return going;
        }
    }
}

bool esp_unwrap(esp_context *ctx, const esp_shape *s, const esp_cover *f, const esp_cover *without,
                esp_cover *out)
{
    const esp_var *v = esp_output_var(s);
    uint64_t total = 0;
    uint64_t *cube = esp_alloc_array(ctx, s->words, sizeof *cube);
    for (uint32_t i = 0; i < f->count; i++) {
        total += esp_var_count(v, esp_cube(f, s, i));
    }
    if (total > UINT32_MAX / 2 || !cube || !esp_cover_create(ctx, s, (uint32_t)total, out)) {
        return false;
    }
    for (uint32_t i = 0; i < f->count; i++) {
        const uint64_t *c = esp_cube(f, s, i);
        esp_cube_copy(s, cube, c);
        for (uint32_t w = v->word; w <= v->last_word; w++) {
            cube[w] &= ~esp_var_mask(v, w);
        }
        for (uint32_t bit = v->first; bit < v->first + v->parts; bit++) {
            if (!esp_cube_has(c, bit)) {
                continue;
            }
            esp_cube_set(cube, bit);
            if (!without ||
                !ctx->kernels->inside_some(without->data, without->count, s->words, cube)) {
                (void)esp_cover_push_cube(ctx, s, out, cube); /* has room */
            }
            esp_cube_clear(cube, bit);
        }
    }
    return esp_spend(ctx, total * s->words * (1 + (without ? without->count : 0)));
}

/* Did the first beginning leave nearly all of the given cubes, and is the second many times as
 * large? */
static bool small_already(const loop *l, uint32_t given, uint32_t essentials)
{
    uint32_t kept = l->best.count + essentials;
    return kept + kept / 50 >= given && l->f.count / 2 > given;
}

/* The loop goes on from `given` with one cube for each output, of which only what the essential
 * primes leave is looked at, when that begins cheaper. */
static bool begin_again(loop *l, const esp_cover *given, const esp_cover *essential)
{
    const esp_shape *s = l->s;
    if (!esp_unwrap(l->ctx, s, given, essential, &l->f) ||
        !esp_cover_reserve(l->ctx, s, &l->f, l->f.count + l->best.count)) {
        return false;
    }
    if (small_already(l, given->count, essential->count)) {
        take_best(l);
        return true;
    }
    uint32_t room = l->f.count + l->best.count + 1;
    l->prime = esp_alloc_zero(l->ctx, room, 1);
    l->others_cover = esp_alloc_zero(l->ctx, room, 1);
    if (!l->prime || !l->others_cover) {
        return false;
    }
    bool going = expand(l) && irredundant(l);
    bool second = cheaper(esp_cover_cost(s, &l->f), l->best_cost);
    going = going && esp_cover_copy(l->ctx, s, second ? &l->best : &l->f, &l->other);
    (void)keep_best(l); /* a cover with the essential primes, also when stopped */
    take_best(l);
    return going;
}

bool esp_espresso(esp_context *ctx, const esp_shape *s, esp_cover *f, const esp_cover *d,
                  const esp_blocking *r, esp_loop_options options, esp_outcome *outcome)
{
    loop l = {.ctx = ctx, .s = s, .options = options};
    esp_cover essential = {0};
    l.r = r;
    l.prime = esp_alloc_zero(ctx, f->count + 1, 1);
    l.others_cover = esp_alloc_zero(ctx, f->count + 1, 1);
    if (!l.prime || !l.others_cover || !esp_cover_copy(ctx, s, f, &l.f) ||
        !esp_cover_create(ctx, s, d->count + f->count, &l.d) ||
        !esp_cover_append(ctx, s, &l.d, d) || !esp_cover_copy(ctx, s, f, &l.best)) {
        return false;
    }
    l.best_cost = esp_cover_cost(s, f);
    bool going = expand(&l) && irredundant(&l);
    keep_best(&l);
    if (going && r) {
        /* F has no more cubes than it came with, but perhaps more output parts. */
        esp_report(ctx, ESP_STEP_ESSENTIAL, l.f.count);
        going = esp_essential(ctx, s, &l.f, d, l.others_cover, &essential);
        if (going) {
            outcome->essential = l.essentials = essential.count;
            going = esp_cover_append(ctx, s, &l.d, &essential);
            l.best_cost = esp_cover_cost(s, &l.f);
            l.best.count = 0;
            (void)esp_cover_append(ctx, s, &l.best, &l.f);
            if (going && options.unwrapped && s->outputs > 1 && l.f.count > essential.count / 2) {
                going = begin_again(&l, f, &essential);
            }
        }
    }
    going = going && iterate(&l, outcome);
    /* f has room for what it began with, and the result is never larger. */
    f->count = 0;
    return esp_cover_append(ctx, s, f, &l.best) && esp_cover_append(ctx, s, f, &essential) && going;
}
