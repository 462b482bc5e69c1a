-- What Stripe's answers mean, and the snapshots in them.
CREATE FUNCTION pg_temp.read_c(gateway text, operation text, status int, body bytea, headers jsonb, ids jsonb)
RETURNS jsonb LANGUAGE c STRICT AS '$libdir/paycore', 'paycore_test_gateway_read';
CREATE FUNCTION pg_temp.read(operation text, status int, body text, headers jsonb DEFAULT '{}', ids jsonb DEFAULT '{}')
RETURNS jsonb LANGUAGE sql AS $$ SELECT pg_temp.read_c('stripe', operation, status, convert_to(body, 'UTF8'), headers, ids) $$;
CREATE FUNCTION pg_temp.event(bytea) RETURNS jsonb LANGUAGE c STRICT AS '$libdir/paycore', 'paycore_test_gateway_event';
CREATE FUNCTION pg_temp.event(text) RETURNS jsonb LANGUAGE sql AS $$ SELECT pg_temp.event(convert_to($1, 'UTF8')) $$;

-- Verdicts by status, code and headers.
SELECT status, error, headers, pg_temp.read('intent.create', status,
	jsonb_build_object('error', error::jsonb)::text, headers::jsonb) ->> 'verdict' AS verdict
FROM (VALUES
	(400, '{"type": "invalid_request_error", "code": "parameter_missing"}', '{}'),
	(400, '{"type": "invalid_request_error"}', '{"should_retry": true}'),
	(400, '{"type": "idempotency_error"}', '{}'),
	(400, '{"type": "idempotency_error", "code": "idempotency_key_in_use"}', '{}'),
	(400, '{"code": "rate_limit"}', '{}'),
	(400, '{"code": "payment_intent_rate_limit_exceeded"}', '{}'),
	(400, '{"code": "payment_intent_unexpected_state"}', '{}'),
	(400, '{"code": "charge_already_captured"}', '{}'),
	(400, '{"code": "charge_already_refunded"}', '{}'),
	(400, '{"code": "capture_charge_authorization_expired"}', '{}'),
	(400, '{"code": "charge_expired_for_capture"}', '{}'),
	(400, '{"code": "intent_invalid_state"}', '{}'),
	(400, '{"code": "api_key_expired"}', '{}'),
	(400, '{"code": 7, "type": []}', '{}'),
	(401, '{"type": "invalid_request_error"}', '{}'),
	(402, '{"type": "card_error", "code": "card_declined"}', '{}'),
	(402, '{"type": "card_error", "code": "card_declined"}', '{"should_retry": true}'),
	(403, '{}', '{}'),
	(404, '{"code": "resource_missing"}', '{}'),
	(404, '{"type": "idempotency_error"}', '{}'),
	(409, '{"code": "idempotency_key_in_use"}', '{}'),
	(409, '{"code": "idempotency_key_in_use"}', '{"should_retry": false}'),
	(409, '{}', '{}'),
	(409, '{}', '{"should_retry": false}'),
	(424, '{"type": "api_error"}', '{}'),
	(429, '{"code": "rate_limit"}', '{}'),
	(429, '{"code": "lock_timeout"}', '{"should_retry": false}'),
	(500, '{"type": "api_error"}', '{}'),
	(500, '{"type": "api_error"}', '{"should_retry": true}'),
	(500, '{"type": "api_error"}', '{"should_retry": false}'),
	(500, '{"type": "api_error"}', '{"replayed": true}'),
	(503, '{}', '{}'), (504, '{}', '{}'), (301, '{}', '{}'), (302, '{}', '{}'), (200, '{}', '{}'), (101, '{}', '{}'),
	(0, '{}', '{}')
) v (status, error, headers);

-- Answers that are not Stripe's, or are cut off: nothing is definite.
SELECT status, body, pg_temp.read('intent.create', status, body) AS answer
FROM unnest('{200,201,302,400,401,402,403,404,409,429,500,502}'::int[]) status,
	unnest(ARRAY['', '<html>Bad Gateway</html>', '{"id": "pi_1", "object": "payment_in', '[]', '"x"', '{"error": "text"}']) body
WHERE body IN ('', '<html>Bad Gateway</html>') OR status IN (200, 402);
SELECT pg_temp.read_c('stripe', 'intent.create', 200, '\x7b22ff227d', '{}', '{}');

