\getenv srcdir PG_ABS_SRCDIR
\set setup :srcdir '/data/types_setup.sql'
\i :setup
SET timezone = 'UTC';
SET datestyle = 'ISO';
SET max_parallel_workers_per_gather = 0;

-- Boundaries from number "first" to number "last", as clocks in the zone show them.
CREATE FUNCTION pg_temp.clocks(anchor timestamp, every billing_interval, zone text, first integer, last integer) RETURNS text
LANGUAGE sql RETURN (SELECT string_agg(to_char(period_start(anchor AT TIME ZONE zone, every, zone, n) AT TIME ZONE zone, 'YYYY-MM-DD HH24:MI'), ', ' ORDER BY n)
	FROM generate_series(first, last) AS n);

-- The anchor's day comes back after shorter months, before the anchor as well as after it.
SELECT pg_temp.clocks('2025-01-31 09:30', 'month', 'Europe/Berlin', -3, 5);
SELECT pg_temp.clocks('2024-01-30 09:30', 'month', 'UTC', -12, 3);
SELECT pg_temp.clocks('2024-02-29 00:00', 'year', 'Asia/Tokyo', -5, 5);
SELECT pg_temp.clocks('2096-02-29 00:00', 'year', 'UTC', 0, 8);
SELECT pg_temp.clocks('2024-11-30 12:00', 'quarter', 'UTC', -1, 6);
SELECT pg_temp.clocks('2024-08-31 12:00', '6 months', 'UTC', 0, 4);
SELECT pg_temp.clocks('2024-05-31 12:00', '5 months', 'UTC', 0, 6);
SELECT pg_temp.clocks('2024-02-29 12:00', '10 years', 'UTC', -2, 2);

-- Weeks and days keep the time on the clock over daylight saving: 23, 25 and 24 hours.
SELECT pg_temp.clocks('2025-03-16 09:30', 'week', 'Europe/Berlin', 0, 4);
SELECT n, upper(period) - lower(period) AS length
FROM generate_series(0, 3) AS n, period_start('2025-03-28 23:00+00', 'day', 'Europe/Berlin', n) AS start, period_at('2025-03-28 23:00+00', 'day', 'Europe/Berlin', start) AS period;
SELECT n, upper(period) - lower(period) AS length
FROM generate_series(0, 2) AS n, period_start('2025-10-12 07:30+00', 'week', 'Europe/Berlin', n) AS start, period_at('2025-10-12 07:30+00', 'week', 'Europe/Berlin', start) AS period;

-- Clocks go from 2:00 to 3:00 on 30 March 2025, and from 3:00 back to 2:00 on 26 October.  A skipped 2:30 is 3:30 that day; of two, it is the second.
SELECT pg_temp.clocks('2025-01-30 02:30', 'month', 'Europe/Berlin', 1, 3);
SELECT period_start('2025-09-26 02:30+02', 'month', 'Europe/Berlin', 1) = '2025-10-26 02:30+01' AS second, period_start('2025-03-26 02:30+01', '7 months', 'Europe/Berlin', 1) = '2025-10-26 02:30+01' AS second;
-- An anchor is the time that it is, also the first of two.
SELECT period_start(anchor, 'day', 'Europe/Berlin', 0) = anchor AS itself, period_number(anchor, 'day', 'Europe/Berlin', anchor) AS number,
	period_number(anchor, 'day', 'Europe/Berlin', anchor - interval '1 microsecond') AS before, period_at(anchor, 'day', 'Europe/Berlin', '2025-10-26 02:30+01') AS period
FROM unnest('{2025-10-26 02:30+02,2025-10-26 02:30+01}'::timestamptz[]) AS anchor;

-- The same instant is another day elsewhere, and so another boundary.
SELECT zone, period_at('2025-01-30 23:30+00', 'month', zone, '2025-02-28 12:00+00') FROM unnest('{UTC,Asia/Tokyo,America/New_York}'::text[]) AS zone;

