-- Tenants after the name $1, of $4 at most: whether their schedule is nobody's yet, and whether this server ($2, database $3) has something to do for them.
WITH RECURSIVE named AS (
	-- From one tenant to the next through the index of what is due, however many subscriptions each has.
	(SELECT s.tenant_id FROM paycore.subscriptions s
	WHERE s.tenant_id > $1 AND s.next_bill_at IS NOT NULL AND s.parked_at IS NULL
	ORDER BY s.tenant_id LIMIT 1)
	UNION ALL
	SELECT n.tenant_id FROM named p CROSS JOIN LATERAL (
		SELECT s.tenant_id FROM paycore.subscriptions s
		WHERE s.tenant_id > p.tenant_id AND s.next_bill_at IS NOT NULL AND s.parked_at IS NULL
		ORDER BY s.tenant_id LIMIT 1) n
)
SELECT t.tenant_id, b.tenant_id IS NULL,
	(b.tenant_id IS NULL OR b.status = 'on' AND b.instance = $2 AND b.database_oid = $3)
	AND (EXISTS (SELECT FROM paycore.subscriptions s WHERE s.tenant_id = t.tenant_id AND s.parked_at IS NULL AND s.next_bill_at <= w.now)
		OR EXISTS (SELECT FROM paycore.collections c WHERE c.tenant_id = t.tenant_id AND c.stirred)
		OR EXISTS (SELECT FROM paycore.collections c WHERE c.tenant_id = t.tenant_id AND c.next_action_at <= w.now)
		-- Invoices that nobody collects yet: those of subscriptions that are charged are begun by the run that makes them.
		OR EXISTS (SELECT FROM paycore.invoices i WHERE i.tenant_id = t.tenant_id AND i.status OPERATOR(paycore.=) 'open'::paycore.invoice_status
			AND i.due_at <= w.now AND i.collection = 'send_invoice'
			AND NOT EXISTS (SELECT FROM paycore.collections c WHERE c.invoice_id = i.id AND c.tenant_id = t.tenant_id))
		OR EXISTS (SELECT FROM paycore.invoices i JOIN paycore.billing_accounts a ON a.id = i.billing_account_id AND a.tenant_id = i.tenant_id
			JOIN paycore.gateway_accounts g ON g.name = a.gateway_account AND g.tenant_id = i.tenant_id AND g.gateway IN ('stripe', 'mock')
			WHERE i.tenant_id = t.tenant_id AND i.subscription_id IS NULL AND i.status OPERATOR(paycore.=) 'open'::paycore.invoice_status
			AND i.due_at <= w.now AND i.collection = 'charge_automatically' AND a.auto_charge
			AND NOT EXISTS (SELECT FROM paycore.collections c WHERE c.invoice_id = i.id AND c.tenant_id = t.tenant_id)))
FROM (SELECT u.tenant_id FROM ((SELECT n.tenant_id FROM named n LIMIT $4)
		UNION (SELECT DISTINCT c.tenant_id FROM paycore.collections c WHERE c.tenant_id > $1 AND (c.stirred OR c.next_action_at IS NOT NULL)
			ORDER BY c.tenant_id LIMIT $4)
		UNION (SELECT DISTINCT i.tenant_id FROM paycore.invoices i WHERE i.tenant_id > $1
			AND i.subscription_id IS NULL AND i.status OPERATOR(paycore.=) 'open'::paycore.invoice_status
			ORDER BY i.tenant_id LIMIT $4)) u
	ORDER BY u.tenant_id LIMIT $4) t
CROSS JOIN LATERAL (SELECT coalesce((SELECT c.shows FROM paycore.test_clocks c WHERE c.tenant_id = t.tenant_id), now()) AS now) w
LEFT JOIN paycore.billing_schedules b ON b.tenant_id = t.tenant_id
ORDER BY t.tenant_id
