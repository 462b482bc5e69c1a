--
-- The tables of credit notes, with their keys, indexes, guards and policies.
--

CREATE TABLE IF NOT EXISTS paycore.credit_notes (LIKE paycore.credit_note INCLUDING COMMENTS,
	CONSTRAINT credit_notes_pkey PRIMARY KEY (id, tenant_id),
	CONSTRAINT credit_notes_serial_key UNIQUE (tenant_id, series, serial),
	CONSTRAINT credit_notes_status_known CHECK (status IN ('issued', 'void') AND (status = 'void') = (voided_at IS NOT NULL)),
	CONSTRAINT credit_notes_sign CHECK (paycore.cents(total) > 0 AND paycore.cents(to_due) >= 0 AND paycore.cents(to_balance) >= 0
		AND paycore.cents(to_refund) >= 0 AND paycore.cents(out_of_band) >= 0),
	CONSTRAINT credit_notes_refund_failed CHECK (paycore.cents(refund_failed) BETWEEN 0 AND paycore.cents(to_refund)),
	CONSTRAINT credit_notes_total CHECK (total OPERATOR(paycore.=) (subtotal OPERATOR(paycore.-) discount OPERATOR(paycore.+) tax OPERATOR(paycore.-) tax_included)
		AND total OPERATOR(paycore.=) (to_due OPERATOR(paycore.+) to_balance OPERATOR(paycore.+) to_refund OPERATOR(paycore.+) out_of_band)),
	CONSTRAINT credit_notes_one_currency CHECK (paycore.currency(total) OPERATOR(paycore.=) currency));
ALTER TABLE paycore.credit_notes
	ALTER COLUMN id SET DEFAULT paycore.uuid_v7(), ALTER COLUMN id SET NOT NULL,
	ALTER COLUMN tenant_id SET DEFAULT paycore.current_tenant(), ALTER COLUMN tenant_id SET NOT NULL,
	ALTER COLUMN billing_account_id SET NOT NULL,
	ALTER COLUMN invoice_id SET NOT NULL,
	ALTER COLUMN status SET DEFAULT 'issued', ALTER COLUMN status SET NOT NULL,
	ALTER COLUMN series SET DEFAULT 'credit_note', ALTER COLUMN series SET NOT NULL,
	ALTER COLUMN serial SET NOT NULL,
	ALTER COLUMN number SET NOT NULL,
	ALTER COLUMN currency SET NOT NULL,
	ALTER COLUMN subtotal SET NOT NULL,
	ALTER COLUMN discount SET NOT NULL,
	ALTER COLUMN tax SET NOT NULL,
	ALTER COLUMN tax_included SET NOT NULL,
	ALTER COLUMN total SET NOT NULL,
	ALTER COLUMN to_due SET NOT NULL,
	ALTER COLUMN to_balance SET NOT NULL,
	ALTER COLUMN to_refund SET NOT NULL,
	ALTER COLUMN out_of_band SET NOT NULL,
	ALTER COLUMN refund_failed SET NOT NULL,
	ALTER COLUMN line_count SET NOT NULL,
	ALTER COLUMN issued_at SET NOT NULL,
	ALTER COLUMN metadata SET DEFAULT '{}', ALTER COLUMN metadata SET NOT NULL,
	ALTER COLUMN created_at SET DEFAULT now(), ALTER COLUMN created_at SET NOT NULL;
COMMENT ON TABLE paycore.credit_notes IS 'What is taken back of invoices.';

CREATE TABLE IF NOT EXISTS paycore.credit_note_lines (LIKE paycore.credit_note_line INCLUDING COMMENTS,
	CONSTRAINT credit_note_lines_pkey PRIMARY KEY (id, tenant_id),
	CONSTRAINT credit_note_lines_once UNIQUE (credit_note_id, invoice_line_id, tenant_id),
	CONSTRAINT credit_note_lines_quantity_finite CHECK (quantity > '-Infinity' AND quantity < 'Infinity'),
	CONSTRAINT credit_note_lines_one_currency CHECK (paycore.currency(discount) OPERATOR(paycore.=) paycore.currency(amount)
		AND paycore.currency(tax) OPERATOR(paycore.=) paycore.currency(amount)));
