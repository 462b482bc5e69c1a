--
-- What a review found in changes that clash, voided invoices that are billed again, and taxes of credits.
--
\getenv srcdir PG_ABS_SRCDIR
\set setup :srcdir '/data/billing_setup.sql'
\i :setup
SET datestyle = 'ISO';
SELECT shows FROM paycore.set_test_clock('2030-06-01 00:00+00');
SELECT id AS pro FROM paycore.create_product('pro', 'Pro') \gset
SELECT id AS team FROM paycore.create_product('team', 'Team') \gset
SELECT code FROM paycore.create_price(:'pro', '{"EUR": "30.00"}', 'month', code => 'pro-m');
SELECT code FROM paycore.create_price(:'pro', '{"EUR": "300.00"}', 'year', code => 'pro-y');
SELECT code FROM paycore.create_price(:'team', '{"EUR": "60.00"}', 'month', code => 'team-m');
SELECT id AS acc FROM paycore.create_billing_account('Ada', 'ada@example.com', 'EUR', gateway => 'cash') \gset
CREATE FUNCTION subscribe(ref text, items jsonb) RETURNS text LANGUAGE sql AS
	$$ SELECT external_ref FROM paycore.create_subscription((SELECT id FROM paycore.billing_accounts), items, jsonb_build_object('external_ref', ref)) $$;
CREATE FUNCTION invoice_of(ref text, nth bigint) RETURNS uuid STABLE LANGUAGE sql AS
	$$ SELECT i.id FROM (SELECT id, row_number() OVER (ORDER BY serial) AS n FROM paycore.invoices WHERE subscription_id = sub(ref)) i WHERE i.n = nth $$;
CREATE VIEW subs AS SELECT external_ref AS sub, status::text, billed_until::date AS billed, next_bill_at::date AS next, ended_at::date AS ended, parked_reason
	FROM paycore.subscriptions;

-- A scheduled change that another left nothing to apply to is taken back, with the reason; the subscription goes on, and ends.
SELECT subscribe('gone', '[{"price": "pro-m"}, {"price": "team-m"}]'), subscribe('two', '[{"price": "pro-m"}]'), subscribe('none', '[{"price": "pro-m"}, {"price": "team-m"}]');
CALL paycore.run_billing();
SELECT effective_at FROM paycore.change_subscription(sub('gone'), '[{"item": "team-m", "remove": true}]', 'renewal');
SELECT credited FROM paycore.change_subscription(sub('gone'), '[{"item": "team-m", "remove": true}]');
-- Of two that clash the first is done; that of another interval has no place beside it.
SELECT effective_at FROM paycore.change_subscription(sub('two'), '[{"item": "pro-m", "price": "pro-y"}]', '2030-07-10');
SELECT effective_at FROM paycore.change_subscription(sub('two'), '[{"item": "pro-m", "price": "team-m"}]', '2030-07-10');
SELECT effective_at FROM paycore.change_subscription(sub('two'), '[{"price": "team-m"}]', '2030-07-11');
-- Nothing would be left.
SELECT effective_at FROM paycore.change_subscription(sub('none'), '[{"item": "team-m", "remove": true}]', 'renewal');
SELECT credited FROM paycore.change_subscription(sub('none'), '[{"item": "pro-m", "remove": true}]');
SELECT shows FROM paycore.set_test_clock('2030-07-20 00:00+00');
CALL paycore.run_billing();
SELECT s.external_ref AS sub, c.effective_at::date, c.done_at::date, c.canceled_at::date, regexp_replace(c.canceled_reason, '[-0-9a-f]{36}', 'S') AS why
	FROM paycore.subscription_changes c JOIN paycore.subscriptions s ON s.id = c.subscription_id ORDER BY c.id;
SELECT * FROM subs ORDER BY sub;
SELECT cancel_at FROM paycore.cancel_subscription(sub('gone'));
SELECT shows FROM paycore.set_test_clock('2030-08-02 00:00+00');
CALL paycore.run_billing();
SELECT * FROM subs WHERE sub = 'gone';

-- A change whose price is not sold any more parks, but not where the subscription is to end.
SELECT subscribe('unsold', '[{"price": "pro-m"}]'), subscribe('unsold ends', '[{"price": "pro-m"}]');
CALL paycore.run_billing();
SELECT effective_at FROM unnest(ARRAY['unsold', 'unsold ends']) r, paycore.change_subscription(sub(r), '[{"item": "pro-m", "price": "team-m"}]', '2030-08-05');
SELECT active FROM paycore.update_price((SELECT id FROM paycore.prices WHERE code = 'team-m'), '{"active": false}');
SELECT cancel_at FROM paycore.cancel_subscription(sub('unsold ends'));
SELECT shows FROM paycore.set_test_clock('2030-08-10 00:00+00');
CALL paycore.run_billing();
SELECT * FROM subs WHERE sub ~ 'unsold' ORDER BY sub;
SELECT cancel_at FROM paycore.cancel_subscription(sub('unsold'));
SELECT shows FROM paycore.set_test_clock('2030-10-01 00:00+00');
CALL paycore.run_billing();
SELECT * FROM subs WHERE sub ~ 'unsold' ORDER BY sub;
SELECT canceled_at::date, canceled_reason FROM paycore.subscription_changes WHERE subscription_id IN (sub('unsold'), sub('unsold ends'));
SELECT active FROM paycore.update_price((SELECT id FROM paycore.prices WHERE code = 'team-m'), '{"active": true}');

