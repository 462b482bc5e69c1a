--
-- Reduce: intents, every rule and every tie, in both orders.
--
\getenv srcdir PG_ABS_SRCDIR
\set setup :srcdir '/data/reduce_setup.sql'
\i :setup

-- Two pictures, seen in this order at these seconds, on an intent of ours.
CREATE SEQUENCE n;
CREATE FUNCTION two(a jsonb, ta int, b jsonb, tb int, more_b jsonb DEFAULT '{}', type_b text DEFAULT 'test.event') RETURNS text
LANGUAGE plpgsql AS $$
DECLARE psp text := 'pi_' || nextval('n'); r text[]; g text;
BEGIN
	PERFORM ours(psp);
	r := ARRAY[event(a || jsonb_build_object('id', psp), ta), event(b || jsonb_build_object('id', psp), tb, type_b, more_b)];
	g := looks();
	PERFORM forget_looks();
	RETURN concat_ws(' | ', array_to_string(r, ', '), intent(psp), g);
END $$;
CREATE FUNCTION s(status text, more text DEFAULT '{}') RETURNS jsonb LANGUAGE sql AS $$ SELECT pi('', status, more::jsonb) $$;

-- The same picture again: nothing, but a later one moves the time on.
SELECT two(s('processing'), 1, s('processing'), 1);
SELECT two(s('processing'), 1, s('processing'), 3);
-- So A, B, A with B late does not end in B.
SELECT ours('pi_aba') IS NOT NULL;
SELECT event(pi('pi_aba', 'requires_confirmation'), 1), event(pi('pi_aba', 'requires_confirmation'), 9), event(pi('pi_aba', 'requires_action'), 5);
SELECT intent('pi_aba');
-- Later applies, earlier is dropped.
SELECT two(s('requires_action'), 1, s('processing'), 2);
SELECT two(s('processing'), 2, s('requires_action'), 1);
-- Absorbing: final whatever the time, and then for good.
SELECT two(s('succeeded', '{"amount_received": 1000}'), 2, s('processing'), 9);
SELECT two(s('processing'), 9, s('succeeded', '{"amount_received": 1000}'), 2);
SELECT two(s('canceled'), 2, s('requires_action'), 9);
SELECT two(s('requires_action'), 9, s('canceled'), 2);
SELECT two(s('succeeded', '{"amount_received": 1000}'), 2, s('canceled'), 9);
SELECT two(s('canceled'), 2, s('succeeded'), 9);

-- Ties. *.created never changes a known row.
SELECT two(s('requires_action'), 1, s('requires_payment_method'), 1, '{}', 'payment_intent.created');
SELECT two(s('requires_payment_method'), 1, s('requires_action'), 1);
-- A picture without the charge we know of, or with an earlier one, is older.
SELECT two(s('requires_payment_method', '{"latest_charge": "ch_a"}'), 1, s('requires_action'), 1);
SELECT two(s('requires_action'), 1, s('requires_payment_method', '{"latest_charge": "ch_a"}'), 1);
-- An older picture still tells of the attempt that it shows.
SELECT ours('pi_att') AS id \gset
SELECT event(pi('pi_att', 'processing', '{"latest_charge": "ch_att2"}'), 5);
SELECT event(pi('pi_att', 'requires_payment_method', '{"latest_charge": "ch_att1", "last_payment_error": {"type": "card_error", "code": "card_declined", "charge": "ch_att1"}}'), 4);
SELECT outcome, psp_charge_id FROM paycore.payment_attempts WHERE payment_intent_id = :'id';
SELECT ours('pi_two') IS NOT NULL;
SELECT event(ch('ch_1st', 'pi_two', 'failed', '{"failure_code": "card_declined"}'), 1);
SELECT event(pi('pi_two', 'requires_payment_method', '{"latest_charge": "ch_1st"}'), 2);
SELECT event(pi('pi_two', 'processing', '{"latest_charge": "ch_2nd"}'), 2);
SELECT event(pi('pi_two', 'requires_payment_method', '{"latest_charge": "ch_1st", "description": "old"}'), 2);
SELECT intent('pi_two');
-- previous_attributes.status is what we have.
SELECT two(s('requires_action'), 1, s('requires_payment_method'), 1, '{"previous": {"status": "requires_action"}}');
SELECT two(s('requires_action'), 1, s('requires_payment_method'), 1, '{"previous": {"status": "processing"}}');
-- One direction only.
SELECT two(s('requires_action'), 1, s('requires_capture'), 1);
SELECT two(s('requires_capture'), 1, s('requires_action'), 1);
-- Both directions: doubt, and one GET, however often.
SELECT two(s('requires_payment_method'), 1, s('requires_action'), 1);
SELECT ours('pi_doubt') IS NOT NULL;
SELECT event(pi('pi_doubt', 'requires_payment_method'), 1), event(pi('pi_doubt', 'requires_action'), 1), event(pi('pi_doubt', 'requires_action'), 1);
SELECT intent('pi_doubt'), looks();
SELECT next_attempt_at > now() FROM paycore.outbox;
SELECT forget_looks();
-- The answer ends it, whether it says something new or what we had.
SELECT answer(pi('pi_doubt', 'requires_action'), 3), intent('pi_doubt');
SELECT event(pi('pi_doubt', 'requires_payment_method'), 3), intent('pi_doubt'), answer(pi('pi_doubt', 'requires_action'), 4), intent('pi_doubt');
SELECT forget_looks();

