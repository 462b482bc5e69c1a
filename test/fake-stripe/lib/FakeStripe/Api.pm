package FakeStripe::Api;
use Mojo::Base -strict, -signatures;

use FakeStripe::Error;
use FakeStripe::Expand;
use FakeStripe::Idempotency;
use FakeStripe::Params;
use FakeStripe::Reply;
use FakeStripe::Routes;
use Mojo::IOLoop;
use Mojo::JSON qw(encode_json);
use Mojo::Util qw(b64_decode);
use Scalar::Util qw(blessed);
use Time::HiRes ();

# The way of one request: journal, injected fault, key, version, idempotency, execution, answer.
sub handle ($world, $c)
{
	my $request = _read($world, $c);
	my $reply = FakeStripe::Reply->new(world => $world, tx => $c->render_later->tx, controller => $c,
		request => $request);
	my $fault = $world->faults->take($request);
	$request->{entry}{fault} = $fault->{kind} if $fault;

	if ($fault && $fault->{when} eq 'before' && $fault->{kind} ne 'delay')
	{
		_wait($world, $fault->{ms}, sub { _fault_instead($world, $request, $reply, $fault) });
		return;
	}
	my $answer = _guard(sub { return _admit($world, $request) });
	return $reply->send($answer, $fault) if $answer;

	my $early = $fault && $fault->{when} eq 'before' ? $fault->{ms} : 0;
	_wait($world, $early + $world->settings->{latency_ms}, sub { _run($world, $request, $reply, $fault) });
	return;
}

sub _wait ($world, $ms, $work)
{
	return $work->() unless $ms;
	my $timer;
	$timer = Mojo::IOLoop->timer($ms / 1000 => sub { delete $world->held->{$timer}; $work->() });
	$world->held->{$timer} = $work;
	return;
}

# Whatever waits goes on now.
sub release ($world)
{
	my $held = $world->held;
	$world->held({});
	for my $timer (keys %$held)
	{
		Mojo::IOLoop->remove($timer);
		$held->{$timer}->();
	}
	return scalar keys %$held;
}

sub _read ($world, $c)
{
	my $req = $c->req;
	my $headers = $req->headers;
	my %request = (
		id => $world->store->new_id('req', 15), method => $req->method, path => $req->url->path->to_string,
		version => $headers->header('Stripe-Version'), account => $headers->header('Stripe-Account'),
		authorization => $headers->authorization // '',
	);
	$request{key} = $headers->header('Idempotency-Key') if $request{method} eq 'POST';
	my $text = join '&', grep { length } $req->url->query->to_string, $req->body;
	$request{params} = eval { FakeStripe::Params::decode_form($text) };
	$request{bad_params} = $@ unless $request{params};
	$request{entry} = $world->journal->record({
		time => sprintf('%.6f', Time::HiRes::time()), clock => $world->now,
		(map { $_ => $request{$_} } qw(id method path key account params)), body => $req->body,
		headers => { map { $_ => $headers->header($_) } @{$headers->names} }, http_version => $req->version,
		connection => $c->tx->connection,
	});
	return \%request;
}

# Turns a refusal into an answer.
sub _guard ($work)
{
	my $result = eval { $work->() };
	my $error = $@ or return $result;
	return { status => $error->status, data => { error => $error->error }, stored => $error->stored }
		if blessed $error && $error->isa('FakeStripe::Error');
	warn "fake-stripe: $error";
	return {
		status => 500, stored => 1,
		data => { error => { type => 'api_error', message => "The fake itself failed: $error" } }
	};
}

