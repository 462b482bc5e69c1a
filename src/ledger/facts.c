/*
 * facts.c
 *		paycore.post_to_ledger('=kind', 'column', ...): rows of payments, refunds,
 *		disputes, payouts, balance transactions and account transactions tell
 *		what money has moved.  For invoices see documents.c.
 *
 * Attached AFTER, to the tables themselves, so that every path passes here:
 * a fact is in the ledger in the transaction that wrote it.
 */
#include "common/paycore.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "common/settings.h"
#include "guards/owner.h"
#include "ledger/internal.h"
#include "types/lifecycle.h"
#include "types/money_args.h"
#include "types/movement.h"
#include "utils/builtins.h"
#include "utils/rel.h"

PG_FUNCTION_INFO_V1(paycore_post_to_ledger);

#define MAX_COLUMNS 13
#define MAX_FACTS 4

/* Columns of the trigger's arguments, after the kind. */
enum
{
	ID = 1, TENANT, ACCOUNT, AFTER_ACCOUNT
};
enum
{
	PAYMENT_GATEWAY = AFTER_ACCOUNT, PAYMENT_CHARGE, PAYMENT_STATUS, PAYMENT_GROSS, PAYMENT_CAPTURED_AT, PAYMENT_FEE,
	PAYMENT_SETTLED_GROSS, PAYMENT_SETTLED_AT, PAYMENT_FAILED_AT, PAYMENT_COLUMNS
};
enum
{
	REFUND_GATEWAY = AFTER_ACCOUNT, REFUND_PSP_ID, REFUND_STATUS, REFUND_AMOUNT, REFUND_KIND, REFUND_SUCCEEDED_AT, REFUND_FAILED_AT,
	REFUND_SEEN_AT, REFUND_COLUMNS
};
enum
{
	DISPUTE_GATEWAY = AFTER_ACCOUNT, DISPUTE_AMOUNT, DISPUTE_HELD, DISPUTE_MOVEMENTS, DISPUTE_COLUMNS
};
enum
{
	PAYOUT_GATEWAY = ACCOUNT, PAYOUT_STATUS, PAYOUT_AMOUNT, PAYOUT_PAID_AT, PAYOUT_FAILED_AT, PAYOUT_SEEN_AT, PAYOUT_COLUMNS
};
enum
{
	BALANCE_GATEWAY = ACCOUNT, BALANCE_CATEGORY, BALANCE_AMOUNT, BALANCE_FEE, BALANCE_NET, BALANCE_PAYMENT, BALANCE_REFUND,
	BALANCE_PAYOUT, BALANCE_AT, BALANCE_COLUMNS
};
enum
{
	CHANGE_AMOUNT = AFTER_ACCOUNT, CHANGE_AT, CHANGE_COLUMNS
};

typedef struct Row
{
	bool		there;
	Datum		values[MAX_COLUMNS];
	bool		nulls[MAX_COLUMNS];
} Row;

typedef struct Change
{
	Row			before;			/* not there: the row is new */
	Row			now;
	PcFactOf	of;
	int			n;
	PcPosting	postings[MAX_FACTS];
} Change;

static void
read_row(TriggerData *trigger, const GuardColumns *columns, HeapTuple tuple, Row *row)
{
	TupleDesc	desc = RelationGetDescr(trigger->tg_relation);
	Datum	   *values = palloc(desc->natts * sizeof(Datum));
	bool	   *nulls = palloc(desc->natts * sizeof(bool));

	heap_deform_tuple(tuple, desc, values, nulls);
	row->there = true;
	for (int i = 1; i < columns->n; i++)
	{
		row->values[i] = values[columns->columns[i].attnum - 1];
		row->nulls[i] = nulls[columns->columns[i].attnum - 1];
	}
	pfree(values);
	pfree(nulls);
}

static void
add_money(Change *change, PcFact fact, PcMoney amount, TimestampTz at, int nth)
{
	change->postings[change->n++] = (PcPosting) {.fact = fact, .amount = amount, .occurred_at = at, .nth = nth};
}

static PcMoney
money_of(const Row *row, int column)
{
	return DatumGetPcMoney(row->values[column]);
}

