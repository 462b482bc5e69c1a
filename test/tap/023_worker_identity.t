# Code that the tables' owner hides in triggers never runs as superuser: not in the worker, not in drain_outbox().
use strict;
use warnings;

use PayCluster;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

sub trapped_node
{
	my ($name, $preload) = @_;
	my $node = PayCluster->started($name, preload => $preload);
	$node->value(<<'SQL');
CREATE ROLE shopkeeper LOGIN;
CREATE SCHEMA trap AUTHORIZATION shopkeeper;
GRANT CREATE ON DATABASE postgres TO shopkeeper;
GRANT ALL ON SCHEMA paycore TO shopkeeper;
SQL
	$node->value('SELECT paycore.init()', user => 'shopkeeper');
	$node->value(<<'SQL', user => 'shopkeeper');
CREATE TABLE trap.seen (who text, session text, place text, caught text);
CREATE FUNCTION trap.now() RETURNS timestamptz LANGUAGE plpgsql AS
	$$ BEGIN INSERT INTO trap.seen VALUES (current_user, session_user, 'shadow'); RETURN '1999-01-01'; END $$;
CREATE FUNCTION trap.tripped() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE caught text := '';
BEGIN
	BEGIN
		CREATE ROLE thief SUPERUSER;
		caught := 'made a superuser';
	EXCEPTION WHEN OTHERS THEN NULL;
	END;
	BEGIN
		EXECUTE 'RESET ROLE';
		CREATE ROLE thief2 SUPERUSER;
		caught := caught || ' reset the role';
	EXCEPTION WHEN OTHERS THEN NULL;
	END;
	BEGIN
		EXECUTE 'SET SESSION AUTHORIZATION DEFAULT';
		CREATE ROLE thief3 SUPERUSER;
		caught := caught || ' reset the session';
	EXCEPTION WHEN OTHERS THEN NULL;
	END;
	PERFORM set_config('search_path', 'trap, pg_catalog', false);
	INSERT INTO trap.seen VALUES (current_user, session_user, TG_ARGV[0], caught);
	RETURN NEW;
END $$;
CREATE FUNCTION trap.held() RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO trap.seen VALUES (current_user, session_user, 'cursor');
	RETURN '';
END $$;
CREATE FUNCTION trap.hold() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE 'DECLARE kept' || pg_backend_pid() || '_' || floor(extract(epoch from clock_timestamp()) * 1000000)::bigint
		|| ' CURSOR WITH HOLD FOR SELECT trap.held()';
	RETURN NEW;
EXCEPTION WHEN OTHERS THEN RETURN NEW;
END $$;
CREATE TRIGGER a_plain AFTER INSERT OR UPDATE ON paycore.outbox FOR EACH ROW EXECUTE FUNCTION trap.tripped('plain');
CREATE TRIGGER a_hold AFTER UPDATE ON paycore.outbox FOR EACH ROW EXECUTE FUNCTION trap.hold();
CREATE CONSTRAINT TRIGGER b_deferred AFTER INSERT OR UPDATE ON paycore.outbox
	DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION trap.tripped('deferred');
CREATE CONSTRAINT TRIGGER b_deferred AFTER INSERT OR UPDATE ON paycore.payment_intents
	DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION trap.tripped('deferred');
SQL
	return $node;
}

sub pay
{
	my ($node) = @_;
	return $node->value("SELECT i.id FROM (SELECT id FROM paycore.create_billing_account(name => 'Ann', currency => 'EUR')) a,"
		  . " LATERAL paycore.create_payment_intent(a.id, '5 EUR', payment_method => 'pm_card_visa', confirm => true) i",
		user => 'shopkeeper');
}

sub caught_nothing
{
	my ($node, $what) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	$node->value_is("SELECT string_agg(DISTINCT place, ',' ORDER BY place) FROM trap.seen WHERE session = 'postgres'"
		  . " AND place IN ('plain', 'deferred')", 'deferred,plain', "$what: the traps were sprung by a process of the superuser's");
	$node->value_is("SELECT count(*) FROM trap.seen WHERE who <> 'shopkeeper' OR caught <> ''", '0',
		"$what: and caught nothing");
	$node->value_is("SELECT count(*) FROM pg_roles WHERE rolname LIKE 'thief%'", '0', "$what: no role was made");
	$node->value_is("SELECT count(*) FROM trap.seen WHERE place = 'shadow'", '0', "$what: no shadowing function was called");
	return;
}

