--
-- Policies of dunning, collections of invoices, and what happened to them, with their keys, indexes, guards and policies.
--

CREATE TABLE IF NOT EXISTS paycore.dunning_policies (LIKE paycore.dunning_policy INCLUDING COMMENTS,
	CONSTRAINT dunning_policies_pkey PRIMARY KEY (id, tenant_id),
	CONSTRAINT dunning_policies_steps CHECK (jsonb_typeof(steps) = 'object'),
	CONSTRAINT dunning_policies_attempts CHECK (max_attempts > 0),
	CONSTRAINT dunning_policies_grace CHECK (grace >= '0'),
	CONSTRAINT dunning_policies_final_action_known CHECK (final_action IN ('pause', 'cancel', 'write_off', 'nothing')));
ALTER TABLE paycore.dunning_policies
	ALTER COLUMN id SET DEFAULT paycore.uuid_v7(), ALTER COLUMN id SET NOT NULL,
	ALTER COLUMN tenant_id SET DEFAULT paycore.current_tenant(), ALTER COLUMN tenant_id SET NOT NULL,
	ALTER COLUMN name SET NOT NULL,
	ALTER COLUMN is_default SET DEFAULT false, ALTER COLUMN is_default SET NOT NULL,
	ALTER COLUMN steps SET NOT NULL,
	ALTER COLUMN max_attempts SET NOT NULL,
	ALTER COLUMN grace SET NOT NULL,
	ALTER COLUMN final_action SET NOT NULL,
	ALTER COLUMN created_at SET DEFAULT now(), ALTER COLUMN created_at SET NOT NULL,
	ALTER COLUMN updated_at SET DEFAULT now(), ALTER COLUMN updated_at SET NOT NULL;
COMMENT ON TABLE paycore.dunning_policies IS 'What is done where an invoice is not paid.';

CREATE TABLE IF NOT EXISTS paycore.collections (LIKE paycore.collection INCLUDING COMMENTS,
	CONSTRAINT collections_pkey PRIMARY KEY (id, tenant_id),
	CONSTRAINT collections_of_invoice UNIQUE (invoice_id, tenant_id),
	CONSTRAINT collections_status_known CHECK (status IN ('collecting', 'retrying', 'awaiting_payer', 'parked', 'exhausted', 'settled', 'closed')),
	CONSTRAINT collections_ended CHECK ((ended_at IS NOT NULL) = (status IN ('settled', 'closed'))),
	CONSTRAINT collections_over CHECK (next_action_at IS NULL OR status IN ('collecting', 'retrying', 'awaiting_payer')),
	CONSTRAINT collections_class_known CHECK (class IN ('retry_later', 'new_method', 'authenticate', 'never', 'invoice')),
	CONSTRAINT collections_counts CHECK (attempts >= 0 AND step >= 0))
	WITH (fillfactor = 80);
ALTER TABLE paycore.collections
	ALTER COLUMN id SET DEFAULT paycore.uuid_v7(), ALTER COLUMN id SET NOT NULL,
	ALTER COLUMN tenant_id SET DEFAULT paycore.current_tenant(), ALTER COLUMN tenant_id SET NOT NULL,
	ALTER COLUMN invoice_id SET NOT NULL,
	ALTER COLUMN billing_account_id SET NOT NULL,
	ALTER COLUMN status SET NOT NULL,
	ALTER COLUMN attempts SET DEFAULT 0, ALTER COLUMN attempts SET NOT NULL,
	ALTER COLUMN step SET DEFAULT 0, ALTER COLUMN step SET NOT NULL,
	ALTER COLUMN stirred SET DEFAULT false, ALTER COLUMN stirred SET NOT NULL,
	ALTER COLUMN created_at SET DEFAULT now(), ALTER COLUMN created_at SET NOT NULL,
	ALTER COLUMN updated_at SET DEFAULT now(), ALTER COLUMN updated_at SET NOT NULL;
COMMENT ON TABLE paycore.collections IS 'How the money of invoices that are due is being got.';

CREATE TABLE IF NOT EXISTS paycore.dunning_steps (LIKE paycore.dunning_step INCLUDING COMMENTS,
	CONSTRAINT dunning_steps_pkey PRIMARY KEY (id, tenant_id));
ALTER TABLE paycore.dunning_steps
	ALTER COLUMN id SET DEFAULT paycore.uuid_v7(), ALTER COLUMN id SET NOT NULL,
	ALTER COLUMN tenant_id SET DEFAULT paycore.current_tenant(), ALTER COLUMN tenant_id SET NOT NULL,
	ALTER COLUMN collection_id SET NOT NULL,
	ALTER COLUMN invoice_id SET NOT NULL,
	ALTER COLUMN kind SET NOT NULL,
	ALTER COLUMN happened_at SET NOT NULL,
	ALTER COLUMN created_at SET DEFAULT now(), ALTER COLUMN created_at SET NOT NULL;
