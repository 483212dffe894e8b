/* Sockets on Windows: the two ends of a pipe that keeps messages apart.
 *
 *      message:   how many handles │ each of them (win_carried) │ the caller's bytes
 *
 * Such a pipe needs a name. It is of 128 random bits, there can be one instance of it, and the
 * other end is opened at once, after which the name leads nowhere; from another machine it never
 * did.
 *
 * Reads are overlapped, into a buffer of the socket's own, so that a wait can have an end and that
 * a message is an event for a poll set. A read is started when somebody wants a message, or when
 * the socket is in a poll set. The system takes reads back when the thread that started them ends:
 * who waits for a socket must stay, as a supervisor and a watcher do.
 *
 * A handle travels as its number in the process that gets it: the sender makes a duplicate there,
 * and so must be allowed to. A host may do that in its workers, and no worker in its host. So an
 * end takes handles only if this process got it from the one that started it; of others, a message
 * that says that it has some is a violation.
 */
#include <string.h>

#include "ipc/system/windows.h"
#include "platform/os.h"

enum { BUFFER = 64 * 1024, WRITE_MS = 200 };

/* SystemFunction036 of advapi32: random bytes of the system, without a set-up. */
BOOLEAN NTAPI SystemFunction036(PVOID bytes, ULONG length);

bool win_socket_open(win_object *o, HANDLE pipe)
{
    win_socket *s = HeapAlloc(GetProcessHeap(), HEAP_ZERO_MEMORY, sizeof *s);
    if (!s) {
        return false;
    }
    s->other = -1;
    s->patience = INFINITE;
    s->read.hEvent = CreateEventW(NULL, TRUE, FALSE, NULL);
    s->write.hEvent = CreateEventW(NULL, TRUE, FALSE, NULL);
    o->handle = pipe;
    o->socket = s;
    return s->read.hEvent && s->write.hEvent;
}

void win_socket_close(win_object *o)
{
    win_socket *s = o->socket;
    if (!s) {
        return;
    }
    DWORD n;
    if (s->reading && o->handle) { /* the buffer is in use until it has ended */
        (void)CancelIoEx(o->handle, &s->read);
        (void)GetOverlappedResult(o->handle, &s->read, &n, TRUE);
    }
    const HANDLE handles[] = {s->read.hEvent, s->write.hEvent, s->peer};
    for (uint32_t i = 0; i < 3; i++) {
        if (handles[i]) {
            (void)CloseHandle(handles[i]);
        }
    }
    win_object *other = win_find(s->other, WIN_SOCKET);
    if (other) {
        other->socket->other = -1;
    }
    (void)HeapFree(GetProcessHeap(), 0, s);
    o->socket = NULL;
}

static void print_name(wchar_t *to, const uint8_t random[16])
{
    static const wchar_t start[] = L"\\\\.\\pipe\\ristretto-";
    memcpy(to, start, sizeof start);
    to += sizeof start / sizeof *start - 1;
    for (uint32_t i = 0; i < 16; i++) {
        *to++ = L"0123456789abcdef"[random[i] >> 4];
        *to++ = L"0123456789abcdef"[random[i] & 15];
    }
    *to = 0;
}

static bool make_pipe(HANDLE *first, HANDLE *second)
{
    wchar_t name[64];
    uint8_t random[16];
    if (!SystemFunction036(random, sizeof random)) {
        return false;
    }
    print_name(name, random);
    *second = INVALID_HANDLE_VALUE;
    *first = CreateNamedPipeW(
        name, PIPE_ACCESS_DUPLEX | FILE_FLAG_FIRST_PIPE_INSTANCE | FILE_FLAG_OVERLAPPED,
        PIPE_TYPE_MESSAGE | PIPE_READMODE_MESSAGE | PIPE_REJECT_REMOTE_CLIENTS, 1, BUFFER, BUFFER,
        0, NULL);
    if (*first == INVALID_HANDLE_VALUE) {
        return false;
    }
    *second = CreateFileW(name, GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING,
                          FILE_FLAG_OVERLAPPED | SECURITY_SQOS_PRESENT | SECURITY_ANONYMOUS, NULL);
    DWORD mode = PIPE_READMODE_MESSAGE;
    if (*second == INVALID_HANDLE_VALUE || !SetNamedPipeHandleState(*second, &mode, NULL, NULL)) {
        (void)CloseHandle(*first);
        if (*second != INVALID_HANDLE_VALUE) {
            (void)CloseHandle(*second);
        }
        return false;
    }
    return true;
}

int ipc_socket_pair(int32_t *first, int32_t *second)
{
    win_object *one = NULL;
    win_object *two = NULL;
    HANDLE pipes[2];
    *first = win_enter(WIN_SOCKET, &one);
    *second = win_enter(WIN_SOCKET, &two);
    bool made = one && two && make_pipe(&pipes[0], &pipes[1]);
    bool opened = made && win_socket_open(one, pipes[0]);
    opened = made && win_socket_open(two, pipes[1]) && opened;
    if (!opened) {
        if (made) { /* where no memory was left for the socket itself */
            one->handle = pipes[0];
            two->handle = pipes[1];
        }
        ipc_close(*first);
        ipc_close(*second);
        *first = *second = -1;
        return OS_FAILED;
    }
    one->socket->other = *second;
    two->socket->other = *first;
    return 0;
}

