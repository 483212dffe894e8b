/* The PLA reader: one pass over the text, from bytes to the covers of ON, DC and OFF.
 *
 *     text ─► lexer ─┬─► directives ─► sizes, type, names, phase
 *                    └─► terms ──────► a row of symbols ─► a cube for each of ON, DC, OFF that it
 * speaks of
 *
 * Idea. The format has no nesting, so the reader is a loop over what can begin at a place: a blank
 * or `|`, a line end, a comment, a directive, a symbol of a term. What was begun and not ended (a
 * term may go over several lines) is in the reader's state, not on the stack. The format is that of
 * espresso(5); docs/pla.md says what is accepted beyond it, what is not, and what each complaint
 * means.
 *
 * Invariant. Nothing that the text declares is believed before it is seen: .p is compared at the
 * end and otherwise ignored, .i and .o have limits, covers grow with the terms that are really
 * there. All memory comes from the context's arena; the stack use is a few hundred bytes, whatever
 * the text.
 *
 * Cost. O(bytes) plus the words of the cubes. Types with ON and OFF check that they do not overlap
 * (overlap.c).
 *
 * Reference. Rudell, R. and others, espresso(5), the manual page of the format, University of
 * California.
 */
#include "pla/reader.h"

#include "job/format.h"  /* RST_MAX_PARTS */
#include "pla/overlap.h" /* esp_find_overlap */

esp_status esp_pla_fail_size(esp_pla_reader *r, uint32_t line, uint32_t found, const char *what,
                             uint32_t limit)
{
    esp_error *e = &r->ctx->error;
    if (e->kind == ESP_OK) {
        esp_fail(r->ctx, ESP_LIMIT_EXCEEDED, "expected at most %u for %s, found %u", limit, what,
                 found);
        e->limit = ESP_LIMIT_SIZE;
        e->line = line;
        e->column = 0;
    }
    return e->kind;
}

esp_status esp_pla_fix_sizes(esp_pla_reader *r)
{
    esp_context *ctx = r->ctx;
    if (r->outputs > RST_MAX_PARTS - 2 * r->inputs) {
        return esp_pla_fail_size(r, r->lexer.line, r->outputs,
                                 "the outputs beside that many inputs",
                                 RST_MAX_PARTS - 2 * r->inputs);
    }
    const esp_shape *s = esp_shape_create(ctx, r->inputs, 1, &r->outputs);
    if (!s) {
        return esp_fail_stopped(ctx);
    }
    const esp_var *output = esp_output_var(s);
    uint32_t output_words = output->last_word - output->word + 1;
    r->row = esp_alloc_zero(ctx, s->words, sizeof(uint64_t));
    for (uint32_t k = 0; k < ESP_PLA_SETS; k++) {
        r->set[k] = esp_alloc_zero(ctx, output_words, sizeof(uint64_t));
    }
    if (!r->row || !r->set[ESP_PLA_ON] || !r->set[ESP_PLA_DC] || !r->set[ESP_PLA_OFF]) {
        return esp_fail_stopped(ctx);
    }
    r->shape = s;
    return esp_spend(ctx, s->words) ? ESP_OK : esp_fail_stopped(ctx);
}

/* Text before the sizes are known: a title, which is skipped, or a term that came too early. */
static esp_status read_title(esp_pla_reader *r)
{
    esp_pla_lexer *l = &r->lexer;
    if (r->inputs != ESP_PLA_UNKNOWN) {
        esp_pla_word room;
        return esp_fail_at(r->ctx, l->line, esp_pla_column(l),
                           "expected .o and the number of outputs before the first term, found %s",
                           esp_pla_found(l, &room));
    }
    esp_pla_skip_line(l);
    return ESP_OK;
}

static esp_status read_all(esp_pla_reader *r)
{
    esp_pla_lexer *l = &r->lexer;
    esp_status status = ESP_OK;
    while (!status && !r->ended) {
        int c = esp_pla_peek(l);
        if (c == ESP_PLA_END) {
            break;
        } else if (c == '\n' || c == '\r') {
            esp_pla_newline(l);
            r->complete = false;
        } else if (esp_pla_is_blank(c) || c == '|') {
            l->at++;
        } else if (c == '#') {
            esp_pla_skip_line(l);
        } else if (c == '.') {
            status = esp_pla_read_directive(r);
        } else if (r->inputs == ESP_PLA_UNKNOWN || r->outputs == ESP_PLA_UNKNOWN) {
            status = read_title(r);
        } else {
            status = esp_pla_read_term(r);
        }
    }
    return status ? status : r->ctx->error.kind; /* the lexer may have stopped */
}

