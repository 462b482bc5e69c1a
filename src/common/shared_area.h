/*
 * shared_area.h
 *		Areas of shared memory, each with a lock of its own.
 */
#ifndef PAYCORE_SHARED_AREA_H
#define PAYCORE_SHARED_AREA_H

#include "common/paycore.h"
#include "storage/lwlock.h"

typedef struct PcSharedArea
{
	const char *name;			/* of the memory, and of its lock in pg_stat_activity */
	Size		size;

	/* Called where the area is at hand; lock is NULL where another process has set it up already, in memory that was all zero. */
	void		(*attach) (void *memory, LWLock *lock);
} PcSharedArea;

/*
 * From _PG_init: asks for the area.  Without shared_preload_libraries there is
 * none, and attach is never called.
 */
extern void pc_shared_area_request(const PcSharedArea *area);

#endif							/* PAYCORE_SHARED_AREA_H */
