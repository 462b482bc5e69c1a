SELECT $page$# Errors

Every error of paycore's own has an SQLSTATE of class `PY`. The message says what is wrong, the DETAIL what was
found, the HINT what to do. Everything else is PostgreSQL's own: `40001` means that the transaction should be tried again, `42501` that a role lacks a right.

| SQLSTATE | name | meaning | what to do |
|---|---|---|---|$page$;
SELECT pg_catalog.format('| `%s` | `%s` | %s | %s |', sqlstate, name, meaning, action)
FROM paycore.error_codes()
ORDER BY sqlstate;
SELECT $page$
The same list in SQL: `SELECT * FROM paycore.error_codes()`.$page$;
