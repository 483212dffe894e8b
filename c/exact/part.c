/* REDUCTIONS of a covering problem, each told to the proof.
 *
 * The idea. A row with one column forces it. A row that holds all columns of another row is implied
 * by it. A column whose rows another column covers as well is not needed. Passes of the three, each
 * followed by a compact copy, go on until nothing changes.
 *
 * Gimpel's reduction is not among them: docs/exact.md says what it cost.
 *
 * Invariant: a smallest cover of the part, with the columns taken, is a smallest cover of the part
 * as it was. Cost: a pass compares each row (column) with those of its rarest column (shortest
 * row); a 64-bit signature of the members settles most comparisons.
 *
 * Reference: O. Coudert, "On solving covering problems", DAC 1996.
 */
#include "exact/part.h"

#include <string.h> /* memcpy */

static bool alloc_part(esp_context *ctx, uint32_t rows, uint32_t columns, uint32_t entries,
                       esp_part *p)
{
    uint32_t *row_start = esp_alloc_array(ctx, (size_t)rows + 1, sizeof *row_start);
    uint32_t *row_entry = esp_alloc_array(ctx, (size_t)entries + 1, sizeof *row_entry);
    uint32_t *column_start = esp_alloc_zero(ctx, (size_t)columns + 2, sizeof *column_start);
    uint32_t *column_entry = esp_alloc_array(ctx, (size_t)entries + 1, sizeof *column_entry);
    p->row_name = esp_alloc_array(ctx, (size_t)rows + 1, sizeof *p->row_name);
    p->column_name = esp_alloc_array(ctx, (size_t)columns + 1, sizeof *p->column_name);
    p->m = (esp_matrix){rows, columns, row_start, row_entry, column_start, column_entry};
    return row_start && row_entry && column_start && column_entry && p->row_name && p->column_name;
}

/* The columns' lists from the rows' lists. */
static void transpose(esp_part *p)
{
    uint32_t *start = (uint32_t *)p->m.column_start + 1; /* shifted by one while it fills */
    uint32_t *entry = (uint32_t *)p->m.column_entry;
    uint32_t entries = p->m.row_start[p->m.rows];
    for (uint32_t k = 0; k < entries; k++) {
        start[p->m.row_entry[k]]++;
    }
    uint32_t sum = 0;
    for (uint32_t j = 0; j < p->m.columns; j++) {
        uint32_t n = start[j];
        start[j] = sum;
        sum += n;
    }
    for (uint32_t i = 0; i < p->m.rows; i++) {
        for (uint32_t k = p->m.row_start[i]; k < p->m.row_start[i + 1]; k++) {
            entry[start[p->m.row_entry[k]]++] = i;
        }
    }
}

bool esp_part_create(esp_context *ctx, const esp_table *t, esp_part *p)
{
    uint32_t entries = t->start[t->rows];
    if (!alloc_part(ctx, t->rows, t->columns, entries, p)) {
        return false;
    }
    memcpy((uint32_t *)p->m.row_start, t->start, ((size_t)t->rows + 1) * sizeof *t->start);
    memcpy((uint32_t *)p->m.row_entry, t->entry, (size_t)entries * sizeof *t->entry);
    for (uint32_t i = 0; i < t->rows; i++) {
        p->row_name[i] = i;
    }
    for (uint32_t j = 0; j < t->columns; j++) {
        p->column_name[j] = j;
    }
    transpose(p);
    return true;
}

bool esp_part_shrink(esp_context *ctx, const esp_part *p, const uint8_t *row_gone,
                     const uint8_t *column_gone, esp_part *smaller)
{
    const esp_matrix *m = &p->m;
    uint32_t rows = 0;
    uint32_t columns = 0;
    for (uint32_t i = 0; i < m->rows; i++) {
        rows += !row_gone[i];
    }
    uint32_t *local = esp_alloc_array(ctx, (size_t)m->columns + 1, sizeof *local);
    if (!local) {
        return false;
    }
    uint32_t entries = 0;
    for (uint32_t j = 0; j < m->columns; j++) {
        local[j] = columns;
        if (column_gone[j]) {
            continue;
        }
        uint32_t before = entries;
        for (uint32_t k = m->column_start[j]; k < m->column_start[j + 1]; k++) {
            entries += !row_gone[m->column_entry[k]];
        }
        if (entries > before) {
            columns++;
        } else {
            local[j] = UINT32_MAX; /* it covers nothing any more */
        }
    }
    if (!alloc_part(ctx, rows, columns, entries, smaller)) {
        return false;
    }
    for (uint32_t j = 0; j < m->columns; j++) {
        if (!column_gone[j] && local[j] != UINT32_MAX) {
            smaller->column_name[local[j]] = p->column_name[j];
        }
    }
    uint32_t *start = (uint32_t *)smaller->m.row_start;
    uint32_t *entry = (uint32_t *)smaller->m.row_entry;
    uint32_t n = 0;
    uint32_t at = 0;
    for (uint32_t i = 0; i < m->rows; i++) {
        if (row_gone[i]) {
            continue;
        }
        start[n] = at;
        smaller->row_name[n++] = p->row_name[i];
        for (uint32_t k = m->row_start[i]; k < m->row_start[i + 1]; k++) {
            if (!column_gone[m->row_entry[k]]) {
                entry[at++] = local[m->row_entry[k]];
            }
        }
    }
    start[n] = at;
    transpose(smaller);
    return esp_spend(ctx, (uint64_t)m->row_start[m->rows] / 2 + m->columns);
}

