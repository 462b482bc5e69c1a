--
-- The part of verify() that is about what is sold and billed.
--

CREATE FUNCTION paycore.find_billing_violations(
	OUT severity text, OUT rule text, OUT object_type text, OUT object_id text, OUT tenant_id text, OUT detail text)
RETURNS SETOF record
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
SET jit = off	-- hundreds of expressions take seconds to compile
AS $verify$
-- Prices.
SELECT 'violation', 'a price has an amount in some currency', 'price', p.id::text, p.tenant_id, format('%s, version %s', p.code, p.version)
FROM paycore.prices p
WHERE NOT EXISTS (SELECT FROM paycore.price_currencies c WHERE c.price_id = p.id AND c.tenant_id = p.tenant_id)
UNION ALL
SELECT 'violation', 'the amounts of a price suit its model', 'price', p.id::text, p.tenant_id,
	format('%s in %s by %s', p.model, c.currency, CASE WHEN c.tiers IS NULL THEN 'the unit' ELSE 'tiers' END)
FROM paycore.prices p
JOIN paycore.price_currencies c ON c.price_id = p.id AND c.tenant_id = p.tenant_id
WHERE (c.tiers IS NOT NULL) <> (p.model IN ('graduated', 'volume')) OR num_nonnulls(c.tiers, c.unit_price) <> 1
	OR (p.package_size IS NOT NULL) <> (p.model = 'package')
UNION ALL
SELECT 'violation', 'the bounds of a price are in its currency', 'price', c.price_id::text, c.tenant_id,
	format('%s: %s to %s', c.currency, c.minimum, c.maximum)
FROM paycore.price_currencies c
WHERE paycore.currency(c.minimum)::text <> c.currency::text OR paycore.currency(c.maximum)::text <> c.currency::text
	OR paycore.cents(c.minimum) > paycore.cents(c.maximum)
UNION ALL
SELECT 'violation', 'one version of a price is sold', 'price', min(p.id::text), p.tenant_id, format('%s: %s are active', p.code, count(*))
FROM paycore.prices p WHERE p.active GROUP BY p.code, p.tenant_id HAVING count(*) > 1
UNION ALL
SELECT 'violation', 'the versions of a price are numbered from one on', 'price', min(p.id::text), p.tenant_id, format('%s: %s of %s', p.code, count(*), max(p.version))
FROM paycore.prices p GROUP BY p.code, p.tenant_id HAVING count(DISTINCT p.version) <> max(p.version) OR count(*) <> max(p.version)
UNION ALL
SELECT 'violation', 'the versions of a price are of one product, model and interval', 'price', min(p.id::text), p.tenant_id, p.code
FROM paycore.prices p GROUP BY p.code, p.tenant_id
HAVING count(DISTINCT p.product_id) > 1 OR count(DISTINCT p.model) > 1 OR count(DISTINCT coalesce(p.every::text, '')) > 1
-- Tax rates.
UNION ALL
SELECT 'violation', 'a tax is of 0 to 100 percent, and of none where nothing is due', 'tax_rate', r.id::text, r.tenant_id, format('%s, %s: %s', r.code, r.kind, r.percentage)
FROM paycore.tax_rates r
WHERE r.percentage NOT BETWEEN 0 AND 100 OR min_scale(r.percentage) > 6 OR (r.kind <> 'standard' AND (r.percentage <> 0 OR r.invoice_text IS NULL))
UNION ALL
SELECT 'violation', 'the taxes that are due are active', 'tax_rate', r.id::text, r.tenant_id, r.code
FROM paycore.tax_rates r
WHERE NOT r.active AND (r.by_default OR EXISTS (SELECT FROM paycore.product_tax_rates t WHERE t.tax_rate_id = r.id AND t.tenant_id = r.tenant_id))
UNION ALL
SELECT 'violation', 'the taxes on a product are all within its price, or none is', 'product', t.product_id::text, t.tenant_id, string_agg(r.code, ', ' ORDER BY r.code)
FROM paycore.product_tax_rates t
JOIN paycore.tax_rates r ON r.id = t.tax_rate_id AND r.tenant_id = t.tenant_id
GROUP BY t.product_id, t.tenant_id HAVING count(DISTINCT r.inclusive) > 1
UNION ALL
SELECT 'violation', 'the taxes that are due by default are all within the price, or none is', 'tax_rate', min(r.id::text), r.tenant_id, string_agg(r.code, ', ' ORDER BY r.code)
FROM paycore.tax_rates r WHERE r.by_default GROUP BY r.tenant_id HAVING count(DISTINCT r.inclusive) > 1
-- Coupons, promotion codes, discounts.
UNION ALL
SELECT 'violation', 'a coupon takes off an amount, or up to 100 percent', 'coupon', c.id::text, c.tenant_id, format('%s: %s, %s', c.code, c.percent_off, c.amount_off)
FROM paycore.coupons c
WHERE num_nonnulls(c.percent_off, c.amount_off) <> 1 OR c.percent_off <= 0 OR c.percent_off > 100 OR paycore.cents(c.amount_off) <= 0
UNION ALL
SELECT 'violation', 'a coupon is for so many periods where it repeats', 'coupon', c.id::text, c.tenant_id, format('%s: %s, %s', c.code, c.duration, c.duration_periods)
FROM paycore.coupons c
WHERE (c.duration = 'repeating') <> (c.duration_periods IS NOT NULL) OR c.duration_periods < 1
UNION ALL
SELECT 'violation', 'a coupon counts its discounts, and is within its limit', 'coupon', c.id::text, c.tenant_id,
	format('%s: %s counted, %s there, %s allowed', c.code, c.times_redeemed, count(d.id), c.max_redemptions)
