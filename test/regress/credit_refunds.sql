--
-- Credit notes that give money back: refunds of the invoice's payments, never more than they can, and nothing lost where one fails.
--
\getenv srcdir PG_ABS_SRCDIR
\set setup :srcdir '/data/api_setup.sql'
\i :setup
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SELECT paycore.create_gateway_account('shop', 'mock') IS NOT NULL AS shop;
SELECT shows FROM paycore.set_test_clock('2026-01-01 00:00+00');
SELECT code FROM paycore.create_price((paycore.create_product('pro', 'Professional')).id, '{"USD": "100.00"}', 'month', code => 'pro');
SELECT code FROM paycore.create_tax_rate('vat', 'VAT', 20);
SELECT code FROM paycore.set_default_tax_rates(ARRAY['vat']);
CREATE FUNCTION billed(name text) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE account uuid; sub uuid;
BEGIN
	account := (paycore.create_billing_account(name, lower(name) || '@example.com', 'USD', gateway => 'shop')).id;
	sub := (paycore.create_subscription(account, '[{"price": "pro"}]', '{"collection": "send_invoice"}')).id;
	PERFORM paycore.bill_subscriptions();
	RETURN (SELECT id FROM paycore.invoices WHERE subscription_id = sub);
END $$;
CREATE FUNCTION paid(name text, VARIADIC parts paycore.money_cents[]) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE invoice uuid := billed(name); part paycore.money_cents;
BEGIN
	FOREACH part IN ARRAY parts LOOP
		PERFORM paycore.record_invoice_payment(invoice, part, gateway => 'cash');
	END LOOP;
	RETURN invoice;
END $$;
CREATE VIEW noted AS SELECT n.number, n.status, n.total, n.to_due, n.to_balance, n.to_refund, n.out_of_band, n.refund_failed AS failed,
	paycore.account_balance(n.billing_account_id) AS balance FROM paycore.credit_notes n ORDER BY n.serial;
CREATE VIEW given AS SELECT n.number, r.status, r.amount, p.gross, p.refund_reserved AS reserved, p.refunded, r.reason, r.requested_by
	FROM paycore.refunds r LEFT JOIN paycore.credit_notes n ON n.id = r.credit_note_id JOIN paycore.payments p ON p.id = r.payment_id ORDER BY r.id;
CREATE VIEW moved AS SELECT t.amount, t.reason, t.object_type FROM paycore.account_transactions t ORDER BY t.id;

-- Through a gateway: asked for with the credit note, done by the worker.
SELECT billed('Ada') AS ada \gset
SELECT status FROM paycore.pay_invoice(:'ada', 'pm_card_visa');
CALL paycore.drain_outbox('30 s');
SELECT status, amount_paid FROM paycore.invoices WHERE id = :'ada';
SELECT total, to_refund, to_balance FROM paycore.preview_credit_note(:'ada', amount => '30.00 USD', credit_to => 'refund');
SELECT place, amount, tax FROM paycore.preview_credit_note_lines(:'ada', amount => '30.00 USD', credit_to => 'refund');
SELECT (SELECT count(*) FROM paycore.credit_notes) AS notes, (SELECT count(*) FROM paycore.refunds) AS refunds, (SELECT next_serial FROM paycore.invoice_series WHERE series = 'credit_note') AS next;
SELECT id AS note, number, to_refund FROM paycore.create_credit_note(:'ada', amount => '30.00 USD', credit_to => 'refund', reason => 'one week down', idempotency_key => 'back') \gset
SELECT :'number', :'to_refund', id = :'note' AS same FROM paycore.create_credit_note(:'ada', amount => '30.00 USD', credit_to => 'refund', reason => 'one week down', idempotency_key => 'back');
SELECT status, amount, credit_note_id = :'note' AS of_it FROM paycore.list_refunds(credit_note_id => :'note');
SELECT operation, status FROM paycore.outbox WHERE object_type = 'refund' ORDER BY seq;
CALL paycore.drain_outbox('30 s');
SELECT * FROM given;
SELECT * FROM noted;
SELECT status, total_credited, amount_credited, amount_due FROM paycore.invoices WHERE id = :'ada';

-- Split between refund, balance and what was given back otherwise; the sum is what is not due.
SELECT total, to_balance, to_refund, out_of_band FROM paycore.create_credit_note(:'ada', amount => '60.00 USD',
	details => '{"refund_amount": "40.00", "credit_amount": 15, "out_of_band_amount": "5.00"}');
