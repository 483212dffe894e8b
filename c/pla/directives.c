/* Directives of a PLA: the lines that begin with a dot.
 *
 * Idea. A table names the directives that are read, with a function for each, and those of the
 * family that change what the terms mean and are not read yet: to skip `.mv` or `.kiss` would give
 * a wrong answer without a word, so they end the reading as unsupported. Any other dot-word is
 * somebody's extension or annotation: it is skipped to the end of its line and counted as a
 * warning.
 *
 * Invariant. A directive comes between two terms, never inside one. The first .i, .o, .type,
 * .phase, .ilb and .ob hold; later ones are warnings as long as they cannot have been meant
 * (docs/pla.md lists each case).
 *
 * Cost. O(length of the line).
 */
#include "pla/reader.h"

#include "job/format.h" /* RST_MAX_INPUTS, RST_MAX_PARTS */

typedef struct directive {
    const char *name;
    esp_status (*read)(esp_pla_reader *r); /* NULL: known, not read yet */
} directive;

/* Compares as C strings do; the core does without libc's strcmp. */
static bool same_word(const char *a, const char *b)
{
    while (*a && *a == *b) {
        a++;
        b++;
    }
    return *a == *b;
}

/* After the arguments of a directive: nothing, a comment, or another directive. */
static esp_status expect_line_end(esp_pla_reader *r, const char *name)
{
    esp_pla_lexer *l = &r->lexer;
    int c = esp_pla_skip_blanks(l);
    if (esp_pla_is_line_end(c) || c == '#' || c == '.') {
        return ESP_OK;
    }
    esp_pla_word room;
    return esp_fail_at(r->ctx, l->line, esp_pla_column(l),
                       "expected the end of the line after %s, found %s", name,
                       esp_pla_found(l, &room));
}

/* A whole number; one that does not fit comes out as the largest below UNKNOWN, which every limit
 * refuses. */
static esp_status read_number(esp_pla_reader *r, const char *name, uint32_t *number)
{
    esp_pla_lexer *l = &r->lexer;
    esp_pla_word room;
    int c = esp_pla_skip_blanks(l);
    if (c < '0' || c > '9') {
        return esp_fail_at(r->ctx, l->line, esp_pla_column(l),
                           "expected a number after %s, found %s", name, esp_pla_found(l, &room));
    }
    uint64_t value = 0;
    for (; c >= '0' && c <= '9'; c = esp_pla_peek(l)) {
        value = value * 10 + (uint32_t)(c - '0');
        if (value >= ESP_PLA_UNKNOWN) {
            value = ESP_PLA_UNKNOWN - 1;
        }
        l->at++;
    }
    if (!esp_pla_is_blank(c) && !esp_pla_is_line_end(c) && c != '#') {
        return esp_fail_at(r->ctx, l->line, esp_pla_column(l),
                           "expected a whole number after %s, found %s in it", name,
                           esp_pla_found(l, &room));
    }
    *number = (uint32_t)value;
    return expect_line_end(r, name);
}

/* .i and .o. The first one holds. A later one that says the same, or comes before the first term,
 * is a warning as in Espresso; once there are terms, a different size can only mean that two files
 * were run together. */
static esp_status read_size(esp_pla_reader *r, const char *name, uint32_t limit, uint32_t *size)
{
    uint32_t line = r->lexer.line;
    uint32_t number;
    esp_status status = read_number(r, name, &number);
    if (status) {
        return status;
    }
    if (*size == ESP_PLA_UNKNOWN) {
        if (number > limit) {
            return esp_pla_fail_size(r, line, number, name, limit);
        }
        *size = number;
    } else if (number == *size || !r->pla->terms) {
        r->pla->warnings++;
    } else {
        return esp_fail_at(r->ctx, line, 0, "%s %u contradicts %s %u, which the terms above follow",
                           name, number, name, *size);
    }
    return ESP_OK;
}

static esp_status read_i(esp_pla_reader *r)
{
    return read_size(r, ".i", RST_MAX_INPUTS, &r->inputs);
}

static esp_status read_o(esp_pla_reader *r)
{
    uint32_t line = r->lexer.line;
    esp_status status = read_size(r, ".o", RST_MAX_PARTS, &r->outputs);
    if (!status && r->outputs == 0) {
        status = esp_fail_at(
            r->ctx, line, 0,
            "expected at least 1 output after .o: a term without an output says nothing");
    }
    return status;
}

static esp_status read_p(esp_pla_reader *r)
{
    r->pla->warnings += r->pla->declared_cubes != UINT32_MAX;
    return read_number(r, ".p", &r->pla->declared_cubes);
}

