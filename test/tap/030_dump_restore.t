# pg_dump and restore: the same rows, what users added, and nothing sent from the copy.
use strict;
use warnings;

use PayCluster;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my @tables = qw(gateway_accounts billing_accounts payment_methods payment_intents payment_attempts
	payments refunds status_changes idempotency_keys outbox webhook_events);

my $node = PayCluster->started('main');
$node->safe_psql('postgres', $_) for (
	'CREATE DATABASE shop',
	'ALTER DATABASE shop SET paycore.worker = off',
	'CREATE ROLE shop_owner',
	'CREATE ROLE shop_app');
$node->safe_psql('shop', q{
	CREATE EXTENSION paycore CASCADE;
	GRANT USAGE, CREATE ON SCHEMA paycore TO shop_owner;
	SET ROLE shop_owner;
	SELECT paycore.init();
	SELECT paycore.grant_access('shop_app', 'app');
	SELECT paycore.create_gateway_account('cash', 'manual');
	ALTER TABLE paycore.payments ADD COLUMN till text DEFAULT 'front';
	CREATE INDEX payments_till ON paycore.payments (till);
	CREATE POLICY front_only ON paycore.payments AS RESTRICTIVE USING (till = 'front');
});
$node->safe_psql('shop', q{
	SET ROLE shop_app;
	SELECT paycore.create_payment_intent((paycore.create_billing_account('Ada', currency => 'USD')).id, '10 USD', 'pm_card_visa', true,
		idempotency_key => 'order-1');
	WITH account AS (SELECT id FROM paycore.create_billing_account('Bob', currency => 'EUR', gateway => 'cash'))
	SELECT paycore.record_payment(account.id, '100 EUR', '2 EUR') FROM account;
});
$node->safe_psql('shop', q{
	SET ROLE shop_app;
	SELECT paycore.create_refund(id, '30 EUR') FROM paycore.list_payments();
	SELECT paycore.create_refund(id, '20 EUR', requires_approval => true) FROM paycore.list_payments();
});

sub rows_of
{
	my ($db) = @_;
	return join("\n", map { "$_ " . $node->safe_psql($db,
			"SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) || ' ' || count(*) FROM paycore.$_ t") } @tables);
}

sub is_whole
{
	my ($db, $what) = @_;

	is(rows_of($db), rows_of('shop'), "$what: the same rows");
	is($node->safe_psql($db, 'SELECT * FROM paycore.verify()'), '', "$what: verify() is clean");
	is($node->safe_psql($db, 'SELECT paycore.repair_counters()'), '0', "$what: counters are right");
	return;
}

sub is_complete
{
	my ($db, $what) = @_;

	is_whole($db, $what);
	is($node->safe_psql($db, "SELECT to_regclass('paycore.payments_till'), count(*) FROM pg_policy WHERE polname = 'front_only'"),
		'paycore.payments_till|1', "$what: the user's index and policy");
	is($node->safe_psql($db, 'SET ROLE shop_owner; SELECT paycore.init()'),
		'database marked for the worker', "$what: init() finds nothing to make");
	$node->safe_psql($db, "ALTER DATABASE $db SET paycore.worker = off");
	is($node->sqlstate_of("INSERT INTO paycore.refunds (payment_id, amount) SELECT id, '60 EUR' FROM paycore.payments", dbname => $db),
		'PY020', "$what: guards stand");
	is($node->sqlstate_of('SET ROLE shop_app; SELECT paycore.list_payments()', dbname => $db), '00000', "$what: roles keep their rights");
	is($node->sqlstate_of('SET ROLE shop_app; UPDATE paycore.payments SET reconciled = true', dbname => $db),
		'PY014', "$what: and no more");
	is($node->safe_psql($db, q{SELECT count(*) > 0 AND bool_and(database_oid <> (SELECT oid FROM pg_database WHERE datname = current_database()))
			FROM paycore.outbox}), 't', "$what: its requests are not its own to send");
	if ($node->safe_psql($db, "SELECT to_regproc('paycore.drain_outbox') IS NOT NULL") eq 't')
	{
		my $before = $node->safe_psql($db, 'SELECT * FROM paycore.outbox ORDER BY seq');
		$node->psql($db, 'CALL paycore.drain_outbox()');
		is($node->safe_psql($db, 'SELECT * FROM paycore.outbox ORDER BY seq'), $before, "$what: nothing was sent");
	}
	return;
}

