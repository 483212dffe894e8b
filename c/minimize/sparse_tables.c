/* MAKE SPARSE ON TABLES: sparse.c for functions of few inputs, without an off-set as cubes.
 *
 * The idea. The inputs where an output is on, off or free are a truth table of 2^inputs bits, and
 * so are those of a cube. (1) Output by output: a cube does not need it when the others that have
 * it hold all its care points. Those before it and those after it are kept as two tables, so each
 * question is one pass over words. A cube that needs no output is superfluous. (2) Which inputs of
 * a cube can go: turn the off points of all its outputs so that they say in which variables they
 * differ from the cube. Freeing a set of variables S lets in exactly the points that differ within
 * S, so S is allowed when no subset of it is marked; with the marks spread to all supersets the
 * largest S that has none is read off, and no cube with these outputs has fewer literals. Repeat
 * while a cube was lowered.
 *
 * Invariant: F covers the same care points and meets no off point. Cost: (cubes × outputs + cubes ×
 * inputs) × 2^inputs / 64 word operations a round.
 *
 * Reference: Brayton et al. 1984, section 4.8; the literals that must stay are a hitting set of the
 * blocking matrix, ibid., section 4.3.
 */
#include "minimize/steps.h"

enum { WORDS = 1 << (ESP_SPARSE_INPUTS - 6), ROUNDS = 8 };

/* The inputs of a cube: `low` in each word of `words`. */
typedef struct block {
    uint64_t low;
    uint32_t words;
} block;

typedef struct sparse {
    esp_context *ctx;
    const esp_shape *s;
    esp_cover *f;
    uint32_t words;   /* of a table */
    uint64_t mask;    /* of the only word, of fewer than six inputs */
    uint64_t *off;    /* [outputs][words] */
    uint64_t *free;   /* [outputs][words]: D */
    block *cube;      /* the inputs of F's cubes */
    uint32_t *having; /* cubes that have the output at hand */
    uint64_t *after;  /* [having + 1][words]: what those from here on hold */
    uint8_t *lowered; /* one byte a cube */
} sparse;

static block inputs_of(const sparse *t, const uint64_t *c)
{
    static const uint32_t live[ESP_SPARSE_INPUTS] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
    block b;
    b.words = esp_row_tables(c, live, t->s->inputs, &b.low);
    return b;
}

/* Adds a cover to the tables of its outputs. */
static bool paint(const sparse *t, const esp_cover *f, uint64_t *tables)
{
    const esp_shape *s = t->s;
    const esp_var *out = esp_output_var(s);
    for (uint32_t i = 0; i < f->count; i++) {
        const uint64_t *c = esp_cube(f, s, i);
        block b = inputs_of(t, c);
        for (uint32_t w = out->word; w <= out->last_word; w++) {
            for (uint64_t left = c[w] & esp_var_mask(out, w); left; left &= left - 1) {
                uint32_t o = w * 64 + esp_lowest(left) - out->first;
                esp_paint(tables + (size_t)o * t->words, b.low, b.words);
            }
        }
    }
    return esp_spend(t->ctx, (uint64_t)f->count * (s->outputs + t->words));
}

/* Does c need the output, when the cubes before and after it are there? */
static bool needed(const sparse *t, block c, const uint64_t *free, const uint64_t *before,
                   const uint64_t *after)
{
    uint64_t bare = 0;
    for (uint32_t left = c.words; left; left &= left - 1) {
        uint32_t w = esp_lowest(left);
        bare |= c.low & ~(free[w] | before[w] | after[w]);
    }
    return (bare & t->mask) != 0;
}

