-- Lifecycles: one byte by value; the order of states is that of the tables in src/types/lifecycle.c.

CREATE TYPE paycore.intent_status;

CREATE FUNCTION paycore.intent_status_in(cstring) RETURNS paycore.intent_status
	AS 'MODULE_PATHNAME', 'paycore_intent_status_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION paycore.intent_status_in(cstring) IS 'reads text';
CREATE FUNCTION paycore.intent_status_out(paycore.intent_status) RETURNS cstring
	AS 'MODULE_PATHNAME', 'paycore_intent_status_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION paycore.intent_status_out(paycore.intent_status) IS 'writes text';
CREATE FUNCTION paycore.intent_status_recv(internal) RETURNS paycore.intent_status
	AS 'MODULE_PATHNAME', 'paycore_intent_status_recv' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION paycore.intent_status_recv(internal) IS 'reads binary';
CREATE FUNCTION paycore.intent_status_send(paycore.intent_status) RETURNS bytea
	AS 'MODULE_PATHNAME', 'paycore_state_send' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION paycore.intent_status_send(paycore.intent_status) IS 'writes binary';

CREATE TYPE paycore.intent_status (
	INPUT = paycore.intent_status_in,
	OUTPUT = paycore.intent_status_out,
	RECEIVE = paycore.intent_status_recv,
	SEND = paycore.intent_status_send,
	INTERNALLENGTH = 1,
	PASSEDBYVALUE,
	ALIGNMENT = char
);
COMMENT ON TYPE paycore.intent_status IS 'the status of a payment intent; see paycore.transitions(''paycore.intent_status'')';

CREATE FUNCTION paycore.intent_status_eq(paycore.intent_status, paycore.intent_status) RETURNS boolean
	AS 'MODULE_PATHNAME', 'paycore_state_eq' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.intent_status_eq(paycore.intent_status, paycore.intent_status) IS 'equal';
CREATE FUNCTION paycore.intent_status_ne(paycore.intent_status, paycore.intent_status) RETURNS boolean
	AS 'MODULE_PATHNAME', 'paycore_state_ne' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.intent_status_ne(paycore.intent_status, paycore.intent_status) IS 'not equal';
CREATE FUNCTION paycore.intent_status_lt(paycore.intent_status, paycore.intent_status) RETURNS boolean
	AS 'MODULE_PATHNAME', 'paycore_state_lt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.intent_status_lt(paycore.intent_status, paycore.intent_status) IS 'less than';
CREATE FUNCTION paycore.intent_status_le(paycore.intent_status, paycore.intent_status) RETURNS boolean
	AS 'MODULE_PATHNAME', 'paycore_state_le' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.intent_status_le(paycore.intent_status, paycore.intent_status) IS 'less than or equal';
CREATE FUNCTION paycore.intent_status_gt(paycore.intent_status, paycore.intent_status) RETURNS boolean
	AS 'MODULE_PATHNAME', 'paycore_state_gt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.intent_status_gt(paycore.intent_status, paycore.intent_status) IS 'greater than';
CREATE FUNCTION paycore.intent_status_ge(paycore.intent_status, paycore.intent_status) RETURNS boolean
	AS 'MODULE_PATHNAME', 'paycore_state_ge' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.intent_status_ge(paycore.intent_status, paycore.intent_status) IS 'greater than or equal';

