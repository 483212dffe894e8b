/* CERTIFICATES: proofs in the words of the function instead of those of the search.
 *
 * The idea. What the reductions of the whole table did need not be told. A column that a row forced
 * leaves that row's point; the rows left are points as well. Among these points an implicant holds
 * either one forced point and nothing else, or points of one component, all of them in one column
 * that was left (docs/certificate.md has the argument). So the certificate is a list of parts that
 * share no implicant, and each says how many cubes its points need:
 *
 *   - points with whole weights such that no implicant's points weigh more than the unit; found by
 *     rounding the prices to the smallest unit that keeps the bound. With unit 1 the points are
 *     independent: no implicant holds two of them;
 *   - or points, the columns, and the tree of the search.
 *
 * What no implicant can hold is shown by cubes of the off-set: those that meet the smallest cube
 * around the points. Where all weights are 1, one off cube for each pair of points is enough, and
 * only these are written.
 *
 * Cost: a pass over the entries for each unit tried; pairs of points × off cubes for the choice.
 */
#include "exact/certificate.h"

#include "exact/bounds.h"

#include <string.h> /* memcpy */

static const uint32_t units[] = {1, 2, 3, 4, 6, 8, 12, 24, 60, 120, 840, 10080, ESP_DUAL_ONE};
enum { UNITS = sizeof units / sizeof units[0] };

typedef struct writer {
    esp_context *ctx;
    const esp_shape *s;
    const esp_evidence *e;
    esp_bytes *text;
    esp_matrix m;        /* of the table */
    uint32_t *weight;    /* [rows] of the points of finished parts; 0: not written */
    uint32_t *local_row; /* [rows] number in a tree's part */
    uint32_t *local_column;
    uint32_t *load;   /* [columns] */
    uint32_t singles; /* points of weight 1 and unit 1 so far */
    uint32_t *single; /* [rows] them */
    bool whole_off;   /* pairs are not enough to show what is needed */
    bool ok;
} writer;

static void put_bytes(writer *w, const char *bytes, size_t length)
{
    esp_bytes *t = w->text;
    if (!w->ok || length == 0) { /* of nothing there may be no bytes at all */
        return;
    }
    if (t->room - t->length < length) {
        size_t room = 2 * t->room + length + 4096;
        uint8_t *larger = esp_arena_alloc(&w->ctx->side, room);
        if (!larger) {
            w->ok = false;
            return;
        }
        if (t->length) {
            memcpy(larger, t->data, t->length);
        }
        t->data = larger;
        t->room = room;
    }
    memcpy(t->data + t->length, bytes, length);
    t->length += length;
}

static void put_word(writer *w, const char *word)
{
    put_bytes(w, word, strlen(word));
}

static void put_number(writer *w, uint64_t n)
{
    char digits[24];
    uint32_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + n % 10);
        n /= 10;
    } while (n);
    put_bytes(w, digits + at, sizeof digits - at);
}

/* A line of a word and numbers. */
static void put_line(writer *w, const char *word, const uint32_t *number, uint32_t count)
{
    put_word(w, word);
    for (uint32_t k = 0; k < count; k++) {
        put_bytes(w, " ", 1);
        put_number(w, number[k]);
    }
    put_bytes(w, "\n", 1);
}

static void put_inputs(writer *w, const uint64_t *c)
{
    static const char symbol[4] = {'?', '0', '1', '-'};
    for (uint32_t k = 0; k < w->s->inputs; k++) {
        uint32_t bit = w->s->var[k].first;
        put_bytes(w, &symbol[c[bit / 64] >> bit % 64 & 3], 1);
    }
}

static void put_cover(writer *w, const char *word, const esp_cover *f)
{
    const esp_var *out = esp_output_var(w->s);
    put_line(w, word, &f->count, 1);
    for (uint32_t i = 0; i < f->count; i++) {
        const uint64_t *c = esp_cube(f, w->s, i);
        put_inputs(w, c);
        put_bytes(w, " ", 1);
        for (uint32_t p = 0; p < out->parts; p++) {
            put_bytes(w, esp_cube_has(c, out->first + p) ? "1" : "0", 1);
        }
        put_bytes(w, "\n", 1);
    }
}

