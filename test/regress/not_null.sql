--
-- A column of ours that the owner lets be null is noticed before anything reads it.
--
\set QUIET on
\set VERBOSITY terse
\o /dev/null
SELECT paycore.init();
INSERT INTO paycore.billing_accounts (id, name, currency) VALUES ('00000000-0000-7000-8000-00000000000a', 'Ada', 'EUR');
\o
\set QUIET off
ALTER TABLE paycore.billing_accounts ALTER COLUMN currency DROP NOT NULL;
UPDATE paycore.billing_accounts SET currency = NULL;
\echo :LAST_ERROR_SQLSTATE
ALTER TABLE paycore.billing_accounts DISABLE TRIGGER USER;
UPDATE paycore.billing_accounts SET currency = NULL;
SELECT id FROM paycore.create_payment_intent('00000000-0000-7000-8000-00000000000a', '1.00 EUR');
\set VERBOSITY default
SELECT id FROM paycore.create_payment_intent('00000000-0000-7000-8000-00000000000a', '1.00 EUR');
\set VERBOSITY terse
SELECT paycore.init();
UPDATE paycore.billing_accounts SET currency = 'EUR';
SELECT paycore.init();
SELECT count(*) FROM paycore.create_payment_intent('00000000-0000-7000-8000-00000000000a', '1.00 EUR');
-- every one of them, one by one
CREATE TABLE dropped AS SELECT attrelid::regclass AS tab, attname AS col FROM pg_attribute a
	WHERE attnotnull AND attnum > 0 AND attrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'paycore'::regnamespace AND relkind = 'r')
	AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = attrelid AND i.indisprimary AND a.attnum = ANY (i.indkey));
SELECT count(*) > 80 FROM dropped;
CREATE FUNCTION try() RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	-- What a call does not touch does not keep it from its work; these look at every table.
	PERFORM paycore.health();
	PERFORM paycore.create_payment_intent('00000000-0000-7000-8000-00000000000a', '1.00 EUR');
	RETURN 'worked';
EXCEPTION WHEN OTHERS THEN RETURN SQLSTATE;
END $$;
CREATE FUNCTION try_without(tab regclass, col name) RETURNS text LANGUAGE plpgsql AS $$
DECLARE result text;
BEGIN
	EXECUTE format('ALTER TABLE %s ALTER COLUMN %I DROP NOT NULL', tab, col);
	result := try();
	EXECUTE format('ALTER TABLE %s ALTER COLUMN %I SET NOT NULL', tab, col);
	RETURN result;
END $$;
SELECT try_without(tab, col), count(*) FROM dropped GROUP BY 1;
SELECT try();
BEGIN;
ALTER TABLE paycore.payment_intents ALTER amount DROP NOT NULL;
SELECT paycore.create_payment_intent('00000000-0000-7000-8000-00000000000a', '1.00 EUR');
ROLLBACK;
BEGIN;
ALTER TABLE paycore.disputes ALTER amount DROP NOT NULL;
SELECT (paycore.create_payment_intent('00000000-0000-7000-8000-00000000000a', '1.00 EUR')).amount;
SELECT count(*) FROM paycore.verify();
ROLLBACK;
