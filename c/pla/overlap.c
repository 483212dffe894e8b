/* Do an ON cube and an OFF cube share a point? For functions that are given with both, and can
 * contradict themselves.
 *
 * Idea. Comparing every ON cube with every OFF cube is quadratic: two thousand million pairs for
 * the truth table of 16 inputs. Instead the pairs are split by one variable at a time, as one does
 * by hand:
 *
 *   ON  = [ 0 only | free | 1 only ]        a pair that meets does so at x = 0 or at x = 1, hence
 *   OFF = [ 0 only | free | 1 only ]        it is in (0 only + free) x (0 only + free)  or
 *                                                    (free + 1 only) x (free + 1 only)
 *
 * A split by the output takes an interval of the outputs for "0" and the rest for "1". The variable
 * that leaves the fewest pairs is chosen from a sample of both lists. Where no variable takes a
 * sixteenth of the pairs away, or few are left, they are compared one by one, with an early way out
 * at the first word that keeps two cubes apart.
 *
 * Both halves are neighbouring ranges of the same index array, so a split moves indices and needs
 * no memory: the lower half is done first, then the same split puts the range in order again (the
 * lower half has shuffled it), and the upper half follows.
 *
 * Invariant. Ranges keep their members; only the order in them changes. The halves of a
 * split have at most 15/16 of the pairs together, so that splitting never makes more of them and
 * the stack of splits is never deeper than log(2^64) / log(16/15) = 688.
 *
 * Cost. O(n log n) for truth tables and other lists with few free inputs, O(n^2) at worst. Every
 * comparison is work: a budget, a deadline or a cancel word ends it.
 */
#include "pla/overlap.h"

enum { FEW_PAIRS = 16384, SAMPLE = 32, LEAST = 16, DEPTH = 700 };

/* Cubes first … first + count - 1 of an index array. */
typedef struct range {
    uint32_t first, count;
} range;

/* How to divide cubes: by input `var`, or by outputs [low, middle) against [middle, high). */
typedef struct split {
    uint32_t var;
    uint32_t low, middle, high;
} split;

typedef struct node {
    range on, off;
    uint32_t low, high; /* outputs in question: every cube of the ranges has one of them */
    split by;           /* once it is divided */
} node;

typedef struct check {
    esp_context *ctx;
    const esp_shape *shape;
    const esp_cover *on, *off;
    uint32_t *on_index, *off_index;
    uint32_t *tally[4]; /* [inputs]: ON 0 only, ON 1 only, OFF 0 only, OFF 1 only, in the sample */
    node *stack;
    uint32_t met_on, met_off; /* the pair that was found */
    bool met;
} check;

static bool any_output(const esp_shape *s, const uint64_t *c, uint32_t low, uint32_t high)
{
    uint32_t first = esp_output_var(s)->first;
    for (uint32_t bit = first + low; bit < first + high;) {
        uint32_t in_word = esp_min_u32(64 - bit % 64, first + high - bit);
        uint64_t mask = in_word == 64 ? ~UINT64_C(0) : (UINT64_C(1) << in_word) - 1;
        if (c[bit / 64] >> bit % 64 & mask) {
            return true;
        }
        bit += in_word;
    }
    return false;
}

/* Halves that a cube belongs to: 1 = the lower one, 2 = the upper one, 3 = both. */
static uint32_t halves(const esp_shape *s, const split *by, const uint64_t *c)
{
    if (by->var < s->inputs) {
        uint32_t bit = s->var[by->var].first;
        return (uint32_t)(c[bit / 64] >> bit % 64) & 3;
    }
    return (any_output(s, c, by->low, by->middle) ? 1u : 0u) |
           (any_output(s, c, by->middle, by->high) ? 2u : 0u);
}

/* Orders a range as [lower only | both | upper only]; says how many are in the first and the last
 * group. */
static void divide(check *k, const split *by, const esp_cover *f, uint32_t *index, range of,
                   uint32_t count[2])
{
    uint32_t low = of.first, at = of.first, high = of.first + of.count;
    while (at < high) {
        uint32_t cube = index[at];
        uint32_t h = halves(k->shape, by, esp_cube(f, k->shape, cube));
        if (h == 1) {
            index[at++] = index[low];
            index[low++] = cube;
        } else if (h == 2) {
            index[at] = index[--high];
            index[high] = cube;
        } else {
            at++;
        }
    }
    count[0] = low - of.first;
    count[1] = of.first + of.count - high;
}

