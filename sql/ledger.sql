--
-- The ledger.
--

CREATE FUNCTION paycore.check_ledger_entry() RETURNS trigger LANGUAGE C AS 'MODULE_PATHNAME', 'paycore_check_ledger_entry';
COMMENT ON FUNCTION paycore.check_ledger_entry() IS 'Trigger guard of ledger entries: two accounts of the tenant in one currency, an amount above zero. BEFORE INSERT FOR EACH ROW.';

CREATE FUNCTION paycore.post_to_ledger() RETURNS trigger LANGUAGE C AS 'MODULE_PATHNAME', 'paycore_post_to_ledger';
COMMENT ON FUNCTION paycore.post_to_ledger() IS 'Trigger of payments, refunds, disputes, payouts, balance transactions, account transactions and credit notes: what money they say has moved, or is owed, is posted. AFTER INSERT OR UPDATE FOR EACH ROW; of invoices and what is applied to them, AFTER INSERT FOR EACH STATEMENT with a transition table added.';

CREATE FUNCTION paycore.ledger_rules(
	OUT fact text, OUT object text, OUT debit text, OUT credit text, OUT undoes text, OUT amount text, OUT occasion text)
RETURNS SETOF record
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 18
AS 'MODULE_PATHNAME', 'paycore_ledger_rules';
COMMENT ON FUNCTION paycore.ledger_rules() IS 'Which accounts each money fact is posted to. gateway_balance stands for cash where there is no gateway.';

CREATE FUNCTION paycore.ledger_chart(
	OUT code text, OUT name text, OUT kind text, OUT normal_side text, OUT per_gateway_account boolean)
RETURNS SETOF record
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 12
AS 'MODULE_PATHNAME', 'paycore_ledger_chart';
COMMENT ON FUNCTION paycore.ledger_chart() IS 'The accounts that paycore itself opens, for each tenant and currency when first needed.';

CREATE FUNCTION paycore.open_ledger_account(
	code text,
	kind text,
	currency paycore.currency,
	name text DEFAULT NULL,
	normal_side text DEFAULT NULL,
	metadata jsonb DEFAULT '{}'
) RETURNS paycore.ledger_account
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_open_ledger_account';
COMMENT ON FUNCTION paycore.open_ledger_account IS 'Opens an account of the ledger, or gives the one that has this code and currency. normal_side: debit for assets and expenses, else credit.';

CREATE FUNCTION paycore.post_entry(
	debit_account_id uuid,
	credit_account_id uuid,
	amount paycore.money_cents,
	description text DEFAULT NULL,
	occurred_at timestamptz DEFAULT NULL,
	metadata jsonb DEFAULT NULL,
	idempotency_key text DEFAULT NULL
) RETURNS paycore.ledger_entry
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_post_entry';
COMMENT ON FUNCTION paycore.post_entry IS 'Debits one account of the ledger and credits another.';

CREATE FUNCTION paycore.post_transfer(
	legs paycore.ledger_leg[],
	description text DEFAULT NULL,
	occurred_at timestamptz DEFAULT NULL,
	metadata jsonb DEFAULT NULL,
	idempotency_key text DEFAULT NULL
) RETURNS SETOF paycore.ledger_entry
LANGUAGE C VOLATILE ROWS 2
AS 'MODULE_PATHNAME', 'paycore_post_transfer';
COMMENT ON FUNCTION paycore.post_transfer IS 'A transfer between any number of accounts: legs above zero are debits, those below zero credits, and each currency sums to zero.';

CREATE FUNCTION paycore.ledger_balance(
	account_id uuid,
	at timestamptz DEFAULT NULL,
	basis text DEFAULT 'event'
) RETURNS paycore.money_cents
LANGUAGE C STABLE
AS 'MODULE_PATHNAME', 'paycore_ledger_balance';
COMMENT ON FUNCTION paycore.ledger_balance IS 'Balance of an account of the ledger on its normal side: now, or as of a time by when things happened (event) or by when they were recorded (record).';

CREATE FUNCTION paycore.list_ledger_accounts(
	after uuid DEFAULT NULL,
	page_size integer DEFAULT 50
) RETURNS SETOF paycore.ledger_account
LANGUAGE C STABLE ROWS 50
AS 'MODULE_PATHNAME', 'paycore_list';
COMMENT ON FUNCTION paycore.list_ledger_accounts IS 'A page of the tenant''s accounts of the ledger, newest first; after is the last id of the page before.';

