/*
 * apply.c
 *		record_invoice_payment() and apply_account_balance(): invoices that are
 *		paid without a gateway.
 */
#include "common/paycore.h"

#include "access/xact.h"
#include "api/balance.h"
#include "api/payments.h"
#include "guards/invoice_payment.h"
#include "invoices/pay.h"

enum
{
	ARG_ID, ARG_AMOUNT, ARG_FEE, ARG_METHOD_TYPE, ARG_EXTERNAL_REF, ARG_RECEIVED_AT, ARG_DESCRIPTION, ARG_METADATA,
	ARG_KEY, ARG_GATEWAY
};

/* Applies it to the invoice, as of now. */
static void
apply(const PcApiCall *call, const Payable *payable, PcApplication *it)
{
	it->tenant = call->tenant;
	it->invoice = payable->id;
	it->account = payable->account;
	it->applied_at = pc_billing_now(call);
	PC_WRITE_AS(.source = PC_SOURCE_API, .through_api = true)
	{
		pc_invoice_apply(it);
	}
	PC_WRITE_END;
}

static PcMoney
lesser(PcMoney a, PcMoney b)
{
	return pc_money_amount(a) < pc_money_amount(b) ? a : b;
}

static PcMoney
nothing(const Payable *payable)
{
	return pc_money_pack(pc_money_currency(payable->due), 0);
}

/* What is due is paid, and the rest is the account's. */
static void
apply_payment(const PcApiCall *call, const Payable *payable, const PcNewPayment *payment)
{
	bool		open = payable->status == INVOICE_OPEN || payable->status == INVOICE_UNCOLLECTIBLE;
	PcMoney		amount = open ? lesser(payment->gross, payable->due) : nothing(payable);
	PcMoney		surplus = pc_money_add(payment->gross, pc_money_negate(amount));
	PcApplication it = {
		.kind = "payment",
		.amount = amount,
		.surplus = surplus,
		.has_payment = true,
		.payment = payment->id,
		.to_balance = surplus,
		.reason = "paid more than was due"
	};

	apply(call, payable, &it);
}

/* From the account's balance; below zero: back onto it. */
static void
apply_of_balance(const PcApiCall *call, const Payable *payable, PcMoney amount, const char *reason)
{
	PcApplication it = {
		.kind = "balance",
		.amount = amount,
		.surplus = nothing(payable),
		.to_balance = pc_money_negate(amount),
		.reason = reason
	};

	apply(call, payable, &it);
}

static void
read_arguments(FunctionCallInfo fcinfo, PcNewPayment *payment)
{
	payment->gross = PG_ARGISNULL(ARG_AMOUNT) ? 0 : PG_GETARG_PC_MONEY(ARG_AMOUNT);
	payment->fee = PG_ARGISNULL(ARG_FEE) ? 0 : PG_GETARG_PC_MONEY(ARG_FEE);
	payment->received_at = PG_ARGISNULL(ARG_RECEIVED_AT) ? GetCurrentTransactionStartTimestamp()
		: PG_GETARG_TIMESTAMPTZ(ARG_RECEIVED_AT);
	payment->method_type = pc_getarg_text(fcinfo, ARG_METHOD_TYPE);
	payment->external_ref = pc_getarg_text(fcinfo, ARG_EXTERNAL_REF);
	payment->description = pc_getarg_text(fcinfo, ARG_DESCRIPTION);
	payment->metadata = pc_getarg_json(fcinfo, ARG_METADATA);
	payment->gateway_account = pc_getarg_text(fcinfo, ARG_GATEWAY);
}

static Datum
record(const PcApiCall *call, const pg_uuid_t *id, PcNewPayment *payment)
{
	Payable		payable;
	Datum		row;

	inv_lock_payable(call, id, &payable);
	if (payable.status == INVOICE_DRAFT)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INTENT_STATE),
				 errmsg("invoice %s cannot be paid", payable.number),
				 errdetail("Its status is draft."),
				 errhint("Make it final first.")));
	if (pc_money_currency(payment->gross) == 0)
		payment->gross = payable.due;
	pc_check_same_currency(payment->gross, pc_money_currency(payable.due), "invoice");
	payment->account_id = payable.account;
	pc_payment_check(payment);
	row = pc_payment_record(call, payment);
	apply_payment(call, &payable, payment);
	inv_align_intent(call, id);
	return row;
}

