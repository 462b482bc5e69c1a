--
-- Reduce: disputes in every order, what they hold, warnings and reviews.
--
\getenv srcdir PG_ABS_SRCDIR
\set setup :srcdir '/data/reduce_setup.sql'
\i :setup
-- A succeeded payment of 10.00 with the charge ch_<k>.
CREATE FUNCTION paid(k text, more jsonb DEFAULT '{}') RETURNS text LANGUAGE sql AS $$
	SELECT ours('pi_' || k);
	SELECT event(ch('ch_' || k, 'pi_' || k, 'succeeded', jsonb_build_object('balance_transaction', txn('txn_' || k, 1000, 59)) || more), 1) $$;
-- A dispute; money: what its balance transactions took (-) and gave, in the order of their times.
CREATE FUNCTION du(k text, status text, amount int DEFAULT 1000, money int[] DEFAULT '{}', submissions int DEFAULT 0, more jsonb DEFAULT '{}')
RETURNS jsonb LANGUAGE sql AS $$
	SELECT jsonb_build_object('object', 'dispute', 'id', 'du_' || k, 'charge', 'ch_' || k, 'payment_intent', 'pi_' || k, 'status', status,
		'amount', amount, 'currency', 'usd', 'reason', 'fraudulent', 'created', 1000000005, 'livemode', false, 'metadata', '{}'::jsonb,
		'is_charge_refundable', status LIKE 'warning%', 'evidence', '{"customer_name": "Ada", "receipt": null}'::jsonb,
		'evidence_details', jsonb_build_object('due_by', 1000900000, 'has_evidence', submissions > 0, 'past_due', false, 'submission_count', submissions),
		'payment_method_details', jsonb_build_object('type', 'card', 'card', jsonb_build_object('case_type',
			CASE WHEN status LIKE 'warning%' THEN 'inquiry' ELSE 'chargeback' END, 'network_reason_code', '10.4')),
		'balance_transactions', coalesce((SELECT jsonb_agg(txn(format('txn_%s_%s', k, n), m, CASE WHEN m < 0 THEN 1500 ELSE 0 END,
			jsonb_build_object('reporting_category', CASE WHEN m < 0 THEN 'dispute' ELSE 'dispute_reversal' END, 'created', 1000000005 + n)))
			FROM unnest(money) WITH ORDINALITY u(m, n)), '[]')) || more $$;
CREATE FUNCTION dispute(psp text) RETURNS text LANGUAGE sql AS $$
	SELECT concat_ws(' ', d.kind, d.status, d.amount, 'held', d.held, 'out', d.withdrawn, 'back', d.reinstated, 'fee', d.fee,
		'n=' || d.submission_count, CASE WHEN d.gw_doubt THEN 'doubt' END, CASE WHEN d.reopened_at IS NOT NULL THEN 'reopened' END,
		't=' || extract(epoch FROM d.gw_time)::bigint - 1000000000, '[' || (SELECT string_agg(c.to_status, ' ' ORDER BY c.changed_at, c.id)
			FROM paycore.status_changes c WHERE c.object_id = d.id::text) || ']')
	FROM paycore.disputes d WHERE d.psp_dispute_id = psp $$;
CREATE FUNCTION held(psp text) RETURNS text LANGUAGE sql AS $$
	SELECT concat_ws(' ', 'held', dispute_held, 'refunded', refunded, 'left', available_to_refund, CASE WHEN over_returned THEN 'over' END)
	FROM paycore.payments_overview WHERE psp_charge_id = psp $$;

