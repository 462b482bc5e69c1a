--
-- Subscriptions: what they begin with, and how they end, pause and go on.
--
\getenv srcdir PG_ABS_SRCDIR
\set setup :srcdir '/data/api_setup.sql'
\i :setup
SET timezone = 'UTC';
SELECT id AS ada FROM paycore.create_billing_account('Ada', 'ada@example.com', 'USD', gateway => 'cash') \gset
SELECT id AS bob FROM paycore.create_billing_account('Bob', 'bob@example.com', 'EUR', gateway => 'cash') \gset
SELECT id AS pro FROM paycore.create_product('pro', 'Professional') \gset
SELECT id AS extra FROM paycore.create_product('extra', 'More projects') \gset
SELECT feature, allowance, per_unit FROM paycore.set_product_feature(:'pro', 'projects', 10)
UNION ALL SELECT feature, allowance, per_unit FROM paycore.set_product_feature(:'extra', 'projects', 5, per_unit => true)
UNION ALL SELECT feature, allowance, per_unit FROM paycore.set_product_feature(:'pro', 'api');
SELECT id AS monthly FROM paycore.create_price(:'pro', '{"USD": 20}', 'month', code => 'pro-monthly') \gset
SELECT id AS trial FROM paycore.create_price(:'pro', '{"USD": 20}', 'month', code => 'pro-trial', details => '{"trial_days": 14}') \gset
SELECT code FROM paycore.create_price(:'pro', '{"USD": 200}', 'year', code => 'pro-yearly');
SELECT code FROM paycore.create_price(:'pro', '{"USD": 99}', code => 'setup');
SELECT code FROM paycore.create_price(:'extra', '{"USD": 3}', 'month', code => 'extra-monthly');

-- The time is the tenant's.
SELECT paycore.billing_now() = now();
SELECT tenant_id, shows FROM paycore.set_test_clock('2026-01-31 10:00+00');
SELECT paycore.billing_now();
SELECT paycore.set_test_clock('2026-01-31 09:59+00');
SELECT paycore.set_test_clock('infinity');
SELECT paycore.set_test_clock(NULL);
SET paycore.tenant = 'other';
SELECT paycore.billing_now() = now();
INSERT INTO paycore.gateway_accounts (name, gateway, livemode) VALUES ('live', 'stripe', true);
SELECT paycore.set_test_clock('2026-01-31 10:00+00');
RESET paycore.tenant;

-- From now on, by the month.
SELECT id AS sub, status, currency, every, anchor, time_zone, starts_at, trial_end, period_start, period_end, next_bill_at, collection
	FROM paycore.create_subscription(:'ada', '[{"price": "pro-monthly"}]') \gset
SELECT status, currency, every, anchor, time_zone, starts_at, trial_end, period_start, period_end, next_bill_at, collection
	FROM paycore.list_subscriptions(:'ada');
SELECT quantity, exclusive, starts_at, ends_at FROM paycore.subscription_items WHERE subscription_id = :'sub';
SELECT from_status, to_status, source FROM paycore.status_history(:'sub');
-- The days of a trial, and the month after it, are those of the time zone.
SELECT starts_at, status, trial_end, period_end, next_bill_at, anchor
	FROM paycore.create_subscription(:'ada', '[{"price": "pro-trial", "quantity": 2}]', '{"time_zone": "America/New_York", "trial_days": 40}');
