--
-- Views: what is derived, for people and reports.
--

CREATE OR REPLACE VIEW paycore.payments_overview WITH (security_invoker = true) AS
SELECT p.tenant_id, p.id, p.billing_account_id, a.name AS billing_account_name, p.payment_intent_id, p.status,
	p.gross, p.refunded, p.refund_reserved, p.dispute_held,
	CASE WHEN p.status OPERATOR(paycore.=) 'succeeded'::paycore.payment_status
		THEN paycore.money_cents(GREATEST(0::bigint, paycore.cents(p.gross) - paycore.cents(p.refund_reserved)
			- paycore.cents(p.refunded) - paycore.cents(p.dispute_held)), paycore.currency(p.gross)) END AS available_to_refund,
	CASE WHEN paycore.cents(p.refunded) <= 0 AND paycore.cents(p.refund_reserved) > 0 THEN 'pending'
		WHEN paycore.cents(p.refunded) <= 0 THEN 'none'
		WHEN paycore.cents(p.refunded) < paycore.cents(p.gross) THEN 'partial'
		ELSE 'full' END AS refund_state,
	p.over_returned, p.settled_gross, p.fee, p.net,
	round(100.0 * paycore.cents(p.fee) / NULLIF(paycore.cents(p.settled_gross), 0), 4) AS fee_percentage,
	p.method_type, p.gateway_account, p.psp_charge_id, p.external_ref, p.captured_at, p.settled_at, p.available_on,
	p.reconciled, p.created_at,
	(SELECT d.status FROM paycore.disputes d WHERE d.payment_id = p.id AND d.tenant_id = p.tenant_id
		ORDER BY d.id DESC LIMIT 1) AS dispute_status,
	(SELECT count(*) FROM paycore.disputes d WHERE d.payment_id = p.id AND d.tenant_id = p.tenant_id) AS disputes,
	EXISTS (SELECT FROM paycore.early_fraud_warnings w WHERE w.payment_id = p.id AND w.tenant_id = p.tenant_id) AS fraud_warned,
	EXISTS (SELECT FROM paycore.reviews v WHERE v.payment_id = p.id AND v.tenant_id = p.tenant_id AND v.is_open) AS in_review
FROM paycore.payments p
JOIN paycore.billing_accounts a ON a.id = p.billing_account_id AND a.tenant_id = p.tenant_id;
COMMENT ON VIEW paycore.payments_overview IS 'Payments with what is derived of them: refund state, what can still be refunded, fee in percent, its newest dispute, fraud warnings and reviews.';
COMMENT ON COLUMN paycore.payments_overview.billing_account_name IS 'Name of the account.';
COMMENT ON COLUMN paycore.payments_overview.available_to_refund IS 'What can still be refunded.';
COMMENT ON COLUMN paycore.payments_overview.refund_state IS 'none, pending, partial or full.';
COMMENT ON COLUMN paycore.payments_overview.fee_percentage IS 'fee in percent of settled_gross.';
COMMENT ON COLUMN paycore.payments_overview.dispute_status IS 'Status of its newest dispute.';
COMMENT ON COLUMN paycore.payments_overview.disputes IS 'How many disputes it has.';
COMMENT ON COLUMN paycore.payments_overview.fraud_warned IS 'Whether its card''s issuer suspects fraud.';
COMMENT ON COLUMN paycore.payments_overview.in_review IS 'Whether a review of it is open.';

CREATE OR REPLACE VIEW paycore.foreign_outbox WITH (security_invoker = true) AS
SELECT o.tenant_id, o.id, o.seq, o.gateway_account, o.operation, o.object_type, o.object_id, o.status, o.attempts,
	o.first_sent_at, o.created_at, o.instance, o.database_oid
FROM paycore.outbox o
WHERE o.finished_at IS NULL
	AND (o.instance <> paycore.instance()
		OR o.database_oid <> (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = current_database()));
COMMENT ON VIEW paycore.foreign_outbox IS 'Unfinished requests of another instance or database: not sent from here until adopt_outbox().';

CREATE OR REPLACE VIEW paycore.payment_attempts_overview WITH (security_invoker = true) AS
SELECT t.tenant_id, t.id, t.payment_intent_id, t.psp_charge_id, t.outcome, t.amount, t.payment_method, t.error_type,
	t.error_code, t.decline_code, t.advice_code, t.network_advice_code, e.class AS error_class, e.payer_message, e.retry_at,
	e.retries_left, e.party, e.decided_by, t.attempted_at
