--
-- Drafts: invoices that are written by hand, until they are final.
--

CREATE FUNCTION paycore.check_draft_line() RETURNS trigger LANGUAGE C
AS 'MODULE_PATHNAME', 'paycore_check_draft_line';
COMMENT ON FUNCTION paycore.check_draft_line() IS 'Trigger guard of extra charges that are lines of a draft: they come, change and go while it is one, and are of its account and currency. AFTER INSERT OR UPDATE FOR EACH ROW.';

CREATE FUNCTION paycore.create_invoice(
	billing_account_id uuid,
	lines jsonb DEFAULT '[]',
	details jsonb DEFAULT '{}',
	idempotency_key text DEFAULT NULL
) RETURNS paycore.invoice
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_create_invoice';
COMMENT ON FUNCTION paycore.create_invoice IS 'Begins an invoice by hand: a draft, without a number, in the account''s currency. lines: an array of objects as for add_invoice_line(). details: collection (charge_automatically or send_invoice), days_until_due, description, period_start, period_end, coupons (an array of codes), metadata.';

CREATE FUNCTION paycore.update_invoice(id uuid, changes jsonb) RETURNS paycore.invoice
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_update_invoice';
COMMENT ON FUNCTION paycore.update_invoice IS 'Changes what is named in changes: of a draft collection, days_until_due, description, period_start, period_end and metadata, of a final invoice metadata. Metadata is merged; a null in it removes its key.';

CREATE FUNCTION paycore.add_invoice_line(
	invoice_id uuid,
	line jsonb,
	idempotency_key text DEFAULT NULL
) RETURNS paycore.extra_charge
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_add_invoice_line';
COMMENT ON FUNCTION paycore.add_invoice_line IS 'Adds a line to a draft. line: price (an id or code) and quantity; or description with amount (below zero: a credit), or with unit_price and quantity. And product (a code), period_start, period_end, tax_rates (an array of codes, [] for none; else its product''s or those by default), tax_inclusive, metadata.';

CREATE FUNCTION paycore.update_invoice_line(id uuid, changes jsonb) RETURNS paycore.extra_charge
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_update_invoice_line';
COMMENT ON FUNCTION paycore.update_invoice_line IS 'Changes what is named in changes of a line of a draft: quantity, description, amount or unit_price (of one without a price), period_start, period_end, tax_rates, metadata. id: the extra_charge_id of the line.';

CREATE FUNCTION paycore.remove_invoice_line(id uuid) RETURNS paycore.extra_charge
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_remove_invoice_line';
COMMENT ON FUNCTION paycore.remove_invoice_line IS 'Takes a line off a draft. id: the extra_charge_id of the line.';

CREATE FUNCTION paycore.apply_invoice_coupon(
	invoice_id uuid,
	code text,
	promotion_only boolean DEFAULT false
) RETURNS paycore.discount
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_apply_invoice_coupon';
COMMENT ON FUNCTION paycore.apply_invoice_coupon IS 'As apply_coupon(), for one invoice: a draft. remove_discount() takes it off again.';

CREATE FUNCTION paycore.preview_invoice(id uuid, with_charges boolean DEFAULT false) RETURNS paycore.invoice
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_preview_invoice';
COMMENT ON FUNCTION paycore.preview_invoice IS 'What finalize_invoice() would make of a draft now: it is done, and undone.';

CREATE FUNCTION paycore.preview_invoice_lines(id uuid, with_charges boolean DEFAULT false) RETURNS SETOF paycore.invoice_line
LANGUAGE C VOLATILE ROWS 5
AS 'MODULE_PATHNAME', 'paycore_preview_invoice_lines';
COMMENT ON FUNCTION paycore.preview_invoice_lines IS 'The lines that finalize_invoice() would make of a draft''s, in their order; extra_charge_id is the id by which they are changed and removed.';

CREATE FUNCTION paycore.finalize_invoice(id uuid, with_charges boolean DEFAULT false) RETURNS paycore.invoice
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_finalize_invoice';
COMMENT ON FUNCTION paycore.finalize_invoice IS 'Makes a draft a final invoice: it gets its number and date, the discounts, taxes, names and addresses of now, what is on the account''s balance, and never changes again. It is open, and collected as any other; or paid, where nothing is due. with_charges: what waits for the account''s next bill (add_charge()) goes on it, after its lines; what is for the next bill of a subscription does not, unless that has ended.';

CREATE FUNCTION paycore.discard_invoice(id uuid, reason text DEFAULT NULL) RETURNS paycore.invoice
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_discard_invoice';
COMMENT ON FUNCTION paycore.discard_invoice IS 'Gives up a draft: it is void, without a number, and its lines are on no invoice.';
