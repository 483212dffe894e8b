/* Regions on Windows, and waiting on words.
 *
 * A region is a section of reserved pages on the paging file, without a name, mapped whole. The
 * maker commits pages in its own view; they are committed for every view. What cannot be had is
 * refused then, so an access never fails for want of memory. A reader's handle cannot be mapped for
 * writing. A worker that may write could commit reserved pages by itself: the system has no seal
 * against that.
 *
 * Words. WaitOnAddress knows the threads of one process only. So a region carries an auto-reset
 * event for each of its bells, whose handles travel with that of the section:
 *
 *      ipc_wait(bell)    looks at the word, then waits on its event
 *      ipc_wake(bell)    sets the event, after the word was changed
 *
 * A set that nobody waited for ends the next wait at once, for no reason, which is allowed; none is
 * lost, since an event stays set until a waiter takes it. It wakes one waiter: a bell has no more
 * (its ring's consumer, or its producer). A hostile process can set its events, or take a set: the
 * one is a wait that ends early, the other a wait that its slice ends.
 *
 * Every other word is waited on by its address, among this process's threads.
 */
#include "ipc/system/windows.h"

#include <string.h>

#include "platform/os.h"

enum { BUCKETS = 256 };

/* A bell of a region that is mapped here. */
typedef struct bell {
    _Atomic uint32_t *word;
    HANDLE event;
    struct bell *next;
} bell;

static SRWLOCK lock = SRWLOCK_INIT;
static bell *buckets[BUCKETS]; /* guarded */

static bell **bucket_of(const _Atomic uint32_t *word)
{
    uintptr_t a = (uintptr_t)word;
    return &buckets[(a >> 2 ^ a >> 12 ^ a >> 20 ^ a >> 32) % BUCKETS];
}

/* With the lock. NULL: it is no bell. */
static HANDLE event_of(const _Atomic uint32_t *word)
{
    const bell *b = *bucket_of(word);
    while (b && b->word != word) {
        b = b->next;
    }
    return b ? b->event : NULL;
}

void ipc_wait(_Atomic uint32_t *word, uint32_t expected, uint64_t ns)
{
    AcquireSRWLockShared(&lock);
    HANDLE event = event_of(word);
    ReleaseSRWLockShared(&lock);
    if (!event) {
        (void)WaitOnAddress((volatile void *)word, &expected, sizeof expected,
                            win_milliseconds(ns));
    } else if (atomic_load(word) == expected) {
        (void)WaitForSingleObject(event, win_milliseconds(ns));
    }
}

void ipc_wake(_Atomic uint32_t *word)
{
    AcquireSRWLockShared(&lock);
    HANDLE event = event_of(word);
    if (event) {
        (void)SetEvent(event);
    }
    ReleaseSRWLockShared(&lock);
    if (!event) {
        WakeByAddressAll((void *)(uintptr_t)word);
    }
}

/* Binds a word to a handle of its own. */
static bool bind(_Atomic uint32_t *word, HANDLE event)
{
    bell *b = HeapAlloc(GetProcessHeap(), 0, sizeof *b);
    HANDLE self = GetCurrentProcess();
    if (!b || !DuplicateHandle(self, event, self, &b->event, 0, FALSE, DUPLICATE_SAME_ACCESS)) {
        (void)HeapFree(GetProcessHeap(), 0, b);
        return false;
    }
    b->word = word;
    AcquireSRWLockExclusive(&lock);
    bell **bucket = bucket_of(word);
    b->next = *bucket;
    *bucket = b;
    ReleaseSRWLockExclusive(&lock);
    return true;
}

/* All bells of a range of addresses. */
static void unbind(const uint8_t *base, uint64_t size)
{
    AcquireSRWLockExclusive(&lock);
    for (uint32_t i = 0; i < BUCKETS; i++) {
        for (bell **from = &buckets[i]; *from;) {
            bell *b = *from;
            if ((uintptr_t)b->word - (uintptr_t)base < size) {
                *from = b->next;
                (void)CloseHandle(b->event);
                (void)HeapFree(GetProcessHeap(), 0, b);
            } else {
                from = &b->next;
            }
        }
    }
    ReleaseSRWLockExclusive(&lock);
}

int ipc_region_bells(ipc_region *r, _Atomic uint32_t *const words[], uint32_t count)
{
    win_object *o = win_find(r->handle, WIN_SECTION);
    if (!o || count > WIN_BELLS || o->bells) {
        return OS_FAILED;
    }
    for (uint32_t i = 0; i < count; i++) {
        o->bell[i] = CreateEventW(NULL, FALSE, FALSE, NULL);
        o->bell_at[i] = (uint64_t)((uintptr_t)words[i] - (uintptr_t)r->base);
        o->bells = i + (o->bell[i] != NULL);
        if (!o->bell[i] || !bind(words[i], o->bell[i])) {
            return OS_FAILED;
        }
    }
    return 0;
}

static int map(ipc_region *r, HANDLE section, bool writable)
{
    DWORD rights = writable ? FILE_MAP_READ | FILE_MAP_WRITE : FILE_MAP_READ;
    r->base = MapViewOfFile(section, rights, 0, 0, (SIZE_T)r->reserved);
    return r->base ? 0 : OS_FAILED;
}

int ipc_region_create(ipc_region *r, uint64_t granted, uint64_t reserved, bool one_way)
{
    win_object *o;
    *r = (ipc_region){.reserved = reserved, .handle = win_enter(WIN_SECTION, &o)};
    if (r->handle < 0) {
        return OS_FAILED;
    }
    o->one_way = one_way;
    o->handle = CreateFileMappingW(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE | SEC_RESERVE,
                                   (DWORD)(reserved >> 32), (DWORD)reserved, NULL);
    if (!o->handle || map(r, o->handle, true) || ipc_region_grow(r, granted)) {
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
    if (granted > r->reserved || !VirtualAlloc(r->base + r->granted, (SIZE_T)(granted - r->granted),
                                               MEM_COMMIT, PAGE_READWRITE)) {
        return OS_FAILED;
    }
    r->granted = granted;
    return 0;
}

int ipc_region_map(ipc_region *r, int32_t handle, uint64_t granted, uint64_t reserved,
                   bool writable)
{
    const win_object *o = win_find(handle, WIN_SECTION);
    *r = (ipc_region){.reserved = reserved, .granted = granted, .handle = handle};
    int error = o ? map(r, o->handle, writable) : OS_FAILED;
    for (uint32_t i = 0; !error && i < o->bells; i++) {
        _Atomic uint32_t *word = (_Atomic uint32_t *)(void *)(r->base + o->bell_at[i]);
        error = o->bell_at[i] < granted && bind(word, o->bell[i]) ? 0 : OS_FAILED;
    }
    ipc_close(handle);
    r->handle = -1;
    return error;
}

void ipc_region_close(ipc_region *r)
{
    if (r->base) {
        unbind(r->base, r->reserved);
        (void)UnmapViewOfFile(r->base);
    }
    ipc_close(r->handle);
    r->base = NULL;
    r->handle = -1;
}

/* A view cannot be taken apart, so its pages become copies of this process as they are overwritten.
 */
void ipc_region_blank(ipc_region *r, uint64_t from)
{
    DWORD before;
    if (r->base && from < r->granted) {
        SIZE_T size = (SIZE_T)(r->granted - from);
        (void)VirtualProtect(r->base + from, size, PAGE_WRITECOPY, &before);
        memset(r->base + from, 0, size);
    }
}
