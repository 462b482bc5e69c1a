--
-- Readings of a gateway account's past: from when, and whose account it is.
--
\getenv srcdir PG_ABS_SRCDIR
\set setup :srcdir '/data/api_setup.sql'
\i :setup
SET client_min_messages = warning;
SELECT name FROM paycore.create_gateway_account('card', 'stripe');
\set asked 'SELECT operation, params ->> ''created_gte'' AS created_gte FROM paycore.outbox WHERE params ? ''feed'' ORDER BY seq;'
\set again 'DELETE FROM paycore.outbox; DELETE FROM paycore.gateway_feeds;'
-- From any time of the past; the 0 of the server's clock is one.
CALL paycore.backfill('2000-01-01 00:00:00+00', 'card', timeout => '0');
SELECT since, state FROM paycore.backfill_progress;
:asked
:again
SELECT paycore.poll_events('card', '2000-01-01 00:00:00+00'), paycore.read_balance('card', '2000-01-01 00:00:00+00');
:asked
:again
-- What lies before all gateways is their beginning.
CALL paycore.backfill('-infinity', 'card', timeout => '0');
SELECT since FROM paycore.backfill_progress;
:again
CALL paycore.backfill('1960-01-01 00:00:00+00', 'card', timeout => '0');
SELECT since FROM paycore.backfill_progress;
:again
SELECT paycore.poll_events('card', '-infinity'), paycore.read_balance('card', '4713-01-01 BC');
:asked
:again
-- There is nothing after all times.
CALL paycore.backfill('infinity', 'card', timeout => '0');
SELECT paycore.poll_events('card', 'infinity');
SELECT paycore.read_balance('card', 'infinity');
SELECT count(*) FROM paycore.gateway_feeds;
-- An administrator reads accounts of the session's tenant, the owner any.
CREATE ROLE regress_backfill_admin;
SELECT paycore.grant_access('regress_backfill_admin', 'admin') IS NOT NULL AS granted;
SET paycore.tenant = 'other';
SET ROLE regress_backfill_admin;
CALL paycore.backfill('2020-01-01', 'card', timeout => '0');
SELECT paycore.poll_events('card');
RESET ROLE;
SELECT count(*) FROM paycore.gateway_feeds;
CALL paycore.backfill('2020-01-01', 'card', timeout => '0');
SELECT tenant_id, feed FROM paycore.gateway_feeds;
:again
RESET paycore.tenant;
SET ROLE regress_backfill_admin;
CALL paycore.backfill('2020-01-01', 'card', timeout => '0');
RESET ROLE;
SELECT tenant_id, feed FROM paycore.gateway_feeds;
DROP OWNED BY regress_backfill_admin;
DROP ROLE regress_backfill_admin;
