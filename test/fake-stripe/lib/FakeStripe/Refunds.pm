package FakeStripe::Refunds;
use Mojo::Base -strict, -signatures;

use FakeStripe::Balance;
use FakeStripe::Error;
use FakeStripe::Lists;
use FakeStripe::Money;
use FakeStripe::Objects;
use FakeStripe::Params;
use Mojo::JSON qw(true false);

our %PARAMS = (
	amount => 'int', charge => 'id', payment_intent => 'id', metadata => 'metadata',
	reason => 'duplicate|fraudulent|requested_by_customer', instructions_email => 'string',
	refund_application_fee => 'bool', reverse_transfer => 'bool', currency => 'string', customer => 'id',
	origin => 'string',
);

sub create ($store, $params)
{
	FakeStripe::Error->parameter('payment_intent', 'One of the following params should be provided for this '
		. 'request: payment_intent or charge.', 'parameter_missing')
		unless defined $params->{charge} || defined $params->{payment_intent};
	FakeStripe::Error->parameter('amount', 'This value must be greater than or equal to 1.',
		'parameter_invalid_integer') if defined $params->{amount} && $params->{amount} < 1;

	my $charge = _refundable($store, $params);
	my $left = $charge->{amount_captured} - _given_back($store, $charge);
	FakeStripe::Error->refuse('charge_already_refunded', "Charge $charge->{id} has already been refunded.")
		unless $left > 0;
	my $amount = $params->{amount} // $left;
	FakeStripe::Error->refuse(undef, sprintf('Refund amount (%s) is greater than unrefunded amount on charge '
		. '(%s)', map { FakeStripe::Money::text($_, $charge->{currency}) } $amount, $left), param => 'amount')
		if $amount > $left;

	my $refund = FakeStripe::Objects::refund($store, $charge, $amount);
	$refund->{reason} = FakeStripe::Params::null_if_empty($params->{reason});
	$refund->{metadata} = FakeStripe::Params::merge_metadata({}, $params->{metadata});
	my $then = _first_status($store, $refund, $charge);
	$store->add($refund);
	push @{$store->private($charge->{id})->{refunds}}, $refund;
	_book($store, $refund, $charge) unless $refund->{status} eq 'requires_action';

	my $before = $store->snapshot($charge);
	_count($charge, $amount);
	$store->effect('refund');
	$store->emit('refund.created', $refund);
	$store->emit('charge.refunded', $charge, $before);
	_later($store, $refund, $then) if $then;
	return $refund;
}

