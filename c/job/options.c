/* The options of a job: a table says what each may be, one loop reads them.
 *
 * Invariant: afterwards every entry of job->option has a value that its line of the table allows;
 * what the job does not say has its default. An unknown tag is skipped unless it is critical; a
 * known one may carry the critical bit, which then says nothing new.
 *
 * Cost: O(bytes of the section); no allocation.
 */
#include "job/operation.h"

#define CRITICAL_TAG UINT32_C(0x80000000)

typedef struct option_rule {
    const char *name;
    const char *expected;
    uint64_t value;   /* the default */
    uint32_t bytes;   /* 4 or 8; 0 = no such option */
    uint32_t allowed; /* bit n: the value n is allowed; 0: every value is */
} option_rule;

#define DEFAULT_MEMORY (UINT64_C(1) << 30)
#define TYPES "the sum of 1 (f), 2 (d) and 4 (r)"

static const option_rule rules[ESP_OPTION_KINDS] = {
    [RST_OPTION_METHOD] = {"method", "0 (heuristic) or 1 (exact)", 0, 4, 0x3},
    [RST_OPTION_EFFORT] = {"effort", "0 (fast), 1 (default) or 2 (high)", 1, 4, 0x7},
    [RST_OPTION_BUDGET] = {"budget", "units of work", UINT64_MAX, 8, 0},
    [RST_OPTION_TIMEOUT] = {"timeout", "microseconds", 0, 8, 0},
    [RST_OPTION_MEMORY] = {"memory", "bytes", DEFAULT_MEMORY, 8, 0},
    [RST_OPTION_CUBES] = {"cubes", "cubes", 0, 8, 0},
    [RST_OPTION_ON_LIMIT] = {"on-limit", "0 (best so far) or 1 (error)", 0, 4, 0x3},
    [RST_OPTION_VERIFY] = {"verify", "0 (no) or 1 (yes)", 1, 4, 0x3},
    [RST_OPTION_SEED] = {"seed", "a number", 0, 8, 0},
    [RST_OPTION_KERNELS] = {"kernels", "0 (the fastest) or 1 (portable)", 0, 4, 0x3},
    [RST_OPTION_EMIT] = {"emit", "0 (covers) or 1 (text)", 0, 4, 0x3},
    /* Text that gives d alone says nothing about ON or OFF. */
    [RST_OPTION_INPUT_TYPE] = {"input-type", TYPES ", not d alone", ESP_PLA_F | ESP_PLA_D, 4, 0xfa},
    [RST_OPTION_OUTPUT_TYPE] = {"output-type", TYPES, ESP_PLA_F, 4, 0xfe},
    [RST_OPTION_CANONICAL] = {"canonical", "0 (no) or 1 (yes)", 0, 4, 0x3},
    [RST_OPTION_CERTIFICATE] = {"certificate", "0 (no) or 1 (yes)", 0, 4, 0x3},
    [RST_OPTION_SINGLE_OUTPUT] = {"single-output", "0 (no), 1 (yes) or 2 (either phase)", 0, 4,
                                  0x7},
    [RST_OPTION_LITERALS] = {"literals", "0 (few) or 1 (fewest)", 0, 4, 0x3},
    [RST_OPTION_COVERS] = {"covers", "covers", 1000, 4, 0},
};

/* One known option whose value, padded to 8 bytes, is in `value`. */
static esp_status set_option(esp_context *ctx, esp_job *job, uint32_t tag, uint32_t length,
                             uint64_t value)
{
    const option_rule *rule = &rules[tag];
    if (length != rule->bytes) {
        return esp_fail(ctx, ESP_INVALID_INPUT, "option %s has %u bytes, expected %u (%s)",
                        rule->name, length, rule->bytes, rule->expected);
    }
    if (length == 4 && value >> 32) {
        return esp_fail(ctx, ESP_INVALID_INPUT,
                        "option %s: the padding after its value is not zero", rule->name);
    }
    if (rule->allowed && (value > 31 || !(rule->allowed >> value & 1))) {
        return esp_fail(ctx, ESP_INVALID_INPUT, "option %s is %u, expected %s", rule->name,
                        (uint32_t)value, rule->expected);
    }
    if (job->given >> tag & 1) {
        return esp_fail(ctx, ESP_INVALID_INPUT, "option %s is given twice", rule->name);
    }
    job->given |= UINT32_C(1) << tag;
    job->option[tag] = value;
    return ESP_OK;
}

/* The option that starts `at` bytes into the section; `*at` moves behind it. */
static esp_status read_option(esp_context *ctx, esp_job *job, const esp_section *section,
                              uint64_t *at)
{
    const uint8_t *bytes = job->bytes + section->offset;
    uint32_t head[2];
    if (section->length - *at < sizeof head) {
        return esp_fail(ctx, ESP_INVALID_INPUT, "section OPTIONS ends inside an option");
    }
    esp_fetch(head, bytes + *at, sizeof head);
    uint64_t padded = ((uint64_t)head[1] + 7) & ~UINT64_C(7);
    *at += sizeof head;
    if (section->length - *at < padded) {
        return esp_fail(ctx, ESP_INVALID_INPUT,
                        "section OPTIONS: an option of %u bytes does not end inside it", head[1]);
    }
    uint32_t tag = head[0] & ~CRITICAL_TAG;
    esp_status status = ESP_OK;
    if (tag < ESP_OPTION_KINDS && rules[tag].bytes) {
        uint64_t value = 0;
        esp_fetch(&value, bytes + *at, padded < sizeof value ? (size_t)padded : sizeof value);
        status = set_option(ctx, job, tag, head[1], value);
    } else if (head[0] & CRITICAL_TAG) {
        status = esp_fail(ctx, ESP_UNSUPPORTED, "this library does not know the critical option %u",
                          tag);
    }
    *at += padded;
    return status;
}

esp_status esp_job_options(esp_context *ctx, esp_job *job)
{
    for (uint32_t tag = 0; tag < ESP_OPTION_KINDS; tag++) {
        job->option[tag] = rules[tag].value;
    }
    if (!esp_job_has(job, RST_SECTION_OPTIONS)) {
        return ESP_OK;
    }
    esp_section section = job->section[RST_SECTION_OPTIONS];
    uint32_t count = 0;
    for (uint64_t at = 0; at < section.length; count++) {
        esp_status status = read_option(ctx, job, &section, &at);
        if (status) {
            return status;
        }
    }
    if (count != section.count) {
        return esp_fail(ctx, ESP_INVALID_INPUT, "section OPTIONS has %u options, its count says %u",
                        count, section.count);
    }
    return ESP_OK;
}
