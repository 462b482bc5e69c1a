--
-- Credit notes: what is taken back of an invoice.
--

CREATE TYPE paycore.credit_note AS (
	id uuid,
	tenant_id text,
	billing_account_id uuid,
	invoice_id uuid,
	status text,
	series text,
	serial bigint,
	number text,
	currency paycore.currency,
	subtotal paycore.money_cents,
	discount paycore.money_cents,
	tax paycore.money_cents,
	tax_included paycore.money_cents,
	total paycore.money_cents,
	to_due paycore.money_cents,
	to_balance paycore.money_cents,
	to_refund paycore.money_cents,
	out_of_band paycore.money_cents,
	refund_failed paycore.money_cents,
	line_count integer,
	reason text,
	memo text,
	issued_at timestamptz,
	voided_at timestamptz,
	void_reason text,
	metadata jsonb,
	actor text,
	created_at timestamptz
);
COMMENT ON TYPE paycore.credit_note IS 'What is taken back of an invoice: total = subtotal - discount + tax - tax_included, all above zero. to_due lowered what was due of the invoice, to_balance went to the account''s balance, to_refund is given back as refunds, out_of_band otherwise than through paycore; they come to total. refund_failed: the part of to_refund whose refunds failed or were canceled, so that it went to the balance after all. It never changes, but may become void.';

CREATE TYPE paycore.credit_note_line AS (
	id uuid,
	tenant_id text,
	credit_note_id uuid,
	invoice_id uuid,
	invoice_line_id uuid,
	place integer,
	description text,
	quantity numeric,
	amount paycore.money_cents,
	discount paycore.money_cents,
	tax paycore.money_cents,
	tax_inclusive boolean,
	taxes paycore.tax_amount[],
	created_at timestamptz
);
COMMENT ON TYPE paycore.credit_note_line IS 'What is taken back of a line of an invoice, in its terms: of the amount before discount, of the discount, of each tax. quantity: null where an amount was given back, not units. Append-only.';

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
