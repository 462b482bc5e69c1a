package FakeStripe::Limits;
use Mojo::Base -base, -signatures;

# Stripe's rate limiter, which stands before the idempotency layer: a refused request was never begun.
has second => 0;
has counts => sub { {} };

sub exceeded ($self, $world, $request)
{
	my $settings = $world->settings;
	return undef unless defined $settings->{rate_limit} || defined $settings->{endpoint_limit};
	if ($self->second != $world->now)
	{
		$self->second($world->now)->counts({});
	}
	my $template = $request->{path} =~ s{/\w+_\w+(?=/|$)}{/:id}gr;
	my %limits = (global => $settings->{rate_limit}, endpoint => $settings->{endpoint_limit});
	my %bucket = (global => 'all', endpoint => "$request->{method} $template");
	for my $scope (qw(global endpoint))
	{
		my $count = ++$self->counts->{ $bucket{$scope} };
		return _refusal("$scope-rate") if defined $limits{$scope} && $count > $limits{$scope};
	}
	return undef;
}

sub _refusal ($reason)
{
	return {
		status => 429, headers => { 'Stripe-Rate-Limited-Reason' => $reason },
		data => { error => {
			type => 'invalid_request_error', code => 'rate_limit',
			message => 'Request rate limit exceeded. Learn more about rate limits in the documentation.'
		} }
	};
}

1;
