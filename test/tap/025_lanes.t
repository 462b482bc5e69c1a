# Lanes: what waits for what, and what becomes of the rest when one request fails (domain rules, 5).
use strict;
use warnings;

use PayCluster;
use PostgreSQL::Test::Utils;
use StripeCluster;
use Test::More;

my $db = StripeCluster->new('lanes', stripe => { settle_delay => 0 });
my $node = $db->node;
my ($first, $second);

sub health { my ($what) = @_; return $db->value("SELECT paycore.health() ->> '$what'") }

# The new account's customer is made once, whoever asks first.
my $account = $db->account;
$first = $db->intent('5 EUR', account => $account);
$second = $db->intent('6 EUR', account => $account);
is($db->value("SELECT count(*) FROM paycore.outbox WHERE operation = 'customer.create' AND object_id = '$account'"), 1,
	'two intents of a new account share one request for the customer');
$db->drain;
is($db->intent_status($_), 'succeeded', 'each goes through') for $first, $second;
is($db->sent('customers$'), 1, 'and one customer is made');

# A dependency that is definitely refused.
$db->stripe->fault(kind => 'status', status => 400, code => 'parameter_invalid', type => 'invalid_request_error',
	message => 'no', path => 'customers$');
$account = $db->account('Refused');
$first = $db->intent('5 EUR', account => $account);
my $before = $db->sent('payment_intents$');
$db->drain;
is($db->intent_status($first), 'failed', 'an intent whose customer is refused has failed');
is($db->request($first, 'intent.create', 'status, error_code'), 'refused|dependency_failed', 'its request was never sent');
is($db->sent('payment_intents$'), $before, 'indeed');

# One whose outcome is unknown holds what depends on it.
$db->stripe->fault(kind => 'status', status => 500, should_retry => \0, path => 'customers$');
$account = $db->account('Unknown');
$first = $db->intent('5 EUR', account => $account);
$db->drain;
is($db->request($account, 'customer.create', 'status'), 'resolving', 'a customer whose making is unknown is looked into');
is($db->request($first, 'intent.create', 'status, attempts'), 'pending|0', 'and holds its intent');
is(health('resolving'), 1, 'health() counts it');
like($db->value("SELECT paycore.health() ->> 'problems'"), qr/unknown/, 'and says what that means');
$db->age($account, '2 hours');
$db->age($first, '0');
$db->drain;
like($db->request($account, 'customer.create', 'idempotency_key'), qr/-2$/, 'found nowhere, it is made under a new key');
$db->drain;
is($db->intent_status($first), 'succeeded', 'then the intent goes');

# Dead: given up until somebody retries.
$account = $db->account('Dead');
$first = $db->intent('5 EUR', account => $account);
$db->value("UPDATE paycore.outbox SET status = 'dead', first_sent_at = now(), last_sent_at = now(), attempts = 1"
	  . " WHERE object_id = '$account'");
$db->drain;
is($db->request($first, 'intent.create', 'status'), 'pending', 'a dead request holds what depends on it');
is(health('held_by_dead'), 1, 'health() counts it');
$db->value("SELECT paycore.retry_outbox((SELECT id FROM paycore.outbox WHERE object_id = '$account'))");
$db->drain;
$db->age($first, '0');
$db->drain;
is($db->intent_status($first), 'succeeded', 'retried, both go through');

# Within the lane of an intent, one at a time and in order.
$first = $db->intent('5 EUR', more => "capture_method => 'manual'");
$db->value("SELECT paycore.update_payment_intent('$first', '6 EUR')");
$db->value("SELECT paycore.confirm_payment_intent('$first', 'pm_card_visa')");
$db->drain;
is($db->value("SELECT amount, status FROM paycore.payment_intents WHERE id = '$first'"), '6.00 EUR|requires_capture',
	'create, update and confirm go in order');

# A slow one is waited for.
$db->stripe->fault(kind => 'delay', ms => 700, when => 'before', path => 'payment_intents/pi_[^/]+$', method => 'POST');
$first = $db->intent('5 EUR', more => "capture_method => 'manual'");
$db->drain;
$db->value("SELECT paycore.update_payment_intent('$first', '6 EUR')");
$db->value("SELECT paycore.confirm_payment_intent('$first', 'pm_card_visa')");
$db->drain;
my $psp = $db->value("SELECT psp_intent_id FROM paycore.payment_intents WHERE id = '$first'");
my ($update) = $db->stripe->requests(path => "payment_intents/$psp\$", method => 'POST');
my ($confirm) = $db->stripe->requests(path => "$psp/confirm");
cmp_ok($confirm->{time} - $update->{time}, '>=', 0.6, 'a confirm leaves once the update before it is answered');
is($db->value("SELECT amount_capturable FROM paycore.payment_intents WHERE id = '$first'"), '6.00 EUR', 'and so holds the new amount');

# Cancel behind a create that was never sent.
$before = $db->sent('.*');
$db->value("SELECT paycore.pause_gateway('default')");
$second = $db->intent('7 EUR');
$db->value("SELECT paycore.cancel_payment_intent('$second')");
is($db->intent_status($second), 'canceled', 'a cancel behind a create that was never sent cancels at once');
is($db->request($second, 'intent.create', 'status'), 'withdrawn', 'and withdraws the create');
is($db->value("SELECT count(*) FROM paycore.outbox WHERE object_id = '$second' AND operation = 'intent.cancel'"), 0,
	'without a request of its own');
$db->value("SELECT paycore.resume_gateway('default')");
$db->drain;
is($db->sent('payment_intents.*cancel'), 0, 'nothing of it is sent');

