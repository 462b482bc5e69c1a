SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS paycore;
RESET client_min_messages;
SET search_path = public, paycore;
SET timezone = 'UTC';

CREATE TEMP TABLE u AS SELECT i, uuid_v7() AS id FROM generate_series(1, 20000) AS i;
SELECT count(*), count(DISTINCT id) FROM u;
SELECT count(*) AS out_of_order FROM (SELECT id, lag(id) OVER (ORDER BY i) AS previous FROM u) AS pairs WHERE id <= previous;
SELECT count(*) AS malformed FROM u WHERE id::text !~ '^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$';
SELECT count(DISTINCT right(id::text, 12)) > 19990 AS random FROM u;
SELECT bool_and(uuid_v7_time(id) BETWEEN now() - interval '1 minute' AND clock_timestamp()) AS on_time FROM u;

-- The example of RFC 9562; another version; another variant; the edges.
SELECT uuid_v7_time('017F22E2-79B0-7CC3-98C4-DC0C0C07398F');
SELECT uuid_v7_time('919108f7-52d1-4320-9bac-f847db4148a8');
SELECT uuid_v7_time('017F22E2-79B0-7CC3-D8C4-DC0C0C07398F');
SELECT uuid_v7_time('00000000-0000-7000-8000-000000000000'), uuid_v7_time('ffffffff-ffff-7000-8000-000000000000');

-- Of another time: in its place, in order within a second, and now where there is none.
CREATE TEMP TABLE past AS SELECT i, uuid_v7(timestamptz '2024-02-29 12:00:00+00') AS id FROM generate_series(1, 1000) AS i;
SELECT count(DISTINCT id), bool_and(uuid_v7_time(id) - timestamptz '2024-02-29 12:00:00+00' < interval '1 second') FROM past;
SELECT count(*) AS out_of_order FROM (SELECT id, lag(id) OVER (ORDER BY i) AS previous FROM past) AS pairs WHERE id <= previous;
SELECT count(*) AS out_of_order FROM (SELECT i, uuid_v7(timestamptz '2024-03-01 12:00:00+00' + i * interval '1 minute') AS first, uuid_v7(timestamptz '2024-02-29 12:00:00+00') AS older,
	uuid_v7(timestamptz '2024-03-01 12:00:00+00' + i * interval '1 minute') AS second FROM generate_series(1, 100) AS i) AS pairs WHERE first >= second AND older IS NOT NULL;
SELECT uuid_v7_time(uuid_v7(timestamptz '2024-02-28 12:00:00.25+00'));
SELECT bool_and(uuid_v7_time(uuid_v7(at)) BETWEEN now() - interval '1 minute' AND clock_timestamp()) AS now
	FROM (VALUES (NULL), (timestamptz '1999-12-31'), ('-infinity'), ('infinity'), (now() + interval '1 year')) AS v(at);
