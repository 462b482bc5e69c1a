/*
 * setups.c
 *		Setup intents: create, confirm, cancel, refresh.  Their requests go in
 *		the account's lane, behind its customer and its methods.
 */
#include "common/paycore.h"

#include "api/api.h"

enum
{
	ARG_ACCOUNT, ARG_METHOD, ARG_CONFIRM, ARG_USAGE, ARG_DESCRIPTION, ARG_METADATA, ARG_KEY, ARG_RETURN_URL,
	ARG_GATEWAY_PARAMS, ARG_METHOD_TYPES
};

typedef struct Setup
{
	pg_uuid_t	id;
	pg_uuid_t	account;
	int			status;
	char	   *gateway_account;
	char	   *payment_method;
	bool		at_gateway;
} Setup;

static void
lock_setup(const PcApiCall *call, const pg_uuid_t *id, Setup *setup)
{
	static PcPlan plan = PC_PLAN("ut",
								 "SELECT billing_account_id, status, gateway_account, payment_method, psp_setup_intent_id IS NOT NULL "
								 "FROM paycore.setup_intents WHERE id = $1 AND tenant_id = $2 FOR NO KEY UPDATE");
	bool		isnull;

	pc_api_find(call, &plan, "setup intent", id);
	setup->id = *id;
	setup->account = pc_get_id(0, 1);
	setup->status = DatumGetPcState(pc_get(0, 2, &isnull));
	setup->gateway_account = pc_get_cstring(0, 3);
	setup->payment_method = pc_get_cstring(0, 4);
	setup->at_gateway = pc_get_bool(0, 5);
}

static void
wrong_state(const Setup *setup, const char *verb)
{
	ereport(ERROR,
			(errcode(ERRCODE_PC_INTENT_STATE),
			 errmsg("setup intent %s cannot be %s", pc_uuid_text(&setup->id), verb),
			 errdetail("Its status is %s.", pc_state_name(&pc_setup_lifecycle, setup->status)),
			 errhint("Read the setup intent's status and act on that.")));
}

static bool
is_over(const Setup *setup)
{
	return setup->status == SETUP_SUCCEEDED || setup->status == SETUP_CANCELED || setup->status == SETUP_FAILED;
}

static void
check_not_pending(const PcApiCall *call, const Setup *setup, GwOperation op)
{
	if (pc_outbox_unfinished(op, call->tenant, &setup->id, false, NULL, NULL))
		ereport(ERROR,
				(errcode(ERRCODE_PC_OPERATION_PENDING),
				 errmsg("%s of setup intent %s is still on its way", gw_operation_name(op), pc_uuid_text(&setup->id))));
}

static void
fill_request(const PcApiCall *call, const Setup *setup, GwOperation op, PcRequest *request)
{
	memset(request, 0, sizeof(*request));
	request->op = op;
	request->tenant = call->tenant;
	request->gateway_account = setup->gateway_account;
	request->object_type = "setup_intent";
	request->object_id = setup->id;
	request->lane = setup->account;
}

static void
check_arguments(FunctionCallInfo fcinfo)
{
	static const char *const usages[] = {"on_session", "off_session", NULL};

	pc_check_one_of(pc_getarg_text(fcinfo, ARG_USAGE), "usage", usages);
	pc_check_length(pc_getarg_text(fcinfo, ARG_DESCRIPTION), "description", 1000);
	pc_check_metadata(pc_getarg_json(fcinfo, ARG_METADATA), false);
	pc_check_return_url(pc_getarg_text(fcinfo, ARG_RETURN_URL));
	pc_check_gateway_params(pc_getarg_json(fcinfo, ARG_GATEWAY_PARAMS));
	if (pc_getarg_bool(fcinfo, ARG_CONFIRM, false) && PG_ARGISNULL(ARG_METHOD))
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("a setup intent is not confirmed without a payment method"),
				 errhint("Give payment_method => ..., or confirm later.")));
}

