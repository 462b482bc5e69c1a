--
-- Random chains of changes in currencies of 0, 2 and 3 decimals: what is given back and charged, against plain numeric by other formulas.
--
\getenv srcdir PG_ABS_SRCDIR
\set setup :srcdir '/data/api_setup.sql'
\i :setup
SET timezone = 'UTC';
SELECT setseed(0.2027);
SELECT shows FROM paycore.set_test_clock('2026-01-10 00:00+00');
SELECT count(paycore.create_billing_account(c, currency => c::paycore.currency, gateway => 'cash')) FROM unnest('{USD,JPY,KWD}'::text[]) c;
SELECT count(paycore.create_product('p' || n, 'Product ' || n)) FROM generate_series(1, 4) n;
-- Each product by the month and by the week, at odd prices; the last one for nothing.
SELECT count(paycore.create_price(o.id, jsonb_build_object('USD', p::text, 'JPY', round(p * 137)::text, 'KWD', (p + 0.003)::text), e::paycore.billing_interval, code => o.code || '-' || e))
	FROM paycore.products o, unnest('{month,week}'::text[]) e, LATERAL (SELECT CASE o.code WHEN 'p4' THEN 0 ELSE round((3 + random() * 97)::numeric, 2) END AS p WHERE e IS NOT NULL) r;
CREATE FUNCTION pick(anyarray) RETURNS anyelement LANGUAGE sql VOLATILE AS 'SELECT ($1)[1 + floor(random() * cardinality($1))::int]';
SELECT count(paycore.create_subscription(a.id, jsonb_build_array(jsonb_build_object('price', 'p1-month', 'quantity', 1 + n % 3), jsonb_build_object('price', 'p2-month')),
	jsonb_build_object('time_zone', pick('{UTC,Europe/Berlin,America/New_York,Asia/Kathmandu}'::text[]), 'metadata', jsonb_build_object('plain', CASE WHEN n % 3 = 0 THEN 'yes' ELSE 'no' END))
	|| CASE WHEN n % 2 = 0 THEN jsonb_build_object('anchor', timestamptz '2026-01-31 07:11:13+00') ELSE '{}' END))
	FROM paycore.billing_accounts a, generate_series(1, 12) n;
CALL paycore.run_billing();

-- What of a whole falls due after t, by the clock or by the days that begin in the zone.
CREATE FUNCTION after(whole numeric, a timestamptz, b timestamptz, t timestamptz, by text, zone text) RETURNS numeric LANGUAGE sql STABLE AS $$
	SELECT whole - floor(whole * m.gone / m.size + 0.5)
	FROM (SELECT CASE by WHEN 'second' THEN extract(epoch FROM t - a) ELSE (SELECT count(*) FROM generate_series(a::date - 2, b::date + 2, '1 day') d
				WHERE (d::timestamp AT TIME ZONE zone) >= a AND (d::timestamp AT TIME ZONE zone) < t) END AS gone,
		CASE by WHEN 'second' THEN extract(epoch FROM b - a) ELSE (SELECT count(*) FROM generate_series(a::date - 2, b::date + 2, '1 day') d
				WHERE (d::timestamp AT TIME ZONE zone) >= a AND (d::timestamp AT TIME ZONE zone) < b) END AS size) m $$;
CREATE FUNCTION price(price_id uuid, quantity numeric, currency text) RETURNS numeric LANGUAGE sql STABLE AS $$
	SELECT floor(c.unit_price * quantity * 10::numeric ^ paycore.currency_exponent(currency::paycore.currency) + 0.5) FROM paycore.price_currencies c WHERE c.price_id = $1 AND c.currency::text = $3 $$;
CREATE TABLE done (change uuid, subscription uuid, at timestamptz, credited numeric, charged numeric, lines int);

