/* What the rules leave is cut into blocks and searched; included by dense.c for each number of
 * words W. */

/* What the reductions left, as a table of lists for the general search. */
static bool NAME(solve_table)(esp_context *ctx, WORK *q, const SET *open, uint64_t effort,
                              uint32_t *bound)
{
    esp_mark mark = esp_mark_top(ctx);
    esp_table t;
    uint32_t row[ESP_DENSE_PRIMES];
    uint32_t weight[ESP_DENSE_PRIMES];
    uint8_t picked[ESP_DENSE_PRIMES];
    bool going = esp_table_create(ctx, q->alive, &t);
    for (uint32_t at = 0; going && at < W; at++) {
        for (uint64_t left = open->w[at]; going && left; left &= left - 1) {
            uint32_t n = 0;
            for (uint32_t k = 0; k < q->alive; k++) {
                row[n] = k;
                n += (q->now[k].w[at] & left & (0 - left)) != 0;
            }
            going = esp_table_push(ctx, &t, row, n);
        }
    }
    for (uint32_t k = 0; k < q->alive; k++) {
        weight[k] = q->weight[q->name[k]];
    }
    going = going && esp_cover_rows(ctx, &t, weight, effort, picked, bound);
    for (uint32_t k = 0; going && k < q->alive; k++) {
        q->chosen[q->name[k]] |= picked[k];
    }
    esp_release(ctx, mark);
    return going;
}

/* The alive columns, the lightest first. */
static void NAME(sort)(WORK *q)
{
    for (uint32_t k = 1; k < q->alive; k++) {
        SET now = q->now[k];
        uint16_t name = q->name[k];
        uint32_t to = k;
        for (; to && q->weight[q->name[to - 1]] > q->weight[name]; to--) {
            q->now[to] = q->now[to - 1];
            q->name[to] = q->name[to - 1];
        }
        q->now[to] = now;
        q->name[to] = name;
    }
}

/* The open points connected with the first one through columns. */
static void NAME(block_of)(const WORK *q, const SET *open, SET *block)
{
    uint8_t in[ESP_DENSE_PRIMES] = {0};
    uint32_t at = 0;
    while (!open->w[at % W]) {
        at++;
    }
    *block = (SET){{0}};
    block->w[at % W] = open->w[at % W] & (0 - open->w[at % W]);
    for (bool grown = true; grown;) {
        grown = false;
        for (uint32_t k = 0; k < q->alive; k++) {
            uint64_t meets = 0;
            for (uint32_t w = 0; w < W; w++) {
                meets |= q->now[k].w[w] & block->w[w];
            }
            if (meets && !in[k]) {
                in[k] = 1;
                grown = true;
                for (uint32_t w = 0; w < W; w++) {
                    block->w[w] |= q->now[k].w[w];
                }
            }
        }
    }
}

/* Chooses for one block, when its rows and columns fit a word each. `weighted`: the lightest of the
 * smallest covers. */
static bool NAME(solve_core)(esp_context *ctx, WORK *q, const SET *block, bool weighted)
{
    esp_core core;
    uint16_t name[ESP_CORE_MOST];
    core.rows = core.columns = 0;
    uint32_t of[ESP_CORE_MOST];
    for (uint32_t k = 0; k < q->alive; k++) {
        uint64_t meets = 0;
        for (uint32_t w = 0; w < W; w++) {
            meets |= q->now[k].w[w] & block->w[w];
        }
        if (!meets) {
            continue;
        }
        if (core.columns == ESP_CORE_MOST) {
            return false;
        }
        name[core.columns] = q->name[k];
        core.column[core.columns] = 0;
        core.cost[core.columns] = (1u << 16) + (weighted ? q->weight[q->name[k]] : 0);
        of[core.columns++] = k;
    }
    for (uint32_t at = 0; at < W; at++) {
        for (uint64_t left = block->w[at]; left; left &= left - 1) {
            if (core.rows == ESP_CORE_MOST) {
                return false;
            }
            uint64_t row = 0;
            for (uint32_t k = 0; k < core.columns; k++) {
                uint64_t in = (q->now[of[k]].w[at] & left & (0 - left)) != 0;
                row |= in << k;
                core.column[k] |= in << core.rows;
            }
            core.row[core.rows++] = row;
        }
    }
    uint64_t chosen;
    if (!esp_core_solve(ctx, &core, CORE_NODES, &chosen)) {
        return false;
    }
    for (; chosen; chosen &= chosen - 1) {
        q->chosen[name[esp_lowest(chosen)]] = 1;
    }
    return true;
}

/* Chooses for every block that fits; the others stay open. */
static void NAME(solve_blocks)(esp_context *ctx, WORK *q, SET *open, bool weighted)
{
    SET rest = *open;
    NAME(sort)(q);
    while (NAME(any)(&rest) && !esp_stopped(ctx)) {
        SET block;
        NAME(block_of)(q, &rest, &block);
        bool solved = NAME(solve_core)(ctx, q, &block, weighted);
        for (uint32_t w = 0; w < W; w++) {
            rest.w[w] &= ~block.w[w];
            open->w[w] &= solved ? ~block.w[w] : ~UINT64_C(0);
        }
    }
    NAME(shrink)(q, open);
}

/* The rules, until nothing changes. False: the run must stop. */
static bool NAME(reduce)(esp_context *ctx, WORK *q, SET *open, bool heavier)
{
    bool first = true;
    for (bool rows = true; rows && NAME(any)(open); first = false) {
        uint32_t taken;
        if (!esp_spend(ctx, (uint64_t)q->alive * q->alive / 8 * W + q->alive)) {
            return false;
        }
        /* Rows depend on columns alone and columns on rows: whoever changed nothing ends it. */
        bool columns = NAME(drop_columns)(q, heavier);
        if (!columns && !first) {
            break;
        }
        rows = NAME(drop_rows)(q, open);
        rows |= NAME(take_single)(q, open, &taken);
    }
    return true;
}

/* Chooses columns; *bound: no cover has fewer. */
static bool NAME(choose)(esp_context *ctx, WORK *q, const SET *on, uint64_t effort,
                         uint32_t *essential, uint32_t *bound)
{
    SET open = *on;
    q->alive = q->count;
    memset(q->chosen, 0, q->count);
    memcpy(q->now, q->column, q->count * sizeof q->column[0]);
    for (uint32_t k = 0; k < q->count; k++) {
        q->name[k] = (uint16_t)k;
    }
    (void)NAME(take_single)(q, &open, essential);
    for (uint32_t heavier = 0; heavier < 2 && NAME(any)(&open); heavier++) {
        if (!NAME(reduce)(ctx, q, &open, heavier)) {
            return false;
        }
        if (NAME(any)(&open)) {
            NAME(solve_blocks)(ctx, q, &open, !heavier);
        }
        if (esp_stopped(ctx)) {
            return false;
        }
    }
    uint32_t chosen = 0;
    for (uint32_t j = 0; j < q->count; j++) {
        chosen += q->chosen[j];
    }
    *bound = 0;
    if (NAME(any)(&open) &&
        !NAME(solve_table)(ctx, q, &open, effort * q->count * CORE_SHARE, bound)) {
        return false;
    }
    *bound += chosen;
    NAME(lighten)(q);
    return true;
}
