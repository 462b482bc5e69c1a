--
-- Invoices, what is applied to them and credit notes in the ledger: one customer's story, with the trial balance after each step.
--
\getenv srcdir PG_ABS_SRCDIR
\set setup :srcdir '/data/api_setup.sql'
\i :setup
SET timezone = 'UTC';
-- Debits above zero, credits below; the balance of nothing is not shown.
CREATE VIEW trial AS SELECT string_agg(code || ' ' || amount, ', ' ORDER BY code) AS balances, sum(cents) AS zero FROM (
	SELECT p.code, paycore.sum(p.amount)::text AS amount, sum(paycore.cents(p.amount)) AS cents FROM paycore.ledger_postings p GROUP BY p.code, paycore.currency(p.amount)) b WHERE cents <> 0;
CREATE FUNCTION nth(n int) RETURNS uuid LANGUAGE sql STABLE AS $$ SELECT id FROM paycore.invoices WHERE serial = n $$;
-- What is posted of an object and of what is applied to it.
CREATE FUNCTION posted(n int) RETURNS TABLE (entry text) LANGUAGE sql AS $$
	SELECT concat_ws(' ', e.fact, e.nth, ':', d.code, 'to', c.code, e.amount, e.occurred_at::date)
	FROM paycore.ledger_entries e
	JOIN paycore.ledger_accounts d ON d.id = e.debit_account_id
	JOIN paycore.ledger_accounts c ON c.id = e.credit_account_id
	WHERE e.object_id = nth(n) OR e.object_id IN (SELECT id FROM paycore.invoice_payments WHERE invoice_id = nth(n) UNION SELECT id FROM paycore.credit_notes WHERE invoice_id = nth(n))
	ORDER BY e.id $$;
SELECT shows FROM paycore.set_test_clock('2026-01-01 00:00+00');
SELECT id AS pro FROM paycore.create_product('pro', 'Professional') \gset
SELECT code FROM paycore.create_price(:'pro', '{"EUR": "100.00", "JPY": "1000"}', 'month', code => 'pro');
SELECT code FROM paycore.create_price((paycore.create_product('book', 'Book')).id, '{"EUR": "0.30"}', 'month', code => 'book', details => '{"tax_inclusive": true}');
SELECT code FROM paycore.create_tax_rate('vat', 'VAT', 20);
SELECT code FROM paycore.set_default_tax_rates(ARRAY['vat']);
SELECT id AS ada FROM paycore.create_billing_account('Ada', currency => 'EUR', gateway => 'cash') \gset
SELECT id AS sub FROM paycore.create_subscription(:'ada', '[{"price": "pro"}]', '{"collection": "send_invoice"}') \gset

-- January: invoiced, paid in part, then more than is due.
SELECT paycore.bill_subscriptions();
SELECT * FROM trial;
SELECT gross FROM paycore.record_invoice_payment(nth(1), '50.00 EUR');
SELECT * FROM trial;
SELECT gross FROM paycore.record_invoice_payment(nth(1), '80.00 EUR');
SELECT * FROM trial;
SELECT * FROM posted(1);
-- February: the balance goes on it by itself; a part is credited while it is owed, the rest is paid.
SELECT shows FROM paycore.set_test_clock('2026-02-01 00:00+00');
SELECT paycore.bill_subscriptions();
SELECT * FROM trial;
SELECT total, to_due FROM paycore.create_credit_note(nth(2), amount => '24.00 EUR');
SELECT * FROM trial;
SELECT gross FROM paycore.record_invoice_payment(nth(2));
-- A part that was paid is credited: it is on the balance, and taken back with the credit note.
SELECT id AS note, total, to_balance FROM paycore.create_credit_note(nth(2), amount => '36.00 EUR') \gset
SELECT :'total', :'to_balance';
SELECT * FROM trial;
SELECT status FROM paycore.void_credit_note(:'note');
SELECT * FROM trial;
SELECT * FROM posted(2);
-- What was paid is refunded; and given back without paycore.
SELECT total, to_refund FROM paycore.create_credit_note(nth(1), amount => '12.00 EUR', credit_to => 'refund');
SELECT total, out_of_band FROM paycore.create_credit_note(nth(1), amount => '6.00 EUR', credit_to => 'out_of_band');
SELECT * FROM trial;
-- A refund that waits for approval is not the customer's yet; turned down, it goes to the balance; the credit note can be taken back then.
SELECT id AS note FROM paycore.create_credit_note(nth(1), amount => '24.00 EUR', credit_to => 'refund', details => '{"requires_approval": true, "requested_by": "Sam"}') \gset
SELECT * FROM trial;
SELECT status FROM paycore.cancel_refund((SELECT id FROM paycore.refunds WHERE credit_note_id = :'note'));
SELECT * FROM trial;
SELECT status FROM paycore.void_credit_note(:'note');
SELECT * FROM trial;
SELECT * FROM posted(1) OFFSET 5;
-- March: given up, paid in part after all, then whole.
SELECT shows FROM paycore.set_test_clock('2026-03-01 00:00+00');
SELECT paycore.bill_subscriptions();
SELECT shows FROM paycore.set_test_clock('2026-03-10 00:00+00');
SELECT status FROM paycore.write_off_invoice(nth(3));
SELECT * FROM trial;
SELECT shows FROM paycore.set_test_clock('2026-03-20 00:00+00');
SELECT gross FROM paycore.record_invoice_payment(nth(3), '20.00 EUR');
SELECT * FROM trial;
SELECT shows FROM paycore.set_test_clock('2026-03-30 00:00+00');
SELECT gross FROM paycore.record_invoice_payment(nth(3));
SELECT * FROM trial;
SELECT * FROM posted(3);
-- April: paid in part, then void; what was paid is on the balance. May: given up, then void.
SELECT shows FROM paycore.set_test_clock('2026-04-01 00:00+00');
SELECT paycore.bill_subscriptions();
SELECT gross FROM paycore.record_invoice_payment(nth(4), '20.00 EUR');
SELECT shows FROM paycore.set_test_clock('2026-04-05 00:00+00');
SELECT status FROM paycore.void_invoice(nth(4));
SELECT * FROM trial;
SELECT * FROM posted(4);
SELECT shows FROM paycore.set_test_clock('2026-05-01 00:00+00');
SELECT paycore.bill_subscriptions();
SELECT status FROM paycore.write_off_invoice(nth(5));
SELECT * FROM trial;
SELECT status FROM paycore.void_invoice(nth(5));
SELECT * FROM trial;
-- An invoice of less than nothing is the account's.
SELECT amount FROM paycore.add_charge(:'ada', '-50.00 EUR', 'Good will', jsonb_build_object('subscription_id', :'sub', 'now', true));
SELECT * FROM trial;
SELECT * FROM posted(6);
-- Tax within, and less than the gateway charges: carried forward. Another currency is a ledger of its own.
SELECT name FROM paycore.create_gateway_account('shop', 'mock');
SELECT id AS bob FROM paycore.create_billing_account('Bob', currency => 'EUR', gateway => 'shop') \gset
SELECT status FROM paycore.create_subscription(:'bob', '[{"price": "book"}]');
SELECT status FROM paycore.create_subscription((SELECT id FROM paycore.create_billing_account('Cleo', currency => 'JPY', gateway => 'cash')), '[{"price": "pro"}]');
SELECT paycore.bill_subscriptions();
SELECT * FROM posted(7);
SELECT * FROM posted(8);
SELECT count(*) FROM (SELECT FROM paycore.ledger_postings GROUP BY transfer_id, paycore.currency(amount) HAVING sum(paycore.cents(amount)) <> 0) t;
SELECT * FROM paycore.verify();
-- What each account owes, by the ledger alone.
SELECT b.name, paycore.sum(p.amount) FROM paycore.ledger_postings p JOIN paycore.billing_accounts b ON b.id = p.billing_account_id
WHERE p.code = 'receivables' GROUP BY b.name ORDER BY b.name;

