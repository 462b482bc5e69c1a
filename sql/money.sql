-- Amounts of money: a currency and a signed count of its minor units in eight bytes by value.

CREATE TYPE paycore.money_cents;

CREATE FUNCTION paycore.money_cents_in(cstring) RETURNS paycore.money_cents
	AS 'MODULE_PATHNAME', 'paycore_money_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION paycore.money_cents_in(cstring) IS 'reads text';
CREATE FUNCTION paycore.money_cents_out(paycore.money_cents) RETURNS cstring
	AS 'MODULE_PATHNAME', 'paycore_money_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION paycore.money_cents_out(paycore.money_cents) IS 'writes text';
CREATE FUNCTION paycore.money_cents_recv(internal) RETURNS paycore.money_cents
	AS 'MODULE_PATHNAME', 'paycore_money_recv' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION paycore.money_cents_recv(internal) IS 'reads binary';
CREATE FUNCTION paycore.money_cents_send(paycore.money_cents) RETURNS bytea
	AS 'MODULE_PATHNAME', 'paycore_money_send' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION paycore.money_cents_send(paycore.money_cents) IS 'writes binary';

CREATE TYPE paycore.money_cents (
	INPUT = paycore.money_cents_in,
	OUTPUT = paycore.money_cents_out,
	RECEIVE = paycore.money_cents_recv,
	SEND = paycore.money_cents_send,
	INTERNALLENGTH = 8,
	PASSEDBYVALUE,
	ALIGNMENT = double
);
COMMENT ON TYPE paycore.money_cents IS 'an amount of money: 12.34 USD, 1234 JPY, 1.234 KWD; exact, one currency, within +-(2^53 - 1) minor units';

-- Making amounts and taking them apart.

CREATE FUNCTION paycore.money_cents(bigint, paycore.currency) RETURNS paycore.money_cents
	AS 'MODULE_PATHNAME', 'paycore_money_make' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION paycore.money_cents(bigint, paycore.currency) IS 'an amount from minor units: money_cents(1234, ''USD'') is 12.34 USD';
CREATE FUNCTION paycore.round_money(amount numeric, currency paycore.currency, rounding text) RETURNS paycore.money_cents
	AS 'MODULE_PATHNAME', 'paycore_round_money' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION paycore.round_money(amount numeric, currency paycore.currency, rounding text) IS 'an amount from major units, rounded half_up, half_even, half_down, up, down, ceiling or floor';
CREATE FUNCTION paycore.cents(paycore.money_cents) RETURNS bigint
	AS 'MODULE_PATHNAME', 'paycore_money_cents' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.cents(paycore.money_cents) IS 'the amount in minor units';
CREATE FUNCTION paycore.currency(paycore.money_cents) RETURNS paycore.currency
	AS 'MODULE_PATHNAME', 'paycore_money_currency' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.currency(paycore.money_cents) IS 'the currency of an amount';
CREATE FUNCTION paycore.money_cents_numeric(paycore.money_cents) RETURNS numeric
	AS 'MODULE_PATHNAME', 'paycore_money_to_numeric' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.money_cents_numeric(paycore.money_cents) IS 'the amount in major units, without its currency';

CREATE CAST (paycore.money_cents AS numeric) WITH FUNCTION paycore.money_cents_numeric(paycore.money_cents);
COMMENT ON CAST (paycore.money_cents AS numeric) IS 'the amount in major units, without its currency';

-- Arithmetic: raises PY001 across currencies and PY006 outside the range.

CREATE FUNCTION paycore.money_cents_add(paycore.money_cents, paycore.money_cents) RETURNS paycore.money_cents
	AS 'MODULE_PATHNAME', 'paycore_money_add' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION paycore.money_cents_add(paycore.money_cents, paycore.money_cents) IS 'sum';
CREATE FUNCTION paycore.money_cents_subtract(paycore.money_cents, paycore.money_cents) RETURNS paycore.money_cents
	AS 'MODULE_PATHNAME', 'paycore_money_subtract' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION paycore.money_cents_subtract(paycore.money_cents, paycore.money_cents) IS 'difference';
CREATE FUNCTION paycore.money_cents_negate(paycore.money_cents) RETURNS paycore.money_cents
	AS 'MODULE_PATHNAME', 'paycore_money_negate' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.money_cents_negate(paycore.money_cents) IS 'the amount with the other sign';
