-- Line $1 of tenant $2 as one that is asked for, with the changes $3.
SELECT jsonb_strip_nulls(p.present - CASE WHEN $3 ? 'amount' THEN 'unit_price' WHEN $3 ? 'unit_price' THEN 'amount' ELSE '' END) || $3
	|| jsonb_build_object('metadata', jsonb_strip_nulls(p.metadata || coalesce($3 -> 'metadata', '{}')))
FROM (
	SELECT e.metadata, jsonb_build_object('price', e.price_id, 'product', CASE WHEN e.price_id IS NULL THEN o.code END, 'description', e.description, 'quantity', e.quantity,
		'unit_price', CASE WHEN e.price_id IS NULL THEN e.unit_price END, 'amount', CASE WHEN e.price_id IS NULL AND e.unit_price IS NULL THEN e.amount::numeric END,
		'period_start', lower(e.period), 'period_end', upper(e.period), 'tax_inclusive', CASE WHEN e.price_id IS NULL THEN e.tax_inclusive END, 'tax_rates', CASE WHEN e.tax_rate_ids IS NOT NULL
			THEN (SELECT coalesce(jsonb_agg(r.code ORDER BY r.code), '[]') FROM paycore.tax_rates r WHERE r.id = ANY (e.tax_rate_ids) AND r.tenant_id = $2) END) AS present
	FROM paycore.extra_charges e
	LEFT JOIN paycore.products o ON o.id = e.product_id AND o.tenant_id = $2
	WHERE e.id = $1 AND e.tenant_id = $2
) p
