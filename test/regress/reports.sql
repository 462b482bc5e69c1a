--
-- Reports, each against a computation of its own by other means: several currencies, zones, tenants, refunds, disputes, bounces, trials, pauses, voided invoices.
--
\getenv srcdir PG_ABS_SRCDIR
\set setup :srcdir '/data/api_setup.sql'
\i :setup
SET timezone = 'UTC';
-- Nothing to report: no rows, and a page that says so.
SELECT (SELECT count(*) FROM paycore.revenue()) + (SELECT count(*) FROM paycore.revenue_by_product()) + (SELECT count(*) FROM paycore.mrr()) + (SELECT count(*) FROM paycore.mrr_by_month())
	+ (SELECT count(*) FROM paycore.churn()) + (SELECT count(*) FROM paycore.retention()) + (SELECT count(*) FROM paycore.retention(of => 'payers'))
	+ (SELECT count(*) FROM paycore.payment_failures()) + (SELECT count(*) FROM paycore.deferred_revenue()) + (SELECT count(*) FROM paycore.subscription_statistics())
	+ (SELECT count(*) FROM paycore.invoice_ageing()) + (SELECT count(*) FROM paycore.tax_summary()) + (SELECT count(*) FROM paycore.billing_statistics()) AS rows;
SELECT p LIKE '<!DOCTYPE html>%There is nothing to report yet.%</html>%' FROM paycore.report_html() p;

\o /dev/null
SELECT paycore.set_seller('{"name": "Shop <script>alert(1)</script> & \"Sons\"", "time_zone": "America/New_York", "locale": "en-US"}');
SELECT paycore.set_test_clock('2025-12-31 20:00+00');
SELECT id AS pro FROM paycore.create_product('pro', 'Professional') \gset
SELECT id AS xss FROM paycore.create_product('xss', '<img src=x onerror=alert(1)> "Seats"') \gset
SELECT paycore.create_price(:'pro', '{"EUR": "20", "USD": "25", "JPY": "3000"}', 'month', code => 'monthly');
SELECT paycore.create_price(:'pro', '{"EUR": "100", "USD": "130", "JPY": "10000"}', 'year', code => 'yearly');
SELECT paycore.create_price(:'xss', '{"EUR": "11.90", "USD": "7", "JPY": "700"}', 'month', code => 'seat', details => '{"tax_inclusive": true}');
SELECT paycore.create_tax_rate('vat', 'VAT', 19), paycore.create_tax_rate('in', 'MwSt', 19, '{"inclusive": true}');
SELECT paycore.set_default_tax_rates('{vat}'), paycore.set_product_tax_rates(:'xss', '{in}');
SELECT paycore.create_coupon('tenth', 'A tenth off', percent_off => 10, duration => 'repeating', details => '{"duration_periods": 3}');
CREATE TABLE who AS SELECT a.id AS account, n, NULL::uuid AS sub FROM generate_series(1, 24) n,
	LATERAL paycore.create_billing_account('Account ' || n, 'a@example.com', (ARRAY['EUR', 'USD', 'JPY'])[1 + n % 3]::paycore.currency, gateway => 'cash',
		details => jsonb_build_object('country', (ARRAY['DE', 'US'])[1 + n % 2])) a;
-- Who begins in which month, with what.
CREATE FUNCTION begin_month(month integer) RETURNS bigint LANGUAGE sql AS $$
	WITH made AS MATERIALIZED (SELECT w.n, (paycore.create_subscription(w.account, jsonb_build_array(jsonb_build_object('price', CASE WHEN w.n % 4 = 0 THEN 'yearly' ELSE 'monthly' END,
		'quantity', 1 + w.n % 3)) || CASE WHEN w.n % 5 = 1 AND w.n % 4 <> 0 THEN '[{"price": "seat", "quantity": 2}]'::jsonb ELSE '[]' END,
		CASE WHEN w.n % 6 = 0 THEN '{"trial_days": 10}'::jsonb ELSE '{}' END)).id FROM who w WHERE w.n % 8 = month),
	set AS (UPDATE who w SET sub = m.id FROM made m WHERE m.n = w.n)
	SELECT count(*) FROM made