-- A replayed answer to a create: of the first dispatch, so it undoes nothing; not final: GET once.
SELECT ours(NULL) AS id \gset
SELECT event(pi('pi_replay', 'processing', jsonb_build_object('metadata', jsonb_build_object('paycore_intent', :'id', 'paycore_db', test_mark(),
	'paycore_tenant', 'default', 'paycore_account', '00000000-0000-7000-8000-00000000000a'))), 5);
SELECT answer(pi('pi_replay', 'requires_confirmation'), 1, jsonb_build_object('replayed', true, 'op', 'intent.create', 'tenant', 'default',
	'object_type', 'payment_intent', 'object_id', :'id'));
SELECT intent('pi_replay'), looks();
SELECT forget_looks();
-- One that is final needs none.
SELECT ours(NULL) AS id \gset
SELECT answer(pi('pi_replay2', 'canceled'), 1, jsonb_build_object('replayed', true, 'op', 'intent.create', 'tenant', 'default',
	'object_type', 'payment_intent', 'object_id', :'id'));
SELECT intent('pi_replay2'), looks();

-- Binding: by the request whose answer it is, by the mark, by the request's key; never over another id, account or database.
SELECT ours(NULL) AS id \gset
SELECT answer(pi('pi_bind', 'processing'), 1, jsonb_build_object('op', 'intent.create', 'tenant', 'default', 'object_type', 'payment_intent', 'object_id', :'id'));
SELECT psp_intent_id FROM paycore.payment_intents WHERE id = :'id';
UPDATE paycore.gateway_accounts SET adopt = 'none' WHERE name = 'default';
SELECT ours(NULL) AS id \gset
CREATE FUNCTION mark(id uuid, db text DEFAULT test_mark(), account uuid DEFAULT '00000000-0000-7000-8000-00000000000a', tenant text DEFAULT 'default')
	RETURNS jsonb LANGUAGE sql AS $$
	SELECT jsonb_build_object('metadata', jsonb_build_object('paycore_intent', id, 'paycore_db', db, 'paycore_tenant', tenant, 'paycore_account', account)) $$;
SELECT event(pi('pi_m', 'processing', mark(:'id', 'other/1')), 1);
SELECT event(pi('pi_m', 'processing', mark(:'id', test_mark(), '00000000-0000-7000-8000-00000000000b')), 1);
SELECT event(pi('pi_m', 'processing', mark(:'id', test_mark(), '00000000-0000-7000-8000-00000000000a', 'acme')), 1);
SELECT event(pi('pi_m', 'processing', '{"metadata": {"paycore_intent": "no uuid"}}'), 1);
SELECT event(pi('pi_m', 'processing', mark(:'id')), 1), intent('pi_m');
SELECT event(pi('pi_other', 'processing', mark(:'id')), 2);
SELECT metadata FROM paycore.payment_intents WHERE id = :'id';
SELECT ours(NULL) AS id \gset
INSERT INTO paycore.outbox (gateway_account, operation, object_type, object_id, lane, idempotency_key, instance, database_oid)
	VALUES ('default', 'intent.create', 'payment_intent', :'id', :'id', 'key-1', '', 0);
