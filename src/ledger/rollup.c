/*
 * rollup.c
 *		Sums of busy accounts, made behind the entries: posting never waits for
 *		a balance, and a balance reads little more than the sum.
 *
 * Only entries whose transactions are older than every one still running are
 * added up: none of them can be missing, and none comes later.
 */
#include "common/paycore.h"

#include "common/plan.h"
#include "common/writer.h"
#include "ledger/ledger.h"
#include "storage/lmgr.h"
#include "utils/snapmgr.h"

/* Fewer new entries than this are cheap to sum when asked. */
#define LEAST 1000
#define LOOK_BACK_MS (60 * 1000)

#define HOUR(time) \
	"pg_catalog.date_bin('1 hour', " time ", '2000-01-01 00:00:00+00'::pg_catalog.timestamptz)"
#define DAY(time) \
	"pg_catalog.date_bin('1 day', " time ", '2000-01-01 00:00:00+00'::pg_catalog.timestamptz)"

/* The least id of version 7 made at that time. */
#define FIRST_ID_SINCE(time) \
	"(pg_catalog.lpad(pg_catalog.to_hex((EXTRACT(epoch FROM " time ") * 1000)::bigint), 12, '0')" \
	" || '00000000000000000000')::uuid"

/* An account whose sums are beyond counting is left as it is: it keeps no other from being added up. */
/* $1 horizon, $2 entries looked at since, $3 least new entries of an account, $4 a sample of the quieter ones will do */
static PcPlan roll_plan = PC_PLAN("8z8b",
	"WITH active AS ("
	" SELECT x.account_id, x.tenant_id, count(*) AS n"
	" FROM (SELECT e.debit_account_id AS account_id, e.tenant_id FROM paycore.ledger_entries e WHERE e.id >= " FIRST_ID_SINCE("$2")
	"  UNION ALL SELECT e.credit_account_id, e.tenant_id FROM paycore.ledger_entries e WHERE e.id >= " FIRST_ID_SINCE("$2") ") x"
	" GROUP BY x.account_id, x.tenant_id),"
	" chosen AS MATERIALIZED ("
	" SELECT a.account_id, a.tenant_id, coalesce(b.horizon, 0) AS since"
	" FROM active a LEFT JOIN paycore.ledger_balances b ON b.account_id = a.account_id AND b.tenant_id = a.tenant_id"
	" WHERE (NOT $4 OR a.n >= $3 / 10 OR random() * $3 < a.n * 10)"
	"  AND (SELECT count(*) FROM (SELECT 1 FROM (SELECT 1 FROM paycore.ledger_entries e WHERE e.debit_account_id = a.account_id"
	"     AND e.txn >= coalesce(b.horizon, 0) AND e.txn < $1"
	"    UNION ALL SELECT 1 FROM paycore.ledger_entries e WHERE e.credit_account_id = a.account_id"
	"     AND e.txn >= coalesce(b.horizon, 0) AND e.txn < $1) u LIMIT $3) l) >= $3),"
	" every AS MATERIALIZED ("
	" SELECT c.account_id, c.tenant_id, " HOUR("e.occurred_at") " AS event_hour, " HOUR("e.recorded_at") " AS record_hour,"
	"  sum(paycore.cents(e.amount)) AS debits, 0 AS credits, count(*) AS n, min(e.txn) AS first_txn, max(e.txn) AS last_txn"
	" FROM chosen c JOIN paycore.ledger_entries e ON e.debit_account_id = c.account_id AND e.tenant_id = c.tenant_id"
	"  AND e.txn >= c.since AND e.txn < $1 GROUP BY 1, 2, 3, 4"
	" UNION ALL SELECT c.account_id, c.tenant_id, " HOUR("e.occurred_at") ", " HOUR("e.recorded_at") ","
	"  0, sum(paycore.cents(e.amount)), count(*), min(e.txn), max(e.txn)"
	" FROM chosen c JOIN paycore.ledger_entries e ON e.credit_account_id = c.account_id AND e.tenant_id = c.tenant_id"
	"  AND e.txn >= c.since AND e.txn < $1 GROUP BY 1, 2, 3, 4),"
	" side AS MATERIALIZED ("
	" SELECT v.* FROM every v JOIN (SELECT a.account_id, a.tenant_id FROM every a"
	"  LEFT JOIN paycore.ledger_balances b ON b.account_id = a.account_id AND b.tenant_id = a.tenant_id"
	"  GROUP BY a.account_id, a.tenant_id, b.debits, b.credits"
	"  HAVING greatest(coalesce(b.debits, 0) + sum(a.debits), coalesce(b.credits, 0) + sum(a.credits)) <= 9223372036854775807) f"
	"  ON f.account_id = v.account_id AND f.tenant_id = v.tenant_id),"
	" periods AS ("
	" INSERT INTO paycore.ledger_periods AS p (account_id, tenant_id, event_hour, record_hour, debits, credits, entries, first_txn, last_txn)"
	" SELECT s.account_id, s.tenant_id, s.event_hour, s.record_hour, sum(s.debits), sum(s.credits), sum(s.n), min(s.first_txn), max(s.last_txn)"
	" FROM side s GROUP BY 1, 2, 3, 4"
	" ON CONFLICT (account_id, event_hour, record_hour, tenant_id) DO UPDATE SET debits = p.debits + excluded.debits,"
	"  credits = p.credits + excluded.credits, entries = p.entries + excluded.entries,"
	"  first_txn = least(p.first_txn, excluded.first_txn), last_txn = greatest(p.last_txn, excluded.last_txn)),"
	" days AS ("
	" INSERT INTO paycore.ledger_days AS d (account_id, tenant_id, event_day, record_day, debits, credits)"
	" SELECT s.account_id, s.tenant_id, " DAY("s.event_hour") ", " DAY("s.record_hour") ", sum(s.debits), sum(s.credits)"
	" FROM side s GROUP BY 1, 2, 3, 4"
	" ON CONFLICT (account_id, event_day, record_day, tenant_id) DO UPDATE SET debits = d.debits + excluded.debits,"
	"  credits = d.credits + excluded.credits)"
	" INSERT INTO paycore.ledger_balances AS b (account_id, tenant_id, horizon, debits, credits, entries, rolled_at)"
	" SELECT s.account_id, s.tenant_id, $1, sum(s.debits), sum(s.credits), sum(s.n), now()"
	" FROM side s GROUP BY 1, 2"
	" ON CONFLICT (account_id, tenant_id) DO UPDATE SET horizon = excluded.horizon, debits = b.debits + excluded.debits,"
	"  credits = b.credits + excluded.credits, entries = b.entries + excluded.entries, rolled_at = excluded.rolled_at");

