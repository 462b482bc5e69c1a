--
-- Invoices that are written by hand: drafts, what they come to, and what becomes of them.
--
\getenv srcdir PG_ABS_SRCDIR
\set setup :srcdir '/data/api_setup.sql'
\i :setup
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SELECT shows FROM paycore.set_test_clock('2026-01-31 10:00+00');
SELECT name FROM paycore.set_seller('{"name": "Example Ltd", "country": "DE"}');
SELECT paycore.create_gateway_account('shop', 'mock') IS NOT NULL AS made;
SELECT id AS pro FROM paycore.create_product('pro', 'Professional') \gset
SELECT id AS book FROM paycore.create_product('book', 'Book') \gset
SELECT code FROM paycore.create_price(:'pro', '{"USD": "9.99", "EUR": "8.88"}', 'month', code => 'pro');
SELECT code FROM paycore.create_price(:'book', '{"USD": "10.70"}', code => 'book', details => '{"tax_inclusive": true}');
SELECT code FROM paycore.create_price(:'book', '{"EUR": "9.00"}', code => 'buch');
SELECT code FROM paycore.create_tax_rate('vat', 'VAT', 19);
SELECT code FROM paycore.create_tax_rate('reduced', 'Reduced VAT', 7, '{"inclusive": true}');
SELECT code FROM paycore.create_tax_rate('city', 'City tax', 2.5);
SELECT code FROM paycore.create_tax_rate('old', 'Old tax', 16);
SELECT active FROM paycore.update_tax_rate((SELECT id FROM paycore.tax_rates WHERE code = 'old'), '{"active": false}');
SELECT code FROM paycore.set_default_tax_rates(ARRAY['vat']);
SELECT code FROM paycore.set_product_tax_rates(:'book', ARRAY['reduced']);
SELECT code FROM paycore.create_coupon('tenth', 'A tenth off', percent_off => 10, duration => 'forever');
SELECT code FROM paycore.create_coupon('fiver', 'Five off', amount_off => '5.00 USD');
SELECT id AS ada FROM paycore.create_billing_account('Ada', 'ada@example.com', 'USD', gateway => 'shop', details => '{"city": "London"}') \gset
CREATE VIEW seen AS SELECT i.status, i.number, i.reason, i.subtotal, i.discount, i.tax, i.tax_included AS included, i.total, i.balance_applied AS balance, i.amount_due AS due, i.line_count AS lines
	FROM paycore.invoices i ORDER BY i.id;
CREATE VIEW lines AS SELECT i.number, l.place, l.kind, l.description, l.quantity AS qty, l.unit_price AS price, l.amount, l.discount, l.tax, l.tax_inclusive AS incl,
	(SELECT string_agg(t.name || ' ' || t.percentage || '% of ' || t.taxable || ': ' || t.amount, ', ') FROM unnest(l.taxes) t) AS taxes, l.metadata, l.subscription_id AS sub
	FROM paycore.invoice_lines l JOIN paycore.invoices i ON i.id = l.invoice_id ORDER BY i.serial, l.place;

