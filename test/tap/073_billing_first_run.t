# What bills one subscription costs no more the more there are: in a first run, where the server knows nothing of the tables that
# it fills; and by the index of what is due, in front of which entries of what is billed lie until a VACUUM.
use strict;
use warnings;

use FindBin;
use PayCluster;
use PostgreSQL::Test::Utils;
use Test::More;

my ($BATCH, $BATCHES) = (1000, 12);
my $node = PayCluster->started('first', tables => 1, conf => "paycore.worker = off\nautovacuum = off\n");
my $all = $BATCH * $BATCHES;

$node->safe_psql('postgres', "\\set n $all\n" . slurp_file("$FindBin::RealBin/../../bench/peers/billing.sql"));
$node->value('CALL bench.use()');
$node->value('SELECT paycore.roll_up_usage()');

# Microseconds of the processor for each of a batch, all in one session: a plan is kept.
my $took = $node->value(qq{
	CREATE FUNCTION pg_temp.used() RETURNS bigint LANGUAGE sql AS \$\$ SELECT split_part(pg_catalog.pg_read_file('/proc/self/schedstat'), ' ', 1)::bigint \$\$;
	SELECT paycore.bill_subscriptions(batch_size => $BATCH) AS done \\gset
	SELECT pg_temp.used() AS before \\gset
} . qq{
	SELECT paycore.bill_subscriptions(batch_size => $BATCH) AS done \\gset
	SELECT (pg_temp.used() - :before) / 1000 / :done AS cost, pg_temp.used() AS before \\gset
	\\echo :cost
} x ($BATCHES - 1));
my @each = split /\n/, $took;
my ($late) = sort { $a <=> $b } @each[-3 .. -1];
is(scalar(@each), $BATCHES - 1, 'so many batches are billed');
cmp_ok($late, '<', 1.8 * $each[0], "each of the last costs no more than each of the first: @each");

my ($few, $few_pages) = pages_until('2026-01-15 12:00+00');
my ($many, $many_pages) = pages_until('2026-01-25 00:00+00');
cmp_ok($few, '>', 100, 'some are due');
cmp_ok($many, '>', 10 * $few, 'then many more');
cmp_ok($many_pages / $many, '<', 1.5 * $few_pages / $few, 'each of the many is found as quickly as each of the few');
$node->stop;
done_testing();

# What a run in small batches bills, and the pages of the index that it reads for it.
sub pages_until
{
	my ($until) = @_;
	my $read = q{SELECT (SELECT count(*) FROM paycore.invoices), idx_blks_read + idx_blks_hit FROM pg_statio_user_indexes WHERE indexrelname = 'subscriptions_due'};

	$node->value("SELECT paycore.set_test_clock('$until')");
	$node->value('VACUUM paycore.subscriptions');
	my ($billed, $pages) = split /\|/, $node->value($read);
	$node->value('CALL paycore.run_billing(batch_size => 5)');
	my ($billed_then, $pages_then) = split /\|/, $node->value($read);
	return ($billed_then - $billed, $pages_then - $pages);
}
