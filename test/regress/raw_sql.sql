--
-- The owner's raw SQL: what must never happen is refused, each with its own SQLSTATE.
--
\getenv srcdir PG_ABS_SRCDIR
\set setup :srcdir '/data/api_setup.sql'
\i :setup
SELECT id AS ada FROM paycore.create_billing_account('Ada', currency => 'USD', gateway => 'cash') \gset
SELECT id AS bob FROM paycore.create_billing_account('Bob', currency => 'EUR', gateway => 'cash') \gset
SELECT id AS pi FROM paycore.create_payment_intent(:'ada', '100 USD') \gset
SELECT id AS pay FROM paycore.record_payment(:'ada', '100 USD', '3 USD', :'pi') \gset
SELECT id AS re FROM paycore.create_refund(:'pay', '10 USD') \gset
-- A partial capture: 100 authorised, 60 captured.
INSERT INTO paycore.payments (billing_account_id, gateway_account, status, authorized, gross, captured_at)
VALUES (:'ada', 'cash', 'succeeded', '100 USD', '60 USD', now()) RETURNING id AS part \gset
-- Immutable.
UPDATE paycore.payments SET authorized = '101 USD' WHERE id = :'pay';
UPDATE paycore.payments SET billing_account_id = :'bob' WHERE id = :'pay';
UPDATE paycore.payments SET tenant_id = 'other' WHERE id = :'pay';
UPDATE paycore.payments SET gateway_account = 'default' WHERE id = :'pay';
UPDATE paycore.payments SET payment_intent_id = NULL WHERE id = :'pay';
UPDATE paycore.payments SET created_at = now() WHERE id = :'pay';
UPDATE paycore.refunds SET amount = '9 USD' WHERE id = :'re';
UPDATE paycore.refunds SET payment_id = :'part' WHERE id = :'re';
UPDATE paycore.refunds SET requested_by = 'x' WHERE id = :'re';
UPDATE paycore.billing_accounts SET currency = 'EUR' WHERE id = :'ada';
UPDATE paycore.payment_intents SET billing_account_id = :'bob' WHERE id = :'pi';
-- Counters are the guard's.
UPDATE paycore.payments SET refunded = '0 USD' WHERE id = :'pay';
UPDATE paycore.payments SET dispute_held = '1 USD' WHERE id = :'pay';
INSERT INTO paycore.payments (billing_account_id, gateway_account, status, authorized, refunded) VALUES (:'ada', 'cash', 'pending', '1 USD', '1 USD');
-- Written once.
UPDATE paycore.payments SET gross = '61 USD' WHERE id = :'part';
UPDATE paycore.payments SET fee = '2 USD', net = '98 USD' WHERE id = :'pay';
UPDATE paycore.payments SET settled_gross = NULL, fee = NULL, net = NULL, settled_at = NULL WHERE id = :'pay';
-- The settlement is whole, and adds up.
UPDATE paycore.payments SET fee = '2 USD' WHERE id = :'part';
UPDATE paycore.payments SET settled_gross = '60 USD', fee = '2 USD', net = '57 USD', settled_at = now() WHERE id = :'part';
UPDATE paycore.payments SET settled_gross = '55 EUR', fee = '2 EUR', net = '53 EUR', settled_at = now() WHERE id = :'part';
-- Never gone.
DELETE FROM paycore.payments WHERE id = :'pay';
DELETE FROM paycore.refunds;
DELETE FROM paycore.payment_intents;
DELETE FROM paycore.billing_accounts;
DELETE FROM paycore.payment_methods;
DELETE FROM paycore.status_changes;
UPDATE paycore.status_changes SET to_status = 'x';
TRUNCATE paycore.refunds CASCADE;
TRUNCATE paycore.status_changes;
TRUNCATE paycore.payments CASCADE;
TRUNCATE paycore.billing_accounts CASCADE;
-- Illegal steps.
UPDATE paycore.payments SET status = 'pending' WHERE id = :'pay';
UPDATE paycore.payments SET status = 'failed' WHERE id = :'pay';
UPDATE paycore.payment_intents SET status = 'canceled' WHERE id = :'pi';
UPDATE paycore.payment_intents SET status = 'created' WHERE id = :'pi';
UPDATE paycore.refunds SET status = 'pending' WHERE id = :'re';
UPDATE paycore.refunds SET status = 'failed' WHERE id = :'re';
INSERT INTO paycore.payment_intents (billing_account_id, gateway_account, amount, status) VALUES (:'ada', 'cash', '1 USD', 'succeeded');
INSERT INTO paycore.refunds (payment_id, amount, status) VALUES (:'pay', '1 USD', 'succeeded');
UPDATE paycore.payments SET status = 'settled' WHERE id = :'pay';
-- Another currency.
INSERT INTO paycore.refunds (payment_id, amount) VALUES (:'pay', '1 EUR');
INSERT INTO paycore.payments (billing_account_id, gateway_account, status, authorized, gross) VALUES (:'ada', 'cash', 'pending', '1 USD', '1 EUR');
UPDATE paycore.payment_intents SET amount = '100 EUR' WHERE id = :'pi';
-- Negative, zero.
INSERT INTO paycore.refunds (payment_id, amount) VALUES (:'pay', '0 USD');
INSERT INTO paycore.refunds (payment_id, amount) VALUES (:'pay', '-1 USD');
INSERT INTO paycore.payments (billing_account_id, gateway_account, status, authorized) VALUES (:'ada', 'cash', 'pending', '0 USD');
INSERT INTO paycore.payment_intents (billing_account_id, gateway_account, amount) VALUES (:'ada', 'cash', '-1 USD');
-- Above what was captured, in one refund or in several.
INSERT INTO paycore.refunds (payment_id, amount) VALUES (:'part', '60.01 USD');
INSERT INTO paycore.refunds (payment_id, amount) VALUES (:'part', '40 USD'), (:'part', '20.01 USD');
INSERT INTO paycore.refunds (payment_id, amount) SELECT :'part', '10 USD' FROM generate_series(1, 7);
SELECT refund_reserved FROM paycore.payments WHERE id = :'part';
INSERT INTO paycore.refunds (payment_id, amount) VALUES (:'part', '40 USD'), (:'part', '20 USD');
INSERT INTO paycore.refunds (payment_id, amount) VALUES (:'part', '0.01 USD');
SELECT refund_reserved FROM paycore.payments WHERE id = :'part';
-- Of another tenant's payment.
INSERT INTO paycore.refunds (tenant_id, payment_id, amount) VALUES ('other', :'pay', '1 USD');
INSERT INTO paycore.payments (tenant_id, billing_account_id, gateway_account, status, authorized) VALUES ('other', :'ada', 'cash', 'pending', '1 USD');
-- Of a payment that has not succeeded.
INSERT INTO paycore.payments (billing_account_id, gateway_account, status, authorized) VALUES (:'ada', 'cash', 'authorized', '1 USD') RETURNING id AS auth \gset
INSERT INTO paycore.refunds (payment_id, amount) VALUES (:'auth', '1 USD');
UPDATE paycore.payments SET status = 'succeeded' WHERE id = :'auth';
-- A second success of one intent.
INSERT INTO paycore.payments (billing_account_id, payment_intent_id, gateway_account, status, authorized, gross, captured_at)
VALUES (:'ada', :'pi', 'cash', 'succeeded', '1 USD', '1 USD', now());
-- ON CONFLICT counts once.
INSERT INTO paycore.payments (billing_account_id, gateway_account, status, authorized, gross, captured_at)
VALUES (:'ada', 'cash', 'succeeded', '5 USD', '5 USD', now()) RETURNING id AS five \gset
INSERT INTO paycore.refunds (id, payment_id, amount) VALUES ('00000000-0000-7000-8000-000000000001', :'five', '4 USD') ON CONFLICT DO NOTHING;
INSERT INTO paycore.refunds (id, payment_id, amount) VALUES ('00000000-0000-7000-8000-000000000001', :'five', '4 USD') ON CONFLICT DO NOTHING;
SELECT refund_reserved FROM paycore.payments WHERE id = :'five';
-- A trigger of the owner's that moves a status after the guards have looked, or without their being asked.
CREATE FUNCTION meddle() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.status := TG_ARGV[0]; RETURN NEW; END $$;
CREATE TRIGGER unnamed BEFORE INSERT ON paycore.refunds FOR EACH ROW EXECUTE FUNCTION meddle('failed');
INSERT INTO paycore.refunds (payment_id, amount) VALUES (:'five', '1 USD');
DROP TRIGGER unnamed ON paycore.refunds;
CREATE TRIGGER unnamed BEFORE UPDATE ON paycore.refunds FOR EACH ROW EXECUTE FUNCTION meddle('failed');
UPDATE paycore.refunds SET description = 'x' WHERE payment_id = :'five';
CREATE OR REPLACE TRIGGER unnamed BEFORE UPDATE ON paycore.refunds FOR EACH ROW EXECUTE FUNCTION meddle('requested');
UPDATE paycore.refunds SET status = 'requires_action' WHERE payment_id = :'five';
CREATE OR REPLACE TRIGGER unnamed BEFORE UPDATE ON paycore.refunds FOR EACH ROW EXECUTE FUNCTION meddle('canceled');
UPDATE paycore.refunds SET status = 'requires_action' WHERE payment_id = :'five';
SELECT r.status, p.refund_reserved FROM paycore.refunds r JOIN paycore.payments p ON p.id = r.payment_id WHERE p.id = :'five';
SELECT rule FROM paycore.verify() WHERE rule ~ 'history|counters';
SELECT paycore.repair_counters();
