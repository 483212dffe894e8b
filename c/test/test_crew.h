/* A crew of workers for a test. */
#ifndef ESP_TEST_CREW_H
#define ESP_TEST_CREW_H

#include "isolate/crew.h"
#include "test.h"

/* Opens a crew; 0 where there can be none, and the test is skipped or has failed. */
static inline double test_crew_open(const iso_options *options)
{
    if (!esp_test_can_start_programs()) {
        return 0;
    }
    uint32_t lacking;
    double crew = iso_open(options, 5000, &lacking);
    if (crew == -ESP_UNSUPPORTED) {
        esp_test_skip("this system has no workers");
        return 0;
    }
    return CHECK(crew > 0) ? crew : 0;
}

#endif
