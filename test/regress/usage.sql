--
-- Usage: meters, events each of which counts once, corrections, sums, and what they cost.
--
\getenv srcdir PG_ABS_SRCDIR
\set setup :srcdir '/data/api_setup.sql'
\i :setup
SET timezone = 'UTC';
SELECT name FROM paycore.set_seller('{"name": "Shop", "city": "Ulm"}');
SELECT shows FROM paycore.set_test_clock('2026-01-10 09:30+00');
SELECT id AS ada FROM paycore.create_billing_account('Ada', 'ada@example.com', 'USD', gateway => 'cash') \gset
SELECT id AS bob FROM paycore.create_billing_account('Bob', 'bob@example.com', 'USD', gateway => 'cash') \gset
SELECT id AS api FROM paycore.create_product('api', 'API') \gset

-- Meters.
SELECT code, name, aggregation, value_key, unit, late_window, active FROM paycore.create_meter('calls', 'Calls', 'count', '{"unit": "call"}');
SELECT code, late_window FROM paycore.create_meter('traffic', 'Traffic', details => '{"value_key": "gb", "late_window": "10 days"}');
SELECT code FROM paycore.create_meter('peak', 'Peak', 'max');
SELECT code FROM paycore.create_meter('seats', 'Seats', 'last');
SELECT code FROM paycore.create_meter('users', 'Users', 'unique_count', '{"value_key": "user"}');
SELECT code FROM paycore.create_meter('storage', 'Storage', 'weighted_sum', '{"unit": "GB-month"}');
\set VERBOSITY default
SELECT paycore.create_meter('calls', 'Calls');
SELECT paycore.create_meter('x', 'X', 'median');
SELECT paycore.create_meter('x', 'X', 'unique_count');
SELECT paycore.create_meter('x', 'X', details => '{"late_window": "-1 day"}');
SELECT paycore.create_meter('x', 'X', details => '{"colour": "red"}');
\set VERBOSITY sqlstate
SELECT id AS traffic FROM paycore.meters WHERE code = 'traffic' \gset
SELECT name, unit, late_window, metadata FROM paycore.update_meter(:'traffic', '{"name": "Data", "unit": "GB", "late_window": "20 days", "metadata": {"a": "b"}}');
SELECT paycore.update_meter(:'traffic', '{"aggregation": "max"}');
UPDATE paycore.meters SET aggregation = 'max' WHERE id = :'traffic';
SELECT code FROM paycore.list_meters() ORDER BY code;

-- Prices of them.
SELECT code, meter_id = :'traffic' AS metered FROM paycore.create_price(:'api', '{"USD": "0.10"}', 'month', code => 'traffic', details => '{"meter": "traffic"}');
SELECT code FROM paycore.create_price(:'api', '{"USD": {"tiers": [{"up_to": 3, "unit_price": "2"}, {"unit_price": "1"}]}}', 'month', 'graduated', 'calls', '{"meter": "calls"}');
SELECT code FROM paycore.create_price(:'api', '{"USD": "5"}', 'month', code => 'peak', details => '{"meter": "peak"}');
SELECT code FROM paycore.create_price(:'api', '{"USD": "5"}', 'month', code => 'seats', details => '{"meter": "seats"}');
SELECT code FROM paycore.create_price(:'api', '{"USD": "3"}', 'month', code => 'users', details => '{"meter": "users", "free_units": 1}');
SELECT code FROM paycore.create_price(:'api', '{"USD": "31"}', 'month', code => 'storage', details => '{"meter": "storage"}');
SELECT paycore.create_price(:'api', '{"USD": "1"}', 'month', code => 'y', details => '{"meter": "none"}');
SELECT paycore.create_price(:'api', '{"USD": "1"}', code => 'y', details => '{"meter": "calls"}');
SELECT id AS calls_price FROM paycore.prices WHERE code = 'calls' \gset
SELECT paycore.revise_price(:'calls_price', details => '{"meter": "traffic"}');
SELECT version, meter_id IS NOT NULL FROM paycore.revise_price(:'calls_price');
UPDATE paycore.prices SET meter_id = NULL WHERE id = :'calls_price';

