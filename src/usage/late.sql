-- Of at most $2 periods of tenant $1 in which something came after they were billed: what they come to now, and a charge or a credit for the difference.
WITH due AS MATERIALIZED (
	SELECT u.subscription_item_id, u.subscription_id, u.meter_id, u.starts_at, u.ends_at, u.whole_seconds, u.quantity, u.amount
	FROM paycore.usage_periods u
	WHERE u.tenant_id = $1 AND u.recheck
	ORDER BY u.subscription_item_id, u.starts_at LIMIT $2 FOR UPDATE SKIP LOCKED
),
counted AS MATERIALIZED (
	SELECT row_number() OVER (ORDER BY d.subscription_item_id, d.starts_at) AS nth, d.*, m.aggregation FROM due d
	JOIN paycore.meters m ON m.id = d.meter_id AND m.tenant_id = $1
),
measured AS MATERIALIZED (
	SELECT m.nth, m.quantity
	FROM (SELECT array_agg(ROW(c.subscription_id, c.meter_id, c.aggregation, c.starts_at, c.ends_at, c.whole_seconds)::paycore.usage_span ORDER BY c.nth) AS spans FROM counted c) a,
		LATERAL paycore.measure_usage($1, a.spans) m
	WHERE a.spans IS NOT NULL
),
priced AS MATERIALIZED (
	SELECT c.subscription_item_id, c.starts_at, c.ends_at, q.quantity, q.quantity - c.quantity AS more, t.amount, t.amount OPERATOR(paycore.-) c.amount AS difference,
		s.billing_account_id, CASE WHEN s.ended_at IS NULL THEN s.id END AS subscription_id, i.product_id, i.price_id, o.name AS description, a.unit_price, p.tax_inclusive,
		l.id AS line_id, coalesce(l.voided, false) AS voided
	FROM counted c
	JOIN measured q ON q.nth = c.nth
	JOIN paycore.subscriptions s ON s.id = c.subscription_id AND s.tenant_id = $1
	JOIN paycore.subscription_items i ON i.id = c.subscription_item_id AND i.tenant_id = $1
	JOIN paycore.prices p ON p.id = i.price_id AND p.tenant_id = $1
	JOIN paycore.products o ON o.id = i.product_id AND o.tenant_id = $1
	JOIN paycore.price_currencies a ON a.price_id = i.price_id AND a.tenant_id = $1 AND a.currency OPERATOR(paycore.=) s.currency
	CROSS JOIN LATERAL (SELECT paycore.price_amount(p.model, q.quantity, a.currency, a.unit_price, a.tiers, p.package_size, p.free_units,
		a.minimum, a.maximum, p.rounding) AS amount) t
	LEFT JOIN LATERAL (SELECT l.id, l.voided FROM paycore.invoice_lines l
		WHERE l.subscription_item_id = c.subscription_item_id AND l.tenant_id = $1 AND l.kind = 'usage' AND l.period && tstzrange(c.starts_at, c.ends_at)
		ORDER BY l.voided, l.period DESC LIMIT 1) l ON true
),
charged AS (
	-- For what is on a void invoice nothing was owed, and nothing is given back.
	INSERT INTO paycore.extra_charges (tenant_id, billing_account_id, subscription_id, subscription_item_id, product_id, price_id, kind, description, quantity,
		unit_price, amount, period, tax_inclusive, credits_line_id)
	SELECT $1, p.billing_account_id, p.subscription_id, p.subscription_item_id, p.product_id, p.price_id, 'late_usage', p.description, p.more, p.unit_price, p.difference,
		tstzrange(p.starts_at, p.ends_at), p.tax_inclusive, CASE WHEN paycore.cents(p.difference) < 0 THEN p.line_id END
	FROM priced p WHERE paycore.cents(p.difference) > 0 OR (paycore.cents(p.difference) < 0 AND NOT p.voided)
),
settled AS (
	UPDATE paycore.usage_periods u SET quantity = p.quantity, amount = p.amount, recheck = false, seen = (SELECT paycore.usage_seen()), txn = paycore.usage_txn()
	FROM priced p WHERE u.subscription_item_id = p.subscription_item_id AND u.starts_at = p.starts_at AND u.tenant_id = $1
)
SELECT count(*) FROM due