bool esp_part_without(esp_context *ctx, const esp_part *p, uint32_t j, bool taken,
                      esp_part *smaller)
{
    uint8_t *row_gone = esp_alloc_zero(ctx, (size_t)p->m.rows + 1, 1);
    uint8_t *column_gone = esp_alloc_zero(ctx, (size_t)p->m.columns + 1, 1);
    if (!row_gone || !column_gone) {
        return false;
    }
    column_gone[j] = 1;
    for (uint32_t k = p->m.column_start[j]; taken && k < p->m.column_start[j + 1]; k++) {
        row_gone[p->m.column_entry[k]] = 1;
    }
    return esp_part_shrink(ctx, p, row_gone, column_gone, smaller);
}

typedef struct reducer {
    esp_context *ctx;
    esp_part *p;
    esp_names *taken;
    esp_proof *proof;
    uint8_t *row_gone, *column_gone;
    uint64_t *row_sign, *column_sign; /* a bit for each member, members modulo 64 */
    uint64_t looked;
} reducer;

static bool force_single(reducer *r, bool *dead)
{
    const esp_matrix *m = &r->p->m;
    bool changed = false;
    for (uint32_t i = 0; i < m->rows; i++) {
        if (r->row_gone[i]) {
            continue;
        }
        uint32_t only = UINT32_MAX;
        uint32_t left = 0;
        for (uint32_t k = m->row_start[i]; k < m->row_start[i + 1] && left < 2; k++) {
            if (!r->column_gone[m->row_entry[k]]) {
                only = m->row_entry[k];
                left++;
            }
        }
        if (left == 0) {
            esp_proof_put(r->proof, ESP_PROOF_EMPTY);
            esp_proof_put(r->proof, r->p->row_name[i]);
            *dead = true;
            return true;
        }
        if (left == 1) {
            esp_proof_put(r->proof, ESP_PROOF_FORCED);
            esp_proof_put(r->proof, r->p->column_name[only]);
            esp_proof_put(r->proof, r->p->row_name[i]);
            r->taken->name[r->taken->count++] = r->p->column_name[only];
            r->column_gone[only] = 1;
            for (uint32_t k = m->column_start[only]; k < m->column_start[only + 1]; k++) {
                r->row_gone[m->column_entry[k]] = 1;
            }
            changed = true;
        }
    }
    return changed;
}

/* Is list a inside list b? Both ascending. */
static bool inside(reducer *r, const uint32_t *a, uint32_t a_count, const uint32_t *b,
                   uint32_t b_count)
{
    uint32_t k = 0;
    for (uint32_t i = 0; i < a_count; i++) {
        while (k < b_count && b[k] < a[i]) {
            k++;
        }
        if (k == b_count || b[k] != a[i]) {
            r->looked += i + 2;
            return false;
        }
    }
    r->looked += a_count + 2;
    return true;
}

static void sign(const uint32_t *start, const uint32_t *entry, uint32_t count, uint64_t *signs)
{
    for (uint32_t i = 0; i < count; i++) {
        signs[i] = 0;
        for (uint32_t k = start[i]; k < start[i + 1]; k++) {
            signs[i] |= UINT64_C(1) << (entry[k] * UINT32_C(2654435761) >> 26);
        }
    }
}

/* Rows that hold a whole other row, found from the smaller one at its rarest column. The part is
 * compact here: no flags to look at but those set on the way. */
static bool drop_rows(reducer *r)
{
    const esp_matrix *m = &r->p->m;
    bool changed = false;
    sign(m->row_start, m->row_entry, m->rows, r->row_sign);
    for (uint32_t i = 0; i < m->rows; i++) {
        if (r->row_gone[i]) {
            continue;
        }
        uint32_t length = m->row_start[i + 1] - m->row_start[i];
        uint32_t rare = m->row_entry[m->row_start[i]];
        uint32_t least = UINT32_MAX;
        for (uint32_t k = m->row_start[i]; k < m->row_start[i + 1]; k++) {
            uint32_t j = m->row_entry[k];
            uint32_t n = m->column_start[j + 1] - m->column_start[j];
            if (n < least) {
                least = n;
                rare = j;
            }
        }
        for (uint32_t k = m->column_start[rare]; k < m->column_start[rare + 1]; k++) {
            uint32_t o = m->column_entry[k];
            if (o == i || r->row_gone[o] || r->row_sign[i] & ~r->row_sign[o] ||
                !inside(r, m->row_entry + m->row_start[i], length, m->row_entry + m->row_start[o],
                        m->row_start[o + 1] - m->row_start[o])) {
                continue;
            }
            r->row_gone[o] = 1;
            changed = true;
            esp_proof_put(r->proof, ESP_PROOF_DROP);
            esp_proof_put(r->proof, r->p->row_name[o]);
        }
        r->looked += least;
    }
    return changed;
}

