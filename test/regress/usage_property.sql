--
-- Usage, counted by sums of hours and what lies beside them, is what plain SQL over the events makes of it: random events, corrections, roll-ups and spans.
--
\getenv srcdir PG_ABS_SRCDIR
\set setup :srcdir '/data/api_setup.sql'
\i :setup
SET timezone = 'UTC';
\set QUIET on
\set VERBOSITY terse
\o /dev/null
SELECT setseed(0.4711);
SELECT paycore.set_test_clock('2026-03-01 00:00+00');
SELECT id AS ada FROM paycore.create_billing_account('Ada', 'ada@example.com', 'USD', gateway => 'cash') \gset
SELECT id AS api FROM paycore.create_product('api', 'API') \gset
SELECT paycore.create_meter(a, a, a, CASE a WHEN 'unique_count' THEN '{"value_key": "v", "late_window": "90 days"}' ELSE '{"late_window": "90 days"}' END::jsonb)
	FROM unnest(ARRAY['count', 'sum', 'max', 'last', 'unique_count', 'weighted_sum']) a;
SELECT paycore.create_price(:'api', '{"USD": "1"}', 'month', code => m.code, details => jsonb_build_object('meter', m.code)) FROM paycore.meters m;
SELECT id AS sub FROM paycore.create_subscription(:'ada', (SELECT jsonb_agg(jsonb_build_object('price', code)) FROM paycore.meters),
	'{"starts_at": "2026-01-31 23:17:11.123456+00"}') \gset

-- So many random events of the last month; many fall on one moment, or on the borders of hours.
CREATE FUNCTION use(n integer) RETURNS bigint LANGUAGE sql AS $$
	SELECT (paycore.record_usages(jsonb_agg(CASE m.aggregation
			WHEN 'count' THEN e WHEN 'unique_count' THEN e || jsonb_build_object('properties', jsonb_build_object('v', (random() * 20)::integer::text))
			WHEN 'weighted_sum' THEN e || jsonb_build_object('quantity', round((random() * 20 - 8)::numeric, 2))
			ELSE e || jsonb_build_object('quantity', round((random() * 100)::numeric, 3)) END))).recorded
	FROM (SELECT m.aggregation, jsonb_build_object('meter', m.code, 'billing_account_id', (SELECT id FROM paycore.billing_accounts), 'occurred_at',
			CASE (random() * 4)::integer WHEN 0 THEN date_trunc('hour', t) WHEN 1 THEN date_trunc('day', t) ELSE t END) AS e
		FROM generate_series(1, n) i, paycore.meters m, LATERAL (SELECT timestamptz '2026-02-02' + (random() + i * 0) * interval '26 days' AS t) t) m
$$;
-- Some of them corrected, some void.
CREATE FUNCTION correct(n integer) RETURNS bigint LANGUAGE sql AS $$
	SELECT count((paycore.correct_usage(x.id, round((random() * 150)::numeric, 3))).id) FROM (SELECT e.id FROM paycore.usage_events e
		WHERE e.corrects_id IS NULL AND NOT EXISTS (SELECT FROM paycore.usage_events c WHERE c.corrects_id = e.id AND c.n < 0)
			AND e.meter_id IN (SELECT id FROM paycore.meters WHERE aggregation NOT IN ('count', 'unique_count')) ORDER BY random() LIMIT correct.n) x;
	SELECT count((paycore.void_usage(x.id)).id) FROM (SELECT e.id FROM paycore.usage_events e WHERE e.corrects_id IS NULL ORDER BY random() LIMIT correct.n) x;
$$;
CREATE TABLE checks (wrong bigint, spans bigint);
-- What the events are after their corrections; and spans of all kinds, of each meter.
CREATE VIEW final AS
	SELECT e.id, e.meter_id, e.occurred_at, e.value, e.quantity + coalesce((SELECT sum(c.quantity) FROM paycore.usage_events c WHERE c.corrects_id = e.id), 0) AS quantity
	FROM paycore.usage_events e
	WHERE e.corrects_id IS NULL AND NOT EXISTS (SELECT FROM paycore.usage_events c WHERE c.corrects_id = e.id AND c.n < 0);
