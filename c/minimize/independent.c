/* INDEPENDENT POINTS: a lower bound for the loop's cover, often its proof of optimality.
 *
 * The idea. Two care points (an input point and one output each) are independent when no implicant
 * holds both, that is when their supercube meets R. A set of pairwise independent points needs as
 * many cubes as it has points. Every cube of an irredundant cover has private points, which no
 * other cube holds; when one private point of each can be found so that all are independent, the
 * cover is minimum, and no prime had to be listed to know it. Points must lie outside the essential
 * primes too: those are in every minimum cover of primes, so the bound is their number plus the
 * points'.
 *
 *   1. a private point of each cube, then uphill to one with as many OFF neighbours as possible:
 *      it is in the fewest primes
 *   2. all pairs: which are dependent? Not those of which one has a part that leads from the other
 *      to a point of R, as that one is in their supercube: nearly all pairs end with this test
 *   3. points with dependents move to a neighbouring private point with fewer, while that helps
 *   4. the points with the most dependents are dropped until none is left
 *
 * Invariant: point[i] is private to cube i; `dependent` is the relation of the points at hand.
 * Cost: n² / 2 pair tests, each of a few words; for the few that this leaves open, a pass over the
 * columns of the variables in which the two agree.
 *
 * Reference: the pairwise incompatible minterms of McGeer, Sanghavi, Brayton and
 * Sangiovanni-Vincentelli, "ESPRESSO-SIGNATURE", DAC 1993, and the independent set of rows of
 * Rudell and Sangiovanni-Vincentelli 1987.
 */
#include "minimize/expander.h"

enum { POINTS_MOST = 1000, STALE_MOST = 6, NEAR_MOST = 48 };

typedef struct points {
    esp_context *ctx;
    const esp_shape *s;
    const esp_blocking *r;
    const esp_cover *f;     /* irredundant against rest */
    const esp_cover *rest;  /* don't-cares and essential primes */
    esp_cover near;         /* rows that meet the cube turned to: what may hold its points too */
    uint64_t *point;        /* [n][words] */
    uint64_t *around;       /* [n][words]: the parts that lead from a point to a point of R */
    uint8_t *dependent;     /* [n][n] */
    uint8_t *dropped;       /* [n] */
    uint32_t *dependents;   /* [n] */
    uint8_t *flag;          /* [n]: the row of a candidate */
    uint8_t *best_flag;     /* [n]: that of the best candidate */
    uint64_t *trial;        /* [words] */
    uint64_t *trial_around; /* [words]: where the last candidate needed it */
    uint64_t *best;         /* [words] */
    uint64_t *seen;         /* [NEAR_MOST + 1][words] */
    uint64_t *set;          /* [wides][r->words]: columns of wide variables */
    uint64_t *one;          /* [r->words]: look_around says which rows */
    uint64_t *two;
    const uint64_t **column;
    uint32_t hint;
    uint64_t random;
    uint32_t first_var; /* where a walk over the neighbours begins */
    uint64_t work_end;
} points;

static uint64_t *point_of(const points *p, uint32_t i)
{
    return p->point + (size_t)i * p->s->words;
}

static uint64_t *around(const points *p, uint32_t i)
{
    return p->around + (size_t)i * p->s->words;
}

/* The part of variable v that a point has. */
static uint32_t part_of(const esp_var *v, const uint64_t *point)
{
    for (uint32_t w = v->word;; w++) {
        uint64_t has = point[w] & esp_var_mask(v, w);
        if (has) {
            return w * 64 + esp_lowest(has);
        }
    }
}

/* Turn to cube i: gather the rows of the others and of rest that meet it. */
static void turn_to(points *p, uint32_t i)
{
    const esp_shape *s = p->s;
    const uint64_t *c = esp_cube(p->f, s, i);
    p->near.count = 0;
    for (uint32_t k = 0; k < p->f->count + p->rest->count; k++) {
        const uint64_t *row =
            k < p->f->count ? esp_cube(p->f, s, k) : esp_cube(p->rest, s, k - p->f->count);
        if (k != i && esp_cubes_meet(s, c, row)) {
            esp_cube_copy(s, esp_cube(&p->near, s, p->near.count++), row);
        }
    }
    p->ctx->work += (uint64_t)(p->f->count + p->rest->count) * s->words;
}

