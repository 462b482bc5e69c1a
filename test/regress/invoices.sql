--
-- Billing runs: each period billed once, numbers without a gap, final invoices that stay as they are.
--
\getenv srcdir PG_ABS_SRCDIR
\set setup :srcdir '/data/api_setup.sql'
\i :setup
SET timezone = 'UTC';
SELECT name FROM paycore.set_seller('{"name": "Shop", "city": "Ulm"}');
SELECT id AS ada FROM paycore.create_billing_account('Ada', 'ada@example.com', 'USD', gateway => 'cash', details => '{"city": "London"}') \gset
SELECT id AS pro FROM paycore.create_product('pro', 'Professional') \gset
SELECT id AS seats FROM paycore.create_product('seats', 'Seats') \gset
SELECT code FROM paycore.create_price(:'pro', '{"USD": "31.00"}', 'month', code => 'pro-monthly');
SELECT code FROM paycore.create_price(:'pro', '{"USD": "31.00"}', 'month', code => 'pro-trial', details => '{"trial_days": 14}');
SELECT code FROM paycore.create_price(:'seats', '{"USD": {"tiers": [{"up_to": 5, "unit_price": "2"}, {"unit_price": "1.50"}]}}', 'month', 'graduated', 'seats-monthly');
SELECT code FROM paycore.create_price(:'pro', '{"USD": "0"}', 'month', code => 'free');
SELECT shows FROM paycore.set_test_clock('2026-01-31 10:00+00');
CREATE VIEW billed AS SELECT s.external_ref AS sub, i.number, i.status::text, i.period_start::date AS from, i.period_end::date AS until, i.total, i.finalized_at::date AS issued
	FROM paycore.invoices i JOIN paycore.subscriptions s ON s.id = i.subscription_id ORDER BY i.serial;
CREATE VIEW subs AS SELECT s.external_ref AS sub, s.status::text, s.period_start::date AS from, s.period_end::date AS until, s.next_bill_at, s.parked_reason
	FROM paycore.subscriptions s ORDER BY s.created_at, s.id;

-- Two items, the first month at once, and each month when it begins.
SELECT id AS sub FROM paycore.create_subscription(:'ada', '[{"price": "pro-monthly"}, {"price": "seats-monthly", "quantity": 7}]', '{"external_ref": "two"}') \gset
CALL paycore.run_billing();
SELECT * FROM billed;
SELECT * FROM subs;
SELECT id AS invoice FROM paycore.invoices \gset
SELECT status, series, serial, reason, subtotal, discount, tax, total, collection, due_at, paid_at, seller, customer FROM paycore.list_invoices(:'ada');
SELECT place, kind, description, quantity, unit_price, amount, period FROM paycore.list_invoice_lines(:'invoice');
-- Nothing is billed twice.
CALL paycore.run_billing();
SELECT count(*) FROM paycore.invoices;
SELECT shows FROM paycore.set_test_clock('2026-02-28 09:59+00');
CALL paycore.run_billing();
SELECT count(*) FROM paycore.invoices;
SELECT shows FROM paycore.set_test_clock('2026-02-28 10:00+00');
CALL paycore.run_billing();
SELECT * FROM billed;
-- Three months without a run: an invoice for each.
SELECT shows FROM paycore.set_test_clock('2026-05-31 10:00+00');
CALL paycore.run_billing();
SELECT * FROM billed;
SELECT * FROM subs;
-- A preview is what is rolled back, by the very same code.
SELECT shows FROM paycore.set_test_clock('2026-06-30 10:00+00');
BEGIN;
SELECT paycore.bill_subscriptions();
SELECT number, total FROM billed WHERE issued = '2026-06-30';
ROLLBACK;
SELECT count(*) FROM paycore.invoices;
-- Not before its time, and not inside a transaction.
\set VERBOSITY default
CALL paycore.run_billing('2026-07-01 00:00+00');
BEGIN;
CALL paycore.run_billing();
ROLLBACK;
\set VERBOSITY sqlstate
CALL paycore.run_billing('infinity');
CALL paycore.run_billing(batch_size => 0);
-- By an earlier time, nothing that came later.
CALL paycore.run_billing('2026-06-29 00:00+00');
SELECT count(*) FROM paycore.invoices;
CALL paycore.run_billing();
SELECT count(*) FROM paycore.invoices;
SELECT paycore.cancel_subscription(:'sub', false) IS NOT NULL;

