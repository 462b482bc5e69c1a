/*
 * reservation.c
 *		paycore.reserve_refund(): no cent is given back twice.
 *
 * Each refund holds its share of the payment in two counters, refund_reserved
 * (asked for) and refunded (done).  They move with the payment's row locked, so
 * concurrent refunds queue there and the rule holds at every isolation level.
 * What we ask for is limited; what the gateway says has happened is recorded,
 * and over_returned marks it.
 */
#include "common/paycore.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "common/find.h"
#include "common/update.h"
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

static PcFind find_payment = PC_FIND(PC_PAYMENTS, "ut", "id, tenant_id",
	"status, gross, authorized, refund_reserved, refunded, dispute_held, over_returned");

static PcUpdate set_counters = PC_UPDATE(PC_PAYMENTS, "utmmbz", "refund_reserved, refunded, over_returned, updated_at");

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

/* The refunded payment; its counters after this refund, once they were moved. */
typedef struct Payment
{
	int			status;
	PcMoney		captured;
	PcMoney		limit;			/* captured, or authorised where nothing was captured yet */
	PcMoney		reserved;
	PcMoney		refunded;
	PcMoney		disputed;
	bool		over_returned;
} Payment;

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

/* The payment, locked, as it is before. */
static void
lock_payment(TriggerData *trigger, const RefundRow *refund, Payment *payment)
{
	PcArgs		key = {0};
	bool		uncaptured;

	pc_arg(&key, refund->payment_id, false);
	pc_arg(&key, refund->tenant_id, false);
	if (!pc_find(&find_payment, &key))
		ereport(ERROR,
				(errcode(ERRCODE_PC_NOT_FOUND),
				 errmsg("tenant \"%s\" has no payment %s to refund",
						TextDatumGetCString(refund->tenant_id),
						DatumGetCString(DirectFunctionCall1(uuid_out, refund->payment_id))),
				 errtable(trigger->tg_relation)));
	(void) pc_get(0, 2, &uncaptured);
	payment->status = pc_get_state(0, 1);
	payment->captured = pc_get_money(0, 2);
	payment->limit = pc_get_money(0, uncaptured ? 3 : 2);
	payment->reserved = pc_get_money(0, 4);
	payment->refunded = pc_get_money(0, 5);
	payment->disputed = pc_get_money(0, 6);
	payment->over_returned = pc_get_bool(0, 7);
}

static int64
held(const Payment *payment)
{
	return pc_money_amount(pc_money_add(pc_money_add(payment->reserved, payment->refunded), payment->disputed));
}

static void
check_limit(TriggerData *trigger, const RefundRow *refund, const Payment *payment, int64 wanted)
{
	int64		captured = pc_money_amount(payment->captured);
	char		text[2][PC_MONEY_TEXT_LEN];

	if (payment->status != PAYMENT_SUCCEEDED)
		ereport(ERROR,
				(errcode(ERRCODE_PC_NOT_REFUNDABLE),
				 errmsg("a payment that is %s cannot be refunded",
						pc_state_name(&pc_payment_lifecycle, payment->status)),
				 errhint("Only a succeeded payment can; cancel the intent of an uncaptured one."),
				 errtable(trigger->tg_relation)));
	if (pc_money_amount(payment->disputed) > 0)
		check_disputes(trigger, refund);
	if (held(payment) <= captured)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_PC_OVER_REFUND),
			 errmsg("refund of %s is more than what is left of the payment",
					pc_money_to_text(refund->amount, text[0])),
			 errdetail("%s can still be refunded.",
					   pc_money_to_text(pc_money_make(pc_money_currency(refund->amount),
													  Max(0, captured - (held(payment) - wanted))), text[1])),
			 errhint("Refunds that fail or are canceled free their share."),
			 errtable(trigger->tg_relation)));
}

static void
write_counters(const RefundRow *refund, const Payment *payment)
{
	PcArgs		a = {0};

	pc_arg(&a, refund->payment_id, false);
	pc_arg(&a, refund->tenant_id, false);
	pc_arg_money(&a, payment->reserved);
	pc_arg_money(&a, payment->refunded);
	pc_arg_bool(&a, payment->over_returned);
	pc_arg_time(&a, GetCurrentTransactionStartTimestamp());
	if (pc_update(&set_counters, &a) == 0)
		pc_row_vetoed(PC_PAYMENTS);
}

static void
move(TriggerData *trigger, const RefundRow *refund, Share by, bool observed)
{
	PcCurrency	currency = pc_money_currency(refund->amount);
	PcIdentity	caller;

	pc_guard_enter(trigger, &caller);
	PC_WRITE_AS(.source = pc_writer_for_trigger().source, .through_api = true, .counters = true)
	{
		Payment		payment;

		lock_payment(trigger, refund, &payment);
		payment.reserved = pc_money_add(payment.reserved, pc_money_make(currency, by.reserved));
		payment.refunded = pc_money_add(payment.refunded, pc_money_make(currency, by.refunded));
		payment.over_returned = (payment.over_returned || observed) && held(&payment) > pc_money_amount(payment.limit);
		write_counters(refund, &payment);
		if (!observed && by.reserved + by.refunded > 0)
			check_limit(trigger, refund, &payment, by.reserved + by.refunded);
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
