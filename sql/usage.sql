--
-- Usage: what accounts consumed, counted by meters and priced at the end of each period.
--

CREATE TYPE paycore.meter AS (
	id uuid,
	tenant_id text,
	code text, -- The application's name of it.
	name text, -- Name on documents.
	aggregation text, -- count of events; sum, max or last of quantities; unique_count of values; or weighted_sum, the average over time of the level that quantities raise and lower.
	value_key text, -- The property that holds quantity or value.
	unit text, -- What a unit is called.
	late_window interval, -- How long after it occurred an event is taken.
	active boolean, -- Whether events are taken.
	description text, -- What it counts.
	metadata jsonb,
	created_at timestamptz,
	updated_at timestamptz
);
COMMENT ON TYPE paycore.meter IS 'What is counted, and how the events of a period come to one quantity.';

CREATE TYPE paycore.usage_event AS (
	id uuid,
	tenant_id text,
	meter_id uuid, -- The meter.
	billing_account_id uuid, -- Who used it.
	subscription_id uuid, -- On which subscription.
	event_key text, -- The application's id of the event: it counts once.
	quantity numeric, -- How much; of a correction, the difference.
	value text, -- What a meter of unique_count looks at.
	n integer, -- 1, of a correction 0, or -1 where it makes the event void.
	occurred_at timestamptz, -- When it was used.
	properties jsonb, -- What else the event said.
	metadata jsonb,
	corrects_id uuid, -- The event that it corrects.
	reason text, -- Why it corrects.
	recorded_at timestamptz, -- When it was recorded.
	txn bigint -- Number of the transaction that recorded it.
);
COMMENT ON TYPE paycore.usage_event IS 'One use. Append-only: a correction is an event of its own.';

CREATE TYPE paycore.usage_sum AS (
	subscription_id uuid, -- The subscription.
	tenant_id text,
	meter_id uuid, -- The meter.
	bucket timestamptz, -- The hour.
	n bigint, -- Events, less void ones.
	total numeric, -- Sum of quantities.
	moment numeric, -- Sum of each quantity times the seconds since the hour began.
	highest numeric, -- Greatest quantity.
	last_at timestamptz, -- When the last event occurred.
	last_id uuid, -- Key of that event.
	last_quantity numeric -- Its quantity.
);
COMMENT ON TYPE paycore.usage_sum IS 'What a subscription used within one hour, of all events below the tenant''s horizon.';

CREATE TYPE paycore.usage_value AS (
	subscription_id uuid, -- The subscription.
	tenant_id text,
	meter_id uuid, -- The meter.
	bucket timestamptz, -- The hour.
	value text, -- The value.
	n bigint -- How often it came.
);
COMMENT ON TYPE paycore.usage_value IS 'How often a value came within one hour, of all events below the tenant''s horizon.';

CREATE TYPE paycore.usage_horizon_row AS (
	tenant_id text,
	horizon bigint, -- Events of transactions below it are in the sums, and no other.
	rolled_at timestamptz -- When they were last added up.
);
COMMENT ON TYPE paycore.usage_horizon_row IS 'How far a tenant''s usage is added up.';

CREATE TYPE paycore.usage_period AS (
	subscription_item_id uuid, -- The item.
	tenant_id text,
	subscription_id uuid, -- Its subscription.
	meter_id uuid, -- Its meter.
	starts_at timestamptz, -- Beginning of the time.
	ends_at timestamptz, -- End of the time.
	whole_seconds numeric, -- Length of the whole period, by which a weighted_sum is divided.
	quantity numeric, -- What was billed, late charges included.
	amount paycore.money_cents, -- What that cost.
	recheck boolean, -- Whether events came after it was billed.
	interim boolean, -- Whether it was billed for a threshold, and goes on.
	seen bigint, -- Events of transactions below it were counted.
	txn bigint, -- Number of the transaction that billed it last.
	created_at timestamptz,
	updated_at timestamptz
);
COMMENT ON TYPE paycore.usage_period IS 'What was billed of an item''s usage of a period.';

