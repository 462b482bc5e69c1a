--
-- Indexes: one per question that the API, the worker or reduce asks.
--

CREATE UNIQUE INDEX IF NOT EXISTS billing_accounts_external_ref ON paycore.billing_accounts (tenant_id, external_ref) WHERE external_ref IS NOT NULL;
CREATE UNIQUE INDEX IF NOT EXISTS billing_accounts_customer ON paycore.billing_accounts (psp_customer_id, gateway_account, tenant_id) WHERE psp_customer_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS billing_accounts_by_tenant ON paycore.billing_accounts (tenant_id, id);

CREATE UNIQUE INDEX IF NOT EXISTS payment_methods_token ON paycore.payment_methods (psp_payment_method_id, gateway_account, billing_account_id, tenant_id);
CREATE INDEX IF NOT EXISTS payment_methods_by_tenant ON paycore.payment_methods (tenant_id, id);
CREATE INDEX IF NOT EXISTS payment_methods_by_account ON paycore.payment_methods (billing_account_id, tenant_id, id);

CREATE UNIQUE INDEX IF NOT EXISTS payment_methods_default ON paycore.payment_methods (billing_account_id, tenant_id) WHERE is_default;
CREATE INDEX IF NOT EXISTS payment_methods_expiry ON paycore.payment_methods (exp_year, exp_month) WHERE exp_year IS NOT NULL AND status = 'attached';

CREATE UNIQUE INDEX IF NOT EXISTS setup_intents_psp ON paycore.setup_intents (psp_setup_intent_id, gateway_account, tenant_id) WHERE psp_setup_intent_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS setup_intents_by_tenant ON paycore.setup_intents (tenant_id, id);
CREATE INDEX IF NOT EXISTS setup_intents_by_account ON paycore.setup_intents (billing_account_id, tenant_id, id);
CREATE INDEX IF NOT EXISTS setup_intents_to_sweep ON paycore.setup_intents (next_sweep_at) WHERE next_sweep_at IS NOT NULL;

CREATE UNIQUE INDEX IF NOT EXISTS mandates_psp ON paycore.mandates (psp_mandate_id, gateway_account, tenant_id);
CREATE INDEX IF NOT EXISTS mandates_by_tenant ON paycore.mandates (tenant_id, id);
CREATE INDEX IF NOT EXISTS mandates_by_account ON paycore.mandates (billing_account_id, tenant_id, id);
CREATE INDEX IF NOT EXISTS mandates_by_method ON paycore.mandates (psp_payment_method_id, gateway_account, tenant_id);

CREATE UNIQUE INDEX IF NOT EXISTS payment_intents_psp ON paycore.payment_intents (psp_intent_id, gateway_account, tenant_id) WHERE psp_intent_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS payment_intents_by_tenant ON paycore.payment_intents (tenant_id, id);
CREATE INDEX IF NOT EXISTS payment_intents_by_account ON paycore.payment_intents (billing_account_id, tenant_id, id);
CREATE INDEX IF NOT EXISTS payment_intents_to_sweep ON paycore.payment_intents (next_sweep_at) WHERE next_sweep_at IS NOT NULL;

CREATE INDEX IF NOT EXISTS payment_attempts_by_intent ON paycore.payment_attempts (payment_intent_id, tenant_id, id);
CREATE UNIQUE INDEX IF NOT EXISTS payment_attempts_charge ON paycore.payment_attempts (psp_charge_id, payment_intent_id, outcome, tenant_id) WHERE psp_charge_id IS NOT NULL;

CREATE UNIQUE INDEX IF NOT EXISTS payments_charge ON paycore.payments (psp_charge_id, gateway_account, tenant_id) WHERE psp_charge_id IS NOT NULL;
CREATE UNIQUE INDEX IF NOT EXISTS payments_one_success ON paycore.payments (payment_intent_id, tenant_id) WHERE status OPERATOR(paycore.=) 'succeeded'::paycore.payment_status;
CREATE INDEX IF NOT EXISTS payments_by_tenant ON paycore.payments (tenant_id, id);
CREATE INDEX IF NOT EXISTS payments_by_account ON paycore.payments (billing_account_id, tenant_id, id);
CREATE INDEX IF NOT EXISTS payments_available ON paycore.payments (tenant_id, gateway_account, available_on) WHERE available_on IS NOT NULL;

