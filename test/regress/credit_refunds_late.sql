--
-- Refunds of credit notes and the gateway's word: what fails days later is the account's, and comes off its balance where it is paid after all.
--
\getenv srcdir PG_ABS_SRCDIR
\set setup :srcdir '/data/reduce_setup.sql'
\i :setup
\set SHOW_CONTEXT never
SET timezone = 'UTC';
\set VERBOSITY sqlstate
SELECT shows FROM paycore.set_test_clock('2026-01-31 10:00+00');
SELECT code FROM paycore.create_price((paycore.create_product('pro', 'Professional')).id, '{"USD": "10.00"}', 'month', code => 'pro-monthly');
SELECT status FROM paycore.create_subscription('00000000-0000-7000-8000-00000000000a', '[{"price": "pro-monthly"}]', '{"collection": "send_invoice", "days_until_due": 3650}');
CALL paycore.run_billing();
INSERT INTO paycore.payment_intents (billing_account_id, gateway_account, amount, psp_intent_id, invoice_id)
	SELECT billing_account_id, 'default', amount_due, 'pi_1', id FROM paycore.invoices RETURNING psp_intent_id;
SELECT event(pi('pi_1', 'succeeded', '{"latest_charge": "ch_1", "amount_received": 1000}'), 3), event(ch('ch_1', 'pi_1', 'succeeded'), 3);
SELECT id AS invoice, status FROM paycore.invoices \gset
-- A credit note of so much, whose refund the gateway knows by that id.
CREATE FUNCTION given(psp text, amount paycore.money_cents) RETURNS text LANGUAGE plpgsql AS $$
DECLARE note paycore.credit_note;
BEGIN
	note := paycore.create_credit_note((SELECT id FROM paycore.invoices), amount => given.amount, credit_to => 'refund');
	UPDATE paycore.refunds SET psp_refund_id = psp WHERE credit_note_id = note.id;
	RETURN note.number;
END $$;
CREATE FUNCTION stand(psp text) RETURNS text LANGUAGE sql AS $$ SELECT concat_ws(' ', r.status, '|', n.status, n.to_refund, 'failed', n.refund_failed, '| balance', paycore.account_balance(n.billing_account_id),
	'| payment', p.refund_reserved, p.refunded) FROM paycore.refunds r JOIN paycore.credit_notes n ON n.id = r.credit_note_id JOIN paycore.payments p ON p.id = r.payment_id WHERE r.psp_refund_id = psp $$;

SELECT given('re_1', '4.00 USD'), stand('re_1');
SELECT event(re('re_1', 'ch_1', 'succeeded', 400), 5), stand('re_1');
SELECT paycore.health() -> 'credit_notes_not_refunded';
SELECT event(re('re_1', 'ch_1', 'failed', 400, '{"failure_reason": "expired_or_canceled_card", "failure_balance_transaction": "txn_back"}'), 9), stand('re_1');
SELECT event(re('re_1', 'ch_1', 'failed', 400, '{"failure_reason": "expired_or_canceled_card", "failure_balance_transaction": "txn_back"}'), 10), stand('re_1');
SELECT amount, reason, object_type FROM paycore.account_transactions ORDER BY id;
SELECT paycore.health() -> 'credit_notes_not_refunded';
SELECT p FROM jsonb_array_elements_text(paycore.health() -> 'problems') p WHERE p LIKE '%credit notes%';
-- It may be given back again by another refund, off the balance; then nothing is left to look at.
SELECT amount FROM paycore.debit_account('00000000-0000-7000-8000-00000000000a', '4.00 USD', 'given back by transfer');
SELECT paycore.health() -> 'credit_notes_not_refunded';
SELECT amount FROM paycore.credit_account('00000000-0000-7000-8000-00000000000a', '4.00 USD', 'not given back');
-- Void: off the balance again.
SELECT status FROM paycore.void_credit_note((SELECT credit_note_id FROM paycore.refunds WHERE psp_refund_id = 're_1'));
SELECT stand('re_1');
SELECT severity, rule, object_type, detail FROM paycore.verify();
-- Failed as we thought, for it was never known at the gateway; and paid there after all: with the credit note as it was, and void.
SELECT given(NULL, '3.00 USD');
SELECT id AS refund, credit_note_id AS note FROM paycore.refunds WHERE psp_refund_id IS NULL \gset
UPDATE paycore.refunds SET status = 'failed' WHERE id = :'refund';
SELECT n.refund_failed, paycore.account_balance(n.billing_account_id) FROM paycore.credit_notes n WHERE n.id = :'note';
SELECT event(re('re_2', 'ch_1', 'succeeded', 300, jsonb_build_object('metadata', jsonb_build_object('paycore_refund', :'refund', 'paycore_intent', 'x',
	'paycore_tenant', 'default', 'paycore_db', test_mark()))), 12), stand('re_2');
SELECT given(NULL, '2.00 USD');
SELECT id AS refund, credit_note_id AS note FROM paycore.refunds WHERE psp_refund_id IS NULL \gset
UPDATE paycore.refunds SET status = 'failed' WHERE id = :'refund';
SELECT status FROM paycore.void_credit_note(:'note');
SELECT event(re('re_3', 'ch_1', 'succeeded', 200, jsonb_build_object('metadata', jsonb_build_object('paycore_refund', :'refund', 'paycore_intent', 'x',
	'paycore_tenant', 'default', 'paycore_db', test_mark()))), 14), stand('re_3');
SELECT amount, reason, object_type FROM paycore.account_transactions ORDER BY id;
SELECT severity, rule, object_type, detail FROM paycore.verify();
-- A dispute holds its share of the payment, and the gateway takes no refund of it meanwhile.
SELECT given('re_4', '1.00 USD');
CREATE FUNCTION du(status text, refundable boolean, amount int) RETURNS jsonb LANGUAGE sql AS $$
	SELECT jsonb_build_object('object', 'dispute', 'id', 'du_1', 'charge', 'ch_1', 'payment_intent', 'pi_1', 'status', status, 'amount', amount, 'currency', 'usd',
		'reason', 'fraudulent', 'created', 1000000005, 'livemode', false, 'metadata', '{}'::jsonb, 'is_charge_refundable', refundable, 'balance_transactions', '[]'::jsonb) $$;
SELECT event(du('needs_response', true, 300), 20);
\set VERBOSITY default
SELECT given('re_5', '2.00 USD');
SELECT given('re_6', '1.00 USD');
SELECT event(du('under_review', false, 200), 21);
SELECT given('re_7', '0.50 USD');
SELECT severity, rule, object_type, detail FROM paycore.verify();
