/* A server's rounds over the lanes of all its clients, and its sleep.
 *
 * Idea. A client that has sent sets the bit of its lane; the server takes 32 bits at a time, and
 * looks only at lanes whose bit was set. A round takes at most one message of each lane, so who
 * sends much waits as long as who sends little.
 *
 * Sleeping is that of the ring (ring.c), once for all lanes of a party: the server says in every
 * party that it sleeps, and looks at all bits once more; a client sets its bit, and then looks
 * whether the server sleeps. Between the two lies a full fence on either side. What the server
 * sleeps on is a poll set with one event for each party, so that it can wait for other things (the
 * deaths of its clients) as well, and so that a party can wake nobody but the server.
 *
 * Trust. A party can set all its bits for ever: that costs a look at its rings each round, no more.
 * It shares no word with another party. A ring that lies is a violation (ring.c).
 *
 * Cost: a word for each 32 lanes in a round without messages; two words for each party to sleep; 56
 * bytes of state for a lane, beside its 1,792 bytes of rings.
 */
#include "ipc/hub.h"

#include <string.h>

#include "base/arena.h"
#include "platform/os.h"

/* A server that never sleeps looks at its other handles after so many messages. */
enum { EVENTS = 32, BUSY_MOST = 256 };

uint64_t ipc_party_size(uint32_t lanes)
{
    return sizeof(ipc_party_shared) + (uint64_t)lanes * sizeof(ipc_lane_shared);
}

void ipc_party_init(ipc_party_shared *shared, uint32_t lanes)
{
    atomic_init(&shared->asleep, 0);
    for (uint32_t w = 0; w < IPC_LANES_MOST / 32; w++) {
        atomic_init(&shared->ready[w], 0);
    }
    for (uint32_t i = 0; i < lanes; i++) {
        ipc_ring_init(&shared->lanes[i].requests);
        ipc_ring_init(&shared->lanes[i].replies);
    }
}

void ipc_lane_init(ipc_lane *l, ipc_party_shared *shared, uint32_t index, int32_t event)
{
    l->shared = shared;
    l->index = index;
    l->event = event;
    ipc_lane_shared *lane = &shared->lanes[index];
    ipc_link_init(&l->link, &lane->requests, &lane->replies, 0);
}

int ipc_lane_call(ipc_lane *l, ipc_message *m, uint64_t timeout_ns)
{
    int sent = ipc_send(&l->link, m, timeout_ns);
    if (sent != IPC_OK) {
        return sent;
    }
    ipc_party_shared *shared = l->shared;
    uint32_t bit = UINT32_C(1) << l->index % 32;
    atomic_fetch_or_explicit(&shared->ready[l->index / 32], bit, memory_order_release);
    atomic_thread_fence(memory_order_seq_cst);
    if (atomic_load_explicit(&shared->asleep, memory_order_relaxed) &&
        atomic_exchange_explicit(&shared->asleep, 0, memory_order_relaxed)) {
        ipc_event_set(l->event);
    }
    return ipc_recv(&l->link, m, timeout_ns);
}

int ipc_hub_init(ipc_hub *h, uint32_t most_parties)
{
    memset(h, 0, sizeof *h);
    h->poll = -1;
    if (most_parties == 0 || most_parties > IPC_PARTIES_MOST) {
        return OS_FAILED;
    }
    h->most = most_parties;
    h->parties = esp_system_alloc(most_parties * sizeof *h->parties);
    if (!h->parties) {
        return OS_FAILED;
    }
    memset(h->parties, 0, most_parties * sizeof *h->parties);
    int error = ipc_poll_create(&h->poll);
    if (error) {
        ipc_hub_close(h);
    }
    return error;
}

void ipc_hub_close(ipc_hub *h)
{
    for (uint32_t i = 0; h->parties && i < h->most; i++) {
        ipc_hub_dismiss(h, i);
    }
    if (h->parties) {
        esp_system_free(h->parties);
    }
    h->parties = NULL;
    ipc_close(h->poll);
    h->poll = -1;
}

int32_t ipc_hub_admit(ipc_hub *h, ipc_party_shared *shared, uint32_t lanes, int32_t event)
{
    uint32_t place = 0;
    while (place < h->most && h->parties[place].shared) {
        place++;
    }
    if (place == h->most || lanes == 0 || lanes > IPC_LANES_MOST) {
        return -1;
    }
    ipc_party *p = &h->parties[place];
    memset(p, 0, sizeof *p);
    p->links = esp_system_alloc(lanes * sizeof *p->links);
    if (!p->links || ipc_poll_add(h->poll, event, place)) {
        if (p->links) {
            esp_system_free(p->links);
        }
        return -1;
    }
    for (uint32_t i = 0; i < lanes; i++) {
        ipc_lane_shared *lane = &shared->lanes[i];
        ipc_link_init(&p->links[i], &lane->replies, &lane->requests, 0);
    }
    p->shared = shared;
    p->lanes = lanes;
    p->event = event;
    return (int32_t)place;
}

void ipc_hub_dismiss(ipc_hub *h, uint32_t party)
{
    ipc_party *p = &h->parties[party];
    if (p->shared) {
        ipc_poll_remove(h->poll, p->event);
        esp_system_free(p->links);
        memset(p, 0, sizeof *p);
    }
}

