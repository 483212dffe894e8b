/* The dynamic image of the worker: it loads a library (library/fault_library.c), tells what is in
 * it, calls its functions, dies of them and starts again.
 *
 * Method. This program carries both as bytes, as the build script compiled them for its own C
 * library, and gives a crew handles of them.
 */
#if defined RST_CORE_ONLY || !defined RST_DYNAMIC_WORKER
typedef int nothing_here;
#else
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "ipc/system.h"
#include "isolate/crew.h"
#include "isolate/library.h"
#include "job/job.h"
#include "platform/os.h"
#include "test_crew.h"

static const uint8_t worker_bytes[] = {
#embed "ristretto-worker-dynamic"
};
static const uint8_t library_bytes[] = {
#embed "fault-library"
};

enum { REVERSE, COUNT, ALLOCATE, CRASH, HANG, OPEN_FILE, BOAST, REPEAT, FUNCTIONS };
enum { SIGNAL_SEGFAULT = 11, SIGNAL_CALL = 31 };

static uint8_t job[RST_HEADER_SIZE + 4096];
static uint8_t out[64 * 1024];
static const uint8_t *answer;
static iso_failure failure;

/* The crew has the handles from now on. */
static double open_with(const uint8_t *library, size_t size, uint64_t heap)
{
    FILE *interpreter = fopen(RST_INTERPRETER, "rb");
    if (!interpreter) {
        esp_test_skip("the dynamic linker of this program's C library is not on this machine");
        return 0;
    }
    (void)fclose(interpreter);
    if (!esp_test_can_start_programs()) {
        return 0;
    }
    iso_options options = {
        .workers = 1,
        .queue = 10,
        .heap = heap,
        .terms = {.memory = UINT64_C(64) << 20},
        .program = {.image = ISO_IMAGE_DYNAMIC, .program = -1, .library = -1},
    };
    iso_program *p = &options.program;
    CHECK(ipc_program_create(worker_bytes, sizeof worker_bytes, &p->program) == 0);
    CHECK(ipc_program_create(library, size, &p->library) == 0);
    uint32_t lacking;
    return iso_open(&options, ESP_TEST_PATIENCE_MS, &lacking);
}

static double open_crew(uint64_t heap)
{
    double crew = open_with(library_bytes, sizeof library_bytes, heap);
    return crew == 0 || CHECK(crew > 0) ? crew : 0;
}

/* Bytes of the answer, or minus a kind: of the failure, or of the error in the result. */
static double call(double crew, uint32_t place, const void *in, uint32_t length, double timeout_us)
{
    static uint8_t *kept;
    if (kept) {
        esp_system_free(kept);
        kept = NULL;
    }
    uint32_t header[RST_HEADER_SIZE / 4] = {
        [RST_HEADER_MAGIC / 4] = RST_MAGIC_JOB,
        [RST_HEADER_VERSION / 4] = RST_FORMAT_VERSION,
        [RST_HEADER_OPERATION / 4] = (uint32_t)ISO_LOADED << 16 | place,
        [RST_HEADER_LENGTH / 4] = RST_HEADER_SIZE + length,
    };
    memcpy(job, header, sizeof header);
    if (length) {
        memcpy(job + sizeof header, in, length);
    }
    double n =
        iso_run(crew, job, RST_HEADER_SIZE + length, timeout_us, out, sizeof out, &kept, &failure);
    if (n < 0) {
        return n;
    }
    const uint8_t *result = kept ? kept : out;
    uint32_t status;
    memcpy(&status, result + RST_HEADER_STATUS, sizeof status);
    answer = result + RST_HEADER_SIZE;
    return status ? -(double)status : n - RST_HEADER_SIZE;
}

static uint32_t number_of(double crew, uint32_t place)
{
    uint32_t number = 0;
    CHECK(call(crew, place, NULL, 0, 0) == sizeof number);
    memcpy(&number, answer, sizeof number);
    return number;
}

