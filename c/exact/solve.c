/* THE EXACT SEARCH: branch and bound on the covering problem, with a proof.
 *
 * The idea. A node is a part of the table, and the task to find a cover of fewer than `upper`
 * columns or to show that there is none. It is reduced; prices of its rows (dual.c) give a bound,
 * and rule columns out and in: one whose price would carry the bound to `upper`. That goes on until
 * nothing changes. What is left is split into components, each solved for itself and against what
 * the others need at least, or else into two nodes, a column taken or forbidden. The prices of a
 * node are where its halves begin. The column is one that the fractional cover found along with the
 * prices uses about by half.
 *
 * Invariant: a frame holds the best cover of its part known, and `upper` is never more than its
 * size; every node that was left without a cover has none below the `upper` it had then, which was
 * never less than the last one. The proof says so, step by step.
 *
 * Cost: exponential at worst. On the classic functions the first bound, rounded up, is the minimum
 * nearly always. Frames are in the arena, there is no recursion.
 *
 * Reference: O. Coudert, "On solving covering problems", DAC 1996 (reductions, limit bounds,
 * partition); S. Ceria, P. Nobili, A. Sassano, "A Lagrangian-based heuristic for large-scale set
 * covering problems", 1998 (fixing).
 */
#include "exact/solve.h"

#include "exact/search.h"

#include <string.h> /* memcpy */

/* Begin a node for `p`. SOLVED: the frame on top of the stack has the cover (and is to be left);
 * CLOSED: there is none; OPEN: the frame waits for its first child. */
static esp_node_state enter(esp_solver *v, const esp_part *p, uint32_t upper, esp_mark mark)
{
    esp_context *ctx = v->ctx;
    esp_frame *f = esp_alloc_zero(ctx, 1, sizeof *f);
    if (!f) {
        return ESP_NODE_FAILED;
    }
    f->below = v->top;
    f->mark = mark;
    f->p = *p;
    f->upper = upper;
    f->taken.name = esp_alloc_array(ctx, (size_t)p->m.columns + 1, sizeof *f->taken.name);
    f->best.name = esp_alloc_array(ctx, (size_t)p->m.columns + 1, sizeof *f->best.name);
    if (!f->taken.name || !f->best.name) {
        return ESP_NODE_FAILED;
    }
    v->top = f;
    v->nodes++;
    for (bool fixed = true; fixed;) {
        esp_node_state o = esp_node_settle(v, f);
        if (o == ESP_NODE_SOLVED) {
            memcpy(f->best.name, f->taken.name, f->taken.count * sizeof *f->taken.name);
            f->best.count = f->taken.count;
            f->found = true;
        }
        if (o != ESP_NODE_OPEN) {
            return o;
        }
        uint32_t *number = esp_alloc_array(ctx, (size_t)f->p.m.rows + 1, sizeof *number);
        uint32_t blocks;
        if (!number || !esp_part_blocks(ctx, &f->p, number, &blocks)) {
            return ESP_NODE_FAILED;
        }
        if (blocks > 1 || v->root) {
            bool closed;
            bool made = esp_components_split(v, f, number, blocks, &closed);
            v->root = false;
            if (made && closed) {
                esp_components_put(v, f, 0);
            }
            return !made ? ESP_NODE_FAILED : closed ? ESP_NODE_CLOSED : ESP_NODE_OPEN;
        }
        if (!esp_node_choose(v, f, &fixed)) {
            return ESP_NODE_FAILED;
        }
    }
    f->second = false;
    esp_solver_put(v, ESP_PROOF_BRANCH);
    esp_solver_put(v, f->p.column_name[f->column]);
    return ESP_NODE_OPEN;
}

/* Columns the other components need at least, and those taken. */
static uint32_t others(const esp_frame *f)
{
    uint32_t sum = f->taken.count;
    for (uint32_t b = 0; b < f->count; b++) {
        sum += b == f->at ? 0 : f->blocks[b].lower;
    }
    return sum;
}

/* Every component has a cover: together they are one of the part. */
static void join_blocks(esp_frame *f)
{
    f->best.count = f->taken.count;
    memcpy(f->best.name, f->taken.name, f->taken.count * sizeof *f->taken.name);
    for (uint32_t b = 0; b < f->count; b++) {
        const esp_component *k = &f->blocks[b];
        memcpy(f->best.name + f->best.count, k->cover, k->count * sizeof *k->cover);
        f->best.count += k->count;
    }
    f->found = true;
}

/* A child of the frame on top has been left: it found `names` (NULL: nothing). Returns false when
 * the frame is through. */
static bool child_done(esp_solver *v, esp_frame *f, const esp_names *names)
{
    if (!f->split) {
        if (names) {
            f->found = true;
            f->best.count = f->taken.count;
            memcpy(f->best.name, f->taken.name, f->taken.count * sizeof *f->taken.name);
            if (!f->second) {
                f->best.name[f->best.count++] = f->p.column_name[f->column];
            }
            memcpy(f->best.name + f->best.count, names->name, names->count * sizeof *names->name);
            f->best.count += names->count;
            f->upper = f->best.count;
        }
        if (f->second) {
            return false;
        }
        f->second = true;
        return true;
    }
    esp_component *k = &f->blocks[f->at];
    uint32_t limit = f->upper - others(f); /* what it was asked to stay below */
    if (names) {
        memcpy(k->cover, names->name, names->count * sizeof *names->name);
        k->count = names->count;
        k->lower = names->count;
    } else if (k->cover && k->count <= limit && k->count) {
        k->lower = k->count; /* the cover known before is the best */
    } else {
        k->lower = limit;
    }
    if (v->proof->complete) {
        v->proof->word[f->need_word] = k->lower;
    }
    if (!f->below) {
        esp_components_report(v, f);
    }
    f->at++;
    return true;
}

