--
-- Declines and errors of gateways: what they mean for the payer and for the next try.
--

CREATE FUNCTION paycore.gateway_error_codes(
	OUT kind text, OUT code text, OUT class text, OUT party text, OUT max_retries integer, OUT retry_after interval,
	OUT hidden boolean, OUT payer_message text
) RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'paycore_gateway_error_codes' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 170;
COMMENT ON FUNCTION paycore.gateway_error_codes() IS 'Every decline and error code that paycore knows: class (retry_later, new_method, authenticate, never), who can mend it, how often and when to retry, whether its reason is to be hidden from the payer, and what to tell the payer.';

CREATE FUNCTION paycore.explain_error(
	code text DEFAULT NULL,
	decline_code text DEFAULT NULL,
	advice_code text DEFAULT NULL,
	network_advice_code text DEFAULT NULL,
	error_type text DEFAULT NULL,
	failures integer DEFAULT 1,
	failed_at timestamptz DEFAULT now(),
	OUT class text, OUT payer_message text, OUT retry_at timestamptz, OUT retries_left integer, OUT party text,
	OUT decided_by text, OUT known boolean
) RETURNS record
	AS 'MODULE_PATHNAME', 'paycore_explain_error' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION paycore.explain_error(text, text, text, text, text, integer, timestamptz) IS 'What an error means. advice_code is obeyed before network_advice_code, that before decline_code, that before code, that before the type; unknown codes are taken for generic_decline. failures are the failed tries so far, this one included. All null where there is no error.';

CREATE FUNCTION paycore.explain_payment_intent(
	id uuid,
	OUT class text, OUT payer_message text, OUT retry_at timestamptz, OUT retries_left integer, OUT party text,
	OUT decided_by text, OUT known boolean
) RETURNS record
LANGUAGE sql STABLE STRICT
AS $$
SELECT o.error_class, o.payer_message, o.retry_at, o.retries_left, o.party, o.decided_by, o.known
FROM paycore.payment_intents_overview o
WHERE o.id OPERATOR(pg_catalog.=) $1 AND o.tenant_id OPERATOR(pg_catalog.=) paycore.current_tenant()
$$;
COMMENT ON FUNCTION paycore.explain_payment_intent(uuid) IS 'explain_error() of the present error of a payment intent, from its last attempt; all null where it has none.';