-- Recording.
\set VERBOSITY terse
SELECT paycore.record_usage('calls', :'ada');
SELECT id AS sub FROM paycore.create_subscription(:'ada', '[{"price": "traffic"}, {"price": "calls"}, {"price": "peak"}, {"price": "seats"}, {"price": "users"}, {"price": "storage"}]') \gset
SELECT quantity, n, occurred_at, event_key = id::text AS own_key, subscription_id = :'sub' AS found FROM paycore.record_usage('calls', :'ada');
SELECT id AS first, quantity, event_key, occurred_at FROM paycore.record_usage('traffic', :'ada', 2.5, 'e1', properties => '{"region": "eu"}') \gset
SELECT paycore.set_test_clock('2026-01-10 09:50+00') IS NOT NULL;
SELECT id = :'first' AS the_first, occurred_at FROM paycore.record_usage('traffic', :'ada', 2.50, 'e1', properties => '{"region": "eu"}');
SELECT paycore.record_usage('traffic', :'ada', 2.5, 'e1', properties => '{"region": "us"}');
SELECT paycore.record_usage('traffic', :'ada', 3, 'e1', properties => '{"region": "eu"}');
SELECT quantity FROM paycore.record_usage('traffic', :'ada', event_key => 'e2', properties => '{"gb": 4}');
SELECT value FROM paycore.record_usage('users', :'ada', event_key => 'u1', properties => '{"user": "x"}');
SELECT paycore.record_usage('users', :'ada');
SELECT paycore.record_usage('calls', :'ada', 2);
SELECT paycore.record_usage('traffic', :'ada');
SELECT paycore.record_usage('traffic', :'ada', -1);
SELECT paycore.record_usage('traffic', :'ada', 'NaN');
SELECT paycore.record_usage('traffic', :'ada', 1e30);
SELECT paycore.record_usage('traffic', :'ada', 1, '');
SELECT paycore.record_usage('traffic', :'ada', 1, '4242424242424242');
SELECT paycore.record_usage('traffic', :'ada', 1, properties => '[]');
SELECT paycore.record_usage('traffic', :'ada', 1, properties => '{"n": 1e131071}');
SELECT paycore.record_usage('traffic', :'ada', 1, metadata => '{"paycore_x": 1}');
SELECT paycore.record_usage('traffic', :'ada', 1, metadata => '{"x": {}}');
SELECT paycore.record_usage('none', :'ada', 1);
SELECT paycore.record_usage(NULL, :'ada', 1);
SELECT paycore.record_usage('traffic', NULL, 1);
SELECT paycore.record_usage('traffic', :'bob', 1) ;
-- Times.
SELECT paycore.record_usage('traffic', :'ada', 1, occurred_at => 'infinity');
SELECT paycore.record_usage('traffic', :'ada', 1, occurred_at => '2026-01-10 09:56+00');
SELECT occurred_at FROM paycore.record_usage('traffic', :'ada', 1, 'ahead', '2026-01-10 09:54+00');
SELECT paycore.record_usage('traffic', :'ada', 1, occurred_at => '2026-01-10 09:29+00');
SELECT paycore.record_usage('traffic', :'ada', 1, occurred_at => '2025-12-21 09:49+00');
-- An inactive meter counts nothing more, but knows what it counted.
SELECT active FROM paycore.update_meter(:'traffic', '{"active": false}');
SELECT paycore.record_usage('traffic', :'ada', 1);
SELECT id = :'first' AS the_first FROM paycore.record_usage('traffic', :'ada', 2.5, 'e1', properties => '{"region": "eu"}');
SELECT active FROM paycore.update_meter(:'traffic', '{"active": true}');
-- Several subscriptions with one meter.
SELECT id AS other FROM paycore.create_subscription(:'ada', '[{"price": "traffic"}]') \gset
SELECT paycore.record_usage('traffic', :'ada', 1);
SELECT subscription_id = :'other' AS as_said FROM paycore.record_usage('traffic', :'ada', 7, 'o1', subscription_id => :'other');
SELECT paycore.record_usage('calls', :'ada', subscription_id => :'other');
SELECT status FROM paycore.cancel_subscription(:'other', false);
\set VERBOSITY sqlstate

