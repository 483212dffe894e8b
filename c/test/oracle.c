/* The referee of the native tests; see the header. Everything here is as plain as it can be.
 *
 * Cost: a claim about a cover looks at each cell of each cube once, primes by trial at each cell of
 * every cube there could be, the minimum tries all choices of primes.
 */
#include "oracle.h"

#include <string.h>

static bool has(const uint64_t *row, uint32_t bit)
{
    return row[bit / 64] >> bit % 64 & 1;
}

static void set(uint64_t *row, uint32_t bit)
{
    row[bit / 64] |= UINT64_C(1) << bit % 64;
}

static void clear(uint64_t *row, uint32_t bit)
{
    row[bit / 64] &= ~(UINT64_C(1) << bit % 64);
}

/* The rule of shape.h: nothing straddles a word boundary unless it is wider than a word, and then
 * it starts at one and nothing else is in its words. */
static uint32_t place(uint32_t *next, uint32_t parts)
{
    uint32_t at = *next;
    if (at % 64 + parts > 64) {
        at = (at + 63) / 64 * 64;
    }
    *next = parts > 64 ? (at + parts + 63) / 64 * 64 : at + parts;
    return at;
}

void oracle_init(oracle *o, uint32_t binary, uint32_t idle, uint32_t multi,
                 const uint32_t *multi_parts, uint32_t outputs)
{
    memset(o, 0, sizeof *o);
    o->binary = binary;
    o->inputs = binary + multi;
    o->outputs = outputs;
    o->points = 1;
    uint32_t next = 0;
    uint32_t seen = 0;
    for (uint32_t k = 0; k < binary + idle; k++) {
        uint32_t bit = place(&next, 2);
        set(o->known, bit);
        set(o->known, bit + 1);
        /* The variables that matter are spread evenly among the idle ones. */
        if (seen < binary && (uint64_t)k * binary >= (uint64_t)seen * (binary + idle)) {
            o->parts[seen] = 2;
            o->bit[seen++] = bit;
        } else {
            set(o->idle, bit);
            set(o->idle, bit + 1);
        }
    }
    assert(seen == binary);
    for (uint32_t k = 0; k <= multi; k++) {
        uint32_t parts = k < multi ? multi_parts[k] : outputs;
        o->parts[binary + k] = parts;
        o->bit[binary + k] = place(&next, parts);
        for (uint32_t p = 0; p < parts; p++) {
            set(o->known, o->bit[binary + k] + p);
        }
    }
    for (uint32_t v = 0; v < o->inputs; v++) {
        o->points *= o->parts[v];
    }
    o->cells = o->points * outputs;
    uint32_t last = o->bit[o->inputs] + outputs;
    o->words = (last + 63) / 64;
    assert(o->inputs <= ORACLE_VARS && o->words <= ORACLE_WORDS);
}

const esp_shape *oracle_shape(const oracle *o, esp_context *ctx, uint32_t idle)
{
    uint32_t wides = o->inputs - o->binary + 1;
    return esp_shape_create(ctx, o->binary + idle, wides, o->parts + o->binary);
}

/* All points of the cube whose first `var` inputs are already in `point`. */
static uint32_t list_from(const oracle *o, const uint64_t *row, uint32_t var, uint32_t point,
                          uint32_t *cells, uint32_t count)
{
    for (uint32_t p = 0; p < o->parts[var]; p++) {
        if (!has(row, o->bit[var] + p)) {
            continue;
        }
        if (var == o->inputs) {
            cells[count++] = point * o->outputs + p;
        } else {
            count = list_from(o, row, var + 1, point * o->parts[var] + p, cells, count);
        }
    }
    return count;
}

uint32_t oracle_list(const oracle *o, const uint64_t *row, uint32_t *cells)
{
    return list_from(o, row, 0, 0, cells, 0);
}

void oracle_mark(const oracle *o, const esp_cover *f, uint8_t mark, uint8_t *table)
{
    static uint32_t cells[ORACLE_CELLS];
    for (uint32_t i = 0; i < f->count; i++) {
        uint32_t n = oracle_list(o, f->data + (size_t)i * o->words, cells);
        for (uint32_t k = 0; k < n; k++) {
            table[cells[k]] |= mark;
        }
    }
}

