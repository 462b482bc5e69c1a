-- Signatures of webhooks.
CREATE FUNCTION pg_temp.verify(payload bytea, signature text, secrets text[], now bigint, tolerance int)
RETURNS text LANGUAGE c STRICT AS '$libdir/paycore', 'paycore_test_verify_webhook';

\set body '{"id":"evt_test_webhook","object":"event"}'
\set good d95c6b7477fbd7e9f90b1b0ef5f9c7ac25abca5382460e0d988c2b2a5b71b990
\set older 1de589abed7921316157c1e4fb7961c5840dcd903a3c986f1febdea00ffb9247
\set zeros 0000000000000000000000000000000000000000000000000000000000000000

SELECT what, pg_temp.verify(convert_to(:'body', 'UTF8'), signature, secrets, 1700000000 + late, 300)
FROM (VALUES
	('good', 't=1700000000,v1=' || :'good', '{whsec_test_secret}'::text[], 0),
	('other secret', 't=1700000000,v1=' || :'good', '{whsec_other}', 0),
	('second secret', 't=1700000000,v1=' || :'older', '{whsec_test_secret,whsec_old}', 0),
	('second v1', 't=1700000000,v1=' || :'zeros' || ',v1=' || :'good', '{whsec_test_secret}', 0),
	('v1, v1 and v0', 't=1700000000,v1=' || :'older' || ',v1=' || :'good' || ',v0=abc', '{whsec_test_secret}', 0),
	('v0 only', 't=1700000000,v0=' || :'good', '{whsec_test_secret}', 0),
	('uppercase', 't=1700000000,v1=' || upper(:'good'), '{whsec_test_secret}', 0),
	('truncated', 't=1700000000,v1=' || left(:'good', 63), '{whsec_test_secret}', 0),
	('longer', 't=1700000000,v1=' || :'good' || '0', '{whsec_test_secret}', 0),
	('empty v1', 't=1700000000,v1=', '{whsec_test_secret}', 0),
	('empty', '', '{whsec_test_secret}', 0),
	('no time', 'v1=' || :'good', '{whsec_test_secret}', 0),
	('time without digits', 't=,v1=' || :'good', '{whsec_test_secret}', 0),
	('time with letters', 't=17e8,v1=' || :'good', '{whsec_test_secret}', 0),
	('time too long', 't=' || repeat('9', 40) || ',v1=' || :'good', '{whsec_test_secret}', 0),
	('two times', 't=1700000000,t=1700000001,v1=' || :'good', '{whsec_test_secret}', 0),
	('time after', 'v1=' || :'good' || ',t=1700000000', '{whsec_test_secret}', 0),
	('other time', 't=1700000001,v1=' || :'good', '{whsec_test_secret}', 0),
	('commas', ',,,', '{whsec_test_secret}', 0),
	('on the edge', 't=1700000000,v1=' || :'good', '{whsec_test_secret}', 300),
	('too old', 't=1700000000,v1=' || :'good', '{whsec_test_secret}', 301),
	('from the future', 't=1700000000,v1=' || :'good', '{whsec_test_secret}', -301),
	('just ahead', 't=1700000000,v1=' || :'good', '{whsec_test_secret}', -300),
	('no secret', 't=1700000000,v1=' || :'good', '{}', 0)
) v (what, signature, secrets, late);

-- Anybody can sign with an empty secret.
CREATE FUNCTION pg_temp.sign(payload bytea, secret bytea, at bigint) RETURNS text LANGUAGE sql AS $$
	SELECT 't=' || at || ',v1=' || encode(sha256(outer_pad || sha256(inner_pad ||
		convert_to(at || '.', 'UTF8') || payload)), 'hex')
	FROM (SELECT string_agg(set_byte('\x00', 0, get_byte(key, i) # 54), '' ORDER BY i) AS inner_pad,
			string_agg(set_byte('\x00', 0, get_byte(key, i) # 92), '' ORDER BY i) AS outer_pad
		FROM (SELECT secret || decode(repeat('00', 64 - length(secret)), 'hex') AS key) k,
			generate_series(0, 63) i) pads
$$;
SELECT pg_temp.verify('x', pg_temp.sign('x', '', 1700000000), '{""}', 1700000000, 300);

-- One changed byte; bytes of every value; 1 MB.
SELECT pg_temp.verify(convert_to(:'body', 'UTF8') || ' ', 't=1700000000,v1=' || :'good',
	'{whsec_test_secret}', 1700000000, 300);
SELECT pg_temp.verify(payload, pg_temp.sign(payload, 'whsec_1', 1700000000), '{whsec_1}', 1700000000, 300)
FROM (SELECT string_agg(set_byte('\x00', 0, n), '') FROM generate_series(0, 255) n) b (payload);
SELECT pg_temp.verify(payload, pg_temp.sign(payload, 'whsec_1', 1700000000), '{whsec_1}', 1700000000, 300)
FROM (SELECT convert_to(repeat('0123456789abcdef', 65536), 'UTF8')) b (payload);
