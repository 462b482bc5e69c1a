/*
 * ledger_repair.c
 *		repair_ledger(): posts facts that the ledger lacks, and makes its
 *		rolled-up sums anew.
 */
#include "common/paycore.h"

#include "access/xact.h"
#include "api/api.h"
#include "common/settings.h"
#include "ledger/ledger.h"
#include "types/money_args.h"

#define BUSY 1000

/* Nobody makes a fact meanwhile. */
static PcPlan lock_plan = PC_PLAN("",
	"LOCK TABLE paycore.payments, paycore.refunds, paycore.disputes, paycore.payouts, paycore.balance_transactions,"
	" paycore.account_transactions, paycore.ledger_entries, paycore.ledger_balances, paycore.ledger_periods, paycore.ledger_days"
	" IN SHARE ROW EXCLUSIVE MODE");

/* What of the facts does not stand posted; and undone ones of which something may: the posting looks itself. */
static PcPlan missing_plan = PC_PLAN("",
	"SELECT f.tenant_id, r.number, f.object_id, f.gateway_account, f.manual, f.billing_account_id,"
	" paycore.money_cents((paycore.cents(f.amount) - coalesce(p.amount, 0))::bigint, paycore.currency(f.amount)), f.occurred_at"
	" FROM paycore.ledger_facts() f"
	" JOIN (SELECT fact, row_number() OVER () AS number FROM paycore.ledger_rules()) r ON r.fact = f.fact"
	" LEFT JOIN paycore.ledger_posted() p ON p.tenant_id = f.tenant_id AND p.fact = f.fact AND p.object_id = f.object_id"
	"  AND p.currency = paycore.currency(f.amount)::text"
	" WHERE paycore.cents(f.amount) <> coalesce(p.amount, 0)"
	" UNION ALL"
	" SELECT x.tenant_id, r.number, x.id, x.gateway_account, x.manual, x.billing_account_id, x.amount, x.happened"
	" FROM (SELECT 'charge_failure' AS fact, p.tenant_id, p.id, p.gateway_account, p.psp_charge_id IS NULL AS manual,"
	"   p.billing_account_id, p.gross AS amount, p.failed_at AS happened"
	"  FROM paycore.payments p WHERE p.status::text = 'failed' AND p.gross IS NOT NULL"
	"  UNION ALL SELECT 'refund_failure', f.tenant_id, f.id, f.gateway_account, f.psp_refund_id IS NULL,"
	"   f.billing_account_id, f.amount, f.failed_at FROM paycore.refunds f WHERE f.status::text <> 'succeeded'"
	"  UNION ALL SELECT 'payout_failure', o.tenant_id, o.id, o.gateway_account, false,"
	"   NULL, o.amount, o.failed_at FROM paycore.payouts o WHERE o.status::text <> 'paid') x"
	" JOIN (SELECT fact, undoes, row_number() OVER () AS number FROM paycore.ledger_rules()) r ON r.fact = x.fact"
	" WHERE (SELECT count(*) FILTER (WHERE e.fact = r.undoes) - count(*) FILTER (WHERE e.fact = r.fact)"
	"  FROM paycore.ledger_entries e WHERE e.object_id = x.id AND e.tenant_id = x.tenant_id) > 0");

static PcPlan forget_periods = PC_PLAN("", "DELETE FROM paycore.ledger_periods");
static PcPlan forget_days = PC_PLAN("", "DELETE FROM paycore.ledger_days");
static PcPlan forget_balances = PC_PLAN("", "DELETE FROM paycore.ledger_balances");

typedef struct Missing
{
	PcFactOf	of;
	PcPosting	posting;
} Missing;

static void
read_missing(uint64 r, Missing *missing)
{
	bool		isnull;

	memset(missing, 0, sizeof(*missing));
	missing->of.has_account = pc_get_uuid(r, 6, &missing->of.billing_account_id);
	missing->of.tenant = pc_get_cstring(r, 1);
	missing->posting.fact = (PcFact) pc_get_int64(r, 2) - 1;
	missing->of.object_id = pc_get_id(r, 3);
	missing->of.gateway_account = pc_get_cstring(r, 4);
	missing->of.manual = pc_get_bool(r, 5);
	missing->posting.amount = pc_get_money(r, 7);
	missing->posting.occurred_at = DatumGetTimestampTz(pc_get(r, 8, &isnull));
	if (isnull)
		missing->posting.occurred_at = GetCurrentTransactionStartTimestamp();
}

static int64
post_missing(void)
{
	uint64		n = pc_execute(&missing_plan, NULL, NULL, false, 0);
	Missing    *all = palloc(sizeof(Missing) * Max(n, 1));

	for (uint64 i = 0; i < n; i++)
		read_missing(i, &all[i]);
	for (uint64 i = 0; i < n; i++)
		pc_ledger_post(&all[i].of, 1, &all[i].posting);
	return (int64) n;
}

static void
forget_sums(void)
{
	PC_WRITE_AS(.source = PC_SOURCE_SQL, .through_api = true, .counters = true, .reason = "repair_ledger")
	{
		pc_execute(&forget_periods, NULL, NULL, false, 0);
		pc_execute(&forget_days, NULL, NULL, false, 0);
		pc_execute(&forget_balances, NULL, NULL, false, 0);
	}
	PC_WRITE_END;
}

PG_FUNCTION_INFO_V1(paycore_repair_ledger);
PGDLLEXPORT Datum
paycore_repair_ledger(PG_FUNCTION_ARGS)
{
	PcApiCall	call;
	int64		posted;

	pc_check_owner("repair the ledger");
	if (!pc_ledger_enabled)
		ereport(ERROR,
				(errcode(ERRCODE_PC_UNSUPPORTED),
				 errmsg("the ledger is switched off"),
				 errhint("SET paycore.ledger = on first.")));
	pc_api_begin(&call);
	pc_execute(&lock_plan, NULL, NULL, false, 0);
	posted = post_missing();
	forget_sums();
	(void) pc_ledger_roll_up(0, BUSY, true);
	pc_api_end(&call);
	PG_RETURN_INT64(posted);
}
