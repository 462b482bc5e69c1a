--
-- verify() finds each of a set of corruptions of credit notes, planted with triggers off.
--
\getenv srcdir PG_ABS_SRCDIR
\set setup :srcdir '/data/api_setup.sql'
\i :setup
SELECT id AS pro FROM paycore.create_product('pro', 'Professional') \gset
SELECT code FROM paycore.create_price(:'pro', '{"USD": "9.99"}', 'month', code => 'pro');
SELECT code FROM paycore.create_tax_rate('vat', 'VAT', 19);
SELECT code FROM paycore.set_default_tax_rates(ARRAY['vat']);
SELECT code FROM paycore.create_coupon('tenth', 'A tenth off', percent_off => 10, duration => 'forever');
SELECT id AS ada FROM paycore.create_billing_account('Ada', 'ada@example.com', 'USD', gateway => 'cash') \gset
SELECT id AS sub FROM paycore.create_subscription(:'ada', '[{"price": "pro", "quantity": 3}]') \gset
SELECT starts_at IS NOT NULL FROM paycore.apply_coupon(:'sub', 'tenth');
CALL paycore.run_billing();
SELECT id AS invoice, total FROM paycore.invoices \gset
SELECT total FROM paycore.create_credit_note(:'invoice', '[{"place": 1, "quantity": 1}]');
SELECT total FROM paycore.create_credit_note(:'invoice', amount => '5.00 USD');
SELECT number, total FROM paycore.create_credit_note(:'invoice', amount => '1.00 USD') \gset
SELECT status FROM paycore.void_credit_note((SELECT id FROM paycore.credit_notes WHERE serial = 3));
SELECT id AS bob FROM paycore.create_billing_account('Bob', 'bob@example.com', 'USD', gateway => 'cash') \gset
SELECT status FROM paycore.create_subscription(:'bob', '[{"price": "pro"}]');
SELECT paycore.bill_subscriptions();
SELECT id AS paid FROM paycore.invoices WHERE billing_account_id = :'bob' \gset
SELECT gross FROM paycore.record_invoice_payment(:'paid');
SELECT number, to_refund FROM paycore.create_credit_note(:'paid', amount => '5.00 USD', credit_to => 'refund');
SELECT id AS failed FROM paycore.create_credit_note(:'paid', amount => '2.00 USD', credit_to => 'refund', details => '{"requires_approval": true}') \gset
SELECT status FROM paycore.cancel_refund((SELECT id FROM paycore.list_refunds(credit_note_id => :'failed')));
SELECT * FROM paycore.verify();
PREPARE found AS SELECT DISTINCT severity, rule, object_type FROM paycore.verify() ORDER BY 1, 2, 3;
\set plant 'BEGIN; SET LOCAL session_replication_role = replica; ALTER TABLE paycore.credit_notes DROP CONSTRAINT credit_notes_total, DROP CONSTRAINT credit_notes_sign, DROP CONSTRAINT credit_notes_one_currency, DROP CONSTRAINT credit_notes_serial_key, DROP CONSTRAINT credit_notes_refund_failed; ALTER TABLE paycore.invoices DROP CONSTRAINT invoices_credited, DROP CONSTRAINT invoices_due, DROP CONSTRAINT invoices_due_by_status;'
\set look 'EXECUTE found; ROLLBACK;'
\set QUIET on
:plant
UPDATE paycore.credit_note_lines SET amount = amount OPERATOR(paycore.*) 2 WHERE quantity IS NULL AND invoice_id = :'invoice';
:look
:plant
DELETE FROM paycore.credit_note_lines WHERE quantity = 1;
:look
:plant
UPDATE paycore.credit_note_lines SET quantity = 4 WHERE quantity = 1;
:look
:plant
UPDATE paycore.credit_note_lines SET taxes = ARRAY[ROW((taxes[1]).tax_rate_id, 'VAT', 19, NULL, '8.00 USD')]::paycore.tax_amount[], tax = '8.00 USD' WHERE quantity = 1;
:look
:plant
UPDATE paycore.credit_note_lines SET taxes = ARRAY[ROW(paycore.uuid_v7(), 'VAT', 19, NULL, tax)]::paycore.tax_amount[] WHERE quantity = 1;
:look
:plant
UPDATE paycore.credit_note_lines SET taxes = '{}' WHERE quantity = 1;
:look
:plant
UPDATE paycore.credit_note_lines SET invoice_line_id = paycore.uuid_v7() WHERE quantity = 1;
:look
:plant
UPDATE paycore.credit_notes SET total = '6.00 USD' WHERE serial = 2;
:look
:plant
UPDATE paycore.credit_notes SET to_due = '0 USD', to_balance = total WHERE serial = 2;
:look
:plant
UPDATE paycore.credit_notes SET billing_account_id = paycore.uuid_v7() WHERE serial = 2;
:look
:plant
UPDATE paycore.credit_notes SET currency = 'EUR' WHERE serial = 2;
:look
:plant
UPDATE paycore.credit_notes SET serial = 9 WHERE serial = 2;
:look
:plant
UPDATE paycore.credit_notes SET issued_at = issued_at - interval '1 day' WHERE serial = 2;
:look
:plant
UPDATE paycore.invoices SET total_credited = '0 USD';
:look
:plant
UPDATE paycore.invoices SET status = 'void', voided_at = now() WHERE id = :'invoice';
:look
:plant
UPDATE paycore.credit_notes SET status = 'issued', voided_at = NULL WHERE serial = 3;
:look
:plant
UPDATE paycore.credit_notes SET to_refund = '4.00 USD', to_balance = '1.00 USD' WHERE serial = 4;
:look
:plant
UPDATE paycore.refunds SET credit_note_id = NULL WHERE paycore.cents(amount) = 500;
:look
:plant
UPDATE paycore.refunds SET payment_id = paycore.uuid_v7() WHERE paycore.cents(amount) = 500;
:look
:plant
DELETE FROM paycore.account_transactions WHERE object_type = 'refund';
:look
:plant
UPDATE paycore.credit_notes SET refund_failed = '0 USD' WHERE serial = 5;
:look
:plant
UPDATE paycore.credit_notes SET refund_failed = '0 USD' WHERE serial = 5;
SET LOCAL session_replication_role = origin;
SELECT paycore.repair_counters();
SELECT refund_failed FROM paycore.credit_notes WHERE serial = 5;
:look
:plant
UPDATE paycore.invoices SET total_credited = '0 USD', amount_credited = '0 USD', amount_due = total, status = 'paid', paid_at = now() WHERE id = :'invoice';
SET LOCAL session_replication_role = origin;
SELECT paycore.repair_counters();
SELECT i.total, i.total_credited, i.amount_credited, i.amount_due, i.status, i.paid_at FROM paycore.invoices i WHERE i.id = :'invoice';
:look
-- In the ledger: not at all, too much, or taken back twice.
:plant
DELETE FROM paycore.ledger_entries WHERE fact = 'credit_note_tax' AND object_id = (SELECT id FROM paycore.credit_notes WHERE serial = 2);
:look
:plant
UPDATE paycore.ledger_entries SET amount = amount OPERATOR(paycore.*) 2 WHERE fact = 'credit_note' AND object_id = (SELECT id FROM paycore.credit_notes WHERE serial = 1);
:look
:plant
INSERT INTO paycore.ledger_entries (transfer_id, debit_account_id, credit_account_id, amount, fact, object_id, nth, billing_account_id, recorded_at, occurred_at, txn)
SELECT transfer_id, debit_account_id, credit_account_id, amount, fact, object_id, 3, billing_account_id, recorded_at, occurred_at, txn FROM paycore.ledger_entries WHERE fact = 'credit_note' AND nth = 2;
:look
SELECT * FROM paycore.verify();
