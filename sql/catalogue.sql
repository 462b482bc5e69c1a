--
-- The catalogue: what is sold, and at which prices.
--

CREATE TYPE paycore.product AS (
	id uuid,
	tenant_id text,
	code text, -- The application's name of it; unique within the tenant.
	name text, -- Name on documents.
	description text, -- What it is.
	tier text, -- Name among plans, such as Pro.
	unit_label text, -- What a unit is called, such as seat.
	tax_code text, -- The tax code that a tax service wants.
	active boolean, -- Whether it can be subscribed to.
	public boolean, -- Whether it may be shown to everybody.
	psp_product_id text, -- The gateway's id of it, where it is mirrored there.
	metadata jsonb,
	created_at timestamptz,
	updated_at timestamptz
);
COMMENT ON TYPE paycore.product IS 'What is sold.';

CREATE TYPE paycore.product_feature AS (
	product_id uuid, -- The product.
	tenant_id text,
	feature text, -- What it allows.
	allowance numeric, -- How much of it; null: as much as they like.
	per_unit boolean, -- Whether allowance is for each unit.
	created_at timestamptz,
	updated_at timestamptz
);
COMMENT ON TYPE paycore.product_feature IS 'What whoever has the product may do, and how much of it.';

CREATE TYPE paycore.price AS (
	id uuid,
	tenant_id text,
	product_id uuid, -- What it is paid for.
	code text, -- The application's name of it; its versions share it.
	version integer, -- Which version of the code.
	name text, -- Name on documents; null: the product's.
	model text, -- flat, per_unit, graduated, volume, package or percentage.
	every paycore.billing_interval, -- How often it is paid; null: once.
	tax_inclusive boolean, -- Whether amounts contain the tax.
	trial_days integer, -- Days of trial.
	free_units numeric, -- Units of each period that cost nothing.
	package_size numeric, -- Units in a package.
	rounding text, -- half_up, half_even, half_down, up, down, ceiling or floor: to minor units.
	meter_id uuid, -- The meter that counts what is paid for; null: the item's quantity is.
	active boolean, -- Whether it can be subscribed to.
	public boolean, -- Whether it may be shown to everybody.
	psp_price_id text, -- The gateway's id of it, where it is mirrored there.
	metadata jsonb,
	created_at timestamptz,
	updated_at timestamptz
);
COMMENT ON TYPE paycore.price IS 'How a product is paid for: its model, how often, and, for each currency, the amounts in price_currencies. What it costs never changes: revise_price() makes a new version under the same code.';

CREATE TYPE paycore.price_currency AS (
	price_id uuid, -- The price.
	tenant_id text,
	currency paycore.currency,
	unit_price numeric, -- For a unit, in major units; of a percentage, the percent.
	tiers paycore.price_tier[], -- Tiers, instead of unit_price.
	minimum paycore.money_cents, -- What a period costs at least.
	maximum paycore.money_cents, -- What a period costs at most.
	created_at timestamptz
);
COMMENT ON TYPE paycore.price_currency IS 'What a price is in one currency: by the unit or by tiers, at least and at most.';

CREATE FUNCTION paycore.create_product(
	code text,
	name text,
	details jsonb DEFAULT '{}'
) RETURNS paycore.product
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_create_product';
COMMENT ON FUNCTION paycore.create_product IS 'Adds a product; code names it within the tenant. details: description, tier, unit_label, tax_code, active, public, psp_product_id, metadata.';

CREATE FUNCTION paycore.update_product(
	id uuid,
	changes jsonb
) RETURNS paycore.product
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_update_product';
COMMENT ON FUNCTION paycore.update_product IS 'Changes what is named in changes: name, and every detail of create_product(). Metadata is merged; a null in it removes its key.';

CREATE FUNCTION paycore.set_product_feature(
	product_id uuid,
	feature text,
	allowance numeric DEFAULT NULL,
	per_unit boolean DEFAULT false
) RETURNS paycore.product_feature
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_set_product_feature';
COMMENT ON FUNCTION paycore.set_product_feature IS 'Says that whoever has the product has the feature, with this much of it (in all, or for each unit), or (null) without a limit.';

CREATE FUNCTION paycore.remove_product_feature(
	product_id uuid,
	feature text
) RETURNS boolean
LANGUAGE C VOLATILE STRICT
AS 'MODULE_PATHNAME', 'paycore_remove_product_feature';
COMMENT ON FUNCTION paycore.remove_product_feature IS 'Takes the feature from the product; false where it had none of the name.';

CREATE FUNCTION paycore.create_price(
	product_id uuid,
	amounts jsonb,
	every paycore.billing_interval DEFAULT NULL,
	model text DEFAULT 'per_unit',
	code text DEFAULT NULL,
	details jsonb DEFAULT '{}'
) RETURNS paycore.price
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_create_price';
COMMENT ON FUNCTION paycore.create_price IS 'Adds a price of a product. amounts: by currency, the price of a unit ("9.90"), or an object of unit_price, tiers (an array of up_to, unit_price, flat_fee), minimum, maximum. model: flat, per_unit, graduated, volume, package or percentage. code: the product''s where null. details: name, tax_inclusive, trial_days, free_units, package_size, rounding, meter (its code), public, psp_price_id, metadata.';

CREATE FUNCTION paycore.revise_price(
	id uuid,
	amounts jsonb DEFAULT NULL,
	details jsonb DEFAULT '{}'
) RETURNS paycore.price
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_revise_price';
COMMENT ON FUNCTION paycore.revise_price IS 'Adds the next version of a price, which takes its place in the catalogue: with these amounts (those of before where null) and details (what is not named stays). Who subscribed to an earlier version stays on it.';

CREATE FUNCTION paycore.add_price_currency(
	price_id uuid,
	amounts jsonb
) RETURNS paycore.price
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_add_price_currency';
COMMENT ON FUNCTION paycore.add_price_currency IS 'Adds currencies to a price, with amounts as for create_price().';

CREATE FUNCTION paycore.update_price(
	id uuid,
	changes jsonb
) RETURNS paycore.price
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_update_price';
COMMENT ON FUNCTION paycore.update_price IS 'Changes what is named in changes: name, active, public, psp_price_id, metadata. For all else there is revise_price().';

CREATE FUNCTION paycore.price_of(
	price_id uuid,
	currency paycore.currency,
	quantity numeric DEFAULT 1
) RETURNS paycore.money_cents
LANGUAGE C STABLE STRICT
AS 'MODULE_PATHNAME', 'paycore_price_of';
COMMENT ON FUNCTION paycore.price_of IS 'What a quantity costs for one interval at this price, before discounts and taxes.';

CREATE FUNCTION paycore.list_products(
	after uuid DEFAULT NULL,
	page_size integer DEFAULT 50
) RETURNS SETOF paycore.product
LANGUAGE C STABLE ROWS 50
AS 'MODULE_PATHNAME', 'paycore_list';
COMMENT ON FUNCTION paycore.list_products IS 'A page of the tenant''s products, newest first; after is the last id of the page before.';

CREATE FUNCTION paycore.list_prices(
	product_id uuid DEFAULT NULL,
	after uuid DEFAULT NULL,
	page_size integer DEFAULT 50
) RETURNS SETOF paycore.price
LANGUAGE C STABLE ROWS 50
AS 'MODULE_PATHNAME', 'paycore_list';
COMMENT ON FUNCTION paycore.list_prices IS 'A page of the prices of a product, or of the tenant, newest first and of all versions; after is the last id of the page before.';
