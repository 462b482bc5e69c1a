/*
 * batch.c
 *		One batch of a billing run: one statement, from what is due to the
 *		invoices, so that it happens whole or not at all.
 */
#include "common/paycore.h"

#include "common/fault.h"
#include "common/settings.h"
#include "invoices/invoices.h"
#include "items/items.h"
#include "utils/datum.h"

/* To the planner, what unnest() gives are ten, and what generate_subscripts() gives a thousand. */
#define FEW 20

static const char bill_few[] = "WITH given AS (SELECT unnest($3) AS id), "
#include "invoices/bill.h"
;
static const char bill_many[] = "WITH given AS (SELECT ($3)[n] AS id FROM generate_subscripts($3, 1) n), "
#include "invoices/bill.h"
;

/* Batches that a plan for many serves: tables grow while they are billed. */
#define SERVES 16

/* The columns of its result. */
enum
{
	DONE = 1, INVOICES, DONE_UNTIL, IDS, DUE_AT, STATUSES, UNSTEADY, UNSTEADY_SINCE
};

void
inv_open_series(const PcApiCall *call, const char *series, const char *prefix)
{
	static PcPlan plan = PC_PLAN("ttt",
								 "INSERT INTO paycore.invoice_series (tenant_id, series, prefix) VALUES ($1, $2, $3) "
								 "ON CONFLICT (tenant_id, series) DO NOTHING");
	Datum		values[3] = {CStringGetTextDatum(call->tenant), CStringGetTextDatum(series), CStringGetTextDatum(prefix)};

	pc_api_write(&plan, values, NULL, NULL);
}

Datum
inv_charging_accounts(const PcApiCall *call)
{
	static PcPlan plan = PC_PLAN("t",
								 "SELECT coalesce(array_agg(name), '{}') FROM paycore.gateway_accounts WHERE tenant_id = $1 AND gateway IN ('stripe', 'mock')");
	Datum		tenant = CStringGetTextDatum(call->tenant);
	bool		isnull;

	pc_api_plumbing(&plan, &tenant, NULL);
	return datumCopy(pc_get(0, 1, &isnull), false, -1);
}

/* What is due at the same moment as before would be for ever: whatever keeps it so, a trigger of the user's say. */
static void
check_moved_on(const PcApiCall *call)
{
	static PcPlan plan = PC_PLAN("tUZT",
								 "SELECT s.next_bill_at FROM unnest($2, $3, $4) d (id, due_at, status) "
								 "CROSS JOIN LATERAL (SELECT s.next_bill_at, s.status::text AS status FROM paycore.subscriptions s "
								 "WHERE s.id = d.id AND s.tenant_id = $1 AND s.parked_at IS NULL OFFSET 0) s "
								 "WHERE s.next_bill_at <= d.due_at AND s.status = d.status LIMIT 1");
	bool		isnull;
	Datum		values[4] = {
		CStringGetTextDatum(call->tenant), pc_get(0, IDS, &isnull), pc_get(0, DUE_AT, &isnull), pc_get(0, STATUSES, &isnull)
	};

	if (pc_execute(&plan, values, NULL, false, 1) > 0)
		ereport(ERROR,
				(errcode(ERRCODE_TRIGGERED_DATA_CHANGE_VIOLATION),
				 errmsg("its step of billing leaves the subscription due since %s, as it was", timestamptz_to_str(pc_get_time(0, 1))),
				 errdetail("It would be billed for ever: look for a trigger that keeps its next_bill_at.")));
}

int64
inv_lock(PcPlan *plan, Datum *values, Datum *ids)
{
	int64		n;
	bool		isnull;

	(void) pc_execute_by_index(plan, values, NULL);
	n = pc_get_int64(0, 1);
	if (n > 0)
		*ids = datumCopy(pc_get(0, 2, &isnull), false, -1);
	return n;
}

/*
 * A scheduled change comes first (change_due.c), but for an end, a wait, and an
 * account that is not billed.
 */
#define LOCK_DUE(which) \
	"SELECT count(*), array_agg(d.id), (array_agg(d.next_bill_at))[1], (array_agg(d.id))[1] FROM (SELECT s.id, s.next_bill_at FROM paycore.subscriptions s " \
	"WHERE s.tenant_id = $1 AND s.next_bill_at <= $2 AND s.parked_at IS NULL " \
	"AND (s.change_at IS NULL OR s.change_at > s.next_bill_at OR s.cancel_at <= s.next_bill_at " \
	"OR (s.status::text = 'scheduled' AND s.trial_end > s.next_bill_at) OR (s.status::text = 'paused' AND s.billed_until > s.next_bill_at) " \
	"OR EXISTS (SELECT FROM paycore.billing_accounts a WHERE a.id = s.billing_account_id AND a.tenant_id = $1 AND a.status IN ('suspended', 'closed'))) " \
	which " FOR UPDATE SKIP LOCKED) d"

