/*
 * methods.c
 *		Saved payment methods: attach, detach, default.  Tokens only.
 */
#include "common/paycore.h"

#include "api/api.h"

typedef struct Method
{
	pg_uuid_t	id;
	pg_uuid_t	account;
	char	   *gateway_account;
	char	   *status;
} Method;

static void
lock_method(const PcApiCall *call, const pg_uuid_t *id, Method *method)
{
	static PcPlan plan = PC_PLAN("ut",
								 "SELECT billing_account_id, gateway_account, status FROM paycore.payment_methods "
								 "WHERE id = $1 AND tenant_id = $2 FOR NO KEY UPDATE");

	pc_api_find(call, &plan, "payment method", id);
	method->id = *id;
	method->account = pc_get_id(0, 1);
	method->gateway_account = pc_get_cstring(0, 2);
	method->status = pc_get_cstring(0, 3);
}

static void
wrong_state(const Method *method, const char *verb)
{
	ereport(ERROR,
			(errcode(ERRCODE_PC_INTENT_STATE),
			 errmsg("payment method %s cannot be %s", pc_uuid_text(&method->id), verb),
			 errdetail("Its status is %s.", method->status)));
}

/* The account's row of this token, made if there was none; *made says so. */
static pg_uuid_t
insert_or_find(const PcApiCall *call, const PcAccount *account, const char *token, bool *made)
{
	static PcPlan insert = PC_PLAN("tutt",
								   "INSERT INTO paycore.payment_methods (tenant_id, billing_account_id, psp_payment_method_id, "
								   "gateway_account) VALUES ($1, $2, $3, $4) "
								   "ON CONFLICT (psp_payment_method_id, gateway_account, billing_account_id, tenant_id) DO NOTHING "
								   "RETURNING id");
	static PcPlan find = PC_PLAN("tutt",
								 "SELECT id FROM paycore.payment_methods WHERE tenant_id = $1 AND billing_account_id = $2 "
								 "AND psp_payment_method_id = $3 AND gateway_account = $4");
	Datum		values[4] = {
		CStringGetTextDatum(call->tenant), UUIDPGetDatum(&account->id),
		CStringGetTextDatum(token), CStringGetTextDatum(account->gateway_account)
	};

	*made = pc_api_write(&insert, values, NULL, NULL) > 0;
	if (!*made && pc_execute(&find, values, NULL, false, 1) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
				 errmsg("payment method is being attached by another session")));
	return pc_get_id(0, 1);
}

static void
request_of_method(const PcApiCall *call, const Method *method, GwOperation op)
{
	PcRequest	request = {
		.op = op,
		.tenant = call->tenant,
		.gateway_account = method->gateway_account,
		.object_type = "payment_method",
		.object_id = method->id,
		.lane = method->account
	};

	(void) pc_outbox_enqueue(&request);
}

/* attach_payment_method(billing_account_id, payment_method): a token that was saved before is not saved twice */
PG_FUNCTION_INFO_V1(paycore_attach_payment_method);
PGDLLEXPORT Datum
paycore_attach_payment_method(PG_FUNCTION_ARGS)
{
	pg_uuid_t	account_id = pc_getarg_uuid(fcinfo, 0, "billing_account_id");
	char	   *token = pc_getarg_text(fcinfo, 1);
	PcApiCall	call;
	PcAccount	account;
	PcGatewayAccount gateway;
	Method		method;
	pg_uuid_t	id;
	pg_uuid_t	customer;
	bool		made;
	Datum		row;

	if (token == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("payment_method is missing"),
				 errhint("Give the gateway's token, such as pm_... from its browser library.")));
	pc_check_length(token, "payment_method", 255);
	pc_api_begin(&call);
	pc_account_get(&call, &account_id, &account);
	pc_account_check_active(&account);
	pc_gateway_account(&call, account.gateway_account, &gateway);
	pc_refuse_manual(&gateway, "save a payment method");

	id = insert_or_find(&call, &account, token, &made);
	lock_method(&call, &id, &method);
	if (strcmp(method.status, "detached") == 0)
		wrong_state(&method, "attached again");
	if (made || (strcmp(method.status, "failed") == 0 &&
				 !pc_outbox_unfinished(GW_METHOD_ATTACH, call.tenant, &id, false, NULL, NULL)))
	{
		/* The account's lane keeps the order: first the customer, then the method. */
		(void) pc_account_customer_request(&call, &account, &customer);
		request_of_method(&call, &method, GW_METHOD_ATTACH);
	}
	row = pc_api_read(PC_PAYMENT_METHODS, &call, &id);
	pc_api_end(&call);
	PG_RETURN_DATUM(row);
}

static void
mark_detached(const PcApiCall *call, const Method *method)
{
	static PcPlan plan = PC_PLAN("ut",
								 "UPDATE paycore.payment_methods SET status = 'detached', detached_at = now(), is_default = false "
								 "WHERE id = $1 AND tenant_id = $2");
	Datum		values[2] = {UUIDPGetDatum(&method->id), CStringGetTextDatum(call->tenant)};

	pc_api_write(&plan, values, NULL, NULL);
}

static void
clear_default(const PcApiCall *call, const pg_uuid_t *account)
{
	static PcPlan plan = PC_PLAN("ut",
								 "UPDATE paycore.payment_methods SET is_default = false "
								 "WHERE billing_account_id = $1 AND tenant_id = $2 AND is_default");
	Datum		values[2] = {UUIDPGetDatum(account), CStringGetTextDatum(call->tenant)};

	pc_api_write(&plan, values, NULL, NULL);
}