-- A draft: no number, and what it comes to at every change.
SELECT id AS draft FROM paycore.create_invoice(:'ada', '[{"price": "pro", "quantity": 3}]', '{"description": "Extras", "metadata": {"po": "77"}}', idempotency_key => 'one') \gset
SELECT status, number, reason, total, id = :'draft' AS same FROM paycore.create_invoice(:'ada', '[{"price": "pro", "quantity": 3}]', '{"description": "Extras", "metadata": {"po": "77"}}', idempotency_key => 'one');
SELECT id AS setup, amount, quantity, tax_inclusive FROM paycore.add_invoice_line(:'draft', '{"description": "Set-up", "amount": "100.00", "metadata": {"a": "1"}}', idempotency_key => 'two') \gset
SELECT id = :'setup' AS same FROM paycore.add_invoice_line(:'draft', '{"description": "Set-up", "amount": "100.00", "metadata": {"a": "1"}}', idempotency_key => 'two');
SELECT id AS hours, amount, unit_price FROM paycore.add_invoice_line(:'draft', '{"description": "Hours", "unit_price": "33.335", "quantity": 3, "period_start": "2026-01-01", "period_end": "2026-02-01", "tax_rates": ["vat", "city"]}') \gset
SELECT amount, tax_inclusive, price_id IS NOT NULL AS priced FROM paycore.add_invoice_line(:'draft', '{"price": "book", "quantity": 2}');
SELECT amount FROM paycore.add_invoice_line(:'draft', '{"description": "Good will", "amount": -10, "tax_rates": []}');
SELECT * FROM seen;
SELECT description, status, metadata FROM paycore.update_invoice(:'draft', '{"description": "All of January", "collection": "send_invoice", "days_until_due": 14, "period_start": "2026-01-01", "period_end": "2026-02-01", "metadata": {"case": "9"}}');
SELECT quantity, amount, description FROM paycore.update_invoice_line((SELECT id FROM paycore.list_charges(:'ada') WHERE price_id IS NOT NULL AND tax_inclusive), '{"quantity": 1, "description": "A book"}');
SELECT unit_price, amount, period, cardinality(tax_rate_ids) AS taxes FROM paycore.update_invoice_line(:'hours', '{"unit_price": "40", "tax_rates": null}');
SELECT unit_price, amount, cardinality(tax_rate_ids) AS taxes FROM paycore.update_invoice_line(:'hours', '{"tax_rates": ["city"]}');
SELECT unit_price, amount, metadata FROM paycore.update_invoice_line(:'setup', '{"amount": "90.00", "metadata": {"b": "2"}}');
SELECT coupon_id IS NOT NULL AS given, periods_left FROM paycore.apply_invoice_coupon(:'draft', 'tenth');
SELECT * FROM seen;
SELECT status, number, total, balance_applied, amount_due, due_at, customer ->> 'name' AS customer FROM paycore.preview_invoice(:'draft');
SELECT place, description, amount, discount, tax, tax_inclusive FROM paycore.preview_invoice_lines(:'draft');
SELECT status, number, total FROM paycore.invoices;
SELECT id AS gone FROM paycore.add_invoice_line(:'draft', '{"description": "By mistake", "amount": "1.00"}') \gset
SELECT removed_at IS NOT NULL AS removed FROM paycore.remove_invoice_line(:'gone');

-- Final: numbered, dated, never changed again, and open.
SELECT amount FROM paycore.credit_account(:'ada', '7.00 USD', 'gift');
SELECT status, number, total, balance_applied, amount_due, due_at, finalized_at, tax_exemption, customer ->> 'city' AS city, seller ->> 'name' AS seller FROM paycore.finalize_invoice(:'draft');
SELECT * FROM seen;
SELECT * FROM lines;
SELECT from_status, to_status FROM paycore.status_history(:'draft');
SELECT periods_left, ends_at FROM paycore.discounts WHERE invoice_id = :'draft';
SELECT count(*) FROM paycore.extra_charges WHERE invoice_id = :'draft';
\set VERBOSITY sqlstate
SELECT paycore.finalize_invoice(:'draft');
SELECT paycore.add_invoice_line(:'draft', '{"description": "Late", "amount": "1.00"}');
SELECT paycore.update_invoice_line(:'setup', '{"amount": "1.00"}');
SELECT paycore.remove_invoice_line(:'setup');
SELECT paycore.remove_charge(:'setup');
SELECT paycore.apply_invoice_coupon(:'draft', 'fiver');
SELECT paycore.discard_invoice(:'draft');
SELECT paycore.preview_invoice(:'draft');
SELECT paycore.update_invoice(:'draft', '{"description": "Other"}');
SELECT metadata FROM paycore.update_invoice(:'draft', '{"metadata": {"case": null, "seen": "yes"}}');
UPDATE paycore.invoices SET description = 'Other' WHERE id = :'draft';
UPDATE paycore.extra_charges SET amount = '1.00 USD' WHERE id = :'setup';
UPDATE paycore.extra_charges SET tax_rate_ids = '{}' WHERE id = :'setup';
UPDATE paycore.invoices SET status = 'draft' WHERE id = :'draft';
INSERT INTO paycore.extra_charges (billing_account_id, description, amount, draft_id) VALUES (:'ada', 'Late', '1.00 USD', :'draft');
DELETE FROM paycore.invoices WHERE id = :'draft';