$$;
SELECT begin_month(0);
SELECT paycore.apply_coupon(sub, 'tenth') FROM who WHERE sub IS NOT NULL AND n % 4 <> 0;
CALL paycore.run_billing();
SELECT paycore.set_test_clock('2026-02-01 02:00+00');
CALL paycore.run_billing();
SELECT begin_month(1);
SELECT paycore.apply_coupon(sub, 'tenth') FROM who WHERE n % 8 = 1;
CALL paycore.run_billing();
SELECT paycore.pause_subscription(sub) FROM who WHERE n = 1;
SELECT paycore.set_test_clock('2026-03-08 12:00+00');
CALL paycore.run_billing();
SELECT begin_month(m) FROM generate_series(2, 3) m;
CALL paycore.run_billing();
SELECT paycore.cancel_subscription(sub, false) FROM who WHERE n IN (2, 9, 16);
SELECT paycore.void_invoice(i.id) FROM paycore.invoices i JOIN who w ON w.sub = i.subscription_id WHERE w.n IN (3, 9) AND i.finalized_at < '2026-03-09';
SELECT paycore.set_test_clock('2026-05-15 12:00+00');
SELECT paycore.resume_subscription(sub) FROM who WHERE n = 1;
CALL paycore.run_billing();
SELECT begin_month(m) FROM generate_series(4, 5) m;
SELECT paycore.create_subscription(account, '[{"price": "seat"}]') FROM who WHERE n IN (2, 10);
CALL paycore.run_billing();
SELECT paycore.set_test_clock('2026-07-31 23:00+00');
CALL paycore.run_billing();
-- Payments at odd hours, some of them with fees, refunds, disputes and bounces.
CREATE TABLE paid AS SELECT w.n, i, (paycore.record_payment(w.account, paycore.money_cents(1000 + 37 * w.n + i, a.currency), fee => CASE WHEN i % 2 = 0 THEN paycore.money_cents(29 + i, a.currency) END,
	received_at => timestamptz '2026-01-01 00:30+00' + make_interval(days => 11 * i + w.n, hours => 5 * w.n))).id
	FROM who w JOIN paycore.billing_accounts a ON a.id = w.account, generate_series(0, 14) i;
SELECT paycore.create_refund(id, paycore.money_cents(500, currency)) FROM (SELECT p.id, paycore.currency(p.gross) AS currency FROM paid JOIN paycore.payments p USING (id) WHERE (n + i) % 7 = 0) p;
BEGIN;
SET LOCAL session_replication_role = replica;
UPDATE paycore.refunds r SET succeeded_at = '2026-01-31 23:30+00'::timestamptz + make_interval(days => (paycore.cents(p.gross) & 127)::integer) FROM paycore.payments p WHERE p.id = r.payment_id AND r.status::text = 'succeeded';
UPDATE paycore.payments SET status = 'failed', failed_at = captured_at + interval '40 days' WHERE id IN (SELECT id FROM paid WHERE n = 5 AND i < 3);
INSERT INTO paycore.disputes (payment_id, billing_account_id, gateway_account, psp_dispute_id, kind, status, amount, held, fee, opened_at, withdrawn_at)
	SELECT p.id, p.billing_account_id, 'cash', 'dp_' || i, 'dispute', CASE WHEN i = 4 THEN 'won' ELSE 'needs_response' END::paycore.dispute_status, p.gross,
		CASE WHEN i = 4 THEN paycore.money_cents(0, paycore.currency(p.gross)) ELSE p.gross END, paycore.money_cents(1500, 'USD'), p.captured_at + interval '3 days', CASE WHEN i = 5 THEN p.captured_at + interval '20 days' END
	FROM paid JOIN paycore.payments p USING (id) WHERE n = 7 AND i IN (3, 4, 5);
