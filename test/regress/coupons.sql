--
-- Coupons and promotion codes: what they take off never changes, and only a guard counts them.
--
\getenv srcdir PG_ABS_SRCDIR
\set setup :srcdir '/data/api_setup.sql'
\i :setup
SET timezone = 'UTC';
SELECT code FROM paycore.create_product('pro', 'Professional');
SELECT code FROM paycore.create_product('basic', 'Basic');
SELECT id AS ada FROM paycore.create_billing_account('Ada', 'ada@example.com', 'USD', gateway => 'cash') \gset
SELECT id AS spring, code, name, percent_off, amount_off, duration, times_redeemed, active FROM paycore.create_coupon('spring', 'Spring sale', 20.50) \gset
SELECT code, name, percent_off, amount_off, duration, duration_periods, product_ids, max_redemptions, redeem_by, times_redeemed, active, metadata FROM paycore.list_coupons();
SELECT code, amount_off, duration, duration_periods FROM paycore.create_coupon('five', 'Five off', amount_off => '5 EUR', duration => 'repeating', details => '{"duration_periods": 3}');
SELECT code, percent_off, duration, max_redemptions, redeem_by, metadata FROM paycore.create_coupon('free', 'Free', 100, duration => 'forever',
	details => '{"max_redemptions": 2, "redeem_by": "2100-01-01 00:00+00", "metadata": {"a": 1}}');
SELECT code, cardinality(product_ids) FROM paycore.create_coupon('pro-only', 'Pro', 0.000001, details => '{"products": ["pro", "pro"]}');
SELECT code, product_ids FROM paycore.create_coupon('none', 'None', 1, details => '{"products": null, "max_redemptions": null}');
-- What is no coupon.
\set VERBOSITY default
SELECT paycore.create_coupon('x', 'X');
SELECT paycore.create_coupon('x', 'X', 10, '1 USD');
SELECT paycore.create_coupon('x', 'X', 0);
SELECT paycore.create_coupon('x', 'X', 100.1);
SELECT paycore.create_coupon('x', 'X', 0.0000001);
SELECT paycore.create_coupon('x', 'X', amount_off => '0 USD');
SELECT paycore.create_coupon('x', 'X', 10, duration => 'twice');
SELECT paycore.create_coupon('x', 'X', 10, duration => 'repeating');
SELECT paycore.create_coupon('x', 'X', 10, details => '{"duration_periods": 2}');
SELECT paycore.create_coupon('x', 'X', 10, details => '{"products": ["pro", "max"]}');
SELECT paycore.create_coupon('x', 'X', 10, details => '{"max_redemptions": 0}');
SELECT paycore.create_coupon('spring', 'X', 10);
\set VERBOSITY sqlstate
SELECT paycore.create_coupon('x', 'X', 'NaN');
SELECT paycore.create_coupon('x', 'X', -1);
SELECT paycore.create_coupon('x', 'X', amount_off => '-1 USD');
SELECT paycore.create_coupon('x', 'X', 10, duration => 'repeating', details => '{"duration_periods": 0}');
SELECT paycore.create_coupon('x', 'X', 10, details => '{"redeem_by": "soon"}');
SELECT paycore.create_coupon('x', 'X', 10, details => '{"times_redeemed": 1}');
SELECT paycore.create_coupon(NULL, 'X', 10);
SELECT paycore.create_coupon('x', NULL, 10);
SELECT paycore.create_coupon('x', 'Card 4242 4242 4242 4242', 10);
-- Nor by hand, nor changed, nor counted.
INSERT INTO paycore.coupons (code, name, percent_off) VALUES ('x', 'X', 100.1);
INSERT INTO paycore.coupons (code, name, percent_off) VALUES ('x', 'X', 0);
INSERT INTO paycore.coupons (code, name, percent_off, amount_off) VALUES ('x', 'X', 1, '1 USD');
INSERT INTO paycore.coupons (code, name, percent_off, duration) VALUES ('x', 'X', 1, 'repeating');
INSERT INTO paycore.coupons (code, name, percent_off, duration_periods) VALUES ('x', 'X', 1, 2);
INSERT INTO paycore.coupons (code, name, percent_off, times_redeemed) VALUES ('x', 'X', 1, 1);
UPDATE paycore.coupons SET percent_off = 10 WHERE id = :'spring';
UPDATE paycore.coupons SET duration = 'forever' WHERE id = :'spring';
UPDATE paycore.coupons SET product_ids = ARRAY[paycore.uuid_v7()] WHERE id = :'spring';
UPDATE paycore.coupons SET max_redemptions = 10 WHERE id = :'spring';
UPDATE paycore.coupons SET times_redeemed = 1 WHERE id = :'spring';
DELETE FROM paycore.coupons WHERE id = :'spring';
SELECT name, active, percent_off, metadata FROM paycore.update_coupon(:'spring', '{"name": "Spring", "active": false, "metadata": {"b": 1}}');
SELECT active FROM paycore.update_coupon(:'spring', '{"active": true}');
SELECT paycore.update_coupon(:'spring', '{"percent_off": 10}');
SELECT paycore.update_coupon(:'spring', '{"max_redemptions": 10}');
SELECT paycore.update_coupon(paycore.uuid_v7(), '{"name": "X"}');
-- Promotion codes: the same in any case.
SELECT id AS hello, code, first_time_only, minimum, max_redemptions, times_redeemed, active FROM paycore.create_promotion_code('Hello', 'spring') \gset
SELECT code, first_time_only, minimum, max_redemptions, expires_at, times_redeemed, active, metadata FROM paycore.list_promotion_codes(:'spring');
SELECT code, first_time_only, minimum, max_redemptions, billing_account_id IS NOT NULL AS hers FROM paycore.create_promotion_code('ADA_1-x', 'spring',
	format('{"billing_account_id": "%s", "first_time_only": true, "minimum": "10 USD", "max_redemptions": 1, "expires_at": "2100-01-01", "metadata": {"a": 1}}', :'ada')::jsonb);
