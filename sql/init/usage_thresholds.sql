--
-- The tables of usage thresholds, with their keys, indexes, guards and policies.
--

CREATE TABLE IF NOT EXISTS paycore.usage_thresholds (LIKE paycore.usage_threshold INCLUDING COMMENTS,
	CONSTRAINT usage_thresholds_pkey PRIMARY KEY (id, tenant_id),
	CONSTRAINT usage_thresholds_one_measure CHECK (num_nonnulls(quantity, amount) = 1 AND (quantity IS NULL OR meter_id IS NOT NULL)),
	CONSTRAINT usage_thresholds_sign CHECK ((quantity > 0 AND quantity < 'Infinity') IS NOT FALSE AND (paycore.cents(amount) > 0) IS NOT FALSE),
	CONSTRAINT usage_thresholds_action_known CHECK (action IN ('alert', 'invoice')),
	CONSTRAINT usage_thresholds_recurs_known CHECK (recurs IN ('period', 'once')));
ALTER TABLE paycore.usage_thresholds
	ALTER COLUMN id SET DEFAULT paycore.uuid_v7(), ALTER COLUMN id SET NOT NULL,
	ALTER COLUMN tenant_id SET DEFAULT paycore.current_tenant(), ALTER COLUMN tenant_id SET NOT NULL,
	ALTER COLUMN billing_account_id SET NOT NULL,
	ALTER COLUMN action SET DEFAULT 'alert', ALTER COLUMN action SET NOT NULL,
	ALTER COLUMN recurs SET DEFAULT 'period', ALTER COLUMN recurs SET NOT NULL,
	ALTER COLUMN metadata SET DEFAULT '{}', ALTER COLUMN metadata SET NOT NULL,
	ALTER COLUMN set_at SET NOT NULL,
	ALTER COLUMN created_at SET DEFAULT now(), ALTER COLUMN created_at SET NOT NULL,
	ALTER COLUMN updated_at SET DEFAULT now(), ALTER COLUMN updated_at SET NOT NULL;
COMMENT ON TABLE paycore.usage_thresholds IS 'How much usage raises an alert, or an invoice.';

CREATE TABLE IF NOT EXISTS paycore.usage_alerts (LIKE paycore.usage_alert INCLUDING COMMENTS,
	CONSTRAINT usage_alerts_pkey PRIMARY KEY (id, tenant_id),
	CONSTRAINT usage_alerts_status_known CHECK (status IN ('raised', 'invoiced', 'dropped') AND (status = 'invoiced') = (invoice_id IS NOT NULL)
		AND (status = 'raised' OR action = 'invoice')),
	CONSTRAINT usage_alerts_one_measure CHECK (num_nonnulls(quantity, amount) = 1),
	CONSTRAINT usage_alerts_period_order CHECK (period_start < period_end));
ALTER TABLE paycore.usage_alerts
	ALTER COLUMN id SET DEFAULT paycore.uuid_v7(), ALTER COLUMN id SET NOT NULL,
	ALTER COLUMN tenant_id SET DEFAULT paycore.current_tenant(), ALTER COLUMN tenant_id SET NOT NULL,
	ALTER COLUMN threshold_id SET NOT NULL,
	ALTER COLUMN billing_account_id SET NOT NULL,
	ALTER COLUMN subscription_id SET NOT NULL,
	ALTER COLUMN status SET DEFAULT 'raised', ALTER COLUMN status SET NOT NULL,
	ALTER COLUMN action SET NOT NULL,
	ALTER COLUMN once SET NOT NULL,
	ALTER COLUMN period_start SET NOT NULL,
	ALTER COLUMN period_end SET NOT NULL,
	ALTER COLUMN raised_at SET NOT NULL,
	ALTER COLUMN created_at SET DEFAULT now(), ALTER COLUMN created_at SET NOT NULL;
COMMENT ON TABLE paycore.usage_alerts IS 'Thresholds that usage has reached.';

ALTER TABLE paycore.usage_thresholds ADD CONSTRAINT usage_thresholds_account_fkey
	FOREIGN KEY (billing_account_id, tenant_id) REFERENCES paycore.billing_accounts (id, tenant_id);
ALTER TABLE paycore.usage_thresholds ADD CONSTRAINT usage_thresholds_subscription_fkey
	FOREIGN KEY (subscription_id, tenant_id) REFERENCES paycore.subscriptions (id, tenant_id);
ALTER TABLE paycore.usage_thresholds ADD CONSTRAINT usage_thresholds_meter_fkey
	FOREIGN KEY (meter_id, tenant_id) REFERENCES paycore.meters (id, tenant_id);
ALTER TABLE paycore.usage_alerts ADD CONSTRAINT usage_alerts_threshold_fkey
	FOREIGN KEY (threshold_id, tenant_id) REFERENCES paycore.usage_thresholds (id, tenant_id);
ALTER TABLE paycore.usage_alerts ADD CONSTRAINT usage_alerts_invoice_fkey
	FOREIGN KEY (invoice_id, tenant_id) REFERENCES paycore.invoices (id, tenant_id);

