--
-- The tables of coupons, promotion codes and discounts, with their keys, indexes, guards and policies.
--

CREATE TABLE IF NOT EXISTS paycore.coupons (LIKE paycore.coupon INCLUDING COMMENTS,
	CONSTRAINT coupons_pkey PRIMARY KEY (id, tenant_id),
	CONSTRAINT coupons_code_key UNIQUE (code, tenant_id),
	CONSTRAINT coupons_one_way CHECK (num_nonnulls(percent_off, amount_off) = 1),
	CONSTRAINT coupons_percent_range CHECK (percent_off > 0 AND percent_off <= 100 AND min_scale(percent_off) <= 6),
	CONSTRAINT coupons_amount_sign CHECK (paycore.cents(amount_off) > 0),
	CONSTRAINT coupons_duration_known CHECK (duration IN ('once', 'repeating', 'forever')),
	CONSTRAINT coupons_periods_known CHECK ((duration = 'repeating') = (duration_periods IS NOT NULL) AND duration_periods > 0),
	CONSTRAINT coupons_max_redemptions_sign CHECK (max_redemptions > 0),
	CONSTRAINT coupons_times_redeemed_range CHECK (times_redeemed >= 0 AND times_redeemed <= max_redemptions));
ALTER TABLE paycore.coupons
	ALTER COLUMN id SET DEFAULT paycore.uuid_v7(), ALTER COLUMN id SET NOT NULL,
	ALTER COLUMN tenant_id SET DEFAULT paycore.current_tenant(), ALTER COLUMN tenant_id SET NOT NULL,
	ALTER COLUMN code SET NOT NULL,
	ALTER COLUMN name SET NOT NULL,
	ALTER COLUMN duration SET DEFAULT 'once', ALTER COLUMN duration SET NOT NULL,
	ALTER COLUMN product_ids SET DEFAULT '{}', ALTER COLUMN product_ids SET NOT NULL,
	ALTER COLUMN times_redeemed SET DEFAULT 0, ALTER COLUMN times_redeemed SET NOT NULL,
	ALTER COLUMN active SET DEFAULT true, ALTER COLUMN active SET NOT NULL,
	ALTER COLUMN metadata SET DEFAULT '{}', ALTER COLUMN metadata SET NOT NULL,
	ALTER COLUMN created_at SET DEFAULT now(), ALTER COLUMN created_at SET NOT NULL,
	ALTER COLUMN updated_at SET DEFAULT now(), ALTER COLUMN updated_at SET NOT NULL;
COMMENT ON TABLE paycore.coupons IS 'What can be taken off.';

CREATE TABLE IF NOT EXISTS paycore.promotion_codes (LIKE paycore.promotion_code INCLUDING COMMENTS,
	CONSTRAINT promotion_codes_pkey PRIMARY KEY (id, tenant_id),
	CONSTRAINT promotion_codes_minimum_sign CHECK (paycore.cents(minimum) > 0),
	CONSTRAINT promotion_codes_max_redemptions_sign CHECK (max_redemptions > 0),
	CONSTRAINT promotion_codes_times_redeemed_range CHECK (times_redeemed >= 0 AND times_redeemed <= max_redemptions));
ALTER TABLE paycore.promotion_codes
	ALTER COLUMN id SET DEFAULT paycore.uuid_v7(), ALTER COLUMN id SET NOT NULL,
	ALTER COLUMN tenant_id SET DEFAULT paycore.current_tenant(), ALTER COLUMN tenant_id SET NOT NULL,
	ALTER COLUMN code SET NOT NULL,
	ALTER COLUMN coupon_id SET NOT NULL,
	ALTER COLUMN first_time_only SET DEFAULT false, ALTER COLUMN first_time_only SET NOT NULL,
	ALTER COLUMN times_redeemed SET DEFAULT 0, ALTER COLUMN times_redeemed SET NOT NULL,
	ALTER COLUMN active SET DEFAULT true, ALTER COLUMN active SET NOT NULL,
	ALTER COLUMN metadata SET DEFAULT '{}', ALTER COLUMN metadata SET NOT NULL,
	ALTER COLUMN created_at SET DEFAULT now(), ALTER COLUMN created_at SET NOT NULL,
	ALTER COLUMN updated_at SET DEFAULT now(), ALTER COLUMN updated_at SET NOT NULL;
COMMENT ON TABLE paycore.promotion_codes IS 'What payers type to get coupons.';

CREATE TABLE IF NOT EXISTS paycore.discounts (LIKE paycore.discount INCLUDING COMMENTS,
	CONSTRAINT discounts_pkey PRIMARY KEY (id, tenant_id),
	CONSTRAINT discounts_periods_sign CHECK (periods_left >= 0),
	CONSTRAINT discounts_used_up CHECK (periods_left > 0 OR ends_at IS NOT NULL),
	CONSTRAINT discounts_of_one CHECK (num_nonnulls(subscription_id, invoice_id) <= 1),
	CONSTRAINT discounts_order CHECK (starts_at <= ends_at));
