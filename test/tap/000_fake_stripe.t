# The fake must behave like Stripe, or the tests that lean on it prove nothing.
use strict;
use warnings;
use feature 'signatures';
no warnings 'experimental::signatures';
use FindBin;
use lib "$FindBin::RealBin/../lib";

use Digest::SHA qw(hmac_sha256_hex);
use Encode qw(encode);
use FakeStripe;
use File::Temp qw(tempdir);
use IO::Socket::SSL qw(SSL_VERIFY_PEER);
use Mojo::IOLoop;
use Mojo::JSON qw(decode_json encode_json true false);
use Mojo::UserAgent;
use Test::More;

my $dir = tempdir(CLEANUP => 1);
my $stripe = FakeStripe->start($dir, settings => { settle_delay => undef });
my $serial = 0;

my %NO_REDIRECT = (
	'automatic_payment_methods[enabled]' => 'true', 'automatic_payment_methods[allow_redirects]' => 'never'
);

sub post ($path, $form = {}, %option)
{
	$option{key} //= 'key-' . ++$serial;
	return $stripe->api(POST => "/v1/$path", $form, %option);
}

sub get ($path) { return $stripe->api(GET => "/v1/$path") }

sub pay ($method = 'pm_card_visa', %more)
{
	my $key = delete $more{key};
	return post('payment_intents', {
		amount => 1000, currency => 'usd', confirm => 'true', payment_method => $method, %NO_REDIRECT, %more
	}, key => $key);
}

