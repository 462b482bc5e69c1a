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

#define MAX_POSTINGS 8
#define COLUMNS 13

static PcInsert insert_entry = PC_INSERT(PC_LEDGER_ENTRIES, "utuuumtu4uzz8",
	"id, tenant_id, transfer_id, debit_account_id, credit_account_id, amount, fact, object_id, nth, billing_account_id,"
	" occurred_at, recorded_at, txn");

static PcPlan count_plan = PC_PLAN("uttt",
	"SELECT pg_catalog.count(*) FILTER (WHERE fact OPERATOR(pg_catalog.=) $3),"
	" pg_catalog.count(*) FILTER (WHERE fact OPERATOR(pg_catalog.=) $4)"
	" FROM paycore.ledger_entries WHERE object_id OPERATOR(pg_catalog.=) $1 AND tenant_id OPERATOR(pg_catalog.=) $2"
	" AND (fact OPERATOR(pg_catalog.=) $3 OR fact OPERATOR(pg_catalog.=) $4)");

typedef struct Batch
{
	const PcFactOf *of;
	int			n;
	pg_uuid_t	ids[MAX_POSTINGS];
	pg_uuid_t	debits[MAX_POSTINGS];
	pg_uuid_t	credits[MAX_POSTINGS];
	PcArgs		rows[MAX_POSTINGS];
} Batch;

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
add(Batch *batch, const PcPosting *posting, int nth)
{
	const PcFactOf *of = batch->of;
	const PcRule *rule = &pc_rules[posting->fact];
	bool		reversed = pc_money_amount(posting->amount) < 0;
	PcCurrency	currency = pc_money_currency(posting->amount);
	int			i = batch->n++;
	PcArgs	   *a = &batch->rows[i];

	if (i >= MAX_POSTINGS)
		elog(ERROR, "paycore: too many postings at once");
	batch->debits[i] = pc_chart_account(of, reversed ? rule->credit : rule->debit, currency);
	batch->credits[i] = pc_chart_account(of, reversed ? rule->debit : rule->credit, currency);
	pc_uuid_v7(&batch->ids[i]);
	a->n = 0;
	pc_arg_uuid(a, &batch->ids[i]);
	pc_arg_text(a, of->tenant);
	pc_arg_uuid(a, &batch->ids[0]);
	pc_arg_uuid(a, &batch->debits[i]);
	pc_arg_uuid(a, &batch->credits[i]);
	pc_arg(a, PcMoneyGetDatum(reversed ? pc_money_negate(posting->amount) : posting->amount), false);
	pc_arg_text(a, rule->name);
	pc_arg_uuid(a, &of->object_id);
	pc_arg(a, Int32GetDatum(nth), false);
	pc_arg_uuid(a, of->has_account ? &of->billing_account_id : NULL);
	pc_arg(a, TimestampTzGetDatum(posting->occurred_at), false);
	pc_arg_time(a, GetCurrentTimestamp());
	pc_arg(a, Int64GetDatum(pc_ledger_txn()), false);
}

static void
write_batch(const Batch *batch)
{
	Datum	   *values[MAX_POSTINGS];
	char		nulls[MAX_POSTINGS * (COLUMNS + 1)];

	for (int i = 0; i < batch->n; i++)
	{
		values[i] = (Datum *) batch->rows[i].values;
		memcpy(nulls + i * (COLUMNS + 1), batch->rows[i].nulls, COLUMNS);
		nulls[i * (COLUMNS + 1) + COLUMNS] = '\0';
	}
	PC_WRITE_AS(.source = PC_SOURCE_SQL, .through_api = true)
	{
		pc_insert_all(&insert_entry, batch->n, values, nulls);
	}
	PC_WRITE_END;
}

static void
post(const PcFactOf *of, int n, const PcPosting *postings)
{
	Batch	   *batch = palloc(sizeof(Batch));

	batch->of = of;
	batch->n = 0;
	for (int i = 0; i < n; i++)
	{
		int			nth = pc_money_amount(postings[i].amount) != 0 ? number_of(of, &postings[i]) : 0;

		if (nth != 0)
			add(batch, &postings[i], nth);
	}
	if (batch->n > 0)
		write_batch(batch);
	pfree(batch);
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
