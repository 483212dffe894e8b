/* HIGH POINTS: care points that few implicants hold.
 *
 * The idea. A part that a point lacks is blocked when some off cube is apart from the point in that
 * variable alone: no implicant with the point has the part. The more parts are blocked, the fewer
 * implicants hold the point. From a care point, the value of one variable is changed as long as
 * that blocks more parts. That ends on plateaus: another output may be off only where five inputs
 * have the right value, and none of the five changes alone gains anything. So the nearest off cubes
 * that have an unblocked part are goals as well: all variables but that part's move to them at
 * once, which blocks the part, and stay there when more is blocked than before.
 *
 * Invariant: the point is a care point, and never lower than before.
 * Cost: a step up looks at every part, at the columns of all variables each; goals cost a pass over
 * the off-set, and as many looks.
 *
 * Reference: the distinguished minterms of essential primes, after E. McCluskey 1956.
 */
#include "minimize/high_points.h"

#include "cube/kernels.h"

enum { SWEEPS = 4 };

bool esp_climber_create(esp_context *ctx, const esp_shape *s, const esp_blocking *r,
                        const esp_cover *care, esp_climber *c)
{
    size_t bits = (size_t)s->words * 64;
    *c = (esp_climber){.ctx = ctx, .s = s, .care = care, .r = r};
    c->point = esp_alloc_array(ctx, s->words, sizeof *c->point);
    c->trial = esp_alloc_array(ctx, s->words, sizeof *c->trial);
    c->goal = esp_alloc_array(ctx, s->words, sizeof *c->goal);
    c->near = esp_alloc_array(ctx, bits * ESP_CLIMB_KEPT, sizeof *c->near);
    c->apart = esp_alloc_array(ctx, s->vars, sizeof *c->apart);
    return c->point && c->trial && c->goal && c->near && c->apart &&
           esp_off_columns_create(ctx, s, r, &c->off);
}

bool esp_climber_is_care(const esp_climber *c, const uint64_t *point)
{
    const esp_cover *care = c->care;
    return c->ctx->kernels->inside_some(care->data, care->count, c->s->words, point);
}

/* Parts of c->trial that are blocked. */
static bool measure(esp_climber *c, uint32_t *height)
{
    *height = esp_off_blocked(&c->off, c->trial);
    uint64_t looked = c->off.looked + (uint64_t)c->care->count * c->s->words / 4;
    c->off.looked = 0;
    return esp_spend(c->ctx, looked);
}

/* The point moves to c->trial when that is a care point, and higher. */
static bool try_it(esp_climber *c, uint32_t *height, bool *moved)
{
    uint32_t other;
    *moved = false;
    if (!esp_climber_is_care(c, c->trial)) {
        return true;
    }
    if (!measure(c, &other)) {
        return false;
    }
    if (other > *height) {
        *height = other;
        *moved = true;
        esp_cube_copy(c->s, c->point, c->trial);
    }
    return true;
}

/* Variable v of c->trial gets the part `bit` alone. */
static void put(esp_climber *c, uint32_t v, uint32_t bit)
{
    const esp_var *var = &c->s->var[v];
    for (uint32_t w = var->word; w <= var->last_word; w++) {
        c->trial[w] &= ~esp_var_mask(var, w);
    }
    esp_cube_set(c->trial, bit);
}

/* Uphill, a variable at a time. */
static bool climb_near(esp_climber *c, uint32_t *height)
{
    const esp_shape *s = c->s;
    bool moved;
    for (bool again = true; again;) {
        again = false;
        for (uint32_t v = 0; v < s->vars; v++) {
            const esp_var *var = &s->var[v];
            for (uint32_t bit = var->first; bit < var->first + var->parts; bit++) {
                if (esp_cube_has(c->point, bit)) {
                    continue;
                }
                esp_cube_copy(s, c->trial, c->point);
                put(c, v, bit);
                if (!try_it(c, height, &moved)) {
                    return false;
                }
                again = again || moved;
            }
        }
    }
    return true;
}

