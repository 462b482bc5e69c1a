-- Requests as Stripe gets them.
CREATE FUNCTION pg_temp.render_c(gateway text, operation text, params jsonb, ids jsonb)
RETURNS text LANGUAGE c STRICT AS '$libdir/paycore', 'paycore_test_gateway_render';

-- All ids known; one line for each part of the form.
CREATE FUNCTION pg_temp.render(operation text, params jsonb DEFAULT '{}',
		ids jsonb DEFAULT '{}', gateway text DEFAULT 'stripe')
RETURNS text LANGUAGE sql AS $$
	SELECT replace(replace(pg_temp.render_c(gateway, operation, params, jsonb_strip_nulls(
		'{"tenant": "acme", "account_id": "acc-1", "intent_id": "int-1", "refund_id": "ref-1",
		  "database": "db-1", "psp_customer_id": "cus_1", "psp_method_id": "pm_1",
		  "psp_intent_id": "pi_1", "psp_charge_id": "ch_1", "psp_refund_id": "re_1"}' || ids)),
		'&', E'\n  &'), '?', E'\n  ?')
$$;
\pset tuples_only
\pset format unaligned

-- Every operation.
SELECT pg_temp.render('customer.create', '{"name": "Zoë & Söhne", "email": "a+b@example.com",
	"phone": null, "address": {"line1": "1 High St", "country": "GB"}, "locale": "de",
	"tax_exempt": "none", "metadata": {"k": "v", "n": 7, "deep": {"a": [1, 2]}}}');
SELECT pg_temp.render('customer.update', '{"name": "New", "phone": null}');
SELECT pg_temp.render('customer.retrieve');
SELECT pg_temp.render('customer.list', '{"created_gte": 1786000000, "starting_after": "cus_9"}');
SELECT pg_temp.render('method.attach');
SELECT pg_temp.render('method.detach');
SELECT pg_temp.render('method.retrieve');
SELECT pg_temp.render('intent.create', '{"amount": 2599, "currency": "EUR", "confirm": true,
	"capture_method": "manual", "confirmation_method": "manual", "off_session": true,
	"setup_future_usage": "off_session", "description": "Order 1042",
	"statement_descriptor_suffix": "ORDER 1042", "metadata": {"order_id": "1042"}}');
SELECT pg_temp.render('intent.update', '{"amount": 3000, "currency": "EUR", "metadata": {"a": "b"}}');
SELECT pg_temp.render('intent.update', '{"description": null}');
SELECT pg_temp.render('intent.confirm', '{"return_url": "https://shop.example/back?x=1",
	"off_session": true, "gateway_params": {"mandate_data": {"customer_acceptance": {"type": "offline"}}}}');
SELECT pg_temp.render('intent.capture');
SELECT pg_temp.render('intent.capture', '{"amount": 1000, "currency": "EUR"}');
SELECT pg_temp.render('intent.cancel', '{"reason": "abandoned"}');
SELECT pg_temp.render('intent.retrieve');
SELECT pg_temp.render('intent.list', '{"created_gte": 1786000000}');
SELECT pg_temp.render('charge.retrieve');
SELECT pg_temp.render('refund.create', '{"amount": 1000, "currency": "EUR",
	"reason": "requested_by_customer", "metadata": {"rma": "RMA-77"}}');
SELECT pg_temp.render('refund.cancel');
SELECT pg_temp.render('refund.retrieve');
SELECT pg_temp.render('refund.list');
SELECT pg_temp.render('account.retrieve');

-- Reasons of our own stay with us.
SELECT pg_temp.render('intent.cancel', '{"reason": "customer called"}');
SELECT pg_temp.render('refund.create', '{"amount": 1, "currency": "USD", "reason": "late"}');

-- A charge's refund, where the intent is not known.
SELECT pg_temp.render('refund.create', '{"amount": 1, "currency": "USD"}', '{"psp_intent_id": null}');

-- Which methods may be offered: no redirects without a way back.
SELECT pg_temp.render('intent.create', '{"amount": 100, "currency": "USD"}');
SELECT pg_temp.render('intent.create', '{"amount": 100, "currency": "USD", "confirm": true,
	"return_url": "https://shop.example/"}');
SELECT pg_temp.render('intent.create', '{"amount": 100, "currency": "USD",
	"payment_method_types": ["card", "sepa_debit"]}');
SELECT pg_temp.render('intent.create', '{"amount": 100, "currency": "USD",
	"gateway_params": {"automatic_payment_methods": {"enabled": true}}}');

-- return_url and off_session belong to a confirmation; Stripe refuses them without one.
SELECT pg_temp.render('intent.create', '{"amount": 100, "currency": "USD", "off_session": true,
	"return_url": "https://shop.example/"}');

-- A method known by its parameter only.
SELECT pg_temp.render('intent.confirm', '{"payment_method": "pm_card_visa"}', '{"psp_method_id": null}');

-- gateway_params pass through, nested as they are, but never over what paycore answers for.
SELECT pg_temp.render('intent.create', '{"amount": 100, "currency": "USD", "gateway_params":
	{"receipt_email": "x@example.com", "application_fee_amount": 10, "empty": {},
	 "transfer_data": {"destination": "acct_1"}, "list": [{"a": 1}, {"a": 2}], "flag": false}}');
SELECT key, pg_temp.render('intent.create', jsonb_build_object('amount', 100, 'currency', 'USD',
	'gateway_params', jsonb_build_object(key, 'x')))
FROM unnest('{amount,currency,customer,metadata,confirm,expand,payment_method,metadata[paycore_intent]}'::text[]) key;
SELECT pg_temp.render('intent.confirm', '{"gateway_params": {"amount": 1}}');
SELECT pg_temp.render('intent.confirm', '{"gateway_params": {"x": {"a][amount": 1}}}');

-- Metadata: our keys win; a key cannot reach out of its place.
SELECT pg_temp.render('intent.create', '{"amount": 100, "currency": "USD",
	"metadata": {"paycore_intent": "forged", "paycore_x": "1", "ok": true, "none": null}}');
SELECT pg_temp.render('intent.create', '{"amount": 100, "currency": "USD", "metadata": {"a][b": "1"}}');
-- Nor be empty: others read a[] as one more item of a list.
SELECT params, pg_temp.render('intent.create', '{"amount": 100, "currency": "USD"}'::jsonb || params)
FROM unnest(ARRAY['{"metadata": {"": "1"}}', '{"gateway_params": {"": "1"}}', '{"gateway_params": {"a": {"b": [{"": null}]}}}']::jsonb[]) params;

-- Too deep for a form.
SELECT pg_temp.render('intent.create', jsonb_build_object('amount', 1, 'currency', 'USD',
	'gateway_params', jsonb_build_object('x', (repeat('[', 30) || repeat(']', 30))::jsonb)));

-- Ids are data: nothing in them reaches into the path.
SELECT pg_temp.render('intent.retrieve', ids => jsonb_build_object('psp_intent_id', id))
FROM unnest('{pi/../x, a?b&c#d, .., ., "", pi_ü}'::text[]) id;

-- What is not known yet cannot be asked about.
SELECT operation, pg_temp.render_c('stripe', operation, '{"amount": 1, "currency": "USD"}', '{}')
FROM unnest('{customer.update,method.attach,method.detach,intent.confirm,intent.capture,intent.cancel,
	intent.retrieve,charge.retrieve,refund.create,refund.cancel,refund.list}'::text[]) operation;
SELECT pg_temp.render('method.attach', ids => '{"psp_customer_id": null}');

-- Lists, page by page: of one object, or of all since a time.
SELECT operation, pg_temp.render(operation, '{"created_gte": 1700000000, "feed": "f", "starting_after": "x_9"}',
	'{"psp_payout_id": null, "psp_charge_id": null, "psp_refund_id": null, "psp_intent_id": null, "psp_customer_id": null}')
FROM unnest('{customer.list,intent.list,charge.list,refund.list,payout.list,balance.list,event.list}'::text[]) operation;
SELECT operation, pg_temp.render(operation, ids => '{"psp_payout_id": "po_1"}') FROM unnest('{payout.retrieve,balance.list,method.list}'::text[]) operation;

-- Amounts that Stripe cannot be told.
SELECT pg_temp.render('intent.create', '{"amount": 1234, "currency": "KWD"}');
SELECT pg_temp.render('intent.create', '{"amount": "12", "currency": "USD"}');
SELECT pg_temp.render('intent.create', '{"amount": 12.5, "currency": "USD"}');
SELECT pg_temp.render('intent.create', '{"amount": 12, "currency": "QQQ"}');
SELECT pg_temp.render('refund.create', '{"amount": 5, "currency": "ISK"}');

-- mock renders the same; manual takes no requests.
SELECT pg_temp.render('intent.retrieve', gateway => 'mock');
SELECT pg_temp.render('intent.create', gateway => 'manual');
