--
-- Reports and credit notes: what is taken back is taken off when it is, not in the months that were reported before.
--
\getenv srcdir PG_ABS_SRCDIR
\set setup :srcdir '/data/api_setup.sql'
\i :setup
SET timezone = 'UTC';
SELECT shows FROM paycore.set_test_clock('2026-01-01 00:00+00');
SELECT id AS pro FROM paycore.create_product('pro', 'Professional') \gset
SELECT id AS book FROM paycore.create_product('book', 'Book') \gset
SELECT code FROM paycore.create_price(:'pro', '{"EUR": "365.00"}', 'year', code => 'pro');
SELECT code FROM paycore.create_price(:'book', '{"EUR": "107.00"}', 'year', code => 'book', details => '{"tax_inclusive": true}');
SELECT code FROM paycore.create_tax_rate('vat', 'VAT', 20);
SELECT code FROM paycore.create_tax_rate('reduced', 'Reduced VAT', 7, '{"inclusive": true}');
SELECT code FROM paycore.set_default_tax_rates(ARRAY['vat']);
SELECT code FROM paycore.set_product_tax_rates(:'book', ARRAY['reduced']);
SELECT id AS ada FROM paycore.create_billing_account('Ada', currency => 'EUR', gateway => 'cash', details => '{"country": "AT"}') \gset
SELECT status FROM paycore.create_subscription(:'ada', '[{"price": "pro"}, {"price": "book"}]');
SELECT amount FROM paycore.add_charge(:'ada', '50.00 EUR', 'Set-up');
SELECT paycore.bill_subscriptions();
SELECT id AS invoice, total FROM paycore.invoices \gset
SELECT place, product_id = :'pro' AS pro, amount, tax, period IS NOT NULL AS lasts FROM paycore.list_invoice_lines(:'invoice') ORDER BY place;

-- A fifth of the plan, of which 90 days and a half are over; a tenth of the book; the set-up, which was earned at once.
SELECT shows FROM paycore.set_test_clock('2026-04-01 12:00+00');
SELECT tax, total FROM paycore.create_credit_note(:'invoice', '[{"place": 1, "amount": "87.60"}, {"place": 2, "amount": "10.70"}, {"place": 3}]');
SELECT month, invoiced, recognised, deferred FROM paycore.deferred_revenue('2026-01-01', '2027-02-01', 'UTC');
SELECT period, country, name, percentage, taxable, tax FROM paycore.tax_summary('2026-01-01', '2026-12-01', 'month', 'UTC');
SELECT period, name, revenue, discount FROM paycore.revenue_by_product('2026-01-01', '2026-12-01', 'month', 'UTC');
-- The rest, and that taken back.
SELECT shows FROM paycore.set_test_clock('2026-06-10 00:00+00');
SELECT id AS note, tax, total FROM paycore.create_credit_note(:'invoice') \gset
SELECT :'tax', :'total';
SELECT month, invoiced, recognised, deferred FROM paycore.deferred_revenue('2026-03-01', '2026-09-01', 'UTC');
SELECT sum(revenue::numeric), sum(discount::numeric) FROM paycore.revenue_by_product('2026-01-01', '2027-01-01', 'year', 'UTC');
SELECT sum(taxable::numeric), sum(tax::numeric) FROM paycore.tax_summary('2026-01-01', '2027-01-01', 'year', 'UTC');
SELECT shows FROM paycore.set_test_clock('2026-08-10 00:00+00');
SELECT status FROM paycore.void_credit_note(:'note');
SELECT month, invoiced, recognised, deferred FROM paycore.deferred_revenue('2026-05-01', '2027-02-01', 'UTC');
SELECT period, name, taxable, tax FROM paycore.tax_summary('2026-05-01', '2027-01-01', 'quarter', 'UTC');
SELECT invoices, invoiced, amount_due FROM paycore.billing_statistics('2026-01-01', '2026-03-01', 'UTC');
SELECT invoices, invoiced, amount_due FROM paycore.billing_statistics('2026-01-01', '2026-12-01', 'UTC');
-- What was issued in June and voided in August.
SELECT invoiced FROM paycore.billing_statistics('2026-06-01', '2026-07-01', 'UTC');
SELECT invoiced FROM paycore.billing_statistics('2026-08-01', '2026-09-01', 'UTC');
SELECT overdue, amount_due FROM paycore.invoice_ageing() WHERE invoices > 0;

-- In odd parts, at odd times: the months add up to the cent, whatever is left; and to what the ledger has.
SELECT count(*) FROM generate_series(1, 40) n, LATERAL paycore.set_test_clock(timestamptz '2026-08-10 00:00+00' + n * interval '53 hours 7 minutes') c,
	LATERAL paycore.create_credit_note(:'invoice', amount => paycore.money_cents(7 + n * n % 61, 'EUR')) k WHERE c.shows IS NOT NULL;
CREATE VIEW line AS SELECT l.place, paycore.cents(l.amount) - paycore.cents(l.discount) - CASE WHEN l.tax_inclusive THEN paycore.cents(l.tax) ELSE 0 END
	- coalesce((SELECT sum(paycore.cents(c.amount) - paycore.cents(c.discount) - CASE WHEN c.tax_inclusive THEN paycore.cents(c.tax) ELSE 0 END)
		FROM paycore.credit_note_lines c JOIN paycore.credit_notes n ON n.id = c.credit_note_id AND n.status = 'issued' WHERE c.invoice_line_id = l.id), 0) AS net
	FROM paycore.invoice_lines l WHERE l.invoice_id = (SELECT id FROM paycore.invoices WHERE serial = 1);
SELECT sum(paycore.cents(r.recognised)) = (SELECT sum(net) FROM line) AS earned, sum(paycore.cents(r.invoiced)) = (SELECT sum(net) FROM line) AS invoiced,
	(array_agg(r.deferred ORDER BY r.month DESC))[1] AS left_over FROM paycore.deferred_revenue('2026-01-01', '2027-01-02', 'UTC') r;
SELECT count(*), count(*) FILTER (WHERE paycore.cents(r.invoiced) <> coalesce(p.sales, 0)) AS differ
FROM paycore.deferred_revenue('2026-01-01', '2027-01-01', 'UTC') r
LEFT JOIN (SELECT date_trunc('month', occurred_at)::date AS month, -sum(paycore.cents(amount)) AS sales FROM paycore.ledger_postings WHERE code = 'sales' GROUP BY 1) p USING (month);
SELECT sum(paycore.cents(t.tax)) = (SELECT -sum(paycore.cents(amount)) FROM paycore.ledger_postings WHERE code = 'tax_payable') AS taxes
FROM paycore.tax_summary('2026-01-01', '2027-01-01', 'year', 'UTC') t;
-- What is paid by hand is of the invoice's products, as what is charged is.
SELECT sum(revenue::numeric) AS before FROM paycore.revenue_by_product('2026-01-01', '2027-01-01', 'year', 'UTC') \gset
SELECT gross FROM paycore.record_invoice_payment(:'invoice', '3.00 EUR', received_at => '2026-09-01 00:00+00');
SELECT sum(revenue::numeric) - :before AS more FROM paycore.revenue_by_product('2026-01-01', '2027-01-01', 'year', 'UTC');
SELECT * FROM paycore.verify();
