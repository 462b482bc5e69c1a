--
-- Invoices are collected by the run, and dunned for where that fails; a test clock plays it.
--
\getenv srcdir PG_ABS_SRCDIR
\set setup :srcdir '/data/api_setup.sql'
\i :setup
SET timezone = 'UTC';
SET datestyle = 'ISO';
SELECT code FROM paycore.create_price((paycore.create_product('pro', 'Professional')).id, '{"USD": "31.00"}', 'month', code => 'pro-monthly');
SELECT code FROM paycore.create_price((paycore.create_product('tiny', 'Tiny')).id, '{"USD": "0.30"}', 'month', code => 'tiny');
SELECT shows FROM paycore.set_test_clock('2026-01-31 10:00+00');
CREATE VIEW subs AS SELECT a.name, s.status::text, s.cancel_reason FROM paycore.subscriptions s JOIN paycore.billing_accounts a ON a.id = s.billing_account_id ORDER BY 1;
CREATE VIEW money AS SELECT a.name, i.number, i.status::text, i.amount_due AS due, c.status AS collection, c.attempts AS n, c.step, c.class, coalesce(c.decline_code, c.error_code) AS code,
	to_char(c.next_action_at, 'MM-DD HH24') AS next FROM paycore.invoices i JOIN paycore.billing_accounts a ON a.id = i.billing_account_id
	LEFT JOIN paycore.collections c ON c.invoice_id = i.id ORDER BY 1, i.serial;
CREATE VIEW steps AS SELECT a.name, s.kind, s.class, coalesce(s.decline_code, s.error_code) AS code, to_char(s.happened_at, 'MM-DD HH24') AS at, to_char(s.next_action_at, 'MM-DD HH24') AS next
	FROM paycore.dunning_steps s JOIN paycore.collections c ON c.id = s.collection_id JOIN paycore.billing_accounts a ON a.id = c.billing_account_id ORDER BY 1, s.id;
CREATE FUNCTION sub(name text, method text, details jsonb DEFAULT '{}', gateway text DEFAULT NULL, price text DEFAULT 'pro-monthly') RETURNS text LANGUAGE sql AS $$
	SELECT s.status::text FROM paycore.create_billing_account(name, currency => 'USD', gateway => gateway) a
	CROSS JOIN LATERAL paycore.create_subscription(a.id, jsonb_build_array(jsonb_build_object('price', price)),
		jsonb_strip_nulls(jsonb_build_object('payment_method', method)) || details) s $$;
CREATE FUNCTION account(who text) RETURNS uuid LANGUAGE sql STABLE AS $$ SELECT id FROM paycore.billing_accounts WHERE name = who $$;
CREATE FUNCTION invoice(who text) RETURNS uuid LANGUAGE sql STABLE AS $$ SELECT id FROM paycore.invoices WHERE billing_account_id = account(who) ORDER BY serial DESC LIMIT 1 $$;
-- The run charges, the gateway answers, and the next run hears of it.
\set play 'CALL paycore.run_billing(); CALL paycore.drain_outbox(\'30 s\'); CALL paycore.run_billing();'

-- Policies.
\set VERBOSITY default
SELECT paycore.create_dunning_policy('bad', '{"retry_later": "1 day"}');
SELECT paycore.create_dunning_policy('bad', '{"later": ["1 day"]}');
\set VERBOSITY sqlstate
SELECT paycore.create_dunning_policy('bad', '{"never": ["-1 day"]}');
SELECT paycore.create_dunning_policy('bad', '{"never": ["soon"]}');
SELECT paycore.create_dunning_policy('bad', max_attempts => 0);
SELECT paycore.create_dunning_policy('bad', final_action => 'shout');
SELECT paycore.create_dunning_policy(NULL);
SELECT name, is_default, final_action FROM paycore.create_dunning_policy('gentle');
SELECT name, is_default FROM paycore.create_dunning_policy('strict', '{"retry_later": ["1 day", "3 days"], "new_method": ["2 days"], "authenticate": ["1 day"], "never": ["2 days"], "invoice": ["3 days"]}',
	grace => '10 days', final_action => 'cancel');
