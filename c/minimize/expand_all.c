/* ALL PRIMES THAT HOLD A CUBE, up to a number: what SUPER_GASP and local repairs choose from.
 *
 * The idea. A prime above c is a maximal set of raised parts such that every row of R stays
 * blocked. Take a row that nothing blocks for good yet: one of the variables that block it must
 * never be raised. Branch on which; in the i-th branch the binary variables of the earlier branches
 * are raised, so that branches do not meet. When all rows are blocked for good the settled cube is
 * a candidate; it is kept if it really is prime (a hitting set that is not minimal gives a cube
 * that can still grow; that larger cube is found elsewhere).
 *
 * Invariant: every prime above c is reached by some branch not yet taken, or has been found.
 * Cost: a settle a node; nodes are bounded by 16 × `most`. The stack of levels is in the arena.
 *
 * Reference: Rudell 1986, SUPER_GASP; minimal hitting sets by branching on an unhit set.
 */
#include "minimize/expander.h"

typedef struct level {
    struct level *below;
    esp_mark mark;
    esp_snapshot saved;
    uint32_t row;      /* the row that this level blocks */
    uint32_t *blocker; /* variables that block it, in column order */
    uint32_t blockers;
    uint32_t next;
} level;

/* Of the first few active rows, the one in fewest columns. */
static uint32_t pick_row(const esp_expander *e)
{
    uint32_t best = UINT32_MAX;
    uint32_t fewest = UINT32_MAX;
    uint32_t looked = 0;
    for (uint32_t k = 0; k < e->r->words && looked < 32; k++) {
        for (uint64_t left = e->active[k]; left && looked < 32; left &= left - 1, looked++) {
            uint32_t b = esp_lowest(left);
            uint32_t n = 0;
            for (uint32_t c = 0; c < e->columns; c++) {
                n += (uint32_t)(e->column[c][k] >> b & 1);
            }
            if (n < fewest) {
                fewest = n;
                best = k * 64 + b;
            }
        }
    }
    return best;
}

static level *push_level(esp_expander *e, level *below)
{
    esp_context *ctx = e->ctx;
    esp_mark mark = esp_mark_top(ctx);
    level *l = esp_alloc_zero(ctx, 1, sizeof *l);
    uint32_t *blocker = esp_alloc_array(ctx, (size_t)e->columns + 1, sizeof *blocker);
    if (!l || !blocker || !esp_snapshot_create(e, &l->saved)) {
        return NULL;
    }
    l->below = below;
    l->mark = mark;
    l->blocker = blocker;
    l->row = pick_row(e);
    esp_expander_save(e, &l->saved);
    for (uint32_t k = 0; k < e->columns; k++) {
        if (e->column[k][l->row / 64] >> l->row % 64 & 1) {
            l->blocker[l->blockers++] = e->var[k];
        }
    }
    return l;
}

/* Take the next branch of a level. *open = false: it is not possible, nor are later ones. */
static bool take_branch(esp_expander *e, level *l, uint64_t *scratch, bool *open)
{
    const esp_shape *s = e->s;
    esp_expander_restore(e, &l->saved);
    uint32_t branch = l->next++;
    *open = true;
    memcpy(scratch, e->raise, s->words * sizeof *scratch);
    bool raises = false;
    for (uint32_t k = 0; k < branch; k++) {
        if (l->blocker[k] < s->inputs) {
            uint32_t bit = 2 * l->blocker[k];
            scratch[bit / 64] |= UINT64_C(3) << bit % 64;
            raises = true;
        }
    }
    if (raises) {
        if (!esp_expander_feasible(e, scratch)) {
            *open = false;
            return true;
        }
        if (!esp_expander_raise(e, scratch)) {
            return false;
        }
    }
    for (uint32_t k = 0; k < e->columns; k++) {
        if (e->var[k] == l->blocker[branch]) {
            esp_expander_fix(e, k);
            return esp_expander_settle(e);
        }
    }
    l->next =
        l->blockers; /* settling has fixed this blocker already: later branches would raise it */
    return true;
}

static bool is_prime(esp_expander *probe, const uint64_t *c, bool *prime)
{
    *prime = false;
    if (!esp_expander_start(probe, c, NULL) || !esp_expander_settle(probe)) {
        return false;
    }
    *prime = probe->columns == 0 && esp_cube_equal(probe->s, probe->raise, c);
    return true;
}

static bool keep_if_new(esp_expander *e, esp_expander *probe, uint32_t before, esp_cover *found)
{
    const esp_shape *s = e->s;
    for (uint32_t i = before; i < found->count; i++) {
        if (esp_cube_equal(s, esp_cube(found, s, i), e->raise)) {
            return true;
        }
    }
    bool prime;
    if (!is_prime(probe, e->raise, &prime)) {
        return false;
    }
    if (prime) {
        esp_cube_copy(s, esp_cube(found, s, found->count++), e->raise);
    }
    return true;
}

static bool any_active(const esp_expander *e)
{
    return e->ctx->kernels->meets(e->active, e->active, e->r->words);
}

bool esp_expand_all(esp_context *ctx, const esp_shape *s, const esp_blocking *r, const uint64_t *c,
                    uint32_t most, esp_cover *found)
{
    uint32_t before = found->count;
    if (!esp_cover_reserve(ctx, s, found, before + most)) {
        return false;
    }
    esp_mark mark = esp_mark_top(ctx);
    esp_expander e;
    esp_expander probe;
    uint64_t *scratch = esp_alloc_array(ctx, s->words, sizeof *scratch);
    bool going = scratch && esp_expander_create(ctx, s, r, &e) &&
                 esp_expander_create(ctx, s, r, &probe) && esp_expander_start(&e, c, NULL) &&
                 esp_expander_settle(&e);
    level *top = NULL;
    uint32_t nodes = 0;
    if (going && !any_active(&e)) {
        going = keep_if_new(&e, &probe, before, found);
    } else if (going) {
        top = push_level(&e, NULL);
        going = top != NULL;
    }
    while (going && top && found->count < before + most && nodes++ < 16 * most) {
        if (top->next == top->blockers) {
            level *done = top;
            top = done->below;
            esp_release(ctx, done->mark);
            continue;
        }
        bool open;
        going = take_branch(&e, top, scratch, &open);
        if (!going) {
            break;
        }
        if (!open) {
            top->next = top->blockers;
        } else if (any_active(&e)) {
            top = push_level(&e, top);
            going = top != NULL;
        } else {
            going = keep_if_new(&e, &probe, before, found);
        }
    }
    esp_release(ctx, mark);
    return going;
}
