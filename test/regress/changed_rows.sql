--
-- An intent that an answer changes: the same row whether it is changed straight in its table or
-- through the statement, and whoever has a say has it once.
--
\set QUIET on
\set VERBOSITY terse
\o /dev/null
ALTER DATABASE :"DBNAME" SET paycore.worker = off;
SELECT paycore.init();
UPDATE paycore.gateway_accounts SET gateway = 'mock';
INSERT INTO paycore.billing_accounts (id, name, currency) VALUES ('00000000-0000-7000-8000-00000000000a', 'Ada', 'EUR');
CREATE TABLE seen (who text, what text);
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN INSERT INTO public.seen VALUES (TG_NAME, TG_WHEN || ' ' || TG_LEVEL || coalesce(' ' || OLD.status || '>' || NEW.status, '')); RETURN NEW; END $$;
CREATE FUNCTION rename() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.error_message := 'touched'; RETURN NEW; END $$;
CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
CREATE FUNCTION nobody() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.payment_id := '00000000-0000-7000-8000-000000000000'; RETURN NEW; END $$;
CREATE VIEW answered AS
	SELECT i.description AS name, i.status, i.payment_id IS NOT NULL AS paid, i.error_message,
		(SELECT string_agg(to_status, ' ' ORDER BY c.id) FROM paycore.status_changes c WHERE c.object_id = i.id::text) AS history,
		to_jsonb(i) - 'id' - 'payment_id' - 'psp_intent_id' - 'psp_latest_charge_id' - 'gw_digest' - 'description' - 'mine' - 'doubled'
		- ARRAY(SELECT attname::text FROM pg_attribute
			WHERE attrelid = 'paycore.payment_intents'::regclass AND atttypid = 'timestamptz'::regtype) AS facts
		FROM paycore.payment_intents i;
\o
\set QUIET off
\set charge 'SELECT count(*) FROM paycore.create_payment_intent(''00000000-0000-7000-8000-00000000000a'', ''10.00 EUR'', payment_method => ''pm_card_visa'', confirm => true, description => :''name'');'
\set name plain
:charge
CALL paycore.drain_outbox();
-- triggers of the owner's: of a column that is given, of one that is not, and where the row became another
CREATE TRIGGER of_status BEFORE UPDATE OF status ON paycore.payment_intents FOR EACH ROW EXECUTE FUNCTION note();
CREATE TRIGGER of_other BEFORE UPDATE OF return_url ON paycore.payment_intents FOR EACH ROW EXECUTE FUNCTION note();
CREATE TRIGGER paid AFTER UPDATE ON paycore.payment_intents FOR EACH ROW
	WHEN (OLD.payment_id IS NULL AND NEW.payment_id IS NOT NULL) EXECUTE FUNCTION note();
\set name rows
:charge
CALL paycore.drain_outbox();
SELECT * FROM seen ORDER BY 1, 2;
TRUNCATE seen;
CREATE TRIGGER statement_after AFTER UPDATE ON paycore.payment_intents FOR EACH STATEMENT EXECUTE FUNCTION note();
\set name statements
:charge
CALL paycore.drain_outbox();
SELECT * FROM seen ORDER BY 1, 2;
DROP TRIGGER statement_after ON paycore.payment_intents;
DROP TRIGGER of_status ON paycore.payment_intents;
DROP TRIGGER of_other ON paycore.payment_intents;
DROP TRIGGER paid ON paycore.payment_intents;
-- columns of the owner's
ALTER TABLE paycore.payment_intents ADD COLUMN mine text DEFAULT 'x';
\set name columns
:charge
CALL paycore.drain_outbox();
ALTER TABLE paycore.payment_intents ADD COLUMN doubled text GENERATED ALWAYS AS (psp_intent_id || psp_intent_id) STORED;
\set name generated
:charge
CALL paycore.drain_outbox();
SELECT mine, doubled = psp_intent_id || psp_intent_id AS doubled FROM paycore.payment_intents WHERE description = 'generated';
-- the same facts, however they came
SELECT name, status, paid, history FROM answered ORDER BY name;
SELECT count(DISTINCT facts), count(*) FROM answered;
-- what the owner's triggers make of the row is what is stored and asked
CREATE TRIGGER last BEFORE UPDATE ON paycore.payment_intents FOR EACH ROW EXECUTE FUNCTION rename();
\set name renamed
:charge
CALL paycore.drain_outbox();
DROP TRIGGER last ON paycore.payment_intents;
CREATE TRIGGER last BEFORE UPDATE ON paycore.payment_intents FOR EACH ROW EXECUTE FUNCTION nothing();
\set name vetoed
:charge
CALL paycore.drain_outbox();
DROP TRIGGER last ON paycore.payment_intents;
CREATE TRIGGER last BEFORE UPDATE ON paycore.payment_intents FOR EACH ROW EXECUTE FUNCTION nobody();
\set name misled
:charge
CALL paycore.drain_outbox();
DROP TRIGGER last ON paycore.payment_intents;
SELECT name, status, paid, error_message FROM answered WHERE name IN ('renamed', 'vetoed', 'misled') ORDER BY name;
SELECT o.status, o.error_code, o.error_message FROM paycore.outbox o JOIN paycore.payment_intents i ON i.id = o.object_id
	WHERE i.description = 'misled' AND o.operation = 'intent.create';
-- a bad answer among good ones is alone with its fault, whether it shows at once or at commit
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN IF NEW.description LIKE 'bad%' THEN RAISE EXCEPTION 'not this one'; END IF; RETURN NEW; END $$;
CREATE VIEW batch AS
	SELECT i.description, i.status, o.status AS request, o.attempts, o.error_message,
		(SELECT count(*) FROM paycore.payments p WHERE p.payment_intent_id = i.id) AS payments,
		(SELECT string_agg(to_status, ' ' ORDER BY c.id) FROM paycore.status_changes c WHERE c.object_id = i.id::text) AS history
	FROM paycore.payment_intents i JOIN paycore.outbox o ON o.object_id = i.id AND o.operation = 'intent.create'
	WHERE i.description ~ '^(good|bad)';
\set batch 'SELECT count(*) FROM unnest(:''names''::text[]) AS n(name), LATERAL paycore.create_payment_intent(''00000000-0000-7000-8000-00000000000a'', ''10.00 EUR'', payment_method => ''pm_card_visa'', confirm => true, description => name);'
CREATE TRIGGER last AFTER UPDATE ON paycore.payment_intents FOR EACH ROW EXECUTE FUNCTION refuse();
\set names '{good 1,bad 1,good 2}'
:batch
CALL paycore.drain_outbox();
DROP TRIGGER last ON paycore.payment_intents;
CREATE CONSTRAINT TRIGGER last AFTER UPDATE ON paycore.payment_intents DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse();
\set names '{good 3,bad 2,good 4}'
:batch
CALL paycore.drain_outbox();
SELECT description, status, request, attempts > 0 AS tried, error_message, payments, history FROM batch ORDER BY 1;
DROP TRIGGER last ON paycore.payment_intents;
WITH again AS (UPDATE paycore.outbox SET next_attempt_at = now() WHERE finished_at IS NULL RETURNING 1) SELECT count(*) > 0 AS again FROM again;
CALL paycore.drain_outbox();
SELECT description, status, request, payments, history FROM batch ORDER BY 1;
SELECT v.rule, v.detail FROM paycore.verify() v JOIN paycore.payment_intents i ON i.id::text = v.object_id WHERE i.description <> 'vetoed';