/* record_invoice_payment(id, amount, fee, method_type, external_ref, received_at, description, metadata, idempotency_key, gateway) */
PG_FUNCTION_INFO_V1(paycore_record_invoice_payment);
PGDLLEXPORT Datum
paycore_record_invoice_payment(PG_FUNCTION_ARGS)
{
	pg_uuid_t	id = pc_getarg_uuid(fcinfo, ARG_ID, "id");
	PcNewPayment payment = {0};
	PcApiCall	call;
	PcOnce		once;
	Datum		row;

	read_arguments(fcinfo, &payment);
	pc_api_begin(&call);
	once = pc_once(&call, fcinfo, ARG_KEY, "record_invoice_payment", "payment");
	payment.id = once.id;
	row = once.done ? pc_api_read(PC_PAYMENTS, &call, &once.id) : record(&call, &id, &payment);
	pc_api_end(&call);
	PG_RETURN_DATUM(row);
}

static void
check_balance(const Payable *payable, PcMoney amount, PcMoney balance)
{
	char		text[2][PC_MONEY_TEXT_LEN];

	if (payable->status != INVOICE_OPEN)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INTENT_STATE),
				 errmsg("invoice %s cannot be paid from its account's balance", payable->number),
				 errdetail("Its status is %s.", pc_state_name(&pc_invoice_lifecycle, payable->status)),
				 errhint("Read the row's status and act on that.")));
	if (pc_money_amount(balance) <= 0 || pc_money_amount(amount) > pc_money_amount(balance))
		ereport(ERROR,
				(errcode(ERRCODE_PC_BALANCE_EXCEEDED),
				 errmsg("the account's balance does not cover %s", pc_money_to_text(amount, text[0])),
				 errdetail("It is %s.", pc_money_to_text(balance, text[1])),
				 errhint("Apply at most the balance.")));
	pc_check_positive(amount, "the amount of a balance to apply");
}

static void
apply_balance(const PcApiCall *call, const pg_uuid_t *id, PcMoney amount)
{
	Payable		payable;
	PcMoney		balance;

	inv_lock_payable(call, id, &payable);
	balance = pc_balance_lock(call, &payable.account, pc_money_currency(payable.due));
	if (pc_money_currency(amount) == 0)
		amount = pc_money_amount(balance) > 0 ? lesser(balance, payable.due) : payable.due;
	pc_check_same_currency(amount, pc_money_currency(payable.due), "invoice");
	check_balance(&payable, amount, balance);
	apply_of_balance(call, &payable, amount, "applied to an invoice");
	inv_align_intent(call, id);
}

/* apply_account_balance(id, amount, idempotency_key) */
PG_FUNCTION_INFO_V1(paycore_apply_account_balance);
PGDLLEXPORT Datum
paycore_apply_account_balance(PG_FUNCTION_ARGS)
{
	pg_uuid_t	id = pc_getarg_uuid(fcinfo, 0, "id");
	PcMoney		amount = PG_ARGISNULL(1) ? 0 : PG_GETARG_PC_MONEY(1);
	PcApiCall	call;
	PcOnce		once;
	Datum		row;

	pc_api_begin(&call);
	once = pc_once(&call, fcinfo, 2, "apply_account_balance", "invoice");
	if (!once.done)
	{
		apply_balance(&call, &id, amount);
		pc_once_made(&call, pc_getarg_text(fcinfo, 2), &once, &id);
	}
	row = pc_api_read(PC_INVOICES, &call, &id);
	pc_api_end(&call);
	PG_RETURN_DATUM(row);
}

void
inv_take_off(const PcApiCall *call, const Payable *payable)
{
	if (pc_money_amount(payable->applied) != 0)
		apply_of_balance(call, payable, pc_money_negate(payable->applied), "of an invoice that is void");
}
