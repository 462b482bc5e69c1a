--
-- What one subscription needs is found by index: no verb reads more for there being many others.
--
\getenv srcdir PG_ABS_SRCDIR
\set setup :srcdir '/data/billing_setup.sql'
\i :setup
SELECT shows FROM paycore.set_test_clock('2026-01-01 00:00+00');
SELECT count(*) FROM paycore.create_meter('calls', 'Calls');
SELECT id AS product FROM paycore.create_product('reach', 'Reach') \gset
SELECT id AS calls FROM paycore.create_product('calls', 'Calls') \gset
SELECT code FROM paycore.create_price(:'product', '{"USD": 20}', 'month', code => 'reach');
SELECT code FROM paycore.create_price(:'calls', '{"USD": 0.1}', 'month', code => 'calls', details => '{"meter": "calls"}');
SELECT code FROM paycore.create_coupon('tenth', 'A tenth off', percent_off => 10, duration => 'forever');
SELECT count(s.id) FROM generate_series(1, 300) n, paycore.create_billing_account('A ' || n, currency => 'USD', gateway => 'cash') a,
	LATERAL (SELECT (paycore.create_subscription(a.id, '[{"price": "reach"}, {"price": "calls"}]')).id WHERE a.id IS NOT NULL) s;
SELECT count(paycore.apply_coupon(id, 'tenth')) FROM paycore.subscriptions;
CREATE PROCEDURE month() LANGUAGE sql AS $$
	SELECT count(paycore.record_usage('calls', s.billing_account_id, 7, translate(s.id::text, '0123456789', 'ghijklmnop') || s.billed_until::date, subscription_id => s.id)) FROM paycore.subscriptions s;
	SELECT shows FROM paycore.set_test_clock(paycore.billing_now() + interval '1 month');
	SELECT paycore.bill_subscriptions(batch_size => 1000);
$$;
-- How many rows were read of each table, by itself or through an index: which ones more than a hundred of in a transaction.
CREATE VIEW reads AS
	SELECT c.relname, sum(pg_stat_get_xact_tuples_returned(r.oid)) AS n
	FROM pg_class c CROSS JOIN LATERAL (SELECT c.oid UNION ALL SELECT i.indexrelid FROM pg_index i WHERE i.indrelid = c.oid) r
	WHERE c.relnamespace = 'paycore'::regnamespace AND c.relkind = 'r' AND pg_relation_size(c.oid) > 16384 GROUP BY c.relname;
\set began 'BEGIN; CREATE TEMP TABLE before AS SELECT * FROM reads;'
\set looked 'SELECT relname AS much_read FROM reads r JOIN before b USING (relname) WHERE r.n > b.n + 100 ORDER BY 1; ROLLBACK;'
-- What grows with time is not read whole by plans that were made while it was empty either, and known to be: then everything costs nothing.
ANALYZE;
CREATE TEMP TABLE early AS SELECT * FROM reads WITH NO DATA;
CALL month(); CALL month(); CALL month(); CALL month();
CALL paycore.run_billing();
BEGIN;
INSERT INTO early SELECT * FROM reads;
SELECT paycore.bill_subscriptions() AS nothing_due;
SELECT count(*) AS subscribed FROM paycore.create_subscription((SELECT min(billing_account_id::text)::uuid FROM paycore.subscriptions), '[{"price": "reach"}, {"price": "calls"}]');
SELECT paycore.bill_subscriptions() AS one_due;
SELECT relname, r.n - e.n > 1000 AS read_whole FROM reads r JOIN early e USING (relname)
WHERE relname IN ('invoices', 'invoice_lines', 'usage_events', 'usage_periods', 'status_changes', 'ledger_entries') ORDER BY 1;
ROLLBACK;
VACUUM ANALYZE;
SELECT count(*) > 1000 AS many FROM paycore.invoices;
SELECT id AS sub, billing_account_id AS account FROM paycore.subscriptions ORDER BY id OFFSET 150 LIMIT 1 \gset
SELECT i.id AS item FROM paycore.subscription_items i JOIN paycore.prices p ON p.id = i.price_id WHERE i.subscription_id = :'sub' AND p.code = 'reach' \gset
-- It does tell where much is read.
:began
SELECT count(*) > 1000 AS all_of_them FROM paycore.invoice_lines;
:looked
:began
SELECT count(*) AS changed FROM paycore.change_subscription(:'sub', jsonb_build_array(jsonb_build_object('item', :'item', 'quantity', 2)), proration => 'invoice');
:looked
:began
SELECT count(*) AS previewed FROM paycore.preview_change(:'sub', jsonb_build_array(jsonb_build_object('item', :'item', 'quantity', 2)));
:looked
:began
SELECT count(*) AS paused FROM paycore.pause_subscription(:'sub');
SELECT count(*) AS resumed FROM paycore.resume_subscription(:'sub');
:looked
:began
SELECT count(*) AS canceled FROM paycore.cancel_subscription(:'sub', at_period_end => false);
:looked
:began
SELECT count(*) AS subscribed FROM paycore.create_subscription(:'account', '[{"price": "reach"}]');
:looked
SELECT min(id::text) AS first, max(id::text) AS last FROM paycore.invoices WHERE subscription_id = :'sub' \gset
:began
SELECT paycore.bill_subscriptions() AS nothing_due;
:looked
:began
SELECT count(*) AS voided FROM paycore.void_invoice(:'last');
SELECT count(*) AS rebilled FROM paycore.rebill_invoice(:'last');
:looked
:began
SELECT count(*) AS credited FROM paycore.create_credit_note(:'first', amount => '3 USD');
:looked
:began
SELECT count(*) AS paid FROM paycore.record_invoice_payment(:'first', '1 USD', gateway => 'cash');
:looked
:began
SELECT count(*) AS given_up FROM paycore.write_off_invoice(:'first');
:looked
:began
SELECT count(*) AS charged FROM paycore.add_charge(:'account', '5 USD', 'Setup');
:looked
:began
SELECT count(*) AS used FROM paycore.record_usage('calls', :'account', 5, subscription_id => :'sub');
:looked
:began
SELECT count(*) AS listed FROM paycore.list_invoices(:'account');
SELECT count(*) AS listed FROM paycore.list_subscriptions(:'account');
SELECT count(*) AS listed FROM paycore.list_mrr_movements(:'account');
:looked
-- What comes late: summed up, and billed by itself.
SELECT count(*) AS late FROM paycore.record_usage('calls', :'account', 5, 'late', paycore.billing_now() - interval '2 days', :'sub');
:began
SELECT paycore.roll_up_usage() AS events WHERE settled();
:looked
-- Nor where nothing is known of the columns of a large table, which has just been filled.
ALTER TABLE paycore.invoices SET (autovacuum_enabled = off);
DELETE FROM pg_statistic WHERE starelid = 'paycore.invoices'::regclass;
UPDATE pg_class SET relpages = 1, reltuples = 1000 WHERE oid = 'paycore.invoices'::regclass;
BEGIN;
DELETE FROM early;
INSERT INTO early SELECT * FROM reads;
SELECT paycore.collect_invoices();
SELECT r.n - e.n > 5 * (SELECT count(*) FROM paycore.invoices) AS read_whole_for_each FROM reads r JOIN early e USING (relname) WHERE relname = 'invoices';
ROLLBACK;
