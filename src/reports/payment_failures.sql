-- What tenant $1 could not charge from $2 until $3, by $5 of the first failure in time zone $4, and what came in after all. The tries of an invoice count together.
WITH tried AS (
	SELECT coalesce(n.invoice_id, n.id) AS what, paycore.currency(t.amount) AS currency, t.amount, t.attempted_at, t.outcome = 'succeeded' AS succeeded
	FROM paycore.payment_attempts t
	JOIN paycore.payment_intents n ON n.id = t.payment_intent_id AND n.tenant_id = t.tenant_id
	WHERE t.tenant_id = $1
),
failed AS (
	SELECT t.what, t.currency, min(t.attempted_at) AS failed_at, (array_agg(t.amount ORDER BY t.attempted_at))[1] AS amount
	FROM tried t WHERE NOT t.succeeded
	GROUP BY t.what, t.currency HAVING min(t.attempted_at) >= $2 AND min(t.attempted_at) < $3
),
recovery AS (
	SELECT f.*, r.recovered_at, r.amount AS recovered,
		(SELECT count(*) FROM tried t WHERE t.what = f.what AND t.attempted_at <= r.recovered_at) AS tries
	FROM failed f
	LEFT JOIN LATERAL (SELECT t.attempted_at AS recovered_at, t.amount FROM tried t
		WHERE t.what = f.what AND t.currency OPERATOR(paycore.=) f.currency AND t.succeeded AND t.attempted_at >= f.failed_at
		ORDER BY t.attempted_at LIMIT 1) r ON true
)
SELECT paycore.calendar_start(r.failed_at, $5, $4) AS period, r.currency, count(*), paycore.sum(r.amount), count(r.recovered_at),
	coalesce(paycore.sum(r.recovered), paycore.money_cents(0, r.currency)), round(100.0 * count(r.recovered_at) / count(*), 2),
	round(avg(r.tries) FILTER (WHERE r.recovered_at IS NOT NULL), 2),
	round(avg(extract(epoch FROM r.recovered_at - r.failed_at) / 86400) FILTER (WHERE r.recovered_at IS NOT NULL), 2)
FROM recovery r
GROUP BY 1, 2
ORDER BY r.currency::text, 1
