--
-- Changes of subscriptions: items added, removed and replaced, now, at the renewal, at a time; what is given back and charged.
--
\getenv srcdir PG_ABS_SRCDIR
\set setup :srcdir '/data/billing_setup.sql'
\i :setup
CREATE FUNCTION live(ref text, price text) RETURNS uuid LANGUAGE sql AS $$
	SELECT i.id FROM paycore.subscription_items i JOIN paycore.prices p ON p.id = i.price_id WHERE i.subscription_id = sub(ref) AND p.code = price AND i.ends_at IS NULL $$;
CREATE FUNCTION subscribe(ref text, items jsonb, details jsonb DEFAULT '{}') RETURNS text LANGUAGE sql AS $$
	SELECT (paycore.create_subscription((SELECT id FROM paycore.billing_accounts WHERE name = 'Ada'), items, details || jsonb_build_object('external_ref', ref))).status::text $$;
CREATE VIEW items AS SELECT s.external_ref AS sub, p.code, i.quantity, i.starts_at::date AS since, i.ends_at::date AS until, i.replaces_id IS NOT NULL AS replaces
	FROM paycore.subscription_items i JOIN paycore.subscriptions s ON s.id = i.subscription_id JOIN paycore.prices p ON p.id = i.price_id;
CREATE VIEW charges AS SELECT s.external_ref AS sub, e.kind, e.description, e.quantity, e.amount, lower(e.period)::date || ' ' || upper(e.period)::date AS period,
	e.credits_line_id IS NOT NULL AS credit, e.invoice_id IS NOT NULL AS billed FROM paycore.extra_charges e JOIN paycore.subscriptions s ON s.id = e.subscription_id WHERE e.removed_at IS NULL;
CREATE VIEW lines AS SELECT s.external_ref AS sub, i.serial, i.finalized_at::date AS issued, l.place, l.kind, l.description, l.quantity, l.amount, l.discount, l.tax,
	lower(l.period)::date || ' ' || upper(l.period)::date AS period
	FROM paycore.invoice_lines l JOIN paycore.invoices i ON i.id = l.invoice_id JOIN paycore.subscriptions s ON s.id = i.subscription_id;
CREATE VIEW subs AS SELECT external_ref AS sub, status::text, every, anchor::date, billed_until::date AS billed, next_bill_at::date AS next, change_at::date AS change, parked_reason
	FROM paycore.subscriptions;
SELECT clock('2026-06-01 00:00+00');
SELECT id AS ada FROM paycore.create_billing_account('Ada', 'ada@example.com', 'USD', gateway => 'cash') \gset
SELECT id AS pro FROM paycore.create_product('pro', 'Professional') \gset
SELECT id AS team FROM paycore.create_product('team', 'Team') \gset
SELECT id AS extra FROM paycore.create_product('extra', 'Extra seats') \gset
SELECT code FROM paycore.create_price(:'pro', '{"USD": "10", "EUR": "10"}', 'month', code => 'pro');
SELECT code FROM paycore.create_price(:'team', '{"USD": "32"}', 'month', code => 'team');
SELECT code FROM paycore.create_price(:'team', '{"USD": "320"}', 'year', code => 'team-yearly');
SELECT code FROM paycore.create_price(:'extra', '{"USD": "3"}', 'month', code => 'seat');
SELECT code FROM paycore.create_price(:'extra', '{"EUR": "3"}', 'month', code => 'seat-eur');
SELECT code FROM paycore.create_price(:'extra', '{"USD": "0"}', 'month', code => 'free');
SELECT feature FROM paycore.set_product_feature(:'team', 'sso');

