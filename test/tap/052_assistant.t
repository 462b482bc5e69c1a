# A worker that cannot keep up gets an assistant: both together send each request once, keep the limits, and survive each other's end.
use strict;
use warnings;

use PayCluster;
use Mojo::File qw(path);
use StripeCluster;
use Test::More;
use Time::HiRes qw(sleep time);

my $db = StripeCluster->new('assistant', preload => 1, stripe => { settle_delay => 0 },
	conf => "paycore.connect_timeout = 60000\npaycore.request_timeout = 60000\nrestart_after_crash = on\n");
my $stripe = $db->stripe;
my $node = $db->node;

sub assistant { return $db->value("SELECT coalesce(min(pid), 0) FROM pg_stat_activity WHERE backend_type = 'paycore assistant'") }
sub unfinished { return "SELECT count(*) FROM paycore.outbox WHERE finished_at IS NULL" }
sub intents { my ($n, $gateway, $method) = @_;
	return $db->value("SELECT count(*) FROM (SELECT id FROM paycore.billing_accounts WHERE gateway_account = '$gateway' ORDER BY id LIMIT 1) a, generate_series(1, $n) n,"
		. " LATERAL paycore.create_payment_intent(a.id, paycore.money_cents(n + 100, 'EUR'), confirm => true, payment_method => '$method', description => '$gateway ' || n) i") }
my $asleep = $node->data_dir . '/paycore_fault.record_after_commit';
sub busy_worker { my ($ms) = @_;
	unlink $asleep;
	$node->append_conf('postgresql.conf', "paycore.fault = 'record_after_commit=sleep:$ms\@worker'");
	$node->reload;
	for (1 .. 200) { last if -e $asleep; sleep 0.05 }
	for (1 .. 100) { last if $db->value("SELECT count(*) FROM paycore.outbox WHERE status = 'pending'") eq '0'; sleep 0.05 }
	return -e $asleep }
sub await_assistant { for (1 .. 600) { my $pid = assistant(); return $pid if $pid; last if $db->value(unfinished()) eq '0'; sleep 0.05 } return 0 }
# However quick the worker is.
sub overload { for (1 .. 5) { intents(3000, 'local', 'pm_card_visa'); my $pid = await_assistant(); return $pid if $pid } return 0 }

$db->value("SELECT paycore.create_gateway_account('local', 'mock')");
$db->value("SELECT paycore.create_billing_account(name => 'Local', currency => 'EUR', gateway => 'local')");
$db->account('Ann');
# The fake shakes one hand at a time.
$db->value("SELECT paycore.update_gateway_account('default', max_in_flight => 16)");
$node->wait_for_sql("SELECT worker_pid IS NOT NULL FROM paycore.worker_status()", 't', 30);

# Little to do: none.
intents(20, 'local', 'pm_card_visa');
$node->wait_for_sql(unfinished(), '0', 30);
is($db->value('SELECT assistant_pid FROM paycore.worker_status()'), '', 'a worker with little to do has none');

# More than one process can do at once; the requests to Stripe go out by both.
intents(4000, 'local', 'pm_card_visa');
intents(150, 'default', 'pm_card_visa');
my $pid = await_assistant();
isnt($pid, 0, 'a worker with much to do has one');
is($db->value('SELECT assistant_pid FROM paycore.worker_status()'), $pid, 'which worker_status() shows');
$node->wait_for_sql(unfinished(), '0', 200);
is($db->value("SELECT string_agg(DISTINCT status::text, ' '), count(*) FROM paycore.payment_intents"), 'succeeded|4170', 'all is done');
my ($sent, $recorded) = split /\|/, $db->value('SELECT sent, recorded FROM paycore.worker_status()');
cmp_ok($recorded, '>=', 4170, 'the counts are those of both');
is($sent, $recorded, 'and agree');
my %keys;
$keys{ $_->{key} }++ for $stripe->requests(method => 'POST', path => 'payment_intents$');
is(scalar(keys %keys), 150, 'each intent was asked for');
is(scalar(grep { $_ > 1 } values %keys), 0, 'once');

# Killed in the middle, and terminated in the middle.
for my $end ('KILL', 'TERM')
{
	intents(60, 'default', 'pm_card_visa');
	$pid = overload();
	isnt($pid, 0, "there is one to end by $end");
	kill $end, $pid if $pid;
	sleep 0.5;
	for (1 .. 300) { last if eval { $db->value('SELECT true') }; sleep 0.1 }
	$node->wait_for_sql(unfinished(), '0', 200);
	is($db->value("SELECT string_agg(DISTINCT status::text, ' ') FROM paycore.payment_intents"), 'succeeded', 'all is done nevertheless');
}
my %made;
$made{ $_->{metadata}{paycore_intent} }++ for @{ $stripe->objects->{payment_intent} };
is(scalar(keys %made), 270, 'each intent is at the gateway');
is(scalar(grep { $_ > 1 } values %made), 0, 'once');

