--
-- The table of changes of subscriptions, with its keys, indexes, guards and policy.
--

CREATE TABLE IF NOT EXISTS paycore.subscription_changes (LIKE paycore.subscription_change INCLUDING COMMENTS,
	CONSTRAINT subscription_changes_pkey PRIMARY KEY (id, tenant_id),
	CONSTRAINT subscription_changes_proration_known CHECK (proration IN ('create', 'invoice', 'none')),
	CONSTRAINT subscription_changes_prorate_by_known CHECK (prorate_by IN ('second', 'day')),
	CONSTRAINT subscription_changes_finite CHECK (effective_at > '-infinity' AND effective_at < 'infinity'),
	CONSTRAINT subscription_changes_signs CHECK (paycore.cents(credited) >= 0 AND paycore.cents(charged) >= 0),
	CONSTRAINT subscription_changes_one_end CHECK (num_nonnulls(done_at, canceled_at) <= 1 AND (done_at IS NULL) = (credited IS NULL)
		AND (credited IS NULL) = (charged IS NULL)),
	CONSTRAINT subscription_changes_reason_of_end CHECK (canceled_reason IS NULL OR canceled_at IS NOT NULL));
ALTER TABLE paycore.subscription_changes
	ALTER COLUMN id SET DEFAULT paycore.uuid_v7(), ALTER COLUMN id SET NOT NULL,
	ALTER COLUMN tenant_id SET DEFAULT paycore.current_tenant(), ALTER COLUMN tenant_id SET NOT NULL,
	ALTER COLUMN subscription_id SET NOT NULL,
	ALTER COLUMN billing_account_id SET NOT NULL,
	ALTER COLUMN items SET NOT NULL,
	ALTER COLUMN effective_at SET NOT NULL,
	ALTER COLUMN at_renewal SET DEFAULT false, ALTER COLUMN at_renewal SET NOT NULL,
	ALTER COLUMN proration SET DEFAULT 'create', ALTER COLUMN proration SET NOT NULL,
	ALTER COLUMN prorate_by SET DEFAULT 'second', ALTER COLUMN prorate_by SET NOT NULL,
	ALTER COLUMN created_at SET DEFAULT now(), ALTER COLUMN created_at SET NOT NULL,
	ALTER COLUMN updated_at SET DEFAULT now(), ALTER COLUMN updated_at SET NOT NULL;
COMMENT ON TABLE paycore.subscription_changes IS 'Changes of what subscriptions are made of, done and scheduled.';

ALTER TABLE paycore.subscription_changes ADD CONSTRAINT subscription_changes_subscription_fkey
	FOREIGN KEY (subscription_id, tenant_id) REFERENCES paycore.subscriptions (id, tenant_id);

CREATE INDEX IF NOT EXISTS subscription_changes_by_subscription ON paycore.subscription_changes (subscription_id, tenant_id, id);
CREATE INDEX IF NOT EXISTS subscription_changes_scheduled ON paycore.subscription_changes (subscription_id, tenant_id, effective_at)
	WHERE done_at IS NULL AND canceled_at IS NULL;
CREATE INDEX IF NOT EXISTS subscriptions_changing ON paycore.subscriptions (tenant_id, change_at) WHERE change_at IS NOT NULL AND parked_at IS NULL;

CREATE OR REPLACE TRIGGER "Paycore_10_api" BEFORE INSERT OR UPDATE OR DELETE ON paycore.subscription_changes
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.require_api();
CREATE OR REPLACE TRIGGER "Paycore_20_immutable" BEFORE UPDATE ON paycore.subscription_changes
	FOR EACH ROW EXECUTE FUNCTION paycore.keep_immutable('id', 'tenant_id', 'subscription_id', 'billing_account_id', 'items', 'at_renewal', 'proration',
		'prorate_by', 'reason', 'created_at');
CREATE OR REPLACE TRIGGER "Paycore_25_over" BEFORE UPDATE ON paycore.subscription_changes
	FOR EACH ROW WHEN (OLD.done_at IS NOT NULL OR OLD.canceled_at IS NOT NULL) EXECUTE FUNCTION paycore.keep_immutable('effective_at', 'credited', 'charged',
		'done_at', 'canceled_at', 'canceled_reason');
CREATE OR REPLACE TRIGGER "Paycore_37_card_data" BEFORE INSERT ON paycore.subscription_changes
	FOR EACH ROW EXECUTE FUNCTION paycore.refuse_card_data('items', 'reason');
CREATE OR REPLACE TRIGGER "Paycore_40_no_delete" BEFORE DELETE ON paycore.subscription_changes
	FOR EACH ROW EXECUTE FUNCTION paycore.append_only();
CREATE OR REPLACE TRIGGER "Paycore_40_no_truncate" BEFORE TRUNCATE ON paycore.subscription_changes
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.append_only();
CREATE OR REPLACE TRIGGER "Paycore_90_touch" BEFORE UPDATE ON paycore.subscription_changes
	FOR EACH ROW EXECUTE FUNCTION paycore.touch_updated_at();

ALTER TABLE paycore.subscription_changes ENABLE ROW LEVEL SECURITY;
CREATE POLICY paycore_tenant ON paycore.subscription_changes USING (tenant_id = paycore.current_tenant());
