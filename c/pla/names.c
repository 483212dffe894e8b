/* Names of columns: the words after .ilb and .ob.
 *
 * Idea. A name is any run of bytes without blanks or control characters that begins neither with a
 * dot nor with
 * `#`. Names may go on in the next lines, as they do for a reader that only counts words. They end
 * when there are as many as columns, or before a line that begins with a directive or with a symbol
 * of a term (0 1 2 3 4 - ~ |): so a list that is too short, which many old files have, does not
 * swallow the first terms. The last columns then have no name. Too many names are an error: it is
 * not known which column each belongs to.
 *
 * Invariant. All bytes of the names lie in one array, one after another; that array grows while it
 * is the newest allocation, so pointers into it are only made at the end.
 *
 * Cost. O(bytes); the search for names that stand for two columns sorts, O(n log n) comparisons.
 */
#include "pla/reader.h"

typedef struct bytes {
    char *data;
    size_t used, room;
} bytes;

static bool put_byte(esp_context *ctx, bytes *b, int c)
{
    if (b->used == b->room) {
        size_t larger = b->room ? b->room * 2 : 256;
        if (!b->data || !esp_arena_extend(&ctx->arena, b->data, b->room, larger)) {
            char *data = esp_alloc(ctx, larger);
            if (!data) {
                return false;
            }
            if (b->used) {
                memcpy(data, b->data, b->used);
            }
            b->data = data;
        }
        b->room = larger;
    }
    b->data[b->used++] = (char)c;
    return true;
}

static esp_status read_name(esp_pla_reader *r, const char *directive, bytes *text, uint32_t *length)
{
    esp_pla_lexer *l = &r->lexer;
    size_t before = text->used;
    int c = esp_pla_peek(l);
    for (; !esp_pla_is_blank(c) && !esp_pla_is_line_end(c); c = esp_pla_peek(l)) {
        if (c < ' ' || c == 0x7f) {
            esp_pla_word room;
            return esp_fail_at(r->ctx, l->line, esp_pla_column(l),
                               "expected a name after %s, found %s in it", directive,
                               esp_pla_found(l, &room));
        }
        if (!put_byte(r->ctx, text, c)) {
            return esp_fail_stopped(r->ctx);
        }
        l->at++;
    }
    *length = (uint32_t)(text->used - before);
    return ESP_OK;
}

/* Can a line that goes on with names begin so? Not with what begins a directive or a term. An x
 * could do both: names are what other readers take it for, and few files write x for a free input.
 */
static bool continues_names(int c)
{
    switch (c) {
    case '0':
    case '1':
    case '2':
    case '3':
    case '4':
    case '-':
    case '~':
    case '|':
        return false;
    default:
        return true;
    }
}

/* To the next name, over line ends and comments while names are missing. False when no more come.
 */
static bool find_name(esp_pla_lexer *l, bool missing, bool *first_in_line)
{
    for (;;) {
        int c = esp_pla_skip_blanks(l);
        if (c == '#') {
            esp_pla_skip_line(l);
        } else if (c == ESP_PLA_END || c == '.' || (*first_in_line && !continues_names(c))) {
            return false;
        } else if (!esp_pla_is_line_end(c)) {
            return true;
        } else if (!missing) {
            return false;
        } else {
            esp_pla_newline(l);
            *first_in_line = true;
        }
    }
}

esp_status esp_pla_read_names(esp_pla_reader *r, const char *directive, uint32_t count,
                              const esp_name **names)
{
    esp_pla_lexer *l = &r->lexer;
    esp_name *name = esp_alloc_zero(r->ctx, count, sizeof *name);
    if (!name) {
        return esp_fail_stopped(r->ctx);
    }
    bytes text = {0};
    uint32_t found = 0;
    bool first_in_line = false;
    while (find_name(l, found < count, &first_in_line)) {
        if (found == count) {
            return esp_fail_at(r->ctx, l->line, esp_pla_column(l),
                               "expected %u names after %s, found more", count, directive);
        }
        esp_status status = read_name(r, directive, &text, &name[found].length);
        if (status) {
            return status;
        }
        found++;
        first_in_line = false;
    }
    size_t at = 0;
    for (uint32_t k = 0; k < found; k++) {
        name[k].text = text.data + at;
        at += name[k].length;
    }
    r->pla->warnings += found < count;
    *names = found ? name : NULL;
    return ESP_OK;
}

/* An order in which equal names are neighbours: by length, then by bytes. */
static int compare(esp_context *ctx, const esp_name *a, const esp_name *b)
{
    esp_spend(ctx, 1 + a->length / 64);
    if (a->length != b->length) {
        return a->length < b->length ? -1 : 1;
    }
    return a->length ? memcmp(a->text, b->text, a->length) : 0;
}

/* Merges the sorted runs from[low, middle) and from[middle, high) into `to`. */
static void merge(esp_context *ctx, const esp_name *names, const uint32_t *from, uint32_t *to,
                  const uint32_t run[3])
{
    uint32_t left = run[0], right = run[1];
    for (uint32_t k = run[0]; k < run[2]; k++) {
        bool take_left = left < run[1] && (right == run[2] || compare(ctx, &names[from[left]],
                                                                      &names[from[right]]) <= 0);
        to[k] = take_left ? from[left++] : from[right++];
    }
}

bool esp_pla_names_repeat(esp_context *ctx, const esp_name *names, uint32_t count)
{
    if (count < 2) {
        return false;
    }
    esp_mark mark = esp_mark_top(ctx);
    uint32_t *from = esp_alloc_array(ctx, count, sizeof *from);
    uint32_t *to = esp_alloc_array(ctx, count, sizeof *to);
    bool repeat = false;
    if (from && to) {
        for (uint32_t k = 0; k < count; k++) {
            from[k] = k;
        }
        for (uint32_t width = 1; width < count && !esp_stopped(ctx); width *= 2) {
            for (uint32_t low = 0; low < count; low += 2 * width) {
                uint32_t middle = esp_min_u32(low + width, count);
                merge(ctx, names, from, to,
                      (uint32_t[]){low, middle, esp_min_u32(middle + width, count)});
            }
            uint32_t *swap = from;
            from = to;
            to = swap;
        }
        for (uint32_t k = 1; k < count && !repeat; k++) {
            repeat = names[from[k]].length && !compare(ctx, &names[from[k - 1]], &names[from[k]]);
        }
    }
    esp_release(ctx, mark);
    return repeat;
}
