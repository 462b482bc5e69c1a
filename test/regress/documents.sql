--
-- The documents of receipts: what they say, in which language, and that no text becomes markup.
--
\getenv srcdir PG_ABS_SRCDIR
\set setup :srcdir '/data/api_setup.sql'
\i :setup
\pset format unaligned
\pset tuples_only on
-- Spaces and marks of direction, which differ between versions of ICU, as one space and nothing.
CREATE FUNCTION plain(t text) RETURNS text LANGUAGE sql AS $$
	SELECT regexp_replace(regexp_replace(t, '&#x(A0|2009|202F);|[' || U&'\00a0\2009\202f' || ']', ' ', 'g'),
		'&#x(200E|200F|61C);|[' || U&'\200e\200f\061c' || ']', '', 'g') $$;
-- Without head, day of issue and number, which differ from run to run.
CREATE FUNCTION body(html text) RETURNS text LANGUAGE sql AS $$
	SELECT regexp_replace(regexp_replace(regexp_replace(plain(html), '^.*</head>', ''), '<dt>[^<]*</dt>\n<dd><time[^>]*>[^<]*</time></dd>', 'ISSUED'),
		'<bdi>....-....</bdi>', 'NUMBER') $$;
CREATE FUNCTION amounts(html text) RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(m[1], ' | ') FROM regexp_matches(plain(html), '<td><bdi[^>]*>([^<]*)</bdi></td>', 'g') m WHERE m[1] !~ 'Payment' $$;
SELECT count(paycore.set_seller($${"name": "Müller & \"Söhne\" <GmbH>", "address_line1": "Hauptstr. 1", "postal_code": "89073", "city": "Ulm", "country": "DE",
	"email": "hallo@example.com", "phone": "+49 731 1", "website": "https://example.com/?a=1&b=2", "tax_id": "DE123456789",
	"footer": "HRB 12345\nGeschäftsführer: J. Müller", "locale": "de-DE", "time_zone": "Europe/Berlin",
	"logo": "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"}$$));
CREATE FUNCTION receipt_of(gross paycore.money_cents, locale text, name text DEFAULT 'Ada', description text DEFAULT NULL) RETURNS uuid LANGUAGE sql AS $$
	SELECT (paycore.issue_receipt((paycore.record_payment(a.id, gross, description => receipt_of.description, method_type => 'transfer',
		received_at => '2026-01-01 23:30+00')).id)).id
	FROM paycore.create_billing_account(name, currency => paycore.currency(gross), gateway => 'cash',
		details => jsonb_strip_nulls(jsonb_build_object('locale', locale, 'city', 'Wien', 'postal_code', '1010', 'country', 'AT'))) a $$;
-- A whole page. 23:30 UTC is the next day in Berlin.
SELECT receipt_of('1234.50 EUR', 'de-DE', description => 'Analytical engine') AS r \gset
SELECT body(paycore.receipt_html(:'r'));
-- Of the head: language, direction, no script and no resource but the page's own.
SELECT (regexp_match(paycore.receipt_html(:'r'), '<html[^>]*>'))[1];
SELECT regexp_replace((regexp_match(paycore.receipt_html(:'r'), '<meta http-equiv[^>]*>'))[1], 'sha256-[A-Za-z0-9+/=]{44}', 'sha256-...');
SELECT (regexp_match(paycore.receipt_html(:'r'), 'sha256-([^&]*)&'))[1]
	= encode(sha256(convert_to((regexp_match(paycore.receipt_html(:'r'), '<style>(.*)</style>'))[1], 'UTF8')), 'base64');
SELECT paycore.receipt_html(:'r') ~ '<title>Quittung ....-....</title>';
-- Amounts and dates by locale: decimals of the currency, grouping, digits.
SELECT l.tag, plain(paycore.format_money(l.amount::paycore.money_cents, l.tag)) FROM (VALUES
	('de-DE', '-1234567.89 EUR'), ('fr_FR', '1234567.89 EUR'), ('en-US', '0.05 USD'), ('en-US', '-0.05 USD'),
	('ja-JP', '1234567 JPY'), ('en', '12.345 KWD'), ('ar-KW', '1234.567 KWD'), ('hi-IN', '1234567.89 INR'), ('en-IN', '1234567.89 INR'),
	('pt-BR', '9007199254740991 JPY'), ('en-US', '90071992547409.91 USD'), ('en-US', '1234.50 IQD'), ('de-DE-u-nu-roman', '12.34 EUR')) AS l(tag, amount);
