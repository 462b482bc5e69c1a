-- Which thresholds the usage of subscriptions $2 of tenants $1, by meters $3, has reached within the periods that the times $4 fall into: an alert for each that had none.
-- (One statement for all tenants, each by its own clock.)
WITH touched AS MATERIALIZED (
	SELECT DISTINCT h.tenant_id, h.subscription_id, h.meter_id, s.billing_account_id, s.currency, s.starts_at, s.trial_end, p.period
	FROM unnest($1, $2, $3, $4) h(tenant_id, subscription_id, meter_id, at)
	JOIN paycore.subscriptions s ON s.id = h.subscription_id AND s.tenant_id = h.tenant_id
	CROSS JOIN LATERAL (SELECT paycore.period_at(s.anchor, s.every, s.time_zone, h.at) AS period) p
),
-- Alerts that are there already are not looked at again; nor are periods that were over when the threshold was set.
watched AS MATERIALIZED (
	SELECT DISTINCT t.id, t.tenant_id, t.meter_id, t.quantity, t.amount, t.action, t.recurs = 'once' AS once, h.subscription_id, h.billing_account_id, h.period,
		greatest(lower(h.period), h.starts_at, h.trial_end) AS since, upper(h.period) AS until
	FROM touched h
	JOIN paycore.usage_thresholds t ON t.billing_account_id = h.billing_account_id AND t.tenant_id = h.tenant_id AND t.removed_at IS NULL
		AND (t.subscription_id IS NULL OR t.subscription_id = h.subscription_id) AND (t.meter_id IS NULL OR t.meter_id = h.meter_id) AND t.set_at < upper(h.period)
		AND (t.amount IS NULL OR paycore.currency(t.amount) OPERATOR(paycore.=) h.currency)
	WHERE NOT EXISTS (SELECT FROM paycore.usage_alerts a WHERE a.threshold_id = t.id AND a.subscription_id = h.subscription_id AND a.tenant_id = h.tenant_id
		AND (a.once OR a.period_start = lower(h.period)))
),
-- Quantities are counted over the period, whatever the items; amounts item by item, as they are billed.
span AS (
	SELECT w.tenant_id, w.id, w.subscription_id, w.period, w.quantity, w.amount, m.aggregation, m.id AS meter_id, NULL::uuid AS price_id, w.since, w.until
	FROM watched w JOIN paycore.meters m ON m.id = w.meter_id AND m.tenant_id = w.tenant_id
	WHERE w.quantity IS NOT NULL AND w.since < w.until
	UNION ALL
	SELECT w.tenant_id, w.id, w.subscription_id, w.period, w.quantity, w.amount, m.aggregation, m.id, i.price_id, greatest(w.since, i.starts_at), least(w.until, i.ends_at)
	FROM watched w
	JOIN paycore.subscription_items i ON i.subscription_id = w.subscription_id AND i.tenant_id = w.tenant_id
	JOIN paycore.prices p ON p.id = i.price_id AND p.tenant_id = w.tenant_id AND p.meter_id = coalesce(w.meter_id, p.meter_id)
	JOIN paycore.meters m ON m.id = p.meter_id AND m.tenant_id = w.tenant_id AND m.aggregation <> 'weighted_sum'
	WHERE w.amount IS NOT NULL AND greatest(w.since, i.starts_at) < least(w.until, i.ends_at)
),
-- Side by side in arrays of one order: a join would be planned for a few.
counted AS MATERIALIZED (
	SELECT s.tenant_id, array_agg(s.id ORDER BY s.nth) AS ids, array_agg(s.subscription_id ORDER BY s.nth) AS subscriptions, array_agg(s.period ORDER BY s.nth) AS periods,
		array_agg(s.quantity ORDER BY s.nth) AS quantities, array_agg(s.amount ORDER BY s.nth) AS amounts, array_agg(s.price_id ORDER BY s.nth) AS prices,
		array_agg(ROW(s.subscription_id, s.meter_id, s.aggregation, s.since, s.until, NULL)::paycore.usage_span ORDER BY s.nth) AS spans
	FROM (SELECT s.*, row_number() OVER () AS nth FROM span s) s
	GROUP BY s.tenant_id
),
used AS (
	SELECT c.tenant_id, u.id, u.subscription_id, u.period, u.quantity, u.amount, u.price_id, u.used
	FROM counted c
	CROSS JOIN LATERAL unnest(c.ids, c.subscriptions, c.periods, c.quantities, c.amounts, c.prices,
		ARRAY(SELECT m.quantity FROM paycore.measure_usage(c.tenant_id, c.spans) m ORDER BY m.nth)) u(id, subscription_id, period, quantity, amount, price_id, used)
),
reached AS (
	SELECT u.tenant_id, u.id, u.subscription_id, u.period, u.used AS quantity, NULL::paycore.money_cents AS amount
	FROM used u WHERE u.used >= u.quantity
	UNION ALL
	SELECT u.tenant_id, u.id, u.subscription_id, u.period, NULL, paycore.sum(a.amount)
	FROM used u
	JOIN paycore.prices p ON p.id = u.price_id AND p.tenant_id = u.tenant_id
	JOIN paycore.price_currencies c ON c.price_id = u.price_id AND c.tenant_id = u.tenant_id AND c.currency OPERATOR(paycore.=) paycore.currency(u.amount)
	CROSS JOIN LATERAL (SELECT paycore.price_amount(p.model, u.used, c.currency, c.unit_price, c.tiers, p.package_size, p.free_units,
		c.minimum, c.maximum, p.rounding) AS amount) a
	WHERE u.amount IS NOT NULL AND u.used <> 0
	GROUP BY u.tenant_id, u.id, u.subscription_id, u.period, u.amount
	HAVING paycore.cents(paycore.sum(a.amount)) >= paycore.cents(u.amount)
)
INSERT INTO paycore.usage_alerts (tenant_id, threshold_id, billing_account_id, subscription_id, meter_id, action, once, period_start, period_end, quantity, amount, raised_at)
SELECT t.tenant_id, t.id, t.billing_account_id, r.subscription_id, t.meter_id, t.action, t.recurs = 'once', lower(r.period), upper(r.period), r.quantity, r.amount,
	coalesce((SELECT c.shows FROM paycore.test_clocks c WHERE c.tenant_id = t.tenant_id), now())
FROM reached r JOIN paycore.usage_thresholds t ON t.id = r.id AND t.tenant_id = r.tenant_id
ORDER BY t.tenant_id, t.id, r.subscription_id, r.period
ON CONFLICT DO NOTHING