-- Trials, beginnings, ends, pauses.
SELECT status FROM paycore.create_subscription(:'ada', '[{"price": "pro-trial"}]', '{"external_ref": "trial"}');
SELECT status FROM paycore.create_subscription(:'ada', '[{"price": "pro-trial"}]', '{"external_ref": "later", "starts_at": "2026-07-10 00:00+00"}');
SELECT status FROM paycore.create_subscription(:'ada', '[{"price": "pro-monthly"}]', '{"external_ref": "stub", "anchor": "2026-07-01 00:00+00"}');
SELECT status FROM paycore.create_subscription(:'ada', '[{"price": "pro-monthly"}]', '{"external_ref": "ends", "cancel_at": "2026-07-15 10:00+00"}');
SELECT status FROM paycore.create_subscription(:'ada', '[{"price": "free"}]', '{"external_ref": "free"}');
SELECT status FROM paycore.create_subscription(:'ada', '[{"price": "free"}]', '{"external_ref": "minimum", "minimum": "12.00 USD"}');
SELECT id AS pausing FROM paycore.create_subscription(:'ada', '[{"price": "pro-monthly"}]', '{"external_ref": "pauses"}') \gset
CALL paycore.run_billing();
SELECT * FROM billed WHERE issued = '2026-06-30' ORDER BY sub;
SELECT * FROM subs;
SELECT status, resumes_at FROM paycore.pause_subscription(:'pausing', '2026-09-10 00:00+00');
SELECT shows FROM paycore.set_test_clock('2026-07-15 10:00+00');
CALL paycore.run_billing();
SELECT * FROM billed WHERE issued = '2026-07-15' ORDER BY sub;
SELECT * FROM subs;
SELECT shows FROM paycore.set_test_clock('2026-09-10 00:00+00');
CALL paycore.run_billing(batch_size => 1);
SELECT * FROM billed WHERE issued = '2026-09-10' ORDER BY sub, 2;
SELECT * FROM subs;
SELECT l.place, l.kind, l.description, l.amount FROM paycore.invoice_lines l JOIN paycore.invoices i ON i.id = l.invoice_id
	JOIN paycore.subscriptions s ON s.id = i.subscription_id WHERE s.external_ref = 'minimum' AND i.finalized_at::date = '2026-06-30' ORDER BY l.place;

-- What fails is parked with its reason, and stops nobody else.
SELECT id AS huge FROM paycore.create_subscription(:'ada', '[{"price": "pro-monthly", "quantity": 900000000000000000}]', '{"external_ref": "huge"}') \gset
SELECT status FROM paycore.create_subscription(:'ada', '[{"price": "pro-monthly"}]', '{"external_ref": "beside"}');
CALL paycore.run_billing();
SELECT * FROM subs WHERE sub IN ('huge', 'beside');
SELECT number FROM billed WHERE sub IN ('huge', 'beside');
SELECT parked_at IS NULL FROM paycore.retry_billing(:'huge');
SELECT paycore.bill_subscriptions();
SELECT parked_reason FROM subs WHERE sub = 'huge';

-- A final invoice stays as it is, whoever writes.
\set VERBOSITY default
INSERT INTO paycore.invoice_lines (invoice_id, place, kind, description, quantity, amount, discount, tax)
	SELECT id, 9, 'minimum', 'More', 1, '1.00 USD', '0 USD', '0 USD' FROM paycore.invoices WHERE serial = 1;
\set VERBOSITY sqlstate
UPDATE paycore.invoices SET total = '1.00 USD', subtotal = '1.00 USD' WHERE id = :'invoice';
UPDATE paycore.invoices SET number = 'X' WHERE id = :'invoice';
UPDATE paycore.invoices SET customer = '{}' WHERE id = :'invoice';
UPDATE paycore.invoices SET status = 'draft' WHERE id = :'invoice';
UPDATE paycore.invoice_lines SET amount = '1.00 USD' WHERE invoice_id = :'invoice';
DELETE FROM paycore.invoice_lines WHERE invoice_id = :'invoice';
DELETE FROM paycore.invoices WHERE id = :'invoice';
INSERT INTO paycore.invoices (billing_account_id, status, serial, number, reason, currency, subtotal, discount, tax, tax_included, total, balance_applied, amount_paid, amount_credited, amount_due, finalized_at)
	VALUES (:'ada', 'open', 1000, 'X', 'manual', 'USD', '5.00 USD', '0 USD', '0 USD', '0 USD', '5.00 USD', '0 USD', '0 USD', '0 USD', '5.00 USD', now());
