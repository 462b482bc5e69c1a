--
-- Money property test: lines, discounts, taxes and credit notes in random mixtures always add up, in currencies of 0, 2 and 3 decimals,
-- and a recomputation in plain numeric agrees.  PAYCORE_CREDIT_ROUNDS=1000 makes more of them.
--
\getenv srcdir PG_ABS_SRCDIR
\getenv rounds PAYCORE_CREDIT_ROUNDS
\if :{?rounds}
\else
\set rounds 14
\endif
\set setup :srcdir '/data/api_setup.sql'
\i :setup
\set VERBOSITY default
SET timezone = 'UTC';
SELECT shows FROM paycore.set_test_clock('2026-01-01 00:00+00');
SELECT setseed(0.2026);
\o /dev/null
SELECT paycore.create_tax_rate('r' || n, 'Rate ' || n, pct, jsonb_build_object('inclusive', n >= 4))
	FROM unnest(ARRAY[19, 6.25, 2.5, 7, 5.5, 0.125]) WITH ORDINALITY r(pct, n);
SELECT paycore.create_product('p' || n, 'Product ' || n) FROM generate_series(1, 6) n;
SELECT paycore.set_product_tax_rates(p.id, t.codes) FROM paycore.products p
	JOIN (VALUES ('p1', '{r1}'::text[]), ('p2', '{r2,r3}'), ('p3', '{r1,r2,r3}'), ('p4', '{r4}'), ('p5', '{r4,r5,r6}'), ('p6', '{}')) t(code, codes) USING (code);
SELECT paycore.create_price(p.id, jsonb_build_object('USD', (random() * 30)::numeric(6, 2), 'JPY', (random() * 3000)::numeric(6, 0), 'KWD', (random() * 9)::numeric(6, 3)), 'month',
	code => p.code || '-' || n) FROM paycore.products p, generate_series(1, 3) n;
SELECT paycore.create_coupon('c' || n, 'Coupon ' || n, percent_off => (1 + random() * 60)::numeric(4, 1), duration => 'forever') FROM generate_series(1, 3) n;
\o
-- Billed: subscriptions of one to four items, coupons, charges and credits.
CREATE PROCEDURE bill(rounds integer) LANGUAGE plpgsql AS $$
DECLARE account uuid; sub uuid; cur text; n integer;
BEGIN
	FOREACH cur IN ARRAY ARRAY['USD', 'JPY', 'KWD'] LOOP
		FOR round IN 1..rounds LOOP
			PERFORM paycore.set_seller(jsonb_build_object('name', 'Shop', 'tax_rounding', CASE WHEN round % 2 = 0 THEN 'line' ELSE 'invoice' END));
			account := (paycore.create_billing_account(cur || round, currency => cur::paycore.currency, gateway => 'cash')).id;
			n := 1 + floor(random() * 4);
			sub := (paycore.create_subscription(account, (SELECT jsonb_agg(jsonb_build_object('price', 'p' || 1 + floor(random() * 6) || '-' || 1 + floor(random() * 3), 'quantity', 1 + floor(random() * 9)))
				FROM generate_series(1, n)))).id;
			FOR coupon IN 1..3 LOOP
				IF random() < 0.4 THEN PERFORM paycore.apply_coupon(sub, 'c' || coupon); END IF;
			END LOOP;
			IF random() < 0.5 THEN
				PERFORM paycore.add_charge(account, paycore.money_cents((-1 - random() * 300)::bigint, cur::paycore.currency), 'Credit', '{"product": "p1"}');
				PERFORM paycore.add_charge(account, paycore.money_cents((1 + random() * 900)::bigint, cur::paycore.currency), 'Charge', jsonb_build_object('product', 'p' || 1 + floor(random() * 6)));
			END IF;
			PERFORM paycore.bill_subscriptions();
		END LOOP;
	END LOOP;
END $$;
CALL bill(:rounds);
SELECT count(*) = 3 * :rounds AS all_billed FROM paycore.invoices;