-- An upgrade in the middle of June: half of 10 back, half of 32 charged, with the next invoice.
SELECT subscribe('up', '[{"price": "pro"}]');
CALL paycore.run_billing();
SELECT clock('2026-06-16 00:00+00');
SELECT paycore.entitled(:'ada', 'sso');
SELECT effective_at, done_at, credited, charged, at_renewal FROM paycore.change_subscription(sub('up'), '[{"item": "pro", "price": "team"}]', reason => 'grows');
SELECT paycore.entitled(:'ada', 'sso');
SELECT * FROM items ORDER BY since;
SELECT * FROM charges;
SELECT * FROM subs;
-- The chain: the charge is on no invoice yet, so it is cut short.
SELECT clock('2026-06-21 00:00+00');
SELECT credited, charged FROM paycore.set_quantity(live('up', 'team'), 2);
SELECT * FROM charges ORDER BY period, amount;
SELECT clock('2026-07-01 00:00+00');
CALL paycore.run_billing();
SELECT serial, place, kind, description, quantity, amount, period FROM lines WHERE issued = '2026-07-01' ORDER BY place;
SELECT total FROM paycore.invoices WHERE finalized_at = '2026-07-01 00:00+00';
-- And what was charged on an invoice is given back from that invoice's line.
SELECT clock('2026-07-11 00:00+00');
SELECT credited, charged FROM paycore.set_quantity(live('up', 'team'), 5, proration => 'invoice');
SELECT serial, place, kind, description, quantity, amount, period FROM lines WHERE issued = '2026-07-11' ORDER BY place;
SELECT clock('2026-07-21 00:00+00');
-- Less than nothing goes onto the balance.
SELECT credited, charged FROM paycore.set_quantity(live('up', 'team'), 1, proration => 'invoice');
SELECT serial, place, kind, description, quantity, amount, period FROM lines WHERE issued = '2026-07-21' ORDER BY place;
SELECT status, total, balance_applied, amount_due FROM paycore.invoices WHERE finalized_at = '2026-07-21 00:00+00';
-- What the subscription brings in a month goes along.
SELECT mrr, mrr_since FROM paycore.subscriptions WHERE external_ref = 'up';
SELECT effective_at, kind, before, after FROM paycore.mrr_movements WHERE subscription_id = sub('up') ORDER BY effective_at;

-- By day: the day it happens on counts to what was before.
SELECT subscribe('day', '[{"price": "pro", "quantity": 31}]', '{"anchor": "2026-07-21 00:00+00"}');
CALL paycore.run_billing();
SELECT clock('2026-07-31 18:00+00');
BEGIN;
SELECT credited, charged FROM paycore.change_subscription(sub('day'), '[{"item": "pro", "price": "team"}]');
ROLLBACK;
SELECT credited, charged FROM paycore.change_subscription(sub('day'), '[{"item": "pro", "price": "team"}]', prorate_by => 'day');
-- Nothing given back, nothing charged.
SELECT credited, charged FROM paycore.change_subscription(sub('day'), '[{"item": "team", "price": "pro"}]', proration => 'none');
SELECT * FROM charges WHERE sub = 'day' ORDER BY amount;

-- Several items at once; what is swapped for what costs the same comes to nothing, to the cent.
SELECT subscribe('many', '[{"price": "pro"}, {"price": "seat", "quantity": 7}]');
CALL paycore.run_billing();
SELECT clock('2026-08-04 05:06:07+00');
SELECT credited, charged FROM paycore.change_subscription(sub('many'), '[{"item": "pro", "quantity": 3.1}, {"item": "seat", "remove": true}]');
SELECT * FROM items WHERE sub = 'many' ORDER BY since, code;
SELECT credited, charged FROM paycore.change_subscription(sub('many'), '[{"price": "seat"}, {"price": "free"}, {"item": "pro", "metadata": {"a": 1}}]');
SELECT description, amount, period FROM charges WHERE sub = 'many' ORDER BY amount, period;
-- What asks for what is there already changes nothing.
SELECT credited, charged FROM paycore.change_subscription(sub('many'), '[{"item": "pro", "quantity": "3.100"}]');
SELECT count(*) FROM items WHERE sub = 'many';

