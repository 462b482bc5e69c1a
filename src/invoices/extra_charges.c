/*
 * extra_charges.c
 *		add_charge() and remove_charge(): amounts on the next invoice beside what
 *		items cost.
 */
#include "common/paycore.h"

#include "api/accounts.h"
#include "api/details.h"
#include "common/args.h"
#include "invoices/invoices.h"
#include "types/money_args.h"

enum
{
	ARG_ACCOUNT, ARG_AMOUNT, ARG_DESCRIPTION, ARG_DETAILS, ARG_KEY
};

static const PcDetail known[] = {
	{"subscription_id", PC_DETAIL_TEXT, PC_DETAIL_GIVEN, 36},
	{"product", PC_DETAIL_TEXT, PC_DETAIL_GIVEN, 100},
	{"quantity", PC_DETAIL_NUMBER, PC_DETAIL_GIVEN, 0},
	{"unit_price", PC_DETAIL_NUMBER, PC_DETAIL_GIVEN, 0},
	{"tax_inclusive", PC_DETAIL_BOOL, PC_DETAIL_GIVEN, 0},
	{"now", PC_DETAIL_BOOL, PC_DETAIL_GIVEN, 0},
	{"metadata", PC_DETAIL_METADATA, PC_DETAIL_GIVEN, 0},
};

typedef struct ExtraCharge
{
	pg_uuid_t	id;
	pg_uuid_t	account;
	PcMoney		amount;
	char	   *description;
	const Jsonb *details;
	char	   *product;
	pg_uuid_t	subscription;
	bool		of_subscription;
	bool		now;
} ExtraCharge;

static void
check_charge(const ExtraCharge *charge, const PcAccount *account)
{
	char		text[PC_MONEY_TEXT_LEN];

	pc_account_check_active(account);
	if (pc_money_amount(charge->amount) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("a charge of nothing"),
				 errhint("Give an amount above zero, or below it for a credit.")));
	if (pc_money_currency(charge->amount) != account->currency)
		ereport(ERROR,
				(errcode(ERRCODE_PC_CURRENCY_MISMATCH),
				 errmsg("the account is billed in %s", pc_currency_by_number(account->currency)->code),
				 errdetail("The charge is of %s.", (pc_money_to_text(charge->amount, text), text)),
				 errhint("Charge it in the account's currency.")));
	if (charge->now && !charge->of_subscription)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("a charge that is to be billed now needs a subscription"),
				 errhint("Name subscription_id.")));
}

/* The subscription is the account's and has bills to come; locked, so that it stays so. */
static void
lock_subscription(const PcApiCall *call, const ExtraCharge *charge)
{
	static PcPlan plan = PC_PLAN("utu",
								 "SELECT s.status::text FROM paycore.subscriptions s "
								 "WHERE s.id = $1 AND s.tenant_id = $2 AND s.billing_account_id = $3 FOR UPDATE");
	Datum		values[3] = {UUIDPGetDatum(&charge->subscription), CStringGetTextDatum(call->tenant), UUIDPGetDatum(&charge->account)};

	if (pc_execute(&plan, values, NULL, false, 1) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_PC_NOT_FOUND),
				 errmsg("the account has no subscription %s", pc_uuid_text(&charge->subscription)),
				 errhint("See paycore.list_subscriptions().")));
	if (strcmp(pc_get_cstring(0, 1), "canceled") == 0)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INTENT_STATE),
				 errmsg("subscription %s has no bills to come", pc_uuid_text(&charge->subscription)),
				 errdetail("Its status is canceled."),
				 errhint("Charge it to the account.")));
}

static void
check_product(const PcApiCall *call, const char *code)
{
	static PcPlan plan = PC_PLAN("tt", "SELECT 1 FROM paycore.products WHERE code = $1 AND tenant_id = $2");
	Datum		values[2] = {CStringGetTextDatum(code), CStringGetTextDatum(call->tenant)};

	if (pc_execute(&plan, values, NULL, false, 1) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_PC_NOT_FOUND),
				 errmsg("tenant \"%s\" has no product \"%s\"", call->tenant, code),
				 errhint("Name products by their codes; see paycore.list_products().")));
}

static Datum
insert_row(const PcApiCall *call, const ExtraCharge *charge)
{
	static PcPlan plan = PC_PLAN_ROW("utuumttj",
									 "INSERT INTO paycore.extra_charges (id, tenant_id, billing_account_id, subscription_id, product_id, description, "
									 "quantity, unit_price, amount, tax_inclusive, metadata) "
									 "VALUES ($1, $2, $3, $4, (SELECT o.id FROM paycore.products o WHERE o.code = $7 AND o.tenant_id = $2), $6, "
									 "coalesce(($8->>'quantity')::numeric, 1), ($8->>'unit_price')::numeric, $5, "
									 "coalesce(($8->>'tax_inclusive')::boolean, false), coalesce($8->'metadata', '{}')) RETURNING %s", PC_EXTRA_CHARGES);
	PcArgs		a = {0};

	pc_arg_uuid(&a, &charge->id);
	pc_arg_text(&a, call->tenant);
	pc_arg_uuid(&a, &charge->account);
	pc_arg_uuid(&a, charge->of_subscription ? &charge->subscription : NULL);
	pc_arg(&a, PcMoneyGetDatum(charge->amount), false);
	pc_arg_text(&a, charge->description);
	pc_arg_text(&a, charge->product);
	pc_arg_json(&a, charge->details);
	pc_api_write_args(&plan, &a, NULL);
	return pc_row_datum(0, PC_EXTRA_CHARGES);
}

