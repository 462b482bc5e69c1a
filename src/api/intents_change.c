/*
 * intents_change.c
 *		update, confirm, capture and refresh of a payment intent: each checks
 *		the state as we know it, and asks the gateway.
 */
#include "common/paycore.h"

#include "api/intents.h"
#include "common/args.h"
#include "types/money_args.h"

static bool
is_one_of(IntentStatus status, uint32 states)
{
	return (states & (1u << status)) != 0;
}

#define STATE(s) (1u << INTENT_##s)

/* Before money is held or on its way. */
#define OPEN_STATES (STATE(CREATED) | STATE(REQUIRES_PAYMENT_METHOD) | STATE(REQUIRES_CONFIRMATION) | STATE(REQUIRES_ACTION))

static void
lock_networked(const PcApiCall *call, const pg_uuid_t *id, PcIntent *intent, const char *verb)
{
	PcGatewayAccount gateway;

	pc_intent_lock(call, id, intent);
	pc_gateway_account(call, intent->gateway_account, &gateway);
	pc_refuse_manual(&gateway, verb);
}

static void
add_amount(PcJsonBuilder *b, PcMoney amount)
{
	pc_json_add_int64(b, "amount", pc_money_amount(amount));
	pc_json_add_text(b, "currency", pc_currency_by_number(pc_money_currency(amount))->code);
}

static void
request_update(const PcApiCall *call, const PcIntent *intent, const PcMoney *amount, const Jsonb *metadata)
{
	PcRequest	request;
	PcJsonBuilder b;

	pc_intent_request(call, intent, &request, GW_INTENT_UPDATE);
	pc_json_begin(&b);
	if (amount != NULL)
		add_amount(&b, *amount);
	if (metadata != NULL)
		pc_json_add_json(&b, "metadata", metadata);
	request.params = pc_json_end(&b);
	(void) pc_outbox_enqueue(&request);
}

static void
check_update(const PcApiCall *call, const PcIntent *intent, const PcGatewayAccount *gateway, const PcMoney *amount)
{
	if (!is_one_of(intent->status, OPEN_STATES | (amount == NULL ? STATE(PROCESSING) | STATE(REQUIRES_CAPTURE) : 0)))
		pc_intent_wrong_state(intent, amount == NULL ? "updated" : "changed in its amount");
	if (amount == NULL)
		return;
	pc_check_positive(*amount, "the amount of a payment intent");
	pc_check_same_currency(*amount, pc_money_currency(intent->amount), "payment intent");
	pc_check_gateway_amount(gateway, *amount);
	if (!gateway->manual && pc_intent_is_being_confirmed(call, intent))
		pc_intent_operation_pending(intent, "a confirmation");
}

Datum
pc_intent_update(const PcApiCall *call, PcIntent *intent, const PcMoney *amount, const Jsonb *metadata)
{
	static PcPlan plan = PC_PLAN_ROW("utmj",
									 "UPDATE paycore.payment_intents SET amount = coalesce($3, amount), "
									 "metadata = jsonb_strip_nulls(metadata || coalesce($4, '{}')) "
									 "WHERE id = $1 AND tenant_id = $2 RETURNING %s", PC_PAYMENT_INTENTS);
	PcGatewayAccount gateway;
	PcArgs		a = {0};
	Datum		row;

	pc_gateway_account(call, intent->gateway_account, &gateway);
	check_update(call, intent, &gateway, amount);
	pc_arg_uuid(&a, &intent->id);
	pc_arg_text(&a, call->tenant);
	pc_arg_money(&a, amount != NULL ? *amount : 0);
	pc_arg_json(&a, metadata);
	pc_api_write_args(&plan, &a, NULL);
	row = pc_row_datum(0, PC_PAYMENT_INTENTS);
	if (!gateway.manual && (amount != NULL || metadata != NULL))
		request_update(call, intent, amount, metadata);
	if (amount != NULL)
		intent->amount = *amount;
	return row;
}

