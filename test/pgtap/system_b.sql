-- The 21 steps of system B's published test (a payment service: plans, subscriptions, intents, invoices, refunds, usage, statistics), in paycore's terms.
\set own system_b
\ir data/own_database.psql

SELECT plan(73);

-- 1. Health.
SELECT is(paycore.health() -> 'problems', '[]'::jsonb, '1 health: there are no problems');
SELECT is((paycore.health() ->> 'dead')::int + (paycore.health() ->> 'subscriptions_parked')::int, 0, '1 health: nothing is given up, nobody parked');

-- 2. Info.
SELECT is(e.extversion, a.default_version, '2 info: the version is the one that is installed') FROM pg_extension e JOIN pg_available_extensions a ON a.name = e.extname WHERE e.extname = 'paycore';
SELECT is(paycore.instance(), '', '2 info: which server this is');
SELECT cmp_ok((SELECT count(*) FROM paycore.metrics()), '>', 5::bigint, '2 info: numbers for a monitoring system');

-- Time goes by a clock that the test moves.
SELECT paycore.set_test_clock('2026-01-31 10:00+00') \g /dev/null
SELECT paycore.create_billing_account('Uma', 'uma@example.com', 'USD', 'user-1') \g /dev/null
SELECT id AS user FROM paycore.billing_accounts WHERE external_ref = 'user-1' \gset

-- 3. Plan: create.
SELECT id AS pro FROM paycore.create_product('pro', 'Professional') \gset
SELECT id AS monthly FROM paycore.create_price(:'pro', '{"USD": "29.00", "EUR": "27.00"}', 'month', code => 'pro-monthly') \gset
SELECT lives_ok(format('SELECT paycore.create_price(%L, %L, %L, code => %L, details => %L)', :'pro', '{"USD": "290"}', 'year', 'pro-yearly', '{"trial_days": 14}'),
	'3 plan create: a product has several prices');
SELECT lives_ok(format($$SELECT paycore.set_product_feature(%L, 'api'), paycore.set_product_feature(%L, 'seats', 5, per_unit => true)$$, :'pro', :'pro'), '3 plan create: and features with limits');
SELECT throws_ok(format('SELECT paycore.create_price(%L, %L, %L)', :'pro', '{"USD": "-1"}', 'month'), 'PY042', NULL, '3 plan create: not for less than nothing');
SELECT throws_ok(format('SELECT paycore.create_price(%L, %L, %L)', :'pro', '{"USD": "1"}', 'fortnight'), 'PY008', NULL, '3 plan create: nor for an interval that there is not');

-- 4. Plan: get.
SELECT row_eq(format('SELECT code, every, active FROM paycore.prices WHERE id = %L', :'monthly'), ROW('pro-monthly'::text, 'month'::paycore.billing_interval, true), '4 plan get: by its id');
SELECT is((SELECT unit_price FROM paycore.price_currencies WHERE price_id = :'monthly' AND currency = 'EUR'), 27.00, '4 plan get: with what it costs in each currency');

-- 5. Plan: list.
SELECT is((SELECT array_agg(code) FROM paycore.list_prices(:'pro')), '{pro-yearly,pro-monthly}'::text[], '5 plan list: those of a product, newest first');
SELECT is((SELECT array_agg(code) FROM paycore.list_products()), '{pro}'::text[], '5 plan list: and the products');

-- 6. Subscription: create.
SELECT id AS sub, status FROM paycore.create_subscription(:'user', '[{"price": "pro-monthly", "quantity": 2, "exclusive": true}]',
	'{"collection": "send_invoice", "days_until_due": 365}', idempotency_key => 'signup-1') \gset
SELECT is(:'status'::text, 'active', '6 subscription create: it is active at once');
SELECT is((SELECT id FROM paycore.create_subscription(:'user', '[{"price": "pro-monthly", "quantity": 2, "exclusive": true}]',
	'{"collection": "send_invoice", "days_until_due": 365}', idempotency_key => 'signup-1')), :'sub'::uuid,
	'6 subscription create: the same key again is the same subscription');
