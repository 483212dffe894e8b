/* Rows that meet a cube, by columns; the idea is in meeting.h.
 *
 * Invariant: the columns say of every row what `rows` says. Cost: a question is (literals + parts
 * of the output) × rows / 64 word operations; a change of a row one bit operation for each part
 * that it loses.
 */
#include "minimize/meeting.h"

bool esp_meeting_create(esp_context *ctx, const esp_shape *s, const esp_cover *f,
                        const esp_cover *d, esp_meeting *m)
{
    *m = (esp_meeting){.ctx = ctx, .s = s, .first = f->count};
    if (!esp_cover_create(ctx, s, f->count + d->count, &m->rows) ||
        !esp_cover_append(ctx, s, &m->rows, f) || !esp_cover_append(ctx, s, &m->rows, d)) {
        return false;
    }
    m->columns = esp_blocking_create(ctx, s, &m->rows);
    if (!m->columns) {
        return false;
    }
    m->set = esp_alloc_array(ctx, m->columns->words + ESP_STRIDE, sizeof *m->set);
    m->wide = esp_alloc_array(ctx, (size_t)s->wides * m->columns->words, sizeof *m->wide);
    m->column = esp_alloc_array(ctx, s->vars, sizeof *m->column);
    return m->set && m->wide && m->column;
}

void esp_meeting_shrink(esp_meeting *m, uint32_t i, const uint64_t *row)
{
    uint64_t *old = esp_cube(&m->rows, m->s, i);
    uint32_t words = m->columns->words;
    for (uint32_t w = 0; w < m->s->words; w++) {
        for (uint64_t lost = old[w] & ~row[w]; lost; lost &= lost - 1) {
            size_t bit = (size_t)w * 64 + esp_lowest(lost);
            m->columns->absent[bit * words + i / 64] |= UINT64_C(1) << i % 64;
        }
        old[w] = row[w];
    }
}

/* The rows that miss c in a wide variable: those that lack each part it has. NULL: none can. */
static const uint64_t *misses(const esp_meeting *m, const uint64_t *c, uint32_t k)
{
    const esp_var *v = &m->s->var[m->s->inputs + k];
    uint32_t words = m->columns->words;
    uint64_t *set = m->wide + (size_t)k * words;
    const uint64_t *one = NULL;
    if (esp_var_all(v, c)) {
        return NULL;
    }
    for (uint32_t w = v->word; w <= v->last_word; w++) {
        for (uint64_t left = c[w] & esp_var_mask(v, w); left; left &= left - 1) {
            const uint64_t *next = esp_absent(m->columns, w * 64 + esp_lowest(left));
            if (!one) {
                one = next;
                continue;
            }
            for (uint32_t x = 0; x < words; x++) {
                set[x] = one[x] & next[x];
            }
            one = set;
        }
    }
    return one;
}

static uint32_t columns_of(esp_meeting *m, const uint64_t *c)
{
    const esp_shape *s = m->s;
    uint32_t n = 0;
    for (uint32_t w = 0; w < s->words; w++) {
        uint64_t low = ~(c[w] & c[w] >> 1) & s->binary[w]; /* variables with a literal */
        for (uint64_t left = c[w] & (low | low << 1); left; left &= left - 1) {
            m->column[n++] = esp_absent(m->columns, w * 64 + esp_lowest(left));
        }
    }
    for (uint32_t k = 0; k < s->wides; k++) {
        const uint64_t *column = misses(m, c, k);
        if (column) {
            m->column[n++] = column;
        }
    }
    return n;
}

bool esp_meeting_ask(esp_meeting *m, const uint64_t *c)
{
    const esp_blocking *b = m->columns;
    uint32_t n = columns_of(m, c);
    m->ctx->kernels->in_none(m->column, n, b->all, b->words, m->set);
    return esp_spend(m->ctx, (uint64_t)(n + 2) * b->words / 4 + 4);
}

bool esp_meeting_ask_near(esp_meeting *m, const uint64_t *c)
{
    const esp_blocking *b = m->columns;
    uint32_t n = columns_of(m, c);
    m->ctx->kernels->in_one_at_most(m->column, n, b->all, b->words, m->set);
    return esp_spend(m->ctx, (uint64_t)(n + 2) * b->words / 2 + 4);
}

static inline __attribute__((always_inline)) void gather(const esp_meeting *m, const uint64_t *c,
                                                         int64_t skip, const uint8_t *off,
                                                         uint32_t words, esp_cover *g)
{
    const uint64_t *full = m->s->full;
    const uint64_t *rows = m->rows.data;
    uint64_t *to = g->data;
    for (uint32_t k = 0; k < m->columns->words; k++) {
        for (uint64_t left = m->set[k]; left; left &= left - 1) {
            uint32_t i = k * 64 + esp_lowest(left);
            if (i == skip || (off && i < m->first && off[i])) {
                continue;
            }
            const uint64_t *row = rows + (size_t)i * words;
            for (uint32_t w = 0; w < words; w++) {
                to[w] = row[w] | (full[w] & ~c[w]);
            }
            to += words;
        }
    }
    g->count = (uint32_t)((size_t)(to - g->data) / words);
}

void esp_meeting_gather(const esp_meeting *m, const uint64_t *c, int64_t skip, const uint8_t *off,
                        esp_cover *g)
{
    switch (m->s->words) {
    case 1:
        gather(m, c, skip, off, 1, g);
        break;
    case 2:
        gather(m, c, skip, off, 2, g);
        break;
    default:
        gather(m, c, skip, off, m->s->words, g);
    }
}

bool esp_meeting_covers(esp_meeting *m, const uint64_t *c, int64_t skip, const uint8_t *off,
                        bool *answer)
{
    esp_mark mark = esp_mark_top(m->ctx);
    esp_cover g;
    *answer = false;
    bool going = esp_cover_create(m->ctx, m->s, m->rows.count + 1, &g) && esp_meeting_ask(m, c);
    if (going) {
        esp_meeting_gather(m, c, skip, off, &g);
        going = esp_spend(m->ctx, (uint64_t)g.count * m->s->words) &&
                esp_tautology(m->ctx, m->s, &g, answer);
    }
    esp_release(m->ctx, mark);
    return going;
}
