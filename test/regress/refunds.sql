--
-- Refunds: full, partial, several, approved, canceled; the guard keeps the sum.
--
\getenv srcdir PG_ABS_SRCDIR
\set setup :srcdir '/data/api_setup.sql'
\i :setup
SELECT id AS ada FROM paycore.create_billing_account('Ada', currency => 'USD') \gset
SELECT id AS pi FROM paycore.create_payment_intent(:'ada', '100 USD') \gset
-- What reduce would write: captured less than authorised.
INSERT INTO paycore.payments (billing_account_id, payment_intent_id, gateway_account, psp_charge_id, status, authorized)
VALUES (:'ada', :'pi', 'default', 'ch_1', 'authorized', '100 USD') RETURNING id AS pay \gset
SELECT paycore.create_refund(:'pay', '1 USD');
UPDATE paycore.payments SET status = 'succeeded', gross = '90 USD', captured_at = now() WHERE id = :'pay';
-- What is refused.
SELECT paycore.create_refund(NULL);
SELECT paycore.create_refund(paycore.uuid_v7());
SELECT paycore.create_refund(:'pay', '0 USD');
SELECT paycore.create_refund(:'pay', '-1 USD');
SELECT paycore.create_refund(:'pay', '1 EUR');
SELECT paycore.create_refund(:'pay', '90.01 USD');
SELECT paycore.create_refund(:'pay', '1 USD', metadata => '{"paycore_refund": "x"}');
-- Several, and the rest.
SELECT id AS r1 FROM paycore.create_refund(:'pay', '20 USD', 'requested_by_customer', 'ada', '{"ticket": "7"}') \gset
SELECT status, kind, amount, reason, requested_by, metadata, gateway_account, submitted_at IS NOT NULL AS submitted FROM paycore.refunds WHERE id = :'r1';
SELECT * FROM asked(:'r1');
SELECT lane = :'pi' AS in_the_intents_lane, object_type FROM paycore.outbox WHERE object_id = :'r1';
SELECT id AS r2 FROM paycore.create_refund(:'pay', '30 USD', 'broken') \gset
SELECT requested_by = current_user AS by_the_session FROM paycore.refunds WHERE id = :'r2';
SELECT gross, refund_reserved, refunded FROM paycore.payments WHERE id = :'pay';
SELECT refund_state, available_to_refund FROM paycore.payments_overview WHERE id = :'pay';
SELECT paycore.create_refund(:'pay', '40.01 USD');
SELECT id AS r3, amount AS r3_amount FROM paycore.create_refund(:'pay') \gset
SELECT :'r3_amount' AS the_rest;
SELECT paycore.create_refund(:'pay');
-- A refund that fails frees its share.
UPDATE paycore.refunds SET status = 'failed' WHERE id = :'r2';
UPDATE paycore.refunds SET status = 'succeeded' WHERE id = :'r1';
SELECT refund_state, available_to_refund, refunded, refund_reserved FROM paycore.payments_overview WHERE id = :'pay';
-- Cancel: never sent, withdrawn without a word to the gateway.
SELECT status, canceled_at IS NOT NULL AS canceled FROM paycore.cancel_refund(:'r3');
SELECT operation, status FROM asked(:'r3');
SELECT paycore.cancel_refund(:'r3');
SELECT paycore.cancel_refund(:'r1');
SELECT paycore.cancel_refund(paycore.uuid_v7());
-- Sent: only the gateway's word counts.
SELECT id AS r4 FROM paycore.create_refund(:'pay', '1 USD') \gset
UPDATE paycore.outbox SET status = 'sending', first_sent_at = now() WHERE object_id = :'r4';
SELECT paycore.cancel_refund(:'r4');
-- Waiting for the payer's action: canceled at the gateway, once.
UPDATE paycore.outbox SET status = 'done', finished_at = now() WHERE object_id = :'r4';
UPDATE paycore.refunds SET status = 'requires_action', psp_refund_id = 're_4' WHERE id = :'r4';
SELECT status FROM paycore.cancel_refund(:'r4');
SELECT operation, status FROM asked(:'r4');
SELECT paycore.cancel_refund(:'r4');
-- Approval: reserves at once, asks later, and not by the requester.
SELECT id AS r5 FROM paycore.create_refund(:'pay', '5 USD', requested_by => 'ada', requires_approval => true) \gset
SELECT status, submitted_at FROM paycore.refunds WHERE id = :'r5';
SELECT count(*) FROM asked(:'r5');
SELECT refund_reserved FROM paycore.payments WHERE id = :'pay';
SELECT paycore.approve_refund(:'r5', 'ada');
SELECT status, approved_by, approved_at IS NOT NULL AS approved FROM paycore.approve_refund(:'r5', 'bob');
SELECT operation, status FROM asked(:'r5');
SELECT paycore.approve_refund(:'r5', 'eve');
SELECT id AS r6 FROM paycore.create_refund(:'pay', '5 USD', requested_by => 'ada', requires_approval => true) \gset
SELECT status FROM paycore.cancel_refund(:'r6');
SELECT paycore.approve_refund(:'r6', 'bob');
-- The setting asks for approval of all; a call cannot waive it.
SET paycore.refund_approval = on;
SELECT status FROM paycore.create_refund(:'pay', '1 USD', requires_approval => false);
RESET paycore.refund_approval;
-- The approver who does not say who he is is the session's actor.
SET paycore.actor = 'carol';
SELECT id AS r7 FROM paycore.create_refund(:'pay', '1 USD', requires_approval => true) \gset
SELECT paycore.approve_refund(:'r7');
SET paycore.actor = 'dave';
SELECT requested_by, approved_by FROM paycore.approve_refund(:'r7');
SELECT from_status, to_status, actor, reason FROM paycore.status_history(:'r7');
RESET paycore.actor;
-- Where there is no gateway to ask, it is done at once.
SELECT id AS bob FROM paycore.create_billing_account('Bob', currency => 'EUR', gateway => 'cash') \gset
SELECT id AS cash FROM paycore.record_payment(:'bob', '10 EUR') \gset
SELECT status, succeeded_at IS NOT NULL AS done FROM paycore.create_refund(:'cash', '4 EUR');
SELECT id AS r8 FROM paycore.create_refund(:'cash', requested_by => 'x', requires_approval => true) \gset
SELECT status, amount FROM paycore.approve_refund(:'r8', 'y');
SELECT refunded, refund_reserved, refund_state FROM paycore.payments_overview WHERE id = :'cash';
SELECT paycore.refund_processing_time(r) = '0' AS at_once FROM paycore.list_refunds(:'bob') r;
SELECT paycore.refund_state(p), paycore.available_to_refund(p) FROM paycore.list_payments() p ORDER BY p.id;
-- A dispute holds its share, too.
ALTER TABLE paycore.payments DISABLE TRIGGER "Paycore_39_counters";
UPDATE paycore.payments SET dispute_held = '60 USD' WHERE id = :'pay';
ALTER TABLE paycore.payments ENABLE TRIGGER "Paycore_39_counters";
SELECT available_to_refund FROM paycore.payments_overview WHERE id = :'pay';
SELECT paycore.create_refund(:'pay', '3 USD');
SELECT amount FROM paycore.create_refund(:'pay');
-- Counters that were put off are recounted.
ALTER TABLE paycore.payments DISABLE TRIGGER "Paycore_39_counters";
UPDATE paycore.payments SET refunded = '1 USD', refund_reserved = '2 USD', over_returned = true WHERE id = :'pay';
ALTER TABLE paycore.payments ENABLE TRIGGER "Paycore_39_counters";
SELECT paycore.repair_counters(), paycore.repair_counters();
SELECT refunded, refund_reserved, over_returned FROM paycore.payments WHERE id = :'pay';
-- Another tenant's payment.
SET paycore.tenant = 'other';
SELECT paycore.create_refund(:'pay', '1 USD');
SELECT paycore.approve_refund(:'r5', 'x');
