--
-- Discounts, taxes and extra charges on invoices.
--
\getenv srcdir PG_ABS_SRCDIR
\set setup :srcdir '/data/billing_setup.sql'
\i :setup
SELECT shows FROM paycore.set_test_clock('2026-01-01 00:00+00');
\set setup :srcdir '/data/taxed_prices.sql'
\i :setup
CREATE FUNCTION account(name text, details jsonb DEFAULT '{}') RETURNS uuid LANGUAGE sql AS $$
	SELECT (paycore.create_billing_account(name, lower(name) || '@example.com', 'USD', gateway => 'cash', details => details)).id $$;
CREATE FUNCTION subscribe(account uuid, ref text, prices text[], details jsonb DEFAULT '{}') RETURNS uuid LANGUAGE sql AS $$
	SELECT (paycore.create_subscription(account, (SELECT jsonb_agg(jsonb_build_object('price', p)) FROM unnest(prices) p), details || jsonb_build_object('external_ref', ref))).id $$;
CREATE VIEW billed AS SELECT s.external_ref AS sub, i.number, i.period_start::date AS from, i.subtotal, i.discount, i.tax, i.tax_included AS included, i.total, i.amount_due AS due, i.tax_exemption
	FROM paycore.invoices i JOIN paycore.subscriptions s ON s.id = i.subscription_id ORDER BY i.serial;
CREATE VIEW lines AS SELECT i.number, l.place, l.kind, l.description, l.amount, l.discount, l.tax, l.tax_inclusive AS incl,
	(SELECT string_agg(t.name || ' ' || t.percentage || '% of ' || t.taxable || ': ' || t.amount, ', ') FROM unnest(l.taxes) t) AS taxes
	FROM paycore.invoice_lines l JOIN paycore.invoices i ON i.id = l.invoice_id ORDER BY i.serial, l.place;
SELECT account('Ada') AS ada \gset
SELECT account('Exa', '{"tax_exempt": "exempt"}') AS exa \gset
SELECT account('Rev', '{"tax_exempt": "reverse"}') AS rev \gset

-- Taxes: on top and within, one rate and two.
SELECT subscribe(:'ada', 'taxed', '{pro,seats,book}') AS taxed \gset
SELECT subscribe(:'exa', 'exempt', '{pro,book}') IS NOT NULL;
SELECT subscribe(:'rev', 'reverse', '{pro,book}') IS NOT NULL;
CALL paycore.run_billing();
SELECT * FROM billed;
SELECT * FROM lines;

-- A rate that changes: what was billed stays, what comes has the new one.
SELECT code FROM paycore.create_tax_rate('vat21', 'VAT', 21);
SELECT code FROM paycore.set_default_tax_rates(ARRAY['vat21']);
SELECT clock('2026-02-01');
CALL paycore.run_billing();
SELECT number, place, taxes FROM lines WHERE description = 'Professional' AND amount::text = '9.99 USD';

-- Rounded by line, or the invoice's taxes together.
SELECT id AS third FROM paycore.create_product('third', 'Third') \gset
SELECT code FROM paycore.create_price(:'third', '{"USD": "0.13"}', 'month', code => 'third');
SELECT code FROM paycore.create_price(:'third', '{"USD": "0.13"}', 'month', code => 'third2');
SELECT code FROM paycore.create_price(:'third', '{"USD": "0.13"}', 'month', code => 'third3');
SELECT account('Bob') AS bob \gset
SELECT subscribe(:'bob', 'by line', '{third,third2,third3}') IS NOT NULL;
CALL paycore.run_billing();
SELECT tax_rounding FROM paycore.set_seller('{"name": "Shop", "tax_rounding": "invoice"}');
SELECT subscribe(:'bob', 'by invoice', '{third,third2,third3}') IS NOT NULL;
CALL paycore.run_billing();
SELECT * FROM billed WHERE sub LIKE 'by %';
SELECT i.tax_rounding, l.tax FROM paycore.invoice_lines l JOIN paycore.invoices i ON i.id = l.invoice_id WHERE l.product_id = :'third' ORDER BY i.serial, l.place;
SELECT tax_rounding FROM paycore.set_seller('{"tax_rounding": "line"}');

