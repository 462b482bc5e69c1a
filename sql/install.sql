--
-- Making the tables, and giving roles their rights on them.
--

CREATE FUNCTION paycore.init() RETURNS text
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'paycore_init';
COMMENT ON FUNCTION paycore.init() IS 'Creates paycore''s tables, owned by the caller, or adds what a newer version of the extension brings; says what it did.';

CREATE FUNCTION paycore.grant_access(role text, access text) RETURNS text
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'paycore_grant_access';
COMMENT ON FUNCTION paycore.grant_access(text, text) IS 'Sets what a role may do with paycore: reader, app, operator or admin. Says what it may not. For the owner of the tables.';
