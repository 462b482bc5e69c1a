# Unknown outcomes: what each signal leads to, and how a request whose outcome is unknown is
# looked into (domain rules, 6).  The clock of a request is turned by its own columns.
use strict;
use warnings;

use PayCluster;
use PostgreSQL::Test::Utils;
use StripeCluster;
use Test::More;

my $db = StripeCluster->new('unknown', stripe => { settle_delay => 0 });
my $node = $db->node;
my $account = $db->account;
my @lost = (kind => 'status', status => 500, should_retry => \0);
my ($id, $refund, $key, $before);

sub suspected { my ($table, $id) = @_; return $db->value("SELECT duplicate_suspected FROM paycore.$table WHERE id = '$id'") }

# Minutes until the next look at a request.
sub next_look
{
	my ($id, $operation) = @_;
	return $db->request($id, $operation, 'round(extract(epoch FROM next_attempt_at - last_sent_at) / 60)');
}

# An intent whose answer got lost and which the gateway shows nowhere; aged past the last look.
sub absent_intent
{
	my ($more) = @_;
	$db->stripe->fault(@lost, when => 'before', path => 'payment_intents$', method => 'POST');
	my $id = $db->intent('5 EUR', account => $account, more => $more);
	$db->drain;
	return $id;
}

my $payer = $db->intent('100 EUR', account => $account);
$db->drain;
$db->drain;
is($db->intent_status($payer), 'succeeded', 'a payment to refund');

# Never connected: the clock has not started.
my $url = $db->stripe->url;
PostgreSQL::Test::Utils::append_to_file($db->secrets, "\n");
{
	my $text = PostgreSQL::Test::Utils::slurp_file($db->secrets);
	(my $broken = $text) =~ s/\Q$url\E/https:\/\/127.0.0.1:1/;
	Mojo::File::path($db->secrets)->spurt($broken);
	$id = $db->intent('5 EUR', account => $account);
	$db->value("CALL paycore.drain_outbox('1 second')");
	is($db->value("SELECT attempts, uncounted > 0, first_sent_at IS NULL, error_code FROM paycore.outbox"
		  . " WHERE operation = 'account.retrieve' AND finished_at IS NULL"), '0|t|t|not_connected',
		'never connected: not counted, and its clock has not started');
	is($db->request($id, 'intent.create', 'status, attempts'), 'pending|0', 'what waits for it has not been sent');
	unlike($db->value('SELECT paycore.health() ->> $$problems$$'), qr/got through/, 'a moment without a connection is no problem');
	$db->value("UPDATE paycore.outbox SET uncounted = 10, created_at = created_at - interval '11 minutes' WHERE uncounted > 0 AND finished_at IS NULL");
	like($db->value('SELECT paycore.health() ->> $$problems$$'), qr/1 requests have not got through to the gateway/, 'ten minutes are');
	is($db->value('SELECT value FROM paycore.metrics() WHERE name = $$paycore_outbox_failing$$'), '1', 'and are measured');
	Mojo::File::path($db->secrets)->spurt($text);
	$db->value('UPDATE paycore.outbox SET next_attempt_at = now() WHERE finished_at IS NULL');
	$db->drain;
	is($db->intent_status($id), 'succeeded', 'once there is a connection, it goes');
}

# 5xx: the same key, at most five times.
$db->stripe->fault(kind => 'status', status => 500, path => 'refunds$', count => 0);
$before = $db->sent('refunds$');
$refund = $db->refund($payer, '1 EUR');
for (1 .. 12) { $db->age($refund, '0'); $db->drain; last if $db->request($refund, 'refund.create', 'status') eq 'resolving' }
is($db->request($refund, 'refund.create', 'status, attempts'), 'resolving|5', '5xx five times: looked into');
is($db->sent('refunds$') - $before, 5, 'after five attempts');
is(scalar(keys %{ { map { $_->{key} => 1 } $db->stripe->requests(path => 'refunds$', method => 'POST') } }), 1, 'under one key');
$db->stripe->clear_faults;

# A refund is looked for at one minute, ten minutes and one hour after it was sent last.
is(next_look($refund, 'refund.create'), 1, 'the first look is a minute after the last send');
$db->age($refund, '61 seconds');
$db->drain;
is(next_look($refund, 'refund.create'), 10, 'the second after ten');
$db->age($refund, '10 minutes');
$db->drain;
is(next_look($refund, 'refund.create'), 60, 'the third after an hour');
is($db->value("SELECT refund_reserved FROM paycore.payments p JOIN paycore.payment_intents i ON i.payment_id = p.id"
	  . " WHERE i.id = '$payer'"), '1.00 EUR', 'its reservation is kept');
$key = $db->request($refund, 'refund.create', 'idempotency_key');
$db->age($refund, '1 hour');
$db->drain;
like($db->request($refund, 'refund.create', 'status, idempotency_key'), qr/^done\|.*-2$/, 'absent: a new key');
is($db->executions($key), 0, 'the old one had no effect');
is($db->refund_status($refund), 'succeeded', 'and the refund is made');
is($db->value("SELECT refunded FROM paycore.payments p JOIN paycore.payment_intents i ON i.payment_id = p.id"
	  . " WHERE i.id = '$payer'"), '1.00 EUR', 'once');

