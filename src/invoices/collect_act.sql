-- Steps of dunning in tenant $1 that need no charge, of the collections $3, which are locked: the payer is reminded, or all is tried and the policy ends it. It is $2.
-- Of $4 a charge is on its way.
WITH due AS MATERIALIZED (
	SELECT c.id, c.invoice_id, c.subscription_id, c.class, c.past_due_since, i.status::text = 'open' AS open, x.plan, p.grace, coalesce(p.final_action, 'nothing') AS final_action,
		c.class = 'retry_later' OR c.step >= coalesce(jsonb_array_length(x.plan -> c.class), 0) AS over
	FROM paycore.collections c
	JOIN paycore.invoices i ON i.id = c.invoice_id AND i.tenant_id = $1
	LEFT JOIN paycore.dunning_policies p ON p.id = c.policy_id AND p.tenant_id = $1
	CROSS JOIN LATERAL (SELECT paycore.default_dunning_steps() || coalesce(p.steps, '{}') AS plan) x
	WHERE c.tenant_id = $1 AND c.id = ANY ($3)
),
-- What is not open any more is heard of first.
missed AS (
	UPDATE paycore.collections c SET stirred = true FROM due d WHERE c.id = d.id AND c.tenant_id = $1 AND NOT d.open
),
-- Money that is on its way is waited for.
ready AS MATERIALIZED (
	SELECT d.*, d.id = ANY ($4) OR EXISTS (SELECT FROM paycore.payment_intents n WHERE n.invoice_id = d.invoice_id AND n.tenant_id = $1
		AND n.status::text IN ('processing', 'requires_capture')) AS paying
	FROM due d WHERE d.open
),
stepped AS (
	UPDATE paycore.collections c SET step = c.step + CASE WHEN r.paying THEN 0 ELSE 1 END,
		status = CASE WHEN r.over AND NOT r.paying THEN 'exhausted' ELSE c.status END,
		next_action_at = CASE
			WHEN r.paying THEN $2 + interval '1 day'
			WHEN r.over THEN NULL
			ELSE paycore.next_dunning_step(r.plan, c.class, c.step + 1, $2,
				coalesce(c.past_due_since, $2) + coalesce(r.grace, '21 days')) END
	FROM ready r WHERE c.id = r.id AND c.tenant_id = $1
	RETURNING c.id, c.next_action_at
),
noted AS (
	INSERT INTO paycore.dunning_steps (tenant_id, collection_id, invoice_id, kind, class, happened_at, next_action_at)
	SELECT $1, r.id, r.invoice_id, CASE WHEN NOT r.over THEN 'reminded' ELSE (ARRAY['paused', 'canceled', 'written_off', 'given_up'])[
		array_position(ARRAY['pause', 'cancel', 'write_off', 'nothing'], r.final_action)] END, r.class, $2, s.next_action_at
	FROM ready r JOIN stepped s ON s.id = r.id WHERE NOT r.paying
),
paused AS (
	UPDATE paycore.subscriptions s SET status = 'paused', paused_at = $2, resumes_at = NULL, next_bill_at = s.cancel_at
	FROM ready r WHERE r.over AND NOT r.paying AND r.final_action = 'pause' AND s.id = r.subscription_id AND s.tenant_id = $1
		AND s.status::text IN ('active', 'past_due')
),
-- The run ends it.
canceled AS (
	UPDATE paycore.subscriptions s SET cancel_at = $2, next_bill_at = $2, cancel_reason = 'invoice not paid', canceled_at = coalesce(s.canceled_at, $2)
	FROM ready r WHERE r.over AND NOT r.paying AND r.final_action = 'cancel' AND s.id = r.subscription_id AND s.tenant_id = $1
		AND s.status::text IN ('active', 'past_due', 'paused', 'trialing') AND s.parked_at IS NULL
),
written_off AS (
	UPDATE paycore.invoices i SET status = 'uncollectible', uncollectible_at = $2
	FROM ready r WHERE r.over AND NOT r.paying AND r.final_action = 'write_off' AND i.id = r.invoice_id AND i.tenant_id = $1 AND i.status::text = 'open'
)
SELECT count(*) FROM due
