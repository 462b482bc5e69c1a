-- They are put on draft $2 of account $6; the only one has id $7, if one is given.
added AS (
	INSERT INTO paycore.extra_charges (id, tenant_id, billing_account_id, product_id, price_id, kind, description, quantity, unit_price, amount, period, tax_inclusive,
		draft_id, tax_rate_ids, metadata)
	SELECT coalesce($7, paycore.uuid_v7()), $1, $6, l.product_id, l.price_id, 'charge', l.description, l.quantity, l.unit_price, l.amount,
		CASE WHEN l.line ? 'period_start' THEN l.period END, l.tax_inclusive, $2, l.tax_rate_ids, l.metadata
	FROM (SELECT l.* FROM line l ORDER BY l.nth) l
	WHERE NOT EXISTS (SELECT FROM wrong w WHERE w.what IS NOT NULL)
)
SELECT w.nth, w.what, w.name FROM wrong w WHERE w.what IS NOT NULL ORDER BY w.nth LIMIT 1
