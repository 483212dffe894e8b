/* Tasks: a job on a native thread of its own, so that the caller's thread can go on, watch it and
 * stop it.
 *
 * A handle is a whole number below 2^53 that carries a slot and its generation. Functions return
 * minus an error kind for a handle that is closed (ESP_CLOSED) or never was one
 * (ESP_INVALID_INPUT); the calls may come in any order and from any thread.
 */
#ifndef ESP_TASK_H
#define ESP_TASK_H

#include "job/job.h"

enum { ESP_TASKS_MOST = 64 };

/* Copies the job. A handle, or minus ESP_QUEUE_FULL (ESP_TASKS_MOST are open), ESP_LIMIT_EXCEEDED
 * (no memory), ESP_UNAVAILABLE (no thread), ESP_UNSUPPORTED (no threads here). */
double esp_task_start(const uint8_t *job, uint32_t length);
/* 0 it runs, 1 the result is ready. `progress`: 16 words. */
int32_t esp_task_poll(double handle, uint32_t *progress);
int32_t esp_task_cancel(double handle);
int32_t esp_task_wait(double handle, uint32_t milliseconds);
/* 0 while it runs; then the length of the result, written when it fits; the task is then closed. */
double esp_task_take(double handle, uint8_t *out, uint32_t capacity);
int32_t esp_task_close(double handle);

#endif