void
inv_bill_now(const PcApiCall *call, const pg_uuid_t *subscription)
{
	static PcPlan plan = PC_PLAN("utz",
								 "UPDATE paycore.subscriptions SET next_bill_at = least(next_bill_at, $3) "
								 "WHERE id = $1 AND tenant_id = $2 AND status::text IN ('trialing', 'active', 'past_due')");
	Datum		values[3] = {UUIDPGetDatum(subscription), CStringGetTextDatum(call->tenant), TimestampTzGetDatum(pc_billing_now(call))};

	pc_api_write(&plan, values, NULL, NULL);
	inv_catch_up(call, subscription);
}

static Datum
add(const PcApiCall *call, ExtraCharge *charge)
{
	PcAccount	account;

	pc_account_get(call, &charge->account, &account);
	check_charge(charge, &account);
	if (charge->of_subscription)
		lock_subscription(call, charge);
	if (charge->product != NULL)
		check_product(call, charge->product);
	(void) insert_row(call, charge);
	if (charge->now)
		inv_bill_now(call, &charge->subscription);
	return pc_api_read(PC_EXTRA_CHARGES, call, &charge->id);
}

/* add_charge(billing_account_id, amount, description, details, idempotency_key) */
PG_FUNCTION_INFO_V1(paycore_add_charge);
PGDLLEXPORT Datum
paycore_add_charge(PG_FUNCTION_ARGS)
{
	Jsonb	   *given = pc_getarg_json(fcinfo, ARG_DETAILS);
	ExtraCharge charge = {
		.account = pc_getarg_uuid(fcinfo, ARG_ACCOUNT, "billing_account_id"),
		.amount = pc_getarg_money(fcinfo, ARG_AMOUNT, "amount"),
		.description = pc_getarg_given_text(fcinfo, ARG_DESCRIPTION, "description"),
		.details = given != NULL ? given : pc_json_empty(),
	};
	char	   *subscription;
	PcApiCall	call;
	PcOnce		once;
	Datum		row;

	pc_check_length(charge.description, "description", 500);
	pc_check_details(charge.details, known, lengthof(known), "a charge", false);
	charge.product = pc_json_string(charge.details, "product");
	charge.now = pc_json_bool(charge.details, "now", false);
	subscription = pc_json_string(charge.details, "subscription_id");
	charge.of_subscription = subscription != NULL;
	if (subscription != NULL)
		charge.subscription = *DatumGetUUIDP(DirectFunctionCall1(uuid_in, CStringGetDatum(subscription)));
	pc_api_begin(&call);
	once = pc_once(&call, fcinfo, ARG_KEY, "add_charge", "extra_charge");
	charge.id = once.id;
	row = once.done ? pc_api_read(PC_EXTRA_CHARGES, &call, &once.id) : add(&call, &charge);
	pc_api_end(&call);
	PG_RETURN_DATUM(row);
}

/* remove_charge(id) */
PG_FUNCTION_INFO_V1(paycore_remove_charge);
PGDLLEXPORT Datum
paycore_remove_charge(PG_FUNCTION_ARGS)
{
	static PcPlan find = PC_PLAN("ut", "SELECT invoice_id IS NOT NULL, removed_at IS NOT NULL, draft_id IS NOT NULL FROM paycore.extra_charges "
								 "WHERE id = $1 AND tenant_id = $2 FOR UPDATE");
	static PcPlan remove = PC_PLAN_ROW("utz",
									   "UPDATE paycore.extra_charges SET removed_at = $3 "
									   "WHERE id = $1 AND tenant_id = $2 RETURNING %s", PC_EXTRA_CHARGES);
	pg_uuid_t	id = pc_getarg_uuid(fcinfo, 0, "id");
	PcApiCall	call;
	Datum		values[3];
	Datum		row;

	pc_api_begin(&call);
	values[0] = UUIDPGetDatum(&id);
	values[1] = CStringGetTextDatum(call.tenant);
	values[2] = TimestampTzGetDatum(pc_billing_now(&call));
	if (pc_execute(&find, values, NULL, false, 1) == 0)
		pc_not_found("charge", &id);
	if (pc_get_bool(0, 1) || pc_get_bool(0, 2))
		ereport(ERROR,
				(errcode(ERRCODE_PC_INTENT_STATE),
				 errmsg("charge %s cannot be removed", pc_uuid_text(&id)),
				 errdetail("It is %s already.", pc_get_bool(0, 1) ? "on an invoice" : "removed"),
				 errhint("Add a charge below zero to give it back.")));
	if (pc_get_bool(0, 3))
		ereport(ERROR,
				(errcode(ERRCODE_PC_INTENT_STATE),
				 errmsg("charge %s is a line of a draft", pc_uuid_text(&id)),
				 errhint("Take it off with paycore.remove_invoice_line().")));
	pc_api_write(&remove, values, NULL, NULL);
	row = pc_row_datum(0, PC_EXTRA_CHARGES);
	pc_api_end(&call);
	PG_RETURN_DATUM(row);
}
