--
-- The catalogue: products, what they entitle to, and prices that are never edited.
--
\getenv srcdir PG_ABS_SRCDIR
\set setup :srcdir '/data/api_setup.sql'
\i :setup
SELECT id AS pro, code, name, tier, active, public FROM paycore.create_product('pro', 'Professional', '{"tier": "Pro", "unit_label": "seat"}') \gset
SELECT code, name, tier, unit_label, active, public, metadata FROM paycore.list_products();
-- A code is taken once, within a tenant.
\set VERBOSITY default
SELECT paycore.create_product('pro', 'Another');
SELECT paycore.create_product(' pro', 'Another');
SELECT paycore.create_product('x', 'Another', '{"colour": "red"}');
\set VERBOSITY sqlstate
SELECT paycore.create_product(NULL, 'Another');
SELECT paycore.create_product('x', NULL);
SELECT paycore.create_product('x', '');
SELECT paycore.create_product('x', 'Another', '{"active": "yes"}');
SELECT paycore.create_product('x', 'Another', '{"active": null}');
SELECT paycore.create_product('x', 'Another', '{"metadata": 1}');
SELECT paycore.create_product('x', 'Another', '[]');
SELECT paycore.create_product('x', 'Card 4242 4242 4242 4242');
SET paycore.tenant = 'other';
SELECT code, tenant_id FROM paycore.create_product('pro', 'Theirs');
SELECT paycore.update_product(:'pro', '{"name": "Mine"}');
RESET paycore.tenant;
SELECT name, tier, description, metadata FROM paycore.update_product(:'pro', '{"name": "Pro", "tier": null, "description": "All of it", "metadata": {"a": 1, "b": 2}}');
SELECT name, metadata, public FROM paycore.update_product(:'pro', '{"metadata": {"a": null}, "public": false}');
SELECT paycore.update_product(:'pro', '{"code": "new"}');
SELECT paycore.update_product(:'pro', '{"name": null}');
SELECT name FROM paycore.update_product(:'pro', NULL);
-- Features.
SELECT feature, allowance FROM paycore.set_product_feature(:'pro', 'api');
SELECT feature, allowance FROM paycore.set_product_feature(:'pro', 'projects', 10);
SELECT feature, allowance FROM paycore.set_product_feature(:'pro', 'projects', 25);
SELECT feature, allowance FROM paycore.product_features WHERE product_id = :'pro' ORDER BY 1;
SELECT paycore.set_product_feature(:'pro', 'projects', -1);
SELECT paycore.set_product_feature(:'pro', 'projects', 'Infinity');
SELECT paycore.set_product_feature(:'pro', 'projects', 'NaN');
SELECT paycore.set_product_feature(:'pro', '', 1);
SELECT paycore.set_product_feature(paycore.uuid_v7(), 'projects', 1);
SELECT paycore.remove_product_feature(:'pro', 'api'), paycore.remove_product_feature(:'pro', 'api');
-- A price in several currencies.
SELECT id AS monthly, code, version, model, every, active FROM paycore.create_price(:'pro', '{"USD": "19.90", "EUR": 17.5, "JPY": 2900}', 'month', code => 'pro-monthly') \gset
SELECT code, version, model, every, tax_inclusive, trial_days, free_units, rounding, active, public FROM paycore.list_prices(:'pro');
SELECT currency, unit_price, tiers, minimum, maximum FROM paycore.price_currencies WHERE price_id = :'monthly' ORDER BY currency;
SELECT paycore.price_of(:'monthly', 'USD'), paycore.price_of(:'monthly', 'JPY', 3), paycore.price_of(:'monthly', 'EUR', 0);
-- Without a code of its own it has the product's.
SELECT code, every FROM paycore.create_price(:'pro', '{"USD": 499}');
-- Tiers, packages, free units, bounds.
SELECT id AS graduated FROM paycore.create_price(:'pro', '{"USD": {"tiers": [{"up_to": 10, "unit_price": "5"}, {"up_to": 100, "unit_price": "4", "flat_fee": "1.50"}, {"unit_price": "3"}], "maximum": "400"}}',
	'month', 'graduated', 'pro-seats') \gset
