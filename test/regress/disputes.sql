--
-- Disputes through the API, with the mock gateway: opened by test methods, answered, accepted, escalated.
--
\set QUIET on
SET client_min_messages = warning;
ALTER DATABASE :"DBNAME" SET paycore.worker = off;
\o /dev/null
SELECT paycore.init();
\o
\set QUIET off
\pset format unaligned
\pset tuples_only on
UPDATE paycore.gateway_accounts SET gateway = 'mock' WHERE name = 'default';
SELECT id AS ada FROM paycore.create_billing_account('Ada', currency => 'EUR') \gset
CREATE FUNCTION pay(method text) RETURNS uuid LANGUAGE sql AS $$
	SELECT id FROM paycore.create_payment_intent((SELECT id FROM paycore.billing_accounts WHERE name = 'Ada'), '100 EUR', method, true) $$;
CREATE FUNCTION shown(dispute paycore.dispute) RETURNS text LANGUAGE sql AS $$
	SELECT concat_ws(' ', dispute.kind, dispute.status, dispute.amount, 'held', dispute.held, 'out', dispute.withdrawn, 'back', dispute.reinstated,
		'fee', dispute.fee, 'n=' || dispute.submission_count, dispute.evidence, dispute.error_code) $$;
CREATE FUNCTION of_intent(intent uuid) RETURNS SETOF paycore.dispute LANGUAGE sql AS $$
	SELECT d.* FROM paycore.payment_intents i, paycore.list_disputes(payment_id => i.payment_id) d WHERE i.id = intent ORDER BY d.psp_dispute_id $$;
CREATE FUNCTION history(dispute uuid) RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(to_status || ' by ' || source, ', ' ORDER BY changed_at, id) FROM paycore.status_changes WHERE object_id = dispute::text $$;

-- A chargeback, answered and won.
SELECT pay('pm_card_createDispute') AS pi \gset
CALL paycore.drain_outbox();
SELECT shown(d), reason, d.payment_intent_id = :'pi', evidence_due_by > now() + interval '8 days' FROM of_intent(:'pi') d;
SELECT id AS d, payment_id AS p FROM of_intent(:'pi') \gset
SELECT dispute_held, dispute_status, disputes, available_to_refund FROM paycore.payments_overview WHERE id = :'p';
-- What is refused.
\set VERBOSITY sqlstate
SELECT paycore.create_refund(:'p', '1 EUR');
SELECT paycore.update_dispute_evidence(:'d', '[]');
SELECT paycore.update_dispute_evidence(:'d', '{"receipt": 7}');
SELECT paycore.update_dispute_evidence(:'d', '{"receipt": {"a": "b"}}');
SELECT paycore.update_dispute_evidence(:'d', jsonb_build_object('uncategorized_text', repeat('x', 150001)));
SELECT paycore.update_dispute_evidence(:'d', jsonb_build_object(repeat('x', 150001), 'uncategorized_text'));
SELECT paycore.update_dispute_evidence(:'d', metadata => '{"paycore_x": "1"}');
SELECT paycore.update_dispute_evidence(:'d', '{"uncategorized_text": "paid with 4242 4242 4242 4242"}');
SELECT paycore.update_dispute_evidence(paycore.uuid_v7(), '{}');
SELECT paycore.submit_dispute_evidence(:'d');
\set VERBOSITY default
-- Staged: merged here at once, and told to the gateway; nothing is submitted yet.
SELECT shown(paycore.update_dispute_evidence(:'d', '{"customer_name": "Ada", "product_description": "A lamp"}', '{"ticket": "7"}'));
SELECT shown(paycore.update_dispute_evidence(:'d', '{"product_description": null, "uncategorized_text": "winning_evidence"}'));
SELECT operation, params, lane = object_id AS own_lane FROM paycore.outbox WHERE object_id = :'d' ORDER BY seq;
CALL paycore.drain_outbox();
SELECT shown(d), metadata FROM of_intent(:'pi') d;
SELECT shown(paycore.submit_dispute_evidence(:'d'));
\set VERBOSITY sqlstate
SELECT paycore.submit_dispute_evidence(:'d');
SELECT paycore.update_dispute_evidence(:'d', '{"receipt": "file_1"}');
SELECT paycore.close_dispute(:'d');
CALL paycore.drain_outbox();
SELECT shown(d), submitted_at IS NOT NULL AS submitted FROM of_intent(:'pi') d;
SELECT paycore.close_dispute(:'d');
\set VERBOSITY default
SELECT (paycore.refresh_dispute(:'d')).status;
CALL paycore.drain_outbox();
SELECT shown(d), closed_at IS NOT NULL AS closed, next_sweep_at IS NULL AS left_alone FROM of_intent(:'pi') d;
SELECT history(:'d');
SELECT (paycore.create_refund(:'p', '1 EUR')).status;

