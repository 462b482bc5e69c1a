/*
 * intents_create.c
 *		create_payment_intent(): the row, and the request that makes the
 *		gateway's object.
 */
#include "common/paycore.h"

#include "access/xact.h"
#include "api/api.h"
#include "api/intents.h"
#include "common/json.h"

enum
{
	ARG_ACCOUNT, ARG_AMOUNT, ARG_METHOD, ARG_CONFIRM, ARG_CAPTURE_METHOD, ARG_OFF_SESSION,
	ARG_FUTURE_USAGE, ARG_DESCRIPTION, ARG_METADATA, ARG_KEY, ARG_RETURN_URL, ARG_GATEWAY_PARAMS,
	ARG_METHOD_TYPES, ARG_DESCRIPTOR
};

/* As the column's default says. */
#define FIRST_SWEEP_MS	60000

static void
check_confirmation(const PcNewIntent *intent)
{
	if (intent->confirm && intent->given_method == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("an intent is not confirmed without a payment method"),
				 errhint("Give payment_method => ..., or confirm later.")));
	if (intent->off_session && !intent->confirm)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("off_session goes with confirm => true"),
				 errdetail("It says that the payer is not there to confirm.")));
}

static void
read_arguments(FunctionCallInfo fcinfo, PcNewIntent *intent)
{
	static const char *const capture_methods[] = {"automatic", "automatic_async", "manual", NULL};
	static const char *const usages[] = {"on_session", "off_session", NULL};

	intent->account_id = pc_getarg_uuid(fcinfo, ARG_ACCOUNT, "billing_account_id");
	intent->amount = pc_getarg_money(fcinfo, ARG_AMOUNT, "amount");
	intent->given_method = pc_getarg_text(fcinfo, ARG_METHOD);
	intent->confirm = pc_getarg_bool(fcinfo, ARG_CONFIRM, false);
	intent->capture_method = pc_getarg_text(fcinfo, ARG_CAPTURE_METHOD);
	intent->off_session = pc_getarg_bool(fcinfo, ARG_OFF_SESSION, false);
	intent->future_usage = pc_getarg_text(fcinfo, ARG_FUTURE_USAGE);
	intent->description = pc_getarg_text(fcinfo, ARG_DESCRIPTION);
	intent->metadata = pc_getarg_json(fcinfo, ARG_METADATA);
	intent->return_url = pc_getarg_text(fcinfo, ARG_RETURN_URL);
	intent->gateway_params = pc_getarg_json(fcinfo, ARG_GATEWAY_PARAMS);
	intent->method_types = PG_GETARG_DATUM(ARG_METHOD_TYPES);
	intent->no_method_types = PG_ARGISNULL(ARG_METHOD_TYPES);
	intent->descriptor = pc_getarg_text(fcinfo, ARG_DESCRIPTOR);
	if (intent->capture_method == NULL)
		intent->capture_method = "automatic_async";

	pc_check_positive(intent->amount, "the amount of a payment intent");
	pc_currency_check_active(pc_money_currency(intent->amount));
	pc_check_one_of(intent->capture_method, "capture_method", capture_methods);
	pc_check_one_of(intent->future_usage, "setup_future_usage", usages);
	pc_check_length(intent->description, "description", 1000);
	pc_check_length(intent->descriptor, "statement_descriptor_suffix", 22);
	pc_check_metadata(intent->metadata, false);
	pc_check_return_url(intent->return_url);
	pc_check_gateway_params(intent->gateway_params);
	check_confirmation(intent);
}

/* All columns that have a default are given, so that the row need not go through the executor. */
static PcInsert insert_intent = PC_INSERT_ROW(PC_PAYMENT_INTENTS, "utummttbttTtttjjIt4bb4zzzuu",
	"id, tenant_id, billing_account_id, amount, amount_received, gateway_account, capture_method, off_session, "
	"setup_future_usage, payment_method, payment_method_types, description, statement_descriptor_suffix, return_url, "
	"metadata, gateway_params, status, confirmation_method, webhook_count, duplicate_suspected, gw_doubt, sweeps, "
	"next_sweep_at, created_at, updated_at, invoice_id, subscription_id");

