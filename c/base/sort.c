/* Bottom-up merge sort of indices by key; short runs by insertion first. */
#include "base/sort.h"

enum { RUN = 12 };

static void insertion(const uint64_t *keys, uint32_t *order, uint32_t from, uint32_t to)
{
    for (uint32_t i = from + 1; i < to; i++) {
        uint32_t x = order[i];
        uint32_t k = i;
        while (k > from && keys[order[k - 1]] > keys[x]) {
            order[k] = order[k - 1];
            k--;
        }
        order[k] = x;
    }
}

uint32_t *esp_sorted_order(esp_context *ctx, const uint64_t *keys, uint32_t count)
{
    uint32_t *from = esp_alloc_array(ctx, count, sizeof *from);
    uint32_t *to = count > RUN ? esp_alloc_array(ctx, count, sizeof *to) : from;
    if (!from || !to) {
        return NULL;
    }
    for (uint32_t i = 0; i < count; i++) {
        from[i] = i;
    }
    for (uint32_t i = 0; i < count; i += RUN) {
        insertion(keys, from, i, esp_min_u32(count, i + RUN));
    }
    for (uint64_t width = RUN; width < count; width *= 2) {
        for (uint64_t start = 0; start < count; start += 2 * width) {
            uint64_t middle = start + width < count ? start + width : count;
            uint64_t end = start + 2 * width < count ? start + 2 * width : count;
            uint64_t a = start;
            uint64_t b = middle;
            for (uint64_t k = start; k < end; k++) {
                bool right = a == middle || (b < end && keys[from[b]] < keys[from[a]]);
                to[k] = right ? from[b++] : from[a++];
            }
        }
        uint32_t *swap = from;
        from = to;
        to = swap;
    }
    return from;
}