-- From the chargeback to the win: withdrawn is not lost, and two balance transactions tell of it.
SELECT paid('a');
SELECT event(du('a', 'needs_response'), 5, 'charge.dispute.created'), dispute('du_a'), held('ch_a');
SELECT event(du('a', 'needs_response', 1000, '{-1000}'), 5, 'charge.dispute.funds_withdrawn'), dispute('du_a'), held('ch_a');
SELECT event(du('a', 'under_review', 1000, '{-1000}', 1), 6, 'charge.dispute.updated'), dispute('du_a');
SELECT event(du('a', 'won', 1000, '{-1000,1000}', 1), 7, 'charge.dispute.closed'), dispute('du_a'), held('ch_a');
SELECT event(du('a', 'won', 1000, '{-1000,1000}', 1), 7, 'charge.dispute.funds_reinstated');
SELECT reason, network_reason_code, is_charge_refundable, evidence, has_evidence, submission_count, withdrawal_ids, reinstatement_ids, fee,
	extract(epoch FROM withdrawn_at)::bigint AS withdrawn, extract(epoch FROM reinstated_at)::bigint AS reinstated,
	extract(epoch FROM evidence_due_by)::bigint AS due, extract(epoch FROM opened_at)::bigint AS opened,
	extract(epoch FROM closed_at)::bigint AS closed, next_sweep_at, livemode FROM paycore.disputes WHERE psp_dispute_id = 'du_a';
SELECT balance_transactions FROM paycore.disputes WHERE psp_dispute_id = 'du_a';
-- Won can still become lost, and be heard again: an alert.
SELECT event(du('a', 'lost', 1000, '{-1000,1000,-1000}', 1), 8, 'charge.dispute.closed'), dispute('du_a'), held('ch_a');
SELECT paycore.health() -> 'disputes_reopened', jsonb_path_query_array(paycore.health(), '$.problems[*] ? (@ like_regex "decided")');
SELECT (paycore.acknowledge_dispute(id)).acknowledged_at IS NOT NULL FROM paycore.disputes WHERE psp_dispute_id = 'du_a';
SELECT paycore.health() -> 'disputes_reopened';
SELECT event(du('a', 'needs_response', 1000, '{-1000,1000,-1000}', 1), 9, 'charge.dispute.updated'), dispute('du_a'), paycore.health() -> 'disputes_reopened';
UPDATE paycore.disputes SET status = 'won', closed_at = now() WHERE psp_dispute_id = 'du_a';
UPDATE paycore.disputes SET status = 'needs_response' WHERE psp_dispute_id = 'du_a';
UPDATE paycore.disputes SET amount = '1.00 USD' WHERE psp_dispute_id = 'du_a';
UPDATE paycore.disputes SET held = '0.00 USD' WHERE psp_dispute_id = 'du_a' RETURNING held;

-- Every order of a life, each event once or twice, ends in the same row and the same history.
CREATE FUNCTION orders(label text, pictures jsonb[], times int[], types text[], OUT orders bigint, OUT ends bigint, OUT row_ends bigint, OUT ends_as text, OUT held text)
LANGUAGE plpgsql AS $$
DECLARE o int[]; k text; n int := 0; results text[] := '{}'; i int;
BEGIN
	FOR o IN WITH RECURSIVE walk(w) AS (
			SELECT '{}'::int[] UNION ALL SELECT w || e FROM walk, generate_subscripts(pictures, 1) e
			WHERE cardinality(array_positions(w, e)) < 2 AND cardinality(w) < cardinality(pictures) + 1)
		SELECT w FROM walk WHERE (SELECT count(DISTINCT x) FROM unnest(w) x) = cardinality(pictures)
	LOOP
		n := n + 1; k := label || n;
		PERFORM paid(k);
		FOREACH i IN ARRAY o LOOP
			PERFORM event(replace(pictures[i]::text, '@', k)::jsonb, times[i], types[i]);
		END LOOP;
		PERFORM forget_looks();
		results := results || replace(concat_ws(' | ', dispute('du_' || k), held('ch_' || k),
			(SELECT concat_ws(' ', d.evidence, d.withdrawal_ids, d.reinstatement_ids, d.closed_at, d.reopened_at, d.balance_transactions)
				FROM paycore.disputes d WHERE d.psp_dispute_id = 'du_' || k)), k, '@');
	END LOOP;
	orders := n; ends := (SELECT count(DISTINCT r) FROM unnest(results) r);
	row_ends := (SELECT count(DISTINCT regexp_replace(r, '\[[a-z_ ]+\]', '')) FROM unnest(results) r);
	ends_as := split_part(results[1], ' | ', 1); held := split_part(results[1], ' | ', 2);
