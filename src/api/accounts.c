/*
 * accounts.c
 *		create_billing_account() and update_billing_account().
 */
#include "common/paycore.h"

#include "api/accounts.h"
#include "api/api.h"
#include "api/details.h"

/* One currency and one gateway account per billing account, for life: neither is here. */
static const PcDetail details_of_account[] = {
	{"name", PC_DETAIL_TEXT, PC_DETAIL_CHANGED, 256},
	{"email", PC_DETAIL_TEXT, PC_DETAIL_CHANGED, 512},
	{"external_ref", PC_DETAIL_TEXT, PC_DETAIL_CHANGED, 255},
	{"status", PC_DETAIL_TEXT, PC_DETAIL_CHANGED, 0},
	{"status_reason", PC_DETAIL_TEXT, PC_DETAIL_CHANGED, 0},
	{"phone", PC_DETAIL_TEXT, PC_DETAIL_ALWAYS, 0},
	{"address_line1", PC_DETAIL_TEXT, PC_DETAIL_ALWAYS, 0},
	{"address_line2", PC_DETAIL_TEXT, PC_DETAIL_ALWAYS, 0},
	{"city", PC_DETAIL_TEXT, PC_DETAIL_ALWAYS, 0},
	{"state", PC_DETAIL_TEXT, PC_DETAIL_ALWAYS, 0},
	{"postal_code", PC_DETAIL_TEXT, PC_DETAIL_ALWAYS, 0},
	{"country", PC_DETAIL_TEXT, PC_DETAIL_ALWAYS, 0},
	{"locale", PC_DETAIL_TEXT, PC_DETAIL_ALWAYS, 0},
	{"tax_id", PC_DETAIL_TEXT, PC_DETAIL_ALWAYS, 0},
	{"tax_exempt", PC_DETAIL_TEXT, PC_DETAIL_ALWAYS, 0},
	{"credit_limit", PC_DETAIL_TEXT, PC_DETAIL_ALWAYS, 0},
	{"auto_charge", PC_DETAIL_BOOL, PC_DETAIL_ALWAYS, 0},
	{"allowed_payment_methods", PC_DETAIL_TEXTS, PC_DETAIL_ALWAYS, 0},
	{"dunning_policy", PC_DETAIL_TEXT, PC_DETAIL_ALWAYS, 255},
	{"metadata", PC_DETAIL_METADATA, PC_DETAIL_ALWAYS, 0},
};

static void
check_details(const Jsonb *details, bool change)
{
	static const char *const exemptions[] = {"none", "exempt", "reverse", NULL};

	pc_check_details(details, details_of_account, lengthof(details_of_account), "a billing account", change);
	pc_check_country(pc_json_string(details, "country"));
	pc_check_locale(pc_json_string(details, "locale"));
	pc_check_one_of(pc_json_string(details, "tax_exempt"), "tax_exempt", exemptions);
}

void
pc_check_dunning_policy(const PcApiCall *call, const Jsonb *details)
{
	static PcPlan plan = PC_PLAN("tt", "SELECT 1 FROM paycore.dunning_policies WHERE tenant_id = $1 AND name = $2");
	char	   *name = pc_json_string(details, "dunning_policy");
	Datum		values[2] = {CStringGetTextDatum(call->tenant), CStringGetTextDatum(name != NULL ? name : "")};

	if (name != NULL && pc_execute(&plan, values, NULL, false, 1) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_PC_NOT_FOUND),
				 errmsg("tenant \"%s\" has no dunning policy \"%s\"", call->tenant, name),
				 errhint("Make it with paycore.create_dunning_policy(), is_default => false.")));
}

