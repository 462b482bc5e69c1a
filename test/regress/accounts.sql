--
-- Billing accounts, and what their gateway hears of them.
--
\getenv srcdir PG_ABS_SRCDIR
\set setup :srcdir '/data/api_setup.sql'
\i :setup
SELECT id AS ada FROM paycore.create_billing_account('Ada', 'ada@example.com', 'usd', 'crm-1',
	details => '{"phone": "+1 555 0100", "city": "Paris", "country": "FR", "tax_exempt": "reverse", "credit_limit": "100.00 USD",
		"auto_charge": false, "allowed_payment_methods": ["card", "sepa_debit"], "metadata": {"tier": "gold", "seats": 3}}') \gset
SELECT tenant_id, name, email, currency, external_ref, gateway_account, status, phone, city, country, tax_exempt, credit_limit,
	auto_charge, allowed_payment_methods, metadata FROM paycore.billing_accounts WHERE id = :'ada';
-- What is refused.
SELECT paycore.create_billing_account('Ada');
SELECT paycore.create_billing_account('Ada', currency => 'DEM');
SELECT paycore.create_billing_account('Ada', currency => 'USD', gateway => 'nowhere');
\set VERBOSITY default
SELECT paycore.create_billing_account('Ada', currency => 'USD', external_ref => 'crm-1');
\set VERBOSITY sqlstate
SELECT paycore.create_billing_account('Ada', currency => 'USD', details => '{"shoe_size": 38}');
SELECT paycore.create_billing_account('Ada', currency => 'USD', details => '{"phone": 5}');
SELECT paycore.create_billing_account('Ada', currency => 'USD', details => '{"country": "Germany"}');
SELECT paycore.update_billing_account(:'ada', '{"country": "de"}');
SELECT paycore.create_billing_account('Ada', currency => 'USD', details => '{"tax_exempt": "yes"}');
SELECT paycore.create_billing_account('Ada', currency => 'USD', details => '{"auto_charge": "no"}');
SELECT paycore.create_billing_account('Ada', currency => 'USD', details => '{"allowed_payment_methods": [1]}');
SELECT paycore.create_billing_account('Ada', currency => 'USD', details => '[]');
SELECT paycore.create_billing_account('Ada', currency => 'USD', details => '{"status": "closed"}');
SELECT paycore.create_billing_account('Ada', currency => 'USD', details => '{"metadata": {"paycore_intent": "1"}}');
SELECT paycore.create_billing_account('Ada', currency => 'USD', details => '{"metadata": {"a[b]": "1"}}');
SELECT paycore.create_billing_account('Ada', currency => 'USD', details => '{"metadata": {"a": {"b": 1}}}');
SELECT paycore.create_billing_account('Ada', currency => 'USD', details => '{"metadata": {"a": null}}');
SELECT paycore.create_billing_account('Ada', currency => 'USD', details => jsonb_build_object('metadata', jsonb_build_object(repeat('k', 41), 1)));
SELECT paycore.create_billing_account('Ada', currency => 'USD', details => jsonb_build_object('metadata', jsonb_build_object('k', repeat('v', 501))));
SELECT paycore.create_billing_account('Ada', currency => 'USD',
	details => jsonb_build_object('metadata', (SELECT jsonb_object_agg('k' || i, i) FROM generate_series(1, 46) i)));
SELECT count(*) FROM paycore.create_billing_account('Ada', currency => 'USD',
	details => jsonb_build_object('metadata', (SELECT jsonb_object_agg(repeat('ä', 38) || i, repeat('ü', 500)) FROM generate_series(1, 45) i)));
-- An account that the gateway has not heard of changes in silence.
SELECT name, metadata FROM paycore.update_billing_account(:'ada', '{"name": "Ada L.", "metadata": {"seats": null, "color": "red"}}');
SELECT * FROM asked(:'ada');
-- Once its customer is on its way, the gateway is told what changed of it, and no more.
SELECT status FROM paycore.create_payment_intent(:'ada', '10 USD');
SELECT email FROM paycore.update_billing_account(:'ada', '{"email": null, "tax_id": "FR1", "city": "Lyon", "metadata": {"color": null}}');
SELECT tax_id FROM paycore.update_billing_account(:'ada', '{"tax_id": "FR2"}');
SELECT * FROM asked(:'ada');
-- Status, with a reason.
SELECT paycore.update_billing_account(:'ada', '{"status": "suspended"}');
SELECT paycore.update_billing_account(:'ada', '{"status": "dormant", "status_reason": "x"}');
SELECT status, status_reason FROM paycore.update_billing_account(:'ada', '{"status": "suspended", "status_reason": "fraud check"}');
SELECT paycore.create_payment_intent(:'ada', '10 USD');
SELECT status, closed_at IS NOT NULL AS closed FROM paycore.update_billing_account(:'ada', '{"status": "closed", "status_reason": "left"}');
SELECT status, closed_at IS NOT NULL AS closed FROM paycore.update_billing_account(:'ada', '{"status": "active"}');
SELECT from_status, to_status, source, reason FROM paycore.status_history(:'ada');
-- Currency and gateway account are for life; unknown keys and ids are errors.
SELECT paycore.update_billing_account(:'ada', '{"currency": "EUR"}');
SELECT paycore.update_billing_account(:'ada', '{"gateway_account": "cash"}');
SELECT paycore.update_billing_account(paycore.uuid_v7(), '{"name": "x"}');
SELECT paycore.update_billing_account(NULL, '{"name": "x"}');
-- A manual gateway hears nothing.
SELECT id AS bob FROM paycore.create_billing_account('Bob', currency => 'EUR', gateway => 'cash') \gset
SELECT status FROM paycore.create_payment_intent(:'bob', '10 EUR');
SELECT name FROM paycore.update_billing_account(:'bob', '{"name": "Robert"}');
SELECT * FROM asked(:'bob');
-- Gateway accounts.
SELECT name, gateway, psp_account_id, livemode, adopt, rate_limit FROM paycore.create_gateway_account('eu', 'stripe', 'acct_1', true, 'all', 50);
\set VERBOSITY default
SELECT paycore.create_gateway_account('eu', 'mock');
\set VERBOSITY sqlstate
SELECT paycore.create_gateway_account('x', 'paypal');
SELECT paycore.create_gateway_account('x', 'mock', adopt => 'some');
SELECT name, adopt, rate_limit, livemode FROM paycore.update_gateway_account('eu', rate_limit => 80, adopt => 'none');
SELECT paycore.update_gateway_account('us', rate_limit => 80);
SELECT paycore.update_gateway_account('eu', rate_limit => 0);
SELECT paycore.update_gateway_account('eu', adopt => 'some');
-- Another tenant has none of it.
SET paycore.tenant = 'other';
SELECT paycore.create_billing_account('Eve', currency => 'USD');
SELECT paycore.update_billing_account(:'ada', '{"name": "x"}');
SELECT paycore.create_payment_intent(:'ada', '10 USD');
