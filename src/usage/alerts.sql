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
	SELECT DISTINCT t.id, t.tenant_id, t.meter_id, t.quantity, t.amount, t.action, t.recurs = 'once' AS once, h.subscription_id, h.billing_account_id, h.currency, h.period,
		greatest(lower(h.period), h.starts_at, h.trial_end) AS since, upper(h.period) AS until
	FROM touched h
	JOIN paycore.usage_thresholds t ON t.billing_account_id = h.billing_account_id AND t.tenant_id = h.tenant_id AND t.removed_at IS NULL
		AND (t.subscription_id IS NULL OR t.subscription_id = h.subscription_id) AND (t.meter_id IS NULL OR t.meter_id = h.meter_id) AND t.set_at < upper(h.period)
	WHERE NOT EXISTS (SELECT FROM paycore.usage_alerts a WHERE a.threshold_id = t.id AND a.subscription_id = h.subscription_id AND a.tenant_id = h.tenant_id
		AND (a.once OR a.period_start = lower(h.period)))
),
-- Quantities are counted over the period, whatever the items; amounts item by item, as they are billed.
counted AS MATERIALIZED (
	SELECT row_number() OVER (PARTITION BY c.tenant_id ORDER BY c.subscription_id, c.meter_id, c.period, c.item_id) AS nth, c.*
	FROM (
		SELECT DISTINCT w.tenant_id, w.subscription_id, w.period, w.meter_id, NULL::uuid AS item_id, NULL::uuid AS price_id, m.aggregation, w.since, w.until
		FROM watched w JOIN paycore.meters m ON m.id = w.meter_id AND m.tenant_id = w.tenant_id
		WHERE w.quantity IS NOT NULL AND w.since < w.until
		UNION ALL
		SELECT DISTINCT w.tenant_id, w.subscription_id, w.period, p.meter_id, i.id, i.price_id, m.aggregation, greatest(w.since, i.starts_at), least(w.until, i.ends_at)
		FROM watched w
		JOIN paycore.subscription_items i ON i.subscription_id = w.subscription_id AND i.tenant_id = w.tenant_id
		JOIN paycore.prices p ON p.id = i.price_id AND p.tenant_id = w.tenant_id AND p.meter_id = coalesce(w.meter_id, p.meter_id)
		JOIN paycore.meters m ON m.id = p.meter_id AND m.tenant_id = w.tenant_id AND m.aggregation <> 'weighted_sum'
		WHERE w.amount IS NOT NULL AND greatest(w.since, i.starts_at) < least(w.until, i.ends_at)
	) c
),
measured AS MATERIALIZED (
	SELECT g.tenant_id, m.nth, m.quantity
	FROM (SELECT c.tenant_id, array_agg(ROW(c.subscription_id, c.meter_id, c.aggregation, c.since, c.until, NULL)::paycore.usage_span ORDER BY c.nth) AS spans
		FROM counted c GROUP BY c.tenant_id) g
	CROSS JOIN LATERAL paycore.measure_usage(g.tenant_id, g.spans) m
),
used AS MATERIALIZED (
	SELECT c.tenant_id, c.subscription_id, c.period, c.meter_id, c.item_id, c.price_id, m.quantity
	FROM counted c JOIN measured m ON m.tenant_id = c.tenant_id AND m.nth = c.nth
),
reached AS (
	SELECT w.id, w.tenant_id, w.subscription_id, w.period, u.quantity, NULL::paycore.money_cents AS amount
	FROM watched w JOIN used u ON u.tenant_id = w.tenant_id AND u.subscription_id = w.subscription_id AND u.period = w.period AND u.meter_id = w.meter_id AND u.item_id IS NULL
	WHERE u.quantity >= w.quantity
	UNION ALL
	SELECT w.id, w.tenant_id, w.subscription_id, w.period, NULL, paycore.sum(a.amount)
	FROM watched w
	JOIN used u ON u.tenant_id = w.tenant_id AND u.subscription_id = w.subscription_id AND u.period = w.period AND u.item_id IS NOT NULL
		AND (w.meter_id IS NULL OR u.meter_id = w.meter_id) AND u.quantity <> 0
	JOIN paycore.prices p ON p.id = u.price_id AND p.tenant_id = w.tenant_id
	JOIN paycore.price_currencies c ON c.price_id = u.price_id AND c.tenant_id = w.tenant_id AND c.currency OPERATOR(paycore.=) w.currency
	CROSS JOIN LATERAL (SELECT paycore.price_amount(p.model, u.quantity, c.currency, c.unit_price, c.tiers, p.package_size, p.free_units,
		c.minimum, c.maximum, p.rounding) AS amount) a
	WHERE w.amount IS NOT NULL AND paycore.currency(w.amount) OPERATOR(paycore.=) w.currency
	GROUP BY w.id, w.tenant_id, w.subscription_id, w.period, w.amount
	HAVING paycore.cents(paycore.sum(a.amount)) >= paycore.cents(w.amount)
)
INSERT INTO paycore.usage_alerts (tenant_id, threshold_id, billing_account_id, subscription_id, meter_id, action, once, period_start, period_end, quantity, amount, raised_at)
SELECT w.tenant_id, w.id, w.billing_account_id, w.subscription_id, w.meter_id, w.action, w.once, lower(w.period), upper(w.period), r.quantity, r.amount,
	coalesce((SELECT c.shows FROM paycore.test_clocks c WHERE c.tenant_id = w.tenant_id), now())
FROM reached r JOIN watched w ON w.id = r.id AND w.tenant_id = r.tenant_id AND w.subscription_id = r.subscription_id AND w.period = r.period
ORDER BY w.tenant_id, w.id, w.subscription_id, w.period
ON CONFLICT DO NOTHING
