--
-- verify(): an fsck for money.
--

CREATE FUNCTION paycore.find_violations(
	OUT severity text, OUT rule text, OUT object_type text, OUT object_id text, OUT tenant_id text, OUT detail text)
RETURNS SETOF record
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
SET jit = off	-- hundreds of expressions take seconds to compile
AS $verify$
WITH shares AS (
	SELECT r.payment_id, r.tenant_id,
		coalesce(sum(paycore.cents(r.amount)) FILTER (WHERE r.status::text IN ('requested', 'pending', 'requires_action')), 0) AS reserved,
		coalesce(sum(paycore.cents(r.amount)) FILTER (WHERE r.status::text = 'succeeded'), 0) AS refunded
	FROM paycore.refunds r
	WHERE r.kind = 'refund'
	GROUP BY r.payment_id, r.tenant_id
),
payment AS (
	SELECT p.id, p.tenant_id, p.status::text AS status, p.payment_intent_id, p.billing_account_id, p.gateway_account,
		paycore.cents(p.gross) AS gross, paycore.cents(p.authorized) AS authorized,
		paycore.cents(p.refund_reserved) AS refund_reserved, paycore.cents(p.refunded) AS refunded,
		paycore.cents(p.dispute_held) AS dispute_held, p.over_returned, p.captured_at,
		paycore.currency(p.authorized)::text AS currency,
		ARRAY[paycore.currency(p.gross)::text, paycore.currency(p.refund_reserved)::text,
			paycore.currency(p.refunded)::text, paycore.currency(p.dispute_held)::text] AS currencies,
		coalesce(s.reserved, 0) AS sum_reserved, coalesce(s.refunded, 0) AS sum_refunded
	FROM paycore.payments p
	LEFT JOIN shares s ON s.payment_id = p.id AND s.tenant_id = p.tenant_id
),
step AS (
	SELECT c.tenant_id, c.object_type, c.object_id, c.from_status, c.to_status,
		lag(c.to_status) OVER walk AS previous, row_number() OVER walk AS place,
		row_number() OVER (PARTITION BY c.object_type, c.object_id, c.tenant_id ORDER BY c.seq DESC) AS from_end
	FROM paycore.status_changes c
	WHERE c.object_type IN ('payment_intent', 'payment', 'refund', 'payout', 'setup_intent', 'mandate', 'dispute', 'subscription', 'invoice')
	WINDOW walk AS (PARTITION BY c.object_type, c.object_id, c.tenant_id ORDER BY c.seq)
),
legal AS (
	SELECT 'payment_intent' AS object_type, t.from_status, t.to_status FROM paycore.transitions('paycore.intent_status') t
	UNION ALL SELECT 'payment', t.from_status, t.to_status FROM paycore.transitions('paycore.payment_status') t
	UNION ALL SELECT 'refund', t.from_status, t.to_status FROM paycore.transitions('paycore.refund_status') t
	UNION ALL SELECT 'payout', t.from_status, t.to_status FROM paycore.transitions('paycore.payout_status') t
	UNION ALL SELECT 'setup_intent', t.from_status, t.to_status FROM paycore.transitions('paycore.setup_intent_status') t
	UNION ALL SELECT 'mandate', t.from_status, t.to_status FROM paycore.transitions('paycore.mandate_status') t
	UNION ALL SELECT 'dispute', t.from_status, t.to_status FROM paycore.transitions('paycore.dispute_status') t
	UNION ALL SELECT 'subscription', t.from_status, t.to_status FROM paycore.transitions('paycore.subscription_status') t
	UNION ALL SELECT 'invoice', t.from_status, t.to_status FROM paycore.transitions('paycore.invoice_status') t
),
present AS (
	SELECT 'payment_intent' AS object_type, i.id::text AS object_id, i.tenant_id, i.status::text AS status FROM paycore.payment_intents i
	UNION ALL SELECT 'payment', p.id::text, p.tenant_id, p.status FROM payment p
	UNION ALL SELECT 'refund', r.id::text, r.tenant_id, r.status::text FROM paycore.refunds r
	UNION ALL SELECT 'payout', o.id::text, o.tenant_id, o.status::text FROM paycore.payouts o
	UNION ALL SELECT 'setup_intent', i.id::text, i.tenant_id, i.status::text FROM paycore.setup_intents i
	UNION ALL SELECT 'mandate', m.id::text, m.tenant_id, m.status::text FROM paycore.mandates m
	UNION ALL SELECT 'dispute', d.id::text, d.tenant_id, d.status::text FROM paycore.disputes d
	UNION ALL SELECT 'subscription', s.id::text, s.tenant_id, s.status::text FROM paycore.subscriptions s
	UNION ALL SELECT 'invoice', i.id::text, i.tenant_id, i.status::text FROM paycore.invoices i
),
thing AS (
	SELECT 'billing_account' AS object_type, a.id, a.tenant_id FROM paycore.billing_accounts a
	UNION ALL SELECT 'payment_method', m.id, m.tenant_id FROM paycore.payment_methods m
	UNION ALL SELECT 'payment_intent', i.id, i.tenant_id FROM paycore.payment_intents i
	UNION ALL SELECT 'payment', p.id, p.tenant_id FROM payment p
	UNION ALL SELECT 'refund', r.id, r.tenant_id FROM paycore.refunds r
	UNION ALL SELECT 'payout', o.id, o.tenant_id FROM paycore.payouts o
	UNION ALL SELECT 'account_transaction', t.id, t.tenant_id FROM paycore.account_transactions t
	UNION ALL SELECT 'ledger_entry', e.id, e.tenant_id FROM paycore.ledger_entries e
	UNION ALL SELECT 'setup_intent', i.id, i.tenant_id FROM paycore.setup_intents i
	UNION ALL SELECT 'mandate', m.id, m.tenant_id FROM paycore.mandates m
	UNION ALL SELECT 'dispute', d.id, d.tenant_id FROM paycore.disputes d
	UNION ALL SELECT 'product', o.id, o.tenant_id FROM paycore.products o
	UNION ALL SELECT 'price', p.id, p.tenant_id FROM paycore.prices p
	UNION ALL SELECT 'tax_rate', r.id, r.tenant_id FROM paycore.tax_rates r
	UNION ALL SELECT 'coupon', c.id, c.tenant_id FROM paycore.coupons c
	UNION ALL SELECT 'promotion_code', p.id, p.tenant_id FROM paycore.promotion_codes p
	UNION ALL SELECT 'subscription', s.id, s.tenant_id FROM paycore.subscriptions s
	UNION ALL SELECT 'subscription_item', t.id, t.tenant_id FROM paycore.subscription_items t
	UNION ALL SELECT 'invoice', i.id, i.tenant_id FROM paycore.invoices i
	UNION ALL SELECT 'invoice_line', l.id, l.tenant_id FROM paycore.invoice_lines l
	UNION ALL SELECT 'discount', d.id, d.tenant_id FROM paycore.discounts d
	UNION ALL SELECT 'extra_charge', e.id, e.tenant_id FROM paycore.extra_charges e
	UNION ALL SELECT 'subscription_change', c.id, c.tenant_id FROM paycore.subscription_changes c
	UNION ALL SELECT 'invoice_payment', p.id, p.tenant_id FROM paycore.invoice_payments p
	UNION ALL SELECT 'credit_note', n.id, n.tenant_id FROM paycore.credit_notes n
	UNION ALL SELECT 'dunning_policy', p.id, p.tenant_id FROM paycore.dunning_policies p
	UNION ALL SELECT 'usage_threshold', t.id, t.tenant_id FROM paycore.usage_thresholds t
	UNION ALL SELECT 'collection', c.id, c.tenant_id FROM paycore.collections c
),
reference AS (
	SELECT 'payment_method' AS object_type, m.id, m.tenant_id, 'billing_account' AS parent_type, m.billing_account_id AS parent_id FROM paycore.payment_methods m
	UNION ALL SELECT 'setup_intent', i.id, i.tenant_id, 'billing_account', i.billing_account_id FROM paycore.setup_intents i
	UNION ALL SELECT 'mandate', m.id, m.tenant_id, 'billing_account', m.billing_account_id FROM paycore.mandates m
	UNION ALL SELECT 'payment_intent', i.id, i.tenant_id, 'billing_account', i.billing_account_id FROM paycore.payment_intents i
	UNION ALL SELECT 'payment_intent', i.id, i.tenant_id, 'payment', i.payment_id FROM paycore.payment_intents i
	UNION ALL SELECT 'payment_attempt', t.id, t.tenant_id, 'payment_intent', t.payment_intent_id FROM paycore.payment_attempts t
	UNION ALL SELECT 'payment', p.id, p.tenant_id, 'billing_account', p.billing_account_id FROM payment p
	UNION ALL SELECT 'payment', p.id, p.tenant_id, 'payment_intent', p.payment_intent_id FROM payment p
	UNION ALL SELECT 'refund', r.id, r.tenant_id, 'payment', r.payment_id FROM paycore.refunds r
	UNION ALL SELECT 'refund', r.id, r.tenant_id, 'payment_intent', r.payment_intent_id FROM paycore.refunds r
	UNION ALL SELECT 'balance_transaction', b.id, b.tenant_id, 'payment', b.payment_id FROM paycore.balance_transactions b
	UNION ALL SELECT 'balance_transaction', b.id, b.tenant_id, 'refund', b.refund_id FROM paycore.balance_transactions b
	UNION ALL SELECT 'balance_transaction', b.id, b.tenant_id, 'dispute', b.dispute_id FROM paycore.balance_transactions b
	UNION ALL SELECT 'balance_transaction', b.id, b.tenant_id, 'payout', b.source_payout_id FROM paycore.balance_transactions b
	UNION ALL SELECT 'balance_transaction', b.id, b.tenant_id, 'payout', b.payout_id FROM paycore.balance_transactions b
	UNION ALL SELECT 'dispute', d.id, d.tenant_id, 'payment', d.payment_id FROM paycore.disputes d
	UNION ALL SELECT 'early_fraud_warning', w.id, w.tenant_id, 'payment', w.payment_id FROM paycore.early_fraud_warnings w
	UNION ALL SELECT 'review', v.id, v.tenant_id, 'payment', v.payment_id FROM paycore.reviews v
	UNION ALL SELECT 'review', v.id, v.tenant_id, 'payment_intent', v.payment_intent_id FROM paycore.reviews v
	UNION ALL SELECT 'receipt', c.id, c.tenant_id, 'billing_account', c.billing_account_id FROM paycore.receipts c
	UNION ALL SELECT 'receipt', c.id, c.tenant_id, 'payment', c.payment_id FROM paycore.receipts c
	UNION ALL SELECT 'receipt', c.id, c.tenant_id, 'refund', c.refund_id FROM paycore.receipts c
	UNION ALL SELECT 'product_feature', f.product_id, f.tenant_id, 'product', f.product_id FROM paycore.product_features f
	UNION ALL SELECT 'price', p.id, p.tenant_id, 'product', p.product_id FROM paycore.prices p
	UNION ALL SELECT 'price_currency', c.price_id, c.tenant_id, 'price', c.price_id FROM paycore.price_currencies c
	UNION ALL SELECT 'product_tax_rate', t.product_id, t.tenant_id, 'product', t.product_id FROM paycore.product_tax_rates t
	UNION ALL SELECT 'product_tax_rate', t.product_id, t.tenant_id, 'tax_rate', t.tax_rate_id FROM paycore.product_tax_rates t
	UNION ALL SELECT 'subscription', s.id, s.tenant_id, 'billing_account', s.billing_account_id FROM paycore.subscriptions s
	UNION ALL SELECT 'subscription_item', i.id, i.tenant_id, 'subscription', i.subscription_id FROM paycore.subscription_items i
	UNION ALL SELECT 'subscription_item', i.id, i.tenant_id, 'product', i.product_id FROM paycore.subscription_items i
	UNION ALL SELECT 'subscription_item', i.id, i.tenant_id, 'price', i.price_id FROM paycore.subscription_items i
	UNION ALL SELECT 'coupon', c.id, c.tenant_id, 'product', o.id FROM paycore.coupons c CROSS JOIN unnest(c.product_ids) o(id)
	UNION ALL SELECT 'promotion_code', p.id, p.tenant_id, 'coupon', p.coupon_id FROM paycore.promotion_codes p
	UNION ALL SELECT 'promotion_code', p.id, p.tenant_id, 'billing_account', p.billing_account_id FROM paycore.promotion_codes p
	UNION ALL SELECT 'discount', d.id, d.tenant_id, 'coupon', d.coupon_id FROM paycore.discounts d
	UNION ALL SELECT 'discount', d.id, d.tenant_id, 'promotion_code', d.promotion_code_id FROM paycore.discounts d
	UNION ALL SELECT 'discount', d.id, d.tenant_id, 'billing_account', d.billing_account_id FROM paycore.discounts d
	UNION ALL SELECT 'discount', d.id, d.tenant_id, 'subscription', d.subscription_id FROM paycore.discounts d
	UNION ALL SELECT 'discount', d.id, d.tenant_id, 'invoice', d.invoice_id FROM paycore.discounts d
	UNION ALL SELECT 'collection', c.id, c.tenant_id, 'invoice', c.invoice_id FROM paycore.collections c
	UNION ALL SELECT 'collection', c.id, c.tenant_id, 'dunning_policy', c.policy_id FROM paycore.collections c
	UNION ALL SELECT 'collection', c.id, c.tenant_id, 'payment_intent', c.payment_intent_id FROM paycore.collections c
	UNION ALL SELECT 'dunning_step', s.id, s.tenant_id, 'collection', s.collection_id FROM paycore.dunning_steps s
	UNION ALL SELECT 'invoice_payment', p.id, p.tenant_id, 'invoice', p.invoice_id FROM paycore.invoice_payments p
	UNION ALL SELECT 'invoice_payment', p.id, p.tenant_id, 'payment', p.payment_id FROM paycore.invoice_payments p
	UNION ALL SELECT 'payment_intent', i.id, i.tenant_id, 'invoice', i.invoice_id FROM paycore.payment_intents i
	UNION ALL SELECT 'invoice', i.id, i.tenant_id, 'billing_account', i.billing_account_id FROM paycore.invoices i
	UNION ALL SELECT 'invoice', i.id, i.tenant_id, 'subscription', i.subscription_id FROM paycore.invoices i
	UNION ALL SELECT 'invoice_line', l.id, l.tenant_id, 'invoice', l.invoice_id FROM paycore.invoice_lines l
	UNION ALL SELECT 'invoice_line', l.id, l.tenant_id, 'subscription_item', l.subscription_item_id FROM paycore.invoice_lines l
	UNION ALL SELECT 'invoice_line', l.id, l.tenant_id, 'extra_charge', l.extra_charge_id FROM paycore.invoice_lines l
	UNION ALL SELECT 'invoice_line_discount', d.id, d.tenant_id, 'invoice', d.invoice_id FROM paycore.invoice_line_discounts d
	UNION ALL SELECT 'invoice_line_discount', d.id, d.tenant_id, 'invoice_line', d.invoice_line_id FROM paycore.invoice_line_discounts d
	UNION ALL SELECT 'invoice_line_discount', d.id, d.tenant_id, 'discount', d.discount_id FROM paycore.invoice_line_discounts d
	UNION ALL SELECT 'subscription_item', i.id, i.tenant_id, 'subscription_item', i.replaces_id FROM paycore.subscription_items i
	UNION ALL SELECT 'subscription_change', c.id, c.tenant_id, 'subscription', c.subscription_id FROM paycore.subscription_changes c
	UNION ALL SELECT 'extra_charge', e.id, e.tenant_id, 'billing_account', e.billing_account_id FROM paycore.extra_charges e
	UNION ALL SELECT 'extra_charge', e.id, e.tenant_id, 'subscription', e.subscription_id FROM paycore.extra_charges e
	UNION ALL SELECT 'extra_charge', e.id, e.tenant_id, 'subscription_item', e.subscription_item_id FROM paycore.extra_charges e
	UNION ALL SELECT 'extra_charge', e.id, e.tenant_id, 'product', e.product_id FROM paycore.extra_charges e
	UNION ALL SELECT 'extra_charge', e.id, e.tenant_id, 'price', e.price_id FROM paycore.extra_charges e
	UNION ALL SELECT 'extra_charge', e.id, e.tenant_id, 'invoice_line', e.credits_line_id FROM paycore.extra_charges e
	UNION ALL SELECT 'extra_charge', e.id, e.tenant_id, 'invoice_line', e.rebills_line_id FROM paycore.extra_charges e
	UNION ALL SELECT 'extra_charge', e.id, e.tenant_id, 'invoice', e.invoice_id FROM paycore.extra_charges e
	UNION ALL SELECT 'extra_charge', e.id, e.tenant_id, 'invoice', e.draft_id FROM paycore.extra_charges e
	UNION ALL SELECT 'refund', r.id, r.tenant_id, 'credit_note', r.credit_note_id FROM paycore.refunds r
	UNION ALL SELECT 'credit_note', n.id, n.tenant_id, 'billing_account', n.billing_account_id FROM paycore.credit_notes n
	UNION ALL SELECT 'credit_note', n.id, n.tenant_id, 'invoice', n.invoice_id FROM paycore.credit_notes n
	UNION ALL SELECT 'credit_note_line', c.id, c.tenant_id, 'credit_note', c.credit_note_id FROM paycore.credit_note_lines c
	UNION ALL SELECT 'credit_note_line', c.id, c.tenant_id, 'invoice_line', c.invoice_line_id FROM paycore.credit_note_lines c
	UNION ALL SELECT 'usage_threshold', t.id, t.tenant_id, 'billing_account', t.billing_account_id FROM paycore.usage_thresholds t
	UNION ALL SELECT 'usage_threshold', t.id, t.tenant_id, 'subscription', t.subscription_id FROM paycore.usage_thresholds t
	UNION ALL SELECT 'usage_alert', a.id, a.tenant_id, 'usage_threshold', a.threshold_id FROM paycore.usage_alerts a
	UNION ALL SELECT 'usage_alert', a.id, a.tenant_id, 'subscription', a.subscription_id FROM paycore.usage_alerts a
	UNION ALL SELECT 'usage_alert', a.id, a.tenant_id, 'invoice', a.invoice_id FROM paycore.usage_alerts a
	UNION ALL SELECT 'outbox', o.id, o.tenant_id, o.object_type, o.object_id FROM paycore.outbox o
		WHERE o.object_type NOT IN ('gateway_account', 'webhook_endpoint') AND NOT o.params OPERATOR(pg_catalog.?) 'psp_id'	-- names an object without a row
	UNION ALL SELECT 'idempotency_key', k.object_id, k.tenant_id, k.object_type, k.object_id FROM paycore.idempotency_keys k
		WHERE k.object_type <> 'gateway_account'
),
gateway_use AS (
	SELECT 'billing_account' AS object_type, a.id, a.tenant_id, a.gateway_account FROM paycore.billing_accounts a
	UNION ALL SELECT 'payment_intent', i.id, i.tenant_id, i.gateway_account FROM paycore.payment_intents i
	UNION ALL SELECT 'payment', p.id, p.tenant_id, p.gateway_account FROM payment p
	UNION ALL SELECT 'outbox', o.id, o.tenant_id, o.gateway_account FROM paycore.outbox o WHERE o.finished_at IS NULL
),
gateway_id AS (
	SELECT 'billing_account' AS object_type, a.gateway_account, a.psp_customer_id AS psp_id, a.id, a.tenant_id FROM paycore.billing_accounts a
	UNION ALL SELECT 'payment_intent', i.gateway_account, i.psp_intent_id, i.id, i.tenant_id FROM paycore.payment_intents i
	UNION ALL SELECT 'payment', p.gateway_account, p.psp_charge_id, p.id, p.tenant_id FROM paycore.payments p
	UNION ALL SELECT 'refund', r.gateway_account, r.psp_refund_id, r.id, r.tenant_id FROM paycore.refunds r
	UNION ALL SELECT 'setup_intent', i.gateway_account, i.psp_setup_intent_id, i.id, i.tenant_id FROM paycore.setup_intents i
	UNION ALL SELECT 'mandate', m.gateway_account, m.psp_mandate_id, m.id, m.tenant_id FROM paycore.mandates m
	UNION ALL SELECT 'dispute', d.gateway_account, d.psp_dispute_id, d.id, d.tenant_id FROM paycore.disputes d
	UNION ALL SELECT 'payout', o.gateway_account, o.psp_payout_id, o.id, o.tenant_id FROM paycore.payouts o
	UNION ALL SELECT 'balance_transaction', b.gateway_account, b.psp_balance_transaction_id, b.id, b.tenant_id FROM paycore.balance_transactions b
),
paid_out AS (
	SELECT o.id, o.tenant_id, o.psp_payout_id, o.reconciled, paycore.cents(o.amount) AS amount,
		(SELECT coalesce(sum(paycore.cents(b.net)), 0) FROM paycore.balance_transactions b WHERE b.payout_id = o.id AND b.tenant_id = o.tenant_id) AS net
	FROM paycore.payouts o
	WHERE o.transactions_read_at IS NOT NULL
),
dispute AS (
	SELECT d.id, d.tenant_id, d.status, d.held, d.amount, d.withdrawn, d.reinstated, p.currency AS payment_currency,
		-- What cannot be compared with the payment holds all that remained then, and that is anything up to the whole.
		CASE WHEN d.status::text ~ '^warning_' OR d.status::text = 'prevented' THEN 0
			WHEN t.foreign_taken THEN 0 ELSE greatest(0, least(coalesce(p.gross, p.authorized), t.taken)) END AS least_share,
		CASE WHEN d.status::text ~ '^warning_' OR d.status::text = 'prevented' THEN 0
			WHEN t.foreign_taken THEN coalesce(p.gross, p.authorized)
			ELSE greatest(0, least(coalesce(p.gross, p.authorized), t.taken)) END AS most_share
	FROM paycore.disputes d
	JOIN payment p ON p.id = d.payment_id AND p.tenant_id = d.tenant_id
	CROSS JOIN LATERAL (SELECT CASE WHEN count(*) > 0 AND count(m.own) = count(*) AND paycore.currency(d.amount)::text = p.currency
			THEN -sum(paycore.cents(m.own)) END AS taken
		FROM paycore.dispute_movements(d.amount, d.balance_transactions) m WHERE m.reporting_category IS DISTINCT FROM 'fee') own
	CROSS JOIN LATERAL (SELECT
		CASE WHEN d.withdrawn IS NULL AND d.reinstated IS NULL THEN paycore.cents(d.amount)
			ELSE coalesce(paycore.cents(d.withdrawn), 0) - coalesce(paycore.cents(d.reinstated), 0) END AS taken,
		paycore.currency(coalesce(d.withdrawn, d.reinstated, d.amount))::text <> p.currency
			OR paycore.currency(d.reinstated)::text <> paycore.currency(d.withdrawn)::text AS is_foreign) c
	CROSS JOIN LATERAL (SELECT CASE WHEN c.is_foreign THEN own.taken ELSE c.taken END AS taken,
		coalesce(c.is_foreign AND own.taken IS NULL, false) AS foreign_taken) t
),
intent AS (
	SELECT i.id, i.tenant_id, i.status::text AS status, i.billing_account_id, i.payment_id, i.client_secret, i.psp_intent_id,
		paycore.currency(i.amount)::text AS currency, paycore.cents(i.amount) AS amount, paycore.cents(i.amount_received) AS received,
		g.gateway, i.next_sweep_at,
		EXISTS (SELECT FROM paycore.outbox o WHERE o.object_id = i.id AND o.finished_at IS NULL) AS under_way
	FROM paycore.payment_intents i
	LEFT JOIN paycore.gateway_accounts g ON g.name = i.gateway_account AND g.tenant_id = i.tenant_id
)
-- Counters and their sums.
SELECT 'violation', 'refund counters equal the sum of refunds', 'payment', p.id::text, p.tenant_id,
	format('refund_reserved %s, sum %s; refunded %s, sum %s', p.refund_reserved, p.sum_reserved, p.refunded, p.sum_refunded)
