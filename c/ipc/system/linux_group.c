/* The contract of ipc/group.h on Linux: control groups, version 2 or 1.
 *
 *      /proc/self/cgroup        which group this process is in, of each hierarchy
 *      /proc/self/mountinfo     where that hierarchy is mounted, and from which group on
 *      both together            the directory of the own group
 *
 * Version 1 has a hierarchy for each kind, and groups are made below the own one. Version 2 has
 * one, in which a group with processes gives its children no controllers (unless it is the first
 * of all): there the group above is taken, if it was given to this program or its user: it belongs
 * to somebody who is not root, or has the mark of a delegation ("user.delegate", which systemd
 * sets). What this process may not write is not there.
 *
 * A group's name holds its owner: ristretto-SPACE-PROCESS-START-NUMBER, the namespace of process
 * numbers, and when the owner started. A host that is killed cannot remove its groups; the next one
 * does, when their owner's number is free or belongs to a process that started at another time.
 * The kernel removes no group in which something runs.
 *
 * Cost, see docs/security.md: a group is made once for each place of a worker; each worker then
 * enters it by one write for each hierarchy.
 */
#define _GNU_SOURCE
#include "ipc/group.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

enum { LINE = 4096, TEXT = 256, PERIOD_US = 10000, LONG_PERIOD_US = 100000, SHORT_CORES = 100 };
#define PREFIX "ristretto-"

static const char *const controllers[IPC_GROUP_KINDS] = {"cpu", "memory", "pids"};

/* The word is one of a list whose separators are blanks, commas and the ends. */
static bool lists(const char *list, const char *word)
{
    size_t length = strlen(word);
    for (const char *at = list; (at = strstr(at, word)); at += length) {
        bool begins = at == list || strchr(" ,", at[-1]);
        if (begins && strchr(" ,\n", at[length])) { /* or its end, a zero */
            return true;
        }
    }
    return false;
}

/* False: it does not fit. */
static bool join(char out[IPC_GROUP_PATH], const char *a, const char *b, const char *c)
{
    int n = snprintf(out, IPC_GROUP_PATH, "%s%s%s", a, b, c);
    return n >= 0 && n < IPC_GROUP_PATH;
}

static bool read_text(const char *folder, const char *name, char *text, size_t room)
{
    char path[IPC_GROUP_PATH];
    int file = join(path, folder, "/", name) ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    ssize_t n = file < 0 ? -1 : read(file, text, room - 1);
    if (file >= 0) {
        (void)close(file);
    }
    text[n > 0 ? n : 0] = 0;
    return n >= 0;
}

/* `flags`: O_CREAT for a limit. The kernel's own directories have the file or refuse to make it;
 * those of a test get it. */
static bool write_text(const char *folder, const char *name, const char *text, int flags)
{
    char path[IPC_GROUP_PATH];
    if (!join(path, folder, "/", name)) {
        return false;
    }
    int file = open(path, O_WRONLY | O_CLOEXEC | flags, 0600);
    if (file < 0) {
        return false;
    }
    ssize_t length = (ssize_t)strlen(text);
    bool done = write(file, text, (size_t)length) == length;
    (void)close(file);
    return done;
}

static bool write_number(const char *folder, const char *name, uint64_t number)
{
    char text[24];
    (void)snprintf(text, sizeof text, "%llu", (unsigned long long)number);
    return write_text(folder, name, text, O_CREAT);
}

/* The path of the own group in a hierarchy: that of a controller, or with "" version 2. */
static bool own_group(const char *root, const char *controller, char group[IPC_GROUP_PATH])
{
    char path[IPC_GROUP_PATH];
    char line[LINE];
    bool found = false;
    FILE *file = join(path, root, "/proc/self/cgroup", "") ? fopen(path, "re") : NULL;
    while (file && !found && fgets(line, sizeof line, file)) {
        char *list = strchr(line, ':');
        char *at = list ? strchr(list + 1, ':') : NULL;
        char *end = at ? strchr(at, '\n') : NULL;
        if (!end) {
            continue;
        }
        *at = *end = 0;
        bool right = *controller ? lists(list + 1, controller) : strncmp(line, "0:", 2) == 0;
        found = right && join(group, at + 1, "", "");
    }
    if (file) {
        (void)fclose(file);
    }
    return found;
}

