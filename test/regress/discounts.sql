--
-- Discounts: a coupon of a subscription or an account, within every limit.
--
\getenv srcdir PG_ABS_SRCDIR
\set setup :srcdir '/data/api_setup.sql'
\i :setup
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SELECT id AS pro FROM paycore.create_product('pro', 'Professional') \gset
SELECT id AS addon FROM paycore.create_product('addon', 'More of it') \gset
SELECT code FROM paycore.create_price(:'pro', '{"USD": 20, "EUR": 18}', 'month', code => 'pro-monthly');
SELECT code FROM paycore.create_price(:'addon', '{"USD": 5}', 'month', code => 'addon-monthly');
SELECT shows FROM paycore.set_test_clock('2026-01-01 12:00+00');
SELECT id AS ada FROM paycore.create_billing_account('Ada', 'ada@example.com', 'USD', gateway => 'cash') \gset
SELECT id AS bob FROM paycore.create_billing_account('Bob', 'bob@example.com', 'EUR', gateway => 'cash') \gset
SELECT id AS s1 FROM paycore.create_subscription(:'ada', '[{"price": "pro-monthly", "quantity": 2}]') \gset
SELECT id AS s2 FROM paycore.create_subscription(:'ada', '[{"price": "addon-monthly"}]') \gset
SELECT id AS s3 FROM paycore.create_subscription(:'bob', '[{"price": "pro-monthly"}]') \gset
SELECT code FROM paycore.create_coupon('ten', 'Ten percent', 10);
SELECT code FROM paycore.create_coupon('five', 'Five dollars', amount_off => '5 USD', duration => 'repeating', details => '{"duration_periods": 3}');
SELECT code FROM paycore.create_coupon('half', 'Half', 50, duration => 'forever', details => '{"products": ["pro"]}');
SELECT code FROM paycore.create_coupon('two', 'For two', 1, details => '{"max_redemptions": 2}');
SELECT code FROM paycore.create_coupon('early', 'Early', 1, details => '{"redeem_by": "2026-02-01 00:00+00"}');
CREATE VIEW counted AS SELECT code, times_redeemed FROM paycore.coupons UNION ALL SELECT code, times_redeemed FROM paycore.promotion_codes;
-- By a coupon's code.
SELECT id AS d1, starts_at, ends_at, periods_left, promotion_code_id FROM paycore.apply_coupon(:'s1', 'ten') \gset
SELECT starts_at, ends_at, periods_left, promotion_code_id, subscription_id = :'s1' AS its, billing_account_id = :'ada' AS hers FROM paycore.list_discounts();
SELECT periods_left FROM paycore.apply_coupon(:'s1', 'five');
SELECT periods_left FROM paycore.apply_coupon(:'s1', 'half');
SELECT c.code FROM paycore.discounts_of(:'s1') d JOIN paycore.coupons c ON c.id = d.coupon_id ORDER BY d.id;
\set VERBOSITY default
SELECT paycore.apply_coupon(:'s1', 'ten');
SELECT paycore.apply_coupon(:'s1', 'eleven');
SELECT paycore.apply_coupon(:'s1', 'two', promotion_only => true);
SELECT paycore.apply_coupon(:'s3', 'five');
SELECT paycore.apply_coupon(:'s2', 'half');
\set VERBOSITY sqlstate
SELECT paycore.apply_coupon(NULL, 'ten');
SELECT paycore.apply_coupon(:'s1', NULL);
SELECT paycore.apply_coupon(paycore.uuid_v7(), 'ten');
SELECT paycore.apply_account_coupon(paycore.uuid_v7(), 'ten');
-- For all subscriptions of an account.
SELECT id AS d2, subscription_id, periods_left FROM paycore.apply_account_coupon(:'ada', 'two') \gset
SELECT subscription_id, periods_left FROM paycore.list_discounts(:'ada', page_size => 1);
SELECT paycore.apply_account_coupon(:'ada', 'two');
SELECT c.code FROM paycore.discounts_of(:'s2') d JOIN paycore.coupons c ON c.id = d.coupon_id ORDER BY d.id;
SELECT count(*) FROM paycore.discounts_of(:'s1');
SELECT count(*) FROM paycore.discounts_of(:'s3');
-- As often as it may be, until when it may be, while it is active.
SELECT count(*) FROM paycore.apply_coupon(:'s3', 'two');
\set VERBOSITY default
SELECT paycore.apply_coupon(:'s2', 'two');
SELECT code, active FROM paycore.update_coupon((SELECT id FROM paycore.coupons WHERE code = 'ten'), '{"active": false}');
SELECT paycore.apply_coupon(:'s2', 'ten');
SELECT code, active FROM paycore.update_coupon((SELECT id FROM paycore.coupons WHERE code = 'ten'), '{"active": true}');
SELECT count(*) FROM paycore.apply_coupon(:'s1', 'early');
SELECT shows FROM paycore.set_test_clock('2026-02-01 00:00+00');
SELECT paycore.apply_coupon(:'s2', 'early');
\set VERBOSITY sqlstate
SELECT * FROM counted ORDER BY 1;
-- Nor by hand.
INSERT INTO paycore.discounts (coupon_id, billing_account_id, starts_at) SELECT id, :'ada'::uuid, now() FROM paycore.coupons WHERE code = 'two';
INSERT INTO paycore.discounts (coupon_id, billing_account_id, starts_at) SELECT id, :'bob'::uuid, '2026-02-01' FROM paycore.coupons WHERE code = 'early';
INSERT INTO paycore.discounts (coupon_id, billing_account_id, starts_at) VALUES (paycore.uuid_v7(), :'bob', now());
INSERT INTO paycore.discounts (coupon_id, promotion_code_id, billing_account_id, starts_at) SELECT id, paycore.uuid_v7(), :'bob'::uuid, now() FROM paycore.coupons WHERE code = 'ten';
UPDATE paycore.discounts SET coupon_id = (SELECT id FROM paycore.coupons WHERE code = 'half') WHERE id = :'d1';
UPDATE paycore.discounts SET starts_at = now() WHERE id = :'d1';
UPDATE paycore.discounts SET periods_left = 0 WHERE id = :'d1';
DELETE FROM paycore.discounts WHERE id = :'d1';
-- What is refused leaves nothing counted; what is rolled back, neither.
SELECT * FROM counted ORDER BY 1;
BEGIN;
SELECT count(*) FROM paycore.apply_coupon(:'s3', 'ten');
SELECT times_redeemed FROM paycore.coupons WHERE code = 'ten';
ROLLBACK;
SELECT times_redeemed FROM paycore.coupons WHERE code = 'ten';
-- Promotion codes.
SELECT code FROM paycore.create_promotion_code('WELCOME', 'ten', '{"first_time_only": true}');
SELECT code FROM paycore.create_promotion_code('BIG', 'ten', '{"minimum": "25 USD"}');
SELECT code FROM paycore.create_promotion_code('BOB', 'ten', format('{"billing_account_id": "%s"}', :'bob')::jsonb);
SELECT code FROM paycore.create_promotion_code('ONCE', 'half', '{"max_redemptions": 1}');
SELECT code FROM paycore.create_promotion_code('MARCH', 'half', '{"expires_at": "2026-03-01 00:00+00"}');
SELECT code FROM paycore.create_promotion_code('FIVE', 'five');
\set VERBOSITY default
SELECT paycore.apply_coupon(:'s2', 'big');
SELECT paycore.apply_coupon(:'s3', 'big');
SELECT paycore.apply_coupon(:'s2', 'bob');
SELECT paycore.apply_coupon(:'s2', 'once');
SELECT paycore.apply_coupon(:'s3', 'five');
SELECT p.code, d.periods_left FROM paycore.apply_coupon(:'s3', 'bOb', promotion_only => true) d JOIN paycore.promotion_codes p ON p.id = d.promotion_code_id;
SELECT p.code FROM paycore.apply_coupon(:'s3', 'Once') d JOIN paycore.promotion_codes p ON p.id = d.promotion_code_id;
SELECT id AS s4 FROM paycore.create_subscription(:'ada', '[{"price": "pro-monthly"}]') \gset
SELECT paycore.apply_coupon(:'s4', 'ONCE');
BEGIN;
SELECT periods_left FROM paycore.apply_coupon(:'s4', 'welcome');
ROLLBACK;
SELECT gross FROM paycore.record_payment(:'ada', '20 USD');
SELECT paycore.apply_coupon(:'s4', 'welcome');
SELECT code, active FROM paycore.update_promotion_code((SELECT id FROM paycore.promotion_codes WHERE code = 'MARCH'), '{"active": false}');
SELECT paycore.apply_coupon(:'s4', 'MARCH');
SELECT code, active FROM paycore.update_promotion_code((SELECT id FROM paycore.promotion_codes WHERE code = 'MARCH'), '{"active": true}');
SELECT shows FROM paycore.set_test_clock('2026-03-01 00:00+00');
SELECT paycore.apply_coupon(:'s4', 'MARCH');
INSERT INTO paycore.discounts (coupon_id, promotion_code_id, billing_account_id, starts_at)
	SELECT c.id, p.id, :'ada'::uuid, '2026-01-01' FROM paycore.coupons c, paycore.promotion_codes p WHERE c.code = 'five' AND p.code = 'MARCH';
