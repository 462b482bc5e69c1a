--
-- Webhook endpoints: who may have one, which changes go to it, and what verify() sees.
--
\set QUIET on
\o /dev/null
SELECT format('ALTER DATABASE %I SET paycore.worker = off', current_database()) \gexec
SELECT paycore.init();
UPDATE paycore.gateway_accounts SET gateway = 'manual';
INSERT INTO paycore.billing_accounts (id, name, currency) VALUES ('00000000-0000-7000-8000-00000000000a', 'Ada', 'EUR');
\o
\set QUIET off
\set pay 'SELECT (paycore.record_payment(''00000000-0000-7000-8000-00000000000a'', ''5.00 EUR'')).status;'
\set queued 'SELECT gateway_account, params ->> ''object_type'' AS object, params ->> ''to_status'' AS to_status, (params ->> ''seq'')::int AS seq, status FROM paycore.outbox ORDER BY seq;'
-- arguments
\set VERBOSITY terse
SELECT paycore.create_webhook_endpoint('a shop', 'https://shop.example/hooks');
SELECT paycore.create_webhook_endpoint(NULL, 'https://shop.example/hooks');
SELECT paycore.create_webhook_endpoint('shop', 'http://shop.example/hooks');
SELECT paycore.create_webhook_endpoint('shop', 'http://localhost.shop.example/');
SELECT paycore.create_webhook_endpoint('shop', 'file:///etc/passwd');
SELECT paycore.create_webhook_endpoint('shop', 'https://user@shop.example/');
SELECT paycore.create_webhook_endpoint('shop', 'https://shop.example/a b');
SELECT paycore.create_webhook_endpoint('shop', 'https://sh' || chr(246) || 'p.example/');
SELECT paycore.create_webhook_endpoint('shop', 'https://shop.example/' || repeat('x', 2000));
SELECT paycore.create_webhook_endpoint('shop', 'https://shop.example/', '{}');
SELECT paycore.create_webhook_endpoint('shop', 'https://shop.example/', '{NULL}');
SELECT paycore.create_webhook_endpoint('shop', 'https://shop.example/', '{payment}');
SELECT paycore.create_webhook_endpoint('shop', 'https://shop.example/', '{payment.}');
SELECT paycore.create_webhook_endpoint('shop', 'https://shop.example/', '{*.succeeded}');
SELECT paycore.create_webhook_endpoint('shop', 'https://shop.example/', '{"a b.c"}');
SELECT paycore.create_webhook_endpoint('shop', 'https://shop.example/', rate_limit => 0);
SELECT paycore.create_webhook_endpoint('shop', 'https://shop.example/', description => 'card 4242 4242 4242 4242');
-- three that want different things, one of them from the start
SELECT name, url, enabled_events, description, status, applies_from FROM paycore.create_webhook_endpoint('all', 'https://shop.example/hooks?x=1', from_start => true);
SELECT name, url, enabled_events, description, status, applies_from FROM paycore.create_webhook_endpoint('paid', 'http://127.0.0.1:8080/', '{payment.succeeded,refund.*}', 'the warehouse');
SELECT name, url, enabled_events FROM paycore.create_webhook_endpoint('accounts', enabled_events => '{billing_account.*}', rate_limit => 5, max_in_flight => 2);
SELECT paycore.create_webhook_endpoint('all', 'https://shop.example/');
SELECT name, gateway, rate_limit, endpoint_rate_limit, max_in_flight FROM paycore.gateway_accounts WHERE gateway = 'push' ORDER BY name;
-- an endpoint is no gateway, and its place in the feed is its own
SELECT paycore.create_billing_account(name => 'Bob', currency => 'EUR', gateway => 'all');
SELECT paycore.create_gateway_account('other', 'push');
SELECT paycore.update_gateway_account('all', rate_limit => 1);
SELECT error_message FROM paycore.receive_webhook('{"id": "evt_1"}', 't=1,v1=2', 'all');
SELECT paycore.read_changes('endpoint:all');
SELECT paycore.acknowledge_changes('endpoint:all', 1);
SELECT paycore.drop_change_consumer('endpoint:all');
SELECT paycore.create_change_consumer('endpoint:mine');
-- what is committed goes into the outbox, each change once for each endpoint that wants it
CALL paycore.drain_outbox();
:queued
:pay
BEGIN;
:pay
ROLLBACK;
CALL paycore.drain_outbox();
CALL paycore.drain_outbox();
:queued
SELECT count(DISTINCT lane), count(*) FROM paycore.outbox WHERE gateway_account = 'all';
SELECT * FROM paycore.verify();
-- disabled, it keeps its place
SELECT name, status, disabled_reason, disabled_at IS NOT NULL AS at FROM paycore.update_webhook_endpoint('paid', disabled => true, reason => 'moving house');
SELECT name, status, disabled_reason FROM paycore.update_webhook_endpoint('accounts', disabled => true);
:pay
CALL paycore.drain_outbox();
SELECT count(*) FROM paycore.outbox WHERE gateway_account = 'paid';
SELECT paycore.health() -> 'endpoints_disabled';
SELECT name, status, disabled_reason, disabled_at FROM paycore.update_webhook_endpoint('paid', disabled => false);
CALL paycore.drain_outbox();
SELECT count(*) FROM paycore.outbox WHERE gateway_account = 'paid';
-- changed
SELECT name, url, enabled_events, description, status FROM paycore.update_webhook_endpoint('paid', 'https://new.example/', '{payment.*}', 'the new warehouse', 7, 3);
SELECT rate_limit, endpoint_rate_limit, max_in_flight FROM paycore.gateway_accounts WHERE name = 'paid';
SELECT paycore.update_webhook_endpoint('paid', 'http://new.example/');
SELECT paycore.update_webhook_endpoint('paid', enabled_events => '{}');
SELECT paycore.update_webhook_endpoint('nobody', disabled => true);
:pay
CALL paycore.drain_outbox();
SELECT params ->> 'to_status' AS to_status FROM paycore.outbox WHERE gateway_account = 'paid' ORDER BY seq;
SELECT * FROM paycore.verify();
-- what was not queued is missed
BEGIN;
SELECT DISTINCT status FROM paycore.outbox WHERE gateway_account = 'all';
DELETE FROM paycore.outbox WHERE gateway_account = 'all' AND (params ->> 'seq')::int = 2;
SELECT severity, rule, regexp_replace(detail, '[0-9a-f-]{36}', 'ID') AS detail FROM paycore.verify();
ROLLBACK;
BEGIN;
DELETE FROM paycore.change_consumers WHERE name = 'endpoint:all';
SELECT severity, rule, detail FROM paycore.verify();
ROLLBACK;
-- of an own table
CREATE TABLE orders (id int PRIMARY KEY, status paycore.payment_status NOT NULL);
CREATE TRIGGER history AFTER INSERT OR UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION paycore.record_status_change('status', '=order');
INSERT INTO orders VALUES (1, 'pending');
CALL paycore.drain_outbox();
SELECT gateway_account, params ->> 'object_type' AS object, params ->> 'object_id' AS id FROM paycore.outbox WHERE params ->> 'object_type' = 'order';
-- given up
SELECT id AS delivery FROM paycore.outbox WHERE gateway_account = 'all' ORDER BY seq LIMIT 1 \gset
SELECT status, finished_at IS NOT NULL AS finished FROM paycore.discard_delivery(:'delivery');
SELECT paycore.discard_delivery(:'delivery');
SELECT paycore.discard_delivery('00000000-0000-7000-8000-00000000000a');
-- deleted
SELECT paycore.delete_webhook_endpoint('paid');
SELECT paycore.delete_webhook_endpoint('paid');
SELECT DISTINCT status FROM paycore.outbox WHERE gateway_account = 'paid';
SELECT name FROM paycore.webhook_endpoints ORDER BY name;
SELECT name FROM paycore.change_consumers ORDER BY name;
SELECT name FROM paycore.gateway_accounts ORDER BY name;
SELECT * FROM paycore.verify();
SELECT name FROM paycore.create_webhook_endpoint('paid', 'https://shop.example/');
-- rights: an operator may look, an administrator may have endpoints, of their own tenant
CREATE ROLE push_operator;
CREATE ROLE push_admin;
SELECT paycore.grant_access('push_operator', 'operator') IS NOT NULL, paycore.grant_access('push_admin', 'admin') IS NOT NULL;
SET ROLE push_operator;
SELECT name FROM paycore.webhook_endpoints ORDER BY name;
SELECT paycore.create_webhook_endpoint('mine', 'https://10.0.0.1/');
SELECT paycore.update_webhook_endpoint('all', 'https://10.0.0.1/');
UPDATE paycore.webhook_endpoints SET url = 'https://10.0.0.1/';
SET ROLE push_admin;
SELECT name FROM paycore.create_webhook_endpoint('mine', 'https://shop.example/');
SELECT name, status FROM paycore.update_webhook_endpoint('mine', disabled => true);
UPDATE paycore.webhook_endpoints SET url = 'https://10.0.0.1/';
SELECT paycore.delete_webhook_endpoint('mine');
RESET ROLE;
SET paycore.tenant = 'other';
SET ROLE push_admin;
SELECT name FROM paycore.webhook_endpoints;
SELECT paycore.update_webhook_endpoint('all', disabled => true);
SELECT paycore.create_webhook_endpoint('all', 'https://shop.example/');
RESET ROLE;
RESET paycore.tenant;
DROP OWNED BY push_operator, push_admin;
DROP ROLE push_operator, push_admin;
-- what is sent
CREATE FUNCTION pg_temp.render(gateway text, operation text, params jsonb, ids jsonb)
RETURNS text LANGUAGE c STRICT AS '$libdir/paycore', 'paycore_test_gateway_render';
SELECT pg_temp.render('push', 'webhook.deliver', '{"id": "x", "seq": 7, "created": 1786000000, "object_type": "payment", "object_id": "p",
	"from_status": "pending", "to_status": "succeeded", "reason": "Zo\u00eb \ud83d\ude00"}', '{"tenant": "acme"}');
SELECT pg_temp.render('push', 'webhook.deliver', '{"id": "x", "object_type": "payment"}', '{}');
SELECT pg_temp.render('push', 'refund.create', '{"object_type": "payment", "to_status": "succeeded"}', '{}');
SELECT pg_temp.render('stripe', 'webhook.deliver', '{"object_type": "payment", "to_status": "succeeded"}', '{}');
SELECT pg_temp.render('mock', 'webhook.deliver', '{"object_type": "payment", "to_status": "succeeded"}', '{}');
