/* The exported functions, all of them: each checks its arguments, calls, and translates what comes
 * back. There is no algorithm here.
 *
 * Two kinds of complaint, never mixed: what is wrong with a job is in the job's result; what is
 * wrong with a call is a negative return value, and rst_last_error on the same thread says more.
 */
#include "ristretto.h"

#include "abi/build.h"
#include "abi/thread.h"
#include "cube/kernels.h"
#include "pool/task.h"

#define ESP_ERROR(number, name, kind, text)                                                        \
    _Static_assert(RST_##name == (number), "ristretto.h agrees");
#define ESP_LIMIT(number, name, kind, text)                                                        \
    _Static_assert(RST_LIMIT_##name == (number), "ristretto.h agrees");
#include "base/errors.def"
#undef ESP_ERROR
#undef ESP_LIMIT
_Static_assert(RST_LIMIT_CANCEL == ESP_LIMIT_CANCEL, "ristretto.h agrees");

static const char no_state[] = "there is no memory for the state of this thread";
static const char null_job[] = "the job is a null pointer, but its length is not 0";
static const char null_out[] =
    "the memory for the answer is a null pointer, but its capacity is not 0";

/* The same for what a task function returned; what is not negative passes through. */
static int32_t task_answer(int32_t answer)
{
    switch (answer) {
    case -ESP_INVALID_INPUT:
        return esp_misuse(ESP_INVALID_INPUT, "the number is not the handle of a task");
    case -ESP_CLOSED:
        return esp_misuse(ESP_CLOSED, "the task is closed");
    case -ESP_QUEUE_FULL:
        return esp_misuse(ESP_QUEUE_FULL, "too many tasks are open: close or take one first");
    case -ESP_LIMIT_EXCEEDED:
        return esp_misuse(ESP_LIMIT_EXCEEDED, "there is no memory for the task");
    case -ESP_UNSUPPORTED:
        return esp_misuse(ESP_UNSUPPORTED, "this system has no threads");
    case -ESP_UNAVAILABLE:
        return esp_misuse(ESP_UNAVAILABLE, "the system refuses another thread");
    default:
        return answer;
    }
}

static uint32_t copy_text(const char *text, size_t length, uint8_t *out, uint32_t capacity)
{
    size_t n = length < capacity ? length : capacity;
    if (n) {
        memcpy(out, text, n);
    }
    return (uint32_t)length;
}

uint32_t rst_abi_version(void)
{
    return RST_ABI_VERSION;
}

uint32_t rst_build_info(uint8_t *out, uint32_t capacity)
{
    static const char facts[] = BUILD_FACTS "kernels=";
    const char *kernels = esp_kernels_pick(false)->name;
    uint32_t n = copy_text(facts, sizeof facts - 1, out, capacity);
    uint32_t room = capacity > n ? capacity - n : 0;
    n += copy_text(kernels, strlen(kernels), room ? out + n : NULL, room);
    room = capacity > n ? capacity - n : 0;
    return n + copy_text("\n", 1, room ? out + n : NULL, room);
}

uint32_t rst_noop(uint32_t x)
{
    return x;
}

double rst_run(const uint8_t *job, uint32_t length, uint8_t *out, uint32_t capacity)
{
    if ((length && !job) || (capacity && !out)) {
        return esp_misuse(ESP_INVALID_INPUT, capacity && !out ? null_out : null_job);
    }
    esp_thread *thread = esp_thread_state();
    if (!thread) {
        return esp_misuse(ESP_LIMIT_EXCEEDED, no_state);
    }
    return esp_run_job(&thread->runner, job, length, out, capacity);
}

double rst_take(uint8_t *out, uint32_t capacity)
{
    if (capacity && !out) {
        return esp_misuse(ESP_INVALID_INPUT, null_out);
    }
    esp_thread *thread = esp_thread_state_if_any();
    uint32_t length = thread ? esp_take_result(&thread->runner, out, capacity) : 0;
    return length ? (double)length
                  : esp_misuse(ESP_CLOSED, "no result of this thread waits to be taken");
}

double rst_task_start(const uint8_t *job, uint32_t length)
{
    if (length && !job) {
        return esp_misuse(ESP_INVALID_INPUT, null_job);
    }
    double handle = esp_task_start(job, length);
    return handle < 0 ? task_answer((int32_t)handle) : handle;
}

int32_t rst_task_poll(double task, uint8_t *progress)
{
    uint32_t now[16] = {0};
    int32_t answer = task_answer(esp_task_poll(task, now));
    if (answer >= 0 && progress) {
        memcpy(progress, now, sizeof now);
    }
    return answer;
}

int32_t rst_task_cancel(double task)
{
    return task_answer(esp_task_cancel(task));
}

int32_t rst_task_wait(double task, uint32_t milliseconds)
{
    return task_answer(esp_task_wait(task, milliseconds));
}

double rst_task_take(double task, uint8_t *out, uint32_t capacity)
{
    if (capacity && !out) {
        return esp_misuse(ESP_INVALID_INPUT, null_out);
    }
    double length = esp_task_take(task, out, capacity);
    return length < 0 ? task_answer((int32_t)length) : length;
}

int32_t rst_task_close(double task)
{
    return task_answer(esp_task_close(task));
}

uint32_t rst_last_error(uint8_t *message, uint32_t capacity, uint32_t *length)
{
    const esp_thread *thread = esp_thread_state_if_any();
    const char *text = thread && thread->misuse_text ? thread->misuse_text : "";
    uint32_t n = copy_text(text, strlen(text), message, message ? capacity : 0);
    if (length) {
        *length = n;
    }
    return thread ? (uint32_t)thread->misuse : 0;
}

double rst_thread_memory(void)
{
    return (double)esp_thread_memory();
}

uint32_t rst_thread_count(void)
{
    return esp_thread_count();
}
