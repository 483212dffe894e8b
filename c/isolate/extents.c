/* First fit in a sorted list of free extents, which merge when they touch.
 *
 *      │ used │ free │ used │ used │ free │ used │ never used …
 *             ▲ free[0]            ▲ free[1]     ▲ end
 *
 * Invariant: two free extents have a used one between them, and none touches the end; so there are
 * never more free than used ones, and the room that taking makes sure of is enough for giving: to
 * give cannot fail.
 *
 * Cost: a walk over the free extents, of which there are few where memory is given back in the
 * order it was taken, or in the opposite one.
 */
#include "isolate/extents.h"

#include <string.h>

#include "base/arena.h"

void iso_extents_init(iso_extents *e, uint64_t first, uint64_t most)
{
    *e = (iso_extents){.end = first, .most = most};
}

void iso_extents_drop(iso_extents *e)
{
    if (e->free) {
        esp_system_free(e->free);
        e->free = NULL;
    }
}

/* Room for the free extents that there can be with one more used one. */
static bool make_room(iso_extents *e)
{
    if (e->live + 2 <= e->room) {
        return true;
    }
    uint32_t room = 2 * e->live + 8;
    iso_extent *larger = esp_system_alloc(room * sizeof *larger);
    if (!larger) {
        return false;
    }
    if (e->free) {
        memcpy(larger, e->free, e->count * sizeof *larger);
        esp_system_free(e->free);
    }
    e->free = larger;
    e->room = room;
    return true;
}

static void remove_free(iso_extents *e, uint32_t at)
{
    e->count--;
    memmove(e->free + at, e->free + at + 1, (e->count - at) * sizeof *e->free);
}

bool iso_extents_take(iso_extents *e, uint64_t size, iso_extent *taken)
{
    if (size > e->most || !make_room(e)) {
        return false;
    }
    size = size ? (size + ISO_PAGE - 1) / ISO_PAGE * ISO_PAGE : ISO_PAGE;
    for (uint32_t i = 0; i < e->count; i++) {
        iso_extent *f = &e->free[i];
        if (f->size >= size) {
            *taken = (iso_extent){f->start, size};
            f->start += size;
            f->size -= size;
            if (!f->size) {
                remove_free(e, i);
            }
            e->live++;
            return true;
        }
    }
    if (size > e->most - e->end) {
        return false;
    }
    *taken = (iso_extent){e->end, size};
    e->end += size;
    e->live++;
    return true;
}

static void put(iso_extents *e, iso_extent given)
{
    uint32_t at = 0;
    while (at < e->count && e->free[at].start < given.start) {
        at++;
    }
    if (at > 0 && e->free[at - 1].start + e->free[at - 1].size == given.start) {
        at--;
        given = (iso_extent){e->free[at].start, e->free[at].size + given.size};
        remove_free(e, at);
    }
    if (at < e->count && given.start + given.size == e->free[at].start) {
        given.size += e->free[at].size;
        remove_free(e, at);
    }
    if (given.start + given.size == e->end) {
        e->end = given.start;
        return;
    }
    memmove(e->free + at + 1, e->free + at, (e->count - at) * sizeof *e->free);
    e->free[at] = given;
    e->count++;
}

void iso_extents_give(iso_extents *e, iso_extent taken)
{
    e->live--;
    put(e, taken);
}

void iso_extents_trim(iso_extents *e, iso_extent taken, iso_extent kept)
{
    uint64_t end = kept.start + kept.size;
    uint64_t tail = taken.start + taken.size - end;
    if (tail) {
        put(e, (iso_extent){end, tail});
    }
    if (kept.start > taken.start) {
        put(e, (iso_extent){taken.start, kept.start - taken.start});
    }
}
