package FakeStripe::Store;
use Mojo::Base -base, -signatures;

use FakeStripe::Error;
use FakeStripe::Events;
use Mojo::JSON qw(true false);
use Scalar::Util qw(weaken);
use Storable qw(dclone);

# The objects of one account, as the API shows them, and what the API does not show (`private`).
has [qw(world account)];
has objects     => sub { {} };
has order       => sub { {} };
has hidden      => sub { {} };
has events      => sub { [] };
has idempotency => sub { {} };

sub new ($class, @args)
{
	my $self = $class->SUPER::new(@args);
	weaken($self->{world});
	return $self;
}

sub now ($self) { return $self->world->now }

sub setting ($self, $name) { return $self->world->settings->{$name} }

sub livemode ($self) { return $self->setting('livemode') ? true : false }

my @LETTERS = ('A' .. 'Z', 'a' .. 'z', 0 .. 9);

sub new_id ($self, $prefix, $length = 22)
{
	return "${prefix}_3" . join '', map { $LETTERS[rand @LETTERS] } 2 .. $length;
}

sub add ($self, $object)
{
	$self->objects->{$object->{id}} = $object;
	push @{$self->order->{$object->{object}}}, $object;
	return $object;
}

sub private ($self, $id) { return $self->hidden->{$id} //= {} }

sub find ($self, $id)
{
	return undef unless defined $id;
	my $object = $self->objects->{$id};
	$self->_ripen($object) if $object && $object->{object} eq 'balance_transaction';
	return $object;
}

sub get ($self, $kind, $id, $param = 'id')
{
	my $object = $self->find($id);
	FakeStripe::Error->missing($kind, $id // '', $param)
		unless $object && $object->{object} eq $kind;
	return $object;
}

# Newest first, as every list of the API is.
sub all ($self, $kind)
{
	my @found = reverse @{$self->order->{$kind} // []};
	if ($kind eq 'balance_transaction')
	{
		$self->_ripen($_) for @found;
	}
	return @found;
}

sub _ripen ($self, $transaction)
{
	$transaction->{status} = 'available'
		if $transaction->{status} eq 'pending' && $transaction->{available_on} <= $self->now;
	return;
}

sub snapshot ($self, $object) { return dclone($object) }

sub emit ($self, $type, $object, $before = undef)
{
	return FakeStripe::Events::emit($self, $type, $object, $before);
}

# One real happening, counted by kind and by the idempotency key that caused it.
sub effect ($self, $kind)
{
	my $context = $self->world->context;
	$self->world->journal->effect($kind, $context && $context->{key});
	return;
}

sub schedule ($self, $delay, $work)
{
	return $self->world->schedule($delay, $work);
}

1;
