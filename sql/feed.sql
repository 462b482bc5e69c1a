--
-- The change feed: every step of every status, in order, for readers with a name.
--

CREATE FUNCTION paycore.create_change_consumer(name text, from_start boolean DEFAULT false) RETURNS paycore.change_consumer
LANGUAGE C VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'paycore_create_change_consumer';
COMMENT ON FUNCTION paycore.create_change_consumer IS 'A reader of the tenant''s changes: of all that commit from now on, or from the first one on. Waits for transactions that have changed something to end.';

CREATE FUNCTION paycore.read_changes(consumer text, page_size integer DEFAULT 500) RETURNS SETOF paycore.status_change
LANGUAGE C VOLATILE PARALLEL UNSAFE ROWS 500
AS 'MODULE_PATHNAME', 'paycore_read_changes';
COMMENT ON FUNCTION paycore.read_changes IS 'The next changes that the consumer has not acknowledged (at most 10000), in order; the same ones again until they are. Nothing that is not committed, and nothing left out that commits late. Holds the consumer''s row until the transaction ends.';

CREATE FUNCTION paycore.acknowledge_changes(consumer text, seq bigint) RETURNS paycore.change_consumer
LANGUAGE C VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'paycore_acknowledge_changes';
COMMENT ON FUNCTION paycore.acknowledge_changes IS 'The changes that read_changes() gave, up to the one with this seq, have been dealt with.';

CREATE FUNCTION paycore.drop_change_consumer(name text) RETURNS void
LANGUAGE C VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'paycore_drop_change_consumer';
COMMENT ON FUNCTION paycore.drop_change_consumer IS 'Drops a reader and its place.';
