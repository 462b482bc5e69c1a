/*
 * payments.c
 *		record_payment(): money that came in without a gateway's help.
 */
#include "common/paycore.h"

#include "api/payments.h"
#include "common/args.h"
#include "types/money_args.h"

enum
{
	ARG_ACCOUNT, ARG_GROSS, ARG_FEE, ARG_INTENT, ARG_METHOD_TYPE, ARG_EXTERNAL_REF, ARG_RECEIVED_AT,
	ARG_DESCRIPTION, ARG_METADATA, ARG_KEY, ARG_GATEWAY
};

static void
read_arguments(FunctionCallInfo fcinfo, PcNewPayment *payment)
{
	payment->account_id = pc_getarg_uuid(fcinfo, ARG_ACCOUNT, "billing_account_id");
	payment->gross = pc_getarg_money(fcinfo, ARG_GROSS, "gross");
	payment->fee = PG_ARGISNULL(ARG_FEE) ? 0 : PG_GETARG_PC_MONEY(ARG_FEE);
	payment->has_intent = !PG_ARGISNULL(ARG_INTENT);
	if (payment->has_intent)
		payment->intent_id = *PG_GETARG_UUID_P(ARG_INTENT);
	payment->received_at = PG_ARGISNULL(ARG_RECEIVED_AT) ? GetCurrentTransactionStartTimestamp()
		: PG_GETARG_TIMESTAMPTZ(ARG_RECEIVED_AT);
	payment->gateway_account = pc_getarg_text(fcinfo, ARG_GATEWAY);
	payment->method_type = pc_getarg_text(fcinfo, ARG_METHOD_TYPE);
	payment->external_ref = pc_getarg_text(fcinfo, ARG_EXTERNAL_REF);
	payment->description = pc_getarg_text(fcinfo, ARG_DESCRIPTION);
	payment->metadata = pc_getarg_json(fcinfo, ARG_METADATA);
	pc_payment_check(payment);
}

void
pc_payment_check(PcNewPayment *payment)
{
	pc_check_positive(payment->gross, "the gross amount of a payment");
	pc_currency_check_active(pc_money_currency(payment->gross));
	if (pc_money_currency(payment->fee) == 0)
		payment->fee = pc_money_pack(pc_money_currency(payment->gross), 0);
	pc_check_same_currency(payment->fee, pc_money_currency(payment->gross), "payment");
	if (pc_money_amount(payment->fee) < 0)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("a fee is not below zero")));
	if (payment->received_at > GetCurrentTimestamp())
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("received_at lies in the future"),
				 errdetail("It is %s.", timestamptz_to_str(payment->received_at))));
	pc_check_length(payment->external_ref, "external_ref", 255);
	pc_check_metadata(payment->metadata, false);
}

/* The intent, locked, open, of this account, and paid in full by this payment. */
static void
check_intent(const PcApiCall *call, const PcNewPayment *payment, PcIntent *intent)
{
	char		text[2][PC_MONEY_TEXT_LEN];

	pc_intent_lock(call, &payment->intent_id, intent);
	if (memcmp(&intent->account, &payment->account_id, sizeof(pg_uuid_t)) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_PC_NOT_FOUND),
				 errmsg("billing account %s has no payment intent %s",
						pc_uuid_text(&payment->account_id), pc_uuid_text(&intent->id))));
	pc_check_same_currency(payment->gross, pc_money_currency(intent->amount), "payment intent");
	if (intent->status == INTENT_SUCCEEDED || intent->status == INTENT_CANCELED || intent->status == INTENT_FAILED)
		pc_intent_wrong_state(intent, "paid");
	if (payment->gross != intent->amount)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("%s does not pay the payment intent", pc_money_to_text(payment->gross, text[0])),
				 errdetail("It is about %s.", pc_money_to_text(intent->amount, text[1])),
				 errhint("Change the intent with paycore.update_payment_intent() first.")));
}

