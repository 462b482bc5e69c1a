/*
 * amount.c
 *		paycore.require_positive('amount', ...): no zero, no negative sum.
 */
#include "common/paycore.h"

#include "common/catalog.h"
#include "guards/columns.h"
#include "types/money.h"
#include "utils/rel.h"

PG_FUNCTION_INFO_V1(paycore_require_positive);

static void
check(TriggerData *trigger, const GuardColumn *column)
{
	bool		isnull;
	Datum		value = pc_guard_get(trigger, pc_guard_new_row(trigger), column->attnum, &isnull);

	pc_guard_check_type(trigger, column->attnum, pc_type_oid(PC_TYPE_MONEY));
	if (!isnull && pc_money_amount(DatumGetPcMoney(value)) <= 0)
		ereport(ERROR,
				(errcode(ERRCODE_PC_AMOUNT_NOT_POSITIVE),
				 errmsg("column \"%s\" of \"%s\" must be above zero",
						column->argument, RelationGetRelationName(trigger->tg_relation)),
				 errdetail("It would be %s.", pc_guard_text(trigger, pc_guard_new_row(trigger), column->attnum)),
				 errtablecol(trigger->tg_relation, column->attnum)));
}

/* BEFORE INSERT OR UPDATE, row: the named money_cents columns are above zero or NULL. */
PGDLLEXPORT Datum
paycore_require_positive(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = pc_guard_begin(fcinfo, "require_positive", GUARD_BEFORE_ROW, 1);
	const GuardColumns *columns = pc_guard_columns(trigger);

	for (int i = 0; i < columns->n; i++)
		check(trigger, &columns->columns[i]);
	return PointerGetDatum(pc_guard_new_row(trigger));
}