-- Tries: one at once, three that failed first (of which one came in), two of an invoice together.
INSERT INTO paycore.payment_intents (id, billing_account_id, gateway_account, status, amount, invoice_id)
	SELECT md5('intent' || k)::uuid, (SELECT account FROM who WHERE n = 3), 'cash', 'requires_payment_method', paycore.money_cents(1000 * k, 'EUR'),
		CASE WHEN k > 3 THEN (SELECT min(id::text)::uuid FROM paycore.invoices) END FROM generate_series(1, 5) k;
INSERT INTO paycore.payment_attempts (payment_intent_id, outcome, amount, attempted_at)
	SELECT md5('intent' || k)::uuid, outcome, paycore.money_cents(1000 * k, 'EUR'), timestamptz '2026-03-30 12:00+00' + make_interval(days => days)
	FROM (VALUES (1, 'succeeded', 0), (2, 'declined', 0), (2, 'declined', 1), (2, 'succeeded', 3), (3, 'failed', 5), (4, 'declined', 1), (5, 'succeeded', 2)) a (k, outcome, days);
COMMIT;
-- Another tenant has the same, which nobody may see here.
SET paycore.tenant = 'other';
SELECT paycore.create_gateway_account('other-cash', 'manual');
SELECT paycore.record_payment(id, '9999.00 EUR', received_at => '2026-02-02') FROM paycore.create_billing_account('Other', 'o@example.com', 'EUR', gateway => 'other-cash');
RESET paycore.tenant;
\o

-- Revenue: by day, week, month, quarter and year of three zones; fees and disputes by their own currencies.
CREATE VIEW fact AS
	SELECT captured_at AS at, 1 AS n, gross::numeric AS gross, 0 AS refunds, 0 AS disputes, 0 AS bounced, 0 AS fees, paycore.currency(gross)::text AS currency FROM paycore.payments WHERE tenant_id = 'default' AND captured_at IS NOT NULL
	UNION ALL SELECT captured_at, 0, 0, 0, 0, 0, fee::numeric, paycore.currency(fee)::text FROM paycore.payments WHERE tenant_id = 'default' AND fee IS NOT NULL
	UNION ALL SELECT failed_at, 0, 0, 0, 0, gross::numeric, 0, paycore.currency(gross)::text FROM paycore.payments WHERE tenant_id = 'default' AND status::text = 'failed' AND captured_at IS NOT NULL
	UNION ALL SELECT succeeded_at, 0, 0, amount::numeric, 0, 0, 0, paycore.currency(amount)::text FROM paycore.refunds WHERE tenant_id = 'default' AND status::text = 'succeeded'
	UNION ALL SELECT coalesce(withdrawn_at, opened_at), 0, 0, 0, held::numeric, 0, 0, paycore.currency(held)::text FROM paycore.disputes WHERE status::text <> 'won'
	UNION ALL SELECT coalesce(withdrawn_at, opened_at), 0, 0, 0, 0, 0, fee::numeric, paycore.currency(fee)::text FROM paycore.disputes;
SELECT by, zone, (SELECT count(*) FROM paycore.revenue('2026-01-15', '2026-06-15', by, zone)) > 0 AS some, count(d.period) AS differ
FROM unnest(ARRAY['day', 'week', 'month', 'quarter', 'year']) by, unnest(ARRAY['UTC', 'Asia/Tokyo', 'America/New_York']) zone
LEFT JOIN LATERAL ((SELECT period, currency::text, payments, gross::numeric, refunds::numeric, disputes::numeric, bounced::numeric, fees::numeric, net::numeric
		FROM paycore.revenue('2026-01-15', '2026-06-15', by, zone)
	EXCEPT ALL SELECT date_trunc(by, at AT TIME ZONE zone)::date, currency, sum(n), sum(gross), sum(refunds), sum(disputes), sum(bounced), sum(fees), sum(gross - refunds - disputes - bounced - fees)
		FROM fact WHERE at >= '2026-01-15'::timestamp AT TIME ZONE zone AND at < '2026-06-15'::timestamp AT TIME ZONE zone GROUP BY 1, 2)
	UNION ALL (SELECT date_trunc(by, at AT TIME ZONE zone)::date, currency, sum(n), sum(gross), sum(refunds), sum(disputes), sum(bounced), sum(fees), sum(gross - refunds - disputes - bounced - fees)
		FROM fact WHERE at >= '2026-01-15'::timestamp AT TIME ZONE zone AND at < '2026-06-15'::timestamp AT TIME ZONE zone GROUP BY 1, 2
	EXCEPT ALL SELECT period, currency::text, payments, gross::numeric, refunds::numeric, disputes::numeric, bounced::numeric, fees::numeric, net::numeric
		FROM paycore.revenue('2026-01-15', '2026-06-15', by, zone))) d ON true
