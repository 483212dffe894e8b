/* The part of ipc_program_create on Linux that most machines never need, for its test. */
#ifndef IPC_LINUX_PROGRAM_H
#define IPC_LINUX_PROGRAM_H

#include <stddef.h>
#include <stdint.h>

/* A program in a file of this folder that has no name; -1: that is not possible there. */
int32_t ipc_file_program(const char *folder, const uint8_t *bytes, size_t size);

#endif
