CREATE FUNCTION paycore.error_codes(
	OUT sqlstate text, OUT name text, OUT meaning text, OUT action text
) RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'paycore_error_codes' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 40;
COMMENT ON FUNCTION paycore.error_codes() IS 'every SQLSTATE that paycore raises on its own account';