-- Samoa had no 30 December 2011: the period of that day is empty, and no time falls in it.
SELECT n, start, start AT TIME ZONE 'Pacific/Apia' AS clock, period_number(anchor, 'day', 'Pacific/Apia', start) AS number, period_at(anchor, 'day', 'Pacific/Apia', start) AS period
FROM (VALUES ('2011-12-28 12:00'::timestamp AT TIME ZONE 'Pacific/Apia')) AS a (anchor), generate_series(0, 5) AS n, period_start(anchor, 'day', 'Pacific/Apia', n) AS start;
SELECT pg_temp.clocks('2011-11-30 12:00', 'month', 'Pacific/Apia', 0, 3), pg_temp.clocks('2011-12-23 12:00', 'week', 'Pacific/Apia', 0, 2);
SELECT pg_temp.clocks('1993-08-19 12:00', 'day', 'Pacific/Kwajalein', 0, 3);
-- In Alaska most of 18 October 1867 came twice: a period of 48 hours.
SELECT n, upper(period) - lower(period) AS length
FROM (VALUES ('1867-10-17 12:00'::timestamp AT TIME ZONE 'America/Juneau')) AS a (anchor), generate_series(0, 2) AS n, period_start(anchor, 'day', 'America/Juneau', n) AS start, period_at(anchor, 'day', 'America/Juneau', start) AS period;

-- Far from the anchor.
SELECT period_number('2000-02-29 12:00+00', 'year', 'UTC', '4000-02-29 12:00+00'), period_number('2000-02-29 12:00+00', 'day', 'Europe/Berlin', '0001-01-01 00:00+00 BC'),
	period_start('2000-01-31 00:00+00', 'month', 'UTC', 2147483), period_start('2000-01-31 00:00+00', 'month', 'UTC', -72000);
SELECT period_number('4713-01-01 00:00+00 BC', 'day', 'UTC', '294276-12-30 00:00+00'), period_number('294276-12-30 00:00+00', 'day', 'UTC', '4713-01-01 00:00+00 BC');

-- Names of zones: any case, files of the IANA database only.
SELECT period_start('2025-01-31 12:00+00', 'month', 'europe/BERLIN', 1), period_start('2025-01-31 12:00+00', 'month', 'Etc/GMT+5', 1), period_start('2025-01-31 12:00+00', 'month', 'GMT', 1);
SELECT left(zone, 30) AS zone, left(pg_temp.outcome(format('paycore.period_start(''2025-01-31 12:00+00'', ''month'', %L, 0)', zone)), 60) AS outcome
FROM unnest(ARRAY['', ' ', 'Berlin', 'Europe', 'Europe/', 'Europe/Berlin2', 'UTC+3', '+03', '<+03>-3', 'EST5EDT', 'CET-1CEST,M3.5.0,M10.5.0/3', 'PDT', '../../../../etc/passwd', repeat('A', 300), 'Zürich']) AS zone;
-- (Zones that count leap seconds are not installed everywhere.)
SELECT left(pg_temp.outcome('paycore.period_start(''2025-01-31 12:00+00'', ''month'', ''right/Europe/Berlin'', 0)'), 5) AS leap_seconds;
SELECT period_start('2025-01-31 12:00+00', 'month', 'Mars/Olympus', 1);

-- Zones of earlier rows are found again, and no other; all zones of the server work.
SELECT zone, pg_temp.outcome(format('(SELECT count(paycore.period_start(''2025-01-31 12:00+00'', ''month'', z, 0)) FROM unnest(%L::text[]) z)', zone))
FROM unnest(ARRAY['{UTC,UTC,Asia/Tokyo,UTC,utc}', '{UTC,UT,UTC}', '{UTC,UTCX}', '{UTC,Nowhere,UTC}']) AS zone;
SELECT count(*) > 300 AS many, count(*) FILTER (WHERE period_start('2025-01-31 12:00+00', '6 months', name, 1)
	<> (('2025-01-31 12:00+00'::timestamptz AT TIME ZONE name) + interval '6 months') AT TIME ZONE name) AS elsewhere
FROM (SELECT name FROM pg_timezone_names, generate_series(1, 3) ORDER BY md5(name)) AS z WHERE name ~ '[a-z]' AND name !~ '^(right|posix)/|localtime|posixrules|Factory';

