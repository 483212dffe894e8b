/* Which limits a crew asks of the system for its workers, and the groups that keep them.
 *
 * A group belongs to a seat, not to a crew: what `limits` says is said of each worker. And not to a
 * worker: one that ends is followed by another in the same group, so that a replacement (and in a
 * crew of workers for one job each, that is every job) costs no directories. The worker before was
 * reaped by then, so no two share a group.
 *
 * Unasked for, there is none. Cores ask for that kind alone; the guard asks for a bound of tasks,
 * and of memory where there is such a limit: the worker holds itself to it already, so the group
 * has some room above, for code, stacks and what the kernel keeps of a process.
 */
#include "isolate/limited.h"

enum { ROOM = 64 << 20, TASKS_MOST = 4 };

static void read_terms(const iso_terms *terms, ipc_group_terms *out)
{
    bool all = (terms->required & IPC_GUARD_GROUP) != 0;
    *out = (ipc_group_terms){
        .cores = terms->cores,
        .memory = all && terms->memory ? terms->memory + ROOM : 0,
        .tasks = all ? TASKS_MOST : 0,
    };
}

static uint32_t kinds_of(const iso_terms *terms)
{
    ipc_group_terms asked;
    read_terms(terms, &asked);
    return (asked.cores ? IPC_GROUP_CPU : 0u) | (asked.memory ? IPC_GROUP_MEMORY : 0u) |
           (asked.tasks ? IPC_GROUP_TASKS : 0u);
}

void iso_seat_limit(iso_seat *seat)
{
    const iso_terms *terms = &seat->crew->options.terms;
    ipc_group_terms asked;
    seat->kinds = 0;
    if (kinds_of(terms) == 0) {
        return;
    }
    const ipc_group_place *place = iso_supervisor_groups();
    read_terms(terms, &asked);
    for (uint32_t turn = 0; turn < 2; turn++) {
        if (!seat->group.name[0]) {
            (void)ipc_groups_sweep(place); /* what killed hosts have left */
            (void)ipc_group_make(place, &seat->group, &asked);
        }
        seat->kinds = ipc_group_enter(place, &seat->group, seat->worker.process.id);
        if (seat->kinds == seat->group.kinds) {
            break;
        }
        ipc_group_remove(place, &seat->group); /* somebody else did: another one */
    }
}

void iso_crew_unlimit(iso_crew *c)
{
    for (uint32_t i = 0; i < c->options.workers; i++) {
        if (c->seats[i].group.name[0]) {
            ipc_group_remove(iso_supervisor_groups(), &c->seats[i].group);
        }
    }
}

void iso_seat_tell_limits(const iso_seat *seat, iso_guarded *guarded)
{
    uint32_t asked = kinds_of(&seat->crew->options.terms);
    guarded->kinds = seat->kinds;
    guarded->version = 0;
    if (seat->kinds) {
        const ipc_group_place *place = iso_supervisor_groups();
        for (uint32_t kind = 0; kind < IPC_GROUP_KINDS; kind++) {
            guarded->version = seat->kinds >> kind & 1 ? place->version[kind] : guarded->version;
        }
    }
    guarded->guards &= ~(uint32_t)IPC_GUARD_GROUP; /* whatever the worker says */
    guarded->guards |= asked && seat->kinds == asked ? IPC_GUARD_GROUP : 0;
}
