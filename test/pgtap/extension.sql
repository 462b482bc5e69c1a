-- The extension can be dropped and created again, and says what each of its objects is for.
BEGIN;

SELECT plan(4);

SELECT lives_ok('DROP EXTENSION paycore', 'the extension can be dropped');
SELECT lives_ok('CREATE EXTENSION paycore CASCADE', 'the extension can be created');
SELECT is(nspname, 'paycore', 'its objects live in the schema paycore')
FROM pg_catalog.pg_extension JOIN pg_catalog.pg_namespace n ON n.oid = extnamespace
WHERE extname = 'paycore';

CREATE TEMPORARY VIEW undocumented AS
SELECT pg_catalog.pg_describe_object(classid, objid, objsubid) AS object
FROM pg_catalog.pg_depend
WHERE deptype = 'e'
  AND refclassid = 'pg_catalog.pg_extension'::regclass
  AND refobjid = (SELECT oid FROM pg_catalog.pg_extension WHERE extname = 'paycore')
  AND classid IN ('pg_catalog.pg_proc'::regclass, 'pg_catalog.pg_type'::regclass,
	'pg_catalog.pg_class'::regclass, 'pg_catalog.pg_operator'::regclass)
  AND pg_catalog.obj_description(objid, classid::regclass::name) IS NULL
  -- Array types, which 17 and newer list here, take no comment.
  AND NOT (classid = 'pg_catalog.pg_type'::regclass
	AND EXISTS (SELECT FROM pg_catalog.pg_type t WHERE t.oid = objid AND t.typcategory = 'A'))
  -- The row type of a composite type is described where the type is.
  AND NOT (classid = 'pg_catalog.pg_type'::regclass
	AND EXISTS (SELECT FROM pg_catalog.pg_type t JOIN pg_catalog.pg_class c ON c.oid = t.typrelid
		WHERE t.oid = objid AND c.relkind = 'c' AND pg_catalog.obj_description(c.oid, 'pg_class') IS NOT NULL));

SELECT is_empty('SELECT object FROM undocumented ORDER BY object', 'every object has a comment');

SELECT * FROM finish();
ROLLBACK;
