-- What a price makes of a quantity.

CREATE TYPE paycore.price_tier AS (up_to numeric, unit_price numeric, flat_fee numeric);
COMMENT ON TYPE paycore.price_tier IS 'a tier of a price: quantities up to and including up_to (NULL: without end), what a unit costs and what the tier itself costs, in major units';

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

CREATE FUNCTION paycore.prorate(
	amount paycore.money_cents,
	period tstzrange,
	part tstzrange,
	by text DEFAULT 'second',
	time_zone text DEFAULT 'UTC'
) RETURNS paycore.money_cents
	AS 'MODULE_PATHNAME', 'paycore_prorate' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION paycore.prorate IS 'The share of an amount that falls to a part of its period, by elapsed time (by => ''second'') or by days of the calendar (by => ''day''); the shares of parts that tile the period add up to the amount. Outside of the period nothing falls due.';
