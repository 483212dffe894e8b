/* Primes of a table as columns; included by dense.c for each number of words W. */

static inline bool NAME(any)(const SET *a)
{
    uint64_t all = 0;
    for (uint32_t w = 0; w < W; w++) {
        all |= a->w[w];
    }
    return all != 0;
}

static inline bool NAME(inside)(const SET *a, const SET *b)
{
    uint64_t out = 0;
    for (uint32_t w = 0; w < W; w++) {
        out |= a->w[w] & ~b->w[w];
    }
    return out == 0;
}

static inline bool NAME(has)(const SET *a, uint32_t bit)
{
    return a->w[W == 1 ? 0 : bit / 64] >> bit % 64 & 1;
}

/* Cubes of a with variable v raised: both halves are there. They stand where v is 0. */
static inline void NAME(raise)(const SET *a, uint32_t v, SET *r)
{
    if (W == 1 || v < 6) {
        for (uint32_t w = 0; w < W; w++) {
            r->w[w] = a->w[w] & a->w[w] >> (1u << v) & ~table_var[v];
        }
        return;
    }
    uint32_t half = 1u << (v - 6);
    for (uint32_t w = 0; w < W; w++) {
        r->w[w] = w & half ? 0 : a->w[w] & a->w[(w | half) % W];
    }
}

/* a, in which variable v is raised, with both halves marked. */
static inline void NAME(spread)(const SET *a, uint32_t v, SET *r)
{
    if (W == 1 || v < 6) {
        for (uint32_t w = 0; w < W; w++) {
            r->w[w] = a->w[w] | a->w[w] << (1u << v);
        }
        return;
    }
    uint32_t half = 1u << (v - 6);
    for (uint32_t w = 0; w < W; w++) {
        r->w[w] = a->w[w & ~half];
    }
}

/* The inputs at which some output is in a: the fields ORed into the first. */
static inline void NAME(fold)(const WORK *q, SET *a)
{
    for (uint32_t step = q->fields << q->inputs >> 1; step >= 1u << q->inputs; step >>= 1) {
        if (step >= 64) {
            for (uint32_t w = 0; w < step / 64; w++) {
                a->w[w] |= a->w[(w + step / 64) % W];
            }
        } else {
            a->w[0] |= a->w[0] >> step;
        }
    }
}

/* The points of a cube. */
static inline void NAME(points)(const WORK *q, esp_dense_cube c, SET *r)
{
    uint64_t low = 1;
    for (uint32_t v = 0; v < 6 && v < q->inputs; v++) {
        low |= c.dashes >> v & 1 ? low << (1u << v) : 0;
    }
    *r = (SET){{0}};
    for (uint32_t o = c.outputs; o; o &= o - 1) {
        uint32_t at = esp_lowest(o) << q->inputs | c.value;
        if (W == 1) {
            r->w[0] |= low << at;
            continue;
        }
        uint32_t free = c.dashes >> 6;
        for (uint32_t sub = free;; sub = (sub - 1) & free) {
            r->w[(at / 64 | sub) % W] |= low << at % 64;
            if (!sub) {
                break;
            }
        }
    }
}

/* The cubes with free variables d at which no variable can be raised. */
static inline void NAME(maximal)(const WORK *q, uint32_t d, SET *keep)
{
    const SET *here = &q->implicant[d];
    *keep = *here;
    if (q->outputs > 1) {
        NAME(fold)(q, keep);
    }
    for (uint32_t v = 0; v < q->inputs; v++) {
        SET up;
        if (d >> v & 1) {
            continue;
        }
        NAME(spread)(&q->implicant[d | 1u << v], v, &up);
        for (uint32_t w = 0; w < W; w++) {
            up.w[w] = here->w[w] & ~up.w[w];
        }
        if (q->outputs > 1) {
            NAME(fold)(q, &up);
        }
        for (uint32_t w = 0; w < W; w++) {
            keep->w[w] &= up.w[w];
        }
    }
}

/* Fills in the primes that cover a care point. False: too many. */
static bool NAME(list)(WORK *q, const SET *on, const SET *on_dc, uint32_t *primes)
{
    uint32_t inputs = q->inputs;
    q->implicant[0] = *on_dc;
    for (uint32_t d = 1; d < 1u << inputs; d++) {
        NAME(raise)(&q->implicant[d & (d - 1)], esp_lowest(d), &q->implicant[d]);
    }
    q->count = 0;
    *primes = 0;
    for (uint32_t d = 0; d < 1u << inputs; d++) {
        SET keep;
        if (!NAME(any)(&q->implicant[d])) {
            continue;
        }
        NAME(maximal)(q, d, &keep);
        uint32_t literals = inputs - esp_popcount(d);
        for (uint32_t at = 0; at < 1u << inputs; at += 64) {
            uint64_t here = keep.w[W == 1 ? 0 : at / 64];
            here &= inputs >= 6 ? ~UINT64_C(0) : (UINT64_C(1) << (1u << inputs)) - 1;
            for (; here; here &= here - 1) {
                uint32_t x = at + esp_lowest(here);
                uint32_t outputs = 1;
                for (uint32_t o = 1; o < q->outputs; o++) {
                    outputs |= (uint32_t)NAME(has)(&q->implicant[d], o << inputs | x) << o;
                }
                if (q->outputs > 1) {
                    outputs &= ~UINT32_C(1) | NAME(has)(&q->implicant[d], x);
                }
                if (q->count == ESP_DENSE_PRIMES) {
                    return false;
                }
                esp_dense_cube c = {(uint16_t)d, (uint16_t)x, (uint16_t)outputs};
                SET *column = &q->column[q->count];
                NAME(points)(q, c, column);
                for (uint32_t w = 0; w < W; w++) {
                    column->w[w] &= on->w[w];
                }
                ++*primes;
                q->cube[q->count] = c;
                q->weight[q->count] =
                    (uint16_t)(literals * 16 +
                               (q->outputs > 1 ? q->outputs - esp_popcount(outputs) : 0));
                q->count += NAME(any)(column);
            }
        }
    }
    return true;
}
