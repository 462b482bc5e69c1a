--
-- The tables of invoices, with their keys, indexes, guards and policies.
--

CREATE TABLE IF NOT EXISTS paycore.invoice_series (LIKE paycore.invoice_series_row INCLUDING COMMENTS,
	CONSTRAINT invoice_series_pkey PRIMARY KEY (tenant_id, series),
	CONSTRAINT invoice_series_prefix_length CHECK (length(prefix) <= 30),
	CONSTRAINT invoice_series_serial_positive CHECK (next_serial > 0));
ALTER TABLE paycore.invoice_series
	ALTER COLUMN tenant_id SET DEFAULT paycore.current_tenant(), ALTER COLUMN tenant_id SET NOT NULL,
	ALTER COLUMN series SET NOT NULL,
	ALTER COLUMN prefix SET DEFAULT 'INV-', ALTER COLUMN prefix SET NOT NULL,
	ALTER COLUMN next_serial SET DEFAULT 1, ALTER COLUMN next_serial SET NOT NULL,
	ALTER COLUMN created_at SET DEFAULT now(), ALTER COLUMN created_at SET NOT NULL,
	ALTER COLUMN updated_at SET DEFAULT now(), ALTER COLUMN updated_at SET NOT NULL;
COMMENT ON TABLE paycore.invoice_series IS 'Where the numbers of documents stand.';

CREATE TABLE IF NOT EXISTS paycore.invoices (LIKE paycore.invoice INCLUDING COMMENTS,
	CONSTRAINT invoices_pkey PRIMARY KEY (id, tenant_id),
	CONSTRAINT invoices_serial_key UNIQUE (tenant_id, series, serial),
	CONSTRAINT invoices_reason_known CHECK (reason IN ('subscription', 'manual')),
	CONSTRAINT invoices_collection_known CHECK (collection IN ('charge_automatically', 'send_invoice')),
	CONSTRAINT invoices_period_order CHECK (period_start <= period_end),
	-- A draft that was discarded is void, and has no number.
	CONSTRAINT invoices_final CHECK ((finalized_at IS NULL) = (serial IS NULL) AND (serial IS NULL) = (number IS NULL)
		AND (status OPERATOR(paycore.=) 'draft'::paycore.invoice_status) <= (finalized_at IS NULL)
		AND (finalized_at IS NULL) <= (status::text IN ('draft', 'void'))),
	CONSTRAINT invoices_days_until_due CHECK (days_until_due >= 0),
	CONSTRAINT invoices_total CHECK (total OPERATOR(paycore.=) (subtotal OPERATOR(paycore.-) discount OPERATOR(paycore.+) tax OPERATOR(paycore.-) tax_included)),
	CONSTRAINT invoices_due CHECK (amount_due OPERATOR(paycore.=) (total OPERATOR(paycore.-) balance_applied OPERATOR(paycore.-) amount_paid
		OPERATOR(paycore.-) amount_credited)),
	CONSTRAINT invoices_due_by_status CHECK (finalized_at IS NULL OR (paycore.cents(amount_due) >= 0
		AND (status OPERATOR(paycore.<>) 'open'::paycore.invoice_status OR paycore.cents(amount_due) > 0)
		AND (status OPERATOR(paycore.<>) 'paid'::paycore.invoice_status OR paycore.cents(amount_due) = 0))),
	CONSTRAINT invoices_credited CHECK (paycore.cents(total_credited) BETWEEN 0 AND greatest(0, paycore.cents(total))
		AND paycore.cents(amount_credited) BETWEEN 0 AND paycore.cents(total_credited)
		AND (status OPERATOR(paycore.<>) 'void'::paycore.invoice_status OR paycore.cents(total_credited) = 0)),
	CONSTRAINT invoices_tax_rounding_known CHECK (tax_rounding IN ('line', 'invoice')),
	CONSTRAINT invoices_tax_exemption_known CHECK (tax_exemption IN ('none', 'exempt', 'reverse')),
	CONSTRAINT invoices_times CHECK ((status OPERATOR(paycore.=) 'paid'::paycore.invoice_status) = (paid_at IS NOT NULL)
		AND (status OPERATOR(paycore.=) 'void'::paycore.invoice_status) = (voided_at IS NOT NULL)
		AND (uncollectible_at IS NULL OR status::text IN ('uncollectible', 'paid', 'void'))),
	CONSTRAINT invoices_one_currency CHECK (paycore.currency(total) OPERATOR(paycore.=) currency));
