-- Lines $4 (an array of objects) of an invoice of tenant $1 in currency $3, with what they name and come to, and what is wrong with the first that is.
WITH asked AS MATERIALIZED (
	SELECT e.nth, e.line, coalesce((e.line ->> 'quantity')::numeric, 1) AS quantity
	FROM jsonb_array_elements($4) WITH ORDINALITY e(line, nth)
),
price AS MATERIALIZED (
	SELECT n.asked_as, p.*, o.name AS product_name, p.active AND o.active AS sold
	FROM (SELECT DISTINCT a.line ->> 'price' AS asked_as FROM asked a) n
	JOIN paycore.prices p ON p.tenant_id = $1 AND (p.id::text = n.asked_as OR (p.code = n.asked_as AND p.active))
	JOIN paycore.products o ON o.id = p.product_id AND o.tenant_id = $1
),
line AS MATERIALIZED (
	SELECT a.nth, a.line, p.id AS price_id, coalesce(p.product_id, o.id) AS product_id, p.sold, c.price_id IS NOT NULL AS in_currency, t.ids AS tax_rate_ids, t.unknown, t.mixed,
		coalesce(a.line ->> 'description', p.product_name, o.name) AS description, a.quantity, coalesce(c.unit_price, (a.line ->> 'unit_price')::numeric) AS unit_price,
		CASE WHEN c.price_id IS NOT NULL THEN paycore.price_amount(p.model, a.quantity, c.currency, c.unit_price, c.tiers, p.package_size, p.free_units, c.minimum, c.maximum, p.rounding)
			WHEN a.line ? 'amount' THEN paycore.money_cents_in(((a.line ->> 'amount') || ' ' || $3::text)::cstring)
			WHEN a.line ? 'unit_price' THEN paycore.round_money(a.quantity * (a.line ->> 'unit_price')::numeric, $3, 'half_up') END AS amount,
		tstzrange((a.line ->> 'period_start')::timestamptz, (a.line ->> 'period_end')::timestamptz) AS period,
		coalesce((a.line ->> 'tax_inclusive')::boolean, p.tax_inclusive, false) AS tax_inclusive, coalesce(a.line -> 'metadata', '{}') AS metadata
	FROM asked a
	LEFT JOIN price p ON p.asked_as = a.line ->> 'price'
	LEFT JOIN paycore.price_currencies c ON c.price_id = p.id AND c.tenant_id = $1 AND c.currency OPERATOR(paycore.=) $3
	LEFT JOIN paycore.products o ON o.code = a.line ->> 'product' AND o.tenant_id = $1
	LEFT JOIN LATERAL (SELECT coalesce(array_agg(r.id ORDER BY r.code) FILTER (WHERE r.id IS NOT NULL), '{}') AS ids, min(n.code) FILTER (WHERE r.id IS NULL) AS unknown,
			count(DISTINCT r.inclusive) > 1 AS mixed
		FROM jsonb_array_elements_text(CASE WHEN jsonb_typeof(a.line -> 'tax_rates') = 'array' THEN a.line -> 'tax_rates' END) n(code)
		LEFT JOIN paycore.tax_rates r ON r.code = n.code AND r.tenant_id = $1 AND r.active) t ON jsonb_typeof(a.line -> 'tax_rates') = 'array'
),
wrong AS MATERIALIZED (
	SELECT l.nth, CASE
		WHEN l.line ? 'price' AND l.price_id IS NULL THEN 'price'
		WHEN l.line ? 'price' AND NOT l.in_currency THEN 'currency'
		WHEN l.line ? 'price' AND NOT l.sold AND $5 IS NULL THEN 'sold'
		WHEN l.line ? 'product' AND l.product_id IS NULL THEN 'product'
		WHEN l.description IS NULL THEN 'description'
		WHEN l.unknown IS NOT NULL THEN 'tax_rate'
		WHEN l.mixed THEN 'mixed' END AS what, coalesce(l.unknown, l.line ->> 'price', l.line ->> 'product') AS name
	FROM line l
),
