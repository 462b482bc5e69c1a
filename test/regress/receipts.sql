--
-- Receipts: issued once, never changed, numbered, listed, and only of money that moved.
--
\getenv srcdir PG_ABS_SRCDIR
\set setup :srcdir '/data/api_setup.sql'
\i :setup
SELECT id AS ada FROM paycore.create_billing_account('Ada', 'ada@example.com', 'EUR', gateway => 'cash',
	details => '{"locale": "de-DE", "address_line1": "Hauptstr. 1", "postal_code": "10115", "city": "Berlin", "country": "DE", "tax_id": "DE1"}') \gset
SELECT id AS pay FROM paycore.record_payment(:'ada', '1234.50 EUR', method_type => 'transfer', external_ref => 'wire-7',
	received_at => '2026-01-02 03:04:05+00', description => 'January') \gset
-- A receipt is from somebody.
\set VERBOSITY default
SELECT paycore.issue_receipt(:'pay');
SELECT paycore.set_seller('{"city": "Ulm"}');
SELECT paycore.set_seller('{"nmae": "Shop"}');
\set VERBOSITY sqlstate
SELECT paycore.set_seller(NULL);
SELECT paycore.set_seller('[]');
SELECT paycore.set_seller('{"name": 1}');
SELECT paycore.set_seller('{"name": ""}');
SELECT paycore.set_seller('{"name": "Shop", "locale": "klingon"}');
SELECT paycore.set_seller('{"name": "Shop", "time_zone": "Mars/Olympus"}');
SELECT paycore.set_seller('{"name": "Shop", "footer": "4242 4242 4242 4242"}');
SELECT tenant_id, name, city, country, time_zone FROM paycore.set_seller('{"name": "Shop", "city": "Ulm", "country": "DE", "time_zone": "Europe/Berlin"}');
SELECT name, city, country, tax_id FROM paycore.set_seller('{"tax_id": "DE9", "country": null}');
SELECT paycore.set_seller('{"name": null}');
-- Pictures: of the kinds that hold no code, small, and what they say they are.
SELECT w.what, paycore.is_logo(w.uri) FROM (VALUES
	('a gif', 'data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7'),
	('a png that is a gif', 'data:image/png;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7'),
	('svg', 'data:image/svg+xml;base64,PHN2Zz48L3N2Zz4='),
	('text', 'data:text/html,<script>'),
	('an address', 'https://example.com/logo.png'),
	('no base64', 'data:image/gif;base64,R0lGODlh"><script>'),
	('another word', 'data:image/gif;charset=x;base64,R0lGODlhAQABAIAAAAAAAP'),
	('nothing', 'data:image/gif;base64,'),
	('too large', 'data:image/gif;base64,R0lG' || repeat('AAAA', 50000))) AS w(what, uri);
SELECT logo FROM paycore.set_seller('{"logo": "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"}');
SELECT paycore.set_seller('{"logo": "javascript:alert(1)"}');
-- Once per payment; a number of one's own is taken once.
SELECT number ~ '^[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$' AS drawn, amount, refund_id, data, actor = current_user AS me, issued_at = now() AS now
FROM paycore.issue_receipt(:'pay');
SELECT count(*), count(DISTINCT r.number) FROM generate_series(1, 3), paycore.issue_receipt(:'pay') r;
SELECT id AS pay2 FROM paycore.record_payment(:'ada', '10 EUR') \gset
SELECT number FROM paycore.issue_receipt(:'pay2', 'R-2026-0001');
SELECT number FROM paycore.issue_receipt(:'pay2', 'R-2026-0002');
SELECT id AS pay3 FROM paycore.record_payment(:'ada', '20 EUR') \gset
\set VERBOSITY default
SELECT paycore.issue_receipt(:'pay3', 'R-2026-0001');
\set VERBOSITY sqlstate
SELECT paycore.issue_receipt(:'pay3', '');
SELECT paycore.issue_receipt(:'pay3', '4242 4242 4242 4242');
SELECT paycore.issue_receipt(NULL);
SELECT paycore.issue_receipt('00000000-0000-7000-8000-000000000000');
-- What is issued stays, whatever becomes of account, seller and row.
SELECT data AS issued FROM paycore.receipts WHERE payment_id = :'pay' \gset
SELECT name FROM paycore.update_billing_account(:'ada', '{"name": "Augusta", "locale": "fr-CH", "city": "Paris"}');
SELECT name FROM paycore.set_seller('{"name": "Other Shop"}');
SELECT data = :'issued' AS same FROM paycore.issue_receipt(:'pay');
UPDATE paycore.receipts SET number = 'X';
DELETE FROM paycore.receipts;
TRUNCATE paycore.receipts;
-- Only of what succeeded.
SELECT id AS bob FROM paycore.create_billing_account('Bob', currency => 'USD') \gset
SELECT id AS pi FROM paycore.create_payment_intent(:'bob', '50 USD', 'pm_card_visa', true, capture_method => 'manual', description => 'Books') \gset
CALL paycore.drain_outbox();
SELECT id AS authorized, status FROM paycore.payments WHERE payment_intent_id = :'pi' \gset
\set VERBOSITY default
SELECT paycore.issue_receipt(:'authorized');
\set VERBOSITY sqlstate
SELECT status FROM paycore.capture_payment_intent(:'pi', '40 USD');
CALL paycore.drain_outbox();
SELECT amount, (data -> 'payment') - '{captured_at,psp_charge_id}'::text[] AS payment FROM paycore.issue_receipt(:'authorized');
SELECT id AS refund, status FROM paycore.create_refund(:'authorized', '15 USD') \gset
SELECT paycore.issue_refund_receipt(:'refund');
SELECT paycore.issue_refund_receipt(:'authorized');
CALL paycore.drain_outbox();
SELECT amount, refund_id = :'refund' AS of_refund, payment_id = :'authorized' AS of_payment, data #>> '{refund,amount}' AS refunded
FROM paycore.issue_refund_receipt(:'refund');
SELECT count(*) FROM generate_series(1, 2), paycore.issue_refund_receipt(:'refund');
-- The release of what was not captured is no refund.
INSERT INTO paycore.refunds (payment_id, gateway_account, billing_account_id, amount, kind)
VALUES (:'authorized', 'default', :'bob', '10 USD', 'auth_release') RETURNING id AS release \gset
UPDATE paycore.refunds SET status = 'succeeded', succeeded_at = now() WHERE id = :'release';
SELECT paycore.issue_refund_receipt(:'release');
-- A row that a trigger keeps out is an error, not a search without end for a free number.
CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
CREATE TRIGGER nothing BEFORE INSERT ON paycore.receipts FOR EACH ROW EXECUTE FUNCTION nothing();
SELECT paycore.issue_receipt(:'pay3');
DROP TRIGGER nothing ON paycore.receipts;
-- Lists.
SELECT amount FROM paycore.list_receipts(page_size => 2);
SELECT amount FROM paycore.list_receipts(:'bob');
SELECT amount FROM paycore.list_receipts(payment_id => :'pay');
SELECT amount FROM paycore.list_receipts(after => (SELECT id FROM paycore.list_receipts(page_size => 2) LIMIT 1 OFFSET 1));
-- Among many, lists and documents read by index, and no more than they give.
SELECT id AS carl FROM paycore.create_billing_account('Carl', currency => 'EUR', gateway => 'cash') \gset
SELECT count(paycore.issue_receipt((paycore.record_payment(:'carl', '1 EUR')).id)) FROM generate_series(1, 2000);
VACUUM ANALYZE paycore.receipts, paycore.payments, paycore.sellers;
CREATE FUNCTION reads(OUT seq bigint, OUT idx bigint) LANGUAGE sql AS $$
	SELECT sum(seq_scan), sum(idx_tup_fetch) FROM pg_stat_xact_user_tables
	WHERE relid IN ('paycore.receipts'::regclass, 'paycore.payments'::regclass, 'paycore.refunds'::regclass) $$;
