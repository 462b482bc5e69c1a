-- What the tests of reduce share: tables, one account, and makers of Stripe's objects.
\set ECHO none
\set QUIET on
SET client_min_messages = warning;
\o /dev/null
SELECT paycore.init();
\o
CREATE FUNCTION test_reduce(object jsonb, sighting jsonb) RETURNS text
	LANGUAGE C VOLATILE STRICT AS '$libdir/paycore', 'paycore_test_reduce';
CREATE FUNCTION test_order(pictures jsonb) RETURNS text
	LANGUAGE C IMMUTABLE STRICT AS '$libdir/paycore', 'paycore_test_order';
CREATE FUNCTION test_mark() RETURNS text
	LANGUAGE C STABLE AS '$libdir/paycore', 'paycore_test_database_mark';

-- A gateway account that is not the manual one of init().
INSERT INTO paycore.gateway_accounts (name, gateway, livemode) VALUES ('default', 'stripe', false)
	ON CONFLICT (name, tenant_id) DO UPDATE SET gateway = 'stripe', livemode = false;
INSERT INTO paycore.billing_accounts (id, name, currency, psp_customer_id)
	VALUES ('00000000-0000-7000-8000-00000000000a', 'Ada', 'USD', 'cus_ada');

-- now: the time of the test's gateway, in unix seconds.
CREATE FUNCTION pi(id text, status text, more jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql AS $$
	SELECT jsonb_build_object('object', 'payment_intent', 'id', id, 'status', status, 'amount', 1000, 'currency', 'usd',
		'amount_capturable', 0, 'amount_received', 0, 'customer', 'cus_ada', 'created', 1000000000,
		'capture_method', 'automatic_async', 'confirmation_method', 'automatic', 'client_secret', id || '_secret_x',
		'latest_charge', NULL, 'metadata', '{}'::jsonb, 'livemode', false) || more $$;
CREATE FUNCTION ch(id text, intent text, status text, more jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql AS $$
	SELECT jsonb_build_object('object', 'charge', 'id', id, 'payment_intent', intent, 'status', status, 'amount', 1000,
		'amount_captured', CASE WHEN status = 'succeeded' THEN 1000 ELSE 0 END, 'captured', status = 'succeeded',
		'refunded', false, 'currency', 'usd', 'customer', 'cus_ada', 'payment_method', 'pm_1', 'balance_transaction', NULL,
		'payment_method_details', '{"type": "card", "card": {"brand": "visa", "last4": "4242"}}'::jsonb,
		'created', 1000000000, 'metadata', '{}'::jsonb, 'livemode', false) || more $$;
CREATE FUNCTION re(id text, charge text, status text, amount int, more jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql AS $$
	SELECT jsonb_build_object('object', 'refund', 'id', id, 'charge', charge, 'status', status, 'amount', amount,
		'currency', 'usd', 'balance_transaction', CASE WHEN status = 'succeeded' THEN 'txn_' || id END,
		'created', 1000000000, 'metadata', '{}'::jsonb) || more $$;
CREATE FUNCTION txn(id text, amount int, fee int, more jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql AS $$
	SELECT jsonb_build_object('object', 'balance_transaction', 'id', id, 'amount', amount, 'fee', fee, 'net', amount - fee,
		'currency', 'usd', 'reporting_category', 'charge', 'created', 1000000000, 'available_on', 1000100000,
		'fee_details', jsonb_build_array(jsonb_build_object('type', 'stripe_fee', 'amount', fee, 'currency', 'usd'))) || more $$;

-- An intent of ours, known to the gateway as psp (NULL: not yet), and how far it is.
CREATE FUNCTION ours(psp text, intent paycore.intent_status DEFAULT 'created') RETURNS uuid LANGUAGE sql AS $$
	INSERT INTO paycore.payment_intents (billing_account_id, gateway_account, amount, psp_intent_id)
	VALUES ('00000000-0000-7000-8000-00000000000a', 'default', '10.00 USD', psp) RETURNING id $$;

-- Seen in an event of second t.
CREATE FUNCTION event(object jsonb, t int, type text DEFAULT 'test.event', more jsonb DEFAULT '{}') RETURNS text LANGUAGE sql AS $$
	SELECT test_reduce(object, jsonb_build_object('source', 'webhook', 'seen_at', 1000000000 + t, 'event_type', type,
		'is_creation', type LIKE '%.created') || more) $$;
-- Seen in the answer to a GET of second t.
CREATE FUNCTION answer(object jsonb, t int, more jsonb DEFAULT '{}') RETURNS text LANGUAGE sql AS $$
	SELECT test_reduce(object, jsonb_build_object('source', 'response', 'seen_at', 1000000000 + t) || more) $$;

CREATE FUNCTION intent(psp text) RETURNS text LANGUAGE sql AS $$
	SELECT concat_ws(' ', status, amount_received, CASE WHEN gw_doubt THEN 'doubt' END,
		CASE WHEN duplicate_suspected THEN 'duplicate' END, CASE WHEN client_secret IS NOT NULL THEN 'secret' END,
		't=' || extract(epoch FROM gw_time)::bigint - 1000000000, psp_latest_charge_id)
	FROM paycore.payment_intents WHERE psp_intent_id = psp $$;
CREATE FUNCTION payment(psp text) RETURNS text LANGUAGE sql AS $$
	SELECT concat_ws(' ', status, 'authorized', authorized, 'gross', gross, 'fee', fee, 'net', net,
		'reserved', refund_reserved, 'refunded', refunded, CASE WHEN over_returned THEN 'over' END,
		CASE WHEN gw_doubt THEN 'doubt' END, 't=' || extract(epoch FROM gw_time)::bigint - 1000000000)
	FROM paycore.payments WHERE psp_charge_id = psp $$;
CREATE FUNCTION refund(psp text) RETURNS text LANGUAGE sql AS $$
	SELECT concat_ws(' ', kind, status, amount, CASE WHEN gw_doubt THEN 'doubt' END,
		CASE WHEN duplicate_suspected THEN 'duplicate' END, 't=' || extract(epoch FROM gw_time)::bigint - 1000000000)
	FROM paycore.refunds WHERE psp_refund_id = psp $$;
-- The GETs that wait to be sent.
CREATE FUNCTION looks() RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(operation || coalesce(' ' || (params ->> 'psp_id'), ''), ', ' ORDER BY seq)
	FROM paycore.outbox WHERE finished_at IS NULL $$;
CREATE FUNCTION forget_looks() RETURNS void LANGUAGE sql AS $$ DELETE FROM paycore.outbox $$;
\pset format unaligned
\pset tuples_only on
\pset null ''
\set QUIET off
\set ECHO all