-- At the renewal, and at a time: listed, taken back, done by the run before it bills.
SELECT subscribe('later', '[{"price": "pro"}]', '{"anchor": "2026-08-04 00:00+00"}');
CALL paycore.run_billing();
SELECT id AS change, effective_at, at_renewal, done_at, credited FROM paycore.change_subscription(sub('later'), '[{"item": "pro", "price": "team"}]', 'renewal') \gset
SELECT :'effective_at', :'at_renewal';
SELECT id AS second FROM paycore.change_subscription(sub('later'), '[{"item": "pro", "quantity": 2}]', '2026-08-14 00:00+00', 'invoice') \gset
SELECT * FROM subs WHERE sub = 'later';
SELECT effective_at, at_renewal, done_at IS NULL AND canceled_at IS NULL AS scheduled FROM paycore.list_subscription_changes(sub('later'));
SELECT canceled_at FROM paycore.cancel_scheduled_change(:'change');
SELECT paycore.cancel_scheduled_change(:'change');
SELECT * FROM subs WHERE sub = 'later';
SELECT id AS change FROM paycore.change_subscription(sub('later'), '[{"item": "pro", "price": "team"}]', 'renewal') \gset
SELECT clock('2026-10-05 00:00+00');
CALL paycore.run_billing();
SELECT issued, place, kind, description, quantity, amount, period FROM lines WHERE sub = 'later' ORDER BY serial, place;
SELECT effective_at, done_at, credited, charged FROM paycore.list_subscription_changes(sub('later'));
SELECT * FROM items WHERE sub = 'later' ORDER BY since;
SELECT paycore.cancel_scheduled_change(:'second');

-- Another interval: what is left of the month is given back, the year begins now and is billed at once.
SELECT subscribe('interval', '[{"price": "pro"}, {"price": "seat"}]', '{"anchor": "2026-10-05 00:00+00"}');
CALL paycore.run_billing();
SELECT clock('2026-10-15 00:00+00');
SELECT paycore.change_subscription(sub('interval'), '[{"item": "pro", "price": "team-yearly"}]');
SELECT credited, charged FROM paycore.change_subscription(sub('interval'), '[{"item": "pro", "price": "team-yearly"}, {"item": "seat", "remove": true}]');
SELECT issued, kind, description, amount, period FROM lines WHERE sub = 'interval' ORDER BY serial, place;
SELECT * FROM subs WHERE sub = 'interval';
-- Back at the renewal, a year from then.
SELECT effective_at FROM paycore.change_subscription(sub('interval'), '[{"item": "team-yearly", "price": "team"}]', 'renewal');
SELECT clock('2027-10-16 00:00+00');
CALL paycore.run_billing();
SELECT issued, kind, description, amount, period FROM lines WHERE sub = 'interval' AND issued > '2026-12-01' ORDER BY serial, place;
SELECT * FROM subs WHERE sub = 'interval';

-- Within a trial a change costs nothing; the trial ends when it was to.
SELECT subscribe('trial', '[{"price": "pro"}]', '{"trial_days": 10}');
SELECT clock('2027-10-20 00:00+00');
SELECT credited, charged FROM paycore.change_subscription(sub('trial'), '[{"item": "pro", "price": "team"}]', proration => 'invoice');
SELECT credited, charged FROM paycore.change_subscription(sub('trial'), '[{"item": "team", "price": "team-yearly"}]');
SELECT effective_at FROM paycore.change_subscription(sub('trial'), '[{"item": "team-yearly", "quantity": 2}]', 'renewal');
SELECT * FROM subs WHERE sub = 'trial';
SELECT count(*) FROM charges WHERE sub = 'trial';
SELECT clock('2027-10-27 00:00+00');
CALL paycore.run_billing();
SELECT issued, kind, description, quantity, amount, period FROM lines WHERE sub = 'trial';
-- Before it begins it has another price from the start.
SELECT subscribe('begins', '[{"price": "pro"}]', '{"starts_at": "2027-11-01 00:00+00"}');
SELECT effective_at, credited, charged FROM paycore.change_subscription(sub('begins'), '[{"item": "pro", "price": "team-yearly"}]');
SELECT effective_at FROM paycore.change_subscription(sub('begins'), '[{"item": "team-yearly", "price": "team"}]', 'renewal');
SELECT clock('2027-11-02 00:00+00');
CALL paycore.run_billing();
SELECT issued, kind, description, quantity, amount, period FROM lines WHERE sub = 'begins';

