/* IRREDUNDANT: the fewest cubes of a cover that still cover what it covers.
 *
 * The idea. A cube that the others and D do not cover must stay (E, relatively essential); one that
 * E and D cover alone goes (totally redundant); what is left, R, is partly redundant: some may go,
 * not all. To find out which, walk through the subspaces of each cube of R and note, wherever E and
 * D leave a hole, which cubes of R fill it: "one of these must stay" is a row of a covering problem
 * with the cubes of R as columns.
 *
 * The walk. A subspace in which some row of E ∪ D is universal has no hole. Rows with a literal on
 * a variable in which all rows are unate vanish in the half that matters: there the set of cubes
 * that fill the hole is smallest, and larger sets are implied. When only universal rows are left,
 * they are the row. Few live variables: truth tables give the points directly. What lies in
 * an earlier cube of R was looked at in its walk: from then on that cube counts as one of E.
 *
 * Invariant: F is unchanged until the covering problem is solved. Cost: a tautology call a cube,
 * then the walks; rows are kept only when no earlier row is inside them.
 *
 * Reference: Brayton et al. 1984, section 4.5 (IRREDUNDANT_COVER, minimal irredundant), Rudell
 * 1986.
 */
#include "exact/covering.h"
#include "minimize/meeting.h"

enum { TAG_FIXED = 0xffffffff }; /* a row of E or D */

typedef struct walk {
    esp_context *ctx;
    const esp_shape *s;
    esp_urp urp;
    esp_table table;
    uint32_t *fill;   /* columns of the row being made */
    uint64_t *digest; /* [RECENT] of the newest rows: bit (column mod 64) for each column */
} walk;

typedef struct frame {
    struct frame *below;
    esp_mark mark;
    esp_cover f;
    uint32_t *tag;
    uint64_t *right;
    uint32_t var;
} frame;

enum { RECENT = 256 }; /* rows looked back at: those of the same cube are close together */

/* Is an earlier row of the table inside the ascending set fill[0 … n-1]? */
static bool implied(const walk *w, uint32_t n)
{
    const esp_table *t = &w->table;
    uint32_t from = t->rows > RECENT ? t->rows - RECENT : 0;
    uint64_t mine = 0;
    for (uint32_t i = 0; i < n; i++) {
        mine |= UINT64_C(1) << w->fill[i] % 64;
    }
    w->digest[t->rows % RECENT] = mine; /* where it stands if it becomes the next row */
    for (uint32_t i = from; i < t->rows; i++) {
        uint32_t k = t->start[i];
        uint32_t end = t->start[i + 1];
        if (end - k > n || (i > from && w->digest[i % RECENT] & ~mine)) {
            continue;
        }
        uint32_t a = 0;
        while (k < end && a < n) {
            k += t->entry[k] == w->fill[a];
            a++;
        }
        if (k == end) {
            return true;
        }
    }
    return false;
}

static bool push_row(walk *w, uint32_t n)
{
    /* Ascending order: tags are collected in row order, which keeps it, except after table leaves.
     */
    for (uint32_t i = 1; i < n; i++) {
        for (uint32_t k = i; k && w->fill[k - 1] > w->fill[k]; k--) {
            uint32_t swap = w->fill[k];
            w->fill[k] = w->fill[k - 1];
            w->fill[k - 1] = swap;
        }
    }
    return implied(w, n) || esp_table_push(w->ctx, &w->table, w->fill, n);
}

/* A point of the holes, the lowest; false: there is none. */
static bool first_hole(const uint64_t *holes, uint32_t words, uint32_t *word, uint64_t *point)
{
    for (uint32_t k = 0; k < words; k++) {
        if (holes[k]) {
            *word = k;
            *point = holes[k] & (~holes[k] + 1);
            return true;
        }
    }
    return false;
}