static void
clear_own_default(const PcApiCall *call, const Method *method)
{
	static PcPlan plan = PC_PLAN("ut",
								 "UPDATE paycore.payment_methods SET is_default = false "
								 "WHERE id = $1 AND tenant_id = $2 AND is_default");
	Datum		values[2] = {UUIDPGetDatum(&method->id), CStringGetTextDatum(call->tenant)};

	pc_api_write(&plan, values, NULL, NULL);
}

/* Takes the attach back where it was never sent and no intent waits for it. */
static bool
withdraw_attach(const PcApiCall *call, const Method *method)
{
	static PcPlan plan = PC_PLAN("tu",
								 "SELECT 1 FROM paycore.outbox WHERE depends_on && ARRAY[$2] AND depends_on IS NOT NULL "
								 "AND tenant_id = $1 AND finished_at IS NULL");
	pg_uuid_t	attach;
	Datum		values[2] = {CStringGetTextDatum(call->tenant), UUIDPGetDatum(&attach)};

	return pc_outbox_unfinished(GW_METHOD_ATTACH, call->tenant, &method->id, false, &attach, NULL) &&
		pc_api_plumbing(&plan, values, NULL) == 0 &&
		pc_outbox_withdraw(call->tenant, &attach);
}

/* detach_payment_method(id) */
PG_FUNCTION_INFO_V1(paycore_detach_payment_method);
PGDLLEXPORT Datum
paycore_detach_payment_method(PG_FUNCTION_ARGS)
{
	pg_uuid_t	id = pc_getarg_uuid(fcinfo, 0, "id");
	PcApiCall	call;
	Method		method;
	Datum		row;

	pc_api_begin(&call);
	lock_method(&call, &id, &method);
	if (strcmp(method.status, "detached") == 0)
		wrong_state(&method, "detached");
	if (pc_outbox_unfinished(GW_METHOD_DETACH, call.tenant, &id, false, NULL, NULL))
		ereport(ERROR,
				(errcode(ERRCODE_PC_OPERATION_PENDING),
				 errmsg("method.detach of payment method %s is still on its way", pc_uuid_text(&id))));
	clear_own_default(&call, &method);
	if (strcmp(method.status, "failed") == 0 || withdraw_attach(&call, &method))
		mark_detached(&call, &method);
	else
		request_of_method(&call, &method, GW_METHOD_DETACH);
	row = pc_api_read(PC_PAYMENT_METHODS, &call, &id);
	pc_api_end(&call);
	PG_RETURN_DATUM(row);
}

static pg_uuid_t
account_of(const PcApiCall *call, const pg_uuid_t *id)
{
	static PcPlan plan = PC_PLAN("ut",
								 "SELECT billing_account_id FROM paycore.payment_methods WHERE id = $1 AND tenant_id = $2");

	pc_api_find(call, &plan, "payment method", id);
	return pc_get_id(0, 1);
}

/* set_default_payment_method(id): it, and no other of its account */
PG_FUNCTION_INFO_V1(paycore_set_default_payment_method);
PGDLLEXPORT Datum
paycore_set_default_payment_method(PG_FUNCTION_ARGS)
{
	static PcPlan plan = PC_PLAN_ROW("ut",
									 "UPDATE paycore.payment_methods SET is_default = true "
									 "WHERE id = $1 AND tenant_id = $2 RETURNING %s", PC_PAYMENT_METHODS);
	pg_uuid_t	id = pc_getarg_uuid(fcinfo, 0, "id");
	pg_uuid_t	account;
	PcAccount	locked;
	PcApiCall	call;
	Method		method;
	Datum		values[2];
	Datum		row;

	pc_api_begin(&call);
	account = account_of(&call, &id);
	/* Two sessions that choose a default for one account take turns. */
	pc_account_lock(&call, &account, &locked);
	lock_method(&call, &id, &method);
	if (strcmp(method.status, "failed") == 0 || strcmp(method.status, "detached") == 0)
		wrong_state(&method, "the default");
	clear_default(&call, &account);
	values[0] = UUIDPGetDatum(&id);
	values[1] = CStringGetTextDatum(call.tenant);
	pc_api_write(&plan, values, NULL, NULL);
	row = pc_api_row(PC_PAYMENT_METHODS, "payment method", &id);
	pc_api_end(&call);
	PG_RETURN_DATUM(row);
}

/* default_payment_method(billing_account_id): or null */
PG_FUNCTION_INFO_V1(paycore_default_payment_method);
PGDLLEXPORT Datum
paycore_default_payment_method(PG_FUNCTION_ARGS)
{
	static PcPlan plan = PC_PLAN_ROW("ut",
									 "SELECT %s FROM paycore.payment_methods "
									 "WHERE billing_account_id = $1 AND tenant_id = $2 AND is_default", PC_PAYMENT_METHODS);
	pg_uuid_t	account = pc_getarg_uuid(fcinfo, 0, "billing_account_id");
	PcApiCall	call;
	Datum		values[2];
	Datum		row = (Datum) 0;
	bool		found;

	pc_api_begin(&call);
	values[0] = UUIDPGetDatum(&account);
	values[1] = CStringGetTextDatum(call.tenant);
	found = pc_execute(&plan, values, NULL, true, 1) > 0;
	if (found)
		row = pc_row_datum(0, PC_PAYMENT_METHODS);
	pc_api_end(&call);
	if (!found)
		PG_RETURN_NULL();
	PG_RETURN_DATUM(row);
}
