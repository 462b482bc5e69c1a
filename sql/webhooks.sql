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

CREATE FUNCTION paycore.poll_events(gateway_account text DEFAULT 'default', since timestamptz DEFAULT NULL) RETURNS boolean
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_poll_events';
COMMENT ON FUNCTION paycore.poll_events(text, timestamptz) IS
	'Has the worker read the events of a gateway account, from since on or from where the last poll ended; it does so anyway every paycore.event_interval. Events that came by webhook are skipped. False: a poll is under way.';
REVOKE ALL ON FUNCTION paycore.poll_events(text, timestamptz) FROM PUBLIC;

CREATE PROCEDURE paycore.backfill(since timestamptz DEFAULT NULL, gateway_account text DEFAULT 'default', timeout interval DEFAULT '1 day')
LANGUAGE C
AS 'MODULE_PATHNAME', 'paycore_backfill';
COMMENT ON PROCEDURE paycore.backfill(timestamptz, text, interval) IS
	'Reads all objects of a gateway account (of the gateway stripe) made since then, page by page: payment intents, charges, disputes, customers with their payment methods, refunds, payouts with their balance transactions. Goes on where it was stopped; see backfill_progress. Not inside a transaction.';
REVOKE ALL ON PROCEDURE paycore.backfill(timestamptz, text, interval) FROM PUBLIC;
