--
-- Monthly recurring revenue: what each subscription brings in a month, and the movements that guards keep of it.
--
\getenv srcdir PG_ABS_SRCDIR
\set setup :srcdir '/data/api_setup.sql'
\i :setup
SET timezone = 'UTC';
SELECT shows FROM paycore.set_test_clock('2026-01-15 10:00+00');
SELECT id AS pro FROM paycore.create_product('pro', 'Professional') \gset
SELECT id AS seats FROM paycore.create_product('seats', 'Seats') \gset
\o /dev/null
SELECT paycore.create_price(:'pro', '{"EUR": "20", "JPY": "3000"}', 'month', code => 'monthly');
SELECT paycore.create_price(:'pro', '{"EUR": "100"}', 'year', code => 'yearly');
SELECT paycore.create_price(:'pro', '{"EUR": "0.03"}', '6 months', code => 'tie');
SELECT paycore.create_price(:'pro', '{"EUR": "7"}', 'week', code => 'weekly');
SELECT paycore.create_price(:'pro', '{"EUR": "1"}', 'day', code => 'daily');
SELECT paycore.create_price(:'pro', '{"EUR": "11.90"}', 'month', code => 'gross', details => '{"tax_inclusive": true}');
SELECT paycore.create_price(:'pro', '{"EUR": "0"}', 'month', code => 'free');
SELECT paycore.create_price(:'seats', '{"EUR": {"tiers": [{"up_to": 5, "unit_price": "2"}, {"unit_price": "1.50"}]}}', 'month', 'graduated', 'seats');
SELECT paycore.create_coupon('half', 'Half', percent_off => 50, duration => 'repeating', details => '{"duration_periods": 2}');
SELECT paycore.create_coupon('gift', 'Gift', percent_off => 50);
SELECT paycore.create_coupon('five', 'Five off', amount_off => '5.00 EUR', duration => 'forever');
SELECT paycore.create_tax_rate('vat', 'VAT', 19, details => '{"inclusive": true}');
SELECT paycore.set_product_tax_rates(:'pro', '{vat}');
\o
CREATE VIEW moves AS SELECT a.name AS account, s.external_ref AS sub, m.kind, m.before, m.after, m.effective_at
	FROM paycore.mrr_movements m JOIN paycore.billing_accounts a ON a.id = m.billing_account_id JOIN paycore.subscriptions s ON s.id = m.subscription_id ORDER BY m.id;
CREATE VIEW subs AS SELECT external_ref AS sub, status::text, mrr, mrr_since FROM paycore.subscriptions ORDER BY created_at, id;

-- Normalised by interval, rounded once, half up; without taxes within the price.
SELECT id AS eve FROM paycore.create_billing_account('Eve', 'eve@example.com', 'EUR', gateway => 'cash', details => '{"tax_exempt": "none"}') \gset
SELECT count(*) FROM (SELECT paycore.create_subscription(:'eve', jsonb_build_array(jsonb_build_object('price', code, 'quantity', quantity)), jsonb_build_object('external_ref', code || quantity))
	FROM (VALUES ('yearly', 1), ('tie', 1), ('weekly', 1), ('daily', 1), ('gross', 3), ('free', 1), ('seats', 7)) p (code, quantity)) c;
SELECT status, mrr, mrr_since FROM paycore.create_subscription(:'eve', '[{"price": "free"}]', '{"external_ref": "least", "minimum": "12.00 EUR"}');
CALL paycore.run_billing();
SELECT * FROM subs;
SELECT m.mrr, (SELECT sum(paycore.cents(s.mrr)) FROM paycore.subscriptions s) AS cents, arr, accounts, subscriptions FROM paycore.mrr() m;
SELECT round((7 * 365.25 / 7 / 12)::numeric, 4) AS weekly, round(365.25 / 12, 4) AS daily, round(3 * 11.90 / 1.19, 4) AS gross;

-- The account's first is new; what it adds, loses and takes again goes by what the account has left.
SELECT id AS ada FROM paycore.create_billing_account('Ada', 'ada@example.com', 'EUR', gateway => 'cash') \gset
SELECT id AS one FROM paycore.create_subscription(:'ada', '[{"price": "monthly"}, {"price": "seats", "quantity": 2}]', '{"external_ref": "one"}') \gset
CALL paycore.run_billing();
SELECT id AS two FROM paycore.create_subscription(:'ada', '[{"price": "yearly"}]', '{"external_ref": "two", "trial_days": 14}') \gset
CALL paycore.run_billing();
SELECT * FROM subs WHERE sub IN ('one', 'two');
-- A month without a run: it counts from when it was owed.
SELECT shows FROM paycore.set_test_clock('2026-02-20 10:00+00');
CALL paycore.run_billing();
SELECT * FROM moves WHERE account = 'Ada';
-- Paused it brings in nothing; resumed within the period that is billed, what it did; resumed later, from its next bill on.
SELECT status, mrr, mrr_since FROM paycore.pause_subscription(:'one');
SELECT status, mrr FROM paycore.pause_subscription(:'two', '2026-02-25 00:00+00');
SELECT shows FROM paycore.set_test_clock('2026-02-22 10:00+00');
SELECT status, mrr, mrr_since FROM paycore.resume_subscription(:'one');
SELECT shows FROM paycore.set_test_clock('2026-02-26 10:00+00');
CALL paycore.run_billing();
SELECT * FROM subs WHERE sub IN ('one', 'two');
SELECT status, mrr FROM paycore.pause_subscription(:'one');
SELECT shows FROM paycore.set_test_clock('2026-03-20 10:00+00');
SELECT status, mrr FROM paycore.resume_subscription(:'one');
CALL paycore.run_billing();
SELECT status, mrr, mrr_since FROM paycore.cancel_subscription(:'one', false);
SELECT status, mrr FROM paycore.cancel_subscription(:'two');
SELECT shows FROM paycore.set_test_clock('2027-02-20 10:00+00');
CALL paycore.run_billing();
SELECT status FROM paycore.create_subscription(:'ada', '[{"price": "monthly"}]', '{"external_ref": "again"}');
CALL paycore.run_billing();
SELECT * FROM moves WHERE account = 'Ada';

