-- How often something is billed: a count of days or of months in four bytes by value.

CREATE TYPE paycore.billing_interval;

CREATE FUNCTION paycore.billing_interval_in(cstring) RETURNS paycore.billing_interval
	AS 'MODULE_PATHNAME', 'paycore_interval_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION paycore.billing_interval_in(cstring) IS 'reads text';
CREATE FUNCTION paycore.billing_interval_out(paycore.billing_interval) RETURNS cstring
	AS 'MODULE_PATHNAME', 'paycore_interval_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION paycore.billing_interval_out(paycore.billing_interval) IS 'writes text';
CREATE FUNCTION paycore.billing_interval_recv(internal) RETURNS paycore.billing_interval
	AS 'MODULE_PATHNAME', 'paycore_interval_recv' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION paycore.billing_interval_recv(internal) IS 'reads binary';
CREATE FUNCTION paycore.billing_interval_send(paycore.billing_interval) RETURNS bytea
	AS 'MODULE_PATHNAME', 'paycore_interval_send' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION paycore.billing_interval_send(paycore.billing_interval) IS 'writes binary';

CREATE TYPE paycore.billing_interval (
	INPUT = paycore.billing_interval_in,
	OUTPUT = paycore.billing_interval_out,
	RECEIVE = paycore.billing_interval_recv,
	SEND = paycore.billing_interval_send,
	INTERNALLENGTH = 4,
	PASSEDBYVALUE,
	ALIGNMENT = int4
);
COMMENT ON TYPE paycore.billing_interval IS 'how often something is billed: day, week, month, quarter, year, 2 weeks, 6 months; up to 10 years';

CREATE FUNCTION paycore.every(unit text, count integer DEFAULT 1) RETURNS paycore.billing_interval
	AS 'MODULE_PATHNAME', 'paycore_every' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION paycore.every(unit text, count integer) IS 'so many days, weeks, months, quarters or years';
CREATE FUNCTION paycore.interval_unit(paycore.billing_interval) RETURNS text
	AS 'MODULE_PATHNAME', 'paycore_interval_unit' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.interval_unit(paycore.billing_interval) IS 'what it is counted in: day or month';
CREATE FUNCTION paycore.interval_count(paycore.billing_interval) RETURNS integer
	AS 'MODULE_PATHNAME', 'paycore_interval_count' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.interval_count(paycore.billing_interval) IS 'how many days or months it has';
CREATE FUNCTION paycore.months(paycore.billing_interval) RETURNS numeric
	AS 'MODULE_PATHNAME', 'paycore_interval_months' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.months(paycore.billing_interval) IS 'its length in months; 365.25 days are 12';
CREATE FUNCTION paycore.billing_interval_interval(paycore.billing_interval) RETURNS interval
	AS 'MODULE_PATHNAME', 'paycore_interval_to_interval' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.billing_interval_interval(paycore.billing_interval) IS 'the same as interval of the calendar';

CREATE CAST (paycore.billing_interval AS interval) WITH FUNCTION paycore.billing_interval_interval(paycore.billing_interval) AS ASSIGNMENT;
COMMENT ON CAST (paycore.billing_interval AS interval) IS 'the same as interval of the calendar';

-- Order by nominal length; of equals, the one in days first.

CREATE FUNCTION paycore.billing_interval_eq(paycore.billing_interval, paycore.billing_interval) RETURNS boolean
	AS 'MODULE_PATHNAME', 'paycore_interval_eq' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.billing_interval_eq(paycore.billing_interval, paycore.billing_interval) IS 'equal';
CREATE FUNCTION paycore.billing_interval_ne(paycore.billing_interval, paycore.billing_interval) RETURNS boolean
	AS 'MODULE_PATHNAME', 'paycore_interval_ne' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.billing_interval_ne(paycore.billing_interval, paycore.billing_interval) IS 'not equal';
CREATE FUNCTION paycore.billing_interval_lt(paycore.billing_interval, paycore.billing_interval) RETURNS boolean
	AS 'MODULE_PATHNAME', 'paycore_interval_lt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.billing_interval_lt(paycore.billing_interval, paycore.billing_interval) IS 'less than';
CREATE FUNCTION paycore.billing_interval_le(paycore.billing_interval, paycore.billing_interval) RETURNS boolean
	AS 'MODULE_PATHNAME', 'paycore_interval_le' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.billing_interval_le(paycore.billing_interval, paycore.billing_interval) IS 'less than or equal';
CREATE FUNCTION paycore.billing_interval_gt(paycore.billing_interval, paycore.billing_interval) RETURNS boolean
	AS 'MODULE_PATHNAME', 'paycore_interval_gt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.billing_interval_gt(paycore.billing_interval, paycore.billing_interval) IS 'greater than';
CREATE FUNCTION paycore.billing_interval_ge(paycore.billing_interval, paycore.billing_interval) RETURNS boolean
	AS 'MODULE_PATHNAME', 'paycore_interval_ge' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.billing_interval_ge(paycore.billing_interval, paycore.billing_interval) IS 'greater than or equal';