INSERT INTO paycore.discounts (coupon_id, promotion_code_id, billing_account_id, starts_at)
	SELECT c.id, p.id, :'ada'::uuid, '2026-03-01' FROM paycore.coupons c, paycore.promotion_codes p WHERE c.code = 'half' AND p.code = 'MARCH';
INSERT INTO paycore.discounts (coupon_id, billing_account_id, starts_at) SELECT id, :'bob'::uuid, now() FROM paycore.coupons WHERE code = 'two';
\set VERBOSITY sqlstate
SELECT count(*) FROM paycore.apply_coupon(:'s4', 'five', promotion_only => true);
-- The whole account's subscriptions come to the minimum.
SELECT p.code FROM paycore.apply_account_coupon(:'ada', 'big') d JOIN paycore.promotion_codes p ON p.id = d.promotion_code_id;
SELECT * FROM counted ORDER BY 1;
-- Removed: it stays counted, and may be given again; used up, it may not.
SELECT ends_at, periods_left FROM paycore.remove_discount(:'d1');
SELECT ends_at, periods_left FROM paycore.remove_discount(:'d2');
SELECT times_redeemed FROM paycore.coupons WHERE code = 'ten';
SELECT id AS d3, ends_at, periods_left FROM paycore.apply_coupon(:'s1', 'ten') \gset
SELECT times_redeemed FROM paycore.coupons WHERE code = 'ten';
BEGIN;
UPDATE paycore.discounts SET periods_left = 0, ends_at = starts_at WHERE id = :'d3';
SELECT paycore.apply_coupon(:'s1', 'ten');
ROLLBACK;
SELECT paycore.remove_discount(:'d1');
SELECT paycore.remove_discount(paycore.uuid_v7());
SELECT paycore.remove_discount(NULL);
UPDATE paycore.discounts SET ends_at = NULL WHERE id = :'d1';
SELECT count(*) FROM paycore.discounts_of(:'s1');
-- Not for what is over.
SELECT status FROM paycore.cancel_subscription(:'s2', at_period_end => false);
SELECT paycore.apply_coupon(:'s2', 'two');
SELECT status FROM paycore.update_billing_account(:'bob', '{"status": "suspended", "status_reason": "fraud"}');
SELECT paycore.apply_account_coupon(:'bob', 'ten');
-- A tenant's own.
SET paycore.tenant = 'other';
SELECT paycore.apply_coupon(:'s1', 'ten');
SELECT paycore.remove_discount(:'d3');
SELECT paycore.discounts_of(:'s1');
SELECT count(*) FROM paycore.list_discounts();
RESET paycore.tenant;
-- The guard is for tables of the owner of coupons.
CREATE TABLE forged (LIKE paycore.discounts INCLUDING DEFAULTS);
CREATE ROLE regress_forger;
ALTER TABLE forged OWNER TO regress_forger;
GRANT USAGE ON SCHEMA paycore TO regress_forger;
CREATE TRIGGER t AFTER INSERT ON forged FOR EACH ROW EXECUTE FUNCTION paycore.count_redemption();
INSERT INTO forged (tenant_id, coupon_id, billing_account_id, starts_at) SELECT 'default', id, :'ada'::uuid, now() FROM paycore.coupons WHERE code = 'ten';
DROP TABLE forged;
REVOKE ALL ON SCHEMA paycore FROM regress_forger;
DROP ROLE regress_forger;
-- An app applies, and does not write by itself.
CREATE ROLE regress_discounter;
SELECT count(*) FROM paycore.grant_access('regress_discounter', 'app');
SET ROLE regress_discounter;
SELECT count(*) FROM paycore.apply_coupon(:'s4', 'ten');
SELECT paycore.create_coupon('x', 'X', 1);
UPDATE paycore.discounts SET ends_at = now();
UPDATE paycore.coupons SET times_redeemed = 0;
RESET ROLE;
SELECT count(*) FROM paycore.grant_access('regress_discounter', 'reader');
DROP OWNED BY regress_discounter;
DROP ROLE regress_discounter;
SELECT * FROM paycore.verify();
-- verify() finds what is planted with triggers off.
PREPARE found AS SELECT DISTINCT severity, rule, object_type FROM paycore.verify() ORDER BY 1, 2, 3;
\set plant 'BEGIN; SET LOCAL session_replication_role = replica; ALTER TABLE paycore.coupons DROP CONSTRAINT coupons_percent_range, DROP CONSTRAINT coupons_periods_known, DROP CONSTRAINT coupons_times_redeemed_range; DROP INDEX paycore.discounts_of_subscription, paycore.discounts_of_account;'
\set look 'EXECUTE found; ROLLBACK;'
\set QUIET on
:plant
UPDATE paycore.coupons SET percent_off = 120 WHERE code = 'ten';
:look
:plant
UPDATE paycore.coupons SET duration_periods = NULL WHERE code = 'early' OR duration = 'repeating';
UPDATE paycore.discounts SET periods_left = 1 WHERE periods_left > 1;
:look
:plant
UPDATE paycore.coupons SET times_redeemed = times_redeemed + 1 WHERE code = 'ten';
:look
:plant
UPDATE paycore.coupons SET times_redeemed = 3 WHERE code = 'two';
:look
:plant
UPDATE paycore.promotion_codes SET times_redeemed = times_redeemed + 1 WHERE code = 'BIG';
:look
:plant
UPDATE paycore.promotion_codes SET billing_account_id = :'ada' WHERE code = 'BOB';
:look
:plant
UPDATE paycore.promotion_codes SET coupon_id = (SELECT id FROM paycore.coupons WHERE code = 'five') WHERE code = 'BIG';
:look
:plant
UPDATE paycore.coupons SET amount_off = '5 EUR' WHERE code = 'five';
:look
:plant
UPDATE paycore.coupons SET product_ids = ARRAY[paycore.uuid_v7()] WHERE code = 'half';
:look
:plant
UPDATE paycore.coupons SET tenant_id = 'other' WHERE code = 'early';
:look
:plant
UPDATE paycore.promotion_codes SET tenant_id = 'other' WHERE code = 'MARCH';
:look
:plant
UPDATE paycore.discounts SET billing_account_id = :'bob' WHERE id = :'d3';
:look
:plant
UPDATE paycore.discounts SET ends_at = NULL, periods_left = 1 WHERE id = :'d1' OR id = :'d3';
:look
:plant
UPDATE paycore.discounts SET periods_left = 2 WHERE id = :'d3';
:look
:plant
UPDATE paycore.discounts SET periods_left = NULL WHERE id = :'d3';
:look
:plant
UPDATE paycore.discounts SET periods_left = 0, ends_at = starts_at + interval '1 day' WHERE id = :'d3';
:look
\set QUIET off
-- Counters that a restore put off are recounted.
BEGIN;
SET LOCAL session_replication_role = replica;
UPDATE paycore.coupons SET times_redeemed = 0 WHERE code = 'ten';
UPDATE paycore.promotion_codes SET times_redeemed = 0 WHERE code = 'BIG';
SET LOCAL session_replication_role = origin;
SELECT paycore.repair_counters();
EXECUTE found;
ROLLBACK;