/* Blanks and the like stand as three octal digits. */
static void unescape(char *text)
{
    char *to = text;
    for (char *from = text; *from; to++) {
        bool octal = from[0] == '\\' && from[1] >= '0' && from[1] <= '3' && from[2] >= '0' &&
                     from[2] <= '7' && from[3] >= '0' && from[3] <= '7';
        *to = octal ? (char)((from[1] - '0') * 64 + (from[2] - '0') * 8 + (from[3] - '0')) : *from;
        from += octal ? 4 : 1;
    }
    *to = 0;
}

/* Of a line of mountinfo: which part of a hierarchy is where; false: it is none of the kind. */
static bool read_mount(char *line, const char *controller, char **part, char **point)
{
    char *kept = NULL;
    char *field[5] = {strtok_r(line, " \n", &kept)};
    for (uint32_t i = 1; i < 5 && field[i - 1]; i++) {
        field[i] = strtok_r(NULL, " \n", &kept);
    }
    char *word = field[4];
    while (word && strcmp(word, "-") != 0) {
        word = strtok_r(NULL, " \n", &kept);
    }
    char *type = word ? strtok_r(NULL, " \n", &kept) : NULL;
    char *options = type && strtok_r(NULL, " \n", &kept) ? strtok_r(NULL, " \n", &kept) : NULL;
    bool right = options && (*controller ? strcmp(type, "cgroup") == 0 && lists(options, controller)
                                         : strcmp(type, "cgroup2") == 0);
    if (right) {
        unescape(field[3]);
        unescape(field[4]);
        *part = field[3];
        *point = field[4];
    }
    return right;
}

/* The directory of the own group of a hierarchy; *top: how long the path of its mount is. */
static bool own_folder(const char *root, const char *controller, char out[IPC_GROUP_PATH],
                       size_t *top)
{
    char group[IPC_GROUP_PATH];
    char path[IPC_GROUP_PATH];
    char line[LINE];
    bool found = false;
    if (!own_group(root, controller, group) || strncmp(group, "/..", 3) == 0) {
        return false; /* the group is outside of what is mounted here */
    }
    FILE *file = join(path, root, "/proc/self/mountinfo", "") ? fopen(path, "re") : NULL;
    while (file && !found && fgets(line, sizeof line, file)) {
        char *part;
        char *point;
        if (!read_mount(line, controller, &part, &point)) {
            continue;
        }
        size_t above = strcmp(part, "/") == 0 ? 0 : strlen(part);
        bool below = strncmp(group, part, above) == 0 && strchr("/", group[above]);
        const char *rest = strcmp(group + above, "/") == 0 ? "" : group + above;
        *top = strlen(root) + strlen(point);
        found = below && join(out, root, point, rest);
    }
    if (file) {
        (void)fclose(file);
    }
    return found;
}

/* Somebody has given this group away, to be divided further. */
static bool is_delegated(const char *folder)
{
    struct stat facts;
    char mark[8];
    bool given = stat(folder, &facts) == 0 && facts.st_uid != 0;
    return given || getxattr(folder, "user.delegate", mark, sizeof mark) > 0 ||
           getxattr(folder, "trusted.delegate", mark, sizeof mark) > 0;
}

static bool is_handed_down(const char *folder, const char *controller)
{
    char text[TEXT];
    return read_text(folder, "cgroup.subtree_control", text, sizeof text) &&
           lists(text, controller);
}

/* Children of the group have the controller, or can be given it. */
static bool can_hand_down(const char *folder, const char *controller)
{
    char path[IPC_GROUP_PATH];
    char text[TEXT];
    return access(folder, W_OK) == 0 && join(path, folder, "/cgroup.subtree_control", "") &&
           read_text(folder, "cgroup.controllers", text, sizeof text) && lists(text, controller) &&
           (is_handed_down(folder, controller) || access(path, W_OK) == 0);
}

/* The first group of all, which may have processes beside children with controllers: it has no
 * type. */