/* create_billing_account(name, email, currency, external_ref, gateway, details) */
PG_FUNCTION_INFO_V1(paycore_create_billing_account);
PGDLLEXPORT Datum
paycore_create_billing_account(PG_FUNCTION_ARGS)
{
	static PcPlan plan = PC_PLAN_ROW("tttcttj",
									 "INSERT INTO paycore.billing_accounts (tenant_id, name, email, currency, external_ref, "
									 "gateway_account, phone, address_line1, address_line2, city, state, postal_code, country, "
									 "locale, tax_id, tax_exempt, credit_limit, auto_charge, allowed_payment_methods, dunning_policy_id, metadata) "
									 "VALUES ($1, $2, $3, $4, $5, $6, $7->>'phone', $7->>'address_line1', $7->>'address_line2', "
									 "$7->>'city', $7->>'state', $7->>'postal_code', $7->>'country', $7->>'locale', $7->>'tax_id', "
									 "coalesce($7->>'tax_exempt', 'none'), ($7->>'credit_limit')::paycore.money_cents, "
									 "coalesce(($7->>'auto_charge')::boolean, true), "
									 "CASE WHEN jsonb_typeof($7->'allowed_payment_methods') = 'array' "
									 "THEN ARRAY(SELECT jsonb_array_elements_text($7->'allowed_payment_methods')) END, "
									 PC_DUNNING_POLICY("$7", "$1") ", coalesce($7->'metadata', '{}')) "
									 "ON CONFLICT (tenant_id, external_ref) WHERE external_ref IS NOT NULL DO NOTHING RETURNING %s", PC_BILLING_ACCOUNTS);
	PcApiCall	call;
	PcGatewayAccount gateway;
	Datum		values[7];
	char		nulls[8] = "       ";
	Datum		row;

	if (PG_ARGISNULL(2))
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("currency is missing"),
				 errdetail("A billing account has one currency, which never changes."),
				 errhint("Give currency => 'USD', say.")));
	pc_currency_check_active(PG_GETARG_PC_CURRENCY(2));
	pc_check_length(pc_getarg_text(fcinfo, 0), "name", 256);
	pc_check_length(pc_getarg_text(fcinfo, 1), "email", 512);
	pc_check_length(pc_getarg_text(fcinfo, 3), "external_ref", 255);
	check_details(pc_getarg_json(fcinfo, 5), false);

	pc_api_begin(&call);
	pc_gateway_account(&call, PG_ARGISNULL(4) ? "default" : pc_getarg_text(fcinfo, 4), &gateway);
	pc_check_dunning_policy(&call, pc_getarg_json(fcinfo, 5));
	values[0] = CStringGetTextDatum(call.tenant);
	for (int i = 0; i < 4; i++)
	{
		values[i + 1] = PG_GETARG_DATUM(i);
		nulls[i + 1] = PG_ARGISNULL(i) ? 'n' : ' ';
	}
	values[5] = CStringGetTextDatum(gateway.name);
	values[6] = PG_GETARG_DATUM(5);
	nulls[6] = PG_ARGISNULL(5) ? 'n' : ' ';
	if (pc_api_write(&plan, values, nulls, NULL) == 0)
		pc_api_not_written(PC_BILLING_ACCOUNTS, "billing account", "external_ref", pc_getarg_text(fcinfo, 3));
	row = pc_row_datum(0, PC_BILLING_ACCOUNTS);
	pc_api_end(&call);
	PG_RETURN_DATUM(row);
}

#define CHANGED(column) PC_CHANGED_TEXT(column) ", "

static PcPlan update_plan = PC_PLAN_ROW("utj",
	"UPDATE paycore.billing_accounts r SET "
	CHANGED(name) CHANGED(email) CHANGED(external_ref) CHANGED(status) CHANGED(status_reason)
	CHANGED(phone) CHANGED(address_line1) CHANGED(address_line2) CHANGED(city) CHANGED(state)
	CHANGED(postal_code) CHANGED(country) CHANGED(locale) CHANGED(tax_id)
	"tax_exempt = CASE WHEN $3 ? 'tax_exempt' THEN coalesce($3->>'tax_exempt', 'none') ELSE r.tax_exempt END, "
	PC_CHANGED_DUNNING_POLICY ", " PC_CHANGED_AS(credit_limit, "::paycore.money_cents") ", " PC_CHANGED_BOOL(auto_charge) ", " PC_CHANGED_METADATA ", "
	"allowed_payment_methods = CASE WHEN NOT $3 ? 'allowed_payment_methods' THEN r.allowed_payment_methods "
	"WHEN jsonb_typeof($3->'allowed_payment_methods') = 'array' "
	"THEN ARRAY(SELECT jsonb_array_elements_text($3->'allowed_payment_methods')) END, "
	"closed_at = CASE coalesce($3->>'status', r.status) WHEN 'closed' THEN coalesce(r.closed_at, now()) END "
	"WHERE id = $1 AND tenant_id = $2 RETURNING %s", PC_BILLING_ACCOUNTS);