-- What was billed on an invoice that is void or given up is not given back; of a discounted line, what was paid.
SELECT code FROM paycore.create_coupon('half', 'Half', percent_off => 50, duration => 'once');
SELECT subscribe('void', '[{"price": "pro"}]'), subscribe('lost', '[{"price": "pro"}]'), subscribe('half', '[{"price": "pro"}]');
SELECT paycore.apply_coupon(sub('half'), 'half') IS NOT NULL;
CALL paycore.run_billing();
SELECT status FROM paycore.void_invoice((SELECT id FROM paycore.invoices WHERE subscription_id = sub('void')));
SELECT status FROM paycore.write_off_invoice((SELECT id FROM paycore.invoices WHERE subscription_id = sub('lost')));
SELECT clock('2027-11-17 00:00+00');
SELECT r, c.credited, c.charged FROM unnest(ARRAY['void', 'lost', 'half']) r, paycore.change_subscription(sub(r), '[{"item": "pro", "quantity": 2}]') c;

-- A change whose price is gone parks the subscription, and stops nobody else.
SELECT subscribe('gone', '[{"price": "pro"}]'), subscribe('beside', '[{"price": "pro"}]');
CALL paycore.run_billing();
SELECT id AS change FROM paycore.change_subscription(sub('gone'), '[{"item": "pro", "price": "seat"}]', '2027-11-20 00:00+00') \gset
SELECT effective_at FROM paycore.change_subscription(sub('beside'), '[{"item": "pro", "quantity": 2}]', '2027-11-20 00:00+00');
SELECT active FROM paycore.update_price((SELECT id FROM paycore.prices WHERE code = 'seat'), '{"active": false}');
SELECT clock('2027-11-21 00:00+00');
CALL paycore.run_billing();
SELECT * FROM subs WHERE sub IN ('gone', 'beside') ORDER BY sub;
SELECT canceled_at FROM paycore.cancel_scheduled_change(:'change');
SELECT paycore.retry_billing();
CALL paycore.run_billing();
SELECT * FROM subs WHERE sub = 'gone';
SELECT active FROM paycore.update_price((SELECT id FROM paycore.prices WHERE code = 'seat'), '{"active": true}');

-- What could not be billed is not changed now, but from the period on that was not billed.
SELECT subscribe('huge', '[{"price": "pro", "quantity": 900000000000000000}]');
CALL paycore.run_billing();
SELECT paycore.set_quantity(live('huge', 'pro'), 1);
SELECT effective_at FROM paycore.set_quantity(live('huge', 'pro'), 1, 'renewal');
SELECT paycore.retry_billing();
CALL paycore.run_billing();
SELECT * FROM subs WHERE sub = 'huge';
SELECT issued, kind, quantity, amount, period FROM lines WHERE sub = 'huge';

-- The end goes first, then the pause, then the change, then the renewal.
SELECT subscribe('end', '[{"price": "pro"}]'), subscribe('pause', '[{"price": "pro"}]'), subscribe('pause within', '[{"price": "pro"}]');
CALL paycore.run_billing();
SELECT r, c.effective_at FROM unnest(ARRAY['end', 'pause']) r, paycore.change_subscription(sub(r), '[{"item": "pro", "price": "team"}]', 'renewal') c;
SELECT effective_at FROM paycore.change_subscription(sub('pause within'), '[{"item": "pro", "price": "team"}]', '2027-11-25 00:00+00');
SELECT status, cancel_at FROM paycore.cancel_subscription(sub('end'));
SELECT paycore.change_subscription(sub('end'), '[{"item": "pro", "price": "team"}]', 'renewal');
SELECT status FROM paycore.pause_subscription(sub('pause'), '2027-12-25 00:00+00');
SELECT status FROM paycore.pause_subscription(sub('pause within'), '2027-12-01 00:00+00');
SELECT paycore.set_quantity(live('pause', 'pro'), 2, proration => 'invoice');
SELECT clock('2027-12-26 00:00+00');
CALL paycore.run_billing();
SELECT * FROM subs WHERE sub IN ('end', 'pause', 'pause within') ORDER BY sub;
SELECT s.external_ref, c.effective_at::date, c.done_at::date, c.canceled_at::date, c.credited, c.charged FROM paycore.subscription_changes c
	JOIN paycore.subscriptions s ON s.id = c.subscription_id WHERE s.external_ref IN ('end', 'pause', 'pause within') ORDER BY 1;
