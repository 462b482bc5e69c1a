-- What tenant $1 invoiced from $2 until $3, line by line: net of discounts and of taxes within. A voided invoice is taken back when it is voided, what is credited when the credit note is issued.
-- The part that reports by product begin with. A payment that is for no invoice is revenue without a product.
WITH entries AS (
	SELECT t.at, l.product_id, paycore.currency(l.amount) AS currency, t.sign * (paycore.cents(l.amount) - paycore.cents(l.discount)
		- CASE WHEN l.tax_inclusive THEN paycore.cents(l.tax) ELSE 0 END) AS revenue, t.sign * paycore.cents(l.discount) AS discount
	FROM paycore.invoices i
	CROSS JOIN LATERAL (VALUES (i.finalized_at, 1), (i.voided_at, -1)) t (at, sign)
	JOIN paycore.invoice_lines l ON l.invoice_id = i.id AND l.tenant_id = i.tenant_id
	WHERE i.tenant_id = $1 AND i.finalized_at IS NOT NULL AND t.at >= $2 AND t.at < $3
	UNION ALL
	SELECT t.at, l.product_id, n.currency, t.sign * (paycore.cents(c.amount) - paycore.cents(c.discount)
		- CASE WHEN c.tax_inclusive THEN paycore.cents(c.tax) ELSE 0 END), t.sign * paycore.cents(c.discount)
	FROM paycore.credit_notes n
	CROSS JOIN LATERAL (VALUES (n.issued_at, -1), (n.voided_at, 1)) t (at, sign)
	JOIN paycore.credit_note_lines c ON c.credit_note_id = n.id AND c.tenant_id = n.tenant_id
	JOIN paycore.invoice_lines l ON l.id = c.invoice_line_id AND l.tenant_id = c.tenant_id
	WHERE n.tenant_id = $1 AND t.at >= $2 AND t.at < $3
	UNION ALL
	SELECT p.captured_at, NULL, paycore.currency(p.gross), paycore.cents(p.gross), 0
	FROM paycore.payments p
	LEFT JOIN paycore.payment_intents n ON n.id = p.payment_intent_id AND n.tenant_id = p.tenant_id
	WHERE p.tenant_id = $1 AND p.captured_at >= $2 AND p.captured_at < $3 AND n.invoice_id IS NULL
		AND p.status OPERATOR(paycore.=) 'succeeded'::paycore.payment_status
		AND NOT EXISTS (SELECT FROM paycore.invoice_payments a WHERE a.payment_id = p.id AND a.tenant_id = p.tenant_id)
)