/* Is a point of the cube turned to private to it? */
static bool is_private(points *p, const uint64_t *point)
{
    p->ctx->work += (uint64_t)p->near.count * p->s->words / 4 + 1;
    return !p->ctx->kernels->inside_some(p->near.data, p->near.count, p->s->words, point);
}

/* Can no implicant hold both points? */
static bool independent(points *p, const uint64_t *a, const uint64_t *b)
{
    const esp_shape *s = p->s;
    uint32_t columns = 0;
    for (uint32_t w = 0; w < s->words; w++) {
        for (uint64_t both = a[w] & b[w] & (s->binary[w] * 3); both; both &= both - 1) {
            p->column[columns++] = esp_absent(p->r, w * 64 + esp_lowest(both));
        }
    }
    for (uint32_t k = 0; k < s->wides; k++) {
        const esp_var *v = &s->var[s->inputs + k];
        const uint64_t *one = esp_absent(p->r, part_of(v, a));
        const uint64_t *other = esp_absent(p->r, part_of(v, b));
        p->column[columns] = one;
        if (one != other) {
            uint64_t *set = p->set + (size_t)k * p->r->words;
            for (uint32_t w = 0; w < p->r->words; w++) {
                set[w] = one[w] & other[w];
            }
            p->column[columns] = set;
        }
        columns++;
    }
    p->ctx->work += (uint64_t)(columns + 4) * p->r->words / 8;
    return p->ctx->kernels->escapes(p->column, columns, p->r->all, p->r->words, &p->hint);
}

/* Rows of R that are apart from the point in one variable (p->one), and in two (p->two). */
static void look_around(points *p, const uint64_t *point)
{
    const esp_shape *s = p->s;
    uint32_t words = p->r->words;
    for (uint32_t v = 0; v < s->vars; v++) {
        p->column[v] = esp_absent(p->r, part_of(&s->var[v], point));
    }
    for (uint32_t w = 0; w < words; w += ESP_STRIDE) {
        uint64_t once[ESP_STRIDE] = {0};
        uint64_t twice[ESP_STRIDE] = {0};
        uint64_t more[ESP_STRIDE] = {0};
        for (uint32_t v = 0; v < s->vars; v++) {
            const uint64_t *apart = p->column[v] + w;
            for (uint32_t k = 0; k < ESP_STRIDE; k++) {
                more[k] |= twice[k] & apart[k];
                twice[k] |= once[k] & apart[k];
                once[k] |= apart[k];
            }
        }
        for (uint32_t k = 0; k < ESP_STRIDE; k++) {
            p->one[w + k] = once[k] & ~twice[k] & p->r->all[w + k];
            p->two[w + k] = twice[k] & ~more[k] & p->r->all[w + k];
        }
    }
    p->ctx->work += (uint64_t)(s->vars + 1) * words / 4;
}

/* Rows of R that would be apart in one variable alone, were part `from` of the point part `to`. */
static uint32_t neighbours_after(points *p, uint32_t from, uint32_t to)
{
    const uint64_t *without = esp_absent(p->r, from);
    const uint64_t *lost = esp_absent(p->r, to);
    uint32_t n = 0;
    for (uint32_t w = 0; w < p->r->words; w++) {
        uint64_t then = ((p->two[w] & without[w]) | (p->one[w] & ~without[w])) & ~lost[w];
        n += (uint32_t)__builtin_popcountll(then);
    }
    p->ctx->work += p->r->words / 2 + 1;
    return n;
}