CREATE FUNCTION paycore.list_ledger_entries(
	account_id uuid,
	after uuid DEFAULT NULL,
	page_size integer DEFAULT 50
) RETURNS SETOF paycore.ledger_entry
LANGUAGE C STABLE ROWS 50
AS 'MODULE_PATHNAME', 'paycore_list_ledger_entries';
COMMENT ON FUNCTION paycore.list_ledger_entries IS 'A page of the entries that debit or credit an account, newest transactions first; after is the last id of the page before.';

CREATE FUNCTION paycore.roll_up_ledger(at_least bigint DEFAULT 1000) RETURNS bigint
LANGUAGE C VOLATILE STRICT
AS 'MODULE_PATHNAME', 'paycore_roll_up_ledger';
COMMENT ON FUNCTION paycore.roll_up_ledger IS 'Adds up the entries of all accounts with at least so many new ones, for the owner; the worker does it for busy accounts every ten seconds. Gives the number of accounts.';

CREATE FUNCTION paycore.repair_ledger() RETURNS bigint
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_repair_ledger';
COMMENT ON FUNCTION paycore.repair_ledger() IS 'Posts facts that are not in the ledger (it was off, or the rows are older than it) and makes the rolled-up sums anew, for the owner; gives the number of facts posted.';

-- What the rows say has moved, by the fact that stands for it.
CREATE FUNCTION paycore.ledger_facts(
	OUT tenant_id text, OUT fact text, OUT object_id uuid, OUT gateway_account text, OUT manual boolean,
	OUT billing_account_id uuid, OUT amount paycore.money_cents, OUT occurred_at timestamptz)
RETURNS SETOF record
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $facts$
SELECT p.tenant_id, CASE WHEN p.psp_charge_id IS NULL THEN 'manual_payment' ELSE 'charge' END, p.id, p.gateway_account,
	p.psp_charge_id IS NULL, p.billing_account_id, p.gross, p.captured_at
FROM paycore.payments p WHERE p.status::text = 'succeeded' AND p.gross IS NOT NULL
UNION ALL
SELECT p.tenant_id, 'fee', p.id, p.gateway_account, p.psp_charge_id IS NULL, p.billing_account_id, p.fee, p.settled_at
FROM paycore.payments p WHERE paycore.cents(p.fee) <> 0
UNION ALL
SELECT p.tenant_id, x.fact, p.id, p.gateway_account, p.psp_charge_id IS NULL, p.billing_account_id, x.amount, p.settled_at
FROM paycore.payments p
CROSS JOIN LATERAL (VALUES ('exchange_out', p.gross), ('exchange_in', p.settled_gross)) x (fact, amount)
WHERE p.gross::text <> p.settled_gross::text AND paycore.cents(x.amount) <> 0
UNION ALL
SELECT r.tenant_id, 'refund', r.id, r.gateway_account, r.psp_refund_id IS NULL, r.billing_account_id, r.amount, r.succeeded_at
FROM paycore.refunds r WHERE r.status::text = 'succeeded' AND r.kind = 'refund'
UNION ALL
-- A dispute's movements, in the payment's currency where that can be told: the rest is exchange.
SELECT d.tenant_id, x.fact, d.id, d.gateway_account, false, d.billing_account_id, paycore.sum(x.amount), max(m.occurred_at)
FROM paycore.disputes d
CROSS JOIN LATERAL paycore.dispute_movements(d.amount, d.balance_transactions) m
CROSS JOIN LATERAL (SELECT CASE WHEN paycore.currency(d.amount)::text = paycore.currency(d.held)::text THEN coalesce(m.own, m.amount)
	ELSE m.amount END AS amount) o
CROSS JOIN LATERAL (VALUES
	(CASE WHEN paycore.cents(o.amount) < 0 THEN 'dispute' ELSE 'reinstatement' END,
		paycore.money_cents(abs(paycore.cents(o.amount)), paycore.currency(o.amount)), true),
	('exchange_in', OPERATOR(paycore.-) o.amount, paycore.currency(o.amount)::text <> paycore.currency(m.amount)::text),
	('exchange_out', OPERATOR(paycore.-) m.amount, paycore.currency(o.amount)::text <> paycore.currency(m.amount)::text),
	(CASE WHEN paycore.cents(m.fee) > 0 THEN 'dispute_fee' ELSE 'dispute_fee_return' END,
		paycore.money_cents(abs(paycore.cents(m.fee)), paycore.currency(m.fee)), true)) x (fact, amount, happened)
