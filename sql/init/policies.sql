--
-- Row-level security for everybody but the owner: a role sees its tenant.
-- (tables with money of a tenant; gateway_accounts and plumbing have no
-- grants beyond operators, and the same policy.)
--

ALTER TABLE paycore.gateway_accounts ENABLE ROW LEVEL SECURITY;
ALTER TABLE paycore.billing_accounts ENABLE ROW LEVEL SECURITY;
ALTER TABLE paycore.payment_methods ENABLE ROW LEVEL SECURITY;
ALTER TABLE paycore.payment_intents ENABLE ROW LEVEL SECURITY;
ALTER TABLE paycore.payment_attempts ENABLE ROW LEVEL SECURITY;
ALTER TABLE paycore.payments ENABLE ROW LEVEL SECURITY;
ALTER TABLE paycore.refunds ENABLE ROW LEVEL SECURITY;
ALTER TABLE paycore.status_changes ENABLE ROW LEVEL SECURITY;
ALTER TABLE paycore.change_consumers ENABLE ROW LEVEL SECURITY;
ALTER TABLE paycore.idempotency_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE paycore.outbox ENABLE ROW LEVEL SECURITY;
ALTER TABLE paycore.webhook_events ENABLE ROW LEVEL SECURITY;
ALTER TABLE paycore.payouts ENABLE ROW LEVEL SECURITY;
ALTER TABLE paycore.balance_transactions ENABLE ROW LEVEL SECURITY;
ALTER TABLE paycore.gateway_feeds ENABLE ROW LEVEL SECURITY;
ALTER TABLE paycore.setup_intents ENABLE ROW LEVEL SECURITY;
ALTER TABLE paycore.mandates ENABLE ROW LEVEL SECURITY;
ALTER TABLE paycore.disputes ENABLE ROW LEVEL SECURITY;
ALTER TABLE paycore.early_fraud_warnings ENABLE ROW LEVEL SECURITY;
ALTER TABLE paycore.reviews ENABLE ROW LEVEL SECURITY;

CREATE POLICY paycore_tenant ON paycore.gateway_accounts USING (tenant_id = paycore.current_tenant());
CREATE POLICY paycore_tenant ON paycore.billing_accounts USING (tenant_id = paycore.current_tenant());
CREATE POLICY paycore_tenant ON paycore.payment_methods USING (tenant_id = paycore.current_tenant());
CREATE POLICY paycore_tenant ON paycore.payment_intents USING (tenant_id = paycore.current_tenant());
CREATE POLICY paycore_tenant ON paycore.payment_attempts USING (tenant_id = paycore.current_tenant());
CREATE POLICY paycore_tenant ON paycore.payments USING (tenant_id = paycore.current_tenant());
CREATE POLICY paycore_tenant ON paycore.refunds USING (tenant_id = paycore.current_tenant());
CREATE POLICY paycore_tenant ON paycore.status_changes USING (tenant_id = paycore.current_tenant());
CREATE POLICY paycore_tenant ON paycore.change_consumers USING (tenant_id = paycore.current_tenant());
CREATE POLICY paycore_tenant ON paycore.idempotency_keys USING (tenant_id = paycore.current_tenant());
CREATE POLICY paycore_tenant ON paycore.outbox USING (tenant_id = paycore.current_tenant());
CREATE POLICY paycore_tenant ON paycore.webhook_events USING (tenant_id = paycore.current_tenant());
CREATE POLICY paycore_tenant ON paycore.payouts USING (tenant_id = paycore.current_tenant());
CREATE POLICY paycore_tenant ON paycore.balance_transactions USING (tenant_id = paycore.current_tenant());
CREATE POLICY paycore_tenant ON paycore.gateway_feeds USING (tenant_id = paycore.current_tenant());

ALTER TABLE paycore.account_transactions ENABLE ROW LEVEL SECURITY;
ALTER TABLE paycore.account_balances ENABLE ROW LEVEL SECURITY;
ALTER TABLE paycore.ledger_accounts ENABLE ROW LEVEL SECURITY;
ALTER TABLE paycore.ledger_entries ENABLE ROW LEVEL SECURITY;
ALTER TABLE paycore.ledger_balances ENABLE ROW LEVEL SECURITY;
ALTER TABLE paycore.ledger_periods ENABLE ROW LEVEL SECURITY;
ALTER TABLE paycore.ledger_days ENABLE ROW LEVEL SECURITY;
ALTER TABLE paycore.ledger_clock ENABLE ROW LEVEL SECURITY;

CREATE POLICY paycore_tenant ON paycore.account_transactions USING (tenant_id = paycore.current_tenant());
CREATE POLICY paycore_tenant ON paycore.account_balances USING (tenant_id = paycore.current_tenant());
CREATE POLICY paycore_tenant ON paycore.ledger_accounts USING (tenant_id = paycore.current_tenant());
CREATE POLICY paycore_tenant ON paycore.ledger_entries USING (tenant_id = paycore.current_tenant());
CREATE POLICY paycore_tenant ON paycore.ledger_balances USING (tenant_id = paycore.current_tenant());
CREATE POLICY paycore_tenant ON paycore.ledger_periods USING (tenant_id = paycore.current_tenant());
CREATE POLICY paycore_tenant ON paycore.ledger_days USING (tenant_id = paycore.current_tenant());
CREATE POLICY paycore_tenant ON paycore.setup_intents USING (tenant_id = paycore.current_tenant());
CREATE POLICY paycore_tenant ON paycore.mandates USING (tenant_id = paycore.current_tenant());
CREATE POLICY paycore_tenant ON paycore.disputes USING (tenant_id = paycore.current_tenant());
CREATE POLICY paycore_tenant ON paycore.early_fraud_warnings USING (tenant_id = paycore.current_tenant());
CREATE POLICY paycore_tenant ON paycore.reviews USING (tenant_id = paycore.current_tenant());

ALTER TABLE paycore.sellers ENABLE ROW LEVEL SECURITY;
ALTER TABLE paycore.receipts ENABLE ROW LEVEL SECURITY;
CREATE POLICY paycore_tenant ON paycore.sellers USING (tenant_id = paycore.current_tenant());
CREATE POLICY paycore_tenant ON paycore.receipts USING (tenant_id = paycore.current_tenant());

ALTER TABLE paycore.webhook_endpoints ENABLE ROW LEVEL SECURITY;
CREATE POLICY paycore_tenant ON paycore.webhook_endpoints USING (tenant_id = paycore.current_tenant());
