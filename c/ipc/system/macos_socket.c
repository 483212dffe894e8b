/* The control socket on macOS: a pair of streams, and frames in them. Built, never run there; its
 * test runs it on Linux (c/test/test_ipc_macos.c).
 *
 *      │ length, 4 bytes │ the message │ length │ …          handles travel with the first byte
 *
 * Why a stream: there are no sockets for sequenced packets, and of a pair for datagrams the end of
 * one is told neither to who waits for the other nor to a kqueue.
 *
 * A frame is sent as a whole or not at all: the socket has no room unless there is some for the
 * longest (its low-water mark). Should a part get out all the same, the connection is ended, since
 * nobody could tell where the next frame begins. MSG_DONTWAIT is ignored when sending here, so the
 * sockets never block; who is to wait does so in poll.
 *
 * Who receives trusts nobody: the rest of a frame must follow its beginning within PATIENCE_NS, its
 * length is looked at before anything is read, and handles that nobody wants are closed, as many
 * as one message can bring (the kernel leaves those open for which there was no room).
 */
#if defined __APPLE__
#define _DARWIN_C_SOURCE
#else
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "ipc/system.h"
#include "ipc/system/posix.h"
#include "platform/os.h"

enum { FRAME_MOST = 4096, LOW_WATER = 2 * FRAME_MOST, BUFFER = 64 * 1024 };
enum { HANDLES_MOST = 4, CONTROL_ROOM = 4096 }; /* of control data one message has 2048 bytes */
#define PATIENCE_NS UINT64_C(100000000)

#if defined SO_NOSIGPIPE
enum { SEND_FLAGS = 0 };
#else
enum { SEND_FLAGS = MSG_NOSIGNAL };
#endif

static bool prepare(int socket)
{
    const int room = BUFFER;
    const int low = LOW_WATER;
    (void)setsockopt(socket, SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
    (void)setsockopt(socket, SOL_SOCKET, SO_SNDLOWAT, &low, sizeof low);
#if defined SO_NOSIGPIPE
    const int one = 1;
    if (setsockopt(socket, SOL_SOCKET, SO_NOSIGPIPE, &one, sizeof one)) {
        return false;
    }
#endif
    return fcntl(socket, F_SETFD, FD_CLOEXEC) == 0 && fcntl(socket, F_SETFL, O_NONBLOCK) == 0;
}

int ipc_socket_pair(int32_t *first, int32_t *second)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair)) {
        return OS_FAILED;
    }
    if (!prepare(pair[0]) || !prepare(pair[1])) {
        ipc_close(pair[0]);
        ipc_close(pair[1]);
        return OS_FAILED;
    }
    *first = pair[0];
    *second = pair[1];
    return 0;
}

typedef union control_room {
    struct cmsghdr align;
    char bytes[CONTROL_ROOM];
} control_room;

int ipc_socket_send(int32_t socket, const void *bytes, size_t length, const int32_t *handles,
                    uint32_t count)
{
    uint32_t head = (uint32_t)length;
    struct iovec parts[2] = {
        {.iov_base = &head, .iov_len = sizeof head},
        {.iov_base = (void *)(uintptr_t)bytes, .iov_len = length},
    };
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
    control_room room;
    if (length == 0 || length > FRAME_MOST || count > HANDLES_MOST) {
        return OS_FAILED;
    }
    if (count) {
        ipc_put_handles(&message, room.bytes, handles, count);
    }
    ssize_t sent;
    do {
        sent = sendmsg(socket, &message, SEND_FLAGS);
    } while (sent < 0 && errno == EINTR);
    if (sent == (ssize_t)(sizeof head + length)) {
        return 0;
    }
    if (sent > 0) {
        (void)shutdown(socket, SHUT_RDWR);
    }
    return OS_FAILED;
}

/* Bytes that are there, at most `length`; 0: the end; -1 with errno. */
static ssize_t receive_some(int32_t socket, void *bytes, size_t length, int32_t *handles,
                            uint32_t most, uint32_t *count)
{
    struct iovec part = {.iov_base = bytes, .iov_len = length};
    control_room room;
    struct msghdr message = {
        .msg_iov = &part,
        .msg_iovlen = 1,
        .msg_control = room.bytes,
        .msg_controllen = sizeof room.bytes,
    };
    ssize_t n;
    do {
        n = recvmsg(socket, &message, 0);
    } while (n < 0 && errno == EINTR);
    if (n >= 0) {
        uint32_t before = *count;
        ipc_take_handles(&message, handles, most, count);
        for (uint32_t i = before; i < *count; i++) { /* programs must not inherit them */
            (void)fcntl(handles[i], F_SETFD, FD_CLOEXEC);
        }
    }
    return n;
}

/* Until there is something to read, also an end; false: not within that time (-1: for ever). */
static bool wait_for(int32_t socket, int milliseconds)
{
    struct pollfd one = {.fd = socket, .events = POLLIN};
    int n;
    do {
        n = poll(&one, 1, milliseconds);
    } while (n < 0 && errno == EINTR);
    return n != 0;
}

/* What has begun must come, all of it, and soon. */
static bool receive_rest(int32_t socket, uint8_t *bytes, size_t length)
{
    uint64_t until = os_clock_ns() + PATIENCE_NS;
    uint32_t none = 0;
    for (size_t done = 0; done < length;) {
        ssize_t n = receive_some(socket, bytes + done, length - done, NULL, 0, &none);
        if (n > 0) {
            done += (size_t)n;
            continue;
        }
        uint64_t now = os_clock_ns();
        if (n == 0 || errno != EAGAIN || now >= until) {
            return false;
        }
        (void)wait_for(socket, (int)((until - now) / 1000000) + 1);
    }
    return true;
}

static int patience(int32_t socket)
{
    struct timeval time = {0};
    socklen_t size = sizeof time;
    if (getsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &time, &size) ||
        (time.tv_sec == 0 && time.tv_usec == 0)) {
        return -1;
    }
    return (int)time.tv_sec * 1000 + (int)(time.tv_usec + 999) / 1000;
}

int ipc_socket_receive(int32_t socket, void *bytes, size_t capacity, int32_t *handles,
                       uint32_t most, uint32_t *count, bool wait)
{
    uint8_t head[4];
    ssize_t n;
    *count = 0;
    do {
        if (wait && !wait_for(socket, patience(socket))) {
            return -OS_TIMED_OUT;
        }
        n = receive_some(socket, head, sizeof head, handles, most, count);
    } while (n < 0 && errno == EAGAIN && wait);
    if (n <= 0) {
        return n == 0 || errno == ECONNRESET ? 0 : errno == EAGAIN ? -OS_TIMED_OUT : -OS_FAILED;
    }
    uint32_t length = 0;
    bool whole = receive_rest(socket, head + n, sizeof head - (size_t)n);
    memcpy(&length, head, sizeof length);
    if (whole && length > 0 && length <= FRAME_MOST && length <= capacity &&
        receive_rest(socket, bytes, length)) {
        return (int)length;
    }
    while (*count) {
        ipc_close(handles[--*count]);
    }
    return -OS_FAILED;
}