FROM payment p WHERE p.refund_reserved <> p.sum_reserved OR p.refunded <> p.sum_refunded
UNION ALL
SELECT CASE WHEN p.over_returned THEN 'warning' ELSE 'violation' END, 'refunds and disputes stay within the captured amount', 'payment',
	p.id::text, p.tenant_id,
	format('captured %s, returned or held %s', coalesce(p.gross, 0), p.refund_reserved + p.refunded + p.dispute_held)
FROM payment p WHERE p.refund_reserved + p.refunded + p.dispute_held > coalesce(p.gross, 0)
UNION ALL
SELECT 'violation', 'counters are not negative', 'payment', p.id::text, p.tenant_id,
	format('refund_reserved %s, refunded %s, dispute_held %s', p.refund_reserved, p.refunded, p.dispute_held)
FROM payment p WHERE least(p.refund_reserved, p.refunded, p.dispute_held) < 0
-- Currencies.
UNION ALL
SELECT 'violation', 'a payment has one currency', 'payment', p.id::text, p.tenant_id, format('%s and %s', p.currency, c.currency)
FROM payment p, unnest(p.currencies) AS c(currency) WHERE c.currency <> p.currency
UNION ALL
SELECT 'violation', 'an intent has one currency', 'payment_intent', i.id::text, i.tenant_id,
	format('%s, %s capturable, %s received', i.amount, i.amount_capturable, i.amount_received)
