# The worker against Stripe's protocol: what each kind of answer does to a request, over HTTPS.
use strict;
use warnings;

use FakeStripe;
use Mojo::File qw(path);
use PayCluster;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep time);

my $WORKER = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'paycore worker'";
my $KEY = 'sk_test_verySecretKey';
my $dir = PostgreSQL::Test::Utils::tempdir();
my $stripe = FakeStripe->start("$dir/stripe", key => $KEY);
my $secrets = "$dir/secrets";

sub write_secrets
{
	my ($url) = @_;
	my $ca = $stripe->ca_file;
	path($secrets)->spurt("instance = test-1\n[default]\napi_key = $KEY\nwebhook_secret = whsec_hush\n"
		  . "base_url = $url\nca_file = $ca\n");
	chmod 0600, $secrets;
}
write_secrets($stripe->url);

my $node = PayCluster->started('stripe', tables => 1, conf => <<CONF);
paycore.secrets_file = '$secrets'
paycore.retry_initial = 50
paycore.retry_max = 200
paycore.request_timeout = 1500
paycore.response_cap = 100000
paycore.poll_interval = 200
log_min_messages = debug5
log_statement = all
log_parameter_max_length_on_error = -1
CONF
$node->value("UPDATE paycore.gateway_accounts SET gateway = 'stripe', livemode = NULL, rate_limit = 1000");
$node->reload;
$node->wait_for_sql($WORKER, '1');
$node->wait_for_sql('SELECT psp_account_id IS NOT NULL AND NOT livemode FROM paycore.gateway_accounts', 't', 20);

my $account = $node->value("SELECT id FROM paycore.create_billing_account(name => 'Ann', currency => 'EUR')");

sub intent
{
	my ($amount, $method, $more) = @_;
	$method //= 'pm_card_visa';
	$more //= '';
	return $node->value("SELECT id FROM paycore.create_payment_intent('$account', '$amount',"
		  . " payment_method => '$method', confirm => true$more)");
}

sub awaited
{
	my ($id, $timeout) = @_;
	$timeout //= '20 s';
	return $node->value("SELECT status FROM paycore.await_payment_intent('$id', '$timeout')");
}

sub request
{
	my ($id, $columns, $operation) = @_;
	$operation //= 'intent.create';
	return $node->value("SELECT $columns FROM paycore.outbox WHERE object_id = '$id' AND operation = '$operation'");
}

sub effects_of
{
	my ($id, $operation) = @_;
	my $key = request($id, 'idempotency_key', $operation);
	return $stripe->effects->{keys}{$key}{executions} // 0;
}

# The plain way, fee included.
my $id = intent('12.34 EUR');
is(awaited($id), 'succeeded', 'an intent is created and confirmed over HTTPS');
is(effects_of($id), 1, 'once');
my $payment = $node->value("SELECT payment_id FROM paycore.payment_intents WHERE id = '$id'");
my $refund = $node->value("SELECT id FROM paycore.create_refund('$payment', '2 EUR')");
$node->wait_for_sql("SELECT status FROM paycore.refunds WHERE id = '$refund'", 'succeeded', 20);

# Answers that are spoilt on their way: the same bytes, the same key, one effect.
for my $kind (qw(cut close invalid_json invalid_utf8 html oversize hang))
{
	$stripe->fault(kind => $kind, when => 'after', path => 'payment_intents$', method => 'POST');
	my $i = intent('5 EUR');
	my $other = $node->value("SELECT id FROM paycore.create_billing_account(name => 'Bob $kind', currency => 'EUR')");
	my $others = $node->value("SELECT id FROM paycore.create_payment_intent('$other', '1 EUR')");
	$node->wait_for_sql("SELECT psp_customer_id IS NOT NULL FROM paycore.billing_accounts WHERE id = '$other'", 't', 1.2)
	  if $kind eq 'hang';
	awaited($others);
	is(awaited($i), 'succeeded', "an answer spoilt by $kind is asked for again");
	is(effects_of($i), 1, "and $kind has one effect");
	# A connection that is closed at once, curl opens again by itself: same bytes, same key.
	cmp_ok(request($i, 'attempts'), '>=', 2, 'in two attempts') if $kind ne 'close';
}

# Statuses; a slow machine is not to be taken for one more answer.
$node->append_conf('postgresql.conf', 'paycore.request_timeout = 20000');
$node->reload;
$stripe->fault(kind => 'status', status => 500, path => 'payment_intents$', count => 1);
$id = intent('5 EUR');
is(awaited($id), 'succeeded', '500, then 200');
is(request($id, 'attempts'), '2', 'counted');

$stripe->fault(kind => 'status', status => 429, code => 'rate_limit', path => 'payment_intents$', count => 2);
$id = intent('5 EUR');
is(awaited($id), 'succeeded', '429 twice, then 200');
is(request($id, 'attempts, uncounted'), '1|2', 'not counted');

