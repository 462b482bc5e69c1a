--
-- Verbs between billing runs: what was owed before them is billed, and nothing twice.
--
\getenv srcdir PG_ABS_SRCDIR
\set setup :srcdir '/data/billing_setup.sql'
\i :setup
SELECT id AS ada FROM paycore.create_billing_account('Ada', 'ada@example.com', 'USD', gateway => 'cash') \gset
SELECT id AS pro FROM paycore.create_product('pro', 'Professional') \gset
SELECT code FROM paycore.create_price(:'pro', '{"USD": "31.00"}', 'month', code => 'm');
CREATE FUNCTION subscribe(ref text, details jsonb DEFAULT '{}') RETURNS uuid LANGUAGE sql AS $$
	SELECT (paycore.create_subscription((SELECT id FROM paycore.billing_accounts WHERE name = 'Ada'), '[{"price": "m"}]', details || jsonb_build_object('external_ref', ref))).id $$;
CREATE FUNCTION billed(ref text) RETURNS TABLE (period text, total paycore.money_cents) LANGUAGE sql AS $$
	SELECT i.period_start::date || ' ' || i.period_end::date, i.total FROM paycore.invoices i WHERE i.subscription_id = sub(ref) ORDER BY i.serial $$;
CREATE VIEW subs AS SELECT external_ref AS sub, status::text, anchor::date, billed_until::date AS billed, next_bill_at::date AS next, cancel_at::date AS cancel, ended_at::date AS ended
	FROM paycore.subscriptions;
SELECT clock('2026-01-01 00:00+00');
SELECT count(*) FROM (VALUES ('paused at once'), ('paused late'), ('ended late'), ('ends late'), ('kept')) v(ref), subscribe(ref);

-- The first period is owed, paused or not.
SELECT status FROM paycore.pause_subscription(sub('paused at once'));
SELECT status FROM paycore.resume_subscription(sub('paused at once'));
SELECT * FROM billed('paused at once');
CALL paycore.run_billing();
SELECT * FROM billed('paused at once');

-- Nobody ran it for months: what was owed until then is billed first.
SELECT clock('2026-04-10 00:00+00');
SELECT status FROM paycore.pause_subscription(sub('paused late'));
SELECT status FROM paycore.resume_subscription(sub('paused late'));
SELECT status FROM paycore.cancel_subscription(sub('ended late'), false);
SELECT status FROM paycore.cancel_subscription(sub('ends late'));
SELECT * FROM billed('paused late');
SELECT * FROM billed('ended late');
SELECT * FROM billed('ends late');
SELECT * FROM subs ORDER BY sub;
-- Resumed after the period that was billed: from then on, and the day is the new one.
SELECT status FROM paycore.pause_subscription(sub('paused late'));
SELECT clock('2026-05-20 00:00+00');
SELECT status FROM paycore.resume_subscription(sub('paused late'));
CALL paycore.run_billing();
SELECT * FROM billed('paused late');
SELECT * FROM billed('ends late');
-- Resumed by the run just when the period ends: the day stays.
SELECT subscribe('day', '{"anchor": "2026-03-31 00:00+00"}') IS NOT NULL;
CALL paycore.run_billing();
SELECT status FROM paycore.pause_subscription(sub('day'), '2026-05-31 00:00+00');
SELECT clock('2026-06-30 00:00+00');
CALL paycore.run_billing();
SELECT * FROM billed('day');

-- A pause without an end is not ended by what was to end the subscription.
SELECT subscribe('cut', '{"cancel_at": "2026-08-20 00:00+00"}') IS NOT NULL;
CALL paycore.run_billing();
SELECT status FROM paycore.pause_subscription(sub('cut'));
SELECT * FROM subs WHERE sub = 'cut';
SELECT status, next_bill_at FROM paycore.keep_subscription(sub('cut'));
SELECT clock('2026-08-25 00:00+00');
CALL paycore.run_billing();
SELECT * FROM billed('cut');
SELECT status FROM subs WHERE sub = 'cut';
-- Kept after a short last period was billed: the rest of it is billed.
SELECT subscribe('rest', '{"cancel_at": "2026-09-09 12:00+00"}') IS NOT NULL;
CALL paycore.run_billing();
SELECT cancel_at FROM paycore.keep_subscription(sub('rest'));
SELECT clock('2026-09-10 00:00+00');
CALL paycore.run_billing();
SELECT * FROM billed('rest');
-- An end within a trial, and an earlier end than that of the period.
SELECT subscribe('tried', '{"trial_days": 30, "cancel_at": "2026-09-20 00:00+00"}') IS NOT NULL;
SELECT subscribe('sooner', '{"cancel_at": "2026-09-15 00:00+00"}') IS NOT NULL;
SELECT cancel_at FROM paycore.cancel_subscription(sub('sooner'));
SELECT clock('2026-09-21 00:00+00');
CALL paycore.run_billing();
SELECT * FROM subs WHERE sub IN ('tried', 'sooner') ORDER BY sub;
SELECT * FROM billed('tried');
SELECT * FROM billed('sooner');
-- What begins later, without a trial, is billed when it does.
SELECT subscribe('begins', '{"starts_at": "2026-09-22 00:00+00"}') IS NOT NULL;
SELECT clock('2026-09-23 00:00+00');
SET statement_timeout = '20s';
CALL paycore.run_billing(batch_size => 1);
RESET statement_timeout;
SELECT * FROM billed('begins');
SELECT status, billed, next FROM subs WHERE sub = 'begins';