-- By itself, in plain numeric: each line's net, and, where taxes are rounded by line, each tax on top, or all within together.
CREATE VIEW plain AS SELECT i.id AS invoice_id, i.tax_rounding, l.id, l.tax_inclusive, l.amount::numeric - l.discount::numeric AS net, l.tax::numeric AS tax, l.taxes,
	CASE i.currency::text WHEN 'JPY' THEN 0 WHEN 'USD' THEN 2 ELSE 3 END AS decimals, i.total::numeric AS total
	FROM paycore.invoices i JOIN paycore.invoice_lines l ON l.invoice_id = i.id;
SELECT count(*) AS wrong_totals FROM (SELECT total FROM plain GROUP BY invoice_id, total HAVING sum(net + CASE WHEN tax_inclusive THEN 0 ELSE tax END) <> total) w;
SELECT count(*) AS wrong_taxes FROM plain l, unnest(l.taxes) t WHERE tax_rounding = 'line' AND NOT tax_inclusive AND t.amount::numeric <> round(l.net * t.percentage / 100, decimals);
SELECT count(*) AS wrong_within FROM plain l, LATERAL (SELECT sum(t.percentage) AS pct FROM unnest(l.taxes) t) s
	WHERE tax_rounding = 'line' AND tax_inclusive AND s.pct > 0 AND l.tax <> round(l.net * s.pct / (100 + s.pct), decimals);
SELECT count(*) AS wrong_together FROM (SELECT sum(t.amount::numeric) AS tax, round(sum(l.net) * t.percentage / 100, decimals) AS plain FROM plain l, unnest(l.taxes) t
	WHERE tax_rounding = 'invoice' AND NOT tax_inclusive GROUP BY invoice_id, t.tax_rate_id, t.percentage, decimals, cardinality(l.taxes)) w WHERE tax <> plain;

-- Credited: amounts, units and parts of lines, some of it void again, and in the end the rest.
CREATE PROCEDURE credit() LANGUAGE plpgsql AS $$
DECLARE i record; l record; step float; left_over bigint; note uuid;
BEGIN
	FOR i IN SELECT id, currency, total FROM paycore.invoices WHERE paycore.cents(total) > 0 ORDER BY serial LOOP
		IF random() < 0.5 THEN PERFORM paycore.record_invoice_payment(i.id, paycore.money_cents((1 + random() * (paycore.cents(i.total) - 1))::bigint, i.currency)); END IF;
		FOR n IN 1..4 LOOP
			step := random();
			SELECT paycore.cents(total) - paycore.cents(total_credited) INTO left_over FROM paycore.invoices WHERE id = i.id;
			EXIT WHEN left_over = 0;
			SELECT place, quantity INTO l FROM paycore.invoice_lines WHERE invoice_id = i.id ORDER BY random() LIMIT 1;
			BEGIN
				note := NULL;
				IF step < 0.5 THEN
					note := (paycore.create_credit_note(i.id, amount => paycore.money_cents((1 + random() * left_over * 0.6)::bigint, i.currency))).id;
				ELSIF step < 0.7 THEN
					note := (paycore.create_credit_note(i.id, jsonb_build_array(jsonb_build_object('place', l.place, 'quantity', 1)))).id;
				ELSIF step < 0.85 THEN
					note := (paycore.create_credit_note(i.id, jsonb_build_array(jsonb_build_object('place', l.place, 'amount', paycore.money_cents((1 + random() * 200)::bigint, i.currency)::numeric)))).id;
				ELSE
					note := (paycore.create_credit_note(i.id, jsonb_build_array(jsonb_build_object('place', l.place)))).id;
				END IF;
				IF random() < 0.2 THEN PERFORM paycore.void_credit_note(note); END IF;
			EXCEPTION WHEN SQLSTATE 'PY025' THEN NULL;	-- more than is left of the line
			END;
		END LOOP;
	END LOOP;
