--
-- Accounts and transfers of one's own; balances now and in the past.
--
\getenv srcdir PG_ABS_SRCDIR
\set setup :srcdir '/data/api_setup.sql'
\i :setup
SELECT id AS bank, kind, normal_side FROM paycore.open_ledger_account('my bank', 'asset', 'EUR', 'Current account') \gset
SELECT id AS shop, kind, normal_side FROM paycore.open_ledger_account('shop', 'liability', 'EUR') \gset
SELECT id AS dues, normal_side FROM paycore.open_ledger_account('dues', 'income', 'EUR', metadata => '{"a": "b"}') \gset
SELECT id AS dollars FROM paycore.open_ledger_account('shop', 'liability', 'USD') \gset
-- Again: the same one; another kind, another name for the code.
SELECT id = :'bank' AS same FROM paycore.open_ledger_account('my bank', 'asset', 'EUR');
SELECT paycore.open_ledger_account('my bank', 'income', 'EUR');
SELECT paycore.open_ledger_account('x', 'thing', 'EUR');
SELECT paycore.open_ledger_account('x', 'asset', NULL);
UPDATE paycore.ledger_accounts SET currency = 'USD' WHERE id = :'bank';
DELETE FROM paycore.ledger_accounts WHERE id = :'bank';
-- Two accounts.
SELECT amount, description, metadata, transfer_id = id AS alone, fact IS NULL AS mine, recorded_at >= now() AS recorded FROM paycore.post_entry(
	:'bank', :'shop', '10 EUR', 'A sale', metadata => '{"order": "7"}', idempotency_key => 'one');
SELECT amount, description FROM paycore.post_entry(:'bank', :'shop', '10 EUR', 'A sale', metadata => '{"order": "7"}', idempotency_key => 'one');
SELECT paycore.post_entry(:'bank', :'shop', '11 EUR', 'A sale', metadata => '{"order": "7"}', idempotency_key => 'one');
-- Many, in two currencies; legs of one account are one.
SELECT id AS fx_eur FROM paycore.open_ledger_account('fx', 'asset', 'EUR') \gset
SELECT id AS fx_usd FROM paycore.open_ledger_account('fx', 'asset', 'USD') \gset
SELECT amount, transfer_id = first_value(id) OVER (ORDER BY id) AS one_transfer FROM paycore.post_transfer(
	ARRAY[(:'bank', '5 EUR'), (:'shop', '-3 EUR'), (:'dues', '-2 EUR'), (:'bank', '1 EUR'), (:'fx_eur', '-1 EUR'), (:'fx_usd', '1.10 USD'),
	(:'dollars', '-1.10 USD')]::paycore.ledger_leg[], 'Mixed', idempotency_key => 'many');
SELECT amount, description FROM paycore.post_transfer(
	ARRAY[(:'bank', '5 EUR'), (:'shop', '-3 EUR'), (:'dues', '-2 EUR'), (:'bank', '1 EUR'), (:'fx_eur', '-1 EUR'), (:'fx_usd', '1.10 USD'),
	(:'dollars', '-1.10 USD')]::paycore.ledger_leg[], 'Mixed', idempotency_key => 'many');
