/* Terms of a PLA: rows of symbols, one for each input, then one for each output.
 *
 *   10-1|01~-        i0=1 i1=0 i2 free i3=1        o0: 0, o1: 1, o2: nothing, o3: -
 *
 * Idea. Input symbols become their two bits by one table lookup and are collected in a register
 * until a word, the line or the chunk ends. Output symbols go to three registers at once, those of
 * ON, DC and OFF; which of them the type of the PLA makes use of is decided once, when the term is
 * complete:
 *
 *   symbol   f    fd    fr    fdr   r    dr          A row gives one cube to each cover that gets
 * at least one 1 4      ON   ON    ON    ON    .    .           output from it; a row that gives
 * nothing adds no cube.
 *   - 2 x    .    DC    .     DC    .    DC
 *   0        .    .     OFF   OFF   OFF  OFF
 *   ~ 3      .    .     .     .     .    .
 *
 * Invariant. A term may go over several lines, as the format allows, but a line may not hold two of
 * them: when it has ended one, only a comment or a directive may follow. Without that rule, a
 * symbol too many in one row would shift all that follow and be noticed, if at all, far away.
 *
 * Cost. About a nanosecond a symbol; one unit of work a word of each cube that comes out.
 */
#include "pla/reader.h"

enum { CODE_ON = 1, CODE_DC = 2, CODE_OFF = 4, CODE_NOTHING = 8 };

/* The bits of a binary variable; 0 = not a symbol of the input part. */
static const uint8_t input_code[256] = {
    ['0'] = 1, ['1'] = 2, ['-'] = 3, ['2'] = 3, ['x'] = 3, ['X'] = 3,
};

/* 0 = not a symbol of the output part. */
static const uint8_t output_code[256] = {
    ['1'] = CODE_ON, ['4'] = CODE_ON,  ['-'] = CODE_DC,      ['2'] = CODE_DC,      ['x'] = CODE_DC,
    ['X'] = CODE_DC, ['0'] = CODE_OFF, ['~'] = CODE_NOTHING, ['3'] = CODE_NOTHING,
};

static esp_status push_line(esp_pla_reader *r, esp_pla_lines *lines)
{
    if (lines->count == lines->capacity) {
        uint32_t larger =
            lines->capacity ? lines->capacity * 2 : 64; /* counts stay below 2^31: bytes of text */
        uint32_t *line = esp_alloc_array(r->ctx, larger, sizeof *line);
        if (!line) {
            return esp_fail_stopped(r->ctx);
        }
        if (lines->count) {
            memcpy(line, lines->line, lines->count * sizeof *line);
        }
        lines->line = line;
        lines->capacity = larger;
    }
    lines->line[lines->count++] = r->line;
    return ESP_OK;
}

/* A cube for one of the covers, when the term gives it an output; the output bits are cleared for
 * the next term. */
static esp_status push_cube(esp_pla_reader *r, uint32_t set, esp_cover *f, bool wanted)
{
    const esp_shape *s = r->shape;
    const esp_var *output = esp_output_var(s);
    uint64_t *bits = r->set[set];
    uint32_t words = output->last_word - output->word + 1;
    uint64_t any = 0;
    for (uint32_t w = 0; w < words; w++) {
        any |= bits[w];
    }
    if (wanted && any) {
        uint64_t *cube = esp_cover_push(r->ctx, s, f);
        if (!cube || !esp_spend(r->ctx, s->words)) {
            return esp_fail_stopped(r->ctx);
        }
        memcpy(cube, r->row, s->words * sizeof *cube);
        for (uint32_t w = 0; w < words; w++) {
            cube[output->word + w] |= bits[w];
        }
        if ((r->pla->type & ESP_PLA_F) && (r->pla->type & ESP_PLA_R)) {
            esp_status status = push_line(r, &r->lines[set]);
            if (status) {
                return status;
            }
        }
    }
    if (any) {
        memset(bits, 0, words * sizeof *bits);
    }
    return ESP_OK;
}

static esp_status finish_term(esp_pla_reader *r)
{
    esp_function *f = &r->pla->function;
    uint32_t type = r->pla->type;
    esp_status status = push_cube(r, ESP_PLA_ON, &f->on, type & ESP_PLA_F);
    if (!status) {
        status = push_cube(r, ESP_PLA_DC, &f->dc, type & ESP_PLA_D);
    }
    if (!status) {
        status = push_cube(r, ESP_PLA_OFF, &f->off, type & ESP_PLA_R);
    }
    memset(r->row, 0, r->shape->words * sizeof *r->row);
    r->pla->terms++;
    r->symbols = 0;
    r->complete = true;
    return status;
}

