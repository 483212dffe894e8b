/* A thread that libc knows nothing of (ipc/system.h).
 *
 * Idea. A thread of libc's makes system calls of its own before its function runs, so a filter that
 * does not know them can be loaded only when the thread has run; and to wait for that takes longer
 * than all else that a worker does before its first job (60 to 150 us on two busy processors, as it
 * is a wake on another one). A bare thread runs the function at once, on memory that is there.
 *
 * What it may do: system calls whose errors end the process. It has the thread-local memory of the
 * thread that made it, errno among it, so it must change none of it.
 *
 * On x86-64 alone: emulators, by which the tests of other processors run, start no workers.
 *
 * Reference: clone(2). The wrappers of libc refuse CLONE_THREAD or set up what is not wanted here.
 */
#include "ipc/system.h"

#include "platform/os.h"

/* CLONE_VM, _FS, _FILES, _SIGHAND, _THREAD, _SYSVSEM: what a thread is. */
enum { A_THREAD = 0x100 | 0x200 | 0x400 | 0x800 | 0x10000 | 0x40000, ALIGN = 16 };

#if defined __x86_64__ && !defined __ILP32__
#define HAVE_BARE 1
__asm__(".text\n"
        ".globl ipc_clone_bare\n"
        ".hidden ipc_clone_bare\n"
        ".type ipc_clone_bare, @function\n"
        "ipc_clone_bare:\n"
        "    mov %rdx, %r9\n"
        "    xor %edx, %edx\n"
        "    xor %r10d, %r10d\n"
        "    xor %r8d, %r8d\n"
        "    mov $56, %eax\n"
        "    syscall\n"
        "    test %rax, %rax\n"
        "    jnz 1f\n"
        "    xor %ebp, %ebp\n"
        "    call *%r9\n"
        "    ud2\n"
        "1:  ret\n"
        ".size ipc_clone_bare, . - ipc_clone_bare\n");
#endif

#if defined HAVE_BARE
/* The thread's number; minus an error. */
int64_t ipc_clone_bare(uint64_t flags, void *stack, void (*run)(void));

int32_t ipc_thread_bare(void (*run)(void), uint8_t *stack, uint32_t size)
{
    uintptr_t end = ((uintptr_t)stack + size) / ALIGN * ALIGN;
    int64_t id = ipc_clone_bare(A_THREAD, (void *)end, run);
    return id > 0 ? (int32_t)id : -OS_FAILED;
}
#else
int32_t ipc_thread_bare(void (*run)(void), uint8_t *stack, uint32_t size)
{
    (void)run;
    (void)stack;
    (void)size;
    return -OS_UNSUPPORTED;
}
#endif
