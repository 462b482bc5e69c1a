-- How recurring revenue of tenant $1 moved from $2 until $3, by month in time zone $4. What moved before is the month NULL.
WITH moved AS MATERIALIZED (
	SELECT CASE WHEN m.effective_at >= $2 THEN paycore.calendar_start(m.effective_at, 'month', $4) END AS month, m.currency, m.kind,
		sum(paycore.cents(m.after) - paycore.cents(m.before))::bigint AS change
	FROM paycore.mrr_movements m
	WHERE m.tenant_id = $1 AND m.effective_at < $3
	GROUP BY 1, 2, 3
),
months AS (
	SELECT NULL::date AS month
	UNION ALL
	SELECT generate_series(paycore.calendar_start($2, 'month', $4), paycore.calendar_start($3 - interval '1 microsecond', 'month', $4), interval '1 month')::date
),
summed AS (
	SELECT g.month, c.currency, coalesce(sum(m.change), 0) AS change,
		coalesce(sum(m.change) FILTER (WHERE m.kind = 'new'), 0) AS new, coalesce(sum(m.change) FILTER (WHERE m.kind = 'expansion'), 0) AS expansion,
		coalesce(sum(m.change) FILTER (WHERE m.kind = 'contraction'), 0) AS contraction, coalesce(sum(m.change) FILTER (WHERE m.kind = 'churn'), 0) AS churn,
		coalesce(sum(m.change) FILTER (WHERE m.kind = 'reactivation'), 0) AS reactivation
	FROM months g
	CROSS JOIN (SELECT DISTINCT currency FROM moved) c
	LEFT JOIN moved m ON m.month IS NOT DISTINCT FROM g.month AND m.currency OPERATOR(paycore.=) c.currency
	GROUP BY g.month, c.currency
),
running AS (
	SELECT s.*, sum(s.change) OVER (PARTITION BY s.currency ORDER BY s.month NULLS FIRST) AS closing FROM summed s
)
SELECT r.month, r.currency, paycore.money_cents((r.closing - r.change)::bigint, r.currency), paycore.money_cents(r.new::bigint, r.currency),
	paycore.money_cents(r.expansion::bigint, r.currency), paycore.money_cents(r.contraction::bigint, r.currency), paycore.money_cents(r.churn::bigint, r.currency),
	paycore.money_cents(r.reactivation::bigint, r.currency), paycore.money_cents(r.closing::bigint, r.currency),
	paycore.money_cents(12 * r.closing::bigint, r.currency)
FROM running r
WHERE r.month IS NOT NULL
ORDER BY r.currency::text, r.month