INSERT INTO paycore.invoices (billing_account_id, reason, currency, subtotal, discount, tax, tax_included, total, balance_applied, amount_paid, amount_credited, amount_due)
	VALUES (:'ada', 'manual', 'USD', '5.00 USD', '0 USD', '0 USD', '0 USD', '6.00 USD', '0 USD', '0 USD', '0 USD', '6.00 USD');
-- One that comes with its line: in its currency, and with the tax that its price includes.
PREPARE final(paycore.money_cents, paycore.money_cents, paycore.money_cents) AS
	WITH i AS (INSERT INTO paycore.invoices (billing_account_id, status, serial, number, reason, currency, subtotal, discount, tax, tax_included, total, balance_applied, amount_paid, amount_credited, amount_due, line_count, finalized_at)
		VALUES (:'ada', 'open', 1000, 'X', 'manual', 'USD', '5.00 USD', '0 USD', $1, $2, '5.00 USD', '0 USD', '0 USD', '0 USD', '5.00 USD', 1, now()) RETURNING id)
	INSERT INTO paycore.invoice_lines (invoice_id, place, kind, description, quantity, amount, discount, tax, tax_inclusive)
		SELECT id, 1, 'minimum', 'By hand', 1, $3, paycore.money_cents(0, paycore.currency($3)), paycore.money_cents(paycore.cents($1), paycore.currency($3)), false FROM i;
EXECUTE final('0 USD', '0 USD', '5.00 EUR');
EXECUTE final('1.00 USD', '1.00 USD', '5.00 USD');
BEGIN;
EXECUTE final('0 USD', '0 USD', '5.00 USD');
ROLLBACK;
-- An item's period is billed once, even by hand.
INSERT INTO paycore.invoices (id, billing_account_id, reason, currency, subtotal, discount, tax, tax_included, total, balance_applied, amount_paid, amount_credited, amount_due)
	VALUES ('00000000-0000-7000-8000-000000000001', :'ada', 'manual', 'USD', '5.00 USD', '0 USD', '0 USD', '0 USD', '5.00 USD', '0 USD', '0 USD', '0 USD', '5.00 USD');
INSERT INTO paycore.invoice_lines (invoice_id, place, kind, subscription_item_id, period, description, quantity, amount, discount, tax)
	SELECT '00000000-0000-7000-8000-000000000001', 1, 'recurring', subscription_item_id, tstzrange(lower(period) + '1 day', upper(period) + '1 day'),
		'Again', 1, '5.00 USD', '0 USD', '0 USD' FROM paycore.invoice_lines LIMIT 1;
DELETE FROM paycore.invoices WHERE id = '00000000-0000-7000-8000-000000000001';

-- A date is never before that of the number before, whatever the clock says.
SELECT status FROM paycore.create_subscription(:'ada', '[{"price": "pro-monthly"}]', '{"external_ref": "dated", "starts_at": "2026-09-01 00:00+00"}');
CALL paycore.run_billing('2026-09-05 00:00+00');
SELECT * FROM billed WHERE sub = 'dated';

-- Ends of an invoice.
SELECT status, voided_at FROM paycore.void_invoice(:'invoice', 'by mistake');
SELECT paycore.void_invoice(:'invoice');
SELECT id AS second FROM paycore.invoices WHERE serial = 2 \gset
SELECT status, uncollectible_at FROM paycore.write_off_invoice(:'second');
SELECT paycore.write_off_invoice(:'second');
SELECT status FROM paycore.void_invoice(:'second');
SELECT from_status, to_status, reason FROM paycore.status_history(:'invoice');
SELECT paycore.void_invoice(paycore.uuid_v7());
-- Numbers begin with what the seller likes, and go on.
SELECT prefix, next_serial FROM paycore.set_invoice_prefix('2026/');
SELECT paycore.set_invoice_prefix('2026/', 'letters');
SELECT paycore.set_invoice_prefix(repeat('x', 31));
SELECT shows FROM paycore.set_test_clock('2026-09-30 10:00+00');
CALL paycore.run_billing();
SELECT number FROM billed WHERE issued = '2026-09-30' LIMIT 1;
SELECT count(*) = max(serial) AND min(serial) = 1 FROM paycore.invoices WHERE serial IS NOT NULL;
SELECT severity, rule, object_type FROM paycore.verify();