/* Takes output o from the cubes that do not need it. */
static bool lower_output(sparse *t, uint32_t o)
{
    const esp_shape *s = t->s;
    uint32_t bit = esp_output_var(s)->first + o;
    uint32_t words = t->words;
    uint32_t n = 0;
    for (uint32_t i = 0; i < t->f->count; i++) {
        t->having[n] = i;
        n += esp_cube_has(esp_cube(t->f, s, i), bit);
    }
    memset(t->after + (size_t)n * words, 0, words * sizeof *t->after);
    for (uint32_t k = n; k--;) {
        uint64_t *to = t->after + (size_t)k * words;
        memcpy(to, to + words, words * sizeof *to);
        const block *b = &t->cube[t->having[k]];
        esp_paint(to, b->low, b->words);
    }
    uint64_t before[WORDS] = {0};
    const uint64_t *free = t->free + (size_t)o * words;
    for (uint32_t k = 0; k < n; k++) {
        uint32_t i = t->having[k];
        if (needed(t, t->cube[i], free, before, t->after + (size_t)(k + 1) * words)) {
            esp_paint(before, t->cube[i].low, t->cube[i].words);
        } else {
            esp_cube_clear(esp_cube(t->f, s, i), bit);
            t->lowered[i] = 1;
        }
    }
    return esp_spend(t->ctx, (uint64_t)n * (words + 2) + t->f->count / 8);
}

/* The cubes that have an output stay. */
static void drop_empty(sparse *t)
{
    const esp_shape *s = t->s;
    uint32_t n = 0;
    for (uint32_t i = 0; i < t->f->count; i++) {
        const uint64_t *c = esp_cube(t->f, s, i);
        if (!esp_var_count(esp_output_var(s), c)) {
            continue;
        }
        if (n != i) {
            esp_cube_copy(s, esp_cube(t->f, s, n), c);
            t->cube[n] = t->cube[i];
            t->lowered[n] = t->lowered[i];
        }
        n++;
    }
    t->f->count = n;
}

/* Swaps the halves of a table in variable k. */
static void swap_halves(uint64_t *table, uint32_t words, uint32_t k)
{
    if (k < 6) {
        for (uint32_t w = 0; w < words; w++) {
            table[w] = (table[w] & esp_table_var[k]) >> (1u << k) | (table[w] & ~esp_table_var[k])
                                                                        << (1u << k);
        }
        return;
    }
    for (uint32_t w = 0; w < words; w++) {
        uint32_t other = w | 1u << (k - 6);
        if (other != w) {
            uint64_t kept = table[w];
            table[w] = table[other];
            table[other] = kept;
        }
    }
}

/* Points where variable k is 0 (`up`) or 1 are marked at the other value too. */
static void spread(uint64_t *table, uint32_t words, uint32_t k, bool up)
{
    if (k < 6) {
        for (uint32_t w = 0; w < words; w++) {
            table[w] |= up ? (table[w] & ~esp_table_var[k]) << (1u << k)
                           : (table[w] & esp_table_var[k]) >> (1u << k);
        }
        return;
    }
    for (uint32_t w = 0; w < words; w++) {
        uint32_t other = w | 1u << (k - 6);
        if (other != w) {
            table[up ? other : w] |= table[up ? w : other];
        }
    }
}

/* The index with most bits that is not marked; one is not. */
static uint32_t largest_free(const sparse *t, const uint64_t *marked)
{
    /* [n]: the six-bit numbers with n bits */
    static const uint64_t with_bits[7] = {
        UINT64_C(0x0000000000000001), UINT64_C(0x0000000100010116), UINT64_C(0x0001011601161668),
        UINT64_C(0x0116166816686880), UINT64_C(0x1668688068808000), UINT64_C(0x6880800080000000),
        UINT64_C(0x8000000000000000),
    };
    for (uint32_t bits = t->s->inputs; bits; bits--) {
        for (uint32_t w = 0; w < t->words; w++) {
            uint32_t high = esp_popcount(w);
            if (high <= bits && bits - high <= 6) {
                uint64_t open = ~marked[w] & with_bits[bits - high] & t->mask;
                if (open) {
                    return w * 64 + esp_lowest(open);
                }
            }
        }
    }
    return 0;
}