static Jsonb *
create_params(FunctionCallInfo fcinfo, const PcMethodRef *method)
{
	char	   *usage = pc_getarg_text(fcinfo, ARG_USAGE);
	PcJsonBuilder b;

	pc_json_begin(&b);
	pc_json_add_bool(&b, "confirm", pc_getarg_bool(fcinfo, ARG_CONFIRM, false));
	pc_json_add_text(&b, "usage", usage != NULL ? usage : "off_session");
	pc_json_add_text(&b, "payment_method", method->token);
	if (!PG_ARGISNULL(ARG_METHOD_TYPES))
		pc_json_add_json(&b, "payment_method_types", pc_texts_as_json(PG_GETARG_DATUM(ARG_METHOD_TYPES)));
	pc_json_add_text(&b, "description", pc_getarg_text(fcinfo, ARG_DESCRIPTION));
	pc_json_add_text(&b, "return_url", pc_getarg_text(fcinfo, ARG_RETURN_URL));
	if (!PG_ARGISNULL(ARG_METADATA))
		pc_json_add_json(&b, "metadata", pc_getarg_json(fcinfo, ARG_METADATA));
	if (!PG_ARGISNULL(ARG_GATEWAY_PARAMS))
		pc_json_add_json(&b, "gateway_params", pc_getarg_json(fcinfo, ARG_GATEWAY_PARAMS));
	return pc_json_end(&b);
}

static Datum
insert_row(const PcApiCall *call, FunctionCallInfo fcinfo, const pg_uuid_t *id, const PcAccount *account,
		   const PcMethodRef *method)
{
	static PcPlan plan = PC_PLAN_ROW("ututtttjjTt",
									 "INSERT INTO paycore.setup_intents (id, tenant_id, billing_account_id, gateway_account, payment_method, "
									 "usage, description, metadata, gateway_params, payment_method_types, return_url) "
									 "VALUES ($1, $2, $3, $4, $5, coalesce($6, 'off_session'), $7, coalesce($8, '{}'), coalesce($9, '{}'), $10, $11) "
									 "RETURNING %s", PC_SETUP_INTENTS);
	static const int given[] = {ARG_USAGE, ARG_DESCRIPTION, ARG_METADATA, ARG_GATEWAY_PARAMS, ARG_METHOD_TYPES, ARG_RETURN_URL};
	char		nulls[] = "           ";
	Datum		values[11] = {
		UUIDPGetDatum(id), CStringGetTextDatum(call->tenant), UUIDPGetDatum(&account->id),
		CStringGetTextDatum(account->gateway_account), (Datum) 0
	};

	if (method->token != NULL)
		values[4] = CStringGetTextDatum(method->token);
	else
		nulls[4] = 'n';
	for (int i = 0; i < (int) lengthof(given); i++)
	{
		values[5 + i] = PG_ARGISNULL(given[i]) ? (Datum) 0 : PG_GETARG_DATUM(given[i]);
		nulls[5 + i] = PG_ARGISNULL(given[i]) ? 'n' : ' ';
	}
	pc_api_write(&plan, values, nulls, NULL);
	return pc_row_datum(0, PC_SETUP_INTENTS);
}

static Datum
create(const PcApiCall *call, FunctionCallInfo fcinfo, const pg_uuid_t *account_id, const pg_uuid_t *id)
{
	PcAccount	account;
	PcGatewayAccount gateway;
	PcMethodRef method;
	Setup		setup = {.id = *id};
	PcRequest	request;
	pg_uuid_t	customer;
	Datum		row;

	pc_account_get(call, account_id, &account);
	pc_account_check_active(&account);
	pc_gateway_account(call, account.gateway_account, &gateway);
	pc_refuse_manual(&gateway, "save a payment method");
	pc_method_resolve(call, account_id, pc_getarg_text(fcinfo, ARG_METHOD), &method);
	row = insert_row(call, fcinfo, id, &account, &method);
	(void) pc_account_customer_request(call, &account, &customer);
	setup.account = *account_id;
	setup.gateway_account = account.gateway_account;
	fill_request(call, &setup, GW_SETUP_CREATE, &request);
	request.params = create_params(fcinfo, &method);
	(void) pc_outbox_enqueue(&request);
	return row;
}