SELECT throws_ok(format('SELECT paycore.create_subscription(%L, %L)', :'user', '[{"price": "pro-monthly", "exclusive": true}]'), 'PY030', NULL, '6 subscription create: one of an exclusive product at a time');
SELECT throws_ok(format('SELECT paycore.create_subscription(%L, %L)', :'user', '[{"price": "gold"}]'), 'PY040', NULL, '6 subscription create: not of a plan that there is not');
SELECT id AS other FROM paycore.create_billing_account('Vic', currency => 'EUR') \gset
SELECT is((SELECT status::text FROM paycore.create_subscription(:'other', '[{"price": "pro-monthly"}]', '{"trial_days": 14, "collection": "send_invoice", "days_until_due": 365}')), 'trialing', '6 subscription create: with a trial it begins as one');

-- 7. Subscription: get.
SELECT row_eq(format('SELECT status::text, currency, period_start, period_end, next_bill_at FROM paycore.subscriptions WHERE id = %L', :'sub'),
	ROW('active'::text, 'USD'::paycore.currency, '2026-01-31 10:00+00'::timestamptz, '2026-02-28 10:00+00'::timestamptz, '2026-01-31 10:00+00'::timestamptz),
	'7 subscription get: its period ends with the month, and its first bill is due');
SELECT is(ARRAY[paycore.entitled(:'user', 'api'), paycore.allowance(:'user', 'seats') = 10, paycore.entitled(:'user', 'sso')], '{t,t,f}'::boolean[], '7 subscription get: what the user may do by it');

-- 14. Invoice: create.
CALL paycore.run_billing();
SELECT id AS invoice FROM paycore.list_invoices(:'user') \gset
SELECT row_eq(format('SELECT number, status::text, total, amount_due, period_start, period_end FROM paycore.invoices WHERE id = %L', :'invoice'),
	ROW('INV-000001'::text, 'open'::text, '58.00 USD'::paycore.money_cents, '58.00 USD'::paycore.money_cents, '2026-01-31 10:00+00'::timestamptz, '2026-02-28 10:00+00'::timestamptz),
	'14 invoice create: two of 29.00 for the period, under the first number');
CALL paycore.run_billing();
SELECT is((SELECT count(*) FROM paycore.list_invoices()), 1::bigint, '14 invoice create: and nothing twice');

-- 15. Invoice: get.
SELECT row_eq(format('SELECT kind, description, quantity, unit_price, amount FROM paycore.list_invoice_lines(%L)', :'invoice'),
	ROW('recurring'::text, 'Professional'::text, 2::numeric, 29.00::numeric, '58.00 USD'::paycore.money_cents), '15 invoice get: with its lines');
SELECT is((SELECT customer ->> 'name' FROM paycore.invoices WHERE id = :'invoice'), 'Uma', '15 invoice get: and the customer as of then');
SELECT throws_ok(format('UPDATE paycore.invoices SET total = %L, subtotal = %L, amount_due = %L WHERE id = %L', '1 USD', '1 USD', '1 USD', :'invoice'), 'PY011', NULL, '15 invoice get: which nobody changes');

-- 8. Subscription: update.
SELECT paycore.set_test_clock('2026-02-14 10:00+00') \g /dev/null
SELECT results_eq(format('SELECT credited, charged FROM paycore.change_subscription(%L, %L)', :'sub', '[{"item": "pro-monthly", "quantity": 4}]'),
	$$VALUES ('29.00 USD'::paycore.money_cents, '58.00 USD'::paycore.money_cents)$$, '8 subscription update: half of the period is left, and half of each is given back and charged');
SELECT is((SELECT array_agg(quantity ORDER BY starts_at) FROM paycore.subscription_items WHERE subscription_id = :'sub'), '{2,4}'::numeric[], '8 subscription update: what was before stays in the books');
SELECT is(paycore.allowance(:'user', 'seats'), 20::numeric, '8 subscription update: and counts at once');
SELECT is((SELECT description FROM paycore.update_subscription(:'sub', '{"description": "Team of four"}')), 'Team of four', '8 subscription update: so can its description');
SELECT paycore.set_test_clock('2026-02-28 10:00+00') \g /dev/null
CALL paycore.run_billing();
SELECT is((SELECT total FROM paycore.list_invoices(:'user', page_size => 1)), '145.00 USD'::paycore.money_cents, '8 subscription update: the next invoice has the difference, and the new price');

