/* MAKE SPARSE: the same number of cubes with fewer connections.
 *
 * The idea. (1) An output part of a cube is not needed when the other cubes and D cover it: take it
 * away. (2) With fewer outputs there is less off-set to avoid: expand the inputs once more. Repeat
 * while the cost falls.
 *
 * Invariant: F covers the same care points; no cube is lost (a cube without outputs would be
 * redundant, and F is irredundant on entry). Cost: a tautology call for each output part of a cube
 * with more than one, and an expansion.
 *
 * Reference: Brayton et al. 1984, section 4.8 (MAKE_SPARSE: lowering outputs, raising inputs).
 */
#include "minimize/meeting.h"

/* The rows of g that have output part `bit`, with all outputs filled in. */
static void rows_of_output(const esp_shape *s, const esp_cover *g, uint32_t bit, esp_cover *h)
{
    const esp_var *out = esp_output_var(s);
    h->count = 0;
    for (uint32_t i = 0; i < g->count; i++) {
        const uint64_t *row = esp_cube(g, s, i);
        if (!esp_cube_has(row, bit)) {
            continue;
        }
        uint64_t *to = esp_cube(h, s, h->count++);
        esp_cube_copy(s, to, row);
        for (uint32_t w = out->word; w <= out->last_word; w++) {
            to[w] |= esp_var_mask(out, w);
        }
    }
}

/* Take from cube i the output parts that the other cubes and D cover. The others as seen from the
 * cube are made once. */
static bool lower_cube(esp_meeting *m, esp_cover *f, uint32_t i)
{
    esp_context *ctx = m->ctx;
    const esp_shape *s = m->s;
    const esp_var *out = esp_output_var(s);
    uint64_t *c = esp_cube(f, s, i);
    esp_cover g;
    esp_cover h;
    if (!esp_cover_create(ctx, s, m->rows.count + 1, &g) ||
        !esp_cover_create(ctx, s, m->rows.count + 1, &h) || !esp_meeting_ask(m, c)) {
        return false;
    }
    esp_meeting_gather(m, c, i, NULL, &g);
    uint32_t n = g.count;
    for (uint32_t bit = out->first; bit < out->first + out->parts; bit++) {
        if (!esp_cube_has(c, bit) || esp_var_count(out, c) == 1) {
            continue;
        }
        bool covered;
        rows_of_output(s, &g, bit, &h);
        if (!esp_spend(ctx, (uint64_t)n * s->words) || !esp_tautology(ctx, s, &h, &covered)) {
            return false;
        }
        if (covered) {
            esp_cube_clear(c, bit);
        }
    }
    esp_meeting_shrink(m, i, c);
    return true;
}

/* Remove output parts that the rest covers. */
static bool lower_outputs(esp_context *ctx, const esp_shape *s, esp_cover *f, const esp_cover *d)
{
    const esp_var *out = esp_output_var(s);
    esp_meeting m;
    esp_mark outer = esp_mark_top(ctx);
    bool going = esp_meeting_create(ctx, s, f, d, &m);
    for (uint32_t i = 0; going && i < f->count; i++) {
        if (esp_var_count(out, esp_cube(f, s, i)) > 1) {
            esp_mark mark = esp_mark_top(ctx);
            going = lower_cube(&m, f, i);
            esp_release(ctx, mark);
        }
    }
    esp_release(ctx, outer);
    return going;
}

static uint64_t total(const esp_shape *s, const esp_cover *f)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < f->count; i++) {
        const uint64_t *c = esp_cube(f, s, i);
        sum +=
            s->parts - s->outputs - esp_cube_parts(s, c) + 2 * esp_var_count(esp_output_var(s), c);
    }
    return sum;
}

/* Raise the inputs of the cubes that are not prime. */
static bool raise_inputs(esp_context *ctx, const esp_shape *s, const esp_blocking *r, esp_cover *f,
                         const esp_cover *d, bool settled, uint8_t *prime)
{
    esp_mark mark = esp_mark_top(ctx);
    esp_cover lowered;
    bool going = esp_cover_copy(ctx, s, f, &lowered) && esp_expand(ctx, s, r, f, prime, true);
    bool same = going && settled && f->count == lowered.count &&
                !memcmp(f->data, lowered.data, (size_t)f->count * s->words * sizeof *f->data);
    esp_release(ctx, mark);
    /* Lowering leaves each cube the points that are its own. */
    return going && (same || esp_irredundant(ctx, s, f, d, NULL));
}

bool esp_make_sparse(esp_context *ctx, const esp_shape *s, const esp_blocking *r, bool settled,
                     esp_cover *f, const esp_cover *d)
{
    esp_mark mark = esp_mark_top(ctx);
    uint8_t *prime = esp_alloc_array(ctx, f->count + 1, 1);
    esp_cover before;
    bool going = prime && esp_cover_create(ctx, s, f->count, &before);
    uint64_t cost = total(s, f);
    for (uint32_t round = 0; going && round < 8; round++) {
        before.count = 0;
        if (!esp_cover_append(ctx, s, &before, f)) {
            break;
        }
        going = s->outputs == 1 || lower_outputs(ctx, s, f, d);
        /* Where all were prime, and after the first round, only cubes that were lowered can be
         * raised. */
        uint32_t lowered = 0;
        for (uint32_t i = 0; i < f->count; i++) {
            prime[i] =
                (settled || round) && esp_cube_equal(s, esp_cube(f, s, i), esp_cube(&before, s, i));
            lowered += !prime[i];
        }
        if (!lowered) {
            break;
        }
        if (going && r) {
            going = raise_inputs(ctx, s, r, f, d, settled, prime);
        }
        if (!going) {
            break;
        }
        uint64_t now = total(s, f);
        if (now >= cost) { /* no better: the last one stays */
            if (now > cost) {
                memcpy(f->data, before.data, (size_t)before.count * s->words * sizeof *f->data);
                f->count = before.count;
            }
            break;
        }
        cost = now;
    }
    esp_release(ctx, mark);
    return going;
}
