# Eight sessions at once, really at once: refunds of random amounts at every isolation level, while
# others fail and free their share; one idempotency key; capture against cancel.
use strict;
use warnings;

use PayCluster;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PayCluster->started('races', tables => 1, preload => 0);
my $account = $node->value("SELECT id FROM paycore.create_billing_account(name => 'Ann', currency => 'EUR')");

sub paid
{
	my ($amount) = @_;
	my $intent = $node->value("SELECT id FROM paycore.create_payment_intent('$account', '$amount',"
		  . " payment_method => 'pm_card_visa', confirm => true)");
	$node->value('CALL paycore.drain_outbox()');
	return $node->value("SELECT payment_id FROM paycore.payment_intents WHERE id = '$intent'");
}

# Runs each script in a session of its own, all at once; gives the SQLSTATEs they met, counted, and their rows.
sub at_once
{
	my ($level, @scripts) = @_;
	my (%met, @rows);

	local $ENV{PGOPTIONS} = '-c default_transaction_isolation=' . $level =~ s/ /\\ /r;
	for my $run (map { $node->start_psql($_, verbose => 1) } @scripts)
	{
		my ($out, $err) = $node->ended($run);
		$met{$_}++ for $err =~ /ERROR:\s+(\w{5}):/g;
		push @rows, split /\n/, $out;
	}
	return (\%met, @rows);
}

for my $level ('read committed', 'repeatable read', 'serializable')
{
	my $payment = paid('100 EUR');
	my $one = "SELECT paycore.cents(amount) FROM paycore.create_refund('$payment', ((random() * 20 + 0.01)::numeric(10, 2) || ' EUR')::paycore.money_cents);";
	my @scripts = ("BEGIN; $one SELECT pg_sleep(random() / 50); COMMIT;\n" x 12) x 8;
	# The ninth: every now and then the gateway refuses one.
	push @scripts, ("UPDATE paycore.refunds SET status = 'failed' WHERE id = (SELECT id FROM paycore.refunds"
	  . " WHERE payment_id = '$payment' AND status::text = 'pending' ORDER BY random() LIMIT 1); SELECT pg_sleep(0.03);\n") x 8;
	my ($met, @rows) = at_once($level, @scripts);

	# 25P02 is what follows an error inside its transaction.
	is(join(',', grep { !/^(PY020|40001|25P02)$/ } sort keys %$met), '', "$level: nothing but PY020 and 40001 is met");
	cmp_ok($met->{PY020} // 0, '>', 0, "$level: some are refused");
	cmp_ok($met->{'40001'} // 0, '>', 0, "$level: they did meet") if $level ne 'read committed';
	my $live = "SELECT COALESCE(sum(paycore.cents(amount)), 0) FROM paycore.refunds WHERE payment_id = '$payment' AND status::text <> 'failed'";
	cmp_ok($node->value($live), '<=', 10000, "$level: never a cent over");
	$node->value_is("SELECT paycore.cents(refund_reserved) + paycore.cents(refunded) - ($live) FROM paycore.payments WHERE id = '$payment'", '0',
		"$level: the counters are the sum");
	$node->value("UPDATE paycore.refunds SET status = 'failed' WHERE id = (SELECT id FROM paycore.refunds"
		  . " WHERE payment_id = '$payment' AND status::text = 'pending' LIMIT 1)");
	cmp_ok($node->value($live), '<', 10000, "$level: a failed refund frees its share");
	$node->value("SELECT paycore.create_refund('$payment')");
	$node->value_is($live, '10000', "$level: the rest is what was left, to the cent");
}

# One key, eight sessions: one object, and everybody is told the same.
for my $level ('read committed', 'repeatable read', 'serializable')
{
	my ($met, @rows) = at_once($level, ("SELECT id FROM paycore.create_payment_intent('$account', '5 EUR',"
			  . " idempotency_key => '$level');\n") x 8);
	my %seen = map { $_ => 1 } grep { /\S/ } @rows;
	is(scalar(keys %seen), 1, "$level: one key makes one intent, whoever asks");
	is(join(',', grep { $_ ne '40001' } keys %$met), '', "$level: with no error but 40001");
	is(@rows + ($met->{'40001'} // 0), 8, "$level: and everybody is answered");
	$node->value_is("SELECT count(*) FROM paycore.outbox WHERE object_id = '$rows[0]'", '1', "$level: one request");
}

$node->value_is('SELECT * FROM paycore.verify()', '', 'verify() is clean');
$node->stop;
done_testing();
