# The story that `make demo` tells.  Every statement shown is run as shown.
use strict;
use warnings;
use feature 'signatures';
no warnings 'experimental::signatures';

use FakeStripe;
use IPC::Open3;
use Time::HiRes qw(sleep time);

my ($dir) = @ARGV;
my $stripe = FakeStripe->attach("$dir/stripe");
my $started = time;
$| = 1;

sub psql ($user, $sql, %variable)
{
	my @command = ('psql', '-X', '-q', '-U', $user, '-d', $variable{db} // 'shop', '-v', 'ON_ERROR_STOP=1',
		'-v', 'SHOW_CONTEXT=never', '-P', 'footer=off', '-P', 'null=-', ($variable{plain} ? '-At' : ()));
	delete @variable{qw(db plain)};
	push @command, '-v', "$_=$variable{$_}" for keys %variable;
	my $pid = open3(my $in, my $out, undef, @command);
	print {$in} "$sql\n";
	close $in;
	local $/;
	my $text = <$out>;
	waitpid $pid, 0;
	return ($text, $? == 0);
}

# The answer alone; the story ends where a statement fails that should not.
sub value ($sql, %variable)
{
	my ($text, $ok) = psql('billing', $sql, plain => 1, %variable);
	die "\n$sql\nfailed: $text" unless $ok;
	chomp $text;
	return $text;
}

sub say_ ($text) { print "\n\e[1m$text\e[0m\n" if -t STDOUT; print "\n$text\n" unless -t STDOUT; return }

sub show ($sql, %variable)
{
	my $shown = $sql;
	$shown =~ s/:'(\w+)'/'$variable{$1}'/g;
	$shown =~ s/^\s+|\s+$//g;
	$shown =~ s/^\t//mg;
	$shown =~ s/\t/    /g;
	$shown =~ s/^/    /mg;
	print "\n$shown\n\n";
	my ($text, $ok) = psql('billing', $sql, %variable);
	print $text =~ s/^/    /mgr;
	return $ok;
}

sub must ($what, $true) { die "\nThe demo failed: $what\n" unless $true; return }

sub wait_for ($what, $check, $seconds = 30)
{
	my $until = time + $seconds;
	until ($check->())
	{
		die "\nThe demo failed: waited $seconds s for $what\n" if time > $until;
		sleep 0.05;
	}
	return;
}

# What an HTTP endpoint does with each delivery: hand the raw bytes to the database.
sub deliver ($hook, $shown = 1)
{
	my $sql = q{SELECT type, status, receive_count FROM paycore.receive_webhook(:'payload', :'signature', 'stripe')};
	print "\n    $hook->{type} arrives at the endpoint\n" if $shown;
	my ($text, $ok) = psql('billing', $sql, payload => $hook->{payload}, signature => $hook->{signature});
	must("webhook $hook->{type}: $text", $ok);
	print "\n", $text =~ s/^/    /mgr if $shown;
	return;
}

my $seen = 0;

sub new_webhooks ()
{
	my @hooks = $stripe->webhooks('whsec_demo', after => $seen);
	$seen = $hooks[-1]{seq} if @hooks;
	return @hooks;
}

sub set_up ()
{
	my ($text, $ok) = psql('tester', <<'SQL', db => 'postgres');
		CREATE ROLE billing LOGIN;
		CREATE DATABASE shop;
SQL
	must("set-up: $text", $ok);
	($text, $ok) = psql('tester', <<'SQL');
		ALTER DATABASE shop SET search_path = "$user", public, paycore;
		CREATE EXTENSION paycore CASCADE;
		GRANT USAGE, CREATE ON SCHEMA paycore TO billing;
		GRANT CREATE ON SCHEMA public TO billing;
SQL
	must("set-up: $text", $ok);
	return;
}

say_('1. A database, and the tables of paycore in it. Their owner is no superuser.');
set_up();
show(<<'SQL');
	SELECT paycore.init();
	SELECT name, gateway FROM paycore.create_gateway_account(name => 'stripe', gateway => 'stripe');
	CREATE TABLE orders (
		id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
		item        text NOT NULL,
		price       paycore.money_cents NOT NULL,
		intent_id   uuid);
SQL

say_('2. A customer, and an order: the wish to be paid is in the same transaction as the order.');
show(<<'SQL');
	SELECT name, currency, gateway_account, status
	FROM paycore.create_billing_account(name => 'Ada Lovelace', email => 'ada@example.com', currency => 'EUR',
		external_ref => 'customer-1', gateway => 'stripe');
SQL
show(<<'SQL');
	BEGIN;
	WITH intent AS (
		SELECT id, amount FROM paycore.create_payment_intent(
			billing_account_id => (SELECT id FROM paycore.billing_accounts WHERE external_ref = 'customer-1'),
			amount => '99.00 EUR',
			payment_method => 'pm_card_threeDSecure2Required',
			confirm => true,
			return_url => 'https://shop.example/thanks',
			idempotency_key => 'order-1'))
	INSERT INTO orders (item, price, intent_id) SELECT 'Analytical engine', amount, id FROM intent;
	COMMIT;
SQL
my $intent = value('SELECT intent_id FROM orders WHERE id = 1');

say_('3. The worker has taken it to Stripe. The card wants 3-D Secure: the payer must act.');
show(q{SELECT status, next_action ->> 'type' AS next_action, psp_intent_id
	FROM paycore.await_payment_intent(:'intent', '20 s');}, intent => $intent);
