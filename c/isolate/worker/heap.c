/* One allocation after the other in an extent, until the job ends: the core frees little before
 * that, and the host takes the whole extent back. Only the last allocation can be given back.
 *
 *      │ out │ chunk │ chunk │ result │ …              at ──► end
 *
 * When an extent is used up the host is asked for another, at least as large as all that the job
 * had so far, so that a job asks O(log n) times; when that is refused, for just what is needed.
 *
 * Cost: an addition and a comparison. The pages stay in the processor's tables from job to job.
 */
#include "isolate/worker/heap.h"

#include "base/arena.h"
#include "isolate/worker/faults.h"

enum { PAGE = 4096, ALIGN = 64, MOST_AT_ONCE = 16 * 1024 * 1024 };

static size_t (*ask_host)(uint32_t pages, uint8_t **at);
static uint8_t *next;
static uint8_t *end;
static uint8_t *last;
static size_t had;

static void give_back(void *user, void *p)
{
    (void)user;
    if (p && p == last) {
        next = last;
        last = NULL;
    }
}

void iso_bump_use(size_t (*ask)(uint32_t pages, uint8_t **at))
{
    ask_host = ask;
    const esp_system_memory memory = {.alloc = iso_bump_alloc, .free = give_back};
    esp_set_system_memory(&memory);
}

void iso_bump_begin(uint8_t *at, size_t size)
{
    next = at;
    end = at + size;
    last = NULL;
    had = size;
}

static size_t pages_of(size_t bytes)
{
    return (bytes + PAGE - 1) / PAGE;
}

static int grow(size_t size)
{
    size_t wish = had < MOST_AT_ONCE ? had : MOST_AT_ONCE;
    uint8_t *at;
    size_t got = 0;
    if (wish > size) {
        got = ask_host((uint32_t)pages_of(wish), &at);
    }
    if (!got) {
        got = ask_host((uint32_t)pages_of(size), &at);
    }
    if (got < size) {
        return 0;
    }
    next = at;
    end = at + got;
    had += got;
    return 1;
}

void *iso_bump_alloc(void *user, size_t size)
{
    (void)user;
    if (size > SIZE_MAX - ALIGN) {
        return NULL;
    }
    iso_fault_count(ISO_STEP_MEMORY, ISO_STEPS);
    size_t whole = (size + ALIGN - 1) / ALIGN * ALIGN;
    if (whole > (size_t)(end - next)) {
        if (pages_of(whole) > UINT32_MAX || !grow(whole)) {
            return NULL;
        }
    }
    last = next;
    next += whole;
    return last;
}