SELECT status, trial_end FROM paycore.create_subscription(:'ada', '[{"price": "pro-trial"}]');
SELECT status, trial_end FROM paycore.create_subscription(:'ada', '[{"price": "pro-trial"}]', '{"trial_days": 0}');
SELECT status, trial_end, next_bill_at FROM paycore.create_subscription(:'ada', '[{"price": "pro-trial"}]', '{"trial_end": "2026-02-10 00:00+00"}');
-- A day of the month of one's own: the first period is short.
SELECT period_start, period_end, next_bill_at FROM paycore.create_subscription(:'ada', '[{"price": "pro-monthly"}]', '{"anchor": "2026-02-05 00:00+00"}');
SELECT period_start, period_end FROM paycore.create_subscription(:'ada', '[{"price": "pro-yearly"}]', '{"anchor": "2024-02-29 00:00+00"}');
-- Later, or earlier.
SELECT status, period_start, period_end, next_bill_at FROM paycore.create_subscription(:'ada', '[{"price": "pro-monthly"}]', '{"starts_at": "2026-03-01 00:00+00"}');
SELECT status, period_start, period_end, next_bill_at FROM paycore.create_subscription(:'ada', '[{"price": "pro-monthly"}]', '{"starts_at": "2025-11-30 00:00+00"}');

-- What does not fit.
\set VERBOSITY default
SELECT paycore.create_subscription(:'ada', '[]');
SELECT paycore.create_subscription(:'ada', '[{"quantity": 1}]');
SELECT paycore.create_subscription(:'ada', '[{"price": "gold"}]');
SELECT paycore.create_subscription(:'ada', '[{"price": "setup"}]');
SELECT paycore.create_subscription(:'ada', '[{"price": "pro-monthly"}, {"price": "pro-yearly"}]');
SELECT paycore.create_subscription(:'bob', '[{"price": "pro-monthly"}]');
SELECT paycore.create_subscription(:'ada', '[{"price": "pro-monthly"}]', '{"colour": 1}');
SELECT paycore.create_subscription(:'ada', '[{"price": "pro-monthly"}]', '{"time_zone": "Mars/Olympus"}');
\set VERBOSITY sqlstate
SELECT paycore.create_subscription(:'ada', NULL);
SELECT paycore.create_subscription(:'ada', '{"price": "pro-monthly"}');
SELECT paycore.create_subscription(:'ada', '[1]');
SELECT paycore.create_subscription(:'ada', '[{"price": "pro-monthly", "quantity": -1}]');
SELECT paycore.create_subscription(:'ada', '[{"price": "pro-monthly"}]', '{"collection": "by_pigeon"}');
SELECT paycore.create_subscription(:'ada', '[{"price": "pro-monthly"}]', '{"minimum": "5.00 EUR"}');
SELECT paycore.create_subscription(:'ada', '[{"price": "pro-monthly"}]', '{"minimum": "-5.00 USD"}');
SELECT paycore.create_subscription(:'ada', '[{"price": "pro-monthly"}]', '{"trial_end": "2026-01-01 00:00+00"}');
SELECT paycore.create_subscription(:'ada', '[{"price": "pro-monthly"}]', '{"trial_days": 100000}');
SELECT paycore.create_subscription(:'ada', '[{"price": "pro-monthly"}]', '{"cancel_at": "2026-01-31 10:00+00"}');
SELECT paycore.create_subscription(:'ada', '[{"price": "pro-monthly"}]', '{"starts_at": "infinity"}');
SELECT paycore.create_subscription(:'ada', '[{"price": "pro-monthly"}]', '{"starts_at": "soon"}');
SELECT paycore.create_subscription(:'ada', '[{"price": "pro-monthly"}]', '{"external_ref": "4242 4242 4242 4242"}');
SELECT paycore.create_subscription(paycore.uuid_v7(), '[{"price": "pro-monthly"}]');
-- Once by its key, and once by the application's name for it.
SELECT id AS first FROM paycore.create_subscription(:'ada', '[{"price": "extra-monthly"}]', '{"external_ref": "s-1"}', 'key-1') \gset
SELECT id = :'first' FROM paycore.create_subscription(:'ada', '[{"price": "extra-monthly"}]', '{"external_ref": "s-1"}', 'key-1');
SELECT paycore.create_subscription(:'ada', '[{"price": "extra-monthly", "quantity": 2}]', '{"external_ref": "s-1"}', 'key-1');
SELECT paycore.create_subscription(:'ada', '[{"price": "extra-monthly"}]', '{"external_ref": "s-1"}');
-- A product that an account has once.
SELECT id AS eve FROM paycore.create_billing_account('Eve', 'eve@example.com', 'USD', gateway => 'cash') \gset
SELECT id AS only FROM paycore.create_subscription(:'eve', '[{"price": "pro-monthly", "exclusive": true}, {"price": "extra-monthly", "quantity": 3}]') \gset
SELECT paycore.create_subscription(:'eve', '[{"price": "pro-monthly", "exclusive": true}]');
SELECT count(*) FROM paycore.subscriptions WHERE billing_account_id = :'eve';
SELECT paycore.entitled(:'eve', 'api'), paycore.allowance(:'eve', 'projects'), paycore.allowance(:'eve', 'api'),
	paycore.entitled(:'eve', 'sso'), paycore.allowance(:'eve', 'sso'), paycore.entitled(:'bob', 'api');

