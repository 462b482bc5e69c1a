# A first run: the server knows nothing of the tables that it fills, and what it has planned meanwhile must not cost more the more there is in them.
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

# Microseconds for each of the second batch, and of the last, in one session: a plan is kept.
my $batch = "SELECT paycore.bill_subscriptions(batch_size => $BATCH) AS done \\gset\n";
my $took = $node->value($batch . "SELECT clock_timestamp() AS a \\gset\n" . $batch . "SELECT clock_timestamp() AS b \\gset\n" . $batch x ($BATCHES - 3) .
	"SELECT clock_timestamp() AS c \\gset\n" . $batch . qq{
	SELECT :done, round(extract(epoch FROM :'b'::timestamptz - :'a') * 1e6 / $BATCH), round(extract(epoch FROM clock_timestamp() - :'c') * 1e6 / $BATCH)});
my ($done, $early, $late) = split /\|/, $took;
is($done, $BATCH, 'so many are billed');
cmp_ok($late, '<', 1.8 * $early, 'each of the last costs no more than each of the first');
$node->stop;
done_testing();
