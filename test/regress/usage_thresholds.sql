--
-- Usage thresholds: one alert for each and period, whoever records, and what is set is watched.
--
\getenv srcdir PG_ABS_SRCDIR
\set setup :srcdir '/data/api_setup.sql'
\i :setup
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SELECT shows FROM paycore.set_test_clock('2026-01-01 00:00+00');
SELECT id AS api FROM paycore.create_product('api', 'API') \gset
SELECT id AS disk FROM paycore.create_product('disk', 'Disk') \gset
SELECT count(paycore.create_meter(m.code, m.code, m.kind, m.details)) FROM (VALUES ('calls', 'sum', '{}'::jsonb), ('users', 'unique_count', '{"value_key": "user"}'), ('peak', 'max', '{}'),
	('level', 'weighted_sum', '{}'), ('seats', 'last', '{}'), ('hits', 'count', '{}')) m(code, kind, details);
SELECT code FROM paycore.create_price(:'api', '{"USD": {"tiers": [{"up_to": 1000, "unit_price": "0.01"}, {"unit_price": "0.005"}]}}', 'month', 'graduated', 'calls', '{"meter": "calls", "free_units": 100}');
SELECT count(paycore.create_price(:'api', '{"USD": "0.10"}', 'month', 'per_unit', m, jsonb_build_object('meter', m))) FROM unnest('{users,peak,level,seats,hits}'::text[]) m;
SELECT code FROM paycore.create_price(:'disk', '{"USD": {"tiers": [{"up_to": 10, "unit_price": "5"}, {"unit_price": "1"}]}}', 'month', 'volume', 'disk', '{"meter": "calls"}');
SELECT id AS ada FROM paycore.create_billing_account('Ada', currency => 'USD', gateway => 'cash') \gset
SELECT id AS sub FROM paycore.create_subscription(:'ada', '[{"price": "calls"}, {"price": "users"}, {"price": "peak"}, {"price": "hits"}]') \gset
SELECT id AS bob FROM paycore.create_billing_account('Bob', currency => 'USD', gateway => 'cash') \gset
SELECT id AS bobs FROM paycore.create_subscription(:'bob', '[{"price": "disk"}, {"price": "level"}, {"price": "seats"}]') \gset
SELECT paycore.bill_subscriptions();
CREATE VIEW alerts AS SELECT a.name, m.code AS meter, coalesce(t.quantity::text, t.amount::text) AS threshold, t.action, u.status, u.period_start::date, coalesce(u.quantity::text, u.amount::text) AS reached,
	u.raised_at FROM paycore.usage_alerts u JOIN paycore.usage_thresholds t ON t.id = u.threshold_id JOIN paycore.billing_accounts a ON a.id = u.billing_account_id
	LEFT JOIN paycore.meters m ON m.id = u.meter_id ORDER BY u.id;
