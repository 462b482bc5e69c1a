-- Subscriptions that are to be billed what was used so far become due now, each by its tenant's clock; who is busy with one of them has it wait for the next time.
UPDATE paycore.subscriptions s SET next_bill_at = d.now
FROM (
	SELECT s.id, s.tenant_id, c.now
	FROM paycore.usage_alerts a
	JOIN paycore.subscriptions s ON s.id = a.subscription_id AND s.tenant_id = a.tenant_id
	CROSS JOIN LATERAL (SELECT coalesce((SELECT t.shows FROM paycore.test_clocks t WHERE t.tenant_id = a.tenant_id), now()) AS now) c
	WHERE a.action = 'invoice' AND a.status = 'raised' AND s.status::text IN ('active', 'past_due') AND s.parked_at IS NULL
		AND s.billed_until > c.now AND s.next_bill_at > c.now
	FOR NO KEY UPDATE OF s SKIP LOCKED
) d
WHERE s.id = d.id AND s.tenant_id = d.tenant_id
