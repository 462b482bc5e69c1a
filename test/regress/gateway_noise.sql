--
-- Answers and events that no gateway sends: bytes and values changed at random.  None may do more than be
-- unreadable (the sanitizers' build looks on), and what is reduced leaves our rows whole.
--
\getenv srcdir PG_ABS_SRCDIR
\set setup :srcdir '/data/reduce_setup.sql'
\i :setup
CREATE FUNCTION read_c(gateway text, operation text, status int, body bytea, headers jsonb, ids jsonb)
	RETURNS jsonb LANGUAGE c STRICT AS '$libdir/paycore', 'paycore_test_gateway_read';
CREATE FUNCTION event_c(bytea) RETURNS jsonb LANGUAGE c STRICT AS '$libdir/paycore', 'paycore_test_gateway_event';
SELECT setseed(0.20261121);
SELECT id AS intent FROM ours('pi_1') AS o(id) \gset
CREATE TABLE models AS SELECT row_number() OVER () AS n, model FROM (VALUES
	(pi('pi_1', 'succeeded', jsonb_build_object('amount_received', 1000, 'latest_charge', ch('ch_1', 'pi_1', 'succeeded',
		jsonb_build_object('balance_transaction', txn('txn_1', 1000, 59)))))),
	(ch('ch_1', 'pi_1', 'succeeded', jsonb_build_object('balance_transaction', txn('txn_1', 1000, 59)))),
	(re('re_1', 'ch_1', 'succeeded', 100)),
	('{"object": "customer", "id": "cus_ada", "name": "Ada", "email": "a@example.com", "metadata": {}, "created": 1000000000}'),
	('{"object": "payment_method", "id": "pm_1", "type": "card", "card": {"brand": "visa", "last4": "4242", "exp_year": 2030}, "customer": "cus_ada"}'),
	('{"object": "list", "data": [{"object": "refund", "id": "re_1"}], "has_more": false}'),
	('{"error": {"type": "card_error", "code": "card_declined", "decline_code": "x", "message": "m", "payment_intent": {"id": "pi_1"}}}')) AS v(model);

-- One byte, or a cut.
CREATE FUNCTION noisy(body bytea) RETURNS bytea LANGUAGE sql VOLATILE AS $$
	SELECT CASE WHEN length(body) = 0 THEN body WHEN random() < 0.2 THEN substr(body, 1, floor(random() * length(body))::int)
		ELSE set_byte(body, floor(random() * length(body))::int, floor(random() * 256)::int) END $$;
SELECT count(read_c('stripe', (ARRAY['intent.create', 'refund.create', 'customer.create', 'refund.list', 'account.retrieve'])[ceil(random() * 5)],
	(ARRAY[200, 200, 400, 402, 500])[ceil(random() * 5)], noisy(noisy(convert_to(model::text, 'UTF8'))), '{}', '{}'))
FROM models, generate_series(1, 400);
SELECT count(event_c(noisy(convert_to(jsonb_build_object('id', 'evt_1', 'object', 'event', 'type', 'x.updated', 'created', 1000000000,
	'livemode', false, 'data', jsonb_build_object('object', model))::text, 'UTF8')))) FROM models, generate_series(1, 400);

-- One value of another kind, reduced.
CREATE FUNCTION odd(model jsonb) RETURNS jsonb LANGUAGE sql VOLATILE AS $$
	SELECT jsonb_set(model, ARRAY[key], (ARRAY['null', '-1', '9223372036854775807', '1e300', '0.5', '""', '"x"', '[]', '{}', '[[]]', 'true',
		to_jsonb(repeat('y', 3000))::text, '{"id": {"id": 1}}', '"succeeded"', '"jpy"', '253402300800'])[ceil(random() * 16)]::jsonb)
	FROM (SELECT key FROM jsonb_object_keys(model) AS key WHERE key NOT IN ('object', 'id') ORDER BY random() LIMIT 1) k $$;
CREATE PROCEDURE reduce_all(rounds int) LANGUAGE plpgsql AS $$
DECLARE m jsonb;
BEGIN
	FOR i IN 1 .. rounds LOOP
		SELECT odd(odd(model)) INTO m FROM models WHERE n <= 5 ORDER BY random() LIMIT 1;
		BEGIN
			PERFORM event(m, i);
		EXCEPTION WHEN SQLSTATE 'PY001' OR SQLSTATE 'PY010' OR SQLSTATE 'PY012' OR SQLSTATE 'PY020' OR SQLSTATE 'PY022'
			OR check_violation OR unique_violation OR not_null_violation THEN NULL;
		WHEN OTHERS THEN
			RAISE WARNING '% % %', SQLSTATE, SQLERRM, left(m::text, 300);
		END;
	END LOOP;
END $$;
CALL reduce_all(1500);
SELECT DISTINCT severity, rule FROM paycore.verify() WHERE severity = 'violation' ORDER BY 2;
SELECT count(*) > 0 FROM paycore.payments;
