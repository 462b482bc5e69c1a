/*
 * dispute_hold.c
 *		paycore.hold_dispute(): what a dispute holds of its payment.
 *
 * Before the row is written its share is worked out from what the gateway
 * says of the money, never from who won; after it the payment's counter moves
 * by the difference.  A dispute is not ours to limit: what overdraws the
 * payment is recorded, and over_returned marks it.
 */
#include "common/paycore.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "guards/owner.h"
#include "types/lifecycle.h"
#include "types/money_args.h"
#include "types/movement.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/rel.h"
#include "utils/uuid.h"

PG_FUNCTION_INFO_V1(paycore_hold_dispute);

static PcPlan lock_payment = PC_PLAN("ut",
	"SELECT coalesce(gross, authorized), refund_reserved OPERATOR(paycore.+) refunded OPERATOR(paycore.+) dispute_held"
	" FROM paycore.payments WHERE id = $1 AND tenant_id = $2 FOR NO KEY UPDATE");

static PcPlan move_counter = PC_PLAN("utm",
	"UPDATE paycore.payments SET dispute_held = dispute_held OPERATOR(paycore.+) $3,"
	" over_returned = paycore.cents(refund_reserved OPERATOR(paycore.+) refunded"
	"   OPERATOR(paycore.+) dispute_held OPERATOR(paycore.+) $3) > paycore.cents(coalesce(gross, authorized))"
	" WHERE id = $1 AND tenant_id = $2");

typedef struct DisputeRow
{
	Datum		payment_id;
	Datum		tenant_id;
	PcMoney		amount;
	int			status;
	bool		has_withdrawn;
	PcMoney		withdrawn;
	bool		has_reinstated;
	PcMoney		reinstated;
	bool		has_held;
	PcMoney		held;
	bool		has_fee;
	PcMoney		fee;
	Jsonb	   *movements;
} DisputeRow;

static bool
money(TriggerData *trigger, HeapTuple row, const char *name, PcMoney *value)
{
	bool		isnull;
	Datum		datum = pc_guard_value_if_any(trigger, row, name, pc_type_oid(PC_TYPE_MONEY), &isnull);

	*value = isnull ? 0 : DatumGetPcMoney(datum);
	return !isnull;
}

/* A table of somebody's own may do without. */
static Jsonb *
movements(TriggerData *trigger, HeapTuple row)
{
	bool		isnull;
	Datum		datum = pc_guard_value_if_any(trigger, row, "balance_transactions", JSONBOID, &isnull);

	return isnull ? NULL : DatumGetJsonbP(datum);
}

static void
read_row(TriggerData *trigger, HeapTuple row, DisputeRow *dispute)
{
	dispute->payment_id = pc_guard_value(trigger, row, "payment_id", UUIDOID);
	dispute->tenant_id = pc_guard_value(trigger, row, "tenant_id", TEXTOID);
	dispute->amount = DatumGetPcMoney(pc_guard_value(trigger, row, "amount", pc_type_oid(PC_TYPE_MONEY)));
	dispute->status = DatumGetPcState(pc_guard_value(trigger, row, "status", pc_type_oid(PC_TYPE_DISPUTE_STATUS)));
	dispute->has_withdrawn = money(trigger, row, "withdrawn", &dispute->withdrawn);
	dispute->has_reinstated = money(trigger, row, "reinstated", &dispute->reinstated);
	dispute->has_held = money(trigger, row, "held", &dispute->held);
	dispute->has_fee = money(trigger, row, "fee", &dispute->fee);
	dispute->movements = movements(trigger, row);
}

static bool
same_movements(const Jsonb *a, const Jsonb *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	return VARSIZE(a) == VARSIZE(b) && memcmp(a, b, VARSIZE(a)) == 0;
}

static bool
same_facts(const DisputeRow *a, const DisputeRow *b)
{
	return a->amount == b->amount &&
		a->has_withdrawn == b->has_withdrawn && a->withdrawn == b->withdrawn &&
		a->has_reinstated == b->has_reinstated && a->reinstated == b->reinstated &&
		a->has_fee == b->has_fee && a->fee == b->fee && same_movements(a->movements, b->movements);
}

static bool
takes_money(int status)
{
	switch ((DisputeStatus) status)
	{
		case DISPUTE_WARNING_NEEDS_RESPONSE:
		case DISPUTE_WARNING_UNDER_REVIEW:
		case DISPUTE_WARNING_CLOSED:
		case DISPUTE_PREVENTED:
			return false;
		case DISPUTE_NEEDS_RESPONSE:
		case DISPUTE_UNDER_REVIEW:
		case DISPUTE_WON:
		case DISPUTE_LOST:
			break;
	}
	return true;
}

/* Of what was withdrawn and reinstated in other currencies than the payment's, in that; false where it cannot be told. */
static bool
taken_before_exchange(const DisputeRow *dispute, PcMoney captured, int64 *taken)
{
	PcMovement *all = palloc(sizeof(PcMovement) * PC_MAX_MOVEMENTS);
	int			n = pc_movements(dispute->movements, all);
	PcMoney		original;

	*taken = 0;
	for (int i = 0; i < n; i++)
	{
		if (pc_movement_is_fee(&all[i]))
			continue;
		if (!pc_money_same_currency(dispute->amount, captured) ||
			!pc_movement_original(&all[i], dispute->amount, &original))
			return false;
		*taken -= pc_money_amount(original);
	}
	return n > 0;
}

