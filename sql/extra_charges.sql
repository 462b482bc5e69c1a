--
-- Extra charges: what goes on an invoice beside what items cost.
--

CREATE TYPE paycore.extra_charge AS (
	id uuid,
	tenant_id text,
	billing_account_id uuid,
	subscription_id uuid,
	subscription_item_id uuid,
	product_id uuid,
	price_id uuid,
	kind text,
	description text,
	quantity numeric,
	unit_price numeric,
	amount paycore.money_cents,
	period tstzrange,
	tax_inclusive boolean,
	credits_line_id uuid,
	rebills_line_id uuid,
	draft_id uuid,
	tax_rate_ids uuid[],
	invoice_id uuid,
	removed_at timestamptz,
	metadata jsonb,
	created_at timestamptz,
	updated_at timestamptz
);
COMMENT ON TYPE paycore.extra_charge IS 'What the next invoice of a subscription, or (without one) of its account, has beside the items: a charge, or (below zero) a credit. kind: charge, proration, late_usage or rebilled. credits_line_id: the invoice line that it gives back a part of, at that line''s taxes. rebills_line_id: the voided line that it asks for again. draft_id: the draft of an invoice that it is a line of, and tax_rate_ids the taxes on it (null: its product''s, or those by default). invoice_id: the invoice that has it.';

CREATE FUNCTION paycore.add_charge(
	billing_account_id uuid,
	amount paycore.money_cents,
	description text,
	details jsonb DEFAULT '{}',
	idempotency_key text DEFAULT NULL
) RETURNS paycore.extra_charge
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_add_charge';
COMMENT ON FUNCTION paycore.add_charge IS 'Puts an amount (below zero: a credit) on the next invoice of an account. details: subscription_id (its next one), product (a code: its taxes and coupons hold), quantity, unit_price, tax_inclusive, now (true: an invoice at once, of that subscription), metadata.';

CREATE FUNCTION paycore.remove_charge(id uuid) RETURNS paycore.extra_charge
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_remove_charge';
COMMENT ON FUNCTION paycore.remove_charge IS 'Takes back a charge that is on no invoice yet.';

CREATE FUNCTION paycore.list_charges(
	billing_account_id uuid DEFAULT NULL,
	after uuid DEFAULT NULL,
	page_size integer DEFAULT 50
) RETURNS SETOF paycore.extra_charge
LANGUAGE C STABLE ROWS 50
AS 'MODULE_PATHNAME', 'paycore_list';
COMMENT ON FUNCTION paycore.list_charges IS 'A page of the extra charges of an account, or of the tenant, newest first; after is the last id of the page before.';
