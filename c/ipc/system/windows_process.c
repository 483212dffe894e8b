/* Processes on Windows: a program (windows_program.c) that inherits two objects, in a job of its
 * own.
 *
 *      CreateProcessAsUser, with a restricted token (windows_token.c), suspended,
 *      in the job (before Windows 10: put into it)                            ──► resumed
 *
 * The job ends the process when its last handle is closed, which this process has: a worker ends
 * with its host, however that ends. It also keeps a crash from opening a dialog. What is inherited
 * is a list of duplicates, made for the purpose; their numbers are told by the command line:
 *
 *      ristretto-worker =KIND:HANDLE:BELLS:… =…
 *
 * The environment is empty, there is no console, and there are no standard streams. A process has
 * no signals: how it ended is its exit code, which for a crash is that of its exception. Those that
 * correspond to a signal are told as that, so that a crash reads the same everywhere.
 *
 * There is no fork, and so no zygote: each worker is started.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/system/windows.h"
#include "platform/os.h"

/* Exit codes of ours, of those that the system leaves to applications. */
#define KILLED 0xe0525301u
#define ABORTED 0xe0525302u

enum { LINE_ROOM = 512, HANDLES_ROOM = 2 * (1 + WIN_BELLS), ATTRIBUTES_ROOM = 256 };
enum { SIG_ILL = 4, SIG_TRAP = 5, SIG_ABRT = 6, SIG_FPE = 8, SIG_KILL = 9, SIG_SEGV = 11 };
enum { SIG_XCPU = 24 };
enum { JOBS_AT_BIRTH = 0x2000d }; /* PROC_THREAD_ATTRIBUTE_JOB_LIST, which Windows 10 has */

static wchar_t *print(wchar_t *to, uint64_t number)
{
    for (int shift = 60; shift >= 0; shift -= 4) {
        *to++ = L"0123456789abcdef"[number >> shift & 15];
    }
    return to;
}

/* " =" and the numbers of an object, 17 characters each. */
static wchar_t *print_carried(wchar_t *to, const win_carried *c)
{
    *to++ = L' ';
    *to++ = L'=';
    to = print(to, c->kind);
    *to++ = L':';
    to = print(to, c->handle);
    for (uint32_t i = 0; i < c->bells; i++) {
        *to++ = L':';
        to = print(to, c->bell[i]);
        *to++ = L':';
        to = print(to, c->bell_at[i]);
    }
    *to = 0;
    return to;
}

static void read_carried(const char *word, win_carried *c)
{
    uint64_t number[2 + 2 * WIN_BELLS] = {0};
    uint32_t n = 0;
    memset(c, 0, sizeof *c);
    if (*word != '=') {
        return;
    }
    while (n < 2 + 2 * WIN_BELLS && (*word == '=' || *word == ':')) {
        char *end;
        number[n++] = strtoull(word + 1, &end, 16);
        word = end;
    }
    c->kind = (uint32_t)number[0];
    c->handle = number[1];
    c->bells = n >= 2 ? (n - 2) / 2 : 0;
    for (uint32_t i = 0; i < c->bells; i++) {
        c->bell[i] = number[2 + 2 * i];
        c->bell_at[i] = number[3 + 2 * i];
    }
}

static void end_aborted(int unused)
{
    (void)unused;
    (void)TerminateProcess(GetCurrentProcess(), ABORTED);
}

/* A crash ends the process at once, without a report or a dialog. */
static LONG WINAPI end_crashed(EXCEPTION_POINTERS *e)
{
    (void)TerminateProcess(GetCurrentProcess(), e->ExceptionRecord->ExceptionCode);
    return EXCEPTION_EXECUTE_HANDLER;
}

void ipc_process_begin(int count, char **words)
{
    (void)SetErrorMode(SEM_FAILCRITICALERRORS | SEM_NOGPFAULTERRORBOX | SEM_NOOPENFILEERRORBOX);
    (void)SetUnhandledExceptionFilter(end_crashed);
    (void)signal(SIGABRT, end_aborted);
    for (int i = 1; i < count && i <= 2; i++) {
        win_carried c;
        read_carried(words[i], &c);
        (void)win_receive(&c, WIN_INHERITED + i - 1);
    }
}