static int64
lock_one(const PcApiCall *call, TimestampTz as_of, const pg_uuid_t *only, Datum *ids)
{
	static PcPlan plan = PC_PLAN("tzu", LOCK_DUE("AND s.id = $3"));
	Datum		values[3] = {CStringGetTextDatum(call->tenant), TimestampTzGetDatum(as_of), UUIDPGetDatum(only)};

	return inv_lock(&plan, values, ids);
}

static int64
lock_next(const PcApiCall *call, TimestampTz as_of, int most, InvPosition *reached, Datum *ids)
{
	static PcPlan plan = PC_PLAN("tz4zu", LOCK_DUE("AND (s.next_bill_at, s.id) >= ($4, $5) ORDER BY s.next_bill_at, s.id LIMIT $3"));
	Datum		values[5] = {
		CStringGetTextDatum(call->tenant), TimestampTzGetDatum(as_of), Int32GetDatum(most), TimestampTzGetDatum(reached->due_at), UUIDPGetDatum(&reached->id)
	};
	int64		n = inv_lock(&plan, values, ids);

	if (n > 0)
		*reached = (InvPosition) {.due_at = pc_get_time(0, 3), .id = pc_get_id(0, 4)};
	return n;
}

/*
 * What is due, or the only one where it is, before the statement that reads what
 * they are made of: within one, a subscription would be new and its items old,
 * where another run has just been at it.
 *
 * From where the batch before began: in front of it, the index is full of
 * entries of what is billed, until the next VACUUM.  What others held then, and
 * gave back, is met at the end.
 */
static int64
lock_due(const PcApiCall *call, TimestampTz as_of, int most, const pg_uuid_t *only, InvPosition *reached, Datum *ids)
{
	int64		n;

	if (only != NULL)
		return lock_one(call, as_of, only, ids);
	n = lock_next(call, as_of, most, reached, ids);
	if (n > 0 || reached->due_at == DT_NOBEGIN)
		return n;
	*reached = (InvPosition) INV_FROM_FIRST;
	return lock_next(call, as_of, most, reached, ids);
}

/* False where nothing is due. */
static bool
bill(const PcApiCall *call, TimestampTz as_of, int batch_size, const pg_uuid_t *only, InvPosition *reached)
{
	static PcPlan many = {.args = "tzUTt", .sql = bill_many, .row_of = PC_NO_ROW, .serves = SERVES};
	static PcPlan few = PC_PLAN("tzUTt", bill_few);
	Datum		values[5] = {CStringGetTextDatum(call->tenant), TimestampTzGetDatum(as_of)};
	int64		due = lock_due(call, as_of, batch_size, only, reached, &values[2]);

	if (due == 0)
		return false;
	values[3] = inv_charging_accounts(call);
	values[4] = CStringGetTextDatum(pc_current_actor());
	pc_api_write_by_index(due <= FEW ? &few : &many, values);
	return pc_get_int64(0, DONE) > 0;
}

void
inv_bill_batch(const PcApiCall *call, TimestampTz as_of, int batch_size, const pg_uuid_t *only, InvPosition *reached, InvDone *done)
{
	Datum		unsteady;
	Datum		since;
	bool		isnull;

	inv_open_series(call, "invoice", "INV-");
	PC_FAULT("billing_due");
	memset(done, 0, sizeof(*done));
	done->steps = item_changes_due(call, as_of, batch_size, only, inv_reckon_mrr);
	if (!bill(call, as_of, batch_size, only, reached))
		return;
	done->steps += pc_get_int64(0, DONE);
	done->invoices = pc_get_int64(0, INVOICES);
	done->until = pc_get_time(0, DONE_UNTIL);
	since = pc_get(0, UNSTEADY_SINCE, &isnull);
	unsteady = pc_get(0, UNSTEADY, &isnull);
	check_moved_on(call);
	if (!isnull)
		inv_set_mrr(call, unsteady, since);
}

void
inv_park(const PcApiCall *call, const pg_uuid_t *subscription, TimestampTz at, const char *reason)
{
	static PcPlan plan = PC_PLAN("utzt",
								 "UPDATE paycore.subscriptions SET parked_at = $3, parked_reason = left($4, 1000) "
								 "WHERE id = $1 AND tenant_id = $2");
	Datum		values[4] = {UUIDPGetDatum(subscription), CStringGetTextDatum(call->tenant), TimestampTzGetDatum(at),
	CStringGetTextDatum(reason)};

	if (pc_api_write(&plan, values, NULL, NULL) == 0)
		pc_row_vetoed(PC_SUBSCRIPTIONS);
}
