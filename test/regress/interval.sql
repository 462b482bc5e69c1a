\getenv srcdir PG_ABS_SRCDIR
\set setup :srcdir '/data/types_setup.sql'
\i :setup

-- Each length has one way to be written.
SELECT input, input::billing_interval AS output, interval_count(input::billing_interval), interval_unit(input::billing_interval)
FROM unnest(ARRAY['day', 'days', '1 day', '2 days', '6 days', '7 days', 'week', '2 weeks', '14 days', '15 days', 'month', '2 months', '3 months', 'quarter',
	'2 quarters', '6 months', '9 months', '4 quarters', '12 months', 'year', '18 months', '6 quarters', '24 months', '2 years', '10 years', '3653 days',
	'DAY', '3 Months', 'QUARTERs', E' \t 2   weeks\n', '+1 year', '007 days']) AS input;
SELECT pg_column_size('year'::billing_interval), typbyval FROM pg_type WHERE oid = 'billing_interval'::regtype;

-- What is read is what was written, over the whole range.
SELECT count(*) AS days, count(*) FILTER (WHERE i::text::billing_interval = i AND interval_count(i) = n AND interval_unit(i) = 'day') AS same
FROM generate_series(1, 3653) AS n, every('day', n) AS i;
SELECT count(*) AS months, count(*) FILTER (WHERE i::text::billing_interval = i AND interval_count(i) = n AND interval_unit(i) = 'month') AS same
FROM generate_series(1, 120) AS n, every('month', n) AS i;
SELECT every('week'), every('weeks', 2), every('Quarter', 1), every('quarter', 2), every('year', 3);

-- Errors.
SELECT input, pg_temp.outcome(format('%L::paycore.billing_interval', input))
FROM unnest(ARRAY['', ' ', 'daily', 'da', 'dayss', 's', '1', '1 ', '+', '-', '- 1 day', '1day', '1.5 months', '1e1 days', '1 1 day', '1 day 2 weeks', '1 month ago', 'one month', 'mon',
	'P1M', '٢ days', '2 wееks', '0 days', '-1 month', '3654 days', '522 weeks', '121 months', '41 quarters', '11 years', '99999999999999999999999 days',
	'-99999999999999999999999 days']) AS input;
SELECT call, pg_temp.outcome(call)
FROM unnest(ARRAY['every(''month'', 0)', 'every(''month'', -1)', 'every(''day'', 2147483647)', 'every(''day'', -2147483648)', 'every(''month'', 120)', 'every('''', 1)', 'every(''fortnight'', 1)',
	'every('' day'')', 'every(NULL, 1)', 'every(''day'', NULL)']) AS call;
SELECT '13 years'::billing_interval;
SELECT 'monthly'::billing_interval;

-- The interval of the calendar, and the length in months: 1461 days are 48.
SELECT i, i::interval, months(i), round(months(i) * 1461, 6) AS in_1461
FROM unnest('{day,week,30 days,487 days,month,quarter,year,10 years}'::billing_interval[]) AS i;

-- By nominal length; of equals, days first.
SELECT array_agg(i ORDER BY i) = array_agg(i ORDER BY months(i), interval_unit(i)) AS in_order, count(DISTINCT i) = count(*) AS distinct
FROM (SELECT every('day', n) FROM generate_series(1, 3653) AS n UNION ALL SELECT every('month', n) FROM generate_series(1, 120) AS n) AS all_of_them (i);
SELECT string_agg(i::text, ' < ' ORDER BY i) FROM unnest('{year,16 months,487 days,day,31 days,30 days,month,week,quarter}'::billing_interval[]) AS i;
SELECT 'month'::billing_interval < '31 days', 'month'::billing_interval > '30 days', '3 months'::billing_interval = 'quarter', 'week'::billing_interval <> '8 days',
	'week'::billing_interval <= '7 days', 'week'::billing_interval >= '7 days', '28 days'::billing_interval = 'month';
SELECT '487 days'::billing_interval < '16 months', '487 days'::billing_interval = '16 months', '487 days'::billing_interval >= '16 months', billing_interval_cmp('16 months', '487 days') > 0;

-- Indexes and hashes.
CREATE TEMP TABLE plan (every billing_interval);
INSERT INTO plan SELECT every('day', n) FROM generate_series(1, 100) AS n, generate_series(1, 10);
INSERT INTO plan SELECT every('month', n) FROM generate_series(1, 24) AS n, generate_series(1, 10);
CREATE INDEX ON plan (every);
CREATE INDEX ON plan USING hash (every);
ANALYZE plan;
SET enable_seqscan = off;
SELECT count(*) FROM plan WHERE every < 'month';
SELECT count(*) FROM plan WHERE every = 'quarter';
SELECT count(*) FROM (SELECT every FROM plan GROUP BY every) AS g;
SELECT count(*) FROM plan AS a JOIN plan AS b USING (every);
SET enable_hashjoin = off;
SELECT count(*) FROM plan AS a JOIN plan AS b USING (every);
RESET enable_hashjoin;
RESET enable_seqscan;
SELECT count(*) FILTER (WHERE (billing_interval_hash(every) - billing_interval_hash_extended(every, 0)) % (2::bigint ^ 32)::bigint <> 0) AS hashes_differ,
	count(DISTINCT billing_interval_hash(every)) AS hashes FROM plan;

-- Text columns assign.
TRUNCATE plan;
INSERT INTO plan SELECT '3 MONTHS'::text;
SELECT every, every::text FROM plan;

-- Binary: positive numbers are days, negative ones months; others are refused.
SELECT billing_interval_send('2 weeks'), billing_interval_send('year');
CREATE TEMP TABLE before AS SELECT every('day', n) FROM generate_series(1, 3653) AS n UNION ALL SELECT every('month', n) FROM generate_series(1, 120) AS n;
CREATE TEMP TABLE after (LIKE before);
\copy before to 'interval.bin' (format binary)
\copy after from 'interval.bin' (format binary)
SELECT count(*), count(*) FILTER (WHERE a = b) AS same FROM (SELECT every, row_number() OVER () FROM before) AS b (b, place) JOIN (SELECT every, row_number() OVER () FROM after) AS a (a, place) USING (place);
\copy plan from program 'printf "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0\0\001\0\0\0\004\0\0\0\0\377\377"' (format binary)
\set VERBOSITY sqlstate
\copy plan from program 'printf "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0\0\001\0\0\0\004\0\0\016\106\377\377"' (format binary)
\copy plan from program 'printf "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0\0\001\0\0\0\004\377\377\377\207\377\377"' (format binary)
\copy plan from program 'printf "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0\0\001\0\0\0\004\200\0\0\0\377\377"' (format binary)
\set VERBOSITY default
SELECT count(*) FROM plan;
