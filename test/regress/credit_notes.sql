--
-- Credit notes: what is taken back of invoices, and never more than there is.
--
\getenv srcdir PG_ABS_SRCDIR
\set setup :srcdir '/data/billing_setup.sql'
\i :setup
\set SHOW_CONTEXT never
SELECT shows FROM paycore.set_test_clock('2026-01-01 00:00+00');
\set setup :srcdir '/data/taxed_prices.sql'
\i :setup
SELECT code FROM paycore.create_coupon('tenth', 'A tenth off', percent_off => 10, duration => 'forever');
CREATE FUNCTION billed(name text, prices jsonb, coupon text DEFAULT NULL) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE account uuid; sub uuid;
BEGIN
	account := (paycore.create_billing_account(name, lower(name) || '@example.com', 'USD', gateway => 'cash')).id;
	sub := (paycore.create_subscription(account, prices)).id;
	IF coupon IS NOT NULL THEN PERFORM paycore.apply_coupon(sub, coupon); END IF;
	PERFORM paycore.add_charge(account, '-2.00 USD', 'Good will', jsonb_build_object('subscription_id', sub)) WHERE name = 'Cleo';
	PERFORM paycore.bill_subscriptions();
	RETURN (SELECT id FROM paycore.invoices WHERE subscription_id = sub);
END $$;
CREATE VIEW owed AS SELECT i.number, i.status, i.total, i.amount_credited AS credited, i.total_credited AS all_credited, i.amount_due AS due, i.paid_at,
	paycore.account_balance(i.billing_account_id) AS balance FROM paycore.invoices i ORDER BY i.serial;
CREATE VIEW noted AS SELECT n.number, n.status, n.issued_at::date AS issued, n.subtotal, n.discount, n.tax, n.tax_included AS included, n.total, n.to_due, n.to_balance FROM paycore.credit_notes n ORDER BY n.serial;
CREATE VIEW note_lines AS SELECT n.number, l.place, l.description, l.quantity AS qty, l.amount, l.discount, l.tax, l.tax_inclusive AS incl,
	(SELECT string_agg(t.name || ' ' || t.percentage || '% of ' || t.taxable || ': ' || t.amount, ', ') FROM unnest(l.taxes) t) AS taxes
	FROM paycore.credit_note_lines l JOIN paycore.credit_notes n ON n.id = l.credit_note_id ORDER BY n.serial, l.place;
-- What is left of an invoice, by tax, when all its credit notes are taken off.
CREATE FUNCTION left_of(invoice uuid) RETURNS TABLE (amount numeric, discount numeric, tax numeric, taxes text) LANGUAGE sql AS $$
	WITH every AS (
		SELECT l.amount, l.discount, l.tax, l.taxes, 1 AS sign FROM paycore.invoice_lines l WHERE l.invoice_id = left_of.invoice
		UNION ALL SELECT c.amount, c.discount, c.tax, c.taxes, -1 FROM paycore.credit_note_lines c JOIN paycore.credit_notes n ON n.id = c.credit_note_id
			WHERE n.invoice_id = left_of.invoice AND n.status = 'issued')
	SELECT sum(sign * paycore.cents(amount)), sum(sign * paycore.cents(discount)), sum(sign * paycore.cents(tax)),
		(SELECT string_agg(name || ' ' || left_of_it, ', ' ORDER BY name) FROM (SELECT t.name, sum(e.sign * paycore.cents(t.amount)) AS left_of_it
			FROM every e, unnest(e.taxes) t GROUP BY t.name) t) FROM every $$;

-- The whole of an open invoice: nothing is due any more.
SELECT billed('Ada', '[{"price": "pro", "quantity": 3}, {"price": "seats", "quantity": 7}, {"price": "book"}]', 'tenth') AS ada \gset
SELECT * FROM owed;
SELECT number, total, to_due, line_count FROM paycore.create_credit_note(:'ada', reason => 'wrong customer', memo => 'Sorry.', metadata => '{"case": "7"}');
SELECT * FROM noted;
SELECT * FROM note_lines;
SELECT * FROM owed;
SELECT * FROM left_of(:'ada');
\set VERBOSITY default
SELECT paycore.create_credit_note(:'ada');
\set VERBOSITY sqlstate

