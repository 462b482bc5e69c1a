/*
 * pay.c
 *		pay_invoice(): what is due of an invoice is charged.
 */
#include "common/paycore.h"

#include "invoices/pay.h"

enum
{
	ARG_ID, ARG_METHOD, ARG_CONFIRM, ARG_OFF_SESSION, ARG_RETURN_URL, ARG_GATEWAY_PARAMS, ARG_METADATA, ARG_KEY
};

static void
read_arguments(FunctionCallInfo fcinfo, Charge *charge)
{
	charge->given_method = pc_getarg_text(fcinfo, ARG_METHOD);
	charge->confirm = pc_getarg_bool(fcinfo, ARG_CONFIRM, true);
	charge->off_session = pc_getarg_bool(fcinfo, ARG_OFF_SESSION, false);
	charge->return_url = pc_getarg_text(fcinfo, ARG_RETURN_URL);
	charge->gateway_params = pc_getarg_json(fcinfo, ARG_GATEWAY_PARAMS);
	charge->metadata = pc_getarg_json(fcinfo, ARG_METADATA);
	pc_check_return_url(charge->return_url);
	pc_check_gateway_params(charge->gateway_params);
	pc_check_metadata(charge->metadata, false);
	if (charge->off_session && !charge->confirm)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("off_session goes with confirm => true"),
				 errdetail("It says that the payer is not there to confirm.")));
}

static void
check_payable(const PcApiCall *call, const Payable *payable)
{
	if (payable->status != INVOICE_OPEN && payable->status != INVOICE_UNCOLLECTIBLE)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INTENT_STATE),
				 errmsg("invoice %s cannot be paid", payable->number),
				 errdetail("Its status is %s.", pc_state_name(&pc_invoice_lifecycle, payable->status)),
				 errhint("Read the row's status and act on that.")));
	if (inv_in_flight(call, payable))
		ereport(ERROR,
				(errcode(ERRCODE_PC_PAYMENT_IN_FLIGHT),
				 errmsg("a payment of invoice %s is on its way", payable->number),
				 errdetail("It is payment intent %s.", pc_uuid_text(&payable->intent.id)),
				 errhint("Wait for it, with paycore.await_payment_intent().")));
}

static Datum
pay(const PcApiCall *call, Payable *payable, Charge *charge)
{
	check_payable(call, payable);
	if (charge->confirm && charge->given_method == NULL)
	{
		PayMethod	method;

		inv_find_method(call, payable, &method);
		charge->given_method = method.given;
	}
	if (charge->confirm && charge->given_method == NULL && (!payable->has_intent || payable->intent.payment_method == NULL))
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("there is no payment method for invoice %s", payable->number),
				 errdetail("Its account has no default one."),
				 errhint("Give payment_method => ..., or let the payer give one: confirm => false.")));
	return inv_charge(call, payable, charge);
}

/* pay_invoice(id, payment_method, confirm, off_session, return_url, gateway_params, metadata, idempotency_key) */
PG_FUNCTION_INFO_V1(paycore_pay_invoice);
PGDLLEXPORT Datum
paycore_pay_invoice(PG_FUNCTION_ARGS)
{
	pg_uuid_t	id = pc_getarg_uuid(fcinfo, ARG_ID, "id");
	Charge		charge = {0};
	PcApiCall	call;
	PcOnce		once;
	Datum		row;

	read_arguments(fcinfo, &charge);
	pc_api_begin(&call);
	once = pc_once(&call, fcinfo, ARG_KEY, "pay_invoice", "payment_intent");
	charge.id = once.id;
	if (once.done)
		row = pc_api_read(PC_PAYMENT_INTENTS, &call, &once.id);
	else
	{
		Payable		payable;

		inv_lock_payable(&call, &id, &payable);
		row = pay(&call, &payable, &charge);
		pc_once_made(&call, pc_getarg_text(fcinfo, ARG_KEY), &once, &charge.id);
	}
	pc_api_end(&call);
	PG_RETURN_DATUM(row);
}
