# Plays random sequences against paycore and a fake Stripe, and asks Model.pm after each step whether every amount is
# what it must be. All chance comes from the seed. Each sequence starts with empty tables and a fresh gateway.
#
# In most sequences requests leave only at the step `drain`, so that a seed always plays the same; in every
# FREE_EVERY-th one the worker sends as it likes, and is killed now and then.
package ModelDriver;

use strict;
use warnings;

use Encode ();
use Model;
use ModelSteps;
use Mojo::JSON qw(decode_json encode_json);
use SqlPipe;
use Time::HiRes qw(time);
use Timers;

use parent -norequire, 'ModelSteps';

use constant FREE_EVERY => 25;

my $SECRET = 'whsec_test_secret';

# How often each step is tried, of all.
my %STEPS = (
	create => 14, confirm => 5, capture => 8, cancel => 4, update => 3, refund => 16, approve => 4, cancel_refund => 3, repeat => 3,
	credit => 4, debit => 4, cash => 3, evidence => 3, close_dispute => 2, refresh => 2, drain => 14, deliver => 16, redeliver => 3,
	drop => 3, payer => 8, bank => 6, cancel_at_gateway => 2, refund_at_gateway => 4, move_refund => 8, open_dispute => 6,
	move_dispute => 8, make_payout => 4, move_payout => 6, jump => 10, poll => 2, fault => 4, kill => 4,
);
my @BAG = map { ($_) x $STEPS{$_} } sort keys %STEPS;
# db is a StripeCluster with a worker.
sub new
{
	my ($class, $db) = @_;
	my $sql = SqlPipe->new($db->node);
	my $self = bless { db => $db, sql => $sql, stripe => $db->stripe, clean => Timers::clean_sql($sql) }, $class;

	$self->{find_violations} = body_of($sql, 'find_violations');
	die "no rules of the ledger\n" if $self->{find_violations} !~ /\) l \(severity, /;
	# Of billing there is nothing here: its rules are asked for in each tenth sequence, by verify().
	$self->{find_violations} =~ s/UNION ALL\nSELECT [^\n]* FROM paycore\.find_(?:billing|collecting|usage|credit_note)_violations\(\) \w\n?//g;
	$sql->rows("SELECT paycore.create_gateway_account('cash', 'manual')");
	$self->prepare;
	return $self;
}

# The statement of a function of SQL, with those of the functions in it: each would be planned anew each time.
sub body_of
{
	my ($sql, $name) = @_;
	my $body = join "\n", $sql->rows("SELECT rtrim(rtrim(prosrc), ';') FROM pg_proc WHERE proname = '$name'");
	my $inside = sub
	{
		my ($function, $alias) = @_;
		my $columns = $sql->value("SELECT array_to_string(proargnames, ', ') FROM pg_proc WHERE proname = '$function'");
		return sprintf '(%s) %s (%s)', body_of($sql, $function), $alias // $function, $columns;
	};

	$body =~ s/paycore\.(find_ledger_violations|ledger_facts|ledger_posted)\(\)(?: (?!WHERE)(\w+))?/$inside->($1, $2)/ge;
	return $body;
}

sub prepare
{
	my ($self) = @_;

	$self->{sql}->rows($_) for 'SET plan_cache_mode = force_generic_plan', 'PREPARE state AS ' . Model::rows_sql(),
	  "PREPARE violations AS SELECT concat_ws(': ', rule, object_type, object_id, detail) FROM ($self->{find_violations}) v"
	  . ' (severity, rule, object_type, object_id, tenant_id, detail) WHERE severity = \'violation\'';
	return;
}

# Plays the sequence of a seed. Gives what was wrong, as texts; ->log tells what was done.
sub play
{
	my ($self, $seed) = @_;

	$self->start($seed);
	my @wrong;
	my $steps = 10 + $self->chance(9);
	while ($steps-- > 0 && !@wrong)
	{
		@wrong = eval { ($self->step, $self->check) };
		push @wrong, "$@" if $@;
	}
	@wrong = eval { $self->finish } unless @wrong;
	push @wrong, "$@" if $@ && !@wrong;
	return @wrong;
}

