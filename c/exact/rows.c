/* MINIMAL ROWS by pruned splitting.
 *
 * The idea. Each care point of an output must be covered by one of the primes that hold it: that
 * set is a row of the covering table, and only the sets that are minimal under inclusion matter.
 * For one output walk through the subspaces S with C, the primes that hold all of S, and U, those
 * that hold some of it only. Every row of a point in S holds all of C, so the branch ends when
 *   - no care cube meets S;
 *   - C holds an essential prime, or a row already known: rows from here on are implied;
 *   - U is empty: all points of S have the row C.
 * Else split on the variable with most literals among U, the half with fewer primes first: small
 * rows are found early and prune the rest. A known row is looked for only at its watch, the member
 * that watches fewest rows.
 *
 * Invariant: every minimal row not yet in the table belongs to a point of the subspace at hand or
 * of a frame. Cost: nodes × (|U| + |C| watched rows); nodes are 10^3 to 10^6 on the classic
 * functions.
 *
 * Reference: signature cubes and essential signature sets: P. McGeer, J. Sanghavi, R. Brayton, A.
 * Sangiovanni- Vincentelli, "ESPRESSO-SIGNATURE", DAC 1993; the splitting is ours.
 */
#include "exact/rows.h"

#include "cube/counters.h"

/* Cubes of a node: which they are, and their inputs one after the other, so that nothing has to be
 * looked up elsewhere. */
typedef struct list {
    uint32_t *cube;
    uint64_t *inputs; /* [count][words of inputs] */
    uint32_t count;
} list;

typedef struct frame {
    struct frame *below;
    esp_mark mark;        /* before the frame */
    esp_mark above;       /* after it: the halves' lists begin here */
    list undecided, care; /* of this node */
    uint32_t holding;
    uint32_t bit;     /* low bit of the splitting variable */
    bool second_one;  /* the second half is value 1 */
    bool second_done; /* or under way */
} frame;

typedef struct walk {
    esp_context *ctx;
    const esp_shape *s;
    const esp_cover *primes, *care;
    esp_table *table;
    esp_cover *points;   /* a point of each row; NULL: not wanted */
    uint32_t output_bit; /* whose rows are walked through */
    uint32_t words;      /* of the inputs */
    uint64_t *free;      /* [words] low bits: binary variables that S leaves free */
    uint32_t *holding;   /* C */
    uint32_t holdings;
    uint8_t *in_c;      /* [primes] */
    uint8_t *essential; /* [primes] */
    uint32_t *watch;    /* [primes] newest row it watches, +1; 0 = none */
    uint32_t *watches;  /* [primes] rows it watches */
    uint32_t *next;     /* [rows] next row with the same watch, +1 */
    uint32_t next_room;
    uint32_t *sorted; /* [primes] scratch */
    uint64_t work_end;
    frame *top;
    bool too_much;
} walk;

static void hold(walk *w, uint32_t p)
{
    w->holding[w->holdings++] = p;
    w->in_c[p] = 1;
}

static void let_go(walk *w, uint32_t down_to)
{
    while (w->holdings > down_to) {
        w->in_c[w->holding[--w->holdings]] = 0;
    }
}

/* Does C hold an essential prime or a known row? */
static bool implied(walk *w)
{
    const esp_table *t = w->table;
    uint64_t looked = 0;
    bool yes = false;
    for (uint32_t i = 0; i < w->holdings && !yes; i++) {
        uint32_t p = w->holding[i];
        yes = w->essential[p];
        for (uint32_t r = w->watch[p]; r && !yes; r = w->next[r - 1]) {
            yes = true;
            for (uint32_t k = t->start[r - 1]; k < t->start[r] && yes; k++) {
                yes = w->in_c[t->entry[k]];
            }
            looked += 2;
        }
    }
    w->ctx->work += looked + w->holdings;
    return yes;
}

static bool grow_next(walk *w)
{
    uint32_t room = w->next_room * 2;
    uint32_t *larger = esp_alloc_array(w->ctx, room, sizeof *larger);
    if (!larger) {
        return false;
    }
    memcpy(larger, w->next, w->next_room * sizeof *larger);
    w->next = larger;
    w->next_room = room;
    return true;
}

