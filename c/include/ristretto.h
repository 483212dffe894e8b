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

/* Pools: jobs on a bounded number of native threads, out of a bounded queue. Pools of the same
 * stack size and name share their threads, whichever thread of the program opened them, each
 * according to its weight. A pool and a job are handles: any thread may use them, in any order;
 * what is gone is -RST_CLOSED, what never was is -RST_INVALID_INPUT. examples/c/pool.c is a whole
 * program. */

/* Jobs that may run at once (0: as many as affinity and container quota allow processors; at most
 * 256), jobs that may wait (1 to 1,048,576), KiB of a thread's stack (a multiple of 64, 128 to
 * 65,536; 0: 256), weight (1 to 1,000), name of the threads (1 to 11 letters, digits, - _ .; length
 * 0: "ristretto"). Flags, a sum: 1 = times are counted, 2 = released when the calling thread ends.
 * Also -RST_UNAVAILABLE, -RST_UNSUPPORTED: no thread can be made. */
RST_API double rst_pool_open(uint32_t threads, uint32_t queue, uint32_t stack_kib, uint32_t weight,
                             uint32_t flags, const uint8_t *name, uint32_t name_length);
/* Copies the job, and never waits. -RST_QUEUE_FULL: no room. Time limits of the job count from
 * `waited_us` microseconds ago. The job is told of through rst_pool_wait. */
RST_API double rst_pool_submit(double pool, const uint8_t *job, uint32_t length,
                               uint32_t waited_us);
/* The same, but it is told of by a post: the ticket, and the length of the result (0: it was
 * cancelled before it ran). Then it can be taken. */
RST_API double rst_pool_submit_ticket(double pool, const uint8_t *job, uint32_t length,
                                      uint32_t waited_us, double mailbox, uint32_t ticket);
/* Wait at most so long for the result of a job: 1 it is there, 0 not yet. A JavaScript thread
 * should wait in slices (50 ms): it cannot be terminated while it waits. */
RST_API int32_t rst_pool_wait(double job, uint32_t milliseconds);
/* 64 bytes of the job's progress, as rst_task_poll gives them, into `progress`, which may be NULL;
 * 1 the result is there, 0 not yet. */
RST_API int32_t rst_pool_poll(double job, uint8_t *progress);
/* The length of the result, once it is there (else 0); written, and the job's handle gone, when it
 * fits capacity. -RST_CANCELLED, and the handle gone: it was cancelled before it ran. */
RST_API double rst_pool_take(double job, uint8_t *out, uint32_t capacity);
/* A job that waits will not run; one that runs answers with its best so far, or that it was
 * cancelled. It is told of as usual. */
RST_API int32_t rst_pool_cancel(double job);
/* For a job whose time is over while it waits: it runs on the calling thread, at once, which is
 * short, as its time is over. 1: it did; 0: a thread has it already. */
RST_API int32_t rst_pool_hurry(double job);
/* Cancel it, and give its handle up. */
RST_API int32_t rst_pool_forget(double job);
/* Wait for room in the queue (1) at most so long (0). */
RST_API int32_t rst_pool_wait_room(double pool, uint32_t milliseconds);
/* Wait until no job waits or runs (1), at most so long (0). */
RST_API int32_t rst_pool_wait_idle(double pool, uint32_t milliseconds);
/* No more jobs; those there finish, or with `cancel` not 0 are cancelled. Never waits; may be
 * called again. */
RST_API int32_t rst_pool_close(double pool, uint32_t cancel);
/* Close and cancel, and give up the handles of the pool and its jobs. Never waits: memory goes when
 * the last job has stopped. */
RST_API int32_t rst_pool_release(double pool);
/* Numbers about the pool, at most `most` doubles into `out`; how many there are. Jobs submitted,
 * completed, failed, cancelled, refused, waiting, running; queue, threads of its options; for times
 * of waiting, then of running: nanoseconds in total, and 32 counts, where count n is of times from
 * 2^(n + 8) nanoseconds to twice that; then for each thread of the team its jobs and nanoseconds at
 * work. */
