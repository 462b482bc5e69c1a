package FakeStripe::Error;
use Mojo::Base -base, -signatures;

# One refusal of the API. `stored` says whether the idempotency layer keeps it: parameter errors are
# found before the endpoint runs and are forgotten, everything later is replayed.
has status => 400;
has error  => sub { {} };
has stored => 0;

sub throw ($class, $status, $error, %more)
{
	$error->{type} //= 'invalid_request_error';
	$error->{doc_url} = "https://stripe.com/docs/error-codes/" . ($error->{code} =~ s/_/-/gr)
		if defined $error->{code};
	die $class->new(status => $status, error => $error, %more);
}

sub parameter ($class, $param, $message, $code = undef)
{
	my %error = (message => $message, param => $param);
	$error{code} = $code if defined $code;
	$class->throw(400, \%error);
}

# A refusal by the endpoint itself: the state of the object does not allow the request.
sub refuse ($class, $code, $message, %fields)
{
	my %error = (message => $message, %fields);
	$error{code} = $code if defined $code;
	$class->throw(400, \%error, stored => 1);
}

sub missing ($class, $kind, $id, $param = 'id')
{
	$class->throw($param eq 'id' ? 404 : 400, {
		code => 'resource_missing', param => $param, message => "No such $kind: '$id'"
	}, stored => 1);
}

1;