WHERE m.reporting_category IS DISTINCT FROM 'fee' AND x.happened
GROUP BY d.tenant_id, d.id, d.gateway_account, d.billing_account_id, x.fact, paycore.currency(x.amount)::text
HAVING sum(paycore.cents(x.amount)) <> 0
UNION ALL
SELECT o.tenant_id, 'payout', o.id, o.gateway_account, false, NULL, o.amount, o.paid_at
FROM paycore.payouts o WHERE o.status::text = 'paid' AND paycore.cents(o.amount) <> 0
UNION ALL
-- What of the gateway's own bookings is in no payment, refund, dispute or payout.
SELECT b.tenant_id, x.fact, b.id, b.gateway_account, false, NULL, x.amount, b.occurred_at
FROM paycore.balance_transactions b
CROSS JOIN LATERAL (
	SELECT CASE WHEN b.reporting_category IN ('charge_failure', 'refund', 'refund_failure', 'payout', 'payout_reversal', 'fee')
			THEN 'gateway_fee' ELSE 'gateway_adjustment' END AS fact,
		CASE WHEN b.reporting_category = 'fee' THEN OPERATOR(paycore.-) b.net
			WHEN b.reporting_category IN ('charge_failure', 'refund', 'refund_failure', 'payout', 'payout_reversal') THEN b.fee
			ELSE b.net END AS amount) x
WHERE coalesce(b.reporting_category, '') NOT IN ('charge', 'partial_capture_reversal', 'dispute', 'dispute_reversal')
	AND paycore.cents(x.amount) <> 0
UNION ALL
-- What was taken from the balance, or came back to it, in another currency than its object's.
SELECT b.tenant_id, x.fact, b.id, b.gateway_account, false, NULL, x.amount, b.occurred_at
FROM paycore.balance_transactions b
CROSS JOIN LATERAL (
	SELECT r.amount FROM paycore.refunds r WHERE r.id = b.refund_id AND r.tenant_id = b.tenant_id
	UNION ALL SELECT coalesce(p.gross, p.authorized) FROM paycore.payments p WHERE p.id = b.payment_id AND p.tenant_id = b.tenant_id
	UNION ALL SELECT o.amount FROM paycore.payouts o WHERE o.id = b.source_payout_id AND o.tenant_id = b.tenant_id) o
CROSS JOIN LATERAL (VALUES
	('exchange_in', CASE WHEN (paycore.cents(b.amount) < 0) = (paycore.cents(o.amount) < 0) THEN OPERATOR(paycore.-) o.amount ELSE o.amount END),
	('exchange_out', OPERATOR(paycore.-) b.amount)) x (fact, amount)
WHERE b.reporting_category IN ('charge_failure', 'refund', 'refund_failure', 'payout', 'payout_reversal')
	AND paycore.currency(b.amount)::text <> paycore.currency(o.amount)::text AND paycore.cents(x.amount) <> 0
UNION ALL
SELECT t.tenant_id, CASE WHEN paycore.cents(t.amount) > 0 THEN 'balance_credit' ELSE 'balance_debit' END, t.id, NULL, false,
	t.billing_account_id, paycore.money_cents(abs(paycore.cents(t.amount)), paycore.currency(t.amount)), t.created_at
FROM paycore.account_transactions t WHERE paycore.cents(t.amount) <> 0
UNION ALL
SELECT i.tenant_id, x.fact, i.id, NULL, false, i.billing_account_id, x.amount, x.happened
FROM paycore.invoices i
CROSS JOIN LATERAL (VALUES
	('invoice', paycore.money_cents(paycore.cents(i.subtotal) - paycore.cents(i.discount) - paycore.cents(i.tax_included), i.currency),
		i.status::text <> 'void', i.finalized_at),
	('invoice_tax', i.tax, i.status::text <> 'void', i.finalized_at),
	('write_off', i.amount_due, i.status::text = 'uncollectible', i.uncollectible_at)) x (fact, amount, stands, happened)