static bool is_first(const char *folder)
{
    char path[IPC_GROUP_PATH];
    return join(path, folder, "/cgroup.type", "") && access(path, F_OK) != 0;
}

static bool find_second(const char *root, const char *controller, char out[IPC_GROUP_PATH])
{
    size_t top;
    if (!own_folder(root, "", out, &top)) {
        return false;
    }
    if (is_first(out) || is_handed_down(out, controller)) {
        return can_hand_down(out, controller);
    }
    char *last = strrchr(out, '/');
    if (!last || (size_t)(last - out) < top) {
        return false;
    }
    *last = 0;
    return is_delegated(out) && can_hand_down(out, controller);
}

void ipc_groups_find(ipc_group_place *p, const char *root)
{
    size_t top;
    memset(p, 0, sizeof *p);
    for (uint32_t kind = 0; kind < IPC_GROUP_KINDS; kind++) {
        if (find_second(root, controllers[kind], p->path[kind])) {
            p->version[kind] = 2;
        } else if (own_folder(root, controllers[kind], p->path[kind], &top) &&
                   access(p->path[kind], W_OK) == 0) {
            p->version[kind] = 1;
        }
        p->kinds |= p->version[kind] ? 1u << kind : 0;
    }
}

/* When a process started, in ticks since the machine did; 0: not known. */
static uint64_t start_of(int32_t process)
{
    char folder[32];
    char text[1024];
    (void)snprintf(folder, sizeof folder, "/proc/%d", (int)process);
    const char *at = read_text(folder, "stat", text, sizeof text) ? strrchr(text, ')') : NULL;
    for (uint32_t field = 2; at && field < 22; field++) {
        at = strchr(at + 1, ' ');
    }
    return at ? strtoull(at + 1, NULL, 10) : 0;
}

/* The namespace that process numbers are of; 0: not known. */
static uint64_t space(void)
{
    struct stat facts;
    return stat("/proc/self/ns/pid", &facts) ? 0 : (uint64_t)facts.st_ino;
}

/* Nobody with that number is its owner any more. */
static bool is_orphan(const char *name)
{
    unsigned long long of, start;
    unsigned process, number;
    char beyond;
    int n = sscanf(name, PREFIX "%llu-%u-%llu-%u%c", &of, &process, &start, &number, &beyond);
    if (n != 4 || of != space() || process == 0 || process > INT32_MAX) {
        return false;
    }
    if (kill((pid_t)process, 0) && errno == ESRCH) {
        return true;
    }
    uint64_t now = start_of((int32_t)process);
    return now && now != start;
}

static uint32_t sweep_folder(const char *folder)
{
    char path[IPC_GROUP_PATH];
    uint32_t removed = 0;
    DIR *entries = opendir(folder);
    for (const struct dirent *e; entries && (e = readdir(entries));) {
        if (is_orphan(e->d_name) && join(path, folder, "/", e->d_name)) {
            removed += rmdir(path) == 0;
        }
    }
    if (entries) {
        (void)closedir(entries);
    }
    return removed;
}

/* A kind among `kinds` before this one that has the same folder, as all of version 2 have; else the
 * kind itself. */
static uint32_t first_there(const ipc_group_place *p, uint32_t kinds, uint32_t kind)
{
    for (uint32_t before = 0; before < kind; before++) {
        if ((kinds >> before & 1) && strcmp(p->path[before], p->path[kind]) == 0) {
            return before;
        }
    }
    return kind;
}

uint32_t ipc_groups_sweep(const ipc_group_place *p)
{
    uint32_t removed = 0;
    for (uint32_t kind = 0; kind < IPC_GROUP_KINDS; kind++) {
        bool first = (p->kinds >> kind & 1) && first_there(p, p->kinds, kind) == kind;
        removed += first ? sweep_folder(p->path[kind]) : 0;
    }
    return removed;
}

/* In version 2, that children of a place have the controller. */
static bool hand_down(const ipc_group_place *p, uint32_t kind)
{
    char enable[16];
    if (p->version[kind] != 2 || is_handed_down(p->path[kind], controllers[kind])) {
        return true;
    }
    (void)snprintf(enable, sizeof enable, "+%s", controllers[kind]);
    return write_text(p->path[kind], "cgroup.subtree_control", enable, 0);
}

