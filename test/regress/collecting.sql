--
-- Invoices are paid: by the gateway, by hand, from the balance; in part, whole, over.
--
\getenv srcdir PG_ABS_SRCDIR
\set setup :srcdir '/data/api_setup.sql'
\i :setup
SET timezone = 'UTC';
SELECT id AS pro FROM paycore.create_product('pro', 'Professional') \gset
SELECT code FROM paycore.create_price(:'pro', '{"USD": "31.00"}', 'month', code => 'pro-monthly');
SELECT shows FROM paycore.set_test_clock('2026-01-31 10:00+00');
CREATE VIEW invoices AS SELECT i.number, i.status::text, i.total, i.balance_applied AS balance, i.amount_paid AS paid, i.amount_due AS due, i.paid_at::date FROM paycore.invoices i ORDER BY i.serial;
CREATE VIEW applied AS SELECT i.number, p.kind, p.amount, p.surplus, p.applied_at::date, t.amount AS moved, t.reason FROM paycore.invoice_payments p
	JOIN paycore.invoices i ON i.id = p.invoice_id LEFT JOIN paycore.account_transactions t ON t.id = p.account_transaction_id ORDER BY i.serial, p.id;
CREATE VIEW intents AS SELECT i.number, t.status::text, t.amount, t.payment_method, t.off_session, t.description FROM paycore.payment_intents t JOIN paycore.invoices i ON i.id = t.invoice_id ORDER BY i.serial, t.id;
-- An invoice a month, of an account on the mock; nobody collects them but this test.
SELECT id AS ada FROM paycore.create_billing_account('Ada', 'ada@example.com', 'USD') \gset
SELECT id AS sub FROM paycore.create_subscription(:'ada', '[{"price": "pro-monthly"}]', '{"collection": "send_invoice", "days_until_due": 3650}') \gset
CALL paycore.run_billing();
SELECT shows FROM paycore.set_test_clock('2026-10-31 10:00+00');
CALL paycore.run_billing();
SELECT count(*), min(number), max(number) FROM paycore.invoices;
CREATE FUNCTION nth(n int) RETURNS uuid LANGUAGE sql STABLE AS $$ SELECT id FROM paycore.invoices WHERE serial = n $$;

