--
-- The part of verify() that is about usage.
--

CREATE FUNCTION paycore.find_usage_violations(
	OUT severity text, OUT rule text, OUT object_type text, OUT object_id text, OUT tenant_id text, OUT detail text)
RETURNS SETOF record
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
SET jit = off	-- hundreds of expressions take seconds to compile
AS $verify$
SELECT 'violation', 'a metered price has an interval, and its versions one meter', 'price', min(p.id::text), p.tenant_id, p.code
FROM paycore.prices p GROUP BY p.code, p.tenant_id
HAVING count(DISTINCT coalesce(p.meter_id::text, '')) > 1 OR bool_or(p.meter_id IS NOT NULL AND p.every IS NULL)
UNION ALL
SELECT 'violation', 'an event is of its account''s subscription, and of a meter', 'usage_event', e.id::text, e.tenant_id, format('subscription %s, meter %s', e.subscription_id, e.meter_id)
FROM paycore.usage_events e
LEFT JOIN paycore.subscriptions s ON s.id = e.subscription_id AND s.tenant_id = e.tenant_id AND s.billing_account_id = e.billing_account_id
LEFT JOIN paycore.meters m ON m.id = e.meter_id AND m.tenant_id = e.tenant_id
WHERE s.id IS NULL OR m.id IS NULL
UNION ALL
SELECT 'violation', 'a correction is like the event that it corrects', 'usage_event', c.id::text, c.tenant_id, format('of event %s', c.corrects_id)
FROM paycore.usage_events c
LEFT JOIN paycore.usage_events e ON e.id = c.corrects_id AND e.tenant_id = c.tenant_id AND e.corrects_id IS NULL
WHERE c.corrects_id IS NOT NULL AND (e.subscription_id, e.meter_id, e.occurred_at, coalesce(e.value, '')) IS DISTINCT FROM (c.subscription_id, c.meter_id, c.occurred_at, coalesce(c.value, ''))
UNION ALL
SELECT 'violation', 'an event counts once, or not at all, and for no less than nothing', 'usage_event', f.id::text, f.tenant_id, format('%s times, %s', f.n, f.quantity)
FROM (SELECT coalesce(e.corrects_id, e.id) AS id, e.tenant_id, e.meter_id, sum(e.n) AS n, sum(e.quantity) AS quantity FROM paycore.usage_events e GROUP BY 1, 2, 3) f
JOIN paycore.meters m ON m.id = f.meter_id AND m.tenant_id = f.tenant_id
WHERE f.n NOT IN (0, 1) OR (f.n = 0 AND f.quantity <> 0) OR (f.quantity < 0 AND m.aggregation <> 'weighted_sum')
-- Sums of hours.
UNION ALL
SELECT 'violation', 'a tenant with usage knows how far it is added up', 'usage_event', min(e.id::text), e.tenant_id, format('%s events', count(*))
FROM paycore.usage_events e
WHERE NOT EXISTS (SELECT FROM paycore.usage_horizons h WHERE h.tenant_id = e.tenant_id) GROUP BY e.tenant_id
UNION ALL
SELECT 'violation', 'an hour of usage is the sum of its events', 'subscription', coalesce(s.subscription_id, f.subscription_id)::text, coalesce(s.tenant_id, f.tenant_id),
	format('meter %s, %s: %s of %s kept, %s of %s there', coalesce(s.meter_id, f.meter_id), coalesce(s.bucket, f.bucket), s.n, s.total, f.n, f.total)
