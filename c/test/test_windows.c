/* What worker processes need of Windows, where the contract's own tests cannot see it: whose
 * handles are believed, who may write where, what the program's file is, and that workers end with
 * a host that is killed.
 *
 * Method. The objects of ipc/system/windows.h are looked into. For the last test the test program
 * starts itself, as the host that is to be killed; an environment variable tells it so.
 */
#if defined RST_CORE_ONLY || !defined _WIN32
typedef int nothing_here;
#else
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/group.h"
#include "ipc/system/windows.h"
#include "isolate/crew.h"
#include "isolate/image.h"
#include "platform/os.h"
#include "test_crew.h"

enum { PAGES = 64 * 1024, RESERVED = 1 << 20 };

#define HOST L"RISTRETTO_TEST_HOST"

TEST(a_socket_keeps_messages_apart_and_tells_its_end)
{
    int32_t one;
    int32_t two;
    uint32_t count;
    char got[16];
    if (!CHECK(ipc_socket_pair(&one, &two) == 0)) {
        return;
    }
    CHECK(ipc_socket_receive(two, got, sizeof got, NULL, 0, &count, false) == -OS_TIMED_OUT);
    CHECK(ipc_socket_send(one, "abc", 3, NULL, 0) == 0);
    CHECK(ipc_socket_send(one, "de", 2, NULL, 0) == 0);
    CHECK(ipc_socket_receive(two, got, sizeof got, NULL, 0, &count, true) == 3);
    CHECK(memcmp(got, "abc", 3) == 0);
    CHECK(ipc_socket_receive(two, got, sizeof got, NULL, 0, &count, true) == 2);
    CHECK(ipc_socket_patience(two, 20) == 0);
    CHECK(ipc_socket_receive(two, got, sizeof got, NULL, 0, &count, true) == -OS_TIMED_OUT);
    CHECK(ipc_socket_send(one, got, sizeof got, &one, 1) != 0); /* to nobody that is known */
    ipc_close(one);
    CHECK(ipc_socket_receive(two, got, sizeof got, NULL, 0, &count, true) == 0);
    CHECK(ipc_socket_send(two, "x", 1, NULL, 0) != 0);
    ipc_close(two);
}

/* A worker that names handles would have its host use those of its own. */
TEST(handles_that_a_worker_names_are_a_violation)
{
    for (uint32_t said = 0; said < 3; said++) {
        int32_t one;
        int32_t two;
        int32_t handles[4];
        uint32_t count = 7;
        uint8_t got[16];
        uint8_t message[sizeof count + sizeof(win_carried) + 4] = {0};
        const win_carried lie = {.kind = WIN_EVENT, .handle = 4};
        DWORD n;
        if (!CHECK(ipc_socket_pair(&one, &two) == 0)) {
            return;
        }
        const uint32_t claimed = said == 0 ? 1 : said == 1 ? UINT32_MAX : 0;
        memcpy(message, &claimed, sizeof claimed);
        memcpy(message + sizeof claimed, &lie, sizeof lie);
        win_object *o = win_find(two, WIN_SOCKET);
        DWORD length = said == 2 ? 3 : sizeof message; /* not even a count */
        CHECK(WriteFile(o->handle, message, length, NULL, &o->socket->write) ||
              GetLastError() == ERROR_IO_PENDING);
        CHECK(GetOverlappedResult(o->handle, &o->socket->write, &n, TRUE) && n == length);
        CHECK(ipc_socket_receive(one, got, sizeof got, handles, 4, &count, true) == -OS_FAILED);
        CHECK_EQ_U(count, 0);
        CHECK(ipc_socket_receive(one, got, sizeof got, handles, 4, &count, true) == -OS_FAILED);
        ipc_close(one);
        ipc_close(two);
    }
}

TEST(a_region_of_one_way_is_carried_without_the_right_to_write)
{
    for (uint32_t one_way = 0; one_way < 2; one_way++) {
        ipc_region r;
        win_carried c;
        if (!CHECK(ipc_region_create(&r, PAGES, RESERVED, one_way != 0) == 0)) {
            return;
        }
        _Atomic uint32_t *const bells[] = {(_Atomic uint32_t *)(void *)r.base};
        CHECK(ipc_region_bells(&r, bells, 1) == 0);
        CHECK(win_carry(win_find(r.handle, WIN_SECTION), GetCurrentProcess(), false, &c));
        HANDLE section = (HANDLE)(uintptr_t)c.handle;
        void *writable = MapViewOfFile(section, FILE_MAP_READ | FILE_MAP_WRITE, 0, 0, PAGES);
        CHECK((writable == NULL) == (one_way != 0));
        (void)UnmapViewOfFile(writable);

        ipc_region other;
        int32_t handle = win_receive(&c, -1);
        CHECK(ipc_region_map(&other, handle, PAGES, RESERVED, !one_way) == 0);
        CHECK(ipc_region_grow(&r, 2 * PAGES) == 0);
        r.base[2 * PAGES - 1] = 7;
        CHECK_EQ_U(other.base[2 * PAGES - 1], 7); /* it grows for all */
        CHECK(ipc_region_grow(&r, RESERVED + 1) != 0);
        ipc_wake((_Atomic uint32_t *)(void *)r.base); /* the other's wait ends */
        ipc_wait((_Atomic uint32_t *)(void *)other.base, 0, UINT64_MAX);
        ipc_region_close(&other);
        ipc_region_close(&r);
    }
}

