-- Runs also without preload.
-- Random prices, prorations, discounts and taxes, against the same reckoned in plain numeric, by other formulas.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS paycore;
RESET client_min_messages;
SET search_path = public, paycore;
SET timezone = 'UTC';
SELECT setseed(0.2026);

CREATE FUNCTION pg_temp.pick(anyarray) RETURNS anyelement LANGUAGE sql VOLATILE AS
	'SELECT ($1)[1 + floor(random() * cardinality($1))::int]';
-- A number below 10 ^ magnitude with so many decimals; often a small one.
CREATE FUNCTION pg_temp.number(magnitude float, decimals int) RETURNS numeric LANGUAGE sql VOLATILE AS
	'SELECT round((random() * 10 ^ (random() * magnitude))::numeric, floor(random() * (decimals + 1))::int)';
-- A count of minor units, not below zero, made whole.
CREATE FUNCTION pg_temp.whole(x numeric, rounding text) RETURNS numeric LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE rounding
		WHEN 'half_up' THEN floor(x + 0.5)
		WHEN 'half_down' THEN ceil(x - 0.5)
		WHEN 'half_even' THEN floor(x + 0.5) - CASE WHEN x - floor(x) = 0.5 THEN mod(floor(x) + 1, 2) ELSE 0 END
		WHEN 'up' THEN ceil(x) WHEN 'ceiling' THEN ceil(x)
		ELSE floor(x) END
$$;

CREATE TABLE prices AS
SELECT n, pg_temp.pick(ARRAY['flat', 'per_unit', 'graduated', 'volume', 'package', 'percentage']) AS model,
	c.currency, currency_exponent(c.currency) AS exponent,
	pg_temp.pick(ARRAY['half_up', 'half_up', 'half_even', 'half_down', 'up', 'down', 'ceiling', 'floor']) AS rounding,
	pg_temp.number(3, 6) AS unit_price,
	CASE WHEN random() < 0.3 THEN pg_temp.number(2, 3) END AS free_units,
	pg_temp.number(3, 3) + 0.001 AS package_size,
	CASE WHEN random() < 0.2 THEN money_cents(floor(random() * 10000)::bigint, c.currency) END AS minimum,
	CASE WHEN random() < 0.2 THEN money_cents(10000 + floor(random() * 100000)::bigint, c.currency) END AS maximum,
	pg_temp.number(5, 4) * floor(random() * 6)::int AS quantity
FROM generate_series(1, 3000) AS n, LATERAL (SELECT pg_temp.pick('{USD,JPY,KWD}'::currency[]) AS currency WHERE n > 0) AS c;

-- Up to five tiers, of which the last has no end.
CREATE TABLE tiers AS
SELECT n, i, CASE WHEN i < count(*) OVER (PARTITION BY n) THEN sum(width) OVER (PARTITION BY n ORDER BY i) END AS up_to,
	unit_price, CASE WHEN random() < 0.4 THEN pg_temp.number(2, 3) END AS flat_fee
FROM (SELECT n, i, pg_temp.number(3, 3) + 0.001 AS width, CASE WHEN random() < 0.9 THEN pg_temp.number(2, 5) END AS unit_price
	FROM prices, generate_series(1, 1 + n % 5) AS i WHERE model IN ('graduated', 'volume')) AS t;
UPDATE tiers SET flat_fee = 0 WHERE unit_price IS NULL AND flat_fee IS NULL;
ALTER TABLE prices ADD tiers price_tier[];
UPDATE prices SET tiers = t.tiers, unit_price = NULL
FROM (SELECT n, array_agg(ROW(up_to, unit_price, flat_fee)::price_tier ORDER BY i) AS tiers FROM tiers GROUP BY n) AS t
WHERE t.n = prices.n;
UPDATE prices SET package_size = NULL WHERE model <> 'package';
-- Quantities on a bound, and a package that is just full.
UPDATE prices SET quantity = t.up_to + coalesce(free_units, 0) FROM tiers AS t WHERE t.n = prices.n AND t.i = 1 + prices.n % 3 AND t.up_to IS NOT NULL AND prices.n % 2 = 0;
UPDATE prices SET quantity = package_size * 7 + coalesce(free_units, 0) WHERE model = 'package' AND n % 2 = 0;

