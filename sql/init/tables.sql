--
-- The tables, plain and owned by whoever runs init(): one of each row type.
--

CREATE TABLE IF NOT EXISTS paycore.gateway_accounts (LIKE paycore.gateway_account INCLUDING COMMENTS,
	CONSTRAINT gateway_accounts_pkey PRIMARY KEY (id, tenant_id),
	CONSTRAINT gateway_accounts_name_key UNIQUE (name, tenant_id),
	CONSTRAINT gateway_accounts_known_gateway CHECK (gateway IN ('stripe', 'mock', 'manual', 'push')),
	CONSTRAINT gateway_accounts_adopt_known CHECK (adopt IN ('none', 'known_customers', 'all')),
	CONSTRAINT gateway_accounts_status_known CHECK (status IN ('active', 'paused')),
	CONSTRAINT gateway_accounts_pace_positive CHECK (rate_limit > 0 AND endpoint_rate_limit > 0 AND max_in_flight > 0));
ALTER TABLE paycore.gateway_accounts
	ALTER COLUMN id SET DEFAULT paycore.uuid_v7(), ALTER COLUMN id SET NOT NULL,
	ALTER COLUMN tenant_id SET DEFAULT paycore.current_tenant(), ALTER COLUMN tenant_id SET NOT NULL,
	ALTER COLUMN name SET NOT NULL,
	ALTER COLUMN gateway SET NOT NULL,
	ALTER COLUMN adopt SET DEFAULT 'known_customers', ALTER COLUMN adopt SET NOT NULL,
	ALTER COLUMN status SET DEFAULT 'active', ALTER COLUMN status SET NOT NULL,
	ALTER COLUMN metadata SET DEFAULT '{}', ALTER COLUMN metadata SET NOT NULL,
	ALTER COLUMN created_at SET DEFAULT now(), ALTER COLUMN created_at SET NOT NULL,
	ALTER COLUMN updated_at SET DEFAULT now(), ALTER COLUMN updated_at SET NOT NULL;
-- Of versions that knew fewer gateways.
ALTER TABLE paycore.gateway_accounts DROP CONSTRAINT IF EXISTS gateway_accounts_gateway_known;
COMMENT ON TABLE paycore.gateway_accounts IS 'Accounts at payment gateways.';

CREATE TABLE IF NOT EXISTS paycore.billing_accounts (LIKE paycore.billing_account INCLUDING COMMENTS,
	CONSTRAINT billing_accounts_pkey PRIMARY KEY (id, tenant_id),
	CONSTRAINT billing_accounts_status_known CHECK (status IN ('active', 'suspended', 'closed')),
	CONSTRAINT billing_accounts_tax_exempt_known CHECK (tax_exempt IN ('none', 'exempt', 'reverse')),
	CONSTRAINT billing_accounts_email_length CHECK (length(email) <= 512),
	CONSTRAINT billing_accounts_country_code CHECK (country ~ '^[A-Z]{2}$'),
	CONSTRAINT billing_accounts_credit_limit_sign CHECK (paycore.cents(credit_limit) >= 0));
ALTER TABLE paycore.billing_accounts
	ALTER COLUMN id SET DEFAULT paycore.uuid_v7(), ALTER COLUMN id SET NOT NULL,
	ALTER COLUMN tenant_id SET DEFAULT paycore.current_tenant(), ALTER COLUMN tenant_id SET NOT NULL,
	ALTER COLUMN currency SET NOT NULL,
	ALTER COLUMN gateway_account SET DEFAULT 'default', ALTER COLUMN gateway_account SET NOT NULL,
	ALTER COLUMN status SET DEFAULT 'active', ALTER COLUMN status SET NOT NULL,
	ALTER COLUMN tax_exempt SET DEFAULT 'none', ALTER COLUMN tax_exempt SET NOT NULL,
	ALTER COLUMN auto_charge SET DEFAULT true, ALTER COLUMN auto_charge SET NOT NULL,
	ALTER COLUMN metadata SET DEFAULT '{}', ALTER COLUMN metadata SET NOT NULL,
	ALTER COLUMN gw_doubt SET DEFAULT false, ALTER COLUMN gw_doubt SET NOT NULL,
	ALTER COLUMN gw_deleted SET DEFAULT false, ALTER COLUMN gw_deleted SET NOT NULL,
	ALTER COLUMN created_at SET DEFAULT now(), ALTER COLUMN created_at SET NOT NULL,
	ALTER COLUMN updated_at SET DEFAULT now(), ALTER COLUMN updated_at SET NOT NULL;
COMMENT ON TABLE paycore.billing_accounts IS 'Whom we bill.';

CREATE TABLE IF NOT EXISTS paycore.payment_methods (LIKE paycore.payment_method INCLUDING COMMENTS,
	CONSTRAINT payment_methods_pkey PRIMARY KEY (id, tenant_id),
	CONSTRAINT payment_methods_status_known CHECK (status IN ('pending', 'attached', 'failed', 'detached')),
	CONSTRAINT payment_methods_last4_short CHECK (length(last4) <= 4),
	CONSTRAINT payment_methods_exp_month_real CHECK (exp_month BETWEEN 1 AND 12));
