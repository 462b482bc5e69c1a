# Nothing runs on a standby; after promotion the worker is up and sends what waited.
use strict;
use warnings;

use PayCluster;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep);

my $PROCESSES = "SELECT count(*) FROM pg_stat_activity WHERE backend_type LIKE 'paycore%'";
my $primary = PayCluster->started('primary', tables => 1, init => { allows_streaming => 1 });
$primary->backup('base');
my $standby = PayCluster->new('standby');
$standby->init_from_backup($primary, 'base', has_streaming => 1);
$standby->start;

$primary->value("SELECT paycore.pause_gateway('default')");
$primary->value("SELECT i.id FROM (SELECT id FROM paycore.create_billing_account(name => 'Ann', currency => 'EUR')) a,"
	  . " LATERAL paycore.create_payment_intent(a.id, '5 EUR', payment_method => 'pm_card_visa', confirm => true) i");
$primary->wait_for_catchup($standby);
$standby->value_is($PROCESSES, '0', 'no process of paycore runs on a standby');
$standby->value_is('SELECT count(*) FROM paycore.outbox', '2', 'the requests are there');

$primary->stop('immediate');
$standby->promote;
$standby->wait_for_sql($PROCESSES, '2', 30);
$standby->value_is("SELECT paycore.health() -> 'foreign'", '0', 'after promotion the requests are its own');
$standby->value("SELECT paycore.resume_gateway('default')");
$standby->wait_for_sql('SELECT status FROM paycore.payment_intents', 'succeeded', 30);

# The extension goes while the worker runs.
my $position = $standby->log_position;
$standby->psql_ok('DROP EXTENSION paycore CASCADE', 'the extension can be dropped while the worker runs');
$standby->wait_for_sql("SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'paycore worker' AND state <> 'idle'", '0', 30);
sleep 2;
$standby->log_lacks('ERROR|FATAL', $position, 'the worker leaves quietly');
$standby->log_lacks('PANIC|TRAP|terminated by signal', 0, 'and nothing crashes');
$standby->stop;

done_testing();
