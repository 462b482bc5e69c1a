--
-- Invoices, and the run that makes them.
--

CREATE TYPE paycore.invoice_series_row AS (
	tenant_id text,
	series text, -- Name of the series.
	prefix text, -- What its numbers begin with.
	next_serial bigint, -- The next number.
	last_date timestamptz, -- No later document is dated before.
	created_at timestamptz,
	updated_at timestamptz
);
COMMENT ON TYPE paycore.invoice_series_row IS 'Where a tenant''s numbers stand: the next document of the series gets this one, none is left out, and no date is before last_date.';

CREATE TYPE paycore.invoice AS (
	id uuid,
	tenant_id text,
	billing_account_id uuid,
	subscription_id uuid, -- The subscription that it is for.
	status paycore.invoice_status, -- How far it is.
	series text, -- The series of its number.
	serial bigint, -- Its place in the series; none is left out.
	number text, -- Its number as printed; null: a draft.
	reason text, -- subscription or manual.
	currency paycore.currency,
	period_start timestamptz, -- Beginning of the time that it is for.
	period_end timestamptz, -- End of that time.
	subtotal paycore.money_cents, -- Sum of its lines, before discount.
	discount paycore.money_cents, -- What discounts took off.
	tax paycore.money_cents, -- The taxes in it, inclusive ones among them.
	tax_included paycore.money_cents, -- The part of tax that is in the lines' amounts.
	total paycore.money_cents, -- subtotal - discount + tax - tax_included.
	balance_applied paycore.money_cents, -- What the account's balance paid; below zero: put onto the balance.
	amount_paid paycore.money_cents, -- What payments paid.
	amount_credited paycore.money_cents, -- The part of total_credited that lowered what was due.
	amount_due paycore.money_cents, -- total - balance_applied - amount_paid - amount_credited.
	total_credited paycore.money_cents, -- What its credit notes come to.
	tax_rounding text, -- line or invoice: where taxes were rounded.
	tax_exemption text, -- none, exempt or reverse: the account's when it was made.
	line_count integer, -- Its lines.
	collection text, -- charge_automatically or send_invoice.
	days_until_due integer, -- Days from finalisation until it is due.
	due_at timestamptz, -- When it is due.
	finalized_at timestamptz, -- When it got its number, by the billing clock.
	paid_at timestamptz, -- When it was paid.
	voided_at timestamptz, -- When it became void.
	uncollectible_at timestamptz, -- When it was written off.
	seller jsonb, -- The seller as it was when it became final.
	customer jsonb, -- The account as it was then.
	description text, -- Text on the document.
	metadata jsonb,
	created_at timestamptz,
	updated_at timestamptz
);
COMMENT ON TYPE paycore.invoice IS 'What an account owes for a period, or (reason manual) for what was put on it by hand; a draft (status, no number yet) is only getting there. Once it is final (any status but draft), amounts, lines, number and the names and addresses on it never change; what is paid and due does.';

CREATE TYPE paycore.invoice_line AS (
	id uuid,
	tenant_id text,
	invoice_id uuid, -- The invoice.
	place integer, -- Its place on the document.
	kind text, -- recurring, usage, extra or minimum (what is missing to the least amount).
	subscription_id uuid, -- The subscription.
	subscription_item_id uuid, -- The item.
	product_id uuid, -- What it is for.
	price_id uuid, -- The price it was reckoned by.
	period tstzrange, -- The time that it is for.
	description text, -- What it says.
	quantity numeric, -- How many.
	unit_price numeric, -- For each, in major units; null: it is no single price.
	amount paycore.money_cents, -- What it comes to before discount.
	discount paycore.money_cents, -- What discounts took off.
	tax paycore.money_cents, -- The taxes on it.
	tax_inclusive boolean, -- Whether amount contains tax.
	voided boolean, -- Whether its invoice became void, so that its time can be billed again.
	taxes paycore.tax_amount[], -- Which taxes.
	extra_charge_id uuid, -- The extra charge that it is.
	metadata jsonb,
	created_at timestamptz
);
COMMENT ON TYPE paycore.invoice_line IS 'One thing that an invoice asks money for. Append-only; of an item no two lines of one kind are for the same time, but for those that were voided with their invoice.';

CREATE TYPE paycore.invoice_line_discount AS (
	id uuid,
	tenant_id text,
	invoice_id uuid, -- The invoice.
	invoice_line_id uuid, -- The line.
	discount_id uuid, -- The discount.
	coupon_id uuid, -- Its coupon.
	amount paycore.money_cents, -- What was taken off.
	created_at timestamptz
);
COMMENT ON TYPE paycore.invoice_line_discount IS 'What a discount took off a line of an invoice. Append-only.';

