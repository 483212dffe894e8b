/* Types that every file of the core shares: status codes and small inline helpers.
 *
 * Prefix `esp_` marks the core, `rst_` the exported ABI, `os_` the operating system's primitives.
 */
#ifndef ESP_BASE_H
#define ESP_BASE_H

#include <assert.h> /* assert: internal truths only, never input */
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Kinds of error. ESP_OK is 0, so `if (status)` reads as "failed". */
typedef enum esp_status {
    ESP_OK = 0,
#define ESP_ERROR(number, name, kind, text) ESP_##name = (number),
#include "base/errors.def"
#undef ESP_ERROR
} esp_status;

/* Limits, and why a run stopped early (ESP_STOP_NONE: it did not). */
typedef enum esp_limit {
    ESP_LIMIT_NONE = 0,
#define ESP_LIMIT(number, name, kind, text) ESP_LIMIT_##name = (number),
#include "base/errors.def"
#undef ESP_LIMIT
    ESP_LIMIT_CANCEL = 15, /* not a limit: the caller's cancel word was set */
} esp_limit;

/* A word that threads read and write at the same time, each by itself: nothing else is ordered by
 * it, so relaxed accesses do, which are plain ones on every machine. */
typedef _Atomic(uint32_t) esp_word;

static inline uint32_t esp_word_get(const esp_word *word)
{
    return atomic_load_explicit(word, memory_order_relaxed);
}

static inline void esp_word_set(esp_word *word, uint32_t value)
{
    atomic_store_explicit(word, value, memory_order_relaxed);
}

static inline uint32_t esp_popcount(uint64_t x)
{
    return (uint32_t)__builtin_popcountll(x);
}

/* Index of the lowest set bit; x must not be 0. */
static inline uint32_t esp_lowest(uint64_t x)
{
    return (uint32_t)__builtin_ctzll(x);
}

static inline uint32_t esp_min_u32(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* A hash of a number: the bits of a choice that may be any, but the same everywhere. */
static inline uint64_t esp_mix(uint64_t x)
{
    x ^= x >> 32;
    x *= UINT64_C(0xd6e8feb86659fd93);
    return x ^ x >> 32;
}

static inline uint32_t esp_max_u32(uint32_t a, uint32_t b)
{
    return a > b ? a : b;
}

#endif
