--
-- Three years of business: n payments with all that hangs on them.  Run with -v n=COUNT.
-- Guards and foreign keys sleep meanwhile (session_replication_role), and secondary indexes are made afterwards.
--

CREATE SCHEMA bench;
SET session_replication_role = replica;
SET maintenance_work_mem = '1GB';
SET max_parallel_maintenance_workers = 2;

-- The id of the k-th of so many objects of a kind, spread over the three years.
CREATE FUNCTION bench.started() RETURNS bigint LANGUAGE sql IMMUTABLE AS $$ SELECT 1700000000000 $$;
CREATE FUNCTION bench.ms(k bigint, total bigint) RETURNS bigint LANGUAGE sql IMMUTABLE
	AS 'SELECT bench.started() + k * 94608000000 / total';
CREATE FUNCTION bench.at(k bigint, total bigint) RETURNS timestamptz LANGUAGE sql IMMUTABLE
	AS 'SELECT to_timestamp(bench.ms(k, total) / 1000.0)';
CREATE FUNCTION bench.id(kind text, k bigint, total bigint) RETURNS uuid LANGUAGE sql IMMUTABLE
	AS 'SELECT (lpad(to_hex(bench.ms(k, total)), 12, ''0'') || ''7'' || kind || ''8'' || lpad(to_hex(k), 15, ''0''))::uuid';
SELECT format('CREATE FUNCTION bench.%s(k bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS $b$ SELECT bench.id(%L, k, %s) $b$',
	name, kind, greatest(:n / share, 1))
FROM (VALUES ('account', '00a', 100), ('intent', '00b', 1), ('payment', '00c', 1), ('refund', '00d', 10),
	('payout', '00e', 100), ('dispute', '00f', 100), ('line', '010', 1), ('entry', '011', 1)) v(name, kind, share) \gexec
SELECT format('CREATE FUNCTION bench.payer(k bigint) RETURNS uuid LANGUAGE sql IMMUTABLE'
	' AS $b$ SELECT bench.account(CASE WHEN k %% 10 = 0 THEN 1 ELSE 1 + k %% %s END) $b$', :n / 100) \gexec

CREATE TABLE bench.indexes AS
	SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS def
	FROM pg_index WHERE NOT indisprimary AND indrelid IN ('paycore.billing_accounts'::regclass, 'paycore.payment_methods'::regclass,
		'paycore.payment_intents'::regclass, 'paycore.payments'::regclass, 'paycore.refunds'::regclass,
		'paycore.status_changes'::regclass, 'paycore.disputes'::regclass, 'paycore.payouts'::regclass,
		'paycore.balance_transactions'::regclass, 'paycore.ledger_entries'::regclass)
		AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = indexrelid);
SELECT 'DROP INDEX ' || name FROM bench.indexes \gexec

INSERT INTO paycore.billing_accounts (id, name, currency, psp_customer_id, created_at)
	SELECT bench.account(k), 'Account ' || k, 'USD', 'cus_' || k, bench.at(k, :n / 100) FROM generate_series(1, :n / 100) k;
INSERT INTO paycore.payment_methods (id, billing_account_id, gateway_account, psp_payment_method_id, status, type, brand, last4, exp_month, exp_year, is_default)
	SELECT bench.account(k), bench.account(k), 'default', 'pm_' || k, 'attached', 'card', 'visa', '4242', 1 + k % 12, 2034, true
	FROM generate_series(1, :n / 100) k;
INSERT INTO paycore.payment_intents (id, billing_account_id, gateway_account, psp_intent_id, status, amount, amount_received, payment_method,
		payment_id, next_sweep_at, succeeded_at, created_at)
	SELECT bench.intent(k), bench.payer(k), 'default', 'pi_' || k, 'succeeded', m, m, 'pm_' || k % (:n / 100) + 1, bench.payment(k),
		NULL, bench.at(k, :n), bench.at(k, :n)
	FROM generate_series(1, :n) k CROSS JOIN LATERAL paycore.money_cents(1000 + k % 90000, 'USD') m;