void oracle_function(const oracle *o, const esp_function *f, uint8_t *want)
{
    enum { ON = 1, DC = 2, OFF = 4 };
    memset(want, 0, o->cells);
    if (f->has_on) {
        oracle_mark(o, &f->on, ON, want);
    }
    if (f->has_dc) {
        oracle_mark(o, &f->dc, DC, want);
    }
    if (f->has_off) {
        oracle_mark(o, &f->off, OFF, want);
    }
    for (uint32_t k = 0; k < o->cells; k++) {
        bool on = f->has_on ? (want[k] & ON) != 0 : !(want[k] & (DC | OFF));
        bool off = f->has_off ? (want[k] & OFF) != 0 : !(want[k] & (ON | DC));
        bool dc = (want[k] & DC) != 0 || !(on || off);
        want[k] = dc ? ORACLE_FREE : on ? ORACLE_MUST : ORACLE_NEVER;
    }
}

bool oracle_rows_are_sound(const oracle *o, const esp_cover *f)
{
    for (uint32_t i = 0; i < f->count; i++) {
        const uint64_t *row = f->data + (size_t)i * o->words;
        for (uint32_t w = 0; w < o->words; w++) {
            if (row[w] & ~o->known[w] || o->idle[w] & ~row[w]) {
                return false;
            }
        }
        for (uint32_t v = 0; v <= o->inputs; v++) {
            bool any = false;
            for (uint32_t p = 0; p < o->parts[v]; p++) {
                any = any || has(row, o->bit[v] + p);
            }
            if (!any) {
                return false;
            }
        }
    }
    return true;
}

bool oracle_implements(const oracle *o, const uint8_t *want, const esp_cover *f)
{
    static uint8_t held[ORACLE_CELLS];
    if (!oracle_rows_are_sound(o, f)) {
        return false;
    }
    memset(held, 0, o->cells);
    oracle_mark(o, f, 1, held);
    for (uint32_t k = 0; k < o->cells; k++) {
        if ((want[k] == ORACLE_MUST && !held[k]) || (want[k] == ORACLE_NEVER && held[k])) {
            return false;
        }
    }
    return true;
}

bool oracle_same(const oracle *o, const esp_cover *f, const esp_cover *g)
{
    static uint8_t held[ORACLE_CELLS];
    memset(held, 0, o->cells);
    oracle_mark(o, f, 1, held);
    oracle_mark(o, g, 2, held);
    for (uint32_t k = 0; k < o->cells; k++) {
        if (held[k] == 1 || held[k] == 2) {
            return false;
        }
    }
    return true;
}

bool oracle_is_implicant(const oracle *o, const uint8_t *want, const uint64_t *row)
{
    static uint32_t cells[ORACLE_CELLS];
    uint32_t n = oracle_list(o, row, cells);
    for (uint32_t k = 0; k < n; k++) {
        if (want[cells[k]] == ORACLE_NEVER) {
            return false;
        }
    }
    return n > 0;
}

bool oracle_is_prime(const oracle *o, const uint8_t *want, const uint64_t *row, bool inputs_only)
{
    uint64_t larger[ORACLE_WORDS];
    if (!oracle_is_implicant(o, want, row)) {
        return false;
    }
    for (uint32_t v = 0; v < o->inputs + !inputs_only; v++) {
        for (uint32_t p = 0; p < o->parts[v]; p++) {
            if (has(row, o->bit[v] + p)) {
                continue;
            }
            memcpy(larger, row, o->words * sizeof *row);
            set(larger, o->bit[v] + p);
            if (oracle_is_implicant(o, want, larger)) {
                return false;
            }
        }
    }
    return true;
}

/* How many cubes hold each cell. */
static void count_holders(const oracle *o, const esp_cover *f, uint16_t *holders)
{
    static uint32_t cells[ORACLE_CELLS];
    memset(holders, 0, o->cells * sizeof *holders);
    for (uint32_t i = 0; i < f->count; i++) {
        uint32_t n = oracle_list(o, f->data + (size_t)i * o->words, cells);
        for (uint32_t k = 0; k < n; k++) {
            holders[cells[k]]++;
        }
    }
}