ALTER TABLE paycore.invoices
	ALTER COLUMN id SET DEFAULT paycore.uuid_v7(), ALTER COLUMN id SET NOT NULL,
	ALTER COLUMN tenant_id SET DEFAULT paycore.current_tenant(), ALTER COLUMN tenant_id SET NOT NULL,
	ALTER COLUMN billing_account_id SET NOT NULL,
	ALTER COLUMN status SET DEFAULT 'draft', ALTER COLUMN status SET NOT NULL,
	ALTER COLUMN series SET DEFAULT 'invoice', ALTER COLUMN series SET NOT NULL,
	ALTER COLUMN reason SET NOT NULL,
	ALTER COLUMN currency SET NOT NULL,
	ALTER COLUMN subtotal SET NOT NULL,
	ALTER COLUMN discount SET NOT NULL,
	ALTER COLUMN tax SET NOT NULL,
	ALTER COLUMN tax_included SET NOT NULL,
	ALTER COLUMN total SET NOT NULL,
	ALTER COLUMN balance_applied SET NOT NULL,
	ALTER COLUMN amount_paid SET NOT NULL,
	ALTER COLUMN amount_credited SET NOT NULL,
	ALTER COLUMN amount_due SET NOT NULL,
	ALTER COLUMN total_credited SET NOT NULL,
	ALTER COLUMN tax_rounding SET DEFAULT 'line', ALTER COLUMN tax_rounding SET NOT NULL,
	ALTER COLUMN tax_exemption SET DEFAULT 'none', ALTER COLUMN tax_exemption SET NOT NULL,
	ALTER COLUMN line_count SET DEFAULT 0, ALTER COLUMN line_count SET NOT NULL,
	ALTER COLUMN collection SET DEFAULT 'charge_automatically', ALTER COLUMN collection SET NOT NULL,
	ALTER COLUMN metadata SET DEFAULT '{}', ALTER COLUMN metadata SET NOT NULL,
	ALTER COLUMN created_at SET DEFAULT now(), ALTER COLUMN created_at SET NOT NULL,
	ALTER COLUMN updated_at SET DEFAULT now(), ALTER COLUMN updated_at SET NOT NULL;
COMMENT ON TABLE paycore.invoices IS 'What accounts owe for periods.';

CREATE TABLE IF NOT EXISTS paycore.invoice_lines (LIKE paycore.invoice_line INCLUDING COMMENTS,
	CONSTRAINT invoice_lines_pkey PRIMARY KEY (id, tenant_id),
	CONSTRAINT invoice_lines_once EXCLUDE USING gist (subscription_item_id WITH =, kind WITH =, tenant_id WITH =, period WITH &&)
		WHERE (subscription_item_id IS NOT NULL AND kind <> 'extra' AND NOT voided),
	CONSTRAINT invoice_lines_kind_known CHECK (kind IN ('recurring', 'usage', 'extra', 'minimum')),
	CONSTRAINT invoice_lines_period CHECK (subscription_item_id IS NULL OR (period IS NOT NULL AND NOT isempty(period))),
	CONSTRAINT invoice_lines_one_currency CHECK (paycore.currency(discount) OPERATOR(paycore.=) paycore.currency(amount)
		AND paycore.currency(tax) OPERATOR(paycore.=) paycore.currency(amount)),
	CONSTRAINT invoice_lines_extra CHECK ((extra_charge_id IS NOT NULL) = (kind = 'extra')),
	CONSTRAINT invoice_lines_quantity_finite CHECK (quantity > '-Infinity' AND quantity < 'Infinity'));