WHERE i.finalized_at IS NOT NULL AND x.stands AND paycore.cents(x.amount) <> 0
UNION ALL
SELECT p.tenant_id, x.fact, p.id, NULL, false, i.billing_account_id, x.amount, p.applied_at
FROM paycore.invoice_payments p
LEFT JOIN paycore.invoices i ON i.id = p.invoice_id AND i.tenant_id = p.tenant_id
CROSS JOIN LATERAL (VALUES (CASE p.kind WHEN 'balance' THEN 'balance_applied' ELSE 'invoice_payment' END, p.amount), ('overpayment', p.surplus)) x (fact, amount)
WHERE paycore.cents(x.amount) <> 0
UNION ALL
SELECT n.tenant_id, x.fact, n.id, NULL, false, n.billing_account_id, x.amount, n.issued_at
FROM paycore.credit_notes n
CROSS JOIN LATERAL (VALUES
	('credit_note', paycore.money_cents(paycore.cents(n.subtotal) - paycore.cents(n.discount) - paycore.cents(n.tax_included), n.currency)),
	('credit_note_tax', n.tax), ('credit_to_balance', paycore.money_cents(paycore.cents(n.to_balance) + paycore.cents(n.refund_failed), n.currency)),
	('credit_to_refund', paycore.money_cents(paycore.cents(n.to_refund) - paycore.cents(n.refund_failed), n.currency)), ('credit_out_of_band', n.out_of_band)) x (fact, amount)
WHERE n.status = 'issued' AND paycore.cents(x.amount) <> 0
$facts$;
COMMENT ON FUNCTION paycore.ledger_facts() IS 'What payments, refunds, disputes, payouts, balance transactions, account transactions, invoices, what is applied to them and credit notes say has moved or is owed: what verify() holds the ledger against.';

CREATE FUNCTION paycore.ledger_posted(OUT tenant_id text, OUT fact text, OUT object_id uuid, OUT currency text, OUT amount numeric)
RETURNS SETOF record
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $posted$
SELECT e.tenant_id, coalesce(r.undoes, r.fact), e.object_id, paycore.currency(e.amount)::text,
	sum(CASE WHEN r.undoes IS NULL THEN 1 ELSE -1 END * paycore.cents(e.amount)
		* CASE (d.code, c.code) WHEN (r.debit, r.credit) THEN 1 WHEN (r.credit, r.debit) THEN -1 ELSE 0 END)
FROM paycore.ledger_entries e
JOIN paycore.ledger_rules() r ON r.fact = e.fact
LEFT JOIN (SELECT a.id, a.tenant_id, replace(split_part(a.code, ':', 1), 'cash', 'gateway_balance') AS code FROM paycore.ledger_accounts a) d
	ON d.id = e.debit_account_id AND d.tenant_id = e.tenant_id
LEFT JOIN (SELECT a.id, a.tenant_id, replace(split_part(a.code, ':', 1), 'cash', 'gateway_balance') AS code FROM paycore.ledger_accounts a) c
	ON c.id = e.credit_account_id AND c.tenant_id = e.tenant_id
GROUP BY e.tenant_id, coalesce(r.undoes, r.fact), e.object_id, paycore.currency(e.amount)::text
$posted$;
COMMENT ON FUNCTION paycore.ledger_posted() IS 'What stands posted of each fact of an object, to the accounts of its rule: less what undid it.';

CREATE FUNCTION paycore.find_ledger_violations(
	OUT severity text, OUT rule text, OUT object_type text, OUT object_id text, OUT tenant_id text, OUT detail text)
