/*
 * payments.c
 *		record_payment(): money that came in without a gateway's help.
 */
#include "common/paycore.h"

#include "api/api.h"

enum
{
	ARG_ACCOUNT, ARG_GROSS, ARG_FEE, ARG_INTENT, ARG_METHOD_TYPE, ARG_EXTERNAL_REF, ARG_RECEIVED_AT,
	ARG_DESCRIPTION, ARG_METADATA, ARG_KEY, ARG_GATEWAY
};

typedef struct NewPayment
{
	pg_uuid_t	id;
	pg_uuid_t	account_id;
	bool		has_intent;
	pg_uuid_t	intent_id;
	PcMoney		gross;
	PcMoney		fee;
	TimestampTz received_at;
	char	   *gateway_account;	/* NULL = the intent's, or the account's */
} NewPayment;

static void
read_arguments(FunctionCallInfo fcinfo, NewPayment *payment)
{
	payment->account_id = pc_getarg_uuid(fcinfo, ARG_ACCOUNT, "billing_account_id");
	payment->gross = pc_getarg_money(fcinfo, ARG_GROSS, "gross");
	payment->fee = PG_ARGISNULL(ARG_FEE) ? pc_money_pack(pc_money_currency(payment->gross), 0)
		: PG_GETARG_PC_MONEY(ARG_FEE);
	payment->has_intent = !PG_ARGISNULL(ARG_INTENT);
	if (payment->has_intent)
		payment->intent_id = *PG_GETARG_UUID_P(ARG_INTENT);
	payment->received_at = PG_ARGISNULL(ARG_RECEIVED_AT) ? GetCurrentTransactionStartTimestamp()
		: PG_GETARG_TIMESTAMPTZ(ARG_RECEIVED_AT);
	payment->gateway_account = pc_getarg_text(fcinfo, ARG_GATEWAY);

	pc_check_positive(payment->gross, "the gross amount of a payment");
	pc_currency_check_active(pc_money_currency(payment->gross));
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
	pc_check_length(pc_getarg_text(fcinfo, ARG_EXTERNAL_REF), "external_ref", 255);
	pc_check_metadata(pc_getarg_json(fcinfo, ARG_METADATA), false);
}

/* The intent, locked, open, of this account, and paid in full by this payment. */
static void
check_intent(const PcApiCall *call, const NewPayment *payment, PcIntent *intent)
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
gateway_of(const PcApiCall *call, const NewPayment *payment, const PcIntent *intent, const PcAccount *account)
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
insert_row(const PcApiCall *call, FunctionCallInfo fcinfo, const NewPayment *payment, const char *gateway)
{
	static PcPlan plan = PC_PLAN_ROW("utuutmmztttj",
									 "INSERT INTO paycore.payments (id, tenant_id, billing_account_id, payment_intent_id, "
									 "gateway_account, status, authorized, gross, captured_at, authorized_at, settled_gross, fee, "
									 "net, settled_at, method_type, external_ref, description, metadata) "
									 "VALUES ($1, $2, $3, $4, $5, 'succeeded'::paycore.payment_status, $6, $6, $8, $8, $6, $7, "
									 "$6 OPERATOR(paycore.-) $7, $8, coalesce($9, 'manual'), $10, $11, coalesce($12, '{}')) "
									 "RETURNING %s", PC_PAYMENTS);
	static const int copied[] = {ARG_METHOD_TYPE, ARG_EXTERNAL_REF, ARG_DESCRIPTION, ARG_METADATA};
	Datum		values[12];
	char		nulls[13] = "            ";

	values[0] = UUIDPGetDatum(&payment->id);
	values[1] = CStringGetTextDatum(call->tenant);
	values[2] = UUIDPGetDatum(&payment->account_id);
	values[3] = UUIDPGetDatum(&payment->intent_id);
	nulls[3] = payment->has_intent ? ' ' : 'n';
	values[4] = CStringGetTextDatum(gateway);
	values[5] = PcMoneyGetDatum(payment->gross);
	values[6] = PcMoneyGetDatum(payment->fee);
	values[7] = TimestampTzGetDatum(payment->received_at);
	for (int i = 0; i < (int) lengthof(copied); i++)
	{
		values[8 + i] = PG_GETARG_DATUM(copied[i]);
		nulls[8 + i] = PG_ARGISNULL(copied[i]) ? 'n' : ' ';
	}
	pc_api_write(&plan, values, nulls, NULL);
	return pc_row_datum(0, PC_PAYMENTS);
}

static void
mark_intent_paid(const PcApiCall *call, const NewPayment *payment)
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

static Datum
record(const PcApiCall *call, FunctionCallInfo fcinfo, const NewPayment *payment)
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
	row = insert_row(call, fcinfo, payment, gateway);
	if (payment->has_intent)
		mark_intent_paid(call, payment);
	return row;
}

PG_FUNCTION_INFO_V1(paycore_record_payment);
PGDLLEXPORT Datum
paycore_record_payment(PG_FUNCTION_ARGS)
{
	PcApiCall	call;
	NewPayment	payment = {0};
	PcOnce		once;
	Datum		row;

	read_arguments(fcinfo, &payment);
	pc_api_begin(&call);
	once = pc_once(&call, fcinfo, ARG_KEY, "record_payment", "payment");
	payment.id = once.id;
	row = once.done ? pc_api_read(PC_PAYMENTS, &call, &once.id) : record(&call, fcinfo, &payment);
	pc_api_end(&call);
	PG_RETURN_DATUM(row);
}
