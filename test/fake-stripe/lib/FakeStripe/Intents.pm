package FakeStripe::Intents;
use Mojo::Base -strict, -signatures;

use FakeStripe::Attempts;
use FakeStripe::Charges;
use FakeStripe::Error;
use FakeStripe::Lists;
use FakeStripe::Methods;
use FakeStripe::Money;
use FakeStripe::Objects;
use FakeStripe::Params;
use FakeStripe::Refunds;
use Mojo::JSON qw(true false);

my %SHARED = (
	amount_details => 'hash', application_fee_amount => 'int', description => 'string',
	excluded_payment_method_types => 'any', metadata => 'metadata', payment_method => 'string',
	payment_method_data => 'hash', payment_method_options => 'hash', payment_method_types => 'array',
	receipt_email => 'string', setup_future_usage => 'on_session|off_session', shipping => 'any',
	statement_descriptor => 'string', statement_descriptor_suffix => 'string', transfer_data => 'any',
	transfer_group => 'string', capture_method => 'automatic|automatic_async|manual',
	payment_method_configuration => 'id',
);
my %CONFIRM = (
	confirmation_token => 'id', error_on_requires_action => 'bool', mandate => 'id', mandate_data => 'any',
	off_session => 'string', radar_options => 'hash', return_url => 'string', use_stripe_sdk => 'bool',
);
our %CREATE_PARAMS = (
	%SHARED, %CONFIRM, amount => '!int', currency => '!string', automatic_payment_methods => 'hash',
	confirm => 'bool', confirmation_method => 'automatic|manual', customer => 'id', on_behalf_of => 'id',
);
our %UPDATE_PARAMS  = (%SHARED, amount => 'int', currency => 'string', customer => 'id');
our %CONFIRM_PARAMS = (
	%CONFIRM, map { $_ => $SHARED{$_} } qw(amount_details capture_method excluded_payment_method_types
		payment_method payment_method_data payment_method_options payment_method_types receipt_email
		setup_future_usage shipping)
);
our %CAPTURE_PARAMS = (
	amount_to_capture => 'int', amount_details => 'hash', application_fee_amount => 'int',
	final_capture => 'bool', metadata => 'metadata', statement_descriptor => 'string',
	statement_descriptor_suffix => 'string', transfer_data => 'any',
);
our %CANCEL_PARAMS = (cancellation_reason => 'duplicate|fraudulent|requested_by_customer|abandoned');

my $OPEN = qr/^requires_(?:payment_method|confirmation|action)$/;

sub create ($store, $params)
{
	my $currency = FakeStripe::Money::check_currency($params->{currency});
	FakeStripe::Money::check_amount($store, $params->{amount}, $currency);
	for my $name (grep { defined $params->{$_} && !$params->{confirm} } qw(off_session error_on_requires_action
		return_url mandate_data))
	{
		FakeStripe::Error->parameter($name, "You cannot set `$name` when `confirm` is not true.");
	}
	my $intent = FakeStripe::Objects::payment_intent($store, $params->{amount}, $currency);
	_choose_methods($intent, $params);
	_check_return_url($intent, $params) if $params->{confirm};
	_check_customer($store, $params->{customer});
	$intent->{customer} = $params->{customer};
	_apply($store, $intent, $params);
	$intent->{confirmation_method} = $params->{confirmation_method} // 'automatic';
	$intent->{status} = 'requires_confirmation' if defined $intent->{payment_method};
	_need_method($intent) if $params->{confirm};

	$store->add($intent);
	$store->effect('payment_intent');
	$store->emit('payment_intent.created', $intent);
	_confirm($store, $intent, $params) if $params->{confirm};
	return $intent;
}

