/*
 * method_row.c
 *		A payment method as an intent names it: a saved one by its uuid, or a
 *		gateway's token.
 */
#include "common/paycore.h"

#include "api/api.h"

static void
check_usable(const char *status, const char *given)
{
	if (strcmp(status, "failed") == 0 || strcmp(status, "detached") == 0)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INTENT_STATE),
				 errmsg("payment method %s is %s", given, status),
				 errhint("Save and name another one.")));
}

/*
 * A method whose attach is under way stays as it is until what is to wait for
 * that is there to be seen, by whoever would take the attach back.  The account
 * first, as who chooses its default does.  Gives its status.
 */
static char *
hold_pending(const PcApiCall *call, const pg_uuid_t *account, const pg_uuid_t *id)
{
	static PcPlan plan = PC_PLAN("ut",
								 "SELECT status FROM paycore.payment_methods WHERE id = $1 AND tenant_id = $2 FOR SHARE");
	PcAccount	locked;

	pc_account_lock(call, account, &locked);
	pc_api_find(call, &plan, "payment method", id);
	return pc_get_cstring(0, 1);
}

/* A saved method whose attach is under way must be attached first. */
static void
find_attach(const PcApiCall *call, const pg_uuid_t *id, PcMethodRef *method)
{
	method->waits = pc_outbox_unfinished(GW_METHOD_ATTACH, call->tenant, id, false, &method->attach, NULL);
}

static void
resolve_saved(const PcApiCall *call, const pg_uuid_t *account, const pg_uuid_t *id, PcMethodRef *method)
{
	static PcPlan plan = PC_PLAN("utu",
								 "SELECT psp_payment_method_id, status FROM paycore.payment_methods "
								 "WHERE id = $1 AND tenant_id = $2 AND billing_account_id = $3");
	Datum		values[3] = {UUIDPGetDatum(id), CStringGetTextDatum(call->tenant), UUIDPGetDatum(account)};
	char	   *status;

	if (pc_execute(&plan, values, NULL, false, 1) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_PC_NOT_FOUND),
				 errmsg("billing account %s has no payment method %s", pc_uuid_text(account), pc_uuid_text(id)),
				 errhint("See paycore.list_payment_methods().")));
	method->token = pc_get_cstring(0, 1);
	status = pc_get_cstring(0, 2);
	if (strcmp(status, "pending") == 0)
		status = hold_pending(call, account, id);
	check_usable(status, pc_uuid_text(id));
	find_attach(call, id, method);
}

static void
resolve_token(const PcApiCall *call, const pg_uuid_t *account, const char *token, PcMethodRef *method)
{
	static PcPlan plan = PC_PLAN("ttu",
								 "SELECT id FROM paycore.payment_methods WHERE psp_payment_method_id = $1 "
								 "AND tenant_id = $2 AND billing_account_id = $3 AND status = 'pending'");
	Datum		values[3] = {CStringGetTextDatum(token), CStringGetTextDatum(call->tenant), UUIDPGetDatum(account)};

	pc_check_length(token, "payment_method", 255);
	method->token = pstrdup(token);
	if (pc_execute(&plan, values, NULL, false, 1) > 0)
	{
		pg_uuid_t	id = pc_get_id(0, 1);

		(void) hold_pending(call, account, &id);
		find_attach(call, &id, method);
	}
}

void
pc_method_resolve(const PcApiCall *call, const pg_uuid_t *account, const char *given, PcMethodRef *method)
{
	pg_uuid_t	id;

	memset(method, 0, sizeof(*method));
	if (given == NULL)
		return;
	if (pc_uuid_parse(given, &id))
		resolve_saved(call, account, &id, method);
	else
		resolve_token(call, account, given, method);
}

void
pc_method_check_mandate(const PcApiCall *call, const char *gateway_account, const char *token)
{
	static PcPlan plan = PC_PLAN("ttt",
								 "SELECT max(ended_at) FROM paycore.mandates WHERE psp_payment_method_id = $1 AND gateway_account = $2 "
								 "AND tenant_id = $3 HAVING count(*) > 0 AND bool_and(status::text = 'inactive')");
	Datum		values[3] = {
		token != NULL ? CStringGetTextDatum(token) : (Datum) 0,
		CStringGetTextDatum(gateway_account), CStringGetTextDatum(call->tenant)
	};

	if (token != NULL && pc_execute(&plan, values, NULL, false, 1) > 0)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INTENT_STATE),
				 errmsg("payment method %s cannot be charged off session", token),
				 errdetail("Its mandate is inactive: it was revoked, refused or used up."),
				 errhint("Have the payer give a new one, with paycore.create_setup_intent().")));
}