FROM paycore.coupons c
LEFT JOIN paycore.discounts d ON d.coupon_id = c.id AND d.tenant_id = c.tenant_id
GROUP BY c.id, c.tenant_id HAVING c.times_redeemed <> count(d.id) OR count(d.id) > c.max_redemptions
UNION ALL
SELECT 'violation', 'a promotion code counts its discounts, and is within its limit', 'promotion_code', p.id::text, p.tenant_id,
	format('%s: %s counted, %s there, %s allowed', p.code, p.times_redeemed, count(d.id), p.max_redemptions)
FROM paycore.promotion_codes p
LEFT JOIN paycore.discounts d ON d.promotion_code_id = p.id AND d.tenant_id = p.tenant_id
GROUP BY p.id, p.tenant_id HAVING p.times_redeemed <> count(d.id) OR count(d.id) > p.max_redemptions
UNION ALL
SELECT 'violation', 'a discount is what its promotion code gives, to whom it gives it', 'discount', d.id::text, d.tenant_id, p.code
FROM paycore.discounts d
JOIN paycore.promotion_codes p ON p.id = d.promotion_code_id AND p.tenant_id = d.tenant_id
WHERE p.coupon_id <> d.coupon_id OR p.billing_account_id <> d.billing_account_id
UNION ALL
SELECT 'violation', 'a discount is in its account''s currency', 'discount', d.id::text, d.tenant_id, format('%s and %s', c.amount_off, a.currency)
FROM paycore.discounts d
JOIN paycore.coupons c ON c.id = d.coupon_id AND c.tenant_id = d.tenant_id
JOIN paycore.billing_accounts a ON a.id = d.billing_account_id AND a.tenant_id = d.tenant_id
WHERE paycore.currency(c.amount_off)::text <> a.currency::text
UNION ALL
SELECT 'violation', 'a discount is of its subscription''s account', 'discount', d.id::text, d.tenant_id, format('%s and %s', d.billing_account_id, s.billing_account_id)
FROM paycore.discounts d
JOIN paycore.subscriptions s ON s.id = d.subscription_id AND s.tenant_id = d.tenant_id
WHERE d.billing_account_id <> s.billing_account_id
UNION ALL
SELECT 'violation', 'a coupon is given to the same once', 'discount', min(d.id::text), d.tenant_id, format('coupon %s, %s times', d.coupon_id, count(*))
FROM paycore.discounts d WHERE d.ends_at IS NULL OR d.periods_left = 0
GROUP BY d.coupon_id, d.billing_account_id, d.subscription_id, d.invoice_id, d.tenant_id HAVING count(*) > 1
UNION ALL
SELECT 'violation', 'a discount has the periods of its coupon left that it was not taken off', 'discount', d.id::text, d.tenant_id,
	format('%s of %s, taken off %s bills', d.periods_left, c.duration, coalesce(b.bills, 0))
