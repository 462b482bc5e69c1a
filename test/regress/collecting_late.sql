--
-- Invoices and the gateway's word: a debit that bounces opens its invoice again, and takes back what was put onto the balance.
--
\getenv srcdir PG_ABS_SRCDIR
\set setup :srcdir '/data/reduce_setup.sql'
\i :setup
SET timezone = 'UTC';
\set VERBOSITY sqlstate
SELECT shows FROM paycore.set_test_clock('2026-01-31 10:00+00');
SELECT code FROM paycore.create_price((paycore.create_product('pro', 'Professional')).id, '{"USD": "10.00"}', 'month', code => 'pro-monthly');
SELECT status FROM paycore.create_subscription('00000000-0000-7000-8000-00000000000a', '[{"price": "pro-monthly"}]', '{"collection": "send_invoice", "days_until_due": 3650}');
CALL paycore.run_billing();
SELECT shows FROM paycore.set_test_clock('2026-04-30 10:00+00');
CALL paycore.run_billing();
CREATE FUNCTION nth(n int) RETURNS uuid LANGUAGE sql STABLE AS $$ SELECT id FROM paycore.invoices WHERE serial = n $$;
CREATE FUNCTION invoice(n int) RETURNS text LANGUAGE sql AS $$ SELECT concat_ws(' ', i.status, 'paid', i.amount_paid, 'due', i.amount_due, i.paid_at::date, '|',
	(SELECT string_agg(concat_ws(' ', p.kind, p.amount, p.surplus, p.applied_at::date), ', ' ORDER BY p.id) FROM paycore.invoice_payments p WHERE p.invoice_id = i.id),
	'| balance', paycore.account_balance(i.billing_account_id)) FROM paycore.invoices i WHERE i.serial = n $$;
-- An intent of an invoice, known to the gateway.
CREATE FUNCTION of_invoice(psp text, n int) RETURNS text LANGUAGE sql AS $$
	INSERT INTO paycore.payment_intents (billing_account_id, gateway_account, amount, psp_intent_id, invoice_id)
	SELECT billing_account_id, 'default', amount_due, psp, id FROM paycore.invoices WHERE serial = n RETURNING psp_intent_id $$;
\set bounced '{"failure_code": "debit_not_authorized", "failure_balance_transaction": "txn_back"}'

-- The intent's event after the charge's, and before.
SELECT of_invoice('pi_1', 1);
SELECT event(ch('ch_1', 'pi_1', 'pending'), 1), invoice(1);
SELECT event(ch('ch_1', 'pi_1', 'succeeded'), 2), invoice(1);
SELECT event(pi('pi_1', 'succeeded', '{"latest_charge": "ch_1", "amount_received": 1000}'), 3), invoice(1);
SELECT event(pi('pi_1', 'succeeded', '{"latest_charge": "ch_1", "amount_received": 1000, "description": "again"}'), 4), invoice(1);
SELECT of_invoice('pi_2', 2);
SELECT event(pi('pi_2', 'succeeded', '{"latest_charge": "ch_2", "amount_received": 1000}'), 3), invoice(2);
SELECT event(ch('ch_2', 'pi_2', 'succeeded'), 3), invoice(2);
-- It bounces days later: open again, and it may be paid again.
SELECT shows FROM paycore.set_test_clock('2026-05-05 10:00+00');
SELECT event(ch('ch_1', 'pi_1', 'failed', :'bounced'), 9), invoice(1);
SELECT event(ch('ch_1', 'pi_1', 'failed', :'bounced'), 10), invoice(1);
SELECT from_status, to_status, source FROM paycore.status_history(nth(1));
SELECT of_invoice('pi_1b', 1);
SELECT answer(pi('pi_1b', 'succeeded', jsonb_build_object('amount_received', 1000, 'latest_charge', ch('ch_1b', 'pi_1b', 'succeeded'))), 20), invoice(1);
-- Paid twice, by hand and by a debit that was on its way: the second is the account's, until it bounces.
SELECT of_invoice('pi_3', 3);
SELECT event(pi('pi_3', 'processing', '{"latest_charge": "ch_3"}'), 1), event(ch('ch_3', 'pi_3', 'pending'), 1);
SELECT name FROM paycore.create_gateway_account('cash', 'manual');
SELECT gross FROM paycore.record_invoice_payment(nth(3), '7.00 USD', gateway => 'cash');
SELECT event(ch('ch_3', 'pi_3', 'succeeded'), 2), event(pi('pi_3', 'succeeded', '{"latest_charge": "ch_3", "amount_received": 1000}'), 2), invoice(3);
SELECT event(ch('ch_3', 'pi_3', 'failed', :'bounced'), 9), invoice(3);
-- Void while the debit was on its way.
SELECT of_invoice('pi_4', 4);
SELECT event(pi('pi_4', 'processing', '{"latest_charge": "ch_4"}'), 1), event(ch('ch_4', 'pi_4', 'pending'), 1);
SELECT status FROM paycore.void_invoice(nth(4));
SELECT event(ch('ch_4', 'pi_4', 'succeeded'), 2), event(pi('pi_4', 'succeeded', '{"latest_charge": "ch_4", "amount_received": 1000}'), 2), invoice(4);
SELECT event(ch('ch_4', 'pi_4', 'failed', :'bounced'), 9), invoice(4);
-- Void after a part of it was paid, which was put onto the balance then; that part bounces.
SELECT shows FROM paycore.set_test_clock('2026-05-31 10:00+00');
CALL paycore.run_billing();
SELECT of_invoice('pi_5', 5);
UPDATE paycore.payment_intents SET amount = '4.00 USD' WHERE psp_intent_id = 'pi_5';
SELECT answer(pi('pi_5', 'succeeded', jsonb_build_object('amount', 400, 'amount_received', 400, 'latest_charge', ch('ch_5', 'pi_5', 'succeeded', '{"amount": 400, "amount_captured": 400}'))), 20), invoice(5);
SELECT status, amount_due FROM paycore.void_invoice(nth(5));
SELECT invoice(5);
SELECT event(ch('ch_5', 'pi_5', 'failed', '{"amount": 400, "amount_captured": 400, "captured": true, "failure_code": "debit_not_authorized", "failure_balance_transaction": "txn_back5"}'), 29), invoice(5);
-- A dispute that is lost is the payment's: the invoice stays paid, and payments_overview says what became of the money.
SELECT event('{"object": "dispute", "id": "du_1", "charge": "ch_1b", "payment_intent": "pi_1b", "status": "lost", "amount": 1000, "currency": "usd", "reason": "fraudulent", "created": 1000000030}', 30), invoice(1);
SELECT p.status, p.dispute_held FROM paycore.invoice_payments a JOIN paycore.payments p ON p.id = a.payment_id WHERE a.invoice_id = nth(1) ORDER BY a.id;
SELECT severity, rule, object_type FROM paycore.verify();
