-- Taxes on what tenant $1 invoiced from $2 until $3, by $5 in time zone $4, the customer's country and the rate. A voided invoice is taken back when it is voided, what is credited when the credit note is issued.
WITH entries AS (
	SELECT t.at, i.id AS invoice_id, i.currency, l.taxes, t.sign
	FROM paycore.invoices i
	CROSS JOIN LATERAL (VALUES (i.finalized_at, 1), (i.voided_at, -1)) t (at, sign)
	JOIN paycore.invoice_lines l ON l.invoice_id = i.id AND l.tenant_id = i.tenant_id
	WHERE i.tenant_id = $1 AND i.finalized_at IS NOT NULL AND t.at >= $2 AND t.at < $3
	UNION ALL
	SELECT t.at, n.invoice_id, n.currency, c.taxes, t.sign
	FROM paycore.credit_notes n
	CROSS JOIN LATERAL (VALUES (n.issued_at, -1), (n.voided_at, 1)) t (at, sign)
	JOIN paycore.credit_note_lines c ON c.credit_note_id = n.id AND c.tenant_id = n.tenant_id
	WHERE n.tenant_id = $1 AND t.at >= $2 AND t.at < $3
)
SELECT paycore.calendar_start(e.at, $5, $4) AS period, i.customer ->> 'country' AS country, x.tax_rate_id, x.name, x.percentage, e.currency,
	paycore.money_cents(sum(e.sign * paycore.cents(x.taxable))::bigint, e.currency), paycore.money_cents(sum(e.sign * paycore.cents(x.amount))::bigint, e.currency)
FROM entries e
JOIN paycore.invoices i ON i.id = e.invoice_id AND i.tenant_id = $1
CROSS JOIN LATERAL unnest(e.taxes) x
GROUP BY 1, 2, 3, 4, 5, 6
ORDER BY e.currency::text, 1, 2, x.name, x.percentage, x.tax_rate_id
