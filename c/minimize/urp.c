/* Survey, choice of a splitting variable, cofactors and small truth tables: the parts of the unate
 * recursive paradigm that its three users share. The idea and the reference are in urp.h.
 *
 * Cost: a survey is one pass, count * words operations; a choice one or two more; a cofactor one.
 */
#include "minimize/urp.h"

#include "cube/counters.h"
#include "cube/kernels.h"

const uint64_t esp_table_var[6] = {
    UINT64_C(0xaaaaaaaaaaaaaaaa), UINT64_C(0xcccccccccccccccc), UINT64_C(0xf0f0f0f0f0f0f0f0),
    UINT64_C(0xff00ff00ff00ff00), UINT64_C(0xffff0000ffff0000), UINT64_C(0xffffffff00000000),
};

enum { PLANES = 32 };

bool esp_urp_create(esp_context *ctx, const esp_shape *s, esp_urp *u)
{
    u->shape = s;
    u->any = esp_alloc_array(ctx, s->words, sizeof *u->any);
    u->miss = esp_alloc_array(ctx, s->words, sizeof *u->miss);
    u->planes = esp_alloc_array(ctx, PLANES, sizeof *u->planes);
    u->count = esp_alloc_array(ctx, 64, sizeof *u->count);
    return u->any && u->miss && u->planes && u->count;
}

/* One word a cube: the commonest case by far, kept free of inner loops. */
static bool survey_one(const uint64_t *rows, uint32_t n, uint64_t full, uint64_t *any,
                       uint64_t *all)
{
    uint64_t or_ = 0;
    uint64_t and_ = full;
    bool universal = false;
    for (uint32_t i = 0; i < n; i++) {
        or_ |= rows[i];
        and_ &= rows[i];
        universal |= rows[i] == full;
    }
    *any = or_;
    *all = and_;
    return universal;
}

static inline __attribute__((always_inline)) bool
survey_words(const esp_shape *s, const esp_cover *f, uint32_t words, uint64_t *any, uint64_t *all)
{
    bool universal = false;
    for (uint32_t w = 0; w < words; w++) {
        any[w] = 0;
        all[w] = s->full[w];
    }
    const uint64_t *row = f->data;
    for (uint32_t i = 0; i < f->count; i++, row += words) {
        uint64_t lacks = 0;
        for (uint32_t w = 0; w < words; w++) {
            any[w] |= row[w];
            all[w] &= row[w];
            lacks |= row[w] ^ s->full[w];
        }
        universal |= lacks == 0;
    }
    return universal;
}

/* Two words a cube, the next commonest. */
static bool survey_two(const esp_shape *s, const esp_cover *f, uint64_t *any, uint64_t *all)
{
    uint64_t any2[2];
    uint64_t all2[2];
    bool universal = survey_words(s, f, 2, any2, all2);
    memcpy(any, any2, sizeof any2);
    memcpy(all, all2, sizeof all2);
    return universal;
}

static bool survey_many(const esp_shape *s, const esp_cover *f, uint64_t *any, uint64_t *all)
{
    return survey_words(s, f, s->words, any, all);
}

void esp_urp_survey(esp_urp *u, const esp_cover *f)
{
    const esp_shape *s = u->shape;
    uint64_t *all = u->miss;
    u->universal = s->words == 1   ? survey_one(f->data, f->count, s->full[0], u->any, all)
                   : s->words == 2 ? survey_two(s, f, u->any, all)
                                   : survey_many(s, f, u->any, all);
    u->live = u->binate = 0;
    uint64_t wide = 0;
    for (uint32_t w = 0; w < s->words; w++) {
        u->miss[w] = s->full[w] & ~all[w];
        uint64_t low = u->miss[w] & s->binary[w];
        uint64_t high = u->miss[w] >> 1 & s->binary[w];
        u->live += esp_popcount(low | high);
        u->binate += esp_popcount(low & high);
        wide |= u->miss[w] & ~(s->binary[w] | s->binary[w] << 1);
    }
    u->wide_active = wide != 0;
}

/* Column counts of one word: u->count[b] = rows that lack bit b, for the bits of `wanted`. */
static void count_word(esp_urp *u, const esp_cover *f, uint32_t w, uint64_t wanted)
{
    uint32_t words = u->shape->words;
    uint32_t used = 0;
    u->planes[0] = u->planes[1] = 0;
    while (f->count >> used) {
        u->planes[used++] = 0;
    }
    const uint64_t *row = f->data + w;
    uint32_t i = 0;
    for (; i + 4 <= f->count; i += 4, row += 4 * (size_t)words) {
        const uint64_t x[4] = {~row[0] & wanted, ~row[words] & wanted, ~row[2 * words] & wanted,
                               ~row[3 * words] & wanted};
        esp_counters_add(u->planes, x);
    }
    for (; i < f->count; i++, row += words) {
        esp_counters_carry(u->planes, 0, ~*row & wanted);
    }
    for (uint64_t left = wanted; left; left &= left - 1) {
        uint32_t b = esp_lowest(left);
        uint32_t n = 0;
        for (uint32_t k = 0; k < used; k++) {
            n |= (uint32_t)(u->planes[k] >> b & 1) << k;
        }
        u->count[b] = n;
    }
}

