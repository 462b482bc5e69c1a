/*
 * post.c
 *		Facts become entries.
 */
#include "common/paycore.h"

#include "common/args.h"
#include "common/settings.h"
#include "common/writer.h"
#include "ledger/internal.h"
#include "types/uuid.h"

#define COLUMNS 13

static PcInsert insert_entry = PC_INSERT(PC_LEDGER_ENTRIES, "utuuumtu4uzz8",
	"id, tenant_id, transfer_id, debit_account_id, credit_account_id, amount, fact, object_id, nth, billing_account_id,"
	" occurred_at, recorded_at, txn");

static PcPlan count_plan = PC_PLAN("uttt",
	"SELECT pg_catalog.count(*) FILTER (WHERE fact OPERATOR(pg_catalog.=) $3),"
	" pg_catalog.count(*) FILTER (WHERE fact OPERATOR(pg_catalog.=) $4)"
	" FROM paycore.ledger_entries WHERE object_id OPERATOR(pg_catalog.=) $1 AND tenant_id OPERATOR(pg_catalog.=) $2"
	" AND (fact OPERATOR(pg_catalog.=) $3 OR fact OPERATOR(pg_catalog.=) $4)");

/* $4 is the account that the fact's rule debits. */
static PcPlan standing_plan = PC_PLAN("uttu",
	"SELECT pg_catalog.count(*), coalesce(pg_catalog.sum(CASE WHEN debit_account_id OPERATOR(pg_catalog.=) $4 THEN paycore.cents(amount)"
	" ELSE OPERATOR(pg_catalog.-) paycore.cents(amount) END), 0)::bigint"
	" FROM paycore.ledger_entries WHERE object_id OPERATOR(pg_catalog.=) $1 AND tenant_id OPERATOR(pg_catalog.=) $2"
	" AND fact OPERATOR(pg_catalog.=) $3");

/* What the values of its row point to. */
typedef struct Entry
{
	pg_uuid_t	id;
	pg_uuid_t	transfer_id;
	pg_uuid_t	object_id;
	pg_uuid_t	billing_account_id;
	pg_uuid_t	debit;
	pg_uuid_t	credit;
	Datum		values[COLUMNS];
} Entry;

struct PcLedgerBatch
{
	MemoryContext texts;		/* of the entries; NULL where there is no end to wait for */
	int			room;
	int			n;
	Entry	   *entries;
	Datum	  **values;
	char	   *nulls;
};

/* How often a fact stands for the object, and the one that it would undo. */
static void
count_posted(const PcFactOf *of, const PcRule *rule, int64 *posted, int64 *to_undo)
{
	const char *undone = rule->undoes >= 0 ? pc_rules[rule->undoes].name : rule->name;
	Datum		values[4] = {
		UUIDPGetDatum(&of->object_id), CStringGetTextDatum(of->tenant),
		CStringGetTextDatum(rule->name), CStringGetTextDatum(undone)
	};

	SPI_connect();
	(void) pc_execute(&count_plan, values, NULL, false, 0);
	*posted = pc_get_int64(0, 1);
	*to_undo = pc_get_int64(0, 2);
	SPI_finish();
}

/* What of an amount that is to stand does not stand yet; the number that it is posted under. */
static PcMoney
rest_of(const PcFactOf *of, const PcRule *rule, PcMoney amount, int *nth)
{
	PcCurrency	currency = pc_money_currency(amount);
	pg_uuid_t	debit = pc_chart_account(of, rule->debit, currency);
	Datum		values[4] = {
		UUIDPGetDatum(&of->object_id), CStringGetTextDatum(of->tenant), CStringGetTextDatum(rule->name), UUIDPGetDatum(&debit)
	};
	PcMoney		standing;

	SPI_connect();
	(void) pc_execute(&standing_plan, values, NULL, false, 0);
	*nth = (int) pc_get_int64(0, 1) + 1;
	standing = pc_money_make(currency, pc_get_int64(0, 2));
	SPI_finish();
	return pc_money_subtract(amount, standing);
}

/* 0 where there is nothing to undo. */
static int
number_of(const PcFactOf *of, const PcPosting *posting)
{
	const PcRule *rule = &pc_rules[posting->fact];
	int64		posted,
				to_undo;

	if (posting->nth != 0 && rule->undoes < 0)
		return posting->nth;
	count_posted(of, rule, &posted, &to_undo);
	if (rule->undoes >= 0 && to_undo <= posted)
		return 0;
	return posting->nth != 0 ? posting->nth : (int) posted + 1;
}

