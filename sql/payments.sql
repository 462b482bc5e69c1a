--
-- Payments that are recorded by hand, and what can be read off a payment.
--

CREATE FUNCTION paycore.record_payment(
	billing_account_id uuid,
	gross paycore.money_cents,
	fee paycore.money_cents DEFAULT NULL,
	payment_intent_id uuid DEFAULT NULL,
	method_type text DEFAULT NULL,
	external_ref text DEFAULT NULL,
	received_at timestamptz DEFAULT NULL,
	description text DEFAULT NULL,
	metadata jsonb DEFAULT '{}',
	idempotency_key text DEFAULT NULL,
	gateway text DEFAULT NULL
) RETURNS paycore.payment
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_record_payment';
COMMENT ON FUNCTION paycore.record_payment IS 'Records money that came in by cash, transfer or cheque, through a manual gateway account; settles it at once, and its intent.';

CREATE FUNCTION paycore.available_to_refund(payment paycore.payment) RETURNS paycore.money_cents
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN paycore.money_cents(
	CASE WHEN (payment).status OPERATOR(paycore.=) 'succeeded'::paycore.payment_status
		THEN GREATEST(0::bigint, paycore.cents((payment).gross) - paycore.cents((payment).refund_reserved)
			- paycore.cents((payment).refunded) - paycore.cents((payment).dispute_held))
		ELSE 0::bigint END,
	paycore.currency((payment).authorized));
COMMENT ON FUNCTION paycore.available_to_refund(paycore.payment) IS 'What create_refund() would still accept.';

CREATE FUNCTION paycore.refund_state(payment paycore.payment) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN CASE
	WHEN paycore.cents((payment).refunded) <= 0 AND paycore.cents((payment).refund_reserved) > 0 THEN 'pending'
	WHEN paycore.cents((payment).refunded) <= 0 THEN 'none'
	WHEN paycore.cents((payment).refunded) < paycore.cents((payment).gross) THEN 'partial'
	ELSE 'full' END;
COMMENT ON FUNCTION paycore.refund_state(paycore.payment) IS 'none, pending (asked for, nothing given back yet), partial or full.';

CREATE FUNCTION paycore.fee_percentage(payment paycore.payment) RETURNS numeric
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN pg_catalog.round(100.0 * paycore.cents((payment).fee) / NULLIF(paycore.cents((payment).settled_gross), 0), 4);
COMMENT ON FUNCTION paycore.fee_percentage(paycore.payment) IS 'The fee in percent of the settled gross amount; NULL while it is not settled.';

CREATE FUNCTION paycore.repair_counters() RETURNS bigint
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_repair_counters';
COMMENT ON FUNCTION paycore.repair_counters() IS 'Recounts refund_reserved, refunded and dispute_held of every payment from its refunds and disputes, and times_redeemed of every coupon and promotion code from its discounts, for the owner after a data-only restore; gives the number of rows that were off.';