-- Discounts: one coupon after the other, in the order in which they were given.
SELECT code FROM paycore.create_coupon('tenth', 'A tenth off', percent_off => 10, duration => 'forever');
SELECT code FROM paycore.create_coupon('five', 'Five off', amount_off => '5.00 USD', duration => 'repeating', details => '{"duration_periods": 2}');
SELECT code FROM paycore.create_coupon('seats', 'Seats for nothing', percent_off => 100, details => '{"products": ["seats"]}');
SELECT code FROM paycore.create_coupon('once', 'Two off once', amount_off => '2.00 USD');
SELECT account('Cleo') AS cleo \gset
SELECT subscribe(:'cleo', 'reduced', '{pro,seats,book}') AS reduced \gset
SELECT periods_left FROM paycore.apply_coupon(:'reduced', 'tenth');
SELECT periods_left FROM paycore.apply_coupon(:'reduced', 'five');
SELECT periods_left FROM paycore.apply_coupon(:'reduced', 'seats');
CALL paycore.run_billing();
SELECT * FROM billed WHERE sub = 'reduced';
SELECT * FROM lines WHERE number = (SELECT number FROM billed WHERE sub = 'reduced');
SELECT i.number, l.place, c.code, d.amount FROM paycore.invoices i, paycore.list_invoice_line_discounts(i.id) d
	JOIN paycore.invoice_lines l ON l.id = d.invoice_line_id JOIN paycore.coupons c ON c.id = d.coupon_id ORDER BY i.serial, l.place, c.code;
SELECT clock('2026-05-01');
CALL paycore.run_billing();
SELECT * FROM billed WHERE sub = 'reduced';
SELECT c.code, d.periods_left, d.ends_at FROM paycore.list_discounts(:'cleo') d JOIN paycore.coupons c ON c.id = d.coupon_id ORDER BY c.code;
-- An account's discount for one bill: of two subscriptions of one run, the first has it.
SELECT account('Dora') AS dora \gset
SELECT subscribe(:'dora', 'dora 1', '{pro}'), subscribe(:'dora', 'dora 2', '{pro}') \gset dora_
SELECT periods_left FROM paycore.apply_account_coupon(:'dora', 'once');
CALL paycore.run_billing();
SELECT sub, discount, total FROM billed WHERE sub LIKE 'dora%';

-- Extra charges: on the next invoice, or on one of their own at once.
SELECT kind, description, amount FROM paycore.add_charge(:'ada', '100.00 USD', 'Set-up', '{"product": "pro", "quantity": 2, "unit_price": 50}');
SELECT amount FROM paycore.add_charge(:'ada', '-7.00 USD', 'Good will', jsonb_build_object('subscription_id', :'taxed'));
SELECT id AS mistake FROM paycore.add_charge(:'ada', '1.00 USD', 'Mistake') \gset
SELECT removed_at FROM paycore.remove_charge(:'mistake');
SELECT invoice_id IS NOT NULL AS billed FROM paycore.add_charge(:'ada', '3.00 USD', 'Express', jsonb_build_object('subscription_id', :'taxed', 'now', true));
SELECT * FROM billed WHERE sub = 'taxed' AND "from" >= '2026-05-01';
SELECT * FROM lines WHERE kind = 'extra';
SELECT next_bill_at, status FROM paycore.subscriptions WHERE id = :'taxed';
SELECT amount FROM paycore.add_charge(:'ada', '4.00 USD', 'Last', jsonb_build_object('subscription_id', :'taxed'));
SELECT status, next_bill_at FROM paycore.cancel_subscription(:'taxed', false, 'over');
SELECT * FROM lines WHERE description = 'Last';
SELECT description, amount, invoice_id IS NOT NULL AS billed, removed_at IS NOT NULL AS removed FROM paycore.list_charges(:'ada') ORDER BY 1;
-- Nothing to bill: no invoice.
SELECT count(*) AS before FROM paycore.invoices \gset
SELECT status FROM paycore.cancel_subscription(:'reduced', false);
SELECT count(*) - :before AS made FROM paycore.invoices;
-- The minimum is in the terms of the prices, and coupons for all take off it as well.
SELECT subscribe(:'cleo', 'least', '{book}', '{"minimum": "50.00 USD"}') AS least \gset
SELECT periods_left FROM paycore.apply_coupon(:'least', 'tenth');
CALL paycore.run_billing();
SELECT * FROM lines WHERE number = (SELECT number FROM billed WHERE sub = 'least');

