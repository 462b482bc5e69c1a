/*
 * entitlements.c
 *		entitled(), allowance(): what an account's products let it do.
 */
#include "common/paycore.h"

#include "subscriptions/subscriptions.h"

#define FEATURES_OF_ACCOUNT \
	"FROM paycore.subscription_items i " \
	"JOIN paycore.subscriptions s ON s.id = i.subscription_id AND s.tenant_id = i.tenant_id " \
	"JOIN paycore.product_features f ON f.product_id = i.product_id AND f.tenant_id = i.tenant_id AND f.feature = $3 " \
	"WHERE i.billing_account_id = $1 AND i.tenant_id = $2 AND i.ends_at IS NULL AND s.status::text IN ('trialing', 'active', 'past_due')"

/* What the plan says of the account and feature that are the call's arguments. */
static Datum
ask(PcPlan *plan, FunctionCallInfo fcinfo, bool by_value)
{
	PcApiCall	call;
	Datum		values[3] = {PG_GETARG_DATUM(0), (Datum) 0, PG_GETARG_DATUM(1)};
	bool		isnull;
	Datum		answer;

	pc_api_begin(&call);
	values[1] = CStringGetTextDatum(call.tenant);
	pc_execute(plan, values, NULL, true, 1);
	answer = SPI_datumTransfer(pc_get(0, 1, &isnull), by_value, by_value ? sizeof(bool) : -1);
	pc_api_end(&call);
	return answer;
}

/* entitled(billing_account_id, feature) */
PG_FUNCTION_INFO_V1(paycore_entitled);
PGDLLEXPORT Datum
paycore_entitled(PG_FUNCTION_ARGS)
{
	static PcPlan plan = PC_PLAN("utt", "SELECT EXISTS (SELECT " FEATURES_OF_ACCOUNT ")");

	PG_RETURN_DATUM(ask(&plan, fcinfo, true));
}

/* allowance(billing_account_id, feature) */
PG_FUNCTION_INFO_V1(paycore_allowance);
PGDLLEXPORT Datum
paycore_allowance(PG_FUNCTION_ARGS)
{
	static PcPlan plan = PC_PLAN("utt",
								 "SELECT coalesce(sum(coalesce(f.allowance * CASE WHEN f.per_unit THEN i.quantity ELSE 1 END, 'Infinity')), 0) "
								 FEATURES_OF_ACCOUNT);

	PG_RETURN_DATUM(ask(&plan, fcinfo, false));
}
