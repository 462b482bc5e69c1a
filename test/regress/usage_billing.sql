--
-- Usage on invoices: what a period's usage costs when it ends, what comes later once more and no more than once, corrections, ends, pauses, trials.
--
\getenv srcdir PG_ABS_SRCDIR
\set setup :srcdir '/data/api_setup.sql'
\i :setup
SET timezone = 'UTC';
SELECT name FROM paycore.set_seller('{"name": "Shop", "city": "Ulm"}');
SELECT shows FROM paycore.set_test_clock('2026-01-10 09:30+00');
SELECT id AS ada FROM paycore.create_billing_account('Ada', 'ada@example.com', 'USD', gateway => 'cash') \gset
SELECT id AS api FROM paycore.create_product('api', 'API') \gset
SELECT id AS calls FROM paycore.create_product('calls', 'Calls') \gset
SELECT code FROM paycore.create_meter('calls', 'Calls');
SELECT code FROM paycore.create_meter('peak', 'Peak', 'max');
SELECT code FROM paycore.create_meter('storage', 'Storage', 'weighted_sum');
SELECT code FROM paycore.create_price(:'api', '{"USD": "20"}', 'month', code => 'base');
SELECT code FROM paycore.create_price(:'calls', '{"USD": {"tiers": [{"up_to": 10, "unit_price": "2"}, {"unit_price": "1"}]}}', 'month', 'graduated', 'calls', '{"meter": "calls"}');
SELECT code FROM paycore.create_price(:'calls', '{"USD": {"unit_price": "1", "minimum": "5"}}', 'month', code => 'calls-minimum', details => '{"meter": "calls", "trial_days": 10}');
SELECT code FROM paycore.create_price(:'api', '{"USD": "3"}', 'month', code => 'peak', details => '{"meter": "peak"}');
SELECT code FROM paycore.create_price(:'api', '{"USD": "31"}', 'month', code => 'storage', details => '{"meter": "storage"}');
CREATE VIEW billed AS SELECT s.external_ref AS sub, i.serial AS n, i.period_start::date AS from, i.total, l.place, l.kind, l.description, l.period, l.quantity, l.amount
	FROM paycore.invoices i JOIN paycore.subscriptions s ON s.id = i.subscription_id LEFT JOIN paycore.invoice_lines l ON l.invoice_id = i.id ORDER BY i.serial, l.place;
CREATE VIEW periods AS SELECT s.external_ref AS sub, m.code, u.starts_at, u.ends_at, u.quantity, u.amount, u.recheck
	FROM paycore.usage_periods u JOIN paycore.subscriptions s ON s.id = u.subscription_id JOIN paycore.meters m ON m.id = u.meter_id ORDER BY 1, 2, 3;
CREATE VIEW charges AS SELECT kind, description, quantity, amount, period, credits_line_id IS NOT NULL AS credits, invoice_id IS NOT NULL AS billed FROM paycore.extra_charges WHERE removed_at IS NULL ORDER BY created_at, id;

SELECT id AS sub FROM paycore.create_subscription(:'ada', '[{"price": "base"}, {"price": "calls"}, {"price": "peak"}, {"price": "storage"}]', '{"external_ref": "first"}') \gset
-- Each item of a metered price bills all that was used: a subscription has one.
SELECT paycore.create_subscription(:'ada', '[{"price": "calls"}, {"price": "calls"}]');
SELECT paycore.preview_change(:'sub', '[{"price": "calls"}]');
SELECT paycore.change_subscription(:'sub', '[{"item": "peak", "price": "calls"}]', 'renewal');
SELECT paycore.change_subscription(:'sub', '[{"price": "calls-minimum"}, {"price": "calls-minimum"}]');
SELECT count(*) FROM paycore.preview_change(:'sub', '[{"item": "calls", "quantity": 2}, {"item": "peak", "remove": true}]');
CALL paycore.run_billing();
SELECT * FROM billed;
SELECT quantity FROM paycore.record_usage('calls', :'ada', 8, 'c1', '2026-01-10 09:30+00');
SELECT shows FROM paycore.set_test_clock('2026-01-25 10:00+00');
SELECT id AS c2, quantity FROM paycore.record_usage('calls', :'ada', 5, 'c2', '2026-01-25 09:59+00') \gset
SELECT id AS p1, quantity FROM paycore.record_usage('peak', :'ada', 4, 'p1') \gset
SELECT quantity FROM paycore.record_usage('storage', :'ada', 2, 's1', '2026-01-25 09:30+00');
SELECT meter, quantity, amount FROM paycore.usage_of(:'sub') ORDER BY meter;

-- The end of the period: what is exactly on its border belongs to the next.
SELECT shows FROM paycore.set_test_clock('2026-02-10 09:30+00');
SELECT quantity FROM paycore.record_usage('calls', :'ada', 3, 'c3', '2026-02-10 09:30+00');
SELECT quantity FROM paycore.record_usage('calls', :'ada', 1, 'c4', '2026-02-10 09:29:59.999999+00');
CALL paycore.run_billing();
SELECT * FROM billed WHERE n = 2;
SELECT * FROM periods;
SELECT meter, lower(period), quantity, amount FROM paycore.usage_of(:'sub') ORDER BY meter;