/* What is not dated happened now. */
static TimestampTz
time_of(const Row *row, int column)
{
	return row->nulls[column] ? GetCurrentTransactionStartTimestamp() : DatumGetTimestampTz(row->values[column]);
}

static void
add(Change *change, PcFact fact, int amount, int at, int nth)
{
	add_money(change, fact, money_of(&change->now, amount), time_of(&change->now, at), nth);
}

/* One transfer. */
static void
post(Change *change)
{
	if (change->n > 0)
		pc_ledger_post(&change->of, change->n, change->postings);
	change->n = 0;
}

static char *
text_of(const Row *row, int column)
{
	return row->nulls[column] ? NULL : TextDatumGetCString(row->values[column]);
}

static bool
has_status(const Row *row, int column, int status)
{
	return row->there && !row->nulls[column] && DatumGetPcState(row->values[column]) == status;
}

static bool
has(const Row *row, int column)
{
	return row->there && !row->nulls[column];
}

static bool
has_taken(const Row *row)
{
	return has_status(row, PAYMENT_STATUS, PAYMENT_SUCCEEDED) && has(row, PAYMENT_GROSS);
}

static bool
is_exchanged(const Row *row)
{
	return has(row, PAYMENT_GROSS) && has(row, PAYMENT_SETTLED_GROSS) &&
		money_of(row, PAYMENT_GROSS) != money_of(row, PAYMENT_SETTLED_GROSS);
}

static void
payment_facts(Change *change)
{
	const Row  *before = &change->before;
	const Row  *now = &change->now;

	change->of.manual = now->nulls[PAYMENT_CHARGE];
	if (has_taken(now) && !has_taken(before))
		add(change, change->of.manual ? PC_FACT_MANUAL_PAYMENT : PC_FACT_CHARGE, PAYMENT_GROSS, PAYMENT_CAPTURED_AT, 1);
	if (has_taken(before) && has_status(now, PAYMENT_STATUS, PAYMENT_FAILED))
		add(change, PC_FACT_CHARGE_FAILURE, PAYMENT_GROSS, PAYMENT_FAILED_AT, 1);
	if (has(now, PAYMENT_FEE) && !has(before, PAYMENT_FEE))
		add(change, PC_FACT_FEE, PAYMENT_FEE, PAYMENT_SETTLED_AT, 1);
	if (is_exchanged(now) && !is_exchanged(before))
	{
		add(change, PC_FACT_EXCHANGE_OUT, PAYMENT_GROSS, PAYMENT_SETTLED_AT, 1);
		add(change, PC_FACT_EXCHANGE_IN, PAYMENT_SETTLED_GROSS, PAYMENT_SETTLED_AT, 1);
	}
}

static bool
is_refunded(const Row *row)
{
	return has_status(row, REFUND_STATUS, REFUND_SUCCEEDED) && has(row, REFUND_KIND) &&
		strcmp(text_of(row, REFUND_KIND), "refund") == 0;
}

static void
refund_facts(Change *change)
{
	bool		before = is_refunded(&change->before);

	change->of.manual = change->now.nulls[REFUND_PSP_ID];
	if (is_refunded(&change->now) && !before)
		add(change, PC_FACT_REFUND, REFUND_AMOUNT, REFUND_SUCCEEDED_AT, change->before.there ? 0 : 1);
	if (before && !is_refunded(&change->now))
		add(change, PC_FACT_REFUND_FAILURE, REFUND_AMOUNT,
			has(&change->now, REFUND_FAILED_AT) ? REFUND_FAILED_AT : REFUND_SEEN_AT, 0);
}

static void
payout_facts(Change *change)
{
	bool		before = has_status(&change->before, PAYOUT_STATUS, PAYOUT_PAID);
	bool		now = has_status(&change->now, PAYOUT_STATUS, PAYOUT_PAID);

	if (now && !before)
		add(change, PC_FACT_PAYOUT, PAYOUT_AMOUNT, PAYOUT_PAID_AT, change->before.there ? 0 : 1);
	if (before && !now)
		add(change, PC_FACT_PAYOUT_FAILURE, PAYOUT_AMOUNT,
			has(&change->now, PAYOUT_FAILED_AT) ? PAYOUT_FAILED_AT : PAYOUT_SEEN_AT, 0);
}

