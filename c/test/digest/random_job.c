/* Random jobs: every operation, every sort of sets and options, covers and text, small and
 * middling.
 *
 * What depends on the machine is left out: memory limits (pointers have sizes) and time. Wrong jobs
 * are wanted too: overlapping sets, options that an operation does not have, text cut off.
 */
#include "random_job.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROOM = 1 << 18 };

static digest_job job;
static uint8_t room[ROOM]; /* for the data of the sections */
static uint32_t used;
static uint64_t state;

static uint64_t random64(void)
{
    uint64_t x = state += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

static uint32_t below(uint32_t bound)
{
    return (uint32_t)(random64() % bound);
}

static void begin(uint32_t operation)
{
    job.operation = operation;
    job.sections = job.options_length = job.options_count = job.length = 0;
    used = 0;
}

static uint8_t *take(uint32_t bytes)
{
    used = (used + 7) & ~7u;
    if (bytes > ROOM - used) {
        fprintf(stderr, "digest: a random job is larger than planned\n");
        exit(1);
    }
    uint8_t *at = room + used;
    used += bytes;
    return memset(at, 0, bytes);
}

static void put(uint32_t kind, const uint8_t *data, uint32_t length, uint32_t count)
{
    uint32_t i = job.sections++;
    job.section[i].kind = kind;
    job.section[i].length = length;
    job.section[i].count = count;
    job.section[i].data = data;
}

void digest_option(digest_job *j, uint32_t tag, uint32_t bytes, uint64_t value)
{
    const uint32_t head[2] = {tag, bytes};
    memcpy(j->options + j->options_length, head, 8);
    memcpy(j->options + j->options_length + 8, &value, 8);
    j->options_length += 16;
    j->options_count++;
}

static uint32_t align(uint32_t at)
{
    return (at + 63) & ~63u;
}

void digest_end(digest_job *j)
{
    if (j->options_count) {
        put(RST_SECTION_OPTIONS, j->options, j->options_length, j->options_count);
    }
    uint32_t end = align(RST_HEADER_SIZE + RST_ENTRY_SIZE * j->sections);
    for (uint32_t i = 0; i < j->sections; i++) {
        end = align(end + j->section[i].length);
    }
    if (end > j->capacity) {
        free(j->bytes);
        j->bytes = malloc(end);
        j->capacity = j->bytes ? end : 0;
        if (!j->bytes) {
            fprintf(stderr, "digest: no memory for a job of %u bytes\n", end);
            exit(1);
        }
    }
    memset(j->bytes, 0, end);
    const uint32_t header[5] = {RST_MAGIC_JOB, RST_FORMAT_VERSION, j->operation, j->sections, end};
    memcpy(j->bytes, header, sizeof header);
    j->length = end;
    uint32_t at = align(RST_HEADER_SIZE + RST_ENTRY_SIZE * j->sections);
    for (uint32_t i = 0; i < j->sections; i++) {
        const uint32_t entry[5] = {j->section[i].kind, RST_CRITICAL, at, j->section[i].length,
                                   j->section[i].count};
        memcpy(j->bytes + RST_HEADER_SIZE + RST_ENTRY_SIZE * i, entry, sizeof entry);
        memcpy(j->bytes + at, j->section[i].data, j->section[i].length);
        at = align(at + j->section[i].length);
    }
}

digest_job *digest_text_job(uint32_t operation, const uint8_t *text, uint32_t length)
{
    begin(operation);
    put(RST_SECTION_TEXT, text, length, 0);
    return &job;
}

/* The variables of a random function. */
typedef struct shape {
    uint32_t inputs, wides, wide[4], parts, words;
    uint32_t free; /* of 8 inputs of a cube are whole */
} shape;

/* With `large` some have many inputs. */
static shape random_shape(bool large)
{
    shape s = {0};
    switch (below(8)) {
    case 0:
        s.inputs = below(3);
        break;
    case 1:
        s.inputs = large ? 20 + below(50) : 5;
        break;
    case 2:
        s.inputs = 8 + below(5);
        break;
    default:
        s.inputs = 3 + below(6);
        break;
    }
    uint32_t multi = below(6) == 0 ? 1 + below(3) : 0;
    for (uint32_t k = 0; k < multi; k++) {
        s.wide[k] = below(10) ? 2 + below(5) : 65 + below(20);
    }
    s.wides = multi + 1;
    s.wide[multi] = below(2) ? 1 : below(12) ? 1 + below(8) : 60 + below(30);
    s.parts = 2 * s.inputs;
    for (uint32_t k = 0; k < s.wides; k++) {
        s.parts += s.wide[k];
    }
    s.words = (s.parts + 63) / 64;
    s.free = s.inputs > 19 ? 7 : 1 + below(6);
    return s;
}

static void set_bit(uint8_t *row, uint32_t bit)
{
    row[bit / 8] = (uint8_t)(row[bit / 8] | 1u << bit % 8);
}

static void random_row(const shape *s, uint8_t *row)
{
    for (uint32_t v = 0; v < s->inputs; v++) {
        bool whole = below(8) < s->free;
        bool one = below(2) != 0;
        if (whole || !one) {
            set_bit(row, 2 * v);
        }
        if (whole || one) {
            set_bit(row, 2 * v + 1);
        }
    }
    uint32_t bit = 2 * s->inputs;
    for (uint32_t k = 0; k < s->wides; bit += s->wide[k++]) {
        uint32_t sure = below(s->wide[k]);
        bool whole = below(8) < s->free && k + 1 < s->wides;
        for (uint32_t p = 0; p < s->wide[k]; p++) {
            if (whole || p == sure || below(4) == 0) {
                set_bit(row, bit + p);
            }
        }
    }
}

static void put_vars(const shape *s)
{
    uint32_t length = 8 + 4 * s->wides;
    uint8_t *data = take(length);
    memcpy(data, &s->inputs, 4);
    memcpy(data + 4, &s->wides, 4);
    memcpy(data + 8, s->wide, 4 * s->wides);
    put(RST_SECTION_VARS, data, length, 0);
}

static void put_rows(const shape *s, uint32_t kind, uint32_t count)
{
    uint32_t row = 8 * s->words;
    uint8_t *data = take(row * count);
    for (uint32_t i = 0; i < count; i++) {
        random_row(s, data + row * i);
    }
    put(kind, data, row * count, count);
}

/* Rows of OFF that leave ON alone: the first input that both care for differs. */
static void put_disjoint(const shape *s, uint32_t on, uint32_t off, uint32_t count)
{
    uint32_t row = 8 * s->words;
    uint8_t *data[2] = {take(row * count), take(row * count)};
    for (uint32_t k = 0; k < 2; k++) {
        for (uint32_t i = 0; i < count; i++) {
            uint8_t *c = data[k] + row * i;
            random_row(s, c);
            if (s->inputs) {
                c[0] = (uint8_t)((c[0] & ~3u) | (k ? 2u : 1u));
            }
        }
    }
    put(on, data[0], row * count, count);
    put(off, data[1], row * count, count);
}

static uint32_t some_rows(void)
{
    return below(4) ? below(24) : below(90);
}

/* Sets of one operand: `first` is the section of its ON, DC and OFF follow. */
static void put_sets(const shape *s, uint32_t first)
{
    switch (below(8)) {
    case 0:
        put_rows(s, first + 2, some_rows());
        break;
    case 1:
        put_rows(s, first + 1, below(12));
        put_rows(s, first + 2, some_rows());
        break;
    case 2:
    case 3:
        put_disjoint(s, first, first + 2, some_rows());
        break;
    case 4:
        put_rows(s, first, below(4));
        put_rows(s, first + 2, below(4)); /* these may overlap */
        break;
    case 5:
        put_rows(s, first, some_rows());
        break;
    default:
        put_rows(s, first, some_rows());
        put_rows(s, first + 1, below(20));
        break;
    }
}

static void write_text(char **at, const char *text)
{
    size_t length = strlen(text);
    memcpy(*at, text, length);
    *at += length;
}

/* PLA text, sound as a rule. */
static void put_text(uint32_t kind)
{
    static const char *const types[] = {"",           "",           ".type f\n",
                                        ".type fd\n", ".type fr\n", ".type fdr\n"};
    uint32_t inputs = 1 + below(9);
    uint32_t outputs = 1 + below(6);
    uint32_t rows = below(40);
    uint32_t longest = 256 + rows * (inputs + outputs + 8);
    char *text = (char *)take(longest);
    char *at = text;
    at += snprintf(at, 100, ".i %u\n.o %u\n", inputs, outputs);
    if (below(3) == 0) {
        write_text(&at, ".ob");
        for (uint32_t k = 0; k < outputs; k++) {
            at += snprintf(at, 16, " out%u", k);
        }
        write_text(&at, "\n");
    }
    if (below(5) == 0) {
        write_text(&at, ".phase ");
        for (uint32_t k = 0; k < outputs; k++) {
            *at++ = "01"[below(2)];
        }
        write_text(&at, "\n");
    }
    write_text(&at, types[below(6)]);
    at += below(2) ? snprintf(at, 32, ".p %u\n", below(8) ? rows : rows + 1) : 0;
    for (uint32_t i = 0; i < rows; i++) {
        for (uint32_t v = 0; v < inputs; v++) {
            *at++ = "01--2"[below(5)];
        }
        *at++ = "  |\t"[below(4)];
        for (uint32_t k = 0; k < outputs; k++) {
            *at++ = below(2000) ? "0011-~"[below(6)] : '?';
        }
        *at++ = '\n';
    }
    write_text(&at, below(4) ? ".e\n" : "");
    uint32_t length = (uint32_t)(at - text);
    put(kind, (uint8_t *)text, below(30) ? length : below(length), 0);
}

/* `large`: of many inputs. */
static void put_options(bool large, bool portable)
{
    uint32_t which = below(512);
    if (which & 1) {
        digest_option(&job, RST_OPTION_EFFORT, 4, below(3));
    }
    /* Some of these functions have no end: everything gets a budget, some ms as a rule. */
    uint64_t budget = (which & 6) == 6 ? random64() >> (40 + below(24)) : 4000000;
    digest_option(&job, RST_OPTION_BUDGET, 8, budget);
    if ((which & 24) == 24) {
        digest_option(&job, RST_OPTION_CANONICAL, 4, 1);
    }
    if (which & 32) {
        digest_option(&job, RST_OPTION_EMIT, 4, 1);
    }
    if ((which & 192) == 192 &&
        !large) { /* sets that text shows and the answer lacks are made in full */
        digest_option(&job, RST_OPTION_OUTPUT_TYPE, 4, 1 + below(7));
    }
    if (which & 256) {
        digest_option(&job, RST_OPTION_VERIFY, 4, 0);
    }
    if (below(40) == 0) {
        digest_option(&job, RST_OPTION_CUBES, 8, below(40));
    }
    if (below(20) == 0) {
        digest_option(&job, RST_OPTION_INPUT_TYPE, 4, 1 + below(8));
    }
    /* Always there, so that the jobs of both kernels have the same length. */
    digest_option(&job, RST_OPTION_KERNELS, 4, portable);
}

/* Functions of up to 10 inputs and 3 outputs, a few dozen of small ones. */
static void put_tables(void)
{
    shape s = {.inputs = below(4) ? below(7) : below(11), .wides = 1, .wide = {1}};
    s.wide[0] = below(2) ? 1 : 1 + below(3);
    uint32_t bits = s.wide[0] << s.inputs;
    uint32_t bytes = (bits + 7) / 8;
    uint32_t count = s.inputs < 7 ? below(40) : 1 + below(2);
    put_vars(&s);
    uint32_t kinds = 1 + below(2);
    for (uint32_t kind = 0; kind < kinds; kind++) {
        uint8_t *data = take(count * bytes);
        uint32_t ones = 1 + below(7);
        for (uint32_t f = 0; f < count; f++) {
            for (uint32_t bit = 0; bit < bits; bit++) {
                data[f * bytes + bit / 8] |= (uint8_t)((below(8) < ones) << bit % 8);
            }
        }
        put(kind ? RST_SECTION_TABLES_DC : RST_SECTION_TABLES, data, count * bytes, count);
    }
}

const digest_job *digest_random_job(uint32_t n, bool portable)
{
    static const uint8_t operations[] = {
        RST_OP_MINIMIZE,        RST_OP_MINIMIZE,   RST_OP_MINIMIZE,  RST_OP_MINIMIZE,
        RST_OP_MINIMIZE,        RST_OP_COMPLEMENT, RST_OP_TAUTOLOGY, RST_OP_PARSE,
        RST_OP_PRINT,           RST_OP_EQUIVALENT, RST_OP_EXPLAIN,   RST_OP_SIZE,
        RST_OP_MINIMIZE_TABLES,
    };
    state = (uint64_t)n * UINT64_C(0xd1342543de82ef95) + 11;
    begin(operations[below(sizeof operations)]);
    bool two = job.operation == RST_OP_EQUIVALENT;
    bool large = false;
    if (job.operation == RST_OP_MINIMIZE_TABLES) {
        put_tables();
    } else if (job.operation == RST_OP_PARSE || below(3) == 0) {
        put_text(RST_SECTION_TEXT);
        if (two) {
            put_text(RST_SECTION_TEXT2);
        }
    } else {
        /* Text shows sets that the covers lack, and those of large functions have no end. */
        shape s = random_shape(job.operation != RST_OP_PRINT);
        large = s.inputs > 12;
        put_vars(&s);
        put_sets(&s, RST_SECTION_ON);
        if (two) {
            put_sets(&s, RST_SECTION_ON2);
        }
    }
    put_options(large, portable);
    digest_end(&job);
    return &job;
}
