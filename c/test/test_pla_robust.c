/* Damaged PLA text, and memory that ends: the reader and the writer must end in order whatever
 * comes.
 *
 * Method. Texts that use everything the format has are cut at every byte, and every byte is
 * replaced by each of a set that holds all special ones; each variant lies in memory of exactly its
 * length, so that a sanitizer or valgrind sees a read beyond it. An error must have a kind that
 * fits and a line that exists. Then the n-th request to the system's allocator fails, for every n.
 * These tests prove what does not happen; what should happen is in test_pla.c and test_pla_write.c.
 */
#include <stdlib.h> /* malloc, free */
#include <string.h> /* strlen, memcpy */

#include "pla/pla.h"
#include "test.h"

enum { F = ESP_PLA_F, D = ESP_PLA_D, R = ESP_PLA_R };

static const char *const texts[] = {
    "title 01\n# c\n.i 4\n.o 3\n.ilb a b c d\n.ob f g\n.type fdr\n.phase 101\n.p 4\n"
    "01-2 1-0\n11|11|~~0 # c\n00\n0\n0 11~\n.label x\n.e\n",
    ".i 40 .o 70\r\n.type fr\r\n"
    "0101010101010101010101010101010101010101 "
    "1111111111111111111111111111111111111111111111111111111111~~~~~~1100~1\r\n"
    "1101010101010101010101010101010101010101 ~\r\n.end",
    ".o 2\r.i 0\r.ilb\r10\r-1\r.e\r",
};
enum { TEXTS = sizeof texts / sizeof texts[0] };

static esp_context context;

static uint32_t lines_of(const uint8_t *text, size_t length)
{
    uint32_t lines = 1;
    for (size_t k = 0; k < length; k++) {
        lines += text[k] == '\n' || text[k] == '\r';
    }
    return lines;
}

static void check_error(const uint8_t *text, size_t length)
{
    const esp_error *e = &context.error;
    CHECK(e->kind == ESP_INVALID_INPUT || e->kind == ESP_UNSUPPORTED ||
          e->kind == ESP_LIMIT_EXCEEDED);
    CHECK(e->line >= 1 && e->line <= lines_of(text, length));
    CHECK(e->column <= length + 1);
    CHECK(strlen(e->message) > 10);
}

/* Reads and, if it is a PLA, writes and reads again. Returns whether it was one. */
static bool try_text(const char *bytes, size_t length)
{
    uint8_t *text = malloc(length ? length : 1);
    memcpy(text, bytes, length);
    esp_context_init(&context);
    esp_pla pla, copy;
    esp_status status = esp_pla_read(&context, text, length, F | D, &pla);
    if (status) {
        check_error(text, length);
    } else {
        esp_text out = {0};
        CHECK(pla.consumed <= length);
        CHECK_EQ_U(esp_pla_write(&context, &pla, pla.type, &out), ESP_OK);
        CHECK_EQ_U(esp_pla_read(&context, out.data, out.length, F, &copy), ESP_OK);
        CHECK_EQ_U(copy.type, pla.type);
        CHECK_EQ_U(copy.function.on.count, pla.function.on.count);
        CHECK_EQ_U(copy.function.dc.count, pla.function.dc.count);
        CHECK_EQ_U(copy.function.off.count, pla.function.off.count);
    }
    esp_context_free(&context);
    free(text);
    return !status;
}

TEST(every_beginning_of_a_text_is_read_or_refused)
{
    for (uint32_t k = 0; k < TEXTS; k++) {
        size_t length = strlen(texts[k]);
        uint32_t good = 0;
        for (size_t cut = 0; cut <= length; cut++) {
            good += try_text(texts[k], cut);
        }
        CHECK(good > 1 && good < length);
        CHECK(try_text(texts[k], length) == (k != 1)); /* the second text ends inside a term */
    }
}

TEST(every_byte_may_be_any_other)
{
    static const char bytes[] = "\0\1\t\n\r \"#%.|~-+0123459eiopxz\x7f\x80\xbb\xef\xff";
    for (uint32_t k = 0; k < TEXTS; k++) {
        size_t length = strlen(texts[k]);
        char *text = malloc(length);
        for (size_t at = 0; at < length; at++) {
            for (uint32_t b = 0; b + 1 < sizeof bytes; b++) {
                memcpy(text, texts[k], length);
                text[at] = bytes[b];
                try_text(text, length);
            }
        }
        free(text);
    }
}

