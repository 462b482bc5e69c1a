--
-- Saved payment methods.
--
\getenv srcdir PG_ABS_SRCDIR
\set setup :srcdir '/data/api_setup.sql'
\i :setup
SELECT id AS ada FROM paycore.create_billing_account('Ada', currency => 'USD') \gset
SELECT id AS pm, status FROM paycore.attach_payment_method(:'ada', 'pm_card_visa') \gset
SELECT operation, status FROM paycore.outbox WHERE lane = :'ada' ORDER BY seq;
-- A token is saved once.
SELECT id = :'pm' AS same FROM paycore.attach_payment_method(:'ada', 'pm_card_visa');
SELECT count(*) FROM asked(:'pm');
-- An intent that names it, by uuid or token, waits for it; one that names another does not.
SELECT id AS pi1, payment_method FROM paycore.create_payment_intent(:'ada', '1 USD', :'pm', true) \gset
SELECT :'payment_method' AS token, waits FROM asked(:'pi1');
SELECT id AS pi2 FROM paycore.create_payment_intent(:'ada', '1 USD', 'pm_card_visa') \gset
SELECT waits FROM asked(:'pi2');
SELECT id AS pi3 FROM paycore.create_payment_intent(:'ada', '1 USD', 'pm_card_other') \gset
SELECT waits FROM asked(:'pi3');
SELECT status FROM paycore.confirm_payment_intent(:'pi3', :'pm');
SELECT operation, waits, params->>'payment_method' AS method FROM asked(:'pi3');
-- Default.
SELECT id = :'pm' AS same, is_default FROM paycore.set_default_payment_method(:'pm');
-- Another account's.
SELECT id AS eve FROM paycore.create_billing_account('Eve', currency => 'USD') \gset
SELECT paycore.create_payment_intent(:'eve', '1 USD', :'pm', true);
-- Detach waits behind an attach that intents wait for.
SELECT status FROM paycore.detach_payment_method(:'pm');
SELECT operation, status FROM asked(:'pm');
SELECT operation, status FROM asked(:'pi1');
SELECT is_default FROM paycore.payment_methods WHERE id = :'pm';
-- An attach that was never sent, and that nothing waits for, is taken back.
SELECT id AS pm, status FROM paycore.attach_payment_method(:'ada', 'pm_card_discover') \gset
SELECT status, detached_at IS NOT NULL AS detached FROM paycore.detach_payment_method(:'pm');
SELECT operation, status FROM asked(:'pm');
SELECT paycore.detach_payment_method(:'pm');
SELECT paycore.attach_payment_method(:'ada', 'pm_card_discover');
SELECT paycore.set_default_payment_method(:'pm');
SELECT paycore.create_payment_intent(:'ada', '1 USD', :'pm');
-- Attached: the gateway is asked, once.
SELECT id AS pm2 FROM paycore.attach_payment_method(:'ada', 'pm_card_mastercard') \gset
UPDATE paycore.outbox SET status = 'done', first_sent_at = now(), finished_at = now() WHERE object_id = :'pm2';
UPDATE paycore.payment_methods SET status = 'attached' WHERE id = :'pm2';
SELECT id AS pi4 FROM paycore.create_payment_intent(:'ada', '1 USD', :'pm2') \gset
SELECT waits FROM asked(:'pi4');
SELECT status FROM paycore.detach_payment_method(:'pm2');
SELECT operation, status FROM asked(:'pm2');
SELECT paycore.detach_payment_method(:'pm2');
-- One that failed may be tried again.
SELECT id AS pm3 FROM paycore.attach_payment_method(:'ada', 'pm_card_amex') \gset
UPDATE paycore.outbox SET status = 'refused', first_sent_at = now(), finished_at = now() WHERE object_id = :'pm3';
UPDATE paycore.payment_methods SET status = 'failed' WHERE id = :'pm3';
SELECT paycore.create_payment_intent(:'ada', '1 USD', :'pm3');
SELECT id = :'pm3' AS same, status FROM paycore.attach_payment_method(:'ada', 'pm_card_amex');
SELECT operation, status FROM asked(:'pm3');
-- Refused.
SELECT paycore.attach_payment_method(:'ada', NULL);
SELECT paycore.attach_payment_method(:'ada', '');
SELECT paycore.attach_payment_method(paycore.uuid_v7(), 'pm_x');
SELECT id AS bob FROM paycore.create_billing_account('Bob', currency => 'EUR', gateway => 'cash') \gset
SELECT paycore.attach_payment_method(:'bob', 'pm_x');
SELECT count(*) FROM paycore.list_payment_methods(:'ada');
SELECT (paycore.payment_method_by_psp_id('pm_card_amex')).id = :'pm3' AS found;
