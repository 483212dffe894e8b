/* The rules that shrink the covering problem; included by dense.c for each number of words W. */

/* Columns without what is covered already; those that cover nothing more go. */
static void NAME(shrink)(WORK *q, const SET *open)
{
    uint32_t n = 0;
    for (uint32_t k = 0; k < q->alive; k++) {
        SET left;
        for (uint32_t w = 0; w < W; w++) {
            left.w[w] = q->now[k].w[w] & open->w[w];
        }
        q->now[n] = left;
        q->name[n] = q->name[k];
        n += NAME(any)(&left);
    }
    q->alive = n;
}

/* Points that one column alone covers: it is chosen. */
static bool NAME(take_single)(WORK *q, SET *open, uint32_t *taken)
{
    SET once = {{0}};
    SET twice = {{0}};
    for (uint32_t k = 0; k < q->alive; k++) {
        for (uint32_t w = 0; w < W; w++) {
            twice.w[w] |= once.w[w] & q->now[k].w[w];
            once.w[w] |= q->now[k].w[w];
        }
    }
    for (uint32_t w = 0; w < W; w++) {
        once.w[w] &= ~twice.w[w];
    }
    *taken = 0;
    if (!NAME(any)(&once)) {
        return false;
    }
    for (uint32_t k = 0; k < q->alive; k++) {
        uint64_t meets = 0;
        for (uint32_t w = 0; w < W; w++) {
            meets |= q->now[k].w[w] & once.w[w];
        }
        if (meets) {
            q->chosen[q->name[k]] = 1;
            ++*taken;
            for (uint32_t w = 0; w < W; w++) {
                open->w[w] &= ~q->now[k].w[w];
            }
        }
    }
    NAME(shrink)(q, open);
    return true;
}

/* A column inside another goes; of equal ones the lighter stays, then the first. `heavier`: also
 * one inside a heavier one, which may cost the lightest of the smallest covers. */
static bool NAME(drop_columns)(WORK *q, bool heavier)
{
    uint32_t n = 0;
    uint8_t gone[ESP_DENSE_PRIMES] = {0};
    for (uint32_t a = 0; a < q->alive; a++) {
        SET mine = q->now[a];
        uint32_t w = 0; /* a word that says no for most */
        while (!mine.w[w]) {
            w = (w + 1) % W;
        }
        for (uint32_t b = 0; b < q->alive; b++) {
            if (mine.w[w] & ~q->now[b].w[w] || !NAME(inside)(&mine, &q->now[b]) || b == a ||
                gone[b]) {
                continue;
            }
            uint16_t wa = q->weight[q->name[a]];
            uint16_t wb = q->weight[q->name[b]];
            bool larger = (heavier || wb == wa) && !NAME(inside)(&q->now[b], &mine);
            if (larger || wb < wa || (wb == wa && b < a)) {
                gone[a] = 1;
                break;
            }
        }
    }
    for (uint32_t k = 0; k < q->alive; k++) {
        q->now[n] = q->now[k];
        q->name[n] = q->name[k];
        n += !gone[k];
    }
    bool changed = n < q->alive;
    q->alive = n;
    return changed;
}

/* A point all of whose columns another point has too implies that one. */
static bool NAME(drop_rows)(WORK *q, SET *open)
{
    SET before = *open;
    for (uint32_t at = 0; at < W; at++) {
        for (uint64_t left = open->w[at]; left;) {
            uint64_t bit = left & (0 - left);
            SET implied = *open;
            for (uint32_t k = 0; k < q->alive; k++) {
                uint64_t in = (q->now[k].w[at] & bit) ? 0 : ~UINT64_C(0);
                for (uint32_t w = 0; w < W; w++) {
                    implied.w[w] &= q->now[k].w[w] | in;
                }
            }
            implied.w[at] &= ~bit;
            for (uint32_t w = 0; w < W; w++) {
                open->w[w] &= ~implied.w[w];
            }
            left &= open->w[at] & ~bit;
        }
    }
    if (NAME(inside)(&before, open)) {
        return false;
    }
    NAME(shrink)(q, open);
    return true;
}

/* Chosen columns with nothing of their own that is worth their weight: a lighter column that covers
 * what only this one covers takes its place. */
static void NAME(lighten)(WORK *q)
{
    for (bool changed = true; changed;) {
        SET once = {{0}};
        SET twice = {{0}};
        changed = false;
        for (uint32_t j = 0; j < q->count; j++) {
            for (uint32_t w = 0; q->chosen[j] && w < W; w++) {
                twice.w[w] |= once.w[w] & q->column[j].w[w];
                once.w[w] |= q->column[j].w[w];
            }
        }
        for (uint32_t j = 0; j < q->count && !changed; j++) {
            SET own;
            uint32_t best = j;
            if (!q->chosen[j]) {
                continue;
            }
            for (uint32_t w = 0; w < W; w++) {
                own.w[w] = q->column[j].w[w] & ~twice.w[w];
            }
            for (uint32_t c = 0; c < q->count; c++) {
                if (q->weight[c] < q->weight[best] && NAME(inside)(&own, &q->column[c])) {
                    best = c;
                }
            }
            if (best != j) {
                q->chosen[j] = 0;
                q->chosen[best] = 1;
                changed = true;
            }
        }
    }
}
