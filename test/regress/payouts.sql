-- Payouts and balance transactions: every order of arrival, guards, matches, and lists.
\getenv srcdir PG_ABS_SRCDIR
\set setup :srcdir '/data/reduce_setup.sql'
\i :setup

CREATE FUNCTION po(id text, status text, more jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql AS $$
	SELECT jsonb_build_object('object', 'payout', 'id', id, 'status', status, 'amount', 1000, 'currency', 'usd', 'automatic', true,
		'type', 'bank_account', 'method', 'standard', 'reconciliation_status', 'in_progress', 'balance_transaction', 'txn_' || id,
		'arrival_date', 1000200000, 'created', 1000000000, 'livemode', false, 'metadata', '{}'::jsonb) || more $$;
CREATE FUNCTION payout(psp text) RETURNS text LANGUAGE sql AS $$
	SELECT concat_ws(' ', status, amount, reconciliation_status, failure_code, CASE WHEN gw_doubt THEN 'doubt' END,
		't=' || extract(epoch FROM gw_time)::bigint - 1000000000) FROM paycore.payouts WHERE psp_payout_id = psp $$;

-- Five pictures of one life, all in one second, in every order, each twice: paid over in_transit over pending; failed ends it.
CREATE TABLE picture (place int, type text, object jsonb);
INSERT INTO picture VALUES
	(1, 'payout.created', '{"status": "pending"}'),
	(2, 'payout.updated', '{"status": "in_transit"}'),
	(3, 'payout.paid', '{"status": "paid"}'),
	(4, 'payout.reconciliation_completed', '{"status": "paid", "reconciliation_status": "completed"}'),
	(5, 'payout.failed', '{"status": "failed", "reconciliation_status": "completed", "failure_code": "no_account", "failure_balance_transaction": "txn_back"}');
CREATE FUNCTION play(name text, places int[], step int) RETURNS text LANGUAGE plpgsql AS $$
DECLARE p int;
BEGIN
	FOREACH p IN ARRAY places || places LOOP
		PERFORM event(po(name, 'pending', x.object), p * step, x.type) FROM picture x WHERE x.place = p;
	END LOOP;
	RETURN regexp_replace(payout(name), ' t=.*', '') || ' ' || (SELECT string_agg(DISTINCT to_status, ' ' ORDER BY to_status)
		FILTER (WHERE to_status IN ('failed', 'paid')) FROM paycore.status_changes c JOIN paycore.payouts o ON o.id::text = c.object_id
		WHERE o.psp_payout_id = name);
END $$;
CREATE VIEW orders AS
WITH RECURSIVE o(places) AS (SELECT ARRAY[]::int[] UNION ALL SELECT o.places || g FROM o, generate_series(1, 5) g WHERE g <> ALL (o.places))
SELECT places FROM o WHERE cardinality(places) BETWEEN 3 AND 5;
-- With times of their own, and all in one second.
SELECT step, result, count(*) FROM (SELECT s.step, play(format('po_%s_%s', s.step, array_to_string(places, '')), places, s.step) AS result
	FROM orders, (VALUES (1), (0)) s(step) WHERE 5 = ANY (places)) x
WHERE result NOT LIKE 'failed 10.00 USD % no_account%' GROUP BY 1, 2;
SELECT step, regexp_replace(result, ' in_progress', '') AS result, count(*) FROM (SELECT s.step,
	play(format('pp_%s_%s', s.step, array_to_string(places, '')), places, s.step) AS result
	FROM orders, (VALUES (1), (0)) s(step) WHERE 5 <> ALL (places) AND 3 = ANY (places)) x GROUP BY 1, 2 ORDER BY 1, 2;
SELECT DISTINCT status, count(*) OVER (PARTITION BY status) FROM paycore.payouts;
SELECT string_agg(DISTINCT operation, ', ') FROM paycore.outbox;
SELECT forget_looks();

-- A later picture may be of an earlier state: the money was sent again.
SELECT event(po('po_again', 'paid'), 10, 'payout.paid');
SELECT event(po('po_again', 'in_transit'), 20, 'payout.updated'), payout('po_again');
SELECT event(po('po_again', 'paid'), 30, 'payout.paid'), payout('po_again');
-- Nothing follows failed.
SELECT event(po('po_again', 'failed', '{"failure_code": "declined", "failure_balance_transaction": "txn_b"}'), 40, 'payout.failed');
SELECT event(po('po_again', 'paid'), 50, 'payout.updated'), payout('po_again');
-- Another version of the API is a hint, and an unknown status is nothing.
SELECT event(po('po_hint', 'paid'), 10, 'payout.paid', '{"only_hint": true}'), looks();
SELECT event(po('po_hint', 'lost'), 10, 'payout.paid');
SELECT forget_looks();

-- What is in it is asked for once it can be, by one request; not where it was made by hand.
SELECT event(po('po_two', 'pending', '{"amount": 1850}'), 10, 'payout.created'), looks();
SELECT event(po('po_two', 'paid', '{"amount": 1850, "reconciliation_status": "completed"}'), 11, 'payout.paid'), looks();
SELECT event(po('po_two', 'paid', '{"amount": 1850, "reconciliation_status": "completed", "trace_id": {"value": "tr_1"}}'), 12, 'payout.updated'), looks();
SELECT event(po('po_hand', 'paid', '{"automatic": false, "reconciliation_status": "completed"}'), 12, 'payout.paid'), looks();

-- Balance transactions find their payment, refund or payout, whichever came first.
SELECT ours('pi_1') IS NOT NULL, event(ch('ch_1', 'pi_1', 'succeeded'), 1), event(ch('ch_2', 'pi_1', 'failed'), 1);
CREATE FUNCTION bt(id text, source text, amount int, fee int, category text, more jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql AS $$
	SELECT txn(id, amount, fee) || jsonb_build_object('object', 'balance_transaction', 'source', source, 'type', category,
		'status', 'pending', 'reporting_category', category) || more $$;
CREATE FUNCTION of_payout(name text) RETURNS jsonb LANGUAGE sql AS $$
	SELECT jsonb_build_object('tenant', 'default', 'object_type', 'payout', 'object_id', id, 'op', 'balance.list')
	FROM paycore.payouts WHERE psp_payout_id = name $$;
SELECT payment('ch_1');
SELECT answer(bt('txn_1', 'ch_1', 1000, 59, 'charge'), 2), payment('ch_1');
SELECT answer(bt('txn_1', 'ch_1', 1000, 59, 'charge'), 3);
SELECT answer(bt('txn_1', 'ch_1', 1000, 59, 'charge', '{"status": "available"}'), 3);
SELECT answer(bt('txn_1', 'ch_1', 1000, 59, 'charge'), 4);
SELECT answer(bt('txn_r', 're_1', -91, 0, 'refund'), 4), looks();
SELECT event(re('re_1', 'ch_1', 'succeeded', 91), 5), answer(bt('txn_r', 're_1', -91, 0, 'refund'), 5);
SELECT answer(bt('txn_f', NULL, 0, -1000, 'fee'), 5), answer(bt('txn_x', 'ch_x', 50, 0, 'charge'), 5), looks();
SELECT answer(bt('txn_o', 'po_unknown', -50, 0, 'payout'), 5), looks();
SELECT psp_balance_transaction_id, status, amount, fee, net, source_type, source_tenant_id, payment_id IS NOT NULL AS payment,
	refund_id IS NOT NULL AS refund, payout_id FROM paycore.balance_transactions ORDER BY 1;
-- One that does not add up is none.
SELECT answer(bt('txn_bad', 'ch_1', 1000, 59, 'charge', '{"net": 1000}'), 5);

-- Of the payout: all but its own.
SELECT answer(b, 6, of_payout('po_two')) FROM (VALUES (bt('txn_1', 'ch_1', 1000, 59, 'charge')), (bt('txn_r', 're_1', -91, 0, 'refund')),
	(bt('txn_f', NULL, 0, -1000, 'fee')), (bt('txn_po_two', 'po_two', -1850, 0, 'payout'))) v(b);
SELECT verdict, object_type, psp_id, reporting_category, here, gateway, difference, note
FROM paycore.reconcile((SELECT id FROM paycore.payouts WHERE psp_payout_id = 'po_two')) ORDER BY object_type, psp_id;

-- Lists.
SELECT psp_payout_id FROM paycore.list_payouts(page_size => 2);
SELECT psp_balance_transaction_id FROM paycore.list_balance_transactions((paycore.payout_by_psp_id('po_two')).id);
SELECT count(*) FROM paycore.list_balance_transactions();

-- Disputes: a win is two movements, with a fee and the fee given back; whichever comes first, they find each other.
CREATE FUNCTION du(id text, status text, more jsonb DEFAULT '{}', moved jsonb DEFAULT '[]') RETURNS jsonb LANGUAGE sql AS $$
	SELECT jsonb_build_object('object', 'dispute', 'id', id, 'charge', 'ch_1', 'status', status, 'amount', 300, 'currency', 'usd',
		'reason', 'fraudulent', 'created', 1000000005, 'livemode', false, 'balance_transactions', moved) || more $$;
CREATE FUNCTION lines(payout text) RETURNS TABLE (line text) LANGUAGE sql AS $$
	SELECT concat_ws(' ', verdict, object_type, object_id IS NOT NULL, psp_id, psp_balance_transaction_id, reporting_category, here, gateway, difference, note)
	FROM paycore.reconcile((SELECT id FROM paycore.payouts WHERE psp_payout_id = payout))
	ORDER BY object_type <> 'payout', psp_balance_transaction_id $$;
CREATE FUNCTION matched() RETURNS TABLE (transaction text) LANGUAGE sql AS $$
	SELECT concat_ws(' ', b.psp_balance_transaction_id, b.source_type, d.psp_dispute_id) FROM paycore.balance_transactions b
	LEFT JOIN paycore.disputes d ON d.id = b.dispute_id WHERE b.psp_source_id LIKE 'du\_%' ORDER BY 1 $$;
SELECT forget_looks();
SELECT answer(bt('txn_d1', 'du_1', -300, 1500, 'dispute'), 6), looks();
SELECT forget_looks();
SELECT answer(du('du_1', 'needs_response', '{}', jsonb_build_array(bt('txn_d1', 'du_1', -300, 1500, 'dispute'))), 7), looks();
SELECT * FROM matched();
SELECT answer(bt('txn_d2', 'du_1', 300, -1500, 'dispute_reversal'), 8), answer(bt('txn_d2', 'du_1', 300, -1500, 'dispute_reversal'), 8), looks();
SELECT * FROM matched();
SELECT event(po('po_d', 'paid', '{"amount": 500, "reconciliation_status": "completed", "created": 1000500000}'), 8);
SELECT answer(b, 9, of_payout('po_d')) FROM (VALUES (bt('txn_d1', 'du_1', -300, 1500, 'dispute')), (bt('txn_d2', 'du_1', 300, -1500, 'dispute_reversal')),
	(bt('txn_d3', 'du_x', -200, 0, 'dispute')), (bt('txn_d4', NULL, 700, 0, 'other_adjustment'))) v(b);
SELECT * FROM lines('po_d');
-- Once it has told of both, and one that nobody has shown.
SELECT answer(du('du_1', 'won', '{}', jsonb_build_array(bt('txn_d1', 'du_1', -300, 1500, 'dispute'), bt('txn_d2', 'du_1', 300, -1500, 'dispute_reversal'))), 10);
SELECT answer(du('du_2', 'lost', '{}', jsonb_build_array(bt('txn_d5', 'du_2', -300, 1500, 'dispute', '{"available_on": 1000400000}'))), 10);
SELECT * FROM lines('po_d');
SELECT posted.fact, posted.amount FROM paycore.ledger_posted() posted JOIN paycore.disputes d ON d.id = posted.object_id WHERE d.psp_dispute_id = 'du_1' ORDER BY 1;
-- Here it is of another amount than there.
BEGIN;
SET LOCAL session_replication_role = replica;
UPDATE paycore.disputes SET balance_transactions = jsonb_set(balance_transactions, '{0,amount}', '-290') WHERE psp_dispute_id = 'du_1';
SELECT * FROM lines('po_d') WHERE line LIKE 'differs%';
ROLLBACK;
-- Guards: nobody moves a payout but the gateway, and what was booked stays.
\set VERBOSITY terse
UPDATE paycore.payouts SET status = 'failed' WHERE psp_payout_id = 'po_two';
UPDATE paycore.payouts SET amount = '1 USD' WHERE psp_payout_id = 'po_two';
DELETE FROM paycore.payouts;
UPDATE paycore.balance_transactions SET amount = '1 USD';
UPDATE paycore.balance_transactions SET payout_id = NULL WHERE payout_id IS NOT NULL;
UPDATE paycore.balance_transactions SET status = 'gone';
INSERT INTO paycore.balance_transactions (gateway_account, psp_balance_transaction_id, amount, fee, net) VALUES ('default', 'txn_n', '10 USD', '1 USD', '8 USD');
DELETE FROM paycore.balance_transactions;
TRUNCATE paycore.balance_transactions;
-- A tenant's transaction cannot point into another.
INSERT INTO paycore.balance_transactions (tenant_id, gateway_account, psp_balance_transaction_id, amount, fee, net, payment_id)
	SELECT 'other', 'default', 'txn_t', '10 USD', '1 USD', '9 USD', id FROM paycore.payments LIMIT 1;
INSERT INTO paycore.balance_transactions (tenant_id, gateway_account, psp_balance_transaction_id, amount, fee, net, dispute_id)
	SELECT 'other', 'default', 'txn_t', '10 USD', '1 USD', '9 USD', id FROM paycore.disputes LIMIT 1;

-- verify() finds what is planted.
SELECT severity, rule, detail FROM paycore.verify();
SET session_replication_role = replica;
CREATE FUNCTION found() RETURNS TABLE (severity text, rule text, object_type text, detail text) LANGUAGE sql AS
	$$ SELECT severity, rule, object_type, detail FROM paycore.verify() WHERE rule <> 'a created intent is on its way' $$;
BEGIN; UPDATE paycore.balance_transactions SET net = '1 USD' WHERE psp_balance_transaction_id = 'txn_1'; SELECT * FROM found(); ROLLBACK;
BEGIN; UPDATE paycore.balance_transactions SET amount = '9 USD', net = '8.41 USD' WHERE psp_balance_transaction_id = 'txn_1'; SELECT * FROM found(); ROLLBACK;
BEGIN; UPDATE paycore.balance_transactions SET amount = '-5 USD', net = '-5 USD' WHERE psp_balance_transaction_id = 'txn_r'; SELECT * FROM found(); ROLLBACK;
BEGIN; UPDATE paycore.balance_transactions SET psp_source_id = 'ch_9' WHERE psp_balance_transaction_id = 'txn_1'; SELECT * FROM found(); ROLLBACK;
BEGIN; UPDATE paycore.balance_transactions SET status = 'odd' WHERE psp_balance_transaction_id = 'txn_1'; SELECT * FROM found(); ROLLBACK;
BEGIN; UPDATE paycore.payouts SET transactions_read_at = now() WHERE psp_payout_id = 'po_two'; SELECT * FROM found(); ROLLBACK;
BEGIN; UPDATE paycore.payouts SET transactions_read_at = now(), reconciled = true, amount = '1 USD' WHERE psp_payout_id = 'po_two'; SELECT * FROM found(); ROLLBACK;
BEGIN; UPDATE paycore.payments SET reconciled = true, reconciliation_notes = 'in payout po_9' WHERE psp_charge_id = 'ch_1';
UPDATE paycore.balance_transactions SET payout_id = NULL; SELECT * FROM found(); ROLLBACK;
BEGIN; UPDATE paycore.payouts SET status = 'pending' WHERE psp_payout_id = 'po_two'; SELECT rule, object_type FROM found(); ROLLBACK;
