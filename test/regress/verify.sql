--
-- verify() finds each of a set of corruptions planted with triggers off.
--
\set QUIET on
\o /dev/null
SELECT paycore.init();
\o
\set QUIET off
INSERT INTO paycore.gateway_accounts (name, gateway) VALUES ('cash', 'manual');
INSERT INTO paycore.billing_accounts (id, name, currency, gateway_account)
VALUES ('00000000-0000-7000-8000-00000000000a', 'Ada', 'EUR', 'cash'), ('00000000-0000-7000-8000-00000000000b', 'Bob', 'EUR', 'cash');
INSERT INTO paycore.payment_intents (id, billing_account_id, gateway_account, amount, amount_received)
VALUES ('00000000-0000-7000-8000-000000000001', '00000000-0000-7000-8000-00000000000a', 'cash', '100.00 EUR', '100.00 EUR');
INSERT INTO paycore.payments (id, billing_account_id, payment_intent_id, gateway_account, psp_charge_id, status, authorized, gross, captured_at,
	settled_gross, fee, net, settled_at)
VALUES ('00000000-0000-7000-8000-000000000002', '00000000-0000-7000-8000-00000000000a', '00000000-0000-7000-8000-000000000001', 'cash', 'ch_1',
	'succeeded', '100.00 EUR', '90.00 EUR', now(), '90.00 EUR', '3.00 EUR', '87.00 EUR', now());
UPDATE paycore.payment_intents SET status = 'succeeded', payment_id = '00000000-0000-7000-8000-000000000002';
INSERT INTO paycore.refunds (id, payment_id, payment_intent_id, billing_account_id, gateway_account, psp_refund_id, amount, requested_by)
VALUES ('00000000-0000-7000-8000-000000000003', '00000000-0000-7000-8000-000000000002', '00000000-0000-7000-8000-000000000001',
	'00000000-0000-7000-8000-00000000000a', 'cash', 're_1', '30.00 EUR', 'ada'),
	('00000000-0000-7000-8000-000000000004', '00000000-0000-7000-8000-000000000002', '00000000-0000-7000-8000-000000000001',
	'00000000-0000-7000-8000-00000000000a', 'cash', 're_2', '20.00 EUR', 'ada');
UPDATE paycore.refunds SET status = 'succeeded' WHERE psp_refund_id = 're_2';
INSERT INTO paycore.payment_methods (id, billing_account_id, gateway_account, psp_payment_method_id, status)
VALUES ('00000000-0000-7000-8000-000000000005', '00000000-0000-7000-8000-00000000000a', 'cash', 'pm_1', 'attached');
UPDATE paycore.payment_methods SET is_default = true;
INSERT INTO paycore.setup_intents (id, billing_account_id, gateway_account, psp_setup_intent_id, payment_method)
VALUES ('00000000-0000-7000-8000-000000000008', '00000000-0000-7000-8000-00000000000a', 'cash', 'seti_1', 'pm_1');
UPDATE paycore.setup_intents SET status = 'succeeded';
INSERT INTO paycore.mandates (id, billing_account_id, gateway_account, psp_mandate_id, psp_payment_method_id, status)
VALUES ('00000000-0000-7000-8000-000000000009', '00000000-0000-7000-8000-00000000000a', 'cash', 'mandate_1', 'pm_1', 'active');
INSERT INTO paycore.outbox (id, gateway_account, operation, object_type, object_id, lane, instance, database_oid, status, finished_at,
	method, path, body, idempotency_key, first_sent_at)
VALUES ('00000000-0000-7000-8000-000000000006', 'cash', 'refund.create', 'refund', '00000000-0000-7000-8000-000000000003',
	'00000000-0000-7000-8000-000000000001', '', 1, 'done', now(), 'POST', '/v1/refunds', '', 'k1', now());
INSERT INTO paycore.webhook_events (id, gateway_account, event_id, status, processed_at, payload)
VALUES ('00000000-0000-7000-8000-000000000007', 'cash', 'evt_1', 'processed', now(), '{"data": {"object": {"client_secret": null}}}');
-- another tenant's gateway account of the same name says nothing about this one's rows
INSERT INTO paycore.gateway_accounts (tenant_id, name, gateway) VALUES ('other', 'cash', 'mock');
INSERT INTO paycore.payment_intents (billing_account_id, gateway_account, amount)
VALUES ('00000000-0000-7000-8000-00000000000b', 'cash', '7.00 EUR');
INSERT INTO paycore.disputes (id, payment_id, payment_intent_id, billing_account_id, gateway_account, psp_dispute_id, kind, status, amount, withdrawn,
	withdrawal_ids, fee, balance_transactions)
