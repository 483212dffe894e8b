/* How many threads a machine allows, read from files of our own in the place of the system's. */
#if defined RST_CORE_ONLY
typedef int nothing_here; /* there are no threads in this build */
#else
#include <stdio.h>
#if defined _WIN32
#include <direct.h>
#include <process.h> /* _getpid */
#define make_folder(path) _mkdir(path)
#define remove_folder(path) _rmdir(path)
#define getpid _getpid
#else
#include <sys/stat.h>
#include <unistd.h>
#define make_folder(path) mkdir(path, 0700)
#define remove_folder(path) rmdir(path)
#endif

#include "platform/os.h"
#include "pool/pool.h"
#include "pool/processors.h"
#include "test.h"

/* A folder in the working directory, there for as long as it is needed; the same test may run in
 * another process at the same time. */
static char folder[40];

static const char *at(const char *name)
{
    static char path[2][80];
    static uint32_t turn;
    char *out = path[turn++ % 2];
    (void)snprintf(out, sizeof path[0], "%s/%s", folder, name);
    return out;
}

static bool write_file(const char *name, const char *text)
{
    FILE *file = fopen(at(name), "w");
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
    (void)snprintf(folder, sizeof folder, "ristretto-test-%d", (int)getpid());
    if (make_folder(folder) || !write_file("groups", "0::/\n")) {
        esp_test_skip("no file can be written here");
        return;
    }
    for (uint32_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        esp_test_case(cases[i].text);
        CHECK(write_file("cpu.max", cases[i].text));
        CHECK_EQ_U(esp_quota(at("groups"), folder), cases[i].processors);
    }
    esp_test_case("a group of the host's that is not there");
    CHECK(write_file("cpu.max", "300000 100000\n"));
    CHECK(write_file("groups", "12:pids:/a\n0::/system.slice/x.service\n"));
    CHECK_EQ_U(esp_quota(at("groups"), folder), 3);
    (void)remove(at("cpu.max"));
    esp_test_case("no group has a quota");
    CHECK_EQ_U(esp_quota(at("groups"), folder), UINT32_MAX);
    (void)remove(at("groups"));
    esp_test_case("there are no groups");
    CHECK_EQ_U(esp_quota(at("groups"), folder), UINT32_MAX);
    esp_test_case(NULL);
    (void)remove_folder(folder);
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