-- What is given back of a voided line is given back of the line that bills it again, at the taxes of now.
SELECT code FROM paycore.create_tax_rate('v20', 'VAT', 20);
SELECT code FROM paycore.create_tax_rate('v0', 'VAT', 0);
SELECT code FROM paycore.set_default_tax_rates('{v20}');
SELECT subscribe('rebill', '[{"price": "team-m"}]');
CALL paycore.run_billing();
SELECT credited, charged FROM paycore.change_subscription(sub('rebill'), '[{"item": "team-m", "price": "pro-m"}]');
SELECT status FROM paycore.void_invoice(invoice_of('rebill', 1));
SELECT code FROM paycore.set_default_tax_rates('{v0}');
SELECT subtotal, tax, total FROM paycore.rebill_invoice(invoice_of('rebill', 1));
-- And once more, at the old one.
SELECT status FROM paycore.void_invoice(invoice_of('rebill', 2));
SELECT code FROM paycore.set_default_tax_rates('{v20}');
SELECT subtotal, tax, total FROM paycore.rebill_invoice(invoice_of('rebill', 2));
SELECT l.amount, l.tax, e.credits_line_id IS NOT NULL AS credit, c.invoice_id = l.invoice_id AS of_this FROM paycore.invoice_lines l
	JOIN paycore.extra_charges e ON e.id = l.extra_charge_id LEFT JOIN paycore.invoice_lines c ON c.id = e.credits_line_id
	WHERE l.invoice_id = invoice_of('rebill', 3) ORDER BY l.place;

-- Whether taxes are within is asked of the price and of the rates of now.
SELECT code FROM paycore.create_tax_rate('inc', 'VAT', 20, '{"inclusive": true}');
SELECT code FROM paycore.set_default_tax_rates('{inc}');
SELECT subscribe('within', '[{"price": "pro-m"}]');
CALL paycore.run_billing();
SELECT total, tax, tax_included FROM paycore.invoices WHERE id = invoice_of('within', 1);
SELECT code FROM paycore.set_default_tax_rates('{v20}');
SELECT status FROM paycore.void_invoice(invoice_of('within', 1));
SELECT total, tax, tax_included FROM paycore.rebill_invoice(invoice_of('within', 1));
SELECT code FROM paycore.set_default_tax_rates('{}');

-- Taxes that are rounded by invoice: credits give back the taxes of their lines, and no more.
SELECT name FROM paycore.set_seller('{"name": "X", "tax_rounding": "invoice"}');
SELECT code FROM paycore.create_tax_rate('v19', 'VAT', 19);
SELECT code FROM paycore.set_default_tax_rates('{v19}');
SELECT count(*) FROM generate_series(1, 10) g, paycore.create_price((SELECT id FROM paycore.products WHERE code = 'pro'), '{"EUR": "0.03"}', 'month', code => 'c' || g);
SELECT subscribe('cents', '[{"price": "pro-m"}]' || (SELECT jsonb_agg(jsonb_build_object('price', 'c' || g)) FROM generate_series(1, 10) g));
CALL paycore.run_billing();
SELECT subtotal, tax FROM paycore.invoices WHERE id = invoice_of('cents', 1);
SELECT sum(paycore.cents(tax)) FROM paycore.invoice_lines WHERE invoice_id = invoice_of('cents', 1) AND paycore.cents(amount) = 3;
SELECT credited FROM paycore.change_subscription(sub('cents'), (SELECT jsonb_agg(jsonb_build_object('item', 'c' || g, 'remove', true)) FROM generate_series(1, 10) g), proration => 'invoice');
SELECT subtotal, tax FROM paycore.invoices WHERE id = invoice_of('cents', 2);
SELECT code FROM paycore.set_default_tax_rates('{}');

-- An upgrade whose invoice is void, then a downgrade: what was paid for the item before is given back; and the upgrade is not billed again.
SELECT name FROM paycore.set_seller('{"name": "X", "tax_rounding": "line"}');
SELECT shows FROM paycore.set_test_clock('2030-11-01 00:00+00');
SELECT subscribe('void', '[{"price": "team-m"}]'), subscribe('void later', '[{"price": "team-m"}]'), subscribe('void first', '[{"price": "team-m"}]');
CALL paycore.run_billing();
SELECT status FROM paycore.void_invoice(invoice_of('void first', 1));
SELECT shows FROM paycore.set_test_clock('2030-11-16 00:00+00');
SELECT credited, charged FROM unnest(ARRAY['void', 'void later', 'void first']) r, paycore.change_subscription(sub(r), '[{"item": "team-m", "quantity": 2}]', proration => 'invoice');
SELECT status FROM unnest(ARRAY['void', 'void later']) r, paycore.void_invoice(invoice_of(r, 2));
SELECT credited, charged FROM paycore.change_subscription(sub('void'), '[{"item": "team-m", "quantity": 1}]', proration => 'invoice');
SELECT paycore.rebill_invoice(invoice_of('void', 2));
SELECT subtotal FROM paycore.rebill_invoice(invoice_of('void first', 1));
SELECT shows FROM paycore.set_test_clock('2030-11-21 00:00+00');
SELECT credited, charged FROM paycore.change_subscription(sub('void later'), '[{"item": "team-m", "quantity": 1}]', proration => 'invoice');
SELECT subtotal FROM paycore.rebill_invoice(invoice_of('void later', 2));
-- One team all the month is 60; two of them for five days, or for fifteen, are 10 and 30 more.
SELECT s.external_ref, sum(paycore.cents(i.total)) FROM paycore.invoices i JOIN paycore.subscriptions s ON s.id = i.subscription_id
	WHERE s.external_ref ~ 'void' AND i.status::text <> 'void' GROUP BY 1 ORDER BY 1;
SELECT * FROM paycore.verify();