END $$;
CALL credit();
SELECT count(*) > :rounds AS many, count(*) FILTER (WHERE status = 'void') > 0 AS some_void, count(*) FILTER (WHERE paycore.cents(to_balance) > 0) > 0 AS some_to_the_balance FROM paycore.credit_notes;
-- Each by itself: its lines make up its total, in plain numeric; no part is of the other sign, or more than its line; a tax is its share to within a unit.
CREATE VIEW plain_note AS SELECT n.id, n.total::numeric AS total, n.status, c.invoice_line_id, c.tax_inclusive, c.amount::numeric - c.discount::numeric AS net, c.tax::numeric AS tax, c.taxes
	FROM paycore.credit_notes n JOIN paycore.credit_note_lines c ON c.credit_note_id = n.id;
SELECT count(*) AS wrong_notes FROM (SELECT total FROM plain_note GROUP BY id, total HAVING sum(net + CASE WHEN tax_inclusive THEN 0 ELSE tax END) <> total) w;
SELECT count(*) AS wrong_taxes FROM plain_note WHERE tax <> (SELECT coalesce(sum(t.amount::numeric), 0) FROM unnest(taxes) t);
SELECT count(*) AS too_much FROM plain l JOIN (SELECT invoice_line_id, sum(net) AS net, sum(tax) AS tax FROM plain_note WHERE status = 'issued' GROUP BY 1) c ON c.invoice_line_id = l.id
	WHERE abs(c.net) > abs(l.net) OR abs(c.tax) > abs(l.tax) OR c.net * l.net < 0 OR c.tax * l.tax < 0;
SELECT count(*) AS wrong_due FROM paycore.invoices i WHERE i.amount_due::numeric <> i.total::numeric - i.balance_applied::numeric - i.amount_paid::numeric
	- (SELECT coalesce(sum(n.to_due::numeric), 0) FROM paycore.credit_notes n WHERE n.invoice_id = i.id AND n.status = 'issued');
SELECT count(*) AS wrong_balances FROM paycore.account_balances b WHERE b.balance::numeric <>
	(SELECT coalesce(sum(n.to_balance::numeric) FILTER (WHERE n.status = 'issued'), 0) FROM paycore.credit_notes n WHERE n.billing_account_id = b.billing_account_id)
	- (SELECT coalesce(sum(i.balance_applied::numeric), 0) FROM paycore.invoices i WHERE i.billing_account_id = b.billing_account_id);
-- The last one takes the rounding: nothing is left, net and at each rate.
SELECT count(*) > 0 AS rests FROM (SELECT paycore.create_credit_note(i.id) FROM paycore.invoices i
	WHERE paycore.cents(i.total) > paycore.cents(i.total_credited) OFFSET 0) r;
SELECT count(*) AS not_nothing FROM (
	SELECT l.invoice_id FROM plain l LEFT JOIN (SELECT invoice_line_id, sum(net) AS net, sum(tax) AS tax FROM plain_note WHERE status = 'issued' GROUP BY 1) c ON c.invoice_line_id = l.id
	WHERE l.total > 0 GROUP BY l.invoice_id HAVING sum(l.net - coalesce(c.net, 0)) <> 0 OR sum(l.tax - coalesce(c.tax, 0)) <> 0) w;
SELECT count(*) AS not_nothing_at_a_rate FROM (
	SELECT every.invoice_id FROM (
		SELECT l.invoice_id, t.tax_rate_id, t.amount::numeric AS amount FROM plain l, unnest(l.taxes) t WHERE l.total > 0
		UNION ALL SELECT l.invoice_id, t.tax_rate_id, -t.amount::numeric FROM plain l JOIN plain_note c ON c.invoice_line_id = l.id AND c.status = 'issued', unnest(c.taxes) t) every
	GROUP BY every.invoice_id, every.tax_rate_id HAVING sum(every.amount) <> 0) w;
SELECT count(*) AS still_due FROM paycore.invoices WHERE status::text = 'open' OR paycore.cents(amount_due) <> 0;
SELECT severity, rule, object_type, detail FROM paycore.verify();
