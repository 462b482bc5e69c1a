/*
 * thresholds.c
 *		set_usage_threshold() and remove_usage_threshold().
 */
#include "common/paycore.h"

#include "common/args.h"
#include "common/number.h"
#include "types/money_args.h"
#include "usage/usage.h"

enum
{
	ARG_METER, ARG_QUANTITY, ARG_AMOUNT, ARG_ACCOUNT, ARG_SUBSCRIPTION, ARG_ACTION, ARG_RECURS, ARG_DESCRIPTION, ARG_METADATA
};

typedef struct Threshold
{
	char	   *meter;			/* its code, or NULL */
	pg_uuid_t	meter_id;
	bool		has_quantity;
	Datum		quantity;
	PcMoney		amount;			/* or 0 */
	pg_uuid_t	account;
	bool		of_subscription;
	pg_uuid_t	subscription;
	PcCurrency	currency;
	bool		invoices;
	char	   *action;
	char	   *recurs;
	char	   *description;
	Jsonb	   *metadata;
} Threshold;

static void
check_quantity(Datum quantity)
{
	if (numeric_is_nan(DatumGetNumeric(quantity)) || numeric_is_inf(DatumGetNumeric(quantity)) ||
		pc_number_compare(quantity, pc_number_zero()) <= 0)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("quantity is not above zero")));
}

static void
read_arguments(FunctionCallInfo fcinfo, Threshold *threshold)
{
	static const char *const actions[] = {"alert", "invoice", NULL};
	static const char *const ways[] = {"period", "once", NULL};

	threshold->meter = pc_getarg_text(fcinfo, ARG_METER);
	threshold->has_quantity = !PG_ARGISNULL(ARG_QUANTITY);
	threshold->quantity = threshold->has_quantity ? PG_GETARG_DATUM(ARG_QUANTITY) : (Datum) 0;
	threshold->amount = PG_ARGISNULL(ARG_AMOUNT) ? 0 : PG_GETARG_PC_MONEY(ARG_AMOUNT);
	threshold->of_subscription = !PG_ARGISNULL(ARG_SUBSCRIPTION);
	if (threshold->of_subscription)
		threshold->subscription = *PG_GETARG_UUID_P(ARG_SUBSCRIPTION);
	if (!PG_ARGISNULL(ARG_ACCOUNT))
		threshold->account = *PG_GETARG_UUID_P(ARG_ACCOUNT);
	threshold->action = pc_getarg_given_text(fcinfo, ARG_ACTION, "action");
	threshold->recurs = pc_getarg_given_text(fcinfo, ARG_RECURS, "recurs");
	threshold->description = pc_getarg_text(fcinfo, ARG_DESCRIPTION);
	threshold->metadata = pc_getarg_json(fcinfo, ARG_METADATA);
	pc_check_one_of(threshold->action, "action", actions);
	pc_check_one_of(threshold->recurs, "recurs", ways);
	pc_check_length(threshold->description, "description", 500);
	pc_check_metadata(threshold->metadata, false);
	threshold->invoices = strcmp(threshold->action, "invoice") == 0;
	if (PG_ARGISNULL(ARG_ACCOUNT) != threshold->of_subscription)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("a usage threshold is of a subscription or of an account"),
				 errhint("Give subscription_id, or billing_account_id for each of its subscriptions.")));
	if (threshold->has_quantity == (threshold->amount != 0))
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("a usage threshold is a quantity or an amount")));
	if (threshold->has_quantity && threshold->meter == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("a quantity is of a meter"),
				 errhint("Name the meter.")));
	if (threshold->has_quantity)
		check_quantity(threshold->quantity);
	else
		pc_check_positive(threshold->amount, "the amount of a usage threshold");
}

/* Whose usage is watched, and in which currency it is billed. */
static void
find_subject(const PcApiCall *call, Threshold *threshold)
{
	static PcPlan plan = PC_PLAN("ut", "SELECT billing_account_id, currency, status::text FROM paycore.subscriptions WHERE id = $1 AND tenant_id = $2");
	Datum		values[2] = {UUIDPGetDatum(&threshold->subscription), CStringGetTextDatum(call->tenant)};
	PcAccount	account;
	bool		isnull;

	if (!threshold->of_subscription)
	{
		pc_account_get(call, &threshold->account, &account);
		threshold->currency = account.currency;
		return;
	}
	if (pc_execute(&plan, values, NULL, false, 1) == 0)
		pc_not_found("subscription", &threshold->subscription);
	if (strcmp(pc_get_cstring(0, 3), "canceled") == 0)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INTENT_STATE),
				 errmsg("subscription %s has ended", pc_uuid_text(&threshold->subscription))));
	threshold->account = pc_get_id(0, 1);
	threshold->currency = DatumGetPcCurrency(pc_get(0, 2, &isnull));
}

