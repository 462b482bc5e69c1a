--
-- The part of verify() that is about how invoices are paid.
--

CREATE FUNCTION paycore.find_collecting_violations(
	OUT severity text, OUT rule text, OUT object_type text, OUT object_id text, OUT tenant_id text, OUT detail text)
RETURNS SETOF record
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
SET jit = off	-- hundreds of expressions take seconds to compile
AS $verify$
SELECT 'violation', 'an invoice says what was applied to it', 'invoice', i.id::text, i.tenant_id,
	format('%s: %s paid, %s of the balance; applied were %s and %s minor units', i.number, i.amount_paid, i.balance_applied, coalesce(p.paid, 0), coalesce(p.balance, 0))
FROM paycore.invoices i
LEFT JOIN (SELECT p.invoice_id, p.tenant_id, sum(paycore.cents(p.amount)) FILTER (WHERE p.kind <> 'balance') AS paid,
		sum(paycore.cents(p.amount)) FILTER (WHERE p.kind = 'balance') AS balance
	FROM paycore.invoice_payments p GROUP BY p.invoice_id, p.tenant_id) p ON p.invoice_id = i.id AND p.tenant_id = i.tenant_id
WHERE (coalesce(p.paid, 0), coalesce(p.balance, 0)) <> (paycore.cents(i.amount_paid), paycore.cents(i.balance_applied))
UNION ALL
SELECT 'violation', 'what is applied has its invoice''s currency', 'invoice_payment', p.id::text, p.tenant_id, format('%s and %s', p.amount, i.currency)
FROM paycore.invoice_payments p
JOIN paycore.invoices i ON i.id = p.invoice_id AND i.tenant_id = p.tenant_id
WHERE paycore.currency(p.amount)::text <> i.currency::text
UNION ALL
SELECT 'violation', 'a payment is applied whole', 'invoice_payment', p.id::text, p.tenant_id, format('%s of %s, with %s over', p.amount, y.gross, p.surplus)
FROM paycore.invoice_payments p
JOIN paycore.payments y ON y.id = p.payment_id AND y.tenant_id = p.tenant_id
WHERE p.kind = 'payment' AND (paycore.currency(y.gross)::text <> paycore.currency(p.surplus)::text OR paycore.cents(y.gross) <> paycore.cents(p.surplus)
	+ CASE WHEN paycore.currency(y.gross)::text = paycore.currency(p.amount)::text THEN paycore.cents(p.amount) ELSE 0 END)
UNION ALL
SELECT 'violation', 'a payment that bounced is taken back', 'invoice_payment', p.id::text, p.tenant_id, format('payment %s is %s', p.payment_id, y.status)
FROM paycore.invoice_payments p
JOIN paycore.payments y ON y.id = p.payment_id AND y.tenant_id = p.tenant_id
WHERE p.kind = 'payment' AND (y.status::text <> 'succeeded')
	<> EXISTS (SELECT FROM paycore.invoice_payments b WHERE b.payment_id = p.payment_id AND b.tenant_id = p.tenant_id AND b.kind = 'bounce')
UNION ALL
SELECT 'violation', 'a bounce takes back what was applied', 'invoice_payment', b.id::text, b.tenant_id, format('%s and %s of %s and %s', b.amount, b.surplus, p.amount, p.surplus)
FROM paycore.invoice_payments b
LEFT JOIN paycore.invoice_payments p ON p.payment_id = b.payment_id AND p.tenant_id = b.tenant_id AND p.kind = 'payment'
WHERE b.kind = 'bounce' AND (p.id IS NULL OR paycore.cents(b.amount) + paycore.cents(b.surplus) + paycore.cents(p.amount) + paycore.cents(p.surplus) <> 0)
UNION ALL
SELECT 'violation', 'what an invoice''s intent brought is applied to it', 'payment_intent', t.id::text, t.tenant_id, format('invoice %s', t.invoice_id)
FROM paycore.payment_intents t
JOIN paycore.payments y ON y.id = t.payment_id AND y.tenant_id = t.tenant_id
WHERE t.invoice_id IS NOT NULL AND t.status::text = 'succeeded' AND y.status::text = 'succeeded'
	AND NOT EXISTS (SELECT FROM paycore.invoice_payments p WHERE p.payment_id = y.id AND p.invoice_id = t.invoice_id AND p.tenant_id = t.tenant_id)
UNION ALL
SELECT 'violation', 'an invoice''s intent is of its account', 'payment_intent', t.id::text, t.tenant_id, format('%s and %s', t.billing_account_id, i.billing_account_id)
FROM paycore.payment_intents t
JOIN paycore.invoices i ON i.id = t.invoice_id AND i.tenant_id = t.tenant_id
WHERE t.billing_account_id <> i.billing_account_id OR t.subscription_id IS DISTINCT FROM i.subscription_id AND t.subscription_id IS NOT NULL
UNION ALL
SELECT 'violation', 'one payment of an invoice is on its way', 'invoice', t.invoice_id::text, t.tenant_id, format('%s intents', count(*))
FROM paycore.payment_intents t WHERE t.invoice_id IS NOT NULL AND t.status::text NOT IN ('succeeded', 'canceled', 'failed')
GROUP BY t.invoice_id, t.tenant_id HAVING count(*) > 1
UNION ALL
SELECT 'violation', 'what went to or from the balance has its transaction', 'invoice_payment', p.id::text, p.tenant_id,
	format('%s %s, %s over; %s', p.kind, p.amount, p.surplus, t.amount)
FROM paycore.invoice_payments p
LEFT JOIN paycore.account_transactions t ON t.id = p.account_transaction_id AND t.tenant_id = p.tenant_id
LEFT JOIN paycore.invoices i ON i.id = p.invoice_id AND i.tenant_id = p.tenant_id
WHERE coalesce(paycore.cents(t.amount), 0) <> CASE p.kind WHEN 'balance' THEN - paycore.cents(p.amount) ELSE paycore.cents(p.surplus) END
	OR t.billing_account_id <> i.billing_account_id
UNION ALL
SELECT 'violation', 'a collection knows what became of its invoice', 'collection', c.id::text, c.tenant_id, format('%s, and the invoice is %s', c.status, i.status)
FROM paycore.collections c
JOIN paycore.invoices i ON i.id = c.invoice_id AND i.tenant_id = c.tenant_id
WHERE NOT c.stirred AND (c.status = 'settled') <> (i.status::text = 'paid')
UNION ALL
SELECT 'violation', 'a collection is of its invoice''s account', 'collection', c.id::text, c.tenant_id, format('%s and %s', c.billing_account_id, i.billing_account_id)
FROM paycore.collections c
JOIN paycore.invoices i ON i.id = c.invoice_id AND i.tenant_id = c.tenant_id
WHERE c.billing_account_id <> i.billing_account_id OR c.subscription_id IS DISTINCT FROM i.subscription_id
UNION ALL
SELECT 'violation', 'a collection that goes on is looked at again', 'collection', c.id::text, c.tenant_id, c.status
FROM paycore.collections c
WHERE c.status IN ('collecting', 'retrying', 'awaiting_payer') AND c.next_action_at IS NULL AND NOT c.stirred
	AND NOT EXISTS (SELECT FROM paycore.payment_intents t WHERE t.invoice_id = c.invoice_id AND t.tenant_id = c.tenant_id
		AND t.status::text NOT IN ('succeeded', 'canceled', 'failed'))
$verify$;
COMMENT ON FUNCTION paycore.find_collecting_violations() IS 'The part of verify() that is about how invoices are paid.';
