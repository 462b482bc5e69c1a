/*
 * mrr.c
 *		What a subscription brings in a month.  paycore.stop_mrr(): nothing, once
 *		it has ended or is paused.  paycore.record_mrr_movement(): each change is
 *		kept in paycore.mrr_movements.
 *
 * Written as the owner of the table the trigger is on, never as the owner of
 * mrr_movements: a forged table gains no right to write there.
 */
#include "common/paycore.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "common/insert.h"
#include "guards/owner.h"
#include "types/money.h"
#include "types/uuid.h"
#include "utils/builtins.h"
#include "utils/rel.h"
#include "utils/timestamp.h"

PG_FUNCTION_INFO_V1(paycore_stop_mrr);
PG_FUNCTION_INFO_V1(paycore_record_mrr_movement);

static Datum
value(TriggerData *trigger, const char *name, Oid type)
{
	return pc_guard_value(trigger, pc_guard_new_row(trigger), name, type);
}

/* NULL is nothing. */
static PcMoney
mrr_of(TriggerData *trigger, HeapTuple row, PcCurrency currency)
{
	bool		isnull;
	Datum		mrr = pc_guard_get(trigger, row, pc_guard_column(trigger, "mrr", pc_type_oid(PC_TYPE_MONEY)), &isnull);

	return isnull ? pc_money_pack(currency, 0) : DatumGetPcMoney(mrr);
}

/* What the account's subscriptions bring in without this change, and whether they ever did. */
static int64
others(const Datum *movement, bool *any)
{
	static PcPlan plan = PC_PLAN("tuc",
								 "SELECT coalesce(sum(paycore.cents(m.after) - paycore.cents(m.before)), 0)::bigint, count(*) > 0 "
								 "FROM paycore.mrr_movements m WHERE m.tenant_id = $1 AND m.billing_account_id = $2 "
								 "AND m.currency OPERATOR(paycore.=) $3");
	Datum		values[3] = {movement[0], movement[1], movement[4]};

	pc_execute(&plan, values, NULL, false, 1);
	*any = pc_get_bool(0, 2);
	return pc_get_int64(0, 1);
}

/* By the account, not by the subscription: who pays already and takes another one, expands. */
static const char *
kind_of(const Datum *movement, PcMoney before, PcMoney after)
{
	int64		change = pc_money_amount(after) - pc_money_amount(before);
	bool		any;
	int64		rest = others(movement, &any);

	if (change > 0)
		return rest > 0 ? "expansion" : any ? "reactivation" : "new";
	return rest + change > 0 ? "contraction" : "churn";
}

static void
record(TriggerData *trigger)
{
	static PcInsert insert = PC_INSERT(PC_MRR_MOVEMENTS, "tuutcmmzzu",
		"tenant_id, billing_account_id, subscription_id, kind, currency, before, after, effective_at, recorded_at, id");
	Datum		currency = value(trigger, "currency", pc_type_oid(PC_TYPE_CURRENCY));
	PcMoney		before = TRIGGER_FIRED_BY_UPDATE(trigger->tg_event) ?
		mrr_of(trigger, trigger->tg_trigtuple, DatumGetPcCurrency(currency)) : pc_money_pack(DatumGetPcCurrency(currency), 0);
	PcMoney		after = mrr_of(trigger, pc_guard_new_row(trigger), DatumGetPcCurrency(currency));
	pg_uuid_t	id;
	Datum		values[] = {
		value(trigger, "tenant_id", TEXTOID),
		value(trigger, "billing_account_id", UUIDOID),
		value(trigger, "id", UUIDOID),
		0,
		currency,
		PcMoneyGetDatum(before),
		PcMoneyGetDatum(after),
		value(trigger, "mrr_since", TIMESTAMPTZOID),
		TimestampTzGetDatum(GetCurrentTimestamp()),
		UUIDPGetDatum(&id)
	};

	pc_uuid_v7(&id);
	values[3] = CStringGetTextDatum(kind_of(values, before, after));
	pc_insert(&insert, values, "          ");
}

/* AFTER INSERT OR UPDATE, row, on subscriptions, where mrr is not what it was. */
PGDLLEXPORT Datum
paycore_record_mrr_movement(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = pc_guard_begin(fcinfo, "record_mrr_movement", GUARD_AFTER_ROW, 0);
	PcIdentity	caller;

	if (TRIGGER_FIRED_BY_DELETE(trigger->tg_event))
		return PointerGetDatum(NULL);
	pc_guard_enter(trigger, &caller);
	PC_WRITE_AS(.source = pc_writer_for_trigger().source, .through_api = true)
	{
		record(trigger);
	}
	PC_WRITE_END;
	pc_guard_leave(&caller);
	return PointerGetDatum(NULL);
}

/* When it ended or was paused; NULL where neither. */
static Datum
stopped_at(TriggerData *trigger, bool *isnull)
{
	Datum		at = pc_guard_get(trigger, trigger->tg_newtuple, pc_guard_column(trigger, "ended_at", TIMESTAMPTZOID), isnull);

	if (*isnull)
		at = pc_guard_get(trigger, trigger->tg_newtuple, pc_guard_column(trigger, "paused_at", TIMESTAMPTZOID), isnull);
	return at;
}

/* BEFORE UPDATE, row, on subscriptions that have ended or are paused. */
PGDLLEXPORT Datum
paycore_stop_mrr(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = pc_guard_begin(fcinfo, "stop_mrr", GUARD_BEFORE_ROW, 0);
	int			attnums[2];
	Datum		values[2];
	bool		nulls[2] = {false, false};

	if (!TRIGGER_FIRED_BY_UPDATE(trigger->tg_event))
		return PointerGetDatum(pc_guard_new_row(trigger));
	attnums[0] = pc_guard_column(trigger, "mrr", pc_type_oid(PC_TYPE_MONEY));
	attnums[1] = pc_guard_column(trigger, "mrr_since", TIMESTAMPTZOID);
	values[0] = PcMoneyGetDatum(pc_money_pack(DatumGetPcCurrency(value(trigger, "currency", pc_type_oid(PC_TYPE_CURRENCY))), 0));
	values[1] = stopped_at(trigger, &nulls[1]);
	if (nulls[1])
		return PointerGetDatum(trigger->tg_newtuple);
	return PointerGetDatum(heap_modify_tuple_by_cols(trigger->tg_newtuple, RelationGetDescr(trigger->tg_relation),
													 2, attnums, values, nulls));
}
