# Setup intents at Stripe: the method is saved under the gateway's own id, with its mandate; answers
# that get lost are looked up; events that never come are swept; what lapses at the gateway lapses here.
use strict;
use warnings;

use PayCluster;
use StripeCluster;
use Test::More;

my $db = StripeCluster->new('setups', stripe => { settle_delay => 0 }, conf => "paycore.request_timeout = 20000\n");
my $account = $db->account;
my ($id, $psp);

sub setup { my ($more) = @_; return $db->value("SELECT id FROM paycore.create_setup_intent('$account', $more)") }
sub status_of { my ($id, $column) = @_; return $db->value('SELECT ' . ($column // 'status') . " FROM paycore.setup_intents WHERE id = '$id'") }
sub psp_of { my ($id) = @_; return status_of($id, 'psp_setup_intent_id') }
sub methods { return $db->value("SELECT string_agg(concat_ws(' ', brand, last4, status), ', ' ORDER BY id) FROM paycore.payment_methods") }
sub due { return $db->value('UPDATE paycore.outbox SET next_attempt_at = now() WHERE finished_at IS NULL') }

# Without a webhook, the answer alone saves the method.
$id = setup("payment_method => 'pm_card_visa', confirm => true, metadata => '{\"plan\": \"gold\"}'");
$db->drain;
is(status_of($id), 'succeeded', 'confirmed at once: succeeded');
is(methods(), 'visa 4242 attached', 'and the method is saved');
like($db->value('SELECT psp_payment_method_id FROM paycore.payment_methods'), qr/^pm_(?!card)/, 'under the id of the gateway');
is(status_of($id, 'client_secret IS NULL'), 't', 'no secret is kept');
my ($stored) = $db->stripe->api(GET => '/v1/setup_intents/' . psp_of($id))->{body};
is($stored->{metadata}{plan}, 'gold', 'metadata goes to the gateway');
is($stored->{metadata}{paycore_setup_intent}, $id, 'with the mark that it is ours');
$db->deliver;
is(methods(), 'visa 4242 attached', 'its events make no second row');
is($db->value('SELECT count(*) FROM paycore.setup_intents'), '1', 'nor a second setup intent');
my $saved = $db->value('SELECT id FROM paycore.payment_methods');
my $intent = $db->intent('5 EUR', account => $account, more => "confirm => true, off_session => true, payment_method => '$saved'");
$db->drain;
is($db->intent_status($intent), 'succeeded', 'and the method is charged without the payer');

# The payer acts in the browser; the event tells.
$id = setup("payment_method => 'pm_card_threeDSecure2Required', confirm => true, return_url => 'https://shop.example/'");
$db->drain;
is(status_of($id), 'requires_action', 'the payer is asked');
is(status_of($id, "next_action ->> 'type'"), 'redirect_to_url', 'and where to go');
$db->stripe->advance(2);
$db->stripe->control(POST => 'setups/' . psp_of($id) . '/complete_action', { result => 'succeed' });
$db->deliver;
is(status_of($id), 'succeeded', 'an event tells that they did');
$db->drain;
is($db->value("SELECT status FROM paycore.payment_methods WHERE psp_payment_method_id = '" . status_of($id, 'payment_method') . "'"),
	'attached', 'the method is asked for and saved');

# No event: refresh, and the sweep of the worker's upkeep.
$id = setup("payment_method => 'pm_card_threeDSecure2Required', confirm => true");
$db->drain;
$db->stripe->advance(2);
$db->stripe->control(POST => 'setups/' . psp_of($id) . '/complete_action', { result => 'fail' });
$db->value("SELECT paycore.refresh_setup_intent('$id')");
$db->drain;
is(status_of($id, "status || ' ' || error_code"), 'requires_payment_method setup_intent_authentication_failure', 'refresh sees a failure');
$db->value("SELECT paycore.cancel_setup_intent('$id', 'abandoned')");
$db->drain;
is(status_of($id), 'canceled', 'and it is canceled');
$db->deliver;

# A decline is an answer; so is a refusal.
$id = setup("payment_method => 'pm_card_chargeDeclined', confirm => true");
$db->drain;
is(status_of($id, "status || ' ' || decline_code"), 'requires_payment_method generic_decline', 'a decline');
is($db->request($id, 'setup.create', 'status'), 'declined', 'is no fault of the request');

# An answer that is lost: found in the list by our mark, or made under a new key.
for my $when ('after', 'before')
{
	$db->stripe->fault(kind => 'status', status => 500, should_retry => \0, when => $when, path => 'setup_intents$', method => 'POST');
	$id = setup("payment_method => 'pm_card_mastercard'");
	$db->drain;
	is(status_of($id), 'created', "a 500 $when the work: unknown");
	for my $interval ('2 minutes', '11 minutes', '62 minutes')
	{
		$db->age($id, $interval);
		$db->drain;
	}
	$db->drain;
	is(status_of($id), 'requires_confirmation', $when eq 'after' ? 'found by its mark' : 'made under a new key');
	is($db->request($id, 'setup.create', 'status'), 'done', 'and the request is done');
}
is($db->stripe->api(GET => "/v1/setup_intents?customer=" . $db->value("SELECT psp_customer_id FROM paycore.billing_accounts") . '&limit=100')->{body}{data}->@*,
	$db->value('SELECT count(*) FROM paycore.setup_intents'), 'each setup intent exists once');

# A confirm that is lost is looked up on the object.
$db->stripe->fault(kind => 'status', status => 500, should_retry => \0, when => 'after', path => 'confirm', method => 'POST');
$db->stripe->advance(2);
$db->value("SELECT paycore.confirm_setup_intent('$id')");
$db->drain;
due();
$db->drain;
is(status_of($id), 'succeeded', 'a lost confirm is seen on the object');
is($db->request($id, 'setup.confirm', 'status'), 'done', 'and done');

# A debit needs a mandate; one that lapses at the bank stops charges without the payer.
$id = setup("payment_method => 'pm_usBankAccount_success', confirm => true, payment_method_types => '{us_bank_account}'");
$db->drain;
my $bank = $db->value("SELECT id FROM paycore.payment_methods WHERE type = 'us_bank_account'");
my $mandate = $db->value('SELECT psp_mandate_id FROM paycore.mandates');
is($db->value('SELECT status, type, method_type FROM paycore.mandates'), 'active|multi_use|us_bank_account', 'a mandate comes along');
is(status_of($id, 'psp_mandate_id'), $mandate, 'the setup intent names it');
$intent = $db->intent('6 EUR', account => $account, more => "confirm => true, off_session => true, payment_method => '$bank'");
$db->stripe->advance(2);
$db->stripe->control(POST => "mandates/$mandate/transition", { status => 'inactive' });
$db->deliver;
is($db->value('SELECT status, ended_at IS NOT NULL FROM paycore.mandates'), 'inactive|t', 'an event ends it');
$db->node->fails_with("SELECT paycore.create_payment_intent('$account', '7 EUR', '$bank', confirm => true, off_session => true)", 'PY030',
	'no charge without the payer any more');
my $row = $db->value('SELECT id FROM paycore.mandates');
$db->value("SELECT paycore.refresh_mandate('$row')");
$db->drain;
is($db->value('SELECT status FROM paycore.mandates'), 'inactive', 'a GET says the same');

# The network renews a card.
my $card = $db->value("SELECT psp_payment_method_id FROM paycore.payment_methods WHERE id = '$saved'");
$db->stripe->advance(5);
$db->stripe->control(POST => "methods/$card/renew", { exp_year => 2041, exp_month => 5, last4 => '1881' });
$db->deliver;
due();
$db->drain;
is($db->value("SELECT last4, exp_month, exp_year FROM paycore.payment_methods WHERE id = '$saved'"), '1881|5|2041', 'the card is renewed here');

$db->drain;
is($db->value('SELECT severity, rule, object_type FROM paycore.verify()'), '', 'verify() is clean');
$db->stop;
done_testing();
