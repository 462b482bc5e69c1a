-- The invoices of subscriptions.
made AS (
	INSERT INTO paycore.invoices (id, tenant_id, billing_account_id, subscription_id, status, series, serial, number, reason, currency,
		period_start, period_end, subtotal, discount, tax, tax_included, total, balance_applied, amount_paid, amount_credited, amount_due, total_credited, tax_rounding, tax_exemption,
		line_count, collection, due_at, finalized_at, paid_at, seller, customer)
	SELECT t.invoice_id, $1, t.billing_account_id, t.subscription_id, t.status, 'invoice', t.serial, t.number, 'subscription', t.currency,
		t.period_start, t.period_end, t.subtotal, t.discount, t.tax, t.tax_included, t.total, t.balance_applied, t.zero, t.zero, t.due, t.zero, t.tax_rounding, t.tax_exempt,
		t.lines, t.collection, t.due_at, t.issued, t.paid_at, t.seller, t.customer
	FROM document t
),
