--
-- What CHECK constraints and verify() ask.
--

CREATE FUNCTION paycore.is_known(word text, list text) RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'paycore_is_known';
COMMENT ON FUNCTION paycore.is_known IS 'Whether word is one of those that a column of paycore''s tables takes: capture_method, confirmation_method, setup_future_usage, attempt_outcome, refund_kind, change_source, outbox_status, outbox_open, event_status.';
