/* Tasks: start, poll, cancel, wait, take and close in any order, from any thread, with any number
 * as a handle. */
#if defined RST_CORE_ONLY
typedef int nothing_here; /* there are no threads in this build */
#else
#include <math.h> /* NAN, INFINITY */
#include <string.h>

#include "platform/os.h"
#include "pool/task.h"
#include "ristretto.h"
#include "test_job_build.h"

static job_build job;
static uint8_t out[64 * 1024];

static void small_job(void)
{
    job_begin(&job, RST_OP_MINIMIZE);
    job_vars(&job, 2, 1);
    job_cover(&job, RST_SECTION_ON, "00 1|01 1|11 1");
    job_end(&job);
}

/* Random cubes of 30 inputs: minutes of work, unless it is stopped. */
static void long_job(void)
{
    uint64_t rows[1500];
    uint64_t random = 77;
    for (uint32_t i = 0; i < 1500; i++) {
        rows[i] = UINT64_C(1) << 60;
        for (uint32_t v = 0; v < 30; v++) {
            uint32_t part = esp_test_below(&random, 5);
            rows[i] |= (uint64_t)(part < 2 ? part + 1 : 3) << 2 * v;
        }
    }
    job_begin(&job, RST_OP_COMPLEMENT);
    job_vars(&job, 30, 1);
    job_add(&job, RST_SECTION_ON, rows, sizeof rows, 1500);
    job_end(&job);
}

static int32_t wait_for(double task)
{
    int32_t ready = 0;
    for (uint32_t i = 0; i < 1200 && ready == 0; i++) {
        ready = rst_task_wait(task, 50);
    }
    return ready;
}

TEST(a_task_gives_the_result_of_a_run)
{
    static uint8_t direct[4096];
    small_job();
    double n = rst_run(job.bytes, job.length, direct, sizeof direct);
    double task = rst_task_start(job.bytes, job.length);
    CHECK(task > 0);
    memset(job.bytes, 0, sizeof job.bytes); /* it was copied */
    CHECK_EQ_U(wait_for(task), 1);
    uint32_t progress[16];
    CHECK_EQ_U(rst_task_poll(task, (uint8_t *)progress), 1);
    CHECK_EQ_U(progress[0], ESP_STEP_WRITE);
    CHECK_EQ_U(progress[1], 2);
    CHECK(rst_task_take(task, NULL, 0) == n);
    CHECK(rst_task_take(task, out, (uint32_t)n - 1) == n);
    CHECK(rst_task_take(task, out, (uint32_t)n) == n);
    CHECK(same_answers(out, direct));
    CHECK(rst_task_take(task, out, sizeof out) == -RST_CLOSED);
    CHECK(rst_task_close(task) == -RST_CLOSED);
}

TEST(errors_of_a_job_are_in_the_result_of_its_task)
{
    double task = rst_task_start(NULL, 0);
    CHECK(task > 0);
    CHECK_EQ_U(wait_for(task), 1);
    CHECK(rst_task_take(task, out, sizeof out) > 0);
    CHECK_EQ_U(block_u32(out, RST_HEADER_STATUS), RST_INVALID_INPUT);
}

TEST(a_running_task_can_be_cancelled)
{
    long_job();
    double task = rst_task_start(job.bytes, job.length);
    CHECK(rst_task_wait(task, 0) == 0);
    CHECK(rst_task_take(task, out, sizeof out) == 0);
    CHECK(rst_task_cancel(task) == 0);
    CHECK_EQ_U(wait_for(task), 1);
    CHECK(rst_task_cancel(task) == 0); /* again, and too late */
    CHECK(rst_task_take(task, out, sizeof out) > 0);
    CHECK_EQ_U(block_u32(out, RST_HEADER_STATUS), RST_CANCELLED);
}

TEST(a_running_task_can_be_closed)
{
    long_job();
    for (uint32_t i = 0; i < 20; i++) {
        double task = rst_task_start(job.bytes, job.length);
        CHECK(task > 0);
        CHECK(rst_task_poll(task, NULL) == 0);
        CHECK(rst_task_close(task) == 0);
        CHECK(rst_task_close(task) == -RST_CLOSED);
        CHECK(rst_task_poll(task, NULL) == -RST_CLOSED);
        CHECK(rst_task_wait(task, 1000) == -RST_CLOSED);
        CHECK(rst_task_cancel(task) == -RST_CLOSED);
    }
}