-- By the gateway.
SELECT status, amount, payment_method, description, invoice_id = nth(1) AS of_invoice, subscription_id = :'sub' AS of_subscription FROM paycore.pay_invoice(nth(1), 'pm_card_visa');
SELECT paycore.pay_invoice(nth(1), 'pm_card_visa');
CALL paycore.drain_outbox('30 s');
-- Whatever its intent tells later: it is applied once.
UPDATE paycore.payment_intents SET metadata = '{"seen": "again"}' WHERE invoice_id = nth(1);
SELECT * FROM invoices WHERE number LIKE '%01';
SELECT * FROM applied;
SELECT paycore.pay_invoice(nth(1), 'pm_card_visa');
SELECT from_status, to_status, source FROM paycore.status_history(nth(1));
-- A decline leaves the intent open, and the next try is the same intent's.
SELECT status FROM paycore.pay_invoice(nth(2), 'pm_card_chargeCustomerFail');
CALL paycore.drain_outbox('30 s');
SELECT * FROM intents WHERE number LIKE '%02';
SELECT status FROM paycore.pay_invoice(nth(2), 'pm_card_mastercard', off_session => true);
CALL paycore.drain_outbox('30 s');
SELECT * FROM intents WHERE number LIKE '%02';
SELECT * FROM invoices WHERE number LIKE '%02';
-- For the payer to confirm; meanwhile part of it comes otherwise, and the intent asks for the rest.
SELECT status, client_secret IS NULL FROM paycore.pay_invoice(nth(3), confirm => false, idempotency_key => 'link');
CALL paycore.drain_outbox('30 s');
SELECT status, amount, client_secret IS NOT NULL AS secret FROM paycore.pay_invoice(nth(3), confirm => false, idempotency_key => 'link');
SELECT status, amount FROM paycore.pay_invoice(nth(3), confirm => false, idempotency_key => 'again');
SELECT gross, status, method_type FROM paycore.record_invoice_payment(nth(3), '11.00 USD', method_type => 'cash', gateway => 'cash', idempotency_key => 'part');
SELECT gross FROM paycore.record_invoice_payment(nth(3), '11.00 USD', method_type => 'cash', gateway => 'cash', idempotency_key => 'part');
SELECT * FROM intents WHERE number LIKE '%03';
SELECT status FROM paycore.pay_invoice(nth(3), 'pm_card_visa', idempotency_key => 'whole');
SELECT status FROM paycore.pay_invoice(nth(3), 'pm_card_visa', idempotency_key => 'whole');
CALL paycore.drain_outbox('30 s');
SELECT * FROM invoices WHERE number LIKE '%03';
SELECT * FROM applied WHERE number LIKE '%03';
-- By hand: whole; too much; once more.
SELECT gross FROM paycore.record_invoice_payment(nth(4), gateway => 'cash');
SELECT gross FROM paycore.record_invoice_payment(nth(5), '40.00 USD', gateway => 'cash');
SELECT gross FROM paycore.record_invoice_payment(nth(5), '1.00 USD', gateway => 'cash');
SELECT * FROM applied WHERE number LIKE '%04' OR number LIKE '%05';
SELECT * FROM invoices WHERE number LIKE '%04' OR number LIKE '%05';
SELECT paycore.account_balance(:'ada');
-- From the balance; what was asked of the payer is less then, or nothing.
SELECT status FROM paycore.pay_invoice(nth(6), confirm => false);
SELECT status, amount_due, balance_applied FROM paycore.apply_account_balance(nth(6), '4.00 USD', 'four');
SELECT status, amount_due FROM paycore.apply_account_balance(nth(6), '4.00 USD', 'four');
SELECT paycore.apply_account_balance(nth(6), '6.01 USD');
SELECT amount_due FROM paycore.apply_account_balance(nth(6));
SELECT paycore.account_balance(:'ada');
SELECT paycore.apply_account_balance(nth(6));
SELECT * FROM intents WHERE number LIKE '%06';
SELECT gross FROM paycore.record_invoice_payment(nth(6), gateway => 'cash');
SELECT * FROM intents WHERE number LIKE '%06';
SELECT * FROM invoices WHERE number LIKE '%06';
-- A void invoice gives back what was applied to it, and asks for no more.
SELECT gross FROM paycore.record_invoice_payment(nth(7), '5.00 USD', gateway => 'cash');
SELECT status FROM paycore.pay_invoice(nth(7), confirm => false);
SELECT status, amount_paid, balance_applied, amount_due FROM paycore.void_invoice(nth(7));
SELECT * FROM applied WHERE number LIKE '%07';
SELECT * FROM intents WHERE number LIKE '%07';
SELECT paycore.account_balance(:'ada');
SELECT paycore.pay_invoice(nth(7), 'pm_card_visa');
-- A success that comes late: on a void invoice it is the account's, and one that was written off is paid by it.
SELECT status FROM paycore.pay_invoice(nth(8), 'pm_card_visa');
SELECT status FROM paycore.void_invoice(nth(8));
SELECT status FROM paycore.pay_invoice(nth(9), 'pm_card_visa');
SELECT status FROM paycore.write_off_invoice(nth(9));
SELECT status FROM paycore.pay_invoice(nth(10), 'pm_card_visa');
SELECT gross FROM paycore.record_invoice_payment(nth(10), '30.00 USD', gateway => 'cash');
CALL paycore.drain_outbox('30 s');
SELECT * FROM invoices WHERE number LIKE '%08' OR number LIKE '%09' OR number LIKE '%10';
SELECT * FROM applied WHERE number LIKE '%08' OR number LIKE '%09' OR number LIKE '%10';
SELECT paycore.account_balance(:'ada');
SELECT balance_after FROM paycore.debit_account(:'ada', paycore.account_balance(:'ada'), 'paid out');
-- A debit takes days, and counts as on its way.
SELECT shows FROM paycore.set_test_clock('2026-11-30 10:00+00');
CALL paycore.run_billing();
SELECT status FROM paycore.pay_invoice(nth(11), 'pm_usBankAccount_success');
CALL paycore.drain_outbox('30 s');
SELECT * FROM intents WHERE number LIKE '%11';
SELECT paycore.pay_invoice(nth(11), 'pm_card_visa');

