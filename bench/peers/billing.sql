--
-- n subscriptions that are due, of two items each, one of them metered, with one tax, and a coupon on one in ten.  Run with -v n=COUNT.
-- Guards and foreign keys sleep meanwhile (session_replication_role).
--

CREATE SCHEMA bench;
SELECT paycore.create_gateway_account('cash', 'manual');
SELECT paycore.set_seller('{"name": "Bench Ltd", "country": "GB", "time_zone": "Europe/London"}');
SELECT paycore.create_tax_rate('vat', 'VAT', 20);
SELECT paycore.set_default_tax_rates(ARRAY['vat']);
SELECT id AS pro FROM paycore.create_product('pro', 'Professional') \gset
SELECT id AS calls FROM paycore.create_product('calls', 'Calls') \gset
SELECT id AS meter FROM paycore.create_meter('calls', 'Calls', details => '{"late_window": "90 days"}') \gset
SELECT id AS pro_price FROM paycore.create_price(:'pro', '{"GBP": "29.90"}', 'month', code => 'pro') \gset
SELECT id AS call_price FROM paycore.create_price(:'calls', '{"GBP": "0.033"}', 'month', code => 'calls', details => '{"meter": "calls"}') \gset
SELECT id AS coupon FROM paycore.create_coupon('tenth', 'A tenth off', percent_off => 10, duration => 'forever') \gset
SELECT paycore.set_test_clock('2026-01-15 00:00+00');

SET session_replication_role = replica;
CREATE TABLE bench.made AS
	SELECT k, paycore.uuid_v7() AS account, paycore.uuid_v7() AS subscription, paycore.uuid_v7() AS first, paycore.uuid_v7() AS second, paycore.uuid_v7() AS discount
	FROM generate_series(1, :n) k;
INSERT INTO paycore.billing_accounts (id, name, email, currency, gateway_account, country)
	SELECT account, 'Account ' || k, 'account' || k || '@example.com', 'GBP', 'cash', 'GB' FROM bench.made;
-- Anchors over a month, so that periods are not all the same.
INSERT INTO paycore.subscriptions (id, billing_account_id, status, currency, every, anchor, time_zone, starts_at, period_start, period_end, billed_until, next_bill_at)
	SELECT subscription, account, 'active', 'GBP', 'month', a, 'Europe/London', a, a, b, b, b
	FROM bench.made, LATERAL (SELECT timestamptz '2025-11-15 00:00+00' + k % 28 * interval '1 day' + k % 1440 * interval '1 minute' AS a) a,
		LATERAL (SELECT paycore.period_start(a, 'month', 'Europe/London', 1) AS b) b;
INSERT INTO paycore.subscription_items (id, subscription_id, billing_account_id, product_id, price_id, quantity, starts_at)
	SELECT i.id, m.subscription, m.account, i.product, i.price, 1, s.starts_at
	FROM bench.made m JOIN paycore.subscriptions s ON s.id = m.subscription,
		LATERAL (VALUES (m.first, :'pro'::uuid, :'pro_price'::uuid), (m.second, :'calls', :'call_price')) i(id, product, price);
INSERT INTO paycore.discounts (id, coupon_id, billing_account_id, subscription_id, starts_at)
	SELECT discount, :'coupon', account, subscription, '2025-11-01 00:00+00' FROM bench.made WHERE k % 10 = 0;
UPDATE paycore.coupons SET times_redeemed = (SELECT count(*) FROM paycore.discounts);
RESET session_replication_role;

-- Two records of usage for the period that each subscription is to be billed for.
CREATE PROCEDURE bench.use() LANGUAGE sql AS $$
	SELECT count(paycore.record_usage_rows(e.events)) FROM (
		SELECT array_agg(ROW('calls', s.billing_account_id, 100 + s.n % 1000, s.id || ' ' || s.billed_until || ' ' || k, s.billed_until - k * interval '5 days', s.id, NULL, NULL)::paycore.usage_input) AS events
		FROM (SELECT s.id, s.billing_account_id, s.billed_until, row_number() OVER (ORDER BY s.id) AS n FROM paycore.subscriptions s) s, generate_series(1, 2) k
		GROUP BY s.n / 500) e;
$$;
VACUUM ANALYZE;