CREATE UNIQUE INDEX IF NOT EXISTS refunds_psp ON paycore.refunds (psp_refund_id, gateway_account, tenant_id) WHERE psp_refund_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS refunds_by_payment ON paycore.refunds (payment_id, tenant_id, id);
CREATE INDEX IF NOT EXISTS refunds_by_account ON paycore.refunds (billing_account_id, tenant_id, id);
CREATE INDEX IF NOT EXISTS refunds_by_tenant ON paycore.refunds (tenant_id, id);
CREATE INDEX IF NOT EXISTS refunds_to_sweep ON paycore.refunds (next_sweep_at) WHERE next_sweep_at IS NOT NULL;

CREATE UNIQUE INDEX IF NOT EXISTS status_changes_feed ON paycore.status_changes (tenant_id, seq);
CREATE INDEX IF NOT EXISTS status_changes_by_object ON paycore.status_changes (object_id, tenant_id, id);
CREATE INDEX IF NOT EXISTS idempotency_keys_expiry ON paycore.idempotency_keys (expires_at);

CREATE INDEX IF NOT EXISTS outbox_due ON paycore.outbox (database_oid, instance, gateway_account, operation, next_attempt_at, seq) WHERE status IN ('pending', 'resolving');
CREATE INDEX IF NOT EXISTS outbox_leased ON paycore.outbox (lease_until) WHERE status = 'sending';
CREATE INDEX IF NOT EXISTS outbox_lane ON paycore.outbox (lane, seq) WHERE finished_at IS NULL AND NOT is_read;
CREATE INDEX IF NOT EXISTS outbox_dependents ON paycore.outbox USING gin (depends_on) WITH (fastupdate = off) WHERE finished_at IS NULL AND depends_on IS NOT NULL;
CREATE INDEX IF NOT EXISTS outbox_dead ON paycore.outbox (seq) WHERE status = 'dead';
CREATE INDEX IF NOT EXISTS outbox_finished ON paycore.outbox (finished_at) WHERE finished_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS outbox_by_object ON paycore.outbox (object_id, seq);
CREATE UNIQUE INDEX IF NOT EXISTS outbox_key ON paycore.outbox (idempotency_key, tenant_id);

CREATE INDEX IF NOT EXISTS webhook_events_to_retry ON paycore.webhook_events (next_attempt_at) WHERE status IN ('failed', 'received');
CREATE INDEX IF NOT EXISTS webhook_events_rejected ON paycore.webhook_events (received_at) WHERE status = 'rejected';
-- Every event pays for each of these: what is old is found by the time in its key, what is asked rarely by reading.
DROP INDEX IF EXISTS paycore.webhook_events_by_time, paycore.webhook_events_by_object;

CREATE UNIQUE INDEX IF NOT EXISTS payouts_psp ON paycore.payouts (psp_payout_id, gateway_account, tenant_id);
CREATE INDEX IF NOT EXISTS payouts_by_tenant ON paycore.payouts (tenant_id, id);
CREATE INDEX IF NOT EXISTS payouts_by_time ON paycore.payouts (tenant_id, gateway_account, initiated_at);
CREATE INDEX IF NOT EXISTS payouts_to_sweep ON paycore.payouts (next_sweep_at) WHERE next_sweep_at IS NOT NULL;

CREATE UNIQUE INDEX IF NOT EXISTS balance_transactions_psp ON paycore.balance_transactions (psp_balance_transaction_id, gateway_account, tenant_id);
CREATE INDEX IF NOT EXISTS balance_transactions_by_tenant ON paycore.balance_transactions (tenant_id, id);
CREATE INDEX IF NOT EXISTS balance_transactions_by_payout ON paycore.balance_transactions (payout_id, tenant_id, id) WHERE payout_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS balance_transactions_by_payment ON paycore.balance_transactions (payment_id, tenant_id) WHERE payment_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS balance_transactions_by_refund ON paycore.balance_transactions (refund_id, tenant_id) WHERE refund_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS balance_transactions_by_dispute ON paycore.balance_transactions (dispute_id, tenant_id) WHERE dispute_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS balance_transactions_of_payout ON paycore.balance_transactions (source_payout_id, tenant_id) WHERE source_payout_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS balance_transactions_unpaid ON paycore.balance_transactions (tenant_id, gateway_account, available_on) WHERE payout_id IS NULL;

