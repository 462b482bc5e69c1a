/*
 * stir.c
 *		paycore.stir_collections('=column', 'own column'): what a collection of an
 *		invoice depends on has changed, and the next run looks at it.
 */
#include "common/paycore.h"

#include "catalog/pg_type.h"
#include "guards/owner.h"
#include "utils/rel.h"

PG_FUNCTION_INFO_V1(paycore_stir_collections);

/* Also where one is stirred already: a run that just looks at it is waited for, lest it takes this news for heard. */
#define STIR(column) \
	PC_PLAN("ut", "UPDATE paycore.collections SET stirred = true WHERE " column " = $1 AND tenant_id = $2")

static struct
{
	const char *column;
	PcPlan		plan;
}			ways[] = {
	{"=invoice_id", STIR("invoice_id")},
	{"=billing_account_id", STIR("status IN ('retrying', 'awaiting_payer', 'parked') AND billing_account_id")},
	{"=subscription_id", STIR("ended_at IS NULL AND status IN ('retrying', 'awaiting_payer', 'parked') AND subscription_id")},
};

static PcPlan *
way_of(TriggerData *trigger, const char *column)
{
	for (int i = 0; i < (int) lengthof(ways); i++)
		if (strcmp(ways[i].column, column) == 0)
			return &ways[i].plan;
	ereport(ERROR,
			(errcode(ERRCODE_PC_TRIGGER_USE),
			 errmsg("collections are not looked up by \"%s\"", column),
			 errdetail("Trigger \"%s\" may say =invoice_id, =billing_account_id or =subscription_id.", trigger->tg_trigger->tgname),
			 errtable(trigger->tg_relation)));
}

/* AFTER INSERT OR UPDATE, row. */
PGDLLEXPORT Datum
paycore_stir_collections(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = pc_guard_begin(fcinfo, "stir_collections", GUARD_AFTER_ROW, 2);
	const GuardColumns *columns = pc_guard_columns(trigger);
	PcPlan	   *plan = way_of(trigger, columns->columns[0].argument);
	HeapTuple	row = pc_guard_new_row(trigger);
	PcIdentity	caller;
	bool		isnull;
	Datum		values[2];

	pc_guard_check_owner(trigger, PC_COLLECTIONS, "stir paycore.collections");
	pc_guard_check_type(trigger, columns->columns[1].attnum, UUIDOID);
	values[0] = pc_guard_get(trigger, row, columns->columns[1].attnum, &isnull);
	if (isnull)
		return PointerGetDatum(NULL);
	values[1] = pc_guard_value(trigger, row, "tenant_id", TEXTOID);
	pc_guard_enter(trigger, &caller);
	PC_WRITE_AS(.source = pc_writer_for_trigger().source, .through_api = true)
	{
		pc_execute(plan, values, NULL, false, 0);
	}
	PC_WRITE_END;
	pc_guard_leave(&caller);
	return PointerGetDatum(NULL);
}
