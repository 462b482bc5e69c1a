# The worker from its start to its end: who gets one, whom it makes way for, how it stops, and what it
# does unasked (sweeps, pruning, prepared transactions).
use strict;
use warnings;

use Mojo::File qw(path);
use PayCluster;
use PostgreSQL::Test::Utils;
use StripeCluster;
use Test::More;
use Time::HiRes qw(sleep time);

my $SLOW_POLL = 30000;
my $db = StripeCluster->new('life', preload => 1, conf => <<CONF);
paycore.poll_interval = $SLOW_POLL
paycore.request_timeout = 60000
max_prepared_transactions = 5
max_worker_processes = 12
CONF
my $node = $db->node;
my $stripe = $db->stripe;

sub worker_of
{
	my ($name) = @_;
	return "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'paycore worker' AND datname = '$name'";
}

sub configure
{
	my ($text) = @_;
	$node->append_conf('postgresql.conf', $text);
	$node->reload;
	return;
}

# Several requests that the gateway does not answer. by_hand: what sends them.
sub hang
{
	my ($name, $by_hand) = @_;
	$stripe->fault(kind => 'hang', path => 'payment_intents$', count => 0, method => 'POST');
	$node->value("SELECT count(*) FROM (SELECT id FROM paycore.billing_accounts LIMIT 1) a, generate_series(1, 6) n,"
		  . " LATERAL paycore.create_payment_intent(a.id, paycore.money_cents(n * 100, 'EUR')) i", dbname => $name);
	$by_hand->() if $by_hand;
	$node->wait_for_sql("SELECT count(*) FROM paycore.outbox WHERE status = 'sending' AND NOT is_read", '6', 20, dbname => $name);
	sleep 0.3;
	return;
}

$node->wait_for_sql(worker_of('postgres'), '1', 30);
my $account = $db->account;
my $id = $db->intent('5 EUR', account => $account);
is($db->value("SELECT status FROM paycore.await_payment_intent('$id', '20 s')"), 'succeeded', 'the worker sends');

# A prepared transaction wakes nobody: the poll finds its requests.
configure('paycore.poll_interval = 300');
$db->value("BEGIN; SELECT paycore.create_payment_intent('$account', '1.50 EUR'); PREPARE TRANSACTION 'two'");
sleep 1;
is($db->value('SELECT count(*) FROM paycore.outbox WHERE finished_at IS NULL'), '0', 'a prepared request is not to be seen');
$db->value("COMMIT PREPARED 'two'");
$node->wait_for_sql("SELECT count(*) FROM paycore.payment_intents WHERE paycore.cents(amount) = 150 AND psp_intent_id IS NOT NULL", '1', 10);
$db->value("BEGIN; SELECT paycore.create_payment_intent('$account', '1.60 EUR'); PREPARE TRANSACTION 'none'");
$db->value("ROLLBACK PREPARED 'none'");
sleep 0.6;
is($db->value('SELECT count(*) FROM paycore.payment_intents WHERE paycore.cents(amount) = 160'), '0', 'rolled back, it never was');

# A webhook that never comes: looked at after 1 minute, 10 minutes, 1 hour, then daily.
$id = $db->intent('6 EUR', account => $account, method => 'pm_card_authenticationRequired');
is($db->value("SELECT status FROM paycore.await_payment_intent('$id', '20 s')"), 'requires_action', 'the payer is asked');
my $until = "extract(epoch FROM next_sweep_at - now())";
is($db->value("SELECT $until BETWEEN 40 AND 60, sweeps FROM paycore.payment_intents WHERE id = '$id'"), 't|0', 'the first look is in a minute');
my $n = 0;
for my $next ([ 10, 600 ], [ 60, 3600 ], [ 1440, 86400 ])
{
	my ($minutes, $seconds) = @$next;
	$n++;
	$db->value("UPDATE paycore.payment_intents SET next_sweep_at = now() WHERE id = '$id'");
	$node->wait_for_sql("SELECT sweeps FROM paycore.payment_intents WHERE id = '$id'", $n, 25);
	is($db->value("SELECT $until BETWEEN $seconds - 30 AND $seconds FROM paycore.payment_intents WHERE id = '$id'"), 't',
		"after look $n the next is in $minutes minutes");
	$node->wait_for_sql("SELECT count(*) FROM paycore.outbox WHERE object_id = '$id' AND operation = 'intent.retrieve' AND status = 'done'",
		$n, 10);
}
$stripe->complete_action($db->value("SELECT psp_intent_id FROM paycore.payment_intents WHERE id = '$id'"));
$db->value("UPDATE paycore.payment_intents SET next_sweep_at = now() WHERE id = '$id'");
$node->wait_for_sql("SELECT status FROM paycore.payment_intents WHERE id = '$id'", 'succeeded', 25);
is($db->value("SELECT next_sweep_at IS NULL FROM paycore.payment_intents WHERE id = '$id'"), 't', 'what is over is looked at no more');
is($db->value('SELECT count(*) FROM paycore.webhook_events'), '0', 'all without a webhook');

