-- What became of the collections $3 of tenant $1, which are locked: paid, over, failed, or with another card than before. It is $2. Of $4 a charge is on its way.
WITH stirred AS MATERIALIZED (
	SELECT c.id, c.invoice_id, c.billing_account_id, c.subscription_id, c.status, c.payment_intent_id, c.attempts, c.step, c.class, c.method, c.brand,
		coalesce(c.policy_id, (SELECT s.dunning_policy_id FROM paycore.subscriptions s WHERE s.id = c.subscription_id AND s.tenant_id = $1),
			(SELECT a.dunning_policy_id FROM paycore.billing_accounts a WHERE a.id = c.billing_account_id AND a.tenant_id = $1)) AS policy_id,
		c.fingerprint, c.last_attempt_at, c.past_due_since, c.note, c.last_heard_id, c.next_action_at, i.status::text AS invoice,
		i.collection = 'send_invoice' AS sent
	FROM paycore.collections c
	JOIN paycore.invoices i ON i.id = c.invoice_id AND i.tenant_id = $1
	WHERE c.tenant_id = $1 AND c.id = ANY ($3)
),
-- The newest of what went wrong since it was looked at: an attempt, a bounce, an intent that came to nothing, a payer who is asked, no method at all.
failure AS MATERIALIZED (
	SELECT s.id, f.heard_id, f.kind, CASE WHEN s.sent THEN 'invoice' ELSE coalesce(f.class, 'retry_later') END AS class, f.error_code, f.decline_code, f.retry_at,
		-- It happened when it was tried, or later; under a test clock only the clock counts.
		CASE WHEN clock.tests THEN coalesce(s.last_attempt_at, $2) ELSE least(greatest(s.last_attempt_at, f.happened_at), $2) END AS happened_at
	FROM stirred s
	CROSS JOIN LATERAL (SELECT EXISTS (SELECT FROM paycore.test_clocks t WHERE t.tenant_id = $1) AS tests) clock
	CROSS JOIN LATERAL (
		(SELECT t.id AS heard_id, 'declined' AS kind, o.error_class AS class, o.error_code, o.decline_code,
			CASE WHEN o.decided_by LIKE '%network_advice%' THEN o.retry_at - o.attempted_at END AS retry_at, t.attempted_at AS happened_at, 1 AS rank
		FROM paycore.payment_intents n
		JOIN paycore.payment_attempts t ON t.payment_intent_id = n.id AND t.tenant_id = $1 AND t.outcome <> 'succeeded'
		JOIN paycore.payment_attempts_overview o ON o.id = t.id AND o.tenant_id = $1
		WHERE n.invoice_id = s.invoice_id AND n.tenant_id = $1 AND (s.last_heard_id IS NULL OR t.id > s.last_heard_id)
		ORDER BY t.id DESC LIMIT 1)
		UNION ALL
		(SELECT b.id, 'bounced', (paycore.explain_error(y.failure_code, failed_at => $2)).class, y.failure_code, NULL, NULL, b.applied_at, 2
		FROM paycore.invoice_payments b
		JOIN paycore.payments y ON y.id = b.payment_id AND y.tenant_id = $1
		WHERE b.invoice_id = s.invoice_id AND b.tenant_id = $1 AND b.kind = 'bounce' AND (s.last_heard_id IS NULL OR b.id > s.last_heard_id)
		ORDER BY b.id DESC LIMIT 1)
		UNION ALL
		(SELECT NULL, 'declined', (paycore.explain_error(n.error_code, n.decline_code, error_type => n.error_type)).class, coalesce(n.error_code, n.status::text), n.decline_code, NULL, n.updated_at, 3
		FROM paycore.payment_intents n
		WHERE n.id = s.payment_intent_id AND n.tenant_id = $1 AND n.status::text IN ('failed', 'canceled') AND s.status IN ('collecting', 'retrying'))
		UNION ALL
		(SELECT NULL, 'action_required', 'authenticate', 'requires_action', NULL, NULL, n.updated_at, 4
		FROM paycore.payment_intents n
		WHERE n.invoice_id = s.invoice_id AND n.tenant_id = $1 AND n.status::text = 'requires_action' AND s.status IN ('collecting', 'retrying'))
		UNION ALL
		SELECT NULL, 'no_method', 'new_method', s.note, NULL, NULL, $2, 5 WHERE s.note = 'no_payment_method' AND s.status IN ('collecting', 'retrying')
		ORDER BY rank LIMIT 1
	) f
	-- A payer who tries a sent invoice, or one that was given up, is not dunned for it.
	WHERE s.invoice = 'open' AND s.status IN ('collecting', 'retrying', 'awaiting_payer', 'parked', 'settled')
		AND (f.kind = 'bounced' OR (NOT s.sent AND s.status <> 'settled'))
),
-- A card that is new or renewed is tried at once.
method AS (
	SELECT s.id, m.looks FROM stirred s
	CROSS JOIN LATERAL paycore.invoice_method($1, s.subscription_id, s.billing_account_id) m
	WHERE s.invoice = 'open' AND s.status IN ('retrying', 'awaiting_payer', 'parked') AND s.class IS DISTINCT FROM 'invoice'
		AND m.given IS NOT NULL AND m.looks IS DISTINCT FROM s.method
		AND NOT EXISTS (SELECT FROM paycore.payment_intents n WHERE n.invoice_id = s.invoice_id AND n.tenant_id = $1 AND n.status::text IN ('processing', 'requires_capture'))
),
-- Nobody is at it any more, and nothing went wrong: what kept the charge from being made is gone, or the credit note that settled it is void.
idle AS (
	SELECT s.id, s.status FROM stirred s
	WHERE s.invoice = 'open' AND s.status IN ('collecting', 'retrying') AND s.next_action_at IS NULL AND s.id <> ALL ($4)
		AND NOT EXISTS (SELECT FROM paycore.payment_intents n WHERE n.invoice_id = s.invoice_id AND n.tenant_id = $1
			AND n.status::text IN ('created', 'requires_action', 'processing', 'requires_capture'))
	UNION ALL
	SELECT s.id, CASE WHEN s.sent OR s.class IN ('new_method', 'authenticate', 'never') THEN 'awaiting_payer' ELSE 'retrying' END
	FROM stirred s WHERE s.invoice = 'open' AND s.status = 'settled'
),
verdict AS MATERIALIZED (
	SELECT s.id, s.invoice_id, s.subscription_id, s.brand, s.fingerprint, f.heard_id, f.class, f.error_code, f.decline_code, f.happened_at, p.id AS policy_id,
		CASE
			WHEN s.invoice = 'paid' THEN CASE WHEN s.status <> 'settled' THEN 'settled' END
			WHEN s.invoice <> 'open' THEN CASE WHEN s.status NOT IN ('closed', 'settled') THEN 'closed' END
			WHEN m.id IS NOT NULL THEN 'retrying'
			WHEN f.id IS NOT NULL THEN CASE WHEN f.class = 'retry_later' AND s.attempts < coalesce(p.max_attempts, 8) AND s.step < x.steps
				THEN 'retrying' ELSE 'awaiting_payer' END
			WHEN i.id IS NOT NULL THEN i.status END AS status,
		CASE WHEN f.id IS NOT NULL THEN f.kind WHEN m.id IS NOT NULL THEN 'method_changed' END AS kind,
		CASE
			WHEN s.invoice <> 'open' THEN NULL
			WHEN m.id IS NOT NULL OR (f.id IS NULL AND i.status <> 'awaiting_payer') THEN $2
			WHEN f.id IS NULL AND i.id IS NOT NULL THEN paycore.next_dunning_step(x.plan, s.class, s.step, $2, x.last_step)
			-- Where no charge is left, the last step.
			WHEN f.class = 'retry_later' AND s.attempts >= coalesce(p.max_attempts, 8) THEN paycore.next_dunning_step('{}', f.class, s.step, f.happened_at, x.last_step)
			ELSE greatest(f.happened_at + f.retry_at, paycore.next_dunning_step(x.plan, f.class, s.step, f.happened_at, x.last_step)) END AS next_action_at,
		s.invoice = 'paid' AND s.past_due_since IS NOT NULL AS recovered
	FROM stirred s
	LEFT JOIN failure f ON f.id = s.id
	LEFT JOIN method m ON m.id = s.id
	LEFT JOIN idle i ON i.id = s.id
	LEFT JOIN paycore.dunning_policies p ON p.tenant_id = $1 AND CASE WHEN s.policy_id IS NOT NULL THEN p.id = s.policy_id ELSE p.is_default END
	CROSS JOIN LATERAL (SELECT y.plan, coalesce(jsonb_array_length(y.plan -> f.class), 0) AS steps,
		coalesce(s.past_due_since, f.happened_at, $2) + coalesce(p.grace, '21 days') AS last_step
		FROM (SELECT paycore.default_dunning_steps() || coalesce(p.steps, '{}') AS plan) y) x
),
changed AS (
	UPDATE paycore.collections c SET stirred = false,
		status = coalesce(v.status, c.status),
		policy_id = CASE WHEN v.class IS NOT NULL THEN coalesce(c.policy_id, v.policy_id) ELSE c.policy_id END,
		class = coalesce(v.class, c.class),
		error_code = CASE WHEN v.class IS NOT NULL THEN v.error_code ELSE c.error_code END,
		decline_code = CASE WHEN v.class IS NOT NULL THEN v.decline_code ELSE c.decline_code END,
		last_heard_id = greatest(c.last_heard_id, v.heard_id),
		payment_intent_id = CASE WHEN (v.class IS NOT NULL OR c.status = 'settled') AND v.status IS NOT NULL AND v.heard_id IS NULL THEN NULL ELSE c.payment_intent_id END,
		past_due_since = CASE WHEN v.status IN ('settled', 'closed') THEN c.past_due_since WHEN v.class IS NOT NULL THEN coalesce(c.past_due_since, v.happened_at) ELSE c.past_due_since END,
		next_action_at = CASE WHEN v.status IN ('settled', 'closed') THEN NULL WHEN v.status IS NOT NULL THEN v.next_action_at ELSE c.next_action_at END,
		note = CASE WHEN v.status IS NOT NULL THEN NULL ELSE c.note END,
		ended_at = CASE WHEN v.status IN ('settled', 'closed') THEN $2 WHEN v.status IS NOT NULL THEN NULL ELSE c.ended_at END
	FROM verdict v WHERE c.id = v.id AND c.tenant_id = $1
),
noted AS (
	INSERT INTO paycore.dunning_steps (tenant_id, collection_id, invoice_id, kind, class, error_code, decline_code, brand, fingerprint, happened_at, next_action_at)
	SELECT $1, v.id, v.invoice_id, CASE WHEN v.recovered THEN 'recovered' ELSE v.kind END, v.class, v.error_code, v.decline_code,
		CASE WHEN v.kind = 'declined' THEN v.brand END, CASE WHEN v.kind = 'declined' THEN v.fingerprint END, coalesce(v.happened_at, $2), v.next_action_at
	FROM verdict v WHERE v.status IS NOT NULL AND (v.kind IS NOT NULL OR v.recovered)
),
past_due AS (
	UPDATE paycore.subscriptions s SET status = 'past_due'
	FROM verdict v WHERE v.class IS NOT NULL AND s.id = v.subscription_id AND s.tenant_id = $1 AND s.status::text = 'active'
),
-- Nothing is overdue any more.
active_again AS (
	UPDATE paycore.subscriptions s SET status = 'active'
	WHERE s.tenant_id = $1 AND s.status::text = 'past_due' AND s.id IN (SELECT v.subscription_id FROM verdict v WHERE v.status IN ('settled', 'closed'))
		AND NOT EXISTS (SELECT FROM paycore.collections c JOIN paycore.invoices i ON i.id = c.invoice_id AND i.tenant_id = $1
			WHERE c.subscription_id = s.id AND c.tenant_id = $1 AND c.past_due_since IS NOT NULL AND i.status::text = 'open')
)
SELECT count(*) FROM stirred
