/* One state a thread: made at its first call, found through a thread-local pointer, freed when the
 * thread ends.
 *
 *      thread 1     _Thread_local state ──► esp_thread (heap) ──► arenas, kept result,
 *                                                             handles that end with it
 *      thread 2     _Thread_local state ──► esp_thread …
 *                   exit hook, one for the process: frees the state of the thread that ends
 *
 * Only a pointer is thread-local, so that a thread which never calls pays 8 bytes. The hook runs on
 * every thread that ends, also on one that belongs to a terminated Worker; should something call
 * into the library after it (a destructor of somebody else), a new state is made and the hook runs
 * again. The code of the hook must outlive every thread: the library is pinned when the hook is
 * made and never unloaded.
 *
 * Process-wide: the hook, and the number of live states. The first needs no lock but os_run_once;
 * the second is atomic. Cost: a call finds its state with one thread-local load.
 */
#include "abi/thread.h"

#include <stdatomic.h>
#include <string.h> /* memcpy */

#include "platform/os.h"

static _Thread_local esp_thread *state;

static os_once hook_once;
static os_exit_hook hook;
static bool hook_made; /* written under hook_once */
static atomic_uint live;

/* Runs on the thread that ends. */
static void destroy(void *value)
{
    esp_thread *thread = value;
    state = NULL;
    esp_runner_free(&thread->runner);
    if (thread->process) {
        thread->process->destroy(thread->process);
    }
    while (thread->owned_count) {
        const esp_owned *last = &thread->owned[--thread->owned_count];
        (void)last->close(last->handle);
    }
    esp_system_free(thread->owned);
    esp_system_free(thread);
    atomic_fetch_sub(&live, 1);
}

static void make_hook(void)
{
    os_pin_library(&hook_once);
    hook_made = os_exit_hook_create(&hook, destroy) == 0;
}

static esp_thread *make_state(void)
{
    os_run_once(&hook_once, make_hook);
    if (!hook_made) {
        return NULL;
    }
    esp_thread *thread = esp_system_alloc(sizeof *thread);
    if (!thread) {
        return NULL;
    }
    if (os_exit_hook_set(hook, thread)) {
        esp_system_free(thread);
        return NULL;
    }
    esp_runner_init(&thread->runner, os_clock_ns() ? os_clock_ns : NULL);
    thread->misuse = ESP_OK;
    thread->misuse_text = NULL;
    thread->owned = NULL;
    thread->owned_count = thread->owned_size = 0;
    thread->process = NULL;
    state = thread;
    atomic_fetch_add(&live, 1);
    return thread;
}

esp_thread *esp_thread_state(void)
{
    return state ? state : make_state();
}

esp_thread *esp_thread_state_if_any(void)
{
    return state;
}

bool esp_thread_own(double handle, int32_t (*close)(double handle))
{
    esp_thread *thread = esp_thread_state();
    if (thread && thread->owned_count == thread->owned_size) {
        uint32_t size = thread->owned_size ? 2 * thread->owned_size : 4;
        esp_owned *owned = esp_system_alloc(size * sizeof *owned);
        if (!owned) {
            return false;
        }
        if (thread->owned) {
            memcpy(owned, thread->owned, thread->owned_count * sizeof *owned);
            esp_system_free(thread->owned);
        }
        thread->owned = owned;
        thread->owned_size = size;
    }
    if (thread) {
        thread->owned[thread->owned_count++] = (esp_owned){handle, close};
    }
    return thread;
}

void esp_thread_disown(double handle, int32_t (*close)(double handle))
{
    esp_thread *thread = esp_thread_state_if_any();
    for (uint32_t i = 0; thread && i < thread->owned_count; i++) {
        if (thread->owned[i].handle == handle && thread->owned[i].close == close) {
            thread->owned[i] = thread->owned[--thread->owned_count];
            return;
        }
    }
}

int32_t esp_misuse(esp_status kind, const char *text)
{
    esp_thread *thread = esp_thread_state();
    if (thread) {
        thread->misuse = kind;
        thread->misuse_text = text;
    }
    return -(int32_t)kind;
}

uint64_t esp_thread_memory(void)
{
    return state ? sizeof *state + esp_runner_memory(&state->runner) : 0;
}

uint32_t esp_thread_count(void)
{
    return (uint32_t)atomic_load(&live);
}
