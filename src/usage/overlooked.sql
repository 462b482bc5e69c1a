-- Periods that were billed in transactions from the tenant's horizon to $1: marks those of which an event was added up before that billing may not have seen.
-- (Events that are added up later mark what they find billed.)
UPDATE paycore.usage_periods u SET recheck = true
FROM paycore.usage_horizons h
WHERE u.tenant_id = h.tenant_id AND u.txn >= h.horizon AND u.txn < $1 AND NOT u.recheck AND u.seen < h.horizon
	AND EXISTS (SELECT FROM paycore.usage_events e
		WHERE e.tenant_id = u.tenant_id AND e.txn < h.horizon AND e.txn >= u.seen AND e.subscription_id = u.subscription_id AND e.meter_id = u.meter_id
			AND e.occurred_at < u.ends_at
			AND e.txn >= (SELECT min(p.seen) FROM paycore.usage_periods p WHERE p.tenant_id = h.tenant_id AND p.txn >= h.horizon AND p.txn < $1))
