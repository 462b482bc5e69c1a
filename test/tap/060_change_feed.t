# The change feed while eight sessions write: two readers of one name get every committed change
# once, each object's in order, and nothing that is undone; so does a copy that was restored.
use strict;
use warnings;

use PayCluster;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PayCluster->started('feed', tables => 1, preload => 0);
my $account = $node->value("SELECT id FROM paycore.create_billing_account(name => 'Ann', currency => 'EUR')");

$node->value("CREATE TABLE delivered (n bigserial, seq bigint, object_id text, to_status text)");
$node->value("SELECT count(*) FROM paycore.create_change_consumer('app', from_start => true)");

# A payment goes through three states in two transactions, with naps in between, some of them undone.
my $insert = "INSERT INTO paycore.payments (billing_account_id, gateway_account, status, authorized) VALUES ('$account', 'default', 'pending', '9 EUR')";
my $writes = join('', map {
	my $end = $_ % 5 == 0 ? 'ROLLBACK' : 'COMMIT';
	"BEGIN; $insert RETURNING id AS payment \\gset\nSELECT pg_sleep(random() / 40); SAVEPOINT s;"
	. " UPDATE paycore.payments SET status = 'authorized' WHERE id = :'payment'; COMMIT;\n"
	. "BEGIN; SELECT pg_sleep(random() / 40); UPDATE paycore.payments SET status = 'succeeded', gross = '9 EUR', captured_at = now()"
	. " WHERE id = :'payment'; SELECT pg_sleep(random() / 100); $end;\n"
} 1 .. 40);

# What is read is noted and acknowledged in one transaction, so that here once is once.
my $read = "BEGIN; WITH c AS (SELECT * FROM paycore.read_changes('app', 25))"
  . " INSERT INTO delivered (seq, object_id, to_status) SELECT seq, object_id, to_status FROM c;"
  . " SELECT count(*) FROM (SELECT paycore.acknowledge_changes('app', max(seq)) FROM delivered"
  . "  WHERE xmin = pg_current_xact_id()::xid HAVING max(seq) IS NOT NULL) a; COMMIT; SELECT pg_sleep(0.005);\n";

my @writers = map { $node->start_psql($writes, on_error_stop => 1) } 1 .. 8;
my @readers = map { $node->start_psql($read x 250, on_error_stop => 1) } 1 .. 2;
is(join('', map { ($node->ended($_))[1] } @writers), '', 'the writers met no error');
my $early = $node->value('SELECT count(*) FROM delivered');
is(join('', map { ($node->ended($_))[1] } @readers), '', 'the readers met no error');
cmp_ok($early, '>', 100, 'much was read while it was written');
is(($node->ended($node->start_psql($read x 60, on_error_stop => 1)))[1], '', 'nor did the last one');

my $made = $node->value('SELECT count(*) FROM paycore.status_changes');
cmp_ok($made, '>', 8 * 40 * 2, 'the writers wrote');
is($node->value('SELECT count(*) FROM delivered'), $made, 'as many were delivered as were made');
is($node->value('SELECT count(*) FROM paycore.status_changes c WHERE NOT EXISTS (SELECT FROM delivered d WHERE d.seq = c.seq)'), 0,
	'none was missed');
is($node->value('SELECT count(*) FROM (SELECT seq < lag(seq) OVER (PARTITION BY object_id ORDER BY n) AS wrong FROM delivered) w WHERE wrong'), 0,
	'the changes of each object came in order');
is($node->value("SELECT count(*) FROM (SELECT object_id FROM delivered WHERE to_status <> 'active' GROUP BY 1"
		  . " HAVING (array_agg(to_status ORDER BY n))[1:2] <> '{pending,authorized}') w"), 0, 'from the first state on');
is($node->value("SELECT count(*) FROM paycore.read_changes('app')"), 0, 'and nothing is left');
for my $quiet (1, 2)
{
	$node->value($insert);
	$node->ended($node->start_psql($read, on_error_stop => 1));
}
$node->value_is("SELECT (SELECT max(seq) FROM paycore.status_changes) - floor_seq FROM paycore.change_consumers", '1',
	'what was read before is not looked at again');

# A copy in another cluster goes on where the reader was.
$node->value("BEGIN; $insert; COMMIT") for 1 .. 3;
my $page = $node->value("SELECT string_agg(seq::text, ',') FROM paycore.read_changes('app')");
$node->value("BEGIN; $insert; COMMIT") for 1 .. 2;
my $dump = PostgreSQL::Test::Utils::tempdir() . '/feed.dump';
command_ok([ 'pg_dump', '-Fc', '-f', $dump, '-d', $node->connstr('postgres') ], 'dumped');
my $copy = PayCluster->new('copy');
$copy->init;
$copy->start;
$copy->safe_psql('template1', 'CREATE DATABASE restored');
command_ok([ 'pg_restore', '--no-owner', '-d', $copy->connstr('restored'), $dump ], 'restored');
my $next = $copy->safe_psql('restored', "SELECT string_agg(seq::text, ',') FROM paycore.read_changes('app')");
is($next, $node->value("SELECT string_agg(seq::text, ',' ORDER BY seq) FROM paycore.status_changes WHERE seq NOT IN"
		  . " (SELECT seq FROM delivered)"), 'the copy gives what was not acknowledged');
like($next, qr/^\Q$page\E,/, 'and begins with the page that was open');

done_testing();
