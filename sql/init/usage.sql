--
-- The tables of usage, with their keys, indexes, guards and policies.
--

CREATE TABLE IF NOT EXISTS paycore.meters (LIKE paycore.meter INCLUDING COMMENTS,
	CONSTRAINT meters_pkey PRIMARY KEY (id, tenant_id),
	CONSTRAINT meters_code_key UNIQUE (code, tenant_id),
	CONSTRAINT meters_aggregation_known CHECK (aggregation IN ('count', 'sum', 'max', 'last', 'unique_count', 'weighted_sum')),
	CONSTRAINT meters_late_window_sign CHECK (late_window >= '0'));
ALTER TABLE paycore.meters
	ALTER COLUMN id SET DEFAULT paycore.uuid_v7(), ALTER COLUMN id SET NOT NULL,
	ALTER COLUMN tenant_id SET DEFAULT paycore.current_tenant(), ALTER COLUMN tenant_id SET NOT NULL,
	ALTER COLUMN code SET NOT NULL,
	ALTER COLUMN name SET NOT NULL,
	ALTER COLUMN aggregation SET NOT NULL,
	ALTER COLUMN late_window SET DEFAULT '35 days', ALTER COLUMN late_window SET NOT NULL,
	ALTER COLUMN active SET DEFAULT true, ALTER COLUMN active SET NOT NULL,
	ALTER COLUMN metadata SET DEFAULT '{}', ALTER COLUMN metadata SET NOT NULL,
	ALTER COLUMN created_at SET DEFAULT now(), ALTER COLUMN created_at SET NOT NULL,
	ALTER COLUMN updated_at SET DEFAULT now(), ALTER COLUMN updated_at SET NOT NULL;
COMMENT ON TABLE paycore.meters IS 'What is counted, and how.';

CREATE TABLE IF NOT EXISTS paycore.usage_events (LIKE paycore.usage_event INCLUDING COMMENTS,
	CONSTRAINT usage_events_pkey PRIMARY KEY (id, tenant_id),
	CONSTRAINT usage_events_key UNIQUE (event_key, tenant_id),
	CONSTRAINT usage_events_n_known CHECK (n = CASE WHEN corrects_id IS NULL THEN 1 ELSE n END AND n BETWEEN -1 AND 1),
	CONSTRAINT usage_events_quantity_finite CHECK (quantity > '-Infinity' AND quantity < 'Infinity'),
	CONSTRAINT usage_events_time_finite CHECK (occurred_at > '-infinity' AND occurred_at < 'infinity'));
ALTER TABLE paycore.usage_events
	ALTER COLUMN id SET DEFAULT paycore.uuid_v7(), ALTER COLUMN id SET NOT NULL,
	ALTER COLUMN tenant_id SET DEFAULT paycore.current_tenant(), ALTER COLUMN tenant_id SET NOT NULL,
	ALTER COLUMN meter_id SET NOT NULL,
	ALTER COLUMN billing_account_id SET NOT NULL,
	ALTER COLUMN subscription_id SET NOT NULL,
	ALTER COLUMN event_key SET NOT NULL,
	ALTER COLUMN quantity SET NOT NULL,
	ALTER COLUMN n SET DEFAULT 1, ALTER COLUMN n SET NOT NULL,
	ALTER COLUMN occurred_at SET DEFAULT paycore.billing_now(), ALTER COLUMN occurred_at SET NOT NULL,
	ALTER COLUMN properties SET DEFAULT '{}', ALTER COLUMN properties SET NOT NULL,
	ALTER COLUMN metadata SET DEFAULT '{}', ALTER COLUMN metadata SET NOT NULL,
	ALTER COLUMN recorded_at SET DEFAULT now(), ALTER COLUMN recorded_at SET NOT NULL,
	ALTER COLUMN txn SET NOT NULL;
COMMENT ON TABLE paycore.usage_events IS 'What accounts used. Append-only.';