-- A batch: what is wrong with one stops none of the others.
SELECT shows FROM paycore.set_test_clock('2026-01-12 12:00+00');
SELECT recorded, doubled, refused, jsonb_pretty(regexp_replace(problems::text, 'event [0-9a-f-]{36}', 'event')::jsonb) AS problems FROM paycore.record_usages(jsonb_build_array(
	jsonb_build_object('meter', 'peak', 'billing_account_id', :'ada', 'quantity', 7, 'event_key', 'p1', 'occurred_at', '2026-01-11 10:00+00'),
	jsonb_build_object('meter', 'peak', 'billing_account_id', :'ada', 'quantity', 9, 'event_key', 'p2', 'occurred_at', '2026-01-11 10:10+00'),
	jsonb_build_object('meter', 'peak', 'billing_account_id', :'ada', 'quantity', 9, 'event_key', 'p2', 'occurred_at', '2026-01-11 10:10+00'),
	jsonb_build_object('meter', 'peak', 'billing_account_id', :'ada', 'quantity', 10, 'event_key', 'p2'),
	jsonb_build_object('meter', 'traffic', 'billing_account_id', :'ada', 'quantity', 2.5, 'event_key', 'e1', 'properties', '{"region": "eu"}'::jsonb),
	jsonb_build_object('meter', 'seats', 'billing_account_id', :'ada', 'quantity', 3, 'event_key', 's1', 'occurred_at', '2026-01-11 11:00+00'),
	jsonb_build_object('meter', 'seats', 'billing_account_id', :'ada', 'quantity', 5, 'event_key', 's2', 'occurred_at', '2026-01-11 10:59+00'),
	jsonb_build_object('meter', 'users', 'billing_account_id', :'ada', 'event_key', 'u2', 'properties', '{"user": "y"}'::jsonb),
	jsonb_build_object('meter', 'users', 'billing_account_id', :'ada', 'event_key', 'u3', 'properties', '{"user": "x"}'::jsonb),
	jsonb_build_object('meter', 'peak', 'billing_account_id', :'ada', 'quantity', '7', 'event_key', 'w1'),
	jsonb_build_object('meter', 'peak', 'billing_account_id', 'ada', 'quantity', 7, 'event_key', 'w2'),
	jsonb_build_object('meter', 'peak', 'billing_account_id', :'ada', 'quantity', 7, 'event_key', 'w3', 'occurred_at', 'soon'),
	jsonb_build_object('meter', 'peak', 'billing_account_id', :'ada', 'quantity', 7, 'event_key', 'w4', 'occurred_at', 'infinity'),
	jsonb_build_object('meter', 'peak', 'billing_account_id', :'ada', 'quantity', 7, 'event_key', 'w5', 'colour', 'red'),
	jsonb_build_object('meter', 'peak', 'billing_account_id', :'ada', 'quantity', 7, 'event_key', 'w6', 'occurred_at', '2025-11-11 10:00+00'),
	jsonb_build_object('meter', 'nothing', 'billing_account_id', :'ada', 'quantity', 7, 'event_key', 'w7'),
	jsonb_build_object('meter', 'peak', 'billing_account_id', :'ada', 'quantity', 7, 'event_key', 'w8', 'metadata', '{"card": "4242 4242 4242 4242"}'::jsonb),
	'1', 'null'));