RST_API int32_t rst_pool_statistics(double pool, uint8_t *out, uint32_t most);
/* Processors that affinity mask and container quota allow. */
RST_API uint32_t rst_pool_processors(void);
/* Jobs and pools whose memory is there (for leak tests): jobs + 1,000,000,000 x pools. */
RST_API double rst_pool_alive(void);

/* Mailboxes: how a native thread tells this one that something is done, without calling into it.
 * What is posted is a pair of numbers: a ticket that the reader gave to whoever will post, and a
 * value. A reader that has nothing else to do arms the doorbell: the next post then ends a wait,
 * and puts a byte into the socket. A mailbox is a handle; it is read by one thread at a time. */

/* A new one, which is closed at the latest when the calling thread ends. */
RST_API double rst_mailbox_open(void);
/* What was posted, oldest first: at most `most` pairs into `pairs`; how many. */
RST_API int32_t rst_mailbox_drain(double mailbox, uint32_t *pairs, uint32_t most);
/* 0: armed. 1: not armed, there is something to drain already. */
RST_API int32_t rst_mailbox_arm(double mailbox);
/* The next post rings no doorbell. */
RST_API int32_t rst_mailbox_disarm(double mailbox);
/* A descriptor from which each ring of the doorbell can be read as a byte; the caller closes it.
 * -RST_UNSUPPORTED where there is none. */
RST_API int32_t rst_mailbox_socket(double mailbox);
/* For one waiter, on any thread: until the doorbell rings (1), at most so long (0), or until the
 * mailbox is closed (-RST_CLOSED). */
RST_API int32_t rst_mailbox_wait(double mailbox, uint32_t milliseconds);
/* Ring it by hand: a waiter goes on. */
RST_API int32_t rst_mailbox_ring(double mailbox);
/* Post from any thread. */
RST_API int32_t rst_mailbox_post(double mailbox, uint32_t ticket, uint32_t value);
/* What is in it, and what comes later, is dropped. */
RST_API int32_t rst_mailbox_close(double mailbox);

/* Worker processes: the same jobs, run where a crash ends nothing but the job. A crew is a number
 * of workers and a queue. `failure` is 8 words, written when a call returns minus a kind: kind,
 * limit, signal that killed the worker (0 none), exit code, 1 if the job was refused because it
 * killed workers before, how the worker was when it was ended for the job's time (0 not known, 1
 * the core went on, 2 it used the processor and the core did not go on, 3 it slept, 4 somebody had
 * stopped it), 0 … */

/* Words of the options of rst_process_open, by their place; those that are not given are 0. */
#define RST_PROCESS_WORKERS 0 /* processes */
#define RST_PROCESS_QUEUE 1   /* jobs that may wait */
#define RST_PROCESS_SPIN_US 2 /* how long either side may look for the other before it sleeps */
#define RST_PROCESS_RECYCLE 3 /* jobs after which a worker is replaced; 0 = never */
/* Guards that workers must reach, and usual ones that they shall not try; bits, see
 * rst_process_guards. */
#define RST_PROCESS_REQUIRED 4
#define RST_PROCESS_WITHOUT 5
#define RST_PROCESS_MEMORY_KIB 6  /* that the jobs of a worker may have; 0 = 4 GiB */
#define RST_PROCESS_CPU_SECONDS 7 /* of a worker's life, after which it is killed; 0 = no limit */
#define RST_PROCESS_NICE 8        /* how much workers give way to other programs, 0 to 19 */
#define RST_PROCESS_OOM 9         /* how much sooner the system ends one for memory, 0 to 1000 */
/* Bytes that a result may have; 0 = 1 GiB, or a quarter of the machine's memory if that is less. */
#define RST_PROCESS_OUTPUT 10
#define RST_PROCESS_HEAP_MIB 11 /* shared heap: see rst_heap_run; 0 = there is none */
#define RST_PROCESS_IDLE_MS 12  /* without a job after which workers end, until there is one */
#define RST_PROCESS_EVENTS 13   /* 1: keep what happens to workers for rst_process_events */
#define RST_PROCESS_LEAK_KIB 14 /* of its own, with which a worker is replaced; 0 = never */
#define RST_PROCESS_WIPE 15 /* 1: nothing of a job is left in a worker; not with a shared heap */
/* Thousandths of a processor that a worker may keep busy, at least 10; 0 = no limit. */
#define RST_PROCESS_CORES 16
#define RST_PROCESS_WORDS 17

