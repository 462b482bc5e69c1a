--
-- What roles with access try beyond it.
--
\getenv srcdir PG_ABS_SRCDIR
\set setup :srcdir '/data/api_setup.sql'
\i :setup
CREATE ROLE regress_thief;
CREATE ROLE regress_thief_ops;
CREATE ROLE regress_thief_admin;
CREATE ROLE regress_thief_reader;
GRANT CREATE ON SCHEMA public TO regress_thief;
\set QUIET on
\o /dev/null
SELECT paycore.grant_access('regress_thief', 'app');
SELECT paycore.grant_access('regress_thief_ops', 'operator');
SELECT paycore.grant_access('regress_thief_admin', 'admin');
SELECT paycore.grant_access('regress_thief_reader', 'reader');
\o
\set QUIET off
SELECT id AS bob FROM paycore.create_billing_account('Bob', currency => 'EUR', gateway => 'cash') \gset
SELECT id AS pay FROM paycore.record_payment(:'bob', '10 EUR') \gset
SELECT status FROM paycore.create_refund(:'pay', '10 EUR');
SELECT id AS ada FROM paycore.create_billing_account('Ada', currency => 'EUR') \gset
SELECT id AS pi FROM paycore.create_payment_intent(:'ada', '10 EUR') \gset

-- Guards on a table of one's own: counters and histories of ours are not moved from there.
SET ROLE regress_thief;
CREATE TABLE fake (id uuid DEFAULT paycore.uuid_v7(), tenant_id text DEFAULT 'default', payment_id uuid,
	amount paycore.money_cents, status paycore.refund_status, kind text DEFAULT 'refund');
CREATE TRIGGER reserve AFTER INSERT OR UPDATE ON fake FOR EACH ROW EXECUTE FUNCTION paycore.reserve_refund();
INSERT INTO fake (payment_id, amount, status) VALUES (:'pay', '1 EUR', 'pending');
ALTER TABLE fake DISABLE TRIGGER reserve;
INSERT INTO fake (payment_id, amount, status) VALUES (:'pay', '10 EUR', 'succeeded');
ALTER TABLE fake ENABLE TRIGGER reserve;
UPDATE fake SET status = 'failed';
DROP TRIGGER reserve ON fake;
CREATE TRIGGER history AFTER INSERT ON fake FOR EACH ROW EXECUTE FUNCTION paycore.record_status_change('status', '=refund');
INSERT INTO fake (payment_id, amount, status) VALUES (:'pay', '1 EUR', 'pending');
DROP TABLE fake;
SELECT paycore.create_refund(:'pay', '1 EUR');
RESET ROLE;
SELECT refunded, refund_reserved FROM paycore.payments WHERE id = :'pay';

-- Guards on columns of types that they cannot read.
SET ROLE regress_thief;
CREATE TABLE odd (a bigint, m paycore.money_cents, updated_at text);
INSERT INTO odd VALUES (1, '1 USD', 'x');
CREATE TRIGGER t BEFORE UPDATE ON odd FOR EACH ROW EXECUTE FUNCTION paycore.touch_updated_at();
UPDATE odd SET a = 2;
CREATE OR REPLACE TRIGGER t BEFORE INSERT ON odd FOR EACH ROW EXECUTE FUNCTION paycore.keep_counters('m', 'updated_at');
INSERT INTO odd (m) VALUES ('1 USD');
CREATE OR REPLACE TRIGGER t BEFORE INSERT ON odd FOR EACH ROW EXECUTE FUNCTION paycore.keep_counters('m', '=updated_at');
INSERT INTO odd (m) VALUES ('1 USD');
CREATE OR REPLACE TRIGGER t BEFORE UPDATE ON odd FOR EACH ROW EXECUTE FUNCTION paycore.keep_currency('updated_at');
UPDATE odd SET updated_at = 'y';
CREATE OR REPLACE TRIGGER t BEFORE UPDATE ON odd FOR EACH ROW EXECUTE FUNCTION paycore.require_positive('updated_at');
UPDATE odd SET updated_at = 'y';
DROP TABLE odd;
RESET ROLE;
CREATE TABLE odd (payment_id bigint, tenant_id text, amount paycore.money_cents, status paycore.refund_status, kind text);
CREATE TRIGGER t AFTER INSERT ON odd FOR EACH ROW EXECUTE FUNCTION paycore.reserve_refund();
INSERT INTO odd VALUES (1, 'default', '1 EUR', 'pending', 'refund');
DROP TABLE odd;

