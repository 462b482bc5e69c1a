--
-- The documents of invoices and credit notes: what they say, in each status, currency and language, and that no text becomes markup.
--
\getenv srcdir PG_ABS_SRCDIR
\set setup :srcdir '/data/api_setup.sql'
\i :setup
SET timezone = 'UTC';
\pset format unaligned
\pset tuples_only on
-- Spaces, those around dashes and marks of direction, which differ between versions of ICU, as one space and nothing.
CREATE FUNCTION plain(t text) RETURNS text LANGUAGE sql AS $$
	SELECT regexp_replace(regexp_replace(regexp_replace(t, '&#x(A0|2009|202F);|[' || U&'\00a0\2009\202f' || ']', ' ', 'g'),
		'&#x(200E|200F|61C);|[' || U&'\200e\200f\061c' || ']', '', 'g'), ' *(&#x2013;|' || U&'\2013' || ') *', '\1', 'g') $$;
CREATE FUNCTION body(html text) RETURNS text LANGUAGE sql AS $$ SELECT regexp_replace(plain(html), '^.*</head>', '') $$;
-- The rows of the table, cells and small print apart by bars.
CREATE FUNCTION rows(html text) RETURNS SETOF text LANGUAGE sql AS $$
	SELECT regexp_replace(regexp_replace(regexp_replace(m[1], '<span class="times">[^<]*</span>', '', 'g'), '</t[dh]>\s*<t[dh][^>]*>|<(div|span) class="detail">', ' | ', 'g'), '<[^>]*>|\n', '', 'g')
	FROM regexp_matches(plain(html), '<tr.*?>(.*?)</tr>', 'g') m $$;
CREATE FUNCTION facts(html text) RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(regexp_replace(m[1] || ': ' || m[2], '<[^>]*>', '', 'g'), ', ') FROM regexp_matches(plain(html), '<dt>(.*?)</dt>\s*<dd>(.*?)</dd>', 'g') m $$;
CREATE FUNCTION notes(html text) RETURNS SETOF text LANGUAGE sql AS $$
	SELECT m[1] || ': ' || regexp_replace(m[2], '<(?!a )[^>]*>|\n', '', 'g') FROM regexp_matches(plain(html), '<p class="(n.*?)">(.*?)</p>', 'g') m $$;
SELECT count(paycore.set_seller($${"name": "Müller & \"Söhne\" <GmbH>", "address_line1": "Hauptstr. 1", "postal_code": "89073", "city": "Ulm", "country": "DE",
	"tax_id": "DE123456789", "email": "hallo@example.com", "footer": "Amtsgericht Ulm, HRB 12345\nIBAN auf Anfrage", "locale": "de-DE", "time_zone": "Europe/Berlin"}$$));
SELECT count(paycore.set_test_clock('2026-01-31 23:30+00'));
SELECT id AS pro FROM paycore.create_product('pro', 'Professional', '{"unit_label": "Plätze"}') \gset
SELECT id AS book FROM paycore.create_product('book', 'Handbuch') \gset
SELECT id AS api FROM paycore.create_product('api', 'API') \gset
SELECT count(paycore.create_meter('calls', 'Calls', 'sum', '{"unit": "Aufrufe"}'));
SELECT count(paycore.create_price(:'pro', '{"EUR": "10.00", "USD": "12.00", "JPY": "1500", "KWD": "3.125"}', 'month', 'per_unit', 'pro'));
SELECT count(paycore.create_price(:'book', '{"EUR": "10.70"}', 'month', code => 'book', details => '{"tax_inclusive": true}'));
SELECT count(paycore.create_price(:'api', '{"EUR": {"tiers": [{"up_to": 1000, "unit_price": "0.0125", "flat_fee": "5"}, {"unit_price": "0.005"}]}}', 'month', 'graduated', 'calls',
	'{"meter": "calls", "free_units": 100}'));