CREATE TYPE paycore.usage_span AS (
	subscription_id uuid, -- The subscription.
	meter_id uuid, -- The meter.
	aggregation text, -- How the meter adds up.
	since timestamptz, -- Beginning of the time.
	until timestamptz, -- End of the time.
	whole_seconds numeric -- Length of the whole period, by which a weighted_sum is divided.
);
COMMENT ON TYPE paycore.usage_span IS 'A time in which usage is counted.';

CREATE TYPE paycore.usage_input AS (
	meter text, -- Code of the meter.
	billing_account_id uuid, -- Who used it.
	quantity numeric, -- How much.
	event_key text, -- The application's id of the event: it counts once.
	occurred_at timestamptz, -- When it was used; null: now.
	subscription_id uuid, -- On which subscription; needed where several of the account have the meter.
	properties jsonb, -- What else there is to say.
	metadata jsonb
);
COMMENT ON TYPE paycore.usage_input IS 'An event as record_usage_rows() takes it: the arguments of record_usage().';

CREATE TYPE paycore.usage_receipt AS (
	recorded integer, -- Events recorded.
	doubled integer, -- Events that were there already.
	refused integer, -- Events refused.
	problems jsonb -- Of each that was not recorded: place, event_key, outcome and, if refused, code and reason.
);
COMMENT ON TYPE paycore.usage_receipt IS 'What became of a batch of events.';

CREATE TYPE paycore.usage_line AS (
	subscription_item_id uuid, -- The item.
	meter text, -- Code of its meter.
	unit text, -- What a unit is called.
	period tstzrange, -- The time.
	quantity numeric, -- What was used.
	amount paycore.money_cents -- What that costs.
);
COMMENT ON TYPE paycore.usage_line IS 'What an item counted within a period, and what that costs by its price.';

CREATE FUNCTION paycore.create_meter(
	code text,
	name text,
	aggregation text DEFAULT 'sum',
	details jsonb DEFAULT '{}'
) RETURNS paycore.meter
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_create_meter';
COMMENT ON FUNCTION paycore.create_meter IS 'Adds a meter; code names it within the tenant. aggregation: count, sum, max, last, unique_count or weighted_sum. details: value_key, unit, late_window (35 days), description, metadata.';

CREATE FUNCTION paycore.update_meter(
	id uuid,
	changes jsonb
) RETURNS paycore.meter
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_update_meter';
COMMENT ON FUNCTION paycore.update_meter IS 'Changes what is named in changes: name, unit, late_window, active, description, metadata. How it counts never changes.';

CREATE FUNCTION paycore.list_meters(
	after uuid DEFAULT NULL,
	page_size integer DEFAULT 50
) RETURNS SETOF paycore.meter
LANGUAGE C STABLE ROWS 50
AS 'MODULE_PATHNAME', 'paycore_list';
COMMENT ON FUNCTION paycore.list_meters IS 'A page of the tenant''s meters, newest first; after is the last id of the page before.';

CREATE FUNCTION paycore.record_usage(
	meter text,
	billing_account_id uuid,
	quantity numeric DEFAULT NULL,
	event_key text DEFAULT NULL,
	occurred_at timestamptz DEFAULT NULL,
	subscription_id uuid DEFAULT NULL,
	properties jsonb DEFAULT '{}',
	metadata jsonb DEFAULT '{}'
) RETURNS paycore.usage_event
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_record_usage';
COMMENT ON FUNCTION paycore.record_usage IS 'Records one use. The same event_key again gives the first event; with other content it is an error. occurred_at: now, where null; it may lie back by the meter''s late_window. subscription_id is needed where several subscriptions of the account have the meter.';

CREATE FUNCTION paycore.record_usages(events jsonb) RETURNS paycore.usage_receipt
LANGUAGE C VOLATILE STRICT
AS 'MODULE_PATHNAME', 'paycore_record_usages_json';
COMMENT ON FUNCTION paycore.record_usages IS 'Records many uses at once: an array of objects with the arguments of record_usage(). What is wrong with one of them stops none of the others.';

