package FakeStripe::Attempts;
use Mojo::Base -strict, -signatures;

use FakeStripe::Cards;
use FakeStripe::Charges;
use FakeStripe::Methods;
use FakeStripe::Objects;
use Mojo::JSON qw(true false);

# One attempt at paying an intent with the method it holds. Gives the error of a refusal, or nothing.
sub run ($store, $intent, %how)
{
	my $method = $store->find($intent->{payment_method});
	my $card = FakeStripe::Methods::behaviour($store, $method);
	my $private = $store->private($intent->{id});
	@$intent{qw(last_payment_error next_action)} = (undef, undef);

	if (!$how{authenticated} && !$private->{authenticated} && _must_authenticate($store, $method, $card, \%how))
	{
		return decline($store, $intent, $method, 'authentication_required')
			if $how{off_session} || $how{refuse_action};
		_ask($store, $intent, $how{return_url});
		return undef;
	}
	return decline($store, $intent, $method, $card->{decline}) if $card->{decline};
	return _debit($store, $intent, $method, $card) if $card->{type} ne 'card';
	return _hold($store, $intent, $method) if $intent->{capture_method} eq 'manual';
	return _pay($store, $intent, FakeStripe::Charges::attempt($store, $intent, $method));
}

sub _must_authenticate ($store, $method, $card, $how)
{
	my $rule = $card->{sca} // return 0;
	return 1 if $rule eq 'always';
	return !$how->{off_session} if $rule eq 'on_session';
	return !$store->private($method->{id})->{set_up};
}

sub _ask ($store, $intent, $return_url)
{
	my $secret = $store->new_id('src_fake', 20);
	$intent->{status} = 'requires_action';
	$intent->{next_action} = defined $return_url
		? { type => 'redirect_to_url', redirect_to_url => {
			return_url => $return_url, url => "https://hooks.stripe.com/3d_secure_2/hosted?source=$secret" } }
		: { type => 'use_stripe_sdk', use_stripe_sdk => {
			type => 'three_d_secure_redirect', source => $secret,
			stripe_js => "https://hooks.stripe.com/3d_secure_2/hosted?source=$secret" } };
	$store->effect('action_required');
	$store->emit('payment_intent.requires_action', $intent);
	return;
}

# The method is let go after a refusal: the payer must choose again.
sub _fail ($store, $intent, $error)
{
	$intent->{last_payment_error} = $error;
	@$intent{qw(status payment_method next_action processing)} = ('requires_payment_method', undef, undef, undef);
	delete $store->private($intent->{id})->{authenticated};
	return;
}

sub _error ($store, $method, $refusal, $charge = undef)
{
	return {
		type => 'card_error', %$refusal, payment_method => $store->snapshot($method),
		doc_url => 'https://stripe.com/docs/error-codes/' . ($refusal->{code} =~ tr/_/-/r),
		(defined $charge ? (charge => $charge->{id}) : ()),
	};
}

sub decline ($store, $intent, $method, $decline, $charge = undef)
{
	my $refusal = FakeStripe::Cards::refusal($decline);
	$charge //= FakeStripe::Charges::attempt($store, $intent, $method);
	FakeStripe::Charges::decline($store, $charge, $refusal);
	my $error = _error($store, $method, $refusal, $charge);
	_fail($store, $intent, $error);
	$store->emit('payment_intent.payment_failed', $intent);
	$store->emit('charge.failed', $charge);
	return { %$error, payment_intent => $store->snapshot($intent) };
}

sub _hold ($store, $intent, $method)
{
	my $charge = FakeStripe::Charges::attempt($store, $intent, $method);
	my $until = FakeStripe::Charges::authorise($store, $charge);
	@$intent{qw(status amount_capturable)} = ('requires_capture', $intent->{amount});
	_keep_method($store, $intent, $method);
	$store->emit('payment_intent.amount_capturable_updated', $intent);
	$store->emit('charge.succeeded', $charge);
	$store->schedule($until - $store->now, sub { FakeStripe::Intents::expire($store, $intent) });
	return undef;
}

sub _pay ($store, $intent, $charge)
{
	FakeStripe::Charges::pay($store, $charge);
	@$intent{qw(status amount_received processing)} = ('succeeded', $charge->{amount}, undef);
	my $late = $intent->{capture_method} eq 'automatic_async';
	FakeStripe::Charges::settle_when($store, $charge, $late);
	_keep_method($store, $intent, $store->find($charge->{payment_method}));
	$store->emit('payment_intent.succeeded', $intent);
	$store->emit('charge.succeeded', $charge);
	FakeStripe::Charges::aftermath($store, $charge);
	return undef;
}

# setup_future_usage saves the method; one that nobody saved is used up by its payment.
sub _keep_method ($store, $intent, $method)
{
	my $saved = defined $intent->{setup_future_usage} && defined $intent->{customer};
	FakeStripe::Methods::bind_to($store, $method, $intent->{customer})
		if $saved && !defined $method->{customer};
	my $private = $store->private($method->{id});
	$private->{set_up} = 1 if $saved;
	$private->{spent} = 1 unless defined $method->{customer};
	return;
}

sub _debit ($store, $intent, $method, $card)
{
	my $charge = FakeStripe::Charges::attempt($store, $intent, $method);
	$intent->{status} = 'processing';
	$store->emit('payment_intent.processing', $intent);
	$store->emit('charge.pending', $charge);
	my $delay = $store->setting('bank_delay');
	$store->schedule($delay, sub {
		bank_result($store, $intent, $card->{bank_failure} ? 'fail' : 'succeed', $card->{bank_failure})
			if $intent->{status} eq 'processing';
	}) if defined $delay;
	return undef;
}

# What the bank says of a debit: succeed, fail, or (after success) bounce.
sub bank_result ($store, $intent, $result, $code = undef)
{
	my $charge = $store->find($intent->{latest_charge});
	return FakeStripe::Charges::bounce($store, $charge, $code // 'insufficient_funds') if $result eq 'bounce';
	FakeStripe::Error->refuse(undef, "The intent is $intent->{status}, not processing.")
		unless $intent->{status} eq 'processing';
	return _pay($store, $intent, $charge) if $result eq 'succeed';
	decline($store, $intent, $store->find($charge->{payment_method}), $code // 'insufficient_funds', $charge);
	return;
}

# What the payer did with the action: succeed, fail, or abandon (which ends when it expires).
sub complete_action ($store, $intent, $result)
{
	FakeStripe::Error->refuse(undef, "The intent is $intent->{status}, not requires_action.")
		unless $intent->{status} eq 'requires_action';
	my $method = $store->find($intent->{payment_method});
	if ($result eq 'succeed')
	{
		my $by_hand = $intent->{confirmation_method} eq 'manual';
		if ($by_hand)
		{
			$store->private($intent->{id})->{authenticated} = 1;
			@$intent{qw(status next_action)} = ('requires_confirmation', undef);
			return;
		}
		run($store, $intent, authenticated => 1);
		return;
	}
	my ($code, $message) = $result eq 'abandon'
		? ('payment_intent_payment_attempt_expired', 'The payment attempt expired before the payer acted.')
		: ('payment_intent_authentication_failure', 'We are unable to authenticate your payment method. Please '
			. 'choose a different payment method and try again.');
	_fail($store, $intent, _error($store, $method,
		{ code => $code, message => $message, type => 'invalid_request_error' }));
	$store->emit('payment_intent.payment_failed', $intent);
	return;
}

1;
