# A webhook that never comes: the sweep looks at what is open, and at payments whose fee is not known.
use strict;
use warnings;

use PayCluster;
use StripeCluster;
use Test::More;

my $db = StripeCluster->new('silence', preload => 1, stripe => { settle_delay => undef, bank_delay => undef },
	conf => "paycore.poll_interval = 100\n");
my $node = $db->node;
my $NEXT = 'round(extract(epoch FROM next_sweep_at - updated_at) / 60)';

# A worker that starts looks at once; otherwise every ten seconds.
sub overdue
{
	my ($id) = @_;
	$db->value("UPDATE paycore.$_ SET next_sweep_at = now() WHERE id = '$id'") for qw(payment_intents refunds);
	return $node->restart;
}

sub swept
{
	my ($id, $minutes) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	overdue($id);
	return $node->wait_for_sql("SELECT $NEXT FROM paycore.payment_intents WHERE id = '$id'", $minutes, 30);
}

# A payer who did what 3-D Secure asked, and whose webhook is lost.
my $id = $db->intent('5 EUR', method => 'pm_card_threeDSecure2Required');
is($db->value("SELECT status FROM paycore.await_payment_intent('$id', '20 s')"), 'requires_action', 'the payer must act');
$node->wait_for_sql("SELECT $NEXT FROM paycore.payment_intents WHERE id = '$id'", '1', 10);
swept($id, 10);
swept($id, 60);
swept($id, 1440);
swept($id, 1440);
$db->stripe->complete_action($db->value("SELECT psp_intent_id FROM paycore.payment_intents WHERE id = '$id'"));
overdue($id);
$node->wait_for_sql("SELECT status FROM paycore.payment_intents WHERE id = '$id'", 'succeeded', 30);

# Its fee was not known then; no charge.updated comes.
is($db->value("SELECT fee IS NULL FROM paycore.payments WHERE payment_intent_id = '$id'"), 't', 'the fee is not known yet');
$db->stripe->settle($db->value("SELECT psp_charge_id FROM paycore.payments WHERE payment_intent_id = '$id'"));
overdue($id);
$node->wait_for_sql("SELECT fee IS NOT NULL AND net IS NOT NULL FROM paycore.payments WHERE payment_intent_id = '$id'", 't', 30);
overdue($id);
$node->wait_for_sql("SELECT next_sweep_at IS NULL FROM paycore.payment_intents WHERE id = '$id'", 't', 30);

# A refund that stays pending, and moves unseen.
$db->stripe->settings(next_refund => { status => 'pending', pending_reason => 'processing' });
my $refund = $db->refund($id, '1 EUR');
$node->wait_for_sql("SELECT status, psp_refund_id IS NOT NULL FROM paycore.refunds WHERE id = '$refund'", 'pending|t', 20);
$db->stripe->move_refund($db->value("SELECT psp_refund_id FROM paycore.refunds WHERE id = '$refund'"), 'succeeded');
overdue($refund);
$node->wait_for_sql("SELECT status FROM paycore.refunds WHERE id = '$refund'", 'succeeded', 30);

# By hand.
$id = $db->intent('5 EUR', method => 'pm_card_threeDSecure2Required');
is($db->value("SELECT status FROM paycore.await_payment_intent('$id', '20 s')"), 'requires_action', 'another payer must act');
$db->stripe->complete_action($db->value("SELECT psp_intent_id FROM paycore.payment_intents WHERE id = '$id'"));
$db->value("SELECT paycore.refresh_payment_intent('$id')");
is($db->value("SELECT status FROM paycore.await_payment_intent('$id', '20 s')"), 'succeeded', 'refresh_payment_intent() sees it');

is($db->value('SELECT * FROM paycore.verify()'), '', 'verify() is clean');
$db->stop;
done_testing();