RETURNS SETOF record
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $verify$
WITH fact AS (
	SELECT f.tenant_id, f.fact, f.object_id, paycore.cents(f.amount) AS amount, paycore.currency(f.amount)::text AS currency
	FROM paycore.ledger_facts() f
),
leg AS (
	SELECT e.tenant_id, s.account_id, e.txn, s.debit, s.credit,
		date_bin('1 hour', e.occurred_at, '2000-01-01 00:00:00+00') AS event_hour, date_bin('1 hour', e.recorded_at, '2000-01-01 00:00:00+00') AS record_hour
	FROM paycore.ledger_entries e
	CROSS JOIN LATERAL (VALUES (e.debit_account_id, paycore.cents(e.amount), 0), (e.credit_account_id, 0, paycore.cents(e.amount)))
		s (account_id, debit, credit)
),
rolled AS (
	SELECT b.account_id, b.tenant_id, b.debits, b.credits, b.entries,
		coalesce(sum(l.debit), 0) AS sum_debits, coalesce(sum(l.credit), 0) AS sum_credits, count(l.account_id) AS sum_entries
	FROM paycore.ledger_balances b
	LEFT JOIN leg l ON l.account_id = b.account_id AND l.tenant_id = b.tenant_id AND l.txn < b.horizon
	GROUP BY b.account_id, b.tenant_id, b.debits, b.credits, b.entries
),
hour AS (
	SELECT l.account_id, l.tenant_id, l.event_hour, l.record_hour, sum(l.debit) AS debits, sum(l.credit) AS credits, count(*) AS entries
	FROM leg l JOIN paycore.ledger_balances b ON b.account_id = l.account_id AND b.tenant_id = l.tenant_id AND l.txn < b.horizon
	GROUP BY l.account_id, l.tenant_id, l.event_hour, l.record_hour
),
day AS (
	SELECT p.account_id, p.tenant_id, date_bin('1 day', p.event_hour, '2000-01-01 00:00:00+00') AS event_day,
		date_bin('1 day', p.record_hour, '2000-01-01 00:00:00+00') AS record_day, sum(p.debits) AS debits, sum(p.credits) AS credits
	FROM paycore.ledger_periods p
	GROUP BY 1, 2, 3, 4
),
-- What paycore has posted as owed on invoices, and what they say is.
receivable AS (
	SELECT e.tenant_id, e.billing_account_id, r.currency::text AS currency,
		sum(CASE e.debit_account_id WHEN r.id THEN paycore.cents(e.amount) ELSE - paycore.cents(e.amount) END) AS posted, 0 AS due
	FROM paycore.ledger_accounts r
	JOIN paycore.ledger_entries e ON e.tenant_id = r.tenant_id AND r.id IN (e.debit_account_id, e.credit_account_id)
	WHERE r.code = 'receivables' AND e.fact IN (SELECT k.fact FROM paycore.ledger_rules() k)
	GROUP BY e.tenant_id, e.billing_account_id, r.currency::text
	UNION ALL
	SELECT i.tenant_id, i.billing_account_id, i.currency::text, 0, sum(paycore.cents(i.amount_due))
	FROM paycore.invoices i WHERE i.status::text IN ('open', 'paid')
	GROUP BY i.tenant_id, i.billing_account_id, i.currency::text
),
change AS (
	SELECT t.tenant_id, t.billing_account_id, paycore.currency(t.amount)::text AS currency, sum(paycore.cents(t.amount)) AS amount
	FROM paycore.account_transactions t GROUP BY t.tenant_id, t.billing_account_id, paycore.currency(t.amount)::text
)
SELECT 'violation', 'every transfer sums to zero', 'ledger_entry', e.id::text, e.tenant_id,
	format('%s, debit account in %s, credit account in %s', e.amount, coalesce(d.currency::text, 'nothing'), coalesce(c.currency::text, 'nothing'))
FROM paycore.ledger_entries e
LEFT JOIN paycore.ledger_accounts d ON d.id = e.debit_account_id AND d.tenant_id = e.tenant_id
LEFT JOIN paycore.ledger_accounts c ON c.id = e.credit_account_id AND c.tenant_id = e.tenant_id
WHERE paycore.cents(e.amount) <= 0 OR e.debit_account_id = e.credit_account_id
	OR d.currency::text IS DISTINCT FROM paycore.currency(e.amount)::text OR c.currency::text IS DISTINCT FROM paycore.currency(e.amount)::text
UNION ALL
SELECT 'violation', 'every fact is posted once', coalesce(r.object, 'ledger_entry'), coalesce(f.object_id, p.object_id)::text,
	coalesce(f.tenant_id, p.tenant_id),
	format('%s: %s %s happened, %s %s posted', coalesce(f.fact, p.fact), round(coalesce(f.amount, 0) * 0.1 ^ c.exponent, c.exponent), c.code,
		round(coalesce(p.amount, 0) * 0.1 ^ c.exponent, c.exponent), c.code)
