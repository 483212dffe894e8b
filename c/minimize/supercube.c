/* SUPERCUBE OF THE COMPLEMENT: the smallest cube that holds every point a cover does not hold.
 *
 * The idea. The supercube of a union is the union of the supercubes, so the recursion of the
 * complement needs no covers: every leaf adds the supercube of what it misses, restricted to its
 * subspace, to one running cube. A subspace inside the running cube can add nothing and is skipped;
 * once the running cube is universal all is done.
 *
 * Leaves in closed form. Let the cover be unate in all live variables, without a universal row. The
 * point in which every live variable has the value no literal asks for is missed, so those values
 * belong to the answer; the other value of x belongs to it too, unless the single literal x is a
 * row. Few live variables: a truth table. A column of zeros: the points with that part are
 * all missed.
 *
 * Before that a few random points are tried: what a sparse cover misses is found at once.
 *
 * Invariant: answer = running ∪ what the cover at hand misses in its subspace ∪ the same for every
 * frame.
 *
 * Cost: as tautology, usually far less thanks to skipping. REDUCE calls it once a cube.
 *
 * Reference: Brayton et al. 1984, section 4.4 (REDUCE, Proposition 4.4.2 ff., SCCC).
 */
#include "minimize/steps.h"

enum { PROBE_MISSES = 3 };

typedef struct frame {
    struct frame *below;
    esp_mark mark;
    esp_cover f;
    uint64_t *right;
    uint64_t *space; /* subspace of this node */
    uint32_t var;
} frame;

typedef struct sccc {
    esp_context *ctx;
    const esp_shape *s;
    esp_urp urp;
    frame *top;
    uint64_t *running;
} sccc;

static void add(sccc *c, const uint64_t *cube)
{
    for (uint32_t w = 0; w < c->s->words; w++) {
        c->running[w] |= cube[w];
    }
}

/* Some columns are all zero. Adds what that alone proves missed and narrows `space` to the parts
 * that occur. */
static void add_zero_columns(sccc *c, esp_cover *f, uint64_t *space)
{
    const esp_shape *s = c->s;
    uint32_t only = ESP_NO_VAR;
    uint32_t vars = 0;
    for (uint32_t v = 0; v < s->vars; v++) {
        if (!esp_var_all(&s->var[v], c->urp.any)) {
            only = v;
            vars++;
        }
    }
    /* Two such variables, or one: a missed part of the one goes with every part of the other. */
    for (uint32_t w = 0; w < s->words; w++) {
        uint64_t narrow = 0;
        if (vars == 1 && w >= s->var[only].word && w <= s->var[only].last_word) {
            narrow = c->urp.any[w] & esp_var_mask(&s->var[only], w);
        }
        c->running[w] |= space[w] & ~narrow;
        space[w] &= c->urp.any[w];
    }
    f->count = esp_cofactor_rows(s, f->data, f->count, c->urp.any, f->data);
}

/* Parts that single-literal rows keep out of the answer: 1 bits in `out`. */
static void find_single_literals(const esp_shape *s, const esp_cover *f, uint64_t *out)
{
    for (uint32_t w = 0; w < s->words; w++) {
        out[w] = 0;
    }
    for (uint32_t i = 0; i < f->count; i++) {
        const uint64_t *row = esp_cube(f, s, i);
        uint32_t literals = 0;
        uint32_t at = 0;
        for (uint32_t w = 0; w < s->words && literals < 2; w++) {
            uint64_t lits = ~(row[w] & row[w] >> 1) & s->binary[w];
            literals += esp_popcount(lits);
            at = lits ? w : at;
        }
        if (literals == 1) {
            uint64_t lit = ~(row[at] & row[at] >> 1) & s->binary[at];
            out[at] |= row[at] & (lit | lit << 1);
        }
    }
}

static void add_tables(sccc *c, const esp_cover *f, const uint64_t *space)
{
    const esp_shape *s = c->s;
    uint32_t live[ESP_LEAF_VARS];
    uint32_t lives = esp_urp_live(&c->urp, live, ESP_LEAF_VARS);
    uint64_t goal = esp_table_mask(lives);
    uint32_t words = esp_table_words(lives);
    uint64_t table[ESP_LEAF_WORDS] = {0};
    for (uint32_t i = 0; i < f->count; i++) {
        uint64_t low;
        uint32_t where = esp_row_tables(esp_cube(f, s, i), live, lives, &low);
        esp_paint(table, low, where);
    }
    uint64_t missed = 0; /* in some word */
    uint32_t where = 0;  /* words that miss a point */
    for (uint32_t w = 0; w < words; w++) {
        missed |= goal & ~table[w];
        where |= (uint32_t)(table[w] != goal) << w;
    }
    if (!missed) {
        return;
    }
    for (uint32_t w = 0; w < s->words; w++) {
        uint64_t live_parts = (c->urp.miss[w] | c->urp.miss[w] >> 1) & s->binary[w];
        c->running[w] |= space[w] & ~(live_parts | live_parts << 1);
    }
    for (uint32_t k = 0; k < lives; k++) {
        static const uint8_t word_var[3] = {0xaa, 0xcc, 0xf0};
        uint64_t ones = k < 6 ? missed & esp_table_var[k] : where & word_var[k - 6];
        uint64_t zeros = k < 6 ? missed & ~esp_table_var[k] : where & ~(uint32_t)word_var[k - 6];
        if (zeros) {
            esp_cube_set(c->running, 2 * live[k]);
        }
        if (ones) {
            esp_cube_set(c->running, 2 * live[k] + 1);
        }
    }
}

