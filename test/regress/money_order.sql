\getenv srcdir PG_ABS_SRCDIR
\set setup :srcdir '/data/types_setup.sql'
\i :setup

-- < raises across currencies, = and <> do not.
SELECT expression, pg_temp.outcome(expression) FROM unnest(ARRAY[
	'money_cents ''1 USD'' < ''2 USD''', 'money_cents ''-1 USD'' < ''0 USD''', 'money_cents ''1 USD'' <= ''1 USD''',
	'money_cents ''1 USD'' > ''2 USD''', 'money_cents ''2 USD'' >= ''2 USD''',
	'money_cents ''1 USD'' < ''2 EUR''', 'money_cents ''1 USD'' <= ''2 EUR''',
	'money_cents ''1 USD'' > ''2 EUR''', 'money_cents ''1 USD'' >= ''2 EUR''',
	'money_cents ''1 USD'' = ''1 EUR''', 'money_cents ''1 USD'' <> ''1 EUR''',
	'money_cents ''1 USD'' #< ''1 EUR''', 'money_cents ''1 USD'' #<= ''1 EUR''',
	'money_cents ''1 USD'' #> ''1 EUR''', 'money_cents ''1 USD'' #>= ''1 EUR''',
	'money_cents ''-1 USD'' #< ''1 USD''', 'money_cents_cmp(''-1 USD'', ''1 USD'')'
]) AS expression;
SELECT money_cents '1 USD' < '2 EUR';

-- The total order: by code (EUR 978 before JPY 392 before USD 840), then amount.
CREATE TABLE mixed (i int, m money_cents);
INSERT INTO mixed
	SELECT i, money_cents(i - 500, (ARRAY['USD', 'EUR', 'JPY']::currency[])[1 + i % 3]) FROM generate_series(1, 3000) AS i;
SELECT m FROM unnest('{5 USD,-5 USD,3 JPY,0 EUR,-0.01 EUR,NULL,0.01 EUR,-3 JPY}'::money_cents[]) AS m ORDER BY m;
SELECT m FROM unnest('{5 USD,3 JPY,0 EUR,0.01 EUR}'::money_cents[]) AS m ORDER BY m DESC;
SELECT count(*) FROM (
	SELECT m, lag(m) OVER (ORDER BY m) AS previous FROM mixed
) AS pairs WHERE NOT previous #< m OR (currency(m), cents(m)) < (currency(previous), cents(previous));

-- Planning over mixed statistics does not raise; running may.
ANALYZE mixed;
EXPLAIN (COSTS OFF) SELECT * FROM mixed WHERE m < '5 USD';
EXPLAIN (COSTS OFF) SELECT * FROM mixed WHERE m <= '5 USD' OR m > '7 EUR' OR m >= '7 JPY' OR '7 JPY' < m;
EXPLAIN (COSTS OFF) SELECT * FROM mixed WHERE m BETWEEN '5 USD' AND '6 USD';
EXPLAIN (COSTS OFF) SELECT * FROM mixed WHERE m = '5 USD';
SELECT count(*) FROM mixed WHERE m < '5 USD';
SELECT count(*) FROM mixed WHERE currency(m) = 'USD' AND cents(m) < 500;
SET enable_hashjoin = off;
SET enable_mergejoin = off;
EXPLAIN (COSTS OFF) SELECT * FROM mixed AS a JOIN mixed AS b ON a.m < b.m;
RESET enable_hashjoin;
RESET enable_mergejoin;

-- The estimate follows the statistics: a third of the rows is EUR.
CREATE FUNCTION pg_temp.estimated_rows(query text) RETURNS numeric LANGUAGE plpgsql AS $$
DECLARE
	plan json;
BEGIN
	EXECUTE 'EXPLAIN (FORMAT json) ' || query INTO plan;
	RETURN plan -> 0 -> 'Plan' ->> 'Plan Rows';
END
$$;
SELECT round(pg_temp.estimated_rows('SELECT * FROM mixed WHERE m < ''-90000000000 JPY''') / 1000) AS thousands_below,
	round(pg_temp.estimated_rows('SELECT * FROM mixed WHERE m >= ''-90000000000 JPY''') / 1000) AS thousands_above,
	round(pg_temp.estimated_rows('SELECT * FROM mixed WHERE ''-90000000000 JPY'' > m') / 1000) AS thousands_turned;

-- Index, merge join, hash join, hash aggregate, distinct.
CREATE INDEX mixed_m ON mixed (m);
CREATE INDEX mixed_hash ON mixed USING hash (m);
ANALYZE mixed;
SET enable_seqscan = off;
SET enable_bitmapscan = off;
EXPLAIN (COSTS OFF) SELECT count(*) FROM mixed WHERE m #>= '0 USD' AND m #< '5 USD';
SELECT count(*) FROM mixed WHERE m #>= '0 USD' AND m #< '5 USD';
SELECT count(*) FROM mixed WHERE m = '5 USD';
SELECT count(*) FROM mixed WHERE m = ANY ('{5 USD,5 EUR,8 JPY}');
EXPLAIN (COSTS OFF) SELECT m FROM mixed ORDER BY m LIMIT 1;
RESET enable_seqscan;
RESET enable_bitmapscan;
SET enable_hashjoin = off;
SET enable_nestloop = off;
SET enable_indexscan = off;
SET enable_indexonlyscan = off;
EXPLAIN (COSTS OFF) SELECT count(*) FROM mixed AS a JOIN mixed AS b USING (m);
SELECT count(*) FROM mixed AS a JOIN mixed AS b USING (m);
SET enable_hashjoin = on;
SET enable_mergejoin = off;
EXPLAIN (COSTS OFF) SELECT count(*) FROM mixed AS a JOIN mixed AS b USING (m);
SELECT count(*) FROM mixed AS a JOIN mixed AS b USING (m);
RESET enable_hashjoin;
RESET enable_mergejoin;
RESET enable_nestloop;
RESET enable_indexscan;
RESET enable_indexonlyscan;
SELECT count(*) FROM (SELECT DISTINCT m FROM mixed) AS d;
SELECT count(DISTINCT m) FROM mixed;
SELECT min(m) FROM mixed;
EXPLAIN (COSTS OFF) SELECT min(m) FROM mixed;
CREATE TABLE parts (m money_cents PRIMARY KEY) PARTITION BY HASH (m);
CREATE TABLE parts_0 PARTITION OF parts FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE parts_1 PARTITION OF parts FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO parts SELECT m FROM mixed;
SELECT count(*), count(*) FILTER (WHERE tableoid = 'parts_0'::regclass) BETWEEN 1400 AND 1600 AS even FROM parts;
DROP TABLE parts, mixed;

-- The classes are whole.
SELECT opcname, amvalidate(oid) FROM pg_opclass WHERE opcnamespace = 'paycore'::regnamespace ORDER BY 1;

-- Whatever cannot raise is leakproof, or row-level security costs the index.
SELECT oprname, proleakproof, array_agg(DISTINCT oprleft::regtype::text) AS types
FROM pg_operator JOIN pg_proc ON pg_proc.oid = oprcode
WHERE oprnamespace = 'paycore'::regnamespace
GROUP BY 1, 2 ORDER BY 2, 1;
SELECT opfname, amproc FROM pg_amproc
JOIN pg_opfamily ON pg_opfamily.oid = amprocfamily JOIN pg_proc ON pg_proc.oid = amproc
WHERE opfnamespace = 'paycore'::regnamespace AND NOT proleakproof
ORDER BY 1, 2;