SELECT sub, issued, kind, description, quantity, amount, period FROM lines WHERE sub IN ('end', 'pause', 'pause within') AND issued > '2027-11-25' ORDER BY serial, place;
-- Resumed by the verb.
SELECT effective_at FROM paycore.set_quantity(live('pause', 'team'), 2, '2027-12-28 00:00+00');
SELECT status FROM paycore.pause_subscription(sub('pause'));
SELECT clock('2028-02-10 00:00+00');
SELECT status FROM paycore.resume_subscription(sub('pause'));
CALL paycore.run_billing();
SELECT * FROM items WHERE sub = 'pause' ORDER BY since;
SELECT issued, kind, description, quantity, amount, period FROM lines WHERE sub = 'pause' AND issued > '2028-02-01' ORDER BY serial, place;
SELECT status FROM paycore.cancel_subscription(sub('pause'), false);

-- An account has an exclusive product once, before and after a change.
SELECT subscribe('one', '[{"price": "pro"}, {"price": "seat", "exclusive": true}]'), subscribe('two', '[{"price": "pro"}]');
SELECT c.credited IS NOT NULL FROM paycore.change_subscription(sub('one'), '[{"item": "seat", "quantity": 2}]') c;
SELECT exclusive, quantity FROM paycore.subscription_items WHERE id = live('one', 'seat');
SELECT paycore.change_subscription(sub('two'), '[{"price": "seat", "exclusive": true}]');

-- What does not fit is refused.
\set VERBOSITY default
SELECT paycore.change_subscription(sub('two'), '[{"price": "seat-eur"}]');
SELECT paycore.change_subscription(sub('two'), '[{"price": "team-yearly"}]');
SELECT paycore.change_subscription(sub('two'), '[{"price": "nothing"}]');
SELECT paycore.change_subscription(sub('two'), '[{"item": "pro", "remove": true}]');
SELECT paycore.change_subscription(sub('two'), '[{"item": "pro"}]');
SELECT paycore.change_subscription(sub('two'), '[{"item": "pro", "remove": true, "quantity": 1}]');
SELECT paycore.change_subscription(sub('two'), '[{"quantity": 1}]');
SELECT paycore.change_subscription(sub('two'), '[{"item": "pro", "quantity": 2}, {"item": "pro", "quantity": 3}]');
SELECT paycore.change_subscription(sub('two'), '[{"item": "pro", "colour": 2}]');
SELECT paycore.change_subscription(sub('two'), '[{"item": "pro", "quantity": 2}]', '2020-01-01');
SELECT paycore.change_subscription(sub('two'), '[{"item": "pro", "quantity": 2}]', proration => 'some');
SELECT paycore.change_subscription(sub('two'), '[{"item": "pro", "quantity": 2}]', prorate_by => 'hour');
\set VERBOSITY sqlstate
SELECT paycore.change_subscription(sub('two'), '[]');
SELECT paycore.change_subscription(sub('pause'), '[{"item": "team", "quantity": 3}]');
SELECT paycore.change_subscription(sub('two'), '[{"item": "seat", "quantity": 1}]');
SELECT paycore.change_subscription(sub('two'), NULL);
SELECT paycore.change_subscription(sub('two'), '{"item": "pro"}');
SELECT paycore.change_subscription(sub('two'), '[1]');
SELECT paycore.change_subscription(sub('two'), '[{"item": "pro", "quantity": -1}]');
SELECT paycore.change_subscription(sub('two'), '[{"item": "pro", "quantity": 2}]', 'infinity');
SELECT paycore.change_subscription(sub('two'), '[{"item": "pro", "quantity": 2}]', 'soon');
SELECT paycore.change_subscription(sub('two'), '[{"item": "pro", "quantity": 2}]', NULL);
SELECT paycore.change_subscription(paycore.uuid_v7(), '[{"item": "pro", "quantity": 2}]');
SELECT paycore.set_quantity(paycore.uuid_v7(), 1);
SELECT paycore.set_quantity(live('two', 'pro'), NULL);
SELECT paycore.set_quantity(live('two', 'pro'), 'NaN');
SELECT paycore.cancel_scheduled_change(paycore.uuid_v7());
SELECT paycore.list_subscription_changes(NULL);
SELECT paycore.change_subscription(live('two', 'pro'), '[{"item": "pro", "quantity": 2}]');
SET paycore.tenant = 'other';
SELECT paycore.change_subscription(sub('two'), '[{"item": "pro", "quantity": 2}]');
RESET paycore.tenant;
-- Two items of one price are told apart by their ids; an item that was replaced is what replaced it.
SELECT subscribe('twice', '[{"price": "pro"}, {"price": "pro", "quantity": 2}]');
SELECT paycore.change_subscription(sub('twice'), '[{"item": "pro", "quantity": 5}]');
SELECT id AS first FROM paycore.subscription_items WHERE subscription_id = sub('twice') AND quantity = 1 \gset
SELECT credited IS NOT NULL FROM paycore.set_quantity(:'first', 3);
SELECT credited IS NOT NULL FROM paycore.set_quantity(:'first', 4);
SELECT code, quantity FROM items WHERE sub = 'twice' AND until IS NULL ORDER BY quantity;
-- The same key does it once.
SELECT id AS made FROM paycore.change_subscription(sub('twice'), jsonb_build_array(jsonb_build_object('item', :'first', 'quantity', 6)), idempotency_key => 'k') \gset
SELECT id = :'made' FROM paycore.change_subscription(sub('twice'), jsonb_build_array(jsonb_build_object('item', :'first', 'quantity', 6)), idempotency_key => 'k');
-- A change that is done, or taken back, stays so.
UPDATE paycore.subscription_changes SET credited = '0.00 USD' WHERE id = :'made';
UPDATE paycore.subscription_changes SET items = '[]' WHERE id = :'made';
DELETE FROM paycore.subscription_changes WHERE id = :'made';