VALUES ('00000000-0000-7000-8000-000000000008', '00000000-0000-7000-8000-000000000002', '00000000-0000-7000-8000-000000000001',
	'00000000-0000-7000-8000-00000000000a', 'cash', 'du_1', 'chargeback', 'needs_response', '10.00 EUR', '10.00 EUR', '{txn_1}', '15.00 EUR',
	'[{"id": "txn_1", "amount": -1000, "fee": 1500, "currency": "EUR", "reporting_category": "dispute"}]');
INSERT INTO paycore.reviews (payment_id, billing_account_id, gateway_account, psp_review_id, is_open)
VALUES ('00000000-0000-7000-8000-000000000002', '00000000-0000-7000-8000-00000000000a', 'cash', 'prv_1', true);
SELECT refund_reserved, refunded, dispute_held FROM paycore.payments;
SELECT * FROM paycore.verify();

-- Each statement is one corruption; the rules that it breaks are listed below it.
PREPARE found AS SELECT DISTINCT severity, rule, object_type FROM paycore.verify() ORDER BY 1, 2, 3;
\set plant 'BEGIN; SET LOCAL session_replication_role = replica; DROP INDEX paycore.outbox_key, paycore.payment_methods_default, paycore.payments_one_success, paycore.refunds_psp;'
\set look 'EXECUTE found; ROLLBACK;'

\set QUIET on
:plant
\set QUIET off
UPDATE paycore.payments SET refund_reserved = '31.00 EUR';
:look

\set QUIET on
:plant
\set QUIET off
UPDATE paycore.payments SET refunded = '0.00 EUR';
:look

\set QUIET on
:plant
\set QUIET off
UPDATE paycore.refunds SET amount = '80.00 EUR' WHERE psp_refund_id = 're_1';
:look

\set QUIET on
:plant
\set QUIET off
UPDATE paycore.refunds SET amount = '80.00 EUR' WHERE psp_refund_id = 're_1'; UPDATE paycore.payments SET refund_reserved = '80.00 EUR';
:look

\set QUIET on
:plant
\set QUIET off
UPDATE paycore.refunds SET amount = '80.00 EUR' WHERE psp_refund_id = 're_1'; UPDATE paycore.payments SET refund_reserved = '80.00 EUR', over_returned = true;
:look

\set QUIET on
:plant
\set QUIET off
UPDATE paycore.payments SET dispute_held = '-1.00 EUR';
:look

\set QUIET on
:plant
\set QUIET off
UPDATE paycore.payments SET gross = '90.00 USD';
:look

\set QUIET on
:plant
\set QUIET off
UPDATE paycore.refunds SET amount = '30.00 USD' WHERE psp_refund_id = 're_1';
:look

\set QUIET on
:plant
\set QUIET off
UPDATE paycore.payment_intents SET amount = '100.00 USD';
:look

\set QUIET on
:plant
\set QUIET off
UPDATE paycore.payment_intents SET amount_received = '100.00 USD';
:look

\set QUIET on
:plant
\set QUIET off
UPDATE paycore.payment_intents SET capture_method = 'later', confirmation_method = '', setup_future_usage = 'maybe' WHERE payment_id IS NOT NULL;
UPDATE paycore.refunds SET kind = 'gift' WHERE psp_refund_id = 're_1'; UPDATE paycore.payments SET refund_reserved = '0.00 EUR';
UPDATE paycore.status_changes SET source = 'letter' WHERE object_type = 'payment';
UPDATE paycore.outbox SET status = 'lost';
:look

\set QUIET on
:plant
\set QUIET off
UPDATE paycore.payments SET fee = NULL;
:look

\set QUIET on
:plant
\set QUIET off
UPDATE paycore.payments SET net = '88.00 EUR';
:look

\set QUIET on
:plant
\set QUIET off
UPDATE paycore.payments SET net = '87.00 USD';
:look

\set QUIET on
:plant
\set QUIET off
UPDATE paycore.payments SET captured_at = NULL;
:look

\set QUIET on
:plant
\set QUIET off
INSERT INTO paycore.payments (billing_account_id, payment_intent_id, gateway_account, status, authorized, gross, captured_at, refund_reserved, refunded, dispute_held) SELECT billing_account_id, payment_intent_id, gateway_account, status, authorized, gross, captured_at, '0.00 EUR', '0.00 EUR', '0.00 EUR' FROM paycore.payments;
:look

\set QUIET on
:plant
\set QUIET off
UPDATE paycore.refunds SET amount = '0.00 EUR' WHERE psp_refund_id = 're_1';
:look

\set QUIET on
:plant
\set QUIET off
UPDATE paycore.payment_intents SET amount = '-1.00 EUR';
:look

\set QUIET on
:plant
\set QUIET off
DELETE FROM paycore.status_changes WHERE object_type = 'payment_intent' AND from_status IS NULL;
:look