/* The active wide variable with most active parts. */
static uint32_t choose_wide(const esp_urp *u)
{
    const esp_shape *s = u->shape;
    uint32_t best = ESP_NO_VAR;
    uint32_t most = 0;
    for (uint32_t v = s->inputs; v < s->vars; v++) {
        uint32_t active = esp_var_count(&s->var[v], u->miss);
        if (active > most) {
            most = active;
            best = v;
        }
    }
    return best;
}

uint32_t esp_urp_choose(esp_urp *u, const esp_cover *f)
{
    const esp_shape *s = u->shape;
    if (u->wide_active) {
        return choose_wide(u);
    }
    uint32_t best = ESP_NO_VAR;
    uint32_t most = 0;
    uint32_t least_skew = 0;
    for (uint32_t w = 0; w < s->words; w++) {
        uint64_t low = u->miss[w] & s->binary[w];
        uint64_t high = u->miss[w] >> 1 & s->binary[w];
        uint64_t pick = u->binate ? low & high : low | high;
        if (!pick) {
            continue;
        }
        count_word(u, f, w, pick | pick << 1);
        for (uint64_t left = pick; left; left &= left - 1) {
            uint32_t b = esp_lowest(left);
            uint32_t c0 = u->count[b];
            uint32_t c1 = u->count[b + 1];
            uint32_t skew = c0 > c1 ? c0 - c1 : c1 - c0;
            if (c0 + c1 > most || (c0 + c1 == most && skew < least_skew)) {
                most = c0 + c1;
                least_skew = skew;
                best = w * 32 + b / 2;
            }
        }
    }
    return best;
}

bool esp_urp_halves(const esp_urp *u, uint32_t var, const uint64_t *space, uint64_t *left,
                    uint64_t *right)
{
    const esp_shape *s = u->shape;
    const esp_var *v = &s->var[var];
    esp_cube_copy(s, left, s->full);
    esp_cube_copy(s, right, s->full);
    if (var < s->inputs) {
        esp_cube_clear(left, v->first + 1);
        esp_cube_clear(right, v->first);
        return true;
    }
    uint32_t take = (esp_var_count(v, u->miss) + 1) / 2;
    bool some = false;
    for (uint32_t bit = v->first; bit < v->first + v->parts; bit++) {
        bool lacked = esp_cube_has(u->miss, bit);
        bool goes_left = take && lacked;
        bool goes_right = !goes_left && (lacked || (space && esp_cube_has(space, bit)));
        take -= goes_left;
        if (!goes_left) {
            esp_cube_clear(left, bit);
        }
        if (!goes_right) {
            esp_cube_clear(right, bit);
        }
        some |= goes_right;
    }
    return some;
}

/* Cofactor by parts of one word. In place `to` may be `row`: what is asked of it is read first. */
static inline __attribute__((always_inline)) uint32_t cofactor_word(const uint64_t *row,
                                                                    uint32_t count, uint32_t words,
                                                                    uint32_t at, uint64_t keep,
                                                                    uint64_t fill, uint64_t *to)
{
    uint64_t *begin = to;
    for (uint32_t i = 0; i < count; i++, row += words) {
        bool meets = (row[at] & keep) != 0;
        for (uint32_t w = 0; w < words; w++) {
            to[w] = row[w];
        }
        to[at] |= fill;
        to += meets ? words : 0;
    }
    return (uint32_t)((size_t)(to - begin) / words);
}

void esp_cofactor_var(const esp_shape *s, const esp_cover *f, uint32_t var, const uint64_t *half,
                      esp_cover *g)
{
    const esp_var *v = &s->var[var];
    uint32_t words = s->words;
    uint32_t n = 0;
    if (v->word == v->last_word) {
        uint32_t at = v->word;
        uint64_t keep = half[at] & v->mask;
        uint64_t fill = v->mask & ~keep;
        g->count = words == 1   ? cofactor_word(f->data, f->count, 1, 0, keep, fill, g->data)
                   : words == 2 ? cofactor_word(f->data, f->count, 2, at, keep, fill, g->data)
                                : cofactor_word(f->data, f->count, words, at, keep, fill, g->data);
        return;
    }
    for (uint32_t i = 0; i < f->count; i++) {
        const uint64_t *row = f->data + (size_t)i * words;
        uint64_t meet = 0;
        for (uint32_t w = v->word; w <= v->last_word; w++) {
            meet |= row[w] & half[w] & esp_var_mask(v, w);
        }
        if (!meet) {
            continue;
        }
        uint64_t *to = g->data + (size_t)n++ * words;
        for (uint32_t w = 0; w < words; w++) {
            to[w] = row[w];
        }
        for (uint32_t w = v->word; w <= v->last_word; w++) {
            to[w] |= esp_var_mask(v, w) & ~half[w];
        }
    }
    g->count = n;
}