CREATE FUNCTION paycore.record_usage_rows(events paycore.usage_input[]) RETURNS paycore.usage_receipt
LANGUAGE C VOLATILE STRICT
AS 'MODULE_PATHNAME', 'paycore_record_usages_rows';
COMMENT ON FUNCTION paycore.record_usage_rows IS 'The same as record_usages(), of an array of rows.';

CREATE FUNCTION paycore.correct_usage(
	event_id uuid,
	quantity numeric,
	reason text DEFAULT NULL
) RETURNS paycore.usage_event
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_correct_usage';
COMMENT ON FUNCTION paycore.correct_usage IS 'Says what the quantity of an event should have been: adds a correcting event. What is billed already is charged or credited as late usage.';

CREATE FUNCTION paycore.void_usage(
	event_id uuid,
	reason text DEFAULT NULL
) RETURNS paycore.usage_event
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_void_usage';
COMMENT ON FUNCTION paycore.void_usage IS 'Says that an event should never have been: adds a correcting event. What is billed already is credited.';

CREATE FUNCTION paycore.roll_up_usage() RETURNS bigint
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_roll_up_usage';
COMMENT ON FUNCTION paycore.roll_up_usage IS 'Adds up what was recorded since the last time, of all tenants; the number of events. The worker and billing runs do so by themselves.';

CREATE FUNCTION paycore.usage_txn() RETURNS bigint
LANGUAGE C STABLE PARALLEL RESTRICTED
AS 'MODULE_PATHNAME', 'paycore_usage_txn';
COMMENT ON FUNCTION paycore.usage_txn IS 'The number of this transaction, to order usage by.';

CREATE FUNCTION paycore.usage_seen() RETURNS bigint
LANGUAGE C STABLE PARALLEL RESTRICTED
AS 'MODULE_PATHNAME', 'paycore_usage_seen';
COMMENT ON FUNCTION paycore.usage_seen IS 'All usage of transactions below this number is seen by the running statement.';

CREATE FUNCTION paycore.check_usage_event() RETURNS trigger LANGUAGE C
AS 'MODULE_PATHNAME', 'paycore_check_usage_event';
COMMENT ON FUNCTION paycore.check_usage_event() IS 'Trigger guard of usage_events: numbers the event by its transaction, whoever writes it. BEFORE INSERT, FOR EACH ROW.';

CREATE FUNCTION paycore.recount_usage(tenant text, spans paycore.usage_span[], OUT nth bigint, OUT quantity numeric)
RETURNS SETOF record
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
SELECT s.nth, coalesce(CASE s.aggregation
	WHEN 'count' THEN (SELECT sum(e.n)::numeric FROM paycore.usage_events e WHERE e.subscription_id = s.subscription_id AND e.meter_id = s.meter_id
		AND e.tenant_id = tenant AND e.occurred_at >= s.since AND e.occurred_at < s.until)
	WHEN 'sum' THEN (SELECT sum(e.quantity) FROM paycore.usage_events e WHERE e.subscription_id = s.subscription_id AND e.meter_id = s.meter_id
		AND e.tenant_id = tenant AND e.occurred_at >= s.since AND e.occurred_at < s.until)
	WHEN 'weighted_sum' THEN (SELECT trim_scale(greatest(round(sum(e.quantity * extract(epoch FROM s.until - greatest(e.occurred_at, s.since))) / s.whole_seconds, 12), 0))
		FROM paycore.usage_events e WHERE e.subscription_id = s.subscription_id AND e.meter_id = s.meter_id AND e.tenant_id = tenant AND e.occurred_at < s.until)
	WHEN 'unique_count' THEN (SELECT count(*)::numeric FROM (SELECT FROM paycore.usage_events e WHERE e.subscription_id = s.subscription_id
		AND e.meter_id = s.meter_id AND e.tenant_id = tenant AND e.occurred_at >= s.since AND e.occurred_at < s.until GROUP BY e.value HAVING sum(e.n) > 0) v)
	WHEN 'max' THEN (SELECT max(f.quantity) FROM (SELECT sum(e.quantity) AS quantity FROM paycore.usage_events e WHERE e.subscription_id = s.subscription_id
		AND e.meter_id = s.meter_id AND e.tenant_id = tenant AND e.occurred_at >= s.since AND e.occurred_at < s.until
		GROUP BY coalesce(e.corrects_id, e.id) HAVING sum(e.n) > 0) f)
	WHEN 'last' THEN (SELECT sum(e.quantity) FROM paycore.usage_events e WHERE e.subscription_id = s.subscription_id
		AND e.meter_id = s.meter_id AND e.tenant_id = tenant AND e.occurred_at >= s.since AND e.occurred_at < s.until
		GROUP BY coalesce(e.corrects_id, e.id), e.occurred_at HAVING sum(e.n) > 0
		ORDER BY e.occurred_at DESC, coalesce(e.corrects_id, e.id) DESC LIMIT 1)
	END, 0)