static esp_status read_type(esp_pla_reader *r)
{
    static const struct {
        char name[4];
        uint32_t type;
    } types[] = {
        {"f", ESP_PLA_F},
        {"fd", ESP_PLA_F | ESP_PLA_D},
        {"fr", ESP_PLA_F | ESP_PLA_R},
        {"fdr", ESP_PLA_F | ESP_PLA_D | ESP_PLA_R},
        {"r", ESP_PLA_R},
        {"dr", ESP_PLA_D | ESP_PLA_R},
    };
    esp_pla_lexer *l = &r->lexer;
    esp_pla_word word;
    esp_pla_skip_blanks(l);
    uint32_t line = l->line, column = esp_pla_column(l);
    esp_pla_read_word(l, &word);
    uint32_t k = 0;
    while (k < sizeof types / sizeof types[0] && !same_word(word.text, types[k].name)) {
        k++;
    }
    if (k == sizeof types / sizeof types[0]) {
        return esp_fail_at(r->ctx, line, column,
                           "expected f, fd, fr, fdr, r or dr after .type, found %s",
                           word.text[0] ? word.text : "the end of the line");
    }
    if ((r->typed || r->pla->terms) && types[k].type != r->pla->type) {
        return esp_fail_at(r->ctx, line, column,
                           r->typed ? "this .type contradicts an earlier one"
                                    : "expected .type before the first term");
    }
    r->pla->warnings += r->typed || r->pla->terms;
    r->pla->type = types[k].type;
    r->typed = true;
    return expect_line_end(r, ".type");
}

static esp_status expect_size(esp_pla_reader *r, const char *size, uint32_t value, const char *name)
{
    if (value != ESP_PLA_UNKNOWN) {
        return ESP_OK;
    }
    return esp_fail_at(r->ctx, r->lexer.line, 0, "expected %s before %s", size, name);
}

/* A second .phase, .ilb or .ob: the first one holds. */
static esp_status ignore(esp_pla_reader *r)
{
    r->pla->warnings++;
    esp_pla_skip_line(&r->lexer);
    return ESP_OK;
}

static esp_status read_phase(esp_pla_reader *r)
{
    esp_pla_lexer *l = &r->lexer;
    esp_status status = expect_size(r, ".o", r->outputs, ".phase");
    if (status || r->pla->phase) {
        return status ? status : ignore(r);
    }
    uint8_t *phase = esp_alloc_zero(r->ctx, r->outputs, 1);
    if (!phase) {
        return esp_fail_stopped(r->ctx);
    }
    r->pla->phase = phase;
    uint32_t count = 0;
    int c = esp_pla_skip_blanks(l);
    for (; c == '0' || c == '1'; c = esp_pla_skip_blanks(l)) {
        if (count < r->outputs) {
            phase[count] = c == '1';
        }
        count++;
        l->at++;
    }
    if (count != r->outputs || (!esp_pla_is_line_end(c) && c != '#' && c != '.')) {
        esp_pla_word room;
        return esp_fail_at(r->ctx, l->line, esp_pla_column(l),
                           "expected %u times 0 or 1 after .phase, found %u and then %s",
                           r->outputs, count, esp_pla_found(l, &room));
    }
    return ESP_OK;
}

static esp_status read_ilb(esp_pla_reader *r)
{
    esp_status status = expect_size(r, ".i", r->inputs, ".ilb");
    if (status || r->pla->input_name) {
        return status ? status : ignore(r);
    }
    status = esp_pla_read_names(r, ".ilb", r->inputs, &r->pla->input_name);
    r->pla->input_names = r->pla->input_name ? r->inputs : 0;
    return status;
}

static esp_status read_ob(esp_pla_reader *r)
{
    esp_status status = expect_size(r, ".o", r->outputs, ".ob");
    if (status || r->pla->output_name) {
        return status ? status : ignore(r);
    }
    status = esp_pla_read_names(r, ".ob", r->outputs, &r->pla->output_name);
    r->pla->output_names = r->pla->output_name ? r->outputs : 0;
    return status;
}

static esp_status read_end(esp_pla_reader *r)
{
    r->ended = true;
    return ESP_OK;
}

static esp_status unsupported(esp_pla_reader *r, const char *name, uint32_t line, uint32_t column)
{
    if (r->ctx->error.kind == ESP_OK) {
        esp_fail(r->ctx, ESP_UNSUPPORTED,
                 ".%s is not read yet: it changes what the terms mean, so it cannot be skipped",
                 name);
        r->ctx->error.line = line;
        r->ctx->error.column = column;
    }
    return r->ctx->error.kind;
}

esp_status esp_pla_read_directive(esp_pla_reader *r)
{
    static const directive directives[] = {
        {"i", read_i},     {"o", read_o},       {"p", read_p},         {"e", read_end},
        {"end", read_end}, {"type", read_type}, {"phase", read_phase}, {"ilb", read_ilb},
        {"ob", read_ob},   {"mv", NULL},        {"symbolic", NULL},    {"symbolic-output", NULL},
        {"kiss", NULL},    {"pair", NULL},
    };
    esp_status status = esp_pla_check_term_ended(r, "a directive");
    if (status) {
        return status;
    }
    esp_pla_lexer *l = &r->lexer;
    uint32_t line = l->line, column = esp_pla_column(l);
    esp_pla_word word;
    l->at++; /* the dot */
    esp_pla_read_word(l, &word);
    for (uint32_t k = 0; k < sizeof directives / sizeof directives[0]; k++) {
        if (same_word(word.text, directives[k].name)) {
            return directives[k].read ? directives[k].read(r)
                                      : unsupported(r, directives[k].name, line, column);
        }
    }
    return ignore(r);
}
