--
-- Credit notes: what is taken back of an invoice.
--

CREATE TYPE paycore.credit_note AS (
	id uuid,
	tenant_id text,
	billing_account_id uuid,
	invoice_id uuid, -- The invoice.
	status text, -- issued or void.
	series text, -- The series of its number.
	serial bigint, -- Its place in the series; none is left out.
	number text, -- Its number as printed.
	currency paycore.currency,
	subtotal paycore.money_cents, -- Sum of its lines, before discount.
	discount paycore.money_cents, -- What of the discount is taken back.
	tax paycore.money_cents, -- The taxes in it, inclusive ones among them.
	tax_included paycore.money_cents, -- The part of tax that is in the lines' amounts.
	total paycore.money_cents, -- subtotal - discount + tax - tax_included.
	to_due paycore.money_cents, -- The part that lowered what was due.
	to_balance paycore.money_cents, -- The part that went to the account's balance.
	to_refund paycore.money_cents, -- The part given back as refunds.
	out_of_band paycore.money_cents, -- The part given back otherwise.
	refund_failed paycore.money_cents, -- The part of to_refund that failed and went to the balance after all.
	line_count integer, -- Its lines.
	reason text, -- Why.
	memo text, -- Text on the document.
	issued_at timestamptz, -- When, by the billing clock.
	voided_at timestamptz, -- When it became void.
	void_reason text, -- Why it became void.
	metadata jsonb,
	actor text, -- The role that issued it.
	created_at timestamptz
);
COMMENT ON TYPE paycore.credit_note IS 'What is taken back of an invoice, all above zero. to_due, to_balance, to_refund and out_of_band come to total. It never changes, but may become void.';

CREATE TYPE paycore.credit_note_line AS (
	id uuid,
	tenant_id text,
	credit_note_id uuid, -- The credit note.
	invoice_id uuid, -- Its invoice.
	invoice_line_id uuid, -- The line that is taken back.
	place integer, -- Its place on the document.
	description text, -- What it says.
	quantity numeric, -- Units taken back; null: an amount was.
	amount paycore.money_cents, -- Amount before discount.
	discount paycore.money_cents, -- Discount taken back.
	tax paycore.money_cents, -- Taxes taken back.
	tax_inclusive boolean, -- Whether amount contains tax.
	taxes paycore.tax_amount[], -- Which taxes.
	created_at timestamptz
);
COMMENT ON TYPE paycore.credit_note_line IS 'What is taken back of a line of an invoice, in its terms. Append-only.';

CREATE FUNCTION paycore.settle_credit_note() RETURNS trigger LANGUAGE C
AS 'MODULE_PATHNAME', 'paycore_settle_credit_note';
COMMENT ON FUNCTION paycore.settle_credit_note() IS 'Trigger guard of credit notes: their lines add up to them, never more is credited than is left of the invoice, of a line and of each of its taxes, and invoice and balance say what was credited. AFTER INSERT OR UPDATE FOR EACH ROW.';

CREATE FUNCTION paycore.check_credit_note_sums() RETURNS trigger LANGUAGE C
AS 'MODULE_PATHNAME', 'paycore_check_credit_note_sums';
COMMENT ON FUNCTION paycore.check_credit_note_sums() IS 'Trigger guard of the lines of credit notes: none is added later. AFTER INSERT FOR EACH ROW.';

CREATE FUNCTION paycore.settle_credit_note_refund() RETURNS trigger LANGUAGE C
AS 'MODULE_PATHNAME', 'paycore_settle_credit_note_refund';
COMMENT ON FUNCTION paycore.settle_credit_note_refund() IS 'Trigger guard of refunds that credit notes give: of a payment of their invoice, never more than they say; what fails or is canceled goes to the account''s balance, and comes off it should it succeed after all. AFTER INSERT OR UPDATE FOR EACH ROW.';