\set QUIET on
:plant
\set QUIET off
UPDATE paycore.status_changes SET to_status = 'canceled' WHERE object_type = 'payment_intent' AND to_status = 'succeeded';
:look

\set QUIET on
:plant
\set QUIET off
UPDATE paycore.refunds SET status = 'failed' WHERE psp_refund_id = 're_2';
:look

\set QUIET on
:plant
\set QUIET off
INSERT INTO paycore.status_changes (object_type, object_id, from_status, to_status) VALUES ('payment_intent', '00000000-0000-7000-8000-000000000001', 'succeeded', 'processing'), ('payment_intent', '00000000-0000-7000-8000-000000000001', 'processing', 'succeeded');
:look

\set QUIET on
:plant
\set QUIET off
DELETE FROM paycore.payments;
:look

\set QUIET on
:plant
\set QUIET off
UPDATE paycore.payments SET tenant_id = 'other';
:look

\set QUIET on
:plant
\set QUIET off
UPDATE paycore.billing_accounts SET gateway_account = 'nowhere' WHERE name = 'Bob';
:look

\set QUIET on
:plant
\set QUIET off
UPDATE paycore.refunds SET psp_refund_id = 're_1';
:look

\set QUIET on
:plant
\set QUIET off
UPDATE paycore.refunds SET billing_account_id = '00000000-0000-7000-8000-00000000000b' WHERE psp_refund_id = 're_1';
:look

\set QUIET on
:plant
\set QUIET off
UPDATE paycore.payments SET payment_intent_id = NULL;
:look

\set QUIET on
:plant
\set QUIET off
UPDATE paycore.payment_methods SET billing_account_id = '00000000-0000-7000-8000-00000000000b';
:look

\set QUIET on
:plant
\set QUIET off
UPDATE paycore.payment_methods SET status = 'detached';
:look

\set QUIET on
:plant
\set QUIET off
INSERT INTO paycore.payment_methods (billing_account_id, gateway_account, psp_payment_method_id, status, is_default)
VALUES ('00000000-0000-7000-8000-00000000000a', 'cash', 'pm_2', 'attached', true);
:look

\set QUIET on
:plant
\set QUIET off
UPDATE paycore.setup_intents SET payment_method = 'pm_2', client_secret = 'seti_1_secret';
:look

\set QUIET on
:plant
\set QUIET off
UPDATE paycore.setup_intents SET status = 'created';
:look

\set QUIET on
:plant
\set QUIET off
UPDATE paycore.mandates SET billing_account_id = '00000000-0000-7000-8000-00000000000b', status = 'inactive';
:look

\set QUIET on
:plant
\set QUIET off
UPDATE paycore.billing_accounts SET metadata = '{"card": "4242424242424242"}';
:look

\set QUIET on
:plant
\set QUIET off
INSERT INTO paycore.payment_intents (billing_account_id, gateway_account, amount) VALUES ('00000000-0000-7000-8000-00000000000a', 'default', '1.00 EUR');
:look

\set QUIET on
:plant
\set QUIET off
UPDATE paycore.payment_intents SET payment_id = NULL, next_sweep_at = NULL;
:look

\set QUIET on
:plant
\set QUIET off
UPDATE paycore.payment_intents SET client_secret = 'pi_1_secret_x';
:look

\set QUIET on
:plant
\set QUIET off
UPDATE paycore.refunds SET psp_refund_id = NULL, gateway_account = 'default' WHERE psp_refund_id = 're_1';
:look

\set QUIET on
:plant
\set QUIET off
UPDATE paycore.refunds SET status = 'requested' WHERE psp_refund_id = 're_1';
:look

\set QUIET on
:plant
\set QUIET off
UPDATE paycore.refunds SET approved_by = 'ada', approved_at = now() WHERE psp_refund_id = 're_1';
:look

\set QUIET on
:plant
\set QUIET off
UPDATE paycore.outbox SET status = 'pending';
:look

\set QUIET on
:plant
\set QUIET off
UPDATE paycore.outbox SET body = NULL;
:look

\set QUIET on
:plant
\set QUIET off
INSERT INTO paycore.outbox (gateway_account, operation, object_type, object_id, lane, instance, database_oid, status, idempotency_key) SELECT gateway_account, operation, object_type, object_id, lane, instance, database_oid, 'dead', idempotency_key FROM paycore.outbox;
:look

\set QUIET on
:plant
\set QUIET off
UPDATE paycore.outbox SET object_id = '00000000-0000-7000-8000-0000000000ff';
:look

\set QUIET on
:plant
\set QUIET off
UPDATE paycore.refunds SET gw_doubt = true WHERE psp_refund_id = 're_1';
:look