/* Rows for every point of a subspace with few live variables. */
static bool leaf_tables(walk *w, const esp_cover *f, const uint32_t *tag)
{
    const esp_shape *s = w->s;
    uint32_t live[ESP_LEAF_VARS];
    uint32_t lives = esp_urp_live(&w->urp, live, ESP_LEAF_VARS);
    uint32_t words = esp_table_words(lives);
    uint64_t holes[ESP_LEAF_WORDS];
    uint64_t fixed[ESP_LEAF_WORDS] = {0};
    uint64_t same[ESP_LEAF_WORDS];
    esp_arena *side = &w->ctx->side;
    esp_mark mark = esp_arena_mark(side);
    uint64_t *low = esp_arena_alloc(side, (size_t)(f->count + 1) * sizeof *low);
    uint8_t *where = esp_arena_alloc(side, f->count + 1);
    if (!low || !where) {
        (void)esp_alloc(w->ctx, SIZE_MAX);
        return false;
    }
    for (uint32_t i = 0; i < f->count; i++) {
        where[i] = (uint8_t)esp_row_tables(esp_cube(f, s, i), live, lives, &low[i]);
        if (tag[i] == TAG_FIXED) {
            esp_paint(fixed, low[i], where[i]);
        }
    }
    for (uint32_t k = 0; k < words; k++) {
        holes[k] = esp_table_mask(lives) & ~fixed[k];
    }
    /* Points with the same set of cubes make one row: take a point, keep those that agree with it.
     */
    uint32_t word;
    uint64_t point;
    bool going = true;
    while (going && first_hole(holes, words, &word, &point)) {
        memcpy(same, holes, sizeof same);
        uint32_t n = 0;
        for (uint32_t i = 0; i < f->count; i++) {
            if (tag[i] == TAG_FIXED) {
                continue;
            }
            bool in = where[i] >> word & 1 && (low[i] & point) != 0;
            for (uint32_t k = word; k < words; k++) {
                uint64_t table = where[i] >> k & 1 ? low[i] : 0;
                same[k] &= in ? table : ~table;
            }
            w->fill[n] = tag[i];
            n += in;
        }
        for (uint32_t k = word; k < words; k++) {
            holes[k] &= ~same[k];
        }
        going = push_row(w, n);
    }
    esp_arena_release(side, mark);
    return going;
}

typedef enum verdict { DONE, SPLIT, STOPPED } verdict;

/* Drop rows with a literal on a variable that is unate in all rows. */
static bool drop_unate(walk *w, esp_cover *f, uint32_t *tag)
{
    const esp_shape *s = w->s;
    const uint64_t *unate = esp_urp_unate(&w->urp);
    uint32_t n = 0;
    for (uint32_t i = 0; i < f->count; i++) {
        const uint64_t *row = esp_cube(f, s, i);
        uint64_t drop = 0;
        for (uint32_t k = 0; k < s->words; k++) {
            drop |= ~row[k] & unate[k];
        }
        if (!drop) {
            tag[n] = tag[i];
            esp_cube_copy(s, esp_cube(f, s, n++), row);
        }
    }
    bool dropped = n != f->count;
    f->count = n;
    return dropped;
}

static verdict examine(walk *w, esp_cover *f, uint32_t *tag)
{
    const esp_shape *s = w->s;
    for (;;) {
        if (!esp_spend(w->ctx, (uint64_t)(f->count + 1) * s->words)) {
            return STOPPED;
        }
        uint32_t universal = 0;
        for (uint32_t i = 0; i < f->count; i++) {
            if (esp_cube_full(s, esp_cube(f, s, i))) {
                if (tag[i] == TAG_FIXED) {
                    return DONE;
                }
                w->fill[universal++] = tag[i];
            }
        }
        esp_urp_survey(&w->urp, f);
        if (universal == f->count) {
            return push_row(w, universal) ? DONE : STOPPED;
        }
        if (!w->urp.wide_active && w->urp.live <= ESP_LEAF_VARS) {
            return leaf_tables(w, f, tag) ? DONE : STOPPED;
        }
        if (w->urp.live == w->urp.binate || !drop_unate(w, f, tag)) {
            return SPLIT;
        }
    }
}

