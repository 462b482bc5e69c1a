-- What a price makes of a quantity.

CREATE TYPE paycore.price_tier AS (
	up_to numeric, -- Quantities up to and including this; null: without end.
	unit_price numeric, -- What a unit costs, in major units.
	flat_fee numeric -- What the tier itself costs, in major units.
);
COMMENT ON TYPE paycore.price_tier IS 'a tier of a price';

CREATE FUNCTION paycore.price_amount(
	model text,
	quantity numeric,
	currency paycore.currency,
	unit_price numeric DEFAULT NULL,
	tiers paycore.price_tier[] DEFAULT NULL,
	package_size numeric DEFAULT NULL,
	free_units numeric DEFAULT NULL,
	minimum paycore.money_cents DEFAULT NULL,
	maximum paycore.money_cents DEFAULT NULL,
	rounding text DEFAULT 'half_up'
) RETURNS paycore.money_cents
	AS 'MODULE_PATHNAME', 'paycore_price_amount' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION paycore.price_amount IS 'What a quantity costs. model: flat, per_unit, graduated, volume, package or percentage. Prices are in major units of the currency; the sum is rounded once, at the end.';

CREATE FUNCTION paycore.price_steps(
	model text,
	quantity numeric,
	currency paycore.currency,
	unit_price numeric DEFAULT NULL,
	tiers paycore.price_tier[] DEFAULT NULL,
	package_size numeric DEFAULT NULL,
	free_units numeric DEFAULT NULL,
	minimum paycore.money_cents DEFAULT NULL,
	maximum paycore.money_cents DEFAULT NULL,
	rounding text DEFAULT 'half_up',
	OUT kind text,
	OUT from_quantity numeric,
	OUT up_to numeric,
	OUT quantity numeric,
	OUT unit_price numeric,
	OUT flat_fee numeric,
	OUT amount paycore.money_cents
) RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'paycore_price_steps' LANGUAGE C IMMUTABLE PARALLEL SAFE ROWS 3;
COMMENT ON FUNCTION paycore.price_steps IS 'How price_amount() comes about: free_units, the price by tiers, and what a minimum adds or a maximum takes off. The amounts add up to price_amount().';

CREATE FUNCTION paycore.tax_amounts(amount paycore.money_cents, rates numeric[], inclusive boolean) RETURNS paycore.money_cents[]
	AS 'MODULE_PATHNAME', 'paycore_tax_amounts' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION paycore.tax_amounts IS 'The tax at each rate (percent), rounded half_up. Exclusive: of the amount, each rate by itself. Inclusive: within the amount, at all rates together, split among them.';

CREATE TYPE paycore.tax_amount AS (
	tax_rate_id uuid, -- The rate.
	name text, -- What it was called.
	percentage numeric, -- What it was.
	taxable paycore.money_cents, -- The net amount that it is on.
	amount paycore.money_cents -- The tax.
);
COMMENT ON TYPE paycore.tax_amount IS 'a tax on a line';

CREATE FUNCTION paycore.line_taxes(
	amount paycore.money_cents,
	before paycore.money_cents,
	rates paycore.tax_amount[],
	inclusive boolean,
	exempt boolean DEFAULT false
) RETURNS paycore.tax_amount[]
	AS 'MODULE_PATHNAME', 'paycore_line_taxes' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION paycore.line_taxes IS 'The taxes on an amount, as tax_amounts() has them, in the rows of rates. before: the sum of earlier amounts of these rates that it is rounded together with, 0 where it is rounded by itself. exempt: at 0 percent.';

CREATE FUNCTION paycore.tax_total(taxes paycore.tax_amount[], currency paycore.currency) RETURNS paycore.money_cents
	AS 'MODULE_PATHNAME', 'paycore_tax_total' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION paycore.tax_total IS 'The sum of taxes.';

CREATE FUNCTION paycore.credit_line(
	left_amount paycore.money_cents,
	left_discount paycore.money_cents,
	left_taxes paycore.tax_amount[],
	inclusive boolean,
	gross paycore.money_cents,
	OUT amount paycore.money_cents,
	OUT discount paycore.money_cents,
	OUT tax paycore.money_cents,
	OUT taxes paycore.tax_amount[]
)
	AS 'MODULE_PATHNAME', 'paycore_credit_line' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION paycore.credit_line IS 'What giving back gross (with tax) of a line comes to in its own terms, by what is left of its amount, discount and taxes: so parts never come to more than the line, and the last one to all that is left.';

CREATE TYPE paycore.discount_term AS (
	percent_off numeric, -- Percent off, or null.
	amount_off paycore.money_cents, -- Amount off, or null.
	product_ids uuid[] -- Of these products; empty: of all.
);
COMMENT ON TYPE paycore.discount_term IS 'what a coupon takes off';

CREATE FUNCTION paycore.discount_lines(
	amounts paycore.money_cents[],
	products uuid[],
	terms paycore.discount_term[],
	OUT line integer,
	OUT term integer,
	OUT amount paycore.money_cents
) RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'paycore_discount_lines' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 2;
COMMENT ON FUNCTION paycore.discount_lines IS 'What coupons take off the lines of an invoice, one coupon after the other and never more than there is: which line (from 1), which coupon (from 1), how much. Rounded once for each coupon, and split by largest remainder.';

CREATE FUNCTION paycore.prorate(
	amount paycore.money_cents,
	period tstzrange,
	part tstzrange,
	by text DEFAULT 'second',
	time_zone text DEFAULT 'UTC'
) RETURNS paycore.money_cents
	AS 'MODULE_PATHNAME', 'paycore_prorate' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION paycore.prorate IS 'The share of an amount that falls to a part of its period, by elapsed time (by => ''second'') or by days of the calendar (by => ''day''); the shares of parts that tile the period add up to the amount. Outside of the period nothing falls due.';