/* A point, and the number of its output. */
static void put_point(writer *w, uint32_t row)
{
    const uint64_t *c = esp_cube(w->e->points, w->s, row);
    const esp_var *out = esp_output_var(w->s);
    uint32_t p = 0;
    while (p + 1 < out->parts && !esp_cube_has(c, out->first + p)) {
        p++;
    }
    put_inputs(w, c);
    put_bytes(w, " ", 1);
    put_number(w, p);
}

static bool in_block(const writer *w, uint32_t row, uint32_t block)
{
    return w->e->solution->block[row] == block;
}

/* Prices, in 1 / ESP_DUAL_ONE at words[0 … 2 * count - 1] by row, rounded to weights that no column
 * exceeds `unit` with. Returns the bound they give. */
static uint32_t round_prices(writer *w, const uint32_t *words, uint32_t count, uint32_t unit,
                             uint32_t block)
{
    const esp_matrix *m = &w->m;
    const uint8_t *left = w->e->solution->left_column;
    for (uint32_t i = 0; i < m->rows; i++) {
        w->weight[i] = in_block(w, i, block) ? 0 : w->weight[i];
    }
    for (uint32_t k = 0; k < count; k++) {
        w->weight[words[2 * k]] =
            (uint32_t)(((uint64_t)words[2 * k + 1] * unit * 2 + ESP_DUAL_ONE) /
                       (2 * (uint64_t)ESP_DUAL_ONE));
    }
    for (uint32_t j = 0; j < m->columns; j++) {
        uint64_t load = 0;
        for (uint32_t k = m->column_start[j]; left[j] && k < m->column_start[j + 1]; k++) {
            uint32_t i = m->column_entry[k];
            load += in_block(w, i, block) ? w->weight[i] : 0;
        }
        for (uint32_t k = m->column_start[j]; load > unit && k < m->column_start[j + 1]; k++) {
            uint32_t i = m->column_entry[k];
            if (in_block(w, i, block)) {
                uint32_t less = (uint32_t)(load - unit < w->weight[i] ? load - unit : w->weight[i]);
                w->weight[i] -= less;
                load -= less;
            }
        }
    }
    for (uint32_t j = 0; j < m->columns; j++) {
        w->load[j] = 0;
        for (uint32_t k = m->column_start[j]; left[j] && k < m->column_start[j + 1]; k++) {
            uint32_t i = m->column_entry[k];
            w->load[j] += in_block(w, i, block) ? w->weight[i] : 0;
        }
    }
    uint64_t sum = 0;
    for (uint32_t i = 0; i < m->rows; i++) { /* what the rounding left free */
        if (!in_block(w, i, block)) {
            continue;
        }
        uint32_t slack = unit;
        for (uint32_t k = m->row_start[i]; k < m->row_start[i + 1] && slack; k++) {
            uint32_t j = m->row_entry[k];
            slack = left[j] ? esp_min_u32(slack, unit - w->load[j]) : slack;
        }
        for (uint32_t k = m->row_start[i]; k < m->row_start[i + 1] && slack; k++) {
            w->load[m->row_entry[k]] += slack;
        }
        w->weight[i] += slack;
        sum += w->weight[i];
    }
    return (uint32_t)((sum + unit - 1) / unit);
}

