/* The parts of the IPC for macOS that are plain POSIX, run on Linux: regions, the control socket,
 * programs' files.
 *
 * Method. The sources are compiled here once more, under other names, with what macOS does
 * otherwise put in place of what Linux has: a shared memory object gets a size once and cannot be
 * mapped beyond it, and pages have 16 KiB. Nothing of kqueue, posix_spawn, waiting on addresses or
 * the sandbox is tried.
 */
#if defined RST_CORE_ONLY || !defined __linux__
typedef int nothing_here;
#else
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "test.h"

static char object_name[32]; /* of the object that has one, and its handle */
static int object_file = -1;
static char caches_folder[64]; /* the folder of the program's test */

static int mac_shm_open(const char *name, int flags, mode_t mode)
{
    char path[32];
    (void)mode;
    if (!(flags & O_CREAT)) {
        (void)snprintf(path, sizeof path, "/proc/self/fd/%d", object_file);
        return strcmp(name, object_name) == 0 ? open(path, flags) : -1;
    }
    if (object_name[0] || strlen(name) >= sizeof object_name) {
        return -1;
    }
    memcpy(object_name, name, strlen(name) + 1);
    object_file = (int)syscall(SYS_memfd_create, "region", 0);
    return object_file;
}

static int mac_shm_unlink(const char *name)
{
    bool known = strcmp(name, object_name) == 0;
    object_name[0] = 0;
    return known ? 0 : -1;
}

static int mac_ftruncate(int file, off_t size)
{
    struct stat is;
    errno = EINVAL;
    return fstat(file, &is) || is.st_size || size % 16384 ? -1 : ftruncate(file, size);
}

static void *mac_mmap(void *at, size_t size, int rights, int flags, int file, off_t from)
{
    struct stat is;
    if (file >= 0 && (fstat(file, &is) || from + (off_t)size > is.st_size)) {
        errno = EINVAL;
        return MAP_FAILED;
    }
    return mmap(at, size, rights, flags, file, from);
}

static long mac_sysconf(int what)
{
    return what == _SC_PAGESIZE ? 16384 : sysconf(what);
}

static void mac_random(void *at, size_t size)
{
    static uint32_t calls;
    memset(at, 0, size);
    memcpy(at, &calls, sizeof calls);
    calls++;
}

static char *mac_getenv(const char *name)
{
    return strcmp(name, "TMPDIR") == 0 && caches_folder[0] ? caches_folder : NULL;
}

#define shm_open mac_shm_open
#define shm_unlink mac_shm_unlink
#define ftruncate mac_ftruncate
#define mmap mac_mmap
#define sysconf mac_sysconf
#define arc4random_buf mac_random
#define getenv mac_getenv
#define ipc_region_create mac_region_create
#define ipc_region_grow mac_region_grow
#define ipc_region_map mac_region_map
#define ipc_region_close mac_region_close
#define ipc_region_blank mac_region_blank
#define ipc_memory_reserve mac_memory_reserve
#define ipc_memory_forget mac_memory_forget
#define ipc_socket_pair mac_socket_pair
#define ipc_socket_send mac_socket_send
#define ipc_socket_receive mac_socket_receive
#define ipc_program_create mac_program_create
#define ipc_program_path mac_program_path
#define ipc_program_place mac_program_place
#include "ipc/system/macos_program.c"
#include "ipc/system/macos_region.c"
#include "ipc/system/macos_socket.c"

enum { KIB = 1024, REGION = 256 * KIB, REGION_PAGE = 4 * KIB };

static bool all(const uint8_t *at, uint64_t size, uint8_t value)
{
    for (uint64_t i = 0; i < size; i++) {
        if (at[i] != value) {
            return false;
        }
    }
    return true;
}

TEST(a_region_is_shared_and_grows_in_what_was_reserved)
{
    ipc_region ours;
    ipc_region theirs;
    if (!CHECK(ipc_region_create(&ours, 64, REGION + 1, false) == 0) ||
        !CHECK(ipc_region_map(&theirs, dup(ours.handle), 64, REGION + 1, true) == 0)) {
        return;
    }
    CHECK(fcntl(ours.handle, F_GETFD) == FD_CLOEXEC);
    CHECK(all(ours.base, REGION + 1, 0));
    CHECK(ipc_region_grow(&ours, REGION + 1) == 0);
    CHECK_EQ_U(ours.granted, REGION + 1);
    CHECK(ipc_region_grow(&ours, 5) == 0);
    CHECK_EQ_U(ours.granted, REGION + 1);
    CHECK(ipc_region_grow(&ours, REGION + 2) == OS_FAILED);
    ours.base[REGION] = 7;
    theirs.base[1] = 9;
    CHECK(theirs.base[REGION] == 7);
    CHECK(ours.base[1] == 9);
    ipc_region_close(&ours);
    CHECK(theirs.base[REGION] == 7);
    ipc_region_close(&theirs);
    CHECK(ipc_region_create(&ours, REGION + 1, REGION, false) == OS_FAILED);
}

