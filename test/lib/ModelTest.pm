package ModelTest;

# Random sequences of calls, events, jumps of the clock, faults and kills, against a model of what every amount must be.
# Two files play half of them each.
#
#	MODEL_SEQUENCES=10000 ...	that many, from MODEL_FIRST on (1)
#	MODEL_SEED=17 ...			that one alone, told step by step
use strict;
use warnings;

use File::Basename qw(basename);
use ModelDriver;
use StripeCluster;
use Test::More;
use Time::HiRes qw(time);

my $CONF = <<CONF;
synchronous_commit = on
restart_after_crash = on
paycore.retry_initial = 2000
paycore.retry_max = 60000
paycore.request_timeout = 10000
log_min_messages = warning
log_statement = none
log_min_error_statement = panic
CONF

# The seeds of this half.
sub seeds
{
	my ($remainder) = @_;
	my $first = $ENV{MODEL_SEED} // $ENV{MODEL_FIRST} // 1;
	my $sequences = defined $ENV{MODEL_SEED} ? 1 : $ENV{MODEL_SEQUENCES} // 300;
	return grep { $_ % 2 == $remainder } $first .. $first + $sequences - 1;
}

sub told
{
	my ($seed, $driver, @wrong) = @_;
	my $name = basename($0, '.t');
	my @steps = map { "  $_" } $driver->log;
	my @again = defined $ENV{MODEL_SEED} ? () : ("MODEL_SEED=$seed make check-tap TESTS=$name   plays it again alone. What it did:", @steps);
	return join "\n", @again, @wrong ? ('What is wrong after the last step:', map { "  $_" } @wrong) : @steps;
}

# play(remainder): the seeds that leave it when divided by two.
sub play
{
	my @seeds = seeds(@_);
	plan(skip_all => 'the seed is of the other half') unless @seeds;
	my $db = StripeCluster->new('model', preload => 1, conf => $CONF);
	my $driver = ModelDriver->new($db);
	my ($started, $failed, $played) = (time, 0, 0);

	for my $seed (@seeds)
	{
		my @wrong = $driver->play($seed);
		diag(sprintf '%d of %d sequences', $played, scalar @seeds) if ++$played % 500 == 0;
		diag(told($seed, $driver)) if defined $ENV{MODEL_SEED};
		next unless @wrong;
		fail("sequence $seed");
		diag(told($seed, $driver, @wrong));
		last if ++$failed == 5;
	}
	is($failed, 0, @seeds . " sequences, $seeds[0] to $seeds[-1]");
	note(sprintf '%.0f ms a sequence', 1000 * (time - $started) / @seeds);
	$db->stop;
	return done_testing();
}

1;
