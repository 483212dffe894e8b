/* The shared heap: its table of extents against a plain map of pages, pieces and their handles,
 * memory that a worker asks for, results that stay where they are, and workers that lie about them.
 */
#if defined RST_CORE_ONLY
typedef int nothing_here; /* there are no threads in this build */
#else
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "isolate/area.h"
#include "isolate/crew.h"
#include "isolate/worker/faults.h"
#include "platform/os.h"
#include "ristretto.h"
#include "test_crew.h"
#include "test_job_build.h"

enum { PAGES = 64, TAKEN_MOST = 40, HEAP = 64 << 20 };

typedef struct pages_map {
    iso_extents table;
    iso_extent taken[TAKEN_MOST];
    uint32_t count;
    uint8_t used[PAGES];
} pages_map;

static void mark(pages_map *m, iso_extent e, uint8_t used)
{
    for (uint64_t page = e.start / ISO_PAGE; page < (e.start + e.size) / ISO_PAGE; page++) {
        if (CHECK(page < PAGES)) {
            CHECK(m->used[page] != used); /* neither handed out twice, nor given back twice */
            m->used[page] = used;
        }
    }
}

static bool has_room(const pages_map *m, uint64_t pages)
{
    uint64_t run = 0;
    for (uint32_t page = 1; page < PAGES; page++) {
        run = m->used[page] ? 0 : run + 1;
        if (run >= pages) {
            return true;
        }
    }
    return false;
}

static void trim(pages_map *m, iso_extent *e, uint64_t *random)
{
    uint64_t pages = e->size / ISO_PAGE;
    uint64_t from = esp_test_below(random, (uint32_t)pages);
    uint64_t length = 1 + esp_test_below(random, (uint32_t)(pages - from));
    const iso_extent kept = {e->start + from * ISO_PAGE, length * ISO_PAGE};
    iso_extents_trim(&m->table, *e, kept);
    mark(m, *e, 0);
    mark(m, kept, 1);
    *e = kept;
}

TEST(extents_are_handed_out_once_and_merge_again)
{
    uint64_t random = 7;
    static pages_map m;
    memset(&m, 0, sizeof m);
    iso_extents_init(&m.table, ISO_PAGE, PAGES * ISO_PAGE);
    for (uint32_t step = 0; step < 20000; step++) {
        uint32_t what = esp_test_below(&random, 5);
        uint32_t at = m.count ? esp_test_below(&random, m.count) : 0;
        if (what < 2 && m.count < TAKEN_MOST) {
            uint32_t size = 1 + esp_test_below(&random, 6 * ISO_PAGE);
            iso_extent *e = &m.taken[m.count];
            bool there = iso_extents_take(&m.table, size, e);
            CHECK(there == has_room(&m, (size + ISO_PAGE - 1) / ISO_PAGE));
            if (there) {
                CHECK(e->size >= size && e->start % ISO_PAGE == 0);
                mark(&m, *e, 1);
                m.count++;
            }
        } else if (what == 2 && m.count) {
            trim(&m, &m.taken[at], &random);
        } else if (m.count) {
            iso_extents_give(&m.table, m.taken[at]);
            mark(&m, m.taken[at], 0);
            m.taken[at] = m.taken[--m.count];
        }
    }
    while (m.count) {
        iso_extents_give(&m.table, m.taken[--m.count]);
    }
    CHECK(m.table.count == 0 && m.table.end == ISO_PAGE && m.table.live == 0);
    iso_extent all;
    CHECK(!iso_extents_take(&m.table, UINT64_MAX, &all));
    CHECK(iso_extents_take(&m.table, (PAGES - 1) * ISO_PAGE, &all));
    CHECK(!iso_extents_take(&m.table, 1, &all));
    iso_extents_drop(&m.table);
}

static iso_failure failure;
static uint8_t out[64 * 1024];

static double open_crew(uint64_t heap)
{
    const iso_options options = {.workers = 1, .queue = 100, .spin_ns = 5000, .heap = heap};
    return test_crew_open(&options);
}

static uint8_t *bytes_of(double piece)
{
    int32_t error;
    const iso_piece *p = iso_piece_find(piece, &error);
    uint8_t *bytes = p ? iso_piece_bytes(p) : NULL;
    if (p) {
        iso_piece_let_go(p);
    }
    return bytes;
}

static void small_job(job_build *job, const char *cubes)
{
    job_begin(job, RST_OP_MINIMIZE);
    job_vars(job, 3, 1);
    job_cover(job, RST_SECTION_ON, cubes);
    job_end(job);
}

/* The length; the result is in `view`, or in `out` where that is NULL. */
static double perform(double crew, iso_work work, double *view)
{
    work.view = view != NULL;
    iso_outcome o = {.out = out, .capacity = sizeof out};
    double n = iso_perform(crew, &work, &o, &failure);
    if (o.kept) {
        memcpy(out, o.kept, sizeof out);
        esp_system_free(o.kept);
    }
    if (view) {
        *view = o.view;
    }
    return n;
}

