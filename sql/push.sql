--
-- Webhook endpoints: the change feed, pushed.
--

CREATE FUNCTION paycore.create_webhook_endpoint(
	name text,
	url text DEFAULT NULL,
	enabled_events text[] DEFAULT '{*}',
	description text DEFAULT NULL,
	rate_limit integer DEFAULT 100,
	max_in_flight integer DEFAULT 10,
	from_start boolean DEFAULT false
) RETURNS paycore.webhook_endpoint
LANGUAGE C VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'paycore_create_webhook_endpoint';
COMMENT ON FUNCTION paycore.create_webhook_endpoint IS 'Pushes the tenant''s changes to an address, signed: those that commit from now on, or from the first one on. enabled_events: *, payment.* or payment.succeeded. Its webhook_secret goes into the secrets file, in a section of the same name; without a url, its base_url too. Waits for transactions that have changed something to end.';

CREATE FUNCTION paycore.update_webhook_endpoint(
	name text,
	url text DEFAULT NULL,
	enabled_events text[] DEFAULT NULL,
	description text DEFAULT NULL,
	rate_limit integer DEFAULT NULL,
	max_in_flight integer DEFAULT NULL,
	disabled boolean DEFAULT NULL,
	reason text DEFAULT NULL
) RETURNS paycore.webhook_endpoint
LANGUAGE C VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'paycore_update_webhook_endpoint';
COMMENT ON FUNCTION paycore.update_webhook_endpoint IS 'Changes a webhook endpoint. What is not given stays. A disabled one is sent nothing and keeps its place; enabled again, it goes on there, and what waits is sent at once.';

CREATE FUNCTION paycore.delete_webhook_endpoint(name text) RETURNS void
LANGUAGE C VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'paycore_delete_webhook_endpoint';
COMMENT ON FUNCTION paycore.delete_webhook_endpoint IS 'Removes a webhook endpoint, with what it has not been sent.';

CREATE FUNCTION paycore.discard_delivery(id uuid) RETURNS paycore.outbox_row
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'paycore_discard_delivery';
COMMENT ON FUNCTION paycore.discard_delivery IS 'Gives up the delivery of a change to a webhook endpoint (a row of the outbox that waits or is dead); later changes of the object go on.';
