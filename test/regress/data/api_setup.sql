-- Tables, no worker, and the plumbing's view of what was asked.
\set QUIET on
\o /dev/null
SELECT format('ALTER DATABASE %I SET paycore.worker = off', current_database()) \gexec
SELECT paycore.init();
SELECT paycore.create_gateway_account('cash', 'manual');
CREATE FUNCTION asked(object uuid) RETURNS TABLE (operation text, status text, waits integer, params jsonb)
LANGUAGE sql AS $$
	SELECT operation, status, coalesce(cardinality(depends_on), 0), params
	FROM paycore.outbox WHERE object_id = object ORDER BY seq
$$;
\o
\set QUIET off
\set VERBOSITY sqlstate
