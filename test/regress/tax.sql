-- Runs also without preload.
\getenv srcdir PG_ABS_SRCDIR
\set setup :srcdir '/data/types_setup.sql'
\i :setup

-- On top of the amount: each rate by itself.  Within it: together, then split.
SELECT amount, rates, tax_amounts(amount, rates, false) AS exclusive, tax_amounts(amount, rates, true) AS inclusive
FROM (VALUES
	('100.00 EUR'::money_cents, '{19}'::numeric[]), ('119.00 EUR', '{19}'), ('9.99 EUR', '{7}'), ('1190 JPY', '{10}'),
	('105 JPY', '{10}'), ('1.000 KWD', '{5}'), ('100.00 CAD', '{5,9.975}'), ('114.98 CAD', '{5,9.975}'),
	('100.00 USD', '{6.25,1,0.25,1.5}'), ('109.00 USD', '{6.25,1,0.25,1.5}'), ('10.00 USD', '{8.875}'),
	('0.01 USD', '{50}'), ('0.01 USD', '{50,50}'), ('0.02 USD', '{30,30,30}'), ('0.00 USD', '{19,7}'),
	('10.00 USD', '{0}'), ('10.00 USD', '{0,0}'), ('10.00 USD', '{0,10,0}'), ('10.00 USD', '{}'),
	('10.00 USD', '{1000}'), ('10.00 USD', '{0.000000000000001,19.0000000000000000000}')
) AS v (amount, rates);

-- A credit takes back what was taxed.
SELECT count(*) AS taxed, count(*) FILTER (WHERE there <> back) AS wrong
FROM generate_series(1, 3000, 7) AS n, (VALUES ('{19}'::numeric[]), ('{5,9.975}'), ('{7.7,0.3,2}')) AS v (rates), unnest('{f,t}'::boolean[]) AS inclusive,
	unnest('{USD,JPY,KWD}'::currency[]) AS currency,
	LATERAL (SELECT tax_amounts(money_cents(n, currency), rates, inclusive) AS there,
		(SELECT array_agg(-tax ORDER BY i) FROM unnest(tax_amounts(money_cents(-n, currency), rates, inclusive)) WITH ORDINALITY AS u (tax, i)) AS back) AS t;

-- Net and tax of a price that includes it add up to the price, and tax on that net is the same up to a unit.
SELECT count(*) AS prices, count(*) FILTER (WHERE abs(cents(tax) - cents((tax_amounts(price - tax, ARRAY[rate], false))[1])) > 1) AS wrong
FROM generate_series(0, 20000, 3) AS n, unnest('{19,7,20,25,8.875,2.1}'::numeric[]) AS rate,
	LATERAL (SELECT money_cents(n, 'EUR') AS price, (tax_amounts(money_cents(n, 'EUR'), ARRAY[rate], true))[1] AS tax) AS t;

-- Nothing in, nothing out; the largest amounts.
SELECT expression, pg_temp.outcome(expression) FROM unnest(ARRAY[
	$$tax_amounts(NULL, '{19}', false)$$,
	$$tax_amounts('1 EUR', NULL, false)$$,
	$$tax_amounts('1 EUR', '{19}', NULL)$$,
	$$tax_amounts('90071992547409.91 USD', '{100}', false)$$,
	$$tax_amounts('-90071992547409.91 USD', '{100}', false)$$,
	$$tax_amounts('90071992547409.91 USD', '{1000}', true)$$,
	$$(SELECT sum(t) FROM unnest(tax_amounts('90071992547409.91 USD', array_fill(1000::numeric, ARRAY[100]), true)) AS t)$$,
	$$tax_amounts('90071992547409.91 USD', '{100.000000000000001}', false)$$,
	$$tax_amounts('90071992547409.91 USD', '{101}', false)$$,
	$$tax_amounts('-90071992547409.91 USD', '{1000}', false)$$
]) AS expression;

-- What makes no sense.
SELECT expression, pg_temp.outcome(expression) FROM unnest(ARRAY[
	$$tax_amounts('1 EUR', '{19,-7}', false)$$,
	$$tax_amounts('1 EUR', '{NaN}', false)$$,
	$$tax_amounts('1 EUR', '{Infinity}', true)$$,
	$$tax_amounts('1 EUR', '{19,NULL}', true)$$,
	$$tax_amounts('1 EUR', '{{19},{7}}', true)$$,
	$$tax_amounts('1 EUR', '{1000.01}', false)$$,
	$$tax_amounts('1 EUR', '{1e131000}', false)$$,
	$$tax_amounts('1 EUR', '{0.0000000000000001}', false)$$,
	$$tax_amounts('1 EUR', ARRAY[1e-101], false)$$,
	$$tax_amounts('1 EUR', array_fill(1::numeric, ARRAY[101]), false)$$
]) AS expression;
SELECT tax_amounts('1 EUR', '{1900}', false);
