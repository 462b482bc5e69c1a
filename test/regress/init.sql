--
-- Begins without tables: init() creates, repeats without effect, upgrades, and leaves what users added.
--
CREATE ROLE regress_owner;
SELECT current_database() AS db \gset
\set VERBOSITY terse
SET ROLE regress_owner;
SELECT paycore.init();
RESET ROLE;
GRANT USAGE ON SCHEMA paycore TO regress_owner;
SET ROLE regress_owner;
SELECT paycore.init();
RESET ROLE;
GRANT CREATE ON SCHEMA paycore TO regress_owner;
SET ROLE regress_owner;
SELECT paycore.init() LIKE '%tables%marked%' AS created;
SELECT paycore.init();
SELECT name, gateway, livemode, adopt, status FROM paycore.gateway_accounts;
RESET ROLE;
SELECT c FROM pg_db_role_setting, unnest(setconfig) c WHERE c LIKE 'paycore.%' AND setdatabase = (SELECT oid FROM pg_database WHERE datname = :'db');
-- An administrator's own choice stays.
ALTER DATABASE :"db" SET paycore.worker = off;
SET ROLE regress_owner;
SELECT paycore.init();
RESET ROLE;
SELECT c FROM pg_db_role_setting, unnest(setconfig) c WHERE c LIKE 'paycore.%' AND setdatabase = (SELECT oid FROM pg_database WHERE datname = :'db');
-- Only the owner.
\set VERBOSITY sqlstate
SELECT paycore.init();
\set VERBOSITY terse
-- Every table has its type's columns, in their order, and everything belongs to whoever ran init().
SELECT c.relname, r.rolname
FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner
WHERE c.relnamespace = 'paycore'::regnamespace AND c.relkind IN ('r', 'v', 'S') ORDER BY 1;
-- All are described, none is open to PUBLIC, and row-level security is on.
SELECT c.relname FROM pg_class c
WHERE c.relnamespace = 'paycore'::regnamespace AND c.relkind IN ('r', 'v', 'S') AND obj_description(c.oid, 'pg_class') IS NULL;
SELECT c.relname FROM pg_class c, aclexplode(c.relacl) a WHERE c.relnamespace = 'paycore'::regnamespace AND a.grantee = 0;
SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'paycore'::regnamespace AND c.relkind = 'r' AND NOT c.relrowsecurity;
-- Every key and foreign key carries the tenant, but for the clock, which is the server's.
SELECT conrelid::regclass, conname FROM pg_constraint c
WHERE connamespace = 'paycore'::regnamespace AND contype IN ('p', 'u', 'f')
	AND NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey) AND a.attname = 'tenant_id');
-- What users add stays; what is missing comes back.
SET ROLE regress_owner;
INSERT INTO paycore.billing_accounts (currency, name) VALUES ('USD', 'Ada');
ALTER TABLE paycore.refunds ADD COLUMN ticket text;
CREATE INDEX refunds_ticket ON paycore.refunds (ticket);
CREATE POLICY mine ON paycore.refunds USING (ticket IS NOT NULL);
ALTER TABLE paycore.refunds ALTER COLUMN kind SET DEFAULT 'auth_release';
ALTER TABLE paycore.outbox SET (fillfactor = 50);
ALTER TABLE paycore.refunds DROP COLUMN duplicate_suspected;
ALTER TABLE paycore.billing_accounts DROP COLUMN auto_charge;
ALTER TABLE paycore.billing_accounts DROP CONSTRAINT billing_accounts_country_code;
ALTER TABLE paycore.refunds DROP CONSTRAINT refunds_payment_fkey;
ALTER TABLE paycore.payment_intents ALTER CONSTRAINT payment_intents_payment_fkey NOT DEFERRABLE;
ALTER TABLE paycore.payments DISABLE ROW LEVEL SECURITY;
DROP INDEX paycore.refunds_psp;
DROP TRIGGER "Paycore_50_reserve" ON paycore.refunds;
SELECT paycore.init();
SELECT paycore.init();
SELECT auto_charge FROM paycore.billing_accounts;
SELECT condeferrable, condeferred FROM pg_constraint WHERE conname = 'payment_intents_payment_fkey';
SELECT attname, attnotnull, atthasdef FROM pg_attribute
WHERE attrelid = 'paycore.refunds'::regclass AND attname IN ('ticket', 'duplicate_suspected', 'kind') ORDER BY 1;
SELECT column_default FROM information_schema.columns WHERE table_schema = 'paycore' AND table_name = 'refunds' AND column_name = 'kind';
SELECT reloptions FROM pg_class WHERE oid = 'paycore.outbox'::regclass;
SELECT relrowsecurity FROM pg_class WHERE oid = 'paycore.payments'::regclass;
SELECT polname FROM pg_policy WHERE polrelid = 'paycore.refunds'::regclass ORDER BY 1;
SELECT to_regclass('paycore.refunds_ticket'), to_regclass('paycore.refunds_psp');
-- A column of another type is told, and left.
ALTER TABLE paycore.billing_accounts ALTER COLUMN phone TYPE varchar(40);
SELECT paycore.init();
RESET ROLE;
-- Objects in front of pg_catalog in the caller's search_path are not used.
CREATE SCHEMA trap;
CREATE FUNCTION trap.now() RETURNS timestamptz LANGUAGE sql AS $$ SELECT 1/0; SELECT pg_catalog.now() $$;
GRANT USAGE ON SCHEMA trap TO regress_owner;
SET ROLE regress_owner;
SET search_path = trap, pg_catalog, paycore;
SELECT init();
RESET search_path;
RESET ROLE;
\set VERBOSITY sqlstate
DROP EXTENSION paycore;
DROP OWNED BY regress_owner;
DROP EXTENSION paycore;
DROP ROLE regress_owner;
