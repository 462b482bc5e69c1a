/*
 * credit_note_void.c
 *		void_credit_note().
 */
#include "common/paycore.h"

#include "api/balance.h"
#include "common/args.h"
#include "invoices/pay.h"
#include "types/money_args.h"

/* The invoice before the credit note, as where one is made. */
static void
lock_note(const PcApiCall *call, const pg_uuid_t *id, pg_uuid_t *invoice)
{
	static PcPlan find = PC_PLAN("ut", "SELECT invoice_id FROM paycore.credit_notes WHERE id = $1 AND tenant_id = $2");
	static PcPlan lock = PC_PLAN("ut",
								 "SELECT status, number, to_balance OPERATOR(paycore.+) refund_failed, billing_account_id "
								 "FROM paycore.credit_notes WHERE id = $1 AND tenant_id = $2 FOR NO KEY UPDATE");
	Payable		payable;

	pc_api_find(call, &find, "credit note", id);
	*invoice = pc_get_id(0, 1);
	inv_lock_payable(call, invoice, &payable);
	pc_api_find(call, &lock, "credit note", id);
}

/* Raises where it is void, or what it put onto the account's balance is spent. */
static void
lock_voidable(const PcApiCall *call, const pg_uuid_t *id, pg_uuid_t *invoice)
{
	char	   *number;
	PcMoney		to_balance,
				balance;
	pg_uuid_t	account;
	char		text[2][PC_MONEY_TEXT_LEN];

	lock_note(call, id, invoice);
	number = pc_get_cstring(0, 2);
	to_balance = pc_get_money(0, 3);
	account = pc_get_id(0, 4);
	if (strcmp(pc_get_cstring(0, 1), "void") == 0)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INTENT_STATE),
				 errmsg("credit note %s cannot be voided", number),
				 errdetail("It is void already.")));
	if (pc_money_amount(to_balance) == 0)
		return;
	balance = pc_balance_lock(call, &account, pc_money_currency(to_balance));
	if (pc_money_amount(balance) < pc_money_amount(to_balance))
		ereport(ERROR,
				(errcode(ERRCODE_PC_BALANCE_EXCEEDED),
				 errmsg("what credit note %s put onto the account's balance is not there any more", number),
				 errdetail("It was %s; the balance is %s.", pc_money_to_text(to_balance, text[0]), pc_money_to_text(balance, text[1])),
				 errhint("Bill what is owed after all, with paycore.add_charge().")));
}

/* void_credit_note(id, reason) */
PG_FUNCTION_INFO_V1(paycore_void_credit_note);
PGDLLEXPORT Datum
paycore_void_credit_note(PG_FUNCTION_ARGS)
{
	static PcPlan plan = PC_PLAN_ROW("utzt",
									 "UPDATE paycore.credit_notes SET status = 'void', voided_at = $3, void_reason = $4 "
									 "WHERE id = $1 AND tenant_id = $2 RETURNING %s", PC_CREDIT_NOTES);
	pg_uuid_t	id = pc_getarg_uuid(fcinfo, 0, "id");
	char	   *reason = pc_getarg_text(fcinfo, 1);
	pg_uuid_t	invoice;
	PcApiCall	call;
	PcArgs		a = {0};
	Datum		row;

	pc_check_length(reason, "reason", 500);
	pc_api_begin(&call);
	lock_voidable(&call, &id, &invoice);
	pc_arg_uuid(&a, &id);
	pc_arg_text(&a, call.tenant);
	pc_arg(&a, TimestampTzGetDatum(pc_billing_now(&call)), false);
	pc_arg_text(&a, reason);
	pc_api_write_args(&plan, &a, reason);
	row = pc_api_row(PC_CREDIT_NOTES, "credit note", &id);
	inv_align_intent(&call, &invoice);
	pc_api_end(&call);
	PG_RETURN_DATUM(row);
}
