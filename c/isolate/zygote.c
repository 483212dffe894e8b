/* The host's side of a zygote.
 *
 * The thread waits for the answer to a hello, since it must know the copy before it may forget it:
 * a copy is this process's child, and nobody else would reap it. A zygote that takes longer than
 * PATIENCE_MS for what takes some 50 us, and neither runs nor would if there were a processor, is
 * stopped, or worse; on a busy machine it has until PATIENCE_MOST_MS, since to start a worker
 * otherwise would take longer still. Then it is ended.
 *
 * Should it have been ended between the copy and its answer, that copy is in the zygote's group,
 * which it would have left by being known; so it is ended and reaped with it. Until then it had the
 * other end of its control socket and the regions, and may have used them: the host gives them up
 * (ISO_COPY_LOST).
 */
#include "isolate/zygote.h"

#include <string.h>

#include "platform/os.h"

enum { PATIENCE_MS = 100, PATIENCE_MOST_MS = 300, FAILURES_MOST = 10 };

void iso_zygote_end(iso_zygote *z)
{
    if (z->process.id != 0) {
        ipc_process_end_copied(&z->process);
        ipc_close(z->control);
    }
    *z = (iso_zygote){.process = {.handle = -1}, .control = -1, .failures = z->failures};
}

static void give_up(iso_zygote *z)
{
    z->failures++;
    iso_zygote_end(z);
}

void iso_zygote_start(iso_zygote *z, int32_t program, const iso_hello *hello)
{
    if (z->process.id != 0 || z->failures >= FAILURES_MOST) {
        return;
    }
    int32_t theirs = -1;
    iso_hello first = *hello;
    first.zygote = 1;
    if (ipc_socket_pair(&z->control, &theirs)) {
        z->failures++;
        return;
    }
    const int32_t inherited[2] = {theirs, theirs};
    bool failed = ipc_socket_patience(z->control, PATIENCE_MS) ||
                  ipc_process_start(&z->process, program, inherited);
    ipc_close(theirs);
    if (failed) {
        z->failures++;
        ipc_close(z->control);
        z->process = (ipc_process){.handle = -1};
    } else if (ipc_socket_send(z->control, &first, sizeof first, NULL, 0)) {
        give_up(z);
    }
}

/* False: not yet, or never. */
static bool is_ready(iso_zygote *z)
{
    iso_ready ready;
    uint32_t handles;
    if (z->ready || z->process.id == 0) {
        return z->ready;
    }
    int n = ipc_socket_receive(z->control, &ready, sizeof ready, NULL, 0, &handles, false);
    z->ready = n == (int)sizeof ready && ready.magic == ISO_MAGIC && ready.version == ISO_VERSION;
    if (!z->ready && n != -OS_TIMED_OUT) {
        give_up(z);
    }
    return z->ready;
}

/* False: there is none, and none to be hoped for. */
static bool receive_answer(const iso_zygote *z, iso_copied *answer)
{
    uint32_t count;
    ipc_look look;
    int n;
    uint32_t waited = 0;
    do {
        n = ipc_socket_receive(z->control, answer, sizeof *answer, NULL, 0, &count, true);
        waited += PATIENCE_MS;
        ipc_process_look(&z->process, &look);
    } while (n == -OS_TIMED_OUT && look.state == IPC_RUNS && waited < PATIENCE_MOST_MS);
    return n == (int)sizeof *answer;
}

iso_copy iso_zygote_copy(iso_zygote *z, const iso_hello *hello, const int32_t handles[3],
                         ipc_process *copy)
{
    iso_copied answer;
    if (!is_ready(z)) {
        return ISO_COPY_NONE;
    }
    if (ipc_socket_send(z->control, hello, sizeof *hello, handles, 3) ||
        !receive_answer(z, &answer) || answer.epoch != hello->epoch || answer.id <= 0 ||
        ipc_process_adopt(copy, answer.id)) {
        give_up(z);
        return ISO_COPY_LOST;
    }
    z->failures = 0;
    return ISO_COPY_MADE;
}
