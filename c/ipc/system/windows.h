/* What the files of the Windows system share: objects behind the small numbers of ipc/system.h.
 *
 * A HANDLE alone says too little: a socket has a read under way, a region carries the events of its
 * bells. So a handle of the contract is the place of an object in a table of this process. Objects
 * stay where they are; a place is used again after its object was closed.
 */
#ifndef IPC_WINDOWS_H
#define IPC_WINDOWS_H

#define WIN32_LEAN_AND_MEAN
#include "ipc/system.h"

#include <windows.h>

enum {
    WIN_BELLS = 4,           /* of a region, at most */
    WIN_MESSAGE_MOST = 4096, /* bytes of a message with what it carries */
    WIN_CARRIED_MOST = 4,    /* handles of a message */
    WIN_INHERITED = 3,       /* the first of two numbers that a started program has */
};

typedef enum win_kind {
    WIN_FREE,
    WIN_SECTION,
    WIN_SOCKET,
    WIN_EVENT,
    WIN_POLL,
    WIN_PROGRAM,
    WIN_PROCESS,
} win_kind;

typedef struct win_socket {
    OVERLAPPED read; /* its event is set when there is a message, or the end */
    OVERLAPPED write;
    bool reading;  /* a read is under way, or done and its message not taken */
    bool ended;    /* the peer is gone */
    bool failed;   /* the peer has sent what cannot be */
    bool polled;   /* somebody waits for it: a read is always under way */
    bool trusting; /* handles that come with messages are this process's */
    int32_t other; /* the other end, as long as it was not given away; -1 */
    HANDLE peer;   /* the process that has the other end; NULL: it was not given away */
    DWORD patience;
    uint8_t in[WIN_MESSAGE_MOST];
    uint8_t out[WIN_MESSAGE_MOST];
} win_socket;

typedef struct win_object {
    win_kind kind;
    HANDLE handle;
    bool one_way;   /* a section that others can only read */
    uint32_t bells; /* of a section */
    HANDLE bell[WIN_BELLS];
    uint64_t bell_at[WIN_BELLS]; /* where they are */
    HANDLE job;                  /* of a process */
    HANDLE thread;               /* its main one */
    win_socket *socket;
    struct win_poll *poll;
    wchar_t *path; /* of a program */
} win_object;

/* A new object, of that kind and else empty; its number, -1: no memory. */
int32_t win_enter(win_kind kind, win_object **object);
/* NULL: it is not of that kind. */
win_object *win_find(int32_t number, win_kind kind);
/* The object of a number that a started program has. */
win_object *win_place(int32_t number, win_kind kind);

/* An object as it travels to another process: handles that are that process's. */
typedef struct win_carried {
    uint32_t kind;
    uint32_t bells;
    uint64_t handle;
    uint64_t bell[WIN_BELLS];
    uint64_t bell_at[WIN_BELLS];
} win_carried;

/* Duplicates of what an object is for `process`, with no more rights than it needs. */
bool win_carry(const win_object *o, HANDLE process, bool inherited, win_carried *c);
/* Into a process that refused it, or did not start: closed again, where this process has them. */
void win_uncarry(const win_carried *c);
/* The object that came, at that number, or (-1) at a new one, which is the answer; -1: refused. */
int32_t win_receive(const win_carried *c, int32_t number);

/* The end of a pipe, as a socket. False: no memory. */
bool win_socket_open(win_object *o, HANDLE pipe);
void win_socket_close(win_object *o);
/* Has a read under way. */
void win_socket_read(win_object *o);
void win_poll_close(win_object *o);

/* A restricted version of this process's token, to start a process with; NULL: there is none. */
HANDLE win_token_restrict(void);
/* Whether it opens no more than a restricted one does. */
bool win_token_is_restricted(HANDLE token);

/* An event that is set when what the number stands for is ready; NULL: it never is. */
HANDLE win_signal(int32_t number);
/* Whole milliseconds, rounded up. */
DWORD win_milliseconds(uint64_t ns);

#endif
