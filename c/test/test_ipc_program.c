/* The worker's program where memory may not be executed: it is started from a file without a name.
 *
 * Method. A thread forbids itself memfd_create of anything executable, as vm.memfd_noexec=2 does,
 * by a filter of system calls; the program that it then gets must be no memfd, must leave no name
 * behind, and must run a job.
 */
#if defined RST_CORE_ONLY || !defined __linux__
typedef int nothing_here;
#else
#define _GNU_SOURCE
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ipc/system.h"
#include "ipc/system/linux_program.h"
#include "isolate/image.h"
#include "isolate/worker.h"
#include "job/job.h"
#include "platform/os.h"
#include "test_job_build.h"

enum { NO_SUCH_PERMISSION = 13, NOEXEC_SEAL = 8, STACK = 256 * 1024 };

static int32_t program;
static int created;
static bool filtered;

static void create_filtered(void *unused)
{
    (void)unused;
    struct sock_filter rules[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_memfd_create, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[1])),
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, NOEXEC_SEAL, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | NO_SUCH_PERMISSION),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog filter = {.len = sizeof rules / sizeof *rules, .filter = rules};
    filtered = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
               prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
    created = filtered ? ipc_program_create(iso_image, iso_image_size, &program) : 0;
}

static void check_runs(int32_t from)
{
    static iso_worker w;
    static job_build job;
    static uint8_t expected[4096];
    static uint8_t result[4096];
    static esp_runner runner;
    const iso_terms terms = {0};
    const iso_program started = {ISO_IMAGE_STATIC, from, -1};
    if (!CHECK(iso_worker_start(&w, &started, UINT64_C(1) << 40, 0, &terms, NULL, 0, NULL) == 0)) {
        return;
    }
    int ready;
    while ((ready = iso_worker_check_ready(&w)) == IPC_AGAIN) {
    }
    CHECK(ready == IPC_OK);
    job_begin(&job, RST_OP_MINIMIZE);
    job_vars(&job, 3, 1);
    job_cover(&job, RST_SECTION_ON, "000 1|001 1|011 1");
    job_end(&job);
    esp_runner_init(&runner, os_clock_ns);
    uint32_t expected_length =
        esp_run_job(&runner, job.bytes, job.length, expected, sizeof expected);
    uint32_t length = 0;
    const iso_source source = {.bytes = job.bytes, .length = job.length};
    if (CHECK(iso_worker_give(&w, &source) == IPC_OK) &&
        CHECK(iso_worker_wait(&w, UINT64_C(60000000000), &length) == IPC_OK) &&
        CHECK(length == expected_length && iso_worker_copy(&w, result, length) == IPC_OK)) {
        CHECK(memcmp(result, expected, length - RST_TRAILER_SIZE) == 0);
    }
    esp_runner_free(&runner);
    int32_t signal;
    int32_t code;
    ipc_process_kill(&w.process);
    ipc_process_reap(&w.process, &signal, &code);
    iso_worker_bury(&w);
}

TEST(a_program_starts_from_a_file_where_memory_may_not_be_executed)
{
    if (!esp_test_can_start_programs()) {
        return;
    }
    os_thread thread;
    if (!CHECK(os_thread_start(&thread, create_filtered, NULL, STACK) == 0)) {
        return;
    }
    os_thread_join(&thread);
    if (!filtered) {
        esp_test_skip("this system has no filters of system calls");
        return;
    }
    if (!CHECK(created == 0)) {
        return;
    }
    char link[64];
    char target[256] = {0};
    (void)snprintf(link, sizeof link, "/proc/self/fd/%d", program);
    CHECK(readlink(link, target, sizeof target - 1) > 0);
    CHECK(!strstr(target, "memfd:"));
    CHECK_HAS(target, "(deleted)");
    struct stat facts = {0};
    CHECK(fstat(program, &facts) == 0 && S_ISREG(facts.st_mode));
    CHECK_EQ_U(facts.st_nlink, 0); /* it has no name anywhere */
    check_runs(program);
    ipc_close(program);
}

TEST(a_folder_that_cannot_hold_programs_is_refused)
{
    CHECK(ipc_file_program("/nonexistent", iso_image, iso_image_size) == -1);
    CHECK(ipc_file_program("/proc", iso_image, iso_image_size) == -1);
}

const esp_test test_ipc_program[] = {
    {"a program starts from a file where memory may not be executed",
     a_program_starts_from_a_file_where_memory_may_not_be_executed},
    {"a folder that cannot hold programs is refused",
     a_folder_that_cannot_hold_programs_is_refused},
    {0},
};
#endif