/* create_setup_intent(billing_account_id, payment_method, confirm, usage, ...) */
PG_FUNCTION_INFO_V1(paycore_create_setup_intent);
PGDLLEXPORT Datum
paycore_create_setup_intent(PG_FUNCTION_ARGS)
{
	pg_uuid_t	account = pc_getarg_uuid(fcinfo, ARG_ACCOUNT, "billing_account_id");
	PcApiCall	call;
	PcOnce		once;
	Datum		row;

	check_arguments(fcinfo);
	pc_api_begin(&call);
	once = pc_once(&call, fcinfo, ARG_KEY, "create_setup_intent", "setup_intent");
	row = once.done ? pc_api_read(PC_SETUP_INTENTS, &call, &once.id) : create(&call, fcinfo, &account, &once.id);
	pc_api_end(&call);
	PG_RETURN_DATUM(row);
}

static bool
is_being_confirmed(const PcApiCall *call, const Setup *setup)
{
	static PcPlan plan = PC_PLAN("utu",
								 "SELECT 1 FROM paycore.outbox WHERE lane = $1 AND tenant_id = $2 AND object_id = $3 AND finished_at IS NULL "
								 "AND (operation = 'setup.confirm' OR (operation = 'setup.create' AND params->>'confirm' = 'true'))");
	Datum		values[3] = {UUIDPGetDatum(&setup->account), CStringGetTextDatum(call->tenant), UUIDPGetDatum(&setup->id)};

	return pc_api_plumbing(&plan, values, NULL) > 0;
}

static void
check_confirm(const PcApiCall *call, const Setup *setup, const PcMethodRef *method)
{
	if (is_over(setup) || setup->status == SETUP_PROCESSING)
		wrong_state(setup, "confirmed");
	if (method->token == NULL && setup->payment_method == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("setup intent %s has no payment method", pc_uuid_text(&setup->id)),
				 errhint("Give payment_method => ... .")));
	if (is_being_confirmed(call, setup))
		ereport(ERROR,
				(errcode(ERRCODE_PC_OPERATION_PENDING),
				 errmsg("a confirmation of setup intent %s is still on its way", pc_uuid_text(&setup->id))));
	check_not_pending(call, setup, GW_SETUP_CANCEL);
}

/* confirm_setup_intent(id, payment_method, return_url, gateway_params) */
PG_FUNCTION_INFO_V1(paycore_confirm_setup_intent);
PGDLLEXPORT Datum
paycore_confirm_setup_intent(PG_FUNCTION_ARGS)
{
	static PcPlan plan = PC_PLAN_ROW("uttt",
									 "UPDATE paycore.setup_intents SET payment_method = coalesce($3, payment_method), "
									 "return_url = coalesce($4, return_url) WHERE id = $1 AND tenant_id = $2 RETURNING %s", PC_SETUP_INTENTS);
	pg_uuid_t	id = pc_getarg_uuid(fcinfo, 0, "id");
	char	   *return_url = pc_getarg_text(fcinfo, 2);
	Jsonb	   *gateway_params = pc_getarg_json(fcinfo, 3);
	PcApiCall	call;
	Setup		setup;
	PcMethodRef method;
	PcRequest	request;
	PcJsonBuilder b;
	Datum		values[4];
	char		nulls[5] = "    ";
	Datum		row;

	pc_check_return_url(return_url);
	pc_check_gateway_params(gateway_params);
	pc_api_begin(&call);
	lock_setup(&call, &id, &setup);
	pc_method_resolve(&call, &setup.account, pc_getarg_text(fcinfo, 1), &method);
	check_confirm(&call, &setup, &method);
	values[0] = UUIDPGetDatum(&id);
	values[1] = CStringGetTextDatum(call.tenant);
	values[2] = method.token != NULL ? CStringGetTextDatum(method.token) : (Datum) 0;
	nulls[2] = method.token != NULL ? ' ' : 'n';
	values[3] = PG_GETARG_DATUM(2);
	nulls[3] = return_url != NULL ? ' ' : 'n';
	pc_api_write(&plan, values, nulls, NULL);
	row = pc_row_datum(0, PC_SETUP_INTENTS);

	fill_request(&call, &setup, GW_SETUP_CONFIRM, &request);
	pc_json_begin(&b);
	pc_json_add_text(&b, "payment_method", method.token != NULL ? method.token : setup.payment_method);
	pc_json_add_text(&b, "return_url", return_url);
	if (gateway_params != NULL)
		pc_json_add_json(&b, "gateway_params", gateway_params);
	request.params = pc_json_end(&b);
	(void) pc_outbox_enqueue(&request);
	pc_api_end(&call);
	PG_RETURN_DATUM(row);
}

