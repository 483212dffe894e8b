/* A crew of workers for a test, and demands for faults. */
#ifndef ESP_TEST_CREW_H
#define ESP_TEST_CREW_H

#include <string.h> /* memcpy */

#include "isolate/crew.h"
#include "isolate/worker/faults.h"
#include "job/format.h"
#include "test.h"

/* Opens a crew; 0 where there can be none, and the test is skipped or has failed. */
static inline double test_crew_open(const iso_options *options)
{
    if (!esp_test_can_start_programs()) {
        return 0;
    }
    uint32_t lacking;
    double crew = iso_open(options, ESP_TEST_PATIENCE_MS, &lacking);
    if (crew == -ESP_UNSUPPORTED) {
        esp_test_skip("this system has no workers");
        return 0;
    }
    return CHECK(crew > 0) ? crew : 0;
}

enum { TEST_DEMAND_BYTES = 128 };

/* A job that demands a fault of its worker. Those of other numbers are other jobs, so that none is
 * refused for what another did. */
static inline void test_make_demand(uint8_t bytes[TEST_DEMAND_BYTES], uint32_t fault,
                                    uint32_t number)
{
    const uint32_t operation = (uint32_t)ISO_FAULT_LIBRARY << 16 | fault;
    memset(bytes, 0, TEST_DEMAND_BYTES);
    memcpy(bytes + RST_HEADER_OPERATION, &operation, sizeof operation);
    memcpy(bytes + 100, &number, sizeof number);
}

#endif
