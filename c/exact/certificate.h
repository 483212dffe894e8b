/* Certificates: a cover, and why every cover has as many cubes; docs/certificate.md. */
#ifndef ESP_CERTIFICATE_H
#define ESP_CERTIFICATE_H

#include "cube/cover.h"
#include "exact/solve.h"

/* Text. */
typedef struct esp_bytes {
    uint8_t *data;
    size_t length, room;
} esp_bytes;

/* What a proof is about: a covering table whose rows are points (one input point and one output
 * each) and whose columns hold, for every implicant, all of its points. */
typedef struct esp_evidence {
    const esp_table *table;
    const esp_cover *points; /* [rows] */
    const esp_solution *solution;
    const esp_proof *proof; /* complete */
} esp_evidence;

/* Writes the certificate that `cover` needs at least the solution's bound of cubes, into the arena.
 * `off`: cubes outside ON ∪ DC, all of them that the proof needs. Only shapes whose one wide
 * variable is the output. False when the run must stop. */
bool esp_certificate_write(esp_context *ctx, const esp_shape *s, const esp_cover *cover,
                           const esp_cover *off, const esp_evidence *e, esp_bytes *text);

#endif
