-- Runs also without preload.
\getenv srcdir PG_ABS_SRCDIR
\set setup :srcdir '/data/types_setup.sql'
\i :setup
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';

-- A month of 30 days, left on the 11th at noon: what is credited of the old plan, what is charged for the new one.
SELECT by, prorate('-30.00 USD', april, rest, by) AS credit, prorate('90.00 USD', april, rest, by) AS charge,
	prorate('30.00 USD', april, used, by) AS kept
FROM unnest(ARRAY['second', 'day']) AS by,
	(VALUES (tstzrange('2026-04-01', '2026-05-01'), tstzrange('2026-04-01', '2026-04-11 12:00'), tstzrange('2026-04-11 12:00', '2026-05-01'))) AS v (april, used, rest);

-- Near month ends: each day of February and of March of a monthly 31.00.
SELECT month, count(*) AS days, min(share), max(share), sum(share)
FROM unnest('{2026-02-01,2028-02-01,2026-03-01}'::timestamptz[]) AS month,
	generate_series(month, month + '1 month' - interval '1 day', '1 day') AS day,
	LATERAL prorate('31.00 USD', tstzrange(month, month + '1 month'), tstzrange(day, day + '1 day'), 'day') AS share
GROUP BY month ORDER BY month;

-- Parts are cut to the period; no part, no share.
SELECT part, prorate('31.00 EUR', '[2026-01-01,2026-02-01)', part), prorate('31.00 EUR', '[2026-01-01,2026-02-01)', part, 'day')
FROM unnest('{"empty","(,)","[2026-01-31,)","(,2026-01-02)","[2025-12-31,2026-01-02)","[2026-01-31,2027-01-01)","[2025-01-01,2026-01-01)","[2026-02-01,2026-03-01)",
	"[infinity,)","[-infinity,infinity)","[2026-01-05,2026-01-05]","(2026-01-05,2026-01-06]"}'::tstzrange[]) AS part;

-- Days by the clock of the place: clocks go forward on 29 March and back on 25 October; hours differ, days do not.
SELECT zone, day, prorate('3100.00 EUR', month, tstzrange(start, start + '1 day'), 'second') AS second,
	prorate('3100.00 EUR', month, tstzrange((day::timestamp) AT TIME ZONE zone, (day + 1)::timestamp AT TIME ZONE zone), 'second') AS second_of_day,
	prorate('3100.00 EUR', month, tstzrange((day::timestamp) AT TIME ZONE zone, (day + 1)::timestamp AT TIME ZONE zone), 'day', zone) AS day_of_day
FROM (VALUES ('Europe/Berlin', date '2026-03-29'), ('Europe/Berlin', '2026-10-25'), ('America/Santiago', '2026-09-06'), ('Asia/Kathmandu', '2026-03-29')) AS v (zone, day),
	LATERAL (SELECT day::timestamp AT TIME ZONE zone AS start,
		tstzrange(date_trunc('month', day::timestamp) AT TIME ZONE zone, (date_trunc('month', day::timestamp) + '1 month') AT TIME ZONE zone) AS month) AS m;

-- A day counts to the part that has its beginning.
SELECT part, prorate('31.00 EUR', '[2026-01-01,2026-02-01)', part, 'day'), prorate('31.00 EUR', '[2026-01-01,2026-02-01)', part, 'day', 'Europe/Berlin') AS in_berlin
FROM unnest('{"[2026-01-01 00:00,2026-01-01 00:00:00.000001)","[2026-01-01 00:00:00.000001,2026-01-02)","[2026-01-01 12:00,2026-01-03 12:00)",
	"[2025-12-31 23:00,2026-01-01)","[2026-01-01 22:00,2026-01-01 23:30)","[2026-01-31 23:00,2026-02-01)"}'::tstzrange[]) AS part;

-- A midnight that clocks skip or show twice, and a day that Samoa never had: days by the half hours that they count to.
SELECT zone, day, share, part
FROM (VALUES ('America/Santiago', date '2024-09-08'), ('America/Havana', '2024-11-03'), ('America/St_Johns', '2010-11-07'), ('Pacific/Apia', '2011-12-30')) AS v (zone, day),
	LATERAL (SELECT day::timestamp AT TIME ZONE zone AS start) AS s, generate_series(-47, 47) AS half_hour,
	LATERAL (SELECT tstzrange(start + half_hour * interval '30 min', start + (half_hour + 1) * interval '30 min') AS part) AS p,
	LATERAL prorate('3.00 USD', tstzrange(start - interval '23 hours', start + interval '2 days'), part, 'day', zone) AS share
WHERE share <> '0 USD'
ORDER BY zone, part;

-- A period in which no day begins is one day.
SELECT prorate('5.00 USD', '[2026-01-01 10:00,2026-01-01 12:00)', part, 'day')
FROM unnest('{"[2026-01-01 10:00,2026-01-01 10:30)","[2026-01-01 10:30,2026-01-01 12:00)"}'::tstzrange[]) AS part;

-- Credits are the negative of charges.
SELECT count(*) FILTER (WHERE prorate(-amount, period, part, by) <> - prorate(amount, period, part, by)) AS wrong
FROM generate_series(1, 1000, 13) AS cents, generate_series(1, 30) AS day, unnest(ARRAY['second', 'day']) AS by,
	LATERAL (SELECT money_cents(cents, 'USD') AS amount, tstzrange('2026-06-01', '2026-07-01') AS period,
		tstzrange('2026-06-01', timestamptz '2026-06-01' + day * interval '23:17') AS part) AS p;

