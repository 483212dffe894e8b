/* A mailbox is a lock-free stack that the reader empties at one stroke, and a doorbell.
 *
 *      inbox ──► letter 3 ──► letter 2 ──► letter 1          pushed by any thread
 *      taken ──► letter 1 ──► letter 2 ──► letter 3          the reader's: turned around
 *
 * Idea. Many push, one takes all: a compare-and-swap of the head for each post, one exchange for a
 * whole batch. As nobody ever removes a single letter from the shared list, the head can come back
 * to an old value without harm (no ABA problem); as letters lie in their producers' records,
 * nothing is allocated and nothing can run full. (Treiber, Systems programming: coping with
 * parallelism, 1986, with the pop of a whole list.)
 *
 * Waking. The reader arms the doorbell and then looks once more; a poster pushes its letter and
 * then takes the armed flag. Both use sequentially consistent operations, so at least one of the
 * two sees the other: no letter waits unseen. Many posts ring once, because the first one takes the
 * flag.
 *
 * Invariant: a letter is in exactly one of inbox, taken, or the reader's hands. A closed mailbox
 * has the head `CLOSED` for ever: a poster that meets it drops its letter.
 *
 * Cost: a post takes one atomic operation beside the flag; a look at an empty mailbox takes one
 * load. The lock guards the doorbell alone, and only a ring takes it.
 */
#include "pool/mailbox.h"

#include "base/arena.h" /* esp_system_alloc */

#define FOREVER (UINT64_C(1) << 60) /* nanoseconds: 36 years */

struct esp_mailbox {
    esp_held held;
    _Atomic(esp_letter *) inbox;
    atomic_uint armed;
    esp_letter *taken; /* the reader's */

    os_mutex lock;
    os_condition rung_or_closed;
    bool rung;      /* guarded */
    bool closed;    /* guarded */
    int32_t socket; /* guarded: our end, -1 = none */
};

static esp_letter closed_mark;
#define CLOSED (&closed_mark)

static os_once names_once;
static esp_registry names;
static bool names_usable; /* written under names_once */

static void make_names(void)
{
    names_usable = esp_registry_init(&names) == 0;
}

static void destroy(esp_held *held)
{
    esp_mailbox *m = (esp_mailbox *)held;
    os_condition_destroy(&m->rung_or_closed);
    os_mutex_destroy(&m->lock);
    esp_system_free(m);
}

esp_mailbox *esp_mailbox_create(void)
{
    esp_mailbox *m = esp_system_alloc(sizeof *m);
    if (!m) {
        return NULL;
    }
    esp_held_init(&m->held, destroy);
    atomic_init(&m->inbox, NULL);
    atomic_init(&m->armed, 0);
    m->taken = NULL;
    m->rung = m->closed = false;
    m->socket = -1;
    if (os_mutex_init(&m->lock)) {
        esp_system_free(m);
        return NULL;
    }
    if (os_condition_init(&m->rung_or_closed)) {
        os_mutex_destroy(&m->lock);
        esp_system_free(m);
        return NULL;
    }
    return m;
}

void esp_mailbox_hold(esp_mailbox *m)
{
    esp_hold(&m->held);
}

void esp_mailbox_let_go(esp_mailbox *m)
{
    if (m) {
        esp_let_go(&m->held);
    }
}

static void drop_all(esp_letter *letter)
{
    while (letter) {
        esp_letter *next = letter->next;
        letter->done(letter, false);
        letter = next;
    }
}

void esp_mailbox_close(esp_mailbox *m)
{
    esp_letter *left = atomic_exchange(&m->inbox, CLOSED);
    drop_all(m->taken);
    m->taken = NULL;
    drop_all(left == CLOSED ? NULL : left);
    os_mutex_lock(&m->lock);
    m->closed = true;
    if (m->socket >= 0) {
        os_socket_close(m->socket);
        m->socket = -1;
    }
    os_condition_wake_all(&m->rung_or_closed);
    os_mutex_unlock(&m->lock);
}

void esp_mailbox_ring(esp_mailbox *m)
{
    os_mutex_lock(&m->lock);
    m->rung = true;
    if (m->socket >= 0) {
        os_socket_signal(m->socket);
    }
    os_condition_wake_all(&m->rung_or_closed);
    os_mutex_unlock(&m->lock);
}

void esp_mailbox_rouse(esp_mailbox *m)
{
    /* A load first: the flag's cache line stays shared while nobody sleeps. */
    if (atomic_load(&m->armed) && atomic_exchange(&m->armed, 0)) {
        esp_mailbox_ring(m);
    }
}