/* A part that prices prove. False: not in whole weights. */
static bool put_dual(writer *w, const uint32_t *words, uint32_t count, uint32_t need,
                     uint32_t block)
{
    uint32_t k = 0;
    while (k < UNITS && round_prices(w, words, count, units[k], block) < need) {
        if (!esp_spend(w->ctx, (uint64_t)w->m.row_start[w->m.rows] * 2)) {
            return false;
        }
        k++;
    }
    if (k == UNITS) {
        return false;
    }
    uint32_t points = 0;
    for (uint32_t i = 0; i < w->m.rows; i++) {
        if (in_block(w, i, block) && w->weight[i]) {
            points++;
            if (k == 0) {
                w->single[w->singles++] = i;
            }
        }
    }
    if (k == 0) {
        return true;
    }
    w->whole_off = true;
    put_line(w, "dual", (uint32_t[]){need, units[k], points}, 3);
    for (uint32_t i = 0; i < w->m.rows; i++) {
        if (in_block(w, i, block) && w->weight[i]) {
            put_point(w, i);
            put_bytes(w, " ", 1);
            put_number(w, w->weight[i]);
            put_bytes(w, "\n", 1);
        }
    }
    return true;
}

/* Points and columns of a component that the search proves. */
static void put_matrix(writer *w, uint32_t need, uint32_t block)
{
    const esp_matrix *m = &w->m;
    uint32_t rows = 0;
    uint32_t columns = 0;
    for (uint32_t i = 0; i < m->rows; i++) {
        if (in_block(w, i, block)) {
            w->local_row[i] = rows++;
        }
    }
    for (uint32_t j = 0; j < m->columns; j++) {
        bool mine = false;
        for (uint32_t k = m->column_start[j]; k < m->column_start[j + 1] && !mine; k++) {
            mine = in_block(w, m->column_entry[k], block);
        }
        w->load[j] = mine && w->e->solution->left_column[j];
        if (w->load[j]) {
            w->local_column[j] = columns++;
        }
    }
    w->whole_off = true;
    put_line(w, "tree", (uint32_t[]){need, rows, columns, ESP_DUAL_ONE}, 4);
    for (uint32_t i = 0; i < m->rows; i++) {
        if (in_block(w, i, block)) {
            put_point(w, i);
            put_bytes(w, "\n", 1);
        }
    }
    for (uint32_t j = 0; j < m->columns; j++) {
        if (!w->load[j]) {
            continue;
        }
        put_word(w, "c");
        for (uint32_t k = m->column_start[j]; k < m->column_start[j + 1]; k++) {
            if (in_block(w, m->column_entry[k], block)) {
                put_bytes(w, " ", 1);
                put_number(w, w->local_row[m->column_entry[k]]);
            }
        }
        put_bytes(w, "\n", 1);
    }
}

/* Prices of a step: "row price" pairs. Moves *at behind them. */
static void put_prices(writer *w, size_t *at)
{
    const uint32_t *word = w->e->proof->word;
    for (uint32_t n = word[(*at)++]; n; n--, *at += 2) {
        put_bytes(w, " ", 1);
        put_number(w, w->local_row[word[*at]]);
        put_bytes(w, " ", 1);
        put_number(w, word[*at + 1]);
    }
}

static void put_columns(writer *w, const char *word_before, size_t *at)
{
    const uint32_t *word = w->e->proof->word;
    put_word(w, word_before);
    for (uint32_t n = word[(*at)++]; n; n--) {
        put_bytes(w, " ", 1);
        put_number(w, w->local_column[word[(*at)++]]);
    }
}

