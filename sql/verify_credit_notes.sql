--
-- The part of verify() that is about credit notes.
--

CREATE FUNCTION paycore.find_credit_note_violations(
	OUT severity text, OUT rule text, OUT object_type text, OUT object_id text, OUT tenant_id text, OUT detail text)
RETURNS SETOF record
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
SET jit = off	-- hundreds of expressions take seconds to compile
AS $verify$
WITH issued AS (
	SELECT c.invoice_line_id, c.tenant_id, c.quantity, paycore.cents(c.amount) AS amount, paycore.cents(c.discount) AS discount, c.taxes
	FROM paycore.credit_note_lines c
	JOIN paycore.credit_notes n ON n.id = c.credit_note_id AND n.tenant_id = c.tenant_id AND n.status = 'issued'
)
SELECT 'violation', 'the lines of a credit note add up to it', 'credit_note', n.id::text, n.tenant_id,
	format('%s: %s, less %s, with %s tax (%s included) in %s lines; %s lines of %s, %s and %s (%s) minor units',
		n.number, n.subtotal, n.discount, n.tax, n.tax_included, n.line_count, l.n, l.amount, l.discount, l.tax, l.included)
FROM paycore.credit_notes n
LEFT JOIN (
	SELECT c.credit_note_id, c.tenant_id, count(*) AS n, sum(paycore.cents(c.amount)) AS amount, sum(paycore.cents(c.discount)) AS discount, sum(paycore.cents(c.tax)) AS tax,
		coalesce(sum(paycore.cents(c.tax)) FILTER (WHERE c.tax_inclusive), 0) AS included
	FROM paycore.credit_note_lines c GROUP BY c.credit_note_id, c.tenant_id
) l ON l.credit_note_id = n.id AND l.tenant_id = n.tenant_id
WHERE (coalesce(l.amount, 0), coalesce(l.discount, 0), coalesce(l.tax, 0), coalesce(l.included, 0), coalesce(l.n, 0))
	<> (paycore.cents(n.subtotal), paycore.cents(n.discount), paycore.cents(n.tax), paycore.cents(n.tax_included), n.line_count)
UNION ALL
SELECT 'violation', 'a credit note''s total is what it says, and went where it says', 'credit_note', n.id::text, n.tenant_id,
	format('%s: %s to what was due, %s to the balance, %s refunded, %s out of band', n.total, n.to_due, n.to_balance, n.to_refund, n.out_of_band)
FROM paycore.credit_notes n
WHERE paycore.cents(n.total) <> paycore.cents(n.subtotal) - paycore.cents(n.discount) + paycore.cents(n.tax) - paycore.cents(n.tax_included)
	OR paycore.cents(n.total) <> paycore.cents(n.to_due) + paycore.cents(n.to_balance) + paycore.cents(n.to_refund) + paycore.cents(n.out_of_band)
UNION ALL
SELECT 'violation', 'a credit note is of its invoice''s account and currency', 'credit_note', n.id::text, n.tenant_id,
	format('%s in %s, and %s in %s', n.billing_account_id, n.currency, i.billing_account_id, i.currency)
FROM paycore.credit_notes n
JOIN paycore.invoices i ON i.id = n.invoice_id AND i.tenant_id = n.tenant_id
WHERE n.billing_account_id <> i.billing_account_id OR n.currency::text <> i.currency::text OR paycore.currency(n.total)::text <> i.currency::text
UNION ALL
SELECT 'violation', 'an invoice says what its credit notes come to, and that is not more than it', 'invoice', i.id::text, i.tenant_id,
	format('%s of %s: says %s, %s of it to what was due; credit notes of %s and %s minor units', i.number, i.total, i.total_credited, i.amount_credited, s.total, s.to_due)
FROM paycore.invoices i
CROSS JOIN LATERAL (SELECT coalesce(sum(paycore.cents(n.total)), 0) AS total, coalesce(sum(paycore.cents(n.to_due)), 0) AS to_due
	FROM paycore.credit_notes n WHERE n.invoice_id = i.id AND n.tenant_id = i.tenant_id AND n.status = 'issued') s
