-- Invoices of tenant $1 that are due by $2 and that nobody collects yet, at most $3 of them: to be charged (where the gateway of their account can: $4), or (sent ones) overdue.
-- Open invoices are looked at in the order of their due dates, from the one after $5 and $6 on.
WITH looked AS MATERIALIZED (
	SELECT i.id, i.billing_account_id, i.subscription_id, i.collection, i.due_at
	FROM paycore.invoices i
	WHERE i.tenant_id = $1 AND i.status OPERATOR(paycore.=) 'open'::paycore.invoice_status AND i.due_at <= $2 AND (i.due_at, i.id) > ($5, $6)
	ORDER BY i.due_at, i.id LIMIT 20::bigint * $3
),
-- OFFSET 0: each is asked for by its key; there may be many open ones that nobody is to collect, looked at again with each run.
candidate AS MATERIALIZED (
	SELECT l.id, l.due_at, a.dunning_policy_id
	FROM looked l
	CROSS JOIN LATERAL (SELECT a.gateway_account, a.auto_charge, a.dunning_policy_id FROM paycore.billing_accounts a
		WHERE (l.collection = 'send_invoice' OR $4 <> '{}') AND a.id = l.billing_account_id AND a.tenant_id = $1 OFFSET 0) a
	WHERE (l.collection = 'send_invoice' OR (a.gateway_account = ANY ($4) AND a.auto_charge))
		AND NOT EXISTS (SELECT FROM paycore.collections c WHERE c.invoice_id = l.id AND c.tenant_id = $1 OFFSET 0)
	ORDER BY l.due_at, l.id LIMIT $3
),
-- Locked, as by whoever pays or ends one: that stirs a collection which it can see.
locked AS MATERIALIZED (
	SELECT i.id, i.billing_account_id, i.subscription_id, i.collection, i.due_at
	FROM paycore.invoices i
	WHERE i.id = ANY (ARRAY(SELECT c.id FROM candidate c)) AND i.tenant_id = $1 AND i.status::text = 'open'
	ORDER BY i.due_at, i.id FOR NO KEY UPDATE SKIP LOCKED
),
due AS MATERIALIZED (
	SELECT i.id, i.billing_account_id, i.subscription_id, i.collection, i.due_at, coalesce(
		(SELECT s.dunning_policy_id FROM paycore.subscriptions s WHERE s.id = i.subscription_id AND s.tenant_id = $1), c.dunning_policy_id) AS policy_id
	FROM locked i JOIN candidate c ON c.id = i.id
),
begun AS (
	INSERT INTO paycore.collections (tenant_id, invoice_id, billing_account_id, subscription_id, status, policy_id, class, next_action_at, past_due_since)
	SELECT $1, d.id, d.billing_account_id, d.subscription_id, CASE WHEN sent THEN 'awaiting_payer' ELSE 'collecting' END,
		CASE WHEN sent THEN p.id END, CASE WHEN sent THEN 'invoice' END,
		CASE WHEN sent THEN paycore.next_dunning_step(paycore.default_dunning_steps() || coalesce(p.steps, '{}'), 'invoice', 0, $2,
			$2 + coalesce(p.grace, '21 days')) ELSE $2 END,
		CASE WHEN sent THEN $2 END
	FROM due d
	CROSS JOIN LATERAL (SELECT d.collection = 'send_invoice' AS sent) s
	LEFT JOIN paycore.dunning_policies p ON p.tenant_id = $1 AND CASE WHEN d.policy_id IS NOT NULL THEN p.id = d.policy_id ELSE p.is_default END
	ON CONFLICT (invoice_id, tenant_id) DO NOTHING
	RETURNING id, invoice_id, subscription_id, class, next_action_at
),
noted AS (
	INSERT INTO paycore.dunning_steps (tenant_id, collection_id, invoice_id, kind, class, happened_at, next_action_at)
	SELECT $1, b.id, b.invoice_id, 'overdue', b.class, $2, b.next_action_at FROM begun b WHERE b.class IS NOT NULL
),
-- Also what is past due already: a run that just finds nothing else overdue waits, or is waited for.
past_due AS (
	UPDATE paycore.subscriptions s SET status = 'past_due'
	FROM begun b WHERE b.class IS NOT NULL AND s.id = b.subscription_id AND s.tenant_id = $1 AND s.status::text IN ('active', 'past_due')
)
-- The last one looked at, if any.
SELECT (SELECT count(*) FROM begun), l.due_at, l.id
FROM (VALUES (1)) one
LEFT JOIN LATERAL (
	SELECT o.due_at, o.id FROM (SELECT c.due_at, c.id FROM candidate c WHERE (SELECT count(*) FROM candidate) = $3 UNION ALL
		SELECT k.due_at, k.id FROM looked k WHERE (SELECT count(*) FROM candidate) < $3) o
	ORDER BY o.due_at DESC, o.id DESC LIMIT 1) l ON true
