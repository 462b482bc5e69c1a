--
-- Movements of recurring revenue, and the guards of subscriptions that keep them.
--

CREATE TABLE IF NOT EXISTS paycore.mrr_movements (LIKE paycore.mrr_movement INCLUDING COMMENTS,
	CONSTRAINT mrr_movements_pkey PRIMARY KEY (id, tenant_id),
	CONSTRAINT mrr_movements_kind_known CHECK (kind IN ('new', 'expansion', 'contraction', 'churn', 'reactivation')),
	CONSTRAINT mrr_movements_change CHECK (paycore.cents(before) >= 0 AND paycore.cents(after) >= 0 AND paycore.cents(before) <> paycore.cents(after)),
	CONSTRAINT mrr_movements_one_currency CHECK (paycore.currency(before) OPERATOR(paycore.=) currency AND paycore.currency(after) OPERATOR(paycore.=) currency));
ALTER TABLE paycore.mrr_movements
	ALTER COLUMN id SET DEFAULT paycore.uuid_v7(), ALTER COLUMN id SET NOT NULL,
	ALTER COLUMN tenant_id SET DEFAULT paycore.current_tenant(), ALTER COLUMN tenant_id SET NOT NULL,
	ALTER COLUMN billing_account_id SET NOT NULL,
	ALTER COLUMN subscription_id SET NOT NULL,
	ALTER COLUMN kind SET NOT NULL,
	ALTER COLUMN currency SET NOT NULL,
	ALTER COLUMN before SET NOT NULL,
	ALTER COLUMN after SET NOT NULL,
	ALTER COLUMN effective_at SET NOT NULL,
	ALTER COLUMN recorded_at SET NOT NULL;
COMMENT ON TABLE paycore.mrr_movements IS 'Changes of what subscriptions bring in a month. Append-only.';

ALTER TABLE paycore.mrr_movements ADD CONSTRAINT mrr_movements_subscription_fkey
	FOREIGN KEY (subscription_id, tenant_id) REFERENCES paycore.subscriptions (id, tenant_id);

CREATE INDEX IF NOT EXISTS mrr_movements_by_tenant ON paycore.mrr_movements (tenant_id, id);
CREATE INDEX IF NOT EXISTS mrr_movements_by_account ON paycore.mrr_movements (billing_account_id, tenant_id, id);

CREATE OR REPLACE TRIGGER "Paycore_10_api" BEFORE INSERT OR UPDATE OR DELETE ON paycore.mrr_movements
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.require_api();
CREATE OR REPLACE TRIGGER "Paycore_40_append_only" BEFORE UPDATE OR DELETE ON paycore.mrr_movements
	FOR EACH ROW EXECUTE FUNCTION paycore.append_only();
CREATE OR REPLACE TRIGGER "Paycore_40_no_truncate" BEFORE TRUNCATE ON paycore.mrr_movements
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.append_only();

CREATE OR REPLACE TRIGGER "Paycore_35_mrr" BEFORE UPDATE ON paycore.subscriptions
	FOR EACH ROW WHEN (paycore.cents(NEW.mrr) > 0 AND NEW.status::text IN ('canceled', 'paused')) EXECUTE FUNCTION paycore.stop_mrr();
CREATE OR REPLACE TRIGGER "Paycore_70_mrr_of_insert" AFTER INSERT ON paycore.subscriptions
	FOR EACH ROW WHEN (paycore.cents(NEW.mrr) > 0) EXECUTE FUNCTION paycore.record_mrr_movement();
CREATE OR REPLACE TRIGGER "Paycore_70_mrr_of_update" AFTER UPDATE ON paycore.subscriptions
	FOR EACH ROW WHEN (coalesce(paycore.cents(OLD.mrr), 0) <> coalesce(paycore.cents(NEW.mrr), 0)) EXECUTE FUNCTION paycore.record_mrr_movement();

ALTER TABLE paycore.mrr_movements ENABLE ROW LEVEL SECURITY;
CREATE POLICY paycore_tenant ON paycore.mrr_movements USING (tenant_id = paycore.current_tenant());
