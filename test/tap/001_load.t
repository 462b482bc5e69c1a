# The library loads with and without shared_preload_libraries, as tested and as shipped.
use strict;
use warnings;

use PayCluster;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $preloaded = PayCluster->started('preloaded');
$preloaded->psql_ok('SELECT paycore.current_tenant()', 'a function runs in a server that preloads the library');
$preloaded->log_lacks('(WARNING|ERROR|FATAL|PANIC):', 0, 'nothing in the log is worse than a notice');
$preloaded->stop;

my $plain = PayCluster->started('plain', preload => 0);
$plain->psql_ok('SELECT paycore.current_tenant()', 'a function runs in a server that does not preload the library');
$plain->psql_ok("LOAD 'paycore'", 'the library can be loaded into a session');
$plain->psql_ok('DROP EXTENSION paycore', 'the extension can be dropped');
$plain->value_is("SELECT count(*) FROM pg_catalog.pg_proc WHERE probin = '\$libdir/paycore'", '0',
	'and leaves no function behind');
$plain->stop;

{
	local $ENV{PATH} = "$ENV{PAYCORE_PLAIN_BIN}:$ENV{PATH}";
	my $shipped = PayCluster->started('shipped');
	$shipped->psql_ok('SELECT paycore.current_tenant()', 'the build without fault points loads');
	$shipped->stop;
}

done_testing();
