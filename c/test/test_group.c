/* Control groups: where they are made, what is written, what is swept. The hierarchies are folders
 * of a test, version 1 and 2, so that all of it can fail everywhere; the kernel's own are tried
 * where this program may make groups. */
#define _GNU_SOURCE
#include "test.h"

#if defined __linux__ && !defined RST_CORE_ONLY

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "ipc/group.h"
#include "isolate/crew.h"

enum { TEXT = 256 };

static char root[64];

static const char *at(const char *path)
{
    static char full[2][IPC_GROUP_PATH];
    static uint32_t turn;
    char *out = full[turn++ % 2];
    (void)snprintf(out, IPC_GROUP_PATH, "%s%s", root, path);
    return out;
}

/* Makes all folders of a path below the root. */
static void folder(const char *path)
{
    char full[IPC_GROUP_PATH];
    (void)snprintf(full, sizeof full, "%s%s/", root, path);
    for (char *slash = full + strlen(root); (slash = strchr(slash + 1, '/'));) {
        *slash = 0;
        (void)mkdir(full, 0700);
        *slash = '/';
    }
}

static void put(const char *path, const char *text)
{
    FILE *file = fopen(at(path), "we");
    if (CHECK(file != NULL)) {
        (void)fputs(text, file);
        (void)fclose(file);
    }
}

static const char *get(const char *folder_name, const char *name, const char *file_name)
{
    static char text[TEXT];
    char path[IPC_GROUP_PATH];
    (void)snprintf(path, sizeof path, "%s/%s/%s", folder_name, name, file_name);
    FILE *file = fopen(path, "re");
    size_t n = file ? fread(text, 1, sizeof text - 1, file) : 0;
    text[n] = 0;
    if (file) {
        (void)fclose(file);
    }
    return text;
}

static int discard(const char *path, const struct stat *facts, int kind, struct FTW *walk)
{
    (void)facts;
    (void)kind;
    (void)walk;
    return remove(path);
}

static bool begin(const char *groups, const char *mounts)
{
    (void)snprintf(root, sizeof root, "/tmp/ristretto-group-XXXXXX");
    if (!CHECK(mkdtemp(root) != NULL)) {
        return false;
    }
    folder("/proc/self");
    put("/proc/self/cgroup", groups);
    put("/proc/self/mountinfo", mounts);
    return true;
}

static void end(void)
{
    (void)nftw(root, discard, 8, FTW_DEPTH | FTW_PHYS);
}

/* A group of the tests has files, which the kernel would take away with it. */
static void clear(const char *folder_name, const char *name)
{
    char path[IPC_GROUP_PATH];
    (void)snprintf(path, sizeof path, "%s/%s", folder_name, name);
    (void)nftw(path, discard, 8, FTW_DEPTH | FTW_PHYS);
}

#define FIRST_MOUNTS                                                                               \
    "20 1 8:1 / / rw,relatime - ext4 /dev/root rw\n"                                               \
    "31 20 0:28 / /sys/fs/cgroup rw shared:3 master:1 - tmpfs tmpfs rw,mode=755\n"                 \
    "32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"                  \
    "33 31 0:30 /docker/abc /sys/fs/cgroup/me\\040mory rw shared:4 - cgroup cgroup rw,memory\n"    \
    "34 31 0:31 /elsewhere /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids\n"                       \
    "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n"

static bool begin_first(void)
{
    bool begun = begin("9:name=systemd:/\n5:pids:/docker/abc\n4:memory:/docker/abc/in/ner\n"
                       "2:cpu,cpuacct:/\n1:cpuset:/\n0::/\n",
                       FIRST_MOUNTS);
    if (begun) {
        folder("/sys/fs/cgroup/cpu,cpuacct");
        folder("/sys/fs/cgroup/me mory/in/ner");
        folder("/sys/fs/cgroup/pids");
        folder("/sys/fs/cgroup/unified");
        put("/sys/fs/cgroup/unified/cgroup.controllers", "\n");
        put("/sys/fs/cgroup/unified/cgroup.subtree_control", "\n");
    }
    return begun;
}