GROUP BY by, zone ORDER BY 1, 2;
SELECT * FROM paycore.revenue('2026-01-01', '2026-08-01', 'quarter');
SELECT period, gross FROM paycore.revenue('2026-02-01', '2026-03-01', 'month', 'UTC') WHERE currency::text = 'EUR';

-- Recurring revenue: what was so at the end of each month, reckoned from what each subscription had then.
CREATE VIEW held AS SELECT m.subscription_id, m.billing_account_id, m.currency::text, m.after::numeric AS mrr, m.effective_at AS since,
	lead(m.effective_at, 1, 'infinity') OVER (PARTITION BY m.subscription_id ORDER BY m.id) AS until FROM paycore.mrr_movements m WHERE m.tenant_id = 'default';
CREATE VIEW month_end AS SELECT g::date AS month, (g + interval '1 month') AT TIME ZONE 'America/New_York' AS ends FROM generate_series(timestamp '2025-12-01', '2026-07-01', interval '1 month') g;
SELECT count(*) AS months, count(*) FILTER (WHERE r.closing::numeric <> coalesce((SELECT sum(h.mrr) FROM held h WHERE h.currency = r.currency::text AND h.since < e.ends AND h.until >= e.ends), 0)) AS differ,
	count(*) FILTER (WHERE r.opening::numeric + r.new::numeric + r.expansion::numeric + r.contraction::numeric + r.churn::numeric + r.reactivation::numeric <> r.closing::numeric) AS leak
FROM paycore.mrr_by_month('2025-12-01', '2026-08-01') r JOIN month_end e USING (month);
SELECT * FROM paycore.mrr_by_month('2025-12-01', '2026-08-01') WHERE currency::text = 'EUR';
SELECT m.*, m.mrr::numeric = (SELECT sum(s.mrr::numeric) FROM paycore.subscriptions s WHERE s.currency::text = m.currency::text) AS same FROM paycore.mrr() m;
SELECT m.currency, m.mrr::numeric = (SELECT sum(h.mrr) FROM held h WHERE h.currency = m.currency::text AND h.since <= '2026-03-01' AND h.until > '2026-03-01') AS same FROM paycore.mrr('2026-03-01') m;
SELECT c.month, c.currency, c.accounts, c.accounts_gained, c.accounts_lost, c.account_churn, c.lost, c.gross_churn, c.net_churn FROM paycore.churn('2026-02-01', '2026-06-01') c WHERE c.currency::text = 'JPY';
SELECT count(*) AS months, count(*) FILTER (WHERE c.accounts + c.accounts_gained - c.accounts_lost <> (SELECT count(*) FROM
	(SELECT FROM held h WHERE h.currency = c.currency::text AND h.since < e.ends AND h.until >= e.ends GROUP BY h.billing_account_id HAVING sum(h.mrr) > 0) a)) AS differ
FROM paycore.churn('2025-12-01', '2026-08-01') c JOIN month_end e USING (month);
-- Retention: of whom has begun in a month, who has recurring revenue at the end of each since.
CREATE VIEW began AS SELECT billing_account_id, currency, date_trunc('month', min(since) AT TIME ZONE 'America/New_York')::date AS cohort FROM held WHERE mrr > 0 GROUP BY 1, 2;
SELECT count(*) AS cells, count(*) FILTER (WHERE r.retained <> (SELECT count(*) FROM began b WHERE b.cohort = r.cohort AND b.currency = r.currency::text
		AND (SELECT sum(h.mrr) FROM held h WHERE h.billing_account_id = b.billing_account_id AND h.currency = b.currency AND h.since < e.ends AND h.until >= e.ends) > 0)) AS differ,
	count(*) FILTER (WHERE r.accounts <> (SELECT count(*) FROM began b WHERE b.cohort = r.cohort AND b.currency = r.currency::text)) AS differ_in_size
