--
-- A balance is what is rolled up and the entries since, however many lie before, and though they are all of one account.
--
-- A transaction elsewhere in the cluster may keep a roll-up from seeing the last entries for a moment.
CREATE FUNCTION rolled_up() RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
	FOR attempt IN 1 .. 100 LOOP
		PERFORM paycore.roll_up_ledger(1);
		EXIT WHEN (SELECT sum(entries) FROM paycore.ledger_balances) = 10000;
		PERFORM pg_sleep(0.1);
	END LOOP;
	RETURN (SELECT sum(entries) FROM paycore.ledger_balances);
END $$;
SELECT id AS bank FROM paycore.open_ledger_account('bank', 'asset', 'EUR') \gset
SELECT id AS shop FROM paycore.open_ledger_account('shop', 'liability', 'EUR') \gset
SELECT count(paycore.post_entry(:'bank', :'shop', '1 EUR')) FROM generate_series(1, 5000);
SELECT rolled_up();
SELECT count(paycore.post_entry(:'bank', :'shop', '1 EUR')) FROM generate_series(1, 3);
ANALYZE;
-- As they are at ten million: an index costs more than the whole table.
SET cpu_index_tuple_cost = 10;
CREATE VIEW reads AS
	SELECT c.relname, sum(pg_stat_get_xact_tuples_returned(r.oid)) AS n
	FROM pg_class c CROSS JOIN LATERAL (SELECT c.oid UNION ALL SELECT i.indexrelid FROM pg_index i WHERE i.indrelid = c.oid) r
	WHERE c.relnamespace = 'paycore'::regnamespace AND c.relname LIKE 'ledger\_%' GROUP BY c.relname;
BEGIN;
CREATE TEMP TABLE before AS SELECT * FROM reads;
SELECT paycore.ledger_balance(:'shop'), paycore.ledger_balance(:'shop', now() - interval '1 day'), paycore.ledger_balance(:'shop', now() - interval '1 day', 'record');
SELECT relname AS much_read FROM reads r JOIN before b USING (relname) WHERE r.n > b.n + 100 ORDER BY 1;
ROLLBACK;