-- Amounts spread over the lines, in odd parts; the last one takes what is left, to the cent of each tax.
SELECT billed('Bob', '[{"price": "pro", "quantity": 3}, {"price": "seats", "quantity": 7}, {"price": "book"}]', 'tenth') AS bob \gset
SELECT shows FROM paycore.set_test_clock('2026-01-02 00:00+00');
SELECT total FROM paycore.create_credit_note(:'bob', amount => '0.01 USD');
SELECT total FROM paycore.create_credit_note(:'bob', amount => '7.77 USD');
SELECT total FROM paycore.create_credit_note(:'bob', amount => '33.33 USD');
SELECT * FROM note_lines WHERE number > 'CN-000001';
SELECT * FROM left_of(:'bob');
SELECT total FROM paycore.create_credit_note(:'bob', lines => '[{"place": 3}]');
SELECT total FROM paycore.create_credit_note(:'bob');
SELECT * FROM noted WHERE number > 'CN-000001';
SELECT * FROM left_of(:'bob');
SELECT * FROM owed;

-- By lines: units, amounts, all that is left of one.
SELECT billed('Cleo', '[{"price": "pro", "quantity": 3}, {"price": "seats", "quantity": 7}]') AS cleo \gset
SELECT id AS pro_line FROM paycore.invoice_lines WHERE invoice_id = :'cleo' AND place = 1 \gset
SELECT total FROM paycore.create_credit_note(:'cleo', jsonb_build_array(jsonb_build_object('line', :'pro_line', 'quantity', 1), '{"place": 2, "amount": "5.00"}'::jsonb));
SELECT total FROM paycore.create_credit_note(:'cleo', '[{"place": 1, "quantity": 2}]', credit_to => 'due');
SELECT * FROM note_lines WHERE number > 'CN-000006';
SELECT * FROM left_of(:'cleo');
\set VERBOSITY default
SELECT paycore.create_credit_note(:'cleo', '[{"place": 1, "quantity": 1}]');
SELECT paycore.create_credit_note(:'cleo', '[{"place": 2}]');
SELECT paycore.create_credit_note(:'cleo', '[{"place": 2, "amount": 500}]');
SELECT paycore.create_credit_note(:'cleo', '[{"place": 9}]');
SELECT paycore.create_credit_note(:'cleo', '[{"place": 2}, {"place": 2}]');
SELECT paycore.create_credit_note(:'cleo', '[{"place": 3}]');
SELECT paycore.create_credit_note(:'cleo', amount => '500.00 USD');
\set VERBOSITY sqlstate
SELECT total FROM paycore.create_credit_note(:'cleo');
SELECT * FROM left_of(:'cleo');

-- Of what was paid: onto the account's balance.
SELECT billed('Dora', '[{"price": "pro", "quantity": 10}]') AS dora \gset
SELECT gross FROM paycore.record_invoice_payment(:'dora');
SELECT number, total, to_due, to_balance FROM paycore.create_credit_note(:'dora', amount => '50.00 USD');
SELECT id AS last, number, total, to_due, to_balance FROM paycore.create_credit_note(:'dora', credit_to => 'balance') \gset
SELECT :'number', :'total', :'to_due', :'to_balance';
SELECT amount, reason, object_type FROM paycore.account_transactions ORDER BY id;
SELECT * FROM owed WHERE number = 'INV-000004';

