--
-- paycore's own statements run without JIT, whatever the session says; the session's setting outlives them.
--
\set QUIET on
\set VERBOSITY terse
\o /dev/null
SELECT paycore.init();
INSERT INTO paycore.billing_accounts (id, name, currency) VALUES ('00000000-0000-7000-8000-00000000000a', 'Ada', 'EUR');
CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	RAISE NOTICE 'jit is %', current_setting('jit');
	IF NEW.name = 'Nobody' THEN RAISE 'no'; END IF;
	RETURN NEW;
END $$;
CREATE TRIGGER tell BEFORE UPDATE ON paycore.billing_accounts FOR EACH ROW EXECUTE FUNCTION tell();
\o
\set QUIET off
SET jit = on;
UPDATE paycore.billing_accounts SET name = 'Ada L.';
SELECT name FROM paycore.update_billing_account('00000000-0000-7000-8000-00000000000a', '{"name": "Ada Lovelace"}');
SHOW jit;
SELECT name FROM paycore.update_billing_account('00000000-0000-7000-8000-00000000000a', '{"name": "Nobody"}');
SHOW jit;
SET jit = off;
SELECT name FROM paycore.update_billing_account('00000000-0000-7000-8000-00000000000a', '{"name": "Ada King"}');
SHOW jit;
