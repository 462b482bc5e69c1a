--
-- receive_webhook(): what is trusted, what is stored, what is applied.
--
\getenv srcdir PG_ABS_SRCDIR
\set setup :srcdir '/data/reduce_setup.sql'
\i :setup
\set setup :srcdir '/data/webhooks_setup.sql'
\i :setup

-- An event is stored once, applied once.
SELECT ours('pi_1') IS NOT NULL;
SELECT post(evt('evt_1', 'payment_intent.requires_action', pi('pi_1', 'requires_action'), 1));
SELECT intent('pi_1');
SELECT post(evt('evt_1', 'payment_intent.requires_action', pi('pi_1', 'requires_action'), 1));
SELECT count(*), max(receive_count) FROM paycore.webhook_events;
SELECT event_id, type, api_version, livemode, event_created, object_type, psp_object_id, status, attempts, processed_at IS NOT NULL
	FROM paycore.webhook_events;
-- The payer's secret is not in the copy, but in the intent while it is open.
SELECT payload #> '{data,object,client_secret}' FROM paycore.webhook_events;
SELECT client_secret, webhook_count, last_webhook_at IS NOT NULL, next_action FROM paycore.payment_intents;
SELECT post(evt('evt_2', 'payment_intent.succeeded', pi('pi_1', 'succeeded', '{"latest_charge": "ch_1", "amount_received": 1000}'), 2));
SELECT client_secret IS NULL, webhook_count, status FROM paycore.payment_intents;
-- An event older than the row.
SELECT post(evt('evt_3', 'payment_intent.processing', pi('pi_1', 'processing'), 1));
SELECT intent('pi_1');

-- Signatures: both secrets, any of several v1; nothing else.
CREATE FUNCTION try(payload text, signature text, account text DEFAULT 'default') RETURNS text LANGUAGE sql AS $$
	SELECT concat_ws(' | ', status, error_code, error_message) FROM paycore.receive_webhook(payload, signature, account) $$;
SELECT evt('evt_sig', 'payment_intent.created', pi('pi_x', 'requires_payment_method'), 3) AS body \gset
SELECT try(:'body', header(:'body', 'whsec_wrong'));
SELECT try(:'body', header(:'body', 'whsec_new', unix_now() - 310));
SELECT try(:'body', header(:'body', 'whsec_new', unix_now() + 400));
SELECT try(:'body', '');
SELECT try(:'body', NULL);
SELECT try(:'body', 'nonsense');
SELECT try(:'body', replace(header(:'body'), 'v1=', 'v0='));
SELECT try(:'body', upper(header(:'body')));
SELECT try(:'body', regexp_replace(header(:'body'), 'v1=.*', '') || 'v1=' || upper(substr(header(:'body'), strpos(header(:'body'), 'v1=') + 3)));
SELECT try(:'body', left(header(:'body'), -1));
SELECT try(:'body' || ' ', header(:'body'));
SELECT try(left(:'body', -10), header(:'body'));
SELECT try(:'body', header(:'body'), 'nobody');
SELECT count(*) FROM paycore.webhook_events WHERE event_id = 'evt_sig';
SELECT try(:'body', header(:'body', 'whsec_old'));
SELECT try(:'body', header(:'body', 'whsec_wrong') || ',v1=' || repeat('0', 64) || ',' || substr(header(:'body'), strpos(header(:'body'), 'v1=')));
-- The fact sheet's vector: a secret's text is the key, t.body the message.
SELECT test_sign('{"id":"evt_test_webhook","object":"event"}', 'whsec_test_secret', 1700000000);

-- Bad input is well signed here, and recorded without its payload.
SELECT try('', header(''));
SELECT try(NULL, header(''));
SELECT try('not json', header('not json'));
SELECT try('[1, 2', header('[1, 2'));
SELECT try('{"id": "evt_x"}', header('{"id": "evt_x"}'));
SELECT try('"text"', header('"text"'));
SELECT concat_ws(' | ', status, error_code) FROM paycore.receive_webhook('\x7b2261223a22ff227d'::bytea,
	format('t=%s,v1=%s', unix_now(), test_sign('\x7b2261223a22ff227d', 'whsec_new', unix_now())));
SELECT concat_ws(' | ', status, error_code) FROM (SELECT rpad('{"a": "', 2 * 1024 * 1024, 'x') || '"}' AS b) big,
	paycore.receive_webhook(b, header(b));
