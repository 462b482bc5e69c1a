--
-- The schedule of billing: what the worker does unasked, and how far it is.
--

CREATE TYPE paycore.billing_schedule AS (
	tenant_id text,
	status text, -- on or paused.
	paused_reason text, -- Why it is paused.
	paused_at timestamptz, -- Since when it is paused.
	instance text, -- The instance, as the secrets file names it, that bills.
	database_oid oid, -- The database that bills.
	last_run_at timestamptz, -- When the last run ended.
	last_run_as_of timestamptz, -- Up to when it billed.
	last_run_done bigint, -- Subscriptions it did.
	last_run_invoices bigint, -- Invoices it made.
	last_run_parked bigint, -- Subscriptions it parked.
	last_run_scheduled boolean, -- Whether the worker ran it.
	created_at timestamptz,
	updated_at timestamptz
);
COMMENT ON TYPE paycore.billing_schedule IS 'A tenant whose subscriptions are billed unasked: by the server of this instance and database only, so that a copy of it bills nobody again. last_run_...: what the last run to end did, asked for or not.';

CREATE FUNCTION paycore.pause_billing(reason text DEFAULT NULL) RETURNS paycore.billing_schedule
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_pause_billing';
COMMENT ON FUNCTION paycore.pause_billing IS 'Neither the worker nor run_billing_all() bills the tenant until resume_billing(); run_billing() still does.';

CREATE FUNCTION paycore.resume_billing() RETURNS paycore.billing_schedule
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_resume_billing';
COMMENT ON FUNCTION paycore.resume_billing IS 'The tenant is billed unasked again, and by this server, even if it is a copy of the one that did so before.';

CREATE PROCEDURE paycore.run_billing_all(as_of timestamptz DEFAULT NULL, batch_size integer DEFAULT 1000, processes integer DEFAULT 1)
LANGUAGE C
AS 'MODULE_PATHNAME', 'paycore_run_billing_all';
COMMENT ON PROCEDURE paycore.run_billing_all(timestamptz, integer, integer) IS 'run_billing() for each tenant of the database that has something due, but for those whose billing is paused or another server''s. A tenant with a test clock is billed by it. One that cannot be billed is warned of, and stops no other. Only as the owner of the tables; not inside a transaction.';

CREATE FUNCTION paycore.billing_runs(
	OUT pid integer, OUT tenant_id text, OUT scheduled boolean, OUT phase text, OUT started_at timestamptz, OUT as_of timestamptz,
	OUT due bigint, OUT done bigint, OUT remaining bigint, OUT invoices bigint, OUT parked bigint, OUT done_until timestamptz,
	OUT batch bigint, OUT batch_size integer, OUT batch_started_at timestamptz) RETURNS SETOF record
LANGUAGE C VOLATILE STRICT ROWS 5
AS 'MODULE_PATHNAME', 'paycore_billing_runs';
COMMENT ON FUNCTION paycore.billing_runs() IS 'What billing_progress shows: all runs to the owner of the tables, to others those of their tenant.';
REVOKE ALL ON FUNCTION paycore.billing_runs() FROM PUBLIC;
