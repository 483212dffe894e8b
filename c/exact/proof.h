/* The steps of a proof that a covering problem needs some number of columns, as they happen.
 *
 * A proof is a tree in preorder. A node is a list of steps about the rows and columns that are left
 * there, and ends with one of the last six; docs/certificate.md says what each claims, and why it
 * holds. Rows and columns go by the names of esp_part. Words of 32 bits, one after the other:
 *
 *   DROP row                    the row is not looked at any more
 *   DOMINATED a b               column a goes: b covers all of its rows
 *   FORCED j row                the row has no column but j: j is taken
 *   FIX n (row price)… out j… in k…   prices that rule columns out, and others in
 *   DONE                        nothing is left to be shown
 *   EMPTY row                   the row has no column
 *   BOUND n (row price)…        prices whose value is enough
 *   BRANCH j                    two nodes follow: j taken, j not
 *   REFUSE j                    the same the other way round: j not taken, j taken
 *   SPLIT n                     for each component, by its lowest row: what it needs, and its node
 */
#ifndef ESP_PROOF_H
#define ESP_PROOF_H

#include "base/context.h"

enum {
    ESP_PROOF_DROP = 1,
    ESP_PROOF_DOMINATED,
    ESP_PROOF_FORCED,
    ESP_PROOF_FIX,
    ESP_PROOF_DONE,
    ESP_PROOF_EMPTY,
    ESP_PROOF_BOUND,
    ESP_PROOF_BRANCH,
    ESP_PROOF_REFUSE,
    ESP_PROOF_SPLIT
};

/* In the side arena, so that it grows while scratch comes and goes. */
typedef struct esp_proof {
    esp_context *ctx;
    uint32_t *word;
    size_t count, room;
    size_t most;   /* words it may have */
    bool complete; /* false: it grew too large, or memory ran out; it is of no use then */
} esp_proof;

void esp_proof_begin(esp_context *ctx, esp_proof *proof, size_t most);
void esp_proof_put(esp_proof *proof, uint32_t word);

#endif
