# kill -9 at every step: each request has one effect at the gateway, no row is lost or stuck.
use strict;
use warnings;

use FakeStripe;
use Mojo::File qw(path);
use PayCluster;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep time);

my $RANDOM_KILLS = $ENV{PAYCORE_KILLS} // 20;
my $WORKER = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'paycore worker'";
my $dir = PostgreSQL::Test::Utils::tempdir();
my $stripe = FakeStripe->start("$dir/stripe", settings => { latency_ms => 5 });
my $secrets = "$dir/secrets";
path($secrets)->spurt("instance = kills\n[default]\napi_key = " . $stripe->key . "\nbase_url = " . $stripe->url
	  . "\nca_file = " . $stripe->ca_file . "\n");
chmod 0600, $secrets;

my $node = PayCluster->started('kills', tables => 1, conf => <<CONF);
paycore.secrets_file = '$secrets'
paycore.retry_initial = 20
paycore.retry_max = 100
paycore.poll_interval = 100
paycore.request_timeout = 5000
paycore.max_in_flight = 10
restart_after_crash = on
max_worker_processes = 16
CONF
$node->value("UPDATE paycore.gateway_accounts SET gateway = 'stripe', livemode = NULL, rate_limit = 1000");
my $account = $node->value("SELECT id FROM paycore.create_billing_account(name => 'Ann', currency => 'EUR')");
my $made = 0;

# A psql that ends before it has read its input fails here, too.
sub try_sql
{
	my ($sql, $timeout) = @_;
	my ($out, $err) = ('', '');
	my $status = eval { $node->psql('postgres', $sql, stdout => \$out, stderr => \$err, timeout => $timeout) };
	return defined $status && $status == 0 ? $out : undef;
}

# Work that may be cut off at any moment.
sub work
{
	my ($n, $more) = @_;
	try_sql(join(';', $more // 'SELECT 1', map {
		"SELECT count(*) FROM paycore.create_payment_intent('$account', '$_ EUR', payment_method => 'pm_card_visa', confirm => true)"
	} 1 .. $n), 60);
	return;
}

sub all_done
{
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	$node->wait_for_sql('SELECT count(*) FROM paycore.outbox WHERE finished_at IS NULL', '0', 120 + $RANDOM_KILLS)
	  or diag($node->value('SELECT operation, status, attempts, uncounted, error_code, error_message FROM paycore.outbox WHERE finished_at IS NULL'));
	return;
}

# What the gateway did, against what the database knows.
sub consistent
{
	my ($what) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my $effects = $stripe->effects;
	my @twice = grep { $effects->{keys}{$_}{executions} > 1 } keys %{ $effects->{keys} };
	is(scalar(@twice), 0, "$what: no key had two effects");
	my $charged = $node->value("SELECT count(*) FROM paycore.payments WHERE status::text = 'succeeded'");
	is($charged, $node->value('SELECT count(*) FROM paycore.payment_intents'), "$what: every intent is paid");
	is($node->value('SELECT * FROM paycore.verify()'), '', "$what: verify() is clean");
	return;
}

$node->wait_for_sql("SELECT count(*) FROM ($WORKER) w", '1', 30);
for my $kind (qw(kill error kill_postmaster))
{
	for my $point (qw(claim_before_commit claim_after_commit sent answered record_before_reduce record_after_reduce
		record_before_commit record_after_commit))
	{
		next if $kind eq 'kill_postmaster' && $point !~ /claim_after_commit|sent|record_before_commit/;
		my $position = $node->log_position;
		$node->append_conf('postgresql.conf', "paycore.fault = '$point=$kind'");
		$node->reload;
		sleep 0.2;
		work(2);
		my $end = time + 20;
		sleep 0.05 until -e $node->data_dir . "/paycore_fault.$point" || time > $end;
		ok(-e $node->data_dir . "/paycore_fault.$point", "$point: the fault ($kind) has fired");
		$node->restart_after_kill if $kind eq 'kill_postmaster';
		$node->await_restart($position) if $kind eq 'kill';
		all_done();
		consistent("$point=$kind");
		unlink $node->data_dir . "/paycore_fault.$point";
	}
}
$node->append_conf('postgresql.conf', "paycore.fault = ''");
$node->reload;

# A backend, killed after it has enqueued: the request is not there.
my $before = $node->value('SELECT count(*) FROM paycore.outbox');
my $position = $node->log_position;
work(1, "SET paycore.fault = 'enqueued=kill'");
$node->await_restart($position);
$node->value_is('SELECT count(*) FROM paycore.outbox WHERE NOT is_read',
	$node->value('SELECT count(*) FROM paycore.payment_intents') + 1, 'an unfinished transaction of a killed backend leaves no request');

# At random.
for my $n (1 .. $RANDOM_KILLS)
{
	my $pid = fork() // die;
	if (!$pid) { work(5); require POSIX; POSIX::_exit(0); }
	sleep rand 0.15;
	my $worker = try_sql($WORKER, 10) // '';
	my $position = $node->log_position;
	my $killed = $worker =~ /^(\d+)/ && kill KILL => $1;
	waitpid $pid, 0;
	$node->await_restart($position) if $killed;
}
all_done();
consistent("$RANDOM_KILLS random kills");
$node->stop;
$stripe->stop;

done_testing();
