/* The ternary table for one width of output mask; included by primes_table.c with MASK (an unsigned
 * type) and NAME(x) (a suffix). See there. */

/* Fill the table from the points (false: the run must stop; a pass is at most some 10 ms): T(k + 1)
 * = T(k) at 0, T(k) at 1, their AND; in place, from the back. */
static bool NAME(fill)(esp_context *ctx, MASK *t, uint32_t inputs)
{
    size_t block = 1;
    for (uint32_t k = 0; k < inputs && esp_check(ctx); k++, block *= 3) {
        for (size_t j = (size_t)1 << (inputs - k - 1); j-- > 0;) {
            const MASK *zero = t + 2 * j * block;
            const MASK *one = zero + block;
            MASK *to = t + 3 * j * block;
            MASK *dash = to + 2 * block;
            for (size_t i = 0; i < block; i++) {
                dash[i] = zero[i] & one[i];
            }
            memmove(to + block, one, block * sizeof *t);
            memmove(to, zero, block * sizeof *t);
        }
    }
    return !esp_stopped(ctx);
}

/* prime[e] stays 1 while no raise keeps all outputs of e. */
static bool NAME(mark)(esp_context *ctx, const MASK *t, uint8_t *prime, uint32_t inputs,
                       size_t entries)
{
    for (size_t e = 0; e < entries; e++) {
        prime[e] = t[e] != 0;
    }
    size_t block = 1;
    for (uint32_t k = 0; k < inputs && esp_check(ctx); k++, block *= 3) {
        for (size_t at = 0; at < entries; at += 3 * block) {
            const MASK *zero = t + at;
            const MASK *one = zero + block;
            const MASK *dash = one + block;
            for (size_t i = 0; i < block; i++) {
                prime[at + i] &= zero[i] != dash[i];
                prime[at + block + i] &= one[i] != dash[i];
            }
        }
    }
    return !esp_stopped(ctx);
}

/* OR the outputs of every cube into the points it holds. Point index: input k is bit k. */
static void NAME(paint)(MASK *t, const esp_shape *s, const esp_cover *f)
{
    const esp_var *out = esp_output_var(s);
    for (uint32_t i = 0; i < f->count; i++) {
        const uint64_t *c = esp_cube(f, s, i);
        MASK outputs = (MASK)((c[out->word] & out->mask) >> out->first % 64);
        uint32_t must = 0;
        uint32_t free = 0;
        bool empty = false;
        for (uint32_t k = 0; k < s->inputs; k++) {
            uint32_t pair = (uint32_t)(c[0] >> 2 * k & 3);
            must |= (uint32_t)(pair == 2) << k;
            free |= (uint32_t)(pair == 3) << k;
            empty |= pair == 0;
        }
        for (uint32_t sub = free; !empty; sub = (sub - 1) & free) {
            t[must | sub] |= outputs;
            if (!sub) {
                break;
            }
        }
    }
}

static bool NAME(list)(esp_context *ctx, const esp_shape *s, const esp_cover *f, size_t entries,
                       uint32_t most, esp_cover *primes, bool *listed)
{
    esp_mark mark = esp_mark_top(ctx);
    MASK *t = esp_alloc_array(ctx, entries, sizeof *t);
    uint8_t *prime = esp_alloc_array(ctx, entries, 1);
    if (!t || !prime) {
        return false;
    }
    memset(t, 0, ((size_t)1 << s->inputs) * sizeof *t);
    NAME(paint)(t, s, f);
    if (!NAME(fill)(ctx, t, s->inputs) || !NAME(mark)(ctx, t, prime, s->inputs, entries)) {
        esp_release(ctx, mark);
        return false;
    }
    uint32_t count = 0;
    for (size_t e = 0; e < entries; e++) {
        count += prime[e];
    }
    *listed = count <= most;
    esp_cover found = {0};
    size_t bytes = (size_t)count * s->words * sizeof(uint64_t);
    if (*listed) {
        found.data = esp_arena_alloc(&ctx->side, bytes);
        if (!found.data) {
            (void)esp_alloc(ctx, SIZE_MAX);
            return false;
        }
        for (size_t e = 0; e < entries; e++) {
            if (prime[e]) {
                put_prime(s, e, t[e], esp_cube(&found, s, found.count++));
            }
        }
    }
    esp_release(ctx, mark);
    return !*listed || esp_cover_copy(ctx, s, &found, primes);
}
