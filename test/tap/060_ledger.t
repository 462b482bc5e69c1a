# The ledger under 8 clients: a hot pair of accounts, random pairs, facts and balance changes, while sums are rolled up
# and balances are read. Every balance is exact at every moment, nobody waits in a circle, verify() is clean.
use strict;
use warnings;

use IPC::Run;
use PayCluster;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep time);

my $SECONDS = 6;
my $node = PayCluster->started('ledger', tables => 1, conf => "deadlock_timeout = 50ms\nlog_lock_waits = on\nmax_prepared_transactions = 4");
$node->value(<<'SQL');
INSERT INTO paycore.ledger_accounts (id, code, kind, currency, normal_side)
	SELECT ('00000000-0000-7000-8000-' || 100000000000 + n)::uuid, 'account ' || n, 'liability', 'USD', 'credit' FROM generate_series(1, 50) n;
SELECT paycore.create_gateway_account('cash', 'manual');
CREATE TABLE shoppers AS SELECT n, a.id FROM generate_series(1, 4) n, paycore.create_billing_account('A' || n, currency => 'USD', gateway => 'cash') a;
-- The balance of an account against the sum of all its entries, in one snapshot.
CREATE FUNCTION off(account uuid) RETURNS bigint LANGUAGE sql STABLE AS $$
	SELECT CASE a.normal_side WHEN 'debit' THEN -1 ELSE 1 END * paycore.cents(paycore.ledger_balance(a.id)) - coalesce((SELECT sum(CASE WHEN e.debit_account_id = a.id THEN -1 ELSE 1 END * paycore.cents(e.amount))
		FROM paycore.ledger_entries e WHERE a.id IN (e.debit_account_id, e.credit_account_id)), 0)
	FROM paycore.ledger_accounts a WHERE a.id = account $$;
SQL

my $dir = PostgreSQL::Test::Utils::tempdir();
my $id = "('00000000-0000-7000-8000-' || 100000000000 + %s)::uuid";
my %scripts = (
	'hot@4' => "\\set cents random(1, 9999)\nSELECT id FROM paycore.post_entry(" . sprintf($id, '1') . ', ' . sprintf($id, '2') . ", paycore.money_cents(:cents, 'USD'));",
	'back@2' => "\\set cents random(1, 9999)\nSELECT id FROM paycore.post_entry(" . sprintf($id, '2') . ', ' . sprintf($id, '1') . ", paycore.money_cents(:cents, 'USD'));",
	'random@4' => "\\set a random(1, 50)\n\\set b 1 + (:a + random(0, 48)) % 50\n"
	  . 'SELECT id FROM paycore.post_entry(' . sprintf($id, ':a') . ', ' . sprintf($id, ':b') . ", '1.00 USD');",
	'undone@1' => "BEGIN;\nSELECT id FROM paycore.post_entry(" . sprintf($id, '1') . ', ' . sprintf($id, '3') . ", '1.00 USD');\nROLLBACK;",
	'sale@2' => "\\set n random(1, 4)\nSELECT id FROM paycore.record_payment((SELECT id FROM shoppers WHERE n = :n), '5.00 USD', '0.10 USD');",
	'credit@2' => "\\set n random(1, 4)\nSELECT id FROM paycore.credit_account((SELECT id FROM shoppers WHERE n = :n), '1.00 USD', 'test');",
	'debit@1' => "\\set n random(1, 4)\nSELECT id FROM paycore.debit_account((SELECT id FROM shoppers WHERE n = :n), '1.00 USD', 'test', overdraw => true);",
);
my @files;
foreach my $name (sort keys %scripts)
{
	my ($file, $weight) = split /@/, $name;

	append_to_file("$dir/$file", "$scripts{$name}\n");
	push @files, '-f', "$dir/$file\@$weight";
}

my ($out, $err) = ('', '');
my $crowd = IPC::Run::start(
	[ 'pgbench', '-n', '-M', 'prepared', '-c', 8, '-j', 2, '-T', $SECONDS, @files, '-h', $node->host, '-p', $node->port, 'postgres' ],
	'>', \$out, '2>', \$err);

