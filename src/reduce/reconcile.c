/*
 * reconcile.c
 *		Whether a payout adds up, and which payments have reached the bank by it.
 *
 * A payout that fails gives its money back to the balance by a transaction of
 * its own, which a later payout carries; so payments are judged by the payout
 * at the end of that chain.
 */
#include "common/paycore.h"

#include "reduce/internal.h"

#define EQ " OPERATOR(pg_catalog.=) "
#define NE " OPERATOR(pg_catalog.<>) "

/* Along the transactions that brought failed payouts back, to the last payout. */
static PcPlan end_of_chain = PC_PLAN("ut",
	"WITH RECURSIVE up(id) AS (SELECT $1"
	" UNION SELECT b.payout_id FROM up u JOIN paycore.balance_transactions b ON b.source_payout_id" EQ "u.id"
	"  AND b.tenant_id" EQ "$2 AND b.payout_id IS NOT NULL AND b.payout_id" NE "u.id)"
	" SELECT u.id FROM up u WHERE NOT EXISTS (SELECT FROM paycore.balance_transactions b WHERE b.source_payout_id" EQ "u.id"
	"  AND b.tenant_id" EQ "$2 AND b.payout_id IS NOT NULL AND b.payout_id" NE "u.id) LIMIT 1");

static PcPlan judge_payout = PC_PLAN("utb",
	"UPDATE paycore.payouts o SET reconciled = v.ok,"
	" transactions_read_at = CASE WHEN $3 THEN pg_catalog.now() ELSE o.transactions_read_at END,"
	" reconciled_at = CASE WHEN v.ok THEN coalesce(o.reconciled_at, pg_catalog.now()) END,"
	" reconciliation_notes = pg_catalog.concat_ws('; ', pg_catalog.format('%s transactions of %s', v.n, v.net),"
	"  CASE WHEN v.unknown OPERATOR(pg_catalog.>) 0 THEN pg_catalog.format('%s of objects unknown here', v.unknown) END,"
	"  CASE WHEN NOT v.ok THEN pg_catalog.format('the payout is of %s', o.amount) END)"
	" FROM (SELECT c.id, c.tenant_id, pg_catalog.count(b.id) AS n,"
	"  coalesce(pg_catalog.sum(paycore.cents(b.net))::bigint, 0)" EQ "paycore.cents(c.amount)"
	"   AND pg_catalog.count(*) FILTER (WHERE paycore.currency(b.net)::text" NE "paycore.currency(c.amount)::text)" EQ "0 AS ok,"
	"  paycore.money_cents(coalesce(pg_catalog.sum(paycore.cents(b.net))::bigint, 0), paycore.currency(c.amount)) AS net,"
	"  pg_catalog.count(*) FILTER (WHERE b.source_type IS NULL AND b.reporting_category" EQ
	"   ANY (ARRAY['charge', 'charge_failure', 'refund', 'refund_failure', 'dispute', 'dispute_reversal'])) AS unknown"
	"  FROM paycore.payouts c LEFT JOIN paycore.balance_transactions b ON b.payout_id" EQ "c.id AND b.tenant_id" EQ "c.tenant_id"
	"  WHERE c.id" EQ "$1 AND c.tenant_id" EQ "$2 GROUP BY c.id, c.tenant_id, c.amount) v"
	" WHERE o.id" EQ "v.id AND o.tenant_id" EQ "v.tenant_id");

