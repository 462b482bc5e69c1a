--
-- Extra charges: what goes on an invoice beside what items cost.
--

CREATE TYPE paycore.extra_charge AS (
	id uuid,
	tenant_id text,
	billing_account_id uuid,
	subscription_id uuid, -- On whose next invoice it goes; null: on the account's.
	subscription_item_id uuid, -- The item that it comes of.
	product_id uuid, -- What it is for.
	price_id uuid, -- The price it was reckoned by.
	kind text, -- charge, proration, late_usage or rebilled.
	description text, -- Text of the line.
	quantity numeric, -- How many.
	unit_price numeric, -- For each, in major units.
	amount paycore.money_cents, -- What it comes to; below zero: a credit.
	period tstzrange, -- The time that it is for.
	tax_inclusive boolean, -- Whether amount contains tax.
	credits_line_id uuid, -- The invoice line that it gives back a part of, at that line's taxes.
	rebills_line_id uuid, -- The voided line that it asks for again.
	draft_id uuid, -- The draft that it is a line of.
	tax_rate_ids uuid[], -- Its taxes on that draft; null: its product's, or those by default.
	invoice_id uuid, -- The invoice that has it.
	removed_at timestamptz, -- When it was taken back.
	metadata jsonb,
	created_at timestamptz,
	updated_at timestamptz
);
COMMENT ON TYPE paycore.extra_charge IS 'What the next invoice of a subscription, or (without one) of its account, has beside the items: a charge or a credit.';

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
