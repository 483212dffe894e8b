/* The ring of events of a crew, and the letter that tells of them.
 *
 * Invariant: `told` is set from the moment a letter is posted until the ring was emptied, so there
 * is never more than one letter of a crew on its way, however many events there are.
 *
 * Cost: a copy of ten words for an event of a crew that keeps them, a look at a pointer for one
 * that does not.
 */
#include "isolate/events.h"

#include <string.h>

#include "base/arena.h"
#include "isolate/jobs.h"

enum { ROOM = 256 };

_Static_assert(4 + ISO_CAUSES <= ISO_SEAT_WORDS, "room for every cause");

bool iso_events_open(iso_events *e, uint32_t workers)
{
    uint32_t room = ROOM + 4 * workers;
    e->ring = esp_system_alloc(room * sizeof *e->ring);
    e->room = e->ring ? room : 0;
    return e->ring != NULL;
}

void iso_events_close(iso_events *e)
{
    if (e->ring) {
        esp_system_free(e->ring);
    }
    esp_mailbox_let_go(e->listener);
}

static void tell(iso_events *e)
{
    if (e->listener && !e->told && e->count) {
        e->told = esp_mailbox_post_pair(e->listener, e->ticket, 1);
    }
}

static uint32_t *next_place(iso_events *e)
{
    if (e->count == e->room) {
        e->lost++;
        return NULL;
    }
    uint32_t *words = e->ring[(e->first + e->count++) % e->room];
    memset(words, 0, sizeof *e->ring);
    return words;
}

void iso_note(iso_crew *c, iso_event_kind kind, const iso_seat *seat, uint64_t hash)
{
    iso_events *e = &c->events;
    uint32_t *words = e->ring ? next_place(e) : NULL;
    if (!words) {
        return;
    }
    words[0] = kind;
    if (seat) {
        words[1] = (uint32_t)(seat - c->seats);
        words[2] = seat->pid;
        words[3] = seat->cause | (uint32_t)seat->health << 16;
        words[4] = (uint32_t)seat->signal;
        words[5] = (uint32_t)seat->code;
        words[6] = (uint32_t)seat->worker.epoch;
        words[7] = (uint32_t)(seat->worker.epoch >> 32);
    }
    words[8] = (uint32_t)hash;
    words[9] = (uint32_t)(hash >> 32);
    tell(e);
}

int32_t iso_listen(double handle, esp_mailbox *mailbox, uint32_t ticket)
{
    int32_t error;
    iso_crew *c = iso_crew_find(handle, &error);
    if (!c) {
        return error;
    }
    if (mailbox) {
        esp_mailbox_hold(mailbox);
    }
    os_mutex_lock(&c->lock);
    iso_events *e = &c->events;
    esp_mailbox *before = e->listener;
    e->listener = mailbox;
    e->ticket = ticket;
    e->told = false;
    tell(e);
    os_mutex_unlock(&c->lock);
    esp_mailbox_let_go(before);
    esp_let_go(&c->held);
    return 0;
}

int32_t iso_events_take(double handle, uint32_t *out, uint32_t most)
{
    int32_t error;
    iso_crew *c = iso_crew_find(handle, &error);
    if (!c) {
        return error;
    }
    uint32_t n = 0;
    os_mutex_lock(&c->lock);
    iso_events *e = &c->events;
    for (; n < most && e->count; n++) {
        memcpy(out + n * ISO_EVENT_WORDS, e->ring[e->first], sizeof *e->ring);
        e->first = (e->first + 1) % e->room;
        e->count--;
    }
    if (n < most && e->lost) { /* they came after all that was taken */
        uint32_t words[ISO_EVENT_WORDS] = {[0] = ISO_EVENT_LOST, [8] = e->lost};
        memcpy(out + n++ * ISO_EVENT_WORDS, words, sizeof words);
        e->lost = 0;
    }
    if (n < most) {
        e->told = false;
    }
    os_mutex_unlock(&c->lock);
    esp_let_go(&c->held);
    return (int32_t)n;
}

static uint32_t state_of(const iso_seat *seat)
{
    switch (seat->state) {
    case SEAT_EMPTY:
        return 0;
    case SEAT_STARTING:
        return 1;
    case SEAT_IDLE:
        return 2;
    case SEAT_HELD:
    case SEAT_ASYNC:
        return 3;
    default:
        return 4;
    }
}

static uint32_t health_of(iso_seat *seat)
{
    bool busy = seat->state == SEAT_HELD || seat->state == SEAT_ASYNC;
    if ((!busy && seat->state != SEAT_IDLE) || seat->ending || seat->ended) {
        return ISO_HEALTH_UNKNOWN;
    }
    uint64_t job = (uint64_t)seat->starts << 32 | seat->served;
    return (uint32_t)iso_health_now(&seat->worker, busy ? job : 0, &seat->asked);
}

int32_t iso_seats(double handle, uint32_t *out, uint32_t most)
{
    int32_t error;
    iso_crew *c = iso_crew_find(handle, &error);
    if (!c) {
        return error;
    }
    os_mutex_lock(&c->lock);
    for (uint32_t i = 0; i < c->options.workers && i < most; i++) {
        iso_seat *seat = &c->seats[i];
        uint32_t *words = out + i * ISO_SEAT_WORDS;
        bool lives = seat->state != SEAT_EMPTY && !seat->reaped;
        memset(words, 0, ISO_SEAT_WORDS * sizeof *words);
        words[0] = state_of(seat);
        words[1] = lives ? seat->pid : 0;
        words[2] = seat->served;
        words[3] = seat->starts;
        memcpy(words + 4, seat->ends, sizeof seat->ends);
        words[ISO_SEAT_HEALTH] = health_of(seat);
    }
    int32_t count = (int32_t)c->options.workers;
    os_mutex_unlock(&c->lock);
    esp_let_go(&c->held);
    return count;
}
