/* Runs the native tests:  native_test [--list] [--verbose] [--times=N] [--seed=N] [WORD…]
 *
 * Words choose tests: those whose file or name holds one of them. The last line of standard output
 * is `native: N passed, N failed`; the exit status is 1 when a test failed or none was chosen.
 */
#include <stdio.h>
#include <stdlib.h> /* strtoul */
#include <string.h>

#include "test.h"

#define CORE_FILES(FILE)                                                                           \
    FILE(test_arena)                                                                               \
    FILE(test_pla)                                                                                 \
    FILE(test_pla_robust)                                                                          \
    FILE(test_pla_write)                                                                           \
    FILE(test_cube)                                                                                \
    FILE(test_dense)                                                                               \
    FILE(test_minimize_steps)                                                                      \
    FILE(test_minimize_exact)                                                                      \
    FILE(test_covering)                                                                            \
    FILE(test_exact)                                                                               \
    FILE(test_minimize)                                                                            \
    FILE(test_minimize_oracle)                                                                     \
    FILE(test_minimize_limits)                                                                     \
    FILE(test_minimize_questions)                                                                  \
    FILE(test_minimize_same)                                                                       \
    FILE(test_job_reader)                                                                          \
    FILE(test_job_structure)                                                                       \
    FILE(test_job_operations)                                                                      \
    FILE(test_job_tables)                                                                          \
    FILE(test_job_limits)                                                                          \
    FILE(test_job_damage)                                                                          \
    FILE(test_job_memory)                                                                          \
    FILE(test_job_example)

#if defined RST_CORE_ONLY
#define SYSTEM_FILES(FILE)
#else
#define SYSTEM_FILES(FILE)                                                                         \
    FILE(test_abi)                                                                                 \
    FILE(test_abi_threads)                                                                         \
    FILE(test_abi_tasks)                                                                           \
    FILE(test_pool_mailbox)                                                                        \
    FILE(test_pool_processors)                                                                     \
    FILE(test_pool)                                                                                \
    FILE(test_pool_threads)                                                                        \
    FILE(test_ipc_hub)                                                                             \
    FILE(test_ipc_ring)                                                                            \
    FILE(test_isolate)                                                                             \
    FILE(test_isolate_heap)                                                                        \
    FILE(test_isolate_call)                                                                        \
    FILE(test_isolate_attend)                                                                      \
    FILE(test_health)                                                                              \
    FILE(test_kills)                                                                               \
    FILE(test_hostile)
#endif

#if defined RST_CORE_ONLY || !defined __linux__
#define LINUX_FILES(FILE)
#else
#define LINUX_FILES(FILE)                                                                          \
    FILE(test_group)                                                                               \
    FILE(test_sandbox)                                                                             \
    FILE(test_isolate_library)                                                                     \
    FILE(test_ipc_macos)                                                                           \
    FILE(test_ipc_program)
#endif

#if defined RST_CORE_ONLY || !defined _WIN32
#define WINDOWS_FILES(FILE)
#else
#define WINDOWS_FILES(FILE) FILE(test_windows)
#endif

#define DECLARE(file) extern const esp_test file[];
CORE_FILES(DECLARE)
SYSTEM_FILES(DECLARE)
LINUX_FILES(DECLARE)
WINDOWS_FILES(DECLARE)

static const struct {
    const char *name;
    const esp_test *tests;
} files[] = {
#define ENTER(file) {#file, file},
    CORE_FILES(ENTER) SYSTEM_FILES(ENTER) LINUX_FILES(ENTER) WINDOWS_FILES(ENTER)};

uint32_t esp_test_times = 1;
uint64_t esp_test_seed;

static const char *current_name; /* of the test that runs */
static const char *current_case;
static volatile uint32_t failures; /* of it; threads may add to it at once, then some get lost */

static bool failed(const char *file, int line)
{
    if (failures++ < 20) {
        const char *base = strrchr(file, '/');
        printf("%s:%d: %s%s%s: ", base ? base + 1 : file, line, current_name,
               current_case ? ", " : "", current_case ? current_case : "");
        return true;
    }
    return false;
}

bool esp_test_check(bool holds, const char *file, int line, const char *what)
{
    if (!holds && failed(file, line)) {
        printf("not so: %s\n", what);
    }
    return holds;
}

bool esp_test_equal(uint64_t actual, uint64_t expected, const char *file, int line,
                    const char *what)
{
    if (actual != expected && failed(file, line)) {
        printf("%s: %llu instead of %llu\n", what, (unsigned long long)actual,
               (unsigned long long)expected);
    }
    return actual == expected;
}

bool esp_test_has(const char *text, const char *fragment, const char *file, int line)
{
    bool holds = text && strstr(text, fragment);
    if (!holds && failed(file, line)) {
        printf("\"%s\" does not hold \"%s\"\n", text ? text : "(null)", fragment);
    }
    return holds;
}

void esp_test_case(const char *name)
{
    current_case = name;
}

void esp_test_skip(const char *why)
{
    printf("skipped: %s: %s\n", current_name, why);
}

bool esp_test_can_start_programs(void)
{
    if (getenv("RISTRETTO_EMULATED")) {
        esp_test_skip("an emulated program cannot start another");
        return false;
    }
#if __has_feature(thread_sanitizer)
    esp_test_skip("the thread sanitizer does not survive a start that shares its memory");
    return false;
#else
    return true;
#endif
}

static bool chosen(const char *file, const char *name, char **words, int count)
{
    bool any = false;
    for (int i = 0; i < count; i++) {
        any = any || words[i][0] != '-';
        if (words[i][0] != '-' && (strstr(file, words[i]) || strstr(name, words[i]))) {
            return true;
        }
    }
    return !any;
}

static bool run_one(const esp_test *test, bool verbose)
{
    current_name = test->name;
    current_case = NULL;
    failures = 0;
    if (verbose) {
        printf("%s\n", test->name);
        (void)fflush(stdout);
    }
    test->run();
    if (failures) {
        printf("FAILED: %s\n", test->name);
    }
    (void)fflush(stdout);
    return failures == 0;
}

int main(int count, char **words)
{
    bool list = false;
    bool verbose = false;
    for (int i = 1; i < count; i++) {
        list = list || !strcmp(words[i], "--list");
        verbose = verbose || !strcmp(words[i], "--verbose");
        if (!strncmp(words[i], "--times=", 8) && words[i][8] != '0') {
            esp_test_times = (uint32_t)strtoul(words[i] + 8, NULL, 10);
        }
        if (!strncmp(words[i], "--seed=", 7)) {
            esp_test_seed = strtoul(words[i] + 7, NULL, 10);
        }
    }
    uint32_t passed = 0;
    uint32_t lost = 0;
    for (size_t f = 0; f < sizeof files / sizeof files[0]; f++) {
        for (const esp_test *test = files[f].tests; test->name; test++) {
            if (!chosen(files[f].name, test->name, words + 1, count - 1)) {
                continue;
            }
            if (list) {
                printf("%s: %s\n", files[f].name, test->name);
            } else if (run_one(test, verbose)) {
                passed++;
            } else {
                lost++;
            }
        }
    }
    if (!list) {
        printf("native: %u passed, %u failed\n", passed, lost);
    }
    return !list && (lost || !passed);
}
