-- The draft is final.
made AS (
	UPDATE paycore.invoices i SET status = d.status, serial = d.serial, number = d.number, subtotal = d.subtotal, discount = d.discount, tax = d.tax,
		tax_included = d.tax_included, total = d.total, balance_applied = d.balance_applied, amount_due = d.due, tax_rounding = d.tax_rounding, tax_exemption = d.tax_exempt,
		line_count = d.lines, due_at = d.due_at, finalized_at = d.issued, paid_at = d.paid_at, seller = d.seller, customer = d.customer
	FROM document d WHERE i.id = d.invoice_id AND i.tenant_id = $1
	RETURNING i.id
),
