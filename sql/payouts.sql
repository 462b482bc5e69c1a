--
-- Payouts: what is in them, line by line.
--

-- Amounts of the gateway in the settlement currency against what our rows make of them.
CREATE FUNCTION paycore.compare_payout(payout uuid,
	OUT verdict text, OUT object_type text, OUT object_id uuid, OUT psp_id text, OUT psp_balance_transaction_id text,
	OUT reporting_category text, OUT here paycore.money_cents, OUT gateway paycore.money_cents,
	OUT difference paycore.money_cents, OUT note text)
RETURNS SETOF record
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $reconcile$
-- OFFSET 0: what is in so much time is found by index, however many rows there are.
WITH o AS (
	SELECT p.*, paycore.currency(p.amount) AS unit,
		coalesce((SELECT e.initiated_at FROM paycore.payouts e
			WHERE e.tenant_id = p.tenant_id AND e.gateway_account = p.gateway_account AND e.automatic
				AND paycore.currency(e.amount)::text = paycore.currency(p.amount)::text AND e.initiated_at < p.initiated_at
			ORDER BY e.initiated_at DESC LIMIT 1),
			p.initiated_at - interval '45 days') AS since
	FROM paycore.payouts p
	WHERE p.id = $1
),
-- What the objects here make of each transaction in the payout, in its currency.
line AS (
	SELECT b.psp_balance_transaction_id, b.reporting_category, b.psp_source_id, b.amount, b.fee, b.net, b.description, b.type,
		b.source_tenant_id IS DISTINCT FROM b.tenant_id AND b.source_tenant_id IS NOT NULL AS elsewhere,
		CASE WHEN p.id IS NOT NULL THEN 'payment' WHEN r.id IS NOT NULL THEN 'refund' WHEN d.id IS NOT NULL THEN 'dispute'
			WHEN f.id IS NOT NULL THEN 'payout' END AS found,
		coalesce(p.id, r.id, d.id, f.id) AS id, coalesce(p.status::text, r.status::text, d.status::text, f.status::text) AS status,
		b.reporting_category IN ('charge', 'charge_failure', 'refund', 'refund_failure', 'partial_capture_reversal',
			'dispute', 'dispute_reversal', 'payout_reversal') AS of_object,
		CASE b.reporting_category
			-- Of a partial capture the rest is in a transaction of its own.
			WHEN 'charge' THEN paycore.cents(p.net) - coalesce(t.other, 0)
			-- What the gateway took for it is on the transaction alone.
			WHEN 'charge_failure' THEN -v.worth - paycore.cents(b.fee)
			WHEN 'refund' THEN -v.worth - paycore.cents(b.fee)
			WHEN 'refund_failure' THEN v.worth - paycore.cents(b.fee)
			WHEN 'payout_reversal' THEN v.worth - paycore.cents(b.fee)
			WHEN 'dispute' THEN w.moved
			WHEN 'dispute_reversal' THEN w.moved
		END AS here,
		paycore.cents(b.net) AS there,
		v.tolerance
	FROM o
	JOIN paycore.balance_transactions b ON b.payout_id = o.id AND b.tenant_id = o.tenant_id
	LEFT JOIN paycore.payments p ON b.reporting_category IN ('charge', 'charge_failure') AND p.psp_charge_id = b.psp_source_id
		AND p.gateway_account = b.gateway_account AND p.tenant_id = b.tenant_id
	LEFT JOIN paycore.refunds r ON b.reporting_category IN ('refund', 'refund_failure', 'partial_capture_reversal')
		AND r.psp_refund_id = b.psp_source_id AND r.gateway_account = b.gateway_account AND r.tenant_id = b.tenant_id
	LEFT JOIN paycore.disputes d ON b.reporting_category IN ('dispute', 'dispute_reversal') AND d.psp_dispute_id = b.psp_source_id
		AND d.gateway_account = b.gateway_account AND d.tenant_id = b.tenant_id
	-- What the dispute itself says of this transaction, its fee included.
	LEFT JOIN LATERAL (
		SELECT paycore.cents(m.amount) - paycore.cents(m.fee) AS moved
		FROM paycore.dispute_movements(d.amount, d.balance_transactions) m
		WHERE m.id = b.psp_balance_transaction_id AND paycore.currency(m.amount)::text = o.unit::text) w ON d.id IS NOT NULL
	LEFT JOIN paycore.payouts f ON b.reporting_category = 'payout_reversal' AND f.psp_payout_id = b.psp_source_id
		AND f.gateway_account = b.gateway_account AND f.tenant_id = b.tenant_id
	LEFT JOIN LATERAL (
		SELECT sum(paycore.cents(x.net))::bigint AS other
		FROM unnest(p.balance_transaction_ids) u(id)
		JOIN paycore.balance_transactions x ON x.psp_balance_transaction_id = u.id AND x.gateway_account = b.gateway_account
			AND x.tenant_id = b.tenant_id AND x.id <> b.id) t ON b.reporting_category = 'charge'
	-- An object's own amount in the currency of the balance; a conversion rounds.
	LEFT JOIN LATERAL (
		SELECT CASE WHEN paycore.currency(m.amount)::text = o.unit::text THEN paycore.cents(m.amount)
				WHEN b.exchange_rate IS NOT NULL AND paycore.currency(m.amount)::text NOT IN ('ISK', 'UGX', 'MGA')
				THEN round(paycore.cents(m.amount) * b.exchange_rate)::bigint END AS worth,
			CASE WHEN paycore.currency(m.amount)::text = o.unit::text THEN 0 ELSE 1 END AS tolerance
		FROM (SELECT coalesce(p.gross, r.amount, f.amount) AS amount) m) v ON true
),
judged AS (
	SELECT l.*, CASE
			WHEN l.elsewhere THEN 'other_tenant'
			WHEN NOT l.of_object THEN 'gateway_only'
			WHEN l.found IS NULL THEN 'missing_here'
			WHEN l.reporting_category = 'partial_capture_reversal' THEN 'matched'
			WHEN l.reporting_category IN ('charge', 'dispute', 'dispute_reversal') AND l.here IS NULL THEN 'differs'
			WHEN l.reporting_category IN ('refund_failure', 'charge_failure', 'payout_reversal') AND l.status NOT IN ('failed', 'canceled') THEN 'differs'
			WHEN abs(l.there - coalesce(l.here, l.there)) <= CASE WHEN l.reporting_category IN ('charge', 'dispute', 'dispute_reversal') THEN 0 ELSE l.tolerance END THEN 'matched'
			ELSE 'differs' END AS verdict
	FROM line l
),
-- What was there to be paid out, and is in no payout.
unpaid AS (
	SELECT b.*
	FROM o
	CROSS JOIN LATERAL (SELECT b.* FROM paycore.balance_transactions b
		WHERE b.tenant_id = o.tenant_id AND b.gateway_account = o.gateway_account AND b.payout_id IS NULL
			AND b.available_on > o.since AND b.available_on <= o.initiated_at OFFSET 0) b
	WHERE o.automatic AND b.reporting_category IS DISTINCT FROM 'payout' AND paycore.currency(b.net)::text = o.unit::text
),
-- What is settled here by transactions that the gateway has not shown.
unseen AS (
	SELECT p.id, p.psp_charge_id, p.net, u.id AS transaction_id, p.available_on
	FROM o
	CROSS JOIN LATERAL (SELECT p.id, p.tenant_id, p.gateway_account, p.psp_charge_id, p.net, p.balance_transaction_ids, p.available_on
		FROM paycore.payments p WHERE p.tenant_id = o.tenant_id AND p.gateway_account = o.gateway_account
			AND p.available_on > o.since AND p.available_on <= o.initiated_at OFFSET 0) p
	CROSS JOIN LATERAL unnest(p.balance_transaction_ids) u(id)
	WHERE o.automatic AND paycore.currency(p.net)::text = o.unit::text
		AND NOT EXISTS (SELECT FROM paycore.balance_transactions b WHERE b.psp_balance_transaction_id = u.id
			AND b.gateway_account = p.gateway_account AND b.tenant_id = p.tenant_id OFFSET 0)
),
-- Disputes tell of movements that the gateway has not shown.
unseen_of_dispute AS (
	SELECT d.id, d.psp_dispute_id, paycore.money_cents(paycore.cents(m.amount) - paycore.cents(m.fee), o.unit) AS net, m.id AS transaction_id,
		m.reporting_category
	FROM o
	CROSS JOIN LATERAL (SELECT d.id, d.tenant_id, d.gateway_account, d.psp_dispute_id, d.amount, d.balance_transactions
		FROM paycore.disputes d WHERE d.tenant_id = o.tenant_id AND d.gateway_account = o.gateway_account AND d.withdrawn_at IS NOT NULL
			AND tstzrange(d.withdrawn_at, greatest(d.withdrawn_at, d.reinstated_at), '[]') && tstzrange(o.since - interval '45 days', o.initiated_at, '[]')
			AND EXISTS (SELECT FROM jsonb_array_elements(d.balance_transactions) b
				WHERE to_timestamp((b ->> 'available_on')::bigint) > o.since AND to_timestamp((b ->> 'available_on')::bigint) <= o.initiated_at)
		OFFSET 0) d
	CROSS JOIN LATERAL paycore.dispute_movements(d.amount, d.balance_transactions) m
	WHERE o.automatic AND m.available_on > o.since AND m.available_on <= o.initiated_at AND paycore.currency(m.amount)::text = o.unit::text
		AND NOT EXISTS (SELECT FROM paycore.balance_transactions b WHERE b.psp_balance_transaction_id = m.id
			AND b.gateway_account = d.gateway_account AND b.tenant_id = d.tenant_id OFFSET 0)
),
total AS (
	SELECT o.id, o.psp_payout_id, o.amount, o.unit, o.status::text AS status, o.automatic, o.transactions_read_at,
		coalesce((SELECT sum(paycore.cents(l.net)) FROM line l), 0)::bigint AS net
	FROM o
)
SELECT CASE WHEN t.transactions_read_at IS NULL THEN 'not_read' WHEN t.net = paycore.cents(t.amount) THEN 'matched' ELSE 'differs' END,
	'payout', t.id, t.psp_payout_id, NULL, NULL, paycore.money_cents(t.net, t.unit), t.amount,
	paycore.money_cents(paycore.cents(t.amount) - t.net, t.unit),
	CASE WHEN NOT t.automatic THEN 'made by hand: the gateway does not say what is in it'
		WHEN t.transactions_read_at IS NULL THEN 'its transactions have not been read yet'
		WHEN t.status IN ('failed', 'canceled') THEN format('the payout %s: its amount is back in the balance', t.status) END