/* One step; returns how many nodes follow less the one that it may end. */
static int32_t put_step(writer *w, size_t *at)
{
    const uint32_t *word = w->e->proof->word + *at;
    const uint32_t *row = w->local_row;
    const uint32_t *column = w->local_column;
    switch (word[0]) {
    case ESP_PROOF_DROP:
        put_line(w, "drop", (uint32_t[]){row[word[1]]}, 1);
        *at += 2;
        return 0;
    case ESP_PROOF_DOMINATED:
        put_line(w, "dominated", (uint32_t[]){column[word[1]], column[word[2]]}, 2);
        *at += 3;
        return 0;
    case ESP_PROOF_FORCED:
        put_line(w, "forced", (uint32_t[]){column[word[1]], row[word[2]]}, 2);
        *at += 3;
        return 0;
    case ESP_PROOF_FIX:
        put_word(w, "fix");
        ++*at;
        put_prices(w, at);
        put_columns(w, " out", at);
        put_columns(w, " in", at);
        put_bytes(w, "\n", 1);
        return 0;
    case ESP_PROOF_EMPTY:
        put_line(w, "empty", (uint32_t[]){row[word[1]]}, 1);
        *at += 2;
        return -1;
    case ESP_PROOF_BOUND:
        put_word(w, "bound");
        ++*at;
        put_prices(w, at);
        put_bytes(w, "\n", 1);
        return -1;
    case ESP_PROOF_BRANCH:
    case ESP_PROOF_REFUSE:
        put_line(w, word[0] == ESP_PROOF_BRANCH ? "branch" : "refuse",
                 (uint32_t[]){column[word[1]]}, 1);
        *at += 2;
        return 1;
    default:
        put_line(w, "done", NULL, 0);
        ++*at;
        return -1;
    }
}

/* The nodes of one tree. Components of a split are announced by a line each, before their node. */
static bool put_tree(writer *w, size_t *at)
{
    const uint32_t *word = w->e->proof->word;
    /* Splits under way: components of them to come, and nodes open when the next one begins. */
    esp_mark mark = esp_mark_top(w->ctx);
    uint32_t room = w->m.columns + 2;
    uint32_t *parts = esp_alloc_array(w->ctx, room, sizeof *parts);
    int32_t *base = esp_alloc_array(w->ctx, room, sizeof *base);
    uint32_t depth = 0;
    int32_t open = 1;
    while (parts && base && (open || depth)) {
        while (depth && open == base[depth - 1]) { /* a component is done, or the split begins */
            if (!parts[depth - 1]) {
                depth--;
                continue;
            }
            parts[depth - 1]--;
            put_line(w, "part", (uint32_t[]){w->local_row[word[*at]], word[*at + 1]}, 2);
            *at += 2;
            open++;
        }
        if (!open) {
            break;
        }
        if (word[*at] == ESP_PROOF_SPLIT) {
            put_line(w, "split", (uint32_t[]){word[*at + 1]}, 1);
            open--;
            parts[depth] = word[*at + 1];
            base[depth++] = open;
            *at += 2;
        } else {
            open += put_step(w, at);
        }
    }
    esp_release(w->ctx, mark);
    return parts && base && w->ok;
}

static bool put_components(writer *w)
{
    const esp_proof *proof = w->e->proof;
    size_t at = 0;
    for (uint32_t b = 0; b < w->e->solution->blocks; b++) {
        uint32_t need = proof->word[at + 1];
        at += 2;
        const uint32_t *node = proof->word + at;
        bool priced = node[0] == ESP_PROOF_BOUND;
        if (priced && put_dual(w, node + 2, node[1], need, b)) {
            at += 2 + 2 * (size_t)node[1];
            continue;
        }
        put_matrix(w, need, b);
        if (!put_tree(w, &at)) {
            return false;
        }
    }
    return w->ok;
}

/* Marks, for each pair of points, one off cube that meets their supercube; a pair without one needs
 * none (it is in one part, which then says why). */
static bool mark_pairs(writer *w, const esp_cover *off, uint8_t *needed)
{
    const esp_shape *s = w->s;
    uint64_t *both = esp_alloc_array(w->ctx, s->words, sizeof *both);
    uint32_t *order = esp_alloc_array(w->ctx, (size_t)off->count + 1, sizeof *order);
    if (!both || !order) {
        return false;
    }
    for (uint32_t k = 0; k < off->count; k++) {
        order[k] = k;
    }
    for (uint32_t a = 0; a < w->singles; a++) {
        const uint64_t *x = esp_cube(w->e->points, s, w->single[a]);
        uint64_t looked = 0;
        for (uint32_t b = a + 1; b < w->singles; b++) {
            const uint64_t *y = esp_cube(w->e->points, s, w->single[b]);
            for (uint32_t k = 0; k < s->words; k++) {
                both[k] = x[k] | y[k];
            }
            uint32_t k = 0;
            while (k < off->count && !esp_cubes_meet(s, both, esp_cube(off, s, order[k]))) {
                k++;
            }
            looked += k + 2;
            if (k < off->count) { /* the ones that are needed come first from then on */
                uint32_t found = order[k];
                for (; k > 0 && !needed[found]; k--) {
                    order[k] = order[k - 1];
                }
                order[k] = found;
                needed[found] = 1;
            }
        }
        if (!esp_spend(w->ctx, looked * s->words)) {
            return false;
        }
    }
    return true;
}

