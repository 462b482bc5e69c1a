# The events of a charge's life in every order of arrival: each order ends in the same rows. Where paycore asks
# back, the fake Stripe answers. Each order has a gateway account of its own at the one fake Stripe, so that many
# share a round of requests.
use strict;
use warnings;

use List::Util ();
use Mojo::File qw(path);
use Mojo::JSON qw(decode_json encode_json);
use Mojo::Util qw(encode);
use PayCluster;
use SqlPipe;
use StripeCluster;
use Test::More;
use Timers;

my $LANES = 120;
my $ALL = ($ENV{PERMUTATIONS} // '') eq 'all';
my $SOME = $ENV{PERMUTATIONS} && !$ALL ? $ENV{PERMUTATIONS} : 24;
my $db = StripeCluster->new('orders', preload => 1, conf => "paycore.max_in_flight = 8\npaycore.request_timeout = 20000\n");
my $stripe = $db->stripe;
my $sql = SqlPipe->new($db->node);
my ($section) = path($db->secrets)->slurp =~ /\[default\]\n(.*)/s;
path($db->secrets)->spurt("instance = orders\n[default]\n$section" . join '', map { "[g$_]\n$section" } 1 .. $LANES);
$sql->rows("SELECT paycore.create_gateway_account('g' || n, 'stripe', adopt => 'all', rate_limit => 10000,"
	  . " endpoint_rate_limit => 10000) FROM generate_series(1, $LANES) n");
my $CLEAN = Timers::clean_sql($sql);

# The lives. Each plays what happens after the intent was made, and says which events arrive, in their true order.
my ($intent, $apart);
sub at { my ($what, $id, $in) = @_; $stripe->advance($apart); return $stripe->control(POST => "$what/$id", $in // {}) }
sub intent { my ($method, %more) = @_;
	my $customer = $stripe->control(POST => 'customers', { name => 'Ann' })->{id};
	return $intent = $stripe->control(POST => 'intents', { amount => 1000, currency => 'eur', customer => $customer,
		payment_method => $method, confirm => 'true', capture_method => 'automatic', automatic_payment_methods => { enabled => 'true', allow_redirects => 'never' }, %more }) }
sub api { my ($path, $form) = @_; $stripe->advance($apart); return $stripe->api(POST => "/v1/$path", $form)->{body} }
sub charge { return $stripe->control(GET => "objects/$intent->{id}")->{latest_charge} }
sub paid { intent(@_); $stripe->settle(charge()); return charge() }

my %LIVES = (
	authenticated => sub {
		intent('pm_card_threeDSecure2Required', capture_method => 'automatic_async');
		at('intents', "$intent->{id}/complete_action");
		$stripe->advance($apart);
		$stripe->settle(charge());
		api('refunds', { payment_intent => $intent->{id}, amount => 400 });
		return qw(payment_intent.requires_action payment_intent.succeeded charge.succeeded charge.updated refund.created charge.refunded);
	},
	debited => sub {
		intent('pm_usBankAccount_success', payment_method_types => ['us_bank_account'], automatic_payment_methods => undef);
		at('intents', "$intent->{id}/bank", { result => 'succeed' });
		at('intents', "$intent->{id}/bank", { result => 'bounce' });
		return qw(payment_intent.processing charge.pending payment_intent.succeeded charge.succeeded charge.failed);
	},
	sent_back => sub {
		intent('pm_usBankAccount_success', payment_method_types => ['us_bank_account'], automatic_payment_methods => undef);
		at('intents', "$intent->{id}/bank", { result => 'fail' });
		return qw(payment_intent.created payment_intent.processing charge.pending payment_intent.payment_failed charge.failed);
	},
	declined => sub {
		intent('pm_card_chargeCustomerFail', confirm => 'false');
		api("payment_intents/$intent->{id}/confirm");
		api("payment_intents/$intent->{id}/confirm", { payment_method => 'pm_card_visa' });
		return qw(payment_intent.created payment_intent.payment_failed charge.failed payment_intent.succeeded charge.succeeded);
	},
	captured => sub {
		intent('pm_card_visa', capture_method => 'manual');
		api("payment_intents/$intent->{id}/capture", { amount_to_capture => 700 });
		return qw(payment_intent.amount_capturable_updated charge.succeeded payment_intent.succeeded charge.captured refund.created charge.refunded);
	},
	released => sub {
		intent('pm_card_visa', capture_method => 'manual');
		api("payment_intents/$intent->{id}/cancel");
		return qw(payment_intent.created payment_intent.amount_capturable_updated charge.succeeded payment_intent.canceled refund.created charge.refunded);
	},
	refunded => sub {
		my $refund = do { intent('pm_card_pendingRefund'); api('refunds', { payment_intent => $intent->{id}, amount => 300 }) };
		at('refunds', "$refund->{id}/transition", { status => 'succeeded' });
		at('refunds', "$refund->{id}/transition", { status => 'failed', failure_reason => 'expired_or_canceled_card' });
		return qw(charge.succeeded refund.created charge.refunded refund.updated refund.failed charge.updated);
	},
	won => sub {
		intent('pm_card_visa');
		my $dispute = do { at('charges', charge() . '/dispute', { amount => 600 }); $stripe->objects->{dispute}[0] };
		at('disputes', "$dispute->{id}/transition", { status => 'under_review' });
		at('disputes', "$dispute->{id}/transition", { status => 'won' });
		return qw(charge.succeeded charge.dispute.created charge.dispute.funds_withdrawn charge.dispute.updated charge.dispute.closed
			charge.dispute.funds_reinstated);
	},
	lost => sub {
		intent('pm_card_visa');
		at('charges', charge() . '/dispute', { reason => 'inquiry' });
		my $dispute = $stripe->objects->{dispute}[0];
		at('disputes', "$dispute->{id}/transition", { status => 'needs_response' });
		at('disputes', "$dispute->{id}/transition", { status => 'lost', returned => 250 });
		return qw(charge.succeeded charge.dispute.created charge.dispute.updated charge.dispute.funds_withdrawn charge.dispute.closed
			charge.dispute.funds_reinstated);
	},
	paid_out => sub {
		intent('pm_card_bypassPending');
		my $payout = do { $stripe->advance($apart); $stripe->control(POST => 'payouts', { currency => 'eur' }) };
		at('payouts', "$payout->{id}/transition", { status => $_ }) for qw(in_transit paid failed);
		return qw(charge.succeeded payout.created payout.updated payout.paid payout.failed);
	},
);

sub permutations
{
	my (@rest) = @_;
	return [] unless @rest;
	return map { my $i = $_; map { [ $rest[$i], @$_ ] } permutations(@rest[ grep { $_ != $i } 0 .. $#rest ]) } 0 .. $#rest;
}

# The first event of each of these types, signed now; fills the table events.
sub events_of
{
	my (@types) = @_;
	my %first;
	$first{$_->{type}} //= $_ for $stripe->webhooks('whsec_test_secret', timestamp => time);
	$sql->rows('CREATE TEMP TABLE IF NOT EXISTS events (n int, payload text, signature text); TRUNCATE events');
	for my $n (1 .. @types)
	{
		my $event = $first{ $types[$n - 1] } // die "no event $types[$n - 1]\n";
		$sql->rows("INSERT INTO events VALUES ($n, \$e\$$event->{payload}\$e\$, '$event->{signature}')");
	}
	return;
}

# An intent that paycore knows already; without it, everything has to be adopted.
sub known_intent
{
	my ($lane) = @_;
	$sql->rows("WITH a AS (INSERT INTO paycore.billing_accounts (name, currency, gateway_account, psp_customer_id)"
		  . " VALUES ('Ann', 'EUR', '$lane', '$intent->{customer}') RETURNING id)"
		  . " INSERT INTO paycore.payment_intents (billing_account_id, gateway_account, amount, psp_intent_id, capture_method)"
		  . " SELECT id, '$lane', '10 EUR', '$intent->{id}', '$intent->{capture_method}' FROM a");
	return;
}

# All that was asked for, and the events that waited for it; open intents are looked at, as the worker does.
sub settle
{
	my $which = 'true';
	for my $seconds (2, 10, 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 5120)
	{
		$sql->rows('CALL paycore.drain_outbox()');
		Timers::await_answers($sql);
		Timers::look_again($sql, $which);
		$which = 'false';
		return 1 if $sql->value('SELECT NOT EXISTS (SELECT FROM paycore.outbox WHERE finished_at IS NULL)'
			  . ' AND NOT EXISTS (SELECT FROM paycore.webhook_events WHERE next_attempt_at IS NOT NULL)') eq 't';
		$stripe->advance($seconds);
		$sql->rows(Timers::pass_sql($seconds));
	}
	return 0;
}

# Aside from histories (statuses, attempts) and counters of deliveries: ids of ours, and when and how often something was seen (which is what succeeded_at
# and its like say), and the method last heard of.
my $ASIDE = "'{id,billing_account_id,payment_intent_id,payment_id,refund_id,dispute_id,source_payout_id,payout_id,gateway_account,"
  . "gw_time,gw_digest,sweeps,next_sweep_at,created_at,updated_at,webhook_count,last_webhook_at,authorized_at,captured_at,succeeded_at,failed_at,canceled_at,paid_at,closed_at,payment_method}'::text[]";
sub ends
{
	my $rows = join ' UNION ALL ', map { my ($table, $key) = @$_;
		"SELECT gateway_account AS lane, '$table' AS kind, $key AS key, to_jsonb(t) - $ASIDE AS content FROM paycore.$table t" }
	  [ payment_intents => 'psp_intent_id' ], [ payments => 'psp_charge_id' ], [ refunds => 'psp_refund_id' ],
	  [ disputes => 'psp_dispute_id' ], [ payouts => 'psp_payout_id' ], [ billing_accounts => 'psp_customer_id' ];
	return map { [ split / /, $_, 2 ] } $sql->rows("SELECT lane || ' ' || jsonb_object_agg(kind || ' ' || key, content) FROM ($rows) r GROUP BY lane");
}

# What is not the same in two ends.
sub differences
{
	my ($one, $other) = map { decode_json(encode('UTF-8', $_)) } @_;
	my @found;
	for my $row (sort keys %{ { %$one, %$other } })
	{
		my ($a, $b) = ($one->{$row} // {}, $other->{$row} // {});
		push @found, map { "$row $_: " . join ' or ', map { encode_json([$_]) } $a->{$_}, $b->{$_} }
		  grep { encode_json([ $a->{$_} ]) ne encode_json([ $b->{$_} ]) } sort keys %{ { %$a, %$b } };
	}
	return join "\n\t", @found;
}

sub play
{
	my ($life, $variant, %how) = @_;
	$stripe->reset;
	$stripe->settings(settle_delay => undef);
	$stripe->freeze;
	$apart = $how{apart};
	my @types = $LIVES{$life}->();
	my (%ends, %unclean, $unsettled);
	my @orders = permutations(1 .. @types);
	@orders = (List::Util::shuffle(@orders))[ 0 .. $SOME - 1 ] if !$how{all} && @orders > $SOME;
	while (my @batch = splice @orders, 0, $LANES)
	{
		events_of(@types);
		$sql->rows("UPDATE paycore.gateway_accounts SET status = 'paused', paused_reason = 'test' WHERE name ~ '^g[0-9]'");
		my %order;
		for my $n (1 .. @batch)
		{
			known_intent("g$n") if $how{known};
			$order{"g$n"} = join ' ', map { $types[$_ - 1] } @{ $batch[$n - 1] };
			$sql->rows("SELECT count(*) FROM (SELECT paycore.receive_webhook(e.payload, e.signature, 'g$n') FROM events e,"
				  . " unnest('{" . join(',', @{ $batch[$n - 1] }) . "}'::int[]) WITH ORDINALITY o(n, place) WHERE e.n = o.n ORDER BY place OFFSET 0) x");
		}
		$sql->rows("UPDATE paycore.gateway_accounts SET status = 'active', paused_reason = NULL WHERE name ~ '^g[0-9]'");
		unless (settle())
		{
			$unsettled++;
			diag($_) for $sql->rows("SELECT concat_ws(' ', operation, status, gateway_account, next_attempt_at - now(), attempts, error_message) FROM paycore.outbox WHERE finished_at IS NULL"
				. " UNION ALL SELECT concat_ws(' ', type, status, gateway_account, next_attempt_at - now(), error_code, error_message) FROM paycore.webhook_events WHERE next_attempt_at IS NOT NULL LIMIT 20");
		}
		$unclean{$_}++ for $sql->rows("SELECT concat_ws(': ', severity, rule, detail) FROM paycore.verify() WHERE severity = 'violation'");
		for my $end (ends())
		{
			my ($lane, $rows) = @$end;
			push @{ $ends{$rows} }, delete $order{$lane};
		}
		$ends{''} = [ values %order ] if %order;
		$sql->rows($CLEAN);
	}
	is($unsettled, undef, "$life, $variant: nothing is left to ask");
	is(join("\n", sort keys %unclean), '', "$life, $variant: verify() is clean");
	is(scalar(keys %ends), 1, "$life, $variant: every order ends in the same rows");
	return if keys %ends == 1;
	my ($most, @others) = sort { @{ $ends{$b} } <=> @{ $ends{$a} } } keys %ends;
	diag(@{ $ends{$_} } . " orders, as $ends{$_}[0]\n\t" . differences($most || '{}', $_ || '{}')) for @others;
	return;
}

# Every life in every order in one of the variants, and in some orders in the others; with PERMUTATIONS=all in all of them.
my @VARIANTS = (
	[ 'known', known => 1, apart => 2 ], [ 'adopted', apart => 2 ],
	[ 'known, in one second', known => 1, apart => 0 ], [ 'adopted, in one second', apart => 0 ]);
srand 1;
my @lives = sort keys %LIVES;
for my $n (0 .. $#lives)
{
	next if $ENV{LIFE} && $ENV{LIFE} ne $lives[$n];
	for my $v (0 .. $#VARIANTS)
	{
		my ($name, %how) = @{ $VARIANTS[$v] };
		play($lives[$n], $name, %how, all => $ALL || $n % @VARIANTS == $v);
	}
}
$db->stop;

done_testing();
