--
-- n subscriptions that are due, of two items each, with one tax, and a coupon on one in ten.  Run with -v n=COUNT.
-- Guards and foreign keys sleep meanwhile (session_replication_role).
--

CREATE SCHEMA bench;
SELECT paycore.create_gateway_account('cash', 'manual');
SELECT paycore.set_seller('{"name": "Bench Ltd", "country": "GB", "time_zone": "Europe/London"}');
SELECT paycore.create_tax_rate('vat', 'VAT', 20);
SELECT paycore.set_default_tax_rates(ARRAY['vat']);
SELECT id AS pro FROM paycore.create_product('pro', 'Professional') \gset
SELECT id AS seats FROM paycore.create_product('seats', 'Seats') \gset
SELECT id AS pro_price FROM paycore.create_price(:'pro', '{"GBP": "29.90"}', 'month', code => 'pro') \gset
SELECT id AS seat_price FROM paycore.create_price(:'seats', '{"GBP": "3.33"}', 'month', code => 'seats') \gset
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
	SELECT i.id, m.subscription, m.account, i.product, i.price, i.quantity, '2025-11-01 00:00+00'
	FROM bench.made m, LATERAL (VALUES (m.first, :'pro'::uuid, :'pro_price'::uuid, 1), (m.second, :'seats', :'seat_price', 1 + m.k % 20)) i(id, product, price, quantity);
INSERT INTO paycore.discounts (id, coupon_id, billing_account_id, subscription_id, starts_at)
	SELECT discount, :'coupon', account, subscription, '2025-11-01 00:00+00' FROM bench.made WHERE k % 10 = 0;
UPDATE paycore.coupons SET times_redeemed = (SELECT count(*) FROM paycore.discounts);
RESET session_replication_role;
VACUUM ANALYZE;