COMMENT ON TABLE paycore.dunning_steps IS 'What happened to collections. Append-only.';

ALTER TABLE paycore.collections ADD CONSTRAINT collections_invoice_fkey
	FOREIGN KEY (invoice_id, tenant_id) REFERENCES paycore.invoices (id, tenant_id);
ALTER TABLE paycore.billing_accounts ADD CONSTRAINT billing_accounts_dunning_policy_fkey
	FOREIGN KEY (dunning_policy_id, tenant_id) REFERENCES paycore.dunning_policies (id, tenant_id);
ALTER TABLE paycore.subscriptions ADD CONSTRAINT subscriptions_dunning_policy_fkey
	FOREIGN KEY (dunning_policy_id, tenant_id) REFERENCES paycore.dunning_policies (id, tenant_id);
ALTER TABLE paycore.collections ADD CONSTRAINT collections_policy_fkey
	FOREIGN KEY (policy_id, tenant_id) REFERENCES paycore.dunning_policies (id, tenant_id);
ALTER TABLE paycore.collections ADD CONSTRAINT collections_intent_fkey
	FOREIGN KEY (payment_intent_id, tenant_id) REFERENCES paycore.payment_intents (id, tenant_id);
ALTER TABLE paycore.dunning_steps ADD CONSTRAINT dunning_steps_collection_fkey
	FOREIGN KEY (collection_id, tenant_id) REFERENCES paycore.collections (id, tenant_id);

CREATE UNIQUE INDEX IF NOT EXISTS dunning_policies_name ON paycore.dunning_policies (tenant_id, name);
CREATE UNIQUE INDEX IF NOT EXISTS dunning_policies_default ON paycore.dunning_policies (tenant_id) WHERE is_default;
CREATE INDEX IF NOT EXISTS collections_by_tenant ON paycore.collections (tenant_id, id);
CREATE INDEX IF NOT EXISTS collections_by_account ON paycore.collections (billing_account_id, tenant_id, id);
CREATE INDEX IF NOT EXISTS collections_by_subscription ON paycore.collections (subscription_id, tenant_id) WHERE ended_at IS NULL;
CREATE INDEX IF NOT EXISTS collections_stirred ON paycore.collections (tenant_id, id) WHERE stirred;
CREATE INDEX IF NOT EXISTS collections_due ON paycore.collections (tenant_id, next_action_at) WHERE next_action_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS dunning_steps_by_collection ON paycore.dunning_steps (collection_id, tenant_id, id);
CREATE INDEX IF NOT EXISTS dunning_steps_of_card ON paycore.dunning_steps (fingerprint, tenant_id, happened_at) WHERE kind = 'declined' AND fingerprint IS NOT NULL;

CREATE OR REPLACE TRIGGER "Paycore_10_api" BEFORE INSERT OR UPDATE OR DELETE ON paycore.dunning_policies
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.require_api();
CREATE OR REPLACE TRIGGER "Paycore_20_immutable" BEFORE UPDATE ON paycore.dunning_policies
	FOR EACH ROW EXECUTE FUNCTION paycore.keep_immutable('id', 'tenant_id', 'steps', 'max_attempts', 'grace', 'final_action', 'created_at');
CREATE OR REPLACE TRIGGER "Paycore_37_card_data" BEFORE INSERT OR UPDATE OF name ON paycore.dunning_policies
	FOR EACH ROW EXECUTE FUNCTION paycore.refuse_card_data('name');
CREATE OR REPLACE TRIGGER "Paycore_40_no_delete" BEFORE DELETE ON paycore.dunning_policies
	FOR EACH ROW EXECUTE FUNCTION paycore.append_only();
CREATE OR REPLACE TRIGGER "Paycore_40_no_truncate" BEFORE TRUNCATE ON paycore.dunning_policies
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.append_only();
CREATE OR REPLACE TRIGGER "Paycore_90_touch" BEFORE UPDATE ON paycore.dunning_policies
	FOR EACH ROW EXECUTE FUNCTION paycore.touch_updated_at();

CREATE OR REPLACE TRIGGER "Paycore_10_api" BEFORE INSERT OR UPDATE OR DELETE ON paycore.collections
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.require_api();
CREATE OR REPLACE TRIGGER "Paycore_20_immutable" BEFORE UPDATE ON paycore.collections
	FOR EACH ROW EXECUTE FUNCTION paycore.keep_immutable('id', 'tenant_id', 'invoice_id', 'billing_account_id', 'subscription_id', 'created_at');