static void cofactor_tagged(const esp_shape *s, const esp_cover *f, const uint32_t *tag,
                            uint32_t var, const uint64_t *half, esp_cover *g, uint32_t *g_tag)
{
    const esp_var *v = &s->var[var];
    uint32_t n = 0;
    if (v->word == v->last_word) {
        uint32_t at = v->word;
        uint64_t keep = half[at] & v->mask;
        uint64_t fill = v->mask & ~keep;
        for (uint32_t i = 0; i < f->count; i++) {
            const uint64_t *row = esp_cube(f, s, i);
            uint64_t *to = esp_cube(g, s, n);
            bool meets = (row[at] & keep) != 0; /* asked before it is written: g may be f */
            g_tag[n] = tag[i];
            for (uint32_t w = 0; w < s->words; w++) {
                to[w] = row[w];
            }
            to[at] |= fill;
            n += meets;
        }
        g->count = n;
        return;
    }
    for (uint32_t i = 0; i < f->count; i++) {
        const uint64_t *row = esp_cube(f, s, i);
        uint64_t meet = 0;
        for (uint32_t w = v->word; w <= v->last_word; w++) {
            meet |= row[w] & half[w] & esp_var_mask(v, w);
        }
        if (!meet) {
            continue;
        }
        uint64_t *to = esp_cube(g, s, n);
        esp_cube_copy(s, to, row);
        for (uint32_t w = v->word; w <= v->last_word; w++) {
            to[w] |= esp_var_mask(v, w) & ~half[w];
        }
        g_tag[n++] = tag[i];
    }
    g->count = n;
}

/* Walk through the cover f (cofactored by a cube of R) and add rows. Frames live in the side arena,
 * because the table grows in the main one meanwhile. */
static bool walk_through(walk *w, esp_cover f, uint32_t *tag)
{
    const esp_shape *s = w->s;
    esp_arena *side = &w->ctx->side;
    frame *top = NULL;
    for (;;) {
        verdict v = examine(w, &f, tag);
        if (v == STOPPED) {
            return false;
        }
        if (v == SPLIT) {
            esp_mark mark = esp_arena_mark(side);
            size_t row = s->words * sizeof(uint64_t);
            frame *fr = esp_arena_alloc(side, sizeof *fr);
            uint64_t *halves = esp_arena_alloc(side, 2 * row);
            uint64_t *data = esp_arena_alloc(side, (f.count + 1) * row);
            uint32_t *g_tag = esp_arena_alloc(side, (f.count + 1) * sizeof *g_tag);
            if (!fr || !halves || !data || !g_tag) {
                (void)esp_alloc(w->ctx, SIZE_MAX);
                return false;
            }
            esp_cover g = {data, 0, f.count};
            *fr =
                (frame){.below = top, .mark = mark, .f = f, .tag = tag, .right = halves + s->words};
            fr->var = esp_urp_choose(&w->urp, &f);
            if (!esp_urp_halves(&w->urp, fr->var, NULL, halves, fr->right)) {
                cofactor_tagged(s, &f, tag, fr->var, halves, &f, tag);
                esp_arena_release(side, mark);
                continue;
            }
            cofactor_tagged(s, &f, tag, fr->var, halves, &g, g_tag);
            top = fr;
            f = g;
            tag = g_tag;
            continue;
        }
        if (!top) {
            return true;
        }
        frame done = *top;
        cofactor_tagged(s, &done.f, done.tag, done.var, done.right, &done.f, done.tag);
        f = done.f;
        tag = done.tag;
        top = done.below;
        esp_arena_release(side, done.mark);
    }
}