-- Another object, another id, or one without its essentials, is no answer.
SELECT body, pg_temp.read('intent.retrieve', 200, body, ids => '{"psp_intent_id": "pi_1"}') ->> 'verdict' AS verdict
FROM unnest(ARRAY[
	'{"object": "payment_intent", "id": "pi_1", "status": "succeeded", "amount": 1, "currency": "usd"}',
	'{"object": "payment_intent", "id": "pi_2", "status": "succeeded", "amount": 1, "currency": "usd"}',
	'{"object": "charge", "id": "pi_1", "status": "succeeded", "amount": 1, "currency": "usd"}',
	'{"object": "payment_intent", "id": "pi_1", "status": "gone", "amount": 1, "currency": "usd"}',
	'{"object": "payment_intent", "id": "pi_1", "status": "created", "amount": 1, "currency": "usd"}',
	'{"object": "payment_intent", "id": "pi_1", "status": "failed", "amount": 1, "currency": "usd"}',
	'{"object": "payment_intent", "id": "pi_1", "status": "succeeded", "amount": "1", "currency": "usd"}',
	'{"object": "payment_intent", "id": "pi_1", "status": "succeeded", "amount": -1, "currency": "usd"}',
	'{"object": "payment_intent", "id": "pi_1", "status": "succeeded", "amount": 1.5, "currency": "usd"}',
	'{"object": "payment_intent", "id": "pi_1", "status": "succeeded", "amount": 1e300, "currency": "usd"}',
	'{"object": "payment_intent", "id": "pi_1", "status": "succeeded", "amount": 1, "currency": "qqq"}',
	'{"object": "payment_intent", "id": "pi_1", "status": "succeeded", "amount": 1}',
	'{"object": "payment_intent", "id": "pi_1", "status": "succeeded", "currency": "usd"}',
	'{"object": "payment_intent", "id": 1, "status": "succeeded", "amount": 1, "currency": "usd"}',
	'{"object": "payment_intent", "status": "succeeded", "amount": 1, "currency": "usd"}',
	'{"object": ["payment_intent"], "id": "pi_1"}', '{"id": "pi_1"}', '{}', 'null', '1']) body;
SELECT pg_temp.read('intent.create', 200, jsonb_build_object('object', 'payment_intent', 'id', repeat('x', n),
	'status', 'succeeded', 'amount', 1, 'currency', 'usd')::text) ->> 'verdict' AS id_of FROM unnest('{255,256}'::int[]) n;

-- A whole intent, its charge and its balance transaction expanded.
SELECT jsonb_pretty(pg_temp.read('intent.retrieve', 200, '{"object": "payment_intent", "id": "pi_1", "status": "succeeded",
	"amount": 2599, "amount_received": 2599, "amount_capturable": 0, "currency": "eur", "customer": {"id": "cus_1", "object": "customer"},
	"payment_method": "pm_1", "client_secret": "pi_1_secret", "capture_method": "automatic_async", "created": 1785999940,
	"livemode": true, "metadata": {"paycore_intent": "i1"}, "new_field_of_2030": {"x": [1]}, "latest_charge": {"object": "charge",
	"id": "ch_1", "status": "succeeded", "captured": true, "amount": 2599, "amount_captured": 2599, "currency": "eur",
	"application_fee_amount": 100, "receipt_url": "https://r", "payment_intent": "pi_1", "balance_transaction": {"object":
	"balance_transaction", "id": "txn_1", "amount": 2807, "fee": 111, "net": 2696, "currency": "usd", "exchange_rate": 1.08,
	"reporting_category": "charge", "fee_details": [{"amount": 111, "type": "stripe_fee"}], "available_on": 1786099940,
	"created": 1785999941}, "payment_method_details": {"type": "card", "card": {"brand": "visa", "last4": "4242",
	"number": "4242424242424242", "cvc": "123", "fingerprint": "F", "network_transaction_id": "104102978678771",
	"wallet": {"type": "apple_pay", "dynamic_last4": "4242", "apple_pay": {}}, "capture_before": 1786099999}}}}'));

-- A balance that does not add up is not believed; its id is.
SELECT pg_temp.read('charge.retrieve', 200, '{"object": "charge", "id": "ch_1", "status": "succeeded", "amount": 100,
	"currency": "usd", "balance_transaction": {"id": "txn_1", "amount": 100, "fee": 30, "net": 71, "currency": "usd"}}');
-- Nor an exchange rate that is no number.
SELECT left(rate::text, 20) AS rate, pg_temp.read('charge.retrieve', 200, jsonb_build_object('object', 'charge', 'id', 'ch_1', 'status', 'succeeded', 'amount', 100,
	'currency', 'usd', 'balance_transaction', jsonb_build_object('id', 'txn_1', 'amount', 100, 'fee', 30, 'net', 70, 'currency', 'usd',
	'exchange_rate', rate))::text) #>> '{object,is,balance,exchange_rate}' AS read
FROM unnest(ARRAY['1.08', '"1.08"', '0', '1e2', '"x"', '"1.08 "', '"1."', '".5"', '"NaN"', '"1e2"', '-1', 'true', '""', '[]',
	'1e99']::jsonb[]) rate;

-- A decline brings its intent along.
SELECT jsonb_pretty(pg_temp.read('intent.create', 402, '{"error": {"type": "card_error", "code": "card_declined",
	"decline_code": "insufficient_funds", "advice_code": "try_again_later", "network_decline_code": "51",
	"message": "Your card has insufficient funds.", "charge": "ch_1", "payment_intent": {"object": "payment_intent", "id": "pi_1",
	"status": "requires_payment_method", "amount": 100, "currency": "usd", "latest_charge": "ch_1", "last_payment_error":
	{"type": "card_error", "code": "card_declined", "decline_code": "insufficient_funds"}}}}'));
SELECT pg_temp.read('intent.capture', 400, '{"error": {"code": "payment_intent_unexpected_state", "payment_intent": {"object":
	"payment_intent", "id": "pi_1", "status": "canceled", "amount": 100, "currency": "usd"}}}', ids => '{"psp_intent_id": "pi_1"}');

