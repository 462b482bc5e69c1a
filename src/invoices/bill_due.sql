-- What is due in the subscriptions $3 of tenant $1 (named "given" before) by $2, in the name of $5. They are locked: what else is read of them is as who had them before has left it.
-- Each is done one step for, and left for the next batch if more is due.
due AS MATERIALIZED (
	SELECT s.id, s.billing_account_id, s.status::text AS status, s.currency, s.every, s.anchor, s.time_zone, s.starts_at, s.trial_end, s.period_start, s.period_end, s.billed_until,
		s.next_bill_at, s.collection, s.days_until_due, s.minimum, s.cancel_at, s.change_at
	-- OFFSET 0, here and below: each by its key, never all of the tenant's.
	FROM given g
	CROSS JOIN LATERAL (SELECT * FROM paycore.subscriptions s WHERE s.id = g.id AND s.tenant_id = $1 OFFSET 0) s
	ORDER BY s.next_bill_at, s.id
),
-- What is to be done for each, and the period that a renewal bills.
term AS MATERIALIZED (
	SELECT d.*, k.step = 'park' AS parks, k.step = 'end' AS ends, k.step = 'wait' AS waits, k.step = 'interim' AS between, k.step = 'renewal' AS renews,
		k.step NOT IN ('park', 'wait') AS bills, a.status AS account_status, a.tax_exempt,
		f.since, f.new_anchor, w.whole, CASE WHEN k.step = 'renewal' THEN tstzrange(f.since, least(upper(w.whole), d.cancel_at)) END AS part
	FROM due d
	CROSS JOIN LATERAL (SELECT a.status, a.tax_exempt FROM paycore.billing_accounts a WHERE a.id = d.billing_account_id AND a.tenant_id = $1 OFFSET 0) a
	CROSS JOIN LATERAL (SELECT CASE
		WHEN a.status = 'suspended' THEN 'park'
		WHEN d.cancel_at <= d.next_bill_at OR (a.status = 'closed' AND d.next_bill_at >= d.billed_until) THEN 'end'
		-- A trial that begins, and a pause that ends within a period that is billed: nothing is owed yet.
		WHEN d.status = 'scheduled' AND d.trial_end > d.next_bill_at THEN 'wait'
		WHEN d.status = 'paused' AND d.billed_until > d.next_bill_at THEN 'wait'
		-- Within a period: what came up beside the items.
		WHEN d.status IN ('trialing', 'active', 'past_due') AND d.billed_until > d.next_bill_at THEN 'interim'
		ELSE 'renewal' END AS step) k
	CROSS JOIN LATERAL (SELECT CASE d.status WHEN 'paused' THEN d.next_bill_at ELSE d.billed_until END AS since,
		CASE WHEN d.status = 'paused' AND d.billed_until < d.next_bill_at THEN d.next_bill_at ELSE d.anchor END AS new_anchor) f
	CROSS JOIN LATERAL (SELECT CASE WHEN k.step = 'renewal' THEN paycore.period_at(f.new_anchor, d.every, d.time_zone, f.since) END AS whole) w
),
parked AS (
	UPDATE paycore.subscriptions s SET parked_at = $2, parked_reason = 'its account is suspended' FROM term d WHERE s.id = d.id AND s.id = ANY (ARRAY(SELECT k.id FROM term k WHERE k.parks)) AND s.tenant_id = $1 AND d.parks
),
ended AS (
	UPDATE paycore.subscriptions s SET status = 'canceled', ended_at = least(d.cancel_at, d.next_bill_at), canceled_at = coalesce(s.canceled_at, d.cancel_at, d.next_bill_at),
		cancel_reason = CASE WHEN d.cancel_at <= d.next_bill_at THEN s.cancel_reason ELSE 'account closed' END,
		cancel_at = NULL, next_bill_at = NULL, change_at = NULL, paused_at = NULL, resumes_at = NULL
	FROM term d WHERE s.id = d.id AND s.id = ANY (ARRAY(SELECT k.id FROM term k WHERE k.ends)) AND s.tenant_id = $1 AND d.ends
	RETURNING s.id, s.ended_at
),
ended_items AS (
	UPDATE paycore.subscription_items i SET ends_at = greatest(i.starts_at, e.ended_at)
	FROM ended e WHERE i.subscription_id = e.id AND i.subscription_id = ANY (ARRAY(SELECT k.id FROM ended k)) AND i.tenant_id = $1 AND i.ends_at IS NULL
),
ended_changes AS (
	UPDATE paycore.subscription_changes c SET canceled_at = e.ended_at
	FROM ended e WHERE c.subscription_id = e.id AND c.subscription_id = ANY (ARRAY(SELECT k.id FROM ended k)) AND c.tenant_id = $1 AND c.done_at IS NULL AND c.canceled_at IS NULL
),
waiting AS (
	UPDATE paycore.subscriptions s SET status = CASE WHEN s.trial_end > d.next_bill_at THEN 'trialing' ELSE 'active' END::paycore.subscription_status,
		next_bill_at = least(s.billed_until, s.cancel_at, c.change_at), change_at = c.change_at, paused_at = NULL, resumes_at = NULL
	FROM term d CROSS JOIN LATERAL (SELECT CASE WHEN d.change_at < d.next_bill_at THEN d.next_bill_at ELSE d.change_at END AS change_at) c
	WHERE s.id = d.id AND s.id = ANY (ARRAY(SELECT k.id FROM term k WHERE k.waits)) AND s.tenant_id = $1 AND d.waits
),
recurring AS MATERIALIZED (
	SELECT r.id AS subscription_id, i.id AS item_id, i.product_id, i.price_id, r.part AS period, o.name AS description, i.quantity, c.unit_price, p.tax_inclusive,
		CASE WHEN r.part = r.whole THEN a.amount ELSE paycore.prorate(a.amount, r.whole, r.part) END AS amount
	FROM term r
	CROSS JOIN LATERAL (SELECT i.id, i.product_id, i.price_id, i.quantity FROM paycore.subscription_items i WHERE i.subscription_id = r.id AND i.tenant_id = $1
		AND i.starts_at <= r.since AND (i.ends_at IS NULL OR i.ends_at > r.since) OFFSET 0) i
	JOIN paycore.prices p ON p.id = i.price_id AND p.tenant_id = $1 AND p.meter_id IS NULL
	JOIN paycore.products o ON o.id = i.product_id AND o.tenant_id = $1
	JOIN paycore.price_currencies c ON c.price_id = i.price_id AND c.tenant_id = $1 AND c.currency OPERATOR(paycore.=) r.currency
	CROSS JOIN LATERAL (SELECT paycore.price_amount(p.model, i.quantity, c.currency, c.unit_price, c.tiers, p.package_size, p.free_units,
		c.minimum, c.maximum, p.rounding) AS amount) a
	WHERE r.renews
),
-- Usage thresholds that ask for an invoice of what was used so far.
demanded AS MATERIALIZED (
	SELECT a.id, a.subscription_id, a.meter_id FROM paycore.usage_alerts a
	WHERE a.tenant_id = $1 AND a.action = 'invoice' AND a.status = 'raised' AND a.subscription_id = ANY (ARRAY(SELECT d.id FROM term d WHERE d.bills))
	ORDER BY a.id FOR NO KEY UPDATE
),
-- The time since each metered item was last billed; where that was within its period, since it began, and what of it is billed already.
metered AS MATERIALIZED (
	SELECT d.between AS interim, u.interim IS TRUE AS goes_on, CASE WHEN u.interim THEN u.quantity ELSE 0 END AS quantity_before, CASE WHEN u.interim THEN u.amount ELSE paycore.money_cents(0, d.currency) END AS amount_before,
		CASE WHEN u.interim THEN u.ends_at ELSE w.since END AS unbilled_since, d.id AS subscription_id, d.currency, d.status = 'paused' OR d.period_end < d.next_bill_at AS paused, i.id AS item_id, i.product_id, i.price_id, p.meter_id, m.aggregation, w.since, w.until,
		extract(epoch FROM upper(n.whole) - lower(n.whole)) AS whole_seconds, row_number() OVER (ORDER BY i.id) AS nth
	FROM term d
	CROSS JOIN LATERAL (SELECT i.id, i.product_id, i.price_id, i.starts_at, i.ends_at FROM paycore.subscription_items i WHERE i.subscription_id = d.id AND i.tenant_id = $1 OFFSET 0) i
	JOIN paycore.prices p ON p.id = i.price_id AND p.tenant_id = $1
	JOIN paycore.meters m ON m.id = p.meter_id AND m.tenant_id = $1
	LEFT JOIN LATERAL (SELECT u.starts_at, u.ends_at, u.interim, u.quantity, u.amount FROM paycore.usage_periods u
		WHERE u.subscription_item_id = i.id AND u.tenant_id = $1 ORDER BY u.starts_at DESC LIMIT 1) u ON true
	CROSS JOIN LATERAL (SELECT CASE WHEN u.interim THEN u.starts_at ELSE greatest(i.starts_at, d.trial_end, u.ends_at) END AS since,
		-- So far: with what is used at this very moment, at which a test clock stands still.
		least(i.ends_at, d.cancel_at, CASE WHEN d.between THEN d.next_bill_at + interval '1 microsecond' ELSE d.next_bill_at END) AS until) w
	CROSS JOIN LATERAL (SELECT paycore.period_at(d.anchor, d.every, d.time_zone, w.since) AS whole) n
	WHERE w.since < w.until AND (u.interim IS NOT TRUE OR u.ends_at < w.until)
		-- Within a period, what can only come to more.
		AND (d.renews OR d.ends OR (d.between AND p.model <> 'volume' AND m.aggregation IN ('count', 'sum', 'max', 'unique_count')
			AND EXISTS (SELECT FROM demanded a WHERE a.subscription_id = d.id AND (a.meter_id IS NULL OR a.meter_id = p.meter_id))))
),
measured AS MATERIALIZED (
	SELECT m.nth, m.quantity
	FROM (SELECT array_agg(ROW(m.subscription_id, m.meter_id, m.aggregation, m.since, m.until, m.whole_seconds)::paycore.usage_span ORDER BY m.nth) AS spans FROM metered m) a,
		LATERAL paycore.measure_usage($1, a.spans) m
	WHERE a.spans IS NOT NULL
),
counted AS MATERIALIZED (
	SELECT m.*, q.quantity, o.name AS description, c.unit_price, p.tax_inclusive, a.amount, a.amount OPERATOR(paycore.#<) m.amount_before AS less
	FROM metered m
	JOIN measured q ON q.nth = m.nth
	JOIN paycore.prices p ON p.id = m.price_id AND p.tenant_id = $1
	JOIN paycore.products o ON o.id = m.product_id AND o.tenant_id = $1
	JOIN paycore.price_currencies c ON c.price_id = m.price_id AND c.tenant_id = $1 AND c.currency OPERATOR(paycore.=) m.currency
	-- A pause without usage has no minimum.
	CROSS JOIN LATERAL (SELECT CASE WHEN m.paused AND q.quantity = 0 THEN paycore.money_cents(0, m.currency)
		ELSE paycore.price_amount(p.model, q.quantity, c.currency, c.unit_price, c.tiers, p.package_size, p.free_units, c.minimum, c.maximum, p.rounding) END AS amount) a
),
used AS MATERIALIZED (
	SELECT c.subscription_id, c.item_id, c.product_id, c.price_id, tstzrange(c.unbilled_since, c.until) AS period, c.description, c.quantity - c.quantity_before AS quantity, c.unit_price,
		c.amount OPERATOR(paycore.-) c.amount_before AS amount, c.tax_inclusive
	FROM counted c
	-- Where what is billed was corrected to less than that, late.sql gives it back as it was billed.
	WHERE NOT c.less AND (c.quantity <> c.quantity_before OR c.amount OPERATOR(paycore.<>) c.amount_before)
),
-- Locked in the order of their ids: of two subscriptions of an account one bills them.
unbilled AS MATERIALIZED (
	SELECT e.id, e.billing_account_id, e.subscription_id, e.subscription_item_id, e.product_id, e.price_id, e.period, e.description, e.quantity,
		e.unit_price, e.amount, e.tax_inclusive, e.credits_line_id, e.rebills_line_id, e.metadata
	FROM paycore.extra_charges e
	WHERE e.tenant_id = $1 AND e.invoice_id IS NULL AND e.removed_at IS NULL AND e.draft_id IS NULL
		AND EXISTS (SELECT FROM term d WHERE d.bills AND d.billing_account_id = e.billing_account_id
			AND (e.subscription_id IS NULL OR e.subscription_id = d.id) AND d.currency OPERATOR(paycore.=) paycore.currency(e.amount))
	ORDER BY e.id FOR UPDATE OF e
),
extra AS MATERIALIZED (
	SELECT DISTINCT ON (e.id) d.id AS subscription_id, e.id, e.subscription_item_id AS item_id, e.product_id, e.price_id, e.period, e.description, e.quantity,
		e.unit_price, e.amount, e.tax_inclusive, e.credits_line_id, e.rebills_line_id, e.metadata
	FROM unbilled e JOIN term d ON d.billing_account_id = e.billing_account_id AND (e.subscription_id IS NULL OR e.subscription_id = d.id)
		AND d.bills AND d.currency OPERATOR(paycore.=) paycore.currency(e.amount)
	ORDER BY e.id, d.next_bill_at, d.id
),
-- What makes up the difference to the least that is owed for a period.
shortfall AS (
	SELECT r.id AS subscription_id, r.part AS period, m.least OPERATOR(paycore.-) coalesce(c.amount, paycore.money_cents(0, r.currency)) AS amount, coalesce(c.tax_inclusive, false) AS tax_inclusive
	FROM term r
	CROSS JOIN LATERAL (SELECT CASE WHEN r.part = r.whole THEN r.minimum ELSE paycore.prorate(r.minimum, r.whole, r.part) END AS least) m
	LEFT JOIN (SELECT c.subscription_id, paycore.sum(c.amount) AS amount, bool_and(c.tax_inclusive) AS tax_inclusive
		FROM (SELECT x.subscription_id, x.amount, x.tax_inclusive FROM recurring x UNION ALL SELECT x.subscription_id, x.amount, x.tax_inclusive FROM counted x WHERE x.quantity <> 0 OR paycore.cents(x.amount) <> 0) c
		GROUP BY c.subscription_id) c ON c.subscription_id = r.id
	WHERE r.renews AND r.minimum IS NOT NULL AND paycore.cents(m.least) > coalesce(paycore.cents(c.amount), 0)
),
line AS MATERIALIZED (
	SELECT l.*, coalesce(l.product_id, '00000000-0000-0000-0000-000000000000') AS taxed_as, paycore.uuid_v7() AS id, row_number() OVER (PARTITION BY l.subscription_id ORDER BY l.rank, l.sorted) AS place
	FROM (
		SELECT c.subscription_id, 1 AS rank, c.item_id AS sorted, 'recurring' AS kind, c.item_id, c.product_id, c.price_id, NULL::uuid AS extra_charge_id, NULL::uuid AS credits_line_id,
			c.period, c.description, c.quantity, c.unit_price, c.amount, c.tax_inclusive, NULL::jsonb AS metadata
		FROM recurring c
		UNION ALL
		SELECT u.subscription_id, 2, u.item_id, 'usage', u.item_id, u.product_id, u.price_id, NULL, NULL, u.period, u.description, u.quantity, u.unit_price, u.amount, u.tax_inclusive, NULL
		FROM used u
		UNION ALL
		SELECT e.subscription_id, 3, e.id, 'extra', e.item_id, e.product_id, e.price_id, e.id, e.credits_line_id, e.period, e.description, e.quantity, e.unit_price, e.amount, e.tax_inclusive, e.metadata
		FROM extra e
		UNION ALL
		SELECT s.subscription_id, 4, NULL, 'minimum', NULL, NULL, NULL, NULL, NULL, s.period, 'Minimum', 1, NULL, s.amount, s.tax_inclusive, NULL
		FROM shortfall s
	) l
),
-- A bill for each renewal, and for whatever else has lines.
bill AS MATERIALIZED (
	SELECT d.id AS subscription_id, d.billing_account_id, d.currency, d.collection, d.days_until_due, paycore.uuid_v7() AS invoice_id,
		row_number() OVER (ORDER BY d.next_bill_at, d.id) AS place,
		CASE WHEN d.renews THEN d.since ELSE least(d.period_start, d.next_bill_at) END AS period_start,
		CASE WHEN d.renews THEN upper(d.part) ELSE d.next_bill_at END AS period_end,
		d.tax_exempt, coalesce(s.tax_rounding, 'line') AS tax_rounding
	FROM term d
	LEFT JOIN paycore.sellers s ON s.tenant_id = $1
	WHERE d.renews OR (d.bills AND EXISTS (SELECT FROM extra e WHERE e.subscription_id = d.id)) OR EXISTS (SELECT FROM used u WHERE u.subscription_id = d.id)
),
-- The taxes on each product at hand, and (no product) on what has none.
rate AS MATERIALIZED (
	SELECT p.taxed_as, rank() OVER (ORDER BY array_agg(r.id ORDER BY r.code)) AS combination, bool_or(r.inclusive) AS inclusive,
		array_agg(ROW(r.id, r.name, r.percentage, NULL, NULL)::paycore.tax_amount ORDER BY r.code) AS taxes
	FROM (SELECT DISTINCT l.taxed_as FROM line l) p
	CROSS JOIN LATERAL (SELECT ARRAY(SELECT o.tax_rate_id FROM paycore.product_tax_rates o WHERE o.product_id = p.taxed_as AND o.tenant_id = $1) AS own) o
	JOIN paycore.tax_rates r ON r.tenant_id = $1 AND CASE WHEN o.own = '{}' THEN r.by_default ELSE r.id = ANY (o.own) END
	GROUP BY p.taxed_as
),