FROM paycore.payment_intents i
WHERE paycore.currency(i.amount_capturable)::text <> paycore.currency(i.amount)::text
	OR paycore.currency(i.amount_received)::text <> paycore.currency(i.amount)::text
UNION ALL
SELECT 'violation', 'a refund has its payment''s currency', 'refund', r.id::text, r.tenant_id,
	format('refund in %s, payment in %s', paycore.currency(r.amount), p.currency)
FROM paycore.refunds r JOIN payment p ON p.id = r.payment_id AND p.tenant_id = r.tenant_id
WHERE paycore.currency(r.amount)::text <> p.currency
UNION ALL
SELECT 'violation', 'a payment has its intent''s currency', 'payment', p.id::text, p.tenant_id,
	format('payment in %s, intent in %s', p.currency, i.currency)
FROM payment p JOIN intent i ON i.id = p.payment_intent_id AND i.tenant_id = p.tenant_id WHERE i.currency <> p.currency
-- Settlement.
UNION ALL
SELECT 'violation', 'a settlement is whole', 'payment', p.id::text, p.tenant_id, 'some of settled_gross, fee, net, settled_at are missing'
FROM paycore.payments p
WHERE num_nulls(p.settled_gross, p.fee, p.net, p.settled_at) NOT IN (0, 4)
	OR (p.settled_gross IS NULL AND num_nonnulls(p.fee_details, p.exchange_rate, p.balance_transaction_ids, p.available_on) > 0)
