/* The exported functions of worker processes: arguments are checked here, the work is in c/isolate.
 *
 * What a thread keeps: the last result that was too long for its caller. Crews end with the thread
 * that opened them (a JavaScript Worker may be terminated at any time).
 */
#include "ristretto.h"

#include <string.h>

#include "abi/process.h"
#include "abi/thread.h"
#include "base/arena.h"
#include "ipc/group.h"
#include "isolate/crew.h"
#include "isolate/events.h"

enum { OPEN_MS = 5000, FAILURE_WORDS = 8 };

typedef struct process_state {
    esp_companion companion;
    uint8_t *kept; /* esp_system_alloc */
    uint32_t kept_length;
    iso_call call; /* that the thread waits for, in slices */
} process_state;

static void drop_kept(process_state *s)
{
    if (s->kept) {
        esp_system_free(s->kept);
        s->kept = NULL;
    }
}

static void destroy(esp_companion *companion)
{
    process_state *s = (process_state *)companion;
    drop_kept(s);
    iso_call_abandon(&s->call);
    esp_system_free(s);
}

static process_state *state(void)
{
    esp_thread *thread = esp_thread_state();
    if (thread && !thread->process) {
        process_state *s = esp_system_alloc(sizeof *s);
        if (s) {
            *s = (process_state){.companion = {destroy}};
            thread->process = &s->companion;
        }
    }
    return thread ? (process_state *)thread->process : NULL;
}

/* A thread that calls for something else has given up the call that it waited for: JavaScript was
 * interrupted between two slices. */
static void abandon_call(void)
{
    esp_thread *thread = esp_thread_state_if_any();
    process_state *s = thread ? (process_state *)thread->process : NULL;
    if (s) {
        iso_call_abandon(&s->call);
    }
}

const char esp_no_state[] = "there is no memory for the state of this thread";

int32_t esp_process_complain(int32_t answer)
{
    switch (answer) {
    case -ESP_INVALID_INPUT:
        return esp_misuse(ESP_INVALID_INPUT, "the number is no handle, or no number of workers");
    case -ESP_CLOSED:
        return esp_misuse(ESP_CLOSED, "the crew or its job is closed");
    case -ESP_UNSUPPORTED:
        return esp_misuse(ESP_UNSUPPORTED,
                          "worker processes exist on Linux only, in a library that carries them");
    case -ESP_UNAVAILABLE:
        return esp_misuse(ESP_UNAVAILABLE,
                          "no worker process could be started: the system refuses memfd_create, "
                          "execveat of it, or a thread");
    case -ESP_LIMIT_EXCEEDED:
        return esp_misuse(ESP_LIMIT_EXCEEDED, "there is no memory for it");
    default:
        return answer;
    }
}

/* The first of the guards that lack: which others do is seen when that one is no longer asked for.
 */
static int32_t complain_lacking(uint32_t lacking)
{
    static const char *const texts[] = {
        "this system cannot give workers the required guard \"memory\"",
        "this system cannot give workers the required guard \"limits\"",
        "this system cannot give workers the required guard \"privileges\"",
        "this system cannot give workers the required guard \"undumpable\"",
        "this system cannot give workers the required guard \"handles\"",
        "this system cannot give workers the required guard \"files\" (Landlock)",
        "this system cannot give workers the required guard \"calls\" (seccomp)",
        "this system cannot give workers the required guard \"namespaces\"",
        "this system cannot give workers the required guard \"network\"",
        "this system cannot give workers the required guard \"user\": the host is not root",
        "this system cannot give workers the required guard \"group\" (control groups)",
    };
    uint32_t guard = 0;
    while (guard + 1 < sizeof texts / sizeof *texts && (lacking >> guard & 1) == 0) {
        guard++;
    }
    return esp_misuse(ESP_UNAVAILABLE, texts[guard]);
}