-- Collected as any other: at once, by the run.
SELECT id AS auto FROM paycore.create_invoice(:'ada', '[{"description": "Course", "amount": "50.00"}]') \gset
SELECT number, status, due_at, amount_due FROM paycore.finalize_invoice(:'auto');
SELECT (paycore.set_default_payment_method((paycore.attach_payment_method(:'ada', 'pm_card_visa')).id)).is_default;
CALL paycore.drain_outbox('30 s');
CALL paycore.run_billing();
CALL paycore.drain_outbox('30 s');
CALL paycore.run_billing();
SELECT status, amount_paid, amount_due FROM paycore.invoices WHERE id = :'auto';
SELECT status FROM paycore.collections WHERE invoice_id = :'auto';

-- Nothing, less than nothing, and too little to be charged.
SELECT id AS nothing FROM paycore.create_invoice(:'ada', '[{"description": "Sample", "amount": 5}, {"description": "Free", "amount": -5}, {"description": "Gift", "amount": 0}]') \gset
SELECT status, number, total, paid_at FROM paycore.finalize_invoice(:'nothing');
SELECT id AS less FROM paycore.create_invoice(:'ada', '[{"description": "Back", "amount": "-20.00"}]') \gset
SELECT status, number, total, balance_applied, amount_due FROM paycore.finalize_invoice(:'less');
SELECT account_balance FROM paycore.account_balance(:'ada');
SELECT amount FROM paycore.debit_account(:'ada', '23.80 USD', 'taken');
SELECT id AS small FROM paycore.create_invoice(:'ada', '[{"description": "Stamp", "amount": "0.10"}]') \gset
SELECT status, total, balance_applied, amount_due FROM paycore.finalize_invoice(:'small');

-- Discarded: void, without a number; its coupons stay counted, and may be given again.
SELECT id AS bad FROM paycore.create_invoice(:'ada', '[{"description": "Wrong", "amount": "5.00"}]', '{"coupons": ["tenth", "fiver"]}') \gset
SELECT subtotal, discount, total FROM paycore.invoices WHERE id = :'bad';
SELECT status, number, voided_at FROM paycore.discard_invoice(:'bad', 'typo');
SELECT paycore.finalize_invoice(:'bad');
SELECT paycore.discard_invoice(:'bad');
SELECT paycore.add_invoice_line(:'bad', '{"description": "Late", "amount": "1.00"}');
SELECT paycore.void_invoice(:'bad');
SELECT paycore.rebill_invoice(:'bad');
UPDATE paycore.invoices SET description = 'Other' WHERE id = :'bad';
SELECT from_status, to_status, reason FROM paycore.status_history(:'bad');
SELECT code, times_redeemed FROM paycore.coupons ORDER BY code;
-- Drafts are not paid, credited, voided or written off.
SELECT id AS open FROM paycore.create_invoice(:'ada') \gset
SELECT paycore.pay_invoice(:'open', 'pm_card_visa');
SELECT paycore.record_invoice_payment(:'open', '1.00 USD', gateway => 'cash');
SELECT paycore.apply_account_balance(:'open');
SELECT paycore.create_credit_note(:'open');
UPDATE paycore.invoices SET total_credited = '0.10 USD' WHERE id = :'open';
SELECT paycore.void_invoice(:'open');
SELECT paycore.write_off_invoice(:'open');