SELECT event(pi('pi_key', 'processing'), 1, 'payment_intent.processing', '{"request_key": "key-0"}');
SELECT event(pi('pi_key', 'processing'), 1, 'payment_intent.processing', '{"request_key": "key-1"}'), intent('pi_key');
SELECT forget_looks();

-- Objects that paycore did not make.
SELECT event(pi('pi_theirs', 'processing'), 1), intent('pi_theirs');
UPDATE paycore.gateway_accounts SET adopt = 'known_customers' WHERE name = 'default';
SELECT event(pi('pi_theirs', 'processing', '{"customer": "cus_nobody"}'), 1);
SELECT event(pi('pi_theirs', 'processing', '{"customer": null}'), 1);
SELECT event(pi('pi_theirs', 'processing'), 1), intent('pi_theirs');
UPDATE paycore.gateway_accounts SET adopt = 'all' WHERE name = 'default';
SELECT event(pi('pi_guest', 'processing', '{"customer": null}'), 1), event(pi('pi_guest2', 'processing', '{"customer": null}'), 1);
SELECT event(pi('pi_new', 'processing', '{"customer": "cus_new"}'), 1);
SELECT a.psp_customer_id, a.external_ref, count(*) FROM paycore.payment_intents i JOIN paycore.billing_accounts a ON a.id = i.billing_account_id
	WHERE psp_intent_id IN ('pi_guest', 'pi_guest2', 'pi_new') GROUP BY 1, 2 ORDER BY 1;
UPDATE paycore.gateway_accounts SET adopt = 'known_customers' WHERE name = 'default';

-- A late appearance of what we had given up.
SELECT ours(NULL) AS id \gset
UPDATE paycore.payment_intents SET status = 'failed', error_code = 'outcome_unknown' WHERE id = :'id';
SELECT event(pi('pi_late', 'requires_action', mark(:'id')), 1), intent('pi_late');
SELECT error_code FROM paycore.payment_intents WHERE id = :'id';

-- While an update of ours is unsent, its fields are ours.
SELECT ours('pi_echo') AS id \gset
SELECT event(pi('pi_echo', 'requires_payment_method', '{"description": "first", "metadata": {"a": "1"}}'), 1);
SELECT event(pi('pi_echo', 'requires_payment_method', '{"description": "theirs", "amount": 1200, "metadata": {"a": "2", "paycore_intent": "x"}}'), 2);
SELECT amount, description, metadata FROM paycore.payment_intents WHERE id = :'id';
UPDATE paycore.payment_intents SET amount = '15.00 USD', metadata = '{"a": 3}' WHERE id = :'id';
INSERT INTO paycore.outbox (gateway_account, operation, object_type, object_id, lane, idempotency_key, instance, database_oid)
	VALUES ('default', 'intent.update', 'payment_intent', :'id', :'id', 'key-2', '', 0);
SELECT event(pi('pi_echo', 'requires_confirmation', '{"description": "theirs", "amount": 1200, "metadata": {"a": "2"}}'), 3);
SELECT status, amount, description, metadata FROM paycore.payment_intents WHERE id = :'id';
SELECT forget_looks();
-- Once sent, the gateway's word counts; its text of our number is the same number.
SELECT event(pi('pi_echo', 'requires_confirmation', '{"amount": 1500, "metadata": {"a": "3"}}'), 4);
SELECT amount, metadata FROM paycore.payment_intents WHERE id = :'id';

-- Declines: never a status, kept as attempts, once for each charge or error.
SELECT ours('pi_decl') AS id \gset
SELECT pi('pi_decl', 'requires_payment_method', '{"latest_charge": "ch_d1", "last_payment_error": {"type": "card_error", "code": "card_declined",
	"decline_code": "insufficient_funds", "advice_code": "try_again_later", "charge": "ch_d1", "message": "No."}}') AS declined \gset