/* Every id is of that time or later. */
static const TimestampTz unix_epoch = ((TimestampTz) UNIX_EPOCH_JDATE - POSTGRES_EPOCH_JDATE) * USECS_PER_DAY;

static int64
roll(TimestampTz since, int64 least)
{
	Datum		values[4];
	volatile int64 accounts;

	/* Taken after the lock: an earlier roll-up is seen, or this one fails to serialize. */
	PushActiveSnapshot(GetTransactionSnapshot());
	values[0] = Int64GetDatum(pc_ledger_horizon());
	PopActiveSnapshot();
	values[1] = TimestampTzGetDatum(since != 0 ? since : unix_epoch);
	values[2] = Int64GetDatum(least);
	values[3] = BoolGetDatum(since != 0);
	PC_WRITE_AS(.source = PC_SOURCE_SQL, .through_api = true, .counters = true)
	{
		accounts = (int64) pc_execute(&roll_plan, values, NULL, false, 0);
	}
	PC_WRITE_END;
	return accounts;
}

/* One at a time; held to the end of the transaction. */
int64
pc_ledger_roll_up(TimestampTz since, int64 least, bool wait)
{
	Oid			table = pc_table_oid(PC_LEDGER_BALANCES, false);
	PcIdentity	caller;
	int64		accounts;

	if (wait)
		LockRelationOid(table, ShareUpdateExclusiveLock);
	else if (!ConditionalLockRelationOid(table, ShareUpdateExclusiveLock))
		return 0;
	pc_identity_assume(&caller, pc_table_owner(PC_LEDGER_BALANCES));
	SPI_connect();
	accounts = roll(since, least);
	SPI_finish();
	pc_identity_drop(&caller);
	return accounts;
}

bool
pc_ledger_upkeep(void)
{
	static TimestampTz last = 0;
	TimestampTz now = GetCurrentTimestamp();

	if (OidIsValid(pc_table_oid(PC_LEDGER_BALANCES, true)))
		(void) pc_ledger_roll_up(TimestampTzPlusMilliseconds(last != 0 ? last : now, -LOOK_BACK_MS), LEAST, false);
	last = now;
	return false;
}