-- It ends with its period, unless it is kept.
SELECT paycore.set_test_clock('2026-02-01 00:00+00') IS NOT NULL;
SELECT status, cancel_at, cancel_reason, canceled_at, ended_at FROM paycore.cancel_subscription(:'only', reason => 'too dear');
SELECT status, cancel_at, cancel_reason, canceled_at FROM paycore.keep_subscription(:'only');
SELECT status, cancel_at, cancel_reason, ended_at, next_bill_at FROM paycore.cancel_subscription(:'only', false, 'too dear');
SELECT ends_at FROM paycore.subscription_items WHERE subscription_id = :'only';
SELECT paycore.entitled(:'eve', 'api'), paycore.allowance(:'eve', 'projects');
SELECT paycore.cancel_subscription(:'only');
SELECT paycore.keep_subscription(:'only');
SELECT paycore.pause_subscription(:'only');
SELECT status FROM paycore.create_subscription(:'eve', '[{"price": "pro-monthly", "exclusive": true}]');
-- What has not begun ends at once.
SELECT status FROM paycore.cancel_subscription((SELECT id FROM paycore.subscriptions WHERE status::text = 'scheduled'));

-- Pauses: the period that is billed goes on, another one begins when it is over.
SELECT id AS pausing FROM paycore.create_subscription(:'eve', '[{"price": "extra-monthly"}]') \gset
SELECT status, paused_at, resumes_at, next_bill_at FROM paycore.pause_subscription(:'pausing', reason => 'holidays');
SELECT paycore.pause_subscription(:'pausing');
SELECT paycore.set_test_clock('2026-02-20 00:00+00') IS NOT NULL;
SELECT status, paused_at, anchor, next_bill_at FROM paycore.resume_subscription(:'pausing');
SELECT paycore.resume_subscription(:'pausing');
SELECT paycore.pause_subscription(:'pausing', '2026-02-20 00:00+00');
SELECT status, resumes_at, next_bill_at FROM paycore.pause_subscription(:'pausing', '2026-05-01 00:00+00');
SELECT paycore.set_test_clock('2026-04-01 00:00+00') IS NOT NULL;
SELECT status, anchor, resumes_at, next_bill_at FROM paycore.resume_subscription(:'pausing');
SELECT from_status, to_status, reason FROM paycore.status_history(:'pausing');

-- What may be changed freely.
SELECT collection, days_until_due, minimum, description, metadata FROM paycore.update_subscription(:'sub',
	'{"collection": "send_invoice", "days_until_due": 14, "minimum": "5.00 USD", "description": "Ours", "metadata": {"a": 1}}');
