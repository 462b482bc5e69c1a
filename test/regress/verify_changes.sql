--
-- verify() finds each of a set of corruptions of changes of subscriptions, planted with triggers off.
--
\getenv srcdir PG_ABS_SRCDIR
\set setup :srcdir '/data/api_setup.sql'
\i :setup
SET timezone = 'UTC';
SELECT shows FROM paycore.set_test_clock('2026-06-01 00:00+00');
SELECT id AS ada FROM paycore.create_billing_account('Ada', 'ada@example.com', 'USD', gateway => 'cash') \gset
SELECT id AS bob FROM paycore.create_billing_account('Bob', 'bob@example.com', 'USD', gateway => 'cash') \gset
SELECT id AS pro FROM paycore.create_product('pro', 'Professional') \gset
SELECT code FROM paycore.create_price(:'pro', '{"USD": "10"}', 'month', code => 'pro');
SELECT id AS first FROM paycore.create_subscription(:'ada', '[{"price": "pro"}]') \gset
SELECT id AS second FROM paycore.create_subscription(:'bob', '[{"price": "pro"}]') \gset
CALL paycore.run_billing();
SELECT shows FROM paycore.set_test_clock('2026-06-16 00:00+00');
SELECT credited, charged FROM paycore.change_subscription(:'first', '[{"item": "pro", "quantity": 3}]', proration => 'invoice');
SELECT credited, charged FROM paycore.change_subscription(:'second', '[{"item": "pro", "quantity": 3}]');
SELECT effective_at FROM paycore.change_subscription(:'second', '[{"item": "pro", "quantity": 4}]', 'renewal');
SELECT * FROM paycore.verify();
PREPARE found AS SELECT DISTINCT severity, rule, object_type FROM paycore.verify() ORDER BY 1, 2, 3;
\set plant 'BEGIN; SET LOCAL session_replication_role = replica;'
\set look 'EXECUTE found; ROLLBACK;'
\set QUIET on
:plant
UPDATE paycore.subscriptions SET change_at = NULL, next_bill_at = billed_until WHERE id = :'second';
:look
:plant
UPDATE paycore.subscriptions SET change_at = '2026-06-20 00:00+00', next_bill_at = '2026-06-20 00:00+00' WHERE id = :'second';
:look
:plant
UPDATE paycore.subscriptions SET next_bill_at = '2026-07-02 00:00+00' WHERE id = :'second';
:look
:plant
UPDATE paycore.subscription_changes SET canceled_at = now() WHERE done_at IS NULL;
:look
:plant
UPDATE paycore.subscription_changes SET billing_account_id = :'ada' WHERE subscription_id = :'second';
:look
:plant
UPDATE paycore.subscription_changes SET subscription_id = paycore.uuid_v7() WHERE subscription_id = :'first';
:look
:plant
UPDATE paycore.subscription_items SET ends_at = ends_at + interval '1 hour' WHERE subscription_id = :'first' AND ends_at IS NOT NULL;
:look
:plant
UPDATE paycore.subscription_items SET replaces_id = (SELECT id FROM paycore.subscription_items WHERE subscription_id = :'first' AND ends_at IS NOT NULL)
	WHERE subscription_id = :'second' AND ends_at IS NULL;
:look
:plant
UPDATE paycore.subscription_items SET replaces_id = paycore.uuid_v7() WHERE subscription_id = :'second' AND ends_at IS NULL;
:look
:plant
UPDATE paycore.extra_charges SET amount = '-10.01 USD' WHERE subscription_id = :'second' AND credits_line_id IS NOT NULL;
:look
:plant
UPDATE paycore.extra_charges SET period = tstzrange('2026-06-16 00:00+00', '2026-07-02 00:00+00') WHERE subscription_id = :'second' AND credits_line_id IS NOT NULL;
:look
:plant
UPDATE paycore.extra_charges SET tax_inclusive = true WHERE subscription_id = :'second' AND credits_line_id IS NOT NULL;
:look
:plant
UPDATE paycore.extra_charges SET credits_line_id = (SELECT l.id FROM paycore.invoice_lines l WHERE l.subscription_id = :'first' AND l.kind = 'recurring') WHERE subscription_id = :'second' AND credits_line_id IS NOT NULL;
:look
:plant
UPDATE paycore.extra_charges SET rebills_line_id = (SELECT l.id FROM paycore.invoice_lines l WHERE l.subscription_id = :'first' AND l.kind = 'recurring') WHERE subscription_id = :'second' AND credits_line_id IS NOT NULL;
:look
SELECT * FROM paycore.verify();
