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

/* Steps at which a worker of the tests can die, or stay until it is stopped or killed. */
enum {
    /* Before its first job; which one, the hello says (iso_fault_hello). */
    ISO_STEP_GREETED = 1,
    ISO_STEP_SANDBOXED = 2,
    ISO_STEP_WATCHED = 3, /* its second thread is there */
    ISO_STEP_SEALED = 4,
    ISO_STEP_WARMED = 5,
    ISO_STEP_READY = 6,
    /* In a job, and its reply. */
    ISO_STEP_RECEIVED = 7,
    ISO_STEP_COMPUTED = 8,
    ISO_STEP_ANSWERING = 9,
    ISO_STEP_TORN = 10,      /* half of the reply is in its slot */
    ISO_STEP_WRITTEN = 11,   /* all of it, and not published */
    ISO_STEP_PUBLISHED = 12, /* and nobody was woken */
    ISO_STEP_REPLIED = 13,
    ISO_STEP_RANG = 14,
    ISO_STEP_TAKING = 15,  /* a result that did not fit is about to be copied */
    ISO_STEP_LAST = 16,    /* it has answered its last job */
    ISO_STEP_CALLED = 17,  /* with a shared heap: it has its extent */
    ISO_STEP_ASKED = 18,   /* it has asked for memory */
    ISO_STEP_GRANTED = 19, /* and got some, or none */
    /* + n: in the core, when the clock is looked at, or memory asked for, once more */
    ISO_STEP_CLOCK = 20,
    ISO_STEP_MEMORY = 36,
    ISO_STEPS = 41,
    /* Of a zygote whose copies are worth nothing otherwise: it has made one, and tells nobody. */
    ISO_STEP_COPIED = 63,
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
    ISO_FAULT_STEP = 128,    /* + a step: dies there */
    ISO_FAULT_HOLD = 192,    /* + a step: stays there */
};

/* A job of an ordinary operation is a demand, too, if its option SEED has this in its upper 16
 * bits; the next 16 are the demand, the rest is free. */
#define ISO_FAULT_SEED UINT64_C(0xfa17)
/* A limit of processor seconds that is none: workers of even epochs die at the step in the lower 16
 * bits, before their first job. */
#define ISO_FAULT_HELLO UINT32_C(0xfa17)

/* Where a demand holds a system call: its number, then six arguments, of 8 bytes each. Argument
 * ISO_CALL_BUFFER stands for the address of 64 bytes of the worker. */
enum { ISO_CALL_AT = 104, ISO_CALL_END = 160 };
#define ISO_CALL_BUFFER UINT64_C(0xb0ffe7)

#if defined RST_FAULTS
void iso_fault_hello(const iso_hello *hello);
/* A zygote has made the copy that a hello asked for. */
void iso_fault_copied(const iso_hello *hello);
void iso_fault_ready(iso_ready *ready);
void iso_fault_job(const uint8_t *job, uint32_t length);
void iso_fault_step(uint32_t step);
/* Steps that are counted, from the first one to that before `end`. */
void iso_fault_count(uint32_t first, uint32_t end);
uint64_t iso_fault_clock(void);
void iso_fault_reply(ipc_link *link, ipc_message *reply);
#else
#define iso_fault_clock os_clock_ns
static inline void iso_fault_hello(const iso_hello *hello)
{
    (void)hello;
}
static inline void iso_fault_copied(const iso_hello *hello)
{
    (void)hello;
}
static inline void iso_fault_count(uint32_t first, uint32_t end)
{
    (void)first;
    (void)end;
}
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