-- Whatever the cuts, in order or not, the shares add up; each has the sign of the amount and is less than a unit off.
SELECT setseed(0.42);
CREATE TABLE tilings AS
SELECT n, money_cents((CASE WHEN n % 5 < 2 THEN -1 ELSE 1 END * 10 ^ (random() * 8))::bigint, (ARRAY['USD', 'JPY', 'KWD'])[1 + n % 3]::currency) AS amount,
	(ARRAY['second', 'day'])[1 + n % 2] AS by,
	(ARRAY['UTC', 'Europe/Berlin', 'America/Santiago', 'Australia/Lord_Howe', 'Africa/Casablanca', 'America/St_Johns', 'Pacific/Apia'])[1 + n % 7] AS zone,
	start, start + random() ^ 3 * interval '400 days' + '1 hour' AS stop
FROM generate_series(1, 2000) AS n, LATERAL (SELECT timestamptz '1990-01-01' + random() * interval '18000 days' AS start WHERE n > 0) AS s;
CREATE TABLE parts AS
SELECT n, tstzrange(lag(cut, 1, start) OVER w, cut) AS part
FROM (SELECT n, start, stop AS cut FROM tilings
	UNION SELECT n, start, start + random() * (stop - start) FROM tilings, generate_series(1, 12)
	UNION SELECT n, start, cut FROM tilings, LATERAL (SELECT date_trunc('day', start + random() * (stop - start), zone) AS cut) AS c
		WHERE cut > start) AS cuts
WINDOW w AS (PARTITION BY n ORDER BY cut);
SELECT count(*) AS tilings, sum(parts) > 20000 AS enough_parts, count(*) FILTER (WHERE total <> amount) AS wrong_sums,
	count(*) FILTER (WHERE against) AS wrong_signs, count(*) FILTER (WHERE off >= 1) AS wrong_shares
FROM (SELECT n, amount, count(*) AS parts, sum(share) AS total, bool_or(sign(cents(share)) = - sign(cents(amount))) AS against,
		max(abs(cents(share) - cents(amount) * extract(epoch FROM upper(part) - lower(part)) / extract(epoch FROM stop - start)))
			FILTER (WHERE by = 'second') AS off
	FROM tilings JOIN parts USING (n), LATERAL prorate(amount, tstzrange(start, stop), part, by, zone) AS share
	GROUP BY n, amount) AS t;

-- Days, counted by the server's own calendar.
SELECT count(*) > 1000 AS enough_parts, count(*) FILTER (WHERE share <> expected) AS wrong
FROM (SELECT prorate(money_cents(days * 100, 'USD'), period, part, 'day', zone) AS share, money_cents(100 * in_part, 'USD') AS expected
	FROM tilings JOIN parts USING (n),
		LATERAL (SELECT tstzrange(start, stop) AS period, count(*) AS days,
				count(*) FILTER (WHERE midnight <@ part) AS in_part
			FROM generate_series(-1, (SELECT extract(day FROM stop - start)::int + 2)) AS d,
				LATERAL (SELECT (((start AT TIME ZONE zone)::date + d)::timestamp) AT TIME ZONE zone AS midnight) AS m
			WHERE midnight >= start AND midnight < stop) AS c
	WHERE by = 'day' AND days > 0 AND n % 20 = 1) AS p;

-- The longest period, the largest amount.
SELECT prorate('90071992547409.91 USD', p, '[2000-01-01,)'), prorate('90071992547409.91 USD', p, '[2000-01-01,)', 'day'),
	prorate('90071992547409.91 USD', p, '(,2000-01-01)') + prorate('90071992547409.91 USD', p, '[2000-01-01,)')
FROM (SELECT tstzrange('4700-01-01 BC', '294276-12-01')) AS v (p);

-- What makes no sense.
SELECT expression, pg_temp.outcome(expression) FROM unnest(ARRAY[
	$$prorate(NULL, '[2026-01-01,2026-02-01)', '[2026-01-01,2026-02-01)')$$,
	$$prorate('1 USD', '[2026-01-01,2026-02-01)', NULL)$$,
	$$prorate('1 USD', 'empty', '[2026-01-01,2026-02-01)')$$,
	$$prorate('1 USD', '[2026-01-01,2026-01-01]', '[2026-01-01,2026-02-01)')$$,
	$$prorate('1 USD', '[2026-01-01,)', '[2026-01-01,2026-02-01)')$$,
	$$prorate('1 USD', '(,2026-01-01)', '[2026-01-01,2026-02-01)')$$,
	$$prorate('1 USD', '[2026-01-01,infinity)', '[2026-01-01,2026-02-01)')$$,
	$$prorate('1 USD', '[2026-01-01,2026-02-01)', '[2026-01-01,2026-02-01)', 'month')$$,
	$$prorate('1 USD', '[2026-01-01,2026-02-01)', '[2026-01-01,2026-02-01)', 'day', 'Mars/Phobos')$$,
	$$prorate('1 USD', '[2026-01-01,2026-02-01)', '[2026-01-01,2026-02-01)', 'second', 'Mars/Phobos')$$
]) AS expression;
SELECT prorate('1 USD', '[2026-01-01,)', '[2026-01-01,2026-02-01)');
SELECT prorate('1 USD', '[2026-01-01,2026-02-01)', '[2026-01-01,2026-02-01)', 'month');
