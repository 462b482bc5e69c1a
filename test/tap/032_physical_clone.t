# A physical clone with a secrets file of its own sends nothing until an administrator adopts.
use strict;
use warnings;

use Mojo::File qw(path);
use PayCluster;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep);

my $dir = PostgreSQL::Test::Utils::tempdir();

sub secrets
{
	my ($instance) = @_;
	path("$dir/$instance")->spurt("instance = $instance\n");
	chmod 0600, "$dir/$instance";
	return "paycore.secrets_file = '$dir/$instance'\npaycore.poll_interval = 100\n";
}

my $original = PayCluster->started('original', tables => 1, conf => secrets('production'), init => { allows_streaming => 1 });
$original->value("SELECT paycore.pause_gateway('default')");
$original->value("SELECT i.id FROM (SELECT id FROM paycore.create_billing_account(name => 'Ann', currency => 'EUR')) a,"
	  . " LATERAL paycore.create_payment_intent(a.id, '5 EUR', payment_method => 'pm_card_visa', confirm => true) i");
$original->backup('base');

my $clone = PayCluster->new('clone');
$clone->init_from_backup($original, 'base');
$clone->append_conf('postgresql.conf', secrets('staging'));
$clone->start;
$clone->value("SELECT paycore.resume_gateway('default')");
$clone->wait_for_sql('SELECT worker_pid IS NOT NULL FROM paycore.worker_status()', 't', 30);
sleep 1;
$clone->value_is('SELECT string_agg(status || attempts, $$,$$) FROM paycore.outbox', 'pending0,pending0', 'a clone sends nothing');
$clone->value_is("SELECT paycore.health() -> 'foreign'", '2', 'health() counts what it holds');
$clone->value_is("SELECT paycore.health() ->> 'problems' LIKE '%another instance%'", 't', 'and says what to do');
$clone->log_has('another instance', 0, 'so does the log');
$clone->value_is("SELECT paycore.adopt_outbox('send')", '2', 'an administrator adopts');
$clone->wait_for_sql('SELECT status FROM paycore.payment_intents', 'succeeded', 30);
$clone->value_is("SELECT paycore.health() -> 'foreign'", '0', 'nothing is foreign any more');
$clone->stop;

$original->value("SELECT paycore.resume_gateway('default')");
$original->wait_for_sql('SELECT status FROM paycore.payment_intents', 'succeeded', 30);
$original->stop;

done_testing();
