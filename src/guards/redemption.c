/*
 * redemption.c
 *		paycore.count_redemption(): each discount is one redemption of its
 *		coupon, and of its promotion code, and never one too many.
 *
 * One conditional UPDATE of each counts it and holds the limits, so that
 * concurrent redemptions queue at the row and the last one is had once at
 * every isolation level.  paycore.keep_count(): nothing else counts.
 */
#include "common/paycore.h"

#include "catalog/pg_type.h"
#include "guards/owner.h"
#include "utils/builtins.h"
#include "utils/rel.h"
#include "utils/uuid.h"

PG_FUNCTION_INFO_V1(paycore_keep_count);
PG_FUNCTION_INFO_V1(paycore_count_redemption);

/* What a discount is made of; a letter each: coupon_id, promotion_code_id, billing_account_id, tenant_id, starts_at. */
#define DISCOUNT_ARGS "uuutz"

typedef enum DiscountValue
{
	COUPON, PROMOTION_CODE, ACCOUNT, TENANT, STARTS_AT, NVALUES
} DiscountValue;

typedef struct Redeemable
{
	const char *what;
	PcPlan		count;
	PcPlan		look;			/* code, active, used up, over (as text), of another coupon, of another account */
} Redeemable;

static Redeemable coupon = {
	.what = "coupon",
	.count = PC_PLAN(DISCOUNT_ARGS,
		"UPDATE paycore.coupons SET times_redeemed = times_redeemed + 1 WHERE id = $1 AND tenant_id = $4 AND active"
		" AND (max_redemptions IS NULL OR times_redeemed < max_redemptions) AND (redeem_by IS NULL OR $5 < redeem_by)"),
	.look = PC_PLAN(DISCOUNT_ARGS,
		"SELECT code, active, times_redeemed >= max_redemptions, CASE WHEN redeem_by <= $5 THEN redeem_by END, false, false"
		" FROM paycore.coupons WHERE id = $1 AND tenant_id = $4"),
};

static Redeemable promotion_code = {
	.what = "promotion code",
	.count = PC_PLAN(DISCOUNT_ARGS,
		"UPDATE paycore.promotion_codes SET times_redeemed = times_redeemed + 1 WHERE id = $2 AND tenant_id = $4 AND active"
		" AND (max_redemptions IS NULL OR times_redeemed < max_redemptions) AND (expires_at IS NULL OR $5 < expires_at)"
		" AND coupon_id = $1 AND (billing_account_id IS NULL OR billing_account_id = $3)"),
	.look = PC_PLAN(DISCOUNT_ARGS,
		"SELECT code, active, times_redeemed >= max_redemptions, CASE WHEN expires_at <= $5 THEN expires_at END,"
		" coupon_id <> $1, billing_account_id <> $3 FROM paycore.promotion_codes WHERE id = $2 AND tenant_id = $4"),
};

static void
refuse(TriggerData *trigger, const char *what, const char *detail, const char *hint)
{
	ereport(ERROR,
			(errcode(ERRCODE_PC_NOT_REDEEMABLE),
			 errmsg("%s \"%s\" cannot be redeemed", what, pc_get_cstring(0, 1)),
			 errdetail("%s", detail),
			 errhint("%s", hint),
			 errtable(trigger->tg_relation)));
}

/* Raises what keeps it from being redeemed; PY040 where there is no such row. */
static void
explain(TriggerData *trigger, Redeemable *thing, Datum *values, const char *nulls)
{
	if (pc_execute(&thing->look, values, nulls, false, 1) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_PC_NOT_FOUND),
				 errmsg("tenant \"%s\" has no such %s", TextDatumGetCString(values[TENANT]), thing->what),
				 errtable(trigger->tg_relation)));
	if (!pc_get_bool(0, 2))
		refuse(trigger, thing->what, "It is not active.", "Offer another one.");
	if (pc_get_bool(0, 5))
		refuse(trigger, thing->what, "It gives another coupon.", "Name the coupon that it gives.");
	if (pc_get_bool(0, 6))
		refuse(trigger, thing->what, "It is for another billing account.", "Only that account can redeem it.");
	if (pc_get_time(0, 4) != 0)
		refuse(trigger, thing->what, psprintf("It was for redemption before %s.", timestamptz_to_str(pc_get_time(0, 4))),
			   "Offer another one.");
	refuse(trigger, thing->what, "It has been redeemed as often as it may be.", "Offer another one.");
}

