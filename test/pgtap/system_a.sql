-- The 24 tests that system A publishes of its payments domain (accounts, intents, payments, refunds), in paycore's terms.
\set own system_a
\ir data/own_database.psql
SELECT paycore.create_gateway_account('cash', 'manual') \g /dev/null

SELECT plan(75);

-- 1. Account: create, basic.
SELECT id AS acme, status, currency, tenant_id, gateway_account FROM paycore.create_billing_account('Acme', 'billing@acme.test', 'usd') \gset
SELECT is(:'status'::text, 'active', '1 account create basic: it is active');
SELECT is(:'currency'::text, 'USD', '1 account create basic: it has the currency, whatever the case');
SELECT is(:'tenant_id'::text, 'default', '1 account create basic: it is the session''s tenant''s');
SELECT is(paycore.account_balance(:'acme'), '0.00 USD'::paycore.money_cents, '1 account create basic: it begins with nothing');
SELECT is((SELECT count(*) FROM paycore.status_history(:'acme')), 1::bigint, '1 account create basic: its history has begun');

-- 2. Account: create, with address.
SELECT id AS bolt FROM paycore.create_billing_account('Bolt', 'pay@bolt.test', 'EUR', 'crm-2', gateway => 'cash',
	details => '{"address_line1": "1 Main St", "city": "Paris", "postal_code": "75001", "country": "FR", "tax_id": "FR123", "locale": "fr", "credit_limit": "500.00 EUR",
		"auto_charge": false, "allowed_payment_methods": ["card"], "metadata": {"tier": "gold"}}') \gset
SELECT row_eq(format('SELECT address_line1, city, postal_code, country, tax_id, locale FROM paycore.billing_accounts WHERE id = %L', :'bolt'),
	ROW('1 Main St'::text, 'Paris'::text, '75001'::text, 'FR'::text, 'FR123'::text, 'fr'::text), '2 account create with address: all of it is kept');
SELECT row_eq(format('SELECT credit_limit, auto_charge, allowed_payment_methods, metadata FROM paycore.billing_accounts WHERE id = %L', :'bolt'),
	ROW('500.00 EUR'::paycore.money_cents, false, '{card}'::text[], '{"tier": "gold"}'::jsonb), '2 account create with address: so are its limit and its payment settings');

-- 3. Account: get.
SELECT row_eq(format('SELECT name, email, external_ref, status FROM paycore.billing_accounts WHERE id = %L', :'bolt'),
	ROW('Bolt'::text, 'pay@bolt.test'::text, 'crm-2'::text, 'active'::text), '3 account get: by its id');
SELECT is((SELECT id FROM paycore.billing_accounts WHERE external_ref = 'crm-2'), :'bolt'::uuid, '3 account get: by the application''s own reference');
SELECT results_eq('SELECT id FROM paycore.list_billing_accounts()', format('VALUES (%L::uuid), (%L)', :'bolt', :'acme'), '3 account get: in the list of the tenant, newest first');

-- 4. Account: update.
SELECT row_eq(format('SELECT name, city, country, metadata FROM paycore.update_billing_account(%L, %L)', :'bolt', '{"name": "Bolt SA", "city": "Lyon", "metadata": {"seats": 3}}'),
	ROW('Bolt SA'::text, 'Lyon'::text, 'FR'::text, '{"tier": "gold", "seats": 3}'::jsonb), '4 account update: what is named changes, the rest stays');
SELECT row_eq(format('SELECT status, status_reason FROM paycore.update_billing_account(%L, %L)', :'bolt', '{"status": "suspended", "status_reason": "fraud check"}'),
	ROW('suspended'::text, 'fraud check'::text), '4 account update: it can be suspended, with a reason');
SELECT throws_ok(format('SELECT paycore.create_payment_intent(%L, %L)', :'bolt', '5 EUR'), 'PY041', NULL, '4 account update: a suspended one is charged nothing');
SELECT is((paycore.update_billing_account(:'bolt', '{"status": "active"}')).status, 'active', '4 account update: and it can be active again');
SELECT results_eq(format('SELECT to_status, reason FROM paycore.status_history(%L)', :'bolt'),
	$$VALUES ('active', NULL), ('suspended', 'fraud check'), ('active', NULL)$$, '4 account update: its history has each step');

-- 5. Account: valid.
SELECT lives_ok($$SELECT paycore.create_billing_account('One', 'one@example.com', 'JPY', details => '{"country": "JP", "tax_exempt": "reverse"}')$$, '5 account valid: a full one is taken');
SELECT lives_ok($$SELECT paycore.create_billing_account('Two', currency => 'KWD')$$, '5 account valid: name and currency are enough');

