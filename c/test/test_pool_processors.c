/* How many threads a machine allows, read from files of our own in the place of the system's. */
#if defined RST_CORE_ONLY
typedef int nothing_here; /* there are no threads in this build */
#else
#include <stdio.h>

#include "platform/os.h"
#include "pool/pool.h"
#include "pool/processors.h"
#include "test.h"

/* A file beside the test's working directory, there for as long as it is needed. */
static bool write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    if (!file) {
        return false;
    }
    (void)fputs(text, file);
    return fclose(file) == 0;
}

TEST(quotas_are_read_and_rounded_up)
{
    static const struct {
        const char *text;
        uint32_t processors;
    } cases[] = {
        {"max 100000\n", UINT32_MAX}, {"50000 100000\n", 1},    {"100000 100000\n", 1},
        {"150000 100000\n", 2},       {"1600000 100000\n", 16}, {"", UINT32_MAX},
        {"junk", UINT32_MAX},         {"100000\n", UINT32_MAX}, {"-1 100000\n", UINT32_MAX},
        {"100000 0\n", UINT32_MAX},
    };
    if (!write_file("ristretto-test-groups", "0::/\n")) {
        esp_test_skip("no file can be written here");
        return;
    }
    for (uint32_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        esp_test_case(cases[i].text);
        CHECK(write_file("cpu.max", cases[i].text));
        CHECK_EQ_U(esp_quota("ristretto-test-groups", "."), cases[i].processors);
    }
    esp_test_case("a group of the host's that is not there");
    CHECK(write_file("cpu.max", "300000 100000\n"));
    CHECK(write_file("ristretto-test-groups", "12:pids:/a\n0::/system.slice/x.service\n"));
    CHECK_EQ_U(esp_quota("ristretto-test-groups", "."), 3);
    (void)remove("cpu.max");
    esp_test_case("no group has a quota");
    CHECK_EQ_U(esp_quota("ristretto-test-groups", "."), UINT32_MAX);
    (void)remove("ristretto-test-groups");
    esp_test_case("there are no groups");
    CHECK_EQ_U(esp_quota("ristretto-test-groups", "."), UINT32_MAX);
    esp_test_case(NULL);
}

TEST(this_machine_allows_at_least_one_thread)
{
    CHECK(esp_pool_processors() >= 1 && esp_pool_processors() <= os_processors());
}

const esp_test test_pool_processors[] = {
    {"quotas are read and rounded up", quotas_are_read_and_rounded_up},
    {"this machine allows at least one thread", this_machine_allows_at_least_one_thread},
    {0},
};
#endif
