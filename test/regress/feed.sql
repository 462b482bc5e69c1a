--
-- The change feed: named readers, places, acknowledgements.
--
\set QUIET on
\set VERBOSITY terse
\o /dev/null
SELECT paycore.init();
UPDATE paycore.gateway_accounts SET gateway = 'manual';
INSERT INTO paycore.billing_accounts (id, name, currency) VALUES ('00000000-0000-7000-8000-00000000000a', 'Ada', 'EUR');
\o
\set QUIET off
\set pay 'SELECT (paycore.record_payment(''00000000-0000-7000-8000-00000000000a'', ''5.00 EUR'')).status;'
\set changes 'SELECT c.seq, c.object_type, c.from_status, c.to_status FROM paycore.read_changes(:''reader'') c;'
-- from the first change on, and from now on
SELECT name, seen, seen_seq, floor_seq FROM paycore.create_change_consumer('all', from_start => true);
SELECT name, seen_seq, floor_seq FROM paycore.create_change_consumer('new');
SELECT paycore.create_change_consumer('new');
\set reader all
:changes
\set reader new
:changes
:pay
:changes
-- the same until they are acknowledged
:changes
SELECT acknowledged, acknowledged_at IS NOT NULL FROM paycore.acknowledge_changes('new', 2);
:changes
SELECT acknowledged FROM paycore.acknowledge_changes('new', 1);
\set reader all
:changes
SELECT paycore.acknowledge_changes('all', 2);
SELECT paycore.acknowledge_changes('all', 99);
SELECT acknowledged FROM paycore.acknowledge_changes('all', 1);
:changes
-- one at a time
:pay
:pay
\set one 'SELECT c.seq FROM paycore.read_changes(''new'', page_size => 1) c;'
:one
SELECT acknowledged FROM paycore.acknowledge_changes('new', 3);
:one
-- what is not committed is not given, not even to its own transaction, and not lost
SELECT acknowledged FROM paycore.acknowledge_changes('new', 4);
BEGIN;
:pay
:one
COMMIT;
:one
-- a change that was made in a subtransaction is its transaction's
SELECT acknowledged FROM paycore.acknowledge_changes('new', 5);
BEGIN;
SAVEPOINT a;
:pay
RELEASE a;
SAVEPOINT b;
:pay
ROLLBACK TO b;
COMMIT;
\set reader new
:changes
-- another tenant's readers and changes are another's
SET paycore.tenant = 'other';
SELECT * FROM paycore.read_changes('new');
SELECT name FROM paycore.create_change_consumer('new', from_start => true);
SELECT * FROM paycore.read_changes('new');
RESET paycore.tenant;
-- bad input
SELECT * FROM paycore.read_changes(NULL);
SELECT * FROM paycore.read_changes('new', 0);
SELECT paycore.create_change_consumer('');
SELECT paycore.drop_change_consumer('nobody');
SELECT paycore.acknowledge_changes('new', NULL);
UPDATE paycore.change_consumers SET name = 'x' WHERE name = 'new';
-- changes that came by a restore from another cluster, and a reader that came with them
BEGIN;
SET LOCAL session_replication_role = replica;
UPDATE paycore.status_changes SET xact = (1::bigint << 44) + 1000 + seq;
UPDATE paycore.change_consumers SET seen = '1002:1004:1002', seen_era = 1, seen_seq = 3, page = '1006:1006:', page_era = 1, page_seq = 5, page_floor = 3,
	acknowledged = 4, floor_seq = 1, mark_xid = 1003, mark_seq = 2 WHERE name = 'all';
COMMIT;
:pay
\set reader all
:changes
SELECT acknowledged FROM paycore.acknowledge_changes('all', (SELECT max(seq) FROM paycore.status_changes));
:changes
:pay
:changes
SELECT paycore.drop_change_consumer('all');
:changes
-- an application's role, and a reader's
CREATE ROLE feed_app;
SELECT paycore.grant_access('feed_app', 'app') IS NOT NULL AS granted;
SET ROLE feed_app;
SELECT name FROM paycore.create_change_consumer('app');
SELECT count(*) FROM paycore.read_changes('app');
SELECT name FROM paycore.create_change_consumer('app2');
SELECT paycore.drop_change_consumer('app2');
DELETE FROM paycore.change_consumers;
RESET ROLE;
SELECT paycore.grant_access('feed_app', 'reader') IS NOT NULL AS granted;
SET ROLE feed_app;
SELECT * FROM paycore.read_changes('app');
RESET ROLE;
\set QUIET on
\o /dev/null
DROP OWNED BY feed_app;
DROP ROLE feed_app;
\o
SELECT * FROM paycore.verify();
