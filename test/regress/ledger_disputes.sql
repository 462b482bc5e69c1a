--
-- The ledger: disputes. What was withdrawn, reinstated and charged for is posted once each, in every order and
-- currency; and what bounced in another currency than it was made in.
--
\getenv srcdir PG_ABS_SRCDIR
\set setup :srcdir '/data/reduce_setup.sql'
\i :setup
CREATE FUNCTION paid(k text, more jsonb DEFAULT '{}') RETURNS text LANGUAGE sql AS $$
	SELECT ours('pi_' || k);
	SELECT event(ch('ch_' || k, 'pi_' || k, 'succeeded', jsonb_build_object('balance_transaction', txn('txn_' || k, 1000, 59)) || more), 1) $$;
-- A movement of second t.
CREATE FUNCTION bt(k text, t int, amount int, fee int DEFAULT 0, more jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql AS $$
	SELECT txn(format('txn_%s_%s', k, t), amount, fee, jsonb_build_object('type', 'adjustment', 'source', 'du_' || k,
		'reporting_category', CASE WHEN amount < 0 THEN 'dispute' ELSE 'dispute_reversal' END, 'created', 1000000000 + t) || more) $$;
CREATE FUNCTION du(k text, status text, moved jsonb[] DEFAULT '{}', more jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql AS $$
	SELECT jsonb_build_object('object', 'dispute', 'id', 'du_' || k, 'charge', 'ch_' || k, 'payment_intent', 'pi_' || k, 'status', status,
		'amount', 1000, 'currency', 'usd', 'reason', 'fraudulent', 'created', 1000000005, 'livemode', false,
		'balance_transactions', to_jsonb(moved)) || more $$;
-- What is posted of a dispute, by the time when it happened; which of them came first does not count.
CREATE FUNCTION posted(k text) RETURNS TABLE (entry text) LANGUAGE sql AS $$
	SELECT concat_ws(' ', e.fact, ':', d.code, 'to', c.code, e.amount, 't=' || extract(epoch FROM e.occurred_at)::bigint - 1000000000)
	FROM paycore.ledger_entries e
	JOIN paycore.ledger_accounts d ON d.id = e.debit_account_id
	JOIN paycore.ledger_accounts c ON c.id = e.credit_account_id
	WHERE e.object_id IN (SELECT id FROM paycore.disputes WHERE psp_dispute_id = 'du_' || k
		UNION ALL SELECT id FROM paycore.balance_transactions WHERE psp_balance_transaction_id = k)
	ORDER BY e.occurred_at, e.fact, e.id $$;
CREATE FUNCTION shown(k text) RETURNS text LANGUAGE sql AS $$
	SELECT concat_ws(' ', status, amount, 'held', held, 'out', withdrawn, 'back', reinstated, 'fee', fee)
	FROM paycore.disputes WHERE psp_dispute_id = 'du_' || k $$;
-- What a payment and its dispute have left on accounts of the ledger.
CREATE FUNCTION sums(k text) RETURNS TABLE (currency text, gateway_balance bigint, exchange bigint, disputes bigint, fees bigint) LANGUAGE sql AS $$
	SELECT x.currency::text, sum(x.cents) FILTER (WHERE code LIKE 'gateway_balance:%'), sum(x.cents) FILTER (WHERE code = 'currency_exchange'),
		sum(x.cents) FILTER (WHERE code = 'disputes'), sum(x.cents) FILTER (WHERE code = 'dispute_fees')
	FROM (SELECT a.code, a.currency, CASE WHEN a.id = e.debit_account_id THEN 1 ELSE -1 END * paycore.cents(e.amount) AS cents
		FROM paycore.ledger_entries e JOIN paycore.ledger_accounts a ON a.id IN (e.debit_account_id, e.credit_account_id)
		WHERE e.object_id IN (SELECT id FROM paycore.disputes WHERE psp_dispute_id = 'du_' || k
			UNION ALL SELECT id FROM paycore.payments WHERE psp_charge_id = 'ch_' || k
			UNION ALL SELECT b.id FROM paycore.balance_transactions b WHERE b.psp_source_id = 'ch_' || k)) x
	GROUP BY 1 ORDER BY 1 $$;

-- An inquiry moves nothing; a chargeback does, and a win is two movements, the second with the fee given back.
SELECT paid('a');
SELECT event(du('a', 'warning_needs_response'), 5);
SELECT * FROM posted('a');
SELECT event(du('a', 'needs_response', ARRAY[bt('a', 6, -1000, 1500)]), 6);
SELECT event(du('a', 'needs_response', ARRAY[bt('a', 6, -1000, 1500)]), 6);
SELECT * FROM posted('a');
SELECT event(du('a', 'won', ARRAY[bt('a', 6, -1000, 1500), bt('a', 8, 1000, -1500)]), 8), shown('a');
SELECT * FROM posted('a');
SELECT * FROM sums('a');
SELECT count(DISTINCT transfer_id) FROM paycore.ledger_entries WHERE object_id = (SELECT id FROM paycore.disputes WHERE psp_dispute_id = 'du_a');
-- Lost after all, and a part of it back.
SELECT event(du('a', 'lost', ARRAY[bt('a', 6, -1000, 1500), bt('a', 8, 1000, -1500), bt('a', 9, -1000), bt('a', 10, 250)]), 10), shown('a');
SELECT * FROM posted('a') OFFSET 4;

-- Every order of arrival, each picture once or twice: the same entries.
CREATE FUNCTION orders(label text, pictures jsonb[], OUT orders bigint, OUT ends bigint, OUT ends_as text) LANGUAGE plpgsql AS $$
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
			PERFORM event(replace(pictures[i]::text, '@', k)::jsonb, 5 + i);
		END LOOP;
		results := results || (SELECT string_agg(entry, ', ') FROM posted(k));
	END LOOP;
	orders := n; ends := (SELECT count(DISTINCT r) FROM unnest(results) r); ends_as := results[1];
END $$;
SELECT * FROM orders('w', ARRAY[du('@', 'needs_response'), du('@', 'needs_response', ARRAY[bt('@', 6, -1000, 1500)]),
	du('@', 'under_review', ARRAY[bt('@', 6, -1000, 1500)]), du('@', 'won', ARRAY[bt('@', 6, -1000, 1500), bt('@', 8, 1000, -1500)])]);

-- Settled in another currency: in the payment's own, and the rest is exchange, at the rate of each movement.
SELECT paid('f', jsonb_build_object('balance_transaction', txn('txn_f', 900, 40, '{"currency": "eur", "exchange_rate": 0.9}')));
SELECT event(du('f', 'needs_response', ARRAY[bt('f', 6, -913, 1400, '{"currency": "eur", "exchange_rate": 0.91266}')]), 6), shown('f');
SELECT * FROM posted('f');
SELECT event(du('f', 'won', ARRAY[bt('f', 6, -913, 1400, '{"currency": "eur", "exchange_rate": 0.91266}'),
	bt('f', 8, 887, 0, '{"currency": "eur", "exchange_rate": 0.887}')]), 8), shown('f');
SELECT * FROM posted('f') OFFSET 4;
SELECT * FROM sums('f');
SELECT available_to_refund FROM paycore.payments_overview WHERE psp_charge_id = 'ch_f';
-- A part of it comes back.
SELECT paid('g', jsonb_build_object('balance_transaction', txn('txn_g', 900, 40, '{"currency": "eur", "exchange_rate": 0.9}')));
SELECT event(du('g', 'lost', ARRAY[bt('g', 6, -900, 0, '{"currency": "eur", "exchange_rate": 0.9}'),
	bt('g', 7, 270, 0, '{"currency": "eur", "exchange_rate": 0.9}')]), 8), shown('g');
SELECT * FROM posted('g');
SELECT * FROM orders('x', ARRAY[du('@', 'needs_response'), du('@', 'needs_response', ARRAY[bt('@', 6, -900, 1400, '{"currency": "eur", "exchange_rate": 0.9}')]),
	du('@', 'won', ARRAY[bt('@', 6, -900, 1400, '{"currency": "eur", "exchange_rate": 0.9}'), bt('@', 8, 800, 0, '{"currency": "eur", "exchange_rate": 0.8}')])]);
-- Without a rate, between units that are not ours, and of another currency than the payment's: as it was booked.
SELECT paid('h');
SELECT event(du('h', 'needs_response', ARRAY[bt('h', 6, -900, 0, '{"currency": "eur"}')]), 6), shown('h');
SELECT * FROM posted('h');
SELECT paid('i');
SELECT event(du('i', 'needs_response', ARRAY[bt('i', 6, -12000, 0, '{"currency": "isk", "exchange_rate": 12}')]), 6), shown('i');
SELECT * FROM posted('i');
SELECT paid('j');
SELECT event(du('j', 'needs_response', ARRAY[bt('j', 6, -990, 0)], '{"currency": "eur", "amount": 900}'), 6), shown('j');
SELECT * FROM posted('j');
SELECT paid('k');
SELECT event(du('k', 'needs_response', ARRAY[bt('k', 6, -800, 0, '{"currency": "gbp", "exchange_rate": 0.889}')], '{"currency": "eur", "amount": 900}'), 6), shown('k');
SELECT * FROM posted('k');
-- The disputed amount is mended: what a part of the money was of the payment changes with it.
SELECT paid('l');
SELECT event(du('l', 'needs_response', ARRAY[bt('l', 6, -73, 0, '{"currency": "eur", "exchange_rate": 0.0731}')], '{"amount": 999}'), 6), shown('l');
SELECT event(du('l', 'needs_response', ARRAY[bt('l', 6, -73, 0, '{"currency": "eur", "exchange_rate": 0.0731}')]), 7), shown('l');
SELECT * FROM posted('l');
SELECT * FROM sums('l');
-- A fee with a transaction of its own is posted from that.
SELECT paid('m');
SELECT event(du('m', 'needs_response', ARRAY[bt('m', 6, -1000), bt('m', 7, -1500, 0, '{"reporting_category": "fee"}')]), 7), shown('m');
SELECT * FROM posted('m');
SELECT event(bt('m', 7, -1500, 0, '{"reporting_category": "fee"}'), 8);
SELECT * FROM posted('txn_m_7');
SELECT rule, object_type, detail FROM paycore.find_ledger_violations();

-- The money of a dispute is the gateway's to tell, and so what is posted of it.
\set VERBOSITY terse
UPDATE paycore.disputes SET balance_transactions = '[]' WHERE psp_dispute_id = 'du_a';
UPDATE paycore.disputes SET fee = '1 USD' WHERE psp_dispute_id = 'du_a';

-- A payment that settled in another currency bounces; a payout in another currency than the balance's comes back.
SELECT paid('b', jsonb_build_object('balance_transaction', txn('txn_b', 900, 40, '{"currency": "eur", "exchange_rate": 0.9}')));
SELECT event(ch('ch_b', 'pi_b', 'failed', '{"failure_balance_transaction": "txn_bounce", "amount_captured": 1000, "captured": true}'), 4);
SELECT event(txn('txn_bounce', -920, 30, '{"currency": "eur", "exchange_rate": 0.92, "reporting_category": "charge_failure", "source": "ch_b", "created": 1000000004}'), 5);
SELECT * FROM posted('txn_bounce');
SELECT * FROM sums('b');
SELECT event(jsonb_build_object('object', 'payout', 'id', 'po_1', 'status', 'failed', 'amount', 1000, 'currency', 'usd', 'automatic', false,
	'type', 'bank_account', 'method', 'standard', 'created', 1000000000, 'livemode', false), 4);
SELECT event(txn('txn_po', -900, 0, '{"currency": "eur", "reporting_category": "payout", "source": "po_1", "created": 1000000002}'), 5);
SELECT event(txn('txn_pr', 890, 0, '{"currency": "eur", "reporting_category": "payout_reversal", "source": "po_1", "created": 1000000003}'), 5);
SELECT * FROM posted('txn_po') UNION ALL SELECT * FROM posted('txn_pr');
SELECT rule, object_type, detail FROM paycore.find_ledger_violations();

-- What was missed is posted later: all of one, the rest of another.
SELECT paid('q');
SELECT event(du('q', 'needs_response', ARRAY[bt('q', 6, -1000, 1500)]), 6);
SET paycore.ledger = off;
SELECT paid('r');
SELECT event(du('r', 'needs_response', ARRAY[bt('r', 6, -900, 1400, '{"currency": "eur", "exchange_rate": 0.9}')]), 6);
SELECT event(du('q', 'lost', ARRAY[bt('q', 6, -1000, 1500), bt('q', 7, 1000), bt('q', 8, -1000)]), 8);
SET paycore.ledger = on;
SELECT object_type, detail FROM paycore.find_ledger_violations() ORDER BY 2;
SELECT paycore.repair_ledger(), paycore.repair_ledger();
SELECT * FROM posted('q');
SELECT * FROM posted('r');
SELECT forget_looks();
SELECT rule, object_type, detail FROM paycore.verify() WHERE rule NOT LIKE '%intent%';
