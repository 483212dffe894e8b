/* The table of objects (windows.h), and the small parts of ipc/system.h on Windows: processors,
 * events.
 *
 * Chunks of the table are made when they are needed and never freed, so that looking a number up
 * needs no lock. Numbers 0 to 4 are never given out: 3 and 4 are what a started program has.
 */
#include "ipc/system/windows.h"

#include "platform/os.h"

enum { CHUNK = 256, CHUNKS = 256, FIRST = 5 };

static SRWLOCK lock = SRWLOCK_INIT;
static win_object *_Atomic chunks[CHUNKS];
static uint32_t used = FIRST;   /* guarded; below it a place may be free */
static uint32_t lowest = FIRST; /* guarded; no place below it is free */

static win_object *at(uint32_t number)
{
    win_object *chunk = atomic_load_explicit(&chunks[number / CHUNK], memory_order_acquire);
    return chunk ? &chunk[number % CHUNK] : NULL;
}

/* The place of a number, made if need be; NULL: no memory. */
static win_object *make_place(uint32_t number)
{
    if (!at(number)) {
        win_object *chunk =
            HeapAlloc(GetProcessHeap(), HEAP_ZERO_MEMORY, CHUNK * sizeof(win_object));
        atomic_store_explicit(&chunks[number / CHUNK], chunk, memory_order_release);
    }
    return at(number);
}

win_object *win_place(int32_t number, win_kind kind)
{
    AcquireSRWLockExclusive(&lock);
    win_object *o = make_place((uint32_t)number);
    if (o) {
        *o = (win_object){.kind = kind};
    }
    ReleaseSRWLockExclusive(&lock);
    return o;
}

int32_t win_enter(win_kind kind, win_object **object)
{
    AcquireSRWLockExclusive(&lock);
    uint32_t number = lowest;
    while (number < used && at(number)->kind != WIN_FREE) {
        number++;
    }
    win_object *o = number < CHUNK * CHUNKS ? make_place(number) : NULL;
    if (o) {
        *o = (win_object){.kind = kind};
        used = number < used ? used : number + 1;
        lowest = number + 1;
    }
    ReleaseSRWLockExclusive(&lock);
    *object = o;
    return o ? (int32_t)number : -1;
}

win_object *win_find(int32_t number, win_kind kind)
{
    win_object *o = number > 0 && number < CHUNK * CHUNKS ? at((uint32_t)number) : NULL;
    return o && o->kind == kind ? o : NULL;
}

static void close_handle(HANDLE handle)
{
    if (handle) {
        (void)CloseHandle(handle);
    }
}

void ipc_close(int32_t handle)
{
    win_object *o = handle > 0 && handle < CHUNK * CHUNKS ? at((uint32_t)handle) : NULL;
    if (!o || o->kind == WIN_FREE) {
        return;
    }
    if (o->kind == WIN_SOCKET) {
        win_socket_close(o);
    }
    if (o->kind == WIN_POLL) {
        win_poll_close(o);
    }
    for (uint32_t i = 0; i < o->bells; i++) {
        close_handle(o->bell[i]);
    }
    if (o->path) {
        (void)HeapFree(GetProcessHeap(), 0, o->path);
    }
    close_handle(o->job);
    close_handle(o->thread);
    close_handle(o->handle);
    AcquireSRWLockExclusive(&lock);
    *o = (win_object){.kind = WIN_FREE};
    if (handle >= FIRST && (uint32_t)handle < lowest) {
        lowest = (uint32_t)handle;
    }
    ReleaseSRWLockExclusive(&lock);
}

static uint64_t duplicate(HANDLE handle, HANDLE process, DWORD rights, bool inherited)
{
    HANDLE theirs = NULL;
    DWORD same = rights ? 0 : DUPLICATE_SAME_ACCESS;
    (void)DuplicateHandle(GetCurrentProcess(), handle, process, &theirs, rights, inherited, same);
    return (uint64_t)(uintptr_t)theirs;
}

