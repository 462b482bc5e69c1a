# A PayCluster whose gateway account is at a fake Stripe, without a worker of its own: what is due
# goes out at ->drain, and at no other time.
#
#	my $db = StripeCluster->new('lanes');
#	my $id = $db->intent('5 EUR');
#	$db->drain;
#	is($db->intent_status($id), 'succeeded');
package StripeCluster;

use strict;
use warnings;

use FakeStripe;
use IPC::Run;
use Mojo::File qw(path);
use PayCluster;
use PostgreSQL::Test::Utils;
use Time::HiRes qw(sleep);

# Options: conf, stripe (settings of the fake), preload (with a worker).
sub new
{
	my ($class, $name, %options) = @_;
	my $dir = PostgreSQL::Test::Utils::tempdir();
	my $stripe = FakeStripe->start("$dir/stripe", settings => $options{stripe} // {});
	my $secrets = "$dir/secrets";

	path($secrets)->spurt("instance = $name\n[default]\napi_key = " . $stripe->key
		  . "\nwebhook_secret = whsec_test_secret\nbase_url = " . $stripe->url . "\nca_file = " . $stripe->ca_file . "\n");
	chmod 0600, $secrets;
	my $node = PayCluster->started($name, tables => 1, preload => $options{preload} // 0,
		conf => "paycore.secrets_file = '$secrets'\npaycore.retry_initial = 10\npaycore.retry_max = 50\n"
		  . "paycore.request_timeout = 1500\npaycore.event_interval = 0\npaycore.balance_interval = 0\n" . ($options{conf} // ''));
	$node->value("UPDATE paycore.gateway_accounts SET gateway = 'stripe', livemode = NULL, rate_limit = 1000,"
		  . " endpoint_rate_limit = 1000");
	return bless { node => $node, stripe => $stripe, secrets => $secrets }, $class;
}

sub node { return $_[0]{node} }
sub stripe { return $_[0]{stripe} }
sub secrets { return $_[0]{secrets} }
sub value { my ($self, @args) = @_; return $self->{node}->value(@args) }
sub drain { my ($self) = @_; return $self->value('CALL paycore.drain_outbox()') }

sub account
{
	my ($self, $name) = @_;
	$name //= 'Ann';
	return $self->value("SELECT id FROM paycore.create_billing_account(name => '$name', currency => 'EUR')");
}

# Of an account made for it, unless `account` names one; confirmed with a card, unless `more` says otherwise.
sub intent
{
	my ($self, $amount, %options) = @_;
	my $account = $options{account} // $self->account;
	my $method = $options{method} // 'pm_card_visa';
	my $more = $options{more} // "confirm => true, payment_method => '$method'";
	return $self->value("SELECT id FROM paycore.create_payment_intent('$account', '$amount', $more)");
}

sub refund
{
	my ($self, $intent, $amount) = @_;
	return $self->value("SELECT r.id FROM paycore.payment_intents i, paycore.create_refund(i.payment_id, '$amount') r"
		  . " WHERE i.id = '$intent'");
}

sub intent_status { my ($self, $id) = @_; return $self->value("SELECT status FROM paycore.payment_intents WHERE id = '$id'") }
sub refund_status { my ($self, $id) = @_; return $self->value("SELECT status FROM paycore.refunds WHERE id = '$id'") }

# Of the newest request of this operation about this object.
sub request
{
	my ($self, $id, $operation, $columns) = @_;
	return $self->value("SELECT $columns FROM paycore.outbox WHERE object_id = '$id' AND operation = '$operation'"
		  . " ORDER BY seq DESC LIMIT 1");
}

# A backfill whose request to one of these paths, after so many others, hangs until the server goes down; it is up again
# then. False where the backfill ended before.
sub kill_in_backfill
{
	my ($self, $paths, $skip) = @_;
	my ($node, $stripe) = @$self{qw(node stripe)};
	my @all = $stripe->requests;
	my $mark = $all[-1]{n} // 0;
	my $hangs = sub { grep { $_->{fault} } $stripe->requests(method => 'GET', after => $mark) };

	$stripe->fault(kind => 'hang', when => 'before', path => $paths, skip => $skip);
	my $call = IPC::Run::start([ $node->installed_command('psql'), '-XAtq', '-d', $node->connstr('postgres'), '-c', 'CALL paycore.backfill()' ],
		'<', \undef, '>', \my $out, '2>', \my $err, IPC::Run::timeout(60));
	while ($call->pumpable && !$hangs->()) { $call->pump_nb; sleep 0.05 }
	my $hung = $hangs->();
	$node->stop('immediate') if $hung;
	eval { $call->finish };
	$stripe->clear_faults;
	$node->start if $hung;
	return $hung;
}

# Turns the clock of a request forward: it was sent so much earlier, and is due.
sub age
{
	my ($self, $id, $interval) = @_;
	return $self->value("UPDATE paycore.outbox SET next_attempt_at = now(), created_at = created_at - interval '$interval',"
		  . " send_by = send_by - interval '$interval', first_sent_at = first_sent_at - interval '$interval',"
		  . " last_sent_at = last_sent_at - interval '$interval' WHERE object_id = '$id' AND finished_at IS NULL");
}

sub sent
{
	my ($self, $path, $method) = @_;
	return scalar $self->stripe->requests(path => $path, method => $method // 'POST');
}

sub executions
{
	my ($self, $key) = @_;
	return $self->stripe->effects->{keys}{$key}{executions} // 0;
}

# Delivers the webhooks that have not been delivered yet, signed now, whatever the fake's clock says; of them, only the
# types that match, where that is given.
sub deliver
{
	my ($self, $types) = @_;
	for my $event ($self->stripe->webhooks('whsec_test_secret', after => $self->{delivered} // 0, timestamp => time))
	{
		$self->{delivered} = $event->{seq};
		next if $types && $event->{type} !~ $types;
		$self->value("SELECT status FROM paycore.receive_webhook(\$e\$$event->{payload}\$e\$::text, '$event->{signature}')");
	}
	return;
}

sub stop { my ($self) = @_; $self->node->stop; $self->stripe->stop; return }

1;
