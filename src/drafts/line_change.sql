-- The only one is what line $5 of draft $2 is from now on.
changed AS (
	UPDATE paycore.extra_charges e SET description = l.description, quantity = l.quantity, unit_price = l.unit_price, amount = l.amount,
		period = CASE WHEN l.line ? 'period_start' THEN l.period END, tax_rate_ids = l.tax_rate_ids, metadata = l.metadata
	FROM line l
	WHERE e.id = $5 AND e.tenant_id = $1 AND e.draft_id = $2 AND NOT EXISTS (SELECT FROM wrong w WHERE w.what IS NOT NULL)
)
SELECT w.nth, w.what, w.name FROM wrong w WHERE w.what IS NOT NULL ORDER BY w.nth LIMIT 1
