-- What tenant $1 invoiced from $2 until $3 in all, by product; as in revenue_by_product.sql.
WITH entries AS (
	SELECT l.product_id, paycore.currency(l.amount) AS currency, t.sign * (paycore.cents(l.amount) - paycore.cents(l.discount)
		- CASE WHEN l.tax_inclusive THEN paycore.cents(l.tax) ELSE 0 END) AS revenue
	FROM paycore.invoices i
	CROSS JOIN LATERAL (VALUES (i.finalized_at, 1), (i.voided_at, -1)) t (at, sign)
	JOIN paycore.invoice_lines l ON l.invoice_id = i.id AND l.tenant_id = i.tenant_id
	WHERE i.tenant_id = $1 AND i.finalized_at IS NOT NULL AND t.at >= $2 AND t.at < $3
	UNION ALL
	SELECT l.product_id, n.currency, t.sign * (paycore.cents(c.amount) - paycore.cents(c.discount) - CASE WHEN c.tax_inclusive THEN paycore.cents(c.tax) ELSE 0 END)
	FROM paycore.credit_notes n
	CROSS JOIN LATERAL (VALUES (n.issued_at, -1), (n.voided_at, 1)) t (at, sign)
	JOIN paycore.credit_note_lines c ON c.credit_note_id = n.id AND c.tenant_id = n.tenant_id
	JOIN paycore.invoice_lines l ON l.id = c.invoice_line_id AND l.tenant_id = c.tenant_id
	WHERE n.tenant_id = $1 AND t.at >= $2 AND t.at < $3
	UNION ALL
	SELECT NULL, paycore.currency(p.gross), paycore.cents(p.gross)
	FROM paycore.payments p
	LEFT JOIN paycore.payment_intents n ON n.id = p.payment_intent_id AND n.tenant_id = p.tenant_id
	WHERE p.tenant_id = $1 AND p.captured_at >= $2 AND p.captured_at < $3 AND n.invoice_id IS NULL
		AND p.status OPERATOR(paycore.=) 'succeeded'::paycore.payment_status
		AND NOT EXISTS (SELECT FROM paycore.invoice_payments a WHERE a.payment_id = p.id AND a.tenant_id = p.tenant_id)
)
SELECT e.currency, coalesce(o.name, 'without product'), paycore.money_cents(sum(e.revenue)::bigint, e.currency)
FROM entries e
LEFT JOIN paycore.products o ON o.id = e.product_id AND o.tenant_id = $1
GROUP BY e.currency, e.product_id, o.name
ORDER BY e.currency::text, e.product_id