/* update_payment_intent(id, amount, metadata) */
PG_FUNCTION_INFO_V1(paycore_update_payment_intent);
PGDLLEXPORT Datum
paycore_update_payment_intent(PG_FUNCTION_ARGS)
{
	pg_uuid_t	id = pc_getarg_uuid(fcinfo, 0, "id");
	PcMoney		amount = PG_ARGISNULL(1) ? 0 : PG_GETARG_PC_MONEY(1);
	Jsonb	   *metadata = pc_getarg_json(fcinfo, 2);
	PcApiCall	call;
	PcIntent	intent;
	Datum		row;

	pc_check_metadata(metadata, true);
	pc_api_begin(&call);
	pc_intent_lock(&call, &id, &intent);
	row = pc_intent_update(&call, &intent, PG_ARGISNULL(1) ? NULL : &amount, metadata);
	pc_api_end(&call);
	PG_RETURN_DATUM(row);
}

static void
request_confirm(const PcApiCall *call, const PcIntent *intent, const PcMethodRef *method,
				const char *return_url, const Jsonb *gateway_params)
{
	PcRequest	request;
	PcJsonBuilder b;

	pc_intent_request(call, intent, &request, GW_INTENT_CONFIRM);
	if (method->waits)
		request.depends_on[request.ndepends++] = method->attach;
	if (!intent->off_session)
		request.send_by = pc_on_session_deadline();
	pc_json_begin(&b);
	pc_json_add_text(&b, "payment_method", method->token != NULL ? method->token : intent->payment_method);
	pc_json_add_text(&b, "return_url", return_url);
	pc_json_add_bool(&b, "off_session", intent->off_session);
	if (gateway_params != NULL)
		pc_json_add_json(&b, "gateway_params", gateway_params);
	request.params = pc_json_end(&b);
	(void) pc_outbox_enqueue(&request);
}

static void
check_confirm(const PcApiCall *call, const PcIntent *intent, const PcMethodRef *method)
{
	if (!is_one_of(intent->status, OPEN_STATES))
		pc_intent_wrong_state(intent, "confirmed");
	if (method->token == NULL && intent->payment_method == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("payment intent %s has no payment method", pc_uuid_text(&intent->id)),
				 errhint("Give payment_method => ... .")));
	if (pc_intent_is_being_confirmed(call, intent))
		pc_intent_operation_pending(intent, "a confirmation");
	pc_intent_check_not_pending(call, intent, GW_INTENT_CANCEL);
}

Datum
pc_intent_confirm(const PcApiCall *call, PcIntent *intent, const PcConfirm *confirm)
{
	static PcPlan plan = PC_PLAN_ROW("utttb",
									 "UPDATE paycore.payment_intents SET payment_method = coalesce($3, payment_method), "
									 "return_url = coalesce($4, return_url), off_session = $5 "
									 "WHERE id = $1 AND tenant_id = $2 RETURNING %s", PC_PAYMENT_INTENTS);
	PcMethodRef method;
	PcArgs		a = {0};
	Datum		row;

	pc_method_resolve(call, &intent->account, confirm->given_method, &method);
	check_confirm(call, intent, &method);
	if (confirm->set_off_session)
		intent->off_session = confirm->off_session;
	if (intent->off_session)
		pc_method_check_mandate(call, intent->gateway_account, method.token != NULL ? method.token : intent->payment_method);
	pc_arg_uuid(&a, &intent->id);
	pc_arg_text(&a, call->tenant);
	pc_arg_text(&a, method.token);
	pc_arg_text(&a, confirm->return_url);
	pc_arg_bool(&a, intent->off_session);
	pc_api_write_args(&plan, &a, NULL);
	row = pc_row_datum(0, PC_PAYMENT_INTENTS);
	request_confirm(call, intent, &method, confirm->return_url, confirm->gateway_params);
	return row;
}

