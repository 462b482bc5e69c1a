--
-- The ledger: every fact is posted once, by the rules, whoever writes it.
--
\getenv srcdir PG_ABS_SRCDIR
\set setup :srcdir '/data/reduce_setup.sql'
\i :setup
\set VERBOSITY sqlstate
SELECT count(*), count(DISTINCT fact), count(undoes) FROM paycore.ledger_rules();
-- What is posted of an object, in order.
CREATE FUNCTION posted(object uuid) RETURNS TABLE (entry text) LANGUAGE sql AS $$
	SELECT concat_ws(' ', e.fact, e.nth, ':', d.code, 'to', c.code, e.amount, to_char(e.occurred_at AT TIME ZONE 'UTC', 'YYYY-MM-DD'))
	FROM paycore.ledger_entries e
	JOIN paycore.ledger_accounts d ON d.id = e.debit_account_id
	JOIN paycore.ledger_accounts c ON c.id = e.credit_account_id
	WHERE e.object_id = object ORDER BY e.id $$;
CREATE FUNCTION payment_of(charge text) RETURNS uuid LANGUAGE sql AS $$ SELECT id FROM paycore.payments WHERE psp_charge_id = charge $$;
CREATE FUNCTION refund_of(psp text) RETURNS uuid LANGUAGE sql AS $$ SELECT id FROM paycore.refunds WHERE psp_refund_id = psp $$;
-- A charge with its fee, as one transfer; again, nothing more.
SELECT ours('pi_1') IS NOT NULL;
SELECT event(ch('ch_1', 'pi_1', 'succeeded', jsonb_build_object('balance_transaction', txn('txn_1', 1000, 59))), 1);
SELECT event(ch('ch_1', 'pi_1', 'succeeded', jsonb_build_object('balance_transaction', txn('txn_1', 1000, 59))), 2);
SELECT * FROM posted(payment_of('ch_1'));
SELECT count(DISTINCT transfer_id), count(*) FROM paycore.ledger_entries;
-- One that waits takes no money; its fee comes late; then it bounces.
SELECT ours('pi_2') IS NOT NULL;
SELECT event(ch('ch_2', 'pi_2', 'pending'), 1);
SELECT * FROM posted(payment_of('ch_2'));
SELECT event(ch('ch_2', 'pi_2', 'succeeded'), 2);
SELECT * FROM posted(payment_of('ch_2'));
SELECT answer(ch('ch_2', 'pi_2', 'succeeded', jsonb_build_object('balance_transaction', txn('txn_2', 1000, 61))), 3);
SELECT event(ch('ch_2', 'pi_2', 'failed', '{"failure_balance_transaction": "txn_f", "amount_captured": 1000, "captured": true}'), 4);
SELECT * FROM posted(payment_of('ch_2'));
-- Settled in another currency.
SELECT ours('pi_3') IS NOT NULL;
SELECT event(ch('ch_3', 'pi_3', 'succeeded', jsonb_build_object('balance_transaction',
	txn('txn_3', 900, 40, '{"currency": "eur", "exchange_rate": 0.9}'))), 1);
