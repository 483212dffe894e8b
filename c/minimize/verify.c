/* VERIFY: is a cover an implementation of a function? Asked of every answer before it is handed
 * out.
 *
 * The rule. Nothing of OFF may be covered, and everything of ON outside DC must be. Where OFF is
 * not given it is what neither ON nor DC covers, so "nothing of OFF" reads "every cube inside ON ∪
 * DC".
 *
 * Three ways, none of which shares code with the steps: up to 16 inputs by painting every cube
 * into bit sets of all points, one output after the other, and comparing; beyond by searching each
 * cube for an uncovered point (uncovered.c); functions that came as tables are painted as tables.
 *
 * Cost: painting is O(outputs × (2^inputs / 64 + words painted)); searching is exponential at worst
 * and counts as work, so a limit can end it: then nothing is claimed.
 */
#include "minimize/steps.h"

enum { PAINT_INPUTS = 16 };

/* Paint a cube's points: `set` has one bit for each value of the inputs. The lowest six inputs are
 * one word's table; the words whose index agrees with the literals of the others are visited one by
 * one. */
static uint64_t paint(const uint64_t *c, uint32_t inputs, uint64_t *set)
{
    uint64_t pairs = c[0];
    uint32_t low = inputs < 6 ? inputs : 6;
    uint64_t table = esp_table_mask(low);
    for (uint32_t k = 0; k < low; k++) {
        uint64_t ones = esp_table_var[k];
        table &= (pairs >> 2 * k & 1 ? ~ones : 0) | (pairs >> 2 * k & 2 ? ones : 0);
    }
    uint32_t must = 0; /* bits of the word index that are 1, and that are free */
    uint32_t free = 0;
    for (uint32_t k = 6; k < inputs; k++) {
        uint32_t pair = pairs >> 2 * k & 3;
        must |= (uint32_t)(pair == 2) << (k - 6);
        free |= (uint32_t)(pair == 3) << (k - 6);
    }
    uint64_t painted = 0;
    for (uint32_t sub = free;; sub = (sub - 1) & free) { /* all subsets of the free bits */
        set[must | sub] |= table;
        painted++;
        if (!sub) {
            return painted;
        }
    }
}

static void paint_cover(const esp_shape *s, const esp_cover *f, uint32_t output_bit, uint64_t *set,
                        uint32_t words, uint64_t *work)
{
    memset(set, 0, words * sizeof *set);
    for (uint32_t i = 0; i < f->count; i++) {
        const uint64_t *c = esp_cube(f, s, i);
        if (esp_cube_has(c, output_bit) && !esp_cube_empty(s, c)) {
            *work += paint(c, s->inputs, set);
        }
    }
    *work += f->count + words;
}

static bool by_painting(esp_context *ctx, const esp_function *f, const esp_cover *result,
                        bool *answer)
{
    const esp_shape *s = f->shape;
    uint32_t words = s->inputs > 6 ? 1u << (s->inputs - 6) : 1;
    uint64_t *got = esp_alloc_array(ctx, words, sizeof *got);
    uint64_t *on = esp_alloc_array(ctx, words, sizeof *on);
    uint64_t *dc = esp_alloc_array(ctx, words, sizeof *dc);
    uint64_t *off = esp_alloc_array(ctx, words, sizeof *off);
    if (!got || !on || !dc || !off) {
        return false;
    }
    uint64_t all = s->inputs >= 6 ? ~UINT64_C(0) : esp_table_mask(s->inputs);
    uint64_t work = 0;
    *answer = true;
    const esp_var *out = esp_output_var(s);
    for (uint32_t bit = out->first; bit < out->first + out->parts && *answer; bit++) {
        paint_cover(s, result, bit, got, words, &work);
        paint_cover(s, &f->on, bit, on, words, &work);
        paint_cover(s, &f->dc, bit, dc, words, &work);
        paint_cover(s, &f->off, bit, off, words, &work);
        for (uint32_t w = 0; w < words; w++) {
            uint64_t never = f->has_off ? off[w] & ~dc[w] : all & ~(on[w] | dc[w]);
            uint64_t must = f->has_on ? on[w] & ~dc[w] : all & ~(off[w] | dc[w]);
            *answer &= !(got[w] & never) && !(must & ~got[w]);
        }
        if (!esp_spend(ctx, work)) {
            return false;
        }
        work = 0;
    }
    return true;
}

/* Does one cube of the covers hold c whole? Most questions end here. */
static bool in_one(const esp_shape *s, const uint64_t *c, const esp_cover *const *covers,
                   uint32_t count)
{
    for (uint32_t k = 0; k < count; k++) {
        const uint64_t *row = covers[k]->data;
        const uint64_t *end = row + (size_t)covers[k]->count * s->words;
        for (; row != end; row += s->words) {
            if (!(c[0] & ~row[0]) && esp_cube_in(s, c, row)) {
                return true;
            }
        }
    }
    return false;
}

