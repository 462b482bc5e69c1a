/*
 * shared_area.c
 *		Areas of shared memory, each with a lock of its own.
 */
#include "common/paycore.h"

#include "common/shared_area.h"
#include "miscadmin.h"
#include "storage/ipc.h"
#include "storage/shmem.h"

#define MAX_AREAS 4

static const PcSharedArea *areas[MAX_AREAS];
static int	nareas = 0;
static shmem_request_hook_type previous_request_hook = NULL;
static shmem_startup_hook_type previous_startup_hook = NULL;

static void
request_memory(void)
{
	if (previous_request_hook)
		previous_request_hook();
	for (int i = 0; i < nareas; i++)
	{
		RequestAddinShmemSpace(MAXALIGN(areas[i]->size));
		RequestNamedLWLockTranche(areas[i]->name, 1);
	}
}

static void
attach(const PcSharedArea *area)
{
	bool		found;
	void	   *memory = ShmemInitStruct(area->name, area->size, &found);

	if (!found)
		memset(memory, 0, area->size);
	area->attach(memory, found ? NULL : &GetNamedLWLockTranche(area->name)->lock);
}

static void
attach_memory(void)
{
	if (previous_startup_hook)
		previous_startup_hook();
	LWLockAcquire(AddinShmemInitLock, LW_EXCLUSIVE);
	for (int i = 0; i < nareas; i++)
		attach(areas[i]);
	LWLockRelease(AddinShmemInitLock);
}

static void
set_hooks(void)
{
	previous_request_hook = shmem_request_hook;
	shmem_request_hook = request_memory;
	previous_startup_hook = shmem_startup_hook;
	shmem_startup_hook = attach_memory;
}

void
pc_shared_area_request(const PcSharedArea *area)
{
	if (!process_shared_preload_libraries_in_progress)
		return;
	if (nareas == MAX_AREAS)
		elog(ERROR, "paycore: no room for shared area \"%s\"", area->name);
	if (nareas == 0)
		set_hooks();
	areas[nareas++] = area;
}