sub log { return @{ $_[0]{log} } }

sub note { my ($self, $text) = @_; push @{ $self->{log} }, $text; return }

# Whole numbers from 0 up to n, without n; a generator of its own, which nobody else draws from.
sub chance
{
	my ($self, $n) = @_;

	use integer;
	$self->{random} = $self->{random} * 6364136223846793005 + 1442695040888963407;
	return (($self->{random} >> 33) & 0x7fffffff) % $n;
}

sub pick { my ($self, @all) = @_; return @all ? $all[ $self->chance(scalar @all) ] : undef }

sub start
{
	my ($self, $seed) = @_;
	my $sql = $self->{sql};

	$self->{random} = $seed;
	$self->chance(2) for 1 .. 4;
	@$self{qw(log pending delivered dropped keys seen)} = ([], [], [], [], [], {});
	@$self{qw(last_event free)} = (0, $seed % FREE_EVERY == 0);
	$self->{book} = { intents => {}, refunds => {}, balance => {}, foreign_refunds => {} };
	$sql->rows($self->{clean});
	$self->{stripe}->reset;
	$self->{stripe}->freeze;
	$self->hold;
	$self->{stirred} = 1;
	$self->{account} = $sql->value("SELECT id FROM paycore.create_billing_account('Ann', currency => 'EUR')");
	$self->{cash_account} = $sql->value("SELECT id FROM paycore.create_billing_account('Bob', currency => 'EUR', gateway => 'cash')");
	$self->look;
	return;
}

# Nothing leaves but when the test says so.
sub hold
{
	my ($self) = @_;
	$self->{sql}->rows($self->{free} ? "SELECT paycore.resume_gateway('default')" : "SELECT paycore.pause_gateway('default', 'held by the test')");
	return;
}

sub step
{
	my ($self) = @_;

	for (1 .. 50)
	{
		my $name = $self->pick(@BAG);
		my $work = $self->can("step_$name");
		my ($done, @wrong) = $work->($self);
		next unless defined $done;
		$self->note("$name: $done");
		return @wrong;
	}
	return;
}

