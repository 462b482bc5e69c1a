/*
 * reservation.c
 *		paycore.reserve_refund(): no cent is given back twice.
 *
 * Each refund holds its share of the payment in two counters, refund_reserved
 * (asked for) and refunded (done).  One conditional UPDATE of the payment's
 * row moves them, so concurrent refunds queue there and the rule holds at
 * every isolation level.  What we ask for is limited; what the gateway says
 * has happened is recorded, and over_returned marks it.
 */
#include "common/paycore.h"

#include "catalog/pg_type.h"
#include "guards/owner.h"
#include "types/lifecycle.h"
#include "types/money_args.h"
#include "utils/builtins.h"
#include "utils/rel.h"
#include "utils/uuid.h"

PG_FUNCTION_INFO_V1(paycore_reserve_refund);

/* The gateway takes no refund of a payment while such a dispute of it stands. */
static PcPlan find_barrier = PC_PLAN("ut",
	"SELECT d.psp_dispute_id, d.status::text FROM paycore.disputes d"
	" WHERE d.payment_id = $1 AND d.tenant_id = $2 AND " PC_DISPUTE_BARS_REFUND " LIMIT 1");

static PcPlan move_counters = PC_PLAN("utmmb",
	"UPDATE paycore.payments SET"
	" refund_reserved = refund_reserved OPERATOR(paycore.+) $3,"
	" refunded = refunded OPERATOR(paycore.+) $4,"
	" over_returned = (over_returned OR $5) AND paycore.cents(refund_reserved OPERATOR(paycore.+) $3"
	"   OPERATOR(paycore.+) refunded OPERATOR(paycore.+) $4 OPERATOR(paycore.+) dispute_held)"
	"   > paycore.cents(coalesce(gross, authorized))"
	" WHERE id = $1 AND tenant_id = $2"
	" RETURNING status, gross, refund_reserved, refunded, dispute_held");

/* What one version of a refund row holds of its payment. */
typedef struct Share
{
	int64		reserved;
	int64		refunded;
} Share;

typedef struct RefundRow
{
	Datum		payment_id;
	Datum		tenant_id;
	PcMoney		amount;
	int			status;
	bool		auth_release;
} RefundRow;

static void
read_row(TriggerData *trigger, HeapTuple row, RefundRow *refund)
{
	refund->payment_id = pc_guard_value(trigger, row, "payment_id", UUIDOID);
	refund->tenant_id = pc_guard_value(trigger, row, "tenant_id", TEXTOID);
	refund->amount = DatumGetPcMoney(pc_guard_value(trigger, row, "amount", pc_type_oid(PC_TYPE_MONEY)));
	refund->status = DatumGetPcState(pc_guard_value(trigger, row, "status", pc_type_oid(PC_TYPE_REFUND_STATUS)));
	refund->auth_release = strcmp(TextDatumGetCString(pc_guard_value(trigger, row, "kind", TEXTOID)), "auth_release") == 0;
}

static Share
share_of(const RefundRow *refund)
{
	Share		share = {0, 0};

	if (refund->auth_release)
		return share;
	switch ((RefundStatus) refund->status)
	{
		case REFUND_REQUESTED:
		case REFUND_PENDING:
		case REFUND_REQUIRES_ACTION:
			share.reserved = pc_money_amount(refund->amount);
			break;
		case REFUND_SUCCEEDED:
			share.refunded = pc_money_amount(refund->amount);
			break;
		case REFUND_FAILED:
		case REFUND_CANCELED:
			break;
	}
	return share;
}

/* Only a payment that a dispute holds money of can have one, so that others pay nothing for the look. */
static void
check_disputes(TriggerData *trigger, const RefundRow *refund)
{
	Datum		values[2] = {refund->payment_id, refund->tenant_id};

	if (pc_execute(&find_barrier, values, NULL, false, 1) > 0)
		ereport(ERROR,
				(errcode(ERRCODE_PC_NOT_REFUNDABLE),
				 errmsg("a payment in dispute cannot be refunded"),
				 errdetail("Dispute %s of it is %s, and the gateway takes no refund meanwhile.",
						   pc_get_cstring(0, 1), pc_get_cstring(0, 2)),
				 errhint("Answer the dispute, or accept it with paycore.close_dispute()."),
				 errtable(trigger->tg_relation)));
}

