--
-- verify() finds each of a set of corruptions of drafts, planted with triggers off.
--
\getenv srcdir PG_ABS_SRCDIR
\set setup :srcdir '/data/api_setup.sql'
\i :setup
SELECT code FROM paycore.create_coupon('tenth', 'A tenth off', percent_off => 10, duration => 'forever');
SELECT id AS ada FROM paycore.create_billing_account('Ada', 'ada@example.com', 'USD', gateway => 'cash') \gset
SELECT id AS bob FROM paycore.create_billing_account('Bob', 'bob@example.com', 'USD', gateway => 'cash') \gset
SELECT id AS draft FROM paycore.create_invoice(:'ada', '[{"description": "One", "amount": 10}]', '{"coupons": ["tenth"]}') \gset
SELECT id AS final FROM paycore.create_invoice(:'ada', '[{"description": "Two", "amount": 10}]', '{"coupons": ["tenth"]}') \gset
SELECT number FROM paycore.finalize_invoice(:'final');
SELECT id AS gone FROM paycore.create_invoice(:'ada', '[{"description": "Three", "amount": 10}]') \gset
SELECT status FROM paycore.discard_invoice(:'gone');
SELECT id AS line FROM paycore.extra_charges WHERE draft_id = :'draft' \gset
SELECT id AS billed FROM paycore.extra_charges WHERE draft_id = :'final' \gset
SELECT id AS removed FROM paycore.extra_charges WHERE draft_id = :'gone' \gset
SELECT * FROM paycore.verify();
PREPARE found AS SELECT DISTINCT severity, rule, object_type FROM paycore.verify() ORDER BY 1, 2, 3;
\set plant 'BEGIN; SET LOCAL session_replication_role = replica; ALTER TABLE paycore.invoices DROP CONSTRAINT invoices_final; ALTER TABLE paycore.extra_charges DROP CONSTRAINT extra_charges_of_draft, DROP CONSTRAINT extra_charges_one_end;'
\set look 'EXECUTE found; ROLLBACK;'
\set QUIET on
:plant
UPDATE paycore.extra_charges SET amount = '10.00 EUR' WHERE id = :'line';
:look
:plant
UPDATE paycore.extra_charges SET billing_account_id = :'bob' WHERE id = :'line';
:look
:plant
UPDATE paycore.extra_charges SET invoice_id = :'final' WHERE id = :'line';
:look
:plant
UPDATE paycore.extra_charges SET invoice_id = NULL WHERE id = :'billed';
:look
:plant
UPDATE paycore.extra_charges SET removed_at = NULL WHERE id = :'removed';
:look
:plant
UPDATE paycore.extra_charges SET draft_id = paycore.uuid_v7() WHERE id = :'line';
:look
:plant
INSERT INTO paycore.invoice_lines (invoice_id, place, kind, description, quantity, amount, discount, tax, extra_charge_id)
	SELECT draft_id, 1, 'extra', description, 1, amount, '0 USD', '0 USD', id FROM paycore.extra_charges WHERE id = :'line';
:look
:plant
UPDATE paycore.invoices SET serial = 2, number = 'INV-000002' WHERE id = :'draft';
:look
:plant
UPDATE paycore.invoices SET status = 'open', voided_at = NULL WHERE id = :'gone';
:look
:plant
UPDATE paycore.invoices SET reason = 'subscription' WHERE id = :'final';
:look
:plant
UPDATE paycore.discounts SET ends_at = NULL WHERE invoice_id = :'final';
:look
:plant
UPDATE paycore.discounts SET billing_account_id = :'bob' WHERE invoice_id = :'draft';
:look
SELECT * FROM paycore.verify();