ALTER TABLE paycore.payment_methods
	ALTER COLUMN id SET DEFAULT paycore.uuid_v7(), ALTER COLUMN id SET NOT NULL,
	ALTER COLUMN tenant_id SET DEFAULT paycore.current_tenant(), ALTER COLUMN tenant_id SET NOT NULL,
	ALTER COLUMN billing_account_id SET NOT NULL,
	ALTER COLUMN gateway_account SET NOT NULL,
	ALTER COLUMN psp_payment_method_id SET NOT NULL,
	ALTER COLUMN status SET DEFAULT 'pending', ALTER COLUMN status SET NOT NULL,
	ALTER COLUMN metadata SET DEFAULT '{}', ALTER COLUMN metadata SET NOT NULL,
	ALTER COLUMN gw_doubt SET DEFAULT false, ALTER COLUMN gw_doubt SET NOT NULL,
	ALTER COLUMN is_default SET DEFAULT false, ALTER COLUMN is_default SET NOT NULL,
	ALTER COLUMN created_at SET DEFAULT now(), ALTER COLUMN created_at SET NOT NULL,
	ALTER COLUMN updated_at SET DEFAULT now(), ALTER COLUMN updated_at SET NOT NULL;
COMMENT ON TABLE paycore.payment_methods IS 'Saved payment methods: tokens only.';

CREATE TABLE IF NOT EXISTS paycore.payment_intents (LIKE paycore.payment_intent INCLUDING COMMENTS,
	CONSTRAINT payment_intents_pkey PRIMARY KEY (id, tenant_id));
ALTER TABLE paycore.payment_intents
	ALTER COLUMN id SET DEFAULT paycore.uuid_v7(), ALTER COLUMN id SET NOT NULL,
	ALTER COLUMN tenant_id SET DEFAULT paycore.current_tenant(), ALTER COLUMN tenant_id SET NOT NULL,
	ALTER COLUMN billing_account_id SET NOT NULL,
	ALTER COLUMN gateway_account SET NOT NULL,
	ALTER COLUMN status SET DEFAULT 'created', ALTER COLUMN status SET NOT NULL,
	ALTER COLUMN amount SET NOT NULL,
	ALTER COLUMN capture_method SET DEFAULT 'automatic_async', ALTER COLUMN capture_method SET NOT NULL,
	ALTER COLUMN confirmation_method SET DEFAULT 'automatic', ALTER COLUMN confirmation_method SET NOT NULL,
	ALTER COLUMN off_session SET DEFAULT false, ALTER COLUMN off_session SET NOT NULL,
	ALTER COLUMN gateway_params SET DEFAULT '{}', ALTER COLUMN gateway_params SET NOT NULL,
	ALTER COLUMN metadata SET DEFAULT '{}', ALTER COLUMN metadata SET NOT NULL,
	ALTER COLUMN webhook_count SET DEFAULT 0, ALTER COLUMN webhook_count SET NOT NULL,
	ALTER COLUMN duplicate_suspected SET DEFAULT false, ALTER COLUMN duplicate_suspected SET NOT NULL,
	ALTER COLUMN gw_doubt SET DEFAULT false, ALTER COLUMN gw_doubt SET NOT NULL,
	ALTER COLUMN sweeps SET DEFAULT 0, ALTER COLUMN sweeps SET NOT NULL,
	ALTER COLUMN next_sweep_at SET DEFAULT now() + '1 minute',
	ALTER COLUMN created_at SET DEFAULT now(), ALTER COLUMN created_at SET NOT NULL,
	ALTER COLUMN updated_at SET DEFAULT now(), ALTER COLUMN updated_at SET NOT NULL,
	SET (fillfactor = 80);
COMMENT ON TABLE paycore.payment_intents IS 'Amounts to be taken, through all their tries.';

CREATE TABLE IF NOT EXISTS paycore.payment_attempts (LIKE paycore.payment_attempt INCLUDING COMMENTS,
	CONSTRAINT payment_attempts_pkey PRIMARY KEY (id, tenant_id));
ALTER TABLE paycore.payment_attempts
	ALTER COLUMN id SET DEFAULT paycore.uuid_v7(), ALTER COLUMN id SET NOT NULL,
	ALTER COLUMN tenant_id SET DEFAULT paycore.current_tenant(), ALTER COLUMN tenant_id SET NOT NULL,
	ALTER COLUMN payment_intent_id SET NOT NULL,
	ALTER COLUMN outcome SET NOT NULL,
	ALTER COLUMN attempted_at SET DEFAULT now(), ALTER COLUMN attempted_at SET NOT NULL,
	ALTER COLUMN created_at SET DEFAULT now(), ALTER COLUMN created_at SET NOT NULL;
COMMENT ON TABLE paycore.payment_attempts IS 'Tries to charge an intent. Append-only.';

CREATE TABLE IF NOT EXISTS paycore.payments (LIKE paycore.payment INCLUDING COMMENTS,
	CONSTRAINT payments_pkey PRIMARY KEY (id, tenant_id));
ALTER TABLE paycore.payments
	ALTER COLUMN id SET DEFAULT paycore.uuid_v7(), ALTER COLUMN id SET NOT NULL,
	ALTER COLUMN tenant_id SET DEFAULT paycore.current_tenant(), ALTER COLUMN tenant_id SET NOT NULL,
	ALTER COLUMN billing_account_id SET NOT NULL,
	ALTER COLUMN gateway_account SET NOT NULL,
	ALTER COLUMN status SET NOT NULL,
	ALTER COLUMN authorized SET NOT NULL,
	ALTER COLUMN refund_reserved SET NOT NULL,
	ALTER COLUMN refunded SET NOT NULL,
	ALTER COLUMN dispute_held SET NOT NULL,
	ALTER COLUMN over_returned SET DEFAULT false, ALTER COLUMN over_returned SET NOT NULL,
	ALTER COLUMN reconciled SET DEFAULT false, ALTER COLUMN reconciled SET NOT NULL,
	ALTER COLUMN metadata SET DEFAULT '{}', ALTER COLUMN metadata SET NOT NULL,
	ALTER COLUMN gw_doubt SET DEFAULT false, ALTER COLUMN gw_doubt SET NOT NULL,
	ALTER COLUMN created_at SET DEFAULT now(), ALTER COLUMN created_at SET NOT NULL,
	ALTER COLUMN updated_at SET DEFAULT now(), ALTER COLUMN updated_at SET NOT NULL;
