/* Programs on Linux that are ready to be started: a sealed memfd, or where a memfd may not be
 * executed (vm.memfd_noexec=2), a file without a name.
 *
 * Such a file is made with O_TMPFILE; where a file system has none, it is made under a random name,
 * which is removed before anything else happens. It is then opened again for reading, since a file
 * that somebody may write to cannot be executed, and the writing end is closed. So nobody but this
 * process can have it, and it goes away with the last process that does.
 */
#define _GNU_SOURCE
#include "ipc/system.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ipc/system/linux_program.h"
#include "platform/os.h"

enum { MEMFD_CLOEXEC = 1, MEMFD_ALLOW_SEALING = 2, MEMFD_EXEC = 16, ADD_SEALS = 1033 };
enum { ALL_SEALS = 1 | 2 | 4 | 8, PATH_ROOM = 512, OWNER_MAY_RUN = 0500 };

static bool write_all(int file, const uint8_t *bytes, size_t size)
{
    for (size_t done = 0; done < size;) {
        ssize_t n = write(file, bytes + done, size - done);
        if (n <= 0 && errno != EINTR) {
            return false;
        }
        done += n > 0 ? (size_t)n : 0;
    }
    return true;
}

/* -1: refused. */
static int memory_program(const uint8_t *bytes, size_t size)
{
    uint32_t flags = MEMFD_CLOEXEC | MEMFD_ALLOW_SEALING;
    int file = (int)syscall(SYS_memfd_create, "ristretto-worker", flags | MEMFD_EXEC);
    if (file < 0 && errno == EINVAL) { /* an older kernel: every memfd is executable */
        file = (int)syscall(SYS_memfd_create, "ristretto-worker", flags);
    }
    if (file >= 0 && (!write_all(file, bytes, size) || fcntl(file, ADD_SEALS, ALL_SEALS))) {
        ipc_close(file);
        return -1;
    }
    return file;
}

/* A file for writing, without a name. */
static int nameless_file(const char *folder)
{
    int file = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, OWNER_MAY_RUN);
    if (file >= 0) {
        return file;
    }
    char name[PATH_ROOM];
    int length = snprintf(name, sizeof name, "%s/ristretto-XXXXXX", folder);
    if (length < 0 || (size_t)length >= sizeof name) {
        return -1;
    }
    file = mkostemp(name, O_CLOEXEC);
    if (file >= 0 && (unlink(name) || fchmod(file, OWNER_MAY_RUN))) {
        ipc_close(file);
        return -1;
    }
    return file;
}

int32_t ipc_file_program(const char *folder, const uint8_t *bytes, size_t size)
{
    int file = nameless_file(folder);
    if (file < 0) {
        return -1;
    }
    int program = -1;
    char name[64];
    if (write_all(file, bytes, size) && snprintf(name, sizeof name, "/proc/self/fd/%d", file) > 0) {
        program = open(name, O_RDONLY | O_CLOEXEC);
    }
    ipc_close(file);
    /* On a file system that is mounted without programs, this says so. */
    if (program >= 0 && snprintf(name, sizeof name, "/proc/self/fd/%d", program) > 0 &&
        access(name, X_OK)) {
        ipc_close(program);
        return -1;
    }
    return program;
}

int ipc_program_create(const uint8_t *bytes, size_t size, int32_t *program)
{
    *program = memory_program(bytes, size);
    char cache[PATH_ROOM] = "";
    const char *home = getenv("HOME");
    if (home && strlen(home) < sizeof cache - 16) {
        (void)snprintf(cache, sizeof cache, "%s/.cache", home);
    }
    const char *const folders[] = {
        getenv("XDG_CACHE_HOME"), cache, getenv("TMPDIR"), "/var/tmp", "/tmp",
    };
    for (size_t i = 0; *program < 0 && i < sizeof folders / sizeof *folders; i++) {
        if (folders[i] && folders[i][0] == '/') {
            *program = ipc_file_program(folders[i], bytes, size);
        }
    }
    return *program < 0 ? OS_FAILED : 0;
}