void esp_mailbox_post(esp_mailbox *m, esp_letter *letter)
{
    esp_letter *head = atomic_load_explicit(&m->inbox, memory_order_relaxed);
    do {
        if (head == CLOSED) {
            letter->done(letter, false);
            return;
        }
        letter->next = head;
    } while (!atomic_compare_exchange_weak(&m->inbox, &head, letter));
    esp_mailbox_rouse(m);
}

static void free_letter(esp_letter *letter, bool delivered)
{
    (void)delivered;
    esp_system_free(letter);
}

bool esp_mailbox_post_pair(esp_mailbox *m, uint32_t ticket, uint32_t value)
{
    esp_letter *letter = esp_system_alloc(sizeof *letter);
    if (!letter) {
        return false;
    }
    *letter = (esp_letter){.done = free_letter, .ticket = ticket, .value = value};
    esp_mailbox_post(m, letter);
    return true;
}

/* Empties the inbox into `taken`, oldest first. */
static void take_inbox(esp_mailbox *m)
{
    if (!atomic_load_explicit(&m->inbox, memory_order_relaxed)) {
        return;
    }
    esp_letter *letter = atomic_exchange_explicit(&m->inbox, NULL, memory_order_acquire);
    while (letter) {
        esp_letter *next = letter->next;
        letter->next = m->taken;
        m->taken = letter;
        letter = next;
    }
}

uint32_t esp_mailbox_drain(esp_mailbox *m, uint32_t *out, uint32_t most)
{
    uint32_t count = 0;
    while (count < most) {
        if (!m->taken) {
            take_inbox(m);
            if (!m->taken) {
                break;
            }
        }
        esp_letter *letter = m->taken;
        m->taken = letter->next;
        out[2 * count] = letter->ticket;
        out[2 * count + 1] = letter->value;
        count++;
        letter->done(letter, true);
    }
    return count;
}

bool esp_mailbox_arm(esp_mailbox *m)
{
    atomic_store(&m->armed, 1);
    if (!m->taken && !atomic_load(&m->inbox)) {
        return false;
    }
    esp_mailbox_disarm(m);
    return true;
}

void esp_mailbox_disarm(esp_mailbox *m)
{
    atomic_store(&m->armed, 0);
}

int32_t esp_mailbox_socket(esp_mailbox *m)
{
    int32_t ours;
    int32_t readers;
    int error = os_socket_pair(&ours, &readers);
    if (error) {
        return -error;
    }
    os_mutex_lock(&m->lock);
    int32_t before = m->socket;
    m->socket = ours;
    os_mutex_unlock(&m->lock);
    if (before >= 0) {
        os_socket_close(before);
    }
    return readers;
}

int32_t esp_mailbox_wait(esp_mailbox *m, uint32_t milliseconds)
{
    uint64_t now = os_clock_ns();
    uint64_t until = milliseconds == UINT32_MAX ? FOREVER : now + milliseconds * UINT64_C(1000000);
    os_mutex_lock(&m->lock);
    while (!m->rung && !m->closed && now < until) {
        (void)os_condition_wait(&m->rung_or_closed, &m->lock, until - now);
        now = os_clock_ns();
    }
    int32_t answer = m->closed ? -ESP_CLOSED : m->rung;
    m->rung = false;
    os_mutex_unlock(&m->lock);
    return answer;
}

double esp_mailbox_open(void)
{
    os_run_once(&names_once, make_names);
    esp_mailbox *m = names_usable ? esp_mailbox_create() : NULL;
    double handle = m ? esp_registry_enter(&names, &m->held) : 0;
    esp_mailbox_let_go(m);
    return handle;
}

esp_mailbox *esp_mailbox_find(double handle, int32_t *error)
{
    os_run_once(&names_once, make_names);
    *error = -ESP_UNAVAILABLE;
    return names_usable ? (esp_mailbox *)esp_registry_find(&names, handle, error) : NULL;
}

int32_t esp_mailbox_shut(double handle)
{
    int32_t error = -ESP_UNAVAILABLE;
    os_run_once(&names_once, make_names);
    esp_mailbox *m =
        names_usable ? (esp_mailbox *)esp_registry_remove(&names, handle, &error) : NULL;
    if (!m) {
        return error;
    }
    esp_mailbox_close(m);
    esp_mailbox_let_go(m);
    return 0;
}