SELECT count(DISTINCT error_message), count(payload) FROM paycore.webhook_events WHERE status = 'rejected';
SELECT m.labels, m.value FROM paycore.metrics() m WHERE m.name = 'paycore_webhook_events_rejected' ORDER BY m.labels::text;
-- One row counts all of an account, reason and hour.
SELECT try('not json', header('not json'));
SELECT receive_count > 1 FROM paycore.webhook_events WHERE error_code = 'malformed' ORDER BY receive_count DESC LIMIT 1;
SELECT gateway_account, error_code, tenant_id FROM paycore.webhook_events WHERE error_code = 'unknown_gateway_account';

-- A megabyte, and a NUL in the text.
SELECT post(evt('evt_big', 'payment_intent.processing', pi('pi_1', 'processing', jsonb_build_object('description', repeat('x', 1024 * 1024))), 4));
SELECT replace(evt('evt_nul', 'payment_intent.processing', pi('pi_1', 'processing', '{"description": "a@b"}'), 4), '@', '\u0000') AS body \gset
SELECT try(:'body', header(:'body'));
SELECT payload #>> '{data,object,description}' = 'a' || chr(65533) || 'b' FROM paycore.webhook_events WHERE event_id = 'evt_nul';

-- Stored and acknowledged, not reduced.
SELECT post(evt('evt_live', 'payment_intent.canceled', pi('pi_1', 'canceled'), 9, '{"livemode": true}'));
SELECT post(evt('evt_acct', 'payment_intent.canceled', pi('pi_1', 'canceled'), 9, '{"account": "acct_other"}'));
SELECT post(evt('evt_unknown', 'invoice.paid', '{"object": "invoice", "id": "in_1"}', 9));
SELECT post('{"id": "evt_thin", "object": "v2.core.event", "type": "v1.billing.meter.no_meter_found", "created": "2026-01-01T00:00:00Z", "livemode": false, "related_object": {"id": "mtr_1", "type": "billing.meter"}}');
SELECT event_id, status, error_code, object_type, psp_object_id FROM paycore.webhook_events WHERE status = 'ignored' ORDER BY id;
-- Who signs for one gateway account says nothing of another's objects, whatever the metadata claims.
INSERT INTO paycore.gateway_accounts (name, gateway, livemode) VALUES ('pretend', 'mock', false);
SELECT ours(NULL) AS unbound \gset
CREATE FUNCTION marks(more jsonb) RETURNS jsonb LANGUAGE sql AS $$
	SELECT jsonb_build_object('metadata', jsonb_build_object('paycore_db', test_mark(), 'paycore_tenant', 'default') || more) $$;
SELECT post(evt('evt_forged', 'payment_intent.succeeded', pi('pi_forged', 'succeeded',
	marks(jsonb_build_object('paycore_intent', :'unbound'::text)) || '{"amount_received": 1000}'), 9), 'pretend');
SELECT status, psp_intent_id FROM paycore.payment_intents WHERE id = :'unbound';
INSERT INTO paycore.billing_accounts (name, currency) VALUES ('Bob', 'USD') RETURNING id AS bob \gset
SELECT post(evt('evt_forged_2', 'customer.created', '{"object": "customer", "id": "cus_forged", "email": "x@example.com", "created": 1000000000, "livemode": false}'
	|| marks(jsonb_build_object('paycore_account', :'bob'::text)), 9), 'pretend');
SELECT psp_customer_id FROM paycore.billing_accounts WHERE id = :'bob';
-- The same mark, signed for the right one.
SELECT post(evt('evt_marked', 'payment_intent.processing', pi('pi_marked', 'processing',
	marks(jsonb_build_object('paycore_intent', :'unbound'::text))), 9));
SELECT status, psp_intent_id FROM paycore.payment_intents WHERE id = :'unbound';
-- The account that the gateway account pins is its own.
UPDATE paycore.gateway_accounts SET psp_account_id = 'acct_mine' WHERE name = 'default';
SELECT ours('pi_acct') IS NOT NULL;
SELECT post(evt('evt_acct2', 'payment_intent.processing', pi('pi_acct', 'processing'), 9, '{"account": "acct_mine"}'));
SELECT intent('pi_acct');
-- Rendered in another version: only a hint.
SELECT post(evt('evt_version', 'payment_intent.succeeded', pi('pi_acct', 'succeeded'), 10, '{"api_version": "2020-08-27"}'));
SELECT intent('pi_acct'), looks();
SELECT forget_looks();

