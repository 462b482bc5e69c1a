--
-- Setup intents, mandates and what they save, on the mock gateway.
--
\getenv srcdir PG_ABS_SRCDIR
\set setup :srcdir '/data/api_setup.sql'
\i :setup
SELECT id AS ada FROM paycore.create_billing_account('Ada', currency => 'USD') \gset
-- Confirmed at once: the method is saved, attached, and can be charged without the payer.
SELECT id AS si, status, usage FROM paycore.create_setup_intent(:'ada', 'pm_card_visa', confirm => true, metadata => '{"a": "1"}', idempotency_key => 'k1') \gset
SELECT :'status' AS status, :'usage' AS usage, id = :'si' AS same FROM paycore.create_setup_intent(:'ada', 'pm_card_visa', confirm => true, metadata => '{"a": "1"}', idempotency_key => 'k1');
SELECT operation, status FROM paycore.outbox WHERE lane = :'ada' ORDER BY seq;
CALL paycore.drain_outbox();
SELECT status, payment_method, client_secret IS NULL AS no_secret, succeeded_at IS NOT NULL AS succeeded, next_sweep_at, metadata FROM paycore.setup_intents;
SELECT from_status, to_status, source FROM paycore.status_history(:'si');
SELECT id AS pm, status, brand, last4, is_default FROM paycore.payment_methods \gset
SELECT :'status' AS status, :'brand' AS brand, :'last4' AS last4, :'is_default' AS is_default;
SELECT id AS pi FROM paycore.create_payment_intent(:'ada', '5 USD', :'pm', confirm => true, off_session => true) \gset
CALL paycore.drain_outbox();
SELECT status FROM paycore.payment_intents WHERE id = :'pi';
SELECT paycore.confirm_setup_intent(:'si');
SELECT paycore.cancel_setup_intent(:'si');
-- In two steps, with a browser in between.
SELECT id AS si2 FROM paycore.create_setup_intent(:'ada') \gset
CALL paycore.drain_outbox();
SELECT status, client_secret IS NOT NULL AS secret FROM paycore.setup_intents WHERE id = :'si2';
SELECT paycore.confirm_setup_intent(:'si2');
SELECT status FROM paycore.confirm_setup_intent(:'si2', 'pm_card_threeDSecure2Required', return_url => 'https://shop.example/');
SELECT paycore.confirm_setup_intent(:'si2');
CALL paycore.drain_outbox();
SELECT status, next_action ->> 'type' AS action FROM paycore.setup_intents WHERE id = :'si2';
SELECT status FROM paycore.complete_mock_setup(:'si2', false);
CALL paycore.drain_outbox();
SELECT status, error_code, next_action FROM paycore.setup_intents WHERE id = :'si2';
SELECT class FROM paycore.explain_error((SELECT error_code FROM paycore.setup_intents WHERE id = :'si2'));
SELECT status FROM paycore.confirm_setup_intent(:'si2', 'pm_card_threeDSecure2Required');
CALL paycore.drain_outbox();
SELECT status FROM paycore.complete_mock_setup(:'si2');
CALL paycore.drain_outbox();
SELECT status, error_code FROM paycore.setup_intents WHERE id = :'si2';
-- Refused: a decline, a method that does not exist.
SELECT id AS si3 FROM paycore.create_setup_intent(:'ada', 'pm_card_chargeDeclined', confirm => true) \gset
SELECT id AS si4 FROM paycore.create_setup_intent(:'ada', 'pm_nonsense', confirm => true) \gset
CALL paycore.drain_outbox();
SELECT status, error_code, decline_code FROM paycore.setup_intents WHERE id IN (:'si3', :'si4') ORDER BY id;
SELECT operation, status, error_code FROM paycore.outbox WHERE object_id IN (:'si3', :'si4') ORDER BY seq;
-- Cancel: what was never sent, at once; what was, at the gateway.
SELECT id AS si5 FROM paycore.create_setup_intent(:'ada', 'pm_card_visa', confirm => true) \gset
SELECT status FROM paycore.await_setup_intent(:'si5', '10 ms');
SELECT status, cancellation_reason FROM paycore.cancel_setup_intent(:'si5', 'duplicate');
SELECT status, clock_timestamp() < statement_timestamp() + interval '30 s' AS at_once FROM paycore.await_setup_intent(:'si5', '60 s');
SELECT paycore.await_setup_intent(paycore.uuid_v7());
SELECT operation, status FROM asked(:'si5');
SELECT status FROM paycore.cancel_setup_intent(:'si3', 'abandoned');
SELECT paycore.cancel_setup_intent(:'si3');
CALL paycore.drain_outbox();
SELECT status, cancellation_reason FROM paycore.setup_intents WHERE id = :'si3';
SELECT status FROM paycore.refresh_setup_intent(:'si3');
CALL paycore.drain_outbox();
-- Wrong arguments.
SELECT paycore.create_setup_intent(:'ada', confirm => true);
SELECT paycore.create_setup_intent(:'ada', usage => 'always');
SELECT paycore.create_setup_intent(:'ada', description => '4242424242424242');
SELECT paycore.cancel_setup_intent(:'si2', 'fraudulent');
SELECT paycore.create_setup_intent(gen_random_uuid());
SELECT id AS cash FROM paycore.create_billing_account('Cash', currency => 'USD', gateway => 'cash') \gset
SELECT paycore.create_setup_intent(:'cash');
UPDATE paycore.setup_intents SET status = 'processing' WHERE id = :'si2';
DELETE FROM paycore.setup_intents;
-- A bank account comes with its mandate.
SELECT id AS si6 FROM paycore.create_setup_intent(:'ada', 'pm_usBankAccount_success', confirm => true, payment_method_types => '{us_bank_account}') \gset
CALL paycore.drain_outbox();
SELECT s.status, m.status AS mandate, m.type, m.acceptance, m.activated_at IS NOT NULL AS active, s.psp_mandate_id = m.psp_mandate_id AS linked
FROM paycore.setup_intents s JOIN paycore.mandates m USING (psp_mandate_id) WHERE s.id = :'si6';
SELECT id AS mandate FROM paycore.list_mandates(:'ada') \gset
SELECT count(*) FROM paycore.list_setup_intents(:'ada');
SELECT id AS bank FROM paycore.payment_methods WHERE psp_payment_method_id = 'pm_usBankAccount_success' \gset
SELECT status FROM paycore.create_payment_intent(:'ada', '5 USD', :'bank', confirm => true, off_session => true);
-- One default.
SELECT is_default FROM paycore.set_default_payment_method(:'pm');
SELECT is_default FROM paycore.set_default_payment_method(:'bank');
SELECT id = :'bank' AS bank FROM paycore.default_payment_method(:'ada');
SELECT count(*) FROM paycore.payment_methods WHERE is_default;
UPDATE paycore.payment_methods SET is_default = true;
-- The mandate lapses: the method is not charged without the payer any more, and health() says so.
SELECT status FROM paycore.refresh_mandate(:'mandate');
CALL paycore.drain_outbox();
UPDATE paycore.mandates SET status = 'inactive', ended_at = now() WHERE id = :'mandate';
\set VERBOSITY default
SELECT paycore.create_payment_intent(:'ada', '5 USD', :'bank', confirm => true, off_session => true);
\set VERBOSITY sqlstate
SELECT paycore.create_payment_intent(:'ada', '5 USD', 'pm_usBankAccount_success', confirm => true, off_session => true);
SELECT status FROM paycore.create_payment_intent(:'ada', '5 USD', :'bank', confirm => true);
SELECT problem FROM jsonb_array_elements_text(paycore.health() -> 'problems') problem WHERE problem LIKE '%mandate%';
UPDATE paycore.mandates SET status = 'active' WHERE id = :'mandate';
-- Expiry: to the end of the month.
ALTER TABLE paycore.payment_methods DISABLE TRIGGER USER;
UPDATE paycore.payment_methods SET exp_year = extract(year FROM now()), exp_month = extract(month FROM now()) WHERE id = :'pm';
UPDATE paycore.payment_methods SET exp_year = extract(year FROM now()) - 1, exp_month = 12 WHERE id = :'bank';
ALTER TABLE paycore.payment_methods ENABLE TRIGGER USER;
SELECT payment_method_id = :'bank' AS bank, is_default, expired FROM paycore.expiring_payment_methods('32 days');
SELECT expired FROM paycore.expiring_payment_methods('-1 month');
SELECT problem FROM jsonb_array_elements_text(paycore.health() -> 'problems') problem WHERE problem LIKE '%expired%';
-- Let go: no default any more.
SELECT status FROM paycore.detach_payment_method(:'bank');
CALL paycore.drain_outbox();
SELECT status, is_default FROM paycore.payment_methods WHERE id = :'bank';
SELECT * FROM paycore.default_payment_method(:'ada');
-- Of a copy that sends nothing, one that the gateway never knew is over.
SELECT id AS dropped FROM paycore.create_setup_intent(:'ada', 'pm_card_visa', true) \gset
UPDATE paycore.outbox SET instance = 'the original' WHERE finished_at IS NULL;
SELECT paycore.adopt_outbox('discard');
SELECT status, error_code, next_sweep_at FROM paycore.setup_intents WHERE id = :'dropped';
SELECT severity, rule, object_type, detail FROM paycore.verify();