/* $1 is the end of its chain. */
static PcPlan judge_payments = PC_PLAN("ut",
	"WITH RECURSIVE chain(id) AS (SELECT $1"
	" UNION SELECT f.source_payout_id FROM chain c JOIN paycore.balance_transactions f ON f.payout_id" EQ "c.id"
	"  AND f.tenant_id" EQ "$2 WHERE f.source_payout_id IS NOT NULL AND f.source_payout_id" NE "c.id),"
	" candidate AS (SELECT DISTINCT p.id, p.tenant_id, o.psp_payout_id FROM chain c"
	"  JOIN paycore.balance_transactions b ON b.payout_id" EQ "c.id AND b.tenant_id" EQ "$2 AND b.source_type" EQ "'payment'"
	"   AND b.reporting_category" EQ "'charge'"
	"  JOIN paycore.payouts o ON o.id" EQ "c.id AND o.tenant_id" EQ "$2"
	"  JOIN paycore.payments p ON p.psp_charge_id" EQ "b.psp_source_id AND p.gateway_account" EQ "b.gateway_account),"
	" judged AS (SELECT k.id, k.tenant_id, h.arrived AND v.there AND v.arrived AND v.same AS ok,"
	"  CASE WHEN NOT h.arrived THEN pg_catalog.format('payout %s %s', h.psp_payout_id,"
	"    CASE WHEN h.added_up THEN h.status ELSE 'does not add up' END)"
	"   WHEN NOT (v.there AND v.arrived) THEN 'not all of its transactions are in a payout'"
	"   WHEN NOT v.same THEN 'its amounts are not those of its transactions'"
	"   WHEN k.psp_payout_id" EQ "h.psp_payout_id THEN pg_catalog.format('in payout %s', h.psp_payout_id)"
	"   ELSE pg_catalog.format('in payout %s, which came back, then in payout %s', k.psp_payout_id, h.psp_payout_id) END AS notes"
	"  FROM candidate k JOIN paycore.payments p ON p.id" EQ "k.id AND p.tenant_id" EQ "k.tenant_id"
	"  JOIN (SELECT o.psp_payout_id, o.status::text AS status, o.reconciled AS added_up,"
	"   o.reconciled AND o.status::text" NE "ALL (ARRAY['failed', 'canceled']) AS arrived"
	"   FROM paycore.payouts o WHERE o.id" EQ "$1 AND o.tenant_id" EQ "$2) h ON true"
	"  JOIN LATERAL (SELECT coalesce(pg_catalog.count(b.id)" EQ "pg_catalog.count(*), false) AS there,"
	"   coalesce(pg_catalog.bool_and(b.payout_id" EQ "ANY (ARRAY(SELECT id FROM chain))"
	"    OR (o.reconciled AND o.status::text" NE "ALL (ARRAY['failed', 'canceled']))), false) AS arrived,"
	"   coalesce(pg_catalog.sum(paycore.cents(b.amount))" EQ "paycore.cents(p.settled_gross)"
	"    AND pg_catalog.sum(paycore.cents(b.fee))" EQ "paycore.cents(p.fee), false) AS same"
	"   FROM pg_catalog.unnest(p.balance_transaction_ids) u(id)"
	"   LEFT JOIN paycore.balance_transactions b ON b.psp_balance_transaction_id" EQ "u.id"
	"    AND b.gateway_account" EQ "p.gateway_account AND b.tenant_id" EQ "$2"
	"   LEFT JOIN paycore.payouts o ON o.id" EQ "b.payout_id AND o.tenant_id" EQ "b.tenant_id) v ON true)"
	" UPDATE paycore.payments p SET reconciled = j.ok, reconciled_at = CASE WHEN j.ok THEN pg_catalog.now() END,"
	" reconciliation_notes = j.notes FROM judged j"
	" WHERE p.id" EQ "j.id AND p.tenant_id" EQ "j.tenant_id"
	" AND (p.reconciled" NE "j.ok OR p.reconciliation_notes IS DISTINCT FROM j.notes)");

static void
run(PcPlan *plan, const char *tenant, const pg_uuid_t *id)
{
	PcArgs		a = {0};

	pc_arg_uuid(&a, id);
	pc_arg_text(&a, tenant);
	(void) pc_execute_args(plan, &a, false);
}

void
pc_reconcile_payout(const char *tenant, const pg_uuid_t *id, bool read, PcSource source)
{
	pg_uuid_t	end;
	PcArgs		a = {0};

	pc_arg_uuid(&a, id);
	pc_arg_text(&a, tenant);
	pc_arg_bool(&a, read);
	PC_WRITE_AS(.source = source, .through_api = true, .observed = true, .reason = "reconciliation");
	{
		(void) pc_execute_args(&judge_payout, &a, false);
		run(&end_of_chain, tenant, id);
		if (SPI_processed > 0 && pc_get_uuid(0, 1, &end))
			run(&judge_payments, tenant, &end);
	}
	PC_WRITE_END;
}