/* A byte order mark before the first line would otherwise make a title of the line with .i. */
static void skip_byte_order_mark(esp_pla_lexer *l)
{
    static const uint8_t mark[3] = {0xef, 0xbb, 0xbf};
    for (uint32_t k = 0; k < 3; k++) {
        if (esp_pla_peek(l) != mark[k]) {
            if (k) {
                esp_pla_skip_line(l); /* half a mark: a title in some other encoding */
            }
            return;
        }
        l->at++;
    }
}

/* Types with ON and OFF: no point may be both for the same output. */
static esp_status check_overlap(esp_pla_reader *r)
{
    esp_context *ctx = r->ctx;
    const esp_function *f = &r->pla->function;
    const esp_shape *s = r->shape;
    uint32_t on, off;
    if (!esp_find_overlap(ctx, s, &f->on, &f->off, &on, &off)) {
        return esp_stopped(ctx) ? esp_fail_stopped(ctx) : ESP_OK;
    }
    const uint64_t *a = esp_cube(&f->on, s, on);
    const uint64_t *b = esp_cube(&f->off, s, off);
    uint32_t bit = esp_output_var(s)->first;
    while (!esp_cube_has(a, bit) || !esp_cube_has(b, bit)) {
        bit++;
    }
    uint32_t on_line = r->lines[ESP_PLA_ON].line[on];
    uint32_t off_line = r->lines[ESP_PLA_OFF].line[off];
    return esp_fail_at(ctx, esp_max_u32(on_line, off_line), 0,
                       "expected ON and OFF to have no point in common, found column %u of the "
                       "output part to be 1 in line %u and 0 in line %u, whose inputs overlap",
                       bit - esp_output_var(s)->first + 1, on_line, off_line);
}

/* All is read: what is still missing, and what does not fit together. */
static esp_status finish(esp_pla_reader *r)
{
    esp_context *ctx = r->ctx;
    esp_pla *pla = r->pla;
    esp_pla_lexer *l = &r->lexer;
    esp_status status = esp_pla_check_term_ended(r, "the end of the text");
    if (status) {
        return status;
    }
    if (r->inputs == ESP_PLA_UNKNOWN || r->outputs == ESP_PLA_UNKNOWN) {
        bool inputs = r->inputs == ESP_PLA_UNKNOWN;
        return esp_fail_at(ctx, l->line, esp_pla_column(l),
                           "expected %s and the number of %s, found %s", inputs ? ".i" : ".o",
                           inputs ? "inputs" : "outputs",
                           r->ended ? "the end of the PLA (.e)" : "the end of the text");
    }
    if (!r->shape) {
        status = esp_pla_fix_sizes(r);
        if (status) {
            return status;
        }
    }
    pla->warnings += pla->declared_cubes != UINT32_MAX && pla->declared_cubes != pla->terms;
    pla->warnings += esp_pla_names_repeat(ctx, pla->input_name, pla->input_names);
    pla->warnings += esp_pla_names_repeat(ctx, pla->output_name, pla->output_names);
    if (esp_stopped(ctx)) {
        return esp_fail_stopped(ctx);
    }
    esp_function *f = &pla->function;
    f->shape = r->shape;
    f->has_on = pla->type & ESP_PLA_F;
    f->has_dc = pla->type & ESP_PLA_D;
    f->has_off = pla->type & ESP_PLA_R;
    pla->consumed = esp_pla_offset(l);
    return f->has_on && f->has_off ? check_overlap(r) : ESP_OK;
}

esp_status esp_pla_read(esp_context *ctx, const uint8_t *text, size_t length, uint32_t default_type,
                        esp_pla *pla)
{
    *pla = (esp_pla){.type = default_type, .declared_cubes = UINT32_MAX};
    if (default_type > (ESP_PLA_F | ESP_PLA_D | ESP_PLA_R) ||
        !(default_type & (ESP_PLA_F | ESP_PLA_R))) {
        return esp_fail(ctx, ESP_INVALID_INPUT,
                        "expected an input type of f, fd, fr, fdr, r or dr");
    }
    esp_pla_reader r = {
        .ctx = ctx, .pla = pla, .inputs = ESP_PLA_UNKNOWN, .outputs = ESP_PLA_UNKNOWN};
    if (!esp_pla_lexer_open(&r.lexer, ctx, text, length)) {
        return ctx->error.kind;
    }
    esp_report(ctx, ESP_STEP_READ, 0);
    skip_byte_order_mark(&r.lexer);
    esp_status status = read_all(&r);
    return status ? status : finish(&r);
}