-- Words where a guard looks for a column.
CREATE TABLE odd (id int, m paycore.money_cents);
INSERT INTO odd VALUES (1, '1 EUR');
CREATE TRIGGER t BEFORE INSERT OR UPDATE ON odd FOR EACH ROW EXECUTE FUNCTION paycore.require_positive('|');
UPDATE odd SET id = 2;
CREATE OR REPLACE TRIGGER t BEFORE INSERT OR UPDATE ON odd FOR EACH ROW EXECUTE FUNCTION paycore.keep_immutable('=m');
UPDATE odd SET id = 2;
CREATE OR REPLACE TRIGGER t BEFORE INSERT OR UPDATE ON odd FOR EACH ROW EXECUTE FUNCTION paycore.enforce_transition('>x');
UPDATE odd SET id = 2;
DROP TABLE odd;

-- Facts for the ledger out of columns of other types, or of nothing, of a table of the owner's.
CREATE TABLE odd (id bigint, tenant_id bigint, account bigint, amount bigint, at timestamptz, t text, status paycore.refund_status,
	paid paycore.payout_status);
CREATE TRIGGER t AFTER INSERT ON odd FOR EACH ROW
	EXECUTE FUNCTION paycore.post_to_ledger('=account_transaction', 'id', 'tenant_id', 'account', 'amount', 'at');
INSERT INTO odd VALUES (1, 1, 1, 1);
CREATE OR REPLACE TRIGGER t AFTER INSERT ON odd FOR EACH ROW
	EXECUTE FUNCTION paycore.post_to_ledger('=account_transaction', '|', 'tenant_id', 'account', 'amount', 'at');
INSERT INTO odd VALUES (1, 1, 1, 1);
ALTER TABLE odd ALTER id TYPE uuid USING NULL, ALTER tenant_id TYPE text, ALTER account TYPE uuid USING NULL,
	ALTER amount TYPE paycore.money_cents USING NULL;
CREATE OR REPLACE TRIGGER t AFTER INSERT ON odd FOR EACH ROW
	EXECUTE FUNCTION paycore.post_to_ledger('=account_transaction', 'id', 'tenant_id', 'account', 'amount', 'at');
INSERT INTO odd VALUES (NULL, 'default', NULL, '1 EUR');
INSERT INTO odd VALUES (paycore.uuid_v7(), NULL, NULL, '1 EUR');
CREATE OR REPLACE TRIGGER t AFTER INSERT ON odd FOR EACH ROW
	EXECUTE FUNCTION paycore.post_to_ledger('=refund', 'id', 'tenant_id', 'account', 'tenant_id', 't', 'status', 'amount', 't', 'at', 'at', 'at');
INSERT INTO odd VALUES (paycore.uuid_v7(), 'default', NULL, '1 EUR', now(), NULL, 'succeeded');
CREATE OR REPLACE TRIGGER t AFTER INSERT ON odd FOR EACH ROW
	EXECUTE FUNCTION paycore.post_to_ledger('=payout', 'id', 'tenant_id', 't', 'paid', 'amount', 'at', 'at', 'at');
INSERT INTO odd VALUES (paycore.uuid_v7(), 'default', NULL, '1 EUR', now(), NULL, NULL, 'paid');
DROP TABLE odd;

-- A trigger that keeps out rows of which more is written.
CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
CREATE TRIGGER nothing BEFORE INSERT ON paycore.gateway_accounts FOR EACH ROW EXECUTE FUNCTION nothing();
SELECT paycore.create_webhook_endpoint('shop', 'https://shop.example/');
DROP TRIGGER nothing ON paycore.gateway_accounts;
BEGIN;
SELECT name FROM paycore.create_gateway_account('card', 'stripe');
CREATE TRIGGER nothing BEFORE INSERT ON paycore.gateway_feeds FOR EACH ROW EXECUTE FUNCTION nothing();
SELECT paycore.poll_events('card');
ROLLBACK;
CREATE TRIGGER nothing BEFORE INSERT ON paycore.outbox FOR EACH ROW EXECUTE FUNCTION nothing();
SELECT paycore.create_payment_intent(:'ada', '10 EUR', 'pm_card_visa', true);
DROP TRIGGER nothing ON paycore.outbox;
DROP FUNCTION nothing();

