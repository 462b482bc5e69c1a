/*
 * invoice_payment.c
 *		What is applied to an invoice, and what it moves of its account's balance.
 */
#include "common/paycore.h"

#include "common/settings.h"
#include "guards/invoice_payment.h"
#include "types/money_args.h"

static PcPlan move_plan = PC_PLAN("tumtut",
	"INSERT INTO paycore.account_transactions (tenant_id, billing_account_id, amount, reason, object_type, object_id, actor)"
	" VALUES ($1, $2, $3, $4, 'invoice', $5, $6) RETURNING id");

static PcPlan apply_plan = PC_PLAN("tutmmuuz",
	"INSERT INTO paycore.invoice_payments (tenant_id, invoice_id, kind, amount, surplus, payment_id, account_transaction_id, applied_at)"
	" VALUES ($1, $2, $3, $4, $5, $6, $7, $8)");

/* The transaction. */
static pg_uuid_t
move_balance(const PcApplication *it)
{
	PcArgs		a = {0};

	pc_arg_text(&a, it->tenant);
	pc_arg_uuid(&a, &it->account);
	pc_arg_money(&a, it->to_balance);
	pc_arg_text(&a, it->reason);
	pc_arg_uuid(&a, &it->invoice);
	pc_arg_text(&a, pc_current_actor());
	(void) pc_execute_args(&move_plan, &a, false);
	return pc_get_id(0, 1);
}

void
pc_invoice_apply(const PcApplication *it)
{
	PcArgs		a = {0};
	pg_uuid_t	transaction;
	bool		moves = pc_money_amount(it->to_balance) != 0;

	if (moves)
		transaction = move_balance(it);
	pc_arg_text(&a, it->tenant);
	pc_arg_uuid(&a, &it->invoice);
	pc_arg_text(&a, it->kind);
	pc_arg_money(&a, it->amount);
	pc_arg_money(&a, it->surplus);
	pc_arg_uuid(&a, it->has_payment ? &it->payment : NULL);
	pc_arg_uuid(&a, moves ? &transaction : NULL);
	pc_arg(&a, TimestampTzGetDatum(it->applied_at), false);
	(void) pc_execute_args(&apply_plan, &a, false);
}
