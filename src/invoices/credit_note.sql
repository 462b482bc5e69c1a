-- A credit note $1 of invoice $3 of tenant $2: its rest ($4 and $5 null), lines of it ($4: an array of objects), or an amount spread over it ($5).
-- $6 says where what is not due goes, or $12 how much of it where; $7 is the time, $8 reason, $9 memo, $10 metadata, $11 the actor.
-- None is made where the last SELECT says why.
WITH invoice AS (
	SELECT i.billing_account_id, i.currency, CASE WHEN i.status::text = 'open' THEN paycore.cents(i.amount_due) ELSE 0 END AS due
	FROM paycore.invoices i WHERE i.id = $3 AND i.tenant_id = $2
),
credited AS (
	SELECT c.invoice_line_id, c.amount, c.discount, c.quantity, c.taxes
	FROM paycore.credit_notes n JOIN paycore.credit_note_lines c ON c.credit_note_id = n.id AND c.tenant_id = $2
	WHERE n.invoice_id = $3 AND n.tenant_id = $2 AND n.status = 'issued'
),
-- What is left of each line.
rest AS MATERIALIZED (
	SELECT r.*, r.amount OPERATOR(paycore.-) r.discount OPERATOR(paycore.+) CASE WHEN r.tax_inclusive THEN paycore.money_cents(0, r.currency)
		ELSE paycore.tax_total(r.taxes, r.currency) END AS gross
	FROM (
		SELECT l.id, l.place, l.description, l.tax_inclusive, i.currency, l.quantity - coalesce(c.quantity, 0) AS quantity,
			paycore.money_cents((paycore.cents(l.amount) - coalesce(c.amount, 0))::bigint, i.currency) AS amount,
			paycore.money_cents((paycore.cents(l.discount) - coalesce(c.discount, 0))::bigint, i.currency) AS discount,
			ARRAY(SELECT ROW(t.tax_rate_id, t.name, t.percentage, NULL, paycore.money_cents((paycore.cents(t.amount)
					- (SELECT coalesce(sum(paycore.cents((c.taxes[t.place::integer]).amount)), 0) FROM credited c WHERE c.invoice_line_id = l.id))::bigint, i.currency))::paycore.tax_amount
				FROM unnest(l.taxes) WITH ORDINALITY t(tax_rate_id, name, percentage, taxable, amount, place) ORDER BY t.place) AS taxes
		FROM paycore.invoice_lines l CROSS JOIN invoice i
		LEFT JOIN (SELECT c.invoice_line_id, sum(paycore.cents(c.amount)) AS amount, sum(paycore.cents(c.discount)) AS discount, sum(c.quantity) AS quantity
			FROM credited c GROUP BY c.invoice_line_id) c ON c.invoice_line_id = l.id
		WHERE l.invoice_id = $3 AND l.tenant_id = $2
	) r
),
-- All that is left, what credits among the lines take off it, and what is asked of it.
whole AS (
	SELECT sum(paycore.cents(r.gross))::bigint AS rest, coalesce(sum(paycore.cents(r.gross)) FILTER (WHERE paycore.cents(r.gross) > 0), 0)::bigint AS charges,
		CASE WHEN $4 IS NULL THEN coalesce(paycore.cents($5), sum(paycore.cents(r.gross)))::bigint END AS asked
	FROM rest r
),
-- Of an amount, charges and credits get their shares alike, so that every tax does.
shares AS (
	SELECT s.ids[t.place] AS line_id, t.gross
	FROM (SELECT array_agg(r.id ORDER BY r.place) AS ids, array_agg(greatest(paycore.cents(r.gross), 0) ORDER BY r.place) AS charges,
			array_agg(greatest(-paycore.cents(r.gross), 0) ORDER BY r.place) AS credits FROM rest r) s
	CROSS JOIN whole w CROSS JOIN invoice i
	CROSS JOIN LATERAL (SELECT div(2 * w.asked::numeric * w.charges + w.rest, 2 * w.rest)::bigint AS charges) p
	CROSS JOIN LATERAL (
		SELECT t.place, t.gross FROM unnest(paycore.allocate(paycore.money_cents(p.charges, i.currency), s.charges)) WITH ORDINALITY t(gross, place)
		UNION ALL
		SELECT t.place, t.gross FROM unnest(paycore.allocate(paycore.money_cents(w.asked - p.charges, i.currency), s.credits)) WITH ORDINALITY t(gross, place)
		WHERE w.asked <> p.charges
	) t
	WHERE w.asked > 0 AND w.asked < w.rest AND paycore.cents(t.gross) <> 0
),
asked AS MATERIALIZED (
	SELECT e.line, r.id AS line_id, CASE WHEN n.amount IS NULL THEN coalesce(n.quantity, r.quantity) END AS quantity, g.gross,
		coalesce(n.quantity > 0 AND n.quantity <= r.quantity, true) AND sign(paycore.cents(g.gross)) = sign(paycore.cents(r.gross)) AND abs(paycore.cents(g.gross)) <= abs(paycore.cents(r.gross)) AS fits
	FROM jsonb_array_elements($4) e(line)
	CROSS JOIN LATERAL (SELECT (e.line ->> 'quantity')::numeric AS quantity, (e.line ->> 'amount')::numeric AS amount) n
	LEFT JOIN rest r ON r.id::text = e.line ->> 'line' OR r.place::text = e.line ->> 'place'
	LEFT JOIN LATERAL (SELECT CASE WHEN n.amount IS NOT NULL THEN paycore.money_cents_in((n.amount::text || ' ' || r.currency::text)::cstring)
		WHEN n.quantity < r.quantity THEN paycore.multiply(r.gross, n.quantity / r.quantity, 'half_up') ELSE r.gross END AS gross) g ON true
),
wanted AS (
	SELECT r.id, r.quantity, r.gross FROM rest r CROSS JOIN whole w
	WHERE w.asked = w.rest AND (paycore.cents(r.gross) <> 0 OR paycore.cents(r.amount) <> 0)
	UNION ALL
	SELECT s.line_id, NULL, s.gross FROM shares s
	UNION ALL
	SELECT a.line_id, a.quantity, a.gross FROM asked a WHERE a.fits
),
part AS MATERIALIZED (
	SELECT w.id AS line_id, w.quantity, w.gross, r.place, r.description, r.tax_inclusive, p.amount, p.discount, p.tax, p.taxes
	FROM wanted w JOIN rest r ON r.id = w.id
	CROSS JOIN LATERAL paycore.credit_line(r.amount, r.discount, r.taxes, r.tax_inclusive, w.gross) p
	WHERE (SELECT count(*) FROM asked a WHERE a.line_id = w.id) <= 1
),
-- How much of what is not due is to go where; nothing where nothing is said.
split AS (
	SELECT count(*) > 0 AS said, coalesce(sum(a.amount), 0)::bigint AS amount, coalesce(sum(a.amount) FILTER (WHERE a.key = 'refund_amount'), 0)::bigint AS refund,
		coalesce(sum(a.amount) FILTER (WHERE a.key = 'credit_amount'), 0)::bigint AS credit,
		coalesce(sum(a.amount) FILTER (WHERE a.key = 'out_of_band_amount'), 0)::bigint AS out_of_band
	FROM (SELECT d.key, paycore.cents(paycore.money_cents_in((d.value || ' ' || i.currency::text)::cstring)) AS amount
		FROM jsonb_each_text($12) d CROSS JOIN invoice i WHERE d.key IN ('refund_amount', 'credit_amount', 'out_of_band_amount') AND d.value IS NOT NULL) a
),
total AS MATERIALIZED (
	SELECT t.*, i.billing_account_id, i.currency, least(t.total, i.due) AS to_due, o.over,
		CASE WHEN s.said THEN s.credit WHEN $6 IN ('refund', 'out_of_band') THEN 0 ELSE o.over END AS to_balance,
		CASE WHEN s.said THEN s.refund WHEN $6 = 'refund' THEN o.over ELSE 0 END AS to_refund,
		CASE WHEN s.said THEN s.out_of_band WHEN $6 = 'out_of_band' THEN o.over ELSE 0 END AS out_of_band,
		s.said AND s.amount <> o.over AS split_wrong, s.amount AS split,
		t.total > 0 AND t.total <= w.rest AND ($4 IS NULL OR t.parts = (SELECT count(*) FROM asked)) AND ($6 IS DISTINCT FROM 'due' OR t.total <= i.due)
			AND (NOT s.said OR s.amount = o.over) AS sound
	FROM invoice i CROSS JOIN whole w CROSS JOIN split s CROSS JOIN (
		SELECT count(*) AS parts, coalesce(sum(paycore.cents(p.amount)), 0)::bigint AS subtotal, coalesce(sum(paycore.cents(p.discount)), 0)::bigint AS discount,
			coalesce(sum(paycore.cents(p.tax)), 0)::bigint AS tax, coalesce(sum(paycore.cents(p.tax)) FILTER (WHERE p.tax_inclusive), 0)::bigint AS tax_included,
			coalesce(sum(paycore.cents(p.gross)), 0)::bigint AS total
		FROM part p
	) t
	CROSS JOIN LATERAL (SELECT t.total - least(t.total, i.due) AS over) o
),
series AS (
	UPDATE paycore.invoice_series n SET next_serial = n.next_serial + 1, last_date = greatest(n.last_date, $7)
	WHERE n.tenant_id = $2 AND n.series = 'credit_note' AND (SELECT t.sound FROM total t)
	RETURNING n.prefix, n.next_serial - 1 AS serial, n.last_date AS issued
),
note AS (
	INSERT INTO paycore.credit_notes (id, tenant_id, billing_account_id, invoice_id, status, series, serial, number, currency, subtotal, discount, tax, tax_included,
		total, to_due, to_balance, to_refund, out_of_band, line_count, reason, memo, issued_at, metadata, actor)
	SELECT $1, $2, t.billing_account_id, $3, 'issued', 'credit_note', n.serial, paycore.document_number(n.prefix, n.serial), t.currency,
		paycore.money_cents(t.subtotal, t.currency), paycore.money_cents(t.discount, t.currency), paycore.money_cents(t.tax, t.currency),
		paycore.money_cents(t.tax_included, t.currency), paycore.money_cents(t.total, t.currency), paycore.money_cents(t.to_due, t.currency),
		paycore.money_cents(t.to_balance, t.currency), paycore.money_cents(t.to_refund, t.currency), paycore.money_cents(t.out_of_band, t.currency), t.parts, $8, $9, n.issued, coalesce($10, '{}'), $11
	FROM total t CROSS JOIN series n
),
lines AS (
	INSERT INTO paycore.credit_note_lines (tenant_id, credit_note_id, invoice_id, invoice_line_id, place, description, quantity, amount, discount, tax, tax_inclusive, taxes)
	SELECT $2, $1, $3, p.line_id, row_number() OVER (ORDER BY p.place), p.description, p.quantity, p.amount, p.discount, p.tax, p.tax_inclusive, p.taxes
	FROM part p WHERE (SELECT t.sound FROM total t) ORDER BY p.place
)
SELECT t.sound, paycore.money_cents(coalesce(w.asked, t.total), t.currency)::text, paycore.money_cents(coalesce(w.rest, 0), t.currency)::text, paycore.money_cents(i.due, t.currency)::text,
	t.over > 0 AND $6 = 'due',
	(SELECT min(a.line::text) FROM asked a WHERE a.line_id IS NULL),
	(SELECT min(a.line::text) FROM asked a WHERE a.line_id IS NOT NULL AND a.fits IS NOT TRUE),
	(SELECT min(a.line::text) FROM asked a GROUP BY a.line_id HAVING count(*) > 1 LIMIT 1),
	paycore.money_cents(t.to_refund, t.currency), CASE WHEN t.split_wrong THEN paycore.money_cents(t.split, t.currency)::text END, paycore.money_cents(t.over, t.currency)::text
FROM total t CROSS JOIN whole w CROSS JOIN invoice i