static bool folder_of(const ipc_group_place *p, uint32_t kind, const char *name,
                      char out[IPC_GROUP_PATH])
{
    return join(out, p->path[kind], "/", name);
}

static bool limit_cores(const char *folder, uint32_t version, uint32_t cores)
{
    /* The shorter the period, the shorter a worker that has used up its share stays deaf; a quota
     * has 1 ms at least. */
    uint32_t period = cores < SHORT_CORES ? LONG_PERIOD_US : PERIOD_US;
    uint64_t quota = (uint64_t)cores * period / 1000;
    if (version == 2) {
        char text[48];
        (void)snprintf(text, sizeof text, "%llu %u", (unsigned long long)quota, period);
        return write_text(folder, "cpu.max", text, O_CREAT);
    }
    return write_number(folder, "cpu.cfs_period_us", period) &&
           write_number(folder, "cpu.cfs_quota_us", quota);
}

static bool limit_memory(const char *folder, uint32_t version, uint64_t memory)
{
    if (version == 1) {
        return write_number(folder, "memory.limit_in_bytes", memory);
    }
    (void)write_number(folder, "memory.oom.group", 1);
    return write_number(folder, "memory.max", memory);
}

static bool apply(uint32_t kind, const char *folder, uint32_t version, const ipc_group_terms *terms)
{
    switch (1u << kind) {
    case IPC_GROUP_CPU:
        return limit_cores(folder, version, terms->cores);
    case IPC_GROUP_MEMORY:
        return limit_memory(folder, version, terms->memory);
    default:
        return write_number(folder, "pids.max", terms->tasks);
    }
}

uint32_t ipc_group_make(const ipc_group_place *p, ipc_group *g, const ipc_group_terms *terms)
{
    static atomic_uint numbers;
    const uint64_t wanted[IPC_GROUP_KINDS] = {terms->cores, terms->memory, terms->tasks};
    char folder[IPC_GROUP_PATH];
    int32_t self = (int32_t)getpid();
    g->kinds = 0;
    (void)snprintf(g->name, sizeof g->name, PREFIX "%llu-%d-%llu-%u", (unsigned long long)space(),
                   (int)self, (unsigned long long)start_of(self), atomic_fetch_add(&numbers, 1));
    for (uint32_t kind = 0; kind < IPC_GROUP_KINDS; kind++) {
        if (!wanted[kind] || !p->version[kind] || !folder_of(p, kind, g->name, folder) ||
            !hand_down(p, kind) || (mkdir(folder, 0700) && errno != EEXIST)) {
            continue;
        }
        if (apply(kind, folder, p->version[kind], terms)) {
            g->kinds |= 1u << kind;
        } else if (p->version[kind] == 1) {
            (void)rmdir(folder);
        }
    }
    if (g->kinds == 0) {
        ipc_group_remove(p, g);
    }
    return g->kinds;
}

uint32_t ipc_group_enter(const ipc_group_place *p, const ipc_group *g, int32_t process)
{
    char folder[IPC_GROUP_PATH];
    uint32_t holds = 0;
    for (uint32_t kind = 0; kind < IPC_GROUP_KINDS; kind++) {
        uint32_t first = first_there(p, g->kinds, kind);
        bool wanted = g->kinds >> kind & 1;
        if (wanted && first < kind) {
            holds |= (holds >> first & 1) << kind;
        } else if (wanted && folder_of(p, kind, g->name, folder)) {
            bool in = write_number(folder, "cgroup.procs", (uint64_t)process);
            holds |= (uint32_t)in << kind;
        }
    }
    return holds;
}

void ipc_group_remove(const ipc_group_place *p, ipc_group *g)
{
    char folder[IPC_GROUP_PATH];
    for (uint32_t kind = 0; g->name[0] && kind < IPC_GROUP_KINDS; kind++) {
        if (p->version[kind] && folder_of(p, kind, g->name, folder)) {
            (void)rmdir(folder);
        }
    }
    memset(g, 0, sizeof *g);
}