my $served = trapped_node('served', 1);
my $id = pay($served);
$served->value_is("SELECT status FROM paycore.await_payment_intent('$id', '20 s')", 'succeeded', 'the worker pays');
caught_nothing($served, 'worker');
$served->stop;

my $plain = trapped_node('plain', 0);
$id = pay($plain);
$plain->value('CALL paycore.drain_outbox()');
$plain->value_is("SELECT status FROM paycore.payment_intents WHERE id = '$id'", 'succeeded', 'drain_outbox() by a superuser pays');
caught_nothing($plain, 'drain_outbox');

# A trigger that raises at commit loses no answer, and stops nobody else.
$plain->value(<<'SQL', user => 'shopkeeper');
DROP TRIGGER b_deferred ON paycore.payment_intents;
CREATE FUNCTION trap.refuse() RETURNS trigger LANGUAGE plpgsql AS
	$$ BEGIN IF NEW.description = 'bad' AND NEW.status::text = 'succeeded' THEN RAISE 'not this one'; END IF; RETURN NEW; END $$;
CREATE CONSTRAINT TRIGGER refuse AFTER UPDATE ON paycore.payment_intents
	DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION trap.refuse();
SQL
my $account = $plain->value('SELECT id FROM paycore.billing_accounts LIMIT 1');
my $create = "SELECT id FROM paycore.create_payment_intent('$account', '5 EUR', payment_method => 'pm_card_visa', confirm => true";
my $bad = $plain->value("$create, description => 'bad')", user => 'shopkeeper');
my $good = $plain->value("$create)", user => 'shopkeeper');
$plain->value('CALL paycore.drain_outbox()');
$plain->value_is("SELECT status FROM paycore.payment_intents WHERE id = '$good'", 'succeeded', 'a trigger that raises at commit stops nobody else');
$plain->value_is("SELECT status, error_message FROM paycore.outbox WHERE object_id = '$bad'", 'pending|not this one', 'its own request keeps the error');
$plain->value('DROP TRIGGER refuse ON paycore.payment_intents', user => 'shopkeeper');
$plain->value("UPDATE paycore.outbox SET next_attempt_at = now() WHERE finished_at IS NULL", user => 'shopkeeper');
$plain->value('CALL paycore.drain_outbox()');
$plain->value_is("SELECT status FROM paycore.payment_intents WHERE id = '$bad'", 'succeeded', 'and is recorded once it may be');

# Nor does one that keeps a request from being sent.
$plain->value(<<'SQL', user => 'shopkeeper');
CREATE FUNCTION trap.stop() RETURNS trigger LANGUAGE plpgsql AS
	$$ BEGIN IF NEW.status = 'sending' AND NEW.params ->> 'description' = 'bad' THEN RAISE 'not to be sent'; END IF; RETURN NEW; END $$;
CREATE TRIGGER stop BEFORE UPDATE ON paycore.outbox FOR EACH ROW EXECUTE FUNCTION trap.stop();
SQL
$bad = $plain->value("$create, description => 'bad')", user => 'shopkeeper');
$good = $plain->value("$create)", user => 'shopkeeper');
$plain->value('CALL paycore.drain_outbox()');
$plain->value_is("SELECT status FROM paycore.payment_intents WHERE id = '$good'", 'succeeded', 'a trigger that raises before a request is sent stops nobody else');
$plain->value_is("SELECT status, attempts, uncounted > 0, error_message FROM paycore.outbox WHERE object_id = '$bad'", 'pending|0|t|not to be sent',
	'its own request was not sent');
$plain->value("UPDATE paycore.outbox SET uncounted = 4, next_attempt_at = now() WHERE finished_at IS NULL", user => 'shopkeeper');
$plain->value('CALL paycore.drain_outbox()');
$plain->value_is("SELECT status FROM paycore.outbox WHERE object_id = '$bad'", 'dead', 'and is not tried for ever');
$plain->value('DROP TRIGGER stop ON paycore.outbox', user => 'shopkeeper');
$plain->value("SELECT paycore.retry_outbox(id) FROM paycore.outbox WHERE object_id = '$bad'", user => 'shopkeeper');
$plain->value('CALL paycore.drain_outbox()');
$plain->value_is("SELECT status FROM paycore.payment_intents WHERE id = '$bad'", 'succeeded', 'until somebody asks for it');
$plain->stop;

done_testing();
