package FakeStripe::Setups;
use Mojo::Base -strict, -signatures;

use FakeStripe::Cards;
use FakeStripe::Error;
use FakeStripe::Lists;
use FakeStripe::Methods;
use FakeStripe::Objects;
use FakeStripe::Params;
use Mojo::JSON qw(true false);

# Setup intents: an intent without money, whose success saves the method for later.
our %CONFIRM_PARAMS = (
	payment_method => 'id', return_url => 'string', mandate_data => 'any', use_stripe_sdk => 'bool',
	payment_method_options => 'hash',
);
our %CREATE_PARAMS = (
	%CONFIRM_PARAMS, confirm => 'bool', customer => 'id', description => 'string', metadata => 'metadata',
	usage => 'on_session|off_session', automatic_payment_methods => 'hash', payment_method_types => 'array',
);
our %CANCEL_PARAMS = (cancellation_reason => 'abandoned|requested_by_customer|duplicate');

my $OPEN = qr/^requires_(?:payment_method|confirmation|action)$/;

sub create ($store, $params)
{
	$store->get('customer', $params->{customer}, 'customer') if defined $params->{customer};
	my $method = $params->{payment_method};
	$method = FakeStripe::Methods::usable($store, $method, $params->{customer})->{id} if defined $method;
	FakeStripe::Error->parameter('payment_method', 'Missing required param: payment_method.',
		'parameter_missing') if $params->{confirm} && !defined $method;

	my $setup = $store->add(FakeStripe::Objects::setup_intent($store));
	@$setup{qw(customer description payment_method usage status)} = (
		$params->{customer}, $params->{description}, $method, $params->{usage} // 'off_session',
		defined $method ? 'requires_confirmation' : 'requires_payment_method'
	);
	$setup->{metadata} = FakeStripe::Params::merge_metadata({}, $params->{metadata});
	$store->effect('setup_intent');
	$store->emit('setup_intent.created', $setup);
	_attempt($store, $setup, $params) if $params->{confirm};
	return $setup;
}

sub confirm ($store, $params, $id)
{
	my $setup = _open($store, $id, 'confirm');
	$setup->{payment_method} = FakeStripe::Methods::usable($store, $params->{payment_method},
		$setup->{customer})->{id} if defined $params->{payment_method};
	FakeStripe::Error->refuse('setup_intent_unexpected_state', 'You cannot confirm this SetupIntent because '
		. 'it is missing a payment method.', setup_intent => $setup) unless defined $setup->{payment_method};
	_attempt($store, $setup, $params);
	return $setup;
}

sub _open ($store, $id, $verb)
{
	my $setup = $store->get('setup_intent', $id);
	FakeStripe::Error->refuse('setup_intent_unexpected_state', "You cannot $verb this SetupIntent because it "
		. "has a status of $setup->{status}.", setup_intent => $setup) unless $setup->{status} =~ $OPEN;
	return $setup;
}

sub _attempt ($store, $setup, $params)
{
	my $method = $store->find($setup->{payment_method});
	my $card = FakeStripe::Methods::behaviour($store, $method);
	@$setup{qw(last_setup_error next_action)} = (undef, undef);
	if ($card->{sca})
	{
		$setup->{status} = 'requires_action';
		my $url = 'https://hooks.stripe.com/3d_secure_2/hosted?setup=' . $setup->{id};
		$setup->{next_action} = defined $params->{return_url}
			? { type => 'redirect_to_url', redirect_to_url => { return_url => $params->{return_url}, url => $url } }
			: { type => 'use_stripe_sdk', use_stripe_sdk => { type => 'three_d_secure_redirect', stripe_js => $url } };
		$store->emit('setup_intent.requires_action', $setup);
		return;
	}
	return _succeed($store, $setup, $method) unless ($card->{at} // '') eq 'attach';
	my $refusal = FakeStripe::Cards::refusal($card->{decline});
	my $error = _fail($store, $setup, $method, { type => 'card_error', %$refusal });
	FakeStripe::Error->throw(402, { %$error, setup_intent => $store->snapshot($setup) }, stored => 1);
}

sub _succeed ($store, $setup, $method)
{
	@$setup{qw(status next_action)} = ('succeeded', undef);
	$store->private($method->{id})->{set_up} = 1;
	$setup->{mandate} = _mandate($store, $method)->{id} if $method->{type} ne 'card';
	my $new = defined $setup->{customer} && !defined $method->{customer};
	$store->emit('setup_intent.succeeded', $setup);
	FakeStripe::Methods::bind_to($store, $method, $setup->{customer}) if $new;
	return;
}

# The payer's permission to debit an account; cards do without.
sub _mandate ($store, $method)
{
	my $mandate = $store->add(FakeStripe::Objects::mandate($store, $method));
	$store->emit('mandate.updated', $mandate);
	return $mandate;
}

sub retrieve_mandate ($store, $params, $id) { return $store->get('mandate', $id) }

# What the payer's bank says of it.
sub move_mandate ($store, $mandate, $status)
{
	my $before = $store->snapshot($mandate);
	$mandate->{status} = $status;
	$store->emit('mandate.updated', $mandate, $before);
	return $mandate;
}

sub _fail ($store, $setup, $method, $error)
{
	$error->{payment_method} = $store->snapshot($method);
	@$setup{qw(status payment_method next_action last_setup_error)}
		= ('requires_payment_method', undef, undef, $error);
	$store->emit('setup_intent.setup_failed', $setup);
	return $error;
}

# What the payer did: succeed or fail.
sub complete_action ($store, $setup, $result)
{
	FakeStripe::Error->refuse(undef, "The setup intent is $setup->{status}, not requires_action.")
		unless $setup->{status} eq 'requires_action';
	my $method = $store->find($setup->{payment_method});
	return _succeed($store, $setup, $method) if $result eq 'succeed';
	_fail($store, $setup, $method, {
		type => 'invalid_request_error', code => 'setup_intent_authentication_failure',
		message => 'We are unable to authenticate your payment method.'
	});
	return;
}

sub cancel ($store, $params, $id)
{
	my $setup = _open($store, $id, 'cancel');
	@$setup{qw(status cancellation_reason next_action)}
		= ('canceled', FakeStripe::Params::null_if_empty($params->{cancellation_reason}), undef);
	$store->emit('setup_intent.canceled', $setup);
	return $setup;
}

sub retrieve ($store, $params, $id) { return $store->get('setup_intent', $id) }

sub list ($store, $params)
{
	my @equal = grep { defined $params->{$_} } qw(customer payment_method);
	my $filter = sub ($setup) { return !grep { ($setup->{$_} // '') ne $params->{$_} } @equal };
	return FakeStripe::Lists::page([ $store->all('setup_intent') ], $params, '/v1/setup_intents', $filter);
}

1;
