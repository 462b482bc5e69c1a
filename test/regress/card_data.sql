--
-- What must never be stored: card numbers, full IBANs, security codes.
--
\getenv srcdir PG_ABS_SRCDIR
\set setup :srcdir '/data/api_setup.sql'
\i :setup
CREATE TEMPORARY TABLE sample (place int GENERATED ALWAYS AS IDENTITY, expected text, value text, what text);
-- True positives: test numbers of the networks, however they are written.
INSERT INTO sample (expected, value, what) VALUES
	('card_number', '4242424242424242', 'Visa'),
	('card_number', '4242 4242 4242 4242', 'in fours'),
	('card_number', '4242-4242-4242-4242', 'with dashes'),
	('card_number', '4242.4242.4242.4242', 'with points'),
	('card_number', '4242_4242_4242_4242', 'with underlines'),
	('card_number', '4242  4242 - 4242', 'never: too short'),
	('card_number', E'4242\u00a04242\u00a04242\u00a04242', 'with no-break spaces'),
	('card_number', E'4242\u20134242\u20134242\u20134242', 'with dashes of typographers'),
	('card_number', '42424242 42424242', 'in two halves'),
	('card_number', '4 2 4 2 4 2 4 2 4 2 4 2 4 2 4 2', 'spelled'),
	('card_number', '42 42 42 42 42 42 42 42', 'in twos'),
	('card_number', 'paid with 4242 4242 4242 4242, exp 12/27', 'in a sentence'),
	('card_number', 'paid with 4242 4242 4242 4242 12/27 123', 'with what stands behind it'),
	('card_number', 'order 17 4242424242424242.', 'after a number, before a full stop'),
	('card_number', '(4242424242424242)', 'in parentheses'),
	('card_number', 'pan=4242424242424242&x=1', 'in a query'),
	('card_number', 'ref:4242424242424242', 'after a colon'),
	('card_number', '12,4242424242424242,1227', 'in a CSV line'),
	('card_number', 'first 1234567890123456 then 5555555555554444', 'the second of two'),
	('card_number', '5555555555554444', 'Mastercard'), ('card_number', '2223003122003222', 'Mastercard, 2 series'),
	('card_number', '378282246310005', 'American Express'), ('card_number', '3782 822463 10005', 'as printed'),
	('card_number', '6011111111111117', 'Discover'), ('card_number', '3056930009020004', 'Diners Club, 16'),
	('card_number', '36227206271667', 'Diners Club, 14'), ('card_number', '3622 720627 1667', 'as printed'),
	('card_number', '3566002020360505', 'JCB'), ('card_number', '6200000000000005', 'UnionPay'),
	('card_number', '6205500000000000004', 'UnionPay, 19'), ('card_number', '6759649826438453', 'Maestro'),
	('card_number', '411111 1111111111', 'issuer and rest'), ('card_number', 'visa: 4222222222222', 'an old Visa, named'),
	('iban', 'DE89370400440532013000', 'Germany'), ('iban', 'DE89 3704 0044 0532 0130 00', 'in fours'),
	('iban', 'de89370400440532013000', 'small letters'), ('iban', 'please pay to GB82 WEST 1234 5698 7654 32 today', 'in a sentence'),
	('iban', 'NL91ABNA0417164300', 'Netherlands'), ('iban', 'NO9386011117947', 'Norway, the shortest'),
	('iban', 'MT84MALT011000012345MTLCAST001S', 'Malta'), ('iban', 'AT321904300235473204', 'test IBAN'),
	('iban', 'FR1420041010050500013M02606', 'France'),
	('security_code', 'CVC: 123', 'CVC'), ('security_code', 'cvv2 1234', 'CVV2'), ('security_code', 'CVC=123;', 'no space'),
	('security_code', 'the security code is 999', 'in words'), ('security_code', 'cvv code: 123', 'with a filler');