\set VERBOSITY default
SELECT paycore.create_promotion_code('HELLO', 'spring');
SELECT paycore.create_promotion_code('hello you', 'spring');
SELECT paycore.create_promotion_code('x', 'summer');
SELECT paycore.create_promotion_code('x', 'spring', '{"billing_account_id": "ada"}');
SELECT paycore.create_promotion_code('x', 'spring', format('{"billing_account_id": "%s", "minimum": "10 EUR"}', :'ada')::jsonb);
SELECT paycore.create_promotion_code('x', 'spring', '{"minimum": "0 EUR"}');
\set VERBOSITY sqlstate
SELECT paycore.create_promotion_code('x', 'spring', '{"minimum": "ten"}');
SELECT paycore.create_promotion_code('x', 'spring', '{"max_redemptions": 0}');
SELECT paycore.create_promotion_code('x', 'spring', format('{"billing_account_id": "%s"}', paycore.uuid_v7())::jsonb);
SELECT paycore.create_promotion_code('', 'spring');
SELECT paycore.create_promotion_code(NULL, 'spring');
SELECT paycore.create_promotion_code('x', NULL);
SELECT paycore.create_promotion_code('x', 'spring', '{"active": true}');
INSERT INTO paycore.promotion_codes (code, coupon_id) VALUES ('hELLO', :'spring');
INSERT INTO paycore.promotion_codes (code, coupon_id, times_redeemed) VALUES ('x', :'spring', 1);
UPDATE paycore.promotion_codes SET code = 'bye' WHERE id = :'hello';
UPDATE paycore.promotion_codes SET expires_at = now() WHERE id = :'hello';
UPDATE paycore.promotion_codes SET times_redeemed = 1 WHERE id = :'hello';
DELETE FROM paycore.promotion_codes WHERE id = :'hello';
SELECT code, active, metadata FROM paycore.update_promotion_code(:'hello', '{"active": false, "metadata": {"c": 1}}');
SELECT paycore.update_promotion_code(:'hello', '{"code": "bye"}');
SELECT paycore.update_promotion_code(paycore.uuid_v7(), '{"active": false}');
-- A tenant's own.
SET paycore.tenant = 'other';
SELECT count(*) FROM paycore.list_coupons();
SELECT count(*) FROM paycore.list_promotion_codes();
SELECT code FROM paycore.create_coupon('spring', 'Theirs', 5);
SELECT code FROM paycore.create_promotion_code('HELLO', 'spring');
SELECT paycore.create_coupon('x', 'X', 5, details => '{"products": ["pro"]}');
SELECT paycore.create_promotion_code('x', 'free');
SELECT paycore.create_promotion_code('x', 'spring', format('{"billing_account_id": "%s"}', :'ada')::jsonb);
SELECT paycore.update_coupon(:'spring', '{"name": "Mine"}');
RESET paycore.tenant;
SELECT * FROM paycore.verify();
