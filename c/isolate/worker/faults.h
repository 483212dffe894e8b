/* Faults that a worker of the tests shows on demand; in any other build these are nothing.
 *
 * A job whose operation's upper half is ISO_FAULT_LIBRARY is a demand: the lower half says which.
 * So the tests of the host need no second way to talk to a worker.
 */
#ifndef ISO_FAULTS_H
#define ISO_FAULTS_H

#include "ipc/link.h"
#include "isolate/protocol.h"

enum { ISO_FAULT_LIBRARY = 0xfa17 };

/* Steps at which a worker of the tests can die, stop or hang. */
enum {
    ISO_STEP_STARTED = 1,
    ISO_STEP_GREETED = 2,
    ISO_STEP_READY = 3,
    ISO_STEP_RECEIVED = 4,
    ISO_STEP_COMPUTED = 5,
    ISO_STEP_REPLIED = 6,
    ISO_STEP_RANG = 7,
    ISO_STEPS = 8,
};

/* Demands: the lower half of the operation. */
enum {
    ISO_FAULT_SEGFAULT = 1,
    ISO_FAULT_ABORT = 2,
    ISO_FAULT_HANG = 3,
    ISO_FAULT_EXIT = 4,
    ISO_FAULT_MEMORY = 5,    /* asks for memory without end, touches it, and ends with 41 */
    ISO_FAULT_REPLAY = 6,    /* answers twice */
    ISO_FAULT_FLOOD = 7,     /* answers until the ring is full, and more */
    ISO_FAULT_SILENT = 8,    /* answers, wakes nobody, and ends soon */
    ISO_FAULT_CALL = 9,      /* makes the system call at ISO_CALL_AT, then goes on */
    ISO_FAULT_SCRIBBLE = 10, /* writes garbage into all that is shared, again and again */
    ISO_FAULT_FOREIGN = 11,  /* makes a system call of another processor family */
    ISO_FAULT_EXECUTE = 12,  /* jumps into its data */
    ISO_FAULT_NONE = 15,     /* an ordinary failure: the operation is unknown */
    ISO_FAULT_STEP = 16,     /* + a step: dies there */
    ISO_FAULT_WORD = 32,     /* + a word of the reply: writes garbage into it */
    ISO_FAULT_GROW = 48,     /* asks for more memory than there is, instead of answering */
    ISO_FAULT_GREED = 49,    /* asks for memory again and again, without reading what it gets */
    ISO_FAULT_PLACE = 50,    /* says that the result is among the rings */
    ISO_FAULT_BEYOND = 51,   /* says that it is longer than its extent */
    ISO_FAULT_STAY = 52,     /* answers, and then neither listens nor ends */
    ISO_FAULT_LOCK = 53,     /* sleeps until somebody wakes it, which nobody does */
    ISO_FAULT_LEAK = 54,     /* keeps 4 MiB for ever, and fails as usual */
    ISO_FAULT_HUGE = 55,     /* says that its result has 3 GiB */
    ISO_FAULT_TAIL = 64,     /* + bits to add to the published counter */
};

/* Where a demand holds a system call: its number, then six arguments, of 8 bytes each. Argument
 * ISO_CALL_BUFFER stands for the address of 64 bytes of the worker. */
enum { ISO_CALL_AT = 104, ISO_CALL_END = 160 };
#define ISO_CALL_BUFFER UINT64_C(0xb0ffe7)

#if defined RST_FAULTS
void iso_fault_ready(iso_ready *ready);
void iso_fault_job(const uint8_t *job, uint32_t length);
void iso_fault_step(uint32_t step);
void iso_fault_reply(ipc_link *link, ipc_message *reply);
#else
static inline void iso_fault_ready(iso_ready *ready)
{
    (void)ready;
}
static inline void iso_fault_job(const uint8_t *job, uint32_t length)
{
    (void)job;
    (void)length;
}
static inline void iso_fault_step(uint32_t step)
{
    (void)step;
}
static inline void iso_fault_reply(ipc_link *link, ipc_message *reply)
{
    (void)link;
    (void)reply;
}
#endif

#endif
