/* TAUTOLOGY: does a cover hold every point of the space?
 *
 * The idea. Split until the answer can be read off a cover: a universal row says yes; no row, a
 * column of zeros, or too few points in all rows together say no. In a unate variable only the half
 * matters in which the rows with a literal vanish, so those rows are dropped without splitting
 * ("unate reduction"). Blocks of rows that share no variable can be looked at one by one: the cover
 * is a tautology exactly when some block is ("component splitting"). With few binary variables
 * left the cover is a truth table of a few words.
 *
 * Invariant. A frame on the stack is a cover that must also be a tautology for the answer to be
 * yes; the cover at hand plus all frames together are the question. The first "no" ends it.
 *
 * Cost: exponential at worst (the problem is co-NP-complete); a node costs a few passes over its
 * rows. Work is counted in rows times words.
 *
 * Not here: a memo of answers. On the classic functions a whole run splits between 4 and 8,000
 * times, on tables of a few hundred rows; what recurs (two splits in three where it does at all) is
 * a few hundredths of the run's work at most.
 *
 * Reference: Brayton et al. 1984, sections 3.3 and 4.1; the point-count bound is from R. Rudell,
 * MSc thesis, Berkeley, 1986, section 3.
 */
#include "minimize/steps.h"

typedef enum verdict { YES, NO, SPLIT, STOPPED } verdict;

enum { PROBE_MISSES = 2 };

typedef struct frame {
    struct frame *below;
    esp_mark mark; /* memory of everything above this frame starts here */
    esp_cover f;
    uint64_t *right; /* the half still to be done */
    uint32_t var;
} frame;

/* Upper bound of the points that the rows hold, as a fraction of the space; false when it is below
 * 1. 2^-62 units, every rounding upwards. */
static bool enough_points(const esp_shape *s, const esp_cover *f, bool wide)
{
    const uint64_t one = UINT64_C(1) << 62;
    uint64_t sum = 0;
    for (uint32_t i = 0; i < f->count; i++) {
        const uint64_t *row = esp_cube(f, s, i);
        uint32_t literals = 0;
        for (uint32_t w = 0; w < s->words; w++) {
            literals += esp_popcount(~(row[w] & row[w] >> 1) & s->binary[w]);
        }
        uint64_t points = literals < 62 ? one >> literals : 1;
        for (uint32_t v = s->inputs; wide && v < s->vars; v++) {
            uint32_t parts = s->var[v].parts;
            uint32_t has = esp_var_count(&s->var[v], row);
            if (has < parts) {
                points = (points / parts + 1) * has;
            }
        }
        sum += points;
        if (sum >= one) {
            return true;
        }
    }
    return false;
}

/* Drop the rows with a literal on a unate binary variable. True when some were dropped. */
static bool drop_unate(esp_urp *u, esp_cover *f)
{
    const esp_shape *s = u->shape;
    const uint64_t *unate = esp_urp_unate(u);
    uint32_t n = 0;
    for (uint32_t i = 0; i < f->count; i++) {
        const uint64_t *row = esp_cube(f, s, i);
        uint64_t drop = 0;
        for (uint32_t w = 0; w < s->words; w++) {
            drop |= ~row[w] & unate[w];
        }
        if (!drop) {
            if (n != i) {
                esp_cube_copy(s, esp_cube(f, s, n), row);
            }
            n++;
        }
    }
    bool dropped = n != f->count;
    f->count = n;
    return dropped;
}

static bool is_full(const uint64_t *table, uint32_t words, uint64_t goal)
{
    for (uint32_t w = 0; w < words; w++) {
        if (table[w] != goal) {
            return false;
        }
    }
    return true;
}