END $$;
SELECT * FROM orders('won', ARRAY[du('@', 'needs_response'), du('@', 'needs_response', 1000, '{-1000}'), du('@', 'under_review', 1000, '{-1000}', 1),
	du('@', 'won', 1000, '{-1000,1000}', 1)], '{5,5,6,7}', '{charge.dispute.created,charge.dispute.funds_withdrawn,charge.dispute.updated,charge.dispute.closed}');
SELECT * FROM orders('lost', ARRAY[du('@', 'needs_response'), du('@', 'needs_response', 1000, '{-1000}'), du('@', 'lost', 1000, '{-1000}')],
	'{5,6,7}', '{charge.dispute.created,charge.dispute.funds_withdrawn,charge.dispute.closed}');
SELECT * FROM orders('asked', ARRAY[du('@', 'warning_needs_response'), du('@', 'warning_under_review', 1000, '{}', 1), du('@', 'warning_closed', 1000, '{}', 1)],
	'{5,6,7}', '{charge.dispute.created,charge.dispute.updated,charge.dispute.closed}');
-- Won, then lost: the money tells that it was won, whatever arrived.
SELECT * FROM
	orders('flip', ARRAY[du('@', 'needs_response', 1000, '{-1000}'), du('@', 'won', 1000, '{-1000,1000}'), du('@', 'lost', 1000, '{-1000,1000,-1000}')],
	'{5,6,7}', '{charge.dispute.created,charge.dispute.closed,charge.dispute.closed}');
SELECT paid('flop'), event(du('flop', 'lost', 1000, '{-1000,1000,-1000}'), 7, 'charge.dispute.closed'), dispute('du_flop');
-- Lost, then won: nothing tells that it was lost but its own picture, however late; it is in the history once.
SELECT orders, row_ends, ends, f.ends_as, f.held FROM
	orders('turn', ARRAY[du('@', 'needs_response', 1000, '{-1000}'), du('@', 'lost', 1000, '{-1000}'), du('@', 'won', 1000, '{-1000,1000}')],
	'{5,6,7}', '{charge.dispute.created,charge.dispute.closed,charge.dispute.closed}') f;
SELECT paid('tardy'), event(du('tardy', 'won', 1000, '{-1000,1000}'), 7, 'charge.dispute.closed'), event(du('tardy', 'lost', 1000, '{-1000}'), 6, 'charge.dispute.closed'),
	dispute('du_tardy');
SELECT (paycore.acknowledge_dispute(id)).acknowledged_at IS NOT NULL FROM paycore.disputes WHERE psp_dispute_id = 'du_tardy';
SELECT event(du('tardy', 'lost', 1000, '{-1000}'), 6, 'charge.dispute.closed'), dispute('du_tardy'), acknowledged_at IS NOT NULL, extract(epoch FROM closed_at)::bigint
FROM paycore.disputes WHERE psp_dispute_id = 'du_tardy';

-- Ties: more submissions, closed over open, and won or lost asks the gateway.
SELECT paid('t');
SELECT event(du('t', 'needs_response'), 5), event(du('t', 'lost'), 5), dispute('du_t');
SELECT event(du('t', 'needs_response'), 5), dispute('du_t');
SELECT event(du('t', 'won'), 5), dispute('du_t'), looks();
SELECT answer(du('t', 'won'), 7), dispute('du_t');
SELECT forget_looks();
SELECT paid('u');
SELECT event(du('u', 'under_review', 1000, '{}', 1), 5), event(du('u', 'needs_response'), 5), dispute('du_u');
-- An event of another version is only a hint.
SELECT event(du('u', 'lost'), 9, 'charge.dispute.closed', '{"only_hint": true}'), dispute('du_u'), looks();
SELECT forget_looks();

