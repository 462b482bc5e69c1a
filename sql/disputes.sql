--
-- Disputes, and what warns of them.
--

CREATE FUNCTION paycore.update_dispute_evidence(
	id uuid,
	evidence jsonb DEFAULT '{}',
	metadata jsonb DEFAULT NULL
) RETURNS paycore.dispute
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_update_dispute_evidence';
COMMENT ON FUNCTION paycore.update_dispute_evidence IS 'Stages evidence for a dispute that needs a response: fields are merged, a null removes its field. The bank sees nothing of it before submit_dispute_evidence().';

CREATE FUNCTION paycore.submit_dispute_evidence(id uuid) RETURNS paycore.dispute
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_submit_dispute_evidence';
COMMENT ON FUNCTION paycore.submit_dispute_evidence IS 'Sends all that is staged to the payer''s bank. Most banks take one submission.';

CREATE FUNCTION paycore.close_dispute(id uuid) RETURNS paycore.dispute
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_close_dispute';
COMMENT ON FUNCTION paycore.close_dispute IS 'Accepts the loss of a dispute that needs a response. There is no way back.';

CREATE FUNCTION paycore.refresh_dispute(id uuid) RETURNS paycore.dispute
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_refresh_dispute';
COMMENT ON FUNCTION paycore.refresh_dispute IS 'Has the gateway asked how the dispute stands, after COMMIT.';

CREATE FUNCTION paycore.acknowledge_dispute(id uuid) RETURNS paycore.dispute
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_acknowledge_dispute';
COMMENT ON FUNCTION paycore.acknowledge_dispute IS 'Somebody has seen that a decided dispute was opened again or decided otherwise: health() is silent about it until it happens again.';