UNION ALL
SELECT 'violation', 'net is settled gross less fee', 'payment', p.id::text, p.tenant_id,
	format('%s - %s is not %s', p.settled_gross, p.fee, p.net)
FROM paycore.payments p
WHERE num_nulls(p.settled_gross, p.fee, p.net) = 0
	AND (paycore.cents(p.settled_gross) - paycore.cents(p.fee) <> paycore.cents(p.net)
		OR paycore.currency(p.settled_gross)::text <> paycore.currency(p.fee)::text
		OR paycore.currency(p.settled_gross)::text <> paycore.currency(p.net)::text)
UNION ALL
SELECT 'violation', 'a succeeded payment is captured', 'payment', p.id::text, p.tenant_id, 'gross or captured_at is missing'
FROM payment p WHERE p.status = 'succeeded' AND (p.gross IS NULL OR p.captured_at IS NULL)
UNION ALL
SELECT 'violation', 'an intent has at most one succeeded payment', 'payment_intent', p.payment_intent_id::text, p.tenant_id,
	format('%s payments', count(*))
FROM payment p WHERE p.status = 'succeeded' AND p.payment_intent_id IS NOT NULL
GROUP BY p.payment_intent_id, p.tenant_id HAVING count(*) > 1
-- Amounts.
UNION ALL
SELECT 'violation', 'amounts are above zero', 'refund', r.id::text, r.tenant_id, r.amount::text FROM paycore.refunds r WHERE paycore.cents(r.amount) <= 0
UNION ALL
SELECT 'violation', 'amounts are above zero', 'payment', p.id::text, p.tenant_id, p.authorized::text FROM payment p WHERE p.authorized <= 0
UNION ALL
SELECT 'violation', 'amounts are above zero', 'payment_intent', i.id::text, i.tenant_id, i.amount::text FROM intent i WHERE i.amount <= 0
-- Words.
UNION ALL
SELECT 'violation', 'a word is one that its column takes', w.object_type, w.id::text, w.tenant_id, format('%s: %s', w.list, w.word)
FROM (SELECT 'payment_intent' AS object_type, i.id, i.tenant_id, 'capture_method' AS list, i.capture_method AS word FROM paycore.payment_intents i
	UNION ALL SELECT 'payment_intent', i.id, i.tenant_id, 'confirmation_method', i.confirmation_method FROM paycore.payment_intents i
	UNION ALL SELECT 'payment_intent', i.id, i.tenant_id, 'setup_future_usage', i.setup_future_usage FROM paycore.payment_intents i
	UNION ALL SELECT 'payment_attempt', t.id, t.tenant_id, 'attempt_outcome', t.outcome FROM paycore.payment_attempts t
	UNION ALL SELECT 'refund', r.id, r.tenant_id, 'refund_kind', r.kind FROM paycore.refunds r
	UNION ALL SELECT 'dispute', d.id, d.tenant_id, 'dispute_kind', d.kind FROM paycore.disputes d
	UNION ALL SELECT 'status_change', c.id, c.tenant_id, 'change_source', c.source FROM paycore.status_changes c
	UNION ALL SELECT 'outbox', o.id, o.tenant_id, 'outbox_status', o.status FROM paycore.outbox o
	UNION ALL SELECT 'webhook_event', e.id, e.tenant_id, 'event_status', e.status FROM paycore.webhook_events e
	UNION ALL SELECT 'balance_transaction', b.id, b.tenant_id, 'balance_status', b.status FROM paycore.balance_transactions b) w
