package FakeStripe::Customers;
use Mojo::Base -strict, -signatures;

use FakeStripe::Error;
use FakeStripe::Lists;
use FakeStripe::Methods;
use FakeStripe::Objects;
use FakeStripe::Params;
use Mojo::JSON qw(true);

our %PARAMS = (
	address => 'any', balance => 'int', description => 'string', email => 'string',
	invoice_prefix => 'string', invoice_settings => 'hash', metadata => 'metadata', name => 'string',
	next_invoice_sequence => 'int', phone => 'string', preferred_locales => 'array', shipping => 'any',
	tax => 'hash', tax_exempt => 'none|exempt|reverse',
);

sub create ($store, $params)
{
	my $method;
	if (defined $params->{payment_method})
	{
		$method = FakeStripe::Methods::usable($store, $params->{payment_method}, undef);
		my $card = FakeStripe::Methods::behaviour($store, $method);
		FakeStripe::Methods::refuse_card($store, $card->{decline}) if ($card->{at} // '') eq 'attach';
	}
	my $customer = FakeStripe::Objects::customer($store);
	_apply($customer, $params);
	$store->add($customer);
	$store->effect('customer');
	$store->emit('customer.created', $customer);
	FakeStripe::Methods::bind_to($store, $method, $customer->{id}) if $method;
	return $customer;
}

sub _apply ($customer, $params)
{
	for my $field (grep { $_ !~ /^(?:metadata|invoice_settings|payment_method|tax|expand)$/ } keys %$params)
	{
		$customer->{$field} = FakeStripe::Params::null_if_empty($params->{$field});
	}
	$customer->{metadata} = FakeStripe::Params::merge_metadata($customer->{metadata}, $params->{metadata});
	$customer->{invoice_settings} = { %{$customer->{invoice_settings}}, %{$params->{invoice_settings}} }
		if ref $params->{invoice_settings};
	return;
}

sub _living ($store, $id)
{
	my $customer = $store->get('customer', $id);
	FakeStripe::Error->missing('customer', $id) if $customer->{deleted};
	return $customer;
}

# A deleted customer is still found, as a stub.
sub retrieve ($store, $params, $id) { return $store->get('customer', $id) }

sub update ($store, $params, $id)
{
	my $customer = _living($store, $id);
	my $default = ref $params->{invoice_settings} && $params->{invoice_settings}{default_payment_method};
	if ($default)
	{
		my $method = $store->get('payment_method', $default, 'invoice_settings[default_payment_method]');
		FakeStripe::Error->refuse('resource_missing', "No such PaymentMethod: '$default'",
			param => 'invoice_settings[default_payment_method]') if ($method->{customer} // '') ne $id;
	}
	my $before = $store->snapshot($customer);
	_apply($customer, $params);
	$store->effect('customer_update');
	$store->emit('customer.updated', $customer, $before);
	return $customer;
}

sub remove ($store, $params, $id)
{
	my $customer = _living($store, $id);
	$_->{customer} = undef, $store->private($_->{id})->{spent} = 1
		for grep { ($_->{customer} // '') eq $id } $store->all('payment_method');
	$store->effect('customer_delete');
	$store->emit('customer.deleted', $customer);
	%$customer = (
		id => $id, object => 'customer', deleted => true, created => $customer->{created}
	);
	return { id => $id, object => 'customer', deleted => true };
}

sub list ($store, $params)
{
	my $filter = sub ($customer)
	{
		return !$customer->{deleted}
			&& (!defined $params->{email} || ($customer->{email} // '') eq $params->{email});
	};
	return FakeStripe::Lists::page([ $store->all('customer') ], $params, '/v1/customers', $filter);
}

1;
