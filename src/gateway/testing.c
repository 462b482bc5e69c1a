/*
 * testing.c
 *		SQL doors to the gateways, for tests only (test builds).
 */
#include "gateway/testing.h"

#ifdef PAYCORE_FAULT_POINTS

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(paycore_test_gateway_render);
PG_FUNCTION_INFO_V1(paycore_test_gateway_read);
PG_FUNCTION_INFO_V1(paycore_test_gateway_event);
PG_FUNCTION_INFO_V1(paycore_test_gateway_amount);
PG_FUNCTION_INFO_V1(paycore_test_verify_webhook);
PG_FUNCTION_INFO_V1(paycore_test_mock_answer);
PG_FUNCTION_INFO_V1(paycore_test_json);
PG_FUNCTION_INFO_V1(paycore_test_json_redact);

extern PGDLLEXPORT Datum paycore_test_gateway_render(PG_FUNCTION_ARGS);
extern PGDLLEXPORT Datum paycore_test_gateway_read(PG_FUNCTION_ARGS);
extern PGDLLEXPORT Datum paycore_test_gateway_event(PG_FUNCTION_ARGS);
extern PGDLLEXPORT Datum paycore_test_gateway_amount(PG_FUNCTION_ARGS);
extern PGDLLEXPORT Datum paycore_test_verify_webhook(PG_FUNCTION_ARGS);
extern PGDLLEXPORT Datum paycore_test_mock_answer(PG_FUNCTION_ARGS);
extern PGDLLEXPORT Datum paycore_test_json(PG_FUNCTION_ARGS);
extern PGDLLEXPORT Datum paycore_test_json_redact(PG_FUNCTION_ARGS);

static const Gateway *
gateway_arg(FunctionCallInfo fcinfo, int n)
{
	const Gateway *gateway = gw_by_name(text_to_cstring(PG_GETARG_TEXT_PP(n)));

	if (gateway == NULL)
		elog(ERROR, "no such gateway");
	return gateway;
}

static GwOperation
operation_arg(FunctionCallInfo fcinfo, int n)
{
	int			op = gw_operation_by_name(text_to_cstring(PG_GETARG_TEXT_PP(n)));

	if (op < 0)
		elog(ERROR, "no such operation");
	return op;
}

static PcMoney
money_of(const Jsonb *ids, const char *key)
{
	char	   *code = pc_json_text(ids, "currency");
	int64		amount;

	if (code == NULL || !pc_json_int64(ids, key, &amount))
		return GW_NO_MONEY;
	return pc_money_pack(pc_currency_by_code(code, strlen(code))->numeric_code, amount);
}

/* ids: the fields of GwCall by their names. */
static GwCall
call_of(GwOperation op, const Jsonb *params, const Jsonb *ids)
{
	return (GwCall)
	{
		.op = op,
		.params = params,
		.tenant = pc_json_text(ids, "tenant"),
		.account_id = pc_json_text(ids, "account_id"),
		.intent_id = pc_json_text(ids, "intent_id"),
		.refund_id = pc_json_text(ids, "refund_id"),
		.database = pc_json_text(ids, "database"),
		.psp_customer_id = pc_json_text(ids, "psp_customer_id"),
		.psp_method_id = pc_json_text(ids, "psp_method_id"),
		.psp_intent_id = pc_json_text(ids, "psp_intent_id"),
		.psp_charge_id = pc_json_text(ids, "psp_charge_id"),
		.psp_refund_id = pc_json_text(ids, "psp_refund_id"),
		.psp_payout_id = pc_json_text(ids, "psp_payout_id"),
		.psp_dispute_id = pc_json_text(ids, "psp_dispute_id"),
		.psp_object_id = pc_json_text(ids, "psp_object_id"),
		.details = pc_json_object(ids, "details"),
		.idempotency_key = pc_json_text(ids, "idempotency_key"),
		.object_status = pc_json_text(ids, "object_status"),
		.capture_method = pc_json_text(ids, "capture_method"),
		.amount = money_of(ids, "amount"),
		.authorized = money_of(ids, "authorized"),
		.captured = money_of(ids, "captured")
	};
}

/* (gateway, operation, params, ids): "METHOD path body", or "cannot: why". */
Datum
paycore_test_gateway_render(PG_FUNCTION_ARGS)
{
	const Gateway *gateway = gateway_arg(fcinfo, 0);
	GwCall		call = call_of(operation_arg(fcinfo, 1), PG_GETARG_JSONB_P(2),
							   PG_GETARG_JSONB_P(3));
	GwRequest	request;
	const char *why;

	if (!gateway->render(&call, &request, &why))
		PG_RETURN_TEXT_P(cstring_to_text(psprintf("cannot: %s", why)));
	PG_RETURN_TEXT_P(cstring_to_text(psprintf("%s %s %s", request.method, request.path,
											  request.body)));
}

