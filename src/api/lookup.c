/*
 * lookup.c
 *		The row that an object at a gateway belongs to.
 */
#include "common/paycore.h"

#include "api/api.h"

typedef enum ByPsp
{
	BY_CUSTOMER, BY_METHOD, BY_INTENT, BY_CHARGE, BY_REFUND, BY_PAYOUT, BY_DISPUTE
} ByPsp;

#define BY_ID(table, column) \
	"SELECT %s FROM paycore." table " WHERE " column " = $1 AND gateway_account = $2 AND tenant_id = $3 ORDER BY id LIMIT 1"

/* (gateway's id, gateway account): the row that it belongs to, or null */
static Datum
by_psp(FunctionCallInfo fcinfo, ByPsp what)
{
	static struct
	{
		PcTable		table;
		PcPlan		plan;
	}			found_in[] = {
		[BY_CUSTOMER] = {PC_BILLING_ACCOUNTS, PC_PLAN_ROW("ttt", BY_ID("billing_accounts", "psp_customer_id"), PC_BILLING_ACCOUNTS)},
		[BY_METHOD] = {PC_PAYMENT_METHODS, PC_PLAN_ROW("ttt", BY_ID("payment_methods", "psp_payment_method_id"), PC_PAYMENT_METHODS)},
		[BY_INTENT] = {PC_PAYMENT_INTENTS, PC_PLAN_ROW("ttt", BY_ID("payment_intents", "psp_intent_id"), PC_PAYMENT_INTENTS)},
		[BY_CHARGE] = {PC_PAYMENTS, PC_PLAN_ROW("ttt", BY_ID("payments", "psp_charge_id"), PC_PAYMENTS)},
		[BY_REFUND] = {PC_REFUNDS, PC_PLAN_ROW("ttt", BY_ID("refunds", "psp_refund_id"), PC_REFUNDS)},
		[BY_PAYOUT] = {PC_PAYOUTS, PC_PLAN_ROW("ttt", BY_ID("payouts", "psp_payout_id"), PC_PAYOUTS)},
		[BY_DISPUTE] = {PC_DISPUTES, PC_PLAN_ROW("ttt", BY_ID("disputes", "psp_dispute_id"), PC_DISPUTES)},
	};
	PcApiCall	call;
	Datum		values[3] = {PG_GETARG_DATUM(0), PG_GETARG_DATUM(1), (Datum) 0};
	Datum		row = (Datum) 0;
	bool		found;

	pc_api_begin(&call);
	values[2] = CStringGetTextDatum(call.tenant);
	found = pc_execute(&found_in[what].plan, values, NULL, true, 1) > 0;
	if (found)
		row = pc_row_datum(0, found_in[what].table);
	pc_api_end(&call);
	if (!found)
		PG_RETURN_NULL();
	PG_RETURN_DATUM(row);
}

PG_FUNCTION_INFO_V1(paycore_billing_account_by_psp_id);
PGDLLEXPORT Datum
paycore_billing_account_by_psp_id(PG_FUNCTION_ARGS)
{
	return by_psp(fcinfo, BY_CUSTOMER);
}

PG_FUNCTION_INFO_V1(paycore_payment_method_by_psp_id);
PGDLLEXPORT Datum
paycore_payment_method_by_psp_id(PG_FUNCTION_ARGS)
{
	return by_psp(fcinfo, BY_METHOD);
}

PG_FUNCTION_INFO_V1(paycore_payment_intent_by_psp_id);
PGDLLEXPORT Datum
paycore_payment_intent_by_psp_id(PG_FUNCTION_ARGS)
{
	return by_psp(fcinfo, BY_INTENT);
}

PG_FUNCTION_INFO_V1(paycore_payment_by_psp_id);
PGDLLEXPORT Datum
paycore_payment_by_psp_id(PG_FUNCTION_ARGS)
{
	return by_psp(fcinfo, BY_CHARGE);
}

PG_FUNCTION_INFO_V1(paycore_refund_by_psp_id);
PGDLLEXPORT Datum
paycore_refund_by_psp_id(PG_FUNCTION_ARGS)
{
	return by_psp(fcinfo, BY_REFUND);
}

PG_FUNCTION_INFO_V1(paycore_payout_by_psp_id);
PGDLLEXPORT Datum
paycore_payout_by_psp_id(PG_FUNCTION_ARGS)
{
	return by_psp(fcinfo, BY_PAYOUT);
}

PG_FUNCTION_INFO_V1(paycore_dispute_by_psp_id);
PGDLLEXPORT Datum
paycore_dispute_by_psp_id(PG_FUNCTION_ARGS)
{
	return by_psp(fcinfo, BY_DISPUTE);
}
