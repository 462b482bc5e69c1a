/*
 * schedule.c
 *		pause_billing() and resume_billing(): whether a tenant is billed
 *		unasked.
 */
#include "common/paycore.h"

#include "common/args.h"
#include "common/secrets.h"
#include "invoices/invoices.h"
#include "miscadmin.h"

static Datum
change(const PcApiCall *call, PcPlan *plan, const char *reason)
{
	PcArgs		a = {0};

	pc_arg_text(&a, call->tenant);
	pc_arg_text(&a, pc_instance_name());
	pc_arg(&a, ObjectIdGetDatum(MyDatabaseId), false);
	pc_arg_text(&a, reason);
	pc_api_plumbing(plan, a.values, a.nulls);
	return pc_row_datum(0, PC_BILLING_SCHEDULES);
}

/* pause_billing(reason) */
PG_FUNCTION_INFO_V1(paycore_pause_billing);
PGDLLEXPORT Datum
paycore_pause_billing(PG_FUNCTION_ARGS)
{
	static PcPlan plan = PC_PLAN_ROW("ttot",
									 "INSERT INTO paycore.billing_schedules AS b (tenant_id, instance, database_oid, status, paused_at, paused_reason) "
									 "VALUES ($1, $2, $3, 'paused', now(), $4) ON CONFLICT (tenant_id) DO UPDATE SET status = 'paused', "
									 "paused_at = coalesce(b.paused_at, now()), paused_reason = coalesce($4, b.paused_reason) RETURNING %s",
									 PC_BILLING_SCHEDULES);
	char	   *reason = pc_getarg_text(fcinfo, 0);
	PcApiCall	call;
	Datum		row;

	pc_check_length(reason, "reason", 500);
	pc_api_begin(&call);
	row = change(&call, &plan, reason);
	pc_api_end(&call);
	PG_RETURN_DATUM(row);
}

/* resume_billing() */
PG_FUNCTION_INFO_V1(paycore_resume_billing);
PGDLLEXPORT Datum
paycore_resume_billing(PG_FUNCTION_ARGS)
{
	static PcPlan plan = PC_PLAN_ROW("ttot",
									 "INSERT INTO paycore.billing_schedules (tenant_id, instance, database_oid, paused_reason) "
									 "VALUES ($1, $2, $3, $4) ON CONFLICT (tenant_id) DO UPDATE SET status = 'on', "
									 "paused_at = NULL, paused_reason = $4, instance = $2, database_oid = $3 RETURNING %s",
									 PC_BILLING_SCHEDULES);
	PcApiCall	call;
	Datum		row;

	pc_api_begin(&call);
	row = change(&call, &plan, NULL);
	pc_api_end(&call);
	PG_RETURN_DATUM(row);
}