/* The variables in which the off cube is apart from the point, into c->apart. */
static uint32_t find_apart(esp_climber *c, const uint64_t *row)
{
    const esp_shape *s = c->s;
    uint32_t count = 0;
    for (uint32_t w = 0; w < s->words; w++) {
        uint64_t both = row[w] & c->point[w];
        for (uint64_t apart = ~(both | both >> 1) & s->binary[w]; apart; apart &= apart - 1) {
            c->apart[count++] = (w * 64 + esp_lowest(apart)) / 2;
        }
    }
    for (uint32_t v = s->inputs; v < s->vars; v++) {
        const esp_var *var = &s->var[v];
        uint64_t both = 0;
        for (uint32_t w = var->word; w <= var->last_word; w++) {
            both |= row[w] & c->point[w] & esp_var_mask(var, w);
        }
        if (!both) {
            c->apart[count++] = v;
        }
    }
    return count;
}

/* An off cube that has part `bit`, for the list of the nearest. */
static void keep_near(esp_climber *c, uint32_t bit, uint32_t distance, uint32_t row)
{
    struct esp_climb_goal *near = c->near + (size_t)bit * ESP_CLIMB_KEPT;
    uint32_t k = ESP_CLIMB_KEPT;
    for (; k && near[k - 1].distance > distance; k--) {
        if (k < ESP_CLIMB_KEPT) {
            near[k] = near[k - 1];
        }
    }
    if (k < ESP_CLIMB_KEPT) {
        near[k] = (struct esp_climb_goal){distance, row};
    }
}

/* The nearest off cubes of every part. */
static bool survey(esp_climber *c)
{
    const esp_shape *s = c->s;
    for (size_t k = 0; k < (size_t)s->words * 64 * ESP_CLIMB_KEPT; k++) {
        c->near[k] = (struct esp_climb_goal){UINT32_MAX, 0};
    }
    uint64_t looked = 0;
    for (uint32_t i = 0; i < c->r->rows; i++) {
        const uint64_t *row = esp_cube(c->r->cover, s, i);
        uint32_t count = find_apart(c, row);
        looked += s->words + count;
        /* Cubes of other outputs can block these outputs only. */
        bool other = count && c->apart[count - 1] == s->vars - 1;
        for (uint32_t k = other ? count - 1 : 0; k < count; k++) {
            const esp_var *var = &s->var[c->apart[k]];
            for (uint32_t w = var->word; w <= var->last_word; w++) {
                for (uint64_t has = row[w] & esp_var_mask(var, w); has; has &= has - 1) {
                    keep_near(c, w * 64 + esp_lowest(has), count, i);
                }
            }
        }
    }
    return esp_spend(c->ctx, looked);
}

/* c->trial := the point, moved into the off cube in every variable but v. */
static void approach(esp_climber *c, uint32_t v, const uint64_t *row)
{
    uint32_t count = find_apart(c, row);
    esp_cube_copy(c->s, c->trial, c->point);
    for (uint32_t k = 0; k < count; k++) {
        const esp_var *var = &c->s->var[c->apart[k]];
        uint32_t bit = var->first;
        while (!esp_cube_has(row, bit)) {
            bit++;
        }
        if (c->apart[k] != v) {
            put(c, c->apart[k], bit);
        }
    }
}

/* Once towards the goals of every part. */
static bool climb_far(esp_climber *c, uint32_t *height, bool *any)
{
    const esp_shape *s = c->s;
    *any = false;
    if (!survey(c)) {
        return false;
    }
    for (uint32_t v = s->vars; v-- > 0;) { /* outputs first */
        const esp_var *var = &s->var[v];
        for (uint32_t bit = var->first; bit < var->first + var->parts; bit++) {
            const struct esp_climb_goal *near = c->near + (size_t)bit * ESP_CLIMB_KEPT;
            bool moved = esp_cube_has(c->point, bit) || near[0].distance == 1;
            for (uint32_t k = 0; k < ESP_CLIMB_KEPT && !moved; k++) {
                if (near[k].distance == UINT32_MAX) {
                    break;
                }
                approach(c, v, esp_cube(c->r->cover, s, near[k].row));
                if (!try_it(c, height, &moved)) {
                    return false;
                }
                *any = *any || moved;
            }
        }
    }
    return true;
}

bool esp_climb(esp_climber *c, bool far, uint32_t *height)
{
    esp_cube_copy(c->s, c->trial, c->point);
    if (!measure(c, height) || !climb_near(c, height)) {
        return false;
    }
    bool any = far;
    for (uint32_t sweep = 0; sweep < SWEEPS && any; sweep++) {
        if (!climb_far(c, height, &any) || (any && !climb_near(c, height))) {
            return false;
        }
    }
    return true;
}