CREATE FUNCTION paycore.create_credit_note(
	invoice_id uuid,
	lines jsonb DEFAULT NULL,
	amount paycore.money_cents DEFAULT NULL,
	reason text DEFAULT NULL,
	credit_to text DEFAULT NULL,
	memo text DEFAULT NULL,
	metadata jsonb DEFAULT '{}',
	details jsonb DEFAULT '{}',
	idempotency_key text DEFAULT NULL
) RETURNS paycore.credit_note
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_create_credit_note';
COMMENT ON FUNCTION paycore.create_credit_note IS 'Takes back an open or paid invoice: the rest of it, an amount (with tax) spread over its lines, or lines: an array of {line or place, amount (with tax) or quantity}. It lowers what is due; what is more than that was paid, and goes where credit_to says: balance (the account''s, if nothing is said), refund, out_of_band, or due (there must be nothing more). details: refund_amount, credit_amount, out_of_band_amount (to split it), requested_by and requires_approval (of its refunds).';

CREATE FUNCTION paycore.preview_credit_note(
	invoice_id uuid,
	lines jsonb DEFAULT NULL,
	amount paycore.money_cents DEFAULT NULL,
	reason text DEFAULT NULL,
	credit_to text DEFAULT NULL,
	memo text DEFAULT NULL,
	metadata jsonb DEFAULT '{}',
	details jsonb DEFAULT '{}'
) RETURNS paycore.credit_note
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_preview_credit_note';
COMMENT ON FUNCTION paycore.preview_credit_note IS 'What create_credit_note() would make of it: it is made, with its refunds, and undone.';

CREATE FUNCTION paycore.preview_credit_note_lines(
	invoice_id uuid,
	lines jsonb DEFAULT NULL,
	amount paycore.money_cents DEFAULT NULL,
	reason text DEFAULT NULL,
	credit_to text DEFAULT NULL,
	memo text DEFAULT NULL,
	metadata jsonb DEFAULT '{}',
	details jsonb DEFAULT '{}'
) RETURNS SETOF paycore.credit_note_line
LANGUAGE C VOLATILE ROWS 5
AS 'MODULE_PATHNAME', 'paycore_preview_credit_note_lines';
COMMENT ON FUNCTION paycore.preview_credit_note_lines IS 'The lines that create_credit_note() would make of it, in their order.';

CREATE FUNCTION paycore.void_credit_note(id uuid, reason text DEFAULT NULL) RETURNS paycore.credit_note
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_void_credit_note';
COMMENT ON FUNCTION paycore.void_credit_note IS 'Says that a credit note should never have been: what it lowered is due again, and what it put onto the account''s balance is taken off it. Not where that was spent, or given back otherwise.';

CREATE FUNCTION paycore.list_credit_notes(
	billing_account_id uuid DEFAULT NULL,
	invoice_id uuid DEFAULT NULL,
	after uuid DEFAULT NULL,
	page_size integer DEFAULT 50
) RETURNS SETOF paycore.credit_note
LANGUAGE C STABLE ROWS 50
AS 'MODULE_PATHNAME', 'paycore_list';
COMMENT ON FUNCTION paycore.list_credit_notes IS 'A page of the credit notes of an account, of an invoice, or of the tenant, newest first; after is the last id of the page before.';

CREATE FUNCTION paycore.list_credit_note_lines(
	credit_note_id uuid,
	after uuid DEFAULT NULL,
	page_size integer DEFAULT 50
) RETURNS SETOF paycore.credit_note_line
LANGUAGE C STABLE ROWS 5
AS 'MODULE_PATHNAME', 'paycore_list_credit_note_lines';
COMMENT ON FUNCTION paycore.list_credit_note_lines IS 'A page of the lines of a credit note, last line first; after is the last id of the page before.';

REVOKE EXECUTE ON FUNCTION paycore.create_credit_note, paycore.preview_credit_note, paycore.preview_credit_note_lines, paycore.void_credit_note FROM PUBLIC;
