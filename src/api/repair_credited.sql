-- Invoices that do not say what their credit notes come to.
UPDATE paycore.invoices i SET total_credited = s.total, amount_credited = s.to_due, amount_due = s.due,
	status = CASE WHEN i.status::text NOT IN ('open', 'paid') THEN i.status::text
		WHEN paycore.cents(s.due) = 0 THEN 'paid' ELSE 'open' END::paycore.invoice_status,
	paid_at = CASE WHEN paycore.cents(s.due) = 0 AND i.status::text IN ('open', 'paid') THEN coalesce(i.paid_at, now()) END
FROM (
	SELECT c.*, j.amount_due OPERATOR(paycore.+) j.amount_credited OPERATOR(paycore.-) c.to_due AS due
	FROM paycore.invoices j
	JOIN (
		SELECT k.id, k.tenant_id, paycore.money_cents(coalesce(sum(paycore.cents(n.total)), 0)::bigint, k.currency) AS total,
			paycore.money_cents(coalesce(sum(paycore.cents(n.to_due)), 0)::bigint, k.currency) AS to_due
		FROM paycore.invoices k
		LEFT JOIN paycore.credit_notes n ON n.invoice_id = k.id AND n.tenant_id = k.tenant_id AND n.status = 'issued'
		GROUP BY k.id, k.tenant_id, k.currency
	) c ON c.id = j.id AND c.tenant_id = j.tenant_id
) s
WHERE s.id = i.id AND s.tenant_id = i.tenant_id
	AND (i.total_credited OPERATOR(paycore.<>) s.total OR i.amount_credited OPERATOR(paycore.<>) s.to_due)