FROM unnest(spans) WITH ORDINALITY s(subscription_id, meter_id, aggregation, since, until, whole_seconds, nth)
$$;
COMMENT ON FUNCTION paycore.recount_usage(text, paycore.usage_span[]) IS 'What the events themselves come to within each span: the slow way, to compare with.';

-- Whole hours come from the sums, what is left at both ends from the events, and what is not added up yet from the events above the horizon.
CREATE FUNCTION paycore.measure_usage(tenant text, spans paycore.usage_span[], OUT nth bigint, OUT quantity numeric)
RETURNS SETOF record
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
WITH h AS MATERIALIZED (
	SELECT coalesce((SELECT r.horizon FROM paycore.usage_horizons r WHERE r.tenant_id = tenant), 0) AS horizon
),
span AS MATERIALIZED (
	SELECT u.*, date_bin('1 hour', u.since + interval '3599.999999 seconds', '2000-01-01 00:00+00') AS first,
		date_bin('1 hour', u.until, '2000-01-01 00:00+00') AS last, date_bin('1 hour', u.since, '2000-01-01 00:00+00') AS before
	FROM unnest(spans) WITH ORDINALITY u(subscription_id, meter_id, aggregation, since, until, whole_seconds, nth)
),
tail AS MATERIALIZED (
	SELECT e.id, e.subscription_id, e.meter_id, e.occurred_at, e.quantity, e.n, e.value, e.corrects_id
	FROM paycore.usage_events e
	WHERE e.tenant_id = tenant AND e.txn >= (SELECT h.horizon FROM h)
		AND (array_length(spans, 1) > 1 OR e.subscription_id = spans[1].subscription_id)
),
tails AS MATERIALIZED (
	SELECT s.nth, sum(t.n) FILTER (WHERE t.occurred_at >= s.since) AS n, sum(t.quantity) FILTER (WHERE t.occurred_at >= s.since) AS total,
		sum(t.quantity * extract(epoch FROM s.until - t.occurred_at)) FILTER (WHERE t.occurred_at >= s.since AND s.aggregation = 'weighted_sum') AS weighted,
		sum(t.quantity) FILTER (WHERE t.occurred_at < s.since) AS level, max(t.quantity) FILTER (WHERE t.occurred_at >= s.since) AS highest,
		max(t.occurred_at) FILTER (WHERE t.occurred_at >= s.since) AS last_at,
		bool_or(t.corrects_id IS NOT NULL) AS corrected
	FROM tail t
	JOIN span s ON s.subscription_id = t.subscription_id AND s.meter_id = t.meter_id AND t.occurred_at < s.until
	WHERE t.occurred_at >= s.since OR s.aggregation = 'weighted_sum'
	GROUP BY s.nth
),
slow AS MATERIALIZED (
	SELECT array_agg(ROW(s.subscription_id, s.meter_id, s.aggregation, s.since, s.until, s.whole_seconds)::paycore.usage_span ORDER BY s.nth) AS spans,
		array_agg(s.nth ORDER BY s.nth) AS nths
	FROM span s JOIN tails t ON t.nth = s.nth WHERE t.corrected AND s.aggregation IN ('max', 'last')
)
SELECT s.nth, coalesce(CASE
	WHEN s.aggregation IN ('max', 'last') AND t.corrected THEN NULL
	WHEN s.aggregation IN ('count', 'sum') THEN (
		SELECT sum(x.v) FROM (
			SELECT CASE s.aggregation WHEN 'count' THEN b.n::numeric ELSE b.total END AS v FROM paycore.usage_sums b
			WHERE b.subscription_id = s.subscription_id AND b.meter_id = s.meter_id AND b.tenant_id = tenant AND b.bucket >= s.first AND b.bucket < s.last
			UNION ALL
			SELECT CASE s.aggregation WHEN 'count' THEN e.n::numeric ELSE e.quantity END FROM paycore.usage_events e
			WHERE e.subscription_id = s.subscription_id AND e.meter_id = s.meter_id AND e.tenant_id = tenant AND e.txn < h.horizon
				AND e.occurred_at >= s.since AND e.occurred_at < least(s.first, s.until)
			UNION ALL
			SELECT CASE s.aggregation WHEN 'count' THEN e.n::numeric ELSE e.quantity END FROM paycore.usage_events e
			WHERE e.subscription_id = s.subscription_id AND e.meter_id = s.meter_id AND e.tenant_id = tenant AND e.txn < h.horizon
				AND e.occurred_at >= greatest(s.first, s.last) AND e.occurred_at < s.until
			UNION ALL
			SELECT CASE s.aggregation WHEN 'count' THEN t.n::numeric ELSE t.total END) x)
	WHEN s.aggregation = 'weighted_sum' THEN trim_scale(greatest(round((
		SELECT sum(x.v) FROM (
			SELECT b.total * extract(epoch FROM s.until - b.bucket) - b.moment AS v FROM paycore.usage_sums b
			WHERE b.subscription_id = s.subscription_id AND b.meter_id = s.meter_id AND b.tenant_id = tenant AND b.bucket >= s.first AND b.bucket < s.last
			UNION ALL
			SELECT b.total * extract(epoch FROM s.until - s.since) FROM paycore.usage_sums b
			WHERE b.subscription_id = s.subscription_id AND b.meter_id = s.meter_id AND b.tenant_id = tenant AND b.bucket < s.before
			UNION ALL
			SELECT e.quantity * extract(epoch FROM s.until - greatest(e.occurred_at, s.since)) FROM paycore.usage_events e
			WHERE e.subscription_id = s.subscription_id AND e.meter_id = s.meter_id AND e.tenant_id = tenant AND e.txn < h.horizon
				AND e.occurred_at >= s.before AND e.occurred_at < least(s.first, s.until)
			UNION ALL
			SELECT e.quantity * extract(epoch FROM s.until - e.occurred_at) FROM paycore.usage_events e
			WHERE e.subscription_id = s.subscription_id AND e.meter_id = s.meter_id AND e.tenant_id = tenant AND e.txn < h.horizon
				AND e.occurred_at >= greatest(s.first, s.last) AND e.occurred_at < s.until
			UNION ALL
			SELECT t.weighted
			UNION ALL
			SELECT t.level * extract(epoch FROM s.until - s.since)) x) / s.whole_seconds, 12), 0))
	WHEN s.aggregation = 'unique_count' THEN (
		SELECT count(*)::numeric FROM (
			SELECT FROM (
				SELECT b.value, b.n FROM paycore.usage_values b
				WHERE b.subscription_id = s.subscription_id AND b.meter_id = s.meter_id AND b.tenant_id = tenant AND b.bucket >= s.first AND b.bucket < s.last
				UNION ALL
				SELECT e.value, e.n FROM paycore.usage_events e
				WHERE e.subscription_id = s.subscription_id AND e.meter_id = s.meter_id AND e.tenant_id = tenant AND e.txn < h.horizon
					AND e.occurred_at >= s.since AND e.occurred_at < least(s.first, s.until)
				UNION ALL
				SELECT e.value, e.n FROM paycore.usage_events e
				WHERE e.subscription_id = s.subscription_id AND e.meter_id = s.meter_id AND e.tenant_id = tenant AND e.txn < h.horizon
					AND e.occurred_at >= greatest(s.first, s.last) AND e.occurred_at < s.until
				UNION ALL
				SELECT t.value, t.n FROM tail t
				WHERE t.subscription_id = s.subscription_id AND t.meter_id = s.meter_id AND t.occurred_at >= s.since AND t.occurred_at < s.until) x
			GROUP BY x.value HAVING sum(x.n) > 0) v)
	WHEN s.aggregation = 'max' THEN (
		SELECT max(x.v) FROM (
			SELECT b.highest AS v FROM paycore.usage_sums b
			WHERE b.subscription_id = s.subscription_id AND b.meter_id = s.meter_id AND b.tenant_id = tenant AND b.bucket >= s.first AND b.bucket < s.last
			UNION ALL
			SELECT sum(e.quantity) FROM paycore.usage_events e
			WHERE e.subscription_id = s.subscription_id AND e.meter_id = s.meter_id AND e.tenant_id = tenant AND e.txn < h.horizon
				AND (e.occurred_at >= s.since AND e.occurred_at < least(s.first, s.until))
			GROUP BY coalesce(e.corrects_id, e.id) HAVING sum(e.n) > 0
			UNION ALL
			SELECT sum(e.quantity) FROM paycore.usage_events e
			WHERE e.subscription_id = s.subscription_id AND e.meter_id = s.meter_id AND e.tenant_id = tenant AND e.txn < h.horizon
				AND e.occurred_at >= greatest(s.first, s.last) AND e.occurred_at < s.until
			GROUP BY coalesce(e.corrects_id, e.id) HAVING sum(e.n) > 0
			UNION ALL
			SELECT t.highest) x)
	WHEN s.aggregation = 'last' THEN (
		SELECT x.quantity FROM (
			(SELECT b.last_at, b.last_id, b.last_quantity AS quantity FROM paycore.usage_sums b
			WHERE b.subscription_id = s.subscription_id AND b.meter_id = s.meter_id AND b.tenant_id = tenant AND b.bucket >= s.first AND b.bucket < s.last
				AND b.last_at IS NOT NULL
			ORDER BY b.bucket DESC LIMIT 1)
			UNION ALL
			SELECT min(e.occurred_at), coalesce(e.corrects_id, e.id), sum(e.quantity) FROM paycore.usage_events e
			WHERE e.subscription_id = s.subscription_id AND e.meter_id = s.meter_id AND e.tenant_id = tenant AND e.txn < h.horizon
				AND e.occurred_at >= s.since AND e.occurred_at < least(s.first, s.until)
			GROUP BY coalesce(e.corrects_id, e.id) HAVING sum(e.n) > 0
			UNION ALL
			SELECT min(e.occurred_at), coalesce(e.corrects_id, e.id), sum(e.quantity) FROM paycore.usage_events e
			WHERE e.subscription_id = s.subscription_id AND e.meter_id = s.meter_id AND e.tenant_id = tenant AND e.txn < h.horizon
				AND e.occurred_at >= greatest(s.first, s.last) AND e.occurred_at < s.until
			GROUP BY coalesce(e.corrects_id, e.id) HAVING sum(e.n) > 0
			UNION ALL
			SELECT f.occurred_at, f.id, f.quantity FROM tail f
			WHERE f.subscription_id = s.subscription_id AND f.meter_id = s.meter_id AND f.occurred_at = t.last_at) x
		ORDER BY x.last_at DESC, x.last_id DESC LIMIT 1)
	END, 0)
