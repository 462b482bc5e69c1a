/*
 * gateway_account.c
 *		The gateway account that an object goes through.
 */
#include "common/paycore.h"

#include "access/xact.h"
#include "api/api.h"
#include "gateway/stripe.h"
#include "types/currency.h"
#include "miscadmin.h"

#define MAX_REMEMBERED 63

/*
 * The last account asked for: hardly ever another, and hardly ever changed.
 * An old snapshot's row may be older than a change that we have heard of.
 */
static struct
{
	bool		filled;
	uint64		changes;		/* pc_row_changes() when it was read */
	char		tenant[MAX_REMEMBERED + 1];
	char		name[MAX_REMEMBERED + 1];
	char		gateway[MAX_REMEMBERED + 1];
	bool		paused;
}			last;

static void
remember(const char *tenant, const char *name, const char *gateway, bool paused, uint64 changes)
{
	last.filled = !IsolationUsesXactSnapshot() &&
		strlen(tenant) <= MAX_REMEMBERED && strlen(name) <= MAX_REMEMBERED && strlen(gateway) <= MAX_REMEMBERED;
	last.changes = changes;
	strlcpy(last.tenant, tenant, sizeof(last.tenant));
	strlcpy(last.name, name, sizeof(last.name));
	strlcpy(last.gateway, gateway, sizeof(last.gateway));
	last.paused = paused;
}

/* The gateway of an account of the tenant's, and whether that is paused; raises where there is none. */
static char *
gateway_of(const PcApiCall *call, const char *name, bool *paused)
{
	static PcPlan plan = PC_PLAN("tt",
								 "SELECT gateway, status = 'paused' FROM paycore.gateway_accounts WHERE name = $1 AND tenant_id = $2");
	Datum		values[2] = {CStringGetTextDatum(name), CStringGetTextDatum(call->tenant)};
	uint64		changes = pc_row_changes(PC_GATEWAY_ACCOUNTS);
	char	   *gateway;

	if (last.filled && last.changes == changes && strcmp(last.tenant, call->tenant) == 0 && strcmp(last.name, name) == 0)
	{
		*paused = last.paused;
		return pstrdup(last.gateway);
	}
	if (pc_api_plumbing(&plan, values, NULL) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_PC_UNKNOWN_GATEWAY),
				 errmsg("tenant \"%s\" has no gateway account \"%s\"", call->tenant, name),
				 errhint("See paycore.gateway_accounts, or make one with paycore.create_gateway_account().")));
	gateway = pc_get_cstring(0, 1);
	*paused = pc_get_bool(0, 2);
	remember(call->tenant, name, gateway, *paused, changes);
	return gateway;
}

void
pc_gateway_account(const PcApiCall *call, const char *name, PcGatewayAccount *account)
{
	account->name = pstrdup(name);
	account->gateway_name = gateway_of(call, name, &account->paused);
	account->gateway = gw_by_name(account->gateway_name);
	if (account->gateway == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_PC_UNKNOWN_GATEWAY),
				 errmsg("gateway account \"%s\" is of the unknown gateway \"%s\"", name, account->gateway_name)));
	if (account->gateway->amount_out == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_PC_UNKNOWN_GATEWAY),
				 errmsg("gateway account \"%s\" is a webhook endpoint, which takes no payments", name),
				 errhint("Change it with paycore.update_webhook_endpoint().")));
	account->manual = strcmp(account->gateway_name, "manual") == 0;
}

void
pc_check_gateway_amount(const PcGatewayAccount *account, PcMoney amount)
{
	char		text[PC_MONEY_TEXT_LEN];
	int64		out;

	if (!account->manual && !account->gateway->amount_out(amount, &out))
		ereport(ERROR,
				(errcode(ERRCODE_PC_GATEWAY_CURRENCY),
				 errmsg("gateway %s cannot take %s", account->gateway_name, pc_money_to_text(amount, text)),
				 errhint("See docs/gateways.md for each gateway's minor units.")));
}

void
pc_refuse_manual(const PcGatewayAccount *account, const char *what)
{
	if (account->manual)
		ereport(ERROR,
				(errcode(ERRCODE_PC_UNSUPPORTED),
				 errmsg("a manual gateway cannot %s", what),
				 errdetail("Gateway account \"%s\" only records what was paid elsewhere.", account->name),
				 errhint("Use paycore.record_payment().")));
}

/* least_charge(currency) */
PG_FUNCTION_INFO_V1(paycore_least_charge);
PGDLLEXPORT Datum
paycore_least_charge(PG_FUNCTION_ARGS)
{
	PcCurrency	currency = PG_GETARG_PC_CURRENCY(0);

	PG_RETURN_PC_MONEY(pc_money_make(currency, gw_stripe_least(pc_currency_by_number(currency))));
}

/*
 * Name and key go together in the secrets file, which knows no tenants: who
 * takes another tenant's name takes its key, and what its gateway says.
 */
void
pc_gateway_name_check(const PcApiCall *call, const char *name)
{
	static PcPlan plan = PC_PLAN("tt",
								 "SELECT 1 FROM paycore.gateway_accounts WHERE name = $1 AND tenant_id <> $2 LIMIT 1");
	Datum		values[2] = {CStringGetTextDatum(name), CStringGetTextDatum(call->tenant)};

	if (pc_api_plumbing(&plan, values, NULL) > 0 && !pc_has_owner_rights())
		ereport(ERROR,
				(errcode(ERRCODE_PC_NOT_OWNER),
				 errmsg("gateway account \"%s\" is another tenant's", name),
				 errdetail("Accounts of one name share their API key and webhook secrets."),
				 errhint("Choose another name, or have the owner of paycore's tables share the account.")));
}

