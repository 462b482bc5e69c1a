--
-- Intents that paycore did not make: written whole at once, whatever the table has of the owner's.
--
\getenv srcdir PG_ABS_SRCDIR
\set setup :srcdir '/data/reduce_setup.sql'
\i :setup
UPDATE paycore.gateway_accounts SET adopt = 'all' WHERE name = 'default';
CREATE VIEW adopted AS
	SELECT i.psp_intent_id AS id, i.status, i.amount_received, i.capture_method, i.metadata, i.gateway_params, i.payment_id = p.id AS linked, p.fee,
		i.next_sweep_at IS NOT NULL AS looked_at, i.payment_method AS method,
		(SELECT string_agg(concat_ws('>', c.from_status, c.to_status), ' ' ORDER BY c.seq) FROM paycore.status_changes c WHERE c.object_id = i.id::text) AS history
	FROM paycore.payment_intents i LEFT JOIN paycore.payments p ON p.psp_charge_id = i.psp_latest_charge_id
	WHERE i.psp_intent_id LIKE 'pi_a%';
CREATE FUNCTION paid(id text, more jsonb DEFAULT '{}', charge jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql AS $$
	SELECT pi(id, 'succeeded', jsonb_build_object('customer', 'cus_' || id, 'amount_received', 1000, 'metadata', '{"order": "7", "paycore_x": "no"}'::jsonb,
		'latest_charge', ch('ch_' || id, id, 'succeeded', jsonb_build_object('balance_transaction', txn('txn_' || id, 1000, 59)) || charge)) || more) $$;
-- with all; with a fee that is to come; with a charge that failed; without a charge; canceled; words that nobody knows
SELECT event(paid('pi_a1'), 1), event(paid('pi_a2', '{}', '{"balance_transaction": null}'), 1),
	event(paid('pi_a3', '{"status": "requires_payment_method", "amount_received": 0}', '{"status": "failed", "captured": false, "failure_code": "card_declined"}'), 1),
	event(pi('pi_a4', 'processing', '{"customer": null, "metadata": null}'), 1), event(pi('pi_a5', 'canceled', '{"customer": null}'), 1),
	event(pi('pi_a6', 'processing', '{"customer": null, "capture_method": "some day", "confirmation_method": null}'), 1);
SELECT * FROM adopted ORDER BY id;
-- The charge is here already, without an intent: the link is missing, and so it is looked at.
SELECT event(ch('ch_pi_a7', NULL, 'succeeded', '{"customer": "cus_pi_a7"}'), 1), event(paid('pi_a7'), 2);
SELECT id, status, linked, looked_at, history FROM adopted WHERE id = 'pi_a7';
-- Newer and older pictures of one that was adopted.
SELECT event(pi('pi_a8', 'processing', '{"customer": null}'), 5), event(pi('pi_a8', 'requires_action', '{"customer": null}'), 3), event(pi('pi_a8', 'succeeded', '{"customer": null}'), 7);
SELECT id, status, looked_at, history FROM adopted WHERE id = 'pi_a8';
-- Triggers and columns of the owner's have their say.
CREATE TABLE seen (what text);
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN INSERT INTO public.seen VALUES (concat_ws(' ', TG_TABLE_NAME, TG_OP, NEW.status)); RETURN NEW; END $$;
CREATE FUNCTION rename() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.description := 'touched'; RETURN NEW; END $$;
CREATE TRIGGER note AFTER INSERT OR UPDATE ON paycore.payment_intents FOR EACH ROW EXECUTE FUNCTION note();
CREATE TRIGGER rename BEFORE INSERT ON paycore.payment_intents FOR EACH ROW EXECUTE FUNCTION rename();
ALTER TABLE paycore.payment_intents ADD COLUMN mine int DEFAULT 7;
SELECT event(paid('pi_a9'), 1);
SELECT a.*, i.mine, i.description FROM adopted a JOIN paycore.payment_intents i ON i.psp_intent_id = a.id WHERE a.id = 'pi_a9';
SELECT * FROM seen;
-- A guard refuses: nothing of it is here.
SELECT event(paid('pi_a10', '{"amount": 0}'), 1);
SELECT count(*) FROM adopted WHERE id = 'pi_a10';
-- What is adopted is asked anew once it is changed.
DROP TRIGGER note ON paycore.payment_intents;
UPDATE paycore.gateway_accounts SET adopt = 'none' WHERE name = 'default';
SELECT event(paid('pi_a11'), 1);
BEGIN;
UPDATE paycore.gateway_accounts SET adopt = 'all' WHERE name = 'default';
SELECT event(paid('pi_a11'), 1);
ROLLBACK;
SELECT event(paid('pi_a11'), 1), (SELECT count(*) FROM adopted WHERE id = 'pi_a11');
SELECT * FROM paycore.verify();