-- A month of many, in one statement: two entries each, a transfer for each.
SELECT count(paycore.create_subscription(a.id, '[{"price": "pro"}]')) FROM generate_series(1, 300) n, paycore.create_billing_account('A' || n, currency => 'EUR', gateway => 'cash') a;
SELECT paycore.bill_subscriptions();
SELECT count(*), count(DISTINCT transfer_id), count(DISTINCT object_id), paycore.sum(amount) FROM paycore.ledger_entries WHERE object_id IN (SELECT id FROM paycore.invoices WHERE serial > 8);
SELECT count(*) FROM paycore.verify();

-- While it is switched off, everything happens; afterwards all of it is posted.
SET paycore.ledger = off;
SELECT gross FROM paycore.record_invoice_payment(nth(9), '130.00 EUR');
SELECT status FROM paycore.write_off_invoice(nth(10));
SELECT status FROM paycore.void_invoice(nth(11));
SELECT total FROM paycore.create_credit_note(nth(9), amount => '12.00 EUR');
SELECT count(*) FROM paycore.find_ledger_violations();
SET paycore.ledger = on;
-- What undoes what was not posted posts nothing.
SELECT status FROM paycore.void_credit_note((SELECT id FROM paycore.credit_notes WHERE invoice_id = nth(9)));
SELECT gross FROM paycore.record_invoice_payment(nth(10));
SELECT rule, object_type, detail FROM paycore.find_ledger_violations() ORDER BY detail;
SELECT paycore.repair_ledger();
SELECT * FROM posted(9);
SELECT * FROM posted(10);
SELECT * FROM posted(11);
SELECT count(*) FROM paycore.verify();
SELECT paycore.repair_ledger();

-- Not on any other row, in any other way, nor on any other role's table.
CREATE TRIGGER post AFTER INSERT ON paycore.invoice_payments FOR EACH ROW EXECUTE FUNCTION paycore.post_to_ledger('=invoice_payment');
SELECT gross FROM paycore.record_invoice_payment(nth(12));
DROP TRIGGER post ON paycore.invoice_payments;
CREATE ROLE regress_ledger_invoices;
GRANT USAGE ON SCHEMA paycore TO regress_ledger_invoices;
CREATE TABLE lie (LIKE paycore.invoice);
ALTER TABLE lie OWNER TO regress_ledger_invoices;
CREATE TRIGGER post AFTER INSERT ON lie REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION paycore.post_to_ledger('=invoice');
INSERT INTO lie SELECT * FROM paycore.invoices WHERE serial = 1;
DROP TABLE lie;
REVOKE USAGE ON SCHEMA paycore FROM regress_ledger_invoices;
DROP ROLE regress_ledger_invoices;
-- Whoever may only use the functions has it posted, too.
CREATE ROLE regress_ledger_app;
SELECT paycore.grant_access('regress_ledger_app', 'app') IS NOT NULL;
SET ROLE regress_ledger_app;
SELECT gross FROM paycore.record_invoice_payment(nth(12));
SELECT total FROM paycore.create_credit_note(nth(13), amount => '12.00 EUR');
SELECT status FROM paycore.void_invoice(nth(14));
RESET ROLE;
SELECT * FROM posted(12);
SELECT count(*) FROM paycore.verify();
DROP OWNED BY regress_ledger_app;
DROP ROLE regress_ledger_app;