/* A point of the subspace at hand and a care cube that meets it. */
static bool push_point(walk *w, const uint64_t *care)
{
    const esp_shape *s = w->s;
    const esp_var *out = esp_output_var(s);
    uint64_t *point = esp_cover_push(w->ctx, s, w->points);
    if (!point) {
        return false;
    }
    for (uint32_t k = 0; k < s->words; k++) { /* value 0 where the care cube has both */
        uint64_t low = care[k] & s->binary[k];
        point[k] = low | (care[k] & s->binary[k] << 1 & ~(low << 1));
    }
    for (uint32_t k = out->word; k <= out->last_word; k++) {
        point[k] &= ~esp_var_mask(out, k);
    }
    esp_cube_set(point, w->output_bit);
    for (const frame *fr = w->top; fr; fr = fr->below) {
        bool one = fr->second_done ? fr->second_one : !fr->second_one;
        esp_cube_clear(point, fr->bit + !one);
        esp_cube_set(point, fr->bit + one);
    }
    return true;
}

/* C becomes a row; `care` meets the subspace. */
static bool push_row(walk *w, const uint64_t *care)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < w->holdings; i++) {
        uint32_t p = w->holding[i];
        uint32_t k = n++;
        for (; k && w->sorted[k - 1] > p; k--) {
            w->sorted[k] = w->sorted[k - 1];
        }
        w->sorted[k] = p;
    }
    if (n == 0) { /* a care point that no prime holds: the sets contradict each other, the loop may
                     have them */
        w->too_much = true;
        return false;
    }
    if (n == 1) {
        w->essential[w->sorted[0]] = 1;
    }
    uint32_t row = w->table->rows;
    if ((row == w->next_room && !grow_next(w)) || !esp_table_push(w->ctx, w->table, w->sorted, n)) {
        return false;
    }
    uint32_t best = w->sorted[0];
    for (uint32_t i = 1; i < n; i++) {
        if (w->watches[w->sorted[i]] < w->watches[best]) {
            best = w->sorted[i];
        }
    }
    w->watches[best]++;
    w->next[row] = w->watch[best];
    w->watch[best] = row + 1;
    return !w->points || push_point(w, care);
}

/* Literals on variables that S leaves free, as low bits of word k. */
static inline uint64_t literals(const walk *w, const uint64_t *c, uint32_t k)
{
    return ~(c[k] & c[k] >> 1) & w->free[k];
}

/* The most literals that a variable of word k has among the undecided primes; *bit: its low bit,
 * the first of several. */
static uint32_t busiest_of_word(const walk *w, const list *u, uint32_t words, uint32_t k,
                                uint32_t *bit)
{
    uint64_t plane[32];
    uint32_t planes = 2;
    plane[0] = plane[1] = 0;
    for (uint32_t n = u->count >> 2; n; n >>= 1) {
        plane[planes++] = 0;
    }
    const uint64_t *c = u->inputs;
    uint32_t i = 0;
    for (; i + 4 <= u->count; i += 4, c += 4 * (size_t)words) {
        const uint64_t x[4] = {literals(w, c, k), literals(w, c + words, k),
                               literals(w, c + 2 * (size_t)words, k),
                               literals(w, c + 3 * (size_t)words, k)};
        esp_counters_add(plane, x);
    }
    for (; i < u->count; i++, c += words) {
        esp_counters_carry(plane, 0, literals(w, c, k));
    }
    uint64_t best = w->free[k];
    uint32_t most = 0;
    while (planes-- > 0) {
        if (best & plane[planes]) {
            best &= plane[planes];
            most += 1u << planes;
        }
    }
    *bit = k * 64 + (best ? esp_lowest(best) : 0);
    return most;
}

/* The variable with most literals among the undecided primes. *ones: those of value 1, of *all. */
static inline __attribute__((always_inline)) uint32_t busiest(const walk *w, const list *u,
                                                              uint32_t words, uint32_t *ones,
                                                              uint32_t *all)
{
    uint32_t best = 0;
    *all = 0;
    for (uint32_t k = 0; k < words; k++) {
        uint32_t bit;
        uint32_t n = busiest_of_word(w, u, words, k, &bit);
        if (n > *all) {
            *all = n;
            best = bit;
        }
    }
    *ones = 0;
    for (uint32_t i = 0; i < u->count; i++) {
        *ones += !esp_cube_has(u->inputs + (size_t)i * words, best);
    }
    return best;
}