/* Hooks that fail the n-th request, once or from then on. */
typedef struct allocator {
    uint32_t requests, fail_at;
    bool lasting;
    uint32_t held;
} allocator;

static void *hook_alloc(void *user, size_t size)
{
    allocator *a = user;
    uint32_t n = a->requests++;
    if (n == a->fail_at || (a->lasting && n > a->fail_at)) {
        return NULL;
    }
    a->held++;
    return malloc(size);
}

static void hook_free(void *user, void *p)
{
    allocator *a = user;
    a->held -= p != NULL;
    free(p);
}

/* Long enough for several chunks of the arena in each kind of thing that grows. */
static char *large_text(size_t *length)
{
    enum { INPUTS = 500, ROWS = 60 };
    char *text = malloc(64 + INPUTS * 20 + ROWS * (INPUTS + 4));
    char *at = text;
    memcpy(at, ".i 500\n.o 2\n.type fdr\n.ilb", 26);
    at += 26;
    for (uint32_t k = 0; k < INPUTS; k++) {
        memcpy(at, " name_of_input_000", 18);
        at[15] = (char)('0' + k / 100);
        at[16] = (char)('0' + k / 10 % 10);
        at[17] = (char)('0' + k % 10);
        at += 18;
    }
    *at++ = '\n';
    for (uint32_t row = 0; row < ROWS; row++) {
        for (uint32_t k = 0; k < INPUTS; k++) {
            *at++ = k ? "01-"[(row + k) % 3] : (char)('0' + row % 2);
        }
        memcpy(at, row % 2 ? "1-\n" : "0-\n", 3);
        at += 3;
    }
    *length = (size_t)(at - text);
    return text;
}

static uint32_t run_with(allocator *a, const char *text, size_t length)
{
    esp_set_system_memory(&(esp_system_memory){hook_alloc, hook_free, a});
    esp_context_init(&context);
    esp_pla pla;
    esp_text out;
    esp_status status = esp_pla_read(&context, (const uint8_t *)text, length, F | D, &pla);
    if (!status) {
        status = esp_pla_write(&context, &pla, pla.type, &out);
    }
    if (a->requests > a->fail_at) {
        CHECK_EQ_U(status, ESP_LIMIT_EXCEEDED);
        CHECK_EQ_U(context.error.limit, ESP_LIMIT_MEMORY);
    } else {
        CHECK_EQ_U(status, ESP_OK);
    }
    esp_context_free(&context);
    esp_set_system_memory(NULL);
    CHECK_EQ_U(a->held, 0);
    return a->requests;
}

TEST(memory_may_end_at_any_request)
{
    size_t length;
    char *text = large_text(&length);
    allocator counting = {.fail_at = UINT32_MAX};
    uint32_t requests = run_with(&counting, text, length);
    CHECK(requests >= 4);
    for (uint32_t n = 0; n < requests; n++) {
        allocator once = {.fail_at = n}, lasting = {.fail_at = n, .lasting = true};
        run_with(&once, text, length);
        run_with(&lasting, text, length);
    }
    free(text);
}

/* Limits of the job fall between the chunks that the system's allocator sees: try many. */
TEST(the_memory_limit_of_the_job_may_end_at_any_size)
{
    size_t length;
    char *text = large_text(&length);
    uint32_t done = 0;
    for (uint32_t limit = 4096; limit < 1u << 20; limit += 4096) {
        esp_context_init(&context);
        esp_context_limit_memory(&context, limit);
        esp_pla pla;
        esp_text out;
        esp_status status = esp_pla_read(&context, (const uint8_t *)text, length, F | D, &pla);
        if (!status) {
            status = esp_pla_write(&context, &pla, pla.type, &out);
        }
        CHECK(!status || (status == ESP_LIMIT_EXCEEDED && context.error.limit == ESP_LIMIT_MEMORY));
        CHECK(context.arena.peak <= limit);
        done += !status;
        esp_context_free(&context);
    }
    CHECK(done > 0 && done < 255);
    free(text);
}

const esp_test test_pla_robust[] = {
    {"every beginning of a text is read or refused", every_beginning_of_a_text_is_read_or_refused},
    {"every byte may be any other", every_byte_may_be_any_other},
    {"memory may end at any request", memory_may_end_at_any_request},
    {"the memory limit of the job may end at any size",
     the_memory_limit_of_the_job_may_end_at_any_size},
    {0},
};
