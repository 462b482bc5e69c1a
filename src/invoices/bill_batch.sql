-- What is due in subscriptions of tenant $1 by $2, of at most $3 of them (@whose@: of $6 alone), in the name of $5. Each is locked, done one step for, and left for the next batch if more is due.
WITH due AS MATERIALIZED (
	SELECT s.id, s.billing_account_id, s.status::text AS status, s.currency, s.every, s.anchor, s.time_zone, s.starts_at, s.trial_end, s.period_start, s.period_end, s.billed_until,
		s.next_bill_at, s.collection, s.days_until_due, s.minimum, s.cancel_at, s.change_at
	FROM paycore.subscriptions s
	WHERE s.tenant_id = $1 AND s.next_bill_at <= $2 AND s.parked_at IS NULL @whose@
		-- A scheduled change comes first (change_due.c), but for an end, a wait, and an account that is not billed.
		AND (s.change_at IS NULL OR s.change_at > s.next_bill_at OR s.cancel_at <= s.next_bill_at
			OR (s.status::text = 'scheduled' AND s.trial_end > s.next_bill_at) OR (s.status::text = 'paused' AND s.billed_until > s.next_bill_at)
			OR EXISTS (SELECT FROM paycore.billing_accounts a WHERE a.id = s.billing_account_id AND a.tenant_id = $1 AND a.status IN ('suspended', 'closed')))
	ORDER BY s.next_bill_at, s.id LIMIT $3 FOR UPDATE SKIP LOCKED
),
-- What is to be done for each, and the period that a renewal bills.
term AS MATERIALIZED (
	SELECT d.*, k.step = 'park' AS parks, k.step = 'end' AS ends, k.step = 'wait' AS waits, k.step = 'interim' AS between, k.step = 'renewal' AS renews,
		k.step NOT IN ('park', 'wait') AS bills, a.status AS account_status, a.tax_exempt,
		f.since, f.new_anchor, w.whole, CASE WHEN k.step = 'renewal' THEN tstzrange(f.since, least(upper(w.whole), d.cancel_at)) END AS part
	FROM due d
	JOIN paycore.billing_accounts a ON a.id = d.billing_account_id AND a.tenant_id = $1
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
	UPDATE paycore.subscriptions s SET parked_at = $2, parked_reason = 'its account is suspended' FROM term d WHERE s.id = d.id AND s.tenant_id = $1 AND d.parks
),
ended AS (
	UPDATE paycore.subscriptions s SET status = 'canceled', ended_at = least(d.cancel_at, d.next_bill_at), canceled_at = coalesce(s.canceled_at, d.cancel_at, d.next_bill_at),
		cancel_reason = CASE WHEN d.cancel_at <= d.next_bill_at THEN s.cancel_reason ELSE 'account closed' END,
		cancel_at = NULL, next_bill_at = NULL, change_at = NULL, paused_at = NULL, resumes_at = NULL
	FROM term d WHERE s.id = d.id AND s.tenant_id = $1 AND d.ends
	RETURNING s.id, s.ended_at
),
ended_items AS (
	UPDATE paycore.subscription_items i SET ends_at = greatest(i.starts_at, e.ended_at)
	FROM ended e WHERE i.subscription_id = e.id AND i.tenant_id = $1 AND i.ends_at IS NULL
),
ended_changes AS (
	UPDATE paycore.subscription_changes c SET canceled_at = e.ended_at
	FROM ended e WHERE c.subscription_id = e.id AND c.tenant_id = $1 AND c.done_at IS NULL AND c.canceled_at IS NULL
),
waiting AS (
	UPDATE paycore.subscriptions s SET status = CASE WHEN s.trial_end > d.next_bill_at THEN 'trialing' ELSE 'active' END::paycore.subscription_status,
		next_bill_at = least(s.billed_until, s.cancel_at, c.change_at), change_at = c.change_at, paused_at = NULL, resumes_at = NULL
	FROM term d CROSS JOIN LATERAL (SELECT CASE WHEN d.change_at < d.next_bill_at THEN d.next_bill_at ELSE d.change_at END AS change_at) c
	WHERE s.id = d.id AND s.tenant_id = $1 AND d.waits
),
recurring AS MATERIALIZED (
	SELECT r.id AS subscription_id, i.id AS item_id, i.product_id, i.price_id, r.part AS period, o.name AS description, i.quantity, c.unit_price, p.tax_inclusive,
		CASE WHEN r.part = r.whole THEN a.amount ELSE paycore.prorate(a.amount, r.whole, r.part) END AS amount
	FROM term r
	JOIN paycore.subscription_items i ON i.subscription_id = r.id AND i.tenant_id = $1
		AND i.starts_at <= r.since AND (i.ends_at IS NULL OR i.ends_at > r.since)
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
	JOIN paycore.subscription_items i ON i.subscription_id = d.id AND i.tenant_id = $1
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
		e.unit_price, e.amount, e.tax_inclusive, e.credits_line_id, e.rebills_line_id
	FROM paycore.extra_charges e
	WHERE e.tenant_id = $1 AND e.invoice_id IS NULL AND e.removed_at IS NULL
		AND EXISTS (SELECT FROM term d WHERE d.bills AND d.billing_account_id = e.billing_account_id
			AND (e.subscription_id IS NULL OR e.subscription_id = d.id) AND d.currency OPERATOR(paycore.=) paycore.currency(e.amount))
	ORDER BY e.id FOR UPDATE OF e
),
extra AS MATERIALIZED (
	SELECT DISTINCT ON (e.id) d.id AS subscription_id, e.id, e.subscription_item_id AS item_id, e.product_id, e.price_id, e.period, e.description, e.quantity,
		e.unit_price, e.amount, e.tax_inclusive, e.credits_line_id, e.rebills_line_id
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
	SELECT l.*, paycore.uuid_v7() AS id, row_number() OVER (PARTITION BY l.subscription_id ORDER BY l.rank, l.sorted) AS place
	FROM (
		SELECT c.subscription_id, 1 AS rank, c.item_id AS sorted, 'recurring' AS kind, c.item_id, c.product_id, c.price_id, NULL::uuid AS extra_charge_id, NULL::uuid AS credits_line_id,
			c.period, c.description, c.quantity, c.unit_price, c.amount, c.tax_inclusive
		FROM recurring c
		UNION ALL
		SELECT u.subscription_id, 2, u.item_id, 'usage', u.item_id, u.product_id, u.price_id, NULL, NULL, u.period, u.description, u.quantity, u.unit_price, u.amount, u.tax_inclusive
		FROM used u
		UNION ALL
		SELECT e.subscription_id, 3, e.id, 'extra', e.item_id, e.product_id, e.price_id, e.id, e.credits_line_id, e.period, e.description, e.quantity, e.unit_price, e.amount, e.tax_inclusive
		FROM extra e
		UNION ALL
		SELECT s.subscription_id, 4, NULL, 'minimum', NULL, NULL, NULL, NULL, NULL, s.period, 'Minimum', 1, NULL, s.amount, s.tax_inclusive
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
held AS MATERIALIZED (
	SELECT d.id, d.coupon_id, d.billing_account_id, d.subscription_id, d.periods_left, c.duration <> 'once' AS lasts, ROW(c.percent_off, c.amount_off, c.product_ids)::paycore.discount_term AS term
	FROM paycore.discounts d JOIN paycore.coupons c ON c.id = d.coupon_id AND c.tenant_id = $1
	WHERE d.tenant_id = $1 AND d.ends_at IS NULL AND d.billing_account_id = ANY (ARRAY(SELECT b.billing_account_id FROM bill b))
		AND EXISTS (SELECT FROM bill b WHERE b.billing_account_id = d.billing_account_id AND (d.subscription_id IS NULL OR d.subscription_id = b.subscription_id))
	ORDER BY d.id FOR UPDATE OF d
),
-- Of an account's discount that is good for so many bills, the first ones have it.
granted AS (
	SELECT g.subscription_id, array_agg(g.id ORDER BY g.id) AS discounts, array_agg(g.coupon_id ORDER BY g.id) AS coupons, array_agg(g.term ORDER BY g.id) AS terms,
		array_agg(g.term ORDER BY g.id) FILTER (WHERE g.lasts) AS lasting
	FROM (SELECT b.subscription_id, h.id, h.coupon_id, h.term, h.lasts, h.periods_left, row_number() OVER (PARTITION BY h.id ORDER BY b.place) AS nth
		FROM held h JOIN bill b ON b.billing_account_id = h.billing_account_id AND (h.subscription_id IS NULL OR h.subscription_id = b.subscription_id)) g
	WHERE g.periods_left IS NULL OR g.nth <= g.periods_left
	GROUP BY g.subscription_id
),
reduction AS MATERIALIZED (
	SELECT l.subscription_id, l.ids[t.line] AS line_id, g.discounts[t.term] AS discount_id, g.coupons[t.term] AS coupon_id, t.amount
	FROM granted g
	JOIN (SELECT l.subscription_id, array_agg(l.id ORDER BY l.place) AS ids, array_agg(l.amount ORDER BY l.place) AS amounts,
		array_agg(l.product_id ORDER BY l.place) AS products FROM line l GROUP BY l.subscription_id) l ON l.subscription_id = g.subscription_id
	CROSS JOIN LATERAL paycore.discount_lines(l.amounts, l.products, g.terms) t
),
-- The taxes on each product at hand, and (no product) on what has none.
rate AS MATERIALIZED (
	SELECT p.product_id, rank() OVER (ORDER BY array_agg(r.id ORDER BY r.code)) AS combination, bool_or(r.inclusive) AS inclusive,
		array_agg(ROW(r.id, r.name, r.percentage, NULL, NULL)::paycore.tax_amount ORDER BY r.code) AS taxes
	FROM (SELECT DISTINCT coalesce(l.product_id, '00000000-0000-0000-0000-000000000000') AS product_id FROM line l) p
	CROSS JOIN LATERAL (SELECT ARRAY(SELECT o.tax_rate_id FROM paycore.product_tax_rates o WHERE o.product_id = p.product_id AND o.tenant_id = $1) AS own) o
	JOIN paycore.tax_rates r ON r.tenant_id = $1 AND CASE WHEN o.own = '{}' THEN r.by_default ELSE r.id = ANY (o.own) END
	GROUP BY p.product_id
),
-- Lines that bill voided ones again; what is given back of those is given back of these.
again AS MATERIALIZED (
	SELECT e.rebills_line_id, l.id AS line_id, l.tax_inclusive OR coalesce(r.inclusive, false) AS inclusive, coalesce(r.taxes, '{}') AS taxes
	FROM extra e
	JOIN line l ON l.extra_charge_id = e.id
	LEFT JOIN rate r ON r.product_id = coalesce(l.product_id, '00000000-0000-0000-0000-000000000000')
	WHERE e.rebills_line_id IS NOT NULL AND e.credits_line_id IS NULL
),
-- Lines with what they are reduced by; a credit has the taxes of the line that it gives back.
net AS (
	SELECT l.*, b.invoice_id, b.currency, b.tax_exempt <> 'none' AS exempt, b.tax_rounding, coalesce(x.amount, paycore.money_cents(0, b.currency)) AS discount,
		l.amount OPERATOR(paycore.-) coalesce(x.amount, paycore.money_cents(0, b.currency)) AS net,
		CASE WHEN l.credits_line_id IS NULL THEN r.combination END AS combination,
		CASE WHEN l.credits_line_id IS NULL THEN coalesce(r.taxes, '{}') ELSE coalesce(g.taxes, c.taxes) END AS rates,
		CASE WHEN l.credits_line_id IS NULL THEN l.tax_inclusive OR coalesce(r.inclusive, false) ELSE coalesce(g.inclusive, c.tax_inclusive) END AS inclusive,
		coalesce(g.line_id, l.credits_line_id) AS credited_line_id, g.line_id IS NOT NULL AS credits_again
	FROM line l
	JOIN bill b ON b.subscription_id = l.subscription_id
	LEFT JOIN (SELECT x.line_id, paycore.sum(x.amount) AS amount FROM reduction x GROUP BY x.line_id) x ON x.line_id = l.id
	LEFT JOIN rate r ON r.product_id = coalesce(l.product_id, '00000000-0000-0000-0000-000000000000')
	LEFT JOIN paycore.invoice_lines c ON c.id = l.credits_line_id AND c.tenant_id = $1
	LEFT JOIN again g ON g.rebills_line_id = l.credits_line_id
),
-- What credits give back, each the part from "since" to "upto" of what was left ("rest") of its line after earlier ones, and of its taxes.
back AS MATERIALIZED (
	SELECT b.id, b.currency, b.rates, b.given, least(b.upto, b.rest) AS upto, least(b.upto + paycore.cents(b.net), b.rest) AS since, b.rest
	FROM (
		SELECT n.id, n.currency, n.rates, n.net, -sum(paycore.cents(n.net)) OVER (PARTITION BY n.credits_line_id ORDER BY n.subscription_id, n.place) AS upto,
			paycore.cents(c.amount) - paycore.cents(c.discount) - coalesce(g.net, 0) AS rest, g.taxes AS given
		FROM net n
		JOIN paycore.invoice_lines c ON c.id = n.credits_line_id AND c.tenant_id = $1
		CROSS JOIN LATERAL (
			SELECT sum(x.net) AS net, array_agg(x.taxes) FILTER (WHERE cardinality(x.taxes) = 2 * cardinality(c.taxes) AND x.taxes <> '{}') AS taxes
			FROM (
				SELECT paycore.cents(l.discount) - paycore.cents(l.amount) AS net, ARRAY(SELECT -paycore.cents(t.amount) FROM unnest(l.taxes) t) || ARRAY(SELECT -paycore.cents(t.taxable) FROM unnest(l.taxes) t) AS taxes
				FROM paycore.extra_charges e JOIN paycore.invoice_lines l ON l.extra_charge_id = e.id AND l.invoice_id = e.invoice_id AND l.tenant_id = $1 AND NOT l.voided
				WHERE e.credits_line_id = c.id AND e.tenant_id = $1 AND e.invoice_id IS NOT NULL
				UNION ALL
				SELECT paycore.cents(k.amount) - paycore.cents(k.discount), ARRAY(SELECT paycore.cents(t.amount) FROM unnest(k.taxes) t) || ARRAY(SELECT paycore.cents(t.taxable) FROM unnest(k.taxes) t)
				FROM paycore.credit_note_lines k JOIN paycore.credit_notes o ON o.id = k.credit_note_id AND o.tenant_id = $1 AND o.status = 'issued'
				WHERE k.invoice_line_id = c.id AND k.tenant_id = $1
			) x
		) g
		WHERE n.credits_line_id IS NOT NULL AND NOT n.credits_again
	) b
),
returned AS MATERIALIZED (
	SELECT b.id, ARRAY(
		SELECT ROW(t.tax_rate_id, t.name, t.percentage, paycore.money_cents((round(t.taxable * b.since / b.rest) - round(t.taxable * b.upto / b.rest))::bigint, b.currency),
			paycore.money_cents((round(t.left * b.since / b.rest) - round(t.left * b.upto / b.rest))::bigint, b.currency))::paycore.tax_amount
		FROM (SELECT t.place, t.tax_rate_id, t.name, t.percentage, paycore.cents(t.taxable) - coalesce((SELECT sum(b.given[g][t.place + cardinality(b.rates)]) FROM generate_subscripts(b.given, 1) g), 0) AS taxable,
				paycore.cents(t.amount) - coalesce((SELECT sum(b.given[g][t.place]) FROM generate_subscripts(b.given, 1) g), 0) AS left
			FROM unnest(b.rates) WITH ORDINALITY t(tax_rate_id, name, percentage, taxable, amount, place)) t
		ORDER BY t.place) AS taxes
	FROM back b WHERE b.rest > 0
),
priced AS MATERIALIZED (
	SELECT n.*, coalesce(r.taxes, paycore.line_taxes(n.net, n.before, n.rates, n.inclusive, n.exempt AND (n.credits_line_id IS NULL OR n.credits_again))) AS taxes
	FROM (SELECT n.*, paycore.money_cents(CASE WHEN n.tax_rounding = 'invoice' AND n.combination IS NOT NULL
			THEN sum(paycore.cents(n.net)) OVER (PARTITION BY n.subscription_id, n.combination, n.inclusive ORDER BY n.place) - paycore.cents(n.net)
			ELSE 0 END::bigint, n.currency) AS before
		FROM net n) n
	LEFT JOIN returned r ON r.id = n.id
),
total AS MATERIALIZED (
	SELECT b.*, coalesce(p.lines, 0) AS lines, coalesce(p.subtotal, z.zero) AS subtotal, coalesce(p.discount, z.zero) AS discount, coalesce(p.tax, z.zero) AS tax,
		coalesce(p.tax_included, z.zero) AS tax_included, z.zero,
		coalesce(p.subtotal OPERATOR(paycore.-) p.discount OPERATOR(paycore.+) p.tax OPERATOR(paycore.-) coalesce(p.tax_included, z.zero), z.zero) AS total
	FROM bill b
	CROSS JOIN LATERAL (SELECT paycore.money_cents(0, b.currency) AS zero) z
	LEFT JOIN (SELECT p.subscription_id, count(*) AS lines, paycore.sum(p.amount) AS subtotal, paycore.sum(p.discount) AS discount, paycore.sum(t.tax) AS tax,
			paycore.sum(t.tax) FILTER (WHERE p.inclusive) AS tax_included
		FROM priced p CROSS JOIN LATERAL (SELECT paycore.tax_total(p.taxes, p.currency) AS tax) t GROUP BY p.subscription_id) p ON p.subscription_id = b.subscription_id
),
balance AS MATERIALIZED (
	SELECT b.billing_account_id, b.currency, b.balance FROM paycore.account_balances b
	WHERE b.tenant_id = $1 AND b.billing_account_id = ANY (ARRAY(SELECT t.billing_account_id FROM total t))
	ORDER BY b.billing_account_id FOR NO KEY UPDATE
),
-- An account's balance goes on its bills in their order; what a gateway ($4: accounts of those that have a least amount) does not charge is carried forward.
applied AS MATERIALIZED (
	SELECT a.ids[n.nth] AS invoice_id, n.amount, paycore.uuid_v7() AS transaction_id,
		CASE WHEN paycore.cents(a.totals[n.nth]) < 0 THEN 'an invoice of less than nothing' WHEN paycore.cents(n.amount) < 0 THEN 'owed from before'
			WHEN paycore.cents(n.amount) > paycore.cents(a.balance) THEN 'too small to be charged: carried forward' ELSE 'applied to an invoice' END AS reason
	FROM (
		SELECT array_agg(t.invoice_id ORDER BY t.place) AS ids, array_agg(t.total ORDER BY t.place) AS totals,
			array_agg(CASE WHEN t.collection = 'charge_automatically' AND b.gateway_account = ANY ($4) THEN paycore.least_charge(t.currency)
				ELSE t.zero END ORDER BY t.place) AS least, coalesce(paycore.min(h.balance), paycore.min(t.zero)) AS balance
		FROM total t
		JOIN paycore.billing_accounts b ON b.id = t.billing_account_id AND b.tenant_id = $1
		LEFT JOIN balance h ON h.billing_account_id = t.billing_account_id AND h.currency OPERATOR(paycore.=) t.currency
		GROUP BY t.billing_account_id, t.currency
	) a CROSS JOIN LATERAL unnest(paycore.apply_balance(a.balance, a.totals, a.least)) WITH ORDINALITY n (amount, nth)
	WHERE paycore.cents(n.amount) <> 0
),
owed AS MATERIALIZED (
	SELECT t.*, coalesce(a.amount, t.zero) AS balance_applied, t.total OPERATOR(paycore.-) coalesce(a.amount, t.zero) AS due, a.transaction_id, a.reason
	FROM total t LEFT JOIN applied a ON a.invoice_id = t.invoice_id
),
series AS (
	UPDATE paycore.invoice_series n SET next_serial = n.next_serial + (SELECT count(*) FROM total), last_date = greatest(n.last_date, $2)
	WHERE n.tenant_id = $1 AND n.series = 'invoice' AND EXISTS (SELECT FROM total)
	RETURNING n.prefix, n.next_serial - (SELECT count(*) FROM total) AS first_serial, n.last_date AS issued
),
made AS (
	INSERT INTO paycore.invoices (id, tenant_id, billing_account_id, subscription_id, status, series, serial, number, reason, currency,
		period_start, period_end, subtotal, discount, tax, tax_included, total, balance_applied, amount_paid, amount_credited, amount_due, total_credited, tax_rounding, tax_exemption,
		line_count, collection, due_at, finalized_at, paid_at, seller, customer)
	SELECT t.invoice_id, $1, t.billing_account_id, t.subscription_id, CASE WHEN paycore.cents(t.due) = 0 THEN 'paid' ELSE 'open' END::paycore.invoice_status,
		'invoice', n.first_serial + t.place - 1, paycore.document_number(n.prefix, n.first_serial + t.place - 1), 'subscription', t.currency,
		t.period_start, t.period_end, t.subtotal, t.discount, t.tax, t.tax_included, t.total, t.balance_applied, t.zero, t.zero, t.due, t.zero, t.tax_rounding, t.tax_exempt,
		t.lines, t.collection,
		CASE t.collection WHEN 'send_invoice' THEN n.issued + make_interval(days => coalesce(t.days_until_due, 30)) ELSE n.issued END,
		n.issued, CASE WHEN paycore.cents(t.due) = 0 THEN n.issued END,
		(SELECT jsonb_strip_nulls(jsonb_build_object('name', s.name, 'email', s.email, 'phone', s.phone, 'website', s.website,
			'address_line1', s.address_line1, 'address_line2', s.address_line2, 'city', s.city, 'state', s.state, 'postal_code', s.postal_code,
			'country', s.country, 'tax_id', s.tax_id, 'footer', s.footer, 'locale', s.locale, 'time_zone', s.time_zone)) FROM paycore.sellers s WHERE s.tenant_id = $1),
		jsonb_strip_nulls(jsonb_build_object('name', a.name, 'email', a.email, 'external_ref', a.external_ref,
			'address_line1', a.address_line1, 'address_line2', a.address_line2, 'city', a.city, 'state', a.state, 'postal_code', a.postal_code,
			'country', a.country, 'tax_id', a.tax_id, 'locale', a.locale))
	FROM owed t CROSS JOIN series n
	JOIN paycore.billing_accounts a ON a.id = t.billing_account_id AND a.tenant_id = $1
),
moved AS (
	INSERT INTO paycore.account_transactions (id, tenant_id, billing_account_id, amount, reason, object_type, object_id, actor)
	SELECT t.transaction_id, $1, t.billing_account_id, OPERATOR(paycore.-) t.balance_applied, t.reason, 'invoice', t.invoice_id, $5
	FROM owed t WHERE t.transaction_id IS NOT NULL
),
paid AS (
	INSERT INTO paycore.invoice_payments (tenant_id, invoice_id, kind, amount, surplus, account_transaction_id, applied_at)
	SELECT $1, t.invoice_id, 'balance', t.balance_applied, t.zero, t.transaction_id, n.issued
	FROM owed t CROSS JOIN series n WHERE t.transaction_id IS NOT NULL
),
lines AS (
	INSERT INTO paycore.invoice_lines (id, tenant_id, invoice_id, place, kind, subscription_id, subscription_item_id, product_id, price_id, period,
		description, quantity, unit_price, amount, discount, tax, tax_inclusive, taxes, extra_charge_id)
	SELECT p.id, $1, p.invoice_id, p.place, p.kind, p.subscription_id, p.item_id, p.product_id, p.price_id, p.period, p.description, p.quantity, p.unit_price,
		p.amount, p.discount, paycore.tax_total(p.taxes, p.currency), p.inclusive, p.taxes, p.extra_charge_id
	FROM priced p
),
reductions AS (
	INSERT INTO paycore.invoice_line_discounts (tenant_id, invoice_id, invoice_line_id, discount_id, coupon_id, amount)
	SELECT $1, b.invoice_id, x.line_id, x.discount_id, x.coupon_id, x.amount
	FROM reduction x JOIN bill b ON b.subscription_id = x.subscription_id
),
used_up AS (
	UPDATE paycore.discounts d SET periods_left = d.periods_left - u.times, ends_at = CASE WHEN d.periods_left = u.times THEN $2 END
	FROM (SELECT x.discount_id, count(DISTINCT x.subscription_id) AS times FROM reduction x GROUP BY x.discount_id) u
	WHERE d.id = u.discount_id AND d.id = ANY (ARRAY(SELECT h.id FROM held h WHERE h.periods_left IS NOT NULL)) AND d.tenant_id = $1 AND d.periods_left IS NOT NULL
),
billed_extra AS (
	UPDATE paycore.extra_charges e SET invoice_id = p.invoice_id, credits_line_id = p.credited_line_id,
		tax_inclusive = CASE WHEN p.credits_again THEN p.inclusive ELSE e.tax_inclusive END
	FROM priced p WHERE e.id = p.extra_charge_id AND e.tenant_id = $1
),
billed_usage AS (
	INSERT INTO paycore.usage_periods (subscription_item_id, tenant_id, subscription_id, meter_id, starts_at, ends_at, whole_seconds, quantity, amount, interim, seen, txn)
	SELECT c.item_id, $1, c.subscription_id, c.meter_id, c.since, c.until, c.whole_seconds, c.quantity, c.amount, c.interim, (SELECT paycore.usage_seen()), paycore.usage_txn()
	FROM counted c WHERE NOT c.goes_on
),
billed_on AS (
	UPDATE paycore.usage_periods u SET ends_at = c.until, quantity = CASE WHEN c.less THEN u.quantity ELSE c.quantity END, amount = CASE WHEN c.less THEN u.amount ELSE c.amount END,
		recheck = u.recheck OR c.less, interim = c.interim, seen = (SELECT paycore.usage_seen()), txn = paycore.usage_txn()
	FROM counted c WHERE c.goes_on AND u.subscription_item_id = c.item_id AND u.starts_at = c.since AND u.tenant_id = $1
),
answered AS (
	UPDATE paycore.usage_alerts a SET status = CASE WHEN b.invoice_id IS NULL THEN 'dropped' ELSE 'invoiced' END, invoice_id = b.invoice_id
	FROM demanded q LEFT JOIN bill b ON b.subscription_id = q.subscription_id
	WHERE a.id = q.id AND a.tenant_id = $1
),
-- What a whole period brings in with the coupons that go on, where that is all there is to it; elsewhere it is reckoned afterwards.
lasting AS (
	SELECT l.ids[t.line] AS line_id, paycore.sum(t.amount) AS amount
	FROM granted g
	JOIN (SELECT l.subscription_id, array_agg(l.id ORDER BY l.place) AS ids, array_agg(l.amount ORDER BY l.place) AS amounts,
		array_agg(l.product_id ORDER BY l.place) AS products FROM line l WHERE l.kind = 'recurring' GROUP BY l.subscription_id) l ON l.subscription_id = g.subscription_id
	CROSS JOIN LATERAL paycore.discount_lines(l.amounts, l.products, g.lasting) t
	GROUP BY l.ids[t.line]
),
steady AS (
	SELECT p.subscription_id, sum(n.net::numeric - CASE WHEN p.inclusive
		THEN paycore.tax_total(CASE WHEN g.subscription_id IS NULL THEN p.taxes ELSE paycore.line_taxes(n.net, n.zero, p.rates, true, p.exempt) END, p.currency)::numeric
		ELSE 0 END) AS net
	FROM priced p
	LEFT JOIN granted g ON g.subscription_id = p.subscription_id
	LEFT JOIN lasting k ON k.line_id = p.id
	CROSS JOIN LATERAL (SELECT z.zero, CASE WHEN g.subscription_id IS NULL THEN p.net ELSE p.amount OPERATOR(paycore.-) coalesce(k.amount, z.zero) END AS net
		FROM (SELECT paycore.money_cents(0, p.currency) AS zero) z) n
	WHERE p.kind = 'recurring'
	GROUP BY p.subscription_id
	HAVING NOT bool_or(p.tax_rounding = 'invoice' AND p.inclusive)
),
brought AS MATERIALIZED (
	SELECT r.id, r.since, r.new_anchor, r.whole, r.part, r.starts_at, CASE WHEN r.part = r.whole AND r.minimum IS NULL
		THEN paycore.round_money(t.net / paycore.months(r.every), r.currency, 'half_up') END AS mrr
	FROM term r
	LEFT JOIN steady t ON t.subscription_id = r.id
	WHERE r.renews
),
advanced AS (
	UPDATE paycore.subscriptions s SET status = CASE WHEN s.status::text = 'past_due' THEN 'past_due' ELSE 'active' END::paycore.subscription_status,
		anchor = r.new_anchor, period_start = greatest(lower(r.whole), r.starts_at), period_end = upper(r.whole),
		billed_until = upper(r.part), next_bill_at = least(upper(r.part), s.change_at), paused_at = NULL, resumes_at = NULL,
		mrr = coalesce(r.mrr, s.mrr), mrr_since = CASE WHEN paycore.cents(r.mrr) <> coalesce(paycore.cents(s.mrr), -1) THEN r.since ELSE s.mrr_since END
	FROM brought r WHERE s.id = r.id AND s.tenant_id = $1
),
interim AS (
	UPDATE paycore.subscriptions s SET next_bill_at = least(s.billed_until, s.cancel_at, s.change_at)
	FROM term d WHERE s.id = d.id AND s.tenant_id = $1 AND d.between
)
-- The last two: of whom it is still to be reckoned what they bring in a month, and since when.
SELECT count(*), (SELECT count(*) FROM total), max(d.next_bill_at), array_agg(d.id), array_agg(d.next_bill_at), array_agg(d.status),
	array_agg(d.id) FILTER (WHERE u.unsteady), array_agg(coalesce(b.since, d.next_bill_at)) FILTER (WHERE u.unsteady)
FROM term d
LEFT JOIN brought b ON b.id = d.id
CROSS JOIN LATERAL (SELECT d.waits OR (b.id IS NOT NULL AND b.mrr IS NULL) AS unsteady) u