# Pruning, in bounded batches.
$db->value(<<'SQL');
CREATE TABLE batches (relation text, n bigint);
CREATE FUNCTION note_batch() RETURNS trigger LANGUAGE plpgsql AS
	$$ BEGIN INSERT INTO public.batches SELECT TG_TABLE_NAME, count(*) FROM gone; RETURN NULL; END $$;
CREATE TRIGGER batch AFTER DELETE ON paycore.outbox REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION note_batch();
CREATE TRIGGER batch AFTER DELETE ON paycore.idempotency_keys REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION note_batch();
CREATE TRIGGER batch AFTER DELETE ON paycore.webhook_events REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION note_batch();
INSERT INTO paycore.outbox (gateway_account, operation, object_type, object_id, lane, instance, database_oid, status, finished_at, idempotency_key)
	SELECT 'default', 'customer.update', 'billing_account', a.id, a.id, 'life', 0, 'done', now() - interval '8 days', 'old-' || n
	FROM generate_series(1, 2500) n, paycore.billing_accounts a;
INSERT INTO paycore.idempotency_keys (key, operation, request_digest, object_type, object_id, expires_at)
	SELECT 'old-' || n, 'create_payment_intent', '\x00', 'billing_account', a.id, now() - interval '1 second'
	FROM generate_series(1, 2500) n, paycore.billing_accounts a;
INSERT INTO paycore.webhook_events (id, gateway_account, event_id, status, received_at, processed_at)
	SELECT overlay(paycore.uuid_v7()::text PLACING '0' FROM 2)::uuid, 'default', 'evt_old_' || n, 'processed', now() - interval '91 days', now() FROM generate_series(1, 1250) n;
INSERT INTO paycore.webhook_events (id, gateway_account, event_id, status, received_at, next_attempt_at)
	VALUES (overlay(paycore.uuid_v7()::text PLACING '0' FROM 2)::uuid, 'default', 'evt_failed', 'failed', now() - interval '91 days', now() + interval '1 day');
SQL
$db->value("SELECT pg_terminate_backend(worker_pid) FROM paycore.worker_status()");
$node->wait_for_sql("SELECT count(*) FROM paycore.outbox WHERE finished_at < now() - interval '7 days'", '0', 30);
$node->wait_for_sql("SELECT count(*) FROM paycore.idempotency_keys", '0', 30);
$node->wait_for_sql("SELECT string_agg(event_id, ',') FROM paycore.webhook_events", 'evt_failed', 30);
is($db->value('SELECT relation, sum(n) FROM batches GROUP BY 1 ORDER BY 1'), "idempotency_keys|2500\noutbox|2500\nwebhook_events|1250",
	'what is kept no longer goes');
is($db->value('SELECT max(n) <= 1000 FROM batches'), 't', 'a thousand rows at a time');
$db->value("DELETE FROM paycore.webhook_events");

