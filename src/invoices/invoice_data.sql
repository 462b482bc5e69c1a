-- Invoice $1 of tenant $2 as its document says it: what is frozen on it (of a draft: what it would be now), and what was paid and credited since.
WITH line AS MATERIALIZED (
	SELECT l.id, l.place, l.kind, l.description, l.quantity, l.unit_price, l.amount, l.discount, l.tax, l.tax_inclusive, l.taxes, p.model, p.package_size,
		coalesce(m.unit, CASE WHEN l.kind = 'extra' THEN NULL ELSE o.unit_label END) AS unit, lower(l.period) AS since, upper(l.period) AS until, s.time_zone,
		@PRORATION@ AS proration,
		CASE WHEN g.total OPERATOR(paycore.=) l.amount AND (g.n > 1 OR p.model IN ('graduated', 'volume')) THEN g.steps END AS steps
	FROM paycore.invoice_lines l
	LEFT JOIN paycore.products o ON o.id = l.product_id AND o.tenant_id = $2
	LEFT JOIN paycore.prices p ON p.id = l.price_id AND p.tenant_id = $2
	LEFT JOIN paycore.meters m ON m.id = p.meter_id AND m.tenant_id = $2
	LEFT JOIN paycore.subscriptions s ON s.id = l.subscription_id AND s.tenant_id = $2
	LEFT JOIN paycore.extra_charges e ON e.id = l.extra_charge_id AND e.tenant_id = $2
	-- How a price by tiers, or with units that are free, came to the amount; not of what is only a part of it, or of a currency that prices are not in any more.
	LEFT JOIN LATERAL (
		SELECT count(*) AS n, paycore.sum(t.amount) AS total, jsonb_agg(jsonb_strip_nulls(jsonb_build_object('kind', t.kind, 'from', t.from_quantity, 'up_to', t.up_to,
			'quantity', t.quantity, 'unit_price', t.unit_price, 'flat_fee', t.flat_fee, 'amount', t.amount::text)) ORDER BY t.nth) AS steps
		FROM paycore.price_currencies c
		CROSS JOIN LATERAL paycore.price_steps(p.model, l.quantity, c.currency, c.unit_price, c.tiers, p.package_size, p.free_units, c.minimum, c.maximum, p.rounding)
			WITH ORDINALITY t(kind, from_quantity, up_to, quantity, unit_price, flat_fee, amount, nth)
		WHERE c.price_id = l.price_id AND c.tenant_id = $2 AND c.currency OPERATOR(paycore.=) paycore.currency(l.amount)
			AND l.kind IN ('recurring', 'usage') AND l.quantity >= 0 AND (p.model IN ('graduated', 'volume') OR p.free_units > 0)
			AND NOT EXISTS (SELECT FROM paycore.currencies() k WHERE k.code OPERATOR(paycore.=) c.currency AND k.withdrawn)
	) g ON true
	WHERE l.invoice_id = $1 AND l.tenant_id = $2
),
reduction AS MATERIALIZED (
	SELECT r.invoice_line_id, r.discount_id, c.name, c.percent_off, r.amount, r.id
	FROM paycore.invoice_line_discounts r JOIN paycore.coupons c ON c.id = r.coupon_id AND c.tenant_id = $2
	WHERE r.invoice_id = $1 AND r.tenant_id = $2
),
tax AS (
	SELECT min(l.place) AS place, t.name, t.percentage, l.tax_inclusive, r.kind, r.invoice_text, paycore.sum(t.taxable) AS taxable, paycore.sum(t.amount) AS amount
	FROM line l CROSS JOIN LATERAL unnest(l.taxes) t
	LEFT JOIN paycore.tax_rates r ON r.id = t.tax_rate_id AND r.tenant_id = $2
	GROUP BY t.tax_rate_id, t.name, t.percentage, l.tax_inclusive, r.kind, r.invoice_text
),
paid AS (
	SELECT p.id, paycore.sum(a.amount) AS amount, min(a.applied_at) AS applied_at, p.method_type, p.method_details
	FROM paycore.invoice_payments a JOIN paycore.payments p ON p.id = a.payment_id AND p.tenant_id = $2
	WHERE a.invoice_id = $1 AND a.tenant_id = $2
	GROUP BY p.id, p.method_type, p.method_details
	HAVING paycore.cents(paycore.sum(a.amount)) <> 0
)
SELECT jsonb_strip_nulls(jsonb_build_object('type', 'invoice', 'id', i.id, 'number', i.number, 'status', i.status::text, 'currency', i.currency::text,
	'locale', coalesce(i.customer ->> 'locale', a.locale), 'time_zone', coalesce(i.seller ->> 'time_zone', s.time_zone, 'UTC'),
	'issued_at', to_char(i.finalized_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), 'due_at', to_char(i.due_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), 'paid_at', to_char(i.paid_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), 'voided_at', to_char(i.voided_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
	'seller', coalesce(i.seller, jsonb_build_object('name', s.name, 'email', s.email, 'phone', s.phone, 'website', s.website, 'address_line1', s.address_line1,
		'address_line2', s.address_line2, 'city', s.city, 'state', s.state, 'postal_code', s.postal_code, 'country', s.country, 'tax_id', s.tax_id))
		|| jsonb_build_object('footer', coalesce(i.seller ->> 'footer', s.footer), 'locale', coalesce(i.seller ->> 'locale', s.locale)),
	'account', coalesce(i.customer, jsonb_build_object('name', a.name, 'email', a.email, 'external_ref', a.external_ref, 'address_line1', a.address_line1,
		'address_line2', a.address_line2, 'city', a.city, 'state', a.state, 'postal_code', a.postal_code, 'country', a.country, 'tax_id', a.tax_id)),
	'description', i.description, 'collection', i.collection, 'tax_exemption', i.tax_exemption,
	'lines', coalesce((SELECT jsonb_agg(jsonb_build_object('kind', l.kind, 'proration', l.proration, 'description', l.description, 'quantity', l.quantity, 'unit', l.unit, 'unit_price', l.unit_price,
		'model', l.model, 'package_size', l.package_size, 'steps', l.steps,
		'period', CASE WHEN l.since IS NOT NULL THEN jsonb_build_object('since', to_char(l.since AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), 'until', to_char(l.until AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), 'time_zone', l.time_zone) END,
		'amount', l.amount::text, 'discount', l.discount::text, 'tax', l.tax::text, 'tax_inclusive', l.tax_inclusive,
		'discounts', (SELECT jsonb_agg(jsonb_build_object('name', r.name, 'percent_off', r.percent_off, 'amount', r.amount::text) ORDER BY r.id)
			FROM reduction r WHERE r.invoice_line_id = l.id),
		'taxes', (SELECT jsonb_agg(jsonb_build_object('name', t.name, 'percentage', t.percentage, 'taxable', t.taxable::text, 'amount', t.amount::text))
			FROM unnest(l.taxes) t)) ORDER BY l.place) FROM line l), '[]'),
	'discounts', (SELECT jsonb_agg(jsonb_build_object('name', d.name, 'amount', d.amount::text) ORDER BY d.discount_id)
		FROM (SELECT r.discount_id, r.name, paycore.sum(r.amount) AS amount FROM reduction r GROUP BY r.discount_id, r.name) d),
	'taxes', (SELECT jsonb_agg(jsonb_build_object('name', t.name, 'percentage', t.percentage, 'inclusive', t.tax_inclusive, 'kind', t.kind, 'text', t.invoice_text,
		'taxable', t.taxable::text, 'amount', t.amount::text) ORDER BY t.tax_inclusive, t.percentage DESC, t.name, t.place) FROM tax t),
	'subtotal', i.subtotal::text, 'discount', i.discount::text, 'tax', i.tax::text, 'tax_included', i.tax_included::text, 'total', i.total::text,
	'balance_applied', i.balance_applied::text, 'amount_paid', i.amount_paid::text, 'amount_credited', i.amount_credited::text, 'amount_due', i.amount_due::text,
	'payments', (SELECT jsonb_agg(jsonb_build_object('amount', p.amount::text, 'date', to_char(p.applied_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), 'method', jsonb_build_object('type', p.method_type,
		'brand', p.method_details ->> 'brand', 'last4', p.method_details ->> 'last4', 'wallet', p.method_details #>> '{wallet,type}')) ORDER BY p.applied_at, p.id) FROM paid p),
	'credit_notes', (SELECT jsonb_agg(jsonb_build_object('number', n.number, 'date', to_char(n.issued_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), 'total', n.total::text, 'to_due', n.to_due::text) ORDER BY n.serial)
		FROM paycore.credit_notes n WHERE n.invoice_id = $1 AND n.tenant_id = $2 AND n.status = 'issued'))), s.logo
FROM paycore.invoices i
JOIN paycore.billing_accounts a ON a.id = i.billing_account_id AND a.tenant_id = $2
LEFT JOIN paycore.sellers s ON s.tenant_id = $2
WHERE i.id = $1 AND i.tenant_id = $2
