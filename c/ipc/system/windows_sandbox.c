/* The contract of ipc/sandbox.h on Windows: a job of its own for limits, and a token that can do
 * less and less.
 *
 * A process may enter a job that it has made and then let go of: nobody can lift its limits any
 * more. It may take privileges away from its own token and lower that token's integrity, below
 * which nearly nothing may be written. Whatever the system refuses is left out; and since some
 * systems accept what they do not do, a guard is reached only when its effect was seen. That its
 * token was restricted from the start (windows_token.c) is its host's doing; it looks whether.
 *
 * There is no filter of system calls, no rule of files, and no namespace that a process could enter
 * by itself. Creating processes, code that is made at run time, and the calls of windows are given
 * up as well where that is known; no guard stands for that.
 *
 * Memory. The system counts what is committed, touched or not, so addresses alone are reserved, and
 * pages committed when they are touched: by an exception handler that is asked before all others.
 */
#include <string.h>

#include "ipc/sandbox.h"
#include "ipc/system/windows.h"

#define TICKS_A_SECOND UINT64_C(10000000)

enum { RANGES = 4, STEP = 256 * 1024, PAGE = 4096, TOKEN_ROOM = 4096, HANDLE_ROOM = 64 };
enum { POLICY_CODE = 2, POLICY_CALLS = 4, POLICY_EXTENSIONS = 6, POLICY_CHILDREN = 13 };

static bool wants(const ipc_sandbox *s, uint32_t guard)
{
    return (s->wanted & guard) != 0;
}