/* Time alone raises an average over time: nobody would notice. */
static void
find_meter(const PcApiCall *call, Threshold *threshold)
{
	static PcPlan plan = PC_PLAN("tt", "SELECT id, aggregation FROM paycore.meters WHERE code = $1 AND tenant_id = $2");
	Datum		values[2];
	UsgAggregation aggregation;

	if (threshold->meter == NULL)
		return;
	values[0] = CStringGetTextDatum(threshold->meter);
	values[1] = CStringGetTextDatum(call->tenant);
	if (pc_execute(&plan, values, NULL, false, 1) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_PC_NOT_FOUND),
				 errmsg("there is no meter \"%s\"", threshold->meter),
				 errhint("See paycore.list_meters().")));
	threshold->meter_id = pc_get_id(0, 1);
	aggregation = usg_aggregation_of(pc_get_cstring(0, 2));
	if (aggregation == USG_WEIGHTED_SUM || (aggregation == USG_LAST && threshold->invoices))
		ereport(ERROR,
				(errcode(ERRCODE_PC_UNSUPPORTED),
				 errmsg("no threshold of this kind watches a meter of %s", usg_aggregations[aggregation]),
				 errdetail(aggregation == USG_LAST ? "What was billed might have to be given back within the period."
						   : "It rises by time alone, without an event at which that could be noticed."),
				 errhint("Ask paycore.usage_of() when it matters.")));
}

/* What is billed in parts must come to what it would have come to as a whole, and never to less. */
static void
check_prices(const PcApiCall *call, const Threshold *threshold)
{
	static PcPlan plan = PC_PLAN("tuuu",
								 "SELECT p.code FROM paycore.subscription_items i "
								 "JOIN paycore.prices p ON p.id = i.price_id AND p.tenant_id = $1 AND p.model = 'volume' "
								 "WHERE i.billing_account_id = $2 AND i.tenant_id = $1 AND i.ends_at IS NULL AND ($3 IS NULL OR i.subscription_id = $3) "
								 "AND p.meter_id = coalesce($4, p.meter_id) LIMIT 1");
	PcArgs		a = {0};

	pc_arg_text(&a, call->tenant);
	pc_arg_uuid(&a, &threshold->account);
	pc_arg_uuid(&a, threshold->of_subscription ? &threshold->subscription : NULL);
	pc_arg_uuid(&a, threshold->meter != NULL ? &threshold->meter_id : NULL);
	if (threshold->invoices && pc_execute_args(&plan, &a, false) > 0)
		ereport(ERROR,
				(errcode(ERRCODE_PC_UNSUPPORTED),
				 errmsg("a volume price is not billed in parts"),
				 errdetail("More of \"%s\" may cost less, so that what was billed before would be too much.", pc_get_cstring(0, 1)),
				 errhint("Use a graduated price, or action => 'alert'.")));
}

static Datum
insert_row(const PcApiCall *call, const Threshold *threshold)
{
	static PcPlan insert = PC_PLAN_ROW("tuuunmttjtz",
									   "INSERT INTO paycore.usage_thresholds (tenant_id, billing_account_id, subscription_id, meter_id, quantity, amount, action, recurs, "
									   "metadata, description, set_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, coalesce($9, '{}'), $10, $11) "
									   "ON CONFLICT DO NOTHING RETURNING %s", PC_USAGE_THRESHOLDS);
	static PcPlan find = PC_PLAN_ROW("tuuunmtt",
									 "SELECT %s FROM paycore.usage_thresholds WHERE tenant_id = $1 AND billing_account_id = $2 "
									 "AND subscription_id IS NOT DISTINCT FROM $3 AND meter_id IS NOT DISTINCT FROM $4 AND quantity IS NOT DISTINCT FROM $5 "
									 "AND amount::text IS NOT DISTINCT FROM $6::text AND action = $7 AND recurs = $8 AND removed_at IS NULL", PC_USAGE_THRESHOLDS);
	PcArgs		a = {0};

	pc_arg_text(&a, call->tenant);
	pc_arg_uuid(&a, &threshold->account);
	pc_arg_uuid(&a, threshold->of_subscription ? &threshold->subscription : NULL);
	pc_arg_uuid(&a, threshold->meter != NULL ? &threshold->meter_id : NULL);
	pc_arg(&a, threshold->quantity, !threshold->has_quantity);
	pc_arg_money(&a, threshold->amount);
	pc_arg_text(&a, threshold->action);
	pc_arg_text(&a, threshold->recurs);
	pc_arg_json(&a, threshold->metadata);
	pc_arg_text(&a, threshold->description);
	pc_arg(&a, TimestampTzGetDatum(pc_billing_now(call)), false);
	a.nulls[a.n] = '\0';
	if (pc_api_write(&insert, a.values, a.nulls, NULL) == 0)
	{
		a.nulls[strlen(find.args)] = '\0';
		if (pc_execute(&find, a.values, a.nulls, false, 1) == 0)
			pc_row_vetoed(PC_USAGE_THRESHOLDS);
	}
	return pc_row_datum(0, PC_USAGE_THRESHOLDS);
}

