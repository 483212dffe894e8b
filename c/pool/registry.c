/* A table of slots that doubles, with a list of the free ones.
 *
 * Invariant: an object in a slot is held once for it. A handle is found only under the lock, and
 * held before the lock is released, so the object cannot go in between.
 *
 * Cost: O(1), and two operations of an uncontended lock. A slot whose generation would wrap is not
 * used again: no handle ever comes back.
 */
#include "pool/registry.h"

#include <string.h> /* memcpy, memset */

#include "base/arena.h" /* esp_system_alloc */

enum { FIRST_SIZE = 16 };

void esp_held_init(esp_held *object, void (*destroy)(esp_held *self))
{
    atomic_init(&object->holders, 1);
    object->destroy = destroy;
}

void esp_hold(esp_held *object)
{
    atomic_fetch_add_explicit(&object->holders, 1, memory_order_relaxed);
}

void esp_let_go(esp_held *object)
{
    /* What each holder did comes before what the last one does: the destruction. */
    if (object && atomic_fetch_sub_explicit(&object->holders, 1, memory_order_acq_rel) == 1) {
        object->destroy(object);
    }
}

int esp_registry_init(esp_registry *r)
{
    r->slots = NULL;
    r->size = r->used = r->free = 0;
    return os_mutex_init(&r->lock);
}

/* Under the lock. */
static bool grow(esp_registry *r)
{
    uint32_t size = r->size ? 2 * r->size : FIRST_SIZE;
    if (size > ESP_HANDLES_MOST) {
        return false;
    }
    esp_slot *slots = esp_system_alloc(size * sizeof *slots);
    if (!slots) {
        return false;
    }
    if (r->slots) {
        memcpy(slots, r->slots, r->used * sizeof *slots);
        esp_system_free(r->slots);
    }
    memset(slots + r->used, 0, (size - r->used) * sizeof *slots);
    r->slots = slots;
    r->size = size;
    return true;
}

double esp_registry_enter(esp_registry *r, esp_held *object)
{
    double handle = 0;
    os_mutex_lock(&r->lock);
    if (r->free || r->used < r->size || grow(r)) {
        uint32_t at = r->free ? r->free - 1 : r->used++;
        esp_slot *slot = &r->slots[at];
        r->free = slot->next_free;
        slot->next_free = 0;
        slot->object = object;
        slot->generation++;
        esp_hold(object);
        handle = (double)((uint64_t)slot->generation * ESP_HANDLES_MOST + at);
    }
    os_mutex_unlock(&r->lock);
    return handle;
}

/* Under the lock: the slot of a handle that has an object; NULL and *error where it has none. */
static esp_slot *slot_of(esp_registry *r, double handle, int32_t *error)
{
    *error = -ESP_INVALID_INPUT;
    if (!(handle >= 1 && handle < 9007199254740992.0)) {
        return NULL; /* also when it is not a number */
    }
    uint64_t whole = (uint64_t)handle;
    uint64_t at = whole % ESP_HANDLES_MOST;
    uint64_t generation = whole / ESP_HANDLES_MOST;
    if ((double)whole != handle || at >= r->used || generation == 0 ||
        generation > r->slots[at].generation) {
        return NULL;
    }
    *error = -ESP_CLOSED;
    esp_slot *slot = &r->slots[at];
    return slot->object && generation == slot->generation ? slot : NULL;
}

esp_held *esp_registry_find(esp_registry *r, double handle, int32_t *error)
{
    os_mutex_lock(&r->lock);
    esp_slot *slot = slot_of(r, handle, error);
    esp_held *object = slot ? slot->object : NULL;
    if (object) {
        esp_hold(object);
    }
    os_mutex_unlock(&r->lock);
    return object;
}

esp_held *esp_registry_remove(esp_registry *r, double handle, int32_t *error)
{
    os_mutex_lock(&r->lock);
    esp_slot *slot = slot_of(r, handle, error);
    esp_held *object = slot ? slot->object : NULL;
    if (object) {
        slot->object = NULL;
        if (slot->generation < UINT32_MAX) {
            slot->next_free = r->free;
            r->free = (uint32_t)(slot - r->slots) + 1;
        }
    }
    os_mutex_unlock(&r->lock);
    return object;
}
