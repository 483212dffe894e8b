/* Opens a job: checks the header and the section table, and nothing else.
 *
 * The table is strict: sections lie one after the other in the table's order, each at the first
 * multiple of 64 after the one before, what is between them is zero. So every section is inside the
 * block, none overlaps another and none of the block's bytes goes unnamed. Arithmetic on what the
 * block says is done in 64 bits on numbers of 32, which cannot overflow.
 *
 * Cost: O(sections), at most 64; no allocation, so that a job that only asks for its size touches a
 * few cache lines, however large it is.
 */
#include "job/operation.h"

esp_status esp_fail_size(esp_context *ctx, const char *what, uint32_t number, uint32_t most)
{
    if (ctx->error.kind == ESP_OK) {
        ctx->error.limit = ESP_LIMIT_SIZE;
    }
    return esp_fail(ctx, ESP_LIMIT_EXCEEDED, "%u %s are too many, at most %u can be handled",
                    number, what, most);
}

const char *esp_section_name(uint32_t kind)
{
    static const char *const names[ESP_SECTION_KINDS] = {
        [RST_SECTION_VARS] = "VARS",
        [RST_SECTION_ON] = "ON",
        [RST_SECTION_DC] = "DC",
        [RST_SECTION_OFF] = "OFF",
        [RST_SECTION_ON2] = "ON2",
        [RST_SECTION_DC2] = "DC2",
        [RST_SECTION_OFF2] = "OFF2",
        [RST_SECTION_TEXT] = "TEXT",
        [RST_SECTION_TEXT2] = "TEXT2",
        [RST_SECTION_NAMES] = "NAMES",
        [RST_SECTION_PHASE] = "PHASE",
        [RST_SECTION_OPTIONS] = "OPTIONS",
        [RST_SECTION_CERTIFICATE] = "CERTIFICATE",
        [RST_SECTION_ANSWER] = "ANSWER",
        [RST_SECTION_ERROR] = "ERROR",
        [RST_SECTION_TRAILER] = "TRAILER",
        [RST_SECTION_CUBE_FLAGS] = "CUBE_FLAGS",
        [RST_SECTION_POINTS] = "POINTS",
        [RST_SECTION_TABLES] = "TABLES",
        [RST_SECTION_TABLES_DC] = "TABLES_DC",
        [RST_SECTION_FUNCTIONS] = "FUNCTIONS",
    };
    return kind < ESP_SECTION_KINDS && names[kind] ? names[kind] : "(unknown)";
}

static bool all_zero(const uint32_t *words, uint32_t count)
{
    uint32_t any = 0;
    for (uint32_t i = 0; i < count; i++) {
        any |= words[i];
    }
    return any == 0;
}

static esp_status check_header(esp_context *ctx, const esp_block_header *h, esp_job *job)
{
    if (h->magic != RST_MAGIC_JOB) {
        return esp_fail(ctx, ESP_INVALID_INPUT,
                        "the block does not start with the mark of a job (RSTJ)");
    }
    if (h->version != RST_FORMAT_VERSION) {
        return esp_fail(ctx, ESP_UNSUPPORTED,
                        "the job is in version %u of the format, this library reads version %u",
                        h->version, (uint32_t)RST_FORMAT_VERSION);
    }
    if (h->length != job->length) {
        return esp_fail(ctx, ESP_INVALID_INPUT,
                        "the header says that the block has %u bytes, it has %u", h->length,
                        job->length);
    }
    if (h->status || !all_zero(h->reserved, 10)) {
        return esp_fail(ctx, ESP_INVALID_INPUT, "a field of the header that must be zero is not");
    }
    if (h->sections > RST_MAX_SECTIONS) {
        return esp_fail_size(ctx, "sections", h->sections, RST_MAX_SECTIONS);
    }
    job->operation = esp_operation_find(h->operation);
    if (!job->operation) {
        return esp_fail(ctx, ESP_UNSUPPORTED, "this library has no operation %u (of library %u)",
                        h->operation & 0xffff, h->operation >> 16);
    }
    return ESP_OK;
}

static bool is_cover(uint32_t kind)
{
    return (kind >= RST_SECTION_ON && kind <= RST_SECTION_OFF2) || kind == RST_SECTION_POINTS;
}

/* The entry's place in the block. `*end` is where the section before ends, and then where this one
 * does. */
static esp_status check_place(esp_context *ctx, const esp_job *job, const esp_block_entry *e,
                              uint64_t *end)
{
    const char *name = esp_section_name(e->kind);
    uint64_t expected = (*end + 63) & ~UINT64_C(63);
    if (e->kind == 0 || e->flags & ~(uint32_t)RST_CRITICAL || !all_zero(e->reserved, 3)) {
        return esp_fail(ctx, ESP_INVALID_INPUT,
                        "a field of the table entry of section %s that must be zero is not", name);
    }
    if (e->offset != expected) {
        return esp_fail(ctx, ESP_INVALID_INPUT, "section %s starts at byte %u instead of %u", name,
                        e->offset, (uint32_t)expected);
    }
    if (e->length > job->length || e->offset > job->length - e->length) {
        return esp_fail(ctx, ESP_INVALID_INPUT,
                        "section %s (%u bytes from byte %u) does not end inside the block", name,
                        e->length, e->offset);
    }
    *end = (uint64_t)e->offset + e->length;
    return ESP_OK;
}

