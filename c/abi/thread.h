/* The state of a thread: the runner its jobs run in, and what it was told last about misuse of the
 * ABI. */
#ifndef ESP_THREAD_H
#define ESP_THREAD_H

#include "job/job.h"

/* A handle, and how it is closed; what that returns does not matter. */
typedef struct esp_owned {
    double handle;
    int32_t (*close)(double handle);
} esp_owned;

/* What another part of the library keeps for a thread; freed with its state. */
typedef struct esp_companion {
    void (*destroy)(struct esp_companion *self);
} esp_companion;

typedef struct esp_thread {
    esp_runner runner;
    esp_status misuse;       /* kind of the last misuse on this thread; ESP_OK = none yet */
    const char *misuse_text; /* a literal; NULL when there is none */
    esp_owned *owned;        /* what ends with the thread */
    uint32_t owned_count;
    uint32_t owned_size;
    esp_companion *process; /* of abi/process.c; NULL until it is needed */
} esp_thread;

/* The calling thread's state, made at the first call; NULL: there is no memory, or no way to free
 * it in time. */
esp_thread *esp_thread_state(void);
/* The same, but NULL where there is none yet. */
esp_thread *esp_thread_state_if_any(void);
/* What is to be closed when the calling thread ends, the last one first; false: there is no memory
 * to know it. */
bool esp_thread_own(double handle, int32_t (*close)(double handle));
/* It was closed already. */
void esp_thread_disown(double handle, int32_t (*close)(double handle));
/* Remembers a misuse of the ABI, `text` being a literal; returns what the call returns: minus its
 * kind. */
int32_t esp_misuse(esp_status kind, const char *text);
/* Bytes that the calling thread's state holds, itself included; 0 where there is none. */
uint64_t esp_thread_memory(void);
/* States that live now, of all threads. */
uint32_t esp_thread_count(void);

#endif
