-- The lines of a voided invoice ($1, of tenant $2) as extra charges.  A
-- discount that still holds comes off again by itself; what others took off
-- stays off.
INSERT INTO paycore.extra_charges (tenant_id, billing_account_id, subscription_id, subscription_item_id, product_id, price_id, kind,
	description, quantity, unit_price, amount, period, tax_inclusive, credits_line_id, rebills_line_id)
SELECT l.tenant_id, i.billing_account_id, i.subscription_id, l.subscription_item_id, l.product_id, l.price_id, 'rebilled',
	l.description, l.quantity, l.unit_price, n.amount, n.period, coalesce(p.tax_inclusive, e.tax_inclusive, w.tax_inclusive, false),
	e.credits_line_id, l.id
FROM paycore.invoices i
JOIN paycore.invoice_lines l ON l.invoice_id = i.id AND l.tenant_id = i.tenant_id
LEFT JOIN paycore.extra_charges e ON e.id = l.extra_charge_id AND e.tenant_id = l.tenant_id
LEFT JOIN paycore.prices p ON p.id = l.price_id AND p.tenant_id = l.tenant_id
-- What is of no price is taxed as the invoice's prices are.
LEFT JOIN LATERAL (
	SELECT bool_and(q.tax_inclusive) AS tax_inclusive
	FROM paycore.invoice_lines x
	JOIN paycore.prices q ON q.id = x.price_id AND q.tenant_id = x.tenant_id
	WHERE x.invoice_id = i.id AND x.tenant_id = i.tenant_id AND x.kind IN ('recurring', 'usage')
) w ON coalesce(p.tax_inclusive, e.tax_inclusive) IS NULL
LEFT JOIN LATERAL (
	SELECT paycore.sum(x.amount) AS amount
	FROM paycore.invoice_line_discounts x
	JOIN paycore.discounts t ON t.id = x.discount_id AND t.tenant_id = x.tenant_id AND t.ends_at IS NOT NULL
	WHERE x.invoice_line_id = l.id AND x.tenant_id = l.tenant_id
) d ON true
-- Of what was given back anew since, nothing.
LEFT JOIN LATERAL (
	SELECT min(lower(k.period)) AS at
	FROM paycore.extra_charges k
	LEFT JOIN paycore.invoices v ON v.id = k.invoice_id AND v.tenant_id = k.tenant_id
	WHERE k.credits_line_id = e.credits_line_id AND k.tenant_id = e.tenant_id AND k.id <> e.id AND k.removed_at IS NULL
		AND k.kind = 'proration' AND upper(k.period) > lower(l.period) AND v.status::text IS DISTINCT FROM 'void'
) k ON e.credits_line_id IS NOT NULL
-- Of an item that has ended since, only what came before.
LEFT JOIN LATERAL (
	SELECT t.ends_at AS at
	FROM paycore.subscription_items t
	WHERE t.id = l.subscription_item_id AND t.tenant_id = l.tenant_id AND t.ends_at >= i.voided_at
		AND l.kind IN ('recurring', 'extra')
		AND NOT EXISTS (SELECT FROM paycore.extra_charges g WHERE g.credits_line_id = l.id AND g.tenant_id = l.tenant_id)
) t ON e.credits_line_id IS NULL
CROSS JOIN LATERAL (
	SELECT greatest(lower(l.period), least(upper(l.period), coalesce(k.at, t.at, upper(l.period)))) AS until,
		l.amount OPERATOR(paycore.-) coalesce(d.amount, paycore.money_cents(0, i.currency)) AS amount
) u
CROSS JOIN LATERAL (
	SELECT CASE WHEN u.until IS NULL OR u.until = upper(l.period) THEN l.period
			ELSE tstzrange(lower(l.period), u.until) END AS period,
		CASE WHEN u.until IS NULL OR u.until = upper(l.period) THEN u.amount
			WHEN u.until = lower(l.period) THEN paycore.money_cents(0, i.currency)
			ELSE paycore.prorate(u.amount, l.period, tstzrange(lower(l.period), u.until)) END AS amount
) n
WHERE i.id = $1 AND i.tenant_id = $2 AND paycore.cents(l.amount) <> 0 AND (u.until IS NULL OR u.until > lower(l.period))
ORDER BY l.place
ON CONFLICT (rebills_line_id, tenant_id) WHERE rebills_line_id IS NOT NULL AND removed_at IS NULL DO NOTHING