sub _refundable ($store, $params)
{
	my $charge;
	if (defined $params->{payment_intent})
	{
		my $intent = $store->get('payment_intent', $params->{payment_intent}, 'payment_intent');
		$charge = $store->find($intent->{latest_charge});
		FakeStripe::Error->refuse('payment_intent_unexpected_state',
			"This PaymentIntent ($intent->{id}) does not have a successful charge to refund.")
			unless $charge && $charge->{status} ne 'failed' && $charge->{captured};
		FakeStripe::Error->parameter('charge', 'The charge does not belong to the payment intent.')
			if defined $params->{charge} && $params->{charge} ne $charge->{id};
	}
	else
	{
		$charge = $store->get('charge', $params->{charge}, 'charge');
		FakeStripe::Error->refuse('charge_not_refundable', "Charge $charge->{id} cannot be refunded.")
			unless $charge->{status} eq 'succeeded' && $charge->{captured};
	}
	FakeStripe::Error->refuse('charge_disputed', "Charge $charge->{id} has been charged back; cannot issue a "
		. 'refund.') if grep { !$_->{is_charge_refundable} && $_->{status} ne 'won' }
			@{$store->private($charge->{id})->{disputes} // []};
	return $charge;
}

sub _given_back ($store, $charge)
{
	my $sum = 0;
	$sum += $_->{amount} for grep { $_->{status} !~ /^(?:failed|canceled)$/ }
		@{$store->private($charge->{id})->{refunds} // []};
	return $sum;
}

# The status a refund starts in, and the one it moves to by itself.
sub _first_status ($store, $refund, $charge)
{
	if (my $wanted = delete $store->world->settings->{next_refund})
	{
		$refund->{$_} = $wanted->{$_} for keys %$wanted;
		return undef;
	}
	my $card = $store->private($charge->{id})->{card};
	my $kind = $card->{refund} // ($card->{type} eq 'card' ? '' : 'pending');
	return ['failed', 'expired_or_canceled_card'] if $kind eq 'fails';
	return undef unless $kind eq 'pending';
	@$refund{qw(status pending_reason)} = ('pending', 'processing');
	return ['succeeded'];
}

sub _later ($store, $refund, $then)
{
	my $delay = $store->setting('refund_delay') // return;
	$store->schedule($delay, sub { move($store, $refund, @$then) if $refund->{status} ne $then->[0] });
	return;
}

sub _book ($store, $refund, $charge)
{
	my $type = $charge->{payment_method_details}{type} eq 'card' ? 'refund' : 'payment_refund';
	my $entry = FakeStripe::Balance::record($store, $charge,
		amount => -$refund->{amount}, type => $type, category => 'refund', source => $refund->{id},
		description => 'REFUND FOR CHARGE');
	$refund->{balance_transaction} = $entry->{id};
	return;
}

sub _count ($charge, $amount)
{
	$charge->{amount_refunded} += $amount;
	$charge->{refunded} = $charge->{amount_refunded} >= $charge->{amount} ? true : false;
	return;
}

# Stripe's own refund of what was authorised and never captured. An authorisation that was never
# captured at all was never in the balance, so it has no entry there.
sub release ($store, $charge, $amount, $reason = undef)
{
	my $refund = FakeStripe::Objects::refund($store, $charge, $amount);
	$refund->{reason} = $reason;
	$refund->{destination_details}{card}{type} = 'reversal' if $refund->{destination_details}{card};
	$store->add($refund);
	_count($charge, $amount);
	$store->effect('release');
	return $refund;
}

# Moves a refund on, as the bank or the payer would.
sub move ($store, $refund, $status, $failure = undef)
{
	my $before = $store->snapshot($refund);
	my $charge = $store->find($refund->{charge});
	my $over = $status =~ /^(?:failed|canceled)$/;
	my $was_over = $before->{status} =~ /^(?:failed|canceled)$/;
	$refund->{status} = $status;
	delete $refund->{pending_reason} if $status ne 'pending';
	_book($store, $refund, $charge)
		if !defined $refund->{balance_transaction} && $status =~ /^(?:pending|succeeded)$/;

	my $charge_before = $store->snapshot($charge);
	if ($over && !$was_over)
	{
		$refund->{failure_reason} = $failure // ($status eq 'canceled' ? 'merchant_request' : 'unknown');
		_take_back($store, $refund, $charge) if defined $refund->{balance_transaction};
		_count($charge, -$refund->{amount});
	}
	$store->effect("refund_$status");
	$store->emit('refund.failed', $refund) if $status eq 'failed';
	$store->emit('refund.updated', $refund, $before);
	$store->emit('charge.refund.updated', $refund, $before);
	$store->emit('charge.updated', $charge, $charge_before) if $over && !$was_over;
	return $refund;
}

sub _take_back ($store, $refund, $charge)
{
	my $entry = FakeStripe::Balance::record($store, $charge,
		amount => $refund->{amount}, type => 'refund_failure', category => 'refund_failure',
		source => $refund->{id}, description => 'REFUND FAILURE');
	$refund->{failure_balance_transaction} = $entry->{id};
	return;
}

sub retrieve ($store, $params, $id) { return $store->get('refund', $id) }

sub update ($store, $params, $id)
{
	my $refund = $store->get('refund', $id);
	my $before = $store->snapshot($refund);
	$refund->{metadata} = FakeStripe::Params::merge_metadata($refund->{metadata}, $params->{metadata});
	$store->effect('refund_update');
	$store->emit('refund.updated', $refund, $before);
	return $refund;
}

sub cancel ($store, $params, $id)
{
	my $refund = $store->get('refund', $id);
	FakeStripe::Error->refuse('status_transition_invalid',
		"This refund cannot be canceled because it has a status of $refund->{status}. Only a refund with the "
		. 'status requires_action may be canceled.') unless $refund->{status} eq 'requires_action';
	return move($store, $refund, 'canceled');
}

# POST /v1/test_helpers/refunds/:id/expire
sub expire ($store, $params, $id)
{
	my $refund = $store->get('refund', $id);
	FakeStripe::Error->refuse('status_transition_invalid', 'Only a refund that requires action can expire.')
		unless $refund->{status} eq 'requires_action';
	return move($store, $refund, 'failed', 'unknown');
}

sub list ($store, $params)
{
	my @equal = grep { defined $params->{$_} } qw(charge payment_intent);
	my $filter = sub ($refund) { return !grep { ($refund->{$_} // '') ne $params->{$_} } @equal };
	return FakeStripe::Lists::page([ $store->all('refund') ], $params, '/v1/refunds', $filter);
}

1;