SELECT n, paycore.price_of(:'graduated', 'USD', n) FROM unnest(ARRAY[0, 1, 10, 11, 100, 101, 200]) n;
SELECT id AS packs FROM paycore.create_price(:'pro', '{"USD": {"unit_price": "2", "minimum": "1"}}', 'month', 'package', 'pro-packs', '{"package_size": 1000, "free_units": 500}') \gset
SELECT n, paycore.price_of(:'packs', 'USD', n) FROM unnest(ARRAY[0, 500, 501, 1500, 1501]) n;
-- What does not fit is refused, with nothing left behind.
\set VERBOSITY default
SELECT paycore.create_price(:'pro', '{}', 'month', code => 'x');
SELECT paycore.create_price(:'pro', '{"USD": null}', 'month', code => 'x');
SELECT paycore.create_price(:'pro', '{"XXX": 1}', 'month', code => 'x');
SELECT paycore.create_price(:'pro', '{"US": 1}', 'month', code => 'x');
SELECT paycore.create_price(:'pro', '{"USD": "-1"}', 'month', code => 'x');
SELECT paycore.create_price(:'pro', '{"USD": {"unit_price": 1, "tiers": [{"unit_price": 1}]}}', 'month', code => 'x');
SELECT paycore.create_price(:'pro', '{"USD": {"tiers": [{"up_to": 10, "price": 1}]}}', 'month', 'volume', 'x');
SELECT paycore.create_price(:'pro', '{"USD": 1}', 'month', 'cheap', 'x');
SELECT paycore.create_price(:'pro', '{"USD": 1}', 'month', 'package', 'x');
SELECT paycore.create_price(:'pro', '{"USD": 1}', 'month', 'package', 'x', '{"package_size": "0.00"}');
SELECT paycore.create_price(:'pro', '{"USD": 1}', 'month', code => 'pro-monthly');
SELECT paycore.create_price(:'pro', '{"USD": 1}', 'month', 'graduated', 'x');
SELECT paycore.create_price(:'pro', '{"USD": {"tiers": [{"up_to": 10, "unit_price": 1}]}}', 'month', 'graduated', 'x');
\set VERBOSITY sqlstate
SELECT paycore.price_of(:'monthly', 'CHF');
SELECT paycore.create_price(:'pro', '{"USD": {"tiers": [{"up_to": 10, "unit_price": 1}]}}', 'month', 'volume', 'x');
SELECT paycore.create_price(:'pro', '{"USD": {"tiers": [{"up_to": 10, "unit_price": 1}, {"up_to": 5, "unit_price": 1}, {"unit_price": 1}]}}', 'month', 'volume', 'x');
SELECT paycore.create_price(:'pro', '{"USD": {"unit_price": 1, "minimum": "2", "maximum": "1"}}', 'month', code => 'x');
SELECT paycore.create_price(:'pro', '{"USD": {"unit_price": 1, "minimum": "0.001"}}', 'month', code => 'x');
SELECT paycore.create_price(:'pro', '{"USD": 1}', 'month', code => 'x', details => '{"trial_days": -1}');
SELECT paycore.create_price(:'pro', '{"USD": 1}', 'month', code => 'x', details => '{"trial_days": 1.5}');
SELECT paycore.create_price(:'pro', '{"USD": 1}', 'month', code => 'x', details => '{"rounding": "away"}');
SELECT paycore.create_price(:'pro', '{"USD": 1}', 'fortnight', code => 'x');
SELECT paycore.create_price(paycore.uuid_v7(), '{"USD": 1}', 'month', code => 'x');
SELECT count(*) FROM paycore.prices WHERE code = 'x';
-- A price is never edited: its next version takes its place.
UPDATE paycore.prices SET trial_days = 30 WHERE id = :'monthly';
UPDATE paycore.price_currencies SET unit_price = 1 WHERE price_id = :'monthly';
DELETE FROM paycore.price_currencies WHERE price_id = :'monthly';
DELETE FROM paycore.prices WHERE id = :'monthly';
TRUNCATE paycore.prices CASCADE;
SELECT id AS second, version, code, every, active, trial_days, name FROM paycore.revise_price(:'monthly', '{"USD": "24.90"}', '{"trial_days": 14, "name": "Monthly"}') \gset
SELECT version, active, trial_days, name FROM paycore.list_prices(:'pro') WHERE code = 'pro-monthly' ORDER BY 1;
SELECT paycore.price_of(:'monthly', 'USD'), paycore.price_of(:'second', 'USD');
-- From any version on; amounts that are not given stay those of that version.
SELECT version, trial_days, name FROM paycore.revise_price(:'monthly');
SELECT v.version, v.active, c.currency, c.unit_price FROM paycore.prices v JOIN paycore.price_currencies c ON c.price_id = v.id
	WHERE v.code = 'pro-monthly' ORDER BY 1, 3;
SELECT paycore.revise_price(paycore.uuid_v7());
SELECT paycore.revise_price(:'packs', '{"USD": {"tiers": [{"unit_price": 1}]}}');
SELECT paycore.revise_price(:'packs', details => '{"active": false}');
SELECT paycore.revise_price(:'packs', details => '{"package_size": 0}');
SELECT paycore.revise_price(:'monthly', details => '{"package_size": 10}');
SELECT paycore.revise_price(paycore.uuid_v7(), details => '{"package_size": 10}');
-- One version is sold.
\set VERBOSITY default
SELECT paycore.update_price(:'second', '{"active": true}');
SELECT paycore.update_price(:'second', '{"trial_days": 1}');
\set VERBOSITY sqlstate
SELECT active FROM paycore.update_price((SELECT id FROM paycore.prices WHERE code = 'pro-monthly' AND active), '{"active": false}');
SELECT version, active, public, name FROM paycore.update_price(:'second', '{"active": true, "public": false, "name": "By the month"}');
-- A currency is added, never changed.
SELECT code FROM paycore.add_price_currency(:'second', '{"CHF": "23.50", "GBP": 20}');
SELECT paycore.price_of(:'second', 'CHF', 2);
SELECT paycore.add_price_currency(:'second', '{"NOK": 200, "CHF": 1}');
SELECT paycore.add_price_currency(:'second', NULL);
SELECT count(*) FROM paycore.price_currencies WHERE price_id = :'second';
-- Pages, and the tenant's own.
SELECT code, version FROM paycore.list_prices(page_size => 2);
SET paycore.tenant = 'other';
SELECT count(*) FROM paycore.list_prices();
SELECT paycore.price_of(:'second', 'CHF', 2);
SELECT paycore.create_price(:'pro', '{"USD": 1}', 'month');
RESET paycore.tenant;
