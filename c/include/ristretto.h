/* Ristretto: the C ABI. Everything that TypeScript or another language may call is in this file.
 *
 *   uint8_t out[65536];
 *   double n = rst_run(job, job_length, out, sizeof out);       job and result: docs/job-format.md
 *   if (n > sizeof out) { bigger = malloc(n); rst_take(bigger, n); }
 *
 * examples/c/minimize.c is a whole program.
 *
 * Conventions. Every function can be called from any thread; each thread has its own state, made at
 * its first call and freed when the thread ends. Numbers are int32, uint32 or double (whole, below
 * 2^53): 64-bit integers are BigInt in JavaScript and dear. Handles are doubles that carry an index
 * and a generation: a closed or invented one is an error. A negative result is minus an error kind
 * (RST_INVALID_INPUT, …); rst_last_error tells more. A length or capacity of 0 never looks at the
 * pointer. Blocks need no alignment. A job may lie in memory that other threads write to meanwhile:
 * what comes out is then some result or some error, never a wrong access.
 */
#ifndef RISTRETTO_H
#define RISTRETTO_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined _WIN32
#define RST_API __declspec(dllexport)
#else
#define RST_API __attribute__((visibility("default")))
#endif

#define RST_ABI_VERSION 1

/* Error kinds (base/errors.def). */
#define RST_INVALID_INPUT 1
#define RST_LIMIT_EXCEEDED 2
#define RST_CANCELLED 3
#define RST_QUEUE_FULL 4
#define RST_WORKER_CRASHED 5
#define RST_PROTOCOL_VIOLATION 6
#define RST_UNAVAILABLE 7
#define RST_UNSUPPORTED 8
#define RST_CLOSED 9
#define RST_INTERNAL 10

/* Limits. */
#define RST_LIMIT_MEMORY 1
#define RST_LIMIT_TIME 2
#define RST_LIMIT_CPU 3
#define RST_LIMIT_SIZE 4
#define RST_LIMIT_CUBES 5
#define RST_LIMIT_BUDGET 6
#define RST_LIMIT_CANCEL 15

/* RST_ABI_VERSION of the library; compare before any other call. */
RST_API uint32_t rst_abi_version(void);
/* Build facts as text (`key=value` lines: version, build, target, compiler, kernels): bytes needed,
 * at most capacity written. */
RST_API uint32_t rst_build_info(uint8_t *out, uint32_t capacity);
/* Does nothing, returns its argument: the floor of a foreign call. */
RST_API uint32_t rst_noop(uint32_t x);

/* Run a job on this thread. Returns the length of the result block, which is always a whole, valid
 * result when the return value is positive: errors of the job are in it. A result longer than
 * capacity is kept for rst_take (`out` is then untouched); the next rst_run drops it. Negative:
 * misuse (a null pointer), or no memory for the state of the thread. `out` may be the memory of the
 * job. */
RST_API double rst_run(const uint8_t *job, uint32_t length, uint8_t *out, uint32_t capacity);
/* The kept result of this thread's last rst_run: its length, and its bytes when they fit capacity;
 * it is then given up (a take of capacity 0 only asks for the length). -RST_CLOSED: none is kept.
 */
RST_API double rst_take(uint8_t *out, uint32_t capacity);

/* Run a job on a native thread of its own, with progress, while this thread goes on (the command
 * line does). The job is copied. Returns a handle, or a negative error (RST_QUEUE_FULL: 64 tasks
 * are open). The other functions may be called in any order and from any thread; they return
 * -RST_CLOSED for a task that was taken or closed, and -RST_INVALID_INPUT for a number that never
 * was a handle. */
RST_API double rst_task_start(const uint8_t *job, uint32_t length);
/* 64 bytes of progress (16 u32: step, cubes, bound, round, work low, work high, 0 …) into
 * `progress`, which may be NULL; returns 0 while it runs, 1 when the result is ready, negative for
 * a bad handle. */
RST_API int32_t rst_task_poll(double task, uint8_t *progress);
/* Ask it to answer with the best so far. */
RST_API int32_t rst_task_cancel(double task);
/* Wait at most `milliseconds` for the result: 1 ready, 0 not yet. A JavaScript thread should wait
 * in slices (50 ms): it cannot be terminated while it waits. */
RST_API int32_t rst_task_wait(double task, uint32_t milliseconds);
/* The result, once ready (else 0): length of the block; written, and the task closed, when it fits
 * capacity. -RST_LIMIT_EXCEEDED never comes from here: what the job ran into is in the block. */
RST_API double rst_task_take(double task, uint8_t *out, uint32_t capacity);
/* Forget the task, running or not; its thread is told to stop and frees everything itself. */
RST_API int32_t rst_task_close(double task);

/* Mailboxes: how a native thread tells this one that something is done, without calling into it.
 * Each thread that asks has one, until it ends. What is posted there is a pair of numbers: a ticket
 * that the reader gave to whoever will post, and a value. A reader that has nothing else to do arms
 * the doorbell: the next post then ends a wait, and puts a byte into the socket. */

/* The number of this thread's mailbox, for those who post to it or wait on its behalf. */
RST_API double rst_mailbox_open(void);
/* What was posted to this thread, oldest first: at most `most` pairs into `pairs`; how many. */
RST_API int32_t rst_mailbox_drain(uint32_t *pairs, uint32_t most);
/* 0: armed. 1: not armed, there is something to drain already. */
RST_API int32_t rst_mailbox_arm(void);
/* The next post rings no doorbell. */
RST_API int32_t rst_mailbox_disarm(void);
/* A descriptor from which each ring of this thread's doorbell can be read as a byte; the caller
 * closes it. -RST_UNSUPPORTED where there is none. */
RST_API int32_t rst_mailbox_socket(void);
/* For one waiter, on any thread: until the doorbell rings (1), at most so long (0), or until the
 * mailbox goes with its thread (-RST_CLOSED). */
RST_API int32_t rst_mailbox_wait(double mailbox, uint32_t milliseconds);
/* Ring it by hand: a waiter goes on. */
RST_API int32_t rst_mailbox_ring(double mailbox);
/* Post from any thread. */
RST_API int32_t rst_mailbox_post(double mailbox, uint32_t ticket, uint32_t value);

/* The thread's last misuse of this ABI: kind, and a message (not of a job: that is in its result).
 */
RST_API uint32_t rst_last_error(uint8_t *message, uint32_t capacity, uint32_t *length);
/* Bytes the calling thread's state holds now. */
RST_API double rst_thread_memory(void);
/* Threads that hold a state now (for leak tests). */
RST_API uint32_t rst_thread_count(void);

#ifdef __cplusplus
}
#endif

#endif
