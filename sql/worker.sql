--
-- What to watch.
--

CREATE FUNCTION paycore.worker_status(
	OUT launcher_pid integer, OUT worker_pid integer, OUT started_at timestamptz, OUT last_turn_at timestamptz,
	OUT in_flight integer, OUT sent bigint, OUT answered bigint, OUT recorded bigint, OUT faults bigint, OUT no_slot boolean,
	OUT billed bigint, OUT billing_passed_at timestamptz, OUT assistant_pid integer)
LANGUAGE C VOLATILE STRICT
AS 'MODULE_PATHNAME', 'paycore_worker_status';
COMMENT ON FUNCTION paycore.worker_status() IS 'The worker of this database and its assistant, with their counts since the worker started. NULLs: none is known (see docs/operations.md).';
REVOKE ALL ON FUNCTION paycore.worker_status() FROM PUBLIC;

CREATE FUNCTION paycore.health() RETURNS jsonb
LANGUAGE C VOLATILE STRICT
AS 'MODULE_PATHNAME', 'paycore_health';
COMMENT ON FUNCTION paycore.health() IS 'What an operator should know at a glance; problems, an array of texts, is empty where all is well.';
REVOKE ALL ON FUNCTION paycore.health() FROM PUBLIC;

CREATE FUNCTION paycore.metrics(OUT name text, OUT labels jsonb, OUT value double precision) RETURNS SETOF record
LANGUAGE C VOLATILE STRICT
AS 'MODULE_PATHNAME', 'paycore_metrics';
COMMENT ON FUNCTION paycore.metrics() IS 'Numbers for a monitoring system, one a row.';
REVOKE ALL ON FUNCTION paycore.metrics() FROM PUBLIC;