\set VERBOSITY default
SELECT paycore.create_dunning_policy('gentle');
\set VERBOSITY sqlstate
SELECT name, is_default FROM paycore.dunning_policies ORDER BY name;
SELECT name, is_default FROM paycore.set_default_dunning_policy((SELECT id FROM paycore.dunning_policies WHERE name = 'gentle'));
SELECT name, is_default FROM paycore.set_default_dunning_policy((SELECT id FROM paycore.dunning_policies WHERE name = 'strict'));

-- The first charge: what each class of decline comes to.
SELECT sub('good', 'pm_card_visa'), sub('debit', 'pm_usBankAccount_success'), sub('poor', 'pm_card_chargeDeclinedInsufficientFunds'), sub('stolen', 'pm_card_visa_chargeDeclinedStolenCard'),
	sub('expired', 'pm_card_chargeDeclinedExpiredCard'), sub('asked', 'pm_card_authenticationRequired'), sub('none', NULL), sub('sent', NULL, '{"collection": "send_invoice", "days_until_due": 5}'),
	sub('cash', NULL, '{}', 'cash'), sub('tiny', 'pm_card_visa', '{}', NULL, 'tiny');
:play
SELECT * FROM money;
SELECT * FROM subs;
SELECT * FROM steps;
-- Nothing is done twice.
:play
SELECT count(*) FROM paycore.dunning_steps;
-- A day later: a retry, and a reminder.
SELECT shows FROM paycore.set_test_clock('2026-02-01 10:00+00');
:play
SELECT * FROM money WHERE name IN ('poor', 'asked');
-- Reminders; a sent invoice is overdue.
SELECT shows FROM paycore.set_test_clock('2026-02-05 10:00+00');
:play
SELECT * FROM money WHERE collection <> 'settled';
SELECT * FROM steps WHERE at > '02-01' ORDER BY at, name;
SELECT * FROM subs WHERE name = 'sent';
-- A new card is tried at once, and pays: active again.
SELECT status FROM paycore.attach_payment_method(account('stolen'), 'pm_card_visa');
SELECT payment_method FROM paycore.update_subscription((SELECT id FROM paycore.subscriptions WHERE billing_account_id = account('stolen')), '{"payment_method": "pm_card_mastercard"}');
:play
SELECT * FROM money WHERE name = 'stolen';
SELECT * FROM subs WHERE name = 'stolen';
SELECT kind, at FROM steps WHERE name = 'stolen';
-- The payer pays by link, the sent invoice by transfer.
SELECT status FROM paycore.pay_invoice(invoice('asked'), 'pm_card_visa');
SELECT gross FROM paycore.record_invoice_payment(invoice('sent'), gateway => 'cash');
:play
SELECT * FROM money WHERE name IN ('asked', 'sent');
SELECT * FROM subs WHERE name IN ('asked', 'sent');
-- All is tried, and the grace is over: the subscription ends. A debit that is on its way is waited for.
SELECT shows FROM paycore.set_test_clock('2026-02-10 09:00+00');
:play
SELECT * FROM money WHERE name IN ('poor', 'expired', 'none', 'debit');
SELECT shows FROM paycore.set_test_clock('2026-02-10 10:00+00');
:play
SELECT * FROM money WHERE name IN ('poor', 'expired', 'none', 'debit');
SELECT * FROM subs;
SELECT * FROM steps WHERE name = 'poor';
-- What is given up may still be paid.
SELECT status FROM paycore.pay_invoice(invoice('poor'), 'pm_card_visa');
:play
SELECT * FROM money WHERE name = 'poor';
SELECT from_status, to_status FROM paycore.status_history((SELECT c.id FROM paycore.collections c WHERE c.invoice_id = invoice('poor')));
-- A card by card what the networks allow: the tenth decline of a Mastercard in a day is the last.
SELECT name FROM paycore.create_dunning_policy('often', '{"retry_later": ["1 minute", "1 minute", "1 minute", "1 minute", "1 minute", "1 minute", "1 minute", "1 minute", "1 minute", "1 minute", "1 minute", "1 minute"]}',
	max_attempts => 20, final_action => 'pause');