-- A partition that was given away speaks for its new owner, not for the root's.
CREATE TABLE parts (id int, tenant_id text, status text) PARTITION BY LIST (id);
CREATE TABLE parts_1 PARTITION OF parts FOR VALUES IN (1);
CREATE TRIGGER history AFTER INSERT ON parts FOR EACH ROW EXECUTE FUNCTION paycore.record_status_change('status', '=part');
INSERT INTO parts VALUES (1, 'default', 'new');
ALTER TABLE parts_1 OWNER TO regress_thief;
SET ROLE regress_thief;
CREATE TRIGGER forge AFTER INSERT ON parts_1 FOR EACH ROW EXECUTE FUNCTION paycore.record_status_change('status', '=payment');
INSERT INTO parts_1 VALUES (1, 'default', 'succeeded');
RESET ROLE;
SELECT object_type, to_status FROM paycore.status_changes WHERE object_type IN ('part', 'payment') AND object_id = '1';
DROP TABLE parts;

-- What is small here, and would be large in a request, of which many are claimed at once.
SELECT paycore.create_payment_intent(:'ada', '10 EUR', metadata => '{"n": 1e131071}');
SELECT metadata FROM paycore.create_payment_intent(:'ada', '10 EUR', metadata => '{"n": 1e20}');
SELECT paycore.create_payment_intent(:'ada', '10 EUR', gateway_params => '{"a": [1e131071]}');
SELECT paycore.create_payment_intent(:'ada', '10 EUR', gateway_params => jsonb_build_object('a', repeat('x', 200000)));
SELECT paycore.create_setup_intent(:'ada', gateway_params => jsonb_build_object(repeat('x', 200000), 'a'));

-- Requests and gateway accounts of another tenant.
UPDATE paycore.outbox SET status = 'dead' WHERE object_id = :'pi';
SELECT id AS dead FROM paycore.outbox WHERE object_id = :'pi' \gset
SET paycore.tenant = 'other';
SET ROLE regress_thief_ops;
SELECT paycore.retry_outbox(:'dead');
SELECT paycore.pause_gateway('default');
SELECT paycore.resume_gateway('default');
SET ROLE regress_thief_admin;
SELECT paycore.create_gateway_account('default', 'stripe');
SELECT name FROM paycore.create_gateway_account('own', 'mock');
SELECT paycore.pause_gateway('own');
RESET ROLE;
RESET paycore.tenant;
SELECT status FROM paycore.gateway_accounts WHERE name = 'default';
SELECT status FROM paycore.outbox WHERE id = :'dead';
SET ROLE regress_thief_ops;
SELECT status FROM paycore.retry_outbox(:'dead');
SELECT paycore.pause_gateway('default'), paycore.resume_gateway('default');
RESET ROLE;
-- The owner is bound to no tenant, and may share an account.
UPDATE paycore.outbox SET status = 'dead' WHERE id = :'dead';
SET paycore.tenant = 'other';
SELECT status FROM paycore.retry_outbox(:'dead');
SELECT name FROM paycore.create_gateway_account('default', 'mock');
RESET paycore.tenant;
SELECT rule FROM paycore.verify();

-- Copied requests, endpoints and schedules of another tenant.
UPDATE paycore.outbox SET instance = 'original' WHERE id = :'dead';
SET paycore.tenant = 'other';
SET ROLE regress_thief_admin;
SELECT paycore.adopt_outbox('discard'), paycore.adopt_outbox('send');
RESET ROLE;
RESET paycore.tenant;
SELECT instance, status FROM paycore.outbox WHERE id = :'dead';
SET ROLE regress_thief_admin;
SELECT paycore.adopt_outbox('send');
RESET ROLE;

-- An owner who changes a column's type, or a table, changes what C would read as it was.
BEGIN;
ALTER TABLE paycore.payment_attempts ALTER error_message TYPE bigint USING 42;
SELECT paycore.health();
ROLLBACK;
BEGIN;
ALTER TABLE paycore.payment_intents ALTER error_message TYPE bigint USING 42;
SET LOCAL ROLE regress_thief_reader;
SELECT count(error_message) FROM paycore.list_payment_intents();
ROLLBACK;
BEGIN;
ALTER TABLE paycore.idempotency_keys RENAME TO kept;
CREATE VIEW paycore.idempotency_keys AS SELECT * FROM paycore.kept;
SELECT paycore.create_payment_intent(:'ada', '10 EUR', idempotency_key => 'k');
ROLLBACK;
SELECT paycore.health() IS NOT NULL;
\c
DROP OWNED BY regress_thief, regress_thief_ops, regress_thief_admin, regress_thief_reader;
DROP ROLE regress_thief, regress_thief_ops, regress_thief_admin, regress_thief_reader;
