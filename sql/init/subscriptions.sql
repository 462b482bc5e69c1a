--
-- The tables of subscriptions, with their keys, indexes, guards and policies.
--

CREATE TABLE IF NOT EXISTS paycore.test_clocks (LIKE paycore.test_clock INCLUDING COMMENTS,
	CONSTRAINT test_clocks_pkey PRIMARY KEY (tenant_id));
ALTER TABLE paycore.test_clocks
	ALTER COLUMN tenant_id SET DEFAULT paycore.current_tenant(), ALTER COLUMN tenant_id SET NOT NULL,
	ALTER COLUMN shows SET NOT NULL,
	ALTER COLUMN created_at SET DEFAULT now(), ALTER COLUMN created_at SET NOT NULL,
	ALTER COLUMN updated_at SET DEFAULT now(), ALTER COLUMN updated_at SET NOT NULL;
COMMENT ON TABLE paycore.test_clocks IS 'The time that billing takes it to be, of tenants that try it.';

CREATE TABLE IF NOT EXISTS paycore.subscriptions (LIKE paycore.subscription INCLUDING COMMENTS,
	CONSTRAINT subscriptions_pkey PRIMARY KEY (id, tenant_id),
	CONSTRAINT subscriptions_collection_known CHECK (collection IN ('charge_automatically', 'send_invoice')),
	CONSTRAINT subscriptions_days_until_due_range CHECK (days_until_due BETWEEN 0 AND 3650),
	CONSTRAINT subscriptions_times_finite CHECK (starts_at > '-infinity' AND period_end < 'infinity' AND billed_until < 'infinity' AND next_bill_at < 'infinity'
		AND cancel_at < 'infinity' AND resumes_at < 'infinity'),
	CONSTRAINT subscriptions_minimum_sign CHECK (paycore.cents(minimum) >= 0),
	CONSTRAINT subscriptions_one_currency CHECK (paycore.currency(minimum) OPERATOR(paycore.=) currency),
	CONSTRAINT subscriptions_mrr CHECK ((mrr IS NULL) = (mrr_since IS NULL) AND paycore.cents(mrr) >= 0 AND paycore.currency(mrr) OPERATOR(paycore.=) currency),
	CONSTRAINT subscriptions_period_order CHECK (period_start < period_end),
	CONSTRAINT subscriptions_trial_order CHECK (starts_at < trial_end),
	CONSTRAINT subscriptions_end_known CHECK ((status OPERATOR(paycore.=) 'canceled'::paycore.subscription_status) = (ended_at IS NOT NULL)),
	CONSTRAINT subscriptions_pause_known CHECK ((status OPERATOR(paycore.=) 'paused'::paycore.subscription_status) = (paused_at IS NOT NULL)),
	CONSTRAINT subscriptions_over CHECK (next_bill_at IS NOT NULL
		OR status OPERATOR(paycore.=) 'canceled'::paycore.subscription_status OR status OPERATOR(paycore.=) 'paused'::paycore.subscription_status));
ALTER TABLE paycore.subscriptions
	ALTER COLUMN id SET DEFAULT paycore.uuid_v7(), ALTER COLUMN id SET NOT NULL,
	ALTER COLUMN tenant_id SET DEFAULT paycore.current_tenant(), ALTER COLUMN tenant_id SET NOT NULL,
	ALTER COLUMN billing_account_id SET NOT NULL,
	ALTER COLUMN status SET NOT NULL,
	ALTER COLUMN currency SET NOT NULL,
	ALTER COLUMN every SET NOT NULL,
	ALTER COLUMN anchor SET NOT NULL,
	ALTER COLUMN time_zone SET NOT NULL,
	ALTER COLUMN starts_at SET NOT NULL,
	ALTER COLUMN period_start SET NOT NULL,
	ALTER COLUMN period_end SET NOT NULL,
	ALTER COLUMN billed_until SET NOT NULL,
	ALTER COLUMN collection SET DEFAULT 'charge_automatically', ALTER COLUMN collection SET NOT NULL,
	ALTER COLUMN metadata SET DEFAULT '{}', ALTER COLUMN metadata SET NOT NULL,
	ALTER COLUMN created_at SET DEFAULT now(), ALTER COLUMN created_at SET NOT NULL,
	ALTER COLUMN updated_at SET DEFAULT now(), ALTER COLUMN updated_at SET NOT NULL;
COMMENT ON TABLE paycore.subscriptions IS 'What accounts pay for again and again.';