# The API key is refused: paused; mended: resumed.
my $secrets = path($db->secrets)->slurp;
path($db->secrets)->spurt($secrets =~ s/api_key = \S+/api_key = sk_test_wrong/r);
$node->reload;
$id = $db->intent('7 EUR', account => $account);
$node->wait_for_sql('SELECT status FROM paycore.gateway_accounts', 'paused', 20);
like($db->value("SELECT paycore.health() -> 'paused' ->> 'default'"), qr/refuses the API key \(HTTP 401/, 'health() gives the reason');
path($db->secrets)->spurt($secrets);
$node->reload;
sleep 0.5;
is($db->request($id, 'intent.create', 'status'), 'pending', 'a mended key alone resumes nothing');
my $checked = $db->value("SELECT count(*) FROM paycore.outbox WHERE operation = 'account.retrieve' AND status = 'done'");
$db->value("SELECT paycore.resume_gateway('default')");
is($db->value("SELECT status FROM paycore.await_payment_intent('$id', '20 s')"), 'succeeded', 'resumed, it goes on');
is($db->value("SELECT count(*) > $checked FROM paycore.outbox WHERE operation = 'account.retrieve' AND status = 'done'"), 't',
	'after a look at whose key it is');

# What metrics() says, the tables say.
$db->value("SELECT paycore.pause_gateway('default', 'for the metrics')");
$db->intent("$_ EUR", account => $account) for 1 .. 3;
my %said = map { my @f = split /\|/; ("$f[0] $f[1]" => $f[2]) } split /\n/, $db->value('SELECT name, labels, value FROM paycore.metrics()');
is($said{'paycore_outbox_unfinished {"status": "pending", "operation": "intent.create"}'}, 3, 'metrics(): unfinished requests');
is($said{'paycore_gateway_paused {"account": "default"}'}, 1, 'paused accounts');
is($said{'paycore_outbox_foreign {}'}, 0, 'foreign requests');
is($said{'paycore_webhook_events_failed {}'}, 0, 'failed events');
ok($said{'paycore_outbox_oldest_seconds {}'} >= 0 && $said{'paycore_outbox_oldest_seconds {}'} < 60, 'age of the oldest');
is($db->value("BEGIN; SELECT paycore.resume_gateway('default'); SELECT count(*) FROM paycore.outbox"
	  . " WHERE operation = 'account.retrieve' AND status = 'pending'; COMMIT"), "1\n1", 'whoever resumes has the key looked at first');
$node->wait_for_sql('SELECT count(*) FROM paycore.outbox WHERE finished_at IS NULL', '0', 30);

# Two databases, two workers; one is told to have none, and gets one again.
$node->value('CREATE DATABASE shop');
$node->value('CREATE EXTENSION paycore CASCADE; SELECT paycore.init()', dbname => 'shop');
$node->value("UPDATE paycore.gateway_accounts SET gateway = 'stripe', livemode = NULL, rate_limit = 1000", dbname => 'shop');
$node->wait_for_sql(worker_of('shop'), '1', 30);
$node->value("SELECT paycore.create_payment_intent((paycore.create_billing_account(name => 'Bob', currency => 'EUR')).id, '1 EUR')",
	dbname => 'shop');
$node->wait_for_sql('SELECT psp_intent_id IS NOT NULL FROM paycore.payment_intents', 't', 20, dbname => 'shop');
isnt($node->value('SELECT worker_pid FROM paycore.worker_status()', dbname => 'shop'), $db->value('SELECT worker_pid FROM paycore.worker_status()'),
	'each database has a worker of its own');
$node->value('ALTER DATABASE shop SET paycore.worker = off');
$node->wait_for_sql(worker_of('shop'), '0', 15);
sleep 6;
is($node->value(worker_of('shop')), '0', 'off: the worker leaves, and none comes back');
like($node->value("SELECT paycore.health() ->> 'problems'", dbname => 'shop'), qr/the worker is not running: this database is not marked/, 'health() says so, and why');
is($node->value(worker_of('postgres')), '1', 'the other database keeps its own');
is($node->value('SELECT paycore.init()', dbname => 'shop'), 'nothing to do', 'init() does not turn it on again');

# By hand, while there is none; and a stop does not wait for that either.
my $watch = "SELECT count(*), bool_and(state = 'idle' AND xact_start IS NULL AND backend_xmin IS NULL AND backend_xid IS NULL)"
  . " FROM pg_stat_activity WHERE backend_type IN ('paycore worker', 'paycore drain')";
hang('postgres');
my $drain = $node->session(dbname => 'shop');
hang('shop', sub { $drain->query_until(qr/going/, "\\echo going\nSET application_name = 'by hand';\nCALL paycore.drain_outbox('5 min');\n") });
is($node->value($watch), '2|t', 'while requests hang, neither worker nor drain has a transaction or a snapshot');
my $begin = time;
$node->stop('fast');
cmp_ok(time - $begin, '<', 1, 'pg_ctl stop -m fast takes less than a second, with both');
eval { $drain->quit };
$stripe->clear_faults;
$node->start;
$node->wait_for_sql(worker_of('postgres'), '1', 30);
$node->value('ALTER DATABASE shop SET paycore.worker = on');
$node->wait_for_sql(worker_of('shop'), '1', 30);
$node->wait_for_sql('SELECT count(*) FROM paycore.outbox WHERE finished_at IS NULL', '0', 30, dbname => $_) for qw(postgres shop);

# Somebody copies the database, while requests hang and the worker is in no hurry to look.
configure("paycore.poll_interval = $SLOW_POLL");
hang('shop');
$begin = time;
$node->psql_ok('CREATE DATABASE copy TEMPLATE shop', 'a database can be copied while its requests hang', dbname => 'template1');
cmp_ok(time - $begin, '<', 4, 'without a long wait');
$node->wait_for_sql(worker_of('shop'), '1', 30);
$node->value('SELECT paycore.init()', dbname => 'copy');
$node->wait_for_sql(worker_of('copy'), '1', 30);
$node->value("CALL paycore.drain_outbox('3 s')", dbname => 'copy');
is($node->value('SELECT count(*), count(DISTINCT status) FROM paycore.foreign_outbox', dbname => 'copy'), '6|1',
	'the copy knows that the requests are not its own');
is($node->value('SELECT max(attempts) FROM paycore.foreign_outbox', dbname => 'copy'), '1', 'and has tried none');
is($node->value('SELECT * FROM paycore.verify()', dbname => 'copy'), '', 'verify() is clean in the copy');
$stripe->clear_faults;
$node->value("SELECT pg_terminate_backend(worker_pid) FROM paycore.worker_status()", dbname => 'shop');
$node->wait_for_sql('SELECT count(*) FROM paycore.outbox WHERE finished_at IS NULL', '0', 30, dbname => 'shop');
my $effects = $stripe->effects->{keys};
is((scalar grep { $effects->{$_}{executions} > 1 } keys %$effects), 0, 'each request had one effect');

# A renamed database goes on under its own oid.
$node->psql_ok('ALTER DATABASE shop RENAME TO store', 'a served database can be renamed', dbname => 'template1');
$node->wait_for_sql(worker_of('store'), '1', 30);
is($node->value('SELECT count(*) FROM paycore.foreign_outbox', dbname => 'store'), '0', 'its requests are still its own');
$node->psql_ok('DROP DATABASE copy', 'a served database can be dropped', dbname => 'template1');

# Slots run out: health() of the one without says so, the others work, and it is mended by itself.
$node->append_conf('postgresql.conf', 'max_worker_processes = 3');
$node->restart;
$node->wait_for_sql("SELECT (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'paycore worker')", '1', 30);
my $lucky = $node->value("SELECT datname FROM pg_stat_activity WHERE backend_type = 'paycore worker'");
my ($unlucky) = grep { $_ ne $lucky } qw(postgres store);
$node->wait_for_sql("SELECT paycore.health() ->> 'problems' LIKE '%no free slot%'", 't', 30, dbname => $unlucky);
$node->value("SELECT i.id FROM (SELECT id FROM paycore.billing_accounts LIMIT 1) a, LATERAL"
	  . " paycore.create_payment_intent(a.id, '9.99 EUR', payment_method => 'pm_card_visa', confirm => true) i", dbname => $lucky);
$node->wait_for_sql("SELECT status FROM paycore.payment_intents WHERE paycore.cents(amount) = 999", 'succeeded', 20, dbname => $lucky);
$node->value("ALTER DATABASE $lucky SET paycore.worker = off");
$node->wait_for_sql(worker_of($unlucky), '1', 40);
is($node->value("SELECT paycore.health() ->> 'problems'", dbname => $unlucky), '[]', 'a slot is free: the worker runs, without a restart');

$node->log_lacks('PANIC|TRAP|terminated by signal', 0, 'nothing crashed');
$db->stop;
done_testing();
