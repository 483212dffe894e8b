/* Areas: memory shared with workers, and the pieces of it that JavaScript can see.
 *
 *      arguments    one a crew      the host writes, workers can only read     pieces: covers
 *      results      one a worker    the worker writes, the host reads          pieces: views
 *
 * An area is held by the crew or the worker it is for and by each of its pieces, and unmapped by
 * the last who lets go: never under a piece that somebody may still look at. Its table of extents
 * is private to this process.
 */
#ifndef ISO_AREA_H
#define ISO_AREA_H

#include "ipc/system.h"
#include "isolate/extents.h"
#include "pool/registry.h"

typedef struct iso_area {
    esp_held held;
    struct iso_area *next; /* of all areas */
    double owner;          /* the crew, to blank its areas when it ends */
    os_mutex lock;         /* guards what follows */
    ipc_region region;
    iso_extents extents;
    uint64_t first; /* before it lies what is no extent: the rings */
    uint32_t pieces;
} iso_area;

/* A part of an area as a handle. */
typedef struct iso_piece {
    esp_held held;
    iso_area *area; /* held */
    iso_extent extent;
    uint64_t start;  /* of its bytes, from the start of the area */
    uint32_t length; /* of them */
} iso_piece;

/* NULL: the system refuses. `granted` bytes are there at once, `first` of them no extents; `most`
 * can be in the end. `one_way`: the other process can only read. */
iso_area *iso_area_create(uint64_t first, uint64_t granted, uint64_t most, bool one_way);
/* Whose it is; before that, nobody blanks it. */
void iso_area_own(iso_area *a, double owner);
/* An extent whose memory is there; false: there is no room, or no memory. */
bool iso_area_take(iso_area *a, uint64_t size, iso_extent *taken);
void iso_area_give(iso_area *a, iso_extent taken);
/* The owner has ended: pieces that are still open read as zeros from now on, and the memory is the
 * system's again. */
void iso_areas_abandon(double owner);

/* A piece of an extent that was taken, which is its own from now on, trimmed to the pages of its
 * bytes. A handle; 0: there is no memory, and the extent is still the caller's. */
double iso_piece_open(iso_area *a, iso_extent taken, uint64_t start, uint32_t length);
/* Held for the caller; NULL and *error. */
iso_piece *iso_piece_find(double handle, int32_t *error);
void iso_piece_let_go(const iso_piece *p);
uint8_t *iso_piece_bytes(const iso_piece *p);
/* 0, or minus ESP_CLOSED, ESP_INVALID_INPUT. The memory goes once no job needs it. */
int32_t iso_piece_close(double handle);

#endif