static bool meet(const esp_shape *s, const uint64_t *a, const uint64_t *b)
{
    for (uint32_t w = 0; w < s->words; w++) {
        uint64_t both = a[w] & b[w];
        if (~(both | both >> 1) & s->binary[w]) {
            return false;
        }
    }
    for (uint32_t v = s->inputs; v < s->vars; v++) {
        const esp_var *wide = &s->var[v];
        uint64_t any = 0;
        for (uint32_t w = wide->word; w <= wide->last_word; w++) {
            any |= a[w] & b[w] & esp_var_mask(wide, w);
        }
        if (!any) {
            return false;
        }
    }
    return true;
}

/* Every pair of a node. True: the search is over, one that meets was found or the run must stop. */
static bool compare_pairs(check *k, const node *n)
{
    for (uint32_t i = 0; i < n->on.count; i++) {
        uint32_t a = k->on_index[n->on.first + i];
        const uint64_t *cube = esp_cube(k->on, k->shape, a);
        if (!esp_spend(k->ctx, n->off.count)) {
            return true;
        }
        for (uint32_t j = 0; j < n->off.count; j++) {
            uint32_t b = k->off_index[n->off.first + j];
            if (meet(k->shape, cube, esp_cube(k->off, k->shape, b))) {
                k->met_on = a;
                k->met_off = b;
                k->met = true;
                return true;
            }
        }
    }
    return false;
}

/* Counts the cubes of a sample that have only value 0, and only value 1, of each input. Returns
 * their number. */
static uint32_t sample(check *k, const esp_cover *f, const uint32_t *index, range of,
                       uint32_t *only0, uint32_t *only1)
{
    const esp_shape *s = k->shape;
    uint32_t step = of.count / SAMPLE + 1;
    uint32_t count = 0;
    memset(only0, 0, s->inputs * sizeof *only0);
    memset(only1, 0, s->inputs * sizeof *only1);
    for (uint32_t i = 0; i < of.count; i += step, count++) {
        const uint64_t *c = esp_cube(f, s, index[of.first + i]);
        for (uint32_t w = 0; w < s->words && w * 32 < s->inputs; w++) {
            uint64_t zero = c[w] & ~(c[w] >> 1) & s->binary[w];
            uint64_t one = ~c[w] & c[w] >> 1 & s->binary[w];
            for (; zero; zero &= zero - 1) {
                only0[w * 32 + esp_lowest(zero) / 2]++;
            }
            for (; one; one &= one - 1) {
                only1[w * 32 + esp_lowest(one) / 2]++;
            }
        }
    }
    return count;
}

static uint64_t pairs_left(const uint32_t on[2], uint32_t ons, const uint32_t off[2], uint32_t offs)
{
    return (uint64_t)(ons - on[1]) * (offs - off[1]) + (uint64_t)(ons - on[0]) * (offs - off[0]);
}

/* The same for the outputs: an interval against the rest. */
static void sample_outputs(check *k, const split *by, const esp_cover *f, const uint32_t *index,
                           range of, uint32_t only[2])
{
    uint32_t step = of.count / SAMPLE + 1;
    only[0] = only[1] = 0;
    for (uint32_t i = 0; i < of.count; i += step) {
        uint32_t h = halves(k->shape, by, esp_cube(f, k->shape, index[of.first + i]));
        only[0] += h == 1;
        only[1] += h == 2;
    }
}

