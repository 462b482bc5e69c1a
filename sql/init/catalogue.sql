--
-- The tables of the catalogue, with their keys, indexes, guards and policies.
--

CREATE TABLE IF NOT EXISTS paycore.products (LIKE paycore.product INCLUDING COMMENTS,
	CONSTRAINT products_pkey PRIMARY KEY (id, tenant_id),
	CONSTRAINT products_code_key UNIQUE (code, tenant_id));
ALTER TABLE paycore.products
	ALTER COLUMN id SET DEFAULT paycore.uuid_v7(), ALTER COLUMN id SET NOT NULL,
	ALTER COLUMN tenant_id SET DEFAULT paycore.current_tenant(), ALTER COLUMN tenant_id SET NOT NULL,
	ALTER COLUMN code SET NOT NULL,
	ALTER COLUMN name SET NOT NULL,
	ALTER COLUMN active SET DEFAULT true, ALTER COLUMN active SET NOT NULL,
	ALTER COLUMN public SET DEFAULT true, ALTER COLUMN public SET NOT NULL,
	ALTER COLUMN metadata SET DEFAULT '{}', ALTER COLUMN metadata SET NOT NULL,
	ALTER COLUMN created_at SET DEFAULT now(), ALTER COLUMN created_at SET NOT NULL,
	ALTER COLUMN updated_at SET DEFAULT now(), ALTER COLUMN updated_at SET NOT NULL;
COMMENT ON TABLE paycore.products IS 'What is sold.';

CREATE TABLE IF NOT EXISTS paycore.product_features (LIKE paycore.product_feature INCLUDING COMMENTS,
	CONSTRAINT product_features_pkey PRIMARY KEY (product_id, feature, tenant_id),
	CONSTRAINT product_features_allowance_sign CHECK (allowance >= 0 AND allowance < 'Infinity'));
ALTER TABLE paycore.product_features
	ALTER COLUMN product_id SET NOT NULL,
	ALTER COLUMN tenant_id SET DEFAULT paycore.current_tenant(), ALTER COLUMN tenant_id SET NOT NULL,
	ALTER COLUMN feature SET NOT NULL,
	ALTER COLUMN per_unit SET DEFAULT false, ALTER COLUMN per_unit SET NOT NULL,
	ALTER COLUMN created_at SET DEFAULT now(), ALTER COLUMN created_at SET NOT NULL,
	ALTER COLUMN updated_at SET DEFAULT now(), ALTER COLUMN updated_at SET NOT NULL;
COMMENT ON TABLE paycore.product_features IS 'What whoever has a product may do.';

CREATE TABLE IF NOT EXISTS paycore.prices (LIKE paycore.price INCLUDING COMMENTS,
	CONSTRAINT prices_pkey PRIMARY KEY (id, tenant_id),
	CONSTRAINT prices_version_key UNIQUE (code, version, tenant_id),
	CONSTRAINT prices_version_positive CHECK (version > 0),
	CONSTRAINT prices_model_known CHECK (model IN ('flat', 'per_unit', 'graduated', 'volume', 'package', 'percentage')),
	CONSTRAINT prices_trial_sign CHECK (trial_days >= 0),
	CONSTRAINT prices_free_units_sign CHECK (free_units >= 0 AND free_units < 'Infinity'),
	CONSTRAINT prices_package_sign CHECK (package_size > 0 AND package_size < 'Infinity'),
	CONSTRAINT prices_package_whole CHECK ((package_size IS NOT NULL) = (model = 'package')),
	CONSTRAINT prices_rounding_known CHECK (rounding IN ('half_up', 'half_even', 'half_down', 'up', 'down', 'ceiling', 'floor')));