COMMENT ON TABLE paycore.payments IS 'Money taken.';

CREATE TABLE IF NOT EXISTS paycore.refunds (LIKE paycore.refund INCLUDING COMMENTS,
	CONSTRAINT refunds_pkey PRIMARY KEY (id, tenant_id));
ALTER TABLE paycore.refunds
	ALTER COLUMN id SET DEFAULT paycore.uuid_v7(), ALTER COLUMN id SET NOT NULL,
	ALTER COLUMN tenant_id SET DEFAULT paycore.current_tenant(), ALTER COLUMN tenant_id SET NOT NULL,
	ALTER COLUMN payment_id SET NOT NULL,
	ALTER COLUMN kind SET DEFAULT 'refund', ALTER COLUMN kind SET NOT NULL,
	ALTER COLUMN status SET DEFAULT 'pending', ALTER COLUMN status SET NOT NULL,
	ALTER COLUMN amount SET NOT NULL,
	ALTER COLUMN metadata SET DEFAULT '{}', ALTER COLUMN metadata SET NOT NULL,
	ALTER COLUMN duplicate_suspected SET DEFAULT false, ALTER COLUMN duplicate_suspected SET NOT NULL,
	ALTER COLUMN gw_doubt SET DEFAULT false, ALTER COLUMN gw_doubt SET NOT NULL,
	ALTER COLUMN sweeps SET DEFAULT 0, ALTER COLUMN sweeps SET NOT NULL,
	ALTER COLUMN created_at SET DEFAULT now(), ALTER COLUMN created_at SET NOT NULL,
	ALTER COLUMN updated_at SET DEFAULT now(), ALTER COLUMN updated_at SET NOT NULL;
COMMENT ON TABLE paycore.refunds IS 'Money given back.';

CREATE SEQUENCE IF NOT EXISTS paycore.status_changes_seq;
CREATE TABLE IF NOT EXISTS paycore.status_changes (LIKE paycore.status_change INCLUDING COMMENTS,
	CONSTRAINT status_changes_pkey PRIMARY KEY (id, tenant_id));
ALTER TABLE paycore.status_changes
	ALTER COLUMN id SET DEFAULT paycore.uuid_v7(), ALTER COLUMN id SET NOT NULL,
	ALTER COLUMN tenant_id SET DEFAULT paycore.current_tenant(), ALTER COLUMN tenant_id SET NOT NULL,
	ALTER COLUMN object_type SET NOT NULL,
	ALTER COLUMN object_id SET NOT NULL,
	ALTER COLUMN to_status SET NOT NULL,
	ALTER COLUMN changed_at SET DEFAULT clock_timestamp(), ALTER COLUMN changed_at SET NOT NULL,
	ALTER COLUMN source SET DEFAULT 'sql', ALTER COLUMN source SET NOT NULL,
	ALTER COLUMN xact SET DEFAULT paycore.xact_tag(), ALTER COLUMN xact SET NOT NULL,
	ALTER COLUMN seq SET DEFAULT nextval('paycore.status_changes_seq'), ALTER COLUMN seq SET NOT NULL;
ALTER SEQUENCE paycore.status_changes_seq OWNED BY paycore.status_changes.seq;
COMMENT ON TABLE paycore.status_changes IS 'Every step of every status. Append-only, written by guards.';
COMMENT ON SEQUENCE paycore.status_changes_seq IS 'Order of changes in the feed.';

CREATE TABLE IF NOT EXISTS paycore.change_consumers (LIKE paycore.change_consumer INCLUDING COMMENTS,
	CONSTRAINT change_consumers_pkey PRIMARY KEY (tenant_id, name));
ALTER TABLE paycore.change_consumers
	ALTER COLUMN tenant_id SET DEFAULT paycore.current_tenant(), ALTER COLUMN tenant_id SET NOT NULL,
	ALTER COLUMN name SET NOT NULL,
	ALTER COLUMN seen SET NOT NULL,
	ALTER COLUMN seen_era SET NOT NULL,
	ALTER COLUMN seen_seq SET NOT NULL,
	ALTER COLUMN acknowledged SET NOT NULL,
	ALTER COLUMN floor_seq SET NOT NULL,
	ALTER COLUMN mark_xid SET NOT NULL,
	ALTER COLUMN mark_seq SET NOT NULL,
	ALTER COLUMN created_at SET DEFAULT now(), ALTER COLUMN created_at SET NOT NULL;
COMMENT ON TABLE paycore.change_consumers IS 'Who reads the change feed, and how far.';

CREATE TABLE IF NOT EXISTS paycore.idempotency_keys (LIKE paycore.idempotency_key INCLUDING COMMENTS,
	CONSTRAINT idempotency_keys_pkey PRIMARY KEY (tenant_id, key));
ALTER TABLE paycore.idempotency_keys
	ALTER COLUMN tenant_id SET DEFAULT paycore.current_tenant(), ALTER COLUMN tenant_id SET NOT NULL,
	ALTER COLUMN key SET NOT NULL,
	ALTER COLUMN operation SET NOT NULL,
	ALTER COLUMN request_digest SET NOT NULL,
	ALTER COLUMN created_at SET DEFAULT now(), ALTER COLUMN created_at SET NOT NULL,
	ALTER COLUMN expires_at SET NOT NULL;