my $psp = value("SELECT psp_intent_id FROM paycore.payment_intents WHERE id = '$intent'");
must('3-D Secure', value("SELECT status FROM paycore.payment_intents WHERE id = '$intent'") eq 'requires_action');
my @before = new_webhooks();

say_('4. The payer confirms with the bank; Stripe tells us by webhook.');
$stripe->complete_action($psp, 'succeed');
my @hooks = new_webhooks();
my ($succeeded) = grep { $_->{type} eq 'payment_intent.succeeded' } @hooks;
my ($late) = grep { $_->{type} eq 'payment_intent.requires_action' } @before;
deliver($succeeded);
deliver($_, 0) for grep { $_ != $succeeded } @hooks;
wait_for('the fee', sub {
	deliver($_, 0) for new_webhooks();
	return value("SELECT count(net) FROM paycore.payments WHERE payment_intent_id = '$intent'") == 1;
});
show(q{SELECT i.status AS intent, p.status AS payment, p.gross, p.fee, p.net
	FROM paycore.payment_intents i JOIN paycore.payments p ON p.id = i.payment_id WHERE i.id = :'intent';},
	intent => $intent);
my $payment = value("SELECT payment_id FROM paycore.payment_intents WHERE id = '$intent'");

say_('5. Two partial refunds, and a third that is too much: refused before Stripe hears of it.');
show(q{SELECT amount, status FROM paycore.create_refund(payment_id => :'payment', amount => '30.00 EUR', reason => 'requested_by_customer');},
	payment => $payment);
show(q{SELECT amount, status FROM paycore.create_refund(payment_id => :'payment', amount => '45.50 EUR');}, payment => $payment);
must('the third refund is refused', !show(
	q{SELECT amount, status FROM paycore.create_refund(payment_id => :'payment', amount => '25.00 EUR');}, payment => $payment));
wait_for('the refunds', sub { value("SELECT count(*) FROM paycore.refunds WHERE status = 'succeeded'") == 2 });
show(q{SELECT r.amount, r.status, r.psp_refund_id IS NOT NULL AS at_stripe, p.gross, p.refunded
	FROM paycore.refunds r JOIN paycore.payments p ON p.id = r.payment_id ORDER BY r.id;});

say_('6. The same webhook again, and one that is late and older than what we know: no effect.');
deliver($succeeded);
deliver($late);
show(q{SELECT status, webhook_count FROM paycore.payment_intents WHERE id = :'intent';}, intent => $intent);
must('status unchanged', value("SELECT status FROM paycore.payment_intents WHERE id = '$intent'") eq 'succeeded');

say_('7. A second order. While its request is on the wire, the worker is killed with -9.');
$stripe->fault(kind => 'hang', when => 'after', path => 'payment_intents$', count => 1);
show(q{SELECT status, amount FROM paycore.create_payment_intent(
		billing_account_id => (SELECT id FROM paycore.billing_accounts WHERE external_ref = 'customer-1'),
		amount => '12.00 EUR', payment_method => 'pm_card_visa', confirm => true,
		return_url => 'https://shop.example/thanks', idempotency_key => 'order-2');});
my $second = value(q{SELECT id FROM paycore.payment_intents ORDER BY id DESC LIMIT 1});
my $key = value("SELECT idempotency_key FROM paycore.outbox WHERE object_id = '$second' AND operation = 'intent.create'");
wait_for('the request at Stripe', sub {
	$key ||= value("SELECT idempotency_key FROM paycore.outbox WHERE object_id = '$second' AND operation = 'intent.create'");
	return $key && grep { $_->{executed} } $stripe->requests(key => $key);
});
my ($worker) = psql('tester', q{SELECT pid FROM pg_stat_activity WHERE backend_type = 'paycore worker' AND datname = 'shop'},
	plain => 1);
chomp $worker;
must('a worker is there', scalar($worker =~ /^\d+$/));
kill KILL => $worker or die "\nkill: $!\n";
print "\n    kill -9 $worker\n    PostgreSQL restarts after the crash; the worker comes back by itself.\n";
wait_for('the restart', sub { (psql('billing', 'SELECT 1', plain => 1))[1] }, 60);
show(q{SELECT status, amount_received FROM paycore.await_payment_intent(:'intent', '60 s');}, intent => $second);
wait_for('the second charge', sub {
	value("SELECT count(*) FROM paycore.payment_intents WHERE id = '$second' AND status = 'succeeded'") == 1 }, 60);
my @sent = $stripe->requests(key => $key);
my $effect = $stripe->effects->{keys}{$key};
my $charges = $effect->{effects}{charge_succeeded} // 0;
printf "\n    Stripe received the request %d times under the key %s,\n    executed it once, and charged the card once.\n",
	scalar @sent, $key;
must('one charge', $effect->{executions} == 1 && $charges == 1 && @sent >= 2);

say_('8. The history wrote itself, and every invariant holds.');
show(q{SELECT object_type, from_status, to_status, source, reason
	FROM paycore.status_changes WHERE object_id = :'intent' ORDER BY changed_at, id;}, intent => $intent);
wait_for('quiet', sub { value(q{SELECT count(*) FROM paycore.outbox WHERE finished_at IS NULL}) == 0 });
show(q{SELECT * FROM paycore.verify();});
must('verify() is clean', value(q{SELECT count(*) FROM paycore.verify()}) == 0);
printf "\n    No rows: all hold. (%.0f seconds for the story.)\n", time - $started;