-- An inquiry holds nothing and lets refunds through; escalated, it holds, and the guard refuses more.
SELECT paid('i');
SELECT event(du('i', 'warning_needs_response'), 5, 'charge.dispute.created'), held('ch_i');
SELECT (paycore.create_refund(id, '3.00 USD', requested_by => 'ada')).status FROM paycore.payments WHERE psp_charge_id = 'ch_i';
SELECT event(du('i', 'needs_response', 1000, '{-1000}'), 6, 'charge.dispute.updated', '{"previous": {"status": "warning_needs_response"}}'), dispute('du_i'), held('ch_i');
SELECT (paycore.create_refund(id, '1.00 USD', requested_by => 'ada')).status FROM paycore.payments WHERE psp_charge_id = 'ch_i';
SELECT DISTINCT severity, rule FROM paycore.verify() WHERE object_type = 'payment' AND object_id = (SELECT id::text FROM paycore.payments WHERE psp_charge_id = 'ch_i');
SELECT forget_looks();
-- One that was prevented holds nothing, and stays so.
SELECT paid('o');
SELECT event(du('o', 'warning_needs_response'), 5, 'charge.dispute.created'), event(du('o', 'prevented'), 6, 'charge.dispute.closed'), dispute('du_o'), held('ch_o');
SELECT event(du('o', 'needs_response', 1000, '{-1000}'), 7, 'charge.dispute.updated'), dispute('du_o'), held('ch_o');
SELECT (paycore.create_refund(id, '10.00 USD', requested_by => 'ada')).status FROM paycore.payments WHERE psp_charge_id = 'ch_o';
DELETE FROM paycore.outbox;

-- Partial disputes, several of them, each with a share of its own; refunds follow their kind.
SELECT paid('p');
SELECT event(du('p', 'needs_response', 300, '{-300}', more => '{"id": "du_p1", "is_charge_refundable": true}'), 5), held('ch_p');
SELECT event(du('p', 'needs_response', 200, more => '{"id": "du_p2", "is_charge_refundable": true}'), 5), held('ch_p');
SELECT (paycore.create_refund(id, '5.01 USD', requested_by => 'ada')).status FROM paycore.payments WHERE psp_charge_id = 'ch_p';
SELECT (paycore.create_refund(id, '4.00 USD', requested_by => 'ada')).status FROM paycore.payments WHERE psp_charge_id = 'ch_p';
SELECT held('ch_p');
SELECT event(du('p', 'lost', 300, '{-300,100}', more => '{"id": "du_p1", "is_charge_refundable": true}'), 6), dispute('du_p1'), held('ch_p');
SELECT (paycore.create_refund(id, '2.01 USD', requested_by => 'ada')).status FROM paycore.payments WHERE psp_charge_id = 'ch_p';
SELECT (paycore.create_refund(id, '2.00 USD', requested_by => 'ada')).status FROM paycore.payments WHERE psp_charge_id = 'ch_p';

-- More than its charge, and a whole charge after a refund of a part: recorded, and marked.
SELECT paid('x');
SELECT event(du('x', 'needs_response', 1040, '{-1040}'), 5), dispute('du_x'), held('ch_x');
SELECT paid('y');
SELECT event(re('re_y', 'ch_y', 'succeeded', 400), 3), event(du('y', 'needs_response', 1000, '{-1000}'), 5), dispute('du_y'), held('ch_y');
-- Marked for as long as it is so.
SELECT event(du('y', 'won', 1000, '{-1000,1000}'), 6), held('ch_y');
-- More given back than was taken: nothing is held, and never less.
SELECT event(du('y', 'won', 1000, '{-1000,1000,40}'), 7), dispute('du_y'), held('ch_y');
-- Of another currency: all that remains, still so in its next picture, and nothing once it is all back.
SELECT paid('z');
SELECT event(re('re_z', 'ch_z', 'succeeded', 400), 3), event(du('z', 'needs_response', 700, more => '{"currency": "eur"}'), 5), dispute('du_z'), held('ch_z');
SELECT event(du('z', 'under_review', 700, more => '{"currency": "eur"}'), 6), dispute('du_z'), held('ch_z');
SELECT event(du('z', 'won', 700, '{-700,700}', more => '{"currency": "eur"}'), 7), held('ch_z');