COMMENT ON TABLE paycore.idempotency_keys IS 'Keys of the application''s requests, kept for a day.';

CREATE SEQUENCE IF NOT EXISTS paycore.outbox_seq;
CREATE TABLE IF NOT EXISTS paycore.outbox (LIKE paycore.outbox_row INCLUDING COMMENTS,
	CONSTRAINT outbox_pkey PRIMARY KEY (id, tenant_id));
ALTER TABLE paycore.outbox
	ALTER COLUMN id SET DEFAULT paycore.uuid_v7(), ALTER COLUMN id SET NOT NULL,
	ALTER COLUMN tenant_id SET DEFAULT paycore.current_tenant(), ALTER COLUMN tenant_id SET NOT NULL,
	ALTER COLUMN seq SET DEFAULT nextval('paycore.outbox_seq'), ALTER COLUMN seq SET NOT NULL,
	ALTER COLUMN gateway_account SET NOT NULL,
	ALTER COLUMN operation SET NOT NULL,
	ALTER COLUMN object_type SET NOT NULL,
	ALTER COLUMN object_id SET NOT NULL,
	ALTER COLUMN lane SET NOT NULL,
	ALTER COLUMN params SET DEFAULT '{}', ALTER COLUMN params SET NOT NULL,
	ALTER COLUMN status SET DEFAULT 'pending', ALTER COLUMN status SET NOT NULL,
	ALTER COLUMN attempts SET DEFAULT 0, ALTER COLUMN attempts SET NOT NULL,
	ALTER COLUMN uncounted SET DEFAULT 0, ALTER COLUMN uncounted SET NOT NULL,
	ALTER COLUMN next_attempt_at SET DEFAULT now(), ALTER COLUMN next_attempt_at SET NOT NULL,
	ALTER COLUMN is_read SET DEFAULT false, ALTER COLUMN is_read SET NOT NULL,
	ALTER COLUMN instance SET NOT NULL,
	ALTER COLUMN database_oid SET NOT NULL,
	ALTER COLUMN resolve_step SET DEFAULT 0, ALTER COLUMN resolve_step SET NOT NULL,
	ALTER COLUMN created_at SET DEFAULT now(), ALTER COLUMN created_at SET NOT NULL,
	SET (autovacuum_vacuum_scale_factor = 0.05, fillfactor = 80);
ALTER SEQUENCE paycore.outbox_seq OWNED BY paycore.outbox.seq;
COMMENT ON TABLE paycore.outbox IS 'Requests to gateways, written in the transaction that wants them, sent by the worker after it.';
COMMENT ON SEQUENCE paycore.outbox_seq IS 'Order of requests within a lane.';

CREATE TABLE IF NOT EXISTS paycore.webhook_events (LIKE paycore.webhook_event INCLUDING COMMENTS,
	CONSTRAINT webhook_events_pkey PRIMARY KEY (id, tenant_id),
	CONSTRAINT webhook_events_event_key UNIQUE (gateway_account, event_id, tenant_id));
ALTER TABLE paycore.webhook_events
	ALTER COLUMN id SET DEFAULT paycore.uuid_v7(), ALTER COLUMN id SET NOT NULL,
	ALTER COLUMN tenant_id SET DEFAULT paycore.current_tenant(), ALTER COLUMN tenant_id SET NOT NULL,
	ALTER COLUMN gateway_account SET NOT NULL,
	ALTER COLUMN event_id SET NOT NULL,
	ALTER COLUMN status SET NOT NULL,
	ALTER COLUMN attempts SET DEFAULT 0, ALTER COLUMN attempts SET NOT NULL,
	ALTER COLUMN receive_count SET DEFAULT 1, ALTER COLUMN receive_count SET NOT NULL,
	ALTER COLUMN received_at SET DEFAULT now(), ALTER COLUMN received_at SET NOT NULL;
COMMENT ON TABLE paycore.webhook_events IS 'Events of gateways, each kept once.';

CREATE TABLE IF NOT EXISTS paycore.payouts (LIKE paycore.payout INCLUDING COMMENTS,
	CONSTRAINT payouts_pkey PRIMARY KEY (id, tenant_id));
ALTER TABLE paycore.payouts
	ALTER COLUMN id SET DEFAULT paycore.uuid_v7(), ALTER COLUMN id SET NOT NULL,
	ALTER COLUMN tenant_id SET DEFAULT paycore.current_tenant(), ALTER COLUMN tenant_id SET NOT NULL,
	ALTER COLUMN gateway_account SET NOT NULL,
	ALTER COLUMN psp_payout_id SET NOT NULL,
	ALTER COLUMN status SET NOT NULL,
	ALTER COLUMN amount SET NOT NULL,
	ALTER COLUMN automatic SET DEFAULT true, ALTER COLUMN automatic SET NOT NULL,
	ALTER COLUMN metadata SET DEFAULT '{}', ALTER COLUMN metadata SET NOT NULL,
	ALTER COLUMN reconciled SET DEFAULT false, ALTER COLUMN reconciled SET NOT NULL,
	ALTER COLUMN gw_doubt SET DEFAULT false, ALTER COLUMN gw_doubt SET NOT NULL,
	ALTER COLUMN sweeps SET DEFAULT 0, ALTER COLUMN sweeps SET NOT NULL,
	ALTER COLUMN initiated_at SET DEFAULT now(), ALTER COLUMN initiated_at SET NOT NULL,
	ALTER COLUMN created_at SET DEFAULT now(), ALTER COLUMN created_at SET NOT NULL,
	ALTER COLUMN updated_at SET DEFAULT now(), ALTER COLUMN updated_at SET NOT NULL;