FROM paycore.discounts d
JOIN paycore.coupons c ON c.id = d.coupon_id AND c.tenant_id = d.tenant_id
LEFT JOIN (SELECT x.discount_id, x.tenant_id, count(DISTINCT x.invoice_id) AS bills FROM paycore.invoice_line_discounts x GROUP BY x.discount_id, x.tenant_id) b
	ON b.discount_id = d.id AND b.tenant_id = d.tenant_id
WHERE (d.periods_left IS NULL) <> (c.duration = 'forever') OR d.periods_left <> coalesce(c.duration_periods, 1) - coalesce(b.bills, 0)
	OR (d.periods_left = 0 AND d.ends_at IS NULL)
-- Subscriptions.
UNION ALL
SELECT 'violation', 'an item is of its subscription''s account', 'subscription_item', i.id::text, i.tenant_id,
	format('%s and %s', i.billing_account_id, s.billing_account_id)
FROM paycore.subscription_items i
JOIN paycore.subscriptions s ON s.id = i.subscription_id AND s.tenant_id = i.tenant_id
WHERE i.billing_account_id <> s.billing_account_id
UNION ALL
SELECT 'violation', 'an item''s product is its price''s', 'subscription_item', i.id::text, i.tenant_id, format('%s and %s', i.product_id, p.product_id)
FROM paycore.subscription_items i
JOIN paycore.prices p ON p.id = i.price_id AND p.tenant_id = i.tenant_id
WHERE i.product_id <> p.product_id
UNION ALL
SELECT 'violation', 'the prices of a subscription have its interval', 'subscription_item', i.id::text, i.tenant_id, format('%s and %s', p.every, s.every)
FROM paycore.subscription_items i
JOIN paycore.subscriptions s ON s.id = i.subscription_id AND s.tenant_id = i.tenant_id
JOIN paycore.prices p ON p.id = i.price_id AND p.tenant_id = i.tenant_id
WHERE p.every::text IS DISTINCT FROM s.every::text AND i.ends_at IS NULL
UNION ALL
SELECT 'violation', 'the prices of a subscription have its currency', 'subscription_item', i.id::text, i.tenant_id, s.currency::text
FROM paycore.subscription_items i
JOIN paycore.subscriptions s ON s.id = i.subscription_id AND s.tenant_id = i.tenant_id
WHERE NOT EXISTS (SELECT FROM paycore.price_currencies c WHERE c.price_id = i.price_id AND c.tenant_id = i.tenant_id AND c.currency::text = s.currency::text)
UNION ALL
SELECT 'violation', 'a subscription has its account''s currency', 'subscription', s.id::text, s.tenant_id, format('%s and %s', s.currency, a.currency)
FROM paycore.subscriptions s
JOIN paycore.billing_accounts a ON a.id = s.billing_account_id AND a.tenant_id = s.tenant_id
WHERE s.currency::text <> a.currency::text
UNION ALL
SELECT 'violation', 'a subscription has items', 'subscription', s.id::text, s.tenant_id, s.status::text
FROM paycore.subscriptions s
WHERE NOT EXISTS (SELECT FROM paycore.subscription_items i WHERE i.subscription_id = s.id AND i.tenant_id = s.tenant_id)
UNION ALL
SELECT 'violation', 'no item runs on when its subscription is over', 'subscription_item', i.id::text, i.tenant_id, format('the subscription ended %s', s.ended_at)
FROM paycore.subscription_items i
JOIN paycore.subscriptions s ON s.id = i.subscription_id AND s.tenant_id = i.tenant_id
WHERE s.ended_at IS NOT NULL AND (i.ends_at IS NULL OR i.ends_at > greatest(s.ended_at, i.starts_at))
UNION ALL
SELECT 'violation', 'an account has a product once that it has once', 'subscription_item', min(i.id::text), i.tenant_id, format('%s of product %s', count(*), i.product_id)
FROM paycore.subscription_items i WHERE i.exclusive AND i.ends_at IS NULL
GROUP BY i.billing_account_id, i.product_id, i.tenant_id HAVING count(*) > 1
-- A trial ends when it likes, and a subscription that was resumed has an anchor after the period that it was paused in.
UNION ALL
SELECT 'violation', 'a period ends where the calendar says', 'subscription', s.id::text, s.tenant_id, s.period_end::text
FROM paycore.subscriptions s
WHERE s.period_end IS DISTINCT FROM s.trial_end AND s.period_end > s.anchor
	AND s.period_end <> upper(paycore.period_at(s.anchor, s.every, s.time_zone, s.period_end - interval '1 microsecond'))
