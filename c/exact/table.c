/* The table of a covering problem: rows as lists, appended one by one. */
#include "exact/covering.h"

#include <string.h> /* memcpy */

bool esp_table_create(esp_context *ctx, uint32_t columns, esp_table *t)
{
    *t = (esp_table){.columns = columns, .row_capacity = 64, .entry_capacity = 512};
    t->start = esp_alloc_array(ctx, t->row_capacity + 1, sizeof *t->start);
    t->entry = esp_alloc_array(ctx, t->entry_capacity, sizeof *t->entry);
    if (!t->start || !t->entry) {
        return false;
    }
    t->start[0] = 0;
    return true;
}

/* A larger array with the old contents; the old one stays in the arena until its mark is released.
 */
static uint32_t *grow(esp_context *ctx, const uint32_t *from, uint32_t used, uint32_t capacity)
{
    uint32_t *to = esp_alloc_array(ctx, capacity, sizeof *to);
    if (to) {
        memcpy(to, from, (size_t)used * sizeof *to);
    }
    return to;
}

bool esp_table_push(esp_context *ctx, esp_table *t, const uint32_t *row, uint32_t count)
{
    if (t->rows == t->row_capacity) {
        uint32_t *larger = grow(ctx, t->start, t->rows + 1, t->row_capacity * 2 + 1);
        if (!larger) {
            return false;
        }
        t->start = larger;
        t->row_capacity *= 2;
    }
    uint32_t used = t->start[t->rows];
    if (count > t->entry_capacity - used) {
        uint32_t capacity = esp_max_u32(t->entry_capacity * 2, used + count);
        uint32_t *larger = used + count < used ? NULL : grow(ctx, t->entry, used, capacity);
        if (!larger) {
            return false;
        }
        t->entry = larger;
        t->entry_capacity = capacity;
    }
    memcpy(t->entry + used, row, count * sizeof *row);
    t->start[++t->rows] = used + count;
    return true;
}