void
pc_gateway_name_taken(const char *name)
{
	pc_api_not_written(PC_GATEWAY_ACCOUNTS, "gateway account or webhook endpoint", "name", name);
}

static bool
takes_payments(const char *gateway_name)
{
	const Gateway *gateway = gw_by_name(gateway_name);

	return gateway != NULL && gateway->amount_out != NULL;
}

char *
pc_real_money_account(const PcApiCall *call)
{
	static PcPlan plan = PC_PLAN("t",
								 "SELECT name FROM paycore.gateway_accounts WHERE tenant_id = $1 AND gateway NOT IN ('mock', 'manual', 'push') "
								 "AND livemode IS NOT FALSE LIMIT 1");
	Datum		tenant = CStringGetTextDatum(call->tenant);

	return pc_api_plumbing(&plan, &tenant, NULL) > 0 ? pc_get_cstring(0, 1) : NULL;
}

/* A year in a minute must not charge real cards: asked after the account was written. */
static void
check_no_test_clock(const PcApiCall *call)
{
	static PcPlan plan = PC_PLAN("t", "SELECT 1 FROM paycore.test_clocks WHERE tenant_id = $1");
	Datum		tenant = CStringGetTextDatum(call->tenant);
	char	   *account = pc_real_money_account(call);

	if (account != NULL && pc_api_plumbing(&plan, &tenant, NULL) > 0)
		ereport(ERROR,
				(errcode(ERRCODE_PC_UNSUPPORTED),
				 errmsg("gateway account \"%s\" would take real money in a tenant with a test clock", account),
				 errhint("Give livemode => false, or use a tenant without a test clock.")));
}

static const char *const adoptions[] = {"none", "known_customers", "all", NULL};

/* create_gateway_account(name, gateway, psp_account_id, livemode, adopt, rate_limit, endpoint_rate_limit, max_in_flight, metadata) */
PG_FUNCTION_INFO_V1(paycore_create_gateway_account);
PGDLLEXPORT Datum
paycore_create_gateway_account(PG_FUNCTION_ARGS)
{
	static PcPlan plan = PC_PLAN_ROW("ttttbt444j",
									 "INSERT INTO paycore.gateway_accounts (tenant_id, name, gateway, psp_account_id, livemode, "
									 "adopt, rate_limit, endpoint_rate_limit, max_in_flight, metadata) "
									 "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) "
									 "ON CONFLICT (name, tenant_id) DO NOTHING RETURNING %s", PC_GATEWAY_ACCOUNTS);
	PcApiCall	call;
	Datum		values[10];
	char		nulls[10];
	Datum		row;

	pc_check_length(pc_getarg_text(fcinfo, 0), "name", 255);
	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || !takes_payments(pc_getarg_text(fcinfo, 1)))
		ereport(ERROR,
				(errcode(ERRCODE_PC_UNKNOWN_GATEWAY),
				 errmsg("a gateway account needs a name and a known gateway"),
				 errhint("Gateways: stripe, mock, manual.")));
	pc_check_one_of(pc_getarg_text(fcinfo, 4), "adopt", adoptions);
	pc_check_object(pc_getarg_json(fcinfo, 8), "metadata");

	pc_api_begin(&call);
	pc_gateway_name_check(&call, pc_getarg_text(fcinfo, 0));
	values[0] = CStringGetTextDatum(call.tenant);
	nulls[0] = ' ';
	for (int i = 0; i < 9; i++)
	{
		values[i + 1] = PG_GETARG_DATUM(i);
		nulls[i + 1] = PG_ARGISNULL(i) ? 'n' : ' ';
	}
	if (pc_api_write(&plan, values, nulls, NULL) == 0)
		pc_gateway_name_taken(pc_getarg_text(fcinfo, 0));
	row = pc_row_datum(0, PC_GATEWAY_ACCOUNTS);
	check_no_test_clock(&call);
	pc_api_end(&call);
	PG_RETURN_DATUM(row);
}

/* update_gateway_account(name, psp_account_id, livemode, adopt, rate_limit, endpoint_rate_limit, max_in_flight): null leaves */
PG_FUNCTION_INFO_V1(paycore_update_gateway_account);
PGDLLEXPORT Datum
paycore_update_gateway_account(PG_FUNCTION_ARGS)
{
	static PcPlan plan = PC_PLAN_ROW("ttbt444t",
									 "UPDATE paycore.gateway_accounts SET psp_account_id = coalesce($2, psp_account_id), "
									 "livemode = coalesce($3, livemode), adopt = coalesce($4, adopt), "
									 "rate_limit = coalesce($5, rate_limit), "
									 "endpoint_rate_limit = coalesce($6, endpoint_rate_limit), "
									 "max_in_flight = coalesce($7, max_in_flight) "
									 "WHERE name = $1 AND tenant_id = $8 RETURNING %s", PC_GATEWAY_ACCOUNTS);
	PcApiCall	call;
	PcGatewayAccount account;
	Datum		values[8];
	char		nulls[9] = "        ";
	char	   *name = pc_getarg_text(fcinfo, 0);
	Datum		row;

	pc_check_one_of(pc_getarg_text(fcinfo, 3), "adopt", adoptions);
	pc_api_begin(&call);
	pc_gateway_account(&call, name != NULL ? name : "", &account);
	for (int i = 0; i < 7; i++)
	{
		values[i] = PG_GETARG_DATUM(i);
		nulls[i] = PG_ARGISNULL(i) ? 'n' : ' ';
	}
	values[7] = CStringGetTextDatum(call.tenant);
	pc_api_write(&plan, values, nulls, NULL);
	row = pc_row_datum(0, PC_GATEWAY_ACCOUNTS);
	check_no_test_clock(&call);
	pc_api_end(&call);
	PG_RETURN_DATUM(row);
}
