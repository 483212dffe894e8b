/* The heuristics of the covering problem against plain code: the greedy cover against a search
 * through all columns for each pick, and local search in a core of a wide table.
 */
#include "exact/bounds.h"
#include "exact/core.h"
#include "exact/greedy.h"
#include "test.h"

#include <string.h> /* memcmp, memset */

enum { TABLES = 200, MOST_ROWS = 60, MOST_COLUMNS = 500 };

static esp_context ctx;

/* Rows of a few columns among `columns`; a row may be in two shapes, so that columns tie. */
static void make_table(uint64_t *random, uint32_t rows, uint32_t columns, esp_table *t)
{
    CHECK(esp_table_create(&ctx, columns, t));
    for (uint32_t i = 0; i < rows; i++) {
        uint32_t row[MOST_COLUMNS];
        uint32_t count = 0;
        uint32_t often = 2 + esp_test_below(random, 8);
        for (uint32_t j = 0; j < columns; j++) {
            if (j % rows == i || esp_test_below(random, 100) < often) {
                row[count++] = j;
            }
        }
        CHECK(esp_table_push(&ctx, t, row, count));
    }
}

static uint32_t count_covered(const esp_matrix *m, const uint8_t *chosen)
{
    uint32_t covered = 0;
    for (uint32_t i = 0; i < m->rows; i++) {
        bool any = false;
        for (uint32_t k = m->row_start[i]; k < m->row_start[i + 1]; k++) {
            any = any || chosen[m->row_entry[k]];
        }
        covered += any;
    }
    return covered;
}

static uint32_t count_chosen(const esp_matrix *m, const uint8_t *chosen)
{
    uint32_t n = 0;
    for (uint32_t j = 0; j < m->columns; j++) {
        n += chosen[j];
    }
    return n;
}

/* Is column a the better one, as greedy.c says? */
static bool is_better(const int64_t cost[2], const uint32_t gain[2], bool priced)
{
    if (priced && (cost[0] > 0) != (cost[1] > 0)) {
        return cost[1] > 0;
    }
    if (priced) {
        int64_t left = cost[0] > 0 ? cost[0] * gain[1] : cost[0] * gain[0];
        int64_t right = cost[0] > 0 ? cost[1] * gain[0] : cost[1] * gain[1];
        if (left != right) {
            return left < right;
        }
    }
    return gain[0] > gain[1];
}

/* The greedy cover, every column looked at for every pick. */
static void pick_plainly(const esp_matrix *m, const int64_t *prices, uint8_t *picked)
{
    bool covered[MOST_ROWS] = {false};
    memset(picked, 0, m->columns);
    for (;;) {
        uint32_t best = UINT32_MAX;
        uint32_t gain[2] = {0, 0};
        int64_t cost[2] = {0, 0};
        for (uint32_t j = 0; j < m->columns; j++) {
            gain[0] = 0;
            cost[0] = ESP_DUAL_ONE;
            for (uint32_t k = m->column_start[j]; k < m->column_start[j + 1]; k++) {
                bool open = !covered[m->column_entry[k]];
                gain[0] += open;
                cost[0] -= open && prices ? prices[m->column_entry[k]] : 0;
            }
            if (gain[0] && (best == UINT32_MAX || is_better(cost, gain, prices != NULL))) {
                best = j;
                gain[1] = gain[0];
                cost[1] = cost[0];
            }
        }
        if (best == UINT32_MAX) {
            break;
        }
        picked[best] = 1;
        for (uint32_t k = m->column_start[best]; k < m->column_start[best + 1]; k++) {
            covered[m->column_entry[k]] = true;
        }
    }
    for (uint32_t j = m->columns; j-- > 0;) { /* without the redundant ones, last ones first */
        uint8_t was = picked[j];
        picked[j] = 0;
        picked[j] = was && count_covered(m, picked) < m->rows;
    }
}

TEST(greedy_covers_are_those_of_a_search_through_all_columns)
{
    uint64_t random = 21;
    esp_context_init(&ctx);
    for (uint32_t n = 0; n < TABLES; n++) {
        esp_table t;
        esp_matrix m;
        int64_t prices[MOST_ROWS];
        uint8_t picked[MOST_COLUMNS];
        uint8_t plainly[MOST_COLUMNS];
        esp_context_begin(&ctx);
        uint32_t rows = 2 + esp_test_below(&random, MOST_ROWS - 2);
        make_table(&random, rows, rows + esp_test_below(&random, rows), &t);
        CHECK(esp_matrix_create(&ctx, &t, &m));
        CHECK(esp_greedy_cover(&ctx, &m, NULL, NULL, picked));
        pick_plainly(&m, NULL, plainly);
        CHECK(memcmp(picked, plainly, m.columns) == 0);
        (void)esp_lower_bound(&ctx, &m, count_chosen(&m, picked), n % 40, prices);
        CHECK(esp_greedy_cover(&ctx, &m, NULL, prices, picked));
        pick_plainly(&m, prices, plainly);
        CHECK(memcmp(picked, plainly, m.columns) == 0);
    }
    esp_context_free(&ctx);
}

TEST(a_search_in_the_core_of_a_wide_table_covers_all_its_rows)
{
    uint64_t random = 22;
    uint32_t better = 0;
    esp_context_init(&ctx);
    for (uint32_t n = 0; n < TABLES / 4; n++) {
        esp_table t;
        esp_matrix m;
        int64_t prices[MOST_ROWS];
        uint8_t picked[MOST_COLUMNS];
        esp_context_begin(&ctx);
        uint32_t rows = MOST_ROWS / 2 + esp_test_below(&random, MOST_ROWS / 2);
        uint32_t columns = 5 * rows + esp_test_below(&random, MOST_COLUMNS - 5 * rows + 1);
        make_table(&random, rows, columns, &t);
        CHECK(esp_matrix_create(&ctx, &t, &m));
        memset(picked, 0, m.columns);
        for (uint32_t i = 0; i < rows; i++) { /* a bad cover: it has columns that no core wants */
            picked[t.entry[t.start[i]]] = 1;
        }
        uint32_t before = count_chosen(&m, picked);
        uint32_t bound = esp_lower_bound(&ctx, &m, before, 100, prices);
        CHECK(esp_core_search(&ctx, &m, NULL, prices, 200000, bound, picked));
        uint32_t after = count_chosen(&m, picked);
        CHECK(count_covered(&m, picked) == rows && after <= before && after >= bound);
        better += after < before;
    }
    CHECK(better > TABLES / 8);
    esp_context_free(&ctx);
}

const esp_test test_covering[] = {
    {"greedy covers are those of a search through all columns",
     greedy_covers_are_those_of_a_search_through_all_columns},
    {"a search in the core of a wide table covers all its rows",
     a_search_in_the_core_of_a_wide_table_covers_all_its_rows},
    {0},
};