SELECT pg_stat_force_next_flush();
BEGIN;
SELECT count(*) FROM paycore.list_receipts() a, paycore.list_receipts(:'bob') b, paycore.list_receipts(payment_id => :'pay') c;
SELECT seq, idx < 100 AS few_rows FROM reads();
COMMIT;
SELECT pg_stat_force_next_flush();
BEGIN;
SELECT count(paycore.receipt_html(i)) FROM unnest(ARRAY[:'pay', :'refund', (SELECT id FROM paycore.list_receipts(:'carl', page_size => 1))]::uuid[]) i;
SELECT seq, idx < 100 AS few_rows FROM reads();
COMMIT;
-- Roles: readers read and print, applications issue, administrators name the seller, each in their tenant.
CREATE ROLE receipts_reader;
CREATE ROLE receipts_app;
CREATE ROLE receipts_admin;
SELECT count(paycore.grant_access('receipts_' || l, l)) FROM unnest('{reader,app,admin}'::text[]) l;
SET ROLE receipts_reader;
SELECT count(*), count(paycore.receipt_html(id)) FROM paycore.list_receipts(:'ada');
SELECT paycore.issue_receipt(:'pay3');
SELECT paycore.set_seller('{"name": "Reader"}');
SET ROLE receipts_app;
SELECT amount FROM paycore.issue_receipt(:'pay3');
SELECT paycore.set_seller('{"name": "App"}');
INSERT INTO paycore.receipts (number, billing_account_id, payment_id, amount, data) VALUES ('F', :'bob', :'pay', '1 EUR', '{}');
UPDATE paycore.sellers SET name = 'App';
SET ROLE receipts_admin;
SELECT name FROM paycore.set_seller('{"name": "Shop"}');
RESET ROLE;
SET paycore.tenant = 'other';
SET ROLE receipts_admin;
SELECT count(*) FROM paycore.receipts;
SELECT count(*) FROM paycore.sellers;
SELECT paycore.receipt_html(:'pay');
SELECT tenant_id, name FROM paycore.set_seller('{"name": "Other"}');
RESET ROLE;
RESET paycore.tenant;
SELECT tenant_id, name FROM paycore.sellers ORDER BY 1;
DROP OWNED BY receipts_reader, receipts_app, receipts_admin;
DROP ROLE receipts_reader, receipts_app, receipts_admin;
-- verify() sees a receipt that says something else, and a number given twice.
SELECT severity, rule FROM paycore.verify();
SET session_replication_role = replica;
ALTER TABLE paycore.receipts DROP CONSTRAINT receipts_number_key;
DROP INDEX paycore.receipts_payment;
INSERT INTO paycore.receipts (number, billing_account_id, payment_id, amount, data)
VALUES ('R-2026-0001', :'ada', :'pay2', '11 EUR', '{}'), ('A', :'bob', :'pay3', '20 EUR', '{}'), ('B', :'ada', :'bob', '20 EUR', '{"note": "4242 4242 4242 4242"}'),
	('C', :'ada', :'pay', '1234.50 USD', '{}');
RESET session_replication_role;
SELECT rule, count(*) FROM paycore.verify() GROUP BY rule ORDER BY rule;