TEST(the_file_of_a_program_holds_what_it_must_and_cannot_be_changed)
{
    int32_t program;
    int32_t again;
    if (!CHECK(ipc_program_create(iso_image, iso_image_size, &program) == 0)) {
        return;
    }
    wchar_t path[600];
    const win_object *o = win_find(program, WIN_PROGRAM);
    memcpy(path, o->path, (wcslen(o->path) + 1) * sizeof *path);
    HANDLE file = CreateFileW(path, GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL,
                              OPEN_EXISTING, 0, NULL);
    CHECK(file == INVALID_HANDLE_VALUE);
    CHECK(!DeleteFileW(path));
    CHECK(ipc_program_create(iso_image, iso_image_size, &again) == 0); /* the same file */
    CHECK(wcscmp(win_find(again, WIN_PROGRAM)->path, path) == 0);
    ipc_close(program);
    ipc_close(again);

    /* Something else in a file of that name is replaced, or another name taken. */
    const uint8_t bytes[] = "a program of this test";
    CHECK(ipc_program_create(bytes, sizeof bytes, &program) == 0);
    wchar_t *kept = win_find(program, WIN_PROGRAM)->path;
    memcpy(path, kept, (wcslen(kept) + 1) * sizeof *path);
    ipc_close(program);
    file = CreateFileW(path, GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL);
    DWORD n;
    CHECK(WriteFile(file, "A", 1, &n, NULL));
    (void)CloseHandle(file);
    CHECK(ipc_program_create(bytes, sizeof bytes, &program) == 0);
    uint8_t held[64];
    CHECK(SetFilePointer(win_find(program, WIN_PROGRAM)->handle, 0, NULL, FILE_BEGIN) == 0);
    CHECK(ReadFile(win_find(program, WIN_PROGRAM)->handle, held, sizeof held, &n, NULL));
    CHECK(n == sizeof bytes && memcmp(held, bytes, n) == 0);
    ipc_close(program);
    CHECK(DeleteFileW(path));
}

/* Whatever of them this system keeps: what is told is what the job says that it has. */
TEST(limits_that_a_job_keeps_are_told_and_let_jobs_run)
{
    const iso_options options = {
        .workers = 1,
        .queue = 10,
        .terms = {.cores = 500, .memory = 64 << 20, .guards = IPC_GUARD_GROUP},
    };
    double crew = test_crew_open(&options);
    uint8_t out[4096];
    uint8_t *kept;
    iso_failure failure;
    iso_guarded found;
    if (crew <= 0) {
        return;
    }
    CHECK(iso_guards(crew, &found) == 0);
    CHECK((found.kinds & ~(uint32_t)IPC_GROUP_CPU) == 0); /* no other was asked for */
    CHECK(((found.guards & IPC_GUARD_GROUP) != 0) == (found.kinds != 0));
    for (uint32_t i = 0; i < 20; i++) {
        CHECK(iso_run(crew, NULL, 0, 0, out, sizeof out, &kept, &failure) > 0);
    }
    (void)iso_release(crew);
    if (!found.kinds) {
        esp_test_skip("this system keeps no share of a processor for a job");
    }
}

static HANDLE token_of(uint32_t id)
{
    HANDLE token = NULL;
    HANDLE process = id ? OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, FALSE, id) : NULL;
    CHECK(process && OpenProcessToken(process, TOKEN_QUERY, &token));
    (void)CloseHandle(process);
    return token;
}

static DWORD privileges_of(HANDLE token)
{
    static _Alignas(8) uint8_t room[4096];
    DWORD size;
    const TOKEN_PRIVILEGES *held = (const TOKEN_PRIVILEGES *)(const void *)room;
    return CHECK(GetTokenInformation(token, TokenPrivileges, room, sizeof room, &size))
               ? held->PrivilegeCount
               : UINT32_MAX;
}