TEST(version_one)
{
    ipc_group_place place;
    ipc_group group;
    const ipc_group_terms terms = {.cores = 1500, .memory = 1 << 28, .tasks = 4};
    if (!begin_first()) {
        return;
    }
    ipc_groups_find(&place, root);
    CHECK_EQ_U(place.kinds, IPC_GROUP_CPU | IPC_GROUP_MEMORY); /* pids: mounted from elsewhere */
    CHECK_EQ_U(place.version[0], 1);
    CHECK_EQ_U(place.version[1], 1);
    CHECK_EQ_U(place.version[2], 0);
    CHECK(strcmp(place.path[0], at("/sys/fs/cgroup/cpu,cpuacct")) == 0);
    CHECK(strcmp(place.path[1], at("/sys/fs/cgroup/me mory/in/ner")) == 0);
    CHECK_EQ_U(ipc_group_make(&place, &group, &terms), IPC_GROUP_CPU | IPC_GROUP_MEMORY);
    CHECK_HAS(get(place.path[0], group.name, "cpu.cfs_period_us"), "10000");
    CHECK_HAS(get(place.path[0], group.name, "cpu.cfs_quota_us"), "15000");
    CHECK_HAS(get(place.path[1], group.name, "memory.limit_in_bytes"), "268435456");
    CHECK_EQ_U(ipc_group_enter(&place, &group, 4711), IPC_GROUP_CPU | IPC_GROUP_MEMORY);
    CHECK_HAS(get(place.path[0], group.name, "cgroup.procs"), "4711");
    CHECK_HAS(get(place.path[1], group.name, "cgroup.procs"), "4711");
    CHECK_EQ_U(get(place.path[2], group.name, "cgroup.procs")[0], 0);
    end();
}

TEST(a_small_share)
{
    ipc_group_place place;
    ipc_group group;
    const ipc_group_terms small = {.cores = 10};
    if (!begin_first()) {
        return;
    }
    ipc_groups_find(&place, root);
    CHECK_EQ_U(ipc_group_make(&place, &group, &small), IPC_GROUP_CPU);
    CHECK_HAS(get(place.path[0], group.name, "cpu.cfs_period_us"), "100000");
    CHECK_HAS(get(place.path[0], group.name, "cpu.cfs_quota_us"), "1000"); /* the least there is */
    CHECK_EQ_U(access(place.path[1], F_OK), 0);
    CHECK_EQ_U(get(place.path[1], group.name, "memory.limit_in_bytes")[0], 0);
    end();
}

#define SECOND_MOUNTS "30 20 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n"

/* The own group has processes, so it hands nothing down; the one above does, if it was given away.
 */
