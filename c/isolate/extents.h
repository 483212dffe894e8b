/* A table of extents: which parts of a range of bytes are handed out. It lies in the host's own
 * memory and no worker ever sees it. extents.c tells how it works.
 */
#ifndef ISO_EXTENTS_H
#define ISO_EXTENTS_H

#include <stdbool.h>
#include <stdint.h>

enum { ISO_PAGE = 4096 };

/* Bytes of a range, whole pages. */
typedef struct iso_extent {
    uint64_t start;
    uint64_t size;
} iso_extent;

typedef struct iso_extents {
    iso_extent *free; /* by their starts, no two of them touch */
    uint32_t count;
    uint32_t room;
    uint32_t live; /* handed out */
    uint64_t end;  /* beyond it nothing was ever handed out */
    uint64_t most; /* the end can go no further */
} iso_extents;

/* Bytes from `first` to `most`, both whole pages. */
void iso_extents_init(iso_extents *e, uint64_t first, uint64_t most);
void iso_extents_drop(iso_extents *e);
/* At least so many bytes; false: there is no room, or no memory for the table. */
bool iso_extents_take(iso_extents *e, uint64_t size, iso_extent *taken);
/* Gives back what was taken, and is still whole. */
void iso_extents_give(iso_extents *e, iso_extent taken);
/* Gives back what is not in `kept`, which lies in `taken` and is all that is left of it. */
void iso_extents_trim(iso_extents *e, iso_extent taken, iso_extent kept);

#endif