/* As many input symbols as come next in this chunk. */
static void read_inputs(esp_pla_reader *r)
{
    const uint8_t *at = r->lexer.at;
    const uint8_t *end = r->lexer.end;
    uint32_t i = r->symbols;
    uint32_t code = 1;
    while (code && i < r->inputs && at < end) {
        uint32_t w = i / 32; /* 32 inputs a word */
        uint32_t stop = esp_min_u32(r->inputs, (w + 1) * 32);
        uint64_t word = r->row[w];
        for (uint32_t shift = i % 32 * 2; i < stop && at < end; i++, at++, shift += 2) {
            code = input_code[*at];
            if (!code) {
                break;
            }
            word |= (uint64_t)code << shift;
        }
        r->row[w] = word;
    }
    r->symbols = i;
    r->lexer.at = at;
}

/* The same for output symbols. */
static void read_outputs(esp_pla_reader *r)
{
    const esp_var *output = esp_output_var(r->shape);
    const uint8_t *at = r->lexer.at;
    const uint8_t *end = r->lexer.end;
    uint32_t bit =
        output->first % 64 + r->symbols - r->inputs; /* from the first word of the output on */
    uint32_t last = output->first % 64 + r->outputs;
    uint64_t code = 1;
    while (code && bit < last && at < end) {
        uint32_t w = bit / 64;
        uint32_t stop = esp_min_u32(last, (w + 1) * 64);
        uint64_t on = 0, dc = 0, off = 0;
        for (; bit < stop && at < end; bit++, at++) {
            code = output_code[*at];
            if (!code) {
                break;
            }
            on |= (code & 1) << bit % 64;
            dc |= (code >> 1 & 1) << bit % 64;
            off |= (code >> 2 & 1) << bit % 64;
        }
        r->set[ESP_PLA_ON][w] |= on;
        r->set[ESP_PLA_DC][w] |= dc;
        r->set[ESP_PLA_OFF][w] |= off;
    }
    r->symbols = bit - output->first % 64 + r->inputs;
    r->lexer.at = at;
}

static esp_status bad_symbol(esp_pla_reader *r)
{
    esp_pla_lexer *l = &r->lexer;
    esp_pla_word room;
    bool input = r->symbols < r->inputs;
    uint32_t column = input ? r->symbols : r->symbols - r->inputs;
    return esp_fail_at(r->ctx, l->line, esp_pla_column(l),
                       "expected %s in column %u of the %s part, found %s",
                       input ? "0, 1, - or 2" : "0, 1, -, 2, 3, 4 or ~", column + 1,
                       input ? "input" : "output", esp_pla_found(l, &room));
}

/* A line that has ended its term holds more: count what is there, so that the message can say it.
 */
static esp_status too_long(esp_pla_reader *r)
{
    esp_pla_lexer *l = &r->lexer;
    esp_pla_word room;
    uint32_t line = l->line, column = esp_pla_column(l);
    const char *first = esp_pla_found(l, &room);
    uint32_t more = 0;
    for (int c = esp_pla_peek(l); c != '#' && !esp_pla_is_line_end(c); c = esp_pla_peek(l)) {
        more += output_code[c] != 0;
        l->at++;
    }
    if (!more) {
        return esp_fail_at(r->ctx, line, column,
                           "expected the end of the line after the term, found %s", first);
    }
    uint32_t total = r->inputs + r->outputs;
    return esp_fail_at(
        r->ctx, line, column,
        "expected %u symbols (inputs: %u, outputs: %u) in the term that began in line %u, "
        "column %u, found %u",
        total, r->inputs, r->outputs, r->line, r->column, total + more);
}

esp_status esp_pla_check_term_ended(esp_pla_reader *r, const char *what)
{
    if (!r->symbols) {
        return ESP_OK;
    }
    return esp_fail_at(
        r->ctx, r->lexer.line, esp_pla_column(&r->lexer),
        "expected %u symbols (inputs: %u, outputs: %u) in the term that began in line %u, "
        "column %u, found %u before %s",
        r->inputs + r->outputs, r->inputs, r->outputs, r->line, r->column, r->symbols, what);
}

esp_status esp_pla_read_term(esp_pla_reader *r)
{
    esp_pla_lexer *l = &r->lexer;
    if (!r->shape) {
        esp_status status = esp_pla_fix_sizes(r);
        if (status) {
            return status;
        }
    }
    if (r->complete) {
        return too_long(r);
    }
    uint32_t before = r->symbols;
    if (!before) {
        r->line = l->line;
        r->column = esp_pla_column(l);
    } else if (l->line != r->line && !r->spans) {
        r->spans = true;
        r->pla->warnings++;
    }
    if (r->symbols < r->inputs) {
        read_inputs(r);
        if (r->symbols == r->inputs && l->at < l->end && *l->at == ' ') {
            l->at++; /* the usual separator, without a turn of the reader's loop */
        }
    }
    if (r->symbols >= r->inputs) {
        read_outputs(r);
    }
    if (r->symbols == before) {
        return bad_symbol(r);
    }
    return r->symbols == r->inputs + r->outputs ? finish_term(r) : ESP_OK;
}
