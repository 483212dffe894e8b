/* Care points that few implicants hold (high_points.c). */
#ifndef ESP_HIGH_POINTS_H
#define ESP_HIGH_POINTS_H

#include "exact/off_columns.h"

enum { ESP_CLIMB_KEPT = 3 };

typedef struct esp_climber {
    esp_context *ctx;
    const esp_shape *s;
    const esp_cover *care;
    const esp_blocking *r;
    esp_off_columns off;
    uint64_t *point; /* [words] the caller sets it; moves uphill */
    uint64_t *trial; /* [words] scratch */
    uint64_t *goal;  /* [words] scratch */
    /* For each part that the point lacks the nearest off cubes that could block it: [kernel bits]
     * [ESP_CLIMB_KEPT] distance and row, nearest first. Distance 1: it is blocked. */
    struct esp_climb_goal {
        uint32_t distance, row;
    } *near;
    uint32_t *apart; /* [vars] scratch */
} esp_climber;

bool esp_climber_create(esp_context *ctx, const esp_shape *s, const esp_blocking *r,
                        const esp_cover *care, esp_climber *c);

/* Is the point in the care set? */
bool esp_climber_is_care(const esp_climber *c, const uint64_t *point);

/* Moves c->point to a care point with as many parts blocked as the search finds; *height is how
 * many. `far`: towards off cubes as well, several variables at a time. */
bool esp_climb(esp_climber *c, bool far, uint32_t *height);

#endif