CREATE OPERATOR paycore.= (
	LEFTARG = paycore.intent_status, RIGHTARG = paycore.intent_status, FUNCTION = paycore.intent_status_eq,
	COMMUTATOR = OPERATOR(paycore.=), NEGATOR = OPERATOR(paycore.<>), RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES
);
COMMENT ON OPERATOR paycore.= (paycore.intent_status, paycore.intent_status) IS 'equal';
CREATE OPERATOR paycore.<> (
	LEFTARG = paycore.intent_status, RIGHTARG = paycore.intent_status, FUNCTION = paycore.intent_status_ne,
	COMMUTATOR = OPERATOR(paycore.<>), NEGATOR = OPERATOR(paycore.=), RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR paycore.<> (paycore.intent_status, paycore.intent_status) IS 'not equal';
CREATE OPERATOR paycore.< (
	LEFTARG = paycore.intent_status, RIGHTARG = paycore.intent_status, FUNCTION = paycore.intent_status_lt,
	COMMUTATOR = OPERATOR(paycore.>), NEGATOR = OPERATOR(paycore.>=), RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
COMMENT ON OPERATOR paycore.< (paycore.intent_status, paycore.intent_status) IS 'less than in the order of the lifecycle';
CREATE OPERATOR paycore.<= (
	LEFTARG = paycore.intent_status, RIGHTARG = paycore.intent_status, FUNCTION = paycore.intent_status_le,
	COMMUTATOR = OPERATOR(paycore.>=), NEGATOR = OPERATOR(paycore.>), RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
COMMENT ON OPERATOR paycore.<= (paycore.intent_status, paycore.intent_status) IS 'less than or equal in the order of the lifecycle';
CREATE OPERATOR paycore.> (
	LEFTARG = paycore.intent_status, RIGHTARG = paycore.intent_status, FUNCTION = paycore.intent_status_gt,
	COMMUTATOR = OPERATOR(paycore.<), NEGATOR = OPERATOR(paycore.<=), RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
COMMENT ON OPERATOR paycore.> (paycore.intent_status, paycore.intent_status) IS 'greater than in the order of the lifecycle';
CREATE OPERATOR paycore.>= (
	LEFTARG = paycore.intent_status, RIGHTARG = paycore.intent_status, FUNCTION = paycore.intent_status_ge,
	COMMUTATOR = OPERATOR(paycore.<=), NEGATOR = OPERATOR(paycore.<), RESTRICT = scalargesel, JOIN = scalargejoinsel
);
COMMENT ON OPERATOR paycore.>= (paycore.intent_status, paycore.intent_status) IS 'greater than or equal in the order of the lifecycle';

CREATE FUNCTION paycore.intent_status_cmp(paycore.intent_status, paycore.intent_status) RETURNS integer
	AS 'MODULE_PATHNAME', 'paycore_state_cmp' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.intent_status_cmp(paycore.intent_status, paycore.intent_status) IS 'order, as a number below, equal to or above 0';
CREATE FUNCTION paycore.intent_status_hash(paycore.intent_status) RETURNS integer
	AS 'MODULE_PATHNAME', 'paycore_state_hash' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.intent_status_hash(paycore.intent_status) IS 'hash';
CREATE FUNCTION paycore.intent_status_hash_extended(paycore.intent_status, bigint) RETURNS bigint
	AS 'MODULE_PATHNAME', 'paycore_state_hash_extended' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.intent_status_hash_extended(paycore.intent_status, bigint) IS 'hash with a seed';

CREATE OPERATOR FAMILY paycore.intent_status_order USING btree;
COMMENT ON OPERATOR FAMILY paycore.intent_status_order USING btree IS 'order of the lifecycle';
CREATE OPERATOR CLASS paycore.intent_status_order DEFAULT FOR TYPE paycore.intent_status USING btree FAMILY paycore.intent_status_order AS
	OPERATOR 1 paycore.<,
	OPERATOR 2 paycore.<=,
	OPERATOR 3 paycore.=,
	OPERATOR 4 paycore.>=,
	OPERATOR 5 paycore.>,
	FUNCTION 1 paycore.intent_status_cmp(paycore.intent_status, paycore.intent_status),
	FUNCTION 4 btequalimage(oid);
COMMENT ON OPERATOR CLASS paycore.intent_status_order USING btree IS 'order of the lifecycle';

CREATE OPERATOR FAMILY paycore.intent_status_hash USING hash;
COMMENT ON OPERATOR FAMILY paycore.intent_status_hash USING hash IS 'equality of intent_status';
CREATE OPERATOR CLASS paycore.intent_status_hash DEFAULT FOR TYPE paycore.intent_status USING hash FAMILY paycore.intent_status_hash AS
	OPERATOR 1 paycore.=,
	FUNCTION 1 paycore.intent_status_hash(paycore.intent_status),
	FUNCTION 2 paycore.intent_status_hash_extended(paycore.intent_status, bigint);
COMMENT ON OPERATOR CLASS paycore.intent_status_hash USING hash IS 'equality of intent_status';

CREATE CAST (paycore.intent_status AS text) WITH INOUT AS ASSIGNMENT;
COMMENT ON CAST (paycore.intent_status AS text) IS 'its name';
CREATE CAST (text AS paycore.intent_status) WITH INOUT AS ASSIGNMENT;
COMMENT ON CAST (text AS paycore.intent_status) IS 'by its name';

CREATE FUNCTION paycore.can_transition(from_status paycore.intent_status, to_status paycore.intent_status) RETURNS boolean
	AS 'MODULE_PATHNAME', 'paycore_intent_status_can_transition' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.can_transition(from_status paycore.intent_status, to_status paycore.intent_status) IS 'whether a statement may take this step; staying put is always legal';

CREATE TYPE paycore.payment_status;

CREATE FUNCTION paycore.payment_status_in(cstring) RETURNS paycore.payment_status
	AS 'MODULE_PATHNAME', 'paycore_payment_status_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION paycore.payment_status_in(cstring) IS 'reads text';
CREATE FUNCTION paycore.payment_status_out(paycore.payment_status) RETURNS cstring
	AS 'MODULE_PATHNAME', 'paycore_payment_status_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION paycore.payment_status_out(paycore.payment_status) IS 'writes text';
CREATE FUNCTION paycore.payment_status_recv(internal) RETURNS paycore.payment_status
	AS 'MODULE_PATHNAME', 'paycore_payment_status_recv' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION paycore.payment_status_recv(internal) IS 'reads binary';
CREATE FUNCTION paycore.payment_status_send(paycore.payment_status) RETURNS bytea
	AS 'MODULE_PATHNAME', 'paycore_state_send' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION paycore.payment_status_send(paycore.payment_status) IS 'writes binary';

CREATE TYPE paycore.payment_status (
	INPUT = paycore.payment_status_in,
	OUTPUT = paycore.payment_status_out,
	RECEIVE = paycore.payment_status_recv,
	SEND = paycore.payment_status_send,
	INTERNALLENGTH = 1,
	PASSEDBYVALUE,
	ALIGNMENT = char
);
COMMENT ON TYPE paycore.payment_status IS 'the status of a payment; see paycore.transitions(''paycore.payment_status'')';

CREATE FUNCTION paycore.payment_status_eq(paycore.payment_status, paycore.payment_status) RETURNS boolean
	AS 'MODULE_PATHNAME', 'paycore_state_eq' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.payment_status_eq(paycore.payment_status, paycore.payment_status) IS 'equal';
CREATE FUNCTION paycore.payment_status_ne(paycore.payment_status, paycore.payment_status) RETURNS boolean
	AS 'MODULE_PATHNAME', 'paycore_state_ne' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.payment_status_ne(paycore.payment_status, paycore.payment_status) IS 'not equal';
CREATE FUNCTION paycore.payment_status_lt(paycore.payment_status, paycore.payment_status) RETURNS boolean
	AS 'MODULE_PATHNAME', 'paycore_state_lt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.payment_status_lt(paycore.payment_status, paycore.payment_status) IS 'less than';
CREATE FUNCTION paycore.payment_status_le(paycore.payment_status, paycore.payment_status) RETURNS boolean
	AS 'MODULE_PATHNAME', 'paycore_state_le' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.payment_status_le(paycore.payment_status, paycore.payment_status) IS 'less than or equal';
CREATE FUNCTION paycore.payment_status_gt(paycore.payment_status, paycore.payment_status) RETURNS boolean
	AS 'MODULE_PATHNAME', 'paycore_state_gt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.payment_status_gt(paycore.payment_status, paycore.payment_status) IS 'greater than';
CREATE FUNCTION paycore.payment_status_ge(paycore.payment_status, paycore.payment_status) RETURNS boolean
	AS 'MODULE_PATHNAME', 'paycore_state_ge' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.payment_status_ge(paycore.payment_status, paycore.payment_status) IS 'greater than or equal';

CREATE OPERATOR paycore.= (
	LEFTARG = paycore.payment_status, RIGHTARG = paycore.payment_status, FUNCTION = paycore.payment_status_eq,
	COMMUTATOR = OPERATOR(paycore.=), NEGATOR = OPERATOR(paycore.<>), RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES
);
COMMENT ON OPERATOR paycore.= (paycore.payment_status, paycore.payment_status) IS 'equal';
CREATE OPERATOR paycore.<> (
	LEFTARG = paycore.payment_status, RIGHTARG = paycore.payment_status, FUNCTION = paycore.payment_status_ne,
	COMMUTATOR = OPERATOR(paycore.<>), NEGATOR = OPERATOR(paycore.=), RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR paycore.<> (paycore.payment_status, paycore.payment_status) IS 'not equal';
CREATE OPERATOR paycore.< (
	LEFTARG = paycore.payment_status, RIGHTARG = paycore.payment_status, FUNCTION = paycore.payment_status_lt,
	COMMUTATOR = OPERATOR(paycore.>), NEGATOR = OPERATOR(paycore.>=), RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
COMMENT ON OPERATOR paycore.< (paycore.payment_status, paycore.payment_status) IS 'less than in the order of the lifecycle';
CREATE OPERATOR paycore.<= (
	LEFTARG = paycore.payment_status, RIGHTARG = paycore.payment_status, FUNCTION = paycore.payment_status_le,
	COMMUTATOR = OPERATOR(paycore.>=), NEGATOR = OPERATOR(paycore.>), RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
COMMENT ON OPERATOR paycore.<= (paycore.payment_status, paycore.payment_status) IS 'less than or equal in the order of the lifecycle';
CREATE OPERATOR paycore.> (
	LEFTARG = paycore.payment_status, RIGHTARG = paycore.payment_status, FUNCTION = paycore.payment_status_gt,
	COMMUTATOR = OPERATOR(paycore.<), NEGATOR = OPERATOR(paycore.<=), RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
COMMENT ON OPERATOR paycore.> (paycore.payment_status, paycore.payment_status) IS 'greater than in the order of the lifecycle';
CREATE OPERATOR paycore.>= (
	LEFTARG = paycore.payment_status, RIGHTARG = paycore.payment_status, FUNCTION = paycore.payment_status_ge,
	COMMUTATOR = OPERATOR(paycore.<=), NEGATOR = OPERATOR(paycore.<), RESTRICT = scalargesel, JOIN = scalargejoinsel
);
COMMENT ON OPERATOR paycore.>= (paycore.payment_status, paycore.payment_status) IS 'greater than or equal in the order of the lifecycle';

CREATE FUNCTION paycore.payment_status_cmp(paycore.payment_status, paycore.payment_status) RETURNS integer
	AS 'MODULE_PATHNAME', 'paycore_state_cmp' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.payment_status_cmp(paycore.payment_status, paycore.payment_status) IS 'order, as a number below, equal to or above 0';
CREATE FUNCTION paycore.payment_status_hash(paycore.payment_status) RETURNS integer
	AS 'MODULE_PATHNAME', 'paycore_state_hash' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.payment_status_hash(paycore.payment_status) IS 'hash';
CREATE FUNCTION paycore.payment_status_hash_extended(paycore.payment_status, bigint) RETURNS bigint
	AS 'MODULE_PATHNAME', 'paycore_state_hash_extended' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.payment_status_hash_extended(paycore.payment_status, bigint) IS 'hash with a seed';

CREATE OPERATOR FAMILY paycore.payment_status_order USING btree;
COMMENT ON OPERATOR FAMILY paycore.payment_status_order USING btree IS 'order of the lifecycle';
CREATE OPERATOR CLASS paycore.payment_status_order DEFAULT FOR TYPE paycore.payment_status USING btree FAMILY paycore.payment_status_order AS
	OPERATOR 1 paycore.<,
	OPERATOR 2 paycore.<=,
	OPERATOR 3 paycore.=,
	OPERATOR 4 paycore.>=,
	OPERATOR 5 paycore.>,
	FUNCTION 1 paycore.payment_status_cmp(paycore.payment_status, paycore.payment_status),
	FUNCTION 4 btequalimage(oid);
COMMENT ON OPERATOR CLASS paycore.payment_status_order USING btree IS 'order of the lifecycle';

CREATE OPERATOR FAMILY paycore.payment_status_hash USING hash;
COMMENT ON OPERATOR FAMILY paycore.payment_status_hash USING hash IS 'equality of payment_status';
CREATE OPERATOR CLASS paycore.payment_status_hash DEFAULT FOR TYPE paycore.payment_status USING hash FAMILY paycore.payment_status_hash AS
	OPERATOR 1 paycore.=,
	FUNCTION 1 paycore.payment_status_hash(paycore.payment_status),
	FUNCTION 2 paycore.payment_status_hash_extended(paycore.payment_status, bigint);
COMMENT ON OPERATOR CLASS paycore.payment_status_hash USING hash IS 'equality of payment_status';

CREATE CAST (paycore.payment_status AS text) WITH INOUT AS ASSIGNMENT;
COMMENT ON CAST (paycore.payment_status AS text) IS 'its name';
CREATE CAST (text AS paycore.payment_status) WITH INOUT AS ASSIGNMENT;
COMMENT ON CAST (text AS paycore.payment_status) IS 'by its name';

CREATE FUNCTION paycore.can_transition(from_status paycore.payment_status, to_status paycore.payment_status) RETURNS boolean
	AS 'MODULE_PATHNAME', 'paycore_payment_status_can_transition' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.can_transition(from_status paycore.payment_status, to_status paycore.payment_status) IS 'whether a statement may take this step; staying put is always legal';

CREATE TYPE paycore.refund_status;

CREATE FUNCTION paycore.refund_status_in(cstring) RETURNS paycore.refund_status
	AS 'MODULE_PATHNAME', 'paycore_refund_status_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION paycore.refund_status_in(cstring) IS 'reads text';
CREATE FUNCTION paycore.refund_status_out(paycore.refund_status) RETURNS cstring
	AS 'MODULE_PATHNAME', 'paycore_refund_status_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION paycore.refund_status_out(paycore.refund_status) IS 'writes text';
CREATE FUNCTION paycore.refund_status_recv(internal) RETURNS paycore.refund_status
	AS 'MODULE_PATHNAME', 'paycore_refund_status_recv' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION paycore.refund_status_recv(internal) IS 'reads binary';
CREATE FUNCTION paycore.refund_status_send(paycore.refund_status) RETURNS bytea
	AS 'MODULE_PATHNAME', 'paycore_state_send' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION paycore.refund_status_send(paycore.refund_status) IS 'writes binary';

CREATE TYPE paycore.refund_status (
	INPUT = paycore.refund_status_in,
	OUTPUT = paycore.refund_status_out,
	RECEIVE = paycore.refund_status_recv,
	SEND = paycore.refund_status_send,
	INTERNALLENGTH = 1,
	PASSEDBYVALUE,
	ALIGNMENT = char
);
COMMENT ON TYPE paycore.refund_status IS 'the status of a refund; see paycore.transitions(''paycore.refund_status'')';

CREATE FUNCTION paycore.refund_status_eq(paycore.refund_status, paycore.refund_status) RETURNS boolean
	AS 'MODULE_PATHNAME', 'paycore_state_eq' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.refund_status_eq(paycore.refund_status, paycore.refund_status) IS 'equal';
CREATE FUNCTION paycore.refund_status_ne(paycore.refund_status, paycore.refund_status) RETURNS boolean
	AS 'MODULE_PATHNAME', 'paycore_state_ne' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.refund_status_ne(paycore.refund_status, paycore.refund_status) IS 'not equal';
CREATE FUNCTION paycore.refund_status_lt(paycore.refund_status, paycore.refund_status) RETURNS boolean
	AS 'MODULE_PATHNAME', 'paycore_state_lt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.refund_status_lt(paycore.refund_status, paycore.refund_status) IS 'less than';
CREATE FUNCTION paycore.refund_status_le(paycore.refund_status, paycore.refund_status) RETURNS boolean
	AS 'MODULE_PATHNAME', 'paycore_state_le' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.refund_status_le(paycore.refund_status, paycore.refund_status) IS 'less than or equal';
CREATE FUNCTION paycore.refund_status_gt(paycore.refund_status, paycore.refund_status) RETURNS boolean
	AS 'MODULE_PATHNAME', 'paycore_state_gt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.refund_status_gt(paycore.refund_status, paycore.refund_status) IS 'greater than';
CREATE FUNCTION paycore.refund_status_ge(paycore.refund_status, paycore.refund_status) RETURNS boolean
	AS 'MODULE_PATHNAME', 'paycore_state_ge' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.refund_status_ge(paycore.refund_status, paycore.refund_status) IS 'greater than or equal';

CREATE OPERATOR paycore.= (
	LEFTARG = paycore.refund_status, RIGHTARG = paycore.refund_status, FUNCTION = paycore.refund_status_eq,
	COMMUTATOR = OPERATOR(paycore.=), NEGATOR = OPERATOR(paycore.<>), RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES
);
COMMENT ON OPERATOR paycore.= (paycore.refund_status, paycore.refund_status) IS 'equal';
CREATE OPERATOR paycore.<> (
	LEFTARG = paycore.refund_status, RIGHTARG = paycore.refund_status, FUNCTION = paycore.refund_status_ne,
	COMMUTATOR = OPERATOR(paycore.<>), NEGATOR = OPERATOR(paycore.=), RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR paycore.<> (paycore.refund_status, paycore.refund_status) IS 'not equal';
CREATE OPERATOR paycore.< (
	LEFTARG = paycore.refund_status, RIGHTARG = paycore.refund_status, FUNCTION = paycore.refund_status_lt,
	COMMUTATOR = OPERATOR(paycore.>), NEGATOR = OPERATOR(paycore.>=), RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
COMMENT ON OPERATOR paycore.< (paycore.refund_status, paycore.refund_status) IS 'less than in the order of the lifecycle';
CREATE OPERATOR paycore.<= (
	LEFTARG = paycore.refund_status, RIGHTARG = paycore.refund_status, FUNCTION = paycore.refund_status_le,
	COMMUTATOR = OPERATOR(paycore.>=), NEGATOR = OPERATOR(paycore.>), RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
COMMENT ON OPERATOR paycore.<= (paycore.refund_status, paycore.refund_status) IS 'less than or equal in the order of the lifecycle';
CREATE OPERATOR paycore.> (
	LEFTARG = paycore.refund_status, RIGHTARG = paycore.refund_status, FUNCTION = paycore.refund_status_gt,
	COMMUTATOR = OPERATOR(paycore.<), NEGATOR = OPERATOR(paycore.<=), RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
COMMENT ON OPERATOR paycore.> (paycore.refund_status, paycore.refund_status) IS 'greater than in the order of the lifecycle';
CREATE OPERATOR paycore.>= (
	LEFTARG = paycore.refund_status, RIGHTARG = paycore.refund_status, FUNCTION = paycore.refund_status_ge,
	COMMUTATOR = OPERATOR(paycore.<=), NEGATOR = OPERATOR(paycore.<), RESTRICT = scalargesel, JOIN = scalargejoinsel
);
COMMENT ON OPERATOR paycore.>= (paycore.refund_status, paycore.refund_status) IS 'greater than or equal in the order of the lifecycle';

CREATE FUNCTION paycore.refund_status_cmp(paycore.refund_status, paycore.refund_status) RETURNS integer
	AS 'MODULE_PATHNAME', 'paycore_state_cmp' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.refund_status_cmp(paycore.refund_status, paycore.refund_status) IS 'order, as a number below, equal to or above 0';
CREATE FUNCTION paycore.refund_status_hash(paycore.refund_status) RETURNS integer
	AS 'MODULE_PATHNAME', 'paycore_state_hash' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.refund_status_hash(paycore.refund_status) IS 'hash';
CREATE FUNCTION paycore.refund_status_hash_extended(paycore.refund_status, bigint) RETURNS bigint
	AS 'MODULE_PATHNAME', 'paycore_state_hash_extended' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.refund_status_hash_extended(paycore.refund_status, bigint) IS 'hash with a seed';

CREATE OPERATOR FAMILY paycore.refund_status_order USING btree;
COMMENT ON OPERATOR FAMILY paycore.refund_status_order USING btree IS 'order of the lifecycle';
CREATE OPERATOR CLASS paycore.refund_status_order DEFAULT FOR TYPE paycore.refund_status USING btree FAMILY paycore.refund_status_order AS
	OPERATOR 1 paycore.<,
	OPERATOR 2 paycore.<=,
	OPERATOR 3 paycore.=,
	OPERATOR 4 paycore.>=,
	OPERATOR 5 paycore.>,
	FUNCTION 1 paycore.refund_status_cmp(paycore.refund_status, paycore.refund_status),
	FUNCTION 4 btequalimage(oid);
COMMENT ON OPERATOR CLASS paycore.refund_status_order USING btree IS 'order of the lifecycle';

CREATE OPERATOR FAMILY paycore.refund_status_hash USING hash;
COMMENT ON OPERATOR FAMILY paycore.refund_status_hash USING hash IS 'equality of refund_status';
CREATE OPERATOR CLASS paycore.refund_status_hash DEFAULT FOR TYPE paycore.refund_status USING hash FAMILY paycore.refund_status_hash AS
	OPERATOR 1 paycore.=,
	FUNCTION 1 paycore.refund_status_hash(paycore.refund_status),
	FUNCTION 2 paycore.refund_status_hash_extended(paycore.refund_status, bigint);
COMMENT ON OPERATOR CLASS paycore.refund_status_hash USING hash IS 'equality of refund_status';

CREATE CAST (paycore.refund_status AS text) WITH INOUT AS ASSIGNMENT;
COMMENT ON CAST (paycore.refund_status AS text) IS 'its name';
CREATE CAST (text AS paycore.refund_status) WITH INOUT AS ASSIGNMENT;
COMMENT ON CAST (text AS paycore.refund_status) IS 'by its name';

CREATE FUNCTION paycore.can_transition(from_status paycore.refund_status, to_status paycore.refund_status) RETURNS boolean
	AS 'MODULE_PATHNAME', 'paycore_refund_status_can_transition' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.can_transition(from_status paycore.refund_status, to_status paycore.refund_status) IS 'whether a statement may take this step; staying put is always legal';

CREATE TYPE paycore.payout_status;

CREATE FUNCTION paycore.payout_status_in(cstring) RETURNS paycore.payout_status
	AS 'MODULE_PATHNAME', 'paycore_payout_status_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION paycore.payout_status_in(cstring) IS 'reads text';
CREATE FUNCTION paycore.payout_status_out(paycore.payout_status) RETURNS cstring
	AS 'MODULE_PATHNAME', 'paycore_payout_status_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION paycore.payout_status_out(paycore.payout_status) IS 'writes text';
CREATE FUNCTION paycore.payout_status_recv(internal) RETURNS paycore.payout_status
	AS 'MODULE_PATHNAME', 'paycore_payout_status_recv' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION paycore.payout_status_recv(internal) IS 'reads binary';
CREATE FUNCTION paycore.payout_status_send(paycore.payout_status) RETURNS bytea
	AS 'MODULE_PATHNAME', 'paycore_state_send' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION paycore.payout_status_send(paycore.payout_status) IS 'writes binary';

CREATE TYPE paycore.payout_status (
	INPUT = paycore.payout_status_in,
	OUTPUT = paycore.payout_status_out,
	RECEIVE = paycore.payout_status_recv,
	SEND = paycore.payout_status_send,
	INTERNALLENGTH = 1,
	PASSEDBYVALUE,
	ALIGNMENT = char
);
COMMENT ON TYPE paycore.payout_status IS 'the status of a payout; see paycore.transitions(''paycore.payout_status'')';

CREATE FUNCTION paycore.payout_status_eq(paycore.payout_status, paycore.payout_status) RETURNS boolean
	AS 'MODULE_PATHNAME', 'paycore_state_eq' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.payout_status_eq(paycore.payout_status, paycore.payout_status) IS 'equal';
CREATE FUNCTION paycore.payout_status_ne(paycore.payout_status, paycore.payout_status) RETURNS boolean
	AS 'MODULE_PATHNAME', 'paycore_state_ne' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.payout_status_ne(paycore.payout_status, paycore.payout_status) IS 'not equal';
CREATE FUNCTION paycore.payout_status_lt(paycore.payout_status, paycore.payout_status) RETURNS boolean
	AS 'MODULE_PATHNAME', 'paycore_state_lt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.payout_status_lt(paycore.payout_status, paycore.payout_status) IS 'less than';
CREATE FUNCTION paycore.payout_status_le(paycore.payout_status, paycore.payout_status) RETURNS boolean
	AS 'MODULE_PATHNAME', 'paycore_state_le' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.payout_status_le(paycore.payout_status, paycore.payout_status) IS 'less than or equal';
CREATE FUNCTION paycore.payout_status_gt(paycore.payout_status, paycore.payout_status) RETURNS boolean
	AS 'MODULE_PATHNAME', 'paycore_state_gt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.payout_status_gt(paycore.payout_status, paycore.payout_status) IS 'greater than';
CREATE FUNCTION paycore.payout_status_ge(paycore.payout_status, paycore.payout_status) RETURNS boolean
	AS 'MODULE_PATHNAME', 'paycore_state_ge' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.payout_status_ge(paycore.payout_status, paycore.payout_status) IS 'greater than or equal';

CREATE OPERATOR paycore.= (
	LEFTARG = paycore.payout_status, RIGHTARG = paycore.payout_status, FUNCTION = paycore.payout_status_eq,
	COMMUTATOR = OPERATOR(paycore.=), NEGATOR = OPERATOR(paycore.<>), RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES
);
COMMENT ON OPERATOR paycore.= (paycore.payout_status, paycore.payout_status) IS 'equal';
CREATE OPERATOR paycore.<> (
	LEFTARG = paycore.payout_status, RIGHTARG = paycore.payout_status, FUNCTION = paycore.payout_status_ne,
	COMMUTATOR = OPERATOR(paycore.<>), NEGATOR = OPERATOR(paycore.=), RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR paycore.<> (paycore.payout_status, paycore.payout_status) IS 'not equal';
CREATE OPERATOR paycore.< (
	LEFTARG = paycore.payout_status, RIGHTARG = paycore.payout_status, FUNCTION = paycore.payout_status_lt,
	COMMUTATOR = OPERATOR(paycore.>), NEGATOR = OPERATOR(paycore.>=), RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
COMMENT ON OPERATOR paycore.< (paycore.payout_status, paycore.payout_status) IS 'less than in the order of the lifecycle';
CREATE OPERATOR paycore.<= (
	LEFTARG = paycore.payout_status, RIGHTARG = paycore.payout_status, FUNCTION = paycore.payout_status_le,
	COMMUTATOR = OPERATOR(paycore.>=), NEGATOR = OPERATOR(paycore.>), RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
COMMENT ON OPERATOR paycore.<= (paycore.payout_status, paycore.payout_status) IS 'less than or equal in the order of the lifecycle';
CREATE OPERATOR paycore.> (
	LEFTARG = paycore.payout_status, RIGHTARG = paycore.payout_status, FUNCTION = paycore.payout_status_gt,
	COMMUTATOR = OPERATOR(paycore.<), NEGATOR = OPERATOR(paycore.<=), RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
COMMENT ON OPERATOR paycore.> (paycore.payout_status, paycore.payout_status) IS 'greater than in the order of the lifecycle';
CREATE OPERATOR paycore.>= (
	LEFTARG = paycore.payout_status, RIGHTARG = paycore.payout_status, FUNCTION = paycore.payout_status_ge,
	COMMUTATOR = OPERATOR(paycore.<=), NEGATOR = OPERATOR(paycore.<), RESTRICT = scalargesel, JOIN = scalargejoinsel
);
COMMENT ON OPERATOR paycore.>= (paycore.payout_status, paycore.payout_status) IS 'greater than or equal in the order of the lifecycle';

CREATE FUNCTION paycore.payout_status_cmp(paycore.payout_status, paycore.payout_status) RETURNS integer
	AS 'MODULE_PATHNAME', 'paycore_state_cmp' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.payout_status_cmp(paycore.payout_status, paycore.payout_status) IS 'order, as a number below, equal to or above 0';
CREATE FUNCTION paycore.payout_status_hash(paycore.payout_status) RETURNS integer
	AS 'MODULE_PATHNAME', 'paycore_state_hash' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.payout_status_hash(paycore.payout_status) IS 'hash';
CREATE FUNCTION paycore.payout_status_hash_extended(paycore.payout_status, bigint) RETURNS bigint
	AS 'MODULE_PATHNAME', 'paycore_state_hash_extended' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.payout_status_hash_extended(paycore.payout_status, bigint) IS 'hash with a seed';

CREATE OPERATOR FAMILY paycore.payout_status_order USING btree;
COMMENT ON OPERATOR FAMILY paycore.payout_status_order USING btree IS 'order of the lifecycle';
CREATE OPERATOR CLASS paycore.payout_status_order DEFAULT FOR TYPE paycore.payout_status USING btree FAMILY paycore.payout_status_order AS
	OPERATOR 1 paycore.<,
	OPERATOR 2 paycore.<=,
	OPERATOR 3 paycore.=,
	OPERATOR 4 paycore.>=,
	OPERATOR 5 paycore.>,
	FUNCTION 1 paycore.payout_status_cmp(paycore.payout_status, paycore.payout_status),
	FUNCTION 4 btequalimage(oid);
COMMENT ON OPERATOR CLASS paycore.payout_status_order USING btree IS 'order of the lifecycle';

CREATE OPERATOR FAMILY paycore.payout_status_hash USING hash;
COMMENT ON OPERATOR FAMILY paycore.payout_status_hash USING hash IS 'equality of payout_status';
CREATE OPERATOR CLASS paycore.payout_status_hash DEFAULT FOR TYPE paycore.payout_status USING hash FAMILY paycore.payout_status_hash AS
	OPERATOR 1 paycore.=,
	FUNCTION 1 paycore.payout_status_hash(paycore.payout_status),
	FUNCTION 2 paycore.payout_status_hash_extended(paycore.payout_status, bigint);
COMMENT ON OPERATOR CLASS paycore.payout_status_hash USING hash IS 'equality of payout_status';

CREATE CAST (paycore.payout_status AS text) WITH INOUT AS ASSIGNMENT;
COMMENT ON CAST (paycore.payout_status AS text) IS 'its name';
CREATE CAST (text AS paycore.payout_status) WITH INOUT AS ASSIGNMENT;
COMMENT ON CAST (text AS paycore.payout_status) IS 'by its name';

CREATE FUNCTION paycore.can_transition(from_status paycore.payout_status, to_status paycore.payout_status) RETURNS boolean
	AS 'MODULE_PATHNAME', 'paycore_payout_status_can_transition' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.can_transition(from_status paycore.payout_status, to_status paycore.payout_status) IS 'whether a statement may take this step; staying put is always legal';

CREATE TYPE paycore.setup_intent_status;

CREATE FUNCTION paycore.setup_intent_status_in(cstring) RETURNS paycore.setup_intent_status
	AS 'MODULE_PATHNAME', 'paycore_setup_intent_status_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION paycore.setup_intent_status_in(cstring) IS 'reads text';
CREATE FUNCTION paycore.setup_intent_status_out(paycore.setup_intent_status) RETURNS cstring
	AS 'MODULE_PATHNAME', 'paycore_setup_intent_status_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION paycore.setup_intent_status_out(paycore.setup_intent_status) IS 'writes text';
CREATE FUNCTION paycore.setup_intent_status_recv(internal) RETURNS paycore.setup_intent_status
	AS 'MODULE_PATHNAME', 'paycore_setup_intent_status_recv' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION paycore.setup_intent_status_recv(internal) IS 'reads binary';
CREATE FUNCTION paycore.setup_intent_status_send(paycore.setup_intent_status) RETURNS bytea
	AS 'MODULE_PATHNAME', 'paycore_state_send' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION paycore.setup_intent_status_send(paycore.setup_intent_status) IS 'writes binary';

CREATE TYPE paycore.setup_intent_status (
	INPUT = paycore.setup_intent_status_in,
	OUTPUT = paycore.setup_intent_status_out,
	RECEIVE = paycore.setup_intent_status_recv,
	SEND = paycore.setup_intent_status_send,
	INTERNALLENGTH = 1,
	PASSEDBYVALUE,
	ALIGNMENT = char
);
COMMENT ON TYPE paycore.setup_intent_status IS 'the status of a setup intent; see paycore.transitions(''paycore.setup_intent_status'')';

CREATE FUNCTION paycore.setup_intent_status_eq(paycore.setup_intent_status, paycore.setup_intent_status) RETURNS boolean
	AS 'MODULE_PATHNAME', 'paycore_state_eq' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.setup_intent_status_eq(paycore.setup_intent_status, paycore.setup_intent_status) IS 'equal';
CREATE FUNCTION paycore.setup_intent_status_ne(paycore.setup_intent_status, paycore.setup_intent_status) RETURNS boolean
	AS 'MODULE_PATHNAME', 'paycore_state_ne' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.setup_intent_status_ne(paycore.setup_intent_status, paycore.setup_intent_status) IS 'not equal';
CREATE FUNCTION paycore.setup_intent_status_lt(paycore.setup_intent_status, paycore.setup_intent_status) RETURNS boolean
	AS 'MODULE_PATHNAME', 'paycore_state_lt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.setup_intent_status_lt(paycore.setup_intent_status, paycore.setup_intent_status) IS 'less than';
CREATE FUNCTION paycore.setup_intent_status_le(paycore.setup_intent_status, paycore.setup_intent_status) RETURNS boolean
	AS 'MODULE_PATHNAME', 'paycore_state_le' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.setup_intent_status_le(paycore.setup_intent_status, paycore.setup_intent_status) IS 'less than or equal';
CREATE FUNCTION paycore.setup_intent_status_gt(paycore.setup_intent_status, paycore.setup_intent_status) RETURNS boolean
	AS 'MODULE_PATHNAME', 'paycore_state_gt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.setup_intent_status_gt(paycore.setup_intent_status, paycore.setup_intent_status) IS 'greater than';
CREATE FUNCTION paycore.setup_intent_status_ge(paycore.setup_intent_status, paycore.setup_intent_status) RETURNS boolean
	AS 'MODULE_PATHNAME', 'paycore_state_ge' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.setup_intent_status_ge(paycore.setup_intent_status, paycore.setup_intent_status) IS 'greater than or equal';

CREATE OPERATOR paycore.= (
	LEFTARG = paycore.setup_intent_status, RIGHTARG = paycore.setup_intent_status, FUNCTION = paycore.setup_intent_status_eq,
	COMMUTATOR = OPERATOR(paycore.=), NEGATOR = OPERATOR(paycore.<>), RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES
);
COMMENT ON OPERATOR paycore.= (paycore.setup_intent_status, paycore.setup_intent_status) IS 'equal';
CREATE OPERATOR paycore.<> (
	LEFTARG = paycore.setup_intent_status, RIGHTARG = paycore.setup_intent_status, FUNCTION = paycore.setup_intent_status_ne,
	COMMUTATOR = OPERATOR(paycore.<>), NEGATOR = OPERATOR(paycore.=), RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR paycore.<> (paycore.setup_intent_status, paycore.setup_intent_status) IS 'not equal';
CREATE OPERATOR paycore.< (
	LEFTARG = paycore.setup_intent_status, RIGHTARG = paycore.setup_intent_status, FUNCTION = paycore.setup_intent_status_lt,
	COMMUTATOR = OPERATOR(paycore.>), NEGATOR = OPERATOR(paycore.>=), RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
COMMENT ON OPERATOR paycore.< (paycore.setup_intent_status, paycore.setup_intent_status) IS 'less than in the order of the lifecycle';
CREATE OPERATOR paycore.<= (
	LEFTARG = paycore.setup_intent_status, RIGHTARG = paycore.setup_intent_status, FUNCTION = paycore.setup_intent_status_le,
	COMMUTATOR = OPERATOR(paycore.>=), NEGATOR = OPERATOR(paycore.>), RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
COMMENT ON OPERATOR paycore.<= (paycore.setup_intent_status, paycore.setup_intent_status) IS 'less than or equal in the order of the lifecycle';
CREATE OPERATOR paycore.> (
	LEFTARG = paycore.setup_intent_status, RIGHTARG = paycore.setup_intent_status, FUNCTION = paycore.setup_intent_status_gt,
	COMMUTATOR = OPERATOR(paycore.<), NEGATOR = OPERATOR(paycore.<=), RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
COMMENT ON OPERATOR paycore.> (paycore.setup_intent_status, paycore.setup_intent_status) IS 'greater than in the order of the lifecycle';
CREATE OPERATOR paycore.>= (
	LEFTARG = paycore.setup_intent_status, RIGHTARG = paycore.setup_intent_status, FUNCTION = paycore.setup_intent_status_ge,
	COMMUTATOR = OPERATOR(paycore.<=), NEGATOR = OPERATOR(paycore.<), RESTRICT = scalargesel, JOIN = scalargejoinsel
);
COMMENT ON OPERATOR paycore.>= (paycore.setup_intent_status, paycore.setup_intent_status) IS 'greater than or equal in the order of the lifecycle';

CREATE FUNCTION paycore.setup_intent_status_cmp(paycore.setup_intent_status, paycore.setup_intent_status) RETURNS integer
	AS 'MODULE_PATHNAME', 'paycore_state_cmp' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.setup_intent_status_cmp(paycore.setup_intent_status, paycore.setup_intent_status) IS 'order, as a number below, equal to or above 0';
CREATE FUNCTION paycore.setup_intent_status_hash(paycore.setup_intent_status) RETURNS integer
	AS 'MODULE_PATHNAME', 'paycore_state_hash' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.setup_intent_status_hash(paycore.setup_intent_status) IS 'hash';
CREATE FUNCTION paycore.setup_intent_status_hash_extended(paycore.setup_intent_status, bigint) RETURNS bigint
	AS 'MODULE_PATHNAME', 'paycore_state_hash_extended' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.setup_intent_status_hash_extended(paycore.setup_intent_status, bigint) IS 'hash with a seed';

CREATE OPERATOR FAMILY paycore.setup_intent_status_order USING btree;
COMMENT ON OPERATOR FAMILY paycore.setup_intent_status_order USING btree IS 'order of the lifecycle';
CREATE OPERATOR CLASS paycore.setup_intent_status_order DEFAULT FOR TYPE paycore.setup_intent_status USING btree FAMILY paycore.setup_intent_status_order AS
	OPERATOR 1 paycore.<,
	OPERATOR 2 paycore.<=,
	OPERATOR 3 paycore.=,
	OPERATOR 4 paycore.>=,
	OPERATOR 5 paycore.>,
	FUNCTION 1 paycore.setup_intent_status_cmp(paycore.setup_intent_status, paycore.setup_intent_status),
	FUNCTION 4 btequalimage(oid);
COMMENT ON OPERATOR CLASS paycore.setup_intent_status_order USING btree IS 'order of the lifecycle';

CREATE OPERATOR FAMILY paycore.setup_intent_status_hash USING hash;
COMMENT ON OPERATOR FAMILY paycore.setup_intent_status_hash USING hash IS 'equality of setup_intent_status';
CREATE OPERATOR CLASS paycore.setup_intent_status_hash DEFAULT FOR TYPE paycore.setup_intent_status USING hash FAMILY paycore.setup_intent_status_hash AS
	OPERATOR 1 paycore.=,
	FUNCTION 1 paycore.setup_intent_status_hash(paycore.setup_intent_status),
	FUNCTION 2 paycore.setup_intent_status_hash_extended(paycore.setup_intent_status, bigint);
COMMENT ON OPERATOR CLASS paycore.setup_intent_status_hash USING hash IS 'equality of setup_intent_status';

CREATE CAST (paycore.setup_intent_status AS text) WITH INOUT AS ASSIGNMENT;
COMMENT ON CAST (paycore.setup_intent_status AS text) IS 'its name';
CREATE CAST (text AS paycore.setup_intent_status) WITH INOUT AS ASSIGNMENT;
COMMENT ON CAST (text AS paycore.setup_intent_status) IS 'by its name';

CREATE FUNCTION paycore.can_transition(from_status paycore.setup_intent_status, to_status paycore.setup_intent_status) RETURNS boolean
	AS 'MODULE_PATHNAME', 'paycore_setup_intent_status_can_transition' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.can_transition(from_status paycore.setup_intent_status, to_status paycore.setup_intent_status) IS 'whether a statement may take this step; staying put is always legal';

CREATE TYPE paycore.mandate_status;

CREATE FUNCTION paycore.mandate_status_in(cstring) RETURNS paycore.mandate_status
	AS 'MODULE_PATHNAME', 'paycore_mandate_status_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION paycore.mandate_status_in(cstring) IS 'reads text';
CREATE FUNCTION paycore.mandate_status_out(paycore.mandate_status) RETURNS cstring
	AS 'MODULE_PATHNAME', 'paycore_mandate_status_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION paycore.mandate_status_out(paycore.mandate_status) IS 'writes text';
CREATE FUNCTION paycore.mandate_status_recv(internal) RETURNS paycore.mandate_status
	AS 'MODULE_PATHNAME', 'paycore_mandate_status_recv' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION paycore.mandate_status_recv(internal) IS 'reads binary';
CREATE FUNCTION paycore.mandate_status_send(paycore.mandate_status) RETURNS bytea
	AS 'MODULE_PATHNAME', 'paycore_state_send' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION paycore.mandate_status_send(paycore.mandate_status) IS 'writes binary';

CREATE TYPE paycore.mandate_status (
	INPUT = paycore.mandate_status_in,
	OUTPUT = paycore.mandate_status_out,
	RECEIVE = paycore.mandate_status_recv,
	SEND = paycore.mandate_status_send,
	INTERNALLENGTH = 1,
	PASSEDBYVALUE,
	ALIGNMENT = char
);
COMMENT ON TYPE paycore.mandate_status IS 'the status of a mandate; see paycore.transitions(''paycore.mandate_status'')';

CREATE FUNCTION paycore.mandate_status_eq(paycore.mandate_status, paycore.mandate_status) RETURNS boolean
	AS 'MODULE_PATHNAME', 'paycore_state_eq' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.mandate_status_eq(paycore.mandate_status, paycore.mandate_status) IS 'equal';
CREATE FUNCTION paycore.mandate_status_ne(paycore.mandate_status, paycore.mandate_status) RETURNS boolean
	AS 'MODULE_PATHNAME', 'paycore_state_ne' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.mandate_status_ne(paycore.mandate_status, paycore.mandate_status) IS 'not equal';
CREATE FUNCTION paycore.mandate_status_lt(paycore.mandate_status, paycore.mandate_status) RETURNS boolean
	AS 'MODULE_PATHNAME', 'paycore_state_lt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.mandate_status_lt(paycore.mandate_status, paycore.mandate_status) IS 'less than';
CREATE FUNCTION paycore.mandate_status_le(paycore.mandate_status, paycore.mandate_status) RETURNS boolean
	AS 'MODULE_PATHNAME', 'paycore_state_le' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.mandate_status_le(paycore.mandate_status, paycore.mandate_status) IS 'less than or equal';
CREATE FUNCTION paycore.mandate_status_gt(paycore.mandate_status, paycore.mandate_status) RETURNS boolean
	AS 'MODULE_PATHNAME', 'paycore_state_gt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.mandate_status_gt(paycore.mandate_status, paycore.mandate_status) IS 'greater than';
CREATE FUNCTION paycore.mandate_status_ge(paycore.mandate_status, paycore.mandate_status) RETURNS boolean
	AS 'MODULE_PATHNAME', 'paycore_state_ge' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.mandate_status_ge(paycore.mandate_status, paycore.mandate_status) IS 'greater than or equal';

CREATE OPERATOR paycore.= (
	LEFTARG = paycore.mandate_status, RIGHTARG = paycore.mandate_status, FUNCTION = paycore.mandate_status_eq,
	COMMUTATOR = OPERATOR(paycore.=), NEGATOR = OPERATOR(paycore.<>), RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES
);
COMMENT ON OPERATOR paycore.= (paycore.mandate_status, paycore.mandate_status) IS 'equal';
CREATE OPERATOR paycore.<> (
	LEFTARG = paycore.mandate_status, RIGHTARG = paycore.mandate_status, FUNCTION = paycore.mandate_status_ne,
	COMMUTATOR = OPERATOR(paycore.<>), NEGATOR = OPERATOR(paycore.=), RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR paycore.<> (paycore.mandate_status, paycore.mandate_status) IS 'not equal';
CREATE OPERATOR paycore.< (
	LEFTARG = paycore.mandate_status, RIGHTARG = paycore.mandate_status, FUNCTION = paycore.mandate_status_lt,
	COMMUTATOR = OPERATOR(paycore.>), NEGATOR = OPERATOR(paycore.>=), RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
COMMENT ON OPERATOR paycore.< (paycore.mandate_status, paycore.mandate_status) IS 'less than in the order of the lifecycle';
CREATE OPERATOR paycore.<= (
	LEFTARG = paycore.mandate_status, RIGHTARG = paycore.mandate_status, FUNCTION = paycore.mandate_status_le,
	COMMUTATOR = OPERATOR(paycore.>=), NEGATOR = OPERATOR(paycore.>), RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
COMMENT ON OPERATOR paycore.<= (paycore.mandate_status, paycore.mandate_status) IS 'less than or equal in the order of the lifecycle';
CREATE OPERATOR paycore.> (
	LEFTARG = paycore.mandate_status, RIGHTARG = paycore.mandate_status, FUNCTION = paycore.mandate_status_gt,
	COMMUTATOR = OPERATOR(paycore.<), NEGATOR = OPERATOR(paycore.<=), RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
COMMENT ON OPERATOR paycore.> (paycore.mandate_status, paycore.mandate_status) IS 'greater than in the order of the lifecycle';
CREATE OPERATOR paycore.>= (
	LEFTARG = paycore.mandate_status, RIGHTARG = paycore.mandate_status, FUNCTION = paycore.mandate_status_ge,
	COMMUTATOR = OPERATOR(paycore.<=), NEGATOR = OPERATOR(paycore.<), RESTRICT = scalargesel, JOIN = scalargejoinsel
);
COMMENT ON OPERATOR paycore.>= (paycore.mandate_status, paycore.mandate_status) IS 'greater than or equal in the order of the lifecycle';

CREATE FUNCTION paycore.mandate_status_cmp(paycore.mandate_status, paycore.mandate_status) RETURNS integer
	AS 'MODULE_PATHNAME', 'paycore_state_cmp' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.mandate_status_cmp(paycore.mandate_status, paycore.mandate_status) IS 'order, as a number below, equal to or above 0';
CREATE FUNCTION paycore.mandate_status_hash(paycore.mandate_status) RETURNS integer
	AS 'MODULE_PATHNAME', 'paycore_state_hash' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.mandate_status_hash(paycore.mandate_status) IS 'hash';
CREATE FUNCTION paycore.mandate_status_hash_extended(paycore.mandate_status, bigint) RETURNS bigint
	AS 'MODULE_PATHNAME', 'paycore_state_hash_extended' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.mandate_status_hash_extended(paycore.mandate_status, bigint) IS 'hash with a seed';

CREATE OPERATOR FAMILY paycore.mandate_status_order USING btree;
COMMENT ON OPERATOR FAMILY paycore.mandate_status_order USING btree IS 'order of the lifecycle';
CREATE OPERATOR CLASS paycore.mandate_status_order DEFAULT FOR TYPE paycore.mandate_status USING btree FAMILY paycore.mandate_status_order AS
	OPERATOR 1 paycore.<,
	OPERATOR 2 paycore.<=,
	OPERATOR 3 paycore.=,
	OPERATOR 4 paycore.>=,
	OPERATOR 5 paycore.>,
	FUNCTION 1 paycore.mandate_status_cmp(paycore.mandate_status, paycore.mandate_status),
	FUNCTION 4 btequalimage(oid);
COMMENT ON OPERATOR CLASS paycore.mandate_status_order USING btree IS 'order of the lifecycle';

CREATE OPERATOR FAMILY paycore.mandate_status_hash USING hash;
COMMENT ON OPERATOR FAMILY paycore.mandate_status_hash USING hash IS 'equality of mandate_status';
CREATE OPERATOR CLASS paycore.mandate_status_hash DEFAULT FOR TYPE paycore.mandate_status USING hash FAMILY paycore.mandate_status_hash AS
	OPERATOR 1 paycore.=,
	FUNCTION 1 paycore.mandate_status_hash(paycore.mandate_status),
	FUNCTION 2 paycore.mandate_status_hash_extended(paycore.mandate_status, bigint);
COMMENT ON OPERATOR CLASS paycore.mandate_status_hash USING hash IS 'equality of mandate_status';

CREATE CAST (paycore.mandate_status AS text) WITH INOUT AS ASSIGNMENT;
COMMENT ON CAST (paycore.mandate_status AS text) IS 'its name';
CREATE CAST (text AS paycore.mandate_status) WITH INOUT AS ASSIGNMENT;
COMMENT ON CAST (text AS paycore.mandate_status) IS 'by its name';

CREATE FUNCTION paycore.can_transition(from_status paycore.mandate_status, to_status paycore.mandate_status) RETURNS boolean
	AS 'MODULE_PATHNAME', 'paycore_mandate_status_can_transition' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.can_transition(from_status paycore.mandate_status, to_status paycore.mandate_status) IS 'whether a statement may take this step; staying put is always legal';

CREATE TYPE paycore.dispute_status;

CREATE FUNCTION paycore.dispute_status_in(cstring) RETURNS paycore.dispute_status
	AS 'MODULE_PATHNAME', 'paycore_dispute_status_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION paycore.dispute_status_in(cstring) IS 'reads text';
CREATE FUNCTION paycore.dispute_status_out(paycore.dispute_status) RETURNS cstring
	AS 'MODULE_PATHNAME', 'paycore_dispute_status_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION paycore.dispute_status_out(paycore.dispute_status) IS 'writes text';
CREATE FUNCTION paycore.dispute_status_recv(internal) RETURNS paycore.dispute_status
	AS 'MODULE_PATHNAME', 'paycore_dispute_status_recv' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION paycore.dispute_status_recv(internal) IS 'reads binary';
CREATE FUNCTION paycore.dispute_status_send(paycore.dispute_status) RETURNS bytea
	AS 'MODULE_PATHNAME', 'paycore_state_send' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION paycore.dispute_status_send(paycore.dispute_status) IS 'writes binary';

CREATE TYPE paycore.dispute_status (
	INPUT = paycore.dispute_status_in,
	OUTPUT = paycore.dispute_status_out,
	RECEIVE = paycore.dispute_status_recv,
	SEND = paycore.dispute_status_send,
	INTERNALLENGTH = 1,
	PASSEDBYVALUE,
	ALIGNMENT = char
);
COMMENT ON TYPE paycore.dispute_status IS 'the status of a dispute; see paycore.transitions(''paycore.dispute_status'')';

CREATE FUNCTION paycore.dispute_status_eq(paycore.dispute_status, paycore.dispute_status) RETURNS boolean
	AS 'MODULE_PATHNAME', 'paycore_state_eq' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.dispute_status_eq(paycore.dispute_status, paycore.dispute_status) IS 'equal';
CREATE FUNCTION paycore.dispute_status_ne(paycore.dispute_status, paycore.dispute_status) RETURNS boolean
	AS 'MODULE_PATHNAME', 'paycore_state_ne' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.dispute_status_ne(paycore.dispute_status, paycore.dispute_status) IS 'not equal';
CREATE FUNCTION paycore.dispute_status_lt(paycore.dispute_status, paycore.dispute_status) RETURNS boolean
	AS 'MODULE_PATHNAME', 'paycore_state_lt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.dispute_status_lt(paycore.dispute_status, paycore.dispute_status) IS 'less than';
CREATE FUNCTION paycore.dispute_status_le(paycore.dispute_status, paycore.dispute_status) RETURNS boolean
	AS 'MODULE_PATHNAME', 'paycore_state_le' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.dispute_status_le(paycore.dispute_status, paycore.dispute_status) IS 'less than or equal';
CREATE FUNCTION paycore.dispute_status_gt(paycore.dispute_status, paycore.dispute_status) RETURNS boolean
	AS 'MODULE_PATHNAME', 'paycore_state_gt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.dispute_status_gt(paycore.dispute_status, paycore.dispute_status) IS 'greater than';
CREATE FUNCTION paycore.dispute_status_ge(paycore.dispute_status, paycore.dispute_status) RETURNS boolean
	AS 'MODULE_PATHNAME', 'paycore_state_ge' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.dispute_status_ge(paycore.dispute_status, paycore.dispute_status) IS 'greater than or equal';

CREATE OPERATOR paycore.= (
	LEFTARG = paycore.dispute_status, RIGHTARG = paycore.dispute_status, FUNCTION = paycore.dispute_status_eq,
	COMMUTATOR = OPERATOR(paycore.=), NEGATOR = OPERATOR(paycore.<>), RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES
);
COMMENT ON OPERATOR paycore.= (paycore.dispute_status, paycore.dispute_status) IS 'equal';
CREATE OPERATOR paycore.<> (
	LEFTARG = paycore.dispute_status, RIGHTARG = paycore.dispute_status, FUNCTION = paycore.dispute_status_ne,
	COMMUTATOR = OPERATOR(paycore.<>), NEGATOR = OPERATOR(paycore.=), RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR paycore.<> (paycore.dispute_status, paycore.dispute_status) IS 'not equal';
CREATE OPERATOR paycore.< (
	LEFTARG = paycore.dispute_status, RIGHTARG = paycore.dispute_status, FUNCTION = paycore.dispute_status_lt,
	COMMUTATOR = OPERATOR(paycore.>), NEGATOR = OPERATOR(paycore.>=), RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
COMMENT ON OPERATOR paycore.< (paycore.dispute_status, paycore.dispute_status) IS 'less than in the order of the lifecycle';
CREATE OPERATOR paycore.<= (
	LEFTARG = paycore.dispute_status, RIGHTARG = paycore.dispute_status, FUNCTION = paycore.dispute_status_le,
	COMMUTATOR = OPERATOR(paycore.>=), NEGATOR = OPERATOR(paycore.>), RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
COMMENT ON OPERATOR paycore.<= (paycore.dispute_status, paycore.dispute_status) IS 'less than or equal in the order of the lifecycle';
CREATE OPERATOR paycore.> (
	LEFTARG = paycore.dispute_status, RIGHTARG = paycore.dispute_status, FUNCTION = paycore.dispute_status_gt,
	COMMUTATOR = OPERATOR(paycore.<), NEGATOR = OPERATOR(paycore.<=), RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
COMMENT ON OPERATOR paycore.> (paycore.dispute_status, paycore.dispute_status) IS 'greater than in the order of the lifecycle';
CREATE OPERATOR paycore.>= (
	LEFTARG = paycore.dispute_status, RIGHTARG = paycore.dispute_status, FUNCTION = paycore.dispute_status_ge,
	COMMUTATOR = OPERATOR(paycore.<=), NEGATOR = OPERATOR(paycore.<), RESTRICT = scalargesel, JOIN = scalargejoinsel
);
COMMENT ON OPERATOR paycore.>= (paycore.dispute_status, paycore.dispute_status) IS 'greater than or equal in the order of the lifecycle';

CREATE FUNCTION paycore.dispute_status_cmp(paycore.dispute_status, paycore.dispute_status) RETURNS integer
	AS 'MODULE_PATHNAME', 'paycore_state_cmp' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.dispute_status_cmp(paycore.dispute_status, paycore.dispute_status) IS 'order, as a number below, equal to or above 0';
CREATE FUNCTION paycore.dispute_status_hash(paycore.dispute_status) RETURNS integer
	AS 'MODULE_PATHNAME', 'paycore_state_hash' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.dispute_status_hash(paycore.dispute_status) IS 'hash';
CREATE FUNCTION paycore.dispute_status_hash_extended(paycore.dispute_status, bigint) RETURNS bigint
	AS 'MODULE_PATHNAME', 'paycore_state_hash_extended' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.dispute_status_hash_extended(paycore.dispute_status, bigint) IS 'hash with a seed';

CREATE OPERATOR FAMILY paycore.dispute_status_order USING btree;
COMMENT ON OPERATOR FAMILY paycore.dispute_status_order USING btree IS 'order of the lifecycle';
CREATE OPERATOR CLASS paycore.dispute_status_order DEFAULT FOR TYPE paycore.dispute_status USING btree FAMILY paycore.dispute_status_order AS
	OPERATOR 1 paycore.<,
	OPERATOR 2 paycore.<=,
	OPERATOR 3 paycore.=,
	OPERATOR 4 paycore.>=,
	OPERATOR 5 paycore.>,
	FUNCTION 1 paycore.dispute_status_cmp(paycore.dispute_status, paycore.dispute_status),
	FUNCTION 4 btequalimage(oid);
COMMENT ON OPERATOR CLASS paycore.dispute_status_order USING btree IS 'order of the lifecycle';

CREATE OPERATOR FAMILY paycore.dispute_status_hash USING hash;
COMMENT ON OPERATOR FAMILY paycore.dispute_status_hash USING hash IS 'equality of dispute_status';
CREATE OPERATOR CLASS paycore.dispute_status_hash DEFAULT FOR TYPE paycore.dispute_status USING hash FAMILY paycore.dispute_status_hash AS
	OPERATOR 1 paycore.=,
	FUNCTION 1 paycore.dispute_status_hash(paycore.dispute_status),
	FUNCTION 2 paycore.dispute_status_hash_extended(paycore.dispute_status, bigint);
COMMENT ON OPERATOR CLASS paycore.dispute_status_hash USING hash IS 'equality of dispute_status';

CREATE CAST (paycore.dispute_status AS text) WITH INOUT AS ASSIGNMENT;
COMMENT ON CAST (paycore.dispute_status AS text) IS 'its name';
CREATE CAST (text AS paycore.dispute_status) WITH INOUT AS ASSIGNMENT;
COMMENT ON CAST (text AS paycore.dispute_status) IS 'by its name';

CREATE FUNCTION paycore.can_transition(from_status paycore.dispute_status, to_status paycore.dispute_status) RETURNS boolean
	AS 'MODULE_PATHNAME', 'paycore_dispute_status_can_transition' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.can_transition(from_status paycore.dispute_status, to_status paycore.dispute_status) IS 'whether a statement may take this step; staying put is always legal';

CREATE FUNCTION paycore.transitions(
	type regtype, OUT from_status text, OUT to_status text, OUT by text
) RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'paycore_transitions' LANGUAGE C STABLE STRICT PARALLEL SAFE ROWS 30;
COMMENT ON FUNCTION paycore.transitions(type regtype) IS 'all steps of a lifecycle: by any statement (user), or only where the gateway says that it has happened (gateway)';
