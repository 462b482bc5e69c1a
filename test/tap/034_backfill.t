# Events that no webhook brought are polled; a backfill reads all that the gateway has, killed at every
# page, and a second one changes nothing.
use strict;
use warnings;

use Mojo::File qw(path);
use PayCluster;
use StripeCluster;
use Test::More;

my $db = StripeCluster->new('backfill', stripe => { settle_delay => 0 }, conf => "paycore.request_timeout = 20000\npaycore.backfill_parts = 1\n");
my $stripe = $db->stripe;
my $node = $db->node;
my $LISTS = '^/v1/(payment_intents|charges|disputes|customers|customers/\w+/payment_methods|refunds|payouts|balance_transactions)$';

sub last_request { my @all = $stripe->requests; return $all[-1]{n} // 0 }
sub verify { return $db->value("SELECT coalesce(string_agg(concat_ws(' ', severity, rule, object_type, detail), E'\\n'), 'clean') FROM paycore.verify()") }
sub lists { return grep { $_->{path} =~ /$LISTS/ && !($_->{fault} && $_->{fault} eq 'hang') } $stripe->requests(method => 'GET', after => $_[0]) }
sub api { my ($path, %form) = @_; my $r = $stripe->api(POST => $path, \%form); die "$path: $r->{text}\n" unless $r->{status} == 200; return $r->{body} }
# Each now, and after what it waits for.
sub drain { for (1 .. 6) { $db->drain;
	return if $db->value('WITH u AS (UPDATE paycore.outbox SET next_attempt_at = now() WHERE finished_at IS NULL RETURNING 1) SELECT count(*) FROM u') eq '0' }
	return }

# Polling: what no webhook brought.
my $lost = $db->intent('12.00 EUR', more => "confirm => true, payment_method => 'pm_card_authenticationRequired', return_url => 'https://shop.example'");
$db->drain;
is($db->intent_status($lost), 'requires_action', 'waits for the payer');
$stripe->complete_action($db->value("SELECT psp_intent_id FROM paycore.payment_intents WHERE id = '$lost'"));
is($db->value('SELECT paycore.poll_events()'), 't', 'a poll starts');
is($db->value('SELECT paycore.poll_events()'), 'f', 'and no second one beside it');
drain();
is($db->intent_status($lost), 'succeeded', 'polled events arrive');
is($db->value("SELECT source FROM paycore.status_changes WHERE object_id = '$lost' AND to_status = 'succeeded'"), 'poll', 'and the history tells how');
my $events = $db->value('SELECT count(*), sum(receive_count), min(status), max(status) FROM paycore.webhook_events');
$db->value('SELECT paycore.poll_events()');
drain();
is($db->value('SELECT count(*), sum(receive_count), min(status), max(status) FROM paycore.webhook_events'), $events, 'the overlap is read again, and skipped');
$db->deliver;
is($db->value('SELECT count(*) FROM paycore.webhook_events'), (split /\|/, $events)[0], 'what was polled and then posted is one event');
is($db->value("SELECT finished_at IS NOT NULL, read_to > now() - interval '1 minute' FROM paycore.gateway_feeds WHERE feed = 'events'"), 't|t', 'the cursor has moved');

# More events than a page holds, and a page lost.
my $ann = api('/v1/customers', name => 'Ann', email => 'ann@example.com');
api('/v1/customers/' . $ann->{id}, description => "change $_") for 1 .. 70;
$stripe->fault(kind => 'close', when => 'before', path => 'events', skip => 1);
my $before = last_request();
$db->value('SELECT paycore.poll_events()');
drain();
is(scalar(grep { $_->{path} eq '/v1/events' && $_->{executed} } $stripe->requests(after => $before)), 2, 'two pages, one of which was lost once');
is($db->value("SELECT count(*) FROM paycore.webhook_events WHERE type = 'customer.updated'"), 70, 'every event once');
$stripe->fault(kind => 'status', status => 429, code => 'rate_limit', path => 'events');
$before = last_request();
$db->value('SELECT paycore.poll_events()');
drain();
is(join(' ', map { $_->{status} } grep { $_->{path} eq '/v1/events' } $stripe->requests(after => $before)), '429 200 200', 'the first page is refused once');
is($db->value("SELECT attempts, uncounted FROM paycore.outbox WHERE operation = 'event.list' ORDER BY seq DESC LIMIT 1"), '1|0', 'which is forgotten with that page');

# A gateway account with a past: made by another system.
my @customers = ($ann, map { api('/v1/customers', name => "Customer $_", email => "c$_\@example.com") } 1 .. 3);
for my $customer (@customers)
{
	my $method = api('/v1/payment_methods/pm_card_visa/attach', customer => $customer->{id});
	for my $n (1 .. 20)
	{
		my $intent = api('/v1/payment_intents', amount => 1000 + $n, currency => 'eur', customer => $customer->{id}, confirm => 'true',
			payment_method => $method->{id}, 'automatic_payment_methods[enabled]' => 'true', 'automatic_payment_methods[allow_redirects]' => 'never');
		api('/v1/refunds', payment_intent => $intent->{id}, amount => 100) if $n % 4 == 0;
	}
}
# More disputes than a page holds, of every outcome.
my @charges = map { ($_->{id}) x 3 } grep { !$_->{amount_refunded} } @{ $stripe->api(GET => '/v1/charges?limit=50')->{body}{data} };
$stripe->control(POST => "charges/$_/dispute", { amount => 100, fee => 20 }) for @charges;
my @ids = map { $_->{id} } @{ $stripe->api(GET => '/v1/disputes?limit=20')->{body}{data} };
$stripe->control(POST => "disputes/$ids[$_]/transition", { status => 'won', fee_returned => \($_ % 2) }) for 0 .. 9;
$stripe->control(POST => "disputes/$ids[$_]/transition", { status => 'lost', returned => $_ % 2 ? 40 : 0 }) for 10 .. 19;
my $disputes = @charges;
cmp_ok($disputes, '>', 100, "$disputes disputes");
$stripe->advance(3 * 86400);
my $po = $stripe->control(POST => 'payouts', { currency => 'eur' })->{id};
$stripe->control(POST => "payouts/$po/transition", { status => 'paid' });
$stripe->control(POST => "payouts/$po/reconcile", {});
$node->fails_with("BEGIN; CALL paycore.backfill(); COMMIT", '25001', 'a backfill is no part of a transaction');
$node->fails_with("CALL paycore.backfill(gateway_account => 'nobody')", 'PY061', 'a backfill of nothing');
$db->value("SELECT paycore.update_gateway_account('default', adopt => 'all')");

# Killed at every page: one page goes through, and while the next is on its way the server goes down.
$before = last_request();
my $kills = 0;
while ($kills < 60 && $db->kill_in_backfill($LISTS, 1))
{
	$kills++;
	is($db->value("SELECT count(*) FROM paycore.backfill_progress WHERE state = 'reading'") > 0 ? 'reading' : 'between', 'reading', "kill $kills: it shows where it is")
	  if $kills == 1;
}
cmp_ok($kills, '>', 3, "killed $kills times");
$db->value('CALL paycore.backfill()') if $db->value("SELECT count(*) FROM paycore.backfill_progress WHERE state <> 'done'") ne '0';
drain();
my %asked;
$asked{"$_->{path} " . ($_->{params}{starting_after} // $_->{params}{payout} // '')}++ for lists($before);
# What follows from a list is read beside the next one, and may be on its way when everything ends.
is(join(', ', grep { $asked{$_} > 1 && /intents|charges|disputes|customers / } sort keys %asked), '', 'no page was read twice');
is($db->value("SELECT string_agg(list || ' ' || state || ' ' || objects, ', ' ORDER BY started_at) FROM paycore.backfill_progress"),
	"payment_intents done 81, charges done 81, disputes done $disputes, customers done 5, refunds done 20, payouts done 1", 'the progress of each list');
is(scalar(grep { $_->{path} eq '/v1/disputes' && $_->{params}{charge} } $stripe->requests(method => 'GET', after => $before)), 0,
	'no charge was asked for its disputes alone');

is($db->value("SELECT count(*), count(*) FILTER (WHERE fee IS NOT NULL) FROM paycore.payments"), '81|81', 'all payments with their fees');
is($db->value("SELECT count(*), paycore.sum(amount) FROM paycore.refunds"), '20|20.00 EUR', 'all refunds');
is($db->value("SELECT string_agg(n::text || ' ' || status, ', ' ORDER BY status::text) FROM (SELECT status, count(*) AS n FROM paycore.disputes GROUP BY 1) x"),
	'10 lost, ' . ($disputes - 20) . ' needs_response, 10 won', 'all disputes, as they stand');
is($db->value("SELECT paycore.sum(dispute_held) FROM paycore.payments"), sprintf('%.2f EUR', $disputes - 10 - 5 * 0.40), 'and what they hold');
is($db->value("SELECT count(*) FROM paycore.balance_transactions WHERE dispute_id IS NOT NULL"), $disputes + 15, 'each with its balance transactions');
is($db->value("SELECT string_agg(n || ' ' || verdict, ', ' ORDER BY verdict) FROM (SELECT r.verdict, count(*) AS n FROM paycore.payouts o, paycore.reconcile(o.id) r"
	  . " WHERE r.object_type = 'dispute' GROUP BY 1) x"), $disputes + 15 . ' matched', 'which the payout has');
is($db->value("SELECT count(*), count(email) FROM paycore.billing_accounts WHERE psp_customer_id IS NOT NULL"), '5|4', 'all customers, by name');
is($db->value("SELECT count(*) FROM paycore.payment_methods WHERE status = 'attached'"), 4, 'their payment methods');
is($db->value("SELECT status, reconciled FROM paycore.payouts"), 'paid|t', 'the payout, and what is in it');
is($db->value("SELECT count(*) FROM paycore.payments WHERE NOT reconciled"), 0, 'payments are reconciled');
$db->value("SELECT paycore.read_balance(since => '2001-01-01')");
drain();
is($db->value("SELECT paycore.ledger_balance(id) FROM paycore.ledger_accounts WHERE code = 'gateway_balance:default'"),
	$db->value('SELECT paycore.sum(net) FROM paycore.balance_transactions'), 'the ledger has the balance that the gateway has');
is($db->value("SELECT count(*) FROM (SELECT created_at, lag(created_at) OVER (ORDER BY id DESC) AS newer FROM paycore.$_) l WHERE created_at > newer"),
	0, "$_ are listed newest first") for qw(payment_intents payments refunds);
is(verify(), 'clean', 'verify() is clean');

# Again: nothing changes but when it was last seen.
sub everything
{
	return join "\n", map {
		my ($table, $without) = @$_;
		"$table " . $db->value("SELECT md5(coalesce(string_agg((to_jsonb(t) - '{gw_time,updated_at,sweeps,next_sweep_at$without}'::text[])::text, '' ORDER BY t.id), ''))"
			  . " FROM paycore.$table t")
	} (['payment_intents', ''], ['payments', ''], ['payment_attempts', ''], ['refunds', ''], ['disputes', ''], ['ledger_entries', ''], ['billing_accounts', ',gw_digest'], ['payment_methods', ',gw_digest'],
		['payouts', ',transactions_read_at'], ['balance_transactions', ''], ['status_changes', '']);
}
my $rows = everything();
$db->value('CALL paycore.backfill()');
drain();
is(everything(), $rows, 'a second backfill changes nothing');
is(verify(), 'clean', 'verify() is clean');

# Since a day on which only a refund and a dispute were made: their payment is fetched, not they dropped.
my $other = StripeCluster->new('since', stripe => { settle_delay => 0 });
$db = $other;
$stripe = $other->stripe;
$node = $other->node;
my $bob = api('/v1/customers', name => 'Bob');
my $old = api('/v1/payment_intents', amount => 5000, currency => 'eur', customer => $bob->{id}, confirm => 'true', payment_method => 'pm_card_visa',
	'automatic_payment_methods[enabled]' => 'true', 'automatic_payment_methods[allow_redirects]' => 'never');
my $then = $stripe->advance(86400);
api('/v1/refunds', payment_intent => $old->{id}, amount => 700);
$stripe->control(POST => "charges/$old->{latest_charge}/dispute", { amount => 1000 });
$db->value("SELECT paycore.update_gateway_account('default', adopt => 'all')");
$db->value("CALL paycore.backfill(since => to_timestamp($then - 60))");
drain();
is($db->value('SELECT count(*), paycore.sum(gross) FROM paycore.payments'), '1|50.00 EUR', 'a missing parent is fetched');
is($db->value('SELECT count(*), paycore.sum(amount) FROM paycore.refunds'), '1|7.00 EUR', 'and the refund comes after it');
is($db->value('SELECT count(*), paycore.sum(held) FROM paycore.disputes'), '1|10.00 EUR', 'and the dispute');
is(verify(), 'clean', 'verify() is clean');

# Who begins in the middle has not read what was before.
$db->value("SELECT paycore.poll_events(since => to_timestamp($then - 60))");
drain();
is($db->value("SELECT finished_at IS NOT NULL, read_to IS NULL FROM paycore.gateway_feeds WHERE feed = 'events'"), 't|t', 'a first poll of a part does not count');
$db->value('SELECT paycore.poll_events()');
drain();
is($db->value("SELECT reading_from < to_timestamp($then - 3600), read_to IS NULL FROM paycore.gateway_feeds WHERE feed = 'events'"), 't|f', 'the next one reads all');

$db->stop;

# The worker polls and reads by itself.
$db = StripeCluster->new('alone', preload => 1, stripe => { settle_delay => 0 }, conf => "paycore.event_interval = 1\npaycore.balance_interval = 1\n");
$lost = $db->intent('12.00 EUR', more => "confirm => true, payment_method => 'pm_card_authenticationRequired', return_url => 'https://shop.example'");
$db->node->wait_for_sql("SELECT status FROM paycore.payment_intents WHERE id = '$lost'", 'requires_action', 30);
$db->stripe->complete_action($db->value("SELECT psp_intent_id FROM paycore.payment_intents WHERE id = '$lost'"));
$db->node->wait_for_sql("SELECT status FROM paycore.payment_intents WHERE id = '$lost'", 'succeeded', 40);
$db->node->wait_for_sql("SELECT count(*) FROM paycore.balance_transactions WHERE payment_id IS NOT NULL", '1', 40);

# Somebody who is just beginning to read one account keeps no other's lists from being read.
my $holder = $db->node->session;
$holder->query_safe('BEGIN; SELECT paycore.poll_events()');
(my $section = path($db->secrets)->slurp) =~ s/^.*?\[default\]/[other]/s;
path($db->secrets)->spurt(path($db->secrets)->slurp . $section);
$db->node->reload;
$db->value("SELECT paycore.create_gateway_account('other', 'stripe')");
$db->node->wait_for_sql("SELECT count(*) FROM paycore.gateway_feeds WHERE gateway_account = 'other' AND feed = 'events' AND finished_at IS NOT NULL", '1', 30);
$holder->query_safe('COMMIT');
$holder->quit;
$db->stop;
done_testing();