ALTER TABLE paycore.invoice_lines
	ALTER COLUMN id SET DEFAULT paycore.uuid_v7(), ALTER COLUMN id SET NOT NULL,
	ALTER COLUMN tenant_id SET DEFAULT paycore.current_tenant(), ALTER COLUMN tenant_id SET NOT NULL,
	ALTER COLUMN invoice_id SET NOT NULL,
	ALTER COLUMN place SET NOT NULL,
	ALTER COLUMN kind SET NOT NULL,
	ALTER COLUMN description SET NOT NULL,
	ALTER COLUMN quantity SET NOT NULL,
	ALTER COLUMN amount SET NOT NULL,
	ALTER COLUMN discount SET NOT NULL,
	ALTER COLUMN tax SET NOT NULL,
	ALTER COLUMN tax_inclusive SET DEFAULT false, ALTER COLUMN tax_inclusive SET NOT NULL,
	ALTER COLUMN voided SET DEFAULT false, ALTER COLUMN voided SET NOT NULL,
	ALTER COLUMN taxes SET DEFAULT '{}', ALTER COLUMN taxes SET NOT NULL,
	ALTER COLUMN metadata SET DEFAULT '{}', ALTER COLUMN metadata SET NOT NULL,
	ALTER COLUMN created_at SET DEFAULT now(), ALTER COLUMN created_at SET NOT NULL;
COMMENT ON TABLE paycore.invoice_lines IS 'What invoices ask money for. Append-only.';

CREATE TABLE IF NOT EXISTS paycore.invoice_line_discounts (LIKE paycore.invoice_line_discount INCLUDING COMMENTS,
	CONSTRAINT invoice_line_discounts_pkey PRIMARY KEY (id, tenant_id),
	CONSTRAINT invoice_line_discounts_sign CHECK (paycore.cents(amount) > 0));
ALTER TABLE paycore.invoice_line_discounts
	ALTER COLUMN id SET DEFAULT paycore.uuid_v7(), ALTER COLUMN id SET NOT NULL,
	ALTER COLUMN tenant_id SET DEFAULT paycore.current_tenant(), ALTER COLUMN tenant_id SET NOT NULL,
	ALTER COLUMN invoice_id SET NOT NULL,
	ALTER COLUMN invoice_line_id SET NOT NULL,
	ALTER COLUMN discount_id SET NOT NULL,
	ALTER COLUMN coupon_id SET NOT NULL,
	ALTER COLUMN amount SET NOT NULL,
	ALTER COLUMN created_at SET DEFAULT now(), ALTER COLUMN created_at SET NOT NULL;
COMMENT ON TABLE paycore.invoice_line_discounts IS 'What discounts took off the lines of invoices. Append-only.';

CREATE TABLE IF NOT EXISTS paycore.extra_charges (LIKE paycore.extra_charge INCLUDING COMMENTS,
	CONSTRAINT extra_charges_pkey PRIMARY KEY (id, tenant_id),
	CONSTRAINT extra_charges_kind_known CHECK (kind IN ('charge', 'proration', 'late_usage', 'rebilled')),
	CONSTRAINT extra_charges_quantity_finite CHECK (quantity > '-Infinity' AND quantity < 'Infinity'),
	CONSTRAINT extra_charges_credit_sign CHECK (credits_line_id IS NULL OR paycore.cents(amount) <= 0),
	CONSTRAINT extra_charges_one_end CHECK (num_nonnulls(invoice_id, removed_at) <= 1),
	CONSTRAINT extra_charges_of_draft CHECK (draft_id IS NULL OR (invoice_id IS NULL OR invoice_id = draft_id) AND subscription_id IS NULL));
