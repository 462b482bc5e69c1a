--
-- The session's tenant.
--

CREATE FUNCTION paycore.current_tenant() RETURNS text
LANGUAGE C STABLE STRICT PARALLEL SAFE LEAKPROOF
AS 'MODULE_PATHNAME', 'paycore_current_tenant';
COMMENT ON FUNCTION paycore.current_tenant() IS 'The tenant of this session: the setting paycore.tenant, else default.';
