# Copies of a database, however made, send nothing until adopted; then each request has one effect.
use strict;
use warnings;

use FakeStripe;
use Mojo::File qw(path);
use PayCluster;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep time);

my $dir = PostgreSQL::Test::Utils::tempdir();
my $stripe = FakeStripe->start("$dir/stripe");

sub write_secrets
{
	my ($instance, $file) = @_;
	$file //= "$dir/$instance";
	path($file)->spurt("instance = $instance\n[default]\napi_key = " . $stripe->key . "\nbase_url = " . $stripe->url
		  . "\nca_file = " . $stripe->ca_file . "\n");
	chmod 0600, $file;
	return $file;
}

sub worker_of
{
	my ($db) = @_;
	return "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'paycore worker' AND datname = '$db'";
}

# What the fake was asked to do after its request number n; reads do no harm.
sub posts_after
{
	my ($n) = @_;
	return scalar grep { $_->{method} eq 'POST' } $stripe->requests(after => $n);
}

sub last_request
{
	my @all = $stripe->requests;
	return @all ? $all[-1]{n} : 0;
}

# How many objects at the gateway carry this mark.
sub made
{
	my ($what, $key, $id) = @_;
	my ($count, $after) = (0, undef);
	while (1)
	{
		my $page = $stripe->api(GET => "/v1/$what", { limit => 100, $after ? (starting_after => $after) : () })->{body};
		$count += grep { ($_->{metadata}{$key} // '') eq $id } @{ $page->{data} };
		last unless $page->{has_more};
		$after = $page->{data}[-1]{id};
	}
	return $count;
}

my $node = PayCluster->started('original', tables => 1, init => { allows_streaming => 1 }, conf => <<CONF);
paycore.secrets_file = '@{[ write_secrets('original') ]}'
paycore.retry_initial = 600000
paycore.retry_max = 600000
paycore.request_timeout = 60000
paycore.poll_interval = 200
max_worker_processes = 16
CONF
my @to = ('-h', $node->host, '-p', $node->port);
$node->value('CREATE ROLE shop_app; CREATE ROLE shop_operator');
$node->value('CREATE DATABASE shop');
$node->value("CREATE EXTENSION paycore CASCADE; SELECT paycore.init(); SELECT paycore.grant_access('shop_app', 'app');"
	  . " SELECT paycore.grant_access('shop_operator', 'operator')", dbname => 'shop');
$node->value("UPDATE paycore.gateway_accounts SET gateway = 'stripe', livemode = NULL", dbname => 'shop');
$node->wait_for_sql(worker_of('shop'), '1');

sub shop { my ($sql, $on) = @_; return ($on // $node)->value($sql, dbname => 'shop') }

sub account
{
	return shop("SELECT id FROM paycore.create_billing_account(name => '$_[0]', currency => 'EUR')");
}

sub intent
{
	my ($account, $amount) = @_;
	return shop("SELECT id FROM paycore.create_payment_intent('$account', '$amount EUR', payment_method => 'pm_card_visa',"
		  . " confirm => true, off_session => true)");
}

sub refund
{
	my ($payment, $amount) = @_;
	return shop("SELECT id FROM paycore.create_refund('$payment', '$amount EUR')");
}

sub status_becomes
{
	my ($object, $id, $status, $on) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	return ($on // $node)->wait_for_sql("SELECT status FROM paycore.$object WHERE id = '$id'", $status, 30, dbname => 'shop');
}

# What lies in the outbox when the copies are made.
my $ann = account('Ann');
my $paid = intent($ann, 100);
status_becomes(payment_intents => $paid, 'succeeded');
my $payment = shop("SELECT payment_id FROM paycore.payment_intents WHERE id = '$paid'");

my %intent;
my %refund;
$stripe->fault(kind => 'cut', when => 'after', path => 'payment_intents$', count => 1);
$intent{lost} = intent($ann, 1);
$node->wait_for_sql("SELECT status, attempts FROM paycore.outbox WHERE object_id = '$intent{lost}'", 'pending|1', 20, dbname => 'shop');
$stripe->fault(kind => 'hang', when => 'after', path => 'refunds$', count => 1);
$refund{hanging} = refund($payment, 1);
$node->wait_for_sql("SELECT status FROM paycore.outbox WHERE object_id = '$refund{hanging}'", 'sending', 20, dbname => 'shop');
sleep 0.3;
shop("SELECT paycore.pause_gateway('default')");
$intent{unsent} = intent($ann, 2);
$intent{later} = intent($ann, 3);
$intent{rekeyed} = intent($ann, 4);
my $bob = account('Bob');
$intent{new_customer} = intent($bob, 5);
$refund{unsent} = refund($payment, 2);
my $other = intent($ann, 50);
shop("SELECT status FROM paycore.refresh_payment_intent('$paid')");

# A dump in every format, restored beside the original.
my $before = last_request();
foreach my $format ([ 'plain' ], [ 'custom', '-Fc' ], [ 'directory', '-Fd', '-j', '2' ])
{
	my ($name, @options) = @$format;
	my $file = "$dir/dump.$name";
	$node->value("CREATE DATABASE $name");
	command_ok([ 'pg_dump', @to, @options, '-f', $file, 'shop' ], "$name: dump");
	command_ok($name eq 'plain' ? [ 'psql', '-X', '-q', @to, '-v', 'ON_ERROR_STOP=1', '-d', $name, '-f', $file ]
		: [ 'pg_restore', @to, '-j', '2', '--exit-on-error', '-d', $name, $file ], "$name: restore");
	$node->value("SELECT paycore.init(); SELECT paycore.resume_gateway('default')", dbname => $name);
	$node->wait_for_sql(worker_of($name), '1', 30);
	$node->value('CALL paycore.drain_outbox()', dbname => $name);
	$node->value_is("SELECT count(*) > 8, bool_and(status IN ('pending', 'sending')) FROM paycore.foreign_outbox", 't|t',
		"$name: a view shows what is not sent", dbname => $name);
	$node->value_is('SELECT * FROM paycore.verify()', '', "$name: verify() is clean", dbname => $name);
}
is(posts_after($before), 0, 'nothing is sent from a restored dump');

# A clone of the whole server, with a secrets file of its own.
$node->backup('base');

sub clone
{
	my ($name, $secrets) = @_;
	my $clone = PayCluster->new($name);
	$clone->init_from_backup($node, 'base');
	$clone->append_conf('postgresql.conf', "paycore.secrets_file = '" . ($secrets // write_secrets($name)) . "'");
	write_secrets($name, $clone->data_dir . '/secrets') if $secrets;
	$clone->start;
	$clone->wait_for_sql(worker_of('shop'), '1', 30);
	return $clone;
}

my $clone = clone('sender');
shop("SELECT paycore.resume_gateway('default')", $clone);
$before = last_request();
shop('CALL paycore.drain_outbox()', $clone);
sleep 1;
is(posts_after($before), 0, 'a clone sends nothing before it is adopted');
like(shop("SELECT paycore.health() ->> 'problems'", $clone), qr/belong to another instance.*foreign_outbox.*adopt_outbox/,
	'health() says so');
is(shop("SELECT (paycore.health() ->> 'foreign')::int = count(*) FROM paycore.foreign_outbox", $clone), 't', 'so does the view');
like(shop("SELECT value FROM paycore.metrics() WHERE name = 'paycore_outbox_foreign'", $clone), qr/^[1-9]/, 'so do the metrics');
$clone->log_has(qr/\d+ requests belong to another instance or database and are not sent/, 0, 'and so does the log');
is(shop('SET ROLE shop_operator; SELECT count(*) > 0 FROM paycore.foreign_outbox', $clone), 't', 'an operator may read the view');
$clone->fails_with('SET ROLE shop_app; SELECT FROM paycore.foreign_outbox', '42501', 'the application may not', dbname => 'shop');
$clone->fails_with("SELECT paycore.adopt_outbox('throw')", 'PY042', 'adopted is either way', dbname => 'shop');

# Looks of the original do not stand in the way of the clone's own.
$clone->wait_for_sql("SELECT count(*) > 0 FROM paycore.outbox WHERE operation = 'account.retrieve' AND instance = 'sender'"
	  . " AND status = 'done'", 't', 20, dbname => 'shop');
shop("SELECT status FROM paycore.refresh_payment_intent('$paid')", $clone);
$clone->wait_for_sql("SELECT count(*) FROM paycore.outbox WHERE object_id = '$paid' AND instance = 'sender'"
	  . " AND is_read AND status = 'done'", '1', 20, dbname => 'shop');

# The original goes on for a while: some requests under their key, one under another.
shop("UPDATE paycore.outbox SET idempotency_key = regexp_replace(idempotency_key, '1\$', '2') WHERE object_id = '$intent{rekeyed}'");
shop("UPDATE paycore.outbox SET next_attempt_at = now() + '1 hour', not_before = now() + '1 hour'"
	  . " WHERE finished_at IS NULL AND object_id NOT IN ('$intent{later}', '$intent{rekeyed}', '$other')");
shop("SELECT paycore.resume_gateway('default')");
status_becomes(payment_intents => $_, 'succeeded') for $intent{later}, $intent{rekeyed}, $other;
$node->stop('fast');

# It is gone, and the clone takes over.
$before = last_request();
cmp_ok(shop("SELECT paycore.adopt_outbox('send')", $clone), '>', 8, 'the clone adopts the requests');
is(shop('SELECT count(*) FROM paycore.foreign_outbox', $clone), '0', 'none is foreign any more');
$clone->wait_for_sql('SELECT count(*) FROM paycore.outbox WHERE finished_at IS NULL', '0', 30, dbname => 'shop')
  or diag(shop('SELECT operation, status, error_code, error_message FROM paycore.outbox WHERE finished_at IS NULL', $clone));
foreach my $name (sort keys %intent)
{
	status_becomes(payment_intents => $intent{$name}, 'succeeded', $clone);
	is(made(payment_intents => paycore_intent => $intent{$name}), 1, "one charge for the intent that was $name");
}
foreach my $name (sort keys %refund)
{
	status_becomes(refunds => $refund{$name}, 'succeeded', $clone);
	is(made(refunds => paycore_refund => $refund{$name}), 1, "one effect of the refund that was $name");
}
is(made(customers => paycore_account => $bob), 1, 'one customer');
is(shop("SELECT status FROM paycore.outbox WHERE object_id = '$refund{hanging}'", $clone), 'done',
	'what is found under the mark of the original is recognised');
is(shop("SELECT count(*) FROM paycore.outbox WHERE body LIKE '%sender%'", $clone), '0',
	'the bytes are those that the original would have sent under the same key');
is(shop('SELECT * FROM paycore.verify()', $clone), '', 'verify() is clean after send');
$clone->stop;

# A day later no key protects any more: the requests are found at the gateway.
$stripe->advance(25 * 3600);
my $late = clone('late');
shop("UPDATE paycore.outbox SET created_at = created_at - interval '25 hours', first_sent_at = first_sent_at - interval '25 hours',"
	  . " last_sent_at = last_sent_at - interval '25 hours', send_by = NULL WHERE finished_at IS NULL", $late);
# What waits for a slow look goes on as soon as that is done.
$stripe->fault(kind => 'delay', ms => 1000, when => 'before', path => "$_\$", method => 'GET', count => 1) for qw(customers refunds);
shop("SELECT paycore.resume_gateway('default'), paycore.adopt_outbox('send')", $late);
$late->wait_for_sql('SELECT count(*) FROM paycore.outbox WHERE finished_at IS NULL', '0', 30, dbname => 'shop');
is(made(payment_intents => paycore_intent => $intent{$_}), 1, "a day later, $_: still one charge") for sort keys %intent;
is(made(refunds => paycore_refund => $refund{$_}), 1, "a day later, $_: still one refund") for sort keys %refund;
is(made(customers => paycore_account => $bob), 1, 'a day later: still one customer');
status_becomes(payment_intents => $intent{$_}, 'succeeded', $late) for sort keys %intent;
is(shop('SELECT * FROM paycore.verify()', $late), '', 'verify() is clean a day later');
$late->stop;

# A copy for tests: what was not sent is over, and what it held is free.
my $tester = clone('tester', $node->basedir =~ s/original/tester/r . '/pgdata/secrets');
like(shop("SELECT paycore.health() ->> 'problems'", $tester), qr/inside the data directory/,
	'health() says that the secrets file lies inside the data directory');
$tester->log_has(qr/WARNING: .*inside the data directory/, 0, 'and the log');
$before = last_request();
shop("SELECT paycore.resume_gateway('default')", $tester);
my $foreign = shop('SELECT count(*) FROM paycore.foreign_outbox', $tester);
is(shop("SELECT paycore.adopt_outbox('discard')", $tester), $foreign, 'a copy discards them all');
is(shop("SELECT string_agg(DISTINCT status || error_code, ' ') FROM paycore.payment_intents WHERE id <> '$paid'", $tester),
	'faileddiscarded', 'intents that no gateway knew are failed');
is(shop("SELECT string_agg(DISTINCT status || failure_reason, ' ') FROM paycore.refunds", $tester), 'faileddiscarded',
	'so are refunds');
is(shop('SELECT DISTINCT refund_reserved::text, refunded::text FROM paycore.payments', $tester), '0.00 EUR|0.00 EUR', 'and what they reserved is free');
is(shop("SELECT DISTINCT reason, source FROM paycore.status_changes WHERE to_status = 'failed'", $tester), 'discarded|api',
	'the history says why');
is(shop('SELECT * FROM paycore.verify()', $tester), '', 'verify() is clean after discard');
is(posts_after($before), 0, 'and nothing was sent');
my $fresh = shop("SELECT id FROM paycore.create_payment_intent('$bob', '1 EUR', payment_method => 'pm_card_visa', confirm => true)", $tester);
status_becomes(payment_intents => $fresh, 'succeeded', $tester);
$tester->stop;
$stripe->stop;

done_testing();