FROM span s CROSS JOIN h LEFT JOIN tails t ON t.nth = s.nth
WHERE NOT (s.aggregation IN ('max', 'last') AND coalesce(t.corrected, false))
UNION ALL
SELECT slow.nths[r.nth], r.quantity FROM slow, paycore.recount_usage(tenant, slow.spans) r
$$;
COMMENT ON FUNCTION paycore.measure_usage(text, paycore.usage_span[]) IS 'What was counted within each span, by the sums of whole hours and what lies beside them.';

CREATE FUNCTION paycore.usage_of(
	subscription_id uuid,
	period tstzrange DEFAULT NULL
) RETURNS SETOF paycore.usage_line
LANGUAGE sql STABLE ROWS 3
SET search_path = pg_catalog, pg_temp
AS $$
WITH item AS MATERIALIZED (
	SELECT i.id, i.subscription_id, m.id AS meter_id, m.code, m.unit, m.aggregation, i.price_id, s.currency, coalesce(lower(usage_of.period), w.since) AS since,
		CASE WHEN usage_of.period IS NULL AND u.interim THEN u.ends_at END AS billed_until, CASE WHEN usage_of.period IS NULL AND u.interim THEN u.quantity ELSE 0 END AS quantity_before,
		CASE WHEN usage_of.period IS NULL AND u.interim THEN u.amount END AS amount_before,
		coalesce(upper(usage_of.period), least(i.ends_at, CASE m.aggregation WHEN 'weighted_sum' THEN n.now ELSE greatest(s.period_end, n.now + interval '5 minutes') END)) AS until,
		extract(epoch FROM upper(p.whole) - lower(p.whole)) AS whole_seconds
	FROM paycore.subscriptions s
	JOIN paycore.subscription_items i ON i.subscription_id = s.id AND i.tenant_id = s.tenant_id
	JOIN paycore.prices r ON r.id = i.price_id AND r.tenant_id = i.tenant_id
	JOIN paycore.meters m ON m.id = r.meter_id AND m.tenant_id = r.tenant_id
	CROSS JOIN (SELECT paycore.billing_now() AS now) n
	LEFT JOIN LATERAL (SELECT x.starts_at, x.ends_at, x.interim, x.quantity, x.amount FROM paycore.usage_periods x
		WHERE x.subscription_item_id = i.id AND x.tenant_id = i.tenant_id ORDER BY x.starts_at DESC LIMIT 1) u ON true
	CROSS JOIN LATERAL (SELECT CASE WHEN u.interim THEN u.starts_at ELSE greatest(i.starts_at, s.trial_end, u.ends_at) END AS since) w
	CROSS JOIN LATERAL (SELECT paycore.period_at(s.anchor, s.every, s.time_zone, coalesce(lower(usage_of.period), w.since)) AS whole) p
	WHERE s.id = usage_of.subscription_id AND s.tenant_id = paycore.current_tenant()
),
counted AS MATERIALIZED (
	SELECT row_number() OVER (ORDER BY i.id) AS nth, i.* FROM item i WHERE i.since < i.until AND (i.billed_until IS NULL OR i.billed_until < i.until)
),
measured AS MATERIALIZED (
	SELECT m.nth, m.quantity
	FROM (SELECT array_agg(ROW(c.subscription_id, c.meter_id, c.aggregation, c.since, c.until, c.whole_seconds)::paycore.usage_span ORDER BY c.nth) AS spans FROM counted c) a,
		LATERAL paycore.measure_usage(paycore.current_tenant(), a.spans) m
)
SELECT ROW(c.id, c.code, c.unit, tstzrange(coalesce(c.billed_until, c.since), c.until), m.quantity - c.quantity_before,
	paycore.price_amount(p.model, m.quantity, a.currency, a.unit_price, a.tiers, p.package_size, p.free_units, a.minimum, a.maximum, p.rounding)
		OPERATOR(paycore.-) coalesce(c.amount_before, paycore.money_cents(0, c.currency)))::paycore.usage_line
FROM counted c
JOIN measured m ON m.nth = c.nth
JOIN paycore.prices p ON p.id = c.price_id AND p.tenant_id = paycore.current_tenant()
JOIN paycore.price_currencies a ON a.price_id = c.price_id AND a.tenant_id = paycore.current_tenant() AND a.currency OPERATOR(paycore.=) c.currency
ORDER BY c.nth
$$;
COMMENT ON FUNCTION paycore.usage_of IS 'What each metered item of a subscription has counted within the period, or else since it was last billed, and what that costs.';
