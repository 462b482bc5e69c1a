--
-- verify() finds each of a set of corruptions of billing, planted with triggers off.
--
\getenv srcdir PG_ABS_SRCDIR
\set setup :srcdir '/data/api_setup.sql'
\i :setup
SELECT id AS pro FROM paycore.create_product('pro', 'Professional') \gset
SELECT feature FROM paycore.set_product_feature(:'pro', 'api');
SELECT id AS monthly FROM paycore.create_price(:'pro', '{"USD": {"unit_price": 10, "minimum": 1, "maximum": 99}}', 'month', code => 'pro-monthly') \gset
SELECT version FROM paycore.revise_price(:'monthly', '{"USD": 12}');
SELECT id AS packs FROM paycore.create_price(:'pro', '{"USD": 2}', 'month', 'package', 'pro-packs', '{"package_size": 10}') \gset
SELECT id AS ada FROM paycore.create_billing_account('Ada', 'ada@example.com', 'USD', gateway => 'cash') \gset
SELECT status FROM paycore.create_subscription(:'ada', '[{"price": "pro-monthly", "exclusive": true}]', '{"external_ref": "first"}');
SELECT status FROM paycore.create_subscription(:'ada', '[{"price": "pro-packs"}]', '{"external_ref": "second"}');
SELECT id AS first FROM paycore.subscriptions WHERE external_ref = 'first' \gset
SELECT id AS second FROM paycore.subscriptions WHERE external_ref = 'second' \gset
SELECT code FROM paycore.create_tax_rate('vat', 'VAT', 19);
SELECT code FROM paycore.set_default_tax_rates(ARRAY['vat']);
SELECT code FROM paycore.create_coupon('fifth', 'A fifth off', percent_off => 20, duration => 'forever');
SELECT starts_at IS NOT NULL FROM paycore.apply_coupon(:'first', 'fifth');
SELECT amount FROM paycore.add_charge(:'ada', '5.00 USD', 'Set-up', jsonb_build_object('subscription_id', :'second'));
CALL paycore.run_billing();
SELECT number FROM paycore.invoices ORDER BY serial;
SELECT * FROM paycore.verify();
PREPARE found AS SELECT DISTINCT severity, rule, object_type FROM paycore.verify() ORDER BY 1, 2, 3;
\set plant 'BEGIN; SET LOCAL session_replication_role = replica; DROP INDEX paycore.prices_one_active, paycore.subscription_items_exclusive; ALTER TABLE paycore.invoice_lines DROP CONSTRAINT invoice_lines_once; ALTER TABLE paycore.invoices DROP CONSTRAINT invoices_total, DROP CONSTRAINT invoices_due, DROP CONSTRAINT invoices_due_by_status, DROP CONSTRAINT invoices_one_currency, DROP CONSTRAINT invoices_final, DROP CONSTRAINT invoices_serial_key; ALTER TABLE paycore.mrr_movements DROP CONSTRAINT mrr_movements_change, DROP CONSTRAINT mrr_movements_one_currency; ALTER TABLE paycore.subscriptions DROP CONSTRAINT subscriptions_mrr;'
\set look 'EXECUTE found; ROLLBACK;'
\set QUIET on
:plant
UPDATE paycore.prices SET product_id = paycore.uuid_v7() WHERE code = 'pro-packs';
:look
:plant
UPDATE paycore.product_features SET tenant_id = 'other';
:look
:plant
UPDATE paycore.price_currencies SET tenant_id = 'other' WHERE price_id = :'packs';
:look
:plant
DELETE FROM paycore.price_currencies WHERE price_id = :'packs';
:look
:plant
UPDATE paycore.price_currencies SET unit_price = NULL, tiers = ARRAY[ROW(NULL, 1, 0)::paycore.price_tier] WHERE price_id = :'packs';
:look
:plant
UPDATE paycore.prices SET model = 'volume', package_size = NULL WHERE code = 'pro-packs';
:look
:plant
UPDATE paycore.price_currencies SET minimum = '1.00 EUR' WHERE price_id = :'packs';
:look
:plant
UPDATE paycore.price_currencies SET minimum = '100.00 USD' WHERE price_id = :'monthly';
:look
:plant
UPDATE paycore.prices SET active = true;
:look
:plant
UPDATE paycore.prices SET version = 3 WHERE code = 'pro-monthly' AND version = 2;
:look
:plant
UPDATE paycore.prices SET every = 'year' WHERE code = 'pro-monthly' AND version = 2;
:look
:plant
UPDATE paycore.subscriptions SET tenant_id = 'other' WHERE id = :'second';
:look
:plant
UPDATE paycore.subscription_items SET billing_account_id = paycore.uuid_v7() WHERE subscription_id = :'second';
:look
:plant
UPDATE paycore.subscription_items SET product_id = paycore.uuid_v7() WHERE subscription_id = :'second';
:look
:plant
UPDATE paycore.subscriptions SET every = '2 months' WHERE id = :'second';
:look
:plant
UPDATE paycore.subscriptions SET currency = 'EUR' WHERE id = :'second';
:look
:plant
DELETE FROM paycore.subscription_items WHERE subscription_id = :'second';
:look
:plant
UPDATE paycore.subscriptions SET status = 'canceled', ended_at = now(), next_bill_at = NULL WHERE id = :'second';
:look
:plant
UPDATE paycore.subscription_items SET product_id = :'pro', price_id = :'packs', exclusive = true;
:look
:plant
UPDATE paycore.subscriptions SET period_end = period_end + interval '1 hour' WHERE id = :'second';
:look
:plant
UPDATE paycore.invoice_lines SET amount = amount OPERATOR(paycore.*) 2 WHERE place = 1;
:look
:plant
UPDATE paycore.invoices SET total = '1.00 USD' WHERE serial = 1;
:look
:plant
UPDATE paycore.invoices SET currency = 'EUR' WHERE serial = 1;
:look
:plant
UPDATE paycore.invoices SET number = NULL WHERE serial = 1;
:look
:plant
UPDATE paycore.invoices SET serial = 7 WHERE serial = 1;
:look
:plant
UPDATE paycore.invoice_series SET next_serial = 9;
:look
:plant
UPDATE paycore.invoices SET finalized_at = finalized_at - interval '1 day' WHERE serial = 2;
:look
:plant
UPDATE paycore.invoices SET billing_account_id = paycore.uuid_v7() WHERE serial = 1;
:look
:plant
UPDATE paycore.invoices SET subscription_id = :'second' WHERE subscription_id = :'first';
:look
:plant
UPDATE paycore.invoice_lines SET subscription_item_id = (SELECT min(subscription_item_id::text)::uuid FROM paycore.invoice_lines) WHERE kind = 'recurring';
:look
:plant
UPDATE paycore.invoices SET status = 'void', voided_at = now() WHERE serial = 1;
:look
:plant
DELETE FROM paycore.invoices WHERE serial = 1;
:look
:plant
UPDATE paycore.subscriptions SET next_bill_at = next_bill_at + interval '2 months' WHERE id = :'first';
:look
:plant
UPDATE paycore.subscriptions SET billed_until = billed_until + interval '1 month', next_bill_at = billed_until + interval '1 month' WHERE id = :'first';
:look
:plant
UPDATE paycore.invoices SET line_count = 2 WHERE serial = 1;
:look
:plant
UPDATE paycore.invoice_lines SET voided = true;
:look
:plant
UPDATE paycore.invoices SET tax_included = tax, total = total OPERATOR(paycore.-) tax, amount_due = amount_due OPERATOR(paycore.-) tax WHERE serial = 1;
:look
:plant
UPDATE paycore.invoices SET amount_due = '0 USD' WHERE serial = 1;
:look
:plant
UPDATE paycore.invoices SET amount_paid = '1.00 USD' WHERE serial = 1;
:look
:plant
UPDATE paycore.invoice_lines SET taxes = '{}' WHERE place = 1;
:look
:plant
UPDATE paycore.invoice_lines SET tax = '0 USD', taxes = '{}' WHERE place = 1;
:look
:plant
DELETE FROM paycore.invoice_line_discounts;
:look
:plant
UPDATE paycore.extra_charges SET invoice_id = NULL;
:look
:plant
UPDATE paycore.extra_charges SET amount = '6.00 USD';
:look
:plant
UPDATE paycore.extra_charges SET invoice_id = NULL, removed_at = now();
:look
:plant
UPDATE paycore.subscriptions SET mrr = '1.00 USD' WHERE id = :'first';
:look
:plant
UPDATE paycore.subscriptions SET mrr = paycore.money_cents(paycore.cents(mrr), 'EUR') WHERE id = :'first';
:look
:plant
UPDATE paycore.subscriptions SET mrr = NULL WHERE id = :'first';
:look
:plant
DELETE FROM paycore.mrr_movements WHERE subscription_id = :'first';
:look
:plant
UPDATE paycore.mrr_movements SET before = '1.00 USD' WHERE subscription_id = :'first';
:look
:plant
UPDATE paycore.mrr_movements SET billing_account_id = paycore.uuid_v7() WHERE subscription_id = :'first';
:look
:plant
UPDATE paycore.mrr_movements SET currency = 'EUR' WHERE subscription_id = :'first';
:look
:plant
UPDATE paycore.mrr_movements SET kind = 'churn' WHERE subscription_id = :'first';
:look
:plant
INSERT INTO paycore.mrr_movements (billing_account_id, subscription_id, kind, currency, before, after, effective_at, recorded_at) SELECT billing_account_id, subscription_id, 'expansion', currency, after, after, effective_at, now() FROM paycore.mrr_movements;
:look
:plant
INSERT INTO paycore.mrr_movements (billing_account_id, subscription_id, kind, currency, before, after, effective_at, recorded_at) SELECT billing_account_id, subscription_id, 'churn', currency, after, before, effective_at - interval '1 day', now() FROM paycore.mrr_movements; UPDATE paycore.subscriptions SET mrr = paycore.money_cents(0, currency);
:look
:plant
UPDATE paycore.subscriptions SET status = 'paused', paused_at = now(), next_bill_at = NULL WHERE id = :'first';
:look
SELECT * FROM paycore.verify();
