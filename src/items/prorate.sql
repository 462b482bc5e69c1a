-- What the change of subscription $2 of tenant $1 at the time $3 gives back for the items $4 and charges for the items $5, shared out by $6.
WITH sub AS MATERIALIZED (
	SELECT s.id, s.billing_account_id, s.currency, s.time_zone, w.whole, tstzrange($3, s.billed_until) AS rest
	FROM paycore.subscriptions s, LATERAL (SELECT paycore.period_at(s.anchor, s.every, s.time_zone, $3) AS whole) w
	WHERE s.id = $2 AND s.tenant_id = $1 AND s.billed_until > $3 AND (s.trial_end IS NULL OR s.trial_end <= $3)
),
-- The items before those that end: what the change to those gave back on an invoice that is void since still stands for them.
before AS (
	WITH RECURSIVE chain AS (
		SELECT i.replaces_id AS id FROM paycore.subscription_items i WHERE i.id = ANY ($4) AND i.tenant_id = $1 AND i.replaces_id IS NOT NULL
		UNION ALL
		SELECT i.replaces_id FROM chain c JOIN paycore.subscription_items i ON i.id = c.id AND i.tenant_id = $1 WHERE i.replaces_id IS NOT NULL
	)
	SELECT e.credits_line_id AS line_id
	FROM chain c
	JOIN paycore.extra_charges e ON e.subscription_item_id = c.id AND e.subscription_id = $2 AND e.tenant_id = $1 AND e.kind = 'proration' AND e.credits_line_id IS NOT NULL
	JOIN paycore.invoices v ON v.id = e.invoice_id AND v.tenant_id = $1 AND v.status::text = 'void'
	WHERE NOT EXISTS (SELECT FROM paycore.extra_charges o LEFT JOIN paycore.invoices w ON w.id = o.invoice_id AND w.tenant_id = $1
		WHERE o.credits_line_id = e.credits_line_id AND o.tenant_id = $1 AND o.removed_at IS NULL AND w.status::text IS DISTINCT FROM 'void')
),
-- What was billed of the items that end, for time that is to come, less what credit notes took back of it: on invoices that are owed or paid.
billed AS MATERIALIZED (
	SELECT l.id, l.subscription_item_id, l.product_id, l.price_id, l.quantity, l.unit_price, l.tax_inclusive, l.period,
		tstzrange(greatest(lower(l.period), $3), upper(l.period)) AS part, paycore.cents(l.amount) - paycore.cents(l.discount)
			- (SELECT coalesce(sum(paycore.cents(c.amount) - paycore.cents(c.discount)), 0)::bigint FROM paycore.credit_note_lines c
				JOIN paycore.credit_notes n ON n.id = c.credit_note_id AND n.tenant_id = $1 AND n.status = 'issued'
				WHERE c.invoice_line_id = l.id AND c.tenant_id = $1) AS net,
		(SELECT coalesce(-sum(paycore.cents(e.amount)), 0) FROM paycore.extra_charges e
			LEFT JOIN paycore.invoices v ON v.id = e.invoice_id AND v.tenant_id = $1
			WHERE e.credits_line_id = l.id AND e.tenant_id = $1 AND e.removed_at IS NULL AND v.status::text IS DISTINCT FROM 'void') AS credited
	FROM sub s
	JOIN paycore.invoices i ON i.subscription_id = s.id AND i.tenant_id = $1 AND i.status::text IN ('open', 'paid')
		AND (paycore.cents(i.amount_credited) = 0 OR paycore.cents(i.amount_credited) < paycore.cents(i.total))
	JOIN paycore.invoice_lines l ON l.invoice_id = i.id AND l.tenant_id = $1 AND l.kind IN ('recurring', 'extra')
		AND (l.subscription_item_id = ANY ($4) OR l.id IN (SELECT b.line_id FROM before b))
	WHERE upper(l.period) > $3 AND paycore.cents(l.amount) > paycore.cents(l.discount)
),
-- Rounded once for all lines of a period, and split by largest remainder.
given_back AS (
	SELECT u.line_id, paycore.cents(u.amount) AS amount
	FROM (SELECT array_agg(b.id ORDER BY b.id) AS ids, array_agg(b.net ORDER BY b.id) AS nets,
			paycore.prorate(paycore.money_cents(sum(b.net)::bigint, s.currency), b.period, b.part, $6, s.time_zone) AS amount
		FROM billed b CROSS JOIN sub s WHERE b.net > 0 GROUP BY b.period, b.part, s.currency, s.time_zone) g
	CROSS JOIN LATERAL unnest(g.ids, paycore.allocate(g.amount, g.nets)) AS u(line_id, amount)
),
credits AS (
	INSERT INTO paycore.extra_charges (tenant_id, billing_account_id, subscription_id, subscription_item_id, product_id, price_id, kind, description,
		quantity, unit_price, amount, period, tax_inclusive, credits_line_id)
	SELECT $1, s.billing_account_id, s.id, b.subscription_item_id, b.product_id, b.price_id, 'proration', 'Unused time of ' || o.name,
		b.quantity, b.unit_price, paycore.money_cents(-least(g.amount, b.net - b.credited)::bigint, s.currency), b.part, b.tax_inclusive, b.id
	FROM sub s CROSS JOIN billed b
	JOIN given_back g ON g.line_id = b.id
	JOIN paycore.products o ON o.id = b.product_id AND o.tenant_id = $1
	WHERE least(g.amount, b.net - b.credited) > 0
	RETURNING -paycore.cents(amount) AS amount
),
-- What is charged for these items already, but on no invoice yet, is cut short.
pending AS MATERIALIZED (
	SELECT e.id, e.subscription_item_id, e.product_id, e.price_id, e.description, e.quantity, e.unit_price, e.amount, e.period, e.tax_inclusive, e.metadata,
		paycore.prorate(e.amount, e.period, tstzrange(greatest(lower(e.period), $3), upper(e.period)), $6, s.time_zone) AS unused
	FROM sub s
	JOIN paycore.extra_charges e ON e.billing_account_id = s.billing_account_id AND e.tenant_id = $1 AND e.subscription_item_id = ANY ($4)
		AND e.kind = 'proration' AND e.credits_line_id IS NULL AND e.invoice_id IS NULL AND e.removed_at IS NULL
	WHERE upper(e.period) > $3
),
removed AS (
	UPDATE paycore.extra_charges e SET removed_at = $7 FROM pending p WHERE e.id = p.id AND e.tenant_id = $1
),
used AS (
	INSERT INTO paycore.extra_charges (tenant_id, billing_account_id, subscription_id, subscription_item_id, product_id, price_id, kind, description,
		quantity, unit_price, amount, period, tax_inclusive, metadata)
	SELECT $1, s.billing_account_id, s.id, p.subscription_item_id, p.product_id, p.price_id, 'proration', p.description,
		p.quantity, p.unit_price, p.amount OPERATOR(paycore.-) p.unused, tstzrange(lower(p.period), $3), p.tax_inclusive, p.metadata
	FROM sub s CROSS JOIN pending p
	WHERE lower(p.period) < $3 AND paycore.cents(p.amount) > paycore.cents(p.unused)
),
-- What the items that begin cost for the rest of the period.
priced AS MATERIALIZED (
	SELECT i.id, i.product_id, i.price_id, o.name, i.quantity, c.unit_price, p.tax_inclusive, paycore.cents(a.amount) AS amount
	FROM sub s
	JOIN paycore.subscription_items i ON i.id = ANY ($5) AND i.tenant_id = $1
	JOIN paycore.prices p ON p.id = i.price_id AND p.tenant_id = $1 AND p.meter_id IS NULL
	JOIN paycore.products o ON o.id = i.product_id AND o.tenant_id = $1
	JOIN paycore.price_currencies c ON c.price_id = i.price_id AND c.tenant_id = $1 AND c.currency OPERATOR(paycore.=) s.currency
	CROSS JOIN LATERAL (SELECT paycore.price_amount(p.model, i.quantity, c.currency, c.unit_price, c.tiers, p.package_size, p.free_units,
		c.minimum, c.maximum, p.rounding) AS amount) a
	WHERE paycore.cents(a.amount) > 0
),
charges AS (
	INSERT INTO paycore.extra_charges (tenant_id, billing_account_id, subscription_id, subscription_item_id, product_id, price_id, kind, description,
		quantity, unit_price, amount, period, tax_inclusive)
	SELECT $1, s.billing_account_id, s.id, p.id, p.product_id, p.price_id, 'proration', 'Remaining time of ' || p.name,
		p.quantity, p.unit_price, u.amount, s.rest, p.tax_inclusive
	FROM sub s
	CROSS JOIN LATERAL (SELECT array_agg(p.id ORDER BY p.id) AS ids, array_agg(p.amount ORDER BY p.id) AS amounts,
		paycore.prorate(paycore.money_cents(sum(p.amount)::bigint, s.currency), s.whole, s.rest, $6, s.time_zone) AS amount FROM priced p) g
	CROSS JOIN LATERAL unnest(g.ids, paycore.allocate(g.amount, g.amounts)) AS u(item_id, amount)
	JOIN priced p ON p.id = u.item_id
	WHERE paycore.cents(u.amount) > 0
	RETURNING paycore.cents(amount) AS amount
)
SELECT (coalesce((SELECT sum(c.amount) FROM credits c), 0) + coalesce((SELECT sum(paycore.cents(p.unused)) FROM pending p), 0))::bigint,
	coalesce((SELECT sum(c.amount) FROM charges c), 0)::bigint