/* Room for so many cubes. */
static bool list_create(walk *w, uint32_t most, list *l)
{
    esp_arena *side = &w->ctx->side;
    *l = (list){.cube = esp_arena_alloc(side, ((size_t)most + 1) * sizeof *l->cube),
                .inputs = esp_arena_alloc(side, ((size_t)most + 1) * w->words * sizeof *l->inputs)};
    if (l->cube && l->inputs) {
        return true;
    }
    (void)esp_alloc(w->ctx, SIZE_MAX);
    return false;
}

/* Puts a cube behind the last one, where it stays when the count is raised. */
static inline void list_put(list *l, uint32_t words, uint32_t cube, const uint64_t *inputs)
{
    l->cube[l->count] = cube;
    for (uint32_t k = 0; k < words; k++) {
        l->inputs[(size_t)l->count * words + k] = inputs[k];
    }
}

/* The half of a node in which `part` is there. */
static inline __attribute__((always_inline)) void
take_half(walk *w, const frame *fr, uint32_t part, uint32_t words, list *undecided, list *care)
{
    for (uint32_t i = 0; i < fr->undecided.count; i++) {
        const uint64_t *c = fr->undecided.inputs + (size_t)i * words;
        uint64_t left = 0;
        for (uint32_t k = 0; k < words; k++) {
            left |= literals(w, c, k);
        }
        bool has = esp_cube_has(c, part);
        list_put(undecided, words, fr->undecided.cube[i], c);
        undecided->count += has && left;
        if (has && !left) {
            hold(w, fr->undecided.cube[i]);
        }
    }
    for (uint32_t i = 0; i < fr->care.count; i++) {
        const uint64_t *c = fr->care.inputs + (size_t)i * words;
        list_put(care, words, fr->care.cube[i], c);
        care->count += esp_cube_has(c, part);
    }
}

/* Go to the half of a node in which its variable has the value: lists into new arrays. */
static bool enter(walk *w, const frame *fr, bool one, list *undecided, list *care)
{
    if (!list_create(w, fr->undecided.count, undecided) || !list_create(w, fr->care.count, care)) {
        return false;
    }
    if (w->words == 1) { /* the commonest case by far */
        take_half(w, fr, fr->bit + one, 1, undecided, care);
    } else {
        take_half(w, fr, fr->bit + one, w->words, undecided, care);
    }
    return true;
}

/* Go on with the first half of the node. */
static frame *push_frame(walk *w, list undecided, list care)
{
    esp_arena *side = &w->ctx->side;
    esp_mark mark = esp_arena_mark(side);
    frame *fr = esp_arena_alloc(side, sizeof *fr);
    if (!fr) {
        (void)esp_alloc(w->ctx, SIZE_MAX);
        return NULL;
    }
    uint32_t ones;
    uint32_t all;
    uint32_t bit = w->words == 1 ? busiest(w, &undecided, 1, &ones, &all)
                                 : busiest(w, &undecided, w->words, &ones, &all);
    *fr = (frame){.below = w->top,
                  .mark = mark,
                  .above = esp_arena_mark(side),
                  .undecided = undecided,
                  .care = care};
    fr->holding = w->holdings;
    fr->bit = bit;
    /* Half 0 loses the primes with a literal 1, half 1 those with a literal 0: begin where fewer
     * stay. */
    fr->second_one = ones >= all - ones;
    w->top = fr;
    esp_cube_clear(w->free, bit);
    return fr;
}

/* Leave the nodes whose halves are both done. */
static frame *ascend(walk *w)
{
    while (w->top && w->top->second_done) {
        frame *fr = w->top;
        esp_cube_set(w->free, fr->bit);
        let_go(w, fr->holding);
        w->top = fr->below;
        esp_arena_release(&w->ctx->side, fr->mark);
    }
    return w->top;
}

/* Walk through the node given by the lists and everything below it. */
static bool walk_through(walk *w, list undecided, list care)
{
    for (;;) {
        if (!esp_spend(w->ctx, (uint64_t)undecided.count * w->s->words * 2 + care.count + 1)) {
            return false;
        }
        if (w->ctx->work > w->work_end) {
            w->too_much = true;
            return false;
        }
        bool ends = !care.count || implied(w);
        if (!ends && !undecided.count) {
            if (!push_row(w, esp_cube(w->care, w->s, care.cube[0]))) {
                return false;
            }
            ends = true;
        }
        frame *fr = ends ? ascend(w) : push_frame(w, undecided, care);
        if (!fr) {
            return ends;
        }
        bool one = ends ? fr->second_one : !fr->second_one;
        if (ends) {
            let_go(w, fr->holding);
            esp_arena_release(&w->ctx->side, fr->above);
            fr->second_done = true;
        }
        if (!enter(w, fr, one, &undecided, &care)) {
            return false;
        }
    }
}

