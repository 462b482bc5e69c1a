-- Tenant $1's money from $2 until $3, by $5 in time zone $4. What is captured is read once, by its own currency and that of its fee.
WITH paid AS MATERIALIZED (
	SELECT paycore.calendar_start(p.captured_at, $5, $4) AS period, paycore.currency(p.gross) AS currency, paycore.currency(p.fee) AS fee_currency,
		count(*) AS payments, paycore.sum(p.gross) AS gross, paycore.sum(p.fee) AS fee
	FROM paycore.payments p
	WHERE p.tenant_id = $1 AND p.captured_at >= $2 AND p.captured_at < $3
	GROUP BY 1, 2, 3
),
entries (period, currency, payments, gross, refunds, disputes, bounced, fees) AS (
	SELECT p.period, p.currency, p.payments, paycore.cents(p.gross), 0, 0, 0, 0 FROM paid p
	UNION ALL
	SELECT p.period, p.fee_currency, 0, 0, 0, 0, 0, paycore.cents(p.fee) FROM paid p WHERE p.fee IS NOT NULL
	UNION ALL
	SELECT paycore.calendar_start(r.succeeded_at, $5, $4), paycore.currency(r.amount), 0, 0, paycore.cents(r.amount), 0, 0, 0
	FROM paycore.refunds r
	WHERE r.tenant_id = $1 AND r.succeeded_at >= $2 AND r.succeeded_at < $3 AND r.kind = 'refund'
		AND r.status OPERATOR(paycore.=) 'succeeded'::paycore.refund_status
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
