/* PLA text: whatever stands in it, it is read or refused with a kind and a place; what was read can
 * be written; and what is written is read again, as the same function. */
#include <string.h>

#include "fuzz.h"
#include "memory.h"
#include "pla/pla.h"

static const char *const seeds[] = {
    ".i 4\n.o 3\n.ilb a b c d\n.ob f g h\n.type fdr\n.phase 101\n.p 4\n01-2 1-0\n11|11|~~0 # c\n",
    "title 01\n# c\n.i 4\n.o 3\n0000 0 11~\n.label x\n.e\n",
    ".i 40 .o 3\r\n.type fr\r\n0101010101010101010101010101010101010101 ~~1\r\n.end",
    ".o 2\r.i 0\r.ilb\r10\r-1\r.e\r",
    ".i 3\n.o 1\n000 1\n001 1\n1-1 -\n.e\n",
    ".type fd\n.i 2\n.o 2\n.p 2\n-0 1-\n11 01\n.end\n",
};

/* What the format is made of. */
static const char *const words[] = {
    ".i ",
    ".o ",
    ".p ",
    ".ilb ",
    ".ob ",
    ".type f\n",
    ".type fd\n",
    ".type fr\n",
    ".type r",
    ".phase ",
    ".e\n",
    ".end\n",
    ".label ",
    ".mv ",
    ".kiss\n",
    ".symbolic ",
    ".pair ",
    "#",
    "\n",
    "\r",
    "\t",
    " ",
    "|",
    "~",
    "-",
    "0",
    "1",
    "2",
    "3",
    "4",
    "?",
    ".",
    "00000000",
    "--------",
    "4294967295",
    "1048577",
    "01-01-01 10\n",
    ".start_kiss\n",
};

static bool seed(uint32_t n, fuzz_bytes *out)
{
    if (n >= sizeof seeds / sizeof *seeds) {
        return false;
    }
    out->length = 0;
    fuzz_insert(out, 0, seeds[n], (uint32_t)strlen(seeds[n]));
    return true;
}

static uint32_t line_start(const fuzz_bytes *b, uint32_t at)
{
    while (at && b->data[at - 1] != '\n' && b->data[at - 1] != '\r') {
        at--;
    }
    return at;
}

static uint32_t line_length(const fuzz_bytes *b, uint32_t at)
{
    uint32_t end = at;
    while (end < b->length && b->data[end] != '\n' && b->data[end] != '\r') {
        end++;
    }
    return end - at + (end < b->length);
}

static void change(fuzz_bytes *b, const fuzz_bytes *other, uint64_t *random)
{
    uint8_t line[256];
    uint32_t at = fuzz_below(random, b->length + 1);
    uint32_t start = line_start(b, at);
    const char *word = words[fuzz_below(random, sizeof words / sizeof *words)];
    uint32_t length;
    switch (fuzz_below(random, 6)) {
    case 0:
        fuzz_insert(b, at, word, (uint32_t)strlen(word));
        break;
    case 1:
        fuzz_insert(b, start, word, (uint32_t)strlen(word));
        break;
    case 2:
        fuzz_remove(b, start, line_length(b, start));
        break;
    case 3: /* a line of ours, or of the other's, somewhere else */
        if (fuzz_below(random, 2)) {
            start = line_start(other, fuzz_below(random, other->length + 1));
        } else {
            other = b;
        }
        length = line_length(other, start);
        length = length < sizeof line ? length : (uint32_t)sizeof line;
        memcpy(line, other->data + start, length);
        fuzz_insert(b, line_start(b, fuzz_below(random, b->length + 1)), line, length);
        break;
    case 4: /* one symbol for another */
        if (at < b->length) {
            b->data[at] = (uint8_t)"01-~2|. \n34"[fuzz_below(random, 11)];
        }
        break;
    default: /* one digit up or down: a number that is nearly right */
        while (at < b->length && (b->data[at] < '0' || b->data[at] > '9')) {
            at++;
        }
        if (at < b->length) {
            b->data[at] = (uint8_t)('0' + (b->data[at] - '0' + 1 + fuzz_below(random, 9)) % 10);
        }
        break;
    }
}

static uint32_t lines_of(const uint8_t *text, uint32_t length)
{
    uint32_t lines = 1;
    for (uint32_t k = 0; k < length; k++) {
        lines += text[k] == '\n' || text[k] == '\r';
    }
    return lines;
}

static void check_refusal(const esp_context *ctx, const uint8_t *text, uint32_t length)
{
    const esp_error *e = &ctx->error;
    bool memory = e->kind == ESP_LIMIT_EXCEEDED && e->limit == ESP_LIMIT_MEMORY;
    bool kind =
        e->kind == ESP_INVALID_INPUT || e->kind == ESP_UNSUPPORTED || e->kind == ESP_LIMIT_EXCEEDED;
    if (!kind || strlen(e->message) <= 10 || e->column > length + 1) {
        fuzz_finding("a refusal without a kind, a message or a column that fits");
    }
    if (!memory && (e->line < 1 || e->line > lines_of(text, length))) {
        fuzz_finding("a refusal in a line that is not there");
    }
}

static bool same_counts(const esp_pla *a, const esp_pla *b)
{
    return a->type == b->type && a->function.on.count == b->function.on.count &&
           a->function.dc.count == b->function.dc.count &&
           a->function.off.count == b->function.off.count;
}

static void run(const uint8_t *bytes, uint32_t length)
{
    static esp_context ctx;
    static bool begun;
    esp_pla pla;
    esp_pla copy;
    esp_text out;
    if (!begun) {
        begun = true;
        esp_context_init(&ctx);
    }
    fuzz_memory_begin(fuzz_hash(bytes, length));
    esp_context_begin(&ctx);
    esp_status status = esp_pla_read(&ctx, bytes, length, ESP_PLA_F | ESP_PLA_D, &pla);
    if (status) {
        check_refusal(&ctx, bytes, length);
    } else if (pla.consumed > length) {
        fuzz_finding("more bytes were read than there are");
    } else if (esp_pla_write(&ctx, &pla, pla.type, &out)) {
        if (ctx.error.limit != ESP_LIMIT_MEMORY) {
            fuzz_finding("what was read cannot be written");
        }
    } else if (esp_pla_read(&ctx, out.data, out.length, ESP_PLA_F, &copy)) {
        if (ctx.error.limit != ESP_LIMIT_MEMORY) {
            fuzz_finding("what was written cannot be read");
        }
    } else if (!same_counts(&pla, &copy)) {
        fuzz_finding("what was written is another function");
    }
    esp_context_free(&ctx);
    esp_context_init(&ctx);
    fuzz_memory_end();
}

const fuzz_target fuzz_pla = {"pla", seed, run, change};
