/* Programs on Windows that are ready to be started: a file in a folder of the user's, held open so
 * that nobody can change, rename or remove it.
 *
 * A program must have a path here. The file is named after a hash of its bytes, so one build leaves
 * one file behind, whoever uses it. What is trusted is not the name: the file is opened without
 * letting others write or delete, and then compared with the bytes that it must hold, whole; the
 * handle stays open as long as the program may be started. A file that holds something else is
 * replaced; where that cannot be done, or no file with that name can be opened, one with another
 * name is made.
 */
#include <string.h>

#include "ipc/system/windows.h"
#include "platform/os.h"

enum { ROOM = 512, PIECE = 64 * 1024, NAMES = 4 };

static bool write_file(const wchar_t *path, const uint8_t *bytes, size_t size)
{
    HANDLE file =
        CreateFileW(path, GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, FILE_ATTRIBUTE_NORMAL, NULL);
    bool done = file != INVALID_HANDLE_VALUE;
    for (size_t at = 0; done && at < size;) {
        DWORD n = 0;
        DWORD most = size - at < PIECE ? (DWORD)(size - at) : PIECE;
        done = WriteFile(file, bytes + at, most, &n, NULL) && n > 0;
        at += n;
    }
    if (file != INVALID_HANDLE_VALUE) {
        (void)CloseHandle(file);
    }
    return done;
}

static bool same(HANDLE file, const uint8_t *bytes, size_t size)
{
    static uint8_t piece[PIECE]; /* one caller: ipc_program_create, under a once */
    LARGE_INTEGER length;
    if (!GetFileSizeEx(file, &length) || (uint64_t)length.QuadPart != size) {
        return false;
    }
    for (size_t at = 0; at < size;) {
        DWORD n = 0;
        if (!ReadFile(file, piece, PIECE, &n, NULL) || n == 0 || n > size - at ||
            memcmp(piece, bytes + at, n) != 0) {
            return false;
        }
        at += n;
    }
    return true;
}

/* The file, which from now on nobody can change; NULL: it is not what it must be. */
static HANDLE open_file(const wchar_t *path, const uint8_t *bytes, size_t size)
{
    HANDLE file = CreateFileW(path, GENERIC_READ | GENERIC_EXECUTE, FILE_SHARE_READ, NULL,
                              OPEN_EXISTING, FILE_FLAG_OPEN_REPARSE_POINT, NULL);
    if (file == INVALID_HANDLE_VALUE) {
        return NULL;
    }
    if (!same(file, bytes, size)) {
        (void)CloseHandle(file);
        return NULL;
    }
    return file;
}

/* Appends; false: no room. */
static bool append(wchar_t *text, const wchar_t *more)
{
    size_t length = wcslen(text);
    if (length + wcslen(more) + 1 > ROOM) {
        return false;
    }
    memcpy(text + length, more, (wcslen(more) + 1) * sizeof *more);
    return true;
}

static bool append_number(wchar_t *text, uint64_t number)
{
    wchar_t digits[17] = {0};
    for (uint32_t i = 0; i < 16; i++) {
        digits[i] = L"0123456789abcdef"[number >> (60 - 4 * i) & 15];
    }
    return append(text, digits);
}

/* A folder for it: that of the user's programs' own files, else that for passing ones. */
static bool find_folder(wchar_t *path)
{
    DWORD n = GetEnvironmentVariableW(L"LOCALAPPDATA", path, ROOM);
    if (n > 0 && n < ROOM && append(path, L"\\ristretto") &&
        (CreateDirectoryW(path, NULL) || GetLastError() == ERROR_ALREADY_EXISTS)) {
        return append(path, L"\\");
    }
    n = GetTempPathW(ROOM, path);
    return n > 0 && n < ROOM;
}

/* FNV-1a, 64 bits: a name, no proof. */
static uint64_t hash(const uint8_t *bytes, size_t size)
{
    uint64_t h = UINT64_C(14695981039346656037);
    for (size_t i = 0; i < size; i++) {
        h = (h ^ bytes[i]) * UINT64_C(1099511628211);
    }
    return h;
}

/* Written under a name that nobody uses, and then moved into place. */
static void put_file(const wchar_t *path, const uint8_t *bytes, size_t size)
{
    wchar_t fresh[ROOM] = {0};
    LARGE_INTEGER now;
    (void)QueryPerformanceCounter(&now);
    uint64_t number = (uint64_t)now.QuadPart ^ (uint64_t)GetCurrentProcessId() << 40;
    if (append(fresh, path) && append(fresh, L"-") && append_number(fresh, number) &&
        (!write_file(fresh, bytes, size) || !MoveFileExW(fresh, path, MOVEFILE_REPLACE_EXISTING))) {
        (void)DeleteFileW(fresh);
    }
}

int ipc_program_create(const uint8_t *bytes, size_t size, int32_t *program)
{
    wchar_t folder[ROOM] = {0};
    uint64_t name = hash(bytes, size);
    win_object *o;
    *program = -1;
    if (!find_folder(folder)) {
        return OS_FAILED;
    }
    for (uint32_t i = 0; i < NAMES; i++) {
        wchar_t path[ROOM] = {0};
        if (!append(path, folder) || !append(path, L"worker-") || !append_number(path, name + i) ||
            !append(path, L".exe")) {
            return OS_FAILED;
        }
        HANDLE file = open_file(path, bytes, size);
        if (!file) {
            put_file(path, bytes, size);
            file = open_file(path, bytes, size);
        }
        wchar_t *kept = file ? HeapAlloc(GetProcessHeap(), 0, sizeof path) : NULL;
        *program = kept ? win_enter(WIN_PROGRAM, &o) : -1;
        if (*program >= 0) {
            memcpy(kept, path, sizeof path);
            o->handle = file;
            o->path = kept;
            return 0;
        }
        if (file) {
            (void)HeapFree(GetProcessHeap(), 0, kept);
            (void)CloseHandle(file);
        }
    }
    return OS_FAILED;
}
