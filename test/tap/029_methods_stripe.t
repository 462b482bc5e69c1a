# A test token is answered by a method with an id of its own: the row takes that id, once, and no
# event makes a second row of it.
use strict;
use warnings;

use PayCluster;
use StripeCluster;
use Test::More;

my $db = StripeCluster->new('methods', stripe => { settle_delay => 0 }, conf => "paycore.request_timeout = 20000\n");
my $ROWS = 'SELECT count(*) FROM paycore.payment_methods';

for my $first ('answer', 'event')
{
	my $account = $db->account($first);
	my $id = $db->value("SELECT id FROM paycore.attach_payment_method('$account', 'pm_card_visa')");
	my $intent = $db->intent('5 EUR', account => $account, more => "confirm => true, payment_method => '$id'");
	my $rows = $db->value($ROWS);
	$db->stripe->fault(kind => 'status', when => 'after', status => 500, should_retry => \0, path => 'attach')
	  if $first eq 'event';
	$db->drain;
	$db->deliver;
	my $psp = $db->value("SELECT psp_payment_method_id FROM paycore.payment_methods WHERE id = '$id'");
	like($psp, qr/^pm_(?!card)/, "$first first: the row has the gateway's own id");
	is($db->value("SELECT status, last4 FROM paycore.payment_methods WHERE id = '$id'"), 'attached|4242', 'and is attached');
	is($db->value($ROWS), $rows, 'no event makes a second row');
	for (1 .. 2)
	{
		$db->value('UPDATE paycore.outbox SET next_attempt_at = now() WHERE finished_at IS NULL');
		$db->drain;
	}
	is($db->intent_status($intent), 'succeeded', 'an intent that waited for the attach is paid');
	$db->node->fails_with("UPDATE paycore.payment_methods SET psp_payment_method_id = 'pm_other' WHERE id = '$id'", 'PY011',
		'the id is final');
	my $saved = $db->intent('6 EUR', account => $account, more => "confirm => true, payment_method => '$id'");
	is($db->value("SELECT params ->> 'payment_method' FROM paycore.outbox WHERE object_id = '$saved'"), $psp,
		'a saved method is named by it');
	$db->drain;
	is($db->intent_status($saved), 'succeeded', 'and pays');
	$db->value("SELECT paycore.detach_payment_method('$id')");
	$db->drain;
	$db->deliver;
	is($db->value("SELECT status FROM paycore.payment_methods WHERE id = '$id'"), 'detached', 'and is detached');
}

is($db->value('SELECT * FROM paycore.verify()'), '', 'verify() is clean');
$db->stop;
done_testing();