/* What a balance transaction's movement is in the ledger by. */
typedef enum Booking
{
	BOOKED_WITH_FEE,			/* its payment has amount and fee; a dispute's fee is a fact of its own */
	BOOKED_WITHOUT_FEE,			/* the amount only */
	BOOKED_FEE,					/* nothing: it is a fee itself */
	BOOKED_NOT					/* nothing */
} Booking;

static Booking
booking_of(const char *category)
{
	static const struct
	{
		const char *category;
		Booking		booking;
	}			bookings[] = {
		{"charge", BOOKED_WITH_FEE}, {"partial_capture_reversal", BOOKED_WITH_FEE},
		{"dispute", BOOKED_WITH_FEE}, {"dispute_reversal", BOOKED_WITH_FEE},
		{"charge_failure", BOOKED_WITHOUT_FEE}, {"refund", BOOKED_WITHOUT_FEE}, {"refund_failure", BOOKED_WITHOUT_FEE},
		{"payout", BOOKED_WITHOUT_FEE}, {"payout_reversal", BOOKED_WITHOUT_FEE}, {"fee", BOOKED_FEE}
	};

	for (int i = 0; category != NULL && i < (int) lengthof(bookings); i++)
	{
		if (strcmp(bookings[i].category, category) == 0)
			return bookings[i].booking;
	}
	return BOOKED_NOT;
}

/* Of the refund, bounced payment or payout that a balance transaction is of; 0 where none is known. */
static PcMoney
amount_of_object(const Row *row)
{
	static PcPlan refund = PC_PLAN("ut",
		"SELECT amount FROM paycore.refunds WHERE id OPERATOR(pg_catalog.=) $1 AND tenant_id OPERATOR(pg_catalog.=) $2");
	static PcPlan payment = PC_PLAN("ut",
		"SELECT coalesce(gross, authorized) FROM paycore.payments"
		" WHERE id OPERATOR(pg_catalog.=) $1 AND tenant_id OPERATOR(pg_catalog.=) $2");
	static PcPlan payout = PC_PLAN("ut",
		"SELECT amount FROM paycore.payouts WHERE id OPERATOR(pg_catalog.=) $1 AND tenant_id OPERATOR(pg_catalog.=) $2");
	int			column = has(row, BALANCE_REFUND) ? BALANCE_REFUND : has(row, BALANCE_PAYMENT) ? BALANCE_PAYMENT : BALANCE_PAYOUT;
	Datum		values[2] = {row->values[column], row->values[TENANT]};
	PcMoney		amount = 0;

	if (!has(row, column))
		return 0;
	SPI_connect();
	if (pc_execute(column == BALANCE_REFUND ? &refund : column == BALANCE_PAYMENT ? &payment : &payout, values, NULL, false, 1) > 0)
		amount = pc_get_money(0, 1);
	SPI_finish();
	return amount;
}

/* own left a balance or came to it as booked, which is of another currency. */
static void
exchange(Change *change, PcMoney own, PcMoney booked, TimestampTz at, int nth)
{
	add_money(change, PC_FACT_EXCHANGE_IN, pc_money_negate(own), at, nth);
	add_money(change, PC_FACT_EXCHANGE_OUT, pc_money_negate(booked), at, nth);
}

/* An object in one currency was taken from the balance in another, or came back to it. */
static void
exchange_object(Change *change)
{
	PcMoney		booked = money_of(&change->now, BALANCE_AMOUNT);
	PcMoney		amount = amount_of_object(&change->now);

	if (pc_money_currency(amount) == 0 || pc_money_same_currency(amount, booked))
		return;
	if ((pc_money_amount(booked) < 0) != (pc_money_amount(amount) < 0))
		amount = pc_money_negate(amount);
	exchange(change, amount, booked, time_of(&change->now, BALANCE_AT), 1);
}

static bool
has_object(const Row *row)
{
	return has(row, BALANCE_REFUND) || has(row, BALANCE_PAYMENT) || has(row, BALANCE_PAYOUT);
}

