--
-- Bare tables beside paycore's, with the same columns and indexes: what a run has written is inserted into them.
--

DROP SCHEMA IF EXISTS bare CASCADE;
CREATE SCHEMA bare;
SELECT format('CREATE TABLE bare.%I (LIKE paycore.%1$I INCLUDING STORAGE)', c.relname)
FROM pg_class c WHERE c.relnamespace = 'paycore'::regnamespace AND c.relkind = 'r' AND c.relname IN (:written) \gexec
SELECT regexp_replace(pg_get_indexdef(i.indexrelid), '(INDEX )\S+ ON paycore\.', '\1ON bare.')
FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
WHERE c.relnamespace = 'paycore'::regnamespace AND to_regclass(format('bare.%I', c.relname)) IS NOT NULL
ORDER BY i.indexrelid \gexec