# Without a list of types the Dashboard's methods apply, some of which redirect the payer.
sub _choose_methods ($intent, $params)
{
	my $automatic = $params->{automatic_payment_methods};
	FakeStripe::Error->parameter('automatic_payment_methods', 'You may only specify one of these parameters: '
		. 'automatic_payment_methods, payment_method_types.', 'parameters_exclusive')
		if ref $automatic && ($automatic->{enabled} // '') eq 'true' && $params->{payment_method_types};
	if ($params->{payment_method_types})
	{
		$intent->{payment_method_types} = $params->{payment_method_types};
		return;
	}
	if (ref $automatic)
	{
		FakeStripe::Error->parameter('automatic_payment_methods[enabled]',
			'Missing required param: automatic_payment_methods[enabled].', 'parameter_missing')
			unless defined $automatic->{enabled};
		FakeStripe::Error->parameter('automatic_payment_methods[allow_redirects]',
			'Invalid automatic_payment_methods[allow_redirects]: must be one of always or never')
			unless ($automatic->{allow_redirects} // 'always') =~ /^(?:always|never)$/;
		return if $automatic->{enabled} ne 'true';
	}
	$intent->{automatic_payment_methods} = {
		enabled => true, allow_redirects => (ref $automatic && $automatic->{allow_redirects}) || 'always'
	};
	return;
}

sub _check_return_url ($intent, $params)
{
	my $automatic = $intent->{automatic_payment_methods} // return;
	return if $automatic->{allow_redirects} eq 'never' || defined $params->{return_url};
	FakeStripe::Error->parameter('return_url', 'This PaymentIntent is configured to accept payment methods '
		. 'enabled in your Dashboard. Because some of these payment methods might redirect your customer off '
		. 'of your page, you must provide a `return_url`. If you don\'t want to accept redirect-based payment '
		. 'methods, set `automatic_payment_methods[enabled]` to `true` and '
		. '`automatic_payment_methods[allow_redirects]` to `never` when creating Setup Intents and Payment '
		. 'Intents.');
}

sub _check_customer ($store, $id)
{
	return unless defined $id;
	my $customer = $store->get('customer', $id, 'customer');
	FakeStripe::Error->missing('customer', $id, 'customer') if $customer->{deleted};
	return;
}

sub _need_method ($intent)
{
	FakeStripe::Error->refuse('payment_intent_unexpected_state',
		'You cannot confirm this PaymentIntent because it\'s missing a payment method. You can either update '
		. 'the PaymentIntent with a payment method and then confirm it again, or confirm it again directly '
		. 'with a payment method or ConfirmationToken.', payment_intent => $intent)
		unless defined $intent->{payment_method};
	return;
}

sub _apply ($store, $intent, $params)
{
	if (defined(my $id = FakeStripe::Params::null_if_empty($params->{payment_method})))
	{
		$intent->{payment_method} = FakeStripe::Methods::usable($store, $id, $intent->{customer})->{id};
	}
	for my $field (grep { exists $params->{$_} } qw(application_fee_amount description receipt_email
		setup_future_usage shipping statement_descriptor statement_descriptor_suffix transfer_data
		transfer_group capture_method on_behalf_of))
	{
		$intent->{$field} = FakeStripe::Params::null_if_empty($params->{$field});
	}
	$intent->{metadata} = FakeStripe::Params::merge_metadata($intent->{metadata}, $params->{metadata});
	return;
}

sub retrieve ($store, $params, $id) { return $store->get('payment_intent', $id) }

sub list ($store, $params)
{
	my $filter = sub ($intent)
	{
		return !defined $params->{customer} || ($intent->{customer} // '') eq $params->{customer};
	};
	return FakeStripe::Lists::page([ $store->all('payment_intent') ], $params, '/v1/payment_intents', $filter);
}

sub _wrong_state ($intent, $verb, $done, @allowed)
{
	FakeStripe::Error->refuse('payment_intent_unexpected_state',
		"You cannot $verb this PaymentIntent because it has a status of $intent->{status}. Only a PaymentIntent "
		. "with one of the following statuses may be $done: " . join(', ', @allowed) . '.',
		payment_intent => $intent);
}

my %ALWAYS_EDITABLE = map { $_ => 1 } qw(metadata description receipt_email expand);

# There is no payment_intent.updated event.
sub update ($store, $params, $id)
{
	my $intent = $store->get('payment_intent', $id);
	_wrong_state($intent, 'update', 'updated', qw(requires_payment_method requires_confirmation requires_action))
		if $intent->{status} !~ $OPEN && grep { !$ALWAYS_EDITABLE{$_} } keys %$params;
	if (defined $params->{amount} || defined $params->{currency})
	{
		my $currency = FakeStripe::Money::check_currency($params->{currency} // $intent->{currency});
		my $amount = FakeStripe::Money::check_amount($store, $params->{amount} // $intent->{amount}, $currency);
		@$intent{qw(amount currency)} = ($amount, $currency);
	}
	_check_customer($store, $params->{customer});
	$intent->{customer} = $params->{customer} if defined $params->{customer};
	_apply($store, $intent, $params);
	if ($intent->{status} =~ $OPEN)
	{
		$intent->{last_payment_error} = undef;
		$intent->{status} = 'requires_confirmation' if defined $params->{payment_method};
		$intent->{next_action} = undef if $intent->{status} ne 'requires_action';
	}
	$store->effect('payment_intent_update');
	return $intent;
}

sub confirm ($store, $params, $id)
{
	my $intent = $store->get('payment_intent', $id);
	FakeStripe::Error->refuse('payment_intent_unexpected_state', 'You cannot confirm this PaymentIntent because '
		. 'it has already succeeded after being previously confirmed.', payment_intent => $intent)
		if $intent->{status} eq 'succeeded';
	_wrong_state($intent, 'confirm', 'confirmed', qw(requires_payment_method requires_confirmation
		requires_action)) unless $intent->{status} =~ $OPEN;
	_check_return_url($intent, $params);
	_apply($store, $intent, $params);
	_need_method($intent);
	_confirm($store, $intent, $params);
	return $intent;
}

sub _confirm ($store, $intent, $params)
{
	my $private = $store->private($intent->{id});
	$private->{confirms}++;
	my $limit = $store->setting('confirm_limit');
	if (defined $limit && $private->{confirms} > $limit)
	{
		_end($store, $intent, 'automatic');
		return;
	}
	my $off_session = FakeStripe::Params::null_if_empty($params->{off_session}) // 'false';
	my $refusal = FakeStripe::Attempts::run($store, $intent,
		off_session => $off_session ne 'false', return_url => $params->{return_url},
		refuse_action => $params->{error_on_requires_action});
	FakeStripe::Error->throw(402, $refusal, stored => 1) if $refusal;
	return;
}

sub capture ($store, $params, $id)
{
	my $intent = $store->get('payment_intent', $id);
	_wrong_state($intent, 'capture', 'captured', 'requires_capture') if $intent->{status} ne 'requires_capture';
	my $amount = $params->{amount_to_capture} // $intent->{amount_capturable};
	FakeStripe::Error->parameter('amount_to_capture', 'This value must be greater than or equal to 1.',
		'parameter_invalid_integer') if $amount < 1;
	FakeStripe::Error->refuse('amount_too_large', 'The requested capture amount is greater than the amount you '
		. 'can capture for this charge.', param => 'amount_to_capture') if $amount > $intent->{amount_capturable};
	FakeStripe::Error->parameter('final_capture', 'Multicapture is not available for this charge.')
		if defined $params->{final_capture} && !$params->{final_capture};

	my $charge = $store->find($intent->{latest_charge});
	my $before = $store->snapshot($charge);
	_apply($store, $intent, { metadata => $params->{metadata} });
	my $release = FakeStripe::Charges::capture($store, $charge, $amount);
	FakeStripe::Charges::settle_when($store, $charge, $store->setting('capture_async'));
	@$intent{qw(status amount_received amount_capturable)} = ('succeeded', $amount, 0);

	$store->emit('payment_intent.succeeded', $intent);
	$store->emit('charge.captured', $charge, $before);
	if ($release)
	{
		$store->emit('refund.created', $release);
		$store->emit('charge.refunded', $charge, $before);
	}
	FakeStripe::Charges::aftermath($store, $charge);
	return $intent;
}

sub cancel ($store, $params, $id)
{
	my $intent = $store->get('payment_intent', $id);
	_wrong_state($intent, 'cancel', 'canceled', qw(requires_payment_method requires_capture
		requires_confirmation requires_action)) unless $intent->{status} =~ /$OPEN|^requires_capture$/;
	_end($store, $intent, FakeStripe::Params::null_if_empty($params->{cancellation_reason}));
	return $intent;
}

# The authorisation of the bank runs out.
sub expire ($store, $intent)
{
	return unless $intent->{status} eq 'requires_capture';
	_end($store, $intent, 'expired', 1);
	return;
}

sub _end ($store, $intent, $reason, $expired = 0)
{
	my $held = $intent->{status} eq 'requires_capture';
	@$intent{qw(status canceled_at cancellation_reason amount_capturable next_action)}
		= ('canceled', $store->now, $reason, 0, undef);
	$store->effect('cancel');
	if (!$held)
	{
		$store->emit('payment_intent.canceled', $intent);
		return;
	}
	my $charge = $store->find($intent->{latest_charge});
	my $before = $store->snapshot($charge);
	my $release = FakeStripe::Refunds::release($store, $charge, $charge->{amount},
		$expired ? 'expired_uncaptured_charge' : undef);
	$store->emit('payment_intent.canceled', $intent);
	$store->emit('refund.created', $release);
	$store->emit($expired ? 'charge.expired' : 'charge.refunded', $charge, $before);
	return;
}

1;