WHERE (s.total, s.to_due) <> (paycore.cents(i.total_credited), paycore.cents(i.amount_credited)) OR s.total > greatest(0, paycore.cents(i.total))
	OR s.total > 0 AND i.status::text IN ('draft', 'void')
UNION ALL
SELECT 'violation', 'never more is credited of a line than there is', 'invoice_line', l.id::text, l.tenant_id,
	format('%s less %s, %s units; credited %s less %s minor units, %s units', l.amount, l.discount, l.quantity, s.amount, s.discount, s.quantity)
FROM paycore.invoice_lines l
JOIN (SELECT c.invoice_line_id, c.tenant_id, sum(c.amount) AS amount, sum(c.discount) AS discount, coalesce(sum(c.quantity), 0) AS quantity
	FROM issued c GROUP BY c.invoice_line_id, c.tenant_id) s ON s.invoice_line_id = l.id AND s.tenant_id = l.tenant_id
WHERE NOT (s.amount BETWEEN least(0, paycore.cents(l.amount)) AND greatest(0, paycore.cents(l.amount))
	AND s.discount BETWEEN least(0, paycore.cents(l.discount)) AND greatest(0, paycore.cents(l.discount))
	AND s.quantity BETWEEN least(0, l.quantity) AND greatest(0, l.quantity))
UNION ALL
SELECT 'violation', 'never more is credited of a tax of a line than there is', 'invoice_line', l.id::text, l.tenant_id,
	format('%s: %s, credited %s minor units', t.name, t.amount, s.amount)
FROM paycore.invoice_lines l
CROSS JOIN LATERAL unnest(l.taxes) WITH ORDINALITY t(tax_rate_id, name, percentage, taxable, amount, place)
CROSS JOIN LATERAL (SELECT coalesce(sum(paycore.cents((c.taxes[t.place::integer]).amount)), 0) AS amount,
	coalesce(bool_or((c.taxes[t.place::integer]).tax_rate_id IS DISTINCT FROM t.tax_rate_id OR cardinality(c.taxes) <> cardinality(l.taxes)), false) AS other
	FROM issued c WHERE c.invoice_line_id = l.id AND c.tenant_id = l.tenant_id) s
WHERE EXISTS (SELECT FROM paycore.credit_notes n WHERE n.invoice_id = l.invoice_id AND n.tenant_id = l.tenant_id)
	AND (s.other OR NOT s.amount BETWEEN least(0, paycore.cents(t.amount)) AND greatest(0, paycore.cents(t.amount)))
UNION ALL
SELECT 'violation', 'a line of a credit note is of a line of its invoice, and its taxes add up', 'credit_note_line', c.id::text, c.tenant_id, format('%s, tax %s', c.amount, c.tax)
FROM paycore.credit_note_lines c
LEFT JOIN paycore.credit_notes n ON n.id = c.credit_note_id AND n.tenant_id = c.tenant_id
LEFT JOIN paycore.invoice_lines l ON l.id = c.invoice_line_id AND l.tenant_id = c.tenant_id
WHERE n.invoice_id IS DISTINCT FROM l.invoice_id OR c.invoice_id <> n.invoice_id
	OR paycore.cents(c.tax) <> (SELECT coalesce(sum(paycore.cents(t.amount)), 0) FROM unnest(c.taxes) t)
UNION ALL
SELECT 'violation', 'numbers of credit notes have no gap', 'credit_note', min(n.id::text), n.tenant_id,
	format('series %s: %s numbers from %s to %s, next %s', n.series, count(DISTINCT n.serial), min(n.serial), max(n.serial), max(s.next_serial))