CREATE FUNCTION plain(meter uuid, aggregation text, since timestamptz, until timestamptz, whole numeric) RETURNS numeric LANGUAGE sql AS $$
	SELECT coalesce(CASE aggregation
		WHEN 'count' THEN (SELECT count(*) FROM final f WHERE f.meter_id = meter AND f.occurred_at >= since AND f.occurred_at < until)
		WHEN 'sum' THEN (SELECT sum(f.quantity) FROM final f WHERE f.meter_id = meter AND f.occurred_at >= since AND f.occurred_at < until)
		WHEN 'max' THEN (SELECT max(f.quantity) FROM final f WHERE f.meter_id = meter AND f.occurred_at >= since AND f.occurred_at < until)
		WHEN 'last' THEN (SELECT f.quantity FROM final f WHERE f.meter_id = meter AND f.occurred_at >= since AND f.occurred_at < until ORDER BY f.occurred_at DESC, f.id DESC LIMIT 1)
		WHEN 'unique_count' THEN (SELECT count(DISTINCT f.value) FROM final f WHERE f.meter_id = meter AND f.occurred_at >= since AND f.occurred_at < until)
		-- The level after each event, for as long as it holds.
		ELSE (SELECT greatest(round(sum(l.level * greatest(extract(epoch FROM least(l.next, until) - greatest(l.occurred_at, since)), 0)) / whole, 12), 0) FROM (
			SELECT f.occurred_at, sum(sum(f.quantity)) OVER (ORDER BY f.occurred_at) AS level, lead(f.occurred_at, 1, 'infinity') OVER (ORDER BY f.occurred_at) AS next
			FROM final f WHERE f.meter_id = meter AND f.occurred_at < until GROUP BY f.occurred_at) l)
		END, 0)
$$;
CREATE FUNCTION check_spans(n integer) RETURNS void LANGUAGE sql AS $$
	WITH spans AS MATERIALIZED (
		SELECT row_number() OVER () AS nth, s.*, extract(epoch FROM s.until - s.since) + 1000 AS whole FROM (
			SELECT m.id AS meter, m.aggregation, b.since, b.since + b.length AS until
			FROM paycore.meters m, generate_series(1, n) i, LATERAL (SELECT CASE (random() * 3)::integer WHEN 0 THEN date_trunc('hour', t) ELSE t END AS since,
				CASE (random() * 4 + i * 0)::integer WHEN 0 THEN interval '1 hour' WHEN 1 THEN random() * interval '30 minutes' + interval '1 microsecond'
					WHEN 2 THEN random() * interval '3 hours' + interval '1 microsecond' ELSE random() * interval '20 days' + interval '1 microsecond' END AS length
				FROM (SELECT timestamptz '2026-02-01' + (random() + i * 0) * interval '27 days' AS t) t) b) s
	),
	given AS (SELECT array_agg(ROW((SELECT id FROM paycore.subscriptions), s.meter, s.aggregation, s.since, s.until, s.whole)::paycore.usage_span ORDER BY s.nth) AS spans FROM spans s),
	q AS MATERIALIZED (SELECT m.nth, m.quantity FROM given g, LATERAL paycore.measure_usage('default', g.spans) m),
	r AS MATERIALIZED (SELECT m.nth, m.quantity FROM given g, LATERAL paycore.recount_usage('default', g.spans) m)
	INSERT INTO checks SELECT count(*) FILTER (WHERE q.quantity IS DISTINCT FROM p.quantity OR r.quantity IS DISTINCT FROM p.quantity), count(*)
	FROM spans s CROSS JOIN LATERAL (SELECT plain(s.meter, s.aggregation, s.since, s.until, s.whole) AS quantity) p
	LEFT JOIN q ON q.nth = s.nth
	LEFT JOIN r ON r.nth = s.nth
$$;
SELECT use(150), correct(3), check_spans(10);
SELECT paycore.roll_up_usage(), check_spans(10) WHERE settled();
SELECT correct(5), check_spans(10);
SELECT use(40), check_spans(10);
SELECT paycore.roll_up_usage(), check_spans(10) WHERE settled();
SELECT correct(10), paycore.roll_up_usage(), check_spans(10) WHERE settled();
SELECT use(60), check_spans(10);
SELECT correct(10), check_spans(10);
SELECT paycore.roll_up_usage(), use(10), correct(3), check_spans(10) WHERE settled();
SELECT paycore.roll_up_usage(), check_spans(20) WHERE settled();
\o
\set QUIET off
SELECT sum(spans) AS spans, sum(wrong) AS wrong, (SELECT count(*) > 1500 FROM paycore.usage_events) AS many, (SELECT count(*) > 100 FROM paycore.usage_sums) AS summed FROM checks;