/* Starts the workers and waits, at most 5 s, until one is ready. A handle, or -RST_INVALID_INPUT,
 * -RST_UNSUPPORTED (this system or build has no workers), -RST_UNAVAILABLE (they cannot be
 * started), -RST_LIMIT_EXCEEDED (memory). A crew ends with the thread that opened it. */
RST_API double rst_process_open(const uint32_t *options, uint32_t count);
/* As rst_run, in a worker. `kill_us`, unless 0, is when the worker is killed; the time limit of the
 * job itself comes before. A result longer than capacity is kept for rst_process_kept. 0: after
 * about 0.1 s the job has not ended, and rst_process_wait is to be called. */
RST_API double rst_process_run(double crew, const uint8_t *job, uint32_t length, double kill_us,
                               uint8_t *out, uint32_t capacity, uint32_t *failure);
/* Waits on for the job of this thread's last rst_process_run or rst_heap_run, which gave 0: the
 * same job, the same memory for its result (and for a view, else NULL), the same answers. A thread
 * that calls for another job, or ends, gives it up: its worker is killed. */
RST_API double rst_process_wait(const uint8_t *job, uint8_t *view, uint8_t *out, uint32_t capacity,
                                uint32_t *failure);
/* The kept result of this thread's last rst_process_run, as rst_take. */
RST_API double rst_process_kept(uint8_t *out, uint32_t capacity);
/* Copies the job, and posts the ticket to a mailbox when it has ended. A handle. */
RST_API double rst_process_submit(double crew, const uint8_t *job, uint32_t length, double kill_us,
                                  double mailbox, uint32_t ticket, uint32_t *failure);
/* Ask a submitted job to end; it is killed if it has not after that time. It is told of as usual.
 */
RST_API int32_t rst_process_cancel(double job, uint32_t grace_ms);
/* 0 while it runs; then the length of its result, written, and the handle given up, when it fits;
 * or minus a kind, the handle given up. */
RST_API double rst_process_take(double job, uint8_t *out, uint32_t capacity, uint32_t *failure);
/* Takes replies of submitted jobs that are there, on this thread, and posts their tickets; how
 * many. With `looks` not 0 the thread does so again soon, and nobody else is woken for replies; it
 * must say 0 before it sleeps. */
RST_API int32_t rst_process_attend(double crew, uint32_t looks);
/* Replaces all workers, each once it has no job; `rolling` not 0: and once all others are ready, so
 * that never more than one is missing. */
RST_API int32_t rst_process_restart(double crew, uint32_t rolling);
/* Ends the workers at once; jobs under way fail with RST_CLOSED. */
RST_API int32_t rst_process_release(double crew);
/* Workers that are ready, workers ever started, jobs that wait, then process ids: how many words
 * there are, at most `most` of them written. */
RST_API int32_t rst_process_facts(double crew, uint32_t *out, uint32_t most);
/* Posts the ticket when there are events, and again only after all of them were taken. They are
 * kept by a crew that was opened with RST_PROCESS_EVENTS, from then on: 256, and 4 for each worker;
 * what comes while there is no room is lost, and counted. */
RST_API int32_t rst_process_listen(double crew, double mailbox, uint32_t ticket);
/* Takes the oldest events, at most `most`; how many. An event is 10 words: kind (1 a worker is
 * ready, 2 ended, 3 could not be started, 4 a job is refused from now on, 5 workers keep ending
 * before they have done anything, 6 one has done something again, 7 events were lost), worker
 * (counted from 0), process, cause (and 65,536 times how it was when its job ran past its time, as
 * in `failure`), signal, exit code, epoch (low, high), hash of the job that ran (low, high), or how
 * many were lost. Causes: 0 a crash, 1 RST_PROCESS_RECYCLE, 2 its shared memory
 * had grown, 3 a restart, 4 nothing to do, 5 the crew was closed, 6 its job ran past its time, 7
 * its job was cancelled and did not stop, 8 it sent what no worker sends, 9 it did not become
 * ready. */
