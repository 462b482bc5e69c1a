-- The gateway without a network, by Stripe's test payment methods.
CREATE FUNCTION pg_temp.mock_c(operation text, params jsonb, ids jsonb)
RETURNS jsonb LANGUAGE c STRICT AS '$libdir/paycore', 'paycore_test_mock_answer';
CREATE FUNCTION pg_temp.mock(operation text, params jsonb DEFAULT '{}', ids jsonb DEFAULT '{}')
RETURNS jsonb LANGUAGE sql AS $$
	SELECT pg_temp.mock_c(operation, params, '{"tenant": "acme", "account_id": "0190a0b0-0000-7000-8000-00000000000a",
		"intent_id": "0190a0b0-0000-7000-8000-000000000001", "refund_id": "0190a0b0-0000-7000-8000-000000000002",
		"database": "db", "psp_customer_id": "cus_1", "idempotency_key": "key-1", "amount": 10000, "currency": "USD"}' || ids)
$$;
CREATE FUNCTION pg_temp.pay(method text, off_session boolean DEFAULT false, capture text DEFAULT 'automatic_async')
RETURNS jsonb LANGUAGE sql AS $$
	SELECT pg_temp.mock('intent.create', jsonb_build_object('amount', 10000, 'currency', 'USD', 'confirm', true,
		'payment_method', method, 'off_session', off_session, 'capture_method', capture))
$$;

-- Every test payment method, on and off session.
SELECT method, off_session, a ->> 'status' AS http, a #>> '{read,verdict}' AS verdict, a #>> '{read,object,is,status}' AS intent,
	a #>> '{read,error,code}' AS code, a #>> '{read,error,decline_code}' AS decline_code, a #>> '{read,error,advice_code}' AS advice
FROM unnest('{pm_card_visa,pm_card_visa_debit,pm_card_mastercard,pm_card_amex,pm_card_de,pm_card_gb,pm_card_visa_chargeDeclined,
	pm_card_chargeDeclined,pm_card_visa_chargeDeclinedInsufficientFunds,pm_card_chargeDeclinedInsufficientFunds,
	pm_card_visa_chargeDeclinedLostCard,pm_card_visa_chargeDeclinedStolenCard,pm_card_visa_chargeDeclinedVelocityLimitExceeded,
	pm_card_chargeDeclinedExpiredCard,pm_card_chargeDeclinedIncorrectCvc,pm_card_chargeDeclinedProcessingError,
	pm_card_chargeCustomerFail,pm_card_radarBlock,pm_card_authenticationRequired,pm_card_authenticationRequiredOnSetup,
	pm_card_authenticationRequiredSetupForOffSession,pm_card_authenticationRequiredChargeDeclinedInsufficientFunds,
	pm_card_threeDSecure2Required,pm_card_threeDSecureRequiredChargeDeclined,pm_card_threeDSecureRequiredProcessingError,
	pm_card_threeDSecureOptional,pm_card_createDispute,pm_card_pendingRefund,pm_card_refundFail,pm_card_riskLevelHighest,
	pm_card_cvcCheckFail,pm_card_bypassPending,pm_usBankAccount_success,pm_unknown}'::text[]) method,
	unnest('{f,t}'::boolean[]) off_session, pg_temp.pay(method, off_session) a;