SELECT code, currency, paycore.ledger_balance(id) FROM paycore.ledger_accounts ORDER BY code, currency;
-- What does not balance cannot be posted, nor inserted.
SELECT paycore.post_transfer(ARRAY[(:'bank', '5 EUR'), (:'shop', '-4.99 EUR')]::paycore.ledger_leg[]);
SELECT paycore.post_transfer(ARRAY[(:'bank', '5 EUR'), (:'dollars', '-5 USD')]::paycore.ledger_leg[]);
SELECT paycore.post_transfer(ARRAY[(:'bank', '5 EUR'), (:'bank', '-5 EUR')]::paycore.ledger_leg[]);
SELECT paycore.post_transfer(ARRAY[]::paycore.ledger_leg[]);
SELECT paycore.post_transfer(ARRAY[NULL]::paycore.ledger_leg[]);
SELECT paycore.post_transfer(ARRAY[(NULL, '5 EUR')]::paycore.ledger_leg[]);
SELECT paycore.post_transfer(NULL);
SELECT paycore.post_entry(:'bank', :'shop', '0 EUR');
SELECT paycore.post_entry(:'bank', :'shop', '-1 EUR');
SELECT paycore.post_entry(:'bank', :'bank', '1 EUR');
SELECT paycore.post_entry(:'bank', :'dollars', '1 EUR');
SELECT paycore.post_entry(:'bank', :'shop', '1 USD');
SELECT paycore.post_entry(:'bank', paycore.uuid_v7(), '1 EUR');
SELECT paycore.post_entry(:'bank', :'shop', '1 EUR', occurred_at => 'infinity');
SELECT paycore.post_entry(:'bank', :'shop', '1 EUR', metadata => '[]');
SELECT paycore.post_entry(:'bank', :'shop', '1 EUR', 'Card 4242424242424242');
INSERT INTO paycore.ledger_entries (debit_account_id, credit_account_id, amount) VALUES (:'bank', NULL, '1 EUR');
INSERT INTO paycore.ledger_entries (debit_account_id, credit_account_id, amount) VALUES (:'bank', :'shop', NULL);
INSERT INTO paycore.ledger_entries (debit_account_id, credit_account_id, amount) VALUES (:'bank', :'shop', '-1 EUR');
INSERT INTO paycore.ledger_entries (debit_account_id, credit_account_id, amount) VALUES (:'bank', :'dollars', '1 EUR');
INSERT INTO paycore.ledger_entries (tenant_id, debit_account_id, credit_account_id, amount) VALUES ('other', :'bank', :'shop', '1 EUR');
UPDATE paycore.ledger_entries SET amount = '1 EUR';
DELETE FROM paycore.ledger_entries;
TRUNCATE paycore.ledger_entries;
-- Nor do the sums, which would be made twice of what the others still hold.
TRUNCATE paycore.ledger_balances;
TRUNCATE paycore.ledger_periods;
TRUNCATE paycore.ledger_days;
TRUNCATE paycore.ledger_clock;
-- Nor with the guards off: an entry has two sides by its shape, and one amount.
SET session_replication_role = replica;
INSERT INTO paycore.ledger_entries (transfer_id, debit_account_id, amount, occurred_at, recorded_at, txn)
VALUES (paycore.uuid_v7(), :'bank', '1 EUR', now(), now(), 1);
RESET session_replication_role;
-- Raw SQL by the owner is an entry like any other; nobody chooses when it was recorded.
INSERT INTO paycore.ledger_entries (debit_account_id, credit_account_id, amount, occurred_at, recorded_at, txn)
VALUES (:'bank', :'dues', '0.50 EUR', '2020-02-03 10:30:00+00', '1999-01-01', 7)
RETURNING amount, transfer_id = id AS alone, recorded_at >= now() AS recorded, txn > 7 AS numbered;
-- The past, by when things happened and by when they were known, rolled up or not.
SELECT e.amount FROM unnest('{2020-02-03 10:00:00+00, 2020-02-03 10:59:59.999999+00, 2020-02-03 11:00:00+00}'::timestamptz[]) t,
	paycore.post_entry(:'bank', :'dues', '1 EUR', occurred_at => t) e;
CREATE VIEW past AS
SELECT t AT TIME ZONE 'UTC' AS at, paycore.ledger_balance(a.id, t) AS event, paycore.ledger_balance(a.id, t, 'record') AS record
FROM paycore.ledger_accounts a,
	unnest('{-infinity, 2020-02-03 09:59:59+00, 2020-02-03 10:00:00+00, 2020-02-03 10:30:00+00, 2020-02-03 10:59:59.5+00,
		2020-02-03 10:59:59.999999+00, 2020-02-03 11:00:00+00, 2020-02-04 00:00:00+00, infinity}'::timestamptz[]) t
