--
-- Setup intents and mandates: payment methods saved with the payer's word.
--

CREATE FUNCTION paycore.create_setup_intent(
	billing_account_id uuid,
	payment_method text DEFAULT NULL,
	confirm boolean DEFAULT false,
	usage text DEFAULT 'off_session',
	description text DEFAULT NULL,
	metadata jsonb DEFAULT '{}',
	idempotency_key text DEFAULT NULL,
	return_url text DEFAULT NULL,
	gateway_params jsonb DEFAULT '{}',
	payment_method_types text[] DEFAULT NULL
) RETURNS paycore.setup_intent
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_create_setup_intent';
COMMENT ON FUNCTION paycore.create_setup_intent IS 'Saves a payment method for an account without charging it, with the payer''s confirmation where their bank wants it. Once it has succeeded, the method is in payment_methods.';

CREATE FUNCTION paycore.confirm_setup_intent(
	id uuid,
	payment_method text DEFAULT NULL,
	return_url text DEFAULT NULL,
	gateway_params jsonb DEFAULT '{}'
) RETURNS paycore.setup_intent
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_confirm_setup_intent';
COMMENT ON FUNCTION paycore.confirm_setup_intent IS 'Confirms a setup intent, with another method if one is given.';

CREATE FUNCTION paycore.cancel_setup_intent(id uuid, reason text DEFAULT NULL) RETURNS paycore.setup_intent
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_cancel_setup_intent';
COMMENT ON FUNCTION paycore.cancel_setup_intent IS 'Cancels an open setup intent; one that was never sent, at once. reason: abandoned, duplicate or requested_by_customer.';

CREATE FUNCTION paycore.refresh_setup_intent(id uuid) RETURNS paycore.setup_intent
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_refresh_setup_intent';
COMMENT ON FUNCTION paycore.refresh_setup_intent IS 'Asks the gateway for the status of a setup intent.';

CREATE FUNCTION paycore.complete_mock_setup(id uuid, succeeds boolean DEFAULT true) RETURNS paycore.setup_intent
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_complete_mock_setup';
COMMENT ON FUNCTION paycore.complete_mock_setup IS 'Mock gateway only: the payer does what the setup intent requires (3-D Secure), or fails to.';

CREATE FUNCTION paycore.refresh_mandate(id uuid) RETURNS paycore.mandate
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_refresh_mandate';
COMMENT ON FUNCTION paycore.refresh_mandate IS 'Asks the gateway for the status of a mandate.';

CREATE FUNCTION paycore.list_setup_intents(
	billing_account_id uuid DEFAULT NULL,
	after uuid DEFAULT NULL,
	page_size integer DEFAULT 50
) RETURNS SETOF paycore.setup_intent
LANGUAGE C STABLE ROWS 50
AS 'MODULE_PATHNAME', 'paycore_list';
COMMENT ON FUNCTION paycore.list_setup_intents IS 'A page of the setup intents of an account, or of the tenant, newest first; after is the last id of the page before.';

CREATE FUNCTION paycore.list_mandates(
	billing_account_id uuid DEFAULT NULL,
	after uuid DEFAULT NULL,
	page_size integer DEFAULT 50
) RETURNS SETOF paycore.mandate
LANGUAGE C STABLE ROWS 50
AS 'MODULE_PATHNAME', 'paycore_list';
COMMENT ON FUNCTION paycore.list_mandates IS 'A page of the mandates of an account, or of the tenant, newest first; after is the last id of the page before.';

CREATE FUNCTION paycore.default_payment_method(billing_account_id uuid) RETURNS paycore.payment_method
LANGUAGE C STABLE
AS 'MODULE_PATHNAME', 'paycore_default_payment_method';
COMMENT ON FUNCTION paycore.default_payment_method IS 'The account''s default payment method, or null.';

CREATE FUNCTION paycore.expiring_payment_methods(
	within interval DEFAULT '30 days',
	OUT payment_method_id uuid, OUT billing_account_id uuid, OUT brand text, OUT last4 text, OUT is_default boolean,
	OUT expires_at timestamptz, OUT expired boolean
) RETURNS SETOF record
LANGUAGE sql STABLE ROWS 100
AS $$
SELECT m.id, m.billing_account_id, m.brand, m.last4, m.is_default, e.expires_at,
	e.expires_at OPERATOR(pg_catalog.<=) pg_catalog.now()
FROM paycore.payment_methods m
CROSS JOIN LATERAL (SELECT pg_catalog.make_timestamptz(m.exp_year, m.exp_month, 1, 0, 0, 0, 'UTC')
	OPERATOR(pg_catalog.+) '1 month'::interval AS expires_at) e
WHERE m.status OPERATOR(pg_catalog.=) 'attached' AND m.exp_year IS NOT NULL AND m.exp_month IS NOT NULL
	AND m.exp_year OPERATOR(pg_catalog.<=) EXTRACT(year FROM pg_catalog.now() OPERATOR(pg_catalog.+) $1)::pg_catalog.int4
	AND m.tenant_id OPERATOR(pg_catalog.=) paycore.current_tenant()
	AND e.expires_at OPERATOR(pg_catalog.<=) (pg_catalog.now() OPERATOR(pg_catalog.+) $1)
ORDER BY e.expires_at, m.id
$$;
COMMENT ON FUNCTION paycore.expiring_payment_methods IS 'Saved methods of the tenant that expire within a time or have expired: a card is good to the end of its month. Networks update many by themselves.';