-- What could not be billed ends all the same.
SELECT id AS huge FROM paycore.create_subscription(:'ada', '[{"price": "m", "quantity": 900000000000000000}]', '{"external_ref": "huge"}') \gset
SELECT status, parked_reason IS NOT NULL FROM paycore.cancel_subscription(:'huge', false);

-- A time of its own: nothing real beside it, and no way back behind its documents.
SELECT paycore.create_gateway_account('real', 'stripe', 'acct_1', true);
SELECT name FROM paycore.create_gateway_account('test', 'stripe', 'acct_2', false);
SELECT paycore.update_gateway_account('test', livemode => true);
SELECT clock('2136-09-21 00:00+00');
SELECT subscribe('far') IS NOT NULL;
SELECT status FROM paycore.pause_subscription(sub('far'));
SELECT paycore.remove_test_clock();
-- The first second of the century is a time like any other.
SET paycore.tenant = 'old';
SELECT name FROM paycore.create_gateway_account('cash', 'manual');
SELECT clock('1999-12-01 00:00+00');
SELECT id AS bob FROM paycore.create_billing_account('Bob', 'bob@example.com', 'USD', gateway => 'cash') \gset
SELECT id AS thing FROM paycore.create_product('thing', 'Thing') \gset
SELECT code FROM paycore.create_price(:'thing', '{"USD": "31.00"}', 'month', code => 't');
SELECT status, trial_end FROM paycore.create_subscription(:'bob', '[{"price": "t"}]', '{"trial_end": "2000-01-01 00:00+00"}');
SELECT status, cancel_at FROM paycore.create_subscription(:'bob', '[{"price": "t"}]', '{"cancel_at": "2000-01-01 00:00+00"}');
SELECT id AS third FROM paycore.create_subscription(:'bob', '[{"price": "t"}]') \gset
SELECT clock('2000-01-01 00:00+00');
SELECT status, paused_at FROM paycore.pause_subscription(:'third');
SELECT status, ended_at FROM paycore.cancel_subscription(:'third', false);
CALL paycore.run_billing();
SELECT status, count(*) FROM paycore.list_subscriptions(:'bob') GROUP BY 1 ORDER BY 1::text;
RESET paycore.tenant;

-- Lines of nothing are lines: a final invoice takes none.
INSERT INTO paycore.invoice_lines (invoice_id, place, kind, description, quantity, amount, discount, tax)
	SELECT id, 9, 'minimum', 'Nothing', 1, '0 USD', '0 USD', '0 USD' FROM paycore.invoices WHERE serial = 1 AND tenant_id = 'default';
INSERT INTO paycore.invoice_lines (invoice_id, place, kind, description, quantity, amount, discount, tax)
	SELECT id, 9, 'minimum', 'Nothing', 1, '0 USD', '0 JPY', '0 EUR' FROM paycore.invoices WHERE serial = 1 AND tenant_id = 'default';
INSERT INTO paycore.invoice_lines (invoice_id, place, kind, subscription_item_id, description, quantity, amount, discount, tax)
	SELECT id, 9, 'recurring', (SELECT min(id::text)::uuid FROM paycore.subscription_items), 'Nothing', 1, '0 USD', '0 USD', '0 USD' FROM paycore.invoices WHERE serial = 1 AND tenant_id = 'default';
UPDATE paycore.invoices SET paid_at = now() WHERE serial = 1;
CREATE TABLE other_lines (invoice_id uuid, tenant_id text);
CREATE TRIGGER sums AFTER INSERT ON other_lines REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION paycore.check_invoice_sums();
INSERT INTO other_lines VALUES (NULL, NULL);
-- Who may not write is told so: nobody's subscription is parked for it.
CREATE ROLE regress_billing_verbs;
SELECT paycore.grant_access('regress_billing_verbs', 'operator') IS NOT NULL;
REVOKE INSERT ON paycore.invoice_lines FROM regress_billing_verbs;
SELECT subscribe('beside') IS NOT NULL;
SET ROLE regress_billing_verbs;
CALL paycore.run_billing();
RESET ROLE;
SELECT parked_reason FROM paycore.subscriptions WHERE external_ref = 'beside';
SET client_min_messages = error;
DROP OWNED BY regress_billing_verbs;
DROP ROLE regress_billing_verbs;
RESET client_min_messages;
SELECT severity, rule, object_type, detail FROM paycore.verify();
