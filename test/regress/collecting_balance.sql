--
-- The account's balance and its invoices: applied as they are billed, in their order; what is too small to be charged is carried forward.
--
\getenv srcdir PG_ABS_SRCDIR
\set setup :srcdir '/data/api_setup.sql'
\i :setup
SET timezone = 'UTC';
-- The arithmetic: paid by the balance; owed from before; less than nothing; too small, once and again; a mixture.
CREATE FUNCTION goes(balance text, totals text, minimum text) RETURNS text LANGUAGE sql AS $$
	SELECT paycore.apply_balance(balance::paycore.money_cents, totals::paycore.money_cents[],
		array_fill(minimum::paycore.money_cents, ARRAY[cardinality(totals::paycore.money_cents[])]))::text $$;
SELECT goes('0 USD', '{10.00 USD}', '0.50 USD'), goes('4.00 USD', '{10.00 USD,10.00 USD}', '0.50 USD'), goes('40.00 USD', '{10.00 USD,10.00 USD}', '0.50 USD');
SELECT goes('-4.00 USD', '{10.00 USD,10.00 USD}', '0.50 USD'), goes('-4.00 USD', '{0 USD,10.00 USD}', '0.50 USD');
SELECT goes('0 USD', '{-3.00 USD,10.00 USD}', '0.50 USD'), goes('-2.00 USD', '{-3.00 USD,10.00 USD}', '0.50 USD');
SELECT goes('0 USD', '{0.49 USD,0.50 USD}', '0.50 USD'), goes('0 USD', '{0.20 USD,0.20 USD,0.20 USD}', '0.50 USD'), goes('9.80 USD', '{10.00 USD,1.00 USD}', '0.50 USD');
SELECT goes('0 JPY', '{49 JPY,100 JPY}', '50 JPY'), goes('0 USD', '{}', '0.50 USD'), goes('0 USD', '{0.50 USD}', '0.50 USD') AS least;
\set VERBOSITY default
SELECT goes('0 USD', '{1 USD,1 EUR}', '0.50 USD');
SELECT goes('0 USD', '{1 USD,NULL}', '0.50 USD');
SELECT paycore.apply_balance('0 USD', '{1 USD}', '{}');
\set VERBOSITY sqlstate
SELECT paycore.least_charge('USD'), paycore.least_charge('JPY'), paycore.least_charge('KWD');
-- Nothing below the minimum is charged, and what was put onto the balance or taken from it is what was not charged: an independent loop agrees.
CREATE FUNCTION charged(balance bigint, totals bigint[]) RETURNS bigint[] LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE result bigint[] := '{}'; t bigint; due bigint;
BEGIN
	FOREACH t IN ARRAY totals LOOP
		IF t <= 0 THEN due := 0; ELSE due := t - balance; END IF;
		IF due < 50 THEN due := 0; END IF;
		balance := balance + due - t;
		result := result || due;
	END LOOP;
	RETURN result;
END $$;
SELECT count(*) FILTER (W charged(r.before, r.totals) <> ARRAY(SELECT r.totals[n] - paycore.cents(x) FROM unnest(a.goes) WITH ORDINALITY g (x, n) ORDER BY n)), count(*)
FROM (SELECT b AS before, ARRAY(SELECT hashint8(b * 31 + n * 7 + s) % 300::bigint FROM generate_series(1, 5) n) AS totals
	FROM generate_series(-200, 200, 7) b, generate_series(1, 20) s) r
CROSS JOIN LATERAL (SELECT paycore.apply_balance(paycore.money_cents(r.before::bigint, 'USD'),
	ARRAY(SELECT paycore.money_cents(x, 'USD') FROM unnest(r.totals) x), array_fill('0.50 USD'::paycore.money_cents, ARRAY[5])) AS goes) a;

-- In a billing run.
SELECT id AS pro FROM paycore.create_product('pro', 'Professional') \gset
SELECT code FROM paycore.create_price(:'pro', '{"USD": "31.00", "EUR": "30.00"}', 'month', code => 'pro-monthly');
SELECT code FROM paycore.create_price(:'pro', '{"USD": "0.30", "EUR": "0.30"}', 'month', code => 'tiny');
SELECT shows FROM paycore.set_test_clock('2026-01-31 10:00+00');
CREATE VIEW billed AS SELECT a.name, i.number, i.status::text, i.total, i.balance_applied AS applied, i.amount_due AS due, i.paid_at::date,
	(SELECT string_agg(concat_ws(' ', p.kind, p.amount, t.amount, t.reason), ', ') FROM paycore.invoice_payments p JOIN paycore.account_transactions t ON t.id = p.account_transaction_id WHERE p.invoice_id = i.id) AS moved
	FROM paycore.invoices i JOIN paycore.billing_accounts a ON a.id = i.billing_account_id ORDER BY i.serial;
CREATE VIEW balances AS SELECT a.name, b.balance FROM paycore.account_balances b JOIN paycore.billing_accounts a ON a.id = b.billing_account_id ORDER BY 1, 2;
SELECT id AS rich FROM paycore.create_billing_account('rich', currency => 'USD') \gset
SELECT id AS tiny FROM paycore.create_billing_account('tiny', currency => 'USD') \gset
SELECT id AS cash FROM paycore.create_billing_account('cash', currency => 'USD', gateway => 'cash') \gset
SELECT id AS euro FROM paycore.create_billing_account('euro', currency => 'EUR') \gset
SELECT id AS owing FROM paycore.create_billing_account('owing', currency => 'USD') \gset
SELECT id AS plain FROM paycore.create_billing_account('plain', currency => 'USD') \gset
SELECT balance_after FROM paycore.credit_account(:'rich', '100.00 USD', 'gift');
SELECT balance_after FROM paycore.credit_account(:'euro', '100.00 USD', 'gift');
SELECT balance_after FROM paycore.debit_account(:'owing', '4.00 USD', 'a broken cup', overdraw => true);
SELECT count(*) FROM (VALUES (:'rich'::uuid, 'pro-monthly', 1), (:'rich', 'pro-monthly', 2), (:'rich', 'pro-monthly', 3), (:'tiny', 'tiny', 1), (:'cash', 'tiny', 1), (:'euro', 'pro-monthly', 1),
	(:'owing', 'pro-monthly', 1), (:'plain', 'pro-monthly', 1)) v (account, price, n)
	CROSS JOIN LATERAL paycore.create_subscription(v.account, jsonb_build_array(jsonb_build_object('price', v.price)), jsonb_build_object('description', v.n::text)) s;
SELECT id AS less FROM paycore.create_billing_account('less', currency => 'USD') \gset
SELECT id AS sub FROM paycore.create_subscription(:'less', '[{"price": "pro-monthly"}]') \gset
SELECT amount FROM paycore.add_charge(:'less', '-40.00 USD', 'For the trouble');
CALL paycore.run_billing();
SELECT * FROM billed;
SELECT * FROM balances;
-- The next month: what was carried is asked for, or carried on.
SELECT shows FROM paycore.set_test_clock('2026-02-28 10:00+00');
CALL paycore.run_billing(batch_size => 2);
SELECT * FROM billed WHERE number > 'INV-000009';
SELECT * FROM balances;
SELECT from_status, to_status FROM paycore.status_history((SELECT id FROM paycore.invoices WHERE status::text = 'paid' AND total::text = '0.30 USD' ORDER BY serial LIMIT 1));
SELECT severity, rule, object_type, detail FROM paycore.verify();
