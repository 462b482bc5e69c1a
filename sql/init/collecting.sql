--
-- What was applied to invoices, with its keys, indexes, guards and policies.
--

CREATE TABLE IF NOT EXISTS paycore.invoice_payments (LIKE paycore.invoice_payment INCLUDING COMMENTS,
	CONSTRAINT invoice_payments_pkey PRIMARY KEY (id, tenant_id),
	CONSTRAINT invoice_payments_kind CHECK (CASE kind
		WHEN 'payment' THEN payment_id IS NOT NULL AND paycore.cents(amount) >= 0 AND paycore.cents(surplus) >= 0
		WHEN 'bounce' THEN payment_id IS NOT NULL AND paycore.cents(amount) <= 0 AND paycore.cents(surplus) <= 0
		WHEN 'balance' THEN payment_id IS NULL AND paycore.cents(surplus) = 0 AND paycore.cents(amount) <> 0
		ELSE false END),
	CONSTRAINT invoice_payments_of_balance CHECK ((account_transaction_id IS NOT NULL) = (kind = 'balance' OR paycore.cents(surplus) <> 0)));
ALTER TABLE paycore.invoice_payments
	ALTER COLUMN id SET DEFAULT paycore.uuid_v7(), ALTER COLUMN id SET NOT NULL,
	ALTER COLUMN tenant_id SET DEFAULT paycore.current_tenant(), ALTER COLUMN tenant_id SET NOT NULL,
	ALTER COLUMN invoice_id SET NOT NULL,
	ALTER COLUMN kind SET NOT NULL,
	ALTER COLUMN amount SET NOT NULL,
	ALTER COLUMN surplus SET NOT NULL,
	ALTER COLUMN applied_at SET DEFAULT paycore.billing_now(), ALTER COLUMN applied_at SET NOT NULL,
	ALTER COLUMN created_at SET DEFAULT now(), ALTER COLUMN created_at SET NOT NULL;
COMMENT ON TABLE paycore.invoice_payments IS 'Money applied to invoices. Append-only.';

ALTER TABLE paycore.invoice_payments ADD CONSTRAINT invoice_payments_invoice_fkey
	FOREIGN KEY (invoice_id, tenant_id) REFERENCES paycore.invoices (id, tenant_id);
ALTER TABLE paycore.invoice_payments ADD CONSTRAINT invoice_payments_payment_fkey
	FOREIGN KEY (payment_id, tenant_id) REFERENCES paycore.payments (id, tenant_id);
ALTER TABLE paycore.invoice_payments ADD CONSTRAINT invoice_payments_transaction_fkey
	FOREIGN KEY (account_transaction_id, tenant_id) REFERENCES paycore.account_transactions (id, tenant_id);
ALTER TABLE paycore.payment_intents ADD CONSTRAINT payment_intents_invoice_fkey
	FOREIGN KEY (invoice_id, tenant_id) REFERENCES paycore.invoices (id, tenant_id);

CREATE INDEX IF NOT EXISTS invoice_payments_by_invoice ON paycore.invoice_payments (invoice_id, tenant_id, id);
-- A payment is applied once, and bounces once.
CREATE UNIQUE INDEX IF NOT EXISTS invoice_payments_once ON paycore.invoice_payments (payment_id, kind, tenant_id) WHERE payment_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS payment_intents_by_invoice ON paycore.payment_intents (invoice_id, tenant_id, id) WHERE invoice_id IS NOT NULL;
-- One payment of an invoice at a time, processing ones included.
CREATE UNIQUE INDEX IF NOT EXISTS payment_intents_one_per_invoice ON paycore.payment_intents (invoice_id, tenant_id)
	WHERE invoice_id IS NOT NULL AND status OPERATOR(paycore.<>) 'succeeded'::paycore.intent_status
		AND status OPERATOR(paycore.<>) 'canceled'::paycore.intent_status AND status OPERATOR(paycore.<>) 'failed'::paycore.intent_status;

CREATE OR REPLACE TRIGGER "Paycore_10_api" BEFORE INSERT OR UPDATE OR DELETE ON paycore.invoice_payments
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.require_api();
CREATE OR REPLACE TRIGGER "Paycore_40_append_only" BEFORE UPDATE OR DELETE ON paycore.invoice_payments
	FOR EACH ROW EXECUTE FUNCTION paycore.append_only();
CREATE OR REPLACE TRIGGER "Paycore_40_no_truncate" BEFORE TRUNCATE ON paycore.invoice_payments
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.append_only();
CREATE OR REPLACE TRIGGER "Paycore_50_settle" AFTER INSERT ON paycore.invoice_payments
	REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION paycore.settle_invoices();
CREATE OR REPLACE TRIGGER "Paycore_60_ledger" AFTER INSERT ON paycore.invoice_payments
	REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION paycore.post_to_ledger('=invoice_payment');

CREATE OR REPLACE TRIGGER "Paycore_26_sums" BEFORE UPDATE OF amount_paid, balance_applied ON paycore.invoices
	FOR EACH ROW EXECUTE FUNCTION paycore.keep_sums('amount_paid', 'balance_applied');
CREATE OR REPLACE TRIGGER "Paycore_51_settle" AFTER INSERT ON paycore.invoices
	REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION paycore.settle_invoices();

CREATE OR REPLACE TRIGGER "Paycore_21_invoice" BEFORE UPDATE OF invoice_id, subscription_id ON paycore.payment_intents
	FOR EACH ROW EXECUTE FUNCTION paycore.keep_immutable('invoice_id', 'subscription_id');
CREATE OR REPLACE TRIGGER "Paycore_70_invoice" AFTER UPDATE ON paycore.payment_intents
	FOR EACH ROW WHEN (NEW.invoice_id IS NOT NULL) EXECUTE FUNCTION paycore.apply_to_invoice();
CREATE OR REPLACE TRIGGER "Paycore_70_bounce" AFTER UPDATE OF status ON paycore.payments
	FOR EACH ROW WHEN (OLD.status OPERATOR(paycore.=) 'succeeded'::paycore.payment_status AND NEW.status OPERATOR(paycore.<>) 'succeeded'::paycore.payment_status)
	EXECUTE FUNCTION paycore.apply_to_invoice();

ALTER TABLE paycore.invoice_payments ENABLE ROW LEVEL SECURITY;
CREATE POLICY paycore_tenant ON paycore.invoice_payments USING (tenant_id = paycore.current_tenant());