static double run(double crew, const uint8_t *bytes, uint32_t length, double piece, double *view)
{
    const iso_work work = {.bytes = bytes, .length = length, .piece = piece, .timeout_us = 60e6};
    return perform(crew, work, view);
}

static job_build job;
static uint8_t expected[4096];
static uint32_t expected_length;

static void expect(const char *cubes)
{
    small_job(&job, cubes);
    expected_length = (uint32_t)rst_run(job.bytes, job.length, expected, sizeof expected);
}

static bool is_expected(const uint8_t *result, double length)
{
    return result && length == expected_length &&
           memcmp(result, expected, expected_length - RST_TRAILER_SIZE) == 0;
}

TEST(a_job_in_the_heap_and_its_result_are_not_copied)
{
    double crew = open_crew(HEAP);
    expect("000 1|001 1|011 1|111 1|110 1");
    for (uint32_t i = 0; crew > 0 && i < 50; i++) {
        double piece = iso_allocate(crew, job.length);
        double view;
        CHECK(piece > 0);
        memcpy(bytes_of(piece), job.bytes, job.length);
        CHECK(is_expected(out, run(crew, NULL, job.length, piece, NULL)));
        double n = run(crew, NULL, job.length, piece, &view);
        CHECK(view > 0 && is_expected(bytes_of(view), n));
        double second;
        n = run(crew, job.bytes, job.length, 0, &second); /* a job that is copied, beside a view */
        CHECK(is_expected(bytes_of(second), n) && is_expected(bytes_of(view), n));
        CHECK(bytes_of(second) != bytes_of(view));
        CHECK(iso_piece_close(view) == 0 && iso_piece_close(view) == -ESP_CLOSED);
        CHECK(iso_piece_close(second) == 0 && iso_piece_close(piece) == 0);
        CHECK(iso_piece_close(piece) == -ESP_CLOSED);
        CHECK(run(crew, NULL, job.length, piece, NULL) == -ESP_CLOSED);
    }
    CHECK(crew == 0 || run(crew, NULL, 64, 1.5, NULL) == -ESP_INVALID_INPUT);
    (void)iso_release(crew);
}

TEST(a_piece_is_of_one_crew_and_no_longer_than_it_is)
{
    double crew = open_crew(HEAP);
    double other = crew > 0 ? open_crew(1 << 20) : 0;
    double plain = crew > 0 ? open_crew(0) : 0;
    if (plain > 0) {
        double piece = iso_allocate(crew, 4096);
        double view;
        CHECK(run(other, NULL, 64, piece, NULL) == -ESP_INVALID_INPUT);
        CHECK(run(plain, NULL, 64, piece, NULL) == -ESP_INVALID_INPUT);
        CHECK(run(crew, NULL, 4097, piece, NULL) == -ESP_INVALID_INPUT);
        CHECK(run(crew, NULL, 4096, piece, NULL) > 0); /* no job, says the result */
        CHECK(run(plain, NULL, 0, 0, &view) == -ESP_UNSUPPORTED);
        CHECK(iso_allocate(plain, 64) == -ESP_UNSUPPORTED);
        CHECK(iso_allocate(other, 2 << 20) == -ESP_LIMIT_EXCEEDED);
        CHECK(iso_allocate(other, UINT32_MAX) == -ESP_LIMIT_EXCEEDED);
        double most = iso_allocate(other, 900 << 10);
        CHECK(most > 0 && iso_allocate(other, 900 << 10) == -ESP_LIMIT_EXCEEDED);
        CHECK(iso_piece_close(most) == 0);
        most = iso_allocate(other, 900 << 10);
        CHECK(most > 0 && iso_piece_close(most) == 0 && iso_piece_close(piece) == 0);
    }
    (void)iso_release(crew);
    (void)iso_release(other);
    (void)iso_release(plain);
}

/* Exclusive or of 16 inputs as PLA text: megabytes of memory in the core, by parts of it. */
static uint32_t write_parity(uint8_t *block)
{
    static job_build text;
    static char pla[65536 * 20]; /* stays where it is: see job_add */
    uint32_t at = 0;
    memcpy(pla, ".i 16\n.o 1\n", 11);
    at = 11;
    for (uint32_t point = 0; point < 65536; point++) {
        if (__builtin_popcount(point) % 2) {
            for (uint32_t bit = 0; bit < 16; bit++) {
                pla[at++] = point >> bit & 1 ? '1' : '0';
            }
            memcpy(pla + at, " 1\n", 3);
            at += 3;
        }
    }
    memcpy(pla + at, ".e\n", 3);
    at += 3;
    pla[at] = 0;
    job_begin(&text, RST_OP_PARSE);
    job_add(&text, RST_SECTION_TEXT, pla, at, 0);
    return job_lay_out(&text, block);
}

