-- Runs also without preload.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS paycore;
RESET client_min_messages;
SET search_path = public, paycore;

-- The value, or SQLSTATE and message.
CREATE FUNCTION pg_temp.outcome(expression text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	result text;
	detail text;
BEGIN
	EXECUTE 'SELECT (' || expression || ')::text' INTO result;
	RETURN coalesce(result, 'NULL');
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
	RETURN sqlstate || ': ' || sqlerrm || coalesce(' (' || nullif(detail, '') || ')', '');
END
$$;

CREATE TABLE price_list (
	item text, model text, unit_price numeric, tiers price_tier[], package_size numeric, free_units numeric,
	minimum money_cents, maximum money_cents
);
INSERT INTO price_list (item, model, unit_price) VALUES
	('plan', 'flat', 49), ('seat', 'per_unit', 12.50), ('call', 'per_unit', 0.0005), ('fee of 2.9 %', 'percentage', 2.9),
	('nothing', 'per_unit', 0);
INSERT INTO price_list (item, model, tiers) VALUES
	('seats 1-5 7, 6-10 6.50, 11+ 6', 'volume', '{"(5,7,)","(10,6.50,)","(,6,)"}'),
	('seats 1-5 7, 6-10 6.50, 11+ 6', 'graduated', '{"(5,7,)","(10,6.50,)","(,6,)"}'),
	('storage: 100 for 10, then 0.05', 'graduated', '{"(100,0,10)","(,0.05,)"}'),
	('storage: up to 100 for 10, else 0.05', 'volume', '{"(100,,10)","(,0.05,0)"}');
INSERT INTO price_list (item, model, unit_price, package_size, free_units, minimum, maximum) VALUES
	('call, 1000 free', 'per_unit', 0.0005, NULL, 1000, NULL, NULL),
	('100 messages, one free', 'package', 5, 100, 1, NULL, NULL),
	('fee of 2.9 %, 0.50 to 25', 'percentage', 2.9, NULL, NULL, '0.50 USD', '25.00 USD');

SELECT item, model, array_agg(price_amount(model, q, 'USD', unit_price, tiers, package_size, free_units, minimum, maximum) ORDER BY q)
	AS "0, 0.5, 5, 5.5, 10, 11, 100, 100.01, 1010, 123456.789 units"
FROM price_list, unnest(ARRAY[0, 0.5, 5, 5.5, 10, 11, 100, 100.01, 1010, 123456.789]) AS q
GROUP BY price_list.ctid, item, model ORDER BY price_list.ctid;

-- Steps: for each quantity * unit_price + flat_fee, rounded, is the amount, up to a cent; what they add up to.
SELECT item, model, q, s.*
FROM price_list, unnest(ARRAY[0, 7, 101.5]) AS q,
	LATERAL price_steps(model, q, 'USD', unit_price, tiers, package_size, free_units, minimum, maximum) WITH ORDINALITY AS s
ORDER BY price_list.ctid, q, ordinality;
SELECT count(*) AS wrong
FROM price_list, generate_series(0, 300, 0.37) AS q,
	LATERAL (SELECT sum(amount) AS total,
			max(abs(quantity * coalesce(unit_price, 0) + coalesce(flat_fee, 0) - amount::numeric)) AS error
		FROM price_steps(model, q, 'USD', unit_price, tiers, package_size, free_units, minimum, maximum)) AS s
WHERE coalesce(total, '0 USD') <> price_amount(model, q, 'USD', unit_price, tiers, package_size, free_units, minimum, maximum)
	OR error >= 0.01;

-- Largest remainder: of equal ones the first; whole cents stay as they are.
SELECT quantity, unit_price, amount FROM price_steps('graduated', 3, 'USD', tiers => '{"(1,0.014,)","(2,0.014,)","(,0.014,)"}');
SELECT quantity, unit_price, amount FROM price_steps('graduated', 3, 'USD', tiers => '{"(1,0.014,)","(2,0.017,)","(,0.01,)"}');
SELECT rounding, sum(amount), array_agg(amount)
FROM unnest(ARRAY['half_up', 'half_even', 'half_down', 'up', 'down', 'ceiling', 'floor']) AS rounding,
	price_steps('graduated', 4, 'USD', tiers => '{"(1,0.001,)","(2,0.002,)","(3,0.002,)","(,3,)"}', rounding => rounding)
GROUP BY rounding ORDER BY rounding;

-- One rounding, at the end; decimals of the currency.
SELECT currency, price_amount('per_unit', 3, currency, 0.3335), price_amount('per_unit', 1, currency, 0.5),
	price_amount('per_unit', 10, currency, 0.00005), price_amount('graduated', 2, currency, tiers => '{"(1,0.4,)","(,0.4,)"}')
FROM unnest('{USD,JPY,KWD,CLF}'::currency[]) AS currency;
SELECT rounding, price_amount('per_unit', 1, 'USD', 0.125, rounding => rounding), price_amount('per_unit', 1, 'USD', 0.1201, rounding => rounding)
FROM unnest(ARRAY['half_up', 'half_even', 'half_down', 'up', 'down', 'ceiling', 'floor', NULL]) AS rounding;

-- Begun packages, where a division would round.
SELECT quantity, size, price_amount('package', quantity, 'JPY', 1, package_size => size)
FROM (VALUES (0, 3), (0.0001, 3), (3, 3), (3.0000000000000000000000000000000000000001, 3), (1e15, 1), (1e15 + 1e-40, 1),
	(1, 0.1), (1, 0.3), (1e-50, 1e50), (9007199254740991, 1)) AS v (quantity, size);

-- Free units and limits.
SELECT expression, pg_temp.outcome(expression) FROM unnest(ARRAY[
	$$price_amount('flat', 1, 'USD', 10, free_units => 1)$$,
	$$price_amount('flat', 1.1, 'USD', 10, free_units => 1)$$,
	$$price_amount('package', 101, 'USD', 10, package_size => 100, free_units => 1)$$,
	$$price_amount('package', 101, 'USD', 10, package_size => 100, free_units => 0.9)$$,
	$$price_amount('graduated', 11, 'USD', tiers => '{"(10,1,)","(,0,)"}', free_units => 5)$$,
	$$price_amount('volume', 11, 'USD', tiers => '{"(10,1,)","(,0,)"}', free_units => 1)$$,
	$$price_amount('percentage', 100, 'USD', 10, free_units => 50)$$,
	$$price_amount('per_unit', 5, 'USD', 10, free_units => 1e30)$$,
	$$price_amount('per_unit', 0, 'USD', 10, minimum => '5 USD')$$,
	$$price_amount('per_unit', 0, 'USD', 10, free_units => 5, minimum => '0 USD')$$,
	$$price_amount('per_unit', 1, 'USD', 4.995, minimum => '5 USD', maximum => '5 USD')$$,
	$$price_amount('per_unit', 1, 'USD', 10, minimum => '5 USD', maximum => '7 USD')$$,
	$$price_amount('per_unit', 1, 'USD', 10, maximum => '0 USD')$$
]) AS expression;

-- The largest amount, and numbers of any length that stay within it.
SELECT expression, pg_temp.outcome(expression) FROM unnest(ARRAY[
	$$price_amount('per_unit', 1, 'USD', 90071992547409.914999)$$,
	$$price_amount('per_unit', 1, 'USD', 90071992547409.915)$$,
	$$price_amount('per_unit', 9007199254740991, 'JPY', 1)$$,
	$$price_amount('per_unit', 9007199254740992, 'JPY', 1)$$,
	$$price_amount('per_unit', 1e100, 'USD', 1e-100)$$,
	$$price_amount('per_unit', 1e131000, 'USD', 0)$$,
	$$price_amount('per_unit', 1e131000, 'USD', 1)$$,
	$$price_amount('per_unit', 1e131000, 'USD', 1e131000)$$,
	$$price_amount('per_unit', 1e131000, 'USD', 1, maximum => '5 USD')$$,
	$$price_amount('graduated', 1e17, 'JPY', tiers => '{"(1e16,0.5,)","(,0.5,)"}')$$,
	$$price_amount('percentage', 1e-99, 'USD', 1e-99, rounding => 'up')$$
]) AS expression;

-- What makes no sense.
SELECT expression, pg_temp.outcome(expression) FROM unnest(ARRAY[
	$$price_amount('tiered', 1, 'USD', 1)$$,
	$$price_amount('Flat', 1, 'USD', 1)$$,
	$$price_amount('', 1, 'USD', 1)$$,
	$$price_amount(NULL, 1, 'USD', 1)$$,
	$$price_amount('flat', NULL, 'USD', 1)$$,
	$$price_amount('flat', 1, NULL, 1)$$,
	$$price_amount('flat', 1, 'XAU', 1)$$,
	$$price_amount('flat', 1, 'HRK', 1)$$,
	$$price_amount('flat', 1, 'USD', 1, rounding => 'bankers')$$,
	$$price_amount('flat', -1, 'USD', 1)$$,
	$$price_amount('flat', 1, 'USD', -0.01)$$,
	$$price_amount('flat', 'NaN', 'USD', 1)$$,
	$$price_amount('flat', 'Infinity', 'USD', 1)$$,
	$$price_amount('flat', 1, 'USD', 'NaN')$$,
	$$price_amount('flat', 1, 'USD', '-Infinity')$$,
	$$price_amount('flat', 1, 'USD', 1, free_units => -1)$$,
	$$price_amount('flat', 1, 'USD', 1, free_units => 'NaN')$$,
	$$price_amount('flat', -1e131000, 'USD', 1)$$,
	$$price_amount('flat', 1e-101, 'USD', 1)$$,
	$$price_amount('flat', 1, 'USD', 1e-16383)$$,
	$$price_amount('flat', 1, 'USD', 0.12345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901)$$,
	$$price_amount('flat', 1, 'USD')$$,
	$$price_amount('flat', 1, 'USD', 1, tiers => '{"(,1,)"}')$$,
	$$price_amount('flat', 1, 'USD', 1, package_size => 1)$$,
	$$price_amount('volume', 1, 'USD')$$,
	$$price_amount('graduated', 1, 'USD', 1, tiers => '{"(,1,)"}')$$,
	$$price_amount('package', 1, 'USD', 1)$$,
	$$price_amount('package', 1, 'USD', package_size => 1)$$,
	$$price_amount('package', 1, 'USD', 1, package_size => 0)$$,
	$$price_amount('package', 1, 'USD', 1, package_size => -1)$$,
	$$price_amount('package', 1, 'USD', 1, package_size => 'Infinity')$$,
	$$price_amount('volume', 1, 'USD', tiers => '{}')$$,
	$$price_amount('volume', 1, 'USD', tiers => '{{"(,1,)"},{"(,1,)"}}')$$,
	$$price_amount('volume', 1, 'USD', tiers => '{"(1,1,)",NULL}')$$,
	$$price_amount('volume', 1, 'USD', tiers => '{"(,,)"}')$$,
	$$price_amount('volume', 1, 'USD', tiers => '{"(0,1,)","(,1,)"}')$$,
	$$price_amount('volume', 1, 'USD', tiers => '{"(-1,1,)","(,1,)"}')$$,
	$$price_amount('volume', 1, 'USD', tiers => '{"(10,1,)","(10,1,)","(,1,)"}')$$,
	$$price_amount('volume', 1, 'USD', tiers => '{"(10,1,)","(5,1,)","(,1,)"}')$$,
	$$price_amount('volume', 1, 'USD', tiers => '{"(,1,)","(5,1,)"}')$$,
	$$price_amount('volume', 1, 'USD', tiers => '{"(5,1,)","(10,1,)"}')$$,
	$$price_amount('volume', 1, 'USD', tiers => '{"(5,-1,)","(,1,)"}')$$,
	$$price_amount('volume', 1, 'USD', tiers => '{"(5,1,)","(,1,-2)"}')$$,
	$$price_amount('volume', 1, 'USD', tiers => '{"(NaN,1,)","(,1,)"}')$$,
	$$price_amount('volume', 1, 'USD', tiers => '{"(Infinity,1,)"}')$$,
	$$price_amount('volume', 1, 'USD', tiers => '{"(1e-101,1,)","(,1,)"}')$$,
	$$price_amount('flat', 1, 'USD', 1, minimum => '1 EUR')$$,
	$$price_amount('flat', 1, 'USD', 1, maximum => '1 JPY')$$,
	$$price_amount('flat', 1, 'USD', 1, minimum => '-1 USD')$$,
	$$price_amount('flat', 1, 'USD', 1, maximum => '-1 USD')$$,
	$$price_amount('flat', 1, 'USD', 1, minimum => '2 USD', maximum => '1 USD')$$,
	$$(SELECT count(*) FROM price_steps('flat', -1, 'USD', 1))$$
]) AS expression;

-- With their hints.
SELECT price_amount('tiered', 1, 'USD', 1);
SELECT price_amount('volume', 1, 'USD', tiers => '{"(10,1,)","(5,1,)","(,1,)"}');
SELECT price_amount('flat', 1, 'USD', 1, minimum => '1 EUR');

-- Rows of different prices in one statement, in any order; prices that a table keeps in another form (compressed, short).
CREATE TABLE many_tiers AS
SELECT n, array_agg(ROW(CASE WHEN i < n THEN i * 10 END, 1.0 / i, i)::price_tier ORDER BY i) AS tiers
FROM unnest(ARRAY[1, 3, 2000]) AS n, generate_series(1, n) AS i GROUP BY n;
SELECT q, n, price_amount('graduated', q, 'USD', tiers => tiers), price_amount('volume', q, 'USD', tiers => tiers),
	(SELECT count(*) FROM price_steps('graduated', q, 'USD', tiers => tiers)) AS steps
FROM unnest(ARRAY[5, 25, 19995]) AS q, many_tiers ORDER BY q, n;
SELECT count(*) AS wrong
FROM many_tiers, generate_series(1, 20, 0.5) AS q
WHERE n < 2000 AND price_amount('graduated', q, 'USD', tiers => tiers) <>
	round_money((SELECT sum((least(q, coalesce(t.up_to, q)) - t.before) * t.unit_price + t.flat_fee)
		FROM (SELECT u.*, coalesce(lag(u.up_to) OVER (ORDER BY u.up_to), 0) AS before FROM unnest(tiers) AS u) AS t
		WHERE q > t.before), 'USD', 'half_up');
