\getenv srcdir PG_ABS_SRCDIR
\set setup :srcdir '/data/reduce_setup.sql'
\i :setup
SELECT ours('pi_1') IS NOT NULL;
SELECT event(pi('pi_1', 'requires_payment_method'), 1, 'payment_intent.created');
SELECT intent('pi_1');
SELECT event(pi('pi_1', 'succeeded', '{"latest_charge": "ch_1", "amount_received": 1000}'), 5, 'payment_intent.succeeded');
SELECT intent('pi_1');
SELECT event(ch('ch_1', 'pi_1', 'succeeded', '{"balance_transaction": "txn_1"}'), 5, 'charge.succeeded');
SELECT payment('ch_1');
SELECT looks();
SELECT answer(ch('ch_1', 'pi_1', 'succeeded', jsonb_build_object('balance_transaction', txn('txn_1', 1000, 59))), 7);
SELECT payment('ch_1');
SELECT event(re('re_1', 'ch_1', 'succeeded', 300), 9, 'refund.created');
SELECT refund('re_1'), payment('ch_1');
SELECT outcome, psp_charge_id FROM paycore.payment_attempts;
SELECT object_type, from_status, to_status, source, reason FROM paycore.status_changes ORDER BY id;
SELECT * FROM paycore.verify();