-- Void: due again, or off the balance again. Its number stays.
SELECT status, voided_at, void_reason FROM paycore.void_credit_note(:'last', 'by mistake');
SELECT * FROM owed WHERE number = 'INV-000004';
SELECT id AS adas FROM paycore.credit_notes WHERE invoice_id = :'ada' \gset
SELECT status FROM paycore.void_credit_note(:'adas');
SELECT * FROM owed WHERE number = 'INV-000001';
SELECT from_status, to_status, reason FROM paycore.status_history(:'last');
SELECT from_status, to_status FROM paycore.status_history(:'ada');
SELECT number, total FROM paycore.create_credit_note(:'ada', amount => '1.00 USD');
\set VERBOSITY default
SELECT paycore.void_credit_note(:'last');
SELECT amount FROM paycore.debit_account((SELECT billing_account_id FROM paycore.invoices WHERE id = :'dora'), '20.00 USD', 'spent');
SELECT paycore.void_credit_note((SELECT id FROM paycore.credit_notes WHERE invoice_id = :'dora' AND status = 'issued'));
-- What is not due is not credited to what is due; void and uncollectible invoices are not credited.
SELECT paycore.create_credit_note(:'dora', amount => '10.00 USD', credit_to => 'due');
SELECT billed('Eve', '[{"price": "pro"}]') AS eve \gset
SELECT status FROM paycore.write_off_invoice(:'eve');
SELECT paycore.create_credit_note(:'eve');
SELECT status FROM paycore.void_invoice(:'eve');
SELECT paycore.create_credit_note(:'eve');

-- What is refused, whoever writes.
SELECT paycore.create_credit_note(:'bob', amount => '1.00 EUR');
SELECT paycore.create_credit_note(:'ada', amount => '1.00 EUR');
SELECT paycore.create_credit_note(:'ada', amount => '0 USD');
SELECT paycore.void_invoice(:'ada');
SELECT paycore.create_credit_note(:'ada', '[]');
SELECT paycore.create_credit_note(:'ada', '[1]');
SELECT paycore.create_credit_note(:'ada', '[{"place": 1, "amount": "1.001"}]');
SELECT paycore.create_credit_note(:'ada', '[{"place": 1, "amount": 1, "quantity": 1}]');
SELECT paycore.create_credit_note(:'ada', '[{"amount": 1}]');
SELECT paycore.create_credit_note(:'ada', '[{"place": 1, "colour": 1}]');
SELECT paycore.create_credit_note(:'ada', '[{"place": 1}]', '1.00 USD');
SELECT paycore.create_credit_note(:'ada', credit_to => 'nobody');
SELECT paycore.create_credit_note(:'ada', reason => '4242 4242 4242 4242');
SELECT id AS note, serial FROM paycore.credit_notes WHERE invoice_id = :'ada' AND status = 'issued' \gset
UPDATE paycore.credit_notes SET total = '2.00 USD' WHERE id = :'note';
UPDATE paycore.credit_notes SET status = 'issued', voided_at = NULL WHERE id = :'adas';
DELETE FROM paycore.credit_notes;
UPDATE paycore.credit_note_lines SET amount = '0 USD';
DELETE FROM paycore.credit_note_lines;
UPDATE paycore.invoices SET total_credited = '2.00 USD' WHERE id = :'ada';
UPDATE paycore.invoices SET amount_credited = '2.00 USD', amount_due = amount_due OPERATOR(paycore.-) '1.00 USD' WHERE id = :'ada';
\set VERBOSITY sqlstate
SELECT paycore.create_credit_note(paycore.uuid_v7());
SELECT paycore.void_credit_note(paycore.uuid_v7());
UPDATE paycore.invoices SET status = 'void', voided_at = now() WHERE id = :'ada';
INSERT INTO paycore.credit_note_lines (credit_note_id, invoice_id, invoice_line_id, place, description, amount, discount, tax, tax_inclusive)
	SELECT :'note', :'ada', id, 9, 'More', '1.00 USD', '0 USD', '0 USD', false FROM paycore.invoice_lines WHERE invoice_id = :'bob' AND place = 3;