-- Prices: tiers by what each adds to the price of the one before, packages by whole thousandths.
CREATE TABLE expected AS
SELECT n, greatest(least(pg_temp.whole(exact * 10::numeric ^ exponent, rounding), cents(maximum)), cents(minimum), 0) AS units, exact, charged
FROM (SELECT p.*, CASE model
		WHEN 'flat' THEN CASE WHEN charged > 0 THEN unit_price ELSE 0 END
		WHEN 'per_unit' THEN charged * unit_price
		WHEN 'package' THEN unit_price * div(charged * 10000000 + package_size * 10000000 - 1, package_size * 10000000)
		WHEN 'percentage' THEN charged * unit_price / 100
		WHEN 'graduated' THEN (SELECT sum(greatest(charged - before, 0) * (coalesce(unit_price, 0) - price_before))
				+ coalesce(sum(flat_fee) FILTER (WHERE before < charged), 0)
			FROM (SELECT *, coalesce(lag(up_to) OVER w, 0) AS before, coalesce(lag(coalesce(unit_price, 0)) OVER w, 0) AS price_before
				FROM tiers WHERE tiers.n = p.n WINDOW w AS (ORDER BY i)) AS t)
		WHEN 'volume' THEN (SELECT charged * coalesce(unit_price, 0) + CASE WHEN charged > 0 THEN coalesce(flat_fee, 0) ELSE 0 END
			FROM tiers WHERE tiers.n = p.n ORDER BY (up_to < charged) IS TRUE, i LIMIT 1)
		END AS exact
	FROM (SELECT *, greatest(quantity - coalesce(free_units, 0), 0) AS charged FROM prices) AS p) AS e;

CREATE TABLE amounts AS
SELECT n, currency, exponent, price_amount(model, quantity, currency, unit_price, tiers, package_size, free_units, minimum, maximum, rounding) AS amount
FROM prices;
SELECT count(DISTINCT (model, p.currency, rounding)) AS kinds, count(*) AS prices, count(*) FILTER (WHERE cents(amount) <> units) AS differences
FROM prices AS p JOIN amounts USING (n) JOIN expected USING (n);

-- Steps: the cut-off part of each plus one for those that lost most; what is free and what is charged is the quantity.
CREATE TABLE steps AS
SELECT n, s.*, CASE WHEN kind = 'price' THEN (coalesce(s.quantity * s.unit_price, 0) + coalesce(s.flat_fee, 0)) * 10::numeric ^ exponent END AS exact
FROM prices AS p, LATERAL price_steps(model, p.quantity, currency, p.unit_price, tiers, package_size, free_units, minimum, maximum, rounding) WITH ORDINALITY AS s;
SELECT count(*) FILTER (WHERE total <> amount) AS wrong_sums, count(*) FILTER (WHERE units <> p.quantity) AS wrong_quantities
FROM prices AS p JOIN amounts USING (n) LEFT JOIN (
	SELECT n, sum(s.amount) AS total, sum(CASE WHEN model = 'package' AND kind = 'price' THEN charged ELSE s.quantity END) AS units
	FROM steps AS s JOIN expected USING (n) JOIN prices USING (n) GROUP BY n) AS s USING (n)
WHERE s.n IS NOT NULL OR cents(amount) <> 0;
SELECT count(*) FILTER (WHERE cents(amount) <> floor(exact) + (place <= pg_temp.whole(total, rounding) - floors)::int) AS differences
FROM (SELECT n, amount, exact, row_number() OVER (PARTITION BY n ORDER BY exact - floor(exact) DESC, ordinality) AS place,
		sum(exact) OVER (PARTITION BY n) AS total, sum(floor(exact)) OVER (PARTITION BY n) AS floors
	FROM steps WHERE kind = 'price') AS s JOIN prices USING (n);

-- Lines: random parts of a random period, charges and credits, in microseconds since it began.
CREATE TABLE lines AS
SELECT row_number() OVER (ORDER BY n, b) AS line, c.*,
	prorate(whole, tstzrange(start, start + t * interval '1 us'), tstzrange(start + a * interval '1 us', start + b * interval '1 us')) AS amount,
	pg_temp.pick(ARRAY['{19}', '{5,9.975}', '{6.25,1,0.25,1.5}', '{0}', '{7.7,0,0.001}'])::numeric[] AS rates, random() < 0.5 AS inclusive
FROM (SELECT n, CASE WHEN n % 4 = 0 THEN - amount ELSE amount END AS whole, start, t, lag(b, 1, 0::bigint) OVER (PARTITION BY n ORDER BY b) AS a, b
	FROM amounts, LATERAL (SELECT timestamptz '2020-01-01' + n * interval '11 hours' AS start, 10 + floor(random() * 4e13)::bigint AS t WHERE n > 0) AS p,
		LATERAL (SELECT t AS b UNION SELECT 1 + floor(random() * (t - 1))::bigint FROM generate_series(1, n % 4)) AS cuts) AS c;