static void
add_entry(PcLedgerBatch *batch, const PcFactOf *of, const PcPosting *posting, PcMoney amount, int nth, const pg_uuid_t *transfer)
{
	const PcRule *rule = &pc_rules[posting->fact];
	bool		reversed = pc_money_amount(amount) < 0;
	PcCurrency	currency = pc_money_currency(amount);
	int			i = batch->n++;
	Entry	   *e = &batch->entries[i];
	char	   *nulls = batch->nulls + i * (COLUMNS + 1);
	int			c = 0;

	if (i >= batch->room)
		elog(ERROR, "paycore: too many postings at once");
	e->debit = pc_chart_account(of, reversed ? rule->credit : rule->debit, currency);
	e->credit = pc_chart_account(of, reversed ? rule->debit : rule->credit, currency);
	pc_uuid_v7(&e->id);
	e->transfer_id = transfer != NULL ? *transfer : e->id;
	e->object_id = of->object_id;
	e->billing_account_id = of->billing_account_id;
	memset(nulls, ' ', COLUMNS);
	nulls[COLUMNS] = '\0';
	e->values[c++] = UUIDPGetDatum(&e->id);
	e->values[c++] = CStringGetTextDatum(of->tenant);
	e->values[c++] = UUIDPGetDatum(&e->transfer_id);
	e->values[c++] = UUIDPGetDatum(&e->debit);
	e->values[c++] = UUIDPGetDatum(&e->credit);
	e->values[c++] = PcMoneyGetDatum(reversed ? pc_money_negate(amount) : amount);
	e->values[c++] = CStringGetTextDatum(rule->name);
	e->values[c++] = UUIDPGetDatum(&e->object_id);
	e->values[c++] = Int32GetDatum(nth);
	nulls[c] = of->has_account ? ' ' : 'n';
	e->values[c++] = UUIDPGetDatum(&e->billing_account_id);
	e->values[c++] = TimestampTzGetDatum(posting->occurred_at);
	e->values[c++] = TimestampTzGetDatum(GetCurrentTimestamp());
	e->values[c++] = Int64GetDatum(pc_ledger_txn());
	Assert(c == COLUMNS);
}

static void
write_batch(PcLedgerBatch *batch)
{
	if (batch->n == 0)
		return;
	PC_WRITE_AS(.source = PC_SOURCE_SQL, .through_api = true)
	{
		pc_insert_all(&insert_entry, batch->n, batch->values, batch->nulls);
	}
	PC_WRITE_END;
	batch->n = 0;
	if (batch->texts != NULL)
		MemoryContextReset(batch->texts);
}

PcLedgerBatch *
pc_ledger_begin(int room)
{
	PcLedgerBatch *batch = palloc(sizeof(PcLedgerBatch));

	batch->room = room;
	batch->n = 0;
	batch->entries = palloc(sizeof(Entry) * room);
	batch->values = palloc(sizeof(Datum *) * room);
	batch->nulls = palloc(room * (COLUMNS + 1));
	for (int i = 0; i < room; i++)
		batch->values[i] = batch->entries[i].values;
	batch->texts = room > PC_MAX_POSTINGS ? AllocSetContextCreate(CurrentMemoryContext, "paycore postings", ALLOCSET_DEFAULT_SIZES) : NULL;
	return batch;
}

void
pc_ledger_add(PcLedgerBatch *batch, const PcFactOf *of, int n, const PcPosting *postings)
{
	MemoryContext old;
	int			first;

	if (batch->n + n > batch->room)
		write_batch(batch);
	first = batch->n;
	old = MemoryContextSwitchTo(batch->texts != NULL ? batch->texts : CurrentMemoryContext);
	for (int i = 0; i < n; i++)
	{
		PcMoney		amount = postings[i].amount;
		int			nth = 0;

		if (postings[i].stands)
			amount = rest_of(of, &pc_rules[postings[i].fact], amount, &nth);
		else if (pc_money_amount(amount) != 0)
			nth = number_of(of, &postings[i]);
		if (nth != 0 && pc_money_amount(amount) != 0)
			add_entry(batch, of, &postings[i], amount, nth, batch->n > first ? &batch->entries[first].id : NULL);
	}
	MemoryContextSwitchTo(old);
}

void
pc_ledger_end(PcLedgerBatch *batch)
{
	write_batch(batch);
	if (batch->texts != NULL)
		MemoryContextDelete(batch->texts);
	pfree(batch->entries);
	pfree(batch->values);
	pfree(batch->nulls);
	pfree(batch);
}

static void
post(const PcFactOf *of, int n, const PcPosting *postings)
{
	PcLedgerBatch *batch = pc_ledger_begin(n);

	pc_ledger_add(batch, of, n, postings);
	pc_ledger_end(batch);
}

void
pc_ledger_post(const PcFactOf *of, int n, const PcPosting *postings)
{
	PcIdentity	caller;

	if (!pc_ledger_enabled || n == 0)
		return;
	if (!OidIsValid(of->owner))
	{
		post(of, n, postings);
		return;
	}
	pc_identity_assume(&caller, of->owner);
	post(of, n, postings);
	pc_identity_drop(&caller);
}
