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