TEST(a_worker_gets_the_memory_that_it_asks_for_and_no_more)
{
    static uint8_t block[65536 * 20];
    static uint8_t direct[2 << 20];
    uint32_t length = write_parity(block);
    double needed = rst_run(block, length, direct, sizeof direct);
    CHECK(needed > 65536 && needed <= sizeof direct);
    double crew = open_crew(HEAP);
    for (uint32_t i = 0; crew > 0 && i < 5; i++) {
        double view;
        CHECK(run(crew, block, length, 0, &view) == needed);
        CHECK(memcmp(bytes_of(view), direct, (size_t)needed - RST_TRAILER_SIZE) == 0);
        CHECK(iso_piece_close(view) == 0);
    }
    (void)iso_release(crew);
    crew = crew > 0 ? open_crew(1 << 20) : 0;
    for (uint32_t i = 0; crew > 0 && i < 3; i++) {
        uint32_t status;
        CHECK(run(crew, block, length, 0, NULL) > 0);
        memcpy(&status, out + RST_HEADER_STATUS, 4);
        CHECK_EQ_U(status, ESP_LIMIT_EXCEEDED); /* an ordinary result: the worker lives */
        expect("000 1|111 1");
        CHECK(is_expected(out, run(crew, job.bytes, job.length, 0, NULL)));
        uint32_t facts[3];
        CHECK(iso_facts(crew, facts, 3) > 0 && facts[1] == 1);
    }
    (void)iso_release(crew);
}

static double demand(double crew, uint32_t fault, double *view)
{
    static uint8_t bytes[TEST_DEMAND_BYTES];
    static uint32_t number;
    test_make_demand(bytes, fault, ++number);
    const iso_work work = {.bytes = bytes, .length = sizeof bytes, .timeout_us = 5e6};
    return perform(crew, work, view);
}

TEST(what_a_worker_says_of_its_result_is_checked)
{
    double crew = open_crew(HEAP);
    double view;
    expect("000 1|001 1|111 1");
    for (uint32_t i = 0; crew > 0 && i < 3; i++) {
        CHECK(demand(crew, ISO_FAULT_PLACE, &view) == -ESP_PROTOCOL_VIOLATION && view == 0);
        CHECK(demand(crew, ISO_FAULT_BEYOND, &view) == -ESP_PROTOCOL_VIOLATION && view == 0);
        CHECK(demand(crew, ISO_FAULT_WORD + ISO_AT_PLACE, &view) == -ESP_PROTOCOL_VIOLATION);
        CHECK(demand(crew, ISO_FAULT_WORD + ISO_AT_LENGTH, &view) == -ESP_PROTOCOL_VIOLATION);
        CHECK(demand(crew, ISO_FAULT_GROW, &view) < 0);
        CHECK(demand(crew, ISO_FAULT_GREED, &view) < 0);
        CHECK(is_expected(out, run(crew, job.bytes, job.length, 0, NULL)));
    }
    (void)iso_release(crew);
}

TEST(a_view_outlives_its_worker_and_its_crew)
{
    double crew = open_crew(HEAP);
    expect("000 1|001 1|011 1|111 1|110 1");
    double view = 0;
    double piece = crew > 0 ? iso_allocate(crew, job.length) : 0;
    if (crew > 0) {
        memcpy(bytes_of(piece), job.bytes, job.length);
        double n = run(crew, NULL, job.length, piece, &view);
        for (uint32_t i = 0; i < 20; i++) {
            CHECK(demand(crew, i % 2 ? ISO_FAULT_SEGFAULT : ISO_FAULT_SCRIBBLE, NULL) < 0);
            CHECK(is_expected(bytes_of(view), n)); /* it scribbles on another one's memory */
            CHECK(is_expected(out, run(crew, NULL, job.length, piece, NULL)));
            CHECK(demand(crew, ISO_FAULT_ABORT, NULL) < 0);
        }
        volatile const uint8_t *result = bytes_of(view);
        volatile const uint8_t *argument = bytes_of(piece);
        CHECK(result[0] && argument[0]);
        CHECK(iso_release(crew) == 0);
        CHECK(result[0] == 0 && argument[0] == 0); /* zeros, and no wrong access */
        CHECK(iso_piece_close(view) == 0 && iso_piece_close(piece) == 0);
    }
    uint64_t end = os_clock_ns() + ESP_TEST_PATIENCE_NS;
    while (iso_crews_alive() && os_clock_ns() < end) {
    }
    CHECK_EQ_U(iso_crews_alive(), 0);
}

const esp_test test_isolate_heap[] = {
    {"extents are handed out once and merge again", extents_are_handed_out_once_and_merge_again},
    {"a job in the heap and its result are not copied",
     a_job_in_the_heap_and_its_result_are_not_copied},
    {"a piece is of one crew and no longer than it is",
     a_piece_is_of_one_crew_and_no_longer_than_it_is},
    {"a worker gets the memory that it asks for and no more",
     a_worker_gets_the_memory_that_it_asks_for_and_no_more},
    {"what a worker says of its result is checked", what_a_worker_says_of_its_result_is_checked},
    {"a view outlives its worker and its crew", a_view_outlives_its_worker_and_its_crew},
    {0},
};
#endif
