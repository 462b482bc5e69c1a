-- Hours of meters whose corrections cannot just be added are made anew, of the events below $1.
WITH hours AS MATERIALIZED (
	SELECT DISTINCT e.tenant_id, e.subscription_id, e.meter_id, pg_catalog.date_bin('1 hour', e.occurred_at, '2000-01-01 00:00:00+00'::timestamptz) AS bucket
	FROM paycore.usage_horizons h
	CROSS JOIN LATERAL (SELECT e.tenant_id, e.subscription_id, e.meter_id, e.occurred_at FROM paycore.usage_events e
		WHERE e.tenant_id = h.tenant_id AND e.txn >= h.horizon AND e.txn < $1 AND e.corrects_id IS NOT NULL OFFSET 0) e
	JOIN paycore.meters m ON m.id = e.meter_id AND m.tenant_id = e.tenant_id AND m.aggregation IN ('max', 'last')
	WHERE @TENANT@
),
corrected AS MATERIALIZED (
	SELECT h.tenant_id, h.subscription_id, h.meter_id, h.bucket, coalesce(e.corrects_id, e.id) AS id, min(e.occurred_at) AS occurred_at, sum(e.quantity) AS quantity
	FROM hours h
	JOIN paycore.usage_events e ON e.tenant_id = h.tenant_id AND e.subscription_id = h.subscription_id AND e.meter_id = h.meter_id
		AND e.occurred_at >= h.bucket AND e.occurred_at < h.bucket + interval '1 hour' AND e.txn < $1
	GROUP BY 1, 2, 3, 4, 5 HAVING sum(e.n) > 0
)
UPDATE paycore.usage_sums s SET highest = CASE WHEN m.aggregation = 'max' THEN c.highest END, last_at = CASE WHEN m.aggregation = 'last' THEN c.last_at END,
	last_id = CASE WHEN m.aggregation = 'last' THEN c.last_id END, last_quantity = CASE WHEN m.aggregation = 'last' THEN c.last_quantity END
FROM hours h
JOIN paycore.meters m ON m.id = h.meter_id AND m.tenant_id = h.tenant_id
CROSS JOIN LATERAL (
	SELECT max(x.quantity) AS highest, max(x.occurred_at) AS last_at, (array_agg(x.id ORDER BY x.occurred_at DESC, x.id DESC))[1] AS last_id,
		(array_agg(x.quantity ORDER BY x.occurred_at DESC, x.id DESC))[1] AS last_quantity
	FROM corrected x WHERE x.tenant_id = h.tenant_id AND x.subscription_id = h.subscription_id AND x.meter_id = h.meter_id AND x.bucket = h.bucket
) c
WHERE s.subscription_id = h.subscription_id AND s.meter_id = h.meter_id AND s.bucket = h.bucket AND s.tenant_id = h.tenant_id
