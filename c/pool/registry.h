/* Handles: whole numbers below 2^53 that JavaScript and C programs hold in place of pointers.
 *
 *      handle = generation * 2^20 + slot          slot | generation, object ──► object: holders, …
 *
 * A handle whose object was removed, or that never was one, is an error and never a wrong access:
 * each use of a slot has a generation of its own. An object begins with `esp_held`, counts who
 * holds it, and is destroyed by the last who lets go: its place in a registry is one holder, a
 * caller inside a function another.
 */
#ifndef ESP_REGISTRY_H
#define ESP_REGISTRY_H

#include <stdatomic.h>

#include "base/base.h"
#include "platform/os.h"

enum { ESP_HANDLES_MOST = 1 << 20 };

/* The first member of an object that is shared. */
typedef struct esp_held {
    atomic_uint holders;
    void (*destroy)(struct esp_held *self);
} esp_held;

/* One holder: the caller. */
void esp_held_init(esp_held *object, void (*destroy)(esp_held *self));
void esp_hold(esp_held *object);
/* NULL is let go of by doing nothing. */
void esp_let_go(esp_held *object);

typedef struct esp_slot {
    esp_held *object;    /* NULL: free */
    uint32_t generation; /* of the object in it, or of the last one; 0 = it never had one */
    uint32_t next_free;  /* of the list of free slots, plus 1; 0 ends it */
} esp_slot;

/* One lock guards all of it, for a few instructions at a time; only esp_registry_enter asks for
 * memory under it, when the table doubles. */
typedef struct esp_registry {
    os_mutex lock;
    esp_slot *slots;
    uint32_t size;
    uint32_t used; /* slots that were ever taken */
    uint32_t free; /* the first free one, plus 1 */
} esp_registry;

/* Once, before any other call; 0 or the error of the system. */
int esp_registry_init(esp_registry *r);
/* Holds the object, and gives its handle; 0: there is no memory, or no number is left. */
double esp_registry_enter(esp_registry *r, esp_held *object);
/* The object, held for the caller. NULL and *error: minus ESP_INVALID_INPUT for a number that never
 * was a handle, minus ESP_CLOSED for one that is no more. */
esp_held *esp_registry_find(esp_registry *r, double handle, int32_t *error);
/* The same, and the handle is no more: the registry's hold passes to the caller. */
esp_held *esp_registry_remove(esp_registry *r, double handle, int32_t *error);

#endif
