--
-- A voided invoice's time may be billed again, and no other; all that is parked may be tried again.
--
\getenv srcdir PG_ABS_SRCDIR
\set setup :srcdir '/data/api_setup.sql'
\i :setup
SET timezone = 'UTC';
SELECT shows FROM paycore.set_test_clock('2026-01-01 00:00+00');
SELECT id AS ada FROM paycore.create_billing_account('Ada', 'ada@example.com', 'USD', gateway => 'cash') \gset
SELECT id AS pro FROM paycore.create_product('pro', 'Professional') \gset
SELECT code FROM paycore.create_price(:'pro', '{"USD": "31.00"}', 'month', code => 'm');
SELECT id AS sub FROM paycore.create_subscription(:'ada', '[{"price": "m"}, {"price": "m", "quantity": 2}]') \gset
CALL paycore.run_billing();
SELECT id AS invoice, number, status, total FROM paycore.list_invoices(:'ada') \gset

-- Lines are marked by the guard alone, when their invoice becomes void.
\set VERBOSITY default
UPDATE paycore.invoice_lines SET voided = true WHERE invoice_id = :'invoice';
INSERT INTO paycore.invoice_lines (invoice_id, place, kind, description, quantity, amount, discount, tax, voided)
	VALUES (:'invoice', 9, 'minimum', 'More', 1, '0 USD', '0 USD', '0 USD', true);
CREATE ROLE regress_rebilling;
CREATE SCHEMA AUTHORIZATION regress_rebilling;
GRANT USAGE ON SCHEMA paycore TO regress_rebilling;
SET ROLE regress_rebilling;
CREATE TABLE regress_rebilling.forged (id uuid, tenant_id text);
CREATE TRIGGER t AFTER INSERT ON regress_rebilling.forged FOR EACH ROW EXECUTE FUNCTION paycore.mark_voided_lines();
INSERT INTO regress_rebilling.forged VALUES (:'invoice', 'default');
RESET ROLE;
SET client_min_messages = error;
DROP OWNED BY regress_rebilling;
DROP ROLE regress_rebilling;
RESET client_min_messages;
\set VERBOSITY sqlstate
SELECT count(*), count(*) FILTER (WHERE voided) FROM paycore.invoice_lines;
BEGIN;
UPDATE paycore.invoices SET status = 'void', voided_at = now() WHERE id = :'invoice';
SELECT count(*), count(*) FILTER (WHERE voided) FROM paycore.invoice_lines;
ROLLBACK;
SELECT status FROM paycore.void_invoice(:'invoice');
SELECT count(*), count(*) FILTER (WHERE voided) FROM paycore.invoice_lines;
UPDATE paycore.invoice_lines SET voided = false WHERE invoice_id = :'invoice';
UPDATE paycore.invoice_lines SET amount = '1.00 USD' WHERE invoice_id = :'invoice';
DELETE FROM paycore.invoice_lines WHERE invoice_id = :'invoice';

-- Billed again: once, on a new invoice, at the taxes of now.
SELECT paycore.rebill_invoice(paycore.uuid_v7());
SELECT code FROM paycore.create_tax_rate('vat', 'VAT', 20);
SELECT code FROM paycore.set_default_tax_rates('{vat}');
SELECT shows FROM paycore.set_test_clock('2026-01-11 00:00+00');
SELECT name FROM paycore.update_billing_account(:'ada', '{"name": "Ada Lovelace"}');
SELECT id AS again, number, status, subtotal, tax, total, customer->>'name' AS customer FROM paycore.rebill_invoice(:'invoice') \gset
SELECT :'number', :'status', :'subtotal', :'tax', :'total', :'customer';
SELECT place, kind, description, quantity, amount, period FROM paycore.invoice_lines WHERE invoice_id = :'again' ORDER BY place;
SELECT paycore.rebill_invoice(:'invoice');
SELECT paycore.rebill_invoice(:'again');
SELECT billed_until, next_bill_at FROM paycore.subscriptions WHERE id = :'sub';
-- And again, once that one is void, too: with what was given back of it, which came to nothing when it was voided.
SELECT id AS item FROM paycore.subscription_items WHERE subscription_id = :'sub' AND quantity = 2 \gset
SELECT credited, charged FROM paycore.set_quantity(:'item', 3);
SELECT kind, amount FROM paycore.extra_charges WHERE invoice_id IS NULL AND removed_at IS NULL ORDER BY paycore.cents(amount);
SELECT shows FROM paycore.set_test_clock('2026-01-12 00:00+00');
SELECT status FROM paycore.void_invoice(:'again');
SELECT kind, amount FROM paycore.extra_charges WHERE invoice_id IS NULL AND removed_at IS NULL ORDER BY paycore.cents(amount);
SELECT id AS third, number, total FROM paycore.rebill_invoice(:'again') \gset
SELECT place, kind, description, quantity, amount, tax, period FROM paycore.invoice_lines WHERE invoice_id = :'third' ORDER BY place;
-- Its document says in its language what changes gave back and charged, and what users wrote as they wrote it.
SELECT DISTINCT l ->> 'proration' AS proration, l ->> 'description' AS description FROM jsonb_array_elements(paycore.invoice_data(:'third') -> 'lines') l ORDER BY 2;
CREATE VIEW said AS SELECT language, html ~ 'Nicht genutzte Zeit: Professional' AS de, html ~ 'Temps restant : Professional' AS fr, html ~ 'Unused time of Professional' AS en, html ~ 'Unused time of the boat' AS own
	FROM unnest('{de,fr,en,sw}'::text[]) language, paycore.invoice_html((SELECT id FROM paycore.invoices WHERE status::text <> 'draft' ORDER BY serial DESC LIMIT 1), language) html;