$stripe->fault(kind => 'status', status => 409, code => 'idempotency_key_in_use', path => 'payment_intents$', count => 1);
$id = intent('5 EUR');
is(awaited($id), 'succeeded', '409, then 200');
is(request($id, 'attempts, uncounted'), '1|1', 'not counted');

$stripe->fault(kind => 'status', status => 400, code => 'parameter_invalid_integer', type => 'invalid_request_error',
	message => 'no', path => 'payment_intents$');
$id = intent('5 EUR');
is(awaited($id), 'failed', 'a definite 400: the intent has failed');
is(request($id, 'status'), 'refused', 'its request was refused');
$node->value_is("SELECT error_code FROM paycore.payment_intents WHERE id = '$id'", 'parameter_invalid_integer', 'with its reason');

$id = intent('5 EUR', 'pm_card_chargeDeclined');
is(awaited($id), 'requires_payment_method', '402 returns the intent to its payer');
is(request($id, 'status'), 'declined', 'and ends the request');

$stripe->fault(kind => 'redirect', location => 'https://127.0.0.1:1/', path => 'payment_intents$', count => 1);
$id = intent('5 EUR');
is(awaited($id), 'succeeded', 'a redirect is not followed; asked again, it succeeds');
is(effects_of($id), 1, 'with one effect');

# A refund that the gateway refuses frees its share.
$stripe->fault(kind => 'status', status => 400, code => 'charge_disputed', type => 'invalid_request_error',
	message => 'no', path => 'refunds$');
$refund = $node->value("SELECT id FROM paycore.create_refund('$payment')");
$node->wait_for_sql("SELECT status FROM paycore.refunds WHERE id = '$refund'", 'failed', 20);
$node->value_is("SELECT refund_reserved FROM paycore.payments WHERE id = '$payment'", '0.00 EUR', 'its share is free again');

# A replayed 5xx is looked into: the list shows that the refund was made.
$stripe->fault(kind => 'status', when => 'after', status => 500, path => 'refunds$', should_retry => \0);
$refund = $node->value("SELECT id FROM paycore.create_refund('$payment', '1 EUR')");
$node->wait_for_sql("SELECT status FROM paycore.outbox WHERE object_id = '$refund'", 'resolving', 20);
$node->value("UPDATE paycore.outbox SET next_attempt_at = now() WHERE object_id = '$refund'");
$node->wait_for_sql("SELECT status FROM paycore.outbox WHERE object_id = '$refund'", 'done', 20);
$node->value_is("SELECT status FROM paycore.refunds WHERE id = '$refund'", 'succeeded', 'found in the list');
is(effects_of($refund, 'refund.create'), 1, 'and made once');

# One that never happened, looked for an hour later: a new key.
$stripe->fault(kind => 'status', when => 'before', status => 500, path => 'refunds$', should_retry => \0);
$refund = $node->value("SELECT id FROM paycore.create_refund('$payment', '1 EUR')");
$node->wait_for_sql("SELECT status FROM paycore.outbox WHERE object_id = '$refund'", 'resolving', 20);
$node->value("UPDATE paycore.outbox SET next_attempt_at = now(), last_sent_at = now() - interval '2 hours',"
	  . " first_sent_at = now() - interval '2 hours' WHERE object_id = '$refund'");
$node->wait_for_sql("SELECT status FROM paycore.outbox WHERE object_id = '$refund'", 'done', 20);
like(request($refund, 'idempotency_key', 'refund.create'), qr/-2$/, 'absent: sent under a new key');
$node->value_is("SELECT status FROM paycore.refunds WHERE id = '$refund'", 'succeeded', 'and then made');

# An on-session confirmation that left no trace is never charged again.
$stripe->fault(kind => 'status', when => 'before', status => 500, path => 'payment_intents$', should_retry => \0);
$id = intent('5 EUR');
$node->wait_for_sql("SELECT status FROM paycore.outbox WHERE object_id = '$id'", 'resolving', 20);
$node->value("UPDATE paycore.outbox SET next_attempt_at = now(), last_sent_at = now() - interval '2 hours',"
	  . " first_sent_at = now() - interval '2 hours' WHERE object_id = '$id'");