ALTER TABLE paycore.prices
	ALTER COLUMN id SET DEFAULT paycore.uuid_v7(), ALTER COLUMN id SET NOT NULL,
	ALTER COLUMN tenant_id SET DEFAULT paycore.current_tenant(), ALTER COLUMN tenant_id SET NOT NULL,
	ALTER COLUMN product_id SET NOT NULL,
	ALTER COLUMN code SET NOT NULL,
	ALTER COLUMN version SET DEFAULT 1, ALTER COLUMN version SET NOT NULL,
	ALTER COLUMN model SET DEFAULT 'per_unit', ALTER COLUMN model SET NOT NULL,
	ALTER COLUMN tax_inclusive SET DEFAULT false, ALTER COLUMN tax_inclusive SET NOT NULL,
	ALTER COLUMN trial_days SET DEFAULT 0, ALTER COLUMN trial_days SET NOT NULL,
	ALTER COLUMN free_units SET DEFAULT 0, ALTER COLUMN free_units SET NOT NULL,
	ALTER COLUMN rounding SET DEFAULT 'half_up', ALTER COLUMN rounding SET NOT NULL,
	ALTER COLUMN active SET DEFAULT true, ALTER COLUMN active SET NOT NULL,
	ALTER COLUMN public SET DEFAULT true, ALTER COLUMN public SET NOT NULL,
	ALTER COLUMN metadata SET DEFAULT '{}', ALTER COLUMN metadata SET NOT NULL,
	ALTER COLUMN created_at SET DEFAULT now(), ALTER COLUMN created_at SET NOT NULL,
	ALTER COLUMN updated_at SET DEFAULT now(), ALTER COLUMN updated_at SET NOT NULL;
COMMENT ON TABLE paycore.prices IS 'How products are paid for.';

CREATE TABLE IF NOT EXISTS paycore.price_currencies (LIKE paycore.price_currency INCLUDING COMMENTS,
	CONSTRAINT price_currencies_pkey PRIMARY KEY (price_id, currency, tenant_id),
	CONSTRAINT price_currencies_one_way CHECK (num_nonnulls(unit_price, tiers) = 1),
	CONSTRAINT price_currencies_unit_price_sign CHECK (unit_price >= 0 AND unit_price < 'Infinity'),
	CONSTRAINT price_currencies_minimum_sign CHECK (paycore.cents(minimum) >= 0),
	CONSTRAINT price_currencies_maximum_sign CHECK (paycore.cents(maximum) >= 0));
ALTER TABLE paycore.price_currencies
	ALTER COLUMN price_id SET NOT NULL,
	ALTER COLUMN tenant_id SET DEFAULT paycore.current_tenant(), ALTER COLUMN tenant_id SET NOT NULL,
	ALTER COLUMN currency SET NOT NULL,
	ALTER COLUMN created_at SET DEFAULT now(), ALTER COLUMN created_at SET NOT NULL;
COMMENT ON TABLE paycore.price_currencies IS 'What prices are in each currency.';

ALTER TABLE paycore.product_features ADD CONSTRAINT product_features_product_fkey
	FOREIGN KEY (product_id, tenant_id) REFERENCES paycore.products (id, tenant_id);
ALTER TABLE paycore.prices ADD CONSTRAINT prices_product_fkey
	FOREIGN KEY (product_id, tenant_id) REFERENCES paycore.products (id, tenant_id);
ALTER TABLE paycore.price_currencies ADD CONSTRAINT price_currencies_price_fkey
	FOREIGN KEY (price_id, tenant_id) REFERENCES paycore.prices (id, tenant_id);

CREATE INDEX IF NOT EXISTS products_by_tenant ON paycore.products (tenant_id, id);
CREATE INDEX IF NOT EXISTS prices_by_tenant ON paycore.prices (tenant_id, id);
CREATE INDEX IF NOT EXISTS prices_by_product ON paycore.prices (product_id, tenant_id, id);
-- The version that is sold: at most one of each code.
CREATE UNIQUE INDEX IF NOT EXISTS prices_one_active ON paycore.prices (code, tenant_id) WHERE active;

CREATE OR REPLACE TRIGGER "Paycore_10_api" BEFORE INSERT OR UPDATE OR DELETE ON paycore.products
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.require_api();
CREATE OR REPLACE TRIGGER "Paycore_20_immutable" BEFORE UPDATE ON paycore.products
	FOR EACH ROW EXECUTE FUNCTION paycore.keep_immutable('id', 'tenant_id', 'code', 'created_at');
CREATE OR REPLACE TRIGGER "Paycore_37_card_data" BEFORE INSERT OR UPDATE ON paycore.products
	FOR EACH ROW EXECUTE FUNCTION paycore.refuse_card_data('code', 'name', 'description', 'tier', 'unit_label', 'tax_code', 'psp_product_id', 'metadata');