# Bound by a webhook meanwhile: done, and nothing is asked.
$db->stripe->fault(@lost, when => 'after', path => 'refunds$');
$refund = $db->refund($payer, '2 EUR');
$db->drain;
is($db->request($refund, 'refund.create', 'status'), 'resolving', 'a refund whose answer is lost');
$db->deliver;
is($db->refund_status($refund), 'succeeded', 'is bound by its webhook');
$before = $db->sent('refunds', 'GET') + $db->sent('refunds');
$db->age($refund, '61 seconds');
$db->drain;
is($db->request($refund, 'refund.create', 'status'), 'done', 'which ends the request');
is($db->sent('refunds', 'GET') + $db->sent('refunds') - $before, 0, 'without asking the gateway');

# Bound by its charge, which does not say how the intent stands: that is asked for.
$db->stripe->fault(@lost, when => 'after', path => 'payment_intents$', method => 'POST');
$id = $db->intent('3 EUR', account => $account, more => "confirm => true, payment_method => 'pm_card_visa', capture_method => 'manual'");
$db->drain;
is($db->request($id, 'intent.create', 'status'), 'resolving', 'an intent whose answer is lost');
$db->deliver(qr/^charge\.succeeded$/);
is($db->intent_status($id), 'created', 'has a payment, and is not known of otherwise');
$db->age($id, '61 seconds');
$db->drain;
is($db->request($id, 'intent.create', 'status'), 'done', 'its request is over');
$db->drain;
is($db->intent_status($id), 'requires_capture', 'and it is not left behind');

# Confirm, capture, cancel: the object shows the effect.
$id = $db->intent('5 EUR', account => $account, more => "payment_method => 'pm_card_visa', capture_method => 'manual'");
$db->drain;
for my $verb (qw(confirm capture))
{
	for my $when (qw(after before))
	{
		next if $when eq 'after' && $verb eq 'capture';
		$db->stripe->fault(@lost, when => $when, path => "$verb\$");
		$id = $db->intent('5 EUR', account => $account, more => "payment_method => 'pm_card_visa', capture_method => 'manual'");
		$db->drain;
		if ($verb eq 'capture')
		{
			$db->value("SELECT paycore.confirm_payment_intent('$id')");
			$db->drain;
		}
		$db->value("SELECT paycore.${verb}_payment_intent('$id')");
		$db->drain;
		if ($when eq 'before')
		{
			is($db->request($id, "intent.$verb", 'status'), 'resolving', "$verb: no effect is visible yet");
			$db->age($id, '4 seconds');
			$db->drain;
			$db->drain;
			like($db->request($id, "intent.$verb", 'idempotency_key'), qr/-2$/,
				"$verb, unchanged after twice the timeout: a new key");
		}
		is($db->request($id, "intent.$verb", 'status'), 'done', "$verb, effect $when the fault: done in the end");
		is($db->intent_status($id), $verb eq 'confirm' ? 'requires_capture' : 'succeeded', 'and its effect is here');
	}
}

# An intent with confirm, absent: never charged again while the payer sits there ...
my $confirm = "confirm => true, payment_method => 'pm_card_visa'";
$id = absent_intent($confirm);
is(next_look($id, 'intent.create'), 1, 'an intent is looked for after a minute');
$key = $db->request($id, 'intent.create', 'idempotency_key');
$db->age($id, '2 hours');
$db->drain;
is($db->value("SELECT status, error_code FROM paycore.payment_intents WHERE id = '$id'"), 'failed|outcome_unknown',
	'absent and on-session: failed, outcome unknown');
is($db->executions($key), 0, 'and never charged');

# ... and its late appearance revives the row.
my $late = $db->stripe->control(POST => 'intents', { amount => 500, currency => 'eur', confirm => 'true',
		payment_method => 'pm_card_visa', customer => $db->value("SELECT psp_customer_id FROM paycore.billing_accounts WHERE id = '$account'"),
		'automatic_payment_methods' => { enabled => 'true', allow_redirects => 'never' },
		metadata => { metadata_of($id) } });
$db->deliver;
is($db->intent_status($id), 'succeeded', 'a late appearance revives the row');
is(suspected('payment_intents', $id), 't', 'and flags it');

# Off-session: a new key.
$id = absent_intent("$confirm, off_session => true");
$db->age($id, '2 hours');
$db->drain;
like($db->request($id, 'intent.create', 'status, idempotency_key'), qr/^done\|.*-2$/, 'absent and off-session: a new key');
is($db->intent_status($id), 'succeeded', 'and it is charged');
is(suspected('payment_intents', $id), 'f', 'once');

# Without confirm: a new key, and the orphan that turns up is canceled.
$id = absent_intent("payment_method => 'pm_card_visa'");
$db->age($id, '2 hours');
$db->drain;
is($db->intent_status($id), 'requires_confirmation', 'absent and unconfirmed: made under a new key');
my $bound = $db->value("SELECT psp_intent_id FROM paycore.payment_intents WHERE id = '$id'");
$late = $db->stripe->control(POST => 'intents', { amount => 500, currency => 'eur', metadata => { metadata_of($id) },
		customer => $db->value("SELECT psp_customer_id FROM paycore.billing_accounts WHERE id = '$account'") });