static char *
gateway_of(const PcApiCall *call, const PcNewPayment *payment, const PcIntent *intent, const PcAccount *account)
{
	PcGatewayAccount gateway;
	char	   *name = payment->has_intent ? intent->gateway_account : account->gateway_account;

	if (payment->gateway_account != NULL && !payment->has_intent)
		name = payment->gateway_account;
	pc_gateway_account(call, name, &gateway);
	if (!gateway.manual)
		ereport(ERROR,
				(errcode(ERRCODE_PC_UNSUPPORTED),
				 errmsg("payments through gateway account \"%s\" are not recorded by hand", name),
				 errdetail("It is of gateway %s, whose word alone makes payments.", gateway.gateway_name),
				 errhint("Give gateway => the name of a manual gateway account, without an intent.")));
	return name;
}

static Datum
insert_row(const PcApiCall *call, const PcNewPayment *payment, const char *gateway)
{
	static PcPlan plan = PC_PLAN_ROW("utuutmmztttj",
									 "INSERT INTO paycore.payments (id, tenant_id, billing_account_id, payment_intent_id, "
									 "gateway_account, status, authorized, gross, captured_at, authorized_at, settled_gross, fee, "
									 "net, settled_at, method_type, external_ref, description, metadata) "
									 "VALUES ($1, $2, $3, $4, $5, 'succeeded'::paycore.payment_status, $6, $6, $8, $8, $6, $7, "
									 "$6 OPERATOR(paycore.-) $7, $8, coalesce($9, 'manual'), $10, $11, coalesce($12, '{}')) "
									 "RETURNING %s", PC_PAYMENTS);
	PcArgs		a = {0};

	pc_arg_uuid(&a, &payment->id);
	pc_arg_text(&a, call->tenant);
	pc_arg_uuid(&a, &payment->account_id);
	pc_arg_uuid(&a, payment->has_intent ? &payment->intent_id : NULL);
	pc_arg_text(&a, gateway);
	pc_arg_money(&a, payment->gross);
	pc_arg_money(&a, payment->fee);
	pc_arg(&a, TimestampTzGetDatum(payment->received_at), false);
	pc_arg_text(&a, payment->method_type);
	pc_arg_text(&a, payment->external_ref);
	pc_arg_text(&a, payment->description);
	pc_arg_json(&a, payment->metadata);
	pc_api_write_args(&plan, &a, NULL);
	return pc_row_datum(0, PC_PAYMENTS);
}

static void
mark_intent_paid(const PcApiCall *call, const PcNewPayment *payment)
{
	static PcPlan plan = PC_PLAN("utumz",
								 "UPDATE paycore.payment_intents SET status = 'succeeded'::paycore.intent_status, "
								 "amount_received = $4, payment_id = $3, succeeded_at = $5 WHERE id = $1 AND tenant_id = $2");
	Datum		values[5] = {
		UUIDPGetDatum(&payment->intent_id), CStringGetTextDatum(call->tenant), UUIDPGetDatum(&payment->id),
		PcMoneyGetDatum(payment->gross), TimestampTzGetDatum(payment->received_at)
	};

	pc_api_write(&plan, values, NULL, NULL);
	pc_wake_waiters_at_commit(&payment->intent_id);
}

Datum
pc_payment_record(const PcApiCall *call, const PcNewPayment *payment)
{
	PcAccount	account;
	PcIntent	intent;
	char	   *gateway;
	Datum		row;

	/* Money that came in is recorded for closed accounts, too. */
	pc_account_get(call, &payment->account_id, &account);
	pc_check_same_currency(payment->gross, account.currency, "billing account");
	if (payment->has_intent)
		check_intent(call, payment, &intent);
	gateway = gateway_of(call, payment, &intent, &account);
	row = insert_row(call, payment, gateway);
	if (payment->has_intent)
		mark_intent_paid(call, payment);
	return row;
}

PG_FUNCTION_INFO_V1(paycore_record_payment);
PGDLLEXPORT Datum
paycore_record_payment(PG_FUNCTION_ARGS)
{
	PcApiCall	call;
	PcNewPayment	payment = {0};
	PcOnce		once;
	Datum		row;

	read_arguments(fcinfo, &payment);
	pc_api_begin(&call);
	once = pc_once(&call, fcinfo, ARG_KEY, "record_payment", "payment");
	payment.id = once.id;
	row = once.done ? pc_api_read(PC_PAYMENTS, &call, &once.id) : pc_payment_record(&call, &payment);
	pc_api_end(&call);
	PG_RETURN_DATUM(row);
}
