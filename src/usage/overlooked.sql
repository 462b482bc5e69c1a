-- Periods that were billed in transactions from the tenant's horizon to $1: marks those of which an event was added up before that billing may not have seen.
-- (Events that are added up later mark what they find billed.)  OFFSET 0: by the index, even where the plan was made of empty tables.
WITH since AS MATERIALIZED (
	SELECT h.tenant_id, h.horizon, p.seen
	FROM paycore.usage_horizons h
	CROSS JOIN LATERAL (SELECT min(p.seen) AS seen FROM paycore.usage_periods p
		WHERE p.tenant_id = h.tenant_id AND p.txn >= h.horizon AND p.txn < $1 AND NOT p.recheck AND p.seen < h.horizon) p
	WHERE p.seen IS NOT NULL AND @TENANT@
),
unseen AS MATERIALIZED (
	SELECT s.tenant_id, s.horizon, e.subscription_id, e.meter_id, e.txn, e.occurred_at
	FROM since s
	CROSS JOIN LATERAL (SELECT e.subscription_id, e.meter_id, e.txn, e.occurred_at FROM paycore.usage_events e
		WHERE e.tenant_id = s.tenant_id AND e.txn >= s.seen AND e.txn < s.horizon OFFSET 0) e
),
overlooked AS MATERIALIZED (
	SELECT p.subscription_item_id, p.tenant_id, p.starts_at
	FROM unseen e
	CROSS JOIN LATERAL (SELECT p.subscription_item_id, p.tenant_id, p.starts_at FROM paycore.usage_periods p
		WHERE p.subscription_id = e.subscription_id AND p.meter_id = e.meter_id AND p.ends_at > e.occurred_at AND p.tenant_id = e.tenant_id
			AND p.seen <= e.txn AND p.seen < e.horizon AND p.txn >= e.horizon AND p.txn < $1 AND NOT p.recheck OFFSET 0) p
)
UPDATE paycore.usage_periods u SET recheck = true
FROM overlooked o WHERE u.subscription_item_id = o.subscription_item_id AND u.starts_at = o.starts_at AND u.tenant_id = o.tenant_id
