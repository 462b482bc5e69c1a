package FakeStripe::Journal;
use Mojo::Base -base, -signatures;

use constant LIMIT => 200_000;

# Every request received, and every execution that had an effect.
has requests => sub { [] };
has attempts => sub { {} };
has totals   => sub { {} };
has keys     => sub { {} };
has count    => 0;

sub reset ($self)
{
	return $self->requests([])->attempts({})->totals({})->keys({})->count(0);
}

sub record ($self, $entry)
{
	$entry->{n} = $self->{count} = $self->count + 1;
	$entry->{attempt} = ++$self->attempts->{$entry->{key}} if defined $entry->{key};
	push @{$self->requests}, $entry;
	shift @{$self->requests} if @{$self->requests} > LIMIT;
	return $entry;
}

sub execution ($self, $key)
{
	$self->keys->{$key}{executions}++ if defined $key;
	return;
}

sub effect ($self, $kind, $key)
{
	$self->totals->{$kind}++;
	$self->keys->{$key}{effects}{$kind}++ if defined $key;
	return;
}

sub effects ($self)
{
	return { totals => $self->totals, keys => $self->keys };
}

1;