$db->deliver;
$db->drain;
is($db->stripe->control(GET => "objects/$late->{id}")->{status}, 'canceled', 'an orphan found later is canceled');
is($db->value("SELECT psp_intent_id FROM paycore.payment_intents WHERE id = '$id'"), $bound, 'the row keeps its own intent');
is(suspected('payment_intents', $id), 't', 'and is flagged');
is($db->value("SELECT count(*) FROM paycore.payment_intents WHERE psp_intent_id = '$late->{id}'"), 0, 'the orphan gets no row');

# One that was paid cannot be canceled: it gets a row of its own.
$late = $db->stripe->control(POST => 'intents', { amount => 500, currency => 'eur', metadata => { metadata_of($id) },
		confirm => 'true', payment_method => 'pm_card_visa', 'automatic_payment_methods' => { enabled => 'true', allow_redirects => 'never' },
		customer => $db->value("SELECT psp_customer_id FROM paycore.billing_accounts WHERE id = '$account'") });
$db->deliver;
is($db->value("SELECT status, duplicate_suspected FROM paycore.payment_intents WHERE psp_intent_id = '$late->{id}'"),
	'succeeded|t', 'a paid orphan gets a row of its own, flagged');

# A refund's twin.
my $charge = $db->value("SELECT psp_charge_id FROM paycore.payments p JOIN paycore.payment_intents i ON i.payment_id = p.id WHERE i.id = '$payer'");
my %mark = metadata_of($payer);
my $twin = $db->stripe->control(POST => 'refunds', { charge => $charge, amount => 200,
		metadata => { %mark, paycore_refund => $refund } });
$db->deliver;
is($db->value("SELECT duplicate_suspected FROM paycore.refunds WHERE psp_refund_id = '$twin->{id}'"), 't',
	'a second refund of ours under one id is recorded and flagged');
is(suspected('refunds', $refund), 'f', 'the first is not');

# First sent 23 hours ago: never sent again, not even by hand.
$db->stripe->fault(kind => 'status', status => 429, path => 'refunds$', count => 0);
$id = $db->refund($payer, '4 EUR');
$db->value("CALL paycore.drain_outbox('1 second')");
$db->stripe->clear_faults;
$db->value("UPDATE paycore.outbox SET status = 'pending', first_sent_at = now() - interval '23 hours',"
	  . " last_sent_at = now() - interval '1 minute', next_attempt_at = now() WHERE object_id = '$id' AND body IS NOT NULL");
$before = $db->sent('refunds$');
$db->drain;
is($db->sent('refunds$'), $before, 'first sent 23 hours ago, a request is not sent again');
is($db->request($id, 'refund.create', 'status'), 'resolving', 'but looked into');
$db->value("UPDATE paycore.outbox SET status = 'dead' WHERE object_id = '$id'");
$db->value("SELECT paycore.retry_outbox((SELECT id FROM paycore.outbox WHERE object_id = '$id'))");
is($db->request($id, 'refund.create', 'status'), 'resolving', 'nor by retry_outbox()');
$db->drain;
is($db->sent('refunds$'), $before, 'indeed');

# A replayed answer is the old picture: it is dated by the first dispatch, and undoes nothing.
$node->append_conf('postgresql.conf', "paycore.retry_initial = '10min'\npaycore.retry_max = '10min'");
$node->reload;
$db->deliver;
$db->stripe->fault(kind => 'cut', when => 'after', path => 'payment_intents$', method => 'POST');
$id = $db->intent('5 EUR', account => $account,
	more => "confirm => true, capture_method => 'manual', payment_method => 'pm_card_threeDSecure2Required'");
$db->drain;
is($db->request($id, 'intent.create', 'status, error_code'), 'pending|no_answer', 'an answer is cut off');
$db->deliver;
# Two events of one second are a doubt, which a GET resolves in another second.
sleep 2;
$db->drain;
is($db->intent_status($id), 'requires_action', 'webhooks tell of the intent');
$db->stripe->advance(60);
$db->stripe->complete_action($db->value("SELECT psp_intent_id FROM paycore.payment_intents WHERE id = '$id'"));
$db->deliver;
is($db->intent_status($id), 'requires_capture', 'then of what the payer did');
$db->stripe->advance(60);
$db->age($id, '0');
$db->drain;
is($db->request($id, 'intent.create', 'status, attempts'), 'done|2', 'sent again, it is answered');
is($db->value("SELECT count(*) FROM paycore.status_changes WHERE object_id = '$id' AND from_status = 'requires_capture'"), 0,
	'the old answer undoes nothing');

sub metadata_of
{
	my ($id) = @_;
	return (paycore_intent => $id, paycore_account => $account, paycore_tenant => 'default',
		paycore_db => $db->value("SELECT 'unknown/' || oid FROM pg_database WHERE datname = current_database()"));
}

is($db->value("SELECT * FROM paycore.verify()"), '', 'verify() is clean');
$db->stop;
done_testing();