COMMENT ON TABLE paycore.payouts IS 'Money on its way to the bank.';

CREATE TABLE IF NOT EXISTS paycore.balance_transactions (LIKE paycore.balance_transaction INCLUDING COMMENTS,
	CONSTRAINT balance_transactions_pkey PRIMARY KEY (id, tenant_id));
ALTER TABLE paycore.balance_transactions
	ALTER COLUMN id SET DEFAULT paycore.uuid_v7(), ALTER COLUMN id SET NOT NULL,
	ALTER COLUMN tenant_id SET DEFAULT paycore.current_tenant(), ALTER COLUMN tenant_id SET NOT NULL,
	ALTER COLUMN gateway_account SET NOT NULL,
	ALTER COLUMN psp_balance_transaction_id SET NOT NULL,
	ALTER COLUMN amount SET NOT NULL,
	ALTER COLUMN fee SET NOT NULL,
	ALTER COLUMN net SET NOT NULL,
	ALTER COLUMN occurred_at SET DEFAULT now(), ALTER COLUMN occurred_at SET NOT NULL,
	ALTER COLUMN created_at SET DEFAULT now(), ALTER COLUMN created_at SET NOT NULL,
	ALTER COLUMN updated_at SET DEFAULT now(), ALTER COLUMN updated_at SET NOT NULL;
COMMENT ON TABLE paycore.balance_transactions IS 'Movements of balances at gateways.';

CREATE TABLE IF NOT EXISTS paycore.gateway_feeds (LIKE paycore.gateway_feed INCLUDING COMMENTS,
	CONSTRAINT gateway_feeds_pkey PRIMARY KEY (id, tenant_id),
	CONSTRAINT gateway_feeds_feed_key UNIQUE (gateway_account, feed, tenant_id));
ALTER TABLE paycore.gateway_feeds
	ALTER COLUMN id SET DEFAULT paycore.uuid_v7(), ALTER COLUMN id SET NOT NULL,
	ALTER COLUMN tenant_id SET DEFAULT paycore.current_tenant(), ALTER COLUMN tenant_id SET NOT NULL,
	ALTER COLUMN gateway_account SET NOT NULL,
	ALTER COLUMN feed SET NOT NULL,
	ALTER COLUMN parts SET DEFAULT 0, ALTER COLUMN parts SET NOT NULL,
	ALTER COLUMN pages SET DEFAULT 0, ALTER COLUMN pages SET NOT NULL,
	ALTER COLUMN objects SET DEFAULT 0, ALTER COLUMN objects SET NOT NULL,
	ALTER COLUMN created_at SET DEFAULT now(), ALTER COLUMN created_at SET NOT NULL,
	ALTER COLUMN updated_at SET DEFAULT now(), ALTER COLUMN updated_at SET NOT NULL;
COMMENT ON TABLE paycore.gateway_feeds IS 'How far the lists of gateway accounts have been read.';

CREATE TABLE IF NOT EXISTS paycore.account_transactions (LIKE paycore.account_transaction INCLUDING COMMENTS,
	CONSTRAINT account_transactions_pkey PRIMARY KEY (id, tenant_id));
ALTER TABLE paycore.account_transactions
	ALTER COLUMN id SET DEFAULT paycore.uuid_v7(), ALTER COLUMN id SET NOT NULL,
	ALTER COLUMN tenant_id SET DEFAULT paycore.current_tenant(), ALTER COLUMN tenant_id SET NOT NULL,
	ALTER COLUMN billing_account_id SET NOT NULL,
	ALTER COLUMN amount SET NOT NULL,
	ALTER COLUMN reason SET NOT NULL,
	ALTER COLUMN metadata SET DEFAULT '{}', ALTER COLUMN metadata SET NOT NULL,
	ALTER COLUMN created_at SET DEFAULT now(), ALTER COLUMN created_at SET NOT NULL;
COMMENT ON TABLE paycore.account_transactions IS 'Changes of accounts'' balances. Append-only.';

CREATE TABLE IF NOT EXISTS paycore.account_balances (LIKE paycore.account_balance INCLUDING COMMENTS,
	CONSTRAINT account_balances_pkey PRIMARY KEY (billing_account_id, currency, tenant_id));
ALTER TABLE paycore.account_balances
	ALTER COLUMN billing_account_id SET NOT NULL,
	ALTER COLUMN tenant_id SET DEFAULT paycore.current_tenant(), ALTER COLUMN tenant_id SET NOT NULL,
	ALTER COLUMN currency SET NOT NULL,
	ALTER COLUMN balance SET NOT NULL,
	ALTER COLUMN updated_at SET DEFAULT now(), ALTER COLUMN updated_at SET NOT NULL,
	SET (fillfactor = 80);
COMMENT ON TABLE paycore.account_balances IS 'What each account is owed, by currency. Kept by a guard.';

CREATE TABLE IF NOT EXISTS paycore.ledger_accounts (LIKE paycore.ledger_account INCLUDING COMMENTS,
	CONSTRAINT ledger_accounts_pkey PRIMARY KEY (id, tenant_id),
	CONSTRAINT ledger_accounts_code_key UNIQUE (code, currency, tenant_id),
	CONSTRAINT ledger_accounts_code_length CHECK (length(code) BETWEEN 1 AND 255),
	CONSTRAINT ledger_accounts_kind_known CHECK (kind IN ('asset', 'liability', 'income', 'expense', 'equity')),
	CONSTRAINT ledger_accounts_side_known CHECK (normal_side IN ('debit', 'credit')));