-- 6. Account: invalid.
SELECT throws_ok($$SELECT paycore.create_billing_account('No currency')$$, 'PY042', NULL, '6 account invalid: without a currency');
SELECT throws_ok($$SELECT paycore.create_billing_account('Old', currency => 'HRK')$$, 'PY003', NULL, '6 account invalid: a currency that is gone');
SELECT throws_ok($$SELECT paycore.create_billing_account('None', currency => 'XXZ')$$, 'PY002', NULL, '6 account invalid: a currency that never was');
SELECT throws_ok($$SELECT paycore.create_billing_account('Again', currency => 'EUR', external_ref => 'crm-2')$$, 'PY042', NULL, '6 account invalid: a reference that is taken');
SELECT throws_ok($$SELECT paycore.create_billing_account('Odd', currency => 'EUR', details => '{"shoe_size": 38}')$$, 'PY042', NULL, '6 account invalid: a field that there is not');
SELECT throws_ok(format('SELECT paycore.update_billing_account(%L, %L)', :'bolt', '{"currency": "USD"}'), 'PY042', NULL, '6 account invalid: its currency is for life');

-- 7. Intent: create.
SELECT id AS intent, status, amount, capture_method FROM paycore.create_payment_intent(:'acme', '42.50 USD', description => 'Order 7', metadata => '{"order": "7"}', idempotency_key => 'order-7') \gset
SELECT is(:'status'::text, 'created', '7 intent create: it is created');
SELECT is(:'amount'::text, '42.50 USD', '7 intent create: with its amount, to the cent');
SELECT is((SELECT id FROM paycore.create_payment_intent(:'acme', '42.50 USD', description => 'Order 7', metadata => '{"order": "7"}', idempotency_key => 'order-7')), :'intent'::uuid,
	'7 intent create: the same key again is the same intent');
SELECT throws_ok(format('SELECT paycore.create_payment_intent(%L, %L, idempotency_key => %L)', :'acme', '99 USD', 'order-7'), 'PY050', NULL, '7 intent create: the same key for something else is refused');
SELECT throws_ok(format('SELECT paycore.create_payment_intent(%L, %L)', :'acme', '0 USD'), 'PY021', NULL, '7 intent create: nothing is no amount');
SELECT throws_ok(format('SELECT paycore.create_payment_intent(%L, %L)', :'acme', '5 EUR'), 'PY001', NULL, '7 intent create: nor is another currency''s');

-- 8. Intent: get.
SELECT row_eq(format('SELECT billing_account_id, amount, description, metadata FROM paycore.payment_intents WHERE id = %L', :'intent'),
	ROW(:'acme'::uuid, '42.50 USD'::paycore.money_cents, 'Order 7'::text, '{"order": "7"}'::jsonb), '8 intent get: as it was made');
SELECT results_eq(format('SELECT id FROM paycore.list_payment_intents(%L)', :'acme'), format('VALUES (%L::uuid)', :'intent'), '8 intent get: in the list of its account');

-- 9. Intent: update status.
CALL paycore.drain_outbox();
SELECT isnt((SELECT status FROM paycore.confirm_payment_intent(:'intent', 'pm_card_visa')), NULL, '9 intent update status: it is confirmed');
CALL paycore.drain_outbox();
SELECT row_eq(format('SELECT status::text, amount_received, payment_id IS NOT NULL, psp_intent_id IS NOT NULL FROM paycore.payment_intents WHERE id = %L', :'intent'),
	ROW('succeeded'::text, '42.50 USD'::paycore.money_cents, true, true), '9 intent update status: the gateway''s answer makes it succeed');
SELECT throws_ok(format('UPDATE paycore.payment_intents SET status = %L WHERE id = %L', 'processing', :'intent'), 'PY010', NULL, '9 intent update status: from there no way leads back');
SELECT throws_ok(format('SELECT paycore.cancel_payment_intent(%L)', :'intent'), 'PY030', NULL, '9 intent update status: nor can it be canceled');
SELECT id AS declined FROM paycore.create_payment_intent(:'acme', '9 USD', payment_method => 'pm_card_chargeDeclined', confirm => true) \gset
CALL paycore.drain_outbox();
SELECT row_eq(format('SELECT status::text, error_type, error_code FROM paycore.payment_intents WHERE id = %L', :'declined'),
	ROW('requires_payment_method'::text, 'card_error'::text, 'card_declined'::text), '9 intent update status: a decline asks for another method, and says why');

