\o /dev/null
SELECT paycore.init();
\o
SET search_path = pg_catalog, paycore;

CREATE TEMPORARY TABLE topic (place int GENERATED ALWAYS AS IDENTITY, part text, title text);
INSERT INTO topic (part, title) VALUES
	('install', 'Tables and rights'), ('accounts', 'Billing accounts and payment methods'), ('intents', 'Payment intents'), ('declines', 'Declines'),
	('setups', 'Setup intents, mandates, default method'),
	('payments', 'Payments'), ('refunds', 'Refunds'), ('catalogue', 'Products and prices'), ('tax_rates', 'Tax rates'), ('subscriptions', 'Subscriptions'), ('coupons', 'Coupons, promotion codes, discounts'), ('usage', 'Usage'), ('usage_thresholds', 'Usage thresholds'), ('invoices', 'Invoices'), ('schedule', 'The schedule of billing'), ('extra_charges', 'Extra charges'), ('drafts', 'Invoices by hand'), ('credit_notes', 'Credit notes'), ('collecting', 'Invoices: paying'), ('dunning', 'Invoices: collecting and dunning'), ('subscription_changes', 'Changes of subscriptions'), ('mrr', 'Recurring revenue'), ('reports', 'Reports'), ('disputes', 'Disputes'), ('receipts', 'Receipts'), ('documents', 'Invoices and credit notes as documents'), ('payouts', 'Payouts'), ('balances', 'Account balances'), ('ledger', 'Ledger'), ('lists', 'Lists and look-ups'), ('webhooks', 'Webhooks'),
	('outbox', 'Outbox'), ('worker', 'Worker and health'), ('verify', 'Verification'), ('guards', 'Guards'),
	('calendar', 'Billing periods'), ('interval', 'Billing intervals'), ('pricing', 'Prices, proration and tax'), ('money', 'Money'), ('currency', 'Currencies'), ('lifecycle', 'Lifecycles'), ('tenant', 'Tenants'), ('uuid', 'Keys'), ('common', 'Errors');

CREATE TEMPORARY TABLE part_of AS
SELECT DISTINCT ON (line[2]) line[1] AS part, line[2] AS name
FROM regexp_split_to_table(:'functions', E'\n') l, LATERAL (SELECT string_to_array(l, ' ')) a (line)
ORDER BY line[2], line[1];
INSERT INTO topic (part, title)
SELECT DISTINCT part, initcap(part) FROM part_of WHERE part NOT IN (SELECT t.part FROM topic t) ORDER BY part;

-- What types, operators, casts, aggregates and indexes are made of is shown with them, not by itself.
CREATE TEMPORARY TABLE support AS
SELECT unnest(ARRAY[typinput, typoutput, typreceive, typsend, typanalyze]::oid[]) AS oid FROM pg_type WHERE typnamespace = 'paycore'::regnamespace
UNION SELECT unnest(ARRAY[oprcode, oprrest, oprjoin]::oid[]) FROM pg_operator WHERE oprnamespace = 'paycore'::regnamespace
UNION SELECT amproc::oid FROM pg_amproc
UNION SELECT castfunc FROM pg_cast
UNION SELECT unnest(ARRAY[aggtransfn, aggcombinefn, aggfinalfn, aggmtransfn, aggminvtransfn]::oid[]) FROM pg_aggregate;

CREATE TEMPORARY VIEW argument AS
SELECT p.oid, a.place, coalesce(p.proargmodes[a.place], 'i') AS mode,
	concat_ws(' ', nullif(p.proargnames[a.place], ''), replace(format_type(a.type, NULL), 'timestamp with time zone', 'timestamptz')) AS name,
	pg_get_function_arg_default(p.oid, count(*) FILTER (WHERE coalesce(p.proargmodes[a.place], 'i') IN ('i', 'b', 'v'))
		OVER (PARTITION BY p.oid ORDER BY a.place)::int) AS fallback
FROM pg_proc p, LATERAL unnest(coalesce(p.proallargtypes, p.proargtypes::oid[])) WITH ORDINALITY a (type, place)
WHERE p.pronamespace = 'paycore'::regnamespace;

CREATE TEMPORARY VIEW signature AS
SELECT p.oid, p.proname, p.prokind, p.prorettype,
	(SELECT array_agg(a.name || coalesce(' DEFAULT ' || regexp_replace(a.fallback, '::[a-z_ \[\]]+$', ''), '') ORDER BY a.place) FROM argument a
		WHERE a.oid = p.oid AND a.mode IN ('i', 'b', 'v')) AS arguments,
	CASE WHEN p.prokind = 'p' THEN ''
		WHEN EXISTS (SELECT FROM argument a WHERE a.oid = p.oid AND a.mode IN ('o', 't')) THEN
			CASE WHEN p.proretset THEN ' → rows of (' ELSE ' → (' END ||
			(SELECT string_agg(a.name, ', ' ORDER BY a.place) FROM argument a WHERE a.oid = p.oid AND a.mode IN ('o', 't')) || ')'
		WHEN p.proretset THEN ' → rows of ' || format_type(p.prorettype, NULL)
		ELSE ' → ' || format_type(p.prorettype, NULL) END AS result
