--
-- Attacks on the bill: corrections of usage with a discount and after a void, changes that must not begin a period of usage anew.
--
\getenv srcdir PG_ABS_SRCDIR
\set setup :srcdir '/data/api_setup.sql'
\i :setup
SET timezone = 'UTC';
SELECT shows FROM paycore.set_test_clock('2030-06-01 00:00+00');
SELECT id AS pro FROM paycore.create_product('pro', 'Pro') \gset
SELECT code FROM paycore.create_meter('calls', 'Calls', 'sum');
SELECT code FROM paycore.create_price(:'pro', '{"USD": "1.00"}', 'month', code => 'calls', details => '{"meter": "calls"}');
SELECT code FROM paycore.create_price(:'pro', '{"USD": {"unit_price": "1.00", "minimum": "50.00"}}', 'month', code => 'calls-minimum', details => '{"meter": "calls", "free_units": 100}');
CREATE VIEW billed AS SELECT a.name, i.serial AS n, i.status, l.place, l.kind, lower(l.period)::date AS from, l.quantity, l.amount, l.discount
	FROM paycore.invoices i JOIN paycore.billing_accounts a ON a.id = i.billing_account_id JOIN paycore.invoice_lines l ON l.invoice_id = i.id ORDER BY 1, 2, 4;
CREATE VIEW charges AS SELECT a.name, e.kind, e.quantity, e.amount, e.credits_line_id IS NOT NULL AS credits, e.invoice_id IS NOT NULL AS billed, e.removed_at IS NOT NULL AS removed
	FROM paycore.extra_charges e JOIN paycore.billing_accounts a ON a.id = e.billing_account_id ORDER BY 1, e.created_at, e.id;

-- Of usage with a discount, what was paid for it is given back, and no more.
SELECT code FROM paycore.create_coupon('half', 'Half', 50, duration => 'forever');
SELECT id AS half FROM paycore.create_billing_account('Half', 'half@example.com', 'USD', gateway => 'cash') \gset
SELECT id AS sub FROM paycore.create_subscription(:'half', '[{"price": "calls"}]') \gset
SELECT periods_left FROM paycore.apply_coupon(:'sub', 'half');
-- The same without a discount, voided and billed again.
SELECT id AS again FROM paycore.create_billing_account('Voided', 'voided@example.com', 'USD', gateway => 'cash') \gset
SELECT id AS voided FROM paycore.create_subscription(:'again', '[{"price": "calls"}]') \gset
CALL paycore.run_billing();
SELECT shows FROM paycore.set_test_clock('2030-06-10 00:00+00');
SELECT id AS e1 FROM paycore.record_usage('calls', :'half', 61, 'e1') \gset
SELECT id AS e2 FROM paycore.record_usage('calls', :'half', 39, 'e2') \gset
SELECT id AS v1 FROM paycore.record_usage('calls', :'again', 100, 'v1') \gset
SELECT shows FROM paycore.set_test_clock('2030-07-01 00:00+00');
CALL paycore.run_billing();
SELECT * FROM billed WHERE name = 'Half';
SELECT n FROM paycore.void_usage(:'e1');
CALL paycore.run_billing();
SELECT * FROM charges;
-- What came late, and is on no invoice yet, is lowered before it is discounted.
SELECT quantity FROM paycore.record_usage('calls', :'half', 20, 'e3', '2030-06-20 00:00+00');
CALL paycore.run_billing();
SELECT quantity FROM paycore.correct_usage(:'e2', 35);
CALL paycore.run_billing();
SELECT * FROM charges;
SELECT total FROM paycore.rebill_invoice((SELECT id FROM paycore.void_invoice((SELECT id FROM paycore.invoices WHERE serial = (SELECT max(n) FROM billed WHERE name = 'Voided')))));
SELECT quantity FROM paycore.correct_usage(:'v1', 10, 'typo');
CALL paycore.run_billing();
SELECT * FROM charges WHERE name = 'Voided';
SELECT shows FROM paycore.set_test_clock('2030-08-01 00:00+00');
CALL paycore.run_billing();
SELECT * FROM billed;
-- All of it was wrong: nothing is left of the three lines, late ones included.
SELECT v.n FROM paycore.usage_events e, paycore.void_usage(e.id) v WHERE e.event_key IN ('e2', 'e3', 'v1') ORDER BY e.event_key;
CALL paycore.run_billing();
SELECT * FROM charges WHERE NOT billed AND NOT removed;
SELECT a.name, paycore.sum(e.amount) FROM paycore.extra_charges e JOIN paycore.billing_accounts a ON a.id = e.billing_account_id
	WHERE e.credits_line_id IS NOT NULL AND e.removed_at IS NULL GROUP BY a.name ORDER BY a.name;

-- What is said of a metered item begins no period of usage anew: one minimum, and the free units once.
SELECT id AS said FROM paycore.create_billing_account('Said', 'said@example.com', 'USD', gateway => 'cash') \gset
SELECT id AS sub FROM paycore.create_subscription(:'said', '[{"price": "calls-minimum"}]') \gset
CALL paycore.run_billing();
SELECT quantity FROM paycore.record_usage('calls', :'said', 90, 's1');
SELECT shows FROM paycore.set_test_clock('2030-08-10 00:00+00');
SELECT credited, charged FROM paycore.change_subscription(:'sub', '[{"item": "calls-minimum", "metadata": {"a": "b"}}]');
SELECT quantity FROM paycore.record_usage('calls', :'said', 90, 's2');
SELECT shows FROM paycore.set_test_clock('2030-08-20 00:00+00');
SELECT credited, charged FROM paycore.change_subscription(:'sub', '[{"item": "calls-minimum", "exclusive": true}]');
SELECT quantity, exclusive, metadata, starts_at, ends_at FROM paycore.subscription_items WHERE subscription_id = :'sub';
SELECT paycore.create_subscription(:'said', '[{"price": "calls", "exclusive": true}]');
SELECT id AS other FROM paycore.create_subscription(:'said', '[{"price": "calls"}]') \gset
SELECT paycore.change_subscription(:'other', '[{"item": "calls", "exclusive": true}]');
SELECT shows FROM paycore.set_test_clock('2030-09-01 00:00+00');
CALL paycore.run_billing();
SELECT * FROM billed WHERE name = 'Said';
SELECT severity, rule, object_type, detail FROM paycore.verify();
