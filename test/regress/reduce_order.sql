--
-- Which of two pictures is the newer: the pure rule, step by step.
--
\getenv srcdir PG_ABS_SRCDIR
\set setup :srcdir '/data/reduce_setup.sql'
\i :setup
CREATE FUNCTION rule(pictures text) RETURNS text LANGUAGE sql AS $$ SELECT test_order(pictures::jsonb) $$;
-- 1. The same digest.
SELECT rule('{"same_digest": true, "known_time": 5, "seen_time": 5}');
SELECT rule('{"same_digest": true, "known_time": 5, "seen_time": 4}');
-- Confirmed later: a picture in between that comes late must not undo it.
SELECT rule('{"same_digest": true, "known_time": 5, "seen_time": 6}');
SELECT rule('{"same_digest": true, "known_time": 5, "seen_time": 6, "known_final": true}');
SELECT rule('{"same_digest": true, "known_time": 5, "seen_time": 5, "doubt": true}');
-- 3. Absorbing states.
SELECT rule('{"known_time": 5, "seen_time": 9, "known_final": true}');
SELECT rule('{"known_time": 5, "seen_time": 9, "known_final": true, "seen_final": true}');
SELECT rule('{"known_time": 5, "seen_time": 1, "seen_final": true}');
-- 4. Times.
SELECT rule('{"known": false, "seen_time": 1}');
SELECT rule('{"known_time": 5, "seen_time": 6}');
SELECT rule('{"known_time": 5, "seen_time": 4}');
SELECT rule('{"known_time": 5, "seen_time": 6, "is_creation": true}');
-- 5. The same second.
SELECT rule('{"known_time": 5, "seen_time": 5, "is_creation": true, "growth": 1}');
SELECT rule('{"known_time": 5, "seen_time": 5, "growth": 1}');
SELECT rule('{"known_time": 5, "seen_time": 5, "growth": -1, "previous_matches": true}');
SELECT rule('{"known_time": 5, "seen_time": 5, "previous_matches": true}');
SELECT rule('{"known_time": 5, "seen_time": 5}');
SELECT rule('{"known_time": 5, "seen_time": 5, "kind": "intent", "from": "requires_action", "to": "processing"}');
SELECT rule('{"known_time": 5, "seen_time": 5, "kind": "intent", "from": "processing", "to": "requires_action"}');

-- All ties by status alone, both ways.
CREATE FUNCTION ties(kind text, states text[]) RETURNS TABLE (known text, seen text, decision text) LANGUAGE sql AS $$
	SELECT a, b, test_order(jsonb_build_object('known_time', 5, 'seen_time', 5, 'kind', kind, 'from', a, 'to', b))
	FROM unnest(states) WITH ORDINALITY k (a, i), unnest(states) WITH ORDINALITY s (b, j) WHERE a <> b ORDER BY i, j $$;
SELECT * FROM ties('intent', '{requires_payment_method,requires_confirmation,requires_action,processing,requires_capture}');
SELECT * FROM ties('charge', '{pending,authorized,succeeded}');
SELECT * FROM ties('refund', '{pending,requires_action,succeeded}');