/* Start the next child of the frame on top. *through: there is none, the frame is to be left. */
static esp_node_state next_child(esp_solver *v, esp_frame *f, bool *through)
{
    esp_context *ctx = v->ctx;
    *through = false;
    esp_mark mark = esp_mark_top(ctx);
    if (!f->split) {
        esp_part half;
        uint32_t upper = f->upper - f->taken.count - !f->second;
        esp_solver_remember(v, &f->p, &f->d);
        if (!esp_part_without(ctx, &f->p, f->column, !f->second, &half)) {
            return ESP_NODE_FAILED;
        }
        return enter(v, &half, upper, mark);
    }
    uint32_t sum = f->taken.count;
    for (uint32_t b = 0; b < f->count; b++) {
        sum += f->blocks[b].lower;
    }
    for (; f->at < f->count; f->at++) {
        esp_component *k = &f->blocks[f->at];
        if (sum >= f->upper) {
            break;
        }
        if (k->count != k->lower) {
            esp_solver_put(v, k->p.row_name[0]);
            f->need_word = v->proof->count;
            esp_solver_put(v, 0);
            uint32_t upper = f->upper - others(f);
            upper = k->count ? esp_min_u32(upper, k->count) : upper;
            esp_solver_remember(v, &k->p, &k->d);
            return enter(v, &k->p, upper, mark);
        }
        esp_components_put(v, &(esp_frame){.blocks = k, .count = 1}, 0);
    }
    *through = true;
    esp_components_put(v, f, f->at);
    if (f->at == f->count && sum < f->upper) {
        join_blocks(f);
    }
    return ESP_NODE_CLOSED;
}

/* A cover deeper in the tree is one of the whole, whatever was left untried. */
static void give_up(esp_solver *v)
{
    for (esp_frame *f = v->top; f && f->below; f = f->below) {
        esp_frame *up = f->below;
        if (f->found && !up->split) {
            (void)child_done(v, up, &f->best);
        } else if (f->found && up->blocks[up->at].count > f->best.count) {
            esp_component *k = &up->blocks[up->at];
            memcpy(k->cover, f->best.name, f->best.count * sizeof *k->cover);
            k->count = f->best.count;
        }
        bool whole = up->split;
        for (uint32_t b = 0; whole && b < up->count; b++) {
            whole = up->blocks[b].count > 0;
        }
        if (whole) {
            join_blocks(up);
        }
    }
}

/* Leave the frame on top, and those below it that are through with it. */
static void leave(esp_solver *v)
{
    for (bool more = false; v->top->below && !more;) {
        esp_frame *f = v->top;
        v->top = f->below;
        esp_release(v->ctx, f->mark); /* what it found stays readable until the next allocation */
        more = child_done(v, v->top, f->found ? &f->best : NULL);
    }
}

/* True: through. */
static bool search(esp_solver *v, const esp_part *whole)
{
    esp_node_state o = enter(v, whole, whole->m.columns + 1, esp_mark_top(v->ctx));
    const esp_frame *root = v->top;
    while (o != ESP_NODE_FAILED && v->ctx->work < v->work_end) {
        if (o == ESP_NODE_OPEN) {
            bool through;
            o = next_child(v, v->top, &through);
            if (!through) {
                continue;
            }
        }
        if (v->top == root) {
            return true;
        }
        leave(v);
        o = ESP_NODE_OPEN;
        if (!v->top->split && v->top->second && v->top == root) {
            return true;
        }
    }
    give_up(v);
    return false;
}

bool esp_solve(esp_context *ctx, const esp_table *t, uint64_t work, uint32_t known,
               esp_solution *solution, esp_proof *proof)
{
    esp_proof none;
    esp_proof_begin(ctx, &none, 0);
    esp_solver v = {.ctx = ctx, .proof = proof ? proof : &none, .solution = solution, .root = true};
    v.known = known;
    *solution = (esp_solution){0};
    v.work_end = work < UINT64_MAX - ctx->work ? ctx->work + work : UINT64_MAX;
    v.price = esp_alloc_zero(ctx, (size_t)t->rows + 1, sizeof *v.price);
    solution->chosen = esp_alloc_zero(ctx, (size_t)t->columns + 1, 1);
    solution->block = esp_alloc_array(ctx, (size_t)t->rows + 1, sizeof *solution->block);
    solution->forced_by = esp_alloc_array(ctx, (size_t)t->columns + 1, sizeof *solution->forced_by);
    solution->left_column = esp_alloc_zero(ctx, (size_t)t->columns + 1, 1);
    if (!solution->block || !solution->forced_by || !solution->left_column) {
        return false;
    }
    memset(solution->block, 0xff, t->rows * sizeof *solution->block);
    memset(solution->forced_by, 0xff, t->columns * sizeof *solution->forced_by);
    esp_mark mark = esp_mark_top(ctx);
    esp_part whole;
    if (!v.price || !solution->chosen || !esp_part_create(ctx, t, &whole)) {
        return false;
    }
    bool through = search(&v, &whole);
    const esp_frame *root = v.top;
    while (root && root->below) {
        root = root->below;
    }
    bool found = root && root->found;
    if (found) {
        solution->count = root->best.count;
        for (uint32_t k = 0; k < root->best.count; k++) {
            solution->chosen[root->best.name[k]] = 1;
        }
        solution->bound = root->taken.count;
        for (uint32_t b = 0; b < root->count; b++) {
            solution->bound += root->blocks[b].lower;
        }
    }
    solution->nodes = v.nodes;
    if (!through) {
        v.proof->complete = false;
    }
    esp_release(ctx, mark);
    return found;
}