-- What is refused.
\set VERBOSITY sqlstate
SELECT paycore.add_charge(:'ada', '0 USD', 'Nothing');
SELECT paycore.add_charge(:'ada', '1.00 EUR', 'Foreign');
SELECT paycore.add_charge(:'ada', '1.00 USD', '');
SELECT paycore.add_charge(:'ada', '1.00 USD', 'X', '{"product": "none"}');
SELECT paycore.add_charge(:'ada', '1.00 USD', 'X', '{"now": true}');
SELECT paycore.add_charge(:'ada', '1.00 USD', 'X', '{"colour": "red"}');
SELECT paycore.add_charge(:'ada', '1.00 USD', 'X', jsonb_build_object('subscription_id', :'taxed'));
SELECT paycore.add_charge(:'bob', '1.00 USD', 'X', jsonb_build_object('subscription_id', :'taxed'));
SELECT paycore.add_charge(:'ada', '1.00 USD', '4242 4242 4242 4242');
SELECT paycore.remove_charge(:'mistake');
SELECT paycore.remove_charge((SELECT id FROM paycore.extra_charges WHERE description = 'Last'));
SELECT paycore.remove_charge(paycore.uuid_v7());
UPDATE paycore.extra_charges SET amount = '9.00 USD';
UPDATE paycore.extra_charges SET invoice_id = NULL;
DELETE FROM paycore.extra_charges;
UPDATE paycore.invoice_line_discounts SET amount = '9.00 USD';
UPDATE paycore.invoice_lines SET taxes = '{}';
UPDATE paycore.invoices SET amount_due = '0 USD', amount_paid = total WHERE status::text = 'open' AND serial = 1;
SELECT paycore.set_seller('{"tax_rounding": "sometimes"}');
-- Once per key.
\set VERBOSITY default
SELECT id AS one FROM paycore.add_charge(:'bob', '1.00 USD', 'X', idempotency_key => 'k') \gset
SELECT id = :'one' FROM paycore.add_charge(:'bob', '1.00 USD', 'X', idempotency_key => 'k');
SELECT severity, rule, object_type FROM paycore.verify();

-- The arithmetic by itself.
SELECT * FROM paycore.discount_lines('{10.00 USD,5.00 USD,-3.00 USD}', ARRAY[:'pro', NULL, :'pro']::uuid[],
	ARRAY[ROW(10, NULL, NULL), ROW(NULL, '1.00 EUR', NULL), ROW(NULL, '100.00 USD', ARRAY[:'pro']::uuid[]), ROW(50, NULL, '{}')]::paycore.discount_term[]);
SELECT * FROM paycore.discount_lines('{0.01 USD,0.01 USD,0.01 USD}', ARRAY[NULL, NULL, NULL]::uuid[], ARRAY[ROW(50, NULL, NULL)]::paycore.discount_term[]);
SELECT paycore.line_taxes('0.13 USD', '0.26 USD', ARRAY[ROW(NULL, 'VAT', 19, NULL, NULL)]::paycore.tax_amount[], false);
SELECT paycore.line_taxes('1.00 USD', '0 USD', '{}', false);
SELECT paycore.tax_total('{}', 'USD');
\set VERBOSITY sqlstate
SELECT * FROM paycore.discount_lines('{10.00 USD,5.00 EUR}', ARRAY[NULL, NULL]::uuid[], '{}');
SELECT * FROM paycore.discount_lines('{10.00 USD}', '{}', '{}');
SELECT * FROM paycore.discount_lines('{NULL}', ARRAY[NULL]::uuid[], '{}');
SELECT paycore.line_taxes('1.00 USD', '0 EUR', ARRAY[ROW(NULL, 'VAT', 19, NULL, NULL)]::paycore.tax_amount[], false);
SELECT paycore.line_taxes('1.00 USD', '0 USD', ARRAY[NULL]::paycore.tax_amount[], false);
