-- What is applied to the bills, their lines and discounts are written, and what they bill is marked: the part that follows after "made".
moved AS (
	INSERT INTO paycore.account_transactions (id, tenant_id, billing_account_id, amount, reason, object_type, object_id, actor)
	SELECT t.transaction_id, $1, t.billing_account_id, OPERATOR(paycore.-) t.balance_applied, t.reason, 'invoice', t.invoice_id, $5
	FROM owed t WHERE t.transaction_id IS NOT NULL
),
paid AS (
	INSERT INTO paycore.invoice_payments (tenant_id, invoice_id, kind, amount, surplus, account_transaction_id, applied_at)
	SELECT $1, t.invoice_id, 'balance', t.balance_applied, t.zero, t.transaction_id, n.issued
	FROM owed t CROSS JOIN series n WHERE t.transaction_id IS NOT NULL
),
lines AS (
	INSERT INTO paycore.invoice_lines (id, tenant_id, invoice_id, place, kind, subscription_id, subscription_item_id, product_id, price_id, period,
		description, quantity, unit_price, amount, discount, tax, tax_inclusive, taxes, extra_charge_id, metadata)
	SELECT p.id, $1, p.invoice_id, p.place, p.kind, nullif(p.subscription_id, p.invoice_id), p.item_id, p.product_id, p.price_id, p.period, p.description, p.quantity, p.unit_price,
		p.amount, p.discount, paycore.tax_total(p.taxes, p.currency), p.inclusive, p.taxes, p.extra_charge_id, coalesce(p.metadata, '{}')
	FROM priced p
),
reductions AS (
	INSERT INTO paycore.invoice_line_discounts (tenant_id, invoice_id, invoice_line_id, discount_id, coupon_id, amount)
	SELECT $1, b.invoice_id, x.line_id, x.discount_id, x.coupon_id, x.amount
	FROM reduction x JOIN bill b ON b.subscription_id = x.subscription_id
),
used_up AS (
	UPDATE paycore.discounts d SET periods_left = d.periods_left - u.times, ends_at = CASE WHEN d.periods_left = u.times THEN $2 END
	FROM (SELECT x.discount_id, count(DISTINCT x.subscription_id) AS times FROM reduction x GROUP BY x.discount_id) u
	WHERE d.id = u.discount_id AND d.id = ANY (ARRAY(SELECT h.id FROM held h WHERE h.periods_left IS NOT NULL)) AND d.tenant_id = $1 AND d.periods_left IS NOT NULL
),
billed_extra AS (
	UPDATE paycore.extra_charges e SET invoice_id = p.invoice_id, credits_line_id = p.credited_line_id,
		tax_inclusive = CASE WHEN p.credits_again THEN p.inclusive ELSE e.tax_inclusive END
	FROM priced p WHERE e.id = p.extra_charge_id AND e.id = ANY (ARRAY(SELECT k.extra_charge_id FROM priced k WHERE k.extra_charge_id IS NOT NULL)) AND e.tenant_id = $1
),