-- 10. Subscriptions: of a user.
SELECT is((SELECT array_agg(s.id) FROM paycore.billing_accounts a, paycore.list_subscriptions(a.id) s WHERE a.external_ref = 'user-1'), ARRAY[:'sub']::uuid[], '10 subscriptions of a user: by the application''s own id');
SELECT is((SELECT count(*) FROM paycore.list_subscriptions()), 2::bigint, '10 subscriptions of a user: not those of others');

-- 9. Subscription: cancel.
SELECT row_eq(format('SELECT status::text, cancel_at, cancel_reason FROM paycore.cancel_subscription(%L, reason => %L)', :'sub', 'too dear'),
	ROW('active'::text, '2026-03-31 10:00+00'::timestamptz, 'too dear'::text), '9 subscription cancel: at the end of the period, with the reason');
SELECT is((SELECT cancel_at FROM paycore.keep_subscription(:'sub')), NULL, '9 subscription cancel: taken back before that');
SELECT isnt((SELECT cancel_at FROM paycore.cancel_subscription(:'sub')), NULL, '9 subscription cancel: and once more');
SELECT paycore.set_test_clock('2026-04-05 10:00+00') \g /dev/null
CALL paycore.run_billing();
SELECT row_eq(format('SELECT status::text, ended_at FROM paycore.subscriptions WHERE id = %L', :'sub'), ROW('canceled'::text, '2026-03-31 10:00+00'::timestamptz), '9 subscription cancel: the run ends it when its time has come');
SELECT is(paycore.entitled(:'user', 'api'), false, '9 subscription cancel: and what it allowed with it');
SELECT throws_ok(format('SELECT paycore.resume_subscription(%L)', :'sub'), 'PY030', NULL, '9 subscription cancel: for good');

-- 11. Intent.
SELECT id AS intent, status, amount FROM paycore.pay_invoice(:'invoice', confirm => false) \gset
SELECT is(ARRAY[:'status', :'amount'], '{created,58.00 USD}', '11 intent: it is created, for what is due of the invoice');
SELECT is((SELECT id FROM paycore.pay_invoice(:'invoice', confirm => false)), :'intent'::uuid, '11 intent: one at a time');
SELECT id AS secure FROM paycore.create_payment_intent(:'user', '7.00 USD', payment_method => 'pm_card_authenticationRequired', confirm => true, return_url => 'https://shop.test/back') \gset

-- 12. Confirm.
SELECT paycore.confirm_payment_intent(:'intent', 'pm_card_visa') \g /dev/null
SELECT is((SELECT status::text FROM paycore.await_payment_intent(:'intent', '30 s')), 'succeeded', '12 confirm: the card is charged');
SELECT row_eq(format('SELECT status::text, amount_paid, amount_due FROM paycore.invoices WHERE id = %L', :'invoice'),
	ROW('paid'::text, '58.00 USD'::paycore.money_cents, '0.00 USD'::paycore.money_cents), '12 confirm: and the invoice is paid');
SELECT is((SELECT status::text FROM paycore.await_payment_intent(:'secure', '30 s')), 'requires_action', '12 confirm: where the bank asks, the payer acts first');
SELECT isnt((SELECT next_action FROM paycore.payment_intents WHERE id = :'secure'), NULL, '12 confirm: it says how');
SELECT lives_ok(format('SELECT paycore.complete_mock_action(%L)', :'secure'), '12 confirm: the payer does');
SELECT is((SELECT status::text FROM paycore.await_payment_intent(:'secure', '30 s')), 'succeeded', '12 confirm: then it goes through');

