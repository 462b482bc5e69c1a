\getenv srcdir PG_ABS_SRCDIR
\set setup :srcdir '/data/types_setup.sql'
\i :setup

-- Text.
SELECT 'requires_payment_method'::intent_status, 'authorized'::payment_status, 'requested'::refund_status,
	pg_column_size('created'::intent_status);
SELECT 'Succeeded'::payment_status;
SELECT expression, pg_temp.outcome(expression) FROM unnest(ARRAY[
	'''''::intent_status', '''requested''::payment_status', '''pending ''::refund_status', '''0''::refund_status'
]) AS expression;
CREATE TEMP TABLE s (status refund_status);
INSERT INTO s SELECT 'pending'::text;
SELECT status, status::text FROM s;

-- The steps.
SELECT from_status, by, string_agg(to_status, ', ') FROM transitions('intent_status') GROUP BY 1, 2
ORDER BY from_status::intent_status, 2;
SELECT from_status, by, string_agg(to_status, ', ') FROM transitions('payment_status') GROUP BY 1, 2
ORDER BY from_status::payment_status, 2;
SELECT from_status, by, string_agg(to_status, ', ') FROM transitions('refund_status') GROUP BY 1, 2
ORDER BY from_status::refund_status, 2;
SELECT can_transition('pending'::payment_status, 'succeeded'), can_transition('succeeded'::payment_status, 'pending'),
	can_transition('succeeded'::payment_status, 'failed'), can_transition('failed'::payment_status, 'failed');
SELECT can_transition('succeeded'::intent_status, 'canceled'), can_transition('created'::intent_status, 'failed'),
	can_transition('failed'::intent_status, 'processing');
SELECT can_transition('requested'::refund_status, 'pending'), can_transition('requested'::refund_status, 'succeeded'),
	can_transition('canceled'::refund_status, 'pending');
-- can_transition() and transitions() tell the same.
SELECT count(*) FROM transitions('refund_status')
WHERE can_transition(from_status::refund_status, to_status::refund_status) <> (by = 'user');
-- A domain has the lifecycle of its type; other types have none.
CREATE DOMAIN pg_temp.my_status AS refund_status;
SELECT count(*) FROM transitions('pg_temp.my_status');
SELECT * FROM transitions('integer');
SELECT * FROM transitions(0);
SELECT * FROM transitions(4000000000);

-- Order of the table, indexes, hashes.
SELECT array_agg(s ORDER BY s) FROM unnest('{canceled,succeeded,requested,pending}'::refund_status[]) AS s;
SELECT 'pending'::refund_status < 'succeeded', 'pending'::refund_status >= 'succeeded', 'pending'::refund_status = 'pending',
	'pending'::refund_status <> 'pending', 'pending'::refund_status <= 'pending', 'pending'::refund_status > 'requested';
CREATE TEMP TABLE p AS
	SELECT (ARRAY['pending', 'succeeded', 'failed']::payment_status[])[1 + i % 3] AS status FROM generate_series(1, 3000) AS i;
CREATE INDEX ON p (status);
CREATE INDEX ON p USING hash (status);
ANALYZE p;
SET enable_seqscan = off;
SELECT count(*) FROM p WHERE status = 'failed';
SELECT count(*) FROM p WHERE status < 'failed';
SELECT status, count(*) FROM p GROUP BY status ORDER BY status;
SELECT count(*) FROM p WHERE status IN ('pending', 'canceled');
RESET enable_seqscan;

-- Binary.
SELECT refund_status_send('succeeded'), intent_status_send('failed');
\copy s from program 'printf "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0\0\001\0\0\0\001\003\377\377"' (format binary)
\set VERBOSITY sqlstate
\copy s from program 'printf "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0\0\001\0\0\0\001\006\377\377"' (format binary)
\set VERBOSITY default
SELECT * FROM s;

-- What a backend remembers of the types goes with them.
\set here :DBNAME
CREATE DATABASE lifecycle_again;
\c lifecycle_again
SET client_min_messages = warning;
CREATE EXTENSION paycore CASCADE;
SELECT count(*) FROM paycore.transitions('paycore.refund_status');
DROP EXTENSION paycore;
CREATE EXTENSION paycore;
SELECT count(*) FROM paycore.transitions('paycore.refund_status');
ALTER EXTENSION paycore DROP TYPE paycore.refund_status;
ALTER TYPE paycore.refund_status RENAME TO other_status;
SELECT count(*) FROM paycore.transitions('paycore.other_status');
\c :here
DROP DATABASE lifecycle_again;