-- What is refused.
\set VERBOSITY default
SELECT paycore.create_invoice(:'ada', '{}');
SELECT paycore.create_invoice(:'ada', '[1]');
SELECT paycore.create_invoice(:'ada', '[{"description": "Nothing"}]');
SELECT paycore.create_invoice(:'ada', '[{"price": "pro", "amount": 1}]');
SELECT paycore.create_invoice(:'ada', '[{"price": "pro", "tax_inclusive": true}]');
SELECT paycore.create_invoice(:'ada', '[{"price": "pro"}, {"price": "none"}]');
SELECT paycore.create_invoice(:'ada', '[{"price": "buch"}]');
SELECT paycore.create_invoice(:'ada', '[{"amount": 1}]');
SELECT paycore.create_invoice(:'ada', '[{"amount": 1, "product": "none"}]');
SELECT paycore.create_invoice(:'ada', '[{"amount": "1.00 EUR", "description": "Other"}]');
SELECT paycore.create_invoice(:'ada', '[{"amount": "1.001", "description": "Other"}]');
SELECT paycore.create_invoice(:'ada', '[{"amount": 1, "description": "Other", "tax_rates": ["none"]}]');
SELECT paycore.create_invoice(:'ada', '[{"amount": 1, "description": "Other", "tax_rates": ["old"]}]');
SELECT paycore.create_invoice(:'ada', '[{"amount": 1, "description": "Other", "tax_rates": ["vat", "reduced"]}]');
SELECT paycore.create_invoice(:'ada', '[{"amount": 1, "description": "Other", "period_start": "2026-01-01"}]');
SELECT paycore.create_invoice(:'ada', '[{"amount": 1, "description": "Other", "colour": "red"}]');
SELECT paycore.create_invoice(:'ada', '[{"amount": 1, "description": "4242 4242 4242 4242"}]');
SELECT paycore.create_invoice(:'ada', '[]', '{"collection": "by_post"}');
SELECT paycore.create_invoice(:'ada', '[]', '{"days_until_due": 100000}');
SELECT paycore.create_invoice(:'ada', '[]', '{"period_start": "2026-02-01", "period_end": "2026-01-01"}');
SELECT paycore.create_invoice(:'ada', '[]', '{"coupons": ["none"]}');
\set VERBOSITY sqlstate
SELECT paycore.finalize_invoice(:'open');
SELECT paycore.update_invoice_line((SELECT id FROM paycore.add_invoice_line(:'open', '{"price": "pro"}')), '{"amount": 5}');
SELECT paycore.finalize_invoice(paycore.uuid_v7());
SELECT paycore.update_invoice(paycore.uuid_v7(), '{"metadata": {}}');
SELECT paycore.update_invoice_line(paycore.uuid_v7(), '{"amount": 5}');
SELECT paycore.remove_charge((SELECT id FROM paycore.add_invoice_line(:'open', '{"price": "pro"}')));
SELECT paycore.remove_invoice_line((SELECT id FROM paycore.add_charge(:'ada', '1.00 USD', 'Waits')));
-- Whoever writes: another's account, another currency, another tenant, a line that is billed by hand.
SELECT id AS bob FROM paycore.create_billing_account('Bob', 'bob@example.com', 'USD', gateway => 'cash') \gset
INSERT INTO paycore.extra_charges (billing_account_id, description, amount, draft_id) VALUES (:'bob', 'Strange', '1.00 USD', :'open');
INSERT INTO paycore.extra_charges (billing_account_id, description, amount, draft_id) VALUES (:'ada', 'Strange', '1.00 EUR', :'open');
INSERT INTO paycore.extra_charges (tenant_id, billing_account_id, description, amount, draft_id) VALUES ('other', :'ada', 'Strange', '1.00 USD', :'open');
INSERT INTO paycore.extra_charges (billing_account_id, description, amount, draft_id, invoice_id) VALUES (:'ada', 'Strange', '1.00 USD', :'open', :'auto');
SELECT id AS real FROM paycore.add_invoice_line(:'open', '{"price": "pro"}') \gset
UPDATE paycore.extra_charges SET draft_id = :'auto' WHERE id = :'real';
UPDATE paycore.extra_charges SET amount = '1.00 EUR' WHERE id = :'real';
UPDATE paycore.extra_charges SET invoice_id = :'auto' WHERE id = :'real';
UPDATE paycore.invoices SET balance_applied = '1.00 USD', amount_due = total OPERATOR(paycore.-) '1.00 USD' WHERE id = :'open';
UPDATE paycore.invoices SET status = 'open', finalized_at = now(), serial = 99, number = 'X' WHERE id = :'open';
UPDATE paycore.invoices SET status = 'void', voided_at = now(), finalized_at = now() WHERE id = :'open';
SET paycore.tenant = 'other';
SELECT paycore.finalize_invoice(:'open');
SELECT paycore.add_invoice_line(:'open', '{"description": "Strange", "amount": 1}');
SELECT paycore.create_invoice(:'ada');
RESET paycore.tenant;
-- An account that is closed: no drafts, and none of its drafts becomes final; it can be discarded.
SELECT status FROM paycore.update_billing_account(:'ada', '{"status": "closed", "status_reason": "left"}');
SELECT paycore.create_invoice(:'ada');
SELECT paycore.add_invoice_line(:'open', '{"price": "pro"}');
SELECT paycore.finalize_invoice(:'open');
SELECT status FROM paycore.discard_invoice(:'open');
SELECT status FROM paycore.update_billing_account(:'ada', '{"status": "active", "status_reason": null}');

