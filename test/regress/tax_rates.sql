--
-- Tax rates: what they are never changes, and what they are due on is one kind.
--
\getenv srcdir PG_ABS_SRCDIR
\set setup :srcdir '/data/api_setup.sql'
\i :setup
SELECT id AS vat, code, name, percentage, inclusive, country, kind, by_default, active FROM paycore.create_tax_rate('de-19', 'VAT', 19.000, '{"country": "DE", "inclusive": true}') \gset
SELECT code, name, percentage, inclusive, country, state, kind, invoice_text, by_default, active, metadata FROM paycore.list_tax_rates();
SELECT code, percentage FROM paycore.create_tax_rate('de-7', 'VAT', 7, '{"inclusive": true}');
SELECT code, percentage, state, inclusive FROM paycore.create_tax_rate('us-ny', 'Sales tax', 8.875, '{"country": "US", "state": "NY"}');
SELECT code, percentage FROM paycore.create_tax_rate('us-nyc', 'City sales tax', 4.500001, '{"country": "US", "state": "NY", "metadata": {"a": 1}}');
SELECT code, kind, percentage, invoice_text FROM paycore.create_tax_rate('eu-b2b', 'VAT', 0, '{"kind": "reverse_charge", "invoice_text": "Reverse charge: the recipient owes the tax."}');
SELECT code, kind, percentage FROM paycore.create_tax_rate('books', 'VAT', 0, '{"kind": "exempt", "invoice_text": "Exempt.", "inclusive": true}');
SELECT code, kind, percentage FROM paycore.create_tax_rate('export', 'VAT', 0);
SELECT code, percentage FROM paycore.create_tax_rate('all', 'Everything', 100);
-- What is no tax.
\set VERBOSITY default
SELECT paycore.create_tax_rate('x', 'VAT', -0.1);
SELECT paycore.create_tax_rate('x', 'VAT', 100.000001);
SELECT paycore.create_tax_rate('x', 'VAT', 1.0000001);
SELECT paycore.create_tax_rate('x', 'VAT', NULL);
SELECT paycore.create_tax_rate('x', 'VAT', 19, '{"kind": "exempt", "invoice_text": "Why"}');
SELECT paycore.create_tax_rate('x', 'VAT', 0, '{"kind": "reverse_charge"}');
SELECT paycore.create_tax_rate('x', 'VAT', 0, '{"kind": "zero"}');
SELECT paycore.create_tax_rate('x', 'VAT', 0, '{"country": "de"}');
SELECT paycore.create_tax_rate('x', 'VAT', 0, '{"active": false}');
SELECT paycore.create_tax_rate('de-19', 'VAT', 19);
\set VERBOSITY sqlstate
SELECT paycore.create_tax_rate('x', 'VAT', 'NaN');
SELECT paycore.create_tax_rate('x', 'VAT', 'Infinity');
SELECT paycore.create_tax_rate(NULL, 'VAT', 1);
SELECT paycore.create_tax_rate('x ', 'VAT', 1);
SELECT paycore.create_tax_rate('x', NULL, 1);
SELECT paycore.create_tax_rate('x', '', 1);
SELECT paycore.create_tax_rate('x', 'Card 4242 4242 4242 4242', 1);
SELECT paycore.create_tax_rate('x', 'VAT', 1, '{"inclusive": "yes"}');
-- Nor by hand.
INSERT INTO paycore.tax_rates (code, name, percentage) VALUES ('x', 'VAT', 101);
INSERT INTO paycore.tax_rates (code, name, percentage) VALUES ('x', 'VAT', 'NaN');
INSERT INTO paycore.tax_rates (code, name, percentage) VALUES ('x', 'VAT', 0.0000001);
INSERT INTO paycore.tax_rates (code, name, percentage, kind, invoice_text) VALUES ('x', 'VAT', 1, 'exempt', 'Why');
INSERT INTO paycore.tax_rates (code, name, percentage, kind) VALUES ('x', 'VAT', 0, 'exempt');
INSERT INTO paycore.tax_rates (code, name, percentage, active, by_default) VALUES ('x', 'VAT', 0, false, true);
-- Its terms never change, its name does.
UPDATE paycore.tax_rates SET percentage = 16 WHERE id = :'vat';
UPDATE paycore.tax_rates SET inclusive = false WHERE id = :'vat';
UPDATE paycore.tax_rates SET kind = 'exempt' WHERE id = :'vat';
UPDATE paycore.tax_rates SET code = 'de' WHERE id = :'vat';
DELETE FROM paycore.tax_rates WHERE id = :'vat';
TRUNCATE paycore.tax_rates CASCADE;
SELECT name, percentage, metadata FROM paycore.update_tax_rate(:'vat', '{"name": "MwSt.", "metadata": {"b": 2}}');
SELECT paycore.update_tax_rate(:'vat', '{"percentage": 16}');
SELECT paycore.update_tax_rate(:'vat', '{"name": null}');
SELECT paycore.update_tax_rate(paycore.uuid_v7(), '{"name": "VAT"}');
SELECT paycore.update_tax_rate(paycore.uuid_v7(), '{"active": false}');
SELECT active FROM paycore.update_tax_rate((SELECT id FROM paycore.tax_rates WHERE code = 'all'), '{"active": false}');
-- What they are due on.
SELECT id AS pro FROM paycore.create_product('pro', 'Professional') \gset
SELECT id AS book FROM paycore.create_product('book', 'Book') \gset
SELECT code FROM paycore.tax_rates_of(:'pro');
SELECT code FROM paycore.set_default_tax_rates('{de-19}');
SELECT code FROM paycore.tax_rates_of(:'pro');
SELECT code FROM paycore.set_product_tax_rates(:'book', '{de-7}');
SELECT code FROM paycore.set_product_tax_rates(:'book', '{us-nyc,us-ny,us-ny}');
SELECT code, percentage FROM paycore.tax_rates_of(:'book');
SELECT count(*) FROM paycore.product_tax_rates;
SELECT code FROM paycore.set_product_tax_rates(:'book', '{}');
SELECT code FROM paycore.set_product_tax_rates(:'book', '{books}');
SELECT code FROM paycore.set_default_tax_rates('{}');
SELECT code FROM paycore.set_default_tax_rates('{us-ny,us-nyc}');
SELECT code, by_default FROM paycore.tax_rates ORDER BY 1;
SELECT paycore.tax_amounts('100 USD', array_agg(percentage ORDER BY code), bool_or(inclusive)) FROM paycore.tax_rates_of(:'pro');
\set VERBOSITY default
SELECT paycore.set_product_tax_rates(:'pro', '{us-ny,nowhere}');
SELECT paycore.set_product_tax_rates(:'pro', '{all}');
SELECT paycore.set_product_tax_rates(:'pro', '{us-ny,de-19}');
SELECT paycore.set_default_tax_rates('{us-ny,de-19}');
SELECT paycore.set_product_tax_rates(:'pro', NULL);
SELECT paycore.set_default_tax_rates('{us-ny,NULL}');
-- A rate that is due stays active.
SELECT paycore.update_tax_rate((SELECT id FROM paycore.tax_rates WHERE code = 'us-ny'), '{"active": false}');
SELECT paycore.update_tax_rate((SELECT id FROM paycore.tax_rates WHERE code = 'books'), '{"active": false}');
\set VERBOSITY sqlstate
SELECT paycore.set_default_tax_rates('{{a},{b}}');
SELECT paycore.set_default_tax_rates(ARRAY(SELECT n::text FROM generate_series(1, 11) n));
SELECT paycore.set_product_tax_rates(paycore.uuid_v7(), '{us-ny}');
SELECT paycore.tax_rates_of(paycore.uuid_v7());
SELECT paycore.tax_rates_of(NULL);
SELECT active FROM paycore.update_tax_rate(:'vat', '{"active": false}');
SELECT active FROM paycore.update_tax_rate(:'vat', '{"active": true}');
-- A tenant's own.
SET paycore.tenant = 'other';
SELECT count(*) FROM paycore.list_tax_rates();
SELECT paycore.set_default_tax_rates('{us-ny}');
SELECT code FROM paycore.create_tax_rate('de-19', 'VAT', 19);
SELECT code, tenant_id FROM paycore.set_default_tax_rates('{de-19}');
SELECT paycore.set_product_tax_rates(:'pro', '{de-19}');
SELECT paycore.update_tax_rate(:'vat', '{"name": "Mine"}');
RESET paycore.tenant;
SELECT code FROM paycore.tax_rates_of(:'pro') ORDER BY 1;
SELECT * FROM paycore.verify();
-- verify() finds what is planted with triggers off.
PREPARE found AS SELECT DISTINCT severity, rule, object_type FROM paycore.verify() ORDER BY 1, 2, 3;
\set plant 'BEGIN; SET LOCAL session_replication_role = replica; ALTER TABLE paycore.tax_rates DROP CONSTRAINT tax_rates_percentage_range, DROP CONSTRAINT tax_rates_nothing_due, DROP CONSTRAINT tax_rates_default_active;'
\set look 'EXECUTE found; ROLLBACK;'
\set QUIET on
:plant
UPDATE paycore.tax_rates SET percentage = 119 WHERE code = 'export';
:look
:plant
UPDATE paycore.tax_rates SET percentage = 19 WHERE code = 'eu-b2b';
:look
:plant
UPDATE paycore.tax_rates SET active = false WHERE code = 'us-ny';
:look
:plant
UPDATE paycore.tax_rates SET active = false WHERE code = 'books';
:look
:plant
INSERT INTO paycore.product_tax_rates (product_id, tax_rate_id) SELECT :'book', id FROM paycore.tax_rates WHERE code = 'us-ny' AND tenant_id = 'default';
:look
:plant
UPDATE paycore.tax_rates SET inclusive = true WHERE code = 'us-ny';
:look
:plant
UPDATE paycore.product_tax_rates SET tenant_id = 'other';
:look
