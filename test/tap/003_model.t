# Random sequences of calls, events, jumps of the clock, faults and kills, against a model of what every amount must be.
#
#	MODEL_SEQUENCES=10000 ...	that many, from MODEL_FIRST on (1)
#	MODEL_SEED=17 ...			that one alone, told step by step
use strict;
use warnings;

use ModelDriver;
use PayCluster;
use StripeCluster;
use Test::More;
use Time::HiRes qw(time);

my $first = $ENV{MODEL_SEED} // $ENV{MODEL_FIRST} // 1;
my $sequences = defined $ENV{MODEL_SEED} ? 1 : $ENV{MODEL_SEQUENCES} // 300;
my $db = StripeCluster->new('model', preload => 1, conf => <<CONF);
synchronous_commit = on
restart_after_crash = on
paycore.retry_initial = 2000
paycore.retry_max = 60000
paycore.request_timeout = 10000
log_min_messages = warning
log_statement = none
log_min_error_statement = panic
CONF
my $driver = ModelDriver->new($db);
my ($started, $failed) = (time, 0);

for my $seed ($first .. $first + $sequences - 1)
{
	my @wrong = $driver->play($seed);
	diag(join "\n", map { "  $_" } $driver->log) if defined $ENV{MODEL_SEED};
	next unless @wrong;
	fail("sequence $seed");
	diag(join "\n", "MODEL_SEED=$seed make check-tap TESTS=003_model   plays it again alone. What it did:", (map { "  $_" } $driver->log),
		'What is wrong after the last step:', map { "  $_" } @wrong) unless defined $ENV{MODEL_SEED};
	diag(join "\n", 'What is wrong after the last step:', map { "  $_" } @wrong) if defined $ENV{MODEL_SEED};
	last if ++$failed == 5;
}
is($failed, 0, "$sequences sequences from seed $first");
note(sprintf '%.0f ms a sequence', 1000 * (time - $started) / $sequences);
$db->stop;

done_testing();