# Cancel behind a create that was sent and not answered: resolve first, then cancel.
$db->stripe->fault(kind => 'status', when => 'after', status => 500, should_retry => \0, path => 'payment_intents$');
$second = $db->intent('7 EUR', more => "capture_method => 'manual'");
$db->drain;
is($db->request($second, 'intent.create', 'status'), 'resolving', 'the create was sent, its outcome is unknown');
$db->value("SELECT paycore.cancel_payment_intent('$second')");
$db->drain;
is($db->request($second, 'intent.cancel', 'status, attempts'), 'pending|0', 'the cancel waits behind it');
$db->age($second, '2 minutes');
$db->drain;
$db->drain;
is($db->request($second, 'intent.create', 'status'), 'done', 'the list shows that it was made');
is($db->request($second, 'intent.cancel', 'status'), 'done', 'then it is canceled');
is($db->intent_status($second), 'canceled', 'at the gateway');

# ... and too late where it has succeeded.
$db->stripe->fault(kind => 'status', when => 'after', status => 500, should_retry => \0, path => 'payment_intents$');
$second = $db->intent('7 EUR');
$db->drain;
$db->value("SELECT paycore.cancel_payment_intent('$second')");
$db->age($second, '2 minutes');
$db->drain;
$db->drain;
is($db->intent_status($second), 'succeeded', 'a create that succeeded after all');
is($db->request($second, 'intent.cancel', 'status'), 'too_late', 'makes the cancel too late');

# Already so when its turn comes.
$second = $db->intent('8 EUR', more => "capture_method => 'manual', confirm => true, payment_method => 'pm_card_visa'");
$db->drain;
$psp = $db->value("SELECT psp_intent_id FROM paycore.payment_intents WHERE id = '$second'");
$db->value("SELECT paycore.pause_gateway('default')");
$db->value("SELECT paycore.cancel_payment_intent('$second')");
$db->stripe->control(POST => "intents/$psp/cancel", { cancellation_reason => 'requested_by_customer' });
$db->deliver;
$db->value("SELECT paycore.resume_gateway('default')");
$db->drain;
is($db->request($second, 'intent.cancel', 'status, attempts'), 'obsolete|0', 'a cancel of what is canceled is obsolete');

# A capture that meets an expired authorisation.
$second = $db->intent('8 EUR', more => "capture_method => 'manual', confirm => true, payment_method => 'pm_card_visa'");
$db->drain;
ok($db->value("SELECT capture_before > now() FROM paycore.payment_intents WHERE id = '$second'"), 'capture_before is kept');
is(health('expiring'), 0, 'and watched: it is days away');
$db->value("UPDATE paycore.payment_intents SET capture_before = now() + interval '1 hour' WHERE id = '$second'");
is(health('expiring'), 1, 'an authorisation that is about to expire shows in health()');
$psp = $db->value("SELECT psp_intent_id FROM paycore.payment_intents WHERE id = '$second'");
$db->stripe->control(POST => "intents/$psp/expire", {});
$db->value("SELECT paycore.capture_payment_intent('$second')");
$db->drain;
is($db->intent_status($second), 'canceled', 'a capture that meets an expired authorisation ends canceled');
is($db->value("SELECT status FROM paycore.payments WHERE payment_intent_id = '$second'"), 'canceled', 'its payment too');
is(health('expiring'), 0, 'and is watched no more');

# send_by: of a create, and of a confirm.
$db->value("SELECT paycore.pause_gateway('default')");
is($db->value("SELECT round(extract(epoch FROM send_by - created_at)) FROM paycore.outbox WHERE object_id = '"
	  . ($second = $db->intent('5 EUR')) . "'"), 900, 'an on-session confirmation has 15 minutes');
my $off = $db->intent('5 EUR', more => "confirm => true, off_session => true, payment_method => 'pm_card_visa'");
is($db->request($off, 'intent.create', 'send_by'), '', 'one without the payer has all the time');
$db->age($_, '16 minutes') for $second, $off;
$db->value("SELECT paycore.resume_gateway('default')");
$db->drain;
is($db->request($second, 'intent.create', 'status'), 'expired', 'too old, it is not sent');
is($db->intent_status($off), 'succeeded', 'the other is');
$db->value("SELECT paycore.pause_gateway('default')");
$second = $db->intent('5 EUR', more => "payment_method => 'pm_card_visa'");
$db->value("SELECT paycore.confirm_payment_intent('$second')");
$db->value("UPDATE paycore.outbox SET send_by = now() - interval '1 second' WHERE operation = 'intent.confirm'"
	  . " AND object_id = '$second'");
$db->value("SELECT paycore.resume_gateway('default')");
$db->drain;
is($db->request($second, 'intent.confirm', 'status'), 'expired', 'a confirm that is too old is not sent');
is($db->intent_status($second), 'requires_confirmation', 'and leaves the intent as it was');

# No refund before the payment has succeeded.
$second = $db->intent('5 EUR', more => "capture_method => 'manual', confirm => true, payment_method => 'pm_card_visa'");
$db->drain;
$node->fails_with("SELECT paycore.create_refund(payment_id, '1 EUR') FROM paycore.payment_intents WHERE id = '$second'", 'PY022',
	'an authorised payment is not refunded');
$db->value("SELECT paycore.capture_payment_intent('$second')");
$db->drain;
$first = $db->refund($second, '2 EUR');
$db->drain;
is($db->refund_status($first), 'succeeded', 'a captured one is');

is($db->value('SELECT * FROM paycore.verify()'), '', 'verify() is clean');
$db->stop;
done_testing();
