/* Parts of ipc/system.h that are the same on Linux and macOS: handles and how messages carry them,
 * standard streams, signals. */
#define _GNU_SOURCE /* NSIG */
#if defined __APPLE__
#define _DARWIN_C_SOURCE
#endif
#include "ipc/system/posix.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "ipc/system.h"
#include "platform/os.h"

void ipc_default_signals(void)
{
    struct sigaction action;
    sigset_t none;
    memset(&action, 0, sizeof action);
    action.sa_handler = SIG_DFL;
    for (int signal = 1; signal < NSIG; signal++) {
        (void)sigaction(signal, &action, NULL); /* KILL, STOP and libc's own refuse */
    }
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
}

size_t ipc_stream_read(uint8_t *bytes, size_t most)
{
    ssize_t n;
    do {
        n = read(STDIN_FILENO, bytes, most);
    } while (n < 0 && errno == EINTR);
    return n > 0 ? (size_t)n : 0;
}

bool ipc_stream_write(const uint8_t *bytes, size_t length)
{
    while (length > 0) {
        ssize_t n = write(STDOUT_FILENO, bytes, length);
        if (n < 0 && errno != EINTR) {
            return false;
        }
        bytes += n > 0 ? n : 0;
        length -= n > 0 ? (size_t)n : 0;
    }
    return true;
}

void ipc_close(int32_t handle)
{
    if (handle >= 0) {
        (void)close(handle);
    }
}

/* The kernel waits on any word. */
int ipc_region_bells(ipc_region *r, _Atomic uint32_t *const words[], uint32_t count)
{
    (void)r;
    (void)words;
    (void)count;
    return 0;
}

/* Handles have their numbers, and signals their effects, from before the program began. */
void ipc_process_begin(int count, char **words)
{
    (void)count;
    (void)words;
}

void ipc_put_handles(struct msghdr *message, void *room, const int32_t *handles, uint32_t count)
{
    memset(room, 0, CMSG_SPACE(count * sizeof(int)));
    message->msg_control = room;
    message->msg_controllen = (socklen_t)CMSG_SPACE(count * sizeof(int));
    struct cmsghdr *header = CMSG_FIRSTHDR(message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = (socklen_t)CMSG_LEN(count * sizeof(int));
    memcpy(CMSG_DATA(header), handles, count * sizeof(int));
}

/* All of a message are in one record: neither kernel makes two. */
void ipc_take_handles(struct msghdr *message, int32_t *handles, uint32_t most, uint32_t *count)
{
    const struct cmsghdr *header = CMSG_FIRSTHDR(message);
    if (!header || header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) {
        return;
    }
    size_t n = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (size_t i = 0; i < n; i++) {
        int handle;
        memcpy(&handle, CMSG_DATA(header) + i * sizeof handle, sizeof handle);
        if (*count < most) {
            handles[(*count)++] = handle;
        } else {
            ipc_close(handle);
        }
    }
}

int ipc_socket_patience(int32_t socket, uint32_t milliseconds)
{
    const struct timeval time = {.tv_sec = (time_t)(milliseconds / 1000),
                                 .tv_usec = (int32_t)(milliseconds % 1000) * 1000};
    return setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time) ? OS_FAILED : 0;
}
