/* 64 counters side by side: bit i of plane k is digit k of counter i.
 *
 * The idea. A word adds one to the counters of its bits: the carry of each digit is an AND, the
 * digit an exclusive or, for all counters at once. Four words go through three carry-save adders
 * first, so that only one carry in four has to ripple.
 *
 * Cost: five operations a word, and a ripple for four.
 *
 * Reference: R. Seal's use of carry-save adders for population counts, in H. Warren, Hacker's
 * Delight, section 5-1.
 */
#ifndef ESP_COUNTERS_H
#define ESP_COUNTERS_H

#include <stdint.h>

/* Adds the bits of `carry` to digit k and above. Planes that are reached are 0 or in use. */
static inline void esp_counters_carry(uint64_t *plane, uint32_t k, uint64_t carry)
{
    for (; carry; k++) {
        uint64_t both = plane[k] & carry;
        plane[k] ^= carry;
        carry = both;
    }
}

/* The three bits of each place as two digits: *low gets the lower, the higher is returned. */
static inline uint64_t esp_carry_save(uint64_t *low, uint64_t a, uint64_t b)
{
    uint64_t c = *low;
    uint64_t half = a ^ b;
    *low = half ^ c;
    return (a & b) | (half & c);
}

/* Adds four words. */
static inline void esp_counters_add(uint64_t *plane, const uint64_t x[4])
{
    uint64_t twos = esp_carry_save(&plane[0], x[0], x[1]);
    uint64_t more = esp_carry_save(&plane[0], x[2], x[3]);
    esp_counters_carry(plane, 2, esp_carry_save(&plane[1], twos, more));
}

#endif
