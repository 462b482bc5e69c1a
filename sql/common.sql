CREATE FUNCTION paycore.error_codes(
	OUT sqlstate text, OUT name text, OUT meaning text, OUT action text
) RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'paycore_error_codes' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 40;
COMMENT ON FUNCTION paycore.error_codes() IS 'every SQLSTATE that paycore raises on its own account';

CREATE FUNCTION paycore.xact_tag() RETURNS bigint
	AS 'MODULE_PATHNAME', 'paycore_xact_tag' LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION paycore.xact_tag() IS 'the running transaction, in a form that survives dump and restore: 44 bits of its number, above them 19 that tell this cluster and database from another';