-- Accepted.
SELECT pay('pm_card_createDisputeProductNotReceived') AS pi \gset
CALL paycore.drain_outbox();
SELECT id AS d, payment_id AS p FROM of_intent(:'pi') \gset
SELECT reason, (paycore.close_dispute(id)).status FROM of_intent(:'pi');
CALL paycore.drain_outbox();
SELECT shown(d), history(d.id) FROM of_intent(:'pi') d;

-- An inquiry holds nothing and lets a refund through; it escalates.
SELECT pay('pm_card_createDisputeInquiry') AS pi \gset
CALL paycore.drain_outbox();
SELECT id AS d, payment_id AS p FROM of_intent(:'pi') \gset
SELECT shown(d), is_charge_refundable FROM of_intent(:'pi') d;
SELECT (paycore.create_refund(:'p', '10 EUR')).status;
CALL paycore.drain_outbox();
SELECT (paycore.update_dispute_evidence(:'d', '{"uncategorized_text": "escalate_inquiry_evidence"}')).status, (paycore.submit_dispute_evidence(:'d')).status;
CALL paycore.drain_outbox();
SELECT shown(d) FROM of_intent(:'pi') d;
SELECT (paycore.refresh_dispute(:'d')).status;
CALL paycore.drain_outbox();
SELECT shown(d), history(d.id) FROM of_intent(:'pi') d;
\set VERBOSITY sqlstate
SELECT refunded, dispute_held, over_returned, available_to_refund FROM paycore.payments_overview WHERE id = :'p';
SELECT paycore.create_refund(:'p', '1 EUR');
\set VERBOSITY default

-- A refund that waits while the dispute comes is not sent.
SELECT pay('pm_card_visa') AS pi \gset
CALL paycore.drain_outbox();
SELECT payment_id AS p FROM paycore.payment_intents WHERE id = :'pi' \gset
SELECT id AS r FROM paycore.create_refund(:'p', '30 EUR') \gset
INSERT INTO paycore.disputes (payment_id, payment_intent_id, billing_account_id, gateway_account, psp_dispute_id, kind, status, amount, next_sweep_at)
VALUES (:'p', :'pi', :'ada', 'default', 'du_raw', 'chargeback', 'needs_response', '100 EUR', now() + '1 h') RETURNING held;
CALL paycore.drain_outbox();
SELECT status, failure_reason FROM paycore.refunds WHERE id = :'r';
SELECT refund_reserved, dispute_held, over_returned FROM paycore.payments WHERE id = :'p';

-- Requests that lost their sense are not sent.
SELECT id AS d FROM paycore.dispute_by_psp_id('du_raw') \gset
SELECT (paycore.update_dispute_evidence(:'d', '{"receipt": "file_1"}')).evidence, (paycore.close_dispute(:'d')).status;
UPDATE paycore.disputes SET evidence_due_by = now() - interval '1 s' WHERE id = :'d';
UPDATE paycore.disputes SET status = 'under_review' WHERE id = :'d';
CALL paycore.drain_outbox();
SELECT operation, status, error_code, attempts FROM paycore.outbox WHERE object_id = :'d' AND operation <> 'dispute.retrieve' ORDER BY seq;
UPDATE paycore.disputes SET status = 'needs_response' WHERE id = :'d';
INSERT INTO paycore.outbox (gateway_account, operation, object_type, object_id, lane, params, instance, database_oid, idempotency_key)
SELECT gateway_account, operation, object_type, object_id, lane, params, instance, database_oid, 'again' FROM paycore.outbox
WHERE object_id = :'d' AND operation = 'dispute.update';
CALL paycore.drain_outbox();
SELECT operation, status, error_code, attempts FROM paycore.outbox WHERE idempotency_key = 'again';

