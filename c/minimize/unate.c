/* UNATE FUNCTIONS of one output without don't-cares, whose minimum is known.
 *
 * The idea. In a unate cover each variable occurs with one phase only. Then every prime is
 * essential, and the primes are the cubes that lie in no other: the one minimum cover there is,
 * whatever the complement looks like. A point shows it for each cube: where the cube has a literal
 * it is true, all other literals of the cover are false. Of two such points take the one in between
 * that has only the literals true which both have: it lies in their supercube, and it is OFF, for a
 * cube that held it would have a part of the literals of both.
 *
 * Cost: a pass over the cover; the certificate n² / 2 points for n cubes.
 *
 * Reference: R. Brayton, G. Hachtel, C. McMullen, A. Sangiovanni-Vincentelli, "Logic Minimization
 * Algorithms for VLSI Synthesis", 1984, Proposition 3.3.6.
 */
#include "minimize/steps.h"

enum { CERTIFIED_MOST = 600 };

/* Which literals occur: `one` has the low bit of each variable with a literal 1, `zero` of each
 * with a literal 0. */
static void find_phases(const esp_shape *s, const esp_cover *f, uint32_t w, uint64_t *zero,
                        uint64_t *one)
{
    *zero = 0;
    *one = 0;
    for (uint32_t i = 0; i < f->count; i++) {
        uint64_t row = esp_cube(f, s, i)[w];
        *one |= ~row & s->binary[w];
        *zero |= ~row >> 1 & s->binary[w];
    }
}

bool esp_is_unate(const esp_shape *s, const esp_cover *f, const esp_cover *d)
{
    if (d->count || s->wides != 1 || s->outputs != 1) {
        return false;
    }
    for (uint32_t w = 0; w < s->words; w++) {
        uint64_t zero;
        uint64_t one;
        find_phases(s, f, w, &zero, &one);
        if (zero & one) {
            return false;
        }
    }
    return true;
}

/* The point of each cube: free variables take the value that makes their literals false. */
static bool make_points(esp_context *ctx, const esp_shape *s, const esp_cover *f, esp_cover *points)
{
    if (!esp_cover_copy(ctx, s, f, points)) {
        return false;
    }
    for (uint32_t w = 0; w < s->words; w++) {
        uint64_t zero;
        uint64_t one;
        find_phases(s, f, w, &zero, &one);
        for (uint32_t i = 0; i < points->count; i++) {
            uint64_t *row = esp_cube(points, s, i) + w;
            uint64_t both = *row & *row >> 1 & s->binary[w];
            *row &= ~(both & zero) & ~((both & ~zero) << 1);
        }
    }
    return true;
}

/* For each pair of points the one between them. */
static bool make_off(esp_context *ctx, const esp_shape *s, const esp_cover *f,
                     const esp_cover *points, esp_cover *off)
{
    uint32_t n = points->count;
    if (!esp_cover_create(ctx, s, n * n / 2 + 1, off)) {
        return false;
    }
    for (uint32_t a = 0; a < n; a++) {
        for (uint32_t b = a + 1; b < n; b++) {
            uint64_t *row = esp_cover_push(ctx, s, off);
            if (!row) {
                return false;
            }
            for (uint32_t w = 0; w < s->words; w++) {
                uint64_t zero;
                uint64_t one;
                uint64_t x = esp_cube(points, s, a)[w];
                uint64_t y = esp_cube(points, s, b)[w];
                find_phases(s, f, w, &zero, &one);
                uint64_t apart = ~((x & y) | (x & y) >> 1) & s->binary[w];
                row[w] = (x & y) | (apart & zero) << 1 | (apart & ~zero);
            }
        }
        if (!esp_spend(ctx, (uint64_t)n * n * s->words)) {
            return false;
        }
    }
    return true;
}

bool esp_certify_unate(esp_context *ctx, const esp_shape *s, const esp_cover *f,
                       esp_bytes *certificate)
{
    esp_cover points;
    esp_cover off;
    esp_table table;
    esp_solution solution;
    esp_proof proof;
    if (f->count > CERTIFIED_MOST) {
        return true;
    }
    if (!make_points(ctx, s, f, &points) || !make_off(ctx, s, f, &points, &off) ||
        !esp_table_create(ctx, f->count, &table)) {
        return false;
    }
    for (uint32_t i = 0; i < f->count; i++) {
        if (!esp_table_push(ctx, &table, &i, 1)) {
            return false;
        }
    }
    esp_mark side = esp_arena_mark(&ctx->side);
    esp_evidence e = {&table, &points, &solution, &proof};
    esp_proof_begin(ctx, &proof, SIZE_MAX);
    bool going = esp_solve(ctx, &table, UINT64_MAX, 0, &solution, &proof) &&
                 esp_certificate_write(ctx, s, f, &off, &e, certificate);
    esp_arena_release(&ctx->side, side);
    return going;
}