static bool drop_columns(reducer *r)
{
    const esp_matrix *m = &r->p->m;
    bool changed = false;
    sign(m->column_start, m->column_entry, m->columns, r->column_sign);
    for (uint32_t j = 0; j < m->columns; j++) {
        uint32_t length = m->column_start[j + 1] - m->column_start[j];
        if (!length) {
            r->column_gone[j] = 1;
            changed = true;
            continue;
        }
        uint32_t shortest = m->column_entry[m->column_start[j]];
        uint32_t least = UINT32_MAX;
        for (uint32_t k = m->column_start[j]; k < m->column_start[j + 1]; k++) {
            uint32_t i = m->column_entry[k];
            uint32_t n = m->row_start[i + 1] - m->row_start[i];
            if (n < least) {
                least = n;
                shortest = i;
            }
        }
        for (uint32_t k = m->row_start[shortest]; k < m->row_start[shortest + 1]; k++) {
            uint32_t o = m->row_entry[k];
            if (o == j || r->column_gone[o] || r->column_sign[j] & ~r->column_sign[o] ||
                !inside(r, m->column_entry + m->column_start[j], length,
                        m->column_entry + m->column_start[o],
                        m->column_start[o + 1] - m->column_start[o])) {
                continue;
            }
            r->column_gone[j] = 1;
            changed = true;
            esp_proof_put(r->proof, ESP_PROOF_DOMINATED);
            esp_proof_put(r->proof, r->p->column_name[j]);
            esp_proof_put(r->proof, r->p->column_name[o]);
            break;
        }
        r->looked += least;
    }
    return changed;
}

/* A compact copy without what is marked. */
static bool compact(reducer *r)
{
    esp_part smaller;
    if (!esp_spend(r->ctx, r->looked / 2) ||
        !esp_part_shrink(r->ctx, r->p, r->row_gone, r->column_gone, &smaller)) {
        return false;
    }
    r->looked = 0;
    *r->p = smaller;
    memset(r->row_gone, 0, smaller.m.rows);
    memset(r->column_gone, 0, smaller.m.columns);
    return true;
}

bool esp_part_reduce(esp_context *ctx, esp_part *p, esp_names *taken, esp_proof *proof, bool *dead)
{
    *dead = false;
    reducer r = {.ctx = ctx, .p = p, .taken = taken, .proof = proof};
    r.row_gone = esp_alloc_zero(ctx, (size_t)p->m.rows + 1, 1);
    r.column_gone = esp_alloc_zero(ctx, (size_t)p->m.columns + 1, 1);
    r.row_sign = esp_alloc_array(ctx, (size_t)p->m.rows + 1, sizeof *r.row_sign);
    r.column_sign = esp_alloc_array(ctx, (size_t)p->m.columns + 1, sizeof *r.column_sign);
    if (!r.row_gone || !r.column_gone || !r.row_sign || !r.column_sign) {
        return false;
    }
    for (uint32_t quiet = 0, pass = 0; quiet < 3 && p->m.rows; pass++) {
        bool changed = pass % 3 == 0   ? force_single(&r, dead)
                       : pass % 3 == 1 ? drop_rows(&r)
                                       : drop_columns(&r);
        if (*dead) {
            return true;
        }
        if (changed && !compact(&r)) {
            return false;
        }
        quiet = changed ? 0 : quiet + 1;
    }
    return esp_spend(ctx, r.looked / 2);
}

bool esp_part_blocks(esp_context *ctx, const esp_part *p, uint32_t *block, uint32_t *blocks)
{
    const esp_matrix *m = &p->m;
    uint32_t *queue = esp_alloc_array(ctx, (size_t)m->rows + 1, sizeof *queue);
    uint8_t *seen = esp_alloc_zero(ctx, (size_t)m->columns + 1, 1);
    *blocks = 0;
    if (!queue || !seen) {
        return false;
    }
    memset(block, 0xff, m->rows * sizeof *block);
    for (uint32_t first = 0; first < m->rows; first++) {
        if (block[first] != UINT32_MAX) {
            continue;
        }
        uint32_t head = 0;
        uint32_t tail = 0;
        queue[tail++] = first;
        block[first] = *blocks;
        while (head < tail) {
            uint32_t i = queue[head++];
            for (uint32_t k = m->row_start[i]; k < m->row_start[i + 1]; k++) {
                uint32_t j = m->row_entry[k];
                for (uint32_t r = m->column_start[j]; !seen[j] && r < m->column_start[j + 1]; r++) {
                    uint32_t o = m->column_entry[r];
                    if (block[o] == UINT32_MAX) {
                        block[o] = *blocks;
                        queue[tail++] = o;
                    }
                }
                seen[j] = 1;
            }
        }
        ++*blocks;
    }
    return esp_spend(ctx, (uint64_t)m->row_start[m->rows] / 2 + m->rows + m->columns);
}
