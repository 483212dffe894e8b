/* The exported functions of pools: arguments are checked here, the work is in c/pool.
 */
#include "ristretto.h"

#include <string.h> /* memcpy */

#include "abi/thread.h"
#include "pool/pool.h"

enum { FLAG_STATISTICS = 1, FLAG_OWNED = 2 };

static const char null_job[] = "the job is a null pointer, but its length is not 0";
static const char null_out[] = "the memory to write to is a null pointer, but its size is not 0";
static const char no_memory[] = "there is no memory for the pool or the job";

/* Remembers what a function of c/pool complained of; what is not negative passes through. */
static int32_t answer_of(int32_t answer, const char *what)
{
    switch (answer) {
    case -ESP_INVALID_INPUT:
        return esp_misuse(ESP_INVALID_INPUT, what);
    case -ESP_CLOSED:
        return esp_misuse(ESP_CLOSED, "the pool or the job is closed");
    case -ESP_QUEUE_FULL:
        return esp_misuse(ESP_QUEUE_FULL, "the queue of the pool has no room");
    case -ESP_LIMIT_EXCEEDED:
        return esp_misuse(ESP_LIMIT_EXCEEDED, no_memory);
    case -ESP_UNSUPPORTED:
        return esp_misuse(ESP_UNSUPPORTED, "this system has no threads");
    case -ESP_UNAVAILABLE:
        return esp_misuse(ESP_UNAVAILABLE, "the system refuses a thread or a lock");
    case -ESP_CANCELLED:
        return esp_misuse(ESP_CANCELLED, "the job was cancelled before it ran");
    default:
        return answer;
    }
}

static int32_t pool_answer(int32_t answer)
{
    return answer_of(answer, "the number is not the handle of a pool");
}

static int32_t job_answer(int32_t answer)
{
    return answer_of(answer, "the number is not the handle of a job");
}

double rst_pool_open(uint32_t threads, uint32_t queue, uint32_t stack_kib, uint32_t weight,
                     uint32_t flags, const uint8_t *name, uint32_t name_length)
{
    esp_pool_options options = ESP_POOL_DEFAULTS;
    if (name_length > ESP_POOL_NAME_MOST || (name_length && !name)) {
        return esp_misuse(ESP_INVALID_INPUT, "the name of the threads is too long or not there");
    }
    options.threads = threads;
    options.queue = queue;
    options.weight = weight;
    options.stack_kib = stack_kib ? stack_kib : options.stack_kib;
    options.statistics = flags & FLAG_STATISTICS;
    if (name_length) {
        memset(options.name, 0, sizeof options.name);
        memcpy(options.name, name, name_length);
    }
    double pool = esp_pool_open(&options);
    if (pool < 0) {
        return answer_of((int32_t)pool, "an option of the pool is out of its range");
    }
    if (flags & FLAG_OWNED && !esp_thread_own(pool, esp_pool_release)) {
        (void)esp_pool_release(pool);
        return esp_misuse(ESP_LIMIT_EXCEEDED, no_memory);
    }
    return pool;
}

double rst_pool_submit(double pool, const uint8_t *job, uint32_t length, uint32_t waited_us)
{
    if (length && !job) {
        return esp_misuse(ESP_INVALID_INPUT, null_job);
    }
    double handle = esp_pool_submit(pool, job, length, NULL, 0, waited_us);
    return handle < 0 ? pool_answer((int32_t)handle) : handle;
}

double rst_pool_submit_ticket(double pool, const uint8_t *job, uint32_t length, uint32_t waited_us,
                              double mailbox, uint32_t ticket)
{
    if (length && !job) {
        return esp_misuse(ESP_INVALID_INPUT, null_job);
    }
    int32_t error;
    esp_mailbox *m = esp_mailbox_find(mailbox, &error);
    if (!m) {
        return answer_of(error, "the number is not that of a mailbox");
    }
    double handle = esp_pool_submit(pool, job, length, m, ticket, waited_us);
    esp_mailbox_let_go(m);
    return handle < 0 ? pool_answer((int32_t)handle) : handle;
}

int32_t rst_pool_wait(double job, uint32_t milliseconds)
{
    return job_answer(esp_pool_wait(job, milliseconds));
}

double rst_pool_take(double job, uint8_t *out, uint32_t capacity)
{
    if (capacity && !out) {
        return esp_misuse(ESP_INVALID_INPUT, null_out);
    }
    double length = esp_pool_take(job, out, capacity);
    return length < 0 ? job_answer((int32_t)length) : length;
}

int32_t rst_pool_poll(double job, uint8_t *progress)
{
    uint32_t words[16];
    int32_t answer = esp_pool_poll(job, progress ? words : NULL);
    if (progress && answer >= 0) {
        memcpy(progress, words, sizeof words);
    }
    return job_answer(answer);
}

int32_t rst_pool_cancel(double job)
{
    return job_answer(esp_pool_cancel(job));
}

int32_t rst_pool_hurry(double job)
{
    esp_thread *thread = esp_thread_state();
    return thread ? job_answer(esp_pool_hurry(job, &thread->runner))
                  : esp_misuse(ESP_LIMIT_EXCEEDED, no_memory);
}

int32_t rst_pool_forget(double job)
{
    return job_answer(esp_pool_forget(job));
}

int32_t rst_pool_wait_room(double pool, uint32_t milliseconds)
{
    return pool_answer(esp_pool_wait_room(pool, milliseconds));
}

int32_t rst_pool_wait_idle(double pool, uint32_t milliseconds)
{
    return pool_answer(esp_pool_wait_idle(pool, milliseconds));
}

int32_t rst_pool_close(double pool, uint32_t cancel)
{
    return pool_answer(esp_pool_close(pool, cancel != 0));
}

int32_t rst_pool_release(double pool)
{
    esp_thread_disown(pool, esp_pool_release);
    return pool_answer(esp_pool_release(pool));
}

int32_t rst_pool_statistics(double pool, uint8_t *out, uint32_t most)
{
    double numbers[ESP_POOL_NUMBERS_MOST];
    if (most && !out) {
        return esp_misuse(ESP_INVALID_INPUT, null_out);
    }
    int32_t count = esp_pool_statistics(pool, numbers, ESP_POOL_NUMBERS_MOST);
    if (count > 0 && most) {
        memcpy(out, numbers, ((uint32_t)count < most ? (uint32_t)count : most) * sizeof *numbers);
    }
    return pool_answer(count);
}

uint32_t rst_pool_processors(void)
{
    return esp_pool_processors();
}

double rst_pool_alive(void)
{
    return esp_pool_jobs_alive() + 1e9 * esp_pools_alive();
}