-- Nothing is applied beyond that, whoever writes.
INSERT INTO paycore.payment_intents (billing_account_id, gateway_account, amount, invoice_id) VALUES (:'ada', 'default', '1.00 USD', nth(11));
UPDATE paycore.invoices SET amount_paid = total, amount_due = '0.00 USD', status = 'paid', paid_at = now() WHERE serial = 11;
UPDATE paycore.payment_intents SET invoice_id = nth(1) WHERE invoice_id = nth(11);
SELECT payment_id AS paid FROM paycore.payment_intents WHERE invoice_id = nth(2) \gset
INSERT INTO paycore.invoice_payments (invoice_id, kind, amount, surplus, payment_id) VALUES (nth(11), 'payment', '1.00 USD', '0 USD', :'paid');
SELECT id AS other FROM paycore.record_payment(:'ada', '99.00 USD', gateway => 'cash') \gset
INSERT INTO paycore.invoice_payments (invoice_id, kind, amount, surplus, payment_id) VALUES (nth(11), 'payment', '99.00 USD', '0 USD', :'other');
INSERT INTO paycore.invoice_payments (invoice_id, kind, amount, surplus, payment_id) VALUES (nth(11), 'payment', '1.00 EUR', '0 EUR', :'other');
INSERT INTO paycore.invoice_payments (invoice_id, kind, amount, surplus, payment_id) VALUES (nth(7), 'payment', '1.00 USD', '0 USD', :'other');
INSERT INTO paycore.invoice_payments (invoice_id, kind, amount, surplus, payment_id) VALUES (nth(2), 'bounce', '-31.00 USD', '0 USD', :'paid');
INSERT INTO paycore.invoice_payments (invoice_id, kind, amount, surplus, payment_id) VALUES (nth(11), 'gift', '1.00 USD', '0 USD', :'other');
INSERT INTO paycore.invoice_payments (invoice_id, kind, amount, surplus, payment_id) VALUES (nth(11), 'payment', '31.01 USD', '0 USD', :'other');
INSERT INTO paycore.invoice_payments (invoice_id, kind, amount, surplus) VALUES (nth(11), 'balance', '1.00 USD', '0 USD');
UPDATE paycore.invoice_payments SET amount = '1.00 USD';
DELETE FROM paycore.invoice_payments;
-- Nor to a draft; and no invoice starts with more than was applied to it.
PREPARE draft(paycore.money_cents, paycore.money_cents) AS
	INSERT INTO paycore.invoices (billing_account_id, reason, currency, subtotal, discount, tax, tax_included, total, balance_applied, amount_paid, amount_credited, amount_due)
	VALUES (:'ada', 'manual', 'USD', '5 USD', '0 USD', '0 USD', '0 USD', '5 USD', '0 USD', $1, '0 USD', $2) RETURNING id AS draft;
EXECUTE draft('2 USD', '3 USD');
BEGIN;
EXECUTE draft('0 USD', '5 USD') \gset
INSERT INTO paycore.invoice_payments (invoice_id, kind, amount, surplus, payment_id) VALUES (:'draft', 'payment', '1.00 USD', '0 USD', :'other');
ROLLBACK;
INSERT INTO paycore.invoice_payments (invoice_id, kind, amount, surplus, payment_id) VALUES (nth(11), 'payment', '31.00 USD', '0 USD', :'other');
SELECT * FROM invoices WHERE number LIKE '%11';
-- What is wrong to ask.
SELECT paycore.pay_invoice(paycore.uuid_v7());
SELECT shows FROM paycore.set_test_clock('2026-12-31 10:00+00');
CALL paycore.run_billing();
SELECT paycore.pay_invoice(nth(12));
SELECT paycore.pay_invoice(nth(12), 'pm_card_visa', confirm => false, off_session => true);
SELECT paycore.record_invoice_payment(nth(12), '1.00 EUR', gateway => 'cash');
SELECT paycore.record_invoice_payment(nth(12), '0 USD', gateway => 'cash');
SELECT paycore.record_invoice_payment(nth(12), '1.00 USD');
SELECT paycore.record_invoice_payment(nth(1), gateway => 'cash');
SELECT paycore.apply_account_balance(nth(12), '1000.00 USD');
SELECT paycore.apply_account_balance(nth(1), '1.00 USD');
SELECT count(*) FROM paycore.list_invoice_payments(nth(10));
SELECT severity, rule, object_type FROM paycore.verify();