static void
balance_transaction_facts(Change *change)
{
	Booking		booking = booking_of(text_of(&change->now, BALANCE_CATEGORY));
	TimestampTz at = time_of(&change->now, BALANCE_AT);

	if (!change->before.there && booking == BOOKED_WITHOUT_FEE)
		add(change, PC_FACT_GATEWAY_FEE, BALANCE_FEE, BALANCE_AT, 1);
	if (!change->before.there && booking == BOOKED_FEE)
		add_money(change, PC_FACT_GATEWAY_FEE, pc_money_negate(money_of(&change->now, BALANCE_NET)), at, 1);
	if (!change->before.there && booking == BOOKED_NOT)
		add(change, PC_FACT_GATEWAY_ADJUSTMENT, BALANCE_NET, BALANCE_AT, 1);
	if (booking == BOOKED_WITHOUT_FEE && has_object(&change->now) && !has_object(&change->before))
		exchange_object(change);
}

/* A movement in the currency of the payment where that can be told, else as it was booked. */
static PcMoney
own_amount(const Row *row, const PcMovement *m)
{
	PcMoney		disputed = money_of(row, DISPUTE_AMOUNT);
	PcMoney		original;

	if (pc_money_same_currency(disputed, money_of(row, DISPUTE_HELD)) && pc_movement_original(m, disputed, &original))
		return original;
	return m->amount;
}

/* was: the same movement as it was known before; NULL: it is new. */
static void
movement_facts(Change *change, const PcMovement *now, const PcMovement *was)
{
	TimestampTz at = now->created == 0 ? GetCurrentTransactionStartTimestamp() : time_t_to_timestamptz(now->created);
	bool		taken = pc_money_amount(now->amount) < 0;
	PcMoney		own = own_amount(&change->now, now);
	PcMoney		booked = now->amount;
	PcMoney		fee = now->fee;

	if (was != NULL)
	{
		own = pc_money_subtract(own, own_amount(&change->before, was));
		booked = pc_money_subtract(booked, was->amount);
		fee = pc_money_subtract(fee, was->fee);
	}
	add_money(change, taken ? PC_FACT_DISPUTE : PC_FACT_REINSTATEMENT, taken ? pc_money_negate(own) : own, at, 0);
	if (!pc_money_same_currency(own, booked))
		exchange(change, own, booked, at, 0);
	if (pc_money_amount(fee) >= 0)
		add_money(change, PC_FACT_DISPUTE_FEE, fee, at, 0);
	else
		add_money(change, PC_FACT_DISPUTE_FEE_RETURN, pc_money_negate(fee), at, 0);
}

static int
movements_of(const Row *row, PcMovement *movements)
{
	return has(row, DISPUTE_MOVEMENTS) ? pc_movements(DatumGetJsonbP(row->values[DISPUTE_MOVEMENTS]), movements) : 0;
}

/* A transfer for each movement.  A fee with a transaction of its own is posted from that. */
static void
dispute_facts(Change *change)
{
	PcMovement *now = palloc(sizeof(PcMovement) * PC_MAX_MOVEMENTS);
	PcMovement *was = palloc(sizeof(PcMovement) * PC_MAX_MOVEMENTS);
	int			nnow = movements_of(&change->now, now);
	int			nwas = movements_of(&change->before, was);

	for (int i = 0; i < nnow; i++)
	{
		PcMovement *known = NULL;

		for (int j = 0; j < nwas; j++)
			if (strcmp(now[i].id, was[j].id) == 0)
				known = &was[j];
		if (!pc_movement_is_fee(&now[i]))
			movement_facts(change, &now[i], known);
		post(change);
	}
}

static void
account_transaction_facts(Change *change)
{
	PcMoney		amount = money_of(&change->now, CHANGE_AMOUNT);
	TimestampTz at = time_of(&change->now, CHANGE_AT);

	if (change->before.there)
		return;
	if (pc_money_amount(amount) >= 0)
		add_money(change, PC_FACT_BALANCE_CREDIT, amount, at, 1);
	else
		add_money(change, PC_FACT_BALANCE_DEBIT, pc_money_negate(amount), at, 1);
}

