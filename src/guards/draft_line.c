/*
 * draft_line.c
 *		paycore.check_draft_line(): the lines of a draft are of its account and
 *		currency, and come, change and go while it is a draft.
 *
 * The draft is locked against whoever makes it final: of the two the second
 * waits, and sees what the first has done.
 */
#include "common/paycore.h"

#include "catalog/pg_type.h"
#include "common/args.h"
#include "guards/owner.h"
#include "utils/rel.h"

PG_FUNCTION_INFO_V1(paycore_check_draft_line);

static PcPlan lock_draft = PC_PLAN("utum",
	"SELECT coalesce(i.number, i.id::text), i.status::text, i.billing_account_id = $3 AND i.currency OPERATOR(paycore.=) paycore.currency($4), i.currency::text"
	" FROM paycore.invoices i WHERE i.id = $1 AND i.tenant_id = $2 FOR SHARE");

static void
check(TriggerData *trigger, PcArgs *a)
{
	if (pc_execute_args(&lock_draft, a, false) == 0)
		return;					/* the foreign key's to refuse */
	if (strcmp(pc_get_cstring(0, 2), "draft") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INTENT_STATE),
				 errmsg("invoice %s is no draft", pc_get_cstring(0, 1)),
				 errdetail("Its status is %s: its lines are as they are.", pc_get_cstring(0, 2)),
				 errhint("Take it back with paycore.void_invoice(), or by paycore.create_credit_note()."),
				 errtable(trigger->tg_relation)));
	if (!pc_get_bool(0, 3))
		ereport(ERROR,
				(errcode(ERRCODE_PC_CURRENCY_MISMATCH),
				 errmsg("the line is not of its draft's account and currency"),
				 errdetail("Invoice %s is in %s.", pc_get_cstring(0, 1), pc_get_cstring(0, 4)),
				 errhint("Add lines with paycore.add_invoice_line()."),
				 errtable(trigger->tg_relation)));
}

/* AFTER INSERT OR UPDATE, row, on extra charges of a draft: SQLSTATE PY001, PY030. */
PGDLLEXPORT Datum
paycore_check_draft_line(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = pc_guard_begin(fcinfo, "check_draft_line", GUARD_AFTER_ROW, 0);
	HeapTuple	row = pc_guard_new_row(trigger);
	PcIdentity	caller;
	PcArgs		a = {0};

	pc_guard_check_owner(trigger, PC_INVOICES, "hold lines of paycore.invoices");
	pc_arg(&a, pc_guard_value(trigger, row, "draft_id", UUIDOID), false);
	pc_arg(&a, pc_guard_value(trigger, row, "tenant_id", TEXTOID), false);
	pc_arg(&a, pc_guard_value(trigger, row, "billing_account_id", UUIDOID), false);
	pc_arg(&a, pc_guard_value(trigger, row, "amount", pc_type_oid(PC_TYPE_MONEY)), false);
	pc_guard_enter(trigger, &caller);
	check(trigger, &a);
	pc_guard_leave(&caller);
	return PointerGetDatum(NULL);
}