/* (gateway, operation, status, body bytea, headers jsonb {replayed, should_retry}, ids) */
Datum
paycore_test_gateway_read(PG_FUNCTION_ARGS)
{
	const Gateway *gateway = gateway_arg(fcinfo, 0);
	GwCall		call = call_of(operation_arg(fcinfo, 1), NULL, PG_GETARG_JSONB_P(5));
	bytea	   *body = PG_GETARG_BYTEA_PP(3);
	Jsonb	   *headers = PG_GETARG_JSONB_P(4);
	GwResponse	response = {0};
	GwAnswer	answer;

	response.status = PG_GETARG_INT32(2);
	response.body = VARDATA_ANY(body);
	response.body_len = VARSIZE_ANY_EXHDR(body);
	response.replayed = pc_json_bool(headers, "replayed", false);
	response.should_retry = -1;
	if (pc_json_path(headers, "should_retry", NULL) != NULL)
		response.should_retry = pc_json_bool(headers, "should_retry", false);
	gateway->read_response(&call, &response, &answer);
	PG_RETURN_JSONB_P(gw_describe_answer(&answer));
}

static Jsonb *
only(const char *key, const char *text)
{
	PcJsonBuilder b;

	pc_json_begin(&b);
	pc_json_add_text(&b, key, text);
	return pc_json_end(&b);
}

/* (payload bytea) */
Datum
paycore_test_gateway_event(PG_FUNCTION_ARGS)
{
	bytea	   *payload = PG_GETARG_BYTEA_PP(0);
	const char *why;
	Jsonb	   *json = pc_json_parse(VARDATA_ANY(payload), VARSIZE_ANY_EXHDR(payload), &why);
	GwEvent		event;

	if (json == NULL || !gw_stripe.read_event(json, &event, &why))
		PG_RETURN_JSONB_P(only("cannot", why));
	PG_RETURN_JSONB_P(gw_describe_event(&event));
}

/* (gateway, amount, currency, outward): the other side's amount, NULL where there is none */
Datum
paycore_test_gateway_amount(PG_FUNCTION_ARGS)
{
	const Gateway *gateway = gateway_arg(fcinfo, 0);
	char	   *code = text_to_cstring(PG_GETARG_TEXT_PP(2));
	const PcCurrencyInfo *currency = pc_currency_by_code(code, strlen(code));
	PcMoney		money;
	int64		amount = PG_GETARG_INT64(1);

	if (!PG_GETARG_BOOL(3))
	{
		if (!gateway->amount_in(amount, code, &money))
			PG_RETURN_NULL();
		PG_RETURN_INT64(pc_money_amount(money));
	}
	if (currency == NULL ||
		!gateway->amount_out(pc_money_pack(currency->numeric_code, amount), &amount))
		PG_RETURN_NULL();
	PG_RETURN_INT64(amount);
}

/* (payload, signature, secrets, now, tolerance): "ok", or why not */
Datum
paycore_test_verify_webhook(PG_FUNCTION_ARGS)
{
	bytea	   *payload = PG_GETARG_BYTEA_PP(0);
	Datum	   *values;
	int			nvalues;
	PcSecrets	secrets = {0};
	const char *why = NULL;

	deconstruct_array(PG_GETARG_ARRAYTYPE_P(2), TEXTOID, -1, false, TYPALIGN_INT,
					  &values, NULL, &nvalues);
	for (int i = 0; i < Min(nvalues, PC_MAX_WEBHOOK_SECRETS); i++)
		secrets.webhook_secrets[secrets.nwebhook_secrets++] = TextDatumGetCString(values[i]);
	if (gw_stripe.verify_webhook(VARDATA_ANY(payload), VARSIZE_ANY_EXHDR(payload),
								 text_to_cstring(PG_GETARG_TEXT_PP(1)), &secrets,
								 PG_GETARG_INT64(3), PG_GETARG_INT32(4), &why))
		why = "ok";
	PG_RETURN_TEXT_P(cstring_to_text(why));
}

/* (operation, params, ids): what mock answers, and how it is read */
Datum
paycore_test_mock_answer(PG_FUNCTION_ARGS)
{
	GwCall		call = call_of(operation_arg(fcinfo, 0), PG_GETARG_JSONB_P(1),
							   PG_GETARG_JSONB_P(2));
	GwResponse	response;
	GwAnswer	answer;
	const char *why;
	PcJsonBuilder b;

	gw_mock.answer(&call, &response);
	gw_mock.read_response(&call, &response, &answer);
	pc_json_begin(&b);
	pc_json_add_int64(&b, "status", response.status);
	pc_json_add_json(&b, "body", pc_json_parse(response.body, response.body_len, &why));
	pc_json_add_json(&b, "read", gw_describe_answer(&answer));
	PG_RETURN_JSONB_P(pc_json_end(&b));
}

/* (text bytea): {"json": ...} or {"cannot": why} */
Datum
paycore_test_json(PG_FUNCTION_ARGS)
{
	bytea	   *text = PG_GETARG_BYTEA_PP(0);
	const char *why;
	Jsonb	   *json = pc_json_parse(VARDATA_ANY(text), VARSIZE_ANY_EXHDR(text), &why);
	PcJsonBuilder b;

	if (json == NULL)
		PG_RETURN_JSONB_P(only("cannot", why));
	pc_json_begin(&b);
	pc_json_add_json(&b, "json", json);
	PG_RETURN_JSONB_P(pc_json_end(&b));
}

/* (json): without the values of client_secret */
Datum
paycore_test_json_redact(PG_FUNCTION_ARGS)
{
	PG_RETURN_JSONB_P(pc_json_redact(PG_GETARG_JSONB_P(0)));
}

#endif							/* PAYCORE_FAULT_POINTS */