/* parts |= those of the row's variable to which bit k of word w belongs. */
static void take_variable(const esp_shape *s, const uint64_t *row, uint32_t w, uint32_t k,
                          uint64_t *parts)
{
    if (s->binary[w] * 3 >> k & 1) {
        parts[w] |= row[w] & UINT64_C(3) << (k & ~1U);
        return;
    }
    const esp_var *v = &s->var[s->inputs];
    while (w * 64 + k >= v->first + v->parts) {
        v++;
    }
    for (w = v->word; w <= v->last_word; w++) {
        parts[w] |= row[w] & esp_var_mask(v, w);
    }
}

/* parts := those that lead from the point looked around to a point of R: rows of R next to it have
 * them in the variable in which they are apart from it. */
static void parts_around(points *p, const uint64_t *point, uint64_t *parts)
{
    const esp_shape *s = p->s;
    memset(parts, 0, s->words * sizeof *parts);
    for (uint32_t w = 0; w < p->r->words; w++) {
        for (uint64_t rows = p->one[w]; rows; rows &= rows - 1) {
            const uint64_t *row = esp_cube(p->r->cover, s, w * 64 + esp_lowest(rows));
            uint32_t k = 0;
            while (!(point[k] & ~row[k])) {
                k++;
            }
            take_variable(s, row, k, esp_lowest(point[k] & ~row[k]), parts);
            p->ctx->work++;
        }
    }
}

/* Has a point one of the parts? */
static bool has_one(const esp_shape *s, const uint64_t *point, const uint64_t *parts)
{
    for (uint32_t w = 0; w < s->words; w++) {
        if (point[w] & parts[w]) {
            return true;
        }
    }
    return false;
}

/* trial := the next neighbour of `from` within cube c, private to cube i; *bit: where to go on. */
static bool next_private(points *p, uint32_t i, const uint64_t *from, uint32_t *var, uint32_t *bit)
{
    const esp_shape *s = p->s;
    const uint64_t *c = esp_cube(p->f, s, i);
    for (; *var < s->vars; ++*var, *bit = 0) {
        const esp_var *v = &s->var[(*var + p->first_var) % s->vars];
        uint32_t now = part_of(v, from);
        for (; *bit < v->parts; ++*bit) {
            uint32_t to = v->first + *bit;
            if (to == now || !esp_cube_has(c, to)) {
                continue;
            }
            esp_cube_copy(s, p->trial, from);
            esp_cube_clear(p->trial, now);
            esp_cube_set(p->trial, to);
            if (is_private(p, p->trial)) {
                ++*bit;
                return true;
            }
        }
    }
    return false;
}

static bool may_go_on(points *p)
{
    return p->ctx->work < p->work_end && esp_spend(p->ctx, 0);
}

/* Uphill: the point of cube i, looked around, moves to the private one next to it with the most OFF
 * neighbours, if that has more than `*most`. */
static bool climb(points *p, uint32_t i, uint32_t *most)
{
    const esp_shape *s = p->s;
    const uint64_t *c = esp_cube(p->f, s, i);
    uint64_t *at = point_of(p, i);
    bool better = false;
    for (uint32_t var = 0; var < s->vars; var++) {
        const esp_var *v = &s->var[var];
        uint32_t from = part_of(v, at);
        for (uint32_t to = v->first; to < v->first + v->parts; to++) {
            uint32_t n;
            if (to == from || !esp_cube_has(c, to) ||
                (n = neighbours_after(p, from, to)) <= *most) {
                continue;
            }
            esp_cube_copy(s, p->trial, at);
            esp_cube_clear(p->trial, from);
            esp_cube_set(p->trial, to);
            if (is_private(p, p->trial)) {
                *most = n;
                better = true;
                esp_cube_copy(s, p->best, p->trial);
            }
        }
    }
    if (better) {
        esp_cube_copy(s, at, p->best);
    }
    return better;
}