TEST(a_region_of_one_way_is_given_away_for_reading)
{
    ipc_region ours;
    ipc_region theirs;
    if (!CHECK(ipc_region_create(&ours, REGION, REGION, true) == 0)) {
        return;
    }
    CHECK(ipc_region_map(&theirs, dup(ours.handle), REGION, REGION, true) == OS_FAILED);
    ours.base[5] = 3;
    if (CHECK(ipc_region_map(&theirs, dup(ours.handle), REGION, REGION, false) == 0)) {
        CHECK(theirs.base[5] == 3);
        CHECK(mprotect(theirs.base, REGION, PROT_READ | PROT_WRITE) != 0);
        ipc_region_close(&theirs);
    }
    ipc_region_close(&ours);
}

TEST(a_region_that_is_blanked_has_zeros_to_its_end)
{
    static const uint64_t from[] = {0, REGION_PAGE, 5 * REGION_PAGE, REGION - 1, REGION};
    for (uint32_t i = 0; i < sizeof from / sizeof *from; i++) {
        ipc_region ours;
        ipc_region theirs;
        if (!CHECK(ipc_region_create(&ours, REGION, REGION, false) == 0) ||
            !CHECK(ipc_region_map(&theirs, dup(ours.handle), REGION, REGION, true) == 0)) {
            return;
        }
        memset(theirs.base, 1, REGION);
        ipc_region_blank(&ours, from[i]);
        CHECK(all(ours.base, from[i], 1));
        CHECK(all(ours.base + from[i], REGION - from[i], 0));
        if (from[i] + 16 * KIB < REGION) { /* what is a page in any case */
            theirs.base[from[i] + 16 * KIB] = 2;
            CHECK(ours.base[from[i] + 16 * KIB] == 0);
        }
        if (from[i] > 0) {
            theirs.base[0] = 3;
            CHECK(ours.base[0] == 3);
        }
        ipc_region_close(&ours);
        ipc_region_close(&theirs);
    }
}

TEST(memory_that_is_forgotten_holds_zeros)
{
    uint64_t got;
    uint8_t *at = ipc_memory_reserve(4 * REGION, &got);
    if (!CHECK(at && got == 4 * REGION)) {
        return;
    }
    for (uint64_t first = 0; first < 9 * REGION_PAGE; first += REGION_PAGE) {
        for (uint64_t size = REGION_PAGE; size <= 10 * REGION_PAGE; size += REGION_PAGE) {
            memset(at, 1, 20 * REGION_PAGE);
            ipc_memory_forget(at + first, size);
            CHECK(all(at, first, 1));
            CHECK(all(at + first, size, 0));
            CHECK(all(at + first + size, 20 * REGION_PAGE - first - size, 1));
        }
    }
    CHECK(munmap(at, (size_t)got) == 0);
}

/* How many handles of this process are of the same socket: workers of tests before may be ending,
 * so that others come and go. */
static uint32_t handles_of(int32_t socket)
{
    enum { HANDLES = 4096 };
    struct stat wanted;
    struct stat is;
    uint32_t count = 0;
    CHECK(fstat(socket, &wanted) == 0);
    for (int handle = 0; handle < HANDLES; handle++) {
        count +=
            fstat(handle, &is) == 0 && is.st_dev == wanted.st_dev && is.st_ino == wanted.st_ino;
    }
    return count;
}

TEST(messages_of_a_stream_stay_apart)
{
    int32_t end[2];
    int32_t handles[2] = {-1, -1};
    uint32_t count;
    char text[16];
    if (!CHECK(ipc_socket_pair(&end[0], &end[1]) == 0)) {
        return;
    }
    CHECK(ipc_socket_receive(end[1], text, 16, handles, 2, &count, false) == -OS_TIMED_OUT);
    CHECK(ipc_socket_send(end[0], "one", 3, NULL, 0) == 0);
    const int32_t given[2] = {end[0], end[1]};
    CHECK(ipc_socket_send(end[0], "second", 6, given, 2) == 0);
    CHECK(ipc_socket_send(end[0], "3", 1, NULL, 0) == 0);
    CHECK(ipc_socket_receive(end[1], text, 16, handles, 2, &count, true) == 3);
    CHECK(count == 0 && memcmp(text, "one", 3) == 0);
    CHECK(ipc_socket_receive(end[1], text, 16, handles, 2, &count, true) == 6);
    CHECK(count == 2 && memcmp(text, "second", 6) == 0);
    for (uint32_t i = 0; i < count; i++) {
        CHECK(handles[i] != given[i] && fcntl(handles[i], F_GETFD) == FD_CLOEXEC);
        ipc_close(handles[i]);
    }
    CHECK(ipc_socket_receive(end[1], text, 16, NULL, 0, &count, false) == 1);
    CHECK(ipc_socket_send(end[0], "", 0, NULL, 0) == OS_FAILED);
    CHECK(ipc_socket_send(end[1], "last", 4, NULL, 0) == 0);
    ipc_close(end[1]);
    CHECK(ipc_socket_receive(end[0], text, 16, NULL, 0, &count, true) == 4);
    CHECK(ipc_socket_receive(end[0], text, 16, NULL, 0, &count, true) == 0);
    CHECK(ipc_socket_send(end[0], "x", 1, NULL, 0) == OS_FAILED);
    ipc_close(end[0]);
}

