--
-- Reduce: refunds, ours, the dashboard's, and the gateway's own.
--
\getenv srcdir PG_ABS_SRCDIR
\set setup :srcdir '/data/reduce_setup.sql'
\i :setup
-- A succeeded payment of 10.00 with the charge ch_<k>.
CREATE FUNCTION paid(k text, more jsonb DEFAULT '{}') RETURNS text LANGUAGE sql AS $$
	SELECT ours('pi_' || k);
	SELECT event(ch('ch_' || k, 'pi_' || k, 'succeeded', jsonb_build_object('balance_transaction', txn('txn_' || k, 1000, 59)) || more), 1) $$;
CREATE FUNCTION request(k text, amount paycore.money_cents) RETURNS uuid LANGUAGE sql AS $$
	INSERT INTO paycore.refunds (payment_id, payment_intent_id, billing_account_id, gateway_account, amount)
	SELECT id, payment_intent_id, billing_account_id, gateway_account, amount FROM paycore.payments WHERE psp_charge_id = 'ch_' || k
	RETURNING id $$;
CREATE SEQUENCE n;
CREATE FUNCTION two(a jsonb, ta int, b jsonb, tb int, more_b jsonb DEFAULT '{}', type_b text DEFAULT 'test.event') RETURNS text
LANGUAGE plpgsql AS $$
DECLARE k text := nextval('n'); r text[]; g text; ids jsonb := jsonb_build_object('id', 're_' || k, 'charge', 'ch_' || k);
BEGIN
	PERFORM paid(k);
	r := ARRAY[event(a || ids, ta), event(b || ids, tb, type_b, more_b)];
	g := looks();
	PERFORM forget_looks();
	RETURN concat_ws(' | ', array_to_string(r, ', '), refund('re_' || k), payment('ch_' || k), g);
END $$;
CREATE FUNCTION r(status text, more text DEFAULT '{}') RETURNS jsonb LANGUAGE sql AS $$
	SELECT re('', '', status, 300, '{"balance_transaction": "txn_r"}') || more::jsonb $$;

SELECT two(r('pending'), 2, r('pending'), 2);
SELECT two(r('pending'), 2, r('succeeded'), 3);
SELECT two(r('succeeded'), 3, r('pending'), 2);
-- Succeeded is not the end.
SELECT two(r('succeeded'), 3, r('failed', '{"failure_reason": "expired_or_canceled_card", "failure_balance_transaction": "txn_f"}'), 4);
SELECT two(r('succeeded'), 3, r('requires_action'), 4);
-- Failed and canceled are, whatever the time.
SELECT two(r('failed'), 3, r('succeeded'), 4);
SELECT two(r('succeeded'), 4, r('failed'), 3);
SELECT two(r('canceled'), 3, r('requires_action'), 4);
SELECT two(r('requires_action'), 4, r('canceled'), 3);
-- Ties.
SELECT two(r('pending'), 3, r('succeeded'), 3);
SELECT two(r('succeeded'), 3, r('pending'), 3);
SELECT two(r('succeeded'), 3, r('requires_action'), 3);
SELECT two(r('requires_action'), 3, r('succeeded'), 3);
SELECT two(r('pending'), 3, r('requires_action'), 3);
SELECT two(r('pending'), 3, r('requires_action'), 3, '{"previous": {"status": "pending"}}');
SELECT two(r('succeeded'), 3, r('pending'), 3, '{}', 'refund.created');
SELECT two(r('pending', '{"balance_transaction": null}'), 3, r('requires_action'), 3);
SELECT two(r('requires_action'), 3, r('pending', '{"balance_transaction": null}'), 3);

-- Ours: bound by the answer, by the mark, by the key of the request.
SELECT paid('a');
SELECT request('a', '3.00 USD') AS id \gset
SELECT answer(re('re_a', 'ch_a', 'pending', 300), 3, jsonb_build_object('op', 'refund.create', 'tenant', 'default', 'object_type', 'refund', 'object_id', :'id'));
SELECT refund('re_a'), payment('ch_a'), next_sweep_at > now() FROM paycore.refunds WHERE id = :'id';
SELECT event(re('re_a', 'ch_a', 'succeeded', 300), 4), refund('re_a'), payment('ch_a');
SELECT next_sweep_at, succeeded_at IS NOT NULL FROM paycore.refunds WHERE id = :'id';
SELECT request('a', '2.00 USD') AS id \gset
SELECT event(re('re_b', 'ch_a', 'succeeded', 200, jsonb_build_object('metadata', jsonb_build_object('paycore_refund', :'id', 'paycore_intent', 'x',
	'paycore_db', test_mark(), 'paycore_tenant', 'default', 'paycore_account', '00000000-0000-7000-8000-00000000000a'))), 4);
SELECT request('a', '1.00 USD') AS id \gset
INSERT INTO paycore.outbox (gateway_account, operation, object_type, object_id, lane, idempotency_key, instance, database_oid)
	VALUES ('default', 'refund.create', 'refund', :'id', :'id', 'key-1', '', 0);
SELECT event(re('re_c', 'ch_a', 'succeeded', 100), 4, 'refund.created', '{"request_key": "key-1"}');
SELECT forget_looks();
SELECT psp_refund_id, status, amount FROM paycore.refunds WHERE gateway_account = 'default' AND psp_refund_id IN ('re_a', 're_b', 're_c') ORDER BY 1;
SELECT payment('ch_a');

-- A mark of another account or database binds nothing.
SELECT paid('m');
SELECT request('m', '2.00 USD') AS id \gset
CREATE FUNCTION marked(refund uuid, account text, db text) RETURNS jsonb LANGUAGE sql AS $$
	SELECT jsonb_build_object('metadata', jsonb_build_object('paycore_refund', refund, 'paycore_db', db, 'paycore_tenant', 'default', 'paycore_account', account)) $$;
