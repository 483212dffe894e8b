/* Blocks for the fuzzer: see the header. */
#include "job_block.h"

#include <string.h>

#include "job/format.h"

enum { SECTIONS_MOST = 24, OPTION_ROOM = 16 };

static uint32_t word_of(const uint8_t *bytes, uint32_t at)
{
    uint32_t word;
    memcpy(&word, bytes + at, sizeof word);
    return word;
}

static uint32_t up(uint32_t n)
{
    return (n + 63) & ~63u;
}

void fuzz_lay_out(fuzz_bytes *b, uint32_t operation, const fuzz_section *sections, uint32_t count)
{
    uint32_t end = up(RST_HEADER_SIZE + count * RST_ENTRY_SIZE);
    uint32_t whole = 0;
    memset(b->data, 0, sizeof b->data);
    while (whole < count && sections[whole].length <= FUZZ_MOST - 64 &&
           end + up(sections[whole].length) <= FUZZ_MOST) {
        const fuzz_section *s = &sections[whole];
        const uint32_t entry[5] = {s->kind, s->flags, end, s->length, s->count};
        memcpy(b->data + RST_HEADER_SIZE + whole * RST_ENTRY_SIZE, entry, sizeof entry);
        if (s->length) {
            memcpy(b->data + end, s->bytes, s->length);
        }
        end = up(end + s->length);
        whole++;
    }
    const uint32_t header[5] = {RST_MAGIC_JOB, RST_FORMAT_VERSION, operation, whole, end};
    memcpy(b->data, header, sizeof header);
    b->length = end;
}

/* The sections of a block whose frame can be followed; their bytes are in it. */
static uint32_t take_apart(const fuzz_bytes *b, fuzz_section *sections)
{
    uint32_t found = 0;
    uint32_t count = b->length >= RST_HEADER_SIZE ? word_of(b->data, RST_HEADER_SECTIONS) : 0;
    for (uint32_t i = 0; i < count && found < SECTIONS_MOST; i++) {
        uint32_t at = RST_HEADER_SIZE + i * RST_ENTRY_SIZE;
        if (at + RST_ENTRY_SIZE > b->length) {
            break;
        }
        uint32_t offset = word_of(b->data, at + RST_ENTRY_OFFSET);
        uint32_t length = word_of(b->data, at + RST_ENTRY_LENGTH);
        if (offset <= b->length && length <= b->length - offset) {
            sections[found++] = (fuzz_section){
                word_of(b->data, at + RST_ENTRY_KIND), word_of(b->data, at + RST_ENTRY_FLAGS),
                word_of(b->data, at + RST_ENTRY_COUNT), length, b->data + offset};
        }
    }
    return found;
}

/* A count that agrees with the bytes, where the kind says how. */
static void agree(fuzz_section *s, uint32_t row)
{
    bool rows = s->kind >= RST_SECTION_ON && s->kind <= RST_SECTION_OFF2;
    if (rows && row) {
        s->length -= s->length % row;
        s->count = s->length / row;
    } else if (s->kind == RST_SECTION_OPTIONS) {
        s->length -= s->length % OPTION_ROOM;
        s->count = s->length / OPTION_ROOM;
    }
}

void fuzz_change_job(fuzz_bytes *b, const fuzz_bytes *other, uint64_t *random)
{
    static fuzz_bytes before;
    static fuzz_bytes piece;
    fuzz_section sections[SECTIONS_MOST];
    fuzz_section theirs[SECTIONS_MOST];
    before = *b;
    uint32_t operation = b->length >= RST_HEADER_SIZE ? word_of(b->data, RST_HEADER_OPERATION) : 1;
    uint32_t count = take_apart(&before, sections);
    uint32_t foreign = take_apart(other, theirs);
    uint32_t row = 0;
    if (count == 0) {
        fuzz_change(b, other, random);
        return;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (sections[i].kind >= RST_SECTION_ON && sections[i].count) {
            row = sections[i].length / sections[i].count;
            break;
        }
    }
    fuzz_section *s = &sections[fuzz_below(random, count)];
    switch (fuzz_below(random, 8)) {
    case 0:
        operation = fuzz_below(random, 8) ? 1 + fuzz_below(random, 12) : fuzz_number(random, 1);
        break;
    case 1: /* a section less */
        *s = sections[--count];
        break;
    case 2: /* one of another block in its place, or beside it */
        if (foreign) {
            *(count < SECTIONS_MOST && fuzz_below(random, 2) ? &sections[count++] : s) =
                theirs[fuzz_below(random, foreign)];
        }
        break;
    case 3:
        s->count = fuzz_number(random, s->count);
        break;
    case 4:
        s->kind = fuzz_below(random, 26);
        break;
    default: /* its bytes */
        piece.length = s->length < FUZZ_MOST ? s->length : FUZZ_MOST;
        memcpy(piece.data, s->bytes, piece.length);
        fuzz_change(&piece, other, random);
        s->bytes = piece.data;
        s->length = piece.length;
        if (fuzz_below(random, 4)) {
            agree(s, row);
        }
        break;
    }
    fuzz_lay_out(b, operation, sections, count);
}