/* The job of a new process; NULL: none. */
static HANDLE make_job(void)
{
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits;
    memset(&limits, 0, sizeof limits);
    limits.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE |
                                              JOB_OBJECT_LIMIT_DIE_ON_UNHANDLED_EXCEPTION |
                                              JOB_OBJECT_LIMIT_ACTIVE_PROCESS;
    limits.BasicLimitInformation.ActiveProcessLimit = 1;
    HANDLE job = CreateJobObjectW(NULL, NULL);
    if (job &&
        !SetInformationJobObject(job, JobObjectExtendedLimitInformation, &limits, sizeof limits)) {
        (void)CloseHandle(job);
        return NULL;
    }
    return job;
}

/* With a restricted token where the system has that: the worker says whether. */
static bool create_restricted(const wchar_t *path, wchar_t *line, DWORD flags, void *environment,
                              STARTUPINFOW *start, PROCESS_INFORMATION *made)
{
    HANDLE token = win_token_restrict();
    bool done = token && CreateProcessAsUserW(token, path, line, NULL, NULL, TRUE, flags,
                                              environment, NULL, start, made);
    if (token) {
        (void)CloseHandle(token);
    }
    return done ||
           CreateProcessW(path, line, NULL, NULL, TRUE, flags, environment, NULL, start, made);
}

/* Suspended, and in the job. */
static bool create(const wchar_t *path, wchar_t *line, HANDLE *handles, uint32_t count, HANDLE job,
                   PROCESS_INFORMATION *made)
{
    static wchar_t no_environment[] = {0, 0};
    static _Alignas(16) uint8_t room[ATTRIBUTES_ROOM]; /* one caller: the supervisor */
    STARTUPINFOEXW start;
    SIZE_T size = sizeof room;
    memset(&start, 0, sizeof start);
    start.StartupInfo.cb = sizeof start;
    start.lpAttributeList = (LPPROC_THREAD_ATTRIBUTE_LIST)(void *)room;
    if (!InitializeProcThreadAttributeList(start.lpAttributeList, 2, 0, &size)) {
        return false;
    }
    (void)UpdateProcThreadAttribute(start.lpAttributeList, 0, JOBS_AT_BIRTH, &job, sizeof job, NULL,
                                    NULL);
    const DWORD flags = CREATE_SUSPENDED | DETACHED_PROCESS | EXTENDED_STARTUPINFO_PRESENT |
                        CREATE_UNICODE_ENVIRONMENT;
    bool done =
        UpdateProcThreadAttribute(start.lpAttributeList, 0, PROC_THREAD_ATTRIBUTE_HANDLE_LIST,
                                  handles, count * sizeof *handles, NULL, NULL) &&
        create_restricted(path, line, flags, no_environment, &start.StartupInfo, made);
    DeleteProcThreadAttributeList(start.lpAttributeList);
    if (!done) {
        return false;
    }
    BOOL inside = FALSE; /* unless the system does not know that attribute */
    bool held = (IsProcessInJob(made->hProcess, job, &inside) && inside) ||
                AssignProcessToJobObject(job, made->hProcess);
    if (!held || ResumeThread(made->hThread) == (DWORD)-1) {
        (void)TerminateProcess(made->hProcess, KILLED);
        (void)CloseHandle(made->hProcess);
        (void)CloseHandle(made->hThread);
        return false;
    }
    return true;
}

/* Whoever has the other end of a socket that was given away may be given handles. */
static void note_peer(int32_t given, HANDLE process)
{
    const win_object *o = win_find(given, WIN_SOCKET);
    const win_object *ours = o ? win_find(o->socket->other, WIN_SOCKET) : NULL;
    HANDLE self = GetCurrentProcess();
    if (ours && !ours->socket->peer) {
        (void)DuplicateHandle(self, process, self, &ours->socket->peer, PROCESS_DUP_HANDLE, FALSE,
                              0);
    }
}