static void try_second(bool given, bool first)
{
    ipc_group_place place;
    if (!begin(first ? "0::/\n" : "0::/user.slice/app/host\n", SECOND_MOUNTS)) {
        return;
    }
    const char *above = first ? "/sys/fs/cgroup" : "/sys/fs/cgroup/user.slice/app";
    char name[IPC_GROUP_PATH];
    folder("/sys/fs/cgroup/user.slice/app/host");
    put("/sys/fs/cgroup/user.slice/app/host/cgroup.type", "domain\n");
    put("/sys/fs/cgroup/user.slice/app/host/cgroup.controllers", "cpu memory pids\n");
    put("/sys/fs/cgroup/user.slice/app/host/cgroup.subtree_control", "\n");
    (void)snprintf(name, sizeof name, "%s/cgroup.controllers", above);
    put(name, "cpuset cpu io memory\n");
    (void)snprintf(name, sizeof name, "%s/cgroup.subtree_control", above);
    put(name, "memory\n");
    bool chown_works = geteuid() != 0 || !given || chown(at(above), 65534, 65534) == 0;
    ipc_groups_find(&place, root);
    if (geteuid() != 0 && !given && !first) {
        /* Whatever this user makes is given to it. */
    } else if (chown_works) {
        bool there = given || first;
        CHECK_EQ_U(place.kinds, there ? IPC_GROUP_CPU | IPC_GROUP_MEMORY : 0);
        CHECK_EQ_U(place.version[0], there ? 2 : 0);
        CHECK(!there || strcmp(place.path[0], at(above)) == 0);
        /* To look changes nothing. */
        CHECK_EQ_U(strstr(get(at(above), "", "cgroup.subtree_control"), "cpu") != NULL, 0);
    }
    if (chown_works && given) {
        ipc_group group;
        const ipc_group_terms terms = {.cores = 250, .memory = 4096, .tasks = 4};
        CHECK_EQ_U(ipc_group_make(&place, &group, &(ipc_group_terms){.cores = 10}), IPC_GROUP_CPU);
        CHECK_HAS(get(at(above), "", "cgroup.subtree_control"), "+cpu");
        CHECK_HAS(get(place.path[0], group.name, "cpu.max"), "1000 100000");
        clear(place.path[0], group.name);
        put(name, "cpu memory\n"); /* as the kernel would say it */
        CHECK_EQ_U(ipc_group_make(&place, &group, &terms), IPC_GROUP_CPU | IPC_GROUP_MEMORY);
        CHECK_HAS(get(place.path[0], group.name, "cpu.max"), "2500 10000");
        CHECK_HAS(get(place.path[0], group.name, "memory.max"), "4096");
        CHECK_HAS(get(place.path[0], group.name, "memory.oom.group"), "1");
        CHECK_EQ_U(ipc_group_enter(&place, &group, 815), IPC_GROUP_CPU | IPC_GROUP_MEMORY);
        CHECK_HAS(get(place.path[0], group.name, "cgroup.procs"), "815");
        clear(place.path[0], group.name);
        CHECK_EQ_U(ipc_group_enter(&place, &group, 815), 0); /* somebody else removed it */
    }
    end();
}

TEST(version_two)
{
    try_second(true, false);
    try_second(false, false);
    try_second(false, true);
}

TEST(nothing_is_made_where_nothing_may_be)
{
    static const char *const groups[] = {"", "0::/\n", "garbage", "0::/../outside\n", "1:cpu\n"};
    static const char *const mounts[] = {"", "30\n", SECOND_MOUNTS, "- - -\n", FIRST_MOUNTS};
    const ipc_group_terms terms = {.cores = 1000, .memory = 1 << 20, .tasks = 4};
    for (uint32_t i = 0; i < 25; i++) {
        ipc_group_place place;
        ipc_group group;
        if (!begin(groups[i % 5], mounts[i / 5])) {
            return;
        }
        ipc_groups_find(&place, root); /* none of the folders is there */
        CHECK_EQ_U(place.kinds, 0);
        CHECK_EQ_U(ipc_group_make(&place, &group, &terms), 0);
        CHECK_EQ_U(group.name[0], 0);
        CHECK_EQ_U(ipc_group_enter(&place, &group, 1), 0);
        CHECK_EQ_U(ipc_groups_sweep(&place), 0);
        ipc_group_remove(&place, &group);
        end();
    }
}

TEST(only_what_killed_hosts_left_is_swept)
{
    ipc_group_place place;
    ipc_group mine;
    const ipc_group_terms terms = {.cores = 500};
    if (!begin_first()) {
        return;
    }
    ipc_groups_find(&place, root);
    CHECK_EQ_U(ipc_group_make(&place, &mine, &terms), IPC_GROUP_CPU);
    clear(place.path[0], mine.name);
    unsigned long long space, start;
    unsigned number;
    int self;
    CHECK_EQ_U(
        (uint64_t)sscanf(mine.name, "ristretto-%llu-%d-%llu-%u", &space, &self, &start, &number),
        4);
    CHECK_EQ_U((uint64_t)self, (uint64_t)getpid());
    CHECK(space > 0 && start > 0);
    static const struct {
        uint64_t space, start; /* added to ours */
        int process;           /* 0: ours */
        const char *beyond;
        bool swept;
    } cases[] = {
        {0, 0, 0, "", false},         /* ours */
        {0, 1, 0, "", true},          /* our number, but another process had it */
        {0, 0, 0x7ffffffe, "", true}, /* there can be no process with that number */
        {1, 0, 0x7ffffffe, "", false}, {0, 0, 0x7ffffffe, "-x", false},
    };
    for (uint32_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char path[IPC_GROUP_PATH];
        int process = cases[i].process ? cases[i].process : self;
        (void)snprintf(path, sizeof path, "%s/ristretto-%llu-%d-%llu-%u%s", place.path[0],
                       space + cases[i].space, process, start + cases[i].start, number + 1 + i,
                       cases[i].beyond);
        CHECK_EQ_U((uint64_t)mkdir(path, 0700), 0);
        CHECK_EQ_U(ipc_groups_sweep(&place), cases[i].swept);
        CHECK_EQ_U(access(path, F_OK) == 0, !cases[i].swept);
    }
    folder("/sys/fs/cgroup/cpu,cpuacct/somebody");
    CHECK_EQ_U(ipc_groups_sweep(&place), 0);
    end();
}

