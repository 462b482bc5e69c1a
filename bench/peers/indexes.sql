--
-- The indexes of paycore's tables, on the peers': read from its catalog, so that they cannot be others.
--

SELECT replace(replace(regexp_replace(pg_get_indexdef(i.indexrelid), '(INDEX )\S+ ON paycore\.', '\1ON '),
	'OPERATOR(paycore.=)', '='), 'paycore.', '')
FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
WHERE c.relnamespace = 'paycore'::regnamespace AND NOT i.indisprimary AND to_regclass(format('%I.%I', current_schema, c.relname)) IS NOT NULL
ORDER BY i.indexrelid \gexec
