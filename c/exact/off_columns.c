/* THE OFF-SET BY COLUMNS: whole words of off cubes answer at a time.
 *
 * The idea. For a cube and a variable in which it is not full, the off cubes that it meets nowhere
 * in that variable are a bit set: of a binary variable one column of esp_blocking, of a wide one
 * the AND of those of its parts. The cube misses the off-set when these sets together hold every
 * off cube. An off cube is next to a point when it is in exactly one of the sets.
 *
 * Cost: a pass over the words of the sets of as many variables as are not full; it ends at the
 * first off cube that is met, and begins where the last one was.
 */
#include "exact/off_columns.h"

bool esp_off_columns_create(esp_context *ctx, const esp_shape *s, const esp_blocking *r,
                            esp_off_columns *o)
{
    *o = (esp_off_columns){.s = s, .r = r, .kernels = ctx->kernels};
    o->column = esp_alloc_array(ctx, s->vars, sizeof *o->column);
    o->wide = esp_alloc_array(ctx, (size_t)s->wides * r->words + ESP_STRIDE, sizeof *o->wide);
    o->single = esp_alloc_array(ctx, r->words + ESP_STRIDE, sizeof *o->single);
    return o->column && o->wide && o->single;
}

/* Off cubes without any part of the cube in wide variable number k; NULL: it is full there. */
static const uint64_t *wide_column(esp_off_columns *o, const uint64_t *cube, uint32_t k)
{
    const esp_var *v = &o->s->var[o->s->inputs + k];
    const uint64_t *first = NULL;
    uint64_t *set = o->wide + (size_t)k * o->r->words;
    uint32_t parts = 0;
    for (uint32_t w = v->word; w <= v->last_word; w++) {
        for (uint64_t has = cube[w] & esp_var_mask(v, w); has; has &= has - 1) {
            const uint64_t *column = esp_absent(o->r, w * 64 + esp_lowest(has));
            if (++parts == 1) {
                first = column;
                continue;
            }
            const uint64_t *so_far = parts == 2 ? first : set;
            for (uint32_t i = 0; i < o->r->words; i++) {
                set[i] = so_far[i] & column[i];
            }
        }
    }
    o->looked += (uint64_t)parts * o->r->words / 8;
    return parts == v->parts ? NULL : parts == 1 ? first : set;
}

/* The sets of the cube's variables; returns how many. */
static uint32_t gather(esp_off_columns *o, const uint64_t *cube)
{
    const esp_shape *s = o->s;
    uint32_t columns = 0;
    for (uint32_t w = 0; w < s->words; w++) {
        uint64_t fixed = (cube[w] ^ cube[w] >> 1) & s->binary[w];
        for (; fixed; fixed &= fixed - 1) {
            uint32_t bit = w * 64 + esp_lowest(fixed);
            o->column[columns++] = esp_absent(o->r, bit + !esp_cube_has(cube, bit));
        }
    }
    for (uint32_t k = 0; k < s->wides; k++) {
        const uint64_t *column = wide_column(o, cube, k);
        if (column) {
            o->column[columns++] = column;
        }
    }
    o->looked += (uint64_t)(columns + 1) * o->r->words / 8 + s->words;
    return columns;
}

bool esp_off_misses(esp_off_columns *o, const uint64_t *cube)
{
    uint32_t columns = gather(o, cube);
    return !o->kernels->escapes(o->column, columns, o->r->all, o->r->words, &o->hint);
}

/* single := off cubes apart from the cube in a variable in which they have the point's part. */
static void gather_nearer(esp_off_columns *o, const uint64_t *cube, const uint64_t *point)
{
    const esp_shape *s = o->s;
    uint32_t words = o->r->words;
    memset(o->single, 0, words * sizeof *o->single);
    for (uint32_t w = 0; w < s->words; w++) {
        uint64_t other = point[w] & ~cube[w];
        for (uint64_t moved = (other | other >> 1) & s->binary[w]; moved; moved &= moved - 1) {
            uint32_t bit = w * 64 + esp_lowest(moved);
            const uint64_t *column = esp_absent(o->r, bit + !esp_cube_has(cube, bit));
            for (uint32_t i = 0; i < words; i++) {
                o->single[i] |= column[i];
            }
            o->looked += words / 8;
        }
    }
    for (uint32_t k = 0; k < s->wides; k++) {
        const esp_var *v = &s->var[s->inputs + k];
        const uint64_t *held = wide_column(o, cube, k);
        for (uint32_t w = v->word; held && w <= v->last_word; w++) {
            uint64_t brought = point[w] & ~cube[w] & esp_var_mask(v, w);
            for (; brought; brought &= brought - 1) {
                const uint64_t *column = esp_absent(o->r, w * 64 + esp_lowest(brought));
                for (uint32_t i = 0; i < words; i++) {
                    o->single[i] |= held[i] & ~column[i];
                }
            }
        }
    }
    for (uint32_t i = 0; i < words; i++) {
        o->single[i] &= o->r->all[i];
    }
}

bool esp_off_unmoved(esp_off_columns *o, const uint64_t *whole, const uint64_t *cube,
                     const uint64_t *point)
{
    uint32_t hint = 0;
    gather_nearer(o, cube, point);
    uint32_t columns = gather(o, whole);
    return !o->kernels->escapes(o->column, columns, o->single, o->r->words, &hint);
}

uint32_t esp_off_blocked(esp_off_columns *o, const uint64_t *point)
{
    const esp_shape *s = o->s;
    uint32_t words = o->r->words;
    uint32_t blocked = 0;
    uint32_t columns = gather(o, point);
    o->looked += (uint64_t)columns * words / 8;
    if (!o->kernels->in_exactly_one(o->column, columns, o->r->all, words, o->single)) {
        return 0;
    }
    uint32_t binary = columns;
    for (uint32_t k = s->wides; k-- > 0;) {
        const esp_var *v = &s->var[s->inputs + k];
        if (v->parts == esp_var_count(v, point)) {
            continue;
        }
        uint64_t *set = o->wide + (size_t)k * words;
        const uint64_t *apart = o->column[--binary];
        for (uint32_t i = 0; i < words; i++) {
            set[i] = o->single[i] & apart[i];
        }
        for (uint32_t bit = v->first; bit < v->first + v->parts; bit++) {
            const uint64_t *absent = esp_absent(o->r, bit);
            uint64_t some = 0;
            for (uint32_t i = 0; i < words && !some; i++) {
                some = set[i] & ~absent[i];
            }
            blocked += some != 0;
        }
        o->looked += (uint64_t)v->parts * words / 8;
    }
    for (uint32_t n = 0; n < binary; n++) {
        blocked += o->kernels->meets(o->single, o->column[n], words);
    }
    return blocked;
}