UNION ALL
SELECT 'violation', 'what is billed of a subscription has its lines', 'subscription', s.id::text, s.tenant_id,
	format('billed until %s, lines until %s', s.billed_until, max(l.until))
FROM paycore.subscriptions s
JOIN paycore.subscription_items i ON i.subscription_id = s.id AND i.tenant_id = s.tenant_id
-- Grouped: without statistics a plan may otherwise meet each subscription with all lines of its tenant.
JOIN (SELECT l.subscription_item_id, l.tenant_id, max(upper(l.period)) AS until FROM paycore.invoice_lines l WHERE l.kind = 'recurring' GROUP BY 1, 2) l
	ON l.subscription_item_id = i.id AND l.tenant_id = i.tenant_id
WHERE s.billed_until <> s.anchor AND (i.ends_at IS NULL OR i.ends_at >= s.billed_until)
GROUP BY s.id, s.tenant_id, s.billed_until
HAVING max(l.until) <> s.billed_until
UNION ALL
SELECT 'violation', 'a subscription is looked at when something is due', 'subscription', s.id::text, s.tenant_id,
	format('%s: billed until %s, to be looked at %s', s.status, s.billed_until, s.next_bill_at)
FROM paycore.subscriptions s
-- What is asked for within a period is due at once: by a threshold, until the next run, or by what could not be billed.
WHERE s.status::text IN ('trialing', 'active', 'past_due') AND s.next_bill_at IS DISTINCT FROM least(s.billed_until, s.cancel_at, s.change_at)
		AND (s.parked_at IS NULL OR s.next_bill_at > s.parked_at)
		AND (s.next_bill_at > least(s.billed_until, s.cancel_at, s.change_at) OR NOT EXISTS (SELECT FROM paycore.usage_alerts a
			WHERE a.subscription_id = s.id AND a.tenant_id = s.tenant_id AND a.action = 'invoice' AND a.status = 'raised'))
	OR s.status::text = 'paused' AND s.next_bill_at IS DISTINCT FROM least(s.resumes_at, s.cancel_at)
	OR s.status::text = 'scheduled' AND s.next_bill_at <> s.starts_at OR s.status::text = 'canceled' AND s.next_bill_at IS NOT NULL
-- Changes of subscriptions.
UNION ALL
SELECT 'violation', 'a subscription is looked at when its next change is due', 'subscription', s.id::text, s.tenant_id,
	format('%s: to be changed %s, scheduled %s', s.status, s.change_at, c.next)
FROM paycore.subscriptions s
LEFT JOIN (SELECT c.subscription_id, c.tenant_id, min(c.effective_at) AS next FROM paycore.subscription_changes c
	WHERE c.done_at IS NULL AND c.canceled_at IS NULL GROUP BY c.subscription_id, c.tenant_id) c ON c.subscription_id = s.id AND c.tenant_id = s.tenant_id
WHERE (s.change_at IS NULL) <> (c.next IS NULL) OR s.change_at < c.next
UNION ALL
SELECT 'violation', 'a change is of its subscription''s account', 'subscription_change', c.id::text, c.tenant_id, format('%s and %s', c.billing_account_id, s.billing_account_id)
FROM paycore.subscription_changes c
JOIN paycore.subscriptions s ON s.id = c.subscription_id AND s.tenant_id = c.tenant_id
WHERE c.billing_account_id <> s.billing_account_id
UNION ALL
SELECT 'violation', 'an item is replaced by one of its subscription, from its end on', 'subscription_item', i.id::text, i.tenant_id,
	format('begins %s, the one before ended %s', i.starts_at, o.ends_at)
