/*
 * gateway_account.c
 *		The gateway account that an object goes through.
 */
#include "common/paycore.h"

#include "api/api.h"
#include "miscadmin.h"
#include "utils/acl.h"

void
pc_gateway_account(const PcApiCall *call, const char *name, PcGatewayAccount *account)
{
	static PcPlan plan = PC_PLAN("tt",
								 "SELECT gateway FROM paycore.gateway_accounts WHERE name = $1 AND tenant_id = $2");
	Datum		values[2] = {CStringGetTextDatum(name), CStringGetTextDatum(call->tenant)};

	if (pc_api_plumbing(&plan, values, NULL) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_PC_UNKNOWN_GATEWAY),
				 errmsg("tenant \"%s\" has no gateway account \"%s\"", call->tenant, name),
				 errhint("See paycore.gateway_accounts, or make one with paycore.create_gateway_account().")));
	account->name = pstrdup(name);
	account->gateway_name = pc_get_cstring(0, 1);
	account->gateway = gw_by_name(account->gateway_name);
	if (account->gateway == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_PC_UNKNOWN_GATEWAY),
				 errmsg("gateway account \"%s\" is of the unknown gateway \"%s\"", name, account->gateway_name)));
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

/*
 * Name and key go together in the secrets file, which knows no tenants: who
 * takes another tenant's name takes its key, and what its gateway says.
 */
static void
check_name_is_free(const PcApiCall *call, const char *name)
{
	static PcPlan plan = PC_PLAN("tt",
								 "SELECT 1 FROM paycore.gateway_accounts WHERE name = $1 AND tenant_id <> $2 LIMIT 1");
	Datum		values[2] = {CStringGetTextDatum(name), CStringGetTextDatum(call->tenant)};

	if (pc_api_plumbing(&plan, values, NULL) > 0 && !has_privs_of_role(GetUserId(), pc_owner(false)))
		ereport(ERROR,
				(errcode(ERRCODE_PC_NOT_OWNER),
				 errmsg("gateway account \"%s\" is another tenant's", name),
				 errdetail("Accounts of one name share their API key and webhook secrets."),
				 errhint("Choose another name, or have the owner of paycore's tables share the account.")));
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
									 "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING %s", PC_GATEWAY_ACCOUNTS);
	PcApiCall	call;
	Datum		values[10];
	char		nulls[10];
	Datum		row;

	pc_check_length(pc_arg_text(fcinfo, 0), "name", 255);
	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || gw_by_name(pc_arg_text(fcinfo, 1)) == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_PC_UNKNOWN_GATEWAY),
				 errmsg("a gateway account needs a name and a known gateway"),
				 errhint("Gateways: stripe, mock, manual.")));
	pc_check_one_of(pc_arg_text(fcinfo, 4), "adopt", adoptions);
	pc_check_object(pc_arg_json(fcinfo, 8), "metadata");

	pc_api_begin(&call);
	check_name_is_free(&call, pc_arg_text(fcinfo, 0));
	values[0] = CStringGetTextDatum(call.tenant);
	nulls[0] = ' ';
	for (int i = 0; i < 9; i++)
	{
		values[i + 1] = PG_GETARG_DATUM(i);
		nulls[i + 1] = PG_ARGISNULL(i) ? 'n' : ' ';
	}
	pc_api_write(&plan, values, nulls, NULL);
	row = pc_row_datum(0, PC_GATEWAY_ACCOUNTS);
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
	char	   *name = pc_arg_text(fcinfo, 0);
	Datum		row;

	pc_check_one_of(pc_arg_text(fcinfo, 3), "adopt", adoptions);
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
	pc_api_end(&call);
	PG_RETURN_DATUM(row);
}