CREATE TABLE IF NOT EXISTS paycore.usage_sums (LIKE paycore.usage_sum INCLUDING COMMENTS,
	CONSTRAINT usage_sums_pkey PRIMARY KEY (subscription_id, meter_id, bucket, tenant_id));
ALTER TABLE paycore.usage_sums
	ALTER COLUMN subscription_id SET NOT NULL,
	ALTER COLUMN tenant_id SET NOT NULL,
	ALTER COLUMN meter_id SET NOT NULL,
	ALTER COLUMN bucket SET NOT NULL,
	ALTER COLUMN n SET NOT NULL,
	ALTER COLUMN total SET NOT NULL,
	ALTER COLUMN moment SET NOT NULL,
	SET (fillfactor = 80);
COMMENT ON TABLE paycore.usage_sums IS 'Usage added up by hours.';

CREATE TABLE IF NOT EXISTS paycore.usage_values (LIKE paycore.usage_value INCLUDING COMMENTS,
	CONSTRAINT usage_values_pkey PRIMARY KEY (subscription_id, meter_id, bucket, value, tenant_id));
ALTER TABLE paycore.usage_values
	ALTER COLUMN subscription_id SET NOT NULL,
	ALTER COLUMN tenant_id SET NOT NULL,
	ALTER COLUMN meter_id SET NOT NULL,
	ALTER COLUMN bucket SET NOT NULL,
	ALTER COLUMN value SET NOT NULL,
	ALTER COLUMN n SET NOT NULL,
	SET (fillfactor = 80);
COMMENT ON TABLE paycore.usage_values IS 'The values that meters of unique_count have seen, by hours.';

CREATE TABLE IF NOT EXISTS paycore.usage_horizons (LIKE paycore.usage_horizon_row INCLUDING COMMENTS,
	CONSTRAINT usage_horizons_pkey PRIMARY KEY (tenant_id));
ALTER TABLE paycore.usage_horizons
	ALTER COLUMN tenant_id SET NOT NULL,
	ALTER COLUMN horizon SET NOT NULL,
	ALTER COLUMN rolled_at SET NOT NULL;
COMMENT ON TABLE paycore.usage_horizons IS 'How far each tenant''s usage is added up.';

CREATE TABLE IF NOT EXISTS paycore.usage_periods (LIKE paycore.usage_period INCLUDING COMMENTS,
	CONSTRAINT usage_periods_pkey PRIMARY KEY (subscription_item_id, starts_at, tenant_id),
	CONSTRAINT usage_periods_order CHECK (starts_at < ends_at));
ALTER TABLE paycore.usage_periods
	ALTER COLUMN subscription_item_id SET NOT NULL,
	ALTER COLUMN tenant_id SET DEFAULT paycore.current_tenant(), ALTER COLUMN tenant_id SET NOT NULL,
	ALTER COLUMN subscription_id SET NOT NULL,
	ALTER COLUMN meter_id SET NOT NULL,
	ALTER COLUMN starts_at SET NOT NULL,
	ALTER COLUMN ends_at SET NOT NULL,
	ALTER COLUMN whole_seconds SET NOT NULL,
	ALTER COLUMN quantity SET NOT NULL,
	ALTER COLUMN amount SET NOT NULL,
	ALTER COLUMN recheck SET DEFAULT false, ALTER COLUMN recheck SET NOT NULL,
	ALTER COLUMN interim SET DEFAULT false, ALTER COLUMN interim SET NOT NULL,
	ALTER COLUMN seen SET DEFAULT paycore.usage_seen(), ALTER COLUMN seen SET NOT NULL,
	ALTER COLUMN txn SET DEFAULT paycore.usage_txn(), ALTER COLUMN txn SET NOT NULL,
	ALTER COLUMN created_at SET DEFAULT now(), ALTER COLUMN created_at SET NOT NULL,
	ALTER COLUMN updated_at SET DEFAULT now(), ALTER COLUMN updated_at SET NOT NULL;
COMMENT ON TABLE paycore.usage_periods IS 'What was billed of the usage of items.';