/* The split that leaves the fewest pairs of a sample. False when each leaves nearly all. */
static bool choose(check *k, node *n)
{
    uint32_t **t = k->tally;
    uint32_t ons = sample(k, k->on, k->on_index, n->on, t[0], t[1]);
    uint32_t offs = sample(k, k->off, k->off_index, n->off, t[2], t[3]);
    uint64_t all = (uint64_t)ons * offs, best = all;
    for (uint32_t v = 0; v < k->shape->inputs; v++) {
        uint32_t on[2] = {t[0][v], t[1][v]}, off[2] = {t[2][v], t[3][v]};
        uint64_t left = pairs_left(on, ons, off, offs);
        if (left < best) {
            best = left;
            n->by.var = v;
        }
    }
    if (n->high - n->low > 1) {
        split by = {k->shape->inputs, n->low, n->low + (n->high - n->low) / 2, n->high};
        uint32_t on[2], off[2];
        sample_outputs(k, &by, k->on, k->on_index, n->on, on);
        sample_outputs(k, &by, k->off, k->off_index, n->off, off);
        uint64_t left = pairs_left(on, ons, off, offs);
        if (left < best) {
            best = left;
            n->by = by;
        }
    }
    (void)esp_spend(k->ctx, k->shape->inputs + (uint64_t)(ons + offs) * k->shape->words);
    return best <= all - all / LEAST;
}

/* Puts both ranges of a node in the order of its split; gives its halves. */
static void halve(check *k, const node *n, node *lower, node *upper)
{
    uint32_t on[2], off[2];
    divide(k, &n->by, k->on, k->on_index, n->on, on);
    divide(k, &n->by, k->off, k->off_index, n->off, off);
    *lower = *upper = *n;
    lower->on.count -= on[1];
    lower->off.count -= off[1];
    upper->on = (range){n->on.first + on[0], n->on.count - on[0]};
    upper->off = (range){n->off.first + off[0], n->off.count - off[0]};
    if (n->by.var == k->shape->inputs) {
        lower->high = upper->low = n->by.middle;
    }
    (void)esp_spend(k->ctx, n->on.count + n->off.count);
}

static uint64_t pairs(const node *n)
{
    return (uint64_t)n->on.count * n->off.count;
}

static void search(check *k, node n)
{
    uint32_t depth = 0;
    node lower, upper;
    for (;;) {
        if (pairs(&n) > FEW_PAIRS && depth < DEPTH && choose(k, &n)) {
            halve(k, &n, &lower, &upper);
            uint64_t enough = pairs(&n) - pairs(&n) / LEAST; /* the sample may have been wrong */
            if (pairs(&lower) + pairs(&upper) <= enough) {
                k->stack[depth++] = n;
                n = lower;
                continue;
            }
        }
        if (compare_pairs(k, &n) || !depth) {
            return;
        }
        halve(k, &k->stack[--depth], &lower, &upper);
        n = upper;
    }
}

static uint32_t *identity(esp_context *ctx, uint32_t count)
{
    uint32_t *index = esp_alloc_array(ctx, count, sizeof *index);
    for (uint32_t k = 0; index && k < count; k++) {
        index[k] = k;
    }
    return index;
}

/* The first cube of `f` that meets `c`: of several, a person wants to see the first. */
static uint32_t first_meeting(const esp_shape *s, const uint64_t *c, const esp_cover *f)
{
    uint32_t i = 0;
    while (!meet(s, c, esp_cube(f, s, i))) {
        i++;
    }
    return i;
}

bool esp_find_overlap(esp_context *ctx, const esp_shape *s, const esp_cover *on,
                      const esp_cover *off, uint32_t *on_cube, uint32_t *off_cube)
{
    if (!on->count || !off->count) {
        return false;
    }
    esp_mark mark = esp_mark_top(ctx);
    check k = {.ctx = ctx, .shape = s, .on = on, .off = off};
    node all = {.on = {0, on->count}, .off = {0, off->count}, .high = s->outputs};
    k.on_index = identity(ctx, on->count);
    k.off_index = identity(ctx, off->count);
    if (pairs(&all) > FEW_PAIRS) {
        k.stack = esp_alloc_array(ctx, DEPTH, sizeof *k.stack);
        for (uint32_t i = 0; i < 4; i++) {
            k.tally[i] = esp_alloc_array(ctx, s->inputs, sizeof(uint32_t));
        }
    }
    if (!esp_stopped(ctx)) {
        search(&k, all);
    }
    esp_release(ctx, mark);
    if (k.met) {
        *off_cube = first_meeting(s, esp_cube(on, s, k.met_on), off);
        *on_cube = first_meeting(s, esp_cube(off, s, *off_cube), on);
    }
    return k.met;
}