FROM paycore.retention('2025-12-01', '2026-08-01') r JOIN month_end e ON e.month = (r.cohort + make_interval(months => r.month))::date;
SELECT cohort, month, accounts, retained, retention, revenue FROM paycore.retention('2026-01-01', '2026-03-01', time_zone => 'UTC') WHERE currency::text = 'USD';
CREATE VIEW payer AS SELECT billing_account_id, paycore.currency(gross)::text AS currency, date_trunc('month', captured_at AT TIME ZONE 'UTC')::date AS month, gross::numeric
	FROM paycore.payments WHERE tenant_id = 'default' AND status::text = 'succeeded';
SELECT count(*) AS cells, count(*) FILTER (WHERE r.retained <> x.accounts OR r.revenue::numeric <> x.gross) AS differ
FROM paycore.retention('2026-01-01', '2026-08-01', 'payers', 'UTC') r
CROSS JOIN LATERAL (SELECT count(DISTINCT p.billing_account_id) AS accounts, coalesce(sum(p.gross), 0) AS gross FROM payer p WHERE p.currency = r.currency::text
	AND p.month = r.cohort + make_interval(months => r.month)
	AND r.cohort = (SELECT min(f.month) FROM payer f WHERE f.billing_account_id = p.billing_account_id AND f.currency = p.currency)) x;

-- Earned: every line month by month, by plain arithmetic on seconds; the months of each line add up to the cent.
CREATE VIEW line AS SELECT i.currency::text, l.period, i.finalized_at, i.voided_at, (l.amount::numeric - l.discount::numeric - CASE WHEN l.tax_inclusive THEN l.tax::numeric ELSE 0 END) AS net
	FROM paycore.invoice_lines l JOIN paycore.invoices i ON i.id = l.invoice_id WHERE i.tenant_id = 'default';
SELECT r.currency, sum(r.recognised::numeric) AS recognised, (SELECT sum(net) FROM line l WHERE l.currency = r.currency::text AND l.voided_at IS NULL) AS lines,
	sum(r.invoiced::numeric) = sum(r.recognised::numeric) AS all_earned
FROM paycore.deferred_revenue('2025-12-01', '2027-08-01') r GROUP BY r.currency ORDER BY r.currency::text;
SELECT count(*) AS months, count(*) FILTER (WHERE abs(r.recognised::numeric - x.earned) > x.lines * CASE r.currency::text WHEN 'JPY' THEN 1 ELSE 0.01 END) AS differ,
	count(*) FILTER (WHERE r.invoiced::numeric <> x.invoiced) AS differ_in_invoices
FROM paycore.deferred_revenue('2025-12-01', '2026-08-01') r
JOIN month_end e USING (month)
CROSS JOIN LATERAL (SELECT coalesce(sum(l.net * extract(epoch FROM upper(p.part) - lower(p.part)) / extract(epoch FROM upper(l.period) - lower(l.period))), 0)
		- coalesce(sum(CASE WHEN l.voided_at <@ p.month THEN l.net * extract(epoch FROM least(l.voided_at, upper(l.period)) - lower(l.period))
			/ extract(epoch FROM upper(l.period) - lower(l.period)) END), 0) AS earned,
		coalesce(sum(CASE WHEN l.finalized_at <@ p.month THEN l.net ELSE 0 END - CASE WHEN l.voided_at <@ p.month THEN l.net ELSE 0 END), 0) AS invoiced, count(*) AS lines
	FROM line l
	CROSS JOIN LATERAL (SELECT tstzrange(r.month::timestamp AT TIME ZONE 'America/New_York', e.ends) AS month) m
	CROSS JOIN LATERAL (SELECT m.month, l.period * m.month * tstzrange(NULL, l.voided_at) AS part) p
	WHERE l.currency = r.currency::text) x;