ALTER TABLE paycore.extra_charges
	ALTER COLUMN id SET DEFAULT paycore.uuid_v7(), ALTER COLUMN id SET NOT NULL,
	ALTER COLUMN tenant_id SET DEFAULT paycore.current_tenant(), ALTER COLUMN tenant_id SET NOT NULL,
	ALTER COLUMN billing_account_id SET NOT NULL,
	ALTER COLUMN kind SET DEFAULT 'charge', ALTER COLUMN kind SET NOT NULL,
	ALTER COLUMN description SET NOT NULL,
	ALTER COLUMN quantity SET DEFAULT 1, ALTER COLUMN quantity SET NOT NULL,
	ALTER COLUMN amount SET NOT NULL,
	ALTER COLUMN tax_inclusive SET DEFAULT false, ALTER COLUMN tax_inclusive SET NOT NULL,
	ALTER COLUMN metadata SET DEFAULT '{}', ALTER COLUMN metadata SET NOT NULL,
	ALTER COLUMN created_at SET DEFAULT now(), ALTER COLUMN created_at SET NOT NULL,
	ALTER COLUMN updated_at SET DEFAULT now(), ALTER COLUMN updated_at SET NOT NULL;
COMMENT ON TABLE paycore.extra_charges IS 'What goes on the next invoice beside the items.';

ALTER TABLE paycore.invoices ADD CONSTRAINT invoices_account_fkey
	FOREIGN KEY (billing_account_id, tenant_id) REFERENCES paycore.billing_accounts (id, tenant_id);
ALTER TABLE paycore.invoices ADD CONSTRAINT invoices_subscription_fkey
	FOREIGN KEY (subscription_id, tenant_id) REFERENCES paycore.subscriptions (id, tenant_id);
ALTER TABLE paycore.invoice_lines ADD CONSTRAINT invoice_lines_invoice_fkey
	FOREIGN KEY (invoice_id, tenant_id) REFERENCES paycore.invoices (id, tenant_id);
ALTER TABLE paycore.invoice_lines ADD CONSTRAINT invoice_lines_item_fkey
	FOREIGN KEY (subscription_item_id, tenant_id) REFERENCES paycore.subscription_items (id, tenant_id);
ALTER TABLE paycore.invoice_lines ADD CONSTRAINT invoice_lines_extra_charge_fkey
	FOREIGN KEY (extra_charge_id, tenant_id) REFERENCES paycore.extra_charges (id, tenant_id);
ALTER TABLE paycore.invoice_line_discounts ADD CONSTRAINT invoice_line_discounts_invoice_fkey
	FOREIGN KEY (invoice_id, tenant_id) REFERENCES paycore.invoices (id, tenant_id);
ALTER TABLE paycore.invoice_line_discounts ADD CONSTRAINT invoice_line_discounts_line_fkey
	FOREIGN KEY (invoice_line_id, tenant_id) REFERENCES paycore.invoice_lines (id, tenant_id);
ALTER TABLE paycore.invoice_line_discounts ADD CONSTRAINT invoice_line_discounts_discount_fkey
	FOREIGN KEY (discount_id, tenant_id) REFERENCES paycore.discounts (id, tenant_id);
ALTER TABLE paycore.extra_charges ADD CONSTRAINT extra_charges_account_fkey
	FOREIGN KEY (billing_account_id, tenant_id) REFERENCES paycore.billing_accounts (id, tenant_id);
ALTER TABLE paycore.extra_charges ADD CONSTRAINT extra_charges_subscription_fkey
	FOREIGN KEY (subscription_id, tenant_id) REFERENCES paycore.subscriptions (id, tenant_id);
ALTER TABLE paycore.extra_charges ADD CONSTRAINT extra_charges_item_fkey
	FOREIGN KEY (subscription_item_id, tenant_id) REFERENCES paycore.subscription_items (id, tenant_id);
