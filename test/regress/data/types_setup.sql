-- The extension, its names, and the value of an expression, or its SQLSTATE and message.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS paycore;
RESET client_min_messages;
SET search_path = public, paycore;
CREATE FUNCTION pg_temp.outcome(expression text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	result text;
BEGIN
	EXECUTE 'SELECT (' || expression || ')::text' INTO result;
	RETURN coalesce(result, 'NULL');
EXCEPTION WHEN OTHERS THEN
	RETURN sqlstate || ': ' || sqlerrm;
END
$$;
