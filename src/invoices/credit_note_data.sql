-- Credit note $1 of tenant $2 as its document says it: parties as they stand on its invoice.
WITH line AS MATERIALIZED (
	SELECT c.place, c.description, c.quantity, c.amount, c.discount, c.tax, c.tax_inclusive, c.taxes, l.kind,
		lower(l.period) AS since, upper(l.period) AS until, s.time_zone, @PRORATION@ AS proration
	FROM paycore.credit_note_lines c
	JOIN paycore.invoice_lines l ON l.id = c.invoice_line_id AND l.tenant_id = $2
	LEFT JOIN paycore.subscriptions s ON s.id = l.subscription_id AND s.tenant_id = $2
	LEFT JOIN paycore.extra_charges e ON e.id = l.extra_charge_id AND e.tenant_id = $2
	WHERE c.credit_note_id = $1 AND c.tenant_id = $2
),
tax AS (
	SELECT min(l.place) AS place, t.name, t.percentage, l.tax_inclusive, r.kind, r.invoice_text, paycore.sum(t.taxable) AS taxable, paycore.sum(t.amount) AS amount
	FROM line l CROSS JOIN LATERAL unnest(l.taxes) t
	LEFT JOIN paycore.tax_rates r ON r.id = t.tax_rate_id AND r.tenant_id = $2
	GROUP BY t.tax_rate_id, t.name, t.percentage, l.tax_inclusive, r.kind, r.invoice_text
)
SELECT jsonb_strip_nulls(jsonb_build_object('type', 'credit_note', 'id', n.id, 'number', n.number, 'status', n.status, 'currency', n.currency::text,
	'locale', coalesce(i.customer ->> 'locale', a.locale), 'time_zone', coalesce(i.seller ->> 'time_zone', s.time_zone, 'UTC'),
	'issued_at', to_char(n.issued_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), 'voided_at', to_char(n.voided_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
	'invoice', jsonb_build_object('id', i.id, 'number', i.number, 'issued_at', to_char(i.finalized_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')),
	'seller', coalesce(i.seller, '{}') || jsonb_build_object('footer', coalesce(i.seller ->> 'footer', s.footer), 'locale', coalesce(i.seller ->> 'locale', s.locale)),
	'account', coalesce(i.customer, '{}'),
	'reason', n.reason, 'description', n.memo, 'tax_exemption', i.tax_exemption,
	'lines', coalesce((SELECT jsonb_agg(jsonb_build_object('kind', l.kind, 'proration', l.proration, 'description', l.description, 'quantity', l.quantity,
		'period', CASE WHEN l.since IS NOT NULL THEN jsonb_build_object('since', to_char(l.since AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), 'until', to_char(l.until AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), 'time_zone', l.time_zone) END,
		'amount', l.amount::text, 'discount', l.discount::text, 'tax', l.tax::text, 'tax_inclusive', l.tax_inclusive,
		'taxes', (SELECT jsonb_agg(jsonb_build_object('name', t.name, 'percentage', t.percentage, 'taxable', t.taxable::text, 'amount', t.amount::text))
			FROM unnest(l.taxes) t)) ORDER BY l.place) FROM line l), '[]'),
	'discounts', CASE WHEN paycore.cents(n.discount) <> 0 THEN jsonb_build_array(jsonb_build_object('amount', n.discount::text)) END,
	'taxes', (SELECT jsonb_agg(jsonb_build_object('name', t.name, 'percentage', t.percentage, 'inclusive', t.tax_inclusive, 'kind', t.kind, 'text', t.invoice_text,
		'taxable', t.taxable::text, 'amount', t.amount::text) ORDER BY t.tax_inclusive, t.percentage DESC, t.name, t.place) FROM tax t),
	'subtotal', n.subtotal::text, 'discount', n.discount::text, 'tax', n.tax::text, 'tax_included', n.tax_included::text, 'total', n.total::text,
	'to_due', n.to_due::text, 'to_balance', n.to_balance::text, 'to_refund', n.to_refund::text, 'out_of_band', n.out_of_band::text, 'refund_failed', n.refund_failed::text)), s.logo
FROM paycore.credit_notes n
JOIN paycore.invoices i ON i.id = n.invoice_id AND i.tenant_id = $2
JOIN paycore.billing_accounts a ON a.id = n.billing_account_id AND a.tenant_id = $2
LEFT JOIN paycore.sellers s ON s.tenant_id = $2
WHERE n.id = $1 AND n.tenant_id = $2