-- A subscription's bills leave drafts alone, and drafts what waits for its next bill; an account's coupon holds for both.
SELECT id AS sub FROM paycore.create_subscription(:'bob', '[{"price": "pro"}]') \gset
SELECT coupon_id IS NOT NULL AS given FROM paycore.apply_account_coupon(:'bob', 'tenth');
SELECT amount FROM paycore.add_charge(:'bob', '3.00 USD', 'Waits');
SELECT id AS bobs FROM paycore.create_invoice(:'bob', '[{"price": "pro", "quantity": 2}]', '{"collection": "send_invoice"}') \gset
CALL paycore.run_billing();
SELECT number, reason, subtotal, discount, line_count FROM paycore.list_invoices(:'bob') ORDER BY number;
SELECT number, due_at, subtotal, discount, total FROM paycore.finalize_invoice(:'bobs');
SELECT count(*) AS numbers, max(serial) AS last FROM paycore.invoices WHERE serial IS NOT NULL;
-- With charges: after its lines what waits for the account's next bill, and what a subscription has left behind that ended without a last invoice; not what waits for one that goes on.
SELECT amount FROM paycore.add_charge(:'bob', '3.00 USD', 'Waits for the account');
SELECT id AS of_sub, amount FROM paycore.add_charge(:'bob', '4.00 USD', 'Waits for the subscription', jsonb_build_object('subscription_id', :'sub')) \gset
SELECT id AS huge FROM paycore.create_subscription(:'bob', '[{"price": "pro", "quantity": 900000000000000000}]') \gset
SELECT amount FROM paycore.add_charge(:'bob', '5.00 USD', 'Left behind', jsonb_build_object('subscription_id', :'huge', 'product', 'book'));
SELECT status FROM paycore.cancel_subscription(:'huge', false);
SELECT id AS waits, total FROM paycore.create_invoice(:'bob') \gset
SELECT paycore.finalize_invoice(:'waits');
SELECT amount FROM paycore.add_invoice_line(:'waits', '{"description": "Its own", "amount": "1.00"}');
SELECT total FROM paycore.preview_invoice(:'waits');
SELECT total, line_count FROM paycore.preview_invoice(:'waits', with_charges => true);
SELECT place, description, amount, discount, tax FROM paycore.preview_invoice_lines(:'waits', true);
SELECT total, line_count FROM paycore.finalize_invoice(:'waits', true);
SELECT description, draft_id IS NOT NULL AS own FROM paycore.extra_charges WHERE invoice_id = :'waits' ORDER BY id;
SELECT description FROM paycore.extra_charges WHERE billing_account_id = :'bob' AND invoice_id IS NULL AND removed_at IS NULL;
SELECT removed_at IS NOT NULL AS removed FROM paycore.remove_charge(:'of_sub');
-- Nothing waits any more: no lines, no invoice.
SELECT paycore.finalize_invoice((paycore.create_invoice(:'bob')).id, with_charges => true);
-- Rounded over the invoice, and exempt, as of the moment when it is final.
SELECT tax_rounding FROM paycore.set_seller('{"tax_rounding": "invoice"}');
SELECT id AS odd FROM paycore.create_invoice(:'bob', '[{"description": "A", "amount": "0.33", "tax_rates": ["vat"]}, {"description": "B", "amount": "0.33"}, {"description": "C", "amount": "0.33"}, {"description": "D", "amount": "0.33", "tax_rates": ["vat"]}]') \gset
SELECT tax, total FROM paycore.invoices WHERE id = :'odd';
SELECT tax_exempt FROM paycore.update_billing_account(:'bob', '{"tax_exempt": "reverse"}');
SELECT tax, total, tax_exemption FROM paycore.preview_invoice(:'odd');
SELECT tax_exempt FROM paycore.update_billing_account(:'bob', '{"tax_exempt": "none"}');
SELECT tax, total, tax_rounding FROM paycore.finalize_invoice(:'odd');
SELECT description, tax FROM lines WHERE description IN ('A', 'B', 'C', 'D');

