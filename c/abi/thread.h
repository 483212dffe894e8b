/* The state of a thread: the runner its jobs run in, and what it was told last about misuse of the
 * ABI. */
#ifndef ESP_THREAD_H
#define ESP_THREAD_H

#include "job/job.h"
#include "pool/mailbox.h"

typedef struct esp_thread {
    esp_runner runner;
    esp_status misuse;       /* kind of the last misuse on this thread; ESP_OK = none yet */
    const char *misuse_text; /* a literal; NULL when there is none */
    esp_mailbox *mailbox;    /* NULL until somebody asks for it */
} esp_thread;

/* The calling thread's state, made at the first call; NULL: there is no memory, or no way to free
 * it in time. */
esp_thread *esp_thread_state(void);
/* The same, but NULL where there is none yet. */
esp_thread *esp_thread_state_if_any(void);
/* The calling thread's mailbox, made at the first call and closed when the thread ends; NULL: there
 * is no memory. Who keeps it beyond the call holds it. */
esp_mailbox *esp_thread_mailbox(void);
/* Remembers a misuse of the ABI, `text` being a literal; returns what the call returns: minus its
 * kind. */
int32_t esp_misuse(esp_status kind, const char *text);
/* Bytes that the calling thread's state holds, itself included; 0 where there is none. */
uint64_t esp_thread_memory(void);
/* States that live now, of all threads. */
uint32_t esp_thread_count(void);

#endif