bool win_carry(const win_object *o, HANDLE process, bool inherited, win_carried *c)
{
    const DWORD section = SECTION_QUERY | SECTION_MAP_READ | (o->one_way ? 0 : SECTION_MAP_WRITE);
    *c = (win_carried){.kind = o->kind, .bells = o->bells};
    DWORD rights = o->kind == WIN_SECTION ? section
                   : o->kind == WIN_EVENT ? SYNCHRONIZE | EVENT_MODIFY_STATE
                                          : 0;
    bool done = o->kind == WIN_SECTION || o->kind == WIN_SOCKET || o->kind == WIN_EVENT;
    c->handle = done ? duplicate(o->handle, process, rights, inherited) : 0;
    for (uint32_t i = 0; i < o->bells; i++) {
        c->bell[i] = duplicate(o->bell[i], process, SYNCHRONIZE | EVENT_MODIFY_STATE, inherited);
        c->bell_at[i] = o->bell_at[i];
        done = done && c->bell[i];
    }
    return done && c->handle;
}

void win_uncarry(const win_carried *c)
{
    close_handle((HANDLE)(uintptr_t)c->handle);
    for (uint32_t i = 0; i < c->bells; i++) {
        close_handle((HANDLE)(uintptr_t)c->bell[i]);
    }
}

int32_t win_receive(const win_carried *c, int32_t number)
{
    win_object *o;
    if (c->bells > WIN_BELLS || !c->handle) {
        return -1;
    }
    if (number < 0) {
        number = win_enter(c->kind, &o);
    } else {
        o = win_place(number, c->kind);
    }
    if (!o) {
        return -1;
    }
    o->bells = c->bells;
    for (uint32_t i = 0; i < c->bells; i++) {
        o->bell[i] = (HANDLE)(uintptr_t)c->bell[i];
        o->bell_at[i] = c->bell_at[i];
    }
    o->handle = (HANDLE)(uintptr_t)c->handle;
    if (c->kind == WIN_SOCKET) {
        if (!win_socket_open(o, o->handle)) {
            ipc_close(number);
            return -1;
        }
        o->socket->trusting = true; /* only a host gives sockets away */
    }
    return number;
}

DWORD win_milliseconds(uint64_t ns)
{
    uint64_t ms = ns / 1000000 + (ns % 1000000 != 0);
    return ns == UINT64_MAX ? INFINITE : ms < INFINITE - 1 ? (DWORD)ms : INFINITE - 1;
}

HANDLE win_signal(int32_t number)
{
    win_object *o;
    if ((o = win_find(number, WIN_SOCKET))) {
        return o->socket->read.hEvent;
    }
    if ((o = win_find(number, WIN_EVENT)) || (o = win_find(number, WIN_PROCESS))) {
        return o->handle;
    }
    return NULL;
}

uint32_t ipc_processor(void)
{
    PROCESSOR_NUMBER n;
    GetCurrentProcessorNumberEx(&n);
    return (uint32_t)n.Group * 64 + n.Number;
}

uint32_t ipc_processors(void)
{
    return os_processors();
}

int ipc_event_create(int32_t *event)
{
    win_object *o;
    *event = win_enter(WIN_EVENT, &o);
    if (*event < 0) {
        return OS_FAILED;
    }
    o->handle = CreateEventW(NULL, TRUE, FALSE, NULL);
    if (!o->handle) {
        ipc_close(*event);
        *event = -1;
        return OS_FAILED;
    }
    return 0;
}

void ipc_event_set(int32_t event)
{
    const win_object *o = win_find(event, WIN_EVENT);
    if (o) {
        (void)SetEvent(o->handle);
    }
}

void ipc_event_clear(int32_t event)
{
    const win_object *o = win_find(event, WIN_EVENT);
    if (o) {
        (void)ResetEvent(o->handle);
    }
}

/* A handle has no number that others expect, but for the two that a program is started with. */
int ipc_handle_move(int32_t handle, int32_t to)
{
    return handle == to ? 0 : OS_UNSUPPORTED;
}
