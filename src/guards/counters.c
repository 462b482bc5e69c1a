/*
 * counters.c
 *		paycore.keep_counters('amount', 'counter', ...): counters of money that
 *		only guards move.
 *
 * A new row starts with zero in the currency of its 'amount' column; from
 * then on only the reservation guards (and repair_counters()) may write.
 */
#include "common/paycore.h"

#include "access/htup_details.h"
#include "guards/owner.h"
#include "types/money.h"
#include "utils/rel.h"

PG_FUNCTION_INFO_V1(paycore_keep_counters);

#define MAX_COUNTERS 16

static void
refuse(TriggerData *trigger, const GuardColumn *column)
{
	pc_guard_keeps(trigger, column, "It counts rows of another table.",
				   "Change those rows instead; SELECT paycore.repair_counters() recounts.");
}

static HeapTuple
start_at_zero(TriggerData *trigger, const GuardColumns *columns)
{
	int			attnums[MAX_COUNTERS];
	Datum		values[MAX_COUNTERS];
	bool		nulls[MAX_COUNTERS] = {false};
	int			n = 0;
	bool		isnull;
	Datum		amount = pc_guard_get(trigger, trigger->tg_trigtuple, columns->columns[0].attnum, &isnull);
	PcMoney		zero;

	if (isnull)
		return trigger->tg_trigtuple;
	zero = pc_money_pack(pc_money_currency(DatumGetPcMoney(amount)), 0);
	for (int i = 1; i < columns->n; i++)
	{
		Datum		value = pc_guard_get(trigger, trigger->tg_trigtuple, columns->columns[i].attnum, &isnull);

		if (!isnull && DatumGetPcMoney(value) != zero)
			refuse(trigger, &columns->columns[i]);
		attnums[n] = columns->columns[i].attnum;
		values[n++] = PcMoneyGetDatum(zero);
	}
	return heap_modify_tuple_by_cols(trigger->tg_trigtuple, RelationGetDescr(trigger->tg_relation),
									 n, attnums, values, nulls);
}

/* BEFORE INSERT OR UPDATE, row. */
PGDLLEXPORT Datum
paycore_keep_counters(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = pc_guard_begin(fcinfo, "keep_counters", GUARD_BEFORE_ROW, 2);
	const GuardColumns *columns = pc_guard_columns(trigger);

	if (columns->n > MAX_COUNTERS)
		ereport(ERROR,
				(errcode(ERRCODE_PC_TRIGGER_USE),
				 errmsg("trigger \"%s\" names more than %d counters", trigger->tg_trigger->tgname, MAX_COUNTERS - 1)));
	for (int i = 0; i < columns->n; i++)
		pc_guard_check_type(trigger, columns->columns[i].attnum, pc_type_oid(PC_TYPE_MONEY));
	if (pc_writer_for_trigger().counters)
		return PointerGetDatum(pc_guard_new_row(trigger));
	if (TRIGGER_FIRED_BY_INSERT(trigger->tg_event))
		return PointerGetDatum(start_at_zero(trigger, columns));

	for (int i = 1; i < columns->n; i++)
	{
		if (!pc_guard_same(trigger, &columns->columns[i]))
			refuse(trigger, &columns->columns[i]);
	}
	return PointerGetDatum(pc_guard_new_row(trigger));
}
