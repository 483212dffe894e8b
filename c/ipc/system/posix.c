/* Parts of ipc/system.h that are the same on Linux and macOS: standard streams, signals. */
#define _GNU_SOURCE /* NSIG */
#if defined __APPLE__
#define _DARWIN_C_SOURCE
#endif
#include "ipc/system/posix.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "ipc/system.h"

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
