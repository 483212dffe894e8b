/* A small harness for native tests: what a test file needs to know.
 *
 *   TEST(a_cube_contains_itself)
 *   {
 *       CHECK(esp_cube_in(s, a, a));
 *       CHECK_EQ_U(esp_cube_parts(s, a), 5);
 *   }
 *
 *   const esp_test test_cube[] = {
 *       {"a cube contains itself", a_cube_contains_itself},
 *       {0},
 *   };
 *
 * A failed check is printed with its place and the test goes on; use `if (!CHECK(…)) return;` where
 * it cannot. The table of files is in main.c. Files about threads, tasks or the ABI leave
 * themselves out when RST_CORE_ONLY is defined: only the core is there then.
 */
#ifndef ESP_TEST_H
#define ESP_TEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct esp_test {
    const char *name; /* a sentence: what holds; NULL ends the table */
    void (*run)(void);
} esp_test;

#define TEST(name) static void name(void)

/* Each is true when it holds. They may be called from any thread, and evaluate their arguments
 * once. */
#define CHECK(condition) esp_test_check((condition), __FILE__, __LINE__, #condition)
#define CHECK_EQ_U(actual, expected)                                                               \
    esp_test_equal((actual), (expected), __FILE__, __LINE__, #actual " == " #expected)
/* `text` holds `fragment`; both end with a zero. */
#define CHECK_HAS(text, fragment) esp_test_has((text), (fragment), __FILE__, __LINE__)

bool esp_test_check(bool holds, const char *file, int line, const char *what);
bool esp_test_equal(uint64_t actual, uint64_t expected, const char *file, int line,
                    const char *what);
bool esp_test_has(const char *text, const char *fragment, const char *file, int line);
/* Which case of a table the next failures are about, NULL = none; printed with them. */
void esp_test_case(const char *name);
/* Say why a test did not look at anything; it counts as passed. */
void esp_test_skip(const char *why);
/* Stops another process, so that nothing but its end has an effect on it; ends it. Not in the
 * core's tests. */
void esp_test_stop(int32_t id);
void esp_test_kill(int32_t id);
/* Bytes that another process has before it does anything, where that is not next to nothing. */
uint64_t esp_test_own_memory(int32_t id);
/* Whether the system tells of another process, which computes, that it does. */
bool esp_test_tells_time(int32_t id);
/* Can this test program start others? If not, the test is skipped with the reason. */
bool esp_test_can_start_programs(void);

/* A wait for what must come fails after this, which is far more than a busy machine takes. */
#define ESP_TEST_PATIENCE_NS UINT64_C(100000000000)
#define ESP_TEST_PATIENCE_MS 100000

/* How many times more than usual random tests are to try (--times=N), at least 1. */
extern uint32_t esp_test_times;
/* Added to the starts of random sequences (--seed=N), so that a long run is not the same again. */
extern uint64_t esp_test_seed;

/* A random number; the same sequence everywhere for the same start. */
static inline uint64_t esp_test_random(uint64_t *state)
{
    uint64_t x = *state += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

static inline uint32_t esp_test_below(uint64_t *state, uint32_t bound)
{
    return (uint32_t)(esp_test_random(state) % bound);
}

#endif