UPDATE sample SET expected = NULL WHERE what LIKE 'never:%';
-- False positives.
INSERT INTO sample (value, what) VALUES
	('4242424242424241', 'wrong check digit'), ('DE89370400440532013001', 'wrong remainder'), ('1234567890123456', 'no issuer'),
	('4111 111', 'too short'), ('42424242424242424242', 'too long'),
	('+49 170 12345678', 'phone'), ('+1 (415) 555-2671', 'phone'), ('0049 30 901820', 'phone'), ('491701234567', 'phone'),
	('+4917012345678', 'phone'), ('+44 20 7946 0958', 'phone'), ('4915112345678', 'phone without plus'), ('+371 2000 0000', 'phone'),
	('2026-11-21 08:33:00.123456+00', 'timestamp'), ('20261121083300', 'timestamp'), ('20261121T083300Z', 'timestamp'),
	('1764000000', 'seconds'), ('1764000000000', 'milliseconds'), ('1764000000000000', 'microseconds'), ('1764000000000000000', 'nanoseconds'),
	('0190f5a4-3c1e-7c3a-9d2b-3f6e8a1b2c4d', 'uuid'), ('41234567-1234-4123-8123-123456789012', 'uuid of digits'),
	('42424242-4242-4242-4242-424242424242', 'uuid with a number in it'),
	('9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08', 'sha256'), ('a4242424242424242f', 'hash'),
	('4006381333931', 'EAN of Germany'), ('4012345678901', 'EAN'), ('036000291452', 'UPC'), ('9783161484100', 'ISBN'),
	('590123412345', 'UPC'), ('00012345600012', 'GTIN-14'), ('501800000066', 'UPC that passes for Maestro'), ('visa cup 4006381000093', 'EAN that passes for Visa'),
	('1Z999AA10123456784', 'UPS'), ('9400 1000 0000 0000 0000 00', 'USPS'), ('9400100000000000000000', 'USPS'),
	('JD014600003828392837', 'DHL'), ('612999988877', 'FedEx'), ('00340434161094042557', 'SSCC'),
	('490154203237518', 'IMEI'), ('8944501234567890123', 'SIM card'), ('0.4242424242424242', 'fraction'), ('1.4242424242424242', 'rate'),
	('304-4242424-2424242', 'Amazon order'), ('305-1234567-1234560', 'Amazon order'), ('ORD-2026-000123', 'order'), ('INV-4242-4242', 'invoice'),
	('12.345.678/0001-95', 'CNPJ'), ('11222333000181', 'CNPJ'), ('36054182000120', 'CNPJ that passes for Diners'),
	('DE136695976', 'VAT'), ('NL001234567B01', 'VAT'), ('GB123456789', 'VAT'), ('ATU12345678', 'VAT'),
	('pi_3MtwBwLkdIwHu7ix28a3tqPa', 'intent'), ('ch_4242424242424242a', 'charge'), ('acct_1032D82eZvKYlo2C', 'account'),
	('RF18539007547034', 'creditor reference'), ('210000000003139471430009017', 'QR reference'),
	('cvc_check: pass', 'check result'), ('incorrect_cvc', 'code'), ('CVC 12345', 'longer number'), ('your card''s security code is incorrect', 'message'),
	('CSC 101', 'a course'), ('cvc', 'word'), ('192.168.100.200', 'address'), ('4242', 'last four'), ('card 4242, exp 12/2027', 'what may be said'),
	('424 2424 2424 2424 2', 'grouped as no card is'), ('', 'empty');
SELECT place, what, expected, paycore.card_data_in(value) AS found FROM sample
WHERE paycore.card_data_in(value) IS DISTINCT FROM expected ORDER BY place;
SELECT count(*) FILTER (WHERE expected IS NOT NULL) AS positive, count(*) FILTER (WHERE expected IS NULL) AS negative FROM sample;
-- The same in jsonb: as a value, nested, as an element, as a key.
SELECT place, what FROM sample
WHERE paycore.card_data_in(jsonb_build_object('note', value)) IS DISTINCT FROM expected
	OR paycore.card_data_in(jsonb_build_object('a', jsonb_build_array(1, jsonb_build_object('b', value)))) IS DISTINCT FROM expected
	OR paycore.card_data_in(to_jsonb(value)) IS DISTINCT FROM expected
	OR paycore.card_data_in(jsonb_build_object(value, 1)) IS DISTINCT FROM expected ORDER BY place;
SELECT value, paycore.card_data_in(value::jsonb) FROM (VALUES ('{"n": 4242424242424242}'), ('[378282246310005]'), ('{"n": 4.242424242424242}'),
	('{"cvc": "123"}'), ('{"CVV2": 1234}'), ('{"security_code": "999"}'), ('{"card": {"Security-Code": "999"}}'), ('{"cvc_check": "pass"}'),
	('{"cvc": "pass"}'), ('{"cvc": "12345"}'), ('{"amount": 123}'), ('{"card_number": "4222222222222"}'), ('{"sku": "4222222222222"}'),
	('{"groups": [4242, 4242, 4242, 4242]}'), ('{}'), ('null'), ('[]')) v (value);