/* Seeds: one job of each operation, and a few that are odd. */

typedef struct maker {
    fuzz_section sections[SECTIONS_MOST];
    uint32_t count;
    uint32_t options[SECTIONS_MOST][4];
    uint32_t option_count;
} maker;

static void add(maker *m, uint32_t kind, const void *bytes, uint32_t length, uint32_t count)
{
    m->sections[m->count++] = (fuzz_section){kind, RST_CRITICAL, count, length, bytes};
}

static void option(maker *m, uint32_t tag, uint32_t bytes, uint32_t value)
{
    const uint32_t entry[4] = {tag, bytes, value, 0};
    memcpy(m->options[m->option_count++], entry, sizeof entry);
}

static void add_covers(maker *m)
{
    static const uint32_t vars[3] = {4, 1, 2};
    static const uint64_t on[] = {0x3e6, 0x1fd, 0x2aa, 0x3d5};
    static const uint64_t dc[] = {0x2a5};
    add(m, RST_SECTION_VARS, vars, sizeof vars, 0);
    add(m, RST_SECTION_ON, on, sizeof on, 4);
    add(m, RST_SECTION_DC, dc, sizeof dc, 1);
}

/* A variable of 70 parts, so that rows are moved bit by bit. */
static void add_wide(maker *m)
{
    static const uint32_t vars[] = {3, 3, 5, 70, 2};
    static const uint64_t rows[] = {0x2d5, 0x1f00, 0x3fe, 0x7ff};
    add(m, RST_SECTION_VARS, vars, sizeof vars, 0);
    add(m, RST_SECTION_ON, rows, sizeof rows, 2);
}

static void add_parts(maker *m, uint32_t n, uint32_t operation)
{
    static const char text[] = ".i 4\n.o 2\n.ilb a b c d\n.phase 10\n10-1 1-\n0--- 10\n1111 01\n";
    static const uint8_t packed[] = {4, 0,   0, 0, 2,   0, 0,   0, 1, 0,   0, 0,  'a',
                                     1, 0,   0, 0, 'b', 1, 0,   0, 0, 'c', 1, 0,  0,
                                     0, 'd', 1, 0, 0,   0, 'f', 1, 0, 0,   0, 'g'};
    static const uint32_t shape[3] = {3, 1, 2};
    static const uint64_t second[] = {0x3e6, 0x1fd};
    if (operation == RST_OP_MINIMIZE_TABLES) {
        add(m, RST_SECTION_VARS, shape, sizeof shape, 0);
        add(m, RST_SECTION_TABLES, "\x96\xe8\x0f\x81", 4, 2);
        add(m, RST_SECTION_TABLES_DC, "\x01\x10\0\x42", 4, 2);
    } else if (n >= 12 && n < 15) {
        add(m, RST_SECTION_TEXT, text, sizeof text - 1, 0);
    } else if (n == 15) {
        add_wide(m);
    } else {
        add_covers(m);
    }
    if (operation == RST_OP_EQUIVALENT) {
        add(m, RST_SECTION_ON2, second, sizeof second, 2);
    }
    if (operation == RST_OP_PRINT && n < 12) {
        add(m, RST_SECTION_NAMES, packed, sizeof packed, 6);
        add(m, RST_SECTION_PHASE, "\1\0", 2, 0);
    }
}

bool fuzz_seed_job(uint32_t n, fuzz_bytes *out)
{
    static const uint32_t operations[] = {
        RST_OP_MINIMIZE, RST_OP_COMPLEMENT, RST_OP_EQUIVALENT, RST_OP_TAUTOLOGY, RST_OP_PARSE,
        RST_OP_PRINT, RST_OP_SIZE, RST_OP_EXPLAIN, RST_OP_PRIMES, RST_OP_ESSENTIAL, RST_OP_MINIMA,
        RST_OP_MINIMIZE_TABLES,
        /* as text, then wide, then exact */
        RST_OP_MINIMIZE, RST_OP_PARSE, RST_OP_PRINT, RST_OP_MINIMIZE, RST_OP_MINIMIZE};
    static maker m;
    if (n >= sizeof operations / sizeof *operations) {
        return false;
    }
    memset(&m, 0, sizeof m);
    add_parts(&m, n, operations[n]);
    option(&m, RST_OPTION_BUDGET, 8, 100000);
    option(&m, RST_OPTION_OUTPUT_TYPE, 4, 1 + n % 7);
    if (n == 12) {
        option(&m, RST_OPTION_EMIT, 4, 1);
    }
    if (n == 16) {
        option(&m, RST_OPTION_METHOD, 4, 1);
        option(&m, RST_OPTION_CERTIFICATE, 4, 1);
    }
    add(&m, RST_SECTION_OPTIONS, m.options, m.option_count * OPTION_ROOM, m.option_count);
    fuzz_lay_out(out, operations[n], m.sections, m.count);
    return true;
}
