/*
 * update.c
 *		update_subscription(): what does not change what is owed, and the end
 *		of a trial; retry_billing(), of one subscription or of all.
 */
#include "common/paycore.h"

#include "api/accounts.h"
#include "api/details.h"
#include "subscriptions/subscriptions.h"

/* PY040 where there is no such subscription. */
static PcCurrency
currency_of(const PcApiCall *call, const pg_uuid_t *id)
{
	static PcPlan plan = PC_PLAN("ut", "SELECT currency FROM paycore.subscriptions WHERE id = $1 AND tenant_id = $2");
	bool		isnull;

	pc_api_find(call, &plan, "subscription", id);
	return DatumGetPcCurrency(pc_get(0, 1, &isnull));
}

/* update_subscription(id, changes) */
PG_FUNCTION_INFO_V1(paycore_update_subscription);
PGDLLEXPORT Datum
paycore_update_subscription(PG_FUNCTION_ARGS)
{
	static PcPlan plan = PC_PLAN_ROW("utj",
									 "UPDATE paycore.subscriptions r SET " PC_CHANGED_TEXT(collection) ", " PC_CHANGED_AS(days_until_due, "::integer") ", "
									 PC_CHANGED_TEXT(payment_method) ", " PC_CHANGED_DUNNING_POLICY ", " PC_CHANGED_AS(minimum, "::paycore.money_cents") ", "
									 PC_CHANGED_TEXT(description) ", " PC_CHANGED_TEXT(external_ref) ", " PC_CHANGED_METADATA
									 " WHERE id = $1 AND tenant_id = $2 RETURNING %s", PC_SUBSCRIPTIONS);
	pg_uuid_t	id = pc_getarg_uuid(fcinfo, 0, "id");
	Jsonb	   *changes = pc_getarg_json(fcinfo, 1);
	PcApiCall	call;
	Datum		values[3];
	Datum		row;

	sub_check_details(changes, true);
	pc_api_begin(&call);
	if (pc_json_string(changes, "minimum") != NULL)
		sub_check_minimum(changes, currency_of(&call, &id));
	pc_check_dunning_policy(&call, changes);
	if (pc_json_string(changes, "trial_end") != NULL)
		sub_move_trial_end(&call, &id, changes);
	values[0] = UUIDPGetDatum(&id);
	values[1] = CStringGetTextDatum(call.tenant);
	values[2] = JsonbPGetDatum(changes != NULL ? changes : pc_json_empty());
	pc_api_write_reference(&plan, values, NULL, "subscription", pc_json_string(changes, "external_ref"));
	row = pc_api_row(PC_SUBSCRIPTIONS, "subscription", &id);
	pc_api_end(&call);
	PG_RETURN_DATUM(row);
}

/* retry_billing(id) */
PG_FUNCTION_INFO_V1(paycore_retry_billing);
PGDLLEXPORT Datum
paycore_retry_billing(PG_FUNCTION_ARGS)
{
	static PcPlan plan = PC_PLAN_ROW("ut",
									 "UPDATE paycore.subscriptions SET parked_at = NULL, parked_reason = NULL "
									 "WHERE id = $1 AND tenant_id = $2 RETURNING %s", PC_SUBSCRIPTIONS);
	pg_uuid_t	id = pc_getarg_uuid(fcinfo, 0, "id");
	PcApiCall	call;
	Datum		row;

	pc_api_begin(&call);
	row = pc_api_change(&call, &plan, "subscription", &id, NULL);
	pc_api_end(&call);
	PG_RETURN_DATUM(row);
}

/* retry_billing() */
PG_FUNCTION_INFO_V1(paycore_retry_all_billing);
PGDLLEXPORT Datum
paycore_retry_all_billing(PG_FUNCTION_ARGS)
{
	static PcPlan plan = PC_PLAN("t",
								 "UPDATE paycore.subscriptions SET parked_at = NULL, parked_reason = NULL "
								 "WHERE tenant_id = $1 AND parked_at IS NOT NULL");
	PcApiCall	call;
	Datum		tenant;
	uint64		lifted;

	pc_api_begin(&call);
	tenant = CStringGetTextDatum(call.tenant);
	lifted = pc_api_write(&plan, &tenant, NULL, NULL);
	pc_api_end(&call);
	PG_RETURN_INT64((int64) lifted);
}