/* A private point of cube i with many OFF neighbours. False: none, or the run must stop. */
static bool first_point(points *p, uint32_t i)
{
    const esp_cover *near = &p->near;
    uint64_t *at = point_of(p, i);
    bool found;
    turn_to(p, i);
    if (!esp_find_uncovered(p->ctx, p->s, esp_cube(p->f, p->s, i), &near, 1, -1, at, &found) ||
        !found) {
        return false;
    }
    look_around(p, at);
    uint32_t most = p->ctx->kernels->count_shared(p->one, p->one, p->r->words);
    while (may_go_on(p) && climb(p, i, &most)) {
        look_around(p, at);
    }
    parts_around(p, at, around(p, i));
    return true;
}

/* Dependents of a point of cube i, flagged; counting stops at `enough`. */
static uint32_t count_dependents(points *p, uint32_t i, const uint64_t *point, uint32_t enough,
                                 uint8_t *flag)
{
    const uint8_t *now = p->dependent + (size_t)i * p->f->count;
    uint32_t n = 0;
    uint32_t open = 0;                          /* pairs that `around` of the other left open */
    for (uint32_t pass = 0; pass < 2; pass++) { /* those of the point at hand first */
        for (uint32_t j = 0; j < p->f->count && n < enough; j++) {
            if (now[j] == pass) {
                continue;
            }
            flag[j] = 0;
            if (j == i || has_one(p->s, point, around(p, j))) {
                continue;
            }
            if (open++ == 0) {
                look_around(p, point);
                parts_around(p, point, p->trial_around);
            }
            if (!has_one(p->s, point_of(p, j), p->trial_around)) {
                flag[j] = !independent(p, point, point_of(p, j));
                n += flag[j];
            }
        }
    }
    p->ctx->work += (uint64_t)p->f->count * p->s->words / 8;
    return n;
}

static void set_row(points *p, uint32_t i, const uint8_t *flag)
{
    uint32_t n = p->f->count;
    for (uint32_t j = 0; j < n; j++) {
        uint8_t before = p->dependent[(size_t)i * n + j];
        if (before != flag[j]) {
            p->dependent[(size_t)i * n + j] = p->dependent[(size_t)j * n + i] = flag[j];
            p->dependents[i] += flag[j] ? 1 : -1U;
            p->dependents[j] += flag[j] ? 1 : -1U;
        }
    }
}

/* A coin for ties: nothing depends on its quality. */
static uint64_t mix(uint64_t x)
{
    x ^= x >> 27;
    return x * UINT64_C(0x94d049bb133111eb) + UINT64_C(0x9e3779b97f4a7c15);
}

/* Flip each variable of a private point where a coin says so and it stays private. Points that
 * differ in the variables that do not matter to them have a larger supercube. */
static void scatter(points *p, uint32_t i, uint32_t round, uint64_t *at)
{
    const esp_shape *s = p->s;
    const uint64_t *c = esp_cube(p->f, s, i);
    uint64_t random = (((uint64_t)round << 32) + i + 1) * UINT64_C(0x9e3779b97f4a7c15);
    for (uint32_t var = 0; var < s->inputs; var++) {
        uint32_t now = part_of(&s->var[var], at);
        random = mix(random);
        if (random >> 63 && esp_cube_has(c, now ^ 1)) {
            esp_cube_copy(s, p->trial, at);
            esp_cube_clear(p->trial, now);
            esp_cube_set(p->trial, now ^ 1);
            if (is_private(p, p->trial)) {
                esp_cube_copy(s, at, p->trial);
            }
        }
    }
}

/* Does the candidate in p->trial, when it is new, do better than the best so far (or as well, when
 * that is enough)? */
static void consider(points *p, uint32_t i, bool equal, uint32_t *seen, uint32_t *least)
{
    const esp_shape *s = p->s;
    for (uint32_t k = 0; k < *seen; k++) {
        if (esp_cube_equal(s, p->trial, p->seen + (size_t)k * s->words)) {
            return;
        }
    }
    esp_cube_copy(s, p->seen + (size_t)(*seen)++ * s->words, p->trial);
    uint32_t n = count_dependents(p, i, p->trial, *least + equal, p->flag);
    p->random = mix(p->random + 1);
    if (n < *least + (equal && p->random >> 63)) {
        *least = n;
        esp_cube_copy(s, p->best, p->trial);
        memcpy(p->best_flag, p->flag, p->f->count);
    }
}