/* A process that may have so much more cannot have that much. */
static bool is_bounded(uint64_t bytes)
{
    void *at = VirtualAlloc(NULL, (SIZE_T)bytes, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    if (at) {
        (void)VirtualFree(at, 0, MEM_RELEASE);
    }
    return !at;
}

static bool enter_limits(const ipc_sandbox *s)
{
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits;
    memset(&limits, 0, sizeof limits);
    JOBOBJECT_BASIC_LIMIT_INFORMATION *basic = &limits.BasicLimitInformation;
    basic->LimitFlags =
        JOB_OBJECT_LIMIT_DIE_ON_UNHANDLED_EXCEPTION | JOB_OBJECT_LIMIT_ACTIVE_PROCESS;
    basic->ActiveProcessLimit = 1;
    if (s->addresses) {
        basic->LimitFlags |= JOB_OBJECT_LIMIT_PROCESS_MEMORY;
        limits.ProcessMemoryLimit = (SIZE_T)s->addresses;
    }
    if (s->cpu_seconds) {
        basic->LimitFlags |= JOB_OBJECT_LIMIT_PROCESS_TIME;
        basic->PerProcessUserTimeLimit.QuadPart = (LONGLONG)(s->cpu_seconds * TICKS_A_SECOND);
    }
    DWORD priority = s->nice >= 10 ? IDLE_PRIORITY_CLASS
                     : s->nice > 0 ? BELOW_NORMAL_PRIORITY_CLASS
                                   : 0;
    bool done = !priority || SetPriorityClass(GetCurrentProcess(), priority);
    done = done && s->oom <= 0; /* there is no such score */
    HANDLE job = CreateJobObjectW(NULL, NULL);
    done =
        job &&
        SetInformationJobObject(job, JobObjectExtendedLimitInformation, &limits, sizeof limits) &&
        AssignProcessToJobObject(job, GetCurrentProcess()) && done;
    if (job) {
        (void)CloseHandle(job);
    }
    return done && (!s->addresses || is_bounded(s->addresses));
}

/* All privileges, for good. */
static bool drop_privileges(HANDLE token)
{
    static _Alignas(8) uint8_t room[TOKEN_ROOM];
    TOKEN_PRIVILEGES *held = (TOKEN_PRIVILEGES *)(void *)room;
    DWORD size;
    if (!GetTokenInformation(token, TokenPrivileges, held, sizeof room, &size)) {
        return false;
    }
    for (DWORD i = 0; i < held->PrivilegeCount; i++) {
        held->Privileges[i].Attributes = SE_PRIVILEGE_REMOVED;
    }
    if (!AdjustTokenPrivileges(token, FALSE, held, 0, NULL, NULL) ||
        GetLastError() != ERROR_SUCCESS) {
        return false;
    }
    return GetTokenInformation(token, TokenPrivileges, held, sizeof room, &size) &&
           held->PrivilegeCount == 0;
}

/* To the lowest integrity there is. */
static bool lower_integrity(HANDLE token)
{
    static _Alignas(8) uint8_t room[HANDLE_ROOM];
    SID lowest = {.Revision = SID_REVISION,
                  .SubAuthorityCount = 1,
                  .IdentifierAuthority = SECURITY_MANDATORY_LABEL_AUTHORITY,
                  .SubAuthority = {SECURITY_MANDATORY_UNTRUSTED_RID}};
    TOKEN_MANDATORY_LABEL label = {{.Sid = &lowest, .Attributes = SE_GROUP_INTEGRITY}};
    DWORD size;
    if (!SetTokenInformation(token, TokenIntegrityLevel, &label,
                             sizeof label + (DWORD)sizeof lowest) ||
        !GetTokenInformation(token, TokenIntegrityLevel, room, sizeof room, &size)) {
        return false;
    }
    const TOKEN_MANDATORY_LABEL *now = (const TOKEN_MANDATORY_LABEL *)(const void *)room;
    return *GetSidSubAuthority(now->Label.Sid, 0) == SECURITY_MANDATORY_UNTRUSTED_RID;
}

/* The guards that its token is. */
static uint32_t give_up_rights(void)
{
    HANDLE token;
    if (!OpenProcessToken(GetCurrentProcess(),
                          TOKEN_QUERY | TOKEN_ADJUST_DEFAULT | TOKEN_ADJUST_PRIVILEGES, &token)) {
        return 0;
    }
    bool dropped = drop_privileges(token);
    bool restricted = win_token_is_restricted(token);
    bool lowered = lower_integrity(token);
    (void)CloseHandle(token);
    return (dropped && lowered ? (uint32_t)IPC_GUARD_PRIVILEGES : 0) |
           (restricted ? (uint32_t)IPC_GUARD_USER : 0);
}

/* From Windows 8 on, each where the system knows it. */
static void give_up_abilities(void)
{
    static const int policies[] = {POLICY_CODE, POLICY_CALLS, POLICY_EXTENSIONS, POLICY_CHILDREN};
    for (uint32_t i = 0; i < sizeof policies / sizeof *policies; i++) {
        DWORD on = 1;
        (void)SetProcessMitigationPolicy((PROCESS_MITIGATION_POLICY)policies[i], &on, sizeof on);
    }
}

void ipc_sandbox_enter(ipc_sandbox *s)
{
    s->reached = s->landlock = s->calls = 0;
    if (wants(s, IPC_GUARD_LIMITS) && enter_limits(s)) {
        s->reached |= IPC_GUARD_LIMITS;
    }
    if (wants(s, IPC_GUARD_CALLS)) {
        give_up_abilities();
    }
}

/* What a new thread needs, it has by now. */
void ipc_sandbox_seal(ipc_sandbox *s)
{
    if (wants(s, IPC_GUARD_PRIVILEGES)) {
        s->reached |= give_up_rights() & s->wanted;
    }
}

typedef struct range {
    uintptr_t from;
    _Atomic uint64_t size; /* 0: none */
} range;

static range ranges[RANGES];

static LONG CALLBACK commit(EXCEPTION_POINTERS *e)
{
    const EXCEPTION_RECORD *r = e->ExceptionRecord;
    const ULONG_PTR execute = 8;
    if (r->ExceptionCode != EXCEPTION_ACCESS_VIOLATION || r->NumberParameters < 2 ||
        r->ExceptionInformation[0] == execute) {
        return EXCEPTION_CONTINUE_SEARCH;
    }
    uintptr_t at = (uintptr_t)r->ExceptionInformation[1];
    for (uint32_t i = 0; i < RANGES; i++) {
        uint64_t size = atomic_load(&ranges[i].size);
        uintptr_t offset = at - ranges[i].from;
        if (offset < size) {
            uintptr_t start = offset / STEP * STEP;
            uint64_t length = size - start < STEP ? size - start : STEP;
            void *made = VirtualAlloc((void *)(ranges[i].from + start), (SIZE_T)length, MEM_COMMIT,
                                      PAGE_READWRITE);
            return made ? EXCEPTION_CONTINUE_EXECUTION : EXCEPTION_CONTINUE_SEARCH;
        }
    }
    return EXCEPTION_CONTINUE_SEARCH;
}

void *ipc_memory_reserve(uint64_t wanted, uint64_t *got)
{
    const uint64_t least = UINT64_C(1) << 20;
    static PVOID handler; /* one caller: the main thread */
    uint32_t i = 0;
    *got = 0;
    while (i < RANGES && atomic_load(&ranges[i].size)) {
        i++;
    }
    if (!handler) {
        handler = AddVectoredExceptionHandler(1, commit);
    }
    if (i == RANGES || !handler) {
        return NULL;
    }
    for (uint64_t size = wanted / PAGE * PAGE; size >= least; size = size / 2 / PAGE * PAGE) {
        void *at = VirtualAlloc(NULL, (SIZE_T)size, MEM_RESERVE, PAGE_READWRITE);
        if (at) {
            ranges[i].from = (uintptr_t)at;
            atomic_store(&ranges[i].size, size);
            *got = size;
            return at;
        }
    }
    return NULL;
}

void ipc_memory_forget(void *at, uint64_t bytes)
{
    (void)VirtualFree(at, (SIZE_T)bytes, MEM_DECOMMIT);
}
