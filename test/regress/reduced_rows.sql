--
-- Payments and attempts that an answer makes: the same rows whether they go straight into their
-- tables or through the statement, and whoever has a say has it once.
--
\set QUIET on
\set VERBOSITY terse
\o /dev/null
SELECT paycore.init();
UPDATE paycore.gateway_accounts SET gateway = 'mock';
INSERT INTO paycore.billing_accounts (id, name, currency) VALUES ('00000000-0000-7000-8000-00000000000a', 'Ada', 'EUR');
CREATE TABLE seen (who text, what text);
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN INSERT INTO public.seen VALUES (TG_NAME, TG_TABLE_NAME || ' ' || TG_WHEN || ' ' || TG_LEVEL); RETURN NEW; END $$;
CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
CREATE VIEW made AS
	SELECT i.description AS name, p.*, to_jsonb(p) - 'id' - 'payment_intent_id' - 'psp_charge_id' - 'balance_transaction_ids' - 'gw_digest'
		- 'receipt_url' - 'receipt_number' - ARRAY(SELECT attname::text FROM pg_attribute
			WHERE attrelid = 'paycore.payments'::regclass AND atttypid = 'timestamptz'::regtype) AS facts
		FROM paycore.payments p JOIN paycore.payment_intents i ON i.id = p.payment_intent_id;
\o
\set QUIET off
\set charge 'SELECT count(*) FROM paycore.create_payment_intent(''00000000-0000-7000-8000-00000000000a'', ''10.00 EUR'', payment_method => :''method'', confirm => true, description => :''name'');'
\set method pm_card_visa
\set name plain
:charge
CALL paycore.drain_outbox();
-- triggers of the owner's
CREATE TRIGGER row_before BEFORE INSERT ON paycore.payments FOR EACH ROW EXECUTE FUNCTION note();
CREATE TRIGGER statement_after AFTER INSERT ON paycore.payments FOR EACH STATEMENT EXECUTE FUNCTION note();
CREATE CONSTRAINT TRIGGER late AFTER INSERT ON paycore.payment_attempts DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION note();
\set name watched
:charge
CALL paycore.drain_outbox();
SELECT * FROM seen ORDER BY 1, 2;
-- one row, one history, one attempt each, and the same facts
SELECT name, status, (SELECT count(*) FROM paycore.status_changes c WHERE c.object_id = p.id::text),
	(SELECT count(*) FROM paycore.payment_attempts a WHERE a.psp_charge_id = p.psp_charge_id AND a.outcome = 'succeeded'),
	created_at IS NOT NULL AS created, updated_at IS NOT NULL AS updated, settled_at IS NOT NULL AS settled, net FROM made p ORDER BY id;
SELECT count(DISTINCT facts), count(*) FROM made;
DROP TRIGGER row_before ON paycore.payments;
DROP TRIGGER statement_after ON paycore.payments;
DROP TRIGGER late ON paycore.payment_attempts;
-- a declined charge is one attempt, however often it is told
\set method pm_card_chargeDeclined
\set name declined
:charge
CALL paycore.drain_outbox();
SELECT i.description, a.outcome, a.decline_code, a.amount, a.source FROM paycore.payment_attempts a
	JOIN paycore.payment_intents i ON i.id = a.payment_intent_id WHERE i.description = 'declined';
-- what the owner demands of the rows is demanded
ALTER TABLE paycore.payments ADD COLUMN mine text NOT NULL DEFAULT 'x', ADD COLUMN doubled text GENERATED ALWAYS AS (psp_charge_id || psp_charge_id) STORED;
\set method pm_card_visa
\set name defaulted
:charge
CALL paycore.drain_outbox();
SELECT mine, doubled = psp_charge_id || psp_charge_id AS doubled, status FROM paycore.payments ORDER BY id DESC LIMIT 1;
CREATE TRIGGER row_before BEFORE INSERT ON paycore.payment_attempts FOR EACH ROW EXECUTE FUNCTION nothing();
\set name let_go
:charge
CALL paycore.drain_outbox();
SELECT name, status, (SELECT count(*) FROM paycore.payment_attempts a WHERE a.psp_charge_id = m.psp_charge_id) FROM made m WHERE name = 'let_go';
DROP TRIGGER row_before ON paycore.payment_attempts;
SELECT * FROM paycore.verify();