FROM paycore.usage_sums s
FULL JOIN (
	SELECT x.tenant_id, x.subscription_id, x.meter_id, x.bucket, x.aggregation, sum(x.n) AS n, sum(x.quantity) AS total, sum(x.moment) AS moment,
		max(x.quantity) FILTER (WHERE x.n > 0) AS highest, (array_agg(x.id ORDER BY x.occurred_at DESC, x.id DESC) FILTER (WHERE x.n > 0))[1] AS last_id,
		(array_agg(x.quantity ORDER BY x.occurred_at DESC, x.id DESC) FILTER (WHERE x.n > 0))[1] AS last_quantity
	FROM (
		SELECT e.tenant_id, e.subscription_id, e.meter_id, m.aggregation, date_bin('1 hour', e.occurred_at, '2000-01-01 00:00+00') AS bucket, coalesce(e.corrects_id, e.id) AS id,
			e.occurred_at, sum(e.n) AS n, sum(e.quantity) AS quantity,
			sum(e.quantity * extract(epoch FROM e.occurred_at - date_bin('1 hour', e.occurred_at, '2000-01-01 00:00+00'))) AS moment
		FROM paycore.usage_events e
		JOIN paycore.usage_horizons h ON h.tenant_id = e.tenant_id AND e.txn < h.horizon
		JOIN paycore.meters m ON m.id = e.meter_id AND m.tenant_id = e.tenant_id
		GROUP BY 1, 2, 3, 4, 5, 6, 7
	) x GROUP BY 1, 2, 3, 4, 5
) f ON f.tenant_id = s.tenant_id AND f.subscription_id = s.subscription_id AND f.meter_id = s.meter_id AND f.bucket = s.bucket
WHERE (s.n, s.total) IS DISTINCT FROM (f.n, f.total)
	OR (f.aggregation = 'weighted_sum' AND s.moment IS DISTINCT FROM f.moment)
	OR (f.aggregation = 'max' AND s.highest IS DISTINCT FROM f.highest)
	OR (f.aggregation = 'last' AND (s.last_id, s.last_quantity) IS DISTINCT FROM (f.last_id, f.last_quantity))
UNION ALL
SELECT 'violation', 'an hour''s values are those of its events', 'subscription', coalesce(v.subscription_id, f.subscription_id)::text, coalesce(v.tenant_id, f.tenant_id),
	format('meter %s, %s: %s kept, %s there', coalesce(v.meter_id, f.meter_id), coalesce(v.bucket, f.bucket), v.n, f.n)
FROM paycore.usage_values v
FULL JOIN (
	SELECT e.tenant_id, e.subscription_id, e.meter_id, date_bin('1 hour', e.occurred_at, '2000-01-01 00:00+00') AS bucket, e.value, sum(e.n) AS n
	FROM paycore.usage_events e
	JOIN paycore.usage_horizons h ON h.tenant_id = e.tenant_id AND e.txn < h.horizon
	JOIN paycore.meters m ON m.id = e.meter_id AND m.tenant_id = e.tenant_id AND m.aggregation = 'unique_count'
	GROUP BY 1, 2, 3, 4, 5
) f ON f.tenant_id = v.tenant_id AND f.subscription_id = v.subscription_id AND f.meter_id = v.meter_id AND f.bucket = v.bucket AND f.value = v.value
WHERE v.n IS DISTINCT FROM f.n
-- What was billed.
UNION ALL
SELECT 'violation', 'an item''s usage is billed once', 'subscription_item', d.subscription_item_id::text, d.tenant_id, format('until %s, and since %s', d.before, d.starts_at)
FROM (SELECT u.subscription_item_id, u.tenant_id, u.starts_at, lag(u.ends_at) OVER (PARTITION BY u.subscription_item_id, u.tenant_id ORDER BY u.starts_at) AS before
	FROM paycore.usage_periods u) d
WHERE d.before > d.starts_at
UNION ALL
SELECT 'violation', 'a period of usage is of its item and that item''s meter', 'subscription_item', u.subscription_item_id::text, u.tenant_id,
	format('subscription %s, meter %s, from %s to %s', u.subscription_id, u.meter_id, u.starts_at, u.ends_at)
FROM paycore.usage_periods u
LEFT JOIN paycore.subscription_items i ON i.id = u.subscription_item_id AND i.tenant_id = u.tenant_id
LEFT JOIN paycore.prices p ON p.id = i.price_id AND p.tenant_id = i.tenant_id
WHERE (i.subscription_id, p.meter_id) IS DISTINCT FROM (u.subscription_id, u.meter_id) OR u.starts_at < i.starts_at
	-- Billed so far: with the moment itself.
	OR u.ends_at > i.ends_at + CASE WHEN u.interim THEN interval '1 microsecond' ELSE interval '0' END
