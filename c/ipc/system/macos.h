/* What the files of macOS have in common below ipc/system.h. */
#ifndef IPC_MACOS_H
#define IPC_MACOS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { IPC_PATH_ROOM = 1000 };

/* The file that holds a program of ipc_program_create, after a look whether it still does; it is
 * written again if not. False: there is no folder that may hold it. */
bool ipc_program_path(int32_t program, char path[IPC_PATH_ROOM]);
/* The same for one folder, in which a folder of ours is made. */
bool ipc_program_place(const char *folder, const uint8_t *bytes, size_t size,
                       char path[IPC_PATH_ROOM]);
/* Closes all descriptors but those from `first` to `last`; false: some may be left. */
bool ipc_close_others(int first, int last);

#endif
