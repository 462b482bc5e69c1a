-- Adds up the events (of the tenant $2, or of all) of transactions from each tenant's horizon to $1, and marks what was billed of their time.
WITH fresh AS MATERIALIZED (
	SELECT e.tenant_id, e.subscription_id, e.meter_id, m.aggregation, e.occurred_at, e.id, e.quantity, e.n, e.value, e.corrects_id,
		pg_catalog.date_bin('1 hour', e.occurred_at, '2000-01-01 00:00:00+00'::timestamptz) AS bucket
	FROM paycore.usage_horizons h
	-- OFFSET 0: by the index, even where the plan was made of empty tables.
	CROSS JOIN LATERAL (SELECT e.tenant_id, e.subscription_id, e.meter_id, e.occurred_at, e.id, e.quantity, e.n, e.value, e.corrects_id FROM paycore.usage_events e
		WHERE e.tenant_id = h.tenant_id AND e.txn >= h.horizon AND e.txn < $1 OFFSET 0) e
	JOIN paycore.meters m ON m.id = e.meter_id AND m.tenant_id = e.tenant_id
	WHERE @TENANT@
),
hours AS MATERIALIZED (
	SELECT f.tenant_id, f.subscription_id, f.meter_id, f.aggregation, f.bucket, sum(f.n) AS n, sum(f.quantity) AS total,
		coalesce(sum(f.quantity * extract(epoch FROM f.occurred_at - f.bucket)) FILTER (WHERE f.aggregation = 'weighted_sum'), 0) AS moment,
		max(f.quantity) FILTER (WHERE f.aggregation = 'max' AND f.corrects_id IS NULL) AS highest,
		max(f.occurred_at) FILTER (WHERE f.aggregation = 'last' AND f.corrects_id IS NULL) AS last_at,
		min(f.occurred_at) AS earliest, max(f.occurred_at) AS latest
	FROM fresh f GROUP BY 1, 2, 3, 4, 5
),
lasts AS MATERIALIZED (
	SELECT DISTINCT ON (f.tenant_id, f.subscription_id, f.meter_id, f.bucket) f.tenant_id, f.subscription_id, f.meter_id, f.bucket, f.id, f.quantity
	FROM fresh f WHERE f.aggregation = 'last' AND f.corrects_id IS NULL
	ORDER BY f.tenant_id, f.subscription_id, f.meter_id, f.bucket, f.occurred_at DESC, f.id DESC
),
sums AS (
	INSERT INTO paycore.usage_sums AS s (subscription_id, tenant_id, meter_id, bucket, n, total, moment, highest, last_at, last_id, last_quantity)
	SELECT h.subscription_id, h.tenant_id, h.meter_id, h.bucket, h.n, h.total, h.moment, h.highest, h.last_at, l.id, l.quantity
	FROM hours h
	LEFT JOIN lasts l ON l.tenant_id = h.tenant_id AND l.subscription_id = h.subscription_id AND l.meter_id = h.meter_id AND l.bucket = h.bucket
	ON CONFLICT (subscription_id, meter_id, bucket, tenant_id) DO UPDATE SET n = s.n + excluded.n, total = s.total + excluded.total,
		moment = s.moment + excluded.moment, highest = greatest(s.highest, excluded.highest),
		last_id = CASE WHEN s.last_at IS NULL OR (excluded.last_at, excluded.last_id) > (s.last_at, s.last_id) THEN excluded.last_id ELSE s.last_id END,
		last_quantity = CASE WHEN s.last_at IS NULL OR (excluded.last_at, excluded.last_id) > (s.last_at, s.last_id) THEN excluded.last_quantity ELSE s.last_quantity END,
		last_at = greatest(s.last_at, excluded.last_at)
),
seen_values AS (
	INSERT INTO paycore.usage_values AS v (subscription_id, tenant_id, meter_id, bucket, value, n)
	SELECT f.subscription_id, f.tenant_id, f.meter_id, f.bucket, f.value, sum(f.n) FROM fresh f WHERE f.aggregation = 'unique_count' GROUP BY 1, 2, 3, 4, 5
	ON CONFLICT (subscription_id, meter_id, bucket, value, tenant_id) DO UPDATE SET n = v.n + excluded.n
),
late AS (
	UPDATE paycore.usage_periods u SET recheck = true
	WHERE u.subscription_id = ANY (ARRAY(SELECT h.subscription_id FROM hours h)) AND NOT u.recheck
		AND EXISTS (SELECT FROM hours h WHERE u.subscription_id = h.subscription_id AND u.meter_id = h.meter_id AND u.tenant_id = h.tenant_id
			AND u.ends_at > h.earliest AND (u.starts_at <= h.latest OR h.aggregation = 'weighted_sum'))
),
-- What thresholds may be watching.
watched AS (
	SELECT array_agg(h.tenant_id) AS tenants, array_agg(h.subscription_id) AS subscriptions, array_agg(h.meter_id) AS meters, array_agg(x.at) AS times
	FROM hours h CROSS JOIN LATERAL (VALUES (h.earliest), (h.latest)) x(at)
	WHERE EXISTS (SELECT FROM paycore.usage_thresholds t WHERE t.tenant_id = h.tenant_id AND t.meter_id = h.meter_id AND t.removed_at IS NULL)
		OR EXISTS (SELECT FROM paycore.usage_thresholds t WHERE t.tenant_id = h.tenant_id AND t.meter_id IS NULL AND t.removed_at IS NULL)
)
SELECT f.n, f.corrected, w.tenants IS NULL, w.tenants, w.subscriptions, w.meters, w.times
FROM (SELECT count(*) AS n, coalesce(bool_or(f.corrects_id IS NOT NULL AND f.aggregation IN ('max', 'last')), false) AS corrected FROM fresh f) f CROSS JOIN watched w
