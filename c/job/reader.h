/* A job that has been opened: its header, table and options checked and copied out; sections still
 * in place.
 *
 *      esp_job_open       header and section table      no allocation, no look into a section
 *      esp_job_options    the options                   no allocation
 *      esp_job_operand    covers, names, phase or text  into the context's arena
 *
 * Nothing is trusted. The block may lie in memory that another thread writes to while it is read,
 * so every byte is fetched once, by esp_fetch, into memory of our own, and only that copy is
 * checked and used; a block that changes meanwhile gives some result or some error, never a wrong
 * access. The bytes of TEXT go to the reader of PLA, which keeps the same rule. Blocks need no
 * alignment. All of this holds for little-endian hosts only.
 */
#ifndef ESP_JOB_READER_H
#define ESP_JOB_READER_H

#include "job/format.h"
#include "job/wire.h"
#include "pla/pla.h"

#if defined __BYTE_ORDER__
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "blocks are read as they lie in memory");
#endif

enum { ESP_SECTION_KINDS = RST_SECTION_FUNCTIONS + 1, ESP_OPTION_KINDS = RST_OPTION_COVERS + 1 };

/* The header as it lies in memory. */
typedef struct esp_block_header {
    uint32_t magic, version, operation, sections, length, status;
    uint32_t reserved[10];
} esp_block_header;
_Static_assert(sizeof(esp_block_header) == RST_HEADER_SIZE, "the header has 64 bytes");
_Static_assert(offsetof(esp_block_header, status) == RST_HEADER_STATUS,
               "fields in the order of format.h");

/* An entry of the section table as it lies in memory. */
typedef struct esp_block_entry {
    uint32_t kind, flags, offset, length, count;
    uint32_t reserved[3];
} esp_block_entry;
_Static_assert(sizeof(esp_block_entry) == RST_ENTRY_SIZE, "an entry has 32 bytes");
_Static_assert(offsetof(esp_block_entry, count) == RST_ENTRY_COUNT,
               "fields in the order of format.h");

typedef struct esp_section {
    uint32_t offset, length, count; /* inside the block, checked */
} esp_section;

typedef struct esp_operation esp_operation;

typedef struct esp_job {
    const uint8_t *bytes; /* the caller's memory: for esp_fetch only */
    uint32_t length;
    uint32_t
        operation_id; /* as it stands in the header, known or not; 0 when there was no header */
    const esp_operation *operation;
    uint32_t present; /* bit k: `section[k]` is there */
    uint32_t given;   /* bit t: `option[t]` was given; otherwise it is the default */
    esp_section section[ESP_SECTION_KINDS]; /* by kind; undefined where absent */
    uint64_t option[ESP_OPTION_KINDS];      /* by tag, checked */
} esp_job;

static inline bool esp_job_has(const esp_job *job, uint32_t kind)
{
    return job->present >> kind & 1;
}

/* Copy `size` bytes that somebody else may be writing. The barrier keeps compilers from reading
 * `from` again in place of the copy. */
static inline void esp_fetch(void *to, const uint8_t *from, size_t size)
{
    memcpy(to, from, size);
    __asm__ volatile("" : : "r"(to) : "memory");
}

/* "ON", "options", …: for messages. */
const char *esp_section_name(uint32_t kind);

/* Each returns ESP_OK or records the job's error and returns its kind. */
esp_status esp_job_open(esp_context *ctx, const uint8_t *bytes, uint32_t length, esp_job *job);
esp_status esp_job_options(esp_context *ctx, esp_job *job);
/* Operand 0 or 1, from covers or from text. Operand 1 is read after operand 0 (`first`, else NULL)
 * and has the same variables or is refused. */
esp_status esp_job_operand(esp_context *ctx, const esp_job *job, uint32_t index,
                           const esp_pla *first, esp_pla *operand);

/* NAMES and PHASE of a job whose operand 0 are covers (names.c). */
esp_status esp_job_names(esp_context *ctx, const esp_job *job, esp_pla *operand);
esp_status esp_job_phase(esp_context *ctx, const esp_job *job, esp_pla *operand);

/* Record LimitExceeded(size): `what` says which number is too large. */
esp_status esp_fail_size(esp_context *ctx, const char *what, uint32_t number, uint32_t most);

#endif