static void
check_limit(TriggerData *trigger, const RefundRow *refund, int64 wanted)
{
	PaymentStatus status = pc_get_state(0, 1);
	int64		captured = pc_money_amount(pc_get_money(0, 2));
	int64		held = 0;
	int64		disputed = pc_money_amount(pc_get_money(0, 5));
	char		text[2][PC_MONEY_TEXT_LEN];

	if (status != PAYMENT_SUCCEEDED)
		ereport(ERROR,
				(errcode(ERRCODE_PC_NOT_REFUNDABLE),
				 errmsg("a payment that is %s cannot be refunded",
						pc_state_name(&pc_payment_lifecycle, status)),
				 errhint("Only a succeeded payment can; cancel the intent of an uncaptured one."),
				 errtable(trigger->tg_relation)));

	for (int i = 3; i <= 5; i++)
		held += pc_money_amount(pc_get_money(0, i));
	if (disputed > 0)
		check_disputes(trigger, refund);
	if (held <= captured)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_PC_OVER_REFUND),
			 errmsg("refund of %s is more than what is left of the payment",
					pc_money_to_text(refund->amount, text[0])),
			 errdetail("%s can still be refunded.",
					   pc_money_to_text(pc_money_make(pc_money_currency(refund->amount),
													  Max(0, captured - (held - wanted))), text[1])),
			 errhint("Refunds that fail or are canceled free their share."),
			 errtable(trigger->tg_relation)));
}

static void
move(TriggerData *trigger, const RefundRow *refund, Share by, bool observed)
{
	PcCurrency	currency = pc_money_currency(refund->amount);
	PcIdentity	caller;
	Datum		values[5] = {
		refund->payment_id, refund->tenant_id,
		PcMoneyGetDatum(pc_money_make(currency, by.reserved)),
		PcMoneyGetDatum(pc_money_make(currency, by.refunded)),
		BoolGetDatum(observed)
	};

	pc_guard_enter(trigger, &caller);
	PC_WRITE_AS(.source = pc_writer_for_trigger().source, .through_api = true, .counters = true)
	{
		uint64		found = pc_execute(&move_counters, values, NULL, false, 0);

		if (found == 0)
			ereport(ERROR,
					(errcode(ERRCODE_PC_NOT_FOUND),
					 errmsg("tenant \"%s\" has no payment %s to refund",
							TextDatumGetCString(refund->tenant_id),
							DatumGetCString(DirectFunctionCall1(uuid_out, refund->payment_id))),
					 errtable(trigger->tg_relation)));
		if (!observed && by.reserved + by.refunded > 0)
			check_limit(trigger, refund, by.reserved + by.refunded);
	}
	PC_WRITE_END;
	pc_guard_leave(&caller);
}

/* AFTER INSERT OR UPDATE, row, on refunds: SQLSTATE PY020, PY022, PY040 or PY001. */
PGDLLEXPORT Datum
paycore_reserve_refund(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = pc_guard_begin(fcinfo, "reserve_refund", GUARD_AFTER_ROW, 0);
	bool		observed = pc_writer_for_trigger().observed;
	RefundRow	row;
	Share		by;

	pc_guard_check_owner(trigger, PC_PAYMENTS, "hold refunds of paycore.payments");
	read_row(trigger, pc_guard_new_row(trigger), &row);
	by = share_of(&row);
	if (TRIGGER_FIRED_BY_UPDATE(trigger->tg_event))
	{
		RefundRow	old;
		Share		before;

		read_row(trigger, trigger->tg_trigtuple, &old);
		before = share_of(&old);
		by.reserved -= before.reserved;
		by.refunded -= before.refunded;
	}
	if (by.reserved != 0 || by.refunded != 0)
		move(trigger, &row, by, observed);
	/* The guard of transitions has looked already, but a BEFORE trigger of the owner's may have come after it. */
	else if (TRIGGER_FIRED_BY_INSERT(trigger->tg_event) && !row.auth_release && !observed)
		ereport(ERROR,
				(errcode(ERRCODE_PC_ILLEGAL_TRANSITION),
				 errmsg("a refund cannot start as %s", pc_state_name(&pc_refund_lifecycle, row.status)),
				 errtable(trigger->tg_relation)));
	return PointerGetDatum(NULL);
}