-- Late, at a lower tier's price, and once; twice in two goes.
SELECT quantity FROM paycore.record_usage('calls', :'ada', 4, 'late1', '2026-02-01 00:00+00');
CALL paycore.run_billing();
SELECT * FROM charges;
CALL paycore.run_billing();
SELECT quantity FROM paycore.record_usage('calls', :'ada', 1, 'late2', '2026-02-01 00:00+00');
SELECT quantity FROM paycore.record_usage('calls', :'ada', 1, 'late2', '2026-02-01 00:00+00');
CALL paycore.run_billing();
SELECT * FROM charges;
-- What changes nothing costs nothing.
SELECT quantity FROM paycore.record_usage('peak', :'ada', 3, 'late3', '2026-02-01 00:00+00');
CALL paycore.run_billing();
SELECT count(*) FROM charges;
SELECT * FROM periods WHERE code IN ('calls', 'peak');
-- Corrections of what is billed: a charge, and one that is on no invoice yet is lowered (here to nothing).
SELECT quantity FROM paycore.correct_usage(:'p1', 6);
SELECT quantity, n FROM paycore.void_usage(:'c2', 'never was');
CALL paycore.run_billing();
SELECT * FROM charges;
SELECT * FROM periods WHERE code IN ('calls', 'peak');
-- A level that changes late changes every period from then on.
SELECT shows FROM paycore.set_test_clock('2026-03-10 09:30+00');
CALL paycore.run_billing();
SELECT * FROM billed WHERE n = 3;
SELECT quantity FROM paycore.record_usage('storage', :'ada', 1, 's2', '2026-02-09 09:30+00');
CALL paycore.run_billing();
SELECT * FROM charges OFFSET 1;
-- Later than the window.
SELECT shows FROM paycore.set_test_clock('2026-03-19 09:30+00');
SELECT quantity FROM paycore.record_usage('calls', :'ada', 1, 'late4', '2026-02-09 09:30+00');

-- The last invoice has the last usage; what comes later goes on the account's next.
SELECT quantity FROM paycore.record_usage('calls', :'ada', 1, 'c5');
SELECT shows FROM paycore.set_test_clock('2026-03-20 09:30+00');
SELECT status FROM paycore.cancel_subscription(:'sub', false);
SELECT * FROM billed WHERE n = 4;
SELECT quantity FROM paycore.record_usage('calls', :'ada', 2, 'late5', '2026-03-19 09:30+00');
SELECT quantity FROM paycore.record_usage('calls', :'ada', 2, 'late6', '2026-03-20 09:30+00');
SELECT id AS next FROM paycore.create_subscription(:'ada', '[{"price": "base"}]', '{"external_ref": "next"}') \gset
CALL paycore.run_billing();
SELECT * FROM billed WHERE sub = 'next';
SELECT count(*) FROM paycore.extra_charges WHERE invoice_id IS NULL AND removed_at IS NULL;

-- A trial is free; a minimum is owed for nothing, too; not for a pause.
SELECT id AS trial FROM paycore.create_subscription(:'ada', '[{"price": "calls-minimum"}]', '{"external_ref": "trial"}') \gset
SELECT quantity FROM paycore.record_usage('calls', :'ada', 100, 't1');
SELECT shows FROM paycore.set_test_clock('2026-03-30 09:30+00');
CALL paycore.run_billing();
SELECT shows FROM paycore.set_test_clock('2026-04-30 09:30+00');
CALL paycore.run_billing();
SELECT * FROM billed WHERE sub = 'trial';
SELECT status FROM paycore.pause_subscription(:'trial');
SELECT shows FROM paycore.set_test_clock('2026-07-07 00:00+00');
SELECT status FROM paycore.resume_subscription(:'trial');
CALL paycore.run_billing();
SELECT * FROM periods WHERE sub = 'trial';
SELECT quantity FROM paycore.record_usage('calls', :'ada', 9, 't2');
SELECT status FROM paycore.pause_subscription(:'trial');
SELECT shows FROM paycore.set_test_clock('2026-09-01 00:00+00');
SELECT quantity FROM paycore.record_usage('calls', :'ada', 2, 't3', '2026-08-31 00:00+00');
SELECT status FROM paycore.resume_subscription(:'trial');
CALL paycore.run_billing();
SELECT * FROM periods WHERE sub = 'trial';
-- Nobody ran it for three months: each period has its own usage.
SELECT id AS slow FROM paycore.create_subscription(:'ada', '[{"price": "peak"}]', '{"external_ref": "slow"}') \gset
SELECT quantity FROM paycore.record_usage('peak', :'ada', 1, subscription_id => :'slow');
SELECT shows FROM paycore.set_test_clock('2026-10-15 00:00+00');
SELECT quantity FROM paycore.record_usage('peak', :'ada', 2, subscription_id => :'slow');
SELECT shows FROM paycore.set_test_clock('2026-12-01 00:00+00');
SELECT quantity FROM paycore.record_usage('peak', :'ada', 3, subscription_id => :'slow', occurred_at => '2026-11-30 23:59:59+00');
CALL paycore.run_billing();
SELECT * FROM billed WHERE sub = 'slow';
-- Nothing is given back of a void invoice.
SELECT id AS wrong FROM paycore.invoices i WHERE i.serial = (SELECT max(n) FROM billed WHERE sub = 'slow') \gset
SELECT status FROM paycore.void_invoice(:'wrong');
SELECT quantity FROM paycore.void_usage((SELECT id FROM paycore.usage_events WHERE quantity = 3 AND subscription_id = :'slow'));
CALL paycore.run_billing();
SELECT * FROM charges OFFSET 4;
SELECT severity, rule, object_type, detail FROM paycore.verify();
