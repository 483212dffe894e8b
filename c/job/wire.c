/* Moves bits between the packed rows of a block and the word-aligned cubes of the kernels; wire.h
 * has a picture.
 *
 * Consecutive variables that move by the same distance form one stretch. All binary variables are
 * in the first one: two bits never straddle a word, so they lie at the same place in both layouts.
 */
#include "job/wire.h"

/* Walks over the stretches; writes them when `to` is not NULL. Returns their number. */
static uint32_t list_stretches(const esp_shape *s, esp_stretch *to)
{
    uint32_t count = 0;
    uint32_t wire = s->inputs * 2;
    esp_stretch open = {0, 0, wire};
    for (uint32_t v = s->inputs; v < s->vars; v++) {
        const esp_var *var = &s->var[v];
        if (open.bits && var->first - wire == open.kernel - open.wire) {
            open.bits += var->parts;
        } else {
            if (open.bits && to) {
                to[count] = open;
            }
            count += open.bits != 0;
            open = (esp_stretch){wire, var->first, var->parts};
        }
        wire += var->parts;
    }
    if (to) {
        to[count] = open;
    }
    return count + 1;
}

bool esp_wire_plan(esp_context *ctx, const esp_shape *s, esp_wire *plan)
{
    plan->row_words = esp_wire_words(s->parts);
    plan->padding = s->parts % 64 ? ~UINT64_C(0) << s->parts % 64 : 0;
    plan->stretches = list_stretches(s, NULL);
    esp_stretch *stretch = esp_alloc_array(ctx, plan->stretches, sizeof *stretch);
    if (!stretch) {
        return false;
    }
    list_stretches(s, stretch);
    plan->stretch = stretch;
    /* The first stretch starts at bit 0 in both; if it is the only one, nothing moves. */
    plan->same = plan->stretches == 1;
    return true;
}

/* `n` bits (1 to 64) of `from` from bit `at` on. */
static uint64_t take_bits(const uint64_t *from, uint32_t at, uint32_t n)
{
    uint32_t shift = at % 64;
    uint64_t bits = from[at / 64] >> shift;
    if (shift + n > 64) {
        bits |= from[at / 64 + 1] << (64 - shift);
    }
    return n == 64 ? bits : bits & ((UINT64_C(1) << n) - 1);
}

void esp_wire_unpack(const esp_wire *plan, const esp_shape *s, const uint64_t *row, uint64_t *cube)
{
    for (uint32_t w = 0; w < s->words; w++) {
        cube[w] = 0;
    }
    for (uint32_t i = 0; i < plan->stretches; i++) {
        const esp_stretch *stretch = &plan->stretch[i];
        uint32_t at = stretch->kernel;
        uint32_t end = at + stretch->bits;
        uint32_t wire = stretch->wire;
        while (at < end) {
            uint32_t n = esp_min_u32(64 - at % 64, end - at);
            cube[at / 64] |= take_bits(row, wire, n) << at % 64;
            at += n;
            wire += n;
        }
    }
}

void esp_wire_pack(const esp_wire *plan, const uint64_t *cube, uint8_t *row)
{
    uint64_t word = 0;
    uint32_t filled =
        0; /* bits of `word`; the stretches follow each other without gaps on the wire */
    for (uint32_t i = 0; i < plan->stretches; i++) {
        const esp_stretch *stretch = &plan->stretch[i];
        uint32_t at = stretch->kernel;
        uint32_t end = at + stretch->bits;
        while (at < end) {
            uint32_t n = esp_min_u32(64 - filled, end - at);
            word |= take_bits(cube, at, n) << filled;
            at += n;
            filled += n;
            if (filled == 64) {
                memcpy(row, &word, sizeof word);
                row += sizeof word;
                word = 0;
                filled = 0;
            }
        }
    }
    if (filled) {
        memcpy(row, &word, sizeof word);
    }
}
