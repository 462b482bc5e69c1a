-- What is added up is older than every transaction of the server: settled() waits for those of other tests, and of the server itself, that run now.
CREATE FUNCTION settled() RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
	running xid[];
BEGIN
	FOR attempt IN 1 .. 1200 LOOP
		PERFORM pg_stat_clear_snapshot();
		running := ARRAY(
			SELECT backend_xid FROM pg_stat_activity WHERE backend_xid = ANY (coalesce(running, ARRAY[backend_xid])) AND (datname <> current_database() OR backend_type <> 'client backend')
			UNION ALL SELECT transaction FROM pg_prepared_xacts WHERE transaction = ANY (coalesce(running, ARRAY[transaction])) AND database <> current_database());
		IF running = '{}' THEN
			RETURN true;
		END IF;
		PERFORM pg_sleep(0.05);
	END LOOP;
	RAISE 'transactions % have not ended in a minute', running;
END $$;