-- One random change of a subscription: what it should come to is reckoned before.
CREATE FUNCTION change(s paycore.subscriptions, at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	plain boolean := s.metadata->>'plain' = 'yes';
	how text := CASE WHEN plain THEN pick('{create,invoice}'::text[]) ELSE pick('{create,create,invoice,none}'::text[]) END;
	by_unit text := CASE WHEN plain THEN 'second' ELSE pick('{second,day}'::text[]) END;
	unit text := CASE WHEN s.every::text = 'month' THEN 'month' ELSE 'week' END;
	items jsonb := '[]';
	ended uuid[] := '{}';
	credit numeric := 0;
	charge numeric := 0;
	n int := 0;
	i record;
	c paycore.subscription_change;
	whole tstzrange := paycore.period_at(s.anchor, s.every, s.time_zone, at);
BEGIN
	IF NOT plain AND random() < 0.1 THEN	-- to the other interval
		unit := CASE unit WHEN 'month' THEN 'week' ELSE 'month' END;
		FOR i IN SELECT t.id, p.code FROM paycore.subscription_items t JOIN paycore.prices p ON p.id = t.price_id WHERE t.subscription_id = s.id AND t.ends_at IS NULL LOOP
			items := items || jsonb_build_object('item', i.id, 'price', split_part(i.code, '-', 1) || '-' || unit);
			ended := ended || i.id;
		END LOOP;
	ELSE
		FOR i IN SELECT t.id, t.quantity FROM paycore.subscription_items t WHERE t.subscription_id = s.id AND t.ends_at IS NULL ORDER BY random() LIMIT 1 + floor(random() * 2) LOOP
			items := items || CASE WHEN random() < 0.5 THEN jsonb_build_object('item', i.id, 'quantity', i.quantity + pick('{1,2,0.37}'::numeric[]))
				WHEN random() < 0.5 THEN jsonb_build_object('item', i.id, 'quantity', round(i.quantity / 2, 2))
				ELSE jsonb_build_object('item', i.id, 'price', pick('{p1,p2,p3,p4}'::text[]) || '-' || unit, 'quantity', i.quantity + 0.01) END;
			ended := ended || i.id;
		END LOOP;
		IF random() < 0.3 THEN
			items := items || jsonb_build_object('price', 'p3-' || unit, 'quantity', 1 + floor(random() * 3));
		END IF;
	END IF;
	IF how <> 'none' THEN
		SELECT coalesce(sum(after(g.net, lower(g.period), upper(g.period), greatest(at, lower(g.period)), by_unit, s.time_zone)), 0), coalesce(sum(g.n), 0) INTO credit, n
		FROM (SELECT l.period, sum(paycore.cents(l.amount) - paycore.cents(l.discount)) AS net, count(*) AS n FROM paycore.invoice_lines l JOIN paycore.invoices v ON v.id = l.invoice_id
			WHERE l.subscription_item_id = ANY (ended) AND upper(l.period) > at AND paycore.cents(l.amount) > 0 AND v.status::text IN ('open', 'paid') GROUP BY l.period) g;
		credit := credit + (SELECT coalesce(sum(after(paycore.cents(e.amount), lower(e.period), upper(e.period), greatest(at, lower(e.period)), by_unit, s.time_zone)), 0)
			FROM paycore.extra_charges e WHERE e.subscription_item_id = ANY (ended) AND e.credits_line_id IS NULL AND e.invoice_id IS NULL AND e.removed_at IS NULL AND upper(e.period) > at);
	END IF;
	c := paycore.change_subscription(s.id, items, proration => how, prorate_by => by_unit);
	IF how <> 'none' AND (unit = 'month') = (s.every::text = 'month') THEN
		SELECT coalesce(sum(price(t.price_id, t.quantity, s.currency::text)), 0) INTO charge FROM paycore.subscription_items t WHERE t.subscription_id = s.id AND t.starts_at = at;
		charge := after(charge, lower(whole), upper(whole), at, by_unit, s.time_zone);
	END IF;
	INSERT INTO done VALUES (c.id, s.id, at, credit, charge, n);
END $$;
CREATE FUNCTION steps(n int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	at timestamptz;
	s paycore.subscriptions;
BEGIN
	FOR step IN 1 .. n LOOP
		at := (paycore.set_test_clock(paycore.billing_now() + round(random() * 800000) * interval '1 second')).shows;
		WHILE paycore.bill_subscriptions() > 0 LOOP END LOOP;
		IF step % 10 = 0 THEN	-- given up: nothing comes back of it; but not where something has
			PERFORM paycore.write_off_invoice(i.id) FROM paycore.invoices i JOIN paycore.subscriptions b ON b.id = i.subscription_id
				WHERE i.status::text = 'open' AND b.metadata->>'plain' = 'no' AND i.finalized_at > at - interval '5 days' AND random() < 0.2
					AND NOT EXISTS (SELECT FROM paycore.invoice_lines l JOIN paycore.extra_charges e ON e.credits_line_id = l.id WHERE l.invoice_id = i.id AND e.invoice_id IS NOT NULL);
		END IF;
		FOR s IN SELECT * FROM paycore.subscriptions ORDER BY id LOOP
			IF random() < 0.4 THEN
				PERFORM change(s, at);
			END IF;
		END LOOP;
	END LOOP;
END $$;
-- PAYCORE_CHANGE_STEPS makes it longer.
\getenv steps PAYCORE_CHANGE_STEPS
\if :{?steps}
\else
\set steps 12
\endif
SELECT steps(:steps);
SELECT count(*) > 100 AS many FROM done;
SELECT parked_reason, count(*) FROM paycore.subscriptions WHERE parked_at IS NOT NULL GROUP BY 1;

-- Each change came to what was reckoned, to the minor unit.
SELECT count(*) AS wrong FROM done d JOIN paycore.subscription_changes c ON c.id = d.change
	WHERE (paycore.cents(c.credited), paycore.cents(c.charged)) IS DISTINCT FROM (d.credited, d.charged);
SELECT d.*, c.credited, c.charged, c.proration, c.prorate_by FROM done d JOIN paycore.subscription_changes c ON c.id = d.change
	WHERE (paycore.cents(c.credited), paycore.cents(c.charged)) IS DISTINCT FROM (d.credited, d.charged) ORDER BY d.at LIMIT 5;
-- Each line of it is within a minor unit of its own share.
SELECT count(*) AS far FROM paycore.extra_charges e JOIN paycore.invoice_lines l ON l.id = e.credits_line_id JOIN paycore.subscriptions s ON s.id = e.subscription_id
	JOIN paycore.subscription_changes c ON c.subscription_id = s.id AND c.effective_at = lower(e.period)
	WHERE abs(paycore.cents(e.amount) + after(paycore.cents(l.amount) - paycore.cents(l.discount), lower(l.period), upper(l.period), lower(e.period), c.prorate_by, s.time_zone)) > 1;
-- Every charge is billed once, or waits, or was taken back.
SELECT shows IS NOT NULL FROM paycore.set_test_clock(paycore.billing_now() + interval '40 days');
CALL paycore.run_billing();
SELECT count(*) AS unbilled FROM paycore.extra_charges WHERE invoice_id IS NULL AND removed_at IS NULL;
SELECT count(*) AS wrong FROM paycore.extra_charges e FULL JOIN paycore.invoice_lines l ON l.extra_charge_id = e.id
	WHERE (l.kind = 'extra' OR (e.id IS NOT NULL AND e.removed_at IS NULL)) AND e.amount::text IS DISTINCT FROM l.amount::text;
-- Where everything was by the second and nothing left out, all lines together are what the items cost for the time they ran, but for the roundings.
SELECT count(*) AS looked, count(*) FILTER (WHERE abs(billed - exact) > roundings) AS off
FROM (SELECT s.id, (SELECT sum(paycore.cents(l.amount)) FROM paycore.invoice_lines l WHERE l.subscription_id = s.id) AS billed,
	(SELECT count(*) FROM paycore.extra_charges e WHERE e.subscription_id = s.id) + (SELECT count(*) FROM paycore.invoice_lines l WHERE l.subscription_id = s.id) AS roundings,
	(SELECT sum(price(t.price_id, t.quantity, s.currency::text) * extract(epoch FROM least(upper(p.part), coalesce(t.ends_at, 'infinity')) - greatest(lower(p.part), t.starts_at)) / extract(epoch FROM upper(p.whole) - lower(p.whole)))
		FROM paycore.subscription_items t, (SELECT DISTINCT l.period AS part, paycore.period_at(s.anchor, s.every, s.time_zone, lower(l.period)) AS whole
			FROM paycore.invoice_lines l WHERE l.subscription_id = s.id AND l.kind = 'recurring') p
		WHERE t.subscription_id = s.id AND tstzrange(t.starts_at, t.ends_at) && p.part) AS exact
	FROM paycore.subscriptions s WHERE s.metadata->>'plain' = 'yes') x;
SELECT severity, rule, object_type, detail FROM paycore.verify() LIMIT 10;
