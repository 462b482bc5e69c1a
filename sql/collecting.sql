--
-- How invoices are paid.
--

CREATE TYPE paycore.invoice_payment AS (
	id uuid,
	tenant_id text,
	invoice_id uuid, -- The invoice.
	kind text, -- payment, bounce (below zero: a payment came back) or balance (of the account; below zero: put onto it).
	amount paycore.money_cents, -- What was applied.
	surplus paycore.money_cents, -- The part of the payment that was not due and went to the account's balance.
	payment_id uuid, -- The payment.
	account_transaction_id uuid, -- What it moved on the account's balance.
	applied_at timestamptz, -- When, by the billing clock.
	created_at timestamptz
);
COMMENT ON TYPE paycore.invoice_payment IS 'Money applied to an invoice: a payment, one that bounced, or the account''s balance.';

CREATE FUNCTION paycore.apply_balance(
	balance paycore.money_cents,
	totals paycore.money_cents[],
	minimums paycore.money_cents[]
) RETURNS paycore.money_cents[]
	AS 'MODULE_PATHNAME', 'paycore_apply_balance' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION paycore.apply_balance IS 'What of an account''s balance goes on each of its invoices, in their order: it pays them; what is owed from before is asked for; an invoice of less than nothing, and one of which less than its minimum would be charged, goes onto the balance.';

CREATE FUNCTION paycore.least_charge(currency paycore.currency) RETURNS paycore.money_cents
	AS 'MODULE_PATHNAME', 'paycore_least_charge' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION paycore.least_charge IS 'The least amount of the currency that Stripe (and the mock) charges; 0 where none is known.';

CREATE FUNCTION paycore.settle_invoices() RETURNS trigger LANGUAGE C
AS 'MODULE_PATHNAME', 'paycore_settle_invoices';
COMMENT ON FUNCTION paycore.settle_invoices() IS 'Trigger guard of invoices and of what is applied to them: an invoice says what was paid of it and what is due, is paid when nothing is, and never more is applied than is due. AFTER INSERT FOR EACH STATEMENT, with a transition table added.';

CREATE FUNCTION paycore.keep_sums() RETURNS trigger LANGUAGE C
AS 'MODULE_PATHNAME', 'paycore_keep_sums';
COMMENT ON FUNCTION paycore.keep_sums() IS 'Trigger guard: the columns are sums of rows of another table, and change with them only. BEFORE UPDATE FOR EACH ROW.';

CREATE FUNCTION paycore.apply_to_invoice() RETURNS trigger LANGUAGE C
AS 'MODULE_PATHNAME', 'paycore_apply_to_invoice';
COMMENT ON FUNCTION paycore.apply_to_invoice() IS 'Trigger guard of payment intents and payments: what an invoice''s intent brought is applied to it, and taken back when it bounces. AFTER UPDATE FOR EACH ROW.';

CREATE FUNCTION paycore.pay_invoice(
	id uuid,
	payment_method text DEFAULT NULL,
	confirm boolean DEFAULT true,
	off_session boolean DEFAULT false,
	return_url text DEFAULT NULL,
	gateway_params jsonb DEFAULT '{}',
	metadata jsonb DEFAULT '{}',
	idempotency_key text DEFAULT NULL
) RETURNS paycore.payment_intent
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_pay_invoice';
COMMENT ON FUNCTION paycore.pay_invoice IS 'Charges what is due of an invoice, by its one open payment intent, or a new one. payment_method null: that of the subscription, else the account''s default. confirm => false: for the payer to confirm with the intent''s client_secret.';

CREATE FUNCTION paycore.record_invoice_payment(
	id uuid,
	amount paycore.money_cents DEFAULT NULL,
	fee paycore.money_cents DEFAULT NULL,
	method_type text DEFAULT NULL,
	external_ref text DEFAULT NULL,
	received_at timestamptz DEFAULT NULL,
	description text DEFAULT NULL,
	metadata jsonb DEFAULT '{}',
	idempotency_key text DEFAULT NULL,
	gateway text DEFAULT NULL
) RETURNS paycore.payment
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_record_invoice_payment';
COMMENT ON FUNCTION paycore.record_invoice_payment IS 'Records money that came in for an invoice without a gateway''s help: in part, whole (amount null), or more than is due, which goes to the account''s balance.';

CREATE FUNCTION paycore.apply_account_balance(
	id uuid,
	amount paycore.money_cents DEFAULT NULL,
	idempotency_key text DEFAULT NULL
) RETURNS paycore.invoice
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_apply_account_balance';
COMMENT ON FUNCTION paycore.apply_account_balance IS 'Pays an open invoice from its account''s balance: that amount, or as much as is due and there.';

CREATE FUNCTION paycore.list_invoice_payments(
	invoice_id uuid,
	after uuid DEFAULT NULL,
	page_size integer DEFAULT 50
) RETURNS SETOF paycore.invoice_payment
LANGUAGE C STABLE ROWS 5
AS 'MODULE_PATHNAME', 'paycore_list_invoice_lines';
COMMENT ON FUNCTION paycore.list_invoice_payments IS 'A page of what was applied to an invoice, newest first; after is the last id of the page before.';

REVOKE EXECUTE ON FUNCTION paycore.pay_invoice, paycore.record_invoice_payment, paycore.apply_account_balance FROM PUBLIC;