ALTER TABLE paycore.ledger_accounts
	ALTER COLUMN id SET DEFAULT paycore.uuid_v7(), ALTER COLUMN id SET NOT NULL,
	ALTER COLUMN tenant_id SET DEFAULT paycore.current_tenant(), ALTER COLUMN tenant_id SET NOT NULL,
	ALTER COLUMN code SET NOT NULL,
	ALTER COLUMN kind SET NOT NULL,
	ALTER COLUMN currency SET NOT NULL,
	ALTER COLUMN normal_side SET NOT NULL,
	ALTER COLUMN metadata SET DEFAULT '{}', ALTER COLUMN metadata SET NOT NULL,
	ALTER COLUMN created_at SET DEFAULT now(), ALTER COLUMN created_at SET NOT NULL;
COMMENT ON TABLE paycore.ledger_accounts IS 'Accounts of the ledger: the chart that paycore needs, and those of your own.';

CREATE TABLE IF NOT EXISTS paycore.ledger_entries (LIKE paycore.ledger_entry INCLUDING COMMENTS,
	CONSTRAINT ledger_entries_pkey PRIMARY KEY (id, tenant_id));
ALTER TABLE paycore.ledger_entries
	ALTER COLUMN id SET DEFAULT paycore.uuid_v7(), ALTER COLUMN id SET NOT NULL,
	ALTER COLUMN tenant_id SET DEFAULT paycore.current_tenant(), ALTER COLUMN tenant_id SET NOT NULL,
	ALTER COLUMN transfer_id SET NOT NULL,
	ALTER COLUMN debit_account_id SET NOT NULL,
	ALTER COLUMN credit_account_id SET NOT NULL,
	ALTER COLUMN amount SET NOT NULL,
	ALTER COLUMN occurred_at SET NOT NULL,
	ALTER COLUMN recorded_at SET NOT NULL,
	ALTER COLUMN txn SET NOT NULL;
COMMENT ON TABLE paycore.ledger_entries IS 'Amounts that moved from one account of the ledger to another. Append-only.';

CREATE TABLE IF NOT EXISTS paycore.ledger_balances (LIKE paycore.ledger_balance_row INCLUDING COMMENTS,
	CONSTRAINT ledger_balances_pkey PRIMARY KEY (account_id, tenant_id));
ALTER TABLE paycore.ledger_balances
	ALTER COLUMN account_id SET NOT NULL,
	ALTER COLUMN tenant_id SET NOT NULL,
	ALTER COLUMN horizon SET NOT NULL,
	ALTER COLUMN debits SET NOT NULL,
	ALTER COLUMN credits SET NOT NULL,
	ALTER COLUMN entries SET NOT NULL,
	ALTER COLUMN rolled_at SET NOT NULL,
	SET (fillfactor = 80);
COMMENT ON TABLE paycore.ledger_balances IS 'Rolled-up sums of busy accounts of the ledger.';

CREATE TABLE IF NOT EXISTS paycore.ledger_periods (LIKE paycore.ledger_period INCLUDING COMMENTS,
	CONSTRAINT ledger_periods_pkey PRIMARY KEY (account_id, event_hour, record_hour, tenant_id));
ALTER TABLE paycore.ledger_periods
	ALTER COLUMN account_id SET NOT NULL,
	ALTER COLUMN tenant_id SET NOT NULL,
	ALTER COLUMN event_hour SET NOT NULL,
	ALTER COLUMN record_hour SET NOT NULL,
	ALTER COLUMN debits SET NOT NULL,
	ALTER COLUMN credits SET NOT NULL,
	ALTER COLUMN entries SET NOT NULL,
	ALTER COLUMN first_txn SET NOT NULL,
	ALTER COLUMN last_txn SET NOT NULL;
COMMENT ON TABLE paycore.ledger_periods IS 'Rolled-up sums of busy accounts of the ledger, by hours.';

CREATE TABLE IF NOT EXISTS paycore.ledger_days (LIKE paycore.ledger_day INCLUDING COMMENTS,
	CONSTRAINT ledger_days_pkey PRIMARY KEY (account_id, event_day, record_day, tenant_id));
ALTER TABLE paycore.ledger_days
	ALTER COLUMN account_id SET NOT NULL,
	ALTER COLUMN tenant_id SET NOT NULL,
	ALTER COLUMN event_day SET NOT NULL,
	ALTER COLUMN record_day SET NOT NULL,
	ALTER COLUMN debits SET NOT NULL,
	ALTER COLUMN credits SET NOT NULL;
COMMENT ON TABLE paycore.ledger_days IS 'Rolled-up sums of busy accounts of the ledger, by days.';

CREATE TABLE IF NOT EXISTS paycore.ledger_clock (LIKE paycore.ledger_clock_row INCLUDING COMMENTS,
	CONSTRAINT ledger_clock_pkey PRIMARY KEY (one),
	CONSTRAINT ledger_clock_one CHECK (one));
ALTER TABLE paycore.ledger_clock
	ALTER COLUMN one SET NOT NULL,
	ALTER COLUMN shift SET NOT NULL;
COMMENT ON TABLE paycore.ledger_clock IS 'Where the ledger''s transaction numbers stand after a restore: at most one row.';

CREATE TABLE IF NOT EXISTS paycore.setup_intents (LIKE paycore.setup_intent INCLUDING COMMENTS,
	CONSTRAINT setup_intents_pkey PRIMARY KEY (id, tenant_id));
