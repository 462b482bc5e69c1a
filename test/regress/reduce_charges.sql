--
-- Reduce: charges and what they bring in.
--
\getenv srcdir PG_ABS_SRCDIR
\set setup :srcdir '/data/reduce_setup.sql'
\i :setup
CREATE SEQUENCE n;
CREATE FUNCTION two(a jsonb, ta int, b jsonb, tb int, more_b jsonb DEFAULT '{}', type_b text DEFAULT 'test.event') RETURNS text
LANGUAGE plpgsql AS $$
DECLARE k text := nextval('n'); r text[]; g text; ids jsonb := jsonb_build_object('id', 'ch_' || k, 'payment_intent', 'pi_' || k);
BEGIN
	PERFORM ours('pi_' || k);
	r := ARRAY[event(a || ids, ta), event(b || ids, tb, type_b, more_b)];
	g := looks();
	PERFORM forget_looks();
	RETURN concat_ws(' | ', array_to_string(r, ', '), payment('ch_' || k), g);
END $$;
CREATE FUNCTION c(status text, more text DEFAULT '{}') RETURNS jsonb LANGUAGE sql AS $$ SELECT ch('', '', status, more::jsonb) $$;
\set auth '{"captured": false, "amount_captured": 0}'

-- The same again; later; earlier.
SELECT two(c('pending'), 1, c('pending'), 1);
SELECT two(c('pending'), 1, c('succeeded'), 2);
SELECT two(c('succeeded'), 2, c('pending'), 1);
SELECT two(c('succeeded', :'auth'), 1, c('succeeded'), 2);
SELECT two(c('succeeded'), 2, c('succeeded', :'auth'), 1);
-- What is captured stays captured, whatever the time says.
SELECT two(c('succeeded'), 2, c('succeeded', :'auth'), 9);
SELECT two(c('succeeded'), 2, c('pending'), 9);
-- Ties: succeeded over pending, captured over authorized.
SELECT two(c('pending'), 1, c('succeeded'), 1);
SELECT two(c('succeeded'), 1, c('pending'), 1);
SELECT two(c('pending'), 1, c('succeeded', :'auth'), 1);
SELECT two(c('succeeded', :'auth'), 1, c('pending'), 1);
SELECT two(c('succeeded', :'auth'), 1, c('succeeded'), 1);
SELECT two(c('succeeded'), 1, c('succeeded', :'auth'), 1);
-- Failed and canceled absorb, whatever the time; a bounce is such a failure.
SELECT two(c('succeeded'), 9, c('failed', '{"failure_code": "debit_not_authorized", "failure_balance_transaction": "txn_back"}'), 2);
SELECT two(c('pending'), 2, c('failed'), 1);
SELECT two(c('succeeded', :'auth'), 1, c('succeeded', '{"captured": false, "amount_captured": 0, "refunded": true}'), 1, '{}', 'charge.expired');
SELECT two(c('succeeded', '{"captured": false, "amount_captured": 0, "refunded": true}'), 1, c('succeeded', :'auth'), 9);
-- One that failed at once is an attempt, not a payment.
SELECT two(c('failed', '{"failure_code": "card_declined"}'), 1, c('failed', '{"failure_code": "card_declined"}'), 2);
-- previous_attributes; what only grows; what nobody can tell.
SELECT two(c('succeeded'), 1, c('succeeded', '{"balance_transaction": "txn_x"}'), 1, '{"previous": {"balance_transaction": null}}');
SELECT two(c('succeeded', '{"balance_transaction": "txn_y"}'), 1, c('succeeded', '{"receipt_number": "1-1"}'), 1);
SELECT two(c('succeeded'), 1, c('succeeded', '{"description": "x"}'), 1);
SELECT two(c('succeeded'), 1, c('pending', '{"description": "x"}'), 1, '{"previous": {"status": "succeeded"}}');

-- A pending debit says captured: nothing is taken before it succeeds.
SELECT two(c('pending', '{"captured": true, "amount_captured": 1000}'), 1, c('pending', '{"captured": true, "amount_captured": 1000, "description": "x"}'), 2);
SELECT outcome, count(*) FROM paycore.payment_attempts GROUP BY 1 ORDER BY 1;

-- The fee at once, late, or in another currency.
SELECT ours('pi_fee') IS NOT NULL;
SELECT answer(pi('pi_fee', 'succeeded', jsonb_build_object('amount_received', 1000, 'latest_charge',
	ch('ch_fee', 'pi_fee', 'succeeded', jsonb_build_object('balance_transaction', txn('txn_fee', 1000, 59), 'application_fee_amount', 12)))), 1);
SELECT payment('ch_fee'), looks();
SELECT fee_details, platform_fee, balance_transaction_ids, available_on, settled_at, settlement_parts, captured_at FROM paycore.payments WHERE psp_charge_id = 'ch_fee';
SELECT ours('pi_late') IS NOT NULL;
SELECT event(ch('ch_late', 'pi_late', 'succeeded'), 1), looks();
SELECT event(ch('ch_late', 'pi_late', 'succeeded', '{"balance_transaction": "txn_late"}'), 4, 'charge.updated', '{"previous": {"balance_transaction": null}}'), looks();
SELECT event(ch('ch_late', 'pi_late', 'succeeded', '{"balance_transaction": "txn_late"}'), 4, 'charge.updated'), looks();
SELECT answer(ch('ch_late', 'pi_late', 'succeeded', jsonb_build_object('balance_transaction', txn('txn_late', 1234, 66, '{"currency": "eur", "exchange_rate": 1.234}'))), 6, '{"op": "charge.retrieve"}');
SELECT payment('ch_late'), settled_gross, exchange_rate FROM paycore.payments WHERE psp_charge_id = 'ch_late';
-- Once and for all.
SELECT answer(ch('ch_late', 'pi_late', 'succeeded', jsonb_build_object('balance_transaction', txn('txn_other', 1, 0))), 7);
SELECT settled_gross, balance_transaction_ids FROM paycore.payments WHERE psp_charge_id = 'ch_late';
SELECT forget_looks();

