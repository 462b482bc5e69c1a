-- Who and what tenant $1 lost from $2 until $3, by month in time zone $4: accounts by what they have at the end of each month, money by its movements.
WITH changes AS MATERIALIZED (
	SELECT CASE WHEN m.effective_at >= $2 THEN paycore.calendar_start(m.effective_at, 'month', $4) END AS month, m.currency, m.billing_account_id,
		sum(paycore.cents(m.after) - paycore.cents(m.before)) AS change,
		coalesce(sum(paycore.cents(m.after) - paycore.cents(m.before)) FILTER (WHERE m.kind = 'churn'), 0) AS churn,
		coalesce(sum(paycore.cents(m.after) - paycore.cents(m.before)) FILTER (WHERE m.kind = 'contraction'), 0) AS contraction,
		coalesce(sum(paycore.cents(m.after) - paycore.cents(m.before)) FILTER (WHERE m.kind = 'expansion'), 0) AS expansion
	FROM paycore.mrr_movements m
	WHERE m.tenant_id = $1 AND m.effective_at < $3
	GROUP BY 1, 2, 3
),
account AS (
	SELECT c.*, sum(c.change) OVER w - c.change AS had, sum(c.change) OVER w AS has
	FROM changes c WINDOW w AS (PARTITION BY c.currency, c.billing_account_id ORDER BY c.month NULLS FIRST)
),
months AS (
	SELECT NULL::date AS month
	UNION ALL
	SELECT generate_series(paycore.calendar_start($2, 'month', $4)::timestamp, paycore.calendar_start($3 - interval '1 microsecond', 'month', $4)::timestamp, interval '1 month')::date
),
summed AS (
	SELECT g.month, k.currency, count(*) FILTER (WHERE a.had <= 0 AND a.has > 0) AS gained, count(*) FILTER (WHERE a.had > 0 AND a.has <= 0) AS lost,
		coalesce(sum(a.change), 0) AS change, -coalesce(sum(a.churn), 0) AS churn, -coalesce(sum(a.contraction), 0) AS contraction,
		coalesce(sum(a.expansion), 0) AS expansion
	FROM months g
	CROSS JOIN (SELECT DISTINCT currency FROM changes) k
	LEFT JOIN account a ON a.month IS NOT DISTINCT FROM g.month AND a.currency OPERATOR(paycore.=) k.currency
	GROUP BY g.month, k.currency
),
running AS (
	SELECT s.*, sum(s.gained - s.lost) OVER w - s.gained + s.lost AS accounts, sum(s.change) OVER w - s.change AS opening
	FROM summed s WINDOW w AS (PARTITION BY s.currency ORDER BY s.month NULLS FIRST)
)
SELECT r.month, r.currency, r.accounts::bigint, r.gained, r.lost, round(100.0 * r.lost / nullif(r.accounts, 0), 2),
	paycore.money_cents(r.opening::bigint, r.currency), paycore.money_cents((r.churn + r.contraction)::bigint, r.currency),
	paycore.money_cents(r.expansion::bigint, r.currency), round(100.0 * (r.churn + r.contraction) / nullif(r.opening, 0), 2),
	round(100.0 * (r.churn + r.contraction - r.expansion) / nullif(r.opening, 0), 2)
FROM running r
WHERE r.month IS NOT NULL
ORDER BY r.currency::text, r.month
