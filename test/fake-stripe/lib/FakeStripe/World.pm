package FakeStripe::World;
use Mojo::Base -base, -signatures;

use FakeStripe::Faults;
use FakeStripe::Journal;
use FakeStripe::Limits;
use FakeStripe::Store;
use Time::HiRes ();

use constant PLATFORM => 'acct_1FakePlatform';

# Everything the server knows: the clock, the settings, and one store per Stripe account.
has key      => 'sk_test_fake';
has offset   => 0;
has 'frozen';     # the time at which the clock stands still, but for what advances it
has settings => sub { default_settings() };
has stores   => sub { {} };
has jobs     => sub { [] };
has journal  => sub { FakeStripe::Journal->new };
has faults   => sub { FakeStripe::Faults->new };
has held     => sub { {} };    # requests that wait, by timer
has limits   => sub { FakeStripe::Limits->new };
has 'context';    # request id and idempotency key of what is being executed

sub default_settings
{
	return {
		livemode         => 0,
		event_livemode   => undef,
		api_version      => '2026-07-29.dahlia',
		country          => 'US',
		default_currency => 'usd',
		settlement       => undef,    # { currency, rate } or { currency, rates: { eur: 1.08 } }
		settle_delay     => 0.5,      # seconds until an automatic_async charge has its fee; null: by control
		capture_async    => 0,        # the same delay after /capture
		bank_delay       => undef,    # seconds until a bank debit has its result; null: by control
		refund_delay     => undef,    # seconds until a test refund moves on; null: by control
		dispute_delay    => undef,    # seconds until submitted evidence is judged; null: by control
		next_refund      => undef,    # { status, pending_reason } for the next refund only
		confirm_limit    => undef,    # confirmations of one intent before Stripe cancels it
		latency_ms       => 0,
		event_lag        => 0,        # seconds before GET /v1/events shows an event
		rate_limit       => undef,    # requests a second; above it 429
		endpoint_limit   => undef,    # the same, for each verb and path template
	};
}

sub now ($self) { return int($self->now_exact) }

sub now_exact ($self) { return ($self->frozen // Time::HiRes::time()) + $self->offset }

sub freeze ($self, $at = $self->now + 1)
{
	$self->frozen($at)->offset(0);
	return;
}

sub store ($self, $account = undef)
{
	$account //= PLATFORM;
	return $self->stores->{$account} //= FakeStripe::Store->new(world => $self, account => $account);
}

sub reset ($self)
{
	$self->offset(0)->frozen(undef)->settings(default_settings())->stores({})->jobs([]);
	$self->journal->reset;
	$self->faults->reset;
	return $self;
}

# Runs a piece of work as part of one API request, so that its events and effects name that request.
sub within ($self, $context, $work)
{
	my $outer = $self->context;
	$self->context($context);
	my @result = eval { $work->() };
	my $error = $@;
	$self->context($outer);
	die $error if $error;
	return $result[0];
}

sub schedule ($self, $delay, $work)
{
	my $due = $self->now_exact + $delay;
	my $jobs = $self->jobs;
	my $late = @$jobs && $jobs->[-1]{due} > $due;
	push @$jobs, { due => $due, work => $work };
	@$jobs = sort { $a->{due} <=> $b->{due} } @$jobs if $late;
	return;
}

sub run_due ($self)
{
	while (@{$self->jobs} && $self->jobs->[0]{due} <= $self->now_exact)
	{
		my $job = shift @{$self->jobs};
		$self->within(undef, $job->{work});
	}
	return;
}

# Time passes in order: what falls due on the way happens at its own moment, not at the end.
sub advance ($self, $seconds)
{
	my $target = $self->now_exact + $seconds;
	while (@{$self->jobs} && $self->jobs->[0]{due} <= $target)
	{
		my $job = shift @{$self->jobs};
		my $ahead = $job->{due} - $self->now_exact;
		$self->offset($self->offset + $ahead) if $ahead > 0;
		$self->within(undef, $job->{work});
	}
	my $ahead = $target - $self->now_exact;
	$self->offset($self->offset + $ahead) if $ahead > 0;
	return $self->now;
}

1;
