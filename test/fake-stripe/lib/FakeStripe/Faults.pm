package FakeStripe::Faults;
use Mojo::Base -base, -signatures;

use Mojo::JSON qw(true);
use Mojo::Util qw(encode);

my %KINDS = map { $_ => 1 } qw(delay hang cut oversize invalid_json invalid_utf8 html status redirect close
	content_type);

my %FIELDS = map { $_ => 1 } qw(kind method path key skip count when ms hold reset bytes body status code type
	message headers reason should_retry stored value location);

has queue => sub { [] };

sub reset ($self) { return $self->queue([]) }

# A fault waits for requests that match its method, path (a regex) and key, lets `skip` of them pass,
# and hits `count` of them (default 1; 0 means for ever).
sub add ($self, $fault)
{
	die "unknown kind of fault: " . ($fault->{kind} // 'none') . "\n" unless $KINDS{ $fault->{kind} // '' };
	my @strange = grep { !$FIELDS{$_} } sort keys %$fault;
	die "unknown field of a fault: @strange\n" if @strange;
	$fault->{count} //= 1;
	$fault->{hits} = 0;
	$fault->{ms} //= 0;
	$fault->{when} //= $fault->{kind} =~ /^(?:delay|status|redirect)$/ ? 'before' : 'after';
	$fault->{pattern} = qr/$fault->{path}/ if defined $fault->{path};
	push @{$self->queue}, $fault;
	return $fault;
}

sub take ($self, $request)
{
	for my $fault (@{$self->queue})
	{
		next if $fault->{count} && $fault->{hits} >= $fault->{count};
		next if defined $fault->{method} && uc $fault->{method} ne $request->{method};
		next if $fault->{pattern} && $request->{path} !~ $fault->{pattern};
		next if defined $fault->{key} && $fault->{key} ne ($request->{key} // '');
		next if $fault->{skip} && $fault->{skip}-- > 0;
		$fault->{hits}++;
		return $fault;
	}
	return undef;
}

sub shown ($self)
{
	return [ map { my $fault = { %$_ }; delete $fault->{pattern}; $fault } @{$self->queue} ];
}

# The answer of a fault of kind `status`.
sub status_answer ($fault)
{
	my $status = $fault->{status} // 500;
	my %error = (
		type => $fault->{type} // { 409 => 'idempotency_error' }->{$status}
			// ($status >= 500 ? 'api_error' : 'invalid_request_error'),
		message => $fault->{message} // 'An injected fault.',
	);
	my $code = $fault->{code} // { 409 => 'idempotency_key_in_use', 429 => 'rate_limit' }->{$status};
	$error{code} = $code if defined $code;
	my %headers = %{$fault->{headers} // {}};
	$headers{'Stripe-Rate-Limited-Reason'} = $fault->{reason} if defined $fault->{reason};
	$headers{'Stripe-Should-Retry'} = $fault->{should_retry} ? 'true' : 'false' if defined $fault->{should_retry};
	return { status => $status, data => { error => \%error }, headers => \%headers, stored => $fault->{stored} };
}

# Spoils the body of a finished answer.
sub spoil ($fault, $answer)
{
	my $kind = $fault->{kind};
	my $headers = $answer->{headers} //= {};
	if ($kind eq 'oversize')
	{
		my $pad = ($fault->{bytes} // 16 * 1024 * 1024) - 13;
		$answer->{body} = '{"object":"' . 'x' x ($pad > 0 ? $pad : 0) . '"}';
	}
	elsif ($kind eq 'invalid_json')
	{
		$answer->{body} = $fault->{body} // substr($answer->{body}, 0, length($answer->{body}) - 1) . ',,]';
	}
	elsif ($kind eq 'invalid_utf8')
	{
		$answer->{body} =~ s/^\{/{"fault":"\xff\xfe\xc3\x28",/;
	}
	elsif ($kind eq 'html')
	{
		@$answer{qw(status body)} = ($fault->{status} // 200, '<html><body><h1>Bad gateway</h1></body></html>');
		$headers->{'Content-Type'} = 'text/html';
	}
	elsif ($kind eq 'content_type')
	{
		$headers->{'Content-Type'} = $fault->{value} // 'text/plain';
	}
	elsif ($kind eq 'redirect')
	{
		@$answer{qw(status body)} = ($fault->{status} // 302, '');
		$headers->{Location} = $fault->{location} // 'https://127.0.0.1:1/elsewhere';
	}
	elsif ($kind eq 'status')
	{
		my $status = status_answer($fault);
		$answer->{status} = $status->{status};
		$answer->{data} = $status->{data};
		%$headers = (%$headers, %{$status->{headers}});
	}
	return $answer;
}

1;