SELECT paycore.update_subscription(:'sub', '{"minimum": "5.00 EUR"}');
SELECT paycore.update_subscription(:'sub', '{"minimum": "-0.01 USD"}');
SELECT paycore.update_subscription(paycore.uuid_v7(), '{"minimum": "1.00 USD"}');
SELECT days_until_due, minimum, metadata FROM paycore.update_subscription(:'sub', '{"days_until_due": null, "minimum": null, "metadata": {"a": null}}');
SELECT paycore.update_subscription(:'sub', '{"anchor": "2026-01-01"}');
SELECT paycore.update_subscription(:'sub', '{"external_ref": "s-1"}');
SELECT paycore.update_subscription(:'sub', '{"collection": null}');
SELECT paycore.update_subscription(:'sub', '{"days_until_due": 3651}');
SELECT days_until_due FROM paycore.update_subscription(:'sub', '{"days_until_due": 3650}');
-- And what not, whoever writes.
UPDATE paycore.subscriptions SET time_zone = 'Europe/Berlin' WHERE id = :'sub';
UPDATE paycore.subscriptions SET currency = 'EUR' WHERE id = :'sub';
UPDATE paycore.subscriptions SET status = 'scheduled' WHERE id = :'sub';
UPDATE paycore.subscriptions SET status = 'canceled' WHERE id = :'sub';
UPDATE paycore.subscriptions SET next_bill_at = NULL WHERE id = :'sub';
UPDATE paycore.subscription_items SET quantity = 2 WHERE subscription_id = :'sub';
UPDATE paycore.subscription_items SET ends_at = now() WHERE subscription_id = :'only';
DELETE FROM paycore.subscription_items WHERE subscription_id = :'sub';
DELETE FROM paycore.subscriptions WHERE id = :'sub';
SELECT paycore.remove_test_clock(), paycore.remove_test_clock();
SELECT * FROM paycore.verify();
-- Who keeps the catalogue, and who subscribes.
CREATE ROLE regress_subscriptions_admin;
CREATE ROLE regress_subscriptions_app;
SELECT paycore.grant_access('regress_subscriptions_admin', 'admin') IS NOT NULL, paycore.grant_access('regress_subscriptions_app', 'app') IS NOT NULL;
SET ROLE regress_subscriptions_admin;
SELECT id AS basic FROM paycore.create_product('basic', 'Basic') \gset
SELECT feature FROM paycore.set_product_feature(:'basic', 'api');
SELECT paycore.remove_product_feature(:'basic', 'api');
SELECT id AS basic_monthly FROM paycore.create_price(:'basic', '{"USD": 5}', 'month') \gset
SELECT version FROM paycore.revise_price(:'basic_monthly', '{"USD": 6}');
SELECT shows FROM paycore.set_test_clock('2027-01-31 00:00+00');
SELECT paycore.remove_test_clock();
SET ROLE regress_subscriptions_app;
SELECT paycore.create_product('theirs', 'Theirs');
SELECT paycore.set_test_clock('2027-01-31 00:00+00');
UPDATE paycore.subscriptions SET description = 'x';
SELECT id AS theirs, status FROM paycore.create_subscription(:'eve', '[{"price": "basic"}]') \gset
SELECT status FROM paycore.cancel_subscription(:'theirs', false);
SELECT paycore.entitled(:'eve', 'api'), paycore.price_of(:'basic_monthly', 'USD');
RESET ROLE;
SET client_min_messages = error;
DROP OWNED BY regress_subscriptions_admin, regress_subscriptions_app;
DROP ROLE regress_subscriptions_admin, regress_subscriptions_app;
-- A status that a trigger of the owner's moves, where the statement does not name it.
CREATE FUNCTION meddle() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.status := 'past_due'; RETURN NEW; END $$;
CREATE TRIGGER unnamed BEFORE UPDATE ON paycore.subscriptions FOR EACH ROW EXECUTE FUNCTION meddle();
SELECT status FROM paycore.update_subscription((SELECT min(id::text)::uuid FROM paycore.subscriptions WHERE status::text = 'active'), '{"description": "x"}');
DROP TRIGGER unnamed ON paycore.subscriptions;
-- A trial that is given another end is as one that was made so, whether that is to come or is now.
SET paycore.tenant = 'trials';
SELECT name FROM paycore.create_gateway_account('tried', 'manual');
SELECT shows FROM paycore.set_test_clock('2030-01-01 00:00+00');
SELECT id AS tess FROM paycore.create_billing_account('Tess', 'tess@example.com', 'USD', gateway => 'tried') \gset
SELECT id AS plan FROM paycore.create_product('plan', 'Plan') \gset
SELECT code FROM paycore.create_price(:'plan', '{"USD": 31}', 'month', details => '{"trial_days": 14}');
SELECT code FROM paycore.create_price(:'plan', '{"USD": 365}', 'year', code => 'plan-yearly');
CREATE FUNCTION try(ref text, more jsonb DEFAULT '{}') RETURNS bigint LANGUAGE sql AS $$
	SELECT count(*) FROM paycore.billing_accounts a, paycore.create_subscription(a.id, '[{"price": "plan"}]', more || jsonb_build_object('external_ref', ref)) s WHERE a.name = 'Tess' $$;