-- Previews: what is to be paid now, or with the next invoice; nothing is left behind.
SELECT subscribe('preview', '[{"price": "pro"}]');
SELECT code FROM paycore.create_tax_rate('vat', 'VAT', 20);
SELECT code FROM paycore.set_default_tax_rates('{vat}');
CALL paycore.run_billing();
SELECT clock('2028-02-20 12:00+00');
CREATE TEMPORARY TABLE before AS SELECT (SELECT count(*) FROM paycore.invoices) AS invoices, (SELECT max(next_serial) FROM paycore.invoice_series) AS next, (SELECT count(*) FROM paycore.extra_charges) AS charges,
	(SELECT count(*) FROM paycore.subscription_items) AS items, (SELECT count(*) FROM paycore.subscription_changes) AS changes, (SELECT count(*) FROM paycore.status_changes) AS statuses;
SELECT subtotal, tax, total, amount_due FROM paycore.preview_change(sub('preview'), '[{"item": "pro", "price": "team"}]', proration => 'invoice');
SELECT kind, description, amount, tax, period FROM paycore.preview_change_lines(sub('preview'), '[{"item": "pro", "price": "team"}]', proration => 'invoice');
SELECT kind, description, amount, tax, period FROM paycore.preview_change_lines(sub('preview'), '[{"item": "pro", "price": "team"}]');
SELECT kind, description, amount, tax, period FROM paycore.preview_change_lines(sub('preview'), '[{"item": "pro", "price": "team"}]', 'renewal');
SELECT kind, description, amount, tax, period FROM paycore.preview_change_lines(sub('preview'), '[{"item": "pro", "price": "team"}]', '2028-05-15 00:00+00', 'invoice');
SELECT finalized_at, total FROM paycore.preview_change(sub('preview'), '[{"item": "pro", "price": "team-yearly"}]', prorate_by => 'day');
-- Without a change, what comes next.
SELECT period_start, finalized_at, total FROM paycore.preview_change(sub('preview'));
SELECT kind, description, amount, period FROM paycore.preview_change_lines(sub('preview'));
SELECT paycore.preview_change(sub('preview'), NULL);
SELECT paycore.change_subscription(sub('preview'), '[]');
SELECT paycore.preview_change(sub('preview'), '[{"item": "pro", "price": "seat-eur"}]');
SELECT paycore.preview_change(sub('preview'), '[{"item": "pro", "quantity": 900000000000000000}]');
SELECT status FROM paycore.pause_subscription(sub('preview'));
SELECT paycore.preview_change(sub('preview'), '[{"item": "pro", "price": "team"}]') IS NULL, paycore.preview_change(sub('preview')) IS NULL;
SELECT count(*) FROM paycore.preview_change_lines(sub('preview'), '[{"item": "pro", "price": "team"}]');
SELECT status FROM paycore.resume_subscription(sub('preview'));
SELECT b.invoices = (SELECT count(*) FROM paycore.invoices), b.next = (SELECT max(next_serial) FROM paycore.invoice_series), b.charges = (SELECT count(*) FROM paycore.extra_charges),
	b.items = (SELECT count(*) FROM paycore.subscription_items), b.changes = (SELECT count(*) FROM paycore.subscription_changes), (SELECT count(*) FROM paycore.status_changes) - b.statuses FROM before b;
