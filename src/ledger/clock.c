/*
 * clock.c
 *		Transaction numbers, which say what a roll-up has seen and what it has not.
 *
 * An entry keeps the number of its transaction; a roll-up sums all below the
 * oldest one that is still running.  A dump restored to another server brings
 * numbers of the old one: ledger_clock then says how far to count ahead, so
 * that new entries never lie below a horizon they were not summed for.
 */
#include "common/paycore.h"

#include "access/transam.h"
#include "access/xact.h"
#include "common/plan.h"
#include "common/writer.h"
#include "ledger/ledger.h"
#include "utils/snapmgr.h"

static PcPlan read_plan = PC_PLAN("",
	"SELECT coalesce((SELECT c.shift FROM paycore.ledger_clock c), 0),"
	" greatest((SELECT pg_catalog.max(b.horizon) FROM paycore.ledger_balances b), (SELECT pg_catalog.max(u.horizon) FROM paycore.usage_horizons u), 0)");

static PcPlan shift_plan = PC_PLAN("8",
	"INSERT INTO paycore.ledger_clock (one, shift) VALUES (true, $1)"
	" ON CONFLICT (one) DO UPDATE SET shift = greatest(ledger_clock.shift, excluded.shift) RETURNING shift");

static struct
{
	bool		known;
	uint64		changes;
	int64		shift;
}			ahead;

/* In full, of the snapshot's age or younger: at most one epoch back. */
static int64
oldest_txn(Snapshot snapshot)
{
	FullTransactionId next = ReadNextFullTransactionId();
	uint32		epoch = EpochFromFullTransactionId(next);

	if (snapshot->xmin > XidFromFullTransactionId(next))
		epoch--;
	return (int64) U64FromFullTransactionId(FullTransactionIdFromEpochAndXid(epoch, snapshot->xmin));
}

/* The shift that holds: another session may just have found a greater one. */
static int64
write_shift(int64 shift)
{
	Datum		value = Int64GetDatum(shift);
	volatile int64 greatest = shift;

	PC_WRITE_AS(.source = PC_SOURCE_SQL, .through_api = true, .counters = true)
	{
		(void) pc_execute(&shift_plan, &value, NULL, false, 0);
		greatest = pc_get_int64(0, 1);
	}
	PC_WRITE_END;
	return greatest;
}

/* A horizon ahead of this server's transactions is of another one: all that run by now, this one too, count from there. */
static int64
find_shift(void)
{
	PcIdentity	caller;
	int64		oldest = oldest_txn(GetLatestSnapshot());
	int64		shift,
				horizon;

	pc_identity_assume(&caller, pc_table_owner(PC_LEDGER_CLOCK));
	SPI_connect();
	(void) pc_execute(&read_plan, NULL, NULL, true, 0);
	shift = pc_get_int64(0, 1);
	horizon = pc_get_int64(0, 2);
	if (horizon > oldest + shift)
		shift = write_shift(horizon - oldest);
	SPI_finish();
	pc_identity_drop(&caller);
	return shift;
}

static int64
present_shift(void)
{
	uint64		changes = pc_row_changes(PC_LEDGER_CLOCK);

	if (!ahead.known || ahead.changes != changes)
	{
		ahead.shift = find_shift();
		ahead.changes = changes;
		ahead.known = true;
	}
	return ahead.shift;
}

int64
pc_ledger_txn(void)
{
	int64		shift = present_shift();

	return (int64) U64FromFullTransactionId(GetTopFullTransactionId()) + shift;
}

int64
pc_ledger_horizon(void)
{
	int64		oldest = oldest_txn(GetActiveSnapshot());

	ahead.known = false;		/* a restore may have come meanwhile */
	return oldest + present_shift();
}