# Everything before execution. Gives an answer only where the request ends here.
sub _admit ($world, $request)
{
	_authenticate($world, $request);
	my $version = $request->{version};
	FakeStripe::Error->throw(400, { message => 'The Stripe-Version header is missing.' })
		unless defined $version;
	FakeStripe::Error->throw(400, { message => "Invalid Stripe API version: $version" })
		unless $version =~ /^\d{4}-\d\d-\d\d(?:\.\w+)?$/;
	die $request->{bad_params} if $request->{bad_params};

	my $store = $request->{store} = $world->store($request->{account});
	my $limit = $world->limits->exceeded($world, $request);
	return $limit if $limit;
	my $entry = FakeStripe::Idempotency::begin($store, $request) or return undef;
	$request->{entry}{replayed} = 1;
	my %headers = ('Idempotent-Replayed' => 'true', 'Original-Request' => $entry->{request_id});
	$headers{'Stripe-Should-Retry'} = 'false' if $entry->{status} >= 500;
	return { status => $entry->{status}, body => $entry->{body}, headers => \%headers };
}

sub _authenticate ($world, $request)
{
	my ($scheme, $value) = split ' ', $request->{authorization}, 2;
	my $key = lc($scheme // '') eq 'basic' ? (split /:/, b64_decode($value // ''))[0] : $value;
	FakeStripe::Error->throw(401, {
		message => 'You did not provide an API key. You need to provide your API key in the Authorization '
			. 'header, using Bearer auth.'
	}) unless defined $key;
	FakeStripe::Error->throw(401, { message => 'Invalid API Key provided: ' . substr($key, 0, 8) . '****' })
		unless $key eq $world->key;
	FakeStripe::Error->throw(403, {
		code => 'account_invalid', message => 'The provided key does not have access to this account.'
	}) if defined $request->{account} && $request->{account} !~ /^acct_\w+$/;
	return;
}

sub _run ($world, $request, $reply, $fault)
{
	my $store = $request->{store};
	my $answer = _guard(sub { return _execute($world, $store, $request) });
	$reply->render($answer);
	if ($fault && $fault->{kind} eq 'status')
	{
		FakeStripe::Faults::spoil($fault, $answer);
		$answer->{stored} = $fault->{stored} // 1;
		delete $answer->{body};
		$reply->render($answer);
	}
	$request->{entry}{executed} = 1;

	# A slow Stripe holds the key until it answers; a slow network does not.
	my $late = $fault && $fault->{when} eq 'after' ? $fault->{ms} : 0;
	my $held = $late && ($fault->{hold} // $fault->{kind} eq 'delay');
	FakeStripe::Idempotency::finish($store, $request, $answer) unless $held;
	_wait($world, $late, sub {
		FakeStripe::Idempotency::finish($store, $request, $answer) if $held;
		$reply->send($answer, $fault);
	});
	return;
}

sub _execute ($world, $store, $request)
{
	my ($route, @ids) = FakeStripe::Routes::find(@$request{qw(method path)});
	FakeStripe::Error->throw(404, {
		message => "Unrecognized request URL ($request->{method}: $request->{path})."
	}) unless $route;
	my $params = FakeStripe::Params::check($request->{params}, $route->{params});
	my $expand = ref $params->{expand} ? delete $params->{expand} : [];

	my $object = $world->within({ request_id => $request->{id}, key => $request->{key} }, sub {
		my $result = $route->{handler}->($store, $params, @ids);
		$world->journal->execution($request->{key}) if $request->{method} eq 'POST';
		return $result;
	});
	return { status => 200, data => FakeStripe::Expand::apply($store, $object, $expand), stored => 1 };
}

# A fault that strikes before anything is executed.
sub _fault_instead ($world, $request, $reply, $fault)
{
	my $answer = { status => 200, data => {}, headers => {} };
	if ($fault->{kind} eq 'status')
	{
		$answer = FakeStripe::Faults::status_answer($fault);
		$reply->render($answer);
		if ($fault->{stored})
		{
			my $store = $world->store($request->{account});
			FakeStripe::Idempotency::begin($store, $request);
			FakeStripe::Idempotency::finish($store, $request, $answer);
		}
		return $reply->send($answer);
	}
	return $reply->send($answer, $fault);
}

1;