SELECT answer(:'declined', 1), answer(:'declined', 2);
SELECT event(ch('ch_d1', 'pi_decl', 'failed', '{"failure_code": "card_declined", "outcome": {"reason": "insufficient_funds"}}'), 1);
SELECT status, error_code, decline_code, error_message FROM paycore.payment_intents WHERE id = :'id';
SELECT event(pi('pi_decl', 'requires_action'), 3);
SELECT pi('pi_decl', 'requires_payment_method', '{"latest_charge": "ch_d1", "last_payment_error": {"type": "invalid_request_error",
	"code": "payment_intent_authentication_failure", "message": "3DS"}}') AS failed_3ds \gset
SELECT event(:'failed_3ds', 4), event(:'failed_3ds'::jsonb || '{"description": "x"}', 5);
SELECT outcome, psp_charge_id, error_code, decline_code, advice_code, source FROM paycore.payment_attempts WHERE payment_intent_id = :'id' ORDER BY id;
SELECT count(*) FROM paycore.payments WHERE payment_intent_id = :'id';

-- What is kept while it is open, and when it is looked at again.
SELECT ours('pi_keep') AS id \gset
UPDATE paycore.payment_intents SET next_sweep_at = now() + '1 day' WHERE id = :'id';
SELECT event(pi('pi_keep', 'requires_action', '{"next_action": {"type": "redirect_to_url", "redirect_to_url": {"url": "https://bank.example/3ds"}}}'), 1);
SELECT next_action ->> 'type', client_secret, next_sweep_at > now() + '59 s' FROM paycore.payment_intents WHERE id = :'id';
SELECT next_sweep_at - interval '30 s' AS sooner FROM paycore.payment_intents WHERE id = :'id' \gset
UPDATE paycore.payment_intents SET next_sweep_at = :'sooner' WHERE id = :'id';
SELECT event(pi('pi_keep', 'requires_capture', '{"amount_capturable": 1000, "latest_charge": "ch_keep"}'), 2);
SELECT next_sweep_at = :'sooner' AS is_soon_enough FROM paycore.payment_intents WHERE id = :'id';
SELECT next_action, client_secret, amount_capturable, next_sweep_at IS NOT NULL FROM paycore.payment_intents WHERE id = :'id';
SELECT event(ch('ch_keep', 'pi_keep', 'succeeded', '{"captured": false, "amount_captured": 0,
	"payment_method_details": {"type": "card", "card": {"brand": "visa", "capture_before": 1000600000}}}'), 2);
SELECT p.status, i.capture_before, i.method_details ->> 'brand', i.payment_id = p.id FROM paycore.payment_intents i
	JOIN paycore.payments p ON p.psp_charge_id = 'ch_keep' WHERE i.id = :'id';
SELECT event(pi('pi_keep', 'canceled', '{"cancellation_reason": "abandoned", "canceled_at": 1000000003}'), 3);
SELECT status, client_secret, next_sweep_at, cancellation_reason, canceled_at FROM paycore.payment_intents WHERE id = :'id';
SELECT payment('ch_keep');
-- Succeeded, but its charge has not been seen: looked at again until it has.
SELECT ours('pi_nocharge') AS id \gset
SELECT event(pi('pi_nocharge', 'succeeded', '{"amount_received": 1000, "latest_charge": "ch_nc"}'), 1);
SELECT next_sweep_at IS NOT NULL FROM paycore.payment_intents WHERE id = :'id';
SELECT event(ch('ch_nc', 'pi_nocharge', 'succeeded'), 1);
SELECT next_sweep_at IS NOT NULL AS awaits_fee, payment_id IS NOT NULL FROM paycore.payment_intents WHERE id = :'id';
-- A word that is new to us stops nothing.
SELECT ours('pi_words') IS NOT NULL;
SELECT event(pi('pi_words', 'processing', '{"capture_method": "someday", "confirmation_method": "telepathy", "setup_future_usage": "mars"}'), 1);
SELECT capture_method, confirmation_method, setup_future_usage FROM paycore.payment_intents WHERE psp_intent_id = 'pi_words';
SELECT severity, rule, count(*) FROM paycore.verify() WHERE rule NOT IN ('a created intent is on its way', 'every doubt is being looked into') GROUP BY 1, 2 ORDER BY 1, 2;