WHERE a.code = 'dues';
SELECT * FROM past;
CREATE TABLE before AS SELECT * FROM past;
SELECT paycore.roll_up_ledger();
SELECT paycore.roll_up_ledger(1) > 3 AS rolled WHERE settled();
SELECT paycore.roll_up_ledger(1);
SELECT debits, credits, entries FROM paycore.ledger_balances WHERE account_id = :'dues';
SELECT count(*) FROM (SELECT * FROM past EXCEPT SELECT * FROM before) x;
SELECT amount FROM paycore.post_entry(:'bank', :'dues', '1 EUR', occurred_at => '2020-02-03 10:15:00+00');
SELECT * FROM past;
SELECT paycore.ledger_balance(:'dues');
SELECT paycore.roll_up_ledger(1) WHERE settled();
SELECT * FROM past;
SELECT paycore.ledger_balance(:'dues', NULL, 'other');
SELECT paycore.ledger_balance(paycore.uuid_v7());
UPDATE paycore.ledger_balances SET debits = 0;
DELETE FROM paycore.ledger_periods;
DELETE FROM paycore.ledger_days;
SELECT paycore.roll_up_ledger(0);
-- Pages, newest first.
SELECT amount, description FROM paycore.list_ledger_entries(:'bank', page_size => 3);
SELECT amount FROM paycore.list_ledger_entries(:'bank', (SELECT (array_agg(id))[3] FROM paycore.list_ledger_entries(:'bank', page_size => 3)), 3);
SELECT count(*), count(DISTINCT id) FROM paycore.list_ledger_entries(:'bank');
SELECT code FROM paycore.list_ledger_accounts(page_size => 2);
SELECT paycore.list_ledger_entries(NULL);
-- A dump restored elsewhere brings horizons beyond this server's transactions: new entries are counted on from there.
SET session_replication_role = replica;
UPDATE paycore.ledger_entries SET txn = txn + 1000000000000;
UPDATE paycore.ledger_balances SET horizon = horizon + 1000000000000;
UPDATE paycore.ledger_periods SET first_txn = first_txn + 1000000000000, last_txn = last_txn + 1000000000000;
RESET session_replication_role;
\c
\set VERBOSITY sqlstate
SELECT paycore.ledger_balance(:'dues');
BEGIN;
SELECT pg_current_xact_id() IS NOT NULL AS has_written;
SELECT amount FROM paycore.post_entry(:'bank', :'dues', '100 EUR');
COMMIT;
SELECT paycore.ledger_balance(:'dues');
SELECT count(*) FROM paycore.ledger_clock WHERE shift > 0;
SELECT paycore.roll_up_ledger(1) WHERE settled();
SELECT paycore.ledger_balance(:'dues');
SELECT * FROM paycore.verify();
-- What verify() finds.
SET session_replication_role = replica;
CREATE FUNCTION found(what text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE what;
	RETURN QUERY SELECT DISTINCT rule FROM paycore.find_ledger_violations() ORDER BY 1;
	RAISE SQLSTATE 'XX999';
EXCEPTION WHEN SQLSTATE 'XX999' THEN NULL;
END $$;
SELECT * FROM found('UPDATE paycore.ledger_entries SET credit_account_id = debit_account_id WHERE description = ''A sale''');
SELECT * FROM found('UPDATE paycore.ledger_entries SET amount = paycore.money_cents(5, ''USD'') WHERE description = ''A sale''');
SELECT * FROM found('DELETE FROM paycore.ledger_accounts WHERE code = ''dues''');
SELECT * FROM found('UPDATE paycore.ledger_balances SET debits = debits + 1');
SELECT * FROM found('UPDATE paycore.ledger_periods SET credits = credits + 1');
SELECT * FROM found('DELETE FROM paycore.ledger_periods');
SELECT * FROM found('UPDATE paycore.ledger_days SET debits = debits + 1');
SELECT * FROM found('DELETE FROM paycore.ledger_days');
RESET session_replication_role;
SELECT paycore.repair_ledger();
SELECT count(*) FROM paycore.ledger_balances;
SELECT paycore.ledger_balance(:'dues');
SELECT * FROM paycore.verify();
-- An application may post, and read, through the functions only; a reader may not.
CREATE ROLE regress_ledger_app;
CREATE ROLE regress_ledger_reader;
SELECT paycore.grant_access('regress_ledger_app', 'app') IS NOT NULL AS app, paycore.grant_access('regress_ledger_reader', 'reader') IS NOT NULL AS reader;
SET ROLE regress_ledger_app;
SELECT amount FROM paycore.post_entry(:'bank', :'shop', '1 EUR');
SELECT amount FROM paycore.post_transfer(ARRAY[(:'bank', '5 EUR'), (:'shop', '-5 EUR')]::paycore.ledger_leg[]);
SELECT paycore.post_entry(:'bank', :'dollars', '1 EUR');
SELECT code FROM paycore.open_ledger_account('apps own', 'asset', 'EUR');
INSERT INTO paycore.ledger_entries (debit_account_id, credit_account_id, amount) VALUES (:'bank', :'shop', '1 EUR');
SELECT paycore.ledger_balance(:'shop');
SELECT paycore.roll_up_ledger();
SELECT paycore.repair_ledger();
SET ROLE regress_ledger_reader;
SELECT paycore.ledger_balance(:'shop'), paycore.ledger_balance(:'shop', now());
SELECT paycore.post_entry(:'bank', :'shop', '1 EUR');
RESET ROLE;
SELECT * FROM paycore.verify();
-- What is beyond counting keeps nobody else from being added up.
SELECT id AS vast FROM paycore.open_ledger_account('vast', 'asset', 'EUR') \gset
SELECT id AS vaster FROM paycore.open_ledger_account('vaster', 'asset', 'EUR') \gset
SELECT id AS small FROM paycore.open_ledger_account('small', 'asset', 'EUR') \gset
INSERT INTO paycore.ledger_entries (debit_account_id, credit_account_id, amount) SELECT :'vast', :'vaster', '90071992547409.91 EUR' FROM generate_series(1, 1025);
SELECT amount FROM paycore.post_entry(:'small', :'bank', '1 EUR');
SELECT paycore.roll_up_ledger(1) > 0 AS rolled WHERE settled();
SELECT a.code, b.debits, b.credits FROM paycore.ledger_balances b JOIN paycore.ledger_accounts a ON a.id = b.account_id WHERE a.code IN ('vast', 'vaster', 'small');
SELECT * FROM paycore.verify();
DROP OWNED BY regress_ledger_app, regress_ledger_reader;
DROP ROLE regress_ledger_app, regress_ledger_reader;