typedef enum verdict { DONE, SPLIT, STOPPED } verdict;

/* Add what can be read off without splitting. */
static verdict examine(sccc *c, esp_cover *f, uint64_t *space, uint64_t *scratch)
{
    const esp_shape *s = c->s;
    for (;;) {
        if (esp_cube_in(s, space, c->running)) {
            return DONE;
        }
        if (!f->count) {
            add(c, space);
            return DONE;
        }
        if (!esp_spend(c->ctx, (uint64_t)f->count * s->words)) {
            return STOPPED;
        }
        esp_urp_survey(&c->urp, f);
        if (c->urp.universal) {
            return DONE;
        }
        bool zero_column = false;
        for (uint32_t w = 0; w < s->words; w++) {
            zero_column |= c->urp.any[w] != s->full[w];
        }
        if (c->urp.wide_active && zero_column) {
            add_zero_columns(c, f, space);
            continue;
        }
        if (c->urp.wide_active) {
            return SPLIT;
        }
        if (!c->urp.binate) {
            find_single_literals(s, f, scratch);
            for (uint32_t w = 0; w < s->words; w++) {
                scratch[w] = space[w] & ~scratch[w];
            }
            add(c, scratch);
            return DONE;
        }
        if (c->urp.live <= ESP_LEAF_VARS) {
            add_tables(c, f, space);
            return DONE;
        }
        return SPLIT;
    }
}

static bool push_frame(sccc *c, esp_cover *f, uint64_t *space)
{
    const esp_shape *s = c->s;
    esp_context *ctx = c->ctx;
    esp_mark mark = esp_mark_top(ctx);
    frame *fr = esp_alloc(ctx, sizeof *fr);
    uint64_t *left = esp_alloc_array(ctx, s->words, sizeof *left);
    uint64_t *right = esp_alloc_array(ctx, s->words, sizeof *right);
    uint64_t *whole = esp_alloc_array(ctx, s->words, sizeof *whole);
    esp_cover g;
    if (!fr || !left || !right || !whole || !esp_cover_create(ctx, s, f->count, &g)) {
        return false;
    }
    *fr = (frame){.below = c->top, .mark = mark, .f = *f, .right = right, .space = whole};
    fr->var = esp_urp_choose(&c->urp, f);
    (void)esp_urp_halves(&c->urp, fr->var, space, left,
                         right); /* a part that is lacked is never alone in its space */
    esp_cube_copy(s, whole, space);
    c->top = fr;
    esp_cofactor_var(s, f, fr->var, left, &g);
    *f = g;
    for (uint32_t w = 0; w < s->words; w++) {
        space[w] &= left[w];
    }
    return esp_spend(ctx, (uint64_t)fr->f.count * s->words);
}

bool esp_complement_supercube(esp_context *ctx, const esp_shape *s, esp_cover *f, uint64_t *cube)
{
    esp_mark mark = esp_mark_top(ctx);
    sccc c = {.ctx = ctx, .s = s, .running = cube};
    uint64_t *space = esp_alloc_array(ctx, s->words, sizeof *space);
    uint64_t *scratch = esp_alloc_array(ctx, s->words, sizeof *scratch);
    bool going = esp_urp_create(ctx, s, &c.urp) && space && scratch;
    for (uint32_t w = 0; w < s->words; w++) {
        cube[w] = 0;
        if (going) {
            space[w] = s->full[w];
        }
    }
    if (going && f->count >= ESP_PROBE_ROWS) {
        (void)esp_probe(ctx, s, f, UINT32_MAX, PROBE_MISSES, scratch, cube);
        going = !esp_stopped(ctx);
    }
    esp_cover cur = *f;
    while (going) {
        verdict v = examine(&c, &cur, space, scratch);
        if (v == SPLIT) {
            going = push_frame(&c, &cur, space);
            continue;
        }
        if (v == STOPPED) {
            going = false;
            break;
        }
        if (!c.top) {
            break;
        }
        frame done = *c.top;
        for (uint32_t w = 0; w < s->words; w++) {
            space[w] = done.space[w] & done.right[w];
        }
        esp_cofactor_var(s, &done.f, done.var, done.right, &done.f);
        cur = done.f;
        c.top = done.below;
        esp_release(ctx, done.mark);
    }
    esp_release(ctx, mark);
    return going;
}