TEST(numbers_that_are_no_handles_are_refused)
{
    small_job();
    double task = rst_task_start(job.bytes, job.length);
    const double forged[] = {0,
                             -1,
                             0.5,
                             1,
                             63,
                             task + 0.25,
                             task + ESP_TASKS_MOST,
                             -task,
                             1e15,
                             9007199254740991.0,
                             9007199254740992.0,
                             1e300,
                             INFINITY,
                             -INFINITY,
                             NAN};
    for (uint32_t i = 0; i < sizeof forged / sizeof forged[0]; i++) {
        CHECK(rst_task_poll(forged[i], NULL) == -RST_INVALID_INPUT);
        CHECK(rst_task_cancel(forged[i]) == -RST_INVALID_INPUT);
        CHECK(rst_task_wait(forged[i], 100000) == -RST_INVALID_INPUT);
        CHECK(rst_task_take(forged[i], out, sizeof out) == -RST_INVALID_INPUT);
        CHECK(rst_task_close(forged[i]) == -RST_INVALID_INPUT);
    }
    char text[100] = {0};
    CHECK_EQ_U(rst_last_error((uint8_t *)text, sizeof text - 1, NULL), RST_INVALID_INPUT);
    CHECK_HAS(text, "not the handle of a task");
    CHECK_EQ_U(wait_for(task), 1);
    CHECK(rst_task_close(task) == 0);
    CHECK(rst_task_poll(task, NULL) == -RST_CLOSED);
    CHECK_EQ_U(rst_last_error(NULL, 0, NULL), RST_CLOSED);
}

TEST(tasks_are_bounded_and_their_places_come_back)
{
    double tasks[ESP_TASKS_MOST];
    small_job();
    for (uint32_t round = 0; round < 3; round++) {
        uint32_t open = 0;
        while (open < ESP_TASKS_MOST && (tasks[open] = rst_task_start(job.bytes, job.length)) > 0) {
            open++;
        }
        CHECK_EQ_U(open, ESP_TASKS_MOST);
        CHECK(rst_task_start(job.bytes, job.length) == -RST_QUEUE_FULL);
        for (uint32_t i = 0; i < open; i++) {
            if (i % 2) {
                CHECK_EQ_U(wait_for(tasks[i]), 1);
                CHECK(rst_task_take(tasks[i], out, sizeof out) > 0);
            }
            CHECK(rst_task_close(tasks[i]) == (i % 2 ? -RST_CLOSED : 0));
        }
    }
}

/* Threads that all do anything to all tasks. */
enum { HANDLES = 16, MEDDLERS = 4 };
static double handles[HANDLES];
static job_build meddled;

static double load(uint32_t i)
{
    double value;
    __atomic_load(&handles[i], &value, __ATOMIC_RELAXED);
    return value;
}

static void meddle(void *argument)
{
    uint64_t random = (uintptr_t)argument;
    uint8_t room[4096];
    for (uint32_t i = 0; i < 1000 * esp_test_times; i++) {
        uint32_t which = esp_test_below(&random, HANDLES);
        double task = load(which);
        switch (esp_test_below(&random, 6)) {
        case 0:
            task = rst_task_start(meddled.bytes, meddled.length);
            if (task > 0) {
                __atomic_store(&handles[which], &task, __ATOMIC_RELAXED);
            }
            break;
        case 1:
            (void)rst_task_poll(task, room);
            break;
        case 2:
            (void)rst_task_cancel(task);
            break;
        case 3:
            (void)rst_task_wait(task, 1);
            break;
        case 4:
            (void)rst_task_take(task, room, sizeof room);
            break;
        default:
            (void)rst_task_close(task);
            break;
        }
    }
}

TEST(threads_may_meddle_with_each_others_tasks)
{
    small_job();
    meddled = job;
    os_thread threads[MEDDLERS];
    for (uint32_t i = 0; i < MEDDLERS; i++) {
        CHECK_EQ_U(os_thread_start(&threads[i], meddle, (void *)(uintptr_t)(i + 1), 256 * 1024), 0);
    }
    for (uint32_t i = 0; i < MEDDLERS; i++) {
        os_thread_join(&threads[i]);
    }
    /* Handles that were overwritten are lost but bounded; close every one there can be. */
    for (uint32_t slot = 0; slot < ESP_TASKS_MOST; slot++) {
        for (uint32_t generation = 1; generation < 20000 * esp_test_times; generation++) {
            int32_t answer = rst_task_close((double)generation * ESP_TASKS_MOST + slot);
            if (answer == -RST_INVALID_INPUT) {
                break;
            }
        }
    }
    double task = rst_task_start(job.bytes, job.length);
    CHECK(task > 0);
    CHECK(rst_task_close(task) == 0);
}

const esp_test test_abi_tasks[] = {
    {"a task gives the result of a run", a_task_gives_the_result_of_a_run},
    {"errors of a job are in the result of its task",
     errors_of_a_job_are_in_the_result_of_its_task},
    {"a running task can be cancelled", a_running_task_can_be_cancelled},
    {"a running task can be closed", a_running_task_can_be_closed},
    {"numbers that are no handles are refused", numbers_that_are_no_handles_are_refused},
    {"tasks are bounded, and their places come back", tasks_are_bounded_and_their_places_come_back},
    {"threads may meddle with each other's tasks", threads_may_meddle_with_each_others_tasks},
    {0},
};
#endif