WHERE NOT paycore.is_known(w.word, w.list)
-- Card data.
UNION ALL
SELECT 'violation', 'no row holds card data', d.object_type, d.id::text, d.tenant_id, format('%s: what looks like a %s', d.place, d.found)
FROM (SELECT 'billing_account' AS object_type, a.id, a.tenant_id, 'metadata' AS place, paycore.card_data_in(a.metadata) AS found FROM paycore.billing_accounts a
	UNION ALL SELECT 'payment_method', m.id, m.tenant_id, 'metadata', paycore.card_data_in(m.metadata) FROM paycore.payment_methods m
	UNION ALL SELECT 'payment_method', m.id, m.tenant_id, 'psp_payment_method_id', paycore.card_data_in(m.psp_payment_method_id) FROM paycore.payment_methods m
	UNION ALL SELECT 'payment_intent', i.id, i.tenant_id, 'metadata', paycore.card_data_in(i.metadata) FROM paycore.payment_intents i
	UNION ALL SELECT 'payment_intent', i.id, i.tenant_id, 'description', paycore.card_data_in(i.description) FROM paycore.payment_intents i
	UNION ALL SELECT 'payment', p.id, p.tenant_id, 'metadata', paycore.card_data_in(p.metadata) FROM paycore.payments p
	UNION ALL SELECT 'payment', p.id, p.tenant_id, 'description', paycore.card_data_in(p.description) FROM paycore.payments p
	UNION ALL SELECT 'setup_intent', i.id, i.tenant_id, 'metadata', paycore.card_data_in(i.metadata) FROM paycore.setup_intents i
	UNION ALL SELECT 'refund', r.id, r.tenant_id, 'metadata', paycore.card_data_in(r.metadata) FROM paycore.refunds r
	UNION ALL SELECT 'payout', o.id, o.tenant_id, 'metadata', paycore.card_data_in(o.metadata) FROM paycore.payouts o
	UNION ALL SELECT 'payout', o.id, o.tenant_id, 'description', paycore.card_data_in(o.description) FROM paycore.payouts o
	UNION ALL SELECT 'balance_transaction', b.id, b.tenant_id, 'description', paycore.card_data_in(b.description) FROM paycore.balance_transactions b
	UNION ALL SELECT 'dispute', d.id, d.tenant_id, 'evidence', paycore.card_data_in(d.evidence) FROM paycore.disputes d
	UNION ALL SELECT 'dispute', d.id, d.tenant_id, 'metadata', paycore.card_data_in(d.metadata) FROM paycore.disputes d
	UNION ALL SELECT 'receipt', c.id, c.tenant_id, 'data', paycore.card_data_in(c.data) FROM paycore.receipts c) d
WHERE d.found IS NOT NULL
-- Histories.
UNION ALL
SELECT 'violation', 'a history is one walk', s.object_type, s.object_id, s.tenant_id,
	format('step %s starts at %s after %s', s.place, coalesce(s.from_status, 'nothing'), coalesce(s.previous, 'nothing'))
FROM step s WHERE s.from_status IS DISTINCT FROM s.previous
UNION ALL
SELECT 'violation', 'a history takes legal steps', s.object_type, s.object_id, s.tenant_id, format('%s to %s', s.from_status, s.to_status)
FROM step s
WHERE s.from_status IS NOT NULL
	AND NOT EXISTS (SELECT FROM legal l WHERE l.object_type = s.object_type AND l.from_status = s.from_status AND l.to_status = s.to_status)
UNION ALL
SELECT 'violation', 'a history ends at the present status', n.object_type, n.object_id, n.tenant_id,
	format('status %s, history ends at %s', n.status, coalesce(s.to_status, 'nothing'))
FROM present n
LEFT JOIN step s ON s.object_type = n.object_type AND s.object_id = n.object_id AND s.tenant_id = n.tenant_id AND s.from_end = 1
WHERE s.to_status IS DISTINCT FROM n.status
-- References and tenants.
UNION ALL
SELECT 'violation', CASE WHEN o.id IS NULL THEN 'what a row names exists' ELSE 'a row and what it names have one tenant' END,
	f.object_type, f.id::text, f.tenant_id,
	format('%s %s%s', f.parent_type, f.parent_id, ' of tenant ' || o.tenant_id)
FROM reference f
LEFT JOIN thing t ON t.object_type = f.parent_type AND t.id = f.parent_id AND t.tenant_id = f.tenant_id
LEFT JOIN thing o ON o.object_type = f.parent_type AND o.id = f.parent_id
WHERE f.parent_id IS NOT NULL AND t.id IS NULL
UNION ALL
SELECT 'violation', 'a gateway account exists', u.object_type, u.id::text, u.tenant_id, u.gateway_account
FROM gateway_use u WHERE NOT EXISTS (SELECT FROM paycore.gateway_accounts g WHERE g.name = u.gateway_account AND g.tenant_id = u.tenant_id)
UNION ALL
SELECT 'violation', 'a gateway''s object has one row', i.object_type, min(i.id::text), min(i.tenant_id), format('%s has %s rows', i.psp_id, count(*))
FROM gateway_id i WHERE i.psp_id IS NOT NULL GROUP BY i.object_type, i.gateway_account, i.psp_id HAVING count(*) > 1
UNION ALL
SELECT 'violation', 'refund and payment have one account and gateway', 'refund', r.id::text, r.tenant_id,
	format('refund on %s, payment on %s', r.gateway_account, p.gateway_account)