ALTER TABLE paycore.discounts
	ALTER COLUMN id SET DEFAULT paycore.uuid_v7(), ALTER COLUMN id SET NOT NULL,
	ALTER COLUMN tenant_id SET DEFAULT paycore.current_tenant(), ALTER COLUMN tenant_id SET NOT NULL,
	ALTER COLUMN coupon_id SET NOT NULL,
	ALTER COLUMN billing_account_id SET NOT NULL,
	ALTER COLUMN starts_at SET NOT NULL,
	ALTER COLUMN created_at SET DEFAULT now(), ALTER COLUMN created_at SET NOT NULL,
	ALTER COLUMN updated_at SET DEFAULT now(), ALTER COLUMN updated_at SET NOT NULL;
COMMENT ON TABLE paycore.discounts IS 'The coupons that were given to subscriptions and accounts.';

ALTER TABLE paycore.promotion_codes ADD CONSTRAINT promotion_codes_coupon_fkey
	FOREIGN KEY (coupon_id, tenant_id) REFERENCES paycore.coupons (id, tenant_id);
ALTER TABLE paycore.promotion_codes ADD CONSTRAINT promotion_codes_account_fkey
	FOREIGN KEY (billing_account_id, tenant_id) REFERENCES paycore.billing_accounts (id, tenant_id);
ALTER TABLE paycore.discounts ADD CONSTRAINT discounts_coupon_fkey
	FOREIGN KEY (coupon_id, tenant_id) REFERENCES paycore.coupons (id, tenant_id);
ALTER TABLE paycore.discounts ADD CONSTRAINT discounts_promotion_code_fkey
	FOREIGN KEY (promotion_code_id, tenant_id) REFERENCES paycore.promotion_codes (id, tenant_id);
ALTER TABLE paycore.discounts ADD CONSTRAINT discounts_account_fkey
	FOREIGN KEY (billing_account_id, tenant_id) REFERENCES paycore.billing_accounts (id, tenant_id);
ALTER TABLE paycore.discounts ADD CONSTRAINT discounts_subscription_fkey
	FOREIGN KEY (subscription_id, tenant_id) REFERENCES paycore.subscriptions (id, tenant_id);

CREATE INDEX IF NOT EXISTS coupons_by_tenant ON paycore.coupons (tenant_id, id);
-- In the C locale, so that a capital i is an i in Turkey as well.
CREATE UNIQUE INDEX IF NOT EXISTS promotion_codes_code_key ON paycore.promotion_codes (lower(code COLLATE "C"), tenant_id);
CREATE INDEX IF NOT EXISTS promotion_codes_by_tenant ON paycore.promotion_codes (tenant_id, id);
CREATE INDEX IF NOT EXISTS promotion_codes_by_coupon ON paycore.promotion_codes (coupon_id, tenant_id, id);
CREATE INDEX IF NOT EXISTS discounts_by_tenant ON paycore.discounts (tenant_id, id);
CREATE INDEX IF NOT EXISTS discounts_by_account ON paycore.discounts (billing_account_id, tenant_id, id);
CREATE INDEX IF NOT EXISTS discounts_by_coupon ON paycore.discounts (coupon_id, tenant_id);
CREATE INDEX IF NOT EXISTS discounts_by_promotion_code ON paycore.discounts (promotion_code_id, tenant_id) WHERE promotion_code_id IS NOT NULL;
-- The same coupon once, be it that it holds or that it is used up.
CREATE UNIQUE INDEX IF NOT EXISTS discounts_of_subscription ON paycore.discounts (subscription_id, coupon_id, tenant_id)
	WHERE subscription_id IS NOT NULL AND (ends_at IS NULL OR periods_left = 0);
CREATE UNIQUE INDEX IF NOT EXISTS discounts_of_account ON paycore.discounts (billing_account_id, coupon_id, tenant_id)
	WHERE subscription_id IS NULL AND invoice_id IS NULL AND (ends_at IS NULL OR periods_left = 0);
CREATE UNIQUE INDEX IF NOT EXISTS discounts_of_invoice ON paycore.discounts (invoice_id, coupon_id, tenant_id)
	WHERE invoice_id IS NOT NULL AND (ends_at IS NULL OR periods_left = 0);

CREATE OR REPLACE TRIGGER "Paycore_10_api" BEFORE INSERT OR UPDATE OR DELETE ON paycore.coupons
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.require_api();
CREATE OR REPLACE TRIGGER "Paycore_20_immutable" BEFORE UPDATE ON paycore.coupons
	FOR EACH ROW EXECUTE FUNCTION paycore.keep_immutable('id', 'tenant_id', 'code', 'percent_off', 'amount_off', 'duration',
		'duration_periods', 'product_ids', 'max_redemptions', 'redeem_by', 'created_at');
