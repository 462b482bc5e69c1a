-- Accounts of tenant $1 by the month (time zone $4) from $2 until $3 in which they first had recurring revenue, and how many of them have some at the end of each month since, until $6.
WITH changes AS (
	SELECT paycore.calendar_start(m.effective_at, 'month', $4) AS month, m.currency, m.billing_account_id,
		sum(paycore.cents(m.after) - paycore.cents(m.before)) AS change
	FROM paycore.mrr_movements m WHERE m.tenant_id = $1 AND m.effective_at <= $6
	GROUP BY 1, 2, 3
),
account AS (
	SELECT c.month, c.currency, c.change, min(c.month) OVER (PARTITION BY c.currency, c.billing_account_id) AS cohort,
		sum(c.change) OVER w - c.change AS had, sum(c.change) OVER w AS has
	FROM changes c WINDOW w AS (PARTITION BY c.currency, c.billing_account_id ORDER BY c.month)
),
summed AS (
	SELECT a.cohort, a.currency, a.month, count(*) FILTER (WHERE a.month = a.cohort) AS accounts,
		count(*) FILTER (WHERE a.had <= 0 AND a.has > 0) - count(*) FILTER (WHERE a.had > 0 AND a.has <= 0) AS change, sum(a.change) AS mrr
	FROM account a
	WHERE a.cohort >= paycore.calendar_start($2, 'month', $4) AND a.cohort <= paycore.calendar_start($3 - interval '1 microsecond', 'month', $4)
	GROUP BY a.cohort, a.currency, a.month
),
grid AS (
	SELECT c.cohort, c.currency, c.accounts, g.month::date AS month
	FROM summed c
	CROSS JOIN LATERAL generate_series(c.cohort::timestamp, paycore.calendar_start($6, 'month', $4)::timestamp, interval '1 month') g (month)
	WHERE c.month = c.cohort
),
running AS (
	SELECT g.cohort, g.currency, g.accounts, (row_number() OVER w - 1)::integer AS month, sum(coalesce(s.change, 0)) OVER w AS retained,
		sum(coalesce(s.mrr, 0)) OVER w AS mrr
	FROM grid g
	LEFT JOIN summed s ON s.cohort = g.cohort AND s.currency OPERATOR(paycore.=) g.currency AND s.month = g.month
	WINDOW w AS (PARTITION BY g.cohort, g.currency ORDER BY g.month)
)
SELECT r.cohort, r.currency, r.accounts, r.month, r.retained::bigint, round(100.0 * r.retained / r.accounts, 2), paycore.money_cents(r.mrr::bigint, r.currency)
FROM running r
ORDER BY r.currency::text, r.cohort, r.month
