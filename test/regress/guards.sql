--
-- Guards on a table that paycore knows nothing of.
--
\set QUIET on
\o /dev/null
SELECT paycore.init();
\o
\set QUIET off
CREATE TABLE orders (
	id bigint PRIMARY KEY,
	customer text NOT NULL,
	total paycore.money_cents NOT NULL,
	status text NOT NULL DEFAULT 'new',
	invoice_no text,
	invoice_date date,
	shipped_by text,
	updated_at timestamptz
);
CREATE TRIGGER transition BEFORE INSERT OR UPDATE OF status ON orders
	FOR EACH ROW EXECUTE FUNCTION paycore.enforce_transition('status', '>new', 'new>paid', 'paid>shipped', 'new>canceled');
CREATE TRIGGER immutable BEFORE UPDATE ON orders
	FOR EACH ROW EXECUTE FUNCTION paycore.keep_immutable('id', 'customer');
CREATE TRIGGER once BEFORE UPDATE ON orders
	FOR EACH ROW EXECUTE FUNCTION paycore.write_once('invoice_no', 'invoice_date', '|', 'shipped_by');
CREATE TRIGGER currency BEFORE UPDATE ON orders
	FOR EACH ROW EXECUTE FUNCTION paycore.keep_currency('total');
CREATE TRIGGER positive BEFORE INSERT OR UPDATE ON orders
	FOR EACH ROW EXECUTE FUNCTION paycore.require_positive('total');
CREATE TRIGGER history AFTER INSERT OR UPDATE ON orders
	FOR EACH ROW EXECUTE FUNCTION paycore.record_status_change('status', '=order');
CREATE TRIGGER touch BEFORE UPDATE ON orders
	FOR EACH ROW EXECUTE FUNCTION paycore.touch_updated_at();
CREATE TRIGGER no_delete BEFORE DELETE ON orders
	FOR EACH ROW EXECUTE FUNCTION paycore.append_only();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON orders
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.append_only();

INSERT INTO orders VALUES (1, 'ada', '12.00 EUR', 'shipped');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO orders VALUES (1, 'ada', '0.00 EUR');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO orders VALUES (1, 'ada', '-1.00 EUR');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO orders VALUES (1, 'ada', '12.00 EUR');
UPDATE orders SET status = 'shipped' WHERE id = 1;
\echo :LAST_ERROR_SQLSTATE
UPDATE orders SET status = 'paid' WHERE id = 1;
UPDATE orders SET status = 'paid', total = '13.00 EUR' WHERE id = 1;
UPDATE orders SET total = '13.00 USD' WHERE id = 1;
\echo :LAST_ERROR_SQLSTATE
UPDATE orders SET customer = 'bob' WHERE id = 1;
\echo :LAST_ERROR_SQLSTATE
UPDATE orders SET invoice_no = 'A-1', invoice_date = '2026-01-01' WHERE id = 1;
UPDATE orders SET invoice_date = '2026-01-02' WHERE id = 1;
\echo :LAST_ERROR_SQLSTATE
UPDATE orders SET invoice_no = NULL, invoice_date = NULL WHERE id = 1;
\echo :LAST_ERROR_SQLSTATE
UPDATE orders SET shipped_by = 'post' WHERE id = 1;
UPDATE orders SET shipped_by = 'bike' WHERE id = 1;
\echo :LAST_ERROR_SQLSTATE
DELETE FROM orders;
\echo :LAST_ERROR_SQLSTATE
TRUNCATE orders;
\echo :LAST_ERROR_SQLSTATE
UPDATE orders SET status = 'shipped' WHERE id = 1;
SELECT id, customer, total, status, invoice_no, invoice_date, shipped_by, updated_at IS NOT NULL AS touched FROM orders;
SET paycore.actor = 'clerk 7';
INSERT INTO orders VALUES (2, 'eve', '1.00 EUR');
RESET paycore.actor;
-- A group that was written in part is written.
UPDATE orders SET invoice_no = 'A-2' WHERE id = 2;
UPDATE orders SET invoice_no = 'A-3' WHERE id = 2;
UPDATE orders SET invoice_date = '2026-01-03' WHERE id = 2;
SELECT object_type, object_id, from_status, to_status, actor = session_user AS by_session_user, source, reason
FROM paycore.status_changes WHERE object_type = 'order' ORDER BY id;
SELECT actor FROM paycore.status_changes WHERE object_type = 'order' AND object_id = '2';