-- What is no threshold.
\set VERBOSITY default
SELECT paycore.set_usage_threshold('level', 5, subscription_id => :'bobs');
SELECT paycore.set_usage_threshold('seats', 5, subscription_id => :'bobs', action => 'invoice');
SELECT paycore.set_usage_threshold('calls', 5, subscription_id => :'bobs', action => 'invoice');
SELECT paycore.set_usage_threshold('calls', 5);
SELECT paycore.set_usage_threshold(quantity => 5, subscription_id => :'sub');
\set VERBOSITY sqlstate
SELECT paycore.set_usage_threshold('calls', 5, billing_account_id => :'ada', subscription_id => :'sub');
SELECT paycore.set_usage_threshold('calls', 5, '5 USD', :'ada');
SELECT paycore.set_usage_threshold('calls', billing_account_id => :'ada');
SELECT paycore.set_usage_threshold('calls', 0, billing_account_id => :'ada');
SELECT paycore.set_usage_threshold('calls', 'NaN', billing_account_id => :'ada');
SELECT paycore.set_usage_threshold(amount => '-1 USD', billing_account_id => :'ada');
SELECT paycore.set_usage_threshold(amount => '1 EUR', billing_account_id => :'ada');
SELECT paycore.set_usage_threshold('nothing', 5, billing_account_id => :'ada');
SELECT paycore.set_usage_threshold('calls', 5, billing_account_id => :'sub');
SELECT paycore.set_usage_threshold('calls', 5, subscription_id => :'ada');
SELECT paycore.set_usage_threshold('calls', 5, billing_account_id => :'ada', action => 'stop');
SELECT paycore.set_usage_threshold('calls', 5, billing_account_id => :'ada', recurs => 'daily');
SELECT paycore.set_usage_threshold('calls', 5, billing_account_id => :'ada', description => '4242 4242 4242 4242');
SELECT paycore.remove_usage_threshold(:'ada');
-- Quantities and amounts; the same again is the one that is there.
SELECT id AS quantity FROM paycore.set_usage_threshold('calls', 1000, subscription_id => :'sub', description => 'a thousand') \gset
SELECT id = :'quantity' AS same FROM paycore.set_usage_threshold('calls', 1000.0, subscription_id => :'sub');
SELECT id AS money FROM paycore.set_usage_threshold('calls', amount => '10 USD', billing_account_id => :'ada') \gset
SELECT id = :'money' AS same FROM paycore.set_usage_threshold('calls', amount => '10.00 USD', billing_account_id => :'ada');
SELECT quantity, amount, action, recurs, set_at FROM paycore.set_usage_threshold(amount => '12 USD', billing_account_id => :'ada', recurs => 'once');
SELECT count(paycore.set_usage_threshold(m, 2, subscription_id => :'sub')) FROM unnest('{users,hits}'::text[]) m;
SELECT count(paycore.set_usage_threshold('peak', 50, subscription_id => :'sub'));
SELECT count(*) FROM paycore.list_usage_thresholds(:'ada');
SELECT count(*) FROM paycore.list_usage_thresholds(subscription_id => :'sub');
-- Up to it, nothing; by one more, once; and not again, up or down.
SELECT quantity FROM paycore.record_usage('calls', :'ada', 999.5, 'a', '2026-01-01 00:00+00');
SELECT count(paycore.roll_up_usage()) WHERE settled();
SELECT * FROM alerts;
SELECT recorded FROM paycore.record_usages(jsonb_build_array(jsonb_build_object('meter', 'calls', 'billing_account_id', :'ada', 'quantity', 0.5, 'event_key', 'b'),
	jsonb_build_object('meter', 'users', 'billing_account_id', :'ada', 'properties', '{"user": "x"}'::jsonb), jsonb_build_object('meter', 'users', 'billing_account_id', :'ada', 'properties', '{"user": "x"}'::jsonb),
	jsonb_build_object('meter', 'hits', 'billing_account_id', :'ada'), jsonb_build_object('meter', 'peak', 'billing_account_id', :'ada', 'quantity', 49)));
