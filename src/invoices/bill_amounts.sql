-- What the lines of bills come to, with discounts and taxes: the part that follows after "line", "extra", "bill" and "rate".
-- A bill goes by its subscription_id; one without a subscription by its own id instead.
held AS MATERIALIZED (
	SELECT d.id, d.coupon_id, d.billing_account_id, d.subscription_id, d.invoice_id, d.periods_left, c.duration <> 'once' AS lasts, ROW(c.percent_off, c.amount_off, c.product_ids)::paycore.discount_term AS term
	FROM paycore.discounts d JOIN paycore.coupons c ON c.id = d.coupon_id AND c.tenant_id = $1
	WHERE d.tenant_id = $1 AND d.ends_at IS NULL AND d.billing_account_id = ANY (ARRAY(SELECT b.billing_account_id FROM bill b))
		AND EXISTS (SELECT FROM bill b WHERE b.billing_account_id = d.billing_account_id AND coalesce(d.subscription_id, d.invoice_id, b.subscription_id) = b.subscription_id)
	ORDER BY d.id FOR UPDATE OF d
),
-- Of an account's discount that is good for so many bills, the first ones have it.
granted AS (
	SELECT g.subscription_id, array_agg(g.id ORDER BY g.id) AS discounts, array_agg(g.coupon_id ORDER BY g.id) AS coupons, array_agg(g.term ORDER BY g.id) AS terms,
		array_agg(g.term ORDER BY g.id) FILTER (WHERE g.lasts) AS lasting
	FROM (SELECT b.subscription_id, h.id, h.coupon_id, h.term, h.lasts, h.periods_left, row_number() OVER (PARTITION BY h.id ORDER BY b.place) AS nth
		FROM held h JOIN bill b ON b.billing_account_id = h.billing_account_id
			AND coalesce(h.subscription_id, h.invoice_id, b.subscription_id) = b.subscription_id) g
	WHERE g.periods_left IS NULL OR g.nth <= g.periods_left
	GROUP BY g.subscription_id
),
reduction AS MATERIALIZED (
	SELECT l.subscription_id, l.ids[t.line] AS line_id, g.discounts[t.term] AS discount_id, g.coupons[t.term] AS coupon_id, t.amount
	FROM granted g
	JOIN (SELECT l.subscription_id, array_agg(l.id ORDER BY l.place) AS ids, array_agg(l.amount ORDER BY l.place) AS amounts,
		array_agg(l.product_id ORDER BY l.place) AS products FROM line l GROUP BY l.subscription_id) l ON l.subscription_id = g.subscription_id
	CROSS JOIN LATERAL paycore.discount_lines(l.amounts, l.products, g.terms) t
),
-- Lines that bill voided ones again; what is given back of those is given back of these.
again AS MATERIALIZED (
	SELECT e.rebills_line_id, l.id AS line_id, l.tax_inclusive OR coalesce(r.inclusive, false) AS inclusive, coalesce(r.taxes, '{}') AS taxes
	FROM extra e
	JOIN line l ON l.extra_charge_id = e.id
	LEFT JOIN rate r ON r.taxed_as = l.taxed_as
	WHERE e.rebills_line_id IS NOT NULL AND e.credits_line_id IS NULL
),
-- Lines with what they are reduced by; a credit has the taxes of the line that it gives back.
net AS (
	SELECT l.*, b.invoice_id, b.currency, b.tax_exempt <> 'none' AS exempt, b.tax_rounding, coalesce(x.amount, paycore.money_cents(0, b.currency)) AS discount,
		l.amount OPERATOR(paycore.-) coalesce(x.amount, paycore.money_cents(0, b.currency)) AS net,
		CASE WHEN l.credits_line_id IS NULL THEN r.combination END AS combination,
		CASE WHEN l.credits_line_id IS NULL THEN coalesce(r.taxes, '{}') ELSE coalesce(g.taxes, c.taxes) END AS rates,
		CASE WHEN l.credits_line_id IS NULL THEN l.tax_inclusive OR coalesce(r.inclusive, false) ELSE coalesce(g.inclusive, c.tax_inclusive) END AS inclusive,
		coalesce(g.line_id, l.credits_line_id) AS credited_line_id, g.line_id IS NOT NULL AS credits_again
	FROM line l
	JOIN bill b ON b.subscription_id = l.subscription_id
	LEFT JOIN (SELECT x.line_id, paycore.sum(x.amount) AS amount FROM reduction x GROUP BY x.line_id) x ON x.line_id = l.id
	LEFT JOIN rate r ON r.taxed_as = l.taxed_as
	LEFT JOIN LATERAL (SELECT c.taxes, c.tax_inclusive FROM paycore.invoice_lines c WHERE c.id = l.credits_line_id AND c.tenant_id = $1 OFFSET 0) c ON true
	LEFT JOIN again g ON g.rebills_line_id = l.credits_line_id
),
-- What credits give back, each the part from "since" to "upto" of what was left ("rest") of its line after earlier ones, and of its taxes.
back AS MATERIALIZED (
	SELECT b.id, b.currency, b.rates, b.given, least(b.upto, b.rest) AS upto, least(b.upto + paycore.cents(b.net), b.rest) AS since, b.rest
	FROM (
		SELECT n.id, n.currency, n.rates, n.net, -sum(paycore.cents(n.net)) OVER (PARTITION BY n.credits_line_id ORDER BY n.subscription_id, n.place) AS upto,
			paycore.cents(c.amount) - paycore.cents(c.discount) - coalesce(g.net, 0) AS rest, g.taxes AS given
		-- OFFSET 0: from the credits to their lines, never from all lines of the tenant.
		FROM (SELECT n.id, n.subscription_id, n.place, n.currency, n.rates, n.net, n.credits_line_id FROM net n WHERE n.credits_line_id IS NOT NULL AND NOT n.credits_again OFFSET 0) n
		CROSS JOIN LATERAL (SELECT c.id, c.amount, c.discount, c.taxes FROM paycore.invoice_lines c WHERE c.id = n.credits_line_id AND c.tenant_id = $1 OFFSET 0) c
		CROSS JOIN LATERAL (
			SELECT sum(x.net) AS net, array_agg(x.taxes) FILTER (WHERE cardinality(x.taxes) = 2 * cardinality(c.taxes) AND x.taxes <> '{}') AS taxes
			FROM (
				SELECT paycore.cents(l.discount) - paycore.cents(l.amount) AS net, ARRAY(SELECT -paycore.cents(t.amount) FROM unnest(l.taxes) t) || ARRAY(SELECT -paycore.cents(t.taxable) FROM unnest(l.taxes) t) AS taxes
				FROM paycore.extra_charges e JOIN paycore.invoice_lines l ON l.extra_charge_id = e.id AND l.invoice_id = e.invoice_id AND l.tenant_id = $1 AND NOT l.voided
				WHERE e.credits_line_id = c.id AND e.tenant_id = $1 AND e.invoice_id IS NOT NULL
				UNION ALL
				SELECT paycore.cents(k.amount) - paycore.cents(k.discount), ARRAY(SELECT paycore.cents(t.amount) FROM unnest(k.taxes) t) || ARRAY(SELECT paycore.cents(t.taxable) FROM unnest(k.taxes) t)
				FROM paycore.credit_note_lines k JOIN paycore.credit_notes o ON o.id = k.credit_note_id AND o.tenant_id = $1 AND o.status = 'issued'
				WHERE k.invoice_line_id = c.id AND k.tenant_id = $1
			) x
		) g
	) b
),
returned AS MATERIALIZED (
	SELECT b.id, ARRAY(
		SELECT ROW(t.tax_rate_id, t.name, t.percentage, paycore.money_cents((round(t.taxable * b.since / b.rest) - round(t.taxable * b.upto / b.rest))::bigint, b.currency),
			paycore.money_cents((round(t.left * b.since / b.rest) - round(t.left * b.upto / b.rest))::bigint, b.currency))::paycore.tax_amount
		FROM (SELECT t.place, t.tax_rate_id, t.name, t.percentage, paycore.cents(t.taxable) - coalesce((SELECT sum(b.given[g][t.place + cardinality(b.rates)]) FROM generate_subscripts(b.given, 1) g), 0) AS taxable,
				paycore.cents(t.amount) - coalesce((SELECT sum(b.given[g][t.place]) FROM generate_subscripts(b.given, 1) g), 0) AS left
			FROM unnest(b.rates) WITH ORDINALITY t(tax_rate_id, name, percentage, taxable, amount, place)) t
		ORDER BY t.place) AS taxes
	FROM back b WHERE b.rest > 0
),
priced AS MATERIALIZED (
	SELECT n.*, coalesce(r.taxes, paycore.line_taxes(n.net, n.before, n.rates, n.inclusive, n.exempt AND (n.credits_line_id IS NULL OR n.credits_again))) AS taxes
	FROM (SELECT n.*, paycore.money_cents(CASE WHEN n.tax_rounding = 'invoice' AND n.combination IS NOT NULL
			THEN sum(paycore.cents(n.net)) OVER (PARTITION BY n.subscription_id, n.combination, n.inclusive ORDER BY n.place) - paycore.cents(n.net)
			ELSE 0 END::bigint, n.currency) AS before
		FROM net n) n
	LEFT JOIN returned r ON r.id = n.id
),
total AS MATERIALIZED (
	SELECT b.*, coalesce(p.lines, 0) AS lines, coalesce(p.subtotal, z.zero) AS subtotal, coalesce(p.discount, z.zero) AS discount, coalesce(p.tax, z.zero) AS tax,
		coalesce(p.tax_included, z.zero) AS tax_included, z.zero,
		coalesce(p.subtotal OPERATOR(paycore.-) p.discount OPERATOR(paycore.+) p.tax OPERATOR(paycore.-) coalesce(p.tax_included, z.zero), z.zero) AS total
	FROM bill b
	CROSS JOIN LATERAL (SELECT paycore.money_cents(0, b.currency) AS zero) z
	LEFT JOIN (SELECT p.subscription_id, count(*) AS lines, paycore.sum(p.amount) AS subtotal, paycore.sum(p.discount) AS discount, paycore.sum(t.tax) AS tax,
			paycore.sum(t.tax) FILTER (WHERE p.inclusive) AS tax_included
		FROM priced p CROSS JOIN LATERAL (SELECT paycore.tax_total(p.taxes, p.currency) AS tax) t GROUP BY p.subscription_id) p ON p.subscription_id = b.subscription_id
),