FROM total t
UNION ALL
SELECT j.verdict, coalesce(j.found, j.type), j.id, j.psp_source_id, j.psp_balance_transaction_id, j.reporting_category,
	CASE WHEN j.verdict NOT IN ('gateway_only', 'missing_here', 'other_tenant') THEN paycore.money_cents(CASE
		WHEN j.reporting_category = 'partial_capture_reversal' THEN j.there ELSE j.here END, t.unit) END,
	paycore.money_cents(j.there, t.unit),
	paycore.money_cents(CASE WHEN j.reporting_category = 'partial_capture_reversal' OR j.verdict IN ('gateway_only', 'other_tenant')
		OR (j.verdict = 'matched' AND j.here IS NULL) THEN 0
		ELSE j.there - coalesce(j.here, 0) END, t.unit),
	CASE WHEN j.verdict = 'gateway_only' THEN j.description
		WHEN j.verdict = 'missing_here' THEN 'no such object here'
		WHEN j.verdict = 'other_tenant' THEN 'of another tenant'
		WHEN j.verdict = 'differs' AND j.here IS NULL AND j.found = 'dispute' THEN 'the dispute here says nothing of it'
		WHEN j.verdict = 'differs' AND j.here IS NULL THEN 'its fee is not known here'
		WHEN j.verdict = 'differs' AND j.reporting_category LIKE '%failure' OR j.verdict = 'differs' AND j.reporting_category = 'payout_reversal'
			THEN format('its status here is %s', j.status)
		WHEN j.verdict = 'matched' AND j.here IS NULL AND j.of_object AND j.reporting_category <> 'partial_capture_reversal'
			THEN 'converted: not compared' END