SELECT count(paycore.roll_up_usage()) WHERE settled();
SELECT * FROM alerts;
SELECT (paycore.correct_usage(e.id, 1)).quantity FROM paycore.usage_events e WHERE e.event_key = 'a';
SELECT count(paycore.roll_up_usage()) WHERE settled();
SELECT count(paycore.record_usage('calls', :'ada', 2000, 'c')), count(paycore.record_usage('users', :'ada', properties => '{"user": "y"}')), count(paycore.record_usage('peak', :'ada', 50)), count(paycore.record_usage('hits', :'ada'));
SELECT paycore.roll_up_usage() > 0 WHERE settled();
SELECT * FROM alerts;
SELECT paycore.roll_up_usage() WHERE settled();
SELECT count(*) FROM alerts;
-- The feed says so.
SELECT object_type, from_status, to_status, count(*) FROM paycore.status_changes WHERE object_type = 'usage_alert' GROUP BY 1, 2, 3;
-- In the next period anew, but for what is said once; a late event counts in its own.
SELECT shows FROM paycore.set_test_clock('2026-02-02 00:00+00');
SELECT paycore.bill_subscriptions();
SELECT count(paycore.record_usage('calls', :'ada', 5000, 'd'));
SELECT paycore.roll_up_usage() > 0 WHERE settled();
SELECT * FROM alerts WHERE period_start >= '2026-02-01';
SELECT count(paycore.record_usage('peak', :'ada', 60, 'late', '2026-01-20 00:00+00'));
SELECT count(paycore.set_usage_threshold('peak', 55, subscription_id => :'sub'));
SELECT count(paycore.roll_up_usage()) WHERE settled();
SELECT threshold, period_start, reached FROM alerts WHERE meter = 'peak';
-- What was reached already when the threshold was set raises an alert at once; removed ones none.
SELECT count(*) FROM alerts;
SELECT id AS late FROM paycore.set_usage_threshold('calls', 4000, subscription_id => :'sub') \gset
SELECT * FROM alerts WHERE threshold = '4000';
SELECT id AS removed FROM paycore.set_usage_threshold('calls', 6000, subscription_id => :'sub') \gset
SELECT removed_at FROM paycore.remove_usage_threshold(:'removed');
SELECT removed_at FROM paycore.remove_usage_threshold(:'removed');
SELECT count(paycore.record_usage('calls', :'ada', 5000, 'e'));
SELECT paycore.roll_up_usage() > 0 WHERE settled();
SELECT count(*) FROM alerts WHERE threshold = '6000';
-- An account's other subscription by itself, and none of a trial.
SELECT id AS second FROM paycore.create_subscription(:'ada', '[{"price": "calls"}]', '{"trial_end": "2026-02-10 00:00+00"}') \gset
SELECT paycore.bill_subscriptions();
SELECT count(paycore.record_usage('calls', :'ada', 50000, 'f', subscription_id => :'second'));
SELECT paycore.roll_up_usage() > 0 WHERE settled();
SELECT shows FROM paycore.set_test_clock('2026-02-11 00:00+00');
SELECT paycore.bill_subscriptions();
SELECT count(*) FROM paycore.list_usage_alerts(subscription_id => :'second');
SELECT count(paycore.record_usage('calls', :'ada', 1000, 'g', subscription_id => :'second'));
SELECT paycore.roll_up_usage() > 0 WHERE settled();
SELECT amount FROM paycore.list_usage_alerts(subscription_id => :'second');
SELECT count(paycore.record_usage('calls', :'ada', 1000, 'h', subscription_id => :'second'));
SELECT paycore.roll_up_usage() > 0 WHERE settled();
SELECT amount FROM paycore.list_usage_alerts(subscription_id => :'second');
-- Something wrong with one stops neither the sums nor others.
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.quantity >= 9000 AND NEW.meter_id = (SELECT id FROM paycore.meters WHERE code = 'peak') THEN RAISE 'no'; END IF; RETURN NEW; END $$;
CREATE TRIGGER refuse BEFORE INSERT ON paycore.usage_alerts FOR EACH ROW EXECUTE FUNCTION refuse();
SELECT count(paycore.set_usage_threshold('peak', 9000, subscription_id => :'sub')), count(paycore.set_usage_threshold('hits', 3, subscription_id => :'sub'));
SELECT count(paycore.record_usage('peak', :'ada', 9000, 'i')), count(paycore.record_usage('hits', :'ada')) + count(paycore.record_usage('hits', :'ada', occurred_at => '2026-02-05')) + count(paycore.record_usage('hits', :'ada', occurred_at => '2026-02-06'));
SELECT paycore.roll_up_usage() WHERE settled();
SELECT meter, reached FROM alerts WHERE threshold IN ('9000', '3');
SELECT rule, count(*) FROM paycore.verify() GROUP BY 1;
DROP TRIGGER refuse ON paycore.usage_alerts;
SELECT count(paycore.record_usage('peak', :'ada', 1, 'j'));
SELECT paycore.roll_up_usage() > 0 WHERE settled();
SELECT meter, reached FROM alerts WHERE threshold IN ('9000', '3');
-- What is kept stays.
UPDATE paycore.usage_alerts SET quantity = 1 WHERE quantity IS NOT NULL;
UPDATE paycore.usage_alerts SET status = 'dropped';
UPDATE paycore.usage_thresholds SET quantity = 1;
DELETE FROM paycore.usage_alerts;
TRUNCATE paycore.usage_thresholds CASCADE;
-- Roles, and tenants.
CREATE ROLE thresholds_app;
SELECT count(paycore.grant_access('thresholds_app', 'app'));
SET ROLE thresholds_app;
SELECT quantity FROM paycore.set_usage_threshold('hits', 1, subscription_id => :'sub');
SELECT count(*) FROM paycore.list_usage_alerts(:'ada', page_size => 1);
INSERT INTO paycore.usage_alerts (threshold_id, billing_account_id, subscription_id, action, once, period_start, period_end, quantity, raised_at)
VALUES (:'quantity', :'ada', :'sub', 'alert', false, '2027-01-01', '2027-02-01', 1, now());
RESET ROLE;
SELECT quantity FROM paycore.list_usage_alerts(:'ada', page_size => 1);
SET paycore.tenant = 'other';
SELECT paycore.remove_usage_threshold(:'quantity');
SELECT count(*) FROM paycore.list_usage_thresholds();
RESET paycore.tenant;
DROP OWNED BY thresholds_app;
DROP ROLE thresholds_app;
SELECT * FROM paycore.verify();
