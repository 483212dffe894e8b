/* What tests do to other processes, on each system. */
#if defined RST_CORE_ONLY
typedef int nothing_here; /* there is no other process */
#elif defined _WIN32
#define WIN32_LEAN_AND_MEAN
#include "test.h"

#include <windows.h>
#define PSAPI_VERSION 2
#include <psapi.h>

NTSYSAPI LONG NTAPI NtSuspendProcess(HANDLE process);

/* NULL: it has ended, which a worker may do at any time. */
static HANDLE open_process(int32_t id, DWORD rights)
{
    return OpenProcess(rights, FALSE, (DWORD)id);
}

static void close_process(HANDLE process)
{
    if (process) {
        (void)CloseHandle(process);
    }
}

void esp_test_stop(int32_t id)
{
    HANDLE process = open_process(id, PROCESS_SUSPEND_RESUME);
    if (process) {
        (void)NtSuspendProcess(process);
    }
    close_process(process);
}

void esp_test_kill(int32_t id)
{
    HANDLE process = open_process(id, PROCESS_TERMINATE);
    if (process) {
        (void)TerminateProcess(process, 1);
    }
    close_process(process);
}

uint64_t esp_test_own_memory(int32_t id)
{
    PROCESS_MEMORY_COUNTERS counters = {.cb = sizeof counters};
    HANDLE process = open_process(id, PROCESS_QUERY_LIMITED_INFORMATION);
    CHECK(process && K32GetProcessMemoryInfo(process, &counters, sizeof counters));
    close_process(process);
    return counters.PagefileUsage;
}

static uint64_t time_of(HANDLE process)
{
    FILETIME begun;
    FILETIME ended;
    FILETIME system;
    FILETIME user;
    CHECK(GetProcessTimes(process, &begun, &ended, &system, &user));
    return ((uint64_t)system.dwHighDateTime << 32 | system.dwLowDateTime) +
           ((uint64_t)user.dwHighDateTime << 32 | user.dwLowDateTime);
}

/* Wine tells whoever asks of another process its own time, which may well go on meanwhile. */
static bool is_own(uint64_t told, uint64_t before)
{
    return before <= told && told <= time_of(GetCurrentProcess());
}

bool esp_test_tells_time(int32_t id)
{
    HANDLE process = open_process(id, PROCESS_QUERY_LIMITED_INFORMATION);
    if (!process) {
        return false;
    }
    uint64_t own = time_of(GetCurrentProcess());
    uint64_t first = time_of(process);
    bool lies = is_own(first, own);
    Sleep(100);
    own = time_of(GetCurrentProcess());
    uint64_t second = time_of(process);
    lies = lies && is_own(second, own);
    close_process(process);
    return second != first && !lies;
}
#else
#define _GNU_SOURCE /* kill */
#include <signal.h>

#include "test.h"

void esp_test_stop(int32_t id)
{
    (void)kill((pid_t)id, SIGSTOP);
}

void esp_test_kill(int32_t id)
{
    (void)kill((pid_t)id, SIGKILL);
}

uint64_t esp_test_own_memory(int32_t id)
{
    (void)id;
    return 0; /* some 80 KiB on Linux */
}

bool esp_test_tells_time(int32_t id)
{
    (void)id;
    return true;
}
#endif
