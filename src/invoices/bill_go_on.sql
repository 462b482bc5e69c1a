-- What was used is billed, and each subscription goes on to its next step.
billed_usage AS (
	INSERT INTO paycore.usage_periods (subscription_item_id, tenant_id, subscription_id, meter_id, starts_at, ends_at, whole_seconds, quantity, amount, interim, seen, txn)
	SELECT c.item_id, $1, c.subscription_id, c.meter_id, c.since, c.until, c.whole_seconds, c.quantity, c.amount, c.interim, (SELECT paycore.usage_seen()), paycore.usage_txn()
	FROM counted c WHERE NOT c.goes_on
),
billed_on AS (
	UPDATE paycore.usage_periods u SET ends_at = c.until, quantity = CASE WHEN c.less THEN u.quantity ELSE c.quantity END, amount = CASE WHEN c.less THEN u.amount ELSE c.amount END,
		recheck = u.recheck OR c.less, interim = c.interim, seen = (SELECT paycore.usage_seen()), txn = paycore.usage_txn()
	FROM counted c WHERE c.goes_on AND u.subscription_item_id = c.item_id AND u.subscription_item_id = ANY (ARRAY(SELECT k.item_id FROM counted k WHERE k.goes_on)) AND u.starts_at = c.since
		-- IS TRUE: not by an index that begins with the tenant, all of whose periods look few while the table is new.
		AND (u.tenant_id = $1) IS TRUE
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
	-- No WHERE: the planner would take the lines for one, and group them anew for each discount.
	JOIN (SELECT l.subscription_id, array_agg(l.id ORDER BY l.place) FILTER (WHERE l.kind = 'recurring') AS ids,
		array_agg(l.amount ORDER BY l.place) FILTER (WHERE l.kind = 'recurring') AS amounts, array_agg(l.product_id ORDER BY l.place) FILTER (WHERE l.kind = 'recurring') AS products
		FROM line l GROUP BY l.subscription_id) l ON l.subscription_id = g.subscription_id AND l.ids IS NOT NULL
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
	FROM brought r WHERE s.id = r.id AND s.id = ANY (ARRAY(SELECT k.id FROM brought k)) AND s.tenant_id = $1
),
interim AS (
	UPDATE paycore.subscriptions s SET next_bill_at = least(s.billed_until, s.cancel_at, s.change_at)
	FROM term d WHERE s.id = d.id AND s.id = ANY (ARRAY(SELECT k.id FROM term k WHERE k.between)) AND s.tenant_id = $1 AND d.between
)
-- The last two: of whom it is still to be reckoned what they bring in a month, and since when.
SELECT count(*), (SELECT count(*) FROM total), max(d.next_bill_at), array_agg(d.id), array_agg(d.next_bill_at), array_agg(d.status),
	array_agg(d.id) FILTER (WHERE u.unsteady), array_agg(coalesce(b.since, d.next_bill_at)) FILTER (WHERE u.unsteady)
FROM term d
LEFT JOIN brought b ON b.id = d.id
CROSS JOIN LATERAL (SELECT d.waits OR (b.id IS NOT NULL AND b.mrr IS NULL) AS unsteady) u