-- Deadlines.
\set VERBOSITY sqlstate
SELECT paycore.update_dispute_evidence(:'d', '{"receipt": "file_2"}');
SELECT paycore.submit_dispute_evidence(:'d');
\set VERBOSITY default
UPDATE paycore.disputes SET evidence_due_by = now() + interval '2 days' WHERE id = :'d';
SELECT h -> 'disputes_due', jsonb_path_query_array(h, '$.problems[*] ? (@ like_regex "disputes")') FROM paycore.health() h;
SELECT name, labels, CASE WHEN name LIKE '%seconds' THEN value > 172000 AND value < 172801 END, CASE WHEN name NOT LIKE '%seconds' THEN value END
FROM paycore.metrics() m(name, labels, value) WHERE name LIKE 'paycore_disputes%' ORDER BY 1, 2;

-- Several on one payment; the lists.
SELECT pay('pm_card_createMultipleDisputes') AS pi \gset
CALL paycore.drain_outbox();
SELECT shown(d), reason FROM of_intent(:'pi') d;
SELECT dispute_held, over_returned, disputes FROM paycore.payments_overview WHERE payment_intent_id = :'pi';
SELECT count(*) FROM paycore.list_disputes();
SELECT count(*) FROM paycore.list_disputes(:'ada');
SELECT psp_dispute_id = 'du_raw' AS that FROM paycore.list_disputes(payment_id => :'p');
SELECT (SELECT array_agg(id ORDER BY id DESC) FROM paycore.disputes) = array_agg(id ORDER BY n) AS all_pages
FROM (WITH RECURSIVE p AS (
	SELECT 1 AS n, x.id FROM (SELECT id FROM paycore.list_disputes(page_size => 1)) x
	UNION ALL SELECT p.n + 1, x.id FROM p, LATERAL (SELECT id FROM paycore.list_disputes(after => p.id, page_size => 1)) x) SELECT * FROM p) pages;
SELECT paycore.list_disputes(:'ada', :'p');
SELECT count(*) FROM paycore.list_early_fraud_warnings();
SELECT count(*) FROM paycore.list_reviews(:'ada');

-- Raw SQL meets the guards, and nobody deletes a dispute.
UPDATE paycore.disputes SET psp_dispute_id = 'du_other' WHERE id = :'d';
UPDATE paycore.disputes SET withdrawn = '1 EUR' WHERE id = :'d';
UPDATE paycore.disputes SET kind = 'quarrel' WHERE id = :'d';
UPDATE paycore.payments SET dispute_held = '0 EUR' WHERE id = :'p';
DELETE FROM paycore.disputes;
\set VERBOSITY sqlstate
INSERT INTO paycore.disputes (payment_id, billing_account_id, gateway_account, psp_dispute_id, kind, status, amount)
VALUES (paycore.uuid_v7(), :'ada', 'default', 'du_x', 'chargeback', 'needs_response', '1 EUR');
\set VERBOSITY default
CREATE TABLE lie (LIKE paycore.disputes);
CREATE ROLE regress_liar;
ALTER TABLE lie OWNER TO regress_liar;
CREATE TRIGGER hold AFTER INSERT ON lie FOR EACH ROW EXECUTE FUNCTION paycore.hold_dispute();
INSERT INTO lie SELECT * FROM paycore.disputes WHERE id = :'d';
DROP TABLE lie;
DROP ROLE regress_liar;

-- A manual gateway has nobody to answer.
SELECT count(*) FROM paycore.create_gateway_account('cash', 'manual');
SELECT id AS p FROM paycore.record_payment((SELECT id FROM paycore.create_billing_account('Bob', currency => 'EUR', gateway => 'cash')), '10 EUR') \gset
INSERT INTO paycore.disputes (payment_id, billing_account_id, gateway_account, psp_dispute_id, kind, status, amount)
SELECT id, billing_account_id, gateway_account, 'du_cash', 'other', 'needs_response', '4 EUR' FROM paycore.payments WHERE id = :'p'
RETURNING held;
SELECT paycore.close_dispute(id) FROM paycore.dispute_by_psp_id('du_cash', 'cash');

-- Counters that are off are found and recounted.
BEGIN;
SET LOCAL session_replication_role = replica;
UPDATE paycore.payments SET dispute_held = '1 EUR' WHERE id = :'p';
SET LOCAL session_replication_role = origin;
SELECT rule FROM paycore.verify() WHERE severity = 'violation';
SELECT paycore.repair_counters();
SELECT rule FROM paycore.verify() WHERE severity = 'violation';
ROLLBACK;
SELECT severity, rule, object_type, detail FROM paycore.verify();