-- Refunds: which of them give nothing back.
SELECT extra, pg_temp.read('refund.retrieve', 200, ('{"object": "refund", "id": "re_1", "status": "succeeded", "amount": 100,
	"currency": "usd"}'::jsonb || extra)::text) #>> '{object,is,auth_release}' AS auth_release
FROM unnest(ARRAY['{}', '{"reason": "requested_by_customer"}', '{"reason": "expired_uncaptured_charge"}',
	'{"balance_transaction": {"id": "t", "amount": -100, "fee": 0, "net": -100, "currency": "usd", "reporting_category": "refund"}}',
	'{"balance_transaction": {"id": "t", "amount": -100, "fee": 0, "net": -100, "currency": "usd", "reporting_category": "partial_capture_reversal"}}',
	'{"charge": {"object": "charge", "id": "ch_1", "captured": false}}', '{"charge": {"object": "charge", "id": "ch_1", "captured": true}}',
	'{"charge": "ch_1"}']::jsonb[]) extra;
SELECT status, pg_temp.read('refund.retrieve', 200, jsonb_build_object('object', 'refund', 'id', 're_1', 'status', status,
	'amount', 1, 'currency', 'usd')::text) ->> 'verdict' AS verdict
FROM unnest('{pending,requires_action,succeeded,failed,canceled,requested,odd}'::text[]) status;

-- Customers (also the stub of a deleted one), methods, lists, the account.
SELECT pg_temp.read('customer.retrieve', 200, '{"id": "cus_1", "object": "customer", "deleted": true}');
SELECT pg_temp.read('customer.create', 200, '{"id": "cus_1", "object": "customer", "name": "A", "email": "a@b", "phone": null,
	"address": {"city": "X"}, "invoice_settings": {"default_payment_method": "pm_1"}, "metadata": [], "created": -5}');
SELECT pg_temp.read('method.attach', 200, '{"id": "pm_9", "object": "payment_method", "type": "card", "customer": "cus_1",
	"card": {"brand": "visa", "last4": "4242", "exp_month": 13, "exp_year": 2034, "funding": "credit", "country": "US",
	"wallet": {"type": "google_pay", "google_pay": {}}, "number": "4000000000000002"}, "billing_details": {"name": "N"}}');
SELECT pg_temp.read('method.retrieve', 200, '{"id": "pm_9", "object": "payment_method", "type": "moon_pay", "moon_pay":
	{"last4": "1234", "iban": "DE89370400440532013000", "nested": [{"account_number": "1", "note": "4242 4242 4242 4242"}],
	"n": 4242424242424242, "reference": "74999990000000000000001"}}');
SELECT pg_temp.read('method.retrieve', 200, '{"id": "pm_9", "object": "payment_method", "type": "moon_pay", "moon_pay":
	{"4242 4242 4242 4242": "a number as a key", "kept": {"DE89370400440532013000": {"x": 1}, "y": 2}}}') #> '{object,is,details}';
SELECT pg_temp.read('method.retrieve', 200, '{"id": "pm_9", "object": "payment_method", "type": "moon_pay", "moon_pay":
	{"security_code": "123", "deep": [{"Card-CVC": 1234, "exp": 1234}]}}') #> '{object,is,details}' AS codes;
SELECT pg_temp.read('refund.list', 200, '{"object": "list", "has_more": true, "data": [{"object": "refund", "id": "re_1",
	"status": "pending", "amount": 5, "currency": "usd"}, {"object": "refund", "id": "re_2"}, 7, null,
	{"object": "list", "data": []}]}');
SELECT pg_temp.read('refund.list', 200, '{"object": "list", "data": {}}');
SELECT pg_temp.read('account.retrieve', 200, '{"id": "acct_1", "object": "account"}');