static Datum
insert_row(const PcApiCall *call, const PcNewIntent *intent, const PcAccount *account, const PcMethodRef *method)
{
	TimestampTz now = GetCurrentTransactionStartTimestamp();
	const char *texts[] = {intent->future_usage, method->token, NULL, intent->description, intent->descriptor, intent->return_url};
	char		nulls[] = "                           ";
	Datum		values[] = {
		UUIDPGetDatum(&intent->id),
		CStringGetTextDatum(call->tenant),
		UUIDPGetDatum(&intent->account_id),
		PcMoneyGetDatum(intent->amount),
		PcMoneyGetDatum(pc_money_pack(pc_money_currency(intent->amount), 0)),
		CStringGetTextDatum(account->gateway_account),
		CStringGetTextDatum(intent->capture_method),
		BoolGetDatum(intent->off_session),
		(Datum) 0, (Datum) 0, (Datum) 0, (Datum) 0, (Datum) 0, (Datum) 0,
		JsonbPGetDatum(intent->metadata != NULL ? intent->metadata : pc_json_empty()),
		JsonbPGetDatum(intent->gateway_params != NULL ? intent->gateway_params : pc_json_empty()),
		PcStateGetDatum(INTENT_CREATED),
		CStringGetTextDatum("automatic"),
		Int32GetDatum(0), BoolGetDatum(false), BoolGetDatum(false), Int32GetDatum(0),
		TimestampTzGetDatum(TimestampTzPlusMilliseconds(now, FIRST_SWEEP_MS)),
		TimestampTzGetDatum(now),
		TimestampTzGetDatum(now),
		UUIDPGetDatum(&intent->invoice_id),
		UUIDPGetDatum(&intent->subscription_id)
	};

	for (int i = 0; i < (int) lengthof(texts); i++)
	{
		values[8 + i] = texts[i] != NULL ? CStringGetTextDatum(texts[i]) : (Datum) 0;
		nulls[8 + i] = texts[i] != NULL ? ' ' : 'n';
	}
	values[10] = intent->method_types;
	nulls[10] = intent->no_method_types ? 'n' : ' ';
	nulls[25] = intent->has_invoice ? ' ' : 'n';
	nulls[26] = intent->has_subscription ? ' ' : 'n';
	return pc_api_insert(&insert_intent, values, nulls, NULL);
}

static Jsonb *
request_params(const PcNewIntent *intent, const PcMethodRef *method)
{
	PcJsonBuilder b;

	pc_json_begin(&b);
	pc_json_add_int64(&b, "amount", pc_money_amount(intent->amount));
	pc_json_add_text(&b, "currency", pc_currency_by_number(pc_money_currency(intent->amount))->code);
	pc_json_add_bool(&b, "confirm", intent->confirm);
	pc_json_add_text(&b, "capture_method", intent->capture_method);
	pc_json_add_text(&b, "confirmation_method", "automatic");
	pc_json_add_bool(&b, "off_session", intent->off_session);
	pc_json_add_text(&b, "setup_future_usage", intent->future_usage);
	pc_json_add_text(&b, "payment_method", method->token);
	if (!intent->no_method_types)
		pc_json_add_json(&b, "payment_method_types", pc_texts_as_json(intent->method_types));
	pc_json_add_text(&b, "description", intent->description);
	pc_json_add_text(&b, "statement_descriptor_suffix", intent->descriptor);
	pc_json_add_text(&b, "return_url", intent->return_url);
	if (intent->metadata != NULL)
		pc_json_add_json(&b, "metadata", intent->metadata);
	if (intent->gateway_params != NULL)
		pc_json_add_json(&b, "gateway_params", intent->gateway_params);
	return pc_json_end(&b);
}

static void
enqueue(const PcApiCall *call, const PcNewIntent *intent, PcAccount *account, const PcGatewayAccount *gateway,
		const PcMethodRef *method)
{
	PcRequest	request = {
		.op = GW_INTENT_CREATE,
		.tenant = call->tenant,
		.gateway_account = account->gateway_account,
		.object_type = "payment_intent",
		.object_id = intent->id,
		.lane = intent->id,
		.account_seen = true,
		.account_paused = gateway->paused
	};

	if (pc_account_customer_request(call, account, &request.depends_on[0]))
		request.ndepends = 1;
	if (method->waits)
		request.depends_on[request.ndepends++] = method->attach;
	if (intent->confirm && !intent->off_session)
		request.send_by = pc_on_session_deadline();
	request.params = request_params(intent, method);
	(void) pc_outbox_enqueue(&request);
}

Datum
pc_intent_create(const PcApiCall *call, const PcNewIntent *intent)
{
	PcAccount	account;
	PcGatewayAccount gateway;
	PcMethodRef method;
	Datum		row;

	pc_account_get(call, &intent->account_id, &account);
	pc_account_check_active(&account);
	pc_check_same_currency(intent->amount, account.currency, "billing account");
	pc_gateway_account(call, account.gateway_account, &gateway);
	pc_check_gateway_amount(&gateway, intent->amount);
	if (intent->confirm)
		pc_refuse_manual(&gateway, "confirm a payment intent");
	pc_method_resolve(call, &intent->account_id, intent->given_method, &method);

	if (intent->off_session)
		pc_method_check_mandate(call, account.gateway_account, method.token);

	row = insert_row(call, intent, &account, &method);
	if (!gateway.manual)
		enqueue(call, intent, &account, &gateway, &method);
	return row;
}

PG_FUNCTION_INFO_V1(paycore_create_payment_intent);
PGDLLEXPORT Datum
paycore_create_payment_intent(PG_FUNCTION_ARGS)
{
	PcApiCall	call;
	PcNewIntent	intent = {0};
	PcOnce		once;
	Datum		row;

	read_arguments(fcinfo, &intent);
	pc_api_begin(&call);
	once = pc_once(&call, fcinfo, ARG_KEY, "create_payment_intent", "payment_intent");
	intent.id = once.id;
	row = once.done ? pc_api_read(PC_PAYMENT_INTENTS, &call, &once.id) : pc_intent_create(&call, &intent);
	pc_api_end(&call);
	PG_RETURN_DATUM(row);
}