CREATE FUNCTION tried(ref text) RETURNS uuid LANGUAGE sql STABLE AS $$ SELECT id FROM paycore.subscriptions WHERE external_ref = ref $$;
CREATE FUNCTION end_trial(ref text, at text) RETURNS paycore.subscription LANGUAGE sql AS $$
	SELECT paycore.update_subscription(tried(ref), jsonb_build_object('trial_end', at)) $$;
CREATE VIEW trials AS SELECT external_ref AS name, status, trial_end, anchor, period_start, period_end, billed_until, next_bill_at, cancel_at, change_at, mrr
	FROM paycore.subscriptions WHERE tenant_id = 'trials';
-- Those that were made so.
SELECT try('later', '{"trial_end": "2030-02-10 00:00+00"}'), try('anchored', '{"trial_end": "2030-02-10 00:00+00", "anchor": "2030-01-20 00:00+00"}'),
	try('sooner', '{"trial_end": "2030-01-08 00:00+00"}'), try('ending', '{"trial_end": "2030-02-10 00:00+00", "cancel_at": "2030-01-15 00:00+00"}'), try('none', '{"trial_days": 0}');
-- Those that are moved.
SELECT try('later-m'), try('anchored-m', '{"anchor": "2030-01-20 00:00+00"}'), try('sooner-m'), try('ending-m', '{"cancel_at": "2030-01-15 00:00+00"}'), try('none-m'), try('over-m'), try('half'), try('yearly');
SELECT name, count(*) FROM (SELECT DISTINCT split_part(t.name, '-', 1) AS name, t.status, t.trial_end, t.anchor, t.period_start, t.period_end, t.billed_until, t.next_bill_at, t.cancel_at
	FROM (SELECT * FROM trials WHERE name NOT LIKE '%-m' UNION ALL SELECT m.name, e.status, e.trial_end, e.anchor, e.period_start, e.period_end, e.billed_until, e.next_bill_at, e.cancel_at, e.change_at, e.mrr
		FROM (VALUES ('later-m', '2030-02-10 00:00+00'), ('anchored-m', '2030-02-10 00:00+00'), ('sooner-m', '2030-01-08 00:00+00'), ('ending-m', '2030-02-10 00:00+00'), ('none-m', '2029-12-31 00:00+00')) m (name, at),
			end_trial(m.name, m.at) e) t WHERE split_part(t.name, '-', 1) NOT IN ('half', 'yearly')) t GROUP BY name ORDER BY name;
