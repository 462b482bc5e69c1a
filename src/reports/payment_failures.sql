-- What tenant $1 could not charge from $2 until $3, by $5 of the first failure in time zone $4, and what came in after all. The tries of an invoice count together.
WITH tried AS (
	SELECT t.*, min(t.attempted_at) FILTER (WHERE NOT t.succeeded) OVER (PARTITION BY t.what, t.currency) AS failed_at
	FROM (SELECT coalesce(n.invoice_id, n.id) AS what, paycore.currency(t.amount) AS currency, t.amount, t.attempted_at, t.outcome = 'succeeded' AS succeeded
		FROM paycore.payment_attempts t
		JOIN paycore.payment_intents n ON n.id = t.payment_intent_id AND n.tenant_id = t.tenant_id
		WHERE t.tenant_id = $1) t
),
recovery AS (
	SELECT t.currency, t.failed_at, array_agg(t.attempted_at) AS tries, (array_agg(t.amount ORDER BY t.attempted_at) FILTER (WHERE NOT t.succeeded))[1] AS amount,
		min(t.attempted_at) FILTER (WHERE t.succeeded AND t.attempted_at >= t.failed_at) AS recovered_at,
		(array_agg(t.amount ORDER BY t.attempted_at) FILTER (WHERE t.succeeded AND t.attempted_at >= t.failed_at))[1] AS recovered
	FROM tried t
	WHERE t.failed_at >= $2 AND t.failed_at < $3
	GROUP BY t.what, t.currency, t.failed_at
)
SELECT paycore.calendar_start(r.failed_at, $5, $4) AS period, r.currency, count(*), paycore.sum(r.amount), count(r.recovered_at),
	coalesce(paycore.sum(r.recovered), paycore.money_cents(0, r.currency)), round(100.0 * count(r.recovered_at) / count(*), 2),
	round(avg((SELECT count(*) FROM unnest(r.tries) t (at) WHERE t.at <= r.recovered_at)) FILTER (WHERE r.recovered_at IS NOT NULL), 2),
	round(avg(extract(epoch FROM r.recovered_at - r.failed_at) / 86400) FILTER (WHERE r.recovered_at IS NOT NULL), 2)
FROM recovery r
GROUP BY 1, 2
ORDER BY r.currency::text, 1