my $dir = $node->backup_dir;
mkdir $dir;
my @to = ('-h', $node->host, '-p', $node->port);

$node->safe_psql('postgres', 'CREATE DATABASE plain');
command_ok([ 'pg_dump', @to, '-f', "$dir/plain.sql", 'shop' ], 'plain dump');
command_ok([ 'psql', '-X', '-q', @to, '-v', 'ON_ERROR_STOP=1', '-d', 'plain', '-f', "$dir/plain.sql" ], 'plain restore');
is_complete('plain', 'plain');

foreach my $format ([ 'custom', '-Fc' ], [ 'directory', '-Fd', '-j', '2' ])
{
	my ($name, @options) = @$format;

	$node->safe_psql('postgres', "CREATE DATABASE $name");
	command_ok([ 'pg_dump', @to, @options, '-f', "$dir/$name", 'shop' ], "$name dump");
	command_ok([ 'pg_restore', @to, '-j', '2', '--exit-on-error', '-d', $name, "$dir/$name" ], "$name restore");
	is_complete($name, $name);
}

# init() twice makes the same schema.
sub schema_of
{
	my ($db) = @_;
	my ($schema) = run_command([ 'pg_dump', '-s', @to, $db ]);

	$schema =~ s/^\\(un)?restrict .*$//mg;
	return $schema;
}
$node->safe_psql('postgres', 'CREATE DATABASE twice');
$node->safe_psql('twice', 'CREATE EXTENSION paycore CASCADE; ALTER DATABASE twice SET paycore.worker = off; SELECT paycore.init()');
my $once = schema_of('twice');
$node->safe_psql('twice', 'SELECT paycore.init()');
is(schema_of('twice'), $once, 'a second init() changes nothing in the schema');

# Rows alone, into tables that init() has made.
command_ok([ 'pg_dump', @to, '-a', '--disable-triggers', '-f', "$dir/rows.sql", 'shop' ], 'data-only dump');
command_ok([ 'pg_dump', @to, '-a', '-f', "$dir/rows-guarded.sql", 'shop' ], 'data-only dump without --disable-triggers');

sub make_tables
{
	my ($db) = @_;
	$node->safe_psql('postgres', "CREATE DATABASE $db");
	$node->safe_psql($db, qq{
		CREATE EXTENSION paycore CASCADE; ALTER DATABASE $db SET paycore.worker = off;
		SELECT paycore.init(); DELETE FROM paycore.gateway_accounts;
		ALTER TABLE paycore.payments ADD COLUMN till text DEFAULT 'front'});
}
make_tables('guarded');
command_fails_like([ 'psql', '-X', '-q', @to, '-v', 'ON_ERROR_STOP=1', '-1', '-d', 'guarded', '-f', "$dir/rows-guarded.sql" ],
	qr/ERROR/, 'with guards at work rows that have a past are refused');
is($node->safe_psql('guarded', 'SELECT count(*) FROM paycore.payments'), '0', 'and none is loaded');
make_tables('rows');
command_ok([ 'psql', '-X', '-q', @to, '-v', 'ON_ERROR_STOP=1', '-d', 'rows', '-f', "$dir/rows.sql" ], 'data-only restore with --disable-triggers');
is_whole('rows', 'data-only');

# A copy whose counters went astray says so, and is put right.
$node->safe_psql('rows', q{
	ALTER TABLE paycore.payments DISABLE TRIGGER USER;
	UPDATE paycore.payments SET refunded = '0 EUR';
	ALTER TABLE paycore.payments ENABLE TRIGGER USER});
isnt($node->safe_psql('rows', 'SELECT * FROM paycore.verify()'), '', 'verify() names counters that are off');
is($node->safe_psql('rows', 'SELECT paycore.repair_counters()'), '1', 'repair_counters() recounts them');
is($node->safe_psql('rows', 'SELECT * FROM paycore.verify()'), '', 'and verify() is clean again');

$node->stop;
done_testing();