FROM paycore.payment_attempts t
CROSS JOIN LATERAL (SELECT count(*)::int4 AS failures FROM paycore.payment_attempts o
	WHERE o.payment_intent_id = t.payment_intent_id AND o.tenant_id = t.tenant_id AND o.id <= t.id AND o.outcome <> 'succeeded'
		AND o.payment_method IS NOT DISTINCT FROM t.payment_method) n
CROSS JOIN LATERAL paycore.explain_error(t.error_code, t.decline_code, t.advice_code, t.network_advice_code, t.error_type,
	n.failures, t.attempted_at) e;
COMMENT ON VIEW paycore.payment_attempts_overview IS 'Attempts with what their error means: its class, what to tell the payer, and, where a retry is worth it, when.';
COMMENT ON COLUMN paycore.payment_attempts_overview.error_class IS 'retry_later, new_method, authenticate or never.';
COMMENT ON COLUMN paycore.payment_attempts_overview.payer_message IS 'What to tell the payer.';
COMMENT ON COLUMN paycore.payment_attempts_overview.retry_at IS 'When to try again, where that is worth it.';
COMMENT ON COLUMN paycore.payment_attempts_overview.retries_left IS 'How many more tries are worth it.';
COMMENT ON COLUMN paycore.payment_attempts_overview.party IS 'Who can mend it: payer, caller, merchant, state or gateway.';
COMMENT ON COLUMN paycore.payment_attempts_overview.decided_by IS 'Which of its codes decided the class.';

CREATE OR REPLACE VIEW paycore.payment_intents_overview WITH (security_invoker = true) AS
SELECT i.tenant_id, i.id, i.billing_account_id, a.name AS billing_account_name, i.status, i.amount, i.amount_received,
	i.payment_method, i.payment_id, i.error_code, i.decline_code, e.class AS error_class, e.payer_message, e.retry_at, e.retries_left,
	e.party, e.decided_by, e.known, i.gateway_account, i.psp_intent_id, i.created_at
FROM paycore.payment_intents i
JOIN paycore.billing_accounts a ON a.id = i.billing_account_id AND a.tenant_id = i.tenant_id
LEFT JOIN LATERAL (SELECT t.advice_code, t.network_advice_code, t.attempted_at, t.payment_method FROM paycore.payment_attempts t
	WHERE t.payment_intent_id = i.id AND t.tenant_id = i.tenant_id AND t.outcome <> 'succeeded'
		AND t.error_code IS NOT DISTINCT FROM i.error_code
	ORDER BY t.id DESC LIMIT 1) t ON i.error_type IS NOT NULL OR i.error_code IS NOT NULL
LEFT JOIN LATERAL (SELECT count(*)::int4 AS failures FROM paycore.payment_attempts o
	WHERE o.payment_intent_id = i.id AND o.tenant_id = i.tenant_id AND o.outcome <> 'succeeded'
		AND o.payment_method IS NOT DISTINCT FROM t.payment_method) n ON t.attempted_at IS NOT NULL
LEFT JOIN LATERAL paycore.explain_error(i.error_code, i.decline_code, t.advice_code, t.network_advice_code, i.error_type,
	greatest(n.failures, 1), coalesce(t.attempted_at, i.updated_at)) e ON true;
COMMENT ON VIEW paycore.payment_intents_overview IS 'Payment intents with what their error means: its class, what to tell the payer, and, where a retry is worth it, when.';
COMMENT ON COLUMN paycore.payment_intents_overview.billing_account_name IS 'Name of the account.';
COMMENT ON COLUMN paycore.payment_intents_overview.error_class IS 'retry_later, new_method, authenticate or never.';
COMMENT ON COLUMN paycore.payment_intents_overview.payer_message IS 'What to tell the payer.';
COMMENT ON COLUMN paycore.payment_intents_overview.retry_at IS 'When to try again, where that is worth it.';
COMMENT ON COLUMN paycore.payment_intents_overview.retries_left IS 'How many more tries are worth it.';
COMMENT ON COLUMN paycore.payment_intents_overview.party IS 'Who can mend it: payer, caller, merchant, state or gateway.';
COMMENT ON COLUMN paycore.payment_intents_overview.decided_by IS 'Which of its codes decided the class.';
COMMENT ON COLUMN paycore.payment_intents_overview.known IS 'Whether paycore knows the code.';

CREATE OR REPLACE VIEW paycore.ledger_postings WITH (security_invoker = true) AS
SELECT e.tenant_id, e.transfer_id, e.id AS entry_id, s.side, s.account_id, a.code, a.kind,
	CASE s.side WHEN 'debit' THEN e.amount ELSE OPERATOR(paycore.-) e.amount END AS amount,
	e.fact, e.nth, e.object_id, e.billing_account_id, e.description, e.occurred_at, e.recorded_at
