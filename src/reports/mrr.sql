-- What the subscriptions of tenant $1 bring in a month, as of $3.
WITH subscription AS (
	SELECT m.currency, m.billing_account_id, m.subscription_id, sum(paycore.cents(m.after) - paycore.cents(m.before))::bigint AS mrr
	FROM paycore.mrr_movements m WHERE m.tenant_id = $1 AND m.effective_at <= $3
	GROUP BY 1, 2, 3
)
SELECT s.currency, paycore.money_cents(sum(s.mrr)::bigint, s.currency), paycore.money_cents(12 * sum(s.mrr)::bigint, s.currency),
	count(DISTINCT s.billing_account_id) FILTER (WHERE s.mrr > 0), count(*) FILTER (WHERE s.mrr > 0)
FROM subscription s
GROUP BY s.currency
ORDER BY s.currency::text
