--
-- verify() finds each of a set of corruptions of usage, planted with triggers off.
--
\getenv srcdir PG_ABS_SRCDIR
\set setup :srcdir '/data/api_setup.sql'
\i :setup
SELECT paycore.set_test_clock('2026-01-10 09:30+00') IS NOT NULL;
SELECT id AS ada FROM paycore.create_billing_account('Ada', 'ada@example.com', 'USD', gateway => 'cash') \gset
SELECT id AS api FROM paycore.create_product('api', 'API') \gset
SELECT code FROM paycore.create_meter('calls', 'Calls');
SELECT code FROM paycore.create_meter('peak', 'Peak', 'max');
SELECT code FROM paycore.create_meter('seats', 'Seats', 'last');
SELECT code FROM paycore.create_meter('users', 'Users', 'unique_count', '{"value_key": "user"}');
SELECT code FROM paycore.create_meter('storage', 'Storage', 'weighted_sum');
SELECT p.code FROM paycore.meters m, paycore.create_price(:'api', '{"USD": "3"}', 'month', code => m.code, details => jsonb_build_object('meter', m.code)) p ORDER BY 1;
SELECT id AS sub FROM paycore.create_subscription(:'ada', '[{"price": "calls"}, {"price": "peak"}, {"price": "seats"}, {"price": "users"}, {"price": "storage"}]') \gset
SELECT recorded FROM paycore.record_usages(jsonb_build_array(
	jsonb_build_object('meter', 'calls', 'billing_account_id', :'ada', 'quantity', 7, 'event_key', 'c1'),
	jsonb_build_object('meter', 'calls', 'billing_account_id', :'ada', 'quantity', 8, 'event_key', 'c2'),
	jsonb_build_object('meter', 'peak', 'billing_account_id', :'ada', 'quantity', 5, 'event_key', 'p1'),
	jsonb_build_object('meter', 'seats', 'billing_account_id', :'ada', 'quantity', 2, 'event_key', 's1'),
	jsonb_build_object('meter', 'users', 'billing_account_id', :'ada', 'event_key', 'u1', 'properties', '{"user": "x"}'::jsonb),
	jsonb_build_object('meter', 'storage', 'billing_account_id', :'ada', 'quantity', 10, 'event_key', 'g1')));
SELECT quantity FROM paycore.correct_usage((SELECT id FROM paycore.usage_events WHERE event_key = 'c2'), 9);
SELECT paycore.set_test_clock('2026-02-10 09:30+00') IS NOT NULL;
CALL paycore.run_billing();
SELECT quantity FROM paycore.record_usage('calls', :'ada', 1, 'late', '2026-01-20 00:00+00');
SELECT quantity FROM paycore.record_usage('calls', :'ada', 2, 'next');
CALL paycore.run_billing();
SELECT paycore.roll_up_usage() > 0 AS more;
SELECT kind, amount FROM paycore.extra_charges;
SELECT * FROM paycore.verify();
SELECT count(paycore.set_usage_threshold('calls', q, subscription_id => :'sub')) FROM unnest('{2,100}'::numeric[]) q;
SELECT count(paycore.set_usage_threshold(amount => '1.00 USD', billing_account_id => :'ada'));
SELECT meter_id IS NULL AS of_all, quantity, amount, period_start FROM paycore.usage_alerts ORDER BY id;
PREPARE found AS SELECT DISTINCT severity, rule, object_type FROM paycore.verify() ORDER BY 1, 2, 3;
\set plant 'BEGIN; SET LOCAL session_replication_role = replica; ALTER TABLE paycore.invoice_lines DROP CONSTRAINT invoice_lines_once;'
\set look 'EXECUTE found; ROLLBACK;'
\set QUIET on
:plant
UPDATE paycore.prices SET every = NULL WHERE code = 'peak';
:look
:plant
UPDATE paycore.usage_events SET billing_account_id = paycore.uuid_v7() WHERE event_key = 'next';
:look
:plant
UPDATE paycore.usage_events SET meter_id = paycore.uuid_v7() WHERE event_key = 'next';
:look
:plant
UPDATE paycore.usage_events SET occurred_at = occurred_at + interval '1 second' WHERE corrects_id IS NOT NULL;
:look
:plant
UPDATE paycore.usage_events SET n = -1 WHERE corrects_id IS NOT NULL;
:look
:plant
UPDATE paycore.usage_events SET quantity = -9 WHERE corrects_id IS NOT NULL;
:look
:plant
DELETE FROM paycore.usage_horizons;
:look
:plant
UPDATE paycore.usage_events SET quantity = quantity + 1 WHERE event_key = 'next';
:look
:plant
DELETE FROM paycore.usage_events WHERE event_key = 'c1';
:look
:plant
UPDATE paycore.usage_sums SET total = total + 1 WHERE bucket = '2026-02-10 09:00+00';
:look
:plant
DELETE FROM paycore.usage_sums WHERE bucket = '2026-02-10 09:00+00';
:look
:plant
UPDATE paycore.usage_sums SET highest = highest + 1;
:look
:plant
UPDATE paycore.usage_sums SET last_quantity = last_quantity + 1;
:look
:plant
UPDATE paycore.usage_sums SET moment = moment + 1;
:look
:plant
UPDATE paycore.usage_values SET value = 'y';
:look
:plant
UPDATE paycore.usage_horizons SET horizon = horizon + 1000;
INSERT INTO paycore.usage_events (meter_id, billing_account_id, subscription_id, event_key, quantity, occurred_at, txn)
	SELECT meter_id, billing_account_id, subscription_id, 'unseen', 1, occurred_at, txn FROM paycore.usage_events WHERE event_key = 'late';
