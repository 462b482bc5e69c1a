--
-- The intent that an event is about: found by its gateway id whatever indexes there are, in the account that signed.
--
\getenv srcdir PG_ABS_SRCDIR
\set setup :srcdir '/data/reduce_setup.sql'
\i :setup
\set setup :srcdir '/data/webhooks_setup.sql'
\i :setup
INSERT INTO paycore.gateway_accounts (name, gateway, livemode) VALUES ('pretend', 'stripe', false);
SELECT count(ours('pi_' || n)) FROM generate_series(1, 6) n;
\set processing 'SELECT post(evt(''evt_'' || :''n'', ''payment_intent.processing'', pi(''pi_'' || :''n'', ''processing''), 1));'
\set n 1
:processing
SELECT status, webhook_count FROM paycore.payment_intents WHERE psp_intent_id = 'pi_1';
-- an index of the owner's that does not have every row
DROP INDEX paycore.payment_intents_psp;
CREATE INDEX some_of_them ON paycore.payment_intents (psp_intent_id, gateway_account) WHERE description IS NOT NULL;
\set n 2
:processing
SELECT status, webhook_count FROM paycore.payment_intents WHERE psp_intent_id = 'pi_2';
-- one in another order, and one of other columns
DROP INDEX paycore.some_of_them;
CREATE INDEX backwards ON paycore.payment_intents (gateway_account, psp_intent_id);
CREATE INDEX patterns ON paycore.payment_intents (psp_intent_id text_pattern_ops, gateway_account);
CREATE INDEX hashed ON paycore.payment_intents USING hash (psp_intent_id);
\set n 3
:processing
SELECT status, webhook_count FROM paycore.payment_intents WHERE psp_intent_id = 'pi_3';
-- none, and then ours again, in a transaction that has written the row
DROP INDEX paycore.backwards, paycore.patterns, paycore.hashed;
\set n 4
:processing
SELECT paycore.init();
BEGIN;
UPDATE paycore.payment_intents SET description = 'changed just now' WHERE psp_intent_id = 'pi_5';
\set n 5
:processing
COMMIT;
SELECT status, webhook_count FROM paycore.payment_intents WHERE psp_intent_id IN ('pi_4', 'pi_5');
-- the same id in another account is another's intent
SELECT post(evt('evt_other', 'payment_intent.processing', pi('pi_6', 'processing'), 1), 'pretend');
SELECT status, webhook_count FROM paycore.payment_intents WHERE psp_intent_id = 'pi_6';
-- a row in a table that inherits
CREATE TABLE older () INHERITS (paycore.payment_intents);
INSERT INTO older (billing_account_id, gateway_account, amount, psp_intent_id)
	VALUES ('00000000-0000-7000-8000-00000000000a', 'default', '10.00 USD', 'pi_7');
\set n 7
:processing
SELECT status, webhook_count FROM older;
DROP TABLE older;
ALTER SYSTEM RESET paycore.secrets_file;
COPY (SELECT 1 WHERE false) TO PROGRAM :'remove_secrets';
SELECT pg_reload_conf();