INSERT INTO paycore.payments (id, billing_account_id, payment_intent_id, gateway_account, psp_charge_id, status, authorized, gross, captured_at,
		settled_gross, fee, net, balance_transaction_ids, available_on, settled_at, refund_reserved, refunded, dispute_held, method_type, created_at)
	SELECT bench.payment(k), bench.payer(k), bench.intent(k), 'default', 'ch_' || k, 'succeeded', m, m, bench.at(k, :n),
		m, paycore.money_cents(59, 'USD'), paycore.money_cents(941 + k % 90000, 'USD'), ARRAY['txn_' || k], bench.at(k, :n) + interval '2 days',
		bench.at(k, :n), zero, CASE WHEN k % 10 = 0 THEN paycore.money_cents(500, 'USD') ELSE zero END, zero, 'card', bench.at(k, :n)
	FROM generate_series(1, :n) k CROSS JOIN LATERAL paycore.money_cents(1000 + k % 90000, 'USD') m
		CROSS JOIN LATERAL paycore.money_cents(0, 'USD') zero;
INSERT INTO paycore.refunds (id, payment_id, payment_intent_id, billing_account_id, gateway_account, psp_refund_id, status, amount, reason, succeeded_at, created_at)
	SELECT bench.refund(k), bench.payment(k * 10), bench.intent(k * 10), bench.payer(k * 10), 'default', 're_' || k, 'succeeded',
		paycore.money_cents(500, 'USD'), 'requested_by_customer', bench.at(k, :n / 10), bench.at(k, :n / 10)
	FROM generate_series(1, :n / 10) k;
INSERT INTO paycore.disputes (id, payment_id, payment_intent_id, billing_account_id, gateway_account, psp_dispute_id, kind, status, amount,
		held, opened_at, withdrawn_at, closed_at, created_at, balance_transactions)
	SELECT bench.dispute(k), bench.payment(k * 100 - 1), bench.intent(k * 100 - 1), bench.payer(k * 100 - 1), 'default', 'dp_' || k, 'chargeback', 'lost',
		paycore.money_cents(1000, 'USD'), paycore.money_cents(0, 'USD'), t, t, t, t,
		jsonb_build_array(jsonb_build_object('id', 'txn_dp_' || k, 'reporting_category', 'dispute', 'amount', -1000, 'fee', 1500, 'currency', 'usd',
			'available_on', extract(epoch FROM t)::bigint))
	FROM generate_series(1, :n / 100) k CROSS JOIN LATERAL bench.at(k, :n / 100) t;
INSERT INTO paycore.payouts (id, gateway_account, psp_payout_id, status, amount, automatic, reconciliation_status, transactions_read_at, paid_at, initiated_at, created_at)
	SELECT bench.payout(k), 'default', 'po_' || k, 'paid', paycore.money_cents(100 * 1000, 'USD'), true, 'completed', bench.at(k, :n / 100),
		bench.at(k, :n / 100), bench.at(k, :n / 100), bench.at(k, :n / 100)
	FROM generate_series(1, :n / 100) k;
INSERT INTO paycore.balance_transactions (id, gateway_account, psp_balance_transaction_id, type, reporting_category, status, amount, fee, net,
		psp_source_id, source_type, source_tenant_id, payment_id, payout_id, available_on, occurred_at, created_at)
	SELECT bench.line(k), 'default', 'txn_' || k, 'charge', 'charge', 'available', m, paycore.money_cents(59, 'USD'), paycore.money_cents(941 + k % 90000, 'USD'),
		'ch_' || k, 'payment', 'default', bench.payment(k), bench.payout(1 + (k - 1) / 100), bench.at(k, :n) + interval '2 days', bench.at(k, :n), bench.at(k, :n)
	FROM generate_series(1, :n) k CROSS JOIN LATERAL paycore.money_cents(1000 + k % 90000, 'USD') m;
INSERT INTO paycore.status_changes (id, object_type, object_id, to_status, changed_at, actor, source, xact, seq)
	SELECT bench.line(k), 'payment', bench.payment(k)::text, 'succeeded', bench.at(k, :n), 'bench', 'webhook', k, k FROM generate_series(1, :n) k;
SELECT setval('paycore.status_changes_seq', :n);

SELECT id AS cash FROM paycore.open_ledger_account('bench_cash', 'asset', 'USD') \gset
SELECT id AS sales FROM paycore.open_ledger_account('bench_sales', 'income', 'USD') \gset
INSERT INTO paycore.ledger_entries (id, transfer_id, debit_account_id, credit_account_id, amount, occurred_at, recorded_at, txn)
	SELECT bench.entry(k), bench.entry(k), :'cash', :'sales', paycore.money_cents(1000, 'USD'), bench.at(k, :n), bench.at(k, :n), k
	FROM generate_series(1, :n) k;
INSERT INTO paycore.ledger_clock (one, shift) VALUES (true, :n);

SET session_replication_role = origin;
SELECT def FROM bench.indexes \gexec
SELECT paycore.roll_up_ledger();
VACUUM ANALYZE;