FROM paycore.subscription_items i
LEFT JOIN paycore.subscription_items o ON o.id = i.replaces_id AND o.tenant_id = i.tenant_id
WHERE i.replaces_id IS NOT NULL AND (o.subscription_id IS DISTINCT FROM i.subscription_id OR o.ends_at IS DISTINCT FROM i.starts_at)
UNION ALL
SELECT 'violation', 'an item is replaced once', 'subscription_item', i.replaces_id::text, i.tenant_id, format('%s times', count(*))
FROM paycore.subscription_items i WHERE i.replaces_id IS NOT NULL
GROUP BY i.replaces_id, i.tenant_id HAVING count(*) > 1
UNION ALL
SELECT 'violation', 'no more is given back of a line than it came to', 'invoice_line', l.id::text, l.tenant_id,
	format('%s less %s, and %s minor units given back', l.amount, l.discount, e.credited)
FROM paycore.invoice_lines l
JOIN (SELECT e.credits_line_id, e.tenant_id, -sum(paycore.cents(e.amount)) AS credited FROM paycore.extra_charges e
	LEFT JOIN paycore.invoices v ON v.id = e.invoice_id AND v.tenant_id = e.tenant_id
	WHERE e.credits_line_id IS NOT NULL AND e.removed_at IS NULL AND v.status::text IS DISTINCT FROM 'void' GROUP BY e.credits_line_id, e.tenant_id) e
	ON e.credits_line_id = l.id AND e.tenant_id = l.tenant_id
WHERE e.credited > paycore.cents(l.amount) - paycore.cents(l.discount)
UNION ALL
SELECT 'violation', 'a voided line is billed again once, and no other', 'invoice_line', l.id::text, l.tenant_id, format('%s times', count(*))
FROM paycore.invoice_lines l
JOIN paycore.extra_charges e ON e.rebills_line_id = l.id AND e.tenant_id = l.tenant_id AND e.removed_at IS NULL
GROUP BY l.id, l.tenant_id HAVING count(*) > 1 OR NOT l.voided
UNION ALL
SELECT 'violation', 'what is given back of a line is of its subscription, its item and its time', 'extra_charge', e.id::text, e.tenant_id,
	format('%s of item %s, the line is for %s of item %s', e.period, e.subscription_item_id, l.period, l.subscription_item_id)
FROM paycore.extra_charges e
JOIN paycore.invoice_lines l ON l.id = e.credits_line_id AND l.tenant_id = e.tenant_id
WHERE e.kind = 'proration' AND (e.subscription_id IS DISTINCT FROM l.subscription_id OR e.subscription_item_id IS DISTINCT FROM l.subscription_item_id
	OR NOT e.period <@ l.period OR e.tax_inclusive <> l.tax_inclusive)
-- Invoices.
UNION ALL
SELECT 'violation', 'the lines of a final invoice add up to it', 'invoice', i.id::text, i.tenant_id,
	format('%s: %s, less %s, with %s tax (%s included) in %s lines; %s lines of %s, %s and %s (%s) minor units',
		i.number, i.subtotal, i.discount, i.tax, i.tax_included, i.line_count, l.n, l.amount, l.discount, l.tax, l.included)
FROM paycore.invoices i
LEFT JOIN (
	SELECT l.invoice_id, l.tenant_id, count(*) AS n, sum(paycore.cents(l.amount)) AS amount, sum(paycore.cents(l.discount)) AS discount, sum(paycore.cents(l.tax)) AS tax,
		coalesce(sum(paycore.cents(l.tax)) FILTER (WHERE l.tax_inclusive), 0) AS included
	FROM paycore.invoice_lines l GROUP BY l.invoice_id, l.tenant_id
) l ON l.invoice_id = i.id AND l.tenant_id = i.tenant_id
WHERE i.finalized_at IS NOT NULL AND (coalesce(l.amount, 0), coalesce(l.discount, 0), coalesce(l.tax, 0), coalesce(l.included, 0), coalesce(l.n, 0))
	<> (paycore.cents(i.subtotal), paycore.cents(i.discount), paycore.cents(i.tax), paycore.cents(i.tax_included), i.line_count)
