# What the tables' owner hides behind their names runs with the owner's rights, not with a superuser's who calls us.
use strict;
use warnings;

use PayCluster;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PayCluster->started('hidden', preload => 0);
$node->value(<<'SQL');
CREATE ROLE shopkeeper LOGIN;
CREATE ROLE mallory LOGIN;
CREATE ROLE shop LOGIN;
CREATE SCHEMA trap AUTHORIZATION shopkeeper;
GRANT ALL ON SCHEMA paycore TO shopkeeper, mallory;
GRANT CREATE ON SCHEMA public TO mallory;
SQL

# init() takes over nothing that somebody else has put in its place.
$node->value(<<'SQL', user => 'mallory');
CREATE TABLE paycore.gateway_accounts (LIKE paycore.gateway_account);
SQL
$node->fails_with('SELECT paycore.init()', 'PY071', 'init() by a superuser refuses tables of another role');
$node->fails_with('SELECT paycore.init()', 'PY071', 'init() by another role, too', user => 'shopkeeper');
$node->value('DROP TABLE paycore.gateway_accounts', user => 'mallory');
$node->value('REVOKE ALL ON SCHEMA paycore FROM mallory');
$node->value('SELECT paycore.init()', user => 'shopkeeper');
$node->value("SELECT paycore.grant_access('shop', 'app')", user => 'shopkeeper');
$node->value('ALTER DATABASE postgres SET paycore.worker = off');
my $account = $node->value("SELECT id FROM paycore.create_billing_account('Ann', currency => 'EUR')", user => 'shopkeeper');
my $payment = $node->value(<<'SQL', user => 'shopkeeper');
SELECT paycore.create_gateway_account('cash', 'manual');
SELECT p.id FROM paycore.create_billing_account('Bob', currency => 'EUR', gateway => 'cash') a, paycore.record_payment(a.id, '10 EUR') p;
SQL
$payment =~ s/.*\n//s;

