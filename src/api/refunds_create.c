/*
 * refunds_create.c
 *		create_refund(): reserves on the payment (the guard's deed) and asks
 *		the gateway, or waits for approval.
 */
#include "common/paycore.h"

#include "api/refund_row.h"
#include "api/refunds.h"
#include "common/json.h"
#include "common/settings.h"
#include "types/money_args.h"

enum
{
	ARG_PAYMENT, ARG_AMOUNT, ARG_REASON, ARG_REQUESTED_BY, ARG_METADATA, ARG_KEY, ARG_APPROVAL
};

typedef struct PaymentRow
{
	PaymentStatus status;
	PcMoney		gross;			/* authorised, where nothing was captured yet */
	PcMoney		held;			/* reserved, refunded and disputed */
	char	   *gateway_account;
	bool		has_intent;
	pg_uuid_t	intent;
	pg_uuid_t	account;
} PaymentRow;

static void
lock_payment(const PcApiCall *call, const pg_uuid_t *id, PaymentRow *payment)
{
	static PcFind find = PC_FIND(PC_PAYMENTS, "ut", "id, tenant_id",
								 "status, gross, authorized, refund_reserved, refunded, dispute_held, "
								 "gateway_account, billing_account_id, payment_intent_id");
	bool		uncaptured;

	pc_api_find_by_key(call, &find, "payment", id);
	payment->status = pc_get_state(0, 1);
	(void) pc_get(0, 2, &uncaptured);
	payment->gross = pc_get_money(0, uncaptured ? 3 : 2);
	payment->held = pc_money_add(pc_money_add(pc_get_money(0, 4), pc_get_money(0, 5)), pc_get_money(0, 6));
	payment->gateway_account = pc_get_cstring(0, 7);
	payment->account = pc_get_id(0, 8);
	payment->has_intent = pc_get_uuid(0, 9, &payment->intent);
}

static void
check_payment(const pg_uuid_t *id, const PaymentRow *payment)
{
	if (payment->status != PAYMENT_SUCCEEDED)
		ereport(ERROR,
				(errcode(ERRCODE_PC_NOT_REFUNDABLE),
				 errmsg("a payment that is %s cannot be refunded",
						pc_state_name(&pc_payment_lifecycle, payment->status)),
				 errdetail("It is payment %s.", pc_uuid_text(id)),
				 errhint("Wait until it has succeeded; cancel an uncaptured intent instead.")));
}

static PcMoney
rest_of(const pg_uuid_t *id, const PaymentRow *payment)
{
	int64		rest = pc_money_amount(payment->gross) - pc_money_amount(payment->held);

	if (rest <= 0)
		ereport(ERROR,
				(errcode(ERRCODE_PC_OVER_REFUND),
				 errmsg("nothing is left to refund of payment %s", pc_uuid_text(id)),
				 errhint("Refunds that fail or are canceled free their share.")));
	return pc_money_make(pc_money_currency(payment->gross), rest);
}

/* All columns that have a default are given, so that the row need not go through the executor. */
static PcInsert insert_refund = PC_INSERT_ROW(PC_REFUNDS, "utuuutmttjRztbb4zzu",
	"id, tenant_id, payment_id, payment_intent_id, billing_account_id, gateway_account, amount, reason, requested_by, "
	"metadata, status, submitted_at, kind, duplicate_suspected, gw_doubt, sweeps, created_at, updated_at, credit_note_id");