ALTER TABLE paycore.extra_charges ADD CONSTRAINT extra_charges_product_fkey
	FOREIGN KEY (product_id, tenant_id) REFERENCES paycore.products (id, tenant_id);
ALTER TABLE paycore.extra_charges ADD CONSTRAINT extra_charges_credited_line_fkey
	FOREIGN KEY (credits_line_id, tenant_id) REFERENCES paycore.invoice_lines (id, tenant_id);
ALTER TABLE paycore.extra_charges ADD CONSTRAINT extra_charges_rebilled_line_fkey
	FOREIGN KEY (rebills_line_id, tenant_id) REFERENCES paycore.invoice_lines (id, tenant_id);
ALTER TABLE paycore.extra_charges ADD CONSTRAINT extra_charges_invoice_fkey
	FOREIGN KEY (invoice_id, tenant_id) REFERENCES paycore.invoices (id, tenant_id);
ALTER TABLE paycore.extra_charges ADD CONSTRAINT extra_charges_draft_fkey
	FOREIGN KEY (draft_id, tenant_id) REFERENCES paycore.invoices (id, tenant_id);
ALTER TABLE paycore.discounts ADD CONSTRAINT discounts_invoice_fkey
	FOREIGN KEY (invoice_id, tenant_id) REFERENCES paycore.invoices (id, tenant_id);

CREATE INDEX IF NOT EXISTS invoices_by_tenant ON paycore.invoices (tenant_id, id);
CREATE INDEX IF NOT EXISTS invoices_by_account ON paycore.invoices (billing_account_id, tenant_id, id);
CREATE INDEX IF NOT EXISTS invoices_by_subscription ON paycore.invoices (subscription_id, tenant_id, id) WHERE subscription_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS invoices_open ON paycore.invoices (tenant_id, due_at, id) WHERE status OPERATOR(paycore.=) 'open'::paycore.invoice_status;
-- Those that no billing run has made: it would collect them as it does so.
CREATE INDEX IF NOT EXISTS invoices_open_manual ON paycore.invoices (tenant_id, due_at) WHERE subscription_id IS NULL AND status OPERATOR(paycore.=) 'open'::paycore.invoice_status;
CREATE INDEX IF NOT EXISTS invoice_lines_by_invoice ON paycore.invoice_lines (invoice_id, tenant_id, id);
-- What of an item was billed by what was used, void or not.
CREATE INDEX IF NOT EXISTS invoice_lines_of_usage ON paycore.invoice_lines (subscription_item_id, tenant_id)
	WHERE subscription_item_id IS NOT NULL AND kind IN ('usage', 'extra');
CREATE UNIQUE INDEX IF NOT EXISTS invoice_lines_extra_once ON paycore.invoice_lines (extra_charge_id, tenant_id) WHERE extra_charge_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS invoice_line_discounts_by_invoice ON paycore.invoice_line_discounts (invoice_id, tenant_id, id);
CREATE INDEX IF NOT EXISTS invoice_line_discounts_by_line ON paycore.invoice_line_discounts (invoice_line_id, tenant_id);
CREATE INDEX IF NOT EXISTS invoice_line_discounts_by_discount ON paycore.invoice_line_discounts (discount_id, tenant_id);
CREATE INDEX IF NOT EXISTS extra_charges_by_tenant ON paycore.extra_charges (tenant_id, id);
CREATE INDEX IF NOT EXISTS extra_charges_by_account ON paycore.extra_charges (billing_account_id, tenant_id, id);
CREATE INDEX IF NOT EXISTS extra_charges_unbilled ON paycore.extra_charges (billing_account_id, tenant_id) WHERE invoice_id IS NULL AND removed_at IS NULL AND draft_id IS NULL;
CREATE INDEX IF NOT EXISTS extra_charges_of_draft ON paycore.extra_charges (draft_id, tenant_id) WHERE draft_id IS NOT NULL;
CREATE UNIQUE INDEX IF NOT EXISTS extra_charges_rebilled_once ON paycore.extra_charges (rebills_line_id, tenant_id)
	WHERE rebills_line_id IS NOT NULL AND removed_at IS NULL;
