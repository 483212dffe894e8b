/* Reads NAMES and PHASE of a job whose function comes as covers.
 *
 * A name goes into PLA text as a word of a line, and must be found there again: no blank, no
 * control character, no dot and no `#` at its beginning; only the last names may be missing
 * (empty). The whole section is fetched into the arena first; names are ranges of that copy.
 *
 * Cost: O(bytes) and one entry a variable.
 */
#include "job/operation.h"

static bool is_word(const char *text, uint32_t length)
{
    for (uint32_t i = 0; i < length; i++) {
        uint8_t c = (uint8_t)text[i];
        if (c <= ' ' || c == 0x7f) {
            return false;
        }
    }
    return !length || (text[0] != '.' && text[0] != '#');
}

/* `count` names from `*at` on; `*at` moves behind them. */
static esp_status read_list(esp_context *ctx, const char *bytes, uint32_t length, uint32_t *at,
                            uint32_t count, const esp_name **list)
{
    esp_name *name = esp_alloc_array(ctx, count, sizeof *name);
    if (!name) {
        return esp_fail_stopped(ctx);
    }
    for (uint32_t i = 0; i < count; i++) {
        uint32_t size;
        if (length - *at < sizeof size) {
            return esp_fail(ctx, ESP_INVALID_INPUT, "section NAMES ends before name %u", i);
        }
        memcpy(&size, bytes + *at, sizeof size);
        *at += (uint32_t)sizeof size;
        if (length - *at < size) {
            return esp_fail(ctx, ESP_INVALID_INPUT, "section NAMES ends inside name %u", i);
        }
        if (!is_word(bytes + *at, size)) {
            return esp_fail(ctx, ESP_INVALID_INPUT,
                            "name %u holds a blank or a control character, or begins with . or #",
                            i);
        }
        if (size && i && !name[i - 1].length) {
            return esp_fail(ctx, ESP_INVALID_INPUT, "name %u is empty, and name %u is not", i - 1,
                            i);
        }
        name[i] = (esp_name){bytes + *at, size};
        *at += size;
    }
    *list = name;
    return ESP_OK;
}

static esp_status check_counts(esp_context *ctx, const esp_section *section, const uint32_t *head,
                               const esp_shape *s)
{
    uint32_t inputs = s->vars - 1;
    if (head[0] && head[0] != inputs) {
        return esp_fail(ctx, ESP_INVALID_INPUT, "section NAMES has %u names for %u inputs", head[0],
                        inputs);
    }
    if (head[1] && head[1] != s->outputs) {
        return esp_fail(ctx, ESP_INVALID_INPUT, "section NAMES has %u names for %u outputs",
                        head[1], s->outputs);
    }
    if (head[0] + head[1] != section->count) {
        return esp_fail(ctx, ESP_INVALID_INPUT, "section NAMES has %u names, its count says %u",
                        head[0] + head[1], section->count);
    }
    return ESP_OK;
}

esp_status esp_job_names(esp_context *ctx, const esp_job *job, esp_pla *operand)
{
    if (!esp_job_has(job, RST_SECTION_NAMES)) {
        return ESP_OK;
    }
    esp_section section = job->section[RST_SECTION_NAMES];
    uint32_t head[2];
    if (section.length < sizeof head) {
        return esp_fail(ctx, ESP_INVALID_INPUT, "section NAMES has %u bytes, expected 8 and more",
                        section.length);
    }
    char *bytes = esp_alloc(ctx, section.length);
    if (!bytes) {
        return esp_fail_stopped(ctx);
    }
    esp_fetch(bytes, job->bytes + section.offset, section.length);
    memcpy(head, bytes, sizeof head);
    esp_status status = check_counts(ctx, &section, head, operand->function.shape);
    uint32_t at = (uint32_t)sizeof head;
    if (!status && head[0]) {
        status = read_list(ctx, bytes, section.length, &at, head[0], &operand->input_name);
    }
    if (!status && head[1]) {
        status = read_list(ctx, bytes, section.length, &at, head[1], &operand->output_name);
    }
    if (!status && at != section.length) {
        status = esp_fail(ctx, ESP_INVALID_INPUT, "section NAMES has %u bytes after the last name",
                          section.length - at);
    }
    operand->input_names = head[0];
    operand->output_names = head[1];
    return status;
}

esp_status esp_job_phase(esp_context *ctx, const esp_job *job, esp_pla *operand)
{
    if (!esp_job_has(job, RST_SECTION_PHASE)) {
        return ESP_OK;
    }
    esp_section section = job->section[RST_SECTION_PHASE];
    if (section.length != operand->function.shape->outputs) {
        return esp_fail(ctx, ESP_INVALID_INPUT, "section PHASE has %u bytes for %u outputs",
                        section.length, operand->function.shape->outputs);
    }
    uint8_t *phase = esp_alloc(ctx, section.length);
    if (!phase) {
        return esp_fail_stopped(ctx);
    }
    esp_fetch(phase, job->bytes + section.offset, section.length);
    for (uint32_t i = 0; i < section.length; i++) {
        if (phase[i] > 1) {
            return esp_fail(ctx, ESP_INVALID_INPUT,
                            "section PHASE: output %u has phase %u, expected 0 or 1", i,
                            (uint32_t)phase[i]);
        }
    }
    operand->phase = phase;
    return ESP_OK;
}