CREATE FUNCTION paycore.money_cents_times(paycore.money_cents, bigint) RETURNS paycore.money_cents
	AS 'MODULE_PATHNAME', 'paycore_money_times' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION paycore.money_cents_times(paycore.money_cents, bigint) IS 'product with a whole number';
CREATE FUNCTION paycore.money_cents_times(bigint, paycore.money_cents) RETURNS paycore.money_cents
	AS 'MODULE_PATHNAME', 'paycore_times_money' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION paycore.money_cents_times(bigint, paycore.money_cents) IS 'product with a whole number';
CREATE FUNCTION paycore.money_cents_ratio(paycore.money_cents, paycore.money_cents) RETURNS numeric
	AS 'MODULE_PATHNAME', 'paycore_money_ratio' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION paycore.money_cents_ratio(paycore.money_cents, paycore.money_cents) IS 'ratio of two amounts of one currency';
CREATE FUNCTION paycore.abs(paycore.money_cents) RETURNS paycore.money_cents
	AS 'MODULE_PATHNAME', 'paycore_money_abs' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.abs(paycore.money_cents) IS 'the amount without its sign';
CREATE FUNCTION paycore.multiply(amount paycore.money_cents, factor numeric, rounding text) RETURNS paycore.money_cents
	AS 'MODULE_PATHNAME', 'paycore_money_multiply' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION paycore.multiply(amount paycore.money_cents, factor numeric, rounding text) IS 'product, rounded half_up, half_even, half_down, up, down, ceiling or floor';
CREATE FUNCTION paycore.allocate(amount paycore.money_cents, weights bigint[]) RETURNS paycore.money_cents[]
	AS 'MODULE_PATHNAME', 'paycore_money_allocate' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION paycore.allocate(amount paycore.money_cents, weights bigint[]) IS 'shares by weight that add up to the amount exactly (largest remainder; of equals, the first)';

CREATE OPERATOR paycore.+ (
	LEFTARG = paycore.money_cents, RIGHTARG = paycore.money_cents, FUNCTION = paycore.money_cents_add,
	COMMUTATOR = OPERATOR(paycore.+)
);
COMMENT ON OPERATOR paycore.+ (paycore.money_cents, paycore.money_cents) IS 'sum';
CREATE OPERATOR paycore.- (
	LEFTARG = paycore.money_cents, RIGHTARG = paycore.money_cents, FUNCTION = paycore.money_cents_subtract
);
COMMENT ON OPERATOR paycore.- (paycore.money_cents, paycore.money_cents) IS 'difference';
CREATE OPERATOR paycore.- (
	RIGHTARG = paycore.money_cents, FUNCTION = paycore.money_cents_negate
);
COMMENT ON OPERATOR paycore.- (NONE, paycore.money_cents) IS 'the amount with the other sign';
CREATE OPERATOR paycore.* (
	LEFTARG = paycore.money_cents, RIGHTARG = bigint, FUNCTION = paycore.money_cents_times,
	COMMUTATOR = OPERATOR(paycore.*)
);
COMMENT ON OPERATOR paycore.* (paycore.money_cents, bigint) IS 'product with a whole number';
CREATE OPERATOR paycore.* (
	LEFTARG = bigint, RIGHTARG = paycore.money_cents, FUNCTION = paycore.money_cents_times,
	COMMUTATOR = OPERATOR(paycore.*)
);
COMMENT ON OPERATOR paycore.* (bigint, paycore.money_cents) IS 'product with a whole number';
CREATE OPERATOR paycore./ (
	LEFTARG = paycore.money_cents, RIGHTARG = paycore.money_cents, FUNCTION = paycore.money_cents_ratio
);
COMMENT ON OPERATOR paycore./ (paycore.money_cents, paycore.money_cents) IS 'ratio of two amounts of one currency';

-- What a person compares: raises PY001 across currencies.  Planning must not raise where running
-- does not, hence estimators of their own.

CREATE FUNCTION paycore.money_cents_ltsel(internal, oid, internal, integer) RETURNS double precision
	AS 'MODULE_PATHNAME', 'paycore_money_ltsel' LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION paycore.money_cents_ltsel(internal, oid, internal, integer) IS 'estimates a comparison by the total order';
CREATE FUNCTION paycore.money_cents_lesel(internal, oid, internal, integer) RETURNS double precision
	AS 'MODULE_PATHNAME', 'paycore_money_lesel' LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION paycore.money_cents_lesel(internal, oid, internal, integer) IS 'estimates a comparison by the total order';
