--
-- The steps of lifecycles, whose types are made from lifecycle_type.sql.in.
--

CREATE FUNCTION paycore.transitions(
	type regtype, OUT from_status text, OUT to_status text, OUT by text
) RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'paycore_transitions' LANGUAGE C STABLE STRICT PARALLEL SAFE ROWS 30;
COMMENT ON FUNCTION paycore.transitions(type regtype) IS 'all steps of a lifecycle: by any statement (user), or only where the gateway says that it has happened (gateway)';