/* Point i moves to the one with the fewest dependents among: two scattered ones, the private
 * points next to it, next to those and so on; of equal ones the last that was found, so that it
 * wanders over a plateau. True: it has fewer than before. */
static bool move(points *p, uint32_t i, uint32_t round)
{
    const esp_shape *s = p->s;
    uint32_t before = p->dependents[i];
    uint32_t least = before;
    uint32_t seen = 1;
    p->random = mix(p->random);
    p->first_var = (uint32_t)(p->random >> 32) % s->vars;
    turn_to(p, i);
    esp_cube_copy(s, p->best, point_of(p, i));
    memcpy(p->best_flag, p->dependent + (size_t)i * p->f->count, p->f->count);
    esp_cube_copy(s, p->seen, point_of(p, i));
    for (uint32_t k = 0; k < 2 && least; k++) {
        uint64_t *far = p->seen + (size_t)NEAR_MOST * s->words;
        esp_cube_copy(s, far, point_of(p, i));
        scatter(p, i, 2 * round + k, far);
        esp_cube_copy(s, p->trial, far);
        consider(p, i, false, &seen, &least);
    }
    for (uint32_t at = 0; at < seen && least; at++) {
        const uint64_t *from = p->seen + (size_t)at * s->words;
        for (uint32_t var = 0, bit = 0;
             least && seen < NEAR_MOST && may_go_on(p) && next_private(p, i, from, &var, &bit);) {
            consider(p, i, true, &seen, &least);
        }
    }
    if (!esp_cube_equal(s, point_of(p, i), p->best)) {
        esp_cube_copy(s, point_of(p, i), p->best);
        look_around(p, p->best);
        parts_around(p, p->best, around(p, i));
    }
    set_row(p, i, p->best_flag);
    return least < before;
}

/* How many points are left when those with the most dependents are dropped until none has any. */
static uint32_t drop_dependents(points *p)
{
    uint32_t n = p->f->count;
    uint32_t left = n;
    memset(p->flag, 0, n);
    for (;;) {
        uint32_t worst = 0;
        for (uint32_t i = 1; i < n; i++) {
            worst = p->dependents[i] > p->dependents[worst] ? i : worst;
        }
        if (!p->dependents[worst]) {
            return left;
        }
        set_row(p, worst, p->flag);
        p->dropped[worst] = 1;
        left--;
    }
}

static bool create(points *p)
{
    esp_context *ctx = p->ctx;
    uint32_t n = p->f->count;
    uint32_t words = p->s->words;
    p->point = esp_alloc_array(ctx, (size_t)(n + 4 + NEAR_MOST) * words, sizeof *p->point);
    p->around = esp_alloc_array(ctx, (size_t)n * words, sizeof *p->around);
    p->dependent = esp_alloc_zero(ctx, n, n);
    p->dropped = esp_alloc_zero(ctx, (size_t)n + 1, 1);
    p->dependents = esp_alloc_zero(ctx, n, sizeof *p->dependents);
    p->flag = esp_alloc_array(ctx, (size_t)n + p->s->vars, 2);
    p->set = esp_alloc_array(ctx, (size_t)(p->s->wides + 2) * p->r->words, sizeof *p->set);
    p->column = esp_alloc_array(ctx, p->s->vars, sizeof *p->column);
    if (!p->point || !p->around || !p->dependent || !p->dropped || !p->dependents || !p->flag ||
        !p->set || !p->column) {
        return false;
    }
    if (!esp_cover_create(ctx, p->s, n + p->rest->count, &p->near)) {
        return false;
    }
    p->one = p->set + (size_t)p->s->wides * p->r->words;
    p->two = p->one + p->r->words;
    p->best_flag = p->flag + n + p->s->vars;
    p->trial = point_of(p, n);
    p->best = point_of(p, n + 1);
    p->trial_around = point_of(p, n + 2);
    p->seen = point_of(p, n + 3);
    return true;
}

