/*
 * wake.c
 *		Waking the worker and the sleepers when a transaction commits.
 *
 * One callback per backend, registered once; flags per transaction.
 */
#include "common/paycore.h"

#include "access/xact.h"
#include "common/shmem.h"
#include "miscadmin.h"
#include "outbox/outbox.h"

static bool registered = false;
static bool wake_worker = false;
static uint64 wake_buckets = 0;

static void
at_transaction_end(XactEvent event, void *arg)
{
	switch (event)
	{
		case XACT_EVENT_COMMIT:
			if (wake_worker)
				pc_shmem_wake_worker(MyDatabaseId);
			if (wake_buckets != 0)
				pc_shmem_wake_waiters(wake_buckets);
			break;
		case XACT_EVENT_ABORT:
		case XACT_EVENT_PREPARE:
			break;
		default:
			return;
	}
	wake_worker = false;
	wake_buckets = 0;
}

static void
register_once(void)
{
	if (!registered)
		RegisterXactCallback(at_transaction_end, NULL);
	registered = true;
}

void
pc_wake_worker_at_commit(void)
{
	register_once();
	wake_worker = true;
}

void
pc_wake_waiters_at_commit(const pg_uuid_t *intent_id)
{
	register_once();
	wake_buckets |= pc_waiter_bucket(intent_id);
}