/* The entry's meaning: known, wanted, only once; and what its count can be at most. */
static esp_status check_entry(esp_context *ctx, esp_job *job, const esp_block_entry *e,
                              uint32_t wanted)
{
    const char *name = esp_section_name(e->kind);
    if (e->kind >= ESP_SECTION_KINDS) {
        return e->flags & RST_CRITICAL
                   ? esp_fail(ctx, ESP_UNSUPPORTED,
                              "this library does not know the critical section %u", e->kind)
                   : ESP_OK;
    }
    if (!(wanted >> e->kind & 1)) {
        return esp_fail(ctx, ESP_INVALID_INPUT, "the operation %s has no use for a section %s",
                        job->operation->name, name);
    }
    if (esp_job_has(job, e->kind)) {
        return esp_fail(ctx, ESP_INVALID_INPUT, "there are two sections %s", name);
    }
    bool counted = is_cover(e->kind) || e->kind == RST_SECTION_NAMES ||
                   e->kind == RST_SECTION_OPTIONS || e->kind >= RST_SECTION_TABLES;
    if (is_cover(e->kind) && (e->length % 8 || e->count > e->length / 8)) {
        return esp_fail(ctx, ESP_INVALID_INPUT, "section %s: %u cubes do not fit %u bytes", name,
                        e->count, e->length);
    }
    if (!counted && e->count) {
        return esp_fail(ctx, ESP_INVALID_INPUT, "section %s: its count must be zero", name);
    }
    job->present |= UINT32_C(1) << e->kind;
    job->section[e->kind] = (esp_section){e->offset, e->length, e->count};
    return ESP_OK;
}

/* The bytes from `from` up to `to`, fewer than 64, are zero. */
static bool gap_is_zero(const esp_job *job, uint64_t from, uint64_t to)
{
    uint8_t bytes[64];
    size_t size = (size_t)(to - from);
    esp_fetch(bytes, job->bytes + from, size);
    uint8_t any = 0;
    for (size_t i = 0; i < size; i++) {
        any |= bytes[i];
    }
    return any == 0;
}

static esp_status check_table(esp_context *ctx, esp_job *job, uint32_t sections)
{
    uint64_t end = RST_HEADER_SIZE + (uint64_t)sections * RST_ENTRY_SIZE;
    if (end > job->length) {
        return esp_fail(ctx, ESP_INVALID_INPUT,
                        "the table of %u sections does not end inside the block", sections);
    }
    bool size_only = job->operation->operands == 0;
    uint32_t wanted = esp_operation_sections(job->operation);
    for (uint32_t i = 0; i < sections; i++) {
        esp_block_entry e;
        esp_fetch(&e, job->bytes + RST_HEADER_SIZE + (size_t)i * RST_ENTRY_SIZE, sizeof e);
        uint64_t before = end;
        esp_status status = check_place(ctx, job, &e, &end);
        if (status == ESP_OK) {
            status = check_entry(ctx, job, &e, wanted);
        }
        if (status) {
            return status;
        }
        if (!size_only && e.offset > before && !gap_is_zero(job, before, e.offset)) {
            return esp_fail(ctx, ESP_INVALID_INPUT, "the padding before section %s is not zero",
                            esp_section_name(e.kind));
        }
    }
    uint64_t padded = (end + 63) & ~UINT64_C(63);
    if (job->length != end && job->length != padded) {
        return esp_fail(ctx, ESP_INVALID_INPUT,
                        "the last section ends at byte %u, the block at byte %u", (uint32_t)end,
                        job->length);
    }
    if (!size_only && job->length > end && !gap_is_zero(job, end, job->length)) {
        return esp_fail(ctx, ESP_INVALID_INPUT, "the padding after the last section is not zero");
    }
    return ESP_OK;
}

esp_status esp_job_open(esp_context *ctx, const uint8_t *bytes, uint32_t length, esp_job *job)
{
    job->bytes = bytes;
    job->length = length;
    job->operation_id = 0;
    job->operation = NULL;
    job->present = 0;
    job->given = 0;
    if (length < RST_HEADER_SIZE) {
        return esp_fail(ctx, ESP_INVALID_INPUT, "a job has at least %u bytes, this block has %u",
                        (uint32_t)RST_HEADER_SIZE, length);
    }
    esp_block_header header;
    esp_fetch(&header, bytes, sizeof header);
    job->operation_id = header.operation;
    esp_status status = check_header(ctx, &header, job);
    return status ? status : check_table(ctx, job, header.sections);
}
