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
