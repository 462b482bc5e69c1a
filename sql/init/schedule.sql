--
-- The schedule of billing, and the view of runs that are going on.
--

CREATE TABLE IF NOT EXISTS paycore.billing_schedules (LIKE paycore.billing_schedule INCLUDING COMMENTS,
	CONSTRAINT billing_schedules_pkey PRIMARY KEY (tenant_id),
	CONSTRAINT billing_schedules_status_known CHECK (status IN ('on', 'paused')),
	CONSTRAINT billing_schedules_pause_known CHECK ((status = 'paused') = (paused_at IS NOT NULL)));
ALTER TABLE paycore.billing_schedules
	ALTER COLUMN tenant_id SET DEFAULT paycore.current_tenant(), ALTER COLUMN tenant_id SET NOT NULL,
	ALTER COLUMN status SET DEFAULT 'on', ALTER COLUMN status SET NOT NULL,
	ALTER COLUMN instance SET NOT NULL,
	ALTER COLUMN database_oid SET NOT NULL,
	ALTER COLUMN created_at SET DEFAULT now(), ALTER COLUMN created_at SET NOT NULL,
	ALTER COLUMN updated_at SET DEFAULT now(), ALTER COLUMN updated_at SET NOT NULL;
COMMENT ON TABLE paycore.billing_schedules IS 'Whose subscriptions are billed unasked, and by which server.';

CREATE OR REPLACE TRIGGER "Paycore_10_api" BEFORE INSERT OR UPDATE OR DELETE ON paycore.billing_schedules
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.require_api();
CREATE OR REPLACE TRIGGER "Paycore_20_immutable" BEFORE UPDATE ON paycore.billing_schedules
	FOR EACH ROW EXECUTE FUNCTION paycore.keep_immutable('tenant_id', 'created_at');
CREATE OR REPLACE TRIGGER "Paycore_37_card_data" BEFORE INSERT OR UPDATE OF paused_reason ON paycore.billing_schedules
	FOR EACH ROW EXECUTE FUNCTION paycore.refuse_card_data('paused_reason');
CREATE OR REPLACE TRIGGER "Paycore_90_touch" BEFORE UPDATE ON paycore.billing_schedules
	FOR EACH ROW EXECUTE FUNCTION paycore.touch_updated_at();

ALTER TABLE paycore.billing_schedules ENABLE ROW LEVEL SECURITY;
CREATE POLICY paycore_tenant ON paycore.billing_schedules USING (tenant_id = paycore.current_tenant());

CREATE OR REPLACE VIEW paycore.billing_progress WITH (security_invoker = true) AS
SELECT r.pid, r.tenant_id, r.scheduled, r.phase, r.started_at, r.as_of, r.due, r.done, r.remaining, r.invoices, r.parked, r.done_until,
	r.batch, r.batch_size, r.batch_started_at
FROM paycore.billing_runs() r;
COMMENT ON VIEW paycore.billing_progress IS 'How far billing runs are: a row for each that is going on, of the worker''s schedule or of a session''s run_billing().';
COMMENT ON COLUMN paycore.billing_progress.pid IS 'The process that runs it.';
COMMENT ON COLUMN paycore.billing_progress.tenant_id IS 'The tenant that is billed.';
COMMENT ON COLUMN paycore.billing_progress.scheduled IS 'Whether the worker began it.';
COMMENT ON COLUMN paycore.billing_progress.phase IS 'counting, billing or between batches.';
COMMENT ON COLUMN paycore.billing_progress.started_at IS 'When it began.';
COMMENT ON COLUMN paycore.billing_progress.as_of IS 'What is due until then is billed.';
COMMENT ON COLUMN paycore.billing_progress.due IS 'Subscriptions that were due when it began; null: they are being counted.';
COMMENT ON COLUMN paycore.billing_progress.done IS 'Steps taken since.';
COMMENT ON COLUMN paycore.billing_progress.remaining IS 'due less done.';
COMMENT ON COLUMN paycore.billing_progress.invoices IS 'Invoices made.';
COMMENT ON COLUMN paycore.billing_progress.parked IS 'Subscriptions parked.';
COMMENT ON COLUMN paycore.billing_progress.done_until IS 'What was due before is done.';
COMMENT ON COLUMN paycore.billing_progress.batch IS 'Number of the batch.';
COMMENT ON COLUMN paycore.billing_progress.batch_size IS 'Subscriptions in a batch, at most.';
COMMENT ON COLUMN paycore.billing_progress.batch_started_at IS 'When the batch began.';
