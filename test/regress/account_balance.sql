--
-- What an account is owed between payments.
--
\getenv srcdir PG_ABS_SRCDIR
\set setup :srcdir '/data/api_setup.sql'
\i :setup
SELECT id AS ada FROM paycore.create_billing_account('Ada', currency => 'EUR') \gset
SELECT id AS bob FROM paycore.create_billing_account('Bob', currency => 'EUR') \gset
SELECT paycore.account_balance(:'ada'), paycore.account_balance(:'ada', 'JPY'), paycore.account_balance(paycore.uuid_v7()) IS NULL AS nobody;
SELECT amount, balance_after, reason, description, metadata, actor IS NOT NULL AS actor FROM paycore.credit_account(:'ada', '10 EUR', 'goodwill', 'Sorry', '{"ticket": "7"}', 'key-1');
SELECT amount, balance_after FROM paycore.credit_account(:'ada', '10 EUR', 'goodwill', 'Sorry', '{"ticket": "7"}', 'key-1');
SELECT paycore.credit_account(:'ada', '11 EUR', 'goodwill', 'Sorry', '{"ticket": "7"}', 'key-1');
SELECT amount, balance_after FROM paycore.debit_account(:'ada', '4 EUR', 'invoice 7');
-- Each currency has its own.
SELECT amount, balance_after FROM paycore.credit_account(:'ada', '500 JPY', 'overpayment');
SELECT currency, balance FROM paycore.account_balances WHERE billing_account_id = :'ada' ORDER BY currency;
-- Not more than there is, unless it shall be owed.
SELECT paycore.debit_account(:'ada', '6.01 EUR', 'invoice 8');
SELECT amount, balance_after FROM paycore.debit_account(:'ada', '6.01 EUR', 'invoice 8', overdraw => true);
SELECT paycore.debit_account(:'bob', '1 EUR', 'invoice 9');
SELECT amount, balance_after FROM paycore.credit_account(:'ada', '1 EUR', 'payment');
-- Refused.
SELECT paycore.credit_account(:'ada', '0 EUR', 'nothing');
SELECT paycore.credit_account(:'ada', '-1 EUR', 'less');
SELECT paycore.credit_account(:'ada', '1 EUR', NULL);
SELECT paycore.credit_account(:'ada', '1 EUR', '');
SELECT paycore.credit_account(:'ada', NULL, 'x');
SELECT paycore.credit_account(paycore.uuid_v7(), '1 EUR', 'x');
SELECT paycore.credit_account(:'ada', '1 EUR', 'x', metadata => '{"paycore_x": "y"}');
SELECT paycore.credit_account(:'ada', '1 EUR', 'card 4242424242424242');
-- The balance is the sum of its transactions, and nothing else: not for the owner either.
UPDATE paycore.account_balances SET balance = '1000 EUR';
INSERT INTO paycore.account_balances (billing_account_id, currency, balance) VALUES (:'bob', 'EUR', '1 EUR');
DELETE FROM paycore.account_balances;
TRUNCATE paycore.account_balances;
UPDATE paycore.account_transactions SET amount = '1000 EUR';
DELETE FROM paycore.account_transactions;
TRUNCATE paycore.account_transactions;
-- Raw SQL moves it, too.
INSERT INTO paycore.account_transactions (billing_account_id, amount, reason) VALUES (:'bob', '3 EUR', 'by hand'), (:'bob', '-1 EUR', 'by hand');
SELECT paycore.account_balance(:'bob');
INSERT INTO paycore.account_transactions (billing_account_id, amount, reason, balance_after) VALUES (:'bob', '3 EUR', 'by hand', '3 EUR');
INSERT INTO paycore.account_transactions (billing_account_id, amount, reason, balance_after) VALUES (:'bob', '3 EUR', 'by hand', '5 EUR');
INSERT INTO paycore.account_transactions (billing_account_id, amount, reason) VALUES (:'bob', '0 EUR', 'by hand');
INSERT INTO paycore.account_transactions (billing_account_id, amount) VALUES (:'bob', '1 EUR');
INSERT INTO paycore.account_transactions (tenant_id, billing_account_id, amount, reason) VALUES ('other', :'bob', '1 EUR', 'x');
-- Counted once where nothing is inserted.
INSERT INTO paycore.account_transactions (id, billing_account_id, amount, reason) SELECT id, billing_account_id, amount, reason FROM paycore.account_transactions
ON CONFLICT DO NOTHING;
SELECT paycore.account_balance(:'bob');
-- Posted.
SELECT p.code, p.fact, sum(paycore.cents(p.amount)) FROM paycore.ledger_postings p GROUP BY 1, 2, paycore.currency(p.amount) ORDER BY 2, 1, 3;
SELECT l.code, l.currency, paycore.ledger_balance(l.id) FROM paycore.ledger_accounts l WHERE l.code = 'customer_balances' ORDER BY 2;
-- Pages, newest first.
SELECT amount, balance_after, reason FROM paycore.list_account_transactions(:'ada', page_size => 2);
SELECT amount FROM paycore.list_account_transactions(:'ada', (SELECT (array_agg(id))[2] FROM paycore.list_account_transactions(:'ada', page_size => 2)));
SELECT count(*) FROM paycore.list_account_transactions();
SELECT * FROM paycore.verify();
-- What verify() finds.
SET session_replication_role = replica;
BEGIN;
UPDATE paycore.account_balances SET balance = '7 EUR' WHERE billing_account_id = :'bob';
SELECT rule, object_type FROM paycore.verify();
ROLLBACK;
BEGIN;
DELETE FROM paycore.account_transactions WHERE reason = 'goodwill';
SELECT rule, object_type FROM paycore.verify() ORDER BY 1, 2;
ROLLBACK;
BEGIN;
DELETE FROM paycore.ledger_entries WHERE fact = 'balance_debit';
SELECT rule, object_type FROM paycore.verify() ORDER BY 1, 2;
ROLLBACK;
RESET session_replication_role;
-- An application role, and a reader.
CREATE ROLE regress_balance_app;
CREATE ROLE regress_balance_reader;
SELECT paycore.grant_access('regress_balance_app', 'app') IS NOT NULL AS app, paycore.grant_access('regress_balance_reader', 'reader') IS NOT NULL AS reader;
SET ROLE regress_balance_app;
SELECT amount, balance_after FROM paycore.credit_account(:'bob', '1 EUR', 'x', idempotency_key => 'app');
SELECT paycore.account_balance(:'bob');
INSERT INTO paycore.account_transactions (billing_account_id, amount, reason) VALUES (:'bob', '3 EUR', 'by hand');
SET ROLE regress_balance_reader;
SELECT paycore.account_balance(:'bob');
SELECT paycore.credit_account(:'bob', '1 EUR', 'x');
RESET ROLE;
SELECT * FROM paycore.verify();
DROP OWNED BY regress_balance_app, regress_balance_reader;
DROP ROLE regress_balance_app, regress_balance_reader;