/* Groups below the places that have this process as their owner. */
static uint32_t own_groups(const ipc_group_place *place, char *name)
{
    char command[2 * IPC_GROUP_PATH];
    uint32_t count = 0;
    (void)snprintf(command, sizeof command, "ls -d '%s'/ristretto-*-%d-* 2>/dev/null",
                   place->path[0], (int)getpid());
    FILE *lines = popen(command, "r");
    while (lines && fgets(name, IPC_GROUP_PATH, lines)) {
        name[strcspn(name, "\n")] = 0;
        count++;
    }
    if (lines) {
        (void)pclose(lines);
    }
    return count;
}

TEST(each_worker_is_in_a_group_until_the_crew_closes)
{
    ipc_group_place place;
    iso_guarded found = {0};
    uint32_t lacking;
    char name[IPC_GROUP_PATH] = "";
    const iso_options options = {.workers = 2, .queue = 4, .terms = {.cores = 250}};
    ipc_groups_find(&place, "");
    if (!esp_test_can_start_programs()) {
        return;
    }
    double crew = iso_open(&options, ESP_TEST_PATIENCE_MS, &lacking);
    if (!CHECK(crew > 0) || !CHECK(iso_guards(crew, &found) == 0)) {
        return;
    }
    CHECK_EQ_U((found.guards & IPC_GUARD_GROUP) != 0, (found.kinds & IPC_GROUP_CPU) != 0);
    if (!(found.kinds & IPC_GROUP_CPU)) {
        (void)iso_release(crew);
        esp_test_skip("this program may make no control group for processor time here");
        return;
    }
    CHECK_EQ_U(found.kinds, IPC_GROUP_CPU); /* nothing that was not asked for */
    CHECK_EQ_U(found.version, place.version[0]);
    uint32_t facts[8] = {0};
    for (uint32_t turn = 0; turn < 10000 && facts[0] < 2; turn++) {
        (void)iso_facts(crew, facts, 8);
        (void)usleep(10000);
    }
    CHECK_EQ_U(facts[0], 2);
    CHECK_EQ_U(own_groups(&place, name), 2);
    uint32_t inside = (uint32_t)atoi(get(name, "", "cgroup.procs"));
    CHECK(inside == facts[3] || inside == facts[4]);
    (void)iso_release(crew);
    uint32_t left = 2;
    for (uint32_t turn = 0; turn < 10000 && left; turn++) {
        left = own_groups(&place, name);
        (void)usleep(left ? 10000 : 0);
    }
    CHECK_EQ_U(left, 0);
}

const esp_test test_group[] = {
    {"groups of version 1 are made below the own one, with their limits", version_one},
    {"a small share has a long period", a_small_share},
    {"groups of version 2 are made where controllers are handed down", version_two},
    {"nothing is made where nothing may be", nothing_is_made_where_nothing_may_be},
    {"only what killed hosts left is swept", only_what_killed_hosts_left_is_swept},
    {"each worker is in a group until the crew closes",
     each_worker_is_in_a_group_until_the_crew_closes},
    {0},
};
#endif
