/*
 * progress.c
 *		How far billing runs are, for other sessions to see.
 */
#include "common/paycore.h"

#include "common/progress.h"
#include "common/shared_area.h"
#include "miscadmin.h"
#include "storage/ipc.h"

typedef struct Shared
{
	LWLock	   *lock;
	PcBillingProgress places[PC_MAX_PROGRESS];
} Shared;

static Shared *shared = NULL;

static void
attach(void *memory, LWLock *lock)
{
	shared = memory;
	if (lock != NULL)
		shared->lock = lock;
}

void
pc_progress_init(void)
{
	static const PcSharedArea area = {.name = "paycore_progress", .size = sizeof(Shared), .attach = attach};

	pc_shared_area_request(&area);
}

/* Whoever exits in the middle of a run is at none any more. */
static void
leave_all(int code, Datum arg)
{
	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	for (int i = 0; i < PC_MAX_PROGRESS; i++)
	{
		if (shared->places[i].pid == MyProcPid)
			shared->places[i].pid = 0;
	}
	LWLockRelease(shared->lock);
}

/* Caller holds the lock. */
static int
free_place(void)
{
	for (int i = 0; i < PC_MAX_PROGRESS; i++)
	{
		if (shared->places[i].pid == 0)
			return i;
	}
	return -1;
}

/* Caller holds the lock. */
static void
write_place(int place, const PcBillingProgress *progress)
{
	shared->places[place] = *progress;
	shared->places[place].database = MyDatabaseId;
	shared->places[place].pid = MyProcPid;
}

int
pc_progress_enter(const PcBillingProgress *progress)
{
	static bool leaves_at_exit = false;
	int			place;

	if (shared == NULL)
		return -1;
	if (!leaves_at_exit)
		before_shmem_exit(leave_all, (Datum) 0);
	leaves_at_exit = true;
	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	place = free_place();
	if (place >= 0)
		write_place(place, progress);
	LWLockRelease(shared->lock);
	return place;
}

void
pc_progress_report(int place, const PcBillingProgress *progress)
{
	if (place < 0)
		return;
	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	write_place(place, progress);
	LWLockRelease(shared->lock);
}

void
pc_progress_leave(int place)
{
	if (place < 0)
		return;
	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	shared->places[place].pid = 0;
	LWLockRelease(shared->lock);
}

bool
pc_progress_read(int place, PcBillingProgress *progress)
{
	if (shared == NULL)
		return false;
	LWLockAcquire(shared->lock, LW_SHARED);
	*progress = shared->places[place];
	LWLockRelease(shared->lock);
	return progress->pid != 0 && progress->database == MyDatabaseId;
}