SELECT count(*) AS wholes, count(*) FILTER (WHERE total <> whole) AS wrong_sums
FROM (SELECT whole, sum(amount) AS total FROM lines GROUP BY n, whole) AS w;
SELECT count(*) FILTER (WHERE cents(amount) <> sign(cents(whole)) * (div(2 * abs(cents(whole)) * b::numeric + t, 2 * t) - div(2 * abs(cents(whole)) * a::numeric + t, 2 * t)))
	AS differences FROM lines;

-- Taxes: on top, each of the whole; within, what is not net, by largest remainder.
CREATE TABLE taxes AS
SELECT line, i, rate, inclusive, amount, tax, sum(rate) OVER (PARTITION BY line) AS rate_sum
FROM lines, LATERAL ROWS FROM (unnest(rates), unnest(tax_amounts(amount, rates, inclusive))) WITH ORDINALITY AS u (rate, tax, i);
SELECT count(DISTINCT line) AS taxed, count(*) FILTER (WHERE NOT inclusive AND cents(tax) <> round(cents(amount) * rate / 100)) AS differences FROM taxes;
SELECT count(*) FILTER (WHERE abs(cents(tax)) <> floor(exact) + (place <= whole - floors)::int) AS differences
FROM (SELECT *, row_number() OVER (PARTITION BY line ORDER BY exact - floor(exact) DESC, i) AS place, sum(floor(exact)) OVER (PARTITION BY line) AS floors
	FROM (SELECT line, i, tax, whole, CASE WHEN rate_sum = 0 THEN 0 ELSE trunc(whole * rate * 1e60 / rate_sum) * 1e-60 END AS exact
		FROM (SELECT *, round(abs(cents(amount)) - abs(cents(amount)) * 1e60::numeric / (1 + rate_sum / 100) * 1e-60) AS whole FROM taxes WHERE inclusive) AS t) AS t) AS t;

-- Invoices of up to seven lines of one currency, charges only; a discount by percent, shared out over the lines.
CREATE TABLE invoice_lines AS
SELECT invoice, line, amount, rates, inclusive, discount, (allocate(discount, weights))[place] AS line_discount, place
FROM (SELECT *, multiply(sum(amount) OVER w, - (invoice % 101) * 0.01, 'half_up') AS discount,
		array_agg(cents(amount)) OVER w AS weights, row_number() OVER (PARTITION BY invoice ORDER BY line) AS place, sum(cents(amount)) OVER w AS weight
	FROM (SELECT *, dense_rank() OVER (ORDER BY currency(amount), n / 7) AS invoice FROM lines WHERE cents(amount) >= 0) AS l
	WINDOW w AS (PARTITION BY invoice ORDER BY line ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)) AS l
WHERE weight > 0;
SELECT count(DISTINCT invoice) > 500 AS enough, count(*) FILTER (WHERE cents(discount) <> - round(total * (invoice % 101) / 100)) AS differences,
	count(*) FILTER (WHERE abs(cents(line_discount)) <> floor(exact) + (rank <= abs(cents(discount)) - floors)::int) AS differences_of_shares
FROM (SELECT *, row_number() OVER (PARTITION BY invoice ORDER BY exact - floor(exact) DESC, line) AS rank, sum(floor(exact)) OVER (PARTITION BY invoice) AS floors
	FROM (SELECT *, trunc(1e60 * abs(cents(discount)) * cents(amount) / total) * 1e-60 AS exact
		FROM (SELECT *, sum(cents(amount)) OVER (PARTITION BY invoice) AS total FROM invoice_lines) AS l) AS l) AS l;

-- Whole invoices: what the lines say, and what the credit notes that take them back in random pieces say.
CREATE TABLE totals AS
SELECT invoice, line, amount + line_discount AS net, tax.added, tax.within
FROM invoice_lines, LATERAL (SELECT coalesce(sum(t) FILTER (WHERE NOT inclusive), amount * 0) AS added, coalesce(sum(t) FILTER (WHERE inclusive), amount * 0) AS within
	FROM unnest(tax_amounts(amount + line_discount, rates, inclusive)) AS t) AS tax;
SELECT count(*) FILTER (WHERE total::numeric <> again OR cents(total) < 0) AS wrong_totals, count(*) FILTER (WHERE total + credited <> total * 0) AS wrong_credits
FROM (SELECT invoice, sum(net + added) AS total, sum(net::numeric) + sum(added::numeric) AS again,
		sum((SELECT sum(piece) FROM unnest(allocate(-(net + added), ARRAY[1 + line % 5, line % 3, line % 7])) AS piece)) AS credited
	FROM totals GROUP BY invoice) AS i;
SELECT count(*) FILTER (WHERE abs(cents(within)) > abs(cents(net))) AS more_tax_than_price FROM totals;