/* What is used already may have reached it. */
static void
look(const PcApiCall *call, const Threshold *threshold)
{
	static PcPlan plan = PC_PLAN("tuuuz",
								 "SELECT array_agg($1), array_agg(x.subscription_id), array_agg(x.meter_id), array_agg($5) FROM ("
								 "SELECT DISTINCT i.subscription_id, p.meter_id FROM paycore.subscription_items i "
								 "JOIN paycore.prices p ON p.id = i.price_id AND p.tenant_id = $1 "
								 "JOIN paycore.subscriptions s ON s.id = i.subscription_id AND s.tenant_id = $1 AND s.ended_at IS NULL "
								 "WHERE i.billing_account_id = $2 AND i.tenant_id = $1 AND ($3 IS NULL OR i.subscription_id = $3) "
								 "AND p.meter_id = coalesce($4, p.meter_id)) x HAVING count(*) > 0");
	Datum		columns[USG_TOUCHED_COLUMNS];
	PcIdentity	saved;
	PcArgs		a = {0};
	bool		isnull;

	pc_arg_text(&a, call->tenant);
	pc_arg_uuid(&a, &threshold->account);
	pc_arg_uuid(&a, threshold->of_subscription ? &threshold->subscription : NULL);
	pc_arg_uuid(&a, threshold->meter != NULL ? &threshold->meter_id : NULL);
	pc_arg(&a, TimestampTzGetDatum(pc_billing_now(call)), false);
	if (pc_execute_args(&plan, &a, false) == 0)
		return;
	for (int c = 0; c < USG_TOUCHED_COLUMNS; c++)
		columns[c] = pc_get(0, c + 1, &isnull);
	pc_identity_assume(&saved, pc_table_owner(PC_USAGE_HORIZONS));
	usg_raise_alerts(columns);
	if (threshold->invoices)
		usg_demand_invoices();
	pc_identity_drop(&saved);
}

/* set_usage_threshold(meter, quantity, amount, billing_account_id, subscription_id, action, recurs, description, metadata) */
PG_FUNCTION_INFO_V1(paycore_set_usage_threshold);
PGDLLEXPORT Datum
paycore_set_usage_threshold(PG_FUNCTION_ARGS)
{
	Threshold	threshold = {0};
	PcApiCall	call;
	Datum		row;

	read_arguments(fcinfo, &threshold);
	pc_api_begin(&call);
	find_subject(&call, &threshold);
	if (!threshold.has_quantity)
		pc_check_same_currency(threshold.amount, threshold.currency, "account");
	find_meter(&call, &threshold);
	check_prices(&call, &threshold);
	usg_hold_sums();
	row = insert_row(&call, &threshold);
	look(&call, &threshold);
	pc_api_end(&call);
	PG_RETURN_DATUM(row);
}

/* remove_usage_threshold(id) */
PG_FUNCTION_INFO_V1(paycore_remove_usage_threshold);
PGDLLEXPORT Datum
paycore_remove_usage_threshold(PG_FUNCTION_ARGS)
{
	static PcPlan plan = PC_PLAN_ROW("utz",
									 "UPDATE paycore.usage_thresholds SET removed_at = coalesce(removed_at, $3) WHERE id = $1 AND tenant_id = $2 RETURNING %s",
									 PC_USAGE_THRESHOLDS);
	pg_uuid_t	id = pc_getarg_uuid(fcinfo, 0, "id");
	PcApiCall	call;
	Datum		values[3];
	Datum		row;

	pc_api_begin(&call);
	values[0] = UUIDPGetDatum(&id);
	values[1] = CStringGetTextDatum(call.tenant);
	values[2] = TimestampTzGetDatum(pc_billing_now(&call));
	pc_api_write(&plan, values, NULL, NULL);
	row = pc_api_row(PC_USAGE_THRESHOLDS, "usage threshold", &id);
	pc_api_end(&call);
	PG_RETURN_DATUM(row);
}