static Datum
mark_canceled(const PcApiCall *call, const Setup *setup, const char *reason)
{
	static PcPlan plan = PC_PLAN_ROW("utt",
									 "UPDATE paycore.setup_intents SET status = 'canceled', cancellation_reason = $3, canceled_at = now(), "
									 "next_action = NULL, client_secret = NULL, next_sweep_at = NULL "
									 "WHERE id = $1 AND tenant_id = $2 RETURNING %s", PC_SETUP_INTENTS);
	Datum		values[3] = {
		UUIDPGetDatum(&setup->id), CStringGetTextDatum(call->tenant),
		reason != NULL ? CStringGetTextDatum(reason) : (Datum) 0
	};

	pc_api_write(&plan, values, reason != NULL ? NULL : "  n", reason);
	pc_wake_waiters_at_commit(&setup->id);
	return pc_row_datum(0, PC_SETUP_INTENTS);
}

/* What was never sent is taken back, newest first; false where something was. */
static bool
withdraw(const PcApiCall *call, const Setup *setup)
{
	static const GwOperation ops[] = {GW_SETUP_CONFIRM, GW_SETUP_CREATE};
	bool		all = true;

	for (int i = 0; i < (int) lengthof(ops); i++)
	{
		pg_uuid_t	row;

		while (all && pc_outbox_unfinished(ops[i], call->tenant, &setup->id, false, &row, NULL))
			all = pc_outbox_withdraw(call->tenant, &row);
	}
	return all;
}

/* cancel_setup_intent(id, reason) */
PG_FUNCTION_INFO_V1(paycore_cancel_setup_intent);
PGDLLEXPORT Datum
paycore_cancel_setup_intent(PG_FUNCTION_ARGS)
{
	static const char *const reasons[] = {"abandoned", "duplicate", "requested_by_customer", NULL};
	pg_uuid_t	id = pc_getarg_uuid(fcinfo, 0, "id");
	char	   *reason = pc_getarg_text(fcinfo, 1);
	PcApiCall	call;
	Setup		setup;
	PcRequest	request;
	PcJsonBuilder b;
	bool		unsent;
	Datum		row;

	pc_check_one_of(reason, "reason", reasons);
	pc_api_begin(&call);
	lock_setup(&call, &id, &setup);
	if (is_over(&setup))
		wrong_state(&setup, "canceled");
	check_not_pending(&call, &setup, GW_SETUP_CANCEL);
	unsent = withdraw(&call, &setup);
	if (unsent && !setup.at_gateway && setup.status == SETUP_CREATED)
		row = mark_canceled(&call, &setup, reason);
	else
	{
		fill_request(&call, &setup, GW_SETUP_CANCEL, &request);
		pc_json_begin(&b);
		pc_json_add_text(&b, "reason", reason);
		request.params = pc_json_end(&b);
		(void) pc_outbox_enqueue(&request);
		row = pc_api_read(PC_SETUP_INTENTS, &call, &id);
	}
	pc_api_end(&call);
	PG_RETURN_DATUM(row);
}

