--
-- What a hostile review of billing has found.
--
\getenv srcdir PG_ABS_SRCDIR
\set setup :srcdir '/data/billing_setup.sql'
\i :setup
SELECT id AS pro FROM paycore.create_product('pro', 'Pro') \gset
SELECT code FROM paycore.create_price(:'pro', '{"USD": "30.00"}', 'month', code => 'month');
SELECT code FROM paycore.create_price(:'pro', '{"USD": "300.00"}', 'year', code => 'year');
CREATE FUNCTION subscribe(name text, price text) RETURNS uuid LANGUAGE sql AS $$
	SELECT (paycore.create_subscription((paycore.create_billing_account(name, currency => 'USD', gateway => 'cash', external_ref => name)).id,
		jsonb_build_array(jsonb_build_object('price', price)), jsonb_build_object('external_ref', name))).id $$;
CREATE FUNCTION account(ref text) RETURNS uuid LANGUAGE sql AS $$ SELECT id FROM paycore.billing_accounts WHERE external_ref = ref $$;
CREATE FUNCTION billed(ref text) RETURNS TABLE (period text, total paycore.money_cents, status text) LANGUAGE sql AS $$
	SELECT i.period_start::date || ' ' || i.period_end::date, i.total, i.status::text FROM paycore.invoices i WHERE i.subscription_id = sub(ref) ORDER BY i.serial $$;

SELECT clock('2030-06-01 00:00+00');
SELECT subscribe('unpaid', 'year'), subscribe('parked', 'month'), subscribe('resumed', 'month'), subscribe('kept', 'month'), subscribe('closed', 'year') \gset s_
CALL paycore.run_billing();

-- What a change has given back of an invoice stays owed: the invoice is neither void nor given up.
SELECT clock('2030-06-03 00:00+00');
SELECT credited, charged FROM paycore.change_subscription(sub('unpaid'), '[{"item": "year", "price": "month"}]');
CALL paycore.run_billing();
\set VERBOSITY default
SELECT paycore.void_invoice(id) FROM paycore.invoices WHERE subscription_id = sub('unpaid') AND serial = (SELECT min(serial) FROM paycore.invoices WHERE subscription_id = sub('unpaid'));
\set VERBOSITY sqlstate
SELECT paycore.write_off_invoice(id) FROM paycore.invoices WHERE subscription_id = sub('unpaid') AND serial = (SELECT min(serial) FROM paycore.invoices WHERE subscription_id = sub('unpaid'));

-- What is owed and parked is not left behind by a pause.
SELECT status FROM paycore.update_billing_account(account('parked'), '{"status": "suspended", "status_reason": "fraud?"}');
SELECT clock('2030-08-15 00:00+00');
CALL paycore.run_billing();
SELECT parked_reason FROM paycore.subscriptions WHERE id = sub('parked');
SELECT paycore.pause_subscription(sub('parked'));
SELECT status FROM paycore.update_billing_account(account('parked'), '{"status": "active"}');
SELECT count(*) FROM paycore.retry_billing();
SELECT status FROM paycore.pause_subscription(sub('parked'));
SELECT * FROM billed('parked');

-- Resumed after the pause was to end, it goes on since then, as if the run had come in time.
SELECT status FROM paycore.pause_subscription(sub('resumed'), '2030-09-20 00:00+00');
SELECT clock('2030-10-25 00:00+00');
SELECT status, anchor FROM paycore.resume_subscription(sub('resumed'));
SELECT * FROM billed('resumed');

-- An end that has come cannot be taken back.
SELECT cancel_at FROM paycore.cancel_subscription(sub('kept'));
SELECT clock('2030-12-20 00:00+00');
SELECT paycore.keep_subscription(sub('kept'));

-- A closed account has what it has paid for, whatever falls into the period.
SELECT status FROM paycore.pause_subscription(sub('closed'), '2030-12-25 00:00+00');
SELECT status FROM paycore.update_billing_account(account('closed'), '{"status": "closed", "status_reason": "gone"}');
SELECT clock('2030-12-26 00:00+00');
CALL paycore.run_billing();
SELECT status, next_bill_at FROM paycore.subscriptions WHERE id = sub('closed');
SELECT clock('2031-06-01 00:00+00');
CALL paycore.run_billing();
SELECT status, ended_at, cancel_reason FROM paycore.subscriptions WHERE id = sub('closed');
SELECT severity, rule, object_type FROM paycore.verify();