# Reads both sides: the rows first, for they may only lag behind. The gateway's only where something has stirred it.
sub look
{
	my ($self) = @_;

	my @json = $self->{sql}->rows('EXECUTE state');
	$self->{rows} = decode_json(Encode::encode('UTF-8', $json[0]));
	return unless $self->{stirred} || $self->{free};
	$self->{stirred} = 0;
	for my $event ($self->{stripe}->webhooks($SECRET, after => $self->{last_event}, timestamp => int time))
	{
		$self->{last_event} = $event->{seq};
		push @{ $self->{pending} }, $event;
		$self->see(decode_json(Encode::encode('UTF-8', $event->{payload}))->{data}{object});
	}
	my $world = $self->{world} = $self->{stripe}->objects;
	$self->see(@{ $world->{$_} // [] }) for qw(payment_intent charge refund dispute payout);
	$world->{seen} = $self->{seen};
	return;
}

sub see
{
	my ($self, @objects) = @_;
	for my $object (grep { defined $_->{status} } @objects)
	{
		my $status = $object->{object} eq 'charge' ? Model::payment_status($object) : $object->{status};
		$self->{seen}{ $object->{id} }{$status} = 1;
	}
	return;
}

sub check
{
	my ($self) = @_;

	$self->look;
	return (Model::always(@$self{qw(book rows world)}), $self->{sql}->rows('EXECUTE violations'));
}

# Everything arrives, the late and the lost, and nothing is under way any more.
sub finish
{
	my ($self) = @_;

	$self->note('finish');
	$self->{stripe}->clear_faults;
	$self->{stripe}->settings(next_refund => undef);
	for my $seconds (2, 2, 10, 70, 2, 700, 10, 4000, 10, 10)
	{
		$self->deliver(splice @{ $self->{pending} });
		$self->drain;
		$self->pass($seconds);
		$self->look;
		last if !@{ $self->{pending} } && !@{ $self->{rows}{outbox} } && !@{ $self->{rows}{events} };
	}
	for my $seconds (2, 2, 10, 10, 70)
	{
		$self->{sql}->rows('SELECT paycore.poll_events()');
		$self->drain;
		$self->pass($seconds);
		$self->drain;
		$self->look;
		last if !@{ $self->{rows}{outbox} } && !@{ $self->{rows}{events} };
	}
	return ($self->check, Model::at_rest(@$self{qw(book rows world)}), $self->verify);
}

sub verify
{
	my ($self) = @_;

	return if $self->{played}++ % 10;
	return $self->{sql}->rows("SELECT concat_ws(': ', rule, object_type, detail) FROM paycore.verify() WHERE severity = 'violation'");
}

sub drain
{
	my ($self) = @_;
	my $sql = $self->{sql};

	$self->{stirred} = 1;
	$sql->rows("SELECT paycore.resume_gateway('default')") unless $self->{free};
	$sql->rows('CALL paycore.drain_outbox()');
	return if $self->{free};
	Timers::await_answers($sql);
	$self->hold;
	return;
}

# Time passes on both sides, and what fell due here is looked at, as the worker does.
sub pass
{
	my ($self, $seconds) = @_;

	$self->{stirred} = 1;
	$self->{stripe}->advance($seconds);
	$self->{sql}->rows(Timers::pass_sql($seconds));
	Timers::look_again($self->{sql}, 'next_sweep_at <= now()');
	return;
}

sub deliver
{
	my ($self, @events) = @_;
	my @wrong;

	for my $event (@events)
	{
		my ($state, $result) = $self->{sql}->call("SELECT concat_ws(' ', status, error_code, error_message) FROM"
			  . " paycore.receive_webhook(\$e\$$event->{payload}\$e\$::text, '$event->{signature}')");
		push @wrong, "$event->{type}: " . ($result // $state . ' ' . $self->{sql}->message) if ($result // '') !~ /^(?:processed|ignored|received)/;
	}
	return @wrong;
}

# The rows that are not in both states, as texts; but for requests that only read, which the worker makes of what has
# not been looked at for long, at any time.
sub differences
{
	my ($before, $after) = @_;
	my %balance;

	for my $side ([ $before, -1 ], [ $after, 1 ])
	{
		my ($state, $sign) = @$side;
		for my $table (keys %$state)
		{
			$balance{ "$table " . encode_json($_) } += $sign for grep { !$_->{is_read} } @{ $state->{$table} };
		}
	}
	return map { ($balance{$_} > 0 ? 'now ' : 'before ') . $_ } sort grep { $balance{$_} != 0 } keys %balance;
}

# One call of the application's, now and then rolled back. `may`: the SQLSTATEs that it may end with, where the
# rows as they were tell. Gives what happened, what was wrong, and the result's first row where it was kept.
sub call
{
	my ($self, $sql, %how) = @_;
	my $rolled_back = !$self->chance(12);
	my @wrong;

	$self->{sql}->rows('BEGIN') if $rolled_back;
	my ($state, $row) = $self->{sql}->call("SELECT id FROM $sql");
	$self->{sql}->rows('ROLLBACK') if $rolled_back;
	my $may = $self->{free} ? qr/^(?:00000|PY)/ : $how{may} // qr/^(?:00000|PY03)/;
	push @wrong, "ended with $state " . $self->{sql}->message . ", must be $may: $sql" if $state !~ $may;
	my $kept = $state eq '00000' && !$rolled_back;
	if (!$kept && !$self->{free})
	{
		my ($after) = $self->{sql}->rows('EXECUTE state');
		my @changed = differences($self->{rows}, decode_json(Encode::encode('UTF-8', $after)));
		push @wrong, "a call that " . ($rolled_back ? 'was rolled back' : 'failed') . " has changed something: $sql: @changed" if @changed;
	}
	return ("$sql -> $state" . ($rolled_back ? ', rolled back' : ''), \@wrong, $kept ? $row : undef);
}

1;
