--
-- The outbox, by hand.  None of this is for the public: grant_access() gives it.
--

CREATE FUNCTION paycore.retry_outbox(id uuid) RETURNS paycore.outbox_row
LANGUAGE C VOLATILE STRICT
AS 'MODULE_PATHNAME', 'paycore_retry_outbox';
COMMENT ON FUNCTION paycore.retry_outbox(uuid) IS 'Sends a dead request again under its key, or, where it was first sent too long ago for that, looks into what became of it.';
REVOKE ALL ON FUNCTION paycore.retry_outbox(uuid) FROM PUBLIC;

CREATE FUNCTION paycore.adopt_outbox(what text) RETURNS bigint
LANGUAGE C VOLATILE STRICT
AS 'MODULE_PATHNAME', 'paycore_adopt_outbox';
COMMENT ON FUNCTION paycore.adopt_outbox(text) IS 'Unfinished requests of another instance or database (this is a copy of it): ''send'' them from here, or ''discard'' them. Says how many.';
REVOKE ALL ON FUNCTION paycore.adopt_outbox(text) FROM PUBLIC;

CREATE FUNCTION paycore.instance() RETURNS text
LANGUAGE C STABLE STRICT
AS 'MODULE_PATHNAME', 'paycore_instance';
COMMENT ON FUNCTION paycore.instance() IS 'The name of this instance, from the secrets file; empty where it gives none. Requests carry it.';
REVOKE ALL ON FUNCTION paycore.instance() FROM PUBLIC;

CREATE FUNCTION paycore.pause_gateway(account text, reason text DEFAULT NULL) RETURNS integer
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_pause_gateway';
COMMENT ON FUNCTION paycore.pause_gateway(text, text) IS 'Sends nothing more for the gateway account until resume_gateway(). Says how many rows of gateway_accounts carry the name.';
REVOKE ALL ON FUNCTION paycore.pause_gateway(text, text) FROM PUBLIC;

CREATE FUNCTION paycore.resume_gateway(account text) RETURNS integer
LANGUAGE C VOLATILE STRICT
AS 'MODULE_PATHNAME', 'paycore_resume_gateway';
COMMENT ON FUNCTION paycore.resume_gateway(text) IS 'Sends again for a paused gateway account, beginning with what waits.';
REVOKE ALL ON FUNCTION paycore.resume_gateway(text) FROM PUBLIC;

CREATE PROCEDURE paycore.drain_outbox(timeout interval DEFAULT '60 seconds')
LANGUAGE C
AS 'MODULE_PATHNAME', 'paycore_drain_outbox';
COMMENT ON PROCEDURE paycore.drain_outbox(interval) IS 'The worker''s job, by hand: sends what is due and records the answers, until nothing is due or the time is up. Calls take turns. Not inside a transaction.';
REVOKE ALL ON PROCEDURE paycore.drain_outbox(interval) FROM PUBLIC;

CREATE FUNCTION paycore.await_payment_intent(id uuid, timeout interval DEFAULT '10 seconds') RETURNS paycore.payment_intent
LANGUAGE C VOLATILE STRICT
AS 'MODULE_PATHNAME', 'paycore_await_payment_intent';
COMMENT ON FUNCTION paycore.await_payment_intent(uuid, interval) IS 'Sleeps until nothing that was asked of the gateway for this intent is still under way, or the time is up; gives the row as it then is. After COMMIT, at READ COMMITTED.';

CREATE FUNCTION paycore.await_setup_intent(id uuid, timeout interval DEFAULT '10 seconds') RETURNS paycore.setup_intent
LANGUAGE C VOLATILE STRICT
AS 'MODULE_PATHNAME', 'paycore_await_setup_intent';
COMMENT ON FUNCTION paycore.await_setup_intent(uuid, interval) IS 'The same for a setup intent.';
