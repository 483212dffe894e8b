/* Areas and pieces: see area.h.
 *
 * Locks: the list's and an area's are never held together; a piece's handle has the registry's.
 */
#include "isolate/area.h"

#include <string.h>

#include "base/arena.h"

static os_once once;
static bool usable; /* written under once */
static os_mutex list_lock;
static iso_area *areas; /* guarded by list_lock */
static esp_registry pieces;

static void make_ready(void)
{
    usable = os_mutex_init(&list_lock) == 0 && esp_registry_init(&pieces) == 0;
}

static bool ready(void)
{
    os_run_once(&once, make_ready);
    return usable;
}

static void destroy_area(esp_held *held)
{
    iso_area *a = (iso_area *)held;
    os_mutex_lock(&list_lock);
    iso_area **at = &areas;
    while (*at != a) {
        at = &(*at)->next;
    }
    *at = a->next;
    os_mutex_unlock(&list_lock);
    ipc_region_close(&a->region);
    iso_extents_drop(&a->extents);
    os_mutex_destroy(&a->lock);
    esp_system_free(a);
}

iso_area *iso_area_create(uint64_t first, uint64_t granted, uint64_t most, bool one_way)
{
    iso_area *a = ready() ? esp_system_alloc(sizeof *a) : NULL;
    if (!a) {
        return NULL;
    }
    memset(a, 0, sizeof *a);
    if (os_mutex_init(&a->lock)) {
        esp_system_free(a);
        return NULL;
    }
    if (ipc_region_create(&a->region, granted, most, one_way)) {
        os_mutex_destroy(&a->lock);
        esp_system_free(a);
        return NULL;
    }
    esp_held_init(&a->held, destroy_area);
    iso_extents_init(&a->extents, first, most);
    a->first = first;
    os_mutex_lock(&list_lock);
    a->next = areas;
    areas = a;
    os_mutex_unlock(&list_lock);
    return a;
}

void iso_area_own(iso_area *a, double owner)
{
    os_mutex_lock(&list_lock);
    a->owner = owner;
    os_mutex_unlock(&list_lock);
}

bool iso_area_take(iso_area *a, uint64_t size, iso_extent *taken)
{
    os_mutex_lock(&a->lock);
    bool there = iso_extents_take(&a->extents, size, taken);
    if (there && a->extents.end > a->region.granted &&
        ipc_region_grow(&a->region, a->extents.end)) {
        iso_extents_give(&a->extents, *taken);
        there = false;
    }
    os_mutex_unlock(&a->lock);
    return there;
}

void iso_area_give(iso_area *a, iso_extent taken)
{
    os_mutex_lock(&a->lock);
    iso_extents_give(&a->extents, taken);
    os_mutex_unlock(&a->lock);
}

/* The first area of an owner that has open pieces and was not abandoned yet, held. */
static iso_area *take_abandoned(double owner)
{
    os_mutex_lock(&list_lock);
    iso_area *a = areas;
    while (a && a->owner != owner) {
        a = a->next;
    }
    if (a) {
        a->owner = 0;
        /* One that is about to be destroyed has nobody who could look at it. */
        unsigned holders = atomic_load(&a->held.holders);
        while (holders && !atomic_compare_exchange_weak(&a->held.holders, &holders, holders + 1)) {
        }
        if (!holders) {
            os_mutex_unlock(&list_lock);
            return take_abandoned(owner);
        }
    }
    os_mutex_unlock(&list_lock);
    return a;
}

void iso_areas_abandon(double owner)
{
    if (!ready()) {
        return;
    }
    for (iso_area *a; (a = take_abandoned(owner));) {
        os_mutex_lock(&a->lock);
        if (a->pieces) {
            ipc_region_blank(&a->region, a->first);
        }
        os_mutex_unlock(&a->lock);
        esp_let_go(&a->held);
    }
}

static void destroy_piece(esp_held *held)
{
    iso_piece *p = (iso_piece *)held;
    iso_area *a = p->area;
    os_mutex_lock(&a->lock);
    iso_extents_give(&a->extents, p->extent);
    a->pieces--;
    os_mutex_unlock(&a->lock);
    esp_let_go(&a->held);
    esp_system_free(p);
}

double iso_piece_open(iso_area *a, iso_extent taken, uint64_t start, uint32_t length)
{
    iso_piece *p = ready() ? esp_system_alloc(sizeof *p) : NULL;
    if (!p) {
        return 0;
    }
    uint64_t first = start / ISO_PAGE * ISO_PAGE;
    uint64_t end = (start + length + ISO_PAGE - 1) / ISO_PAGE * ISO_PAGE;
    const iso_extent kept = {first, end > first ? end - first : ISO_PAGE};
    *p = (iso_piece){.area = a, .extent = kept, .start = start, .length = length};
    esp_held_init(&p->held, destroy_piece);
    double handle = esp_registry_enter(&pieces, &p->held);
    if (handle == 0) {
        esp_system_free(p);
        return 0;
    }
    esp_hold(&a->held);
    os_mutex_lock(&a->lock);
    a->pieces++;
    iso_extents_trim(&a->extents, taken, kept);
    os_mutex_unlock(&a->lock);
    esp_let_go(&p->held);
    return handle;
}

iso_piece *iso_piece_find(double handle, int32_t *error)
{
    *error = -ESP_UNAVAILABLE;
    return ready() ? (iso_piece *)esp_registry_find(&pieces, handle, error) : NULL;
}

void iso_piece_let_go(const iso_piece *p)
{
    esp_let_go((esp_held *)(uintptr_t)&p->held);
}

uint8_t *iso_piece_bytes(const iso_piece *p)
{
    return p->area->region.base + p->start;
}

int32_t iso_piece_close(double handle)
{
    int32_t error = 0;
    esp_held *held = ready() ? esp_registry_remove(&pieces, handle, &error) : NULL;
    if (!held) {
        return error;
    }
    esp_let_go(held);
    return 0;
}
