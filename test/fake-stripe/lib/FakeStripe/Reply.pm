package FakeStripe::Reply;
use Mojo::Base -base, -signatures;

use FakeStripe::Faults;
use Mojo::Date;
use Mojo::IOLoop;
use Mojo::JSON qw(encode_json);
use Socket qw(SOL_SOCKET SO_LINGER);

# Holds the transaction, which the controller does not, so that an answer may come much later.
has [qw(world tx controller request)];

sub render ($self, $answer)
{
	$answer->{body} //= encode_json($answer->{data});
	return $answer;
}

sub send ($self, $answer, $fault = undef)
{
	my $kind = $fault ? $fault->{kind} : '';
	$self->render($answer);
	$self->request->{entry}{status} = $answer->{status} unless $kind =~ /^(?:hang|close)$/;
	return $self->_hang if $kind eq 'hang';
	return $self->_close($fault) if $kind eq 'close';

	my $headers = $self->_headers($answer);
	return $self->_cut($answer, $headers, $fault) if $kind eq 'cut';
	$answer = { %$answer, headers => $headers };
	FakeStripe::Faults::spoil($fault, $answer) if $fault && $kind ne 'status';

	my $res = $self->controller->res;
	$res->headers->header($_ => $headers->{$_}) for sort keys %$headers;
	$res->body($answer->{body});
	$self->controller->rendered($answer->{status});
	return;
}

sub _headers ($self, $answer)
{
	my $request = $self->request;
	my %headers = (
		'Content-Type' => 'application/json', 'Request-Id' => $request->{id},
		Date => Mojo::Date->new($self->world->now)->to_string,
	);
	$headers{'Stripe-Version'} = $request->{version} if defined $request->{version};
	$headers{'Stripe-Account'} = $request->{account} if defined $request->{account};
	@headers{ 'Idempotency-Key', 'Original-Request' } = ($request->{key}, $request->{id})
		if defined $request->{key};
	return { %headers, %{$answer->{headers} // {}} };
}

sub _stream ($self)
{
	my $id = $self->tx->connection // return undef;
	return Mojo::IOLoop->stream($id);
}

# Never answers, and keeps the connection open as long as the client does.
sub _hang ($self)
{
	my $stream = $self->_stream or return;
	$stream->timeout(0);
	return;
}

sub _close ($self, $fault)
{
	my $stream = $self->_stream or return;
	setsockopt $stream->handle, SOL_SOCKET, SO_LINGER, pack('ii', 1, 0) if $fault->{reset};
	$stream->close;
	return;
}

# Promises the whole body, sends a part of it, and hangs up.
sub _cut ($self, $answer, $headers, $fault)
{
	my $stream = $self->_stream or return;
	my $length = length $answer->{body};
	my $part = substr $answer->{body}, 0, $fault->{bytes} // int($length / 2);
	my $head = join "\r\n", "HTTP/1.1 $answer->{status} OK", (map { "$_: $headers->{$_}" } sort keys %$headers),
		"Content-Length: $length", '', '';
	$stream->write($head . $part => sub ($sent) { $sent->close });
	return;
}

1;