# A trap notes who stepped into it, and sets what would outlive it.
$node->value(<<'SQL', user => 'shopkeeper');
CREATE TABLE trap.seen (who text, place text);
CREATE FUNCTION trap.note(place text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
	PERFORM set_config('search_path', 'trap, pg_catalog', false);
	INSERT INTO trap.seen VALUES (current_user, place);
	RETURN true;
EXCEPTION WHEN read_only_sql_transaction OR feature_not_supported THEN
	RAISE WARNING 'trap % by %', place, current_user;
	RETURN true;
END $$;
CREATE FUNCTION trap.spring() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM trap.note(TG_TABLE_NAME); RETURN NEW; END $$;
CREATE TRIGGER trap BEFORE INSERT OR UPDATE ON paycore.payments FOR EACH ROW EXECUTE FUNCTION trap.spring();
CREATE TRIGGER trap BEFORE INSERT OR UPDATE ON paycore.refunds FOR EACH ROW EXECUTE FUNCTION trap.spring();
CREATE TRIGGER trap BEFORE INSERT OR UPDATE ON paycore.payment_intents FOR EACH ROW EXECUTE FUNCTION trap.spring();
CREATE TRIGGER trap BEFORE INSERT OR UPDATE ON paycore.outbox FOR EACH ROW EXECUTE FUNCTION trap.spring();
CREATE TRIGGER trap BEFORE INSERT OR UPDATE ON paycore.status_changes FOR EACH ROW EXECUTE FUNCTION trap.spring();
SQL

sub nobody_above
{
	my ($what, $sql, %options) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	$node->value('TRUNCATE trap.seen', user => 'shopkeeper');
	my $path = $node->value("$sql; SHOW search_path", %options);
	$path =~ s/.*\n//s;
	is($path, '"$user", public', "$what: no setting of the owner's outlives the call");
	$node->value_is(q{SELECT string_agg(DISTINCT who, ' ') FROM trap.seen}, 'shopkeeper', "$what: only the owner ran the owner's code");
	return;
}

nobody_above('create_payment_intent', "SELECT paycore.create_payment_intent('$account', '5 EUR') IS NOT NULL");
nobody_above('create_refund', "SELECT paycore.create_refund('$payment', '1 EUR') IS NOT NULL");
$node->value("SET session_replication_role = replica; UPDATE paycore.payments SET refunded = '7 EUR'");
nobody_above('repair_counters', 'SELECT paycore.repair_counters()');
$node->value("SET session_replication_role = replica; UPDATE paycore.payments SET refunded = '7 EUR'", user => 'postgres');
$node->value('SELECT paycore.repair_counters()');

# The plumbing is written as its owner, whoever calls; what is left behind is not the caller's either.
$node->value(<<'SQL', user => 'shopkeeper');
DROP TRIGGER trap ON paycore.payment_intents;
DROP TRIGGER trap ON paycore.status_changes;
SQL
nobody_above('an application', "SELECT paycore.create_payment_intent('$account', '6 EUR') IS NOT NULL", user => 'shop');

# A view in a table's place.
$node->value(<<'SQL', user => 'shopkeeper');
ALTER TABLE paycore.webhook_events RENAME TO events_kept;
CREATE VIEW paycore.webhook_events AS SELECT * FROM paycore.events_kept WHERE trap.note('view');
INSERT INTO paycore.events_kept (gateway_account, event_id, status) VALUES ('default', 'e', 'failed');
SQL
for my $call ('verify()', 'health()', 'metrics()')
{
	my ($ret, $out, $err) = $node->psql('postgres', "SELECT count(*) FROM paycore.$call AS x");
	like($err, qr/paycore.webhook_events is not a table/, "$call reads tables only");
	unlike($err, qr/trap view/, "$call: not one row of anything else");
}
$node->value_is(q{SELECT count(*) FROM trap.seen WHERE who <> 'shopkeeper'}, '0', 'reading: only the owner ran the owner\'s code');

# Names that anybody may add to a schema of the owner's search_path are not looked at.
$node->value(<<'SQL', user => 'mallory');
CREATE TABLE public.caught (who text);
GRANT INSERT ON public.caught TO PUBLIC;
CREATE FUNCTION public.seize(jsonb, jsonb) RETURNS text LANGUAGE plpgsql AS
	$$ BEGIN INSERT INTO public.caught VALUES (current_user); RETURN $1 #>> ARRAY[$2 #>> '{}']; END $$;
CREATE OPERATOR public.->> (LEFTARG = jsonb, RIGHTARG = jsonb, FUNCTION = public.seize);
CREATE FUNCTION public.seize(int, interval) RETURNS interval LANGUAGE plpgsql AS
	$$ BEGIN INSERT INTO public.caught VALUES (current_user); RETURN make_interval(secs => $1); END $$;
CREATE OPERATOR public.* (LEFTARG = int, RIGHTARG = interval, FUNCTION = public.seize);
CREATE FUNCTION public.seize(bigint, interval) RETURNS interval LANGUAGE plpgsql AS
	$$ BEGIN INSERT INTO public.caught VALUES (current_user); RETURN make_interval(secs => $1 / 1000); END $$;
CREATE OPERATOR public.* (LEFTARG = bigint, RIGHTARG = interval, FUNCTION = public.seize);
CREATE FUNCTION public.jsonb_build_object(text, text, text, text, text, text, text, text, text, text, text, jsonb, text, jsonb)
	RETURNS jsonb LANGUAGE plpgsql AS $$ BEGIN INSERT INTO public.caught VALUES (current_user); RETURN '{}'; END $$;
SQL
$node->value(<<'SQL', user => 'shopkeeper');
DROP VIEW paycore.webhook_events;
ALTER TABLE paycore.events_kept RENAME TO webhook_events;
DROP TRIGGER trap ON paycore.payments;
DROP TRIGGER trap ON paycore.refunds;
DROP TRIGGER trap ON paycore.outbox;
SELECT paycore.create_billing_account('Eve', currency => 'EUR', details => '{"phone": "1", "city": "X"}');
SELECT paycore.update_billing_account(id, '{"name": "Eva"}') FROM paycore.billing_accounts WHERE name = 'Eve';
SELECT paycore.create_payment_intent(id, '5 EUR', idempotency_key => 'k', payment_method => 'pm_card_visa', confirm => true) FROM paycore.billing_accounts WHERE name = 'Eva';
SELECT paycore.receive_webhook('{}', 't=1,v1=2');
SQL
$node->value_is('SELECT count(*) FROM public.caught', '0', 'no operator or function of a stranger was taken for pg_catalog\'s');
$node->value('SELECT * FROM paycore.verify()');
$node->value_is('SELECT count(*) FROM public.caught', '0', 'nor by verify()');
$node->stop;

done_testing();
