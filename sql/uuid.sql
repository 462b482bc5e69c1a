-- Keys, ordered by the time they were made.

CREATE FUNCTION paycore.uuid_v7() RETURNS uuid
	AS 'MODULE_PATHNAME', 'paycore_uuid_v7' LANGUAGE C VOLATILE PARALLEL SAFE;
COMMENT ON FUNCTION paycore.uuid_v7() IS 'a UUID of version 7, greater than every one this session made before';
CREATE FUNCTION paycore.uuid_v7(at timestamptz) RETURNS uuid
	AS 'MODULE_PATHNAME', 'paycore_uuid_v7_at' LANGUAGE C VOLATILE PARALLEL SAFE;
COMMENT ON FUNCTION paycore.uuid_v7(timestamptz) IS 'a UUID of version 7 of that time, for rows about the past: lists are ordered by id. NULL, times before 2000 and times to come: now';
CREATE FUNCTION paycore.uuid_v7_time(uuid) RETURNS timestamptz
	AS 'MODULE_PATHNAME', 'paycore_uuid_v7_time' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF;
COMMENT ON FUNCTION paycore.uuid_v7_time(uuid) IS 'when a UUID of version 7 was made, to the millisecond; NULL for other versions';