-- Events.
\getenv srcdir PG_ABS_SRCDIR
\set file :srcdir '/data/stripe-events/payment_intent.succeeded.json'
\set intent `cat :'file'`
\set file :srcdir '/data/stripe-events/charge.refunded.json'
\set charge `cat :'file'`
\set file :srcdir '/data/stripe-events/refund.updated.json'
\set refund `cat :'file'`
\set file :srcdir '/data/stripe-events/charge.dispute.created.json'
\set dispute `cat :'file'`
SELECT jsonb_pretty(pg_temp.event(:'intent'));
SELECT jsonb_pretty(pg_temp.event(:'charge'));
SELECT jsonb_pretty(pg_temp.event(:'refund'));
SELECT pg_temp.event(:'dispute') - 'previous';

-- Another version is only a hint; Connect; live; a thin event carries nothing.
SELECT pg_temp.event((:'intent'::jsonb || '{"api_version": "2024-04-10"}')::text) -> 'same_version' AS older,
	pg_temp.event((:'intent'::jsonb || '{"api_version": null}')::text) -> 'same_version' AS none,
	pg_temp.event((:'intent'::jsonb || '{"account": "acct_9", "livemode": true}')::text) - 'object' AS connect_live;
SELECT pg_temp.event('{"id": "evt_1", "object": "v2.core.event", "type": "v1.billing.meter.no_meter_found",
	"created": "2026-07-29T00:00:00Z", "livemode": false, "related_object": {"id": "mtr_1", "type": "billing.meter", "url": "/x"}}');
SELECT type, pg_temp.event(jsonb_build_object('id', 'evt_1', 'type', type, 'data', '{"object": {"id": "cus_1", "object": "customer"},
	"previous_attributes": {"a": 1}}'::jsonb)::text) #>> '{object,is,deleted}' AS deleted,
	pg_temp.event(jsonb_build_object('id', 'evt_1', 'type', type)::text) ->> 'is_creation' AS is_creation
FROM unnest('{customer.created,customer.updated,customer.deleted,charge.dispute.created}'::text[]) type;

-- No events at all.
SELECT t, pg_temp.event(t) ->> 'cannot' FROM unnest(ARRAY['', '{}', '[]', '1', 'null', '{"id": "evt_1"}', '{"type": "x"}',
	'{"id": 1, "type": "x"}', '{"id": "evt_1", "type": {}}', '{"id": "", "type": "x"}', '<html>']) t;

-- Hostile ones: every value of every sample replaced by each kind of wrong one, and read without a crash.
CREATE TEMP TABLE paths AS
WITH RECURSIVE walk (root, path, value) AS (
	SELECT e, '{}'::text[], e FROM unnest(ARRAY[:'intent', :'charge', :'refund']::jsonb[]) e
	UNION ALL
	SELECT root, path || key, value -> key FROM walk, LATERAL jsonb_object_keys(
		CASE jsonb_typeof(value) WHEN 'object' THEN value ELSE '{}' END) key)
SELECT root, path FROM walk WHERE path <> '{}';
CREATE TEMP TABLE wrong (value jsonb);
INSERT INTO wrong VALUES ('null'), ('true'), ('-1'), ('0.5'), ('99999999999999999999'), ('1e300'), ('""'), ('"x"'), ('[]'), ('{}'),
	('[[{"id": {"object": "charge"}}]]'), ('{"object": "charge", "id": "ch_x", "amount": [], "latest_charge": {"object": "list"}}'),
	(to_jsonb(repeat('x', 70000))), ('253402300800');
SELECT count(*) > 2000 AS many, count(*) FILTER (WHERE pg_temp.event(jsonb_set(root, path, value)::text) IS NULL) AS lost
FROM paths, wrong;
SELECT count(*) FILTER (WHERE pg_temp.event((root #- path)::text) IS NULL) AS lost FROM paths;
SELECT bool_and(pg_temp.read(operation, status, jsonb_set(root -> 'data' -> 'object', path[3:], value)::text) ? 'verdict') AS all_read
FROM paths, wrong, unnest('{intent.retrieve,refund.create,charge.retrieve,customer.create}'::text[]) operation,
	unnest('{200,402}'::int[]) status
WHERE cardinality(path) > 2 AND path[1:2] = '{data,object}';
SELECT bool_and(pg_temp.read('intent.create', 402, jsonb_build_object('error', jsonb_set('{"type": "card_error", "code": "c",
	"decline_code": "d", "message": "m", "charge": "ch", "payment_intent": {}}', ARRAY[key], value))::text) ? 'verdict') AS all_read
FROM wrong, unnest('{type,code,decline_code,message,charge,payment_intent}'::text[]) key;