SELECT count(paycore.create_tax_rate('vat', 'MwSt', 19)), count(paycore.create_tax_rate('reduced', 'MwSt', 7, '{"inclusive": true}')),
	count(paycore.create_tax_rate('school', 'MwSt', 0, '{"kind": "exempt", "invoice_text": "Steuerfrei nach § 4 Nr. 21 UStG."}')),
	count(paycore.create_tax_rate('state', 'State tax', 6.25)), count(paycore.create_tax_rate('city', 'City <tax>', 2.5));
SELECT count(r) FROM paycore.set_default_tax_rates(ARRAY['vat']) r;
SELECT count(r) FROM paycore.set_product_tax_rates(:'book', ARRAY['reduced']) r;
SELECT count(paycore.create_coupon('tenth', 'Ein Zehntel <weg>', percent_off => 10, duration => 'forever')),
	count(paycore.create_coupon('books', 'Bücher', percent_off => 50, duration => 'forever', details => jsonb_build_object('products', jsonb_build_array('book'))));
CREATE FUNCTION account(name text, currency text, details jsonb) RETURNS uuid LANGUAGE sql AS $$
	SELECT id FROM paycore.create_billing_account(name, 'mail@example.com', currency::paycore.currency, gateway => 'cash', details => details) $$;
CREATE FUNCTION latest(account uuid) RETURNS uuid LANGUAGE sql AS $$ SELECT id FROM paycore.list_invoices(account, page_size => 1) $$;
SELECT account('Ada', 'EUR', '{"locale": "de-AT", "address_line1": "Ring 1", "postal_code": "1010", "city": "Wien", "country": "AT", "tax_id": "ATU12345678"}') AS ada \gset
SELECT id AS sub FROM paycore.create_subscription(:'ada', '[{"price": "pro", "quantity": 3}, {"price": "book", "quantity": 2}, {"price": "calls"}]',
	'{"collection": "send_invoice", "days_until_due": 14, "time_zone": "Europe/Vienna"}') \gset
