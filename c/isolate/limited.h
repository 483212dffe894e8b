/* The group of a seat: limits that the system keeps from outside (ipc/group.h). */
#ifndef ISO_LIMITED_H
#define ISO_LIMITED_H

#include "isolate/seat.h"

/* The supervisor's thread only; without the crew's lock. */

/* A worker that was started for the seat enters the seat's group, before it has a job. */
void iso_seat_limit(iso_seat *seat);
/* The workers of the crew are no more, and neither are their groups. */
void iso_crew_unlimit(iso_crew *c);
/* Under the lock: what is added to what the seat's worker told of itself. */
void iso_seat_tell_limits(const iso_seat *seat, iso_guarded *guarded);

#endif