FROM paycore.credit_notes n
LEFT JOIN paycore.invoice_series s ON s.tenant_id = n.tenant_id AND s.series = n.series
GROUP BY n.tenant_id, n.series
HAVING count(*) <> max(n.serial) OR count(DISTINCT n.serial) <> max(n.serial) OR max(n.serial) IS DISTINCT FROM max(s.next_serial) - 1
UNION ALL
SELECT 'violation', 'numbers of credit notes go by date', 'credit_note', d.id::text, d.tenant_id, format('%s is of %s, the one before of %s', d.number, d.issued_at, d.before)
FROM (SELECT n.id, n.tenant_id, n.number, n.issued_at, lag(n.issued_at) OVER (PARTITION BY n.tenant_id, n.series ORDER BY n.serial) AS before
	FROM paycore.credit_notes n) d
WHERE d.before > d.issued_at
UNION ALL
SELECT 'violation', 'what a credit note put onto the balance is there', 'credit_note', n.id::text, n.tenant_id,
	format('%s, %s, and %s not refunded; %s minor units on the balance', n.status, n.to_balance, n.refund_failed, s.amount)
FROM paycore.credit_notes n
CROSS JOIN LATERAL (SELECT coalesce(sum(paycore.cents(t.amount)), 0) AS amount FROM paycore.account_transactions t
	WHERE t.billing_account_id = n.billing_account_id AND t.tenant_id = n.tenant_id AND t.object_type = 'credit_note' AND t.object_id = n.id) s
WHERE s.amount <> CASE n.status WHEN 'issued' THEN paycore.cents(n.to_balance) ELSE -paycore.cents(n.refund_failed) END
UNION ALL
SELECT 'violation', 'what a credit note refunds has its refunds, and it says which failed', 'credit_note', n.id::text, n.tenant_id,
	format('%s: %s, %s of it failed; refunds of %s and %s minor units', n.status, n.to_refund, n.refund_failed, s.amount, s.failed)
FROM paycore.credit_notes n
CROSS JOIN LATERAL (SELECT coalesce(sum(paycore.cents(r.amount)), 0) AS amount,
	coalesce(sum(paycore.cents(r.amount)) FILTER (WHERE r.status::text IN ('failed', 'canceled')), 0) AS failed
	FROM paycore.refunds r WHERE r.credit_note_id = n.id AND r.tenant_id = n.tenant_id) s
WHERE s.amount <> paycore.cents(n.to_refund) OR (n.status = 'issued' AND s.failed <> paycore.cents(n.refund_failed))
UNION ALL
SELECT 'violation', 'a refund of a credit note is of a payment of its invoice', 'refund', r.id::text, r.tenant_id, format('%s of payment %s', r.amount, r.payment_id)
FROM paycore.refunds r
JOIN paycore.credit_notes n ON n.id = r.credit_note_id AND n.tenant_id = r.tenant_id
WHERE paycore.currency(r.amount)::text <> n.currency::text OR r.kind <> 'refund' OR NOT EXISTS (SELECT FROM paycore.invoice_payments a
	WHERE a.payment_id = r.payment_id AND a.tenant_id = r.tenant_id AND a.invoice_id = n.invoice_id AND a.kind = 'payment')
UNION ALL
SELECT 'violation', 'a refund of a credit note that failed is on the balance', 'refund', r.id::text, r.tenant_id, format('%s %s, %s minor units on the balance', r.amount, r.status, s.amount)
FROM paycore.refunds r
CROSS JOIN LATERAL (SELECT coalesce(sum(paycore.cents(t.amount)), 0) AS amount FROM paycore.account_transactions t
	WHERE t.billing_account_id = r.billing_account_id AND t.tenant_id = r.tenant_id AND t.object_type = 'refund' AND t.object_id = r.id) s
WHERE r.credit_note_id IS NOT NULL AND s.amount <> CASE WHEN r.status::text IN ('failed', 'canceled') THEN paycore.cents(r.amount) ELSE 0 END
$verify$;
COMMENT ON FUNCTION paycore.find_credit_note_violations() IS 'The part of verify() that is about credit notes.';
