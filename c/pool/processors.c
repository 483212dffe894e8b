/* How many threads the machine really allows: the affinity mask, and the quota of a container.
 *
 * A container with half of a processor still sees all of them; threads beyond the quota only have
 * the whole container stopped for the rest of each period. Linux tells the quota in files: for
 * version 2 of control groups `cpu.max` ("200000 100000", or "max 100000"), for version 1
 * `cpu.cfs_quota_us` (-1 = none) and `cpu.cfs_period_us`, in the folder of this process's group and
 * in those above it. Elsewhere these files do not exist, and there is no quota.
 */
#include <stdio.h>  /* fopen */
#include <string.h> /* strchr, strlen, strncmp, strstr */

#include "platform/os.h"
#include "pool/pool.h"
#include "pool/processors.h"

enum { PATH_MOST = 512, TEXT_MOST = 4096 };

/* The text of a file, ended by a zero; false when it cannot be read, or is empty. */
static bool read_file(const char *path, char *text, size_t size)
{
    FILE *file = fopen(path, "r");
    if (!file) {
        return false;
    }
    size_t length = fread(text, 1, size - 1, file);
    text[length] = 0;
    (void)fclose(file);
    return length > 0;
}

/* Joins texts; false when they are too long. */
static bool join(char *out, const char *const *parts)
{
    size_t length = 0;
    for (; *parts; parts++) {
        size_t more = strlen(*parts);
        if (length + more >= PATH_MOST) {
            return false;
        }
        memcpy(out + length, *parts, more);
        length += more;
    }
    out[length] = 0;
    return true;
}

/* The number at the start of a text; 0 for anything else, also "max" and "-1". */
static uint64_t number(const char *text)
{
    uint64_t value = 0;
    for (; *text >= '0' && *text <= '9' && value < UINT64_MAX / 20; text++) {
        value = 10 * value + (uint64_t)(*text - '0');
    }
    return value;
}

/* Processors that a quota in each period comes to, rounded up; UINT32_MAX: as many as you like. */
static uint32_t processors_of(uint64_t quota, uint64_t period)
{
    uint64_t count = quota && period ? (quota + period - 1) / period : UINT32_MAX;
    return count < UINT32_MAX ? (uint32_t)count : UINT32_MAX;
}

static uint32_t quota_of_folder(const char *folder)
{
    char path[PATH_MOST];
    char text[TEXT_MOST];
    char period[TEXT_MOST];
    if (join(path, (const char *[]){folder, "/cpu.max", NULL}) &&
        read_file(path, text, sizeof text)) {
        const char *space = strchr(text, ' ');
        return processors_of(number(text), space ? number(space + 1) : 0);
    }
    if (join(path, (const char *[]){folder, "/cpu.cfs_quota_us", NULL}) &&
        read_file(path, text, sizeof text) &&
        join(path, (const char *[]){folder, "/cpu.cfs_period_us", NULL}) &&
        read_file(path, period, sizeof period)) {
        return processors_of(number(text), number(period));
    }
    return UINT32_MAX;
}

/* The least quota of a group and of those above it. Inside a container the path may be one of the
 * host's, which is not there; the root of what is mounted is then the container's group. */
static uint32_t quota_of_group(const char *mount, const char *group)
{
    char folder[PATH_MOST];
    if (!join(folder, (const char *[]){mount, group, NULL})) {
        return quota_of_folder(mount);
    }
    uint32_t least = UINT32_MAX;
    for (size_t end = strlen(folder); end >= strlen(mount); end--) {
        if (end == strlen(mount) || folder[end] == '/' || folder[end] == 0) {
            folder[end] = 0;
            least = esp_min_u32(least, quota_of_folder(folder));
        }
    }
    return least;
}

/* Lines are `number:controllers:path`; version 2 has `0::path`. */
uint32_t esp_quota(const char *groups, const char *mount)
{
    static const char *const v1[] = {"/cpu", "/cpu,cpuacct", "/cpuacct,cpu"};
    char text[TEXT_MOST];
    char folder[PATH_MOST];
    uint32_t least = UINT32_MAX;
    if (!read_file(groups, text, sizeof text)) {
        return least;
    }
    for (char *line = text; line && *line;) {
        char *end = strchr(line, '\n');
        if (end) {
            *end = 0;
        }
        char *first = strchr(line, ':');
        char *second = first ? strchr(first + 1, ':') : NULL;
        if (second) {
            *second = 0;
            const char *group = strcmp(second + 1, "/") ? second + 1 : "";
            if (!first[1]) {
                least = esp_min_u32(least, quota_of_group(mount, group));
            } else if (!strncmp(first + 1, "cpu", 3) || strstr(first + 1, ",cpu")) {
                for (size_t i = 0; i < sizeof v1 / sizeof v1[0]; i++) {
                    if (join(folder, (const char *[]){mount, v1[i], NULL})) {
                        least = esp_min_u32(least, quota_of_group(folder, group));
                    }
                }
            }
        }
        line = end ? end + 1 : NULL;
    }
    return least;
}

uint32_t esp_pool_processors(void)
{
    uint32_t count = os_processors();
    uint32_t quota = esp_quota("/proc/self/cgroup", "/sys/fs/cgroup");
    count = esp_min_u32(count, quota ? quota : 1);
    return esp_min_u32(count, ESP_POOL_THREADS_MOST);
}