FROM paycore.refunds r JOIN payment p ON p.id = r.payment_id AND p.tenant_id = r.tenant_id
WHERE r.gateway_account <> p.gateway_account OR r.billing_account_id <> p.billing_account_id
UNION ALL
SELECT 'violation', 'an intent and its payment name each other', 'payment_intent', i.id::text, i.tenant_id,
	format('payment %s belongs to intent %s', p.id, p.payment_intent_id)
FROM intent i JOIN payment p ON p.id = i.payment_id AND p.tenant_id = i.tenant_id WHERE p.payment_intent_id IS DISTINCT FROM i.id
UNION ALL
SELECT 'violation', 'a default method is attached or on its way', 'payment_method', m.id::text, m.tenant_id, m.status
FROM paycore.payment_methods m WHERE m.is_default AND m.status IN ('detached', 'failed')
UNION ALL
SELECT 'violation', 'an account has at most one default method', 'billing_account', m.billing_account_id::text, m.tenant_id, format('%s methods', count(*))
FROM paycore.payment_methods m WHERE m.is_default GROUP BY m.billing_account_id, m.tenant_id HAVING count(*) > 1
-- Setup intents and mandates.
UNION ALL
SELECT 'violation', 'a created setup intent is on its way', 'setup_intent', i.id::text, i.tenant_id, 'no request in the outbox'
FROM paycore.setup_intents i WHERE i.status::text = 'created'
	AND NOT EXISTS (SELECT FROM paycore.outbox o WHERE o.object_id = i.id AND o.finished_at IS NULL)
UNION ALL
SELECT 'violation', 'a finished setup intent keeps no client secret', 'setup_intent', i.id::text, i.tenant_id, i.status::text
FROM paycore.setup_intents i WHERE i.status::text IN ('succeeded', 'canceled', 'failed') AND i.client_secret IS NOT NULL
UNION ALL
SELECT 'violation', 'a succeeded setup intent has saved its method', 'setup_intent', i.id::text, i.tenant_id, coalesce(i.payment_method, 'no method')
FROM paycore.setup_intents i WHERE i.status::text = 'succeeded'
	AND NOT EXISTS (SELECT FROM paycore.payment_methods m WHERE m.psp_payment_method_id = i.payment_method
		AND m.billing_account_id = i.billing_account_id AND m.tenant_id = i.tenant_id)
UNION ALL
SELECT 'violation', 'a mandate and its method have one account', 'mandate', n.id::text, n.tenant_id, n.psp_payment_method_id
FROM paycore.mandates n
WHERE EXISTS (SELECT FROM paycore.payment_methods m WHERE m.psp_payment_method_id = n.psp_payment_method_id AND m.tenant_id = n.tenant_id)
	AND NOT EXISTS (SELECT FROM paycore.payment_methods m WHERE m.psp_payment_method_id = n.psp_payment_method_id
		AND m.billing_account_id = n.billing_account_id AND m.tenant_id = n.tenant_id)
-- Intents and refunds that nothing moves any more.
UNION ALL
SELECT 'violation', 'a created intent is on its way', 'payment_intent', i.id::text, i.tenant_id, 'no request in the outbox'
FROM intent i WHERE i.status = 'created' AND i.gateway <> 'manual' AND NOT i.under_way
UNION ALL
SELECT 'violation', 'a succeeded intent has its payment', 'payment_intent', i.id::text, i.tenant_id, 'no payment, no request in the outbox, and no look at it planned'
FROM intent i WHERE i.status = 'succeeded' AND i.payment_id IS NULL AND NOT i.under_way AND i.next_sweep_at IS NULL
UNION ALL
SELECT 'violation', 'a finished intent keeps no client secret', 'payment_intent', i.id::text, i.tenant_id, i.status
FROM intent i WHERE i.status IN ('succeeded', 'canceled', 'failed') AND i.client_secret IS NOT NULL
UNION ALL
SELECT 'violation', 'a pending refund is on its way or at the gateway', 'refund', r.id::text, r.tenant_id, 'no gateway id, and no request in the outbox'
FROM paycore.refunds r
WHERE r.status::text = 'pending' AND r.psp_refund_id IS NULL
	AND NOT EXISTS (SELECT FROM paycore.gateway_accounts g WHERE g.name = r.gateway_account AND g.tenant_id = r.tenant_id AND g.gateway = 'manual')
	AND NOT EXISTS (SELECT FROM paycore.outbox o WHERE o.object_id = r.id AND o.finished_at IS NULL)
UNION ALL
SELECT 'violation', 'a requested refund is not at the gateway', 'refund', r.id::text, r.tenant_id, r.psp_refund_id
FROM paycore.refunds r WHERE r.status::text = 'requested' AND r.psp_refund_id IS NOT NULL
UNION ALL
SELECT 'violation', 'the approver is not the requester', 'refund', r.id::text, r.tenant_id, r.approved_by
FROM paycore.refunds r WHERE r.approved_by = r.requested_by
-- Balance transactions and payouts.
UNION ALL
SELECT 'violation', 'net is amount less fee', 'balance_transaction', b.id::text, b.tenant_id, format('%s - %s is not %s', b.amount, b.fee, b.net)
FROM paycore.balance_transactions b
WHERE paycore.cents(b.amount) - paycore.cents(b.fee) <> paycore.cents(b.net)
	OR paycore.currency(b.amount)::text <> paycore.currency(b.fee)::text OR paycore.currency(b.amount)::text <> paycore.currency(b.net)::text
UNION ALL
SELECT CASE WHEN o.reconciled THEN 'violation' ELSE 'warning' END, 'a payout is the sum of its transactions', 'payout', o.id::text, o.tenant_id,
	format('%s is of %s, its transactions of %s', o.psp_payout_id, o.amount, o.net)
FROM paid_out o WHERE o.net <> o.amount
UNION ALL
SELECT 'violation', 'a transaction is of what its source names', 'balance_transaction', b.id::text, b.tenant_id,
	format('source %s, matched with %s', b.psp_source_id, coalesce(p.psp_charge_id, r.psp_refund_id, d.psp_dispute_id, f.psp_payout_id))
FROM paycore.balance_transactions b
LEFT JOIN paycore.payments p ON p.id = b.payment_id AND p.tenant_id = b.tenant_id
LEFT JOIN paycore.refunds r ON r.id = b.refund_id AND r.tenant_id = b.tenant_id
LEFT JOIN paycore.disputes d ON d.id = b.dispute_id AND d.tenant_id = b.tenant_id
LEFT JOIN paycore.payouts f ON f.id = b.source_payout_id AND f.tenant_id = b.tenant_id
WHERE coalesce(p.psp_charge_id, r.psp_refund_id, d.psp_dispute_id, f.psp_payout_id) <> b.psp_source_id
	OR num_nonnulls(b.payment_id, b.refund_id, b.dispute_id, b.source_payout_id) > 1
UNION ALL
SELECT 'violation', 'a settlement is the sum of its transactions', 'payment', p.id::text, p.tenant_id,
	format('settled %s and fee %s, transactions %s and %s', paycore.cents(p.settled_gross), paycore.cents(p.fee), s.amount, s.fee)