CREATE OR REPLACE TRIGGER "Paycore_30_transition" BEFORE INSERT OR UPDATE OF status ON paycore.collections
	FOR EACH ROW EXECUTE FUNCTION paycore.enforce_transition('status', '>collecting', '>awaiting_payer',
		'collecting>retrying', 'collecting>awaiting_payer', 'collecting>parked', 'collecting>settled', 'collecting>closed',
		'retrying>awaiting_payer', 'retrying>parked', 'retrying>exhausted', 'retrying>settled', 'retrying>closed',
		'awaiting_payer>retrying', 'awaiting_payer>parked', 'awaiting_payer>exhausted', 'awaiting_payer>settled', 'awaiting_payer>closed',
		'parked>retrying', 'parked>awaiting_payer', 'parked>settled', 'parked>closed',
		'exhausted>retrying', 'exhausted>awaiting_payer', 'exhausted>settled', 'exhausted>closed',
		'settled>retrying', 'settled>awaiting_payer', 'closed>settled');
CREATE OR REPLACE TRIGGER "Paycore_40_no_delete" BEFORE DELETE ON paycore.collections
	FOR EACH ROW EXECUTE FUNCTION paycore.append_only();
CREATE OR REPLACE TRIGGER "Paycore_40_no_truncate" BEFORE TRUNCATE ON paycore.collections
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.append_only();
CREATE OR REPLACE TRIGGER "Paycore_80_history" AFTER INSERT OR UPDATE ON paycore.collections
	FOR EACH ROW EXECUTE FUNCTION paycore.record_status_change('status', '=collection');
CREATE OR REPLACE TRIGGER "Paycore_90_touch" BEFORE UPDATE ON paycore.collections
	FOR EACH ROW EXECUTE FUNCTION paycore.touch_updated_at();

CREATE OR REPLACE TRIGGER "Paycore_10_api" BEFORE INSERT OR UPDATE OR DELETE ON paycore.dunning_steps
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.require_api();
CREATE OR REPLACE TRIGGER "Paycore_40_append_only" BEFORE UPDATE OR DELETE ON paycore.dunning_steps
	FOR EACH ROW EXECUTE FUNCTION paycore.append_only();
CREATE OR REPLACE TRIGGER "Paycore_40_no_truncate" BEFORE TRUNCATE ON paycore.dunning_steps
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.append_only();
CREATE OR REPLACE TRIGGER "Paycore_80_history" AFTER INSERT ON paycore.dunning_steps
	FOR EACH ROW EXECUTE FUNCTION paycore.record_status_change('kind', '=dunning_step');

CREATE OR REPLACE TRIGGER "Paycore_71_stir" AFTER UPDATE ON paycore.payment_intents
	FOR EACH ROW WHEN (NEW.invoice_id IS NOT NULL) EXECUTE FUNCTION paycore.stir_collections('=invoice_id', 'invoice_id');
CREATE OR REPLACE TRIGGER "Paycore_71_stir" AFTER UPDATE OF status ON paycore.invoices
	FOR EACH ROW WHEN (OLD.status OPERATOR(paycore.<>) NEW.status) EXECUTE FUNCTION paycore.stir_collections('=invoice_id', 'id');
CREATE OR REPLACE TRIGGER "Paycore_71_stir" AFTER INSERT OR UPDATE ON paycore.payment_methods
	FOR EACH ROW EXECUTE FUNCTION paycore.stir_collections('=billing_account_id', 'billing_account_id');
CREATE OR REPLACE TRIGGER "Paycore_71_stir" AFTER UPDATE OF payment_method ON paycore.subscriptions
	FOR EACH ROW WHEN (OLD.payment_method IS DISTINCT FROM NEW.payment_method) EXECUTE FUNCTION paycore.stir_collections('=subscription_id', 'id');

ALTER TABLE paycore.dunning_policies ENABLE ROW LEVEL SECURITY;
ALTER TABLE paycore.collections ENABLE ROW LEVEL SECURITY;
ALTER TABLE paycore.dunning_steps ENABLE ROW LEVEL SECURITY;
CREATE POLICY paycore_tenant ON paycore.dunning_policies USING (tenant_id = paycore.current_tenant());
CREATE POLICY paycore_tenant ON paycore.collections USING (tenant_id = paycore.current_tenant());
CREATE POLICY paycore_tenant ON paycore.dunning_steps USING (tenant_id = paycore.current_tenant());