-- a lifecycle of paycore on a user's table
CREATE TABLE trips (id uuid DEFAULT paycore.uuid_v7(), status paycore.payment_status NOT NULL DEFAULT 'pending');
CREATE TRIGGER transition BEFORE INSERT OR UPDATE ON trips
	FOR EACH ROW EXECUTE FUNCTION paycore.enforce_transition('status', '>pending');
INSERT INTO trips DEFAULT VALUES;
INSERT INTO trips (status) VALUES ('succeeded');
UPDATE trips SET status = 'succeeded';
UPDATE trips SET status = 'failed';
\echo :LAST_ERROR_SQLSTATE

-- partitions fire the root's guards; a stored value of another image is a change
CREATE TABLE parted (id bigint, at date, note text, amount numeric) PARTITION BY RANGE (at);
CREATE TABLE parted_26 PARTITION OF parted FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE TRIGGER immutable BEFORE UPDATE ON parted FOR EACH ROW EXECUTE FUNCTION paycore.keep_immutable('amount');
INSERT INTO parted VALUES (1, '2026-02-02', 'a', 1.0);
UPDATE parted SET note = repeat('b', 10000);
UPDATE parted SET amount = 1.00;
\echo :LAST_ERROR_SQLSTATE

-- wrong use is said at once, or at the first row
SELECT paycore.keep_immutable();
CREATE TRIGGER wrong AFTER UPDATE ON trips FOR EACH ROW EXECUTE FUNCTION paycore.keep_immutable('id');
UPDATE trips SET id = id;
\echo :LAST_ERROR_SQLSTATE
DROP TRIGGER wrong ON trips;
CREATE TRIGGER wrong BEFORE UPDATE ON trips FOR EACH ROW EXECUTE FUNCTION paycore.keep_immutable('nonsense');
UPDATE trips SET id = id;
\echo :LAST_ERROR_SQLSTATE
DROP TRIGGER wrong ON trips;
CREATE TRIGGER wrong BEFORE UPDATE ON trips FOR EACH ROW EXECUTE FUNCTION paycore.enforce_transition('status', 'pending>failed');
UPDATE trips SET id = id;
\echo :LAST_ERROR_SQLSTATE
DROP TRIGGER wrong ON trips;
-- a column renamed or dropped after the guard was first used
CREATE TRIGGER immutable BEFORE UPDATE ON trips FOR EACH ROW EXECUTE FUNCTION paycore.keep_immutable('id');
UPDATE trips SET status = status;
ALTER TABLE trips ADD note text, DROP COLUMN id, ADD id int;
UPDATE trips SET note = 'x';
UPDATE trips SET id = 1;
\echo :LAST_ERROR_SQLSTATE

-- a forged table gains nothing: its owner has no right on the history
CREATE ROLE forger;
GRANT USAGE ON SCHEMA paycore TO forger;
CREATE SCHEMA forge AUTHORIZATION forger;
SET ROLE forger;
CREATE TABLE forge.payments (id uuid DEFAULT paycore.uuid_v7(), tenant_id text DEFAULT 'default', status text);
CREATE TRIGGER history AFTER INSERT ON forge.payments FOR EACH ROW EXECUTE FUNCTION paycore.record_status_change('status', '=payment');
RESET ROLE;
GRANT USAGE ON SCHEMA forge TO CURRENT_USER;
INSERT INTO forge.payments (status) VALUES ('succeeded');
\echo :LAST_ERROR_SQLSTATE
DROP TABLE parted, trips, orders;
DROP SCHEMA forge CASCADE;
DROP OWNED BY forger;
DROP ROLE forger;