SELECT sub('capped', NULL);
INSERT INTO paycore.payment_methods (billing_account_id, gateway_account, psp_payment_method_id, status, type, brand, fingerprint, is_default)
	VALUES (account('capped'), 'default', 'pm_card_chargeDeclinedInsufficientFunds', 'attached', 'card', 'mastercard', 'one card', true);
:play
SELECT * FROM money WHERE name = 'capped';
SELECT shows FROM paycore.set_test_clock('2026-02-10 10:02+00');
:play
SELECT shows FROM paycore.set_test_clock('2026-02-10 10:04+00');
:play
SELECT shows FROM paycore.set_test_clock('2026-02-10 10:06+00');
:play
SELECT shows FROM paycore.set_test_clock('2026-02-10 10:08+00');
:play
SELECT shows FROM paycore.set_test_clock('2026-02-10 10:10+00');
:play
SELECT shows FROM paycore.set_test_clock('2026-02-10 10:12+00');
:play
SELECT shows FROM paycore.set_test_clock('2026-02-10 10:14+00');
:play
SELECT shows FROM paycore.set_test_clock('2026-02-10 10:16+00');
:play
SELECT shows FROM paycore.set_test_clock('2026-02-10 10:18+00');
:play
SELECT shows FROM paycore.set_test_clock('2026-02-10 10:20+00');
:play
SELECT * FROM money WHERE name = 'capped';
SELECT kind, count(*), max(next) FROM steps WHERE name = 'capped' GROUP BY 1 ORDER BY 1;
-- No more attempts than the policy has, whatever steps are left.
SELECT name FROM paycore.create_dunning_policy('twice', '{"retry_later": ["1 minute", "1 minute", "1 minute", "1 minute"]}', max_attempts => 2);
SELECT sub('twice', 'pm_card_chargeDeclinedInsufficientFunds');
:play
SELECT shows FROM paycore.set_test_clock('2026-02-10 10:22+00');
:play
SELECT shows FROM paycore.set_test_clock('2026-02-10 10:24+00');
:play
SELECT * FROM money WHERE name = 'twice';
-- What cannot be tried is parked, and stops nobody else.
SELECT sub('suspended', 'pm_card_visa'), sub('beside', 'pm_card_visa');
SELECT paycore.bill_subscriptions() > 0;
SELECT status FROM paycore.update_billing_account(account('suspended'), '{"status": "suspended", "status_reason": "a review"}');
:play
SELECT * FROM money WHERE name IN ('suspended', 'beside');
SELECT regexp_replace(note, '[0-9a-f-]{36}', 'ID') AS note FROM paycore.collections WHERE status = 'parked';
SELECT status FROM paycore.update_billing_account(account('suspended'), '{"status": "active"}');
SELECT status FROM paycore.retry_collection(invoice('suspended'));
:play
SELECT * FROM money WHERE name = 'suspended';
SELECT paycore.retry_collection(invoice('beside'));
-- After an outage of a month, steps follow one another from when each was taken; each period has its invoice.
SELECT sub('outage', 'pm_card_chargeDeclinedInsufficientFunds');
SELECT is_default FROM paycore.set_default_dunning_policy((SELECT id FROM paycore.dunning_policies WHERE name = 'strict'));
:play
SELECT * FROM money WHERE name = 'outage';
SELECT shows FROM paycore.set_test_clock('2026-03-20 10:00+00');
:play
SELECT * FROM money WHERE name = 'outage';
SELECT * FROM subs WHERE name = 'outage';
SELECT severity, rule, object_type, detail FROM paycore.verify();
-- An amount that is carried forward is no debt that anything is ended for.
SELECT * FROM money WHERE name = 'tiny';
SELECT * FROM subs WHERE name IN ('tiny', 'cash');