-- Of a payment that is not known: asked for once, then left alone; of one not captured yet: later.
SELECT event(du('nobody', 'needs_response'), 5), looks();
SELECT event(du('nobody', 'needs_response'), 5, 'charge.dispute.created', '{"parent_sought": true}'), looks();
SELECT forget_looks();
SELECT ours('pi_late') IS NOT NULL;
SELECT event(du('late', 'needs_response'), 5), looks();
SELECT forget_looks();
SELECT event(ch('ch_late', 'pi_late', 'succeeded', '{"captured": false, "amount_captured": 0}'), 1),
	event(du('late', 'needs_response'), 5, 'charge.dispute.created', '{"parent_sought": true}'), looks();
SELECT forget_looks();
SELECT event(ch('ch_late', 'pi_late', 'succeeded', '{"amount_captured": 600}'), 6), event(du('late', 'needs_response'), 5), dispute('du_late');
UPDATE paycore.gateway_accounts SET adopt = 'none';
SELECT event(du('nobody', 'needs_response'), 5), looks();

-- A charge that says it is disputed has its disputes asked for, where none is known.
SELECT paid('q'), event(ch('ch_q', 'pi_q', 'succeeded', jsonb_build_object('disputed', true, 'balance_transaction', txn('txn_q', 1000, 59))), 4), looks();
SELECT forget_looks();
SELECT event(du('q', 'needs_response'), 5), event(ch('ch_q', 'pi_q', 'succeeded', '{"disputed": true}'), 6), looks();

-- Warnings and reviews.
SELECT paid('w');
CREATE FUNCTION warn(k text, more jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql AS $$
	SELECT jsonb_build_object('object', 'radar.early_fraud_warning', 'id', 'issfr_' || k, 'charge', 'ch_' || k, 'payment_intent', 'pi_' || k,
		'actionable', true, 'fraud_type', 'made_with_stolen_card', 'created', 1000000003, 'livemode', false) || more $$;
SELECT event(warn('w'), 3, 'radar.early_fraud_warning.created'), event(warn('w'), 3, 'radar.early_fraud_warning.created');
SELECT event(warn('w', '{"actionable": false}'), 5, 'radar.early_fraud_warning.updated'), event(warn('w'), 3, 'radar.early_fraud_warning.created');
SELECT psp_warning_id, fraud_type, actionable, extract(epoch FROM warned_at)::bigint FROM paycore.early_fraud_warnings;
SELECT event(warn('nobody'), 3, 'radar.early_fraud_warning.created');
CREATE FUNCTION review(k text, open boolean, more jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql AS $$
	SELECT jsonb_build_object('object', 'review', 'id', 'prv_' || k, 'charge', 'ch_' || k, 'payment_intent', 'pi_' || k, 'open', open,
		'reason', CASE WHEN open THEN 'rule' ELSE 'approved' END, 'opened_reason', 'rule', 'closed_reason', CASE WHEN open THEN NULL ELSE 'approved' END,
		'created', 1000000003, 'livemode', false) || more $$;
SELECT event(review('w', true), 3, 'review.opened');
SELECT fraud_warned, in_review, disputes FROM paycore.payments_overview WHERE psp_charge_id = 'ch_w';
SELECT event(review('w', false), 6, 'review.closed'), event(review('w', true), 3, 'review.opened');
SELECT psp_review_id, is_open, reason, opened_reason, closed_reason, extract(epoch FROM closed_at)::bigint FROM paycore.reviews;
-- One that comes before its charge hangs on the intent.
SELECT ours('pi_v') IS NOT NULL, event(review('v', true, '{"charge": null}'), 3, 'review.opened');
SELECT paid('n'), event(review('v', false, '{"charge": "ch_n", "payment_intent": "pi_v"}'), 6, 'review.closed');
SELECT is_open, payment_id IS NOT NULL, payment_intent_id IS NOT NULL FROM paycore.reviews WHERE psp_review_id = 'prv_v';
SELECT dispute_status, disputes FROM paycore.payments_overview WHERE psp_charge_id = 'ch_p';
DELETE FROM paycore.outbox;
UPDATE paycore.refunds SET status = 'canceled' WHERE psp_refund_id IS NULL;
SELECT severity, rule, object_type, detail FROM paycore.verify() WHERE severity <> 'warning' AND rule NOT LIKE '%intent%';
