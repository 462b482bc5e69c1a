--
-- Coupons, the codes that give them away, and the discounts that come of it.
--

CREATE TYPE paycore.coupon AS (
	id uuid,
	tenant_id text,
	code text, -- The application's name of it.
	name text, -- Name on documents.
	percent_off numeric, -- Percent off, or null.
	amount_off paycore.money_cents, -- Amount off, or null.
	duration text, -- once, repeating (for duration_periods bills) or forever.
	duration_periods integer, -- How many bills, where it repeats.
	product_ids uuid[], -- Of these products; empty: of all.
	max_redemptions integer, -- How often it can be redeemed; null: without end.
	redeem_by timestamptz, -- Until when it can be redeemed.
	times_redeemed integer, -- How often it was, counted by a guard.
	active boolean, -- Whether it can be redeemed.
	metadata jsonb,
	created_at timestamptz,
	updated_at timestamptz
);
COMMENT ON TYPE paycore.coupon IS 'So much off, for some time, of some products. What it takes off never changes.';

CREATE TYPE paycore.promotion_code AS (
	id uuid,
	tenant_id text,
	code text, -- What a payer types, in capitals or not.
	coupon_id uuid, -- What it gives.
	billing_account_id uuid, -- Whose it is; null: anybody's.
	first_time_only boolean, -- Only for accounts that have not paid before.
	minimum paycore.money_cents, -- Only for bills from this amount on.
	max_redemptions integer, -- How often it can be redeemed; null: without end.
	expires_at timestamptz, -- Until when it can be redeemed.
	times_redeemed integer, -- How often it was, counted by a guard.
	active boolean, -- Whether it can be redeemed.
	metadata jsonb,
	created_at timestamptz,
	updated_at timestamptz
);
COMMENT ON TYPE paycore.promotion_code IS 'What a payer types to get a coupon.';

CREATE TYPE paycore.discount AS (
	id uuid,
	tenant_id text,
	coupon_id uuid, -- The coupon.
	promotion_code_id uuid, -- The code that was typed.
	billing_account_id uuid, -- Whose bills it is for.
	subscription_id uuid, -- For this subscription only.
	invoice_id uuid, -- For this invoice only.
	starts_at timestamptz, -- From when on it holds.
	ends_at timestamptz, -- When it was over: removed or used up.
	periods_left integer, -- How many bills it is still taken off; null: of all.
	created_at timestamptz,
	updated_at timestamptz
);
COMMENT ON TYPE paycore.discount IS 'A coupon that holds for a subscription, for one invoice (a draft), or for all of the account''s.';

CREATE FUNCTION paycore.create_coupon(
	code text,
	name text,
	percent_off numeric DEFAULT NULL,
	amount_off paycore.money_cents DEFAULT NULL,
	duration text DEFAULT 'once',
	details jsonb DEFAULT '{}'
) RETURNS paycore.coupon
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_create_coupon';
COMMENT ON FUNCTION paycore.create_coupon IS 'Adds a coupon that takes off a percentage, or an amount of one currency; code names it within the tenant. duration: once, repeating (for duration_periods) or forever. details: duration_periods, products (an array of their codes), max_redemptions, redeem_by, metadata.';

CREATE FUNCTION paycore.update_coupon(
	id uuid,
	changes jsonb
) RETURNS paycore.coupon
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_update_coupon';
COMMENT ON FUNCTION paycore.update_coupon IS 'Changes what is named in changes: name, active, metadata. Discounts that were given go on.';

CREATE FUNCTION paycore.create_promotion_code(
	code text,
	coupon text,
	details jsonb DEFAULT '{}'
) RETURNS paycore.promotion_code
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_create_promotion_code';
COMMENT ON FUNCTION paycore.create_promotion_code IS 'Adds a code (letters, digits, - and _, in whatever case) by which payers get a coupon, which is named by its own. details: billing_account_id, first_time_only, minimum, max_redemptions, expires_at, metadata.';

CREATE FUNCTION paycore.update_promotion_code(
	id uuid,
	changes jsonb
) RETURNS paycore.promotion_code
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_update_promotion_code';
COMMENT ON FUNCTION paycore.update_promotion_code IS 'Changes what is named in changes: active, metadata. Discounts that were given go on.';

CREATE FUNCTION paycore.apply_coupon(
	subscription_id uuid,
	code text,
	promotion_only boolean DEFAULT false
) RETURNS paycore.discount
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_apply_coupon';
COMMENT ON FUNCTION paycore.apply_coupon IS 'Gives a subscription the discount of a coupon, by its code or a promotion code; promotion_only: by a promotion code, as for what a payer has typed.';

CREATE FUNCTION paycore.apply_account_coupon(
	billing_account_id uuid,
	code text,
	promotion_only boolean DEFAULT false
) RETURNS paycore.discount
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_apply_account_coupon';
COMMENT ON FUNCTION paycore.apply_account_coupon IS 'As apply_coupon(), for all subscriptions of an account.';

CREATE FUNCTION paycore.remove_discount(id uuid) RETURNS paycore.discount
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_remove_discount';
COMMENT ON FUNCTION paycore.remove_discount IS 'Ends a discount now; its redemption stays counted.';

CREATE FUNCTION paycore.discounts_of(subscription_id uuid) RETURNS SETOF paycore.discount
LANGUAGE C STABLE ROWS 2
AS 'MODULE_PATHNAME', 'paycore_discounts_of';
COMMENT ON FUNCTION paycore.discounts_of IS 'The discounts that hold for a subscription, its own and its account''s, in the order in which they were given.';

CREATE FUNCTION paycore.list_coupons(
	after uuid DEFAULT NULL,
	page_size integer DEFAULT 50
) RETURNS SETOF paycore.coupon
LANGUAGE C STABLE ROWS 50
AS 'MODULE_PATHNAME', 'paycore_list';
COMMENT ON FUNCTION paycore.list_coupons IS 'A page of the tenant''s coupons, newest first; after is the last id of the page before.';

CREATE FUNCTION paycore.list_promotion_codes(
	coupon_id uuid DEFAULT NULL,
	after uuid DEFAULT NULL,
	page_size integer DEFAULT 50
) RETURNS SETOF paycore.promotion_code
LANGUAGE C STABLE ROWS 50
AS 'MODULE_PATHNAME', 'paycore_list';
COMMENT ON FUNCTION paycore.list_promotion_codes IS 'A page of the codes of a coupon, or of the tenant, newest first; after is the last id of the page before.';

CREATE FUNCTION paycore.list_discounts(
	billing_account_id uuid DEFAULT NULL,
	after uuid DEFAULT NULL,
	page_size integer DEFAULT 50
) RETURNS SETOF paycore.discount
LANGUAGE C STABLE ROWS 50
AS 'MODULE_PATHNAME', 'paycore_list';
COMMENT ON FUNCTION paycore.list_discounts IS 'A page of the discounts of an account, or of the tenant, newest first and with those that are over; after is the last id of the page before.';
