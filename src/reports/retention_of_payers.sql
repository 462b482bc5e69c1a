-- Accounts of tenant $1 by the month (time zone $4) from $2 until $3 of their first payment, and how many of them paid in each month since, until $6.
WITH paid AS (
	SELECT paycore.calendar_start(p.captured_at, 'month', $4) AS month, paycore.currency(p.gross) AS currency, p.billing_account_id, paycore.sum(p.gross) AS gross
	FROM paycore.payments p
	WHERE p.tenant_id = $1 AND p.captured_at <= $6 AND p.status OPERATOR(paycore.=) 'succeeded'::paycore.payment_status
	GROUP BY 1, 2, 3
),
account AS (
	SELECT p.month, p.currency, p.gross, min(p.month) OVER (PARTITION BY p.currency, p.billing_account_id) AS cohort FROM paid p
),
summed AS (
	SELECT a.cohort, a.currency, a.month, count(*) AS retained, paycore.sum(a.gross) AS gross
	FROM account a
	WHERE a.cohort >= paycore.calendar_start($2, 'month', $4) AND a.cohort <= paycore.calendar_start($3 - interval '1 microsecond', 'month', $4)
	GROUP BY a.cohort, a.currency, a.month
),
grid AS (
	SELECT c.cohort, c.currency, c.retained AS accounts, g.month::date AS month, g.nth
	FROM summed c
	CROSS JOIN LATERAL generate_series(c.cohort::timestamp, paycore.calendar_start($6, 'month', $4)::timestamp, interval '1 month')
		WITH ORDINALITY g (month, nth)
	WHERE c.month = c.cohort
)
SELECT g.cohort, g.currency, g.accounts, (g.nth - 1)::integer, coalesce(s.retained, 0), round(100.0 * coalesce(s.retained, 0) / g.accounts, 2),
	coalesce(s.gross, paycore.money_cents(0, g.currency))
FROM grid g
LEFT JOIN summed s ON s.cohort = g.cohort AND s.currency OPERATOR(paycore.=) g.currency AND s.month = g.month
ORDER BY g.currency::text, g.cohort, g.nth