-- Errors.
SELECT call, pg_temp.outcome('paycore.' || call)
FROM unnest(ARRAY['period_start(''infinity'', ''month'', ''UTC'', 0)', 'period_start(''-infinity'', ''month'', ''UTC'', 1)', 'period_number(''2025-01-01'', ''month'', ''UTC'', ''infinity'')',
	'period_at(''2025-01-01'', ''month'', ''UTC'', ''-infinity'')', 'period_start(''2025-01-01'', ''day'', ''UTC'', 2147483647)', 'period_start(''2025-01-01'', ''10 years'', ''UTC'', 2147483647)',
	'period_start(''2025-01-01'', ''10 years'', ''UTC'', -2147483648)', 'period_start(''2025-01-01'', ''3653 days'', ''UTC'', -2147483648)', 'period_start(''2025-01-01'', ''year'', ''UTC'', -6739)',
	'period_start(''4713-12-31 BC'', ''month'', ''UTC'', -1)', 'period_start(''294276-12-31'', ''day'', ''UTC'', 1)', 'period_at(''294276-12-31'', ''month'', ''UTC'', ''294276-12-31'')',
	'period_number(''2025-01-01'', ''month'', ''UTC'', ''4714-11-24 00:00+00 BC'')', 'period_number(''2025-01-01'', ''month'', ''America/New_York'', ''4714-11-24 00:00+00 BC'')',
	'period_start(''4714-11-24 00:00+00 BC'', ''day'', ''America/New_York'', 0)',
	'period_start(NULL, ''month'', ''UTC'', 0)', 'period_at(''2025-01-01'', NULL, ''UTC'', now())', 'period_number(''2025-01-01'', ''month'', NULL, now())']) AS call;

--
-- Periods over 50 years, against PostgreSQL's own arithmetic.
--
CREATE TEMP TABLE zone (z int GENERATED ALWAYS AS IDENTITY (START 0 MINVALUE 0), zone text);
INSERT INTO zone (zone) VALUES ('Europe/Berlin'), ('Europe/London'), ('Europe/Istanbul'), ('Atlantic/Azores'), ('America/New_York'), ('America/Los_Angeles'),
	('America/St_Johns'), ('America/Havana'), ('America/Sao_Paulo'), ('America/Santiago'), ('America/Asuncion'), ('Africa/Cairo'), ('Africa/Casablanca'), ('Asia/Tehran'),
	('Asia/Beirut'), ('Australia/Sydney'), ('Australia/Lord_Howe'), ('Pacific/Chatham'), ('Pacific/Apia'), ('Antarctica/Troll');
-- Each day of January and February in a common and a leap year.
CREATE TEMP TABLE day (a int GENERATED ALWAYS AS IDENTITY (START 0 MINVALUE 0), day date);
INSERT INTO day (day) SELECT d FROM generate_series(0, 1) AS y, generate_series(make_date(2003 + y, 1, 1), make_date(2003 + y, 3, 1) - 1, '1 day') AS d;
-- Most of them are skipped somewhere on one day of the year, and come twice on another.
CREATE TEMP TABLE clock (c int GENERATED ALWAYS AS IDENTITY (START 0 MINVALUE 0), clock time);
INSERT INTO clock (clock) VALUES ('00:00'), ('02:30'), ('00:30'), ('23:59:59.999999'), ('01:00'), ('02:00'), ('03:15'), ('12:34:56.789012'), ('23:30'), ('00:00:30'), ('01:59:59.999999');
CREATE TEMP TABLE step (i int GENERATED ALWAYS AS IDENTITY (START 0 MINVALUE 0), every billing_interval, step interval);
INSERT INTO step (every, step) VALUES ('month', '1 month'), ('quarter', '3 months'), ('year', '1 year'), ('2 months', '2 months'), ('5 months', '5 months'), ('6 months', '6 months'),
	('18 months', '18 months'), ('2 years', '2 years'), ('10 years', '10 years'),
	('week', '7 days'), ('2 weeks', '14 days'), ('10 days', '10 days'), ('30 days', '30 days'), ('90 days', '90 days'), ('365 days', '365 days'), ('day', '1 day');

