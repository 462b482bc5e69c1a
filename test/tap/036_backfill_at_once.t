# Several parts of a list at once, by two processes: each object is read once, whoever is killed, and the rows are those of any backfill.
use strict;
use warnings;

use PayCluster;
use StripeCluster;
use Test::More;

my $INTENTS = 420;
my $db = StripeCluster->new('at_once', stripe => { settle_delay => 0 }, conf => "paycore.request_timeout = 20000\n");
my $stripe = $db->stripe;
my $node = $db->node;
my $LISTS = '^/v1/(payment_intents|charges|disputes|customers|refunds|payouts)$';

sub last_request { my @all = $stripe->requests; return $all[-1]{n} // 0 }
sub api { my ($path, %form) = @_; my $r = $stripe->api(POST => $path, \%form); die "$path: $r->{text}\n" unless $r->{status} == 200; return $r->{body} }
sub asked { return grep { $_->{executed} } $stripe->requests(method => 'GET', path => $_[0], after => $_[1]) }
sub drain { for (1 .. 6) { $db->drain;
	return if $db->value('WITH u AS (UPDATE paycore.outbox SET next_attempt_at = now() WHERE finished_at IS NULL RETURNING 1) SELECT count(*) FROM u') eq '0' }
	return }
sub clean { return is($db->value("SELECT coalesce(string_agg(concat_ws(' ', severity, rule, detail), E'\\n'), 'clean') FROM paycore.verify()"), 'clean', $_[0]) }

# A past of which most is recent, as it is with everybody: days, then hours, then many in the same second.
my @customers = map { api('/v1/customers', name => "Customer $_")->{id} } 1 .. 3;
$stripe->freeze(int(time) - 400 * 86400);
for my $n (1 .. $INTENTS)
{
	$stripe->advance($n < 60 ? 5 * 86400 : $n < 200 ? 7200 : $n < 260 ? 1 : 0);
	api('/v1/payment_intents', amount => 1000 + $n, currency => 'eur', customer => $customers[ $n % 3 ], confirm => 'true', payment_method => 'pm_card_visa',
		'automatic_payment_methods[enabled]' => 'true', 'automatic_payment_methods[allow_redirects]' => 'never');
}
$stripe->advance(time - $stripe->advance(0));
$db->value("SELECT paycore.update_gateway_account('default', adopt => 'all')");

# Killed again and again, wherever it is.
my $before = last_request();
my $kills = 0;
for my $after (1, 3, 6, 10, 15)
{
	$kills++ if $db->kill_in_backfill($LISTS, $after);
}
cmp_ok($kills, '>', 2, "killed $kills times");
$db->value('CALL paycore.backfill()');
drain();
my @ranges = map { join '-', map { $_ // '' } @{ $_->{params}{created} // {} }{qw(gte lt)} } asked('payment_intents$', $before);
my %ranges = map { $_ => 1 } @ranges;
cmp_ok(scalar(keys %ranges), '>', 3, scalar(keys %ranges) . ' parts of the list were read');
is($db->value("SELECT string_agg(list || ' ' || state || ' ' || objects || ' ' || parts, ', ' ORDER BY started_at) FROM paycore.backfill_progress"),
	"payment_intents done $INTENTS 0, charges done $INTENTS 0, disputes done 0 0, customers done 3 0, refunds done 0 0, payouts done 0 0",
	'each object was counted once');
is($db->value('SELECT count(*), count(fee), count(DISTINCT psp_charge_id) FROM paycore.payments'), join('|', ($INTENTS) x 3), 'all payments, with their fees');
is($db->value('SELECT count(*) FROM paycore.payment_intents i JOIN paycore.payments p ON p.id = i.payment_id AND p.payment_intent_id = i.id'), $INTENTS,
	'each intent points to its payment');
is($db->value("SELECT count(*) FROM (SELECT created_at, lag(created_at) OVER (ORDER BY id DESC) AS newer FROM paycore.payments) l WHERE created_at > newer"),
	0, 'payments are listed newest first');
clean('verify() is clean');

# Again, from the middle of the past: nothing is new, and only what is asked for is read.
my $rows = $db->value('SELECT count(*), max(updated_at) FROM paycore.payments');
my $middle = $db->value('SELECT extract(epoch FROM created_at)::bigint FROM paycore.payments ORDER BY created_at OFFSET 100 LIMIT 1');
$before = last_request();
$db->value("CALL paycore.backfill(since => to_timestamp($middle))");
drain();
is($db->value('SELECT count(*), max(updated_at) FROM paycore.payments'), $rows, 'a second backfill changes no payment');
is((sort { $a <=> $b } map { $_->{params}{created}{gte} } asked('payment_intents$', $before))[0], $middle, 'nothing older is asked for');
is($db->value("SELECT objects FROM paycore.backfill_progress WHERE list = 'payment_intents'"),
	$db->value("SELECT count(*) FROM paycore.payment_intents WHERE created_at >= to_timestamp($middle)"), 'and all of it is read');

# One part is refused: the list has stopped, the others are read to their end, and the next call begins it anew.
$stripe->fault(kind => 'status', status => 403, code => 'more_permissions_required', type => 'invalid_request_error', message => 'not you', path => 'payment_intents$', skip => 3);
my ($code, undef, $error) = $node->psql('postgres', 'CALL paycore.backfill()');
like($error, qr/the gateway refuses a list: not you/, 'a refused part is told');
drain();
is($db->value("SELECT state, parts FROM paycore.backfill_progress WHERE list = 'payment_intents'"), 'stopped|0', 'and its list has stopped');
is($db->value('SELECT count(*) FROM paycore.backfill_progress'), 1, 'no other list is begun');
$db->value('CALL paycore.backfill()');
drain();
is($db->value("SELECT count(*) FROM paycore.backfill_progress WHERE state = 'done'"), 6, 'the next call reads them all');
clean('verify() is clean');

# Whoever holds a page for so long that another one has it by now does not end the list for it.
$stripe->fault(kind => 'delay', when => 'after', ms => 1000, path => 'payment_intents$');
my $call = $node->start_psql('CALL paycore.backfill(since => date_trunc(\'second\', now()))');
$node->wait_for_sql("SELECT count(*) FROM paycore.outbox WHERE operation = 'intent.list' AND status = 'sending'", '1', 20);
$db->value("UPDATE paycore.outbox SET leased_by = (SELECT pid FROM pg_stat_activity WHERE query LIKE 'CALL%' LIMIT 1) WHERE status = 'sending'");
sleep 2;
is($db->value("SELECT string_agg(concat_ws(' ', list, state, parts, pages), ', ') FROM paycore.backfill_progress"), 'payment_intents reading 1 0',
	'an answer that came too late ends no list');
$db->value("UPDATE paycore.outbox SET status = 'pending', leased_by = NULL, lease_until = NULL, next_attempt_at = now() WHERE status = 'sending'");
$node->ended($call);
is($db->value("SELECT count(*), sum(pages), sum(parts) FROM paycore.backfill_progress WHERE state = 'done'"), '6|6|0', 'the next one does');
$db->stop;
done_testing();
