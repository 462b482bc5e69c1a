-- Stripe's minor units against ISO's.
CREATE FUNCTION pg_temp.amount(gateway text, amount bigint, currency text, outward boolean)
RETURNS bigint LANGUAGE c STRICT AS '$libdir/paycore', 'paycore_test_gateway_amount';

SELECT currency, amount, pg_temp.amount('stripe', amount, currency, true) AS to_stripe
FROM (VALUES ('USD', 1234), ('USD', -1234), ('JPY', 1234), ('COP', 1234), ('ISK', 5), ('UGX', 5),
	('MGA', 1200), ('MGA', 1234), ('KWD', 1230), ('KWD', 1234), ('BHD', 10), ('JOD', 15), ('OMR', 20),
	('TND', 25), ('IQD', 1000), ('LYD', 1000), ('CLF', 10000), ('UYW', 10000), ('UYI', 1),
	('XAU', 1), ('HRK', 100), ('USD', 9007199254740991), ('ISK', 9007199254740991)) v (currency, amount);

SELECT currency, amount, pg_temp.amount('stripe', amount, currency, false) AS from_stripe
FROM (VALUES ('usd', 1234), ('Usd', -1234), ('jpy', 1234), ('isk', 500), ('isk', 550), ('ugx', -500),
	('mga', 12), ('kwd', 1230), ('kwd', 1234), ('iqd', 1000), ('clf', 1), ('xau', 1), ('hrk', 100),
	('sll', 100), ('std', 1), ('ltl', 1), ('qqq', 1), ('', 1), ('us', 1), ('usdx', 1),
	('usd', 9007199254740992), ('usd', 9223372036854775807), ('mga', 9007199254740991)) v (currency, amount);

-- What goes out comes back, for every currency that goes out at all.
SELECT count(*) FILTER (WHERE pg_temp.amount('stripe', pg_temp.amount('stripe', n, code, true), code, false) = n)
	= count(*) FILTER (WHERE pg_temp.amount('stripe', n, code, true) IS NOT NULL) AS round_trip
FROM unnest('{USD,EUR,JPY,KRW,ISK,UGX,MGA,BHD,JOD,KWD,OMR,TND,CLP,XAF,HUF,TWD}'::text[]) code,
	generate_series(-1000, 1000, 7) n;

-- A manual gateway counts in ISO's units.
SELECT pg_temp.amount('manual', 1234, 'KWD', true), pg_temp.amount('manual', 5, 'ISK', false);
