--
-- Thresholds that raise an invoice: what was used so far is billed at once, the period's end bills the rest, and both come to what one invoice would have come to.
--
\getenv srcdir PG_ABS_SRCDIR
\set setup :srcdir '/data/api_setup.sql'
\i :setup
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SELECT shows FROM paycore.set_test_clock('2026-01-01 00:00+00');
SELECT id AS api FROM paycore.create_product('api', 'API') \gset
SELECT count(paycore.create_meter(m.code, m.code, m.kind, m.details)) FROM (VALUES ('calls', 'sum', '{}'::jsonb), ('users', 'unique_count', '{"value_key": "user"}'), ('peak', 'max', '{}')) m(code, kind, details);
SELECT code FROM paycore.create_price(:'api', '{"USD": {"tiers": [{"up_to": 1000, "unit_price": "0.013", "flat_fee": "5"}, {"unit_price": "0.0051"}]}}', 'month', 'graduated', 'graduated', '{"meter": "calls", "free_units": 100}');
SELECT code FROM paycore.create_price(:'api', '{"USD": "20.00"}', 'month', code => 'base');
SELECT id AS ada FROM paycore.create_billing_account('Ada', currency => 'USD', gateway => 'cash') \gset
SELECT id AS sub FROM paycore.create_subscription(:'ada', '[{"price": "graduated"}, {"price": "base"}]', '{"minimum": "60.00 USD"}') \gset
CREATE VIEW billed AS SELECT i.number, i.finalized_at::date AS issued, l.kind, date_trunc('second', lower(l.period))::date AS since, upper(l.period)::date AS until, l.quantity, l.amount, i.total FROM paycore.invoices i
	JOIN paycore.invoice_lines l ON l.invoice_id = i.id ORDER BY i.serial, l.place;
CREATE VIEW periods AS SELECT starts_at::date, ends_at::date, quantity, amount, interim, recheck FROM paycore.usage_periods ORDER BY subscription_item_id, starts_at;
SELECT paycore.bill_subscriptions();
SELECT action, recurs FROM paycore.set_usage_threshold('calls', 1000, subscription_id => :'sub', action => 'invoice');
SELECT action, recurs FROM paycore.set_usage_threshold(amount => '25 USD', billing_account_id => :'ada', action => 'invoice');
SELECT shows FROM paycore.set_test_clock('2026-01-11 00:00+00');
SELECT count(paycore.record_usage('calls', :'ada', 999, 'a'));
SELECT paycore.roll_up_usage() > 0 WHERE settled();
SELECT next_bill_at FROM paycore.subscriptions;
SELECT count(paycore.record_usage('calls', :'ada', 501, 'b'));
SELECT paycore.roll_up_usage() > 0 WHERE settled();
SELECT next_bill_at FROM paycore.subscriptions;
SELECT status, invoice_id FROM paycore.list_usage_alerts(:'ada');
SELECT * FROM paycore.verify();
SELECT paycore.bill_subscriptions();
SELECT a.status, i.number FROM paycore.list_usage_alerts(:'ada') a JOIN paycore.invoices i ON i.id = a.invoice_id;
SELECT next_bill_at FROM paycore.subscriptions;
SELECT * FROM billed;
SELECT * FROM periods;
SELECT * FROM paycore.verify();
SELECT period, quantity, amount FROM paycore.usage_of(:'sub');
-- More usage, an event that came late for the interim invoice, and a correction of what it billed.
SELECT shows FROM paycore.set_test_clock('2026-01-21 00:00+00');
SELECT count(paycore.record_usage('calls', :'ada', 700, 'c')), count(paycore.record_usage('calls', :'ada', 50, 'd', '2026-01-05 00:00+00'));
SELECT (paycore.correct_usage(e.id, 500)).quantity FROM paycore.usage_events e WHERE e.event_key = 'b';
SELECT period, quantity, amount FROM paycore.usage_of(:'sub');
SELECT paycore.bill_subscriptions();
SELECT * FROM paycore.verify();
-- The second threshold: once more within the period.
SELECT count(paycore.record_usage('calls', :'ada', 2000, 'e'));
SELECT paycore.roll_up_usage() > 0 WHERE settled();
SELECT paycore.bill_subscriptions();
SELECT * FROM billed;
SELECT * FROM paycore.verify();
-- The end: the rest, and the minimum by all of the period.
SELECT shows FROM paycore.set_test_clock('2026-02-01 00:00+00');
SELECT paycore.bill_subscriptions();
SELECT * FROM billed;
SELECT * FROM periods;
SELECT (SELECT sum(l.amount::numeric) FROM paycore.invoice_lines l WHERE l.kind = 'usage') AS in_parts,
	paycore.price_amount('graduated', 4249, c.currency, NULL, c.tiers, NULL, 100) AS whole
