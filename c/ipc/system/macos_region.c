/* Memory on macOS: of regions that processes share, and of a worker's own. Built, never run there;
 * its test runs it on Linux, against the rules that macOS has (c/test/test_ipc_macos.c).
 *
 * A region is a POSIX shared memory object, whose random name is removed at once. Such an object
 * gets a size once, and that is all of a region's addresses: nobody can cut it short under
 * another's access, or make it longer. There is memory behind it where it was touched.
 *
 * What Linux has and this has not: `granted` is the host's word, not a bound, as a worker can touch
 * all addresses that the region has; and what is granted is not there in advance, so that a machine
 * without memory ends a process instead of refusing to grow. With `one_way` the handle to be given
 * away can only be read from; some versions (before 12, as far as their sources tell) let its
 * holder ask for more rights to what it has mapped.
 *
 * Pages may have 16 KiB here, and callers count in pages of 4: what is less than a page is
 * overwritten with zeros where Linux would take it away.
 */
#if defined __APPLE__
#define _DARWIN_C_SOURCE
#endif
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ipc/sandbox.h"
#include "ipc/system.h"
#include "platform/os.h"

enum { NAME_ROOM = 31, NAMES_TRIED = 4, PAGE_MOST = 16384 };

static uint64_t page_size(void)
{
    long size = sysconf(_SC_PAGESIZE);
    return size > 0 ? (uint64_t)size : PAGE_MOST;
}

static uint64_t whole_pages(uint64_t bytes)
{
    uint64_t page = page_size();
    return (bytes + page - 1) / page * page;
}

/* A new object without a name; with `reader`, also a handle that can only be read from. -1: no. */
static int make_object(int *reader)
{
    for (int try = 0; try < NAMES_TRIED; try++) {
        char name[NAME_ROOM];
        uint64_t random;
        arc4random_buf(&random, sizeof random);
        (void)snprintf(name, sizeof name, "/ristretto-%016llx", (unsigned long long)random);
        int file = shm_open(name, O_RDWR | O_CREAT | O_EXCL, S_IRUSR | S_IWUSR);
        if (file < 0) {
            continue;
        }
        if (reader) {
            *reader = shm_open(name, O_RDONLY, 0);
        }
        bool gone = shm_unlink(name) == 0;
        if (gone && (!reader || *reader >= 0)) {
            (void)fcntl(file, F_SETFD, FD_CLOEXEC);
            (void)(reader && fcntl(*reader, F_SETFD, FD_CLOEXEC));
            return file;
        }
        ipc_close(file);
        ipc_close(reader ? *reader : -1);
        return -1;
    }
    return -1;
}

static int map(ipc_region *r, int32_t handle, bool writable)
{
    int rights = writable ? PROT_READ | PROT_WRITE : PROT_READ;
    void *at = mmap(NULL, (size_t)whole_pages(r->reserved), rights, MAP_SHARED, handle, 0);
    r->base = at == MAP_FAILED ? NULL : at;
    return r->base ? 0 : OS_FAILED;
}

int ipc_region_create(ipc_region *r, uint64_t granted, uint64_t reserved, bool one_way)
{
    int reader = -1;
    *r = (ipc_region){.reserved = reserved, .handle = -1};
    int file = granted <= reserved ? make_object(one_way ? &reader : NULL) : -1;
    if (file < 0) {
        return OS_FAILED;
    }
    if (ftruncate(file, (off_t)whole_pages(reserved)) || map(r, file, true)) {
        ipc_close(file);
        ipc_close(reader);
        return OS_FAILED;
    }
    if (one_way) { /* our mapping stays as it is */
        ipc_close(file);
        file = reader;
    }
    r->handle = file;
    r->granted = granted;
    return 0;
}

int ipc_region_grow(ipc_region *r, uint64_t granted)
{
    if (granted > r->reserved) {
        return OS_FAILED;
    }
    r->granted = granted > r->granted ? granted : r->granted;
    return 0;
}

int ipc_region_map(ipc_region *r, int32_t handle, uint64_t granted, uint64_t reserved,
                   bool writable)
{
    *r = (ipc_region){.reserved = reserved, .granted = granted, .handle = -1};
    int error = map(r, handle, writable);
    ipc_close(handle);
    return error;
}

void ipc_region_close(ipc_region *r)
{
    if (r->base) {
        (void)munmap(r->base, (size_t)whole_pages(r->reserved));
    }
    ipc_close(r->handle);
    r->base = NULL;
    r->handle = -1;
}

/* Zeros from `at` on: pages that are new, and where less than a page is meant, written ones. */
static void renew(uint8_t *at, uint64_t bytes)
{
    uint64_t page = page_size();
    uint64_t before = (page - (uintptr_t)at % page) % page;
    if (before >= bytes) {
        memset(at, 0, (size_t)bytes);
        return;
    }
    memset(at, 0, (size_t)before);
    uint8_t *first = at + before;
    size_t behind = (size_t)((bytes - before) % page);
    size_t middle = (size_t)(bytes - before) - behind;
    int flags = MAP_PRIVATE | MAP_ANON | MAP_FIXED;
    if (middle && mmap(first, middle, PROT_READ | PROT_WRITE, flags, -1, 0) == MAP_FAILED) {
        memset(first, 0, middle);
    }
    memset(first + middle, 0, behind);
}

void ipc_region_blank(ipc_region *r, uint64_t from)
{
    if (r->base && from < r->reserved) {
        renew(r->base + from, whole_pages(r->reserved) - from);
    }
}

void *ipc_memory_reserve(uint64_t wanted, uint64_t *got)
{
    const uint64_t least = UINT64_C(1) << 20;
    for (uint64_t size = wanted; size >= least; size /= 2) {
        void *at = mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANON | MAP_NORESERVE, -1, 0);
        if (at != MAP_FAILED) {
            *got = size;
            return at;
        }
    }
    *got = 0;
    return NULL;
}

/* MADV_DONTNEED keeps what was there, and MADV_FREE may. */
void ipc_memory_forget(void *at, uint64_t bytes)
{
    renew(at, bytes);
}
