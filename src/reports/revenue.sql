-- Tenant $1's money from $2 until $3, by $5 in time zone $4. Payments are read once.
WITH paid AS MATERIALIZED (
	SELECT paycore.tally(p.captured_at, $2, $3, $5, $4, 0, p.gross, p.fee) AS rows
	FROM paycore.payments p
	WHERE p.tenant_id = $1
),
entries (period, currency, payments, gross, refunds, disputes, bounced, fees) AS (
	SELECT t.period, t.currency, CASE t.kind WHEN 0 THEN t.times ELSE 0 END, CASE t.kind WHEN 0 THEN paycore.cents(t.amount) ELSE 0 END, 0, 0, 0,
		CASE t.kind WHEN 1 THEN paycore.cents(t.amount) ELSE 0 END
	FROM paid p, unnest(p.rows) t WHERE t.period > '-infinity'
	UNION ALL
	SELECT t.period, t.currency, 0, 0, paycore.cents(t.amount), 0, 0, 0
	FROM (SELECT paycore.tally(r.succeeded_at, $2, $3, $5, $4, 0, r.amount, NULL) AS rows
		FROM paycore.refunds r
		WHERE r.tenant_id = $1 AND r.kind = 'refund' AND r.status OPERATOR(paycore.=) 'succeeded'::paycore.refund_status) r, unnest(r.rows) t
	WHERE t.period > '-infinity'
	UNION ALL
	SELECT paycore.calendar_start(w.at, $5, $4), paycore.currency(d.held), 0, 0, 0, paycore.cents(d.held), 0, 0
	FROM paycore.disputes d
	CROSS JOIN LATERAL (SELECT coalesce(d.withdrawn_at, d.opened_at) AS at) w
	WHERE d.tenant_id = $1 AND w.at >= $2 AND w.at < $3 AND paycore.cents(d.held) > 0
	UNION ALL
	SELECT paycore.calendar_start(w.at, $5, $4), paycore.currency(d.fee), 0, 0, 0, 0, 0, paycore.cents(d.fee)
	FROM paycore.disputes d
	CROSS JOIN LATERAL (SELECT coalesce(d.withdrawn_at, d.opened_at) AS at) w
	WHERE d.tenant_id = $1 AND w.at >= $2 AND w.at < $3 AND d.fee IS NOT NULL
	UNION ALL
	SELECT paycore.calendar_start(p.failed_at, $5, $4), paycore.currency(p.gross), 0, 0, 0, 0, paycore.cents(p.gross), 0
	FROM paycore.payments p
	WHERE p.tenant_id = $1 AND p.failed_at >= $2 AND p.failed_at < $3 AND p.captured_at IS NOT NULL
		AND p.status OPERATOR(paycore.=) 'failed'::paycore.payment_status
)
SELECT e.period, e.currency, sum(e.payments)::bigint, paycore.money_cents(sum(e.gross)::bigint, e.currency),
	paycore.money_cents(sum(e.refunds)::bigint, e.currency), paycore.money_cents(sum(e.disputes)::bigint, e.currency),
	paycore.money_cents(sum(e.bounced)::bigint, e.currency), paycore.money_cents(sum(e.fees)::bigint, e.currency),
	paycore.money_cents(sum(e.gross - e.refunds - e.disputes - e.bounced - e.fees)::bigint, e.currency)
FROM entries e
GROUP BY e.period, e.currency
ORDER BY e.currency::text, e.period
