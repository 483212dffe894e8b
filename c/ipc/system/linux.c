/* The contract of ipc/system.h on Linux, but for processes: memfd with seals, the shared futex,
 * seqpacket sockets, eventfd, epoll.
 *
 * Calls that are younger than glibc 2.17 are made by number. A futex call here never has the
 * PRIVATE flag: its waiters are in other processes.
 */
#define _GNU_SOURCE
#include "ipc/system.h"
#include "ipc/system/posix.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "platform/os.h"

#define SECOND UINT64_C(1000000000)

/* Of linux/memfd.h and linux/fcntl.h, which old headers lack in part. */
enum { MEMFD_CLOEXEC = 1, MEMFD_ALLOW_SEALING = 2, MEMFD_NOEXEC_SEAL = 8 };
enum {
    ADD_SEALS = 1033,
    SEAL_SEAL = 1,
    SEAL_SHRINK = 2,
    SEAL_GROW = 4,
    SEAL_WRITE = 8,
    SEAL_FUTURE_WRITE = 16,
};
enum { ADVICE_POPULATE_READ = 22, ADVICE_POPULATE_WRITE = 23 };

#if defined SYS_futex_time64 && __SIZEOF_POINTER__ == 4
#define FUTEX_CALL SYS_futex_time64 /* time_t has 64 bits there */
#else
#define FUTEX_CALL SYS_futex
#endif

void ipc_wait(_Atomic uint32_t *word, uint32_t expected, uint64_t ns)
{
    struct timespec time = {.tv_sec = (time_t)(ns / SECOND)};
    time.tv_nsec += (int32_t)(ns % SECOND);
    (void)syscall(FUTEX_CALL, word, FUTEX_WAIT, expected, ns == UINT64_MAX ? NULL : &time);
}

void ipc_wake(_Atomic uint32_t *word)
{
    (void)syscall(FUTEX_CALL, word, FUTEX_WAKE, INT32_MAX);
}

uint32_t ipc_processor(void)
{
    int cpu = sched_getcpu();
    return cpu < 0 ? UINT32_MAX : (uint32_t)cpu;
}

/* What the container's quota leaves, in whole processors, rounded up; UINT32_MAX: no quota. */
static uint32_t quota(void)
{
    char text[64] = {0};
    int file = open("/sys/fs/cgroup/cpu.max", O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        return UINT32_MAX;
    }
    ssize_t n = read(file, text, sizeof text - 1);
    (void)close(file);
    uint64_t number[2] = {0, 0};
    uint32_t at = 0;
    for (ssize_t i = 0; i < n && at < 2; i++) {
        if (text[i] >= '0' && text[i] <= '9') {
            number[at] = number[at] * 10 + (uint32_t)(text[i] - '0');
        } else if (text[i] == ' ') {
            at++;
        } else if (text[i] == 'm') {
            return UINT32_MAX; /* "max" */
        }
    }
    return number[1] ? (uint32_t)((number[0] + number[1] - 1) / number[1]) : UINT32_MAX;
}

uint32_t ipc_processors(void)
{
    static atomic_uint known;
    uint32_t n = atomic_load_explicit(&known, memory_order_relaxed);
    if (n == 0) {
        cpu_set_t set;
        n = sched_getaffinity(0, sizeof set, &set) ? 1 : (uint32_t)CPU_COUNT(&set);
        uint32_t most = quota();
        n = n < most ? n : most;
        n = n ? n : 1;
        atomic_store_explicit(&known, n, memory_order_relaxed);
    }
    return n;
}

static int make_memory(uint32_t flags)
{
    flags |= MEMFD_CLOEXEC | MEMFD_ALLOW_SEALING;
    int file = (int)syscall(SYS_memfd_create, "ristretto", flags | MEMFD_NOEXEC_SEAL);
    if (file < 0 && errno == EINVAL) {
        file = (int)syscall(SYS_memfd_create, "ristretto", flags);
    }
    return file;
}

/* Makes the pages known to this process, so that the first accesses cost nothing; a hint. */
static void populate(const ipc_region *r, bool writable)
{
    (void)madvise(r->base, (size_t)r->granted,
                  writable ? ADVICE_POPULATE_WRITE : ADVICE_POPULATE_READ);
}

static int map(ipc_region *r, bool writable)
{
    int rights = writable ? PROT_READ | PROT_WRITE : PROT_READ;
    void *at = mmap(NULL, (size_t)r->reserved, rights, MAP_SHARED | MAP_NORESERVE, r->handle, 0);
    if (at == MAP_FAILED) {
        r->base = NULL;
        return OS_FAILED;
    }
    r->base = at;
    populate(r, writable);
    return 0;
}

int ipc_region_create(ipc_region *r, uint64_t granted, uint64_t reserved, bool one_way)
{
    *r = (ipc_region){.reserved = reserved, .handle = make_memory(0)};
    if (r->handle < 0) {
        return OS_FAILED;
    }
    uint32_t seals = SEAL_SHRINK | SEAL_SEAL | (one_way ? SEAL_FUTURE_WRITE : 0);
    if (ipc_region_grow(r, granted) || map(r, true) || fcntl(r->handle, ADD_SEALS, seals)) {
        ipc_region_close(r);
        return OS_FAILED;
    }
    return 0;
}

int ipc_region_grow(ipc_region *r, uint64_t granted)
{
    if (granted <= r->granted) {
        return 0;
    }
    if (granted > r->reserved) {
        return OS_FAILED;
    }
    int failed;
    do {
        failed = fallocate(r->handle, 0, (off_t)r->granted, (off_t)(granted - r->granted));
    } while (failed && errno == EINTR);
    if (failed) {
        return OS_FAILED;
    }
    r->granted = granted;
    return 0;
}