CREATE FUNCTION paycore.money_cents_gtsel(internal, oid, internal, integer) RETURNS double precision
	AS 'MODULE_PATHNAME', 'paycore_money_gtsel' LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION paycore.money_cents_gtsel(internal, oid, internal, integer) IS 'estimates a comparison by the total order';
CREATE FUNCTION paycore.money_cents_gesel(internal, oid, internal, integer) RETURNS double precision
	AS 'MODULE_PATHNAME', 'paycore_money_gesel' LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION paycore.money_cents_gesel(internal, oid, internal, integer) IS 'estimates a comparison by the total order';
CREATE FUNCTION paycore.money_cents_lt(paycore.money_cents, paycore.money_cents) RETURNS boolean
	AS 'MODULE_PATHNAME', 'paycore_money_lt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION paycore.money_cents_lt(paycore.money_cents, paycore.money_cents) IS 'less than; one currency only';
CREATE FUNCTION paycore.money_cents_le(paycore.money_cents, paycore.money_cents) RETURNS boolean
	AS 'MODULE_PATHNAME', 'paycore_money_le' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION paycore.money_cents_le(paycore.money_cents, paycore.money_cents) IS 'less than or equal; one currency only';
CREATE FUNCTION paycore.money_cents_gt(paycore.money_cents, paycore.money_cents) RETURNS boolean
	AS 'MODULE_PATHNAME', 'paycore_money_gt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION paycore.money_cents_gt(paycore.money_cents, paycore.money_cents) IS 'greater than; one currency only';
CREATE FUNCTION paycore.money_cents_ge(paycore.money_cents, paycore.money_cents) RETURNS boolean
	AS 'MODULE_PATHNAME', 'paycore_money_ge' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION paycore.money_cents_ge(paycore.money_cents, paycore.money_cents) IS 'greater than or equal; one currency only';
CREATE OPERATOR paycore.< (
	LEFTARG = paycore.money_cents, RIGHTARG = paycore.money_cents, FUNCTION = paycore.money_cents_lt,
	COMMUTATOR = OPERATOR(paycore.>), NEGATOR = OPERATOR(paycore.>=), RESTRICT = paycore.money_cents_ltsel, JOIN = scalarltjoinsel
);
COMMENT ON OPERATOR paycore.< (paycore.money_cents, paycore.money_cents) IS 'less than; one currency only';
CREATE OPERATOR paycore.<= (
	LEFTARG = paycore.money_cents, RIGHTARG = paycore.money_cents, FUNCTION = paycore.money_cents_le,
	COMMUTATOR = OPERATOR(paycore.>=), NEGATOR = OPERATOR(paycore.>), RESTRICT = paycore.money_cents_lesel, JOIN = scalarlejoinsel
);
COMMENT ON OPERATOR paycore.<= (paycore.money_cents, paycore.money_cents) IS 'less than or equal; one currency only';
CREATE OPERATOR paycore.> (
	LEFTARG = paycore.money_cents, RIGHTARG = paycore.money_cents, FUNCTION = paycore.money_cents_gt,
	COMMUTATOR = OPERATOR(paycore.<), NEGATOR = OPERATOR(paycore.<=), RESTRICT = paycore.money_cents_gtsel, JOIN = scalargtjoinsel
);
COMMENT ON OPERATOR paycore.> (paycore.money_cents, paycore.money_cents) IS 'greater than; one currency only';
CREATE OPERATOR paycore.>= (
	LEFTARG = paycore.money_cents, RIGHTARG = paycore.money_cents, FUNCTION = paycore.money_cents_ge,
	COMMUTATOR = OPERATOR(paycore.<=), NEGATOR = OPERATOR(paycore.<), RESTRICT = paycore.money_cents_gesel, JOIN = scalargejoinsel
);
COMMENT ON OPERATOR paycore.>= (paycore.money_cents, paycore.money_cents) IS 'greater than or equal; one currency only';

-- What sorts, indexes, joins and statistics compare: currencies by their codes, then amounts.  Never raises.

CREATE FUNCTION paycore.money_cents_eq(paycore.money_cents, paycore.money_cents) RETURNS boolean
	AS 'MODULE_PATHNAME', 'paycore_money_eq' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.money_cents_eq(paycore.money_cents, paycore.money_cents) IS 'equal';
