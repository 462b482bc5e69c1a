--
-- The ledger: payouts, and what the gateway books by itself.
--
\getenv srcdir PG_ABS_SRCDIR
\set setup :srcdir '/data/reduce_setup.sql'
\i :setup
CREATE FUNCTION po(id text, status text, more jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql AS $$
	SELECT jsonb_build_object('object', 'payout', 'id', id, 'status', status, 'amount', 1000, 'currency', 'usd', 'automatic', false,
		'type', 'bank_account', 'method', 'standard', 'arrival_date', 1000200000, 'created', 1000000000, 'livemode', false,
		'metadata', '{}'::jsonb) || more $$;
CREATE FUNCTION posted(psp text) RETURNS TABLE (entry text) LANGUAGE sql AS $$
	SELECT concat_ws(' ', e.fact, e.nth, ':', d.code, 'to', c.code, e.amount, to_char(e.occurred_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS'))
	FROM paycore.ledger_entries e
	JOIN paycore.ledger_accounts d ON d.id = e.debit_account_id
	JOIN paycore.ledger_accounts c ON c.id = e.credit_account_id
	WHERE e.object_id IN (SELECT id FROM paycore.payouts WHERE psp_payout_id = psp
		UNION ALL SELECT id FROM paycore.balance_transactions WHERE psp_balance_transaction_id = psp
		UNION ALL SELECT id FROM paycore.refunds WHERE psp_refund_id = psp)
	ORDER BY e.id $$;
-- Paid, on its way again, paid, and failed after all.
SELECT event(po('po_1', 'in_transit'), 1);
SELECT * FROM posted('po_1');
SELECT event(po('po_1', 'paid'), 2);
SELECT event(po('po_1', 'paid'), 3);
SELECT event(po('po_1', 'in_transit'), 4);
SELECT event(po('po_1', 'paid'), 5);
SELECT event(po('po_1', 'failed', '{"failure_code": "no_account", "failure_balance_transaction": "txn_back"}'), 6);
SELECT * FROM posted('po_1');
-- One that takes money from the bank; one that never went.
SELECT event(po('po_2', 'paid', '{"amount": -500}'), 1);
SELECT * FROM posted('po_2');
SELECT event(po('po_3', 'failed'), 1);
SELECT * FROM posted('po_3');
-- Fees and other bookings; a charge's are its payment's.
SELECT event(txn('txn_f', -200, 0, '{"reporting_category": "fee", "type": "stripe_fee"}'), 7);
SELECT * FROM posted('txn_f');
SELECT event(txn('txn_a', 300, 0, '{"reporting_category": "other_adjustment", "type": "adjustment"}'), 7);
SELECT * FROM posted('txn_a');
SELECT event(txn('txn_t', -300, 20, '{"reporting_category": "transfer", "type": "transfer"}'), 7);
SELECT * FROM posted('txn_t');
SELECT event(txn('txn_p', -1000, 25, '{"reporting_category": "payout", "type": "payout", "source": "po_1"}'), 7);
SELECT * FROM posted('txn_p');
SELECT event(txn('txn_c', 1000, 59, '{"source": "ch_unknown"}'), 7);
SELECT * FROM posted('txn_c');
-- A refund in dollars that was taken in euros; and came back.
SELECT ours('pi_1') IS NOT NULL;
SELECT event(ch('ch_1', 'pi_1', 'succeeded', jsonb_build_object('balance_transaction', txn('txn_1', 900, 40, '{"currency": "eur", "exchange_rate": 0.9}'))), 1);
SELECT event(re('re_1', 'ch_1', 'succeeded', 300), 2);
SELECT event(txn('txn_re_1', -280, 10, '{"currency": "eur", "exchange_rate": 0.93, "reporting_category": "refund", "type": "refund", "source": "re_1"}'), 7);
SELECT * FROM posted('txn_re_1');
SELECT event(re('re_1', 'ch_1', 'failed', 300, '{"failure_balance_transaction": "txn_rf"}'), 8);
SELECT event(txn('txn_rf', 275, 0, '{"currency": "eur", "exchange_rate": 0.92, "reporting_category": "refund_failure", "type": "refund_failure", "source": "re_1"}'), 9);
SELECT * FROM posted('txn_rf');
SELECT code, currency, paycore.ledger_balance(id) FROM paycore.ledger_accounts WHERE paycore.cents(paycore.ledger_balance(id)) <> 0 ORDER BY 2, 1;
SELECT rule, object_type, detail FROM paycore.find_ledger_violations();
-- What was not posted is not undone.
SET paycore.ledger = off;
SELECT event(po('po_5', 'paid'), 9);
SET paycore.ledger = on;
SELECT event(po('po_5', 'failed'), 10);
SELECT * FROM posted('po_5');
-- What was missed is posted later.
SET paycore.ledger = off;
SELECT event(po('po_2', 'failed', '{"amount": -500}'), 10);
SELECT event(po('po_4', 'paid'), 10);
SELECT event(txn('txn_g', -100, 0, '{"reporting_category": "fee", "type": "stripe_fee"}'), 10);
SET paycore.ledger = on;
SELECT object_type, detail FROM paycore.find_ledger_violations() ORDER BY 2;
SELECT paycore.repair_ledger();
SELECT * FROM posted('po_2') UNION ALL SELECT * FROM posted('po_4') UNION ALL SELECT * FROM posted('txn_g');
SELECT count(*) FROM paycore.find_ledger_violations();
