-- What tenant $1 has at $6, and what came of it from $2 until $3.
WITH figure (currency, accounts, paying, active, mrr, invoices, invoiced, payments, collected, refunds, refunded, open, due, overdue) AS (
	SELECT a.currency, count(*), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
	FROM paycore.billing_accounts a WHERE a.tenant_id = $1 GROUP BY a.currency
	UNION ALL
	SELECT s.currency, 0, count(DISTINCT s.billing_account_id) FILTER (WHERE paycore.cents(s.mrr) > 0),
		count(*) FILTER (WHERE s.status::text IN ('active', 'past_due')), coalesce(sum(paycore.cents(s.mrr)), 0), 0, 0, 0, 0, 0, 0, 0, 0, 0
	FROM paycore.subscriptions s WHERE s.tenant_id = $1 GROUP BY s.currency
	UNION ALL
	SELECT i.currency, 0, 0, 0, 0, count(*) FILTER (WHERE i.finalized_at >= $2 AND i.finalized_at < $3 AND i.voided_at IS NULL),
		coalesce(sum(paycore.cents(i.total)) FILTER (WHERE i.finalized_at >= $2 AND i.finalized_at < $3 AND i.voided_at IS NULL), 0), 0, 0, 0, 0,
		count(*) FILTER (WHERE i.status::text = 'open'), coalesce(sum(paycore.cents(i.amount_due)) FILTER (WHERE i.status::text = 'open'), 0),
		coalesce(sum(paycore.cents(i.amount_due)) FILTER (WHERE i.status::text = 'open' AND i.due_at < $6), 0)
	FROM paycore.invoices i WHERE i.tenant_id = $1 GROUP BY i.currency
	UNION ALL
	SELECT n.currency, 0, 0, 0, 0, 0, sum(t.sign * paycore.cents(n.total)), 0, 0, 0, 0, 0, 0, 0
	FROM paycore.credit_notes n
	CROSS JOIN LATERAL (VALUES (n.issued_at, -1), (n.voided_at, 1)) t (at, sign)
	WHERE n.tenant_id = $1 AND t.at >= $2 AND t.at < $3 GROUP BY n.currency
	UNION ALL
	SELECT paycore.currency(p.gross), 0, 0, 0, 0, 0, 0, count(*), sum(paycore.cents(p.gross)), 0, 0, 0, 0, 0
	FROM paycore.payments p
	WHERE p.tenant_id = $1 AND p.captured_at >= $2 AND p.captured_at < $3 AND p.status OPERATOR(paycore.=) 'succeeded'::paycore.payment_status
	GROUP BY 1
	UNION ALL
	SELECT paycore.currency(r.amount), 0, 0, 0, 0, 0, 0, 0, 0, count(*), sum(paycore.cents(r.amount)), 0, 0, 0
	FROM paycore.refunds r
	WHERE r.tenant_id = $1 AND r.succeeded_at >= $2 AND r.succeeded_at < $3 AND r.kind = 'refund' AND r.status OPERATOR(paycore.=) 'succeeded'::paycore.refund_status
	GROUP BY 1
)
SELECT f.currency, sum(f.accounts)::bigint, sum(f.paying)::bigint, sum(f.active)::bigint, paycore.money_cents(sum(f.mrr)::bigint, f.currency),
	paycore.money_cents(12 * sum(f.mrr)::bigint, f.currency), paycore.money_cents(round(sum(f.mrr) / nullif(sum(f.paying), 0))::bigint, f.currency),
	sum(f.invoices)::bigint, paycore.money_cents(sum(f.invoiced)::bigint, f.currency), sum(f.payments)::bigint, paycore.money_cents(sum(f.collected)::bigint, f.currency),
	sum(f.refunds)::bigint, paycore.money_cents(sum(f.refunded)::bigint, f.currency), sum(f.open)::bigint, paycore.money_cents(sum(f.due)::bigint, f.currency),
	paycore.money_cents(sum(f.overdue)::bigint, f.currency)
FROM figure f
GROUP BY f.currency
ORDER BY f.currency::text
