\echo Use "CREATE EXTENSION paycore" to load this file. \quit

-- Currencies: two bytes by value, ordered by their codes.

CREATE TYPE paycore.currency;

CREATE FUNCTION paycore.currency_in(cstring) RETURNS paycore.currency
	AS 'MODULE_PATHNAME', 'paycore_currency_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION paycore.currency_in(cstring) IS 'reads text';
CREATE FUNCTION paycore.currency_out(paycore.currency) RETURNS cstring
	AS 'MODULE_PATHNAME', 'paycore_currency_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION paycore.currency_out(paycore.currency) IS 'writes text';
CREATE FUNCTION paycore.currency_recv(internal) RETURNS paycore.currency
	AS 'MODULE_PATHNAME', 'paycore_currency_recv' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION paycore.currency_recv(internal) IS 'reads binary';
CREATE FUNCTION paycore.currency_send(paycore.currency) RETURNS bytea
	AS 'MODULE_PATHNAME', 'paycore_currency_send' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION paycore.currency_send(paycore.currency) IS 'writes binary';

CREATE TYPE paycore.currency (
	INPUT = paycore.currency_in,
	OUTPUT = paycore.currency_out,
	RECEIVE = paycore.currency_recv,
	SEND = paycore.currency_send,
	INTERNALLENGTH = 2,
	PASSEDBYVALUE,
	ALIGNMENT = int2
);
COMMENT ON TYPE paycore.currency IS 'an ISO 4217 currency; withdrawn ones can be read, but not used in new amounts';

CREATE FUNCTION paycore.currency_exponent(paycore.currency) RETURNS integer
	AS 'MODULE_PATHNAME', 'paycore_currency_exponent' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.currency_exponent(paycore.currency) IS 'decimals of a minor unit; NULL where there is none (metals, test codes)';
CREATE FUNCTION paycore.currency_numeric(paycore.currency) RETURNS integer
	AS 'MODULE_PATHNAME', 'paycore_currency_numeric' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.currency_numeric(paycore.currency) IS 'ISO 4217 number';
CREATE FUNCTION paycore.currency_name(paycore.currency) RETURNS text
	AS 'MODULE_PATHNAME', 'paycore_currency_name' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.currency_name(paycore.currency) IS 'English name';

CREATE FUNCTION paycore.currencies(
	OUT code paycore.currency, OUT "numeric" integer, OUT exponent integer, OUT name text, OUT withdrawn boolean
) RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'paycore_currencies' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF ROWS 200;
COMMENT ON FUNCTION paycore.currencies() IS 'all currencies, those withdrawn lately too';

CREATE FUNCTION paycore.currency_eq(paycore.currency, paycore.currency) RETURNS boolean
	AS 'MODULE_PATHNAME', 'paycore_currency_eq' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.currency_eq(paycore.currency, paycore.currency) IS 'equal';
CREATE FUNCTION paycore.currency_ne(paycore.currency, paycore.currency) RETURNS boolean
	AS 'MODULE_PATHNAME', 'paycore_currency_ne' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.currency_ne(paycore.currency, paycore.currency) IS 'not equal';
CREATE FUNCTION paycore.currency_lt(paycore.currency, paycore.currency) RETURNS boolean
	AS 'MODULE_PATHNAME', 'paycore_currency_lt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.currency_lt(paycore.currency, paycore.currency) IS 'less than';
CREATE FUNCTION paycore.currency_le(paycore.currency, paycore.currency) RETURNS boolean
	AS 'MODULE_PATHNAME', 'paycore_currency_le' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.currency_le(paycore.currency, paycore.currency) IS 'less than or equal';
CREATE FUNCTION paycore.currency_gt(paycore.currency, paycore.currency) RETURNS boolean
	AS 'MODULE_PATHNAME', 'paycore_currency_gt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.currency_gt(paycore.currency, paycore.currency) IS 'greater than';
CREATE FUNCTION paycore.currency_ge(paycore.currency, paycore.currency) RETURNS boolean
	AS 'MODULE_PATHNAME', 'paycore_currency_ge' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.currency_ge(paycore.currency, paycore.currency) IS 'greater than or equal';