-- The Swiss group by apostrophes, or spaces, of one kind or the other.
SELECT l, regexp_replace(plain(paycore.format_money('1234567.89 CHF', l)), U&'[ ''\2019]', '_', 'g') FROM unnest('{de-CH,fr-CH}'::text[]) l;
SELECT amounts(paycore.receipt_html(receipt_of('1234567 JPY', 'ja-JP')));
SELECT amounts(paycore.receipt_html(receipt_of('1234.567 KWD', 'ar-KW')));
SELECT amounts(paycore.receipt_html(receipt_of('1234567.89 INR', 'hi-IN')));
SELECT l, (regexp_match(html, '<html[^>]*>'))[1], plain((regexp_match(html, '<time datetime="2026[^>]*>[^<]*</time></td>'))[1])
FROM unnest('{en,en-GB,de,fr-CH,es-MX,it,nl,pt-PT,pl,sv,da,ja,ar-KW,hi-IN,he-IL}'::text[]) l, LATERAL (SELECT paycore.receipt_html(:'r', l) AS html) h;
-- Each language has all its words.
SELECT l, count(DISTINCT m), count(*) FILTER (WHERE m[1] = '') FROM unnest('{en,de,fr,es,it,nl,pt,pl,sv,da,ja,ar}'::text[]) l,
	regexp_matches(paycore.receipt_html(:'r', l), '<(?:h1|h2|dt|th scope)[^>]*>([^<]*)', 'g') m GROUP BY l ORDER BY l;
-- A locale that does not exist is refused where it is given, and passed over where it slipped in.
SELECT paycore.receipt_html(:'r', 'xx');
SELECT paycore.format_money('1 EUR', 'de-DE.UTF-8');
SELECT paycore.format_money('1 EUR', '');
SELECT paycore.format_money('1 EUR', repeat('a', 1000));
SELECT receipt_of('1 EUR', 'xx');
INSERT INTO paycore.billing_accounts (name, currency, gateway_account, locale) VALUES ('Eve', 'EUR', 'cash', 'no such') RETURNING id AS eve \gset
SELECT amounts(paycore.receipt_html((paycore.issue_receipt((paycore.record_payment(:'eve', '1234.5 EUR')).id)).id));
SELECT paycore.update_billing_account(:'eve', '{"locale": "no such"}');
SELECT locale FROM paycore.update_billing_account(:'eve', '{"locale": "sv"}');
-- No text becomes markup, wherever it stands.
SELECT receipt_of('1 EUR', 'en', U&'</bdi><script>alert(1)</script>"''`&amp;\2028\202E\FFFE' || E'\x01\x7f\x1b[0m', '<img src=x onerror=alert(1)>' || E'\n]]>--><!--') AS bad \gset
SELECT (regexp_match(paycore.receipt_html(:'bad'), '<p><bdi>(&#x3C;.*?)</bdi></p>'))[1];
SELECT (regexp_match(paycore.receipt_html(:'bad'), '<tbody><tr><td>(.*?)</td>'))[1];
SELECT (regexp_match(paycore.receipt_html(:'bad'), '<img[^>]*>'))[1];
SELECT paycore.receipt_html(:'bad') ~ '^[\n\x20-\x7e]*$' AS ascii, paycore.receipt_html(:'bad') ~* '<script|<!--|javascript:' AS code;
-- What happened to the money since.
SELECT id AS bob FROM paycore.create_billing_account('Bob', currency => 'USD', details => '{"locale": "en-US", "country": "US", "city": "Reno", "state": "NV", "postal_code": "89501"}') \gset
SELECT id AS pi FROM paycore.create_payment_intent(:'bob', '50 USD', 'pm_card_visa', true, description => 'Books') \gset
CALL paycore.drain_outbox();
SELECT id AS pay FROM paycore.payments WHERE payment_intent_id = :'pi' \gset
SELECT count(paycore.issue_receipt(:'pay'));
SELECT id AS one FROM paycore.create_refund(:'pay', '10 USD') \gset
CALL paycore.drain_outbox();
SELECT count(paycore.create_refund(:'pay', '5 USD'));
SELECT count(paycore.create_refund(:'pay', '1 USD', requires_approval => true));
SELECT regexp_replace(body(paycore.receipt_html(:'pay')), '20[0-9]{2}-[0-9]{2}-[0-9]{2}">[^<]*<', 'DATE<', 'g');
-- The refund's own, and one that came back.
SELECT count(paycore.issue_refund_receipt(:'one'));
SELECT amounts(paycore.receipt_html(:'one')), (regexp_match(paycore.receipt_html(:'one'), '<h1>[^<]*'))[1];
SET session_replication_role = replica;
UPDATE paycore.refunds SET status = 'failed', failed_at = '2026-03-01' WHERE id = :'one';
UPDATE paycore.payments SET status = 'failed', failed_at = '2026-03-02', livemode = true WHERE id = :'pay';
RESET session_replication_role;
SELECT (regexp_matches(paycore.receipt_html(:'one'), '<p class="notice">.*?</p>', 'g'))[1];
SELECT (regexp_matches(paycore.receipt_html(:'pay'), '<p class="notice">.*?</p>', 'g'))[1];
SELECT amounts(paycore.receipt_html(:'pay'));
