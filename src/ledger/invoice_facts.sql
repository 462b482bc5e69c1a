-- Of invoices: what is to stand of each fact, and since when; what is given up changes with what is paid of it after all.
SELECT i.id, i.tenant_id, i.billing_account_id,
	CASE WHEN i.voided_at IS NULL THEN i.total OPERATOR(paycore.-) i.tax ELSE z.zero END, coalesce(i.voided_at, i.finalized_at),
	CASE WHEN i.voided_at IS NULL THEN i.tax ELSE z.zero END, coalesce(i.voided_at, i.finalized_at),
	CASE WHEN i.status OPERATOR(paycore.=) 'uncollectible'::paycore.invoice_status THEN i.amount_due ELSE z.zero END,
	coalesce(i.voided_at, i.paid_at, CASE WHEN i.status OPERATOR(paycore.=) 'uncollectible'::paycore.invoice_status THEN
			(SELECT greatest(max(p.applied_at), i.uncollectible_at) FROM paycore.invoice_payments p WHERE p.invoice_id = i.id AND p.tenant_id = i.tenant_id)
		ELSE coalesce((SELECT c.shows FROM paycore.test_clocks c WHERE c.tenant_id = i.tenant_id), now()) END)
FROM @WHOSE@ i, LATERAL (SELECT paycore.money_cents(0, i.currency) AS zero) z
WHERE i.finalized_at IS NOT NULL
