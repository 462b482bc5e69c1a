--
-- Gateway accounts, billing accounts, saved payment methods.
--

CREATE FUNCTION paycore.create_gateway_account(
	name text,
	gateway text,
	psp_account_id text DEFAULT NULL,
	livemode boolean DEFAULT NULL,
	adopt text DEFAULT 'known_customers',
	rate_limit integer DEFAULT NULL,
	endpoint_rate_limit integer DEFAULT NULL,
	max_in_flight integer DEFAULT NULL,
	metadata jsonb DEFAULT '{}'
) RETURNS paycore.gateway_account
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_create_gateway_account';
COMMENT ON FUNCTION paycore.create_gateway_account IS 'Adds an account at a gateway (stripe, mock, manual) for this tenant. Its keys go into the secrets file, in a section of the same name.';

CREATE FUNCTION paycore.update_gateway_account(
	name text,
	psp_account_id text DEFAULT NULL,
	livemode boolean DEFAULT NULL,
	adopt text DEFAULT NULL,
	rate_limit integer DEFAULT NULL,
	endpoint_rate_limit integer DEFAULT NULL,
	max_in_flight integer DEFAULT NULL
) RETURNS paycore.gateway_account
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_update_gateway_account';
COMMENT ON FUNCTION paycore.update_gateway_account IS 'Changes a gateway account of this tenant. What is not given stays.';

CREATE FUNCTION paycore.create_billing_account(
	name text DEFAULT NULL,
	email text DEFAULT NULL,
	currency paycore.currency DEFAULT NULL,
	external_ref text DEFAULT NULL,
	gateway text DEFAULT 'default',
	details jsonb DEFAULT '{}'
) RETURNS paycore.billing_account
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_create_billing_account';
COMMENT ON FUNCTION paycore.create_billing_account IS 'Creates a billing account of one currency; gateway names its gateway account. details: phone, address_line1, address_line2, city, state, postal_code, country, locale, tax_id, tax_exempt, auto_charge (false: runs charge none of its invoices), credit_limit and allowed_payment_methods (kept for the application: nothing here goes by them), dunning_policy (its name), metadata.';

CREATE FUNCTION paycore.update_billing_account(
	id uuid,
	changes jsonb
) RETURNS paycore.billing_account
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_update_billing_account';
COMMENT ON FUNCTION paycore.update_billing_account IS 'Changes what is named in changes: name, email, external_ref, status with status_reason, and every detail of create_billing_account(). Metadata is merged; a null in it removes its key. The gateway''s customer follows.';

CREATE FUNCTION paycore.attach_payment_method(
	billing_account_id uuid,
	payment_method text
) RETURNS paycore.payment_method
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_attach_payment_method';
COMMENT ON FUNCTION paycore.attach_payment_method IS 'Saves a gateway''s token for an account. A token that is saved already gives its row again.';

CREATE FUNCTION paycore.detach_payment_method(id uuid) RETURNS paycore.payment_method
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_detach_payment_method';
COMMENT ON FUNCTION paycore.detach_payment_method IS 'Detaches a saved payment method, at the gateway too.';

CREATE FUNCTION paycore.set_default_payment_method(id uuid) RETURNS paycore.payment_method
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_set_default_payment_method';
COMMENT ON FUNCTION paycore.set_default_payment_method IS 'Makes a saved payment method the default of its account.';
