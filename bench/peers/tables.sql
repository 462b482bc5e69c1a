--
-- The peers' tables: the columns of paycore's, with the types that a hand-written
-- schema has.  Run with -v schema=NAME.
--

CREATE SCHEMA :schema;
SET search_path = :schema;

CREATE TYPE intent_status AS ENUM ('created', 'requires_payment_method', 'requires_confirmation', 'requires_action',
	'processing', 'requires_capture', 'succeeded', 'canceled', 'failed');
CREATE TYPE payment_status AS ENUM ('pending', 'authorized', 'succeeded', 'failed', 'canceled');
CREATE TYPE refund_status AS ENUM ('requested', 'pending', 'requires_action', 'succeeded', 'failed', 'canceled');

CREATE TABLE gateway_accounts (LIKE paycore.gateway_accounts INCLUDING DEFAULTS);
CREATE TABLE billing_accounts (LIKE paycore.billing_accounts INCLUDING DEFAULTS);
CREATE TABLE payment_methods (LIKE paycore.payment_methods INCLUDING DEFAULTS);
CREATE TABLE payment_intents (LIKE paycore.payment_intents INCLUDING DEFAULTS);
CREATE TABLE payments (LIKE paycore.payments INCLUDING DEFAULTS);
CREATE TABLE refunds (LIKE paycore.refunds INCLUDING DEFAULTS);
CREATE TABLE status_changes (LIKE paycore.status_changes INCLUDING DEFAULTS);
CREATE TABLE idempotency_keys (LIKE paycore.idempotency_keys INCLUDING DEFAULTS);
CREATE TABLE outbox (LIKE paycore.outbox INCLUDING DEFAULTS);
CREATE TABLE ledger_entries (LIKE paycore.ledger_entries INCLUDING DEFAULTS);
CREATE SEQUENCE outbox_seq;

-- Currency once per row, amounts as bigint.
ALTER TABLE billing_accounts
	ALTER COLUMN currency TYPE char(3) USING NULL,
	ALTER COLUMN credit_limit TYPE bigint USING NULL;
ALTER TABLE payment_intents
	ADD COLUMN currency char(3) NOT NULL,
	ALTER COLUMN status DROP DEFAULT,
	ALTER COLUMN status TYPE intent_status USING NULL,
	ALTER COLUMN status SET DEFAULT 'created',
	ALTER COLUMN amount TYPE bigint USING NULL,
	ALTER COLUMN amount_capturable TYPE bigint USING NULL,
	ALTER COLUMN amount_received TYPE bigint USING NULL;
ALTER TABLE payments
	ADD COLUMN currency char(3) NOT NULL,
	ALTER COLUMN status TYPE payment_status USING NULL,
	ALTER COLUMN authorized TYPE bigint USING NULL,
	ALTER COLUMN gross TYPE bigint USING NULL,
	ALTER COLUMN settled_gross TYPE bigint USING NULL,
	ALTER COLUMN fee TYPE bigint USING NULL,
	ALTER COLUMN platform_fee TYPE bigint USING NULL,
	ALTER COLUMN net TYPE bigint USING NULL,
	ALTER COLUMN refund_reserved TYPE bigint USING NULL,
	ALTER COLUMN refunded TYPE bigint USING NULL,
	ALTER COLUMN dispute_held TYPE bigint USING NULL,
	ALTER COLUMN refund_reserved SET DEFAULT 0,
	ALTER COLUMN refunded SET DEFAULT 0,
	ALTER COLUMN dispute_held SET DEFAULT 0;
ALTER TABLE refunds
	ADD COLUMN currency char(3) NOT NULL,
	ALTER COLUMN status DROP DEFAULT,
	ALTER COLUMN status TYPE refund_status USING NULL,
	ALTER COLUMN status SET DEFAULT 'pending',
	ALTER COLUMN amount TYPE bigint USING NULL;
ALTER TABLE ledger_entries
	ADD COLUMN currency char(3) NOT NULL,
	ALTER COLUMN amount TYPE bigint USING NULL,
	ALTER COLUMN transfer_id SET DEFAULT paycore.uuid_v7(),
	ALTER COLUMN occurred_at SET DEFAULT now(),
	ALTER COLUMN recorded_at SET DEFAULT now(),
	ALTER COLUMN txn SET DEFAULT pg_current_xact_id()::text::bigint;
ALTER TABLE outbox
	ALTER COLUMN seq SET DEFAULT nextval('outbox_seq'),
	ALTER COLUMN instance SET DEFAULT '',
	ALTER COLUMN database_oid SET DEFAULT 0;
ALTER TABLE outbox SET (autovacuum_vacuum_scale_factor = 0.05, fillfactor = 80);

ALTER TABLE gateway_accounts ADD PRIMARY KEY (id, tenant_id);
ALTER TABLE billing_accounts ADD PRIMARY KEY (id, tenant_id);
ALTER TABLE payment_intents ADD PRIMARY KEY (id, tenant_id);
ALTER TABLE payments ADD PRIMARY KEY (id, tenant_id);
ALTER TABLE refunds ADD PRIMARY KEY (id, tenant_id);
ALTER TABLE status_changes ADD PRIMARY KEY (id, tenant_id);
ALTER TABLE idempotency_keys ADD PRIMARY KEY (tenant_id, key);
ALTER TABLE outbox ADD PRIMARY KEY (id, tenant_id);
ALTER TABLE ledger_entries ADD PRIMARY KEY (id, tenant_id);
