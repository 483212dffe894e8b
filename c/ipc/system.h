/* What talking to another process needs from an operating system: one contract, one set of files a
 * system in c/ipc/system. No other file of c/ipc or c/isolate mentions a system.
 *
 * The error rule is that of platform/os.h: int functions give 0, OS_UNSUPPORTED (this system does
 * not offer it, or nobody has written it yet), OS_FAILED (it refused), OS_TIMED_OUT. Handles are
 * small numbers (-1: none); every one is closed in programs that the process starts.
 */
#ifndef IPC_SYSTEM_H
#define IPC_SYSTEM_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Words that several processes wait on (of memory that they share: ipc_region_bells). A wait ends
 * when the word is not `expected`, by a wake, after the time (UINT64_MAX: never), or for no reason.
 * A wake ends the waits of all. */
void ipc_wait(_Atomic uint32_t *word, uint32_t expected, uint64_t ns);
void ipc_wake(_Atomic uint32_t *word);

/* The processor that the thread runs on now, UINT32_MAX: not known. */
uint32_t ipc_processor(void);
/* Processors that this process may use at once, at least 1; found out once. */
uint32_t ipc_processors(void);

/* Memory that processes share: a range of addresses, of which the first `granted` bytes are there.
 * It grows in place, for all who mapped it, and never shrinks, so that nobody can take pages away
 * under another's access. */
typedef struct ipc_region {
    uint8_t *base;     /* NULL: none */
    uint64_t reserved; /* bytes of addresses */
    uint64_t granted;  /* bytes that are there; kept by the one who made it */
    int32_t handle;    /* to be given to the other process; -1 = closed */
} ipc_region;

/* A new one, of zeros. With `one_way`, whoever maps it later can only read. */
int ipc_region_create(ipc_region *r, uint64_t granted, uint64_t reserved, bool one_way);
/* Memory is asked for now: an access later never fails for want of it. */
int ipc_region_grow(ipc_region *r, uint64_t granted);
/* The same memory in another process; the handle is closed. */
int ipc_region_map(ipc_region *r, int32_t handle, uint64_t granted, uint64_t reserved,
                   bool writable);
/* Words of a region that threads of other processes wait on, or wake, at most 4; by its maker,
 * once, before the handle is given away. One thread waits on each at a time. */
int ipc_region_bells(ipc_region *r, _Atomic uint32_t *const words[], uint32_t count);
void ipc_region_close(ipc_region *r);
/* From that byte on this process sees zeros of its own, and the others' memory no more. */
void ipc_region_blank(ipc_region *r, uint64_t from);

void ipc_close(int32_t handle);

/* Two connected ends for messages of at most a few KiB, whole or not at all, with handles. */
int ipc_socket_pair(int32_t *first, int32_t *second);
int ipc_socket_send(int32_t socket, const void *bytes, size_t length, const int32_t *handles,
                    uint32_t count);
/* Bytes of the next message; 0: the peer is gone; minus OS_TIMED_OUT (only with `wait` false: there
 * is none), minus OS_FAILED. At most `most` handles into `handles`, *count of them. */
int ipc_socket_receive(int32_t socket, void *bytes, size_t capacity, int32_t *handles,
                       uint32_t most, uint32_t *count, bool wait);

/* From now on a receive that waits gives minus OS_TIMED_OUT after so long. */
int ipc_socket_patience(int32_t socket, uint32_t milliseconds);
/* What `handle` is has another number from now on; what that was is closed. */
int ipc_handle_move(int32_t handle, int32_t to);

/* Something to be woken by, among other handles. */
int ipc_event_create(int32_t *event);
void ipc_event_set(int32_t event);
void ipc_event_clear(int32_t event);

