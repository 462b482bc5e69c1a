--
-- grant_access(): what each level can, and what it cannot.
--
\getenv srcdir PG_ABS_SRCDIR
\set setup :srcdir '/data/api_setup.sql'
\i :setup
CREATE ROLE regress_shop;
CREATE ROLE regress_reader;
CREATE ROLE regress_ops;
CREATE ROLE regress_boss;
CREATE ROLE regress_stranger;
GRANT CREATE ON SCHEMA public TO regress_shop;
\set VERBOSITY terse
SELECT paycore.grant_access('regress_shop', 'app');
SELECT paycore.grant_access('regress_reader', 'reader');
SELECT paycore.grant_access('regress_ops', 'operator');
SELECT paycore.grant_access('regress_boss', 'admin');
SELECT paycore.grant_access('regress_shop', 'root');
SELECT paycore.grant_access('nobody', 'app');
SELECT paycore.grant_access(current_user, 'app');
\set VERBOSITY sqlstate
-- Twice is as once.
\set QUIET on
CREATE TABLE before AS SELECT oid, relacl FROM pg_class WHERE relnamespace = 'paycore'::regnamespace AND relkind IN ('r', 'v', 'S');
\set QUIET off
SELECT paycore.grant_access('regress_shop', 'app') IS NOT NULL;
SELECT c.relname FROM pg_class c JOIN before b USING (oid)
WHERE ARRAY(SELECT a::text FROM unnest(c.relacl) a ORDER BY 1) <> ARRAY(SELECT a::text FROM unnest(b.relacl) a ORDER BY 1);
-- Nothing that acts is for everybody.
SELECT p.proname FROM pg_proc p JOIN pg_depend d ON d.objid = p.oid AND d.deptype = 'e' AND d.classid = 'pg_proc'::regclass
JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'paycore'
WHERE has_function_privilege('regress_shop', p.oid, 'execute') AND NOT has_function_privilege('regress_stranger', p.oid, 'execute')
ORDER BY 1;
SELECT p.proname FROM pg_proc p JOIN pg_depend d ON d.objid = p.oid AND d.deptype = 'e' AND d.classid = 'pg_proc'::regclass
JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'paycore'
WHERE has_function_privilege('regress_stranger', p.oid, 'execute') AND p.provolatile = 'v' AND p.prorettype <> 'trigger'::regtype
ORDER BY 1;
-- Table rights, in full.
SELECT c.relname, r.rolname, string_agg(a.privilege_type, ' ' ORDER BY a.privilege_type)
FROM pg_class c, aclexplode(c.relacl) a JOIN pg_roles r ON r.oid = a.grantee
WHERE c.relnamespace = 'paycore'::regnamespace AND r.rolname LIKE 'regress\_%' GROUP BY 1, 2 ORDER BY 1, 2;
-- What a reader may not see of a table that it may read.
SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relnamespace = 'paycore'::regnamespace AND c.relkind = 'r' AND has_any_column_privilege('regress_reader', c.oid, 'select')
	AND NOT has_column_privilege('regress_reader', c.oid, a.attnum, 'select') ORDER BY 1, 2;

-- The application: the whole API ...
SET ROLE regress_shop;
SELECT id AS ada FROM paycore.create_billing_account('Ada', currency => 'USD') \gset
SELECT name FROM paycore.update_billing_account(:'ada', '{"name": "Ada L."}');
SELECT id AS pm FROM paycore.attach_payment_method(:'ada', 'pm_card_visa') \gset
SELECT id IS NOT NULL AS ok FROM paycore.set_default_payment_method(:'pm');
SELECT id AS pi FROM paycore.create_payment_intent(:'ada', '10 USD', :'pm', idempotency_key => 'k') \gset
SELECT id = :'pi' AS same FROM paycore.create_payment_intent(:'ada', '10 USD', :'pm', idempotency_key => 'k');
SELECT status FROM paycore.confirm_payment_intent(:'pi');
SELECT status FROM paycore.refresh_payment_intent(:'pi');
SELECT status FROM paycore.cancel_payment_intent(:'pi');
SELECT status FROM paycore.detach_payment_method(:'pm');
SELECT id AS bob FROM paycore.create_billing_account('Bob', currency => 'EUR', gateway => 'cash') \gset
SELECT id AS pay FROM paycore.record_payment(:'bob', '10 EUR') \gset
SELECT id AS re FROM paycore.create_refund(:'pay', '4 EUR', requested_by => 'x', requires_approval => true) \gset
SELECT status FROM paycore.approve_refund(:'re', 'y');
SELECT id AS re2 FROM paycore.create_refund(:'pay', '4 EUR', requires_approval => true) \gset
SELECT status FROM paycore.cancel_refund(:'re2');
SELECT count(*) FROM paycore.list_payment_intents();
SELECT count(client_secret) FROM paycore.payment_intents;
SELECT refund_state FROM paycore.payments_overview;
SELECT count(*) FROM paycore.status_history(:'re');
-- ... and nothing else.
INSERT INTO paycore.billing_accounts (currency) VALUES ('USD');
UPDATE paycore.payment_intents SET amount = '1 USD';
UPDATE paycore.payments SET reconciled = true;
INSERT INTO paycore.refunds (payment_id, amount) VALUES (:'pay', '1 EUR');
INSERT INTO paycore.payments (billing_account_id, gateway_account, status, authorized) VALUES (:'bob', 'cash', 'pending', '1 EUR');
INSERT INTO paycore.payment_methods (billing_account_id, gateway_account, psp_payment_method_id) VALUES (:'ada', 'default', 'pm_x');
DELETE FROM paycore.payments;
TRUNCATE paycore.payments;
INSERT INTO paycore.status_changes (object_type, object_id, to_status) VALUES ('payment', 'x', 'succeeded');
INSERT INTO paycore.payment_attempts (payment_intent_id, outcome) VALUES (:'pi', 'succeeded');
SELECT FROM paycore.outbox;
INSERT INTO paycore.outbox DEFAULT VALUES;
SELECT FROM paycore.idempotency_keys;
SELECT FROM paycore.webhook_events;
SELECT FROM paycore.gateway_accounts;
SELECT nextval('paycore.outbox_seq');
SELECT paycore.create_gateway_account('x', 'mock');
SELECT paycore.repair_counters();
SELECT paycore.init();
SELECT paycore.grant_access('regress_shop', 'admin');
SET paycore.tenant = 'other';
SET paycore.refund_approval = off;
CREATE TABLE paycore.mine (a int);
CREATE TRIGGER t BEFORE INSERT ON paycore.payments EXECUTE FUNCTION paycore.append_only();
ALTER TABLE paycore.payments DISABLE TRIGGER ALL;
-- A statement of the role's own, run from a trigger of its own, is not ours.
CREATE TABLE orders (id int, account uuid);
CREATE FUNCTION sneak() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	UPDATE paycore.payments SET reconciled = true;
	RETURN NEW;