CREATE TABLE IF NOT EXISTS paycore.subscription_items (LIKE paycore.subscription_item INCLUDING COMMENTS,
	CONSTRAINT subscription_items_pkey PRIMARY KEY (id, tenant_id),
	CONSTRAINT subscription_items_quantity_sign CHECK (quantity >= 0 AND quantity < 'Infinity'),
	CONSTRAINT subscription_items_order CHECK (starts_at <= ends_at));
ALTER TABLE paycore.subscription_items
	ALTER COLUMN id SET DEFAULT paycore.uuid_v7(), ALTER COLUMN id SET NOT NULL,
	ALTER COLUMN tenant_id SET DEFAULT paycore.current_tenant(), ALTER COLUMN tenant_id SET NOT NULL,
	ALTER COLUMN subscription_id SET NOT NULL,
	ALTER COLUMN billing_account_id SET NOT NULL,
	ALTER COLUMN product_id SET NOT NULL,
	ALTER COLUMN price_id SET NOT NULL,
	ALTER COLUMN quantity SET DEFAULT 1, ALTER COLUMN quantity SET NOT NULL,
	ALTER COLUMN exclusive SET DEFAULT false, ALTER COLUMN exclusive SET NOT NULL,
	ALTER COLUMN starts_at SET NOT NULL,
	ALTER COLUMN metadata SET DEFAULT '{}', ALTER COLUMN metadata SET NOT NULL,
	ALTER COLUMN created_at SET DEFAULT now(), ALTER COLUMN created_at SET NOT NULL,
	ALTER COLUMN updated_at SET DEFAULT now(), ALTER COLUMN updated_at SET NOT NULL;
COMMENT ON TABLE paycore.subscription_items IS 'What subscriptions are made of.';

ALTER TABLE paycore.subscriptions ADD CONSTRAINT subscriptions_account_fkey
	FOREIGN KEY (billing_account_id, tenant_id) REFERENCES paycore.billing_accounts (id, tenant_id);
ALTER TABLE paycore.subscription_items ADD CONSTRAINT subscription_items_subscription_fkey
	FOREIGN KEY (subscription_id, tenant_id) REFERENCES paycore.subscriptions (id, tenant_id);
ALTER TABLE paycore.subscription_items ADD CONSTRAINT subscription_items_price_fkey
	FOREIGN KEY (price_id, tenant_id) REFERENCES paycore.prices (id, tenant_id);
ALTER TABLE paycore.subscription_items ADD CONSTRAINT subscription_items_product_fkey
	FOREIGN KEY (product_id, tenant_id) REFERENCES paycore.products (id, tenant_id);

CREATE INDEX IF NOT EXISTS subscriptions_by_tenant ON paycore.subscriptions (tenant_id, id);
CREATE INDEX IF NOT EXISTS subscriptions_by_account ON paycore.subscriptions (billing_account_id, tenant_id, id);
CREATE UNIQUE INDEX IF NOT EXISTS subscriptions_external_ref ON paycore.subscriptions (tenant_id, external_ref) WHERE external_ref IS NOT NULL;
CREATE INDEX IF NOT EXISTS subscriptions_due ON paycore.subscriptions (tenant_id, next_bill_at, id) WHERE next_bill_at IS NOT NULL AND parked_at IS NULL;
CREATE INDEX IF NOT EXISTS subscriptions_parked ON paycore.subscriptions (tenant_id, parked_at) WHERE parked_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS subscription_items_by_subscription ON paycore.subscription_items (subscription_id, tenant_id, id);
CREATE INDEX IF NOT EXISTS subscription_items_live ON paycore.subscription_items (billing_account_id, tenant_id, product_id) WHERE ends_at IS NULL;
CREATE UNIQUE INDEX IF NOT EXISTS subscription_items_exclusive ON paycore.subscription_items (billing_account_id, product_id, tenant_id)
	WHERE exclusive AND ends_at IS NULL;

CREATE OR REPLACE TRIGGER "Paycore_10_api" BEFORE INSERT OR UPDATE OR DELETE ON paycore.test_clocks
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.require_api();
CREATE OR REPLACE TRIGGER "Paycore_20_immutable" BEFORE UPDATE ON paycore.test_clocks
	FOR EACH ROW EXECUTE FUNCTION paycore.keep_immutable('tenant_id', 'created_at');
CREATE OR REPLACE TRIGGER "Paycore_90_touch" BEFORE UPDATE ON paycore.test_clocks
	FOR EACH ROW EXECUTE FUNCTION paycore.touch_updated_at();