/* What the token itself says, asked for by the host, is what the worker has told. */
TEST(a_worker_has_a_restricted_token_where_it_says_so)
{
    iso_options options = {.workers = 1, .queue = 10};
    double crew = test_crew_open(&options);
    uint32_t facts[8] = {0};
    uint32_t lacking;
    iso_guarded found;
    if (crew <= 0) {
        return;
    }
    CHECK(iso_guards(crew, &found) == 0 && iso_facts(crew, facts, 8) == 4);
    HANDLE token = token_of(facts[3]);
    bool told = (found.guards & IPC_GUARD_USER) != 0;
    if (token) {
        CHECK(told == win_token_is_restricted(token));
        CHECK(!(found.guards & IPC_GUARD_PRIVILEGES) || privileges_of(token) == 0);
        (void)CloseHandle(token);
    }
    (void)iso_release(crew);
    options.terms.required = IPC_GUARD_USER;
    crew = iso_open(&options, ESP_TEST_PATIENCE_MS, &lacking);
    CHECK(told ? crew > 0 : crew == -ESP_UNAVAILABLE && lacking == IPC_GUARD_USER);
    if (crew > 0) {
        (void)iso_release(crew);
    }
    HANDLE own = token_of(GetCurrentProcessId());
    bool free_already = own && win_token_is_restricted(own);
    (void)CloseHandle(own);
    if (!told) {
        esp_test_skip("this system starts nothing with a restricted token");
    } else if (free_already) {
        esp_test_skip("this program's own token is a restricted one");
    }
}

/* The host: tells the numbers of its workers, and stays. */
static void be_host(void)
{
    const iso_options options = {.workers = 2, .queue = 10};
    double crew = test_crew_open(&options);
    uint32_t facts[8] = {0};
    while (crew > 0 && (iso_facts(crew, facts, 8) != 5 || facts[0] != 2)) {
        Sleep(1);
    }
    DWORD n;
    (void)WriteFile(GetStdHandle(STD_OUTPUT_HANDLE), &facts[3], 8, &n, NULL);
    Sleep(INFINITE);
}

static bool start_host(HANDLE output, PROCESS_INFORMATION *made)
{
    wchar_t program[600];
    wchar_t line[] = L"native_test.exe \"a host that is killed\"";
    STARTUPINFOW start = {.cb = sizeof start, .dwFlags = STARTF_USESTDHANDLES};
    start.hStdOutput = start.hStdError = output;
    (void)GetModuleFileNameW(NULL, program, 600);
    (void)SetEnvironmentVariableW(HOST, L"1");
    bool started = CreateProcessW(program, line, NULL, NULL, TRUE, 0, NULL, NULL, &start, made);
    (void)SetEnvironmentVariableW(HOST, NULL);
    return started;
}

TEST(a_host_that_is_killed_takes_its_workers_with_it)
{
    wchar_t value[2];
    HANDLE ends[2];
    SECURITY_ATTRIBUTES inherited = {sizeof inherited, NULL, TRUE};
    PROCESS_INFORMATION host;
    uint32_t ids[2] = {0};
    DWORD n = 0;
    if (GetEnvironmentVariableW(HOST, value, 2)) {
        be_host();
    }
    if (!CHECK(CreatePipe(&ends[0], &ends[1], &inherited, 0)) ||
        !CHECK(start_host(ends[1], &host))) {
        return;
    }
    CHECK(ReadFile(ends[0], ids, sizeof ids, &n, NULL) && n == sizeof ids);
    HANDLE workers[2];
    for (uint32_t i = 0; i < 2; i++) {
        workers[i] = OpenProcess(SYNCHRONIZE, FALSE, ids[i]);
        CHECK(workers[i] && WaitForSingleObject(workers[i], 0) == WAIT_TIMEOUT);
    }
    CHECK(TerminateProcess(host.hProcess, 1));
    for (uint32_t i = 0; i < 2; i++) {
        CHECK(WaitForSingleObject(workers[i], ESP_TEST_PATIENCE_MS) == WAIT_OBJECT_0);
        (void)CloseHandle(workers[i]);
    }
    (void)CloseHandle(host.hThread);
    (void)CloseHandle(host.hProcess);
    (void)CloseHandle(ends[0]);
    (void)CloseHandle(ends[1]);
}

const esp_test test_windows[] = {
    {"a socket keeps messages apart and tells its end",
     a_socket_keeps_messages_apart_and_tells_its_end},
    {"handles that a worker names are a violation", handles_that_a_worker_names_are_a_violation},
    {"a region of one way is carried without the right to write",
     a_region_of_one_way_is_carried_without_the_right_to_write},
    {"the file of a program holds what it must and cannot be changed",
     the_file_of_a_program_holds_what_it_must_and_cannot_be_changed},
    {"limits that a job keeps are told and let jobs run",
     limits_that_a_job_keeps_are_told_and_let_jobs_run},
    {"a worker has a restricted token where it says so",
     a_worker_has_a_restricted_token_where_it_says_so},
    {"a host that is killed takes its workers with it",
     a_host_that_is_killed_takes_its_workers_with_it},
    {0},
};
#endif
