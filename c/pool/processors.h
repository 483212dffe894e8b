/* The quota of a container, for tests with files of their own. */
#ifndef ESP_PROCESSORS_H
#define ESP_PROCESSORS_H

#include <stdint.h>

/* Processors that the control groups of this process allow, rounded up; UINT32_MAX: no limit.
 * `groups` is a file like /proc/self/cgroup, `mount` a folder like /sys/fs/cgroup. */
uint32_t esp_quota(const char *groups, const char *mount);

#endif
