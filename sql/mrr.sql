--
-- Monthly recurring revenue: what each subscription brings in a month, and how that came about.
--

CREATE TYPE paycore.mrr_movement AS (
	id uuid,
	tenant_id text,
	billing_account_id uuid,
	subscription_id uuid, -- The subscription.
	kind text, -- By the account: new (it had none before), reactivation (it had, and has again), expansion, contraction, or churn (it has none left).
	currency paycore.currency,
	before paycore.money_cents, -- What the subscription brought in a month before.
	after paycore.money_cents, -- What it brings from then on.
	effective_at timestamptz, -- From when on.
	recorded_at timestamptz -- When it was written.
);
COMMENT ON TYPE paycore.mrr_movement IS 'A change of a subscription''s mrr. Append-only, written by a guard.';

CREATE FUNCTION paycore.record_mrr_movement() RETURNS trigger LANGUAGE C
AS 'MODULE_PATHNAME', 'paycore_record_mrr_movement';
COMMENT ON FUNCTION paycore.record_mrr_movement() IS 'Trigger guard of subscriptions: keeps each change of mrr in mrr_movements. AFTER INSERT OR UPDATE FOR EACH ROW.';

CREATE FUNCTION paycore.stop_mrr() RETURNS trigger LANGUAGE C
AS 'MODULE_PATHNAME', 'paycore_stop_mrr';
COMMENT ON FUNCTION paycore.stop_mrr() IS 'Trigger guard of subscriptions: one that has ended or is paused has no mrr from then on. BEFORE UPDATE FOR EACH ROW.';

