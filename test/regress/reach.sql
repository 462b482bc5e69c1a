--
-- What is asked of little is found by index, however much else there is, and whatever the planner takes it for.
--
CREATE VIEW reads AS
	SELECT c.relname, sum(pg_stat_get_xact_tuples_returned(r.oid)) AS n
	FROM pg_class c CROSS JOIN LATERAL (SELECT c.oid UNION ALL SELECT i.indexrelid FROM pg_index i WHERE i.indrelid = c.oid) r
	WHERE c.relnamespace = 'paycore'::regnamespace AND c.relkind = 'r' GROUP BY c.relname;
\set began 'BEGIN; CREATE TEMP TABLE before AS SELECT * FROM reads;'
\set looked 'SELECT relname AS much_read FROM reads r JOIN before b USING (relname) WHERE r.n > b.n + 500 ORDER BY 1; ROLLBACK;'

-- What a payout is made of.
SET session_replication_role = replica;
CREATE FUNCTION at(n bigint) RETURNS timestamptz LANGUAGE sql AS $$ SELECT timestamptz '2026-01-01 00:00+00' + n * interval '20 minutes' $$;
CREATE FUNCTION usd(cents bigint) RETURNS paycore.money_cents LANGUAGE sql AS $$ SELECT paycore.money_cents(cents, 'USD') $$;
INSERT INTO paycore.billing_accounts (name, currency) VALUES ('Ann', 'USD') RETURNING id AS account \gset
-- A day has 72 payments, which are paid out at its end.
INSERT INTO paycore.payments (billing_account_id, gateway_account, psp_charge_id, status, authorized, gross, settled_gross, fee, net, balance_transaction_ids,
		captured_at, available_on, settled_at, refund_reserved, refunded, dispute_held)
	SELECT :'account', 'default', 'ch_' || n, 'succeeded', usd(1000), usd(1000), usd(1000), usd(59), usd(941), ARRAY['txn_' || n], at(n), at(n), at(n), usd(0), usd(0), usd(0)
	FROM generate_series(1, 7200) n;
INSERT INTO paycore.payouts (gateway_account, psp_payout_id, status, amount, automatic, transactions_read_at, initiated_at)
	SELECT 'default', 'po_' || d, 'paid', usd(72 * 941), true, at(d * 72), at(d * 72) FROM generate_series(1, 100) d;
INSERT INTO paycore.balance_transactions (gateway_account, psp_balance_transaction_id, type, reporting_category, status, amount, fee, net, psp_source_id, source_type,
		source_tenant_id, payment_id, payout_id, available_on, occurred_at)
	SELECT 'default', t, 'charge', 'charge', 'available', usd(1000), usd(59), usd(941), p.psp_charge_id, 'payment', p.tenant_id, p.id, o.id, p.available_on, p.available_on
	FROM paycore.payments p CROSS JOIN unnest(p.balance_transaction_ids) t
		JOIN paycore.payouts o ON o.psp_payout_id = 'po_' || (substr(p.psp_charge_id, 4)::int + 71) / 72;
INSERT INTO paycore.disputes (payment_id, billing_account_id, gateway_account, psp_dispute_id, kind, status, amount, held, opened_at, withdrawn_at, balance_transactions)
	SELECT p.id, p.billing_account_id, 'default', 'dp_' || p.psp_charge_id, 'chargeback', 'lost', p.gross, usd(0), p.captured_at, p.captured_at, '[]'
	FROM paycore.payments p WHERE p.psp_charge_id LIKE '%1';
-- Long ago, and given back within this time.
UPDATE paycore.disputes SET reinstated_at = at(5400), balance_transactions = '[{"id": "txn_back", "net": 1000, "fee": 0, "amount": 1000, "currency": "usd",
	"reporting_category": "dispute_reversal", "available_on": 1773705600}]' WHERE psp_dispute_id = 'dp_ch_1';
SET session_replication_role = origin;
VACUUM ANALYZE;
SELECT id AS payout, initiated_at FROM paycore.payouts WHERE psp_payout_id = 'po_75' \gset
-- As it is at ten million: a plan of many pages of an index costs more than the whole table.
SET random_page_cost = 20;
:began
SELECT verdict, object_type, count(*), paycore.sum(here) AS here FROM paycore.reconcile(:'payout') GROUP BY 1, 2 ORDER BY 1, 2;
:looked
RESET random_page_cost;

-- A balance is what is rolled up and the entries since, though all of them are of one account.
SELECT id AS bank FROM paycore.open_ledger_account('bank', 'asset', 'EUR') \gset
SELECT id AS shop FROM paycore.open_ledger_account('shop', 'liability', 'EUR') \gset
SELECT count(paycore.post_entry(:'bank', :'shop', '1 EUR')) FROM generate_series(1, 5000);
SELECT paycore.roll_up_ledger(1) > 0 AS rolled WHERE settled();
SELECT sum(entries) FROM paycore.ledger_balances;
SELECT count(paycore.post_entry(:'bank', :'shop', '1 EUR')) FROM generate_series(1, 3);
ANALYZE;
-- As they are at ten million: an index costs more than the whole table.
SET cpu_index_tuple_cost = 10;
:began
SELECT paycore.ledger_balance(:'shop'), paycore.ledger_balance(:'shop', now() - interval '1 day'), paycore.ledger_balance(:'shop', now() - interval '1 day', 'record');
:looked
RESET cpu_index_tuple_cost;

-- Cards that expire.
SET session_replication_role = replica;
INSERT INTO paycore.payment_methods (billing_account_id, gateway_account, psp_payment_method_id, status, type, last4, exp_month, exp_year)
	SELECT :'account', 'default', 'pm_' || n, 'attached', 'card', '4242', 1 + n % 12, CASE WHEN n <= 3 THEN 2020 ELSE 2099 END FROM generate_series(1, 3000) n;
SET session_replication_role = origin;
ANALYZE paycore.payment_methods;
:began
SELECT count(*), bool_and(expired) FROM paycore.expiring_payment_methods();
:looked