sub executions ($key) { return $stripe->effects->{keys}{$key}{executions} // 0 }

sub error_code ($answer) { return $answer->{body}{error}{code} // '' }

# Starts a request; what it gives waits for the answer.
sub begin ($path, $form, $key)
{
	my $tx = $stripe->ua->build_tx(POST => $stripe->url . "/v1/$path", {
		Authorization => 'Bearer ' . $stripe->key, 'Stripe-Version' => '2026-07-29.dahlia', 'Idempotency-Key' => $key
	}, form => $form);
	my $answer;
	my $promise = $stripe->ua->start_p($tx)->then(sub ($done) { $answer = $done->res }, sub { });
	return sub { $promise->wait; return $answer };
}

# Until this is so, which may take a loaded machine a while; the loop of the requests runs meanwhile.
sub await ($is_so)
{
	for (1 .. 600)
	{
		return if $is_so->();
		Mojo::Promise->timer(0.05)->wait;
	}
	die 'waited half a minute in vain';
}

sub types_after ($seq) { return [ map { $_->{type} } $stripe->webhooks('s', after => $seq) ] }

sub last_seq { return scalar $stripe->webhooks }

subtest 'transport' => sub {
	my $answer = $stripe->api(GET => '/v1/account');
	is $answer->{status}, 200, 'the account answers';
	like $answer->{body}{id}, qr/^acct_/, 'with its id';
	is $answer->{headers}->header('Stripe-Version'), '2026-07-29.dahlia', 'the version comes back';
	like $answer->{headers}->header('Request-Id'), qr/^req_/, 'every answer has a request id';
	ok $answer->{headers}->date, 'and a date';
	is get('balance')->{body}{livemode}, false, 'the balance tells the mode';
	is $stripe->api(GET => '/v1/account', undef, api_key => 'sk_test_wrong')->{status}, 401, 'wrong key';
	is $stripe->api(GET => '/v1/account', undef, headers => { Authorization => '' })->{status}, 401, 'no key';
	is $stripe->api(GET => '/v1/account', undef, version => '')->{status}, 400, 'no version';
	is $stripe->api(GET => '/v1/account', undef, account => 'acct_other')->{body}{id}, 'acct_other',
		'a connected account';
	is get('nonsense')->{status}, 404, 'an unknown path';

	my $ua = Mojo::UserAgent->new(ca => $stripe->ca_file);
	for my $case ([ $stripe->url_wrong_name, 'a wrong name' ], [ $stripe->url_unknown_ca, 'an unknown authority' ])
	{
		my $error = $ua->get("$case->[0]/v1/account")->error;
		ok $error && !$error->{code}, "$case->[1] fails in the handshake";
	}
};

subtest 'parameters' => sub {
	my %good = (amount => 1000, currency => 'usd');
	is error_code(post('payment_intents', { %good, colour => 'red' })), 'parameter_unknown', 'unknown';
	is error_code(post('payment_intents', { currency => 'usd' })), 'parameter_missing', 'missing';
	is error_code(post('payment_intents', { %good, amount => '12.5' })), 'parameter_invalid_integer', 'not an integer';
	is error_code(post('payment_intents', { %good, amount => 49 })), 'amount_too_small', 'too small';
	is error_code(post('payment_intents', { %good, amount => 100_000_000 })), 'amount_too_large', 'too large';
	is post('payment_intents', { %good, currency => 'xxx' })->{body}{error}{param}, 'currency', 'currency';
	is post('payment_intents', { amount => 150, currency => 'isk' })->{status}, 400, 'ISK in hundreds';
	is post('payment_intents', { amount => 50, currency => 'jpy' })->{status}, 200, 'JPY has no decimals';
	is error_code(post('payment_intents', { %good, customer => 'cus_none' })), 'resource_missing', 'no customer';
	is error_code(get('payment_intents/pi_none')), 'resource_missing', 'no intent';
	is get('payment_intents/pi_none')->{status}, 404, 'which is a 404';
	my $answer = post('payment_intents', { %good, confirm => 'true', payment_method => 'pm_card_visa' });
	is $answer->{body}{error}{param}, 'return_url', 'redirects need a return_url';
	my $intent = post('payment_intents', { %good, 'metadata[a]' => "gr\x{fc}n", 'metadata[b]' => 2 })->{body};
	is_deeply $intent->{metadata}, { a => "gr\x{fc}n", b => '2' }, 'metadata';
	$intent = post("payment_intents/$intent->{id}", { 'metadata[a]' => '' })->{body};
	is_deeply $intent->{metadata}, { b => '2' }, 'an empty value drops its key';
};

subtest 'idempotency' => sub {
	my %form = (amount => 1234, currency => 'usd');
	my $first = post('payment_intents', \%form, key => 'idem-1');
	my $again = post('payment_intents', \%form, key => 'idem-1');
	is $again->{text}, $first->{text}, 'the same bytes again';
	is $again->{headers}->header('Idempotent-Replayed'), 'true', 'marked as a replay';
	is $again->{headers}->header('Original-Request'), $first->{headers}->header('Request-Id'), 'of the first';
	is $again->{headers}->header('Idempotency-Key'), 'idem-1', 'the key comes back';
	is executions('idem-1'), 1, 'executed once';
	is_deeply [ map { $_->{attempt} } $stripe->requests(key => 'idem-1') ], [ 1, 2 ], 'the journal has both';

	my $other = post('payment_intents', { %form, amount => 1235 }, key => 'idem-1');
	is "$other->{status} $other->{body}{error}{type}", '400 idempotency_error', 'other parameters';
	is post('customers', {}, key => 'idem-1')->{body}{error}{type}, 'idempotency_error', 'another endpoint';

	is post('payment_intents', { amount => 10, currency => 'usd' }, key => 'idem-2')->{status}, 400, 'a bad call';
	is post('payment_intents', \%form, key => 'idem-2')->{status}, 200, 'leaves its key free';

	my $declined = pay('pm_card_chargeDeclined', key => 'idem-3');
	my $replay = pay('pm_card_chargeDeclined', key => 'idem-3');
	is $replay->{text}, $declined->{text}, 'a decline is kept';
	is $stripe->effects->{keys}{'idem-3'}{effects}{charge_declined}, 1, 'and happened once';

	$stripe->fault(kind => 'status', status => 500, when => 'after', key => 'idem-4');
	is post('customers', {}, key => 'idem-4')->{status}, 500, 'a 500 after executing';
	$replay = post('customers', {}, key => 'idem-4');
	is $replay->{status}, 500, 'is kept';
	is $replay->{headers}->header('Stripe-Should-Retry'), 'false', 'and says not to retry';
	is $stripe->effects->{keys}{'idem-4'}{effects}{customer}, 1, 'though it did its work';

	$stripe->advance(24 * 3600 + 1);
	isnt post('payment_intents', \%form, key => 'idem-1')->{body}{id}, $first->{body}{id},
		'after a day the key is new again';
	is executions('idem-1'), 2, 'and the work is done twice';
};

subtest 'one key, two requests at once' => sub {
	$stripe->fault(kind => 'delay', ms => 60_000, key => 'busy');
	my $first = begin('customers', { name => 'x' }, 'busy');
	await(sub { $stripe->requests(key => 'busy') });
	my $second = post('customers', { name => 'x' }, key => 'busy');
	is $second->{status}, 409, 'the second is refused';
	is error_code($second), 'idempotency_key_in_use', 'as the key is in use';
	is $stripe->release, 1, 'one request was waiting';
	is $first->()->code, 200, 'the first goes through';
	is executions('busy'), 1, 'once';
};

subtest 'a payment' => sub {
	my $customer = post('customers', { name => 'Ada', email => 'ada@example.com' })->{body};
	my $method = post('payment_methods/pm_card_visa/attach', { customer => $customer->{id} })->{body};
	isnt $method->{id}, 'pm_card_visa', 'a test method becomes a real one';
	my $seq = last_seq();
	my $intent = pay($method->{id}, customer => $customer->{id}, 'metadata[order]' => 7,
		'expand[]' => 'latest_charge', key => 'pay-1')->{body};
	is $intent->{status}, 'succeeded', 'succeeds';
	is $intent->{amount_received}, 1000, 'in full';
	my $charge = $intent->{latest_charge};
	is $charge->{balance_transaction}, undef, 'its fee is not known yet';
	is_deeply $charge->{metadata}, { order => '7' }, 'metadata reaches the charge';
	is_deeply types_after($seq), [qw(payment_intent.created payment_intent.succeeded charge.succeeded)], 'events';

	my ($event) = grep { $_->{type} eq 'payment_intent.succeeded' } $stripe->webhooks('s', after => $seq);
	is decode_json(encode('UTF-8', $event->{payload}))->{request}{idempotency_key}, 'pay-1', 'name their key';

	$seq = last_seq();
	$stripe->settle($charge->{id});
	is_deeply types_after($seq), ['charge.updated'], 'the fee comes by charge.updated';
	my $updated = decode_json(encode('UTF-8', ($stripe->webhooks('s', after => $seq))[0]{payload}));
	is_deeply $updated->{data}{previous_attributes}, { balance_transaction => undef }, 'that says what changed';
	my $entry = get("charges/$charge->{id}?expand[0]=balance_transaction")->{body}{balance_transaction};
	is_deeply [ @$entry{qw(amount fee net currency type)} ], [ 1000, 59, 941, 'usd', 'charge' ], '2.9 % + 30';

	my $confirm = post("payment_intents/$intent->{id}/confirm", {});
	is error_code($confirm), 'payment_intent_unexpected_state', 'it cannot be confirmed again';
	is $confirm->{body}{error}{payment_intent}{status}, 'succeeded', 'the refusal shows the intent';
	is get("payment_intents?customer=$customer->{id}")->{body}{data}[0]{id}, $intent->{id}, 'listed by customer';

	is post("payment_methods/$method->{id}/detach")->{body}{customer}, undef, 'detached';
	is error_code(pay($method->{id}, customer => $customer->{id})), 'payment_method_unexpected_state', 'for good';
	is $stripe->api(DELETE => "/v1/customers/$customer->{id}")->{body}{deleted}, true, 'deleted';
	is get("customers/$customer->{id}")->{body}{deleted}, true, 'and remembered as such';
};

subtest 'settlement in another currency' => sub {
	$stripe->settings(settlement => { currency => 'eur', rate => 0.9 });
	my $charge = pay('pm_card_visa', capture_method => 'automatic',
		'expand[]' => 'latest_charge.balance_transaction')->{body}{latest_charge};
	my $entry = $charge->{balance_transaction};
	is_deeply [ @$entry{qw(amount currency exchange_rate fee net)} ], [ 900, 'eur', 0.9, 56, 844 ], 'converted';
	$stripe->settings(settlement => undef);
	my $later = pay('pm_card_visa')->{body}{latest_charge};
	$stripe->settle($later, currency => 'gbp', rate => 0.5, fee => 11);
	my $settled = get("charges/$later?expand[]=balance_transaction")->{body}{balance_transaction};
	is_deeply [ @$settled{qw(amount currency fee)} ], [ 500, 'gbp', 11 ], 'or as the test wants';
};

subtest 'declines' => sub {
	my %cases = (
		pm_card_visa_chargeDeclined => [ 'card_declined', 'generic_decline', 'try_again_later' ],
		pm_card_chargeDeclinedInsufficientFunds => [ 'card_declined', 'insufficient_funds', 'try_again_later' ],
		pm_card_visa_chargeDeclinedLostCard => [ 'card_declined', 'lost_card', 'do_not_try_again' ],
		pm_card_visa_chargeDeclinedStolenCard => [ 'card_declined', 'stolen_card', 'do_not_try_again' ],
		pm_card_visa_chargeDeclinedVelocityLimitExceeded
			=> [ 'card_declined', 'card_velocity_exceeded', 'try_again_later' ],
		pm_card_chargeDeclinedExpiredCard => [ 'expired_card', 'expired_card', 'confirm_card_data' ],
		pm_card_chargeDeclinedIncorrectCvc => [ 'incorrect_cvc', 'incorrect_cvc', 'confirm_card_data' ],
		pm_card_chargeDeclinedProcessingError => [ 'processing_error', 'processing_error', 'try_again_later' ],
		pm_card_chargeCustomerFail => [ 'card_declined', 'generic_decline', 'try_again_later' ],
		pm_card_radarBlock => [ 'card_declined', 'fraudulent', 'do_not_try_again' ],
	);
	for my $method (sort keys %cases)
	{
		my $answer = pay($method);
		my $error = $answer->{body}{error};
		is_deeply [ $answer->{status}, $error->{type}, @$error{qw(code decline_code advice_code)} ],
			[ 402, 'card_error', @{$cases{$method}} ], $method;
	}
	my $seq = last_seq();
	my $error = pay('pm_card_visa_chargeDeclined')->{body}{error};
	my $intent = $error->{payment_intent};
	is $intent->{status}, 'requires_payment_method', 'the intent wants another method';
	ok $intent->{client_secret}, 'and comes whole, secret and all';
	is $intent->{last_payment_error}{code}, 'card_declined', 'it remembers the refusal';
	is get("charges/$error->{charge}")->{body}{status}, 'failed', 'the failed charge is there';
	is_deeply types_after($seq), [qw(payment_intent.created payment_intent.payment_failed charge.failed)], 'events';
	my $second = post("payment_intents/$intent->{id}/confirm", { payment_method => 'pm_card_visa' });
	is $second->{body}{status}, 'succeeded', 'another card pays the same intent';
	is $second->{body}{last_payment_error}, undef, 'and clears the error';

	my $customer = post('customers')->{body}{id};
	is post('payment_methods/pm_card_chargeDeclined/attach', { customer => $customer })->{status}, 402,
		'a declining card cannot be attached';
	is post('payment_methods/pm_card_chargeCustomerFail/attach', { customer => $customer })->{status}, 200,
		'the one that fails later can';
};

subtest 'authentication' => sub {
	my $intent = pay('pm_card_authenticationRequired')->{body};
	is $intent->{status}, 'requires_action', 'asks the payer';
	is $intent->{next_action}{type}, 'use_stripe_sdk', 'in the page';
	is $stripe->complete_action($intent->{id})->{status}, 'succeeded', 'who agrees';

	$intent = pay('pm_card_threeDSecure2Required', return_url => 'https://shop.example/back')->{body};
	is $intent->{next_action}{redirect_to_url}{return_url}, 'https://shop.example/back', 'or by a redirect';
	my $failed = $stripe->complete_action($intent->{id}, 'fail');
	is $failed->{status}, 'requires_payment_method', 'and fails';
	is $failed->{last_payment_error}{code}, 'payment_intent_authentication_failure', 'with its own code';
	is $failed->{latest_charge}, undef, 'no charge was tried';

	my $answer = pay('pm_card_authenticationRequired', off_session => 'true');
	is "$answer->{status} " . error_code($answer), '402 authentication_required', 'nobody there to ask';
	my $id = pay('pm_card_authenticationRequiredChargeDeclinedInsufficientFunds')->{body}{id};
	is $stripe->complete_action($id)->{last_payment_error}{decline_code}, 'insufficient_funds', 'then declined';
	is pay('pm_card_authenticationRequiredSetupForOffSession', off_session => 'true')->{body}{status},
		'succeeded', 'set up for off session';
	$id = pay('pm_card_threeDSecure2Required', confirmation_method => 'manual')->{body}{id};
	is $stripe->complete_action($id)->{status}, 'requires_confirmation', 'manual confirmation waits';
	is post("payment_intents/$id/confirm")->{body}{status}, 'succeeded', 'and is then paid';
};

subtest 'authentication, the rest' => sub {
	my $id = pay('pm_card_threeDSecure2Required')->{body}{id};
	is $stripe->complete_action($id, 'abandon')->{last_payment_error}{code},
		'payment_intent_payment_attempt_expired', 'the payer never came back';
	is error_code(pay('pm_card_threeDSecure2Required', error_on_requires_action => 'true')),
		'authentication_required', 'an action that is not wanted';
	is error_code(pay('pm_card_threeDSecureRequiredProcessingError')), 'processing_error', 'the lookup fails';
	$id = pay('pm_card_threeDSecureRequiredChargeDeclined')->{body}{id};
	is $stripe->complete_action($id)->{status}, 'requires_payment_method', 'declined after it';

	my $customer = post('customers')->{body}{id};
	my $setup = post('setup_intents', {
		customer => $customer, payment_method => 'pm_card_authenticationRequiredOnSetup', confirm => 'true'
	})->{body};
	is $setup->{status}, 'requires_action', 'a setup asks';
	$stripe->control(POST => "setups/$setup->{id}/complete_action", { result => 'succeed' });
	is get("payment_methods?customer=$customer")->{body}{data}[0]{id}, $setup->{payment_method}, 'and saves';
	is pay($setup->{payment_method}, customer => $customer, off_session => 'true')->{body}{status}, 'succeeded',
		'a method that may then be charged off session';

	$stripe->settings(confirm_limit => 1);
	my $intent = pay('pm_card_chargeDeclined')->{body}{error}{payment_intent};
	is post("payment_intents/$intent->{id}/confirm", { payment_method => 'pm_card_visa' })->{body}{status},
		'canceled', 'too many confirmations cancel';
	$stripe->settings(confirm_limit => undef);
};

subtest 'manual capture' => sub {
	my $intent = pay('pm_card_visa', capture_method => 'manual')->{body};
	is "$intent->{status} $intent->{amount_capturable}", 'requires_capture 1000', 'authorised';
	is error_code(post('refunds', { payment_intent => $intent->{id} })), 'payment_intent_unexpected_state',
		'not to be refunded';
	is error_code(post("payment_intents/$intent->{id}/capture", { amount_to_capture => 1001 })),
		'amount_too_large', 'not more than authorised';
	my $seq = last_seq();
	my $captured = post("payment_intents/$intent->{id}/capture", { amount_to_capture => 700 })->{body};
	is "$captured->{status} $captured->{amount_received}", 'succeeded 700', 'captured in part';
	is_deeply types_after($seq), [qw(payment_intent.succeeded charge.captured refund.created charge.refunded)],
		'events';
	my @entries = @{ get("balance_transactions?source=$captured->{latest_charge}")->{body}{data} };
	is_deeply [ map { [ @$_{qw(reporting_category amount fee net)} ] } @entries ],
		[ [ 'partial_capture_reversal', -300, -9, -291 ], [ 'charge', 1000, 59, 941 ] ], 'two entries';
	is post('refunds', { payment_intent => $intent->{id} })->{body}{amount}, 700, 'only the captured part is left';
	is error_code(post('refunds', { payment_intent => $intent->{id} })), 'charge_already_refunded', 'once';

	$stripe->settings(capture_async => 1);
	$intent = pay('pm_card_visa', capture_method => 'manual')->{body};
	post("payment_intents/$intent->{id}/capture", { amount_to_capture => 700 });
	is scalar @{ get("balance_transactions?source=$intent->{latest_charge}")->{body}{data} }, 0, 'fees may be late';
	$stripe->settle($intent->{latest_charge});
	my $net = 0;
	$net += $_->{net} for @{ get("balance_transactions?source=$intent->{latest_charge}")->{body}{data} };
	is $net, 650, 'and then come for both';
	$stripe->settings(capture_async => 0);

	$intent = pay('pm_card_visa', capture_method => 'manual')->{body};
	my $canceled = post("payment_intents/$intent->{id}/cancel", { cancellation_reason => 'abandoned' })->{body};
	is "$canceled->{status} $canceled->{cancellation_reason}", 'canceled abandoned', 'canceled';
	my $charge = get("charges/$intent->{latest_charge}")->{body};
	is $charge->{captured}, false, 'never captured';
	is get("refunds?payment_intent=$intent->{id}")->{body}{data}[0]{amount}, 1000, 'released by a refund';

	$intent = pay('pm_card_visa', capture_method => 'manual')->{body};
	$seq = last_seq();
	$stripe->advance(7 * 86400 + 1);
	is get("payment_intents/$intent->{id}")->{body}{cancellation_reason}, 'expired', 'a week later it is gone';
	ok scalar(grep { $_ eq 'charge.expired' } @{types_after($seq)}), 'with charge.expired';
};

subtest 'refunds' => sub {
	my $intent = pay('pm_card_visa', 'metadata[order]' => 7)->{body};
	my $refund = post('refunds', { payment_intent => $intent->{id}, amount => 400 })->{body};
	is "$refund->{status} $refund->{amount}", 'succeeded 400', 'in part';
	is_deeply $refund->{metadata}, {}, 'with no metadata of the payment';
	my $over = post('refunds', { payment_intent => $intent->{id}, amount => 601 });
	is "$over->{status} $over->{body}{error}{param}", '400 amount', 'not beyond the rest';
	is post('refunds', { charge => $intent->{latest_charge} })->{body}{amount}, 600, 'the rest';
	is get("charges/$intent->{latest_charge}")->{body}{refunded}, true, 'fully refunded';
	is scalar @{ get("refunds?payment_intent=$intent->{id}")->{body}{data} }, 2, 'both listed';

	$refund = post('refunds', { payment_intent => pay('pm_card_pendingRefund')->{body}{id} })->{body};
	is $refund->{status}, 'pending', 'pending';
	is $stripe->move_refund($refund->{id}, 'succeeded')->{status}, 'succeeded', 'then done';

	$stripe->settings(refund_delay => 5);
	$intent = pay('pm_card_refundFail')->{body};
	$refund = post('refunds', { payment_intent => $intent->{id} })->{body};
	is $refund->{status}, 'succeeded', 'seems done';
	my $seq = last_seq();
	$stripe->advance(6);
	is get("refunds/$refund->{id}")->{body}{failure_reason}, 'expired_or_canceled_card', 'and fails later';
	is types_after($seq)->[0], 'refund.failed', 'with refund.failed';
	ok get("refunds/$refund->{id}")->{body}{failure_balance_transaction}, 'the money is back';
	is post('refunds', { payment_intent => $intent->{id} })->{status}, 200, 'and can be given again';

	$stripe->settings(next_refund => { status => 'requires_action' });
	$refund = post('refunds', { payment_intent => pay()->{body}{id} })->{body};
	is post("refunds/$refund->{id}/cancel")->{body}{status}, 'canceled', 'one that waits can be canceled';

	$refund = post('refunds', { payment_intent => pay()->{body}{id}, reason => 'duplicate' })->{body};
	$refund = post("refunds/$refund->{id}", { 'metadata[a]' => 1 })->{body};
	is_deeply [ @$refund{qw(metadata reason)} ], [ { a => '1' }, 'duplicate' ], 'metadata of its own';
	my $outside = $stripe->control(POST => 'refunds', { payment_intent => pay()->{body}{id}, amount => 5 });
	is get("refunds/$outside->{id}")->{body}{amount}, 5, 'a refund made in the Dashboard';
};

subtest 'bank debits' => sub {
	my $intent = pay('pm_usBankAccount_success')->{body};
	is $intent->{status}, 'processing', 'takes days';
	is $stripe->bank($intent->{id})->{status}, 'succeeded', 'and works';
	is $stripe->bank($intent->{id}, 'bounce')->{status}, 'succeeded', 'or comes back';
	my $charge = get("charges/$intent->{latest_charge}")->{body};
	is $charge->{status}, 'failed', 'its charge failed';
	is get("balance_transactions/$charge->{failure_balance_transaction}")->{body}{reporting_category},
		'charge_failure', 'and is booked back';
	$intent = pay('pm_usBankAccount_success')->{body};
	is $stripe->bank($intent->{id}, 'fail', 'account_closed')->{last_payment_error}{code}, 'account_closed', 'refused';
};

subtest 'disputes' => sub {
	my $seq = last_seq();
	my $intent = pay('pm_card_createDispute')->{body};
	my ($dispute) = @{ get("disputes?payment_intent=$intent->{id}")->{body}{data} };
	is $dispute->{status}, 'needs_response', 'opened';
	is $dispute->{balance_transactions}[0]{net}, -2500, 'money and fee are gone';
	ok scalar(grep { $_ eq 'charge.dispute.funds_withdrawn' } @{types_after($seq)}), 'and said so';
	is error_code(post('refunds', { payment_intent => $intent->{id} })), 'charge_disputed', 'no refund now';
	$stripe->settings(dispute_delay => 5);
	post("disputes/$dispute->{id}", { 'evidence[uncategorized_text]' => 'winning_evidence' });
	is get("disputes/$dispute->{id}")->{body}{status}, 'under_review', 'answered';
	$stripe->advance(6);
	my $won = get("disputes/$dispute->{id}")->{body};
	is "$won->{status} $won->{balance_transactions}[1]{amount}", 'won 1000', 'won';

	$intent = pay('pm_card_createDisputeInquiry')->{body};
	($dispute) = @{ get("disputes?charge=$intent->{latest_charge}")->{body}{data} };
	is "$dispute->{status} " . @{$dispute->{balance_transactions}}, 'warning_needs_response 0', 'an inquiry';
	my $escalated = $stripe->control(POST => "disputes/$dispute->{id}/transition", { status => 'needs_response' });
	is $escalated->{balance_transactions}[0]{amount}, -1000, 'that escalates';
	my $lost = $stripe->control(POST => "disputes/$dispute->{id}/transition", { status => 'lost', returned => 200 });
	is $lost->{balance_transactions}[1]{amount}, 200, 'lost, with a part given back';
};

subtest 'events and lists' => sub {
	$stripe->reset;
	post('customers', { name => "c$_" }) for 1 .. 12;
	my $page = get('customers?limit=5')->{body};
	is_deeply [ map { $_->{name} } @{$page->{data}} ], [qw(c12 c11 c10 c9 c8)], 'newest first';
	is $page->{has_more}, true, 'and more';
	$page = get("customers?limit=100&starting_after=$page->{data}[4]{id}")->{body};
	is scalar @{$page->{data}}, 7, 'the rest';
	is $page->{has_more}, false, 'and no more';

	my @events = @{ get('events?limit=100')->{body}{data} };
	is scalar @events, 12, 'one event each';
	$page = get("events?limit=3&ending_before=$events[-1]{id}")->{body};
	is_deeply [ map { $_->{id} } @{$page->{data}} ], [ map { $_->{id} } @events[ 8 .. 10 ] ],
		'the page next to the cursor';
	is scalar @{ get('events?types[]=customer.created&types[]=charge.failed&limit=100')->{body}{data} }, 12, 'types';
	is scalar @{ get('events?type=customer.*')->{body}{data} }, 10, 'a wildcard';
	is scalar @{ get('events?type=charge.*')->{body}{data} }, 0, 'that finds nothing';
	is scalar @{ get('customers?created[gte]=' . (time + 100))->{body}{data} }, 0, 'by time';

	my ($hook) = $stripe->webhooks('whsec_1', timestamp => 1700000000);
	my $bytes = encode('UTF-8', $hook->{payload});
	is $hook->{signature}, 't=1700000000,v1=' . hmac_sha256_hex("1700000000.$bytes", 'whsec_1'), 'signed';
	is $stripe->sign(payload => '{"id":"evt_test_webhook","object":"event"}', secret => 'whsec_test_secret',
		timestamp => 1700000000),
		't=1700000000,v1=d95c6b7477fbd7e9f90b1b0ef5f9c7ac25abca5382460e0d988c2b2a5b71b990', 'the known vector';
	is_deeply decode_json($bytes)->{data}, $events[-1]{data}, 'a delivery and the list agree';

	$stripe->settings(event_lag => 60);
	is scalar @{ get('events')->{body}{data} }, 0, 'events may show late';
	$stripe->advance(61);
	is scalar @{ get('events?limit=100')->{body}{data} }, 12, 'but they do';
	$stripe->settings(event_lag => 0);

	my $theirs = $stripe->control(POST => 'intents', {
		amount => 500, currency => 'eur', confirm => true, payment_method => 'pm_card_visa',
		return_url => 'https://other.example/'
	});
	is get("payment_intents/$theirs->{id}")->{body}{status}, 'succeeded', 'an intent of somebody else';
	my $own = get('events?limit=1')->{body}{data}[0];
	is_deeply $own->{request}, { id => undef, idempotency_key => undef }, 'whose events name no key';

	$stripe->settings(livemode => 1);
	post('customers');
	is get('events?limit=1')->{body}{data}[0]{livemode}, true, 'live events';
	$stripe->settings(livemode => 0);
	my $elsewhere = $stripe->api(POST => '/v1/customers', {}, account => 'acct_x')->{body}{id};
	is get("customers/$elsewhere")->{status}, 404, 'a connected account is another world';
};

subtest 'faults' => sub {
	$stripe->reset;
	my $try = sub (%fault) {
		my $key = 'fault-' . ++$serial;
		$stripe->fault(%fault, key => $key);
		return (post('customers', { name => 'Grace' }, key => $key), $key);
	};
	my ($answer, $key) = $try->(kind => 'cut');
	ok $answer->{failure} || !$answer->{body}, 'a cut answer';
	is post('customers', { name => 'Grace' }, key => $key)->{headers}->header('Idempotent-Replayed'), 'true',
		'was executed and is replayed';
	($answer, $key) = $try->(kind => 'close', when => 'after');
	is_deeply [ $answer->{status}, executions($key) ], [ 0, 1 ], 'closed after executing';
	($answer, $key) = $try->(kind => 'close', when => 'before', reset => 1);
	is_deeply [ $answer->{status}, executions($key) ], [ 0, 0 ], 'reset before executing';
	for my $status (409, 429, 500, 503)
	{
		($answer, $key) = $try->(kind => 'status', status => $status);
		is_deeply [ $answer->{status}, executions($key) ], [ $status, 0 ], "$status before executing";
		is post('customers', { name => 'Grace' }, key => $key)->{status}, 200, 'then the key works';
	}
	($answer) = $try->(kind => 'status', status => 429, reason => 'global-rate');
	is $answer->{headers}->header('Stripe-Rate-Limited-Reason'), 'global-rate', 'a rate limit says which';
	($answer) = $try->(kind => 'status', status => 429, code => 'lock_timeout', should_retry => 1);
	is error_code($answer) . $answer->{headers}->header('Stripe-Should-Retry'), 'lock_timeouttrue', 'a lock';
	($answer) = $try->(kind => 'redirect', location => 'https://evil.example/');
	is "$answer->{status} " . $answer->{headers}->location, '302 https://evil.example/', 'a redirect';
	($answer) = $try->(kind => 'html', status => 502);
	like $answer->{text}, qr/^<html>/, 'html';
	($answer) = $try->(kind => 'invalid_json');
	ok !$answer->{body}, 'bad json';
	($answer) = $try->(kind => 'invalid_utf8');
	ok !utf8::decode(my $text = $answer->{text}), 'bad utf-8';
	($answer) = $try->(kind => 'oversize', bytes => 100_000);
	is length $answer->{text}, 100_000, 'a big body';
	($answer) = $try->(kind => 'content_type', value => 'text/csv');
	is $answer->{headers}->content_type, 'text/csv', 'a wrong content type';

	ok !eval { $stripe->fault(kind => 'delay', delay => 5); 1 }, 'a misspelt fault is refused';

	$stripe->fault(kind => 'hang', path => '/v1/customers$', when => 'after', count => 1);
	begin('customers', {}, 'hang');
	await(sub { executions('hang') });
	is_deeply [ map { $_->{status} } $stripe->requests(key => 'hang') ], [ undef ], 'executed, and no answer at all';

	$stripe->fault(kind => 'delay', when => 'after', ms => 60_000, key => 'late');
	begin('customers', {}, 'late');
	await(sub { executions('late') });
	is_deeply [ map { $_->{status} } $stripe->requests(key => 'late') ], [ undef ], 'executed, but not answered yet';
	is error_code(post('customers', {}, key => 'late')), 'idempotency_key_in_use', 'the key is still in use';
	is $stripe->release, 1, 'now it is answered';
	is post('customers', {}, key => 'late')->{headers}->header('Idempotent-Replayed'), 'true', 'then replayed';
	is executions('late'), 1, 'one effect';

	$stripe->settings(rate_limit => 3);
	my @statuses = map { get('account')->{status} } 1 .. 8;
	ok scalar(grep { $_ == 429 } @statuses), 'the limiter refuses';
	$stripe->settings(rate_limit => undef);

	$stripe->fault(kind => 'status', status => 503, path => 'refunds', count => 2);
	is post('customers')->{status}, 200, 'other paths are not hit';
	is_deeply [ map { get('refunds')->{status} } 1 .. 3 ], [ 503, 503, 200 ], 'two are, and no more';
	is_deeply [ map { $_->{status} } $stripe->requests(path => 'refunds') ], [ 503, 503, 200 ], 'in the journal';
};

subtest 'the server does not outlive its parent' => sub {
	my $home = tempdir(CLEANUP => 1);
	my $child = fork();
	if (!$child)
	{
		my $other = FakeStripe->start($home);
		require POSIX;
		POSIX::_exit(0);
	}
	waitpid $child, 0;
	my $until = time + 5;
	select undef, undef, undef, 0.05 while -e "$home/url" && time < $until;
	ok !-e "$home/url", 'it left by itself';
};

$stripe->stop;
ok !-e "$dir/pid", 'it leaves when told';
done_testing;