CREATE FUNCTION paycore.reckon_mrr(subscription_id uuid, at timestamptz) RETURNS paycore.money_cents
LANGUAGE sql STABLE STRICT
SET search_path = pg_catalog, pg_temp
AS $$
WITH subscription AS MATERIALIZED (
	SELECT s.id, s.tenant_id, s.billing_account_id, s.currency, s.every, s.minimum, a.tax_exempt <> 'none' AS exempt
	FROM paycore.subscriptions s
	JOIN paycore.billing_accounts a ON a.id = s.billing_account_id AND a.tenant_id = s.tenant_id
	WHERE s.id = $1 AND s.tenant_id = paycore.current_tenant()
),
item AS MATERIALIZED (
	SELECT i.id, i.product_id, p.tax_inclusive, paycore.price_amount(p.model, i.quantity, c.currency, c.unit_price, c.tiers, p.package_size, p.free_units,
		c.minimum, c.maximum, p.rounding) AS amount
	FROM subscription s
	JOIN paycore.subscription_items i ON i.subscription_id = s.id AND i.tenant_id = s.tenant_id AND i.starts_at <= $2 AND (i.ends_at IS NULL OR i.ends_at > $2)
	JOIN paycore.prices p ON p.id = i.price_id AND p.tenant_id = i.tenant_id AND p.meter_id IS NULL
	JOIN paycore.price_currencies c ON c.price_id = i.price_id AND c.tenant_id = i.tenant_id AND c.currency OPERATOR(paycore.=) s.currency
),
-- As on an invoice: the items, and what makes up the difference to the least that is owed.
line AS MATERIALIZED (
	SELECT row_number() OVER (ORDER BY i.id) AS place, i.product_id, i.tax_inclusive, i.amount FROM item i
	UNION ALL
	SELECT 1000000, NULL, coalesce(i.tax_inclusive, false), paycore.money_cents(paycore.cents(s.minimum) - coalesce(i.cents, 0), s.currency)
	FROM subscription s
	CROSS JOIN (SELECT sum(paycore.cents(i.amount))::bigint AS cents, bool_and(i.tax_inclusive) AS tax_inclusive FROM item i) i
	WHERE paycore.cents(s.minimum) > coalesce(i.cents, 0)
),
-- The discounts that the period at that time was billed with.
granted AS (
	SELECT array_agg(ROW(c.percent_off, c.amount_off, c.product_ids)::paycore.discount_term ORDER BY d.discount_id) AS terms
	FROM (SELECT DISTINCT x.discount_id, x.coupon_id, x.tenant_id
		FROM subscription s
		JOIN paycore.subscription_items i ON i.subscription_id = s.id AND i.tenant_id = s.tenant_id
		JOIN paycore.invoice_lines l ON l.subscription_item_id = i.id AND l.tenant_id = i.tenant_id AND l.kind = 'recurring' AND l.period @> $2
			AND NOT l.voided	-- as the index has it
		CROSS JOIN LATERAL (SELECT x.discount_id, x.coupon_id, x.tenant_id FROM paycore.invoice_line_discounts x
			WHERE x.invoice_line_id = l.id AND x.tenant_id = l.tenant_id OFFSET 0) x) d
	JOIN paycore.coupons c ON c.id = d.coupon_id AND c.tenant_id = d.tenant_id AND c.duration <> 'once'
),
reduction AS (
	SELECT t.line, sum(paycore.cents(t.amount))::bigint AS cents
	FROM granted g
	CROSS JOIN (SELECT array_agg(l.amount ORDER BY l.place) AS amounts, array_agg(l.product_id ORDER BY l.place) AS products FROM line l) l
	CROSS JOIN LATERAL paycore.discount_lines(l.amounts, l.products, g.terms) t
	GROUP BY t.line
),
net AS (
	SELECT l.product_id, l.tax_inclusive, paycore.money_cents(paycore.cents(l.amount) - coalesce(r.cents, 0), s.currency) AS net, s.currency, s.tenant_id, s.exempt
	FROM subscription s
	CROSS JOIN (SELECT l.*, row_number() OVER (ORDER BY l.place) AS nth FROM line l) l
	LEFT JOIN reduction r ON r.line = l.nth
),
taxed AS (
	SELECT n.net, n.currency, CASE WHEN n.tax_inclusive OR coalesce(t.inclusive, false)
		THEN paycore.tax_total(paycore.line_taxes(n.net, paycore.money_cents(0, n.currency), coalesce(t.taxes, '{}'), true, n.exempt), n.currency)
		ELSE paycore.money_cents(0, n.currency) END AS tax
	FROM net n
	CROSS JOIN LATERAL (SELECT ARRAY(SELECT o.tax_rate_id FROM paycore.product_tax_rates o WHERE o.product_id = n.product_id AND o.tenant_id = n.tenant_id) AS own) o
	CROSS JOIN LATERAL (SELECT bool_or(r.inclusive) AS inclusive, array_agg(ROW(r.id, r.name, r.percentage, NULL, NULL)::paycore.tax_amount ORDER BY r.code) AS taxes
		FROM paycore.tax_rates r WHERE r.tenant_id = n.tenant_id AND CASE WHEN o.own = '{}' THEN r.by_default ELSE r.id = ANY (o.own) END) t
)
SELECT paycore.round_money(coalesce(t.net, 0) / paycore.months(s.every), s.currency, 'half_up')
FROM subscription s
CROSS JOIN (SELECT sum(t.net::numeric - t.tax::numeric) AS net FROM taxed t) t
$$;
COMMENT ON FUNCTION paycore.reckon_mrr IS 'What a subscription brings in a month while it is active, by its items and discounts at that time: net of taxes, without what is metered or off once.';

CREATE FUNCTION paycore.list_mrr_movements(
	billing_account_id uuid DEFAULT NULL,
	after uuid DEFAULT NULL,
	page_size integer DEFAULT 50
) RETURNS SETOF paycore.mrr_movement
LANGUAGE C STABLE ROWS 50
AS 'MODULE_PATHNAME', 'paycore_list';
COMMENT ON FUNCTION paycore.list_mrr_movements IS 'A page of the changes of an account''s recurring revenue, or of the tenant''s, newest first; after is the last id of the page before.';
