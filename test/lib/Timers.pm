# What a test needs to turn paycore's clock forward: everything that paycore has put off until later is
# due that much sooner, as if the time had passed. The gateway's clock is the fake Stripe's own.
package Timers;

use strict;
use warnings;

use Time::HiRes qw(sleep);

my @SWEPT = qw(payment_intents refunds setup_intents disputes payouts);

sub pass_sql
{
	my ($seconds) = @_;
	my $less = sub { join ', ', map { "$_ = $_ - interval '$seconds seconds'" } @_ };

	return join ";\n", 'BEGIN',
	  'UPDATE paycore.outbox SET ' . $less->(qw(next_attempt_at not_before created_at send_by first_sent_at last_sent_at lease_until))
	  . ' WHERE finished_at IS NULL',
	  'UPDATE paycore.webhook_events SET ' . $less->('next_attempt_at') . ' WHERE next_attempt_at IS NOT NULL',
	  (map { "UPDATE paycore.$_ SET " . $less->('next_sweep_at') . ' WHERE next_sweep_at IS NOT NULL' } @SWEPT),
	  'COMMIT';
}

# What the worker does by itself from time to time: tries events again, and looks at open intents. One transaction
# each, so that it never waits for two rows.
sub look_again
{
	my ($sql, $which) = @_;

	$sql->rows("SELECT paycore.retry_webhook('$_')") for $sql->rows('SELECT id FROM paycore.webhook_events WHERE next_attempt_at <= now()');
	$sql->rows("SELECT paycore.refresh_payment_intent('$_')")
	  for $sql->rows("SELECT id FROM paycore.payment_intents WHERE psp_intent_id IS NOT NULL AND status::text NOT IN ('succeeded', 'canceled', 'failed') AND $which");
	return;
}

# What the worker has on its way, no drain waits for.
sub await_answers
{
	my ($sql) = @_;

	for (1 .. 600)
	{
		return if $sql->value("SELECT NOT EXISTS (SELECT FROM paycore.outbox WHERE status = 'sending')") eq 't';
		sleep 0.05;
	}
	return;
}

# Removes all rows past the guards, but those of gateway accounts and of the ledger's accounts, which sessions
# remember.
sub clean_sql
{
	my ($sql) = @_;
	my @tables = grep { $_ !~ /^(?:gateway_accounts|ledger_accounts|ledger_clock)$/ }
	  $sql->rows("SELECT relname FROM pg_class WHERE relnamespace = 'paycore'::regnamespace AND relkind = 'r'");

	return join ";\n", 'BEGIN', 'SET LOCAL session_replication_role = replica', (map { "DELETE FROM paycore.$_" } @tables), 'COMMIT';
}

1;