static void check_list(double crew)
{
    iso_guarded told;
    CHECK(iso_guards(crew, &told) == 0);
    uint32_t ours = 0;
    for (uint32_t i = 0; i < told.operations; i++) {
        ours += told.operation[i] >> 16 == ISO_LOADED;
    }
    CHECK_EQ_U(ours, FUNCTIONS); /* in the handshake */
    CHECK((told.guards & IPC_GUARD_MEMORY) == 0);
    double n = call(crew, ISO_LIST, NULL, 0, 0);
    if (CHECK(n > 0 && n < 4096)) { /* with names and signatures, as a call */
        char text[4096] = {0};
        memcpy(text, answer, (size_t)n);
        CHECK_HAS(text, "0 reverse bytes -> bytes\n1 count -> u32\n");
        CHECK_HAS(text, "7 repeat u32 -> bytes\n");
    }
}

static void check_calls(double crew)
{
    CHECK(call(crew, REVERSE, "abc", 3, 0) == 3 && memcmp(answer, "cba", 3) == 0);
    CHECK(call(crew, REVERSE, NULL, 0, 0) == 0);
    CHECK(call(crew, FUNCTIONS, NULL, 0, 0) == -ESP_INVALID_INPUT);
    CHECK(call(crew, BOAST, NULL, 0, 0) == -ESP_INTERNAL);
    const uint32_t lengths[] = {0, 1, 4032, 4033, 65472, 65473, 1 << 20, 5};
    for (uint32_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        CHECK(call(crew, REPEAT, &lengths[i], 4, 0) == lengths[i]);
        CHECK(lengths[i] == 0 || (answer[0] == 7 && answer[lengths[i] - 1] == 7));
    }
    uint8_t few = 20;
    CHECK(call(crew, ALLOCATE, &few, 1, 0) == 4 && answer[0] == few); /* MiB */
    uint8_t *kept;
    CHECK(iso_run(crew, NULL, 0, 0, out, sizeof out, &kept, &failure) > 0); /* the core is there */
}

static void check_faults(double crew)
{
    iso_guarded told;
    CHECK(number_of(crew, COUNT) == 1001 && number_of(crew, COUNT) == 1002);
    CHECK(call(crew, CRASH, NULL, 0, 0) == -ESP_WORKER_CRASHED);
    CHECK(failure.signal == SIGNAL_SEGFAULT);
    CHECK_EQ_U(number_of(crew, COUNT), 1001); /* in another process, loaded anew */
    CHECK(call(crew, HANG, NULL, 0, 10000) == -ESP_LIMIT_EXCEEDED);
    CHECK(failure.limit == ESP_LIMIT_TIME);
    CHECK_EQ_U(number_of(crew, COUNT), 1001);
    if (iso_guards(crew, &told) == 0 && (told.guards & IPC_GUARD_CALLS)) {
        CHECK(call(crew, OPEN_FILE, NULL, 0, 0) == -ESP_WORKER_CRASHED);
        CHECK(failure.signal == SIGNAL_CALL);
    }
    CHECK(iso_restart(crew, false) == 0);
    uint64_t end = os_clock_ns() + ESP_TEST_PATIENCE_NS;
    uint32_t before = number_of(crew, COUNT);
    while (before != 1001 && os_clock_ns() < end) { /* until the new worker is there */
        before = number_of(crew, COUNT);
    }
    CHECK_EQ_U(before, 1001);
}

TEST(a_worker_loads_a_library_and_calls_dies_of_and_outlives_its_functions)
{
    for (uint32_t shared = 0; shared < 2; shared++) {
        double crew = open_crew(shared * (UINT64_C(64) << 20));
        if (crew == 0) {
            return;
        }
        check_list(crew);
        check_calls(crew);
        check_faults(crew);
        CHECK(iso_release(crew) == 0); /* unloaded: its process ends */
    }
}

TEST(a_library_that_cannot_be_loaded_is_told)
{
    iso_library wrong[8] = {{0}};
    CHECK(open_with((const uint8_t *)wrong, sizeof wrong, 0) <= 0);
    double crew = open_with(worker_bytes, sizeof worker_bytes, 0); /* a program is no library */
    CHECK(crew == 0 || crew == -ESP_UNAVAILABLE);
}

const esp_test test_isolate_library[] = {
    {"a worker loads a library, and calls, dies of and outlives its functions",
     a_worker_loads_a_library_and_calls_dies_of_and_outlives_its_functions},
    {"a library that cannot be loaded is told", a_library_that_cannot_be_loaded_is_told},
    {0},
};
#endif
