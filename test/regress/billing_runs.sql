--
-- Billing runs: what moves nothing is parked, all tenants in one run, whose billing is whose.
--
\getenv srcdir PG_ABS_SRCDIR
\set setup :srcdir '/data/billing_setup.sql'
\i :setup
-- A tenant with so many subscriptions, each due since it was made.
CREATE FUNCTION fill(subscriptions integer, prefix text DEFAULT 'sub ') RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	IF NOT EXISTS (SELECT FROM paycore.prices WHERE code = 'm' AND tenant_id = paycore.current_tenant()) THEN
		PERFORM paycore.create_gateway_account('cash ' || paycore.current_tenant(), 'manual') WHERE paycore.current_tenant() <> 'default';
		PERFORM paycore.create_price((paycore.create_product('pro', 'Pro')).id, '{"USD": "31"}', 'month', code => 'm');
		PERFORM paycore.create_billing_account('Ada', currency => 'USD', external_ref => 'ada',
			gateway => CASE paycore.current_tenant() WHEN 'default' THEN 'cash' ELSE 'cash ' || paycore.current_tenant() END);
	END IF;
	PERFORM paycore.create_subscription(a.id, '[{"price": "m"}]', jsonb_build_object('external_ref', prefix || n))
	FROM paycore.billing_accounts a, generate_series(1, subscriptions) n WHERE a.external_ref = 'ada' AND a.tenant_id = paycore.current_tenant();
END $$;
CREATE VIEW billed AS SELECT tenant_id, count(*) AS invoices, count(DISTINCT number) AS numbers, max(serial) AS last FROM paycore.invoices GROUP BY tenant_id ORDER BY tenant_id;
CREATE VIEW parked AS SELECT tenant_id, external_ref, parked_reason FROM paycore.subscriptions WHERE parked_at IS NOT NULL ORDER BY tenant_id, created_at, id;

-- A step that moves nothing would be done for ever: it is undone, and its subscription parked. Nobody else waits for it.
SELECT clock('2026-01-31 10:00+00');
SELECT fill(40);
CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF NEW.external_ref = ANY (TG_ARGV) AND NEW.parked_at IS NULL THEN
		NEW.next_bill_at := OLD.next_bill_at;
		NEW.billed_until := OLD.billed_until;
		NEW.status := OLD.status;
	END IF;
	RETURN NEW;
END $$;
CREATE TRIGGER hold BEFORE UPDATE ON paycore.subscriptions FOR EACH ROW EXECUTE FUNCTION hold('sub 7', 'sub 8', 'sub 31', 'sub 40');
SELECT paycore.bill_subscriptions(batch_size => 20);
CALL paycore.run_billing();
SELECT * FROM billed;
SELECT * FROM parked;
SELECT count(*) FROM paycore.subscriptions WHERE next_bill_at <= paycore.billing_now() AND parked_at IS NULL;
-- A verb bills first what is owed; one that would leave behind what could not be is refused.
SELECT parked_at FROM paycore.retry_billing(sub('sub 7'));
SELECT status FROM paycore.pause_subscription(sub('sub 7'));
SELECT status, parked_reason IS NOT NULL AS parked FROM paycore.subscriptions WHERE external_ref = 'sub 7';
DROP TRIGGER hold ON paycore.subscriptions;
-- Even what is put back after the step.
CREATE FUNCTION put_back() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF NEW.external_ref = 'sub 8' AND NEW.parked_at IS NULL AND pg_trigger_depth() = 1 THEN
		UPDATE paycore.subscriptions SET next_bill_at = OLD.next_bill_at WHERE id = NEW.id;
	END IF;
	RETURN NULL;
END $$;
CREATE TRIGGER put_back AFTER UPDATE ON paycore.subscriptions FOR EACH ROW EXECUTE FUNCTION put_back();
SELECT parked_at FROM paycore.retry_billing(sub('sub 8'));
CALL paycore.run_billing();
SELECT external_ref FROM parked;
DROP TRIGGER put_back ON paycore.subscriptions;
-- One that cannot even be parked ends the run.
CREATE FUNCTION veto() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF OLD.external_ref = 'sub 40' AND OLD.parked_at IS NULL THEN RETURN NULL; END IF; RETURN NEW; END $$;
CREATE TRIGGER veto BEFORE UPDATE ON paycore.subscriptions FOR EACH ROW EXECUTE FUNCTION veto();
SELECT parked_at FROM paycore.retry_billing(sub('sub 40'));
CALL paycore.run_billing();
DROP TRIGGER veto ON paycore.subscriptions;
SELECT count(paycore.retry_billing(id)) FROM paycore.subscriptions WHERE parked_at IS NOT NULL;
CALL paycore.run_billing();
SELECT * FROM billed;
SELECT * FROM parked;
SELECT severity, rule, object_type FROM paycore.verify();

-- All tenants in one run, each by its own clock.
SET paycore.tenant = 'ant';
SELECT fill(3);
SET paycore.tenant = 'bee';
SELECT clock('2026-01-01 00:00+00');
SELECT fill(2);
SELECT clock('2026-03-01 00:00+00');
-- What is not due yet by the clock of its tenant is not billed.
SET paycore.tenant = 'cat';
SELECT clock('2025-01-01 00:00+00');
SELECT fill(1);
CALL paycore.run_billing();
RESET paycore.tenant;
SELECT clock('2026-02-28 10:00+00');
CALL paycore.run_billing_all(batch_size => 3);
SELECT * FROM billed;
SELECT tenant_id, status, instance, database_oid = (SELECT oid FROM pg_database WHERE datname = current_database()) AS here, last_run_done, last_run_invoices,
	last_run_parked, last_run_scheduled FROM paycore.billing_schedules ORDER BY tenant_id;