FROM paycore.ledger_entries e
CROSS JOIN LATERAL (VALUES ('debit', e.debit_account_id), ('credit', e.credit_account_id)) s (side, account_id)
JOIN paycore.ledger_accounts a ON a.id = s.account_id AND a.tenant_id = e.tenant_id;
COMMENT ON VIEW paycore.ledger_postings IS 'The ledger as a journal, two rows an entry: debits above zero, credits below. Each transfer and currency sums to zero.';
COMMENT ON COLUMN paycore.ledger_postings.entry_id IS 'The entry.';
COMMENT ON COLUMN paycore.ledger_postings.side IS 'debit or credit.';
COMMENT ON COLUMN paycore.ledger_postings.account_id IS 'The ledger account.';
COMMENT ON COLUMN paycore.ledger_postings.amount IS 'Above zero a debit, below zero a credit.';

CREATE OR REPLACE VIEW paycore.backfill_progress WITH (security_invoker = true) AS
SELECT f.tenant_id, f.gateway_account, substr(f.feed, length('backfill:') + 1) AS list,
	CASE WHEN f.error_message IS NOT NULL THEN 'stopped' WHEN f.finished_at IS NULL THEN 'reading' ELSE 'done' END AS state,
	f.reading_from AS since, f.pages, f.objects, f.parts,
	(SELECT count(*) FROM paycore.outbox o WHERE o.tenant_id = f.tenant_id AND o.gateway_account = f.gateway_account
		AND o.finished_at IS NULL AND o.is_read) AS requests_waiting,
	f.started_at, f.finished_at, f.error_message
FROM paycore.gateway_feeds f
WHERE f.feed LIKE 'backfill:%';
COMMENT ON VIEW paycore.backfill_progress IS 'How far a backfill is: a row for each list that it has begun.';
COMMENT ON COLUMN paycore.backfill_progress.list IS 'Which list.';
COMMENT ON COLUMN paycore.backfill_progress.state IS 'reading, done or stopped (see error_message).';
COMMENT ON COLUMN paycore.backfill_progress.since IS 'Objects made since then are read; null: all.';
COMMENT ON COLUMN paycore.backfill_progress.requests_waiting IS 'Requests for pages and details that wait.';

CREATE OR REPLACE VIEW paycore.open_invoices WITH (security_invoker = true) AS
SELECT i.tenant_id, i.id, i.number, i.billing_account_id, a.name AS billing_account_name, i.currency, i.total, i.amount_due, i.finalized_at, i.due_at,
	greatest(0, ceil(extract(epoch FROM paycore.billing_now() - i.due_at) / 86400))::integer AS days_overdue
FROM paycore.invoices i
JOIN paycore.billing_accounts a ON a.id = i.billing_account_id AND a.tenant_id = i.tenant_id
WHERE i.status OPERATOR(paycore.=) 'open'::paycore.invoice_status;
COMMENT ON VIEW paycore.open_invoices IS 'Invoices that something is due on, with the days it is overdue.';
COMMENT ON COLUMN paycore.open_invoices.billing_account_name IS 'Name of the account.';
COMMENT ON COLUMN paycore.open_invoices.days_overdue IS 'Days since it was due, begun ones counted; 0: not yet.';

CREATE OR REPLACE VIEW paycore.mrr_by_account WITH (security_invoker = true) AS
SELECT s.tenant_id, s.billing_account_id, a.name AS billing_account_name, s.currency, paycore.sum(s.mrr) AS mrr,
	count(*) FILTER (WHERE paycore.cents(s.mrr) > 0) AS subscriptions, max(s.mrr_since) AS mrr_since
FROM paycore.subscriptions s
JOIN paycore.billing_accounts a ON a.id = s.billing_account_id AND a.tenant_id = s.tenant_id
WHERE s.mrr IS NOT NULL
GROUP BY s.tenant_id, s.billing_account_id, a.name, s.currency;
COMMENT ON VIEW paycore.mrr_by_account IS 'What each account''s subscriptions bring in a month, and since when it is so much.';
COMMENT ON COLUMN paycore.mrr_by_account.billing_account_name IS 'Name of the account.';
COMMENT ON COLUMN paycore.mrr_by_account.mrr IS 'What they bring in a month.';
COMMENT ON COLUMN paycore.mrr_by_account.subscriptions IS 'How many subscriptions bring something.';
COMMENT ON COLUMN paycore.mrr_by_account.mrr_since IS 'Since when it is so much.';