/* [variable][its two parts]: the points that those parts allow. */
static const uint64_t allowed[6][4] = {
    {0, UINT64_C(0x5555555555555555), UINT64_C(0xaaaaaaaaaaaaaaaa), ~UINT64_C(0)},
    {0, UINT64_C(0x3333333333333333), UINT64_C(0xcccccccccccccccc), ~UINT64_C(0)},
    {0, UINT64_C(0x0f0f0f0f0f0f0f0f), UINT64_C(0xf0f0f0f0f0f0f0f0), ~UINT64_C(0)},
    {0, UINT64_C(0x00ff00ff00ff00ff), UINT64_C(0xff00ff00ff00ff00), ~UINT64_C(0)},
    {0, UINT64_C(0x0000ffff0000ffff), UINT64_C(0xffff0000ffff0000), ~UINT64_C(0)},
    {0, UINT64_C(0x00000000ffffffff), UINT64_C(0xffffffff00000000), ~UINT64_C(0)},
};
static const uint16_t allowed_words[4][4] = {{0, 0x5555, 0xaaaa, 0xffff},
                                             {0, 0x3333, 0xcccc, 0xffff},
                                             {0, 0x0f0f, 0xf0f0, 0xffff},
                                             {0, 0x00ff, 0xff00, 0xffff}};

static inline uint32_t parts_of(const uint64_t *row, uint32_t var)
{
    return row[var / 32] >> var % 32 * 2 & 3;
}

uint64_t esp_row_table(const uint64_t *row, const uint32_t *live, uint32_t lives)
{
    uint64_t table = esp_table_mask(lives);
    for (uint32_t k = 0; k < lives; k++) {
        table &= allowed[k][parts_of(row, live[k])];
    }
    return table;
}

uint32_t esp_row_tables(const uint64_t *row, const uint32_t *live, uint32_t lives, uint64_t *low)
{
    uint32_t words = (1u << esp_table_words(lives)) - 1;
    for (uint32_t k = 6; k < lives; k++) {
        words &= allowed_words[k - 6][parts_of(row, live[k])];
    }
    *low = esp_row_table(row, live, esp_min_u32(lives, 6));
    return words;
}

/* One part of each variable. */
static void random_point(const esp_shape *s, uint64_t seed, uint64_t *point)
{
    for (uint32_t w = 0; w < s->words; w++) {
        uint64_t coins = esp_mix(seed + w) & s->binary[w];
        point[w] = (s->binary[w] ^ coins) | coins << 1;
    }
    for (uint32_t v = s->inputs; v < s->vars; v++) {
        esp_cube_set(point, s->var[v].first + (uint32_t)(esp_mix(seed ^ ~v) % s->var[v].parts));
    }
}

uint32_t esp_probe(esp_context *ctx, const esp_shape *s, const esp_cover *f, uint32_t enough,
                   uint32_t misses, uint64_t *point, uint64_t *cube)
{
    uint32_t found = 0;
    uint64_t seed = UINT64_C(0x9e3779b97f4a7c15);
    while (found < enough && misses && !esp_cube_full(s, cube) &&
           esp_spend(ctx, (uint64_t)f->count * s->words / 4)) {
        random_point(s, seed, point);
        seed += UINT64_C(0x9e3779b97f4a7c15);
        if (ctx->kernels->inside_some(f->data, f->count, s->words, point)) {
            misses--;
            continue;
        }
        for (uint32_t w = 0; w < s->words; w++) {
            cube[w] |= point[w];
        }
        found++;
    }
    return found;
}

uint32_t esp_urp_live(const esp_urp *u, uint32_t *live, uint32_t room)
{
    const esp_shape *s = u->shape;
    uint32_t n = 0;
    for (uint32_t w = 0; w < s->words; w++) {
        uint64_t any = (u->miss[w] | u->miss[w] >> 1) & s->binary[w];
        for (; any; any &= any - 1, n++) {
            if (n < room) {
                live[n] = w * 32 + esp_lowest(any) / 2;
            }
        }
    }
    return n;
}
