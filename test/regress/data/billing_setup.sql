-- The tables, a clock to set, and a subscription by its external_ref.
\set tables :srcdir '/data/api_setup.sql'
\i :tables
SET timezone = 'UTC';
CREATE FUNCTION clock(at timestamptz) RETURNS timestamptz LANGUAGE sql AS $$ SELECT (paycore.set_test_clock(at)).shows $$;
CREATE FUNCTION sub(ref text) RETURNS uuid LANGUAGE sql AS $$ SELECT id FROM paycore.subscriptions WHERE external_ref = ref $$;
