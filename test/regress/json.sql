-- Text from outside: whatever it is, it is read or refused, and never raises.
CREATE FUNCTION pg_temp.json(bytea) RETURNS jsonb LANGUAGE c STRICT AS '$libdir/paycore', 'paycore_test_json';
CREATE FUNCTION pg_temp.redact(jsonb) RETURNS jsonb LANGUAGE c STRICT AS '$libdir/paycore', 'paycore_test_json_redact';
CREATE FUNCTION pg_temp.j(text) RETURNS jsonb LANGUAGE sql AS $$ SELECT pg_temp.json(convert_to($1, 'UTF8')) $$;

SELECT t, pg_temp.j(t) FROM (VALUES (''), (' '), ('{}'), ('[]'), ('1'), ('"x"'), ('null'), ('{"a": 1}'), ('{"a": 1'),
	('{"a": }'), ('{"a": 1}}'), ('{"a" 1}'), ('[1,]'), ('nul'), ('NaN'), ('"'), ('"\'), ('"\u00'), ('"\x"'),
	('<html><body>502 Bad Gateway</body></html>'), ('{"a": 1} trailing'), ('{''a'': 1}'), ('"a' || chr(10) || 'b"')) v (t);

-- U+0000 and half surrogates, which jsonb cannot hold; backslashes before them count.
SELECT t, pg_temp.j(t) FROM (VALUES ('"\u0000"'), ('"\\u0000"'), ('"\\\u0000"'), ('"\\\\u0000"'), ('"a\u0000\u0000b"'),
	('{"\u0000": "\u0000"}'), ('"\ud83d\ude00"'), ('"\ud83d"'), ('"\ude00"'), ('"\ud83d\ud83d\ude00"'), ('"\ud83dx\ude00"'),
	('"\ud83d\u0000"'), ('"\u000"'), ('"\u00e9"'), ('\u0000'), ('"\uFFFF"'), ('"\UD83D"')) v (t);

-- Invalid UTF-8 and NUL bytes.
SELECT b, pg_temp.json(b) FROM (VALUES ('\x22ff22'::bytea), ('\x22c322'), ('\x22c0af22'), ('\x22eda08022'), ('\x22f48fbfbf22'),
	('\x22f490808022'), ('\x220022'), ('\x00'), ('\x7b7d00'), ('\xefbbbf7b7d'), ('\xfffe7b007d00')) v (b);

-- Depth, size, numbers.
SELECT depth, pg_temp.j(repeat('[', depth) || repeat(']', depth)) ? 'json' AS read,
	pg_temp.j(repeat('[', depth) || repeat(']', depth)) ->> 'cannot' AS why
FROM unnest('{1,64,65,100000}'::int[]) depth;
SELECT depth, pg_temp.j(repeat('{"a":', depth) || '1' || repeat('}', depth)) ->> 'cannot' AS why FROM unnest('{64,65}'::int[]) depth;
SELECT pg_temp.j(repeat('[', 1000000)) ->> 'cannot', pg_temp.j(repeat(']', 1000000)) ->> 'cannot';
SELECT pg_temp.j('"' || repeat('[', 1000) || '"') ? 'json' AS brackets_in_a_string;
SELECT length(pg_temp.j('"' || repeat('x', 1048576) || '"') ->> 'json') AS one_megabyte;
SELECT pg_temp.j('"' || repeat('x', 16777216) || '"') ->> 'cannot' AS too_long;
SELECT t, pg_temp.j(t) FROM (VALUES ('1e10'), ('1E+2'), ('1e-5'), ('1e999999999999'), ('1e-9999'), ('[1e1000]'), ('"1e9999"'),
	('12345678901234567890123'), ('01'), ('+1'), ('1.'), ('.5'), ('-'), ('1ee5')) v (t);
SELECT length(pg_temp.j(repeat('9', 200000)) ->> 'cannot') > 0 AS number_of_200000_digits_is_refused;

-- Every prefix of a real event, and the event with each byte replaced in turn.
\getenv srcdir PG_ABS_SRCDIR
\set file :srcdir '/data/stripe-events/charge.refunded.json'
\set event `cat :'file'`
SELECT count(*) FILTER (WHERE pg_temp.j(left(:'event', n)) ? 'json') AS readable, count(*) > 3000 AS many
FROM generate_series(0, length(:'event')) n;
SELECT bool_and(pg_temp.json(set_byte(convert_to(:'event', 'UTF8'), n, b)) IS NOT NULL) AS survived
FROM generate_series(0, length(:'event') - 1) n, unnest('{0,34,92,123,255,48,101}'::int[]) b;

-- client_secret, at any depth and whatever it is.
SELECT pg_temp.redact(j) FROM (VALUES ('{"client_secret": "s", "id": "pi_1"}'::jsonb),
	('{"a": [{"client_secret": "s"}, {"b": {"client_secret": {"deep": ["s"]}}}], "client_secret": [1, 2]}'),
	('{"client_secrets": "kept", "x": "client_secret", "Client_secret": 1}'), ('"client_secret"'), ('["client_secret"]'),
	('{}'), ('[]'), ('null'), ('{"error": {"payment_intent": {"client_secret": "s", "id": "pi_1"}}}')) v (j);

-- Statements go on after all that.
SELECT 1 AS alive;
