/* The lexer of PLA text: bytes, lines and columns. Private to c/pla. */
#ifndef ESP_PLA_LEXER_H
#define ESP_PLA_LEXER_H

#include "base/context.h"

enum { ESP_PLA_END = 256 }; /* what esp_pla_peek returns after the last byte */

typedef struct esp_pla_lexer {
    esp_context *ctx;
    const uint8_t *text; /* what has not been fetched yet; somebody else may be writing there */
    size_t left;         /* bytes of it */
    uint8_t *buffer;     /* the chunk fetched last: ours alone */
    const uint8_t *at;   /* next byte of the chunk */
    const uint8_t *end;
    uint32_t base;       /* offset in the text of the first byte of the chunk */
    uint32_t line;       /* 1-based */
    uint32_t line_start; /* offset of the first byte of the line */
} esp_pla_lexer;

/* Room for words that messages quote. */
typedef struct esp_pla_word {
    char text[32];
} esp_pla_word;

/* False when memory ran out or the text is longer than a block may be; the error is recorded. */
bool esp_pla_lexer_open(esp_pla_lexer *l, esp_context *ctx, const uint8_t *text, size_t length);
/* Fetches the next chunk. At the end of the text, and when the run must stop (the error is
 * recorded): END. */
int esp_pla_refill(esp_pla_lexer *l);

/* The next byte, or ESP_PLA_END; not consumed. */
static inline int esp_pla_peek(esp_pla_lexer *l)
{
    return l->at < l->end ? *l->at : esp_pla_refill(l);
}

static inline uint32_t esp_pla_offset(const esp_pla_lexer *l)
{
    return l->base + (uint32_t)(l->at - l->buffer);
}

static inline uint32_t esp_pla_column(const esp_pla_lexer *l)
{
    return esp_pla_offset(l) - l->line_start + 1;
}

static inline bool esp_pla_is_blank(int c)
{
    return c == ' ' || c == '\t' || c == '\v' || c == '\f';
}

static inline bool esp_pla_is_line_end(int c)
{
    return c == '\n' || c == '\r' || c == ESP_PLA_END;
}

/* Over the line end (LF, CR LF or CR) that comes next. */
void esp_pla_newline(esp_pla_lexer *l);
/* To the next byte that is no blank. Returns it, as esp_pla_peek does. */
int esp_pla_skip_blanks(esp_pla_lexer *l);
/* To the end of the line, not over it. */
void esp_pla_skip_line(esp_pla_lexer *l);
/* Reads to the next blank, line end or comment. What is longer than the room, or not printable,
 * comes out shortened, or with question marks: enough to compare with known words and to quote. */
void esp_pla_read_word(esp_pla_lexer *l, esp_pla_word *word);
/* What comes next, for a message: 'z', byte 0x1b, the end of the line, the end of the text. */
const char *esp_pla_found(esp_pla_lexer *l, esp_pla_word *room);

#endif