int ipc_region_map(ipc_region *r, int32_t handle, uint64_t granted, uint64_t reserved,
                   bool writable)
{
    *r = (ipc_region){.reserved = reserved, .granted = granted, .handle = handle};
    int error = map(r, writable);
    ipc_close(handle);
    r->handle = -1;
    return error;
}

void ipc_region_close(ipc_region *r)
{
    if (r->base) {
        (void)munmap(r->base, (size_t)r->reserved);
    }
    ipc_close(r->handle);
    r->base = NULL;
    r->handle = -1;
}

void ipc_region_blank(ipc_region *r, uint64_t from)
{
    if (r->base && from < r->reserved) {
        (void)mmap(r->base + from, (size_t)(r->reserved - from), PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
    }
}

int ipc_socket_pair(int32_t *first, int32_t *second)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair)) {
        return OS_FAILED;
    }
    *first = pair[0];
    *second = pair[1];
    return 0;
}

enum { HANDLES_MOST = 4 };

typedef union control_room {
    struct cmsghdr align;
    char bytes[CMSG_SPACE(HANDLES_MOST * sizeof(int))];
} control_room;

int ipc_socket_send(int32_t socket, const void *bytes, size_t length, const int32_t *handles,
                    uint32_t count)
{
    struct iovec part = {.iov_base = (void *)(uintptr_t)bytes, .iov_len = length};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    control_room room;
    if (count) {
        ipc_put_handles(&message, room.bytes, handles, count);
    }
    ssize_t sent;
    do { /* the filter of a worker knows sendto alone */
        sent = count ? sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT)
                     : send(socket, bytes, length, MSG_NOSIGNAL | MSG_DONTWAIT);
    } while (sent < 0 && errno == EINTR);
    return sent == (ssize_t)length ? 0 : OS_FAILED;
}

int ipc_socket_receive(int32_t socket, void *bytes, size_t capacity, int32_t *handles,
                       uint32_t most, uint32_t *count, bool wait)
{
    struct iovec part = {.iov_base = bytes, .iov_len = capacity};
    control_room room;
    struct msghdr message = {
        .msg_iov = &part,
        .msg_iovlen = 1,
        .msg_control = room.bytes,
        .msg_controllen = sizeof room.bytes,
    };
    int flags = MSG_CMSG_CLOEXEC | (wait ? 0 : MSG_DONTWAIT);
    ssize_t n;
    do { /* without room for handles, those that come are dropped by the kernel */
        n = most ? recvmsg(socket, &message, flags) : recv(socket, bytes, capacity, flags);
    } while (n < 0 && errno == EINTR);
    *count = 0;
    if (n < 0) {
        return errno == EAGAIN ? -OS_TIMED_OUT : errno == ECONNRESET ? 0 : -OS_FAILED;
    }
    if (most) {
        ipc_take_handles(&message, handles, most, count);
    }
    return (int)n;
}

int ipc_handle_move(int32_t handle, int32_t to)
{
    if (handle == to) {
        return 0;
    }
    int moved = dup3(handle, to, O_CLOEXEC);
    ipc_close(handle);
    return moved < 0 ? OS_FAILED : 0;
}

int ipc_event_create(int32_t *event)
{
    *event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return *event < 0 ? OS_FAILED : 0;
}

void ipc_event_set(int32_t event)
{
    uint64_t one = 1;
    ssize_t unused = write(event, &one, sizeof one);
    (void)unused; /* full: it is set */
}

void ipc_event_clear(int32_t event)
{
    uint64_t count;
    ssize_t unused = read(event, &count, sizeof count);
    (void)unused;
}

int ipc_poll_create(int32_t *poll)
{
    *poll = epoll_create1(EPOLL_CLOEXEC);
    return *poll < 0 ? OS_FAILED : 0;
}

int ipc_poll_add(int32_t poll, int32_t handle, uint64_t tag)
{
    struct epoll_event event = {.events = EPOLLIN, .data = {.u64 = tag}};
    return epoll_ctl(poll, EPOLL_CTL_ADD, handle, &event) ? OS_FAILED : 0;
}

void ipc_poll_remove(int32_t poll, int32_t handle)
{
    struct epoll_event unused;
    (void)epoll_ctl(poll, EPOLL_CTL_DEL, handle, &unused);
}

uint32_t ipc_poll_wait(int32_t poll, uint64_t *tags, uint32_t most, uint64_t ns)
{
    enum { ROOM = 32, EPOLL_WAIT = 441 }; /* epoll_pwait2, on every processor */
    static atomic_bool whole_ms; /* before Linux 5.11, or where a filter does not know the call */
    struct epoll_event events[ROOM];
    int room = most < ROOM ? (int)most : ROOM;
    int n = -1;
    bool endless = ns == UINT64_MAX;
    bool exact = !atomic_load_explicit(&whole_ms, memory_order_relaxed);
    if (exact) {
        const int64_t time[2] = {(int64_t)(ns / SECOND), (int64_t)(ns % SECOND)};
        n = (int)syscall(EPOLL_WAIT, poll, events, room, endless ? NULL : time, NULL, 0);
        exact = n >= 0 || errno == EINTR;
    }
    if (!exact) {
        uint64_t up = (ns + 999999) / 1000000;
        n = epoll_wait(poll, events, room, endless ? -1 : up > 60000 ? 60000 : (int)up);
        atomic_store_explicit(&whole_ms, n >= 0, memory_order_relaxed);
    }
    for (int i = 0; i < n; i++) {
        tags[i] = events[i].data.u64;
    }
    return n < 0 ? 0 : (uint32_t)n;
}