CREATE FUNCTION paycore.money_cents_ne(paycore.money_cents, paycore.money_cents) RETURNS boolean
	AS 'MODULE_PATHNAME', 'paycore_money_ne' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.money_cents_ne(paycore.money_cents, paycore.money_cents) IS 'not equal';
CREATE FUNCTION paycore.money_cents_order_lt(paycore.money_cents, paycore.money_cents) RETURNS boolean
	AS 'MODULE_PATHNAME', 'paycore_money_order_lt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.money_cents_order_lt(paycore.money_cents, paycore.money_cents) IS 'less than in the total order';
CREATE FUNCTION paycore.money_cents_order_le(paycore.money_cents, paycore.money_cents) RETURNS boolean
	AS 'MODULE_PATHNAME', 'paycore_money_order_le' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.money_cents_order_le(paycore.money_cents, paycore.money_cents) IS 'less than or equal in the total order';
CREATE FUNCTION paycore.money_cents_order_gt(paycore.money_cents, paycore.money_cents) RETURNS boolean
	AS 'MODULE_PATHNAME', 'paycore_money_order_gt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.money_cents_order_gt(paycore.money_cents, paycore.money_cents) IS 'greater than in the total order';
CREATE FUNCTION paycore.money_cents_order_ge(paycore.money_cents, paycore.money_cents) RETURNS boolean
	AS 'MODULE_PATHNAME', 'paycore_money_order_ge' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.money_cents_order_ge(paycore.money_cents, paycore.money_cents) IS 'greater than or equal in the total order';