SELECT recorded, doubled, refused, problems FROM paycore.record_usages('[]');
SELECT paycore.record_usages('{}');
SELECT paycore.record_usages('1');
-- The level of storage: 10 GB from the start, 20 more after half of the 31 days, all gone a week before the end.
SELECT recorded, doubled, refused, problems FROM paycore.record_usage_rows(ARRAY[
	ROW('storage', :'ada', 10, 'g1', '2026-01-10 09:30+00', NULL, NULL, NULL)::paycore.usage_input, NULL,
	ROW('storage', :'ada', 10, 'g1', '2026-01-10 09:30+00', NULL, NULL, NULL)::paycore.usage_input]);

-- What was counted and what it would cost, before and after it is added up.
SELECT meter, period, quantity, amount FROM paycore.usage_of(:'sub') ORDER BY meter;
SELECT paycore.roll_up_usage() WHERE settled();
SELECT paycore.roll_up_usage() WHERE settled();
SELECT meter, quantity, amount FROM paycore.usage_of(:'sub') ORDER BY meter;
SELECT meter, quantity FROM paycore.usage_of(:'sub', '[2026-01-11 10:05+00, 2026-01-11 11:00+00)') WHERE quantity > 0 ORDER BY meter;
SELECT m.code, s.bucket, s.n, s.total, s.moment, s.highest, s.last_at, s.last_quantity FROM paycore.usage_sums s JOIN paycore.meters m ON m.id = s.meter_id ORDER BY 1, 2, s.total;
SELECT bucket, value, n FROM paycore.usage_values ORDER BY 1, 2;
SELECT * FROM paycore.usage_of(paycore.uuid_v7());

-- Corrections.
SELECT id AS p2 FROM paycore.usage_events WHERE event_key = 'p2' \gset
SELECT id AS s1 FROM paycore.usage_events WHERE event_key = 's1' \gset
SELECT id AS u2 FROM paycore.usage_events WHERE event_key = 'u2' \gset
SELECT quantity, n, occurred_at, corrects_id = :'p2' AS corrects, reason FROM paycore.correct_usage(:'p2', 6, 'read wrong');
SELECT quantity, n FROM paycore.correct_usage(:'p2', 6);
SELECT quantity, n FROM paycore.void_usage(:'s1', 'never was');
SELECT quantity, n FROM paycore.void_usage(:'s1');
SELECT quantity, n, value FROM paycore.void_usage(:'u2');
SELECT quantity FROM paycore.correct_usage(:'first', 0.5);
SELECT meter, quantity, amount FROM paycore.usage_of(:'sub') ORDER BY meter;
SELECT paycore.roll_up_usage() WHERE settled();
SELECT meter, quantity, amount FROM paycore.usage_of(:'sub') ORDER BY meter;
SELECT quantity FROM paycore.correct_usage(:'p2', 11);
SELECT meter, quantity FROM paycore.usage_of(:'sub') WHERE meter = 'peak';
SELECT paycore.correct_usage(:'s1', 3);
SELECT paycore.correct_usage(:'u2', 3);
SELECT paycore.correct_usage(:'p2', -3);
SELECT paycore.correct_usage(paycore.uuid_v7(), 3);
SELECT paycore.correct_usage(id, 3) FROM paycore.usage_events WHERE corrects_id = :'p2' LIMIT 1;
-- Events stay as they are.
UPDATE paycore.usage_events SET quantity = 1 WHERE id = :'p2';
DELETE FROM paycore.usage_events WHERE id = :'p2';
TRUNCATE paycore.usage_events;
TRUNCATE paycore.usage_sums;
TRUNCATE paycore.usage_values;
TRUNCATE paycore.usage_horizons;
UPDATE paycore.usage_sums SET total = 0;
UPDATE paycore.usage_horizons SET horizon = 0;
-- An event written by hand is numbered by its transaction.
INSERT INTO paycore.usage_events (meter_id, billing_account_id, subscription_id, event_key, quantity, occurred_at, txn)
	SELECT meter_id, billing_account_id, subscription_id, 'by hand', 1, '2026-01-11 15:00+00', 3 FROM paycore.usage_events WHERE id = :'first'
	RETURNING txn > 3 AS numbered;
SELECT quantity FROM paycore.usage_of(:'sub') WHERE meter = 'traffic';