CREATE OR REPLACE TRIGGER "Paycore_37_card_data" BEFORE INSERT OR UPDATE OF name, metadata ON paycore.coupons
	FOR EACH ROW EXECUTE FUNCTION paycore.refuse_card_data('code', 'name', 'metadata');
CREATE OR REPLACE TRIGGER "Paycore_39_count" BEFORE INSERT OR UPDATE ON paycore.coupons
	FOR EACH ROW EXECUTE FUNCTION paycore.keep_count('times_redeemed');
CREATE OR REPLACE TRIGGER "Paycore_40_no_delete" BEFORE DELETE ON paycore.coupons
	FOR EACH ROW EXECUTE FUNCTION paycore.append_only();
CREATE OR REPLACE TRIGGER "Paycore_40_no_truncate" BEFORE TRUNCATE ON paycore.coupons
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.append_only();
CREATE OR REPLACE TRIGGER "Paycore_90_touch" BEFORE UPDATE ON paycore.coupons
	FOR EACH ROW EXECUTE FUNCTION paycore.touch_updated_at();

CREATE OR REPLACE TRIGGER "Paycore_10_api" BEFORE INSERT OR UPDATE OR DELETE ON paycore.promotion_codes
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.require_api();
CREATE OR REPLACE TRIGGER "Paycore_20_immutable" BEFORE UPDATE ON paycore.promotion_codes
	FOR EACH ROW EXECUTE FUNCTION paycore.keep_immutable('id', 'tenant_id', 'code', 'coupon_id', 'billing_account_id', 'first_time_only',
		'minimum', 'max_redemptions', 'expires_at', 'created_at');
CREATE OR REPLACE TRIGGER "Paycore_37_card_data" BEFORE INSERT OR UPDATE OF metadata ON paycore.promotion_codes
	FOR EACH ROW EXECUTE FUNCTION paycore.refuse_card_data('code', 'metadata');
CREATE OR REPLACE TRIGGER "Paycore_39_count" BEFORE INSERT OR UPDATE ON paycore.promotion_codes
	FOR EACH ROW EXECUTE FUNCTION paycore.keep_count('times_redeemed');
CREATE OR REPLACE TRIGGER "Paycore_40_no_delete" BEFORE DELETE ON paycore.promotion_codes
	FOR EACH ROW EXECUTE FUNCTION paycore.append_only();
CREATE OR REPLACE TRIGGER "Paycore_40_no_truncate" BEFORE TRUNCATE ON paycore.promotion_codes
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.append_only();
CREATE OR REPLACE TRIGGER "Paycore_90_touch" BEFORE UPDATE ON paycore.promotion_codes
	FOR EACH ROW EXECUTE FUNCTION paycore.touch_updated_at();

CREATE OR REPLACE TRIGGER "Paycore_10_api" BEFORE INSERT OR UPDATE OR DELETE ON paycore.discounts
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.require_api();
CREATE OR REPLACE TRIGGER "Paycore_20_immutable" BEFORE UPDATE ON paycore.discounts
	FOR EACH ROW EXECUTE FUNCTION paycore.keep_immutable('id', 'tenant_id', 'coupon_id', 'promotion_code_id', 'billing_account_id',
		'subscription_id', 'invoice_id', 'starts_at', 'created_at');
CREATE OR REPLACE TRIGGER "Paycore_38_write_once" BEFORE UPDATE ON paycore.discounts
	FOR EACH ROW EXECUTE FUNCTION paycore.write_once('ends_at');
CREATE OR REPLACE TRIGGER "Paycore_40_no_delete" BEFORE DELETE ON paycore.discounts
	FOR EACH ROW EXECUTE FUNCTION paycore.append_only();
CREATE OR REPLACE TRIGGER "Paycore_40_no_truncate" BEFORE TRUNCATE ON paycore.discounts
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.append_only();
CREATE OR REPLACE TRIGGER "Paycore_60_redemption" AFTER INSERT ON paycore.discounts
	FOR EACH ROW EXECUTE FUNCTION paycore.count_redemption();
CREATE OR REPLACE TRIGGER "Paycore_90_touch" BEFORE UPDATE ON paycore.discounts
	FOR EACH ROW EXECUTE FUNCTION paycore.touch_updated_at();

ALTER TABLE paycore.coupons ENABLE ROW LEVEL SECURITY;
ALTER TABLE paycore.promotion_codes ENABLE ROW LEVEL SECURITY;
ALTER TABLE paycore.discounts ENABLE ROW LEVEL SECURITY;
CREATE POLICY paycore_tenant ON paycore.coupons USING (tenant_id = paycore.current_tenant());
CREATE POLICY paycore_tenant ON paycore.promotion_codes USING (tenant_id = paycore.current_tenant());
CREATE POLICY paycore_tenant ON paycore.discounts USING (tenant_id = paycore.current_tenant());