-- 10. Intent: history.
SELECT is((SELECT array_agg(to_status ORDER BY id) FROM paycore.status_history(:'intent')), '{created,requires_payment_method,succeeded}'::text[], '10 intent history: each step of its status');
SELECT is((SELECT array_agg(DISTINCT source ORDER BY source) FROM paycore.status_history(:'intent')), '{api,response}'::text[], '10 intent history: and who said so');
SELECT throws_ok(format('UPDATE paycore.status_changes SET to_status = %L WHERE object_id = %L', 'failed', :'intent'), 'PY013', NULL, '10 intent history: which nobody rewrites');

-- 11. Payment: record.
SELECT id AS wire FROM paycore.record_payment(:'bolt', '100 EUR', '1.50 EUR', method_type => 'bank_transfer', external_ref => 'wire-7', received_at => '2026-01-02 03:04:05+00') \gset
SELECT row_eq(format('SELECT status::text, gross, fee, net, method_type, external_ref FROM paycore.payments WHERE id = %L', :'wire'),
	ROW('succeeded'::text, '100.00 EUR'::paycore.money_cents, '1.50 EUR'::paycore.money_cents, '98.50 EUR'::paycore.money_cents, 'bank_transfer'::text, 'wire-7'::text),
	'11 payment record: gross, fee and net');
SELECT throws_ok(format('UPDATE paycore.payments SET gross = %L WHERE id = %L', '1 EUR', :'wire'), 'PY012', NULL, '11 payment record: what is settled stays');
SELECT throws_ok(format('SELECT paycore.record_payment(%L, %L, %L)', :'bolt', '5 EUR', '-1 EUR'), 'PY042', NULL, '11 payment record: a fee is not below zero');

-- 12. Payment: record, with intent.
SELECT id AS bill FROM paycore.create_payment_intent(:'bolt', '60 EUR') \gset
SELECT id AS cash FROM paycore.record_payment(:'bolt', '60 EUR', payment_intent_id => :'bill') \gset
SELECT row_eq(format('SELECT status::text, amount_received, payment_id FROM paycore.payment_intents WHERE id = %L', :'bill'),
	ROW('succeeded'::text, '60.00 EUR'::paycore.money_cents, :'cash'::uuid), '12 payment record with intent: the intent has succeeded by it');
SELECT throws_ok(format('SELECT paycore.record_payment(%L, %L, payment_intent_id => %L)', :'bolt', '60 EUR', :'bill'), 'PY030', NULL, '12 payment record with intent: and not twice');

-- 13. Payment: get.
SELECT payment_id AS charge FROM paycore.payment_intents WHERE id = :'intent' \gset
SELECT row_eq(format('SELECT billing_account_id, payment_intent_id, status::text, gross FROM paycore.payments WHERE id = %L', :'charge'),
	ROW(:'acme'::uuid, :'intent'::uuid, 'succeeded'::text, '42.50 USD'::paycore.money_cents), '13 payment get: by its id');
SELECT is((paycore.payment_by_psp_id((SELECT psp_charge_id FROM paycore.payments WHERE id = :'charge'))).id, :'charge'::uuid, '13 payment get: by the gateway''s');

-- 14. Payment: list, by tenant.
SELECT is((SELECT array_agg(id) FROM paycore.list_payments()), ARRAY[:'cash', :'wire', :'charge']::uuid[], '14 payment list by tenant: newest first');
SELECT is((SELECT array_agg(id) FROM paycore.list_payments(after => :'cash', page_size => 1)), ARRAY[:'wire']::uuid[], '14 payment list by tenant: page by page');
SET paycore.tenant = 'other';
SELECT is_empty('SELECT paycore.list_payments()', '14 payment list by tenant: another tenant has none of it');
RESET paycore.tenant;

-- 15. Payment: list, by account.
SELECT is((SELECT array_agg(id) FROM paycore.list_payments(:'bolt')), ARRAY[:'cash', :'wire']::uuid[], '15 payment list by account: its own only');
SELECT is((SELECT array_agg(id) FROM paycore.payment_history(:'acme')), ARRAY[:'charge']::uuid[], '15 payment list by account: payment_history() is the same');

-- 16. Refund: create.
SELECT id AS full, status, amount, reason, requested_by FROM paycore.create_refund(:'charge', reason => 'requested_by_customer', requested_by => 'ann') \gset
SELECT is(ARRAY[:'status', :'amount', :'reason', :'requested_by'], '{pending,42.50 USD,requested_by_customer,ann}', '16 refund create: of all, without an amount');
SELECT throws_ok(format('SELECT paycore.create_refund(%L, %L)', :'charge', '0 USD'), 'PY021', NULL, '16 refund create: of nothing, no');

