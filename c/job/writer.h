/* The result block: planned to the byte first, then written from the first byte to the last.
 *
 *      esp_plan_answer or esp_plan_error     which sections, how long: the block's length
 *      (the caller finds memory)
 *      esp_write_result                      every byte exactly once, padding included
 *
 * All but the trailer, which is the last section, is a pure function of the job's bytes.
 */
#ifndef ESP_JOB_WRITER_H
#define ESP_JOB_WRITER_H

#include "job/operation.h"

/* The trailer as it lies in memory: offsets are RST_TRAILER_… */
typedef struct esp_trailer {
    uint64_t run_ns, peak;
    uint32_t kernels, attempts, worker;
    uint32_t reserved[9];
} esp_trailer;
_Static_assert(sizeof(esp_trailer) == RST_TRAILER_SIZE, "the trailer has 64 bytes");
_Static_assert(offsetof(esp_trailer, worker) == RST_TRAILER_WORKER,
               "fields in the order of format.h");

enum {
    ESP_PLAN_SECTIONS = 12,
    /* An error result is never longer: header, two entries, ERROR with the longest message,
       trailer. */
    ESP_ERROR_RESULT_MOST = RST_HEADER_SIZE + 64 + 256 + RST_TRAILER_SIZE,
};
_Static_assert(16 + sizeof((esp_error *)0)->message <= 256, "ERROR fits what is set aside for it");

typedef struct esp_plan {
    esp_block_header header;
    uint32_t sections;
    esp_block_entry entry[ESP_PLAN_SECTIONS];
    esp_wire wire; /* of the covers, where there are any */
} esp_plan;

/* ESP_OK or an error (memory; a block of 4 GiB and more is LimitExceeded(size)), in place of which
 * an error result must then be planned. */
esp_status esp_plan_answer(esp_context *ctx, const esp_job *job, const esp_result *result,
                           esp_plan *plan);
/* Needs no memory and cannot fail. */
void esp_plan_error(const esp_context *ctx, const esp_job *job, esp_plan *plan);
/* Writes plan->header.length bytes. `result` NULL: the error in ctx. */
void esp_write_result(const esp_context *ctx, const esp_plan *plan, const esp_result *result,
                      const esp_trailer *trailer, uint8_t *out);

#endif