-- An account's own policy, and a subscription's before it. What has failed goes on by the one it began with.
CREATE VIEW by_policy AS SELECT a.name, p.name AS policy, c.class, to_char(c.next_action_at, 'MM-DD HH24') AS next FROM paycore.collections c
	JOIN paycore.billing_accounts a ON a.id = c.billing_account_id LEFT JOIN paycore.dunning_policies p ON p.id = c.policy_id;
SELECT is_default FROM paycore.create_dunning_policy('mild', '{"retry_later": ["10 days"]}', is_default => false);
SELECT is_default FROM paycore.create_dunning_policy('harsh', '{"retry_later": ["2 days"], "invoice": ["4 days"]}', is_default => false);
SELECT sub('of account', 'pm_card_chargeDeclinedInsufficientFunds'), sub('of both', 'pm_card_chargeDeclinedInsufficientFunds', '{"dunning_policy": "harsh"}'),
	sub('of sent', NULL, '{"collection": "send_invoice", "days_until_due": 0, "dunning_policy": "harsh"}'), sub('of tenant', 'pm_card_chargeDeclinedInsufficientFunds');
SELECT count((paycore.update_billing_account(account(n), '{"dunning_policy": "mild"}')).dunning_policy_id) FROM unnest('{of account,of both,of sent}'::text[]) n;
SELECT p.name FROM paycore.create_billing_account('made so', currency => 'USD', gateway => 'cash', details => '{"dunning_policy": "harsh"}') a JOIN paycore.dunning_policies p ON p.id = a.dunning_policy_id;
:play
SELECT * FROM by_policy WHERE name LIKE 'of %' ORDER BY name;
SELECT s.dunning_policy_id FROM paycore.subscriptions b, paycore.update_subscription(b.id, '{"dunning_policy": null}') s WHERE b.billing_account_id = account('of both');
SELECT s.dunning_policy_id IS NOT NULL AS kept FROM paycore.subscriptions b, paycore.update_subscription(b.id, '{"description": "sent"}') s WHERE b.billing_account_id = account('of sent');
:play
SELECT * FROM by_policy WHERE name = 'of both';
SELECT paycore.update_billing_account(account('of both'), '{"dunning_policy": "none"}');
SELECT paycore.create_billing_account('none', currency => 'USD', gateway => 'cash', details => '{"dunning_policy": "none"}');
SELECT sub('none', NULL, '{"dunning_policy": "none"}', 'cash');
SELECT paycore.update_subscription(s.id, '{"dunning_policy": "none"}') FROM paycore.subscriptions s WHERE s.billing_account_id = account('of both');
UPDATE paycore.subscriptions SET dunning_policy_id = paycore.uuid_v7() WHERE billing_account_id = account('of both');
-- An account that says so is charged by no run, until it is to be again.
SELECT sub('by hand', 'pm_card_visa');
SELECT auto_charge FROM paycore.update_billing_account(account('by hand'), '{"auto_charge": false}');
SELECT auto_charge FROM paycore.update_billing_account(account('of account'), '{"auto_charge": false}');
SELECT status FROM paycore.retry_collection(invoice('of account'));
:play
SELECT * FROM money WHERE name IN ('by hand', 'of account');
SELECT auto_charge FROM paycore.update_billing_account(account('by hand'), '{"auto_charge": true}');
SELECT auto_charge FROM paycore.update_billing_account(account('of account'), '{"auto_charge": true}');
:play
SELECT * FROM money WHERE name IN ('by hand', 'of account');