-- A partial capture: two balance transactions, in both orders.
CREATE FUNCTION partial(k text, charge_first boolean) RETURNS text LANGUAGE plpgsql AS $$
DECLARE r text[]; g text; charge jsonb; release jsonb;
BEGIN
	charge := ch('ch_' || k, 'pi_' || k, 'succeeded', jsonb_build_object('amount_captured', 700, 'balance_transaction', txn('txn_c' || k, 1000, 59)));
	release := re('re_' || k, 'ch_' || k, 'succeeded', 300, jsonb_build_object('balance_transaction',
		txn('txn_r' || k, -300, -9, '{"reporting_category": "partial_capture_reversal"}')));
	PERFORM ours('pi_' || k);
	r := ARRAY[event(ch('ch_' || k, 'pi_' || k, 'succeeded', '{"captured": false, "amount_captured": 0}'), 1)];
	IF charge_first THEN
		r := r || answer(charge, 2) || concat('[', payment('ch_' || k), ']') || answer(release, 3);
	ELSE
		r := r || answer(release, 2) || concat('[', payment('ch_' || k), ']') || answer(charge, 3);
	END IF;
	g := looks();
	PERFORM forget_looks();
	RETURN concat_ws(' | ', array_to_string(r, ', '), payment('ch_' || k), refund('re_' || k), g);
END $$;
SELECT partial('p1', true);
SELECT partial('p2', false);
SELECT settled_gross, fee, net, balance_transaction_ids, jsonb_array_length(fee_details), settlement_parts FROM paycore.payments WHERE psp_charge_id IN ('ch_p1', 'ch_p2') ORDER BY psp_charge_id;
-- Where the charge's own is of just what was captured, there is nothing to wait for.
SELECT ours('pi_p3') IS NOT NULL;
SELECT answer(ch('ch_p3', 'pi_p3', 'succeeded', jsonb_build_object('amount_captured', 700, 'balance_transaction', txn('txn_p3', 700, 50))), 2), payment('ch_p3');

-- Of an intent that is not known here: asked for, if it could become ours.
SELECT event(ch('ch_q', 'pi_q', 'succeeded', '{"customer": "cus_nobody"}'), 1), looks();
SELECT event(ch('ch_q', 'pi_q', 'succeeded'), 1), event(ch('ch_q', 'pi_q', 'succeeded'), 2), looks();
SELECT event(ch('ch_q', 'pi_q', 'succeeded'), 1, 'charge.succeeded', '{"parent_sought": true}'), looks();
SELECT forget_looks();
-- Metadata is copied from the intent: the charge binds it.
SELECT ours(NULL) AS id \gset
SELECT event(ch('ch_m', 'pi_m', 'succeeded', jsonb_build_object('metadata', jsonb_build_object('paycore_intent', :'id', 'paycore_db', test_mark(),
	'paycore_tenant', 'default', 'paycore_account', '00000000-0000-7000-8000-00000000000a'))), 1), intent('pi_m') IS NOT NULL;
-- Without an intent at all, of a customer that we know.
SELECT event(ch('ch_bare', NULL, 'succeeded'), 1), payment('ch_bare'), event(ch('ch_bare', NULL, 'succeeded', '{"description": "x"}'), 2);
-- Rendered in another version: looked at, not applied.
SELECT ours('pi_h') IS NOT NULL;
SELECT event(ch('ch_h', 'pi_h', 'succeeded'), 1, 'charge.succeeded', '{"only_hint": true}'), payment('ch_h'), looks();
SELECT forget_looks();

-- The history says how it came.
SELECT s.from_status, s.to_status, s.source, s.reason FROM paycore.status_changes s JOIN paycore.payments p ON p.id::text = s.object_id
	WHERE p.psp_charge_id = 'ch_p1' ORDER BY s.id;
SELECT severity, rule, count(*) FROM paycore.verify() WHERE rule NOT IN ('a created intent is on its way', 'every doubt is being looked into') GROUP BY 1, 2 ORDER BY 1, 2;

-- A debit that came back had been paid: there is a payment of it, whether or not its success was ever heard of.
SELECT ours('pi_back') IS NOT NULL, event(ch('ch_back', 'pi_back', 'failed', '{"amount_captured": 1000, "captured": true, "balance_transaction": "txn_back",
	"failure_code": "insufficient_funds", "failure_balance_transaction": "txn_back_f"}'), 5, 'charge.failed'), payment('ch_back'), looks();
SELECT event(ch('ch_back', 'pi_back', 'succeeded', '{"balance_transaction": "txn_back"}'), 3, 'charge.succeeded'), payment('ch_back');
SELECT outcome FROM paycore.payment_attempts WHERE psp_charge_id = 'ch_back';
SELECT forget_looks();
-- One that never succeeded is an attempt; an older picture that comes later makes a row of it, and the gateway is asked.
SELECT ours('pi_fail') IS NOT NULL, event(ch('ch_fail', 'pi_fail', 'failed', '{"failure_code": "account_closed"}'), 5, 'charge.failed'), payment('ch_fail');
SELECT event(ch('ch_fail', 'pi_fail', 'pending'), 3, 'charge.pending'), payment('ch_fail'), looks();
SELECT answer(ch('ch_fail', 'pi_fail', 'failed', '{"failure_code": "account_closed"}'), 7), payment('ch_fail');
SELECT forget_looks();
