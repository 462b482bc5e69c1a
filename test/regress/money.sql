\getenv srcdir PG_ABS_SRCDIR
\set setup :srcdir '/data/types_setup.sql'
\i :setup

-- Text.
SELECT input, pg_temp.outcome(format('%L::paycore.money_cents', input)) FROM unnest(ARRAY[
	'12.34 USD', 'USD 12.34', 'usd 12.34', '1234 JPY', '1.234 KWD', '1.2345 CLF', '12 USD', '12.3 USD', '-12.34 USD',
	'USD -0.01', '+5 EUR', '-0 USD', '  1.00   EUR  ', '007.00 USD', '0.05 USD', '1.00 HRK',
	'90071992547409.91 USD', '-90071992547409.91 USD', '9007199254740991 JPY'
]) AS input;
SELECT input, pg_temp.outcome(format('%L::paycore.money_cents', input)) FROM unnest(ARRAY[
	'', ' ', 'USD', '12.34', '1e3 USD', 'NaN', 'NaN USD', 'Infinity USD', '1,234.00 USD', '1 234.00 USD', '1_000 USD',
	'.5 USD', '5. USD', '--5 USD', '- 5 USD', '-USD 5', '12.34USD', 'USD12.34', '0x10 USD', '$5', '5 $',
	'12.34 USD x', '12.34 USD 5', '12.34 USD;', '1.2.3 USD', '١٢٫٣٤ USD', '１２ USD', E'12.34\u00A0USD',
	'12.34 QQQ', '12.34 US', '12.34 USDX', '12.34 Dollar',
	'12.345 USD', '12.340 USD', '1.5 JPY', '1.0 JPY', '1.2345 KWD',
	'12345678901234567890 USD', '90071992547409.92 USD', '-90071992547409.92 USD', '9007199254740992 JPY',
	'99999999999999999999999999999999999999999 JPY', '1 XAU', '1 XXX'
]) AS input;
SELECT '12.345 USD'::money_cents;
SELECT '12.34 QQQ'::money_cents;
SELECT '1e3 USD'::money_cents;
SELECT '12345678901234567890 USD'::money_cents;
SELECT '1 XAU'::money_cents;

-- Making and taking apart.
SELECT money_cents(1234, 'USD'), money_cents(-5, 'usd'), money_cents(1234, 'JPY'), money_cents(0, 'KWD');
SELECT cents(m), currency(m), m::numeric, pg_column_size(m)
FROM unnest('{12.30 USD,-0.01 USD,1234 JPY,1.234 KWD,-90071992547409.91 USD}'::money_cents[]) AS m;
SELECT expression, pg_temp.outcome(expression) FROM unnest(ARRAY[
	'money_cents(9007199254740991, ''USD'')', 'money_cents(9007199254740992, ''USD'')',
	'money_cents(-9007199254740992, ''USD'')', 'money_cents(9223372036854775807, ''USD'')',
	'money_cents(1, ''QQQ'')', 'money_cents(NULL, ''USD'')'
]) AS expression;

-- Arithmetic.
SELECT expression, pg_temp.outcome(expression) FROM unnest(ARRAY[
	'money_cents ''0.10 USD'' + ''0.20 USD''',
	'money_cents ''0.10 USD'' - ''0.20 USD''',
	'- money_cents ''0.10 USD''',
	'abs(money_cents ''-0.10 USD'')',
	'abs(money_cents ''-90071992547409.91 USD'')',
	'money_cents ''0.10 USD'' * 3',
	'3 * money_cents ''0.10 USD''',
	'money_cents ''10 USD'' / ''4 USD''',
	'money_cents ''10 USD'' / ''0 USD''',
	'money_cents ''1 USD'' + ''1 EUR''',
	'money_cents ''1 USD'' - ''1 EUR''',
	'money_cents ''1 USD'' / ''1 EUR''',
	'money_cents ''1 USD'' * 1.5',
	'money_cents ''90071992547409.91 USD'' + ''0.00 USD''',
	'money_cents ''90071992547409.91 USD'' + ''0.01 USD''',
	'money_cents ''-90071992547409.91 USD'' + ''-0.01 USD''',
	'money_cents ''-90071992547409.91 USD'' - ''0.01 USD''',
	'money_cents ''90071992547409.91 USD'' + ''90071992547409.91 USD''',
	'money_cents ''-90071992547409.91 USD'' - ''90071992547409.91 USD''',
	'money_cents ''45035996273704.95 USD'' * 2',
	'money_cents ''45035996273704.96 USD'' * 2',
	'money_cents ''-90071992547409.91 USD'' * -1',
	'money_cents ''90071992547409.91 USD'' * 9223372036854775807',
	'money_cents ''0.02 USD'' * 9223372036854775807',
	'money_cents ''0.00 USD'' * 9223372036854775807'
]) AS expression;
SELECT money_cents '1 USD' + '1 EUR';
SELECT money_cents '90071992547409.91 USD' + '0.01 USD';

-- Rounding: five halves and their neighbours, seven ways.
SELECT mode, array_agg(multiply('0.10 USD', factor, mode) ORDER BY factor) AS ten_cents_times_factor
FROM unnest(ARRAY['half_up', 'half_even', 'half_down', 'up', 'down', 'ceiling', 'floor']) WITH ORDINALITY AS modes (mode, n),
	unnest(ARRAY[-0.25, -0.15, -0.14, 0, 0.14, 0.15, 0.1500000000000000000001, 0.25]) AS factor