ALTER TABLE paycore.credit_note_lines
	ALTER COLUMN id SET DEFAULT paycore.uuid_v7(), ALTER COLUMN id SET NOT NULL,
	ALTER COLUMN tenant_id SET DEFAULT paycore.current_tenant(), ALTER COLUMN tenant_id SET NOT NULL,
	ALTER COLUMN credit_note_id SET NOT NULL,
	ALTER COLUMN invoice_id SET NOT NULL,
	ALTER COLUMN invoice_line_id SET NOT NULL,
	ALTER COLUMN place SET NOT NULL,
	ALTER COLUMN description SET NOT NULL,
	ALTER COLUMN amount SET NOT NULL,
	ALTER COLUMN discount SET NOT NULL,
	ALTER COLUMN tax SET NOT NULL,
	ALTER COLUMN tax_inclusive SET NOT NULL,
	ALTER COLUMN taxes SET DEFAULT '{}', ALTER COLUMN taxes SET NOT NULL,
	ALTER COLUMN created_at SET DEFAULT now(), ALTER COLUMN created_at SET NOT NULL;
COMMENT ON TABLE paycore.credit_note_lines IS 'What is taken back of the lines of invoices. Append-only.';

ALTER TABLE paycore.credit_notes ADD CONSTRAINT credit_notes_account_fkey
	FOREIGN KEY (billing_account_id, tenant_id) REFERENCES paycore.billing_accounts (id, tenant_id);
ALTER TABLE paycore.credit_notes ADD CONSTRAINT credit_notes_invoice_fkey
	FOREIGN KEY (invoice_id, tenant_id) REFERENCES paycore.invoices (id, tenant_id);
ALTER TABLE paycore.credit_note_lines ADD CONSTRAINT credit_note_lines_credit_note_fkey
	FOREIGN KEY (credit_note_id, tenant_id) REFERENCES paycore.credit_notes (id, tenant_id);
ALTER TABLE paycore.credit_note_lines ADD CONSTRAINT credit_note_lines_line_fkey
	FOREIGN KEY (invoice_line_id, tenant_id) REFERENCES paycore.invoice_lines (id, tenant_id);
ALTER TABLE paycore.refunds ADD CONSTRAINT refunds_credit_note_fkey
	FOREIGN KEY (credit_note_id, tenant_id) REFERENCES paycore.credit_notes (id, tenant_id);

CREATE INDEX IF NOT EXISTS credit_notes_by_tenant ON paycore.credit_notes (tenant_id, id);
CREATE INDEX IF NOT EXISTS credit_notes_by_account ON paycore.credit_notes (billing_account_id, tenant_id, id);
CREATE INDEX IF NOT EXISTS credit_notes_by_invoice ON paycore.credit_notes (invoice_id, tenant_id, id);
CREATE INDEX IF NOT EXISTS credit_notes_refund_failed ON paycore.credit_notes (billing_account_id, tenant_id) WHERE paycore.cents(refund_failed) > 0;
CREATE INDEX IF NOT EXISTS refunds_by_credit_note ON paycore.refunds (credit_note_id, tenant_id, id) WHERE credit_note_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS credit_note_lines_by_credit_note ON paycore.credit_note_lines (credit_note_id, tenant_id, id);
CREATE INDEX IF NOT EXISTS credit_note_lines_by_line ON paycore.credit_note_lines (invoice_line_id, tenant_id);

CREATE OR REPLACE TRIGGER "Paycore_27_credited" BEFORE UPDATE OF total_credited, amount_credited ON paycore.invoices
	FOR EACH ROW EXECUTE FUNCTION paycore.keep_counters('total', 'total_credited', 'amount_credited');
CREATE OR REPLACE TRIGGER "Paycore_27_not_credited" BEFORE INSERT ON paycore.invoices
	FOR EACH ROW WHEN (NEW.total_credited IS NULL OR paycore.cents(NEW.total_credited) <> 0 OR paycore.cents(NEW.amount_credited) <> 0)
	EXECUTE FUNCTION paycore.keep_counters('total', 'total_credited', 'amount_credited');