CREATE OPERATOR paycore.= (
	LEFTARG = paycore.currency, RIGHTARG = paycore.currency, FUNCTION = paycore.currency_eq,
	COMMUTATOR = OPERATOR(paycore.=), NEGATOR = OPERATOR(paycore.<>), RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES
);
COMMENT ON OPERATOR paycore.= (paycore.currency, paycore.currency) IS 'equal';
CREATE OPERATOR paycore.<> (
	LEFTARG = paycore.currency, RIGHTARG = paycore.currency, FUNCTION = paycore.currency_ne,
	COMMUTATOR = OPERATOR(paycore.<>), NEGATOR = OPERATOR(paycore.=), RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR paycore.<> (paycore.currency, paycore.currency) IS 'not equal';
CREATE OPERATOR paycore.< (
	LEFTARG = paycore.currency, RIGHTARG = paycore.currency, FUNCTION = paycore.currency_lt,
	COMMUTATOR = OPERATOR(paycore.>), NEGATOR = OPERATOR(paycore.>=), RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
COMMENT ON OPERATOR paycore.< (paycore.currency, paycore.currency) IS 'less than in the alphabet of codes';
CREATE OPERATOR paycore.<= (
	LEFTARG = paycore.currency, RIGHTARG = paycore.currency, FUNCTION = paycore.currency_le,
	COMMUTATOR = OPERATOR(paycore.>=), NEGATOR = OPERATOR(paycore.>), RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
COMMENT ON OPERATOR paycore.<= (paycore.currency, paycore.currency) IS 'less than or equal in the alphabet of codes';
CREATE OPERATOR paycore.> (
	LEFTARG = paycore.currency, RIGHTARG = paycore.currency, FUNCTION = paycore.currency_gt,
	COMMUTATOR = OPERATOR(paycore.<), NEGATOR = OPERATOR(paycore.<=), RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
COMMENT ON OPERATOR paycore.> (paycore.currency, paycore.currency) IS 'greater than in the alphabet of codes';
CREATE OPERATOR paycore.>= (
	LEFTARG = paycore.currency, RIGHTARG = paycore.currency, FUNCTION = paycore.currency_ge,
	COMMUTATOR = OPERATOR(paycore.<=), NEGATOR = OPERATOR(paycore.<), RESTRICT = scalargesel, JOIN = scalargejoinsel
);
COMMENT ON OPERATOR paycore.>= (paycore.currency, paycore.currency) IS 'greater than or equal in the alphabet of codes';

CREATE FUNCTION paycore.currency_cmp(paycore.currency, paycore.currency) RETURNS integer
	AS 'MODULE_PATHNAME', 'paycore_currency_cmp' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.currency_cmp(paycore.currency, paycore.currency) IS 'order, as a number below, equal to or above 0';
CREATE FUNCTION paycore.currency_sortsupport(internal) RETURNS void
	AS 'MODULE_PATHNAME', 'paycore_currency_sortsupport' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION paycore.currency_sortsupport(internal) IS 'fast comparison for sorts';
CREATE FUNCTION paycore.currency_hash(paycore.currency) RETURNS integer
	AS 'MODULE_PATHNAME', 'paycore_currency_hash' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.currency_hash(paycore.currency) IS 'hash';
CREATE FUNCTION paycore.currency_hash_extended(paycore.currency, bigint) RETURNS bigint
	AS 'MODULE_PATHNAME', 'paycore_currency_hash_extended' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.currency_hash_extended(paycore.currency, bigint) IS 'hash with a seed';

CREATE OPERATOR FAMILY paycore.currency_order USING btree;
COMMENT ON OPERATOR FAMILY paycore.currency_order USING btree IS 'alphabetical order of codes';
CREATE OPERATOR CLASS paycore.currency_order DEFAULT FOR TYPE paycore.currency USING btree FAMILY paycore.currency_order AS
	OPERATOR 1 paycore.<,
	OPERATOR 2 paycore.<=,
	OPERATOR 3 paycore.=,
	OPERATOR 4 paycore.>=,
	OPERATOR 5 paycore.>,
	FUNCTION 1 paycore.currency_cmp(paycore.currency, paycore.currency),
	FUNCTION 2 paycore.currency_sortsupport(internal),
	FUNCTION 4 btequalimage(oid);
COMMENT ON OPERATOR CLASS paycore.currency_order USING btree IS 'alphabetical order of codes';

CREATE OPERATOR FAMILY paycore.currency_hash USING hash;
COMMENT ON OPERATOR FAMILY paycore.currency_hash USING hash IS 'equality of currency';
CREATE OPERATOR CLASS paycore.currency_hash DEFAULT FOR TYPE paycore.currency USING hash FAMILY paycore.currency_hash AS
	OPERATOR 1 paycore.=,
	FUNCTION 1 paycore.currency_hash(paycore.currency),
	FUNCTION 2 paycore.currency_hash_extended(paycore.currency, bigint);
COMMENT ON OPERATOR CLASS paycore.currency_hash USING hash IS 'equality of currency';

CREATE CAST (paycore.currency AS text) WITH INOUT AS ASSIGNMENT;
COMMENT ON CAST (paycore.currency AS text) IS 'its code';
CREATE CAST (text AS paycore.currency) WITH INOUT AS ASSIGNMENT;
COMMENT ON CAST (text AS paycore.currency) IS 'by its code';
