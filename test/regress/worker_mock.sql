--
-- The worker of this very server sends to the mock and records its answers.
--
SELECT paycore.init() LIKE '%marked for the worker' AS marked;
SELECT (paycore.create_billing_account(name => 'Ann', currency => 'EUR')).id AS account \gset
SELECT (paycore.create_payment_intent(:'account', '12.34 EUR', 'pm_card_visa', true)).id AS intent \gset
SELECT status, payment_id IS NOT NULL AS paid FROM paycore.await_payment_intent(:'intent', '30 s');
SELECT (paycore.create_refund(payment_id, '2.34 EUR')).status FROM paycore.payment_intents WHERE id = :'intent';
CALL paycore.drain_outbox('30 s');
SELECT status, amount FROM paycore.refunds;
SELECT operation, status, attempts FROM paycore.outbox WHERE NOT is_read ORDER BY seq;
SELECT worker_pid IS NOT NULL AS running FROM paycore.worker_status();
SELECT paycore.health() -> 'problems' AS problems;
SELECT * FROM paycore.verify();
