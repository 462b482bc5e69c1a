# Balance transactions read in pages, late fees, payouts and their reconciliation: matched, missing on
# either side, paid and then failed, and in another currency.
use strict;
use warnings;

use PayCluster;
use StripeCluster;
use Test::More;

# Fees come when the test says so.
my $db = StripeCluster->new('payouts', stripe => { settle_delay => undef }, conf => "paycore.request_timeout = 20000\n");
my $stripe = $db->stripe;
my $DAY = 86400;

sub psp { return $db->value("SELECT p.psp_charge_id FROM paycore.payments p JOIN paycore.payment_intents i ON i.payment_id = p.id WHERE i.id = '$_[0]'") }
sub payment { my ($intent, $what) = @_; return $db->value("SELECT $what FROM paycore.payments WHERE payment_intent_id = '$intent'") }
sub settle { $stripe->settle(psp($_)) for @_; return }
sub lists { return grep { $_->{path} eq '/v1/balance_transactions' } $stripe->requests(method => 'GET', after => $_[0] // 0) }
sub last_request { my @all = $stripe->requests; return $all[-1]{n} // 0 }
sub lines { my ($payout, $where) = @_;
	return $db->value("SELECT string_agg(concat_ws(' ', verdict, object_type, reporting_category, here, gateway, difference), E'\\n'"
		  . " ORDER BY object_type <> 'payout' OR reporting_category IS NOT NULL, reporting_category, gateway)"
		  . " FROM paycore.reconcile('$payout') WHERE " . ($where // 'true')) }
# Also what waits for its next try.
sub drain { for (1 .. 5) { $db->drain;
	return if $db->value('WITH u AS (UPDATE paycore.outbox SET next_attempt_at = now() WHERE finished_at IS NULL RETURNING 1) SELECT count(*) FROM u') eq '0' }
	return }
sub verify { return $db->value("SELECT coalesce(string_agg(concat_ws(' ', severity, rule, object_type, detail), E'\\n'), 'clean') FROM paycore.verify()") }
sub payout { my ($psp) = @_; return $db->value("SELECT id FROM paycore.payouts WHERE psp_payout_id = '$psp'") }
sub make_payout { return $stripe->control(POST => 'payouts', { currency => 'eur', @_ })->{id} }
sub bank { my ($psp, $status) = @_; $stripe->control(POST => "payouts/$psp/transition", { status => $status }); $db->deliver; return }
sub close_payout { my ($psp) = @_; $stripe->control(POST => "payouts/$psp/reconcile", {}); $db->deliver; $db->drain; return payout($psp) }

# Late fees.
my @intents = map { $db->intent("$_.00 EUR") } 10 .. 14;
$db->drain;
is(payment($intents[0], 'status, fee'), 'succeeded|', 'a payment without its fee');
settle(@intents);
$stripe->control(POST => 'balance_transactions', { amount => -$_, currency => 'eur', description => 'filler' }) for 1 .. 230;
my $before = last_request();
is($db->value('SELECT paycore.read_balance()'), 't', 'a reading starts');
is($db->value('SELECT paycore.read_balance()'), 'f', 'and no second one beside it');
$stripe->fault(kind => 'close', when => 'before', path => 'balance_transactions', skip => 1, count => 2);
drain();
is(payment($_, 'fee IS NOT NULL AND paycore.cents(net) = paycore.cents(settled_gross) - paycore.cents(fee)'), 't', 'has its fee')
  for @intents;
is(scalar(grep { $_->{path} =~ /charges|payment_intents/ } $stripe->requests(method => 'GET', after => $before)), 0, 'no charge was asked for alone');
my @pages = lists($before);
is(scalar(grep { !$_->{params}{starting_after} } @pages), 1, 'the first page was asked for once');
is(scalar(grep { $_->{executed} } @pages), 3, 'and three in all, though the second was lost twice');
is($db->value('SELECT pages, objects, finished_at IS NOT NULL, read_to IS NOT NULL, error_message FROM paycore.gateway_feeds'),
	'3|235|t|t|', 'the feed tells');
is($db->value("SELECT count(*), count(payment_id) FROM paycore.balance_transactions"), '235|5', 'every movement has a row, those of payments theirs');
is($db->value("SELECT count(*) FROM paycore.outbox WHERE operation = 'balance.list'"), 1, 'all pages are of one request');
my $rows = $db->value("SELECT md5(string_agg(b::text, '' ORDER BY id)) FROM paycore.balance_transactions b");
$db->value('SELECT paycore.read_balance()');
$db->drain;
is($db->value("SELECT md5(string_agg(b::text, '' ORDER BY id)) FROM paycore.balance_transactions b"), $rows, 'read again, nothing changes');
is(verify(), 'clean', 'verify() is clean');

# A sweep looks for fees in pages, too.
my @late = map { $db->intent("2$_.00 EUR") } 0 .. 2;
$db->drain;
settle(@late);
is($db->value("SELECT count(*) FROM paycore.payment_intents WHERE next_sweep_at IS NOT NULL"), 8, 'unsettled ones are swept');

# What else moves the balance: refunds, a partial capture, another currency, fees.
my $refunded = $db->intent('50.00 EUR');
my $part = $db->intent('80.00 EUR', more => "confirm => true, payment_method => 'pm_card_visa', capture_method => 'manual'");
$db->drain;
$db->value("SELECT paycore.capture_payment_intent('$part', '30.00 EUR')");
$db->drain;
$stripe->settings(settlement => { currency => 'eur', rates => { usd => 0.9 } });
my $ann = $db->value("SELECT id FROM paycore.create_billing_account(name => 'Dollar', currency => 'USD')");
my $dollar = $db->intent('40.00 USD', account => $ann);
$db->drain;
settle($refunded, $part, $dollar);
$db->refund($refunded, '20.00 EUR');
$db->refund($dollar, '10.00 USD');
$db->drain;
$db->value('SELECT paycore.read_balance()');
$db->drain;
is(payment($dollar, 'settled_gross, exchange_rate, paycore.currency(fee)'), '36.00 EUR|0.9|EUR', 'settled in another currency');
is(payment($part, 'settled_gross, cardinality(balance_transaction_ids)'), '30.00 EUR|2', 'a partial capture is the sum of two');
is($db->value("SELECT count(*) FROM paycore.balance_transactions WHERE refund_id IS NOT NULL"), 2, 'refunds are matched');
$db->value("SELECT paycore.read_balance(since => now() - interval '1 day')");
$db->drain;
is($db->value("SELECT count(*) FROM paycore.balance_transactions WHERE refund_id IS NOT NULL"), 3,
	'and the uncaptured rest, which was asked for, at the next reading');

# A charge of somebody else's customer on the same account.
$stripe->control(POST => 'intents', { amount => 700, currency => 'eur', confirm => 'true', payment_method => 'pm_card_visa',
	automatic_payment_methods => { enabled => 'true', allow_redirects => 'never' } });
$stripe->settle($_->{id}) for grep { $_->{amount} == 700 } @{ $stripe->api(GET => '/v1/charges?limit=100')->{body}{data} };

# The payout.
$stripe->advance(3 * $DAY);
my $po = make_payout();
$db->deliver;
my $id = payout($po);
is($db->value("SELECT status, automatic, reconciliation_status FROM paycore.payouts WHERE id = '$id'"), 'pending|t|in_progress', 'a payout is known by its event');
like(lines($id, "object_type = 'payout'"), qr/^not_read payout/, 'and says that it was not read');
$before = last_request();
is(close_payout($po), $id, 'the same payout');
is(scalar(lists($before)), 3, 'what is in it came in three pages');
my ($amount) = $db->value("SELECT amount FROM paycore.payouts WHERE id = '$id'");
is((split /\n/, lines($id))[0], "matched payout $amount $amount 0.00 EUR", 'it adds up');
is(lines($id, "verdict NOT IN ('matched', 'gateway_only')"), 'missing_here charge charge 6.50 EUR 6.50 EUR',
	'one charge is unknown here, and by how much');
is($db->value("SELECT count(*), paycore.sum(difference) FROM paycore.reconcile('$id') WHERE verdict = 'matched' AND reporting_category IS NOT NULL"),
	'14|0.00 EUR', 'all else is matched: 11 charges, 2 refunds and an uncaptured rest');
is($db->value("SELECT count(*) FROM paycore.reconcile('$id') WHERE verdict = 'gateway_only'"), 230, 'fees are the gateway\'s only');
is(payment($dollar, 'reconciled, reconciled_at IS NOT NULL, reconciliation_notes'), "t|t|in payout $po", 'payments are reconciled');
is($db->value('SELECT count(*) FROM paycore.payments WHERE NOT reconciled'), 0, 'all of them');
is(verify(), 'clean', 'verify() is clean');

# Paid, then sent back; a later payout carries its money.
bank($po, 'in_transit');
bank($po, 'paid');
is($db->value("SELECT status, reconciled FROM paycore.payouts WHERE id = '$id'"), 'paid|t', 'paid');
is(payment($part, 'reconciled'), 't', 'and its payments are reconciled');
bank($po, 'failed');
is($db->value("SELECT status, failure_code, failure_balance_transaction IS NOT NULL FROM paycore.payouts WHERE id = '$id'"), 'failed|account_closed|t',
	'a payout fails after it was paid');
is(payment($part, 'reconciled, reconciliation_notes'), "f|payout $po failed", 'its payments are not at the bank');
is($db->value("SELECT string_agg(to_status, ' ' ORDER BY id) FROM paycore.status_changes WHERE object_id = '$id'"), 'pending in_transit paid failed', 'its history');
my $second = make_payout();
my $next = close_payout($second);
is(payment($part, 'reconciled, reconciliation_notes'), "t|in payout $po, which came back, then in payout $second", 'until the next payout');
like(lines($next), qr/matched payout payout_reversal \Q$amount $amount\E/, 'which shows what came back');
is($db->value('SELECT count(*) FROM paycore.payments WHERE NOT reconciled'), 0, 'for all of them');
is(verify(), 'clean', 'verify() is clean');

# A dispute that was won is two movements, with its fee and the fee given back; settled in another currency than its charge.
my $contested = $db->intent('40.00 USD', account => $ann);
my $lost = $db->intent('50.00 EUR');
$db->drain;
settle($contested, $lost);
$stripe->control(POST => 'charges/' . psp($_) . '/dispute', {}) for $contested, $lost;
# No event of the second: the balance tells that it took money, and the dispute is asked for.
$db->value('SELECT paycore.read_balance()');
drain();
is($db->value("SELECT count(*), count(withdrawn) FROM paycore.disputes"), '2|2', 'disputes that no event told of are found by their balance transactions');
$db->deliver;
my $won = $db->value("SELECT psp_dispute_id FROM paycore.disputes WHERE payment_id = (SELECT payment_id FROM paycore.payment_intents WHERE id = '$contested')");
$stripe->control(POST => "disputes/$won/transition", { status => 'won', fee_returned => \1 });
$db->deliver;
is($db->value("SELECT status, held, withdrawn, reinstated, fee FROM paycore.disputes WHERE psp_dispute_id = '$won'"), 'won|0.00 USD|36.00 EUR|36.00 EUR|0.00 EUR',
	'won: all is back, the fee too');
$stripe->advance(3 * $DAY);
my $third = make_payout();
my $with_disputes = close_payout($third);
is(lines($with_disputes, "object_type = 'dispute'"), join("\n", 'matched dispute dispute -65.00 EUR -65.00 EUR 0.00 EUR',
	'matched dispute dispute -51.00 EUR -51.00 EUR 0.00 EUR', 'matched dispute dispute_reversal 51.00 EUR 51.00 EUR 0.00 EUR'),
	'the payout line by line');
is(lines($with_disputes, "verdict NOT IN ('matched', 'gateway_only')"), '', 'nothing else is in it');
is($db->value("SELECT count(*), count(dispute_id) FROM paycore.balance_transactions WHERE reporting_category LIKE 'dispute%'"), '3|3', 'each is matched to its dispute');
is($db->value("SELECT string_agg(concat_ws(' ', fact, amount), ', ' ORDER BY fact) FROM (SELECT e.fact, paycore.sum(e.amount) AS amount FROM paycore.ledger_entries e"
	  . " JOIN paycore.disputes d ON d.id = e.object_id WHERE d.psp_dispute_id = '$won' AND e.fact NOT LIKE 'exchange%' GROUP BY 1) x"),
	'dispute 40.00 USD, dispute_fee 15.00 EUR, dispute_fee_return 15.00 EUR, reinstatement 40.00 USD', 'the ledger has it in the currency of the payment');
is(verify(), 'clean', 'verify() is clean');

# Missing at the gateway: available, and not in the payout.
my $forgotten = $db->intent('60.00 EUR');
$db->drain;
settle($forgotten);
$db->value('SELECT paycore.read_balance()');
$db->drain;
my ($charge) = psp($forgotten);
$stripe->advance(3 * $DAY);
$stripe->control(POST => 'balance_transactions', { amount => 100, currency => 'eur', reporting_category => 'other_adjustment' });
$db->value("UPDATE paycore.gateway_feeds SET read_to = '2000-01-01'");
$stripe->advance(3 * $DAY);
my $fourth = make_payout();
my $last = close_payout($fourth);
is(lines($last, "verdict LIKE 'missing%'"), '', 'nothing is missing');
$db->value("SET session_replication_role = replica; UPDATE paycore.balance_transactions SET payout_id = NULL WHERE psp_source_id = '$charge'");
like(lines($last, "verdict LIKE 'missing%'"), qr/^missing_at_gateway payment charge 57\.96 EUR -57\.96 EUR$/, 'a payment that is in no payout');
like((split /\n/, lines($last))[0], qr/^differs payout 1\.00 EUR 58\.96 EUR 57\.96 EUR$/, 'the payout differs by it');
like(verify(), qr/^violation a payout is the sum of its transactions payout/m, 'verify() sees it');
$db->value("SET session_replication_role = replica; UPDATE paycore.payments SET balance_transaction_ids = '{txn_never}' WHERE psp_charge_id = '$charge'");
like(lines($last, "verdict LIKE 'missing%'"), qr/txn_never|missing_at_gateway payment 57\.96 EUR/, 'one whose transaction the gateway never showed');

# By hand: nobody says what is in it.
my $hand = make_payout(amount => 500);
$db->deliver;
like(lines(payout($hand)), qr/^not_read payout/, 'a payout made by hand');
$db->node->fails_with("SELECT * FROM paycore.reconcile('00000000-0000-7000-8000-000000000000')", 'PY040', 'no such payout');

# A key that may not read the balance stops nothing else.
$stripe->fault(kind => 'status', status => 403, path => 'balance_transactions');
$db->value('SELECT paycore.read_balance()');
$db->drain;
is($db->value("SELECT status FROM paycore.gateway_accounts WHERE name = 'default'"), 'active', 'a key without that right pauses nothing');
isnt($db->value("SELECT error_message FROM paycore.gateway_feeds"), '', 'the feed says why');

$db->stop;
done_testing();