CREATE OR REPLACE TRIGGER "Paycore_10_api" BEFORE INSERT OR UPDATE OR DELETE ON paycore.credit_notes
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.require_api();
CREATE OR REPLACE TRIGGER "Paycore_20_immutable" BEFORE UPDATE ON paycore.credit_notes
	FOR EACH ROW EXECUTE FUNCTION paycore.keep_immutable('id', 'tenant_id', 'billing_account_id', 'invoice_id', 'series', 'serial', 'number', 'currency',
		'subtotal', 'discount', 'tax', 'tax_included', 'total', 'to_due', 'to_balance', 'to_refund', 'out_of_band', 'line_count', 'reason', 'memo', 'issued_at', 'metadata', 'actor', 'created_at');
CREATE OR REPLACE TRIGGER "Paycore_27_refund_failed" BEFORE INSERT OR UPDATE OF refund_failed ON paycore.credit_notes
	FOR EACH ROW EXECUTE FUNCTION paycore.keep_counters('total', 'refund_failed');
CREATE OR REPLACE TRIGGER "Paycore_30_transition" BEFORE INSERT OR UPDATE OF status ON paycore.credit_notes
	FOR EACH ROW EXECUTE FUNCTION paycore.enforce_transition('status', '>issued', 'issued>void');
CREATE OR REPLACE TRIGGER "Paycore_37_card_data" BEFORE INSERT OR UPDATE OF void_reason ON paycore.credit_notes
	FOR EACH ROW EXECUTE FUNCTION paycore.refuse_card_data('reason', 'memo', 'void_reason', 'metadata');
CREATE OR REPLACE TRIGGER "Paycore_38_write_once" BEFORE UPDATE ON paycore.credit_notes
	FOR EACH ROW EXECUTE FUNCTION paycore.write_once('voided_at', 'void_reason');
CREATE OR REPLACE TRIGGER "Paycore_40_no_delete" BEFORE DELETE ON paycore.credit_notes
	FOR EACH ROW EXECUTE FUNCTION paycore.append_only();
CREATE OR REPLACE TRIGGER "Paycore_40_no_truncate" BEFORE TRUNCATE ON paycore.credit_notes
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.append_only();
CREATE OR REPLACE TRIGGER "Paycore_50_settle" AFTER INSERT OR UPDATE OF status ON paycore.credit_notes
	FOR EACH ROW EXECUTE FUNCTION paycore.settle_credit_note();
CREATE OR REPLACE TRIGGER "Paycore_60_ledger" AFTER INSERT OR UPDATE OF status, refund_failed ON paycore.credit_notes
	FOR EACH ROW EXECUTE FUNCTION paycore.post_to_ledger('=credit_note');
CREATE OR REPLACE TRIGGER "Paycore_80_history" AFTER INSERT OR UPDATE ON paycore.credit_notes
	FOR EACH ROW EXECUTE FUNCTION paycore.record_status_change('status', '=credit_note');

CREATE OR REPLACE TRIGGER "Paycore_10_api" BEFORE INSERT OR UPDATE OR DELETE ON paycore.credit_note_lines
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.require_api();
CREATE OR REPLACE TRIGGER "Paycore_37_card_data" BEFORE INSERT ON paycore.credit_note_lines
	FOR EACH ROW EXECUTE FUNCTION paycore.refuse_card_data('description');
CREATE OR REPLACE TRIGGER "Paycore_40_append_only" BEFORE UPDATE OR DELETE ON paycore.credit_note_lines
	FOR EACH ROW EXECUTE FUNCTION paycore.append_only();
CREATE OR REPLACE TRIGGER "Paycore_40_no_truncate" BEFORE TRUNCATE ON paycore.credit_note_lines
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.append_only();
CREATE OR REPLACE TRIGGER "Paycore_50_sums" AFTER INSERT ON paycore.credit_note_lines
	FOR EACH ROW EXECUTE FUNCTION paycore.check_credit_note_sums();

CREATE OR REPLACE TRIGGER "Paycore_55_credit_note" AFTER INSERT OR UPDATE OF status ON paycore.refunds
	FOR EACH ROW WHEN (NEW.credit_note_id IS NOT NULL) EXECUTE FUNCTION paycore.settle_credit_note_refund();

ALTER TABLE paycore.credit_notes ENABLE ROW LEVEL SECURITY;
ALTER TABLE paycore.credit_note_lines ENABLE ROW LEVEL SECURITY;
CREATE POLICY paycore_tenant ON paycore.credit_notes USING (tenant_id = paycore.current_tenant());
CREATE POLICY paycore_tenant ON paycore.credit_note_lines USING (tenant_id = paycore.current_tenant());