SELECT month, invoiced, recognised, deferred FROM paycore.deferred_revenue('2026-02-01', '2026-05-01') WHERE currency::text = 'JPY';

-- Products, taxes, open invoices, failures, statistics.
SELECT r.currency, r.product, sum(r.revenue::numeric) AS revenue, sum(r.discount::numeric) AS discount,
	sum(r.revenue::numeric) = coalesce((SELECT sum(l.amount::numeric - l.discount::numeric - CASE WHEN l.tax_inclusive THEN l.tax::numeric ELSE 0 END) FROM paycore.invoice_lines l
		JOIN paycore.invoices i ON i.id = l.invoice_id WHERE i.status::text <> 'void' AND l.product_id = r.product_id AND i.currency::text = r.currency::text),
		(SELECT sum(p.gross::numeric) FROM paycore.payments p WHERE p.tenant_id = 'default' AND p.status::text = 'succeeded' AND paycore.currency(p.gross)::text = r.currency::text)) AS same
FROM paycore.revenue_by_product('2025-12-01', '2026-08-01') r GROUP BY r.currency, r.product, r.product_id ORDER BY r.currency::text, r.product;
SELECT t.currency, t.country, t.name, sum(t.taxable::numeric) AS taxable, sum(t.tax::numeric) AS tax, sum(t.tax::numeric) = (SELECT sum(l.tax::numeric) FROM paycore.invoice_lines l JOIN paycore.invoices i ON i.id = l.invoice_id
	WHERE i.status::text <> 'void' AND i.currency::text = t.currency::text AND i.customer ->> 'country' = t.country AND l.product_id = CASE t.name WHEN 'VAT' THEN :'pro' ELSE :'xss' END::uuid) AS same
FROM paycore.tax_summary('2025-12-01', '2026-08-01', 'year') t GROUP BY t.currency, t.country, t.name ORDER BY t.currency::text, t.country, t.name;
SELECT a.*, a.amount_due::numeric = (SELECT coalesce(sum(o.amount_due::numeric), 0) FROM paycore.open_invoices o WHERE o.currency::text = a.currency::text AND
	CASE a.overdue WHEN 'not due' THEN o.days_overdue = 0 WHEN '1-30' THEN o.days_overdue BETWEEN 1 AND 30 WHEN '31-60' THEN o.days_overdue BETWEEN 31 AND 60
	WHEN '61-90' THEN o.days_overdue BETWEEN 61 AND 90 ELSE o.days_overdue > 90 END) AS same FROM paycore.invoice_ageing() a;
SELECT * FROM paycore.payment_failures('2026-03-01', '2026-05-01', time_zone => 'UTC');
SELECT * FROM paycore.payment_failures('2026-03-01', '2026-05-01', 'day', 'UTC');
SELECT *, mrr::numeric = (SELECT sum(a.mrr::numeric) FROM paycore.mrr_by_account a WHERE a.currency::text = s.currency::text) AS same FROM paycore.subscription_statistics('2026-02-01', '2026-05-01') s;
SELECT * FROM paycore.billing_statistics('2026-02-01', '2026-05-01');

-- What is no time, unit or zone.
SELECT * FROM paycore.revenue('2026-02-01', '2026-02-01');
SELECT * FROM paycore.revenue('2026-02-01', 'infinity');
SELECT * FROM paycore.revenue(by => 'hour');
SELECT * FROM paycore.revenue(time_zone => 'Mars/Phobos');
SELECT * FROM paycore.retention(of => 'visitors');
SELECT paycore.report_html('1900-01-01');
SELECT paycore.report_html(locale => 'no such thing');

