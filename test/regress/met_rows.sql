--
-- Where a transaction has met a row is only a hint: what became of the row since is what counts.
--
\set QUIET on
\set VERBOSITY terse
\o /dev/null
SELECT paycore.init();
INSERT INTO paycore.billing_accounts (id, name, currency) VALUES ('00000000-0000-7000-8000-00000000000a', 'Ada', 'EUR');
UPDATE paycore.gateway_accounts SET status = 'paused';
\o
\set QUIET off
\set intent 'SELECT status FROM paycore.create_payment_intent(''00000000-0000-7000-8000-00000000000a'', ''1.00 EUR'');'
\set pay 'INSERT INTO paycore.payments (id, billing_account_id, gateway_account, status, authorized, gross, captured_at) VALUES (:''payment'', ''00000000-0000-7000-8000-00000000000a'', ''default'', ''succeeded'', ''10.00 EUR'', ''10.00 EUR'', now());'
\set refund 'SELECT amount FROM paycore.create_refund(:''payment'', ''3.00 EUR'');'
\set left 'SELECT gross, refund_reserved FROM paycore.payments WHERE id = :''payment'';'
-- refunds of one transaction, some of them taken back
\set payment 00000000-0000-7000-8000-000000000101
BEGIN;
:pay
:refund
SAVEPOINT s;
:refund
:refund
:refund
ROLLBACK TO s;
:left
:refund
-- by hand in between, and to another page
UPDATE paycore.payments SET description = repeat('long ', 900) WHERE id = :'payment';
:refund
COMMIT;
:left
:refund
-- an account that is gone
BEGIN;
:intent
SET LOCAL session_replication_role = replica;
DELETE FROM paycore.billing_accounts;
SET LOCAL session_replication_role = origin;
SAVEPOINT s;
:intent
ROLLBACK;
BEGIN;
:intent
SET LOCAL session_replication_role = replica;
UPDATE paycore.billing_accounts SET id = '00000000-0000-7000-8000-00000000000b';
SET LOCAL session_replication_role = origin;
SAVEPOINT s;
:intent
ROLLBACK;
-- and its table emptied, or written anew
BEGIN;
:intent
SET LOCAL session_replication_role = replica;
SET LOCAL client_min_messages = warning;
ALTER TABLE paycore.billing_accounts DISABLE TRIGGER USER;
TRUNCATE paycore.billing_accounts CASCADE;
SAVEPOINT s;
:intent
ROLLBACK;
BEGIN;
:intent
CLUSTER paycore.billing_accounts USING billing_accounts_pkey;
:intent
COMMIT;
-- the same id at two tenants
BEGIN;
SET LOCAL paycore.tenant = 'other';
SELECT name FROM paycore.create_gateway_account('theirs', 'manual');
INSERT INTO paycore.billing_accounts (id, name, currency, gateway_account) VALUES ('00000000-0000-7000-8000-00000000000a', 'Bob', 'USD', 'theirs');
COMMIT;
BEGIN;
:intent
SET LOCAL paycore.tenant = 'other';
SELECT amount FROM paycore.create_payment_intent('00000000-0000-7000-8000-00000000000a', '1.00 USD');
SET LOCAL paycore.tenant = 'default';
:intent
COMMIT;
SELECT * FROM paycore.verify();