/* Will a pass of `all` steps, `done` of which took the work since `begin`, end in the work that may
 * be spent? Asked from a sixteenth of that on: half a pass has no answer at all. */
static bool may_end(const points *p, uint64_t begin, uint64_t done, uint64_t all)
{
    double spent = (double)(p->ctx->work - begin);
    double may = (double)(p->work_end - begin);
    return spent <= may / 16 || spent / (double)done * (double)all <= may;
}

static uint64_t dependent_pairs(const points *p)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < p->f->count; i++) {
        sum += p->dependents[i];
    }
    return sum / 2;
}

/* Rounds of moves, while one more may lead to an end: all independent, or nearly. Ends sooner when
 * a round that cannot be finished, or HOPE rounds more like the last one, would not. */
static void improve(points *p)
{
    enum { HOPE = 8 };
    uint32_t n = p->f->count;
    uint64_t pairs = dependent_pairs(p);
    uint32_t stale = 0;
    for (uint32_t round = 0; pairs && stale < STALE_MOST; round++) {
        uint64_t begin = p->ctx->work;
        stale++;
        for (uint32_t i = 0; i < n; i++) {
            if (!may_go_on(p) || !may_end(p, begin, i, n)) {
                return;
            }
            if (p->dependents[i]) {
                stale = move(p, i, round) ? 0 : stale;
            }
        }
        uint64_t before = pairs;
        pairs = dependent_pairs(p);
        if (pairs > n / 100 + HOPE * (1 + before - pairs)) {
            return;
        }
    }
}

bool esp_independent_points(esp_context *ctx, const esp_shape *s, const esp_blocking *r,
                            const esp_cover *f, const esp_cover *rest, uint64_t work,
                            uint32_t *count, esp_cover *witnesses)
{
    *count = 0;
    uint32_t n = f->count;
    if (n > POINTS_MOST) {
        return true;
    }
    /* Room first, so that scratch can be released. */
    if (witnesses && !esp_cover_reserve(ctx, s, witnesses, witnesses->count + n)) {
        return false;
    }
    esp_mark mark = esp_mark_top(ctx);
    points p = {.ctx = ctx, .s = s, .r = r, .f = f, .rest = rest, .work_end = ctx->work + work};
    bool going = create(&p);
    uint64_t begin = ctx->work;
    for (uint32_t i = 0; going && i < n; i++) {
        going = may_go_on(&p) && first_point(&p, i) && may_end(&p, begin, i + 1, n);
    }
    begin = ctx->work;
    for (uint32_t i = 0; going && i < n; i++) {
        memset(p.flag, 0, n);
        memcpy(p.flag, p.dependent + (size_t)i * n, i);
        for (uint32_t j = i + 1; j < n; j++) {
            const uint64_t *a = point_of(&p, i);
            const uint64_t *b = point_of(&p, j);
            p.flag[j] = !has_one(s, a, around(&p, j)) && !has_one(s, b, around(&p, i)) &&
                        !independent(&p, a, b);
        }
        ctx->work += (uint64_t)(n - i) * s->words / 8;
        set_row(&p, i, p.flag);
        uint64_t pairs = (uint64_t)n * n;
        uint64_t left = (uint64_t)(n - i - 1) * (n - i - 1);
        going = may_go_on(&p) && may_end(&p, begin, pairs - left, pairs);
    }
    if (going) {
        improve(&p);
        *count = drop_dependents(&p);
    }
    for (uint32_t i = 0; going && witnesses && i < n; i++) {
        if (!p.dropped[i]) {
            (void)esp_cover_push_cube(ctx, s, witnesses, point_of(&p, i));
        }
    }
    esp_release(ctx, mark);
    return !esp_stopped(ctx);
}