static bool put_off(writer *w, const esp_cover *off)
{
    esp_cover needed;
    uint8_t *flag = esp_alloc_zero(w->ctx, (size_t)off->count + 1, 1);
    if (!flag || !esp_cover_create(w->ctx, w->s, off->count, &needed) ||
        (!w->whole_off && !mark_pairs(w, off, flag))) {
        return false;
    }
    for (uint32_t k = 0; k < off->count; k++) {
        if (w->whole_off || flag[k]) {
            (void)esp_cover_push_cube(w->ctx, w->s, &needed, esp_cube(off, w->s, k));
        }
    }
    put_cover(w, "off", &needed);
    return w->ok;
}

/* Points no two of which any implicant holds. */
static void put_singles(writer *w)
{
    if (!w->singles) {
        return;
    }
    put_line(w, "dual", (uint32_t[]){w->singles, 1, w->singles}, 3);
    for (uint32_t k = 0; k < w->singles; k++) {
        put_point(w, w->single[k]);
        put_word(w, " 1\n");
    }
}

bool esp_certificate_write(esp_context *ctx, const esp_shape *s, const esp_cover *cover,
                           const esp_cover *off, const esp_evidence *e, esp_bytes *text)
{
    const esp_table *t = e->table;
    esp_bytes all = {0};
    esp_bytes parts = {0};
    *text = (esp_bytes){0};
    writer w = {.ctx = ctx, .s = s, .e = e, .text = &parts, .ok = true};
    esp_mark mark = esp_mark_top(ctx);
    w.weight = esp_alloc_zero(ctx, (size_t)t->rows + 1, sizeof *w.weight);
    w.local_row = esp_alloc_zero(ctx, (size_t)t->rows + 1, sizeof *w.local_row);
    w.single = esp_alloc_zero(ctx, (size_t)t->rows + 1, sizeof *w.single);
    w.local_column = esp_alloc_zero(ctx, (size_t)t->columns + 1, sizeof *w.local_column);
    w.load = esp_alloc_zero(ctx, (size_t)t->columns + 1, sizeof *w.load);
    bool ok = w.weight && w.local_row && w.single && w.local_column && w.load &&
              esp_matrix_create(ctx, t, &w.m);
    for (uint32_t j = 0; ok && j < t->columns; j++) {
        if (e->solution->forced_by[j] != UINT32_MAX) {
            w.single[w.singles++] = e->solution->forced_by[j];
        }
    }
    ok = ok && put_components(&w);
    w.text = &all;
    if (ok) {
        put_line(&w, "certificate", (uint32_t[]){1}, 1);
        put_line(&w, "inputs", &s->inputs, 1);
        put_line(&w, "outputs", &s->outputs, 1);
        put_cover(&w, "cover", cover);
        ok = put_off(&w, off);
        put_singles(&w);
        put_bytes(&w, (const char *)parts.data, parts.length);
        put_line(&w, "end", NULL, 0);
    }
    esp_release(ctx, mark);
    uint8_t *kept = ok && w.ok ? esp_alloc(ctx, all.length) : NULL;
    if (kept) {
        memcpy(kept, all.data, all.length);
        *text = (esp_bytes){kept, all.length, all.length};
    }
    return kept != NULL;
}