SELECT event(re('re_m', 'ch_m', 'succeeded', 200, marked(:'id', '00000000-0000-7000-8000-00000000000b', test_mark())), 4);
SELECT event(re('re_n', 'ch_m', 'succeeded', 200, marked(:'id', '00000000-0000-7000-8000-00000000000a', 'elsewhere')), 4);
SELECT psp_refund_id, status, (SELECT count(*) FROM paycore.refunds r WHERE r.payment_id = m.payment_id) AS refunds FROM paycore.refunds m WHERE id = :'id';
UPDATE paycore.refunds SET status = 'failed' WHERE id = :'id';
SELECT forget_looks();

-- A refund made in the dashboard while ours is reserved: recorded, and marked.
SELECT paid('d');
SELECT request('d', '8.00 USD') AS id \gset
SELECT event(re('re_dash', 'ch_d', 'succeeded', 500), 3), refund('re_dash'), payment('ch_d');
-- The gateway refuses ours: its share is free again, the mark stays.
SELECT answer(re('re_ours', 'ch_d', 'failed', 800), 4, jsonb_build_object('op', 'refund.create', 'tenant', 'default', 'object_type', 'refund', 'object_id', :'id'));
SELECT payment('ch_d');

-- One that we had given up appears after all: reserves again.
SELECT paid('l');
SELECT request('l', '4.00 USD') AS id \gset
UPDATE paycore.refunds SET status = 'failed' WHERE id = :'id';
SELECT payment('ch_l');
SELECT event(re('re_l', 'ch_l', 'pending', 400, jsonb_build_object('metadata', jsonb_build_object('paycore_refund', :'id',
	'paycore_db', test_mark(), 'paycore_tenant', 'default'))), 5);
SELECT refund('re_l'), payment('ch_l'), failed_at FROM paycore.refunds WHERE id = :'id';

-- What the gateway lets go of gives nothing back.
SELECT ours('pi_u') IS NOT NULL;
SELECT event(ch('ch_u', 'pi_u', 'succeeded', '{"captured": false, "amount_captured": 0}'), 1);
SELECT event(re('re_u', 'ch_u', 'succeeded', 1000, '{"balance_transaction": null}'), 2, 'refund.created'), refund('re_u'), payment('ch_u');
SELECT event(ch('ch_u', 'pi_u', 'succeeded', '{"captured": false, "amount_captured": 0, "refunded": true}'), 2, 'charge.refunded'), payment('ch_u');
SELECT paid('x', '{"captured": false, "amount_captured": 0, "balance_transaction": null}');
SELECT event(re('re_x', 'ch_x', 'succeeded', 1000, '{"balance_transaction": null, "reason": "expired_uncaptured_charge"}'), 2), refund('re_x');
-- The rest of a partial capture: known by its balance transaction, which must be read first.
SELECT paid('r', '{"amount_captured": 700}');
SELECT event(ch('ch_r', 'pi_r', 'succeeded', jsonb_build_object('amount_captured', 700, 'description', 'again', 'balance_transaction', txn('txn_r', 1000, 59))), 2), payment('ch_r');
SELECT event(re('re_r', 'ch_r', 'succeeded', 300), 2, 'refund.created'), refund('re_r'), looks();
SELECT answer(re('re_r', 'ch_r', 'succeeded', 300, jsonb_build_object('balance_transaction',
	txn('txn_rr', -300, 0, '{"reporting_category": "partial_capture_reversal"}'))), 3), refund('re_r'), payment('ch_r');
SELECT event(re('re_r', 'ch_r', 'succeeded', 300), 2, 'refund.created', '{"parent_sought": true}'), refund('re_r');
SELECT forget_looks();
-- Of another currency than the charge's: no sum can be told.
SELECT paid('o', '{"amount_captured": 700}');
SELECT event(re('re_o', 'ch_o', 'succeeded', 300, jsonb_build_object('balance_transaction',
	txn('txn_ro', -270, 0, '{"reporting_category": "partial_capture_reversal", "currency": "eur"}'))), 3), refund('re_o'), payment('ch_o');
-- Its event may come before its charge: by then it has been tried before, and is read all the same.
SELECT ours('pi_rr') IS NOT NULL, event(re('re_rr', 'ch_rr', 'succeeded', 300, '{"payment_intent": "pi_rr"}'), 2, 'refund.created'), looks();
SELECT forget_looks();
SELECT event(ch('ch_rr', 'pi_rr', 'succeeded', '{"amount_captured": 700}'), 1);
SELECT event(re('re_rr', 'ch_rr', 'succeeded', 300), 2, 'refund.created', '{"parent_sought": true}'), looks();
SELECT forget_looks();
-- A refund of the same amount made by hand is none.
SELECT event(re('re_hand', 'ch_r', 'succeeded', 300), 4, 'refund.created'), refund('re_hand'), payment('ch_r');

-- Before its payment: the intent is asked for.
SELECT ours('pi_w') IS NOT NULL;
SELECT event(re('re_w', 'ch_w', 'succeeded', 100, '{"payment_intent": "pi_w"}'), 2), looks();
SELECT forget_looks();
SELECT event(re('re_v', 'ch_v', 'succeeded', 100, '{"payment_intent": "pi_v"}'), 2), looks();
SELECT forget_looks();
UPDATE paycore.gateway_accounts SET adopt = 'none' WHERE name = 'default';
SELECT event(re('re_v', 'ch_v', 'succeeded', 100, '{"payment_intent": "pi_v"}'), 2), looks();

SELECT severity, rule, count(*) FROM paycore.verify() WHERE rule NOT IN ('a created intent is on its way', 'every doubt is being looked into') GROUP BY 1, 2 ORDER BY 1, 2;