SELECT count(paycore.apply_coupon(:'sub', 'tenth')), count(paycore.apply_coupon(:'sub', 'books'));
SELECT paycore.bill_subscriptions();
-- A whole page. 23:30 UTC is the next day in Berlin and Vienna.
SELECT latest(:'ada') AS inv \gset
SELECT body(paycore.invoice_html(:'inv', pay_url => 'https://pay.example.com/?invoice=INV-000001&x=1'));
SELECT jsonb_pretty(paycore.invoice_data(:'inv') - '{id,seller,account,lines}'::text[]);
SELECT jsonb_pretty(paycore.invoice_data(:'inv') #> '{lines,1}');
-- Parties are those of the day of issue.
SELECT count(paycore.update_billing_account(:'ada', '{"name": "Augusta", "locale": "fr-CH", "city": "Genf"}')), count(paycore.set_seller('{"name": "Other", "footer": null, "time_zone": "Asia/Tokyo"}'));
SELECT d -> 'seller' ->> 'name', d -> 'seller' ->> 'footer', d ->> 'time_zone', d ->> 'locale', d -> 'account' ->> 'city' FROM paycore.invoice_data(:'inv') d;
SELECT count(paycore.update_billing_account(:'ada', '{"name": "Ada", "locale": "de-AT"}')), count(paycore.set_seller('{"name": "Müller GmbH", "time_zone": "Europe/Berlin"}'));
-- In part credited, then paid, in another language.
SELECT count(paycore.create_credit_note(:'inv', '[{"place": 1, "quantity": 1}]', reason => 'Ein Platz <zu viel>', memo => 'Bitte & danke'));
SELECT count(paycore.record_invoice_payment(:'inv', '10.00 EUR', method_type => 'transfer'));
SELECT facts(paycore.invoice_html(:'inv', 'en-GB'));
SELECT rows(paycore.invoice_html(:'inv', 'en-GB'));
SELECT count(paycore.record_invoice_payment(:'inv', method_type => 'cash'));
SELECT notes(paycore.invoice_html(:'inv', 'en-GB'));
SELECT rows(paycore.invoice_html(:'inv', 'en-GB'));
SELECT id AS note FROM paycore.list_credit_notes(:'ada') \gset
SELECT body(paycore.credit_note_html(:'note'));
SELECT jsonb_pretty(jsonb_set(paycore.credit_note_data(:'note') - '{id,seller,account}'::text[], '{invoice,id}', '0'));
-- Usage, by tiers and with units that are free.
SELECT count(paycore.set_test_clock('2026-02-10 00:00+00'));
SELECT count(paycore.record_usage('calls', :'ada', 2500));
SELECT count(paycore.set_test_clock('2026-03-01 12:00+00'));
SELECT paycore.bill_subscriptions();
SELECT latest(:'ada') AS inv \gset
SELECT rows(paycore.invoice_html(:'inv', 'en'));
-- What is void, given up, or a draft says so.
SELECT count(paycore.write_off_invoice(:'inv'));
SELECT notes(paycore.invoice_html(:'inv', 'en', 'https://pay.example.com/1'));
SELECT count(paycore.void_invoice(:'inv'));
SELECT notes(paycore.invoice_html(:'inv', 'en', 'https://pay.example.com/1'));
SELECT r FROM rows(paycore.invoice_html(:'inv', 'en')) r WHERE r ~ 'due';
SELECT count(paycore.void_credit_note(:'note'));
SELECT notes(paycore.credit_note_html(:'note', 'en'));
INSERT INTO paycore.invoices (billing_account_id, reason, currency, subtotal, discount, tax, tax_included, total, balance_applied, amount_paid, amount_credited, amount_due, total_credited)
SELECT :'ada', 'manual', 'EUR', z, z, z, z, z, z, z, z, z, z FROM paycore.money_cents(0, 'EUR') z RETURNING id AS draft \gset
SELECT facts(paycore.invoice_html(:'draft', 'en'));
SELECT notes(paycore.invoice_html(:'draft', 'en'));
SELECT d -> 'seller' ->> 'name', d -> 'account' ->> 'name', d -> 'lines' FROM paycore.invoice_data(:'draft') d;
-- Currencies without and with three decimals; taxes on top of each other; exempt, and a reverse charge.
SELECT account('Yen', 'JPY', '{"locale": "ja"}') AS yen, account('Dinar', 'KWD', '{"locale": "en"}') AS dinar \gset
SELECT count(paycore.create_subscription(a, '[{"price": "pro", "quantity": 1200}]')) FROM unnest(ARRAY[:'yen', :'dinar']::uuid[]) a;
SELECT paycore.bill_subscriptions();
SELECT rows(paycore.invoice_html(latest(:'yen')));
SELECT rows(paycore.invoice_html(latest(:'dinar')));
SELECT count(r) FROM paycore.set_product_tax_rates(:'pro', ARRAY['state', 'city']) r;
SELECT account('Us', 'USD', '{"locale": "en-US", "country": "US", "city": "Reno", "state": "NV", "postal_code": "89501"}') AS us \gset
SELECT count(paycore.create_subscription(:'us', '[{"price": "pro"}]')), count(paycore.credit_account(:'us', '3.00 USD', 'gift'));
SELECT paycore.bill_subscriptions();
SELECT rows(paycore.invoice_html(latest(:'us')));
SELECT count(r) FROM paycore.set_product_tax_rates(:'pro', ARRAY['school']) r;
SELECT count(paycore.update_billing_account(:'us', '{"tax_exempt": "reverse"}')), count(paycore.add_charge(:'us', '5.00 USD', 'Set-up'));
SELECT count(paycore.set_test_clock('2026-04-01 12:00+00'));
SELECT paycore.bill_subscriptions() > 0;
SELECT rows(paycore.invoice_html(latest(:'us')));
SELECT notes(paycore.invoice_html(latest(:'us'), l)) FROM unnest('{de,en}'::text[]) l;
-- Whose number it is: of the VAT, or of the tax office.
SELECT t, (regexp_match(paycore.receipt_html(r.id, 'de'), 'Rechnung an.*?<bdi>([^<]*): ' || t))[1]
FROM unnest('{DE123456789,DE 123 456 789,89/815/08150,DE12345678,DE12345678X,ATU12345678,FRXX123456789,NL123456789B01,US123456789,12-3456789}'::text[]) t,
	LATERAL (SELECT account('Tax', 'EUR', jsonb_build_object('tax_id', t)) AS id) a, LATERAL paycore.record_payment(a.id, '1 EUR') p, LATERAL paycore.issue_receipt(p.id) r;
-- Each language has all its words.
SELECT l, count(DISTINCT m[1]), count(*) FILTER (WHERE m[1] = '') FROM unnest('{en,de,fr,es,it,nl,pt,pl,sv,da,ja,ar}'::text[]) l,
	regexp_matches(paycore.invoice_html(:'inv', l) || paycore.credit_note_html(:'note', l), '<(?:h1|h2|dt|th scope|p class)[^>]*>(?:<bdi>)?([^<]*)', 'g') m GROUP BY l ORDER BY l;
-- No text becomes markup, wherever it stands, and nothing but an https address becomes a link.
SELECT account(U&'</bdi><script>alert(1)</script>"''`&amp;\2028\202E\FFFE' || E'\x01\x7f\x1b[0m', 'EUR', '{"city": "<b>", "locale": "en"}') AS bad \gset
SELECT count(paycore.update_product(:'pro', '{"name": "<img src=x onerror=alert(1)>", "unit_label": "<u>"}'));
SELECT id AS badsub FROM paycore.create_subscription(:'bad', '[{"price": "pro"}, {"price": "book"}]') \gset
SELECT count(paycore.apply_coupon(:'badsub', 'tenth')), count(paycore.add_charge(:'bad', '1 EUR', E']]>--><!--<script>\n&'));
SELECT paycore.bill_subscriptions();
SELECT count(paycore.create_credit_note(latest(:'bad'), reason => '<script>', memo => '--><script>'));
SELECT html ~ '^[\n\x20-\x7e]*$' AS ascii, html ~* '<script|<!--[^>]|javascript:|<img|<u>|<b>' AS code, length(html) > 3000
FROM (VALUES (paycore.invoice_html(latest(:'bad'))), (paycore.credit_note_html((SELECT id FROM paycore.list_credit_notes(:'bad'))))) h (html);
SELECT count(paycore.invoice_html(:'inv', pay_url => u)) FROM unnest(ARRAY['javascript:alert(1)']) u;
SELECT count(paycore.invoice_html(:'inv', pay_url => u)) FROM unnest(ARRAY['http://pay.example.com']) u;
SELECT count(paycore.invoice_html(:'inv', pay_url => u)) FROM unnest(ARRAY['https://x/"onclick=1']) u;
SELECT paycore.invoice_html(:'inv', 'xx');
SELECT paycore.invoice_html(NULL);
SELECT paycore.invoice_html(:'ada');
SELECT paycore.credit_note_html(:'inv');
-- Readers print, in their tenant.
CREATE ROLE documents_reader;
SELECT count(paycore.grant_access('documents_reader', 'reader'));
SET ROLE documents_reader;
SELECT length(paycore.invoice_html(:'inv')) > 1000, length(paycore.credit_note_html(:'note')) > 1000, paycore.invoice_data(:'inv') IS NOT NULL, paycore.credit_note_data(:'note') IS NOT NULL;
SET paycore.tenant = 'other';
SELECT paycore.invoice_html(:'inv');
RESET ROLE;
RESET paycore.tenant;
DROP OWNED BY documents_reader;
DROP ROLE documents_reader;
SELECT * FROM paycore.verify();
