# The Node endpoint of docs/examples/webhook-node, with events that the official
# stripe package signs; its own check and ours agree.
use strict;
use warnings;

use File::Copy qw(copy);
use IPC::Run;
use JSON::PP;
use PayCluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $dir = PostgreSQL::Test::Utils::tempdir();
my $account = '00000000-0000-7000-8000-00000000000a';

copy($_, $dir) or die "$_: $!"
	foreach 'docs/examples/webhook-node/package.json', 'docs/examples/webhook-node/server.mjs', 'test/lib/stripe-deliver.mjs';
{
	local $ENV{npm_config_cache} = "$dir/npm";
	local $ENV{HOME} = $dir;
	my ($out, $err) = run_command([ 'npm', 'install', '--no-audit', '--no-fund', '--prefix', $dir, 'pg@8', 'stripe@19' ]);
	ok(-d "$dir/node_modules/stripe" && -d "$dir/node_modules/pg", 'npm has installed pg and stripe') or BAIL_OUT($err);
}

append_to_file("$dir/secrets", "instance = node\n[default]\nwebhook_secret = whsec_node\n");
chmod 0600, "$dir/secrets";
my $node = PayCluster->started('webhook_node', tables => 1, conf => "paycore.secrets_file = '$dir/secrets'");
$node->value(<<SQL);
INSERT INTO paycore.gateway_accounts (name, gateway) VALUES ('default', 'stripe') ON CONFLICT (name, tenant_id) DO UPDATE SET gateway = 'stripe';
INSERT INTO paycore.billing_accounts (id, name, currency) VALUES ('$account', 'Ada', 'USD');
INSERT INTO paycore.payment_intents (billing_account_id, gateway_account, amount, psp_intent_id) VALUES ('$account', 'default', '25.99 EUR', 'pi_node');
CREATE ROLE endpoint LOGIN;
SELECT paycore.grant_access('endpoint', 'app');
SQL

sub start_server
{
	local %ENV = (%ENV, PGHOST => $node->host, PGPORT => $node->port, PGDATABASE => 'postgres', PGUSER => 'endpoint', PORT => 0);
	my ($out, $err) = ('', '');
	my $server = IPC::Run::start([ 'node', "$dir/server.mjs" ], '>', \$out, '2>', \$err, IPC::Run::timer(60));

	$server->pump until $out =~ /listening on (\d+)/;
	return ($server, $1, \$err);
}

my ($server, $port, $errors) = start_server();

sub event
{
	my ($id, $status, $created, %more) = @_;

	return JSON::PP->new->canonical->pretty->encode({
		id => $id, object => 'event', type => "payment_intent.$status", created => $created, livemode => JSON::PP::false,
		api_version => '2026-07-29.dahlia', pending_webhooks => 1,
		data => { object => {
			id => 'pi_node', object => 'payment_intent', status => $status, amount => 2599, currency => 'eur', amount_received => 0,
			description => "Caf\x{e9} \x{20ac}", client_secret => 'pi_node_secret_x', livemode => JSON::PP::false, %more } } });
}

sub deliver
{
	my ($payload, $mode, $path) = @_;
	utf8::encode($payload);
	my ($out, $err) = run_command([ 'node', "$dir/stripe-deliver.mjs", "http://127.0.0.1:$port" . ($path // '/webhooks/default'),
			'whsec_node', $payload, $mode // 'good' ]);

	diag($err) if $err;
	return $out;
}

is(deliver(event('evt_1', 'requires_action', 1786000000)), '200 good', 'a signed event is taken');
$node->value_is("SELECT status FROM paycore.payment_intents", 'requires_action', 'and applied');
$node->value_is("SELECT status FROM paycore.webhook_events WHERE event_id = 'evt_1'", 'processed', 'and stored');
$node->value_is("SELECT payload #>> '{data,object,description}' = 'Caf' || chr(233) || ' ' || chr(8364) FROM paycore.webhook_events",
	't', 'letter by letter');
is(deliver(event('evt_1', 'requires_action', 1786000000)), '200 good', 'a second delivery is acknowledged');
$node->value_is("SELECT receive_count FROM paycore.webhook_events WHERE event_id = 'evt_1'", '2', 'and counted');

is(deliver(event('evt_2', 'canceled', 1786000009), 'wrong_secret'), '400 bad', 'another secret');
is(deliver(event('evt_2', 'canceled', 1786000009), 'old'), '400 bad', 'an old signature');
is(deliver(event('evt_2', 'canceled', 1786000009), 'altered'), '400 bad', 'one byte more');
is(deliver(event('evt_2', 'canceled', 1786000009), 'bare'), '400 good', 'no header');
like(deliver(event('evt_2', 'canceled', 1786000009), 'large'), qr/^(413|cut) /, 'a body over the cap');
is(deliver(event('evt_2', 'canceled', 1786000009), 'good', '/webhooks/nobody'), '400 good', 'an account that does not exist');
is(deliver(event('evt_2', 'canceled', 1786000009), 'good', '/elsewhere'), '404 good', 'another path');
$node->value_is("SELECT count(*) FROM paycore.webhook_events WHERE event_id = 'evt_2'", '0', 'none of them is stored');
$node->value_is("SELECT status FROM paycore.payment_intents", 'requires_action', 'or applied');

is(deliver('{"id": "evt_3", "object": "event", "type": "invoice.paid", "created": 1786000000, "data": {"object": {"object": "invoice", "id": "in_1"}}}'),
	'200 good', 'a type that paycore does not handle is acknowledged');
$node->log_lacks('pi_node_secret_x|whsec_', 0, 'the log has no secret');

$node->stop('fast');
is(deliver(event('evt_4', 'processing', 1786000010)), '500 good', 'no database: Stripe is to send it again');
$node->start;
is(deliver(event('evt_4', 'processing', 1786000010)), '200 good', 'and then it is taken');
$node->value_is("SELECT status FROM paycore.payment_intents", 'processing');

$server->kill_kill;
$node->stop;
done_testing();
