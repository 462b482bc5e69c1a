/*
 * credit_note_refund.c
 *		paycore.settle_credit_note_refund(): the refunds of a credit note are of
 *		payments of its invoice, and never more than it says.  What fails, be it
 *		days later, is the customer's all the same: it goes to the account's
 *		balance, and comes off it where the gateway says that it was paid after all.
 *
 * The credit note is locked first, so that of two refunds at once both are counted.
 */
#include "common/paycore.h"

#include "catalog/pg_type.h"
#include "common/args.h"
#include "common/settings.h"
#include "guards/owner.h"
#include "types/lifecycle.h"
#include "utils/rel.h"

PG_FUNCTION_INFO_V1(paycore_settle_credit_note_refund);

/* Arguments of the plans: the refund, its tenant, its credit note. */
#define REFUND_ARGS "utu"

static PcPlan lock_note = PC_PLAN(REFUND_ARGS,
	"SELECT n.number FROM paycore.credit_notes n WHERE n.id = $3 AND n.tenant_id = $2 AND $1 IS NOT NULL FOR NO KEY UPDATE");

/* The refund, where it is none that its credit note gives. */
static PcPlan find_strange = PC_PLAN(REFUND_ARGS,
	"SELECT n.number, n.to_refund::text, n.status FROM paycore.refunds r"
	" JOIN paycore.credit_notes n ON n.id = r.credit_note_id AND n.tenant_id = r.tenant_id"
	" WHERE r.id = $1 AND r.tenant_id = $2 AND n.id = $3 AND (n.status <> 'issued' OR r.kind <> 'refund'"
	" OR paycore.currency(r.amount) OPERATOR(paycore.<>) n.currency OR r.billing_account_id <> n.billing_account_id"
	" OR NOT EXISTS (SELECT FROM paycore.invoice_payments a WHERE a.payment_id = r.payment_id AND a.tenant_id = r.tenant_id"
	"  AND a.invoice_id = n.invoice_id AND a.kind = 'payment')"
	" OR (SELECT sum(paycore.cents(s.amount)) FROM paycore.refunds s WHERE s.credit_note_id = n.id AND s.tenant_id = n.tenant_id)"
	"  > paycore.cents(n.to_refund))");

/* $4: the part of its amount that fails now (1), or does so no longer (-1); a void one has its sums behind it. */
static PcPlan count_failed = PC_PLAN("utu8",
	"UPDATE paycore.credit_notes n SET refund_failed = n.refund_failed OPERATOR(paycore.+) (r.amount OPERATOR(paycore.*) $4)"
	" FROM paycore.refunds r WHERE r.id = $1 AND r.tenant_id = $2 AND n.id = $3 AND n.tenant_id = $2 AND n.status = 'issued'");

static PcPlan move_balance = PC_PLAN("utu8t",
	"INSERT INTO paycore.account_transactions (tenant_id, billing_account_id, amount, reason, object_type, object_id, actor)"
	" SELECT n.tenant_id, n.billing_account_id, r.amount OPERATOR(paycore.*) $4,"
	" CASE WHEN $4 > 0 THEN 'refund of a credit note failed' ELSE 'refund of a credit note has succeeded after all' END, 'refund', r.id, $5"
	" FROM paycore.refunds r, paycore.credit_notes n WHERE r.id = $1 AND r.tenant_id = $2 AND n.id = $3 AND n.tenant_id = $2");

static bool
is_lost(TriggerData *trigger, HeapTuple row)
{
	RefundStatus status = (RefundStatus) DatumGetPcState(pc_guard_value(trigger, row, "status", pc_type_oid(PC_TYPE_REFUND_STATUS)));

	return status == REFUND_FAILED || status == REFUND_CANCELED;
}

static void
check_new(TriggerData *trigger, PcArgs *a)
{
	if (pc_execute_args(&find_strange, a, false) > 0)
		ereport(ERROR,
				(errcode(ERRCODE_PC_OVER_REFUND),
				 errmsg("credit note %s gives no such refund", pc_get_cstring(0, 1)),
				 errdetail("It is %s, and gives back %s in all, of payments of its invoice.", pc_get_cstring(0, 3), pc_get_cstring(0, 2)),
				 errhint("Say what is to be refunded where the credit note is made, with paycore.create_credit_note()."),
				 errtable(trigger->tg_relation)));
}

static void
settle(TriggerData *trigger, PcArgs *a, int64 times)
{
	PcArgs		moved;

	pc_execute_args(&lock_note, a, false);
	if (TRIGGER_FIRED_BY_INSERT(trigger->tg_event))
		check_new(trigger, a);
	if (times == 0)
		return;
	pc_arg(a, Int64GetDatum(times), false);
	moved = *a;
	pc_arg_text(&moved, pc_current_actor());
	PC_WRITE_AS(.source = pc_writer_for_trigger().source, .through_api = true, .counters = true)
	{
		pc_execute_args(&count_failed, a, false);
		pc_execute_args(&move_balance, &moved, false);
	}
	PC_WRITE_END;
}

/* AFTER INSERT OR UPDATE, row, on refunds of credit notes: SQLSTATE PY020. */
PGDLLEXPORT Datum
paycore_settle_credit_note_refund(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = pc_guard_begin(fcinfo, "settle_credit_note_refund", GUARD_AFTER_ROW, 0);
	HeapTuple	row = pc_guard_new_row(trigger);
	bool		updated = TRIGGER_FIRED_BY_UPDATE(trigger->tg_event);
	int64		times = (int64) is_lost(trigger, row) - (updated && is_lost(trigger, trigger->tg_trigtuple));
	PcIdentity	caller;
	PcArgs		a = {0};

	pc_guard_check_owner(trigger, PC_CREDIT_NOTES, "hold refunds of paycore.credit_notes");
	if (updated && times == 0)
		return PointerGetDatum(NULL);
	pc_arg(&a, pc_guard_value(trigger, row, "id", UUIDOID), false);
	pc_arg(&a, pc_guard_value(trigger, row, "tenant_id", TEXTOID), false);
	pc_arg(&a, pc_guard_value(trigger, row, "credit_note_id", UUIDOID), false);
	pc_guard_enter(trigger, &caller);
	settle(trigger, &a, times);
	pc_guard_leave(&caller);
	return PointerGetDatum(NULL);
}