int ipc_socket_send(int32_t socket, const void *bytes, size_t length, const int32_t *handles,
                    uint32_t count)
{
    const win_object *o = win_find(socket, WIN_SOCKET);
    const size_t head = sizeof count + count * sizeof(win_carried);
    if (!o || count > WIN_CARRIED_MOST || length > WIN_MESSAGE_MOST - head) {
        return OS_FAILED;
    }
    win_socket *s = o->socket;
    if (count && !s->peer) {
        return OS_FAILED; /* nobody knows where they would have to go */
    }
    memcpy(s->out, &count, sizeof count);
    for (uint32_t i = 0; i < count; i++) {
        const win_object *given = win_find(handles[i], WIN_SECTION);
        win_carried c;
        given = given ? given : win_find(handles[i], WIN_EVENT);
        if (!given || !win_carry(given, s->peer, false, &c)) {
            return OS_FAILED; /* what was made in the peer ends with it */
        }
        memcpy(s->out + sizeof count + i * sizeof c, &c, sizeof c);
    }
    if (length) {
        memcpy(s->out + head, bytes, length);
    }
    DWORD n = 0;
    DWORD whole = (DWORD)(head + length);
    BOOL sent = WriteFile(o->handle, s->out, whole, NULL, &s->write);
    if (!sent && GetLastError() != ERROR_IO_PENDING) {
        return OS_FAILED;
    }
    if (WaitForSingleObject(s->write.hEvent, WRITE_MS) != WAIT_OBJECT_0) {
        (void)CancelIoEx(o->handle, &s->write); /* nobody reads, and the pipe is full */
    }
    return GetOverlappedResult(o->handle, &s->write, &n, TRUE) && n == whole ? 0 : OS_FAILED;
}

void win_socket_read(win_object *o)
{
    win_socket *s = o->socket;
    if (s->reading || s->ended || s->failed) {
        return;
    }
    if (ReadFile(o->handle, s->in, sizeof s->in, NULL, &s->read)) {
        s->reading = true;
        return;
    }
    DWORD error = GetLastError();
    s->reading = error == ERROR_IO_PENDING;
    s->failed = error == ERROR_MORE_DATA;
    s->ended = !s->reading && !s->failed;
    if (!s->reading) {
        (void)SetEvent(s->read.hEvent);
    }
}

/* The message in the buffer, which the peer may have made up. */
static int take(const win_socket *s, size_t size, uint8_t *bytes, size_t capacity, int32_t *handles,
                uint32_t most, uint32_t *count)
{
    uint32_t carried = 0;
    if (size < sizeof carried) {
        return -OS_FAILED;
    }
    memcpy(&carried, s->in, sizeof carried);
    if (carried > (s->trusting ? WIN_CARRIED_MOST : 0) ||
        size < sizeof carried + carried * sizeof(win_carried)) {
        return -OS_FAILED;
    }
    for (uint32_t i = 0; i < carried; i++) {
        win_carried c;
        memcpy(&c, s->in + sizeof carried + i * sizeof c, sizeof c);
        int32_t number = i < most ? win_receive(&c, -1) : -1;
        if (number >= 0) {
            handles[(*count)++] = number;
        } else {
            win_uncarry(&c);
        }
    }
    size_t head = sizeof carried + carried * sizeof(win_carried);
    size_t length = size - head < capacity ? size - head : capacity;
    memcpy(bytes, s->in + head, length);
    return (int)length;
}

int ipc_socket_receive(int32_t socket, void *bytes, size_t capacity, int32_t *handles,
                       uint32_t most, uint32_t *count, bool wait)
{
    win_object *o = win_find(socket, WIN_SOCKET);
    *count = 0;
    if (!o) {
        return -OS_FAILED;
    }
    win_socket *s = o->socket;
    win_socket_read(o);
    if (s->ended || s->failed) {
        return s->ended ? 0 : -OS_FAILED;
    }
    if (WaitForSingleObject(s->read.hEvent, wait ? s->patience : 0) != WAIT_OBJECT_0) {
        return -OS_TIMED_OUT;
    }
    DWORD n = 0;
    s->reading = false;
    if (!GetOverlappedResult(o->handle, &s->read, &n, FALSE)) {
        s->failed = GetLastError() == ERROR_MORE_DATA;
        s->ended = !s->failed;
        return s->ended ? 0 : -OS_FAILED;
    }
    int length = take(s, n, bytes, capacity, handles, most, count);
    s->failed = length < 0;
    if (s->polled && !s->failed) {
        win_socket_read(o);
    }
    return length;
}

int ipc_socket_patience(int32_t socket, uint32_t milliseconds)
{
    const win_object *o = win_find(socket, WIN_SOCKET);
    if (!o) {
        return OS_FAILED;
    }
    o->socket->patience = milliseconds;
    return 0;
}