is(awaited($id), 'failed', 'an on-session intent without a trace has failed');
$node->value_is("SELECT error_code FROM paycore.payment_intents WHERE id = '$id'", 'outcome_unknown', 'as unknown');
is($stripe->effects->{keys}{request($id, 'idempotency_key')}{executions} // 0, 0, 'and was not sent again');

# An expired confirmation is not sent.
$node->value("SELECT paycore.pause_gateway('default')");
$id = intent('5 EUR');
$node->value("UPDATE paycore.outbox SET send_by = now() - interval '1 second' WHERE object_id = '$id'");
$node->value("SELECT paycore.resume_gateway('default')");
$node->wait_for_sql("SELECT status FROM paycore.outbox WHERE object_id = '$id'", 'expired', 20);
$node->value_is("SELECT status, error_code FROM paycore.payment_intents WHERE id = '$id'", 'failed|send_by_passed',
	'an intent that was not made at the gateway in time is over');

# While a request hangs: no transaction, no xmin, and a stop that does not wait.
$stripe->fault(kind => 'hang', path => 'payment_intents$', count => 0);
$node->append_conf('postgresql.conf', 'paycore.request_timeout = 60000');
$node->reload;
sleep 0.5;
$id = intent('5 EUR');
$node->wait_for_sql("SELECT status FROM paycore.outbox WHERE object_id = '$id'", 'sending', 20);
sleep 0.3;
$node->value_is("SELECT state, backend_xmin IS NULL AND backend_xid IS NULL FROM pg_stat_activity"
	  . " WHERE backend_type = 'paycore worker'", 'idle|t', 'while a request hangs, the worker holds nothing');
my $begin = time;
$node->stop('fast');
cmp_ok(time - $begin, '<', 1, 'and the server stops at once');
$stripe->clear_faults;
$node->start;
is(awaited($id, '30 s'), 'succeeded', 'after the restart the request is sent again');
is(effects_of($id), 1, 'under its key, with one effect');

# A key that is refused pauses the account; nothing is lost.
$node->append_conf('postgresql.conf', 'paycore.request_timeout = 1500');
$node->reload;
$stripe->settings(key => 'sk_test_other');
$id = intent('5 EUR');
$node->wait_for_sql('SELECT status FROM paycore.gateway_accounts', 'paused', 20);
$node->wait_for_sql("SELECT status, attempts FROM paycore.outbox WHERE object_id = '$id'", 'pending|0', 20);
$stripe->settings(key => $KEY);
$node->value("SELECT paycore.resume_gateway('default')");
is(awaited($id), 'succeeded', 'resumed, it goes on');

# Certificates that are not good.
for my $bad ($stripe->url_wrong_name, $stripe->url_unknown_ca)
{
	write_secrets($bad);
	$node->reload;
	sleep 0.3;
	$id = intent('5 EUR');
	$node->wait_for_sql("SELECT bool_or(error_code = 'tls_refused') FROM paycore.outbox WHERE finished_at IS NULL", 't', 20);
	write_secrets($stripe->url);
	$node->reload;
	$node->value("UPDATE paycore.outbox SET next_attempt_at = now() WHERE finished_at IS NULL");
	is(awaited($id), 'succeeded', 'a bad certificate is refused, and with a good one the request goes out');
}

# A path is text of a table that its owner may write: it leads the key to no other host or port.
$node->value("SELECT paycore.pause_gateway('default')");
$id = intent('5 EUR');
$node->value("UPDATE paycore.outbox SET method = 'POST', path = '1/v1/payment_intents', body = '' WHERE object_id = '$id'");
$node->value("SELECT paycore.resume_gateway('default')");
$node->wait_for_sql("SELECT error_code, error_message FROM paycore.outbox WHERE object_id = '$id'",
	'not_started|The path does not begin with a slash.', 20);
$node->value("UPDATE paycore.outbox SET path = NULL, next_attempt_at = now() WHERE object_id = '$id'");
is(awaited($id), 'succeeded', 'with its own path the request goes out');

# Another account's key.
$node->value("UPDATE paycore.gateway_accounts SET psp_account_id = 'acct_somebodyElse'");
$node->reload;
$node->wait_for_sql("SELECT status, paused_reason LIKE '%belongs to%' FROM paycore.gateway_accounts", 'paused|t', 20);

# The file alone has changed: nothing is sent before it is known whose the key is.
$node->value("UPDATE paycore.gateway_accounts SET psp_account_id = NULL");
$node->value("SELECT paycore.resume_gateway('default')");
$node->wait_for_sql("SELECT psp_account_id IS NOT NULL FROM paycore.gateway_accounts", 't', 20);
$node->value("UPDATE paycore.gateway_accounts SET psp_account_id = 'acct_somebodyElse'");
write_secrets($stripe->url);
$id = intent('5 EUR');
$node->wait_for_sql("SELECT status FROM paycore.gateway_accounts", 'paused', 20);
$node->value_is("SELECT status, attempts FROM paycore.outbox WHERE object_id = '$id'", 'pending|0', 'nothing is sent with a new key that is somebody else\'s');

# Secrets stay out of the log.
my $log = path($node->logfile)->slurp;
unlike($log, qr/\Q$KEY\E|whsec_hush/, 'no key is in the log');
unlike($log, qr/_secret_/, 'no client secret is in the log');
unlike($log, qr/PANIC|TRAP/, 'nothing crashed');
$node->value_is('SELECT * FROM paycore.verify()', '', 'verify() is clean');
$node->stop;
$stripe->stop;

done_testing();
