--
-- Payments that are recorded by hand.
--
\getenv srcdir PG_ABS_SRCDIR
\set setup :srcdir '/data/api_setup.sql'
\i :setup
SELECT id AS bob FROM paycore.create_billing_account('Bob', currency => 'EUR', gateway => 'cash') \gset
SELECT id AS ada FROM paycore.create_billing_account('Ada', currency => 'EUR') \gset
SELECT id AS pi FROM paycore.create_payment_intent(:'bob', '100 EUR') \gset
-- It settles itself and its intent.
SELECT id AS pay FROM paycore.record_payment(:'bob', '100 EUR', '1.50 EUR', :'pi', 'bank_transfer', 'wire-7', '2026-01-02 03:04:05+00',
	'January', '{"branch": "9"}') \gset
SELECT status, authorized, gross, settled_gross, fee, net, captured_at AT TIME ZONE 'UTC' AS captured, settled_at = captured_at AS settled,
	method_type, external_ref, description, metadata, gateway_account FROM paycore.payments WHERE id = :'pay';
SELECT status, amount_received, payment_id = :'pay' AS linked, succeeded_at AT TIME ZONE 'UTC' AS succeeded FROM paycore.payment_intents WHERE id = :'pi';
SELECT paycore.fee_percentage(p), paycore.refund_state(p), paycore.available_to_refund(p) FROM paycore.payment_history(:'bob') p;
SELECT from_status, to_status, source FROM paycore.status_history(:'pi');
-- Not twice, and not of a canceled one.
SELECT paycore.record_payment(:'bob', '100 EUR', payment_intent_id => :'pi');
SELECT id AS pi2 FROM paycore.create_payment_intent(:'bob', '50 EUR') \gset
SELECT status FROM paycore.cancel_payment_intent(:'pi2');
SELECT paycore.record_payment(:'bob', '50 EUR', payment_intent_id => :'pi2');
-- Another amount than the intent's, another account's intent.
SELECT id AS pi3 FROM paycore.create_payment_intent(:'bob', '50 EUR') \gset
SELECT paycore.record_payment(:'bob', '49 EUR', payment_intent_id => :'pi3');
SELECT paycore.record_payment(:'ada', '50 EUR', payment_intent_id => :'pi3');
-- Other things that are refused.
SELECT paycore.record_payment(:'bob', '0 EUR');
SELECT paycore.record_payment(:'bob', '-5 EUR');
SELECT paycore.record_payment(:'bob', '5 USD');
SELECT paycore.record_payment(:'bob', '5 EUR', '1 USD');
SELECT paycore.record_payment(:'bob', '5 EUR', '-1 EUR');
SELECT paycore.record_payment(:'bob', '5 EUR', received_at => now() + interval '1 day');
SELECT paycore.record_payment(:'bob', NULL);
SELECT paycore.record_payment(paycore.uuid_v7(), '5 EUR');
-- A gateway's own payments are never recorded by hand.
SELECT paycore.record_payment(:'ada', '5 EUR');
SELECT id AS pi4 FROM paycore.create_payment_intent(:'ada', '5 EUR') \gset
SELECT paycore.record_payment(:'ada', '5 EUR', payment_intent_id => :'pi4');
SELECT paycore.record_payment(:'ada', '5 EUR', payment_intent_id => :'pi4', gateway => 'cash');
-- But a customer of a gateway may pay in cash.
SELECT status, gateway_account, fee, net FROM paycore.record_payment(:'ada', '5 EUR', gateway => 'cash');
-- A closed account's money is still recorded.
SELECT status FROM paycore.update_billing_account(:'bob', '{"status": "closed", "status_reason": "left"}');
SELECT status FROM paycore.record_payment(:'bob', '1 EUR');
SELECT count(*) FROM paycore.outbox WHERE object_id IN (:'pi', :'pi2', :'pi3', :'pay');
