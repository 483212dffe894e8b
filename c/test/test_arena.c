/* The arena: alignment, marks, limits, reuse, and that nothing is held after it is freed. */
#include <string.h>

#include "base/context.h"
#include "test.h"

TEST(memory_is_aligned_and_its_own)
{
    esp_arena arena = {0};
    uint8_t *last = NULL;
    for (uint32_t size = 1; size < 3000; size += 7) {
        uint8_t *p = esp_arena_alloc(&arena, size);
        CHECK(p && (uintptr_t)p % (size >= 64 ? 64 : 8) == 0);
        memset(p, (int)(size & 0xff), size);
        CHECK(!last || *last == (uint8_t)(size - 7));
        last = p;
    }
    esp_arena_free(&arena);
    CHECK_EQ_U(arena.held, 0);
}

TEST(a_release_gives_back_what_came_after_the_mark)
{
    esp_arena arena = {0};
    uint32_t *kept = esp_arena_alloc(&arena, 4);
    *kept = 7;
    esp_mark mark = esp_arena_mark(&arena);
    uint8_t *first = esp_arena_alloc(&arena, 8);
    for (uint32_t i = 0; i < 100; i++) {
        CHECK(esp_arena_alloc(&arena, 10000) != NULL);
    }
    uint64_t held = arena.held;
    for (uint32_t round = 0; round < 50; round++) {
        esp_arena_release(&arena, mark);
        CHECK(esp_arena_alloc(&arena, 8) == first);
        for (uint32_t i = 0; i < 100; i++) {
            CHECK(esp_arena_alloc(&arena, 10000) != NULL);
        }
    }
    CHECK_EQ_U(arena.held, held); /* the chunks were reused */
    CHECK_EQ_U(*kept, 7);
    esp_arena_free(&arena);
}

TEST(the_newest_allocation_grows_in_place)
{
    esp_arena arena = {0};
    uint8_t *a = esp_arena_alloc(&arena, 100);
    CHECK(esp_arena_extend(&arena, a, 100, 1000));
    uint8_t *b = esp_arena_alloc(&arena, 100);
    CHECK(b >= a + 1000);
    CHECK(!esp_arena_extend(&arena, a, 1000, 2000));   /* no longer the newest */
    CHECK(!esp_arena_extend(&arena, b, 100, 1 << 20)); /* more than the chunk has */
    esp_arena_free(&arena);
}

TEST(a_limit_is_kept_and_the_refusal_remembered)
{
    esp_arena arena = {0};
    arena.limit = 100000;
    uint32_t granted = 0;
    while (granted < 1000 && esp_arena_alloc(&arena, 1000)) {
        granted++;
    }
    CHECK(granted > 60 && granted < 100);
    CHECK(arena.failed);
    CHECK(arena.held <= arena.limit);
    CHECK(esp_arena_alloc(&arena, SIZE_MAX) == NULL);
    CHECK(esp_arena_alloc(&arena, SIZE_MAX / 2 - 100) == NULL);
    esp_arena_reset(&arena);
    CHECK(!arena.failed && arena.limit == 0);
    esp_arena_free(&arena);
    CHECK_EQ_U(arena.held, 0);
}

TEST(a_reset_gives_large_chunks_back)
{
    esp_arena arena = {0};
    CHECK(esp_arena_alloc(&arena, 50 << 20) != NULL);
    CHECK(arena.held > 50 << 20);
    CHECK(arena.peak == arena.held);
    esp_arena_reset(&arena);
    CHECK(arena.held <= (1 << 20) + 4096);
    CHECK(arena.peak == arena.held);
    esp_arena_free(&arena);
}

TEST(both_arenas_of_a_context_share_one_limit)
{
    esp_context ctx;
    esp_context_init(&ctx);
    esp_context_limit_memory(&ctx, 200000);
    CHECK(esp_alloc(&ctx, 120000) != NULL);
    CHECK(esp_arena_alloc(&ctx.side, 120000) == NULL);
    CHECK(!esp_stopped(&ctx));
    CHECK(esp_alloc(&ctx, 120000) == NULL);
    CHECK_EQ_U(ctx.stop, ESP_LIMIT_MEMORY);
    CHECK_EQ_U(esp_fail_stopped(&ctx), ESP_LIMIT_EXCEEDED);
    CHECK_EQ_U(ctx.error.limit, ESP_LIMIT_MEMORY);
    esp_context_free(&ctx);
}

TEST(arrays_whose_size_overflows_are_refused)
{
    esp_context ctx;
    esp_context_init(&ctx);
    CHECK(esp_alloc_array(&ctx, SIZE_MAX / 2, 8) == NULL);
    CHECK_EQ_U(ctx.stop, ESP_LIMIT_MEMORY);
    esp_context_begin(&ctx);
    CHECK(!esp_stopped(&ctx));
    const uint8_t *zeros = esp_alloc_zero(&ctx, 100, 3);
    uint32_t sum = 0;
    for (uint32_t i = 0; zeros && i < 300; i++) {
        sum += zeros[i];
    }
    CHECK(zeros && sum == 0);
    esp_context_free(&ctx);
}

const esp_test test_arena[] = {
    {"memory is aligned and its own", memory_is_aligned_and_its_own},
    {"a release gives back what came after the mark",
     a_release_gives_back_what_came_after_the_mark},
    {"the newest allocation grows in place", the_newest_allocation_grows_in_place},
    {"a limit is kept and the refusal remembered", a_limit_is_kept_and_the_refusal_remembered},
    {"a reset gives large chunks back", a_reset_gives_large_chunks_back},
    {"both arenas of a context share one limit", both_arenas_of_a_context_share_one_limit},
    {"arrays whose size overflows are refused", arrays_whose_size_overflows_are_refused},
    {0},
};
