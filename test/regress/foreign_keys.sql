--
-- The foreign keys of our tables hold whoever writes: what points to no row is refused as the server refuses it.
--
\set QUIET on
\o /dev/null
SELECT paycore.init();
INSERT INTO paycore.billing_accounts (id, name, currency) VALUES ('00000000-0000-7000-8000-00000000000a', 'Ada', 'EUR');
UPDATE paycore.gateway_accounts SET status = 'paused';
\o
\set QUIET off
\set intent 'INSERT INTO paycore.payment_intents (billing_account_id, gateway_account, amount) SELECT :''account'', ''default'', ''1.00 EUR'' FROM generate_series(1, :n);'
\set n 3
\set account 00000000-0000-7000-8000-00000000000a
:intent
UPDATE paycore.payment_intents SET description = 'changed';
\set account 00000000-0000-7000-8000-00000000000b
:intent
UPDATE paycore.billing_accounts SET tenant_id = 'other';
-- the row it points to is of the same statement, and of the same transaction
WITH account AS (
	INSERT INTO paycore.billing_accounts (id, name, currency) VALUES ('00000000-0000-7000-8000-00000000000b', 'Bob', 'EUR') RETURNING id
)
INSERT INTO paycore.payment_intents (billing_account_id, gateway_account, amount) SELECT id, 'default', '1.00 EUR' FROM account;
\set VERBOSITY terse
\set account 00000000-0000-7000-8000-00000000000c
BEGIN;
INSERT INTO paycore.billing_accounts (id, name, currency) VALUES (:'account', 'Cem', 'EUR');
:intent
UPDATE paycore.payment_intents SET description = 'changed twice' WHERE billing_account_id = :'account';
COMMIT;
-- a row of MERGE, and of COPY
\set merge 'MERGE INTO paycore.payment_intents i USING (VALUES (:''account''::uuid)) v (id) ON i.billing_account_id = v.id AND false WHEN NOT MATCHED THEN INSERT (billing_account_id, gateway_account, amount) VALUES (v.id, ''default'', ''1.00 EUR'');'
:merge
COPY paycore.payment_intents (billing_account_id, gateway_account, amount) FROM stdin;
00000000-0000-7000-8000-00000000000c	default	1.00 EUR
\.
\set account 00000000-0000-7000-8000-00000000000f
:merge
COPY paycore.payment_intents (billing_account_id, gateway_account, amount) FROM stdin;
00000000-0000-7000-8000-00000000000f	default	1.00 EUR
\.
-- it went before, in the same transaction, and comes back with it
\set account 00000000-0000-7000-8000-00000000000d
INSERT INTO paycore.billing_accounts (id, name, currency) VALUES (:'account', 'Dan', 'EUR');
BEGIN;
SAVEPOINT s;
SET LOCAL session_replication_role = replica;
DELETE FROM paycore.billing_accounts WHERE id = :'account';
SET LOCAL session_replication_role = origin;
SAVEPOINT there_is_none;
:intent
ROLLBACK TO s;
:intent
COMMIT;
-- keys that are deferred: checked when they are to be
ALTER TABLE paycore.payment_intents ALTER CONSTRAINT payment_intents_account_fkey DEFERRABLE INITIALLY DEFERRED;
\set account 00000000-0000-7000-8000-00000000000e
BEGIN;
:intent
COMMIT;
BEGIN;
:intent
INSERT INTO paycore.billing_accounts (id, name, currency) VALUES (:'account', 'Eve', 'EUR');
COMMIT;
ALTER TABLE paycore.payment_intents ALTER CONSTRAINT payment_intents_account_fkey NOT DEFERRABLE;
-- other snapshots
BEGIN ISOLATION LEVEL REPEATABLE READ;
:intent
COMMIT;
BEGIN ISOLATION LEVEL SERIALIZABLE;
:intent
COMMIT;
-- an index that holds more for equal than its column does
CREATE COLLATION of_any_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE TABLE occasion (name text);
CREATE UNIQUE INDEX ON occasion (name COLLATE of_any_case);
INSERT INTO occasion VALUES ('Gift');
BEGIN;
UPDATE paycore.payment_intents SET description = NULL;
ALTER TABLE paycore.payment_intents ADD CONSTRAINT occasion_fkey FOREIGN KEY (description) REFERENCES occasion (name);
SAVEPOINT s;
UPDATE paycore.payment_intents SET description = 'gift';
ROLLBACK TO s;
SELECT status FROM paycore.create_payment_intent('00000000-0000-7000-8000-00000000000a', '1.00 EUR', description => 'gift');
ROLLBACK TO s;
UPDATE paycore.payment_intents SET description = 'Gift';
SELECT status FROM paycore.create_payment_intent('00000000-0000-7000-8000-00000000000a', '1.00 EUR', description => 'Gift');
ROLLBACK;
SELECT a.name, count(*) FROM paycore.payment_intents i LEFT JOIN paycore.billing_accounts a ON a.id = i.billing_account_id GROUP BY 1 ORDER BY 1;
