/* The verdict on a worker that does not answer.
 *
 *      job given                             first look          killed: second look
 *      ├──────────────────────────────────────────┼─────────────────────┤
 *                                                 a quarter of the time, at most 50 ms
 *
 *      stopped by a signal                                            → stopped
 *      sleeps, and had next to no processor time between the looks    → blocked
 *      had processor time, and the core's count of work went on       → computes
 *      had processor time, and the count did not                      → astray
 *      anything else (no processor was free, /proc is not there)      → unknown
 *
 * A worker is looked at only when it is about to be killed for its job's time, or when somebody
 * asks: an engine that has nothing to do, or whose jobs end in time, pays nothing. What the worker
 * says of its progress is its word; a hostile one can choose between "computes" and "astray".
 */
#include "isolate/health.h"

#include "platform/os.h"

#define LOOK_MOST_NS UINT64_C(50000000)

/* Two looks of somebody who asks again and again: those between change nothing. */
#define LOOKS_APART_NS UINT64_C(20000000)

/* Less processor time than this between two looks says nothing, or that it sleeps. */
#define SOME_NS UINT64_C(1000000)

enum { WORK_LOW = 4, WORK_HIGH = 5, STEP = 0 }; /* words of esp_progress */

uint64_t iso_look_time(uint64_t now, uint64_t kill_at)
{
    uint64_t before = kill_at > now ? (kill_at - now) / 4 : 0;
    return kill_at - (before < LOOK_MOST_NS ? before : LOOK_MOST_NS);
}

static uint64_t word_of(const iso_worker *w, uint32_t at)
{
    return atomic_load_explicit(&w->shared->progress[at], memory_order_relaxed);
}

void iso_look_at(const iso_worker *w, iso_look *look)
{
    look->at = os_clock_ns();
    ipc_process_look(&w->process, &look->process);
    look->work = (word_of(w, WORK_HIGH) << 32 | word_of(w, WORK_LOW)) + (word_of(w, STEP) << 56);
}

iso_health iso_health_of(const iso_look *before, const iso_look *after)
{
    if (after->process.state == IPC_STOPPED) {
        return ISO_HEALTH_STOPPED;
    }
    if (before->at == 0 || after->at <= before->at) {
        return ISO_HEALTH_UNKNOWN;
    }
    uint64_t time = after->at - before->at;
    uint64_t some = time / 10 < SOME_NS ? time / 10 : SOME_NS;
    uint64_t used = after->process.cpu_ns - before->process.cpu_ns;
    if (used >= some) {
        return after->work != before->work ? ISO_HEALTH_COMPUTES : ISO_HEALTH_ASTRAY;
    }
    bool sleeps = before->process.state == IPC_SLEEPS && after->process.state == IPC_SLEEPS;
    return sleeps ? ISO_HEALTH_BLOCKED : ISO_HEALTH_UNKNOWN;
}

iso_health iso_health_now(const iso_worker *w, uint64_t job, iso_asked *asked)
{
    iso_look now;
    iso_look_at(w, &now);
    bool same = asked->look.at && asked->job == job;
    if (now.process.state == IPC_STOPPED) {
        return ISO_HEALTH_STOPPED;
    }
    if (same && now.at - asked->look.at < LOOKS_APART_NS) {
        return asked->health;
    }
    *asked = (iso_asked){
        .look = now,
        .job = job,
        .health = same && job ? iso_health_of(&asked->look, &now) : ISO_HEALTH_UNKNOWN,
    };
    return asked->health;
}
