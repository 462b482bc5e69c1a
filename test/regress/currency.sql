\getenv srcdir PG_ABS_SRCDIR
\set setup :srcdir '/data/types_setup.sql'
\i :setup

-- Any case in, capitals out; two bytes by value.
SELECT 'usd'::currency, 'Jpy'::currency, 'KWD'::currency, pg_column_size('usd'::currency);
SELECT input, pg_temp.outcome(format('%L::paycore.currency', input))
FROM unnest(ARRAY['', 'US', 'USDX', 'QQQ', 'U$D', ' USD', '840', 'ÜSD', 'ＵＳＤ']) AS input;
SELECT 'QQQ'::currency;

-- What the table knows.
SELECT c, currency_exponent(c), currency_numeric(c), currency_name(c)
FROM unnest('{USD,JPY,KWD,CLF,UYW,XAU,XXX,ALL,XCG,ANG}'::currency[]) AS c;
SELECT count(*) FILTER (WHERE NOT withdrawn) AS active, count(*) FILTER (WHERE withdrawn) AS withdrawn,
	count(DISTINCT code) AS codes, count(*) FILTER (WHERE exponent IS NULL) AS without_unit
FROM currencies();
SELECT * FROM currencies() WHERE withdrawn;
SELECT "numeric", array_agg(code) FROM currencies() GROUP BY 1 HAVING count(*) > 1;

-- Withdrawn codes are read, and refused in new amounts.
SELECT 'HRK'::currency, '1.00 HRK'::money_cents;
SELECT money_cents(100, 'HRK');
SELECT round_money(1, 'ANG', 'half_up');
SELECT money_cents(100, 'XAU');

-- Alphabetical, although stored as numbers (AED is 784, AFN 971, ALL 8).
SELECT array_agg(code ORDER BY code) = array_agg(code ORDER BY code::text COLLATE "C") AS alphabetical FROM currencies();
SELECT 'AFN'::currency < 'ALL', 'EUR'::currency > 'USD', 'EUR'::currency = 'eur', 'EUR'::currency <> 'USD',
	'EUR'::currency <= 'EUR', 'EUR'::currency >= 'GBP';

-- Indexes and hashes.
CREATE TEMP TABLE c AS SELECT code FROM currencies(), generate_series(1, 10);
CREATE INDEX ON c (code);
CREATE INDEX ON c USING hash (code);
ANALYZE c;
SET enable_seqscan = off;
SELECT count(*) FROM c WHERE code < 'AMD';
SELECT count(*) FROM c WHERE code = 'AMD';
SELECT count(*) FROM (SELECT code FROM c GROUP BY code) AS g;
SELECT count(*) FROM c AS a JOIN c AS b USING (code);
RESET enable_seqscan;

-- Text columns assign.
CREATE TEMP TABLE t (code currency);
INSERT INTO t SELECT 'eur'::text;
SELECT code, code::text FROM t;

-- Binary input is checked.
SELECT currency_send('USD');
\copy t from program 'printf "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0\0\001\0\0\0\002\003\110\377\377"' (format binary)
SELECT * FROM t;
\set VERBOSITY sqlstate
\copy t from program 'printf "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0\0\001\0\0\0\002\0\001\377\377"' (format binary)
\copy t from program 'printf "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0\0\001\0\0\0\002\377\377\377\377"' (format binary)
\set VERBOSITY default
