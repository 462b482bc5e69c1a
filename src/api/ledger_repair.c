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
	" paycore.account_transactions, paycore.invoices, paycore.invoice_payments, paycore.credit_notes, paycore.ledger_entries, paycore.ledger_balances, paycore.ledger_periods, paycore.ledger_days"
	" IN SHARE ROW EXCLUSIVE MODE");

static const char missing[] =
#include "api/ledger_missing.inc"
;

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
	static PcPlan plan = PC_PLAN("", missing);
	uint64		n = pc_execute(&plan, NULL, NULL, false, 0);
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