FROM paycore.price_currencies c WHERE c.tiers IS NOT NULL;
SELECT * FROM paycore.verify();
-- Late for a period that is over: as ever.
SELECT count(paycore.record_usage('calls', :'ada', 10, 'f', '2026-01-06 00:00+00'));
SELECT paycore.bill_subscriptions();
SELECT kind, quantity, amount, period FROM paycore.extra_charges;
SELECT * FROM paycore.verify();
-- In the next period anew. What is taken back before it is billed leaves nothing to bill.
SELECT count(paycore.record_usage('calls', :'ada', 1200, 'g', '2026-02-01 00:00+00'));
SELECT paycore.roll_up_usage() > 0 WHERE settled();
SELECT count(paycore.void_usage(e.id)) FROM paycore.usage_events e WHERE e.event_key = 'g';
SELECT paycore.bill_subscriptions();
SELECT status, count(*) FROM paycore.list_usage_alerts(:'ada') GROUP BY 1 ORDER BY 1;
SELECT next_bill_at FROM paycore.subscriptions;
SELECT * FROM paycore.verify();
-- A subscription that ends at once after its interim invoice.
SELECT id AS bob FROM paycore.create_billing_account('Bob', currency => 'USD', gateway => 'cash') \gset
SELECT id AS bobs FROM paycore.create_subscription(:'bob', '[{"price": "graduated"}]') \gset
SELECT paycore.bill_subscriptions();
SELECT shows FROM paycore.set_test_clock('2026-02-03 00:00+00');
SELECT count(paycore.record_usage('calls', :'bob', 1200, 'h'));
SELECT action FROM paycore.set_usage_threshold('calls', 1000, subscription_id => :'bobs', action => 'invoice');
SELECT paycore.bill_subscriptions();
SELECT status FROM paycore.cancel_subscription(:'bobs', false);
SELECT count(*), sum(total::numeric) FROM paycore.list_invoices(:'bob');
SELECT * FROM paycore.verify();
-- An interim invoice that is voided, and billed again.
SELECT id AS cleo FROM paycore.create_billing_account('Cleo', currency => 'USD', gateway => 'cash') \gset
SELECT id AS cleos FROM paycore.create_subscription(:'cleo', '[{"price": "graduated"}]') \gset
SELECT code FROM paycore.create_coupon('tenth', 'A tenth off', percent_off => 10, duration => 'forever');
SELECT count(paycore.apply_coupon(:'cleos', 'tenth'));
SELECT paycore.bill_subscriptions();
SELECT action FROM paycore.set_usage_threshold('calls', 1000, subscription_id => :'cleos', action => 'invoice');
SELECT shows FROM paycore.set_test_clock('2026-02-04 00:00+00');
SELECT id AS event FROM paycore.record_usage('calls', :'cleo', 1200, 'i') \gset
SELECT paycore.roll_up_usage() > 0 WHERE settled();
SELECT paycore.bill_subscriptions();
SELECT status FROM paycore.void_invoice((SELECT i.id FROM paycore.list_invoices(:'cleo') i WHERE paycore.cents(i.total) > 0));
SELECT status, total FROM paycore.rebill_invoice((SELECT i.id FROM paycore.list_invoices(:'cleo') i WHERE i.status::text = 'void'));
SELECT * FROM paycore.verify();
-- What was billed was too much after all: it is given back as it was billed, with its discount, once the period is over.
SELECT quantity FROM paycore.correct_usage(:'event', 600);
SELECT shows FROM paycore.set_test_clock('2026-03-03 00:00+00');
SELECT paycore.bill_subscriptions() > 0;
SELECT count(paycore.record_usage('calls', :'cleo', 1, 'k'));
SELECT paycore.bill_subscriptions();
SELECT shows FROM paycore.set_test_clock('2026-04-03 00:00+00');
SELECT paycore.bill_subscriptions() > 0;
SELECT i.number, i.status, l.kind, l.quantity, l.amount, l.discount, i.total FROM paycore.invoices i JOIN paycore.invoice_lines l ON l.invoice_id = i.id WHERE i.billing_account_id = :'cleo' ORDER BY i.serial, l.place;
SELECT * FROM paycore.verify();
-- By whatever price, and however the usage and the thresholds fall: the parts come to the whole, to the minor unit.
SELECT count(paycore.create_product('p' || n, 'P' || n)) FROM generate_series(1, 6) n;
CREATE TABLE kinds AS SELECT * FROM (VALUES (1, 'per_unit', '{"USD": "0.0137"}'::jsonb, '{}'::jsonb), (2, 'graduated', '{"USD": {"tiers": [{"up_to": 70, "unit_price": "0.31"}, {"up_to": 300, "unit_price": "0.173", "flat_fee": "2.5"}, {"unit_price": "0.0119"}]}}', '{"free_units": 13}'),
	(3, 'package', '{"USD": "1.99"}', '{"package_size": 50}'), (4, 'per_unit', '{"USD": {"unit_price": "0.07", "minimum": "9.99", "maximum": "30"}}', '{}'),
	(5, 'per_unit', '{"USD": "0.333"}', '{"meter": "peak"}'), (6, 'graduated', '{"USD": {"tiers": [{"up_to": 3, "unit_price": "1"}, {"unit_price": "0.5"}]}}', '{"meter": "users"}')) k(n, model, amounts, details);
