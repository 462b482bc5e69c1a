--
-- The indexes of paycore's tables, on the peers'.
--

CREATE UNIQUE INDEX ON billing_accounts (tenant_id, external_ref) WHERE external_ref IS NOT NULL;
CREATE UNIQUE INDEX ON billing_accounts (psp_customer_id, gateway_account, tenant_id) WHERE psp_customer_id IS NOT NULL;
CREATE INDEX ON billing_accounts (tenant_id, id);

CREATE UNIQUE INDEX ON payment_methods (psp_payment_method_id, gateway_account, billing_account_id, tenant_id);

CREATE UNIQUE INDEX ON payment_intents (psp_intent_id, gateway_account, tenant_id) WHERE psp_intent_id IS NOT NULL;
CREATE INDEX ON payment_intents (tenant_id, id);
CREATE INDEX ON payment_intents (billing_account_id, tenant_id, id);
CREATE INDEX ON payment_intents (next_sweep_at) WHERE next_sweep_at IS NOT NULL;

CREATE UNIQUE INDEX ON payments (psp_charge_id, gateway_account, tenant_id) WHERE psp_charge_id IS NOT NULL;
CREATE UNIQUE INDEX ON payments (payment_intent_id, tenant_id) WHERE status = 'succeeded';
CREATE INDEX ON payments (tenant_id, id);
CREATE INDEX ON payments (billing_account_id, tenant_id, id);

CREATE UNIQUE INDEX ON refunds (psp_refund_id, gateway_account, tenant_id) WHERE psp_refund_id IS NOT NULL;
CREATE INDEX ON refunds (payment_id, tenant_id, id);
CREATE INDEX ON refunds (tenant_id, id);
CREATE INDEX ON refunds (next_sweep_at) WHERE next_sweep_at IS NOT NULL;

CREATE INDEX ON status_changes (object_id, tenant_id, id);
CREATE INDEX ON idempotency_keys (expires_at);

CREATE INDEX ON outbox (gateway_account, operation, next_attempt_at, seq) WHERE status IN ('pending', 'resolving');
CREATE INDEX ON outbox (lease_until) WHERE status = 'sending';
CREATE INDEX ON outbox (lane, seq) WHERE finished_at IS NULL AND NOT is_read;
CREATE INDEX ON outbox USING gin (depends_on) WHERE finished_at IS NULL AND depends_on IS NOT NULL;
CREATE INDEX ON outbox (seq) WHERE status = 'dead';
CREATE INDEX ON outbox (finished_at) WHERE finished_at IS NOT NULL;
CREATE INDEX ON outbox (object_id, seq);
CREATE UNIQUE INDEX ON outbox (idempotency_key, tenant_id);
