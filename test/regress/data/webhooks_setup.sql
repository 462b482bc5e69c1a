-- What the tests of webhooks share: a secrets file, and a gateway that signs.
\set ECHO none
\set QUIET on
\o /dev/null
SELECT '/tmp/paycore_' || current_database() || '_' || (SELECT system_identifier FROM pg_control_system()) AS secrets \gset
SELECT 'umask 077; rm -f ' || :'secrets' || '; cat > ' || :'secrets' AS write_secrets, 'rm -f ' || :'secrets' AS remove_secrets \gset
COPY (SELECT unnest(ARRAY['instance = test', '[default]', 'webhook_secret = whsec_new', 'webhook_secret = whsec_old',
	'[pretend]', 'webhook_secret = whsec_new', '[cash]', 'webhook_secret = whsec_new'])) TO PROGRAM :'write_secrets';
ALTER SYSTEM SET paycore.secrets_file = :'secrets';
SELECT pg_reload_conf(), pg_sleep(0.3);
\o
CREATE FUNCTION test_sign(payload bytea, secret text, t bigint) RETURNS text
	LANGUAGE C IMMUTABLE STRICT AS '$libdir/paycore', 'paycore_test_sign';
CREATE FUNCTION test_retry(n int DEFAULT 100) RETURNS int
	LANGUAGE C VOLATILE STRICT AS '$libdir/paycore', 'paycore_test_retry_webhooks';
CREATE FUNCTION unix_now() RETURNS bigint LANGUAGE sql AS $$ SELECT floor(extract(epoch FROM clock_timestamp()))::bigint $$;
CREATE FUNCTION header(payload text, secret text DEFAULT 'whsec_new', t bigint DEFAULT unix_now()) RETURNS text LANGUAGE sql AS $$
	SELECT format('t=%s,v1=%s', t, test_sign(convert_to(payload, 'UTF8'), secret, t)) $$;
CREATE FUNCTION evt(id text, type text, object jsonb, t int, more jsonb DEFAULT '{}') RETURNS text LANGUAGE sql AS $$
	SELECT (jsonb_build_object('id', id, 'object', 'event', 'type', type, 'created', 1000000000 + t, 'livemode', false,
		'api_version', '2026-07-29.dahlia', 'data', jsonb_build_object('object', object)
		|| coalesce(jsonb_build_object('previous_attributes', more -> 'previous') , '{}')) || (more - 'previous'))::text $$;
-- Posts an event, well signed.
CREATE FUNCTION post(payload text, account text DEFAULT 'default') RETURNS text LANGUAGE sql AS $$
	SELECT concat_ws(' ', status, error_code, receive_count) FROM paycore.receive_webhook(payload, header(payload), account) $$;
\set QUIET off
\set ECHO all