-- 17. Refund: partial.
SELECT id AS first FROM paycore.create_refund(:'wire', '30 EUR') \gset
SELECT row_eq(format('SELECT refunded, refund_state, available_to_refund FROM paycore.payments_overview WHERE id = %L', :'wire'),
	ROW('30.00 EUR'::paycore.money_cents, 'partial'::text, '70.00 EUR'::paycore.money_cents), '17 refund partial: the rest can still be refunded');

-- 18. Refund: several.
SELECT id AS second FROM paycore.create_refund(:'wire', '20 EUR') \gset
SELECT is((SELECT paycore.sum(amount) FROM paycore.list_refunds(:'bolt')), '50.00 EUR'::paycore.money_cents, '18 refund several: they add up');
SELECT is((SELECT available_to_refund FROM paycore.payments_overview WHERE id = :'wire'), '50.00 EUR'::paycore.money_cents, '18 refund several: and so does what is left');

-- 19. Refund: exceeds.
SELECT throws_ok(format('SELECT paycore.create_refund(%L, %L)', :'wire', '50.01 EUR'), 'PY020', NULL, '19 refund exceeds: a cent more than there is is refused');
SELECT throws_ok(format('SELECT paycore.create_refund(%L, %L)', :'wire', '1 USD'), 'PY001', NULL, '19 refund exceeds: and so is another currency');

-- 20. Refund: get.
SELECT row_eq(format('SELECT payment_id, amount, status::text FROM paycore.refunds WHERE id = %L', :'first'),
	ROW(:'wire'::uuid, '30.00 EUR'::paycore.money_cents, 'succeeded'::text), '20 refund get: by its id; where there is no gateway to ask it is done at once');
SELECT is((SELECT array_agg(id) FROM paycore.list_refunds(:'bolt')), ARRAY[:'second', :'first']::uuid[], '20 refund get: in the list of its account');

-- 21. Refund: update status.
CALL paycore.drain_outbox();
SELECT is((SELECT status::text FROM paycore.refunds WHERE id = :'full'), 'succeeded', '21 refund update status: by the gateway''s answer');
SELECT is((SELECT array_agg(to_status ORDER BY id) FROM paycore.status_history(:'full')), '{pending,succeeded}'::text[], '21 refund update status: its history has both steps');
SELECT throws_ok(format('UPDATE paycore.refunds SET status = %L WHERE id = %L', 'pending', :'full'), 'PY010', NULL, '21 refund update status: from there nobody leads it back');

-- 22. Balance helpers.
SELECT lives_ok(format('SELECT paycore.credit_account(%L, %L, %L)', :'bolt', '25.10 EUR', 'goodwill'), '22 balance helpers: a credit');
SELECT is(paycore.account_balance(:'bolt'), '25.10 EUR'::paycore.money_cents, '22 balance helpers: a credit is what the account is owed');
SELECT throws_ok(format('SELECT paycore.debit_account(%L, %L, %L)', :'bolt', '25.11 EUR', 'fee'), 'PY082', NULL, '22 balance helpers: no debit of more than there is');
SELECT lives_ok(format('SELECT paycore.debit_account(%L, %L, %L)', :'bolt', '5.10 EUR', 'fee'), '22 balance helpers: a debit');
SELECT is(paycore.account_balance(:'bolt'), '20.00 EUR'::paycore.money_cents, '22 balance helpers: takes from it');

-- 23. Amount helpers.
SELECT is(paycore.cents('12.34 USD'::paycore.money_cents) + paycore.cents('1234 JPY'::paycore.money_cents) + paycore.cents('1.234 KWD'::paycore.money_cents), 3 * 1234::bigint,
	'23 amount helpers: minor units of currencies with two, no and three decimals');
SELECT is(paycore.fee_percentage(p), 1.5000, '23 amount helpers: the fee in percent') FROM paycore.list_payments() p WHERE p.id = :'wire';
SELECT throws_ok($$SELECT '1 USD'::paycore.money_cents OPERATOR(paycore.+) '1 EUR'::paycore.money_cents$$, 'PY001', NULL, '23 amount helpers: no sum of two currencies');

-- 24. Refund helpers.
SELECT is(paycore.refund_state(p), 'full', '24 refund helpers: all is refunded') FROM paycore.list_payments() p WHERE p.id = :'charge';
SELECT is(paycore.available_to_refund(p), '0.00 USD'::paycore.money_cents, '24 refund helpers: and nothing is left to refund') FROM paycore.list_payments() p WHERE p.id = :'charge';
SELECT ok(paycore.refund_processing_time(r) >= interval '0', '24 refund helpers: how long it took') FROM paycore.list_refunds() r WHERE r.id = :'full';

SELECT is_empty('SELECT * FROM paycore.verify()', 'and every invariant holds');
SELECT * FROM finish();
\ir data/drop_database.psql