static const struct
{
	const char *name;
	int			columns;
	const char *types;			/* of them, in letters of PcPlan */
	bool		of_account;		/* of a billing account */
	int			gateway;		/* column of the gateway account's name, or 0 */
	void		(*facts) (Change *change);
}			kinds[] = {
	{"=payment", PAYMENT_COLUMNS, "ututtPmzmmzz", true, PAYMENT_GATEWAY, payment_facts},
	{"=refund", REFUND_COLUMNS, "ututtRmtzzz", true, REFUND_GATEWAY, refund_facts},
	{"=dispute", DISPUTE_COLUMNS, "ututmmj", true, DISPUTE_GATEWAY, dispute_facts},
	{"=payout", PAYOUT_COLUMNS, "uttOmzzz", false, PAYOUT_GATEWAY, payout_facts},
	{"=balance_transaction", BALANCE_COLUMNS, "utttmmmuuuz", false, BALANCE_GATEWAY, balance_transaction_facts},
	{"=account_transaction", CHANGE_COLUMNS, "utumz", true, 0, account_transaction_facts},
};

/* Of the trigger's first argument and as many columns as it takes. */
static int
kind_of(TriggerData *trigger, const GuardColumns *columns)
{
	for (int i = 0; i < (int) lengthof(kinds); i++)
	{
		if (TRIGGER_FIRED_FOR_ROW(trigger->tg_event) && columns->n == kinds[i].columns &&
			strcmp(columns->columns[0].argument, kinds[i].name) == 0)
			return i;
	}
	ereport(ERROR,
			(errcode(ERRCODE_PC_TRIGGER_USE),
			 errmsg("trigger \"%s\" tells the ledger of no kind of row that it knows", trigger->tg_trigger->tgname),
			 errtable(trigger->tg_relation)));
	return 0;
}

/* Before a value is taken for what it is not. */
static void
check_types(TriggerData *trigger, const GuardColumns *columns, int kind)
{
	for (int i = 1; i < columns->n; i++)
		pc_guard_check_type(trigger, columns->columns[i].attnum, pc_argument_type(kinds[kind].types[i - 1]));
}

static void
require(TriggerData *trigger, const GuardColumns *columns, const Row *row, int column)
{
	if (row->nulls[column])
		ereport(ERROR,
				(errcode(ERRCODE_NOT_NULL_VIOLATION),
				 errmsg("what is posted to the ledger needs a value in column \"%s\"", columns->columns[column].argument),
				 errtablecol(trigger->tg_relation, columns->columns[column].attnum)));
}

static void
name_object(TriggerData *trigger, const GuardColumns *columns, int kind, Change *change)
{
	const Row  *row = &change->now;

	require(trigger, columns, row, ID);
	require(trigger, columns, row, TENANT);
	change->of.owner = pc_guard_table_owner(trigger);
	change->of.tenant = text_of(row, TENANT);
	change->of.object_id = *DatumGetUUIDP(row->values[ID]);
	change->of.has_account = kinds[kind].of_account && !row->nulls[ACCOUNT];
	if (change->of.has_account)
		change->of.billing_account_id = *DatumGetUUIDP(row->values[ACCOUNT]);
	if (kinds[kind].gateway != 0)
		change->of.gateway_account = text_of(row, kinds[kind].gateway);
}

/* AFTER INSERT OR UPDATE, row; of invoices and what is applied to them also AFTER INSERT, statement. */
PGDLLEXPORT Datum
paycore_post_to_ledger(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = pc_guard_begin(fcinfo, "post_to_ledger", GUARD_AFTER_ROW | GUARD_STATEMENT, 1);
	const GuardColumns *columns = pc_guard_columns(trigger);
	Change		change;
	int			kind;

	if (!pc_ledger_enabled)
		return PointerGetDatum(NULL);
	pc_guard_check_owner(trigger, PC_LEDGER_ENTRIES, "post to paycore.ledger_entries");
	if (pc_ledger_post_documents(trigger))
		return PointerGetDatum(NULL);
	kind = kind_of(trigger, columns);
	check_types(trigger, columns, kind);
	change.n = 0;
	change.before.there = false;
	if (TRIGGER_FIRED_BY_UPDATE(trigger->tg_event))
		read_row(trigger, columns, trigger->tg_trigtuple, &change.before);
	read_row(trigger, columns, pc_guard_new_row(trigger), &change.now);
	memset(&change.of, 0, sizeof(change.of));
	name_object(trigger, columns, kind, &change);
	kinds[kind].facts(&change);
	post(&change);
	return PointerGetDatum(NULL);
}
