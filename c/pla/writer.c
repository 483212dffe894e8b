/* The PLA writer: covers to text, shaped as Espresso prints it.
 *
 *   .i 4            sizes                       .type fd       other types begin with their name,
 *   .o 2                                        .i 4 …
 *   .ilb a b c d    names, when there are any   .p 3
 *   .ob f g                                     10-1 1~        write 1 for ON, 2 for DC, 0 for OFF
 * and ~ for
 *   #.phase 10      when an output is inverted  0--- ~2        nothing, cover after cover,
 *   .p 2            rows that follow            11-- 0~
 *   10-1 10         1 ON, 0 nothing             .end           and end so
 *   0--1 01
 *   .e
 *
 * Idea. The size is computed exactly, the memory taken once, and filled in one pass. A row is cut
 * from its words by tables: a byte of input bits is four symbols, four output bits are four
 * symbols.
 *
 * Invariant. The same function gives the same bytes, whatever the machine; reading them gives the
 * same covers in the same order, names and all. What could not be read again is refused before a
 * byte is written: a name that is empty, has blanks or control characters, or begins with a dot or
 * `#`. Only the last names may be missing.
 *
 * Cost. O(bytes written), about a tenth of a nanosecond each.
 */
#include "pla/pla.h"

enum { F = ESP_PLA_F, D = ESP_PLA_D, R = ESP_PLA_R };

/* Symbols of four inputs, indexed by their eight bits; 00 is in no cube of a cover. */
#define ONE_MORE(b, c, d)                                                                          \
    {'?', b, c, d}, {'0', b, c, d}, {'1', b, c, d},                                                \
    {                                                                                              \
        '-', b, c, d                                                                               \
    }
#define TWO_MORE(c, d)                                                                             \
    ONE_MORE('?', c, d), ONE_MORE('0', c, d), ONE_MORE('1', c, d), ONE_MORE('-', c, d)
#define THREE_MORE(d) TWO_MORE('?', d), TWO_MORE('0', d), TWO_MORE('1', d), TWO_MORE('-', d)
static const char input_text[256][4] = {THREE_MORE('?'), THREE_MORE('0'), THREE_MORE('1'),
                                        THREE_MORE('-')};

/* Symbols of four outputs, indexed by their bits: y where the cube has the output, n where not. */
#define PAIR(y, n, c, d)                                                                           \
    {n, n, c, d}, {y, n, c, d}, {n, y, c, d},                                                      \
    {                                                                                              \
        y, y, c, d                                                                                 \
    }
#define OUTPUTS(y, n) {PAIR(y, n, n, n), PAIR(y, n, y, n), PAIR(y, n, n, y), PAIR(y, n, y, y)}
typedef char output_symbols[16][4];
static const output_symbols only_on_text = OUTPUTS('1', '0');
static const output_symbols on_text = OUTPUTS('1', '~');
static const output_symbols dc_text = OUTPUTS('2', '~');
static const output_symbols off_text = OUTPUTS('0', '~');

/* Counts bytes while `at` is NULL, writes them afterwards: one description of the text for both
 * passes. */
typedef struct sink {
    uint8_t *at;
    uint64_t size;
} sink;

static void put_bytes(sink *out, const char *bytes, uint32_t length)
{
    if (out->at && length) {
        memcpy(out->at + out->size, bytes, length);
    }
    out->size += length;
}

static void put(sink *out, const char *text)
{
    uint32_t length = 0;
    while (text[length]) {
        length++;
    }
    put_bytes(out, text, length);
}

static void put_number(sink *out, const char *before, uint32_t n)
{
    char digits[10];
    uint32_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + n % 10);
        n /= 10;
    } while (n);
    put(out, before);
    put_bytes(out, digits + at, (uint32_t)sizeof digits - at);
    put(out, "\n");
}

static void put_names(sink *out, const char *directive, const esp_name *names, uint32_t count)
{
    if (!count || !names[0].length) {
        return;
    }
    put(out, directive);
    for (uint32_t k = 0; k < count && names[k].length; k++) {
        put(out, " ");
        put_bytes(out, names[k].text, names[k].length);
    }
    put(out, "\n");
}

static void put_phase(sink *out, const uint8_t *phase, uint32_t outputs)
{
    bool changed = false;
    for (uint32_t k = 0; phase && k < outputs; k++) {
        changed = changed || !phase[k];
    }
    if (changed) {
        put(out, "#.phase ");
        for (uint32_t k = 0; k < outputs; k++) {
            put(out, phase[k] ? "1" : "0");
        }
        put(out, "\n");
    }
}

static void put_head(sink *out, const esp_pla *pla, uint32_t type, uint32_t cubes)
{
    static const char *const type_line[8] = {
        [D] = ".type d\n",           [F | D] = ".type fd\n", [F | R] = ".type fr\n",
        [F | D | R] = ".type fdr\n", [R] = ".type r\n",      [D | R] = ".type dr\n",
    };
    const esp_shape *s = pla->function.shape;
    if (type_line[type]) {
        put(out, type_line[type]);
    }
    put_number(out, ".i ", s->inputs);
    put_number(out, ".o ", s->outputs);
    put_names(out, ".ilb", pla->input_name, pla->input_names);
    put_names(out, ".ob", pla->output_name, pla->output_names);
    put_phase(out, pla->phase, s->outputs);
    put_number(out, ".p ", cubes);
}