/* Points of a cube in a table whose highest digit is the first input; outputs are digits above. */
static void paint_table(const esp_shape *s, const uint64_t *c, uint32_t words, uint64_t *set)
{
    const esp_var *out = esp_output_var(s);
    uint64_t outputs = (c[out->word] & out->mask) >> out->first % 64;
    uint32_t inputs = s->inputs;
    uint32_t low = inputs < 6 ? inputs : 6;
    uint64_t table = esp_table_mask(low);
    for (uint32_t digit = 0; digit < low; digit++) {
        uint64_t ones = esp_table_var[digit];
        uint64_t pair = c[0] >> 2 * (inputs - 1 - digit);
        table &= ((pair & 1) ? ~ones : 0) | ((pair & 2) ? ones : 0);
    }
    for (uint32_t field = 0; field < s->outputs; field++) {
        uint32_t each = inputs < 6 ? 1 : 1u << (inputs - 6);
        uint32_t shift = inputs < 6 ? field << inputs & 63 : 0;
        uint32_t first = (uint32_t)(((uint64_t)field << inputs) / 64);
        for (uint32_t w = 0; outputs >> field & 1 && w < each && first + w < words; w++) {
            bool in = true;
            for (uint32_t digit = 6; digit < inputs; digit++) {
                in = in && c[0] >> 2 * (inputs - 1 - digit) >> (w >> (digit - 6) & 1) & 1;
            }
            set[first + w] |= in ? table << shift : 0;
        }
    }
}

bool esp_verify_table(const esp_shape *s, const esp_cover *result, const uint64_t *on,
                      const uint64_t *dc, uint32_t words, uint64_t *set)
{
    memset(set, 0, words * sizeof *set);
    for (uint32_t i = 0; i < result->count; i++) {
        paint_table(s, esp_cube(result, s, i), words, set);
    }
    uint64_t wrong = 0;
    for (uint32_t w = 0; w < words; w++) {
        wrong |= (set[w] & ~(on[w] | dc[w])) | (on[w] & ~dc[w] & ~set[w]);
    }
    return wrong == 0;
}

/* Does every cube of `cubes` lie inside the covers? */
static bool all_inside(esp_context *ctx, const esp_shape *s, const esp_cover *cubes,
                       const esp_cover *const *covers, uint32_t count, uint64_t *point,
                       bool *answer)
{
    for (uint32_t i = 0; i < cubes->count && *answer; i++) {
        const uint64_t *c = esp_cube(cubes, s, i);
        if (esp_cube_empty(s, c) || in_one(s, c, covers, count)) {
            continue;
        }
        bool found;
        if (!esp_find_uncovered(ctx, s, c, covers, count, -1, point, &found)) {
            return false;
        }
        *answer = !found;
    }
    return true;
}

static bool by_searching(esp_context *ctx, const esp_function *f, const esp_cover *result,
                         bool *answer)
{
    const esp_shape *s = f->shape;
    uint64_t *point = esp_alloc_array(ctx, s->words, sizeof *point);
    if (!point) {
        return false;
    }
    *answer = true;
    const esp_cover *function[2] = {&f->on, &f->dc};
    const esp_cover *implementation[3] = {result, &f->dc, &f->off};
    if (f->has_off) {
        for (uint32_t i = 0; i < result->count && *answer; i++) {
            for (uint32_t k = 0; k < f->off.count && *answer; k++) {
                *answer = !esp_cubes_meet(s, esp_cube(result, s, i), esp_cube(&f->off, s, k));
            }
            if (!esp_spend(ctx, (uint64_t)f->off.count * s->words)) {
                return false;
            }
        }
    } else if (!all_inside(ctx, s, result, function, 2, point, answer)) {
        return false;
    }
    if (f->has_on) {
        return all_inside(ctx, s, &f->on, implementation, 2, point, answer);
    }
    /* ON is what DC and OFF leave: together with the result they must cover everything. */
    esp_cover whole;
    if (!esp_cover_create(ctx, s, 1, &whole) || !esp_cover_push_cube(ctx, s, &whole, s->full)) {
        return false;
    }
    return all_inside(ctx, s, &whole, implementation, 3, point, answer);
}

bool esp_verify(esp_context *ctx, const esp_function *f, const esp_cover *result, bool *answer)
{
    const esp_shape *s = f->shape;
    esp_mark mark = esp_mark_top(ctx);
    bool paintable = s->wides == 1 && s->inputs <= PAINT_INPUTS;
    bool done =
        paintable ? by_painting(ctx, f, result, answer) : by_searching(ctx, f, result, answer);
    esp_release(ctx, mark);
    return done;
}
