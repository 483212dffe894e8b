/* The state of a PLA reader, shared by the files that are its parts. Private to c/pla. */
#ifndef ESP_PLA_READER_H
#define ESP_PLA_READER_H

#include "pla/lexer.h"
#include "pla/pla.h"

enum { ESP_PLA_ON = 0, ESP_PLA_DC = 1, ESP_PLA_OFF = 2, ESP_PLA_SETS = 3 };

#define ESP_PLA_UNKNOWN UINT32_MAX /* a size that no directive has given yet */

/* The line each cube of a cover began in; kept for types with both ON and OFF only. */
typedef struct esp_pla_lines {
    uint32_t *line;
    uint32_t count, capacity;
} esp_pla_lines;

typedef struct esp_pla_reader {
    esp_pla_lexer lexer;
    esp_context *ctx;
    esp_pla *pla;
    const esp_shape *shape; /* NULL until the first term fixes the sizes */
    uint32_t inputs, outputs;
    bool typed; /* .type was seen */
    bool ended; /* .e was seen */

    /* The term being read. */
    uint32_t symbols;            /* symbols read of it: 0 = between two terms */
    uint32_t line, column;       /* where it began */
    bool complete;               /* the line we are in has ended a term: nothing may follow in it */
    bool spans;                  /* the warning about terms over several lines was counted */
    uint64_t *row;               /* [shape->words]: input bits so far, no output bits */
    uint64_t *set[ESP_PLA_SETS]; /* [output words]: output bits so far, where the kernel layout has
                                    them */
    esp_pla_lines lines[ESP_PLA_SETS];
} esp_pla_reader;

/* reader.c: a size is beyond what is possible: LimitExceeded(size), with the line. */
esp_status esp_pla_fail_size(esp_pla_reader *r, uint32_t line, uint32_t found, const char *what,
                             uint32_t limit);
/* reader.c: the sizes become final; allocates what a term needs. */
esp_status esp_pla_fix_sizes(esp_pla_reader *r);
/* term.c: reads symbols, as far as they go in this line; the next byte is the first. */
esp_status esp_pla_read_term(esp_pla_reader *r);
/* term.c: complains when a term was begun and not ended; `what` comes next instead. */
esp_status esp_pla_check_term_ended(esp_pla_reader *r, const char *what);
/* directives.c: the next byte is the '.'. */
esp_status esp_pla_read_directive(esp_pla_reader *r);
/* names.c: reads the words after .ilb or .ob. */
esp_status esp_pla_read_names(esp_pla_reader *r, const char *directive, uint32_t count,
                              const esp_name **names);
/* names.c: does a name that is not empty stand for two columns? */
bool esp_pla_names_repeat(esp_context *ctx, const esp_name *names, uint32_t count);

#endif
