# The receivers of docs/examples/push-receiver: the official stripe package takes our header and body
# for its own, and so does code that knows nothing but the rule.
use strict;
use warnings;

use File::Copy qw(copy);
use IPC::Run;
use PayCluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep time);

my $dir = PostgreSQL::Test::Utils::tempdir();
copy($_, $dir) or die "$_: $!" foreach glob 'docs/examples/push-receiver/*';
{
	local $ENV{npm_config_cache} = "$dir/npm";
	local $ENV{HOME} = $dir;
	my ($out, $err) = run_command([ 'npm', 'install', '--no-audit', '--no-fund', '--prefix', $dir, 'stripe@19' ]);
	ok(-d "$dir/node_modules/stripe", 'npm has installed stripe') or BAIL_OUT($err);
}

my %receivers = (node => [ 'node', "$dir/receiver.mjs" ], python => [ 'python3', "$dir/receiver.py" ]);

sub start
{
	my ($command, $secrets) = @_;
	local %ENV = (%ENV, WEBHOOK_SECRETS => $secrets, PORT => 0);
	my ($out, $err) = ('', '');
	my $run = IPC::Run::start($command, '>', \$out, '2>', \$err, IPC::Run::timer(120));

	$run->pump until $out =~ /listening on (\d+)/;
	return { run => $run, port => $1, out => \$out };
}

sub heard
{
	my ($receiver, $pattern) = @_;
	my $until = time + 30;

	while (${ $receiver->{out} } !~ $pattern && time < $until)
	{
		$receiver->{run}->pump_nb;
		sleep 0.05;
	}
	return ${ $receiver->{out} };
}

append_to_file("$dir/secrets", "instance = examples\n" . join '', map {"[$_]\nwebhook_secret = whsec_new\nwebhook_secret = whsec_old\n"} qw(node python));
chmod 0600, "$dir/secrets";
my $node = PayCluster->started('push_examples', tables => 1,
	conf => "paycore.secrets_file = '$dir/secrets'\npaycore.poll_interval = 100\npaycore.retry_initial = 50\n");
$node->value("UPDATE paycore.gateway_accounts SET gateway = 'manual'");

foreach my $name (sort keys %receivers)
{
	my $receiver = start($receivers{$name}, 'whsec_old');
	$node->value("SELECT count(*) FROM paycore.create_webhook_endpoint('$name', 'http://127.0.0.1:$receiver->{port}/hooks')");
	my $account = $node->value("SELECT id FROM paycore.create_billing_account(name => U&'J\\00fcrgen \\+01F600', currency => 'EUR')");
	like(heard($receiver, qr/$account/), qr/^billing_account\.active $account$/m, "$name: taken, with the older secret");
	$receiver->{run}->kill_kill;

	$receiver = start($receivers{$name}, 'whsec_other');
	$node->value("SELECT count(*) FROM paycore.update_webhook_endpoint('$name', 'http://127.0.0.1:$receiver->{port}/hooks')");
	my $payment = $node->value("SELECT id FROM paycore.record_payment('$account', '5.00 EUR')");
	$node->wait_for_sql("SELECT count(*) > 0 FROM paycore.outbox WHERE gateway_account = '$name' AND error_code = 'http_400'", 't');
	unlike(${ $receiver->{out} }, qr/payment/, "$name: refused, with a secret of somebody else");
	$receiver->{run}->kill_kill;

	$receiver = start($receivers{$name}, 'whsec_other whsec_new');
	$node->value("SELECT count(*) FROM paycore.update_webhook_endpoint('$name', 'http://127.0.0.1:$receiver->{port}/hooks')");
	like(heard($receiver, qr/$payment/), qr/^payment\.succeeded $payment$/m, "$name: taken at last, at its new address");
	$receiver->{run}->kill_kill;
	$node->value("SELECT paycore.delete_webhook_endpoint('$name')");
}
$node->stop;
done_testing();