# Meanwhile.
my ($off, $rolled, $end) = (0, 0, time + $SECONDS);
while (time < $end - 0.5)
{
	$rolled += $node->value('SELECT paycore.roll_up_ledger(20)');
	$off += $node->value('SELECT count(*) FROM paycore.ledger_accounts WHERE off(id) <> 0');
	sleep 0.05;
}
$crowd->finish;
is($err =~ s/^pgbench \(.*\n//mr, '', 'no client met an error');
is($off, 0, 'balances were exact while entries were written and rolled up');
cmp_ok($rolled, '>', 10, 'sums were rolled up meanwhile');
$node->log_lacks(qr/deadlock detected/, 0, 'no deadlock');

# An account's chart may be opened by many at once; from then on nobody waits for a ledger row.
$node->value_is(q{SELECT count(*) FROM (SELECT code, currency FROM paycore.ledger_accounts GROUP BY 1, 2 HAVING count(*) > 1) x}, 0, 'each account was opened once');
$node->value_is('SELECT count(*) FROM paycore.ledger_accounts WHERE off(id) <> 0', 0, 'all balances are exact');
$node->value_is(q{SELECT sum(paycore.cents(amount)) FROM paycore.ledger_postings}, 0, 'everything sums to zero');
$node->value_is(
	q{SELECT (SELECT sum(paycore.cents(gross)) FROM paycore.payments) = paycore.cents(paycore.ledger_balance(id)) FROM paycore.ledger_accounts WHERE code = 'revenue'},
	't', 'revenue is what was paid');
$node->value_is(
	q{SELECT (SELECT sum(paycore.cents(balance)) FROM paycore.account_balances) = paycore.cents(paycore.ledger_balance(id)) FROM paycore.ledger_accounts WHERE code = 'customer_balances'},
	't', 'what is owed to customers is the sum of their balances');
$node->value_is('SELECT count(*) FROM paycore.verify()', 0, 'verify() finds nothing');

# A transaction that stays open keeps its entries, and all later ones, out of the sums; they are in the balance once it commits.
my $hot = q{'00000000-0000-7000-8000-100000000001'};
my $pair = qq{$hot, '00000000-0000-7000-8000-100000000002'};
my $slow = $node->session;
$slow->query_safe("BEGIN; SELECT id FROM paycore.post_entry($pair, '1000.00 USD')");
my $before = $node->value("SELECT paycore.cents(paycore.ledger_balance($hot))");
$node->value("SELECT id FROM paycore.post_entry($pair, '1.00 USD')");
$node->value('SELECT paycore.roll_up_ledger(1)');
$node->value_is("SELECT paycore.cents(paycore.ledger_balance($hot)) - ($before)", -100, 'not yet');
$slow->query_safe('COMMIT');
$node->value_is("SELECT paycore.cents(paycore.ledger_balance($hot)) - ($before)", -100_100, 'the balance has it');
$node->value('SELECT paycore.roll_up_ledger(1)');
$node->value_is("SELECT paycore.cents(paycore.ledger_balance($hot)) - ($before)", -100_100, 'and the sums');
$slow->quit;
# The same for one that is prepared.
$node->value("BEGIN; SELECT id FROM paycore.post_entry($pair, '1.00 USD'); PREPARE TRANSACTION 'later'");
$node->value("SELECT id FROM paycore.post_entry($pair, '1.00 USD')");
$node->value('SELECT paycore.roll_up_ledger(1)');
$node->value("COMMIT PREPARED 'later'");
$node->value_is("SELECT paycore.cents(paycore.ledger_balance($hot)) - ($before)", -100_300, 'a prepared transaction counts once');
$node->value_is('SELECT count(*) FROM paycore.ledger_accounts WHERE off(id) <> 0', 0, 'all balances are exact');

# The worker rolls up by itself.
$node->value("SELECT count(*) FROM generate_series(1, 1500), paycore.post_entry($pair, '1.00 USD')");
$node->wait_for_sql("SELECT horizon > 0 AND rolled_at > now() - interval '20 seconds' FROM paycore.ledger_balances WHERE account_id = $hot AND entries > 1500", 't', 60);
$node->value_is('SELECT count(*) FROM paycore.verify()', 0, 'verify() finds nothing');
$node->stop;
done_testing();