-- usage_events, usage_sums and usage_periods name meters and subscriptions without a foreign key: a check, and a share lock, for each would cost
-- more than the row, and no subscription or meter is ever deleted.
ALTER TABLE paycore.prices ADD CONSTRAINT prices_meter_fkey
	FOREIGN KEY (meter_id, tenant_id) REFERENCES paycore.meters (id, tenant_id);

CREATE INDEX IF NOT EXISTS meters_by_tenant ON paycore.meters (tenant_id, id);
CREATE INDEX IF NOT EXISTS subscription_items_by_account ON paycore.subscription_items (billing_account_id, tenant_id);
CREATE INDEX IF NOT EXISTS usage_events_by_time ON paycore.usage_events (subscription_id, meter_id, occurred_at);
CREATE INDEX IF NOT EXISTS usage_events_by_txn ON paycore.usage_events (tenant_id, txn);
CREATE INDEX IF NOT EXISTS usage_events_corrections ON paycore.usage_events (corrects_id, tenant_id) WHERE corrects_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS usage_periods_by_end ON paycore.usage_periods (subscription_id, meter_id, ends_at);
CREATE INDEX IF NOT EXISTS usage_periods_by_txn ON paycore.usage_periods (tenant_id, txn);
CREATE INDEX IF NOT EXISTS usage_periods_recheck ON paycore.usage_periods (tenant_id, ends_at) WHERE recheck;

CREATE OR REPLACE TRIGGER "Paycore_10_api" BEFORE INSERT OR UPDATE OR DELETE ON paycore.meters
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.require_api();
CREATE OR REPLACE TRIGGER "Paycore_20_immutable" BEFORE UPDATE ON paycore.meters
	FOR EACH ROW EXECUTE FUNCTION paycore.keep_immutable('id', 'tenant_id', 'code', 'aggregation', 'value_key', 'created_at');
CREATE OR REPLACE TRIGGER "Paycore_37_card_data" BEFORE INSERT OR UPDATE ON paycore.meters
	FOR EACH ROW EXECUTE FUNCTION paycore.refuse_card_data('code', 'name', 'value_key', 'unit', 'description', 'metadata');
CREATE OR REPLACE TRIGGER "Paycore_40_no_delete" BEFORE DELETE ON paycore.meters
	FOR EACH ROW EXECUTE FUNCTION paycore.append_only();
CREATE OR REPLACE TRIGGER "Paycore_40_no_truncate" BEFORE TRUNCATE ON paycore.meters
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.append_only();
CREATE OR REPLACE TRIGGER "Paycore_85_announce" AFTER INSERT OR UPDATE OR DELETE ON paycore.meters
	FOR EACH ROW EXECUTE FUNCTION paycore.announce_changes();
CREATE OR REPLACE TRIGGER "Paycore_90_touch" BEFORE UPDATE ON paycore.meters
	FOR EACH ROW EXECUTE FUNCTION paycore.touch_updated_at();

CREATE OR REPLACE TRIGGER "Paycore_10_api" BEFORE INSERT OR UPDATE OR DELETE ON paycore.usage_events
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.require_api();
CREATE OR REPLACE TRIGGER "Paycore_30_event" BEFORE INSERT ON paycore.usage_events
	FOR EACH ROW EXECUTE FUNCTION paycore.check_usage_event('recorded_at', 'txn');
CREATE OR REPLACE TRIGGER "Paycore_37_card_data" BEFORE INSERT ON paycore.usage_events
	FOR EACH ROW EXECUTE FUNCTION paycore.refuse_card_data('event_key', 'value', 'properties', 'metadata', 'reason');
CREATE OR REPLACE TRIGGER "Paycore_40_append_only" BEFORE UPDATE OR DELETE ON paycore.usage_events
	FOR EACH ROW EXECUTE FUNCTION paycore.append_only();
CREATE OR REPLACE TRIGGER "Paycore_40_no_truncate" BEFORE TRUNCATE ON paycore.usage_events
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.append_only();