GROUP BY mode, n ORDER BY n;
SELECT expression, pg_temp.outcome(expression) FROM unnest(ARRAY[
	'multiply(''100.00 EUR'', 0.19, ''half_even'')',
	'multiply(''100.00 EUR'', ''NaN'', ''half_even'')',
	'multiply(''100.00 EUR'', ''-Infinity'', ''half_even'')',
	'multiply(''100.00 EUR'', 1, ''bankers'')',
	'multiply(''90071992547409.91 USD'', 1.00000000000000001, ''half_up'')',
	'multiply(''90071992547409.91 USD'', 1.00000000000000001, ''up'')',
	'multiply(''90071992547409.91 USD'', 1e300, ''down'')',
	'round_money(1.005, ''USD'', ''half_up'')',
	'round_money(1.005, ''USD'', ''half_even'')',
	'round_money(-1.5, ''JPY'', ''half_down'')',
	'round_money(1.23456, ''KWD'', ''ceiling'')',
	'round_money(90071992547409.914, ''USD'', ''half_up'')',
	'round_money(90071992547409.915, ''USD'', ''half_up'')',
	'round_money(''NaN'', ''USD'', ''half_up'')',
	'round_money(1, ''XXX'', ''half_up'')'
]) AS expression;
SELECT multiply('100.00 EUR', 1, 'bankers');

-- Shares add up to the cent.
SELECT expression, pg_temp.outcome(expression) FROM unnest(ARRAY[
	'allocate(''1.00 USD'', ''{1,1,1}'')',
	'allocate(''-1.00 USD'', ''{1,1,1}'')',
	'allocate(''0.05 USD'', ''{3,7}'')',
	'allocate(''0.02 USD'', ''{1,0,1,1}'')',
	'allocate(''0.00 USD'', ''{1,2}'')',
	'allocate(''7 JPY'', ''{5}'')',
	'allocate(''90071992547409.91 USD'', ''{9223372036854775807,9223372036854775807,9223372036854775807}'')',
	'allocate(''1 USD'', ''{}'')',
	'allocate(''1 USD'', ''{0,0}'')',
	'allocate(''1 USD'', ''{1,-1}'')',
	'allocate(''1 USD'', ''{1,NULL}'')',
	'allocate(''1 USD'', ''{{1},{2}}'')'
]) AS expression;
SELECT count(*) FILTER (WHERE total <> amount) AS lost_or_made, count(*) FILTER (WHERE spread > 1) AS unfair
FROM generate_series(-300, 300, 7) AS cents, generate_series(1, 12) AS n,
	LATERAL (SELECT money_cents(cents, 'USD') AS amount) AS a,
	LATERAL (SELECT sum(share) AS total, max(cents(share)) - min(cents(share)) AS spread
		FROM unnest(allocate(amount, array_fill(5::bigint, ARRAY[n]))) AS share) AS s;
SELECT allocate('1 USD', '{0,0}');

-- Aggregates.
CREATE TABLE money_rows AS
	SELECT i, money_cents(i, CASE WHEN i % 2 = 0 THEN 'USD' ELSE 'EUR' END::currency) AS m FROM generate_series(1, 10000) AS i;
INSERT INTO money_rows VALUES (0, NULL);
SELECT currency(m), sum(m), min(m), max(m), count(m) FROM money_rows GROUP BY 1 ORDER BY 1;
SELECT sum(m), min(m), max(m) FROM money_rows WHERE false;
SELECT sum(m), min(m), max(m) FROM money_rows WHERE i = 0;
SELECT expression, pg_temp.outcome(expression) FROM unnest(ARRAY[
	'SELECT sum(m) IS NULL FROM money_rows WHERE i < 3',
	'SELECT min(m) IS NULL FROM money_rows WHERE i < 3',
	'SELECT max(m) IS NULL FROM money_rows WHERE i < 3',
	'SELECT sum(m) FROM unnest(''{90071992547409.90 USD,0.01 USD}''::money_cents[]) AS m',
	'SELECT sum(m) FROM unnest(''{90071992547409.90 USD,0.02 USD}''::money_cents[]) AS m'
]) AS expression;
SELECT i, sum(m) OVER (ORDER BY i ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)
FROM money_rows WHERE i IN (2, 4, 6, 8) ORDER BY i;

-- Workers' sums are combined.
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 2;
EXPLAIN (COSTS OFF) SELECT sum(m), min(m), max(m) FROM money_rows WHERE i % 2 = 0;
SELECT sum(m), min(m), max(m) FROM money_rows WHERE i % 2 = 0;
\set VERBOSITY sqlstate
SELECT sum(m) FROM money_rows;
\set VERBOSITY default
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;
RESET max_parallel_workers_per_gather;
DROP TABLE money_rows;

-- Binary input is checked: a good one, an unassigned currency, gold, -2^53, a withdrawn currency, too short.
CREATE TEMP TABLE b (m money_cents);
SELECT money_cents_send('12.34 USD'), money_cents_send('-0.01 USD');
\copy b from program 'printf "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0\0\001\0\0\0\010\322\0\0\0\0\0\004\322\377\377"' (format binary)
\copy b from program 'printf "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0\0\001\0\0\0\010\322\077\377\377\377\377\377\377\377\377"' (format binary)
\set VERBOSITY sqlstate
\copy b from program 'printf "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0\0\001\0\0\0\010\0\100\0\0\0\0\004\322\377\377"' (format binary)
\copy b from program 'printf "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0\0\001\0\0\0\010\357\300\0\0\0\0\0\001\377\377"' (format binary)
\copy b from program 'printf "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0\0\001\0\0\0\010\322\040\0\0\0\0\0\0\377\377"' (format binary)
\set VERBOSITY default
\copy b from program 'printf "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0\0\001\0\0\0\010\057\300\0\0\0\0\0\144\377\377"' (format binary)
\set VERBOSITY sqlstate
\copy b from program 'printf "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0\0\001\0\0\0\004\322\0\0\0\377\377"' (format binary)
\set VERBOSITY default
SELECT * FROM b;