\set QUIET on
:plant
\set QUIET off
UPDATE paycore.webhook_events SET processed_at = NULL;
:look

\set QUIET on
:plant
\set QUIET off
UPDATE paycore.webhook_events SET payload = '{"data": {"object": {"client_secret": "pi_1_secret_x"}}}';
:look

\set QUIET on
:plant
\set QUIET off
UPDATE paycore.webhook_events SET status = 'failed', error_message = 'boom';
:look

\set QUIET on
:plant
\set QUIET off
UPDATE paycore.payments SET dispute_held = '9.00 EUR';
:look

\set QUIET on
:plant
\set QUIET off
UPDATE paycore.disputes SET held = '9.00 EUR'; UPDATE paycore.payments SET dispute_held = '9.00 EUR';
:look

\set QUIET on
:plant
\set QUIET off
UPDATE paycore.disputes SET status = 'warning_closed'; UPDATE paycore.status_changes SET to_status = 'warning_closed' WHERE object_type = 'dispute';
:look

\set QUIET on
:plant
\set QUIET off
UPDATE paycore.disputes SET withdrawn = '7.00 EUR', held = '7.00 EUR'; UPDATE paycore.payments SET dispute_held = '7.00 EUR';
:look

\set QUIET on
:plant
\set QUIET off
UPDATE paycore.disputes SET reinstatement_ids = '{txn_2}';
:look

\set QUIET on
:plant
\set QUIET off
UPDATE paycore.disputes SET fee = NULL;
:look

\set QUIET on
:plant
\set QUIET off
UPDATE paycore.disputes SET fee = '10.00 EUR', balance_transactions = jsonb_set(balance_transactions, '{0,fee}', '1000');
:look

\set QUIET on
:plant
\set QUIET off
DELETE FROM paycore.ledger_entries WHERE fact = 'dispute';
:look

\set QUIET on
:plant
\set QUIET off
UPDATE paycore.ledger_entries SET amount = '14.00 EUR' WHERE fact = 'dispute_fee';
:look

\set QUIET on
:plant
\set QUIET off
INSERT INTO paycore.ledger_entries (transfer_id, debit_account_id, credit_account_id, amount, fact, object_id, nth, recorded_at, occurred_at, txn)
SELECT transfer_id, debit_account_id, credit_account_id, amount, fact, object_id, 2, recorded_at, occurred_at, txn FROM paycore.ledger_entries WHERE fact = 'dispute';
:look

\set QUIET on
:plant
\set QUIET off
UPDATE paycore.ledger_entries SET debit_account_id = credit_account_id, credit_account_id = debit_account_id WHERE fact = 'dispute';
:look

\set QUIET on
:plant
\set QUIET off
INSERT INTO paycore.balance_transactions (gateway_account, psp_balance_transaction_id, psp_source_id, dispute_id, reporting_category, amount, fee, net)
VALUES ('cash', 'txn_1', 'du_1', '00000000-0000-7000-8000-000000000008', 'dispute', '-11 EUR', '15 EUR', '-26 EUR');
:look

\set QUIET on
:plant
\set QUIET off
INSERT INTO paycore.balance_transactions (gateway_account, psp_balance_transaction_id, psp_source_id, dispute_id, reporting_category, amount, fee, net)
VALUES ('cash', 'txn_2', 'du_2', '00000000-0000-7000-8000-000000000008', 'dispute', '-10 EUR', '15 EUR', '-25 EUR'),
	('cash', 'txn_3', 'du_3', '00000000-0000-7000-8000-0000000000ff', 'dispute', '-10 EUR', '15 EUR', '-25 EUR');
:look

\set QUIET on
:plant
\set QUIET off
UPDATE paycore.disputes SET billing_account_id = '00000000-0000-7000-8000-00000000000b';
:look

\set QUIET on
:plant
\set QUIET off
UPDATE paycore.disputes SET payment_id = paycore.uuid_v7(); UPDATE paycore.payments SET dispute_held = '0.00 EUR';
:look

\set QUIET on
:plant
\set QUIET off
UPDATE paycore.disputes SET amount = '0.00 EUR', kind = 'quarrel', gw_doubt = true;
:look

\set QUIET on
:plant
\set QUIET off
UPDATE paycore.disputes SET status = 'lost';
:look

\set QUIET on
:plant
\set QUIET off
UPDATE paycore.status_changes SET from_status = 'prevented' WHERE object_type = 'dispute';
:look

\set QUIET on
:plant
\set QUIET off
UPDATE paycore.reviews SET closed_at = now();
:look

\set QUIET on
:plant
\set QUIET off
UPDATE paycore.gateway_accounts SET gateway = 'mock' WHERE tenant_id = 'default';
:look

SELECT * FROM paycore.verify();