/* The next lane of the round, of those whose bit is set: its message, or why there is none. */
static int take(ipc_hub *h, ipc_from *from, ipc_message *m)
{
    ipc_party *p = &h->parties[h->party];
    uint32_t bit = UINT32_C(1) << h->lane % 32;
    p->pending[h->lane / 32] &= ~bit;
    ipc_link *link = &p->links[h->lane];
    *from = (ipc_from){.party = h->party, .lane = h->lane};
    int got = ipc_recv(link, m, 0);
    if (got == IPC_OK && ipc_pop_ready(&link->in)) {
        atomic_fetch_or_explicit(&p->shared->ready[h->lane / 32], bit, memory_order_relaxed);
    }
    return got;
}

/* One round from where the last one ended. IPC_TIMED_OUT: it is over. */
static int walk(ipc_hub *h, ipc_from *from, ipc_message *m)
{
    for (; h->party < h->most; h->party++, h->lane = 0) {
        ipc_party *p = &h->parties[h->party];
        while (p->shared && h->lane < p->lanes) {
            uint32_t word = h->lane / 32;
            if (h->lane % 32 == 0) { /* a look first: most words are zero most of the time */
                _Atomic uint32_t *ready = &p->shared->ready[word];
                p->pending[word] = atomic_load_explicit(ready, memory_order_relaxed)
                                       ? atomic_exchange_explicit(ready, 0, memory_order_acquire)
                                       : 0;
            }
            uint32_t left = p->pending[word] >> h->lane % 32;
            if (!left) {
                h->lane = 32 * (word + 1);
                continue;
            }
            h->lane += (uint32_t)__builtin_ctz(left);
            if (h->lane >= p->lanes) {
                break;
            }
            int got = take(h, from, m);
            h->lane++;
            if (got == IPC_OK || got == IPC_VIOLATION) {
                return got;
            }
        }
    }
    h->party = h->lane = 0;
    return IPC_TIMED_OUT;
}

static void say(ipc_hub *h, uint32_t asleep)
{
    for (uint32_t i = 0; i < h->most; i++) {
        if (h->parties[i].shared) {
            atomic_store_explicit(&h->parties[i].shared->asleep, asleep, memory_order_relaxed);
        }
    }
}

static bool any_ready(const ipc_hub *h)
{
    for (uint32_t i = 0; i < h->most; i++) {
        const ipc_party *p = &h->parties[i];
        for (uint32_t w = 0; p->shared && w < (p->lanes + 31) / 32; w++) {
            if (atomic_load_explicit(&p->shared->ready[w], memory_order_relaxed)) {
                return true;
            }
        }
    }
    return false;
}

/* IPC_AGAIN: a handle of the caller's is ready; IPC_OK: none is. */
static int look(ipc_hub *h, uint64_t ns, ipc_from *from)
{
    uint64_t tags[EVENTS];
    uint32_t n = ipc_poll_wait(h->poll, tags, EVENTS, ns);
    h->busy = 0;
    int answer = IPC_OK;
    for (uint32_t i = 0; i < n; i++) {
        if (tags[i] >= IPC_HUB_TAGS) {
            from->tag = tags[i]; /* others are told of at the next look */
            answer = IPC_AGAIN;
        } else if (h->parties[tags[i]].shared) {
            ipc_event_clear(h->parties[tags[i]].event);
        }
    }
    return answer;
}

/* The same; IPC_OK also when somebody has sent. */
static int doze(ipc_hub *h, uint64_t ns, ipc_from *from)
{
    say(h, 1);
    atomic_thread_fence(memory_order_seq_cst);
    int answer = look(h, any_ready(h) ? 0 : ns, from);
    say(h, 0);
    return answer;
}

int ipc_hub_next(ipc_hub *h, uint64_t timeout_ns, ipc_from *from, ipc_message *m)
{
    uint64_t until = timeout_ns == IPC_FOREVER ? IPC_FOREVER : os_clock_ns() + timeout_ns;
    if (h->busy >= BUSY_MOST && look(h, 0, from) == IPC_AGAIN) {
        return IPC_AGAIN;
    }
    for (;;) {
        bool whole = h->party == 0 && h->lane == 0;
        int got = walk(h, from, m);
        if (got != IPC_TIMED_OUT) {
            h->busy++;
            return got;
        }
        if (!whole) {
            continue; /* the lanes before the one where it began */
        }
        uint64_t now = until == IPC_FOREVER ? 0 : os_clock_ns();
        if (now >= until) {
            return IPC_TIMED_OUT;
        }
        if (doze(h, until == IPC_FOREVER ? until : until - now, from) == IPC_AGAIN) {
            return IPC_AGAIN;
        }
    }
}

int ipc_hub_reply(ipc_hub *h, const ipc_from *from, const ipc_message *m)
{
    ipc_party *p = &h->parties[from->party];
    if (!p->shared) {
        return IPC_OK; /* it was dismissed meanwhile */
    }
    int sent = ipc_send(&p->links[from->lane], m, 0);
    return sent == IPC_TIMED_OUT ? IPC_VIOLATION : sent;
}