FROM pg_proc p
WHERE p.pronamespace = 'paycore'::regnamespace AND p.oid NOT IN (SELECT s.oid FROM support s WHERE s.oid IS NOT NULL);

CREATE TEMPORARY VIEW shown AS
SELECT t.place, s.oid, format(E'\n```text\n%s%s(%s)%s\n```\n\n%s', CASE s.prokind WHEN 'p' THEN 'CALL ' ELSE '' END, s.proname,
	CASE WHEN length(array_to_string(s.arguments, ', ')) > 90 THEN
		E'\n    ' || array_to_string(s.arguments, E',\n    ') || E'\n'
	ELSE array_to_string(s.arguments, ', ') END, s.result, regexp_replace(upper(left(d.comment, 1)) || substr(d.comment, 2), '([^.])$', '\1.')) AS text
FROM signature s
CROSS JOIN LATERAL (SELECT obj_description(s.oid, 'pg_proc')) d (comment)
JOIN part_of f ON f.name = s.proname
JOIN topic t ON t.part = f.part;

SELECT $page$# Reference

Everything lies in the schema `paycore`, which is left out below. Arguments can be named: `create_refund(payment_id => ..., amount => ...)`.
What a function returns can be selected from like a table: `SELECT id, status FROM paycore.create_refund(...)`.

## Functions$page$;
SELECT CASE WHEN s.oid = first_value(s.oid) OVER (PARTITION BY t.place ORDER BY s.oid) THEN format(E'\n### %s\n', t.title) ELSE '' END || s.text
FROM topic t JOIN shown s USING (place) ORDER BY t.place, s.oid;

SELECT $page$
## Operators$page$;
SELECT CASE WHEN o.oid = first_value(o.oid) OVER w THEN format(E'\n### Of `%s`\n\n| operator | meaning |\n|---|---|\n', t.typname) ELSE '' END ||
	format('| `%s` | %s |', concat_ws(' ', nullif(format_type(nullif(o.oprleft, 0), NULL), '-'), o.oprname, format_type(o.oprright, NULL)),
		obj_description(o.oid, 'pg_operator'))
FROM pg_operator o
JOIN pg_type t ON t.typname IN ('money_cents', 'currency', 'billing_interval') AND t.typnamespace = 'paycore'::regnamespace AND t.oid IN (o.oprleft, o.oprright)
WHERE o.oprnamespace = 'paycore'::regnamespace
WINDOW w AS (PARTITION BY t.typname ORDER BY array_position(ARRAY['+', '-', '*', '/', '=', '<>', '<', '<=', '>', '>=', '#<', '#<=', '#>', '#>='], o.oprname::text), o.oid)
ORDER BY t.typname DESC, array_position(ARRAY['+', '-', '*', '/', '=', '<>', '<', '<=', '>', '>=', '#<', '#<=', '#>', '#>='], o.oprname::text), o.oid;
SELECT $page$
The statuses (`intent_status`, `payment_status`, `refund_status`, `dispute_status`, `payout_status`, `setup_intent_status`, `mandate_status`, `subscription_status`, `invoice_status`) have `=`, `<>`, `<`, `<=`, `>` and `>=`, in the order of their [lifecycles](lifecycles.md).$page$;

-- What a view shows as a table has it is said there.
CREATE TEMPORARY VIEW columns AS
SELECT a.attrelid, a.attnum, a.attname, replace(format_type(a.atttypid, a.atttypmod), 'timestamp with time zone', 'timestamptz') AS type,
	coalesce(col_description(a.attrelid, a.attnum), (SELECT col_description(d.refobjid, d.refobjsubid) FROM pg_rewrite r
		JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid AND d.refclassid = 'pg_class'::regclass
		JOIN pg_attribute b ON b.attrelid = d.refobjid AND b.attnum = d.refobjsubid AND b.attname = a.attname
		WHERE r.ev_class = a.attrelid AND d.refobjid <> a.attrelid ORDER BY d.refobjid LIMIT 1)) AS meaning
FROM pg_attribute a WHERE a.attnum > 0 AND NOT a.attisdropped;

SELECT $page$
## Tables

Made by `init()`, owned by whoever ran it. Each has a row type of the same name in the singular, which functions return. `\d+ paycore.payments` in psql shows the same.$page$;
SELECT format(E'\n### `%s`\n\n%s\n\n%s', c.relname, coalesce(obj_description(t.oid, 'pg_type'), obj_description(c.oid, 'pg_class')),
	E'| column | type | |\n|---|---|---|\n' ||
		(SELECT string_agg(format('| `%s` | %s | %s |', a.attname, a.type, a.meaning), E'\n' ORDER BY a.attnum)
		FROM columns a WHERE a.attrelid = c.oid))
FROM pg_class c
LEFT JOIN pg_type t ON t.typnamespace = c.relnamespace AND t.typtype = 'c' AND t.typrelid <> c.oid
	AND t.typname IN (regexp_replace(c.relname, 's$', ''), c.relname || '_row')
WHERE c.relnamespace = 'paycore'::regnamespace AND c.relkind IN ('r', 'p', 'v')
ORDER BY c.relkind = 'v', c.oid;