-- What was to change with the trial's end goes with it; what is to change at a time does not.
SELECT effective_at FROM paycore.change_subscription(tried('yearly'), '[{"item": "plan", "price": "plan-yearly"}]', 'renewal');
SELECT trial_end, change_at, next_bill_at FROM end_trial('yearly', '2030-01-20 00:00+00');
SELECT effective_at FROM paycore.change_subscription(tried('half'), '[{"item": "plan", "quantity": 2}]', '2030-01-10 00:00+00');
SELECT trial_end, change_at, next_bill_at FROM end_trial('half', '2030-01-20 00:00+00');
CALL paycore.run_billing();
-- What was canceled at the end of its trial ends with a later one, and no sooner with a sooner one.
SELECT try('leaving'), try('hurried');
SELECT cancel_at FROM paycore.cancel_subscription(tried('leaving'));
SELECT trial_end, cancel_at, next_bill_at FROM end_trial('leaving', '2030-01-20 00:00+00');
SELECT trial_end, cancel_at, next_bill_at FROM end_trial('leaving', '2030-01-25 00:00+00');
SELECT cancel_at FROM paycore.cancel_subscription(tried('hurried'));
SELECT trial_end, cancel_at, period_end, next_bill_at FROM end_trial('hurried', '2030-01-08 00:00+00');
SELECT cancel_at, next_bill_at FROM paycore.keep_subscription(tried('leaving'));
SELECT status, next_bill_at FROM paycore.cancel_subscription(tried('leaving'), false);
SELECT status, next_bill_at FROM paycore.cancel_subscription(tried('hurried'), false);
-- Over now: its first bill is due.
SELECT paycore.set_test_clock('2030-01-05 00:00+00') IS NOT NULL, try('over', '{"starts_at": "2030-01-01 00:00+00", "trial_end": "2030-01-05 00:00+00"}');
SELECT status, trial_end, anchor, period_start, period_end, billed_until, next_bill_at FROM end_trial('over-m', '2030-01-04 00:00+00');
SELECT status, trial_end, anchor, period_start, period_end, billed_until, next_bill_at FROM trials WHERE name = 'over';
SELECT from_status, to_status, source FROM paycore.status_history(tried('over-m'));
SELECT status, change_at, next_bill_at FROM end_trial('yearly', '2030-01-01 00:00+00');
CALL paycore.run_billing();
SELECT s.external_ref, i.total, lower(l.period), upper(l.period) FROM paycore.invoices i JOIN paycore.invoice_lines l ON l.invoice_id = i.id JOIN paycore.subscriptions s ON s.id = i.subscription_id
	WHERE i.tenant_id = 'trials' ORDER BY s.external_ref;
SELECT name, mrr FROM trials WHERE mrr IS NOT NULL ORDER BY name;
-- Not so.
SELECT end_trial('none', '2030-02-01 00:00+00');
SELECT paycore.update_subscription(paycore.uuid_v7(), '{"trial_end": "2030-02-01 00:00+00"}');
SELECT end_trial('later', NULL);
SELECT end_trial('later', 'infinity');
SELECT status FROM paycore.pause_subscription(tried('later-m'));
SELECT end_trial('later-m', '2030-02-01 00:00+00');
SELECT status FROM paycore.resume_subscription(tried('later-m'));
-- Nor once it is over, though nobody has billed it.
SELECT paycore.set_test_clock('2030-01-09 00:00+00') IS NOT NULL;
SELECT end_trial('sooner', '2030-02-01 00:00+00');
SELECT status FROM trials WHERE name = 'sooner';
SELECT name FROM paycore.update_billing_account(:'tess', '{"status": "suspended", "status_reason": "x"}');
CALL paycore.run_billing();
SELECT end_trial('sooner', '2030-02-01 00:00+00');
SELECT name FROM paycore.update_billing_account(:'tess', '{"status": "active"}');
SELECT paycore.retry_billing();
-- From there on all go alike.
SELECT paycore.set_test_clock('2030-03-15 00:00+00') IS NOT NULL;
CALL paycore.run_billing();
SELECT split_part(name, '-', 1) AS name, status, trial_end, anchor, period_start, period_end, billed_until, next_bill_at, mrr, count(*) FROM trials GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9 ORDER BY 1;
SELECT split_part(s.external_ref, '-', 1) AS name, l.kind, lower(l.period) AS since, upper(l.period) AS until, l.amount, count(*) FROM paycore.invoice_lines l JOIN paycore.invoices i ON i.id = l.invoice_id
	JOIN paycore.subscriptions s ON s.id = i.subscription_id WHERE i.tenant_id = 'trials' GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 3, 4;
SELECT * FROM paycore.verify();
RESET paycore.tenant;
