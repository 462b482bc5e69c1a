--
-- Payment intents: what each verb checks, and what it asks of the gateway.
--
\getenv srcdir PG_ABS_SRCDIR
\set setup :srcdir '/data/api_setup.sql'
\i :setup
SELECT id AS ada FROM paycore.create_billing_account('Ada', currency => 'USD') \gset
SELECT id AS pi FROM paycore.create_payment_intent(:'ada', '12.34 USD', 'pm_card_visa', true, 'manual', setup_future_usage => 'off_session',
	description => 'Order 1', metadata => '{"order": "1"}', return_url => 'https://shop.example/back',
	gateway_params => '{"receipt_email": "ada@example.com"}', statement_descriptor_suffix => 'ORDER 1') \gset
SELECT status, amount, amount_received, capture_method, off_session, setup_future_usage, payment_method, description, metadata,
	gateway_params, return_url, client_secret FROM paycore.payment_intents WHERE id = :'pi';
-- One customer for both intents; the on-session confirmation has a deadline.
SELECT id AS pi2 FROM paycore.create_payment_intent(:'ada', '1 USD') \gset
SELECT * FROM asked(:'ada');
SELECT * FROM asked(:'pi');
SELECT * FROM asked(:'pi2');
SELECT object_type, lane = object_id AS own_lane, extract(epoch FROM send_by - created_at)::int AS seconds FROM paycore.outbox
WHERE operation = 'intent.create' ORDER BY seq;
SELECT count(DISTINCT depends_on) FROM paycore.outbox WHERE operation = 'intent.create';
-- Off session there is none.
SELECT id AS off FROM paycore.create_payment_intent(:'ada', '1 USD', 'pm_card_visa', true, off_session => true) \gset
SELECT send_by FROM paycore.outbox WHERE object_id = :'off';
-- What is refused.
SELECT paycore.create_payment_intent(NULL, '1 USD');
SELECT paycore.create_payment_intent(:'ada', NULL);
SELECT paycore.create_payment_intent(paycore.uuid_v7(), '1 USD');
SELECT paycore.create_payment_intent(:'ada', '0 USD');
SELECT paycore.create_payment_intent(:'ada', '-1 USD');
SELECT paycore.create_payment_intent(:'ada', '1 EUR');
SELECT paycore.create_payment_intent(:'ada', '1 USD', confirm => true);
SELECT paycore.create_payment_intent(:'ada', '1 USD', off_session => true);
SELECT paycore.create_payment_intent(:'ada', '1 USD', capture_method => 'later');
SELECT paycore.create_payment_intent(:'ada', '1 USD', setup_future_usage => 'always');
SELECT paycore.create_payment_intent(:'ada', '1 USD', return_url => 'shop');
SELECT paycore.create_payment_intent(:'ada', '1 USD', gateway_params => '{"amount": 1}');
SELECT paycore.create_payment_intent(:'ada', '1 USD', gateway_params => '[]');
SELECT paycore.create_payment_intent(:'ada', '1 USD', metadata => '{"paycore_tenant": "x"}');
SELECT paycore.create_payment_intent(:'ada', '1 USD', payment_method => paycore.uuid_v7()::text);
SELECT name FROM paycore.create_gateway_account('eu', 'stripe');
-- An amount that the gateway cannot represent: Stripe takes MGA whole.
SELECT id AS mga FROM paycore.create_billing_account('M', currency => 'MGA', gateway => 'eu') \gset
SELECT status FROM paycore.create_payment_intent(:'mga', '5 MGA');
SELECT paycore.create_payment_intent(:'mga', '5.50 MGA');
-- Update: amount while no money is held, metadata merged, nulls remove.
SELECT amount, metadata FROM paycore.update_payment_intent(:'pi2', '2 USD', '{"a": "1", "b": "2"}');
SELECT amount, metadata FROM paycore.update_payment_intent(:'pi2', metadata => '{"a": null}');
SELECT * FROM asked(:'pi2');
SELECT paycore.update_payment_intent(:'pi2', '2 EUR');
SELECT paycore.update_payment_intent(:'pi2', '0 USD');
-- Not while a confirmation is on its way.
SELECT paycore.update_payment_intent(:'pi', '2 USD');
SELECT metadata FROM paycore.update_payment_intent(:'pi', metadata => '{"note": "n"}');
-- Confirm.
SELECT paycore.confirm_payment_intent(:'pi');
SELECT paycore.confirm_payment_intent(:'pi2');
SELECT payment_method FROM paycore.confirm_payment_intent(:'pi2', 'pm_card_visa', 'https://shop.example/back', '{"mandate_data": {"a": 1}}');
SELECT paycore.confirm_payment_intent(:'pi2', 'pm_card_visa');
SELECT * FROM asked(:'pi2') OFFSET 3;
-- Cancel behind what was never sent withdraws it all.
SELECT status, cancellation_reason, canceled_at IS NOT NULL AS canceled FROM paycore.cancel_payment_intent(:'pi2', 'abandoned');
SELECT operation, status FROM asked(:'pi2');
SELECT paycore.cancel_payment_intent(:'pi2');
SELECT paycore.confirm_payment_intent(:'pi2', 'pm_card_visa');
SELECT paycore.update_payment_intent(:'pi2', '3 USD');
SELECT paycore.cancel_payment_intent(:'off', 'boredom');
-- Cancel behind a create that was sent waits for it, and takes back what was not.
UPDATE paycore.outbox SET status = 'sending', first_sent_at = now() WHERE object_id = :'pi' AND operation = 'intent.create';
SELECT status FROM paycore.cancel_payment_intent(:'pi', 'duplicate');
SELECT operation, status, params FROM asked(:'pi') OFFSET 1;
SELECT paycore.cancel_payment_intent(:'pi');
-- Capture: of authorised intents, once at a time, within what is authorised.
UPDATE paycore.outbox SET status = 'done', finished_at = now() WHERE object_id = :'off';
SELECT paycore.capture_payment_intent(:'off');
UPDATE paycore.payment_intents SET psp_intent_id = 'pi_off', status = 'requires_capture', amount_capturable = '1 USD' WHERE id = :'off';
SELECT paycore.capture_payment_intent(:'off', '1.01 USD');
SELECT paycore.capture_payment_intent(:'off', '0 USD');
SELECT paycore.capture_payment_intent(:'off', '1 EUR');
SELECT paycore.update_payment_intent(:'off', '2 USD');
SELECT status FROM paycore.capture_payment_intent(:'off', '0.40 USD');
SELECT paycore.capture_payment_intent(:'off');
SELECT operation, status, params FROM asked(:'off') OFFSET 1;
-- A capture that was not sent yet is taken back by a cancel; afterwards only the gateway can say.
SELECT status FROM paycore.cancel_payment_intent(:'off');
SELECT operation, status, params FROM asked(:'off') OFFSET 1;
SELECT paycore.capture_payment_intent(:'off');
-- Refresh: one look at a time, and none at what the gateway does not have.
SELECT status FROM paycore.refresh_payment_intent(:'off');
SELECT status FROM paycore.refresh_payment_intent(:'off');
SELECT operation, status FROM asked(:'off') OFFSET 3;
SELECT status FROM paycore.refresh_payment_intent(:'pi');
SELECT operation, status FROM asked(:'pi') WHERE operation LIKE '%retrieve';
SELECT (paycore.payment_intent_by_psp_id('pi_off')).id = :'off' AS found, paycore.payment_intent_by_psp_id('pi_other') IS NULL AS none;
-- A manual gateway: recorded only.
SELECT id AS bob FROM paycore.create_billing_account('Bob', currency => 'EUR', gateway => 'cash') \gset
SELECT id AS cash FROM paycore.create_payment_intent(:'bob', '10 EUR') \gset
SELECT paycore.create_payment_intent(:'bob', '10 EUR', 'pm_x', true);
SELECT paycore.confirm_payment_intent(:'cash', 'pm_x');
SELECT paycore.capture_payment_intent(:'cash');
SELECT paycore.refresh_payment_intent(:'cash');
SELECT amount FROM paycore.update_payment_intent(:'cash', '11 EUR');
SELECT status FROM paycore.cancel_payment_intent(:'cash');
SELECT count(*) FROM asked(:'cash');
-- The history knows the door, and the whole is sound.
SELECT from_status, to_status, source, reason FROM paycore.status_history(:'pi2');
-- All of it is one transaction: nothing is asked for what was rolled back.
SELECT count(*) FROM paycore.outbox \gset before_
BEGIN;
SELECT count(*) FROM paycore.create_payment_intent(:'ada', '1 USD');
ROLLBACK;
SELECT count(*) - :before_count AS more FROM paycore.outbox;