CREATE FUNCTION paycore.check_invoice_sums() RETURNS trigger LANGUAGE C
AS 'MODULE_PATHNAME', 'paycore_check_invoice_sums';
COMMENT ON FUNCTION paycore.check_invoice_sums() IS 'Trigger guard of invoices and their lines: those of a final invoice add up to it. AFTER INSERT OR UPDATE FOR EACH STATEMENT, with a transition table added.';

CREATE FUNCTION paycore.document_number(prefix text, serial bigint) RETURNS text
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'paycore_document_number';
COMMENT ON FUNCTION paycore.document_number IS 'The number of a document: the prefix, and the serial with at least six digits.';

CREATE FUNCTION paycore.set_invoice_prefix(prefix text, series text DEFAULT 'invoice') RETURNS paycore.invoice_series_row
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_set_invoice_prefix';
COMMENT ON FUNCTION paycore.set_invoice_prefix IS 'What numbers of the series begin with from now on.';

CREATE PROCEDURE paycore.run_billing(as_of timestamptz DEFAULT NULL, batch_size integer DEFAULT 1000, processes integer DEFAULT 1)
LANGUAGE C
AS 'MODULE_PATHNAME', 'paycore_run_billing';
COMMENT ON PROCEDURE paycore.run_billing(timestamptz, integer, integer) IS 'Does what is due in the tenant''s subscriptions by then (null: now): bills their next periods, begins, resumes and ends them. In batches, each of which it commits; by so many processes, of which all but the session''s are background workers. Several runs may be at it at once. Not inside a transaction.';

REVOKE ALL ON PROCEDURE paycore.run_billing(timestamptz, integer, integer) FROM PUBLIC;

CREATE FUNCTION paycore.bill_subscriptions(as_of timestamptz DEFAULT NULL, batch_size integer DEFAULT 1000) RETURNS bigint
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_bill_subscriptions';
COMMENT ON FUNCTION paycore.bill_subscriptions IS 'One batch of run_billing(), in the transaction of the caller: a ROLLBACK makes it a preview. Returns how many subscriptions it did something about.';

CREATE FUNCTION paycore.void_invoice(id uuid, reason text DEFAULT NULL) RETURNS paycore.invoice
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_void_invoice';
COMMENT ON FUNCTION paycore.void_invoice IS 'Says that an open invoice should never have been: nothing is owed for it.';

CREATE FUNCTION paycore.rebill_invoice(id uuid) RETURNS paycore.invoice
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_rebill_invoice';
COMMENT ON FUNCTION paycore.rebill_invoice IS 'Bills again, on a new invoice at once, what a voided invoice of a subscription asked for: at the taxes, names and addresses of now. NULL where the invoice is still to come: the subscription is paused, or could not be billed.';

CREATE FUNCTION paycore.write_off_invoice(id uuid, reason text DEFAULT NULL) RETURNS paycore.invoice
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_write_off_invoice';
COMMENT ON FUNCTION paycore.write_off_invoice IS 'Gives up an open invoice: it becomes uncollectible, and may still be paid.';

CREATE FUNCTION paycore.list_invoices(
	billing_account_id uuid DEFAULT NULL,
	after uuid DEFAULT NULL,
	page_size integer DEFAULT 50
) RETURNS SETOF paycore.invoice
LANGUAGE C STABLE ROWS 50
AS 'MODULE_PATHNAME', 'paycore_list';
COMMENT ON FUNCTION paycore.list_invoices IS 'A page of the invoices of an account, or of the tenant, newest first; after is the last id of the page before.';

CREATE FUNCTION paycore.list_invoice_lines(
	invoice_id uuid,
	after uuid DEFAULT NULL,
	page_size integer DEFAULT 50
) RETURNS SETOF paycore.invoice_line
LANGUAGE C STABLE ROWS 5
AS 'MODULE_PATHNAME', 'paycore_list_invoice_lines';
COMMENT ON FUNCTION paycore.list_invoice_lines IS 'A page of the lines of an invoice, last line first; after is the last id of the page before.';

CREATE FUNCTION paycore.list_invoice_line_discounts(
	invoice_id uuid,
	after uuid DEFAULT NULL,
	page_size integer DEFAULT 50
) RETURNS SETOF paycore.invoice_line_discount
LANGUAGE C STABLE ROWS 5
AS 'MODULE_PATHNAME', 'paycore_list_invoice_lines';
COMMENT ON FUNCTION paycore.list_invoice_line_discounts IS 'A page of what discounts took off the lines of an invoice, last first; after is the last id of the page before.';