# New keys: it sends nothing with them before the worker has asked whose they are.
isnt(overload(), 0, 'there is one when the keys change');
ok(busy_worker(10000), 'the worker is busy elsewhere');
$db->value("UPDATE paycore.gateway_accounts SET psp_account_id = 'acct_somebodyElse' WHERE name = 'default'");
path($db->secrets)->spurt(path($db->secrets)->slurp . "# changed\n");
intents(5, 'default', 'pm_card_visa');
$node->wait_for_sql("SELECT status FROM paycore.gateway_accounts WHERE name = 'default'", 'paused', 200);
is($db->value("SELECT sum(attempts) FROM paycore.outbox WHERE gateway_account = 'default' AND NOT is_read AND finished_at IS NULL"), 0, 'nothing is sent by it');
$db->value("UPDATE paycore.gateway_accounts SET psp_account_id = NULL WHERE name = 'default'; SELECT paycore.resume_gateway('default')");
$node->wait_for_sql(unfinished(), '0', 200);

# A 429 that one of them gets holds both: the assistant gets it while the worker is busy, which then finds requests that could go out.
isnt(overload(), 0, 'there is one when a gateway says that it is too much');
ok(busy_worker(3000), 'and the worker is busy');
$stripe->fault(kind => 'status', status => 429, code => 'rate_limit', path => 'payment_intents$', method => 'POST', headers => { 'Retry-After' => 6 });
my ($last) = map { $_->{n} } reverse $stripe->requests;
intents(30, 'default', 'pm_card_visa');
$node->wait_for_sql(unfinished(), '0', 200);
my @posts = $stripe->requests(method => 'POST', path => 'payment_intents$', after => $last);
my ($refused) = grep { $_->{status} == 429 } @posts;
is(scalar(@posts), 31, 'one of 30 is refused, and sent again');
my @arrived = sort { $a <=> $b } map { $_->{time} } grep { $_->{time} >= $refused->{time} } @posts;
my $silence = 0;
for my $i (1 .. $#arrived) { $silence = $arrived[$i] - $arrived[ $i - 1 ] if $arrived[$i] - $arrived[ $i - 1 ] > $silence }
cmp_ok($silence, '>', 4, 'after what was on its way already, neither sends any');
cmp_ok(scalar(grep { $_->{time} >= $refused->{time} + 5.5 } @posts), '>', 5, 'the others wait as long');

# Both together keep to what an account may take.
$db->value("SELECT paycore.update_gateway_account('default', rate_limit => 20)");
intents(9000, 'local', 'pm_card_visa');
isnt(await_assistant(), 0, 'there is an assistant');
my @before = $stripe->requests;
intents(80, 'default', 'pm_card_visa');
$node->wait_for_sql("SELECT count(*) FROM paycore.outbox WHERE finished_at IS NULL AND gateway_account = 'default'", '0', 120);
my @times = map { $_->{time} } $stripe->requests(method => 'POST', path => 'payment_intents$', after => $before[-1]{n});
my $most = 0;
for my $first (@times) { my $n = grep { $_ >= $first && $_ < $first + 1 } @times; $most = $n if $n > $most }
cmp_ok($most, '<=', 26, "at most 20 a second have arrived, and what was saved up ($most)");
$node->wait_for_sql(unfinished(), '0', 200);

# It leaves by itself when there is nothing to do, and at once when it is unwanted.
$node->wait_for_sql("SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'paycore assistant'", '0', 30);
pass('it leaves when there is nothing to do');
isnt(overload(), 0, 'there is one again');
$node->append_conf('postgresql.conf', 'paycore.assistant = off');
$node->reload;
$node->wait_for_sql("SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'paycore assistant'", '0', 10);
$node->wait_for_sql(unfinished(), '0', 200);
pass('and when it is unwanted; the worker does the rest');
is($db->value('SELECT count(*) FROM paycore.verify()'), 0, 'verify() is clean');

# Its slot is another database's as soon as that has no worker. (The others: two launchers' and the worker's.)
$node->append_conf('postgresql.conf', "paycore.assistant = on\nmax_worker_processes = 4");
$node->restart;
isnt(overload(), 0, 'there is an assistant in the last slot');
$node->value('CREATE DATABASE shop');
$node->value('CREATE EXTENSION paycore CASCADE; SELECT paycore.init()', dbname => 'shop');
$node->wait_for_sql('SELECT worker_pid IS NOT NULL FROM paycore.worker_status()', 't', 9, dbname => 'shop');
$node->wait_for_sql(unfinished(), '0', 200);

# With requests hanging in both, the server stops as fast as ever.
$node->append_conf('postgresql.conf', 'max_worker_processes = 8');
$db->value("SELECT paycore.update_gateway_account('default', rate_limit => 1000)");
$node->restart;
$stripe->fault(kind => 'hang', path => 'payment_intents$', count => 0, method => 'POST');
intents(40, 'default', 'pm_card_visa');
isnt(overload(), 0, 'there is one');
my $began = time;
$node->stop('fast');
cmp_ok(time - $began, '<', 3, sprintf 'stopped in %.2f seconds', time - $began);
$db->stripe->clear_faults;
done_testing();
