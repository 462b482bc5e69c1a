-- What is due in subscriptions of tenant $1 by $2, of at most $3 of them, or of $4 alone. Each is locked, done one step for, and left for the next batch if more is due.
WITH due AS MATERIALIZED (
	SELECT s.id, s.billing_account_id, s.status::text AS status, s.currency, s.every, s.anchor, s.time_zone, s.starts_at, s.billed_until, s.next_bill_at,
		s.collection, s.days_until_due, s.minimum, s.cancel_at, coalesce(s.cancel_at <= s.next_bill_at, false) AS ends,
		-- A trial that begins, and a pause that ends within a period that is billed: nothing is owed yet.
		CASE s.status::text WHEN 'scheduled' THEN coalesce(s.trial_end > s.next_bill_at, false) WHEN 'paused' THEN s.billed_until > s.next_bill_at
			ELSE false END AS waits
	FROM paycore.subscriptions s
	WHERE s.tenant_id = $1 AND s.next_bill_at <= $2 AND s.parked_at IS NULL AND ($4 IS NULL OR s.id = $4)
	ORDER BY s.next_bill_at, s.id LIMIT $3 FOR UPDATE SKIP LOCKED
),
ended AS (
	UPDATE paycore.subscriptions s SET status = 'canceled', ended_at = d.cancel_at, canceled_at = coalesce(s.canceled_at, d.cancel_at),
		cancel_at = NULL, next_bill_at = NULL, paused_at = NULL, resumes_at = NULL
	FROM due d WHERE s.id = d.id AND s.tenant_id = $1 AND d.ends
	RETURNING s.id, s.ended_at
),
ended_items AS (
	UPDATE paycore.subscription_items i SET ends_at = greatest(i.starts_at, e.ended_at)
	FROM ended e WHERE i.subscription_id = e.id AND i.tenant_id = $1 AND i.ends_at IS NULL
),
waiting AS (
	UPDATE paycore.subscriptions s SET status = CASE WHEN s.trial_end > d.next_bill_at THEN 'trialing' ELSE 'active' END::paycore.subscription_status,
		next_bill_at = least(s.billed_until, s.cancel_at), paused_at = NULL, resumes_at = NULL
	FROM due d WHERE s.id = d.id AND s.tenant_id = $1 AND NOT d.ends AND d.waits
),
billed AS MATERIALIZED (
	SELECT d.id, d.billing_account_id, d.currency, d.collection, d.days_until_due, d.minimum, d.starts_at, f.since, f.anchor, w.whole,
		tstzrange(f.since, least(upper(w.whole), d.cancel_at)) AS part
	FROM due d,
		LATERAL (SELECT CASE d.status WHEN 'paused' THEN d.next_bill_at ELSE d.billed_until END AS since,
			CASE WHEN d.status = 'paused' AND d.billed_until < d.next_bill_at THEN d.next_bill_at ELSE d.anchor END AS anchor) f,
		LATERAL (SELECT paycore.period_at(f.anchor, d.every, d.time_zone, f.since) AS whole) w
	WHERE NOT d.ends AND NOT d.waits
),
recurring AS MATERIALIZED (
	SELECT b.id AS subscription_id, i.id AS item_id, i.product_id, i.price_id, o.name AS description, i.quantity, c.unit_price, p.tax_inclusive,
		CASE WHEN b.part = b.whole THEN a.amount ELSE paycore.prorate(a.amount, b.whole, b.part) END AS amount
	FROM billed b
	JOIN paycore.subscription_items i ON i.subscription_id = b.id AND i.tenant_id = $1
		AND i.starts_at <= b.since AND (i.ends_at IS NULL OR i.ends_at > b.since)
	JOIN paycore.prices p ON p.id = i.price_id AND p.tenant_id = $1
	JOIN paycore.products o ON o.id = i.product_id AND o.tenant_id = $1
	JOIN paycore.price_currencies c ON c.price_id = i.price_id AND c.tenant_id = $1 AND c.currency OPERATOR(paycore.=) b.currency
	CROSS JOIN LATERAL (SELECT paycore.price_amount(p.model, i.quantity, c.currency, c.unit_price, c.tiers, p.package_size, p.free_units,
		c.minimum, c.maximum, p.rounding) AS amount) a
),
charged AS (
	SELECT r.subscription_id, paycore.sum(r.amount) AS amount, count(*) AS lines FROM recurring r GROUP BY r.subscription_id
),
total AS MATERIALIZED (
	SELECT b.id AS subscription_id, b.billing_account_id, b.currency, b.collection, b.days_until_due, b.part,
		coalesce(c.amount, paycore.money_cents(0, b.currency)) AS charged, m.least,
		greatest(paycore.cents(c.amount), paycore.cents(m.least), 0) AS cents,
		coalesce(c.lines, 0) + CASE WHEN paycore.cents(m.least) > coalesce(paycore.cents(c.amount), 0) THEN 1 ELSE 0 END AS lines,
		paycore.uuid_v7() AS invoice_id, row_number() OVER (ORDER BY b.since, b.id) AS place
	FROM billed b
	LEFT JOIN charged c ON c.subscription_id = b.id
	CROSS JOIN LATERAL (SELECT CASE WHEN b.part = b.whole THEN b.minimum ELSE paycore.prorate(b.minimum, b.whole, b.part) END AS least) m
),
series AS (
	UPDATE paycore.invoice_series n SET next_serial = n.next_serial + (SELECT count(*) FROM total), last_date = greatest(n.last_date, $2)
	WHERE n.tenant_id = $1 AND n.series = 'invoice' AND EXISTS (SELECT FROM total)
	RETURNING n.prefix, n.next_serial - (SELECT count(*) FROM total) AS first_serial, n.last_date AS issued
),
made AS (
	INSERT INTO paycore.invoices (id, tenant_id, billing_account_id, subscription_id, status, series, serial, number, reason, currency,
		period_start, period_end, subtotal, discount, tax, total, line_count, collection, due_at, finalized_at, paid_at, seller, customer)
	SELECT t.invoice_id, $1, t.billing_account_id, t.subscription_id, CASE WHEN t.cents = 0 THEN 'paid' ELSE 'open' END::paycore.invoice_status,
		'invoice', n.first_serial + t.place - 1, paycore.document_number(n.prefix, n.first_serial + t.place - 1), 'subscription', t.currency,
		lower(t.part), upper(t.part), paycore.money_cents(t.cents, t.currency), paycore.money_cents(0, t.currency), paycore.money_cents(0, t.currency),
		paycore.money_cents(t.cents, t.currency), t.lines, t.collection,
		CASE t.collection WHEN 'send_invoice' THEN n.issued + make_interval(days => coalesce(t.days_until_due, 30)) ELSE n.issued END,
		n.issued, CASE WHEN t.cents = 0 THEN n.issued END,
		(SELECT jsonb_strip_nulls(jsonb_build_object('name', s.name, 'email', s.email, 'phone', s.phone, 'website', s.website,
			'address_line1', s.address_line1, 'address_line2', s.address_line2, 'city', s.city, 'state', s.state, 'postal_code', s.postal_code,
			'country', s.country, 'tax_id', s.tax_id)) FROM paycore.sellers s WHERE s.tenant_id = $1),
		jsonb_strip_nulls(jsonb_build_object('name', a.name, 'email', a.email, 'external_ref', a.external_ref,
			'address_line1', a.address_line1, 'address_line2', a.address_line2, 'city', a.city, 'state', a.state, 'postal_code', a.postal_code,
			'country', a.country, 'tax_id', a.tax_id))
	FROM total t CROSS JOIN series n
	JOIN paycore.billing_accounts a ON a.id = t.billing_account_id AND a.tenant_id = $1
	RETURNING id
),
lines AS (
	INSERT INTO paycore.invoice_lines (tenant_id, invoice_id, place, kind, subscription_id, subscription_item_id, product_id, price_id, period,
		description, quantity, unit_price, amount, discount, tax, tax_inclusive)
	SELECT $1, t.invoice_id, l.place, l.kind, t.subscription_id, l.item_id, l.product_id, l.price_id, t.part, l.description, l.quantity, l.unit_price,
		l.amount, paycore.money_cents(0, t.currency), paycore.money_cents(0, t.currency), l.tax_inclusive
	FROM total t
	JOIN (
		SELECT r.subscription_id, row_number() OVER (PARTITION BY r.subscription_id ORDER BY r.item_id) AS place, 'recurring' AS kind,
			r.item_id, r.product_id, r.price_id, r.description, r.quantity, r.unit_price, r.amount, r.tax_inclusive
		FROM recurring r
		UNION ALL
		SELECT t.subscription_id, 1000, 'minimum', NULL, NULL, NULL, 'Minimum', 1, NULL, t.least OPERATOR(paycore.-) t.charged, false
		FROM total t WHERE paycore.cents(t.least) > paycore.cents(t.charged)
	) l ON l.subscription_id = t.subscription_id
),
advanced AS (
	UPDATE paycore.subscriptions s SET status = CASE WHEN s.status::text = 'past_due' THEN 'past_due' ELSE 'active' END::paycore.subscription_status,
		anchor = b.anchor, period_start = greatest(lower(b.whole), b.starts_at), period_end = upper(b.whole),
		billed_until = upper(b.part), next_bill_at = upper(b.part), paused_at = NULL, resumes_at = NULL
	FROM billed b WHERE s.id = b.id AND s.tenant_id = $1
)
SELECT count(*) FROM due
