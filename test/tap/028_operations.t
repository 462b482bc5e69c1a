# Operations: a secrets file that is broken, worker slots that run out, what is kept no longer,
# sleepers, and a stop while requests hang.
use strict;
use warnings;

use Mojo::File qw(path);
use PayCluster;
use PostgreSQL::Test::Utils;
use StripeCluster;
use Test::More;
use Time::HiRes qw(sleep time);

my $WORKER = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'paycore worker'";
my $db = StripeCluster->new('ops', preload => 1, conf => "paycore.poll_interval = 100\n");
my $node = $db->node;
my $account = $db->account;
$node->wait_for_sql($WORKER, '1', 30);

sub problems { return $db->value("SELECT paycore.health() ->> 'problems'") }

# The secrets file breaks: the worker says so once, stays, and goes on when it is mended.
my $secrets = path($db->secrets)->slurp;
my $pid = $db->value('SELECT worker_pid FROM paycore.worker_status()');
my $id = $db->intent('5 EUR', account => $account);
$db->value("SELECT status FROM paycore.await_payment_intent('$id', '20 s')");
my $position = $node->log_position;
path($db->secrets)->spurt("instance ops\nthis is no secrets file: sk_test_hush\n");
sleep 1;
like(problems(), qr/secrets file cannot be used.*line 1/, 'health() names a broken secrets file');
unlike(problems(), qr/hush/, 'but not what is in it');
$node->psql_ok('SELECT * FROM paycore.worker_status()', 'worker_status() works');
$node->psql_ok('SELECT * FROM paycore.metrics()', 'and metrics()');
is($db->value("SELECT paycore.health() -> 'foreign'"), 0, 'nothing is taken for a copy\'s');
is($db->value('SELECT worker_pid FROM paycore.worker_status()'), $pid, 'the worker is still there');
my @said = path($node->logfile)->slurp =~ /paycore: the secrets file cannot be used/g;
is(scalar(@said), 1, 'and has said so once');
$node->log_lacks('hush', $position, 'without a word of its content');
$node->fails_with("SELECT paycore.create_payment_intent('$account', '5 EUR')", 'PY072', 'a request without an instance is refused');
path($db->secrets)->spurt($secrets);
$id = $db->intent('5 EUR', account => $account);
is($db->value("SELECT status FROM paycore.await_payment_intent('$id', '20 s')"), 'succeeded', 'mended, it goes on');

# A sleeper sleeps.
$db->stripe->fault(kind => 'delay', ms => 1000, when => 'before', path => 'payment_intents$', method => 'POST');
$id = $db->intent('5 EUR', account => $account);
my $sleeper = $node->session;
$sleeper->query_until(qr/go/, "\\echo go\nSELECT status FROM paycore.await_payment_intent('$id', '20 s');\n");
$node->wait_for_sql("SELECT wait_event_type FROM pg_stat_activity WHERE query LIKE '%await_payment_intent%' AND pid <> pg_backend_pid()",
	'Extension', 10);
$sleeper->quit;

# What is finished is kept for a while, and not longer.
$db->value("UPDATE paycore.outbox SET finished_at = now() - interval '8 days' WHERE finished_at IS NOT NULL AND object_id <> '$id'");
$db->value("UPDATE paycore.outbox SET created_at = now() - interval '8 days' WHERE object_id = '$id'");
$db->value("SELECT paycore.create_billing_account(name => 'Key', currency => 'EUR')");
$db->value("SELECT paycore.create_payment_intent('$account', '5 EUR', idempotency_key => 'old')");
$db->value("SELECT paycore.create_payment_intent('$account', '5 EUR', idempotency_key => 'new')");
$db->value("UPDATE paycore.idempotency_keys SET expires_at = now() - interval '1 second' WHERE key = 'old'");
$db->deliver;
$db->value("UPDATE paycore.webhook_events SET received_at = now() - interval '91 days', id = overlay(id::text PLACING '0' FROM 2)::uuid"
	  . " WHERE id = (SELECT min(id::text)::uuid FROM paycore.webhook_events WHERE status IN ('processed', 'ignored'))");
my $events = $db->value('SELECT count(*) FROM paycore.webhook_events');
cmp_ok($events, '>', 1, 'there are events');
$node->restart;
$node->wait_for_sql("SELECT count(*) FROM paycore.outbox WHERE finished_at < now() - interval '7 days'", '0', 30);
cmp_ok($db->value("SELECT count(*) FROM paycore.outbox WHERE object_id = '$id'"), '>', 0, 'requests that finished later stay');
$node->wait_for_sql('SELECT string_agg(key, $$,$$) FROM paycore.idempotency_keys', 'new', 30);
$node->wait_for_sql('SELECT count(*) FROM paycore.webhook_events', $events - 1, 30);

# Worker slots run out: tried again, and health() says so.
$node->append_conf('postgresql.conf', 'max_worker_processes = 3');
$node->restart;
$node->wait_for_sql($WORKER, '1', 30);
$db->value('CREATE DATABASE second');
$db->value('CREATE DATABASE third');
for my $name (qw(second third))
{
	$node->value('CREATE EXTENSION paycore CASCADE; SELECT paycore.init()', dbname => $name);
}
# The static launcher and logical replication's take two of the three.
$node->wait_for_sql("SELECT paycore.health() ->> 'problems' LIKE '%no free slot%'", 't', 30, dbname => 'third');
$db->value('DROP DATABASE second');
$db->value("ALTER DATABASE postgres SET paycore.worker = off");
$node->restart;
$node->wait_for_sql("SELECT worker_pid IS NOT NULL FROM paycore.worker_status()", 't', 60, dbname => 'third');
is($node->value("SELECT paycore.health() ->> 'problems' LIKE '%no free slot%'", dbname => 'third'), 'f', 'a slot is free, the worker runs');
$db->value("ALTER DATABASE postgres SET paycore.worker = on");
$db->value('DROP DATABASE third');
$node->append_conf('postgresql.conf', "max_worker_processes = 8\npaycore.request_timeout = 60000");
$node->restart;
$node->wait_for_sql($WORKER, '1', 30);

# Requests hang, on many connections; the server stops at once.
$db->stripe->fault(kind => 'hang', path => 'payment_intents$', count => 0, method => 'POST');
$db->value("SELECT count(*) FROM generate_series(1, 20) n, paycore.create_payment_intent('$account', '5 EUR') WHERE n IS NOT NULL");
$node->wait_for_sql("SELECT count(*) > 0 FROM paycore.outbox WHERE status = 'sending' AND NOT is_read", 't', 20);
sleep 0.5;
is($db->value("SELECT backend_xmin IS NULL AND backend_xid IS NULL AND state = 'idle' FROM pg_stat_activity WHERE backend_type = 'paycore worker'"),
	't', 'while requests hang, the worker holds no xmin');
my $begin = time;
$node->stop('fast');
cmp_ok(time - $begin, '<', 1, 'pg_ctl stop -m fast takes less than a second');
$node->log_lacks('PANIC|TRAP|terminated by signal', 0, 'nothing crashed');
$db->stripe->stop;
done_testing();