UNION ALL
SELECT 'violation', 'an invoice''s total is what it says', 'invoice', i.id::text, i.tenant_id, i.total::text
FROM paycore.invoices i
WHERE paycore.cents(i.total) <> paycore.cents(i.subtotal) - paycore.cents(i.discount) + paycore.cents(i.tax) - paycore.cents(i.tax_included)
UNION ALL
SELECT 'violation', 'what is due of an invoice is what is left of it', 'invoice', i.id::text, i.tenant_id,
	format('%s of %s: %s by balance, %s paid, %s credited, %s due', i.number, i.total, i.balance_applied, i.amount_paid, i.amount_credited, i.amount_due)
FROM paycore.invoices i
WHERE paycore.cents(i.amount_due) <> paycore.cents(i.total) - paycore.cents(i.balance_applied) - paycore.cents(i.amount_paid) - paycore.cents(i.amount_credited)
	OR i.status::text = 'open' AND paycore.cents(i.amount_due) <= 0 OR i.status::text = 'paid' AND paycore.cents(i.amount_due) <> 0
UNION ALL
SELECT 'violation', 'an invoice and its lines have one currency', 'invoice', i.id::text, i.tenant_id, i.currency::text
FROM paycore.invoices i
WHERE i.currency::text <> ALL (ARRAY[paycore.currency(i.subtotal)::text, paycore.currency(i.discount)::text, paycore.currency(i.tax)::text])
	OR EXISTS (SELECT FROM paycore.invoice_lines l WHERE l.invoice_id = i.id AND l.tenant_id = i.tenant_id AND paycore.currency(l.amount)::text <> i.currency::text)
UNION ALL
SELECT 'violation', 'a final invoice has its number and date', 'invoice', i.id::text, i.tenant_id, i.status::text
FROM paycore.invoices i
WHERE num_nonnulls(i.finalized_at, i.serial, i.number) NOT IN (0, 3) OR (i.finalized_at IS NULL AND i.status::text NOT IN ('draft', 'void'))
	OR (i.finalized_at IS NOT NULL AND i.status::text = 'draft')
UNION ALL
SELECT 'violation', 'numbers have no gap', 'invoice', min(i.id::text), i.tenant_id,
	format('series %s: %s numbers from %s to %s, next %s', i.series, count(DISTINCT i.serial), min(i.serial), max(i.serial), max(n.next_serial))
FROM paycore.invoices i
LEFT JOIN paycore.invoice_series n ON n.tenant_id = i.tenant_id AND n.series = i.series
WHERE i.serial IS NOT NULL
GROUP BY i.tenant_id, i.series
HAVING count(*) <> max(i.serial) OR count(DISTINCT i.serial) <> max(i.serial) OR max(i.serial) <> max(n.next_serial) - 1
UNION ALL
SELECT 'violation', 'a number ends in its serial', 'invoice', i.id::text, i.tenant_id, format('%s and %s', i.number, i.serial)
FROM paycore.invoices i
WHERE i.number IS NOT NULL AND right(i.number, greatest(6, length(i.serial::text))) <> paycore.document_number('', i.serial)
UNION ALL
SELECT 'violation', 'numbers go by date', 'invoice', d.id::text, d.tenant_id, format('%s is of %s, the one before of %s', d.number, d.finalized_at, d.before)
FROM (SELECT i.id, i.tenant_id, i.number, i.finalized_at, lag(i.finalized_at) OVER (PARTITION BY i.tenant_id, i.series ORDER BY i.serial) AS before
	FROM paycore.invoices i WHERE i.serial IS NOT NULL) d
