-- Draft $6 of tenant $1: its lines $3 (which say how many to plan for), its bill, and the taxes on them, as bill_due.sql says them of subscriptions.
WITH draft AS MATERIALIZED (
	SELECT i.id, i.billing_account_id, i.currency, i.collection, i.days_until_due, i.period_start, i.period_end, a.tax_exempt
	FROM paycore.invoices i JOIN paycore.billing_accounts a ON a.id = i.billing_account_id AND a.tenant_id = $1
	WHERE i.id = $6 AND i.tenant_id = $1
),
extra AS MATERIALIZED (
	SELECT d.id AS subscription_id, e.id, e.subscription_item_id AS item_id, e.product_id, e.price_id, e.period, e.description, e.quantity,
		e.unit_price, e.amount, e.tax_inclusive, e.credits_line_id, e.rebills_line_id, e.metadata, e.tax_rate_ids, e.draft_id IS NULL AS waited
	FROM unnest($3) l(id) CROSS JOIN draft d LEFT JOIN paycore.extra_charges e ON e.id = l.id AND e.tenant_id = $1
),
-- A line with taxes of its own is taxed as no other.
line AS MATERIALIZED (
	SELECT e.subscription_id, 'extra' AS kind, e.item_id, e.product_id, e.price_id, e.id AS extra_charge_id, e.credits_line_id, e.period, e.description, e.quantity,
		e.unit_price, e.amount, e.tax_inclusive, e.metadata, CASE WHEN e.tax_rate_ids IS NULL THEN coalesce(e.product_id, '00000000-0000-0000-0000-000000000000') ELSE e.id END AS taxed_as,
		paycore.uuid_v7() AS id, row_number() OVER (ORDER BY e.waited, e.id) AS place
	FROM extra e
),
bill AS MATERIALIZED (
	SELECT d.id AS subscription_id, d.billing_account_id, d.currency, d.collection, d.days_until_due, d.id AS invoice_id, 1::bigint AS place, d.period_start, d.period_end,
		d.tax_exempt, coalesce(s.tax_rounding, 'line') AS tax_rounding
	FROM draft d LEFT JOIN paycore.sellers s ON s.tenant_id = $1
),
rate AS MATERIALIZED (
	SELECT p.taxed_as, rank() OVER (ORDER BY array_agg(r.id ORDER BY r.code)) AS combination, bool_or(r.inclusive) AS inclusive,
		array_agg(ROW(r.id, r.name, r.percentage, NULL, NULL)::paycore.tax_amount ORDER BY r.code) AS taxes
	FROM (SELECT l.taxed_as, ARRAY(SELECT o.tax_rate_id FROM paycore.product_tax_rates o WHERE o.product_id = l.taxed_as AND o.tenant_id = $1) AS own
			FROM (SELECT DISTINCT l.taxed_as FROM line l EXCEPT SELECT e.id FROM extra e WHERE e.tax_rate_ids IS NOT NULL) l
		UNION ALL
		SELECT e.id, coalesce(nullif(e.tax_rate_ids, '{}'), ARRAY[e.id]) FROM extra e WHERE e.tax_rate_ids IS NOT NULL) p
	JOIN paycore.tax_rates r ON r.tenant_id = $1 AND CASE WHEN p.own = '{}' THEN r.by_default ELSE r.id = ANY (p.own) END
	GROUP BY p.taxed_as
),