-- 13. History.
SELECT is((SELECT array_agg(gross) FROM paycore.payment_history(:'user')), ARRAY['7.00 USD', '58.00 USD']::paycore.money_cents[], '13 history: the payments of the user');
SELECT is((SELECT to_status FROM paycore.status_history(:'secure') ORDER BY id DESC LIMIT 1), 'succeeded', '13 history: and the steps of each');
SELECT is_empty(format('SELECT * FROM paycore.payment_history(%L)', :'other'), '13 history: another user''s is another one');

-- 16. Refund: create.
SELECT payment_id AS payment FROM paycore.payment_intents WHERE id = :'intent' \gset
SELECT id AS refund, status FROM paycore.create_refund(:'payment', '18.00 USD', 'requested_by_customer', requested_by => 'uma', requires_approval => true) \gset
SELECT is(:'status'::text, 'requested', '16 refund create: it waits for somebody''s approval');
SELECT is((SELECT available_to_refund FROM paycore.payments_overview WHERE id = :'payment'), '40.00 USD'::paycore.money_cents, '16 refund create: and nobody else can have the money meanwhile');

-- 17. Refund: process.
SELECT throws_ok(format('SELECT paycore.approve_refund(%L, %L)', :'refund', 'uma'), 'PY023', NULL, '17 refund process: not by the one who asks');
SELECT is((SELECT approved_by FROM paycore.approve_refund(:'refund', 'max')), 'max', '17 refund process: by another one');
CALL paycore.drain_outbox();
SELECT is((SELECT status::text FROM paycore.refunds WHERE id = :'refund'), 'succeeded', '17 refund process: the gateway gives it back');
SELECT throws_ok(format('SELECT paycore.approve_refund(%L, %L)', :'refund', 'eve'), 'PY023', NULL, '17 refund process: once');

-- 18. Usage.
SELECT paycore.create_meter('calls', 'API calls', details => '{"unit": "call"}') \g /dev/null
SELECT paycore.create_price(:'pro', '{"USD": "0.05"}', 'month', code => 'calls-monthly', details => '{"meter": "calls", "free_units": 100}') \g /dev/null
SELECT id AS metered FROM paycore.create_subscription(:'user', '[{"price": "calls-monthly"}]', '{"collection": "send_invoice", "days_until_due": 365}') \gset
SELECT id AS event FROM paycore.record_usage('calls', :'user', 250, 'request-1') \gset
SELECT is((SELECT id FROM paycore.record_usage('calls', :'user', 250, 'request-1')), :'event'::uuid, '18 usage: the same event again counts once');
SELECT throws_ok(format('SELECT paycore.record_usage(%L, %L, 9, %L)', 'calls', :'user', 'request-1'), 'PY050', NULL, '18 usage: the same key for something else is refused');
SELECT row_eq(format('SELECT recorded, doubled, refused FROM paycore.record_usages(%L::jsonb)', jsonb_build_array(
	jsonb_build_object('meter', 'calls', 'billing_account_id', :'user', 'quantity', 40, 'event_key', 'request-2'),
	jsonb_build_object('meter', 'calls', 'billing_account_id', :'user', 'quantity', 250, 'event_key', 'request-1'),
	jsonb_build_object('meter', 'none', 'billing_account_id', :'user', 'quantity', 1, 'event_key', 'request-3'))),
	ROW(1, 1, 1), '18 usage: many at once, and what is wrong with one stops no other');
SELECT lives_ok(format('SELECT paycore.correct_usage(%L, 260)', :'event'), '18 usage: it can be corrected');
SELECT paycore.set_test_clock('2026-05-05 10:00+00') \g /dev/null
CALL paycore.run_billing();
SELECT row_eq(format($$SELECT l.kind, l.quantity, l.amount FROM paycore.invoices i, paycore.list_invoice_lines(i.id) l WHERE i.subscription_id = %L$$, :'metered'),
	ROW('usage'::text, 300::numeric, '10.00 USD'::paycore.money_cents), '18 usage: the end of the period charges what was used, but for what is free');