ALTER TABLE paycore.setup_intents
	ALTER COLUMN id SET DEFAULT paycore.uuid_v7(), ALTER COLUMN id SET NOT NULL,
	ALTER COLUMN tenant_id SET DEFAULT paycore.current_tenant(), ALTER COLUMN tenant_id SET NOT NULL,
	ALTER COLUMN billing_account_id SET NOT NULL,
	ALTER COLUMN gateway_account SET NOT NULL,
	ALTER COLUMN status SET DEFAULT 'created', ALTER COLUMN status SET NOT NULL,
	ALTER COLUMN usage SET DEFAULT 'off_session', ALTER COLUMN usage SET NOT NULL,
	ALTER COLUMN gateway_params SET DEFAULT '{}', ALTER COLUMN gateway_params SET NOT NULL,
	ALTER COLUMN metadata SET DEFAULT '{}', ALTER COLUMN metadata SET NOT NULL,
	ALTER COLUMN gw_doubt SET DEFAULT false, ALTER COLUMN gw_doubt SET NOT NULL,
	ALTER COLUMN sweeps SET DEFAULT 0, ALTER COLUMN sweeps SET NOT NULL,
	ALTER COLUMN next_sweep_at SET DEFAULT now() + '1 minute',
	ALTER COLUMN created_at SET DEFAULT now(), ALTER COLUMN created_at SET NOT NULL,
	ALTER COLUMN updated_at SET DEFAULT now(), ALTER COLUMN updated_at SET NOT NULL;
COMMENT ON TABLE paycore.setup_intents IS 'Payment methods to be saved, with the payer''s confirmation.';

CREATE TABLE IF NOT EXISTS paycore.mandates (LIKE paycore.mandate INCLUDING COMMENTS,
	CONSTRAINT mandates_pkey PRIMARY KEY (id, tenant_id));
ALTER TABLE paycore.mandates
	ALTER COLUMN id SET DEFAULT paycore.uuid_v7(), ALTER COLUMN id SET NOT NULL,
	ALTER COLUMN tenant_id SET DEFAULT paycore.current_tenant(), ALTER COLUMN tenant_id SET NOT NULL,
	ALTER COLUMN billing_account_id SET NOT NULL,
	ALTER COLUMN gateway_account SET NOT NULL,
	ALTER COLUMN psp_mandate_id SET NOT NULL,
	ALTER COLUMN psp_payment_method_id SET NOT NULL,
	ALTER COLUMN status SET NOT NULL,
	ALTER COLUMN gw_doubt SET DEFAULT false, ALTER COLUMN gw_doubt SET NOT NULL,
	ALTER COLUMN created_at SET DEFAULT now(), ALTER COLUMN created_at SET NOT NULL,
	ALTER COLUMN updated_at SET DEFAULT now(), ALTER COLUMN updated_at SET NOT NULL;
COMMENT ON TABLE paycore.mandates IS 'Permissions of payers to charge saved methods.';

CREATE TABLE IF NOT EXISTS paycore.disputes (LIKE paycore.dispute INCLUDING COMMENTS,
	CONSTRAINT disputes_pkey PRIMARY KEY (id, tenant_id));
ALTER TABLE paycore.disputes
	ALTER COLUMN id SET DEFAULT paycore.uuid_v7(), ALTER COLUMN id SET NOT NULL,
	ALTER COLUMN tenant_id SET DEFAULT paycore.current_tenant(), ALTER COLUMN tenant_id SET NOT NULL,
	ALTER COLUMN payment_id SET NOT NULL,
	ALTER COLUMN billing_account_id SET NOT NULL,
	ALTER COLUMN gateway_account SET NOT NULL,
	ALTER COLUMN psp_dispute_id SET NOT NULL,
	ALTER COLUMN kind SET NOT NULL,
	ALTER COLUMN status SET NOT NULL,
	ALTER COLUMN amount SET NOT NULL,
	ALTER COLUMN held SET NOT NULL,
	ALTER COLUMN is_charge_refundable SET DEFAULT false, ALTER COLUMN is_charge_refundable SET NOT NULL,
	ALTER COLUMN evidence SET DEFAULT '{}', ALTER COLUMN evidence SET NOT NULL,
	ALTER COLUMN has_evidence SET DEFAULT false, ALTER COLUMN has_evidence SET NOT NULL,
	ALTER COLUMN past_due SET DEFAULT false, ALTER COLUMN past_due SET NOT NULL,
	ALTER COLUMN submission_count SET DEFAULT 0, ALTER COLUMN submission_count SET NOT NULL,
	ALTER COLUMN balance_transactions SET DEFAULT '[]', ALTER COLUMN balance_transactions SET NOT NULL,
	ALTER COLUMN metadata SET DEFAULT '{}', ALTER COLUMN metadata SET NOT NULL,
	ALTER COLUMN gw_doubt SET DEFAULT false, ALTER COLUMN gw_doubt SET NOT NULL,
	ALTER COLUMN sweeps SET DEFAULT 0, ALTER COLUMN sweeps SET NOT NULL,
	ALTER COLUMN opened_at SET DEFAULT now(), ALTER COLUMN opened_at SET NOT NULL,
	ALTER COLUMN created_at SET DEFAULT now(), ALTER COLUMN created_at SET NOT NULL,
	ALTER COLUMN updated_at SET DEFAULT now(), ALTER COLUMN updated_at SET NOT NULL;
COMMENT ON TABLE paycore.disputes IS 'Payments that payers'' banks ask back, or ask about.';

CREATE TABLE IF NOT EXISTS paycore.early_fraud_warnings (LIKE paycore.early_fraud_warning INCLUDING COMMENTS,
	CONSTRAINT early_fraud_warnings_pkey PRIMARY KEY (id, tenant_id));