double rst_process_open(const uint32_t *options, uint32_t count)
{
    uint32_t word[RST_PROCESS_WORDS] = {0};
    if (!options || count > RST_PROCESS_WORDS) {
        return esp_misuse(ESP_INVALID_INPUT, "no options, or more than there are");
    }
    memcpy(word, options, count * sizeof *word);
    uint32_t spin_us = word[RST_PROCESS_SPIN_US];
    const iso_options chosen = {
        .workers = word[RST_PROCESS_WORKERS],
        .queue = word[RST_PROCESS_QUEUE],
        .spin_ns = spin_us < 1000000 ? spin_us * 1000 : 1000000000,
        .recycle = word[RST_PROCESS_RECYCLE],
        .terms =
            {
                .memory = (uint64_t)word[RST_PROCESS_MEMORY_KIB] * 1024,
                .required = word[RST_PROCESS_REQUIRED] & (IPC_GUARDS - 1),
                .without = word[RST_PROCESS_WITHOUT] & (IPC_GUARDS - 1),
                .cpu_seconds = word[RST_PROCESS_CPU_SECONDS],
                .nice = (int32_t)(word[RST_PROCESS_NICE] & 31),
                .output = word[RST_PROCESS_OUTPUT],
                .wipe = word[RST_PROCESS_WIPE] != 0,
                .oom = (int32_t)(word[RST_PROCESS_OOM] & 1023),
                .cores = word[RST_PROCESS_CORES],
            },
        .heap = (uint64_t)word[RST_PROCESS_HEAP_MIB] << 20,
        .idle_ms = word[RST_PROCESS_IDLE_MS],
        .events = word[RST_PROCESS_EVENTS] != 0,
        .leak = (uint64_t)word[RST_PROCESS_LEAK_KIB] * 1024,
    };
    uint32_t lacking = 0;
    double crew = iso_open(&chosen, OPEN_MS, &lacking);
    if (crew == -ESP_UNAVAILABLE && lacking) {
        return complain_lacking(lacking);
    }
    if (crew > 0 && !esp_thread_own(crew, iso_abandon)) {
        (void)iso_release(crew);
        return esp_misuse(ESP_LIMIT_EXCEEDED, esp_no_state);
    }
    return crew > 0 ? crew : esp_process_complain((int32_t)crew);
}

void esp_process_tell(const iso_failure *f, uint32_t *words)
{
    if (words) {
        const uint32_t all[FAILURE_WORDS] = {f->kind,           f->limit,   (uint32_t)f->signal,
                                             (uint32_t)f->code, f->refused, f->health};
        memcpy(words, all, sizeof all);
    }
}

static double wait_for_call(process_state *s, const uint8_t *job, iso_outcome *o, uint32_t *failure)
{
    iso_failure f;
    double n = iso_call_wait(&s->call, job, o, &f);
    s->kept = o->kept;
    s->kept_length = s->kept ? (uint32_t)n : 0;
    if (n < 0) {
        esp_process_tell(&f, failure);
    }
    return n;
}

void esp_process_tell_view(double view, uint8_t *out)
{
    if (out && view != 0) {
        memcpy(out, &view, sizeof view);
    }
}

double esp_process_perform(double crew, const iso_work *work, iso_outcome *o, uint32_t *failure)
{
    iso_failure f = {0};
    process_state *s = state();
    if (!s || (work->length && !work->bytes && work->piece == 0) || (o->capacity && !o->out)) {
        f.kind = ESP_INVALID_INPUT;
        esp_process_tell(&f, failure);
        return esp_misuse(ESP_INVALID_INPUT,
                          s ? "a null pointer, but its length is not 0" : esp_no_state);
    }
    drop_kept(s);
    iso_call_abandon(&s->call);
    double n = iso_call_begin(&s->call, crew, work, &f);
    if (n < 0) {
        esp_process_tell(&f, failure);
        return n;
    }
    return wait_for_call(s, work->bytes, o, failure);
}

double rst_process_wait(const uint8_t *job, uint8_t *view, uint8_t *out, uint32_t capacity,
                        uint32_t *failure)
{
    process_state *s = state();
    iso_outcome o = {.out = out, .capacity = capacity};
    if (!s || !s->call.crew || (s->call.job.length && !s->call.job.piece && !job) ||
        (capacity && !out)) {
        esp_process_tell(&(iso_failure){.kind = ESP_INVALID_INPUT}, failure);
        return esp_misuse(ESP_INVALID_INPUT, "the thread waits for no job, or a null pointer");
    }
    double n = wait_for_call(s, job, &o, failure);
    esp_process_tell_view(o.view, view);
    return n;
}

double rst_process_run(double crew, const uint8_t *job, uint32_t length, double kill_us,
                       uint8_t *out, uint32_t capacity, uint32_t *failure)
{
    const iso_work work = {.bytes = job, .length = length, .timeout_us = kill_us};
    iso_outcome o = {.out = out, .capacity = capacity};
    return esp_process_perform(crew, &work, &o, failure);
}

double rst_process_kept(uint8_t *out, uint32_t capacity)
{
    process_state *s = state();
    if (!s || !s->kept) {
        return esp_misuse(ESP_CLOSED, "no result of this thread waits to be taken");
    }
    uint32_t length = s->kept_length;
    if (out && length <= capacity) {
        memcpy(out, s->kept, length);
        drop_kept(s);
    }
    return length;
}

