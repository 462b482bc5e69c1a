package FakeStripe::Methods;
use Mojo::Base -strict, -signatures;

use FakeStripe::Cards;
use FakeStripe::Error;
use FakeStripe::Lists;
use FakeStripe::Objects;
use FakeStripe::Params;

# A test id such as pm_card_visa stands for a new payment method each time it is used.
sub find ($store, $id, $param = 'payment_method')
{
	if (my $card = FakeStripe::Cards::behaviour($id))
	{
		my $method = $store->add(FakeStripe::Objects::payment_method($store, $card));
		$store->private($method->{id})->{card} = $card;
		return $method;
	}
	my $method = $store->find($id);
	FakeStripe::Error->missing('PaymentMethod', $id, $param)
		unless $method && $method->{object} eq 'payment_method';
	return $method;
}

sub behaviour ($store, $method) { return $store->private($method->{id})->{card} // {} }

# The method a payment is to use: one that is not used up, and that belongs to the payer.
sub usable ($store, $id, $customer)
{
	my $method = find($store, $id);
	FakeStripe::Error->refuse('payment_method_unexpected_state',
		'The provided PaymentMethod was previously used with a PaymentIntent without Customer attachment, '
		. 'shared with a connected account without Customer attachment, or was detached from a Customer. '
		. 'It may not be used again. To use a PaymentMethod multiple times, you must attach it to a Customer '
		. 'first.', param => 'payment_method') if $store->private($method->{id})->{spent};
	FakeStripe::Error->refuse(undef, "The customer does not have a payment method with the ID $method->{id}. "
		. 'The payment method must be attached to the customer.', param => 'payment_method')
		if defined $method->{customer} && $method->{customer} ne ($customer // '');
	return $method;
}

sub create ($store, $params)
{
	my $token = (ref $params->{card} ? $params->{card}{token} : undef)
		// FakeStripe::Error->parameter('card', 'Only card[token]=tok_... is accepted here.');
	my $method = find($store, $token, 'card[token]');
	$method->{metadata} = FakeStripe::Params::merge_metadata({}, $params->{metadata});
	$store->effect('payment_method');
	return $method;
}

sub retrieve ($store, $params, $id) { return find($store, $id, 'id') }

sub update ($store, $params, $id)
{
	my $method = $store->get('payment_method', $id);
	my $before = $store->snapshot($method);
	$method->{metadata} = FakeStripe::Params::merge_metadata($method->{metadata}, $params->{metadata});
	$method->{billing_details} = { %{$method->{billing_details}}, %{$params->{billing_details}} }
		if ref $params->{billing_details};
	$store->emit('payment_method.updated', $method, $before);
	return $method;
}

# The card network has issued a new card.
sub renew ($store, $method, $card)
{
	my $before = $store->snapshot($method);
	$method->{card} = { %{$method->{card}}, %$card };
	$store->emit('payment_method.automatically_updated', $method, $before);
	return $method;
}

sub attach ($store, $params, $id)
{
	my $customer = $store->find($params->{customer});
	FakeStripe::Error->missing('customer', $params->{customer}, 'customer')
		unless $customer && $customer->{object} eq 'customer' && !$customer->{deleted};
	my $method = find($store, $id, 'id');
	my $private = $store->private($method->{id});
	FakeStripe::Error->refuse('payment_method_unexpected_state',
		'This PaymentMethod was previously used without being attached to a Customer or was detached from a '
		. 'Customer, and may not be used again.') if $private->{spent};
	FakeStripe::Error->refuse('payment_method_unexpected_state',
		'The payment method you provided has already been attached to a customer.')
		if defined $method->{customer} && $method->{customer} ne $customer->{id};

	my $card = $private->{card};
	refuse_card($store, $card->{decline}) if ($card->{at} // '') eq 'attach';
	bind_to($store, $method, $customer->{id}) unless defined $method->{customer};
	return $method;
}

sub bind_to ($store, $method, $customer)
{
	$method->{customer} = $customer;
	$store->effect('attach');
	$store->emit('payment_method.attached', $method);
	return;
}

sub refuse_card ($store, $decline)
{
	FakeStripe::Error->throw(402, { type => 'card_error', %{FakeStripe::Cards::refusal($decline)} },
		stored => 1);
}

# Final: a detached method can neither be charged nor attached again.
sub detach ($store, $params, $id)
{
	my $method = $store->get('payment_method', $id);
	FakeStripe::Error->refuse('payment_method_unexpected_state',
		'The payment method you provided is not attached to a customer so detachment is impossible.')
		unless defined $method->{customer};
	my $before = $store->snapshot($method);
	$method->{customer} = undef;
	$store->private($id)->{spent} = 1;
	$store->effect('detach');
	$store->emit('payment_method.detached', $method, $before);
	return $method;
}

sub list ($store, $params, $customer = undef)
{
	$customer //= $params->{customer};
	my $filter = sub ($method)
	{
		return ($method->{customer} // '') eq ($customer // '')
			&& (!defined $params->{type} || $method->{type} eq $params->{type});
	};
	my $url = defined $customer ? "/v1/customers/$customer/payment_methods" : '/v1/payment_methods';
	return FakeStripe::Lists::page([ $store->all('payment_method') ], $params, $url, $filter);
}

1;
