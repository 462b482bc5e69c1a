# Webhook endpoints: every change arrives, signed, at least once and in order for each object, through
# errors, silence, kills of the worker and a receiver that was away; nobody waits for a bad endpoint; a
# copy sends nothing.
use strict;
use warnings;

use Mojo::File qw(path);
use Mojo::JSON qw(decode_json);
use PayCluster;
use PostgreSQL::Test::Utils;
use Receiver;
use Test::More;
use Time::HiRes qw(sleep time);

my $dir = PostgreSQL::Test::Utils::tempdir();
my %at = map { $_ => Receiver->start("$dir/$_") } qw(shop audit);

sub write_secrets
{
	my (%secrets) = @_;
	path("$dir/secrets")->spurt("instance = push\n", map {
		my $name = $_;
		("[$name]\n", (map {"webhook_secret = $_\n"} @{ $secrets{$name} }), 'ca_file = ' . $at{$name}->ca_file . "\n",
			$name eq 'audit' ? 'base_url = ' . $at{audit}->url . "/from/the/file\n" : '')
	} sort keys %secrets);
	return chmod 0600, "$dir/secrets";
}

write_secrets(shop => ['whsec_shop'], audit => ['whsec_audit']);
my $node = PayCluster->started('push', tables => 1, conf => "paycore.secrets_file = '$dir/secrets'\n"
	  . "paycore.retry_initial = 20\npaycore.push_retry_max = 200\npaycore.request_timeout = 4000\npaycore.poll_interval = 100\nrestart_after_crash = on\n");
$node->value("UPDATE paycore.gateway_accounts SET gateway = 'manual'");
my $account = $node->value("SELECT id FROM paycore.create_billing_account(name => U&'J\\00fcrgen', currency => 'EUR')");
$node->value("SELECT count(*) FROM paycore.create_webhook_endpoint('shop', '" . $at{shop}->url . "/hooks?a=b', max_in_flight => 4)");

my $insert = "INSERT INTO paycore.payments (billing_account_id, gateway_account, status, authorized) VALUES ('$account', 'default', 'pending', '9 EUR')";

my $broken = "SELECT string_agg(rule, ',') FROM paycore.verify()";

# Payments, each through three states, by several sessions.
sub pay
{
	my ($sessions, $payments) = @_;
	my $script = join '', map {
		"BEGIN; $insert RETURNING id AS payment \\gset\nUPDATE paycore.payments SET status = 'authorized' WHERE id = :'payment'; COMMIT;\n"
		  . "UPDATE paycore.payments SET status = 'succeeded', gross = '9 EUR', captured_at = now() WHERE id = :'payment';\n"
	} 1 .. $payments;
	my @sessions = map { $node->start_psql($script, on_error_stop => 1) } 1 .. $sessions;
	return is(join('', map { ($node->ended($_))[1] } @sessions), '', 'the sessions met no error');
}

my $since = 0;

# What was taken of later changes, object by object, without repeats.
sub walks
{
	my ($receiver) = @_;
	my (%seen, %walk);
	foreach my $event (grep { $_->{seq} > $since } $receiver->events)
	{
		push @{ $walk{ $event->{object_id} } }, $event->{to_status} unless $seen{ $event->{id} }++;
	}
	return { map { $_ => join ',', @{ $walk{$_} } } keys %walk };
}

# What comes from now on is looked at by itself.
sub forget
{
	$_->forget foreach values %at;
	$since = $node->value('SELECT max(seq) FROM paycore.status_changes');
	return;
}