-- The page: nothing of anybody's text becomes markup, no script, each currency by itself, each picture with its words, each chart with a table.
SELECT paycore.report_html('2025-12-01', '2026-08-01') AS page \gset
SELECT p LIKE '<!DOCTYPE html>%</html>%' AS whole, p ~ '<script|<img|<[^>]* (style|on[a-z]+)=|javascript:|<link|@import|url\(' AS markup, p LIKE '%&#x3C;script&#x3E;alert(1)%' AS escaped,
	p LIKE '%&#x3C;img src=x onerror=alert(1)&#x3E;%' AS product, p ~ '[^\x01-\x7E]' AS beyond_ascii,
	(SELECT array_agg(m[1]) FROM regexp_matches(p, '<h2>([^<]*)</h2>', 'g') m) AS currencies,
	(SELECT count(*) FROM regexp_matches(p, '<svg', 'g')) AS pictures, (SELECT count(*) FROM regexp_matches(p, '<svg [^>]*role="img" aria-labelledby="[^"]*"><title id="[^"]*">[^<]+</title>\s*<desc id="[^"]*">[^<]+</desc>', 'g')) AS described,
	(SELECT count(*) FROM regexp_matches(p, '<figure>', 'g')) AS figures, (SELECT count(*) FROM regexp_matches(p, '<table[^>]*><caption>[^<]+</caption>', 'g')) AS tables
FROM (SELECT :'page' AS p) p;
SELECT xmlparse(CONTENT regexp_replace(regexp_replace(:'page', '^<!DOCTYPE html>|<meta [^>]*>', '', 'g'), '<style>.*</style>', '')) IS NOT NULL AS well_formed;
SELECT position('NaN' IN :'page') + position('inf' IN regexp_replace(:'page', '<style>.*</style>', '')) AS no_number;

-- A reader may have them all, of its tenant only.
CREATE ROLE regress_reports_reader;
SELECT paycore.grant_access('regress_reports_reader', 'reader') IS NOT NULL;
SET ROLE regress_reports_reader;
SELECT (SELECT count(*) FROM paycore.revenue('2026-01-01', '2026-08-01')) > 0 AND (SELECT count(*) FROM paycore.revenue_by_product('2026-01-01', '2026-08-01')) > 0 AND (SELECT count(*) FROM paycore.mrr()) > 0
	AND (SELECT count(*) FROM paycore.mrr_by_month('2026-01-01', '2026-08-01')) > 0 AND (SELECT count(*) FROM paycore.churn('2026-01-01', '2026-08-01')) > 0
	AND (SELECT count(*) FROM paycore.retention('2026-01-01', '2026-08-01')) > 0 AND (SELECT count(*) FROM paycore.retention('2026-01-01', '2026-08-01', 'payers')) > 0
	AND (SELECT count(*) FROM paycore.payment_failures('2026-01-01', '2026-08-01')) > 0 AND (SELECT count(*) FROM paycore.deferred_revenue('2026-01-01', '2026-08-01')) > 0
	AND (SELECT count(*) FROM paycore.subscription_statistics()) > 0 AND (SELECT count(*) FROM paycore.invoice_ageing()) > 0 AND (SELECT count(*) FROM paycore.tax_summary('2026-01-01', '2026-08-01')) > 0
	AND (SELECT count(*) FROM paycore.billing_statistics()) > 0 AND (SELECT count(*) FROM paycore.open_invoices) > 0 AND (SELECT count(*) FROM paycore.mrr_by_account) > 0
	AND length(paycore.report_html('2026-01-01', '2026-08-01')) > 10000 AS all_of_them;
RESET ROLE;
SET paycore.tenant = 'other';
SET ROLE regress_reports_reader;
SELECT period, currency, gross FROM paycore.revenue('2026-01-01', '2026-08-01');
SELECT * FROM paycore.mrr();
SELECT count(*) FROM paycore.open_invoices;
SELECT paycore.report_html('2026-01-01', '2026-08-01') LIKE '%Shop%' AS of_the_other;
RESET ROLE;
RESET paycore.tenant;
CREATE ROLE regress_reports_nobody;
SET ROLE regress_reports_nobody;
SELECT * FROM paycore.revenue();
SELECT paycore.report_html();
RESET ROLE;
REVOKE ALL ON ALL TABLES IN SCHEMA paycore FROM regress_reports_reader;
SELECT rule FROM paycore.verify() WHERE rule LIKE '%mrr%';
DROP OWNED BY regress_reports_reader, regress_reports_nobody;
DROP ROLE regress_reports_reader, regress_reports_nobody;
