-- What was given back of the lines of a voided invoice ($1, of tenant $2), and
-- was taken back when they were voided, is given back again.
INSERT INTO paycore.extra_charges (tenant_id, billing_account_id, subscription_id, subscription_item_id, product_id, price_id, kind,
	description, quantity, unit_price, amount, period, tax_inclusive, credits_line_id)
SELECT e.tenant_id, e.billing_account_id, e.subscription_id, e.subscription_item_id, e.product_id, e.price_id, e.kind,
	e.description, e.quantity, e.unit_price, e.amount, e.period, e.tax_inclusive, e.credits_line_id
FROM paycore.invoices i
JOIN paycore.invoice_lines l ON l.invoice_id = i.id AND l.tenant_id = i.tenant_id
JOIN paycore.extra_charges e ON e.credits_line_id = l.id AND e.tenant_id = l.tenant_id AND e.removed_at = i.voided_at
WHERE i.id = $1 AND i.tenant_id = $2 ORDER BY e.id