-- Every day meets every zone and every length in months; every zone meets every length and, with one length or another, every clock time.
CREATE TEMP TABLE run AS
SELECT zone, every, step, day + clock AS clock, (day + clock) AT TIME ZONE zone AS anchor
FROM day, zone, step, clock
WHERE CASE WHEN i < 9 THEN i = (a + z) % 9 AND c = (a + 3 * z) % 11
	WHEN i < 15 THEN a = (27 * z + 5 * i) % 119 AND c = (a + z + i) % 11
	ELSE a = (z * 31) % 119 AND c = z % 11 END;
SELECT count(*) AS runs, count(DISTINCT (zone, every)) AS zones_and_lengths, count(DISTINCT (zone, clock::date)) AS zones_and_days,
	count(DISTINCT (every, clock::date)) FILTER (WHERE interval_unit(every) = 'month') AS months_and_days, count(DISTINCT (zone, clock::time)) AS zones_and_clocks FROM run;

-- What number n begins with, and its neighbours, in PostgreSQL's own arithmetic; "due" and "shown" are what the clock should show and what it does.
CREATE FUNCTION pg_temp.expected(n integer, anchor timestamptz, clock timestamp, step interval, zone text) RETURNS timestamptz LANGUAGE sql IMMUTABLE
	RETURN CASE n WHEN 0 THEN anchor ELSE (clock + n * step) AT TIME ZONE zone END;
CREATE TEMP VIEW boundary AS
SELECT zone, every, anchor, n, clock, clock + n * step AS due, start, start AT TIME ZONE zone AS shown,
	pg_temp.expected(n, anchor, clock, step, zone) AS expected, pg_temp.expected(n - 1, anchor, clock, step, zone) AS last, pg_temp.expected(n + 1, anchor, clock, step, zone) AS next
FROM run, LATERAL (SELECT 12 / months(every)) AS periods (a_year), generate_series((-10 * a_year)::int - 1, (40 * a_year)::int + 1) AS n,
	LATERAL (SELECT period_start(anchor, every, zone, n) OFFSET 0) AS b (start);

-- They tile time: the period of a boundary starts there, that of the microsecond before ends there, and no boundary lies before the one before.  Numbers agree,
-- at the start and within.  A period is empty where its day is skipped.
SELECT count(*) > 800000 AS many, count(*) FILTER (WHERE start <> expected) AS elsewhere,
	count(*) FILTER (WHERE next < start) AS backwards,
	count(*) FILTER (WHERE next > start AND period_at(anchor, every, zone, start) <> tstzrange(start, next)) AS not_from,
	count(*) FILTER (WHERE last < start AND period_at(anchor, every, zone, start - interval '1 microsecond') <> tstzrange(last, start)) AS not_to,
	count(*) FILTER (WHERE next > start AND period_number(anchor, every, zone, start) <> n) AS at_start,
	count(*) FILTER (WHERE next > start AND period_number(anchor, every, zone, start + (next - start) * ((n + 20000) * 7919 % 10007 / 10008.0)) <> n) AS within,
	string_agg(zone || ' ' || due::date, ', ') FILTER (WHERE next = start) AS empty,
	count(*) FILTER (WHERE shown <> due) > 500 AS skipped
FROM (SELECT * FROM boundary OFFSET 0) AS boundary;
SELECT count(*) > 50 AS twice FROM boundary WHERE every = 'day' AND zone IN ('America/New_York', 'Asia/Beirut') AND (start - interval '1 hour') AT TIME ZONE zone = due;

-- The anchor's day returns: each boundary is on it, or on the last day of a shorter month.
SELECT zone, shown::date, count(*)
FROM boundary, LATERAL (SELECT extract(day FROM date_trunc('month', shown) + interval '1 month - 1 day')::int) AS month (days)
WHERE interval_unit(every) = 'month' AND extract(day FROM shown) <> least(extract(day FROM clock), days) GROUP BY 1, 2;
