/* The lexer of PLA text: hands out bytes, keeps line and column.
 *
 *   text (a caller's memory) ──memcpy, 4 KiB at a time──► chunk (ours) ──peek──► reader
 *
 * Idea. The text may lie in memory that another thread writes while we read (a SharedArrayBuffer
 * behind a job). A parser that looks at such a byte twice can be made to check one value and use
 * another. So the text is copied in chunks into a buffer of our own and each of its bytes is
 * fetched exactly once; everything above this file sees the copy only. The chunk stays in the
 * first-level cache, which makes the copy nearly free.
 *
 * Invariant. `base + (at - buffer)` is the offset of the next byte; everything before it is gone.
 * Nothing above needs to look back or more than one byte ahead.
 *
 * Cost. A comparison a byte; one unit of work for 64 bytes, spent at each refill, which is
 * therefore where a deadline or a cancel word ends the reading of a huge text.
 *
 * Lines end with LF, CR LF or a lone CR. Columns count bytes, not characters: that is what an
 * editor can go to without knowing the encoding.
 */
#include "pla/lexer.h"

#include <string.h> /* memcpy */

enum { CHUNK = 4096 };

bool esp_pla_lexer_open(esp_pla_lexer *l, esp_context *ctx, const uint8_t *text, size_t length)
{
    *l = (esp_pla_lexer){.ctx = ctx, .text = text, .left = length, .line = 1};
    if (length >= UINT32_MAX) {
        ctx->error.limit = ESP_LIMIT_SIZE;
        esp_fail(ctx, ESP_LIMIT_EXCEEDED, "the text is longer than 4 GiB");
        return false;
    }
    l->buffer = esp_alloc(ctx, length < CHUNK ? length + 1 : CHUNK);
    if (!l->buffer) {
        esp_fail_stopped(ctx);
        return false;
    }
    l->at = l->end = l->buffer;
    return true;
}

int esp_pla_refill(esp_pla_lexer *l)
{
    size_t size = l->left < CHUNK ? l->left : CHUNK;
    if (!size) {
        return ESP_PLA_END;
    }
    if (!esp_spend(l->ctx, size / 64 + 1)) {
        /* The first error recorded wins: whatever the reader says about this false end is not
         * heard. */
        esp_fail_stopped(l->ctx);
        l->left = 0;
        return ESP_PLA_END;
    }
    l->base = esp_pla_offset(l);
    memcpy(l->buffer, l->text, size);
    l->text += size;
    l->left -= size;
    l->at = l->buffer;
    l->end = l->buffer + size;
    return *l->at;
}

void esp_pla_newline(esp_pla_lexer *l)
{
    bool carriage_return = *l->at++ == '\r';
    if (carriage_return && esp_pla_peek(l) == '\n') {
        l->at++;
    }
    l->line++;
    l->line_start = esp_pla_offset(l);
}

int esp_pla_skip_blanks(esp_pla_lexer *l)
{
    int c = esp_pla_peek(l);
    while (esp_pla_is_blank(c)) {
        l->at++;
        c = esp_pla_peek(l);
    }
    return c;
}

void esp_pla_skip_line(esp_pla_lexer *l)
{
    while (!esp_pla_is_line_end(esp_pla_peek(l))) {
        l->at++;
    }
}

void esp_pla_read_word(esp_pla_lexer *l, esp_pla_word *word)
{
    uint32_t length = 0;
    for (;;) {
        int c = esp_pla_peek(l);
        if (esp_pla_is_blank(c) || esp_pla_is_line_end(c) || c == '#') {
            break;
        }
        if (length + 1 < sizeof word->text) {
            word->text[length++] = c > ' ' && c < 0x7f ? (char)c : '?';
        }
        l->at++;
    }
    word->text[length] = 0;
}

const char *esp_pla_found(esp_pla_lexer *l, esp_pla_word *room)
{
    static const char digits[] = "0123456789abcdef";
    int c = esp_pla_peek(l);
    if (c == ESP_PLA_END) {
        return "the end of the text";
    }
    if (esp_pla_is_line_end(c)) {
        return "the end of the line";
    }
    if (c >= ' ' && c < 0x7f) {
        memcpy(room->text, "'?'", 4);
        room->text[1] = (char)c;
    } else {
        memcpy(room->text, "byte 0x??", 10);
        room->text[7] = digits[c >> 4];
        room->text[8] = digits[c & 15];
    }
    return room->text;
}
