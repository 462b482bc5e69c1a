# Runs that collect and are killed on their way, and several at once: each invoice is charged once, and each success is applied once.
use strict;
use warnings;

use PayCluster;
use Test::More;

my $ACCOUNTS = 25;
my $node = PayCluster->started('collecting', tables => 1, conf => "restart_after_crash = on\nmax_connections = 30\n");
$node->value(q{
	SELECT paycore.set_test_clock('2026-01-15 10:00+00');
	SELECT paycore.create_price((paycore.create_product('pro', 'Pro')).id, '{"USD": "31"}', 'month', code => 'pro');
});
$node->value(qq{
	SELECT paycore.create_subscription((paycore.create_billing_account('Account ' || n, currency => 'USD')).id,
		'[{"price": "pro"}]', '{"payment_method": "pm_card_visa"}')
	FROM generate_series(1, $ACCOUNTS) n});

sub looks_right
{
	my ($what, $months) = @_;
	my $n = $ACCOUNTS * $months;

	$node->psql_ok(q{CALL paycore.run_billing(batch_size => 7)}, "$what: a run that ends");
	$node->psql_ok(q{CALL paycore.drain_outbox('60 s')}, "$what: what was asked is sent");
	$node->psql_ok(q{CALL paycore.run_billing()}, "$what: and heard of");
	is($node->value(q{SELECT count(*), count(DISTINCT invoice_id) FROM paycore.payment_intents}), "$n|$n", "$what: each invoice has one intent");
	is($node->value(q{SELECT count(*), count(DISTINCT payment_intent_id) FROM paycore.payments WHERE status::text = 'succeeded'}), "$n|$n", "$what: and one payment");
	is($node->value(q{SELECT i.status, c.status, count(*) FROM paycore.invoices i JOIN paycore.collections c ON c.invoice_id = i.id GROUP BY 1, 2}),
		"paid|settled|$n", "$what: all are paid");
	is($node->value('SELECT rule, object_type, object_id, detail FROM paycore.verify()'), '', "$what: verify() is clean");
}

my $month = 1;
looks_right('undisturbed', $month++);
foreach my $point (qw(collecting_due collecting_charged billing_done billing_committed))
{
	$node->value(sprintf "SELECT paycore.set_test_clock('2026-%02d-28 12:00+00')", $month);
	my $position = $node->log_position;
	my $run = $node->start_psql("SET paycore.fault = '$point=kill'; CALL paycore.run_billing(batch_size => 10)");
	$node->ended($run);
	ok(unlink($node->data_dir . "/paycore_fault.$point"), "$point: the fault has fired");
	$node->await_restart($position);
	looks_right($point, $month++);
}

# Four at once.
$node->value(sprintf "SELECT paycore.set_test_clock('2026-%02d-28 12:00+00')", $month);
my @runs = map { $node->start_psql('CALL paycore.run_billing(batch_size => 6)', verbose => 1) } 1 .. 4;
my $errors = join('', map { $node->ended($_) } @runs);
is($errors, '', 'four runs at once end');
looks_right('four at once', $month++);

$node->stop;
done_testing();
