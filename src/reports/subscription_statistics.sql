-- Subscriptions of tenant $1 as they are, and how many began and ended from $2 until $3.
SELECT s.currency, count(*), count(*) FILTER (WHERE s.status::text = 'scheduled'), count(*) FILTER (WHERE s.status::text = 'trialing'),
	count(*) FILTER (WHERE s.status::text = 'active'), count(*) FILTER (WHERE s.status::text = 'past_due'), count(*) FILTER (WHERE s.status::text = 'paused'),
	count(*) FILTER (WHERE s.status::text = 'canceled'), count(*) FILTER (WHERE s.cancel_at IS NOT NULL),
	count(*) FILTER (WHERE s.starts_at >= $2 AND s.starts_at < $3), count(*) FILTER (WHERE s.ended_at >= $2 AND s.ended_at < $3),
	paycore.money_cents(coalesce(sum(paycore.cents(s.mrr)), 0)::bigint, s.currency)
FROM paycore.subscriptions s
WHERE s.tenant_id = $1
GROUP BY s.currency
ORDER BY s.currency::text