SELECT * FROM posted(payment_of('ch_3'));
-- Refunds: done, failed after that, done again.
SELECT event(re('re_1', 'ch_1', 'pending', 300), 1);
SELECT * FROM posted(refund_of('re_1'));
SELECT event(re('re_1', 'ch_1', 'succeeded', 300), 2);
SELECT event(re('re_1', 'ch_1', 'requires_action', 300), 3);
SELECT event(re('re_1', 'ch_1', 'succeeded', 300), 4);
SELECT event(re('re_1', 'ch_1', 'failed', 300), 5);
SELECT * FROM posted(refund_of('re_1'));
-- An authorisation let go is no refund.
SELECT ours('pi_4') IS NOT NULL;
SELECT event(ch('ch_4', 'pi_4', 'succeeded', '{"captured": false, "amount_captured": 0}'), 1);
SELECT event(re('re_4', 'ch_4', 'succeeded', 1000, '{"balance_transaction": null}'), 2);
SELECT kind, status FROM paycore.refunds WHERE psp_refund_id = 're_4';
SELECT * FROM posted(refund_of('re_4'));
SELECT * FROM posted(payment_of('ch_4'));
-- By hand: cash, and raw SQL is posted like any other.
SELECT status FROM paycore.create_gateway_account('cash', 'manual');
SELECT id AS bob FROM paycore.create_billing_account('Bob', currency => 'EUR', gateway => 'cash') \gset
SELECT id AS pay FROM paycore.record_payment(:'bob', '100 EUR', '1.50 EUR', received_at => '2026-01-02 00:00:00+00') \gset
SELECT * FROM posted(:'pay');
SELECT id AS re FROM paycore.create_refund(:'pay', '20 EUR') \gset
SELECT regexp_replace(entry, '\d+-\d+-\d+', 'today') FROM posted(:'re');
INSERT INTO paycore.payments (billing_account_id, gateway_account, status, authorized, gross, captured_at)
VALUES (:'bob', 'cash', 'succeeded', '5 EUR', '5 EUR', '2026-01-03 00:00:00+00') RETURNING id AS raw \gset
SELECT * FROM posted(:'raw');
SELECT id AS pay FROM paycore.record_payment(:'bob', '1 EUR', received_at => '2000-01-01 00:00:00+00') \gset
SELECT DISTINCT occurred_at FROM paycore.ledger_entries WHERE object_id = :'pay';
-- Each transfer and currency sums to zero, and so do all balances.
SELECT count(*) FROM (SELECT 1 FROM paycore.ledger_postings GROUP BY transfer_id, paycore.currency(amount) HAVING sum(paycore.cents(amount)) <> 0) s;
SELECT code, currency, kind, normal_side, paycore.ledger_balance(id) FROM paycore.ledger_accounts
WHERE paycore.cents(paycore.ledger_balance(id)) <> 0 ORDER BY currency, code;
SELECT rule, detail FROM paycore.find_ledger_violations();
-- A fact of the same name cannot be posted again, nor made up.
INSERT INTO paycore.ledger_entries (debit_account_id, credit_account_id, amount, fact, object_id, nth)
SELECT debit_account_id, credit_account_id, amount, fact, object_id, nth FROM paycore.ledger_entries WHERE fact = 'charge' LIMIT 1;
-- Switched off, then posted later; repeated, it finds nothing.
SET paycore.ledger = off;
SELECT event(re('re_5', 'ch_1', 'succeeded', 100), 6);
SELECT event(ch('ch_1', 'pi_1', 'failed', '{"captured": true, "amount_captured": 1000}'), 9);
SELECT count(*) FROM posted(refund_of('re_5'));
SELECT count(*) FROM paycore.find_ledger_violations();
SELECT paycore.repair_ledger();
SET paycore.ledger = on;
SELECT rule, object_type, detail FROM paycore.find_ledger_violations() ORDER BY detail;
SELECT paycore.repair_ledger();
SELECT * FROM posted(refund_of('re_5'));
SELECT * FROM posted(payment_of('ch_1'));
SELECT count(*) FROM paycore.find_ledger_violations();
SELECT paycore.repair_ledger();
-- A guard of facts on a table of somebody else's.
CREATE ROLE regress_ledger_liar;
GRANT USAGE ON SCHEMA paycore TO regress_ledger_liar;
CREATE TABLE fact (LIKE paycore.account_transaction);
ALTER TABLE fact OWNER TO regress_ledger_liar;
CREATE TRIGGER post AFTER INSERT ON fact FOR EACH ROW
	EXECUTE FUNCTION paycore.post_to_ledger('=account_transaction', 'id', 'tenant_id', 'billing_account_id', 'amount', 'created_at');
INSERT INTO fact (id, tenant_id, amount) VALUES (paycore.uuid_v7(), 'default', '1 EUR');
DROP TABLE fact;
REVOKE USAGE ON SCHEMA paycore FROM regress_ledger_liar;
DROP ROLE regress_ledger_liar;
