--
-- n payments over three years, in three currencies, most with a fee, one in twenty-five refunded; s subscriptions, and how their MRR moved.  Run with -v n=COUNT -v s=COUNT.
-- Guards and foreign keys sleep meanwhile (session_replication_role).
--

CREATE SCHEMA bench;
SET session_replication_role = replica;
SET maintenance_work_mem = '1GB';
CREATE FUNCTION bench.at(k bigint, total bigint) RETURNS timestamptz LANGUAGE sql IMMUTABLE
	AS 'SELECT timestamptz ''2023-01-01 00:00+00'' + k::float8 / (total + 1) * interval ''1095 days''';
CREATE FUNCTION bench.id(kind text, k bigint) RETURNS uuid LANGUAGE sql IMMUTABLE
	AS 'SELECT (kind || ''00000-0000-7000-8000-'' || lpad(to_hex(k), 12, ''0''))::uuid';
CREATE FUNCTION bench.currency(k bigint) RETURNS paycore.currency LANGUAGE sql IMMUTABLE
	AS 'SELECT (CASE WHEN k % 10 < 6 THEN ''USD'' WHEN k % 10 < 9 THEN ''EUR'' ELSE ''JPY'' END)::paycore.currency';

CREATE TABLE bench.indexes AS
	SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS def
	FROM pg_index WHERE NOT indisprimary AND indrelid IN ('paycore.payments'::regclass, 'paycore.refunds'::regclass, 'paycore.subscriptions'::regclass, 'paycore.mrr_movements'::regclass)
		AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = indexrelid);
SELECT 'DROP INDEX ' || name FROM bench.indexes \gexec

INSERT INTO paycore.payments (id, billing_account_id, payment_intent_id, gateway_account, psp_charge_id, status, authorized, gross, captured_at,
		settled_gross, fee, net, balance_transaction_ids, available_on, settled_at, refund_reserved, refunded, dispute_held, method_type, created_at)
	SELECT bench.id('00c', k), bench.id('00a', k % (:s + 1)), bench.id('00b', k), 'default', 'ch_' || k, 'succeeded', m, m, t, m, f, m, ARRAY['txn_' || k], t, t,
		zero, zero, zero, 'card', t
	FROM generate_series(1::bigint, :n) k
	CROSS JOIN LATERAL (SELECT bench.currency(k) AS c, bench.at(k, :n) AS t) c
	CROSS JOIN LATERAL (SELECT paycore.money_cents(1000 + k % 90000, c.c) AS m, CASE WHEN k % 8 > 0 THEN paycore.money_cents(59, c.c) END AS f, paycore.money_cents(0, c.c) AS zero) m;
INSERT INTO paycore.refunds (id, payment_id, billing_account_id, gateway_account, status, amount, reason, succeeded_at, created_at)
	SELECT bench.id('00d', k), bench.id('00c', k * 25), bench.id('00a', k), 'default', 'succeeded', paycore.money_cents(500, bench.currency(k * 25)),
		'requested_by_customer', bench.at(k * 25, :n), bench.at(k * 25, :n)
	FROM generate_series(1::bigint, :n / 25) k;
INSERT INTO paycore.subscriptions (id, billing_account_id, status, currency, every, anchor, time_zone, starts_at, period_start, period_end, billed_until, next_bill_at, mrr, mrr_since)
	SELECT bench.id('00e', k), bench.id('00a', k), 'active', bench.currency(k), 'month', t, 'UTC', t, t, t + interval '1 month', t + interval '1 month', t + interval '1 month',
		paycore.money_cents(2000 + 500 * (k % 2), bench.currency(k)), t
	FROM generate_series(1::bigint, :s) k CROSS JOIN LATERAL bench.at(k, :s) t;
-- Each began, and one in two went up later.
INSERT INTO paycore.mrr_movements (id, billing_account_id, subscription_id, kind, currency, before, after, effective_at, recorded_at)
	SELECT bench.id('00f', 2 * k + m), bench.id('00a', k), bench.id('00e', k), CASE m WHEN 0 THEN 'new' ELSE 'expansion' END, c,
		paycore.money_cents(2000 * m, c), paycore.money_cents(2000 + 500 * m, c), t, t
	FROM generate_series(1::bigint, :s) k CROSS JOIN LATERAL generate_series(0, k % 2) m CROSS JOIN LATERAL bench.currency(k) c
	CROSS JOIN LATERAL (SELECT bench.at(k + m * (:s - k) / 2, :s) AS t) t;
SELECT def FROM bench.indexes \gexec
RESET session_replication_role;
VACUUM ANALYZE;
