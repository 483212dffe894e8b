/* The inside of the exact search (solve.c): what its nodes and components are. */
#ifndef ESP_SEARCH_H
#define ESP_SEARCH_H

#include "exact/dual.h"
#include "exact/solve.h"

enum { ESP_ROOT_STEPS = 3000, ESP_NODE_STEPS = 120 }; /* of the prices */

typedef struct esp_component {
    esp_part p;
    esp_dual d;      /* where the search begins */
    esp_dual tight;  /* shows `lower` */
    uint32_t lower;  /* columns it needs at least */
    uint32_t *cover; /* of `count` columns, by name; NULL: none known */
    uint32_t count;
} esp_component;

typedef struct esp_frame {
    struct esp_frame *below;
    esp_mark mark; /* before the frame and its part */
    esp_part p;
    esp_dual d;
    uint32_t upper;  /* find a cover of fewer columns */
    esp_names taken; /* on the way into this node */
    esp_names best;  /* a cover of the part the node began with; count 0 and !found: none yet */
    bool found;
    bool split;
    /* two halves */
    uint32_t column;
    bool second; /* the half under way is the one without the column */
    /* components */
    esp_component *blocks;
    uint32_t count, at;
    size_t need_word; /* where the proof has the need of the component under way */
} esp_frame;

typedef struct esp_solver {
    esp_context *ctx;
    esp_proof *proof;
    esp_frame *top;
    int64_t *price; /* [rows of the table] of the last node, by name */
    uint64_t work_end;
    uint64_t nodes;
    esp_solution *solution;
    uint32_t known; /* columns of the best cover reported so far; 0: nothing is reported */
    bool root;
} esp_solver;

/* What a node came to. */
typedef enum esp_node_state {
    ESP_NODE_CLOSED,
    ESP_NODE_SOLVED,
    ESP_NODE_OPEN,
    ESP_NODE_FAILED
} esp_node_state;

/* node.c */
void esp_solver_put(esp_solver *v, uint32_t word);
void esp_solver_put_bound(esp_solver *v, const esp_part *p, const esp_dual *d);
/* The prices that the next duals begin with. */
void esp_solver_remember(esp_solver *v, const esp_part *p, const esp_dual *d);
/* A dual for p that begins at the prices remembered. */
bool esp_solver_dual(esp_solver *v, const esp_part *p, esp_dual *d);
/* Reduce, bound and fix until nothing changes. */
esp_node_state esp_node_settle(esp_solver *v, esp_frame *f);
/* Choose the column to branch on by trying some. *fixed: one of the halves of some column needs no
 * node any more, the part is smaller. */
bool esp_node_choose(esp_solver *v, esp_frame *f, bool *fixed);

/* components.c */
/* The components of the node as blocks with bounds of their own. *closed: these are enough. */
bool esp_components_split(esp_solver *v, esp_frame *f, const uint32_t *number, uint32_t blocks,
                          bool *closed);
/* Reports bound and cover of the whole table, of which f is the split. */
void esp_components_report(esp_solver *v, const esp_frame *f);
/* The rest of the split's proof: what components from `from` on need by their prices. */
void esp_components_put(esp_solver *v, const esp_frame *f, uint32_t from);

#endif