uint32_t oracle_redundant_cube(const oracle *o, const uint8_t *want, const esp_cover *f)
{
    static uint16_t holders[ORACLE_CELLS];
    static uint32_t cells[ORACLE_CELLS];
    count_holders(o, f, holders);
    for (uint32_t i = 0; i < f->count; i++) {
        uint32_t n = oracle_list(o, f->data + (size_t)i * o->words, cells);
        bool needed = false;
        for (uint32_t k = 0; k < n; k++) {
            needed = needed || (want[cells[k]] == ORACLE_MUST && holders[cells[k]] == 1);
        }
        if (!needed) {
            return i;
        }
    }
    return f->count;
}

bool oracle_has_redundant_output(const oracle *o, const uint8_t *want, const esp_cover *f)
{
    static uint16_t holders[ORACLE_CELLS];
    static uint32_t cells[ORACLE_CELLS];
    static bool needed[ORACLE_CELLS];
    count_holders(o, f, holders);
    for (uint32_t i = 0; i < f->count; i++) {
        const uint64_t *row = f->data + (size_t)i * o->words;
        uint32_t n = oracle_list(o, row, cells);
        uint32_t outputs = 0;
        for (uint32_t p = 0; p < o->outputs; p++) {
            outputs += has(row, o->bit[o->inputs] + p);
            needed[p] = false;
        }
        for (uint32_t k = 0; k < n; k++) {
            bool alone = want[cells[k]] == ORACLE_MUST && holders[cells[k]] == 1;
            needed[cells[k] % o->outputs] |= alone;
        }
        for (uint32_t p = 0; p < o->outputs; p++) {
            if (outputs > 1 && has(row, o->bit[o->inputs] + p) && !needed[p]) {
                return true;
            }
        }
    }
    return false;
}

/* Tries every choice of parts for the variables from `var` on. */
static uint32_t primes_from(const oracle *o, const uint8_t *want, uint32_t var, uint64_t *row,
                            uint64_t *primes, uint32_t room, uint32_t count)
{
    if (var > o->inputs) {
        if (oracle_is_prime(o, want, row, false)) {
            if (count < room) {
                memcpy(primes + (size_t)count * o->words, row, o->words * sizeof *row);
            }
            count += count <= room;
        }
        return count;
    }
    for (uint32_t choice = 1; choice < 1u << o->parts[var]; choice++) {
        for (uint32_t p = 0; p < o->parts[var]; p++) {
            if (choice >> p & 1) {
                set(row, o->bit[var] + p);
            } else {
                clear(row, o->bit[var] + p);
            }
        }
        count = primes_from(o, want, var + 1, row, primes, room, count);
    }
    return count;
}

uint32_t oracle_primes(const oracle *o, const uint8_t *want, uint64_t *primes, uint32_t room)
{
    uint64_t row[ORACLE_WORDS];
    memcpy(row, o->idle, sizeof row);
    return primes_from(o, want, 0, row, primes, room, 0);
}

typedef struct covering {
    const oracle *o;
    const uint8_t *want;
    const uint64_t *primes;
    uint32_t count, best;
    uint8_t *held; /* how many chosen primes hold each cell */
} covering;

static void hold(const covering *c, const uint64_t *row, uint8_t more)
{
    static uint32_t cells[ORACLE_CELLS];
    uint32_t n = oracle_list(c->o, row, cells);
    for (uint32_t k = 0; k < n; k++) {
        c->held[cells[k]] = (uint8_t)(c->held[cells[k]] + more);
    }
}

/* Some prime must hold the first cell that none does: try each. */
static void choose_from(covering *c, uint32_t chosen)
{
    static uint32_t cells[ORACLE_CELLS];
    uint32_t first = 0;
    while (first < c->o->cells && (c->want[first] != ORACLE_MUST || c->held[first])) {
        first++;
    }
    if (first == c->o->cells) {
        c->best = chosen;
        return;
    }
    for (uint32_t i = 0; i < c->count && chosen + 1 < c->best; i++) {
        const uint64_t *row = c->primes + (size_t)i * c->o->words;
        uint32_t n = oracle_list(c->o, row, cells);
        bool holds = false;
        for (uint32_t k = 0; k < n; k++) {
            holds = holds || cells[k] == first;
        }
        if (holds) {
            hold(c, row, 1);
            choose_from(c, chosen + 1);
            hold(c, row, (uint8_t)-1);
        }
    }
}