double esp_process_submit(double crew, const iso_work *work, double mailbox, uint32_t ticket,
                          uint32_t *failure)
{
    abandon_call();
    iso_failure f = {0};
    int32_t error = -ESP_INVALID_INPUT;
    bool null = work->length && !work->bytes && work->piece == 0;
    esp_mailbox *m = null ? NULL : esp_mailbox_find(mailbox, &error);
    if (!m) {
        f.kind = (uint32_t)-error;
        esp_process_tell(&f, failure);
        return esp_misuse((esp_status)f.kind, "the job is a null pointer, or there is no mailbox");
    }
    double handle = iso_submit_work(crew, work, m, ticket, &f);
    esp_mailbox_let_go(m);
    if (handle < 0) {
        esp_process_tell(&f, failure);
    }
    return handle;
}

double rst_process_submit(double crew, const uint8_t *job, uint32_t length, double kill_us,
                          double mailbox, uint32_t ticket, uint32_t *failure)
{
    const iso_work work = {.bytes = job, .length = length, .timeout_us = kill_us};
    return esp_process_submit(crew, &work, mailbox, ticket, failure);
}

int32_t rst_process_cancel(double job, uint32_t grace_ms)
{
    return esp_process_complain(iso_cancel(job, grace_ms));
}

double rst_process_take(double job, uint8_t *out, uint32_t capacity, uint32_t *failure)
{
    iso_failure f = {0};
    if (capacity && !out) {
        return esp_misuse(ESP_INVALID_INPUT, "the memory for the answer is a null pointer");
    }
    double n = iso_take(job, out, capacity, &f);
    if (n < 0) {
        if (!f.kind) {
            f.kind = (uint32_t)-n;
            (void)esp_process_complain((int32_t)n);
        }
        esp_process_tell(&f, failure);
    }
    return n;
}

int32_t rst_process_attend(double crew, uint32_t looks)
{
    return esp_process_complain(iso_attend(crew, looks != 0));
}

int32_t rst_process_restart(double crew, uint32_t rolling)
{
    return esp_process_complain(iso_restart(crew, rolling != 0));
}

int32_t rst_process_listen(double crew, double mailbox, uint32_t ticket)
{
    int32_t error = -ESP_INVALID_INPUT;
    esp_mailbox *m = esp_mailbox_find(mailbox, &error);
    if (!m) {
        return esp_misuse((esp_status)-error, "there is no such mailbox");
    }
    error = iso_listen(crew, m, ticket);
    esp_mailbox_let_go(m);
    return esp_process_complain(error);
}

int32_t rst_process_events(double crew, uint32_t *out, uint32_t most)
{
    if (most && !out) {
        return esp_misuse(ESP_INVALID_INPUT, "the memory for the events is a null pointer");
    }
    return esp_process_complain(iso_events_take(crew, out, most));
}

int32_t rst_process_seats(double crew, uint32_t *out, uint32_t most)
{
    if (most && !out) {
        return esp_misuse(ESP_INVALID_INPUT, "the memory for the numbers is a null pointer");
    }
    return esp_process_complain(iso_seats(crew, out, most));
}

int32_t rst_process_release(double crew)
{
    abandon_call();
    esp_thread_disown(crew, iso_abandon);
    return esp_process_complain(iso_release(crew));
}

int32_t rst_process_facts(double crew, uint32_t *out, uint32_t most)
{
    if (most && !out) {
        return esp_misuse(ESP_INVALID_INPUT, "the memory for the numbers is a null pointer");
    }
    return esp_process_complain(iso_facts(crew, out, most));
}

int32_t rst_process_guards(double crew, uint32_t *out, uint32_t most)
{
    iso_guarded g;
    if (most && !out) {
        return esp_misuse(ESP_INVALID_INPUT, "the memory for the words is a null pointer");
    }
    int32_t error = iso_guards(crew, &g);
    if (error) {
        return esp_process_complain(error);
    }
    uint64_t kib = g.memory / 1024;
    const uint32_t words[] = {g.guards, g.landlock,
                              g.calls,  kib < UINT32_MAX ? (uint32_t)kib : UINT32_MAX,
                              g.kinds,  g.version};
    const uint32_t count = sizeof words / sizeof *words;
    if (most) {
        memcpy(out, words, (most < count ? most : count) * sizeof *words);
    }
    return (int32_t)count;
}

int32_t rst_process_groups(uint32_t *out, uint32_t most)
{
    ipc_group_place place;
    if (most && !out) {
        return esp_misuse(ESP_INVALID_INPUT, "the memory for the words is a null pointer");
    }
    ipc_groups_find(&place, "");
    if (most) {
        memcpy(out, place.version,
               (most < IPC_GROUP_KINDS ? most : IPC_GROUP_KINDS) * sizeof *place.version);
    }
    return IPC_GROUP_KINDS;
}

uint32_t rst_process_count(void)
{
    return iso_crews_alive();
}