SELECT total, out_of_band FROM paycore.create_credit_note(:'ada', amount => '1.00 USD', credit_to => 'out_of_band');
SELECT * FROM given;
SELECT * FROM moved;
-- Of an invoice that is paid in part, what is due comes first.
SELECT paid('Bob', '50.00 USD') AS bob \gset
SELECT total, to_due, to_refund FROM paycore.preview_credit_note(:'bob', amount => '70.00 USD', credit_to => 'refund');
SELECT total, to_due, to_refund FROM paycore.create_credit_note(:'bob', amount => '90.00 USD', details => '{"refund_amount": "20.00"}');
SELECT * FROM noted WHERE number > 'CN-000003';
SELECT * FROM given WHERE number > 'CN-000003';
\set VERBOSITY default
SELECT paycore.create_credit_note(:'bob', amount => '10.00 USD', details => '{"refund_amount": "5.00", "credit_amount": "4.00"}');
SELECT paycore.create_credit_note(:'bob', amount => '10.00 USD', details => '{"refund_amount": "10.00", "credit_amount": "4.00"}');
SELECT paycore.create_credit_note(:'bob', amount => '10.00 USD', credit_to => 'refund', details => '{"refund_amount": "10.00"}');
SELECT paycore.create_credit_note(:'bob', amount => '10.00 USD', details => '{"refund_amount": "-10.00", "credit_amount": "20.00"}');
SELECT paycore.create_credit_note(:'bob', amount => '10.00 USD', details => '{"refund_amount": "10.001"}');
SELECT paycore.create_credit_note(:'bob', amount => '10.00 USD', details => '{"refunded": "10.00"}');
SELECT paycore.create_credit_note(:'bob', amount => '10.00 USD', details => '[]');

-- Several payments, the largest first; of each what is left, and no more than it paid of the invoice.
SELECT paid('Cleo', '20.00 USD', '60.00 USD', '65.00 USD') AS cleo \gset
SELECT account_balance FROM paycore.account_balance((SELECT billing_account_id FROM paycore.invoices WHERE id = :'cleo'));
SELECT to_refund FROM paycore.create_credit_note(:'cleo', amount => '70.00 USD', credit_to => 'refund');
SELECT * FROM given WHERE number = 'CN-000005';
SELECT amount FROM paycore.create_refund((SELECT id FROM paycore.payments WHERE paycore.cents(gross) = 2000), '15.00 USD');
SELECT paycore.create_credit_note(:'cleo', credit_to => 'refund');
SELECT to_refund, to_balance FROM paycore.create_credit_note(:'cleo', details => '{"refund_amount": "35.00", "credit_amount": "15.00"}');
SELECT * FROM given WHERE number = 'CN-000006';
-- Paid from the balance: there is no payment to give back.
SELECT billed('Dora') AS dora \gset
SELECT amount FROM paycore.credit_account((SELECT billing_account_id FROM paycore.invoices WHERE id = :'dora'), '120.00 USD', 'gift');
SELECT status FROM paycore.apply_account_balance(:'dora');
SELECT paycore.create_credit_note(:'dora', credit_to => 'refund');

-- Approval, as of every refund; what is canceled is the account's.
SELECT paid('Eve', '120.00 USD') AS eve \gset
SELECT id AS note, to_refund FROM paycore.create_credit_note(:'eve', amount => '12.00 USD', credit_to => 'refund', details => '{"requested_by": "Sam", "requires_approval": true}') \gset
SELECT id AS refund, status, requested_by FROM paycore.list_refunds(credit_note_id => :'note') \gset
SELECT :'status', :'requested_by';
\set VERBOSITY sqlstate
SELECT paycore.approve_refund(:'refund', 'Sam');
\set VERBOSITY default
SELECT status FROM paycore.approve_refund(:'refund', 'Kim');
SELECT id AS note, number FROM paycore.create_credit_note(:'eve', amount => '24.00 USD', credit_to => 'refund', details => '{"requires_approval": true}') \gset
SELECT paycore.void_credit_note(:'note');
SELECT status FROM paycore.cancel_refund((SELECT id FROM paycore.list_refunds(credit_note_id => :'note')));
SELECT * FROM noted WHERE number = :'number';
SELECT amount, reason, object_type FROM moved WHERE object_type = 'refund';
-- Void then: it is off the balance again.
SELECT status, refund_failed FROM paycore.void_credit_note(:'note', 'not agreed');
SELECT * FROM noted WHERE number = :'number';
SELECT paycore.void_credit_note((SELECT id FROM paycore.credit_notes WHERE number = 'CN-000001'));
SELECT paycore.void_credit_note((SELECT id FROM paycore.credit_notes WHERE number = 'CN-000003'));
SET paycore.refund_approval = on;
SELECT id AS note FROM paycore.create_credit_note(:'eve', amount => '6.00 USD', credit_to => 'refund') \gset
SELECT status FROM paycore.list_refunds(credit_note_id => :'note');
RESET paycore.refund_approval;

