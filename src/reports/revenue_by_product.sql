-- What was invoiced, by product and $5 in time zone $4: the part that follows after "entries".
SELECT s.period, s.product_id, o.code, coalesce(o.name, 'without product'), s.currency, paycore.money_cents(s.revenue, s.currency),
	paycore.money_cents(s.discount, s.currency)
FROM (SELECT paycore.calendar_start(e.at, $5, $4) AS period, e.product_id, e.currency, sum(e.revenue)::bigint AS revenue, sum(e.discount)::bigint AS discount
	FROM entries e GROUP BY 1, 2, 3) s
LEFT JOIN paycore.products o ON o.id = s.product_id AND o.tenant_id = $1
ORDER BY s.currency::text, s.period, s.product_id NULLS LAST