FROM fact f
FULL JOIN (SELECT * FROM paycore.ledger_posted() WHERE amount <> 0) p ON p.tenant_id = f.tenant_id AND p.fact = f.fact AND p.object_id = f.object_id AND p.currency = f.currency
LEFT JOIN paycore.ledger_rules() r ON r.fact = coalesce(f.fact, p.fact)
LEFT JOIN paycore.currencies() c ON c.code::text = coalesce(f.currency, p.currency)
WHERE coalesce(f.amount, 0) <> coalesce(p.amount, 0) AND current_setting('paycore.ledger')::boolean
UNION ALL
SELECT 'violation', 'the ledger knows what each account owes on invoices', 'billing_account', r.billing_account_id::text, r.tenant_id,
	format('%s %s due, %s %s posted', round(sum(r.due) * 0.1 ^ c.exponent, c.exponent), r.currency, round(sum(r.posted) * 0.1 ^ c.exponent, c.exponent), r.currency)
FROM receivable r
LEFT JOIN paycore.currencies() c ON c.code::text = r.currency
GROUP BY r.billing_account_id, r.tenant_id, r.currency, c.exponent
HAVING sum(r.due) <> sum(r.posted) AND current_setting('paycore.ledger')::boolean
UNION ALL
SELECT 'violation', 'rolled-up sums of the ledger are those of its entries', 'ledger_account', r.account_id::text, r.tenant_id,
	format('debits %s, sum %s; credits %s, sum %s; entries %s of %s', r.debits, r.sum_debits, r.credits, r.sum_credits, r.entries, r.sum_entries)
FROM rolled r WHERE r.debits <> r.sum_debits OR r.credits <> r.sum_credits OR r.entries <> r.sum_entries
UNION ALL
SELECT 'violation', 'sums by the hour are those of the entries', 'ledger_account', coalesce(p.account_id, h.account_id)::text,
	coalesce(p.tenant_id, h.tenant_id), format('hour %s recorded in %s', coalesce(p.event_hour, h.event_hour), coalesce(p.record_hour, h.record_hour))
FROM paycore.ledger_periods p
FULL JOIN hour h ON h.account_id = p.account_id AND h.tenant_id = p.tenant_id AND h.event_hour = p.event_hour AND h.record_hour = p.record_hour
WHERE p.debits IS DISTINCT FROM h.debits OR p.credits IS DISTINCT FROM h.credits OR p.entries IS DISTINCT FROM h.entries
UNION ALL
SELECT 'violation', 'sums by the day are those of the hours', 'ledger_account', coalesce(d.account_id, h.account_id)::text,
	coalesce(d.tenant_id, h.tenant_id), format('day %s recorded in %s', coalesce(d.event_day, h.event_day), coalesce(d.record_day, h.record_day))
FROM paycore.ledger_days d
FULL JOIN day h ON h.account_id = d.account_id AND h.tenant_id = d.tenant_id AND h.event_day = d.event_day AND h.record_day = d.record_day
WHERE d.debits IS DISTINCT FROM h.debits OR d.credits IS DISTINCT FROM h.credits
UNION ALL
SELECT 'violation', 'an account''s balance is the sum of its transactions', 'billing_account', coalesce(b.billing_account_id, c.billing_account_id)::text,
	coalesce(b.tenant_id, c.tenant_id), format('balance %s, sum %s %s', b.balance, coalesce(c.amount, 0), coalesce(c.currency, b.currency::text))
FROM paycore.account_balances b
FULL JOIN change c ON c.billing_account_id = b.billing_account_id AND c.tenant_id = b.tenant_id AND c.currency = b.currency::text
WHERE coalesce(paycore.cents(b.balance), 0) <> coalesce(c.amount, 0)
	OR paycore.currency(b.balance)::text <> b.currency::text
UNION ALL
SELECT 'violation', 'what a row names exists', 'account_transaction', t.id::text, t.tenant_id, format('billing_account %s', t.billing_account_id)
FROM paycore.account_transactions t
WHERE NOT EXISTS (SELECT FROM paycore.billing_accounts a WHERE a.id = t.billing_account_id AND a.tenant_id = t.tenant_id)
$verify$;
COMMENT ON FUNCTION paycore.find_ledger_violations() IS 'The part of verify() that is about the ledger and account balances.';