UNION ALL
SELECT 'violation', 'a line of usage is of a period of usage', 'invoice_line', l.id::text, l.tenant_id, l.period::text
FROM paycore.invoice_lines l
WHERE l.kind = 'usage' AND NOT EXISTS (SELECT FROM paycore.usage_periods u
	WHERE u.subscription_item_id = l.subscription_item_id AND u.tenant_id = l.tenant_id AND tstzrange(u.starts_at, u.ends_at) @> l.period)
-- What is on a void invoice was never owed: nothing is given back of it. Of a line with a discount, or a credit note, less is given back than it came to.
UNION ALL
SELECT 'violation', 'the lines and late charges of a period of usage add up to what is billed of it', 'subscription_item', u.subscription_item_id::text, u.tenant_id,
	format('from %s to %s: %s; %s and %s minor units', u.starts_at, u.ends_at, u.amount, l.cents, c.cents)
FROM paycore.usage_periods u
CROSS JOIN LATERAL (SELECT coalesce(sum(paycore.cents(l.amount)) FILTER (WHERE l.kind = 'usage'), 0) AS cents, coalesce(bool_or(l.voided), false) AS voided,
	coalesce(sum(paycore.cents(l.discount) + (SELECT coalesce(sum(paycore.cents(n.amount)), 0) FROM paycore.credit_note_lines n
		WHERE n.invoice_line_id = l.id AND n.tenant_id = l.tenant_id)), 0) AS spared
	FROM paycore.invoice_lines l
	WHERE l.subscription_item_id = u.subscription_item_id AND l.tenant_id = u.tenant_id AND l.kind IN ('usage', 'extra') AND l.period <@ tstzrange(u.starts_at, u.ends_at)) l
CROSS JOIN LATERAL (SELECT coalesce(sum(paycore.cents(e.amount)) FILTER (WHERE NOT r.gone), 0) AS cents, coalesce(sum(paycore.cents(e.amount)) FILTER (WHERE r.gone), 0) AS removed
	FROM paycore.extra_charges e CROSS JOIN LATERAL (SELECT e.removed_at IS NOT NULL AND e.credits_line_id IS NULL AS gone) r
	WHERE e.subscription_item_id = u.subscription_item_id AND e.tenant_id = u.tenant_id AND e.kind = 'late_usage' AND e.period = tstzrange(u.starts_at, u.ends_at)) c
WHERE NOT l.voided AND NOT l.cents + c.cents - paycore.cents(u.amount) BETWEEN -c.removed AND l.spared
UNION ALL
SELECT 'violation', 'what is billed of a period of usage is what its quantity costs', 'subscription_item', u.subscription_item_id::text, u.tenant_id,
	format('from %s to %s: %s for %s', u.starts_at, u.ends_at, u.amount, u.quantity)
FROM paycore.usage_periods u
JOIN paycore.subscription_items i ON i.id = u.subscription_item_id AND i.tenant_id = u.tenant_id
JOIN paycore.prices p ON p.id = i.price_id AND p.tenant_id = u.tenant_id
LEFT JOIN paycore.price_currencies c ON c.price_id = i.price_id AND c.tenant_id = u.tenant_id AND c.currency::text = paycore.currency(u.amount)::text
WHERE NOT (u.quantity = 0 AND paycore.cents(u.amount) = 0)
	AND paycore.cents(u.amount) IS DISTINCT FROM paycore.cents(paycore.price_amount(p.model, u.quantity, c.currency, c.unit_price, c.tiers, p.package_size, p.free_units, c.minimum, c.maximum, p.rounding))
-- Thresholds.
UNION ALL
SELECT 'violation', 'an alert is of what its threshold watches, and no less', 'usage_alert', a.id::text, a.tenant_id, format('of threshold %s: %s%s', a.threshold_id, a.quantity, a.amount)
FROM paycore.usage_alerts a
LEFT JOIN paycore.usage_thresholds t ON t.id = a.threshold_id AND t.tenant_id = a.tenant_id
LEFT JOIN paycore.subscriptions s ON s.id = a.subscription_id AND s.tenant_id = a.tenant_id
LEFT JOIN paycore.invoices i ON i.id = a.invoice_id AND i.tenant_id = a.tenant_id
WHERE (t.billing_account_id, t.meter_id, t.action, t.recurs = 'once', s.billing_account_id) IS DISTINCT FROM (a.billing_account_id, a.meter_id, a.action, a.once, a.billing_account_id)
	OR coalesce(t.subscription_id, a.subscription_id) <> a.subscription_id OR coalesce(i.subscription_id, a.subscription_id) <> a.subscription_id
	OR (a.quantity >= t.quantity) IS FALSE OR (paycore.cents(a.amount) >= paycore.cents(t.amount)) IS FALSE OR num_nonnulls(a.quantity, t.amount) <> 1
