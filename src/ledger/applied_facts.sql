-- Of what is applied to invoices.
SELECT a.id, a.tenant_id, i.billing_account_id, CASE WHEN a.kind <> 'balance' THEN a.amount END, a.applied_at, a.surplus, a.applied_at,
	CASE WHEN a.kind = 'balance' THEN a.amount END, a.applied_at
FROM @WHOSE@ a JOIN paycore.invoices i ON i.id = a.invoice_id AND i.tenant_id = a.tenant_id
