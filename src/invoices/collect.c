/*
 * collect.c
 *		The part of a run that gets the money of invoices: who is due is charged,
 *		what became of charges is heard, and dunning takes its steps.
 */
#include "common/paycore.h"

#include "common/args.h"
#include "common/fault.h"
#include "invoices/collect.h"
#include "invoices/pay.h"
#include "miscadmin.h"
#include "utils/datum.h"

/* Charges in one transaction: each holds its invoice until the end of it. */
#define MOST_CHARGES 200

static const char begin_sql[] =
#include "invoices/collect_begin.inc"
;
static const char hear_sql[] =
#include "invoices/collect_hear.inc"
;
static const char act_sql[] =
#include "invoices/collect_act.inc"
;

int64
inv_begin_batch(const PcApiCall *call, TimestampTz now, int size, InvPosition *looked)
{
	static PcPlan plan = {.args = "tz4Tzu", .sql = begin_sql, .row_of = PC_NO_ROW, .replanned = true};
	Datum		accounts = inv_charging_accounts(call);
	int64		begun = 0;
	bool		isnull = false;

	while (begun == 0 && !isnull)
	{
		Datum		values[6] = {
			CStringGetTextDatum(call->tenant), TimestampTzGetDatum(now), Int32GetDatum(size), accounts,
			TimestampTzGetDatum(looked->due_at), UUIDPGetDatum(&looked->id)
		};
		Datum		due_at;

		CHECK_FOR_INTERRUPTS();
		pc_api_write_by_index(&plan, values);
		begun = pc_get_int64(0, 1);
		due_at = pc_get(0, 2, &isnull);
		if (!isnull)
			*looked = (InvPosition) {.due_at = DatumGetTimestampTz(due_at), .id = pc_get_id(0, 3)};
	}
	return begun;
}

/* Those that are to be charged now, longest due first. */
static uint64
find_due(const PcApiCall *call, TimestampTz now, int size, pg_uuid_t **ids)
{
	static PcPlan plan = PC_PLAN("tz4",
								 "SELECT c.invoice_id FROM paycore.collections c WHERE c.tenant_id = $1 AND c.next_action_at <= $2 "
								 "AND c.status IN ('collecting', 'retrying') AND NOT c.stirred AND (SELECT a.auto_charge FROM paycore.billing_accounts a "
								 "WHERE a.id = c.billing_account_id AND a.tenant_id = $1) ORDER BY c.next_action_at, c.id LIMIT $3");
	Datum		values[3] = {CStringGetTextDatum(call->tenant), TimestampTzGetDatum(now), Int32GetDatum(size)};
	uint64		found = pc_execute(&plan, values, NULL, false, 0);

	*ids = palloc_array(pg_uuid_t, Max(found, 1));
	for (uint64 i = 0; i < found; i++)
		(*ids)[i] = pc_get_id(i, 1);
	return found;
}

static int64
charge_due(const PcApiCall *call, TimestampTz now, int size)
{
	pg_uuid_t  *ids;
	uint64		found = find_due(call, now, Min(size, MOST_CHARGES), &ids);

	for (uint64 i = 0; i < found; i++)
	{
		inv_collect_one(call, &ids[i], now);
		PC_FAULT("collecting_charged");
		CHECK_FOR_INTERRUPTS();
	}
	return (int64) found;
}

/* Those that are locked: what is read afterwards has all that stirred them, for who stirs one meanwhile waits, and stirs it again. */
#define LOCK_COLLECTIONS(which) \
	"SELECT count(*), array_agg(c.id) FROM (SELECT c.id FROM paycore.collections c WHERE c.tenant_id = $1 AND " which " FOR NO KEY UPDATE SKIP LOCKED) c"

