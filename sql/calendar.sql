-- Billing periods: half-open, numbered from the anchor on.  Boundary number n is reckoned from the anchor's clock time in
-- the time zone, never from the boundary before.

CREATE FUNCTION paycore.period_start(anchor timestamptz, every paycore.billing_interval, time_zone text, n integer) RETURNS timestamptz
	AS 'MODULE_PATHNAME', 'paycore_period_start' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION paycore.period_start(timestamptz, paycore.billing_interval, text, integer) IS 'when period number n begins; number 0 begins at the anchor, below 0 lies what was before';
CREATE FUNCTION paycore.period_number(anchor timestamptz, every paycore.billing_interval, time_zone text, at timestamptz) RETURNS integer
	AS 'MODULE_PATHNAME', 'paycore_period_number' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION paycore.period_number(timestamptz, paycore.billing_interval, text, timestamptz) IS 'number of the period that a time falls in';
CREATE FUNCTION paycore.period_at(anchor timestamptz, every paycore.billing_interval, time_zone text, at timestamptz) RETURNS tstzrange
	AS 'MODULE_PATHNAME', 'paycore_period_at' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION paycore.period_at(timestamptz, paycore.billing_interval, text, timestamptz) IS 'the period that a time falls in, with its beginning and without its end';
CREATE FUNCTION paycore.calendar_start(at timestamptz, unit text, time_zone text) RETURNS date
	AS 'MODULE_PATHNAME', 'paycore_calendar_start' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION paycore.calendar_start(timestamptz, text, text) IS 'the first day of the day, week (from Monday), month, quarter or year that a time falls in, by clocks of the time zone';