UNION ALL
SELECT 'violation', 'of a threshold there is one alert a period', 'usage_alert', min(a.id::text), a.tenant_id, format('%s of threshold %s', count(*), a.threshold_id)
FROM paycore.usage_alerts a GROUP BY a.tenant_id, a.threshold_id, a.subscription_id, CASE WHEN NOT a.once THEN a.period_start END HAVING count(*) > 1
-- Whole hours of the present period, of meters that add up; the rest is looked at with the next event.
UNION ALL
SELECT 'violation', 'usage that has reached a threshold has raised an alert', 'usage_threshold', t.id::text, t.tenant_id, format('subscription %s, %s of %s', s.id, u.quantity, t.quantity)
FROM paycore.usage_thresholds t
JOIN paycore.meters m ON m.id = t.meter_id AND m.tenant_id = t.tenant_id AND m.aggregation IN ('count', 'sum')
JOIN paycore.subscriptions s ON s.billing_account_id = t.billing_account_id AND s.tenant_id = t.tenant_id AND (t.subscription_id IS NULL OR s.id = t.subscription_id) AND s.ended_at IS NULL
CROSS JOIN LATERAL (SELECT paycore.period_at(s.anchor, s.every, s.time_zone, s.period_start) AS period) p
CROSS JOIN LATERAL (SELECT sum(CASE m.aggregation WHEN 'count' THEN b.n ELSE b.total END) AS quantity FROM paycore.usage_sums b
	WHERE b.subscription_id = s.id AND b.meter_id = t.meter_id AND b.tenant_id = t.tenant_id
		AND b.bucket >= greatest(lower(p.period), s.starts_at, s.trial_end) AND b.bucket + interval '1 hour' <= upper(p.period)) u
WHERE t.removed_at IS NULL AND t.set_at < upper(p.period) AND u.quantity >= t.quantity
	AND NOT EXISTS (SELECT FROM paycore.usage_alerts a WHERE a.threshold_id = t.id AND a.subscription_id = s.id AND a.tenant_id = t.tenant_id
		AND (a.once OR a.period_start = lower(p.period)))
-- Events above the horizon have not been looked at yet.
UNION ALL
SELECT 'violation', 'what is billed of a period of usage is what was counted', 'subscription_item', x.subscription_item_id::text, x.tenant_id,
	format('from %s to %s: %s billed, %s used', x.starts_at, x.ends_at, x.billed, r.quantity)
FROM (
	SELECT u.tenant_id, u.subscription_item_id, u.starts_at, u.ends_at, u.quantity AS billed,
		ARRAY[ROW(u.subscription_id, u.meter_id, m.aggregation, u.starts_at, u.ends_at, u.whole_seconds)::paycore.usage_span] AS spans
	FROM paycore.usage_periods u
	JOIN paycore.meters m ON m.id = u.meter_id AND m.tenant_id = u.tenant_id
	JOIN paycore.usage_horizons h ON h.tenant_id = u.tenant_id AND u.txn < h.horizon
	WHERE NOT u.recheck AND NOT EXISTS (SELECT FROM paycore.usage_events e
		WHERE e.tenant_id = u.tenant_id AND e.txn >= h.horizon AND e.subscription_id = u.subscription_id AND e.meter_id = u.meter_id AND e.occurred_at < u.ends_at)
) x CROSS JOIN LATERAL paycore.recount_usage(x.tenant_id, x.spans) r
WHERE r.quantity <> x.billed
$verify$;
COMMENT ON FUNCTION paycore.find_usage_violations() IS 'The part of verify() that is about usage.';