static Datum
insert_row(const PcApiCall *call, const PaymentRow *payment, const PcRefundRow *refund, const pg_uuid_t *credit_note)
{
	TimestampTz now = GetCurrentTransactionStartTimestamp();
	char		nulls[] = "                   ";
	Datum		values[] = {
		UUIDPGetDatum(&refund->id),
		CStringGetTextDatum(call->tenant),
		UUIDPGetDatum(&refund->payment_id),
		UUIDPGetDatum(&payment->intent),
		UUIDPGetDatum(&payment->account),
		CStringGetTextDatum(payment->gateway_account),
		PcMoneyGetDatum(refund->amount),
		refund->reason != NULL ? CStringGetTextDatum(refund->reason) : (Datum) 0,
		CStringGetTextDatum(refund->requested_by),
		JsonbPGetDatum(refund->metadata != NULL ? refund->metadata : pc_json_empty()),
		PcStateGetDatum(refund->status),
		TimestampTzGetDatum(now),
		CStringGetTextDatum("refund"),
		BoolGetDatum(false), BoolGetDatum(false), Int32GetDatum(0),
		TimestampTzGetDatum(now),
		TimestampTzGetDatum(now),
		UUIDPGetDatum(credit_note)
	};

	nulls[3] = payment->has_intent ? ' ' : 'n';
	nulls[7] = refund->reason == NULL ? 'n' : ' ';
	nulls[11] = refund->status == REFUND_PENDING ? ' ' : 'n';
	nulls[18] = credit_note == NULL ? 'n' : ' ';
	return pc_api_insert(&insert_refund, values, nulls, refund->reason);
}

Datum
pc_refund_create(const PcApiCall *call, const PcNewRefund *wanted)
{
	PcRefundRow refund = {
		.id = wanted->id,
		.payment_id = wanted->payment_id,
		.amount = wanted->amount,
		.reason = wanted->reason,
		.requested_by = wanted->requested_by != NULL ? wanted->requested_by : pstrdup(pc_current_actor()),
		.metadata = wanted->metadata,
		/* The setting is an administrator's; a call may ask for more care, not for less. */
		.status = pc_refund_approval || wanted->requires_approval ? REFUND_REQUESTED : REFUND_PENDING
	};
	PaymentRow	payment;
	PcGatewayAccount gateway;
	Datum		row;

	lock_payment(call, &refund.payment_id, &payment);
	check_payment(&refund.payment_id, &payment);
	refund.lane = payment.has_intent ? payment.intent : refund.payment_id;
	refund.gateway_account = payment.gateway_account;
	if (refund.amount == 0)
		refund.amount = rest_of(&refund.payment_id, &payment);
	pc_check_same_currency(refund.amount, pc_money_currency(payment.gross), "payment");
	pc_gateway_account(call, payment.gateway_account, &gateway);
	pc_check_gateway_amount(&gateway, refund.amount);

	row = insert_row(call, &payment, &refund, wanted->credit_note);
	return refund.status == REFUND_REQUESTED ? row : pc_refund_submit(call, &refund, &gateway, row);
}

/* create_refund(payment_id, amount, reason, requested_by, metadata, idempotency_key, requires_approval) */
PG_FUNCTION_INFO_V1(paycore_create_refund);
PGDLLEXPORT Datum
paycore_create_refund(PG_FUNCTION_ARGS)
{
	PcNewRefund refund = {
		.payment_id = pc_getarg_uuid(fcinfo, ARG_PAYMENT, "payment_id"),
		.reason = pc_getarg_text(fcinfo, ARG_REASON),
		.requested_by = pc_getarg_text(fcinfo, ARG_REQUESTED_BY),
		.metadata = pc_getarg_json(fcinfo, ARG_METADATA),
		.requires_approval = pc_getarg_bool(fcinfo, ARG_APPROVAL, false)
	};
	PcApiCall	call;
	PcOnce		once;
	Datum		row;

	pc_check_length(refund.reason, "reason", 500);
	pc_check_length(refund.requested_by, "requested_by", 255);
	pc_check_metadata(refund.metadata, false);
	if (!PG_ARGISNULL(ARG_AMOUNT))
	{
		refund.amount = PG_GETARG_PC_MONEY(ARG_AMOUNT);
		pc_check_positive(refund.amount, "the amount of a refund");
	}

	pc_api_begin(&call);
	once = pc_once(&call, fcinfo, ARG_KEY, "create_refund", "refund");
	refund.id = once.id;
	row = once.done ? pc_api_read(PC_REFUNDS, &call, &once.id) : pc_refund_create(&call, &refund);
	pc_api_end(&call);
	PG_RETURN_DATUM(row);
}
