--
-- What a session keeps of the tables it writes to: never older than the tables, and no larger after a thousand rows.
--
\set QUIET on
\set VERBOSITY terse
\o /dev/null
SELECT paycore.init();
INSERT INTO paycore.billing_accounts (id, name, currency) VALUES ('00000000-0000-7000-8000-00000000000a', 'Ada', 'EUR');
UPDATE paycore.gateway_accounts SET status = 'paused';
CREATE TABLE seen (n serial, who text, what text);
GRANT ALL ON seen, seen_n_seq TO PUBLIC;
CREATE ROLE kept_stranger;
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO public.seen (who, what) VALUES (current_user, 'first'); RETURN NEW; END $$;
\o
\set QUIET off
\set intent 'SELECT status FROM paycore.create_payment_intent(''00000000-0000-7000-8000-00000000000a'', ''1.00 EUR'', description => :''name'', idempotency_key => :''name'');'
\set name one
:intent
-- indexes of every kind, in the same session
CREATE INDEX mine_brin ON paycore.status_changes USING brin (changed_at) WITH (pages_per_range = 1, autosummarize = off);
CREATE INDEX mine_hash ON paycore.status_changes USING hash (object_id);
CREATE INDEX mine_gin ON paycore.outbox USING gin (params);
CREATE INDEX mine_gist ON paycore.outbox USING gist (tstzrange(created_at, NULL), operation);
CREATE INDEX mine_lower ON paycore.payment_intents (lower(description)) WHERE lower(description) <> 'five';
\set name two
:intent
BEGIN;
\set name three
:intent
\set name Four
:intent
COMMIT;
\set name five
:intent
SET enable_seqscan = off;
SELECT count(*) FROM paycore.status_changes WHERE changed_at > now() - interval '1 hour' AND object_type = 'payment_intent';
SELECT count(*) FROM paycore.status_changes WHERE object_id IN (SELECT id::text FROM paycore.payment_intents);
SELECT count(*) FROM paycore.outbox WHERE params @> '{"currency": "EUR"}';
SELECT count(*) FROM paycore.outbox WHERE tstzrange(created_at, NULL) @> now() AND operation = 'intent.create';
SELECT description FROM paycore.payment_intents WHERE lower(description) = 'four';
SELECT count(*) FROM paycore.payment_intents WHERE lower(description) <> 'five';
RESET enable_seqscan;
DROP INDEX paycore.mine_brin, paycore.mine_hash, paycore.mine_gin, paycore.mine_gist, paycore.mine_lower;
\set name six
:intent
-- an index that is made anew, in the same transaction too
BEGIN;
\set name seven
:intent
REINDEX INDEX paycore.outbox_pkey;
\set name eight
:intent
COMMIT;
REINDEX TABLE paycore.status_changes;
\set name nine
:intent
SET enable_seqscan = off;
SELECT count(*) FROM paycore.outbox WHERE id IN (SELECT id FROM paycore.outbox);
RESET enable_seqscan;
-- a trigger function that becomes another, or somebody else's
CREATE TRIGGER note AFTER INSERT ON paycore.status_changes FOR EACH ROW EXECUTE FUNCTION note();
\set name ten
:intent
CREATE OR REPLACE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO public.seen (who, what) VALUES (current_user, 'second'); RETURN NEW; END $$;
\set name eleven
:intent
ALTER FUNCTION note() OWNER TO kept_stranger;
ALTER FUNCTION note() SECURITY DEFINER;
\set name twelve
:intent
ALTER FUNCTION note() SECURITY INVOKER;
\set name thirteen
:intent
SELECT who = 'kept_stranger' AS stranger, what FROM seen ORDER BY n;
ALTER TABLE paycore.status_changes DISABLE TRIGGER note;
\set name fourteen
:intent
SELECT count(*) FROM seen;
DROP TRIGGER note ON paycore.status_changes;
-- an error in the middle of a row, and of a row within a row
CREATE FUNCTION again() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF NEW.params->>'description' = 'twice' THEN
		PERFORM paycore.create_payment_intent('00000000-0000-7000-8000-00000000000a', '2.00 EUR', description => 'inner');
	ELSIF NEW.params->>'description' = 'wrong' THEN
		BEGIN
			PERFORM paycore.create_payment_intent('00000000-0000-7000-8000-00000000000a', '3.00 EUR', description => 'never');
		EXCEPTION WHEN OTHERS THEN NULL;
		END;
	ELSIF NEW.params->>'description' = 'never' THEN
		RAISE 'never';
	END IF;
	RETURN NEW;
