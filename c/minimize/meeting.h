/* Which rows of F ∪ D meet a cube, by columns: for the steps that ask it of every cube of F.
 *
 * The rows are kept twice, as they are and as bit sets (blocking.c makes them, of rows that lack a
 * part). A row misses c when it lacks the one part c has in some variable, or every part c has in a
 * wide one, so the rows that meet c are what an OR of few columns leaves: a word operation for 64
 * rows and a literal, where a pass over the rows takes a dozen for each. What they are seen from c
 * (their cofactors) is then gathered from those that meet it, usually few.
 */
#ifndef ESP_MEETING_H
#define ESP_MEETING_H

#include "minimize/expander.h"

typedef struct esp_meeting {
    esp_context *ctx;
    const esp_shape *s;
    esp_cover rows; /* F, then D: a copy */
    uint32_t first; /* rows of F */
    esp_blocking *columns;
    uint64_t *set;           /* [columns->words]: rows of the last question */
    uint64_t *wide;          /* [wides][columns->words] */
    const uint64_t **column; /* [vars] */
} esp_meeting;

bool esp_meeting_create(esp_context *ctx, const esp_shape *s, const esp_cover *f,
                        const esp_cover *d, esp_meeting *m);
/* Row i becomes `row`, which lies inside the old one; all zero: it meets nothing any more. */
void esp_meeting_shrink(esp_meeting *m, uint32_t i, const uint64_t *row);
/* m->set = the rows that meet c. */
bool esp_meeting_ask(esp_meeting *m, const uint64_t *c);
/* m->set = the rows at distance 0 or 1 of c. */
bool esp_meeting_ask_near(esp_meeting *m, const uint64_t *c);
/* The rows of the set but `skip` (-1: none), cofactored by c; `off` (NULL: none): rows of F whose
 * byte is set are left out too. g has room for all rows. */
void esp_meeting_gather(const esp_meeting *m, const uint64_t *c, int64_t skip, const uint8_t *off,
                        esp_cover *g);
/* Do the other rows cover c? `skip`, `off` as above. */
bool esp_meeting_covers(esp_meeting *m, const uint64_t *c, int64_t skip, const uint8_t *off,
                        bool *answer);

#endif
