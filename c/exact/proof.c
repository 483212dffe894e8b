/* The log of a proof: words appended to an array that doubles in the side arena. */
#include "exact/proof.h"

#include <string.h> /* memcpy */

void esp_proof_begin(esp_context *ctx, esp_proof *proof, size_t most)
{
    *proof = (esp_proof){.ctx = ctx, .most = most, .complete = most > 0};
}

void esp_proof_put(esp_proof *proof, uint32_t word)
{
    if (!proof->complete) {
        return;
    }
    if (proof->count == proof->room) {
        size_t room = proof->room ? 2 * proof->room : 1024;
        uint32_t *larger =
            room > proof->most ? NULL : esp_arena_alloc(&proof->ctx->side, room * sizeof *larger);
        if (!larger) {
            proof->complete = false;
            return;
        }
        if (proof->count) {
            memcpy(larger, proof->word, proof->count * sizeof *larger);
        }
        proof->word = larger;
        proof->room = room;
    }
    proof->word[proof->count++] = word;
}