uint32_t oracle_minimum(const oracle *o, const uint8_t *want, const uint64_t *primes,
                        uint32_t count, uint32_t most)
{
    static uint8_t held[ORACLE_CELLS];
    memset(held, 0, o->cells);
    covering c = {
        .o = o, .want = want, .primes = primes, .count = count, .best = most, .held = held};
    choose_from(&c, 0);
    return c.best;
}

void oracle_supercube(const oracle *o, const uint8_t *table, uint8_t mark, uint64_t *row)
{
    bool any = false;
    memset(row, 0, o->words * sizeof *row);
    for (uint32_t k = 0; k < o->cells; k++) {
        if (!(table[k] & mark)) {
            continue;
        }
        any = true;
        uint32_t rest = k / o->outputs;
        set(row, o->bit[o->inputs] + k % o->outputs);
        for (uint32_t v = o->inputs; v-- > 0; rest /= o->parts[v]) {
            set(row, o->bit[v] + rest % o->parts[v]);
        }
    }
    for (uint32_t w = 0; any && w < o->words; w++) {
        row[w] |= o->idle[w];
    }
}

typedef struct making {
    const oracle *o;
    const uint8_t *table;
    uint8_t mark;
    const uint32_t *order;
    esp_cover *f;
    uint32_t room;
    uint32_t value[ORACLE_VARS]; /* of the inputs decided so far; others are whole */
    bool decided[ORACLE_VARS];
} making;

/* The row of the subspace that is decided, without outputs. */
static void space_of(const making *m, uint64_t *row)
{
    memcpy(row, m->o->idle, m->o->words * sizeof *row);
    for (uint32_t v = 0; v < m->o->inputs; v++) {
        for (uint32_t p = 0; p < m->o->parts[v]; p++) {
            if (!m->decided[v] || m->value[v] == p) {
                set(row, m->o->bit[v] + p);
            }
        }
    }
}

static bool make_from(making *m, uint32_t depth)
{
    static uint32_t cells[ORACLE_CELLS];
    const oracle *o = m->o;
    uint64_t row[ORACLE_WORDS];
    uint64_t held[ORACLE_WORDS] = {0};
    uint32_t first = o->bit[o->inputs];
    bool mixed = false;
    space_of(m, row);
    for (uint32_t p = 0; p < o->outputs; p++) {
        set(row, first + p);
    }
    uint32_t n = oracle_list(o, row, cells);
    for (uint32_t k = 0; k < n; k++) {
        bool marked = (m->table[cells[k]] & m->mark) != 0;
        uint32_t output = cells[k] % o->outputs;
        if (k < o->outputs && marked) {
            set(held, first + output); /* as at the first point … */
        }
        mixed = mixed || marked != has(held, first + output); /* … everywhere? */
    }
    if (mixed) {
        uint32_t v = m->order[depth];
        m->decided[v] = true;
        bool fits = true;
        for (uint32_t p = 0; p < o->parts[v] && fits; p++) {
            m->value[v] = p;
            fits = make_from(m, depth + 1);
        }
        m->decided[v] = false;
        return fits;
    }
    bool any = false;
    for (uint32_t p = 0; p < o->outputs; p++) {
        any = any || has(held, first + p);
        if (!has(held, first + p)) {
            clear(row, first + p);
        }
    }
    if (!any) {
        return true;
    }
    if (m->f->count == m->room) {
        return false;
    }
    memcpy(m->f->data + (size_t)m->f->count++ * o->words, row, o->words * sizeof *row);
    return true;
}

bool oracle_make_cover(const oracle *o, const uint8_t *table, uint8_t mark, const uint32_t *order,
                       esp_cover *f, uint32_t room)
{
    making m = {.o = o, .table = table, .mark = mark, .order = order, .f = f, .room = room};
    return make_from(&m, 0);
}