/* The rows for one cube of R: E, D and R as seen from it. */
static bool rows_of_cube(walk *w, esp_meeting *m, const uint32_t *column, uint32_t index)
{
    const esp_shape *s = w->s;
    esp_arena *side = &w->ctx->side;
    const uint64_t *c = esp_cube(&m->rows, s, index);
    if (!esp_meeting_ask(m, c)) {
        return false;
    }
    esp_mark mark = esp_arena_mark(side);
    uint32_t total = m->rows.count;
    uint64_t *data = esp_arena_alloc(side, (size_t)(total + 1) * s->words * sizeof *data);
    uint32_t *tag = esp_arena_alloc(side, (size_t)(total + 1) * sizeof *tag);
    if (!data || !tag) {
        (void)esp_alloc(w->ctx, SIZE_MAX);
        return false;
    }
    esp_cover g = {data, 0, total};
    for (uint32_t k = 0; k < m->columns->words; k++) {
        for (uint64_t left = m->set[k]; left; left &= left - 1) {
            uint32_t i = k * 64 + esp_lowest(left);
            uint32_t t = i < m->first ? column[i] : TAG_FIXED;
            if (t == TAG_FIXED - 1) {
                continue; /* totally redundant */
            }
            tag[g.count] = t < column[index] ? TAG_FIXED : t; /* there an earlier walk has been */
            const uint64_t *row = esp_cube(&m->rows, s, i);
            uint64_t *to = esp_cube(&g, s, g.count++);
            for (uint32_t x = 0; x < s->words; x++) {
                to[x] = row[x] | (s->full[x] & ~c[x]);
            }
        }
    }
    bool going = esp_spend(w->ctx, (uint64_t)g.count * s->words) && walk_through(w, g, tag);
    esp_arena_release(side, mark);
    return going;
}

/* column[i] = TAG_FIXED for E, TAG_FIXED - 1 for totally redundant cubes, else the number of the
 * cube in R. */
static bool classify(esp_meeting *m, const esp_cover *f, const uint8_t *known, uint32_t *column,
                     uint32_t *columns)
{
    esp_context *ctx = m->ctx;
    uint8_t *not_essential = esp_alloc_zero(ctx, f->count + 1, 1);
    bool going = not_essential != NULL;
    *columns = 0;
    for (uint32_t i = 0; going && i < f->count; i++) {
        bool covered = known && known[i];
        going = covered || esp_meeting_covers(m, esp_cube(f, m->s, i), i, NULL, &covered);
        not_essential[i] = covered;
    }
    for (uint32_t i = 0; going && i < f->count; i++) {
        column[i] = TAG_FIXED;
        if (not_essential[i]) {
            bool covered;
            going = esp_meeting_covers(m, esp_cube(f, m->s, i), i, not_essential, &covered);
            column[i] = covered ? TAG_FIXED - 1 : (*columns)++;
        }
    }
    return going;
}

bool esp_irredundant(esp_context *ctx, const esp_shape *s, esp_cover *f, const esp_cover *d,
                     uint8_t *others_cover)
{
    esp_mark mark = esp_mark_top(ctx);
    uint32_t *column = esp_alloc_array(ctx, f->count + 1, sizeof *column);
    uint32_t columns = 0;
    walk w = {.ctx = ctx, .s = s};
    esp_meeting m;
    bool going = column && esp_meeting_create(ctx, s, f, d, &m) &&
                 classify(&m, f, others_cover, column, &columns);
    uint8_t *chosen = NULL;
    if (going && columns) {
        w.fill = esp_alloc_array(ctx, columns, sizeof *w.fill);
        chosen = esp_alloc_array(ctx, columns, 1);
        uint32_t *weight = esp_alloc_array(ctx, columns, sizeof *weight);
        w.digest = esp_alloc_array(ctx, RECENT, sizeof *w.digest);
        going = w.fill && w.digest && chosen && weight && esp_urp_create(ctx, s, &w.urp) &&
                esp_table_create(ctx, columns, &w.table);
        for (uint32_t i = 0; going && i < f->count; i++) {
            if (column[i] < columns) {
                weight[column[i]] = s->parts - esp_cube_parts(s, esp_cube(f, s, i));
                going = rows_of_cube(&w, &m, column, i);
            }
        }
        uint32_t bound;
        going = going && esp_cover_rows(ctx, &w.table, weight, (uint64_t)w.table.rows * 400 + 2000,
                                        chosen, &bound);
    }
    uint32_t n = 0;
    for (uint32_t i = 0; going && i < f->count; i++) {
        if (column[i] == TAG_FIXED || (column[i] < columns && chosen[column[i]])) {
            if (others_cover) {
                others_cover[n] = column[i] != TAG_FIXED;
            }
            esp_cube_copy(s, esp_cube(f, s, n++), esp_cube(f, s, i));
        }
    }
    if (going) {
        f->count = n;
    }
    esp_release(ctx, mark);
    return going;
}