CALL paycore.run_billing_all();
SELECT sum(invoices) FROM billed;
-- As of an earlier moment, for all; the future is refused.
SET paycore.tenant = 'bee';
SELECT clock('2026-05-01 00:00+00');
RESET paycore.tenant;
CALL paycore.run_billing_all('2026-04-15 00:00+00');
SELECT * FROM billed WHERE tenant_id = 'bee';
CALL paycore.run_billing_all(now() + interval '1 minute');
CALL paycore.run_billing_all('-infinity');
CALL paycore.run_billing_all(batch_size => 0);
BEGIN;
CALL paycore.run_billing_all();
ROLLBACK;
SELECT paycore.current_tenant();

-- Paused, a tenant is left alone, but for what is asked for it by name.
SET paycore.tenant = 'bee';
SELECT status, paused_reason, paused_at IS NOT NULL AS paused FROM paycore.pause_billing('prices are being mended');
RESET paycore.tenant;
CALL paycore.run_billing_all();
SELECT * FROM billed WHERE tenant_id = 'bee';
SET paycore.tenant = 'bee';
SELECT status, paused_reason, paused_at IS NOT NULL AS paused FROM paycore.pause_billing();
SELECT status, paused_reason, paused_at IS NOT NULL AS paused FROM paycore.resume_billing();
RESET paycore.tenant;
CALL paycore.run_billing_all();
SELECT * FROM billed WHERE tenant_id = 'bee';
SET paycore.tenant = 'bee';
SELECT paycore.pause_billing(repeat('x', 501));
SELECT clock('2026-06-01 00:00+00');
SELECT status FROM paycore.pause_billing();
CALL paycore.run_billing();
SELECT status FROM paycore.resume_billing();
RESET paycore.tenant;
SELECT * FROM billed WHERE tenant_id = 'bee';

-- In a copy nobody is billed unasked, until it is adopted. Discarded, billing is paused there.
CREATE FUNCTION copied() RETURNS void LANGUAGE sql AS $$ UPDATE paycore.billing_schedules SET instance = 'the original' $$;
SET paycore.tenant = 'bee';
SELECT clock('2026-07-01 00:00+00');
RESET paycore.tenant;
SELECT copied();
CALL paycore.run_billing_all();
SELECT * FROM billed WHERE tenant_id = 'bee';
SELECT paycore.adopt_outbox('send');
CALL paycore.run_billing_all();
SELECT * FROM billed WHERE tenant_id = 'bee';
SET paycore.tenant = 'bee';
SELECT clock('2026-08-01 00:00+00');
RESET paycore.tenant;
SELECT copied();
SELECT paycore.adopt_outbox('discard');
CALL paycore.run_billing_all();
SELECT * FROM billed WHERE tenant_id = 'bee';
SELECT tenant_id, status, paused_reason, instance FROM paycore.billing_schedules ORDER BY tenant_id;
SET paycore.tenant = 'bee';
SELECT status, instance FROM paycore.resume_billing();
RESET paycore.tenant;
CALL paycore.run_billing_all();
SELECT * FROM billed WHERE tenant_id = 'bee';
SELECT status FROM paycore.resume_billing();

-- A tenant that cannot be billed at all is warned of, and stops no other.
SET paycore.tenant = 'ant';
SELECT status FROM paycore.resume_billing();
SELECT fill(1, 'late ');
RESET paycore.tenant;
CREATE FUNCTION no_series() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.tenant_id = 'ant' THEN RAISE 'not now' USING ERRCODE = 'object_in_use'; END IF; RETURN NEW; END $$;
CREATE TRIGGER no_series BEFORE UPDATE ON paycore.invoice_series FOR EACH ROW EXECUTE FUNCTION no_series();
SET paycore.tenant = 'bee';
SELECT clock('2026-09-01 00:00+00');
RESET paycore.tenant;
\set VERBOSITY default
CALL paycore.run_billing_all();
\set VERBOSITY sqlstate
DROP TRIGGER no_series ON paycore.invoice_series;
SELECT * FROM billed WHERE tenant_id IN ('ant', 'bee');
SELECT * FROM parked;

-- Only the owner reaches all tenants; an operator, its own.
CREATE ROLE regress_billing_ops;
SELECT paycore.grant_access('regress_billing_ops', 'admin') LIKE 'regress_billing_ops: %';
SET ROLE regress_billing_ops;
CALL paycore.run_billing_all();
SELECT count(*) FROM paycore.billing_progress;
SELECT tenant_id FROM paycore.billing_schedules;
SELECT status FROM paycore.pause_billing('by an operator');
SELECT status FROM paycore.resume_billing();
UPDATE paycore.billing_schedules SET instance = 'mine';
CALL paycore.run_billing();
RESET ROLE;
DROP OWNED BY regress_billing_ops;
DROP ROLE regress_billing_ops;
SELECT severity, rule, object_type FROM paycore.verify();