-- Many lines, at once.
SELECT id AS many, line_count, total FROM paycore.create_invoice(:'bob', (SELECT jsonb_agg(jsonb_build_object('description', 'Line ' || n, 'amount', '0.01')) FROM generate_series(1, 10000) n)) \gset
SELECT :'line_count', :'total';
SELECT paycore.add_invoice_line(:'many', '{"description": "One more", "amount": 1}');
SELECT line_count, subtotal, discount, tax, total FROM paycore.finalize_invoice(:'many');
SELECT paycore.create_invoice(:'bob', (SELECT jsonb_agg(jsonb_build_object('description', 'Line ' || n, 'amount', '0.01')) FROM generate_series(1, 10001) n));
-- A tenant that has no subscriptions: its invoices are charged by the run over all tenants, too.
SET paycore.tenant = 'solo';
SELECT paycore.create_gateway_account('till', 'mock') IS NOT NULL AS made;
SELECT id AS cy FROM paycore.create_billing_account('Cy', 'cy@example.com', 'USD', gateway => 'till') \gset
SELECT (paycore.set_default_payment_method((paycore.attach_payment_method(:'cy', 'pm_card_visa')).id)).is_default;
SELECT id AS lone FROM paycore.create_invoice(:'cy', '[{"description": "Once", "amount": "30.00"}]') \gset
SELECT number, status FROM paycore.finalize_invoice(:'lone');
RESET paycore.tenant;
CALL paycore.drain_outbox('30 s');
CALL paycore.run_billing_all();
CALL paycore.drain_outbox('30 s');
SELECT tenant_id, status, amount_paid FROM paycore.invoices WHERE id = :'lone';
-- Taken back as any other.
SELECT status FROM paycore.void_invoice(:'bobs');
SELECT total, to_due FROM paycore.create_credit_note(:'odd', lines => '[{"place": 1}]');
\set VERBOSITY default
SELECT severity, rule, object_type, detail FROM paycore.verify();