-- 19. Statistics: of revenue.
SELECT results_eq($$SELECT currency, payments, gross, refunds, net FROM paycore.revenue(current_date - 1, current_date + 2, 'year')$$,
	$$VALUES ('USD'::paycore.currency, 2::bigint, '65.00 USD'::paycore.money_cents, '18.00 USD'::paycore.money_cents, '47.00 USD'::paycore.money_cents - (SELECT paycore.sum(fee) FROM paycore.payments))$$,
	'19 statistics of revenue: gross, what was given back, and what is left after fees');
SELECT throws_ok($$SELECT paycore.revenue(by => 'fortnight')$$, 'PY042', NULL, '19 statistics of revenue: by a span that there is');

-- 20. Statistics: of subscriptions.
SELECT results_eq($$SELECT currency, subscriptions, active, canceled FROM paycore.subscription_statistics('2026-01-01', '2026-06-01') ORDER BY currency$$,
	$$VALUES ('EUR'::paycore.currency, 1::bigint, 1::bigint, 0::bigint), ('USD', 2, 1, 1)$$, '20 statistics of subscriptions: by status, and each currency by itself');
SELECT results_eq($$SELECT mrr, arr, accounts FROM paycore.mrr() WHERE currency = 'EUR'$$, $$VALUES ('27.00 EUR'::paycore.money_cents, '324.00 EUR'::paycore.money_cents, 1::bigint)$$,
	'20 statistics of subscriptions: what recurs, by month and by year');

-- 14 and 15 again. Invoice: create and get, by hand.
SELECT id AS buyer FROM paycore.create_billing_account('Wes', currency => 'USD') \gset
SELECT id AS draft FROM paycore.create_invoice(:'buyer', '[{"price": "pro-monthly", "quantity": 2}, {"description": "Set-up", "amount": "100.00"}]',
	'{"collection": "send_invoice", "days_until_due": 30}', idempotency_key => 'invoice-1') \gset
SELECT is((SELECT id FROM paycore.create_invoice(:'buyer', '[{"price": "pro-monthly", "quantity": 2}, {"description": "Set-up", "amount": "100.00"}]',
	'{"collection": "send_invoice", "days_until_due": 30}', idempotency_key => 'invoice-1')), :'draft'::uuid, '14 invoice create: by hand, the same key again is the same invoice');
SELECT row_eq(format('SELECT status::text, number, total FROM paycore.invoices WHERE id = %L', :'draft'), ROW('draft'::text, NULL::text, '158.00 USD'::paycore.money_cents),
	'14 invoice create: a draft of two of 29.00 and 100.00, without a number');
SELECT row_eq(format('SELECT status::text, total, amount_due FROM paycore.finalize_invoice(%L)', :'draft'),
	ROW('open'::text, '158.00 USD'::paycore.money_cents, '158.00 USD'::paycore.money_cents), '14 invoice create: final, it is open');
SELECT throws_ok(format('SELECT paycore.finalize_invoice(%L)', :'draft'), 'PY030', NULL, '14 invoice create: once');
SELECT results_eq(format('SELECT description, quantity, amount FROM paycore.list_invoice_lines(%L)', :'draft'),
	$$VALUES ('Set-up'::text, 1::numeric, '100.00 USD'::paycore.money_cents), ('Professional', 2, '58.00 USD')$$, '15 invoice get: with its lines');

-- 21. Statistics: overall.
SELECT is((SELECT sum(count) FROM (SELECT count(*) FROM paycore.list_invoices() GROUP BY status) s), (SELECT max(serial) FROM paycore.invoices)::numeric, '21 statistics overall: as many invoices as numbers');
SELECT results_eq($$SELECT currency, sum(new::numeric), sum(churn::numeric) FROM paycore.mrr_by_month('2026-01-01', '2026-05-01') GROUP BY currency ORDER BY currency$$,
	$$VALUES ('EUR'::paycore.currency, 27.00, 0.00), ('USD', 58.00, -116.00)$$, '21 statistics overall: what came and what went');
SELECT is(paycore.health() -> 'problems', '[]'::jsonb, '21 statistics overall: all is well');
SELECT is_empty('SELECT * FROM paycore.verify()', '21 statistics overall: and every invariant holds');

SELECT * FROM finish();
\ir data/drop_database.psql