/* Few live binary variables: OR the tables of the rows, one table an output part. */
static verdict by_tables(const esp_urp *u, const esp_cover *f)
{
    const esp_shape *s = u->shape;
    uint32_t live[ESP_LEAF_VARS];
    uint32_t lives = esp_urp_live(u, live, ESP_LEAF_VARS);
    uint64_t goal = esp_table_mask(lives);
    uint32_t words = esp_table_words(lives);
    const esp_var *out = esp_output_var(s);
    uint64_t low;
    if (!u->wide_active) {
        uint64_t table[ESP_LEAF_WORDS] = {0};
        for (uint32_t i = 0; i < f->count; i++) {
            uint32_t where = esp_row_tables(esp_cube(f, s, i), live, lives, &low);
            esp_paint(table, low, where);
        }
        return is_full(table, words, goal) ? YES : NO;
    }
    uint64_t tables[64][ESP_LEAF_WORDS];
    uint64_t active = u->miss[out->word] & out->mask;
    for (uint64_t left = active; left; left &= left - 1) {
        memset(tables[esp_lowest(left)], 0, words * sizeof tables[0][0]);
    }
    for (uint32_t i = 0; i < f->count; i++) {
        const uint64_t *row = esp_cube(f, s, i);
        uint32_t where = esp_row_tables(row, live, lives, &low);
        for (uint64_t left = row[out->word] & active; left; left &= left - 1) {
            esp_paint(tables[esp_lowest(left)], low, where);
        }
    }
    for (uint64_t left = active; left; left &= left - 1) {
        if (!is_full(tables[esp_lowest(left)], words, goal)) {
            return NO;
        }
    }
    return YES;
}

static bool tables_fit(const esp_urp *u, uint32_t most)
{
    return u->live <= most && (!u->wide_active || u->shape->narrow);
}

/* Everything that can be said of a cover without splitting it. */
static verdict examine(esp_context *ctx, esp_urp *u, esp_cover *f)
{
    const esp_shape *s = u->shape;
    for (;;) {
        if (!f->count) {
            return NO;
        }
        if (!esp_spend(ctx, (uint64_t)f->count * s->words)) {
            return STOPPED;
        }
        esp_urp_survey(u, f);
        if (u->universal) {
            return YES;
        }
        for (uint32_t w = 0; w < s->words; w++) {
            if (u->any[w] != s->full[w]) {
                return NO;
            }
        }
        if (tables_fit(u, 6)) {
            return by_tables(u, f);
        }
        if (u->live == u->binate || !drop_unate(u, f)) {
            break;
        }
    }
    if (tables_fit(u, ESP_LEAF_VARS)) {
        return by_tables(u, f);
    }
    return enough_points(s, f, u->wide_active) ? SPLIT : NO;
}

/* The rows that share variables with row 0, directly or through others, move to the front. Returns
 * how many there are; equal to f->count when the cover does not fall apart. */
static uint32_t gather_component(const esp_urp *u, esp_cover *f, uint64_t *vars)
{
    const esp_shape *s = u->shape;
    uint32_t words = s->words;
    for (uint32_t w = 0; w < words; w++) {
        vars[w] = 0;
    }
    uint32_t inside = 0;
    bool grown = true;
    while (grown && inside < f->count) {
        grown = false;
        for (uint32_t i = inside; i < f->count; i++) {
            uint64_t *row = esp_cube(f, s, i);
            bool touches = i == 0 && inside == 0;
            for (uint32_t w = 0; w < words && !touches; w++) {
                uint64_t literals = ~(row[w] & row[w] >> 1) & s->binary[w];
                touches = (literals & vars[w]) != 0;
            }
            if (!touches) {
                continue;
            }
            uint64_t *to = esp_cube(f, s, inside);
            for (uint32_t w = 0; w < words; w++) {
                uint64_t swap = to[w];
                to[w] = row[w];
                row[w] = swap;
                uint64_t literals = ~(to[w] & to[w] >> 1) & s->binary[w];
                grown |= (literals & ~vars[w]) != 0;
                vars[w] |= literals;
            }
            inside++;
        }
    }
    return inside;
}

/* Try to answer through components; SPLIT when the cover is in one piece. A component is a smaller
 * question of the same kind, put by calling ourselves on it: the pieces get strictly smaller and
 * are never split again at this level, and depth is kept down by treating the smaller side by the
 * call. */