/* Cube i with as few literals as its outputs allow. */
static void raise_inputs(sparse *t, uint32_t i)
{
    const esp_shape *s = t->s;
    const esp_var *out = esp_output_var(s);
    uint64_t *c = esp_cube(t->f, s, i);
    uint32_t words = t->words;
    uint64_t marked[WORDS] = {0};
    for (uint32_t w = out->word; w <= out->last_word; w++) {
        for (uint64_t left = c[w] & esp_var_mask(out, w); left; left &= left - 1) {
            uint32_t o = w * 64 + esp_lowest(left) - out->first;
            for (uint32_t k = 0; k < words; k++) {
                marked[k] |= t->off[(size_t)o * words + k];
            }
        }
    }
    for (uint32_t k = 0; k < s->inputs; k++) {
        uint32_t parts = c[0] >> 2 * k & 3;
        if (parts == 2) {
            swap_halves(marked, words, k);
        } else if (parts == 3) {
            spread(marked, words, k, false);
        }
    }
    for (uint32_t k = 0; k < s->inputs; k++) {
        spread(marked, words, k, true);
    }
    for (uint32_t open = largest_free(t, marked); open; open &= open - 1) {
        c[0] |= UINT64_C(3) << 2 * esp_lowest(open);
    }
    t->cube[i] = inputs_of(t, c);
}

static bool create(sparse *t, const esp_cover *given, const esp_cover *d, const esp_cover *r)
{
    const esp_shape *s = t->s;
    t->words = esp_table_words(s->inputs);
    t->mask = esp_table_mask(s->inputs);
    size_t all = (size_t)s->outputs * t->words;
    uint32_t count = t->f->count + 1;
    t->off = esp_alloc_zero(t->ctx, all, sizeof *t->off);
    t->free = esp_alloc_zero(t->ctx, all, sizeof *t->free);
    t->cube = esp_alloc_array(t->ctx, count, sizeof *t->cube);
    t->having = esp_alloc_array(t->ctx, count, sizeof *t->having);
    t->after = esp_alloc_array(t->ctx, (size_t)count * t->words, sizeof *t->after);
    t->lowered = esp_alloc_array(t->ctx, count, 1);
    if (!t->off || !t->free || !t->cube || !t->having || !t->after || !t->lowered ||
        !paint(t, d, t->free) || !paint(t, r ? r : given, t->off)) {
        return false;
    }
    for (size_t k = 0; k < all && !r; k++) {
        t->off[k] = ~(t->off[k] | t->free[k]);
    }
    for (uint32_t i = 0; i < t->f->count; i++) {
        t->cube[i] = inputs_of(t, esp_cube(t->f, s, i));
    }
    return true;
}

bool esp_sparse_fits(const esp_shape *s)
{
    return s->wides == 1 && s->inputs <= ESP_SPARSE_INPUTS;
}

bool esp_make_sparse_on_tables(esp_context *ctx, const esp_shape *s, const esp_cover *given,
                               const esp_cover *d, const esp_cover *r, esp_cover *f)
{
    esp_mark mark = esp_mark_top(ctx);
    sparse t = {.ctx = ctx, .s = s, .f = f};
    bool going = create(&t, given, d, r);
    bool more = true;
    for (uint32_t round = 0; going && more && round < ROUNDS; round++) {
        memset(t.lowered, 0, f->count);
        for (uint32_t o = 0; going && o < s->outputs; o++) {
            going = lower_output(&t, o);
        }
        drop_empty(&t);
        more = false;
        for (uint32_t i = 0; going && i < f->count; i++) {
            if (t.lowered[i] || !round) { /* the others are as they were raised */
                raise_inputs(&t, i);
                more = true;
                going = esp_spend(ctx, (uint64_t)t.words * (s->inputs + s->outputs));
            }
        }
    }
    esp_release(ctx, mark);
    return going;
}
