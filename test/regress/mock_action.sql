--
-- complete_mock_action(): only of a mock gateway, only where an action is required.
--
\set QUIET on
\o /dev/null
SELECT paycore.init();
\o
\set QUIET off
\set VERBOSITY terse
SELECT id AS account FROM paycore.create_billing_account(name => 'Ada', currency => 'EUR') \gset
SELECT id AS intent FROM paycore.create_payment_intent(:'account', '20.00 EUR', payment_method => 'pm_card_threeDSecure2Required',
	confirm => true, return_url => 'https://shop.example/') \gset
SELECT status FROM paycore.await_payment_intent(:'intent');
SELECT status FROM paycore.complete_mock_action(:'intent', succeeds => false);
SELECT status, error_code FROM paycore.await_payment_intent(:'intent');
\set VERBOSITY sqlstate
SELECT status FROM paycore.complete_mock_action(:'intent');
-- after a failed try, the amount is still that of the intent
SELECT status FROM paycore.confirm_payment_intent(:'intent', payment_method => 'pm_card_threeDSecure2Required');
SELECT status FROM paycore.await_payment_intent(:'intent');
SELECT status FROM paycore.complete_mock_action(:'intent');
SELECT status, amount, amount_received FROM paycore.await_payment_intent(:'intent');
SELECT gross FROM paycore.payments;

SELECT name FROM paycore.create_gateway_account(name => 'cash', gateway => 'manual');
SELECT id AS account FROM paycore.create_billing_account(name => 'Bob', currency => 'EUR', gateway => 'cash') \gset
SELECT id AS intent FROM paycore.create_payment_intent(:'account', '20.00 EUR') \gset
SELECT paycore.complete_mock_action(:'intent');
SELECT paycore.complete_mock_action(paycore.uuid_v7());
SELECT paycore.complete_mock_action(NULL);

-- health() says that an account is paused
SELECT paycore.pause_gateway('cash', 'holidays');
SELECT paycore.health() -> 'problems' AS problems;