END $$;
CREATE TRIGGER sneak AFTER INSERT ON orders FOR EACH ROW EXECUTE FUNCTION sneak();
INSERT INTO orders VALUES (1);
-- The API from such a trigger is.
CREATE OR REPLACE FUNCTION sneak() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	PERFORM paycore.create_payment_intent(NEW.account, '3 USD', idempotency_key => 'order-' || NEW.id);
	RETURN NEW;
END $$;
INSERT INTO orders VALUES (2, :'ada');
SELECT amount FROM paycore.list_payment_intents(page_size => 1);
DROP TABLE orders;
DROP FUNCTION sneak;

-- The reader: its tenant, no secrets, no writing.
SET ROLE regress_reader;
SELECT name FROM paycore.billing_accounts ORDER BY name;
SELECT count(id) FROM paycore.payment_intents;
SELECT FROM paycore.payment_intents WHERE client_secret IS NOT NULL;
SELECT count(*), count(client_secret) FROM paycore.list_payment_intents();
SELECT count(*) FROM paycore.payments_overview;
SELECT count(*) > 0 AS any FROM paycore.status_changes;
SELECT paycore.create_refund(:'pay', '1 EUR');
SELECT paycore.cancel_payment_intent(:'pi');
UPDATE paycore.payments SET reconciled = true;
SELECT FROM paycore.outbox;
SELECT FROM paycore.gateway_accounts;
\set VERBOSITY default
SELECT * FROM paycore.verify();
\set VERBOSITY sqlstate
SET ROLE regress_shop;
SELECT * FROM paycore.verify();
SET ROLE regress_ops;
SELECT * FROM paycore.verify();
RESET ROLE;
UPDATE paycore.payment_intents SET client_secret = 'pi_x_secret_y' WHERE amount OPERATOR(paycore.=) '3 USD';
SET ROLE regress_reader;
SELECT count(*), count(client_secret) FROM paycore.list_payment_intents();
SET ROLE regress_shop;
SELECT count(*), count(client_secret) FROM paycore.list_payment_intents();
RESET ROLE;
-- Rows of another tenant are nobody's here.
SET paycore.tenant = 'other';
SELECT name FROM paycore.create_gateway_account('default', 'mock');
SELECT name FROM paycore.create_billing_account('Eve', currency => 'USD');
RESET paycore.tenant;
SET ROLE regress_reader;
SELECT name FROM paycore.billing_accounts ORDER BY name;
SET ROLE regress_shop;
SELECT name FROM paycore.list_billing_accounts() ORDER BY name;
RESET ROLE;
-- A role of many tenants needs the right to say which.
GRANT SET ON PARAMETER paycore.tenant TO regress_shop;
SET ROLE regress_shop;
SET paycore.tenant = 'other';
SELECT name FROM paycore.list_billing_accounts();
RESET paycore.tenant;
RESET ROLE;
REVOKE SET ON PARAMETER paycore.tenant FROM regress_shop;

-- The operator sees the plumbing, and touches it by functions only.
SET ROLE regress_ops;
SELECT count(*) > 0 AS any FROM paycore.outbox;
SELECT count(*) FROM paycore.gateway_accounts;
UPDATE paycore.outbox SET status = 'done';
INSERT INTO paycore.gateway_accounts (name, gateway) VALUES ('x', 'mock');
SELECT paycore.create_gateway_account('x', 'mock');
SELECT paycore.update_gateway_account('default', rate_limit => 10);
-- The admin.
SET ROLE regress_boss;
SELECT name FROM paycore.create_gateway_account('x', 'mock');
SELECT rate_limit FROM paycore.update_gateway_account('x', rate_limit => 10);
INSERT INTO paycore.gateway_accounts (name, gateway) VALUES ('y', 'mock');
UPDATE paycore.gateway_accounts SET adopt = 'all';
SELECT paycore.grant_access('regress_boss', 'admin');
-- A stranger.
SET ROLE regress_stranger;
SELECT paycore.create_payment_intent(paycore.uuid_v7(), '1 USD');
RESET ROLE;
-- A level is set, not added.
SELECT paycore.grant_access('regress_boss', 'reader') IS NOT NULL AS lowered;
SET ROLE regress_boss;
SELECT paycore.create_gateway_account('z', 'mock');
SELECT FROM paycore.outbox;
SELECT client_secret FROM paycore.payment_intents;
RESET ROLE;
DROP OWNED BY regress_shop, regress_reader, regress_ops, regress_boss, regress_stranger;
DROP ROLE regress_shop, regress_reader, regress_ops, regress_boss, regress_stranger;
