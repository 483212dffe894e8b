/* PLA text: the reader and the writer of the Berkeley format (espresso(5)); docs/pla.md describes
 * what is accepted.
 *
 * The reader makes one pass over the bytes, never looks at a byte twice, and trusts nothing: every
 * complaint has a line and a column (1-based, in bytes) and says what was expected. It may read
 * memory that somebody else writes at the same time: it fetches each byte once.
 */
#ifndef ESP_PLA_H
#define ESP_PLA_H

#include "cube/cover.h"

/* Names as byte ranges in the context's arena; NULL arrays when the text gives none. */
typedef struct esp_name {
    const char *text;
    uint32_t length;
} esp_name;

enum { ESP_PLA_F = 1, ESP_PLA_D = 2, ESP_PLA_R = 4 };

typedef struct esp_pla {
    esp_function function;
    uint32_t type;              /* ESP_PLA_… bits: the type the text was read as */
    uint32_t input_names;       /* entries of input_name: 0 or the number of inputs */
    uint32_t output_names;      /* entries of output_name: 0 or the number of outputs */
    const esp_name *input_name; /* missing ones, at the end, have length 0 */
    const esp_name *output_name;
    /* One byte an output, NULL = all 1. After a read: what .phase asks for, 0 = the complement,
     * while the covers still are what the text says (esp_pla_apply_phase). For the writer: 0 = the
     * covers are the complement's. */
    const uint8_t *phase;
    uint32_t terms;          /* terms in the text; one may give a cube to each of ON, DC and OFF */
    uint32_t declared_cubes; /* .p, UINT32_MAX when there was none; never trusted */
    uint32_t warnings;       /* things tolerated: a wrong .p, a second .i, fewer .ob names, … */
    uint32_t consumed;       /* bytes read: up to and with .e, or the whole text */
} esp_pla;

/* Reads `length` bytes. `default_type`: for text without .type, one of f, fd, fr, fdr, r, dr as
 * bits. Errors: ESP_INVALID_INPUT with line and column, ESP_UNSUPPORTED for directives of the
 * family that are not read yet
 * (.mv, .symbolic, .kiss, …), ESP_LIMIT_EXCEEDED. Needs all its work done: a soft budget should
 * start after it. */
esp_status esp_pla_read(esp_context *ctx, const uint8_t *text, size_t length, uint32_t default_type,
                        esp_pla *pla);

/* Swaps ON and OFF of every output whose phase is 0. The function must have both (esp_on_set,
 * esp_off_set). */
esp_status esp_pla_apply_phase(esp_context *ctx, esp_pla *pla);

typedef struct esp_text {
    uint8_t *data; /* arena */
    size_t length;
} esp_text;

/* Writes the parts of the function that `type` names (f, d, r bits; those present), names and
 * phase. Same function in, same bytes out. Output symbols: type f: 1 and 0; other types: 1 ON, 2
 * DC, 0 OFF, ~ nothing, as Espresso. Counts its work but never stops for it: it is what brings out
 * the best cover of a run that was stopped. */
esp_status esp_pla_write(esp_context *ctx, const esp_pla *pla, uint32_t type, esp_text *out);

#endif