-- It is what comes to pass.
SELECT kind, description, amount, tax, period FROM paycore.preview_change_lines(sub('preview'), '[{"item": "pro", "price": "team"}]', proration => 'invoice');
SELECT credited, charged FROM paycore.change_subscription(sub('preview'), '[{"item": "pro", "price": "team"}]', proration => 'invoice');
SELECT kind, description, amount, tax, period FROM lines WHERE sub = 'preview' AND issued = '2028-02-20' ORDER BY place;
-- Of one that was never billed, its first invoice; of one that ends, none.
SELECT subscribe('unbilled', '[{"price": "pro"}]');
SELECT period_start, finalized_at, total FROM paycore.preview_change(sub('unbilled'));
SELECT count(*) FROM paycore.preview_change_lines(sub('unbilled'));
SELECT status FROM paycore.cancel_subscription(sub('unbilled'));
CALL paycore.run_billing();
SELECT paycore.preview_change(sub('unbilled')) IS NULL;

-- What is metered is not prorated: it is billed up to the change, and from then on at the new price.
SELECT paycore.set_default_tax_rates('{}') IS NOT NULL;
SELECT code FROM paycore.create_meter('calls', 'Calls', 'sum');
SELECT code FROM paycore.create_price(:'extra', '{"USD": "0.10"}', 'month', code => 'calls', details => '{"meter": "calls"}');
SELECT code FROM paycore.create_price(:'extra', '{"USD": "0.05"}', 'month', code => 'cheap-calls', details => '{"meter": "calls"}');
SELECT subscribe('metered', '[{"price": "pro"}, {"price": "calls"}]', '{"anchor": "2028-02-20 12:00+00"}');
CALL paycore.run_billing();
SELECT clock('2028-02-28 12:00+00');
SELECT quantity FROM paycore.record_usage('calls', (SELECT id FROM paycore.billing_accounts WHERE name = 'Ada'), 100, 'c1', subscription_id => sub('metered'));
SELECT clock('2028-03-01 12:00+00');
SELECT credited, charged FROM paycore.change_subscription(sub('metered'), '[{"item": "calls", "price": "cheap-calls"}]');
SELECT clock('2028-03-05 12:00+00');
SELECT quantity FROM paycore.record_usage('calls', (SELECT id FROM paycore.billing_accounts WHERE name = 'Ada'), 100, 'c2', subscription_id => sub('metered'));
SELECT clock('2028-03-20 12:00+00');
CALL paycore.run_billing();
SELECT kind, description, quantity, amount, period FROM lines WHERE sub = 'metered' AND issued = '2028-03-20' ORDER BY place;
SELECT count(*) FROM charges WHERE sub = 'metered';

SELECT severity, rule, object_type, detail FROM paycore.verify();