FROM (SELECT DISTINCT b.payment_id, b.tenant_id FROM paycore.balance_transactions b WHERE b.payment_id IS NOT NULL) c
JOIN paycore.payments p ON p.id = c.payment_id AND p.tenant_id = c.tenant_id
JOIN LATERAL (
	SELECT count(b.id) AS known, sum(paycore.cents(b.amount)) AS amount, sum(paycore.cents(b.fee)) AS fee
	FROM unnest(p.balance_transaction_ids) u(id)
	LEFT JOIN paycore.balance_transactions b ON b.psp_balance_transaction_id = u.id AND b.gateway_account = p.gateway_account AND b.tenant_id = p.tenant_id) s ON true
WHERE s.known = cardinality(p.balance_transaction_ids)
	AND (s.amount <> paycore.cents(p.settled_gross) OR s.fee <> paycore.cents(p.fee))
UNION ALL
SELECT 'violation', 'a refund is what its transaction took', 'refund', r.id::text, r.tenant_id,
	format('refund of %s, transaction %s of %s', r.amount, b.psp_balance_transaction_id, b.amount)
FROM paycore.balance_transactions b JOIN paycore.refunds r ON r.id = b.refund_id AND r.tenant_id = b.tenant_id
WHERE b.reporting_category = 'refund' AND paycore.currency(b.amount)::text = paycore.currency(r.amount)::text
	AND paycore.cents(b.amount) <> -paycore.cents(r.amount)
UNION ALL
SELECT 'violation', 'a dispute''s transaction is what the dispute says', 'dispute', d.id::text, d.tenant_id,
	format('%s is of %s with a fee of %s, the dispute says %s and %s', b.psp_balance_transaction_id, b.amount, b.fee, m.amount, m.fee)
FROM paycore.balance_transactions b
JOIN paycore.disputes d ON d.id = b.dispute_id AND d.tenant_id = b.tenant_id
JOIN LATERAL paycore.dispute_movements(d.amount, d.balance_transactions) m ON m.id = b.psp_balance_transaction_id
WHERE b.amount::text <> m.amount::text OR b.fee::text <> m.fee::text
UNION ALL
SELECT 'violation', 'a reconciled payment is in a payout', 'payment', p.id::text, p.tenant_id, p.reconciliation_notes
FROM paycore.payments p
WHERE p.reconciled AND p.reconciliation_notes LIKE 'in payout %'
	AND NOT EXISTS (SELECT FROM paycore.balance_transactions b
		WHERE b.psp_source_id = p.psp_charge_id AND b.gateway_account = p.gateway_account AND b.payout_id IS NOT NULL)
-- Disputes.
UNION ALL
SELECT 'violation', 'dispute_held is the sum of what disputes hold', 'payment', p.id::text, p.tenant_id,
	format('dispute_held %s, sum %s', p.dispute_held, coalesce(h.held, 0))
FROM payment p
LEFT JOIN (SELECT d.payment_id, d.tenant_id, sum(paycore.cents(d.held)) AS held FROM paycore.disputes d GROUP BY d.payment_id, d.tenant_id) h
	ON h.payment_id = p.id AND h.tenant_id = p.tenant_id
WHERE p.dispute_held <> coalesce(h.held, 0)
UNION ALL
SELECT 'violation', 'a dispute holds what its money says', 'dispute', d.id::text, d.tenant_id,
	format('%s holds %s; of %s, withdrawn %s, reinstated %s', d.status, d.held, d.amount, coalesce(d.withdrawn::text, 'nothing'),
		coalesce(d.reinstated::text, 'nothing'))
FROM dispute d
WHERE paycore.cents(d.held) NOT BETWEEN d.least_share AND d.most_share OR paycore.currency(d.held)::text <> d.payment_currency
UNION ALL
SELECT 'violation', 'a dispute''s sums are those of its balance transactions', 'dispute', d.id::text, d.tenant_id,
	format('withdrawn %s, reinstated %s, fee %s', coalesce(d.withdrawn::text, 'nothing'), coalesce(d.reinstated::text, 'nothing'),
		coalesce(d.fee::text, 'nothing'))
FROM paycore.disputes d
CROSS JOIN LATERAL (SELECT
		-sum(paycore.cents(m.amount)) FILTER (WHERE paycore.cents(m.amount) < 0 AND m.reporting_category IS DISTINCT FROM 'fee'
			AND paycore.currency(m.amount)::text = paycore.currency(d.withdrawn)::text) AS taken,
		sum(paycore.cents(m.amount)) FILTER (WHERE paycore.cents(m.amount) > 0 AND m.reporting_category IS DISTINCT FROM 'fee'
			AND paycore.currency(m.amount)::text = paycore.currency(d.reinstated)::text) AS given,
		sum(paycore.cents(m.fee) - CASE WHEN m.reporting_category = 'fee' THEN paycore.cents(m.amount) ELSE 0 END)
			FILTER (WHERE paycore.currency(m.fee)::text = paycore.currency(coalesce(d.fee, m.fee))::text) AS fee
	FROM paycore.dispute_movements(d.amount, d.balance_transactions) m) s
WHERE paycore.cents(d.withdrawn) IS DISTINCT FROM s.taken OR paycore.cents(d.reinstated) IS DISTINCT FROM s.given
	OR paycore.cents(d.fee) IS DISTINCT FROM s.fee
	OR (d.withdrawn IS NULL) <> (d.withdrawal_ids IS NULL) OR (d.reinstated IS NULL) <> (d.reinstatement_ids IS NULL)
UNION ALL
SELECT 'violation', 'a dispute and its payment have one account and gateway', 'dispute', d.id::text, d.tenant_id,
	format('dispute on %s, payment on %s', d.gateway_account, p.gateway_account)
FROM paycore.disputes d JOIN payment p ON p.id = d.payment_id AND p.tenant_id = d.tenant_id
WHERE d.gateway_account <> p.gateway_account OR d.billing_account_id <> p.billing_account_id
	OR d.payment_intent_id IS DISTINCT FROM p.payment_intent_id
UNION ALL
SELECT 'violation', 'amounts are above zero', 'dispute', d.id::text, d.tenant_id, d.amount::text FROM paycore.disputes d WHERE paycore.cents(d.amount) <= 0
UNION ALL
SELECT 'violation', 'a closed review has its time', 'review', v.id::text, v.tenant_id, coalesce(v.closed_reason, 'no reason')
FROM paycore.reviews v WHERE v.is_open = (v.closed_at IS NOT NULL)
UNION ALL
SELECT 'violation', 'an open dispute is looked at', 'dispute', d.id::text, d.tenant_id, d.status::text
FROM paycore.disputes d
WHERE d.status::text NOT IN ('won', 'lost', 'warning_closed', 'prevented') AND d.next_sweep_at IS NULL
	AND NOT EXISTS (SELECT FROM paycore.gateway_accounts g WHERE g.name = d.gateway_account AND g.tenant_id = d.tenant_id AND g.gateway = 'manual')