RST_API int32_t rst_process_events(double crew, uint32_t *out, uint32_t most);
/* Numbers about each worker's place, 16 words each: state (0 empty, 1 starts, 2 idle, 3 busy, 4
 * ends), process, jobs finished, workers started, how many of them ended of each cause (ten words),
 * and how it is, as in `failure`: 4 at once, the others from two calls during one job with 20 ms
 * between them. How many places there are; at most `most` are written. */
RST_API int32_t rst_process_seats(double crew, uint32_t *out, uint32_t most);
/* What a worker did to itself before its first job: guards reached, version of Landlock (0 none),
 * system calls left to it (0: all), KiB of memory that its jobs may have, limits that a group keeps
 * from outside (bits: 1 processor share, 2 memory, 4 tasks), and the version of that control group
 * (0: it is none). How many words there are. Guards are bits: 1 all memory is mapped before, 2
 * resource limits, 4 no privileges, 8 other processes of the user cannot look into it, 16 no
 * handles but its channel, 32 no files (Landlock), 64 no system calls but a few (seccomp), 128
 * namespaces of its own, 256 one for the network (only where it is required: it takes 0.5 ms), 512
 * a user of its own (where the host is root), 1024 the limits of a group, as far as there are any
 * (only where it is required, or cores are). */
RST_API int32_t rst_process_guards(double crew, uint32_t *out, uint32_t most);
/* Versions of the control groups that this process may make, 0 where it may not: for processor
 * shares, memory, tasks. Looks at files, and changes none. How many words there are. */
RST_API int32_t rst_process_groups(uint32_t *out, uint32_t most);
/* Crews whose memory is still there (for leak tests). */
RST_API uint32_t rst_process_count(void);

/* Crews with a shared heap: memory that the workers can read, in which jobs are built, and memory
 * in which a worker leaves its results. RST_PROCESS_HEAP_MIB (1 to 65,536) is what the former, and
 * again each worker's latter, may take at most: that much is a range of addresses, memory is taken
 * as it is needed. All functions of crews take such a crew, too. A piece is a handle of a part of
 * either; its memory stays where it is, also when the crew is released or the worker that wrote it
 * has died, until rst_heap_free. It must not be looked at afterwards. Once the crew is released,
 * pieces that are still open read as zeros. */

/* A piece to build a job in; what is in it is not defined. -RST_LIMIT_EXCEEDED: there is no room.
 */
RST_API double rst_heap_allocate(double crew, uint32_t length);
/* Where a piece begins: at a multiple of 64. */
RST_API double rst_heap_address(double piece);
/* Gives a piece back; a job under way that needs it still has it. */
RST_API int32_t rst_heap_free(double piece);
/* As rst_process_run. With `piece` not 0 the job is its first `length` bytes, and `job` is not
 * looked at. With a capacity of 0 the result stays where it is, and its piece is written to `view`
 * as a double. 0: rst_process_wait is to be called. */
RST_API double rst_heap_run(double crew, const uint8_t *job, uint32_t length, double piece,
                            double kill_us, uint8_t *view, uint8_t *out, uint32_t capacity,
                            uint32_t *failure);
/* As rst_process_submit; with `view` not 0 the result is to be taken by rst_heap_take. */
RST_API double rst_heap_submit(double crew, const uint8_t *job, uint32_t length, double piece,
                               double kill_us, uint32_t view, double mailbox, uint32_t ticket,
                               uint32_t *failure);
/* The length of a result that stays where it is, its piece written to `view`; else as
 * rst_process_take. */
RST_API double rst_heap_take(double job, uint8_t *view, uint32_t *failure);

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