CREATE INDEX IF NOT EXISTS extra_charges_by_credited_line ON paycore.extra_charges (credits_line_id, tenant_id) WHERE credits_line_id IS NOT NULL;

CREATE OR REPLACE TRIGGER "Paycore_10_api" BEFORE INSERT OR UPDATE OR DELETE ON paycore.invoice_series
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.require_api();
CREATE OR REPLACE TRIGGER "Paycore_20_immutable" BEFORE UPDATE ON paycore.invoice_series
	FOR EACH ROW EXECUTE FUNCTION paycore.keep_immutable('tenant_id', 'series', 'created_at');
CREATE OR REPLACE TRIGGER "Paycore_40_no_delete" BEFORE DELETE ON paycore.invoice_series
	FOR EACH ROW EXECUTE FUNCTION paycore.append_only();
CREATE OR REPLACE TRIGGER "Paycore_40_no_truncate" BEFORE TRUNCATE ON paycore.invoice_series
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.append_only();
CREATE OR REPLACE TRIGGER "Paycore_90_touch" BEFORE UPDATE ON paycore.invoice_series
	FOR EACH ROW EXECUTE FUNCTION paycore.touch_updated_at();

CREATE OR REPLACE TRIGGER "Paycore_10_api" BEFORE INSERT OR UPDATE OR DELETE ON paycore.invoices
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.require_api();
CREATE OR REPLACE TRIGGER "Paycore_20_immutable" BEFORE UPDATE ON paycore.invoices
	FOR EACH ROW EXECUTE FUNCTION paycore.keep_immutable('id', 'tenant_id', 'billing_account_id', 'subscription_id', 'reason', 'currency', 'series', 'created_at');
CREATE OR REPLACE TRIGGER "Paycore_25_final" BEFORE UPDATE ON paycore.invoices
	FOR EACH ROW WHEN (OLD.status OPERATOR(paycore.<>) 'draft'::paycore.invoice_status) EXECUTE FUNCTION paycore.keep_immutable('serial', 'number', 'period_start', 'period_end',
		'subtotal', 'discount', 'tax', 'tax_included', 'total', 'tax_rounding', 'tax_exemption', 'line_count', 'collection', 'days_until_due', 'due_at', 'finalized_at', 'seller', 'customer', 'description');
CREATE OR REPLACE TRIGGER "Paycore_30_transition" BEFORE INSERT OR UPDATE OF status ON paycore.invoices
	FOR EACH ROW EXECUTE FUNCTION paycore.enforce_transition('status', '>draft', '>open', '>paid');
CREATE OR REPLACE TRIGGER "Paycore_37_card_data" BEFORE INSERT OR UPDATE OF reason, description, metadata ON paycore.invoices
	FOR EACH ROW EXECUTE FUNCTION paycore.refuse_card_data('reason', 'description', 'metadata');
CREATE OR REPLACE TRIGGER "Paycore_38_write_once" BEFORE UPDATE ON paycore.invoices
	FOR EACH ROW EXECUTE FUNCTION paycore.write_once('voided_at');
CREATE OR REPLACE TRIGGER "Paycore_40_no_delete" BEFORE DELETE ON paycore.invoices
	FOR EACH ROW EXECUTE FUNCTION paycore.append_only();
CREATE OR REPLACE TRIGGER "Paycore_40_no_truncate" BEFORE TRUNCATE ON paycore.invoices
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.append_only();
CREATE OR REPLACE TRIGGER "Paycore_50_sums" AFTER INSERT ON paycore.invoices
	REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION paycore.check_invoice_sums();
CREATE OR REPLACE TRIGGER "Paycore_50_sums_of_update" AFTER UPDATE ON paycore.invoices
	REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION paycore.check_invoice_sums();
