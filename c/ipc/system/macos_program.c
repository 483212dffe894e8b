/* Programs on macOS that are ready to be started. Built, never run there; its test runs it on
 * Linux (c/test/test_ipc_macos.c).
 *
 * Nothing starts a program but from a path. So there is a file, in a folder that is ours alone
 * (mode 0700) among the user's caches, under a name that holds a hash of its bytes: versions do not
 * meet, and two programs of one version use the same file. What counts is not the file but a copy
 * of the bytes, in a shared memory object without a name, whose handle is the program's: before
 * each start the file is compared with it, byte by byte (some 0.1 ms for 300 KiB), and written anew
 * where it is gone or another, under a name of its own first, since the system remembers what a
 * file's signature said. Between the look and the start, programs of the same user could still
 * change it; against those nothing here is a guard.
 */
#if defined __APPLE__
#define _DARWIN_C_SOURCE
#else
#define _GNU_SOURCE
#endif
#include "ipc/system/macos.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ipc/system.h"
#include "platform/os.h"

enum { OURS_ALONE = 0700, OWNER_MAY_RUN = 0500, OF_OTHERS = 077, PIECE = 16384 };

typedef struct object {
    uint64_t size;
    uint8_t bytes[];
} object;

static uint64_t hash(const uint8_t *bytes, size_t size)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < size; i++) {
        h = (h ^ bytes[i]) * UINT64_C(0x100000001b3);
    }
    return h;
}

/* Whether that is a file of ours, which may be run and holds these bytes. */
static bool holds(const char *path, const uint8_t *bytes, size_t size)
{
    struct stat is;
    uint8_t piece[PIECE];
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (file < 0) {
        return false;
    }
    bool same = fstat(file, &is) == 0 && S_ISREG(is.st_mode) && is.st_uid == geteuid() &&
                (is.st_mode & 0777) == OWNER_MAY_RUN && (uint64_t)is.st_size == size;
    for (size_t at = 0; same && at < size;) {
        ssize_t n = pread(file, piece, size - at < PIECE ? size - at : PIECE, (off_t)at);
        same = n > 0 ? memcmp(piece, bytes + at, (size_t)n) == 0 : n < 0 && errno == EINTR;
        at += n > 0 ? (size_t)n : 0;
    }
    (void)close(file);
    return same;
}

static bool write_all(int file, const uint8_t *bytes, size_t size)
{
    for (size_t done = 0; done < size;) {
        ssize_t n = write(file, bytes + done, size - done);
        if (n == 0 || (n < 0 && errno != EINTR)) {
            return false;
        }
        done += n > 0 ? (size_t)n : 0;
    }
    return true;
}

static bool is_ours_alone(const char *folder)
{
    struct stat is;
    return lstat(folder, &is) == 0 && S_ISDIR(is.st_mode) && is.st_uid == geteuid() &&
           (is.st_mode & OF_OTHERS) == 0;
}

/* Under another name first, so that nobody sees a part of it. */
static bool write_program(const char *folder, const char *path, const uint8_t *bytes, size_t size)
{
    char name[IPC_PATH_ROOM];
    int length = snprintf(name, sizeof name, "%s/new-XXXXXX", folder);
    if (length < 0 || (size_t)length >= sizeof name) {
        return false;
    }
    int file = mkstemp(name);
    if (file < 0) {
        return false;
    }
    (void)fcntl(file, F_SETFD, FD_CLOEXEC);
    bool done = write_all(file, bytes, size) && fchmod(file, OWNER_MAY_RUN) == 0;
    done = close(file) == 0 && done && rename(name, path) == 0;
    if (!done) {
        (void)unlink(name);
    }
    return done;
}

bool ipc_program_place(const char *folder, const uint8_t *bytes, size_t size,
                       char path[IPC_PATH_ROOM])
{
    char own[IPC_PATH_ROOM];
    int length = snprintf(own, sizeof own, "%s/ristretto-worker", folder);
    if (length < 0 || (size_t)length >= sizeof own) {
        return false;
    }
    if ((mkdir(own, OURS_ALONE) && errno != EEXIST) || !is_ours_alone(own)) {
        return false;
    }
    length = snprintf(path, IPC_PATH_ROOM, "%s/%016llx-%llu", own,
                      (unsigned long long)hash(bytes, size), (unsigned long long)size);
    if (length < 0 || length >= IPC_PATH_ROOM) {
        return false;
    }
    return holds(path, bytes, size) ||
           (write_program(own, path, bytes, size) && holds(path, bytes, size));
}

static bool place(const object *o, char path[IPC_PATH_ROOM])
{
    char cache[IPC_PATH_ROOM] = "";
    char library[IPC_PATH_ROOM] = "";
    const char *home = getenv("HOME");
#if defined _CS_DARWIN_USER_CACHE_DIR
    size_t n = confstr(_CS_DARWIN_USER_CACHE_DIR, cache, sizeof cache);
    if (n == 0 || n > sizeof cache) {
        cache[0] = 0;
    }
#endif
    if (home && strlen(home) < sizeof library - 32) {
        (void)snprintf(library, sizeof library, "%s/Library/Caches", home);
    }
    const char *const folders[] = {cache, library, getenv("TMPDIR")};
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        if (folders[i] && folders[i][0] == '/' &&
            ipc_program_place(folders[i], o->bytes, (size_t)o->size, path)) {
            return true;
        }
    }
    return false;
}

int ipc_program_create(const uint8_t *bytes, size_t size, int32_t *program)
{
    ipc_region r;
    char path[IPC_PATH_ROOM];
    *program = -1;
    if (ipc_region_create(&r, sizeof(object) + size, sizeof(object) + size, false)) {
        return OS_FAILED;
    }
    object *o = (object *)(void *)r.base;
    o->size = size;
    memcpy(o->bytes, bytes, size);
    if (place(o, path)) {
        *program = r.handle;
        r.handle = -1;
    }
    ipc_region_close(&r);
    return *program < 0 ? OS_FAILED : 0;
}

bool ipc_program_path(int32_t program, char path[IPC_PATH_ROOM])
{
    struct stat is;
    if (fstat(program, &is) || is.st_size < (off_t)sizeof(object)) {
        return false;
    }
    void *at = mmap(NULL, (size_t)is.st_size, PROT_READ, MAP_SHARED, program, 0);
    if (at == MAP_FAILED) {
        return false;
    }
    const object *o = at;
    bool there = o->size <= (uint64_t)is.st_size - sizeof(object) && place(o, path);
    (void)munmap(at, (size_t)is.st_size);
    return there;
}