\set VERBOSITY default
-- Raw rows: more than a line, than a tax of it, than the invoice; another's line; below zero of a second line.
CREATE FUNCTION raw(invoice uuid, line uuid, amount paycore.money_cents, taxes paycore.tax_amount[], tax paycore.money_cents DEFAULT NULL,
	second uuid DEFAULT NULL, undone paycore.money_cents DEFAULT '0 USD', quantity numeric DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
	WITH t AS (SELECT coalesce(raw.tax, paycore.tax_total(raw.taxes, 'USD')) AS tax),
	n AS (INSERT INTO paycore.credit_notes (billing_account_id, invoice_id, serial, number, currency, subtotal, discount, tax, tax_included, total, to_due, to_balance, to_refund, out_of_band, line_count, issued_at)
		SELECT i.billing_account_id, i.id, 900, 'X-000900', 'USD', s.subtotal, '0 USD', t.tax, '0 USD', s.subtotal OPERATOR(paycore.+) t.tax, '0 USD', s.subtotal OPERATOR(paycore.+) t.tax, '0 USD', '0 USD',
			num_nonnulls(raw.line, raw.second), now()
		FROM paycore.invoices i, t, LATERAL (SELECT raw.amount OPERATOR(paycore.-) raw.undone AS subtotal) s WHERE i.id = raw.invoice RETURNING id, number),
	l AS (INSERT INTO paycore.credit_note_lines (credit_note_id, invoice_id, invoice_line_id, place, description, quantity, amount, discount, tax, tax_inclusive, taxes)
		SELECT n.id, raw.invoice, raw.line, 1, 'Raw', raw.quantity, raw.amount, paycore.money_cents '0 USD', t.tax, false, raw.taxes FROM n, t
		UNION ALL SELECT n.id, raw.invoice, raw.second, 2, 'Undone', NULL, OPERATOR(paycore.-) raw.undone, '0 USD', '0 USD', false, raw.taxes FROM n WHERE raw.second IS NOT NULL)
	SELECT number FROM n $$;
SELECT billed('Fay', '[{"price": "pro"}, {"price": "seats"}]') AS fay \gset
SELECT id AS line, taxes AS full FROM paycore.invoice_lines WHERE invoice_id = :'fay' AND place = 1 \gset
SELECT billed('Hal', '[{"price": "pro"}, {"price": "seats"}]', 'tenth') AS hal \gset
SELECT id AS other_line FROM paycore.invoice_lines WHERE invoice_id = :'hal' AND place = 1 \gset
SELECT id AS second_line FROM paycore.invoice_lines WHERE invoice_id = :'hal' AND place = 2 \gset
SELECT ARRAY[ROW((:'full'::paycore.tax_amount[])[1].tax_rate_id, 'VAT', 19, NULL, '0.00 USD')]::paycore.tax_amount[] AS untaxed \gset
SELECT raw(:'fay', :'line', '10.00 USD', :'full');
SELECT raw(:'fay', :'line', '-1.00 USD', :'full');
\set VERBOSITY sqlstate
SELECT raw(:'fay', :'line', '0 USD', :'untaxed');
\set VERBOSITY default
SELECT raw(:'fay', :'line', '9.99 USD', ARRAY[ROW((:'full'::paycore.tax_amount[])[1].tax_rate_id, 'VAT', 19, NULL, '1.91 USD')]::paycore.tax_amount[]);
SELECT raw(:'fay', :'line', '9.99 USD', ARRAY[ROW(paycore.uuid_v7(), 'VAT', 19, NULL, '1.90 USD')]::paycore.tax_amount[]);
SELECT raw(:'fay', :'line', '9.99 USD', '{}');
SELECT raw(:'fay', :'line', '9.99 USD', :'full', '1.00 USD');
SELECT raw(:'fay', :'other_line', '1.00 USD', :'untaxed');
SELECT raw(:'hal', :'other_line', '9.99 USD', :'untaxed');
SELECT total FROM paycore.create_credit_note(:'hal', '[{"place": 1, "amount": "5.00"}]');
SELECT raw(:'hal', :'other_line', '1.00 USD', ARRAY[ROW((:'full'::paycore.tax_amount[])[1].tax_rate_id, 'VAT', 19, NULL, '1.00 USD')]::paycore.tax_amount[]);
SELECT raw(:'hal', :'second_line', '2.00 USD', :'untaxed', NULL, :'other_line', '1.00 USD');
SELECT raw(:'hal', :'second_line', '2.00 USD', :'untaxed', quantity => 2);
SELECT status FROM paycore.write_off_invoice(:'hal');
SELECT raw(:'hal', :'second_line', '2.00 USD', :'untaxed');
SELECT raw(:'eve', :'line', '1.00 USD', :'full');
SELECT count(*) FROM paycore.credit_notes WHERE serial = 900;

-- Numbers of their own, without a gap and in the order of dates; the prefix may change.
SELECT prefix FROM paycore.set_invoice_prefix('GS-', 'credit_note');
SELECT number FROM paycore.create_credit_note(:'fay', amount => '1.00 USD', idempotency_key => 'once');
SELECT number FROM paycore.create_credit_note(:'fay', amount => '1.00 USD', idempotency_key => 'once');
SELECT number, status FROM paycore.list_credit_notes(invoice_id => :'ada');
SELECT count(*) FROM paycore.list_credit_notes();
SELECT place, description FROM paycore.list_credit_note_lines(:'note');
-- What a credit note gave back, a change of the subscription does not give back again: of a seat that was credited, nothing.
\set VERBOSITY sqlstate
SELECT billed('Gil', '[{"price": "pro", "quantity": 3}, {"price": "seats", "quantity": 3}]') AS gil \gset
SELECT billed('Liv', '[{"price": "seats", "quantity": 3}]') AS liv \gset
SELECT total FROM paycore.create_credit_note(:'gil', '[{"place": 1}]');
SELECT total FROM paycore.create_credit_note(:'gil', '[{"place": 2, "quantity": 2}]');
SELECT total FROM paycore.create_credit_note(:'liv', '[{"place": 1, "quantity": 1}]');
SELECT shows FROM paycore.set_test_clock('2026-01-03 00:00+00');
SELECT credited, charged FROM paycore.change_subscription((SELECT subscription_id FROM paycore.invoices WHERE id = :'gil'),
	'[{"item": "pro", "quantity": 1}, {"item": "seats", "remove": true}]');
SELECT credited, charged FROM paycore.change_subscription((SELECT subscription_id FROM paycore.invoices WHERE id = :'liv'), '[{"item": "seats", "quantity": 2}]');
\set VERBOSITY default
SELECT severity, rule, object_type, detail FROM paycore.verify();

-- The arithmetic by itself: of each what is left, by what is left.
SELECT * FROM paycore.credit_line('10.00 USD', '1.00 USD', ARRAY[ROW(NULL, 'A', 10, NULL, '0.90 USD'), ROW(NULL, 'B', 5, NULL, '0.45 USD')]::paycore.tax_amount[], false, '5.00 USD');
SELECT * FROM paycore.credit_line('10.00 USD', '1.00 USD', ARRAY[ROW(NULL, 'A', 10, NULL, '0.90 USD')]::paycore.tax_amount[], true, '3.00 USD');
SELECT * FROM paycore.credit_line('-10.00 USD', '0 USD', ARRAY[ROW(NULL, 'A', 10, NULL, '-1.00 USD')]::paycore.tax_amount[], false, '-5.50 USD');
SELECT * FROM paycore.credit_line('10.00 USD', '10.00 USD', '{}', false, '0 USD');
SELECT * FROM paycore.credit_line('0.01 USD', '0 USD', ARRAY[ROW(NULL, 'A', 10, NULL, '-0.01 USD'), ROW(NULL, 'B', 10, NULL, '0.02 USD')]::paycore.tax_amount[], false, '0.01 USD');
SELECT paycore.credit_line('10.00 USD', '0 USD', '{}', false, '10.01 USD');
SELECT paycore.credit_line('10.00 USD', '0 USD', '{}', false, '-1.00 USD');
SELECT paycore.credit_line('10.00 USD', '0 USD', '{}', false, '1.00 EUR');