WHERE d.before > d.finalized_at
UNION ALL
SELECT 'violation', 'a subscription''s invoice is of its account', 'invoice', i.id::text, i.tenant_id, format('%s and %s', i.billing_account_id, s.billing_account_id)
FROM paycore.invoices i
JOIN paycore.subscriptions s ON s.id = i.subscription_id AND s.tenant_id = i.tenant_id
WHERE i.billing_account_id <> s.billing_account_id
UNION ALL
SELECT 'violation', 'a line''s item is of its invoice''s subscription', 'invoice_line', l.id::text, l.tenant_id, format('%s and %s', t.subscription_id, i.subscription_id)
FROM paycore.invoice_lines l
JOIN paycore.subscription_items t ON t.id = l.subscription_item_id AND t.tenant_id = l.tenant_id
JOIN paycore.invoices i ON i.id = l.invoice_id AND i.tenant_id = l.tenant_id
WHERE t.subscription_id <> i.subscription_id AND l.kind <> 'extra'
UNION ALL
SELECT 'violation', 'an item''s time is billed once', 'invoice_line', d.id::text, d.tenant_id, format('item %s: %s and %s', d.subscription_item_id, d.before, d.period)
FROM (SELECT l.id, l.tenant_id, l.subscription_item_id, l.period, lag(l.period) OVER (PARTITION BY l.subscription_item_id, l.kind, l.tenant_id ORDER BY lower(l.period)) AS before
	FROM paycore.invoice_lines l WHERE l.subscription_item_id IS NOT NULL AND l.kind <> 'extra' AND NOT l.voided) d
WHERE d.before && d.period
UNION ALL
SELECT 'violation', 'the taxes of a line add up to its tax', 'invoice_line', l.id::text, l.tenant_id, format('%s, and %s minor units', l.tax, t.amount)
FROM paycore.invoice_lines l
CROSS JOIN LATERAL (SELECT coalesce(sum(paycore.cents(t.amount)), 0) AS amount FROM unnest(l.taxes) t) t
WHERE paycore.cents(l.tax) <> t.amount
UNION ALL
SELECT 'violation', 'the discounts of a line add up to its discount', 'invoice_line', l.id::text, l.tenant_id, format('%s, and %s minor units', l.discount, d.amount)
FROM paycore.invoice_lines l
LEFT JOIN (SELECT d.invoice_line_id, d.tenant_id, sum(paycore.cents(d.amount)) AS amount FROM paycore.invoice_line_discounts d GROUP BY 1, 2) d
	ON d.invoice_line_id = l.id AND d.tenant_id = l.tenant_id
WHERE paycore.cents(l.discount) <> coalesce(d.amount, 0)
UNION ALL
SELECT 'violation', 'a charge is on the invoice that it says', 'extra_charge', e.id::text, e.tenant_id, format('%s on invoice %s, and %s on %s', e.amount, e.invoice_id, l.amount, l.invoice_id)
FROM paycore.extra_charges e
LEFT JOIN paycore.invoice_lines l ON l.extra_charge_id = e.id AND l.tenant_id = e.tenant_id
WHERE e.invoice_id IS DISTINCT FROM l.invoice_id OR l.amount::text <> e.amount::text OR (e.removed_at IS NOT NULL AND l.id IS NOT NULL)
-- Drafts.
UNION ALL
SELECT 'violation', 'a line of a draft is of its account and currency', 'extra_charge', e.id::text, e.tenant_id, format('%s of %s on invoice %s of %s', e.amount, e.billing_account_id, i.id, i.billing_account_id)
FROM paycore.extra_charges e
JOIN paycore.invoices i ON i.id = e.draft_id AND i.tenant_id = e.tenant_id
WHERE e.billing_account_id <> i.billing_account_id OR paycore.currency(e.amount)::text <> i.currency::text
UNION ALL
SELECT 'violation', 'a line of a draft is on the invoice that it became, and before that on none', 'extra_charge', e.id::text, e.tenant_id,
	format('draft %s is %s; the line is on %s', e.draft_id, i.status, coalesce(e.invoice_id::text, 'none'))
FROM paycore.extra_charges e
JOIN paycore.invoices i ON i.id = e.draft_id AND i.tenant_id = e.tenant_id
WHERE e.removed_at IS NULL AND (i.finalized_at IS NULL) <> (e.invoice_id IS NULL) OR e.invoice_id <> e.draft_id
	OR e.removed_at IS NULL AND i.finalized_at IS NULL AND i.status::text = 'void'
UNION ALL
SELECT 'violation', 'a draft has no lines that are final, and nothing is applied to it', 'invoice', i.id::text, i.tenant_id, i.status::text
FROM paycore.invoices i
WHERE i.finalized_at IS NULL AND (EXISTS (SELECT FROM paycore.invoice_lines l WHERE l.invoice_id = i.id AND l.tenant_id = i.tenant_id)
	OR paycore.cents(i.amount_paid) <> 0 OR paycore.cents(i.balance_applied) <> 0 OR paycore.cents(i.amount_credited) <> 0)