TEST(handles_that_nobody_wants_are_closed)
{
    int32_t end[2];
    uint32_t count;
    char text[16];
    int32_t taken = -1;
    if (!CHECK(ipc_socket_pair(&end[0], &end[1]) == 0)) {
        return;
    }
    CHECK_EQ_U(handles_of(end[0]), 1);
    const int32_t given[4] = {end[0], end[0], end[0], end[0]};
    CHECK(ipc_socket_send(end[0], "four", 4, given, 4) == 0);
    CHECK(ipc_socket_send(end[0], "four", 4, given, 4) == 0);
    CHECK(ipc_socket_receive(end[1], text, 2, &taken, 1, &count, true) == -OS_FAILED);
    CHECK(count == 0); /* the message was too long: what came with it is gone */
    CHECK(ipc_socket_receive(end[1], text, 0, NULL, 0, &count, false) < 0);
    CHECK_EQ_U(handles_of(end[0]), 1);
    ipc_close(end[0]);
    ipc_close(end[1]);
}

/* As much as has to come out: a beginning without an end, lengths that cannot be. */
TEST(a_stream_that_lies_is_found_out)
{
    static const uint8_t lies[][8] = {
        {3, 0},                    /* half of a length */
        {9, 0, 0, 0, 'a', 'b'},    /* a message that never ends */
        {0, 0, 0, 0, 'a', 'b'},    /* no message */
        {17, 0, 0, 0, 'a', 'b'},   /* more than there is room for */
        {255, 255, 255, 255, 'a'}, /* more than there can be */
        {0, 0, 0, 1, 'a', 'b'},
    };
    static const size_t sent[] = {2, 6, 6, 6, 5, 6};
    for (uint32_t i = 0; i < sizeof sent / sizeof *sent; i++) {
        int32_t end[2];
        uint32_t count;
        char text[16];
        if (!CHECK(ipc_socket_pair(&end[0], &end[1]) == 0)) {
            return;
        }
        CHECK(send(end[0], lies[i], sent[i], 0) == (ssize_t)sent[i]);
        CHECK(ipc_socket_receive(end[1], text, sizeof text, NULL, 0, &count, false) == -OS_FAILED);
        ipc_close(end[0]);
        ipc_close(end[1]);
    }
}

TEST(a_full_stream_takes_no_part_of_a_message)
{
    enum { LENGTH = 3001, MOST = 100000 };
    static uint8_t message[LENGTH];
    static uint8_t got[LENGTH];
    int32_t end[2];
    uint32_t count;
    uint32_t sent = 0;
    uint32_t received = 0;
    if (!CHECK(ipc_socket_pair(&end[0], &end[1]) == 0)) {
        return;
    }
    while (sent < MOST) {
        memset(message, (int)sent & 255, LENGTH);
        if (ipc_socket_send(end[0], message, LENGTH, NULL, 0)) {
            break;
        }
        sent++;
    }
    CHECK(sent > 0 && sent < MOST);
    while (ipc_socket_receive(end[1], got, LENGTH, NULL, 0, &count, false) == LENGTH) {
        CHECK(all(got, LENGTH, received++ & 255));
    }
    CHECK_EQ_U(received, sent);
    CHECK(ipc_socket_send(end[0], message, LENGTH, NULL, 0) == 0);
    CHECK(ipc_socket_receive(end[1], got, LENGTH, NULL, 0, &count, true) == LENGTH);
    ipc_close(end[0]);
    ipc_close(end[1]);
}

static void *send_late(void *at)
{
    const struct timespec moment = {.tv_nsec = 20000000};
    (void)nanosleep(&moment, NULL);
    (void)ipc_socket_send(*(int32_t *)at, "late", 4, NULL, 0);
    return NULL;
}