CREATE OR REPLACE TRIGGER "Paycore_10_api" BEFORE INSERT OR UPDATE OR DELETE ON paycore.usage_sums
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.require_api();
CREATE OR REPLACE TRIGGER "Paycore_20_kept" BEFORE INSERT OR UPDATE OR DELETE ON paycore.usage_sums
	FOR EACH ROW EXECUTE FUNCTION paycore.kept_by_guards();
CREATE OR REPLACE TRIGGER "Paycore_40_no_truncate" BEFORE TRUNCATE ON paycore.usage_sums
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.append_only();
CREATE OR REPLACE TRIGGER "Paycore_10_api" BEFORE INSERT OR UPDATE OR DELETE ON paycore.usage_values
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.require_api();
CREATE OR REPLACE TRIGGER "Paycore_20_kept" BEFORE INSERT OR UPDATE OR DELETE ON paycore.usage_values
	FOR EACH ROW EXECUTE FUNCTION paycore.kept_by_guards();
CREATE OR REPLACE TRIGGER "Paycore_40_no_truncate" BEFORE TRUNCATE ON paycore.usage_values
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.append_only();
CREATE OR REPLACE TRIGGER "Paycore_10_api" BEFORE INSERT OR UPDATE OR DELETE ON paycore.usage_horizons
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.require_api();
CREATE OR REPLACE TRIGGER "Paycore_20_kept" BEFORE INSERT OR UPDATE OR DELETE ON paycore.usage_horizons
	FOR EACH ROW EXECUTE FUNCTION paycore.kept_by_guards();
CREATE OR REPLACE TRIGGER "Paycore_40_no_truncate" BEFORE TRUNCATE ON paycore.usage_horizons
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.append_only();

CREATE OR REPLACE TRIGGER "Paycore_10_api" BEFORE INSERT OR UPDATE OR DELETE ON paycore.usage_periods
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.require_api();
CREATE OR REPLACE TRIGGER "Paycore_20_immutable" BEFORE UPDATE ON paycore.usage_periods
	FOR EACH ROW EXECUTE FUNCTION paycore.keep_immutable('subscription_item_id', 'tenant_id', 'subscription_id', 'meter_id', 'starts_at', 'created_at');
CREATE OR REPLACE TRIGGER "Paycore_40_no_delete" BEFORE DELETE ON paycore.usage_periods
	FOR EACH ROW EXECUTE FUNCTION paycore.append_only();
CREATE OR REPLACE TRIGGER "Paycore_40_no_truncate" BEFORE TRUNCATE ON paycore.usage_periods
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.append_only();
CREATE OR REPLACE TRIGGER "Paycore_90_touch" BEFORE UPDATE ON paycore.usage_periods
	FOR EACH ROW EXECUTE FUNCTION paycore.touch_updated_at();

ALTER TABLE paycore.meters ENABLE ROW LEVEL SECURITY;
ALTER TABLE paycore.usage_events ENABLE ROW LEVEL SECURITY;
ALTER TABLE paycore.usage_sums ENABLE ROW LEVEL SECURITY;
ALTER TABLE paycore.usage_values ENABLE ROW LEVEL SECURITY;
ALTER TABLE paycore.usage_horizons ENABLE ROW LEVEL SECURITY;
ALTER TABLE paycore.usage_periods ENABLE ROW LEVEL SECURITY;
CREATE POLICY paycore_tenant ON paycore.meters USING (tenant_id = paycore.current_tenant());
CREATE POLICY paycore_tenant ON paycore.usage_events USING (tenant_id = paycore.current_tenant());
CREATE POLICY paycore_tenant ON paycore.usage_sums USING (tenant_id = paycore.current_tenant());
CREATE POLICY paycore_tenant ON paycore.usage_values USING (tenant_id = paycore.current_tenant());
CREATE POLICY paycore_tenant ON paycore.usage_horizons USING (tenant_id = paycore.current_tenant());
CREATE POLICY paycore_tenant ON paycore.usage_periods USING (tenant_id = paycore.current_tenant());