UNION ALL
SELECT 'violation', 'a subscription''s invoice is not written by hand, and any other is', 'invoice', i.id::text, i.tenant_id, i.reason
FROM paycore.invoices i
WHERE (i.reason = 'manual') <> (i.subscription_id IS NULL)
UNION ALL
SELECT 'violation', 'a discount of one invoice is of its account, and over when it is final', 'discount', d.id::text, d.tenant_id, format('invoice %s is %s', i.id, i.status)
FROM paycore.discounts d
JOIN paycore.invoices i ON i.id = d.invoice_id AND i.tenant_id = d.tenant_id
WHERE d.billing_account_id <> i.billing_account_id OR (d.ends_at IS NULL AND i.status::text <> 'draft')
UNION ALL
SELECT 'violation', 'the lines of a void invoice are marked, and no others', 'invoice_line', l.id::text, l.tenant_id, i.status::text
FROM paycore.invoice_lines l
JOIN paycore.invoices i ON i.id = l.invoice_id AND i.tenant_id = l.tenant_id
WHERE l.voided <> (i.status::text = 'void')
-- Recurring revenue.
UNION ALL
SELECT 'violation', 'a subscription''s mrr is what its last movement left', 'subscription', s.id::text, s.tenant_id, format('%s and %s', s.mrr, m.after)
FROM paycore.subscriptions s
LEFT JOIN (SELECT DISTINCT ON (m.subscription_id, m.tenant_id) m.subscription_id, m.tenant_id, m.after FROM paycore.mrr_movements m
	ORDER BY m.subscription_id, m.tenant_id, m.id DESC) m ON m.subscription_id = s.id AND m.tenant_id = s.tenant_id
WHERE coalesce(paycore.cents(s.mrr), 0) <> coalesce(paycore.cents(m.after), 0) OR paycore.currency(s.mrr)::text <> s.currency::text
UNION ALL
SELECT 'violation', 'movements of mrr go on from each other', 'mrr_movement', d.id::text, d.tenant_id, format('%s to %s after %s', d.before, d.after, d.left)
FROM (SELECT m.id, m.tenant_id, m.before, m.after, m.effective_at,
		lag(m.after) OVER w AS left, lag(m.effective_at) OVER w AS earlier
	FROM paycore.mrr_movements m WINDOW w AS (PARTITION BY m.subscription_id, m.tenant_id ORDER BY m.id)) d
WHERE paycore.cents(d.before) <> coalesce(paycore.cents(d.left), 0) OR d.effective_at < d.earlier
UNION ALL
SELECT 'violation', 'a movement of mrr is of its subscription''s account and currency', 'mrr_movement', m.id::text, m.tenant_id, format('%s and %s', m.billing_account_id, s.billing_account_id)
FROM paycore.mrr_movements m
JOIN paycore.subscriptions s ON s.id = m.subscription_id AND s.tenant_id = m.tenant_id
WHERE m.billing_account_id <> s.billing_account_id OR m.currency::text <> s.currency::text OR paycore.currency(m.after)::text <> m.currency::text
	OR paycore.currency(m.before)::text <> m.currency::text
UNION ALL
SELECT 'violation', 'a movement of mrr is of its kind', 'mrr_movement', m.id::text, m.tenant_id, format('%s: %s to %s', m.kind, m.before, m.after)
FROM paycore.mrr_movements m
WHERE paycore.cents(m.before) = paycore.cents(m.after)
	OR (m.kind IN ('new', 'expansion', 'reactivation')) <> (paycore.cents(m.after) > paycore.cents(m.before))
UNION ALL
SELECT 'violation', 'what is over, paused or not begun has no mrr', 'subscription', s.id::text, s.tenant_id, format('%s: %s', s.status, s.mrr)
FROM paycore.subscriptions s
WHERE s.status::text NOT IN ('active', 'past_due') AND paycore.cents(s.mrr) > 0
$verify$;
COMMENT ON FUNCTION paycore.find_billing_violations() IS 'The part of verify() that is about the catalogue and billing.';