/* Emulators of 32-bit machines take a time-out and tell none. */
static bool tells_patience(int32_t socket)
{
    struct timeval time = {0};
    socklen_t size = sizeof time;
    return ipc_socket_patience(socket, 20) == 0 &&
           getsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &time, &size) == 0 &&
           (time.tv_sec || time.tv_usec);
}

TEST(who_waits_for_a_message_is_patient_as_told)
{
    int32_t end[2];
    uint32_t count;
    char text[16];
    pthread_t thread;
    if (!CHECK(ipc_socket_pair(&end[0], &end[1]) == 0)) {
        return;
    }
    if (!tells_patience(end[1])) {
        esp_test_skip("this system does not tell the time-out of a socket");
        ipc_close(end[0]);
        ipc_close(end[1]);
        return;
    }
    CHECK(ipc_socket_receive(end[1], text, 16, NULL, 0, &count, true) == -OS_TIMED_OUT);
    CHECK(ipc_socket_patience(end[1], 60000) == 0);
    if (CHECK(pthread_create(&thread, NULL, send_late, &end[0]) == 0)) {
        CHECK(ipc_socket_receive(end[1], text, 16, NULL, 0, &count, true) == 4);
        (void)pthread_join(thread, NULL);
    }
    ipc_close(end[0]);
    ipc_close(end[1]);
}

static ino_t number_of(const char *path)
{
    struct stat is;
    return stat(path, &is) ? 0 : is.st_ino;
}

TEST(a_program_has_a_file_that_is_looked_at_before_each_start)
{
    static const uint8_t bytes[] = "#!/bin/true\n";
    char folder[] = "/tmp/ristretto-test-XXXXXX";
    char path[IPC_PATH_ROOM];
    char again[IPC_PATH_ROOM];
    char own[IPC_PATH_ROOM];
    int32_t program;
    if (!CHECK(mkdtemp(folder) != NULL)) {
        return;
    }
    memcpy(caches_folder, folder, sizeof folder);
    (void)snprintf(own, sizeof own, "%s/ristretto-worker", folder);
    if (CHECK(ipc_program_create(bytes, sizeof bytes, &program) == 0) &&
        CHECK(ipc_program_path(program, path))) {
        CHECK(access(path, X_OK) == 0 && holds(path, bytes, sizeof bytes));
        ino_t first = number_of(path);
        CHECK(ipc_program_path(program, again) && strcmp(path, again) == 0);
        CHECK(number_of(path) == first);
        CHECK(chmod(path, 0700) == 0 && truncate(path, 3) == 0); /* another program */
        CHECK(ipc_program_path(program, again) && holds(path, bytes, sizeof bytes));
        CHECK(unlink(path) == 0 && symlink("/bin/true", path) == 0);
        CHECK(ipc_program_path(program, again) && holds(path, bytes, sizeof bytes));
        CHECK(unlink(path) == 0);
        CHECK(ipc_program_path(program, again) && holds(path, bytes, sizeof bytes));
        CHECK(chmod(own, 0755) == 0); /* a folder that others can look into */
        CHECK(!ipc_program_path(program, again));
        CHECK(chmod(own, 0700) == 0);
        CHECK(unlink(path) == 0 && rmdir(own) == 0 && symlink(folder, own) == 0);
        CHECK(!ipc_program_path(program, again));
        CHECK(unlink(own) == 0 && rmdir(folder) == 0);
        CHECK(!ipc_program_path(program, again));
        ipc_close(program);
    }
    caches_folder[0] = 0;
    CHECK(!ipc_program_place("/nonexistent", bytes, sizeof bytes, path));
    CHECK(ipc_program_create(bytes, sizeof bytes, &program) == OS_FAILED && program == -1);
}

const esp_test test_ipc_macos[] = {
    {"a region is shared and grows in what was reserved",
     a_region_is_shared_and_grows_in_what_was_reserved},
    {"a region of one way is given away for reading",
     a_region_of_one_way_is_given_away_for_reading},
    {"a region that is blanked has zeros to its end",
     a_region_that_is_blanked_has_zeros_to_its_end},
    {"memory that is forgotten holds zeros", memory_that_is_forgotten_holds_zeros},
    {"messages of a stream stay apart", messages_of_a_stream_stay_apart},
    {"handles that nobody wants are closed", handles_that_nobody_wants_are_closed},
    {"a stream that lies is found out", a_stream_that_lies_is_found_out},
    {"a full stream takes no part of a message", a_full_stream_takes_no_part_of_a_message},
    {"who waits for a message is patient as told", who_waits_for_a_message_is_patient_as_told},
    {"a program has a file that is looked at before each start",
     a_program_has_a_file_that_is_looked_at_before_each_start},
    {0},
};
#endif