SELECT severity, rule, object_type, detail FROM paycore.verify();

-- What is refused, whoever writes.
SELECT id AS eves FROM paycore.payments WHERE id = (SELECT payment_id FROM paycore.invoice_payments WHERE invoice_id = :'eve') \gset
INSERT INTO paycore.refunds (payment_id, billing_account_id, gateway_account, amount, credit_note_id)
	SELECT :'eves', billing_account_id, 'cash', '1.00 USD', :'note' FROM paycore.invoices WHERE id = :'eve';
INSERT INTO paycore.refunds (payment_id, billing_account_id, gateway_account, amount, credit_note_id)
	SELECT :'eves', billing_account_id, 'cash', '1.00 USD', id FROM paycore.credit_notes WHERE number = 'CN-000001';
\set VERBOSITY sqlstate
UPDATE paycore.refunds SET credit_note_id = :'note' WHERE payment_id = :'eves' AND credit_note_id IS DISTINCT FROM :'note';
UPDATE paycore.credit_notes SET to_refund = '0 USD', to_balance = to_refund WHERE id = :'note';
UPDATE paycore.credit_notes SET refund_failed = '1 USD' WHERE id = :'note';
SELECT paycore.create_credit_note(:'dora', credit_to => 'refunds');
-- Of a note that refunds nothing yet: to the cent, of a payment of its invoice, of its account, and while it is issued.
\set VERBOSITY terse
WITH n AS (INSERT INTO paycore.credit_notes (billing_account_id, invoice_id, serial, number, currency, subtotal, discount, tax, tax_included, total, to_due, to_balance, to_refund, out_of_band, line_count, issued_at)
	SELECT billing_account_id, id, 900, 'X-000900', 'USD', '5 USD', '0 USD', '1 USD', '0 USD', '6 USD', '0 USD', '0 USD', '6 USD', '0 USD', 1, now() FROM paycore.invoices WHERE id = :'eve' RETURNING id, billing_account_id),
l AS (INSERT INTO paycore.credit_note_lines (credit_note_id, invoice_id, invoice_line_id, place, description, amount, discount, tax, tax_inclusive, taxes)
	SELECT n.id, :'eve', i.id, 1, 'Raw', '5 USD', '0 USD', '1 USD', false, ARRAY[ROW((i.taxes[1]).tax_rate_id, 'VAT', 20, '5 USD', '1 USD')]::paycore.tax_amount[]
	FROM n, paycore.invoice_lines i WHERE i.invoice_id = :'eve')
SELECT id AS raw, billing_account_id AS eves_account FROM n \gset
SELECT p.id AS adas, p.billing_account_id AS adas_account FROM paycore.payments p JOIN paycore.invoice_payments a ON a.payment_id = p.id WHERE a.invoice_id = :'ada' \gset
PREPARE refund(uuid, uuid, text, paycore.money_cents) AS
	INSERT INTO paycore.refunds (payment_id, billing_account_id, gateway_account, amount, credit_note_id) VALUES ($1, $2, $3, $4, :'raw') RETURNING amount;
EXECUTE refund(:'eves', :'eves_account', 'cash', '6.01 USD');
EXECUTE refund(:'adas', :'eves_account', 'shop', '1 USD');
EXECUTE refund(:'eves', :'adas_account', 'cash', '1 USD');
BEGIN;
SELECT status FROM paycore.void_credit_note(:'raw');
EXECUTE refund(:'eves', :'eves_account', 'cash', '1 USD');
ROLLBACK;
EXECUTE refund(:'eves', :'eves_account', 'cash', '6 USD');