SELECT count(paycore.create_price(o.id, k.amounts, 'month', k.model, 'k' || k.n, '{"meter": "calls"}' || k.details)) FROM kinds k JOIN paycore.products o ON o.code = 'p' || k.n;
CREATE TABLE subject (n int, account uuid, subscription uuid, watched boolean);
CREATE FUNCTION subjects() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE k record; a uuid; s uuid;
BEGIN
	FOR k IN SELECT kinds.n, w.watched FROM kinds, (VALUES (true), (false)) w(watched) ORDER BY 1, 2 LOOP
		a := (paycore.create_billing_account('S' || k.n, currency => 'USD', gateway => 'cash')).id;
		s := (paycore.create_subscription(a, jsonb_build_array(jsonb_build_object('price', 'k' || k.n)))).id;
		INSERT INTO subject VALUES (k.n, a, s, k.watched);
		IF k.watched THEN
			PERFORM paycore.set_usage_threshold(amount => paycore.money_cents(m, 'USD'), subscription_id => s, action => 'invoice') FROM unnest('{50,199,500,777,1200,2500}'::bigint[]) m;
		END IF;
	END LOOP;
	RETURN (SELECT count(*) FROM subject);
END $$;
-- Pseudo-random, the same for both of a kind: some of it late, some corrected or taken back, some in the last hours of the period.
CREATE FUNCTION use(day int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE r record; e uuid;
BEGIN
	FOR r IN SELECT s.*, x.i, ('x' || substr(md5(concat(s.n, day, x.i)), 1, 6))::bit(24)::int AS dice, coalesce(k.details ->> 'meter', 'calls') AS meter
			FROM subject s JOIN kinds k ON k.n = s.n, generate_series(1, 4) x(i) LOOP
		e := (paycore.record_usage(r.meter, r.account, CASE WHEN r.meter <> 'users' THEN (r.dice % 9000) / 100.0 END, concat_ws('-', r.n, r.watched, day, r.i),
			greatest(paycore.billing_now() - make_interval(hours => CASE WHEN r.dice % 3 = 0 THEN r.dice % 200 ELSE 0 END), (SELECT min(starts_at) FROM paycore.subscriptions x WHERE x.id = r.subscription)),
			properties => jsonb_build_object('user', 'u' || r.dice % 40))).id;
		IF r.dice % 11 = 0 THEN PERFORM paycore.void_usage(e);
		ELSIF r.dice % 7 = 0 AND r.meter <> 'users' THEN PERFORM paycore.correct_usage(e, (r.dice % 5000) / 100.0); END IF;
	END LOOP;
END $$;
SELECT subjects();
SELECT paycore.bill_subscriptions() > 0;
\set QUIET on
\set ECHO none
\o /dev/null
SELECT format('SELECT shows FROM paycore.set_test_clock(%L); SELECT use(%s); SELECT paycore.roll_up_usage(); SELECT paycore.bill_subscriptions();', '2026-04-03 00:00+00'::timestamptz + d * interval '53 hours', d)
FROM generate_series(1, 40) d \gexec
\o
\set ECHO all
\set QUIET off
SELECT shows FROM paycore.set_test_clock('2026-07-03 00:00+00');
SELECT paycore.bill_subscriptions() > 0;
SELECT shows FROM paycore.set_test_clock('2026-08-03 00:00+00');
SELECT paycore.bill_subscriptions() > 0;
CREATE VIEW compared AS SELECT s.n, s.watched, count(DISTINCT l.invoice_id) AS invoices, sum(l.amount::numeric) AS amount FROM subject s JOIN paycore.invoices i ON i.subscription_id = s.subscription
	JOIN paycore.invoice_lines l ON l.invoice_id = i.id GROUP BY 1, 2;
SELECT a.n, a.amount = b.amount AS same, a.amount > 0 AS some, a.invoices > b.invoices AS in_parts, a.amount - b.amount AS difference FROM compared a JOIN compared b ON b.n = a.n AND a.watched AND NOT b.watched ORDER BY 1;
SELECT status, count(*) > 0 FROM paycore.usage_alerts GROUP BY 1 ORDER BY 1;
SELECT * FROM paycore.verify();