static uint8_t *put_inputs(const esp_shape *s, const uint64_t *cube, uint8_t *at)
{
    uint32_t i = 0;
    for (; i + 4 <= s->inputs; i += 4, at += 4) {
        memcpy(at, input_text[cube[i / 32] >> i % 32 * 2 & 255], 4);
    }
    for (; i < s->inputs; i++) {
        *at++ = (uint8_t)input_text[cube[i / 32] >> i % 32 * 2 & 3][0];
    }
    return at;
}

static uint8_t *put_outputs(const esp_shape *s, const uint64_t *cube, const output_symbols symbols,
                            uint8_t *at)
{
    const esp_var *v = esp_output_var(s);
    uint32_t left = v->parts;
    for (uint32_t w = v->word; w <= v->last_word; w++) {
        uint32_t shift = w == v->word ? v->first % 64 : 0;
        uint64_t bits = cube[w] >> shift;
        uint32_t here = esp_min_u32(left, 64 - shift);
        left -= here;
        for (; here >= 4; here -= 4, at += 4, bits >>= 4) {
            memcpy(at, symbols[bits & 15], 4);
        }
        for (; here; here--, bits >>= 1) {
            *at++ = (uint8_t)symbols[bits & 1][0];
        }
    }
    return at;
}

static void put_cover(esp_context *ctx, sink *out, const esp_shape *s, const esp_cover *f,
                      const output_symbols symbols)
{
    uint8_t *at = out->at + out->size;
    for (uint32_t i = 0; i < f->count; i++) {
        const uint64_t *cube = esp_cube(f, s, i);
        at = put_inputs(s, cube, at);
        *at++ = ' ';
        at = put_outputs(s, cube, symbols, at);
        *at++ = '\n';
        (void)esp_spend(ctx, s->words);
    }
    out->size = (uint64_t)(at - out->at);
}

/* Can the reader find these names again? The first that it could not is the answer; `count`: all
 * are well. */
static uint32_t first_bad_name(const esp_name *names, uint32_t count)
{
    uint32_t known = count;
    while (known && !names[known - 1].length) {
        known--; /* the last ones may be missing */
    }
    for (uint32_t k = 0; k < known; k++) {
        const esp_name *n = &names[k];
        bool bad = !n->length || n->text[0] == '.' || n->text[0] == '#';
        for (uint32_t i = 0; i < n->length; i++) {
            uint8_t c = (uint8_t)n->text[i];
            bad = bad || c <= ' ' || c == 0x7f;
        }
        if (bad) {
            return k;
        }
    }
    return count;
}

static esp_status check_names(esp_context *ctx, const char *what, const esp_name *names,
                              uint32_t count)
{
    uint32_t bad = first_bad_name(names, count);
    if (bad == count) {
        return ESP_OK;
    }
    return esp_fail(
        ctx, ESP_INVALID_INPUT,
        "the name of %s %u cannot be written: PLA names are not empty, have no blanks or control "
        "characters, and begin neither with a dot nor with #",
        what, bad + 1);
}

esp_status esp_pla_write(esp_context *ctx, const esp_pla *pla, uint32_t type, esp_text *out)
{
    const esp_function *f = &pla->function;
    const esp_shape *s = f->shape;
    assert(s->wides == 1);
    type &= (f->has_on ? F : 0u) | (f->has_dc || !f->has_off ? D : 0u) | (f->has_off ? R : 0u);
    if (!type) {
        return esp_fail(ctx, ESP_INTERNAL,
                        "the function has none of the covers that were to be written");
    }
    esp_status status = check_names(ctx, "input", pla->input_name, pla->input_names);
    if (!status) {
        status = check_names(ctx, "output", pla->output_name, pla->output_names);
    }
    if (status) {
        return status;
    }
    esp_report(ctx, ESP_STEP_WRITE, 0);
    const esp_cover none = {0};
    const esp_cover *on = type & F ? &f->on : &none;
    const esp_cover *dc = type & D && f->has_dc ? &f->dc : &none;
    const esp_cover *off = type & R ? &f->off : &none;
    uint64_t cubes = (uint64_t)on->count + dc->count + off->count;
    const char *tail = type == F ? ".e\n" : ".end\n";
    sink sized = {0};
    put_head(&sized, pla, type, (uint32_t)cubes);
    put(&sized, tail);
    uint64_t size = sized.size + cubes * ((uint64_t)s->inputs + s->outputs + 2);
    if (size >= UINT32_MAX || cubes >= UINT32_MAX) {
        ctx->error.limit = ESP_LIMIT_SIZE;
        return esp_fail(ctx, ESP_LIMIT_EXCEEDED, "the text would be longer than 4 GiB");
    }
    sink text = {.at = esp_alloc(ctx, (size_t)size)};
    if (!text.at) {
        return esp_fail_stopped(ctx);
    }
    put_head(&text, pla, type, (uint32_t)cubes);
    put_cover(ctx, &text, s, on, type == F ? only_on_text : on_text);
    put_cover(ctx, &text, s, dc, dc_text);
    put_cover(ctx, &text, s, off, off_text);
    put(&text, tail);
    assert(text.size == size);
    *out = (esp_text){text.at, (size_t)size};
    return ESP_OK;
}