-- No text is changed by being long or odd.
SELECT paycore.card_data_in(repeat('4242 ', 100000)) AS many, paycore.card_data_in(repeat('1', 100000)) AS one,
	paycore.card_data_in(repeat('DE89 ', 20000)) AS prefixes, paycore.card_data_in(repeat('cvc ', 20000)) AS words;
-- On tables: every door, every kind of column.
CREATE TABLE note (id int, body text, tags text[], short varchar(40), data jsonb, raw json, n int);
CREATE TRIGGER card_data BEFORE INSERT OR UPDATE ON note FOR EACH ROW EXECUTE FUNCTION paycore.refuse_card_data('body', 'tags', 'short', 'data', 'raw');
INSERT INTO note VALUES (1, 'fine', '{fine}', 'fine', '{"a": "fine"}', '{"a": "fine"}', 1);
\set VERBOSITY default
UPDATE note SET body = 'card 4242 4242 4242 4242';
UPDATE note SET tags = '{fine,NULL,4242424242424242}';
UPDATE note SET short = 'DE89370400440532013000';
UPDATE note SET data = '{"card": {"number": "4242424242424242"}}';
UPDATE note SET raw = '{"cvc": "CVC 123"}';
\set VERBOSITY sqlstate
-- What was there before the guard may stay.
ALTER TABLE note DISABLE TRIGGER card_data;
UPDATE note SET body = '4242424242424242';
ALTER TABLE note ENABLE TRIGGER card_data;
UPDATE note SET n = 2;
UPDATE note SET body = '4242424242424242 ';
CREATE TRIGGER wrong BEFORE UPDATE ON note FOR EACH ROW EXECUTE FUNCTION paycore.refuse_card_data('n');
UPDATE note SET n = 3;
DROP TABLE note;
-- Paycore's own tables and functions.
SELECT paycore.create_billing_account('4242 4242 4242 4242', currency => 'USD');
SELECT paycore.create_billing_account('Ada', currency => 'USD', details => '{"tax_id": "DE89370400440532013000"}');
SELECT id AS ada FROM paycore.create_billing_account('Ada', currency => 'USD') \gset
SELECT paycore.update_billing_account(:'ada', '{"metadata": {"card": "4242424242424242"}}');
SELECT paycore.attach_payment_method(:'ada', '4242424242424242');
SELECT paycore.create_payment_intent(:'ada', '1 USD', '4242424242424242');
SELECT paycore.create_payment_intent(:'ada', '1 USD', description => 'card 4242-4242-4242-4242');
SELECT paycore.create_payment_intent(:'ada', '1 USD', metadata => '{"cvc": "123"}');
SELECT paycore.create_payment_intent(:'ada', '1 USD', idempotency_key => 'pay-4242424242424242');
SELECT paycore.create_payment_intent(:'ada', '1 USD', gateway_params => '{"payment_method_data": {"card": {"number": "4242424242424242"}}}');
SELECT id AS pi FROM paycore.create_payment_intent(:'ada', '1 USD') \gset
SELECT paycore.confirm_payment_intent(:'pi', 'pm_card_visa', gateway_params => '{"payment_method_data": {"card": {"cvc": 123}}}');
SELECT paycore.update_payment_intent(:'pi', metadata => '{"note": "IBAN DE89 3704 0044 0532 0130 00"}');
SELECT paycore.create_gateway_account('eu', 'mock', metadata => '{"iban": "DE89370400440532013000"}');
SELECT paycore.record_payment(:'ada', '1 USD', external_ref => 'GB82 WEST 1234 5698 7654 32', gateway => 'cash');
UPDATE paycore.billing_accounts SET metadata = '{"card": "4242424242424242"}';
-- Every column of text or jsonb that a user writes is guarded.
SELECT c.relname, a.attname
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relnamespace = 'paycore'::regnamespace AND c.relkind = 'r'
	AND a.attname IN ('metadata', 'description', 'name', 'reason', 'external_ref', 'gateway_params')
	AND c.relname NOT IN ('status_changes', 'outbox', 'webhook_events')
	AND NOT EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid AND t.tgfoid = 'paycore.refuse_card_data'::regproc
		AND a.attname = ANY (string_to_array(encode(t.tgargs, 'escape'), '\000')))
ORDER BY 1, 2;
SELECT * FROM paycore.verify();