CREATE INDEX IF NOT EXISTS usage_thresholds_by_tenant ON paycore.usage_thresholds (tenant_id, id);
CREATE INDEX IF NOT EXISTS usage_thresholds_by_account ON paycore.usage_thresholds (billing_account_id, tenant_id, id);
CREATE INDEX IF NOT EXISTS usage_thresholds_by_subscription ON paycore.usage_thresholds (subscription_id, tenant_id, id) WHERE subscription_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS usage_thresholds_by_meter ON paycore.usage_thresholds (tenant_id, meter_id) WHERE removed_at IS NULL;
CREATE UNIQUE INDEX IF NOT EXISTS usage_thresholds_once ON paycore.usage_thresholds
	(tenant_id, billing_account_id, subscription_id, meter_id, quantity, amount, action, recurs) NULLS NOT DISTINCT WHERE removed_at IS NULL;
CREATE INDEX IF NOT EXISTS usage_alerts_by_tenant ON paycore.usage_alerts (tenant_id, id);
CREATE INDEX IF NOT EXISTS usage_alerts_by_account ON paycore.usage_alerts (billing_account_id, tenant_id, id);
CREATE INDEX IF NOT EXISTS usage_alerts_by_subscription ON paycore.usage_alerts (subscription_id, tenant_id, id);
-- Of a threshold one alert a period of a subscription, or one at all.
CREATE UNIQUE INDEX IF NOT EXISTS usage_alerts_each_period ON paycore.usage_alerts (threshold_id, subscription_id, period_start, tenant_id);
CREATE UNIQUE INDEX IF NOT EXISTS usage_alerts_once ON paycore.usage_alerts (threshold_id, subscription_id, tenant_id) WHERE once;
CREATE INDEX IF NOT EXISTS usage_alerts_to_invoice ON paycore.usage_alerts (subscription_id, tenant_id) WHERE action = 'invoice' AND status = 'raised';

CREATE OR REPLACE TRIGGER "Paycore_10_api" BEFORE INSERT OR UPDATE OR DELETE ON paycore.usage_thresholds
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.require_api();
CREATE OR REPLACE TRIGGER "Paycore_20_immutable" BEFORE UPDATE ON paycore.usage_thresholds
	FOR EACH ROW EXECUTE FUNCTION paycore.keep_immutable('id', 'tenant_id', 'billing_account_id', 'subscription_id', 'meter_id', 'quantity', 'amount',
		'action', 'recurs', 'set_at', 'created_at');
CREATE OR REPLACE TRIGGER "Paycore_37_card_data" BEFORE INSERT OR UPDATE OF description, metadata ON paycore.usage_thresholds
	FOR EACH ROW EXECUTE FUNCTION paycore.refuse_card_data('description', 'metadata');
CREATE OR REPLACE TRIGGER "Paycore_38_write_once" BEFORE UPDATE ON paycore.usage_thresholds
	FOR EACH ROW EXECUTE FUNCTION paycore.write_once('removed_at');
CREATE OR REPLACE TRIGGER "Paycore_40_no_delete" BEFORE DELETE ON paycore.usage_thresholds
	FOR EACH ROW EXECUTE FUNCTION paycore.append_only();
CREATE OR REPLACE TRIGGER "Paycore_40_no_truncate" BEFORE TRUNCATE ON paycore.usage_thresholds
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.append_only();
CREATE OR REPLACE TRIGGER "Paycore_90_touch" BEFORE UPDATE ON paycore.usage_thresholds
	FOR EACH ROW EXECUTE FUNCTION paycore.touch_updated_at();

CREATE OR REPLACE TRIGGER "Paycore_10_api" BEFORE INSERT OR UPDATE OR DELETE ON paycore.usage_alerts
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.require_api();
CREATE OR REPLACE TRIGGER "Paycore_20_immutable" BEFORE UPDATE ON paycore.usage_alerts
	FOR EACH ROW EXECUTE FUNCTION paycore.keep_immutable('id', 'tenant_id', 'threshold_id', 'billing_account_id', 'subscription_id', 'meter_id', 'action', 'once',
		'period_start', 'period_end', 'quantity', 'amount', 'raised_at', 'created_at');
CREATE OR REPLACE TRIGGER "Paycore_30_transition" BEFORE INSERT OR UPDATE OF status ON paycore.usage_alerts
	FOR EACH ROW EXECUTE FUNCTION paycore.enforce_transition('status', '>raised', 'raised>invoiced', 'raised>dropped');
CREATE OR REPLACE TRIGGER "Paycore_38_write_once" BEFORE UPDATE ON paycore.usage_alerts
	FOR EACH ROW EXECUTE FUNCTION paycore.write_once('invoice_id');
CREATE OR REPLACE TRIGGER "Paycore_40_no_delete" BEFORE DELETE ON paycore.usage_alerts
	FOR EACH ROW EXECUTE FUNCTION paycore.append_only();
CREATE OR REPLACE TRIGGER "Paycore_40_no_truncate" BEFORE TRUNCATE ON paycore.usage_alerts
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.append_only();
CREATE OR REPLACE TRIGGER "Paycore_80_history" AFTER INSERT OR UPDATE ON paycore.usage_alerts
	FOR EACH ROW EXECUTE FUNCTION paycore.record_status_change('status', '=usage_alert');

ALTER TABLE paycore.usage_thresholds ENABLE ROW LEVEL SECURITY;
ALTER TABLE paycore.usage_alerts ENABLE ROW LEVEL SECURITY;
CREATE POLICY paycore_tenant ON paycore.usage_thresholds USING (tenant_id = paycore.current_tenant());
CREATE POLICY paycore_tenant ON paycore.usage_alerts USING (tenant_id = paycore.current_tenant());
