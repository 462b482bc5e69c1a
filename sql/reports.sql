--
-- Reports: what came in, what recurs, what was lost and what is owed. Never one sum over two currencies.
--

CREATE TYPE paycore.tally_row AS (
	period date, -- First day of the period.
	kind integer, -- Which of the sums.
	currency paycore.currency,
	times bigint, -- How many.
	amount paycore.money_cents -- Their sum.
);
COMMENT ON TYPE paycore.tally_row IS 'the sum of amounts of a period, kind and currency, and of how many';

CREATE FUNCTION paycore.tally_add(internal, timestamptz, timestamptz, timestamptz, text, text, integer, paycore.money_cents, paycore.money_cents) RETURNS internal
	AS 'MODULE_PATHNAME', 'paycore_tally_add' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION paycore.tally_add(internal, timestamptz, timestamptz, timestamptz, text, text, integer, paycore.money_cents, paycore.money_cents) IS 'part of the aggregate tally()';
CREATE FUNCTION paycore.tally_combine(internal, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'paycore_tally_combine' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION paycore.tally_combine(internal, internal) IS 'part of the aggregate tally()';
CREATE FUNCTION paycore.tally_serial(internal) RETURNS bytea
	AS 'MODULE_PATHNAME', 'paycore_tally_serial' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION paycore.tally_serial(internal) IS 'part of the aggregate tally()';
CREATE FUNCTION paycore.tally_deserial(bytea, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'paycore_tally_deserial' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION paycore.tally_deserial(bytea, internal) IS 'part of the aggregate tally()';
CREATE FUNCTION paycore.tally_rows(internal) RETURNS paycore.tally_row[]
	AS 'MODULE_PATHNAME', 'paycore_tally_rows' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION paycore.tally_rows(internal) IS 'part of the aggregate tally()';
CREATE AGGREGATE paycore.tally(at timestamptz, since timestamptz, until timestamptz, unit text, time_zone text, kind integer,
	amount paycore.money_cents, second paycore.money_cents) (
	SFUNC = paycore.tally_add, STYPE = internal, SSPACE = 110000, FINALFUNC = paycore.tally_rows,
	COMBINEFUNC = paycore.tally_combine, SERIALFUNC = paycore.tally_serial, DESERIALFUNC = paycore.tally_deserial,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE paycore.tally(timestamptz, timestamptz, timestamptz, text, text, integer, paycore.money_cents, paycore.money_cents) IS 'the sums of amounts before until by calendar_start(), kind and currency: those before since as of -infinity, those of second as of the next kind. As GROUP BY, but in parallel however many groups the planner expects';

CREATE FUNCTION paycore.revenue(
	since date DEFAULT NULL,
	until date DEFAULT NULL,
	by text DEFAULT 'month',
	time_zone text DEFAULT NULL
) RETURNS TABLE (period date, currency paycore.currency, payments bigint, gross paycore.money_cents, refunds paycore.money_cents,
	disputes paycore.money_cents, bounced paycore.money_cents, fees paycore.money_cents, net paycore.money_cents)
LANGUAGE C STABLE ROWS 12
AS 'MODULE_PATHNAME', 'paycore_revenue';
COMMENT ON FUNCTION paycore.revenue IS 'Money that came in from since until (without it) until, by day, week, month, quarter or year of the time zone: gross, less refunds, what disputes hold, payments that bounced, and fees, each when it happened. Without dates: the last twelve months; without a zone: the seller''s.';

CREATE FUNCTION paycore.revenue_by_product(
	since date DEFAULT NULL,
	until date DEFAULT NULL,
	by text DEFAULT 'month',
	time_zone text DEFAULT NULL
) RETURNS TABLE (period date, product_id uuid, product text, name text, currency paycore.currency, revenue paycore.money_cents, discount paycore.money_cents)
LANGUAGE C STABLE ROWS 50
AS 'MODULE_PATHNAME', 'paycore_revenue_by_product';
COMMENT ON FUNCTION paycore.revenue_by_product IS 'What was invoiced for each product, net of discounts and taxes; a voided invoice is taken back when it is voided, what is credited when the credit note is issued. Payments without an invoice are without product.';

CREATE FUNCTION paycore.mrr(as_of timestamptz DEFAULT NULL)
RETURNS TABLE (currency paycore.currency, mrr paycore.money_cents, arr paycore.money_cents, accounts bigint, subscriptions bigint)
LANGUAGE C STABLE ROWS 3
AS 'MODULE_PATHNAME', 'paycore_mrr';
COMMENT ON FUNCTION paycore.mrr IS 'Monthly and annual recurring revenue at a time (null: now), and how many accounts and subscriptions bring it.';

CREATE FUNCTION paycore.mrr_by_month(
	since date DEFAULT NULL,
	until date DEFAULT NULL,
	time_zone text DEFAULT NULL
) RETURNS TABLE (month date, currency paycore.currency, opening paycore.money_cents, new paycore.money_cents, expansion paycore.money_cents,
	contraction paycore.money_cents, churn paycore.money_cents, reactivation paycore.money_cents, closing paycore.money_cents, arr paycore.money_cents)
LANGUAGE C STABLE ROWS 12
AS 'MODULE_PATHNAME', 'paycore_mrr_by_month';
COMMENT ON FUNCTION paycore.mrr_by_month IS 'Monthly recurring revenue at the beginning and the end of each month, and what moved it in between.';

CREATE FUNCTION paycore.churn(
	since date DEFAULT NULL,
	until date DEFAULT NULL,
	time_zone text DEFAULT NULL
) RETURNS TABLE (month date, currency paycore.currency, accounts bigint, accounts_gained bigint, accounts_lost bigint, account_churn numeric,
	opening paycore.money_cents, lost paycore.money_cents, expansion paycore.money_cents, gross_churn numeric, net_churn numeric)
LANGUAGE C STABLE ROWS 12
AS 'MODULE_PATHNAME', 'paycore_churn';
COMMENT ON FUNCTION paycore.churn IS 'Accounts with recurring revenue at the beginning of each month, how many were lost by its end, and how much of the revenue: gross (churn and contraction) and net of expansion. In percent.';

CREATE FUNCTION paycore.retention(
	since date DEFAULT NULL,
	until date DEFAULT NULL,
	of text DEFAULT 'subscribers',
	time_zone text DEFAULT NULL
) RETURNS TABLE (cohort date, currency paycore.currency, accounts bigint, month integer, retained bigint, retention numeric, revenue paycore.money_cents)
LANGUAGE C STABLE ROWS 78
AS 'MODULE_PATHNAME', 'paycore_retention';
COMMENT ON FUNCTION paycore.retention IS 'Accounts by the month they began in, and how many of them are there in each month since. Of subscribers: who has recurring revenue at the end of the month, and how much. Of payers: who paid in it.';

CREATE FUNCTION paycore.payment_failures(
	since date DEFAULT NULL,
	until date DEFAULT NULL,
	by text DEFAULT 'month',
	time_zone text DEFAULT NULL
) RETURNS TABLE (period date, currency paycore.currency, failed bigint, amount paycore.money_cents, recovered bigint, recovered_amount paycore.money_cents,
	recovery_rate numeric, average_tries numeric, average_days numeric)
LANGUAGE C STABLE ROWS 12
AS 'MODULE_PATHNAME', 'paycore_payment_failures';
COMMENT ON FUNCTION paycore.payment_failures IS 'What could not be charged at first, by the time of that, and how much of it came in after all: in percent, after how many tries and days.';

CREATE FUNCTION paycore.deferred_revenue(
	since date DEFAULT NULL,
	until date DEFAULT NULL,
	time_zone text DEFAULT NULL
) RETURNS TABLE (month date, currency paycore.currency, invoiced paycore.money_cents, recognised paycore.money_cents, deferred paycore.money_cents)
LANGUAGE C STABLE ROWS 12
AS 'MODULE_PATHNAME', 'paycore_deferred_revenue';
COMMENT ON FUNCTION paycore.deferred_revenue IS 'What was invoiced in each month, net of taxes; what was earned in it, evenly over the period of each line; and what is still to be earned at its end (below zero: earned before it was invoiced). Credit notes are taken off when they are issued.';

CREATE FUNCTION paycore.subscription_statistics(
	since date DEFAULT NULL,
	until date DEFAULT NULL,
	time_zone text DEFAULT NULL
) RETURNS TABLE (currency paycore.currency, subscriptions bigint, scheduled bigint, trialing bigint, active bigint, past_due bigint, paused bigint,
	canceled bigint, ending bigint, began bigint, ended bigint, mrr paycore.money_cents)
LANGUAGE C STABLE ROWS 3
AS 'MODULE_PATHNAME', 'paycore_subscription_statistics';
COMMENT ON FUNCTION paycore.subscription_statistics IS 'How many subscriptions there are, by status; how many of them are to end; and how many began and ended from since until until.';

CREATE FUNCTION paycore.invoice_ageing()
RETURNS TABLE (overdue text, currency paycore.currency, invoices bigint, amount_due paycore.money_cents)
LANGUAGE C STABLE ROWS 5
AS 'MODULE_PATHNAME', 'paycore_invoice_ageing';
COMMENT ON FUNCTION paycore.invoice_ageing IS 'What is due on open invoices, by the days it is overdue now: not due, 1-30, 31-60, 61-90, over 90.';

CREATE FUNCTION paycore.tax_summary(
	since date DEFAULT NULL,
	until date DEFAULT NULL,
	by text DEFAULT 'month',
	time_zone text DEFAULT NULL
) RETURNS TABLE (period date, country text, tax_rate_id uuid, name text, percentage numeric, currency paycore.currency, taxable paycore.money_cents, tax paycore.money_cents)
LANGUAGE C STABLE ROWS 20
AS 'MODULE_PATHNAME', 'paycore_tax_summary';
COMMENT ON FUNCTION paycore.tax_summary IS 'The taxes on what was invoiced, less those credited: by period, the customer''s country and the rate, the net amounts they are on and what they come to.';

CREATE FUNCTION paycore.billing_statistics(
	since date DEFAULT NULL,
	until date DEFAULT NULL,
	time_zone text DEFAULT NULL
) RETURNS TABLE (currency paycore.currency, accounts bigint, paying_accounts bigint, active_subscriptions bigint, mrr paycore.money_cents, arr paycore.money_cents,
	mrr_per_account paycore.money_cents, invoices bigint, invoiced paycore.money_cents, payments bigint, collected paycore.money_cents, refunds bigint,
	refunded paycore.money_cents, open_invoices bigint, amount_due paycore.money_cents, amount_overdue paycore.money_cents)
LANGUAGE C STABLE ROWS 3
AS 'MODULE_PATHNAME', 'paycore_billing_statistics';
COMMENT ON FUNCTION paycore.billing_statistics IS 'The whole business in a row for each currency: accounts, recurring revenue and what is due as of now; what was invoiced (less credit notes), collected and given back from since until until.';

CREATE FUNCTION paycore.report_html(
	since date DEFAULT NULL,
	until date DEFAULT NULL,
	time_zone text DEFAULT NULL,
	locale text DEFAULT NULL
) RETURNS text
LANGUAGE C STABLE
AS 'MODULE_PATHNAME', 'paycore_report_html';
COMMENT ON FUNCTION paycore.report_html IS 'The reports as one page with charts, for people who would rather look than read: HTML without scripts and outside resources, for screen and paper. In the seller''s locale unless another is given.';
