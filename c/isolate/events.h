/* What happens to the workers of a crew, kept until somebody asks.
 *
 * A crew keeps events only if it was opened to: then a bounded ring of them, of which the newest
 * are lost when nobody takes any, and how many were. Whoever listens is told once by a letter, and
 * again only after everything was taken: no event costs a wake-up while nobody looks, and an idle
 * crew has none. What workers ended of is counted in any case (iso_seat.ends).
 */
#ifndef ISO_EVENTS_H
#define ISO_EVENTS_H

#include "pool/mailbox.h"

struct iso_crew;
struct iso_seat;

typedef enum iso_event_kind {
    ISO_EVENT_STARTED = 1, /* a worker is ready */
    ISO_EVENT_ENDED,       /* a worker is no more: the cause */
    ISO_EVENT_FAILED,      /* one could not be started */
    ISO_EVENT_QUARANTINED, /* a job is refused from now on: its hash */
    ISO_EVENT_OPENED,      /* the breaker: workers keep ending before they have done anything */
    ISO_EVENT_CLOSED,      /* one has done something again */
    ISO_EVENT_LOST,        /* so many events, as nobody took them */
} iso_event_kind;

/* Why a worker ended. */
typedef enum iso_cause {
    ISO_CAUSE_CRASH,     /* by itself: signal or code */
    ISO_CAUSE_RECYCLED,  /* it has served its number of jobs */
    ISO_CAUSE_MEMORY,    /* its shared memory had grown */
    ISO_CAUSE_RESTART,   /* somebody asked for it */
    ISO_CAUSE_IDLE,      /* nothing to do for so long */
    ISO_CAUSE_CLOSED,    /* the crew is */
    ISO_CAUSE_DEADLINE,  /* its job ran past its time */
    ISO_CAUSE_CANCELLED, /* its job was, and it did not stop */
    ISO_CAUSE_VIOLATION, /* it sent what no worker sends */
    ISO_CAUSE_START,     /* it did not become ready in time, or lacks what is required */
    ISO_CAUSES,
} iso_cause;

enum { ISO_EVENT_WORDS = 10 };
/* Places of the words of an event: kind, seat, process, cause (and above 16 bits how it was, see
 * health.h), signal, exit code, epoch (two), hash of the job that ran (two), or how many were lost.
 */

typedef struct iso_events {
    uint32_t (*ring)[ISO_EVENT_WORDS]; /* esp_system_alloc; NULL: none are kept */
    uint32_t room;
    uint32_t first;
    uint32_t count;
    uint32_t lost;
    bool told;             /* a letter is on its way, or was read and not all was taken */
    esp_mailbox *listener; /* held */
    uint32_t ticket;
} iso_events;

/* Keeps events from now on; false: there is no memory. */
bool iso_events_open(iso_events *e, uint32_t workers);
void iso_events_close(iso_events *e);
/* The crew's lock is held. `seat` may be NULL. */
void iso_note(struct iso_crew *c, iso_event_kind kind, const struct iso_seat *seat, uint64_t hash);

/* Tells this mailbox, held by the caller, of what is there and what will come; NULL: nobody. 0, or
 * minus a kind. */
int32_t iso_listen(double crew, esp_mailbox *mailbox, uint32_t ticket);
/* Takes the oldest: at most `most` events, ISO_EVENT_WORDS each; how many, or minus a kind. */
int32_t iso_events_take(double crew, uint32_t *out, uint32_t most);

/* Numbers about seats, ISO_SEAT_WORDS each: state (0 none, 1 starting, 2 idle, 3 busy, 4 ending),
 * process, jobs finished, workers started, then how many ended of each cause, and how the worker is
 * (iso_health): one that is busy from two looks, this one and that of the last call, if it had the
 * same job then and 20 ms lie between. How many seats there are; at most `most` are
 * written. */
enum { ISO_SEAT_WORDS = 16, ISO_SEAT_HEALTH = 14 };
int32_t iso_seats(double crew, uint32_t *out, uint32_t most);

#endif