static void
redeem(TriggerData *trigger, Redeemable *thing, Datum *values, const char *nulls)
{
	if (pc_execute(&thing->count, values, nulls, false, 0) == 0)
		explain(trigger, thing, values, nulls);
}

static void
read_row(TriggerData *trigger, Datum *values, char *nulls)
{
	static const struct
	{
		const char *name;
		Oid			type;
	}			columns[NVALUES] = {
		[COUPON] = {"coupon_id", UUIDOID},
		[PROMOTION_CODE] = {"promotion_code_id", UUIDOID},
		[ACCOUNT] = {"billing_account_id", UUIDOID},
		[TENANT] = {"tenant_id", TEXTOID},
		[STARTS_AT] = {"starts_at", TIMESTAMPTZOID},
	};
	HeapTuple	row = trigger->tg_trigtuple;

	for (int i = 0; i < NVALUES; i++)
	{
		bool		isnull = false;

		if (i == PROMOTION_CODE)
			values[i] = pc_guard_get(trigger, row, pc_guard_column(trigger, columns[i].name, columns[i].type), &isnull);
		else
			values[i] = pc_guard_value(trigger, row, columns[i].name, columns[i].type);
		nulls[i] = isnull ? 'n' : ' ';
	}
	nulls[NVALUES] = '\0';
}

/* AFTER INSERT, row, on discounts: SQLSTATE PY024 or PY040. */
PGDLLEXPORT Datum
paycore_count_redemption(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = pc_guard_begin(fcinfo, "count_redemption", GUARD_AFTER_ROW, 0);
	Datum		values[NVALUES] = {0};
	char		nulls[NVALUES + 1];
	PcIdentity	caller;

	pc_guard_check_owner(trigger, PC_COUPONS, "hold redemptions of paycore.coupons");
	read_row(trigger, values, nulls);
	if (!TRIGGER_FIRED_BY_INSERT(trigger->tg_event))
		return PointerGetDatum(NULL);
	pc_guard_enter(trigger, &caller);
	PC_WRITE_AS(.source = pc_writer_for_trigger().source, .through_api = true, .counters = true)
	{
		redeem(trigger, &coupon, values, nulls);
		if (nulls[PROMOTION_CODE] == ' ')
			redeem(trigger, &promotion_code, values, nulls);
	}
	PC_WRITE_END;
	pc_guard_leave(&caller);
	return PointerGetDatum(NULL);
}

/* BEFORE INSERT OR UPDATE, row: SQLSTATE PY011. */
PGDLLEXPORT Datum
paycore_keep_count(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = pc_guard_begin(fcinfo, "keep_count", GUARD_BEFORE_ROW, 1);
	const GuardColumns *columns = pc_guard_columns(trigger);
	bool		added = TRIGGER_FIRED_BY_INSERT(trigger->tg_event);

	for (int i = 0; i < columns->n; i++)
	{
		const GuardColumn *column = &columns->columns[i];
		bool		isnull;

		pc_guard_check_type(trigger, column->attnum, INT4OID);
		if (pc_writer_for_trigger().counters || (added
			? DatumGetInt32(pc_guard_get(trigger, trigger->tg_trigtuple, column->attnum, &isnull)) == 0
			: pc_guard_same(trigger, column)))
			continue;
		pc_guard_keeps(trigger, column, "It counts rows of another table, from 0 on.",
					   "Change those rows instead; SELECT paycore.repair_counters() recounts.");
	}
	return PointerGetDatum(pc_guard_new_row(trigger));
}