-- Outbox.
UNION ALL
SELECT 'violation', 'a finished request has a final status', 'outbox', o.id::text, o.tenant_id, o.status
FROM paycore.outbox o WHERE (o.finished_at IS NULL) <> (o.status IN ('pending', 'sending', 'resolving', 'dead'))
UNION ALL
SELECT 'violation', 'a sent request is frozen', 'outbox', o.id::text, o.tenant_id, 'method, path, body or key is missing'
FROM paycore.outbox o WHERE o.first_sent_at IS NOT NULL AND num_nulls(o.method, o.path, o.body, o.idempotency_key) > 0
UNION ALL
SELECT 'violation', 'an idempotency key serves one request', 'outbox', min(o.id::text), min(o.tenant_id), format('%s rows with key %s', count(*), o.idempotency_key)
FROM paycore.outbox o WHERE o.idempotency_key IS NOT NULL GROUP BY o.idempotency_key HAVING count(*) > 1
UNION ALL
SELECT 'warning', 'no request is dead', 'outbox', o.id::text, o.tenant_id, coalesce(o.error_code, o.error_message, 'outcome unknown')
FROM paycore.outbox o WHERE o.status = 'dead'
UNION ALL
SELECT 'warning', 'every doubt is being looked into', n.object_type, n.id::text, n.tenant_id, 'gw_doubt, and no request in the outbox'
FROM (SELECT 'payment_intent' AS object_type, i.id, i.tenant_id FROM paycore.payment_intents i WHERE i.gw_doubt
	UNION ALL SELECT 'setup_intent', i.id, i.tenant_id FROM paycore.setup_intents i WHERE i.gw_doubt
	UNION ALL SELECT 'refund', r.id, r.tenant_id FROM paycore.refunds r WHERE r.gw_doubt
	UNION ALL SELECT 'dispute', d.id, d.tenant_id FROM paycore.disputes d WHERE d.gw_doubt) n
WHERE NOT EXISTS (SELECT FROM paycore.outbox o WHERE o.object_id = n.id AND o.finished_at IS NULL)
-- Webhook endpoints.
UNION ALL
SELECT 'violation', 'an endpoint has its place in the feed', 'webhook_endpoint', e.id::text, e.tenant_id, e.name
FROM paycore.webhook_endpoints e
WHERE NOT EXISTS (SELECT FROM paycore.change_consumers k WHERE k.tenant_id = e.tenant_id AND k.name = 'endpoint:' || e.name)
UNION ALL
SELECT 'violation', 'what an endpoint has passed was queued', 'webhook_endpoint', e.id::text, e.tenant_id, format('%s: change %s, place %s', e.name, c.id, c.seq)
FROM paycore.webhook_endpoints e
JOIN paycore.change_consumers k ON k.tenant_id = e.tenant_id AND k.name = 'endpoint:' || e.name
JOIN paycore.status_changes c ON c.tenant_id = e.tenant_id AND c.seq > e.applies_from
CROSS JOIN LATERAL (SELECT (c.xact >> 44)::int4 AS era, (c.xact & 17592186044415)::text::xid8 AS xid) x
WHERE c.changed_at > now() - current_setting('paycore.outbox_retention')::interval
	AND (e.enabled_events && ARRAY['*', c.object_type || '.*', c.object_type || '.' || c.to_status])
	AND (CASE WHEN x.era = k.seen_era THEN pg_visible_in_snapshot(x.xid, k.seen) ELSE c.seq <= k.seen_seq END
		OR x.era = k.page_era AND c.seq <= k.acknowledged AND pg_visible_in_snapshot(x.xid, k.page))
	AND NOT EXISTS (SELECT FROM paycore.outbox o WHERE o.object_id = e.id AND o.tenant_id = e.tenant_id AND o.params ->> 'id' = c.id::text)
-- Events.
UNION ALL
SELECT 'violation', 'a processed event has its time', 'webhook_event', e.id::text, e.tenant_id, e.event_id
FROM paycore.webhook_events e WHERE e.status = 'processed' AND e.processed_at IS NULL
UNION ALL
SELECT 'violation', 'no event keeps a client secret', 'webhook_event', e.id::text, e.tenant_id, e.event_id
FROM paycore.webhook_events e WHERE jsonb_path_exists(e.payload, '$.**.client_secret ? (@ != null)')
UNION ALL
SELECT 'warning', 'no event has failed', 'webhook_event', e.id::text, e.tenant_id, coalesce(e.error_message, e.error_code)
FROM paycore.webhook_events e WHERE e.status = 'failed'
-- Receipts.
UNION ALL
SELECT 'violation', 'a receipt states what was paid or refunded', 'receipt', c.id::text, c.tenant_id,
	format('%s of account %s; %s of account %s', c.amount, c.billing_account_id, coalesce(r.amount, p.gross), p.billing_account_id)
FROM paycore.receipts c
JOIN paycore.payments p ON p.id = c.payment_id AND p.tenant_id = c.tenant_id
LEFT JOIN paycore.refunds r ON r.id = c.refund_id AND r.tenant_id = c.tenant_id
WHERE CASE WHEN c.refund_id IS NULL THEN p.gross ELSE r.amount END OPERATOR(paycore.=) c.amount IS NOT TRUE
	OR c.billing_account_id <> p.billing_account_id OR r.payment_id <> c.payment_id
UNION ALL
SELECT 'violation', 'a receipt''s number is its own', 'receipt', min(c.id::text), c.tenant_id, format('%s receipts have %s', count(*), c.number)
FROM paycore.receipts c GROUP BY c.tenant_id, c.number HAVING count(*) > 1
UNION ALL
SELECT 'violation', 'a payment or refund has one receipt', 'receipt', min(c.id::text), c.tenant_id, format('%s receipts', count(*))
FROM paycore.receipts c GROUP BY c.tenant_id, c.payment_id, c.refund_id HAVING count(*) > 1
UNION ALL
SELECT l.severity, l.rule, l.object_type, l.object_id, l.tenant_id, l.detail FROM paycore.find_ledger_violations() l
UNION ALL
SELECT b.severity, b.rule, b.object_type, b.object_id, b.tenant_id, b.detail FROM paycore.find_billing_violations() b
UNION ALL
SELECT c.severity, c.rule, c.object_type, c.object_id, c.tenant_id, c.detail FROM paycore.find_collecting_violations() c
UNION ALL
SELECT u.severity, u.rule, u.object_type, u.object_id, u.tenant_id, u.detail FROM paycore.find_usage_violations() u
UNION ALL
SELECT c.severity, c.rule, c.object_type, c.object_id, c.tenant_id, c.detail FROM paycore.find_credit_note_violations() c
$verify$;
COMMENT ON FUNCTION paycore.find_violations() IS 'What verify() runs. For a superuser, verify() is the safer one: tables of somebody else may have that person''s code behind them.';

CREATE FUNCTION paycore.verify(
	OUT severity text, OUT rule text, OUT object_type text, OUT object_id text, OUT tenant_id text, OUT detail text)
RETURNS SETOF record
LANGUAGE C STABLE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'paycore_verify';
COMMENT ON FUNCTION paycore.verify() IS 'An fsck for money: every invariant over all rows. No rows: all hold. Severity violation: a rule is broken; warning: allowed by the gateway''s word, but look. Run it as the owner, who sees every tenant.';
