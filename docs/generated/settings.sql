CREATE FUNCTION pg_temp.with_unit(value bigint, unit text) RETURNS text LANGUAGE sql AS $$
	SELECT CASE
		WHEN value = 2147483647 THEN 'no limit'
		WHEN value = 0 OR unit IS NULL THEN value::text
		WHEN unit = 'B' THEN pg_catalog.replace(pg_catalog.replace(pg_catalog.pg_size_pretty(value), 'bytes', 'B'), ' ', '')
		ELSE (SELECT (value / size)::text || name
			FROM (VALUES ('d', 86400000), ('h', 3600000), ('min', 60000), ('s', 1000), ('ms', 1)) AS u (name, size),
				LATERAL (SELECT value * CASE unit WHEN 's' THEN 1000 ELSE 1 END) AS v (value)
			WHERE v.value % size = 0 ORDER BY size DESC LIMIT 1)
	END
$$;

CREATE TEMPORARY VIEW setting AS
SELECT name, context, vartype, unit, short_desc, extra_desc, enumvals,
	CASE WHEN setting = boot_val THEN pg_catalog.current_setting(name) ELSE pg_temp.with_unit(boot_val::bigint, unit) END AS "default",
	min_val::bigint AS low, max_val::bigint AS high
FROM pg_catalog.pg_settings
WHERE name LIKE 'paycore.%';

SELECT $page$# Settings

Who may change a setting, and when it takes effect:

| context | how |
|---|---|
| `user` | anybody, in a session: `SET` |
| `superuser` | a superuser in a session, or `ALTER DATABASE ... SET`; other roles after `GRANT SET ON PARAMETER` |
| `sighup` | in `postgresql.conf` or by `ALTER SYSTEM`, then `SELECT pg_reload_conf()` |

| setting | default | range | context | meaning |
|---|---|---|---|---|$page$;
SELECT pg_catalog.format('| `%s` | %s | %s | `%s` | %s |', name,
	CASE WHEN "default" = '' THEN 'empty' ELSE pg_catalog.format('`%s`', "default") END,
	CASE WHEN vartype = 'bool' THEN 'on, off'
		WHEN low IS NULL THEN 'text'
		ELSE pg_temp.with_unit(low, unit) || ' to ' || pg_temp.with_unit(high, unit) END,
	context, pg_catalog.concat_ws(' ', short_desc, extra_desc))
FROM setting
ORDER BY name;
SELECT $page$
The same list in SQL: `SELECT * FROM pg_settings WHERE name LIKE 'paycore.%'`.$page$;
