# The worker drains the outbox, is woken at commit, and steps aside for whoever needs the database.
use strict;
use warnings;

use PayCluster;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep time);

my $WORKER = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'paycore worker'";
my $ACCOUNT = "SELECT id FROM paycore.create_billing_account(name => 'Ann', currency => 'EUR')";

sub intent
{
	my ($node, $amount, %options) = @_;
	my $method = $options{method} // 'pm_card_visa';
	return $node->value(
		"SELECT i.id FROM ($ACCOUNT) a, LATERAL paycore.create_payment_intent(a.id, '$amount',"
		  . " payment_method => '$method', confirm => true) i", %options);
}

my $node = PayCluster->started('worker', tables => 1, conf => "paycore.poll_interval = 30000");
$node->wait_for_sql($WORKER, '1');

# A poll every half a minute cannot do this: the commit wakes the worker.
my $id = intent($node, '12.34 EUR');
my $begin = time;
$node->value_is("SELECT status FROM paycore.await_payment_intent('$id', '20 s')", 'succeeded', 'an intent is confirmed');
cmp_ok(time - $begin, '<', 5, 'at once: the worker and the sleeper are woken by commits');
$node->value_is('SELECT status, gross FROM paycore.payments', 'succeeded|12.34 EUR', 'its payment is recorded');
$node->value_is('SELECT string_agg(operation || status, $$,$$ ORDER BY seq) FROM paycore.outbox WHERE NOT is_read',
	'customer.createdone,intent.createdone', 'both requests are done, in order');

# A decline is an answer.
my $declined = intent($node, '5 EUR', method => 'pm_card_chargeDeclined');
$node->value_is("SELECT status FROM paycore.await_payment_intent('$declined', '20 s')", 'requires_payment_method',
	'a decline returns the intent to its payer');
$node->value_is("SELECT status FROM paycore.outbox WHERE object_id = '$declined' AND operation = 'intent.create'",
	'declined', 'and ends the request');
$node->value_is("SELECT outcome FROM paycore.payment_attempts WHERE payment_intent_id = '$declined'", 'declined',
	'and is kept as an attempt');

# A setup intent is awaited as well, in its account's lane: its making, a refusal, and what the payer does.
sub setup
{
	my ($method) = @_;
	return $node->value("SELECT s.id FROM ($ACCOUNT) a, LATERAL paycore.create_setup_intent(a.id, '$method', confirm => true) s");
}
$begin = time;
my $setup = setup('pm_card_threeDSecure2Required');
$node->value_is("SELECT status FROM paycore.await_setup_intent('$setup', '20 s')", 'requires_action', 'a setup intent is made');
$node->value("SELECT paycore.complete_mock_setup('$setup')");
$node->value_is("SELECT status FROM paycore.await_setup_intent('$setup', '20 s')", 'succeeded', 'its payer acts');
$setup = setup('pm_card_chargeDeclined');
$node->value_is("SELECT status FROM paycore.await_setup_intent('$setup', '20 s')", 'requires_payment_method', 'or is declined');
cmp_ok(time - $begin, '<', 5, 'at once, too');

# While its account is paused, a request wakes nobody; resumed, it goes at once.
$node->value("SELECT paycore.pause_gateway('default', 'a look')");
# It turns once a second by itself; between two turns, nothing happens.
my $looked = "SELECT state_change FROM pg_stat_activity WHERE backend_type = 'paycore worker'";
my $again = "SELECT id FROM paycore.create_payment_intent((SELECT billing_account_id FROM paycore.payment_intents WHERE id = '$id'), '7 EUR', payment_method => 'pm_card_visa', confirm => true)";
my ($paused, $undisturbed) = ('', 0);
for (1 .. 10)
{
	my $before = $node->value($looked);
	for (1 .. 100) { last if $node->value($looked) ne $before; sleep 0.02 }
	$before = $node->value($looked);
	$paused = $node->value($again);
	sleep 0.2;
	$undisturbed++ if $node->value($looked) eq $before;
}
cmp_ok($undisturbed, '>', 0, 'what is for a paused account wakes nobody');
$begin = time;
$node->value("SELECT paycore.resume_gateway('default')");
$node->value_is("SELECT status FROM paycore.await_payment_intent('$paused', '20 s')", 'succeeded', 'resumed, it goes');
cmp_ok(time - $begin, '<', 5, 'at once');

# Rolled back: nothing to send.
$node->value("BEGIN; $ACCOUNT; ROLLBACK");
$node->value_is("SELECT count(*) FROM paycore.outbox WHERE status = 'pending'", '0', 'a rollback leaves no request');

# The worker at rest.
$node->wait_for_sql("SELECT state, application_name, backend_xmin IS NULL AND backend_xid IS NULL FROM pg_stat_activity"
	  . " WHERE backend_type = 'paycore worker'", 'idle|paycore worker|t');
$node->value_is('SELECT paycore.health() -> $$problems$$', '[]', 'health() has nothing to say');
$node->value_is('SELECT worker_pid IS NOT NULL AND recorded > 0 FROM paycore.worker_status()', 't', 'worker_status() counts');

# Pause and resume.
$node->value("SELECT paycore.pause_gateway('default', 'test')");
$paused = intent($node, '7 EUR');
sleep 0.5;
$node->value_is("SELECT DISTINCT status || attempts FROM paycore.outbox WHERE finished_at IS NULL", 'pending0',
	'nothing is sent for a paused account');
$node->value_is("SELECT paycore.health() -> 'paused' ->> 'default'", 'test', 'and health() says so');
$node->value("SELECT paycore.resume_gateway('default')");
$node->value_is("SELECT status FROM paycore.await_payment_intent('$paused', '20 s')", 'succeeded', 'resumed, it is sent');