/* What of the changes the gateway's customer shows; nulls unset. */
static Jsonb *
customer_changes(Datum *values)
{
	static PcPlan plan = PC_PLAN("utj",
								 "SELECT jsonb_object_agg(c.key, CASE c.key WHEN 'metadata' THEN $3->'metadata' ELSE c.value END) "
								 "FROM paycore.billing_accounts a, LATERAL jsonb_each(" PC_CUSTOMER_OBJECT ") c "
								 "WHERE a.id = $1 AND a.tenant_id = $2 AND ($3 ? c.key OR (c.key = 'address' AND $3 ?| "
								 "ARRAY['address_line1', 'address_line2', 'city', 'state', 'postal_code', 'country']))");
	bool		isnull;
	Datum		changes;

	pc_execute(&plan, values, NULL, false, 1);
	changes = pc_get(0, 1, &isnull);
	return isnull ? NULL : DatumGetJsonbP(changes);
}

static void
request_update(const PcApiCall *call, PcAccount *account, Datum *values)
{
	PcGatewayAccount gateway;
	PcRequest	request = {
		.op = GW_CUSTOMER_UPDATE,
		.tenant = call->tenant,
		.gateway_account = account->gateway_account,
		.object_type = "billing_account",
		.object_id = account->id,
		.lane = account->id
	};

	pc_gateway_account(call, account->gateway_account, &gateway);
	if (gateway.manual)
		return;
	if (!account->has_customer &&
		!pc_outbox_unfinished(GW_CUSTOMER_CREATE, call->tenant, &account->id, false, NULL, NULL))
		return;
	request.params = customer_changes(values);
	if (request.params != NULL)
		(void) pc_outbox_enqueue(&request);
}

static void
check_status_change(const Jsonb *changes, const PcAccount *account)
{
	static const char *const statuses[] = {"active", "suspended", "closed", NULL};
	char	   *status = pc_json_string(changes, "status");

	pc_check_one_of(status, "status", statuses);
	if (status != NULL && strcmp(status, "active") != 0 && strcmp(status, account->status) != 0 &&
		pc_json_string(changes, "status_reason") == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("an account is not %s without a reason", status),
				 errhint("Give status_reason with the change of status.")));
}

/* update_billing_account(id, changes) */
PG_FUNCTION_INFO_V1(paycore_update_billing_account);
PGDLLEXPORT Datum
paycore_update_billing_account(PG_FUNCTION_ARGS)
{
	pg_uuid_t	id = pc_getarg_uuid(fcinfo, 0, "id");
	Jsonb	   *changes = pc_getarg_json(fcinfo, 1);
	PcApiCall	call;
	PcAccount	account;
	Datum		values[3];
	Datum		row;

	check_details(changes, true);
	pc_api_begin(&call);
	if (changes == NULL)
	{
		row = pc_api_read(PC_BILLING_ACCOUNTS, &call, &id);
		pc_api_end(&call);
		PG_RETURN_DATUM(row);
	}
	/* The answer that makes its customer may be on its way here: what is read before it would leave the gateway unasked. */
	pc_account_lock(&call, &id, &account);
	check_status_change(changes, &account);
	pc_check_dunning_policy(&call, changes);
	values[0] = UUIDPGetDatum(&id);
	values[1] = CStringGetTextDatum(call.tenant);
	values[2] = JsonbPGetDatum(changes);
	pc_api_write_reference(&update_plan, values, pc_json_string(changes, "status_reason"), "billing account", pc_json_string(changes, "external_ref"));
	row = pc_api_row(PC_BILLING_ACCOUNTS, "billing account", &id);
	request_update(&call, &account, values);
	pc_api_end(&call);
	PG_RETURN_DATUM(row);
}
