# Several billing runs at once, and runs that are killed at every step: no period twice or left out, no number missing or doubled.
use strict;
use warnings;

use PayCluster;
use Test::More;
use Time::HiRes qw(sleep time);

my $SUBSCRIPTIONS = 60;
my $node = PayCluster->started('billing', tables => 1, conf => "restart_after_crash = on\nmax_connections = 30\n");
$node->value(q{
	SELECT paycore.create_gateway_account('cash', 'manual');
	SELECT paycore.set_test_clock('2026-01-31 10:00+00');
	SELECT paycore.create_price((paycore.create_product('pro', 'Pro')).id, '{"USD": "31"}', 'month', code => 'pro');
	SELECT paycore.create_price((paycore.create_product('extra', 'Extra')).id, '{"USD": "2"}', 'month', code => 'extra');
});
$node->value(qq{
	SELECT paycore.create_subscription((paycore.create_billing_account('Account ' || n, currency => 'USD', gateway => 'cash')).id,
		'[{"price": "pro"}, {"price": "extra", "quantity": 3}]', jsonb_build_object('anchor', timestamptz '2026-01-01 00:00+00' + n % 28 * interval '1 day'))
	FROM generate_series(1, $SUBSCRIPTIONS) n});

# How many periods have begun, as the test reckons it: the first from the 31st of January on, then one on each day of the anchor.
my $periods = q{
	SELECT sum(1 + (SELECT count(*) FROM generate_series(s.anchor, c.shows, interval '1 month') b WHERE b > s.starts_at))
	FROM paycore.subscriptions s, paycore.test_clocks c};
my $numbers = q{SELECT count(*), count(DISTINCT serial), min(serial), max(serial) - count(*) FROM paycore.invoices};

sub looks_right
{
	my ($what) = @_;
	my $expected = $node->value($periods);

	is($node->value('SELECT count(*) FROM paycore.invoices'), $expected, "$what: each period has its invoice");
	is($node->value($numbers), "$expected|$expected|1|0", "$what: numbers without a gap");
	is($node->value('SELECT count(*) FROM paycore.invoice_lines'), 2 * $expected, "$what: and its lines");
	is($node->value('SELECT rule, object_type, object_id FROM paycore.verify()'), '', "$what: verify() is clean");
}

# Five at once, with three months to make up for.
$node->value("SELECT paycore.set_test_clock('2026-04-15 10:00+00')");
my @runs = map { $node->start_psql('CALL paycore.run_billing(batch_size => 7)', verbose => 1) } 1 .. 5;
is(join('', map { $node->ended($_) } @runs), '', 'five runs at once end well');
looks_right('five at once');

# One that dies at each step, and another that goes on.
my $clock = 5;
foreach my $kind (qw(kill kill_postmaster))
{
	foreach my $point (qw(billing_due billing_done billing_committed))
	{
		$node->value(sprintf "SELECT paycore.set_test_clock('2026-%02d-15 10:00+00')", $clock++);
		my $position = $node->log_position;
		my $run = $node->start_psql("SET paycore.fault = '$point=$kind'; CALL paycore.run_billing(batch_size => 20)");
		my (undef, $error) = $node->ended($run);
		# Without its postmaster, a run goes on until it looks.
		like($error, qr/connection|server/, "$point=$kind: the run died") if $kind eq 'kill';
		ok(unlink($node->data_dir . "/paycore_fault.$point"), "$point=$kind: the fault has fired");
		$kind eq 'kill' ? $node->await_restart($position) : $node->restart_after_kill;
		$node->psql_ok('CALL paycore.run_billing(batch_size => 20)', 'the next run goes on');
		looks_right("$point=$kind");
	}
}

$node->stop;
done_testing();
