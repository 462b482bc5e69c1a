--
-- Reports of parts of a time add up to those of the whole, and none is about another time: what is billed in arrears, zones whose names are abbreviations
-- as well, midnights that come twice or never, sessions with a zone of their own; and what failed is read in reasonable time.
--
\getenv srcdir PG_ABS_SRCDIR
\set setup :srcdir '/data/api_setup.sql'
\i :setup
SET timezone = 'UTC';
\o /dev/null
SELECT paycore.set_test_clock('2020-09-15 00:00+00');
SELECT paycore.create_price((paycore.create_product('year', 'Year')).id, '{"USD": "120.00"}', 'year', code => 'year');
SELECT id AS bob FROM paycore.create_billing_account('Bob', currency => 'USD', gateway => 'cash') \gset
SELECT paycore.create_subscription(:'bob', '[{"price": "year"}]');
CALL paycore.run_billing();
SELECT paycore.set_test_clock('2023-05-07 00:00+00');
SELECT paycore.create_meter('calls', 'Calls', 'sum');
SELECT id AS pro FROM paycore.create_product('pro', 'Professional') \gset
SELECT paycore.create_price(:'pro', '{"EUR": "31.00"}', 'month', code => 'pro');
SELECT paycore.create_price(:'pro', '{"EUR": "0.10"}', 'month', code => 'calls', details => '{"meter": "calls"}');
SELECT id AS ada FROM paycore.create_billing_account('Ada', currency => 'EUR', gateway => 'cash') \gset
SELECT paycore.create_subscription(:'ada', '[{"price": "pro"}, {"price": "calls"}]');
CALL paycore.run_billing();
SELECT paycore.record_usage('calls', :'ada', 310, 'one');
SELECT paycore.set_test_clock('2023-07-20 00:00+00');
CALL paycore.run_billing();
SELECT paycore.finalize_invoice((paycore.create_invoice(:'ada', '[{"description": "Work in May and June", "amount": "61.00", "period_start": "2023-05-01", "period_end": "2023-07-01"}]')).id);
SELECT paycore.set_test_clock('2023-12-10 00:00+00');
CALL paycore.run_billing();
\o

-- What was earned before it was invoiced was earned then, wherever the report ends.
SELECT month, invoiced, recognised, deferred FROM paycore.deferred_revenue('2023-05-01', '2023-08-01') WHERE currency::text = 'EUR';
SELECT d.* FROM generate_series(timestamp '2023-05-01', '2023-07-01', interval '1 month') g,
	LATERAL (SELECT month, invoiced, recognised, deferred FROM paycore.deferred_revenue(g::date, (g + interval '1 month')::date) WHERE currency::text = 'EUR') d;

-- CET is a zone, with summer time, and an abbreviation, without; where the system has left it out of its zones, Berlin is asked twice.
SELECT coalesce(max(name), 'Europe/Berlin') AS cet FROM pg_timezone_names WHERE name = 'CET' \gset
SELECT count(*) FROM (SELECT * FROM paycore.deferred_revenue('2023-05-01', '2023-12-01', 'Europe/Berlin') EXCEPT ALL SELECT * FROM paycore.deferred_revenue('2023-05-01', '2023-12-01', :'cet')) d;

-- In Asuncion, midnight of the first of October 2023 did not come: for sessions there, too, months go on.
SET timezone = 'America/Asuncion';
SELECT (SELECT max(month) FROM paycore.mrr_by_month('2023-06-01', '2023-12-10', 'UTC')) AS movements, (SELECT max(month) FROM paycore.churn('2023-06-01', '2023-12-10', 'UTC')) AS churn,
	(SELECT max(month) FROM paycore.retention('2023-05-01', '2023-06-01', time_zone => 'UTC')) AS retention;
SELECT month, recognised FROM paycore.deferred_revenue('2023-09-01', '2023-12-01', 'America/Asuncion') WHERE currency::text = 'USD';
RESET timezone;

-- In Havana, midnight of the first of November 2020 came twice, at 04:00 and 05:00 of UTC: all of that hour is of November.
SELECT gross FROM paycore.record_payment(:'ada', '1.00 EUR', received_at => '2020-11-01 03:59:59+00');
SELECT gross FROM paycore.record_payment(:'ada', '2.00 EUR', received_at => '2020-11-01 04:30+00');
SELECT gross FROM paycore.record_payment(:'ada', '4.00 EUR', received_at => '2020-11-01 05:30+00');
SELECT period, gross FROM paycore.revenue('2020-10-01', '2020-11-01', 'day', 'America/Havana');
SELECT period, gross FROM paycore.revenue('2020-11-01', '2020-11-02', 'day', 'America/Havana');
SELECT month, closing FROM paycore.mrr_by_month('2020-10-01', '2020-11-01', 'America/Havana');
SELECT month, accounts FROM paycore.churn('2020-10-01', '2020-11-01', 'America/Havana');
SELECT month, invoiced, recognised FROM paycore.deferred_revenue('2020-10-01', '2020-11-01', 'America/Havana') WHERE currency::text = 'USD';
SELECT array_agg(m[1]) FROM regexp_matches(paycore.report_html('2020-09-01', '2020-11-01', 'America/Havana'), '<th scope="row">([A-Z][a-z][a-z] [0-9][0-9])</th>', 'g') m;
-- In Apia, the 30th of December 2011 was left out.
SELECT * FROM paycore.revenue('2011-12-30', '2011-12-31', time_zone => 'Pacific/Apia');
SELECT count(*) FROM paycore.revenue('2011-12-29', '2012-01-01', time_zone => 'Pacific/Apia');

-- Many failures, each with its tries: they are not looked for one by one.
BEGIN;
SET LOCAL session_replication_role = replica;
INSERT INTO paycore.payment_intents (id, billing_account_id, gateway_account, status, amount)
	SELECT md5(k::text)::uuid, :'ada', 'cash', 'succeeded', '10.00 EUR' FROM generate_series(1, 10000) k;
INSERT INTO paycore.payment_attempts (payment_intent_id, outcome, amount, attempted_at)
	SELECT md5(k::text)::uuid, CASE n WHEN 0 THEN 'declined' ELSE 'succeeded' END, '10.00 EUR', timestamptz '2023-05-01 00:00+00' + make_interval(mins => k, days => n)
	FROM generate_series(1, 10000) k, generate_series(0, 1) n;
COMMIT;
SET statement_timeout = '15s';
SELECT * FROM paycore.payment_failures('2023-05-01', '2023-06-01');
RESET statement_timeout;