# A repeat comes before anything later of its object.
sub repeats_in_order
{
	my ($receiver) = @_;
	my %last;
	my $wrong = 0;
	foreach my $event ($receiver->events)
	{
		$wrong++ if $event->{seq} < ($last{ $event->{object_id} } // 0);
		$last{ $event->{object_id} } = $event->{seq};
	}
	return $wrong == 0;
}

sub all_arrived
{
	my ($receiver, $what) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my $made = { map { split /\|/ } split /\n/, $node->value("SELECT object_id, string_agg(to_status, ',' ORDER BY seq)"
			  . " FROM paycore.status_changes WHERE seq > $since GROUP BY 1") };
	my $until = time + 120;
	sleep 0.2 while time < $until && keys %{ walks($receiver) } < keys %$made;
	sleep 0.2 while time < $until && join('', values %{ walks($receiver) }) !~ /^(.{@{[ length join '', values %$made ]}})/;
	is_deeply(walks($receiver), $made, "$what: each step of each of " . keys(%$made) . ' objects, in order');
	return ok(repeats_in_order($receiver), "$what: repeats come in order");
}

pay(1, 1);
is($at{shop}->await(3), 3, 'a change is pushed by itself');
my ($first) = $at{shop}->requests;
is($first->{path}, '/hooks?a=b', 'to the url');
is($first->{headers}{'Content-Type'}, 'application/json', 'as JSON');
ok($at{shop}->signed_by($first, 'whsec_shop'), 'signed');
ok(!$at{shop}->signed_by($first, 'whsec_other'), 'by the secret of the endpoint');
my ($event) = $at{shop}->events;
is_deeply({ map { $_ => $event->{$_} } qw(object type tenant object_type to_status) },
	{ object => 'event', type => 'payment.pending', tenant => 'default', object_type => 'payment', to_status => 'pending' }, 'an event');
ok(!exists $event->{from_status}, 'of an object that is new');
is($node->value("SELECT id = '$event->{id}' AND seq = $event->{seq} FROM paycore.status_changes WHERE object_id = '$event->{object_id}' AND to_status = 'pending'"),
	't', 'with the id and the place of its change');
is($event->{data}{object}{id}, $event->{object_id}, "with the object's row");
is($event->{data}{object}{authorized}, '9.00 EUR', 'amounts as text');
is((grep { exists $event->{data}{object}{$_} } qw(gw_digest gw_time gw_doubt next_action client_secret)) + 0, 0, 'but what is not for others');

# The endpoint for every change of an account, from the first on, with an address in the secrets file.
$node->value("SELECT count(*) FROM paycore.create_webhook_endpoint('audit', enabled_events => '{billing_account.*}', from_start => true)");
is($at{audit}->await(1), 1, 'from the start');
($first) = $at{audit}->requests;
is($first->{path}, '/from/the/file', 'an address of the secrets file');
like($first->{body}, qr/J\\u00fcrgen/, 'in ASCII');
is(($at{audit}->events)[0]{data}{object}{name}, "J\x{fc}rgen", 'letter by letter');
sleep 1.5;
is(scalar(my @all = $at{audit}->requests), 1, 'and nothing that it did not ask for');
forget();

# A table of the user's own that is called as an object of ours, and has keys of its own.
$node->value("CREATE TABLE public.payment (id bigint, status text);"
	  . " CREATE TRIGGER history AFTER INSERT ON public.payment FOR EACH ROW EXECUTE FUNCTION paycore.record_status_change('status');"
	  . " INSERT INTO public.payment VALUES (1, 'new'); DROP TABLE public.payment");
is($at{shop}->await(1), 1, 'a change of it is pushed');
is_deeply(($at{shop}->events)[0]{data}, {}, 'without a row of ours');
forget();

# Errors and silence.
$at{shop}->answer(status => 500, body => "\x{1}out of order " . 'x' x 1000, only => '"payment.authorized"');
pay(2, 5);
$node->wait_for_sql("SELECT count(*) > 5 FROM paycore.outbox WHERE operation = 'webhook.deliver' AND finished_at IS NULL AND error_code = 'http_500'", 't');
is($node->value("SELECT DISTINCT length(error_message), error_message LIKE '.out of order x%' FROM paycore.outbox WHERE error_code = 'http_500'"),
	'200|t', 'an excerpt of the answer is kept');
$at{shop}->answer(hang => 1, only => '"payment.authorized"');
$node->wait_for_sql("SELECT count(*) > 2 FROM paycore.outbox WHERE operation = 'webhook.deliver' AND finished_at IS NULL AND error_code = 'no_answer'", 't');
is($node->value("SELECT failing_since IS NOT NULL FROM paycore.webhook_endpoints WHERE name = 'shop'"), 't', 'the endpoint fails');
$at{shop}->answer(status => 302, headers => { Location => $at{shop}->url . '/elsewhere' }, only => '"payment.authorized"');
$node->wait_for_sql("SELECT count(*) > 5 FROM paycore.outbox WHERE operation = 'webhook.deliver' AND finished_at IS NULL AND error_code = 'http_302'", 't');
$at{shop}->answer;
all_arrived($at{shop}, 'after errors');
is((grep { $_->{path} =~ /elsewhere/ } $at{shop}->requests) + 0, 0, 'no redirect is followed');
$node->wait_for_sql("SELECT failing_since IS NULL FROM paycore.webhook_endpoints WHERE name = 'shop'", 't');
forget();

# The worker is killed in between, and the receiver is away for a while.
for my $kill (1 .. 3)
{
	my $position = $node->log_position;
	my $paying = $node->start_psql(join('', map {"SELECT pg_sleep(0.02);\n$insert RETURNING id AS payment \\gset\n"
		  . "UPDATE paycore.payments SET status = 'authorized' WHERE id = :'payment';\n"
		  . "UPDATE paycore.payments SET status = 'succeeded', gross = '9 EUR', captured_at = now() WHERE id = :'payment';\n"} 1 .. 50));
	sleep 0.8;
	$at{shop}->down if $kill == 2;
	kill KILL => $node->value('SELECT worker_pid FROM paycore.worker_status()');
	$node->ended($paying);
	$node->await_restart($position);
	$node->wait_for_sql('SELECT worker_pid IS NOT NULL FROM paycore.worker_status()', 't');
}
pay(2, 5);
$node->wait_for_sql("SELECT count(*) > 0 FROM paycore.outbox WHERE error_code = 'not_connected' AND finished_at IS NULL", 't');
$at{shop}->up;
all_arrived($at{shop}, 'after kills and absence');
is($node->value($broken), '', 'verify() is clean');
forget();

# Two secrets while one follows the other.
write_secrets(shop => [qw(whsec_next whsec_shop)], audit => ['whsec_audit']);
$node->reload;
pay(1, 1);
is($at{shop}->await(3), 3, 'while secrets rotate');
is((grep { $at{shop}->signed_by($_, 'whsec_shop') && $at{shop}->signed_by($_, 'whsec_next') } $at{shop}->requests) + 0, 3, 'both have signed');
forget();

# Without its secret, nothing is sent; nor with a certificate of somebody else.
write_secrets(audit => ['whsec_audit']);
$node->reload;
pay(1, 1);
$node->wait_for_sql("SELECT count(*) FROM paycore.outbox WHERE operation = 'webhook.deliver' AND finished_at IS NULL", '3');
like($node->value("SELECT paycore.health() ->> 'problems'"), qr/webhook endpoint shop has no webhook_secret/, 'health() says that the secret is missing');
is(scalar(@all = $at{shop}->requests), 0, 'nothing leaves without a secret');
path("$dir/secrets")->spurt("instance = push\n[shop]\nwebhook_secret = whsec_shop\nca_file = " . $at{audit}->ca_file . "\n");
$node->reload;
$node->wait_for_sql("SELECT count(*) > 0 FROM paycore.outbox WHERE operation = 'webhook.deliver' AND finished_at IS NULL AND error_code = 'tls_refused'", 't');
write_secrets(shop => ['whsec_shop'], audit => ['whsec_audit']);
$node->reload;
is($at{shop}->await(3), 3, 'and then it is');
forget();

# Retry-After is obeyed.
$at{shop}->answer(status => 503, headers => { 'Retry-After' => 120 });
$node->append_conf('postgresql.conf', 'paycore.push_retry_max = 3600000');
$node->reload;
$node->value($insert);
$node->wait_for_sql("SELECT count(*) FROM paycore.outbox WHERE error_code = 'http_503' AND next_attempt_at > now() + interval '100 s'", '1');
$at{shop}->answer;
$node->value("SELECT count(*) FROM paycore.update_webhook_endpoint('shop', disabled => false)");
is($at{shop}->await(1), 1, 'who enables an endpoint is not kept waiting');
$node->append_conf('postgresql.conf', 'paycore.push_retry_max = 200');
$node->reload;
forget();

# What succeeds says that the endpoint works, also where others have failed since it left.
$at{shop}->answer(delay => 2);
$node->value("$insert;\nDO \$\$ BEGIN WHILE NOT EXISTS (SELECT FROM paycore.outbox WHERE operation = 'webhook.deliver' AND status = 'sending')"
	  . " LOOP PERFORM pg_sleep(0.01); END LOOP; END \$\$;\nUPDATE paycore.webhook_endpoints SET failing_since = now() WHERE name = 'shop'");
is($at{shop}->await(1), 1, 'a delivery takes a while');
$node->wait_for_sql("SELECT count(*) FROM paycore.outbox WHERE operation = 'webhook.deliver' AND finished_at IS NULL", '0');
is($node->value("SELECT failing_since FROM paycore.webhook_endpoints WHERE name = 'shop'"), '', 'that it was taken counts');
$at{shop}->answer;
forget();

# A delivery that is refused for days is dead, and holds what comes after it; others go on.
$at{shop}->answer(status => 400, only => '"payment.authorized"');
pay(1, 1);
$node->wait_for_sql("SELECT count(*) FROM paycore.outbox WHERE error_code = 'http_400'", '1');
$node->value("UPDATE paycore.outbox SET first_sent_at = first_sent_at - interval '4 days' WHERE finished_at IS NULL");
$node->wait_for_sql("SELECT status FROM paycore.outbox WHERE error_code = 'http_400'", 'dead');
is($at{shop}->await(1), 1, 'what comes after it waits');
is($node->value($broken), 'no request is dead', 'verify() names it');
$at{shop}->answer;
my $dead = $node->value("SELECT id FROM paycore.outbox WHERE status = 'dead'");
$node->value("SELECT paycore.retry_outbox('$dead')");
is($at{shop}->await(3), 3, 'retry_outbox() sends it');
$at{shop}->answer(status => 400, only => '"payment.authorized"');
pay(1, 1);
$node->wait_for_sql("SELECT count(*) FROM paycore.outbox WHERE error_code = 'http_400' AND finished_at IS NULL", '1');
# Refused while it is being sent again.
$node->psql('postgres', "SELECT paycore.discard_delivery(id) FROM paycore.outbox WHERE error_code = 'http_400' AND status IN ('pending', 'dead')")
  until $node->value("SELECT count(*) FROM paycore.outbox WHERE error_code = 'http_400' AND status = 'discarded'");
is($at{shop}->await(5), 5, 'discard_delivery() lets the next one go');
is(join(',', map { $_->{to_status} } ($at{shop}->events)[3, 4]), 'pending,succeeded', 'without the one that was given up');
forget();

# An endpoint that only fails is disabled, keeps its place, and keeps nobody waiting.
$at{shop}->answer(status => 500);
my $position = $node->log_position;
$node->value("SELECT count(*) FROM paycore.update_webhook_endpoint('audit', enabled_events => '{*}')");
forget();
pay(1, 2);
all_arrived($at{audit}, 'beside an endpoint that fails');
$node->wait_for_sql("SELECT failing_since IS NOT NULL FROM paycore.webhook_endpoints WHERE name = 'shop'", 't');
$node->value("BEGIN; UPDATE paycore.webhook_endpoints SET failing_since = failing_since - interval '4 days' WHERE name = 'shop';"
	  . " UPDATE paycore.outbox SET first_sent_at = first_sent_at - interval '4 days' WHERE finished_at IS NULL; COMMIT");
$node->wait_for_sql("SELECT status, disabled_reason FROM paycore.webhook_endpoints WHERE name = 'shop'",
	'disabled|no delivery has succeeded for too long; the last one ended in http_500');
$node->log_has('WARNING:.*webhook endpoint shop is disabled', $position, 'the log says so');
like($node->value("SELECT paycore.health() ->> 'problems'"), qr/webhook endpoint shop is disabled.*http_500/, 'health() says so');
is($node->value("SELECT value FROM paycore.metrics() WHERE name = 'paycore_webhook_endpoint_enabled' AND labels ->> 'endpoint' = 'shop'"), '0', 'metrics() too');
is($node->value("SELECT count(*) FROM paycore.outbox WHERE status = 'dead'"), '0', 'and its deliveries are not dead');
$at{shop}->answer;
pay(1, 2);
sleep 1.5;
is(scalar($at{shop}->events), 0, 'a disabled endpoint is sent nothing');
$node->value("SELECT count(*) FROM paycore.update_webhook_endpoint('shop', disabled => false)");
all_arrived($at{shop}, 'enabled again');
forget();

# A copy in another cluster sends nothing until it is adopted.
my $dump = "$dir/push.dump";
$node->value("SELECT count(*) FROM paycore.update_webhook_endpoint('shop', disabled => true, reason => 'while it is copied')");
pay(1, 1);
all_arrived($at{audit}, 'before the copy');
$node->wait_for_sql("SELECT count(*) FROM paycore.outbox WHERE finished_at IS NULL", '0');
command_ok([ 'pg_dump', '-Fc', '-f', $dump, '-d', $node->connstr('postgres') ], 'dumped');
$_->forget foreach values %at;
$node->stop;
my $copy = PayCluster->started('copy', extension => 0, conf => "paycore.secrets_file = '$dir/secrets.copy'\npaycore.poll_interval = 100\n");
path("$dir/secrets.copy")->spurt(path("$dir/secrets")->slurp =~ s/instance = push/instance = copy/r);
chmod 0600, "$dir/secrets.copy";
$copy->value('CREATE DATABASE shop', dbname => 'template1');
command_ok([ 'pg_restore', '--no-owner', '-d', $copy->connstr('shop'), $dump ], 'restored');
$copy->value('SELECT paycore.init()', dbname => 'shop');
$copy->value($insert, dbname => 'shop');
sleep 3;
is(scalar(@all = $at{audit}->requests), 0, 'a copy sends nothing, not even what changes in it');
like($copy->value("SELECT paycore.health() ->> 'problems'", dbname => 'shop'), qr/2 webhook endpoints belong to another instance/, 'health() says why');
$copy->value("SELECT paycore.adopt_outbox('send')", dbname => 'shop');
$copy->wait_for_sql("SELECT count(*) FROM paycore.outbox o, paycore.status_changes c WHERE o.params ->> 'id' = c.id::text AND o.finished_at IS NOT NULL"
	  . " AND c.seq = (SELECT max(seq) FROM paycore.status_changes)", '1', 60, dbname => 'shop');
is($copy->value('SELECT max(seq) FROM paycore.status_changes', dbname => 'shop'), (sort { $a <=> $b } map { $_->{seq} } $at{audit}->events)[-1],
	'adopted, it goes on');
cmp_ok((sort { $a <=> $b } map { $_->{seq} } $at{audit}->events)[0], '>', $since, 'where it was, or a page before');
is($copy->value($broken, dbname => 'shop'), '', 'verify() is clean there');
$copy->stop;

done_testing();
