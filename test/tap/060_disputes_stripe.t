# Disputes at Stripe: heard of by event or by the charge alone, answered, accepted, escalated, and never
# submitted twice, however the answers get lost.  Warnings and reviews.
use strict;
use warnings;

use PayCluster;
use StripeCluster;
use Test::More;

my $db = StripeCluster->new('disputes', stripe => { settle_delay => 0, dispute_delay => 1 }, conf => "paycore.request_timeout = 20000\n");
my $node = $db->node;
my $account = $db->account;

# A paid intent; gives the ids of its payment and its charge.
sub paid
{
	my ($method) = @_;
	my $intent = $db->intent('50 EUR', account => $account, method => $method // 'pm_card_visa');
	$db->drain;
	return split /\|/, $db->value("SELECT p.id, p.psp_charge_id FROM paycore.payments p WHERE p.payment_intent_id = '$intent'");
}

sub dispute_of
{
	my ($payment) = @_;
	return $db->value("SELECT id FROM paycore.list_disputes(payment_id => '$payment') ORDER BY id LIMIT 1");
}

sub shown
{
	my ($dispute) = @_;
	return $db->value("SELECT concat_ws(' ', status, 'held', held, 'out', withdrawn, 'back', reinstated, 'fee', fee, 'n=' || submission_count)"
		  . " FROM paycore.disputes WHERE id = '$dispute'");
}

sub history
{
	my ($object) = @_;
	return $db->value("SELECT string_agg(to_status, ' ' ORDER BY changed_at, id) FROM paycore.status_changes WHERE object_id = '$object'");
}

sub form { my ($path) = @_; return ($db->stripe->requests(path => $path, method => 'POST'))[-1]{body} }
sub effects { my ($kind) = @_; return $db->stripe->effects->{totals}{$kind} // 0 }
sub psp { my ($dispute) = @_; return $db->value("SELECT psp_dispute_id FROM paycore.disputes WHERE id = '$dispute'") }

# Its events got lost: the charge that answers says that it is disputed, and its disputes are asked for.
my ($payment, $charge) = paid('pm_card_createDispute');
my $dispute = dispute_of($payment);
is(shown($dispute), 'needs_response held 50.00 EUR out 50.00 EUR back fee 15.00 EUR n=0', 'found without any event');
$db->deliver;
is($db->value('SELECT count(*) FROM paycore.disputes'), 1, 'the events make no second one');
is($db->value("SELECT count(*) FROM paycore.webhook_events WHERE status <> 'processed' AND type LIKE 'charge.dispute%'"), 0, 'and are processed');
$node->fails_with("SELECT paycore.create_refund('$payment', '1 EUR')", 'PY022', 'no refund while it stands');

# Evidence: staged, changed, submitted, won.
$db->value("SELECT paycore.update_dispute_evidence('$dispute', '{\"customer_name\": \"Ann\", \"receipt\": \"file_1\"}')");
$db->drain;
like(form('disputes'), qr/evidence\[customer_name\]=Ann&submit=false$/, 'evidence is staged, not submitted');
$db->value("SELECT paycore.update_dispute_evidence('$dispute', '{\"receipt\": null, \"uncategorized_text\": \"winning_evidence\"}')");
$db->drain;
$db->deliver;
is($db->value("SELECT evidence FROM paycore.disputes WHERE id = '$dispute'"),
	'{"customer_name": "Ann", "uncategorized_text": "winning_evidence"}', 'the row has what is staged');
is($db->stripe->control(GET => 'objects/' . psp($dispute))->{evidence}{receipt}, undef, 'what was taken back is gone there too');
is(effects('evidence'), 0, 'nothing was submitted');
$db->value("SELECT paycore.submit_dispute_evidence('$dispute')");
$db->drain;
like(form('disputes'), qr/submit=true$/, 'then it is');
like(shown($dispute), qr/^under_review held 50.00 EUR .* n=1$/, 'under review');
$db->stripe->advance(2);
$db->deliver;
is(shown($dispute), 'won held 0.00 EUR out 50.00 EUR back 50.00 EUR fee 15.00 EUR n=1', 'won: two balance transactions, nothing held');
is(history($dispute), 'needs_response under_review won', 'its history');
my $refund = $db->value("SELECT id FROM paycore.create_refund('$payment', '20 EUR')");
$db->drain;
is($db->refund_status($refund), 'succeeded', 'a payment that was won can be refunded');

# An answer that got lost: the dispute itself tells what became of the request.
my @cut = (kind => 'status', when => 'after', status => 500, should_retry => \0);
my @off = (kind => 'status', when => 'before', status => 500, should_retry => \0);
for my $fault ([ 'done', 1, @cut ], [ 'not done', 1, @off ])
{
	my ($what, $submissions, @fault) = @$fault;
	($payment, $charge) = paid('pm_card_createDispute');
	$dispute = dispute_of($payment);
	$db->value("SELECT paycore.update_dispute_evidence('$dispute', '{\"uncategorized_text\": \"losing_evidence\"}')");
	$db->drain;
	$db->value("SELECT paycore.submit_dispute_evidence('$dispute')");
	$db->stripe->fault(@fault, path => 'disputes', method => 'POST');
	my $before = effects('evidence');
	$db->drain;
	for (1 .. 6)
	{
		last if $db->request($dispute, 'dispute.submit', 'finished_at IS NOT NULL') eq 't';
		$db->age($dispute, '10 seconds');
		$db->drain;
	}
	is($db->request($dispute, 'dispute.submit', 'status'), 'done', "submission $what, answer lost: settled");
	is(effects('evidence') - $before, $submissions, 'and submitted once');
	like(shown($dispute), qr/^under_review .* n=1$/, 'the row knows');
}
$db->stripe->advance(2);
$db->deliver;
like(shown($dispute), qr/^lost held 50.00 EUR out 50.00 EUR back fee/, 'lost: what was withdrawn stays withdrawn');

# The loss is accepted; the answer got lost.
($payment, $charge) = paid('pm_card_createDisputeProductNotReceived');
$dispute = dispute_of($payment);
my $lost = effects('dispute_lost');
$db->stripe->fault(kind => 'cut', path => 'close');
$db->value("SELECT paycore.close_dispute('$dispute')");
for (1 .. 3) { $db->age($dispute, '1 second'); $db->drain }
is($db->request($dispute, 'dispute.close', 'status'), 'done', 'closed, though the answer was cut');
like(shown($dispute), qr/^lost /, 'and lost');
is(effects('dispute_lost') - $lost, 1, 'once');

# Stripe closed it first.
($payment, $charge) = paid('pm_card_createDispute');
$dispute = dispute_of($payment);
$db->stripe->control(POST => 'disputes/' . psp($dispute) . '/transition', { status => 'lost' });
$db->value("SELECT paycore.update_dispute_evidence('$dispute', '{\"receipt\": \"file_1\"}')");
$db->value("SELECT paycore.close_dispute('$dispute')");
$db->drain;
is($db->request($dispute, 'dispute.update', 'status'), 'too_late', 'evidence for a closed one is too late');
like($db->request($dispute, 'dispute.close', 'status'), qr/^(?:too_late|obsolete)$/, 'and so is closing it');
like(shown($dispute), qr/^lost /, 'the row has caught up');

# An inquiry lets refunds through, then escalates over them.
($payment, $charge) = paid('pm_card_createDisputeInquiry');
$dispute = dispute_of($payment);
is(shown($dispute), 'warning_needs_response held 0.00 EUR out back fee n=0', 'an inquiry holds nothing');
$refund = $db->value("SELECT id FROM paycore.create_refund('$payment', '10 EUR')");
$db->drain;
is($db->refund_status($refund), 'succeeded', 'and lets a refund through');
$db->deliver;
$db->stripe->control(POST => 'disputes/' . psp($dispute) . '/transition', { status => 'needs_response' });
$db->deliver;
is(shown($dispute), 'needs_response held 50.00 EUR out 50.00 EUR back fee 15.00 EUR n=0', 'escalated');
is($db->value("SELECT refunded, dispute_held, over_returned FROM paycore.payments WHERE id = '$payment'"), '10.00 EUR|50.00 EUR|t',
	'a partly refunded charge disputed in full is marked');

# A dispute that Stripe has and we have not heard of: our refund is refused there, and frees its share.
($payment, $charge) = paid();
$db->stripe->control(POST => "charges/$charge/dispute", { reason => 'fraudulent', amount => 2000 });
$refund = $db->value("SELECT id FROM paycore.create_refund('$payment', '10 EUR')");
$db->drain;
is($db->value("SELECT status, failure_reason FROM paycore.refunds WHERE id = '$refund'"), 'failed|charge_disputed', 'refused at Stripe');
$db->deliver;
is($db->value("SELECT refund_reserved, dispute_held, over_returned FROM paycore.payments WHERE id = '$payment'"), '0.00 EUR|20.00 EUR|f',
	'a partial dispute holds its share');
$db->stripe->control(POST => "charges/$charge/dispute", { reason => 'duplicate', amount => 1000, is_charge_refundable => \1 });
$db->deliver;
is($db->value("SELECT disputes, dispute_held, available_to_refund FROM paycore.payments_overview WHERE id = '$payment'"), '2|30.00 EUR|20.00 EUR',
	'a second one another share');
$dispute = $db->value("SELECT id FROM paycore.disputes WHERE payment_id = '$payment' AND reason = 'fraudulent'");
$db->stripe->control(POST => 'disputes/' . psp($dispute) . '/transition', { status => 'lost', returned => 500 });
$db->deliver;
is(shown($dispute), 'lost held 15.00 EUR out 20.00 EUR back 5.00 EUR fee 15.00 EUR n=0', 'a lost one that gives a part back holds the rest');

# Somebody else's charge: its dispute is left alone.
my $stranger = $db->stripe->control(POST => 'intents',
	{ amount => 700, currency => 'eur', confirm => \1, payment_method_types => ['card'], payment_method => 'pm_card_createDispute' });
$db->deliver;
$db->drain;
for (1 .. 8)
{
	$db->value("UPDATE paycore.webhook_events SET next_attempt_at = now() WHERE status = 'received'");
	$db->value('SELECT count(paycore.retry_webhook(id)) FROM paycore.webhook_events WHERE status = \'received\'');
	$db->drain;
}
is($db->value("SELECT count(*) FROM paycore.disputes d JOIN paycore.payments p ON p.id = d.payment_id WHERE p.psp_charge_id = '$stranger->{latest_charge}'"),
	0, 'a stranger has no row');
is($db->value("SELECT DISTINCT status FROM paycore.webhook_events WHERE type LIKE 'charge.dispute.%' AND payload #>> '{data,object,charge}' = '$stranger->{latest_charge}'"),
	'ignored', 'its events are ignored');
is(scalar($db->stripe->requests(path => "payment_intents/$stranger->{id}", method => 'GET')), 1, 'after one question');

# Early fraud warnings and reviews.
($payment, $charge) = paid('pm_card_createIssuerFraudRecord');
$db->deliver;
is($db->value("SELECT fraud_type, actionable FROM paycore.list_early_fraud_warnings(payment_id => '$payment')"), 'unauthorized_use_of_card|t', 'a warning');
my $warning = $db->value('SELECT psp_warning_id FROM paycore.early_fraud_warnings');
$db->stripe->control(POST => "charges/$charge/review", {});
$db->stripe->settings(api_version => '2020-01-01');
$db->stripe->control(POST => "warnings/$warning/settle", {});
$db->stripe->settings(api_version => '2026-07-29.dahlia');
$db->deliver;
$db->drain;
is($db->value("SELECT actionable FROM paycore.early_fraud_warnings"), 'f', 'settled, though told in another version');
is($db->value("SELECT fraud_warned, in_review FROM paycore.payments_overview WHERE id = '$payment'"), 't|t', 'on the page of its payment');
my $review = $db->value('SELECT psp_review_id FROM paycore.reviews');
$db->stripe->control(POST => "reviews/$review/close", { reason => 'refunded_as_fraud' });
$db->deliver;
is($db->value('SELECT is_open, closed_reason FROM paycore.reviews'), 'f|refunded_as_fraud', 'the review is closed');

# Nobody answers in time.
($payment, $charge) = paid('pm_card_createDispute');
$dispute = dispute_of($payment);
$db->stripe->advance(10 * 86400);
$db->deliver;
is($db->value("SELECT status, past_due FROM paycore.disputes WHERE id = '$dispute'"), 'lost|t', 'silence loses');

is($db->value("SELECT rule FROM paycore.verify() WHERE severity = 'violation'"), '', 'verify() is clean');
$db->stop;
done_testing();
