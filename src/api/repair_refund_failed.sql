-- Credit notes that do not say how much of their refunds failed.
UPDATE paycore.credit_notes n SET refund_failed = s.failed
FROM (
	SELECT k.id, k.tenant_id, paycore.money_cents(coalesce(sum(paycore.cents(r.amount)), 0)::bigint, k.currency) AS failed
	FROM paycore.credit_notes k
	LEFT JOIN paycore.refunds r ON r.credit_note_id = k.id AND r.tenant_id = k.tenant_id AND r.status::text IN ('failed', 'canceled')
	WHERE k.status = 'issued'
	GROUP BY k.id, k.tenant_id, k.currency
) s
WHERE s.id = n.id AND s.tenant_id = n.tenant_id AND n.refund_failed OPERATOR(paycore.<>) s.failed