-- Roles: an operator runs it all, an application pays.
CREATE ROLE regress_dunning_ops;
CREATE ROLE regress_dunning_app;
\o /dev/null
SELECT paycore.grant_access('regress_dunning_ops', 'operator'), paycore.grant_access('regress_dunning_app', 'app');
\o
GRANT SELECT ON money, subs TO regress_dunning_ops, regress_dunning_app;
SELECT sub('roles', 'pm_card_chargeDeclinedInsufficientFunds');
SELECT balance_after FROM paycore.credit_account(account('roles'), '10.00 USD', 'gift');
SET ROLE regress_dunning_ops;
:play
SELECT * FROM money WHERE name = 'roles';
SELECT paycore.create_dunning_policy('theirs');
SET ROLE regress_dunning_app;
SELECT id AS theirs FROM paycore.list_invoices((SELECT billing_account_id FROM paycore.collections ORDER BY id DESC LIMIT 1)) \gset
SELECT status, note FROM paycore.retry_collection(:'theirs');
SELECT gross FROM paycore.record_invoice_payment(:'theirs', '30.00 USD', gateway => 'cash');
SELECT paycore.collect_invoices();
UPDATE paycore.collections SET stirred = true;
INSERT INTO paycore.invoice_payments (invoice_id, kind, amount, surplus) SELECT id, 'balance', '1.00 USD', '0 USD' FROM paycore.invoices LIMIT 1;
UPDATE paycore.account_balances SET balance = '1000.00 USD';
RESET ROLE;
SELECT * FROM money WHERE name = 'roles';
SELECT severity, rule, object_type, detail FROM paycore.verify();
\o /dev/null
DROP OWNED BY regress_dunning_ops, regress_dunning_app;
\o
DROP ROLE regress_dunning_ops, regress_dunning_app;
-- The end waits for a debit that the payer has begun.
SELECT is_default FROM paycore.set_default_dunning_policy((SELECT id FROM paycore.dunning_policies WHERE name = 'strict'));
SELECT sub('late debit', 'pm_card_chargeDeclinedExpiredCard');
:play
SELECT count(*) FROM paycore.set_test_clock(paycore.billing_now() + interval '3 days');
CALL paycore.run_billing();
SELECT status FROM paycore.pay_invoice(invoice('late debit'), 'pm_usBankAccount_success');
CALL paycore.drain_outbox('30 s');
SELECT count(*) FROM paycore.set_test_clock(paycore.billing_now() + interval '8 days');
CALL paycore.run_billing();
SELECT status, collection, step, class FROM money WHERE name = 'late debit';
SELECT * FROM subs WHERE name = 'late debit';
SELECT kind FROM steps WHERE name = 'late debit';
-- While a retry is on its way nothing is new, whatever else moves its intent.
SELECT sub('slow', 'pm_card_chargeDeclinedInsufficientFunds');
:play
SELECT count(*) FROM paycore.set_test_clock(paycore.billing_now() + interval '1 day');
SELECT paycore.collect_invoices();
SELECT auto_charge FROM paycore.update_billing_account(account('slow'), '{"auto_charge": false}');
SELECT paycore.collect_invoices();
SELECT collection, n, next FROM money WHERE name = 'slow';
CALL paycore.drain_outbox('30 s');
SELECT paycore.collect_invoices();
SELECT collection, n, next IS NOT NULL AS later FROM money WHERE name = 'slow';
-- A credit note that settled an invoice is void: what is due again is charged again, or asked for again where the payer had to do something.
SELECT sub('again', 'pm_card_chargeDeclinedInsufficientFunds'), sub('again never', 'pm_card_visa_chargeDeclinedStolenCard'), sub('again sent', NULL, '{"collection": "send_invoice", "days_until_due": 0}');
SELECT count(*) FROM paycore.set_test_clock(paycore.billing_now() + interval '1 hour');
:play
SELECT count(*) FROM unnest(ARRAY['again', 'again never', 'again sent']) n, LATERAL paycore.create_credit_note(invoice(n)) c;
CALL paycore.run_billing();
SELECT name, status, collection, n, class, next FROM money WHERE name LIKE 'again%';
SELECT count(v.status) FROM paycore.credit_notes c, LATERAL paycore.void_credit_note(c.id) v WHERE c.status = 'issued' AND c.billing_account_id = ANY (ARRAY[account('again'), account('again never'), account('again sent')]);
:play
:play
SELECT name, status, collection, n, class, next IS NOT NULL AS later FROM money WHERE name LIKE 'again%';
SELECT severity, rule, object_type, detail FROM paycore.verify();
