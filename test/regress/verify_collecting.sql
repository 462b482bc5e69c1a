--
-- verify() finds each of a set of corruptions of how invoices are paid, planted with triggers off.
--
\getenv srcdir PG_ABS_SRCDIR
\set setup :srcdir '/data/api_setup.sql'
\i :setup
SELECT code FROM paycore.create_price((paycore.create_product('pro', 'Professional')).id, '{"USD": "31.00"}', 'month', code => 'pro-monthly');
SELECT shows FROM paycore.set_test_clock('2026-01-31 10:00+00');
SELECT id AS ada FROM paycore.create_billing_account('Ada', 'ada@example.com', 'USD') \gset
SELECT balance_after FROM paycore.credit_account(:'ada', '10.00 USD', 'gift');
SELECT status FROM paycore.create_subscription(:'ada', '[{"price": "pro-monthly"}]');
SELECT status FROM paycore.create_subscription((SELECT id FROM paycore.create_billing_account('Bob', currency => 'USD')), '[{"price": "pro-monthly"}]');
SELECT paycore.bill_subscriptions();
CREATE FUNCTION nth(n int) RETURNS uuid LANGUAGE sql STABLE AS $$ SELECT id FROM paycore.invoices WHERE serial = n $$;
SELECT status FROM paycore.pay_invoice(nth(1), 'pm_card_visa');
CALL paycore.drain_outbox('30 s');
SELECT gross FROM paycore.record_invoice_payment(nth(2), '40.00 USD', gateway => 'cash');
SELECT status FROM paycore.create_subscription(:'ada', '[{"price": "pro-monthly"}]', '{"payment_method": "pm_card_chargeDeclinedInsufficientFunds"}');
CALL paycore.run_billing();
CALL paycore.drain_outbox('30 s');
CALL paycore.run_billing();
SELECT status, class FROM paycore.collections ORDER BY id;
SELECT serial, status, amount_paid, balance_applied FROM paycore.invoices ORDER BY serial;
SELECT * FROM paycore.verify();
PREPARE found AS SELECT DISTINCT severity, rule, object_type FROM paycore.verify() ORDER BY 1, 2, 3;
\set plant 'BEGIN; SET LOCAL session_replication_role = replica; DROP INDEX paycore.payment_intents_one_per_invoice, paycore.invoice_payments_once; ALTER TABLE paycore.invoices DROP CONSTRAINT invoices_due; ALTER TABLE paycore.invoice_payments DROP CONSTRAINT invoice_payments_kind, DROP CONSTRAINT invoice_payments_of_balance;'
\set look 'EXECUTE found; ROLLBACK;'
\set QUIET on
:plant
UPDATE paycore.invoices SET amount_paid = '1.00 USD' WHERE serial = 1;
:look
:plant
UPDATE paycore.invoices SET balance_applied = '0 USD' WHERE serial = 1;
:look
:plant
DELETE FROM paycore.invoice_payments WHERE kind = 'balance';
:look
:plant
DELETE FROM paycore.invoice_payments WHERE kind = 'payment' AND invoice_id = nth(1);
:look
:plant
UPDATE paycore.invoice_payments SET amount = '31.00 EUR' WHERE kind = 'payment' AND invoice_id = nth(2);
:look
:plant
UPDATE paycore.invoice_payments SET surplus = '0 USD' WHERE kind = 'payment' AND invoice_id = nth(2);
:look
:plant
UPDATE paycore.invoice_payments SET tenant_id = 'other' WHERE invoice_id = nth(2);
:look
:plant
UPDATE paycore.payments SET status = 'failed' WHERE id IN (SELECT payment_id FROM paycore.invoice_payments WHERE invoice_id = nth(2));
:look
:plant
INSERT INTO paycore.invoice_payments (invoice_id, kind, amount, surplus, payment_id) SELECT invoice_id, 'bounce', '-30.00 USD', '-9.00 USD', payment_id FROM paycore.invoice_payments WHERE invoice_id = nth(2);
:look
:plant
UPDATE paycore.payment_intents SET invoice_id = nth(2) WHERE invoice_id = nth(1);
:look
:plant
INSERT INTO paycore.payment_intents (billing_account_id, gateway_account, amount, invoice_id, status) SELECT billing_account_id, 'default', amount, invoice_id, 'processing' FROM paycore.payment_intents, generate_series(1, 2);
:look
:plant
UPDATE paycore.account_transactions SET billing_account_id = (SELECT billing_account_id FROM paycore.invoices WHERE serial = 1) WHERE object_id = nth(2);
:look
:plant
UPDATE paycore.collections SET status = 'settled', ended_at = now(), next_action_at = NULL;
:look
:plant
UPDATE paycore.collections SET billing_account_id = paycore.uuid_v7();
:look
:plant
UPDATE paycore.collections SET next_action_at = NULL;
UPDATE paycore.payment_intents SET status = 'canceled' WHERE invoice_id IN (SELECT invoice_id FROM paycore.collections);
:look
:plant
UPDATE paycore.collections SET policy_id = paycore.uuid_v7();
:look
-- In the ledger: too much, twice, not at all, the other way round, to another account, of somebody else, as another fact, of another invoice, not yet.
:plant
UPDATE paycore.ledger_entries SET amount = amount OPERATOR(paycore.*) 2 WHERE fact = 'invoice' AND object_id = nth(1);
:look
:plant
INSERT INTO paycore.ledger_entries (transfer_id, debit_account_id, credit_account_id, amount, fact, object_id, nth, billing_account_id, recorded_at, occurred_at, txn)
SELECT transfer_id, debit_account_id, credit_account_id, amount, fact, object_id, 2, billing_account_id, recorded_at, occurred_at, txn FROM paycore.ledger_entries WHERE fact = 'invoice' AND object_id = nth(2);
:look
:plant
DELETE FROM paycore.ledger_entries WHERE fact = 'invoice_payment';
:look
:plant
UPDATE paycore.ledger_entries SET debit_account_id = credit_account_id, credit_account_id = debit_account_id WHERE fact = 'overpayment';
:look
:plant
UPDATE paycore.ledger_entries SET debit_account_id = (SELECT id FROM paycore.ledger_accounts WHERE code = 'bank') WHERE fact = 'balance_applied';
:look
:plant
UPDATE paycore.ledger_entries SET credit_account_id = (SELECT id FROM paycore.ledger_accounts WHERE code = 'bank') WHERE fact = 'manual_payment';
:look
:plant
UPDATE paycore.ledger_entries SET billing_account_id = (SELECT billing_account_id FROM paycore.invoices WHERE serial = 2) WHERE fact = 'invoice' AND object_id = nth(1);
:look
:plant
UPDATE paycore.ledger_entries SET fact = 'invoice_tax' WHERE fact = 'invoice' AND object_id = nth(1);
:look
:plant
UPDATE paycore.ledger_entries SET object_id = nth(3) WHERE fact = 'invoice' AND object_id = nth(1);
:look
:plant
UPDATE paycore.invoices SET status = 'uncollectible', uncollectible_at = now() WHERE serial = 3;
:look
SELECT * FROM paycore.verify();