-- An event for an object that does not exist yet: kept, and tried again after the GET.
SELECT post(evt('evt_early', 'charge.succeeded', ch('ch_early', 'pi_early', 'succeeded'), 20));
SELECT looks();
SELECT test_retry();
SELECT next_attempt_at > now(), attempts FROM paycore.webhook_events WHERE event_id = 'evt_early';
SELECT answer(pi('pi_early', 'succeeded', '{"latest_charge": "ch_early", "amount_received": 1000}'), 21);
UPDATE paycore.webhook_events SET next_attempt_at = now() WHERE event_id = 'evt_early';
SELECT test_retry();
SELECT status, error_code, attempts, processed_at IS NOT NULL FROM paycore.webhook_events WHERE event_id = 'evt_early';
SELECT payment('ch_early');
SELECT forget_looks();
-- One whose parent never comes is let go of in the end, after one GET.
SELECT post(evt('evt_never', 'refund.created', re('re_never', 'ch_never', 'succeeded', 100), 20));
SELECT looks();
SELECT forget_looks();
UPDATE paycore.webhook_events SET next_attempt_at = now() WHERE event_id = 'evt_never';
SELECT test_retry();
SELECT looks();
UPDATE paycore.webhook_events SET next_attempt_at = now(), attempts = 5 WHERE event_id = 'evt_never';
SELECT test_retry();
SELECT status, error_code FROM paycore.webhook_events WHERE event_id = 'evt_never';

-- A failure of ours: kept with its SQLSTATE, nothing half done, tried again.
SELECT ours('pi_fail') IS NOT NULL;
ALTER TABLE paycore.payments ADD CONSTRAINT broken CHECK (psp_charge_id <> 'ch_fail');
SELECT post(evt('evt_fail', 'payment_intent.succeeded',
	pi('pi_fail', 'succeeded', jsonb_build_object('latest_charge', ch('ch_fail', 'pi_fail', 'succeeded'), 'amount_received', 1000)), 30));
SELECT error_message, attempts, next_attempt_at > now(), processed_at FROM paycore.webhook_events WHERE event_id = 'evt_fail';
SELECT intent('pi_fail');
SELECT status, error_code, attempts FROM paycore.retry_webhook((SELECT id FROM paycore.webhook_events WHERE event_id = 'evt_fail'));
ALTER TABLE paycore.payments DROP CONSTRAINT broken;
SELECT status, error_code, attempts FROM paycore.retry_webhook((SELECT id FROM paycore.webhook_events WHERE event_id = 'evt_fail'));
SELECT intent('pi_fail');
SELECT payment('ch_fail');
SELECT status, attempts FROM paycore.retry_webhook((SELECT id FROM paycore.webhook_events WHERE event_id = 'evt_fail'));
SELECT paycore.retry_webhook('00000000-0000-7000-8000-0000000000ff');
\echo :LAST_ERROR_SQLSTATE
SELECT paycore.retry_webhook((SELECT id FROM paycore.webhook_events WHERE status = 'rejected' LIMIT 1));
\echo :LAST_ERROR_SQLSTATE

-- A caller's transaction that rolls back leaves nothing.
BEGIN;
SELECT post(evt('evt_rollback', 'payment_intent.created', pi('pi_1', 'succeeded'), 1));
ROLLBACK;
SELECT count(*) FROM paycore.webhook_events WHERE event_id = 'evt_rollback';

-- mock is signed like stripe; a manual account has no webhooks.
INSERT INTO paycore.gateway_accounts (name, gateway) VALUES ('cash', 'manual');
SELECT post(evt('evt_mock', 'payment_intent.created', pi('pi_mock', 'requires_payment_method'), 1), 'pretend');
SELECT try('{}', header('{}'), 'cash');

-- A status is one of the known words, whoever writes it.
UPDATE paycore.webhook_events SET status = 'applied' WHERE event_id = 'evt_mock';
\echo :LAST_ERROR_SQLSTATE
INSERT INTO paycore.webhook_events (gateway_account, event_id, status) VALUES ('default', 'evt_raw', 'seen');
\echo :LAST_ERROR_SQLSTATE

