-- Of periods (of the items $2, from $4 on) of tenant $1 in which something came after they were billed: what they come to now, and a charge or a credit for the difference. $3: the time.
-- They and their subscriptions are locked: none of those ends meanwhile, and none of their invoices becomes void.
WITH RECURSIVE due AS MATERIALIZED (
	SELECT u.subscription_item_id, u.subscription_id, u.meter_id, u.starts_at, u.ends_at, u.whole_seconds, u.quantity, u.amount
	FROM unnest($2, $4) k (item_id, starts_at)
	JOIN paycore.usage_periods u ON u.subscription_item_id = k.item_id AND u.starts_at = k.starts_at AND u.tenant_id = $1
),
counted AS MATERIALIZED (
	SELECT row_number() OVER (ORDER BY d.subscription_item_id, d.starts_at) AS nth, d.*, m.aggregation FROM due d
	JOIN paycore.meters m ON m.id = d.meter_id AND m.tenant_id = $1
),
measured AS MATERIALIZED (
	SELECT m.nth, m.quantity
	FROM (SELECT array_agg(ROW(c.subscription_id, c.meter_id, c.aggregation, c.starts_at, c.ends_at, c.whole_seconds)::paycore.usage_span ORDER BY c.nth) AS spans FROM counted c) a,
		LATERAL paycore.measure_usage($1, a.spans) m
	WHERE a.spans IS NOT NULL
),
priced AS MATERIALIZED (
	SELECT c.nth, c.subscription_item_id, c.starts_at, c.ends_at, s.currency, q.quantity, q.quantity - c.quantity AS more, t.amount, t.amount OPERATOR(paycore.-) c.amount AS difference,
		s.billing_account_id, CASE WHEN s.ended_at IS NULL THEN s.id END AS subscription_id, i.product_id, i.price_id, o.name AS description, a.unit_price, p.tax_inclusive
	FROM counted c
	JOIN measured q ON q.nth = c.nth
	JOIN paycore.subscriptions s ON s.id = c.subscription_id AND s.tenant_id = $1
	JOIN paycore.subscription_items i ON i.id = c.subscription_item_id AND i.tenant_id = $1
	JOIN paycore.prices p ON p.id = i.price_id AND p.tenant_id = $1
	JOIN paycore.products o ON o.id = i.product_id AND o.tenant_id = $1
	JOIN paycore.price_currencies a ON a.price_id = i.price_id AND a.tenant_id = $1 AND a.currency OPERATOR(paycore.=) s.currency
	CROSS JOIN LATERAL (SELECT paycore.price_amount(p.model, q.quantity, a.currency, a.unit_price, a.tiers, p.package_size, p.free_units,
		a.minimum, a.maximum, p.rounding) AS amount) t
),
-- What is charged for the period already, but on no invoice yet, is lowered first.
pending AS MATERIALIZED (
	SELECT e.id, p.nth, e.quantity, paycore.cents(e.amount) AS amount
	FROM priced p JOIN paycore.extra_charges e ON e.billing_account_id = p.billing_account_id AND e.tenant_id = $1
		AND e.subscription_item_id = p.subscription_item_id AND e.period = tstzrange(p.starts_at, p.ends_at)
	WHERE paycore.cents(p.difference) < 0 AND e.kind = 'late_usage' AND e.credits_line_id IS NULL AND e.invoice_id IS NULL AND e.removed_at IS NULL
	FOR UPDATE OF e
),
owed AS MATERIALIZED (
	SELECT p.*, p.more + coalesce(e.quantity, 0) AS quantity_owed, paycore.cents(p.difference) + coalesce(e.amount, 0) AS cents
	FROM priced p LEFT JOIN (SELECT e.nth, sum(e.quantity) AS quantity, sum(e.amount) AS amount FROM pending e GROUP BY e.nth) e ON e.nth = p.nth
),
removed AS (
	UPDATE paycore.extra_charges e SET removed_at = $3 FROM pending p WHERE e.id = p.id AND e.tenant_id = $1
),
-- The lines that the period is billed on, in time and late, and those that ask for them again after a void.
line AS (
	SELECT o.nth, l.id AS first_id, l.id, l.voided, paycore.cents(l.amount) AS gross, paycore.cents(l.amount) - paycore.cents(l.discount) AS net
	FROM owed o
	JOIN paycore.invoice_lines l ON l.subscription_item_id = o.subscription_item_id AND l.tenant_id = $1 AND l.period <@ tstzrange(o.starts_at, o.ends_at)
		AND paycore.cents(l.amount) > 0
	LEFT JOIN paycore.extra_charges e ON e.id = l.extra_charge_id AND e.tenant_id = $1
	WHERE o.cents < 0 AND l.kind IN ('usage', 'extra') AND (l.kind = 'usage' OR e.kind = 'late_usage')
	UNION ALL
	SELECT b.nth, b.first_id, l.id, l.voided, b.gross, paycore.cents(l.amount) - paycore.cents(l.discount)
	FROM line b
	JOIN paycore.extra_charges e ON e.rebills_line_id = b.id AND e.tenant_id = $1 AND e.removed_at IS NULL
	JOIN paycore.invoice_lines l ON l.extra_charge_id = e.id AND l.tenant_id = $1
),
given_back AS (
	SELECT b.first_id, sum(x.amount) AS amount
	FROM line b CROSS JOIN LATERAL (
		SELECT -paycore.cents(e.amount) AS amount FROM paycore.extra_charges e
		LEFT JOIN paycore.invoices v ON v.id = e.invoice_id AND v.tenant_id = $1
		WHERE e.credits_line_id = b.id AND e.tenant_id = $1 AND e.removed_at IS NULL AND v.status::text IS DISTINCT FROM 'void'
		UNION ALL
		SELECT paycore.cents(c.amount) - paycore.cents(c.discount) FROM paycore.credit_note_lines c
		JOIN paycore.credit_notes n ON n.id = c.credit_note_id AND n.tenant_id = $1 AND n.status = 'issued'
		WHERE c.invoice_line_id = b.id AND c.tenant_id = $1) x
	GROUP BY b.first_id
),
-- What is left of each, after its discount and before it. For what is on a void invoice nothing was owed, and nothing is given back.
room AS MATERIALIZED (
	SELECT b.nth, b.first_id, b.id, b.gross, b.net, r.net AS net_left, CASE WHEN b.net > 0 THEN b.gross::numeric * r.net / b.net ELSE b.gross END AS gross_left
	FROM line b
	LEFT JOIN given_back g ON g.first_id = b.first_id
	CROSS JOIN LATERAL (SELECT greatest(b.net - coalesce(g.amount, 0), 0) AS net) r
	WHERE NOT b.voided
),
-- The latest lines first; of each the share that its discount left.
credit AS (
	SELECT o.nth, t.id, row_number() OVER (PARTITION BY o.nth ORDER BY t.first_id DESC) AS place,
		CASE WHEN paycore.cents(o.amount) = 0 OR t.gross_left <= -o.cents - t.before THEN t.net_left
			ELSE least(round((-o.cents - t.before) * t.net / t.gross), t.net_left) END::bigint AS cents
	FROM owed o
	JOIN (SELECT r.*, sum(r.gross_left) OVER (PARTITION BY r.nth ORDER BY r.first_id DESC) - r.gross_left AS before FROM room r) t ON t.nth = o.nth
	WHERE t.net_left > 0 AND (paycore.cents(o.amount) = 0 OR t.before < -o.cents)
),
charged AS (
	INSERT INTO paycore.extra_charges (tenant_id, billing_account_id, subscription_id, subscription_item_id, product_id, price_id, kind, description, quantity,
		unit_price, amount, period, tax_inclusive, credits_line_id)
	SELECT $1, o.billing_account_id, o.subscription_id, o.subscription_item_id, o.product_id, o.price_id, 'late_usage', o.description,
		CASE WHEN c.place > 1 THEN 0 ELSE o.quantity_owed END, o.unit_price, paycore.money_cents(CASE WHEN o.cents > 0 THEN o.cents ELSE -c.cents END::bigint, o.currency),
		tstzrange(o.starts_at, o.ends_at), o.tax_inclusive, c.id
	FROM owed o LEFT JOIN credit c ON c.nth = o.nth
	WHERE o.cents > 0 OR c.cents > 0
	ORDER BY o.nth, c.place
),
settled AS (
	UPDATE paycore.usage_periods u SET quantity = p.quantity, amount = p.amount, recheck = false, seen = (SELECT paycore.usage_seen()), txn = paycore.usage_txn()
	FROM priced p WHERE u.subscription_item_id = p.subscription_item_id AND u.starts_at = p.starts_at AND u.tenant_id = $1
)
SELECT count(*) FROM due
