/* Edges of the program, as clang's instrumentation reports them
 * (-fsanitize-coverage=trace-pc-guard): each has a word of its own, its guard. A guard is 0 from
 * the moment its edge was reached, so that only the first time costs more than a comparison. This
 * file is compiled without the instrumentation. */
#include "fuzz.h"

/* The names are clang's. */
void __sanitizer_cov_trace_pc_guard_init(uint32_t *start, uint32_t *stop);
void __sanitizer_cov_trace_pc_guard(uint32_t *guard);

static uint32_t *first;
static uint32_t *end;
static uint32_t fresh;
static uint32_t reached;

void __sanitizer_cov_trace_pc_guard_init(uint32_t *start, uint32_t *stop)
{
    first = start;
    end = stop;
    fuzz_forget_edges();
}

void __sanitizer_cov_trace_pc_guard(uint32_t *guard)
{
    if (*guard) {
        *guard = 0;
        fresh++;
    }
}

uint32_t fuzz_fresh_edges(void)
{
    uint32_t count = fresh;
    fresh = 0;
    reached += count;
    return count;
}

uint32_t fuzz_edges(void)
{
    return reached + fresh;
}

void fuzz_forget_edges(void)
{
    for (uint32_t *guard = first; guard != end; guard++) {
        *guard = 1;
    }
    fresh = reached = 0;
}
