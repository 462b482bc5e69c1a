package FakeStripe::Expand;
use Mojo::Base -strict, -signatures;

use FakeStripe::Error;

my %EXPANDABLE = map { $_ => 1 } qw(
	balance_transaction charge customer default_payment_method failure_balance_transaction latest_charge mandate
	payment_intent payment_method source);

# Replaces ids by objects along dotted paths, on a copy.
sub apply ($store, $object, $paths)
{
	return $object unless $paths && @$paths;
	my $copy = $store->snapshot($object);
	for my $path (@$paths)
	{
		my @steps = split /\./, $path;
		FakeStripe::Error->parameter('expand', 'You cannot expand more than 4 levels of a property.')
			if @steps > 4;
		_walk($store, $copy, $path, @steps);
	}
	return $copy;
}

sub _walk ($store, $node, $path, @steps)
{
	my $step = shift @steps // return;
	my $value = $node->{$step};
	if (ref $value eq 'ARRAY')
	{
		_walk($store, $_, $path, @steps) for grep { ref } @$value;
		return;
	}
	if (!ref $value)
	{
		FakeStripe::Error->parameter('expand', "This property cannot be expanded ($path).")
			unless $EXPANDABLE{$step} && exists $node->{$step};
		my $target = $store->find($value) // return;
		$value = $node->{$step} = $store->snapshot($target);
	}
	_walk($store, $value, $path, @steps) if @steps;
	return;
}

1;
