/* Covers: growth, cost, single-cube containment, canonical order. The data layout is drawn in
 * cover.h. */
#include "cube/cover.h"

#include "cube/kernels.h"

bool esp_cover_create(esp_context *ctx, const esp_shape *s, uint32_t capacity, esp_cover *f)
{
    f->count = 0;
    f->capacity = 0;
    f->data = esp_alloc_array(ctx, (size_t)capacity * s->words, sizeof(uint64_t));
    if (!f->data) {
        return false;
    }
    f->capacity = capacity;
    return true;
}

bool esp_cover_reserve(esp_context *ctx, const esp_shape *s, esp_cover *f, uint32_t capacity)
{
    if (capacity <= f->capacity) {
        return true;
    }
    uint32_t doubled = f->capacity < UINT32_MAX / 2 ? f->capacity * 2 : UINT32_MAX;
    uint32_t larger = esp_max_u32(esp_max_u32(doubled, capacity), 16);
    size_t row = s->words * sizeof(uint64_t);
    if (f->data && larger <= SIZE_MAX / 4 / row &&
        esp_arena_extend(&ctx->arena, f->data, f->capacity * row, larger * row)) {
        f->capacity = larger;
        return true;
    }
    uint64_t *data = esp_alloc_array(ctx, larger, row);
    if (!data) {
        return false;
    }
    if (f->count) {
        memcpy(data, f->data, f->count * row);
    }
    f->data = data;
    f->capacity = larger;
    return true;
}

bool esp_cover_copy(esp_context *ctx, const esp_shape *s, const esp_cover *from, esp_cover *to)
{
    uint32_t count = from->count; /* `to` may be `from` */
    const uint64_t *data = from->data;
    if (!esp_cover_create(ctx, s, count, to)) {
        return false;
    }
    if (count) {
        memcpy(to->data, data, (size_t)count * s->words * sizeof(uint64_t));
    }
    to->count = count;
    return true;
}

bool esp_cover_append(esp_context *ctx, const esp_shape *s, esp_cover *f, const esp_cover *more)
{
    if (!more->count) {
        return true;
    }
    if (more->count > UINT32_MAX - f->count) {
        (void)esp_alloc(ctx, SIZE_MAX);
        return false;
    }
    if (!esp_cover_reserve(ctx, s, f, f->count + more->count)) {
        return false;
    }
    memcpy(esp_cube(f, s, f->count), more->data, (size_t)more->count * s->words * sizeof(uint64_t));
    f->count += more->count;
    return true;
}

uint64_t *esp_cover_push(esp_context *ctx, const esp_shape *s, esp_cover *f)
{
    if (f->count == f->capacity) {
        if (f->count == UINT32_MAX || !esp_cover_reserve(ctx, s, f, f->count + 1)) {
            return NULL;
        }
    }
    return esp_cube(f, s, f->count++);
}

uint32_t esp_cover_same(const esp_shape *s, const esp_cover *f, const esp_cover *g)
{
    uint32_t n = 0;
    while (n < f->count && n < g->count &&
           esp_cube_equal(s, esp_cube(f, s, n), esp_cube(g, s, n))) {
        n++;
    }
    return n;
}

bool esp_cover_push_cube(esp_context *ctx, const esp_shape *s, esp_cover *f, const uint64_t *cube)
{
    uint64_t *row = esp_cover_push(ctx, s, f);
    if (!row) {
        return false;
    }
    esp_cube_copy(s, row, cube);
    return true;
}

uint32_t esp_cube_distance(const esp_shape *s, const uint64_t *a, const uint64_t *b,
                           uint32_t enough)
{
    uint32_t distance = 0;
    for (uint32_t w = 0; w < s->words; w++) {
        uint64_t both = a[w] & b[w];
        distance += esp_popcount(~(both | both >> 1) & s->binary[w]);
        if (distance > enough) {
            return distance;
        }
    }
    for (uint32_t v = s->inputs; v < s->vars && distance <= enough; v++) {
        const esp_var *var = &s->var[v];
        uint64_t any = 0;
        for (uint32_t w = var->word; w <= var->last_word; w++) {
            any |= a[w] & b[w] & esp_var_mask(var, w);
        }
        distance += any == 0;
    }
    return distance;
}

bool esp_cube_empty(const esp_shape *s, const uint64_t *a)
{
    return esp_cube_distance(s, a, a, 0) != 0;
}

bool esp_var_none(const esp_var *v, const uint64_t *c)
{
    for (uint32_t w = v->word; w <= v->last_word; w++) {
        if (c[w] & esp_var_mask(v, w)) {
            return false;
        }
    }
    return true;
}

bool esp_var_all(const esp_var *v, const uint64_t *c)
{
    for (uint32_t w = v->word; w <= v->last_word; w++) {
        if (~c[w] & esp_var_mask(v, w)) {
            return false;
        }
    }
    return true;
}

uint32_t esp_var_count(const esp_var *v, const uint64_t *c)
{
    uint32_t n = 0;
    for (uint32_t w = v->word; w <= v->last_word; w++) {
        n += esp_popcount(c[w] & esp_var_mask(v, w));
    }
    return n;
}

