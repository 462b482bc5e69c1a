/*
 * create.c
 *		create_subscription(): what is agreed, and the period it begins with.
 */
#include "common/paycore.h"

#include "api/accounts.h"
#include "api/details.h"
#include "common/args.h"
#include "subscriptions/subscriptions.h"
#include "types/money_args.h"

enum
{
	ARG_ACCOUNT, ARG_ITEMS, ARG_DETAILS, ARG_KEY
};

#define MAX_TRIAL_DAYS 3650

static const PcDetail details_of_subscription[] = {
	{"starts_at", PC_DETAIL_NAME, PC_DETAIL_GIVEN, 0},
	{"trial_days", PC_DETAIL_COUNT, PC_DETAIL_GIVEN, 0},
	{"trial_end", PC_DETAIL_NAME, PC_DETAIL_ALWAYS, 0},
	{"anchor", PC_DETAIL_NAME, PC_DETAIL_GIVEN, 0},
	{"time_zone", PC_DETAIL_NAME, PC_DETAIL_GIVEN, 100},
	{"cancel_at", PC_DETAIL_NAME, PC_DETAIL_GIVEN, 0},
	{"collection", PC_DETAIL_NAME, PC_DETAIL_ALWAYS, 0},
	{"days_until_due", PC_DETAIL_COUNT, PC_DETAIL_ALWAYS, 3650},
	{"payment_method", PC_DETAIL_TEXT, PC_DETAIL_ALWAYS, 255},
	{"dunning_policy", PC_DETAIL_TEXT, PC_DETAIL_ALWAYS, 255},
	{"minimum", PC_DETAIL_TEXT, PC_DETAIL_ALWAYS, 0},
	{"description", PC_DETAIL_TEXT, PC_DETAIL_ALWAYS, 1000},
	{"external_ref", PC_DETAIL_TEXT, PC_DETAIL_ALWAYS, 255},
	{"metadata", PC_DETAIL_METADATA, PC_DETAIL_ALWAYS, 0},
};

void
sub_check_details(const Jsonb *details, bool change)
{
	static const char *const collections[] = {"charge_automatically", "send_invoice", NULL};

	pc_check_details(details, details_of_subscription, lengthof(details_of_subscription), "a subscription", change);
	pc_check_one_of(pc_json_string(details, "collection"), "collection", collections);
}

void
sub_check_minimum(const Jsonb *details, PcCurrency currency)
{
	static PcPlan plan = PC_PLAN("t", "SELECT $1::paycore.money_cents");
	char	   *text = pc_json_string(details, "minimum");
	Datum		value;
	PcMoney		minimum;

	if (text == NULL)
		return;
	value = CStringGetTextDatum(text);
	pc_execute(&plan, &value, NULL, true, 1);
	minimum = pc_get_money(0, 1);
	pc_check_same_currency(minimum, currency, "subscription");
	if (pc_money_amount(minimum) < 0)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("minimum is below zero")));
}

/* The zone that was asked for, or else the seller's, or UTC. */
static text *
time_zone_of(const PcApiCall *call, const Jsonb *details)
{
	static PcPlan plan = PC_PLAN("t", "SELECT time_zone FROM paycore.sellers WHERE tenant_id = $1 AND time_zone IS NOT NULL");
	char	   *given = pc_json_string(details, "time_zone");
	Datum		tenant = CStringGetTextDatum(call->tenant);

	if (given == NULL && pc_execute(&plan, &tenant, NULL, false, 1) > 0)
		given = pc_get_cstring(0, 1);
	return cstring_to_text(given != NULL ? given : "UTC");
}

/* So many days later by the clocks of the zone. */
static TimestampTz
days_after(pg_tz *zone, TimestampTz at, int days)
{
	int			offset;
	PcWallTime	wall = pc_wall_time(zone, at, &offset);

	return pc_instant(zone, (int64) wall.day + days, wall.time);
}

static TimestampTz
trial_end_of(const Jsonb *details, const SubStart *start, pg_tz *zone, int price_days)
{
	int64		days;
	TimestampTz end = sub_given_time(details, "trial_end", SUB_NEVER);

	if (pc_json_string(details, "trial_end") != NULL)
	{
		if (end <= start->starts_at)
			ereport(ERROR,
					(errcode(ERRCODE_PC_INVALID_ARGUMENT),
					 errmsg("trial_end is not after the start of the subscription")));
		return end;
	}
	if (!pc_json_int64(details, "trial_days", &days))
		days = price_days;
	if (days > MAX_TRIAL_DAYS)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("a trial has at most %d days", MAX_TRIAL_DAYS),
				 errdetail("It would have " INT64_FORMAT ".", days)));
	return days > 0 ? days_after(zone, start->starts_at, (int) days) : SUB_NEVER;
}