CREATE OR REPLACE TRIGGER "Paycore_60_voided" AFTER UPDATE ON paycore.invoices
	FOR EACH ROW WHEN (NEW.status OPERATOR(paycore.=) 'void'::paycore.invoice_status AND OLD.status OPERATOR(paycore.<>) NEW.status) EXECUTE FUNCTION paycore.mark_voided_lines();
CREATE OR REPLACE TRIGGER "Paycore_60_ledger" AFTER INSERT ON paycore.invoices
	REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION paycore.post_to_ledger('=invoice');
-- What is new, what is taken back, and what is due of an invoice that is given up.
CREATE OR REPLACE TRIGGER "Paycore_61_ledger" AFTER UPDATE ON paycore.invoices
	FOR EACH ROW WHEN ((OLD.finalized_at IS NULL AND NEW.finalized_at IS NOT NULL) OR NEW.status OPERATOR(paycore.=) 'void'::paycore.invoice_status
		OR NEW.status OPERATOR(paycore.=) 'uncollectible'::paycore.invoice_status OR OLD.status OPERATOR(paycore.=) 'uncollectible'::paycore.invoice_status)
	EXECUTE FUNCTION paycore.post_to_ledger('=invoice');
CREATE OR REPLACE TRIGGER "Paycore_80_history" AFTER INSERT OR UPDATE ON paycore.invoices
	FOR EACH ROW EXECUTE FUNCTION paycore.record_status_change('status', '=invoice');
CREATE OR REPLACE TRIGGER "Paycore_90_touch" BEFORE UPDATE ON paycore.invoices
	FOR EACH ROW EXECUTE FUNCTION paycore.touch_updated_at();

CREATE OR REPLACE TRIGGER "Paycore_10_api" BEFORE INSERT OR UPDATE OR DELETE ON paycore.invoice_lines
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.require_api();
CREATE OR REPLACE TRIGGER "Paycore_37_card_data" BEFORE INSERT ON paycore.invoice_lines
	FOR EACH ROW EXECUTE FUNCTION paycore.refuse_card_data('description', 'metadata');
CREATE OR REPLACE TRIGGER "Paycore_35_voided" BEFORE INSERT OR UPDATE ON paycore.invoice_lines
	FOR EACH ROW WHEN (NEW.voided) EXECUTE FUNCTION paycore.keep_mark('voided');
CREATE OR REPLACE TRIGGER "Paycore_40_append_only" BEFORE UPDATE ON paycore.invoice_lines
	FOR EACH ROW WHEN (OLD.voided OR NOT NEW.voided) EXECUTE FUNCTION paycore.append_only();
CREATE OR REPLACE TRIGGER "Paycore_40_no_delete" BEFORE DELETE ON paycore.invoice_lines
	FOR EACH ROW EXECUTE FUNCTION paycore.append_only();
CREATE OR REPLACE TRIGGER "Paycore_40_no_truncate" BEFORE TRUNCATE ON paycore.invoice_lines
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.append_only();
CREATE OR REPLACE TRIGGER "Paycore_50_sums" AFTER INSERT ON paycore.invoice_lines
	REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION paycore.check_invoice_sums();

CREATE OR REPLACE TRIGGER "Paycore_10_api" BEFORE INSERT OR UPDATE OR DELETE ON paycore.invoice_line_discounts
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.require_api();
CREATE OR REPLACE TRIGGER "Paycore_40_append_only" BEFORE UPDATE OR DELETE ON paycore.invoice_line_discounts
	FOR EACH ROW EXECUTE FUNCTION paycore.append_only();
CREATE OR REPLACE TRIGGER "Paycore_40_no_truncate" BEFORE TRUNCATE ON paycore.invoice_line_discounts
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.append_only();

