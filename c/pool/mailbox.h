/* A mailbox: how native threads tell a JavaScript thread that something is done, without ever
 * calling into it.
 *
 *      any thread      post(letter) ──► mailbox of the JS thread ──► drain() into a typed array
 *                           └──► doorbell, if armed ──► the event loop wakes up
 *
 * There is one for each thread, made when it first asks. For whoever produces completions (the
 * pool; a reader of worker processes): take the caller's mailbox when a job is submitted
 * (esp_thread_mailbox of abi/thread.h) and hold it; put an `esp_letter` into the record of the job,
 * with the ticket that JavaScript gave; when the job is done, post the letter, then let go of the
 * mailbox. A letter is delivered exactly once, or dropped exactly once (its `drop` is called) when
 * the mailbox was closed because its thread ended. Posting never fails, never waits for the reader
 * and asks for no memory.
 *
 * JavaScript's side is src/engine/completion.ts: it gives tickets, and decides when to look and
 * when to have the doorbell rung.
 */
#ifndef ESP_MAILBOX_H
#define ESP_MAILBOX_H

#include "pool/registry.h"

/* Lies in the record of what it tells of; the mailbox owns that memory from the post until the
 * letter is drained or dropped. */
typedef struct esp_letter {
    struct esp_letter *next; /* the mailbox's */
    /* Nobody will read it: called once, instead of delivery, from any thread, without locks. */
    void (*drop)(struct esp_letter *self);
    uint32_t ticket; /* the reader's number for it */
    uint32_t value;  /* the producer's word to the reader: a length, a status */
    bool loose;      /* in no record: `drop` is called after delivery as well */
} esp_letter;

typedef struct esp_mailbox esp_mailbox;

/* A new one, held by the caller; NULL: there is no memory. */
esp_mailbox *esp_mailbox_create(void);
/* Letters in it and those that come later are dropped; whoever waits is woken. */
void esp_mailbox_close(esp_mailbox *m);
/* Another holder; letting go is esp_mailbox_let_go. */
void esp_mailbox_hold(esp_mailbox *m);
void esp_mailbox_let_go(esp_mailbox *m);
/* From any thread that holds it. The letter may be gone when this returns. */
void esp_mailbox_post(esp_mailbox *m, esp_letter *letter);
/* The same for those who have no record to put a letter into; false: there is no memory. */
bool esp_mailbox_post_pair(esp_mailbox *m, uint32_t ticket, uint32_t value);

/* The reader's: only on the thread whose mailbox it is. */

/* Takes letters, oldest first: ticket and value of at most `most` into `out`; returns how many. */
uint32_t esp_mailbox_drain(esp_mailbox *m, uint32_t *out, uint32_t most);
/* The next post rings the doorbell. True, and it is not armed: there is a letter already. */
bool esp_mailbox_arm(esp_mailbox *m);
void esp_mailbox_disarm(esp_mailbox *m);
/* The reader's end of a socket into which each ring of the doorbell puts a byte; it belongs to the
 * caller. Minus OS_UNSUPPORTED or OS_FAILED where there is none. */
int32_t esp_mailbox_socket(esp_mailbox *m);

/* For one waiter, on any thread: until the doorbell rings (1), at most so long (0); 1 at once when
 * it has rung since the last wait. Minus ESP_CLOSED when the mailbox is closed. */
int32_t esp_mailbox_wait(esp_mailbox *m, uint32_t milliseconds);
/* Rings it by hand: whoever waits goes on. */
void esp_mailbox_ring(esp_mailbox *m);

/* The number of a mailbox, for threads that wait on another's behalf; 0: there is no memory. */
double esp_mailbox_handle(esp_mailbox *m);
/* The mailbox of a number, held for the caller; NULL and *error. */
esp_mailbox *esp_mailbox_find(double handle, int32_t *error);

#endif
