/*
 * account_row.c
 *		The billing account that other objects belong to, and its customer at
 *		the gateway, which the first of them brings about.
 */
#include "common/paycore.h"

#include "api/api.h"
#include "api/accounts.h"

#define COLUMNS		"status, status_reason, currency, gateway_account, psp_customer_id, gw_deleted"

static void
read_account(const PcApiCall *call, PcFind *find, const pg_uuid_t *id, PcAccount *account)
{
	bool		isnull;

	pc_api_find_by_key(call, find, "billing account", id);
	account->id = *id;
	account->status = pc_get_cstring(0, 1);
	account->status_reason = pc_get_cstring(0, 2);
	account->currency = DatumGetPcCurrency(pc_get(0, 3, &isnull));
	account->gateway_account = pc_get_cstring(0, 4);
	(void) pc_get(0, 5, &isnull);
	account->has_customer = !isnull;
	account->customer_deleted = pc_get_bool(0, 6);
}

void
pc_account_get(const PcApiCall *call, const pg_uuid_t *id, PcAccount *account)
{
	static PcFind find = PC_FIND_UNLOCKED(PC_BILLING_ACCOUNTS, "ut", "id, tenant_id", COLUMNS);

	read_account(call, &find, id, account);
}

void
pc_account_lock(const PcApiCall *call, const pg_uuid_t *id, PcAccount *account)
{
	static PcFind find = PC_FIND(PC_BILLING_ACCOUNTS, "ut", "id, tenant_id", COLUMNS);

	read_account(call, &find, id, account);
}

void
pc_account_check_active(const PcAccount *account)
{
	if (strcmp(account->status, "active") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_PC_ACCOUNT_CLOSED),
				 errmsg("billing account %s is %s", pc_uuid_text(&account->id), account->status),
				 account->status_reason != NULL ? errdetail("Reason: %s", account->status_reason) : 0,
				 errhint("Reactivate it with paycore.update_billing_account().")));
	if (account->customer_deleted)
		ereport(ERROR,
				(errcode(ERRCODE_PC_ACCOUNT_CLOSED),
				 errmsg("the customer of billing account %s was deleted at the gateway", pc_uuid_text(&account->id)),
				 errhint("Create a new billing account.")));
}

/* True where the customer exists by now: somebody else was first. */
static bool
lock_account(const PcApiCall *call, PcAccount *account)
{
	static PcPlan plan = PC_PLAN("ut",
								 "SELECT psp_customer_id IS NOT NULL FROM paycore.billing_accounts "
								 "WHERE id = $1 AND tenant_id = $2 FOR NO KEY UPDATE");
	Datum		values[2] = {UUIDPGetDatum(&account->id), CStringGetTextDatum(call->tenant)};

	pc_execute(&plan, values, NULL, false, 1);
	account->has_customer = pc_get_bool(0, 1);
	return account->has_customer;
}

/* A new row version, so that a session with an older snapshot fails instead of asking for a second customer. */
static Jsonb *
touch_account(const PcApiCall *call, const PcAccount *account)
{
	static PcPlan plan = PC_PLAN("ut",
								 "UPDATE paycore.billing_accounts SET updated_at = now() "
								 "WHERE id = $1 AND tenant_id = $2 "
								 "RETURNING jsonb_strip_nulls(" PC_CUSTOMER_OBJECT ")");
	Datum		values[2] = {UUIDPGetDatum(&account->id), CStringGetTextDatum(call->tenant)};
	bool		isnull;

	pc_api_write(&plan, values, NULL, NULL);
	return DatumGetJsonbP(pc_get(0, 1, &isnull));
}

bool
pc_account_customer_request(const PcApiCall *call, PcAccount *account, pg_uuid_t *row)
{
	PcRequest	request = {
		.op = GW_CUSTOMER_CREATE,
		.tenant = call->tenant,
		.gateway_account = account->gateway_account,
		.object_type = "billing_account",
		.object_id = account->id,
		.lane = account->id
	};

	if (account->has_customer || lock_account(call, account))
		return false;
	if (pc_outbox_unfinished(GW_CUSTOMER_CREATE, call->tenant, &account->id, false, row, NULL))
		return true;
	request.params = touch_account(call, account);
	*row = pc_outbox_enqueue(&request);
	return true;
}
