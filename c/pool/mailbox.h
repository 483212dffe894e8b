/* A mailbox: how native threads tell a JavaScript thread that something is done, without ever
 * calling into it.
 *
 *      any thread      post(letter) ──► mailbox of the JS thread ──► drain() into a typed array
 *                           └──► doorbell, if armed ──► the event loop wakes up
 *
 * JavaScript opens one for each of its threads, and names it with every job that it submits. For
 * whoever produces completions (the pool; a reader of worker processes): find the mailbox by its
 * number when a job is submitted (esp_mailbox_find), and hold it; put an `esp_letter` into the
 * record of the job, with the ticket that JavaScript gave; when the job is done, post the letter,
 * then let go of the mailbox. A letter is delivered, or dropped when the mailbox was closed, as it
 * is when its thread ends; either way its `done` is called, exactly once. Posting never fails,
 * never waits for the reader and asks for no memory.
 *
 * JavaScript's side is src/engine/completion.ts: it gives tickets, and decides when to look and
 * when to have the doorbell rung.
 */
#ifndef ESP_MAILBOX_H
#define ESP_MAILBOX_H

#include "pool/registry.h"

/* Lies in the record of what it tells of; that memory must stay from the post until `done`, which
 * runs on the reader's thread after delivery, or on any thread where there is none. */
typedef struct esp_letter {
    struct esp_letter *next; /* the mailbox's */
    void (*done)(struct esp_letter *self, bool delivered);
    uint32_t ticket; /* the reader's number for it */
    uint32_t value;  /* the producer's word to the reader: a length, a status */
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
/* A letter is about to come: a reader that sleeps is woken now, and looks for it for a moment. */
void esp_mailbox_rouse(esp_mailbox *m);

/* The reader's: one thread at a time. */

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

/* A new one, by its number; 0: there is no memory. It is held until it is closed. */
double esp_mailbox_open(void);
/* The mailbox of a number, held for the caller; NULL and *error. */
esp_mailbox *esp_mailbox_find(double handle, int32_t *error);
/* Closes it, and the number is no more; 0, or minus an error kind. */
int32_t esp_mailbox_shut(double handle);

#endif