static bool push_frame(esp_context *ctx, esp_urp *u, frame **top, esp_cover *f)
{
    const esp_shape *s = u->shape;
    uint32_t var = esp_urp_choose(u, f);
    esp_mark mark = esp_mark_top(ctx);
    frame *fr = esp_alloc(ctx, sizeof *fr);
    uint64_t *left = esp_alloc_array(ctx, s->words, sizeof *left);
    uint64_t *right = esp_alloc_array(ctx, s->words, sizeof *right);
    esp_cover g;
    if (!fr || !left || !right || !esp_cover_create(ctx, s, f->count, &g)) {
        return false;
    }
    if (!esp_urp_halves(u, var, NULL, left, right)) {
        esp_cofactor_var(s, f, var, left, f);
        esp_release(ctx, mark);
        return true;
    }
    *fr = (frame){.below = *top, .mark = mark, .f = *f, .right = right, .var = var};
    *top = fr;
    esp_cofactor_var(s, f, var, left, &g);
    *f = g;
    return esp_spend(ctx, (uint64_t)fr->f.count * s->words);
}

bool esp_tautology(esp_context *ctx, const esp_shape *s, esp_cover *f, bool *answer)
{
    esp_mark mark = esp_mark_top(ctx);
    esp_urp u;
    uint64_t *vars = esp_alloc_array(ctx, s->words, sizeof *vars);
    bool going = esp_urp_create(ctx, s, &u) && vars;
    frame *top = NULL;
    esp_cover cur = *f;
    *answer = true;
    if (going && f->count >= ESP_PROBE_ROWS) {
        uint64_t *point = esp_alloc_array(ctx, s->words, sizeof *point);
        for (uint32_t w = 0; w < s->words; w++) {
            vars[w] = 0;
        }
        going = point != NULL;
        if (going && esp_probe(ctx, s, f, 1, PROBE_MISSES, point, vars)) {
            *answer = false;
            esp_release(ctx, mark);
            return true;
        }
    }
    while (going) {
        verdict v = examine(ctx, &u, &cur);
        if (v == SPLIT && !u.wide_active) {
            uint32_t inside = gather_component(&u, &cur, vars);
            if (inside < cur.count) {
                /* Either piece may be the tautology. Ask for the smaller one on its own; go on with
                 * the other. */
                esp_cover rest = {esp_cube(&cur, s, inside), cur.count - inside,
                                  cur.count - inside};
                esp_cover piece = {cur.data, inside, inside};
                bool first_smaller = inside <= rest.count;
                bool yes = false;
                going = esp_tautology(ctx, s, first_smaller ? &piece : &rest, &yes);
                cur = first_smaller ? rest : piece;
                if (!going || !yes) {
                    continue;
                }
                v = YES;
            }
        }
        if (v == SPLIT) {
            going = push_frame(ctx, &u, &top, &cur);
            continue;
        }
        if (v != YES || !top) {
            going = v != STOPPED;
            *answer = v == YES;
            break;
        }
        /* This branch holds: take up the other half of the newest frame, in place of the frame. */
        frame done = *top;
        esp_cofactor_var(s, &done.f, done.var, done.right, &done.f);
        cur = done.f;
        top = done.below;
        esp_release(ctx, done.mark);
    }
    esp_release(ctx, mark);
    return going;
}

bool esp_covered(esp_context *ctx, const esp_shape *s, const uint64_t *c,
                 const esp_cover *const *covers, uint32_t cover_count, int64_t skip,
                 const uint8_t *off, bool *answer)
{
    esp_mark mark = esp_mark_top(ctx);
    uint32_t total = 0;
    for (uint32_t k = 0; k < cover_count; k++) {
        total += covers[k]->count;
    }
    esp_cover g;
    if (!esp_spend(ctx, (uint64_t)(total + 1) * s->words) ||
        !esp_cover_create(ctx, s, total + 1, &g)) {
        esp_release(ctx, mark);
        return false;
    }
    for (uint32_t k = 0; k < cover_count; k++) {
        const esp_cover *from = covers[k];
        uint32_t begin = 0;
        for (uint32_t i = 0; i < from->count && k == 0;
             i++) { /* the runs between rows that are left out */
            if (i == skip || (off && off[i])) {
                g.count += esp_cofactor_rows(s, esp_cube(from, s, begin), i - begin, c,
                                             esp_cube(&g, s, g.count));
                begin = i + 1;
            }
        }
        g.count += esp_cofactor_rows(s, esp_cube(from, s, begin), from->count - begin, c,
                                     esp_cube(&g, s, g.count));
    }
    bool going = esp_tautology(ctx, s, &g, answer);
    esp_release(ctx, mark);
    return going;
}
