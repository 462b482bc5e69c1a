package FakeStripe;
use Mojo::Base -base, -signatures;

# A fake Stripe for one test: starts it, talks to its API and its control side, stops it.
#
#   my $stripe = FakeStripe->start($dir);          $stripe->url, $stripe->ca_file, $stripe->key
#   $stripe->api(POST => '/v1/refunds', { payment_intent => $id }, key => 'k1');
#   $stripe->fault(kind => 'cut', path => 'refunds');
#   $stripe->control(POST => "intents/$id/bank", { result => 'fail' });

use Cwd qw(abs_path);
use File::Basename qw(dirname);
use Mojo::File qw(path);
use Mojo::UserAgent;
use Time::HiRes qw(sleep time);

has [qw(dir pid url ca_file key ua)];

my $PROGRAM = abs_path(dirname(__FILE__) . '/../fake-stripe/fake-stripe');

# Options: key, port, settings (a hash for the control API). The server ends with the test.
sub start ($class, $dir, %option)
{
	my $key = $option{key} // 'sk_test_fake';
	path($dir)->make_path;
	my @command = ($^X, $PROGRAM, '--dir', $dir, '--key', $key, '--port', $option{port} // 0,
		'--die-with-parent');
	my $pid = fork() // die "fork: $!\n";
	if (!$pid)
	{
		open STDOUT, '>', "$dir/log";
		open STDERR, '>&', \*STDOUT;
		exec @command;
		exit 1;
	}
	my $self = $class->new(dir => $dir, pid => $pid, key => $key, ca_file => "$dir/ca.pem");
	$self->_wait_ready;
	$self->ua(Mojo::UserAgent->new(ca => $self->ca_file, max_redirects => 0, inactivity_timeout => 60));
	$self->settings(%{$option{settings}}) if $option{settings};
	return $self;
}

# A server that somebody else started in $dir, and will stop.
sub attach ($class, $dir, %option)
{
	my $self = $class->new(dir => $dir, key => $option{key} // 'sk_test_fake', ca_file => "$dir/ca.pem");
	$self->_wait_ready;
	$self->ua(Mojo::UserAgent->new(ca => $self->ca_file, max_redirects => 0, inactivity_timeout => 60));
	return $self;
}

sub _wait_ready ($self)
{
	my $until = time + 30;
	until (-s $self->dir . '/url')
	{
		die 'the fake Stripe did not start: ' . path($self->dir, 'log')->slurp
			if time > $until || ($self->pid && waitpid($self->pid, 1) > 0);
		sleep 0.02;
	}
	$self->url($self->_file('url'));
	return;
}

sub _file ($self, $name)
{
	my $text = path($self->dir, $name)->slurp;
	chomp $text;
	return $text;
}

sub url_wrong_name ($self) { return $self->_file('url-wrong-name') }
sub url_unknown_ca ($self) { return $self->_file('url-unknown-ca') }
sub log ($self) { return $self->_file('log') }

sub stop ($self)
{
	my $pid = delete $self->{pid} or return;
	kill TERM => $pid;
	waitpid $pid, 0;
	return;
}

# A child process must not stop its parent's server.
sub DESTROY ($self)
{
	local ($?, $!);
	$self->stop if $self->{pid} && $self->{owner} && $self->{owner} == $$;
	return;
}

sub new ($class, @args)
{
	my $self = $class->SUPER::new(@args);
	$self->{owner} = $$;
	return $self;
}

# One API request. Options: key (idempotency), account, version, api_key, headers, url. Gives the
# status, the decoded body and the headers; status 0 and `failure` where no answer came.
sub api ($self, $method, $path, $form = undef, %option)
{
	my %headers = (
		Authorization => 'Bearer ' . ($option{api_key} // $self->key),
		'Stripe-Version' => $option{version} // '2026-07-29.dahlia', %{$option{headers} // {}},
	);
	$headers{'Idempotency-Key'} = $option{key} if defined $option{key};
	$headers{'Stripe-Account'} = $option{account} if defined $option{account};
	delete @headers{ grep { $headers{$_} eq '' } keys %headers };
	my $tx = $self->ua->build_tx($method => ($option{url} // $self->url) . $path, \%headers,
		$form ? (form => $form) : ());
	return _result($self->ua->start($tx));
}

sub _result ($tx)
{
	my $error = $tx->error;
	return { status => 0, failure => $error->{message} } if $error && !$error->{code};
	return {
		status => $tx->res->code, body => $tx->res->json, text => $tx->res->body,
		headers => $tx->res->headers
	};
}

# The control side; dies when it refuses.
sub control ($self, $method, $path, $data = undef)
{
	my $tx = $self->ua->build_tx($method => $self->url . "/_fake/$path", defined $data ? (json => $data) : ());
	my $result = _result($self->ua->start($tx));
	die "fake Stripe, $method $path: " . ($result->{text} // $result->{failure}) . "\n" . ($result->{status} ? '' : $self->_process)
		unless $result->{status} == 200;
	return $result->{body};
}

# Of a server that does not answer: what it is doing.
sub _process ($self)
{
	my @files = map { "/proc/$self->{pid}/$_" } qw(stat wchan syscall);
	return join '', map { my $text = eval { path($_)->slurp } // "gone\n"; "$_: $text\n" } $self->{pid} ? @files : ();
}

sub effects ($self) { return $self->control(GET => 'effects') }

sub requests ($self, %filter)
{
	return @{ $self->control(GET => 'requests?' . Mojo::Parameters->new(%filter)->to_string) };
}

sub fault ($self, %fault) { return $self->control(POST => 'faults', \%fault) }

sub clear_faults ($self) { return $self->control(DELETE => 'faults') }

# Requests that a delay holds go on now.
sub release ($self) { return $self->control(POST => 'release', {})->{released} }

sub settings ($self, %settings) { return $self->control(POST => 'settings', \%settings) }

sub advance ($self, $seconds) { return $self->control(POST => 'clock', { advance => $seconds })->{now} }

# From now on, or from that time on, only advance() moves the clock.
sub freeze ($self, $at = 1) { return $self->control(POST => 'clock', { freeze => $at })->{now} }

# All objects, by their kind, oldest first.
sub objects ($self) { return $self->control(GET => 'objects') }

sub reset ($self) { return $self->control(POST => 'reset', {}) }

# The deliveries after number `after`, signed: [{ seq, id, type, payload, signature }].
sub webhooks ($self, $secret = 'whsec_test_secret', %option)
{
	my $query = Mojo::Parameters->new(secret => $secret, %option)->to_string;
	return @{ $self->control(GET => "webhooks?$query") };
}

sub sign ($self, %what) { return $self->control(POST => 'sign', \%what)->{signature} }

sub complete_action ($self, $intent, $result = 'succeed')
{
	return $self->control(POST => "intents/$intent/complete_action", { result => $result });
}

sub bank ($self, $intent, $result = 'succeed', $code = undef)
{
	return $self->control(POST => "intents/$intent/bank", { result => $result, code => $code });
}

sub settle ($self, $charge, %how) { return $self->control(POST => "charges/$charge/settle", \%how) }

sub move_refund ($self, $refund, $status, $reason = undef)
{
	return $self->control(POST => "refunds/$refund/transition", { status => $status, failure_reason => $reason });
}

1;