-- A success with its fee: 2.9 % and 30 cents; times are the clock's.
SELECT jsonb_pretty((pg_temp.pay('pm_card_visa') #> '{read,object,is}') #- '{created}' #- '{latest_charge,created}'
	#- '{latest_charge,balance,created}' #- '{latest_charge,balance,available_on}');
SELECT currency, amount, (pg_temp.mock('intent.create', jsonb_build_object('amount', amount, 'currency', currency, 'confirm', true,
	'payment_method', 'pm_card_visa')) #> '{read,object,is,latest_charge,balance}') - '{created,available_on,fee_details,id}'::text[] AS balance
FROM (VALUES ('USD', 1), ('USD', 9007199254740991), ('JPY', 1234), ('ISK', 500), ('KWD', 12340), ('MGA', 100000)) v (currency, amount);

-- Created but not confirmed.
SELECT pg_temp.mock('intent.create', '{"amount": 10000, "currency": "USD"}') #>> '{read,object,is,status}',
	pg_temp.mock('intent.create', '{"amount": 10000, "currency": "USD", "payment_method": "pm_card_visa"}') #>> '{read,object,is,status}';

-- A declined try's charge is not the one that succeeds later; each try has its own.
SELECT pg_temp.mock('intent.confirm', '{"payment_method": "pm_card_chargeDeclined"}', '{"idempotency_key": "a"}') #>> '{read,error,charge_id}'
	<> pg_temp.mock('intent.confirm', '{"payment_method": "pm_card_chargeDeclined"}', '{"idempotency_key": "b"}') #>> '{read,error,charge_id}' AS own,
	pg_temp.mock('intent.confirm', '{"payment_method": "pm_card_visa"}', '{"idempotency_key": "a"}') #>> '{read,object,is,latest_charge_id}' AS charge;

-- 3-D Secure: the question, and what comes after the payer has acted.
SELECT pg_temp.pay('pm_card_threeDSecure2Required') #> '{read,object,is,next_action}' AS with_script,
	pg_temp.mock('intent.confirm', '{"payment_method": "pm_card_threeDSecure2Required", "return_url": "https://shop.example/"}')
		#> '{read,object,is,next_action}' AS redirected;
SELECT method, outcome, a ->> 'status' AS http, a #>> '{read,object,is,status}' AS intent, a #>> '{read,object,is,last_error,code}' AS code,
	a #>> '{read,object,is,last_error,decline_code}' AS decline_code, a #>> '{read,object,is,latest_charge,status}' AS charge
FROM unnest('{pm_card_threeDSecure2Required,pm_card_threeDSecureRequiredChargeDeclined,
	pm_card_authenticationRequiredChargeDeclinedInsufficientFunds}'::text[]) method, unnest('{succeed,fail,""}'::text[]) outcome,
	pg_temp.mock('intent.retrieve', jsonb_build_object('outcome', outcome),
		jsonb_build_object('psp_intent_id', 'pi_1', 'psp_method_id', method, 'object_status', 'requires_action')) a;

-- Manual capture: whole, in part, too much, in the wrong state; 3-D Secure on the way.
SELECT a #>> '{read,object,is,status}' AS status, a #>> '{read,object,is,amount_capturable}' AS capturable,
	a #>> '{read,object,is,latest_charge,captured}' AS captured, a #>> '{read,object,is,latest_charge,capture_before}' IS NOT NULL AS expires
FROM pg_temp.pay('pm_card_visa', capture => 'manual') a
UNION ALL
SELECT a #>> '{read,object,is,status}', a #>> '{read,object,is,amount_capturable}', a #>> '{read,object,is,latest_charge,captured}',
	a #>> '{read,object,is,latest_charge,capture_before}' IS NOT NULL
FROM pg_temp.mock('intent.retrieve', '{"outcome": "succeed"}', '{"psp_intent_id": "pi_1", "psp_method_id": "pm_card_threeDSecure2Required",
	"object_status": "requires_action", "capture_method": "manual"}') a;
SELECT params, status, a #>> '{read,verdict}' AS verdict, a #>> '{read,object,is,status}' AS status, a #>> '{read,object,is,amount}' AS amount,
	a #>> '{read,object,is,amount_received}' AS received, a #>> '{read,object,is,latest_charge,amount_captured}' AS captured,
	a #>> '{read,object,is,latest_charge,balance,fee}' AS fee
FROM (VALUES ('{}'::jsonb, 'requires_capture'), ('{"amount": 4000, "currency": "USD"}', 'requires_capture'),
	('{"amount": 10001, "currency": "USD"}', 'requires_capture'), ('{}', 'succeeded'), ('{}', 'canceled')) v (params, status),
	pg_temp.mock('intent.capture', params, jsonb_build_object('psp_intent_id', 'pi_1', 'psp_charge_id', 'ch_1', 'psp_method_id', 'pm_card_visa',
		'object_status', status, 'authorized', 10000)) a;

-- Cancel, update, look again.
SELECT operation, status, a #>> '{read,verdict}' AS verdict, a #>> '{read,object,is,status}' AS status, a #>> '{read,object,is,amount}' AS amount
FROM unnest('{intent.cancel,intent.update,intent.retrieve,intent.confirm}'::text[]) operation,
	unnest('{requires_payment_method,requires_capture,processing,succeeded,canceled}'::text[]) status,
	pg_temp.mock(operation, '{"amount": 7000, "currency": "USD", "reason": "abandoned"}',
		jsonb_build_object('psp_intent_id', 'pi_1', 'psp_method_id', 'pm_card_visa', 'object_status', status)) a
ORDER BY 1, 2;
SELECT pg_temp.mock('intent.confirm', '{}', '{"psp_intent_id": "pi_1"}') #>> '{read,verdict}' AS nothing_to_confirm_with;

-- Refunds: at once, pending, failing later.
SELECT method, operation, status, a #>> '{read,object,is,status}' AS becomes, a #>> '{read,object,is,amount}' AS amount,
	a #>> '{read,object,is,failure_reason}' AS failure, a #>> '{read,object,is,balance,net}' AS net, a #>> '{read,object,is,auth_release}' AS release
FROM unnest('{pm_card_visa,pm_card_pendingRefund,pm_card_refundFail,pm_usBankAccount_success}'::text[]) method,
	(VALUES ('refund.create', 'pending'), ('refund.retrieve', 'pending'), ('refund.retrieve', 'succeeded'), ('refund.retrieve', 'failed')) v (operation, status),
	pg_temp.mock(operation, '{"amount": 2500, "currency": "USD"}', jsonb_build_object('psp_method_id', method, 'object_status', status)) a
ORDER BY 1, 2, 3;
SELECT (pg_temp.mock('refund.create', '{"amount": 2500, "currency": "USD"}') #> '{read,object,is}') - 'created' #- '{balance,created}' #- '{balance,available_on}' AS refund;
SELECT status, a #>> '{read,verdict}' AS verdict, a #>> '{read,object,is,status}' AS becomes
FROM unnest('{pending,requires_action,succeeded}'::text[]) status,
	pg_temp.mock('refund.cancel', '{}', jsonb_build_object('psp_refund_id', 're_1', 'object_status', status)) a;

-- Customers, methods, charges, lists, the account.
SELECT pg_temp.mock('customer.create', '{"name": "Zoë", "email": "z@example.com", "metadata": {"k": "v"}}', '{"psp_customer_id": null}')
	#> '{read,object}' #- '{is,created}';
SELECT method, a #>> '{read,verdict}' AS verdict, a #>> '{read,object,is,last4}' AS last4, a #>> '{read,object,is,customer_id}' AS customer
FROM unnest('{pm_card_visa,pm_card_chargeDeclined,pm_card_chargeCustomerFail,pm_usBankAccount_success,pm_odd}'::text[]) method,
	pg_temp.mock('method.attach', '{}', jsonb_build_object('psp_method_id', method)) a;
SELECT pg_temp.mock('method.detach', '{}', '{"psp_method_id": "pm_card_visa"}') #>> '{read,object,is,customer_id}' AS nobody;
SELECT (pg_temp.mock('charge.retrieve', '{}', '{"psp_charge_id": "ch_1", "psp_intent_id": "pi_1", "psp_method_id": "pm_card_visa", "object_status": "succeeded"}')
	#> '{read,object,is}') - 'created' #- '{balance,created}' #- '{balance,available_on}';
SELECT operation, pg_temp.mock(operation, '{}', '{"psp_intent_id": "pi_1"}') #> '{read}'
FROM unnest('{customer.list,intent.list,refund.list,account.retrieve}'::text[]) operation;