static Datum
look(FunctionCallInfo fcinfo, const char *outcome)
{
	pg_uuid_t	id = pc_getarg_uuid(fcinfo, 0, "id");
	PcApiCall	call;
	Setup		setup;
	PcRequest	request;
	PcGatewayAccount gateway;
	PcJsonBuilder b;
	Datum		row;

	pc_api_begin(&call);
	lock_setup(&call, &id, &setup);
	fill_request(&call, &setup, GW_SETUP_RETRIEVE, &request);
	if (outcome != NULL)
	{
		pc_gateway_account(&call, setup.gateway_account, &gateway);
		if (strcmp(gateway.gateway_name, "mock") != 0)
			ereport(ERROR,
					(errcode(ERRCODE_PC_UNSUPPORTED),
					 errmsg("only the mock gateway's payers act by SQL")));
		if (setup.status != SETUP_REQUIRES_ACTION)
			wrong_state(&setup, "acted upon");
		pc_json_begin(&b);
		pc_json_add_text(&b, "outcome", outcome);
		request.params = pc_json_end(&b);
		(void) pc_outbox_enqueue(&request);
	}
	else if (setup.at_gateway)
		(void) pc_outbox_enqueue_look(&request);
	row = pc_api_read(PC_SETUP_INTENTS, &call, &id);
	pc_api_end(&call);
	PG_RETURN_DATUM(row);
}

/* refresh_setup_intent(id): has the gateway asked how it stands */
PG_FUNCTION_INFO_V1(paycore_refresh_setup_intent);
PGDLLEXPORT Datum
paycore_refresh_setup_intent(PG_FUNCTION_ARGS)
{
	return look(fcinfo, NULL);
}

/* complete_mock_setup(id, succeeds) */
PG_FUNCTION_INFO_V1(paycore_complete_mock_setup);
PGDLLEXPORT Datum
paycore_complete_mock_setup(PG_FUNCTION_ARGS)
{
	return look(fcinfo, pc_getarg_bool(fcinfo, 1, true) ? "succeed" : "fail");
}

/* refresh_mandate(id): has the gateway asked how it stands */
PG_FUNCTION_INFO_V1(paycore_refresh_mandate);
PGDLLEXPORT Datum
paycore_refresh_mandate(PG_FUNCTION_ARGS)
{
	static PcPlan plan = PC_PLAN("ut",
								 "SELECT billing_account_id, gateway_account, psp_mandate_id FROM paycore.mandates WHERE id = $1 AND tenant_id = $2");
	pg_uuid_t	id = pc_getarg_uuid(fcinfo, 0, "id");
	PcApiCall	call;
	PcRequest	request = {.op = GW_MANDATE_RETRIEVE, .object_type = "mandate", .object_id = id};
	PcJsonBuilder b;
	Datum		values[2];
	Datum		row;

	pc_api_begin(&call);
	values[0] = UUIDPGetDatum(&id);
	values[1] = CStringGetTextDatum(call.tenant);
	if (pc_execute(&plan, values, NULL, false, 1) == 0)
		pc_not_found("mandate", &id);
	request.tenant = call.tenant;
	request.lane = pc_get_id(0, 1);
	request.gateway_account = pc_get_cstring(0, 2);
	pc_json_begin(&b);
	pc_json_add_text(&b, "psp_id", pc_get_cstring(0, 3));
	request.params = pc_json_end(&b);
	(void) pc_outbox_enqueue_look(&request);
	row = pc_api_read(PC_MANDATES, &call, &id);
	pc_api_end(&call);
	PG_RETURN_DATUM(row);
}