ALTER TABLE paycore.early_fraud_warnings
	ALTER COLUMN id SET DEFAULT paycore.uuid_v7(), ALTER COLUMN id SET NOT NULL,
	ALTER COLUMN tenant_id SET DEFAULT paycore.current_tenant(), ALTER COLUMN tenant_id SET NOT NULL,
	ALTER COLUMN payment_id SET NOT NULL,
	ALTER COLUMN billing_account_id SET NOT NULL,
	ALTER COLUMN gateway_account SET NOT NULL,
	ALTER COLUMN psp_warning_id SET NOT NULL,
	ALTER COLUMN actionable SET DEFAULT false, ALTER COLUMN actionable SET NOT NULL,
	ALTER COLUMN warned_at SET DEFAULT now(), ALTER COLUMN warned_at SET NOT NULL,
	ALTER COLUMN created_at SET DEFAULT now(), ALTER COLUMN created_at SET NOT NULL,
	ALTER COLUMN updated_at SET DEFAULT now(), ALTER COLUMN updated_at SET NOT NULL;
COMMENT ON TABLE paycore.early_fraud_warnings IS 'Suspicions of fraud that card issuers report before any dispute.';

CREATE TABLE IF NOT EXISTS paycore.reviews (LIKE paycore.review INCLUDING COMMENTS,
	CONSTRAINT reviews_pkey PRIMARY KEY (id, tenant_id));
ALTER TABLE paycore.reviews
	ALTER COLUMN id SET DEFAULT paycore.uuid_v7(), ALTER COLUMN id SET NOT NULL,
	ALTER COLUMN tenant_id SET DEFAULT paycore.current_tenant(), ALTER COLUMN tenant_id SET NOT NULL,
	ALTER COLUMN billing_account_id SET NOT NULL,
	ALTER COLUMN gateway_account SET NOT NULL,
	ALTER COLUMN psp_review_id SET NOT NULL,
	ALTER COLUMN is_open SET NOT NULL,
	ALTER COLUMN opened_at SET DEFAULT now(), ALTER COLUMN opened_at SET NOT NULL,
	ALTER COLUMN created_at SET DEFAULT now(), ALTER COLUMN created_at SET NOT NULL,
	ALTER COLUMN updated_at SET DEFAULT now(), ALTER COLUMN updated_at SET NOT NULL;
COMMENT ON TABLE paycore.reviews IS 'Payments that the gateway set aside for a person to look at.';

CREATE TABLE IF NOT EXISTS paycore.sellers (LIKE paycore.seller INCLUDING COMMENTS,
	CONSTRAINT sellers_pkey PRIMARY KEY (tenant_id),
	CONSTRAINT sellers_tax_rounding_known CHECK (tax_rounding IN ('line', 'invoice')));
ALTER TABLE paycore.sellers
	ALTER COLUMN tenant_id SET DEFAULT paycore.current_tenant(), ALTER COLUMN tenant_id SET NOT NULL,
	ALTER COLUMN name SET NOT NULL,
	ALTER COLUMN created_at SET DEFAULT now(), ALTER COLUMN created_at SET NOT NULL,
	ALTER COLUMN updated_at SET DEFAULT now(), ALTER COLUMN updated_at SET NOT NULL;
COMMENT ON TABLE paycore.sellers IS 'Who documents are from.';

CREATE TABLE IF NOT EXISTS paycore.receipts (LIKE paycore.receipt INCLUDING COMMENTS,
	CONSTRAINT receipts_pkey PRIMARY KEY (id, tenant_id),
	CONSTRAINT receipts_number_key UNIQUE (number, tenant_id));
ALTER TABLE paycore.receipts
	ALTER COLUMN id SET DEFAULT paycore.uuid_v7(), ALTER COLUMN id SET NOT NULL,
	ALTER COLUMN tenant_id SET DEFAULT paycore.current_tenant(), ALTER COLUMN tenant_id SET NOT NULL,
	ALTER COLUMN number SET NOT NULL,
	ALTER COLUMN billing_account_id SET NOT NULL,
	ALTER COLUMN payment_id SET NOT NULL,
	ALTER COLUMN amount SET NOT NULL,
	ALTER COLUMN data SET NOT NULL,
	ALTER COLUMN issued_at SET DEFAULT now(), ALTER COLUMN issued_at SET NOT NULL;
COMMENT ON TABLE paycore.receipts IS 'Receipts of payments and refunds. Append-only.';

CREATE TABLE IF NOT EXISTS paycore.webhook_endpoints (LIKE paycore.webhook_endpoint INCLUDING COMMENTS,
	CONSTRAINT webhook_endpoints_pkey PRIMARY KEY (id, tenant_id),
	CONSTRAINT webhook_endpoints_name_key UNIQUE (name, tenant_id),
	CONSTRAINT webhook_endpoints_status_known CHECK (status IN ('enabled', 'disabled')));
ALTER TABLE paycore.webhook_endpoints
	ALTER COLUMN id SET NOT NULL,
	ALTER COLUMN tenant_id SET DEFAULT paycore.current_tenant(), ALTER COLUMN tenant_id SET NOT NULL,
	ALTER COLUMN name SET NOT NULL,
	ALTER COLUMN enabled_events SET NOT NULL,
	ALTER COLUMN status SET DEFAULT 'enabled', ALTER COLUMN status SET NOT NULL,
	ALTER COLUMN applies_from SET NOT NULL,
	ALTER COLUMN instance SET NOT NULL,
	ALTER COLUMN database_oid SET NOT NULL,
	ALTER COLUMN created_at SET DEFAULT now(), ALTER COLUMN created_at SET NOT NULL,
	ALTER COLUMN updated_at SET DEFAULT now(), ALTER COLUMN updated_at SET NOT NULL;
COMMENT ON TABLE paycore.webhook_endpoints IS 'Whom changes are pushed to.';