static void
find_start(const PcApiCall *call, const Jsonb *details, const NewItem *items, int nitems, SubStart *start)
{
	PcZoneCache cache = {0};
	pg_tz	   *zone;
	int			trial_days = 0;

	for (int i = 0; i < nitems; i++)
		trial_days = Max(trial_days, items[i].trial_days);
	start->every = items[0].every;
	start->time_zone = time_zone_of(call, details);
	zone = pc_zone(&cache, start->time_zone);
	start->now = pc_billing_now(call);
	start->starts_at = sub_given_time(details, "starts_at", start->now);
	start->trial_end = trial_end_of(details, start, zone, trial_days);
	start->cancel_at = sub_given_time(details, "cancel_at", SUB_NEVER);
	start->anchor = sub_given_time(details, "anchor", SUB_NEVER);
	if (start->cancel_at != SUB_NEVER && start->cancel_at <= start->starts_at)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("cancel_at is not after the start of the subscription")));
	sub_reckon_start(start);
}

static Datum
insert_row(const PcApiCall *call, const pg_uuid_t *id, const pg_uuid_t *account, PcCurrency currency, const SubStart *start,
		   Jsonb *details)
{
	static PcPlan plan = PC_PLAN_ROW("utuBcYztzzzzzzzj",
									 "INSERT INTO paycore.subscriptions (id, tenant_id, billing_account_id, status, currency, every, anchor, "
									 "time_zone, starts_at, trial_end, period_start, period_end, billed_until, next_bill_at, cancel_at, collection, "
									 "days_until_due, payment_method, dunning_policy_id, minimum, description, external_ref, metadata) "
									 "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, "
									 "coalesce($16->>'collection', 'charge_automatically'), ($16->>'days_until_due')::integer, "
									 "$16->>'payment_method', " PC_DUNNING_POLICY("$16", "$2") ", ($16->>'minimum')::paycore.money_cents, $16->>'description', "
									 "$16->>'external_ref', coalesce($16->'metadata', '{}')) "
									 "ON CONFLICT (tenant_id, external_ref) WHERE external_ref IS NOT NULL DO NOTHING RETURNING %s",
									 PC_SUBSCRIPTIONS);
	PcArgs		a = {0};

	pc_arg_uuid(&a, id);
	pc_arg_text(&a, call->tenant);
	pc_arg_uuid(&a, account);
	pc_arg_state(&a, sub_first_status(start));
	pc_arg(&a, PcCurrencyGetDatum(currency), false);
	pc_arg(&a, PcIntervalGetDatum(start->every), false);
	pc_arg(&a, TimestampTzGetDatum(start->anchor), false);
	pc_arg(&a, PointerGetDatum(start->time_zone), false);
	pc_arg(&a, TimestampTzGetDatum(start->starts_at), false);
	pc_arg(&a, TimestampTzGetDatum(start->trial_end), start->trial_end == SUB_NEVER);
	pc_arg(&a, TimestampTzGetDatum(start->period.start), false);
	pc_arg(&a, TimestampTzGetDatum(start->period.end), false);
	pc_arg(&a, TimestampTzGetDatum(start->billed_until), false);
	pc_arg(&a, TimestampTzGetDatum(sub_first_bill_at(start)), false);
	pc_arg(&a, TimestampTzGetDatum(start->cancel_at), start->cancel_at == SUB_NEVER);
	pc_arg_json(&a, details != NULL ? details : pc_json_empty());
	if (pc_api_write_args(&plan, &a, NULL) == 0)
		pc_api_not_written(PC_SUBSCRIPTIONS, "subscription", "external_ref", pc_json_string(details, "external_ref"));
	return pc_row_datum(0, PC_SUBSCRIPTIONS);
}

static Datum
create(const PcApiCall *call, FunctionCallInfo fcinfo, const pg_uuid_t *id, const pg_uuid_t *account_id)
{
	Jsonb	   *details = pc_getarg_json(fcinfo, ARG_DETAILS);
	PcAccount	account;
	NewItem    *items;
	int			nitems;
	SubStart	start = {0};
	Datum		row;

	pc_account_get(call, account_id, &account);
	pc_account_check_active(&account);
	sub_check_minimum(details, account.currency);
	pc_check_dunning_policy(call, details);
	nitems = items_read(call, pc_getarg_json(fcinfo, ARG_ITEMS), account.currency, &items);
	find_start(call, details, items, nitems, &start);
	row = insert_row(call, id, account_id, account.currency, &start, details);
	items_add(call, id, account_id, start.starts_at, items, nitems);
	return row;
}

/* create_subscription(billing_account_id, items, details, idempotency_key) */
PG_FUNCTION_INFO_V1(paycore_create_subscription);
PGDLLEXPORT Datum
paycore_create_subscription(PG_FUNCTION_ARGS)
{
	pg_uuid_t	account = pc_getarg_uuid(fcinfo, ARG_ACCOUNT, "billing_account_id");
	PcApiCall	call;
	PcOnce		once;
	Datum		row;

	sub_check_details(pc_getarg_json(fcinfo, ARG_DETAILS), false);
	pc_api_begin(&call);
	once = pc_once(&call, fcinfo, ARG_KEY, "create_subscription", "subscription");
	row = once.done ? pc_api_read(PC_SUBSCRIPTIONS, &call, &once.id) : create(&call, fcinfo, &once.id, &account);
	pc_api_end(&call);
	PG_RETURN_DATUM(row);
}
