-- The draft says what it comes to.
summed AS (
	UPDATE paycore.invoices i SET subtotal = t.subtotal, discount = t.discount, tax = t.tax, tax_included = t.tax_included, total = t.total, amount_due = t.total,
		tax_rounding = t.tax_rounding, tax_exemption = t.tax_exempt, line_count = t.lines
	FROM total t WHERE i.id = t.invoice_id AND i.tenant_id = $1
	RETURNING i.id
)
SELECT count(*) FROM summed
