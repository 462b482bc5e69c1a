--
-- Idempotency keys: one key, one effect.
--
\getenv srcdir PG_ABS_SRCDIR
\set setup :srcdir '/data/api_setup.sql'
\i :setup
SELECT id AS ada FROM paycore.create_billing_account('Ada', currency => 'USD') \gset
SELECT id AS bob FROM paycore.create_billing_account('Bob', currency => 'EUR', gateway => 'cash') \gset
-- The same again: the same object, in its present state, and nothing asked twice.
SELECT id AS pi FROM paycore.create_payment_intent(:'ada', '10 USD', metadata => '{"a": "1", "b": "2"}', idempotency_key => 'k1') \gset
SELECT id = :'pi' AS same FROM paycore.create_payment_intent(:'ada', '10.00 USD', metadata => '{"b": "2", "a": "1"}', idempotency_key => 'k1');
SELECT count(*) FROM asked(:'pi');
SELECT status FROM paycore.cancel_payment_intent(:'pi');
SELECT id = :'pi' AS same, status FROM paycore.create_payment_intent(:'ada', '10 USD', metadata => '{"a": "1", "b": "2"}', idempotency_key => 'k1');
-- Other arguments, other function: refused.
SELECT paycore.create_payment_intent(:'ada', '11 USD', metadata => '{"a": "1", "b": "2"}', idempotency_key => 'k1');
SELECT paycore.create_payment_intent(:'ada', '10 USD', metadata => '{"a": "1", "b": "3"}', idempotency_key => 'k1');
SELECT paycore.record_payment(:'bob', '10 EUR', idempotency_key => 'k1');
\set VERBOSITY default
SELECT paycore.create_payment_intent(:'ada', '11 USD', idempotency_key => 'k1');
SELECT paycore.record_payment(:'bob', '10 EUR', idempotency_key => 'k1');
\set VERBOSITY sqlstate
-- An argument that is null is not one that is empty, nor do neighbours run together.
SELECT id AS pi2 FROM paycore.create_payment_intent(:'ada', '10 USD', description => 'ab', idempotency_key => 'k2') \gset
SELECT paycore.create_payment_intent(:'ada', '10 USD', payment_method => 'ab', idempotency_key => 'k2');
SELECT status FROM paycore.create_payment_intent(:'ada', '10 USD', idempotency_key => 'null');
SELECT paycore.create_payment_intent(:'ada', '10 USD', payment_method => '', idempotency_key => 'null');
-- No setting of the session shows in the comparison.
SET DateStyle = 'ISO, MDY'; SET TimeZone = 'UTC';
SELECT id AS pay FROM paycore.record_payment(:'bob', '10 EUR', received_at => '2026-01-02 03:04:05+00', idempotency_key => 'k3') \gset
SET DateStyle = 'German'; SET TimeZone = 'Asia/Tokyo';
SELECT id = :'pay' AS same FROM paycore.record_payment(:'bob', '10 EUR', received_at => '2026-01-02 03:04:05+00', idempotency_key => 'k3');
RESET DateStyle; RESET TimeZone;
SET client_encoding = 'UTF8';
SELECT id AS paid FROM paycore.record_payment(:'bob', '10 EUR', metadata => '{"name": "Ren\u00e9, \u5c71"}', idempotency_key => 'k3b') \gset
SET client_encoding = 'LATIN1';
SELECT id = :'paid' AS same FROM paycore.record_payment(:'bob', '10 EUR', metadata => '{"name": "Ren\u00e9, \u5c71"}', idempotency_key => 'k3b');
RESET client_encoding;
SELECT id AS re FROM paycore.create_refund(:'pay', idempotency_key => 'k4') \gset
SELECT id = :'re' AS same, amount FROM paycore.create_refund(:'pay', idempotency_key => 'k4');
-- Lengths.
SELECT paycore.create_refund(:'pay', idempotency_key => '');
SELECT paycore.create_refund(:'pay', idempotency_key => repeat('k', 256));
SELECT status FROM paycore.create_payment_intent(:'ada', '10 USD', idempotency_key => repeat('k', 255));
-- A failed request leaves its key free.
SELECT paycore.create_payment_intent(:'ada', '0 USD', idempotency_key => 'k5');
SELECT paycore.create_payment_intent(:'ada', '1 EUR', idempotency_key => 'k5');
SELECT amount FROM paycore.create_payment_intent(:'ada', '1 USD', idempotency_key => 'k5');
-- Keys live a day; then they are new.
SELECT key, operation, object_type, object_id = :'pi' AS of_pi, expires_at - created_at AS life FROM paycore.idempotency_keys WHERE key = 'k1';
UPDATE paycore.idempotency_keys SET expires_at = now() WHERE key = 'k1';
SELECT id <> :'pi' AS another, amount FROM paycore.create_payment_intent(:'ada', '12 USD', idempotency_key => 'k1');
SELECT amount FROM paycore.create_payment_intent(:'ada', '12 USD', idempotency_key => 'k1');
-- Each tenant has its own.
SET paycore.tenant = 'other';
SELECT name FROM paycore.create_gateway_account('default', 'mock');
SELECT id AS eve FROM paycore.create_billing_account('Eve', currency => 'USD') \gset
SELECT amount FROM paycore.create_payment_intent(:'eve', '13 USD', idempotency_key => 'k1');
