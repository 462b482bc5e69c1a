/*
 * update.c
 *		update_subscription(): what does not change what is owed, and
 *		retry_billing().
 */
#include "common/paycore.h"

#include "subscriptions/subscriptions.h"

#define CHANGED(column, cast) #column " = CASE WHEN $3 ? '" #column "' THEN ($3->>'" #column "')" cast " ELSE s." #column " END"

/* update_subscription(id, changes) */
PG_FUNCTION_INFO_V1(paycore_update_subscription);
PGDLLEXPORT Datum
paycore_update_subscription(PG_FUNCTION_ARGS)
{
	static PcPlan plan = PC_PLAN_ROW("utj",
									 "UPDATE paycore.subscriptions s SET " CHANGED(collection, "") ", " CHANGED(days_until_due, "::integer") ", "
									 CHANGED(payment_method, "") ", " CHANGED(minimum, "::paycore.money_cents") ", "
									 CHANGED(description, "") ", " CHANGED(external_ref, "") ", "
									 "metadata = jsonb_strip_nulls(s.metadata || coalesce($3->'metadata', '{}')) "
									 "WHERE id = $1 AND tenant_id = $2 RETURNING %s", PC_SUBSCRIPTIONS);
	pg_uuid_t	id = pc_getarg_uuid(fcinfo, 0, "id");
	Jsonb	   *changes = pc_getarg_json(fcinfo, 1);
	PcApiCall	call;
	Datum		row;

	sub_check_details(changes, true);
	pc_api_begin(&call);
	row = pc_api_change(&call, &plan, "subscription", &id, changes);
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