:look
:plant
INSERT INTO paycore.usage_periods (subscription_item_id, subscription_id, meter_id, starts_at, ends_at, whole_seconds, quantity, amount)
	SELECT subscription_item_id, subscription_id, meter_id, starts_at + interval '1 day', ends_at, whole_seconds, 0, '0 USD' FROM paycore.usage_periods;
:look
:plant
UPDATE paycore.usage_periods SET ends_at = ends_at - interval '1 day';
:look
:plant
UPDATE paycore.usage_periods SET subscription_id = paycore.uuid_v7();
:look
:plant
DELETE FROM paycore.usage_periods;
:look
:plant
UPDATE paycore.usage_periods SET quantity = quantity + 1;
:look
:plant
UPDATE paycore.usage_periods SET amount = amount OPERATOR(paycore.+) '1.00 USD';
:look
:plant
DELETE FROM paycore.extra_charges;
:look
:plant
DELETE FROM paycore.usage_alerts WHERE quantity IS NOT NULL;
:look
:plant
INSERT INTO paycore.usage_sums (subscription_id, tenant_id, meter_id, bucket, n, total, moment)
	SELECT subscription_id, tenant_id, meter_id, bucket + interval '1 hour', 1, 150, 0 FROM paycore.usage_sums WHERE bucket = '2026-02-10 09:00+00' AND total = 2;
:look
:plant
UPDATE paycore.usage_alerts SET quantity = 1 WHERE quantity IS NOT NULL;
:look
:plant
UPDATE paycore.usage_alerts SET amount = '0.99 USD' WHERE amount IS NOT NULL;
:look
:plant
UPDATE paycore.usage_alerts SET billing_account_id = paycore.uuid_v7();
:look
:plant
UPDATE paycore.usage_alerts SET meter_id = NULL WHERE quantity IS NOT NULL;
:look
:plant
DROP INDEX paycore.usage_alerts_each_period;
INSERT INTO paycore.usage_alerts (threshold_id, billing_account_id, subscription_id, meter_id, action, once, period_start, period_end, quantity, raised_at)
	SELECT threshold_id, billing_account_id, subscription_id, meter_id, action, once, period_start, period_end, quantity, raised_at FROM paycore.usage_alerts WHERE quantity IS NOT NULL;
:look
:plant
DELETE FROM paycore.usage_thresholds;
:look
:plant
UPDATE paycore.usage_alerts SET subscription_id = paycore.uuid_v7();
:look
SELECT * FROM paycore.verify();
