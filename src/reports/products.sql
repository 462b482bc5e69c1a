-- What was invoiced in all, by product: the part that follows after "entries".
SELECT e.currency, coalesce(o.name, 'without product'), paycore.money_cents(sum(e.revenue)::bigint, e.currency)
FROM entries e
LEFT JOIN paycore.products o ON o.id = e.product_id AND o.tenant_id = $1
GROUP BY e.currency, e.product_id, o.name
ORDER BY e.currency::text, e.product_id