int ipc_process_start(ipc_process *p, int32_t program, const int32_t inherited[2])
{
    const win_object *started = win_find(program, WIN_PROGRAM);
    win_object *o = NULL;
    win_carried carried[2];
    HANDLE handles[HANDLES_ROOM];
    uint32_t count = 0;
    wchar_t line[LINE_ROOM] = L"ristretto-worker";
    wchar_t *end = line + wcslen(line);
    PROCESS_INFORMATION made;
    memset(carried, 0, sizeof carried);
    *p = (ipc_process){.handle = started ? win_enter(WIN_PROCESS, &o) : -1};
    bool done = p->handle >= 0;
    for (uint32_t i = 0; done && i < 2; i++) {
        win_object *given = win_find(inherited[i], WIN_SECTION);
        given = given ? given : win_find(inherited[i], WIN_SOCKET);
        done = given && win_carry(given, GetCurrentProcess(), true, &carried[i]);
        end = print_carried(end, &carried[i]);
        handles[count++] = (HANDLE)(uintptr_t)carried[i].handle;
        for (uint32_t b = 0; b < carried[i].bells; b++) {
            handles[count++] = (HANDLE)(uintptr_t)carried[i].bell[b];
        }
    }
    if (done) {
        o->job = make_job();
        done = o->job && create(started->path, line, handles, count, o->job, &made);
    }
    win_uncarry(&carried[0]);
    win_uncarry(&carried[1]);
    if (!done) {
        ipc_close(p->handle);
        *p = (ipc_process){.handle = -1};
        return OS_FAILED;
    }
    o->handle = made.hProcess;
    o->thread = made.hThread;
    p->id = (int32_t)made.dwProcessId;
    note_peer(inherited[0], made.hProcess);
    return 0;
}

void ipc_process_kill(const ipc_process *p)
{
    const win_object *o = win_find(p->handle, WIN_PROCESS);
    if (o) {
        (void)TerminateProcess(o->handle, KILLED);
    }
}

/* The signal that an exit code corresponds to; 0: none. */
static int32_t signal_of(DWORD code)
{
    switch (code) {
    case KILLED:
        return SIG_KILL;
    case ABORTED:
    case 0xc0000409u: /* the C library's own check, or its abort */
        return SIG_ABRT;
    case 0xc0000005u: /* access violation */
    case 0xc0000006u: /* … for want of a page */
    case 0xc00000fdu: /* no stack left */
    case 0x80000001u: /* … nearly */
    case 0x80000002u: /* misaligned */
        return SIG_SEGV;
    case 0xc000001du: /* no such instruction */
    case 0xc0000096u: /* a privileged one */
        return SIG_ILL;
    case 0x80000003u: /* a breakpoint */
    case 0x80000004u: /* a single step */
        return SIG_TRAP;
    case 0xc0000094u: /* division by zero */
    case 0xc0000095u: /* … or its overflow */
        return SIG_FPE;
    case 0xc0000044u: /* no quota left: its processor time is over */
    case 1816u:
        return SIG_XCPU;
    default:
        return 0;
    }
}

void ipc_process_reap(ipc_process *p, int32_t *signal, int32_t *code)
{
    const win_object *o = win_find(p->handle, WIN_PROCESS);
    DWORD exit = 0;
    bool known = o && WaitForSingleObject(o->handle, INFINITE) == WAIT_OBJECT_0 &&
                 GetExitCodeProcess(o->handle, &exit);
    *signal = known ? signal_of(exit) : -1;
    *code = known ? (*signal ? 0 : (int32_t)exit) : -1;
    ipc_close(p->handle);
    *p = (ipc_process){.handle = -1};
}

void ipc_process_settle(void)
{
    ipc_process_begin(0, NULL);
    (void)SetStdHandle(STD_ERROR_HANDLE, NULL);
}

size_t ipc_stream_read(uint8_t *bytes, size_t most)
{
    enum { PIECE = 1 << 20, PAGE = 4096 };
    DWORD n = 0;
    most = most < PIECE ? most : PIECE;
    for (size_t i = 0; i < most; i += PAGE) {
        (void)*(volatile uint8_t *)(bytes +
                                    i); /* the system itself takes no page that is not there */
    }
    if (most) {
        (void)*(volatile uint8_t *)(bytes + most - 1);
    }
    return ReadFile(GetStdHandle(STD_INPUT_HANDLE), bytes, (DWORD)most, &n, NULL) ? n : 0;
}

bool ipc_stream_write(const uint8_t *bytes, size_t length)
{
    enum { PIECE = 1 << 20 };
    HANDLE out = GetStdHandle(STD_OUTPUT_HANDLE);
    while (length > 0) {
        DWORD n = 0;
        if (!WriteFile(out, bytes, length < PIECE ? (DWORD)length : PIECE, &n, NULL) || n == 0) {
            return false;
        }
        bytes += n;
        length -= n;
    }
    return true;
}
