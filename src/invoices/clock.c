/*
 * clock.c
 *		billing_now(), and the test clock of a tenant.
 */
#include "common/paycore.h"

#include "invoices/invoices.h"

/* billing_now() */
PG_FUNCTION_INFO_V1(paycore_billing_now);
PGDLLEXPORT Datum
paycore_billing_now(PG_FUNCTION_ARGS)
{
	PcApiCall	call;
	TimestampTz now;

	pc_api_begin(&call);
	now = pc_billing_now(&call);
	pc_api_end(&call);
	PG_RETURN_TIMESTAMPTZ(now);
}

static void
check_moves_on(const PcApiCall *call, TimestampTz at)
{
	static PcPlan plan = PC_PLAN("t", "SELECT c.shows FROM paycore.test_clocks c WHERE c.tenant_id = $1 FOR UPDATE");
	Datum		tenant = CStringGetTextDatum(call->tenant);

	pc_check_finite(at);
	if (pc_execute(&plan, &tenant, NULL, false, 1) > 0 && at < pc_get_time(0, 1))
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("a test clock does not go back"),
				 errdetail("It shows %s.", timestamptz_to_str(pc_get_time(0, 1)))));
}

/* set_test_clock(at) */
PG_FUNCTION_INFO_V1(paycore_set_test_clock);
PGDLLEXPORT Datum
paycore_set_test_clock(PG_FUNCTION_ARGS)
{
	static PcPlan plan = PC_PLAN_ROW("tz",
									 "INSERT INTO paycore.test_clocks AS c (tenant_id, shows) VALUES ($1, $2) "
									 "ON CONFLICT (tenant_id) DO UPDATE SET shows = excluded.shows RETURNING %s", PC_TEST_CLOCKS);
	PcApiCall	call;
	Datum		values[2];
	Datum		row;

	if (PG_ARGISNULL(0))
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("at is missing"),
				 errhint("Take a test clock away with paycore.remove_test_clock().")));
	pc_api_begin(&call);
	pc_check_no_real_money(&call);
	check_moves_on(&call, PG_GETARG_TIMESTAMPTZ(0));
	values[0] = CStringGetTextDatum(call.tenant);
	values[1] = PG_GETARG_DATUM(0);
	pc_api_write(&plan, values, NULL, NULL);
	row = pc_row_datum(0, PC_TEST_CLOCKS);
	pc_api_end(&call);
	PG_RETURN_DATUM(row);
}

/* Numbers go by date: real documents would bear the dates of those that were tried, until the time comes. */
static void
check_nothing_dated_ahead(const PcApiCall *call)
{
	static PcPlan plan = PC_PLAN("t",
								 "SELECT max(last_date)::text FROM paycore.invoice_series WHERE tenant_id = $1 HAVING max(last_date) > now()");
	Datum		tenant = CStringGetTextDatum(call->tenant);

	if (pc_execute(&plan, &tenant, NULL, false, 1) > 0)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INTENT_STATE),
				 errmsg("the test clock of this tenant cannot be taken away"),
				 errdetail("It has documents dated %s, and numbers go by date.", pc_get_cstring(0, 1)),
				 errhint("Try billing in a tenant of its own.")));
}

/* remove_test_clock() */
PG_FUNCTION_INFO_V1(paycore_remove_test_clock);
PGDLLEXPORT Datum
paycore_remove_test_clock(PG_FUNCTION_ARGS)
{
	static PcPlan plan = PC_PLAN("t", "DELETE FROM paycore.test_clocks WHERE tenant_id = $1");
	PcApiCall	call;
	Datum		tenant;
	bool		removed;

	pc_api_begin(&call);
	check_nothing_dated_ahead(&call);
	tenant = CStringGetTextDatum(call.tenant);
	removed = pc_api_plumbing(&plan, &tenant, NULL) > 0;
	pc_api_end(&call);
	PG_RETURN_BOOL(removed);
}