/* confirm_payment_intent(id, payment_method, return_url, gateway_params) */
PG_FUNCTION_INFO_V1(paycore_confirm_payment_intent);
PGDLLEXPORT Datum
paycore_confirm_payment_intent(PG_FUNCTION_ARGS)
{
	pg_uuid_t	id = pc_getarg_uuid(fcinfo, 0, "id");
	PcConfirm	confirm = {
		.given_method = pc_getarg_text(fcinfo, 1), .return_url = pc_getarg_text(fcinfo, 2), .gateway_params = pc_getarg_json(fcinfo, 3)
	};
	PcApiCall	call;
	PcIntent	intent;
	Datum		row;

	pc_check_return_url(confirm.return_url);
	pc_check_gateway_params(confirm.gateway_params);
	pc_api_begin(&call);
	lock_networked(&call, &id, &intent, "confirm a payment intent");
	row = pc_intent_confirm(&call, &intent, &confirm);
	pc_api_end(&call);
	PG_RETURN_DATUM(row);
}

static void
check_capture(const PcApiCall *call, const PcIntent *intent, PcMoney amount)
{
	char		text[2][PC_MONEY_TEXT_LEN];

	if (intent->status != INTENT_REQUIRES_CAPTURE)
		pc_intent_wrong_state(intent, "captured");
	pc_check_positive(amount, "the amount to capture");
	pc_check_same_currency(amount, pc_money_currency(intent->amount), "payment intent");
	if (pc_money_amount(amount) > pc_money_amount(intent->capturable))
		ereport(ERROR,
				(errcode(ERRCODE_PC_CAPTURE_AMOUNT),
				 errmsg("%s is more than can be captured", pc_money_to_text(amount, text[0])),
				 errdetail("%s is authorised.", pc_money_to_text(intent->capturable, text[1])),
				 errhint("Capture at most amount_capturable.")));
	pc_intent_check_not_pending(call, intent, GW_INTENT_CAPTURE);
	pc_intent_check_not_pending(call, intent, GW_INTENT_CANCEL);
}

/* capture_payment_intent(id, amount): amount null = all that is authorised */
PG_FUNCTION_INFO_V1(paycore_capture_payment_intent);
PGDLLEXPORT Datum
paycore_capture_payment_intent(PG_FUNCTION_ARGS)
{
	pg_uuid_t	id = pc_getarg_uuid(fcinfo, 0, "id");
	PcApiCall	call;
	PcIntent	intent;
	PcRequest	request;
	PcGatewayAccount gateway;
	PcMoney		amount;
	PcJsonBuilder b;
	Datum		row;

	pc_api_begin(&call);
	lock_networked(&call, &id, &intent, "capture a payment intent");
	pc_gateway_account(&call, intent.gateway_account, &gateway);
	amount = PG_ARGISNULL(1) ? intent.capturable : PG_GETARG_PC_MONEY(1);
	check_capture(&call, &intent, amount);
	pc_check_gateway_amount(&gateway, amount);

	pc_intent_request(&call, &intent, &request, GW_INTENT_CAPTURE);
	pc_json_begin(&b);
	add_amount(&b, amount);
	request.params = pc_json_end(&b);
	(void) pc_outbox_enqueue(&request);
	row = pc_api_read(PC_PAYMENT_INTENTS, &call, &id);
	pc_api_end(&call);
	PG_RETURN_DATUM(row);
}

/* refresh_payment_intent(id): has the gateway asked how it stands */
PG_FUNCTION_INFO_V1(paycore_refresh_payment_intent);
PGDLLEXPORT Datum
paycore_refresh_payment_intent(PG_FUNCTION_ARGS)
{
	pg_uuid_t	id = pc_getarg_uuid(fcinfo, 0, "id");
	PcApiCall	call;
	PcIntent	intent;
	PcRequest	request;
	Datum		row;

	pc_api_begin(&call);
	lock_networked(&call, &id, &intent, "be asked");
	if (intent.at_gateway)
	{
		pc_intent_request(&call, &intent, &request, GW_INTENT_RETRIEVE);
		(void) pc_outbox_enqueue_look(&request);
	}
	row = pc_api_read(PC_PAYMENT_INTENTS, &call, &id);
	pc_api_end(&call);
	PG_RETURN_DATUM(row);
}