/* Waiting for many handles at once; each has a tag by which it is told. */
int ipc_poll_create(int32_t *poll);
int ipc_poll_add(int32_t poll, int32_t handle, uint64_t tag);
void ipc_poll_remove(int32_t poll, int32_t handle);
/* How many tags were written; 0 after the time (UINT64_MAX: never). */
uint32_t ipc_poll_wait(int32_t poll, uint64_t *tags, uint32_t most, uint64_t ns);

/* A program in memory, ready to be started many times; nobody can change it any more. */
int ipc_program_create(const uint8_t *bytes, size_t size, int32_t *program);

typedef struct ipc_process {
    int32_t handle; /* becomes ready when the process ends */
    int32_t id;     /* 0: none */
} ipc_process;

/* Starts a program that inherits `inherited`, as handles 3 and 4, and nothing else: its own process
 * group, default signal dispositions, no standard streams. It is killed when the calling thread
 * ends. Must not fork the caller's memory. */
int ipc_process_start(ipc_process *p, int32_t program, const int32_t inherited[2]);
/* First of all in a program that was started so, with what its main was given. */
void ipc_process_begin(int count, char **words);
/* Whether this system has the next two. */
bool ipc_process_can_copy(void);
/* A copy of the calling process, which has one thread: another child of its parent, killed when the
 * thread that started the caller ends. Its id; 0 in the copy; minus an error. */
int32_t ipc_process_copy(void);
/* The caller's side of a copy that its child has made, which gets a process group of its own. On
 * failure it is ended. */
int ipc_process_adopt(ipc_process *p, int64_t id);
/* Ends a process that copies itself, and such copies of it as nobody has adopted: they are in its
 * group still. None of them is left. */
void ipc_process_end_copied(ipc_process *p);
/* Ends it, now and without its consent. */
void ipc_process_kill(const ipc_process *p);
/* After its handle became ready: the signal that killed it, else 0 and the exit code; -1 and -1
 * when somebody else took the news. Closes the handle. */
void ipc_process_reap(ipc_process *p, int32_t *signal, int32_t *code);

/* A thread that makes no system call but those of `run`, which never returns and shares all memory
 * with the caller, also what is a thread's own. Its number; minus OS_UNSUPPORTED or OS_FAILED:
 * there is none. */
int32_t ipc_thread_bare(void (*run)(void), uint8_t *stack, uint32_t size);
/* The number of the calling thread for ipc_sentinel_open; 0: this system has none. */
int32_t ipc_thread_id(void);
/* A process ends when it has given its memory back, which takes the longer the more it has; a
 * thread of it that only slept ends before. A handle that becomes ready when that one does, and
 * what the process then ends of, as ipc_process_reap tells it later; false: not known. */
int ipc_sentinel_open(int32_t *sentinel, const ipc_process *p, int64_t thread);
bool ipc_sentinel_verdict(int32_t sentinel, int32_t *signal, int32_t *code);

/* What the system says of a process that was not reaped yet; what is not known is 0. */
typedef enum ipc_state { IPC_STATE_UNKNOWN, IPC_RUNS, IPC_SLEEPS, IPC_STOPPED } ipc_state;
typedef struct ipc_look {
    ipc_state state; /* of its main thread: runs or would if there were a processor; sleeps */
    uint64_t cpu_ns; /* processor time of all its threads, ever */
} ipc_look;
void ipc_process_look(const ipc_process *p, ipc_look *l);
/* Bytes of memory that it has and shares with nobody; 0: not known. */
uint64_t ipc_process_memory(const ipc_process *p);
/* Bytes of memory of this machine; 0: not known. */
uint64_t ipc_machine_memory(void);

/* For a program that somebody else's code has started with pipes as standard streams: its own
 * process group, default signal dispositions, no other handles, standard error to nowhere. */
void ipc_process_settle(void);
/* Bytes of standard input, as they come; 0: its end. */
size_t ipc_stream_read(uint8_t *bytes, size_t most);
/* All of them to standard output; false: nobody reads it. */
bool ipc_stream_write(const uint8_t *bytes, size_t length);

#endif