SELECT * FROM said;
BEGIN;
SELECT amount FROM paycore.add_charge(:'ada', '5.00 USD', 'Unused time of the boat', jsonb_build_object('subscription_id', :'sub', 'now', true));
SELECT * FROM said;
SELECT id AS note FROM paycore.create_credit_note(:'third', (SELECT jsonb_agg(jsonb_build_object('place', place)) FROM paycore.invoice_lines WHERE invoice_id = :'third' AND description ~ 'Remaining')) \gset
SELECT paycore.credit_note_html(:'note', 'fr') ~ 'Temps restant : Professional' AS fr, paycore.credit_note_html(:'note', 'en') ~ 'Remaining time of Professional' AS en;
ROLLBACK;
-- Off the next one goes a discount that still holds; what one took off that is used up stays off.
SELECT code FROM paycore.create_coupon('once', 'Once', percent_off => 50, duration => 'once');
SELECT code FROM paycore.create_coupon('ever', 'Ever', percent_off => 10, duration => 'forever');
SELECT id AS second FROM paycore.create_subscription(:'ada', '[{"price": "m", "quantity": 10}]') \gset
SELECT paycore.apply_coupon(:'second', 'once') IS NOT NULL, paycore.apply_coupon(:'second', 'ever') IS NOT NULL;
CALL paycore.run_billing();
SELECT id AS cheap, subtotal, discount, total FROM paycore.invoices WHERE subscription_id = :'second' \gset
SELECT :'subtotal', :'discount', :'total';
SELECT status FROM paycore.void_invoice(:'cheap');
SELECT subtotal, discount, total FROM paycore.rebill_invoice(:'cheap');
-- Not while it is paused: then with the next one; not for one that has ended.
SELECT id AS cheap FROM paycore.invoices WHERE subscription_id = :'second' ORDER BY serial DESC LIMIT 1 \gset
SELECT status FROM paycore.void_invoice(:'cheap');
SELECT status FROM paycore.pause_subscription(:'second');
SELECT paycore.rebill_invoice(:'cheap') IS NULL;
SELECT status FROM paycore.resume_subscription(:'second');
SELECT status FROM paycore.cancel_subscription(:'second', false);
SELECT subtotal, discount, total FROM paycore.invoices WHERE subscription_id = :'second' ORDER BY serial DESC LIMIT 1;
SELECT id AS cheap FROM paycore.invoices WHERE subscription_id = :'second' ORDER BY serial DESC LIMIT 1 \gset
SELECT status FROM paycore.void_invoice(:'cheap');
SELECT paycore.rebill_invoice(:'cheap');
SELECT severity, rule, object_type, detail FROM paycore.verify();

-- Of an account that is suspended it is parked, with what changes ask for at once; both come when the account is active again.
SELECT id AS eve FROM paycore.create_billing_account('Eve', 'eve@example.com', 'USD', gateway => 'cash') \gset
SELECT id AS eves FROM paycore.create_subscription(:'eve', '[{"price": "m"}]') \gset
CALL paycore.run_billing();
SELECT id AS invoice FROM paycore.invoices WHERE subscription_id = :'eves' \gset
SELECT status FROM paycore.void_invoice(:'invoice');
SELECT status FROM paycore.update_billing_account(:'eve', '{"status": "suspended", "status_reason": "fraud?"}');
SELECT paycore.rebill_invoice(:'invoice') IS NULL AS waits;
SELECT charged FROM paycore.change_subscription(:'eves', '[{"price": "m"}]', proration => 'invoice');
SELECT parked_reason, next_bill_at < billed_until AS due FROM paycore.subscriptions WHERE id = :'eves';
SELECT severity, rule, object_type, detail FROM paycore.verify();
SELECT status FROM paycore.update_billing_account(:'eve', '{"status": "active"}');
SELECT parked_at FROM paycore.retry_billing(:'eves');
CALL paycore.run_billing();
SELECT place, kind, description, amount FROM paycore.invoice_lines WHERE invoice_id = (SELECT id FROM paycore.invoices WHERE subscription_id = :'eves' ORDER BY serial DESC LIMIT 1) ORDER BY place;
SELECT next_bill_at = billed_until AS on_time FROM paycore.subscriptions WHERE id = :'eves';

-- What could not be billed is tried again, all of it.
SELECT count(paycore.create_subscription(:'ada', '[{"price": "m", "quantity": 900000000000000000}]')) FROM generate_series(1, 3);
CALL paycore.run_billing();
SELECT count(*) FROM paycore.subscriptions WHERE parked_at IS NOT NULL;
SET paycore.tenant = 'other';
SELECT paycore.retry_billing();
RESET paycore.tenant;
SELECT paycore.retry_billing();
SELECT count(*) FROM paycore.subscriptions WHERE parked_at IS NOT NULL;
SELECT severity, rule, object_type, detail FROM paycore.verify();