CREATE OPERATOR paycore.= (
	LEFTARG = paycore.money_cents, RIGHTARG = paycore.money_cents, FUNCTION = paycore.money_cents_eq,
	COMMUTATOR = OPERATOR(paycore.=), NEGATOR = OPERATOR(paycore.<>), RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES
);
COMMENT ON OPERATOR paycore.= (paycore.money_cents, paycore.money_cents) IS 'equal';
CREATE OPERATOR paycore.<> (
	LEFTARG = paycore.money_cents, RIGHTARG = paycore.money_cents, FUNCTION = paycore.money_cents_ne,
	COMMUTATOR = OPERATOR(paycore.<>), NEGATOR = OPERATOR(paycore.=), RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR paycore.<> (paycore.money_cents, paycore.money_cents) IS 'not equal';
CREATE OPERATOR paycore.#< (
	LEFTARG = paycore.money_cents, RIGHTARG = paycore.money_cents, FUNCTION = paycore.money_cents_order_lt,
	COMMUTATOR = OPERATOR(paycore.#>), NEGATOR = OPERATOR(paycore.#>=), RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
COMMENT ON OPERATOR paycore.#< (paycore.money_cents, paycore.money_cents) IS 'less than in the total order';
CREATE OPERATOR paycore.#<= (
	LEFTARG = paycore.money_cents, RIGHTARG = paycore.money_cents, FUNCTION = paycore.money_cents_order_le,
	COMMUTATOR = OPERATOR(paycore.#>=), NEGATOR = OPERATOR(paycore.#>), RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
COMMENT ON OPERATOR paycore.#<= (paycore.money_cents, paycore.money_cents) IS 'less than or equal in the total order';
CREATE OPERATOR paycore.#> (
	LEFTARG = paycore.money_cents, RIGHTARG = paycore.money_cents, FUNCTION = paycore.money_cents_order_gt,
	COMMUTATOR = OPERATOR(paycore.#<), NEGATOR = OPERATOR(paycore.#<=), RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
COMMENT ON OPERATOR paycore.#> (paycore.money_cents, paycore.money_cents) IS 'greater than in the total order';
CREATE OPERATOR paycore.#>= (
	LEFTARG = paycore.money_cents, RIGHTARG = paycore.money_cents, FUNCTION = paycore.money_cents_order_ge,
	COMMUTATOR = OPERATOR(paycore.#<=), NEGATOR = OPERATOR(paycore.#<), RESTRICT = scalargesel, JOIN = scalargejoinsel
);
COMMENT ON OPERATOR paycore.#>= (paycore.money_cents, paycore.money_cents) IS 'greater than or equal in the total order';

CREATE FUNCTION paycore.money_cents_cmp(paycore.money_cents, paycore.money_cents) RETURNS integer
	AS 'MODULE_PATHNAME', 'paycore_money_cmp' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.money_cents_cmp(paycore.money_cents, paycore.money_cents) IS 'order, as a number below, equal to or above 0';
CREATE FUNCTION paycore.money_cents_sortsupport(internal) RETURNS void
	AS 'MODULE_PATHNAME', 'paycore_money_sortsupport' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION paycore.money_cents_sortsupport(internal) IS 'fast comparison for sorts';
CREATE FUNCTION paycore.money_cents_hash(paycore.money_cents) RETURNS integer
	AS 'MODULE_PATHNAME', 'paycore_money_hash' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.money_cents_hash(paycore.money_cents) IS 'hash';
CREATE FUNCTION paycore.money_cents_hash_extended(paycore.money_cents, bigint) RETURNS bigint
	AS 'MODULE_PATHNAME', 'paycore_money_hash_extended' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.money_cents_hash_extended(paycore.money_cents, bigint) IS 'hash with a seed';

CREATE OPERATOR FAMILY paycore.money_cents_order USING btree;
COMMENT ON OPERATOR FAMILY paycore.money_cents_order USING btree IS 'total order: currencies by their codes, then amounts';
CREATE OPERATOR CLASS paycore.money_cents_order DEFAULT FOR TYPE paycore.money_cents USING btree FAMILY paycore.money_cents_order AS
	OPERATOR 1 paycore.#<,
	OPERATOR 2 paycore.#<=,
	OPERATOR 3 paycore.=,
	OPERATOR 4 paycore.#>=,
	OPERATOR 5 paycore.#>,
	FUNCTION 1 paycore.money_cents_cmp(paycore.money_cents, paycore.money_cents),
	FUNCTION 2 paycore.money_cents_sortsupport(internal),
	FUNCTION 4 btequalimage(oid);
COMMENT ON OPERATOR CLASS paycore.money_cents_order USING btree IS 'total order: currencies by their codes, then amounts';

CREATE OPERATOR FAMILY paycore.money_cents_hash USING hash;
COMMENT ON OPERATOR FAMILY paycore.money_cents_hash USING hash IS 'equality of money_cents';
CREATE OPERATOR CLASS paycore.money_cents_hash DEFAULT FOR TYPE paycore.money_cents USING hash FAMILY paycore.money_cents_hash AS
	OPERATOR 1 paycore.=,
	FUNCTION 1 paycore.money_cents_hash(paycore.money_cents),
	FUNCTION 2 paycore.money_cents_hash_extended(paycore.money_cents, bigint);
COMMENT ON OPERATOR CLASS paycore.money_cents_hash USING hash IS 'equality of money_cents';

-- Aggregates; no SORTOP for min and max, or they would raise or not by plan.

CREATE FUNCTION paycore.money_cents_smaller(paycore.money_cents, paycore.money_cents) RETURNS paycore.money_cents
	AS 'MODULE_PATHNAME', 'paycore_money_smaller' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION paycore.money_cents_smaller(paycore.money_cents, paycore.money_cents) IS 'the smaller of two amounts of one currency';
CREATE FUNCTION paycore.money_cents_larger(paycore.money_cents, paycore.money_cents) RETURNS paycore.money_cents
	AS 'MODULE_PATHNAME', 'paycore_money_larger' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION paycore.money_cents_larger(paycore.money_cents, paycore.money_cents) IS 'the larger of two amounts of one currency';

CREATE AGGREGATE paycore.sum(paycore.money_cents) (
	SFUNC = paycore.money_cents_add, STYPE = paycore.money_cents, COMBINEFUNC = paycore.money_cents_add,
	MSFUNC = paycore.money_cents_add, MINVFUNC = paycore.money_cents_subtract, MSTYPE = paycore.money_cents,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE paycore.sum(paycore.money_cents) IS 'sum of amounts of one currency; NULL for no rows';
CREATE AGGREGATE paycore.min(paycore.money_cents) (
	SFUNC = paycore.money_cents_smaller, STYPE = paycore.money_cents, COMBINEFUNC = paycore.money_cents_smaller,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE paycore.min(paycore.money_cents) IS 'smallest of amounts of one currency';
CREATE AGGREGATE paycore.max(paycore.money_cents) (
	SFUNC = paycore.money_cents_larger, STYPE = paycore.money_cents, COMBINEFUNC = paycore.money_cents_larger,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE paycore.max(paycore.money_cents) IS 'largest of amounts of one currency';