/* What the dispute has of the payment, in its minor units; false where that cannot be told. */
static bool
taken_of(const DisputeRow *dispute, PcMoney captured, int64 *taken)
{
	PcMoney		out = dispute->has_withdrawn ? dispute->withdrawn : pc_money_pack(pc_money_currency(dispute->reinstated), 0);
	PcMoney		back = dispute->has_reinstated ? dispute->reinstated : pc_money_pack(pc_money_currency(out), 0);

	if (!dispute->has_withdrawn && !dispute->has_reinstated)
	{
		*taken = pc_money_amount(dispute->amount);
		return pc_money_same_currency(dispute->amount, captured);
	}
	*taken = pc_money_amount(out) - pc_money_amount(back);
	if (pc_money_same_currency(out, captured) && pc_money_same_currency(back, captured))
		return true;
	return (pc_money_same_currency(out, back) && *taken <= 0) || taken_before_exchange(dispute, captured, taken);
}

/*
 * In minor units of the payment's currency.  others is what else is given back
 * or held of the captured amount.
 */
static int64
share_of(const DisputeRow *dispute, PcMoney captured, int64 others)
{
	int64		all = pc_money_amount(captured);
	int64		taken;

	if (!takes_money(dispute->status))
		return 0;
	if (!taken_of(dispute, captured, &taken))
		return Max(0, all - others);
	return Max(0, Min(all, taken));
}

static void
no_payment(TriggerData *trigger, const DisputeRow *dispute)
{
	ereport(ERROR,
			(errcode(ERRCODE_PC_NOT_FOUND),
			 errmsg("tenant \"%s\" has no payment %s to dispute",
					TextDatumGetCString(dispute->tenant_id),
					DatumGetCString(DirectFunctionCall1(uuid_out, dispute->payment_id))),
			 errtable(trigger->tg_relation)));
}

static PcMoney
work_out(TriggerData *trigger, const DisputeRow *dispute, int64 held_before)
{
	Datum		values[2] = {dispute->payment_id, dispute->tenant_id};
	PcIdentity	caller;
	PcMoney		captured;
	int64		others;

	pc_guard_enter(trigger, &caller);
	if (pc_execute(&lock_payment, values, NULL, false, 1) == 0)
		no_payment(trigger, dispute);
	captured = pc_get_money(0, 1);
	others = pc_money_amount(pc_get_money(0, 2)) - held_before;
	pc_guard_leave(&caller);
	return pc_money_make(pc_money_currency(captured), share_of(dispute, captured, others));
}

static HeapTuple
with_share(TriggerData *trigger, HeapTuple row, PcMoney share)
{
	int			attnum = pc_guard_column(trigger, "held", pc_type_oid(PC_TYPE_MONEY));
	Datum		value = PcMoneyGetDatum(share);
	bool		isnull = false;

	return heap_modify_tuple_by_cols(row, RelationGetDescr(trigger->tg_relation), 1, &attnum, &value, &isnull);
}

static HeapTuple
before_row(TriggerData *trigger)
{
	HeapTuple	row = pc_guard_new_row(trigger);
	DisputeRow	dispute;
	DisputeRow	old = {0};

	read_row(trigger, row, &dispute);
	if (TRIGGER_FIRED_BY_UPDATE(trigger->tg_event))
	{
		read_row(trigger, trigger->tg_trigtuple, &old);
		if (!same_facts(&dispute, &old) && !pc_writer_for_trigger().observed)
			ereport(ERROR,
					(errcode(ERRCODE_PC_IMMUTABLE_COLUMN),
					 errmsg("the money of a dispute changes by the gateway's word only"),
					 errhint("SELECT paycore.refresh_dispute(id) asks it."),
					 errtable(trigger->tg_relation)));
		if (same_facts(&dispute, &old) && dispute.status == old.status && dispute.held == old.held)
			return row;
	}
	return with_share(trigger, row, work_out(trigger, &dispute, pc_money_amount(old.held)));
}

static void
move(TriggerData *trigger, const DisputeRow *dispute, int64 by)
{
	PcIdentity	caller;
	Datum		values[3] = {
		dispute->payment_id, dispute->tenant_id,
		PcMoneyGetDatum(pc_money_make(pc_money_currency(dispute->held), by))
	};

	pc_guard_enter(trigger, &caller);
	PC_WRITE_AS(.source = pc_writer_for_trigger().source, .through_api = true, .counters = true)
	{
		if (pc_execute(&move_counter, values, NULL, false, 0) == 0)
			no_payment(trigger, dispute);
	}
	PC_WRITE_END;
	pc_guard_leave(&caller);
}

static void
after_row(TriggerData *trigger)
{
	DisputeRow	dispute;
	DisputeRow	old = {0};

	read_row(trigger, pc_guard_new_row(trigger), &dispute);
	if (TRIGGER_FIRED_BY_UPDATE(trigger->tg_event))
		read_row(trigger, trigger->tg_trigtuple, &old);
	if (pc_money_amount(dispute.held) != pc_money_amount(old.held))
		move(trigger, &dispute, pc_money_amount(dispute.held) - pc_money_amount(old.held));
}

/* BEFORE and AFTER INSERT OR UPDATE, row, on disputes: SQLSTATE PY011, PY040 or PY090. */
PGDLLEXPORT Datum
paycore_hold_dispute(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = pc_guard_begin(fcinfo, "hold_dispute", GUARD_BEFORE_ROW | GUARD_AFTER_ROW, 0);

	pc_guard_check_owner(trigger, PC_PAYMENTS, "hold disputes of paycore.payments");
	if (TRIGGER_FIRED_BEFORE(trigger->tg_event))
		return PointerGetDatum(before_row(trigger));
	after_row(trigger);
	return PointerGetDatum(NULL);
}