/* Those of them whose charge is on its way: their intent still says what it said before. */
static Datum
being_charged(const PcApiCall *call, Datum collections)
{
	static PcPlan plan = PC_PLAN("tU",
								 "SELECT coalesce(array_agg(c.id), '{}') FROM unnest($2) c (id) WHERE EXISTS (SELECT FROM paycore.collections k "
								 "JOIN paycore.payment_intents n ON n.invoice_id = k.invoice_id AND n.tenant_id = $1 "
								 "JOIN paycore.outbox o ON o.lane = n.id AND o.tenant_id = $1 AND o.finished_at IS NULL AND NOT o.is_read "
								 "WHERE k.id = c.id AND k.tenant_id = $1)");
	Datum		values[2] = {CStringGetTextDatum(call->tenant), collections};
	bool		isnull;

	pc_api_plumbing(&plan, values, NULL);
	return datumCopy(pc_get(0, 1, &isnull), false, -1);
}

/* Whether anything else of those is overdue is read afterwards, too. */
static void
lock_past_due(const PcApiCall *call, Datum collections)
{
	static PcPlan plan = PC_PLAN("tU",
								 "SELECT FROM paycore.subscriptions s WHERE s.tenant_id = $1 AND s.status::text = 'past_due' AND s.id = ANY (ARRAY(SELECT c.subscription_id "
								 "FROM paycore.collections c WHERE c.id = ANY ($2) AND c.tenant_id = $1 AND c.subscription_id IS NOT NULL)) ORDER BY s.id FOR NO KEY UPDATE");
	Datum		values[2] = {CStringGetTextDatum(call->tenant), collections};

	(void) pc_execute_by_index(&plan, values, NULL);
}

int64
inv_hear_batch(const PcApiCall *call, TimestampTz now, int size)
{
	static PcPlan lock = PC_PLAN("t4", LOCK_COLLECTIONS("c.stirred ORDER BY c.id LIMIT $2"));
	static PcPlan plan = PC_PLAN("tzUU", hear_sql);
	Datum		which[2] = {CStringGetTextDatum(call->tenant), Int32GetDatum(size)};
	Datum		values[4] = {which[0], TimestampTzGetDatum(now)};

	if (inv_lock(&lock, which, &values[2]) == 0)
		return 0;
	lock_past_due(call, values[2]);
	values[3] = being_charged(call, values[2]);
	pc_api_write_by_index(&plan, values);
	return pc_get_int64(0, 1);
}

/* Steps of dunning that need no charge. */
static int64
take_steps(const PcApiCall *call, TimestampTz now, int size)
{
	static PcPlan lock = PC_PLAN("tz4", LOCK_COLLECTIONS("c.next_action_at <= $2 AND c.status = 'awaiting_payer' AND NOT c.stirred "
														 "ORDER BY c.next_action_at, c.id LIMIT $3"));
	static PcPlan plan = PC_PLAN("tzUU", act_sql);
	Datum		which[3] = {CStringGetTextDatum(call->tenant), TimestampTzGetDatum(now), Int32GetDatum(size)};
	Datum		values[4] = {which[0], which[1]};

	if (inv_lock(&lock, which, &values[2]) == 0)
		return 0;
	values[3] = being_charged(call, values[2]);
	pc_api_write_by_index(&plan, values);
	return pc_get_int64(0, 1);
}

int64
inv_collect_batch(const PcApiCall *call, TimestampTz now, int size)
{
	int64		done = take_steps(call, now, size);

	PC_FAULT("collecting_due");
	done += charge_due(call, now, size);
	return done;
}

/* collect_invoices(as_of, batch_size) */
PG_FUNCTION_INFO_V1(paycore_collect_invoices);
PGDLLEXPORT Datum
paycore_collect_invoices(PG_FUNCTION_ARGS)
{
	int			size = inv_batch_size_argument(fcinfo, 1);
	PcApiCall	call;
	InvPosition looked = INV_FROM_FIRST;
	TimestampTz now;
	int64		done;

	pc_api_begin(&call);
	now = inv_as_of_argument(&call, fcinfo);
	done = inv_hear_batch(&call, now, size);
	done += inv_begin_batch(&call, now, size, &looked);
	done += inv_collect_batch(&call, now, size);
	pc_api_end(&call);
	PG_RETURN_INT64(done);
}
