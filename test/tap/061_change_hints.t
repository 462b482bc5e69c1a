# NOTIFY paycore_changes: who reads the change feed is told to look, soon after there is something
# to see, however late it was committed; nobody is told when nothing has changed.
use strict;
use warnings;

use PayCluster;
use Test::More;
use Time::HiRes qw(sleep time);

my $change = "SELECT count(*) FROM paycore.create_billing_account(name => 'Ann', currency => 'EUR')";

# The tenants that the session has been told of since it was asked last.
sub heard
{
	my ($session) = @_;
	return join(',', $session->query('SELECT 1') =~ /notification "paycore_changes" with payload "(\w*)" received/g);
}

sub hears
{
	my ($session, $expected, $what) = @_;
	my $until = time + 20;
	my $heard = '';

	local $Test::Builder::Level = $Test::Builder::Level + 1;
	while ($heard eq '' && time < $until)
	{
		$heard = heard($session);
		sleep 0.05;
	}
	return is($heard, $expected, $what);
}

# Longer than from one look of the worker to the next.
sub hears_nothing
{
	my ($session, $what) = @_;

	local $Test::Builder::Level = $Test::Builder::Level + 1;
	sleep 1.5;
	return is(heard($session), '', $what);
}

my $node = PayCluster->started('hints', tables => 1, conf => 'paycore.poll_interval = 100');
my $listener = $node->session;
$listener->query_safe('LISTEN paycore_changes');

$node->value($change);
hears_nothing($listener, 'nobody reads the feed: no hint');

$node->value("SELECT count(*) FROM paycore.create_change_consumer('app')");
hears_nothing($listener, 'nothing has changed: no hint');
$node->value($change);
hears($listener, 'default', 'a change, a hint');
hears_nothing($listener, 'and no other one, though nobody has read');

my $late = $node->session(on_error_stop => 1);
$late->query_safe("BEGIN; $change");
hears_nothing($listener, 'what is not committed is nothing to look at');
$node->value($change);
hears($listener, 'default', 'a change beside a transaction that is open');
$late->query_safe('COMMIT');
hears($listener, 'default', 'a change whose place is older than the last one that was seen');
hears_nothing($listener, 'once');
$late->query_safe("BEGIN; $change; ROLLBACK");
hears_nothing($listener, 'what is undone is nothing to look at');

my $started = time;
for (1 .. 10)
{
	$node->value($change);
	sleep 0.1;
}
sleep 1.5;
my @hints = split /,/, heard($listener);
cmp_ok(scalar(@hints), '>=', 1, 'many changes, a hint');
cmp_ok(scalar(@hints), '<=', time - $started + 1, 'at most one a second');

my $gateway = "SELECT count(*) FROM paycore.create_gateway_account('default', 'manual')";
$node->value("SET paycore.tenant = 'quiet'; $gateway; $change");
hears_nothing($listener, "another tenant's change, of whom nobody reads");
$node->value("SET paycore.tenant = 'busy'; $gateway; SELECT count(*) FROM paycore.create_change_consumer('app'); $change");
hears($listener, 'busy', 'the hint names the tenant');
$node->value("SET paycore.tenant = 'busy'; SELECT paycore.drop_change_consumer('app')");

$_->quit foreach $listener, $late;
$node->restart;
$listener = $node->session;
$listener->query_safe('LISTEN paycore_changes');
$node->value($change);
hears($listener, 'default', 'after a restart');

# In the middle of a look of the worker's.
my $fault = $node->data_dir . '/paycore_fault.change_watch';
$node->append_conf('postgresql.conf', "paycore.fault = 'change_watch=sleep:1000'");
$node->reload;
sleep 0.05 until -e $fault;
$node->value($change);
hears($listener, 'default', 'a change while the worker looks');
$listener->quit;
$node->stop;

# Without a worker, a drain tells at its end.
$node = PayCluster->started('drained', tables => 1, preload => 0);
$listener = $node->session;
$listener->query_safe('LISTEN paycore_changes');
$node->value("SELECT count(*) FROM paycore.create_change_consumer('app')");
$node->value('CALL paycore.drain_outbox()');
is(heard($listener), '', 'nothing to read: a drain gives no hint');
$node->value($change);
$node->value('CALL paycore.drain_outbox()');
hears($listener, 'default', 'a drain gives a hint');
$node->value("SELECT count(paycore.acknowledge_changes('app', (SELECT max(seq) FROM paycore.read_changes('app'))))");
$node->value('CALL paycore.drain_outbox()');
is(heard($listener), '', 'and none where all has been read');
$listener->quit;

done_testing();