-- A trigger and a column of the user's have their say, and the answer is the row as it was stored.
CREATE FUNCTION pg_temp.shout() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.type := upper(NEW.type); RETURN NEW; END $$;
CREATE TRIGGER shout BEFORE INSERT ON paycore.webhook_events FOR EACH ROW EXECUTE FUNCTION pg_temp.shout();
ALTER TABLE paycore.webhook_events ADD COLUMN seen_by text DEFAULT 'us';
SELECT evt('evt_shout', 'payment_intent.created', pi('pi_mock', 'requires_payment_method'), 1) AS body \gset
SELECT type, status, receive_count FROM paycore.receive_webhook(:'body', header(:'body'));
SELECT type, status, receive_count FROM paycore.receive_webhook(:'body', header(:'body'));
SELECT type, seen_by FROM paycore.webhook_events WHERE event_id = 'evt_shout';
DROP TRIGGER shout ON paycore.webhook_events;
SELECT evt('evt_column', 'payment_intent.created', pi('pi_mock', 'requires_payment_method'), 1) AS body \gset
SELECT status FROM paycore.receive_webhook(:'body', header(:'body'));
SELECT seen_by FROM paycore.webhook_events WHERE event_id = 'evt_column';
ALTER TABLE paycore.webhook_events DROP COLUMN seen_by;
SELECT evt('evt_plain', 'payment_intent.created', pi('pi_mock', 'requires_payment_method'), 1) AS body \gset
SELECT paycore.receive_webhook(:'body', header(:'body')) AS stored \gset
SELECT :'stored'::paycore.webhook_event = (SELECT e::text::paycore.webhook_event FROM paycore.webhook_events e WHERE e.event_id = 'evt_plain');

-- A role that may call this function, and nothing else.
CREATE ROLE webhooks_app;
GRANT USAGE ON SCHEMA paycore TO webhooks_app;
SET ROLE webhooks_app;
SELECT status FROM paycore.receive_webhook('x', 'y');
RESET ROLE;
GRANT EXECUTE ON FUNCTION paycore.receive_webhook(text, text, text) TO webhooks_app;
SELECT ours('pi_role') IS NOT NULL;
SELECT evt('evt_role', 'payment_intent.processing', pi('pi_role', 'processing'), 1) AS body \gset
SELECT header(:'body') AS signature \gset
SET ROLE webhooks_app;
SELECT status FROM paycore.receive_webhook(:'body', :'signature');
SELECT count(*) FROM paycore.webhook_events;
RESET ROLE;
SELECT intent('pi_role');
SELECT paycore.can_transition('processing'::paycore.intent_status, 'succeeded');
REVOKE ALL ON FUNCTION paycore.receive_webhook(text, text, text) FROM webhooks_app;
REVOKE USAGE ON SCHEMA paycore FROM webhooks_app;
DROP ROLE webhooks_app;

-- Once applied, nothing of an event is left to be checked: the table can be altered, and what does not fit is the event's error.
UPDATE paycore.gateway_accounts SET adopt = 'all' WHERE name = 'default';
CREATE FUNCTION paid(id text) RETURNS text LANGUAGE sql AS $$
	SELECT post(evt('evt_' || id, 'payment_intent.succeeded', pi('pi_' || id, 'succeeded', jsonb_build_object('customer', NULL, 'amount_received', 1000,
		'latest_charge', ch('ch_' || id, 'pi_' || id, 'succeeded', '{"customer": null}'))), 2)) $$;
BEGIN;
SELECT paid('altered');
ALTER TABLE paycore.payment_intents ADD COLUMN mine int;
ROLLBACK;
CREATE FUNCTION pg_temp.rename() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.id := gen_random_uuid(); RETURN NEW; END $$;
CREATE TRIGGER rename BEFORE INSERT ON paycore.payments FOR EACH ROW EXECUTE FUNCTION pg_temp.rename();
SELECT paid('renamed');
DROP TRIGGER rename ON paycore.payments;
SELECT status, error_code FROM paycore.webhook_events WHERE event_id = 'evt_renamed';
DELETE FROM paycore.webhook_events WHERE event_id = 'evt_renamed';
UPDATE paycore.gateway_accounts SET adopt = 'known_customers' WHERE name = 'default';

-- The event belongs to the gateway account's home, whoever calls.
INSERT INTO paycore.gateway_accounts (tenant_id, name, gateway) VALUES ('acme', 'pretend_acme', 'mock');
SELECT tenant_id, status, error_code FROM paycore.receive_webhook('x', 'y', 'pretend_acme');

SELECT * FROM paycore.verify();
ALTER SYSTEM RESET paycore.secrets_file;
COPY (SELECT 1 WHERE false) TO PROGRAM :'remove_secrets';
SELECT pg_reload_conf();