CREATE OR REPLACE TRIGGER "Paycore_10_api" BEFORE INSERT OR UPDATE OR DELETE ON paycore.extra_charges
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.require_api();
CREATE OR REPLACE TRIGGER "Paycore_20_immutable" BEFORE UPDATE ON paycore.extra_charges
	FOR EACH ROW EXECUTE FUNCTION paycore.keep_immutable('id', 'tenant_id', 'billing_account_id', 'subscription_id', 'subscription_item_id', 'kind',
		'rebills_line_id', 'draft_id', 'created_at');
-- The lines of a draft change until it is final.
CREATE OR REPLACE TRIGGER "Paycore_20_immutable_content" BEFORE UPDATE ON paycore.extra_charges
	FOR EACH ROW WHEN (OLD.draft_id IS NULL OR OLD.invoice_id IS NOT NULL OR OLD.removed_at IS NOT NULL)
	EXECUTE FUNCTION paycore.keep_immutable('product_id', 'price_id', 'description', 'quantity', 'unit_price', 'amount', 'period', 'tax_rate_ids');
-- Credits of a line that is billed again are told of the new one when both are billed.
CREATE OR REPLACE TRIGGER "Paycore_21_immutable" BEFORE UPDATE ON paycore.extra_charges
	FOR EACH ROW WHEN (OLD.credits_line_id IS NULL OR OLD.invoice_id IS NOT NULL OR NEW.invoice_id IS NULL)
	EXECUTE FUNCTION paycore.keep_immutable('tax_inclusive', 'credits_line_id');
CREATE OR REPLACE TRIGGER "Paycore_37_card_data" BEFORE INSERT OR UPDATE OF metadata ON paycore.extra_charges
	FOR EACH ROW EXECUTE FUNCTION paycore.refuse_card_data('description', 'metadata');
CREATE OR REPLACE TRIGGER "Paycore_38_write_once" BEFORE UPDATE ON paycore.extra_charges
	FOR EACH ROW EXECUTE FUNCTION paycore.write_once('invoice_id', 'removed_at');
CREATE OR REPLACE TRIGGER "Paycore_40_no_delete" BEFORE DELETE ON paycore.extra_charges
	FOR EACH ROW EXECUTE FUNCTION paycore.append_only();
CREATE OR REPLACE TRIGGER "Paycore_40_no_truncate" BEFORE TRUNCATE ON paycore.extra_charges
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.append_only();
CREATE OR REPLACE TRIGGER "Paycore_50_draft" AFTER INSERT OR UPDATE ON paycore.extra_charges
	FOR EACH ROW WHEN (NEW.draft_id IS NOT NULL AND NEW.invoice_id IS NULL) EXECUTE FUNCTION paycore.check_draft_line();
CREATE OR REPLACE TRIGGER "Paycore_90_touch" BEFORE UPDATE ON paycore.extra_charges
	FOR EACH ROW EXECUTE FUNCTION paycore.touch_updated_at();

ALTER TABLE paycore.invoice_series ENABLE ROW LEVEL SECURITY;
ALTER TABLE paycore.invoices ENABLE ROW LEVEL SECURITY;
ALTER TABLE paycore.invoice_lines ENABLE ROW LEVEL SECURITY;
ALTER TABLE paycore.invoice_line_discounts ENABLE ROW LEVEL SECURITY;
ALTER TABLE paycore.extra_charges ENABLE ROW LEVEL SECURITY;
CREATE POLICY paycore_tenant ON paycore.invoice_line_discounts USING (tenant_id = paycore.current_tenant());
CREATE POLICY paycore_tenant ON paycore.extra_charges USING (tenant_id = paycore.current_tenant());
CREATE POLICY paycore_tenant ON paycore.invoice_series USING (tenant_id = paycore.current_tenant());
CREATE POLICY paycore_tenant ON paycore.invoices USING (tenant_id = paycore.current_tenant());
CREATE POLICY paycore_tenant ON paycore.invoice_lines USING (tenant_id = paycore.current_tenant());
