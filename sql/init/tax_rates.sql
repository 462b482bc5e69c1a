--
-- The tables of tax rates, with their keys, indexes, guards and policies.
--

CREATE TABLE IF NOT EXISTS paycore.tax_rates (LIKE paycore.tax_rate INCLUDING COMMENTS,
	CONSTRAINT tax_rates_pkey PRIMARY KEY (id, tenant_id),
	CONSTRAINT tax_rates_code_key UNIQUE (code, tenant_id),
	CONSTRAINT tax_rates_percentage_range CHECK (percentage >= 0 AND percentage <= 100 AND min_scale(percentage) <= 6),
	CONSTRAINT tax_rates_country_code CHECK (country ~ '^[A-Z]{2}$'),
	CONSTRAINT tax_rates_kind_known CHECK (kind IN ('standard', 'exempt', 'reverse_charge')),
	CONSTRAINT tax_rates_nothing_due CHECK (kind = 'standard' OR (percentage = 0 AND invoice_text IS NOT NULL)),
	CONSTRAINT tax_rates_default_active CHECK (active OR NOT by_default));
ALTER TABLE paycore.tax_rates
	ALTER COLUMN id SET DEFAULT paycore.uuid_v7(), ALTER COLUMN id SET NOT NULL,
	ALTER COLUMN tenant_id SET DEFAULT paycore.current_tenant(), ALTER COLUMN tenant_id SET NOT NULL,
	ALTER COLUMN code SET NOT NULL,
	ALTER COLUMN name SET NOT NULL,
	ALTER COLUMN percentage SET NOT NULL,
	ALTER COLUMN inclusive SET DEFAULT false, ALTER COLUMN inclusive SET NOT NULL,
	ALTER COLUMN kind SET DEFAULT 'standard', ALTER COLUMN kind SET NOT NULL,
	ALTER COLUMN by_default SET DEFAULT false, ALTER COLUMN by_default SET NOT NULL,
	ALTER COLUMN active SET DEFAULT true, ALTER COLUMN active SET NOT NULL,
	ALTER COLUMN metadata SET DEFAULT '{}', ALTER COLUMN metadata SET NOT NULL,
	ALTER COLUMN created_at SET DEFAULT now(), ALTER COLUMN created_at SET NOT NULL,
	ALTER COLUMN updated_at SET DEFAULT now(), ALTER COLUMN updated_at SET NOT NULL;
COMMENT ON TABLE paycore.tax_rates IS 'Taxes, in percent.';

CREATE TABLE IF NOT EXISTS paycore.product_tax_rates (LIKE paycore.product_tax_rate INCLUDING COMMENTS,
	CONSTRAINT product_tax_rates_pkey PRIMARY KEY (product_id, tax_rate_id, tenant_id));
ALTER TABLE paycore.product_tax_rates
	ALTER COLUMN product_id SET NOT NULL,
	ALTER COLUMN tenant_id SET DEFAULT paycore.current_tenant(), ALTER COLUMN tenant_id SET NOT NULL,
	ALTER COLUMN tax_rate_id SET NOT NULL,
	ALTER COLUMN created_at SET DEFAULT now(), ALTER COLUMN created_at SET NOT NULL;
COMMENT ON TABLE paycore.product_tax_rates IS 'The taxes that are due on each product.';

ALTER TABLE paycore.product_tax_rates ADD CONSTRAINT product_tax_rates_product_fkey
	FOREIGN KEY (product_id, tenant_id) REFERENCES paycore.products (id, tenant_id);
ALTER TABLE paycore.product_tax_rates ADD CONSTRAINT product_tax_rates_tax_rate_fkey
	FOREIGN KEY (tax_rate_id, tenant_id) REFERENCES paycore.tax_rates (id, tenant_id);

CREATE INDEX IF NOT EXISTS tax_rates_by_tenant ON paycore.tax_rates (tenant_id, id);
CREATE INDEX IF NOT EXISTS tax_rates_default ON paycore.tax_rates (tenant_id) WHERE by_default;
CREATE INDEX IF NOT EXISTS product_tax_rates_by_rate ON paycore.product_tax_rates (tax_rate_id, tenant_id);

CREATE OR REPLACE TRIGGER "Paycore_10_api" BEFORE INSERT OR UPDATE OR DELETE ON paycore.tax_rates
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.require_api();
CREATE OR REPLACE TRIGGER "Paycore_20_immutable" BEFORE UPDATE ON paycore.tax_rates
	FOR EACH ROW EXECUTE FUNCTION paycore.keep_immutable('id', 'tenant_id', 'code', 'percentage', 'inclusive', 'country', 'state',
		'kind', 'invoice_text', 'created_at');
CREATE OR REPLACE TRIGGER "Paycore_37_card_data" BEFORE INSERT OR UPDATE ON paycore.tax_rates
	FOR EACH ROW EXECUTE FUNCTION paycore.refuse_card_data('code', 'name', 'state', 'invoice_text', 'metadata');
CREATE OR REPLACE TRIGGER "Paycore_40_no_delete" BEFORE DELETE ON paycore.tax_rates
	FOR EACH ROW EXECUTE FUNCTION paycore.append_only();
CREATE OR REPLACE TRIGGER "Paycore_40_no_truncate" BEFORE TRUNCATE ON paycore.tax_rates
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.append_only();
CREATE OR REPLACE TRIGGER "Paycore_90_touch" BEFORE UPDATE ON paycore.tax_rates
	FOR EACH ROW EXECUTE FUNCTION paycore.touch_updated_at();

CREATE OR REPLACE TRIGGER "Paycore_10_api" BEFORE INSERT OR UPDATE OR DELETE ON paycore.product_tax_rates
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.require_api();
CREATE OR REPLACE TRIGGER "Paycore_20_immutable" BEFORE UPDATE ON paycore.product_tax_rates
	FOR EACH ROW EXECUTE FUNCTION paycore.keep_immutable('product_id', 'tenant_id', 'tax_rate_id', 'created_at');

ALTER TABLE paycore.tax_rates ENABLE ROW LEVEL SECURITY;
ALTER TABLE paycore.product_tax_rates ENABLE ROW LEVEL SECURITY;
CREATE POLICY paycore_tenant ON paycore.tax_rates USING (tenant_id = paycore.current_tenant());
CREATE POLICY paycore_tenant ON paycore.product_tax_rates USING (tenant_id = paycore.current_tenant());