static bool walk_create(walk *w, uint32_t primes)
{
    esp_context *ctx = w->ctx;
    w->next_room = 256;
    w->words = esp_max_u32(w->s->inputs + 31, 32) / 32;
    w->free = esp_alloc_array(ctx, w->words, sizeof *w->free);
    w->holding = esp_alloc_array(ctx, primes + 1, sizeof *w->holding);
    w->in_c = esp_alloc_zero(ctx, primes + 1, 1);
    w->essential = esp_alloc_zero(ctx, primes + 1, 1);
    w->watch = esp_alloc_zero(ctx, primes + 1, sizeof *w->watch);
    w->watches = esp_alloc_zero(ctx, primes + 1, sizeof *w->watches);
    w->next = esp_alloc_array(ctx, w->next_room, sizeof *w->next);
    w->sorted = esp_alloc_array(ctx, primes + 1, sizeof *w->sorted);
    return w->free && w->holding && w->in_c && w->essential && w->watch && w->watches && w->next &&
           w->sorted;
}

static bool rows_of_output(walk *w, uint32_t output_bit)
{
    const esp_shape *s = w->s;
    esp_arena *side = &w->ctx->side;
    esp_mark mark = esp_arena_mark(side);
    list undecided;
    list care;
    if (!list_create(w, w->primes->count, &undecided) || !list_create(w, w->care->count, &care)) {
        return false;
    }
    w->output_bit = output_bit;
    memcpy(w->free, s->binary, w->words * sizeof *w->free);
    for (uint32_t p = 0; p < w->primes->count; p++) {
        const uint64_t *c = esp_cube(w->primes, s, p);
        if (!esp_cube_has(c, output_bit)) {
            continue;
        }
        uint64_t left = 0;
        for (uint32_t k = 0; k < w->words; k++) {
            left |= literals(w, c, k);
        }
        if (left) {
            list_put(&undecided, w->words, p, c);
            undecided.count++;
        } else {
            hold(w, p);
        }
    }
    for (uint32_t i = 0; i < w->care->count; i++) {
        const uint64_t *c = esp_cube(w->care, s, i);
        list_put(&care, w->words, i, c);
        care.count += esp_cube_has(c, output_bit);
    }
    bool going = walk_through(w, undecided, care);
    let_go(w, 0);
    esp_arena_release(side, mark);
    return going;
}

static bool find_rows(esp_context *ctx, const esp_shape *s, const esp_cover *primes,
                      const esp_cover *care, uint64_t work, bool apart, esp_table *table,
                      esp_cover *points, bool *made)
{
    *made = false;
    walk w = {.ctx = ctx, .s = s, .primes = primes, .care = care, .table = table, .points = points};
    w.work_end = work < UINT64_MAX - ctx->work ? ctx->work + work : UINT64_MAX;
    bool going = esp_table_create(ctx, primes->count, table) && walk_create(&w, primes->count) &&
                 (!points || esp_cover_create(ctx, s, 256, points));
    const esp_var *out = esp_output_var(s);
    for (uint32_t p = 0; going && p < out->parts; p++) {
        if (apart) {
            memset(w.essential, 0, primes->count);
            memset(w.watch, 0, primes->count * sizeof *w.watch);
        }
        w.top = NULL;
        going = rows_of_output(&w, out->first + p);
    }
    *made = going;
    return going || (w.too_much && !esp_stopped(ctx));
}

bool esp_minimal_rows(esp_context *ctx, const esp_shape *s, const esp_cover *primes,
                      const esp_cover *care, uint64_t work, esp_table *table, esp_cover *points,
                      bool *made)
{
    return find_rows(ctx, s, primes, care, work, false, table, points, made);
}

bool esp_rows_by_output(esp_context *ctx, const esp_shape *s, const esp_cover *primes,
                        const esp_cover *care, uint64_t work, esp_table *table, esp_cover *points,
                        bool *made)
{
    return find_rows(ctx, s, primes, care, work, true, table, points, made);
}
