-- What of the facts does not stand posted, what of invoices and the like stands though it should not; and undone ones of which something may: the posting looks itself.
WITH rule AS (
	SELECT r.fact, r.object, r.undoes, row_number() OVER () AS number FROM paycore.ledger_rules() r
),
missing AS (
	SELECT coalesce(f.tenant_id, p.tenant_id) AS tenant_id, coalesce(f.fact, p.fact) AS fact, coalesce(f.object_id, p.object_id) AS object_id, f.gateway_account,
		coalesce(f.manual, false) AS manual, f.billing_account_id, coalesce(paycore.cents(f.amount), 0) - coalesce(p.amount, 0) AS amount,
		coalesce(paycore.currency(f.amount)::text, p.currency) AS currency, f.occurred_at, f.fact IS NULL AS strange
	FROM paycore.ledger_facts() f
	FULL JOIN paycore.ledger_posted() p ON p.tenant_id = f.tenant_id AND p.fact = f.fact AND p.object_id = f.object_id AND p.currency = paycore.currency(f.amount)::text
),
undone AS (
	SELECT 'charge_failure' AS fact, p.tenant_id, p.id, p.gateway_account, p.psp_charge_id IS NULL AS manual, p.billing_account_id, p.gross AS amount, p.failed_at AS happened
	FROM paycore.payments p WHERE p.status::text = 'failed' AND p.gross IS NOT NULL
	UNION ALL
	SELECT 'refund_failure', f.tenant_id, f.id, f.gateway_account, f.psp_refund_id IS NULL, f.billing_account_id, f.amount, f.failed_at
	FROM paycore.refunds f WHERE f.status::text <> 'succeeded'
	UNION ALL
	SELECT 'payout_failure', o.tenant_id, o.id, o.gateway_account, false, NULL, o.amount, o.failed_at
	FROM paycore.payouts o WHERE o.status::text <> 'paid'
)
SELECT m.tenant_id, r.number, m.object_id, m.gateway_account, m.manual, CASE WHEN NOT m.strange THEN m.billing_account_id
		ELSE (SELECT e.billing_account_id FROM paycore.ledger_entries e WHERE e.object_id = m.object_id AND e.tenant_id = m.tenant_id LIMIT 1) END,
	paycore.money_cents(m.amount::bigint, m.currency::paycore.currency), CASE WHEN NOT m.strange THEN m.occurred_at
		ELSE (SELECT coalesce(i.voided_at, i.paid_at) FROM paycore.invoices i WHERE i.id = m.object_id AND i.tenant_id = m.tenant_id
			UNION ALL SELECT n.voided_at FROM paycore.credit_notes n WHERE n.id = m.object_id AND n.tenant_id = m.tenant_id) END
FROM missing m JOIN rule r ON r.fact = m.fact
WHERE m.amount <> 0 AND (NOT m.strange OR r.object IN ('invoice', 'invoice_payment', 'credit_note'))
UNION ALL
SELECT x.tenant_id, r.number, x.id, x.gateway_account, x.manual, x.billing_account_id, x.amount, x.happened
FROM undone x JOIN rule r ON r.fact = x.fact
WHERE (SELECT count(*) FILTER (WHERE e.fact = r.undoes) - count(*) FILTER (WHERE e.fact = r.fact)
	FROM paycore.ledger_entries e WHERE e.object_id = x.id AND e.tenant_id = x.tenant_id) > 0