-- Discounts: what is off once does not count, what repeats does as long as it is taken off.
SELECT id AS bob FROM paycore.create_billing_account('Bob', 'bob@example.com', 'EUR', gateway => 'cash') \gset
SELECT id AS half FROM paycore.create_subscription(:'bob', '[{"price": "monthly"}]', '{"external_ref": "half"}') \gset
SELECT id AS five FROM paycore.create_subscription(:'bob', '[{"price": "seats", "quantity": 4}]', '{"external_ref": "five"}') \gset
SELECT periods_left FROM paycore.apply_coupon(:'half', 'half');
SELECT periods_left FROM paycore.apply_coupon(:'half', 'gift');
SELECT periods_left FROM paycore.apply_coupon(:'five', 'five');
CALL paycore.run_billing();
SELECT shows FROM paycore.set_test_clock('2027-06-30 10:00+00');
CALL paycore.run_billing();
SELECT * FROM moves WHERE account = 'Bob';
-- A first period that is cut short counts as a whole one; another currency counts by itself.
SELECT id AS ken FROM paycore.create_billing_account('Ken', 'ken@example.com', 'JPY', gateway => 'cash') \gset
SELECT status FROM paycore.create_subscription(:'ken', '[{"price": "monthly"}]', '{"external_ref": "stub", "anchor": "2027-07-10 00:00+00"}');
CALL paycore.run_billing();
SELECT * FROM moves WHERE account = 'Ken';
SELECT currency, mrr FROM paycore.mrr();
SELECT currency, mrr FROM paycore.mrr('2026-03-01 00:00+00');
SELECT * FROM paycore.list_mrr_movements(:'ken') WHERE kind <> 'new';
-- The statement that verbs use reckons what the run did.
SELECT count(*), count(*) FILTER (WHERE paycore.reckon_mrr(s.id, '2027-06-30 10:00+00') OPERATOR(paycore.=) s.mrr) AS same FROM paycore.subscriptions s
	WHERE s.status::text = 'active';

-- What is metered does not count, beside what does or by itself.
SELECT code FROM paycore.create_meter('calls', 'Calls');
SELECT code FROM paycore.create_price(:'pro', '{"EUR": "0.10"}', 'month', code => 'calls', details => '{"meter": "calls"}');
SELECT count(*) FROM (SELECT paycore.create_subscription(:'eve', items::jsonb, jsonb_build_object('external_ref', ref)) FROM (VALUES ('both', '[{"price": "monthly"}, {"price": "calls"}]'),
	('metered', '[{"price": "calls"}]')) c (ref, items)) c;
CALL paycore.run_billing();
SELECT sub, s.mrr, paycore.reckon_mrr(s.id, '2027-06-30 10:00+00') FROM subs JOIN paycore.subscriptions s ON s.external_ref = sub WHERE sub IN ('both', 'metered') ORDER BY sub;

-- Movements stay as they are, and nobody else writes them.
UPDATE paycore.mrr_movements SET kind = 'new';
DELETE FROM paycore.mrr_movements;
UPDATE paycore.subscriptions SET mrr = '1.00 EUR', mrr_since = NULL WHERE external_ref = 'again';
UPDATE paycore.subscriptions SET mrr = '1.00 USD' WHERE external_ref = 'again';
UPDATE paycore.subscriptions SET mrr = '-1.00 EUR' WHERE external_ref = 'again';
BEGIN;
UPDATE paycore.subscriptions SET mrr = '25.00 EUR', mrr_since = '2027-06-30 10:00+00' WHERE external_ref = 'again';
SELECT kind, before, after FROM moves WHERE sub = 'again' AND kind = 'expansion';
UPDATE paycore.subscriptions SET status = 'canceled', ended_at = '2027-07-01 00:00+00', next_bill_at = NULL WHERE external_ref = 'again';
SELECT kind, before, after, effective_at FROM moves WHERE sub = 'again' AND kind = 'churn';
ROLLBACK;
SELECT * FROM paycore.verify();
