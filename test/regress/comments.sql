SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS paycore;
RESET client_min_messages;

-- Every object of the extension says what it is for.
SELECT pg_describe_object(classid, objid, 0) AS without_comment
FROM pg_depend
WHERE refclassid = 'pg_extension'::regclass AND deptype = 'e'
	AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'paycore')
	AND obj_description(objid, classid::regclass::text) IS NULL
	AND NOT (classid = 'pg_type'::regclass AND EXISTS (SELECT FROM pg_type AS element WHERE element.typarray = objid))
ORDER BY 1;

-- So does every column of its row types and tables.
\o /dev/null
SELECT paycore.init();
\o
SELECT count(*) > 1000 AS looked, array_agg(attrelid::regclass || '.' || attname) FILTER (WHERE col_description(attrelid, attnum) IS NULL) AS without_comment
FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
WHERE relnamespace = 'paycore'::regnamespace AND relkind IN ('c', 'r') AND attnum > 0;

-- And of a view what its tables have not.
SELECT view.relname, attname AS without_comment
FROM pg_class view JOIN pg_attribute derived ON derived.attrelid = view.oid AND attnum > 0
WHERE relnamespace = 'paycore'::regnamespace AND relkind = 'v' AND col_description(view.oid, attnum) IS NULL AND NOT EXISTS (
	SELECT FROM pg_rewrite JOIN pg_depend ON classid = 'pg_rewrite'::regclass AND objid = pg_rewrite.oid AND refclassid = 'pg_class'::regclass
	JOIN pg_attribute base ON base.attrelid = refobjid AND base.attnum = refobjsubid WHERE ev_class = view.oid AND refobjid <> view.oid AND base.attname = derived.attname);

-- A column that takes certain words only names them all.
SELECT count(*) > 50 AS looked, array_agg(conname || ' ' || word) FILTER (WHERE col_description(conrelid, conkey[1]) !~ ('\m' || word || '\M')) AS not_named
FROM pg_constraint, LATERAL regexp_matches(pg_get_constraintdef(oid), '= ANY \(+ARRAY\[(.*?)\]') list,
	LATERAL regexp_matches(list[1], '''(\w+)''', 'g') found, LATERAL (SELECT found[1]) f (word)
WHERE connamespace = 'paycore'::regnamespace AND contype = 'c' AND array_length(conkey, 1) = 1;

-- No function runs with its owner's rights or sits in another schema.
SELECT count(*) > 100 AS looked, count(*) FILTER (WHERE prosecdef) AS security_definer,
	count(*) FILTER (WHERE pronamespace <> 'paycore'::regnamespace) AS elsewhere
FROM pg_depend JOIN pg_proc ON pg_proc.oid = objid
WHERE classid = 'pg_proc'::regclass AND deptype = 'e' AND refclassid = 'pg_extension'::regclass
	AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'paycore');

-- The list of errors: every code once, with a meaning and an action.
SELECT count(*) > 30 AS many, count(*) = count(DISTINCT sqlstate) AND count(*) = count(DISTINCT name) AS unique,
	bool_and(sqlstate ~ '^PY[0-9]{3}$' AND meaning <> '' AND action <> '') AS complete
FROM paycore.error_codes();