FROM judged j CROSS JOIN total t
UNION ALL
SELECT 'missing_at_gateway', coalesce(b.source_type, b.type), coalesce(b.payment_id, b.refund_id, b.dispute_id, b.source_payout_id), b.psp_source_id,
	b.psp_balance_transaction_id, b.reporting_category, b.net, NULL, paycore.money_cents(-paycore.cents(b.net), paycore.currency(b.net)),
	format('available since %s, and in no payout', to_char(b.available_on AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI'))
FROM unpaid b
UNION ALL
SELECT 'missing_at_gateway', 'payment', u.id, u.psp_charge_id, u.transaction_id, NULL, u.net, NULL,
	paycore.money_cents(-paycore.cents(u.net), paycore.currency(u.net)), 'the gateway has not shown this transaction'
FROM unseen u
UNION ALL
SELECT 'missing_at_gateway', 'dispute', u.id, u.psp_dispute_id, u.transaction_id, u.reporting_category, u.net, NULL,
	paycore.money_cents(-paycore.cents(u.net), paycore.currency(u.net)), 'the gateway has not shown this transaction'
FROM unseen_of_dispute u
$reconcile$;
COMMENT ON FUNCTION paycore.compare_payout(uuid) IS 'What reconcile() runs. For a superuser, reconcile() is the safer one: tables of somebody else may have that person''s code behind them.';

CREATE FUNCTION paycore.reconcile(payout uuid,
	OUT verdict text, OUT object_type text, OUT object_id uuid, OUT psp_id text, OUT psp_balance_transaction_id text,
	OUT reporting_category text, OUT here paycore.money_cents, OUT gateway paycore.money_cents,
	OUT difference paycore.money_cents, OUT note text)
RETURNS SETOF record
LANGUAGE C STABLE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'paycore_reconcile';
COMMENT ON FUNCTION paycore.reconcile(uuid) IS 'A payout line by line, in the currency of the balance: matched, differs (by how much), missing_here, missing_at_gateway, gateway_only (fees and the like), other_tenant; the first line is the payout itself against the sum of its transactions.';

CREATE FUNCTION paycore.read_balance(gateway_account text DEFAULT 'default', since timestamptz DEFAULT NULL) RETURNS boolean
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_read_balance';
COMMENT ON FUNCTION paycore.read_balance(text, timestamptz) IS 'Has the worker read the balance transactions of a gateway account, from since on or from where the last reading ended; it does so anyway every paycore.balance_interval. False: a reading is under way.';
REVOKE ALL ON FUNCTION paycore.read_balance(text, timestamptz) FROM PUBLIC;

CREATE FUNCTION paycore.read_payout(id uuid) RETURNS paycore.payout
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_read_payout';
COMMENT ON FUNCTION paycore.read_payout(uuid) IS 'Asks the gateway for the payout and for what is in it, again; gives the row as it is now.';
REVOKE ALL ON FUNCTION paycore.read_payout(uuid) FROM PUBLIC;