CREATE OPERATOR paycore.= (
	LEFTARG = paycore.billing_interval, RIGHTARG = paycore.billing_interval, FUNCTION = paycore.billing_interval_eq,
	COMMUTATOR = OPERATOR(paycore.=), NEGATOR = OPERATOR(paycore.<>), RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES
);
COMMENT ON OPERATOR paycore.= (paycore.billing_interval, paycore.billing_interval) IS 'equal';
CREATE OPERATOR paycore.<> (
	LEFTARG = paycore.billing_interval, RIGHTARG = paycore.billing_interval, FUNCTION = paycore.billing_interval_ne,
	COMMUTATOR = OPERATOR(paycore.<>), NEGATOR = OPERATOR(paycore.=), RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR paycore.<> (paycore.billing_interval, paycore.billing_interval) IS 'not equal';
CREATE OPERATOR paycore.< (
	LEFTARG = paycore.billing_interval, RIGHTARG = paycore.billing_interval, FUNCTION = paycore.billing_interval_lt,
	COMMUTATOR = OPERATOR(paycore.>), NEGATOR = OPERATOR(paycore.>=), RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
COMMENT ON OPERATOR paycore.< (paycore.billing_interval, paycore.billing_interval) IS 'shorter by nominal length';
CREATE OPERATOR paycore.<= (
	LEFTARG = paycore.billing_interval, RIGHTARG = paycore.billing_interval, FUNCTION = paycore.billing_interval_le,
	COMMUTATOR = OPERATOR(paycore.>=), NEGATOR = OPERATOR(paycore.>), RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
COMMENT ON OPERATOR paycore.<= (paycore.billing_interval, paycore.billing_interval) IS 'shorter or equal';
CREATE OPERATOR paycore.> (
	LEFTARG = paycore.billing_interval, RIGHTARG = paycore.billing_interval, FUNCTION = paycore.billing_interval_gt,
	COMMUTATOR = OPERATOR(paycore.<), NEGATOR = OPERATOR(paycore.<=), RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
COMMENT ON OPERATOR paycore.> (paycore.billing_interval, paycore.billing_interval) IS 'longer by nominal length';
CREATE OPERATOR paycore.>= (
	LEFTARG = paycore.billing_interval, RIGHTARG = paycore.billing_interval, FUNCTION = paycore.billing_interval_ge,
	COMMUTATOR = OPERATOR(paycore.<=), NEGATOR = OPERATOR(paycore.<), RESTRICT = scalargesel, JOIN = scalargejoinsel
);
COMMENT ON OPERATOR paycore.>= (paycore.billing_interval, paycore.billing_interval) IS 'longer or equal';

CREATE FUNCTION paycore.billing_interval_cmp(paycore.billing_interval, paycore.billing_interval) RETURNS integer
	AS 'MODULE_PATHNAME', 'paycore_interval_cmp' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.billing_interval_cmp(paycore.billing_interval, paycore.billing_interval) IS 'order, as a number below, equal to or above 0';
CREATE FUNCTION paycore.billing_interval_sortsupport(internal) RETURNS void
	AS 'MODULE_PATHNAME', 'paycore_interval_sortsupport' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION paycore.billing_interval_sortsupport(internal) IS 'fast comparison for sorts';
CREATE FUNCTION paycore.billing_interval_hash(paycore.billing_interval) RETURNS integer
	AS 'MODULE_PATHNAME', 'paycore_interval_hash' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.billing_interval_hash(paycore.billing_interval) IS 'hash';
CREATE FUNCTION paycore.billing_interval_hash_extended(paycore.billing_interval, bigint) RETURNS bigint
	AS 'MODULE_PATHNAME', 'paycore_interval_hash_extended' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.billing_interval_hash_extended(paycore.billing_interval, bigint) IS 'hash with a seed';

CREATE OPERATOR FAMILY paycore.billing_interval_order USING btree;
COMMENT ON OPERATOR FAMILY paycore.billing_interval_order USING btree IS 'order by nominal length';
CREATE OPERATOR CLASS paycore.billing_interval_order DEFAULT FOR TYPE paycore.billing_interval USING btree FAMILY paycore.billing_interval_order AS
	OPERATOR 1 paycore.<,
	OPERATOR 2 paycore.<=,
	OPERATOR 3 paycore.=,
	OPERATOR 4 paycore.>=,
	OPERATOR 5 paycore.>,
	FUNCTION 1 paycore.billing_interval_cmp(paycore.billing_interval, paycore.billing_interval),
	FUNCTION 2 paycore.billing_interval_sortsupport(internal),
	FUNCTION 4 btequalimage(oid);
COMMENT ON OPERATOR CLASS paycore.billing_interval_order USING btree IS 'order by nominal length';

CREATE OPERATOR FAMILY paycore.billing_interval_hash USING hash;
COMMENT ON OPERATOR FAMILY paycore.billing_interval_hash USING hash IS 'equality of billing_interval';
CREATE OPERATOR CLASS paycore.billing_interval_hash DEFAULT FOR TYPE paycore.billing_interval USING hash FAMILY paycore.billing_interval_hash AS
	OPERATOR 1 paycore.=,
	FUNCTION 1 paycore.billing_interval_hash(paycore.billing_interval),
	FUNCTION 2 paycore.billing_interval_hash_extended(paycore.billing_interval, bigint);
COMMENT ON OPERATOR CLASS paycore.billing_interval_hash USING hash IS 'equality of billing_interval';

CREATE CAST (paycore.billing_interval AS text) WITH INOUT AS ASSIGNMENT;
COMMENT ON CAST (paycore.billing_interval AS text) IS 'as it is written';
CREATE CAST (text AS paycore.billing_interval) WITH INOUT AS ASSIGNMENT;
COMMENT ON CAST (text AS paycore.billing_interval) IS 'as it is read';
