-- What tenant $1 invoiced and earned from $2 until $3 in time zone $4, by the months that begin at $7. A line is earned evenly over its period, or without one when it is invoiced; what is voided is taken back then.
-- What is invoiced later is earned in its period all the same. From when a part of a line is credited, the line is that much less: what was earned of the part is taken back then, and no more of it is.
WITH credited AS MATERIALIZED (
	SELECT c.invoice_line_id, array_agg(e.at) AS at, max(e.at) AS last_at,
		array_agg(e.sign * (paycore.cents(c.amount) - paycore.cents(c.discount) - CASE WHEN c.tax_inclusive THEN paycore.cents(c.tax) ELSE 0 END)) AS net
	FROM paycore.credit_notes n
	CROSS JOIN LATERAL (VALUES (n.issued_at, 1), (n.voided_at, -1)) e (at, sign)
	JOIN paycore.credit_note_lines c ON c.credit_note_id = n.id AND c.tenant_id = n.tenant_id
	WHERE n.tenant_id = $1 AND e.at < $3
	GROUP BY c.invoice_line_id
),
line AS MATERIALIZED (
	SELECT i.currency, i.finalized_at, i.voided_at, l.period, paycore.cents(l.amount) - paycore.cents(l.discount)
		- CASE WHEN l.tax_inclusive THEN paycore.cents(l.tax) ELSE 0 END AS net, k.at AS credited_at, k.net AS credits,
		least(lower(l.period), i.finalized_at) AS first_at, greatest(upper(l.period), i.finalized_at, i.voided_at, k.last_at) AS last_at
	FROM paycore.invoices i
	JOIN (SELECT l.id, l.invoice_id, l.tenant_id, l.amount, l.discount, l.tax, l.tax_inclusive,
			CASE WHEN NOT isempty(l.period) AND NOT lower_inf(l.period) AND NOT upper_inf(l.period) THEN l.period END AS period
		FROM paycore.invoice_lines l) l ON l.invoice_id = i.id AND l.tenant_id = i.tenant_id
	LEFT JOIN credited k ON k.invoice_line_id = l.id
	WHERE i.tenant_id = $1 AND i.finalized_at IS NOT NULL AND least(lower(l.period), i.finalized_at) < $3
),
months AS (
	SELECT paycore.calendar_start(m.at, 'month', $4) AS month, m.at AS starts_at, lead(m.at, 1, $3) OVER (ORDER BY m.at) AS ends_at
	FROM unnest($7) m (at)
	UNION ALL
	SELECT NULL, '-infinity', $2
),
moved AS (
	SELECT m.month, l.currency,
		sum(CASE WHEN l.finalized_at >= m.starts_at AND l.finalized_at < m.ends_at THEN l.net ELSE 0 END
			- CASE WHEN l.voided_at >= m.starts_at AND l.voided_at < m.ends_at THEN l.net ELSE 0 END - (k.until - k.since)) AS invoiced,
		sum(e.earned - s.earned) AS recognised
	FROM months m
	JOIN line l ON l.first_at < m.ends_at AND l.last_at >= m.starts_at
	CROSS JOIN LATERAL (SELECT coalesce(sum(x.net) FILTER (WHERE x.at < m.starts_at), 0)::bigint AS since, coalesce(sum(x.net) FILTER (WHERE x.at < m.ends_at), 0)::bigint AS until
		FROM unnest(l.credited_at, l.credits) x (at, net)) k
	CROSS JOIN LATERAL (SELECT CASE WHEN l.voided_at < m.ends_at THEN 0
		WHEN l.period IS NULL THEN CASE WHEN l.finalized_at < m.ends_at THEN l.net - k.until ELSE 0 END
		ELSE paycore.cents(paycore.prorate(paycore.money_cents(l.net - k.until, l.currency), l.period, tstzrange(lower(l.period), greatest(lower(l.period), m.ends_at)))) END AS earned) e
	CROSS JOIN LATERAL (SELECT CASE WHEN l.voided_at < m.starts_at THEN 0
		WHEN l.period IS NULL THEN CASE WHEN l.finalized_at < m.starts_at THEN l.net - k.since ELSE 0 END
		ELSE paycore.cents(paycore.prorate(paycore.money_cents(l.net - k.since, l.currency), l.period, tstzrange(lower(l.period), greatest(lower(l.period), m.starts_at)))) END AS earned) s
	GROUP BY m.month, l.currency
),
running AS (
	SELECT m.month, c.currency, coalesce(v.invoiced, 0) AS invoiced, coalesce(v.recognised, 0) AS recognised,
		sum(coalesce(v.invoiced - v.recognised, 0)) OVER (PARTITION BY c.currency ORDER BY m.month NULLS FIRST) AS deferred
	FROM months m
	CROSS JOIN (SELECT DISTINCT currency FROM moved) c
	LEFT JOIN moved v ON v.month IS NOT DISTINCT FROM m.month AND v.currency OPERATOR(paycore.=) c.currency
)
SELECT r.month, r.currency, paycore.money_cents(r.invoiced::bigint, r.currency), paycore.money_cents(r.recognised::bigint, r.currency),
	paycore.money_cents(r.deferred::bigint, r.currency)
FROM running r
WHERE r.month IS NOT NULL
ORDER BY r.currency::text, r.month
