-- Of bills, what is on their account's balance goes on them, and each is given its number: the part that follows after "total".
balance AS MATERIALIZED (
	SELECT b.billing_account_id, b.currency, b.balance FROM paycore.account_balances b
	WHERE b.tenant_id = $1 AND b.billing_account_id = ANY (ARRAY(SELECT t.billing_account_id FROM total t))
	ORDER BY b.billing_account_id FOR NO KEY UPDATE
),
-- Accounts with nothing on their balance, and bills that are charged as they are, have nothing to move.
moving AS MATERIALIZED (
	SELECT DISTINCT t.billing_account_id
	FROM total t
	LEFT JOIN balance h ON h.billing_account_id = t.billing_account_id AND h.currency OPERATOR(paycore.=) t.currency
	WHERE paycore.cents(h.balance) <> 0 OR paycore.cents(t.total) < 0
		OR ($4 <> '{}' AND t.collection = 'charge_automatically' AND t.total OPERATOR(paycore.#<) paycore.least_charge(t.currency))
),
-- An account's balance goes on its bills in their order; what a gateway ($4: accounts of those that have a least amount) does not charge is carried forward.
applied AS MATERIALIZED (
	SELECT a.ids[n.nth] AS invoice_id, n.amount, paycore.uuid_v7() AS transaction_id,
		CASE WHEN paycore.cents(a.totals[n.nth]) < 0 THEN 'an invoice of less than nothing' WHEN paycore.cents(n.amount) < 0 THEN 'owed from before'
			WHEN paycore.cents(n.amount) > paycore.cents(a.balance) THEN 'too small to be charged: carried forward' ELSE 'applied to an invoice' END AS reason
	FROM (
		SELECT array_agg(t.invoice_id ORDER BY t.place) AS ids, array_agg(t.total ORDER BY t.place) AS totals,
			array_agg(CASE WHEN t.collection = 'charge_automatically' AND b.gateway_account = ANY ($4) THEN paycore.least_charge(t.currency)
				ELSE t.zero END ORDER BY t.place) AS least, coalesce(paycore.min(h.balance), paycore.min(t.zero)) AS balance
		FROM moving m
		JOIN total t ON t.billing_account_id = m.billing_account_id
		JOIN paycore.billing_accounts b ON b.id = t.billing_account_id AND b.tenant_id = $1
		LEFT JOIN balance h ON h.billing_account_id = t.billing_account_id AND h.currency OPERATOR(paycore.=) t.currency
		GROUP BY t.billing_account_id, t.currency
	) a CROSS JOIN LATERAL unnest(paycore.apply_balance(a.balance, a.totals, a.least)) WITH ORDINALITY n (amount, nth)
	WHERE paycore.cents(n.amount) <> 0
),
owed AS MATERIALIZED (
	SELECT t.*, coalesce(a.amount, t.zero) AS balance_applied, t.total OPERATOR(paycore.-) coalesce(a.amount, t.zero) AS due, a.transaction_id, a.reason
	FROM total t LEFT JOIN applied a ON a.invoice_id = t.invoice_id
),
series AS (
	UPDATE paycore.invoice_series n SET next_serial = n.next_serial + (SELECT count(*) FROM total), last_date = greatest(n.last_date, $2)
	WHERE n.tenant_id = $1 AND n.series = 'invoice' AND EXISTS (SELECT FROM total)
	RETURNING n.prefix, n.next_serial - (SELECT count(*) FROM total) AS first_serial, n.last_date AS issued
),
-- What a final invoice says of itself, besides its sums.
document AS (
	SELECT t.*, CASE WHEN paycore.cents(t.due) = 0 THEN 'paid' ELSE 'open' END::paycore.invoice_status AS status,
		n.first_serial + t.place - 1 AS serial, paycore.document_number(n.prefix, n.first_serial + t.place - 1) AS number,
		CASE t.collection WHEN 'send_invoice' THEN n.issued + make_interval(days => coalesce(t.days_until_due, 30)) ELSE n.issued END AS due_at,
		n.issued, CASE WHEN paycore.cents(t.due) = 0 THEN n.issued END AS paid_at,
		(SELECT jsonb_strip_nulls(jsonb_build_object('name', s.name, 'email', s.email, 'phone', s.phone, 'website', s.website,
			'address_line1', s.address_line1, 'address_line2', s.address_line2, 'city', s.city, 'state', s.state, 'postal_code', s.postal_code,
			'country', s.country, 'tax_id', s.tax_id, 'footer', s.footer, 'locale', s.locale, 'time_zone', s.time_zone)) FROM paycore.sellers s WHERE s.tenant_id = $1) AS seller,
		a.customer
	FROM owed t CROSS JOIN series n
	-- OFFSET 0: each by its key, never all accounts of the tenant.
	CROSS JOIN LATERAL (SELECT jsonb_strip_nulls(jsonb_build_object('name', a.name, 'email', a.email, 'external_ref', a.external_ref,
			'address_line1', a.address_line1, 'address_line2', a.address_line2, 'city', a.city, 'state', a.state, 'postal_code', a.postal_code,
			'country', a.country, 'tax_id', a.tax_id, 'locale', a.locale)) AS customer
		FROM paycore.billing_accounts a WHERE a.id = t.billing_account_id AND a.tenant_id = $1 OFFSET 0) a
),
