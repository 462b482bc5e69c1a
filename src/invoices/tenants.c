/*
 * tenants.c
 *		Which tenants of the database have something due, and whose billing is
 *		this server's to do unasked.
 *
 * A copy of the database must not bill by itself what the original bills, for
 * it would charge the same customers again.  So each tenant's schedule bears the
 * instance and the database that it is of, as requests in the outbox do.
 */
#include "common/paycore.h"

#include "common/args.h"
#include "common/guarded.h"
#include "common/secrets.h"
#include "invoices/invoices.h"
#include "miscadmin.h"

/* Tenants looked at by one statement. */
#define AT_ONCE		1000

static const char tenants_due[] =
#include "invoices/tenants_due.inc"
;

void
inv_claim_schedule(const char *tenant)
{
	static PcPlan plan = PC_PLAN("tto",
								 "INSERT INTO paycore.billing_schedules (tenant_id, instance, database_oid) VALUES ($1, $2, $3) "
								 "ON CONFLICT (tenant_id) DO NOTHING");
	PcArgs		a = {0};

	/* Without a name of its own a server can claim nothing. */
	if (pc_secrets_error() != NULL)
		return;
	pc_arg_text(&a, tenant);
	pc_arg_text(&a, pc_instance_name());
	pc_arg(&a, ObjectIdGetDatum(MyDatabaseId), false);
	pc_api_plumbing(&plan, a.values, a.nulls);
}

static void
claim(void *arg)
{
	inv_claim_schedule((const char *) arg);
}

/* Where somebody is about to write it (to pause it, say), it is claimed at another time: nobody else waits for that. */
static void
claim_schedules(List *tenants)
{
	ListCell   *lc;
	int			level = pc_give_way_begin();

	foreach(lc, tenants)
	{
		ErrorData  *error = pc_run_guarded(claim, lfirst(lc));

		if (error != NULL && error->sqlerrcode != ERRCODE_LOCK_NOT_AVAILABLE)
			ereport(LOG, (errmsg("paycore: the billing of tenant %s could not be claimed: %s", (char *) lfirst(lc), error->message)));
	}
	pc_give_way_end(level);
}

List *
inv_due_tenants(char **after)
{
	static PcPlan plan = PC_PLAN("tto4", tenants_due);
	MemoryContext context = CurrentMemoryContext;
	PcIdentity	saved;
	PcArgs		a = {0};
	List	   *due = NIL;
	List	   *unclaimed = NIL;
	char	   *last = NULL;
	uint64		n;

	SPI_connect();
	pc_identity_assume(&saved, pc_owner(false));

	pc_arg_text(&a, *after != NULL ? *after : "");
	pc_arg_text(&a, pc_instance_name());
	pc_arg(&a, ObjectIdGetDatum(MyDatabaseId), false);
	pc_arg(&a, Int32GetDatum(AT_ONCE), false);
	n = pc_execute_args(&plan, &a, false);
	MemoryContextSwitchTo(context);
	for (uint64 r = 0; r < n; r++)
	{
		last = pc_get_cstring(r, 1);
		if (pc_get_bool(r, 2))
			unclaimed = lappend(unclaimed, last);
		if (pc_get_bool(r, 3))
			due = lappend(due, last);
	}
	*after = n < AT_ONCE ? NULL : last;
	claim_schedules(unclaimed);
	pc_identity_drop(&saved);
	SPI_finish();
	MemoryContextSwitchTo(context);
	return due;
}
