/* Random numbers, and changes of bytes of which nothing is known. */
#include <string.h>

#include "fuzz.h"

uint64_t fuzz_random(uint64_t *state)
{
    uint64_t x = *state += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

uint32_t fuzz_below(uint64_t *state, uint32_t bound)
{
    return (uint32_t)((fuzz_random(state) >> 32) * bound >> 32);
}

uint32_t fuzz_number(uint64_t *random, uint32_t right)
{
    static const uint32_t ends[] = {
        0,        1,          2,          3,          7,          8,          31,
        32,       63,         64,         65,         127,        128,        255,
        256,      1000,       4095,       4096,       65535,      65536,      0x7fffffff,
        0x100000, 0xffff0000, 0x80000000, 0x80000001, 0xffffffc0, 0xfffffffe, 0xffffffff};
    switch (fuzz_below(random, 5)) {
    case 0:
        return right ^ UINT32_C(1) << fuzz_below(random, 32);
    case 1:
        return right + fuzz_below(random, 17) - 8;
    case 2:
        return ends[fuzz_below(random, sizeof ends / sizeof *ends)];
    case 3:
        return fuzz_below(random, 64);
    default:
        return (uint32_t)fuzz_random(random);
    }
}

void fuzz_insert(fuzz_bytes *b, uint32_t at, const void *bytes, uint32_t length)
{
    at = at < b->length ? at : b->length;
    length = length < FUZZ_MOST - at ? length : FUZZ_MOST - at;
    uint32_t rest = b->length - at;
    rest = rest < FUZZ_MOST - at - length ? rest : FUZZ_MOST - at - length;
    memmove(b->data + at + length, b->data + at, rest);
    memcpy(b->data + at, bytes, length);
    b->length = at + length + rest;
}

void fuzz_remove(fuzz_bytes *b, uint32_t at, uint32_t length)
{
    at = at < b->length ? at : b->length;
    length = length < b->length - at ? length : b->length - at;
    memmove(b->data + at, b->data + at + length, b->length - at - length);
    b->length -= length;
}

static void change_number(fuzz_bytes *b, uint32_t at, uint64_t *random)
{
    uint32_t value;
    if (at + sizeof value <= b->length) {
        memcpy(&value, b->data + at, sizeof value);
        value = fuzz_number(random, value);
        memcpy(b->data + at, &value, sizeof value);
    }
}

void fuzz_change(fuzz_bytes *b, const fuzz_bytes *other, uint64_t *random)
{
    uint8_t piece[64];
    uint32_t at = fuzz_below(random, b->length + 1);
    uint32_t length = 1 + fuzz_below(random, fuzz_below(random, 4) ? 8 : sizeof piece);
    uint32_t from = fuzz_below(random, other->length + 1);
    uint64_t noise = fuzz_random(random);
    switch (fuzz_below(random, 9)) {
    case 0:
        if (at < b->length) {
            b->data[at] ^= (uint8_t)(1u << noise % 8);
        }
        break;
    case 1:
        if (at < b->length) {
            b->data[at] = (uint8_t)noise;
        }
        break;
    case 2:
        change_number(b, at & ~3u, random);
        break;
    case 3:
        change_number(b, at, random);
        break;
    case 4:
        fuzz_remove(b, at, length);
        break;
    case 5:
        fuzz_insert(b, at, &noise, length < sizeof noise ? length : sizeof noise);
        break;
    case 6: /* a piece again, somewhere else */
        length = length < b->length - at ? length : b->length - at;
        memcpy(piece, b->data + at, length);
        fuzz_insert(b, fuzz_below(random, b->length + 1), piece, length);
        break;
    case 7: /* a piece of another input */
        length = length < other->length - from ? length : other->length - from;
        fuzz_insert(b, at, other->data + from, length);
        break;
    default: /* the end */
        b->length = at;
        break;
    }
}