CREATE OR REPLACE TRIGGER "Paycore_10_api" BEFORE INSERT OR UPDATE OR DELETE ON paycore.subscriptions
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.require_api();
CREATE OR REPLACE TRIGGER "Paycore_20_immutable" BEFORE UPDATE ON paycore.subscriptions
	FOR EACH ROW EXECUTE FUNCTION paycore.keep_immutable('id', 'tenant_id', 'billing_account_id', 'currency', 'time_zone', 'starts_at', 'created_at');
CREATE OR REPLACE TRIGGER "Paycore_30_transition" BEFORE INSERT OR UPDATE OF status ON paycore.subscriptions
	FOR EACH ROW EXECUTE FUNCTION paycore.enforce_transition('status', '>scheduled', '>trialing', '>active');
CREATE OR REPLACE TRIGGER "Paycore_37_card_data" BEFORE INSERT OR UPDATE OF payment_method, description, external_ref, cancel_reason, metadata
	ON paycore.subscriptions
	FOR EACH ROW EXECUTE FUNCTION paycore.refuse_card_data('payment_method', 'description', 'external_ref', 'cancel_reason', 'metadata');
CREATE OR REPLACE TRIGGER "Paycore_38_write_once" BEFORE UPDATE ON paycore.subscriptions
	FOR EACH ROW EXECUTE FUNCTION paycore.write_once('ended_at');
CREATE OR REPLACE TRIGGER "Paycore_40_no_delete" BEFORE DELETE ON paycore.subscriptions
	FOR EACH ROW EXECUTE FUNCTION paycore.append_only();
CREATE OR REPLACE TRIGGER "Paycore_40_no_truncate" BEFORE TRUNCATE ON paycore.subscriptions
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.append_only();
CREATE OR REPLACE TRIGGER "Paycore_80_history" AFTER INSERT OR UPDATE ON paycore.subscriptions
	FOR EACH ROW EXECUTE FUNCTION paycore.record_status_change('status', '=subscription');
CREATE OR REPLACE TRIGGER "Paycore_90_touch" BEFORE UPDATE ON paycore.subscriptions
	FOR EACH ROW EXECUTE FUNCTION paycore.touch_updated_at();

CREATE OR REPLACE TRIGGER "Paycore_10_api" BEFORE INSERT OR UPDATE OR DELETE ON paycore.subscription_items
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.require_api();
CREATE OR REPLACE TRIGGER "Paycore_20_immutable" BEFORE UPDATE ON paycore.subscription_items
	FOR EACH ROW EXECUTE FUNCTION paycore.keep_immutable('id', 'tenant_id', 'subscription_id', 'billing_account_id', 'product_id', 'price_id',
		'quantity', 'starts_at', 'replaces_id', 'created_at');
CREATE OR REPLACE TRIGGER "Paycore_37_card_data" BEFORE INSERT OR UPDATE OF metadata ON paycore.subscription_items
	FOR EACH ROW EXECUTE FUNCTION paycore.refuse_card_data('metadata');
CREATE OR REPLACE TRIGGER "Paycore_38_write_once" BEFORE UPDATE ON paycore.subscription_items
	FOR EACH ROW EXECUTE FUNCTION paycore.write_once('ends_at');
CREATE OR REPLACE TRIGGER "Paycore_40_no_delete" BEFORE DELETE ON paycore.subscription_items
	FOR EACH ROW EXECUTE FUNCTION paycore.append_only();
CREATE OR REPLACE TRIGGER "Paycore_40_no_truncate" BEFORE TRUNCATE ON paycore.subscription_items
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.append_only();
CREATE OR REPLACE TRIGGER "Paycore_90_touch" BEFORE UPDATE ON paycore.subscription_items
	FOR EACH ROW EXECUTE FUNCTION paycore.touch_updated_at();

ALTER TABLE paycore.test_clocks ENABLE ROW LEVEL SECURITY;
ALTER TABLE paycore.subscriptions ENABLE ROW LEVEL SECURITY;
ALTER TABLE paycore.subscription_items ENABLE ROW LEVEL SECURITY;
CREATE POLICY paycore_tenant ON paycore.test_clocks USING (tenant_id = paycore.current_tenant());
CREATE POLICY paycore_tenant ON paycore.subscriptions USING (tenant_id = paycore.current_tenant());
CREATE POLICY paycore_tenant ON paycore.subscription_items USING (tenant_id = paycore.current_tenant());
