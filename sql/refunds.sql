--
-- Refunds.
--

CREATE FUNCTION paycore.create_refund(
	payment_id uuid,
	amount paycore.money_cents DEFAULT NULL,
	reason text DEFAULT NULL,
	requested_by text DEFAULT NULL,
	metadata jsonb DEFAULT '{}',
	idempotency_key text DEFAULT NULL,
	requires_approval boolean DEFAULT false
) RETURNS paycore.refund
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_create_refund';
COMMENT ON FUNCTION paycore.create_refund IS 'Gives back an amount of a succeeded payment, or the rest of it. Reserved at once; awaits approve_refund() where asked for, or where paycore.refund_approval is on.';

CREATE FUNCTION paycore.approve_refund(
	id uuid,
	approved_by text DEFAULT NULL
) RETURNS paycore.refund
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_approve_refund';
COMMENT ON FUNCTION paycore.approve_refund IS 'Lets a requested refund go to the gateway. The approver is not the requester.';

CREATE FUNCTION paycore.cancel_refund(id uuid) RETURNS paycore.refund
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_cancel_refund';
COMMENT ON FUNCTION paycore.cancel_refund IS 'Cancels a refund that awaits approval, was never sent, or waits for the payer''s action.';

CREATE FUNCTION paycore.refund_processing_time(refund paycore.refund) RETURNS interval
LANGUAGE sql STABLE STRICT PARALLEL SAFE
RETURN CASE WHEN COALESCE((refund).succeeded_at, (refund).failed_at, (refund).canceled_at) < (refund).created_at THEN interval '0'
	ELSE COALESCE((refund).succeeded_at, (refund).failed_at, (refund).canceled_at) - (refund).created_at END;
COMMENT ON FUNCTION paycore.refund_processing_time(paycore.refund) IS 'From the request to its end, never below zero: a gateway''s clock has whole seconds. NULL while it is under way.';
