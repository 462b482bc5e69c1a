-- How recurring revenue of tenant $1 moved from $2 until $3, by month in time zone $4. What moved before is the month NULL.
WITH moved AS MATERIALIZED (
	SELECT nullif(t.period, '-infinity') AS month, t.currency, paycore.cents(t.amount) AS change,
		CASE t.kind WHEN 3 THEN 'new' WHEN 5 THEN 'churn' WHEN 9 THEN 'expansion' WHEN 11 THEN 'contraction' ELSE 'reactivation' END AS kind
	FROM (
		-- Kinds by the lengths of their names.
		SELECT paycore.tally(m.effective_at, $2, $3, 'month', $4, octet_length(m.kind), m.after OPERATOR(paycore.-) m.before, NULL) AS rows
		FROM paycore.mrr_movements m
		WHERE m.tenant_id = $1
	) m, unnest(m.rows) t
),
months AS (
	SELECT NULL::date AS month
	UNION ALL
	SELECT generate_series(paycore.calendar_start($2, 'month', $4)::timestamp, paycore.calendar_start($3 - interval '1 microsecond', 'month', $4)::timestamp, interval '1 month')::date
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
