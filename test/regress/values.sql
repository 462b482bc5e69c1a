--
-- require_values(): what the values of a row may be, alone and together.
--
\set VERBOSITY verbose
SET search_path = public, paycore;
CREATE TABLE sales (id int, channel text, source text, code text, price money_cents, tax money_cents, total money_cents,
	paid money_cents, paid_at timestamptz, paid_by text, status text, closed_at timestamptz);
CREATE TRIGGER values BEFORE INSERT OR UPDATE ON sales FOR EACH ROW EXECUTE FUNCTION require_values(
	'=known:change_source', 'source', '=length:3', 'code', '=not_negative', 'price', 'tax', '=one_currency', 'price', 'tax', 'paid',
	'=difference', 'price', 'total', 'tax', '=whole', 'paid', 'paid_at', '|', 'paid_by', '=with:shop', 'channel', 'price', 'tax',
	'=unless:outbox_open', 'status', 'closed_at');
\set VERBOSITY terse
INSERT INTO sales (id) VALUES (1);
INSERT INTO sales VALUES (2, 'shop', 'api', 'abc', '10.00 EUR', '0.00 EUR', '10.00 EUR', '1.00 EUR', now(), 'ada', 'done', now());
INSERT INTO sales (id, code) VALUES (3, 'äöü');
INSERT INTO sales (id, status) VALUES (4, 'pending');
\set try '\\echo :LAST_ERROR_SQLSTATE :LAST_ERROR_MESSAGE'
UPDATE sales SET source = 'letter' WHERE id = 2;
:try
UPDATE sales SET source = '' WHERE id = 2;
UPDATE sales SET code = '' WHERE id = 2;
UPDATE sales SET code = 'äöüa' WHERE id = 2;
:try
UPDATE sales SET tax = '-0.01 EUR', total = '9.99 EUR' WHERE id = 2;
:try
UPDATE sales SET paid = '1.00 USD' WHERE id = 2;
:try
UPDATE sales SET total = '10.01 EUR' WHERE id = 2;
:try
UPDATE sales SET total = '10.00 USD' WHERE id = 2;
UPDATE sales SET paid_at = NULL WHERE id = 2;
:try
UPDATE sales SET paid = NULL WHERE id = 2;
UPDATE sales SET paid = NULL, paid_at = NULL WHERE id = 2;
UPDATE sales SET paid_by = NULL WHERE id = 2;
UPDATE sales SET price = NULL WHERE id = 2;
:try
UPDATE sales SET status = 'pending' WHERE id = 2;
:try
UPDATE sales SET closed_at = NULL WHERE id = 2;
-- an error says what, which value and what to do
\set VERBOSITY default
UPDATE sales SET source = 'letter' WHERE id = 2;
\set VERBOSITY terse
-- used wrongly
CREATE TABLE odd (a text, b int);
CREATE TRIGGER t BEFORE INSERT ON odd FOR EACH ROW EXECUTE FUNCTION require_values('=no_such_rule', 'a');
INSERT INTO odd VALUES ('x', 1);
:try
CREATE OR REPLACE TRIGGER t BEFORE INSERT ON odd FOR EACH ROW EXECUTE FUNCTION require_values('a', 'b');
INSERT INTO odd VALUES ('x', 1);
CREATE OR REPLACE TRIGGER t BEFORE INSERT ON odd FOR EACH ROW EXECUTE FUNCTION require_values('=known:change_source', 'b');
INSERT INTO odd VALUES ('api', 1);
CREATE OR REPLACE TRIGGER t BEFORE INSERT ON odd FOR EACH ROW EXECUTE FUNCTION require_values('=whole', '|', 'a');
INSERT INTO odd VALUES ('api', 1);
CREATE OR REPLACE TRIGGER t BEFORE INSERT ON odd FOR EACH ROW EXECUTE FUNCTION require_values('=with:x', 'a>b', 'a');
INSERT INTO odd VALUES ('api', 1);
CREATE OR REPLACE TRIGGER t BEFORE INSERT ON odd FOR EACH ROW EXECUTE FUNCTION require_values('=unless:outbox_open');
CREATE OR REPLACE TRIGGER t BEFORE INSERT ON odd FOR EACH ROW EXECUTE FUNCTION require_values('=whole', '=unless:outbox_open');
INSERT INTO odd VALUES ('api', 1);
SELECT require_values();