END $$;
CREATE TRIGGER again AFTER INSERT ON paycore.outbox FOR EACH ROW EXECUTE FUNCTION again();
\set name twice
:intent
\set name wrong
:intent
\set name never
:intent
\set name last
:intent
DROP TRIGGER again ON paycore.outbox;
SELECT description, amount FROM paycore.payment_intents WHERE description IN ('twice', 'inner', 'wrong', 'never', 'last') ORDER BY created_at, amount, description;
SELECT count(*) FROM paycore.outbox o JOIN paycore.payment_intents i ON i.id = o.object_id WHERE i.description IN ('twice', 'inner', 'wrong', 'last');
-- no more memory for a thousand rows than for a hundred
CREATE FUNCTION kept() RETURNS bigint LANGUAGE sql AS
	$$ SELECT sum(total_bytes) FROM pg_backend_memory_contexts WHERE name IN ('ExecutorState', 'ExprContext', 'paycore row') $$;
CREATE PROCEDURE make(n integer, prefix text) LANGUAGE plpgsql AS $$
BEGIN
	FOR i IN 1 .. n LOOP
		PERFORM paycore.create_payment_intent('00000000-0000-7000-8000-00000000000a', '1.00 EUR', idempotency_key => prefix || i);
	END LOOP;
END $$;
CALL make(100, 'a');
SELECT kept() AS before \gset
CALL make(1000, 'b');
SELECT :before > 0 AS something, kept() - :before < 100000 AS no_more;
SELECT count(*) FROM paycore.verify();
-- a foreign key carries a change on to a table of the user's, whose trigger then runs with ours
SELECT name FROM paycore.create_gateway_account('cash', 'manual');
SELECT id AS account FROM paycore.create_billing_account('Bob', currency => 'EUR', gateway => 'cash') \gset
SELECT id AS paid FROM paycore.record_payment(:'account', '9.00 EUR') \gset
CREATE UNIQUE INDEX mine_carried ON paycore.payments (id, tenant_id, refunded);
CREATE TABLE carried (payment uuid, tenant text, refunded paycore.money_cents,
	FOREIGN KEY (payment, tenant, refunded) REFERENCES paycore.payments (id, tenant_id, refunded) ON UPDATE CASCADE);
INSERT INTO carried SELECT id, tenant_id, refunded FROM paycore.payments WHERE id = :'paid';
CREATE FUNCTION carry() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO public.seen (what) VALUES (NEW.refunded); RETURN NEW; END $$;
CREATE TRIGGER carry AFTER UPDATE ON carried FOR EACH ROW EXECUTE FUNCTION carry();
SELECT status FROM paycore.create_refund(:'paid', '1.00 EUR');
SELECT status FROM paycore.create_refund(:'paid', '2.00 EUR');
ALTER TABLE carried ADD more text;
SELECT status FROM paycore.create_refund(:'paid', '3.00 EUR');
SELECT what FROM seen WHERE what LIKE '%EUR' ORDER BY n;
-- another user's right to call what a constraint calls is that user's own
CREATE FUNCTION may() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RETURN true; END $$;
REVOKE EXECUTE ON FUNCTION may() FROM PUBLIC;
ALTER TABLE paycore.payment_intents ADD CHECK (may());
ALTER ROLE kept_stranger BYPASSRLS;
SELECT paycore.grant_access('kept_stranger', 'app') IS NOT NULL AS granted;
\set name mine
:intent
SET ROLE kept_stranger;
\set name theirs
:intent
RESET ROLE;
