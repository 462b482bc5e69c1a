--
-- Pages of rows: newest first, each row once, by index.
--
\getenv srcdir PG_ABS_SRCDIR
\set setup :srcdir '/data/api_setup.sql'
\i :setup
SELECT id AS ada FROM paycore.create_billing_account('Ada', currency => 'EUR', gateway => 'cash') \gset
SELECT id AS bob FROM paycore.create_billing_account('Bob', currency => 'EUR', gateway => 'cash') \gset
SELECT count(*) FROM generate_series(1, 25) i, LATERAL paycore.record_payment(CASE i % 2 WHEN 0 THEN :'ada'::uuid ELSE :'bob' END, paycore.money_cents(i, 'EUR'), external_ref => i::text);
SELECT count(*) FROM paycore.list_payments() p, LATERAL paycore.create_refund(p.id);
-- Page by page, of the tenant and of an account.
WITH RECURSIVE pages AS (
	SELECT 1 AS page, ARRAY(SELECT p.id FROM paycore.list_payments(page_size => 10) p) AS ids
	UNION ALL
	SELECT page + 1, ARRAY(SELECT p.id FROM paycore.list_payments(after => ids[cardinality(ids)], page_size => 10) p)
	FROM pages WHERE cardinality(ids) > 0)
SELECT page, cardinality(ids), (SELECT string_agg(p.external_ref, ' ' ORDER BY o) FROM unnest(ids) WITH ORDINALITY u(i, o)
	JOIN paycore.payments p ON p.id = i) FROM pages;
SELECT string_agg(external_ref, ' ') FROM paycore.list_payments(:'ada', page_size => 5);
SELECT string_agg(external_ref, ' ') FROM paycore.payment_history(:'ada', (SELECT id FROM paycore.payments WHERE external_ref = '16'), 5);
SELECT count(*) FROM paycore.list_refunds(:'ada');
SELECT count(*) FROM paycore.list_refunds(page_size => 7);
SELECT name FROM paycore.list_billing_accounts();
SELECT count(*) FROM paycore.list_payment_intents();
SELECT paycore.list_payments(page_size => 0);
SELECT paycore.payment_history(NULL);
-- At most 1000 on a page.
INSERT INTO paycore.payment_intents (billing_account_id, gateway_account, amount)
SELECT :'ada', 'cash', '1 EUR' FROM generate_series(1, 1001);
SELECT count(*) FROM paycore.list_payment_intents(:'ada', page_size => 5000);
-- Users' columns are in nobody's way.
ALTER TABLE paycore.payments ADD COLUMN mine text DEFAULT 'x';
SELECT count(*) FROM paycore.list_payments(page_size => 3);
ALTER TABLE paycore.payments DROP COLUMN mine;
-- Each list reads an index and no more than it gives.
INSERT INTO paycore.payments (billing_account_id, gateway_account, status, authorized)
SELECT CASE i % 100 WHEN 0 THEN :'ada'::uuid ELSE :'bob' END, 'cash', 'pending', '1 EUR' FROM generate_series(1, 5000) i;
VACUUM ANALYZE paycore.payments;
SELECT id AS sixteen FROM paycore.payments WHERE external_ref = '16' \gset
CREATE FUNCTION reads(OUT seq bigint, OUT idx bigint) LANGUAGE sql AS $$
	SELECT seq_scan, idx_tup_fetch FROM pg_stat_xact_user_tables WHERE relid = 'paycore.payments'::regclass
$$;
BEGIN;
SELECT count(*) FROM paycore.list_payments(page_size => 1);
SELECT * FROM reads() \gset before_
SELECT count(*) FROM paycore.list_payments();
SELECT seq - :before_seq AS seq_scans, idx - :before_idx <= 51 AS few_rows FROM reads();
COMMIT;
BEGIN;
SELECT count(*) FROM paycore.list_payments(page_size => 1);
SELECT * FROM reads() \gset before_
SELECT count(*) FROM paycore.list_payments(:'ada');
SELECT seq - :before_seq AS seq_scans, idx - :before_idx <= 51 AS few_rows FROM reads();
COMMIT;
BEGIN;
SELECT count(*) FROM paycore.list_payments(page_size => 1);
SELECT * FROM reads() \gset before_
SELECT count(*) FROM paycore.payment_history(:'ada', :'sixteen', 5);
SELECT seq - :before_seq AS seq_scans, idx - :before_idx <= 51 AS few_rows FROM reads();
COMMIT;
-- History of a status, oldest first; rows by a gateway's id.
SELECT id AS pi FROM paycore.create_payment_intent(:'ada', '7 EUR') \gset
SELECT status FROM paycore.record_payment(:'ada', '7 EUR', payment_intent_id => :'pi');
SELECT object_type, from_status, to_status, source FROM paycore.status_history(:'pi');
SELECT paycore.status_history(NULL);
SELECT paycore.payment_by_psp_id('ch_0') IS NULL AS none, paycore.refund_by_psp_id('re_0') IS NULL AS none, paycore.billing_account_by_psp_id('cus_0') IS NULL AS none;
UPDATE paycore.billing_accounts SET psp_customer_id = 'cus_1' WHERE id = :'ada';
SELECT (paycore.billing_account_by_psp_id('cus_1', 'cash')).name, paycore.billing_account_by_psp_id('cus_1') IS NULL AS other_gateway;
-- Another tenant sees nothing.
SET paycore.tenant = 'other';
SELECT count(*) FROM paycore.list_payments();
SELECT count(*) FROM paycore.list_payments(:'ada');
SELECT count(*) FROM paycore.status_history(:'pi');
SELECT paycore.billing_account_by_psp_id('cus_1', 'cash') IS NULL AS none;
