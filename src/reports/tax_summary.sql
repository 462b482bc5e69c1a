-- Taxes on what tenant $1 invoiced from $2 until $3, by $5 in time zone $4, the customer's country and the rate. A voided invoice is taken back when it is voided.
SELECT paycore.calendar_start(t.at, $5, $4) AS period, i.customer ->> 'country' AS country, x.tax_rate_id, x.name, x.percentage, i.currency,
	paycore.money_cents(sum(t.sign * paycore.cents(x.taxable))::bigint, i.currency), paycore.money_cents(sum(t.sign * paycore.cents(x.amount))::bigint, i.currency)
FROM paycore.invoices i
CROSS JOIN LATERAL (VALUES (i.finalized_at, 1), (i.voided_at, -1)) t (at, sign)
JOIN paycore.invoice_lines l ON l.invoice_id = i.id AND l.tenant_id = i.tenant_id
CROSS JOIN LATERAL unnest(l.taxes) x
WHERE i.tenant_id = $1 AND i.finalized_at IS NOT NULL AND t.at >= $2 AND t.at < $3
GROUP BY 1, 2, 3, 4, 5, 6
ORDER BY i.currency::text, 1, 2, x.name, x.percentage, x.tax_rate_id