# A claim that ends what is too late gives way to who cancels it meanwhile, and holds it.
my $known = $node->value("SELECT billing_account_id FROM paycore.payment_intents WHERE id = '$id'");
$node->value("SELECT paycore.pause_gateway('default', 'test')");
my @late = map { $node->value("SELECT id FROM paycore.create_payment_intent('$known', '4 EUR', payment_method => 'pm_card_visa', confirm => true)") } 1, 2;
$node->value("UPDATE paycore.outbox SET send_by = now() - interval '1 minute' WHERE finished_at IS NULL");
$node->append_conf('postgresql.conf', "paycore.fault = 'end_unsent=sleep:800'");
$node->reload;
$node->value("SELECT paycore.resume_gateway('default')");
$begin = time;
sleep 0.01 until -e $node->data_dir . '/paycore_fault.end_unsent' || time > $begin + 5;
isnt($node->sqlstate_of("SELECT paycore.cancel_payment_intent('$late[1]')"), '40P01', 'a cancel beside a claim that expires its intent is no deadlock');
$node->wait_for_sql("SELECT count(*) FROM paycore.outbox WHERE finished_at IS NULL", '0');
$node->value_is("SELECT status FROM paycore.payment_intents WHERE id = '$late[0]'", 'failed', 'what is too late has failed');
$node->append_conf('postgresql.conf', "paycore.fault = ''");
$node->reload;

# A stop does not wait.
$begin = time;
$node->stop('fast');
cmp_ok(time - $begin, '<', 2, 'the server stops at once');
$node->start;
$node->wait_for_sql($WORKER, '1', 30);

# The database can be renamed, copied and dropped.
$node->append_conf('postgresql.conf', 'paycore.poll_interval = 200');
$node->reload;
$node->value('CREATE DATABASE shop');
$node->value('CREATE EXTENSION paycore CASCADE; SELECT paycore.init()', dbname => 'shop');
my $shop_worker = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'paycore worker' AND datname = 'shop'";
$node->wait_for_sql($shop_worker, '1', 30);
$node->psql_ok('CREATE DATABASE copy TEMPLATE shop', 'a served database can be copied');
$node->wait_for_sql($shop_worker, '1', 30);
$node->psql_ok('ALTER DATABASE shop RENAME TO store', 'and renamed');
$node->wait_for_sql($shop_worker =~ s/shop/store/r, '1', 60);

# A copy sends nothing.
$node->value("INSERT INTO paycore.outbox (gateway_account, operation, object_type, object_id, lane, instance, database_oid,"
	  . " idempotency_key) SELECT 'default', 'customer.create', 'billing_account', paycore.uuid_v7(), paycore.uuid_v7(),"
	  . " '', oid, 'k1' FROM pg_database WHERE datname = 'store'", dbname => 'copy');
$node->value('CALL paycore.drain_outbox()', dbname => 'copy');
$node->value_is('SELECT status FROM paycore.outbox', 'pending', 'a copy does not send the requests of its original',
	dbname => 'copy');
$node->value_is("SELECT paycore.health() -> 'foreign'", '1', 'and health() says so', dbname => 'copy');
$node->value_is("SELECT paycore.adopt_outbox('discard')", '1', 'until they are adopted', dbname => 'copy');

$node->psql_ok('DROP DATABASE store', 'a served database can be dropped');
$node->psql_ok('DROP DATABASE copy', 'and its copy');

# Everything goes: the worker leaves.
$node->psql_ok('DROP SCHEMA paycore CASCADE', 'the schema can be dropped while the worker runs');
$node->wait_for_sql($WORKER, '0', 30);
$node->log_lacks('(PANIC|TRAP):', 0, 'no crash in the log');
$node->stop;

# Without preload: by hand.
my $plain = PayCluster->started('plain', preload => 0, tables => 1);
$id = intent($plain, '3 EUR');
$plain->value('CALL paycore.drain_outbox()');
$plain->value_is("SELECT status FROM paycore.payment_intents WHERE id = '$id'", 'succeeded',
	'drain_outbox() does the job without preload');

# One process at a time.
$plain->value("ALTER DATABASE postgres SET paycore.fault = 'sent=sleep:4000,claim_after_commit=error'");
intent($plain, '4 EUR');
$plain->fails_with('CALL paycore.drain_outbox()', 'PY074', 'a drain that stops halfway says so');
my $first = $plain->session;
$first->query_until(qr/going/, "\\echo going\nCALL paycore.drain_outbox();\n");
$plain->wait_for_sql("SELECT count(*) FROM paycore.outbox WHERE status = 'sending'", '1');
$id = intent($plain, '5 EUR');
$plain->psql_ok("CALL paycore.drain_outbox('1 s')", 'a second drain waits for its turn, but no longer than it was told to');
$plain->value_is("SELECT status FROM paycore.payment_intents WHERE id = '$id'", 'created', 'and sends nothing before');
$first->query_safe('SELECT 1');
$plain->value_is("SELECT status FROM paycore.payment_intents WHERE id = '$id'", 'succeeded', 'the first does it all');
$first->quit;

$plain->fails_with('BEGIN; CALL paycore.drain_outbox()', '25001', 'but not inside a transaction');
$plain->value('CREATE ROLE nobody LOGIN');
$plain->value('GRANT USAGE ON SCHEMA paycore TO nobody');
$plain->fails_with('CALL paycore.drain_outbox()', '42501', 'nor for everybody', user => 'nobody');
$plain->fails_with("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT paycore.await_payment_intent('$id')", '25001',
	'an answer cannot be awaited above READ COMMITTED');
$plain->fails_with("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT paycore.await_setup_intent('$id')", '25001', 'of a setup intent neither');
$plain->stop;

done_testing();
