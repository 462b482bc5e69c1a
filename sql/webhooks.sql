--
-- Events that a gateway posts.
--

CREATE FUNCTION paycore.receive_webhook(payload bytea, signature text, gateway_account text DEFAULT 'default')
RETURNS paycore.webhook_event
LANGUAGE C VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'paycore_receive_webhook';
COMMENT ON FUNCTION paycore.receive_webhook(bytea, text, text) IS
	'Checks the signature over the raw body of a gateway''s POST, stores the event once by its id and applies it. Bad input is not raised: status is then rejected.';
REVOKE ALL ON FUNCTION paycore.receive_webhook(bytea, text, text) FROM PUBLIC;

CREATE FUNCTION paycore.receive_webhook(payload text, signature text, gateway_account text DEFAULT 'default')
RETURNS paycore.webhook_event
LANGUAGE C VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'paycore_receive_webhook_text';
COMMENT ON FUNCTION paycore.receive_webhook(text, text, text) IS
	'The same for a body that was read as UTF-8 text.';
REVOKE ALL ON FUNCTION paycore.receive_webhook(text, text, text) FROM PUBLIC;

CREATE FUNCTION paycore.retry_webhook(id uuid) RETURNS paycore.webhook_event
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'paycore_retry_webhook';
COMMENT ON FUNCTION paycore.retry_webhook(uuid) IS
	'Applies a stored event again that failed, waits for its parent or was ignored. One that was processed comes back as it is.';
REVOKE ALL ON FUNCTION paycore.retry_webhook(uuid) FROM PUBLIC;