esp_cost esp_cover_cost(const esp_shape *s, const esp_cover *f)
{
    esp_cost cost = {f->count, 0, 0};
    for (uint32_t i = 0; i < f->count; i++) {
        const uint64_t *c = esp_cube(f, s, i);
        for (uint32_t w = 0; w < s->words; w++) {
            cost.in += esp_popcount(~(c[w] & c[w] >> 1) & s->binary[w]);
        }
        for (uint32_t v = s->inputs; v + 1 < s->vars; v++) {
            cost.in += !esp_var_all(&s->var[v], c);
        }
        cost.out += esp_var_count(esp_output_var(s), c);
    }
    return cost;
}

/* Descending parts, then descending words: the order of esp_cover_sort. */
static bool goes_before(const esp_shape *s, const uint64_t *a, uint32_t parts_a, const uint64_t *b,
                        uint32_t parts_b)
{
    if (parts_a != parts_b) {
        return parts_a > parts_b;
    }
    for (uint32_t w = 0; w < s->words; w++) {
        if (a[w] != b[w]) {
            return a[w] > b[w];
        }
    }
    return false;
}

/* Merge sort of row indices, bottom-up and stable, so that no libc's sort can change an answer. */
static uint32_t *sorted_rows(esp_context *ctx, const esp_shape *s, const esp_cover *f,
                             const uint32_t *parts)
{
    uint32_t n = f->count;
    uint32_t *from = esp_alloc_array(ctx, n, sizeof *from);
    uint32_t *to = esp_alloc_array(ctx, n, sizeof *to);
    if (!from || !to) {
        return NULL;
    }
    for (uint32_t i = 0; i < n; i++) {
        from[i] = i;
    }
    for (uint64_t width = 1; width < n; width *= 2) {
        for (uint64_t start = 0; start < n; start += 2 * width) {
            uint64_t middle = start + width < n ? start + width : n;
            uint64_t end = start + 2 * width < n ? start + 2 * width : n;
            uint64_t a = start;
            uint64_t b = middle;
            for (uint64_t k = start; k < end; k++) {
                bool right = a == middle ||
                             (b < end && goes_before(s, esp_cube(f, s, from[b]), parts[from[b]],
                                                     esp_cube(f, s, from[a]), parts[from[a]]));
                to[k] = right ? from[b++] : from[a++];
            }
        }
        uint32_t *swap = from;
        from = to;
        to = swap;
    }
    return from;
}

bool esp_cover_sort(esp_context *ctx, const esp_shape *s, esp_cover *f)
{
    uint32_t *parts = esp_alloc_array(ctx, f->count, sizeof *parts);
    if (!parts) {
        return false;
    }
    for (uint32_t i = 0; i < f->count; i++) {
        parts[i] = esp_cube_parts(s, esp_cube(f, s, i));
    }
    uint32_t *order = sorted_rows(ctx, s, f, parts);
    esp_cover sorted;
    if (!order || !esp_cover_create(ctx, s, f->count, &sorted)) {
        return false;
    }
    for (uint32_t i = 0; i < f->count; i++) {
        esp_cube_copy(s, esp_cube(&sorted, s, i), esp_cube(f, s, order[i]));
    }
    if (f->count) {
        memcpy(f->data, sorted.data, (size_t)f->count * s->words * sizeof(uint64_t));
    }
    return true;
}

/* Containment over the sorted order: a cube can only be contained in one that comes before it. */
void esp_cover_contain(esp_context *ctx, const esp_shape *s, esp_cover *f)
{
    (void)esp_cover_contain_within(ctx, s, f, UINT64_MAX);
}

bool esp_cover_contain_within(esp_context *ctx, const esp_shape *s, esp_cover *f, uint64_t work_end)
{
    esp_mark mark = esp_mark_top(ctx);
    uint32_t *parts = esp_alloc_array(ctx, f->count, sizeof *parts);
    uint8_t *drop = esp_alloc_zero(ctx, f->count, 1);
    uint32_t *order = NULL;
    if (parts && drop) {
        for (uint32_t i = 0; i < f->count; i++) {
            parts[i] = esp_cube_parts(s, esp_cube(f, s, i));
        }
        order = sorted_rows(ctx, s, f, parts);
    }
    esp_cover kept = {0};
    bool going = order && esp_cover_create(ctx, s, f->count, &kept);
    for (uint32_t k = 0; going && k < f->count; k++) {
        const uint64_t *c = esp_cube(f, s, order[k]);
        if (esp_cube_empty(s, c) || ctx->kernels->inside_some(kept.data, kept.count, s->words, c)) {
            drop[order[k]] = 1;
        } else {
            esp_cube_copy(s, esp_cube(&kept, s, kept.count++), c);
        }
        going = esp_spend(ctx, (uint64_t)(kept.count + 1) * s->words) && ctx->work <= work_end;
    }
    if (going) {
        uint32_t n = 0;
        for (uint32_t i = 0; i < f->count; i++) {
            if (!drop[i]) {
                esp_cube_copy(s, esp_cube(f, s, n++), esp_cube(f, s, i));
            }
        }
        f->count = n;
    }
    esp_release(ctx, mark);
    return going;
}
