-- Open invoices of tenant $1 by how long they are overdue at $6, in whole days that have begun.
WITH bucket (place, name, days_from, days_to) AS (
	VALUES (1, 'not due', NULL, 0), (2, '1-30', 1, 30), (3, '31-60', 31, 60), (4, '61-90', 61, 90), (5, 'over 90', 91, NULL)
),
open AS MATERIALIZED (
	SELECT i.currency, i.amount_due, ceil(extract(epoch FROM $6 - i.due_at) / 86400)::integer AS days
	FROM paycore.invoices i
	WHERE i.tenant_id = $1 AND i.status OPERATOR(paycore.=) 'open'::paycore.invoice_status
)
SELECT b.name, c.currency, count(o.currency), paycore.money_cents(coalesce(sum(paycore.cents(o.amount_due)), 0)::bigint, c.currency)
FROM bucket b
CROSS JOIN (SELECT DISTINCT currency FROM open) c
LEFT JOIN open o ON o.currency OPERATOR(paycore.=) c.currency AND greatest(coalesce(o.days, 0), 0) BETWEEN coalesce(b.days_from, 0) AND coalesce(b.days_to, 2147483647)
GROUP BY b.place, b.name, c.currency
ORDER BY c.currency::text, b.place