CREATE INDEX IF NOT EXISTS account_transactions_by_account ON paycore.account_transactions (billing_account_id, tenant_id, id);
CREATE INDEX IF NOT EXISTS account_transactions_by_tenant ON paycore.account_transactions (tenant_id, id);

CREATE INDEX IF NOT EXISTS ledger_accounts_by_tenant ON paycore.ledger_accounts (tenant_id, id);
-- What an account's balance and its pages ask: its newest entries.
CREATE INDEX IF NOT EXISTS ledger_entries_debits ON paycore.ledger_entries (debit_account_id, txn);
CREATE INDEX IF NOT EXISTS ledger_entries_credits ON paycore.ledger_entries (credit_account_id, txn);
CREATE UNIQUE INDEX IF NOT EXISTS ledger_entries_fact ON paycore.ledger_entries (object_id, fact, nth, tenant_id) WHERE object_id IS NOT NULL;

CREATE UNIQUE INDEX IF NOT EXISTS disputes_psp ON paycore.disputes (psp_dispute_id, gateway_account, tenant_id);
CREATE INDEX IF NOT EXISTS disputes_by_payment ON paycore.disputes (payment_id, tenant_id, id);
CREATE INDEX IF NOT EXISTS disputes_by_account ON paycore.disputes (billing_account_id, tenant_id, id);
CREATE INDEX IF NOT EXISTS disputes_by_tenant ON paycore.disputes (tenant_id, id);
CREATE INDEX IF NOT EXISTS disputes_moving ON paycore.disputes
	USING gist (tenant_id, gateway_account, tstzrange(withdrawn_at, greatest(withdrawn_at, reinstated_at), '[]')) WHERE withdrawn_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS disputes_to_sweep ON paycore.disputes (next_sweep_at) WHERE next_sweep_at IS NOT NULL;
-- By the type's own operator: the planner knows nothing of how often a text of it occurs.
CREATE INDEX IF NOT EXISTS disputes_undecided ON paycore.disputes (evidence_due_by)
	WHERE status OPERATOR(paycore.<>) ALL ('{won,lost,warning_closed,prevented}'::paycore.dispute_status[]);
DROP INDEX IF EXISTS paycore.disputes_open;
CREATE INDEX IF NOT EXISTS disputes_reopened ON paycore.disputes (reopened_at) WHERE reopened_at IS NOT NULL AND acknowledged_at IS NULL;
CREATE UNIQUE INDEX IF NOT EXISTS early_fraud_warnings_psp ON paycore.early_fraud_warnings (psp_warning_id, gateway_account, tenant_id);
CREATE INDEX IF NOT EXISTS early_fraud_warnings_by_payment ON paycore.early_fraud_warnings (payment_id, tenant_id, id);
CREATE INDEX IF NOT EXISTS early_fraud_warnings_by_account ON paycore.early_fraud_warnings (billing_account_id, tenant_id, id);
CREATE INDEX IF NOT EXISTS early_fraud_warnings_by_tenant ON paycore.early_fraud_warnings (tenant_id, id);
CREATE UNIQUE INDEX IF NOT EXISTS reviews_psp ON paycore.reviews (psp_review_id, gateway_account, tenant_id);
CREATE INDEX IF NOT EXISTS reviews_by_payment ON paycore.reviews (payment_id, tenant_id, id);
CREATE INDEX IF NOT EXISTS reviews_by_account ON paycore.reviews (billing_account_id, tenant_id, id);
CREATE INDEX IF NOT EXISTS reviews_by_tenant ON paycore.reviews (tenant_id, id);

CREATE UNIQUE INDEX IF NOT EXISTS receipts_payment ON paycore.receipts (payment_id, tenant_id) WHERE refund_id IS NULL;
CREATE UNIQUE INDEX IF NOT EXISTS receipts_refund ON paycore.receipts (refund_id, tenant_id) WHERE refund_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS receipts_by_payment ON paycore.receipts (payment_id, tenant_id, id);
CREATE INDEX IF NOT EXISTS receipts_by_account ON paycore.receipts (billing_account_id, tenant_id, id);
CREATE INDEX IF NOT EXISTS receipts_by_tenant ON paycore.receipts (tenant_id, id);
CREATE INDEX IF NOT EXISTS payments_bounced ON paycore.payments (tenant_id, failed_at)
	WHERE captured_at IS NOT NULL AND status OPERATOR(paycore.=) 'failed'::paycore.payment_status;