CREATE OR REPLACE TRIGGER "Paycore_40_no_delete" BEFORE DELETE ON paycore.products
	FOR EACH ROW EXECUTE FUNCTION paycore.append_only();
CREATE OR REPLACE TRIGGER "Paycore_40_no_truncate" BEFORE TRUNCATE ON paycore.products
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.append_only();
CREATE OR REPLACE TRIGGER "Paycore_90_touch" BEFORE UPDATE ON paycore.products
	FOR EACH ROW EXECUTE FUNCTION paycore.touch_updated_at();

CREATE OR REPLACE TRIGGER "Paycore_10_api" BEFORE INSERT OR UPDATE OR DELETE ON paycore.product_features
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.require_api();
CREATE OR REPLACE TRIGGER "Paycore_20_immutable" BEFORE UPDATE ON paycore.product_features
	FOR EACH ROW EXECUTE FUNCTION paycore.keep_immutable('product_id', 'tenant_id', 'feature', 'created_at');
CREATE OR REPLACE TRIGGER "Paycore_37_card_data" BEFORE INSERT ON paycore.product_features
	FOR EACH ROW EXECUTE FUNCTION paycore.refuse_card_data('feature');
CREATE OR REPLACE TRIGGER "Paycore_90_touch" BEFORE UPDATE ON paycore.product_features
	FOR EACH ROW EXECUTE FUNCTION paycore.touch_updated_at();

CREATE OR REPLACE TRIGGER "Paycore_10_api" BEFORE INSERT OR UPDATE OR DELETE ON paycore.prices
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.require_api();
CREATE OR REPLACE TRIGGER "Paycore_20_immutable" BEFORE UPDATE ON paycore.prices
	FOR EACH ROW EXECUTE FUNCTION paycore.keep_immutable('id', 'tenant_id', 'product_id', 'code', 'version', 'model', 'every',
		'tax_inclusive', 'trial_days', 'free_units', 'package_size', 'rounding', 'meter_id', 'created_at');
CREATE OR REPLACE TRIGGER "Paycore_37_card_data" BEFORE INSERT OR UPDATE ON paycore.prices
	FOR EACH ROW EXECUTE FUNCTION paycore.refuse_card_data('code', 'name', 'psp_price_id', 'metadata');
CREATE OR REPLACE TRIGGER "Paycore_40_no_delete" BEFORE DELETE ON paycore.prices
	FOR EACH ROW EXECUTE FUNCTION paycore.append_only();
CREATE OR REPLACE TRIGGER "Paycore_40_no_truncate" BEFORE TRUNCATE ON paycore.prices
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.append_only();
CREATE OR REPLACE TRIGGER "Paycore_90_touch" BEFORE UPDATE ON paycore.prices
	FOR EACH ROW EXECUTE FUNCTION paycore.touch_updated_at();

CREATE OR REPLACE TRIGGER "Paycore_10_api" BEFORE INSERT OR UPDATE OR DELETE ON paycore.price_currencies
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.require_api();
CREATE OR REPLACE TRIGGER "Paycore_40_append_only" BEFORE UPDATE OR DELETE ON paycore.price_currencies
	FOR EACH ROW EXECUTE FUNCTION paycore.append_only();
CREATE OR REPLACE TRIGGER "Paycore_40_no_truncate" BEFORE TRUNCATE ON paycore.price_currencies
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.append_only();

ALTER TABLE paycore.products ENABLE ROW LEVEL SECURITY;
ALTER TABLE paycore.product_features ENABLE ROW LEVEL SECURITY;
ALTER TABLE paycore.prices ENABLE ROW LEVEL SECURITY;
ALTER TABLE paycore.price_currencies ENABLE ROW LEVEL SECURITY;
CREATE POLICY paycore_tenant ON paycore.products USING (tenant_id = paycore.current_tenant());
CREATE POLICY paycore_tenant ON paycore.product_features USING (tenant_id = paycore.current_tenant());
CREATE POLICY paycore_tenant ON paycore.prices USING (tenant_id = paycore.current_tenant());
CREATE POLICY paycore_tenant ON paycore.price_currencies USING (tenant_id = paycore.current_tenant());
